/* A SOAP request for APIKeyValidationService, from its bytes to method and arguments
 * (spec/soap-and-oauth.md 1.3, 1.10).
 *
 * Parameters are found by their local names, so that any release's will do; what is missing, null or empty counts as
 * not sent. A parameter that comes twice is refused: two readers could take two values. xsi:type is not looked at:
 * every parameter is a text.
 * Threads: pure functions over the caller's memory. */
#ifndef KV_SOAP_CALL_H
#define KV_SOAP_CALL_H

#include "common/apim-config.h"
#include "soap/soap-fault.h"
#include "soap/soap-request.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

typedef struct
{
  TwMethod method;
  TwArguments arguments; /* point into the reader's memory */
} KvSoapCall;

/* FALSE: answer with @fault, in the version of @head. */
gboolean kv_soap_call_read (KvSoapCall *call, const SoapHead *head, ApimSoapProfile profile, SoapReader *reader,
                            const void *bytes, gsize length, SoapFault *fault);

/* How many bytes kv_soap_call_keep() needs. */
gsize kv_soap_call_size (const KvSoapCall *call);

/* Copies the arguments' texts to @place, for a call that outlives its message in the reader. */
void kv_soap_call_keep (KvSoapCall *call, char *place);

G_END_DECLS
#endif
