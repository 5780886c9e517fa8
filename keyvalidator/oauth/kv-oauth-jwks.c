#include "config.h"
#include "keyvalidator/oauth/kv-oauth-jwks.h"

#include <string.h>

/* Verifiers may keep the document this long: after new keys were put in, a token may be refused for as long by one that
 * does not ask again for a kid that it does not know. */
#define CACHE_CONTROL "public, max-age=300"

struct _KvOauthJwks
{
  GMutex lock;
  GBytes *document; /* under the lock */
};

KvOauthJwks *
kv_oauth_jwks_new (const CoreJwtKeys *keys)
{
  KvOauthJwks *jwks = g_new0 (KvOauthJwks, 1);

  g_mutex_init (&jwks->lock);
  kv_oauth_jwks_set_keys (jwks, keys);
  return jwks;
}

void
kv_oauth_jwks_free (KvOauthJwks *jwks)
{
  if (jwks == NULL)
    return;
  g_bytes_unref (jwks->document);
  g_mutex_clear (&jwks->lock);
  g_free (jwks);
}

void
kv_oauth_jwks_set_keys (KvOauthJwks *jwks, const CoreJwtKeys *keys)
{
  char *text = core_jwt_keys_to_jwks (keys);
  GBytes *document = g_bytes_new_take (text, strlen (text)), *old;

  g_mutex_lock (&jwks->lock);
  old = jwks->document;
  jwks->document = document;
  g_mutex_unlock (&jwks->lock);
  g_clear_pointer (&old, g_bytes_unref);
}

static void
handle_jwks (NetHttpExchange *exchange, gpointer data)
{
  KvOauthJwks *jwks = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (GBytes) document = NULL;
  gconstpointer bytes;
  gsize length;

  if (!net_http_text_equal (request->method, "GET") && !net_http_text_equal (request->method, "HEAD"))
    {
      net_http_exchange_add_header (exchange, "Allow", "GET, HEAD");
      net_http_respond (exchange, 405, NULL, NULL, 0);
      return;
    }
  g_mutex_lock (&jwks->lock);
  document = g_bytes_ref (jwks->document);
  g_mutex_unlock (&jwks->lock);
  bytes = g_bytes_get_data (document, &length);
  net_http_exchange_add_header (exchange, "Cache-Control", CACHE_CONTROL);
  net_http_respond (exchange, 200, "application/json", bytes, length);
}

void
kv_oauth_jwks_add_to (KvOauthJwks *jwks, NetHttpServer *server, const char *web_context_root)
{
  g_autofree char *path = g_strconcat (web_context_root, KV_OAUTH_JWKS_PATH, NULL);

  net_http_server_add (server, path, NET_HTTP_ON_WORKER, handle_jwks, jwks);
}
