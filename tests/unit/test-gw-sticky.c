/* Sessions of a load balance (spec/gateway-and-traffic-manager.md 1.6). */
#include "config.h"
#include "gateway/gw-sticky.h"

#include "gw-http-text.h"

#define GET "GET / HTTP/1.1\nHost: h"
#define BEGINS "HTTP/1.1 200 OK\nSet-Cookie: JSESSIONID=a\nContent-Length: 0"
#define GOES_ON "HTTP/1.1 200 OK\nContent-Length: 0"

static GwEndpoint *
address_new (const char *url)
{
  GwEndpoint *address = gw_endpoint_new (GW_ENDPOINT_HTTP);

  g_assert_true (gw_endpoint_set_url (address, url, NULL));
  return address;
}

/* Addresses a, b, and a failover of c and d. */
static GwEndpoint *
group_new (const char *name, gboolean turned)
{
  GwEndpoint *group = gw_endpoint_new (GW_ENDPOINT_LOAD_BALANCE), *inner = gw_endpoint_new (GW_ENDPOINT_FAILOVER);

  group->name = g_strdup (name);
  group->children = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_endpoint_unref);
  inner->children = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_endpoint_unref);
  g_ptr_array_add (inner->children, address_new ("http://c.example/"));
  g_ptr_array_add (inner->children, address_new ("http://d.example/"));
  g_ptr_array_add (group->children, address_new (turned ? "http://b.example/" : "http://a.example/"));
  g_ptr_array_add (group->children, address_new (turned ? "http://a.example/" : "http://b.example/"));
  g_ptr_array_add (group->children, inner);
  gw_sticky_init (group);
  return group;
}

static GwEndpoint *
child (const GwEndpoint *group, guint i)
{
  return g_ptr_array_index (group->children, i);
}

static char *
request_with (const GwEndpoint *group, const char *value)
{
  return value == NULL ? g_strdup (GET) : g_strdup_printf (GET "\nCookie: x=1; %s=%s; y=2", group->cookie, value);
}

/* The lines for an answer of @address to a client with this cookie. */
static char *
lines_of (const GwEndpoint *group, const GwEndpoint *address, const char *value, const char *response, gboolean secure)
{
  g_autofree char *request = request_with (group, value);
  NetBuffer lines = { 0 };

  gw_sticky_append (group, address, gw_test_request (request), gw_test_response (response), secure, &lines);
  return gw_test_take (&lines);
}

static void
expect_line (const GwEndpoint *group, const GwEndpoint *address, const char *value, const char *response,
             const char *route)
{
  g_autofree char *lines = lines_of (group, address, value, response, FALSE);
  g_autofree char *expected
      = route != NULL ? g_strdup_printf ("Set-Cookie: %s=%s; Path=/; HttpOnly\n", group->cookie, route) : g_strdup ("");

  g_assert_cmpstr (lines, ==, expected);
}

static void
test_answers (void)
{
  g_autoptr (GwEndpoint) group = group_new ("g", FALSE);
  g_autoptr (GwEndpoint) stranger = address_new ("http://e.example/");
  const GwEndpoint *d = child (child (group, 2), 1);
  g_autofree char *secure = lines_of (group, child (group, 0), NULL, BEGINS, TRUE);

  g_assert_true (g_str_has_suffix (secure, "; Path=/; HttpOnly; Secure\n"));
  expect_line (group, child (group, 0), NULL, BEGINS, group->routes[0]);
  expect_line (group, d, NULL, BEGINS, group->routes[2]);
  expect_line (group, child (group, 0), NULL, GOES_ON, NULL);
  expect_line (group, child (group, 0), group->routes[0], GOES_ON, NULL);
  expect_line (group, child (group, 0), group->routes[0], BEGINS, NULL);
  /* Its child was away. */
  expect_line (group, child (group, 1), group->routes[0], GOES_ON, group->routes[1]);
  expect_line (group, child (group, 1), "no route", GOES_ON, NULL);
  expect_line (group, child (group, 1), "no route", BEGINS, group->routes[1]);
  expect_line (group, stranger, NULL, BEGINS, NULL);
}

static void
test_requests (void)
{
  g_autoptr (GwEndpoint) group = group_new ("g", FALSE);
  g_autoptr (GwEndpoint) turned = group_new ("g", TRUE);
  g_autoptr (GwEndpoint) other = group_new ("other", FALSE);
  g_autofree char *good = request_with (group, group->routes[0]);
  g_autofree char *bad = request_with (group, "");

  g_assert_true (gw_sticky_child (group, gw_test_request (good)) == child (group, 0));
  g_assert_null (gw_sticky_child (group, gw_test_request (bad)));
  g_assert_null (gw_sticky_child (group, gw_test_request (GET)));
  /* It is known by its address, and not by its place; the group by its name. */
  g_assert_true (gw_sticky_child (turned, gw_test_request (good)) == child (turned, 1));
  g_assert_null (gw_sticky_child (other, gw_test_request (good)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-sticky/answers", test_answers);
  g_test_add_func ("/gw-sticky/requests", test_requests);
  return g_test_run ();
}
