#include "config.h"
#include "net/net-http-response.h"

#define BROKEN 0

/* Names in brackets are hazards. */
typedef struct
{
  const char *name;
  const char *head;
  gsize length;
  guint status; /* BROKEN: refused */
  NetHttpBody body;
  gint64 content_length;
  gboolean keep_alive;
  gboolean to_head;
} Case;

#define HEAD(text) text, sizeof text - 1

static const Case cases[] = {
  { "length", HEAD ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), 200, NET_HTTP_BODY_LENGTH, 5, TRUE, FALSE },
  { "chunked", HEAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), 200, NET_HTTP_BODY_CHUNKED, -1, TRUE, FALSE },
  { "to the end", HEAD ("HTTP/1.1 200 OK\r\n\r\n"), 200, NET_HTTP_BODY_TO_END, -1, FALSE, FALSE },
  { "1.0", HEAD ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), 200, NET_HTTP_BODY_LENGTH, 0, FALSE, FALSE },
  { "1.0 that keeps alive", HEAD ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"), 200,
    NET_HTTP_BODY_LENGTH, 0, TRUE, FALSE },
  { "close", HEAD ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n"), 200, NET_HTTP_BODY_LENGTH, 1,
    FALSE, FALSE },
  { "204", HEAD ("HTTP/1.1 204 No Content\r\n\r\n"), 204, NET_HTTP_BODY_NONE, -1, TRUE, FALSE },
  { "204 with a length", HEAD ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"), 204, NET_HTTP_BODY_NONE, 5, TRUE,
    FALSE },
  { "304", HEAD ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), 304, NET_HTTP_BODY_NONE, 5, TRUE, FALSE },
  { "interim", HEAD ("HTTP/1.1 100 Continue\r\n\r\n"), 100, NET_HTTP_BODY_NONE, -1, TRUE, FALSE },
  { "to HEAD", HEAD ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), 200, NET_HTTP_BODY_NONE, 5, TRUE, TRUE },
  { "to HEAD, chunked", HEAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), 200, NET_HTTP_BODY_NONE, -1, TRUE,
    TRUE },
  { "no reason", HEAD ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), 200, NET_HTTP_BODY_LENGTH, 0, TRUE, FALSE },
  { "empty reason", HEAD ("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"), 200, NET_HTTP_BODY_LENGTH, 0, TRUE, FALSE },
  { "reason of several words", HEAD ("HTTP/1.1 404 It is not here\r\nContent-Length: 0\r\n\r\n"), 404, NET_HTTP_BODY_LENGTH,
    0, TRUE, FALSE },

  { "both framings [H92]", HEAD ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), BROKEN,
    NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "two lengths [H92]", HEAD ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"), BROKEN,
    NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "list of lengths [H92]", HEAD ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE,
    FALSE },
  { "negative length [H92]", HEAD ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE,
    FALSE },
  { "unknown coding", HEAD ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE,
    FALSE },
  { "coding in 1.0", HEAD ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE,
    FALSE },
  { "folded", HEAD ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "blank before the colon", HEAD ("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE,
    FALSE },
  { "no colon", HEAD ("HTTP/1.1 200 OK\r\nbad\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "HTTP/2", HEAD ("HTTP/2 200\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "HTTP/1.2", HEAD ("HTTP/1.2 200 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "ICY", HEAD ("ICY 200 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "status of two digits", HEAD ("HTTP/1.1 20 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "status of four digits", HEAD ("HTTP/1.1 2000 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "status 600", HEAD ("HTTP/1.1 600 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "status 099", HEAD ("HTTP/1.1 099 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "two blanks", HEAD ("HTTP/1.1  200 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "request", HEAD ("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
  { "empty line first", HEAD ("\r\nHTTP/1.1 200 OK\r\n\r\n"), BROKEN, NET_HTTP_BODY_NONE, -1, FALSE, FALSE },
};

static void
test_head (gconstpointer data)
{
  const Case *c = data;
  NetHttpHeadScan scan = { 0 };
  g_autofree NetHttpResponse *response = g_new0 (NetHttpResponse, 1);
  gboolean fine;

  g_assert_cmpint (net_http_head_scan (&scan, c->head, c->length, 65536), ==, NET_HTTP_PARSE_DONE);
  fine = net_http_response_read (response, c->head, scan.position, c->to_head);
  g_assert_cmpint (fine, ==, c->status != BROKEN);
  g_assert_true (fine == (response->error == NULL));
  if (!fine)
    return;
  g_assert_cmpuint (response->status, ==, c->status);
  g_assert_cmpint (response->body, ==, c->body);
  g_assert_cmpint (response->content_length, ==, c->content_length);
  g_assert_cmpint (response->keep_alive, ==, c->keep_alive);
}

static void
test_fields (void)
{
  static const char head[] = "HTTP/1.1 200 All right\r\nA: one \r\nB:\ttwo\r\nContent-Length: 0\r\n\r\n";
  g_autofree NetHttpResponse *response = g_new0 (NetHttpResponse, 1);

  g_assert_true (net_http_response_read (response, head, strlen (head), FALSE));
  g_assert_true (net_http_text_equal (response->reason, "All right"));
  g_assert_cmpuint (response->n_headers, ==, 3);
  g_assert_true (net_http_text_equal (response->headers[0].value, "one"));
  g_assert_true (net_http_text_equal (response->headers[1].name, "B"));
  g_assert_true (net_http_text_equal (response->headers[1].value, "two"));
}

static void
test_too_many_fields (void)
{
  g_autoptr (GString) head = g_string_new ("HTTP/1.1 200 OK\r\n");
  g_autofree NetHttpResponse *response = g_new0 (NetHttpResponse, 1);

  for (int i = 0; i <= NET_HTTP_MAX_HEADERS; i++)
    g_string_append (head, "A: b\r\n");
  g_string_append (head, "\r\n");
  g_assert_false (net_http_response_read (response, head->str, head->len, FALSE));
  g_assert_cmpuint (response->n_headers, ==, NET_HTTP_MAX_HEADERS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/http/response/heads/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_head);
    }
  g_test_add_func ("/http/response/fields", test_fields);
  g_test_add_func ("/http/response/too-many-fields", test_too_many_fields);
  return g_test_run ();
}
