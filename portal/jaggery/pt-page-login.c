/* user/login/ajax/login.jag of both sites. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-json.h"

static gboolean
log_in (PtPageCall *call, guint permissions, GError **error)
{
  const char *name = pt_fields_need (call->fields, "username", error);
  const char *password = pt_fields_raw (call->fields, "password");
  const char *tenant = pt_fields_get (call->fields, "tenant");
  g_autofree char *full_name
      = name != NULL && tenant != NULL ? g_strconcat (name, "@", tenant, NULL) : g_strdup (name);

  if (name == NULL)
    return FALSE;
  g_clear_pointer (&call->cookie, g_free);
  return pt_session_log_in (call->sessions, full_name, password != NULL ? password : "",
                            net_http_exchange_peer (call->exchange), permissions, &call->cookie, error);
}

static gboolean
log_in_publisher (PtPageCall *call, GError **error)
{
  return log_in (call, CORE_MAY_CREATE | CORE_MAY_PUBLISH, error);
}

static gboolean
log_in_store (PtPageCall *call, GError **error)
{
  return log_in (call, CORE_MAY_SUBSCRIBE, error);
}

static gboolean
log_out (PtPageCall *call, GError **error)
{
  g_free (call->cookie);
  call->cookie = pt_session_end ();
  return TRUE;
}

#define PAGE "user/login/ajax/login.jag"

const PtPageRow pt_publisher_page_login[] = {
  { PAGE, "login", NULL, 0, log_in_publisher },
  { PAGE, "logout", NULL, PT_PAGE_READS, log_out },
  { NULL },
};

const PtPageRow pt_store_page_login[] = {
  { PAGE, "login", NULL, 0, log_in_store },
  { PAGE, "logout", NULL, PT_PAGE_READS, log_out },
  { NULL },
};
