/* A folder of gateways: files whole or not at all, and nothing outside it. */
#include "config.h"
#include "deployment/dp-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define APIS "deployment/server/synapse-configs/default/api"
#define ENDPOINTS "deployment/server/synapse-configs/default/endpoints"

typedef struct
{
  char *path;
  DpTarget *target;
  CoreApi *api;
} Fixture;

static const DpSettings settings
    = { .generation = APIM_GATEWAY_2_6, .cors = TRUE, .authorization_header = "Authorization" };

static void
set_up (Fixture *f, gconstpointer data)
{
  f->path = g_dir_make_tmp ("dp-folder-XXXXXX", NULL);
  f->target = dp_folder_new (f->path);
  f->api = core_api_new ();
  core_api_set_text (&f->api->provider, "admin");
  core_api_set_text (&f->api->name, "Weather");
  core_api_set_text (&f->api->version, "1.0.0");
  core_api_set_text (&f->api->context_template, "/weather/{version}");
  core_api_set_text (&f->api->status, "PUBLISHED");
  core_api_set_text (&f->api->tenant_domain, "carbon.super");
  core_api_set_text (&f->api->endpoint_config, "{\"production_endpoints\":{\"url\":\"http://a.example\"},"
                                               "\"sandbox_endpoints\":{\"url\":\"http://s.example\"}}");
  core_api_add_resource (f->api, "GET", "/*", NULL);
  f->api->tenant_id = -1234;
  f->api->is_published_default_version = TRUE;
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
  remove_tree (f->path);
  dp_target_free (f->target);
  core_api_free (f->api);
  g_free (f->path);
}

static DpArtifacts *
artifacts_of (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  DpArtifacts *artifacts = dp_artifacts_new (f->api, APIM_ENVIRONMENT_HYBRID, &settings, &error);

  g_assert_no_error (error);
  return artifacts;
}

static void
publish (Fixture *f)
{
  g_autoptr (DpArtifacts) artifacts = artifacts_of (f);
  g_autoptr (GError) error = NULL;

  f->target->class->publish (f->target, artifacts, &error);
  g_assert_no_error (error);
}

static DpPresence
look (Fixture *f)
{
  g_autoptr (DpArtifacts) artifacts = artifacts_of (f);
  g_autoptr (GError) error = NULL;
  DpPresence presence;

  f->target->class->look (f->target, artifacts, &presence, &error);
  g_assert_no_error (error);
  return presence;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

/* What the folder @below holds, sorted, with blanks between. */
static char *
list (Fixture *f, const char *below)
{
  g_autofree char *path = g_build_filename (f->path, below, NULL);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **)names->pdata);
}

static void
assert_holds (Fixture *f, const char *below, const char *expected)
{
  g_autofree char *names = list (f, below);

  g_assert_cmpstr (names, ==, expected);
}

static void
test_published (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->path, APIS, "admin--Weather_v1.0.0.xml", NULL);
  g_autoptr (DpArtifacts) artifacts = artifacts_of (f);
  g_autofree char *text = NULL;
  GStatBuf before, after;

  g_assert_cmpint (look (f), ==, DP_PRESENCE_MISSING);
  publish (f);
  assert_holds (f, APIS, "admin--Weather.xml admin--Weather_v1.0.0.xml");
  assert_holds (f, ENDPOINTS,
                "Weather--v1.0.0_APIproductionEndpoint.xml Weather--v1.0.0_APIsandboxEndpoint.xml");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, artifacts->api);
  g_assert_cmpint (look (f), ==, DP_PRESENCE_CURRENT);

  /* The same again writes nothing. */
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  publish (f);
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpuint (before.st_ino, ==, after.st_ino);
  g_assert_cmpuint (before.st_mode & 0777, ==, 0640);
}

static void
test_changed (Fixture *f, gconstpointer data)
{
  publish (f);
  core_api_set_text (&f->api->endpoint_config, "{\"production_endpoints\":{\"url\":\"http://b.example\"}}");
  g_assert_cmpint (look (f), ==, DP_PRESENCE_OUTDATED);
  publish (f);
  assert_holds (f, ENDPOINTS, "Weather--v1.0.0_APIproductionEndpoint.xml");
  g_assert_cmpint (look (f), ==, DP_PRESENCE_CURRENT);
}

static void
test_removed (Fixture *f, gconstpointer data)
{
  g_autoptr (DpArtifacts) names = dp_artifacts_new_names (f->api, &settings);

  publish (f);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (f->target->class->remove (f->target, names, NULL));
      assert_holds (f, APIS, "admin--Weather.xml");
      assert_holds (f, ENDPOINTS, "");
    }
  g_assert_true (f->target->class->remove_default (f->target, names, NULL));
  assert_holds (f, APIS, "");
}

static void
test_tenant (Fixture *f, gconstpointer data)
{
  core_api_set_text (&f->api->provider, "dave@example.com");
  core_api_set_text (&f->api->tenant_domain, "example.com");
  f->api->tenant_id = 7;
  f->api->is_published_default_version = FALSE;
  publish (f);
  assert_holds (f, "tenants/7/synapse-configs/default/api", "dave-AT-example.com--Weather_v1.0.0.xml");
  assert_holds (f, APIS, "");
}

static void
test_hostile_names (Fixture *f, gconstpointer data)
{
  core_api_set_text (&f->api->provider, "../../../../../outside");
  core_api_set_text (&f->api->name, "/../..\\x");
  f->api->is_published_default_version = FALSE;
  publish (f);
  assert_holds (f, "", "deployment");
  assert_holds (f, "deployment/server/synapse-configs/default", "api endpoints");
  assert_holds (f, APIS, "_._.._.._.._.._outside--_.._.._x_v1.0.0.xml");
}

/* Somebody else's link inside the folder leads nowhere for us. */
static void
test_links (Fixture *f, gconstpointer data)
{
  g_autofree char *outside = g_dir_make_tmp ("dp-outside-XXXXXX", NULL);
  g_autofree char *link = g_build_filename (f->path, "deployment", NULL);
  g_autofree char *file = NULL, *victim = g_build_filename (outside, "victim", NULL);
  g_autofree char *text = NULL;
  g_autoptr (DpArtifacts) artifacts = artifacts_of (f);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_assert_false (f->target->class->publish (f->target, artifacts, &error));
  g_assert_error (error, DP_TARGET_ERROR, DP_TARGET_ERROR_UNREACHABLE);
  g_assert_cmpint (g_remove (link), ==, 0);

  /* A link in the place of the file itself is replaced, not followed. */
  publish (f);
  file = g_build_filename (f->path, APIS, "admin--Weather_v1.0.0.xml", NULL);
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_true (g_file_set_contents (victim, "mine", -1, NULL));
  g_assert_cmpint (symlink (victim, file), ==, 0);
  publish (f);
  g_assert_false (g_file_test (file, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_get_contents (victim, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  remove_tree (outside);
}

/* A file system that is not mounted is no folder to write into. */
static void
test_missing_folder (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->path, "not-mounted", NULL);
  g_autoptr (DpTarget) target = dp_folder_new (path);
  g_autoptr (DpArtifacts) artifacts = artifacts_of (f);
  g_autoptr (GError) error = NULL;

  g_assert_false (target->class->publish (target, artifacts, &error));
  g_assert_error (error, DP_TARGET_ERROR, DP_TARGET_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "not-mounted"));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/dp-folder/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("published", test_published);
  ADD ("changed", test_changed);
  ADD ("removed", test_removed);
  ADD ("tenant", test_tenant);
  ADD ("hostile-names", test_hostile_names);
  ADD ("links", test_links);
  ADD ("missing-folder", test_missing_folder);
  return g_test_run ();
}
