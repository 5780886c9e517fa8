#include "config.h"
#include "tests/unit/fake-tw-conn.h"
#include "tests/unit/tw-test-bytes.h"
#include "thrift/tw-server.h"

#include <string.h>

/* A service that notes what it was asked, and answers at once or when the test says so. */
typedef struct
{
  gboolean later;
  TwCall *waiting; /* not answered yet */
  guint asked;
  GString *contexts; /* of all calls, a blank behind each */
  gboolean has_session;
  guint freed; /* connection data */
  TwMethod method;
} Service;

typedef struct
{
  TwServer *server;
  Service service;
  NetConn *conn;
} Fixture;

static void
answer (TwCall *call)
{
  const TwUriTemplate template = { .uri_template = TW_TEXT ("/city/*"),
                                   .http_verb = TW_TEXT ("GET"),
                                   .auth_type = TW_TEXT ("Any"),
                                   .throttling_tier = TW_TEXT ("Unlimited") };
  const TwKeyValidationInfo info = { .validation_status = 900901 };

  if (tw_call_method (call) == TW_METHOD_GET_ALL_URI_TEMPLATES)
    tw_call_reply_uri_templates (call, &template, 1);
  else if (tw_text_equal (tw_call_arguments (call)->context, TW_TEXT ("/throw")))
    tw_call_throw (call, TW_KEY_MGT_EXCEPTION, "Invalid session id for thrift authenticator.");
  else
    tw_call_reply_validation (call, &info);
}

static void
service_call (TwCall *call, gpointer data)
{
  Service *service = data;
  const TwArguments *arguments = tw_call_arguments (call);

  service->asked++;
  service->method = tw_call_method (call);
  service->has_session = arguments->session_id.bytes != NULL;
  g_string_append_len (service->contexts, arguments->context.bytes, arguments->context.length);
  g_string_append_c (service->contexts, ' ');
  g_assert_cmpstr (tw_call_peer (call), ==, "192.0.2.1");
  g_assert_true (tw_call_worker (call) != NULL);
  if (service->later)
    {
      g_assert_null (service->waiting);
      service->waiting = call;
    }
  else
    answer (call);
}

static const TwServiceInterface service_interface = { .call = service_call };

static const ApimLimits limits = { .max_thrift_message = 65536, .max_unread_output = 1024 * 1024 };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->service.contexts = g_string_new (NULL);
  fixture->server = tw_server_new (&limits, &service_interface, &fixture->service);
  fixture->conn = fake_conn_new (&tw_protocol, fixture->server, 3);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->conn != NULL)
    fake_conn_free (fixture->conn);
  tw_server_free (fixture->server);
  g_string_free (fixture->service.contexts, TRUE);
  g_assert_cmpuint (fake_conn_count (), ==, 0);
}

static void
receive_hex (Fixture *fixture, const char *hex)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (hex);

  fake_conn_receive (fixture->conn, bytes->data, bytes->len);
}

static void
receive (Fixture *fixture, const GByteArray *bytes)
{
  fake_conn_receive (fixture->conn, bytes->data, bytes->len);
}

static void
assert_sent (Fixture *fixture, const char *expected)
{
  g_autofree char *sent = fake_conn_take_sent (fixture->conn);

  g_assert_cmpstr (sent, ==, expected);
}

/* Appends a validateKey call for @context. */
static void
add_call (GByteArray *bytes, const char *context, gint32 sequence_id)
{
  g_autoptr (GByteArray) call = bytes_new_message (TW_CALL, "validateKey", sequence_id);

  bytes_add_field_text (call, 1, context);
  for (guint id = 2; id <= 5; id++)
    bytes_add_field_text (call, id, "text");
  bytes_add_u8 (call, TW_STOP);
  g_byte_array_append (bytes, call->data, call->len);
}

#define REFUSED_WITH(sequence_id)                                                                                      \
  "800100020000000b76616c69646174654b6579" sequence_id "0c00000200010008"                                              \
  "0008000dbf250a001000000000000000000a0011000000000000000002001200"                                                   \
  "08001500000000020018000000"

static void
test_call (Fixture *fixture, gconstpointer data)
{
  TwCounters counters;

  receive_hex (fixture, GOLDEN_VALIDATE_KEY);
  assert_sent (fixture, REFUSED_WITH ("00000001"));
  g_assert_cmpint (fixture->service.method, ==, TW_METHOD_VALIDATE_KEY);
  receive_hex (fixture, GOLDEN_GET_ALL_URI_TEMPLATES);
  assert_sent (fixture, GOLDEN_URI_TEMPLATES);
  g_assert_cmpstr (fixture->service.contexts->str, ==, "/weather/1.0 /weather/1.0 ");
  g_assert_false (fake_conn_is_paused (fixture->conn));
  tw_server_read_counters (fixture->server, &counters);
  g_assert_cmpuint (counters.calls, ==, 2);
  g_assert_cmpuint (counters.replies, ==, 2);
  g_assert_cmpuint (counters.exceptions + counters.unknown_methods + counters.protocol_errors, ==, 0);
}

static void
test_byte_by_byte (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY GOLDEN_GET_ALL_URI_TEMPLATES);

  for (guint i = 0; i < bytes->len; i++)
    fake_conn_receive (fixture->conn, bytes->data + i, 1);
  assert_sent (fixture, REFUSED_WITH ("00000001") GOLDEN_URI_TEMPLATES);
}

static void
test_throw (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  TwCounters counters;

  add_call (bytes, "/throw", 1);
  receive (fixture, bytes);
  assert_sent (fixture, GOLDEN_INVALID_SESSION);
  g_assert_true (net_conn_is_open (fixture->conn));
  tw_server_read_counters (fixture->server, &counters);
  g_assert_cmpuint (counters.calls, ==, 1);
  g_assert_cmpuint (counters.exceptions, ==, 1);
  g_assert_cmpuint (counters.replies, ==, 0);
}

/* T24: 10,000 calls in one read are answered in order, in one write, with the stack of one. */
static void
test_pipelined (Fixture *fixture, gconstpointer data)
{
  const guint n = 10000;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *sent = NULL;
  const ApimLimits wide = { .max_thrift_message = 65536, .max_unread_output = 16 * 1024 * 1024 };

  tw_server_set_limits (fixture->server, &wide);
  for (guint i = 0; i < n; i++)
    add_call (bytes, "/c", (gint32) i);
  receive (fixture, bytes);
  g_assert_cmpuint (fixture->service.asked, ==, n);
  g_assert_cmpuint (fake_conn_sent (fixture->conn), ==, n * 76);
  g_assert_cmpuint (fake_conn_writes (fixture->conn), ==, 1);
  sent = fake_conn_take_sent (fixture->conn);
  for (guint i = 0; i < n; i++)
    {
      char sequence_id[9];

      g_snprintf (sequence_id, sizeof sequence_id, "%08x", i);
      g_assert_true (strncmp (sent + 2 * (76 * i + 19), sequence_id, 8) == 0);
    }
}

/* Replies that wait are bounded: past the limit the rest of the input is left for a later turn. */
static void
test_pipelined_in_turns (Fixture *fixture, gconstpointer data)
{
  const ApimLimits narrow = { .max_thrift_message = 65536, .max_unread_output = 1000 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  tw_server_set_limits (fixture->server, &narrow);
  for (guint i = 0; i < 100; i++)
    add_call (bytes, "/c", (gint32) i);
  receive (fixture, bytes);
  g_assert_cmpuint (fixture->service.asked, ==, 14); /* 14 * 76 > 1000 */
  g_assert_false (fake_conn_is_paused (fixture->conn));
  while (fake_conn_turn (fixture->conn))
    ;
  g_assert_cmpuint (fixture->service.asked, ==, 100);
  g_assert_cmpuint (fake_conn_sent (fixture->conn), ==, 100 * 76);
  g_assert_cmpuint (fake_conn_writes (fixture->conn), ==, 8);
}

static void
answer_waiting (Fixture *fixture)
{
  g_assert_nonnull (fixture->service.waiting);
  answer (g_steal_pointer (&fixture->service.waiting));
}

/* One call at a time: the next is not looked at before the one in progress is answered, and the arguments stay. */
static void
test_later (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  fixture->service.later = TRUE;
  add_call (bytes, "/a", 1);
  add_call (bytes, "/b", 2);
  add_call (bytes, "/c", 3);
  receive (fixture, bytes);
  for (guint i = 0; i < 3; i++)
    {
      const char *contexts[] = { "/a", "/b", "/c" };

      g_assert_cmpuint (fixture->service.asked, ==, i + 1);
      g_assert_true (fake_conn_is_paused (fixture->conn));
      g_assert_true (fake_conn_is_busy (fixture->conn));
      g_assert_true (tw_text_equal (tw_call_arguments (fixture->service.waiting)->context, tw_text (contexts[i])));
      g_assert_cmpuint (fake_conn_sent (fixture->conn), ==, i * 76);
      answer_waiting (fixture);
      g_assert_cmpuint (fake_conn_sent (fixture->conn), ==, (i + 1) * 76);
      g_assert_false (fake_conn_is_paused (fixture->conn));
      g_assert_false (fake_conn_is_busy (fixture->conn));
      g_assert_cmpint (fake_conn_turn (fixture->conn), ==, i < 2);
    }
  assert_sent (fixture, REFUSED_WITH ("00000001") REFUSED_WITH ("00000002") REFUSED_WITH ("00000003"));
}

/* Answers at once and later mixed keep their order. */
static void
test_later_then_at_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  fixture->service.later = TRUE;
  add_call (bytes, "/a", 1);
  add_call (bytes, "/throw", 1);
  add_call (bytes, "/c", 2);
  receive (fixture, bytes);
  fixture->service.later = FALSE;
  answer_waiting (fixture);
  g_assert_true (fake_conn_turn (fixture->conn));
  assert_sent (fixture, REFUSED_WITH ("00000001") GOLDEN_INVALID_SESSION REFUSED_WITH ("00000002"));
}

/* The connection ends while the call is in progress: the answer goes nowhere, everything is freed. */
static void
test_closed_while_waiting (Fixture *fixture, gconstpointer data)
{
  TwCall *call;

  fixture->service.later = TRUE;
  receive_hex (fixture, GOLDEN_VALIDATE_KEY);
  call = fixture->service.waiting;
  fake_conn_free (g_steal_pointer (&fixture->conn));
  g_assert_cmpuint (fake_conn_count (), ==, 1);
  g_assert_true (tw_text_equal (tw_call_arguments (call)->access_token, TW_TEXT (GOLDEN_TOKEN)));
  answer_waiting (fixture);
  g_assert_cmpuint (fake_conn_count (), ==, 0);
}

/* The same with the server freed in between, as when a node stops: the call holds what it needs. */
static void
test_server_freed_while_waiting (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, NULL);
  fixture.service.later = TRUE;
  receive_hex (&fixture, GOLDEN_VALIDATE_KEY);
  fake_conn_free (fixture.conn);
  tw_server_free (fixture.server);
  answer_waiting (&fixture);
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  g_string_free (fixture.service.contexts, TRUE);
}

/* Sending a late answer finds the peer gone. */
static void
test_broken_while_waiting (Fixture *fixture, gconstpointer data)
{
  fixture->service.later = TRUE;
  receive_hex (fixture, GOLDEN_VALIDATE_KEY GOLDEN_VALIDATE_KEY);
  fake_conn_break (fixture->conn);
  answer_waiting (fixture);
  g_assert_false (net_conn_is_open (fixture->conn));
  g_assert_cmpint (fake_conn_reason (fixture->conn), ==, NET_CLOSE_IO);
  g_assert_false (fake_conn_turn (fixture->conn));
  g_assert_cmpuint (fixture->service.asked, ==, 1);
}

static void
free_data (gpointer data)
{
  ++*(guint *) data;
}

static void
test_connection_data (Fixture *fixture, gconstpointer data)
{
  TwCall *call;

  fixture->service.later = TRUE;
  receive_hex (fixture, GOLDEN_VALIDATE_KEY);
  call = fixture->service.waiting;
  g_assert_null (tw_call_get_connection_data (call));
  tw_call_set_connection_data (call, &fixture->service.freed, free_data);
  answer_waiting (fixture);
  receive_hex (fixture, GOLDEN_VALIDATE_KEY);
  call = fixture->service.waiting;
  g_assert_true (tw_call_get_connection_data (call) == &fixture->service.freed);
  tw_call_set_connection_data (call, &fixture->service.freed, free_data);
  g_assert_cmpuint (fixture->service.freed, ==, 1);
  answer_waiting (fixture);
  fake_conn_free (g_steal_pointer (&fixture->conn));
  g_assert_cmpuint (fixture->service.freed, ==, 2);
}

/* Spec 10, check 8, and T23: the connection stays in step. */
static void
test_unknown_method (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY);
  g_autoptr (GByteArray) ping = bytes_new_message (TW_CALL, "ping", 9);
  TwCounters counters;

  bytes_add_field_text (ping, 77, "argument");
  bytes_add_u8 (ping, TW_STOP);
  g_byte_array_append (bytes, ping->data, ping->len);
  add_call (bytes, "/c", 2);
  receive (fixture, bytes);
  assert_sent (fixture, REFUSED_WITH ("00000001") GOLDEN_UNKNOWN_METHOD REFUSED_WITH ("00000002"));
  tw_server_read_counters (fixture->server, &counters);
  g_assert_cmpuint (counters.calls, ==, 2);
  g_assert_cmpuint (counters.unknown_methods, ==, 1);
}

static void
test_unknown_method_of_longest_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (TW_MAX_NAME, 'n');
  g_autoptr (GByteArray) call = bytes_new_message (TW_CALL, name, 1);
  const gsize text = strlen ("Invalid method name: ''") + TW_MAX_NAME;

  bytes_add_u8 (call, TW_STOP);
  receive (fixture, call);
  g_assert_cmpuint (fake_conn_sent (fixture->conn), ==, 12 + TW_MAX_NAME + 3 + 4 + text + 3 + 4 + 1);
}

static void
test_multiplexed_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) call = bytes_new_message (TW_CALL, "APIKeyValidationService:validateKey", 1);

  for (guint id = 1; id <= 5; id++)
    bytes_add_field_text (call, id, "text");
  bytes_add_u8 (call, TW_STOP);
  receive (fixture, call);
  g_assert_cmpuint (fixture->service.asked, ==, 0);
  g_assert_cmpuint (fake_conn_sent (fixture->conn), >, 0);
  g_assert_true (net_conn_is_open (fixture->conn));
}

static void
assert_missing (Fixture *fixture, const char *method, guint n_sent, const char *text)
{
  g_autoptr (GByteArray) call = bytes_new_message (TW_CALL, method, 5);
  g_autoptr (GByteArray) expected = bytes_new_message (TW_EXCEPTION, method, 5);
  g_autofree char *expected_hex = NULL;

  for (guint id = 1; id <= n_sent; id++)
    bytes_add_field_text (call, id, "secret");
  bytes_add_u8 (call, TW_STOP);
  bytes_add_field_text (expected, 1, text);
  bytes_add_field (expected, TW_I32, 2);
  bytes_add_u32 (expected, TW_APP_PROTOCOL_ERROR);
  bytes_add_u8 (expected, TW_STOP);
  expected_hex = bytes_to_hex (expected->data, expected->len);
  receive (fixture, call);
  assert_sent (fixture, expected_hex);
}

/* T10; the whole answer is compared, so no argument is in it. */
static void
test_missing_argument (Fixture *fixture, gconstpointer data)
{
  TwCounters counters;

  assert_missing (fixture, "validateKey", 4,
                  "Required field 'requiredAuthenticationLevel' was not present! Struct: validateKey_args");
  assert_missing (fixture, "getAllURITemplates", 1,
                  "Required field 'apiVersion' was not present! Struct: getAllURITemplates_args");
  assert_missing (fixture, "validateKeyforHandshake", 3,
                  "Required field 'sessionId' was not present! Struct: validateKeyforHandshake_args");
  g_assert_cmpuint (fixture->service.asked, ==, 0);
  receive_hex (fixture, GOLDEN_GENERATION_1);
  g_assert_cmpuint (fixture->service.asked, ==, 1);
  tw_server_read_counters (fixture->server, &counters);
  g_assert_cmpuint (counters.protocol_errors, ==, 3);
}

/* A client of generation II-a: what to do without a session is for the service to say. */
static void
test_templates_without_session (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) call = bytes_new_message (TW_CALL, "getAllURITemplates", 3);

  bytes_add_field_text (call, 1, "/weather/1.0");
  bytes_add_field_text (call, 2, "1.0");
  bytes_add_u8 (call, TW_STOP);
  fixture->service.has_session = TRUE;
  receive (fixture, call);
  assert_sent (fixture, GOLDEN_URI_TEMPLATES);
  g_assert_false (fixture->service.has_session);
}

/* Spec 10, check 6. */
static void
test_not_strict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) call = bytes_new_old_message (TW_CALL, "validateKey", 2);

  for (guint id = 1; id <= 5; id++)
    bytes_add_field_text (call, id, "text");
  bytes_add_u8 (call, TW_STOP);
  receive (fixture, call);
  assert_sent (fixture, GOLDEN_REFUSED);
}

static void
test_oneway (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY);

  bytes->data[3] = TW_ONEWAY;
  receive (fixture, bytes);
  g_assert_cmpuint (fixture->service.asked, ==, 0);
  assert_sent (fixture, "");
  receive_hex (fixture, GOLDEN_VALIDATE_KEY);
  assert_sent (fixture, REFUSED_WITH ("00000001"));
}

/* What ends a connection; what was asked in front of it is answered first. */
static void
test_rubbish (void)
{
  static const char *const cases[] = {
    GOLDEN_GRANTED,                                                                /* T16: a reply */
    GOLDEN_UNKNOWN_METHOD,                                                         /* T16: an exception */
    "80020001", "8001000100000001" "78" "00000001" "0b0001" "7fffffff",            /* T15, T01 */
    "8001000100000001" "78" "00000001" "0b0001" "ffffffff",                        /* T02 */
    "0000004f" GOLDEN_GENERATION_1,                                                /* T17 */
    "16030100f1", "504f5354202f20485454502f312e31",                                /* T18 */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture = { 0 };
      TwCounters counters;

      set_up (&fixture, NULL);
      receive_hex (&fixture, GOLDEN_VALIDATE_KEY);
      assert_sent (&fixture, REFUSED_WITH ("00000001"));
      receive_hex (&fixture, cases[i]);
      g_assert_false (net_conn_is_open (fixture.conn));
      g_assert_cmpint (fake_conn_reason (fixture.conn), ==, NET_CLOSE_PROTOCOL);
      g_assert_cmpuint (fixture.service.asked, ==, 1);
      tw_server_read_counters (fixture.server, &counters);
      g_assert_cmpuint (counters.protocol_errors, ==, 1);
      tear_down (&fixture, NULL);
    }
}

/* T05, T07: 100,000 levels. */
static void
test_deep_nesting (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, "validateKey", 1);
  const ApimLimits wide = { .max_thrift_message = 4 * 1024 * 1024, .max_unread_output = 1024 };

  tw_server_set_limits (fixture->server, &wide);
  for (guint i = 0; i < 100000; i++)
    bytes_add_field (bytes, TW_STRUCT, 9);
  receive (fixture, bytes);
  g_assert_cmpint (fake_conn_reason (fixture->conn), ==, NET_CLOSE_PROTOCOL);
}

static void
test_message_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_new_message (TW_CALL, "validateKey", 1);
  g_autofree char *text = g_strnfill (65536, 't');

  bytes_add_field_text (bytes, 1, text);
  fake_conn_receive (fixture->conn, bytes->data, 40); /* the length is known long before the text is there */
  g_assert_cmpint (fake_conn_reason (fixture->conn), ==, NET_CLOSE_PROTOCOL);
}

/* More workers than slots, and the sums are still right. */
static void
test_counters_of_many_workers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = bytes_from_hex (GOLDEN_VALIDATE_KEY);
  TwCounters counters;

  for (guint worker = 0; worker < 200; worker++)
    {
      NetConn *conn = fake_conn_new (&tw_protocol, fixture->server, worker);

      fake_conn_receive (conn, bytes->data, bytes->len);
      fake_conn_free (conn);
    }
  tw_server_read_counters (fixture->server, &counters);
  g_assert_cmpuint (counters.calls, ==, 200);
  g_assert_cmpuint (counters.replies, ==, 200);
}

#define ADD(path, function) g_test_add ("/tw-server/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("call", test_call);
  ADD ("byte-by-byte", test_byte_by_byte);
  ADD ("throw", test_throw);
  ADD ("pipelined", test_pipelined);
  ADD ("pipelined-in-turns", test_pipelined_in_turns);
  ADD ("later", test_later);
  ADD ("later-then-at-once", test_later_then_at_once);
  ADD ("closed-while-waiting", test_closed_while_waiting);
  g_test_add_func ("/tw-server/server-freed-while-waiting", test_server_freed_while_waiting);
  ADD ("broken-while-waiting", test_broken_while_waiting);
  ADD ("connection-data", test_connection_data);
  ADD ("unknown-method", test_unknown_method);
  ADD ("unknown-method-of-longest-name", test_unknown_method_of_longest_name);
  ADD ("multiplexed-name", test_multiplexed_name);
  ADD ("missing-argument", test_missing_argument);
  ADD ("templates-without-session", test_templates_without_session);
  ADD ("not-strict", test_not_strict);
  ADD ("oneway", test_oneway);
  g_test_add_func ("/tw-server/rubbish", test_rubbish);
  ADD ("deep-nesting", test_deep_nesting);
  ADD ("message-limit", test_message_limit);
  ADD ("counters-of-many-workers", test_counters_of_many_workers);
  return g_test_run ();
}
