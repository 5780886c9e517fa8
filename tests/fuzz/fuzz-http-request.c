/* The request-head parser and the chunked decoder. Whatever the bytes are, and however they arrive: the verdict is
 * that of the whole, and what a request points at lies within its head and is clean. */
#include "config.h"
#include "net/net-http-request.h"
#include "tests/fuzz/replay.h"

#include <string.h>

/* Small, so that the limit is met. */
#define MAX_HEAD 2048
#define MAX_PARTS 64

/* Where the bytes that have come end after the next part, of pseudo-random size. */
static gsize
next_part (guint32 *seed, gsize come, gsize length)
{
  *seed = *seed * 1664525u + 1013904223u;
  return MIN (length, come + 1 + (*seed >> 16) % (1 + 2 * length / MAX_PARTS));
}

static void
check_text (NetHttpText text, const char *head, gsize head_length)
{
  if (text.length == 0)
    return;
  g_assert_true (text.text >= head && text.text + text.length <= head + head_length);
  for (gsize i = 0; i < text.length; i++)
    g_assert_true (text.text[i] == '\t' || ((guchar) text.text[i] >= 0x20 && text.text[i] != 0x7f));
}

static void
check_request (const NetHttpRequest *request, const char *head, gsize head_length)
{
  g_assert_true (head_length >= strlen ("A / HTTP/1.0\r\n\r\n") && memcmp (head + head_length - 4, "\r\n\r\n", 4) == 0);
  check_text (request->method, head, head_length);
  check_text (request->target, head, head_length);
  check_text (request->path, head, head_length);
  check_text (request->query, head, head_length);
  g_assert_true (request->method.length > 0 && request->path.length > 0);
  g_assert_true (request->path.text[0] == '/' || net_http_text_equal (request->target, "*"));
  g_assert_true (request->n_headers <= NET_HTTP_MAX_HEADERS && request->minor_version <= 1);
  g_assert_true (request->content_length >= -1 && !(request->chunked && request->content_length >= 0));
  for (guint i = 0; i < request->n_headers; i++)
    {
      g_assert_true (request->headers[i].name.length > 0);
      check_text (request->headers[i].name, head, head_length);
      check_text (request->headers[i].value, head, head_length);
    }
}

/* Parses the head. Returns: its length, or 0 when it is refused or not whole. */
static gsize
check_head (const char *bytes, gsize length, guint32 seed)
{
  NetHttpRequest request;
  NetHttpHeadScan scan = { 0 };
  NetHttpParse in_parts = NET_HTTP_PARSE_MORE;
  gsize head_length, come = 0;
  guint status = 0;
  NetHttpParse whole = net_http_request_parse (&request, bytes, length, MAX_HEAD, &head_length, &status);

  g_assert_true (whole != NET_HTTP_PARSE_ERROR || (status >= 400 && status <= 505 && request.error != NULL));
  if (whole == NET_HTTP_PARSE_DONE)
    check_request (&request, bytes, head_length);
  while (in_parts == NET_HTTP_PARSE_MORE && come < length)
    {
      g_autofree char *block = NULL;

      come = next_part (&seed, come, length);
      block = g_memdup2 (bytes, come);
      in_parts = net_http_head_scan (&scan, block, come, MAX_HEAD);
      if (in_parts == NET_HTTP_PARSE_DONE && !net_http_request_read (&request, block, scan.position, &status))
        in_parts = NET_HTTP_PARSE_ERROR;
    }
  g_assert_true (whole == in_parts);
  if (whole != NET_HTTP_PARSE_DONE)
    return 0;
  g_assert_cmpuint (scan.position, ==, head_length);
  return head_length;
}

/* Decodes in place, as a connection does, in parts of pseudo-random size (all at once when @seed is 0). */
static GByteArray *
decode (const char *bytes, gsize length, guint32 seed, NetHttpParse *result, gsize *used)
{
  GByteArray *body = g_byte_array_new ();
  NetHttpChunks chunks = { 0 };

  *result = NET_HTTP_PARSE_MORE;
  *used = 0;
  while (*result == NET_HTTP_PARSE_MORE && *used < length)
    {
      gsize block = (seed == 0 ? length : next_part (&seed, *used, length)) - *used;
      gsize start = body->len, eaten, produced;
      char *at;

      g_byte_array_append (body, (const guint8 *) bytes + *used, block);
      at = (char *) body->data + start;
      *result = net_http_chunks_decode (&chunks, at, block, at, &eaten, &produced);
      g_assert_true (produced <= eaten && eaten <= block);
      g_assert_true (*result != NET_HTTP_PARSE_MORE || eaten == block);
      g_byte_array_set_size (body, start + produced);
      *used += eaten;
    }
  return body;
}

static void
check_chunks (const char *bytes, gsize length, guint32 seed)
{
  NetHttpParse whole, in_parts;
  gsize whole_used, parts_used;
  g_autoptr (GByteArray) whole_body = decode (bytes, length, 0, &whole, &whole_used);
  g_autoptr (GByteArray) parts_body = decode (bytes, length, seed | 1, &in_parts, &parts_used);

  g_assert_true (whole == in_parts);
  g_assert_cmpuint (whole_used, ==, parts_used);
  g_assert_cmpmem (whole_body->data, whole_body->len, parts_body->data, parts_body->len);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint32 seed = (guint32) size;
  gsize head_length;

  if (size == 0)
    return 0;
  for (size_t i = 0; i < size; i++)
    seed = seed * 31 + data[i];
  head_length = check_head ((const char *) data, size, seed);
  /* Also when there is no head: the decoder is reached by every input. */
  check_chunks ((const char *) data + head_length, size - head_length, seed);
  return 0;
}
