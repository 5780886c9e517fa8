/* The answers of APIKeyValidationService over SOAP, child by child, as each client profile must have them
 * (spec/soap-and-oauth.md 1.4-1.9). A generated client fails on any child that is extra, misplaced or in another
 * namespace.
 * Threads: pure functions over the caller's memory. */
#ifndef KV_SOAP_ANSWER_H
#define KV_SOAP_ANSWER_H

#include "common/apim-config.h"
#include "keyvalidator/kv-call.h"
#include "soap/soap-fault.h"

G_BEGIN_DECLS

/* Where the operations, their parameters and their results live. */
#define KV_SOAP_NAMESPACE "http://org.apache.axis2/xsd"

/* The whole envelope: response or fault. Returns: the HTTP status that goes with it. */
guint kv_soap_write_answer (NetBuffer *output, SoapVersion version, ApimSoapProfile profile, TwMethod method,
                            const KvCallResult *result);

G_END_DECLS
#endif
