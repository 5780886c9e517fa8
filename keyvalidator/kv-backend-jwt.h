/* Backend JWTs: what a gateway passes to the backend about who calls (endUserToken, X-JWT-Assertion;
 * spec/soap-and-oauth.md 6). Made once all checks have passed, of the facts that the decision was made of, the
 * application's UUID and attributes, and the user's claims.
 *
 * A made one is remembered under everything of the decision that it says, so it never says more or less than the facts
 * of this moment; what it has read besides (application, user) it forgets by the same tags as those facts. It is signed
 * to be good for JWTExpiryTime from the last moment on at which it is handed out, KV_BACKEND_JWT_REUSE_MS after it was
 * made.
 *
 * All are signed with the node's own RSA key, also those of other tenants' users, for which WSO2 has key stores in the
 * registry that nothing but Java reads.
 * Threads: any. */
#ifndef KV_BACKEND_JWT_H
#define KV_BACKEND_JWT_H

#include "keyvalidator/kv-facts.h"
#include "keyvalidator/kv-signing-keys.h"
#include "store/st-database.h"

G_BEGIN_DECLS

#define KV_BACKEND_JWT_REUSE_MS 60000

/* @keys: with an RSA key, unless nothing is to be signed. @keys, the databases and @users are borrowed. */
KvBackendJwt *kv_backend_jwt_new (const ApimBackendJwtSettings *settings, KvSigningKeys *keys, StDatabase *api_database,
                                  StDatabase *user_database, StUserStore *users);
void kv_backend_jwt_free (KvBackendJwt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvBackendJwt, kv_backend_jwt_free)

/* A call that was granted. */
typedef struct
{
  KvMemory *memory; /* nullable */
  const ApimClock *clock;
  const CoreValidationRequest *request;
  const CoreFacts *facts;
  const CoreDecision *decision;
  KvCacheTicket ticket; /* taken before the first fact was looked at */
} KvBackendJwtCall;

/* Returns: (transfer full) (nullable): an entry with its kv_cache_entry_jwt(). Neither blocks nor allocates. */
KvCacheEntry *kv_backend_jwt_recall (KvBackendJwt *self, const KvBackendJwtCall *call);

/* Makes one and remembers it. Blocks on the databases and signs: about a millisecond of CPU. NULL with ST_ERROR or
 * CORE_JWT_ERROR. Free with g_free(). */
char *kv_backend_jwt_make (KvBackendJwt *self, const KvBackendJwtCall *call, gint64 deadline_us, GError **error);

G_END_DECLS
#endif
