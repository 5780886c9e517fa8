/* GET /metrics on the management port: what gw-usage.h counts, for Prometheus. For whoever may ask the admin services, by
 * Basic credentials: names of APIs, and how they fare, are nobody else's.
 * Threads: made and freed on the main thread; requests come on threads of the HTTP pool. */
#ifndef GW_METRICS_H
#define GW_METRICS_H

#include "gateway/gw-usage.h"
#include "soap/soap-service.h"

G_BEGIN_DECLS

#define GW_METRICS_PATH "/metrics"

typedef struct _GwMetrics GwMetrics;

/* @guard: (nullable): nobody may ask. All borrowed; @config is read only here. */
GwMetrics *gw_metrics_new (const ApimConfig *config, SoapGuard *guard, GwUsage *usage);
void gw_metrics_free (GwMetrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwMetrics, gw_metrics_free)

void gw_metrics_add_to (GwMetrics *metrics, NetHttpServer *http);

G_END_DECLS
#endif
