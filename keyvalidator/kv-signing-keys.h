/* The keys that the node signs JWTs with: those of its TLS key store, replaced at a reload.
 * Threads: reload() on the main thread, the rest any. */
#ifndef KV_SIGNING_KEYS_H
#define KV_SIGNING_KEYS_H

#include "common/apim-config.h"
#include "core/core-jwt-keys.h"

G_BEGIN_DECLS

typedef struct _KvSigningKeys KvSigningKeys;

/* Reads them. NULL with APIM_KEY_STORE_ERROR, or CORE_JWT_ERROR: backend JWTs are asked for, and there is no RSA key
 * for them. A key store without a key that JWTs can be signed with is no error otherwise. */
KvSigningKeys *kv_signing_keys_new (const ApimConfig *config, GError **error);
/* Takes the set as it is. For tests. */
KvSigningKeys *kv_signing_keys_new_from (CoreJwtKeys *keys);
void kv_signing_keys_free (KvSigningKeys *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSigningKeys, kv_signing_keys_free)

/* Reads them again. On FALSE, with errors as above, the old ones stay. */
gboolean kv_signing_keys_reload (KvSigningKeys *self, const ApimConfig *config, GError **error);

/* (transfer full): the keys of this moment. @generation: (out) (optional): their kv_signing_keys_generation(). */
CoreJwtKeys *kv_signing_keys_get (KvSigningKeys *self, guint *generation);
/* Another number after each reload. No lock. */
guint kv_signing_keys_generation (const KvSigningKeys *self);

G_END_DECLS
#endif
