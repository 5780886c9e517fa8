/* APIKeyValidationService over Thrift: session, facts, decision, answer (spec/thrift-key-validation.md 6).
 *
 * A call is answered on its worker where nothing has to be waited for: its session and facts are remembered, or the stores answer inline
 * (SQLite). Otherwise it becomes a job on the database pool and its answer is posted back; calls with the same token join the job that is
 * under way; when the pool is full, the call fails at once with an honest error.
 * Whatever breaks, the answer is an exception, never authorized=true (Java fails open there, spec 7.3 item 7).
 * Threads: calls come on workers. */
#ifndef KV_THRIFT_SERVICE_H
#define KV_THRIFT_SERVICE_H

#include "common/apim-config.h"
#include "common/apim-pool.h"
#include "keyvalidator/kv-facts.h"
#include "keyvalidator/kv-sessions.h"
#include "thrift/tw-server.h"

G_BEGIN_DECLS

typedef struct _KvThriftService KvThriftService;

/* @stores (copied) and what they point to, @sessions, @pool: borrowed, must outlive every call. */
KvThriftService *kv_thrift_service_new (const ApimConfig *config, const KvStores *stores, KvSessions *sessions,
                                        ApimPool *pool);
void kv_thrift_service_free (KvThriftService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvThriftService, kv_thrift_service_free)

/* For tw_server_new(); the service pointer is the KvThriftService. */
extern const TwServiceInterface kv_thrift_service_interface;

G_END_DECLS
#endif
