#include "config.h"
#include "soap/soap-http.h"

#include <string.h>

#define MAX_HOST 260 /* a name of 255 characters, a colon and a port */

static SoapHttpAsk
refuse (NetHttpExchange *exchange, guint status, const char *why)
{
  g_autofree char *line = g_strconcat (why, "\n", NULL);

  net_http_respond (exchange, status, "text/plain", line, strlen (line));
  return SOAP_HTTP_REFUSED;
}

static gboolean
is_reading (const NetHttpRequest *request)
{
  return net_http_text_equal (request->method, "GET") || net_http_text_equal (request->method, "HEAD");
}

static gboolean
is_host (NetHttpText host)
{
  for (gsize i = 0; i < host.length; i++)
    if (!g_ascii_isalnum (host.text[i]) && strchr (".-_:[]", host.text[i]) == NULL)
      return FALSE;
  return host.length > 0 && host.length <= MAX_HOST;
}

char *
soap_http_address (const NetHttpRequest *request, const char *default_host, const char *path)
{
  NetHttpText host;

  if (!net_http_request_header (request, "Host", &host) || !is_host (host))
    host = (NetHttpText){ default_host, strlen (default_host) };
  return g_strdup_printf ("https://%.*s%s", (int) host.length, host.text, path);
}

SoapHttpAsk
soap_http_ask (NetHttpExchange *exchange, guint max_message, SoapHead *head)
{
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  const char *why;
  gsize length;

  if (is_reading (request) && net_http_text_equal_nocase (request->query, "wsdl"))
    return SOAP_HTTP_DESCRIPTION;
  if (!net_http_text_equal (request->method, "POST"))
    {
      net_http_exchange_add_header (exchange, "Allow", "POST");
      return refuse (exchange, 405, "SOAP messages are sent with POST; add ?wsdl for the description of the service");
    }
  net_http_exchange_body (exchange, &length);
  if (max_message > 0 && length > max_message)
    return refuse (exchange, 413, "the message is larger than Limits/MaxSoapMessage");
  if (!soap_head_read (head, request, &why))
    return refuse (exchange, 415, why);
  return SOAP_HTTP_MESSAGE;
}

void
soap_http_answer_wsdl (NetHttpExchange *exchange, const char *wsdl)
{
  net_http_respond (exchange, 200, "text/xml; charset=UTF-8", wsdl, strlen (wsdl));
}

void
soap_http_add_paths (NetHttpServer *server, const char *path, const char *service, NetHttpWhere where,
                   NetHttpHandler handler, gpointer data)
{
  static const char *const ports[] = { "", "HttpsSoap11Endpoint", "HttpsSoap12Endpoint", "HttpsEndpoint" };

  for (gsize i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autofree char *full = i == 0 ? g_strdup (path) : g_strconcat (path, ".", service, ports[i], NULL);
      g_autofree char *folder = g_strconcat (full, "/", NULL);

      net_http_server_add (server, full, where, handler, data);
      net_http_server_add (server, folder, where, handler, data);
    }
}
