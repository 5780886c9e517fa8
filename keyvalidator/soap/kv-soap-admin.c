#include "config.h"
#include "keyvalidator/soap/kv-soap-admin.h"

KvSoapAdmin *
kv_soap_admin_new (KvOauth *oauth, KvSoapGuard *guard, StDatabase *user_database, CoreRateLimit *sign_ups)
{
  KvSoapAdmin *admin = g_new0 (KvSoapAdmin, 1);
  const ApimConfig *config = oauth->config;

  admin->oauth = oauth;
  admin->guard = guard;
  admin->user_database = user_database;
  admin->config = config;
  admin->sign_ups = sign_ups;
  admin->server = soap_server_new (config, "keyvalidator", kv_soap_guard_get (guard));
  return admin;
}

void
kv_soap_admin_free (KvSoapAdmin *admin)
{
  if (admin == NULL)
    return;
  soap_server_free (admin->server);
  g_free (admin);
}

void
kv_soap_admin_set_limits (KvSoapAdmin *admin, const ApimLimits *limits)
{
  soap_server_set_limits (admin->server, limits);
}

void
kv_soap_admin_add_status (KvSoapAdmin *admin, ApimStatus *status)
{
  soap_server_add_status (admin->server, "soap_admin", status);
  apim_status_add (status, "soap_admin.sign_ups_held_up",
                   (gint64) __atomic_load_n (&admin->sign_ups_held_up, __ATOMIC_RELAXED));
}

void
kv_soap_admin_add_to (KvSoapAdmin *admin, NetHttpServer *http)
{
  static const SoapService *const services[]
      = { &kv_soap_user_admin, &kv_soap_user_store, &kv_soap_provider, &kv_soap_subscriber };

  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    soap_server_add (admin->server, http, services[i], FALSE, admin);
  soap_server_add (admin->server, http, &kv_soap_authentication_admin, TRUE, admin->guard);
  soap_server_add (admin->server, http, &kv_soap_user_registration, admin->config->anonymous_sign_up, admin);
}
