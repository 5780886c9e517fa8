#include "config.h"
#include "keyvalidator/kv-management.h"

#include "keyvalidator/soap/kv-soap-guard.h"
#include "store/st-sql-stores.h"

#define SWEEP_INTERVAL_S 60

/* In the order it is made; freed in the opposite order. */
struct _KvManagement
{
  StDatabase *user_database;
  StUserStore *users;
  KvSessions *sessions;
  CoreAuthenticator *authenticator;
  KvAdmission *admission;
  KvSoapGuard *guard;
  SoapServer *server;
  guint sweep_source;
};

void
kv_management_free (KvManagement *management)
{
  if (management == NULL)
    return;
  if (management->sweep_source != 0)
    g_source_remove (management->sweep_source);
  g_clear_pointer (&management->server, soap_server_free);
  g_clear_pointer (&management->guard, kv_soap_guard_free);
  g_clear_pointer (&management->admission, kv_admission_free);
  g_clear_pointer (&management->authenticator, core_authenticator_free);
  g_clear_pointer (&management->sessions, kv_sessions_free);
  g_clear_pointer (&management->users, st_user_store_free);
  g_clear_pointer (&management->user_database, st_database_free);
  g_free (management);
}

static gboolean
sweep_sessions (gpointer data)
{
  KvManagement *management = data;

  kv_sessions_sweep (management->sessions);
  return G_SOURCE_CONTINUE;
}

static gboolean
open_users (KvManagement *management, ApimNode *node, GError **error)
{
  const ApimConfig *config = node->config;

  management->user_database = st_database_open (apim_config_data_source (config, config->user_store.data_source),
                                                &config->limits, error);
  if (management->user_database == NULL)
    return FALSE;
  management->users = st_sql_user_store_new (management->user_database, &config->user_store);
  management->sessions
      = kv_sessions_new_of_node (config, management->users, management->user_database, node->clock, error);
  return management->sessions != NULL;
}

KvManagement *
kv_management_new (ApimNode *node, GError **error)
{
  const ApimConfig *config = node->config;
  g_autoptr (KvManagement) management = g_new0 (KvManagement, 1);

  if (!open_users (management, node, error))
    return NULL;
  management->authenticator = core_authenticator_new (management->users, &config->user_store, config->login_role,
                                                      node->lockout, node->clock);
  management->admission = kv_admission_new (management->authenticator, management->sessions, management->users,
                                            node->clock, config->limits.database_timeout_ms);
  management->guard = kv_soap_guard_new (management->admission, management->authenticator, management->sessions,
                                         management->users);
  management->server = soap_server_new (config, "management", kv_soap_guard_get (management->guard));
  soap_server_add (management->server, node->https, &kv_soap_authentication_admin, TRUE, management->guard);
  management->sweep_source = g_timeout_add_seconds (SWEEP_INTERVAL_S, sweep_sessions, management);
  node->soap_guard = kv_soap_guard_get (management->guard);
  node->tenants = &management->guard->tenants;
  return g_steal_pointer (&management);
}
