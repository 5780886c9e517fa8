/* Response heads. Whatever the bytes are: what is taken points into the input, says where its body ends in one way only, and the same head in
 * answer to HEAD differs in nothing but that it has no body. */
#include "config.h"
#include "net/net-http-response.h"
#include "tests/fuzz/replay.h"

static void
check_text (NetHttpText text, const char *bytes, size_t size)
{
  if (text.length > 0)
    g_assert_true (text.text >= bytes && text.text + text.length <= bytes + size);
}

static void
check_response (const NetHttpResponse *response, const char *bytes, size_t size)
{
  g_assert_true (response->status >= 100 && response->status <= 599);
  g_assert_cmpuint (response->n_headers, <=, NET_HTTP_MAX_HEADERS);
  check_text (response->reason, bytes, size);
  for (guint i = 0; i < response->n_headers; i++)
    {
      g_assert_true (response->headers[i].name.length > 0);
      check_text (response->headers[i].name, bytes, size);
      check_text (response->headers[i].value, bytes, size);
    }
  g_assert_true (response->body != NET_HTTP_BODY_LENGTH || response->content_length >= 0);
  g_assert_true (response->body != NET_HTTP_BODY_CHUNKED || response->content_length == -1);
  g_assert_true (response->body != NET_HTTP_BODY_TO_END || !response->keep_alive);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  NetHttpHeadScan scan = { 0 };
  const char *bytes = (const char *) data;
  NetHttpResponse response, to_head;
  gboolean fine;

  if (net_http_head_scan (&scan, bytes, size, 65536) != NET_HTTP_PARSE_DONE)
    return 0;
  fine = net_http_response_read (&response, bytes, scan.position, FALSE);
  g_assert_true (fine == net_http_response_read (&to_head, bytes, scan.position, TRUE));
  g_assert_true (fine == (response.error == NULL));
  if (!fine)
    return 0;
  check_response (&response, bytes, scan.position);
  g_assert_cmpint (to_head.body, ==, NET_HTTP_BODY_NONE);
  g_assert_cmpuint (to_head.n_headers, ==, response.n_headers);
  return 0;
}
