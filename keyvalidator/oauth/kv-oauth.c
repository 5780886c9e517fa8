#include "config.h"
#include "keyvalidator/oauth/kv-oauth.h"

#include "common/apim-pattern.h"
#include "keyvalidator/oauth/kv-rest-scopes.h"

/* Others that write the same token at the same moment; each try finds what the one before lost against. */
#define MAX_TRIES 8
#define PAUSE_FIRST_US 1000

static GPtrArray *
compile_patterns (const char *text)
{
  GPtrArray *patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) g_regex_unref);
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      GRegex *pattern = *words[i] != '\0' ? apim_pattern_new (words[i]) : NULL;

      if (pattern != NULL) /* the configuration was checked */
        g_ptr_array_add (patterns, pattern);
    }
  return patterns;
}

char *
kv_oauth_endpoint_url (const ApimConfig *config, const char *name)
{
  return g_strdup_printf ("https://%s:%u%s/oauth2/%s", config->host_name, config->https.port, config->web_context_root,
                          name);
}

KvOauth *
kv_oauth_new (ApimConfig *config, StDatabase *database, const KvStores *stores, CoreAuthenticator *authenticator,
              KvSigningKeys *signing_keys, ApimPool *pool, GError **error)
{
  g_autoptr (CoreRestScopes) rest_scopes = kv_rest_scopes_load (config, error);
  g_autofree char *endpoint = kv_oauth_endpoint_url (config, "token");
  KvSamlTrust *saml;
  KvOauth *oauth;

  if (rest_scopes == NULL || !kv_saml_trust_new (config, endpoint, stores->clock, &saml, error))
    return NULL;
  oauth = g_new0 (KvOauth, 1);
  oauth->rest_scopes = g_steal_pointer (&rest_scopes);
  oauth->saml = saml;
  oauth->config = apim_config_ref (config);
  oauth->database = database;
  oauth->batch = kv_oauth_batch_new (database, pool, config->limits.database_queue);
  oauth->stores = *stores;
  oauth->authenticator = authenticator;
  oauth->signing_keys = signing_keys;
  oauth->scope_whitelist = compile_patterns (config->scope_whitelist);
  oauth->callers = kv_credential_memory_new (stores->clock, config->limits.cache_max_age_ms);
  apim_hash_key_init (&oauth->secret_key);
  g_mutex_init (&oauth->form_lock);
  return oauth;
}

void
kv_oauth_free (KvOauth *oauth)
{
  if (oauth == NULL)
    return;
  g_mutex_clear (&oauth->form_lock);
  g_ptr_array_unref (oauth->scope_whitelist);
  core_rest_scopes_free (oauth->rest_scopes);
  kv_saml_trust_free (oauth->saml);
  apim_config_unref (oauth->config);
  kv_credential_memory_free (oauth->callers);
  kv_oauth_batch_free (oauth->batch);
  g_free (oauth);
}

gint64
kv_oauth_deadline (const KvOauth *oauth)
{
  return g_get_monotonic_time () + oauth->config->limits.database_timeout_ms * G_GINT64_CONSTANT (1000);
}

/* Read under the lock: the others wait for it instead of reading the same rows. */
gboolean
kv_oauth_form (KvOauth *oauth, StWriter *writer, StOauthForm *form, GError **error)
{
  const ApimConfig *config = oauth->config;

  g_mutex_lock (&oauth->form_lock);
  if (!oauth->form_known)
    oauth->form_known = st_oauth_form_read (writer, config->token_time, config->user_store.case_insensitive_names,
                                            &oauth->form, error);
  if (!oauth->form_known)
    {
      g_mutex_unlock (&oauth->form_lock);
      return FALSE;
    }
  *form = oauth->form;
  g_mutex_unlock (&oauth->form_lock);
  return TRUE;
}

/* Somebody migrated the database. */
static void
forget_form (KvOauth *oauth, const GError *error)
{
  if (!g_error_matches (error, ST_ERROR, ST_ERROR_SCHEMA))
    return;
  g_mutex_lock (&oauth->form_lock);
  oauth->form_known = FALSE;
  g_mutex_unlock (&oauth->form_lock);
}

gboolean
kv_oauth_write (KvOauth *oauth, StWork work, gpointer data, GError **error)
{
  gint64 deadline_us = kv_oauth_deadline (oauth);

  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) why = NULL;
      gulong pause_us = (gulong) PAUSE_FIRST_US << tries;

      if (kv_oauth_batch_write (oauth->batch, work, data, deadline_us, &why))
        return TRUE;
      if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT) || tries == MAX_TRIES
          || g_get_monotonic_time () >= deadline_us)
        {
          forget_form (oauth, why);
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      g_usleep (pause_us / 2 + (gulong) g_random_int_range (0, (gint32) pause_us / 2));
    }
}

gboolean
kv_oauth_read (KvOauth *oauth, StWork work, gpointer data, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (st_read (oauth->database, work, data, kv_oauth_deadline (oauth), &why))
    return TRUE;
  forget_form (oauth, why);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
kv_oauth_user_of (KvOauth *oauth, gint tenant_id, const char *user_domain, const char *name, StOauthUser *user,
                  GError **error)
{
  g_autoptr (StTenant) tenant = NULL;

  if (!st_user_store_find_tenant_by_id (oauth->stores.users, tenant_id, kv_oauth_deadline (oauth), &tenant, error))
    return FALSE;
  if (tenant == NULL)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "user \"%s\" is of tenant %d, which does not exist", name, tenant_id);
      return FALSE;
    }
  user->name = g_strdup (name);
  user->user_domain = g_strdup (user_domain != NULL ? user_domain : ST_PRIMARY_USER_DOMAIN);
  user->tenant_id = tenant_id;
  user->tenant_domain = g_strdup (tenant->domain);
  return TRUE;
}

void
kv_oauth_count (guint64 *counter)
{
  __atomic_fetch_add (counter, 1, __ATOMIC_RELAXED);
}
