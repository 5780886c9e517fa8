/* Which of the scopes that a client asks for a token gets (spec/soap-and-oauth.md 5.7, spec/databases.md 5.7): those of
 * the REST APIs by the roles of tenant-conf.json and nothing else, whatever an API calls a scope of its own or
 * ScopeWhitelist matches; those of APIs that the application subscribes to by their roles; those of ScopeWhitelist.
 * Threads: any; blocks on the databases. */
#ifndef KV_OAUTH_SCOPES_H
#define KV_OAUTH_SCOPES_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* @asked: (nullable): the parameter "scope", words separated by blanks. @application_token: adds the application scope
 * (ApplicationTokenScope).
 * *granted: (transfer full): NULL-terminated, each once, never empty: "default" where nothing remains; what is not
 * granted is left out, the request is not refused. KV_OAUTH_ERROR_INVALID_SCOPE: not a list of scopes (RFC 6749 3.3), or
 * too many; else an ST_ERROR. Free with g_strfreev(). */
gboolean kv_oauth_grant_scopes (KvOauth *oauth, const StOauthClient *client, const StOauthUser *user, const char *asked,
                                gboolean application_token, char ***granted, GError **error);

/* Whether the databases have a say in what is granted of @asked (nullable), or it is no list of scopes. FALSE:
 * kv_oauth_grant_scopes() grants it without asking them. */
gboolean kv_oauth_scopes_need_store (const KvOauth *oauth, const char *asked);

G_END_DECLS
#endif
