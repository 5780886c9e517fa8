#include "config.h"
#include "gateway/gw-metrics.h"

struct _GwMetrics
{
  SoapGuard *guard;
  GwUsage *usage;
  char *path;
  guint timeout_ms; /* for the guard */
};

GwMetrics *
gw_metrics_new (const ApimConfig *config, SoapGuard *guard, GwUsage *usage)
{
  GwMetrics *metrics = g_new0 (GwMetrics, 1);
  const char *root = config->web_context_root;

  metrics->guard = guard;
  metrics->usage = usage;
  metrics->path = g_strconcat (root != NULL ? root : "", GW_METRICS_PATH, NULL);
  metrics->timeout_ms = config->limits.database_timeout_ms;
  return metrics;
}

void
gw_metrics_free (GwMetrics *metrics)
{
  if (metrics == NULL)
    return;
  g_free (metrics->path);
  g_free (metrics);
}

/* FALSE: answered. */
static gboolean
admit (const GwMetrics *metrics, NetHttpExchange *exchange)
{
  gint64 deadline_us = g_get_monotonic_time () + metrics->timeout_ms * G_GINT64_CONSTANT (1000);
  guint status = metrics->guard != NULL ? metrics->guard->check (metrics->guard, exchange, deadline_us) : 403;

  if (status == 0)
    return TRUE;
  if (status == 401)
    net_http_exchange_add_header (exchange, "WWW-Authenticate", "Basic realm=\"apim\"");
  net_http_respond (exchange, status, NULL, NULL, 0);
  return FALSE;
}

static void
handle_request (NetHttpExchange *exchange, gpointer data)
{
  const GwMetrics *metrics = data;
  const NetHttpRequest *request = net_http_exchange_request (exchange);
  g_autoptr (GString) text = NULL;

  if (!net_http_text_equal (request->method, "GET") && !net_http_text_equal (request->method, "HEAD"))
    {
      net_http_exchange_add_header (exchange, "Allow", "GET, HEAD");
      net_http_respond (exchange, 405, NULL, NULL, 0);
      return;
    }
  if (!admit (metrics, exchange))
    return;
  text = g_string_new (NULL);
  gw_usage_append_metrics (metrics->usage, text);
  net_http_respond (exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text->str, text->len);
}

void
gw_metrics_add_to (GwMetrics *metrics, NetHttpServer *http)
{
  net_http_server_add (http, metrics->path, NET_HTTP_ON_POOL, handle_request, metrics);
}
