#include "config.h"
#include "tests/unit/tw-test-bytes.h"
#include "thrift/tw-compact.h"

#include <string.h>

/* Frees @output. */
static void
assert_output (NetBuffer *output, const char *expected)
{
  g_autofree char *hex = bytes_to_hex (net_buffer_data (output), net_buffer_length (output));

  g_assert_cmpstr (hex, ==, expected);
  net_buffer_clear (output);
}

/* Up to the arguments: sequence 1, "authenticate". */
#define CALL "8221010c61757468656e746963617465"
#define USER "1801" "75"
#define PASSWORD "1801" "70"

static const struct
{
  const char *name;
  const char *hex;
  const char *method;
  gint32 sequence_id;
  const char *user_name;
  const char *password;
} good[] = {
  { "golden", GOLDEN_LOGIN, "authenticate", 1, "admin", "admin" },
  { "two-messages", GOLDEN_LOGIN GOLDEN_LOGIN, "authenticate", 1, "admin", "admin" },
  { "rubbish-behind", GOLDEN_LOGIN "ff", "authenticate", 1, "admin", "admin" },
  { "no-arguments", CALL "00", "authenticate", 1, NULL, NULL },
  { "no-password", CALL USER "00", "authenticate", 1, "u", NULL },
  { "no-user", CALL "2801" "70" "00", "authenticate", 1, NULL, "p" },
  { "empty-texts", CALL "1800" "1800" "00", "authenticate", 1, "", "" },
  { "T09-user-as-i32", CALL "1502" PASSWORD "00", "authenticate", 1, NULL, "p" },
  { "T09-user-as-bool", CALL "11" PASSWORD "00", "authenticate", 1, NULL, "p" },
  { "T11-user-twice", CALL USER "080201" "76" PASSWORD "00", "authenticate", 1, "v", "p" },
  { "long-ids", CALL "080201" "75" "080401" "70" "00", "authenticate", 1, "u", "p" },
  { "T14-unknown-method", "82210704" "70696e67" "00", "ping", 7, NULL, NULL },
  { "sequence-negative", "8221ffffffff0f04" "70696e67" "00", "ping", -1, NULL, NULL },
  { "T07-every-type",
    CALL USER PASSWORD "11" "12" "137f" "1401" "158001" "16ffffffffffffffffff01" "17" "0000000000000000"
                       "19" "31" "010201"                                                  /* list of bools */
                       "1a" "28" "0161" "0162"                                             /* set of texts */
                       "1b" "01" "85" "016b" "02"                                          /* map text -> i32 */
                       "1b" "00"                                                           /* empty map */
                       "19" "0c"                                                           /* empty list */
                       "1c" "15" "02" "1c" "00" "00"                                       /* struct in struct */
                       "00",
    "authenticate", 1, "u", "p" },
  { "T07-id-wraps", CALL USER PASSWORD "05feff0302" "2502" "00", "authenticate", 1, "u", "p" },
};

static void
test_good (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GByteArray) bytes = bytes_from_hex (good[i].hex);
  TwAuthenticateCall call;

  g_assert_true (tw_compact_decode_authenticate (&call, bytes->data, bytes->len));
  g_assert_true (tw_text_equal (call.method, tw_text (good[i].method)));
  g_assert_cmpint (call.sequence_id, ==, good[i].sequence_id);
  g_assert_true (tw_text_equal (call.user_name, tw_text (good[i].user_name)));
  g_assert_true (tw_text_equal (call.password, tw_text (good[i].password)));
}

static const struct
{
  const char *name;
  const char *hex;
} rubbish[] = {
  { "empty", "" },
  { "T01-text-2^31-1", CALL "18" "ffffffff07" "75" },
  { "T01-text-1MiB+1", CALL "18" "818040" },
  { "T02-text-2^32-1", CALL "18" "ffffffff0f" "75" },
  { "T02-varint-too-wide", CALL "18" "ffffffff10" "75" },
  { "T02-varint-endless", CALL "18" "80808080808080808080808000" },
  { "T02-i64-endless", CALL "36" "ffffffffffffffffffff01" "00" },
  { "T03-list-of-many", CALL "39" "f8" "ffffffff07" "00" },
  { "T03-list-of-65537", CALL "39" "f3" "818004" },
  { "T03-list-above-rest", CALL "39" "e3" "00" },
  { "T03-map-of-many", CALL "3b" "ffffffff07" "88" },
  { "T08-type-13", CALL "1d" "00" },
  { "T08-type-15", CALL "1f" "00" },
  { "T08-element-type-0", CALL "39" "10" "00" "00" },
  { "T08-stop-with-id", CALL "10" },
  { "id-too-wide", CALL "08" "808004" "0175" "00" },
  { "T16-reply", "82410104" "70696e67" "00" },
  { "T16-exception", "82610104" "70696e67" "00" },
  { "T16-oneway", "82810104" "70696e67" "00" },
  { "version-2", "82220104" "70696e67" "00" },
  { "name-129", "822101" "8101" },
  { "binary-protocol", GOLDEN_LOGIN_BINARY },
  { "T18-http", "474554202f20485454502f312e310d0a" },
};

static void
test_rubbish (gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (rubbish[GPOINTER_TO_UINT (data)].hex);
  TwAuthenticateCall call;

  g_assert_false (tw_compact_decode_authenticate (&call, bytes->data, bytes->len));
}

/* T12, each from a block of just its size. */
static void
test_truncated (void)
{
  static const guint every_type = 13;
  g_autoptr (GByteArray) bytes = bytes_from_hex (good[every_type].hex);

  g_assert_cmpstr (good[every_type].name, ==, "T07-every-type");
  for (guint length = 0; length < bytes->len; length++)
    {
      g_autofree guint8 *copy = g_memdup2 (bytes->data, length);
      TwAuthenticateCall call;

      g_assert_false (tw_compact_decode_authenticate (&call, copy, length));
    }
}

/* T05, T06: @levels with the arguments' own, of structs or of lists. */
static GByteArray *
new_nested (gboolean lists, guint levels)
{
  GByteArray *bytes = bytes_from_hex (CALL);

  if (lists)
    bytes_add_u8 (bytes, 0x59);
  for (guint i = 1; i < levels; i++)
    bytes_add_u8 (bytes, !lists ? 0x5c : i + 1 < levels ? 0x19 : 0x09);
  for (guint i = 0; i < (lists ? 1 : levels); i++)
    bytes_add_u8 (bytes, 0);
  return bytes;
}

static void
test_nesting (void)
{
  const struct
  {
    guint levels;
    gboolean expected;
  } cases[] = { { 2, TRUE }, { TW_MAX_DEPTH, TRUE }, { TW_MAX_DEPTH + 1, FALSE }, { 100000, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint lists = 0; lists < 2; lists++)
      {
        g_autoptr (GByteArray) bytes = new_nested (lists != 0, cases[i].levels);
        TwAuthenticateCall call;

        g_assert_cmpint (tw_compact_decode_authenticate (&call, bytes->data, bytes->len), ==, cases[i].expected);
      }
}

static void
test_encode (void)
{
  NetBuffer output = { 0 };

  tw_compact_encode_session (&output, 1, TW_TEXT (GOLDEN_SESSION));
  assert_output (&output, GOLDEN_LOGIN_SESSION);
  tw_compact_encode_refusal (&output, 1, "User 'admin' not authenticated.");
  assert_output (&output, GOLDEN_LOGIN_REFUSED);
  tw_compact_encode_refusal (&output, -1, NULL);
  assert_output (&output, "8241ffffffff0f0c61757468656e746963617465" "1c" "1800" "0000");
  tw_compact_encode_application_exception (&output, TW_TEXT ("ping"), 300, TW_APP_UNKNOWN_METHOD, "no");
  assert_output (&output, "8261ac0204" "70696e67" "1802" "6e6f" "1502" "00");
  tw_compact_encode_application_exception (&output, TW_TEXT ("ping"), 1, TW_APP_PROTOCOL_ERROR, NULL);
  assert_output (&output, "82610104" "70696e67" "1800" "150e" "00");
}

/* A text of more than 127 bytes has a length of two. */
static void
test_encode_long (void)
{
  g_autofree char *text = g_strnfill (300, 'x');
  NetBuffer output = { 0 };
  const guint8 *bytes;

  tw_compact_encode_session (&output, 1, tw_text (text));
  bytes = net_buffer_data (&output);
  g_assert_cmpuint (net_buffer_length (&output), ==, 16 + 2 + 2 + 300 + 1);
  g_assert_cmpmem (bytes + 16, 4, "\x08\x00\xac\x02", 4);
  g_assert_cmpmem (bytes + 20, 300, text, 300);
  g_assert_cmpuint (bytes[320], ==, 0);
  net_buffer_clear (&output);
}

static void
test_client_call (void)
{
  NetBuffer output = { NULL };

  tw_compact_encode_authenticate (&output, 1, TW_TEXT ("admin"), TW_TEXT ("admin"));
  assert_output (&output, GOLDEN_LOGIN);
}

static void
test_client_answers (void)
{
#define REPLY "8241010c61757468656e746963617465"
  static const struct
  {
    const char *hex, *session_id, *message;
  } cases[] = {
    { GOLDEN_LOGIN_SESSION, GOLDEN_SESSION, NULL },
    { GOLDEN_LOGIN_REFUSED, NULL, "User 'admin' not authenticated." },
    { REPLY "00", NULL, "unknown result" },
    { REPLY "1c" "00" "00", NULL, "" },
    { REPLY "080001" "73" "1c" "1801" "6d" "00" "00", NULL, "m" }, /* both: no session */
    { "82610904" "70696e67" "1801" "78" "00", NULL, "x" },         /* TApplicationException */
    { GOLDEN_LOGIN, NULL, NULL },                                  /* a call */
    { "8241020c61757468656e746963617465" "080001" "73" "00", NULL, NULL }, /* another call's */
    { "82410104" "70696e67" "080001" "73" "00", NULL, NULL },
    { REPLY "080001" "73", NULL, NULL },
    { REPLY "08007f" "73" "00", NULL, NULL },
    { "", NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_from_hex (cases[i].hex);
      TwAuthenticateAnswer answer;

      g_assert_true (tw_compact_decode_answer (&answer, 1, bytes->data, bytes->len)
                     == (cases[i].session_id != NULL || cases[i].message != NULL));
      if (cases[i].session_id == NULL && cases[i].message == NULL)
        continue;
      g_assert_true (tw_text_equal (answer.session_id, tw_text (cases[i].session_id)));
      g_assert_true (tw_text_equal (answer.message, tw_text (cases[i].message)));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/tw-compact/good/", good[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_good);
    }
  for (guint i = 0; i < G_N_ELEMENTS (rubbish); i++)
    {
      g_autofree char *path = g_strconcat ("/tw-compact/rubbish/", rubbish[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_rubbish);
    }
  g_test_add_func ("/tw-compact/truncated", test_truncated);
  g_test_add_func ("/tw-compact/nesting", test_nesting);
  g_test_add_func ("/tw-compact/client-call", test_client_call);
  g_test_add_func ("/tw-compact/client-answers", test_client_answers);
  g_test_add_func ("/tw-compact/encode", test_encode);
  g_test_add_func ("/tw-compact/encode-long", test_encode_long);
  return g_test_run ();
}
