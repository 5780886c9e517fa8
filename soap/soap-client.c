#include "config.h"
#include "soap/soap-client.h"

#include "soap/soap-fault.h"

#include "common/apim-secret.h"

#include <libsoup/soup.h>
#include <string.h>

#define AUTHENTICATION_NAMESPACE "http://authentication.services.core.carbon.wso2.org"
/* Characters of a fault's reason that are passed on. */
#define READ_STEP (64 * 1024)

G_DEFINE_QUARK (soap-client-error-quark, soap_client_error)

struct _SoapClient
{
  char *services_url;
  SoapLogin login;
  char *user;
  char *password;
  guint timeout_ms;
  GMainContext *context; /* libsoup's work is done there, while a call waits */
  SoupSession *http;
  gboolean has_session; /* a login was made and its cookie may still be good */
  SoapReader *reader;
};

/* One exchange on its way. */
typedef struct
{
  SoapClient *client;
  GCancellable *cancellable;
  SoupMessage *message;
  GInputStream *stream;
  GByteArray *bytes;
  GError *error;
  gboolean late; /* the deadline is over */
  gboolean done;
} Exchange;

/* libsoup 3.2 reads its list of public suffixes, which cookies are judged by, at the first question and without a lock: of two
 * threads that ask first, one loses a list. So it is asked here, once. */
static void
read_public_suffixes (void)
{
  static gsize asked;

  if (!g_once_init_enter (&asked))
    return;
  soup_tld_domain_is_public_suffix ("localhost");
  g_once_init_leave (&asked, 1);
}

SoapClient *
soap_client_new (const char *services_url, SoapLogin login, const char *user, const char *password, GTlsDatabase *trust,
                 guint timeout_ms)
{
  SoapClient *client = g_new0 (SoapClient, 1);

  client->services_url = g_strdup (services_url);
  client->login = login;
  client->user = g_strdup (user);
  client->password = g_strdup (password);
  client->timeout_ms = timeout_ms;
  read_public_suffixes ();
  client->context = g_main_context_new ();
  client->reader = soap_reader_new ();
  g_main_context_push_thread_default (client->context);
  client->http = soup_session_new ();
  soup_session_set_proxy_resolver (client->http, NULL);
  soup_session_add_feature_by_type (client->http, SOUP_TYPE_COOKIE_JAR);
  if (trust != NULL)
    soup_session_set_tls_database (client->http, trust);
  g_main_context_pop_thread_default (client->context);
  return client;
}

void
soap_client_free (SoapClient *client)
{
  if (client == NULL)
    return;
  g_main_context_push_thread_default (client->context);
  g_object_unref (client->http);
  while (g_main_context_iteration (client->context, FALSE)) /* what it leaves to be done */
    ;
  g_main_context_pop_thread_default (client->context);
  g_main_context_unref (client->context);
  soap_reader_free (client->reader);
  apim_secret_free (client->password);
  g_free (client->user);
  g_free (client->services_url);
  g_free (client);
}

/* HTTP */

static void read_more (Exchange *exchange);

static void
finish (Exchange *exchange, GError *error)
{
  exchange->error = error;
  exchange->done = TRUE;
}

static void
on_read (GObject *stream, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);
  gsize length;
  const void *chunk;

  if (bytes == NULL)
    {
      finish (exchange, error);
      return;
    }
  chunk = g_bytes_get_data (bytes, &length);
  if (length == 0)
    finish (exchange, NULL);
  else if (exchange->bytes->len + length > SOAP_CLIENT_MAX_ANSWER)
    finish (exchange, g_error_new (SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_ANSWER, "the answer is longer than %d bytes",
                                   SOAP_CLIENT_MAX_ANSWER));
  else
    {
      g_byte_array_append (exchange->bytes, chunk, (guint) length);
      read_more (exchange);
    }
}

static void
read_more (Exchange *exchange)
{
  g_input_stream_read_bytes_async (exchange->stream, READ_STEP, G_PRIORITY_DEFAULT, exchange->cancellable, on_read,
                                   exchange);
}

static void
on_sent (GObject *session, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  GError *error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (session), result, &error);
  if (exchange->stream == NULL)
    finish (exchange, error);
  else
    read_more (exchange);
}

static gboolean
on_late (gpointer data)
{
  Exchange *exchange = data;

  exchange->late = TRUE;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_REMOVE;
}

/* What GIO says about certificates, said for people. */
static const char *
certificate_reason (SoupMessage *message)
{
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (message);

  if ((flags & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    return "its certificate is not trusted here: put it, or who signed it, into the trust store of "
           "carbon.xml";
  if ((flags & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0)
    return "its certificate is for another host name";
  if ((flags & (G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_NOT_ACTIVATED)) != 0)
    return "its certificate has expired, or is not valid yet";
  return flags != 0 ? "its certificate is not acceptable" : NULL;
}

/* Takes exchange->error. Always FALSE. */
static gboolean
fail_exchange (Exchange *exchange, GError **error)
{
  g_autoptr (GError) cause = exchange->error;
  const char *reason = certificate_reason (exchange->message);

  exchange->error = NULL;
  if (cause->domain == SOAP_CLIENT_ERROR)
    g_propagate_error (error, g_steal_pointer (&cause));
  else if (exchange->late)
    g_set_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE, "no answer within %u ms",
                 exchange->client->timeout_ms);
  else
    g_set_error_literal (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE,
                         cause->domain == G_TLS_ERROR && reason != NULL ? reason : cause->message);
  return FALSE;
}

/* Runs the exchange to its end, on this thread. */
static void
run (Exchange *exchange, gint64 deadline_us)
{
  SoapClient *client = exchange->client;
  gint64 left_ms = (deadline_us - g_get_monotonic_time ()) / 1000;
  g_autoptr (GSource) timer = g_timeout_source_new ((guint) CLAMP (left_ms, 0, G_MAXINT));

  g_source_set_callback (timer, on_late, exchange, NULL);
  g_source_attach (timer, client->context);
  soup_session_send_async (client->http, exchange->message, G_PRIORITY_DEFAULT, exchange->cancellable, on_sent,
                           exchange);
  while (!exchange->done)
    g_main_context_iteration (client->context, TRUE);
  g_source_destroy (timer);
  /* To let go of an answer that has not ended means to wait for its end, unless its connection is gone. */
  if (exchange->error != NULL)
    soup_session_abort (client->http);
  g_clear_object (&exchange->stream);
}

static void
add_basic (SoapClient *client, SoupMessage *message)
{
  g_auto (ApimSecretText) both = g_strconcat (client->user, ":", client->password, NULL);
  g_auto (ApimSecretText) encoded = g_base64_encode ((const guchar *) both, strlen (both));
  g_auto (ApimSecretText) value = g_strconcat ("Basic ", encoded, NULL);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", value);
}

static SoupMessage *
new_message (SoapClient *client, const char *service, const char *operation, GBytes *envelope)
{
  g_autofree char *url = g_strconcat (client->services_url, service, NULL);
  g_autofree char *type = g_strdup_printf ("%s; action=\"urn:%s\"", soap_content_type (SOAP_1_2), operation);
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, url);

  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_set_request_body_from_bytes (message, type, envelope);
  if (client->login == SOAP_LOGIN_BASIC)
    add_basic (client, message);
  return message;
}

/* *status, *bytes: of the answer. */
static gboolean
post (SoapClient *client, const char *service, const char *operation, GBytes *envelope, gint64 deadline_us,
      guint *status, GByteArray **bytes, GError **error)
{
  Exchange exchange = { .client = client, .bytes = g_byte_array_new () };
  gboolean done;

  exchange.message = new_message (client, service, operation, envelope);
  if (exchange.message == NULL)
    {
      g_byte_array_unref (exchange.bytes);
      g_set_error_literal (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_UNREACHABLE, "its address is not a URL");
      return FALSE;
    }
  exchange.cancellable = g_cancellable_new ();
  g_main_context_push_thread_default (client->context);
  run (&exchange, deadline_us);
  g_main_context_pop_thread_default (client->context);
  done = exchange.error == NULL || fail_exchange (&exchange, error);
  *status = soup_message_get_status (exchange.message);
  if (done)
    *bytes = g_steal_pointer (&exchange.bytes);
  g_clear_pointer (&exchange.bytes, g_byte_array_unref);
  g_object_unref (exchange.message);
  g_object_unref (exchange.cancellable);
  return done;
}

/* SOAP */

static GBytes *
new_envelope (const NetBuffer *body)
{
  NetBuffer output = { NULL };
  GBytes *bytes;

  soap_write_begin (&output, SOAP_1_2);
  net_buffer_append (&output, net_buffer_data (body), net_buffer_length (body));
  soap_write_end (&output);
  bytes = g_bytes_new (net_buffer_data (&output), net_buffer_length (&output));
  net_buffer_clear (&output);
  return bytes;
}

static gboolean
fail_answer (GError **error, SoapClientError code, const char *reason)
{
  g_set_error_literal (error, SOAP_CLIENT_ERROR, code, reason);
  return FALSE;
}

static gboolean
take_fault (const SoapElement *fault, GError **error)
{
  g_autofree char *reason = soap_fault_reason (fault);

  /* Carbon: 50977 and 50978 (spec/soap-and-oauth.md 1.9). */
  return fail_answer (
      error, g_str_has_prefix (reason, "Access Denied") ? SOAP_CLIENT_ERROR_LOGIN : SOAP_CLIENT_ERROR_FAULT, reason);
}

static gboolean
take_answer (SoapClient *client, guint status, const GByteArray *bytes, const SoapElement **answer, GError **error)
{
  SoapEnvelope envelope;
  const char *why;

  *answer = NULL;
  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN)
    return fail_answer (error, SOAP_CLIENT_ERROR_LOGIN, "user and password are not accepted");
  if (bytes->len == 0 && SOUP_STATUS_IS_SUCCESSFUL (status))
    return TRUE;
  if ((SOUP_STATUS_IS_SUCCESSFUL (status) || status == SOUP_STATUS_INTERNAL_SERVER_ERROR)
      && soap_reader_read (client->reader, bytes->data, bytes->len, &envelope, &why) == SOAP_READ_DONE)
    {
      if (envelope.body_child != NULL && strcmp (envelope.body_child->name, "Fault") == 0)
        return take_fault (envelope.body_child, error);
      if (status != SOUP_STATUS_INTERNAL_SERVER_ERROR)
        {
          *answer = envelope.body_child;
          return TRUE;
        }
    }
  g_set_error (error, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_ANSWER,
               "HTTP status %u, and no answer of a SOAP service that can be read", status);
  return FALSE;
}

static gboolean
call_once (SoapClient *client, const char *service, const char *operation, GBytes *envelope, gint64 deadline_us,
           const SoapElement **answer, GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;
  guint status;

  return post (client, service, operation, envelope, deadline_us, &status, &bytes, error)
         && take_answer (client, status, bytes, answer, error);
}

/* The Basic header makes a session as well as it answers for itself; the other way is to be asked for. */
static gboolean
log_in (SoapClient *client, gint64 deadline_us, GError **error)
{
  NetBuffer body = { NULL };
  g_autoptr (GBytes) envelope = NULL;
  const SoapElement *answer, *result;

  SOAP_WRITE_MARKUP (&body, "<a:login xmlns:a=\"" AUTHENTICATION_NAMESPACE "\">");
  soap_write_text (&body, "a:username", client->user);
  soap_write_text (&body, "a:password", client->password);
  soap_write_text (&body, "a:remoteAddress", "127.0.0.1");
  SOAP_WRITE_MARKUP (&body, "</a:login>");
  envelope = new_envelope (&body);
  net_buffer_clear (&body);
  if (!call_once (client, "AuthenticationAdmin", "login", envelope, deadline_us, &answer, error))
    return FALSE;
  result = answer != NULL ? soap_element_next_named (answer, NULL, "return") : NULL;
  client->has_session = result != NULL && strcmp (result->text, "true") == 0;
  return client->has_session || fail_answer (error, SOAP_CLIENT_ERROR_LOGIN, "user and password are not accepted");
}

/* A cookie that is no good is better not sent again. */
static void
forget_session (SoapClient *client)
{
  soup_session_remove_feature_by_type (client->http, SOUP_TYPE_COOKIE_JAR);
  soup_session_add_feature_by_type (client->http, SOUP_TYPE_COOKIE_JAR);
  client->has_session = FALSE;
}

gboolean
soap_client_call (SoapClient *client, const char *service, const char *operation, const NetBuffer *body,
                  const SoapElement **answer, GError **error)
{
  gint64 deadline_us = g_get_monotonic_time () + client->timeout_ms * G_GINT64_CONSTANT (1000);
  g_autoptr (GBytes) envelope = new_envelope (body);
  gboolean had_session = client->has_session;
  const SoapElement *unused;
  GError *why = NULL;

  if (answer == NULL)
    answer = &unused;
  *answer = NULL;
  if (client->login == SOAP_LOGIN_ADMIN && !client->has_session && !log_in (client, deadline_us, error))
    return FALSE;
  if (call_once (client, service, operation, envelope, deadline_us, answer, &why))
    {
      client->has_session = TRUE;
      return TRUE;
    }
  if (!had_session || !g_error_matches (why, SOAP_CLIENT_ERROR, SOAP_CLIENT_ERROR_LOGIN))
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  g_error_free (why);
  forget_session (client);
  if (client->login == SOAP_LOGIN_ADMIN && !log_in (client, deadline_us, error))
    return FALSE;
  return call_once (client, service, operation, envelope, deadline_us, answer, error);
}
