#include "config.h"
#include "net/net-http-client-address.h"

#include "common/apim-secret.h"
#include "net/net-http-field.h"

#include <string.h>

/* Cuts the last entry off a list. */
static NetHttpText
cut_last (NetHttpText *list)
{
  NetHttpText last = *list;

  for (gsize i = list->length; i > 0; i--)
    if (list->text[i - 1] == ',')
      {
        last = (NetHttpText){ list->text + i, list->length - i };
        list->length = i - 1;
        return net_http_text_trim (last);
      }
  list->length = 0;
  return net_http_text_trim (last);
}

static gboolean
is_proxy (const NetHttpTrust *trust, const ApimAddress *address)
{
  return trust->proxies != NULL && apim_networks_have (trust->proxies, address);
}

/* Goes on to the left while proxies vouch for what stands there. FALSE: the client was found. */
static gboolean
follow (const NetHttpTrust *trust, NetHttpText list, ApimAddress *client)
{
  while (list.length > 0)
    {
      NetHttpText entry = cut_last (&list);
      ApimAddress address;

      if (!apim_address_read (entry.text, entry.length, &address))
        return FALSE;
      *client = address;
      if (!is_proxy (trust, &address))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_own_gateway (const NetHttpTrust *trust, const NetHttpRequest *request)
{
  NetHttpText mark;

  return trust->gateway_mark != NULL && net_http_request_header (request, NET_HTTP_GATEWAY_MARK, &mark)
         && apim_secret_equal (mark.text, mark.length, trust->gateway_mark, strlen (trust->gateway_mark));
}

void
net_http_client_address (const NetHttpTrust *trust, const NetHttpRequest *request, const char *peer,
                         char client[APIM_ADDRESS_TEXT])
{
  ApimAddress address;
  NetHttpText list;
  gboolean goes_on = TRUE;

  g_strlcpy (client, peer, APIM_ADDRESS_TEXT);
  if (!net_http_request_named (request, NET_HTTP_NAME_X_FORWARDED_FOR, &list)
      || !apim_address_read (peer, strlen (peer), &address)
      || (!is_proxy (trust, &address) && !is_own_gateway (trust, request)))
    return;
  for (guint i = request->n_headers; i > 0 && goes_on; i--)
    if (net_http_header_id (&request->headers[i - 1]) == NET_HTTP_NAME_X_FORWARDED_FOR)
      goes_on = follow (trust, request->headers[i - 1].value, &address);
  apim_address_write (&address, client);
}
