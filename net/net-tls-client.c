#include "config.h"
#include "net/net-tls-client.h"
#include "net/net-tls.h"
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct _NetTlsClient
{
  gint ref_count;
  SSL_CTX *context;
  char *expected; /* nullable: the host */
  GMutex lock;
  GHashTable *sessions; /* under lock: of Session, by target */
};

typedef struct
{
  SSL_SESSION *session;
  gint64 made_us; /* when the peer was verified, or before */
} Session;

/* Whose session it is; SSL_get_ex_data(). */
typedef struct
{
  NetTlsClient *client;
  char *target;
  gint64 verified_us; /* of the session that it began with; 0: it verified the peer itself */
} Origin;

static int origin_index;

static void
session_free (Session *session)
{
  SSL_SESSION_free (session->session);
  g_free (session);
}

static void
origin_free (void *parent, void *data, CRYPTO_EX_DATA *ad, int index, long argl, void *argp)
{
  Origin *origin = data;

  if (origin == NULL)
    return;
  net_tls_client_unref (origin->client);
  g_free (origin->target);
  g_free (origin);
}

/* A new session came: with the handshake, or (TLS 1.3) some time after it, in a read. Returns: 1: it is
 * taken. */
static int
keep_session (SSL *ssl, SSL_SESSION *session)
{
  Origin *origin = SSL_get_ex_data (ssl, origin_index);
  NetTlsClient *client = origin->client;
  Session *kept;

  if (SSL_get_verify_result (ssl) != X509_V_OK || !SSL_SESSION_is_resumable (session))
    return 0;
  kept = g_new0 (Session, 1);
  kept->session = session;
  /* A chain of resumptions does not make the verification younger. */
  kept->made_us
      = SSL_session_reused (ssl) && origin->verified_us != 0 ? origin->verified_us : g_get_monotonic_time ();
  g_mutex_lock (&client->lock);
  if (g_hash_table_size (client->sessions) >= NET_TLS_CLIENT_MAX_SESSIONS)
    g_hash_table_remove_all (client->sessions); /* full handshakes for a moment, and bounded memory */
  g_hash_table_replace (client->sessions, g_strdup (origin->target), kept);
  g_mutex_unlock (&client->lock);
  return 1;
}

static void
resume_session (SSL *ssl, Origin *origin)
{
  NetTlsClient *client = origin->client;
  const Session *session;

  g_mutex_lock (&client->lock);
  session = g_hash_table_lookup (client->sessions, origin->target);
  if (session != NULL
      && g_get_monotonic_time () - session->made_us >= (gint64)NET_TLS_CLIENT_SESSION_S * G_USEC_PER_SEC)
    g_hash_table_remove (client->sessions, origin->target);
  else if (session != NULL && SSL_set_session (ssl, session->session) == 1)
    origin->verified_us = session->made_us;
  g_mutex_unlock (&client->lock);
}

static gboolean
fail (GError **error, NetTlsError code, const char *what)
{
  g_autofree char *reason = net_tls_last_error ();

  g_set_error (error, NET_TLS_ERROR, code, "%s: %s", what, reason);
  return FALSE;
}

static gboolean
add_trusted (SSL_CTX *context, const char *trusted, GError **error)
{
  X509_STORE *store = SSL_CTX_get_cert_store (context);
  BIO *bio = BIO_new_mem_buf (trusted, -1);
  gboolean good = bio != NULL;
  guint n = 0;
  X509 *certificate;

  while (good && (certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL)) != NULL)
    {
      good = X509_STORE_add_cert (store, certificate) == 1;
      X509_free (certificate);
      n++;
    }
  BIO_free (bio);
  /* What ends a file that is right. */
  if (good && n > 0 && ERR_GET_REASON (ERR_peek_last_error ()) == PEM_R_NO_START_LINE)
    {
      ERR_clear_error ();
      return TRUE;
    }
  return fail (error, NET_TLS_ERROR_KEYS, "the trusted certificates cannot be used");
}

static gboolean
set_up (SSL_CTX *context, int minimum, const char *ciphers, GError **error)
{
  X509_VERIFY_PARAM *verify = SSL_CTX_get0_param (context);

  if (minimum < TLS1_VERSION || minimum > TLS1_3_VERSION
      || SSL_CTX_set_min_proto_version (context, minimum) != 1)
    return fail (error, NET_TLS_ERROR_SETTINGS, "the minimum TLS version cannot be used");
  if (ciphers != NULL && SSL_CTX_set_cipher_list (context, ciphers) != 1)
    return fail (error, NET_TLS_ERROR_SETTINGS, "the TLS cipher list cannot be used");
  if (minimum < TLS1_2_VERSION)
    SSL_CTX_set_security_level (context, 0); /* as in net_tls_new() */
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER, NULL);
  X509_VERIFY_PARAM_set_flags (verify, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags (verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode (context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                                 | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead (context, 1);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb (context, keep_session);
  return TRUE;
}

NetTlsClient *
net_tls_client_new (const char *trusted, int minimum, const char *ciphers, GError **error)
{
  static gsize once;
  g_autoptr (NetTlsClient) client = g_new0 (NetTlsClient, 1);

  if (g_once_init_enter (&once))
    {
      origin_index = SSL_get_ex_new_index (0, NULL, NULL, NULL, origin_free);
      g_once_init_leave (&once, 1);
    }
  client->ref_count = 1;
  g_mutex_init (&client->lock);
  client->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)session_free);
  ERR_clear_error ();
  client->context = SSL_CTX_new (TLS_client_method ());
  if (client->context == NULL)
    {
      fail (error, NET_TLS_ERROR_SETTINGS, "no TLS context could be made");
      return NULL;
    }
  if (!set_up (client->context, minimum, ciphers, error) || !add_trusted (client->context, trusted, error))
    return NULL;
  return g_steal_pointer (&client);
}

void
net_tls_client_expect (NetTlsClient *client, const char *name)
{
  g_return_if_fail (client->expected == NULL);
  client->expected = g_strdup (name);
}

NetTlsClient *
net_tls_client_ref (NetTlsClient *client)
{
  g_atomic_int_inc (&client->ref_count);
  return client;
}

void
net_tls_client_unref (NetTlsClient *client)
{
  if (client == NULL || !g_atomic_int_dec_and_test (&client->ref_count))
    return;
  g_hash_table_destroy (client->sessions);
  g_free (client->expected);
  SSL_CTX_free (client->context);
  g_mutex_clear (&client->lock);
  g_free (client);
}

static gboolean
is_address (const char *host)
{
  guint8 address[16];

  return inet_pton (AF_INET, host, address) == 1 || inet_pton (AF_INET6, host, address) == 1;
}

/* @host: who is connected to, and whom a front that tells servers apart by name is to find; @name: whom the certificate
 * must be for. */
static gboolean
expect_host (SSL *ssl, const char *host, const char *name)
{
  if (!is_address (host) && SSL_set_tlsext_host_name (ssl, host) != 1)
    return FALSE;
  if (is_address (name))
    return X509_VERIFY_PARAM_set1_ip_asc (SSL_get0_param (ssl), name) == 1;
  return SSL_set1_host (ssl, name) == 1;
}

SSL *
net_tls_client_open (NetTlsClient *client, const char *host, guint16 port)
{
  SSL *ssl = SSL_new (client->context);
  Origin *origin = g_new0 (Origin, 1);

  origin->client = net_tls_client_ref (client);
  origin->target = g_strdup_printf ("%s:%u", host, port);
  if (ssl == NULL || SSL_set_ex_data (ssl, origin_index, origin) != 1)
    {
      origin_free (NULL, origin, NULL, 0, 0, NULL);
      SSL_free (ssl);
      return NULL;
    }
  if (!expect_host (ssl, host, client->expected != NULL ? client->expected : host))
    {
      SSL_free (ssl);
      return NULL;
    }
  resume_session (ssl, origin);
  SSL_set_connect_state (ssl);
  return ssl;
}

static char *
describe_certificate (long result)
{
  switch (result)
    {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return g_strdup ("its certificate is for another host");
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return g_strdup ("its certificate has expired");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return g_strdup ("its certificate is not valid yet");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: /* an authority of the same name */
      return g_strdup_printf ("nobody in the trust store vouches for its certificate (%s)",
                              X509_verify_cert_error_string (result));
    default:
      return g_strdup_printf ("its certificate cannot be believed: %s",
                              X509_verify_cert_error_string (result));
    }
}

char *
net_tls_client_describe (SSL *ssl, int ssl_error)
{
  int saved_errno = errno;
  unsigned long code = ERR_peek_last_error ();
  long verified = ssl != NULL ? SSL_get_verify_result (ssl) : X509_V_OK;

  if (verified != X509_V_OK)
    {
      ERR_clear_error ();
      return describe_certificate (verified);
    }
  if (code == 0 && ssl_error == SSL_ERROR_SYSCALL && saved_errno != 0)
    return g_strdup (g_strerror (saved_errno));
  if (code == 0
      || (ERR_GET_LIB (code) == ERR_LIB_SSL && ERR_GET_REASON (code) == SSL_R_UNEXPECTED_EOF_WHILE_READING))
    {
      ERR_clear_error ();
      return g_strdup ("it closed the connection in the middle of the TLS handshake");
    }
  if (ERR_GET_LIB (code) == ERR_LIB_SSL && ERR_GET_REASON (code) == SSL_R_WRONG_VERSION_NUMBER)
    {
      ERR_clear_error ();
      return g_strdup ("it does not speak TLS (https:// where http:// is meant)");
    }
  return net_tls_last_error ();
}
