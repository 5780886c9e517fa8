/* Archives of applications: one as WSO2 shapes it, ours there and back, broken ones; and on real databases
 * what an import makes, for whom, and what it leaves out. */
#include "config.h"

#include "core/core-application-archive.h"
#include "core/core-application.h"
#include "core/core-subscription.h"
#include "core/core-zip.h"
#include "tests/lib/fake-store.h"
#include "tests/lib/portal-world.h"

#include <string.h>

static const char apis[]
    = "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
      " (5, 'paula', 'Weather', '1.0.0', '/weather/1.0.0'), (6, 'paula', 'Old', '1', '/old/1');\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (5, 'PUBLISHED', 'paula', "
      "-1234);\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (6, 'DEPRECATED', 'paula', "
      "-1234);\n";

#define WEATHER                                                                                              \
  "{\"apiId\":{\"providerName\":\"paula\",\"apiName\":\"Weather\",\"version\":\"1.0.0\"},\"tier\":{"         \
  "\"name\":\"Gold\"}}"
/* As Gson writes WSO2's object. */
#define WSO2                                                                                                 \
  "{\"id\":2,\"uuid\":\"5b1d\",\"name\":\"Phone\",\"subscriber\":{\"name\":\"alice\",\"id\":3,\"tenantId\":" \
  "-1234,\"subscribedDate\":\"Nov 2, 2018 1:02:03 "                                                          \
  "PM\"},\"subscribedAPIs\":[{\"subscriptionId\":4,\"tier\":{"                                               \
  "\"name\":\"Gold\",\"displayName\":\"Gold\"},\"subscriber\":{\"name\":\"alice\"},\"apiId\":{"              \
  "\"providerName\":"                                                                                        \
  "\"paula\",\"apiName\":\"Weather\",\"version\":\"1.0.0\"},\"subStatus\":\"UNBLOCKED\",\"keys\":[],"        \
  "\"isBlocked\":false},{\"apiId\":{\"providerName\":\"paula\",\"apiName\":\"Old\",\"version\":\"1\"},"      \
  "\"tier\":"                                                                                                \
  "{\"name\":\"Gold\"}}],\"keys\":[],\"oauthApps\":{\"PRODUCTION\":{\"clientId\":\"abc\",\"clientSecret\":"  \
  "\"ZGVm\"}},\"tier\":\"Unlimited\",\"callbackUrl\":\"https://phone.example/cb\",\"description\":\"d\","    \
  "\"status\":\"APPROVED\",\"groupId\":\"\",\"isBlackListed\":false,\"owner\":\"alice\",\"tokenType\":"      \
  "\"DEFAULT\",\"applicationAttributes\":{}}"

static GBytes *
archive_of (const char *path, const char *json)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autoptr (GBytes) content = g_bytes_new (json, strlen (json));

  g_assert_true (core_zip_add (zip, path, content, NULL));
  return core_zip_write (zip, NULL);
}

static CoreApplicationArchive *
read_archive (GBytes *bytes, GError **error)
{
  return core_application_archive_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}

static void
test_wso2 (void)
{
  g_autoptr (GBytes) bytes = archive_of ("Phone/Phone.json", WSO2), first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApplicationArchive) archive = read_archive (bytes, &error), again = NULL;
  const CoreArchivedSubscription *subscription;

  g_assert_no_error (error);
  g_assert_cmpstr (archive->name, ==, "Phone");
  g_assert_cmpstr (archive->owner, ==, "alice");
  g_assert_cmpstr (archive->callback_url, ==, "https://phone.example/cb");
  g_assert_null (archive->groups);
  g_assert_cmpuint (archive->subscriptions->len, ==, 2);
  subscription = archive->subscriptions->pdata[0];
  g_assert_cmpstr (subscription->api_name, ==, "Weather");
  g_assert_cmpstr (subscription->tier, ==, "Gold");
  g_assert_cmpuint (archive->warnings->len, ==, 1);
  g_assert_nonnull (strstr (archive->warnings->pdata[0], "keys"));

  g_strfreev (archive->attributes);
  archive->attributes = g_strsplit ("zone north area 51", " ", -1);
  first = core_application_archive_write (archive, &error);
  again = read_archive (first, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->warnings->len, ==, 0);
  g_assert_cmpstr (again->attributes[0], ==, "area");
  second = core_application_archive_write (again, &error);
  g_assert_true (g_bytes_equal (first, second));
}

static void
test_bad (void)
{
  static const struct
  {
    const char *path, *json, *words;
  } cases[] = {
    { "Phone.json", "{\"name\":\"Phone\"}", "NAME/NAME.json" },
    { "a/b/Phone.json", "{\"name\":\"Phone\"}", "NAME/NAME.json" },
    { "Phone/Phone.xml", "{\"name\":\"Phone\"}", "NAME/NAME.json" },
    { "Phone/Phone.json", "<html>", "not a JSON object" },
    { "Phone/Phone.json", "{\"name\":7}", "no name" },
    { "Phone/Phone.json", "{\"name\":\"Phone\",\"subscribedAPIs\":[{}]}", "apiId" },
    { "Phone/Phone.json", "{\"name\":\"Phone\",\"subscribedAPIs\":[7]}", "apiId" },
  };
  g_autoptr (CoreApplicationArchive) slash = core_application_archive_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = archive_of (cases[i].path, cases[i].json);

      PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, cases[i].words, read_archive (bytes, &error) != NULL);
    }
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "zip", core_application_archive_read ("PK", 2, &error) != NULL);
  slash->name = g_strdup ("a/b");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "slash", core_application_archive_write (slash, &error) != NULL);
}

/* alice subscribes; erin does not. */
static FakeStore *
make_users (PortalWorld *of)
{
  static const char *const subscriber[] = { "Internal/subscriber", NULL }, *const none[] = { NULL };
  static const char *const names[] = { "alice", "erin" };
  FakeStore *fake = fake_store_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      StUser *user = st_user_new ();

      user->id = (gint)i + 1;
      user->tenant_id = ST_SUPER_TENANT_ID;
      user->name = g_strdup (names[i]);
      fake_store_add_user (fake, user);
      fake_store_set_roles (fake, ST_SUPER_TENANT_ID, "PRIMARY", names[i], i == 0 ? subscriber : none);
    }
  fake_store_add_permission (fake, ST_SUPER_TENANT_ID, "/permission/admin/manage/api/subscribe", "INTERNAL",
                             "subscriber", TRUE);
  of->portal.users = fake_store_users (fake);
  return fake;
}

static gboolean
import_as (PortalWorld *of, const CoreActor *actor, GBytes *bytes, CoreApplicationImportOptions options,
           CoreApplicationImport **import, GError **error)
{
  return core_application_archive_import (&of->portal, actor, g_bytes_get_data (bytes, NULL),
                                          g_bytes_get_size (bytes), &options, import, error);
}

static void
test_import (WriteWorld *world)
{
  static const CoreApplicationImportOptions preserve
      = { .preserve_owner = TRUE },
      for_erin = { .owner = "erin" }, for_nobody = { .owner = "nobody" }, plain = { NULL },
      for_dave = { .owner = "dave@example.com" },
      again = { .preserve_owner = TRUE, .update = TRUE, .skip_keys = TRUE },
      alone = { .skip_subscriptions = TRUE, .skip_keys = TRUE };
  g_autoptr (GBytes) bytes = archive_of ("Phone/Phone.json", WSO2);
  g_autoptr (GBytes) changed = archive_of (
      "Phone/Phone.json", "{\"name\":\"Phone\",\"owner\":\"alice\",\"subscribedAPIs\":[" WEATHER "]}");
  g_autoptr (CoreApplicationImport) import = NULL, none = NULL, updated = NULL, own = NULL;
  g_autoptr (PortalWorld) of = NULL;
  g_autoptr (FakeStore) fake = NULL;

  write_world_run (world, apis);
  of = portal_world_new (world);
  fake = make_users (of);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "import applications",
                 import_as (of, of->alice, bytes, plain, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "erin may not",
                 import_as (of, of->admin, bytes, for_erin, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "no user nobody",
                 import_as (of, of->admin, bytes, for_nobody, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "Cross Tenant",
                 import_as (of, of->admin, bytes, for_dave, &none, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_APPLICATION"), ==, 0);

  PORTAL_DO (import_as (of, of->admin, bytes, preserve, &import, &error));
  g_assert_cmpstr (import->application->subscriber, ==, "alice");
  g_assert_cmpuint (import->warnings->len, ==, 2);
  g_assert_nonnull (strstr (import->warnings->pdata[0], "keys"));
  g_assert_nonnull (strstr (import->warnings->pdata[1], "in the state: DEPRECATED"));
  write_world_rows (world, "SELECT API_ID, TIER_ID, SUB_STATUS, CREATED_BY FROM AM_SUBSCRIPTION",
                    "5|Gold|UNBLOCKED|alice");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "A duplicate application already exists by the name - Phone",
                 import_as (of, of->admin, bytes, preserve, &none, &error));

  PORTAL_DO (import_as (of, of->admin, changed, again, &updated, &error));
  g_assert_cmpint (updated->application->id, ==, import->application->id);
  g_assert_cmpstr (updated->application->description, ==, "");
  g_assert_cmpuint (updated->warnings->len, ==, 0);
  PORTAL_DO (import_as (of, of->admin, bytes, alone, &own, &error));
  g_assert_cmpstr (own->application->subscriber, ==, "admin");
  g_assert_cmpuint (own->warnings->len, ==, 0);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 1);
}

/* Exported, deleted, imported and exported again. */
static void
test_there_and_back (WriteWorld *world)
{
  static const CoreApplicationImportOptions plain = { NULL };
  const CoreApplicationInput input = { .name = "Phone", .description = "on the phone" };
  g_autoptr (StApplicationRecord) created = NULL;
  g_autoptr (StSubscriptionRecord) subscribed = NULL;
  g_autoptr (CoreApplicationImport) import = NULL;
  g_autoptr (GBytes) first = NULL, second = NULL, back = NULL;
  g_autofree char *id = NULL;
  g_autoptr (PortalWorld) of = NULL;

  write_world_run (world, apis);
  of = portal_world_new (world);
  PORTAL_DO (core_application_create (&of->portal, of->admin, &input, &created, &error));
  id = g_strdup_printf ("%" G_GINT64_FORMAT, created->id);
  PORTAL_DO (core_subscription_create (&of->portal, of->admin,
                                       &(CoreSubscriptionInput){ id, "paula-Weather-1.0.0", "Gold" },
                                       &subscribed, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "export applications",
                 core_application_archive_export (&of->portal, of->alice, NULL, "Phone", &error) != NULL);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "Tablet",
                 core_application_archive_export (&of->portal, of->admin, NULL, "Tablet", &error) != NULL);
  PORTAL_DO ((first = core_application_archive_export (&of->portal, of->admin, NULL, "Phone", &error))
             != NULL);
  PORTAL_DO ((second = core_application_archive_export (&of->portal, of->admin, "admin", "Phone", &error))
             != NULL);
  g_assert_true (g_bytes_equal (first, second));
  PORTAL_DO (core_application_delete (&of->portal, of->admin, id, NULL, &error));
  PORTAL_DO (import_as (of, of->admin, first, plain, &import, &error));
  g_assert_cmpuint (import->warnings->len, ==, 0);
  PORTAL_DO ((back = core_application_archive_export (&of->portal, of->admin, NULL, "Phone", &error))
             != NULL);
  g_assert_true (g_bytes_equal (first, back));
}

/* Who publishes sees who subscribes to the APIs of his tenant, and nobody else. */
static void
test_subscribers (WriteWorld *world)
{
  const CoreApplicationInput input = { .name = "Phone" };
  g_autoptr (StApplicationRecord) created = NULL, found = NULL;
  g_autoptr (StSubscriptionRecord) subscribed = NULL;
  g_autofree char *id = NULL;
  g_autoptr (PortalWorld) of = NULL;

  write_world_run (world, apis);
  of = portal_world_new (world);
  PORTAL_DO (core_application_create (&of->portal, of->alice, &input, &created, &error));
  id = g_strdup_printf ("%" G_GINT64_FORMAT, created->id);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "subscribed to an API of your tenant",
                 core_application_get_subscribed (&of->portal, of->publisher, id, &found, &error));
  PORTAL_DO (core_subscription_create (&of->portal, of->alice,
                                       &(CoreSubscriptionInput){ id, "paula-Weather-1.0.0", "Gold" },
                                       &subscribed, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "see who subscribes",
                 core_application_get_subscribed (&of->portal, of->bob, id, &found, &error));
  PORTAL_DO (core_application_get_subscribed (&of->portal, of->publisher, id, &found, &error));
  g_assert_cmpstr (found->name, ==, "Phone");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/application-archive/wso2", test_wso2);
  g_test_add_func ("/application-archive/bad", test_bad);
  write_world_add_few ("/application-archive/import", test_import);
  write_world_add_few ("/application-archive/there-and-back", test_there_and_back);
  write_world_add_few ("/application-archive/subscribers", test_subscribers);
  return write_world_run_tests ();
}
