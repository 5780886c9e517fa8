/* The client's side: calls byte for byte, and answers of servers that keep to the specification or do not. */
#include "config.h"
#include "tests/unit/tw-test-bytes.h"
#include "thrift/tw-answer.h"

#include <string.h>

typedef struct
{
  GByteArray *bytes;
  TwAnswer answer;
} Decoded;

static void
decode_bytes (Decoded *decoded, GByteArray *bytes, TwMethod method, gint32 sequence_id)
{
  TwScan scan = { 0 };
  TwEnvelope envelope;
  const char *why;

  decoded->bytes = bytes;
  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, 65536, &envelope, &why), ==, TW_SCAN_DONE);
  tw_answer_decode (&decoded->answer, method, sequence_id, bytes->data, &envelope);
}

static void
decode (Decoded *decoded, const char *hex, TwMethod method, gint32 sequence_id)
{
  decode_bytes (decoded, bytes_from_hex (hex), method, sequence_id);
}

static void
decoded_clear (Decoded *decoded)
{
  tw_answer_clear (&decoded->answer);
  g_byte_array_unref (decoded->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decoded, decoded_clear)

static void
assert_text (TwText text, const char *expected)
{
  g_assert_true (tw_text_equal (text, tw_text (expected)));
}

static void
assert_encodes (TwMethod method, gint32 sequence_id, const TwArguments *arguments, const char *expected)
{
  NetBuffer output = { NULL };
  g_autofree char *hex = NULL;

  tw_encode_call (&output, method, sequence_id, arguments);
  hex = bytes_to_hex (net_buffer_data (&output), net_buffer_length (&output));
  g_assert_cmpstr (hex, ==, expected);
  net_buffer_clear (&output);
}

static void
test_calls (void)
{
  const TwArguments validate = {
    .context = TW_TEXT ("/weather/1.0"),
    .version = TW_TEXT ("1.0"),
    .access_token = TW_TEXT (GOLDEN_TOKEN),
    .session_id = TW_TEXT (GOLDEN_SESSION),
    .required_level = TW_TEXT ("Any"),
    .matching_resource = TW_TEXT ("/city/*"),
    .http_verb = TW_TEXT ("GET"),
  };
  const TwArguments templates
      = { .context = TW_TEXT ("/weather/1.0"), .version = TW_TEXT ("1.0"), .session_id = TW_TEXT ("sid") };

  assert_encodes (TW_METHOD_VALIDATE_KEY, 1, &validate, GOLDEN_VALIDATE_KEY);
  assert_encodes (TW_METHOD_GET_ALL_URI_TEMPLATES, 3, &templates, GOLDEN_GET_ALL_URI_TEMPLATES);
}

/* What this product asks for besides is one more field; our server reads it, and of no other method. */
static void
test_asks_for_scopes (void)
{
  const TwArguments arguments = { .context = TW_TEXT ("/weather/1.0"),
                                  .version = TW_TEXT ("1.0"),
                                  .access_token = TW_TEXT ("t"),
                                  .session_id = TW_TEXT ("sid"),
                                  .required_level = TW_TEXT ("Any"),
                                  .tell_scopes = TRUE };

  for (guint method = 0; method < TW_METHOD_UNKNOWN; method++)
    {
      NetBuffer output = { NULL };
      TwEnvelope envelope;
      TwScan scan = { 0 };
      TwArguments read;
      const char *why;

      tw_encode_call (&output, (TwMethod) method, 1, &arguments);
      g_assert_cmpint (tw_scan (&scan, net_buffer_data (&output), net_buffer_length (&output), 65536, &envelope, &why), ==,
                       TW_SCAN_DONE);
      g_assert_null (tw_arguments_decode (&read, (TwMethod) method, net_buffer_data (&output), &envelope));
      g_assert_cmpint (read.tell_scopes, ==, method == TW_METHOD_GET_ALL_URI_TEMPLATES);
      g_assert_true (tw_text_equal (read.session_id, arguments.session_id));
      net_buffer_clear (&output);
    }
}

static void
test_granted (void)
{
  g_auto (Decoded) decoded = { NULL };
  const TwKeyValidationInfo *info = &decoded.answer.info;

  decode (&decoded, GOLDEN_GRANTED, TW_METHOD_VALIDATE_KEY, 1);
  g_assert_cmpint (decoded.answer.kind, ==, TW_ANSWER_VALIDATION);
  g_assert_true (info->authorized);
  assert_text (info->subscriber, "alice");
  assert_text (info->tier, "Gold");
  assert_text (info->type, "PRODUCTION");
  assert_text (info->end_user_token, NULL);
  assert_text (info->end_user_name, "bob@carbon.super");
  assert_text (info->application_name, "PhoneApp");
  g_assert_cmpint (info->validation_status, ==, 0);
  assert_text (info->application_id, "7");
  assert_text (info->application_tier, "Unlimited");
  assert_text (info->api_name, "Weather");
  assert_text (info->consumer_key, "ck_9fA3");
  assert_text (info->api_publisher, "carol");
  g_assert_cmpint (info->validity_period_ms, ==, 3600000);
  g_assert_cmpint (info->issued_time_ms, ==, G_GINT64_CONSTANT (1500000000000));
  g_assert_false (info->content_aware);
  assert_text (info->api_tier, "Unlimited");
  assert_text (info->throttling_data, "api_level_throttling_key");
  g_assert_cmpint (info->spike_arrest_limit, ==, 0);
  assert_text (info->subscriber_tenant_domain, "carbon.super");
  assert_text (info->spike_arrest_unit, NULL);
  g_assert_true (info->stop_on_quota_reach);
}

static void
test_refused (void)
{
  g_auto (Decoded) decoded = { NULL };

  decode (&decoded, GOLDEN_REFUSED, TW_METHOD_VALIDATE_KEY, 2);
  g_assert_cmpint (decoded.answer.kind, ==, TW_ANSWER_VALIDATION);
  g_assert_false (decoded.answer.info.authorized);
  g_assert_cmpint (decoded.answer.info.validation_status, ==, 900901);
}

static void
test_exceptions (void)
{
  static const char *const golden[] = { GOLDEN_INVALID_SESSION, GOLDEN_INVALID_SESSION_2 };

  for (guint i = 0; i < G_N_ELEMENTS (golden); i++)
    {
      g_auto (Decoded) decoded = { NULL };

      decode (&decoded, golden[i], TW_METHOD_VALIDATE_KEY, 1);
      g_assert_cmpint (decoded.answer.kind, ==, TW_ANSWER_EXCEPTION);
      assert_text (decoded.answer.message, "Invalid session id for thrift authenticator.");
    }
  {
    g_auto (Decoded) decoded = { NULL };

    decode (&decoded, GOLDEN_UNKNOWN_METHOD, TW_METHOD_VALIDATE_KEY, 1);
    g_assert_cmpint (decoded.answer.kind, ==, TW_ANSWER_EXCEPTION);
    assert_text (decoded.answer.message, "Invalid method name: 'ping'");
  }
}

static void
test_uri_templates (void)
{
  g_auto (Decoded) decoded = { NULL };

  decode (&decoded, GOLDEN_URI_TEMPLATES, TW_METHOD_GET_ALL_URI_TEMPLATES, 3);
  g_assert_cmpint (decoded.answer.kind, ==, TW_ANSWER_URI_TEMPLATES);
  g_assert_cmpuint (decoded.answer.n_templates, ==, 1);
  assert_text (decoded.answer.templates[0].uri_template, "/city/*");
  assert_text (decoded.answer.templates[0].http_verb, "GET");
  assert_text (decoded.answer.templates[0].auth_type, "Any");
  assert_text (decoded.answer.templates[0].throttling_tier, "Unlimited");
}

/* Another call's answer, another method's, and a call where an answer was due. */
static void
test_out_of_step (void)
{
  static const struct
  {
    const char *hex;
    TwMethod method;
    gint32 sequence_id;
  } cases[] = {
    { GOLDEN_GRANTED, TW_METHOD_VALIDATE_KEY, 2 },
    { GOLDEN_GRANTED, TW_METHOD_VALIDATE_KEY_FOR_HANDSHAKE, 1 },
    { GOLDEN_URI_TEMPLATES, TW_METHOD_VALIDATE_KEY, 3 },
    { GOLDEN_VALIDATE_KEY, TW_METHOD_VALIDATE_KEY, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Decoded) decoded = { NULL };

      decode (&decoded, cases[i].hex, cases[i].method, cases[i].sequence_id);
      g_assert_cmpint (decoded.answer.kind, ==, TW_ANSWER_OUT_OF_STEP);
      g_assert_false (decoded.answer.info.authorized);
    }
}

static void
add_conditions (GByteArray *bytes, guint n, const char *text)
{
  bytes_add_field (bytes, TW_LIST, 7);
  bytes_add_u8 (bytes, TW_STRING);
  bytes_add_u32 (bytes, n);
  for (guint i = 0; i < n; i++)
    bytes_add_text (bytes, text);
}

/* What our own server sends is what our client reads, conditions and order too. */
static void
test_round_trip (void)
{
  const TwText conditions[] = { TW_TEXT ("_condition_1"), TW_TEXT ("_default") };
  const TwUriTemplate sent[] = {
    { .uri_template = TW_TEXT ("/a"),
      .http_verb = TW_TEXT ("GET"),
      .throttling_conditions = conditions,
      .n_throttling_conditions = 2,
      .applicable_level = TW_TEXT ("apiLevel"),
      .scope = TW_TEXT ("read") },
    { .uri_template = TW_TEXT ("/b"), .http_verb = TW_TEXT ("POST"), .scope = TW_TEXT ("") },
    { .uri_template = TW_TEXT ("/c"), .throttling_conditions = conditions + 1, .n_throttling_conditions = 1 },
  };
  g_auto (Decoded) decoded = { NULL };
  GByteArray *bytes = g_byte_array_new ();
  NetBuffer output = { NULL };

  tw_encode_uri_templates_reply (&output, TW_TEXT ("getAllURITemplates"), 4, sent, 3);
  g_byte_array_append (bytes, net_buffer_data (&output), (guint)net_buffer_length (&output));
  net_buffer_clear (&output);
  decode_bytes (&decoded, bytes, TW_METHOD_GET_ALL_URI_TEMPLATES, 4);
  g_assert_cmpuint (decoded.answer.n_templates, ==, 3);
  assert_text (decoded.answer.templates[0].throttling_conditions[0], "_condition_1");
  assert_text (decoded.answer.templates[0].throttling_conditions[1], "_default");
  assert_text (decoded.answer.templates[0].applicable_level, "apiLevel");
  assert_text (decoded.answer.templates[0].scope, "read");
  g_assert_null (decoded.answer.templates[1].throttling_conditions);
  g_assert_nonnull (decoded.answer.templates[1].scope.bytes);
  g_assert_cmpuint (decoded.answer.templates[1].scope.length, ==, 0);
  g_assert_null (decoded.answer.templates[2].scope.bytes);
  assert_text (decoded.answer.templates[2].throttling_conditions[0], "_default");
}

/* A field that comes twice, the longer list first: the last counts, and has its room. */
static void
test_repeated_lists (void)
{
  g_auto (Decoded) decoded = { NULL };
  GByteArray *bytes = bytes_new_message (TW_REPLY, "getAllURITemplates", 1);

  bytes_add_field (bytes, TW_LIST, 0);
  bytes_add_u8 (bytes, TW_STRUCT);
  bytes_add_u32 (bytes, 1);
  add_conditions (bytes, 100, "long");
  add_conditions (bytes, 1, "last");
  bytes_add_u8 (bytes, TW_STOP);
  bytes_add_u8 (bytes, TW_STOP);
  decode_bytes (&decoded, bytes, TW_METHOD_GET_ALL_URI_TEMPLATES, 1);
  g_assert_cmpuint (decoded.answer.templates[0].n_throttling_conditions, ==, 1);
  assert_text (decoded.answer.templates[0].throttling_conditions[0], "last");
}

/* Nothing that could be read as a grant: no result, "authorized" as a number or as 2, a grant beside an
 * exception. */
static void
test_never_a_grant (void)
{
  for (guint kind = 0; kind < 4; kind++)
    {
      g_auto (Decoded) decoded = { NULL };
      GByteArray *bytes = bytes_new_message (TW_REPLY, "validateKey", 1);

      if (kind > 0)
        {
          bytes_add_field (bytes, TW_STRUCT, 0);
          bytes_add_field (bytes, kind == 1 ? TW_BYTE : TW_BOOL, 1);
          bytes_add_u8 (bytes, kind == 2 ? 2 : 1);
          bytes_add_u8 (bytes, TW_STOP);
        }
      if (kind == 3)
        {
          bytes_add_field (bytes, TW_STRUCT, 2);
          bytes_add_u8 (bytes, TW_STOP);
        }
      bytes_add_u8 (bytes, TW_STOP);
      decode_bytes (&decoded, bytes, TW_METHOD_VALIDATE_KEY, 1);
      g_assert_true (decoded.answer.kind != TW_ANSWER_VALIDATION || !decoded.answer.info.authorized);
      g_assert_true ((decoded.answer.kind == TW_ANSWER_EXCEPTION) == (kind == 0 || kind == 3));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tw-answer/calls", test_calls);
  g_test_add_func ("/tw-answer/asks-for-scopes", test_asks_for_scopes);
  g_test_add_func ("/tw-answer/granted", test_granted);
  g_test_add_func ("/tw-answer/refused", test_refused);
  g_test_add_func ("/tw-answer/exceptions", test_exceptions);
  g_test_add_func ("/tw-answer/uri-templates", test_uri_templates);
  g_test_add_func ("/tw-answer/out-of-step", test_out_of_step);
  g_test_add_func ("/tw-answer/round-trip", test_round_trip);
  g_test_add_func ("/tw-answer/repeated-lists", test_repeated_lists);
  g_test_add_func ("/tw-answer/never-a-grant", test_never_a_grant);
  return g_test_run ();
}
