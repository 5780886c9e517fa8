/* Who is not let in to a SOAP service, and the cookie for who is (spec/soap-and-oauth.md 1.9).
 * Threads: as net_http_respond(). */
#ifndef KV_SOAP_REFUSAL_H
#define KV_SOAP_REFUSAL_H

#include "keyvalidator/kv-admission.h"
#include "net/net-http-server.h"
#include "soap/soap-fault.h"

G_BEGIN_DECLS

/* Answers: 401 without credentials, else the fault 50976, 50977 or 50978. @verdict: anything but ADMITTED. */
void kv_soap_answer_not_admitted (NetHttpExchange *exchange, SoapVersion version, KvAdmissionVerdict verdict);

/* The cookie of @admission, if there is one to be offered. The session is good on every path and node. */
void kv_soap_offer_session (NetHttpExchange *exchange, const KvAdmissionResult *admission);

G_END_DECLS
#endif
