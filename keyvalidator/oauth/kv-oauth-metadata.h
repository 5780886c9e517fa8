/* GET /.well-known/oauth-authorization-server: what this server can do, for client libraries (RFC 8414). It says only what is true of this node's
 * configuration; there is no openid-configuration, because no ID tokens are made.
 * The issuer has a path, so RFC 8414 3 looks for the document behind that path too: both are served.
 * Threads: made on the main thread; answers on a worker, from memory. */
#ifndef KV_OAUTH_METADATA_H
#define KV_OAUTH_METADATA_H

#include "common/apim-config.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

typedef struct _KvOauthMetadata KvOauthMetadata;

/* @config: read now, not kept. @issuer: an https URL, as tokens and redirects name it. */
KvOauthMetadata *kv_oauth_metadata_new (const ApimConfig *config, const char *issuer);
void kv_oauth_metadata_free (KvOauthMetadata *metadata);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvOauthMetadata, kv_oauth_metadata_free)

/* Adds its paths to @server. */
void kv_oauth_metadata_add_to (KvOauthMetadata *metadata, NetHttpServer *server);

/* The document. */
const char *kv_oauth_metadata_json (const KvOauthMetadata *metadata);

G_END_DECLS
#endif
