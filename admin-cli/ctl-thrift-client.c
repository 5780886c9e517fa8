#include "config.h"

#include "admin-cli/ctl-thrift-client.h"

#include "admin-cli/ctl-deadline.h"
#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-http.h"
#include "admin-cli/ctl-message.h"
#include "admin-cli/ctl-trust.h"
#include "common/apim-secret.h"
#include "thrift/gen-c_glib/apim_authenticator_service.h"
#include "thrift/tw-message.h"

#include <libsoup/soup.h>
#include <string.h>
#include <thrift/c_glib/protocol/thrift_binary_protocol.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>

#define DEFAULT_HTTPS_PORT 9443
#define DEFAULT_THRIFT_PORT 10397
/* A session id or the text of an exception. Also bounds how deep c_glib can be sent by nested structs. */
#define MAX_LOGIN_REPLY 4096
#define MAX_REPLY (1024 * 1024)

struct _CtlThriftClient
{
  CtlTrust *trust;
  CtlDeadline *deadline;
  guint timeout_ms;
  SoupSession *http;
  char *login_url;
  GSocketConnectable *address; /* of the Thrift port */
  char *address_text;
  char *session_id; /* NULL before the login */
  GIOStream *stream; /* NULL before the first call */
};

/* HOST[:PORT], "[::1]:9443" and the like. */
static GNetworkAddress *
parse_address (const char *text, guint16 default_port, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocketConnectable) address = g_network_address_parse (text, default_port, &cause);
  if (address != NULL && *g_network_address_get_hostname (G_NETWORK_ADDRESS (address)) != '\0')
    return G_NETWORK_ADDRESS (g_steal_pointer (&address));
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help validate", *text != '\0' ? text : "\"\"", "is not HOST:PORT%s%s",
                 cause != NULL ? ": " : "", cause != NULL ? cause->message : "");
  return NULL;
}

static gboolean
set_addresses (CtlThriftClient *client, const CtlPeer *peer, GError **error)
{
  g_autoptr (GNetworkAddress) https = parse_address (peer->https_server, DEFAULT_HTTPS_PORT, error);
  if (https == NULL)
    return FALSE;
  const char *host = g_network_address_get_hostname (https);
  const char *root = peer->web_context_root != NULL ? peer->web_context_root : "";
  g_autofree char *trimmed = g_strndup (root, g_str_has_suffix (root, "/") ? strlen (root) - 1 : strlen (root));
  g_autofree char *path = g_strdup_printf ("%s%s/thriftAuthenticator", *trimmed == '\0' || *trimmed == '/' ? "" : "/",
                                           trimmed);
  client->login_url = g_uri_join (G_URI_FLAGS_NONE, "https", NULL, host, g_network_address_get_port (https), path,
                                  NULL, NULL);

  GNetworkAddress *thrift = peer->thrift_server != NULL
                                ? parse_address (peer->thrift_server, DEFAULT_THRIFT_PORT, error)
                                : G_NETWORK_ADDRESS (g_network_address_new (host, DEFAULT_THRIFT_PORT));
  if (thrift == NULL)
    return FALSE;
  client->address = G_SOCKET_CONNECTABLE (thrift);
  client->address_text = g_strdup_printf ("%s:%u", g_network_address_get_hostname (thrift),
                                          g_network_address_get_port (thrift));
  return TRUE;
}

CtlThriftClient *
ctl_thrift_client_new (const CtlPeer *peer, GError **error)
{
  g_autoptr (CtlThriftClient) client = g_new0 (CtlThriftClient, 1);
  client->trust = ctl_trust_new (peer->ca_file, peer->insecure, error);
  if (client->trust == NULL || !set_addresses (client, peer, error))
    return NULL;
  client->timeout_ms = peer->timeout_ms;
  client->deadline = ctl_deadline_new (peer->timeout_ms);
  client->http = ctl_http_session_new (client->trust);
  return g_steal_pointer (&client);
}

void
ctl_thrift_client_free (CtlThriftClient *client)
{
  g_clear_object (&client->stream);
  g_clear_object (&client->http);
  g_clear_object (&client->address);
  g_clear_pointer (&client->deadline, ctl_deadline_free);
  g_clear_pointer (&client->trust, ctl_trust_free);
  g_free (client->address_text);
  g_free (client->login_url);
  apim_secret_free (client->session_id);
  g_free (client);
}

/* POSTs one message to the login service and returns the body of the reply. */
static GByteArray *
post (CtlThriftClient *client, CtlMessage *request, GError **error)
{
  g_autoptr (SoupMessage) http = soup_message_new (SOUP_METHOD_POST, client->login_url);
  if (http == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help validate", client->login_url, "is not a URL");
      return NULL;
    }
  gsize length;
  const guint8 *bytes = ctl_message_bytes (request, &length);
  /* The message stays the owner, because it wipes the password that is in it. */
  g_autoptr (GBytes) body = g_bytes_new_with_free_func (bytes, length, g_object_unref, g_object_ref (request));
  soup_message_set_request_body_from_bytes (http, "application/x-thrift", body);
  soup_message_headers_replace (soup_message_get_request_headers (http), "Accept", "application/x-thrift");

  GByteArray *reply = ctl_http_send (client->http, http, client->trust, client->deadline, MAX_LOGIN_REPLY,
                                     client->login_url, error);
  if (reply != NULL && soup_message_get_status (http) != SOUP_STATUS_OK)
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->login_url,
                     "answered HTTP %u: it is no login service of a Key Manager, or --web-context-root is missing",
                     (guint) soup_message_get_status (http));
      g_clear_pointer (&reply, g_byte_array_unref);
    }
  return reply;
}

/* Whether the bytes begin as a compact message of the method does (spec 8.1); c_glib would read on. */
static gboolean
is_login_reply (const GByteArray *reply)
{
  static const char name[] = "\x0c" "authenticate";
  guint position = 2;
  if (reply->len < position || reply->data[0] != 0x82)
    return FALSE;
  while (position < reply->len && position < 7 && (reply->data[position] & 0x80) != 0) /* sequence id */
    position++;
  position++;
  return reply->len >= position + strlen (name) && memcmp (reply->data + position, name, strlen (name)) == 0;
}

static ThriftProtocol *
compact_protocol (CtlMessage *message)
{
  return g_object_new (THRIFT_TYPE_COMPACT_PROTOCOL, "transport", message, "string_limit", MAX_LOGIN_REPLY,
                       "container_limit", 64, NULL);
}

/* What a login reply without a session means. @cause: (nullable): an error of reading it. @refusal: (nullable). */
static void
set_login_error (const CtlThriftClient *client, const GError *cause, const ApimAuthenticationException *refusal,
                 GError **error)
{
  if (refusal != NULL)
    ctl_error_set (error, CTL_ERROR_LOGIN, "apimctl help validate", "login", "%s",
                   refusal->message != NULL ? refusal->message : "refused without a reason");
  else if (cause != NULL)
    ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->login_url, "the reply cannot be read: %s", cause->message);
  else
    /* Older services say no by saying nothing (spec 4.3). */
    ctl_error_set (error, CTL_ERROR_LOGIN, "apimctl help validate", "login", "user and password were not taken");
}

static gboolean
take_session (CtlThriftClient *client, GByteArray *reply, GError **error)
{
  if (!is_login_reply (reply))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->login_url, "answered something else than Thrift");
      return FALSE;
    }
  /* Not left to c_glib, whose class for these exceptions leaks; nor is there more to say than that. */
  if (reply->data[1] >> 5 == TW_EXCEPTION)
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->login_url, "could not read the login (a Thrift exception)");
      return FALSE;
    }
  g_autoptr (CtlMessage) message = ctl_message_new_from_bytes (reply->data, reply->len);
  g_autoptr (GObject) protocol = G_OBJECT (compact_protocol (message));
  g_autoptr (GObject) stub
      = g_object_new (APIM_TYPE_AUTHENTICATOR_SERVICE_CLIENT, "input_protocol", protocol, NULL);
  g_autoptr (GError) cause = NULL;
  ApimAuthenticationException *refusal = NULL;
  apim_authenticator_service_client_recv_authenticate (APIM_AUTHENTICATOR_SERVICE_IF (stub), &client->session_id,
                                                       &refusal, &cause);
  if (cause != NULL)
    apim_secret_free (g_steal_pointer (&client->session_id));
  if (client->session_id == NULL)
    set_login_error (client, cause, refusal, error);
  g_clear_object (&refusal);
  return client->session_id != NULL;
}

gboolean
ctl_thrift_client_login (CtlThriftClient *client, const char *user, const char *password, GError **error)
{
  g_autoptr (CtlMessage) request = ctl_message_new ();
  g_autoptr (GObject) protocol = G_OBJECT (compact_protocol (request));
  g_autoptr (GObject) stub
      = g_object_new (APIM_TYPE_AUTHENTICATOR_SERVICE_CLIENT, "output_protocol", protocol, NULL);
  if (!apim_authenticator_service_client_send_authenticate (APIM_AUTHENTICATOR_SERVICE_IF (stub), user, password,
                                                            error))
    {
      ctl_error_wrap (error, NULL, "login");
      return FALSE;
    }
  GByteArray *reply = post (client, request, error);
  if (reply == NULL)
    return FALSE;
  apim_secret_free (g_steal_pointer (&client->session_id));
  gboolean taken = take_session (client, reply, error);
  ctl_message_wipe_bytes (reply);
  return taken;
}

static GIOStream *
open_stream (CtlThriftClient *client, GError **error)
{
  GCancellable *cancellable = ctl_deadline_cancellable (client->deadline);
  g_autoptr (GSocketClient) sockets = g_socket_client_new ();
  g_socket_client_set_enable_proxy (sockets, FALSE);
  g_autoptr (GSocketConnection) plain = g_socket_client_connect (sockets, client->address, cancellable, error);
  if (plain == NULL)
    return NULL;
  g_autoptr (GIOStream) tls = g_tls_client_connection_new (G_IO_STREAM (plain), client->address, error);
  if (tls == NULL)
    return NULL;
  if (ctl_trust_database (client->trust) != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (tls), ctl_trust_database (client->trust));
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (ctl_trust_accept_certificate), client->trust);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (tls), cancellable, error))
    return NULL;
  return g_steal_pointer (&tls);
}

/* TApplicationException: the server's complaint about the message, not an answer. */
static void
set_application_error (const CtlThriftClient *client, const guint8 *bytes, const TwEnvelope *envelope, GError **error)
{
  gsize position = envelope->body;
  TwText text = { "no reason is given", strlen ("no reason is given") };
  TwType type;
  gint16 id;
  while ((type = tw_read_field (bytes, &position, &id)) != TW_STOP)
    if (id == 1 && type == TW_STRING)
      text = tw_read_text (bytes, &position);
    else
      tw_skip (bytes, &position, type);
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->address_text, "the Key Manager could not take the call: %.*s",
                 (int) text.length, text.bytes);
}

/* Reads one whole message, scanned and bounded. */
static CtlMessage *
read_reply (CtlThriftClient *client, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  GInputStream *input = g_io_stream_get_input_stream (client->stream);
  TwScan scan = { 0 };
  TwEnvelope envelope;
  const char *why = NULL;
  guint8 chunk[4096];
  TwScanResult result = TW_SCAN_MORE;
  while (result == TW_SCAN_MORE)
    {
      gssize got = g_input_stream_read (input, chunk, sizeof chunk, ctl_deadline_cancellable (client->deadline), error);
      if (got < 0)
        return NULL;
      if (got == 0)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                               "the server closed the connection without a whole answer");
          return NULL;
        }
      g_byte_array_append (bytes, chunk, (guint) got);
      result = tw_scan (&scan, bytes->data, bytes->len, MAX_REPLY, &envelope, &why);
    }
  if (result == TW_SCAN_DONE && envelope.type == TW_EXCEPTION)
    {
      set_application_error (client, bytes->data, &envelope, error);
      return NULL;
    }
  if (result == TW_SCAN_DONE && envelope.type == TW_REPLY && envelope.name.length > 0)
    return ctl_message_new_from_bytes (bytes->data, envelope.length);
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->address_text, "the answer is not Thrift: %s",
                 why != NULL ? why : "another type of message");
  return NULL;
}

/* Sends the request and reads the reply; connects first where needed. */
static CtlMessage *
exchange (CtlThriftClient *client, CtlMessage *request, GError **error)
{
  GError *cause = NULL;
  gsize length;
  const guint8 *bytes = ctl_message_bytes (request, &length);
  CtlMessage *reply = NULL;
  if (client->stream == NULL)
    client->stream = open_stream (client, &cause);
  if (client->stream != NULL
      && g_output_stream_write_all (g_io_stream_get_output_stream (client->stream), bytes, length, NULL,
                                    ctl_deadline_cancellable (client->deadline), &cause))
    reply = read_reply (client, &cause);
  if (reply == NULL && cause->domain == CTL_ERROR)
    g_propagate_error (error, cause);
  else if (reply == NULL)
    ctl_http_set_unreachable (client->trust, client->deadline, client->address_text, cause, error);
  return reply;
}

static gboolean
send_question (ApimAPIKeyValidationServiceIf *stub, const CtlQuestion *question, const char *session_id, GError **error)
{
  if (question->handshake)
    return apim_a_p_i_key_validation_service_client_send_validate_keyfor_handshake (
        stub, question->context, question->version, question->token, session_id, error);
  /* No client domain: only Key Managers of 2013 look at it. */
  return apim_a_p_i_key_validation_service_client_send_validate_key (
      stub, question->context, question->version, question->token, session_id, question->level, "",
      question->resource, question->method, error);
}

static gboolean
receive_answer (ApimAPIKeyValidationServiceIf *stub, gboolean handshake, ApimAPIKeyValidationInfoDTO *info,
                char **exception, GError **error)
{
  ApimAPIKeyMgtException *key_mgt = NULL;
  ApimAPIManagementException *management = NULL;
  gboolean done;
  if (handshake)
    done = apim_a_p_i_key_validation_service_client_recv_validate_keyfor_handshake (stub, &info, &key_mgt,
                                                                                    &management, error);
  else
    done = apim_a_p_i_key_validation_service_client_recv_validate_key (stub, &info, &key_mgt, &management, error);
  if (key_mgt != NULL)
    *exception = g_strdup (key_mgt->message);
  else if (management != NULL)
    *exception = g_strdup (management->message);
  g_clear_object (&key_mgt);
  g_clear_object (&management);
  return done;
}

ApimAPIKeyValidationInfoDTO *
ctl_thrift_client_validate (CtlThriftClient *client, const CtlQuestion *question, GError **error)
{
  g_autoptr (CtlMessage) request = ctl_message_new ();
  g_autoptr (GObject) output = g_object_new (THRIFT_TYPE_BINARY_PROTOCOL, "transport", request, NULL);
  g_autoptr (GObject) stub
      = g_object_new (APIM_TYPE_A_P_I_KEY_VALIDATION_SERVICE_CLIENT, "output_protocol", output, NULL);
  ApimAPIKeyValidationServiceIf *service = APIM_A_P_I_KEY_VALIDATION_SERVICE_IF (stub);
  const char *session_id = client->session_id != NULL ? client->session_id : "";
  if (!send_question (service, question, session_id, error))
    {
      ctl_error_wrap (error, NULL, "request");
      return NULL;
    }
  g_autoptr (CtlMessage) reply = exchange (client, request, error);
  if (reply == NULL)
    return NULL;

  g_autoptr (GObject) input = g_object_new (THRIFT_TYPE_BINARY_PROTOCOL, "transport", reply, NULL);
  g_object_set (stub, "input_protocol", input, NULL);
  g_autofree char *exception = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GObject) info = g_object_new (APIM_TYPE_A_P_I_KEY_VALIDATION_INFO_D_T_O, NULL);
  ApimAPIKeyValidationInfoDTO *fields = (ApimAPIKeyValidationInfoDTO *) info;
  gboolean done = receive_answer (service, question->handshake, fields, &exception, &cause);
  if (done && (fields->__isset_authorized || fields->__isset_validationStatus))
    return (ApimAPIKeyValidationInfoDTO *) g_steal_pointer (&info);
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, client->address_text, "the Key Manager answered with an error: %s",
                 exception != NULL ? exception : cause != NULL ? cause->message : "no result");
  return NULL;
}
