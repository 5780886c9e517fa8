/* The HTTP around every SOAP service: its paths, and what of a request is looked at before its message is read (spec/soap-and-oauth.md 1.1, 1.10).
 * Threads: paths are added on the main thread; the rest as the exchange's. */
#ifndef KV_SOAP_HTTP_H
#define KV_SOAP_HTTP_H

#include "net/net-http-server.h"
#include "soap/soap-request.h"

G_BEGIN_DECLS

typedef enum
{
  KV_SOAP_MESSAGE,     /* to be read; *head is filled in */
  KV_SOAP_DESCRIPTION, /* ?wsdl is asked for */
  KV_SOAP_REFUSED,     /* answered: 405, 413 or 415 */
} KvSoapAsk;

/* @max_message: Limits/MaxSoapMessage. */
KvSoapAsk kv_soap_ask (NetHttpExchange *exchange, guint max_message, SoapHead *head);

/* Answers with a WSDL. */
void kv_soap_answer_wsdl (NetHttpExchange *exchange, const char *wsdl);

/* Adds @path, which ends in the name of @service, also with the names of the WSDL's ports, and each with a "/" (1.1). */
void kv_soap_add_paths (NetHttpServer *server, const char *path, const char *service, NetHttpWhere where,
                        NetHttpHandler handler, gpointer data);

G_END_DECLS
#endif
