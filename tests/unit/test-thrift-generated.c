/* The generated c_glib client against our codec, and whether its objects are freed whole (thrift/mend-generated). */
#include "config.h"
#include "tests/lib/library-leaks.h"
#include "tests/unit/tw-test-bytes.h"
#include "thrift/gen-c_glib/apim_a_p_i_key_validation_service.h"
#include "thrift/gen-c_glib/apim_authenticator_service.h"
#include "thrift/tw-compact.h"
#include "thrift/tw-key-validation.h"

#include <malloc.h>
#include <string.h>
#include <thrift/c_glib/protocol/thrift_binary_protocol.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>
#include <thrift/c_glib/thrift_application_exception.h>
#include <thrift/c_glib/transport/thrift_memory_buffer.h>

/* What may stay behind after very many calls: far less than one byte per call. */
#define ALLOWED_GROWTH (64 * 1024)

/* A client with a memory buffer at each end, instead of a socket. */
typedef struct
{
  ThriftMemoryBuffer *to_server, *from_server;
  ThriftProtocol *output, *input;
  gpointer client;
} Peer;

static void
peer_init (Peer *peer, GType protocol, GType client)
{
  peer->to_server = g_object_new (THRIFT_TYPE_MEMORY_BUFFER, "buf_size", 65536, NULL);
  peer->from_server = g_object_new (THRIFT_TYPE_MEMORY_BUFFER, "buf_size", 65536, NULL);
  peer->output = g_object_new (protocol, "transport", peer->to_server, NULL);
  peer->input = g_object_new (protocol, "transport", peer->from_server, NULL);
  peer->client = g_object_new (client, "input_protocol", peer->input, "output_protocol", peer->output, NULL);
}

static void
peer_clear (Peer *peer)
{
  g_object_unref (peer->client);
  g_object_unref (peer->input);
  g_object_unref (peer->output);
  /* Some of the library's own classes do not chain up either (ThriftMemoryBuffer, ThriftApplicationException). */
  LIBRARY_LEAKS_BEGIN;
  g_object_unref (peer->from_server);
  g_object_unref (peer->to_server);
  LIBRARY_LEAKS_END;
}

static void
key_validation_peer_init (Peer *peer)
{
  peer_init (peer, THRIFT_TYPE_BINARY_PROTOCOL, APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_CLIENT);
}

/* Hands @reply to the client and forgets what it sent. */
static void
peer_answer (Peer *peer, NetBuffer *reply)
{
  GError *error = NULL;

  g_byte_array_set_size (peer->to_server->buf, 0);
  g_assert_true (thrift_transport_write (THRIFT_TRANSPORT (peer->from_server), (gpointer) net_buffer_data (reply),
                                         (guint32) net_buffer_length (reply), &error));
  g_assert_no_error (error);
  net_buffer_consume (reply, net_buffer_length (reply));
}

static void
send_validate_key (Peer *peer)
{
  GError *error = NULL;

  g_assert_true (apim_a_p_i_key_validation_service_client_send_validate_key (
      peer->client, "/weather/1.0", "1.0", GOLDEN_TOKEN, GOLDEN_SESSION, "Any", "", "/city/*", "GET", &error));
  g_assert_no_error (error);
}

/* Decodes what the client sent, which must be one whole call. */
static void
decode_sent (Peer *peer, TwMethod method, TwArguments *arguments, TwEnvelope *envelope)
{
  const GByteArray *sent = peer->to_server->buf;
  TwScan scan = { 0 };
  const char *why = NULL;

  g_assert_cmpint (tw_scan (&scan, sent->data, sent->len, 65536, envelope, &why), ==, TW_SCAN_DONE);
  g_assert_cmpuint (envelope->length, ==, sent->len);
  g_assert_cmpint (envelope->type, ==, TW_CALL);
  g_assert_cmpint (tw_method_from_name (envelope->name), ==, method);
  g_assert_null (tw_arguments_decode (arguments, method, sent->data, envelope));
}

static const TwKeyValidationInfo granted = {
  .authorized = TRUE,
  .subscriber = TW_TEXT ("alice"),
  .tier = TW_TEXT ("Gold"),
  .type = TW_TEXT ("PRODUCTION"),
  .end_user_token = TW_TEXT ("j.w.t"),
  .end_user_name = TW_TEXT ("bob@carbon.super"),
  .application_name = TW_TEXT ("PhoneApp"),
  .application_id = TW_TEXT ("7"),
  .application_tier = TW_TEXT ("Unlimited"),
  .api_name = TW_TEXT ("Weather"),
  .consumer_key = TW_TEXT ("ck_9fA3"),
  .api_publisher = TW_TEXT ("carol"),
  .validity_period_ms = G_MAXINT64,
  .issued_time_ms = G_GINT64_CONSTANT (1500000000000),
  .content_aware = TRUE,
  .api_tier = TW_TEXT ("Bronze"),
  .throttling_data = TW_TEXT ("api_level_throttling_key"),
  .spike_arrest_limit = 12,
  .subscriber_tenant_domain = TW_TEXT ("carbon.super"),
  .spike_arrest_unit = TW_TEXT ("min"),
  .stop_on_quota_reach = TRUE,
};

static void
test_validate_key (void)
{
  g_autoptr (GObject) object = g_object_new (APIM_TYPE_A_P_I_KEY_VALIDATION_INFO_D_T_O, NULL);
  ApimAPIKeyValidationInfoDTO *info = APIM_A_P_I_KEY_VALIDATION_INFO_D_T_O (object);
  ApimAPIKeyMgtException *key_exception = NULL;
  ApimAPIManagementException *api_exception = NULL;
  GError *error = NULL;
  NetBuffer reply = { 0 };
  TwArguments arguments;
  TwEnvelope envelope;
  Peer peer;

  key_validation_peer_init (&peer);
  send_validate_key (&peer);
  decode_sent (&peer, TW_METHOD_VALIDATE_KEY, &arguments, &envelope);
  g_assert_true (tw_text_equal (arguments.context, TW_TEXT ("/weather/1.0")));
  g_assert_true (tw_text_equal (arguments.version, TW_TEXT ("1.0")));
  g_assert_true (tw_text_equal (arguments.access_token, TW_TEXT (GOLDEN_TOKEN)));
  g_assert_true (tw_text_equal (arguments.session_id, TW_TEXT (GOLDEN_SESSION)));
  g_assert_true (tw_text_equal (arguments.required_level, TW_TEXT ("Any")));
  g_assert_true (tw_text_equal (arguments.client_domain, TW_TEXT ("")));
  g_assert_true (tw_text_equal (arguments.matching_resource, TW_TEXT ("/city/*")));
  g_assert_true (tw_text_equal (arguments.http_verb, TW_TEXT ("GET")));

  tw_encode_validation_reply (&reply, envelope.name, envelope.sequence_id, &granted);
  peer_answer (&peer, &reply);
  g_assert_true (apim_a_p_i_key_validation_service_client_recv_validate_key (peer.client, &info, &key_exception,
                                                                             &api_exception, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (peer.from_server->buf->len, ==, 0);
  g_assert_true (info->authorized);
  g_assert_cmpstr (info->subscriber, ==, "alice");
  g_assert_cmpstr (info->tier, ==, "Gold");
  g_assert_cmpstr (info->type, ==, "PRODUCTION");
  g_assert_cmpstr (info->endUserToken, ==, "j.w.t");
  g_assert_cmpstr (info->endUserName, ==, "bob@carbon.super");
  g_assert_cmpstr (info->applicationName, ==, "PhoneApp");
  g_assert_cmpint (info->validationStatus, ==, 0);
  g_assert_cmpstr (info->applicationId, ==, "7");
  g_assert_cmpstr (info->applicationTier, ==, "Unlimited");
  g_assert_cmpstr (info->apiName, ==, "Weather");
  g_assert_cmpstr (info->consumerKey, ==, "ck_9fA3");
  g_assert_cmpstr (info->apiPublisher, ==, "carol");
  g_assert_false (info->__isset_authorizedDomains);
  g_assert_false (info->__isset_scopes);
  g_assert_true (info->validityPeriod == G_MAXINT64);
  g_assert_true (info->issuedTime == G_GINT64_CONSTANT (1500000000000));
  g_assert_true (info->isContentAware);
  g_assert_cmpstr (info->apiTier, ==, "Bronze");
  g_assert_cmpuint (info->throttlingDataList->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (info->throttlingDataList, 0), ==, "api_level_throttling_key");
  g_assert_cmpint (info->spikeArrestLimit, ==, 12);
  g_assert_cmpstr (info->subscriberTenantDomain, ==, "carbon.super");
  g_assert_cmpstr (info->spikeArrestUnit, ==, "min");
  g_assert_true (info->stopOnQuotaReach);
  peer_clear (&peer);
  net_buffer_clear (&reply);
}

static void
test_exceptions (void)
{
  for (guint kind = TW_KEY_MGT_EXCEPTION; kind <= TW_API_MANAGEMENT_EXCEPTION; kind++)
    {
      g_autoptr (GObject) object = g_object_new (APIM_TYPE_A_P_I_KEY_VALIDATION_INFO_D_T_O, NULL);
      ApimAPIKeyValidationInfoDTO *info = APIM_A_P_I_KEY_VALIDATION_INFO_D_T_O (object);
      ApimAPIKeyMgtException *key_exception = NULL;
      ApimAPIManagementException *api_exception = NULL;
      g_autoptr (GError) error = NULL;
      NetBuffer reply = { 0 };
      Peer peer;

      key_validation_peer_init (&peer);
      tw_encode_declared_exception (&reply, TW_TEXT ("validateKey"), 0, (TwDeclaredException) kind, "a reason");
      peer_answer (&peer, &reply);
      g_assert_false (apim_a_p_i_key_validation_service_client_recv_validate_key (peer.client, &info, &key_exception,
                                                                                  &api_exception, &error));
      if (kind == TW_KEY_MGT_EXCEPTION)
        g_assert_cmpstr (key_exception->message, ==, "a reason");
      else
        g_assert_cmpstr (api_exception->message, ==, "a reason");
      g_assert_cmpint (key_exception != NULL, ==, kind == TW_KEY_MGT_EXCEPTION);
      g_assert_cmpint (api_exception != NULL, ==, kind == TW_API_MANAGEMENT_EXCEPTION);
      g_clear_object (&key_exception);
      g_clear_object (&api_exception);
      peer_clear (&peer);
      net_buffer_clear (&reply);
    }
}

static void
test_application_exception (void)
{
  g_autoptr (GObject) object = g_object_new (APIM_TYPE_A_P_I_KEY_VALIDATION_INFO_D_T_O, NULL);
  ApimAPIKeyValidationInfoDTO *info = APIM_A_P_I_KEY_VALIDATION_INFO_D_T_O (object);
  ApimAPIKeyMgtException *key_exception = NULL;
  ApimAPIManagementException *api_exception = NULL;
  g_autoptr (GError) error = NULL;
  NetBuffer reply = { 0 };
  Peer peer;

  key_validation_peer_init (&peer);
  tw_encode_application_exception (&reply, TW_TEXT ("validateKey"), 0, TW_APP_PROTOCOL_ERROR, "a reason");
  peer_answer (&peer, &reply);
  LIBRARY_LEAKS_BEGIN;
  g_assert_false (apim_a_p_i_key_validation_service_client_recv_validate_key (peer.client, &info, &key_exception,
                                                                              &api_exception, &error));
  LIBRARY_LEAKS_END;
  g_assert_error (error, THRIFT_APPLICATION_EXCEPTION_ERROR, TW_APP_PROTOCOL_ERROR);
  g_assert_cmpstr (error->message, ==, "application error: a reason");
  peer_clear (&peer);
  net_buffer_clear (&reply);
}

static void
test_get_all_uri_templates (void)
{
  const TwText conditions[] = { TW_TEXT ("_condition_0"), TW_TEXT ("_default") };
  const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/city/*"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any"),
      .throttling_tier = TW_TEXT ("Gold"), .applicable_level = TW_TEXT ("api"), .throttling_conditions = conditions,
      .n_throttling_conditions = G_N_ELEMENTS (conditions) },
    { .uri_template = TW_TEXT ("/") },
  };
  g_autoptr (GPtrArray) answer = g_ptr_array_new_with_free_func (g_object_unref);
  ApimAPIKeyMgtException *key_exception = NULL;
  ApimAPIManagementException *api_exception = NULL;
  GError *error = NULL;
  NetBuffer reply = { 0 };
  TwArguments arguments;
  TwEnvelope envelope;
  const ApimURITemplate *first;
  Peer peer;

  key_validation_peer_init (&peer);
  g_assert_true (apim_a_p_i_key_validation_service_client_send_get_all_u_r_i_templates (
      peer.client, "/weather/1.0", "1.0", "sid", &error));
  decode_sent (&peer, TW_METHOD_GET_ALL_URI_TEMPLATES, &arguments, &envelope);
  g_assert_true (tw_text_equal (arguments.version, TW_TEXT ("1.0")));
  g_assert_true (tw_text_equal (arguments.session_id, TW_TEXT ("sid")));
  tw_encode_uri_templates_reply (&reply, envelope.name, envelope.sequence_id, templates, G_N_ELEMENTS (templates));
  peer_answer (&peer, &reply);
  g_assert_true (apim_a_p_i_key_validation_service_client_recv_get_all_u_r_i_templates (
      peer.client, &answer, &key_exception, &api_exception, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (answer->len, ==, 2);
  first = g_ptr_array_index (answer, 0);
  g_assert_cmpstr (first->uriTemplate, ==, "/city/*");
  g_assert_cmpstr (first->httpVerb, ==, "GET");
  g_assert_cmpstr (first->authType, ==, "Any");
  g_assert_cmpstr (first->throttlingTier, ==, "Gold");
  g_assert_cmpstr (first->applicableLevel, ==, "api");
  g_assert_cmpuint (first->throttlingConditions->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (first->throttlingConditions, 1), ==, "_default");
  g_assert_false (first->__isset_conditionGroups);
  peer_clear (&peer);
  net_buffer_clear (&reply);
}

static void
test_handshake (void)
{
  GError *error = NULL;
  TwArguments arguments;
  TwEnvelope envelope;
  Peer peer;

  key_validation_peer_init (&peer);
  g_assert_true (apim_a_p_i_key_validation_service_client_send_validate_keyfor_handshake (
      peer.client, "/chat", "1.0", "tok", "sid", &error));
  decode_sent (&peer, TW_METHOD_VALIDATE_KEY_FOR_HANDSHAKE, &arguments, &envelope);
  g_assert_true (tw_text_equal (arguments.context, TW_TEXT ("/chat")));
  g_assert_true (tw_text_equal (arguments.access_token, TW_TEXT ("tok")));
  g_assert_true (tw_text_equal (arguments.session_id, TW_TEXT ("sid")));
  peer_clear (&peer);
}

/* The login in the compact protocol; @refused or with a session. */
static void
login (gboolean refused)
{
  g_autofree char *session = NULL;
  ApimAuthenticationException *exception = NULL;
  g_autoptr (GError) error = NULL;
  NetBuffer reply = { 0 };
  TwAuthenticateCall call;
  gboolean ok;
  Peer peer;

  peer_init (&peer, THRIFT_TYPE_COMPACT_PROTOCOL, APIM_TYPE_AUTHENTICATOR_SERVICE_CLIENT);
  g_assert_true (apim_authenticator_service_client_send_authenticate (peer.client, "admin", "secret", &error));
  g_assert_true (tw_compact_decode_authenticate (&call, peer.to_server->buf->data, peer.to_server->buf->len));
  g_assert_true (tw_text_equal (call.method, TW_TEXT ("authenticate")));
  g_assert_true (tw_text_equal (call.user_name, TW_TEXT ("admin")));
  g_assert_true (tw_text_equal (call.password, TW_TEXT ("secret")));
  if (refused)
    tw_compact_encode_refusal (&reply, call.sequence_id, "User 'admin' not authenticated.");
  else
    tw_compact_encode_session (&reply, call.sequence_id, TW_TEXT (GOLDEN_SESSION));
  peer_answer (&peer, &reply);
  ok = apim_authenticator_service_client_recv_authenticate (peer.client, &session, &exception, &error);
  g_assert_cmpint (ok, ==, !refused);
  g_assert_cmpstr (session, ==, refused ? NULL : GOLDEN_SESSION);
  if (refused)
    g_assert_cmpstr (exception->message, ==, "User 'admin' not authenticated.");
  g_clear_object (&exception);
  peer_clear (&peer);
  net_buffer_clear (&reply);
}

static void
test_login (void)
{
  login (FALSE);
  login (TRUE);
}

static void
test_login_application_exception (void)
{
  g_autofree char *session = NULL;
  ApimAuthenticationException *exception = NULL;
  g_autoptr (GError) error = NULL;
  NetBuffer reply = { 0 };
  Peer peer;

  peer_init (&peer, THRIFT_TYPE_COMPACT_PROTOCOL, APIM_TYPE_AUTHENTICATOR_SERVICE_CLIENT);
  tw_compact_encode_application_exception (&reply, TW_TEXT ("authenticate"), 0, TW_APP_PROTOCOL_ERROR, "a reason");
  peer_answer (&peer, &reply);
  LIBRARY_LEAKS_BEGIN;
  g_assert_false (apim_authenticator_service_client_recv_authenticate (peer.client, &session, &exception, &error));
  LIBRARY_LEAKS_END;
  g_assert_error (error, THRIFT_APPLICATION_EXCEPTION_ERROR, TW_APP_PROTOCOL_ERROR);
  g_assert_cmpstr (error->message, ==, "application error: a reason");
  peer_clear (&peer);
  net_buffer_clear (&reply);
}

/* Bytes in use by the program. Under AddressSanitizer, which has its own allocator and finds leaks itself, this is
 * always 0. */
static gsize
bytes_in_use (void)
{
  return mallinfo2 ().uordblks;
}

static void
assert_no_growth (gsize before)
{
  gsize after = bytes_in_use ();

  g_assert_cmpuint (after, <=, before + ALLOWED_GROWTH);
}

/* One call of the client, answered with what the client must allocate most for, or with an exception. */
static void
call_once (Peer *peer, NetBuffer *reply, gboolean throw)
{
  g_autoptr (GObject) object = g_object_new (APIM_TYPE_A_P_I_KEY_VALIDATION_INFO_D_T_O, NULL);
  ApimAPIKeyValidationInfoDTO *info = APIM_A_P_I_KEY_VALIDATION_INFO_D_T_O (object);
  ApimAPIKeyMgtException *key_exception = NULL;
  ApimAPIManagementException *api_exception = NULL;
  g_autoptr (GError) error = NULL;

  send_validate_key (peer);
  if (throw)
    tw_encode_declared_exception (reply, TW_TEXT ("validateKey"), 0, TW_KEY_MGT_EXCEPTION, "a reason");
  else
    tw_encode_validation_reply (reply, TW_TEXT ("validateKey"), 0, &granted);
  peer_answer (peer, reply);
  g_assert_cmpint (apim_a_p_i_key_validation_service_client_recv_validate_key (peer->client, &info, &key_exception,
                                                                               &api_exception, &error),
                   ==, !throw);
  g_clear_object (&key_exception);
}

static void
test_calls_do_not_leak (void)
{
  NetBuffer reply = { 0 };
  gsize before;
  Peer peer;

  key_validation_peer_init (&peer);
  for (guint i = 0; i < 100; i++)
    call_once (&peer, &reply, i % 10 == 0);
  before = bytes_in_use ();
  for (guint i = 0; i < 100000; i++)
    call_once (&peer, &reply, i % 10 == 0);
  assert_no_growth (before);
  peer_clear (&peer);
  net_buffer_clear (&reply);
}

/* The argument and result structures, of which the client makes none, and the rest. */
static void
test_objects_do_not_leak (void)
{
  const GType types[] = {
    APIM_TYPE_A_P_I_KEY_MGT_EXCEPTION,
    APIM_TYPE_A_P_I_MANAGEMENT_EXCEPTION,
    APIM_TYPE_A_P_I_KEY_VALIDATION_INFO_D_T_O,
    APIM_TYPE_CONDITION_D_T_O,
    APIM_TYPE_CONDITION_GROUP_D_T_O,
    APIM_TYPE_U_R_I_TEMPLATE,
    APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_VALIDATE_KEY_ARGS,
    APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_VALIDATE_KEY_RESULT,
    APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_GET_ALL_U_R_I_TEMPLATES_ARGS,
    APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_GET_ALL_U_R_I_TEMPLATES_RESULT,
    APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_VALIDATE_KEYFOR_HANDSHAKE_ARGS,
    APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_VALIDATE_KEYFOR_HANDSHAKE_RESULT,
    APIM_TYPE_AUTHENTICATION_EXCEPTION,
    APIM_TYPE_AUTHENTICATOR_SERVICE_AUTHENTICATE_ARGS,
    APIM_TYPE_AUTHENTICATOR_SERVICE_AUTHENTICATE_RESULT,
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gsize before;

      g_object_unref (g_object_new (types[i], NULL));
      before = bytes_in_use ();
      for (guint n = 0; n < 10000; n++)
        {
          GObject *object = g_object_new (types[i], NULL);

          /* What GObject's own finalizer frees; a finalizer that does not chain up leaves it. */
          g_object_set_data_full (object, "note", g_strdup ("sixteen bytes..."), g_free);
          g_object_unref (object);
        }
      g_test_message ("%s: %" G_GSSIZE_FORMAT " bytes more in use", g_type_name (types[i]),
                      (gssize) (bytes_in_use () - before));
      assert_no_growth (before);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/thrift-generated/validate-key", test_validate_key);
  g_test_add_func ("/thrift-generated/exceptions", test_exceptions);
  g_test_add_func ("/thrift-generated/application-exception", test_application_exception);
  g_test_add_func ("/thrift-generated/get-all-uri-templates", test_get_all_uri_templates);
  g_test_add_func ("/thrift-generated/handshake", test_handshake);
  g_test_add_func ("/thrift-generated/login", test_login);
  g_test_add_func ("/thrift-generated/login-application-exception", test_login_application_exception);
  g_test_add_func ("/thrift-generated/calls-do-not-leak", test_calls_do_not_leak);
  g_test_add_func ("/thrift-generated/objects-do-not-leak", test_objects_do_not_leak);
  return g_test_run ();
}
