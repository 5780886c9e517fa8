#include "config.h"
#include "tests/unit/tw-test-bytes.h"
#include "thrift/tw-key-validation.h"

#define VALIDATE_KEY TW_TEXT ("validateKey")

/* Frees @output. */
static void
assert_output (NetBuffer *output, const char *expected)
{
  g_autofree char *hex = bytes_to_hex (net_buffer_data (output), net_buffer_length (output));

  g_assert_cmpstr (hex, ==, expected);
  net_buffer_clear (output);
}

static void
assert_text (TwText text, const char *expected)
{
  g_autofree char *copy = text.bytes == NULL ? NULL : g_strndup (text.bytes, text.length);

  g_assert_cmpstr (copy, ==, expected);
}

/* Scans a message that must be whole and decodes its arguments, which point into @bytes. */
static const char *
decode (const GByteArray *bytes, TwArguments *arguments, TwEnvelope *envelope)
{
  TwScan scan = { 0 };
  const char *why = NULL;

  g_assert_cmpint (tw_scan (&scan, bytes->data, bytes->len, 65536, envelope, &why), ==, TW_SCAN_DONE);
  g_assert_cmpuint (envelope->length, ==, bytes->len);
  return tw_arguments_decode (arguments, tw_method_from_name (envelope->name), bytes->data, envelope);
}

static void
test_methods (void)
{
  for (guint i = 0; i < TW_METHOD_UNKNOWN; i++)
    g_assert_cmpint (tw_method_from_name (tw_text (tw_method_name ((TwMethod) i))), ==, i);
  g_assert_cmpint (tw_method_from_name (TW_TEXT ("validateKey2")), ==, TW_METHOD_UNKNOWN);
  g_assert_cmpint (tw_method_from_name (TW_TEXT ("validatekey")), ==, TW_METHOD_UNKNOWN);
  g_assert_cmpint (tw_method_from_name (TW_TEXT ("")), ==, TW_METHOD_UNKNOWN);
  g_assert_cmpint (tw_method_from_name (TW_TEXT ("Service:validateKey")), ==, TW_METHOD_UNKNOWN); /* T23 */
  g_assert_cmpint (tw_method_from_name (TW_TEXT ("getCertificateTierInformation")), ==, TW_METHOD_UNKNOWN);
  g_assert_null (tw_method_name (TW_METHOD_UNKNOWN));
}

static void
test_decode_generation_3 (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY);
  TwArguments arguments;
  TwEnvelope envelope;

  g_assert_null (decode (bytes, &arguments, &envelope));
  assert_text (arguments.context, "/weather/1.0");
  assert_text (arguments.version, "1.0");
  assert_text (arguments.access_token, GOLDEN_TOKEN);
  assert_text (arguments.session_id, GOLDEN_SESSION);
  assert_text (arguments.required_level, "Any");
  assert_text (arguments.client_domain, NULL);
  assert_text (arguments.matching_resource, "/city/*");
  assert_text (arguments.http_verb, "GET");
}

static void
test_decode_generation_1 (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_GENERATION_1);
  TwArguments arguments;
  TwEnvelope envelope;

  g_assert_null (decode (bytes, &arguments, &envelope));
  assert_text (arguments.context, "/weather");
  assert_text (arguments.version, "1.0");
  assert_text (arguments.access_token, "tok");
  assert_text (arguments.session_id, "sid");
  assert_text (arguments.required_level, "Any");
  assert_text (arguments.client_domain, NULL);
  assert_text (arguments.matching_resource, NULL);
  assert_text (arguments.http_verb, NULL);
}

/* The arguments of generation I without the final stop. */
static GByteArray *
new_generation_1 (void)
{
  GByteArray *bytes = bytes_from_hex (GOLDEN_GENERATION_1);

  return g_byte_array_set_size (bytes, bytes->len - 1);
}

static void
test_decode_generation_2 (void)
{
  g_autoptr (GByteArray) bytes = new_generation_1 ();
  TwArguments arguments;
  TwEnvelope envelope;

  bytes_add_field_text (bytes, 6, "example.org");
  bytes_add_u8 (bytes, TW_STOP);
  g_assert_null (decode (bytes, &arguments, &envelope));
  assert_text (arguments.required_level, "Any");
  assert_text (arguments.client_domain, "example.org");
  assert_text (arguments.matching_resource, NULL);
  assert_text (arguments.http_verb, NULL);
}

/* Spec 10, check 5: ids that nobody knows, as i64, map and nested struct, around the known ones. */
static void
test_decode_unknown_fields (void)
{
  g_autoptr (GByteArray) bytes = new_generation_1 ();
  g_autoptr (GByteArray) unknown = bytes_from_hex (
      "0a0009" "0000000000000001"                                                    /* 9: i64 */
      "0d000a" "0b0f" "00000001" "00000001" "6b" "0b" "00000001" "00000001" "76"     /* 10: map */
      "0c000b" "0c0001" "0b0001" "00000001" "78" "00" "0b0003" "00000001" "79" "00"  /* 11: struct in struct */
      "0bffff" "00000001" "7a"                                                       /* -1: string */
      "0b0000" "00000001" "7a");                                                     /* 0: string */
  TwArguments arguments;
  TwEnvelope envelope;

  g_byte_array_append (bytes, unknown->data, unknown->len);
  bytes_add_field_text (bytes, 7, "/city/*");
  bytes_add_u8 (bytes, TW_STOP);
  g_assert_null (decode (bytes, &arguments, &envelope));
  assert_text (arguments.context, "/weather");
  assert_text (arguments.access_token, "tok");
  assert_text (arguments.matching_resource, "/city/*");
}

/* T09: id 5 sent as i32 counts as missing. T10: what is missing is named, the first of it. */
static void
test_decode_missing (void)
{
  static const struct
  {
    const char *method;
    const char *ids; /* those that are sent */
    const char *missing;
  } cases[] = {
    { "validateKey", "12345", NULL },
    { "validateKey", "54321", NULL }, /* in any order */
    { "validateKey", "", "context" },
    { "validateKey", "1345678", "version" },
    { "validateKey", "1245678", "accessToken" },
    { "validateKey", "1235678", "sessionId" },
    { "validateKey", "1234678", "requiredAuthenticationLevel" },
    { "validateKeyforHandshake", "1234", NULL },
    { "validateKeyforHandshake", "", "context" },
    { "validateKeyforHandshake", "1", "version" },
    { "validateKeyforHandshake", "124", "accessToken" },
    { "validateKeyforHandshake", "123", "sessionId" },
    { "getAllURITemplates", "123", NULL },
    { "getAllURITemplates", "12", NULL }, /* generation II-a */
    { "getAllURITemplates", "23", "context" },
    { "getAllURITemplates", "13", "apiVersion" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, cases[i].method, 1);
      TwArguments arguments;
      TwEnvelope envelope;

      for (const char *id = cases[i].ids; *id != '\0'; id++)
        bytes_add_field_text (bytes, (guint) (*id - '0'), "text");
      bytes_add_u8 (bytes, TW_STOP);
      g_assert_cmpstr (decode (bytes, &arguments, &envelope), ==, cases[i].missing);
    }
}

static void
test_decode_wrong_type (void)
{
  g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, "validateKey", 1);
  TwArguments arguments;
  TwEnvelope envelope;

  for (guint id = 1; id <= 4; id++)
    bytes_add_field_text (bytes, id, "text");
  bytes_add_field (bytes, TW_I32, 5);
  bytes_add_u32 (bytes, 1);
  bytes_add_u8 (bytes, TW_STOP);
  g_assert_cmpstr (decode (bytes, &arguments, &envelope), ==, "requiredAuthenticationLevel");
}

/* T11: the last of several counts, as in Java; a later one of another type does not. */
static void
test_decode_duplicates (void)
{
  g_autoptr (GByteArray) bytes = new_generation_1 ();
  TwArguments arguments;
  TwEnvelope envelope;

  bytes_add_field_text (bytes, 3, "second");
  bytes_add_field_text (bytes, 3, "third");
  bytes_add_field (bytes, TW_I32, 3);
  bytes_add_u32 (bytes, 4);
  bytes_add_u8 (bytes, TW_STOP);
  g_assert_null (decode (bytes, &arguments, &envelope));
  assert_text (arguments.access_token, "third");
}

/* T22: texts are bytes here; what is empty is there. */
static void
test_decode_any_bytes (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex ("80010001" "0000000b" "76616c69646174654b6579" "00000001"
                                                 "0b0001" "00000003" "2f0078" "0b0002" "00000002" "fffe"
                                                 "0b0003" "00000000" "0b0004" "00000001" "00"
                                                 "0b0005" "00000000" "00");
  TwArguments arguments;
  TwEnvelope envelope;

  g_assert_null (decode (bytes, &arguments, &envelope));
  g_assert_cmpmem (arguments.context.bytes, arguments.context.length, "/\0x", 3);
  g_assert_cmpmem (arguments.version.bytes, arguments.version.length, "\xff\xfe", 2);
  g_assert_nonnull (arguments.access_token.bytes);
  g_assert_cmpuint (arguments.access_token.length, ==, 0);
  g_assert_cmpmem (arguments.session_id.bytes, arguments.session_id.length, "\0", 1);
}

static void
test_decode_get_all_uri_templates (void)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_GET_ALL_URI_TEMPLATES);
  TwArguments arguments;
  TwEnvelope envelope;

  g_assert_null (decode (bytes, &arguments, &envelope));
  g_assert_cmpint (envelope.sequence_id, ==, 3);
  assert_text (arguments.context, "/weather/1.0");
  assert_text (arguments.version, "1.0");
  assert_text (arguments.session_id, "sid");
  assert_text (arguments.access_token, NULL);
}

static void
test_encode_granted (void)
{
  const TwKeyValidationInfo info = {
    .authorized = TRUE,
    .subscriber = TW_TEXT ("alice"),
    .tier = TW_TEXT ("Gold"),
    .type = TW_TEXT ("PRODUCTION"),
    .end_user_name = TW_TEXT ("bob@carbon.super"),
    .application_name = TW_TEXT ("PhoneApp"),
    .application_id = TW_TEXT ("7"),
    .application_tier = TW_TEXT ("Unlimited"),
    .api_name = TW_TEXT ("Weather"),
    .consumer_key = TW_TEXT ("ck_9fA3"),
    .api_publisher = TW_TEXT ("carol"),
    .validity_period_ms = 3600000,
    .issued_time_ms = G_GINT64_CONSTANT (1500000000000),
    .api_tier = TW_TEXT ("Unlimited"),
    .throttling_data = TW_TEXT ("api_level_throttling_key"),
    .subscriber_tenant_domain = TW_TEXT ("carbon.super"),
    .stop_on_quota_reach = TRUE,
  };
  NetBuffer output = { 0 };

  tw_encode_validation_reply (&output, VALIDATE_KEY, 1, &info);
  assert_output (&output, GOLDEN_GRANTED);
}

static void
test_encode_refused (void)
{
  const TwKeyValidationInfo info = { .validation_status = 900901 };
  NetBuffer output = { 0 };

  tw_encode_validation_reply (&output, VALIDATE_KEY, 2, &info);
  assert_output (&output, GOLDEN_REFUSED);
}

/* Fields 5 and 23, and the greatest numbers; "true" that is not 1 is 1 on the wire. */
static void
test_encode_rest (void)
{
  const TwKeyValidationInfo info = {
    .authorized = 2,
    .end_user_token = TW_TEXT ("j.w.t"),
    .validation_status = -1,
    .validity_period_ms = G_MAXINT64,
    .issued_time_ms = G_MININT64,
    .content_aware = TRUE,
    .spike_arrest_limit = G_MAXINT32,
    .spike_arrest_unit = TW_TEXT ("min"),
  };
  NetBuffer output = { 0 };

  tw_encode_validation_reply (&output, TW_TEXT ("x"), -1, &info);
  assert_output (&output, "80010002" "00000001" "78" "ffffffff" "0c0000"
                          "02000101" "0b0005" "00000005" "6a2e772e74" "080008" "ffffffff"
                          "0a0010" "7fffffffffffffff" "0a0011" "8000000000000000" "02001201"
                          "080015" "7fffffff" "0b0017" "00000003" "6d696e" "02001800" "00" "00");
}

static void
test_encode_uri_templates (void)
{
  const TwUriTemplate template = {
    .uri_template = TW_TEXT ("/city/*"),
    .http_verb = TW_TEXT ("GET"),
    .auth_type = TW_TEXT ("Any"),
    .throttling_tier = TW_TEXT ("Unlimited"),
  };
  NetBuffer output = { 0 };

  tw_encode_uri_templates_reply (&output, TW_TEXT ("getAllURITemplates"), 3, &template, 1);
  assert_output (&output, GOLDEN_URI_TEMPLATES);
}

/* An unknown API: success with an empty list. */
static void
test_encode_no_uri_templates (void)
{
  NetBuffer output = { 0 };

  tw_encode_uri_templates_reply (&output, TW_TEXT ("x"), 3, NULL, 0);
  assert_output (&output, "80010002" "00000001" "78" "00000003" "0f0000" "0c" "00000000" "00");
}

static void
test_encode_uri_templates_generation_4 (void)
{
  const TwText conditions[] = { TW_TEXT ("_condition_0"), TW_TEXT ("_default") };
  const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/"), .applicable_level = TW_TEXT ("api"), .throttling_conditions = conditions,
      .n_throttling_conditions = 2 },
    { .http_verb = TW_TEXT ("PUT"), .throttling_conditions = conditions, .n_throttling_conditions = 0 },
  };
  NetBuffer output = { 0 };

  tw_encode_uri_templates_reply (&output, TW_TEXT ("x"), 1, templates, 2);
  assert_output (&output, "80010002" "00000001" "78" "00000001" "0f0000" "0c" "00000002"
                          "0b0001" "00000001" "2f"
                          "0f0007" "0b" "00000002" "0000000c" "5f636f6e646974696f6e5f30" "00000008" "5f64656661756c74"
                          "0b0008" "00000003" "617069" "00"
                          "0b0004" "00000003" "505554" "0f0007" "0b" "00000000" "00" "00");
}

static void
test_encode_exceptions (void)
{
  const char *text = "Invalid session id for thrift authenticator.";
  NetBuffer output = { 0 };

  tw_encode_declared_exception (&output, VALIDATE_KEY, 1, TW_KEY_MGT_EXCEPTION, text);
  assert_output (&output, GOLDEN_INVALID_SESSION);
  tw_encode_declared_exception (&output, VALIDATE_KEY, 1, TW_API_MANAGEMENT_EXCEPTION, text);
  assert_output (&output, GOLDEN_INVALID_SESSION_2);
  tw_encode_declared_exception (&output, TW_TEXT ("x"), 1, TW_KEY_MGT_EXCEPTION, NULL);
  assert_output (&output, "80010002" "00000001" "78" "00000001" "0c0001" "0b0001" "00000000" "00" "00");
  tw_encode_application_exception (&output, TW_TEXT ("ping"), 9, TW_APP_UNKNOWN_METHOD, "Invalid method name: 'ping'");
  assert_output (&output, GOLDEN_UNKNOWN_METHOD);
  tw_encode_application_exception (&output, TW_TEXT ("x"), 1, TW_APP_INTERNAL_ERROR, NULL);
  assert_output (&output, "80010003" "00000001" "78" "00000001" "080002" "00000006" "00");
}

/* Answers are appended: what waits in the buffer stays in front. */
static void
test_encode_appends (void)
{
  const TwKeyValidationInfo info = { .validation_status = 900901 };
  NetBuffer output = { 0 };

  net_buffer_append (&output, "\xab", 1);
  tw_encode_validation_reply (&output, VALIDATE_KEY, 2, &info);
  tw_encode_validation_reply (&output, VALIDATE_KEY, 2, &info);
  assert_output (&output, "ab" GOLDEN_REFUSED GOLDEN_REFUSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tw-key-validation/methods", test_methods);
  g_test_add_func ("/tw-key-validation/decode/generation-3", test_decode_generation_3);
  g_test_add_func ("/tw-key-validation/decode/generation-1", test_decode_generation_1);
  g_test_add_func ("/tw-key-validation/decode/generation-2", test_decode_generation_2);
  g_test_add_func ("/tw-key-validation/decode/unknown-fields", test_decode_unknown_fields);
  g_test_add_func ("/tw-key-validation/decode/missing", test_decode_missing);
  g_test_add_func ("/tw-key-validation/decode/wrong-type", test_decode_wrong_type);
  g_test_add_func ("/tw-key-validation/decode/duplicates", test_decode_duplicates);
  g_test_add_func ("/tw-key-validation/decode/any-bytes", test_decode_any_bytes);
  g_test_add_func ("/tw-key-validation/decode/get-all-uri-templates", test_decode_get_all_uri_templates);
  g_test_add_func ("/tw-key-validation/encode/granted", test_encode_granted);
  g_test_add_func ("/tw-key-validation/encode/refused", test_encode_refused);
  g_test_add_func ("/tw-key-validation/encode/rest", test_encode_rest);
  g_test_add_func ("/tw-key-validation/encode/uri-templates", test_encode_uri_templates);
  g_test_add_func ("/tw-key-validation/encode/no-uri-templates", test_encode_no_uri_templates);
  g_test_add_func ("/tw-key-validation/encode/uri-templates-generation-4", test_encode_uri_templates_generation_4);
  g_test_add_func ("/tw-key-validation/encode/exceptions", test_encode_exceptions);
  g_test_add_func ("/tw-key-validation/encode/appends", test_encode_appends);
  return g_test_run ();
}
