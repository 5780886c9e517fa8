/* Answers of the OAuth2 endpoints: JSON, and errors by one table (spec/soap-and-oauth.md 4.1, 4.2, 4.5; RFC 6749 5.2,
 * RFC 6750 3). Every answer forbids caches to keep it.
 * Threads: as net_http_respond(). */
#ifndef KV_OAUTH_ANSWER_H
#define KV_OAUTH_ANSWER_H

#include "net/net-http-server.h"

G_BEGIN_DECLS

/* An error of the protocol: the message is the error_description, so it is for strangers: no secret, nothing of what was
 * found out about others. Printable ASCII without quotes and backslashes is what RFC 6749 allows; kv_oauth_answer_error()
 * replaces the rest. */
#define KV_OAUTH_ERROR (kv_oauth_error_quark ())
GQuark kv_oauth_error_quark (void);
typedef enum
{
  KV_OAUTH_ERROR_INVALID_REQUEST,           /* 400 */
  KV_OAUTH_ERROR_INVALID_CLIENT,            /* 401, WWW-Authenticate: Basic */
  KV_OAUTH_ERROR_INVALID_GRANT,             /* 400 */
  KV_OAUTH_ERROR_UNAUTHORIZED_CLIENT,       /* 400 */
  KV_OAUTH_ERROR_INVALID_SCOPE,             /* 400 */
  KV_OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE,    /* 400 */
  KV_OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE, /* 400 */
  KV_OAUTH_ERROR_ACCESS_DENIED,             /* 403 */
  KV_OAUTH_ERROR_INVALID_TOKEN,             /* 401, WWW-Authenticate: Bearer */
  KV_OAUTH_ERROR_INSUFFICIENT_SCOPE,        /* 403, WWW-Authenticate: Bearer */
  KV_OAUTH_ERROR_TOO_LARGE,                 /* 413, invalid_request */
  KV_OAUTH_ERROR_METHOD,                    /* 405, invalid_request; Allow: POST */
  KV_OAUTH_ERROR_SERVER_ERROR,              /* 500, WWW-Authenticate: Basic */
  KV_OAUTH_N_ERRORS,
} KvOauthError;

/* The "error" of the answer ("invalid_grant"), also for redirects of /oauth2/authorize. @error: of any domain: what is
 * none of KV_OAUTH_ERROR is "server_error". */
const char *kv_oauth_error_name (const GError *error);
/* The "error_description": the message of a KV_OAUTH_ERROR; of anything else a text that tells nothing. */
const char *kv_oauth_error_description (const GError *error);

/* 200 and a JSON object, of kv_oauth_json_begin() and what follows it. Ends the object; frees @json. Answers. */
void kv_oauth_answer_json (NetHttpExchange *exchange, GString *json);

/* The answer of the token endpoint (RFC 6749 5.1). @refresh_token: (nullable): not told. @scope: words. @id_token: (nullable): there is none. Answers. */
void kv_oauth_answer_token (NetHttpExchange *exchange, const char *access_token, const char *refresh_token,
                            const char *scope, gint64 expires_in_s, const char *id_token);

/* Answers with an error: {"error_description":"...","error":"..."} in the status of the table. An error that is not of
 * KV_OAUTH_ERROR (a database) is logged, at a limited rate, and becomes a server_error. @realm: HostName of the
 * configuration. */
void kv_oauth_answer_error (NetHttpExchange *exchange, const GError *error, const char *realm);

/* The JSON text of that answer. Free with g_free(). */
char *kv_oauth_error_json (const GError *error);
guint kv_oauth_error_status (const GError *error);

/* Adds Cache-Control: no-store and Pragma: no-cache; for answers that are not made here. */
void kv_oauth_forbid_caching (NetHttpExchange *exchange);

/* A JSON object under way. @text: UTF-8; NULL leaves the member out. Wiped by kv_oauth_answer_json(). */
GString *kv_oauth_json_begin (void);
void kv_oauth_json_text (GString *json, const char *name, const char *text);
void kv_oauth_json_number (GString *json, const char *name, gint64 number);
void kv_oauth_json_boolean (GString *json, const char *name, gboolean value);
/* "a b c": scopes. */
void kv_oauth_json_words (GString *json, const char *name, const char *const *words);

G_END_DECLS
#endif
