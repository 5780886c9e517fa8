#include "config.h"
#include "keyvalidator/kv-role.h"

#include "common/apim-log.h"
#include "common/apim-trust-store.h"
#include "core/core-password.h"
#include "keyvalidator/kv-backend-jwt.h"
#include "keyvalidator/kv-change-follower.h"
#include "keyvalidator/kv-gateway-notifier.h"
#include "keyvalidator/kv-login.h"
#include "keyvalidator/kv-purger.h"
#include "keyvalidator/kv-thrift-service.h"
#include "keyvalidator/kv-throttle-data.h"
#include "keyvalidator/oauth/kv-authorize.h"
#include "keyvalidator/oauth/kv-jwt-token.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"
#include "keyvalidator/oauth/kv-oauth-introspect.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "keyvalidator/oauth/kv-oauth-jwks.h"
#include "keyvalidator/oauth/kv-oauth-metadata.h"
#include "keyvalidator/oauth/kv-oauth-revoke.h"
#include "keyvalidator/oauth/kv-oauth-token.h"
#include "keyvalidator/oauth/kv-registration.h"
#include "keyvalidator/oauth/kv-userinfo.h"
#include "keyvalidator/soap/kv-soap-admin.h"
#include "keyvalidator/soap/kv-soap-service.h"
#include "net/net-reactor.h"
#include "store/st-backup.h"
#include "store/st-sql-stores.h"

#define SWEEP_INTERVAL_S 60

/* Everything that the role owns, in the order it is made; freed in the opposite order. */
typedef struct
{
  ApimNode *node;
  StDatabase *api_database;
  StDatabase *user_database;
  StKeyStore *keys;
  StUserStore *users;
  KvMemory *memory;
  KvChangeFollower *follower;
  KvPurger *purger; /* NULL: not asked for */
  KvSigningKeys *signing_keys;
  KvSelfContained *self_contained;
  KvOauthJwks *jwks;
  KvBackendJwt *backend_jwt; /* NULL: not asked for */
  KvSessions *sessions;
  CoreAuthenticator *authenticator;
  KvLogin *login;
  CoreAuthenticator *oauth_authenticator; /* of users who need no role to log in */
  KvOauth *oauth;
  KvGatewayNotifier *gateways; /* NULL: none is told */
  KvAuthorize *authorize;
  KvUserinfo *userinfo;
  KvRegistration *registration;
  KvOauthMetadata *metadata;
  KvDispatch *dispatch;
  KvAdmission *admission;
  KvSoapGuard *guard;
  KvSoapService *soap;
  KvThrottleData *throttle_data;
  KvSoapAdmin *soap_admin;
  KvThriftService *service;
  TwServer *thrift;
  int listener; /* -1: EnableThriftServer is false */
  guint sweep_source;
} KvRole;

/* An embedded database that is damaged stops the start: what it still answers cannot be believed. One that cannot be asked now is reported
 * like any other (report_database()). */
static gboolean
check_file (const ApimDataSource *source, GError **error)
{
  gint64 begin_us = g_get_monotonic_time ();
  g_autoptr (GError) why = NULL;
  StFileState state;

  if (source->kind != APIM_DATABASE_SQLITE || !g_file_test (source->path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!st_file_check (source, &state, &why))
    {
      if (!g_error_matches (why, ST_ERROR, ST_ERROR_DATA) && !g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  if (state == ST_FILE_WHOLE)
    apim_info ("keyvalidator", "database \"%s\" was not closed when it was used last: read through in %" G_GINT64_FORMAT " ms, it is whole",
               source->path, (g_get_monotonic_time () - begin_us) / 1000);
  else if (state == ST_FILE_TOO_LARGE)
    apim_warning ("keyvalidator",
                  "database \"%s\" was not closed when it was used last, and is too large to be read through at the start: no damage was"
                  " found in %d s",
                  source->path, ST_FILE_CHECK_MS / 1000);
  return TRUE;
}

static gboolean
open_stores (KvRole *role, const ApimConfig *config, GError **error)
{
  const ApimDataSource *api_source = apim_config_data_source (config, config->api_data_source);
  const ApimDataSource *user_source = apim_config_data_source (config, config->user_store.data_source);

  if (!check_file (api_source, error) || !check_file (user_source, error))
    return FALSE;
  role->api_database = st_database_open (api_source, &config->limits, error);
  if (role->api_database == NULL)
    return FALSE;
  role->user_database = st_database_open (user_source, &config->limits, error);
  if (role->user_database == NULL)
    return FALSE;
  role->keys = st_sql_key_store_new (role->api_database, config->advanced_throttling);
  role->users = st_sql_user_store_new (role->user_database, &config->user_store);
  st_sql_key_store_set_token_time (role->keys, config->token_time);
  st_sql_key_store_set_tenants (role->keys, role->users);
  return TRUE;
}

/* A database that is away when the node starts is no reason not to start: calls are answered with errors until it is there (hazard F18). */
static void
report_database (StDatabase *database, const char *what, guint timeout_ms)
{
  g_autoptr (GError) error = NULL;
  gint64 deadline_us = g_get_monotonic_time () + timeout_ms * G_GINT64_CONSTANT (1000);

  if (!st_database_ping (database, deadline_us, &error))
    apim_warning ("keyvalidator", "the %s does not answer, calls fail until it does: %s", what, error->message);
}

/* The well-known default password is somebody's open door (spec/decisions.md 15). */
static void
warn_about_default_password (KvRole *role, const ApimConfig *config)
{
  gint64 deadline_us = g_get_monotonic_time () + config->limits.database_timeout_ms * G_GINT64_CONSTANT (1000);
  g_autoptr (StUser) user = NULL;

  /* Asked without the authenticator: a try of our own must not count as a failed login. */
  if (st_user_store_find_user (role->users, ST_SUPER_TENANT_ID, "admin", deadline_us, &user, NULL) && user != NULL
      && core_password_check (user, "admin", 5, &config->user_store, apim_clock_wall_ms (role->node->clock)))
    apim_warning ("keyvalidator", "user \"admin\" still has the password that WSO2 ships: change it");
}

static gboolean
make_sessions (KvRole *role, const ApimConfig *config, GError **error)
{
  role->sessions = kv_sessions_new_of_node (config, role->users, role->user_database, role->node->clock, error);
  return role->sessions != NULL;
}

/* The keys that JWTs are signed with, for others to see and for backend JWTs. */
static gboolean
make_jwt_parts (KvRole *role, const ApimConfig *config, GError **error)
{
  g_autoptr (CoreJwtKeys) keys = NULL;

  role->signing_keys = kv_signing_keys_new (config, error);
  if (role->signing_keys == NULL)
    return FALSE;
  role->self_contained = kv_self_contained_new (config, role->signing_keys, role->node->clock);
  keys = kv_signing_keys_get (role->signing_keys, NULL);
  role->jwks = kv_oauth_jwks_new (keys);
  kv_oauth_jwks_add_to (role->jwks, role->node->https, config->web_context_root);
  if (config->backend_jwt.enabled)
    role->backend_jwt = kv_backend_jwt_new (&config->backend_jwt, role->signing_keys, role->api_database, role->user_database,
                                            role->users);
  return TRUE;
}

static void
reload_signing_keys (KvRole *role, const ApimConfig *config)
{
  g_autoptr (CoreJwtKeys) keys = NULL;
  g_autoptr (GError) error = NULL;

  if (!kv_signing_keys_reload (role->signing_keys, config, &error))
    {
      apim_error ("keyvalidator", "JWTs are still signed with the keys from before: %s", error->message);
      return;
    }
  keys = kv_signing_keys_get (role->signing_keys, NULL);
  kv_oauth_jwks_set_keys (role->jwks, keys);
}

static gboolean
serve_thrift (KvRole *role, const ApimConfig *config, GError **error)
{
  role->service = kv_thrift_service_new (role->dispatch);
  role->thrift = tw_server_new (&config->limits, &kv_thrift_service_interface, role->service);
  if (!config->thrift_enabled)
    {
      apim_info ("keyvalidator", "EnableThriftServer is false: no Thrift port on this node");
      return TRUE;
    }
  role->listener = net_reactor_listen (role->node->reactor, &config->thrift, role->node->tls, &tw_protocol, role->thrift,
                                       &role->node->thrift_port, error);
  return role->listener >= 0;
}

static void
serve_soap (KvRole *role, const ApimConfig *config)
{
  role->admission = kv_admission_new (role->authenticator, role->sessions, role->users, role->node->clock,
                                      config->limits.database_timeout_ms);
  role->soap = kv_soap_service_new (config, role->dispatch, role->admission, role->node->http_pool);
  kv_soap_service_add_to (role->soap, role->node->https);
  role->throttle_data = kv_throttle_data_new (role->admission, role->api_database);
  kv_throttle_data_add_to (role->throttle_data, role->node->https, config->web_context_root);
}

/* By the Store of this process: with the change feed the memory would hear of it, the gateways of other nodes would not. */
static void
token_revoked (gpointer data, const char *access_token, const char *consumer_key)
{
  kv_oauth_forget_token (data, access_token, consumer_key);
}

/* A gateway that hears of nothing goes by its cache for a while; that is no reason not to start. */
static void
make_gateway_notifier (KvRole *role, const ApimConfig *config)
{
  g_autoptr (GTlsDatabase) trust = NULL;
  g_autoptr (GError) error = NULL;

  role->oauth->node = role->node;
  if (!config->tell_gateways || config->environments->len == 0)
    return;
  trust = apim_trust_store_open (config, &error);
  if (trust == NULL)
    {
      apim_warning ("keyvalidator", "no gateway is told of tokens that have ended: %s", error->message);
      return;
    }
  role->gateways = kv_gateway_notifier_new (config, trust, role->oauth);
  role->oauth->gateways = role->gateways;
}

static gboolean
serve_oauth (KvRole *role, ApimConfig *config, GError **error)
{
  g_autofree char *issuer = kv_jwt_token_issuer (config);
  KvStores stores = { .keys = role->keys,
                      .users = role->users,
                      .memory = role->memory,
                      .clock = role->node->clock,
                      .self_contained = role->self_contained };

  role->oauth_authenticator = core_authenticator_new (role->users, &config->user_store, NULL, role->node->lockout,
                                                    role->node->clock);
  role->oauth = kv_oauth_new (config, role->api_database, &stores, role->oauth_authenticator, role->signing_keys,
                              role->node->http_pool, error);
  if (role->oauth == NULL)
    return FALSE;
  kv_oauth_grant_saml_check_database (role->oauth);
  make_gateway_notifier (role, config);
  role->node->token_revoked_data = role->oauth;
  role->node->token_revoked = token_revoked;
  kv_oauth_token_add_to (role->oauth, role->node->https);
  kv_oauth_revoke_add_to (role->oauth, role->node->https);
  kv_oauth_introspect_add_to (role->oauth, role->node->https);
  role->metadata = kv_oauth_metadata_new (config, issuer);
  kv_oauth_metadata_add_to (role->metadata, role->node->https);
  role->userinfo = kv_userinfo_new (role->oauth, role->user_database);
  kv_userinfo_add_to (role->userinfo, role->node->https, config->web_context_root);
  role->registration = kv_registration_new (role->oauth);
  kv_registration_add_to (role->registration, role->node->https, config->web_context_root);
  role->authorize = kv_authorize_new (role->oauth, issuer, error);
  if (role->authorize == NULL)
    return FALSE;
  kv_authorize_add_to (role->authorize, role->node->https, config->web_context_root);
  return TRUE;
}

static void
serve_soap_admin (KvRole *role)
{
  role->guard = kv_soap_guard_new (role->admission, role->authenticator, role->sessions, role->users);
  role->node->soap_guard = kv_soap_guard_get (role->guard);
  role->node->tenants = &role->guard->tenants;
  role->soap_admin = kv_soap_admin_new (role->oauth, role->guard, role->user_database, role->node->sign_ups);
  kv_soap_admin_add_to (role->soap_admin, role->node->https);
}

static gboolean
sweep_sessions (gpointer data)
{
  KvRole *role = data;

  kv_sessions_sweep (role->sessions);
  return G_SOURCE_CONTINUE;
}

static void
role_free (KvRole *role)
{
  if (role->sweep_source != 0)
    g_source_remove (role->sweep_source);
  g_clear_pointer (&role->thrift, tw_server_free);
  g_clear_pointer (&role->service, kv_thrift_service_free);
  g_clear_pointer (&role->soap_admin, kv_soap_admin_free);
  g_clear_pointer (&role->guard, kv_soap_guard_free);
  g_clear_pointer (&role->metadata, kv_oauth_metadata_free);
  g_clear_pointer (&role->authorize, kv_authorize_free);
  g_clear_pointer (&role->registration, kv_registration_free);
  g_clear_pointer (&role->userinfo, kv_userinfo_free);
  g_clear_pointer (&role->gateways, kv_gateway_notifier_free);
  g_clear_pointer (&role->oauth, kv_oauth_free);
  g_clear_pointer (&role->oauth_authenticator, core_authenticator_free);
  g_clear_pointer (&role->throttle_data, kv_throttle_data_free);
  g_clear_pointer (&role->soap, kv_soap_service_free);
  g_clear_pointer (&role->admission, kv_admission_free);
  g_clear_pointer (&role->dispatch, kv_dispatch_free);
  g_clear_pointer (&role->login, kv_login_free);
  g_clear_pointer (&role->authenticator, core_authenticator_free);
  g_clear_pointer (&role->sessions, kv_sessions_free);
  g_clear_pointer (&role->backend_jwt, kv_backend_jwt_free);
  g_clear_pointer (&role->jwks, kv_oauth_jwks_free);
  g_clear_pointer (&role->self_contained, kv_self_contained_free);
  g_clear_pointer (&role->signing_keys, kv_signing_keys_free);
  g_clear_pointer (&role->purger, kv_purger_free);
  g_clear_pointer (&role->follower, kv_change_follower_free);
  g_clear_pointer (&role->memory, kv_memory_free);
  g_clear_pointer (&role->users, st_user_store_free);
  g_clear_pointer (&role->keys, st_key_store_free);
  g_clear_pointer (&role->user_database, st_database_free);
  g_clear_pointer (&role->api_database, st_database_free);
  g_free (role);
}

static gpointer
role_start (ApimNode *node, GError **error)
{
  const ApimConfig *config = node->config;
  const ApimLimits *limits = &config->limits;
  KvRole *role = g_new0 (KvRole, 1);
  KvStores stores;

  role->node = node;
  role->listener = -1;
  if (!open_stores (role, config, error) || !make_sessions (role, config, error) || !make_jwt_parts (role, config, error))
    {
      role_free (role);
      return NULL;
    }
  role->memory = kv_memory_new (limits->max_cache_memory, limits->cache_max_age_ms, limits->unknown_tokens_per_second);
  role->follower = kv_change_follower_new (role->memory, role->api_database, role->user_database, node->clock);
  role->authenticator = core_authenticator_new (role->users, &config->user_store, config->login_role, role->node->lockout,
                                              node->clock);
  role->login = kv_login_new (role->authenticator, role->sessions, limits->database_timeout_ms);
  kv_login_add_to (role->login, node->https, config->web_context_root);
  stores = (KvStores){ role->keys, role->users, role->memory, node->clock, role->backend_jwt, role->self_contained };
  role->dispatch = kv_dispatch_new (config, &stores, role->sessions, node->database_pool);
  node->key_dispatch = role->dispatch;
  serve_soap (role, config);
  node->throttle_data = role->throttle_data;
  if (!serve_oauth (role, node->config, error))
    {
      role_free (role);
      return NULL;
    }
  serve_soap_admin (role);
  if (!serve_thrift (role, config, error))
    {
      role_free (role);
      return NULL;
    }
  role->sweep_source = g_timeout_add_seconds (SWEEP_INTERVAL_S, sweep_sessions, role);
  report_database (role->api_database, "API Manager database", limits->database_timeout_ms);
  report_database (role->user_database, "user database", limits->database_timeout_ms);
  warn_about_default_password (role, config);
  role->purger = kv_purger_new (config, node->clock);
  return role;
}

static void
role_reload (gpointer data, ApimConfig *config)
{
  KvRole *role = data;

  tw_server_set_limits (role->thrift, &config->limits);
  kv_soap_service_set_limits (role->soap, &config->limits);
  reload_signing_keys (role, config);
  kv_soap_admin_set_limits (role->soap_admin, &config->limits);
  if (role->listener >= 0)
    net_reactor_set_tls (role->node->reactor, role->listener, role->node->tls);
}

static void
add_memory (KvRole *role, ApimStatus *status)
{
  static const char *const states[] = {
    [KV_MEMORY_BYPASSED] = "bypassed", [KV_MEMORY_SHORT_LIVED] = "short-lived", [KV_MEMORY_FOLLOWING] = "following",
  };
  static const char *const kinds[KV_N_FACTS] = {
    [KV_FACT_TOKEN] = "token", [KV_FACT_SUBSCRIPTION] = "subscription", [KV_FACT_SCOPE] = "scope",
    [KV_FACT_API_DEFAULT] = "api_default", [KV_FACT_ROLES] = "roles",
    [KV_FACT_JWT] = "backend_jwt", [KV_FACT_CLIENT] = "client", [KV_FACT_GRANT] = "grant",
    [KV_FACT_TOKEN_KIND] = "token_kind", [KV_FACT_SELF_CONTAINED] = "self_contained",
  };
  KvCacheCounters cache;
  KvNegativeCounters negative;
  KvFlightsCounters flights;
  guint64 bytes, hits = 0, lookups = 0;

  kv_cache_counters (role->memory->cache, &cache);
  kv_negative_counters (role->memory->negative, &negative);
  kv_flights_counters (role->memory->flights, &flights);
  apim_status_add_word (status, "cache.state", states[kv_memory_state (role->memory)]);
  bytes = cache.table_bytes;
  for (guint i = 0; i < KV_N_FACTS; i++)
    {
      const KvCacheKindCounters *kind = &cache.kinds[i];
      const struct
      {
        const char *name;
        guint64 value;
      } counters[] = { { "entries", kind->entries },     { "hits", kind->hits },           { "misses", kind->misses },
                       { "inserts", kind->inserts },     { "refused", kind->refused },     { "outdated", kind->outdated },
                       { "evictions", kind->evictions }, { "bytes", kind->bytes } };

      bytes += kind->bytes;
      hits += kind->hits;
      lookups += kind->hits + kind->misses;
      for (guint j = 0; j < G_N_ELEMENTS (counters); j++)
        {
          g_autofree char *name = g_strdup_printf ("cache.%s.%s", kinds[i], counters[j].name);

          apim_status_add (status, name, (gint64) counters[j].value);
        }
    }
  apim_status_add (status, "cache.hit_percent", lookups == 0 ? 0 : (gint64) (hits * 100 / lookups));
  apim_status_add (status, "cache.bytes", (gint64) bytes);
  apim_status_add (status, "cache.limit", (gint64) cache.limit);
  apim_status_add (status, "cache.bypassed", (gint64) cache.bypassed);
  apim_status_add (status, "cache.unknown_token.hits", (gint64) negative.hits);
  apim_status_add (status, "cache.unknown_token.added", (gint64) negative.added);
  apim_status_add (status, "cache.unknown_token.held_up", (gint64) apim_budget_held_up (&role->memory->unknown_tokens));
  apim_status_add (status, "lookups.led", (gint64) flights.led);
  apim_status_add (status, "lookups.followed", (gint64) flights.followed);
}

static void
add_purger (KvRole *role, ApimStatus *status)
{
  KvPurgerStatus purger;

  if (role->purger == NULL)
    return;
  kv_purger_status (role->purger, &purger);
  apim_status_add (status, "purge.runs", (gint64) purger.runs);
  apim_status_add (status, "purge.failures", (gint64) purger.failures);
  apim_status_add (status, "purge.tokens", (gint64) purger.tokens);
  apim_status_add (status, "purge.codes", (gint64) purger.codes);
}

static void
add_oauth (KvRole *role, ApimStatus *status)
{
  const KvOauthCounters *counters = &role->oauth->counters;
  const struct
  {
    const char *name;
    const guint64 *counter;
  } rows[] = { { "oauth.tokens.issued", &counters->issued },
               { "oauth.tokens.reused", &counters->reused },
               { "oauth.tokens.refused", &counters->refused },
               { "oauth.tokens.revoked", &counters->revoked },
               { "oauth.introspections", &counters->introspected } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    apim_status_add (status, rows[i].name, (gint64) __atomic_load_n (rows[i].counter, __ATOMIC_RELAXED));
}

static void
role_status (gpointer data, ApimStatus *status)
{
  KvRole *role = data;
  TwCounters thrift;
  KvSoapCounters soap;
  KvFollowerStatus feed;

  tw_server_read_counters (role->thrift, &thrift);
  apim_status_add (status, "thrift.calls", (gint64) thrift.calls);
  apim_status_add (status, "thrift.replies", (gint64) thrift.replies);
  apim_status_add (status, "thrift.exceptions", (gint64) thrift.exceptions);
  apim_status_add (status, "thrift.unknown_methods", (gint64) thrift.unknown_methods);
  apim_status_add (status, "thrift.protocol_errors", (gint64) thrift.protocol_errors);
  kv_soap_service_read_counters (role->soap, &soap);
  apim_status_add (status, "soap.calls", (gint64) soap.calls);
  apim_status_add (status, "soap.replies", (gint64) soap.replies);
  apim_status_add (status, "soap.faults", (gint64) soap.faults);
  apim_status_add (status, "soap.unauthenticated", (gint64) soap.unauthenticated);
  apim_status_add (status, "soap.refused", (gint64) soap.refused);
  apim_status_add (status, "sessions", kv_sessions_count (role->sessions));
  add_memory (role, status);
  kv_change_follower_status (role->follower, &feed);
  apim_status_add (status, "feed.changes", (gint64) feed.changes);
  apim_status_add (status, "feed.lag_ms", feed.lag_ms);
  kv_soap_admin_add_status (role->soap_admin, status);
  add_oauth (role, status);
  if (role->gateways != NULL)
    kv_gateway_notifier_add_status (role->gateways, status);
  add_purger (role, status);
}

static void
role_stop (gpointer data)
{
  role_free (data);
}

const ApimRole apim_role_key_manager = {
  .name = "api-key-manager",
  .start = role_start,
  .reload = role_reload,
  .status = role_status,
  .stop = role_stop,
};
