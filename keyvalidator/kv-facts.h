/* The facts of one validation: what core_validation_next() asks for, loaded from the stores, kept until the answer is encoded.
 * Threads: one at a time; loading blocks unless both stores answer inline. */
#ifndef KV_FACTS_H
#define KV_FACTS_H

#include "core/core-validation.h"
#include "store/st-key-store.h"
#include "store/st-user-store.h"

G_BEGIN_DECLS

typedef struct
{
  StKeyStore *keys;
  StUserStore *users;
} KvStores;

typedef struct
{
  CoreFacts view; /* for core_validation_next(); points into what follows */
  StToken *token;
  StTenant *tenant;
  StApiDefault *api_default;
  StSubscription *subscription;
  StScope *scope;
  char **roles;
} KvFacts;

/* Frees what was loaded; @facts may be used again. */
void kv_facts_clear (KvFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KvFacts, kv_facts_clear)

/* Loads the one fact that is needed next. @access_token: @length bytes as the client sent them.
 * FALSE with ST_ERROR: the fact stays unknown, and no decision can come of it. */
gboolean kv_facts_load (KvFacts *facts, KvStores *stores, CoreNeed need, const CoreValidationRequest *request,
                        const char *access_token, gsize length, gint64 deadline_us, GError **error);

/* Loads and decides. *failed: (out): on FALSE, the fact that could not be loaded. @now_ms is read by the caller, once. */
gboolean kv_facts_decide (KvFacts *facts, KvStores *stores, const CoreValidationRequest *request,
                          const CoreValidationRules *rules, const char *access_token, gsize length, gint64 now_ms,
                          gint64 deadline_us, CoreDecision *decision, CoreNeed *failed, GError **error);

/* The tenant id of the API with this context, as policies are looked up for it (spec/decisions.md 1). An unknown tenant has id 0, which no row has. */
gboolean kv_api_tenant_id (KvStores *stores, const char *context, gint64 deadline_us, gint *tenant_id, GError **error);

G_END_DECLS
#endif
