#include "config.h"
#include "net-test.h"
#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PATIENCE_S 120

ApimLimits
net_test_limits (void)
{
  return (ApimLimits){
    .max_connections = 5000,
    .max_connections_per_address = 5000,
    .handshake_timeout_ms = 60000,
    .idle_timeout_ms = 60000,
    .read_timeout_ms = 60000,
    .write_timeout_ms = 60000,
    .max_unread_output = 65536,
    .max_thrift_message = 1 << 20,
    .max_http_header = 65536,
    .max_http_body = 1 << 20,
    .max_handshakes_waiting = 4096,
  };
}

/* The server. */

typedef struct
{
  NetTestServer *server;
  gint held; /* of this connection; worker */
} Speaker;

typedef struct
{
  NetTask task;
  ApimJob job;
  NetTestServer *server;
  NetConn *conn;
  Speaker *speaker;
  const guint8 *text; /* in the connection's input */
  gsize length;
  gboolean hold;
  char *copy;
} Later;

static void
answer_later (NetTask *task, NetWorker *worker)
{
  Later *later = (Later *) task;
  NetConn *conn = later->conn;

  g_assert_true (net_worker_current () == worker);
  g_assert_true (net_conn_worker (conn) == worker);
  if (later->hold)
    g_atomic_int_add (&later->server->held, -1);
  if (net_conn_is_open (conn))
    {
      if (later->hold)
        later->speaker->held--;
      net_buffer_append (net_conn_output (conn), later->copy, later->length);
      net_buffer_consume (net_conn_input (conn), later->length);
      net_conn_set_busy (conn, FALSE);
      net_conn_resume (conn);
      net_conn_flush (conn);
    }
  net_conn_unref (conn);
  g_free (later->copy);
  g_free (later);
}

/* On another thread: the request is read where it lies in the input buffer. */
static void
work_later (ApimJob *job)
{
  Later *later = (Later *) ((char *) job - G_STRUCT_OFFSET (Later, job));

  later->copy = g_memdup2 (later->text, later->length);
  net_worker_post (net_conn_worker (later->conn), &later->task);
}

static void
start_later (NetConn *conn, Speaker *speaker, const guint8 *line, gsize length, gboolean hold)
{
  Later *later = g_new0 (Later, 1);

  later->task.run = answer_later;
  later->job.run = work_later;
  later->server = speaker->server;
  later->speaker = speaker;
  later->conn = net_conn_ref (conn);
  later->text = line;
  later->length = length;
  later->hold = hold;
  net_conn_set_busy (conn, TRUE);
  net_conn_pause (conn);
  if (!hold)
    {
      g_assert_true (apim_pool_push (speaker->server->later, &later->job));
      return;
    }
  speaker->held++;
  g_mutex_lock (&speaker->server->lock);
  speaker->server->holds = g_slist_prepend (speaker->server->holds, later);
  g_mutex_unlock (&speaker->server->lock);
  g_atomic_int_inc (&speaker->server->held);
}

static gpointer
opened (NetConn *conn, gpointer listener_data)
{
  Speaker *speaker = g_new0 (Speaker, 1);

  speaker->server = listener_data;
  g_atomic_int_inc (&speaker->server->opened);
  g_assert_true (net_conn_is_open (conn));
  return speaker;
}

static void
answer_big (NetConn *conn, gsize n)
{
  guint8 *to = net_buffer_reserve (net_conn_output (conn), n + 1);

  memset (to, 'b', n);
  to[n] = '\n';
  net_buffer_commit (net_conn_output (conn), n + 1);
}

static gboolean
starts (const guint8 *line, gsize length, const char *word)
{
  return length >= strlen (word) && memcmp (line, word, strlen (word)) == 0;
}

/* Returns: TRUE when the line is answered, FALSE when it stays in the input. */
static gboolean
run_line (NetConn *conn, Speaker *speaker, const guint8 *line, gsize length)
{
  gboolean hold = starts (line, length, "hold ");

  if (hold || starts (line, length, "later "))
    {
      start_later (conn, speaker, line, length, hold);
      return FALSE;
    }
  if (starts (line, length, "big "))
    answer_big (conn, strtoul ((const char *) line + 4, NULL, 10));
  else if (starts (line, length, "break"))
    net_conn_close (conn, NET_CLOSE_PROTOCOL);
  else
    net_buffer_append (net_conn_output (conn), line, length);
  if (starts (line, length, "quit"))
    net_conn_close_after_flush (conn);
  return TRUE;
}

static void
take_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  const guint8 *end;

  g_assert_true (input == net_conn_input (conn));
  g_assert_true (net_conn_is_open (conn));
  while (net_conn_is_open (conn) && net_buffer_length (input) > 0
         && net_buffer_length (net_conn_output (conn)) <= 65536
         && (end = memchr (net_buffer_data (input), '\n', net_buffer_length (input))) != NULL)
    {
      gsize length = (gsize) (end + 1 - net_buffer_data (input));

      gboolean sync = starts (net_buffer_data (input), length, "sync ");

      if (sync)
        net_conn_pause (conn);
      if (!run_line (conn, state, net_buffer_data (input), length))
        return;
      net_buffer_consume (input, length);
      if (sync)
        {
          net_conn_resume (conn);
          return; /* to be called again */
        }
    }
}

static void
closed (NetConn *conn, gpointer state)
{
  Speaker *speaker = state;

  g_assert_false (net_conn_is_open (conn));
  if (speaker->held > 0)
    g_atomic_int_inc (&speaker->server->paused_closes);
  g_atomic_int_inc (&speaker->server->closed);
  g_free (speaker);
}

const NetProtocol net_test_protocol = { "lines", opened, take_input, closed };

void
net_test_server_start (NetTestServer *server, guint workers, const ApimLimits *limits, NetTls *tls)
{
  const ApimListenAddress address = { .host = (char *) "127.0.0.1" };
  g_autoptr (GError) error = NULL;

  memset (server, 0, sizeof *server);
  g_mutex_init (&server->lock);
  server->later = apim_pool_new ("later", 2, 1000);
  server->reactor = net_reactor_new (workers, limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  server->listener = net_reactor_listen (server->reactor, &address, tls, &net_test_protocol, server, &server->port,
                                         &error);
  g_assert_no_error (error);
  g_assert_cmpint (server->listener, >=, 0);
  g_assert_cmpuint (server->port, !=, 0);
  net_reactor_accept (server->reactor);
}

void
net_test_server_stop (NetTestServer *server)
{
  NetCounters counters;
  guint64 ended = 0;

  net_test_release (server);
  apim_pool_free (server->later);
  net_reactor_drain (server->reactor, 0);
  counters = net_test_counters (server);
  for (guint i = 0; i < NET_CLOSE_N_REASONS; i++)
    ended += counters.closed[i];
  /* What was accepted was closed, once; what was opened was told so, once. */
  g_assert_cmpuint (counters.open, ==, 0);
  g_assert_cmpuint (counters.accepted, ==, ended);
  g_assert_cmpint (g_atomic_int_get (&server->opened), ==, g_atomic_int_get (&server->closed));
  net_reactor_free (server->reactor);
  g_mutex_clear (&server->lock);
}

void
net_test_wait_held (NetTestServer *server, gint n)
{
  for (int i = 0; g_atomic_int_get (&server->held) != n; i++)
    {
      g_assert_cmpint (i, <, PATIENCE_S * 1000);
      g_usleep (1000);
    }
}

void
net_test_release (NetTestServer *server)
{
  GSList *holds;

  g_mutex_lock (&server->lock);
  holds = g_steal_pointer (&server->holds);
  g_mutex_unlock (&server->lock);
  for (GSList *hold = holds; hold != NULL; hold = hold->next)
    g_assert_true (apim_pool_push (server->later, &((Later *) hold->data)->job));
  g_slist_free (holds);
}

NetCounters
net_test_counters (NetTestServer *server)
{
  NetCounters counters;

  net_reactor_read_counters (server->reactor, &counters);
  return counters;
}

void
net_test_wait_closed (NetTestServer *server, NetCloseReason reason, guint64 n)
{
  for (int i = 0; i < PATIENCE_S * 1000 && net_test_counters (server).closed[reason] < n; i++)
    g_usleep (1000);
  g_assert_cmpuint (net_test_counters (server).closed[reason], ==, n);
}

void
net_test_wait_open (NetTestServer *server, guint64 n)
{
  for (int i = 0; i < PATIENCE_S * 1000 && net_test_counters (server).open != n; i++)
    g_usleep (1000);
  g_assert_cmpuint (net_test_counters (server).open, ==, n);
}

/* Keys. */

static X509 *
self_sign (EVP_PKEY *key)
{
  X509 *certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);

  X509_set_version (certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -3600);
  X509_gmtime_adj (X509_getm_notAfter (certificate), 86400);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guint8 *) "localhost", -1, -1, 0);
  X509_set_issuer_name (certificate, name);
  X509_set_pubkey (certificate, key);
  g_assert_cmpint (X509_sign (certificate, key, EVP_sha256 ()), >, 0);
  return certificate;
}

ApimKeyPair *
net_test_key_pair (gboolean ec)
{
  static ApimKeyPair pairs[2];
  ApimKeyPair *pair = &pairs[ec ? 1 : 0];

  if (pair->key == NULL)
    {
      pair->key = ec ? EVP_EC_gen ("P-256") : EVP_RSA_gen (2048);
      g_assert_nonnull (pair->key);
      pair->certificate = self_sign (pair->key);
    }
  return pair;
}

NetTls *
net_test_tls (int minimum, const guint8 *ticket_key)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  NetTls *tls;

  g_ptr_array_add (pairs, net_test_key_pair (FALSE));
  g_ptr_array_add (pairs, net_test_key_pair (TRUE));
  tls = net_tls_new (pairs, minimum, NULL, ticket_key, &error);
  g_assert_no_error (error);
  return tls;
}

static void
add_extension (X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);

  g_assert_nonnull (extension);
  g_assert_cmpint (X509_add_ext (certificate, extension, -1), ==, 1);
  X509_EXTENSION_free (extension);
}

ApimKeyPair *
net_test_issue (const ApimKeyPair *issuer, const char *common_name, const char *names, glong from_s, glong until_s)
{
  static glong serial = 1000;
  ApimKeyPair *pair = g_new0 (ApimKeyPair, 1);
  X509_NAME *name;

  pair->key = EVP_EC_gen ("P-256");
  pair->certificate = X509_new ();
  name = X509_get_subject_name (pair->certificate);
  X509_set_version (pair->certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (pair->certificate), serial++);
  X509_gmtime_adj (X509_getm_notBefore (pair->certificate), from_s);
  X509_gmtime_adj (X509_getm_notAfter (pair->certificate), until_s);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guint8 *) common_name, -1, -1, 0);
  X509_set_issuer_name (pair->certificate, issuer != NULL ? X509_get_subject_name (issuer->certificate) : name);
  X509_set_pubkey (pair->certificate, pair->key);
  if (names != NULL)
    add_extension (pair->certificate, NID_subject_alt_name, names);
  else
    add_extension (pair->certificate, NID_basic_constraints, "critical,CA:TRUE");
  g_assert_cmpint (X509_sign (pair->certificate, issuer != NULL ? issuer->key : pair->key, EVP_sha256 ()), >, 0);
  return pair;
}

char *
net_test_pem (const ApimKeyPair *pair)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  char *data, *text;
  long length;

  g_assert_cmpint (PEM_write_bio_X509 (bio, pair->certificate), ==, 1);
  length = BIO_get_mem_data (bio, &data);
  text = g_strndup (data, (gsize) length);
  BIO_free (bio);
  return text;
}

NetTls *
net_test_tls_of (ApimKeyPair *pair)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  NetTls *tls;

  g_ptr_array_add (pairs, pair);
  tls = net_tls_new (pairs, TLS1_2_VERSION, NULL, NULL, &error);
  g_assert_no_error (error);
  return tls;
}

/* The client. */

int
net_test_listen (int backlog, guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (const struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (listen (fd, backlog), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
  *port = g_ntohs (address.sin_port);
  return fd;
}

int
net_test_connect (guint16 port)
{
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = g_htons (port),
                                       .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  const struct timeval patience = { .tv_sec = PATIENCE_S };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  g_assert_cmpint (connect (fd, (const struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

void
net_test_client_plain (NetTestClient *client, guint16 port)
{
  client->fd = net_test_connect (port);
  client->ssl = NULL;
}

void
net_test_client_tls (NetTestClient *client, guint16 port, SSL_CTX *context, SSL_SESSION *session)
{
  SSL_CTX *own = context == NULL ? SSL_CTX_new (TLS_client_method ()) : NULL;

  client->fd = net_test_connect (port);
  client->ssl = SSL_new (context != NULL ? context : own);
  SSL_CTX_free (own);
  SSL_set_fd (client->ssl, client->fd);
  if (session != NULL)
    SSL_set_session (client->ssl, session);
  g_assert_cmpint (SSL_connect (client->ssl), ==, 1);
}

void
net_test_client (NetTestClient *client, guint16 port, gboolean secure)
{
  if (secure)
    net_test_client_tls (client, port, NULL, NULL);
  else
    net_test_client_plain (client, port);
}

static gssize
write_some (NetTestClient *client, const char *bytes, gsize length)
{
  if (client->ssl != NULL)
    return SSL_write (client->ssl, bytes, (int) length);
  return send (client->fd, bytes, length, MSG_NOSIGNAL);
}

void
net_test_send (NetTestClient *client, const char *text)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      gssize n = write_some (client, text, length);

      g_assert_cmpint (n, >, 0);
      text += n;
      length -= (gsize) n;
    }
}

static gssize
read_some (NetTestClient *client, char *bytes, gsize room)
{
  if (client->ssl != NULL)
    return SSL_read (client->ssl, bytes, (int) room);
  return recv (client->fd, bytes, room, 0);
}

static gssize
read_byte (NetTestClient *client, char *byte)
{
  return read_some (client, byte, 1);
}

void
net_test_skip (NetTestClient *client, gsize n)
{
  char bytes[16384];

  while (n > 0)
    {
      gssize got = read_some (client, bytes, MIN (n, sizeof bytes));

      g_assert_cmpint (got, >, 0);
      n -= (gsize) got;
    }
}

char *
net_test_receive (NetTestClient *client)
{
  g_autoptr (GString) line = g_string_new (NULL);
  char byte;

  while (line->len < 1 << 20 && read_byte (client, &byte) == 1)
    {
      if (byte == '\n')
        return g_string_free (g_steal_pointer (&line), FALSE);
      g_string_append_c (line, byte);
    }
  return NULL;
}

void
net_test_expect (NetTestClient *client, const char *expected)
{
  g_autofree char *line = net_test_receive (client);

  g_assert_cmpstr (line, ==, expected);
}

void
net_test_expect_end (NetTestClient *client)
{
  char byte;
  gint64 start = g_get_monotonic_time ();

  g_assert_cmpint (read_byte (client, &byte), <=, 0);
  /* An end, and not the client's own patience. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, (PATIENCE_S - 1) * G_USEC_PER_SEC);
}

void
net_test_client_close (NetTestClient *client)
{
  if (client->ssl != NULL)
    {
      SSL_shutdown (client->ssl);
      SSL_free (client->ssl);
    }
  close (client->fd);
}
