/* The validate client against a scripted Key Manager on a loopback port: both halves, good and hostile. */
#include "config.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-message.h"
#include "admin-cli/ctl-status-text.h"
#include "admin-cli/ctl-thrift-client.h"
#include "common/apim-key-store.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
/* Leaks that are not ours: c_glib's compact protocol keeps its queue when a reply ends too early, and the TLS module of GIO
 * its error when a call is cancelled. Their frames are not seen at full speed, so they cannot be suppressed one by one. */
int __lsan_is_turned_off (void);

int
__lsan_is_turned_off (void)
{
  return 1;
}
#endif

/* Golden bytes of spec/thrift-key-validation.md 9. */
#define LOGIN_GRANTED                                                                                                  \
  "8241010c61757468656e74696361746508002435633366306131652d376234322d346436612d396531302d32663863366237643961303100"
#define LOGIN_REFUSED                                                                                                  \
  "8241010c61757468656e7469636174651c181f55736572202761646d696e27206e6f742061757468656e746963617465642e0000"
#define REPLY_GRANTED                                                                                                  \
  "800100020000000b76616c69646174654b6579000000010c0000020001010b0002"                                                \
  "00000005616c6963650b000300000004476f6c640b00040000000a50524f44554354494f4e0b000600000010626f6240636172626f6e2e7375" \
  "7065720b00070000000850686f6e65417070080008000000000b000900000001370b000a00000009556e6c696d697465640b000b0000000757" \
  "6561746865720b000c00000007636b5f396641330b000d000000056361726f6c0a0010000000000036ee800a00110000015d3ef79800020012" \
  "000b001300000009556e6c696d697465640f00140b00000001000000186170695f6c6576656c5f7468726f74746c696e675f6b657908001500" \
  "0000000b00160000000c636172626f6e2e7375706572020018010000"
#define REPLY_EXCEPTION                                                                                                \
  "800100020000000b76616c69646174654b6579000000010c00010b00010000002c496e76616c69642073657373696f6e20696420666f722074" \
  "68726966742061757468656e74696361746f722e0000"
#define REPLY_REFUSED                                                                                                  \
  "800100020000000b76616c69646174654b6579000000020c00000200010008000800"                                              \
  "0dbf250a001000000000000000000a001100000000000000000200120008001500000000020018000000"
#define REPLY_UNKNOWN_METHOD                                                                                           \
  "800100030000000b76616c69646174654b6579000000010b0001000000096e6f2d6d6574686f640800020000000100"

typedef enum
{
  PEER_ANSWER, /* sends the bytes, then waits for the end */
  PEER_CLOSE,  /* sends the bytes and closes */
  PEER_SILENT, /* accepts the connection, never says anything, not even in TLS */
} PeerManner;

/* One listener that serves one connection. */
typedef struct
{
  GSocketListener *listener;
  guint16 port;
  GTlsCertificate *certificate;
  PeerManner manner;
  GByteArray *answer;
  GByteArray *heard; /* read after the thread has ended */
  GCancellable *stop;
  GThread *thread;
} Peer;

typedef struct
{
  char *home;
  char *ca_file;
  GTlsCertificate *certificate;
} Fixture;

static GByteArray *
from_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();
  for (; *hex != '\0'; hex += 2)
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) * 16 + g_ascii_xdigit_value (hex[1]));
      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

static void
serve (Peer *peer, GIOStream *tls)
{
  guint8 chunk[4096];
  GInputStream *input = g_io_stream_get_input_stream (tls);
  gssize got = g_input_stream_read (input, chunk, sizeof chunk, peer->stop, NULL);
  if (got < 4)
    return;
  g_byte_array_append (peer->heard, chunk, (guint) got);
  /* An HTTP client may send header and body apart. */
  while (memcmp (peer->heard->data, "POST", 4) == 0 && peer->heard->data[peer->heard->len - 1] != 0)
    {
      got = g_input_stream_read (input, chunk, sizeof chunk, peer->stop, NULL);
      if (got <= 0)
        return;
      g_byte_array_append (peer->heard, chunk, (guint) got);
    }
  g_output_stream_write_all (g_io_stream_get_output_stream (tls), peer->answer->data, peer->answer->len, NULL,
                             peer->stop, NULL);
  if (peer->manner == PEER_ANSWER)
    g_input_stream_read (input, chunk, sizeof chunk, peer->stop, NULL);
}

static gpointer
run_peer (gpointer data)
{
  Peer *peer = data;
  guint8 byte;
  g_autoptr (GSocketConnection) plain = g_socket_listener_accept (peer->listener, NULL, peer->stop, NULL);
  if (plain == NULL)
    return NULL;
  if (peer->manner == PEER_SILENT)
    {
      GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (plain));
      while (g_input_stream_read (input, &byte, 1, peer->stop, NULL) > 0)
        ;
      return NULL;
    }
  g_autoptr (GIOStream) tls = g_tls_server_connection_new (G_IO_STREAM (plain), peer->certificate, NULL);
  if (g_tls_connection_handshake (G_TLS_CONNECTION (tls), peer->stop, NULL))
    serve (peer, tls);
  g_io_stream_close (tls, NULL, NULL);
  return NULL;
}

static Peer *
peer_new (Fixture *fixture, PeerManner manner, GByteArray *answer)
{
  Peer *peer = g_new0 (Peer, 1);
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  peer->listener = g_socket_listener_new ();
  g_assert_true (g_socket_listener_add_address (peer->listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                                NULL, &bound, NULL));
  peer->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  peer->certificate = fixture->certificate;
  peer->manner = manner;
  peer->answer = answer;
  peer->heard = g_byte_array_new ();
  peer->stop = g_cancellable_new ();
  peer->thread = g_thread_new ("peer", run_peer, peer);
  return peer;
}

/* Ends the thread; peer->heard is whole then. */
static void
peer_stop (Peer *peer)
{
  g_cancellable_cancel (peer->stop);
  g_clear_pointer (&peer->thread, g_thread_join);
}

static void
peer_free (Peer *peer)
{
  if (peer->thread != NULL)
    peer_stop (peer);
  g_object_unref (peer->listener);
  g_object_unref (peer->stop);
  g_byte_array_unref (peer->answer);
  g_byte_array_unref (peer->heard);
  g_free (peer);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

static GByteArray *
http_reply (const char *status, const char *hex)
{
  g_autoptr (GByteArray) body = from_hex (hex);
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/x-thrift\r\n"
                                           "Location: https://127.0.0.1:1/\r\nContent-Length: %u\r\n\r\n",
                                           status, body->len);
  GByteArray *reply = g_byte_array_new ();
  g_byte_array_append (reply, (const guint8 *) head, (guint) strlen (head));
  g_byte_array_append (reply, body->data, body->len);
  return reply;
}

static void
fixture_init (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  fixture->home = g_dir_make_tmp ("apim-test-XXXXXX", NULL);
  g_autoptr (ApimConfig) config = apim_config_load (fixture->home, -1, &error);
  g_assert_no_error (error);
  g_autofree char *security = apim_home_path (fixture->home, "resources", "security", NULL);
  g_assert_cmpint (g_mkdir_with_parents (security, 0700), ==, 0);
  g_assert_true (apim_key_store_make (config, (const char *const[]){ "localhost", NULL }, NULL, &error));
  g_assert_no_error (error);
  fixture->ca_file = g_build_filename (security, "node-cert.pem", NULL);
  g_autofree char *key = g_build_filename (security, "node-rsa.pem", NULL);
  fixture->certificate = g_tls_certificate_new_from_file (key, &error);
  g_assert_no_error (error);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

static void
fixture_clear (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->home);
  g_free (fixture->home);
  g_free (fixture->ca_file);
  g_object_unref (fixture->certificate);
}

/* A client of these two peers. @host: how they are called. */
static CtlThriftClient *
client_new (Fixture *fixture, const char *host, const Peer *https, const Peer *thrift, gboolean insecure)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *https_server = g_strdup_printf ("%s:%u", host, https != NULL ? https->port : 1);
  g_autofree char *thrift_server = g_strdup_printf ("%s:%u", host, thrift != NULL ? thrift->port : 1);
  CtlPeer peer = { .https_server = https_server,
                   .thrift_server = thrift_server,
                   .web_context_root = "/km/",
                   .ca_file = insecure ? NULL : fixture->ca_file,
                   .insecure = insecure,
                   .timeout_ms = 60000 };
  CtlThriftClient *client = ctl_thrift_client_new (&peer, &error);
  g_assert_no_error (error);
  return client;
}

static const CtlQuestion question = { .context = "/weather/1.0",
                                      .version = "1.0",
                                      .token = "a1b2c3d4e5f60718293a4b5c6d7e8f90",
                                      .level = "Any",
                                      .resource = "/city/*",
                                      .method = "GET" };

static gboolean
heard_contains (const Peer *peer, const char *text)
{
  return peer->heard->len > 0
         && memmem (peer->heard->data, peer->heard->len, text, strlen (text)) != NULL;
}

/* Logs in at a good peer; the caller goes on. */
static void
log_in (CtlThriftClient *client)
{
  g_autoptr (GError) error = NULL;
  ctl_thrift_client_login (client, "admin", "admin", &error);
  g_assert_no_error (error);
}

static void
test_granted (Fixture *fixture, gconstpointer data)
{
  static const char login[] = "\x82\x21\x00\x0c" "authenticate\x18\x05" "admin\x18\x05" "admin";
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (Peer) thrift = peer_new (fixture, PEER_ANSWER, from_hex (REPLY_GRANTED));
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.1", https, thrift, FALSE);
  log_in (client);
  g_autoptr (GObject) answer = (GObject *) ctl_thrift_client_validate (client, &question, &error);
  g_assert_no_error (error);
  const ApimAPIKeyValidationInfoDTO *info = (const ApimAPIKeyValidationInfoDTO *) answer;
  g_assert_true (info->authorized);
  g_assert_cmpstr (info->subscriber, ==, "alice");
  g_assert_cmpstr (info->apiPublisher, ==, "carol");
  g_assert_cmpint (info->validityPeriod, ==, 3600000);
  g_assert_cmpstr (g_ptr_array_index (info->throttlingDataList, 0), ==, "api_level_throttling_key");

  peer_stop (https);
  peer_stop (thrift);
  g_assert_true (heard_contains (https, "POST /km/thriftAuthenticator HTTP/1.1\r\n"));
  g_assert_true (heard_contains (https, "Content-Type: application/x-thrift\r\n"));
  /* The whole message, final stop included; only the sequence id is c_glib's own. */
  g_assert_cmpmem (https->heard->data + https->heard->len - sizeof login, sizeof login, login, sizeof login);
  g_assert_true (heard_contains (thrift, "5c3f0a1e-7b42-4d6a-9e10-2f8c6b7d9a01"));
  g_assert_true (heard_contains (thrift, "/city/*"));
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (Peer) thrift = peer_new (fixture, PEER_ANSWER, from_hex (REPLY_REFUSED));
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.1", https, thrift, FALSE);
  log_in (client);
  g_autoptr (GObject) answer = (GObject *) ctl_thrift_client_validate (client, &question, &error);
  g_assert_no_error (error);
  const ApimAPIKeyValidationInfoDTO *info = (const ApimAPIKeyValidationInfoDTO *) answer;
  g_assert_false (info->authorized);
  g_assert_cmpint (info->validationStatus, ==, 900901);
}

typedef struct
{
  const char *name;
  PeerManner manner;
  const char *status; /* of HTTP; NULL: the answer is no HTTP */
  const char *answer; /* hexadecimal */
  CtlErrorKind kind;
  const char *part; /* of the message */
} BadCase;

/* 20 structs, each the unknown field 9 of the one before, in the compact protocol; too few bytes to be whole. */
#define COMPACT_NESTED "9c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"

static const BadCase bad_logins[] = {
  { "refused", PEER_ANSWER, "200 OK", LOGIN_REFUSED, CTL_ERROR_LOGIN, "User 'admin' not authenticated." },
  { "no-result", PEER_ANSWER, "200 OK", "8241010c61757468656e74696361746500", CTL_ERROR_LOGIN, "were not taken" },
  { "exception", PEER_ANSWER, "200 OK", "8261010c61757468656e7469636174651803626164150c00", CTL_ERROR_FAILED,
    "Thrift exception" },
  { "not-found", PEER_ANSWER, "404 Not Found", "", CTL_ERROR_FAILED, "answered HTTP 404" },
  { "redirect", PEER_ANSWER, "302 Found", "", CTL_ERROR_FAILED, "answered HTTP 302" },
  { "empty", PEER_ANSWER, "200 OK", "", CTL_ERROR_FAILED, "something else than Thrift" },
  { "html", PEER_ANSWER, "200 OK", "3c68746d6c3e00", CTL_ERROR_FAILED, "something else than Thrift" },
  { "no-name", PEER_ANSWER, "200 OK", "8241010000", CTL_ERROR_FAILED, "something else than Thrift" },
  { "endless-sequence-id", PEER_ANSWER, "200 OK", "8241ffffffffffffffffffff", CTL_ERROR_FAILED, "something else" },
  { "cut", PEER_ANSWER, "200 OK", "8241010c61757468656e746963617465080024", CTL_ERROR_FAILED, "" },
  { "string-length-max", PEER_ANSWER, "200 OK", "8241010c61757468656e7469636174650800ffffffff07", CTL_ERROR_FAILED,
    "" },
  { "nested", PEER_ANSWER, "200 OK", "8241010c61757468656e746963617465" COMPACT_NESTED, CTL_ERROR_FAILED, "" },
  { "closed", PEER_CLOSE, NULL, "", CTL_ERROR_UNREACHABLE, "" },
};

static void
test_bad_login (Fixture *fixture, gconstpointer data)
{
  const BadCase *bad = data;
  g_autoptr (GError) error = NULL;
  GByteArray *answer = bad->status != NULL ? http_reply (bad->status, bad->answer) : from_hex (bad->answer);
  g_autoptr (Peer) https = peer_new (fixture, bad->manner, answer);
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.1", https, NULL, FALSE);
  g_assert_false (ctl_thrift_client_login (client, "admin", "s3cret", &error));
  g_assert_error (error, CTL_ERROR, (int) bad->kind);
  g_assert_nonnull (strstr (error->message, bad->part));
  g_assert_null (strstr (error->message, "s3cret"));
}

/* A login page of any length must not fill the memory. */
static void
test_long_login_reply (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *hex = g_strnfill (2 * 100000, '1');
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", hex));
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.1", https, NULL, FALSE);
  g_assert_false (ctl_thrift_client_login (client, "admin", "admin", &error));
  g_assert_nonnull (strstr (error->message, "too long"));
}

static const BadCase bad_replies[] = {
  { "exception", PEER_ANSWER, NULL, REPLY_EXCEPTION, CTL_ERROR_FAILED, "Invalid session id for thrift authenticator." },
  { "unknown-method", PEER_ANSWER, NULL, REPLY_UNKNOWN_METHOD, CTL_ERROR_FAILED, "no-method" },
  { "no-result", PEER_ANSWER, NULL, "800100020000000b76616c69646174654b65790000000100", CTL_ERROR_FAILED, "" },
  { "http", PEER_ANSWER, NULL, "485454502f312e3120343030204261640d0a0d0a", CTL_ERROR_FAILED, "not Thrift" },
  { "no-name", PEER_ANSWER, NULL, "80010002000000000000000100", CTL_ERROR_FAILED, "not Thrift" },
  { "call", PEER_ANSWER, NULL, "800100010000000b76616c69646174654b65790000000100", CTL_ERROR_FAILED, "not Thrift" },
  { "bare-exception", PEER_ANSWER, NULL, "80010003000000017800000001" "08000200000001" "00", CTL_ERROR_FAILED,
    "no reason is given" },
  { "cut", PEER_CLOSE, NULL, "800100020000000b76616c6964", CTL_ERROR_UNREACHABLE, "closed the connection" },
  { "closed", PEER_CLOSE, NULL, "", CTL_ERROR_UNREACHABLE, "closed the connection" },
  { "string-length-max", PEER_ANSWER, NULL, "800100020000000b76616c69646174654b6579000000010b00007fffffff",
    CTL_ERROR_FAILED, "not Thrift" },
};

static void
test_bad_reply (Fixture *fixture, gconstpointer data)
{
  const BadCase *bad = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (Peer) thrift = peer_new (fixture, bad->manner, from_hex (bad->answer));
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.1", https, thrift, FALSE);
  log_in (client);
  g_assert_null (ctl_thrift_client_validate (client, &question, &error));
  g_assert_error (error, CTL_ERROR, (int) bad->kind);
  g_assert_nonnull (strstr (error->message, bad->part));
  g_assert_null (strstr (error->message, question.token));
}

/* Structs in structs until the stack would end, were they not counted first. */
static void
test_nested_reply (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GByteArray *answer = from_hex ("800100020000000b76616c69646174654b657900000001");
  for (guint depth = 0; depth < 200000; depth++)
    g_byte_array_append (answer, (const guint8 *) "\x0c\x00\x63", 3);
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (Peer) thrift = peer_new (fixture, PEER_CLOSE, answer);
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.1", https, thrift, FALSE);
  log_in (client);
  g_assert_null (ctl_thrift_client_validate (client, &question, &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_FAILED);
}

/* 127.0.0.2 is the same machine, but none of the certificate's names. */
static void
test_wrong_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.2", https, NULL, FALSE);
  g_assert_false (ctl_thrift_client_login (client, "admin", "admin", &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "another host name"));
  peer_stop (https);
  g_assert_false (heard_contains (https, "admin"));
}

/* The Thrift port's certificate is verified as well, names included; the token is not sent before. */
static void
test_wrong_name_on_thrift (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (Peer) thrift = peer_new (fixture, PEER_ANSWER, from_hex (REPLY_GRANTED));
  g_autofree char *https_server = g_strdup_printf ("127.0.0.1:%u", https->port);
  g_autofree char *thrift_server = g_strdup_printf ("127.0.0.2:%u", thrift->port);
  CtlPeer peer = { https_server, thrift_server, NULL, fixture->ca_file, FALSE, 60000 };
  g_autoptr (CtlThriftClient) client = ctl_thrift_client_new (&peer, &error);
  log_in (client);
  g_assert_null (ctl_thrift_client_validate (client, &question, &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "another host name"));
  peer_stop (thrift);
  g_assert_cmpuint (thrift->heard->len, ==, 0);
}

static void
test_unknown_authority (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autofree char *server = g_strdup_printf ("localhost:%u", https->port);
  CtlPeer peer = { .https_server = server, .timeout_ms = 60000 };
  g_autoptr (CtlThriftClient) client = ctl_thrift_client_new (&peer, &error);
  g_assert_false (ctl_thrift_client_login (client, "admin", "admin", &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "--cacert"));
}

static void
test_insecure (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_ANSWER, http_reply ("200 OK", LOGIN_GRANTED));
  g_autoptr (Peer) thrift = peer_new (fixture, PEER_ANSWER, from_hex (REPLY_REFUSED));
  g_autoptr (CtlThriftClient) client = client_new (fixture, "127.0.0.2", https, thrift, TRUE);
  log_in (client);
  g_autoptr (GObject) answer = (GObject *) ctl_thrift_client_validate (client, &question, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
}

/* The time-out covers the TLS handshake, here and on the Thrift port. */
static void
test_silent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) https = peer_new (fixture, PEER_SILENT, g_byte_array_new ());
  g_autofree char *server = g_strdup_printf ("127.0.0.1:%u", https->port);
  CtlPeer peer = { .https_server = server, .ca_file = fixture->ca_file, .timeout_ms = 1000 };
  g_autoptr (CtlThriftClient) client = ctl_thrift_client_new (&peer, &error);
  g_assert_false (ctl_thrift_client_login (client, "admin", "admin", &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "no answer within 1 s"));
}

/* No login, so that the time-out is the silence's alone. */
static void
test_silent_thrift (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Peer) thrift = peer_new (fixture, PEER_SILENT, g_byte_array_new ());
  g_autofree char *server = g_strdup_printf ("127.0.0.1:%u", thrift->port);
  CtlPeer peer = { .https_server = "localhost", .thrift_server = server, .ca_file = fixture->ca_file,
                   .timeout_ms = 1000 };
  g_autoptr (CtlThriftClient) client = ctl_thrift_client_new (&peer, &error);
  g_assert_null (ctl_thrift_client_validate (client, &question, &error));
  g_assert_error (error, CTL_ERROR, CTL_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "no answer within 1 s"));
}

static void
test_bad_settings (Fixture *fixture, gconstpointer data)
{
  g_autofree char *not_pem = g_build_filename (fixture->home, "not-pem", NULL);
  g_assert_true (g_file_set_contents (not_pem, "nothing", -1, NULL));
  const CtlPeer cases[] = {
    { .https_server = "host:no-port", .timeout_ms = 1000 },
    { .https_server = "", .timeout_ms = 1000 },
    { .https_server = "localhost", .thrift_server = "localhost:99999", .timeout_ms = 1000 },
    { .https_server = "localhost", .ca_file = "/nonexistent/ca.pem", .timeout_ms = 1000 },
    { .https_server = "localhost", .ca_file = not_pem, .timeout_ms = 1000 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CtlThriftClient) client = ctl_thrift_client_new (&cases[i], &error);
      g_assert_null (client);
      g_assert_error (error, CTL_ERROR, CTL_ERROR_USAGE);
    }
}

/* Every status of spec 7.7 has words of its own. */
static void
test_status_texts (void)
{
  const char *unknown = ctl_status_text (1);
  for (gint32 status = 900900; status <= 900910; status++)
    g_assert_cmpstr (ctl_status_text (status), !=, unknown);
  g_assert_cmpstr (ctl_status_text (0), !=, unknown);
  g_assert_cmpstr (ctl_status_text (900911), ==, unknown);
}

static void
test_message (void)
{
  g_autoptr (GError) error = NULL;
  char buffer[4];
  g_autoptr (CtlMessage) message = ctl_message_new_from_bytes ("abc", 3);
  ThriftTransport *transport = (ThriftTransport *) message;
  g_assert_cmpint (thrift_transport_read_all (transport, buffer, 2, &error), ==, 2);
  g_assert_cmpint (thrift_transport_read_all (transport, buffer, 0, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpint (thrift_transport_read_all (transport, buffer, 2, &error), ==, -1);
  g_assert_error (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_RECEIVE);
}

static void
add_bad_cases (const char *group, const BadCase *cases, guint n_cases, void (*test) (Fixture *, gconstpointer))
{
  for (guint i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("/ctl-thrift-client/%s/%s", group, cases[i].name);
      g_test_add (path, Fixture, &cases[i], fixture_init, test, fixture_clear);
    }
}

#define ADD(path, function)                                                                                            \
  g_test_add ("/ctl-thrift-client/" path, Fixture, NULL, fixture_init, function, fixture_clear)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("granted", test_granted);
  ADD ("refused", test_refused);
  add_bad_cases ("bad-login", bad_logins, G_N_ELEMENTS (bad_logins), test_bad_login);
  ADD ("bad-login/long", test_long_login_reply);
  add_bad_cases ("bad-reply", bad_replies, G_N_ELEMENTS (bad_replies), test_bad_reply);
  ADD ("bad-reply/nested", test_nested_reply);
  ADD ("wrong-name", test_wrong_name);
  ADD ("wrong-name-on-thrift", test_wrong_name_on_thrift);
  ADD ("unknown-authority", test_unknown_authority);
  ADD ("insecure", test_insecure);
  ADD ("silent", test_silent);
  ADD ("silent-thrift", test_silent_thrift);
  ADD ("bad-settings", test_bad_settings);
  g_test_add_func ("/ctl-thrift-client/status-texts", test_status_texts);
  g_test_add_func ("/ctl-thrift-client/message", test_message);
  return g_test_run ();
}
