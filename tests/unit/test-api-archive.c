/* APIs imported from archives and exported to them, on real databases: one that WSO2's tool shaped, our own
 * there and back, and archives that are refused and leave nothing behind. */
#include "config.h"

#include "core/core-api-archive.h"
#include "core/core-api-lifecycle.h"
#include "core/core-api-write.h"
#include "core/core-archive.h"
#include "core/core-document.h"
#include "tests/lib/portal-world.h"

#include <glib/gstdio.h>
#include <string.h>

#define ENDPOINT                                                                                             \
  "{\"endpoint_type\":\"http\",\"production_endpoints\":{\"url\":\"http://backend:8080\",\"config\":null}}"
#define DEFINITION                                                                                           \
  "{\"swagger\":\"2.0\",\"info\":{\"title\":\"Weather\",\"version\":\"1.0.0\"},\"x-wso2-security\":{"        \
  "\"apim\":"                                                                                                \
  "{\"x-wso2-scopes\":[{\"key\":\"weather_write\",\"name\":\"Write\",\"roles\":\"editor\"}]}},\"paths\":{"   \
  "\"/report\":{\"post\":{\"x-auth-type\":\"Application User\",\"x-scope\":\"weather_write\","               \
  "\"responses\":{}}}}}"

static const CoreApiThumbnail png = { "\x89PNG\r\n\x1a\n\0pixels", 15 };

/* A deployer that fails, and counts what it is asked. */
static guint n_published;

static const char *const *
list_environments (CoreDeployer *deployer)
{
  static const char *const names[] = { "Europe", NULL };

  return names;
}

static void
fail_publish (CoreDeployer *deployer, const CoreApi *api, const char *const *environments,
              GPtrArray *failures)
{
  n_published++;
  core_deployer_failures_add (failures, environments[0], CORE_DEPLOYER_PUBLISH, "connection refused");
}

static void
remove_nothing (CoreDeployer *deployer, const CoreApi *api, const char *const *environments,
                GPtrArray *failures)
{
  g_assert_not_reached ();
}

static CoreDeployer broken = { list_environments, fail_publish, remove_nothing, remove_nothing };

static CoreApi *
weather (void)
{
  CoreApi *api = core_api_new ();
  CoreApiResource *resource;

  core_api_set_text (&api->provider, "paula");
  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->version, "1.0.0");
  core_api_set_text (&api->context_template, "/weather/{version}");
  core_api_set_text (&api->description, "Rain & sun");
  core_api_set_text (&api->endpoint_config, ENDPOINT);
  core_api_set_text (&api->definition, DEFINITION);
  core_api_set_list (&api->tiers, (const char *const[]){ "Unlimited", NULL });
  core_api_set_list (&api->tags, (const char *const[]){ "sun", "rain", NULL });
  resource = core_api_add_resource (api, "POST", "/report", "Application_User");
  core_api_set_text (&resource->scope, "weather_write");
  core_api_add_scope (api, "weather_write", "Write", (const char *const[]){ "editor", NULL });
  return api;
}

static void
add_document (PortalWorld *stage, const CoreApi *api, const char *name, const char *source_type,
              const char *file_name, const char *content)
{
  const StApiDocument document = { .name = (char *)name,
                                   .type = (char *)"OTHER",
                                   .other_type_name = (char *)"Leaflet",
                                   .summary = (char *)"What it says",
                                   .source_type = (char *)source_type,
                                   .source_url = (char *)"https://example.com/doc",
                                   .visibility = (char *)"PRIVATE" };
  g_autoptr (GError) why = NULL;
  g_autoptr (StApiDocument) added
      = core_document_add (&stage->portal, stage->publisher, api->uuid, &document, &why);

  g_assert_no_error (why);
  if (content != NULL)
    PORTAL_DO (core_document_set_content (&stage->portal, stage->publisher, api->uuid, added->uuid, file_name,
                                          file_name != NULL ? "text/x-rain" : NULL, content, strlen (content),
                                          &error));
}

/* Published, with a picture and documents of every kind, two of them with files of one name. */
static CoreApi *
create_weather (PortalWorld *stage)
{
  g_autoptr (CoreApi) wanted = weather ();
  g_autoptr (GError) why = NULL;
  CoreApi *api = core_api_create_with_thumbnail (&stage->portal, stage->publisher, wanted, 0, &png, &why);

  g_assert_no_error (why);
  add_document (stage, api, "Text", "INLINE", NULL, "With both hands: \xc3\xa4\xc3\x9f");
  add_document (stage, api, "Empty", "INLINE", NULL, NULL);
  add_document (stage, api, "Link", "URL", NULL, NULL);
  add_document (stage, api, "One", "FILE", "menu.txt", "Margherita");
  add_document (stage, api, "Two", "FILE", "Menu.txt", "Funghi");
  PORTAL_DO (core_api_change_lifecycle (&stage->portal, stage->publisher, api->uuid, "Publish", 0, NULL, NULL,
                                        &error));
  return api;
}

static GBytes *export(PortalWorld *stage, gboolean preserve_status)
{
  g_autoptr (GError) why = NULL;
  GBytes *bytes = core_api_archive_export (&stage->portal, stage->admin, "paula", "Weather", "1.0.0",
                                           preserve_status, &why);

  g_assert_no_error (why);
  return bytes;
}

static gboolean overwrites;

static gboolean
import_as (PortalWorld *stage, const CoreActor *actor, GBytes *bytes, gboolean preserve_provider,
           CoreApiImport **import, GError **error)
{
  const CoreApiImportOptions options = { .preserve_provider = preserve_provider, .overwrite = overwrites };

  return core_api_archive_import (&stage->portal, actor, g_bytes_get_data (bytes, NULL),
                                  g_bytes_get_size (bytes), &options, import, error);
}

static void
assert_warnings (const CoreApiImport *import, const char *const *words)
{
  for (guint i = 0; i < import->warnings->len || words[i] != NULL; i++)
    {
      if (words[i] == NULL)
        g_error ("%s", (const char *)import->warnings->pdata[i]);
      g_assert_cmpuint (i, <, import->warnings->len);
      if (strstr (import->warnings->pdata[i], words[i]) == NULL)
        g_error ("not \"%s\", but: %s", words[i], (const char *)import->warnings->pdata[i]);
    }
}

static void
assert_nothing (WriteWorld *world, gint64 n_apis)
{
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, n_apis);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_ARTIFACT"), ==, n_apis);
  if (n_apis > 0)
    return;
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_THUMBNAIL"), ==, 0);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_DOCUMENT"), ==, 0);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_LC_EVENT"), ==, 0);
}

/* Exported, deleted, imported and exported again: the same bytes, so the same API. */
static void
test_there_and_back (WriteWorld *world)
{
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApiImport) import = NULL;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GBytes) created = NULL;
  g_autoptr (CoreArchive) read = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  api = create_weather (stage);
  first = export(stage, TRUE);
  again = export(stage, TRUE);
  g_assert_true (g_bytes_equal (first, again));
  created = export(stage, FALSE);
  read = core_archive_read (g_bytes_get_data (created, NULL), g_bytes_get_size (created), NULL);
  g_assert_cmpstr (read->api->status, ==, "CREATED");
  g_assert_cmpuint (read->documents->len, ==, 5);

  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "A duplicate API already exists for Weather-1.0.0",
                 import_as (stage, stage->admin, first, TRUE, &import, &error));
  PORTAL_DO (core_api_delete (&stage->portal, stage->publisher, api->uuid, NULL, &error));
  assert_nothing (world, 0);
  PORTAL_DO (import_as (stage, stage->admin, first, TRUE, &import, &error));
  assert_warnings (import, (const char *const[]){ "The document \"Empty\" has no content", NULL });
  g_assert_cmpstr (import->api->status, ==, "PUBLISHED");
  g_assert_cmpstr (import->api->provider, ==, "paula");
  g_assert_cmpstr (import->api->uuid, !=, api->uuid);
  g_assert_cmpstr (import->api->thumbnail_type, ==, "image/png");
  g_assert_cmpstr (((CoreApiScope *)import->api->scopes->pdata[0])->key, ==, "weather_write");
  back = export(stage, TRUE);
  g_assert_true (g_bytes_equal (first, back));
  write_world_rows (world,
                    "SELECT NAME, SOURCE_TYPE, FILE_NAME, MEDIA_TYPE FROM APIM_API_DOCUMENT ORDER BY NAME",
                    "Empty|INLINE|NULL|NULL\nLink|URL|NULL|NULL\nOne|FILE|menu.txt|text/x-rain\n"
                    "Text|INLINE|NULL|NULL\nTwo|FILE|2-Menu.txt|text/x-rain");
  write_world_rows (world, "SELECT PREVIOUS_STATE, NEW_STATE, USER_ID FROM AM_API_LC_EVENT ORDER BY EVENT_ID",
                    "NULL|CREATED|admin\nCREATED|PUBLISHED|admin");
}

/* What tests/lib/make-wso2-archive writes. */
static GBytes *
wso2_archive (void)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "lib", "make-wso2-archive", NULL);
  g_autofree char *folder = g_dir_make_tmp ("archive-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "api.zip", NULL);
  char *arguments[] = { (char *)"python3", script, file, NULL };
  char *bytes;
  gsize length;
  int status;

  g_assert_true (
      g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_file_get_contents (file, &bytes, &length, NULL));
  g_remove (file);
  g_rmdir (folder);
  return g_bytes_new_take (bytes, length);
}

static void
test_wso2 (WriteWorld *world)
{
  static const char *const warnings[]
      = { "Surprise/file.bin",    "\"my_fault\"",     "\"debug_in_flow\"", "WSDL document",
          "icon.png is left out", "no tier \"Gold\"", "wants a password",  NULL };
  static const char *const none[] = { NULL };
  const StTenant tenant = { 7, (char *)"example.com", TRUE };
  g_autoptr (CoreActor) erin
      = core_actor_new (NULL, "erin", &tenant, none, CORE_MAY_LOGIN | CORE_MAY_CREATE | CORE_MAY_ADMINISTER);
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (CoreApiImport) import = NULL;
  g_autoptr (CoreApiImport) ours = NULL;
  const CoreApiResource *resource;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  bytes = wso2_archive ();
  PORTAL_DO (import_as (stage, erin, bytes, TRUE, &import, &error));
  assert_warnings (import, warnings);
  g_assert_cmpstr (import->api->provider, ==, "dave@example.com");
  g_assert_cmpstr (import->api->context_template, ==, "/pizzashack/{version}");
  g_assert_cmpstr (import->api->status, ==, "CREATED");
  g_assert_cmpstr (import->api->description, ==, "Orders pizzas & more");
  g_assert_cmpstr (import->api->visible_roles[1], ==, "waiter");
  g_assert_cmpstr (import->api->tiers[0], ==, "Unlimited");
  g_assert_null (import->api->tiers[1]);
  g_assert_cmpstr (import->api->in_sequence, ==, "debug_in_flow");
  g_assert_cmpuint (import->api->resources->len, ==, 1); /* the document's */
  resource = import->api->resources->pdata[0];
  g_assert_cmpstr (resource->url_pattern, ==, "/order");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_API_DOCUMENT"), ==, 4);
  write_world_rows (world, "SELECT CONTEXT FROM AM_API", "/t/example.com/pizzashack/1.0.0");

  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "Tenant mismatch!",
                 import_as (stage, stage->admin, bytes, TRUE, &ours, &error));
  PORTAL_DO (import_as (stage, stage->admin, bytes, FALSE, &ours, &error));
  g_assert_cmpstr (ours->api->provider, ==, "admin");
  write_world_rows (world, "SELECT CONTEXT FROM AM_API WHERE API_PROVIDER = 'admin'", "/pizzashack/1.0.0");
}

static GBytes *
archive_of (const CoreApi *api)
{
  g_autoptr (CoreArchive) archive = core_archive_new ();
  g_autoptr (GError) why = NULL;
  GBytes *bytes;

  core_api_free (archive->api);
  archive->api = core_api_copy (api);
  if (archive->api->definition == NULL)
    core_api_set_text (&archive->api->definition, DEFINITION);
  archive->image = g_bytes_new_static (png.bytes, png.length);
  archive->image_name = g_strdup ("icon.png");
  bytes = core_archive_write (archive, &why);
  g_assert_no_error (why);
  return bytes;
}

static void
refuse_archive (PortalWorld *stage, const CoreApi *api, CorePortalError code, const char *words)
{
  g_autoptr (GBytes) bytes = archive_of (api);
  g_autoptr (CoreApiImport) import = NULL;
  g_autoptr (GError) why = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  const GPtrArray *violations;

  g_assert_false (import_as (stage, stage->admin, bytes, TRUE, &import, &why));
  g_assert_error (why, CORE_PORTAL_ERROR, (gint)code);
  g_assert_null (import);
  g_string_append (all, why->message);
  violations = core_portal_error_violations (why);
  for (guint i = 0; violations != NULL && i < violations->len; i++)
    g_string_append (all, ((CoreViolation *)violations->pdata[i])->message);
  if (strstr (all->str, words) == NULL)
    g_error ("not \"%s\", but: %s", words, all->str);
}

/* Whatever stands against it, nothing of it is there afterwards. */
static void
test_refused (WriteWorld *world)
{
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (CoreApi) other = NULL;
  g_autoptr (CoreApi) made = NULL;
  g_autoptr (GError) why = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  core_api_set_text (&api->status, "FLYING");
  refuse_archive (stage, api, CORE_PORTAL_ERROR_INVALID, "FLYING is not reachable from CREATED");
  core_api_set_text (&api->status, "BLOCKED");
  core_api_set_text (&api->endpoint_config, NULL);
  refuse_archive (stage, api, CORE_PORTAL_ERROR_INVALID, "No endpoint selected");
  core_api_set_text (&api->endpoint_config, "{");
  core_api_set_text (&api->status, NULL);
  refuse_archive (stage, api, CORE_PORTAL_ERROR_INVALID, "endpoint");
  core_api_set_text (&api->endpoint_config, NULL);
  core_api_set_text (&api->definition, "{\"swagger\":\"1.2\"}");
  refuse_archive (stage, api, CORE_PORTAL_ERROR_INVALID, "Swagger 2.0");
  core_api_set_text (&api->definition, NULL);
  core_api_set_text (&api->name, "We@ther");
  refuse_archive (stage, api, CORE_PORTAL_ERROR_INVALID, "API name must not contain");
  assert_nothing (world, 0);

  other = weather ();
  core_api_set_text (&other->name, "Other");
  core_api_set_text (&other->context_template, "/other/{version}");
  made = core_api_create (&stage->portal, stage->publisher, other, 0, &why);
  g_assert_no_error (why);
  core_api_set_text (&api->name, "Weather");
  refuse_archive (stage, api, CORE_PORTAL_ERROR_CONFLICT,
                  "Scope weather_write is already assigned by another API");
  core_api_set_text (&api->name, "oTHER");
  refuse_archive (stage, api, CORE_PORTAL_ERROR_CONFLICT, "A duplicate API already exists for oTHER-1.0.0");
  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->context_template, "/other/{version}");
  core_api_set_text (&api->definition, "{\"swagger\":\"2.0\",\"paths\":{}}");
  refuse_archive (stage, api, CORE_PORTAL_ERROR_CONFLICT, "A duplicate API context already exists");
  assert_nothing (world, 1);
}

static void
assert_state (PortalWorld *stage, const char *state, const char *events)
{
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (CoreApiImport) import = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *select = NULL;

  core_api_set_text (&api->status, state);
  bytes = archive_of (api);
  PORTAL_DO (import_as (stage, stage->admin, bytes, TRUE, &import, &error));
  g_assert_cmpstr (import->api->status, ==, state);
  select = g_strdup_printf ("SELECT NEW_STATE FROM AM_API_LC_EVENT WHERE API_ID = %" G_GINT64_FORMAT
                            " ORDER BY EVENT_ID",
                            import->api->id);
  write_world_rows (stage->world, select, events);
  PORTAL_DO (core_api_delete (&stage->portal, stage->admin, import->api->uuid, NULL, &error));
}

static void
test_states (WriteWorld *world)
{
  g_autoptr (PortalWorld) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  assert_state (stage, "CREATED", "CREATED");
  assert_state (stage, "PROTOTYPED", "CREATED\nPROTOTYPED");
  assert_state (stage, "PUBLISHED", "CREATED\nPUBLISHED");
  assert_state (stage, "BLOCKED", "CREATED\nPUBLISHED\nBLOCKED");
  assert_state (stage, "RETIRED", "CREATED\nPUBLISHED\nDEPRECATED\nRETIRED");
}

/* Who may, what is only tried, and gateways that are away or not here. */
static void
test_actors_and_gateways (WriteWorld *world)
{
  static const char *const none[] = { NULL };
  const StTenant super = { ST_SUPER_TENANT_ID, (char *)ST_SUPER_TENANT_DOMAIN, TRUE };
  g_autoptr (CoreActor) creator
      = core_actor_new (NULL, "carl", &super, none, CORE_MAY_LOGIN | CORE_MAY_CREATE | CORE_MAY_ADMINISTER);
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (CoreApiImport) import = NULL;
  g_autoptr (CoreApiImport) tried = NULL;
  g_autoptr (CoreApiImport) nowhere = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) elsewhere = NULL;
  g_autoptr (GError) why = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  stage->portal.deployer = &broken;
  core_api_set_text (&api->status, "PUBLISHED");
  bytes = archive_of (api);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "import APIs",
                 import_as (stage, stage->publisher, bytes, TRUE, &import, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "not in the state CREATED",
                 import_as (stage, creator, bytes, TRUE, &import, &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_FORBIDDEN, "export APIs",
      core_api_archive_export (&stage->portal, stage->publisher, "paula", "Weather", "1.0.0", TRUE, &error)
          != NULL);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "not of your tenant",
                 core_api_archive_export (&stage->portal, stage->admin, "dave-AT-example.com", "Weather",
                                          "1.0.0", TRUE, &error)
                     != NULL);
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_NOT_FOUND, "Weather-1.0.0",
      core_api_archive_export (&stage->portal, stage->admin, "paula", "Weather", "1.0.0", TRUE, &error)
          != NULL);
  stage->portal.dry_run = TRUE;
  PORTAL_DO (import_as (stage, stage->admin, bytes, TRUE, &tried, &error));
  stage->portal.dry_run = FALSE;
  g_assert_cmpstr (tried->api->status, ==, "PUBLISHED");
  assert_nothing (world, 0);
  g_assert_cmpuint (n_published, ==, 0);
  g_assert_false (import_as (stage, stage->admin, bytes, TRUE, &import, &why));
  g_assert_error (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PARTIAL);
  g_assert_cmpstr (import->api->status, ==, "PUBLISHED");
  g_assert_cmpuint (n_published, ==, 1);
  n_published = 0;

  core_api_set_text (&api->version, "2.0.0");
  core_api_set_list (&api->environments, (const char *const[]){ "Mars", NULL });
  elsewhere = archive_of (api);
  PORTAL_DO (import_as (stage, stage->admin, elsewhere, TRUE, &nowhere, &error));
  assert_warnings (nowhere, (const char *const[]){ "gateway environment \"Mars\"", "for no gateway", NULL });
  g_assert_cmpuint (n_published, ==, 0);
}

/* An API that is there becomes what another archive says, keeps who it is, and goes to the gateways again. */
static void
test_overwrite (WriteWorld *world)
{
  g_autoptr (PortalWorld) stage = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (CoreApi) other = weather ();
  g_autoptr (CoreApiImport) import = NULL;
  g_autoptr (CoreApiImport) plain = NULL;
  g_autoptr (CoreApiImport) none = NULL;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GBytes) created = NULL;
  g_autofree char *link = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = portal_world_new (world);
  api = create_weather (stage);
  first = export(stage, TRUE);
  link = g_strdup_printf ("SELECT COUNT(*) FROM APIM_API_DOCUMENT WHERE API_ID = %" G_GINT64_FORMAT, api->id);

  /* Something else is there now. */
  core_api_set_text (&other->description, "Hail");
  PORTAL_DO (core_api_update (&stage->portal, stage->publisher, api->uuid, other, NULL, NULL, &error));
  PORTAL_DO (core_api_thumbnail_set (&stage->portal, stage->publisher, api->uuid, NULL, NULL, NULL, &error));
  add_document (stage, api, "New", "URL", NULL, NULL);
  PORTAL_DO (core_api_change_lifecycle (&stage->portal, stage->publisher, api->uuid, "Block", 0, NULL, NULL,
                                        &error));
  g_assert_cmpint (write_world_number (world, link), ==, 6);

  overwrites = TRUE;
  PORTAL_DO (import_as (stage, stage->admin, first, TRUE, &import, &error));
  g_assert_cmpstr (import->api->uuid, ==, api->uuid);
  g_assert_cmpstr (import->api->description, ==, "Rain & sun");
  g_assert_cmpstr (import->api->status, ==, "PUBLISHED");
  g_assert_cmpint (write_world_number (world, link), ==, 5);
  back = export(stage, TRUE);
  g_assert_true (g_bytes_equal (first, back));

  /* An export of 2.6.0 says CREATED, and means nothing by it; it has no documents and another picture. */
  created = archive_of (other);
  stage->portal.deployer = &broken;
  g_assert_false (import_as (stage, stage->admin, created, TRUE, &plain, NULL));
  g_assert_cmpuint (n_published, ==, 1);
  n_published = 0;
  g_assert_cmpstr (plain->api->status, ==, "PUBLISHED");
  g_assert_cmpstr (plain->api->description, ==, "Hail");
  g_assert_cmpint (write_world_number (world, link), ==, 0);
  stage->portal.deployer = NULL;
  core_api_set_text (&other->definition, "{\"swagger\":\"1.2\"}");
  refuse_archive (stage, other, CORE_PORTAL_ERROR_INVALID, "Swagger 2.0");
  core_api_set_text (&other->definition, NULL);
  core_api_set_text (&other->status, "FLYING");
  refuse_archive (stage, other, CORE_PORTAL_ERROR_INVALID, "FLYING is not reachable from PUBLISHED");
  overwrites = FALSE;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "A duplicate API",
                 import_as (stage, stage->admin, first, TRUE, &none, &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/api-archive/there-and-back", test_there_and_back);
  write_world_add_few ("/api-archive/wso2", test_wso2);
  write_world_add_few ("/api-archive/refused", test_refused);
  write_world_add_few ("/api-archive/states", test_states);
  write_world_add_few ("/api-archive/actors-and-gateways", test_actors_and_gateways);
  write_world_add_few ("/api-archive/overwrite", test_overwrite);
  return write_world_run_tests ();
}
