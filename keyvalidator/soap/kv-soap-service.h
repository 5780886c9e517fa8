/* APIKeyValidationService over SOAP 1.1 and 1.2 (spec/soap-and-oauth.md 1, 2, 7), for gateways with
 * KeyValidatorClientType WSClient.
 *
 * A request is parsed and answered on its connection's worker; whose credentials have to be looked up waits for the
 * HTTP pool, whose facts for the database pool (kv-dispatch.h). Order: HTTP (405, 413, 415), who asks (401,
 * 50976-50978), the message, the decision.
 *
 * Paths, below WebContextRoot: /services/APIKeyValidationService with the profile of Apimd/SoapClientProfile, and for
 * fleets of several releases /profile-1.5/services/..., /profile-1.7/services/... and /profile-2.x/services/..., each
 * also with a "/" and with the names of the WSDL's ports.
 * Threads: calls come on workers. */
#ifndef KV_SOAP_SERVICE_H
#define KV_SOAP_SERVICE_H

#include "keyvalidator/kv-admission.h"
#include "keyvalidator/kv-dispatch.h"
#include "net/net-http-server.h"

G_BEGIN_DECLS

typedef struct _KvSoapService KvSoapService;

/* @dispatch, @admission, @login_pool: borrowed, must outlive every call. */
KvSoapService *kv_soap_service_new (const ApimConfig *config, KvDispatch *dispatch, KvAdmission *admission,
                                    ApimPool *login_pool);
void kv_soap_service_free (KvSoapService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KvSoapService, kv_soap_service_free)

/* Any thread. */
void kv_soap_service_set_limits (KvSoapService *service, const ApimLimits *limits);

/* Adds its paths to @server. */
void kv_soap_service_add_to (KvSoapService *service, NetHttpServer *server);

/* Sums over all workers; any thread. */
typedef struct
{
  guint64 calls;           /* operations asked for */
  guint64 replies;         /* ... and answered, refusals of tokens included */
  guint64 faults;          /* of any kind */
  guint64 unauthenticated; /* 401 */
  guint64 refused;         /* 405, 413, 415 */
} KvSoapCounters;
void kv_soap_service_read_counters (KvSoapService *service, KvSoapCounters *counters);

G_END_DECLS
#endif
