/* Whatever a Key Manager says is blocked: the list is read or refused, and calls can be asked of it; and whatever a client
 * writes into X-Forwarded-For. The first line is the header's value, the rest the list. */
#include "config.h"
#include "gateway/gw-block-list.h"
#include "net/net-http-client-address.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static GwApi *
api_of_test (void)
{
  static GwApi *api;

  if (api == NULL)
    {
      api = gw_api_new ();
      api->context = g_strdup ("/t/foo.com/w/1");
      api->version = g_strdup ("1");
    }
  return api;
}

/* Whoever it is, the text is an address. */
static void
check_client (const NetHttpRequest *request)
{
  static ApimNetworks *proxies;
  char client[APIM_ADDRESS_TEXT];
  ApimAddress address;
  char *wrong;

  if (proxies == NULL)
    proxies = apim_networks_parse ("10.0.0.0/8, ::1", &wrong);
  net_http_client_address (&(NetHttpTrust){ .proxies = proxies }, request, "10.0.0.1", client);
  g_assert_true (apim_address_read (client, strlen (client), &address));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data;
  const char *end = size > 0 ? memchr (text, '\n', size) : NULL;
  static NetHttpRequest request;
  const TwKeyValidationInfo info = { .subscriber = TW_TEXT ("alice"),
                                     .application_name = TW_TEXT ("Phone"),
                                     .end_user_name = TW_TEXT ("bob@carbon.super") };
  GwThrottleCall call = { .api = api_of_test (), .request = &request, .peer = "10.0.0.1", .info = &info };
  g_autoptr (GwBlockList) list = NULL;
  const char *json;

  if (end == NULL)
    return 0;
  json = end + 1;
  request.n_headers = 1;
  request.headers[0] = (NetHttpHeader){ { "X-Forwarded-For", 15 }, { text, (gsize) (end - text) } };
  check_client (&request);
  list = gw_block_list_parse (json, size - (gsize) (json - text), NULL);
  if (list == NULL)
    return 0;
  call.tenant = gw_throttle_tenant (call.api->context);
  if (gw_block_list_blocks (list, &call))
    g_assert_cmpuint (gw_block_list_count (list), >, 0);
  return 0;
}
