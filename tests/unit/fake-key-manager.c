#include "config.h"
#include "fake-key-manager.h"

#include "thrift/tw-compact.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FAKES 8

typedef struct
{
  FakeKm *km;
  int fd;
} Client;

/* By port, for logins. */
static FakeKm *fakes[MAX_FAKES];

static void
busy_begin (FakeKm *km)
{
  gint busy = g_atomic_int_add (&km->n_busy, 1) + 1;
  gint most = g_atomic_int_get (&km->most_busy);

  while (busy > most && !g_atomic_int_compare_and_exchange (&km->most_busy, most, busy))
    most = g_atomic_int_get (&km->most_busy);
}

static void
encode_answer (FakeKm *km, TwMethod method, const TwEnvelope *envelope, const TwArguments *arguments, NetBuffer *output)
{
  static const TwUriTemplate templates[]
      = { { .uri_template = { "/a", 2 }, .http_verb = { "GET", 3 }, .auth_type = { "Any", 3 } },
          { .uri_template = { "/b", 2 }, .http_verb = { "PUT", 3 }, .auth_type = { "None", 4 } } };
  FakeKmBehaviour behaviour = g_atomic_int_get (&km->behaviour);
  gint32 sequence_id = envelope->sequence_id + (behaviour == FAKE_KM_WRONG_SEQUENCE);
  g_autofree char *session = g_strdup_printf ("session-%d", g_atomic_int_get (&km->session));
  const TwKeyValidationInfo info = { .authorized = behaviour != FAKE_KM_REFUSES,
                                     .validation_status = behaviour == FAKE_KM_REFUSES ? 900901 : 0,
                                     .tier = { "Gold", 4 },
                                     .application_name = arguments->access_token,
                                     .validity_period_ms = G_MAXINT64 };

  if (behaviour == FAKE_KM_GARBAGE)
    net_buffer_append (output, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
  else if (behaviour == FAKE_KM_APP_EXCEPTION)
    tw_encode_application_exception (output, envelope->name, sequence_id, TW_APP_INTERNAL_ERROR, "no");
  else if (behaviour == FAKE_KM_EXCEPTION || !tw_text_equal (arguments->session_id, tw_text (session)))
    tw_encode_declared_exception (output, envelope->name, sequence_id, TW_KEY_MGT_EXCEPTION, "Invalid session id");
  else if (method == TW_METHOD_GET_ALL_URI_TEMPLATES)
    tw_encode_uri_templates_reply (output, envelope->name, sequence_id, templates, G_N_ELEMENTS (templates));
  else
    tw_encode_validation_reply (output, envelope->name, sequence_id, &info);
  if (behaviour == FAKE_KM_TALKATIVE)
    net_buffer_append (output, "\x80\x01", 2);
}

/* FALSE: the connection ends. */
static gboolean
handle_call (Client *client, const NetBuffer *input, const TwEnvelope *envelope, guint n_before)
{
  FakeKm *km = client->km;
  FakeKmBehaviour behaviour = g_atomic_int_get (&km->behaviour);
  TwMethod method = tw_method_from_name (envelope->name);
  NetBuffer output = { 0 };
  TwArguments arguments;
  gboolean sent;

  g_atomic_int_inc (&km->n_calls);
  g_assert_null (tw_arguments_decode (&arguments, method, net_buffer_data (input), envelope));
  if (behaviour == FAKE_KM_CLOSES || (behaviour == FAKE_KM_ONCE && n_before > 0))
    return FALSE;
  if (behaviour == FAKE_KM_SILENT)
    return TRUE;
  busy_begin (km);
  g_usleep (km->delay_ms * 1000);
  encode_answer (km, method, envelope, &arguments, &output);
  g_atomic_int_add (&km->n_busy, -1);
  sent = send (client->fd, net_buffer_data (&output), net_buffer_length (&output), MSG_NOSIGNAL)
         == (gssize) net_buffer_length (&output);
  net_buffer_clear (&output);
  return sent;
}

static gpointer
serve (gpointer data)
{
  Client *client = data;
  NetBuffer input = { 0 };
  TwScan scan = { 0 };
  guint n_calls = 0;
  gssize length;

  while ((length = recv (client->fd, net_buffer_reserve (&input, 4096), 4096, 0)) > 0)
    {
      TwEnvelope envelope;
      const char *why;
      TwScanResult result;

      net_buffer_commit (&input, (gsize) length);
      result = tw_scan (&scan, net_buffer_data (&input), net_buffer_length (&input), 1 << 20, &envelope, &why);
      g_assert_cmpint (result, !=, TW_SCAN_ERROR);
      if (result == TW_SCAN_MORE)
        continue;
      if (!handle_call (client, &input, &envelope, n_calls++))
        break;
      scan = (TwScan){ 0 };
      net_buffer_consume (&input, envelope.length);
    }
  net_buffer_clear (&input);
  shutdown (client->fd, SHUT_RDWR);
  g_free (client);
  return NULL;
}

static gpointer
accept_all (gpointer data)
{
  FakeKm *km = data;
  int fd;

  while ((fd = accept (km->fd, NULL, NULL)) >= 0)
    {
      Client *client = g_new (Client, 1);

      *client = (Client){ km, fd };
      g_atomic_int_inc (&km->n_connections);
      g_mutex_lock (&km->lock);
      g_array_append_val (km->fds, fd);
      g_ptr_array_add (km->threads, g_thread_new ("fake-km", serve, client));
      g_mutex_unlock (&km->lock);
    }
  return NULL;
}

void
fake_km_start (FakeKm *km, guint16 port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port), .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t length = sizeof address;
  int yes = 1;

  km->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt (km->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  g_assert_cmpint (bind (km->fd, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (listen (km->fd, 128), ==, 0);
  getsockname (km->fd, (struct sockaddr *) &address, &length);
  km->port = ntohs (address.sin_port);
  km->threads = g_ptr_array_new ();
  km->fds = g_array_new (FALSE, FALSE, sizeof (int));
  km->thread = g_thread_new ("fake-km", accept_all, km);
  for (guint i = 0; i < MAX_FAKES; i++)
    if (fakes[i] == NULL || fakes[i] == km)
      {
        fakes[i] = km;
        return;
      }
  g_assert_not_reached ();
}

void
fake_km_stop (FakeKm *km)
{
  shutdown (km->fd, SHUT_RDWR);
  g_thread_join (km->thread);
  close (km->fd);
  for (guint i = 0; i < km->fds->len; i++)
    shutdown (g_array_index (km->fds, int, i), SHUT_RDWR);
  for (guint i = 0; i < km->threads->len; i++)
    g_thread_join (g_ptr_array_index (km->threads, i));
  for (guint i = 0; i < km->fds->len; i++)
    close (g_array_index (km->fds, int, i));
  g_ptr_array_unref (km->threads);
  g_array_unref (km->fds);
  for (guint i = 0; i < MAX_FAKES; i++)
    if (fakes[i] == km)
      fakes[i] = NULL;
}

/* gw-upstream, as far as a login needs it. */

typedef struct
{
  NetTask task;
  GwUpstreamExchange *exchange;
  guint16 port;
} Login;

GwUpstreamTarget *
gw_upstream_target (GwUpstream *upstream, const char *host, guint16 port, gboolean tls)
{
  GwUpstreamTarget *target = g_new0 (GwUpstreamTarget, 1);

  (void) upstream, (void) tls;
  target->host = g_strdup (host);
  target->authority = g_strdup_printf ("%s:%u", host, port);
  target->port = port;
  return target;
}

/* Connections here are plain. */
NetTlsClient *
gw_upstream_ref_tls (GwUpstream *upstream)
{
  return NULL;
}

void
gw_upstream_target_unref (GwUpstreamTarget *target)
{
  g_free (target->host);
  g_free (target->authority);
  g_free (target);
}

void
gw_upstream_begin (GwUpstream *upstream, NetWorker *worker, GwUpstreamTarget *target, GwUpstreamExchange *exchange)
{
  (void) upstream;
  exchange->worker = worker;
  exchange->target = target;
}

NetBuffer *
gw_upstream_output (GwUpstreamExchange *exchange)
{
  return &exchange->output;
}

gboolean
gw_upstream_send (GwUpstreamExchange *exchange, const void *bytes, gsize length)
{
  net_buffer_append (&exchange->output, bytes, length);
  return TRUE;
}

void
gw_upstream_cancel (GwUpstreamExchange *exchange)
{
  (void) exchange;
}

static FakeKm *
fake_of_port (guint16 port)
{
  for (guint i = 0; i < MAX_FAKES; i++)
    if (fakes[i] != NULL && fakes[i]->port == port)
      return fakes[i];
  return NULL;
}

static void
check_request (NetBuffer *output)
{
  const char *bytes = (const char *) net_buffer_data (output);
  const char *body = g_strstr_len (bytes, (gssize) net_buffer_length (output), "\r\n\r\n") + 4;
  TwAuthenticateCall call;

  g_assert_true (g_str_has_prefix (bytes, "POST /thriftAuthenticator HTTP/1.1\r\nHost: localhost:"));
  g_assert_nonnull (g_strstr_len (bytes, body - bytes, "\r\nContent-Type: application/x-thrift\r\n"));
  g_assert_true (tw_compact_decode_authenticate (&call, (const guint8 *) body,
                                                 (gsize) (bytes + net_buffer_length (output) - body)));
  g_assert_true (tw_text_equal (call.user_name, TW_TEXT ("gateway")));
  g_assert_true (tw_text_equal (call.password, TW_TEXT ("secret")));
  net_buffer_clear (output);
}

static void
answer_login (NetTask *task, NetWorker *worker)
{
  Login *login = (Login *) task;
  GwUpstreamExchange *exchange = login->exchange;
  FakeKm *km = fake_of_port (login->port);
  FakeKmLogin outcome = km != NULL ? (FakeKmLogin) g_atomic_int_get (&km->login) : FAKE_KM_LOGIN_FAILED;
  NetHttpResponse response = { .status = outcome == FAKE_KM_LOGIN_500 ? 500 : 200 };
  g_autofree char *session = g_strdup_printf ("session-%d", km != NULL ? g_atomic_int_get (&km->session) : 0);
  NetBuffer body = { 0 };

  (void) worker;
  g_free (login);
  check_request (&exchange->output);
  if (km != NULL)
    g_atomic_int_inc (&km->n_logins);
  if (outcome == FAKE_KM_LOGIN_HANGS)
    return;
  if (outcome == FAKE_KM_LOGIN_FAILED)
    {
      exchange->events->failed (exchange, GW_ERROR_CONNECT, "no connection to localhost");
      return;
    }
  if (outcome == FAKE_KM_LOGIN_REFUSED)
    tw_compact_encode_refusal (&body, 1, "User 'gateway' not authenticated.");
  else if (outcome == FAKE_KM_LOGIN_RUBBISH)
    net_buffer_append (&body, "<html>", 6);
  else
    tw_compact_encode_session (&body, 1, tw_text (session));
  exchange->events->head (exchange, &response);
  exchange->events->body (exchange, net_buffer_data (&body), net_buffer_length (&body));
  net_buffer_clear (&body);
  exchange->events->done (exchange);
}

void
gw_upstream_end (GwUpstreamExchange *exchange)
{
  Login *login = g_new0 (Login, 1);

  login->task.run = answer_login;
  login->exchange = exchange;
  login->port = exchange->target->port;
  net_worker_post (exchange->worker, &login->task);
}
