/* Lists of APIs that are remembered: what anybody has written is in the next one, each caller's are his own, and what
 * does not fit or cannot be known is read from the tables. */
#include "config.h"

#include "core/core-catalogue.h"
#include "store/st-data-version.h"
#include "store/st-database-private.h"
#include "tests/lib/write-world.h"

static StTenant super_tenant = { ST_SUPER_TENANT_ID, (char *)ST_SUPER_TENANT_DOMAIN, TRUE };

typedef struct
{
  WriteWorld *world;
  CorePortal portal;
  CoreActor *alice; /* creates and publishes */
  CoreActor *carol; /* subscribes, with the role partner */
  CoreActor *visitor;
} Stage;

static Stage *
stage_new (WriteWorld *world, gsize max_bytes)
{
  static const char *const none[] = { NULL };
  static const char *const partner[] = { "partner", NULL };
  Stage *stage = g_new0 (Stage, 1);

  stage->world = world;
  stage->portal = (CorePortal){ .apis = world->database, .clock = &apim_clock_system };
  stage->portal.catalogue = core_catalogue_new (world->database, max_bytes);
  stage->alice = core_actor_new (NULL, "alice", &super_tenant, none, CORE_MAY_CREATE | CORE_MAY_PUBLISH);
  stage->carol = core_actor_new (NULL, "carol", &super_tenant, partner, CORE_MAY_SUBSCRIBE);
  stage->visitor = core_actor_new_visitor (&super_tenant);
  return stage;
}

static void
stage_free (Stage *stage)
{
  core_catalogue_free (stage->portal.catalogue);
  core_actor_free (stage->alice);
  core_actor_free (stage->carol);
  core_actor_free (stage->visitor);
  g_free (stage);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

static gboolean
is_sqlite (const WriteWorld *world)
{
  return st_database_kind (world->database) == APIM_DATABASE_SQLITE;
}

static gboolean
run_sql (StWriter *writer, gpointer data, GError **error)
{
  return st_writer_run (st_writer_query (writer, st_statement_intern (data, NULL), error), error);
}

static void
write_row (StDatabase *database, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
write_row (StDatabase *database, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = NULL;
  va_list arguments;

  va_start (arguments, format);
  sql = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  st_write (database, run_sql, sql, 0, &error);
  g_assert_no_error (error);
}

/* A published API, in @database. */
static void
add_api (StDatabase *database, guint number, const char *visibility)
{
  write_row (database,
             "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT, CONTEXT_TEMPLATE) VALUES"
             " (%u, 'alice', 'Api%03u', '1.0.0', '/api%u/1.0.0', '/api%u')",
             number, number, number, number);
  write_row (database,
             "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID, EVENT_DATE) VALUES"
             " (%u, 'PUBLISHED', 'alice', -1234, 0)",
             number);
  write_row (database,
             "INSERT INTO APIM_API_ARTIFACT (API_ID, UUID, REVISION, VISIBILITY, VISIBLE_ROLES, ARTIFACT, TAGS,"
             " DESCRIPTION) VALUES (%u, 'uuid-%u', 1, '%s', 'partner', '{}', 'all', 'number %u')",
             number, number, visibility, number);
}

static void
assert_total (Stage *stage, const CoreActor *actor, CoreAudience audience, const char *search, guint expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApiPage) page = core_api_list (&stage->portal, actor, audience, search, 0, 2, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (page->total, ==, expected);
  g_assert_cmpuint (page->items->len, ==, MIN (expected, 2));
}

/* From the second list on without a write in between. */
static gboolean
is_remembered (Stage *stage)
{
  g_autoptr (GPtrArray) entries = core_catalogue_get (&stage->portal);
  g_autoptr (GPtrArray) again = core_catalogue_get (&stage->portal);

  return entries != NULL && entries == again;
}

static void
test_remembered (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world, CORE_CATALOGUE_MAX_BYTES);
  if (!is_sqlite (world))
    {
      for (guint i = 0; i < 3; i++)
        g_assert_null (core_catalogue_get (&stage->portal));
      return;
    }
  g_assert_null (core_catalogue_get (&stage->portal));
  g_assert_true (is_remembered (stage));
  add_api (world->database, 1, "public");
  g_assert_null (core_catalogue_get (&stage->portal)); /* the first behind a write reads the tables */
  g_assert_true (is_remembered (stage));
}

/* The same with what is remembered, and with what is read. */
static void
test_each_callers (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT) || !is_sqlite (world))
    return;
  stage = stage_new (world, CORE_CATALOGUE_MAX_BYTES);
  add_api (world->database, 1, "public");
  add_api (world->database, 2, "private");
  add_api (world->database, 3, "restricted");
  for (guint i = 0; i < 4; i++)
    {
      assert_total (stage, stage->visitor, CORE_AUDIENCE_STORE, NULL, 1);
      assert_total (stage, stage->alice, CORE_AUDIENCE_STORE, NULL, 2);
      assert_total (stage, stage->carol, CORE_AUDIENCE_STORE, NULL, 3);
      assert_total (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, NULL, 3);
      assert_total (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "description:number 2", 1);
      assert_total (stage, stage->alice, CORE_AUDIENCE_PUBLISHER, "doc:none", 0);
    }
  g_assert_true (is_remembered (stage));
}

static void
test_page (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world, CORE_CATALOGUE_MAX_BYTES);
  if (!is_sqlite (world))
    return;
  for (guint number = 1; number <= 50; number++)
    add_api (world->database, number, "public");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CoreApiPage) page
          = core_api_list (&stage->portal, stage->alice, CORE_AUDIENCE_PUBLISHER, NULL, 3, 45, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (page->total, ==, 50);
      g_assert_cmpuint (page->items->len, ==, 45);
      for (guint n = 0; n < page->items->len; n++)
        {
          const CoreApiItem *item = page->items->pdata[n];
          g_autofree char *name = g_strdup_printf ("Api%03u", n + 4);
          g_autofree char *template = g_strdup_printf ("/api%u/{version}", n + 4);

          g_assert_cmpstr (item->name, ==, name);
          g_assert_cmpstr (item->context_template, ==, template);
          g_assert_cmpstr (item->status, ==, "PUBLISHED");
          g_assert_cmpstr (item->tags[0], ==, "all");
        }
    }
}

/* Pages are put together: what one had may stay longer than it, and than what is remembered. */
static void
test_items_outlive_the_page (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT) || !is_sqlite (world))
    return;
  stage = stage_new (world, CORE_CATALOGUE_MAX_BYTES);
  add_api (world->database, 1, "public");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) items = NULL;
      CoreApiPage *page = core_api_list (&stage->portal, stage->alice, CORE_AUDIENCE_PUBLISHER, NULL, 0, 1, &error);
      const CoreApiItem *item;

      g_assert_no_error (error);
      items = g_steal_pointer (&page->items);
      core_api_page_free (page);
      if (i == 2)
        add_api (world->database, 2, "public");
      assert_total (stage, stage->visitor, CORE_AUDIENCE_STORE, NULL, i == 2 ? 2 : 1);
      item = items->pdata[0];
      g_assert_cmpstr (item->name, ==, "Api001");
      g_assert_cmpstr (item->context_template, ==, "/api1/{version}");
    }
}

static void
test_too_much (WriteWorld *world)
{
  g_autoptr (Stage) stage = NULL;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return;
  stage = stage_new (world, 100);
  if (is_sqlite (world))
    add_api (world->database, 1, "public");
  for (guint i = 0; i < 3; i++)
    g_assert_null (core_catalogue_get (&stage->portal));
  assert_total (stage, stage->visitor, CORE_AUDIENCE_STORE, NULL, is_sqlite (world) ? 1 : 0);
}

typedef struct
{
  Stage *stage;
  guint *written; /* atomic: APIs that are committed */
  gboolean *done; /* atomic */
} Watcher;

static gpointer
watch (gpointer data)
{
  Watcher *watcher = data;

  while (!g_atomic_int_get (watcher->done))
    {
      guint before = g_atomic_int_get (watcher->written);
      g_autoptr (GError) error = NULL;
      g_autoptr (CoreApiPage) page = core_api_list (&watcher->stage->portal, watcher->stage->visitor,
                                                    CORE_AUDIENCE_STORE, NULL, 0, 1, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (page->total, >=, before);
    }
  return NULL;
}

/* Another node writes the same database while lists are asked for here: what it had committed before is in them. */
static void
test_another_node (WriteWorld *world)
{
  const ApimLimits *limits = st_database_limits (world->database);
  g_autoptr (Stage) stage = NULL;
  g_autoptr (StDatabase) other = NULL;
  g_autoptr (GError) error = NULL;
  guint written = 0;
  gboolean done = FALSE;
  GThread *threads[2];
  Watcher watcher;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT) || !is_sqlite (world))
    return;
  stage = stage_new (world, CORE_CATALOGUE_MAX_BYTES);
  watcher = (Watcher){ stage, &written, &done };
  other = st_database_open (st_database_source (world->database), limits, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("watch", watch, &watcher);
  for (guint number = 1; number <= 40; number++)
    {
      add_api (other, number, "public");
      g_atomic_int_set (&written, number);
      for (guint lists = 0; lists < number % 4; lists++)
        assert_total (stage, stage->visitor, CORE_AUDIENCE_STORE, NULL, number);
    }
  g_atomic_int_set (&done, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_version (WriteWorld *world)
{
  g_autoptr (StDataVersion) versions = st_data_version_new (world->database);
  g_autoptr (GError) error = NULL;
  guint64 first, second, third;

  g_assert_true ((versions != NULL) == is_sqlite (world));
  if (versions == NULL)
    return;
  st_data_version_read (versions, 0, &first, &error);
  g_assert_no_error (error);
  st_data_version_read (versions, 0, &second, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (first, ==, second);
  write_world_run (world, "INSERT INTO AM_ALERT_TYPES (ALERT_TYPE_NAME, STAKE_HOLDER) VALUES ('x', 'y')");
  st_data_version_read (versions, 0, &third, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (third, !=, second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/catalogue/version", test_version);
  write_world_add_few ("/catalogue/remembered", test_remembered);
  write_world_add_few ("/catalogue/each-callers", test_each_callers);
  write_world_add_few ("/catalogue/page", test_page);
  write_world_add_few ("/catalogue/items-outlive-the-page", test_items_outlive_the_page);
  write_world_add_few ("/catalogue/too-much", test_too_much);
  write_world_add_few ("/catalogue/another-node", test_another_node);
  return write_world_run_tests ();
}
