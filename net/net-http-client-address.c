#include "config.h"
#include "net/net-http-client-address.h"

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

/* Goes on to the left while proxies vouch for what stands there. FALSE: the client was found. */
static gboolean
follow (const ApimNetworks *proxies, NetHttpText list, ApimAddress *client)
{
  while (list.length > 0)
    {
      NetHttpText entry = cut_last (&list);
      ApimAddress address;

      if (!apim_address_read (entry.text, entry.length, &address))
        return FALSE;
      *client = address;
      if (!apim_networks_have (proxies, &address))
        return FALSE;
    }
  return TRUE;
}

void
net_http_client_address (const ApimNetworks *proxies, const NetHttpRequest *request, const char *peer,
                         char client[APIM_ADDRESS_TEXT])
{
  ApimAddress address;
  gboolean goes_on;

  g_strlcpy (client, peer, APIM_ADDRESS_TEXT);
  if (proxies == NULL || !apim_address_read (peer, strlen (peer), &address) || !apim_networks_have (proxies, &address))
    return;
  goes_on = TRUE;
  for (guint i = request->n_headers; i > 0 && goes_on; i--)
    if (net_http_header_id (&request->headers[i - 1]) == NET_HTTP_NAME_X_FORWARDED_FOR)
      goes_on = follow (proxies, request->headers[i - 1].value, &address);
  apim_address_write (&address, client);
}
