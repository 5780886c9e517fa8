#include "config.h"
#include "gateway/gw-endpoint.h"

#include <string.h>

/* Where generated files of default versions send calls (spec/gateway-and-traffic-manager.md 1.2). */
#define OWN_PORT "://localhost:{uri.var.portnum}"

G_DEFINE_QUARK (gw-endpoint-error-quark, gw_endpoint_error)

GwEndpoint *
gw_endpoint_new (GwEndpointKind kind)
{
  GwEndpoint *endpoint = g_new0 (GwEndpoint, 1);

  endpoint->ref_count = 1;
  endpoint->health = g_new0 (GwEndpointHealth, 1);
  g_mutex_init (&endpoint->health->lock);
  endpoint->kind = kind;
  endpoint->timeout_ms = GW_ENDPOINT_TIMEOUT_MS;
  endpoint->suspend_ms = GW_ENDPOINT_SUSPEND_MS;
  endpoint->factor = 1;
  endpoint->failover = TRUE;
  return endpoint;
}

GwEndpoint *
gw_endpoint_ref (GwEndpoint *endpoint)
{
  g_atomic_int_inc (&endpoint->ref_count);
  return endpoint;
}

void
gw_endpoint_unref (GwEndpoint *endpoint)
{
  if (!g_atomic_int_dec_and_test (&endpoint->ref_count))
    return;
  if (endpoint->target != NULL)
    endpoint->free_target (endpoint->target);
  g_mutex_clear (&endpoint->health->lock);
  g_free (endpoint->health);
  g_free (endpoint->name);
  g_free (endpoint->url);
  g_free (endpoint->host);
  g_free (endpoint->path);
  g_free (endpoint->method);
  g_free (endpoint->weights);
  g_free (endpoint->cookie);
  g_strfreev (endpoint->routes);
  g_clear_pointer (&endpoint->children, g_ptr_array_unref);
  g_free (endpoint);
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, GW_ENDPOINT_ERROR, GW_ENDPOINT_ERROR_URL, message);
  return FALSE;
}

/* What goes into a request line as it stands. */
static gboolean
is_clean (const char *url)
{
  for (const char *at = url; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return FALSE;
  return TRUE;
}

/* From the first slash or question mark behind host and port; never a fragment. */
static char *
path_of (const char *authority)
{
  const char *path = authority + strcspn (authority, "/?#");

  return g_strndup (path, strcspn (path, "#"));
}

static gboolean
set_address (GwEndpoint *endpoint, const char *url, GError **error)
{
  g_autofree char *scheme = NULL;
  g_autofree char *user = NULL;
  g_autofree char *host = NULL;
  int port;

  if (strpbrk (url, "{}") != NULL)
    return refuse (error, "addresses with variables in them are not expanded by this gateway");
  if (!g_uri_split (url, G_URI_FLAGS_ENCODED, &scheme, &user, &host, &port, NULL, NULL, NULL, NULL) || host == NULL
      || *host == '\0' || (g_ascii_strcasecmp (scheme, "http") != 0 && g_ascii_strcasecmp (scheme, "https") != 0))
    return refuse (error, "the address is not one of http:// or https:// with a host");
  if (user != NULL)
    return refuse (error, "the address holds a user; endpoint security is the place for that");
  if (port == 0)
    return refuse (error, "the address has the port 0");
  endpoint->tls = g_ascii_strcasecmp (scheme, "https") == 0;
  endpoint->host = g_steal_pointer (&host);
  endpoint->port = (guint16) (port > 0 ? port : endpoint->tls ? 443 : 80);
  return TRUE;
}

gboolean
gw_endpoint_set_url (GwEndpoint *endpoint, const char *url, GError **error)
{
  const char *authority = url != NULL ? strstr (url, "://") : NULL;

  g_assert (endpoint->url == NULL);
  if (url == NULL || *url == '\0')
    return refuse (error, "has no address");
  if (!is_clean (url))
    return refuse (error, "the address holds blanks, control characters or letters that are not encoded");
  if (authority != NULL && g_str_has_prefix (authority, OWN_PORT))
    {
      endpoint->kind = GW_ENDPOINT_SELF;
      endpoint->tls = g_str_has_prefix (url, "https:");
      endpoint->host = g_strdup ("localhost");
      endpoint->path = path_of (authority + strlen (OWN_PORT));
    }
  else if (!set_address (endpoint, url, error))
    return FALSE;
  else
    endpoint->path = path_of (authority + 3);
  endpoint->url = g_strdup (url);
  return TRUE;
}

static gboolean
has_code (const GwCodes *codes, gint32 code)
{
  for (guint i = 0; i < codes->n; i++)
    if (codes->codes[i] == code)
      return TRUE;
  return FALSE;
}

static gboolean
is_marked (const GwEndpoint *endpoint, gint32 code)
{
  if (endpoint->mark.n > 0)
    return has_code (&endpoint->mark, code);
  return code == GW_ERROR_TIMEOUT || code == GW_ERROR_CLOSED;
}

GwFailure
gw_endpoint_failure (const GwEndpoint *endpoint, gint32 code)
{
  if (is_marked (endpoint, code))
    return GW_FAILURE_MARKS;
  if (endpoint->suspend.n > 0)
    return has_code (&endpoint->suspend, code) ? GW_FAILURE_SUSPENDS : GW_FAILURE_IGNORED;
  return GW_FAILURE_SUSPENDS;
}

gint64
gw_endpoint_suspension_ms (const GwEndpoint *endpoint, gint64 last_ms)
{
  double next = last_ms > 0 ? (double)last_ms * endpoint->factor : (double)endpoint->suspend_ms;

  if (endpoint->suspend_most_ms > 0 && next > (double)endpoint->suspend_most_ms)
    return endpoint->suspend_most_ms;
  return next < (double)G_MAXINT32 ? (gint64)next : G_MAXINT32;
}
