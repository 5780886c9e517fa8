/* APIs of a WSO2 registry taken into our tables, on real databases: what is taken, what a second import leaves alone,
 * and what of a registry cannot be taken. */
#include "config.h"

#include "core/core-api-write.h"
#include "core/core-document.h"
#include "core/core-registry-import.h"
#include "store/st-api-artifact.h"
#include "store/st-api-writes.h"
#include "store/st-portal-setup.h"
#include "tests/lib/fake-store.h"
#include "tests/lib/portal-world.h"
#include "tests/lib/registry-world.h"

#include <string.h>

#define WEATHER_UUID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define DATA "/apimgt/applicationdata"
#define WEATHER DATA "/provider/admin/Weather/1.0.0"
#define RAIN DATA "/provider/dave-AT-example.com/Rain/1.0"
#define API_XML "application/vnd.wso2-api+xml"
#define DOCUMENT_XML "application/vnd.wso2-document+xml"
#define ENDPOINT                                                                                                       \
  "{\"endpoint_type\":\"http\",\"production_endpoints\":{\"url\":\"http://backend:8080\",\"config\":null}}"
#define DEFINITION                                                                                                     \
  "{\"swagger\":\"2.0\",\"info\":{\"title\":\"Weather\",\"version\":\"1.0.0\"},\"paths\":{\"/report\":{\"post\":{"     \
  "\"summary\":\"Tell\",\"responses\":{}}}}}"

static const char picture[] = "\x89PNG\r\n\x1a\n\0pixels";

typedef struct
{
  PortalWorld *portal_world;
  CorePortal portal;
  FakeStore *users;
  StDatabase *registry;
  guint artifact; /* REG_VERSION of Weather's */
} Stage;

static char *
metadata (const char *overview)
{
  return g_strdup_printf (
      "<?xml version=\"1.0\"?><metadata xmlns=\"http://www.wso2.org/governance/metadata\"><overview>"
      "%s</overview></metadata>",
      overview);
}

/* 1.x says the state here, 2.x in a property. */
static char *
weather_xml (const WriteWorld *world, const char *description)
{
  const char *status = write_world_has (world, ST_CAP_API_TIER) ? "CREATED" : "PUBLISHED";
  g_autofree char *overview = g_strdup_printf (
      "<provider>admin</provider><name>Weather</name><version>1.0.0</version><context>/weather/1.0.0</context>"
      "<contextTemplate>/weather/{version}</contextTemplate><description>%s</description><status>%s</status>"
      "<tier>Gold||Unlimited</tier><visibility>restricted</visibility><visibleRoles>forecaster</visibleRoles>"
      "<transports>http,https</transports><endpointConfig>" ENDPOINT
      "</endpointConfig><businessOwner>Ann</businessOwner>"
      "<isLatest>true</isLatest>",
      description, status);

  return metadata (overview);
}

static void
add_api (WriteWorld *world, const char *provider, const char *name, const char *version, const char *template,
         gint tenant_id, const char *user)
{
  const StApiIdentity identity = { provider, name, version };
  const StApiResource resource = { "POST", "/report", "Any", NULL, NULL, NULL };
  const StApiDesign design
      = { .tenant_id = tenant_id, .context_template = template, .resources = &resource, .n_resources = 1 };
  gint64 api_id;

  WRITE (world, st_write_create_api (writer, &identity, &design, user, FALSE, &api_id, &error));
}

static guint
add_file (WriteWorld *world, gint tenant_id, const char *folder, const char *name, const char *media_type,
          const char *uuid, const char *text)
{
  return registry_world_add_file (world, tenant_id, folder, name, media_type, uuid, text, strlen (text));
}

static void
add_document (WriteWorld *world, const char *name, const char *overview)
{
  g_autofree char *xml = metadata (overview);

  add_file (world, ST_SUPER_TENANT_ID, WEATHER "/documentation", name, DOCUMENT_XML, NULL, xml);
}

static void
add_weather (Stage *stage, WriteWorld *world)
{
  g_autofree char *xml = weather_xml (world, "Rain &amp; sun");

  add_api (world, "admin", "Weather", "1.0.0", "/weather/{version}", ST_SUPER_TENANT_ID, "admin");
  stage->artifact = add_file (world, ST_SUPER_TENANT_ID, WEATHER, "api", API_XML, WEATHER_UUID, xml);
  registry_world_add_property (world, ST_SUPER_TENANT_ID, stage->artifact, "registry.lifecycle.APILifeCycle.state",
                               "Published");
  registry_world_add_property (world, ST_SUPER_TENANT_ID, stage->artifact, "publisher_access_control", "restricted");
  registry_world_add_property (world, ST_SUPER_TENANT_ID, stage->artifact, "publisher_roles", "creators");
  registry_world_add_property (world, ST_SUPER_TENANT_ID, stage->artifact, "display_publisher_roles", "Creators");
  registry_world_add_property (world, ST_SUPER_TENANT_ID, stage->artifact, "api_meta.team", "north");
  registry_world_add_tag (world, ST_SUPER_TENANT_ID, stage->artifact, "sun", "admin");
  registry_world_add_tag (world, ST_SUPER_TENANT_ID, stage->artifact, "sun", "bob");
  registry_world_add_tag (world, ST_SUPER_TENANT_ID, stage->artifact, "rain", "admin");
  add_file (world, ST_SUPER_TENANT_ID, WEATHER, "swagger.json", "application/json", NULL, DEFINITION);
  registry_world_add_file (world, ST_SUPER_TENANT_ID, DATA "/icons/admin/Weather/1.0.0", "icon", "image/png", NULL,
                           picture, sizeof picture - 1);
  add_document (world, "Guide",
                "<name>Guide</name><type>How To</type><sourceType>INLINE</sourceType><summary>Begin</summary>"
                "<visibility>API_LEVEL</visibility><sourceURL> </sourceURL>");
  add_file (world, ST_SUPER_TENANT_ID, WEATHER "/documentation/contents", "Guide", "text/plain", NULL, "Look up.");
  add_document (world, "Manual",
                "<name>Manual</name><type>Other</type><otherTypeName>Book</otherTypeName><sourceType>FILE</sourceType>"
                "<filePath>/registry/resource/_system/governance" WEATHER "/documentation/files/m.pdf</filePath>");
  add_file (world, ST_SUPER_TENANT_ID, WEATHER "/documentation/files", "m.pdf", "application/pdf", NULL, "%PDF");
}

static gboolean
has_tables (const WriteWorld *world)
{
  return write_world_has (world, ST_CAP_API_ARTIFACT | ST_CAP_REGISTRY_IMPORTS);
}

/* Also on databases of releases; what comes first is tried without them. */
static void
need_tables (WriteWorld *world)
{
  const guint parts = ST_SCHEMA_BIT (ST_SCHEMA_API);
  g_autofree char *script = NULL;
  g_autoptr (GError) error = NULL;

  if (has_tables (world))
    return;
  script = st_portal_install_script (world->database, parts, &error);
  g_assert_no_error (error);
  st_portal_install (world->database, parts, script, &error);
  g_assert_no_error (error);
  st_capabilities_forget (world->database);
  st_capabilities_get (world->database, 0, &world->capabilities, &error);
  g_assert_no_error (error);
  g_assert_true (has_tables (world));
}

static void
stage_init (Stage *stage, WriteWorld *world)
{
  StTenant *tenant = st_tenant_new ();

  stage->portal_world = portal_world_new (world);
  stage->portal = stage->portal_world->portal;
  stage->users = fake_store_new ();
  tenant->id = 7;
  tenant->domain = g_strdup ("example.com");
  tenant->active = TRUE;
  fake_store_add_tenant (stage->users, tenant);
  stage->portal.users = fake_store_users (stage->users);
  stage->registry = world->database;
  registry_world_make (world);
  add_weather (stage, world);
}

static void
stage_clear (Stage *stage)
{
  registry_world_remove (stage->portal_world->world);
  fake_store_free (stage->users);
  portal_world_free (stage->portal_world);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

static CoreRegistryImports *
import (Stage *stage, const CoreRegistryImportOptions *options)
{
  CoreRegistryImports *imports = NULL;

  PORTAL_DO (core_registry_import (&stage->portal, stage->registry, options, &imports, &error));
  return imports;
}

static const CoreRegistryImportOptions everything = { .governance = REGISTRY_GOVERNANCE };

/* The one of @name. */
static const CoreRegistryImport *
find (const CoreRegistryImports *imports, const char *name)
{
  for (guint i = 0; i < imports->apis->len; i++)
    {
      const CoreRegistryImport *one = imports->apis->pdata[i];

      if (g_strcmp0 (one->name, name) == 0)
        return one;
    }
  g_assert_not_reached ();
}

static gboolean
has_text (const GPtrArray *texts, const char *words)
{
  for (guint i = 0; i < texts->len; i++)
    if (strstr (texts->pdata[i], words) != NULL)
      return TRUE;
  return FALSE;
}

static void
assert_text (const GPtrArray *texts, const char *words)
{
  if (has_text (texts, words))
    return;
  for (guint i = 0; i < texts->len; i++)
    g_test_message ("%s", (const char *)texts->pdata[i]);
  g_error ("there is no \"%s\"", words);
}

/* What a second run says of Weather, with nothing else changed. */
static void
assert_import (Stage *stage, gboolean overwrite, CoreImportResult result, const char *words)
{
  const CoreRegistryImportOptions options = { .governance = REGISTRY_GOVERNANCE, .overwrite = overwrite };
  g_autoptr (CoreRegistryImports) imports = import (stage, &options);
  const CoreRegistryImport *one = find (imports, "Weather");

  g_assert_cmpstr (core_import_result_text (one->result), ==, core_import_result_text (result));
  if (words != NULL)
    assert_text (one->notes, words);
}

static CoreApi *
weather (Stage *stage)
{
  CoreApi *api = NULL;

  PORTAL_DO (
      (api = core_api_find (&stage->portal, stage->portal_world->admin, CORE_AUDIENCE_PUBLISHER, WEATHER_UUID, &error))
      != NULL);
  return api;
}

static void
assert_documents (Stage *stage)
{
  g_autoptr (GPtrArray) documents = NULL;
  g_autoptr (GBytes) content = NULL;
  g_autoptr (StApiDocument) read = NULL;
  const StApiDocument *guide, *manual;

  PORTAL_DO ((documents = core_document_list (&stage->portal, stage->portal_world->admin, CORE_AUDIENCE_PUBLISHER,
                                              WEATHER_UUID, &error))
             != NULL);
  g_assert_cmpuint (documents->len, ==, 2);
  guide = documents->pdata[0];
  manual = documents->pdata[1];
  g_assert_cmpstr (guide->type, ==, "HOWTO");
  g_assert_cmpstr (guide->summary, ==, "Begin");
  g_assert_cmpstr (manual->other_type_name, ==, "Book");
  g_assert_cmpstr (manual->file_name, ==, "m.pdf");
  g_assert_cmpstr (manual->media_type, ==, "application/pdf");
  g_assert_cmpstr (manual->visibility, ==, "API_LEVEL");
  PORTAL_DO ((read = core_document_read (&stage->portal, stage->portal_world->admin, CORE_AUDIENCE_PUBLISHER,
                                         WEATHER_UUID, guide->uuid, &content, &error))
             != NULL);
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), "Look up.", 8);
}

static void
test_take (WriteWorld *world)
{
  static const char *const taken[] = { "artifact",        "2 tags",  "1 additional properties", "OpenAPI document",
                                       "state PUBLISHED", "picture", "document \"Manual\"" };
  g_auto (Stage) stage = { NULL };
  g_autoptr (CoreRegistryImports) imports = NULL;
  g_autoptr (CoreApi) api = NULL;

  need_tables (world);
  stage_init (&stage, world);
  imports = import (&stage, &everything);
  g_assert_cmpuint (imports->apis->len, ==, 1);
  g_assert_cmpint (find (imports, "Weather")->result, ==, CORE_IMPORT_TAKEN);
  g_assert_cmpuint (find (imports, "Weather")->notes->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    assert_text (find (imports, "Weather")->taken, taken[i]);
  api = weather (&stage);
  g_assert_cmpstr (api->name, ==, "Weather");
  g_assert_cmpstr (api->description, ==, "Rain & sun");
  g_assert_cmpstr (api->status, ==, "PUBLISHED");
  g_assert_cmpstr (api->tiers[0], ==, "Gold");
  g_assert_cmpstr (api->visible_roles[0], ==, "forecaster");
  g_assert_cmpstr (api->access_control, ==, "restricted");
  g_assert_cmpstr (api->access_control_roles[0], ==, "Creators");
  g_assert_cmpstr (api->additional_properties, ==, "{\"team\":\"north\"}");
  g_assert_cmpstr (api->endpoint_config, ==, ENDPOINT);
  g_assert_cmpstr (api->tags[0], ==, "rain");
  g_assert_cmpstr (api->tags[1], ==, "sun");
  g_assert_cmpstr (api->thumbnail_type, ==, "image/png");
  g_assert_nonnull (strstr (api->definition, "Tell"));
  g_assert_cmpuint (api->resources->len, ==, 1);
  g_assert_cmpstr (api->context_template, ==, "/weather/{version}");
  assert_documents (&stage);
}

static void
set_description (Stage *stage, const char *description)
{
  g_autofree char *xml = weather_xml (stage->portal_world->world, description);

  registry_world_set_content (stage->portal_world->world, stage->artifact, xml, strlen (xml));
}

static void
change_here (Stage *stage, const char *description)
{
  g_autoptr (CoreApi) api = weather (stage);

  core_api_set_text (&api->description, description);
  PORTAL_DO (core_api_update (&stage->portal, stage->portal_world->admin, WEATHER_UUID, api, NULL, NULL, &error));
}

static void
assert_weather (Stage *stage, const char *description, gint64 revision)
{
  g_autoptr (CoreApi) api = weather (stage);

  g_assert_cmpstr (api->description, ==, description);
  if (revision != 0)
    g_assert_cmpint (api->revision, ==, revision);
}

/* A second import changes nothing; what changed in the registry comes, but not over what changed here, unless told. */
static void
test_again (WriteWorld *world)
{
  g_auto (Stage) stage = { NULL };
  g_autoptr (CoreApi) first = NULL;

  need_tables (world);
  stage_init (&stage, world);
  assert_import (&stage, FALSE, CORE_IMPORT_TAKEN, NULL);
  first = weather (&stage);
  assert_import (&stage, FALSE, CORE_IMPORT_UNCHANGED, NULL);
  assert_import (&stage, TRUE, CORE_IMPORT_UNCHANGED, NULL);
  assert_weather (&stage, "Rain & sun", first->revision);
  set_description (&stage, "Snow");
  assert_import (&stage, FALSE, CORE_IMPORT_REFRESHED, NULL);
  assert_weather (&stage, "Snow", 0);
  assert_documents (&stage);
  change_here (&stage, "Fog");
  assert_import (&stage, FALSE, CORE_IMPORT_UNCHANGED, NULL);
  set_description (&stage, "Hail");
  assert_import (&stage, FALSE, CORE_IMPORT_KEPT, "changed here");
  assert_weather (&stage, "Fog", 0);
  assert_import (&stage, TRUE, CORE_IMPORT_REFRESHED, NULL);
  assert_weather (&stage, "Hail", 0);
  assert_import (&stage, FALSE, CORE_IMPORT_UNCHANGED, NULL);
}

/* A document that was written here is a change, too; an API that was made here is not the registry's. */
static void
test_kept (WriteWorld *world)
{
  static const StApiDocument note = {
    .name = (char *)"Note", .type = (char *)"HOWTO", .source_type = (char *)"INLINE", .visibility = (char *)"API_LEVEL"
  };
  g_auto (Stage) stage = { NULL };
  g_autoptr (StApiDocument) added = NULL;

  need_tables (world);
  stage_init (&stage, world);
  assert_import (&stage, FALSE, CORE_IMPORT_TAKEN, NULL);
  PORTAL_DO ((added = core_document_add (&stage.portal, stage.portal_world->admin, WEATHER_UUID, &note, &error))
             != NULL);
  set_description (&stage, "Snow");
  assert_import (&stage, FALSE, CORE_IMPORT_KEPT, "changed here");
  write_world_run (world, "DELETE FROM APIM_REGISTRY_IMPORT;\n");
  assert_import (&stage, FALSE, CORE_IMPORT_KEPT, "made here");
  assert_weather (&stage, "Rain & sun", 0);
}

static void
test_dry_run (WriteWorld *world)
{
  g_auto (Stage) stage = { NULL };

  need_tables (world);
  stage_init (&stage, world);
  stage.portal.dry_run = TRUE;
  assert_import (&stage, FALSE, CORE_IMPORT_TAKEN, NULL);
  assert_import (&stage, FALSE, CORE_IMPORT_TAKEN, NULL);
  write_world_rows (world, "SELECT COUNT(*) FROM APIM_API_ARTIFACT", "0");
  write_world_rows (world, "SELECT COUNT(*) FROM APIM_REGISTRY_IMPORT", "0");
  write_world_rows (world, "SELECT COUNT(*) FROM AM_API_LC_EVENT", "1");
}

static void
add_rain (WriteWorld *world, gint tenant_id)
{
  g_autofree char *xml = metadata ("<provider>dave-AT-example.com</provider><name>Rain</name><version>1.0</version>"
                                   "<status>PUBLISHED</status><tier>Gold</tier><endpointSecured>true</endpointSecured>"
                                   "<endpointUsername>u</endpointUsername><endpointPpassword>*****</endpointPpassword>"
                                   "<wizardry>7</wizardry>");

  add_file (world, tenant_id, RAIN, "api", API_XML, NULL, xml);
}

/* Of another tenant; with what cannot be taken, each with its reason. */
static void
test_tenant (WriteWorld *world)
{
  static const CoreRegistryImportOptions one = { .governance = REGISTRY_GOVERNANCE, .tenant_domain = "example.com" };
  static const CoreRegistryImportOptions none = { .governance = REGISTRY_GOVERNANCE, .tenant_domain = "nowhere" };
  g_auto (Stage) stage = { NULL };
  g_autoptr (CoreRegistryImports) imports = NULL, nothing = NULL;
  const CoreRegistryImport *rain;

  need_tables (world);
  stage_init (&stage, world);
  add_api (world, "dave@example.com", "Rain", "1.0", "/t/example.com/rain/{version}", 7, "dave");
  add_rain (world, 7);
  add_file (world, 7, RAIN, "swagger.json", "application/json", NULL, "{\"swagger\":\"1.2\"}");
  add_file (world, 7, DATA "/icons/dave-AT-example.com/Rain/1.0", "icon", "image/png", NULL, "<svg/>");
  add_file (world, 7, RAIN "/documentation", "Bad", DOCUMENT_XML, NULL, "<!DOCTYPE metadata><metadata/>");
  add_file (world, 7, DATA, "tiers.xml", "application/xml", NULL, "<x/>");
  imports = import (&stage, &one);
  g_assert_cmpuint (imports->apis->len, ==, 1);
  rain = find (imports, "Rain");
  g_assert_cmpint (rain->result, ==, CORE_IMPORT_TAKEN);
  g_assert_cmpstr (rain->tenant_domain, ==, "example.com");
  assert_text (rain->notes, "password is not in the registry");
  assert_text (rain->notes, "OpenAPI document is left out");
  assert_text (rain->notes, "picture is left out");
  assert_text (rain->notes, "document \"Bad\" is left out");
  assert_text (rain->notes, "left out: wizardry");
  assert_text (imports->notes, "example.com: /_system/governance" DATA "/tiers.xml");
  write_world_rows (world, "SELECT NEW_STATE FROM AM_API_LC_EVENT WHERE TENANT_ID = 7 ORDER BY EVENT_ID DESC LIMIT 1",
                    "PUBLISHED");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "nowhere",
                 core_registry_import (&stage.portal, stage.registry, &none, &nothing, &error));
}

/* What has no counterpart, both ways; and one that is broken, which keeps none of the others back. */
static void
test_orphans (WriteWorld *world)
{
  g_auto (Stage) stage = { NULL };
  g_autoptr (CoreRegistryImports) imports = NULL;

  need_tables (world);
  stage_init (&stage, world);
  add_rain (world, 7);
  add_file (world, 9, DATA "/provider/eve/Fog/1", "api", API_XML, NULL, "<metadata/>");
  add_file (world, ST_SUPER_TENANT_ID, "/trash", "api", API_XML, NULL, "<metadata/>");
  add_api (world, "admin", "Alone", "1", "/alone/{version}", ST_SUPER_TENANT_ID, "admin");
  add_api (world, "admin", "Broken", "1", "/broken/{version}", ST_SUPER_TENANT_ID, "admin");
  add_file (world, ST_SUPER_TENANT_ID, DATA "/provider/admin/Broken/1", "api", API_XML, NULL,
            "<!DOCTYPE metadata [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><metadata><overview><name>&x;</name>"
            "</overview></metadata>");
  imports = import (&stage, &everything);
  g_assert_cmpuint (imports->apis->len, ==, 5);
  g_assert_cmpint (find (imports, "Weather")->result, ==, CORE_IMPORT_TAKEN);
  g_assert_cmpint (find (imports, "Rain")->result, ==, CORE_IMPORT_NO_API);
  g_assert_cmpint (find (imports, "Fog")->result, ==, CORE_IMPORT_NO_API);
  assert_text (find (imports, "Fog")->notes, "no tenant 9");
  g_assert_cmpint (find (imports, "Alone")->result, ==, CORE_IMPORT_NO_ARTIFACT);
  g_assert_cmpint (find (imports, "Broken")->result, ==, CORE_IMPORT_FAILED);
  assert_text (find (imports, "Broken")->notes, "not the XML");
  assert_text (imports->notes, "/_system/governance/trash/api is an API's artifact where none belongs");
}

/* Neither our tables nor a registry: said, and nothing is done. */
static void
test_missing (WriteWorld *world)
{
  g_auto (Stage) stage = { NULL };
  g_autoptr (CoreRegistryImports) imports = NULL;

  stage_init (&stage, world);
  if (has_tables (world))
    {
      registry_world_remove (world);
      PORTAL_REFUSE (CORE_PORTAL_ERROR_FAILED, "REG_PATH",
                     core_registry_import (&stage.portal, stage.registry, &everything, &imports, &error));
    }
  else
    PORTAL_REFUSE (CORE_PORTAL_ERROR_FAILED, "apimctl db",
                   core_registry_import (&stage.portal, stage.registry, &everything, &imports, &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/registry-import/missing", test_missing);
  write_world_add_few ("/registry-import/take", test_take);
  write_world_add_few ("/registry-import/again", test_again);
  write_world_add_few ("/registry-import/kept", test_kept);
  write_world_add_few ("/registry-import/dry-run", test_dry_run);
  write_world_add_few ("/registry-import/tenant", test_tenant);
  write_world_add_few ("/registry-import/orphans", test_orphans);
  return write_world_run_tests ();
}
