/* What files define and name of each other (spec/gateway-and-traffic-manager.md 5.2). */
#include "config.h"
#include "gateway/gw-catalog.h"

#include <string.h>

#define NS " xmlns=\"http://ws.apache.org/ns/synapse\""

typedef struct
{
  GHashTable *files[GW_FILE_N_KINDS]; /* name -> content */
  guint64 comings;
  guint reads;
  GwCatalog *catalog;
} Fixture;

static char *
read_fake (gpointer data, GwFileKind kind, const char *file, gsize *length, GError **error)
{
  Fixture *f = data;
  const char *content = g_hash_table_lookup (f->files[kind], file);

  f->reads++;
  if (content == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: is not there", file);
      return NULL;
    }
  *length = strlen (content);
  return g_strdup (content);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  (void) data;
  for (guint i = 0; i < GW_FILE_N_KINDS; i++)
    f->files[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  f->catalog = gw_catalog_new ("default", read_fake, f, &f->comings, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  (void) data;
  gw_catalog_free (f->catalog);
  for (guint i = 0; i < GW_FILE_N_KINDS; i++)
    g_hash_table_unref (f->files[i]);
}

/* @content: (transfer full). */
static void
put (Fixture *f, GwFileKind kind, const char *file, char *content)
{
  g_hash_table_replace (f->files[kind], g_strdup (file), content);
  gw_catalog_change (f->catalog, kind, file, GW_FILE_SETTLED);
}

static void
put_endpoint (Fixture *f, const char *file, const char *name, const char *url)
{
  put (f, GW_FILE_ENDPOINT, file,
       g_strdup_printf ("<endpoint" NS " name=\"%s\"><http uri-template=\"%s\"/></endpoint>", name, url));
}

/* A group of one that is named. */
static void
put_group (Fixture *f, const char *name, const char *child)
{
  g_autofree char *file = g_strconcat (name, ".xml", NULL);

  put (f, GW_FILE_ENDPOINT, file,
       g_strdup_printf ("<endpoint" NS " name=\"%s\"><failover><endpoint key=\"%s\"/></failover></endpoint>", name,
                        child));
}

static void
put_sequence (Fixture *f, const char *name, const char *endpoint)
{
  g_autofree char *file = g_strconcat (name, ".xml", NULL);

  put (f, GW_FILE_SEQUENCE, file,
       g_strdup_printf ("<sequence" NS " name=\"%s\"><send><endpoint key=\"%s\"/></send></sequence>", name, endpoint));
}

static void
put_api (Fixture *f, const char *file, const char *context, const char *in)
{
  put (f, GW_FILE_API, file,
       g_strdup_printf ("<api" NS " name=\"%s\" context=\"%s\"><resource methods=\"GET\" url-mapping=\"/*\" "
                        "faultSequence=\"json_fault\"><inSequence>%s</inSequence></resource><handlers><handler class=\""
                        "org.wso2.carbon.apimgt.gateway.handlers.ext.APIManagerExtensionHandler\"/></handlers></api>",
                        context + 1, context, in));
}

static GwApi *
find (Fixture *f, const char *name)
{
  g_autoptr (GArray) apis = g_array_new (FALSE, FALSE, sizeof (GwCatalogApi));

  gw_catalog_append_apis (f->catalog, apis);
  for (guint i = 0; i < apis->len; i++)
    if (strcmp (g_array_index (apis, GwCatalogApi, i).api->name, name) == 0)
      return g_array_index (apis, GwCatalogApi, i).api;
  return NULL;
}

static const GwEndpoint *
sent_to (const GwSequence *sequence)
{
  const GwStep *step = g_ptr_array_index (sequence->steps, 0);

  if (step->kind == GW_STEP_SEQUENCE)
    return sent_to (step->yes);
  g_assert_cmpint (step->kind, ==, GW_STEP_SEND);
  return step->endpoint;
}

static const char *
url_of (Fixture *f, const char *name)
{
  const GwApi *api = find (f, name);
  const GwEndpoint *endpoint;

  g_assert_nonnull (api);
  endpoint = sent_to (((GwResource *)g_ptr_array_index (api->resources, 0))->in);
  while (endpoint->children != NULL)
    endpoint = g_ptr_array_index (endpoint->children, 0);
  return endpoint->url;
}

#define SEND(KEY) "<send><endpoint key=\"" KEY "\"/></send>"
#define CALL(KEY) "<sequence key=\"" KEY "\"/>"

static void
assert_problem (Fixture *f, GwFileKind kind, const char *file, const char *part)
{
  const char *problem = gw_catalog_problem (f->catalog, kind, file);

  g_assert_nonnull (problem);
  if (strstr (problem, part) == NULL)
    g_error ("\"%s\" does not hold \"%s\"", problem, part);
}

static void
test_order_of_coming (Fixture *f, gconstpointer data)
{
  (void) data;
  put_api (f, "a.xml", "/a", CALL ("s"));
  g_assert_false (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_API, "a.xml", "default/api/a.xml:1");
  assert_problem (f, GW_FILE_API, "a.xml", "no sequence named \"s\"");
  put_sequence (f, "s", "group");
  g_assert_false (gw_catalog_settle (f->catalog));
  put_group (f, "group", "e");
  g_assert_false (gw_catalog_settle (f->catalog));
  put_endpoint (f, "e.xml", "e", "http://one");
  g_assert_true (gw_catalog_settle (f->catalog)); /* all three were waiting for it */
  g_assert_cmpstr (url_of (f, "a"), ==, "http://one");
  g_assert_null (gw_catalog_problem (f->catalog, GW_FILE_API, "a.xml"));
}

static void
test_change_reaches_all (Fixture *f, gconstpointer data)
{
  GwApi *other;

  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_endpoint (f, "x.xml", "x", "http://x");
  put_group (f, "group", "e");
  put_sequence (f, "s", "group");
  put_api (f, "a.xml", "/a", CALL ("s"));
  put_api (f, "b.xml", "/b", SEND ("x"));
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_false (gw_catalog_settle (f->catalog));
  other = find (f, "b");
  put_endpoint (f, "e.xml", "e", "http://two");
  f->reads = 0;
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_cmpstr (url_of (f, "a"), ==, "http://two");
  g_assert_true (find (f, "b") == other); /* what has nothing to do with it is not read again */
  g_assert_cmpuint (f->reads, ==, 4);
}

static void
test_same_content (Fixture *f, gconstpointer data)
{
  GwApi *api;

  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  api = find (f, "a");
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_false (gw_catalog_settle (f->catalog));
  g_assert_true (find (f, "a") == api);
}

static void
test_broken_keeps (Fixture *f, gconstpointer data)
{
  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));

  put (f, GW_FILE_API, "a.xml", g_strdup ("<api" NS " name=\"a\"\n context=\"/a\"><resou"));
  g_assert_false (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_API, "a.xml", "default/api/a.xml:2");
  g_assert_cmpstr (url_of (f, "a"), ==, "http://one");

  put_api (f, "a.xml", "/a", "<script language=\"js\">1</script>");
  g_assert_false (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_API, "a.xml", "<script>");
  g_assert_cmpstr (url_of (f, "a"), ==, "http://one");

  put (f, GW_FILE_ENDPOINT, "e.xml", g_strdup ("<endpoint/>"));
  g_assert_false (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_ENDPOINT, "e.xml", "empty");

  put_endpoint (f, "e.xml", "e", "http://two");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_cmpstr (url_of (f, "a"), ==, "http://two");
  g_assert_null (gw_catalog_problem (f->catalog, GW_FILE_API, "a.xml"));
}

static void
test_gone (Fixture *f, gconstpointer data)
{
  GwCatalogCounts counts = { 0, 0 };

  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));

  gw_catalog_change (f->catalog, GW_FILE_ENDPOINT, "e.xml", GW_FILE_GONE);
  g_assert_false (gw_catalog_settle (f->catalog));
  g_assert_cmpstr (url_of (f, "a"), ==, "http://one"); /* what works is not taken away */
  assert_problem (f, GW_FILE_API, "a.xml", "no endpoint named \"e\"");
  gw_catalog_count (f->catalog, &counts);
  g_assert_cmpuint (counts.files, ==, 1);
  g_assert_cmpuint (counts.refused, ==, 1);

  gw_catalog_change (f->catalog, GW_FILE_API, "a.xml", GW_FILE_GONE);
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_null (find (f, "a"));
  gw_catalog_change (f->catalog, GW_FILE_API, "never.xml", GW_FILE_GONE);
  g_assert_false (gw_catalog_settle (f->catalog));
}

static void
test_unreadable (Fixture *f, gconstpointer data)
{
  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  g_hash_table_remove (f->files[GW_FILE_API], "a.xml");
  put_endpoint (f, "e.xml", "e", "http://two");
  g_assert_false (gw_catalog_settle (f->catalog));
  g_assert_cmpstr (url_of (f, "a"), ==, "http://one");
  assert_problem (f, GW_FILE_API, "a.xml", "is not there");
}

static void
test_circles (Fixture *f, gconstpointer data)
{
  (void) data;
  put_group (f, "self", "self");
  put_group (f, "a", "b");
  put_group (f, "b", "a");
  g_assert_false (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_ENDPOINT, "self.xml", "self");

  put_endpoint (f, "a.xml", "a", "http://one"); /* the circle is broken, */
  put_api (f, "x.xml", "/x", SEND ("b"));
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_cmpstr (url_of (f, "x"), ==, "http://one");
  put_group (f, "a", "b"); /* and closed again */
  g_assert_false (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_ENDPOINT, "a.xml", "leads back to itself");
  g_assert_cmpstr (url_of (f, "x"), ==, "http://one");
}

static void
test_depth (Fixture *f, gconstpointer data)
{
  (void) data;
  put_endpoint (f, "e0.xml", "e0", "http://one");
  for (guint i = 1; i <= GW_CATALOG_MAX_DEPTH + 1; i++)
    {
      g_autofree char *name = g_strdup_printf ("e%u", i), *child = g_strdup_printf ("e%u", i - 1);

      put_group (f, name, child);
    }
  g_assert_false (gw_catalog_settle (f->catalog));
  g_assert_null (gw_catalog_problem (f->catalog, GW_FILE_ENDPOINT, "e16.xml"));
  assert_problem (f, GW_FILE_ENDPOINT, "e17.xml", "more than 16 files");
}

static void
test_two_of_a_name (Fixture *f, gconstpointer data)
{
  (void) data;
  put_endpoint (f, "one.xml", "e", "http://one");
  put_endpoint (f, "two.xml", "e", "http://two");
  put_api (f, "a.xml", "/a", SEND ("e"));
  put_api (f, "b.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  assert_problem (f, GW_FILE_ENDPOINT, "two.xml", "endpoints/one.xml");
  assert_problem (f, GW_FILE_API, "b.xml", "api/a.xml");
  g_assert_cmpstr (url_of (f, "a"), ==, "http://one");

  gw_catalog_change (f->catalog, GW_FILE_ENDPOINT, "one.xml", GW_FILE_GONE);
  gw_catalog_change (f->catalog, GW_FILE_API, "a.xml", GW_FILE_GONE);
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_cmpstr (url_of (f, "a"), ==, "http://two"); /* the name is free: whoever waited has it */
  g_assert_null (gw_catalog_problem (f->catalog, GW_FILE_API, "b.xml"));
}

static void
test_new_name (Fixture *f, gconstpointer data)
{
  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  put_api (f, "a.xml", "/b", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_null (find (f, "a"));
  g_assert_nonnull (find (f, "b"));
}

static void
test_fault_and_extensions (Fixture *f, gconstpointer data)
{
  GwApi *api;

  (void) data;
  put_endpoint (f, "e.xml", "e", "http://one");
  put_api (f, "a.xml", "/a", SEND ("e"));
  g_assert_true (gw_catalog_settle (f->catalog));
  api = find (f, "a");
  g_assert_null (((GwResource *)g_ptr_array_index (api->resources, 0))->fault);
  g_assert_null (api->extension_in[0]);

  put (f, GW_FILE_SEQUENCE, "f.xml", g_strdup ("<sequence" NS " name=\"json_fault\"><drop/></sequence>"));
  put (f, GW_FILE_SEQUENCE, "g.xml", g_strdup ("<sequence" NS " name=\"WSO2AM--Ext--In\"/>"));
  put (f, GW_FILE_SEQUENCE, "h.xml", g_strdup ("<sequence" NS " name=\"a--Out\"/>"));
  g_assert_true (gw_catalog_settle (f->catalog));
  api = find (f, "a");
  g_assert_nonnull (((GwResource *)g_ptr_array_index (api->resources, 0))->fault);
  g_assert_nonnull (api->extension_in[0]);
  g_assert_null (api->extension_in[1]);
  g_assert_null (api->extension_out[0]);
  g_assert_nonnull (api->extension_out[1]);
}

static void
test_built_in (Fixture *f, gconstpointer data)
{
  const GwStep *step;

  (void) data;
  put (f, GW_FILE_SEQUENCE, "fault.xml", g_strdup ("<sequence" NS " name=\"fault\"><payloadFactory/></sequence>"));
  put (f, GW_FILE_SEQUENCE, "mine.xml", g_strdup ("<sequence" NS " name=\"_sandbox_key_error_\"><drop/></sequence>"));
  put_api (f, "a.xml", "/a", CALL ("_sandbox_key_error_"));
  g_assert_true (gw_catalog_settle (f->catalog));
  g_assert_null (gw_catalog_problem (f->catalog, GW_FILE_SEQUENCE, "fault.xml"));
  step = g_ptr_array_index (((GwResource *)g_ptr_array_index (find (f, "a")->resources, 0))->in->steps, 0);
  g_assert_cmpint (step->built_in, ==, GW_BUILT_IN_SANDBOX_KEY_ERROR);
}

static void
test_check (Fixture *f, gconstpointer data)
{
  const char *good = "<endpoint" NS " name=\"e\"><http uri-template=\"http://one\"/></endpoint>";
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  (void) data;
  g_assert_true (gw_catalog_check (f->catalog, GW_FILE_ENDPOINT, good, strlen (good), &name, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "e");
  g_clear_pointer (&name, g_free);
  g_assert_false (gw_catalog_check (f->catalog, GW_FILE_API, good, strlen (good), &name, NULL, &error));
  g_assert_nonnull (error);
  g_assert_null (name);
  g_assert_false (gw_catalog_settle (f->catalog)); /* and nothing came of it */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNC) g_test_add ("/gw-catalog/" NAME, Fixture, NULL, set_up, FUNC, tear_down)
  ADD ("order-of-coming", test_order_of_coming);
  ADD ("change-reaches-all", test_change_reaches_all);
  ADD ("same-content", test_same_content);
  ADD ("broken-keeps", test_broken_keeps);
  ADD ("gone", test_gone);
  ADD ("unreadable", test_unreadable);
  ADD ("circles", test_circles);
  ADD ("depth", test_depth);
  ADD ("two-of-a-name", test_two_of_a_name);
  ADD ("new-name", test_new_name);
  ADD ("fault-and-extensions", test_fault_and_extensions);
  ADD ("built-in", test_built_in);
  ADD ("check", test_check);
  return g_test_run ();
}
