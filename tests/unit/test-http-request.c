#include "config.h"
#include "net/net-http-path.h"
#include "net/net-http-request.h"

#define MAX_HEAD 65536
#define MORE 1 /* beside the statuses: not whole yet */
#define FINE 200

/* Names in brackets are hazards: Hnn of the server-parser list is entry nn of http-garden's TROPHIES.md. */
typedef struct
{
  const char *name;
  const char *head;
  gsize length;
  guint status;
} HeadCase;

#define HEAD(name, status, text) { name, text, sizeof text - 1, status }
#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST

static const HeadCase heads[] = {
  HEAD ("plain", FINE, GET HOST "\r\n"),
  HEAD ("version 1.0 without Host", FINE, "GET / HTTP/1.0\r\n\r\n"),
  HEAD ("one empty line first", FINE, "\r\n" GET HOST "\r\n"),
  HEAD ("no white space after the colon", FINE, GET "Host:a\r\n\r\n"),
  HEAD ("white space around a value", FINE, GET "Host: \t a \t \r\n\r\n"),
  HEAD ("empty value", FINE, GET HOST "X-Empty:\r\n\r\n"),
  HEAD ("empty Host", FINE, GET "Host:\r\n\r\n"),
  HEAD ("port in Host", FINE, GET "Host: am.example.org:9443\r\n\r\n"),
  HEAD ("IPv6 in Host", FINE, GET "Host: [2001:db8::1]:9443\r\n\r\n"),
  HEAD ("obs-text in a value [H41]", FINE, GET HOST "User: \x85" "admin\xa0\r\n\r\n"),
  HEAD ("query", FINE, "GET /a?b=/../c HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("unusual method", FINE, "M-SEARCH /a HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("OPTIONS *", FINE, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("length", FINE, POST "Content-Length: 5\r\n\r\n"),
  HEAD ("length with zeros in front is decimal [H32]", FINE, POST "Content-Length: 010\r\n\r\n"),
  HEAD ("length of 63 bits", FINE, POST "Content-Length: 9223372036854775807\r\n\r\n"),
  HEAD ("chunked", FINE, POST "Transfer-Encoding: chunked\r\n\r\n"),
  HEAD ("chunked, other case", FINE, POST "TRANSFER-ENCODING: Chunked\r\n\r\n"),
  HEAD ("expectation", FINE, POST "Expect: 100-Continue\r\nContent-Length: 5\r\n\r\n"),
  HEAD ("Upgrade is passed over [H91]", FINE, GET HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),

  HEAD ("length of 64 bits", 413, POST "Content-Length: 9223372036854775808\r\n\r\n"),
  HEAD ("length past 64 bits", 413, POST "Content-Length: 18446744073709551621\r\n\r\n"),
  HEAD ("length past 64 bits, longer", 413, POST "Content-Length: 99999999999999999999999\r\n\r\n"),
  HEAD ("two empty lines first", 400, "\r\n\r\n" GET HOST "\r\n"),
  HEAD ("bare LF after the request line [H09]", 400, "GET / HTTP/1.1\n" HOST "\r\n"),
  HEAD ("bare LF in the request line [H09]", 400, "GET /\nHTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("bare LF after a header [H19]", 400, GET HOST "Useless:\n\nGET / HTTP/1.1\r\n\r\n"),
  HEAD ("bare LF in a name", 400, GET HOST "Te\nst: test\r\n\r\n"),
  HEAD ("bare LF everywhere", 400, "GET / HTTP/1.1\nHost: a\n\n"),
  HEAD ("bare LF at the end", 400, GET HOST "\n"),
  HEAD ("bare LF first", 400, "\n" GET HOST "\r\n"),
  HEAD ("bare CR in a value [H13]", 400, GET HOST "Visible: :/\rSmuggled: :)\r\n\r\n"),
  HEAD ("bare CR in a value [H34]", 400, GET HOST "Header: va\rlue\r\n\r\n"),
  HEAD ("bare CR at the start of a line [H30]", 400, GET HOST "\rZGET /evil: HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("two CR", 400, GET HOST "A: b\r\r\n\r\n"),
  HEAD ("CR in the version [H15]", 400, "GET / HTTP/\r\r1.1\r\n" HOST "\r\n"),
  HEAD ("NUL in a value [H02, H35]", 400, GET HOST "Header: v\0alue\r\n\r\n"),
  HEAD ("NUL at the end of a value [H43]", 400, GET HOST "Evil: evil\0\r\n\r\n"),
  HEAD ("NUL and CR in a value [H02]", 400, GET HOST "Header: v\0\ralue\r\n\r\n"),
  HEAD ("NUL in Host", 400, GET "Host: google.com\0.example.org\r\n\r\n"),
  HEAD ("NUL as method [H40]", 400, "\0 / HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("NUL in the target", 400, "GET /\0 HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("DEL in a value", 400, GET HOST "A: b\x7f\r\n\r\n"),
  HEAD ("escape in a value", 400, GET HOST "A: b\x1b[0m\r\n\r\n"),
  HEAD ("TLS hello", 400, "\x16\x03\x01\x02"),

  HEAD ("folded header", 400, GET HOST "A: b\r\n c\r\n\r\n"),
  HEAD ("folded header with tab", 400, GET HOST "A: b\r\n\tc\r\n\r\n"),
  HEAD ("folded Transfer-Encoding", 400, POST "Transfer-Encoding:\r\n chunked\r\n\r\n"),
  HEAD ("white space before the first name [H04]", 400, GET "\tContent-Length: 1\r\n" HOST "\r\n"),
  HEAD ("name across lines [H37]", 400, POST "Transfer-\r\nEncoding: chunked\r\nContent-Length: 5\r\n\r\n"),
  HEAD ("no colon [H28]", 400, GET HOST "Content-Length 10\r\n\r\n"),
  HEAD ("space before the colon [H03]", 400, GET HOST "Content-Length : 34\r\n\r\n"),
  HEAD ("tab before the colon [H03]", 400, GET HOST "Content-Length\t: 34\r\n\r\n"),
  HEAD ("empty name [H18]", 400, GET ": ignored\r\n" HOST "\r\n"),
  HEAD ("empty name and value [H27]", 400, GET HOST ":\r\nI: am chopped off\r\n\r\n"),
  HEAD ("obs-text in a name [H08]", 400, GET HOST "\xef" "oo: bar\r\n\r\n"),
  HEAD ("obs-text at the end of a name [H20]", 400, GET HOST "Content-Length\x85: 10\r\n\r\n"),
  HEAD ("bytes that are no token in a name [H14]", 400, GET HOST "a(b): c\r\n\r\n"),
  HEAD ("at sign in a name", 400, GET HOST "a@b: c\r\n\r\n"),

  HEAD ("no version", 400, "GET /\r\n\r\n"),
  HEAD ("no target", 400, "GET HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("empty target", 400, "GET  HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("two spaces after the method", 400, "GET  / HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("two spaces before the version", 400, "GET /  HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("space after the version", 400, "GET / HTTP/1.1 \r\n" HOST "\r\n"),
  HEAD ("space before the method", 400, " GET / HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("tab instead of space", 400, "GET\t/ HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("method that is no token [H06]", 400, "G=\":<>(e),[T];?\" /get HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("version of two digits [H05]", 400, "GET / HTTP/1.32\r\n" HOST "\r\n"),
  HEAD ("version that overflows [H24]", 400, "GET / HTTP/4294967295.255\r\n" HOST "\r\n"),
  HEAD ("version of dots [H40]", 400, "GET / HTTP/............0596.7407.\r\n" HOST "\r\n"),
  HEAD ("lower-case version", 400, "GET / http/1.1\r\n" HOST "\r\n"),
  HEAD ("version with comma", 400, "GET / HTTP/1,1\r\n" HOST "\r\n"),
  HEAD ("version 1.2", 505, "GET / HTTP/1.2\r\n" HOST "\r\n"),
  HEAD ("version 0.9", 505, "GET / HTTP/0.9\r\n\r\n"),
  HEAD ("version 2.0", 505, "GET / HTTP/2.0\r\n" HOST "\r\n"),
  HEAD ("HTTP/2 preface [H95]", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  HEAD ("long method", 501, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH / HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("target that is no path [H07]", 400, "GET ! HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("absolute form [H85]", 400, "GET http://a/ HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("authority form [H85]", 400, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
  HEAD ("CONNECT with a path [H91]", 400, "CONNECT / HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("asterisk with GET [H85]", 400, "GET * HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("asterisk and more", 400, "OPTIONS *a HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("fragment", 400, "GET /a#b HTTP/1.1\r\n" HOST "\r\n"),
  HEAD ("obs-text in the target", 400, "GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n"),

  HEAD ("no Host [H87]", 400, GET "\r\n"),
  HEAD ("two Hosts [H87]", 400, GET HOST "Host: b\r\n\r\n"),
  HEAD ("the same Host twice [H87]", 400, GET HOST HOST "\r\n"),
  HEAD ("two Hosts in 1.0 [H87]", 400, "GET / HTTP/1.0\r\n" HOST HOST "\r\n"),
  HEAD ("two Hosts in one", 400, GET "Host: a,b\r\n\r\n"),
  HEAD ("obs-text in Host [H46]", 400, GET "Host: \xff" "a\xff\r\n\r\n"),
  HEAD ("user in Host", 400, GET "Host: u@a\r\n\r\n"),
  HEAD ("path in Host", 400, GET "Host: a/b\r\n\r\n"),

  HEAD ("length with sign and underscore [H10]", 400, POST "Content-Length: +1_0\r\n\r\n"),
  HEAD ("negative length [H26]", 400, POST "Content-Length: -48\r\n\r\n"),
  HEAD ("empty length [H16, H38]", 400, POST "Content-Length: \r\n\r\n"),
  HEAD ("empty length, then another [H42]", 400, POST "Content-Length: \r\nContent-Length: 43\r\n\r\n"),
  HEAD ("length with garbage [H29]", 400, POST "Content-Length: 1Z\r\n\r\n"),
  HEAD ("hexadecimal length", 400, POST "Content-Length: 0x10\r\n\r\n"),
  HEAD ("length with a space inside", 400, POST "Content-Length: 1 0\r\n\r\n"),
  HEAD ("length with fraction", 400, POST "Content-Length: 1.0\r\n\r\n"),
  HEAD ("list of lengths", 400, POST "Content-Length: 5, 5\r\n\r\n"),
  HEAD ("two lengths [H23]", 400, POST "Content-Length: 1\r\nContent-Length: 0\r\n\r\n"),
  HEAD ("two lengths [H33]", 400, POST "Content-Length: 0\r\nContent-Length: 1\r\n\r\n"),
  HEAD ("the same length twice", 400, POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\n"),
  HEAD ("length, then chunked", 400, POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
  HEAD ("chunked, then length", 400, POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
  HEAD ("unknown coding and length", 400, POST "Transfer-Encoding: blegh\r\nContent-Length: 5\r\n\r\n"),
  HEAD ("chunked in 1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
  HEAD ("unknown coding in 1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n"),
  HEAD ("unknown coding [H44]", 501, POST "Transfer-Encoding: blegh\r\n\r\n"),
  HEAD ("identity", 501, POST "Transfer-Encoding: identity\r\n\r\n"),
  HEAD ("two codings", 400, POST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
  HEAD ("chunked twice [H11]", 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
  HEAD ("chunked, then unknown", 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"),
  HEAD ("chunked twice in one", 400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
  HEAD ("comma and chunked [H21]", 400, POST "Transfer-Encoding: ,chunked\r\n\r\n"),
  HEAD ("comma, chunked and length [H21]", 400,
        POST "Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\n\r\n"),
  HEAD ("obs-text around chunked [H12]", 400, POST "Transfer-Encoding: \xa0" "chunked\xa0\r\n\r\n"),
  HEAD ("vertical tab before chunked", 400, POST "Transfer-Encoding: \x0b" "chunked\r\n\r\n"),
  HEAD ("quoted chunked", 400, POST "Transfer-Encoding: \"chunked\"\r\n\r\n"),
  HEAD ("chunked with parameter", 400, POST "Transfer-Encoding: chunked;q=1\r\n\r\n"),
  HEAD ("empty coding", 400, POST "Transfer-Encoding:\r\n\r\n"),
  HEAD ("other expectation", 417, POST "Expect: 200-ok\r\n\r\n"),
  HEAD ("two expectations in one", 417, POST "Expect: 100-continue, x\r\n\r\n"),
};

static guint
verdict (NetHttpParse result, guint status)
{
  return result == NET_HTTP_PARSE_DONE ? FINE : result == NET_HTTP_PARSE_MORE ? MORE : status;
}

static guint
parse (NetHttpRequest *request, const char *bytes, gsize length, gsize max_head)
{
  guint status = 0;
  gsize head_length;
  NetHttpParse result = net_http_request_parse (request, bytes, length, max_head, &head_length, &status);

  if (result == NET_HTTP_PARSE_DONE)
    g_assert_cmpuint (head_length, <=, length);
  if (result == NET_HTTP_PARSE_ERROR)
    g_assert_nonnull (request->error);
  return verdict (result, status);
}

/* Scans what has come in @pieces steps, each in memory of its own and of exact size, then reads. */
static guint
parse_pieces (const char *bytes, const gsize *ends, guint pieces)
{
  NetHttpHeadScan scan = { 0 };
  NetHttpParse result = NET_HTTP_PARSE_MORE;
  guint status = 0;

  for (guint i = 0; i < pieces && result == NET_HTTP_PARSE_MORE; i++)
    {
      g_autofree char *copy = g_memdup2 (bytes, ends[i]);
      NetHttpRequest request;

      result = net_http_head_scan (&scan, copy, ends[i], MAX_HEAD);
      status = scan.status;
      if (result == NET_HTTP_PARSE_DONE && !net_http_request_read (&request, copy, scan.position, &status))
        result = NET_HTTP_PARSE_ERROR;
    }
  return verdict (result, status);
}

static void
test_heads (gconstpointer data)
{
  const HeadCase *c = data;
  NetHttpRequest request;
  g_autofree gsize *ends = g_new (gsize, c->length);

  g_assert_cmpuint (parse (&request, c->head, c->length, MAX_HEAD), ==, c->status);
  for (gsize i = 0; i < c->length; i++)
    {
      gsize split[] = { i, c->length };

      ends[i] = i + 1;
      g_assert_cmpuint (parse_pieces (c->head, split, 2), ==, c->status);
      if (c->status == FINE)
        g_assert_cmpuint (parse_pieces (c->head, split, 1), ==, MORE);
    }
  g_assert_cmpuint (parse_pieces (c->head, ends, c->length), ==, c->status);
}

static void
assert_text (NetHttpText text, const char *expected)
{
  g_autofree char *copy = g_strndup (text.text, text.length);

  g_assert_cmpstr (copy, ==, expected);
}

static void
test_fields (void)
{
  static const char head[] = "\r\nPOST /a/b;c?d=e?f HTTP/1.1\r\nhOST: a:1\r\nX-One: \t1 \r\nContent-Length: 0017\r\n"
                             "x-one: 2\r\nX-Empty: \r\nConnection: x , Close\r\nExpect: 100-continue\r\n\r\n";
  NetHttpRequest request;
  NetHttpText value;
  gsize head_length;
  guint status;
  g_autofree char *more = g_strconcat (head, "the body", NULL);

  g_assert_cmpint (net_http_request_parse (&request, more, strlen (more), MAX_HEAD, &head_length, &status), ==,
                   NET_HTTP_PARSE_DONE);
  g_assert_cmpuint (head_length, ==, strlen (head));
  assert_text (request.method, "POST");
  assert_text (request.target, "/a/b;c?d=e?f");
  assert_text (request.path, "/a/b;c");
  assert_text (request.query, "d=e?f");
  g_assert_cmpuint (request.minor_version, ==, 1);
  g_assert_cmpuint (request.n_headers, ==, 7);
  assert_text (request.headers[1].name, "X-One");
  assert_text (request.headers[1].value, "1");
  g_assert_true (net_http_request_header (&request, "X-ONE", &value));
  assert_text (value, "1");
  g_assert_true (net_http_request_header (&request, "x-empty", &value));
  assert_text (value, "");
  g_assert_false (net_http_request_header (&request, "X-On", &value));
  g_assert_cmpint (request.content_length, ==, 17);
  g_assert_false (request.chunked);
  g_assert_false (request.keep_alive);
  g_assert_true (request.expect_continue);
  g_assert_true (net_http_text_equal (request.method, "POST"));
  g_assert_false (net_http_text_equal (request.method, "post"));
  g_assert_false (net_http_text_equal (request.method, "POSTS"));
  g_assert_true (net_http_text_equal_nocase (request.method, "post"));
}

static void
test_framing (void)
{
  static const struct
  {
    const char *head;
    gboolean chunked;
    gint64 content_length;
  } cases[] = {
    { GET HOST "\r\n", FALSE, -1 },
    { POST "Content-Length: 0\r\n\r\n", FALSE, 0 },
    { POST "Content-Length: 010\r\n\r\n", FALSE, 10 },
    { POST "Content-Length: 9223372036854775807\r\n\r\n", FALSE, G_MAXINT64 },
    { POST "Transfer-Encoding: chunked\r\n\r\n", TRUE, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NetHttpRequest request;

      g_assert_cmpuint (parse (&request, cases[i].head, strlen (cases[i].head), MAX_HEAD), ==, FINE);
      g_assert_cmpint (request.chunked, ==, cases[i].chunked);
      g_assert_cmpint (request.content_length, ==, cases[i].content_length);
    }
}

static void
test_keep_alive (void)
{
  static const struct
  {
    const char *version;
    const char *connection; /* header lines */
    gboolean keep_alive;
  } cases[] = {
    { "1.1", "", TRUE },
    { "1.1", "Connection: close\r\n", FALSE },
    { "1.1", "Connection: ,\tCLOSE ,x\r\n", FALSE },
    { "1.1", "Connection: closed\r\n", TRUE },
    { "1.1", "Connection: keep-alive\r\nConnection: close\r\n", FALSE },
    { "1.1", "Connection: close, keep-alive\r\n", FALSE },
    { "1.1", "Connection:\r\n", TRUE },
    { "1.0", "", FALSE },
    { "1.0", "Connection: Keep-Alive\r\n", TRUE },
    { "1.0", "Connection: keep-alive, close\r\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NetHttpRequest request;
      g_autofree char *head = g_strdup_printf ("GET / HTTP/%s\r\n" HOST "%s\r\n", cases[i].version,
                                               cases[i].connection);

      g_assert_cmpuint (parse (&request, head, strlen (head), MAX_HEAD), ==, FINE);
      g_assert_cmpint (request.keep_alive, ==, cases[i].keep_alive);
      g_assert_cmpuint (request.minor_version, ==, cases[i].version[2] - '0');
    }
}

/* An HTTP/1.0 client would not understand the interim answer (RFC 9110 10.1.1). */
static void
test_expectation_in_1_0 (void)
{
  static const char head[] = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  NetHttpRequest request;

  g_assert_cmpuint (parse (&request, head, strlen (head), MAX_HEAD), ==, FINE);
  g_assert_false (request.expect_continue);
}

static char *
repeat (char c, gsize count)
{
  char *text = g_malloc (count + 1);

  memset (text, c, count);
  text[count] = '\0';
  return text;
}

static void
test_target_limit (void)
{
  for (int over = 0; over <= 1; over++)
    {
      g_autofree char *path = repeat ('a', NET_HTTP_MAX_TARGET - 1 + over);
      g_autofree char *head = g_strdup_printf ("GET /%s HTTP/1.1\r\n" HOST "\r\n", path);
      NetHttpRequest request;

      g_assert_cmpuint (parse (&request, head, strlen (head), MAX_HEAD), ==, over ? 414 : FINE);
    }
}

/* A request line without an end is refused long before the head's limit. */
static void
test_endless_target (void)
{
  g_autofree char *path = repeat ('/', MAX_HEAD);
  NetHttpHeadScan scan = { 0 };
  gsize length = 1;

  while (net_http_head_scan (&scan, path, length, MAX_HEAD) == NET_HTTP_PARSE_MORE)
    length++;
  g_assert_cmpuint (scan.status, ==, 414);
  g_assert_cmpuint (length, <, NET_HTTP_MAX_TARGET + 100);
}

/* One that is too long is just that, whatever else is wrong with it and however its bytes come. */
static void
test_endless_target_first (void)
{
  static const char *const ends[] = { " HTTP/0.1\r\n" HOST "\r\n", " HTTP/1.1\n\n", "\1 HTTP/1.1\r\n\r\n" };
  g_autofree char *path = repeat ('/', NET_HTTP_MAX_TARGET + 100);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    for (gsize step = 1; step <= G_MAXUINT16; step *= G_MAXUINT8)
      {
        g_autofree char *head = g_strconcat ("GET ", path, ends[i], NULL);
        NetHttpHeadScan scan = { 0 };
        gsize whole = strlen (head), length = MIN (step, whole);

        while (net_http_head_scan (&scan, head, length, MAX_HEAD) == NET_HTTP_PARSE_MORE && length < whole)
          length = MIN (length + step, whole);
        g_assert_cmpuint (scan.status, ==, 414);
      }
}

/* H83 */
static void
test_header_count_limit (void)
{
  for (int over = 0; over <= 1; over++)
    {
      g_autoptr (GString) head = g_string_new (GET HOST);
      NetHttpRequest request;

      for (int i = 1; i < NET_HTTP_MAX_HEADERS + over; i++)
        g_string_append (head, "A: b\r\n");
      g_string_append (head, "\r\n");
      g_assert_cmpuint (parse (&request, head->str, head->len, MAX_HEAD), ==, over ? 431 : FINE);
    }
}

/* H83: a head of exactly the limit fits; one byte more does not, and neither does one that has no end. */
static void
test_head_size_limit (void)
{
  g_autofree char *value = repeat ('v', MAX_HEAD - strlen (GET HOST "A: \r\n\r\n"));
  g_autofree char *head = g_strdup_printf (GET HOST "A: %s\r\n\r\n", value);
  NetHttpRequest request;

  g_assert_cmpuint (strlen (head), ==, MAX_HEAD);
  g_assert_cmpuint (parse (&request, head, MAX_HEAD, MAX_HEAD), ==, FINE);
  g_assert_cmpuint (parse (&request, head, MAX_HEAD - 1, MAX_HEAD), ==, MORE);
  g_assert_cmpuint (parse (&request, head, MAX_HEAD, MAX_HEAD - 1), ==, 431);
  g_assert_cmpuint (parse (&request, head, MAX_HEAD - 1, MAX_HEAD - 1), ==, 431);
}

/* H80: however slowly a head comes, no byte is looked at twice. What was seen is changed behind the scanner's back:
 * it must not notice. (The last byte seen counts as context: a CR or not.) */
static void
test_nothing_is_read_twice (void)
{
  g_autofree char *head = g_strdup (GET HOST "A: b\r\n\r\n");
  gsize length = strlen (head);
  NetHttpHeadScan scan = { 0 };
  NetHttpParse result = NET_HTTP_PARSE_MORE;

  for (gsize i = 0; i < length; i++)
    {
      result = net_http_head_scan (&scan, head, i + 1, MAX_HEAD);
      if (i > 0)
        head[i - 1] = '\0';
    }
  g_assert_cmpint (result, ==, NET_HTTP_PARSE_DONE);
  g_assert_cmpuint (scan.position, ==, length);
}

static void
test_plain_paths (void)
{
  static const char *const cases[][2] = {
    { "/a/b", "/a/b" },
    { "/%61dmin/%2D%5f%7e", "/admin/-_~" },
    { "/a;x=1;y/b;z", "/a/b" },
    { "/a%3bx/b%3B", "/a/b" },
    { "/a;x%2Fy/b", "/a/b" },
    { "/;x", "/" },
    { "/%20%40%C3%A4%252e", "/%20%40%C3%A4%252e" },
    { "/%zz/%4/%", "/%zz/%4/%" },
    { "/%4%31", "/%41" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const NetHttpText path = { cases[i][0], strlen (cases[i][0]) };
      g_autofree char *plain = g_malloc (path.length + 1);

      plain[net_http_path_plain (path, plain)] = '\0';
      g_assert_cmpstr (plain, ==, cases[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autofree char *plain = g_strdelimit (g_strdup (heads[i].name), "/", '.');
      g_autofree char *path = g_strconcat ("/http/request/heads/", plain, NULL);

      g_test_add_data_func (path, &heads[i], test_heads);
    }
  g_test_add_func ("/http/request/fields", test_fields);
  g_test_add_func ("/http/request/framing", test_framing);
  g_test_add_func ("/http/request/keep-alive", test_keep_alive);
  g_test_add_func ("/http/request/expectation-in-1.0", test_expectation_in_1_0);
  g_test_add_func ("/http/request/target-limit", test_target_limit);
  g_test_add_func ("/http/request/endless-target", test_endless_target);
  g_test_add_func ("/http/request/endless-target-first", test_endless_target_first);
  g_test_add_func ("/http/request/header-count-limit", test_header_count_limit);
  g_test_add_func ("/http/request/head-size-limit", test_head_size_limit);
  g_test_add_func ("/http/request/nothing-is-read-twice", test_nothing_is_read_twice);
  g_test_add_func ("/http/request/plain-paths", test_plain_paths);
  return g_test_run ();
}
