#include "config.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-token-text.h"
#include "store/st-oauth-token-writes.h"

#include <string.h>

/* With the form of this database. */
static gboolean
make_issuer (KvOauth *oauth, StWriter *writer, CoreTokenIssuer *issuer, GError **error)
{
  issuer->config = oauth->config;
  issuer->clock = oauth->stores.clock;
  return kv_oauth_form (oauth, writer, &issuer->form, error);
}

gint64
kv_oauth_refresh_remaining_ms (const KvOauth *oauth, const StOauthClient *client, StOauthToken *token)
{
  const CoreTokenIssuer issuer = { .config = oauth->config, .clock = oauth->stores.clock };

  return core_token_refresh_remaining_ms (&issuer, client, token);
}

gboolean
kv_oauth_issue_within (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, KvOauthIssued *issued,
                       GError **error)
{
  CoreTokenIssuer issuer;

  return make_issuer (oauth, writer, &issuer, error) && core_token_issue (&issuer, writer, issue, issued, error);
}

gboolean
kv_oauth_renew_within (KvOauth *oauth, StWriter *writer, const KvOauthIssue *issue, const StOauthToken *old,
                       KvOauthIssued *issued, GError **error)
{
  CoreTokenIssuer issuer;

  return make_issuer (oauth, writer, &issuer, error) && core_token_renew (&issuer, writer, issue, old, issued, error);
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
  CoreTokenIssuer issuer;

  return make_issuer (job->oauth, writer, &issuer, error)
         && core_token_find (&issuer, writer, job->issue, job->issued, error);
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
  kv_oauth_forget_shown (oauth, access_token, NULL, consumer_key);
}

void
kv_oauth_forget_shown (KvOauth *oauth, const char *access_token, const char *shown, const char *consumer_key)
{
  KvMemory *memory = oauth->stores.memory;
  char hex[APIM_SHA256_HEX_SIZE];

  if (memory != NULL && apim_sha256_hex (access_token, strlen (access_token), hex))
    kv_cache_invalidate (memory->cache, kv_memory_tag_token (memory, hex));
  if (oauth->node != NULL && oauth->node->token_ended != NULL)
    oauth->node->token_ended (oauth->node->token_ended_data, shown != NULL ? shown : access_token);
  if (oauth->gateways != NULL)
    kv_gateway_notifier_token_ended (oauth->gateways, access_token,
                                     g_strcmp0 (shown, access_token) != 0 ? shown : NULL, consumer_key);
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
