/* ID tokens (OpenID Connect Core 1.0, 2): what the token endpoint adds for applications that ask for the
 * scope "openid", to tell them who their user is. Not an access token: its audience is the application, which
 * no API accepts. Threads: any; costs a signature, about a millisecond: on a pool, never on a worker. */
#ifndef KV_ID_TOKEN_H
#define KV_ID_TOKEN_H

#include "core/core-jwt.h"

G_BEGIN_DECLS

#define KV_ID_TOKEN_SCOPE "openid"

/* Borrowed. */
typedef struct
{
  const char *issuer;       /* kv_jwt_token_issuer() */
  const char *client_id;    /* "aud" and "azp" */
  const char *subject;      /* [DOMAIN/]user@tenant, as userinfo says it */
  const char *access_token; /* for "at_hash" (3.1.3.6) */
  const char *nonce;        /* of the authorization request; nullable */
  gint64 auth_time_s;       /* when the user logged in, since the epoch; 0: not known */
  gint64 now_s;
  gint64 validity_s;
} KvIdTokenRequest;

/* Returns: (transfer full): NULL with CORE_JWT_ERROR. */
char *kv_id_token_make (const CoreJwtKeys *keys, const KvIdTokenRequest *request, GError **error);

/* What an authorization request says of the ID token travels in the code itself, behind a dot, because no
 * release's table of codes has a place for it: a code is compared as a whole, so nobody can change it. Bytes
 * of a nonce: with more the code would not fit into 1.9's column. */
#define KV_ID_TOKEN_MAX_NONCE 128

/* @nonce: (nullable): at most KV_ID_TOKEN_MAX_NONCE bytes. Returns: (transfer full): what goes behind
 * @random. */
char *kv_id_token_code (const char *random, const char *nonce, gint64 auth_time_s);

/* *nonce: (transfer full) (nullable); *auth_time_s: 0 where @code says nothing, such as one that a WSO2 node
 * made. */
void kv_id_token_code_read (const char *code, char **nonce, gint64 *auth_time_s);

G_END_DECLS
#endif
