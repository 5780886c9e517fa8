#include "config.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "store/st-oauth-application.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

void
kv_oauth_issued_clear (KvOauthIssued *issued)
{
  st_oauth_token_free (issued->token);
  apim_secret_free (issued->text);
  apim_secret_free (issued->replaced);
  g_free (issued->subject);
  g_free (issued->nonce);
  memset (issued, 0, sizeof *issued);
}

static gboolean
is_application_token (const KvOauthIssue *issue)
{
  return strcmp (issue->user_type, ST_OAUTH_USER_TYPE_APPLICATION) == 0;
}

static gint64
access_validity_ms (const KvOauth *oauth, const KvOauthIssue *issue, gboolean as_user)
{
  if (as_user || !is_application_token (issue))
    return core_oauth_validity_ms (issue->asked_s, issue->client->user_token_s, oauth->config->user_token_validity_s);
  return core_oauth_validity_ms (issue->asked_s, issue->client->application_token_s,
                                 oauth->config->app_token_validity_s);
}

static gint64
refresh_validity_ms (const KvOauth *oauth, const StOauthClient *client)
{
  return core_oauth_validity_ms (CORE_OAUTH_UNASKED, client->refresh_token_s, oauth->config->refresh_token_validity_s);
}

/* 1.9 keeps no times of refresh tokens: what they would be now, from the issue of the access token. */
static void
complete_times (const KvOauth *oauth, const StOauthClient *client, StOauthToken *token)
{
  if (token->id != NULL)
    return;
  token->refresh_issued_ms = token->issued_ms;
  token->refresh_validity_ms = refresh_validity_ms (oauth, client);
}

gint64
kv_oauth_refresh_remaining_ms (const KvOauth *oauth, const StOauthClient *client, StOauthToken *token)
{
  complete_times (oauth, client, token);
  return core_oauth_remaining_ms (token->refresh_issued_ms, token->refresh_validity_ms, 0,
                                  apim_clock_wall_ms (oauth->stores.clock));
}

/* What there is for a request before anything is written. */
typedef struct
{
  StOauthForm form;
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
look (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, Situation *situation, GError **error)
{
  const StOauthTokenKey key = { issue->client, issue->user, issue->user_type, issue->scopes };
  StOauthToken *active;
  gint64 refresh_remaining_ms;

  if (!kv_oauth_form (oauth, writer, &situation->form, error)
      || !st_oauth_application_wants_jwt (writer, issue->client->key, &situation->jwt, error)
      || !st_oauth_token_find_active (writer, &situation->form, &key, &situation->active, error))
    return FALSE;
  situation->decision = CORE_OAUTH_NEW;
  active = situation->active;
  if (active == NULL)
    return TRUE;
  situation->remaining_ms = core_oauth_remaining_ms (active->issued_ms, active->validity_ms, 0,
                                                     apim_clock_wall_ms (oauth->stores.clock));
  refresh_remaining_ms = kv_oauth_refresh_remaining_ms (oauth, issue->client, active);
  situation->decision
      = core_oauth_issue (situation->remaining_ms, refresh_remaining_ms, active->refresh_token != NULL);
  return TRUE;
}

static void
answer_with_active (Situation *situation, KvOauthIssued *issued)
{
  issued->token = g_steal_pointer (&situation->active);
  issued->jwt = situation->jwt;
  issued->reused = TRUE;
  issued->expires_in_s = core_oauth_expires_in_s (situation->remaining_ms, TRUE);
}

/* With the refresh token, and its times, of @keep (nullable), or a new one. */
static StOauthToken *
make_token (const KvOauth *oauth, const KvOauthIssue *issue, gint64 validity_ms, const StOauthToken *keep)
{
  StOauthToken *token = st_oauth_token_new ();

  token->user = st_oauth_user_copy (issue->user);
  token->user_type = g_strdup (issue->user_type);
  token->grant_type = g_strdup (issue->grant_type);
  g_strfreev (token->scopes);
  token->scopes = g_strdupv ((char **) issue->scopes);
  token->issued_ms = apim_clock_wall_ms (oauth->stores.clock);
  token->validity_ms = validity_ms;
  token->refresh_token = keep != NULL ? g_strdup (keep->refresh_token) : apim_random_uuid ();
  token->refresh_issued_ms = keep != NULL ? keep->refresh_issued_ms : token->issued_ms;
  token->refresh_validity_ms = keep != NULL ? keep->refresh_validity_ms : refresh_validity_ms (oauth, issue->client);
  token->access_token = apim_random_uuid ();
  return token;
}

/* @token: (transfer full). @old: (nullable): whose place it took. */
static void
answer_with_new (StOauthToken *token, const StOauthToken *old, gboolean jwt, KvOauthIssued *issued)
{
  gint64 remaining_ms = token->validity_ms < 0 ? G_MAXINT64 : token->validity_ms;

  issued->token = token;
  issued->jwt = jwt;
  issued->expires_in_s = core_oauth_expires_in_s (remaining_ms, FALSE);
  issued->replaced = old != NULL ? g_strdup (old->access_token) : NULL;
}

gboolean
kv_oauth_issue_within (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, KvOauthIssued *issued,
                       GError **error)
{
  g_auto (Situation) situation = { .active = NULL };
  g_autoptr (StOauthToken) token = NULL;

  kv_oauth_issued_clear (issued);
  if (!look (oauth, writer, issue, &situation, error))
    return FALSE;
  if (situation.decision == CORE_OAUTH_REUSE)
    {
      answer_with_active (&situation, issued);
      return TRUE;
    }
  token = make_token (oauth, issue, access_validity_ms (oauth, issue, FALSE),
                      situation.decision == CORE_OAUTH_KEEP_REFRESH ? situation.active : NULL);
  if (!st_oauth_token_issue (writer, &situation.form, issue->client, token, situation.active, error))
    return FALSE;
  answer_with_new (g_steal_pointer (&token), situation.active, situation.jwt, issued);
  return TRUE;
}

gboolean
kv_oauth_renew_within (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, const StOauthToken *old,
                       KvOauthIssued *issued, GError **error)
{
  g_auto (Situation) situation = { .active = NULL };
  g_autoptr (StOauthToken) token = NULL;

  kv_oauth_issued_clear (issued);
  if (!look (oauth, writer, issue, &situation, error))
    return FALSE;
  /* With fewer scopes than @old there may be another token in the way. */
  if (situation.active != NULL && g_strcmp0 (situation.active->access_token, old->access_token) != 0
      && !st_oauth_token_expire (writer, situation.active, error))
    return FALSE;
  token = make_token (oauth, issue, access_validity_ms (oauth, issue, TRUE),
                      oauth->config->renew_refresh_token ? NULL : old);
  token->subject = g_strdup (old->subject);
  if (!st_oauth_token_refresh (writer, &situation.form, issue->client, token, old, error))
    return FALSE;
  answer_with_new (g_steal_pointer (&token), old, situation.jwt, issued);
  return TRUE;
}

/* One request, for the operations below. */
typedef struct
{
  KvOauth *oauth;
  const KvOauthIssue *issue;
  KvOauthIssued *issued;
} Job;

static gboolean
find_reusable (StWriter *writer, gpointer data, GError **error)
{
  Job *job = data;
  g_auto (Situation) situation = { .active = NULL };

  kv_oauth_issued_clear (job->issued);
  if (!look (job->oauth, writer, job->issue, &situation, error))
    return FALSE;
  if (situation.decision == CORE_OAUTH_REUSE)
    answer_with_active (&situation, job->issued);
  return TRUE;
}

static gboolean
issue_token (StWriter *writer, gpointer data, GError **error)
{
  Job *job = data;

  return kv_oauth_issue_within (job->oauth, writer, job->issue, job->issued, error);
}

gboolean
kv_oauth_issue (KvOauth *oauth, const KvOauthIssue *issue, KvOauthIssued *issued, GError **error)
{
  Job job = { oauth, issue, issued };

  if (kv_oauth_read (oauth, find_reusable, &job, error)
      && (issued->token != NULL || kv_oauth_write (oauth, issue_token, &job, error)))
    return kv_oauth_finish (oauth, issue, issued, error);
  kv_oauth_issued_clear (issued);
  return FALSE;
}

gboolean
kv_oauth_finish (KvOauth *oauth, const KvOauthIssue *issue, KvOauthIssued *issued, GError **error)
{
  kv_oauth_count (issued->reused ? &oauth->counters.reused : &oauth->counters.issued);
  if (issued->replaced != NULL)
    kv_oauth_forget_token (oauth, issued->replaced, issue->client->key);
  issued->subject = st_oauth_user_text (issue->user);
  issued->text = kv_oauth_token_text (oauth, issue->client, issue->user, issued->token, issued->jwt, error);
  return issued->text != NULL;
}

void
kv_oauth_forget_token (KvOauth *oauth, const char *access_token, const char *consumer_key)
{
  KvMemory *memory = oauth->stores.memory;
  char hex[APIM_SHA256_HEX_SIZE];

  if (memory != NULL && apim_sha256_hex (access_token, strlen (access_token), hex))
    kv_cache_invalidate (memory->cache, kv_memory_tag_token (memory, hex));
  if (oauth->gateways != NULL)
    kv_gateway_notifier_token_ended (oauth->gateways, access_token, consumer_key);
}

typedef struct
{
  KvOauth *oauth;
  const StOauthClient *client;
  const StOauthUser *user;
  GPtrArray *revoked; /* of StOauthToken */
} RevokeAll;

static gboolean
revoke_all (StWriter *writer, gpointer data, GError **error)
{
  RevokeAll *all = data;
  StOauthForm form;

  g_clear_pointer (&all->revoked, g_ptr_array_unref);
  return kv_oauth_form (all->oauth, writer, &form, error)
         && st_oauth_token_revoke_all (writer, &form, all->client, all->user,
                                       apim_clock_wall_ms (all->oauth->stores.clock), &all->revoked, error);
}

gboolean
kv_oauth_revoke_all (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, GPtrArray **revoked,
                     GError **error)
{
  RevokeAll all = { oauth, client, user, NULL };
  gboolean done = kv_oauth_write (oauth, revoke_all, &all, error);

  for (guint i = 0; done && i < all.revoked->len; i++)
    {
      kv_oauth_forget_token (oauth, ((StOauthToken *) g_ptr_array_index (all.revoked, i))->access_token, client->key);
      kv_oauth_count (&oauth->counters.revoked);
    }
  if (done && revoked != NULL)
    *revoked = g_steal_pointer (&all.revoked);
  g_clear_pointer (&all.revoked, g_ptr_array_unref);
  return done;
}
