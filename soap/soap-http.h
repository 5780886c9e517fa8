/* The HTTP around every SOAP service: its paths, and what of a request is looked at before its message is read (spec/soap-and-oauth.md 1.1, 1.10).
 * Threads: paths are added on the main thread; the rest as the exchange's. */
#ifndef SOAP_HTTP_H
#define SOAP_HTTP_H

#include "net/net-http-server.h"
#include "soap/soap-request.h"

G_BEGIN_DECLS

typedef enum
{
  SOAP_HTTP_MESSAGE,     /* to be read; *head is filled in */
  SOAP_HTTP_DESCRIPTION, /* ?wsdl is asked for */
  SOAP_HTTP_REFUSED,     /* answered: 405, 413 or 415 */
} SoapHttpAsk;

/* @max_message: Limits/MaxSoapMessage; 0: what the server takes. */
SoapHttpAsk soap_http_ask (NetHttpExchange *exchange, guint max_message, SoapHead *head);

/* Where the service at @path (the service's, without a port's name) is, of the Host that @request names; a Host that is no
 * host name is not repeated, @default_host ("host:port") stands for it. Free with g_free(). */
char *soap_http_address (const NetHttpRequest *request, const char *default_host, const char *path);

/* Answers with a WSDL. */
void soap_http_answer_wsdl (NetHttpExchange *exchange, const char *wsdl);

/* Adds @path, which ends in the name of @service, also with the names of the WSDL's ports, and each with a "/" (1.1). */
void soap_http_add_paths (NetHttpServer *server, const char *path, const char *service, NetHttpWhere where,
                        NetHttpHandler handler, gpointer data);

G_END_DECLS
#endif
