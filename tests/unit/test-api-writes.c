/* APIs with their resources, scopes, events and default versions, row by row, on every release's tables; and what the
 * key store reads of it. */
#include "config.h"

#include "store/st-api-writes.h"
#include "store/st-application-writes.h"
#include "store/st-key-writes.h"
#include "store/st-lifecycle-writes.h"
#include "store/st-policy-writes.h"
#include "store/st-resource-writes.h"
#include "store/st-sql-stores.h"
#include "store/st-subscription-writes.h"
#include "tests/lib/write-world.h"

#include <string.h>

static const char *const writers[] = { " editor ", "Internal/creator", "editor", "", NULL };
static const StApiScope weather_scopes[] = {
  { "write", "Write reports", "May write", writers },
  { "open", NULL, NULL, NULL },
};
static const StApiResource weather_resources[] = {
  { "GET", "/city/*", "Any", NULL, NULL, NULL },
  { "POST", "/report", "Application_User", "10KPerMin", "<x/>", "write" },
  { "GET", "/open", "None", NULL, NULL, "open" },
};
static const StApiIdentity weather = { "admin", "Weather", "1.0.0" };
static const StApiDesign weather_design
    = { -1234, "/weather/{version}", NULL, weather_scopes, 2, weather_resources, 3 };

static gint64
create (WriteWorld *world, const StApiIdentity *identity, const StApiDesign *design, gboolean is_default)
{
  gint64 id = 0;

  WRITE (world, st_write_create_api (writer, identity, design, "admin", is_default, &id, &error));
  g_assert_cmpint (id, >, 0);
  return id;
}

/* An API of nothing but a context. */
static gint64
create_bare (WriteWorld *world, const char *name, const char *version, gboolean is_default)
{
  g_autofree char *template = g_strdup_printf ("/%s/{version}", name);
  StApiIdentity identity = { "admin", name, version };
  StApiDesign design = { -1234, template, NULL, NULL, 0, NULL, 0 };

  return create (world, &identity, &design, is_default);
}

static void
change (WriteWorld *world, gint64 api_id, const char *from, const char *to)
{
  StLifecycleChange change = { api_id, from, to, "admin", -1234 };

  WRITE (world, st_write_lifecycle_change (writer, &change, &error));
}

static const char scopes_with_roles[] = "SELECT s.SCOPE_KEY, s.NAME, s.DESCRIPTION, s.TENANT_ID, s.ROLES, p.API_NAME"
                                        " FROM IDN_OAUTH2_SCOPE s JOIN AM_API_SCOPES a ON a.SCOPE_ID = s.SCOPE_ID"
                                        " JOIN AM_API p ON p.API_ID = a.API_ID ORDER BY s.SCOPE_ID";
static const char scopes_with_bindings[]
    = "SELECT s.NAME, s.DISPLAY_NAME, s.DESCRIPTION, s.TENANT_ID, b.SCOPE_BINDING, p.API_NAME"
      " FROM IDN_OAUTH2_SCOPE s JOIN AM_API_SCOPES a ON a.SCOPE_ID = s.SCOPE_ID JOIN AM_API p ON p.API_ID = a.API_ID"
      " LEFT JOIN IDN_OAUTH2_SCOPE_BINDING b ON b.SCOPE_ID = s.SCOPE_ID ORDER BY s.SCOPE_ID, b.SCOPE_BINDING";

static void
check_scope_rows (WriteWorld *world)
{
  if (write_world_has (world, ST_CAP_SCOPE_BINDING))
    {
      write_world_rows (world, scopes_with_bindings,
                        world->sql_mode == NULL ? "write|Write reports|May write|-1234|Internal/creator|Weather\n"
                                                  "write|Write reports|May write|-1234|editor|Weather\n"
                                                  "open|open|NULL|-1234|NULL|Weather"
                                                : "write|Write reports|May write|-1234|editor|Weather\n"
                                                  "write|Write reports|May write|-1234|Internal/creator|Weather\n"
                                                  "open|open|NULL|-1234|NULL|Weather");
      write_world_rows (world, "SELECT DISTINCT TENANT_ID FROM IDN_OAUTH2_RESOURCE_SCOPE", "-1234");
      return;
    }
  write_world_rows (
      world, scopes_with_roles,
      "write|Write reports|May write|-1234|editor,Internal/creator|Weather\nopen|open|NULL|-1234||Weather");
  if (write_world_has (world, ST_CAP_TOKEN_IDS))
    write_world_rows (world, "SELECT DISTINCT TENANT_ID FROM IDN_OAUTH2_RESOURCE_SCOPE", "-1");
}

static void
test_create (WriteWorld *world)
{
  create (world, &weather, &weather_design, TRUE);
  write_world_rows (
      world,
      "SELECT API_PROVIDER, API_NAME, API_VERSION, CONTEXT, CONTEXT_TEMPLATE, CREATED_BY, UPDATED_BY FROM AM_API",
      "admin|Weather|1.0.0|/weather/1.0.0|/weather|admin|NULL");
  if (write_world_has (world, ST_CAP_API_TIER))
    write_world_rows (world, "SELECT API_TIER FROM AM_API", "NULL");
  write_world_rows (
      world,
      "SELECT HTTP_METHOD, URL_PATTERN, AUTH_SCHEME, THROTTLING_TIER, MEDIATION_SCRIPT FROM AM_API_URL_MAPPING"
      " ORDER BY URL_MAPPING_ID",
      "GET|/city/*|Any|Unlimited|NULL\nPOST|/report|Application_User|10KPerMin|<x/>\nGET|/open|None|Unlimited|NULL");
  check_scope_rows (world);
  write_world_rows (world, "SELECT RESOURCE_PATH FROM IDN_OAUTH2_RESOURCE_SCOPE ORDER BY SCOPE_ID",
                    "/weather/1.0.0/1.0.0/report:POST\n/weather/1.0.0/1.0.0/open:GET");
  write_world_rows (world, "SELECT PREVIOUS_STATE, NEW_STATE, USER_ID, TENANT_ID FROM AM_API_LC_EVENT",
                    "NULL|CREATED|admin|-1234");
  write_world_rows (
      world,
      "SELECT API_NAME, API_PROVIDER, DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION FROM AM_API_DEFAULT_VERSION",
      "Weather|admin|1.0.0|NULL");
  write_world_rows (
      world,
      world->sql_mode == NULL
          ? "SELECT ABS(a.CREATED_TIME / 1000 - strftime('%s', 'now')) < 60, ABS(e.EVENT_DATE - a.CREATED_TIME) < 60000"
            " FROM AM_API a, AM_API_LC_EVENT e WHERE a.UPDATED_TIME = a.CREATED_TIME"
          : "SELECT ABS(UNIX_TIMESTAMP(a.CREATED_TIME) - UNIX_TIMESTAMP()) < 60, ABS(UNIX_TIMESTAMP(e.EVENT_DATE)"
            " - UNIX_TIMESTAMP()) < 60 FROM AM_API a, AM_API_LC_EVENT e WHERE a.UPDATED_TIME = a.CREATED_TIME",
      "1|1");
}

/* spec/databases.md 4.1: where the version stands, and whose context it is. */
static void
test_contexts (WriteWorld *world)
{
  static const struct
  {
    const char *template;
    gint tenant_id;
    const char *stored;
  } cases[] = {
    { "/end/{version}", -1234, "/end/1.0.0|/end" },
    { "/{version}/front", -1234, "/1.0.0/front|/{version}/front" },
    { "/in/{version}/side", -1234, "/in/1.0.0/side|/in/{version}/side" },
    { "/none", -1234, "/none|/none" },
    { "/t/example.com/end/{version}", 1, "/t/example.com/end/1.0.0|/t/example.com/end" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("Api%u", i);
      g_autofree char *select
          = g_strdup_printf ("SELECT CONTEXT, CONTEXT_TEMPLATE FROM AM_API WHERE API_NAME = '%s'", name);
      StApiIdentity identity = { "dave@example.com", name, "1.0.0" };
      StApiDesign design = { .tenant_id = cases[i].tenant_id, .context_template = cases[i].template };

      create (world, &identity, &design, FALSE);
      write_world_rows (world, select, cases[i].stored);
    }
}

static void
test_api_tier (WriteWorld *world)
{
  StApiDesign design = weather_design;
  gint64 id = 0;

  design.tier = "20KPerMin";
  if (!write_world_has (world, ST_CAP_API_TIER))
    {
      REFUSE (world, ST_ERROR_DATA, "no place for a tier of the whole API",
              st_write_create_api (writer, &weather, &design, "admin", FALSE, &id, &error));
      return;
    }
  id = create (world, &weather, &design, FALSE);
  write_world_rows (world, "SELECT API_TIER FROM AM_API", "20KPerMin");
  write_world_rows (world, "SELECT DISTINCT THROTTLING_TIER FROM AM_API_URL_MAPPING", "20KPerMin");
  design.tier = "";
  WRITE (world, st_write_update_api (writer, id, &design, &error));
  write_world_rows (world, "SELECT API_TIER FROM AM_API", "NULL");
  write_world_rows (world, "SELECT THROTTLING_TIER FROM AM_API_URL_MAPPING ORDER BY URL_MAPPING_ID",
                    "Unlimited\n10KPerMin\nUnlimited");
}

static void
test_taken (WriteWorld *world)
{
  static const StApiIdentity other = { "admin", "Other", "1.0.0" };
  static const StApiIdentity folded = { "admin", "Folded", "1.0.0" };
  StApiDesign elsewhere = { .tenant_id = -1234, .context_template = "/elsewhere" };
  StApiDesign upper = { .tenant_id = -1234, .context_template = "/WEATHER/{version}" };
  gint64 id = create (world, &weather, &weather_design, FALSE), other_id;

  REFUSE (world, ST_ERROR_CONFLICT, "an API of this name and version already",
          st_write_create_api (writer, &weather, &elsewhere, "admin", FALSE, &id, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "another API has this context",
          st_write_create_api (writer, &other, &weather_design, "admin", FALSE, &id, &error));
  other_id = create (world, &other, &elsewhere, FALSE);
  REFUSE (world, ST_ERROR_CONFLICT, "another API has this context",
          st_write_update_api (writer, other_id, &weather_design, &error));
  WRITE (world, st_write_update_api (writer, other_id, &elsewhere, &error)); /* its own is no other's */
  create (world, &folded, &upper, FALSE);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 3);
  REFUSE (world, ST_ERROR_CONFLICT, "there is no API 4711", st_write_update_api (writer, 4711, &elsewhere, &error));
}

static void
test_update (WriteWorld *world)
{
  static const char *const times[] = { "2001-02-03 04:05:06", "0000-00-00 00:00:00" };
  static const StApiScope scopes[] = { { "read", "Read", NULL, NULL } };
  static const StApiResource resources[] = { { "PUT", "/report", "Application", NULL, NULL, "read" } };
  StApiDesign design = { -1234, "/climate/{version}", NULL, scopes, 1, resources, 1 };
  StApiIdentity other = { "admin", "Other", "1" };
  gint64 id = create (world, &weather, &weather_design, FALSE);

  for (guint i = 0; i < (world->sql_mode != NULL ? G_N_ELEMENTS (times) : 1); i++)
    {
      g_autofree char *set
          = g_strdup_printf ("UPDATE AM_API SET CREATED_TIME = '%s', UPDATED_TIME = '%s';\n", times[i], times[i]);

      write_world_run (world, set);
      WRITE (world, st_write_update_api (writer, id, &design, &error));
      write_world_rows (world, "SELECT CREATED_TIME, UPDATED_BY FROM AM_API",
                        i == 0 ? "2001-02-03 04:05:06|NULL" : "0000-00-00 00:00:00|NULL");
      g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API WHERE UPDATED_TIME <> CREATED_TIME"), ==,
                       1);
    }
  write_world_rows (world, "SELECT CONTEXT, CONTEXT_TEMPLATE FROM AM_API", "/climate/1.0.0|/climate");
  write_world_rows (world, "SELECT HTTP_METHOD, URL_PATTERN, AUTH_SCHEME FROM AM_API_URL_MAPPING",
                    "PUT|/report|Application");
  write_world_rows (world, "SELECT RESOURCE_PATH FROM IDN_OAUTH2_RESOURCE_SCOPE", "/climate/1.0.0/1.0.0/report:PUT");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM IDN_OAUTH2_SCOPE"), ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_SCOPES"), ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_LC_EVENT"), ==, 1);
  if (write_world_has (world, ST_CAP_SCOPE_BINDING))
    g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM IDN_OAUTH2_SCOPE_BINDING"), ==, 0);
  design.context_template = "/other/{version}"; /* scope keys are the publisher's business */
  create (world, &other, &design, FALSE);
  WRITE (world, st_write_update_api (writer, id, &weather_design, &error));
  write_world_rows (world, "SELECT RESOURCE_PATH FROM IDN_OAUTH2_RESOURCE_SCOPE ORDER BY RESOURCE_PATH",
                    "/other/1/1/report:PUT\n/weather/1.0.0/1.0.0/open:GET\n/weather/1.0.0/1.0.0/report:POST");
}

/* A scope row that two APIs have, as imports leave it: nobody takes away what protects the other. */
static void
test_shared_scope (WriteWorld *world)
{
  StApiIdentity other = { "admin", "Other", "1" };
  StApiDesign empty = { .tenant_id = -1234, .context_template = "/other/{version}" };
  gint64 id = create (world, &weather, &weather_design, FALSE);

  create (world, &other, &empty, FALSE);
  write_world_run (
      world,
      "INSERT INTO AM_API_SCOPES (API_ID, SCOPE_ID) SELECT p.API_ID, s.SCOPE_ID FROM AM_API p, IDN_OAUTH2_SCOPE s"
      " WHERE p.API_NAME = 'Other';\n"
      "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) SELECT '/other/1/1/a:GET', MIN(SCOPE_ID)"
      " FROM IDN_OAUTH2_SCOPE;\n");
  WRITE (world, st_write_delete_api (writer, id, &error));
  write_world_rows (world, "SELECT RESOURCE_PATH FROM IDN_OAUTH2_RESOURCE_SCOPE", "/other/1/1/a:GET");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_SCOPES"), ==, 2);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM IDN_OAUTH2_SCOPE"), ==, 2);
}

typedef struct
{
  const char *words;
  StApiIdentity identity;
  StApiDesign design;
} BadApi;

#define DESIGN(template) \
  { \
    .tenant_id = -1234, .context_template = template \
  }

static void
test_identities_that_cannot_be (WriteWorld *world)
{
  const BadApi cases[] = {
    { "AM_API.API_PROVIDER must have a value", { NULL, "A", "1" }, DESIGN ("/a") },
    { "AM_API.API_NAME must have a value", { "admin", "", "1" }, DESIGN ("/a") },
    { "AM_API.API_NAME has 201 characters, and the column holds 200",
      { "admin", write_world_long (201), "1" },
      DESIGN ("/a") },
    { "AM_API.CREATED_BY has 101", { write_world_long (101), "A", "1" }, DESIGN ("/a") },
    { "AM_API.API_VERSION has 31", { "admin", "A", write_world_long (31) }, DESIGN ("/a") },
    { "not with \"-AT-\"", { "dave-AT-example.com", "A", "1" }, DESIGN ("/a") },
    { "the version of an API has a character", { "admin", "A", "1/2" }, DESIGN ("/a") },
    { "does not begin", { "admin", "A", "1" }, DESIGN (NULL) },
    { "does not begin", { "admin", "A", "1" }, DESIGN ("a/{version}") },
    { "ends with", { "admin", "A", "1" }, DESIGN ("/a/") },
    { "empty part", { "admin", "A", "1" }, DESIGN ("/a//b") },
    { "a blank, or a brace", { "admin", "A", "1" }, DESIGN ("/a b") },
    { "a blank, or a brace", { "admin", "A", "1" }, DESIGN ("/{Version}") },
    { "for APIs of tenants", { "admin", "A", "1" }, DESIGN ("/t/example.com/a") },
    { "for APIs of tenants", { "admin", "A", "1" }, { .tenant_id = 1, .context_template = "/a" } },
  };
  g_autofree char *long_context = g_strdup_printf ("/%s", write_world_long (256));
  StApiDesign long_design = DESIGN (long_context);
  gint64 id = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    REFUSE (world, ST_ERROR_DATA, cases[i].words,
            st_write_create_api (writer, &cases[i].identity, &cases[i].design, "admin", FALSE, &id, &error));
  REFUSE (world, ST_ERROR_DATA, "AM_API.CONTEXT has 257 characters, and the column holds 256",
          st_write_create_api (writer, &weather, &long_design, "admin", FALSE, &id, &error));
  REFUSE (world, ST_ERROR_DATA, "AM_API_LC_EVENT.USER_ID has 256",
          st_write_create_api (writer, &weather, &weather_design, write_world_long (256), FALSE, &id, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 0);
}

static void
test_resources_that_cannot_be (WriteWorld *world)
{
  static const StApiScope scope[] = { { "write", NULL, NULL, NULL } };
  g_autofree char *long_pattern = g_strdup_printf ("/%s", write_world_long (512));
  g_autofree char *long_path = g_strdup_printf ("/%s", write_world_long (250));
  const struct
  {
    const char *words;
    StApiResource resource;
  } cases[] = {
    { "resource 2: AM_API_URL_MAPPING.HTTP_METHOD must have", { NULL, "/a", "Any" } },
    { "AM_API_URL_MAPPING.URL_PATTERN must have", { "GET", NULL, "Any" } },
    { "AM_API_URL_MAPPING.AUTH_SCHEME must have", { "GET", "/a", NULL } },
    { "authentication is none of", { "GET", "/a", "any" } },
    { "does not begin with", { "GET", "a", "Any" } },
    { "verb is not in capital letters", { "Get", "/a", "Any" } },
    { "verb is not in capital letters", { "GET:", "/a", "Any" } },
    { "scope is not among", { "GET", "/a", "Any", NULL, NULL, "Write" } },
    { "those of another", { "GET", "/first", "None" } },
    { "URL_PATTERN has 513 characters, and the column holds 512", { "GET", long_pattern, "Any" } },
    { "THROTTLING_TIER has 513", { "GET", "/a", "Any", write_world_long (513) } },
    { "MEDIATION_SCRIPT has 65536", { "GET", "/a", "Any", NULL, write_world_long (65536) } },
    { "IDN_OAUTH2_RESOURCE_SCOPE.RESOURCE_PATH has 275 characters, and the column holds 255",
      { "GET", long_path, "Any", NULL, NULL, "write" } },
  };
  gint64 id = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const StApiResource resources[] = { { "GET", "/first", "Any" }, cases[i].resource };
      StApiDesign design = { -1234, "/weather/{version}", NULL, scope, 1, resources, 2 };

      REFUSE (world, ST_ERROR_DATA, cases[i].words,
              st_write_create_api (writer, &weather, &design, "admin", FALSE, &id, &error));
    }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 0);
}

static void
test_scopes_that_cannot_be (WriteWorld *world)
{
  static const char *const comma[] = { "a,b", NULL };
  const char *const long_role[] = { write_world_long (501), NULL };
  gboolean bindings = write_world_has (world, ST_CAP_SCOPE_BINDING);
  const struct
  {
    const char *words;
    StApiScope scope;
  } cases[] = {
    { "must have a value", { NULL } },
    { "has a blank", { "a b" } },
    { "has the key of another", { "first" } },
    { "has a comma", { "a", NULL, NULL, comma } },
    { bindings ? "SCOPE_BINDING has 501" : "ROLES has 501 characters, and the column holds 500",
      { "a", NULL, NULL, long_role } },
    { bindings ? "IDN_OAUTH2_SCOPE.NAME has 256" : "IDN_OAUTH2_SCOPE.SCOPE_KEY has 256", { write_world_long (256) } },
    { "DESCRIPTION has 513", { "a", NULL, write_world_long (513) } },
  };
  gint64 id = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const StApiScope scopes[] = { { "first" }, cases[i].scope };
      StApiDesign design = { -1234, "/weather/{version}", NULL, scopes, 2, NULL, 0 };

      REFUSE (world, ST_ERROR_DATA, cases[i].words,
              st_write_create_api (writer, &weather, &design, "admin", FALSE, &id, &error));
    }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM IDN_OAUTH2_SCOPE"), ==, 0);
}

static const char defaults[] = "SELECT DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION FROM AM_API_DEFAULT_VERSION "
                               "ORDER BY DEFAULT_VERSION_ID";

/* What the gateways serve follows the state (spec/databases.md 5.5). */
static void
test_lifecycle (WriteWorld *world)
{
  static const struct
  {
    const char *from, *to;
    const char *served;
  } steps[] = {
    { "CREATED", "PROTOTYPED", "1.0.0|NULL" },    { "PROTOTYPED", "PUBLISHED", "1.0.0|1.0.0" },
    { "PUBLISHED", "BLOCKED", "1.0.0|1.0.0" },    { "BLOCKED", "PUBLISHED", "1.0.0|1.0.0" },
    { "PUBLISHED", "CREATED", "1.0.0|NULL" },     { "CREATED", "PUBLISHED", "1.0.0|1.0.0" },
    { "PUBLISHED", "DEPRECATED", "1.0.0|1.0.0" }, { "DEPRECATED", "RETIRED", "1.0.0|NULL" },
  };
  gint64 id = create (world, &weather, &weather_design, TRUE);
  StLifecycleChange again = { id, "RETIRED", "RETIRED", "admin", -1234 };
  StLifecycleChange late = { id, "PUBLISHED", "BLOCKED", "admin", -1234 };
  StLifecycleChange nowhere = { 4711, "CREATED", "PUBLISHED", "admin", -1234 };
  StLifecycleChange too_long = { id, "RETIRED", write_world_long (51), "admin", -1234 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      change (world, id, steps[i].from, steps[i].to);
      write_world_rows (world, defaults, steps[i].served);
    }
  write_world_rows (
      world, "SELECT PREVIOUS_STATE, NEW_STATE, USER_ID, TENANT_ID FROM AM_API_LC_EVENT ORDER BY EVENT_ID DESC LIMIT 1",
      "DEPRECATED|RETIRED|admin|-1234");
  REFUSE (world, ST_ERROR_CONFLICT, "is in the state RETIRED already",
          st_write_lifecycle_change (writer, &again, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "in the state RETIRED, not PUBLISHED: it was changed meanwhile",
          st_write_lifecycle_change (writer, &late, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "there is no API 4711", st_write_lifecycle_change (writer, &nowhere, &error));
  REFUSE (world, ST_ERROR_DATA, "NEW_STATE has 51", st_write_lifecycle_change (writer, &too_long, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_LC_EVENT"), ==, 1 + G_N_ELEMENTS (steps));
}

static void
test_default_version (WriteWorld *world)
{
  gint64 first = create_bare (world, "Weather", "1.0", TRUE);
  gint64 second = create_bare (world, "Weather", "2.0", FALSE);

  change (world, first, "CREATED", "PUBLISHED");
  write_world_rows (world, defaults, "1.0|1.0");
  WRITE (world, st_write_default_version (writer, second, TRUE, &error));
  write_world_rows (world, defaults, "2.0|1.0"); /* the gateways serve the first until the second is published */
  change (world, second, "CREATED", "PUBLISHED");
  write_world_rows (world, defaults, "2.0|2.0");
  WRITE (world, st_write_default_version (writer, first, TRUE, &error));
  write_world_rows (world, defaults, "1.0|1.0"); /* a published one at once */
  WRITE (world, st_write_default_version (writer, second, FALSE, &error));
  write_world_rows (world, defaults, "1.0|1.0"); /* it was not */
  WRITE (world, st_write_default_version (writer, first, FALSE, &error));
  write_world_rows (world, defaults, "");
}

/* What leaves the stage although another version was chosen meanwhile. */
static void
test_published_default_goes (WriteWorld *world)
{
  gint64 first = create_bare (world, "Weather", "1.0", TRUE);
  gint64 second = create_bare (world, "Weather", "2.0", FALSE);

  change (world, first, "CREATED", "PUBLISHED");
  WRITE (world, st_write_default_version (writer, second, TRUE, &error));
  change (world, first, "PUBLISHED", "CREATED");
  write_world_rows (world, defaults, "2.0|NULL");
  change (world, first, "CREATED", "PUBLISHED");
  write_world_rows (world, defaults, "2.0|NULL");
  write_world_run (world, "UPDATE AM_API_DEFAULT_VERSION SET PUBLISHED_DEFAULT_API_VERSION = '1.0';\n");
  WRITE (world, st_write_delete_api (writer, first, &error));
  write_world_rows (world, defaults, "2.0|NULL");
  WRITE (world, st_write_delete_api (writer, second, &error));
  write_world_rows (world, defaults, "");
}

static void
test_delete (WriteWorld *world)
{
  static const char *const children[]
      = { "AM_SUBSCRIPTION",  "AM_SUBSCRIPTION_KEY_MAPPING", "AM_API_LC_EVENT",       "AM_API_COMMENTS",
          "AM_API_RATINGS",   "AM_EXTERNAL_STORES",          "AM_API_SCOPES",         "IDN_OAUTH2_RESOURCE_SCOPE",
          "IDN_OAUTH2_SCOPE", "AM_API_URL_MAPPING",          "AM_API_DEFAULT_VERSION" };
  gint64 id = create (world, &weather, &weather_design, TRUE), other = create_bare (world, "Other", "1", TRUE);

  write_world_run (
      world,
      "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (3, 'alice', -1234);\n"
      "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (7, 'Phone', 3);\n"
      "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE)"
      " SELECT 1, API_ID, 7, 'BLOCKED', NULL FROM AM_API WHERE API_NAME = 'Weather';\n"
      "INSERT INTO AM_SUBSCRIPTION_KEY_MAPPING (SUBSCRIPTION_ID, ACCESS_TOKEN, KEY_TYPE) VALUES (1, 'x', 'SANDBOX');\n"
      "INSERT INTO AM_API_COMMENTS (COMMENT_TEXT, API_ID) SELECT 'fine', API_ID FROM AM_API;\n"
      "INSERT INTO AM_API_RATINGS (RATING, API_ID, SUBSCRIBER_ID) SELECT 4, API_ID, 3 FROM AM_API;\n"
      "INSERT INTO AM_EXTERNAL_STORES (API_ID, STORE_ID, STORE_DISPLAY_NAME, STORE_ENDPOINT, STORE_TYPE)"
      " SELECT API_ID, 's', 's', 's', 's' FROM AM_API;\n");
  REFUSE (world, ST_ERROR_CONFLICT, "active subscriptions exist", st_write_delete_api (writer, id, &error));
  write_world_run (world, "UPDATE AM_SUBSCRIPTION SET SUBS_CREATE_STATE = 'UN_SUBSCRIBE';\n");
  WRITE (world, st_write_delete_api (writer, id, &error));
  write_world_rows (world, "SELECT API_NAME FROM AM_API", "Other");
  WRITE (world, st_write_delete_api (writer, other, &error));
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      g_autofree char *count = g_strdup_printf ("SELECT COUNT(*) FROM %s", children[i]);

      g_assert_cmpint (write_world_number (world, count), ==, 0);
    }
  REFUSE (world, ST_ERROR_CONFLICT, "there is no API", st_write_delete_api (writer, id, &error));
}

typedef struct
{
  StDatabase *database;
  gint64 id;
} Choice;

static gboolean
choose (StWriter *writer, gpointer data, GError **error)
{
  return st_write_default_version (writer, ((Choice *) data)->id, TRUE, error);
}

static gpointer
choose_thread (gpointer data)
{
  Choice *choice = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++)
    {
      st_write (choice->database, choose, choice, 0, &error);
      g_assert_no_error (error);
    }
  return NULL;
}

/* No unique key says that there is one default: the lock on the versions does. */
static void
test_defaults_at_once (WriteWorld *world)
{
  Choice choices[3];
  GThread *threads[G_N_ELEMENTS (choices)];

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      g_autofree char *version = g_strdup_printf ("%u.0", i);

      choices[i] = (Choice){ world->database, create_bare (world, "Weather", version, FALSE) };
    }
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    threads[i] = g_thread_new ("chooser", choose_thread, &choices[i]);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_DEFAULT_VERSION"), ==, 1);
}

typedef struct
{
  StDatabase *database;
  const char *name;
  gboolean done;
  GError *error;
} Creation;

static gboolean
create_same_context (StWriter *writer, gpointer data, GError **error)
{
  StApiIdentity identity = { "admin", ((Creation *) data)->name, "1.0.0" };
  gint64 id;

  return st_write_create_api (writer, &identity, &weather_design, "admin", FALSE, &id, error);
}

static gpointer
create_thread (gpointer data)
{
  Creation *creation = data;

  creation->done = st_write (creation->database, create_same_context, creation, 0, &creation->error);
  return NULL;
}

/* No unique key says that a context is one API's: the lock on it does. */
static void
test_contexts_at_once (WriteWorld *world)
{
  Creation creations[] = { { .name = "A" }, { .name = "B" }, { .name = "C" }, { .name = "D" } };
  GThread *threads[G_N_ELEMENTS (creations)];
  guint done = 0;

  for (guint i = 0; i < G_N_ELEMENTS (creations); i++)
    {
      creations[i].database = world->database;
      threads[i] = g_thread_new ("creator", create_thread, &creations[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (creations); i++)
    {
      g_thread_join (threads[i]);
      done += creations[i].done;
      if (creations[i].done)
        continue;
      g_assert_error (creations[i].error, ST_ERROR, ST_ERROR_CONFLICT);
      write_world_assert_words (creations[i].error, "another API has this context");
      g_error_free (creations[i].error);
    }
  g_assert_cmpuint (done, ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API"), ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_API_URL_MAPPING"), ==, 3);
}

/* An application with a production key that is subscribed to the API. */
static void
add_consumer (WriteWorld *world, gint64 api_id)
{
  static const StNewSubscriber alice = { "alice", -1234, NULL };
  gint64 subscriber, application = 0, subscription = 0;

  WRITE (world, st_write_first_access (writer, &alice, NULL, &subscriber, &error));
  application = write_world_number (world, "SELECT APPLICATION_ID FROM AM_APPLICATION");
  write_world_run (world,
                   "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, CONSUMER_SECRET) VALUES ('Key-P', 'x');\n");
  WRITE (world, st_write_map_client (writer, application, ST_KEY_PRODUCTION, "Key-P", &error));
  WRITE (world, st_write_subscribe (writer, &(StNewSubscription){ api_id, application, "Gold", "alice" }, &subscription,
                                    &error));
}

static void
check_reads (StKeyStore *keys)
{
  g_autoptr (StResources) resources = NULL;
  g_autoptr (StScope) scope = NULL;
  g_autoptr (StScope) open = NULL;
  g_autoptr (StApiDefault) found = NULL;
  g_autoptr (GError) error = NULL;
  StResource *resource;

  st_key_store_find_resources (keys, "/weather/1.0.0", "1.0.0", -1234, 0, &resources, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (resources->resources->len, ==, 3);
  resource = g_ptr_array_index (resources->resources, 1);
  g_assert_cmpstr (resource->http_method, ==, "POST");
  g_assert_cmpstr (resource->url_pattern, ==, "/report");
  g_assert_cmpstr (resource->auth_scheme, ==, "Application_User");
  g_assert_cmpstr (resource->throttling_tier, ==, "10KPerMin");
  st_key_store_find_scope (keys, "/weather/1.0.0/1.0.0/report:POST", 0, &scope, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (scope->key, ==, "write");
  g_assert_cmpuint (g_strv_length (scope->roles), ==, 2);
  g_assert_true (g_strv_contains ((const char *const *) scope->roles, "editor"));
  st_key_store_find_scope (keys, "/weather/1.0.0/1.0.0/open:GET", 0, &open, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (open->key, ==, "open");
  g_assert_cmpuint (g_strv_length (open->roles), ==, 0);
  st_key_store_find_api_default (keys, "/weather/1.0.0", 0, &found, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->default_version, ==, "1.0.0");
}

static StSubscription *
read_subscription (StKeyStore *keys)
{
  g_autoptr (GError) error = NULL;
  StSubscription *subscription = NULL;

  st_key_store_find_subscription (keys, "/weather/1.0.0", "1.0.0", "Key-P", -1234, 0, &subscription, &error);
  g_assert_no_error (error);
  return subscription;
}

/* The same with throttling by policies, which 2.0 brought. */
static void
check_policies (WriteWorld *world)
{
  static const StConditionGroup group = { { 5, NULL, 1, "min" }, NULL, NULL, 0 };
  static const StPolicy gold = {
    .kind = ST_POLICY_SUBSCRIPTION,
    .tenant_id = -1234,
    .name = "Gold",
    .quota = { 1, "MB", 1, "min" },
    .rate_limit_count = 7,
    .rate_limit_unit = "sec",
    .stop_on_quota_reach = TRUE,
  };
  static const StPolicy api = {
    .kind = ST_POLICY_API,
    .tenant_id = -1234,
    .name = "10KPerMin",
    .quota = { 10000, NULL, 1, "min" },
    .per_user = TRUE,
    .groups = &group,
    .n_groups = 1,
  };
  g_autoptr (StKeyStore) keys = st_sql_key_store_new (world->database, TRUE);
  g_autoptr (StSubscription) subscription = NULL;
  g_autoptr (StResources) resources = NULL;
  g_autoptr (GError) read_error = NULL;
  StResource *resource;
  gint64 id;

  g_assert_null (read_subscription (keys)); /* no tier without a policy */
  WRITE (world, st_write_add_policy (writer, &gold, &id, &error));
  WRITE (world, st_write_add_policy (writer, &api, &id, &error));
  subscription = read_subscription (keys);
  g_assert_true (subscription->has_policy);
  g_assert_cmpint (subscription->rate_limit_count, ==, 7);
  g_assert_cmpstr (subscription->rate_limit_unit, ==, "sec");
  g_assert_true (subscription->stop_on_quota_reach);
  g_assert_true (subscription->content_aware);
  st_key_store_find_resources (keys, "/weather/1.0.0", "1.0.0", -1234, 0, &resources, &read_error);
  g_assert_no_error (read_error);
  resource = g_ptr_array_index (resources->resources, 1);
  g_assert_cmpstr (resource->applicable_level, ==, "userLevel");
  g_assert_cmpuint (g_strv_length (resource->conditions), ==, 2);
  g_assert_cmpstr (resource->conditions[1], ==, "_default");
}

/* What was written is what key validation reads. */
static void
test_validates (WriteWorld *world)
{
  g_autoptr (StKeyStore) keys = st_sql_key_store_new (world->database, FALSE);
  g_autoptr (StSubscription) waiting = NULL;
  g_autoptr (StSubscription) approved = NULL;
  gint64 id, subscription;

  id = create (world, &weather, &weather_design, TRUE);
  change (world, id, "CREATED", "PUBLISHED");
  add_consumer (world, id);
  check_reads (keys);
  waiting = read_subscription (keys);
  g_assert_cmpstr (waiting->status, ==, "ON_HOLD");
  subscription = write_world_number (world, "SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION");
  WRITE (world, st_write_decide_subscription (writer, subscription, TRUE, "admin", &error));
  approved = read_subscription (keys);
  g_assert_cmpstr (approved->status, ==, "UNBLOCKED");
  g_assert_cmpstr (approved->subscriber, ==, "alice");
  g_assert_cmpstr (approved->tier, ==, "Gold");
  g_assert_cmpstr (approved->application_name, ==, "DefaultApplication");
  g_assert_cmpstr (approved->key_type, ==, "PRODUCTION");
  g_assert_cmpstr (approved->api_provider, ==, "admin");
  if (write_world_has (world, ST_CAP_POLICIES))
    check_policies (world);
  WRITE (world, st_write_unsubscribe (writer, id, approved->application_id, "alice", &error));
  g_assert_null (read_subscription (keys));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/writes/api/create", test_create);
  write_world_add ("/writes/api/contexts", test_contexts);
  write_world_add ("/writes/api/tier", test_api_tier);
  write_world_add ("/writes/api/taken", test_taken);
  write_world_add ("/writes/api/update", test_update);
  write_world_add ("/writes/api/shared-scope", test_shared_scope);
  write_world_add ("/writes/api/identities-that-cannot-be", test_identities_that_cannot_be);
  write_world_add ("/writes/api/resources-that-cannot-be", test_resources_that_cannot_be);
  write_world_add ("/writes/api/scopes-that-cannot-be", test_scopes_that_cannot_be);
  write_world_add ("/writes/api/delete", test_delete);
  write_world_add ("/writes/api/contexts-at-once", test_contexts_at_once);
  write_world_add ("/writes/api/validates", test_validates);
  write_world_add ("/writes/lifecycle/changes", test_lifecycle);
  write_world_add ("/writes/lifecycle/default-version", test_default_version);
  write_world_add ("/writes/lifecycle/published-default-goes", test_published_default_goes);
  write_world_add ("/writes/lifecycle/defaults-at-once", test_defaults_at_once);
  return write_world_run_tests ();
}
