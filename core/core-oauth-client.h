/* OAuth clients as they are made for applications, whoever asks for them: the Store, or a WSO2 node over SOAP
 * (spec/soap-and-oauth.md 3.1). Threads: pure functions. */
#ifndef CORE_OAUTH_CLIENT_H
#define CORE_OAUTH_CLIENT_H

#include "core/core-oauth.h"
#include "store/st-key-writes.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* All that is served, but for the password grant: that is for clients that ask for it by name (RFC 9700 2.4).
 */
#define CORE_OAUTH_GRANTS_WITHOUT_CALLBACK CORE_OAUTH_CLIENT_CREDENTIALS " " CORE_OAUTH_REFRESH_TOKEN
#define CORE_OAUTH_GRANTS CORE_OAUTH_GRANTS_WITHOUT_CALLBACK " " CORE_OAUTH_AUTHORIZATION_CODE

/* With a new key and secret. @name: as it was asked for: "Phone_PRODUCTION"; the owner's is put before it.
 * @callback_url: (nullable). @grant_types: separated by blanks; NULL: all that it can have. */
StOauthClient *core_oauth_client_new (const StOauthUser *owner, const char *name, const char *callback_url,
                                      const char *grant_types);

/* As above, of a client that there is. */
void core_oauth_client_rename (StOauthClient *client, const char *name);

/* What is asked for as the name of an application's keys: "Phone_PRODUCTION". Free with g_free(). */
char *core_oauth_client_key_name (const char *application, StKeyType type);

/* Whether a grant leads a browser back to the client: authorization_code and implicit. */
gboolean core_oauth_grant_needs_callback (const char *grant);

G_END_DECLS
#endif
