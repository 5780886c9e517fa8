#include "config.h"
#include "gateway/gw-exchange.h"
#include "gateway/gw-h2-connection.h"

GwService *
gw_service_new (const GwServiceSettings *settings, const GwServiceParts *parts, guint n_workers)
{
  GwService *service = g_new0 (GwService, 1);

  service->settings = *settings;
  service->parts = *parts;
  service->n_workers = n_workers;
  service->workers = g_new0 (GwServiceWorker, n_workers);
  service->postfix = g_quark_from_static_string ("REST_URL_POSTFIX");
  service->end_user_jwt = g_quark_from_static_string (GW_PROPERTY_END_USER_JWT);
  g_snprintf (service->http_port, sizeof service->http_port, "%u", settings->http_port);
  g_snprintf (service->https_port, sizeof service->https_port, "%u", settings->https_port);
  if (settings->key_manager != NULL)
    g_snprintf (service->key_manager_port, sizeof service->key_manager_port, "%u", settings->key_manager->port);
  return service;
}

void
gw_service_free (GwService *service)
{
  if (service == NULL)
    return;
  for (guint i = 0; i < service->n_workers; i++)
    {
      gw_exchange_free_spare (&service->workers[i]);
      gw_h2_stream_free_spare (&service->workers[i]);
    }
  g_free (service->workers);
  g_free (service);
}

static guint64
read_counter (const guint64 *counter)
{
  return __atomic_load_n (counter, __ATOMIC_RELAXED);
}

void
gw_service_read_counters (const GwService *service, GwServiceCounters *counters)
{
  *counters = (GwServiceCounters){ 0 };
  for (guint i = 0; i < service->n_workers; i++)
    {
      counters->requests += read_counter (&service->workers[i].requests);
      counters->own_answers += read_counter (&service->workers[i].own_answers);
      counters->failed_sends += read_counter (&service->workers[i].failed_sends);
    }
}
