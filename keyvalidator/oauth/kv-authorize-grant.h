/* What an application gets when its user has said yes: a code, or with response_type=token a token.
 * Threads: any; blocks on the database. */
#ifndef KV_AUTHORIZE_GRANT_H
#define KV_AUTHORIZE_GRANT_H

#include "core/core-sealed.h"
#include "keyvalidator/oauth/kv-authorize-request.h"

G_BEGIN_DECLS

typedef struct
{
  const KvAuthorizeRequest *request;
  const StOauthUser *user;
  const char *const *scopes; /* what is granted */
  const guint8 *nonce;       /* CORE_SEALED_NONCE_SIZE bytes of the form that said yes */
  gint64 login_ms;           /* when the user logged in, epoch */
  const char *issuer;
} KvAuthorizeGrant;

/* The URI that the browser is sent to; free it with apim_secret_free(). NULL with ST_ERROR, or KV_OAUTH_ERROR for the application; ST_ERROR_CONFLICT: this form has said yes before. The nonce is
 * the code's CODE_ID, so the database's primary key keeps a form from being used twice on any node; 1.9 has no such column, and gives another code to
 * the same application. */
char *kv_authorize_grant (KvOauth *oauth, const KvAuthorizeGrant *grant, GError **error);

G_END_DECLS
#endif
