#include "config.h"
#include "net/net-tls.h"
#include "common/apim-key-store.h"
#include <openssl/err.h>
#include <openssl/rand.h>

#define SESSION_CACHE_SIZE 20000

G_DEFINE_QUARK (net-tls-error-quark, net_tls_error)

struct _NetTls
{
  gint ref_count;
  SSL_CTX *context;
};

char *
net_tls_last_error (void)
{
  unsigned long code = ERR_peek_last_error ();
  const char *reason = ERR_reason_error_string (code);
  char *text = NULL;

  if (code == 0)
    text = g_strdup ("no further reason is known");
  else if (reason != NULL)
    text = g_strdup (reason);
  else
    text = g_strdup_printf ("OpenSSL error %08lx", code);
  ERR_clear_error ();
  return text;
}

/* FALSE with an error that starts with @what. */
static gboolean
fail (GError **error, NetTlsError code, const char *what)
{
  g_autofree char *reason = net_tls_last_error ();

  g_set_error (error, NET_TLS_ERROR, code, "%s: %s", what, reason);
  return FALSE;
}

/* The same for every context of the process, so that a reload does not end resumption. */
static const guint8 *
process_ticket_key (void)
{
  static guint8 key[NET_TLS_TICKET_KEY_SIZE];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      if (RAND_bytes (key, sizeof key) != 1)
        g_error ("no random bytes for the TLS ticket key");
      g_once_init_leave (&made, 1);
    }
  return key;
}

static gboolean
is_http2 (const guint8 *name, guint length)
{
  return length == 2 && memcmp (name, "h2", 2) == 0;
}

static gboolean
is_asked_for (const guint8 *name, guint length, const guint8 *asked, guint asked_length)
{
  for (guint i = 0; i < asked_length && asked[i] < asked_length - i; i += 1 + asked[i])
    if (asked[i] == length && memcmp (asked + i + 1, name, length) == 0)
      return TRUE;
  return FALSE;
}

/* Our order counts. OpenSSL has checked the form of what the client asks for. */
static int
choose_protocol (SSL *ssl, const guint8 **chosen, guint8 *chosen_length, const guint8 *asked, unsigned int asked_length,
                 void *data)
{
  const guint8 *offered = SSL_get_app_data (ssl);

  (void) data;
  for (; offered != NULL && *offered != 0; offered += 1 + *offered)
    {
      if (!is_asked_for (offered + 1, *offered, asked, asked_length)
          || (is_http2 (offered + 1, *offered) && SSL_version (ssl) < TLS1_2_VERSION))
        continue;
      *chosen = offered + 1;
      *chosen_length = *offered;
      return SSL_TLSEXT_ERR_OK;
    }
  return SSL_TLSEXT_ERR_NOACK;
}

static gboolean
set_versions_and_ciphers (SSL_CTX *context, int minimum, const char *ciphers, GError **error)
{
  if (minimum < TLS1_VERSION || minimum > TLS1_3_VERSION || SSL_CTX_set_min_proto_version (context, minimum) != 1
      || SSL_CTX_set_max_proto_version (context, TLS1_3_VERSION) != 1)
    return fail (error, NET_TLS_ERROR_SETTINGS, "the minimum TLS version cannot be used");
  if (ciphers != NULL && SSL_CTX_set_cipher_list (context, ciphers) != 1)
    return fail (error, NET_TLS_ERROR_SETTINGS, "the TLS cipher list cannot be used");
  /* TLS 1.0 and 1.1 sign with MD5 and SHA-1, which every level above 0 forbids. After the list, which may set a
   * level too. */
  if (minimum < TLS1_2_VERSION)
    SSL_CTX_set_security_level (context, 0);
  if (SSL_CTX_set1_groups_list (context, "P-256:X25519:P-384") != 1)
    return fail (error, NET_TLS_ERROR_SETTINGS, "the key exchange groups cannot be used");
  return TRUE;
}

static gboolean
add_keys (SSL_CTX *context, GPtrArray *key_pairs, GError **error)
{
  for (guint i = 0; i < key_pairs->len; i++)
    {
      ApimKeyPair *pair = g_ptr_array_index (key_pairs, i);
      g_autofree char *what = NULL;

      ERR_clear_error ();
      if (SSL_CTX_use_cert_and_key (context, pair->certificate, pair->key, pair->chain, 0) == 1)
        continue;
      what = g_strdup_printf ("key pair %u of %u cannot serve TLS", i + 1, key_pairs->len);
      return fail (error, NET_TLS_ERROR_KEYS, what);
    }
  if (key_pairs->len > 0)
    return TRUE;
  g_set_error_literal (error, NET_TLS_ERROR, NET_TLS_ERROR_KEYS, "there is no key pair to serve TLS with");
  return FALSE;
}

static gboolean
set_resumption (SSL_CTX *context, const guint8 *ticket_key, GError **error)
{
  static const guint8 session_context[] = "apim";

  if (ticket_key == NULL)
    ticket_key = process_ticket_key ();
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size (context, SESSION_CACHE_SIZE);
  SSL_CTX_set_num_tickets (context, 1); /* clients keep their connections: a second ticket would be waste */
  SSL_CTX_set_max_early_data (context, 0);
  if (SSL_CTX_set_session_id_context (context, session_context, sizeof session_context - 1) != 1
      || SSL_CTX_set_tlsext_ticket_keys (context, (void *) ticket_key, NET_TLS_TICKET_KEY_SIZE) != 1)
    return fail (error, NET_TLS_ERROR_SETTINGS, "TLS session resumption cannot be set up");
  return TRUE;
}

static void
set_modes (SSL_CTX *context)
{
  /* Old JVMs and many balancers close TCP without close_notify; our messages carry their own length, so a cut
   * is seen. */
  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
                                    | SSL_OP_IGNORE_UNEXPECTED_EOF);
  /* NO_AUTO_CHAIN: the chain is what the key store holds; looking for issuers in every handshake is waste. */
  SSL_CTX_set_mode (context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                                 | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  /* One recv() per record instead of two. OpenSSL's own buffer size, one record, is right: requests are far smaller. */
  SSL_CTX_set_read_ahead (context, 1);
  SSL_CTX_set_verify (context, SSL_VERIFY_NONE, NULL);
  SSL_CTX_set_alpn_select_cb (context, choose_protocol, NULL);
}

NetTls *
net_tls_new (GPtrArray *key_pairs, int minimum, const char *ciphers, const guint8 *ticket_key, GError **error)
{
  g_autoptr (NetTls) tls = g_new0 (NetTls, 1);

  tls->ref_count = 1;
  ERR_clear_error ();
  tls->context = SSL_CTX_new (TLS_server_method ());
  if (tls->context == NULL)
    {
      fail (error, NET_TLS_ERROR_SETTINGS, "no TLS context could be made");
      return NULL;
    }
  set_modes (tls->context);
  if (!set_versions_and_ciphers (tls->context, minimum, ciphers, error) || !add_keys (tls->context, key_pairs, error)
      || !set_resumption (tls->context, ticket_key, error))
    return NULL;
  return g_steal_pointer (&tls);
}

NetTls *
net_tls_ref (NetTls *tls)
{
  g_atomic_int_inc (&tls->ref_count);
  return tls;
}

void
net_tls_unref (NetTls *tls)
{
  if (tls == NULL || !g_atomic_int_dec_and_test (&tls->ref_count))
    return;
  SSL_CTX_free (tls->context);
  g_free (tls);
}

SSL_CTX *
net_tls_context (NetTls *tls)
{
  return tls->context;
}

void
net_tls_offer (SSL *ssl, const char *protocols)
{
  SSL_set_app_data (ssl, (char *) protocols);
}
