/* Counters and histograms by API, in the text format of Prometheus. */
#include "config.h"
#include "gateway/gw-usage.h"

#include <string.h>

static GwApi *
api_new (const char *name)
{
  GwApi *api = gw_api_new ();

  api->name = g_strdup (name);
  api->id = g_quark_from_string (name);
  return api;
}

static char *
metrics (GwUsage *usage)
{
  GString *text = g_string_new (NULL);

  gw_usage_append_metrics (usage, text);
  return g_string_free (text, FALSE);
}

static void
assert_line (const char *text, const char *line)
{
  g_autofree char *whole = g_strconcat ("\n", line, "\n", NULL);

  if (strstr (text, whole) == NULL)
    g_error ("no line \"%s\" in\n%s", line, text);
}

static void
test_sums (void)
{
  g_autoptr (GwUsage) usage = gw_usage_new (2, GW_USAGE_MAX_APIS);
  g_autoptr (GwApi) api = api_new ("admin--Weather:v1.0.0");
  g_autoptr (GwApi) again = api_new ("admin--Weather:v1.0.0"); /* its file was read anew */
  g_autofree char *text = NULL;

  gw_usage_count (usage, 0, api, &(GwUsageCall){ 200, 1000, 900, 10, 100 });
  gw_usage_count (usage, 1, again, &(GwUsageCall){ 200, 1001, 2500, 20, 200 });
  gw_usage_count (usage, 1, again, &(GwUsageCall){ 503, 20000000, -1, 0, 5 });
  gw_usage_count (usage, 1, again, &(GwUsageCall){ 0, 7, -1, 1, 0 });
  text = metrics (usage);
  assert_line (text, "# TYPE apim_gateway_calls_total counter");
  assert_line (text, "apim_gateway_calls_total{api=\"admin--Weather:v1.0.0\",status=\"none\"} 1");
  assert_line (text, "apim_gateway_calls_total{api=\"admin--Weather:v1.0.0\",status=\"2xx\"} 2");
  assert_line (text, "apim_gateway_calls_total{api=\"admin--Weather:v1.0.0\",status=\"5xx\"} 1");
  assert_line (text, "# TYPE apim_gateway_call_seconds histogram");
  assert_line (text, "apim_gateway_call_seconds_bucket{api=\"admin--Weather:v1.0.0\",le=\"0.001\"} 2");
  assert_line (text, "apim_gateway_call_seconds_bucket{api=\"admin--Weather:v1.0.0\",le=\"0.0025\"} 3");
  assert_line (text, "apim_gateway_call_seconds_bucket{api=\"admin--Weather:v1.0.0\",le=\"10\"} 3");
  assert_line (text, "apim_gateway_call_seconds_bucket{api=\"admin--Weather:v1.0.0\",le=\"+Inf\"} 4");
  assert_line (text, "apim_gateway_call_seconds_sum{api=\"admin--Weather:v1.0.0\"} 20.002008");
  assert_line (text, "apim_gateway_call_seconds_count{api=\"admin--Weather:v1.0.0\"} 4");
  assert_line (text, "apim_gateway_backend_seconds_bucket{api=\"admin--Weather:v1.0.0\",le=\"0.001\"} 1");
  assert_line (text, "apim_gateway_backend_seconds_count{api=\"admin--Weather:v1.0.0\"} 2");
  assert_line (text, "apim_gateway_received_bytes_total{api=\"admin--Weather:v1.0.0\"} 31");
  assert_line (text, "apim_gateway_sent_bytes_total{api=\"admin--Weather:v1.0.0\"} 305");
}

static void
test_names (void)
{
  g_autoptr (GwUsage) usage = gw_usage_new (1, GW_USAGE_MAX_APIS);
  g_autoptr (GwApi) nasty = api_new ("a\"b\\c\nd");
  g_autofree char *text = NULL;

  gw_usage_count (usage, 0, NULL, &(GwUsageCall){ 404, 1, -1, 0, 0 });
  gw_usage_count (usage, 0, nasty, &(GwUsageCall){ 999, 1, -1, 0, 0 });
  text = metrics (usage);
  assert_line (text, "apim_gateway_calls_total{api=\"\",status=\"4xx\"} 1");
  assert_line (text, "apim_gateway_calls_total{api=\"a\\\"b\\\\c\\nd\",status=\"5xx\"} 1");
}

static void
test_others (void)
{
  g_autoptr (GwUsage) usage = gw_usage_new (1, 10);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 10 + 5; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      g_autoptr (GwApi) api = api_new (name);

      gw_usage_count (usage, 0, api, &(GwUsageCall){ 200, 1, -1, 0, 0 });
    }
  gw_usage_count (usage, 0, NULL, &(GwUsageCall){ 404, 1, -1, 0, 0 });
  text = metrics (usage);
  assert_line (text, "apim_gateway_calls_total{api=\"(others)\",status=\"2xx\"} 5");
  assert_line (text, "apim_gateway_calls_total{api=\"\",status=\"4xx\"} 1");
}

typedef struct
{
  GwUsage *usage;
  guint worker;
  GwApi **apis;
} Counting;

static gpointer
run_worker (gpointer data)
{
  Counting *counting = data;

  for (guint i = 0; i < 100000; i++)
    gw_usage_count (counting->usage, counting->worker, counting->apis[i / 1000], &(GwUsageCall){ 200, i, i, 1, 2 });
  return NULL;
}

/* Sums are read while workers count and meet new APIs. */
static void
test_while_counting (void)
{
  g_autoptr (GwUsage) usage = gw_usage_new (2, GW_USAGE_MAX_APIS);
  GwApi *apis[100];
  Counting counting[2] = { { usage, 0, apis }, { usage, 1, apis } };
  GThread *threads[2];
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (apis); i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);

      apis[i] = api_new (name);
    }
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new ("worker", run_worker, &counting[i]);
  for (guint i = 0; i < 20; i++)
    g_free (metrics (usage));
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  text = metrics (usage);
  for (guint i = 0; i < G_N_ELEMENTS (apis); i++)
    {
      g_autofree char *line
          = g_strdup_printf ("apim_gateway_calls_total{api=\"m%u\",status=\"2xx\"} 2000", i);

      assert_line (text, line);
      gw_api_unref (apis[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-usage/sums", test_sums);
  g_test_add_func ("/gw-usage/names", test_names);
  g_test_add_func ("/gw-usage/others", test_others);
  g_test_add_func ("/gw-usage/while-counting", test_while_counting);
  return g_test_run ();
}
