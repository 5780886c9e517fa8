/* The facts of one validation: what core_validation_next() asks for, remembered or loaded from the stores, kept until the answer is encoded.
 * Threads: one at a time; loading blocks unless both stores answer inline. */
#ifndef KV_FACTS_H
#define KV_FACTS_H

#include "common/apim-clock.h"
#include "common/apim-secret.h"
#include "core/core-validation.h"
#include "keyvalidator/kv-memory.h"
#include "keyvalidator/kv-self-contained.h"
#include "store/st-key-store.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

typedef struct _KvBackendJwt KvBackendJwt;

typedef struct
{
  StKeyStore *keys;
  StUserStore *users;
  KvMemory *memory; /* nullable: nothing is remembered */
  const ApimClock *clock;
  KvBackendJwt *backend_jwt; /* nullable: answers carry none */
  const KvSelfContained *self_contained; /* nullable: JWTs are looked up as any text is */
} KvStores;

typedef struct
{
  CoreFacts view; /* for core_validation_next(); points into what follows */
  KvCacheEntry *remembered[KV_N_FACTS];
  StToken *token; /* loaded, as the rest */
  char stored_hex[APIM_SHA256_HEX_SIZE]; /* SHA-256 of what is stored of that token; "": not known */
  StTenant *tenant;
  StApiDefault *api_default;
  StSubscription *subscription;
  StScope *scope;
  char **roles;
} KvFacts;

/* Frees what was loaded or borrowed; @facts may be used again. */
void kv_facts_clear (KvFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvFacts, kv_facts_clear)

typedef enum
{
  KV_FACTS_DECIDED,
  KV_FACTS_MISSING, /* a fact is not remembered, and loading was not allowed; ask again with it, what is known stays known */
  KV_FACTS_FAILED,  /* ST_ERROR: the fact stays unknown, and no decision can come of it */
} KvFactsResult;

/* Recalls, loads where @may_load, and decides. @access_token: @length bytes as the client sent them.
 * @missing: (out): the fact, unless DECIDED. */
KvFactsResult kv_facts_decide (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request,
                               const CoreValidationRules *rules, const char *access_token, gsize length,
                               gboolean may_load, gint64 deadline_us, CoreDecision *decision, CoreNeed *missing,
                               GError **error);

/* The token alone, if it is remembered, be it as one that there is not. FALSE: it is not. Never blocks. */
gboolean kv_facts_recall_token (KvFacts *facts, const KvStores *stores, const char *access_token, gsize length);

/* The token alone, remembered or loaded: facts->view.token, NULL where there is no ACTIVE one, and its tenant's domain. FALSE with ST_ERROR. */
gboolean kv_facts_find_token (KvFacts *facts, const KvStores *stores, const char *access_token, gsize length,
                              gint64 deadline_us, GError **error);

/* The scope of the request's resource alone, remembered or loaded: facts->view.scope. Where the resource cannot be named,
 * facts->view.scope_known stays FALSE. FALSE with ST_ERROR. */
gboolean kv_facts_find_scope (KvFacts *facts, const KvStores *stores, const CoreValidationRequest *request,
                              gint64 deadline_us, GError **error);

/* The tenant id of the API with this context, as policies are looked up for it (spec/decisions.md 1). An unknown tenant has id 0, which no row has. */
gboolean kv_api_tenant_id (const KvStores *stores, const char *context, gint64 deadline_us, gint *tenant_id, GError **error);

G_END_DECLS
#endif
