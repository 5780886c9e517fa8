/* KvOauth: what all OAuth2 endpoints of the Key Manager share (spec/soap-and-oauth.md 4, 5). Made by kv-role, once.
 * Threads: any, after kv_oauth_new(); calls block on a database, so they are made on the HTTP server's pool, but for those of
 * kv-oauth-memory.h and kv-oauth-application.h. */
#ifndef KV_OAUTH_H
#define KV_OAUTH_H

#include "common/apim-config.h"
#include "common/apim-role.h"
#include "core/core-rest-scopes.h"
#include "core/core-authenticator.h"
#include "keyvalidator/kv-credential-memory.h"
#include "keyvalidator/kv-facts.h"
#include "keyvalidator/kv-gateway-notifier.h"
#include "keyvalidator/kv-signing-keys.h"
#include "keyvalidator/oauth/kv-oauth-batch.h"
#include "keyvalidator/oauth/kv-saml-trust.h"
#include "store/st-oauth-token.h"

G_BEGIN_DECLS

/* How often since the start; atomic, each. */
typedef struct
{
  guint64 issued;       /* new tokens, refreshed ones included */
  guint64 reused;       /* requests that were answered with the token that there was */
  guint64 refused;      /* requests for a token that ended in an error */
  guint64 revoked;      /* tokens */
  guint64 introspected; /* answers, "active" or not */
} KvOauthCounters;

struct _KvOauth
{
  StDatabase *database; /* apimgtdb */
  KvOauthBatch *batch;  /* writes to it */
  KvStores stores;      /* keys, users, memory, clock */
  CoreAuthenticator *authenticator;
  KvSigningKeys *signing_keys; /* of JWTs */
  ApimConfig *config; /* identity.xml and api-manager.xml as they were at the start */
  GPtrArray *scope_whitelist; /* of GRegex: scopes that need no API (5.7) */
  CoreRestScopes *rest_scopes;
  KvSamlTrust *saml; /* nullable: no identity provider is configured */
  KvCredentialMemory *callers; /* who could introspect a moment ago: for CacheMaxAge */
  const ApimNode *node; /* nullable: of a test; its gateway is told of tokens that end */
  KvGatewayNotifier *gateways; /* nullable: nobody is told of tokens that end; set by the role before anybody asks */
  ApimHashKey secret_key;        /* of the fingerprints in KvClient */
  KvOauthCounters counters;

  GMutex form_lock;
  gboolean form_known; /* under form_lock, as form */
  StOauthForm form;
};

/* All but @config, which it holds on to, is borrowed and must outlive it; @pool, the HTTP server's, is freed before it
 * (kv-oauth-batch.h). NULL with an error of kv_rest_scopes_load() or kv_saml_trust_new(). */
KvOauth *kv_oauth_new (ApimConfig *config, StDatabase *database, const KvStores *stores, CoreAuthenticator *authenticator,
                       KvSigningKeys *signing_keys, ApimPool *pool, GError **error);
void kv_oauth_free (KvOauth *oauth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvOauth, kv_oauth_free)

/* "https://<HostName>:<port><root>/oauth2/<name>". Free with g_free(). */
char *kv_oauth_endpoint_url (const ApimConfig *config, const char *name);

/* When a request that begins now must have its answer from a database: monotonic, for the deadline_us of the store. */
gint64 kv_oauth_deadline (const KvOauth *oauth);

/* How this database writes its tokens: found out once, by whoever asks first. */
gboolean kv_oauth_form (KvOauth *oauth, StWriter *writer, StOauthForm *form, GError **error);

/* st_write() in apimgtdb. Begun anew when another node got in between (ST_ERROR_CONFLICT), a few times; @work finds then
 * what the other one wrote. On TRUE everything is on disk. */
gboolean kv_oauth_write (KvOauth *oauth, StWork work, gpointer data, GError **error);
/* st_read() in apimgtdb: waits for no writer. */
gboolean kv_oauth_read (KvOauth *oauth, StWork work, gpointer data, GError **error);

/* The user with the domain of his tenant; what the tables lack of it. ST_ERROR_DATA: there is no such tenant.
 * Clear with st_oauth_user_clear(). */
gboolean kv_oauth_user_of (KvOauth *oauth, gint tenant_id, const char *user_domain, const char *name, StOauthUser *user,
                           GError **error);

/* Adds one to a counter. */
void kv_oauth_count (guint64 *counter);

G_END_DECLS
#endif
