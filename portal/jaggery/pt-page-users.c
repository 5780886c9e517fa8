/* sign-up and user-info of the Store: accounts of strangers, and passwords. Neither needs a session: who
 * signs up has none, and who changes a password shows the present one. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "common/apim-log.h"
#include "core/core-json.h"
#include "core/core-rate-limit.h"
#include "core/core-user.h"
#include "portal/pt-error.h"

/* So many accounts an hour, with every try that reaches the user store. */
static gboolean
check_rate (PtPageCall *call, GError **error)
{
  static ApimLogGate gate;
  const char *peer = net_http_exchange_peer (call->exchange);
  gint64 early_ms = core_rate_limit_take_ms (call->portal->node->sign_ups, peer);
  gint64 early_s = (early_ms + 999) / 1000;
  g_autofree char *retry_after = NULL;

  if (early_ms == 0)
    return TRUE;
  pt_portal_count (&call->portal->counters.sign_ups_held_up);
  apim_log_limited (&gate, APIM_LOG_WARNING, "portal",
                    "sign-up from %s held up: too many accounts are being made (Limits/SignUpsPerAddress, "
                    "SignUpsPerHour)",
                    peer);
  retry_after = g_strdup_printf ("%" G_GINT64_FORMAT, early_s);
  net_http_exchange_add_header (call->exchange, "Retry-After", retry_after);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                           "Too many accounts are being made: try again in %" G_GINT64_FORMAT " s.", early_s);
}

/* A password may begin and end with blanks. */
static const char *
need_password (PtPageCall *call, const char *field, GError **error)
{
  const char *password = pt_fields_raw (call->fields, field);

  if (password != NULL && *password != '\0')
    return password;
  pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"%s\" is missing.", field);
  return NULL;
}

/* allFieldsValues: first name, last name and e-mail address, with "|" between; what follows is not kept. */
static gboolean
add_user (PtPageCall *call, GError **error)
{
  const char *name = pt_fields_need (call->fields, "username", error);
  const char *password = name != NULL ? need_password (call, "password", error) : NULL;
  const char *values = pt_fields_get (call->fields, "allFieldsValues");
  g_auto (GStrv) claims = g_strsplit (values != NULL ? values : "", "|", -1);
  guint n = g_strv_length (claims);
  const CoreSignUp sign_up = { .name = name,
                               .password = password,
                               .first_name = n > 0 ? claims[0] : NULL,
                               .last_name = n > 1 ? claims[1] : NULL,
                               .email = n > 2 ? claims[2] : NULL };
  gboolean waits;

  if (password == NULL || !check_rate (call, error)
      || !core_user_sign_up (&call->portal->core, &sign_up, &waits, error))
    return FALSE;
  core_json_append_boolean (call->json, "showWorkflowTip", waits);
  return TRUE;
}

/* It ends the sessions of the user, this one too. */
static gboolean
change_password (PtPageCall *call, GError **error)
{
  const char *name = pt_fields_need (call->fields, "username", error);
  const char *old = name != NULL ? need_password (call, "currentPassword", error) : NULL;
  const char *new = old != NULL ? need_password (call, "newPassword", error) : NULL;
  g_autoptr (StUser) user = NULL;

  if (new == NULL
      || !pt_session_check_password (call->sessions, name, old, net_http_exchange_peer (call->exchange),
                                     &user, error))
    return FALSE;
  if (user == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN,
                             "The current password is wrong, or there were too many tries.");
  return core_user_set_password (&call->portal->core, user, new, error);
}

const PtPageRow pt_store_page_users[] = {
  { "user/sign-up/ajax/user-add.jag", "addUser", NULL, 0, add_user },
  { "user/user-info/ajax/user-info.jag", "changePassword", NULL, 0, change_password },
  { NULL },
};
