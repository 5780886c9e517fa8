#include "config.h"
#include "gateway/gw-endpoint.h"

GwEndpoint *
gw_endpoint_new (GwEndpointKind kind)
{
  GwEndpoint *endpoint = g_new0 (GwEndpoint, 1);

  g_atomic_ref_count_init (&endpoint->references);
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
  g_atomic_ref_count_inc (&endpoint->references);
  return endpoint;
}

void
gw_endpoint_unref (GwEndpoint *endpoint)
{
  if (!g_atomic_ref_count_dec (&endpoint->references))
    return;
  g_free (endpoint->name);
  g_free (endpoint->url);
  g_free (endpoint->method);
  g_free (endpoint->weights);
  g_clear_pointer (&endpoint->children, g_ptr_array_unref);
  g_free (endpoint);
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
