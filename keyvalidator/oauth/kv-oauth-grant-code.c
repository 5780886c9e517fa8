#include "config.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"

#include "common/apim-log.h"
#include "keyvalidator/oauth/kv-id-token.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-request.h"
#include "keyvalidator/oauth/kv-oauth-scopes.h"
#include "store/st-oauth-code.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

/* One exchange of a code. Whatever becomes of the code is committed, so a refusal is not the operation's error. */
typedef struct
{
  const KvOauthGrant *grant;
  const char *text;
  const char *redirect_uri;
  const char *verifier;
  StOauthCode *code; /* as found last */
  KvOauthIssue issue;
  KvOauthIssued *issued;
  GPtrArray *revoked; /* of StOauthToken: for a code that came again */
  GError *refusal;
} Exchange;

static void
exchange_clear (Exchange *exchange)
{
  st_oauth_code_free (exchange->code);
  g_clear_pointer (&exchange->revoked, g_ptr_array_unref);
  g_clear_error (&exchange->refusal);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Exchange, exchange_clear)

static gboolean
find_code (StWriter *writer, gpointer data, GError **error)
{
  Exchange *exchange = data;
  StOauthForm form;

  g_clear_pointer (&exchange->code, st_oauth_code_free);
  return kv_oauth_form (exchange->grant->oauth, writer, &form, error)
         && st_oauth_code_find (writer, &form, exchange->grant->client, exchange->text, &exchange->code, error);
}

static gboolean
revoke_one (StWriter *writer, Exchange *exchange, StOauthToken *token, GError **error)
{
  g_autoptr (StOauthToken) owned = token;

  if (token == NULL || strcmp (token->state, ST_OAUTH_REVOKED) == 0)
    return TRUE;
  if (!st_oauth_token_revoke (writer, token, error))
    return FALSE;
  g_ptr_array_add (exchange->revoked, g_steal_pointer (&owned));
  return TRUE;
}

/* Whether @token may have been had for @first: by refreshing it, with all of its scopes or some. */
static gboolean
may_follow (const StOauthToken *token, const StOauthToken *first)
{
  return token->issued_ms >= first->issued_ms && g_strcmp0 (token->user_type, first->user_type) == 0
         && core_oauth_scopes_within ((const char *const *) token->scopes, (const char *const *) first->scopes);
}

/* @candidate as it is now, with its scopes: revoking one may have ended others. */
static gboolean
revoke_follower (StWriter *writer, const StOauthForm *form, Exchange *exchange, const StOauthToken *first,
                 const StOauthToken *candidate, GError **error)
{
  g_autoptr (StOauthToken) token = NULL;

  if (!st_oauth_token_find_by_access (writer, form, candidate->access_token, &token, error))
    return FALSE;
  return token == NULL || !may_follow (token, first) || revoke_one (writer, exchange, g_steal_pointer (&token), error);
}

/* The token that was issued for the code, and what took its place since. In 1.9 a used code is gone. */
static gboolean
revoke_replayed (StWriter *writer, gpointer data, GError **error)
{
  Exchange *exchange = data;
  KvOauth *oauth = exchange->grant->oauth;
  const StOauthClient *client = exchange->grant->client;
  g_autoptr (StOauthToken) token = NULL;
  g_autoptr (GPtrArray) candidates = NULL;
  StOauthForm form;

  g_clear_pointer (&exchange->revoked, g_ptr_array_unref);
  exchange->revoked = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  if (exchange->code->token_id == NULL)
    return TRUE;
  if (!kv_oauth_form (oauth, writer, &form, error)
      || !st_oauth_token_find_by_id (writer, &form, exchange->code->token_id, &token, error))
    return FALSE;
  if (token == NULL || g_strcmp0 (token->consumer_key, client->key) != 0)
    return TRUE;
  if (!st_oauth_token_find_all (writer, &form, client, &token->user, apim_clock_wall_ms (oauth->stores.clock),
                                &candidates, error))
    return FALSE;
  for (guint i = 0; i < candidates->len; i++)
    if (!revoke_follower (writer, &form, exchange, token, candidates->pdata[i], error))
      return FALSE;
  return revoke_follower (writer, &form, exchange, token, token, error);
}

static gboolean
answer_replay (Exchange *exchange, GError **error)
{
  static ApimLogGate gate;
  KvOauth *oauth = exchange->grant->oauth;

  if (!kv_oauth_write (oauth, revoke_replayed, exchange, error))
    return FALSE;
  for (guint i = 0; i < exchange->revoked->len; i++)
    {
      kv_oauth_forget_token (oauth, ((StOauthToken *) g_ptr_array_index (exchange->revoked, i))->access_token,
                             exchange->grant->client->key);
      kv_oauth_count (&oauth->counters.revoked);
    }
  apim_log_limited (&gate, APIM_LOG_WARNING, "keyvalidator",
                    "an authorization code of OAuth client \"%s\" came again, from %s: the %u tokens that it was used for"
                    " are revoked",
                    exchange->grant->client->key, exchange->grant->peer, exchange->revoked->len);
  return kv_oauth_refuse_grant (error);
}

static gboolean
is_over (const Exchange *exchange)
{
  const StOauthCode *code = exchange->code;

  return core_oauth_remaining_ms (code->issued_ms, MAX (code->validity_ms, 0), 0,
                                  apim_clock_wall_ms (exchange->grant->oauth->stores.clock))
         == 0;
}

/* Nothing of why is told: to somebody with a stolen code it would be of use. */
static gboolean
is_good (const Exchange *exchange)
{
  const StOauthClient *client = exchange->grant->client;
  const StOauthCode *code = exchange->code;

  return strcmp (code->state, ST_OAUTH_CODE_ACTIVE) == 0 && !is_over (exchange)
         && core_oauth_same_redirect (code->callback_url, exchange->redirect_uri)
         && core_oauth_check_verifier (code->challenge, code->challenge_method, exchange->verifier,
                                       client->pkce_mandatory, client->pkce_support_plain)
                == CORE_OAUTH_PKCE_OK;
}

/* Found anew: another request may have used it since. */
static gboolean
use_code (StWriter *writer, gpointer data, GError **error)
{
  Exchange *exchange = data;

  kv_oauth_issued_clear (exchange->issued);
  g_clear_error (&exchange->refusal);
  if (!find_code (writer, exchange, error))
    return FALSE;
  if (exchange->code == NULL || !is_good (exchange))
    {
      kv_oauth_refuse_grant (&exchange->refusal);
      return TRUE;
    }
  return kv_oauth_issue_within (exchange->grant->oauth, writer, &exchange->issue, exchange->issued, error)
         && st_oauth_code_use (writer, exchange->code, exchange->issued->token->id, error);
}

static gboolean
expire_code (StWriter *writer, gpointer data, GError **error)
{
  Exchange *exchange = data;

  return find_code (writer, exchange, error)
         && (exchange->code == NULL || strcmp (exchange->code->state, ST_OAUTH_CODE_ACTIVE) != 0
             || st_oauth_code_expire (writer, exchange->code, error));
}

static gboolean
check_code (Exchange *exchange, GError **error)
{
  KvOauth *oauth = exchange->grant->oauth;

  if (!kv_oauth_read (oauth, find_code, exchange, error))
    return FALSE;
  if (exchange->code == NULL)
    return kv_oauth_refuse_grant (error);
  if (strcmp (exchange->code->state, ST_OAUTH_CODE_INACTIVE) == 0)
    return answer_replay (exchange, error);
  if (strcmp (exchange->code->state, ST_OAUTH_CODE_ACTIVE) == 0 && is_over (exchange)
      && !kv_oauth_write (oauth, expire_code, exchange, error))
    return FALSE;
  return (exchange->code != NULL && is_good (exchange)) || kv_oauth_refuse_grant (error);
}

/* The scopes are looked at again: the user may have lost a role, and a WSO2 node keeps what was asked for. */
static gboolean
run (Exchange *exchange, GError **error)
{
  const KvOauthGrant *grant = exchange->grant;
  g_auto (StOauthUser) user = { .name = NULL };
  g_autofree char *asked = NULL;
  g_auto (GStrv) scopes = NULL;

  if (!check_code (exchange, error) || !kv_oauth_check_user (grant->oauth, &exchange->code->user, TRUE, &user, error)
      || !kv_oauth_check_tenant (grant, user.tenant_id, error))
    return FALSE;
  asked = g_strjoinv (" ", exchange->code->scopes);
  if (!kv_oauth_grant_scopes (grant->oauth, grant->client, &user, asked, FALSE, &scopes, error))
    return FALSE;
  exchange->issue = (KvOauthIssue){ .client = grant->client,
                                    .user = &user,
                                    .user_type = ST_OAUTH_USER_TYPE_USER,
                                    .grant_type = grant->grant_type,
                                    .scopes = (const char *const *) scopes,
                                    .asked_s = CORE_OAUTH_UNASKED };
  if (!kv_oauth_write (grant->oauth, use_code, exchange, error))
    return FALSE;
  if (exchange->refusal != NULL && exchange->code != NULL
      && strcmp (exchange->code->state, ST_OAUTH_CODE_INACTIVE) == 0)
    return answer_replay (exchange, error); /* it was used between the two looks at it */
  if (exchange->refusal != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&exchange->refusal));
      return FALSE;
    }
  kv_id_token_code_read (exchange->text, &exchange->issued->nonce, &exchange->issued->auth_time_s);
  return kv_oauth_finish (grant->oauth, &exchange->issue, exchange->issued, error);
}

gboolean
kv_oauth_grant_code (const KvOauthGrant *grant, KvOauthIssued *issued, GError **error)
{
  g_auto (Exchange) exchange = { .grant = grant, .issued = issued };

  exchange.text = kv_oauth_request_need (grant->form, "code", error);
  if (exchange.text == NULL)
    return FALSE;
  exchange.redirect_uri = net_http_form_get (grant->form, "redirect_uri");
  exchange.verifier = net_http_form_get (grant->form, "code_verifier");
  return run (&exchange, error);
}
