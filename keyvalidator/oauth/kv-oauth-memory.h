/* What the OAuth2 endpoints remember, beside the tokens that key validation remembers for them, in the same memory and
 * under the same rules (kv-memory.h): nothing is believed once the database or its change feed is gone.
 *
 *   a client      its secret as a keyed fingerprint, owner, grants, state, validities: KvClient
 *   a grant       the ACTIVE token of its application for one text of "scope": KvGranted; only where no table of scopes
 *                 or roles had a say in it
 *   a token kind  whether its application's tokens are JWTs: KvTokenKind
 *
 * For how long: until the change feed tells that something of it changed (100 ms and a read after the commit), at most
 * KV_MEMORY_FOLLOWING_MAX_AGE_MS; without a feed, and clients and grants also with a feed that says nothing of clients,
 * for Limits/CacheMaxAge. What is not here is looked up, and only a look-up refuses: a wrong secret is never remembered.
 *
 * Who may introspect (a client, or an administrator with a password) is remembered for CacheMaxAge in KvOauth.callers.
 * Threads: any; nothing blocks. */
#ifndef KV_OAUTH_MEMORY_H
#define KV_OAUTH_MEMORY_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "store/st-oauth-client.h"

G_BEGIN_DECLS

/* Before the first read from the database of what is to be remembered. */
KvCacheTicket kv_oauth_memory_ticket (const KvOauth *oauth);

/* (transfer full) (nullable): the client with exactly this key. */
KvCacheEntry *kv_oauth_recall_client (const KvOauth *oauth, const char *key);
/* @owner: with the domain of his tenant, which is active. */
void kv_oauth_remember_client (const KvOauth *oauth, KvCacheTicket ticket, const StOauthClient *client,
                               const StOauthUser *owner);
/* Whether the client would have been authenticated by @secret when it was read. FALSE: ask the database. */
gboolean kv_oauth_client_has_secret (const KvOauth *oauth, const KvClient *client, const char *secret);

/* @asked_scope: (nullable): the parameter "scope" as it came. (transfer full) (nullable). Whether the token is good still
 * is up to the caller's clock. */
KvCacheEntry *kv_oauth_recall_grant (const KvOauth *oauth, const char *key, const char *asked_scope);
void kv_oauth_remember_grant (const KvOauth *oauth, KvCacheTicket ticket, const char *key, const char *asked_scope,
                              const StOauthToken *token);

/* FALSE: not remembered. */
gboolean kv_oauth_recall_token_kind (const KvOauth *oauth, const char *key, gboolean *jwt);
void kv_oauth_remember_token_kind (const KvOauth *oauth, KvCacheTicket ticket, const char *key, gboolean jwt);

G_END_DECLS
#endif
