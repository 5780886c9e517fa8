#include "config.h"
#include "net/net-http-request.h"

typedef struct
{
  const char *name;
  const char *coded;
  gsize length;
  const char *body; /* NULL: refused; "" with @more: not whole */
  gboolean more;
} ChunkCase;

#define GOOD(name, text, body) { name, text, sizeof text - 1, body, FALSE }
#define BAD(name, text) { name, text, sizeof text - 1, NULL, FALSE }
#define PART(name, text, body) { name, text, sizeof text - 1, body, TRUE }

/* Numbers in brackets as in test-http-request.c; "F" ones are the forwarder list of the same page. */
static const ChunkCase cases[] = {
  GOOD ("nothing", "0\r\n\r\n", ""),
  GOOD ("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"),
  GOOD ("two chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
  GOOD ("hexadecimal in both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
  GOOD ("sixteen digits", "0000000000000001\r\nx\r\n0000000000000000\r\n\r\n", "x"),
  GOOD ("extensions", "1;a\r\nx\r\n1;a=b;c=\"d;e\"\r\ny\r\n0;z\r\n\r\n", "xy"),
  GOOD ("trailers", "1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n", "x"),
  GOOD ("CR LF and framing as data", "7\r\n0\r\n\r\nab\r\n0\r\n\r\n", "0\r\n\r\nab"),
  PART ("no size yet", "", ""),
  PART ("in a size", "5", ""),
  PART ("in a chunk", "5\r\nhel", "hel"),
  PART ("before the last CR LF", "1\r\nx\r\n0\r\n", "x"),
  PART ("in a trailer", "0\r\nA: b\r\n", ""),
  PART ("size of 64 bits", "ffffffffffffffff\r\nx", "x"),

  BAD ("underscore in the size [H01]", "0_2e\r\n\r\n"),
  BAD ("prefix [H22, H25]", "0x1\r\nx\r\n0\r\n\r\n"),
  BAD ("plus [H25]", "+1\r\nx\r\n0\r\n\r\n"),
  BAD ("minus [H25]", "-1\r\nx\r\n0\r\n\r\n"),
  BAD ("empty size [H17]", "\r\n\r\n"),
  BAD ("empty size after a chunk", "1\r\nx\r\n\r\n0\r\n\r\n"),
  BAD ("no digits [H47]", "INVALID!!!\r\n"),
  BAD ("space before the size", " 1\r\nx\r\n0\r\n\r\n"),
  BAD ("space after the size", "1 \r\nx\r\n0\r\n\r\n"),
  BAD ("tab before the extension", "1\t;a\r\nx\r\n0\r\n\r\n"),
  BAD ("garbage after the size [F07]", "1these-bytes\r\nZ\r\n0\r\n\r\n"),
  BAD ("seventeen digits", "00000000000000001\r\nx\r\n0\r\n\r\n"),
  BAD ("size that would overflow to 1", "10000000000000001\r\nx\r\n0\r\n\r\n"),
  BAD ("bare LF after the size", "1\nx\r\n0\r\n\r\n"),
  BAD ("bare LF after a chunk [F13]", "a\r\n0123456789\n0\r\n\r\n"),
  BAD ("bare LF after an extension", "1;a\nx\r\n0\r\n\r\n"),
  BAD ("bare LF after a trailer", "0\r\nA: b\n\r\n"),
  BAD ("bare LF at the end", "0\r\n\n"),
  BAD ("CR CR after the size [H31]", "5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n"),
  BAD ("CR in an extension [H36]", "41;a=b\r\rXX"),
  BAD ("CR instead of CR LF", "1\r0\n"),
  BAD ("NUL in an extension", "1;\0\r\nx\r\n0\r\n\r\n"),
  BAD ("chunk longer than its size", "1\r\nxy\r\n0\r\n\r\n"),
  BAD ("chunk shorter than its size", "3\r\nx\r\n0\r\n\r\n"),
  BAD ("end on any two bytes [H39]", "0\r\nXX"  "\r\n"),
  BAD ("trailer without colon", "0\r\nA b\r\n\r\n"),
  BAD ("trailer with empty name", "0\r\n: b\r\n\r\n"),
  BAD ("folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
  BAD ("space before the colon of a trailer", "0\r\nA : b\r\n\r\n"),
  BAD ("control character in a trailer", "0\r\nA: \x01\r\n\r\n"),
  BAD ("CR in a trailer", "0\r\nA: b\rc\r\n\r\n"),
};

/* Decodes @coded in place, @step bytes at a time, as a connection does: what framing leaves free is given back at once.
 * Returns: the body, or NULL when it was refused. */
static GByteArray *
decode (const char *coded, gsize length, gsize step, NetHttpParse *result, gsize *used)
{
  GByteArray *body = g_byte_array_new ();
  NetHttpChunks chunks = { 0 };

  *used = 0;
  *result = NET_HTTP_PARSE_MORE;
  while (*result == NET_HTTP_PARSE_MORE && *used < length)
    {
      gsize block = MIN (step, length - *used);
      gsize start = body->len, eaten, produced;
      char *at;

      g_byte_array_append (body, (const guint8 *) coded + *used, block);
      at = (char *) body->data + start;
      *result = net_http_chunks_decode (&chunks, at, block, at, &eaten, &produced);
      g_assert_cmpuint (produced, <=, eaten);
      if (*result == NET_HTTP_PARSE_MORE)
        g_assert_cmpuint (eaten, ==, block);
      g_byte_array_set_size (body, start + produced);
      *used += eaten;
    }
  if (*result == NET_HTTP_PARSE_ERROR)
    g_assert_nonnull (chunks.error);
  return body;
}

static void
test_cases (gconstpointer data)
{
  const ChunkCase *c = data;
  g_autofree char *piped = g_malloc (c->length + 4);
  gsize length = c->length;

  /* What follows a whole body is the next request's. */
  memcpy (piped, c->coded, length);
  memcpy (piped + length, "GET ", 4);
  if (c->body != NULL && !c->more)
    length += 4;
  for (gsize step = 1; step <= length; step++)
    {
      NetHttpParse result;
      gsize used;
      g_autoptr (GByteArray) body = decode (piped, length, step, &result, &used);

      if (c->body == NULL)
        {
          g_assert_cmpint (result, ==, NET_HTTP_PARSE_ERROR);
          continue;
        }
      g_assert_cmpint (result, ==, c->more ? NET_HTTP_PARSE_MORE : NET_HTTP_PARSE_DONE);
      g_assert_cmpmem (body->data, body->len, c->body, strlen (c->body));
      g_assert_cmpuint (used, ==, c->length);
    }
}

/* Appends @count bytes to @text, each an "x". */
static void
pad (GString *text, gsize count)
{
  gsize length = text->len;

  g_string_set_size (text, length + count);
  memset (text->str + length, 'x', count);
}

/* The overhead counts what follows a ";", and nothing else. */
static void
test_overhead_limit (void)
{
  for (int over = 0; over <= 1; over++)
    {
      g_autoptr (GString) coded = g_string_new ("1;a\r\nx\r\n1;");
      gsize other = strlen ("a\r") + strlen ("\r"); /* counted beside the padding */
      NetHttpParse result;
      gsize used;
      g_autoptr (GByteArray) body = NULL;

      pad (coded, NET_HTTP_MAX_CHUNK_OVERHEAD - other + over);
      g_string_append (coded, "\r\nx\r\n0\r\n\r\n");
      body = decode (coded->str, coded->len, 100, &result, &used);
      g_assert_cmpint (result, ==, over ? NET_HTTP_PARSE_ERROR : NET_HTTP_PARSE_DONE);
    }
}

/* Decodes @coded, @step bytes at a time. Returns: the trailer lines; free with g_free(); NULL: refused, with @status. */
static char *
trailers_of (const char *coded, gsize max_trailer, gsize step, guint *status)
{
  NetBuffer trailers = { 0 };
  NetHttpChunks chunks = { .trailers = &trailers, .max_trailer = max_trailer };
  g_autofree char *bytes = g_strdup (coded);
  gsize length = strlen (coded), used, produced;
  NetHttpParse result = NET_HTTP_PARSE_MORE;
  char *lines;

  for (gsize at = 0; at < length && result == NET_HTTP_PARSE_MORE; at += used)
    result = net_http_chunks_decode (&chunks, bytes + at, MIN (step, length - at), bytes + at, &used, &produced);
  *status = chunks.status;
  net_buffer_append (&trailers, "", 1); /* its NUL */
  lines = g_strdup ((const char *) net_buffer_data (&trailers));
  net_buffer_clear (&trailers);
  if (result == NET_HTTP_PARSE_DONE)
    return lines;
  g_assert_cmpint (result, ==, NET_HTTP_PARSE_ERROR);
  g_free (lines);
  return NULL;
}

static void
test_trailers (void)
{
  for (gsize step = 1; step < 40; step++)
    {
      guint status;
      g_autofree char *some = trailers_of ("1;a=b\r\nx\r\n0;c\r\nA: b \r\nC:\r\n\r\n", 0, step, &status);
      g_autofree char *none = trailers_of ("1\r\nx\r\n0\r\n\r\n", 0, step, &status);

      g_assert_cmpstr (some, ==, "A: b \r\nC:\r\n");
      g_assert_cmpstr (none, ==, "");
      g_assert_null (trailers_of ("0\r\nA\r\n\r\n", 0, step, &status));
      g_assert_cmpuint (status, ==, 400);
    }
}

/* Bytes of the lines with their ends, and lines; the empty one behind them is not counted. */
static void
test_trailer_limits (void)
{
  static const gsize limits[] = { 0, 300 };
  guint status;

  for (guint i = 0; i < 4; i++)
    {
      gsize most = limits[i / 2] > 0 ? limits[i / 2] : NET_HTTP_MAX_TRAILER;
      g_autoptr (GString) coded = g_string_new ("1\r\nx\r\n0\r\nA: ");
      g_autofree char *lines = NULL;

      pad (coded, most - strlen ("A: \r\n") + i % 2);
      g_string_append (coded, "\r\n\r\n");
      lines = trailers_of (coded->str, limits[i / 2], 100, &status);
      g_assert_true ((lines != NULL) == (i % 2 == 0));
      if (lines == NULL)
        g_assert_cmpuint (status, ==, 431);
    }
  for (guint over = 0; over <= 1; over++)
    {
      g_autoptr (GString) coded = g_string_new ("0\r\n");
      g_autofree char *lines = NULL;

      for (guint i = 0; i < NET_HTTP_MAX_TRAILERS + over; i++)
        g_string_append (coded, "A:\r\n");
      g_string_append (coded, "\r\n");
      lines = trailers_of (coded->str, 0, 7, &status);
      g_assert_true ((lines != NULL) == (over == 0));
      if (lines == NULL)
        g_assert_cmpuint (status, ==, 431);
    }
}

/* An error stays one. */
static void
test_after_an_error (void)
{
  NetHttpChunks chunks = { 0 };
  char bytes[] = "x5\r\nhello\r\n0\r\n\r\n";
  gsize used, produced;

  g_assert_cmpint (net_http_chunks_decode (&chunks, bytes, 1, bytes, &used, &produced), ==, NET_HTTP_PARSE_ERROR);
  g_assert_cmpint (net_http_chunks_decode (&chunks, bytes + 1, strlen (bytes + 1), bytes, &used, &produced), ==,
                   NET_HTTP_PARSE_ERROR);
  g_assert_cmpuint (produced, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/http/chunks/cases/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_cases);
    }
  g_test_add_func ("/http/chunks/overhead-limit", test_overhead_limit);
  g_test_add_func ("/http/chunks/trailers", test_trailers);
  g_test_add_func ("/http/chunks/trailer-limits", test_trailer_limits);
  g_test_add_func ("/http/chunks/after-an-error", test_after_an_error);
  return g_test_run ();
}
