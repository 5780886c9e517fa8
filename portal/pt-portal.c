#include "config.h"
#include "portal/pt-portal.h"

#include "common/apim-log.h"
#include "store/st-capabilities.h"
#include "store/st-sql-stores.h"

static gboolean
open_stores (PtPortal *portal, GError **error)
{
  ApimConfig *config = portal->config;

  portal->api_database
      = st_database_open (apim_config_data_source (config, config->api_data_source), &config->limits, error);
  if (portal->api_database == NULL)
    return FALSE;
  portal->user_database = st_database_open (apim_config_data_source (config, config->user_store.data_source),
                                            &config->limits, error);
  if (portal->user_database == NULL)
    return FALSE;
  portal->keys = st_sql_key_store_new (portal->api_database, config->advanced_throttling);
  portal->users = st_sql_user_store_new (portal->user_database, &config->user_store);
  st_sql_key_store_set_token_time (portal->keys, config->token_time);
  st_sql_key_store_set_tenants (portal->keys, portal->users);
  return TRUE;
}

/* Where this node's own gateway answers, which stands in no file. Free with g_free(). */
static char *
own_endpoint (const ApimConfig *config)
{
  return g_strdup_printf ("http://%s:%u,https://%s:%u", config->host_name, config->gateway.http_port, config->host_name,
                          config->gateway.https_port);
}

/* Environments of api-manager.xml are its; what the node deploys to without being told by it is a folder: whose
 * addresses nobody says, but for this node's own gateway. */
static void
list_environments (PtPortal *portal)
{
  const ApimConfig *config = portal->config;
  CoreDeployer *deployer = dp_environments_deployer (portal->gateways);
  const char *const *names = deployer->environments (deployer);
  gboolean own = portal->node->has_gateway && config->environments->len == 0 && config->deployment.folder == NULL;

  portal->environments = g_ptr_array_new ();
  portal->unlisted = g_ptr_array_new_with_free_func ((GDestroyNotify)apim_environment_free);
  for (guint i = 0; i < config->environments->len; i++)
    g_ptr_array_add (portal->environments, config->environments->pdata[i]);
  for (; *names != NULL; names++)
    if (apim_environments_find (config->environments, *names) == NULL)
      {
        ApimEnvironment *environment = g_new0 (ApimEnvironment, 1);

        environment->name = g_strdup (*names);
        environment->type = APIM_ENVIRONMENT_HYBRID;
        environment->gateway_endpoint = own ? own_endpoint (config) : NULL;
        g_ptr_array_add (portal->unlisted, environment);
        g_ptr_array_add (portal->environments, environment);
      }
}

PtPortal *
pt_portal_new (ApimNode *node, GError **error)
{
  g_autoptr (PtPortal) portal = g_new0 (PtPortal, 1);
  ApimConfig *config = node->config;
  g_autofree char *repository = NULL;

  portal->node = node;
  portal->config = apim_config_ref (config);
  if (!open_stores (portal, error))
    return NULL;
  repository = node->has_gateway ? g_build_filename (config->home, "repository", NULL) : NULL;
  portal->gateways = dp_environments_new (config, repository, error);
  if (portal->gateways == NULL)
    return NULL;
  list_environments (portal);
  portal->tokens = pt_token_memory_new (node->clock, config->limits.cache_max_age_ms);
  portal->catalogue = core_catalogue_new (portal->api_database, CORE_CATALOGUE_MAX_BYTES);
  portal->core = (CorePortal){ .apis = portal->api_database,
                               .user_rows = portal->user_database,
                               .users = portal->users,
                               .clock = node->clock,
                               .deployer = dp_environments_deployer (portal->gateways),
                               .config = config,
                               .token_ended = node->token_revoked,
                               .token_ended_data = node->token_revoked_data,
                               .catalogue = portal->catalogue,
                               .walked = &portal->counters.gateway_apis,
                               .workflows = &config->workflows,
                               .advanced_throttling = config->advanced_throttling };
  return g_steal_pointer (&portal);
}

/* How long a start waits for the database. */
#define TABLES_PATIENCE_US G_USEC_PER_SEC

gboolean
pt_portal_check_tables (PtPortal *portal, const char *role, GError **error)
{
  gint64 deadline_us = g_get_monotonic_time () + TABLES_PATIENCE_US;
  guint capabilities = 0;

  if (!st_capabilities_read (portal->api_database, deadline_us, &capabilities, NULL) || (capabilities & ST_CAP_APIM) == 0
      || (capabilities & ST_CAP_API_ARTIFACT) != 0)
    return TRUE;
  if (portal->node->named_roles)
    {
      g_autofree char *home = g_shell_quote (portal->config->home);

      g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                   "the API Manager database has no tables for what a %s knows of APIs: run \"apimctl db portal install "
                   "--home %s\", and \"apimctl db import-registry\" for the APIs that there are (in a database of ours: "
                   "\"apimctl db migrate\")",
                   role, home);
      return FALSE;
    }
  apim_warning ("portal",
                "the API Manager database has no tables for what a %s knows of APIs, which can only be read here: run "
                "\"apimctl db portal install\", or start the node with the profiles that are meant (--profile)",
                role);
  return TRUE;
}

void
pt_portal_free (PtPortal *portal)
{
  if (portal == NULL)
    return;
  g_clear_pointer (&portal->tokens, pt_token_memory_free);
  g_clear_pointer (&portal->catalogue, core_catalogue_free);
  g_clear_pointer (&portal->environments, g_ptr_array_unref);
  g_clear_pointer (&portal->unlisted, g_ptr_array_unref);
  g_clear_pointer (&portal->gateways, dp_environments_free);
  g_clear_pointer (&portal->users, st_user_store_free);
  g_clear_pointer (&portal->keys, st_key_store_free);
  g_clear_pointer (&portal->user_database, st_database_free);
  g_clear_pointer (&portal->api_database, st_database_free);
  apim_config_unref (portal->config);
  g_free (portal);
}

gint64
pt_portal_deadline (const PtPortal *portal)
{
  return g_get_monotonic_time () + portal->config->limits.database_timeout_ms * G_GINT64_CONSTANT (1000);
}

/* A thread is left for everybody else. */
static guint
max_walks (const ApimLimits *limits)
{
  return MIN (limits->max_gateway_walks_at_once, MAX (limits->database_threads, 2) - 1);
}

gboolean
pt_portal_begin_walk (PtPortal *portal, GError **error)
{
  guint64 maximum = max_walks (&portal->config->limits);

  if (__atomic_fetch_add (&portal->counters.gateway_walks, 1, __ATOMIC_RELAXED) < maximum)
    return TRUE;
  pt_portal_end_walk (portal);
  pt_portal_count (&portal->counters.gateway_walks_refused);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                           "As many requests as may (%" G_GUINT64_FORMAT ", Limits/MaxGatewayWalksAtOnce) go through all"
                           " APIs with gateways already: try again when one of them is done, or name one API.",
                           maximum);
}

void
pt_portal_end_walk (PtPortal *portal)
{
  __atomic_fetch_sub (&portal->counters.gateway_walks, 1, __ATOMIC_RELAXED);
}

void
pt_portal_count (guint64 *counter)
{
  __atomic_fetch_add (counter, 1, __ATOMIC_RELAXED);
}

static void
add_counter (ApimStatus *status, const char *prefix, const char *name, const guint64 *counter)
{
  g_autofree char *full_name = g_strdup_printf ("%s.%s", prefix, name);

  apim_status_add (status, full_name, (gint64)__atomic_load_n (counter, __ATOMIC_RELAXED));
}

void
pt_portal_count_answer (PtPortal *portal, guint status)
{
  PtCounters *counters = &portal->counters;

  pt_portal_count (&counters->requests);
  if (status >= 500)
    pt_portal_count (&counters->failed);
  else if (status >= 400)
    pt_portal_count (&counters->refused);
  if (status == 401)
    pt_portal_count (&counters->unauthenticated);
}

void
pt_portal_status (const PtPortal *portal, const char *prefix, ApimStatus *status)
{
  add_counter (status, prefix, "requests", &portal->counters.requests);
  add_counter (status, prefix, "refused", &portal->counters.refused);
  add_counter (status, prefix, "unauthenticated", &portal->counters.unauthenticated);
  add_counter (status, prefix, "failed", &portal->counters.failed);
  add_counter (status, prefix, "sign_ups_held_up", &portal->counters.sign_ups_held_up);
  add_counter (status, prefix, "gateway_walks", &portal->counters.gateway_walks);
  add_counter (status, prefix, "gateway_walks_refused", &portal->counters.gateway_walks_refused);
  add_counter (status, prefix, "gateway_apis", &portal->counters.gateway_apis);
}
