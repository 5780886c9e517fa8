/* Folders followed while a gateway runs (spec/gateway-and-traffic-manager.md 5.2, 11 item 7). */
#include "config.h"
#include "gateway/gw-deployment.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT "repository/deployment/server/synapse-configs/default"
#define TENANT "repository/tenants/7/synapse-configs/default"
#define NS " xmlns=\"http://ws.apache.org/ns/synapse\""
/* A change is live within a second (issue 7), which the integration tests measure; here the machine may be slow. Still less
 * than the time after which everything is looked at anyway. */
#define PATIENCE_MS 120000
/* GLib's table of quarks has room for 2,048, an API's name is one, and what it leaves behind when it grows is a leak to
 * LeakSanitizer. */
#define MANY 1000

typedef struct
{
  char *home;
  GwDeployment *deployment;
} Fixture;

static char *
path_of (const Fixture *f, const char *relative)
{
  return g_build_filename (f->home, relative, NULL);
}

static void
make_folder (const Fixture *f, const char *relative)
{
  g_autofree char *path = path_of (f, relative);

  g_assert_cmpint (g_mkdir_with_parents (path, 0755), ==, 0);
}

/* In place, as cp does it. */
static void
write_text (const Fixture *f, const char *relative, const char *text)
{
  g_autofree char *path = path_of (f, relative);
  FILE *file = fopen (path, "w");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

static char *
api_text (const char *context)
{
  return g_strdup_printf ("<api" NS " name=\"%s\" context=\"%s\"><resource methods=\"GET\" url-mapping=\"/*\">"
                          "<inSequence><respond/></inSequence></resource></api>",
                          context + 1, context);
}

static void
write_api (const Fixture *f, const char *relative, const char *context)
{
  g_autofree char *text = api_text (context);

  write_text (f, relative, text);
}

static void
move (const Fixture *f, const char *from, const char *to)
{
  g_autofree char *old = path_of (f, from), *new = path_of (f, to);

  g_assert_cmpint (g_rename (old, new), ==, 0);
}

static void
take_away (const Fixture *f, const char *relative)
{
  g_autofree char *path = path_of (f, relative);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
start (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->deployment = gw_deployment_new (f->home, 2, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  (void) data;
  f->home = g_dir_make_tmp ("gw-deployment-XXXXXX", NULL);
  make_folder (f, DEFAULT "/api");
  make_folder (f, DEFAULT "/sequences");
  make_folder (f, DEFAULT "/endpoints");
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  (void) data;
  g_clear_pointer (&f->deployment, gw_deployment_free);
  remove_tree (f->home);
  g_free (f->home);
}

static gboolean
is_served (const Fixture *f, const char *path)
{
  g_autoptr (GwRoutes) routes = gw_deployment_ref_routes (f->deployment);
  GwTarget target = { .path = path, .path_length = strlen (path), .transport = GW_TRANSPORT_HTTPS };
  gboolean denied;
  gsize rest;

  return gw_routes_find (routes, &target, &rest, &denied) != NULL;
}

static void
wait_served (const Fixture *f, const char *path, gboolean served)
{
  gint64 start_us = g_get_monotonic_time ();

  while (is_served (f, path) != served)
    {
      g_assert_cmpint (g_get_monotonic_time () - start_us, <, PATIENCE_MS * 1000);
      g_usleep (2000);
    }
}

/* Longer than any change that it would notice takes. */
static void
stays_served (const Fixture *f, const char *path, gboolean served)
{
  gint64 end_us = g_get_monotonic_time () + 600 * 1000;

  while (g_get_monotonic_time () < end_us)
    {
      g_assert_cmpint (is_served (f, path), ==, served);
      g_usleep (5000);
    }
}

static void
test_start (Fixture *f, gconstpointer data)
{
  (void) data;
  write_api (f, DEFAULT "/api/a.xml", "/a");
  write_text (f, DEFAULT "/api/broken.xml", "<api");
  write_api (f, DEFAULT "/api/.hidden.xml", "/hidden");
  write_api (f, DEFAULT "/api/other.txt", "/other");
  make_folder (f, DEFAULT "/api/folder.xml");
  make_folder (f, TENANT "/api");
  write_api (f, TENANT "/api/t.xml", "/t/foo.com/a");
  start (f);
  g_assert_true (is_served (f, "/a/x"));
  g_assert_true (is_served (f, "/t/foo.com/a"));
  g_assert_false (is_served (f, "/hidden"));
  g_assert_false (is_served (f, "/other"));
}

static void
test_live (Fixture *f, gconstpointer data)
{
  (void) data;
  start (f);
  write_api (f, DEFAULT "/api/a.xml", "/a"); /* written in place */
  wait_served (f, "/a", TRUE);
  write_api (f, DEFAULT "/api/.b.tmp", "/b"); /* renamed into place */
  move (f, DEFAULT "/api/.b.tmp", DEFAULT "/api/b.xml");
  wait_served (f, "/b", TRUE);
  write_api (f, DEFAULT "/api/.b.tmp", "/c"); /* over another one */
  move (f, DEFAULT "/api/.b.tmp", DEFAULT "/api/b.xml");
  wait_served (f, "/c", TRUE);
  g_assert_false (is_served (f, "/b"));
  take_away (f, DEFAULT "/api/b.xml");
  wait_served (f, "/c", FALSE);
  g_assert_true (is_served (f, "/a"));
}

static void
test_broken_keeps (Fixture *f, gconstpointer data)
{
  g_autofree char *problem = NULL;

  (void) data;
  write_api (f, DEFAULT "/api/a.xml", "/a");
  start (f);
  write_text (f, DEFAULT "/api/a.xml", "<api" NS " name=\"a\" context=\"/b\">\n<resource>");
  stays_served (f, "/a", TRUE);
  g_assert_true (gw_deployment_look (f->deployment, PATIENCE_MS));
  problem = gw_deployment_problem (f->deployment, APIM_SUPER_TENANT_ID, GW_FILE_API, "a.xml");
  g_assert_nonnull (strstr (problem, "deployment/server/synapse-configs/default/api/a.xml:2"));
  write_api (f, DEFAULT "/api/a.xml", "/b");
  wait_served (f, "/b", TRUE);
}

/* Endpoints may come after what names them. */
static void
test_endpoint_later (Fixture *f, gconstpointer data)
{
  (void) data;
  start (f);
  write_text (f, DEFAULT "/api/a.xml",
              "<api" NS " name=\"a\" context=\"/a\"><resource methods=\"GET\" url-mapping=\"/*\"><inSequence><send>"
              "<endpoint key=\"e\"/></send></inSequence></resource></api>");
  stays_served (f, "/a", FALSE);
  write_text (f, DEFAULT "/endpoints/e.xml",
              "<endpoint" NS " name=\"e\"><http uri-template=\"http://one\"/></endpoint>");
  wait_served (f, "/a", TRUE);
}

/* A home of which nothing is there yet, and then piece by piece. */
static void
test_folders_later (Fixture *f, gconstpointer data)
{
  g_autofree char *repository = path_of (f, "repository");

  (void) data;
  remove_tree (repository);
  make_folder (f, "repository");
  start (f);
  make_folder (f, DEFAULT "/api");
  write_api (f, DEFAULT "/api/a.xml", "/a");
  wait_served (f, "/a", TRUE);
  make_folder (f, TENANT "/api");
  write_api (f, TENANT "/api/t.xml", "/t/foo.com/a");
  wait_served (f, "/t/foo.com/a", TRUE);
}

/* A checkout that is swapped whole, as configuration volumes do it. */
static void
test_link (Fixture *f, gconstpointer data)
{
  g_autofree char *link = path_of (f, DEFAULT), *next = path_of (f, "next-link");

  (void) data;
  remove_tree (link);
  make_folder (f, "one/api");
  make_folder (f, "two/api");
  write_api (f, "one/api/a.xml", "/a");
  write_api (f, "two/api/b.xml", "/b");
  g_assert_cmpint (symlink ("../../../../one", link), ==, 0);
  start (f);
  g_assert_true (is_served (f, "/a"));
  g_assert_cmpint (symlink ("../../../../two", next), ==, 0);
  move (f, "next-link", DEFAULT);
  wait_served (f, "/b", TRUE);
  wait_served (f, "/a", FALSE);
  write_api (f, "two/api/c.xml", "/c");
  wait_served (f, "/c", TRUE);
}

static void
test_folder_lost (Fixture *f, gconstpointer data)
{
  (void) data;
  write_api (f, DEFAULT "/api/a.xml", "/a");
  start (f);
  move (f, DEFAULT "/api", "api");
  stays_served (f, "/a", TRUE);
  move (f, "api", DEFAULT "/api");
  take_away (f, DEFAULT "/api/a.xml");
  wait_served (f, "/a", FALSE);
}

static void
test_conflict (Fixture *f, gconstpointer data)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  g_autofree char *problem = NULL;
  g_autofree char *text = NULL;

  (void) data;
  write_api (f, DEFAULT "/api/z.xml", "/same");
  make_folder (f, TENANT "/api");
  start (f);
  text = g_strdup ("<api" NS " name=\"other\" context=\"/same\"><resource methods=\"GET\" url-mapping=\"/*\">"
                   "<inSequence><respond/></inSequence></resource></api>");
  write_text (f, TENANT "/api/a.xml", text);
  write_api (f, TENANT "/api/b.xml", "/b");
  wait_served (f, "/b", TRUE); /* the rest is served all the same */
  problem = gw_deployment_problem (f->deployment, 7, GW_FILE_API, "a.xml");
  g_assert_nonnull (problem);
  g_assert_nonnull (strstr (problem, "same and other have the same context"));
  take_away (f, DEFAULT "/api/z.xml");
  while (problem != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_usleep (5000);
      g_free (problem);
      problem = gw_deployment_problem (f->deployment, 7, GW_FILE_API, "a.xml");
    }
  wait_served (f, "/same", TRUE);
}

/* What workers see, and when. */
static void
test_workers (Fixture *f, gconstpointer data)
{
  GwRoutes *first, *second;
  gboolean changed;

  (void) data;
  write_api (f, DEFAULT "/api/a.xml", "/a");
  start (f);
  first = gw_deployment_routes (f->deployment, 0, &changed);
  g_assert_true (changed);
  g_assert_true (gw_deployment_routes (f->deployment, 0, &changed) == first);
  g_assert_false (changed);
  write_api (f, DEFAULT "/api/b.xml", "/b");
  g_assert_true (gw_deployment_look (f->deployment, PATIENCE_MS)); /* no waiting: it is there at once */
  second = gw_deployment_routes (f->deployment, 0, &changed);
  g_assert_true (changed && second != first);
  g_assert_nonnull (gw_routes_by_name (second, "b"));
  g_assert_true (gw_deployment_routes (f->deployment, 1, &changed) == second);
  g_assert_true (changed);
}

typedef struct
{
  GwDeployment *deployment;
  guint worker;
  gboolean end; /* atomic */
  guint64 calls;
} Reader;

static gpointer
read_routes (gpointer data)
{
  Reader *reader = data;

  while (!__atomic_load_n (&reader->end, __ATOMIC_RELAXED))
    {
      GwRoutes *routes = gw_deployment_routes (reader->deployment, reader->worker, NULL);

      g_assert_nonnull (gw_routes_by_name (routes, "steady"));
      reader->calls++;
      g_usleep (100);
    }
  return NULL;
}

/* Workers go on while files come and go. */
static void
test_storm (Fixture *f, gconstpointer data)
{
  Reader readers[2] = { { NULL, 0, FALSE, 0 }, { NULL, 1, FALSE, 0 } };
  GThread *threads[2];

  (void) data;
  write_api (f, DEFAULT "/api/steady.xml", "/steady");
  start (f);
  for (guint i = 0; i < 2; i++)
    {
      readers[i].deployment = f->deployment;
      threads[i] = g_thread_new ("worker", read_routes, &readers[i]);
    }
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *file = g_strdup_printf (DEFAULT "/api/n%u.xml", i % 10);
      g_autofree char *context = g_strdup_printf ("/n%u", i);

      write_api (f, file, context);
      g_assert_true (gw_deployment_look (f->deployment, PATIENCE_MS));
      g_assert_true (is_served (f, context));
    }
  for (guint i = 0; i < 2; i++)
    {
      __atomic_store_n (&readers[i].end, TRUE, __ATOMIC_RELAXED);
      g_thread_join (threads[i]);
      g_assert_cmpuint (readers[i].calls, >, 0);
    }
}

static void
test_many (Fixture *f, gconstpointer data)
{
  GwCatalogCounts counts;

  (void) data;
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *file = g_strdup_printf (DEFAULT "/api/n%u.xml", i);
      g_autofree char *context = g_strdup_printf ("/n%u", i);

      write_api (f, file, context);
    }
  start (f);
  gw_deployment_count (f->deployment, &counts);
  g_assert_cmpuint (counts.files, ==, MANY);
  g_assert_cmpuint (counts.refused, ==, 0);
  write_api (f, DEFAULT "/api/n7.xml", "/new");
  wait_served (f, "/new", TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNC) g_test_add ("/gw-deployment/" NAME, Fixture, NULL, set_up, FUNC, tear_down)
  ADD ("start", test_start);
  ADD ("live", test_live);
  ADD ("broken-keeps", test_broken_keeps);
  ADD ("endpoint-later", test_endpoint_later);
  ADD ("folders-later", test_folders_later);
  ADD ("link", test_link);
  ADD ("folder-lost", test_folder_lost);
  ADD ("conflict", test_conflict);
  ADD ("workers", test_workers);
  ADD ("storm", test_storm);
  ADD ("many", test_many);
  return g_test_run ();
}
