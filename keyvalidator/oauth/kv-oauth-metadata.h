/* GET /.well-known/oauth-authorization-server and /.well-known/openid-configuration: what this server can do, for client libraries (RFC 8414, OpenID
 * Connect Discovery 1.0). One document says it all, and only what is true of this node's configuration.
 * The issuer has a path, so RFC 8414 3 looks for the document with that path behind the name, and Discovery 4 with it in front: all are served.
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

G_END_DECLS
#endif
