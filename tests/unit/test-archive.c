/* Archives of APIs: one that Python's zipfile shaped as WSO2's tool does, and our own, there and back. */
#include "config.h"
#include "core/core-archive.h"
#include "core/core-zip.h"

#include <glib/gstdio.h>
#include <string.h>

static void
assert_bytes (GBytes *bytes, const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
assert_list (char **list, const char *expected)
{
  g_autofree char *text = core_api_list_to_text ((const char *const *)list, " ");

  g_assert_cmpstr (text, ==, expected);
}

static CoreArchive *
read_archive (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  CoreArchive *archive = core_archive_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);

  g_assert_no_error (error);
  return archive;
}

/* What tests/lib/make-wso2-archive writes. */
static GBytes *
wso2_archive (void)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "lib", "make-wso2-archive", NULL);
  g_autofree char *folder = g_dir_make_tmp ("archive-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "api.zip", NULL);
  char *arguments[] = { (char *)"python3", script, file, NULL };
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize length;
  int status;

  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_file_get_contents (file, &bytes, &length, NULL));
  g_remove (file);
  g_rmdir (folder);
  return g_bytes_new_take (bytes, length);
}

static void
check_api (const CoreApi *api)
{
  const CoreApiResource *resource;

  g_assert_cmpstr (api->provider, ==, "dave@example.com");
  g_assert_cmpstr (api->name, ==, "PizzaShackAPI");
  g_assert_cmpstr (api->context_template, ==, "/pizzashack/{version}");
  g_assert_cmpstr (api->description, ==, "Orders pizzas & more");
  g_assert_cmpstr (api->visibility, ==, "restricted");
  assert_list (api->visible_roles, "chef waiter");
  assert_list (api->tiers, "Unlimited Gold");
  assert_list (api->transports, "http https");
  assert_list (api->tags, "pizza food");
  assert_list (api->environments, "Production and Sandbox");
  g_assert_cmpint (api->endpoint_security, ==, CORE_ENDPOINT_SECURITY_BASIC);
  g_assert_cmpstr (api->endpoint_user, ==, "kitchen");
  g_assert_null (api->endpoint_password);
  g_assert_true (api->response_caching);
  g_assert_cmpuint (api->cache_timeout_s, ==, 60);
  g_assert_true (api->is_default_version);
  g_assert_cmpstr (api->in_sequence, ==, "debug_in_flow");
  g_assert_cmpstr (api->additional_properties, ==, "{\"kitchen\":\"north\"}");
  g_assert_nonnull (strstr (api->definition, "\"2.0\""));
  g_assert_cmpuint (api->resources->len, ==, 3);
  resource = g_ptr_array_index (api->resources, 2);
  g_assert_cmpstr (resource->verb, ==, "DELETE");
  g_assert_cmpstr (resource->url_pattern, ==, "/order/{orderId}");
  g_assert_cmpstr (resource->auth_type, ==, "Application_User");
  g_assert_cmpstr (resource->throttling_tier, ==, "10KPerMin");
}

static void
check_documents (const GPtrArray *documents)
{
  const CoreArchiveDocument *how_to = g_ptr_array_index (documents, 0),
                            *menu = g_ptr_array_index (documents, 1);
  const CoreArchiveDocument *old = g_ptr_array_index (documents, 2), *site = g_ptr_array_index (documents, 3);

  g_assert_cmpuint (documents->len, ==, 4);
  g_assert_cmpstr (how_to->summary, ==, "How to eat");
  assert_bytes (how_to->content, "With both hands: \xc3\xa4\xc3\x9f");
  g_assert_cmpstr (menu->file_name, ==, "menu.txt");
  assert_bytes (menu->content, "Margherita");
  g_assert_cmpstr (old->other_type, ==, "Leaflet");
  assert_bytes (old->content, "as 1.10 had it");
  g_assert_cmpstr (site->source_url, ==, "https://pizza.example/forum");
  g_assert_null (site->content);
}

static void
test_wso2 (void)
{
  g_autoptr (GBytes) bytes = wso2_archive ();
  g_autoptr (CoreArchive) archive = read_archive (bytes);
  const CoreArchiveSequence *sequence;

  check_api (archive->api);
  check_documents (archive->documents);
  g_assert_cmpstr (archive->image_name, ==, "icon.png");
  assert_bytes (archive->image, "\x89PNG");
  assert_bytes (archive->wsdl, "<definitions/>");
  g_assert_cmpuint (archive->sequences->len, ==, 2);
  sequence = g_ptr_array_index (archive->sequences, 0);
  g_assert_cmpstr (sequence->name, ==, "my_fault");
  g_assert_true (sequence->is_custom && sequence->flow == CORE_SEQUENCE_FAULT);
  sequence = g_ptr_array_index (archive->sequences, 1);
  g_assert_cmpstr (sequence->name, ==, "debug_in_flow");
  g_assert_false (sequence->is_custom);
  g_assert_cmpuint (archive->warnings->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (archive->warnings, 0), "Surprise/file.bin"));
}

/* Written, read and written again: the same bytes, without the password. */
static void
test_round_trip (void)
{
  g_autoptr (GBytes) foreign = wso2_archive (), first = NULL, second = NULL;
  g_autoptr (CoreArchive) archive = read_archive (foreign), again = NULL;
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;

  core_api_set_text (&archive->api->endpoint_password, "s3cret-of-the-kitchen");
  first = core_archive_write (archive, &error);
  g_assert_no_error (error);
  again = read_archive (first);
  check_api (again->api);
  check_documents (again->documents);
  g_assert_cmpuint (again->sequences->len, ==, 2);
  g_assert_cmpuint (again->warnings->len, ==, 0);
  second = core_archive_write (again, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (first, second));
  json = core_archive_api_to_json (archive->api);
  g_assert_null (strstr (json, "s3cret"));
}

typedef struct
{
  const char *name;
  const char *files[8]; /* name, text, ... */
  const char *message;
} Bad;

#define ID                                                                                                   \
  "\"id\":{\"providerName\":\"a\",\"apiName\":\"A\",\"version\":\"1\"},\"contextTemplate\":\"/a/{version}\""

static const Bad bads[] = {
  { "no-folder", { "api.json", "{}" }, "no folder" },
  { "two-folders",
    { "A-1/Meta-information/api.json", "{" ID "}", "B-1/x", "y" },
    "more than the one folder" },
  { "no-api", { "A-1/Meta-information/swagger.json", "{}" }, "api.json: it is missing" },
  { "no-swagger", { "A-1/Meta-information/api.json", "{" ID "}" }, "swagger.json: it is missing" },
  { "no-json", { "A-1/Meta-information/api.json", "<html>" }, "api.json: not a JSON object" },
  { "no-name", { "A-1/Meta-information/api.json", "{\"id\":{}}" }, "id/apiName" },
  { "no-context",
    { "A-1/Meta-information/api.json",
      "{\"id\":{\"providerName\":\"a\",\"apiName\":\"A\",\"version\":\"1\"}}" },
    "contextTemplate" },
  { "bad-resource", { "A-1/Meta-information/api.json", "{" ID ",\"uriTemplates\":[{}]}" }, "uriTemplates" },
  { "bad-documents",
    { "A-1/Meta-information/api.json", "{" ID "}", "A-1/Meta-information/swagger.json", "{}",
      "A-1/Docs/docs.json", "{}" },
    "docs.json: it is no array" },
  { "document-elsewhere",
    { "A-1/Meta-information/api.json", "{" ID "}", "A-1/Meta-information/swagger.json", "{}",
      "A-1/Docs/docs.json", "[{\"name\":\"../x\"}]" },
    "without a slash" },
};

static void
test_bad (gconstpointer data)
{
  const Bad *bad = data;
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i + 1 < G_N_ELEMENTS (bad->files) && bad->files[i] != NULL; i += 2)
    {
      g_autoptr (GBytes) file = g_bytes_new_static (bad->files[i + 1], strlen (bad->files[i + 1]));

      g_assert_true (core_zip_add (zip, bad->files[i], file, NULL));
    }
  bytes = core_zip_write (zip, NULL);
  g_assert_null (core_archive_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error));
  g_assert_error (error, CORE_ARCHIVE_ERROR, CORE_ARCHIVE_ERROR_INVALID);
  if (strstr (error->message, bad->message) == NULL)
    g_error ("%s", error->message);
}

/* What an export of an API with many resources holds is no attack. */
static void
test_large (void)
{
  g_autoptr (CoreArchive) archive = core_archive_new ();
  g_autoptr (CoreArchive) again = NULL;
  g_autoptr (GBytes) bytes = NULL;

  core_api_set_text (&archive->api->provider, "admin");
  core_api_set_text (&archive->api->name, "Large");
  core_api_set_text (&archive->api->version, "1");
  core_api_set_text (&archive->api->context_template, "/large/{version}");
  core_api_set_text (&archive->api->tenant_domain, "carbon.super");
  core_api_set_text (&archive->api->definition, "{}");
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *pattern = g_strdup_printf ("/resource/%u", i);

      core_api_add_resource (archive->api, "GET", pattern, NULL);
    }
  bytes = core_archive_write (archive, NULL);
  again = read_archive (bytes);
  g_assert_cmpuint (again->api->resources->len, ==, 5000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive/wso2", test_wso2);
  g_test_add_func ("/archive/round-trip", test_round_trip);
  g_test_add_func ("/archive/large", test_large);
  for (guint i = 0; i < G_N_ELEMENTS (bads); i++)
    {
      g_autofree char *path = g_strconcat ("/archive/bad/", bads[i].name, NULL);

      g_test_add_data_func (path, &bads[i], test_bad);
    }
  return g_test_run ();
}
