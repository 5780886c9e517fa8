#include "config.h"
#include "tests/unit/tw-test-bytes.h"
#include "thrift/tw-message.h"

#include <string.h>

#define MAX_MESSAGE (4 * 1024 * 1024)

typedef struct
{
  const char *hex;
  TwMessageType type;
  const char *name;
  gint32 sequence_id;
  gsize length;
} GoldenMessage;

static const GoldenMessage golden[] = {
  { GOLDEN_VALIDATE_KEY, TW_CALL, "validateKey", 1, 169 },
  { GOLDEN_GRANTED, TW_REPLY, "validateKey", 1, 289 },
  { GOLDEN_INVALID_SESSION, TW_REPLY, "validateKey", 1, 79 },
  { GOLDEN_REFUSED, TW_REPLY, "validateKey", 2, 76 },
  { GOLDEN_GENERATION_1, TW_CALL, "validateKey", 1, 79 },
  { GOLDEN_UNKNOWN_METHOD, TW_EXCEPTION, "ping", 9, 58 },
  { GOLDEN_GET_ALL_URI_TEMPLATES, TW_CALL, "getAllURITemplates", 3, 70 },
  { GOLDEN_URI_TEMPLATES, TW_REPLY, "getAllURITemplates", 3, 90 },
  { GOLDEN_LOGIN_BINARY, TW_CALL, "authenticate", 1, 49 },
};

/* Scans what has come so far from a block of just that size: a read past its end is seen by a sanitizer, and
 * nothing can rest on the bytes staying where they were. */
static TwScanResult
scan_copy (TwScan *scan, const guint8 *bytes, gsize length, TwEnvelope *envelope)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, length);
  const char *why = NULL;
  TwScanResult result = tw_scan (scan, copy, length, MAX_MESSAGE, envelope, &why);

  g_assert_true ((result == TW_SCAN_ERROR) == (why != NULL));
  if (result == TW_SCAN_DONE)
    envelope->name.bytes = (const char *) bytes + ((const guint8 *) envelope->name.bytes - copy);
  return result;
}

static void
assert_envelope (const TwEnvelope *envelope, const GoldenMessage *expected)
{
  g_assert_cmpint (envelope->type, ==, expected->type);
  g_assert_true (tw_text_equal (envelope->name, tw_text (expected->name)));
  g_assert_cmpint (envelope->sequence_id, ==, expected->sequence_id);
  g_assert_cmpuint (envelope->body, ==, 12 + strlen (expected->name));
  g_assert_cmpuint (envelope->length, ==, expected->length);
}

static void
test_golden_whole (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (golden[i].hex);
      TwScan scan = { 0 };
      TwEnvelope envelope;
      gsize position;

      g_assert_cmpuint (bytes->len, ==, golden[i].length);
      g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
      assert_envelope (&envelope, &golden[i]);
      position = envelope.body;
      tw_skip (bytes->data, &position, TW_STRUCT);
      g_assert_cmpuint (position, ==, envelope.length);
    }
}

/* T12: no beginning of a message is a message, and from wherever it was cut the scan goes on to the same end. */
static void
test_golden_split (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (golden[i].hex);

      for (guint cut = 0; cut < bytes->len; cut++)
        {
          TwScan scan = { 0 };
          TwEnvelope envelope;

          g_assert_cmpint (scan_copy (&scan, bytes->data, cut, &envelope), ==, TW_SCAN_MORE);
          g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
          assert_envelope (&envelope, &golden[i]);
        }
    }
}

static void
test_golden_byte_by_byte (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (golden[i].hex);
      TwScan scan = { 0 };
      TwEnvelope envelope;

      for (guint length = 1; length < bytes->len; length++)
        g_assert_cmpint (scan_copy (&scan, bytes->data, length, &envelope), ==, TW_SCAN_MORE);
      g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
      assert_envelope (&envelope, &golden[i]);
    }
}

static void
test_next_message_is_not_looked_at (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_GENERATION_1 "ffffffffff");
  TwScan scan = { 0 };
  TwEnvelope envelope;

  g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
  g_assert_cmpuint (envelope.length, ==, 79);
}

#define CALL_X "80010001" "00000001" "78" "00000001"

/* What must be refused, and how it is called in the log. The names begin with the hazard. */
static const struct
{
  const char *name;
  const char *hex;
  const char *why;
} hostile[] = {
  { "T01-string-2^31-1", CALL_X "0b0001" "7fffffff", "string too long" },
  { "T01-string-1MiB+1", CALL_X "0b0001" "00100001", "string too long" },
  { "T02-string-negative", CALL_X "0b0001" "ffffffff", "negative string length" },
  { "T03-list-2^31-1", CALL_X "0f0001" "0b" "7fffffff", "container too large" },
  { "T03-set-65537", CALL_X "0e0001" "02" "00010001", "container too large" },
  { "T03-map-2^31-1", CALL_X "0d0001" "0b0b" "7fffffff", "container too large" },
  { "T04-list-negative", CALL_X "0f0001" "0b" "ffffffff", "negative container size" },
  { "T04-map-negative", CALL_X "0d0001" "0b0b" "80000000", "negative container size" },
  { "T08-field-type-1", CALL_X "010001" "00", "unknown field type" },
  { "T08-field-type-5", CALL_X "050001" "00", "unknown field type" },
  { "T08-field-type-16", CALL_X "100001" "00", "unknown field type" },
  { "T08-field-type-255", CALL_X "ff0001" "00", "unknown field type" },
  { "T08-element-type-0", CALL_X "0f0001" "00" "00000001", "unknown element type" },
  { "T08-element-type-16", CALL_X "0e0001" "10" "00000001", "unknown element type" },
  { "T08-key-type-7", CALL_X "0d0001" "070b" "00000001", "unknown element type" },
  { "T08-value-type-9", CALL_X "0d0001" "0b09" "00000001", "unknown element type" },
  { "T15-version-2", "80020001" "00000001" "78" "00000001", "bad version word" },
  { "T15-version-0", "80000001" "00000001" "78" "00000001", "bad version word" },
  { "T16-type-0", "80010000" "00000001" "78" "00000001", "bad message type" },
  { "T16-type-5", "80010005" "00000001" "78" "00000001", "bad message type" },
  { "T16-type-0-not-strict", "00000001" "78" "00" "00000001", "bad message type" },
  { "T17-framed", "0000004f" "80", "framed message" },
  { "T17-frame-length-negative", "ffffffff" "80010001", "bad version word" },
  { "T17-frame-above-limit", "00001000" "80010001", "not a Thrift message" },
  { "T18-http", "504f5354" "202f", "not a Thrift message" },
  { "T18-tls-hello", "16030100", "not a Thrift message" },
  { "name-129", "80010001" "00000081", "method name too long" },
  { "name-negative", "80010001" "ffffffff", "method name too long" },
};

static void
test_hostile (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  g_autoptr (GByteArray) bytes = bytes_from_hex (hostile[index].hex);
  TwScan scan = { 0 };
  TwEnvelope envelope;
  const char *why = NULL;

  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, MAX_MESSAGE, &envelope, &why), ==, TW_SCAN_ERROR);
  g_assert_cmpstr (why, ==, hostile[index].why);
}

/* A struct within a struct, @levels with the arguments' own, whole. */
static GByteArray *
new_nested (guint levels)
{
  GByteArray *bytes = bytes_new_message (TW_CALL, "x", 1);

  for (guint i = 1; i < levels; i++)
    bytes_add_field (bytes, TW_STRUCT, 9);
  for (guint i = 0; i < levels; i++)
    bytes_add_u8 (bytes, TW_STOP);
  return bytes;
}

/* T05, and T07 with 100,000 levels: refused after the first 32. */
static void
test_nesting (void)
{
  const struct
  {
    guint levels;
    TwScanResult expected;
  } cases[] = { { TW_MAX_DEPTH, TW_SCAN_DONE },
                { TW_MAX_DEPTH + 1, TW_SCAN_ERROR },
                { 65, TW_SCAN_ERROR },
                { 100000, TW_SCAN_ERROR } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = new_nested (cases[i].levels);
      TwScan scan = { 0 };
      TwEnvelope envelope;

      g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, cases[i].expected);
    }
}

/* T06: lists of lists that each announce 65535 more are refused by depth, and long before by what can still come. */
static void
test_fan_out (void)
{
  g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, "x", 1);
  TwScan scan = { 0 };
  TwEnvelope envelope;
  const char *why = NULL;

  bytes_add_field (bytes, TW_LIST, 9);
  for (guint i = 0; i < 100; i++)
    {
      bytes_add_u8 (bytes, TW_LIST);
      bytes_add_u32 (bytes, 65535);
    }
  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, MAX_MESSAGE, &envelope, &why), ==, TW_SCAN_ERROR);
  g_assert_cmpstr (why, ==, "nested too deeply");
  scan = (TwScan){ 0 };
  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, 65536, &envelope, &why), ==, TW_SCAN_ERROR);
  g_assert_cmpstr (why, ==, "container larger than a message can be");
}

/* T07: every kind of unknown field is stepped over, the empty containers of writers that put no type there too. */
static void
test_all_types (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (
      CALL_X                                                                               /* the envelope */
      "020001" "02"                                                                        /* bool, neither 0 nor 1 */
      "030002" "ff"                                                                        /* byte */
      "040003" "3ff0000000000000"                                                          /* double */
      "060004" "8000"                                                                      /* i16 */
      "080005" "80000000"                                                                  /* i32 */
      "0a0006" "8000000000000000"                                                          /* i64 */
      "0b0007" "00000000"                                                                  /* string */
      "0c0008" "00"                                                                        /* struct */
      "0d0009" "0000" "00000000"                                                           /* map, empty */
      "0e000a" "00" "00000000"                                                             /* set, empty */
      "0f000b" "ff" "00000000"                                                             /* list, empty */
      "0d000c" "080a" "00000002" "000000010000000000000001" "000000020000000000000002"     /* map of numbers */
      "0d000d" "0b0c" "00000001" "00000001" "6b" "00"                                      /* map of structs */
      "0e000e" "06" "00000002" "0001" "0002"                                               /* set of i16 */
      "0f000f" "0f" "00000002" "02" "00000001" "01" "0b" "00000001" "00000002" "6162"      /* list of lists */
      "0f0010" "0c" "00000003" "000000"                                                    /* list of empty structs */
      "00");
  TwEnvelope envelope;
  gsize position;

  for (guint cut = 0; cut < bytes->len; cut++)
    {
      TwScan scan = { 0 };

      g_assert_cmpint (scan_copy (&scan, bytes->data, cut, &envelope), ==, TW_SCAN_MORE);
      g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
      g_assert_cmpuint (envelope.length, ==, bytes->len);
    }
  position = envelope.body;
  tw_skip (bytes->data, &position, TW_STRUCT);
  g_assert_cmpuint (position, ==, bytes->len);
}

static void
test_not_strict (void)
{
  g_autoptr (GByteArray) bytes = bytes_new_old_message (TW_CALL, "ping", -7);
  TwEnvelope envelope;

  bytes_add_u8 (bytes, TW_STOP);
  for (guint cut = 0; cut < bytes->len; cut++)
    {
      TwScan scan = { 0 };

      g_assert_cmpint (scan_copy (&scan, bytes->data, cut, &envelope), ==, TW_SCAN_MORE);
      g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
      g_assert_cmpint (envelope.type, ==, TW_CALL);
      g_assert_true (tw_text_equal (envelope.name, TW_TEXT ("ping")));
      g_assert_cmpint (envelope.sequence_id, ==, -7);
      g_assert_cmpuint (envelope.length, ==, bytes->len);
    }
}

/* The largest of everything is let through: a name of 128 bytes, a string of 1 MiB, a container of 65536. */
static void
test_limits_are_reached (void)
{
  g_autofree char *name = g_strnfill (TW_MAX_NAME, 'n');
  g_autofree char *text = g_strnfill (TW_MAX_STRING, 's');
  g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, name, 1);
  TwScan scan = { 0 };
  TwEnvelope envelope;

  bytes_add_field_text (bytes, 1, text);
  bytes_add_field (bytes, TW_LIST, 2);
  bytes_add_u8 (bytes, TW_BOOL);
  bytes_add_u32 (bytes, TW_MAX_CONTAINER);
  g_byte_array_append (bytes, (const guint8 *) text, TW_MAX_CONTAINER);
  bytes_add_u8 (bytes, TW_STOP);
  g_assert_cmpint (scan_copy (&scan, bytes->data, bytes->len, &envelope), ==, TW_SCAN_DONE);
  g_assert_cmpuint (envelope.length, ==, bytes->len);
  g_assert_cmpuint (envelope.name.length, ==, TW_MAX_NAME);
}

/* A message of just the limit is let through; one byte less is refused as soon as that is known. */
static void
test_message_limit (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY);
  TwEnvelope envelope;
  const char *why = NULL;

  for (gsize limit = 0; limit <= bytes->len; limit++)
    {
      TwScan scan = { 0 };
      TwScanResult expected = limit < bytes->len ? TW_SCAN_ERROR : TW_SCAN_DONE;

      g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, limit, &envelope, &why), ==, expected);
      if (expected == TW_SCAN_ERROR)
        g_assert_cmpstr (why, ==, "message too long");
    }
}

/* A reload may lower the limit while a message is on its way. */
static void
test_message_limit_falls (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY);
  TwScan scan = { 0 };
  TwEnvelope envelope;
  const char *why = NULL;

  g_assert_cmpint (tw_scan (&scan, bytes->data, 100, MAX_MESSAGE, &envelope, &why), ==, TW_SCAN_MORE);
  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, 50, &envelope, &why), ==, TW_SCAN_ERROR);
  g_assert_cmpstr (why, ==, "message too long");
}

/* T13: 300,000 fields, one byte at a time. Scanning from the start each time would take 10^11 steps. */
static void
test_slow_peer (void)
{
  g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, "x", 1);
  TwScan scan = { 0 };
  TwEnvelope envelope;
  const char *why = NULL;

  for (guint i = 0; i < 300000; i++)
    {
      bytes_add_field (bytes, TW_BOOL, 1);
      bytes_add_u8 (bytes, 1);
    }
  bytes_add_u8 (bytes, TW_STOP);
  for (guint length = 0; length < bytes->len; length++)
    g_assert_cmpint (tw_scan (&scan, bytes->data, length, MAX_MESSAGE, &envelope, &why), ==, TW_SCAN_MORE);
  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, MAX_MESSAGE, &envelope, &why), ==, TW_SCAN_DONE);
}

static void
test_readers (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex ("08ffff" "80000001" "0a7fff" "8000000000000002"
                                                 "0b0003" "00000002" "0001" "00");
  gsize position = 0;
  gint16 id = 0;
  TwText text;

  g_assert_cmpint (tw_read_field (bytes->data, &position, &id), ==, TW_I32);
  g_assert_cmpint (id, ==, -1);
  g_assert_cmpint (tw_read_i32 (bytes->data, &position), ==, G_MININT32 + 1);
  g_assert_cmpint (tw_read_field (bytes->data, &position, &id), ==, TW_I64);
  g_assert_cmpint (id, ==, G_MAXINT16);
  g_assert_true (tw_read_i64 (bytes->data, &position) == G_MININT64 + 2);
  g_assert_cmpint (tw_read_field (bytes->data, &position, &id), ==, TW_STRING);
  text = tw_read_text (bytes->data, &position);
  g_assert_cmpmem (text.bytes, text.length, "\0\1", 2);
  g_assert_cmpint (tw_read_field (bytes->data, &position, &id), ==, TW_STOP);
  g_assert_cmpuint (position, ==, bytes->len);
}

static void
test_text (void)
{
  g_assert_null (tw_text (NULL).bytes);
  g_assert_cmpuint (tw_text ("abc").length, ==, 3);
  g_assert_true (tw_text_equal (tw_text ("abc"), TW_TEXT ("abc")));
  g_assert_false (tw_text_equal (tw_text ("abc"), TW_TEXT ("abd")));
  g_assert_false (tw_text_equal (tw_text ("abc"), TW_TEXT ("abcd")));
  g_assert_false (tw_text_equal (tw_text (NULL), TW_TEXT ("")));
  g_assert_true (tw_text_equal (tw_text (NULL), tw_text (NULL)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tw-message/golden-whole", test_golden_whole);
  g_test_add_func ("/tw-message/golden-split", test_golden_split);
  g_test_add_func ("/tw-message/golden-byte-by-byte", test_golden_byte_by_byte);
  g_test_add_func ("/tw-message/next-message-is-not-looked-at", test_next_message_is_not_looked_at);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *path = g_strconcat ("/tw-message/hostile/", hostile[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_hostile);
    }
  g_test_add_func ("/tw-message/nesting", test_nesting);
  g_test_add_func ("/tw-message/fan-out", test_fan_out);
  g_test_add_func ("/tw-message/all-types", test_all_types);
  g_test_add_func ("/tw-message/not-strict", test_not_strict);
  g_test_add_func ("/tw-message/limits-are-reached", test_limits_are_reached);
  g_test_add_func ("/tw-message/message-limit", test_message_limit);
  g_test_add_func ("/tw-message/message-limit-falls", test_message_limit_falls);
  g_test_add_func ("/tw-message/slow-peer", test_slow_peer);
  g_test_add_func ("/tw-message/readers", test_readers);
  g_test_add_func ("/tw-message/text", test_text);
  return g_test_run ();
}
