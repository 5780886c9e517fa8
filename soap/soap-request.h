/* What the HTTP head of a SOAP request says: the version by its media type, and the operation by action or SOAPAction
 * (spec/soap-and-oauth.md 1.10). Nothing of the body is looked at. What it points to lives as long as the request.
 * Threads: pure functions. */
#ifndef SOAP_REQUEST_H
#define SOAP_REQUEST_H

#include "net/net-http-request.h"
#include "soap/soap-envelope.h"

G_BEGIN_DECLS

typedef struct
{
  SoapVersion version; /* text/xml: 1.1; application/soap+xml: 1.2 */
  NetHttpText action;  /* as sent, without quotes; empty: none, or it says nothing ("") */
} SoapHead;

/* FALSE: no SOAP message that we read: answer 415 with @why (static). A compressed body is one of them: a small one may
 * be of any size when unpacked, and no client of ours sends such. */
gboolean soap_head_read (SoapHead *head, const NetHttpRequest *request, const char **why);

/* Whether the action, if there is one, means this operation: its name, with or without "urn:" in front. */
gboolean soap_head_names (const SoapHead *head, const char *operation);

G_END_DECLS
#endif
