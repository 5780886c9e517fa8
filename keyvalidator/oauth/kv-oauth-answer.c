#include "config.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"

#include "common/apim-log.h"
#include "common/apim-secret.h"
#include "core/core-json.h"

#include <string.h>

G_DEFINE_QUARK (kv-oauth-error-quark, kv_oauth_error)

#define JSON_TYPE "application/json"

typedef enum
{
  CHALLENGE_NONE,
  CHALLENGE_BASIC,
  CHALLENGE_BEARER,
} Challenge;

typedef struct
{
  guint status;
  const char *name;
  Challenge challenge;
} ErrorRow;

static const ErrorRow rows[KV_OAUTH_N_ERRORS] = {
  [KV_OAUTH_ERROR_INVALID_REQUEST] = { 400, "invalid_request", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_INVALID_CLIENT] = { 401, "invalid_client", CHALLENGE_BASIC },
  [KV_OAUTH_ERROR_INVALID_GRANT] = { 400, "invalid_grant", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_UNAUTHORIZED_CLIENT] = { 400, "unauthorized_client", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_INVALID_SCOPE] = { 400, "invalid_scope", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE] = { 400, "unsupported_grant_type", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE] = { 400, "unsupported_response_type", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_ACCESS_DENIED] = { 403, "access_denied", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_INVALID_TOKEN] = { 401, "invalid_token", CHALLENGE_BEARER },
  [KV_OAUTH_ERROR_INSUFFICIENT_SCOPE] = { 403, "insufficient_scope", CHALLENGE_BEARER },
  [KV_OAUTH_ERROR_TOO_LARGE] = { 413, "invalid_request", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_METHOD] = { 405, "invalid_request", CHALLENGE_NONE },
  [KV_OAUTH_ERROR_SERVER_ERROR] = { 500, "server_error", CHALLENGE_BASIC },
};

static const ErrorRow *
row_of (const GError *error)
{
  gboolean ours = error->domain == KV_OAUTH_ERROR && error->code >= 0 && error->code < KV_OAUTH_N_ERRORS;

  return &rows[ours ? error->code : KV_OAUTH_ERROR_SERVER_ERROR];
}

const char *
kv_oauth_error_name (const GError *error)
{
  return row_of (error)->name;
}

const char *
kv_oauth_error_description (const GError *error)
{
  return error->domain == KV_OAUTH_ERROR ? error->message : "Internal Server Error.";
}

guint
kv_oauth_error_status (const GError *error)
{
  return row_of (error)->status;
}

/* RFC 6749 5.2 and RFC 6750 3 allow the same characters. */
static char *
printable (const char *text)
{
  char *copy = g_strdup (text);

  for (char *at = copy; *at != '\0'; at++)
    if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
      *at = '?';
  return copy;
}

void
kv_oauth_forbid_caching (NetHttpExchange *exchange)
{
  net_http_exchange_add_header (exchange, "Cache-Control", "no-store");
  net_http_exchange_add_header (exchange, "Pragma", "no-cache");
}

GString *
kv_oauth_json_begin (void)
{
  return g_string_new ("{");
}

void
kv_oauth_json_text (GString *json, const char *name, const char *text)
{
  if (text == NULL)
    return;
  core_json_append_member (json, name, text);
}

void
kv_oauth_json_number (GString *json, const char *name, gint64 number)
{
  core_json_append_int64 (json, name, number);
}

void
kv_oauth_json_boolean (GString *json, const char *name, gboolean value)
{
  core_json_append_boolean (json, name, value);
}

void
kv_oauth_json_words (GString *json, const char *name, const char *const *words)
{
  g_autofree char *text = g_strjoinv (" ", (char **) words);

  kv_oauth_json_text (json, name, text);
}

void
kv_oauth_answer_json (NetHttpExchange *exchange, GString *json)
{
  g_string_append_c (json, '}');
  kv_oauth_forbid_caching (exchange);
  net_http_respond (exchange, 200, JSON_TYPE, json->str, json->len);
  apim_secret_free (g_string_free (json, FALSE));
}

void
kv_oauth_answer_token (NetHttpExchange *exchange, const char *access_token, const char *refresh_token,
                       const char *scope, gint64 expires_in_s, const char *id_token)
{
  GString *json = kv_oauth_json_begin ();

  kv_oauth_json_text (json, "access_token", access_token);
  kv_oauth_json_text (json, "refresh_token", refresh_token);
  kv_oauth_json_text (json, "scope", scope);
  kv_oauth_json_text (json, "token_type", "Bearer");
  kv_oauth_json_number (json, "expires_in", expires_in_s);
  kv_oauth_json_text (json, "id_token", id_token);
  kv_oauth_answer_json (exchange, json);
}

char *
kv_oauth_error_json (const GError *error)
{
  GString *json = kv_oauth_json_begin ();
  g_autofree char *description = printable (kv_oauth_error_description (error));

  kv_oauth_json_text (json, "error_description", description);
  kv_oauth_json_text (json, "error", kv_oauth_error_name (error));
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

/* The original writes the realm without quotes, which its clients are used to (4.1). */
static void
add_challenge (NetHttpExchange *exchange, const ErrorRow *row, const char *realm)
{
  g_autofree char *name = printable (realm);
  g_autofree char *text = NULL;

  if (row->challenge == CHALLENGE_NONE)
    return;
  text = row->challenge == CHALLENGE_BASIC ? g_strconcat ("Basic realm=", name, NULL)
                                           : g_strconcat ("Bearer error=\"", row->name, "\"", NULL);
  net_http_exchange_add_header (exchange, "WWW-Authenticate", text);
}

void
kv_oauth_answer_error (NetHttpExchange *exchange, const GError *error, const char *realm)
{
  static ApimLogGate gate;
  const ErrorRow *row = row_of (error);
  g_autofree char *json = kv_oauth_error_json (error);

  if (error->domain != KV_OAUTH_ERROR)
    apim_log_limited (&gate, APIM_LOG_ERROR, "keyvalidator", "could not answer an OAuth2 request of %s: %s",
                      net_http_exchange_peer (exchange), error->message);
  kv_oauth_forbid_caching (exchange);
  add_challenge (exchange, row, realm);
  if (row->status == 405)
    net_http_exchange_add_header (exchange, "Allow", "POST");
  net_http_respond (exchange, row->status, JSON_TYPE, json, strlen (json));
}
