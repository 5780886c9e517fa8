/* Header lists as HTTP/1.1 heads, and answers' heads as header lists (RFC 9113 8). */
#include "config.h"
#include "gateway/gw-h2-head.h"

#define LIMIT 4096
#define GOOD ":method", "GET", ":scheme", "https", ":authority", "a.example:8243", ":path", "/x?y=z"

static NetHttpText
text_of (const char *text)
{
  return (NetHttpText){ text, strlen (text) };
}

/* @fields: names and values in turn. */
static void
add (GwH2Head *head, const char *const *fields)
{
  gw_h2_head_begin (head, LIMIT);
  for (; fields[0] != NULL; fields += 2)
    gw_h2_head_add (head, text_of (fields[0]), text_of (fields[1]));
}

static void
expect (const char *const *fields, gboolean has_body, const char *expected)
{
  GwH2Head head = { 0 };
  NetBuffer output = { 0 };
  g_autofree char *text = NULL;

  add (&head, fields);
  g_assert_true (gw_h2_head_end (&head, has_body, &output));
  text = g_strndup ((const char *) net_buffer_data (&output), net_buffer_length (&output));
  g_assert_cmpstr (text, ==, expected);
  net_buffer_clear (&output);
  gw_h2_head_clear (&head);
}

#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL, NULL })

static void
test_heads (void)
{
  expect (FIELDS (GOOD), FALSE, "GET /x?y=z HTTP/1.1\r\nhost: a.example:8243\r\n\r\n");
  expect (FIELDS (GOOD, "host", "A.example:8243", "accept", "*/*", "x", ""), FALSE,
          "GET /x?y=z HTTP/1.1\r\nhost: a.example:8243\r\naccept: */*\r\nx: \r\n\r\n");
  expect (FIELDS (":path", "/", ":method", "POST", ":scheme", "HTTP", "host", "b"), TRUE,
          "POST / HTTP/1.1\r\nhost: b\r\ntransfer-encoding: chunked\r\n\r\n");
  expect (FIELDS (GOOD, "cookie", "a=b", "x", "1", "cookie", "c=d"), FALSE,
          "GET /x?y=z HTTP/1.1\r\nhost: a.example:8243\r\nx: 1\r\ncookie: a=b; c=d\r\n\r\n");
  expect (FIELDS (GOOD, "x-content-length", "1", "content-length", "2", "te", "trailers"), TRUE,
          "GET /x?y=z HTTP/1.1\r\nhost: a.example:8243\r\nx-content-length: 1\r\ncontent-length: 2\r\nte: trailers\r\n"
          "\r\n");
}

static void
test_refused (void)
{
  static const char *const cases[][14] = {
    { ":method", "GET", ":scheme", "https", ":authority", "a" },                      /* no path */
    { ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "" },
    { ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/ HTTP/1.1" },
    { ":method", "GET", ":authority", "a", ":path", "/" },                             /* no scheme */
    { ":method", "GET", ":scheme", "ftp", ":authority", "a", ":path", "/" },
    { ":scheme", "https", ":authority", "a", ":path", "/" },                           /* no method */
    { ":method", "G T", ":scheme", "https", ":authority", "a", ":path", "/" },
    { ":method", "", ":scheme", "https", ":authority", "a", ":path", "/" },
    { ":method", "CONNECT", ":authority", "a:443" },
    { ":method", "GET", ":scheme", "https", ":path", "/" },                            /* no host */
    { ":method", "GET", ":scheme", "https", ":authority", "", ":path", "/" },
    { GOOD, ":path", "/other" },
    { GOOD, ":protocol", "websocket" },
    { GOOD, ":status", "200" },
    { GOOD, "x", "1", ":method", "GET" },
    { GOOD, "host", "b.example" },
    { GOOD, "host", "a.example:8243", "host", "a.example:8243" },
    { GOOD, "Upper", "1" },
    { GOOD, "", "1" },
    { GOOD, "a b", "1" },
    { GOOD, "a:b", "1" },
    { GOOD, "a\r\nb", "1" },
    { GOOD, "x", "1\r\nother: 2" },
    { GOOD, "x", "1\nb" },
    { GOOD, "x", " 1" },
    { GOOD, "x", "1\t" },
    { GOOD, "x", "\x7f" },
    { GOOD, "connection", "close" },
    { GOOD, "proxy-connection", "close" },
    { GOOD, "keep-alive", "5" },
    { GOOD, "transfer-encoding", "chunked" },
    { GOOD, "upgrade", "websocket" },
    { GOOD, "te", "gzip" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GwH2Head head = { 0 };
      NetBuffer output = { 0 };

      add (&head, cases[i]);
      g_assert_false (gw_h2_head_end (&head, FALSE, &output));
      g_assert_cmpuint (head.status, ==, 400);
      g_assert_nonnull (head.error);
      g_assert_cmpuint (net_buffer_length (&output), ==, 0);
      gw_h2_head_clear (&head);
    }
}

static void
test_nul (void)
{
  static const char *const good[] = { GOOD, NULL, NULL };
  GwH2Head head = { 0 };
  NetBuffer output = { 0 };

  add (&head, good);
  gw_h2_head_add (&head, text_of ("x"), (NetHttpText){ "a\0b", 3 });
  g_assert_false (gw_h2_head_end (&head, FALSE, &output));
  gw_h2_head_clear (&head);
}

/* A section: its lines as HTTP/1.1 has them, or why not. */
static void
test_trailers (void)
{
  static const struct
  {
    const char *name, *value;
    guint status;
  } cases[] = {
    { "checksum", "1", 0 }, { "checksum", "", 0 },     { ":path", "/", 400 }, { "Checksum", "1", 400 },
    { "a b", "1", 400 },    { "", "1", 400 },          { "a", "1\r", 400 },   { "a", " 1", 400 },
    { "a:b", "1", 400 },
  };
  GwH2AnswerHead answer;
  GwH2Head head = { 0 };
  char lines[] = "Grpc-Status: 0\r\nX-Sum: a b\r\n";

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gw_h2_head_begin (&head, LIMIT);
      gw_h2_head_add_trailer (&head, text_of (cases[i].name), text_of (cases[i].value));
      g_assert_cmpuint (head.status, ==, cases[i].status);
    }
  for (guint over = 0; over <= 1; over++)
    {
      gw_h2_head_begin (&head, 100 * LIMIT);
      for (guint i = 0; i < NET_HTTP_MAX_TRAILERS + over; i++)
        gw_h2_head_add_trailer (&head, text_of ("a"), text_of ("b"));
      g_assert_cmpuint (head.status, ==, over ? 431 : 0);
      g_assert_cmpuint (net_buffer_length (&head.lines), ==, NET_HTTP_MAX_TRAILERS * strlen ("a: b\r\n"));
      gw_h2_head_begin (&head, 2 + GW_H2_FIELD_OVERHEAD - over);
      gw_h2_head_add_trailer (&head, text_of ("a"), text_of ("b"));
      g_assert_cmpuint (head.status, ==, over ? 431 : 0);
    }
  gw_h2_head_clear (&head);
  g_assert_true (gw_h2_answer_trailers_read (&answer, lines, strlen (lines)));
  g_assert_cmpuint (answer.n, ==, 2);
  g_assert_cmpmem (answer.fields[0].name, answer.fields[0].namelen, "grpc-status", 11);
  g_assert_cmpmem (answer.fields[1].value, answer.fields[1].valuelen, "a b", 3);
}

static void
test_limit (void)
{
  static const char *const good[] = { GOOD, NULL, NULL };
  const gsize so_far = strlen (":methodGET:schemehttps:authoritya.example:8243:path/x?y=z") + 4 * GW_H2_FIELD_OVERHEAD;
  g_autofree char *long_value = g_strnfill (LIMIT, 'x');
  const gsize room = LIMIT - so_far - GW_H2_FIELD_OVERHEAD - 1;

  for (guint more = 0; more <= 1; more++)
    {
      GwH2Head head = { 0 };
      NetBuffer output = { 0 };

      add (&head, good);
      gw_h2_head_add (&head, text_of ("x"), (NetHttpText){ long_value, room + more });
      g_assert_true (gw_h2_head_end (&head, FALSE, &output) == (more == 0));
      g_assert_cmpuint (head.status, ==, more == 0 ? 0 : 431);
      /* Nothing of what is too much is kept. */
      for (guint i = 0; i < 100 && more == 1; i++)
        gw_h2_head_add (&head, text_of ("x"), text_of (long_value));
      g_assert_cmpuint (net_buffer_length (&head.lines), <=, LIMIT);
      net_buffer_clear (&output);
      gw_h2_head_clear (&head);
    }
}

static void
test_answers (void)
{
  char text[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
                "X-Empty: \r\nContent-Length: 3\r\n\r\nabc";
  static const char *const expected[] = { ":status", "200", "content-type", "text/plain", "x-empty", "", "content-length", "3" };
  g_autoptr (GString) many = g_string_new ("HTTP/1.1 200 OK\r\n");
  GwH2AnswerHead answer;

  g_assert_cmpuint (gw_h2_answer_head_read (&answer, text, strlen (text)), ==, strlen (text) - 3);
  g_assert_cmpuint (answer.n, ==, G_N_ELEMENTS (expected) / 2);
  for (gsize i = 0; i < answer.n; i++)
    {
      g_assert_cmpmem (answer.fields[i].name, answer.fields[i].namelen, expected[2 * i], strlen (expected[2 * i]));
      g_assert_cmpmem (answer.fields[i].value, answer.fields[i].valuelen, expected[2 * i + 1],
                       strlen (expected[2 * i + 1]));
    }
  for (guint i = 1; i < GW_H2_MAX_ANSWER_FIELDS; i++)
    g_string_append (many, "X: y\r\n");
  g_string_append (many, "\r\n");
  g_assert_cmpuint (gw_h2_answer_head_read (&answer, many->str, many->len), ==, many->len);
  g_string_truncate (many, many->len - 2);
  g_string_append (many, "X: y\r\n\r\n");
  g_assert_cmpuint (gw_h2_answer_head_read (&answer, many->str, many->len), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-h2-head/heads", test_heads);
  g_test_add_func ("/gw-h2-head/refused", test_refused);
  g_test_add_func ("/gw-h2-head/nul", test_nul);
  g_test_add_func ("/gw-h2-head/trailers", test_trailers);
  g_test_add_func ("/gw-h2-head/limit", test_limit);
  g_test_add_func ("/gw-h2-head/answers", test_answers);
  return g_test_run ();
}
