#include "config.h"
#include "core/core-oauth.h"

#include "common/apim-saturate.h"
#include "common/apim-secret.h"

#include <openssl/sha.h>
#include <string.h>

#define LAST_SECOND_MS 1000
#define MAX_ASKED_S (G_MAXINT64 / 1000)
/* What the original answers for a token that never expires: Long.MAX_VALUE, and that in seconds when it is found again. */
#define NEVER_ISSUED_S G_MAXINT64
#define NEVER_REUSED_S (G_MAXINT64 / 1000)
#define MIN_VERIFIER 43
#define MAX_VERIFIER 128
#define CHALLENGE_S256_LENGTH 43
#define MAX_CALLBACK 128

gint64
core_oauth_remaining_ms (gint64 issued_ms, gint64 validity_ms, gint64 skew_ms, gint64 now_ms)
{
  gint64 remaining_ms;

  if (validity_ms < 0 || validity_ms == G_MAXINT64)
    return G_MAXINT64;
  remaining_ms = apim_subtract_saturated (apim_add_saturated (issued_ms, validity_ms),
                                          apim_subtract_saturated (now_ms, skew_ms));
  return remaining_ms > LAST_SECOND_MS ? remaining_ms : 0;
}

gint64
core_oauth_validity_ms (gint64 asked_s, gint64 client_s, gint64 server_s)
{
  gint64 validity_s = asked_s;

  if (asked_s == CORE_OAUTH_UNASKED || asked_s == 0)
    validity_s = client_s != 0 ? client_s : server_s;
  if (validity_s < 0)
    return CORE_OAUTH_NEVER_MS;
  return validity_s > MAX_ASKED_S ? CORE_OAUTH_NEVER_MS : validity_s * 1000;
}

gboolean
core_oauth_parse_validity (const char *text, gint64 *asked_s)
{
  *asked_s = CORE_OAUTH_UNASKED;
  if (text == NULL || *text == '\0')
    return TRUE;
  return g_ascii_string_to_signed (text, 10, -MAX_ASKED_S, MAX_ASKED_S, asked_s, NULL);
}

gint64
core_oauth_expires_in_s (gint64 remaining_ms, gboolean reused)
{
  if (remaining_ms == G_MAXINT64)
    return reused ? NEVER_REUSED_S : NEVER_ISSUED_S;
  return remaining_ms / 1000;
}

CoreOauthIssue
core_oauth_issue (gint64 access_remaining_ms, gint64 refresh_remaining_ms, gboolean has_refresh_token)
{
  if (access_remaining_ms > 0)
    return CORE_OAUTH_REUSE;
  return has_refresh_token && refresh_remaining_ms > 0 ? CORE_OAUTH_KEEP_REFRESH : CORE_OAUTH_NEW;
}

CoreOauthRefresh
core_oauth_refresh (const char *state, gboolean superseded, gint64 refresh_remaining_ms)
{
  if (superseded || (strcmp (state, "ACTIVE") != 0 && strcmp (state, "EXPIRED") != 0))
    return CORE_OAUTH_REFRESH_UNKNOWN;
  return refresh_remaining_ms > 0 ? CORE_OAUTH_REFRESH_OK : CORE_OAUTH_REFRESH_EXPIRED;
}

static gboolean
has_word (const char *words, const char *word)
{
  gsize length = strlen (word);

  for (const char *at = words; *at != '\0';)
    {
      gsize span = strcspn (at, " ");

      if (span == length && memcmp (at, word, length) == 0)
        return TRUE;
      at += span;
      at += strspn (at, " ");
    }
  return FALSE;
}

gboolean
core_oauth_client_may (const char *registered, const char *grant_type)
{
  if (registered == NULL || registered[strspn (registered, " ")] == '\0')
    return strcmp (grant_type, CORE_OAUTH_PASSWORD) != 0;
  return has_word (registered, grant_type)
         || (strcmp (grant_type, CORE_OAUTH_APPLICATION_TOKEN) == 0
             && has_word (registered, CORE_OAUTH_CLIENT_CREDENTIALS));
}

static gboolean
is_unreserved (const char *text, gsize minimum, gsize maximum)
{
  static const char unreserved[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~";
  gsize length = strlen (text);

  return length >= minimum && length <= maximum && strspn (text, unreserved) == length;
}

static gboolean
is_s256 (const char *method)
{
  return g_strcmp0 (method, "S256") == 0;
}

static gboolean
is_plain (const char *method)
{
  return method == NULL || *method == '\0' || strcmp (method, "plain") == 0;
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

CoreOauthPkce
core_oauth_check_challenge (const char *challenge, const char *method, gboolean mandatory, gboolean plain_allowed)
{
  if (is_empty (challenge))
    return mandatory || !is_empty (method) ? CORE_OAUTH_PKCE_MISSING : CORE_OAUTH_PKCE_OK;
  if (is_s256 (method))
    return is_unreserved (challenge, CHALLENGE_S256_LENGTH, CHALLENGE_S256_LENGTH) ? CORE_OAUTH_PKCE_OK
                                                                                   : CORE_OAUTH_PKCE_MALFORMED;
  if (!is_plain (method) || !plain_allowed)
    return CORE_OAUTH_PKCE_METHOD;
  return is_unreserved (challenge, MIN_VERIFIER, MAX_VERIFIER) ? CORE_OAUTH_PKCE_OK : CORE_OAUTH_PKCE_MALFORMED;
}

static gboolean
answers (const char *verifier, const char *challenge, const char *method)
{
  guint8 digest[SHA256_DIGEST_LENGTH];
  g_autofree char *hashed = NULL;
  const char *answer = verifier;

  if (is_s256 (method))
    {
      SHA256 ((const guint8 *) verifier, strlen (verifier), digest);
      answer = hashed = apim_base64url_encode (digest, sizeof digest);
    }
  return apim_secret_equal (answer, strlen (answer), challenge, strlen (challenge));
}

CoreOauthPkce
core_oauth_check_verifier (const char *challenge, const char *method, const char *verifier, gboolean mandatory,
                           gboolean plain_allowed)
{
  if (is_empty (challenge))
    {
      if (mandatory)
        return CORE_OAUTH_PKCE_MISSING;
      return is_empty (verifier) ? CORE_OAUTH_PKCE_OK : CORE_OAUTH_PKCE_UNEXPECTED;
    }
  if (!is_s256 (method) && !(is_plain (method) && plain_allowed))
    return CORE_OAUTH_PKCE_METHOD;
  if (is_empty (verifier))
    return CORE_OAUTH_PKCE_MISSING;
  if (!is_unreserved (verifier, MIN_VERIFIER, MAX_VERIFIER))
    return CORE_OAUTH_PKCE_MALFORMED;
  return answers (verifier, challenge, method) ? CORE_OAUTH_PKCE_OK : CORE_OAUTH_PKCE_MISMATCH;
}

gboolean
core_oauth_same_redirect (const char *registered, const char *asked)
{
  return !is_empty (registered) && g_strcmp0 (registered, asked) == 0;
}

gboolean
core_oauth_scopes_within (const char *const *asked, const char *const *granted)
{
  for (guint i = 0; asked[i] != NULL; i++)
    if (!g_strv_contains (granted, asked[i]))
      return FALSE;
  return TRUE;
}

/* RFC 6749 3.3: printable ASCII but for the quotation mark and the backslash. */
static gboolean
is_scope (const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\')
      return FALSE;
  return TRUE;
}

char **
core_oauth_parse_scopes (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", CORE_OAUTH_MAX_SCOPES * 2 + 1);
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (*words[i] == '\0' || g_ptr_array_find_with_equal_func (scopes, words[i], g_str_equal, NULL))
        continue;
      if (!is_scope (words[i]) || scopes->len == CORE_OAUTH_MAX_SCOPES)
        return NULL;
      g_ptr_array_add (scopes, g_strdup (words[i]));
    }
  g_ptr_array_add (scopes, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&scopes), FALSE);
}

gboolean
core_oauth_is_callback (const char *text)
{
  gboolean begins = TRUE;
  gsize length = strlen (text);

  if (length == 0 || length > MAX_CALLBACK)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];

      if (c == '.' ? begins : !(g_ascii_isalpha (c) || c == '_' || c == '$' || (!begins && g_ascii_isdigit (c))))
        return FALSE;
      begins = c == '.';
    }
  return !begins;
}
