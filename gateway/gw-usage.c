/* Each worker has a chain of series to which it adds at the head, and a table to find its own again. Who sums follows the
 * chains; nothing is ever taken out of them. */
#include "config.h"
#include "gateway/gw-usage.h"

#include <string.h>

#define N_CLASSES 6 /* no answer, 1xx (never), 2xx .. 5xx */
#define OTHERS "(others)"

typedef struct
{
  guint64 buckets[GW_USAGE_N_BUCKETS]; /* each by itself; Prometheus wants sums */
  guint64 sum_us;
} Histogram;

/* Every number is written by one worker: relaxed atomic. */
typedef struct _Series Series;
struct _Series
{
  GQuark api; /* 0: no API */
  guint64 calls[N_CLASSES];
  Histogram duration, backend;
  guint64 bytes_in, bytes_out;
  Series *next;
};

typedef struct
{
  GHashTable *table; /* GQuark -> Series; the worker's own */
  Series *first;     /* atomic */
  char padding[64 - sizeof (GHashTable *) - sizeof (Series *)];
} Worker;

struct _GwUsage
{
  guint n_workers, max_apis;
  Worker *workers;
};

static const struct
{
  gint64 most_us;
  const char *label;
} bounds[GW_USAGE_N_BUCKETS] = {
  { 1000, "0.001" },   { 2500, "0.0025" },  { 5000, "0.005" },   { 10000, "0.01" },   { 25000, "0.025" },
  { 50000, "0.05" },   { 100000, "0.1" },   { 250000, "0.25" },  { 500000, "0.5" },   { 1000000, "1" },
  { 2500000, "2.5" },  { 5000000, "5" },    { 10000000, "10" },  { G_MAXINT64, "+Inf" },
};

GwUsage *
gw_usage_new (guint n_workers, guint max_apis)
{
  GwUsage *usage = g_new0 (GwUsage, 1);

  usage->n_workers = n_workers;
  usage->max_apis = max_apis;
  usage->workers = g_new0 (Worker, n_workers);
  for (guint i = 0; i < n_workers; i++)
    usage->workers[i].table = g_hash_table_new (NULL, NULL);
  return usage;
}

void
gw_usage_free (GwUsage *usage)
{
  if (usage == NULL)
    return;
  for (guint i = 0; i < usage->n_workers; i++)
    {
      Series *next;

      for (Series *series = usage->workers[i].first; series != NULL; series = next)
        {
          next = series->next;
          g_free (series);
        }
      g_hash_table_unref (usage->workers[i].table);
    }
  g_free (usage->workers);
  g_free (usage);
}

static void
add (guint64 *number, guint64 more)
{
  __atomic_store_n (number, *number + more, __ATOMIC_RELAXED);
}

static Series *
series_of (const GwUsage *usage, Worker *worker, GQuark api)
{
  Series *series = g_hash_table_lookup (worker->table, GUINT_TO_POINTER (api));

  if (series != NULL)
    return series;
  if (g_hash_table_size (worker->table) >= usage->max_apis && api != 0 && api != g_quark_try_string (OTHERS))
    return series_of (usage, worker, g_quark_from_static_string (OTHERS));
  series = g_new0 (Series, 1);
  series->api = api;
  series->next = worker->first;
  g_hash_table_insert (worker->table, GUINT_TO_POINTER (api), series);
  __atomic_store_n (&worker->first, series, __ATOMIC_RELEASE);
  return series;
}

static void
observe (Histogram *histogram, gint64 duration_us)
{
  guint i = 0;

  while (duration_us > bounds[i].most_us)
    i++;
  add (&histogram->buckets[i], 1);
  add (&histogram->sum_us, (guint64)MAX (duration_us, 0));
}

void
gw_usage_count (GwUsage *usage, guint worker, const GwApi *api, const GwUsageCall *call)
{
  Series *series = series_of (usage, &usage->workers[worker], api != NULL ? api->id : 0);
  guint class = MIN (call->status / 100, N_CLASSES - 1);

  add (&series->calls[class], 1);
  observe (&series->duration, call->duration_us);
  if (call->backend_us >= 0)
    observe (&series->backend, call->backend_us);
  add (&series->bytes_in, call->bytes_in);
  add (&series->bytes_out, call->bytes_out);
}

/* Sums */

static guint64
get (const guint64 *number)
{
  return __atomic_load_n (number, __ATOMIC_RELAXED);
}

static void
sum_histogram (Histogram *sum, const Histogram *histogram)
{
  for (guint i = 0; i < GW_USAGE_N_BUCKETS; i++)
    sum->buckets[i] += get (&histogram->buckets[i]);
  sum->sum_us += get (&histogram->sum_us);
}

static void
sum_series (Series *sum, const Series *series)
{
  for (guint i = 0; i < N_CLASSES; i++)
    sum->calls[i] += get (&series->calls[i]);
  sum_histogram (&sum->duration, &series->duration);
  sum_histogram (&sum->backend, &series->backend);
  sum->bytes_in += get (&series->bytes_in);
  sum->bytes_out += get (&series->bytes_out);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const Series *one = *(const Series *const *)a, *other = *(const Series *const *)b;

  return g_strcmp0 (g_quark_to_string (one->api), g_quark_to_string (other->api));
}

/* Of all workers, in the order of their names. (element-type Series) */
static GPtrArray *
sum_all (GwUsage *usage)
{
  g_autoptr (GHashTable) sums = g_hash_table_new (NULL, NULL);
  GPtrArray *ordered = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < usage->n_workers; i++)
    for (const Series *series = __atomic_load_n (&usage->workers[i].first, __ATOMIC_ACQUIRE); series != NULL;
         series = series->next)
      {
        Series *sum = g_hash_table_lookup (sums, GUINT_TO_POINTER (series->api));

        if (sum == NULL)
          {
            sum = g_new0 (Series, 1);
            sum->api = series->api;
            g_hash_table_insert (sums, GUINT_TO_POINTER (series->api), sum);
            g_ptr_array_add (ordered, sum);
          }
        sum_series (sum, series);
      }
  g_ptr_array_sort (ordered, compare_names);
  return ordered;
}

/* Text */

/* The value of a label: \, " and line feeds are escaped. */
static void
append_label (GString *text, GQuark api)
{
  const char *name = api != 0 ? g_quark_to_string (api) : "";

  g_string_append (text, "{api=\"");
  for (; *name != '\0'; name++)
    if (*name == '\n')
      g_string_append (text, "\\n");
    else
      {
        if (*name == '\\' || *name == '"')
          g_string_append_c (text, '\\');
        g_string_append_c (text, *name);
      }
  g_string_append_c (text, '"');
}

static void
append_head (GString *text, const char *name, const char *type, const char *help)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
append_calls (GString *text, const GPtrArray *all)
{
  static const char *const classes[N_CLASSES] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };

  append_head (text, "apim_gateway_calls_total", "counter", "Calls by API and status; none: the client left first.");
  for (guint i = 0; i < all->len; i++)
    {
      const Series *series = g_ptr_array_index (all, i);

      for (guint j = 0; j < N_CLASSES; j++)
        if (series->calls[j] > 0)
          {
            g_string_append (text, "apim_gateway_calls_total");
            append_label (text, series->api);
            g_string_append_printf (text, ",status=\"%s\"} %" G_GUINT64_FORMAT "\n", classes[j], series->calls[j]);
          }
    }
}

static void
append_seconds (GString *text, guint64 us)
{
  g_string_append_printf (text, "%" G_GUINT64_FORMAT ".%06u", us / 1000000, (guint)(us % 1000000));
}

static void
append_histogram (GString *text, const char *name, GQuark api, const Histogram *histogram)
{
  guint64 sum = 0;

  for (guint i = 0; i < GW_USAGE_N_BUCKETS; i++)
    {
      sum += histogram->buckets[i];
      g_string_append_printf (text, "%s_bucket", name);
      append_label (text, api);
      g_string_append_printf (text, ",le=\"%s\"} %" G_GUINT64_FORMAT "\n", bounds[i].label, sum);
    }
  g_string_append_printf (text, "%s_sum", name);
  append_label (text, api);
  g_string_append (text, "} ");
  append_seconds (text, histogram->sum_us);
  g_string_append_printf (text, "\n%s_count", name);
  append_label (text, api);
  g_string_append_printf (text, "} %" G_GUINT64_FORMAT "\n", sum);
}

static void
append_histograms (GString *text, const GPtrArray *all, const char *name, const char *help, gsize offset)
{
  append_head (text, name, "histogram", help);
  for (guint i = 0; i < all->len; i++)
    {
      const Series *series = g_ptr_array_index (all, i);

      append_histogram (text, name, series->api, (const Histogram *)((const char *)series + offset));
    }
}

static void
append_bytes (GString *text, const GPtrArray *all, const char *name, const char *help, gsize offset)
{
  append_head (text, name, "counter", help);
  for (guint i = 0; i < all->len; i++)
    {
      const Series *series = g_ptr_array_index (all, i);

      g_string_append (text, name);
      append_label (text, series->api);
      g_string_append_printf (text, "} %" G_GUINT64_FORMAT "\n",
                              *(const guint64 *)((const char *)series + offset));
    }
}

void
gw_usage_append_metrics (GwUsage *usage, GString *text)
{
  g_autoptr (GPtrArray) all = sum_all (usage);

  append_calls (text, all);
  append_histograms (text, all, "apim_gateway_call_seconds", "From a call's head to the end of its answer.",
                     G_STRUCT_OFFSET (Series, duration));
  append_histograms (text, all, "apim_gateway_backend_seconds", "Until a backend begins to answer.",
                     G_STRUCT_OFFSET (Series, backend));
  append_bytes (text, all, "apim_gateway_received_bytes_total", "Bodies of calls.",
                G_STRUCT_OFFSET (Series, bytes_in));
  append_bytes (text, all, "apim_gateway_sent_bytes_total", "Bodies of answers.",
                G_STRUCT_OFFSET (Series, bytes_out));
}
