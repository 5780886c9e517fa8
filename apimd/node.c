#include "config.h"
#include "apimd/node.h"

#include "apimd/local-blocks.h"
#include "apimd/local-key-validator.h"
#include "common/apim-cluster-key.h"
#include "common/apim-key-store.h"
#include "common/apim-log.h"
#include "common/apim-pool.h"
#include "common/apim-role.h"
#include "common/apim-saml-providers.h"
#include "common/apim-secret.h"
#include "common/apim-trust-store.h"
#include "core/core-lockout.h"
#include "core/core-rate-limit.h"
#include "gateway/gw-role.h"
#include "keyvalidator/kv-management.h"
#include "keyvalidator/kv-role.h"
#include "net/net-http-server.h"
#include "net/net-reactor.h"
#include "net/net-tls.h"
#include "portal/pt-role.h"

#include <openssl/crypto.h>

#define GATEWAY_MARK_LENGTH 32 /* characters of 5.95 bits */

/* In the order of their start: a gateway asks the Key Manager of its process, if there is one. */
static const ApimRole *const all_roles[]
    = { &apim_role_key_manager, &apim_role_publisher, &apim_role_store, &apim_role_gateway };

struct _Node
{
  ApimNode shared; /* what the roles see */
  gint64 started_us; /* monotonic */
  ApimNetworks *proxies; /* NULL: none is trusted */
  char *gateway_mark;
  int https_listener;
  guint16 https_port;
  gpointer roles[G_N_ELEMENTS (all_roles)]; /* NULL: not of this node */
  LocalBlocks *blocks; /* NULL: the gateway asks other nodes what is blocked, or there is none */
  KvManagement *management; /* NULL: the Key Manager's role does that, or nobody has anything to manage */
};

G_DEFINE_QUARK (apim-node-error-quark, node_error)

gboolean
node_check_profile (const char *name, GError **error)
{
  g_autoptr (GString) known = g_string_new ("default");

  if (g_str_equal (name, "default"))
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (all_roles); i++)
    {
      if (g_str_equal (name, all_roles[i]->name))
        return TRUE;
      g_string_append_printf (known, ", %s", all_roles[i]->name);
    }
  g_set_error (error, NODE_ERROR, NODE_ERROR_PROFILE, "there is no profile \"%s\"; there are: %s", name, known->str);
  return FALSE;
}

static gboolean
profile_wanted (const char *const *profiles, const char *name)
{
  return profiles[0] == NULL || g_strv_contains (profiles, "default") || g_strv_contains (profiles, name);
}

/* Whether @path, which the setting @setting names (nullable: none), holds certificates. */
static gboolean
check_certificates (const char *setting, const char *path, const char *password, GError **error)
{
  g_autofree char *pem = path != NULL ? apim_trust_store_read (path, password, error) : NULL;

  if (path == NULL || pem != NULL)
    return TRUE;
  g_prefix_error (error, "%s: ", setting);
  return FALSE;
}

gboolean
node_check_files (const ApimConfig *config, GError **error)
{
  g_autofree char *own = apim_home_path (config->home, "resources", "security", "node-rsa.pem", NULL);
  g_autoptr (GPtrArray) keys = NULL;

  if (config->key_store.location != NULL || g_file_test (own, G_FILE_TEST_EXISTS))
    {
      keys = apim_key_store_load (config, error);
      if (keys == NULL)
        return FALSE;
    }
  for (guint i = 0; config->saml_providers != NULL && i < config->saml_providers->len; i++)
    {
      const ApimSamlProvider *provider = config->saml_providers->pdata[i];

      if (!check_certificates ("Apimd/Saml2IdentityProviders", provider->certificate, NULL, error))
        return FALSE;
    }
  return check_certificates ("Security/TrustStore", config->trust_store.location, config->trust_store.password, error)
         && check_certificates ("Apimd/JwtCertificates", config->gateway.jwt_certificates, config->trust_store.password,
                                error);
}

static NetTls *
load_tls (const ApimConfig *config, GError **error)
{
  g_autoptr (GPtrArray) keys = apim_key_store_load (config, error);
  guint8 ticket_key[NET_TLS_TICKET_KEY_SIZE];
  NetTls *tls;

  if (keys == NULL || !apim_cluster_key_derive (config->home, "tls session ticket", ticket_key, sizeof ticket_key, error))
    return NULL;
  tls = net_tls_new (keys, config->tls_minimum, config->tls_ciphers, ticket_key, error);
  OPENSSL_cleanse (ticket_key, sizeof ticket_key);
  return tls;
}

static gboolean
start_roles (Node *node, const char *const *profiles, GError **error)
{
  node->shared.named_roles = profiles[0] != NULL && !g_strv_contains (profiles, "default");
  node->shared.has_gateway = profile_wanted (profiles, apim_role_gateway.name);
  if (node->shared.has_gateway && !profile_wanted (profiles, apim_role_key_manager.name))
    {
      node->management = kv_management_new (&node->shared, error);
      if (node->management == NULL)
        return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (all_roles); i++)
    {
      if (!profile_wanted (profiles, all_roles[i]->name))
        continue;
      node->roles[i] = all_roles[i]->start (&node->shared, error);
      if (node->roles[i] == NULL)
        {
          g_prefix_error (error, "could not start %s: ", all_roles[i]->name);
          return FALSE;
        }
      if (node->shared.key_dispatch != NULL && node->shared.key_validator == NULL)
        node->shared.key_validator = local_key_validator_new (node->shared.key_dispatch);
    }
  return TRUE;
}

static void
blocks_changed (gpointer data)
{
  local_blocks_refresh (data);
}

static void
follow_blocks (Node *node)
{
  ApimNode *shared = &node->shared;

  if (shared->block_conditions == NULL || shared->throttle_data == NULL)
    return;
  node->blocks = local_blocks_new (shared->throttle_data, shared->block_conditions,
                                   shared->config->gateway.block_period_ms);
  shared->blocks_changed_data = node->blocks;
  shared->blocks_changed = blocks_changed;
}

static void
node_free (Node *node)
{
  /* The pools' last jobs post their answers to the workers, the workers' last tasks call into the roles: in this order. */
  g_clear_pointer (&node->shared.http_pool, apim_pool_free);
  g_clear_pointer (&node->shared.portal_pool, apim_pool_free);
  g_clear_pointer (&node->shared.database_pool, apim_pool_free);
  g_clear_pointer (&node->blocks, local_blocks_free);
  g_clear_pointer (&node->shared.reactor, net_reactor_free);
  for (gsize i = 0; i < G_N_ELEMENTS (all_roles); i++)
    if (node->roles[i] != NULL)
      all_roles[i]->stop (node->roles[i]);
  g_clear_pointer (&node->management, kv_management_free);
  g_clear_pointer (&node->shared.key_validator, local_key_validator_free);
  g_clear_pointer (&node->shared.https, net_http_server_free);
  g_clear_pointer (&node->proxies, apim_networks_free);
  g_clear_pointer (&node->gateway_mark, apim_secret_free);
  g_clear_pointer (&node->shared.sign_ups, core_rate_limit_free);
  g_clear_pointer (&node->shared.lockout, core_lockout_free);
  g_clear_pointer (&node->shared.tls, net_tls_unref);
  g_clear_pointer (&node->shared.config, apim_config_unref);
  g_free (node);
}

/* What the setting says was checked when it was read. */
static gboolean
trust_proxies (Node *node, GError **error)
{
  g_autofree char *wrong = NULL;

  node->gateway_mark = apim_random_text (GATEWAY_MARK_LENGTH, error);
  if (node->gateway_mark == NULL)
    return FALSE;
  node->shared.gateway_mark = node->gateway_mark;
  if (node->shared.config->trusted_proxies != NULL)
    node->proxies = apim_networks_parse (node->shared.config->trusted_proxies, &wrong);
  net_http_server_set_trust (node->shared.https, &(NetHttpTrust){ node->proxies, node->gateway_mark });
  return TRUE;
}

static gboolean
start (Node *node, const char *const *profiles, GError **error)
{
  ApimConfig *config = node->shared.config;

  node->shared.lockout = core_lockout_new (node->shared.clock);
  node->shared.sign_ups = core_rate_limit_new (config->limits.sign_ups_per_address, config->limits.sign_ups_per_hour,
                                               node->shared.clock);
  node->shared.tls = load_tls (config, error);
  if (node->shared.tls == NULL)
    return FALSE;
  node->shared.reactor = net_reactor_new (config->workers, &config->limits, node->shared.clock, error);
  if (node->shared.reactor == NULL)
    return FALSE;
  /* Apart, so that a flood of calls cannot keep the logins out, nor the other way round. */
  node->shared.http_pool = apim_pool_new ("http", config->limits.database_threads, config->limits.database_queue);
  node->shared.portal_pool = apim_pool_new ("portal", config->limits.database_threads, config->limits.database_queue);
  node->shared.database_pool = apim_pool_new ("database", config->limits.database_threads, config->limits.database_queue);
  node->shared.https = net_http_server_new (&config->limits, node->shared.http_pool);
  if (!trust_proxies (node, error))
    return FALSE;
  if (!start_roles (node, profiles, error))
    return FALSE;
  follow_blocks (node);
  node->https_listener = net_reactor_listen (node->shared.reactor, &config->https, node->shared.tls, &net_http_protocol,
                                             node->shared.https, &node->https_port, error);
  if (node->https_listener < 0)
    return FALSE;
  net_reactor_accept (node->shared.reactor);
  return TRUE;
}

Node *
node_start (ApimConfig *config, const char *const *profiles, GError **error)
{
  Node *node = g_new0 (Node, 1);

  node->shared.config = apim_config_ref (config);
  node->shared.clock = &apim_clock_system;
  node->started_us = g_get_monotonic_time ();
  if (start (node, profiles, error))
    return node;
  node_free (node);
  return NULL;
}

static void
append_address (GString *text, const char *what, const char *host, guint16 port)
{
  g_string_append_printf (text, "%s%s on %s:%u", text->len > 0 ? ", " : "", what, host == NULL ? "*" : host, port);
}

char *
node_describe_listeners (const Node *node)
{
  const ApimConfig *config = node->shared.config;
  GString *text = g_string_new (NULL);

  if (node->shared.thrift_port != 0)
    append_address (text, "thrift", config->thrift.host, node->shared.thrift_port);
  append_address (text, "https", config->https.host, node->https_port);
  if (node->shared.gateway_http_port != 0)
    append_address (text, "APIs over http", config->gateway.host, node->shared.gateway_http_port);
  if (node->shared.gateway_https_port != 0)
    append_address (text, "APIs over https", config->gateway.host, node->shared.gateway_https_port);
  return g_string_free (text, FALSE);
}

static void
add_connections (NetReactor *reactor, ApimStatus *status)
{
  NetCounters counters;

  net_reactor_read_counters (reactor, &counters);
  apim_status_add (status, "connections.open", (gint64) counters.open);
  apim_status_add (status, "connections.accepted", (gint64) counters.accepted);
  apim_status_add (status, "connections.accept_pauses", (gint64) counters.accept_pauses);
  apim_status_add (status, "connections.over_limit", (gint64) counters.closed[NET_CLOSE_LIMIT]);
  apim_status_add (status, "connections.broke_protocol", (gint64) counters.closed[NET_CLOSE_PROTOCOL]);
  apim_status_add (status, "connections.handshake_failed",
                   (gint64) (counters.closed[NET_CLOSE_HANDSHAKE] + counters.closed[NET_CLOSE_HANDSHAKE_TIMEOUT]));
  apim_status_add (status, "connections.timed_out",
                   (gint64) (counters.closed[NET_CLOSE_IDLE_TIMEOUT] + counters.closed[NET_CLOSE_READ_TIMEOUT]
                             + counters.closed[NET_CLOSE_WRITE_TIMEOUT]));
  apim_status_add (status, "handshakes.full", (gint64) counters.handshakes_full);
  apim_status_add (status, "handshakes.resumed", (gint64) counters.handshakes_resumed);
  apim_status_add (status, "bytes.in", (gint64) counters.bytes_in);
  apim_status_add (status, "bytes.out", (gint64) counters.bytes_out);
  apim_status_add (status, "outgoing.open", (gint64) counters.connected_open);
  apim_status_add (status, "outgoing.connected", (gint64) counters.connected);
  apim_status_add (status, "outgoing.failed", (gint64) counters.connect_failed);
  apim_status_add (status, "outgoing.resumed", (gint64) counters.connected_resumed);
  apim_status_add (status, "outgoing.bytes.in", (gint64) counters.connected_bytes_in);
  apim_status_add (status, "outgoing.bytes.out", (gint64) counters.connected_bytes_out);
}

void
node_status (const Node *node, ApimStatus *status)
{
  apim_status_add_word (status, "version", PACKAGE_VERSION);
  apim_status_add (status, "uptime_ms", (g_get_monotonic_time () - node->started_us) / 1000);
  apim_status_add (status, "workers", net_reactor_n_workers (node->shared.reactor));
  add_connections (node->shared.reactor, status);
  apim_status_add (status, "pool.http.waiting", apim_pool_waiting (node->shared.http_pool));
  apim_status_add (status, "pool.portal.waiting", apim_pool_waiting (node->shared.portal_pool));
  apim_status_add (status, "pool.database.waiting", apim_pool_waiting (node->shared.database_pool));
  for (gsize i = 0; i < G_N_ELEMENTS (all_roles); i++)
    if (node->roles[i] != NULL)
      all_roles[i]->status (node->roles[i], status);
}

gboolean
node_reload (Node *node, ApimConfig *config, GError **error)
{
  g_autofree char *restart = NULL;
  NetTls *tls = load_tls (config, error);

  if (tls == NULL)
    return FALSE;
  restart = apim_config_needs_restart (node->shared.config, config);
  if (restart != NULL)
    apim_warning ("apimd", "these settings changed and take effect after a restart: %s", restart);
  net_tls_unref (node->shared.tls);
  node->shared.tls = tls;
  apim_config_unref (node->shared.config);
  node->shared.config = apim_config_ref (config);
  net_reactor_set_limits (node->shared.reactor, &config->limits);
  net_http_server_set_limits (node->shared.https, &config->limits);
  net_reactor_set_tls (node->shared.reactor, node->https_listener, tls);
  for (gsize i = 0; i < G_N_ELEMENTS (all_roles); i++)
    if (node->roles[i] != NULL)
      all_roles[i]->reload (node->roles[i], config);
  return TRUE;
}

gboolean
node_stop (Node *node)
{
  gboolean clean = net_reactor_drain (node->shared.reactor, node->shared.config->limits.drain_timeout_ms);

  node_free (node);
  return clean;
}
