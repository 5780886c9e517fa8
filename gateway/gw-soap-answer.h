/* Messages of APIKeyValidationService as a gateway sends and gets them (spec/soap-and-oauth.md 1.3-1.7, 2): calls as
 * Axis2's stubs write them, answers of any release, read by local name; what is absent or nil is absent.
 *
 * Threads: pure functions over the caller's memory. */
#ifndef GW_SOAP_ANSWER_H
#define GW_SOAP_ANSWER_H

#include "common/apim-config.h"
#include "soap/soap-writer.h"
#include "thrift/tw-key-validation.h"

G_BEGIN_DECLS

/* The envelope of a call, SOAP 1.2. @profile: Key Managers up to 1.6 know five parameters of validateKey. */
void gw_soap_write_call (NetBuffer *output, TwMethod method, const TwArguments *arguments, ApimSoapProfile profile);

typedef struct
{
  TwKeyValidationInfo info; /* of validateKey */
  TwUriTemplate *templates; /* owned, as what their conditions lie in; texts are the envelope's */
  guint n_templates;
  TwText *conditions;
} GwSoapAnswer;

/* @answer: clear it with gw_soap_answer_clear(). FALSE: no answer to this call: a fault, another operation, a number
 * that is none. */
gboolean gw_soap_answer_read (GwSoapAnswer *answer, TwMethod method, const SoapEnvelope *envelope);
void gw_soap_answer_clear (GwSoapAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GwSoapAnswer, gw_soap_answer_clear)

G_END_DECLS
#endif
