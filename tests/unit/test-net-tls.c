/* TLS: versions, certificates, resumption, bad peers, the swap of a context. */
#include "config.h"
#include "net-test.h"
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *
new_context (int minimum, int maximum)
{
  SSL_CTX *context = SSL_CTX_new (TLS_client_method ());

  SSL_CTX_set_min_proto_version (context, minimum);
  SSL_CTX_set_max_proto_version (context, maximum);
  if (minimum < TLS1_2_VERSION)
    SSL_CTX_set_security_level (context, 0);
  return context;
}

static void
check_echo (NetTestClient *client)
{
  net_test_send (client, "hello\n");
  net_test_expect (client, "hello");
}

/* S01: each version by itself against each minimum. */
static void
test_versions (void)
{
  static const int versions[] = { TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION };
  static const int minima[] = { TLS1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION };
  ApimLimits limits = net_test_limits ();

  for (guint i = 0; i < G_N_ELEMENTS (minima); i++)
    {
      g_autoptr (NetTls) tls = net_test_tls (minima[i], NULL);
      NetTestServer server;
      guint64 refused = 0;

      net_test_server_start (&server, 2, &limits, tls);
      for (guint j = 0; j < G_N_ELEMENTS (versions); j++)
        {
          SSL_CTX *context = new_context (versions[j], versions[j]);
          NetTestClient client = { .fd = -1 };

          if (versions[j] >= minima[i])
            {
              net_test_client_tls (&client, server.port, context, NULL);
              g_assert_cmpint (SSL_version (client.ssl), ==, versions[j]);
              check_echo (&client);
            }
          else
            {
              client.fd = net_test_connect (server.port);
              client.ssl = SSL_new (context);
              SSL_set_fd (client.ssl, client.fd);
              g_assert_cmpint (SSL_connect (client.ssl), <=, 0);
              net_test_wait_closed (&server, NET_CLOSE_HANDSHAKE, ++refused);
            }
          net_test_client_close (&client);
          SSL_CTX_free (context);
        }
      net_test_server_stop (&server);
    }
}

/* RSA and P-256 side by side: the client's algorithms choose. */
static void
test_certificates (void)
{
  static const struct
  {
    int version;
    const char *ciphers, *algorithms;
    int type;
  } cases[] = {
    { TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", NULL, EVP_PKEY_RSA },
    { TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", NULL, EVP_PKEY_EC },
    { TLS1_2_VERSION, "AES128-SHA", NULL, EVP_PKEY_RSA },
    { TLS1_3_VERSION, NULL, "RSA-PSS+SHA256", EVP_PKEY_RSA },
    { TLS1_3_VERSION, NULL, "ECDSA+SHA256", EVP_PKEY_EC },
  };
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;

  net_test_server_start (&server, 2, &limits, tls);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SSL_CTX *context = new_context (cases[i].version, cases[i].version);
      NetTestClient client;
      X509 *certificate;

      if (cases[i].ciphers != NULL)
        g_assert_cmpint (SSL_CTX_set_cipher_list (context, cases[i].ciphers), ==, 1);
      if (cases[i].algorithms != NULL)
        g_assert_cmpint (SSL_CTX_set1_sigalgs_list (context, cases[i].algorithms), ==, 1);
      net_test_client_tls (&client, server.port, context, NULL);
      certificate = SSL_get1_peer_certificate (client.ssl);
      g_assert_cmpint (EVP_PKEY_get_base_id (X509_get0_pubkey (certificate)), ==, cases[i].type);
      check_echo (&client);
      X509_free (certificate);
      net_test_client_close (&client);
      SSL_CTX_free (context);
    }
  net_test_server_stop (&server);
}

static SSL_SESSION *received;

static int
keep_session (SSL *ssl, SSL_SESSION *session)
{
  g_clear_pointer (&received, SSL_SESSION_free);
  received = session;
  return 1;
}

/* Gets a session from the server at @from and offers it to the one at @to. Returns: whether it was resumed. */
static gboolean
resume (int version, gboolean tickets, guint16 from, guint16 to)
{
  SSL_CTX *context = new_context (version, version);
  NetTestClient client;
  gboolean reused;

  if (!tickets)
    SSL_CTX_set_options (context, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb (context, keep_session);
  net_test_client_tls (&client, from, context, NULL);
  check_echo (&client); /* TLS 1.3 sends its ticket after the handshake */
  net_test_client_close (&client);
  g_assert_nonnull (received);
  net_test_client_tls (&client, to, context, received);
  reused = SSL_session_reused (client.ssl);
  check_echo (&client);
  net_test_client_close (&client);
  g_clear_pointer (&received, SSL_SESSION_free);
  SSL_CTX_free (context);
  return reused;
}

static void
test_resumption (void)
{
  guint8 keys[2][NET_TLS_TICKET_KEY_SIZE];
  ApimLimits limits = net_test_limits ();
  g_autoptr (NetTls) tls = NULL;
  g_autoptr (NetTls) sibling = NULL;
  g_autoptr (NetTls) stranger = NULL;
  NetTestServer servers[3];

  memset (keys[0], 'k', sizeof keys[0]);
  memset (keys[1], 'l', sizeof keys[1]);
  tls = net_test_tls (TLS1_2_VERSION, keys[0]);
  sibling = net_test_tls (TLS1_2_VERSION, keys[0]);
  stranger = net_test_tls (TLS1_2_VERSION, keys[1]);
  net_test_server_start (&servers[0], 2, &limits, tls);
  net_test_server_start (&servers[1], 2, &limits, sibling);
  net_test_server_start (&servers[2], 2, &limits, stranger);
  /* By ticket: here, and on another node with the same key; nowhere else. */
  for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++)
    {
      g_assert_true (resume (version, TRUE, servers[0].port, servers[0].port));
      g_assert_true (resume (version, TRUE, servers[0].port, servers[1].port));
      g_assert_false (resume (version, TRUE, servers[0].port, servers[2].port));
    }
  /* By session id, for JVMs that know no tickets: on the same node, whichever worker. */
  for (int i = 0; i < 4; i++)
    g_assert_true (resume (TLS1_2_VERSION, FALSE, servers[0].port, servers[0].port));
  g_assert_false (resume (TLS1_2_VERSION, FALSE, servers[0].port, servers[1].port));
  g_assert_cmpuint (net_test_counters (&servers[0]).handshakes_resumed, ==, 6);
  g_assert_cmpuint (net_test_counters (&servers[0]).handshakes_full, ==, 11);
  g_assert_cmpuint (net_test_counters (&servers[1]).handshakes_resumed, ==, 2);
  g_assert_cmpuint (net_test_counters (&servers[2]).handshakes_resumed, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    net_test_server_stop (&servers[i]);
}

/* What is not TLS gets an end, not a hang and not a reset (T18, T19). */
static void
test_not_tls (void)
{
  static const char *const texts[] = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "x", "\x80\x01" "01 thrift", "\r\n\r\n", "SSH-2.0-x\r\n",
  };
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;

  net_test_server_start (&server, 2, &limits, tls);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      NetTestClient client;
      char byte;

      net_test_client_plain (&client, server.port);
      net_test_send (&client, texts[i]);
      if (i != 2)
        g_assert_cmpint (recv (client.fd, &byte, 1, 0), ==, 0);
      else
        while (recv (client.fd, &byte, 1, 0) > 0) /* looks like SSL 2.0 at first: OpenSSL answers with an alert */
          ;
      net_test_client_close (&client);
      net_test_wait_closed (&server, NET_CLOSE_HANDSHAKE, i + 1);
    }
  net_test_server_stop (&server);
}

/* Log lines that an operator understands. The gate lets the first of its kind out, so each has its own process. */
static void
test_log_http_subprocess (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient client;

  net_test_server_start (&server, 1, &limits, tls);
  for (int i = 0; i < 20; i++)
    {
      net_test_client_plain (&client, server.port);
      net_test_send (&client, "POST / HTTP/1.1\r\n\r\n");
      net_test_expect_end (&client);
      net_test_client_close (&client);
    }
  net_test_wait_closed (&server, NET_CLOSE_HANDSHAKE, 20);
  net_test_server_stop (&server);
}

static void
test_log_untrusted_subprocess (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient client;
  SSL_CTX *context = new_context (TLS1_2_VERSION, TLS1_2_VERSION);

  net_test_server_start (&server, 1, &limits, tls);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER, NULL);
  client.fd = net_test_connect (server.port);
  client.ssl = SSL_new (context);
  SSL_set_fd (client.ssl, client.fd);
  g_assert_cmpint (SSL_connect (client.ssl), <=, 0);
  net_test_wait_closed (&server, NET_CLOSE_HANDSHAKE, 1);
  net_test_client_close (&client);
  SSL_CTX_free (context);
  net_test_server_stop (&server);
}

static void
test_log (void)
{
  g_test_trap_subprocess ("/net/tls/log/subprocess/http", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*WARNING net: lines: closed the connection of 127.0.0.1: TLS handshake failed: "
                             "the peer speaks HTTP without TLS to a TLS port*");
  g_test_trap_assert_stderr_unmatched ("*TLS handshake failed*TLS handshake failed*");
  g_test_trap_subprocess ("/net/tls/log/subprocess/untrusted", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*the peer does not trust our certificate*");
}

/* S07: silent before and in the middle of the handshake; others are not held up meanwhile. */
static void
test_handshake_timeout (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient silent, stalled, good;

  limits.handshake_timeout_ms = 1000;
  net_test_server_start (&server, 1, &limits, tls);
  net_test_client_plain (&silent, server.port);
  net_test_client_plain (&stalled, server.port);
  g_assert_cmpint (send (stalled.fd, "\x16\x03\x01\x02\x00\x01\x00", 7, MSG_NOSIGNAL), ==, 7);
  net_test_client_tls (&good, server.port, NULL, NULL);
  check_echo (&good);
  net_test_wait_closed (&server, NET_CLOSE_HANDSHAKE_TIMEOUT, 2);
  net_test_expect_end (&silent);
  net_test_expect_end (&stalled);
  check_echo (&good); /* and the handshake's time-out does not outlive it */
  net_test_client_close (&silent);
  net_test_client_close (&stalled);
  net_test_client_close (&good);
  net_test_server_stop (&server);
}

/* S09: the greeting in records and packets of one byte. */
static void
test_handshake_in_bytes (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  SSL_CTX *context = new_context (TLS1_3_VERSION, TLS1_3_VERSION);
  NetTestServer server;
  NetTestClient client;
  BIO *to_server = BIO_new (BIO_s_mem ());
  char *bytes;
  long n;

  net_test_server_start (&server, 1, &limits, tls);
  client.fd = net_test_connect (server.port);
  client.ssl = SSL_new (context);
  /* The client's flight goes to memory, and from there byte by byte. */
  SSL_set_bio (client.ssl, BIO_new_socket (client.fd, BIO_NOCLOSE), to_server);
  SSL_set_connect_state (client.ssl);
  for (gboolean done = FALSE; !done;)
    {
      struct timeval moment = { .tv_usec = 300000 };

      setsockopt (client.fd, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
      done = SSL_do_handshake (client.ssl) == 1;
      n = BIO_get_mem_data (to_server, &bytes);
      for (long i = 0; i < n; i++)
        g_assert_cmpint (send (client.fd, bytes + i, 1, MSG_NOSIGNAL), ==, 1);
      BIO_reset (to_server);
    }
  g_assert_cmpint (SSL_write (client.ssl, "hello\n", 6), ==, 6);
  n = BIO_get_mem_data (to_server, &bytes);
  for (long i = 0; i < n; i++)
    g_assert_cmpint (send (client.fd, bytes + i, 1, MSG_NOSIGNAL), ==, 1);
  setsockopt (client.fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_sec = 30 }, sizeof (struct timeval));
  net_test_expect (&client, "hello");
  SSL_free (client.ssl);
  close (client.fd);
  SSL_CTX_free (context);
  net_test_server_stop (&server);
}

/* The last flight of the handshake and the first requests in one packet: nothing wakes epoll for them. */
static void
test_request_with_handshake (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  SSL_CTX *context = new_context (TLS1_3_VERSION, TLS1_3_VERSION);
  NetTestServer server;

  net_test_server_start (&server, 2, &limits, tls);
  for (int i = 0; i < 20; i++)
    {
      NetTestClient client;
      BIO *buffered = BIO_new (BIO_f_buffer ());

      client.fd = net_test_connect (server.port);
      client.ssl = SSL_new (context);
      SSL_set_fd (client.ssl, client.fd);
      g_assert_cmpint (SSL_connect (client.ssl), ==, 1);
      BIO_push (buffered, BIO_new_socket (client.fd, BIO_NOCLOSE));
      SSL_set0_wbio (client.ssl, buffered);
      for (int j = 0; j < 5; j++)
        g_assert_cmpint (SSL_write (client.ssl, "several\nrecords\n", 16), ==, 16);
      BIO_flush (buffered);
      for (int j = 0; j < 5; j++)
        {
          net_test_expect (&client, "several");
          net_test_expect (&client, "records");
        }
      SSL_free (client.ssl);
      close (client.fd);
    }
  SSL_CTX_free (context);
  net_test_server_stop (&server);
}

/* S06: no renegotiation for TLS 1.2 clients; the connection lives on. */
static void
test_no_renegotiation (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  SSL_CTX *context = new_context (TLS1_2_VERSION, TLS1_2_VERSION);
  NetTestServer server;
  NetTestClient client;

  net_test_server_start (&server, 1, &limits, tls);
  net_test_client_tls (&client, server.port, context, NULL);
  check_echo (&client);
  g_assert_cmpint (SSL_renegotiate (client.ssl), ==, 1);
  g_assert_cmpint (SSL_do_handshake (client.ssl), <=, 0);
  SSL_free (client.ssl);
  close (client.fd);
  net_test_wait_open (&server, 0);
  g_assert_cmpuint (net_test_counters (&server).handshakes_full, ==, 1);
  SSL_CTX_free (context);
  net_test_server_stop (&server);
}

/* TLS 1.3 key updates that want an answer are served between requests. */
static void
test_key_update (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient client;

  net_test_server_start (&server, 1, &limits, tls);
  net_test_client_tls (&client, server.port, NULL, NULL);
  for (int i = 0; i < 10; i++)
    {
      g_assert_cmpint (SSL_key_update (client.ssl, SSL_KEY_UPDATE_REQUESTED), ==, 1);
      check_echo (&client);
    }
  net_test_client_close (&client);
  net_test_server_stop (&server);
}

/* S10: new handshakes see the new certificate; open connections go on, and nobody is refused while it changes. */
static void
test_swap (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient old, new;

  net_test_server_start (&server, 2, &limits, tls);
  net_test_client_tls (&old, server.port, NULL, NULL);
  check_echo (&old);
  for (int i = 0; i < 10; i++)
    {
      g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (NetTls) next = NULL;
      X509 *certificate;

      g_ptr_array_add (pairs, net_test_key_pair (i % 2 == 0));
      next = net_tls_new (pairs, TLS1_2_VERSION, NULL, NULL, &error);
      g_assert_no_error (error);
      net_reactor_set_tls (server.reactor, server.listener, next);
      net_test_client_tls (&new, server.port, NULL, NULL);
      certificate = SSL_get1_peer_certificate (new.ssl);
      g_assert_cmpint (EVP_PKEY_get_base_id (X509_get0_pubkey (certificate)), ==,
                       i % 2 == 0 ? EVP_PKEY_EC : EVP_PKEY_RSA);
      X509_free (certificate);
      check_echo (&new);
      check_echo (&old);
      net_test_client_close (&new);
    }
  net_test_client_close (&old);
  net_test_server_stop (&server);
}

static void
test_bad_settings (void)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  ApimKeyPair mixed = { .key = net_test_key_pair (FALSE)->key, .certificate = net_test_key_pair (TRUE)->certificate };

  g_assert_null (net_tls_new (pairs, TLS1_2_VERSION, NULL, NULL, &error));
  g_assert_error (error, NET_TLS_ERROR, NET_TLS_ERROR_KEYS);
  g_clear_error (&error);
  g_ptr_array_add (pairs, net_test_key_pair (FALSE));
  g_assert_null (net_tls_new (pairs, TLS1_2_VERSION, "NO-SUCH-CIPHER", NULL, &error));
  g_assert_error (error, NET_TLS_ERROR, NET_TLS_ERROR_SETTINGS);
  g_clear_error (&error);
  g_assert_null (net_tls_new (pairs, SSL3_VERSION, NULL, NULL, &error));
  g_assert_error (error, NET_TLS_ERROR, NET_TLS_ERROR_SETTINGS);
  g_clear_error (&error);
  g_ptr_array_add (pairs, &mixed);
  g_assert_null (net_tls_new (pairs, TLS1_2_VERSION, NULL, NULL, &error));
  g_assert_error (error, NET_TLS_ERROR, NET_TLS_ERROR_KEYS);
  g_test_message ("%s", error->message);
}

/* Handshakes beyond MaxHandshakesWaiting are refused, not queued for ever. */
static void
test_too_many_handshakes (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient client;

  limits.max_handshakes_waiting = 0;
  net_test_server_start (&server, 1, &limits, tls);
  net_test_client_plain (&client, server.port);
  g_assert_cmpint (send (client.fd, "\x16\x03\x01\x02\x00\x01\x00", 7, MSG_NOSIGNAL), ==, 7);
  net_test_expect_end (&client);
  net_test_wait_closed (&server, NET_CLOSE_LIMIT, 1);
  net_test_client_close (&client);
  net_test_server_stop (&server);
}

/* Handshakes under way when the node stops neither hold it up nor count as work cut off. */
static void
test_drain_in_handshake (void)
{
  g_autoptr (NetTls) tls = net_test_tls (TLS1_2_VERSION, NULL);
  ApimLimits limits = net_test_limits ();
  NetTestServer server;
  NetTestClient clients[40];

  net_test_server_start (&server, 2, &limits, tls);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      net_test_client_plain (&clients[i], server.port);
      if (i % 2 == 0)
        g_assert_cmpint (send (clients[i].fd, "\x16\x03\x01\x02\x00\x01\x00", 7, MSG_NOSIGNAL), ==, 7);
    }
  net_test_wait_open (&server, G_N_ELEMENTS (clients));
  g_assert_true (net_reactor_drain (server.reactor, 30000));
  g_assert_cmpuint (net_test_counters (&server).closed[NET_CLOSE_DRAIN], ==, G_N_ELEMENTS (clients));
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    net_test_client_close (&clients[i]);
  net_test_server_stop (&server);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/tls/versions", test_versions);
  g_test_add_func ("/net/tls/certificates", test_certificates);
  g_test_add_func ("/net/tls/resumption", test_resumption);
  g_test_add_func ("/net/tls/not-tls", test_not_tls);
  g_test_add_func ("/net/tls/log", test_log);
  g_test_add_func ("/net/tls/log/subprocess/http", test_log_http_subprocess);
  g_test_add_func ("/net/tls/log/subprocess/untrusted", test_log_untrusted_subprocess);
  g_test_add_func ("/net/tls/handshake-timeout", test_handshake_timeout);
  g_test_add_func ("/net/tls/handshake-in-bytes", test_handshake_in_bytes);
  g_test_add_func ("/net/tls/request-with-handshake", test_request_with_handshake);
  g_test_add_func ("/net/tls/no-renegotiation", test_no_renegotiation);
  g_test_add_func ("/net/tls/key-update", test_key_update);
  g_test_add_func ("/net/tls/swap", test_swap);
  g_test_add_func ("/net/tls/bad-settings", test_bad_settings);
  g_test_add_func ("/net/tls/too-many-handshakes", test_too_many_handshakes);
  g_test_add_func ("/net/tls/drain-in-handshake", test_drain_in_handshake);
  return g_test_run ();
}
