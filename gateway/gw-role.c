#include "config.h"
#include "gateway/gw-role.h"

#include "common/apim-log.h"
#include "common/apim-trust-store.h"
#include "gateway/gw-admin.h"
#include "gateway/gw-block-conditions.h"
#include "gateway/gw-connection.h"
#include "gateway/gw-hard-limit.h"
#include "gateway/gw-jwt.h"
#include "gateway/gw-key-managers.h"
#include "gateway/gw-metrics.h"
#include "gateway/gw-remote-blocks.h"

#include <string.h>

/* Rules of throttling, at most. */
#define MAX_RULES 2

typedef struct
{
  ApimNode *node;
  GwUpstream *upstream;
  GwUpstream *key_manager_upstream; /* apart, because their certificates may be for another name */
  GPtrArray *addresses; /* GwKeyManager: where the token APIs go; NULL: nowhere */
  GwKeyManagers *managers; /* NULL: the Key Manager of this process is asked */
  GwDeployment *deployment;
  GwAuthenticator *authenticator;
  GwJwt *jwt; /* NULL: the Key Manager is asked about every token */
  GwVault *vault;
  GwAdmin *admin;
  GwBlockConditions *blocks; /* NULL: none are applied */
  GwRemoteBlocks *remote_blocks; /* NULL: the Key Manager of this process tells them, or nobody */
  GwThrottleRule *rules[MAX_RULES];
  guint n_rules;
  GwUsage *usage;
  GwMetrics *metrics;
  GwAccessLog *access_log; /* NULL: none is kept */
  GwService *service;
  char **cors_lists[3]; /* of the service's settings; NULL: the release's */
  GwDoor http, https;
  int https_listener;
} GwRole;

static void
role_stop (gpointer data)
{
  GwRole *role = data;

  /* The APIs let go of their backends' names before the pool of these ends. */
  g_clear_pointer (&role->admin, gw_admin_free);
  g_clear_pointer (&role->vault, gw_vault_free);
  g_clear_pointer (&role->metrics, gw_metrics_free);
  g_clear_pointer (&role->service, gw_service_free);
  g_clear_pointer (&role->access_log, gw_access_log_free);
  g_clear_pointer (&role->usage, gw_usage_free);
  g_clear_pointer (&role->authenticator, gw_authenticator_free);
  g_clear_pointer (&role->jwt, gw_jwt_free);
  g_clear_pointer (&role->remote_blocks, gw_remote_blocks_free);
  g_clear_pointer (&role->blocks, gw_block_conditions_free);
  g_clear_pointer (&role->deployment, gw_deployment_free);
  g_clear_pointer (&role->managers, gw_key_managers_free);
  g_clear_pointer (&role->key_manager_upstream, gw_upstream_free);
  g_clear_pointer (&role->upstream, gw_upstream_free);
  g_clear_pointer (&role->addresses, g_ptr_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (role->cors_lists); i++)
    g_clear_pointer (&role->cors_lists[i], g_strfreev);
  g_free (role);
}

/* The Key Manager of this process has ended a token, and will say so when it is asked again. */
static void
token_ended (gpointer data, const char *access_token)
{
  gw_authenticator_forget_token (data, access_token, strlen (access_token));
}

static GwRoutes *
newest_routes (gpointer data, guint worker, gboolean *changed)
{
  return gw_deployment_routes (data, worker, changed);
}

/* Backends and Key Managers are verified against the trust store of carbon.xml. FALSE with @error. */
static gboolean
load_tls (const ApimConfig *config, NetTlsClient **backends, NetTlsClient **key_managers, GError **error)
{
  g_autofree char *trusted = apim_trust_store_pem (config, error);

  if (trusted == NULL)
    return FALSE;
  *backends = net_tls_client_new (trusted, config->tls_minimum, config->tls_ciphers, error);
  if (*backends == NULL)
    return FALSE;
  *key_managers = net_tls_client_new (trusted, config->tls_minimum, config->tls_ciphers, error);
  if (*key_managers == NULL)
    return FALSE;
  if (config->key_manager.certificate_name != NULL)
    net_tls_client_expect (*key_managers, config->key_manager.certificate_name);
  return TRUE;
}

static GwH2Settings
http2_settings (const ApimConfig *config)
{
  const ApimLimits *limits = &config->limits;

  return (GwH2Settings){
    .enabled = config->gateway.http2,
    .max_streams = limits->http2_max_streams,
    .stream_window = limits->http2_stream_window,
    .connection_window = limits->http2_connection_window,
    .max_resets = limits->http2_resets,
    .max_control_frames = limits->http2_control_frames,
  };
}

static GwUpstreamSettings
upstream_settings (const ApimLimits *limits)
{
  return (GwUpstreamSettings){
    .connect_timeout_ms = limits->backend_connect_timeout_ms,
    .idle_timeout_ms = limits->backend_idle_timeout_ms,
    .read_timeout_ms = limits->backend_read_timeout_ms,
    .max_connections = limits->max_backend_connections,
    .max_waiting = limits->backend_queue,
    .max_head = limits->max_http_header,
    .max_trailer = limits->max_http_trailer,
  };
}

/* A Key Manager elsewhere may not tell this gateway what has ended (gw-admin.h): how long it is believed is the operator's
 * choice. */
static GwAuthSettings
auth_settings (const ApimConfig *config, gboolean is_remote)
{
  GwAuthSettings settings = gw_auth_standard_settings;

  settings.grant_ms = config->limits.cache_max_age_ms;
  if (is_remote && config->gateway.token_cache_s > 0)
    settings.grant_ms = (gint64) config->gateway.token_cache_s * 1000;
  settings.refusal_ms = MIN (settings.refusal_ms, settings.grant_ms);
  return settings;
}

/* Words with commas between them, instead of @list. @owner: gets what is made. */
static void
read_list (const char *words, char ***owner, const char *const **list)
{
  if (words == NULL)
    return;
  *owner = g_strsplit (words, ",", -1);
  for (char **word = *owner; *word != NULL; word++)
    g_strstrip (*word);
  *list = (const char *const *) *owner;
}

/* What APIs that say nothing of it answer to browsers. */
static void
read_cors (GwRole *role, GwCorsSettings *cors)
{
  const ApimConfig *config = role->node->config;

  cors->enabled = config->deployment.cors;
  cors->credentials = config->gateway.cors_credentials;
  read_list (config->gateway.cors_origins, &role->cors_lists[0], &cors->origins);
  read_list (config->gateway.cors_methods, &role->cors_lists[1], &cors->methods);
  read_list (config->gateway.cors_headers, &role->cors_lists[2], &cors->headers);
}

static GwServiceSettings
service_settings (const ApimConfig *config)
{
  ApimGatewayGeneration generation = config->deployment.generation;
  GwServiceSettings settings = {
    .generation = generation,
    .faults = { generation, config->gateway.echoes_headers },
    .cors = *gw_cors_standard_settings (generation),
    .credentials = *gw_credentials_standard_settings (generation),
    .headers = gw_header_standard_settings,
    .http_port = config->gateway.http_port,
    .https_port = config->gateway.https_port,
    .max_head = config->limits.max_http_header,
    .max_trailer = config->limits.max_http_trailer,
    .read_timeout_ms = config->limits.read_timeout_ms,
    .min_rate = config->limits.min_transfer_rate,
    .write_timeout_ms = config->limits.write_timeout_ms,
    .max_unread_output = config->limits.max_unread_output,
    .http2 = http2_settings (config),
  };

  settings.credentials.header = config->deployment.authorization_header;
  settings.credentials.segment = config->gateway.key_segment;
  if (*config->gateway.key_delimiter != '\0')
    settings.credentials.delimiter = config->gateway.key_delimiter;
  settings.credentials.separator = *config->gateway.key_splitter;
  settings.credentials.client_domain = config->gateway.client_domain_header;
  settings.credentials.keeps_header = !config->deployment.removes_oauth_header;
  settings.headers.jwt_header = config->gateway.jwt_header;
  return settings;
}

static gboolean
listen_on (GwRole *role, guint16 port, NetTls *tls, GwDoor *door, guint16 *bound, int *listener, GError **error)
{
  const ApimGatewaySettings *gateway = &role->node->config->gateway;
  const ApimListenAddress address = { gateway->host, port };
  const NetProtocol *protocol = gateway->http2 ? &gw_connection_protocol : &gw_connection_protocol_http1;

  door->service = role->service;
  door->transport = tls != NULL ? GW_TRANSPORT_HTTPS : GW_TRANSPORT_HTTP;
  *listener = net_reactor_listen (role->node->reactor, &address, tls, protocol, door, bound, error);
  return *listener >= 0;
}

static gboolean
serve (GwRole *role, GError **error)
{
  ApimNode *node = role->node;
  const ApimGatewaySettings *gateway = &node->config->gateway;
  int http_listener;

  return listen_on (role, gateway->http_port, NULL, &role->http, &node->gateway_http_port, &http_listener, error)
         && listen_on (role, gateway->https_port, node->tls, &role->https, &node->gateway_https_port,
                       &role->https_listener, error);
}

/* The Key Manager of this process, or those that api-manager.xml names. NULL with @error. */
static GwKeyValidator *
choose_validator (GwRole *role, GError **error)
{
  ApimNode *node = role->node;

  if (node->key_validator != NULL)
    return node->key_validator;
  role->managers = gw_key_managers_new (node->config, node->reactor, role->key_manager_upstream, error);
  return role->managers != NULL ? gw_key_managers_validator (role->managers) : NULL;
}

/* Without a Key Manager in this process the same addresses are asked about tokens, and the gateway is of no use if they
 * are wrong; with one, only the token APIs are. */
static gboolean
find_addresses (GwRole *role, GError **error)
{
  const ApimConfig *config = role->node->config;
  g_autoptr (GError) problem = NULL;

  role->addresses = gw_key_managers_parse (config->key_manager.server_urls, config->https.port, &problem);
  if (role->addresses != NULL)
    return TRUE;
  if (role->node->key_validator == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  apim_warning ("gateway", "%s: the token APIs (/token, /revoke, /authorize, /userinfo) are not served",
                problem->message);
  return TRUE;
}

static gboolean
open_access_log (GwRole *role, GError **error)
{
  const ApimGatewaySettings *settings = &role->node->config->gateway;

  if (settings->access_log == NULL)
    return TRUE;
  role->access_log = gw_access_log_new (settings->access_log,
                                        settings->access_log_json ? GW_ACCESS_LOG_JSON : GW_ACCESS_LOG_COMBINED,
                                        net_reactor_n_workers (role->node->reactor), error);
  return role->access_log != NULL;
}

static void
blocks_changed (gpointer data)
{
  gw_remote_blocks_refresh (data);
}

/* Where there is no Key Manager in this process, which else is asked by the node. */
static void
ask_for_blocks (GwRole *role)
{
  ApimNode *node = role->node;
  const ApimConfig *config = node->config;
  GwRemoteBlocksSettings settings = { .managers = role->addresses,
                                      .user = config->key_manager.user,
                                      .password = config->key_manager.password,
                                      .period_ms = config->gateway.block_period_ms,
                                      .timeout_ms = config->limits.gateway_timeout_ms,
                                      .max_answer = config->limits.max_block_conditions };

  role->remote_blocks = gw_remote_blocks_new (&settings, node->reactor, role->key_manager_upstream, role->blocks);
  node->blocks_changed_data = role->remote_blocks;
  node->blocks_changed = blocks_changed;
  gw_remote_blocks_wait (role->remote_blocks, settings.timeout_ms);
}

/* In the order of 6.2. Without advanced throttling there are no block conditions. */
static void
make_rules (GwRole *role)
{
  ApimNode *node = role->node;

  if (node->config->gateway.blocks && node->config->advanced_throttling)
    {
      role->blocks = gw_block_conditions_new (net_reactor_n_workers (node->reactor));
      role->rules[role->n_rules++] = gw_block_conditions_rule (role->blocks);
      if (node->key_validator == NULL)
        ask_for_blocks (role);
      else
        node->block_conditions = role->blocks;
    }
  role->rules[role->n_rules++] = gw_hard_limit_rule ();
}

/* As the Key Manager writes it where nothing else is configured: its token endpoint. */
static char *
jwt_issuer (const GwRole *role)
{
  const ApimConfig *config = role->node->config;
  const GwKeyManager *manager = role->addresses->pdata[0];
  gboolean address = strchr (manager->host, ':') != NULL;
  g_autofree char *root = NULL;

  if (config->gateway.jwt_issuer != NULL || config->token_issuer != NULL)
    return g_strdup (config->gateway.jwt_issuer != NULL ? config->gateway.jwt_issuer : config->token_issuer);
  root = g_strndup (manager->path, strlen (manager->path) - (g_str_has_suffix (manager->path, "/services/") ? 9 : 0));
  return g_strdup_printf ("https://%s%s%s:%u%soauth2/token", address ? "[" : "", manager->host, address ? "]" : "",
                          manager->port, root);
}

/* Whether self-contained tokens can be judged here: not where a Key Manager in the same process knows them better, and not
 * where backends want a JWT of the Key Manager's with each call. */
static gboolean
may_judge (const GwRole *role)
{
  const ApimConfig *config = role->node->config;

  if (config->gateway.jwt_certificates == NULL)
    return FALSE;
  if (role->managers != NULL && !config->backend_jwt.enabled)
    return TRUE;
  apim_warning ("gateway", "Apimd/JwtCertificates is not used: %s",
                role->managers == NULL ? "the Key Manager of this process is asked about self-contained tokens"
                                       : "EnableJWTGeneration is true, and only the Key Manager makes backend JWTs");
  return FALSE;
}

static gboolean
make_jwt (GwRole *role, GError **error)
{
  const ApimConfig *config = role->node->config;
  g_autoptr (CoreJwtKeys) keys = NULL;
  g_autofree char *issuer = NULL;

  if (!may_judge (role))
    return TRUE;
  keys = gw_jwt_load_keys (config, error);
  if (keys == NULL)
    return FALSE;
  issuer = jwt_issuer (role);
  const GwJwtSettings settings = { .issuer = issuer,
                                   .application_scope = config->application_token_scope,
                                   .skew_ms = config->timestamp_skew_ms,
                                   .bad_per_second = config->limits.unknown_tokens_per_second };
  role->jwt = gw_jwt_new (&settings, keys, role->node->clock);
  gw_authenticator_set_jwt (role->authenticator, role->jwt, config->timestamp_skew_ms);
  return TRUE;
}

static gboolean
make_parts (GwRole *role, GError **error)
{
  ApimNode *node = role->node;
  const ApimLimits *limits = &node->config->limits;
  guint n_workers = net_reactor_n_workers (node->reactor);
  GwUpstreamSettings upstream = upstream_settings (limits);
  GwServiceSettings service = service_settings (node->config);
  GwAuthSettings auth = auth_settings (node->config, node->key_validator == NULL);
  GwServiceParts parts = { .routes = newest_routes };
  g_autoptr (NetTlsClient) tls = NULL;
  g_autoptr (NetTlsClient) key_manager_tls = NULL;
  GwKeyValidator *validator;

  if (!load_tls (node->config, &tls, &key_manager_tls, error) || !open_access_log (role, error) || !find_addresses (role, error))
    return FALSE;
  role->upstream = gw_upstream_new (node->reactor, tls, &upstream);
  role->key_manager_upstream = gw_upstream_new (node->reactor, key_manager_tls, &upstream);
  role->deployment = gw_deployment_new (node->config->home, n_workers, role->addresses, error);
  if (role->deployment == NULL)
    return FALSE;
  validator = choose_validator (role, error);
  if (validator == NULL)
    return FALSE;
  role->authenticator = gw_authenticator_new (validator, &auth, node->reactor, node->clock);
  if (!make_jwt (role, error))
    return FALSE;
  parts.routes_data = role->deployment;
  parts.authenticator = role->authenticator;
  parts.upstream = role->upstream;
  parts.key_manager_upstream = role->key_manager_upstream;
  role->vault = gw_vault_new (node->config->home, n_workers, error);
  if (role->vault == NULL)
    return FALSE;
  make_rules (role);
  parts.vault = role->vault;
  parts.rules = role->rules;
  parts.n_rules = role->n_rules;
  role->usage = gw_usage_new (n_workers, GW_USAGE_MAX_APIS);
  parts.usage = role->usage;
  parts.access_log = role->access_log;
  service.mark = node->key_dispatch != NULL ? node->gateway_mark : NULL;
  service.key_manager = role->addresses != NULL ? role->addresses->pdata[0] : NULL;
  read_cors (role, &service.cors);
  role->service = gw_service_new (&service, &parts, n_workers);
  role->admin = gw_admin_new (node->config, node->soap_guard, node->tenants, role->deployment, role->authenticator,
                              role->vault);
  gw_admin_add_to (role->admin, node->https);
  role->metrics = gw_metrics_new (node->config, node->soap_guard, role->usage);
  gw_metrics_add_to (role->metrics, node->https);
  return TRUE;
}

static gpointer
role_start (ApimNode *node, GError **error)
{
  GwRole *role = g_new0 (GwRole, 1);

  role->node = node;
  if (make_parts (role, error) && serve (role, error))
    {
      node->token_ended_data = role->authenticator;
      node->token_ended = token_ended;
      return role;
    }
  role_stop (role);
  return NULL;
}

static void
reopen_access_log (GwRole *role)
{
  g_autoptr (GError) error = NULL;

  if (role->access_log != NULL && !gw_access_log_reopen (role->access_log, &error))
    apim_error ("gateway", "the access log goes on to the old file: %s", error->message);
}

static void
reload_jwt (GwRole *role, const ApimConfig *config)
{
  g_autoptr (CoreJwtKeys) keys = NULL;
  g_autoptr (GError) error = NULL;

  if (role->jwt == NULL)
    return;
  keys = gw_jwt_load_keys (config, &error);
  if (keys == NULL)
    {
      apim_error ("gateway", "self-contained tokens are still checked with the certificates from before: %s",
                  error->message);
      return;
    }
  gw_jwt_set_keys (role->jwt, keys);
  gw_authenticator_forget_answers (role->authenticator);
}

/* It may have been copied from another gateway. */
static void
read_vault (GwRole *role)
{
  g_autoptr (GError) error = NULL;

  if (!gw_vault_reload (role->vault, &error))
    apim_error ("gateway", "the passwords of endpoints stay as they were: %s", error->message);
}

static void
role_reload (gpointer data, ApimConfig *config)
{
  GwRole *role = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (NetTlsClient) tls = NULL;
  g_autoptr (NetTlsClient) key_manager_tls = NULL;

  net_reactor_set_tls (role->node->reactor, role->https_listener, role->node->tls);
  gw_admin_set_limits (role->admin, &config->limits);
  reopen_access_log (role);
  read_vault (role);
  reload_jwt (role, config);
  if (load_tls (config, &tls, &key_manager_tls, &error))
    {
      gw_upstream_set_tls (role->upstream, tls);
      gw_upstream_set_tls (role->key_manager_upstream, key_manager_tls);
    }
  else
    apim_error ("gateway", "backends and Key Managers are still verified with the trust store from before: %s", error->message);
}

static void
role_status (gpointer data, ApimStatus *status)
{
  GwRole *role = data;
  GwServiceCounters served;
  GwAuthCounters auth;

  gw_service_read_counters (role->service, &served);
  gw_authenticator_read_counters (role->authenticator, &auth);
  apim_status_add (status, "gateway.requests", (gint64) served.requests);
  apim_status_add (status, "gateway.own_answers", (gint64) served.own_answers);
  apim_status_add (status, "gateway.failed_sends", (gint64) served.failed_sends);
  apim_status_add (status, "gateway.granted", (gint64) auth.granted);
  apim_status_add (status, "gateway.refused", (gint64) auth.refused);
  apim_status_add (status, "gateway.unavailable", (gint64) auth.unavailable);
  apim_status_add (status, "gateway.questions", (gint64) auth.asked);
  apim_status_add (status, "gateway.judged", (gint64) auth.judged);
  if (role->managers != NULL)
    gw_key_managers_add_status (role->managers, status);
  if (role->blocks != NULL)
    gw_block_conditions_add_status (role->blocks, status);
  if (role->remote_blocks != NULL)
    gw_remote_blocks_add_status (role->remote_blocks, status);
  if (role->access_log != NULL)
    apim_status_add (status, "gateway.access_log_lost", (gint64) gw_access_log_lost (role->access_log));
  gw_deployment_add_status (role->deployment, status);
  gw_admin_add_status (role->admin, status);
}

const ApimRole apim_role_gateway = {
  .name = "gateway-worker",
  .start = role_start,
  .reload = role_reload,
  .status = role_status,
  .stop = role_stop,
};
