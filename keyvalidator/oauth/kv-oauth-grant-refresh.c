#include "config.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"

#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"

#include <string.h>

/* One refresh: looked at first without a transaction that writes, then done. */
typedef struct
{
  const KvOauthGrant *grant;
  const char *refresh_token;
  StOauthToken *old; /* as found last; it can be refreshed */
  KvOauthIssue issue;
  KvOauthIssued *issued;
} Refresh;

/* Of confidential clients, and there are no others here: a refresh token that was used comes mostly from a client that
 * lost an answer, so it is refused and nothing else (RFC 9700 4.14.2 asks more of public clients). */
static gboolean
find_old (StWriter *writer, gpointer data, GError **error)
{
  Refresh *refresh = data;
  KvOauth *oauth = refresh->grant->oauth;
  const StOauthClient *client = refresh->grant->client;
  g_autoptr (StOauthToken) old = NULL;
  gboolean superseded = FALSE;
  StOauthForm form;

  g_clear_pointer (&refresh->old, st_oauth_token_free);
  if (!kv_oauth_form (oauth, writer, &form, error)
      || !st_oauth_token_find_by_refresh (writer, &form, client, refresh->refresh_token, &old, error)
      || (old != NULL && !st_oauth_token_is_superseded (writer, &form, client, old, &superseded, error)))
    return FALSE;
  if (old == NULL)
    return kv_oauth_refuse_grant (error);
  switch (core_oauth_refresh (old->state, superseded, kv_oauth_refresh_remaining_ms (oauth, client, old)))
    {
    case CORE_OAUTH_REFRESH_OK:
      refresh->old = g_steal_pointer (&old);
      return TRUE;
    case CORE_OAUTH_REFRESH_EXPIRED:
      g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_REQUEST, "Refresh token is expired.");
      return FALSE;
    case CORE_OAUTH_REFRESH_UNKNOWN:
    default:
      return kv_oauth_refuse_grant (error);
    }
}

static gboolean
renew (StWriter *writer, gpointer data, GError **error)
{
  Refresh *refresh = data;

  kv_oauth_issued_clear (refresh->issued);
  return find_old (writer, refresh, error)
         && kv_oauth_renew_within (refresh->grant->oauth, writer, &refresh->issue, refresh->old, refresh->issued,
                                   error);
}

/* Those of the old token, or what is asked for of them (RFC 6749 6). */
static char **
choose_scopes (const KvOauthGrant *grant, const StOauthToken *old, GError **error)
{
  const char *text = net_http_form_get (grant->form, "scope");
  g_auto (GStrv) asked = core_oauth_parse_scopes (text);

  if (asked != NULL && asked[0] == NULL)
    return g_strdupv (old->scopes);
  if (asked != NULL && core_oauth_scopes_within ((const char *const *) asked, (const char *const *) old->scopes))
    return g_steal_pointer (&asked);
  g_set_error_literal (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_SCOPE, "Invalid Scope!");
  return NULL;
}

/* What of them is still the user's: he may have lost a role since, and the token of an administrator must not outlive his
 * office by being refreshed. */
static char **
grant_scopes (Refresh *refresh, const StOauthUser *user, GError **error)
{
  const KvOauthGrant *grant = refresh->grant;
  g_auto (GStrv) chosen = choose_scopes (grant, refresh->old, error);
  g_autofree char *asked = chosen != NULL ? g_strjoinv (" ", chosen) : NULL;
  char **granted = NULL;

  if (chosen == NULL)
    return NULL;
  kv_oauth_grant_scopes (
      grant->oauth, grant->client, user, asked,
      g_strv_contains ((const char *const *) chosen, grant->oauth->config->application_token_scope), &granted, error);
  return granted;
}

static gboolean
is_of_user (const StOauthToken *token)
{
  return g_strcmp0 (token->user_type, ST_OAUTH_USER_TYPE_USER) == 0;
}

static gboolean
run (Refresh *refresh, GError **error)
{
  KvOauth *oauth = refresh->grant->oauth;
  g_auto (StOauthUser) user = { .name = NULL };
  g_autofree char *user_type = NULL;
  g_auto (GStrv) scopes = NULL;

  if (!kv_oauth_read (oauth, find_old, refresh, error)
      || !kv_oauth_check_user (oauth, &refresh->old->user, is_of_user (refresh->old), &user, error)
      || !kv_oauth_check_tenant (refresh->grant, user.tenant_id, error))
    return FALSE;
  scopes = grant_scopes (refresh, &user, error);
  if (scopes == NULL)
    return FALSE;
  user_type = g_strdup (refresh->old->user_type);
  refresh->issue = (KvOauthIssue){ .client = refresh->grant->client,
                                   .user = &user,
                                   .user_type = user_type,
                                   .grant_type = refresh->grant->grant_type,
                                   .scopes = (const char *const *) scopes,
                                   .asked_s = CORE_OAUTH_UNASKED };
  return kv_oauth_write (oauth, renew, refresh, error)
         && kv_oauth_finish (oauth, &refresh->issue, refresh->issued, error);
}

gboolean
kv_oauth_grant_refresh (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error)
{
  Refresh refresh = { .grant = grant, .issued = issued };
  gboolean done;

  refresh.refresh_token = kv_oauth_request_need (grant->form, "refresh_token", error);
  done = refresh.refresh_token != NULL && run (&refresh, error);
  st_oauth_token_free (refresh.old);
  return done;
}
