/* APIKeyValidationService over Thrift: session, facts, decision, answer (spec/thrift-key-validation.md 6).
 * Where a call runs is kv-dispatch.h's.
 * Threads: calls come on workers. */
#ifndef KV_THRIFT_SERVICE_H
#define KV_THRIFT_SERVICE_H

#include "keyvalidator/kv-dispatch.h"
#include "thrift/tw-server.h"

G_BEGIN_DECLS

typedef struct _KvThriftService KvThriftService;

/* @dispatch: borrowed, must outlive every call. */
KvThriftService *kv_thrift_service_new (KvDispatch *dispatch);
void kv_thrift_service_free (KvThriftService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvThriftService, kv_thrift_service_free)

/* For tw_server_new(); the service pointer is the KvThriftService. */
extern const TwServiceInterface kv_thrift_service_interface;

G_END_DECLS
#endif
