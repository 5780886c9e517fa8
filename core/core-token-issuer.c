#include "config.h"
#include "core/core-token-issuer.h"

#include "common/apim-secret.h"
#include "core/core-oauth.h"
#include "store/st-oauth-application.h"

#include <string.h>

void
core_token_issued_clear (CoreTokenIssued *issued)
{
  st_oauth_token_free (issued->token);
  apim_secret_free (issued->text);
  apim_secret_free (issued->replaced);
  g_free (issued->subject);
  g_free (issued->nonce);
  memset (issued, 0, sizeof *issued);
}

static gboolean
is_application_token (const CoreTokenRequest *request)
{
  return strcmp (request->user_type, ST_OAUTH_USER_TYPE_APPLICATION) == 0;
}

static gint64
access_validity_ms (const CoreTokenIssuer *issuer, const CoreTokenRequest *request, gboolean as_user)
{
  if (as_user || !is_application_token (request))
    return core_oauth_validity_ms (request->asked_s, request->client->user_token_s, issuer->config->user_token_validity_s);
  return core_oauth_validity_ms (request->asked_s, request->client->application_token_s,
                                 issuer->config->app_token_validity_s);
}

static gint64
refresh_validity_ms (const CoreTokenIssuer *issuer, const StOauthClient *client)
{
  return core_oauth_validity_ms (CORE_OAUTH_UNASKED, client->refresh_token_s, issuer->config->refresh_token_validity_s);
}

/* 1.9 keeps no times of refresh tokens: what they would be now, from the issue of the access token. */
static void
complete_times (const CoreTokenIssuer *issuer, const StOauthClient *client, StOauthToken *token)
{
  if (token->id != NULL)
    return;
  token->refresh_issued_ms = token->issued_ms;
  token->refresh_validity_ms = refresh_validity_ms (issuer, client);
}

gint64
core_token_refresh_remaining_ms (const CoreTokenIssuer *issuer, const StOauthClient *client, StOauthToken *token)
{
  complete_times (issuer, client, token);
  return core_oauth_remaining_ms (token->refresh_issued_ms, token->refresh_validity_ms, 0,
                                  apim_clock_wall_ms (issuer->clock));
}

/* What there is for a request before anything is written. */
typedef struct
{
  StOauthToken *active; /* nullable */
  gboolean jwt;         /* the application's tokens are JWTs */
  CoreOauthIssue decision;
  gint64 remaining_ms; /* of the active one */
} Situation;

static void
situation_clear (Situation *situation)
{
  st_oauth_token_free (situation->active);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Situation, situation_clear)

static gboolean
look (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request, Situation *situation, GError **error)
{
  const StOauthTokenKey key = { request->client, request->user, request->user_type, request->scopes };
  StOauthToken *active;
  gint64 refresh_remaining_ms;

  if (!st_oauth_application_wants_jwt (writer, request->client->key, &situation->jwt, error)
      || !st_oauth_token_find_active (writer, &issuer->form, &key, &situation->active, error))
    return FALSE;
  situation->decision = CORE_OAUTH_NEW;
  active = situation->active;
  if (active == NULL)
    return TRUE;
  situation->remaining_ms = core_oauth_remaining_ms (active->issued_ms, active->validity_ms, 0,
                                                     apim_clock_wall_ms (issuer->clock));
  refresh_remaining_ms = core_token_refresh_remaining_ms (issuer, request->client, active);
  situation->decision
      = core_oauth_issue (situation->remaining_ms, refresh_remaining_ms, active->refresh_token != NULL);
  return TRUE;
}

static void
answer_with_active (Situation *situation, CoreTokenIssued *issued)
{
  issued->token = g_steal_pointer (&situation->active);
  issued->jwt = situation->jwt;
  issued->reused = TRUE;
  issued->expires_in_s = core_oauth_expires_in_s (situation->remaining_ms, TRUE);
}

/* With the refresh token, and its times, of @keep (nullable), or a new one. */
static StOauthToken *
make_token (const CoreTokenIssuer *issuer, const CoreTokenRequest *request, gint64 validity_ms, const StOauthToken *keep)
{
  StOauthToken *token = st_oauth_token_new ();

  token->user = st_oauth_user_copy (request->user);
  token->user_type = g_strdup (request->user_type);
  token->grant_type = g_strdup (request->grant_type);
  g_strfreev (token->scopes);
  token->scopes = g_strdupv ((char **) request->scopes);
  token->issued_ms = apim_clock_wall_ms (issuer->clock);
  token->validity_ms = validity_ms;
  token->refresh_token = keep != NULL ? g_strdup (keep->refresh_token) : apim_random_uuid ();
  token->refresh_issued_ms = keep != NULL ? keep->refresh_issued_ms : token->issued_ms;
  token->refresh_validity_ms = keep != NULL ? keep->refresh_validity_ms : refresh_validity_ms (issuer, request->client);
  token->access_token = apim_random_uuid ();
  return token;
}

/* @token: (transfer full). @old: (nullable): whose place it took. */
static void
answer_with_new (StOauthToken *token, const StOauthToken *old, gboolean jwt, CoreTokenIssued *issued)
{
  gint64 remaining_ms = token->validity_ms < 0 ? G_MAXINT64 : token->validity_ms;

  issued->token = token;
  issued->jwt = jwt;
  issued->expires_in_s = core_oauth_expires_in_s (remaining_ms, FALSE);
  issued->replaced = old != NULL ? g_strdup (old->access_token) : NULL;
}

gboolean
core_token_find (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request,
                 CoreTokenIssued *issued, GError **error)
{
  g_auto (Situation) situation = { .active = NULL };

  core_token_issued_clear (issued);
  if (!look (issuer, writer, request, &situation, error))
    return FALSE;
  if (situation.decision == CORE_OAUTH_REUSE)
    answer_with_active (&situation, issued);
  return TRUE;
}

gboolean
core_token_issue (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request, CoreTokenIssued *issued,
                       GError **error)
{
  g_auto (Situation) situation = { .active = NULL };
  g_autoptr (StOauthToken) token = NULL;

  core_token_issued_clear (issued);
  if (!look (issuer, writer, request, &situation, error))
    return FALSE;
  if (situation.decision == CORE_OAUTH_REUSE)
    {
      answer_with_active (&situation, issued);
      return TRUE;
    }
  token = make_token (issuer, request, access_validity_ms (issuer, request, FALSE),
                      situation.decision == CORE_OAUTH_KEEP_REFRESH ? situation.active : NULL);
  if (!st_oauth_token_issue (writer, &issuer->form, request->client, token, situation.active, error))
    return FALSE;
  answer_with_new (g_steal_pointer (&token), situation.active, situation.jwt, issued);
  return TRUE;
}

gboolean
core_token_renew (const CoreTokenIssuer *issuer, StWriter *writer, const CoreTokenRequest *request, const StOauthToken *old,
                       CoreTokenIssued *issued, GError **error)
{
  g_auto (Situation) situation = { .active = NULL };
  g_autoptr (StOauthToken) token = NULL;

  core_token_issued_clear (issued);
  if (!look (issuer, writer, request, &situation, error))
    return FALSE;
  /* With fewer scopes than @old there may be another token in the way. */
  if (situation.active != NULL && g_strcmp0 (situation.active->access_token, old->access_token) != 0
      && !st_oauth_token_expire (writer, situation.active, error))
    return FALSE;
  token = make_token (issuer, request, access_validity_ms (issuer, request, TRUE),
                      issuer->config->renew_refresh_token ? NULL : old);
  token->subject = g_strdup (old->subject);
  if (!st_oauth_token_refresh (writer, &issuer->form, request->client, token, old, error))
    return FALSE;
  answer_with_new (g_steal_pointer (&token), old, situation.jwt, issued);
  return TRUE;
}
