/* Whose users an OAuth client serves (spec/soap-and-oauth.md 7): those of the tenant that it belongs to, or,
 * if it is a SaaS application, those of every tenant. Threads: any; blocks on the database. */
#ifndef KV_OAUTH_TENANT_H
#define KV_OAUTH_TENANT_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* Reads the database only for a tenant that is not the client's. FALSE: ST_ERROR. */
gboolean kv_oauth_client_serves (KvOauth *oauth, const StOauthClient *client, gint tenant_id,
                                 gboolean *serves, GError **error);

G_END_DECLS
#endif
