/* What a gateway makes of heads: whatever a client or a backend sends, and whatever a sequence sets (the bytes behind
 * the head), what goes on is one head that a strict reader takes whole, with no JWT but the gateway's; faults are texts
 * in UTF-8 with header lines that hold together. */
#include "config.h"
#include "gateway/gw-cors.h"
#include "gateway/gw-credentials.h"
#include "gateway/gw-fault.h"
#include "gateway/gw-headers.h"
#include "tests/fuzz/replay.h"

#include <string.h>

#define MAX_HEAD (16 * 1024 * 1024)

static GwApi *
api_of_test (void)
{
  static GwApi *api;

  if (api == NULL)
    {
      api = gw_api_new ();
      api->context = g_strdup ("/w/1");
      api->version = g_strdup ("1");
      api->chain.handlers = GW_HANDLER_CORS | GW_HANDLER_AUTHENTICATION;
      api->chain.cors_headers = g_strsplit ("*", ",", -1);
      api->chain.cors_origins = g_strsplit ("https://a,null", ",", -1);
    }
  return api;
}

/* One request head, and nothing behind it. More header lines than are read would be no fault of ours. */
static void
check_request (NetBuffer *output)
{
  static NetHttpRequest request;
  const char *bytes = (const char *) net_buffer_data (output);
  gsize length = net_buffer_length (output), head_length = 0;
  guint status = 0, n_jwts = 0;

  if (net_http_request_parse (&request, bytes, length, MAX_HEAD, &head_length, &status) == NET_HTTP_PARSE_DONE)
    {
      g_assert_cmpuint (head_length, ==, length);
      for (guint i = 0; i < request.n_headers; i++)
        if (net_http_text_equal_nocase (request.headers[i].name, "X-JWT-Assertion"))
          n_jwts++;
      g_assert_cmpuint (n_jwts, ==, 1);
      g_assert_false (request.chunked);
    }
  else
    g_assert_cmpuint (status, ==, 431);
  net_buffer_clear (output);
}

static void
check_response (NetBuffer *output)
{
  static NetHttpResponse response;
  NetHttpHeadScan scan = { 0 };
  const char *bytes = (const char *) net_buffer_data (output);
  gsize length = net_buffer_length (output);

  g_assert_cmpint (net_http_head_scan (&scan, bytes, length, MAX_HEAD), ==, NET_HTTP_PARSE_DONE);
  g_assert_cmpuint (scan.position, ==, length);
  if (!net_http_response_read (&response, bytes, length, FALSE))
    g_assert_cmpuint (response.n_headers, ==, NET_HTTP_MAX_HEADERS);
  net_buffer_clear (output);
}

static void
check_fault (const NetHttpRequest *request, GwText bytes)
{
  for (guint kind = GW_FAULT_SECURITY; kind <= GW_FAULT_ENGINE; kind++)
    {
      const GwFaultStyle style = { .generation = bytes.length % (APIM_GATEWAY_2_6 + 1), .echoes_headers = TRUE };
      GwFault fault = { .kind = kind,
                        .code = 900901,
                        .context = bytes,
                        .token = bytes,
                        .message = bytes,
                        .text = bytes,
                        .next_access_ms = 1 };
      NetBuffer headers = { 0 }, body = { 0 };
      GwFaultAnswer answer;

      net_buffer_append (&headers, "HTTP/1.1 200 \r\n", 15);
      answer = gw_fault_write (&fault, &style, request, (GwText){ NULL, 0 }, &headers, &body);
      g_assert_true (answer.status >= 400);
      gw_cors_append (api_of_test (), gw_cors_standard_settings (style.generation), NULL, request, NULL, &headers);
      net_buffer_append (&headers, "\r\n", 2);
      check_response (&headers);
      g_assert_true (g_utf8_validate ((const char *) net_buffer_data (&body), (gssize) net_buffer_length (&body), NULL));
      net_buffer_clear (&body);
    }
}

static void
try_request (const NetHttpRequest *request, GwText rest)
{
  const GwHeaderChange changes[] = { { { "x-set", 5 }, rest }, { rest, { "v", 1 } }, { { "x-gone", 6 }, { NULL, 0 } } };
  const GwRequestHead head = { .method = { request->method.text, request->method.length },
                               .target = { request->target.text, request->target.length },
                               .host = { "backend", 7 },
                               .remove = "Authorization",
                               .jwt = { "j.w.t", 5 },
                               .changes = changes,
                               .n_changes = G_N_ELEMENTS (changes) };
  NetHttpText token = { 0 };
  NetBuffer output = { 0 };

  for (guint i = 0; i < 2; i++)
    if (gw_credentials_find (gw_credentials_standard_settings (i == 0 ? APIM_GATEWAY_1_9 : APIM_GATEWAY_2_6),
                             api_of_test (), request, &token)
        == GW_CREDENTIALS_FOUND)
      g_assert_cmpuint (token.length, >, 0);
  gw_credentials_client_address (request, "peer");
  if (request->target.text[0] == '/')
    {
      gw_headers_append_request (&gw_header_standard_settings, request, &head, &output);
      check_request (&output);
    }
  check_fault (request, rest);
}

static void
try_response (const NetHttpResponse *response, GwText rest)
{
  const GwHeaderChange changes[] = { { { "x-set", 5 }, rest }, { rest, { "v", 1 } } };
  const GwResponseHead head = { .framing = GW_FRAMING_NONE,
                                .announced_length = -1,
                                .changes = changes,
                                .n_changes = G_N_ELEMENTS (changes) };
  NetBuffer output = { 0 };

  gw_headers_append_response (&gw_header_standard_settings, response, &head, &output);
  check_response (&output);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static NetHttpRequest request;
  static NetHttpResponse response;
  NetHttpHeadScan scan = { 0 };
  const char *bytes = (const char *) data;
  GwText rest;
  guint status;

  if (net_http_head_scan (&scan, bytes, size, 65536) != NET_HTTP_PARSE_DONE)
    return 0;
  rest = (GwText){ bytes + scan.position, size - scan.position };
  if (net_http_request_read (&request, bytes, scan.position, &status))
    try_request (&request, rest);
  if (net_http_response_read (&response, bytes, scan.position, FALSE))
    try_response (&response, rest);
  return 0;
}
