/* spec/gateway-and-traffic-manager.md 1.6, "Suspension", failover and load balance. */
#include "config.h"
#include "gateway/gw-health.h"

#define MS 1000

static GwEndpoint *
address_new (void)
{
  GwEndpoint *address = gw_endpoint_new (GW_ENDPOINT_HTTP);
  g_autoptr (GError) error = NULL;

  gw_endpoint_set_url (address, "http://backend.example/a", &error);
  g_assert_no_error (error);
  return address;
}

static GwEndpoint *
group_new (GwEndpointKind kind, guint n)
{
  GwEndpoint *group = gw_endpoint_new (kind);

  group->children = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_endpoint_unref);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (group->children, address_new ());
  return group;
}

static const GwEndpoint *
child (const GwEndpoint *group, guint i)
{
  return g_ptr_array_index (group->children, i);
}

/* Whether a message would be sent there. */
static gboolean
is_ready (const GwEndpoint *address, gint64 now_us)
{
  GwTries tries = { .n_tried = 0 };
  GwErrorCode code = 0;
  gboolean ready = gw_health_choose (address, &tries, now_us, &code) == address;

  g_assert_cmpint (code, ==, ready ? 0 : GW_ERROR_SUSPENDED);
  return ready;
}

static void
test_first_failure (void)
{
  g_autoptr (GwEndpoint) address = address_new ();
  gint64 until;

  g_assert_true (is_ready (address, 5 * MS));
  gw_health_failed (address, GW_ERROR_CONNECT, 5 * MS);
  g_assert_cmpint (gw_health_state (address, &until), ==, GW_HEALTH_SUSPENDED);
  g_assert_cmpint (until, ==, 30005 * MS);
  g_assert_false (is_ready (address, 30005 * MS - 1));
  g_assert_true (is_ready (address, 30005 * MS));
  gw_health_succeeded (address);
  g_assert_cmpint (gw_health_state (address, &until), ==, GW_HEALTH_ACTIVE);
  g_assert_cmpint (until, ==, 0);
}

static void
test_progression (void)
{
  g_autoptr (GwEndpoint) address = address_new ();

  address->suspend_ms = 100;
  address->factor = 2;
  address->suspend_most_ms = 300;
  gw_health_failed (address, GW_ERROR_CONNECT, 0);
  /* Under way when it was suspended: no second time. */
  gw_health_failed (address, GW_ERROR_CONNECT, 50 * MS);
  g_assert_true (is_ready (address, 100 * MS));
  gw_health_failed (address, GW_ERROR_CONNECT, 100 * MS);
  g_assert_false (is_ready (address, 299 * MS));
  g_assert_true (is_ready (address, 300 * MS));
  gw_health_failed (address, GW_ERROR_CONNECT, 300 * MS);
  g_assert_false (is_ready (address, 599 * MS));
  g_assert_true (is_ready (address, 600 * MS));
  gw_health_succeeded (address);
  gw_health_failed (address, GW_ERROR_CONNECT, 600 * MS);
  g_assert_true (is_ready (address, 700 * MS));
}

static void
test_retries (void)
{
  g_autoptr (GwEndpoint) address = address_new ();

  address->retries = 2;
  address->retry_delay_ms = 10;
  gw_health_failed (address, GW_ERROR_TIMEOUT, 0);
  g_assert_cmpint (gw_health_state (address, NULL), ==, GW_HEALTH_TIMEOUT);
  g_assert_false (is_ready (address, 9 * MS));
  g_assert_true (is_ready (address, 10 * MS));
  gw_health_failed (address, GW_ERROR_CLOSED, 10 * MS);
  g_assert_cmpint (gw_health_state (address, NULL), ==, GW_HEALTH_TIMEOUT);
  gw_health_failed (address, GW_ERROR_TIMEOUT, 20 * MS);
  g_assert_cmpint (gw_health_state (address, NULL), ==, GW_HEALTH_SUSPENDED);
  g_assert_false (is_ready (address, 30019 * MS));
  /* Without retries a time-out suspends at once; other errors do whatever retries there are. */
  address->retries = 0;
  gw_health_succeeded (address);
  gw_health_failed (address, GW_ERROR_TIMEOUT, 0);
  g_assert_cmpint (gw_health_state (address, NULL), ==, GW_HEALTH_SUSPENDED);
  address->retries = 2;
  gw_health_succeeded (address);
  gw_health_failed (address, GW_ERROR_CONNECT, 0);
  g_assert_cmpint (gw_health_state (address, NULL), ==, GW_HEALTH_SUSPENDED);
}

static void
test_never (void)
{
  g_autoptr (GwEndpoint) address = address_new ();

  address->mark = address->suspend = (GwCodes){ .n = 1, .codes = { GW_ENDPOINT_NEVER } };
  gw_health_failed (address, GW_ERROR_TIMEOUT, 0);
  gw_health_failed (address, GW_ERROR_CONNECT, 0);
  g_assert_true (is_ready (address, 0));
}

static void
test_failover (void)
{
  g_autoptr (GwEndpoint) group = group_new (GW_ENDPOINT_FAILOVER, 2);
  GwTries tries = { .n_tried = 0 };
  GwErrorCode code;

  g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, 0));
  gw_health_failed (child (group, 0), GW_ERROR_CONNECT, 0);
  g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, 1));
  gw_health_failed (child (group, 1), GW_ERROR_CONNECT, 1000 * MS);
  g_assert_null (gw_health_choose (group, &tries, 0, &code));
  g_assert_cmpint (code, ==, GW_ERROR_NONE_READY);
  /* Back to the primary as soon as it may be tried. */
  tries.n_tried = 0;
  g_assert_null (gw_health_choose (group, &tries, 29999 * MS, &code));
  g_assert_true (gw_health_choose (group, &tries, 30000 * MS, &code) == child (group, 0));
  /* One message is sent to no address twice, even if that is ready. */
  g_assert_null (gw_health_choose (group, &tries, 30000 * MS, &code));
  g_assert_true (gw_health_choose (group, &tries, 31000 * MS, &code) == child (group, 1));
}

static void
test_turns (void)
{
  g_autoptr (GwEndpoint) group = group_new (GW_ENDPOINT_LOAD_BALANCE, 3);
  GwErrorCode code;

  for (guint i = 0; i < 7; i++)
    {
      GwTries tries = { .n_tried = 0 };

      g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, i % 3));
    }
  gw_health_failed (child (group, 1), GW_ERROR_CONNECT, 0);
  for (guint i = 0; i < 6; i++)
    {
      GwTries tries = { .n_tried = 0 };

      g_assert_true (gw_health_choose (group, &tries, 0, &code) != child (group, 1));
    }
}

static void
test_no_failover (void)
{
  g_autoptr (GwEndpoint) group = group_new (GW_ENDPOINT_LOAD_BALANCE, 2);
  GwTries tries = { .n_tried = 0 };
  GwErrorCode code = 0;

  group->failover = FALSE;
  g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, 0));
  g_assert_null (gw_health_choose (group, &tries, 0, &code));
  g_assert_cmpint (code, ==, GW_ERROR_NONE_READY);
}

static void
test_weights (void)
{
  g_autoptr (GwEndpoint) group = group_new (GW_ENDPOINT_LOAD_BALANCE, 2);
  guint first = 0;
  GwErrorCode code;

  group->weights = g_new0 (guint, 2);
  group->weights[0] = 3;
  group->weights[1] = 1;
  for (guint i = 0; i < 40; i++)
    {
      GwTries tries = { .n_tried = 0 };

      first += gw_health_choose (group, &tries, 0, &code) == child (group, 0) ? 1 : 0;
    }
  g_assert_cmpuint (first, ==, 30);
}

/* Whoever has a session keeps its child, while that is ready; the turns of others go on. */
static void
test_preferred (void)
{
  g_autoptr (GwEndpoint) group = group_new (GW_ENDPOINT_LOAD_BALANCE, 3);
  g_autoptr (GwEndpoint) stranger = address_new ();
  GwErrorCode code;

  for (guint i = 0; i < 3; i++)
    {
      GwTries tries = { .preferred = child (group, 2) };
      GwTries other = { .preferred = stranger };

      g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, 2));
      g_assert_true (gw_health_choose (group, &other, 0, &code) == child (group, i));
    }
  gw_health_failed (child (group, 2), GW_ERROR_CONNECT, 0);
  {
    GwTries tries = { .preferred = child (group, 2) };

    g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, 0));
  }
}

static void
test_nested (void)
{
  g_autoptr (GwEndpoint) group = group_new (GW_ENDPOINT_FAILOVER, 0);
  GwEndpoint *inner = group_new (GW_ENDPOINT_LOAD_BALANCE, 2);
  GwTries tries = { .n_tried = 0 };
  GwErrorCode code;

  g_ptr_array_add (group->children, inner);
  g_ptr_array_add (group->children, address_new ());
  g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (inner, 0));
  g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (inner, 1));
  g_assert_true (gw_health_choose (group, &tries, 0, &code) == child (group, 1));
  g_assert_null (gw_health_choose (group, &tries, 0, &code));
}

static void
check_url (const char *url, gboolean tls, const char *host, guint port, const char *path)
{
  g_autoptr (GwEndpoint) address = gw_endpoint_new (GW_ENDPOINT_ADDRESS);
  g_autoptr (GError) error = NULL;

  gw_endpoint_set_url (address, url, &error);
  g_assert_no_error (error);
  g_assert_cmpint (address->tls, ==, tls);
  g_assert_cmpstr (address->host, ==, host);
  g_assert_cmpuint (address->port, ==, port);
  g_assert_cmpstr (address->path, ==, path);
  g_assert_cmpint (address->kind, ==, port == 0 ? GW_ENDPOINT_SELF : GW_ENDPOINT_ADDRESS);
}

static void
test_urls (void)
{
  static const char *const bad[] = {
    "",          "http://",         "ftp://a/",        "http://a b/",        "http://u@a/",
    "http://a:0/", "http://a/{b}", "http://a:99999/", "/only/a/path",       "http://a/\r\nX: y",
  };

  check_url ("http://a.example", FALSE, "a.example", 80, "");
  check_url ("https://a.example:8443/b/?c=/d", TRUE, "a.example", 8443, "/b/?c=/d");
  check_url ("http://[::1]:81?x#y", FALSE, "::1", 81, "?x");
  check_url ("https://localhost:{uri.var.portnum}/w/1", TRUE, "localhost", 0, "/w/1");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GwEndpoint) address = gw_endpoint_new (GW_ENDPOINT_ADDRESS);
      g_autoptr (GError) error = NULL;

      g_assert_false (gw_endpoint_set_url (address, bad[i], &error));
      g_assert_error (error, GW_ENDPOINT_ERROR, GW_ENDPOINT_ERROR_URL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-health/first-failure", test_first_failure);
  g_test_add_func ("/gw-health/progression", test_progression);
  g_test_add_func ("/gw-health/retries", test_retries);
  g_test_add_func ("/gw-health/never", test_never);
  g_test_add_func ("/gw-health/failover", test_failover);
  g_test_add_func ("/gw-health/turns", test_turns);
  g_test_add_func ("/gw-health/no-failover", test_no_failover);
  g_test_add_func ("/gw-health/weights", test_weights);
  g_test_add_func ("/gw-health/preferred", test_preferred);
  g_test_add_func ("/gw-health/nested", test_nested);
  g_test_add_func ("/gw-health/urls", test_urls);
  return g_test_run ();
}
