/* spec/gateway-and-traffic-manager.md 1.2, 1.3. */
#include "config.h"
#include "gateway/gw-routes.h"

#include <string.h>

static GwApi *
add_api (GPtrArray *apis, const char *name, const char *context, const char *version, GwVersionType type)
{
  GwApi *api = gw_api_new ();

  api->base_name = g_strdup (name);
  api->name = *version != '\0' ? g_strdup_printf ("%s:v%s", name, version) : g_strdup (name);
  api->context = g_strdup (context);
  api->version = g_strdup (version);
  api->version_type = type;
  g_ptr_array_add (apis, api);
  return api;
}

static GPtrArray *
apis_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) gw_api_unref);
}

static const char *
find (const GwRoutes *routes, const char *path, gsize *rest)
{
  GwTarget target = { .path = path, .path_length = strlen (path), .transport = GW_TRANSPORT_HTTPS };
  gboolean denied;
  GwApi *api = gw_routes_find (routes, &target, rest, &denied);

  g_assert_false (denied);
  return api != NULL ? api->name : NULL;
}

static void
test_longest (void)
{
  g_autoptr (GPtrArray) apis = apis_new ();
  g_autoptr (GwRoutes) routes = NULL;
  gsize rest;

  add_api (apis, "short", "/a", "", GW_VERSION_NONE);
  add_api (apis, "long", "/a/b/1.0", "1.0", GW_VERSION_CONTEXT);
  add_api (apis, "tenant", "/t/foo.com/a/1.0", "1.0", GW_VERSION_CONTEXT);
  add_api (apis, "url", "/u", "2", GW_VERSION_URL);
  routes = gw_routes_new (apis, NULL);
  g_assert_cmpstr (find (routes, "/a", &rest), ==, "short");
  g_assert_cmpuint (rest, ==, 2);
  g_assert_cmpstr (find (routes, "/a/b", &rest), ==, "short");
  g_assert_cmpuint (rest, ==, 2);
  g_assert_cmpstr (find (routes, "/a/b/1.0", &rest), ==, "long:v1.0");
  g_assert_cmpstr (find (routes, "/a/b/1.0/x/y", &rest), ==, "long:v1.0");
  g_assert_cmpuint (rest, ==, 8);
  g_assert_cmpstr (find (routes, "/a/b/1.00", &rest), ==, "short");
  g_assert_cmpstr (find (routes, "/t/foo.com/a/1.0/", &rest), ==, "tenant:v1.0");
  g_assert_cmpstr (find (routes, "/u/2/x", &rest), ==, "url:v2");
  g_assert_cmpuint (rest, ==, 4);
  g_assert_null (find (routes, "/u/22/x", &rest));
  g_assert_null (find (routes, "/u", &rest));
  g_assert_null (find (routes, "/ab", &rest));
  g_assert_null (find (routes, "/", &rest));
  g_assert_cmpuint (gw_routes_count (routes), ==, 4);
  g_assert_cmpstr (gw_routes_by_name (routes, "long:v1.0")->context, ==, "/a/b/1.0");
  g_assert_null (gw_routes_by_name (routes, "long"));
}

static void
test_root_last (void)
{
  g_autoptr (GPtrArray) apis = apis_new ();
  g_autoptr (GwRoutes) routes = NULL;
  gsize rest;

  add_api (apis, "root", "", "", GW_VERSION_NONE);
  add_api (apis, "a", "/a", "", GW_VERSION_NONE);
  routes = gw_routes_new (apis, NULL);
  g_assert_cmpstr (find (routes, "/a/x", &rest), ==, "a");
  g_assert_cmpstr (find (routes, "/b", &rest), ==, "root");
  g_assert_cmpuint (rest, ==, 0);
  g_assert_cmpstr (find (routes, "/", &rest), ==, "root");
}

/* APIs with a version are asked first. */
static void
test_version_first (void)
{
  g_autoptr (GPtrArray) apis = apis_new ();
  g_autoptr (GwRoutes) routes = NULL;
  gsize rest;

  add_api (apis, "plain", "/a", "", GW_VERSION_NONE);
  add_api (apis, "url", "/a", "1", GW_VERSION_URL);
  routes = gw_routes_new (apis, NULL);
  g_assert_cmpstr (find (routes, "/a/1/x", &rest), ==, "url:v1");
  g_assert_cmpstr (find (routes, "/a/2/x", &rest), ==, "plain");
}

static void
test_transport_and_host (void)
{
  g_autoptr (GPtrArray) apis = apis_new ();
  g_autoptr (GwRoutes) routes = NULL;
  GwTarget target = { .path = "/a/x", .path_length = 4, .transport = GW_TRANSPORT_HTTP };
  gboolean denied;
  gsize rest;

  add_api (apis, "a", "/a", "", GW_VERSION_NONE)->transports = GW_TRANSPORT_HTTPS;
  add_api (apis, "b", "/b", "", GW_VERSION_NONE)->host = g_strdup ("b.example");
  routes = gw_routes_new (apis, NULL);
  g_assert_null (gw_routes_find (routes, &target, &rest, &denied));
  g_assert_true (denied);
  target.path = "/b/x";
  g_assert_null (gw_routes_find (routes, &target, &rest, &denied));
  g_assert_false (denied);
  target.host = "B.Example";
  target.host_length = 9;
  g_assert_nonnull (gw_routes_find (routes, &target, &rest, &denied));
}

static void
test_duplicates (void)
{
  static const struct
  {
    const char *name, *context;
  } second[] = { { "a", "/other" }, { "other", "/a" } };

  for (gsize i = 0; i < G_N_ELEMENTS (second); i++)
    {
      g_autoptr (GPtrArray) apis = apis_new ();
      g_autoptr (GError) error = NULL;

      add_api (apis, "a", "/a", "", GW_VERSION_NONE);
      add_api (apis, second[i].name, second[i].context, "", GW_VERSION_NONE);
      g_assert_null (gw_routes_new (apis, &error));
      g_assert_error (error, GW_ROUTES_ERROR, GW_ROUTES_ERROR_DUPLICATE);
    }
}

static void
test_too_deep (void)
{
  g_autoptr (GPtrArray) apis = apis_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) context = g_string_new (NULL);

  for (int i = 0; i <= GW_ROUTES_MAX_SEGMENTS; i++)
    g_string_append (context, "/a");
  add_api (apis, "a", context->str, "", GW_VERSION_NONE);
  g_assert_null (gw_routes_new (apis, &error));
  g_assert_error (error, GW_ROUTES_ERROR, GW_ROUTES_ERROR_CONTEXT);
}

static void
test_many (void)
{
  g_autoptr (GPtrArray) apis = apis_new ();
  g_autoptr (GwRoutes) routes = NULL;

  for (int i = 0; i < 10000; i++)
    {
      g_autofree char *name = g_strdup_printf ("api%d", i);
      g_autofree char *context = g_strdup_printf ("/group%d/%s/1.0", i % 100, name);

      add_api (apis, name, context, "1.0", GW_VERSION_CONTEXT);
    }
  routes = gw_routes_new (apis, NULL);
  for (guint i = 0; i < apis->len; i++)
    {
      const GwApi *api = g_ptr_array_index (apis, i);
      g_autofree char *path = g_strconcat (api->context, "/resource", NULL);
      gsize rest;

      g_assert_cmpstr (find (routes, path, &rest), ==, api->name);
      g_assert_cmpuint (rest, ==, strlen (api->context));
    }
}

static void
add_resource (GwApi *api, guint methods, GwPattern *pattern)
{
  GwResource *resource = gw_resource_new ();

  resource->methods = methods;
  resource->pattern = pattern;
  gw_api_add_resource (api, resource);
}

/* Exact before the longest prefix before extensions before templates before the default; the first of equals. */
static void
test_resources (void)
{
  static const struct
  {
    guint method;
    const char *path;
    GwFound found;
    const char *pattern;
  } cases[] = {
    { GW_METHOD_GET, "/a/b", GW_FOUND, "/a/b" },       { GW_METHOD_GET, "/a/b/c", GW_FOUND, "/a/b/*" },
    { GW_METHOD_GET, "/a/c", GW_FOUND, "/a/*" },       { GW_METHOD_GET, "/x.json", GW_FOUND, "*.json" },
    { GW_METHOD_GET, "/item/7", GW_FOUND, "/item/{id}" }, { GW_METHOD_POST, "/item/7", GW_FOUND, "/item/{key}" },
    { GW_METHOD_PUT, "/item/7", GW_FOUND_OTHER_METHOD, NULL }, { GW_METHOD_GET, "/nothing", GW_FOUND_NOTHING, NULL },
    { 0, "/a/b", GW_FOUND_OTHER_METHOD, NULL },        { 0, "/nothing", GW_FOUND_NOTHING, NULL },
  };
  g_autoptr (GwApi) api = gw_api_new ();

  add_resource (api, GW_METHOD_GET, gw_pattern_new_template ("/item/{id}", NULL));
  add_resource (api, GW_METHOD_GET | GW_METHOD_POST, gw_pattern_new_template ("/item/{key}", NULL));
  add_resource (api, GW_METHOD_GET, gw_pattern_new_mapping ("*.json", NULL));
  add_resource (api, GW_METHOD_GET, gw_pattern_new_mapping ("/a/*", NULL));
  add_resource (api, GW_METHOD_GET, gw_pattern_new_mapping ("/a/b/*", NULL));
  add_resource (api, GW_METHOD_GET, gw_pattern_new_mapping ("/a/b", NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GwResource *resource = NULL;
      GwVariables variables;

      g_assert_cmpint (gw_api_find (api, cases[i].method, cases[i].path, strlen (cases[i].path), 0, &resource, &variables), ==,
                       cases[i].found);
      g_assert_cmpstr (resource != NULL ? gw_pattern_text (resource->pattern) : NULL, ==, cases[i].pattern);
    }
}

/* What a template has seen of a path that another resource takes is no variable of the call. */
static void
test_no_variables_of_others (void)
{
  g_autoptr (GwApi) api = gw_api_new ();
  const GwResource *resource;
  GwVariables variables;

  add_resource (api, GW_METHOD_GET, gw_pattern_new_template ("/item/{id}/lines", NULL));
  add_resource (api, GW_METHOD_GET, gw_pattern_new_default ());
  g_assert_cmpint (gw_api_find (api, GW_METHOD_GET, "/item/7/other", strlen ("/item/7/other"), 0, &resource, &variables), ==,
                   GW_FOUND);
  g_assert_cmpstr (gw_pattern_text (resource->pattern), ==, "/*");
  g_assert_cmpuint (variables.n, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-routes/longest", test_longest);
  g_test_add_func ("/gw-routes/root-last", test_root_last);
  g_test_add_func ("/gw-routes/version-first", test_version_first);
  g_test_add_func ("/gw-routes/transport-and-host", test_transport_and_host);
  g_test_add_func ("/gw-routes/duplicates", test_duplicates);
  g_test_add_func ("/gw-routes/too-deep", test_too_deep);
  g_test_add_func ("/gw-routes/many", test_many);
  g_test_add_func ("/gw-routes/resources", test_resources);
  g_test_add_func ("/gw-routes/no-variables-of-others", test_no_variables_of_others);
  return g_test_run ();
}
