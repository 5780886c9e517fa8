/* The throttling hook and its rules: block conditions and hard limits (spec/gateway-and-traffic-manager.md 2.3, 6). */
#include "config.h"
#include "gateway/gw-block-conditions.h"
#include "gateway/gw-block-list.h"
#include "gateway/gw-hard-limit.h"
#include "gateway/gw-remote-blocks.h"

#include "gw-http-text.h"

#include <gio/gio.h>
#include <string.h>

#define CONDITIONS                                                                                                     \
  "{\"api\":[\"/w/1\",\"/t/foo.com/w/1\"],\"application\":[\"alice:Phone\"],"                                         \
  "\"ip\":[\"carbon.super:10.0.0.1\",\"carbon.super:carbon.super:10.0.0.2\",\"foo.com:2001:db8::1\"],"                \
  "\"user\":[\"bob@carbon.super\"],\"custom\":[]}"

static GwBlockList *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  GwBlockList *list = gw_block_list_parse (json, strlen (json), &error);

  g_assert_no_error (error);
  return list;
}

static void
test_parse (void)
{
  static const struct
  {
    const char *json;
    guint count, not_applied;
  } good[] = {
    { CONDITIONS, 7, 0 },
    { "{}", 0, 0 },
    { "{\"api\":null,\"more\":[1]}", 0, 0 },
    { "{\"api\":[\"/a\",\"/a\"]}", 1, 0 },
    { "{\"api\":[],\"custom\":[\"x\",\"y\"]}", 0, 2 },
    { "{\"ip\":[\"10.0.0.1\",\"carbon.super:10.0.0\",\":10.0.0.1\",\"\",\"carbon.super:\"]}", 0, 5 },
  };
  static const char *const bad[] = {
    "", "null", "[]", "{", "{\"api\":\"/a\"}", "{\"api\":[1]}", "{\"api\":[null]}", "{\"user\":{}}", "{\"ip\":[[\"a\"]]}",
    "{\"custom\":1}", "<html/>",
  };
  g_autofree char *long_value = g_strnfill (GW_BLOCK_MAX_VALUE, 'x');
  g_autofree char *too_long = g_strdup_printf ("{\"user\":[\"%s\"]}", long_value);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GwBlockList) list = parse (good[i].json);

      g_test_message ("%s", good[i].json);
      g_assert_cmpuint (gw_block_list_count (list), ==, good[i].count);
      g_assert_cmpuint (gw_block_list_not_applied (list), ==, good[i].not_applied);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (gw_block_list_parse (bad[i], strlen (bad[i]), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
  {
    g_autoptr (GwBlockList) list = parse (too_long);

    g_assert_cmpuint (gw_block_list_count (list), ==, 0);
    g_assert_cmpuint (gw_block_list_not_applied (list), ==, 1);
  }
}

/* A call as the exchange describes it. */
typedef struct
{
  const char *context, *peer, *headers; /* NULL: "/v/1", "192.0.2.9", none */
  const char *subscriber, *application, *user; /* NULL: another's */
  gboolean no_keys, anonymous;
} Sample;

static gboolean
is_let_through (GwThrottleRule *rule, const Sample *sample, guint worker)
{
  g_autoptr (GwApi) api = gw_test_api (GW_HANDLER_THROTTLE);
  g_autofree char *head = g_strconcat ("GET / HTTP/1.1\nHost: h", sample->headers, NULL);
  const TwKeyValidationInfo info = {
    .subscriber = tw_text (sample->subscriber != NULL ? sample->subscriber : "carol"),
    .application_name = tw_text (sample->application != NULL ? sample->application : "Desk"),
    .end_user_name = tw_text (sample->user != NULL ? sample->user : "dave@carbon.super"),
  };
  GwThrottleCall call = { .api = api,
                          .request = gw_test_request (head),
                          .peer = sample->peer != NULL ? sample->peer : "192.0.2.9",
                          .info = sample->no_keys ? NULL : &info,
                          .anonymous = sample->anonymous,
                          .worker = worker };
  GwThrottleRefusal refusal = { 0 };
  gboolean passes;

  g_free (api->context);
  api->context = g_strdup (sample->context != NULL ? sample->context : "/v/1");
  call.tenant = gw_throttle_tenant (api->context);
  passes = gw_throttle_allows (&rule, 1, &call, &refusal);
  g_assert_cmpuint (refusal.code, ==, passes ? 0 : GW_THROTTLE_CODE_BLOCKED);
  return passes;
}

static void
test_blocks (void)
{
  static const struct
  {
    Sample sample;
    gboolean blocked;
  } rows[] = {
    { { 0 }, FALSE },
    { { .context = "/w/1" }, TRUE },
    { { .context = "/w/1", .no_keys = TRUE }, TRUE },
    { { .context = "/w/10" }, FALSE },
    { { .context = "/t/foo.com/w/1" }, TRUE },
    { { .context = "/t/bar.com/w/1" }, FALSE },
    { { .subscriber = "alice", .application = "Phone" }, TRUE },
    { { .subscriber = "alice", .application = "Phones" }, FALSE },
    { { .subscriber = "alic", .application = "e:Phone" }, FALSE },
    { { .subscriber = "bob@carbon.super" }, FALSE },
    { { .user = "bob@carbon.super" }, TRUE },
    { { .user = "bob@foo.com" }, FALSE },
    { { .user = "bob@carbon.super", .no_keys = TRUE }, FALSE },
    /* Addresses, with the tenant of the API. */
    { { .peer = "10.0.0.1" }, TRUE },
    { { .peer = "10.0.0.1", .no_keys = TRUE }, TRUE },
    { { .peer = "::ffff:10.0.0.1" }, TRUE },
    { { .peer = "10.0.0.2" }, TRUE },
    { { .peer = "10.0.0.10" }, FALSE },
    { { .peer = "10.0.0.1", .context = "/t/foo.com/v/1" }, FALSE },
    { { .peer = "2001:db8::1", .context = "/t/foo.com/v/1" }, TRUE },
    { { .peer = "2001:db8::1" }, FALSE },
    { { .headers = "\nX-Forwarded-For: 10.0.0.1" }, TRUE },
    { { .headers = "\nX-Forwarded-For: 10.0.0.1:4711" }, TRUE },
    { { .headers = "\nX-Forwarded-For: 198.51.100.1, 10.0.0.1" }, TRUE },
    { { .headers = "\nX-Forwarded-For: 10.0.0.1 , 198.51.100.1" }, TRUE },
    { { .headers = "\nX-Forwarded-For: 198.51.100.1\nx-forwarded-for: 10.0.0.1" }, TRUE },
    { { .headers = "\nX-Forwarded-For: ,,junk,[,]:,:,[::1" }, FALSE },
    { { .headers = "\nX-Forwarded-For: 198.51.100.1", .peer = "10.0.0.1" }, TRUE },
    { { .headers = "\nX-Forwarded-For: [2001:DB8:0::1]:99", .context = "/t/foo.com/v/1" }, TRUE },
    { { .headers = "\nX-Forwarded-For: 2001:db8::1", .context = "/t/foo.com/v/1" }, TRUE },
    { { .headers = "\nX-Other: 10.0.0.1" }, FALSE },
  };
  g_autoptr (GwBlockConditions) conditions = gw_block_conditions_new (1);
  g_autoptr (GError) error = NULL;

  gw_block_conditions_take (conditions, CONDITIONS, strlen (CONDITIONS), &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (is_let_through (gw_block_conditions_rule (conditions), &rows[i].sample, 0), ==, !rows[i].blocked);
    }
}

/* Who calls without a key has no application, whatever a condition is called. */
static void
test_nobody (void)
{
  g_autoptr (GwBlockConditions) conditions = gw_block_conditions_new (1);
  const Sample sample = { .subscriber = "", .application = "", .anonymous = TRUE };

  g_assert_true (gw_block_conditions_take (conditions, "{\"application\":[\":\"]}", 21, NULL));
  g_assert_true (is_let_through (gw_block_conditions_rule (conditions), &sample, 0));
}

/* Every worker has the newest; what is not understood changes nothing. */
static void
test_changes (void)
{
  g_autoptr (GwBlockConditions) conditions = gw_block_conditions_new (2);
  GwThrottleRule *rule = gw_block_conditions_rule (conditions);
  const Sample sample = { .context = "/w/1" };
  g_autoptr (GError) error = NULL;

  g_assert_true (is_let_through (rule, &sample, 0));
  g_assert_true (gw_block_conditions_take (conditions, CONDITIONS, strlen (CONDITIONS), NULL));
  g_assert_true (gw_block_conditions_take (conditions, CONDITIONS, strlen (CONDITIONS), NULL));
  g_assert_false (is_let_through (rule, &sample, 0));
  g_assert_false (is_let_through (rule, &sample, 1));
  g_assert_false (gw_block_conditions_take (conditions, "{\"api\":1}", 9, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_false (is_let_through (rule, &sample, 0));
  g_assert_true (gw_block_conditions_take (conditions, "{}", 2, NULL));
  g_assert_true (is_let_through (rule, &sample, 0));
  g_assert_true (is_let_through (rule, &sample, 1));
}

static void
test_windows (void)
{
  GwCallWindow window = { 0 };
  const gint64 begin = 1000000;

  /* Two in a second from the first one on, not by the clock. */
  g_assert_true (gw_hard_limit_take (&window, 2, 0, begin));
  g_assert_true (gw_hard_limit_take (&window, 2, 0, begin + 500));
  g_assert_false (gw_hard_limit_take (&window, 2, 0, begin + 999));
  g_assert_true (gw_hard_limit_take (&window, 2, 0, begin + 1000));
  g_assert_true (gw_hard_limit_take (&window, 2, 0, begin + 1999));
  g_assert_false (gw_hard_limit_take (&window, 2, 0, begin + 1999));
  /* A worker whose clock is a little behind. */
  g_assert_false (gw_hard_limit_take (&window, 2, 0, begin + 999));
  g_assert_true (gw_hard_limit_take (&window, 2, 0, begin + 100000));
  /* A unit of its own; a limit that no word can hold is the highest one. */
  window = (GwCallWindow){ 0 };
  g_assert_true (gw_hard_limit_take (&window, 1, 60000, begin));
  g_assert_false (gw_hard_limit_take (&window, 1, 60000, begin + 59999));
  g_assert_true (gw_hard_limit_take (&window, 1, 60000, begin + 60000));
  window.state = (guint64) begin << 26 | (GW_HARD_LIMIT_MAX - 1);
  g_assert_true (gw_hard_limit_take (&window, G_MAXINT64, 1000, begin));
  g_assert_false (gw_hard_limit_take (&window, G_MAXINT64, 1000, begin));
  g_assert_false (gw_hard_limit_take (&window, G_MAXINT64, 1000, begin));
  g_assert_true (gw_hard_limit_take (&window, G_MAXINT64, 1000, begin + 1000));
}

#define N_THREADS 4
#define N_CALLS 20000

static gpointer
take_many (gpointer data)
{
  guint n = 0;

  for (guint i = 0; i < N_CALLS; i++)
    if (gw_hard_limit_take (data, N_CALLS, 1000, 5000))
      n++;
  return GUINT_TO_POINTER (n);
}

static void
test_threads (void)
{
  GwCallWindow window = { 0 };
  GThread *threads[N_THREADS];
  guint n = 0;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("caller", take_many, &window);
  for (guint i = 0; i < N_THREADS; i++)
    n += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  g_assert_cmpuint (n, ==, N_CALLS);
}

static gboolean
take_hard (GwApi *api, const char *type)
{
  const TwKeyValidationInfo info = { .type = tw_text (type) };
  const GwThrottleCall call = { .api = api, .info = &info, .now_us = 1000000 };
  GwThrottleRule *rule = gw_hard_limit_rule ();
  GwThrottleRefusal refusal = { 0 };
  gboolean passes = gw_throttle_allows (&rule, 1, &call, &refusal);

  g_assert_cmpuint (refusal.code, ==, passes ? 0 : GW_THROTTLE_CODE_HARD_LIMIT);
  return passes;
}

static void
test_hard_limits (void)
{
  static const guint handlers[] = { GW_HANDLER_THROTTLE, GW_HANDLER_TIERS };

  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    {
      g_autoptr (GwApi) api = gw_test_api (handlers[i]);

      g_assert_true (take_hard (api, "PRODUCTION"));
      api->chain.production_max = 1;
      api->chain.sandbox_max = 2;
      g_assert_true (take_hard (api, "PRODUCTION"));
      g_assert_false (take_hard (api, "PRODUCTION"));
      g_assert_true (take_hard (api, "SANDBOX"));
      g_assert_true (take_hard (api, "SANDBOX"));
      g_assert_false (take_hard (api, "SANDBOX"));
      api->chain.handlers = GW_HANDLER_AUTHENTICATION;
      g_assert_true (take_hard (api, "SANDBOX"));
    }
}

static void
test_texts (void)
{
  static const struct
  {
    const char *services, *path;
  } rows[] = {
    { "/services/", "/throttle/data/v1/block" },
    { "/apim/services/", "/apim/throttle/data/v1/block" },
    { "/", "/throttle/data/v1/block" },
    { "/myservices/", "/myservices/throttle/data/v1/block" },
  };
  static const char *const tenants[][2] = {
    { "/w/1", "carbon.super" }, { "", "carbon.super" }, { "/t/foo.com/w/1", "foo.com" }, { "/t/foo.com", "foo.com" },
    { "/t", "carbon.super" },   { "/tea/1", "carbon.super" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = gw_remote_blocks_path (rows[i].services);

      g_assert_cmpstr (path, ==, rows[i].path);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tenants); i++)
    g_assert_true (net_http_text_equal (gw_throttle_tenant (tenants[i][0]), tenants[i][1]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-throttle/parse", test_parse);
  g_test_add_func ("/gw-throttle/blocks", test_blocks);
  g_test_add_func ("/gw-throttle/nobody", test_nobody);
  g_test_add_func ("/gw-throttle/changes", test_changes);
  g_test_add_func ("/gw-throttle/windows", test_windows);
  g_test_add_func ("/gw-throttle/threads", test_threads);
  g_test_add_func ("/gw-throttle/hard-limits", test_hard_limits);
  g_test_add_func ("/gw-throttle/texts", test_texts);
  return g_test_run ();
}
