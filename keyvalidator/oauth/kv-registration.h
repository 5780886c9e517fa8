/* POST /client-registration/v0.<n>/register: OAuth clients for scripts (spec/soap-and-oauth.md 4.6), in WSO2's form; not RFC 7591.
 *
 * The caller authenticates with Basic credentials and needs the permission to log in. A client belongs to its owner: the caller, or, where the
 * super tenant's administrator calls, any user who exists. One of that owner and name that is there already is answered with, as it is.
 * With "saasApp" a new client is one for users of every tenant (kv-oauth-tenant.h); the answer says whether it is.
 * Threads: runs on the HTTP server's pool. */
#ifndef KV_REGISTRATION_H
#define KV_REGISTRATION_H

#include "keyvalidator/oauth/kv-oauth.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

typedef struct _KvRegistration KvRegistration;

/* @oauth: borrowed. */
KvRegistration *kv_registration_new (KvOauth *oauth);
void kv_registration_free (KvRegistration *registration);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvRegistration, kv_registration_free)

void kv_registration_add_to (KvRegistration *registration, NetHttpServer *server, const char *web_context_root);

G_END_DECLS
#endif
