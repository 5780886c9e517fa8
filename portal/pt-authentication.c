#include "config.h"
#include "portal/pt-authentication.h"

#include "core/core-oauth.h"
#include "net/net-http-credentials.h"
#include "portal/pt-error.h"
#include "store/st-oauth-application.h"

static gboolean
refuse (GError **error)
{
  return pt_fail (error, PT_ERROR_INVALID_TOKEN,
                  "Access failure: the access token is unknown, revoked or at its end. Log in again.");
}

typedef struct
{
  const char *consumer_key;
  gboolean jwt;
} Application;

static gboolean
read_kind (StWriter *writer, gpointer data, GError **error)
{
  Application *application = data;

  return st_oauth_application_wants_jwt (writer, application->consumer_key, &application->jwt, error);
}

/* When the token is no good any more: G_MAXINT64: never; 0: it is no good already. */
static gint64
end_of (const PtPortal *portal, const StToken *token)
{
  gint64 now_ms = apim_clock_wall_ms (portal->node->clock);
  gint64 remaining_ms = core_oauth_remaining_ms (token->issued_ms, token->validity_ms,
                                                 portal->config->timestamp_skew_ms, now_ms);

  if (remaining_ms <= 0)
    return 0;
  return remaining_ms >= G_MAXINT64 - now_ms ? G_MAXINT64 : now_ms + remaining_ms;
}

/* The user must still be there where this node can know: one of the user database (spec/databases.md 6.3). */
static gboolean
find_user (PtPortal *portal, const StToken *token, StTenant **tenant, GError **error)
{
  gint64 deadline_us = pt_portal_deadline (portal);
  g_autoptr (StTenant) found = NULL;
  g_autoptr (StUser) user = NULL;

  if (!st_user_store_find_tenant_by_id (portal->users, token->tenant_id, deadline_us, &found, error))
    return FALSE;
  if (found == NULL || !found->active)
    return refuse (error);
  if (g_str_equal (token->user_domain, ST_PRIMARY_USER_DOMAIN))
    {
      if (!st_user_store_find_user (portal->users, token->tenant_id, token->user_name, deadline_us, &user,
                                    error))
        return FALSE;
      if (user == NULL)
        return refuse (error);
    }
  *tenant = g_steal_pointer (&found);
  return TRUE;
}

static gboolean
load_caller (PtPortal *portal, const StToken *token, gint64 end_ms, PtCaller **caller, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  Application application = { token->consumer_key, FALSE };
  CoreActor *actor;

  /* An application of self-contained tokens has no opaque ones (spec/decisions.md 6). */
  if (!st_read (portal->api_database, read_kind, &application, pt_portal_deadline (portal), error))
    return FALSE;
  if (application.jwt)
    return refuse (error);
  if (!find_user (portal, token, &tenant, error))
    return FALSE;
  actor = core_actor_load (portal->users, token->user_domain, token->user_name, tenant,
                           pt_portal_deadline (portal), error);
  if (actor == NULL)
    return FALSE;
  *caller = pt_caller_new (actor, g_strdupv (token->scopes), g_strdup (token->consumer_key), end_ms);
  return TRUE;
}

static gboolean
look_up (PtPortal *portal, NetHttpText text, PtCaller **caller, GError **error)
{
  gint64 from_ms = apim_clock_wall_ms (portal->node->clock);
  g_autoptr (StToken) token = NULL;
  gint64 end_ms;

  if (!st_key_store_find_token (portal->keys, text.text, text.length, pt_portal_deadline (portal), &token,
                                error))
    return FALSE;
  if (token == NULL)
    return refuse (error);
  end_ms = end_of (portal, token);
  if (end_ms == 0)
    return refuse (error);
  if (!load_caller (portal, token, end_ms, caller, error))
    return FALSE;
  pt_token_memory_remember (portal->tokens, text.text, text.length, *caller, from_ms);
  return TRUE;
}

gboolean
pt_authenticate (PtPortal *portal, const NetHttpRequest *request, PtCaller **caller, GError **error)
{
  NetHttpText text;

  *caller = NULL;
  switch (net_http_request_bearer (request, &text))
    {
    case NET_HTTP_CREDENTIALS_NONE:
      return TRUE;
    case NET_HTTP_CREDENTIALS_MALFORMED:
      return refuse (error);
    default:
      break;
    }
  *caller = pt_token_memory_recall (portal->tokens, text.text, text.length);
  return *caller != NULL || look_up (portal, text, caller, error);
}

gboolean
pt_caller_require_scope (const PtCaller *caller, const char *scope, GError **error)
{
  if (scope == NULL)
    return TRUE;
  if (caller == NULL)
    return pt_fail (
        error, PT_ERROR_NO_TOKEN,
        "Required OAuth credentials not provided. Make sure your API invocation call has a header: "
        "\"Authorization: Bearer ACCESS_TOKEN\"");
  if (g_strv_contains ((const char *const *)caller->scopes, scope))
    return TRUE;
  return pt_fail (error, PT_ERROR_SCOPE, "The access token does not have the scope \"%s\".", scope);
}

gboolean
pt_load_actor (PtPortal *portal, const StUser *user, CoreActor **actor, GError **error)
{
  gint64 deadline_us = pt_portal_deadline (portal);
  g_autoptr (StTenant) tenant = NULL;

  *actor = NULL;
  if (!st_user_store_find_tenant_by_id (portal->users, user->tenant_id, deadline_us, &tenant, error))
    return FALSE;
  if (tenant == NULL || !tenant->active)
    return TRUE;
  *actor = core_actor_load (portal->users, NULL, user->name, tenant, deadline_us, error);
  return *actor != NULL;
}

gboolean
pt_check_password (PtPortal *portal, CoreAuthenticator *authenticator, const char *user_name,
                   const char *password, const char *peer, StUser **user, GError **error)
{
  *user = NULL;
  if (core_authenticator_login (authenticator, user_name, -1, password, -1, peer, pt_portal_deadline (portal),
                                user)
      != CORE_LOGIN_STORE_FAILED)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "the user store could not say who the user is");
  return FALSE;
}

gboolean
pt_authenticate_password (PtPortal *portal, CoreAuthenticator *authenticator, const char *user_name,
                          const char *password, const char *peer, CoreActor **actor, GError **error)
{
  g_autoptr (StUser) user = NULL;

  *actor = NULL;
  return pt_check_password (portal, authenticator, user_name, password, peer, &user, error)
         && (user == NULL || pt_load_actor (portal, user, actor, error));
}
