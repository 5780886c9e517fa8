/* Which client sent a request: client_secret_basic or client_secret_post (spec/soap-and-oauth.md 4.1, RFC 6749 2.3.1).
 *
 * A secret is compared in constant time. Nobody is locked out for a wrong one: secrets are random and far too long to be
 * guessed, and all clients behind a gateway share its address, so that a stranger could stop any of them. Each failure is
 * a line in the log (limited in rate) with client and address. "client_id" in the form beside a header
 * is no second authentication where it names the same client; "client_secret" is.
 * Threads: any; blocks on the database. */
#ifndef KV_OAUTH_CLIENT_AUTH_H
#define KV_OAUTH_CLIENT_AUTH_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-credentials.h"
#include "net/net-http-form.h"
#include "net/net-http-server.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* What a request says of who sends it. */
typedef struct
{
  const char *key; /* borrowed from the form or basic; NULL: said nothing, or nothing that can be understood */
  const char *secret;
  gboolean from_header;
  NetHttpBasic basic; /* if from_header */
} KvOauthCredentials;

/* FALSE with KV_OAUTH_ERROR_INVALID_CLIENT. @form: (nullable). @credentials: clear it in any case; it points into itself:
 * do not copy it. */
gboolean kv_oauth_credentials_read (KvOauthCredentials *credentials, NetHttpExchange *exchange, const NetHttpForm *form,
                                    GError **error);
void kv_oauth_credentials_clear (KvOauthCredentials *credentials); /* wipes them */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvOauthCredentials, kv_oauth_credentials_clear)

/* The client of a request, whatever its state. @form: (nullable): without one only the header counts.
 * NULL with KV_OAUTH_ERROR_INVALID_CLIENT (unknown, wrong secret, no credentials, both ways at once: only
 * the text of the first is another, as in the original) or an ST_ERROR. (transfer full). */
StOauthClient *kv_oauth_client_auth (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form,
                                     GError **error);

/* The same for a door that users have, too: *client is NULL, and *user_may_be is TRUE, where the header's user is no
 * client; then this was no failure yet. */
gboolean kv_oauth_client_auth_or_user (KvOauth *oauth, NetHttpExchange *exchange, const NetHttpForm *form,
                                       StOauthClient **client, gboolean *user_may_be, GError **error);

/* Whether it may have new tokens (decisions.md 4); else KV_OAUTH_ERROR_INVALID_CLIENT. */
gboolean kv_oauth_client_is_active (const StOauthClient *client, GError **error);

/* A client by its key, not authenticated: for /oauth2/authorize. *client: (transfer full), NULL when there is none. */
gboolean kv_oauth_client_find (KvOauth *oauth, const char *key, StOauthClient **client, GError **error);

G_END_DECLS
#endif
