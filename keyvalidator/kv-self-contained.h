/* The self-contained access tokens of this cluster (docs/jwt.md) as clients show them, to whoever is asked about one: a
 * gateway that leaves the question to its Key Manager, introspection, revocation. The signature says that the text is
 * genuine; everything else is asked of the stored token that it stands for, so a revocation, a subscription or a role
 * counts as it is now and not as it was when the token was signed.
 *
 * Threads: any. A look at one costs an RSA verification, about 20 us: callers ask only what they do not remember, and
 * Limits/UnknownTokensPerSecond bounds what forged ones cost (apim-budget.h). */
#ifndef KV_SELF_CONTAINED_H
#define KV_SELF_CONTAINED_H

#include "common/apim-clock.h"
#include "keyvalidator/kv-signing-keys.h"

G_BEGIN_DECLS

typedef struct _KvSelfContained KvSelfContained;

/* @keys, @clock: borrowed. */
KvSelfContained *kv_self_contained_new (const ApimConfig *config, KvSigningKeys *keys, const ApimClock *clock);
void kv_self_contained_free (KvSelfContained *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSelfContained, kv_self_contained_free)

/* kv_signing_keys_generation() of the keys that count now. */
guint kv_self_contained_generation (const KvSelfContained *self);

/* "jti": what is stored in place of the token. NULL: no JWT, or none that was signed here, or one that is over.
 * Free with apim_secret_free(). */
char *kv_self_contained_id (const KvSelfContained *self, const char *text, gsize length);

G_END_DECLS
#endif
