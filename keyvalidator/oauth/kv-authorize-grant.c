#include "config.h"
#include "keyvalidator/oauth/kv-authorize-grant.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-id-token.h"
#include "keyvalidator/oauth/kv-oauth-issuer.h"
#include "store/st-oauth-code.h"

#define CODE_LENGTH 40 /* about 238 bits */
#define GRANT_IMPLICIT "implicit"

G_STATIC_ASSERT (CORE_SEALED_NONCE_SIZE == 16);

/* Random bytes in the form of a UUID of version 4, as the column holds with every writer. */
static char *
make_code_id (const guint8 *nonce)
{
  GString *id = g_string_sized_new (36);

  for (guint i = 0; i < CORE_SEALED_NONCE_SIZE; i++)
    {
      guint8 byte = i == 6 ? (nonce[i] & 0x0f) | 0x40 : i == 8 ? (nonce[i] & 0x3f) | 0x80 : nonce[i];

      g_string_append_printf (id, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", byte);
    }
  return g_string_free (id, FALSE);
}

typedef struct
{
  KvOauth *oauth;
  const StOauthClient *client;
  const StOauthCode *code;
} Insertion;

static gboolean
insert_code (StWriter *writer, gpointer data, GError **error)
{
  const Insertion *insertion = data;
  StOauthForm form;

  return kv_oauth_form (insertion->oauth, writer, &form, error)
         && st_oauth_code_insert (writer, &form, insertion->client, insertion->code, error);
}

static char *
grant_code (KvOauth *oauth, const KvAuthorizeGrant *grant, GError **error)
{
  const KvAuthorizeRequest *request = grant->request;
  g_autoptr (StOauthCode) code = st_oauth_code_new ();
  Insertion insertion = { oauth, request->client, code };
  g_auto (ApimSecretText) random = NULL;

  g_free (code->id);
  code->id = make_code_id (grant->nonce);
  random = apim_random_text (CODE_LENGTH, error);
  if (random == NULL)
    return NULL;
  code->code = g_strv_contains (grant->scopes, KV_ID_TOKEN_SCOPE)
                   ? kv_id_token_code (random, request->nonce, grant->login_ms / 1000)
                   : g_strdup (random);
  code->user = st_oauth_user_copy (grant->user);
  code->callback_url = g_strdup (request->target);
  g_strfreev (code->scopes);
  code->scopes = g_strdupv ((char **) grant->scopes);
  code->issued_ms = apim_clock_wall_ms (oauth->stores.clock);
  code->validity_ms = oauth->config->code_validity_s * 1000;
  code->challenge = g_strdup (request->challenge);
  code->challenge_method = g_strdup (request->challenge_method);
  /* Not kv_oauth_write(): a conflict is an answer here. */
  if (!st_write (oauth->database, insert_code, &insertion, kv_oauth_deadline (oauth), error))
    return NULL;
  return core_redirect_make (request->target, request->part, "code", code->code, "state", request->state, "iss",
                             grant->issuer, NULL);
}

static char *
grant_token (KvOauth *oauth, const KvAuthorizeGrant *grant, GError **error)
{
  const KvAuthorizeRequest *request = grant->request;
  g_auto (KvOauthIssued) issued = { NULL };
  g_autofree char *scope = g_strjoinv (" ", (char **) grant->scopes);
  g_autofree char *expires_in = NULL;
  KvOauthIssue issue = {
    .client = request->client,
    .user = grant->user,
    .user_type = ST_OAUTH_USER_TYPE_USER,
    .grant_type = GRANT_IMPLICIT,
    .scopes = grant->scopes,
    .asked_s = CORE_OAUTH_UNASKED,
  };

  if (!kv_oauth_issue (oauth, &issue, &issued, error))
    return NULL;
  expires_in = g_strdup_printf ("%" G_GINT64_FORMAT, issued.expires_in_s);
  return core_redirect_make (request->target, request->part, "access_token", issued.text, "token_type",
                             "Bearer", "expires_in", expires_in, "scope", scope, "state", request->state, "iss",
                             grant->issuer, NULL);
}

char *
kv_authorize_grant (KvOauth *oauth, const KvAuthorizeGrant *grant, GError **error)
{
  return grant->request->implicit ? grant_token (oauth, grant, error) : grant_code (oauth, grant, error);
}
