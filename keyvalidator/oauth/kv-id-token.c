#include "config.h"
#include "keyvalidator/oauth/kv-id-token.h"

#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-jwt-token.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"

#include <string.h>

#define SHA256_SIZE 32
#define MAX_TEXT (20 + 1 + KV_ID_TOKEN_MAX_NONCE) /* the digits of a time, a colon and a nonce */

char *
kv_id_token_code (const char *random, const char *nonce, gint64 auth_time_s)
{
  g_autofree char *text
      = g_strdup_printf ("%" G_GINT64_FORMAT ":%s", auth_time_s, nonce != NULL ? nonce : "");
  g_autofree char *encoded = apim_base64url_encode ((const guint8 *)text, strlen (text));

  return g_strconcat (random, ".", encoded, NULL);
}

void
kv_id_token_code_read (const char *code, char **nonce, gint64 *auth_time_s)
{
  static const guint8 rest[] = { 0, 0, 1, 2 };
  const char *encoded = strchr (code, '.');
  gsize length = encoded != NULL ? strlen (++encoded) : 0;
  gsize size = length / 4 * 3 + rest[length % 4];
  char text[MAX_TEXT + 1] = "";
  char *colon;

  *nonce = NULL;
  *auth_time_s = 0;
  if (size > MAX_TEXT || length % 4 == 1 || !apim_base64url_decode (encoded, length, (guint8 *)text, size))
    return;
  colon = strchr (text, ':');
  if (colon == NULL)
    return;
  *colon = '\0';
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, auth_time_s, NULL) && colon[1] != '\0')
    *nonce = g_strdup (colon + 1);
}

/* The left half of the hash, whatever the algorithm of ours: RS256 and ES256 both have SHA-256. */
static char *
access_token_hash (const char *access_token)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[SHA256_SIZE];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *)access_token, -1);
  g_checksum_get_digest (checksum, digest, &length);
  return apim_base64url_encode (digest, length / 2);
}

static char *
make_claims (const KvIdTokenRequest *request)
{
  GString *json = kv_oauth_json_begin ();
  g_autofree char *hash = access_token_hash (request->access_token);

  kv_oauth_json_text (json, "iss", request->issuer);
  kv_oauth_json_text (json, "sub", request->subject);
  kv_oauth_json_text (json, "aud", request->client_id);
  kv_oauth_json_text (json, "azp", request->client_id);
  kv_oauth_json_number (json, "exp", request->now_s + request->validity_s);
  kv_oauth_json_number (json, "iat", request->now_s);
  if (request->auth_time_s > 0)
    kv_oauth_json_number (json, "auth_time", request->auth_time_s);
  kv_oauth_json_text (json, "nonce", request->nonce);
  kv_oauth_json_text (json, "at_hash", hash);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

char *
kv_id_token_make (const CoreJwtKeys *keys, const KvIdTokenRequest *request, GError **error)
{
  g_autofree char *claims = make_claims (request);

  return kv_jwt_token_sign (keys, claims, error);
}
