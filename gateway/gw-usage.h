/* What is counted of calls, by API: how many with which status, how long they took, how long their backend took, bytes
 * both ways. Told in the text format of Prometheus (version 0.0.4; prometheus.io/docs/instrumenting/exposition_formats).
 *
 * An API is counted under its name with version, whatever becomes of its file; what no API takes is counted under "".
 *
 * Threads: a worker counts by itself, without locks, and allocates only when it meets an API for the first time. Sums are
 * read on any thread while workers count. */
#ifndef GW_USAGE_H
#define GW_USAGE_H

#include "gateway/gw-api.h"

G_BEGIN_DECLS

#define GW_USAGE_MAX_APIS 10000 /* for gw_usage_new(): what a gateway has room for */
#define GW_USAGE_N_BUCKETS 14   /* of a histogram: 1 ms to 10 s, and above */

typedef struct _GwUsage GwUsage;

/* @max_apis: of one worker; further ones are counted together, as "(others)". */
GwUsage *gw_usage_new (guint n_workers, guint max_apis);
/* After the workers' last gw_usage_count(). */
void gw_usage_free (GwUsage *usage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwUsage, gw_usage_free)

/* One call that is over. */
typedef struct
{
  guint status;       /* of the answer; 0: the client was gone before there was one */
  gint64 duration_us; /* from the whole head to the end of the answer */
  gint64 backend_us;  /* from its sending to the head of the backend's answer; -1: no backend answered */
  guint64 bytes_in, bytes_out; /* of bodies */
} GwUsageCall;

/* On the thread of the worker with the index @worker. @api: (nullable): no API takes the path. */
void gw_usage_count (GwUsage *usage, guint worker, const GwApi *api, const GwUsageCall *call);

/* Appends everything, a series for each API and status class: "apim_gateway_calls_total", "apim_gateway_call_seconds",
 * "apim_gateway_backend_seconds", "apim_gateway_received_bytes_total", "apim_gateway_sent_bytes_total". */
void gw_usage_append_metrics (GwUsage *usage, GString *text);

G_END_DECLS
#endif
