/* Subscriptions of the Store and what the Publisher does with them, on every release's tables. */
#include "config.h"

#include "core/core-application.h"
#include "core/core-subscription.h"
#include "core/core-workflow.h"
#include "store/st-tier-permission.h"
#include "tests/lib/portal-world.h"

#include <string.h>

#define WEATHER "paula-Weather-1.0.0"

static const char apis[]
    = "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
      " (5, 'paula', 'Weather', '1.0.0', '/weather/1.0.0'), (6, 'paula', 'Old', '1', '/old/1'),"
      " (7, 'dora@example.com', 'Theirs', '1', '/t/example.com/theirs/1');\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (5, 'PUBLISHED', 'paula', -1234);\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (6, 'PUBLISHED', 'paula', -1234);\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (6, 'DEPRECATED', 'paula', -1234);\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (7, 'PUBLISHED', 'dora', 7);\n";

/* The id of a new application of @actor's. Free with g_free(). */
static char *
create_application (PortalWorld *of, const CoreActor *actor, const char *name)
{
  const CoreApplicationInput input = { .name = name };
  g_autoptr (StApplicationRecord) created = NULL;

  PORTAL_DO (core_application_create (&of->portal, actor, &input, &created, &error));
  return created->uuid != NULL ? g_strdup (created->uuid) : g_strdup_printf ("%" G_GINT64_FORMAT, created->id);
}

static PortalWorld *
make_world (WriteWorld *world)
{
  write_world_run (world, apis);
  return portal_world_new (world);
}

static char *
id_of (const StSubscriptionRecord *record)
{
  return record->uuid != NULL ? g_strdup (record->uuid) : g_strdup_printf ("%" G_GINT64_FORMAT, record->id);
}

static void
test_subscribe (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreSubscriptionInput input = { application, WEATHER, "Gold" };
  g_autoptr (StSubscriptionRecord) created = NULL;
  g_autoptr (StSubscriptionRecord) found = NULL;
  g_autoptr (StSubscriptionRecord) seen = NULL;
  g_autoptr (StSubscriptionRecord) none = NULL;
  g_autofree char *id = NULL;

  PORTAL_DO (core_subscription_create (&of->portal, of->alice, &input, &created, &error));
  g_assert_cmpstr (created->status, ==, "UNBLOCKED");
  g_assert_cmpstr (created->tier, ==, "Gold");
  g_assert_cmpstr (created->api_name, ==, "Weather");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "already exists: it is UNBLOCKED",
                 core_subscription_create (&of->portal, of->alice, &input, &none, &error));
  id = id_of (created);
  PORTAL_DO (core_subscription_get (&of->portal, of->alice, id, &found, &error));
  PORTAL_DO (core_subscription_get (&of->portal, of->publisher, id, &seen, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_subscription_get (&of->portal, of->bob, id, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_subscription_delete (&of->portal, of->bob, id, &error));
  PORTAL_DO (core_subscription_delete (&of->portal, of->alice, id, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_subscription_delete (&of->portal, of->alice, id, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION", "0");
}

static void
test_refusals (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const struct
  {
    CoreSubscriptionInput input;
    gint code;
    const char *words;
  } cases[] = {
    { { application, "paula-Old-1", "Gold" }, CORE_PORTAL_ERROR_CONFLICT, "in the state: DEPRECATED" },
    { { application, "paula-Nothing-1", "Gold" }, CORE_PORTAL_ERROR_NOT_FOUND, "no API paula-Nothing-1" },
    { { application, "4711", "Gold" }, CORE_PORTAL_ERROR_NOT_FOUND, "no API 4711" },
    { { application, "dora-AT-example.com-Theirs-1", "Gold" }, CORE_PORTAL_ERROR_FORBIDDEN, "other tenants" },
    { { application, WEATHER, "Plutonium" }, CORE_PORTAL_ERROR_INVALID, "Specified tier Plutonium does not exist" },
    { { application, WEATHER, "Unauthenticated" }, CORE_PORTAL_ERROR_INVALID, "not allowed" },
    { { application, WEATHER, NULL }, CORE_PORTAL_ERROR_INVALID, "tier" },
    { { NULL, "", "Gold" }, CORE_PORTAL_ERROR_INVALID, "application of the subscription is missing" },
    { { "4711", WEATHER, "Gold" }, CORE_PORTAL_ERROR_NOT_FOUND, "no application 4711" },
  };
  const CoreSubscriptionInput input = { application, WEATHER, "Gold" };
  g_autoptr (StSubscriptionRecord) none = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    PORTAL_REFUSE (cases[i].code, cases[i].words,
                   core_subscription_create (&of->portal, of->alice, &cases[i].input, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_subscription_create (&of->portal, of->bob, &input, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "paula may not",
                 core_subscription_create (&of->portal, of->publisher, &input, &none, &error));
  write_world_run (world, "UPDATE AM_APPLICATION SET APPLICATION_STATUS = 'REJECTED';\n");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "it is REJECTED",
                 core_subscription_create (&of->portal, of->alice, &input, &none, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION", "0");
}

/* A tier may be some roles' only. */
static void
test_tier_permission (WriteWorld *world)
{
  static const char *const subscribers[] = { "Internal/subscriber", NULL };
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreSubscriptionInput input = { application, WEATHER, "Gold" };
  g_autoptr (StSubscriptionRecord) created = NULL;

  WRITE (world, st_write_tier_permission (writer, TRUE, -1234, "Gold", FALSE, subscribers, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "Tier Gold is not allowed",
                 core_subscription_create (&of->portal, of->alice, &input, &created, &error));
  WRITE (world, st_write_tier_permission (writer, TRUE, -1234, "Gold", TRUE, subscribers, &error));
  PORTAL_DO (core_subscription_create (&of->portal, of->alice, &input, &created, &error));
}

/* All or none. */
static void
test_several (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *phone = create_application (of, of->alice, "Phone");
  g_autofree char *watch = create_application (of, of->alice, "Watch");
  const CoreSubscriptionInput good[] = { { phone, WEATHER, "Gold" }, { watch, "5", "Silver" } };
  const CoreSubscriptionInput bad[] = { { phone, WEATHER, "Gold" }, { watch, "6", "Silver" } };
  g_autoptr (GPtrArray) created = NULL;

  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "subscription 2, to 6: ",
                 core_subscription_create_several (&of->portal, of->alice, bad, 2, &created, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "1 to 100",
                 core_subscription_create_several (&of->portal, of->alice, bad, 0, &created, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION", "0");
  PORTAL_DO (core_subscription_create_several (&of->portal, of->alice, good, 2, &created, &error));
  g_assert_cmpuint (created->len, ==, 2);
  g_assert_cmpstr (((StSubscriptionRecord *) created->pdata[1])->application_name, ==, "Watch");
}

static void
test_lists (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *phone = create_application (of, of->alice, "Phone");
  g_autofree char *desk = create_application (of, of->bob, "Desk");
  const CoreSubscriptionInput of_alice = { phone, WEATHER, "Gold" };
  const CoreSubscriptionInput of_bob = { desk, WEATHER, "Gold" };
  const CoreSubscriptionSearch by_application = { .application = phone };
  const CoreSubscriptionSearch by_api = { .api = WEATHER };
  const CoreSubscriptionSearch foreign = { .application = desk };
  const CoreSubscriptionSearch *const searches[] = { NULL, &by_application, &by_api };
  const StPage page = { 1, 1 };
  g_autoptr (StSubscriptionRecord) first = NULL;
  g_autoptr (StSubscriptionRecord) second = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) none = NULL;
  gint64 total = 0;

  PORTAL_DO (core_subscription_create (&of->portal, of->alice, &of_alice, &first, &error));
  PORTAL_DO (core_subscription_create (&of->portal, of->bob, &of_bob, &second, &error));
  for (guint i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      g_autoptr (GPtrArray) records = NULL;

      PORTAL_DO (core_subscription_list (&of->portal, of->alice, searches[i], NULL, &records, &total, &error));
      g_assert_cmpint (total, ==, 1);
      g_assert_cmpint (((StSubscriptionRecord *) records->pdata[0])->id, ==, first->id);
    }
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_subscription_list (&of->portal, of->alice, &foreign, NULL, &none, &total, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "alice may not",
                 core_subscription_list_of_api (&of->portal, of->alice, WEATHER, NULL, &none, &total, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "no API",
                 core_subscription_list_of_api (&of->portal, of->publisher, "7", NULL, &none, &total, &error));
  PORTAL_DO (core_subscription_list_of_api (&of->portal, of->publisher, WEATHER, &page, &all, &total, &error));
  g_assert_cmpint (total, ==, 2);
  g_assert_cmpint (((StSubscriptionRecord *) all->pdata[0])->id, ==, second->id);
}

/* The publisher's block outlives the subscription. */
static void
test_block (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreSubscriptionInput input = { application, WEATHER, "Gold" };
  g_autoptr (StSubscriptionRecord) created = NULL;
  g_autoptr (StSubscriptionRecord) blocked = NULL;
  g_autoptr (StSubscriptionRecord) none = NULL;
  g_autofree char *id = NULL;

  PORTAL_DO (core_subscription_create (&of->portal, of->alice, &input, &created, &error));
  id = id_of (created);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "alice may not",
                 core_subscription_block (&of->portal, of->alice, id, "UNBLOCKED", NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "none of BLOCKED",
                 core_subscription_block (&of->portal, of->publisher, id, "FROZEN", NULL, &error));
  PORTAL_DO (core_subscription_block (&of->portal, of->publisher, id, "PROD_ONLY_BLOCKED", &blocked, &error));
  g_assert_cmpstr (blocked->status, ==, "PROD_ONLY_BLOCKED");
  PORTAL_DO (core_subscription_block (&of->portal, of->publisher, id, "BLOCKED", NULL, &error));
  PORTAL_DO (core_subscription_delete_between (&of->portal, of->alice, application, WEATHER, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "not subscribed",
                 core_subscription_delete_between (&of->portal, of->alice, application, WEATHER, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "is BLOCKED",
                 core_subscription_create (&of->portal, of->alice, &input, &none, &error));
}

static void
test_approval (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  const CoreSubscriptionInput input = { application, WEATHER, "Gold" };
  g_autoptr (StSubscriptionRecord) created = NULL;
  g_autoptr (StSubscriptionRecord) approved = NULL;
  g_autoptr (StSubscriptionRecord) again = NULL;
  g_autoptr (GPtrArray) tasks = NULL;
  g_autofree char *id = NULL;

  of->workflows.executors[APIM_WORKFLOW_SUBSCRIPTION_CREATION] = APIM_EXECUTOR_APPROVAL;
  PORTAL_DO (core_subscription_create (&of->portal, of->alice, &input, &created, &error));
  g_assert_cmpstr (created->status, ==, "ON_HOLD");
  id = id_of (created);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "was not approved",
                 core_subscription_block (&of->portal, of->publisher, id, "UNBLOCKED", NULL, &error));
  PORTAL_DO (core_workflow_list (&of->portal, of->admin, "SubscriptionCreation", "CREATED", NULL, &tasks, NULL,
                                 &error));
  g_assert_cmpuint (tasks->len, ==, 1);
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, ((StWorkflow *) tasks->pdata[0])->external_reference, TRUE,
                                   NULL, NULL, &error));
  PORTAL_DO (core_subscription_get (&of->portal, of->alice, id, &approved, &error));
  g_assert_cmpstr (approved->status, ==, "UNBLOCKED");
  /* With one that still waits goes its task. */
  PORTAL_DO (core_subscription_delete (&of->portal, of->alice, id, &error));
  PORTAL_DO (core_subscription_create (&of->portal, of->alice, &input, &again, &error));
  PORTAL_DO (core_subscription_delete_between (&of->portal, of->alice, application, "5", &error));
  write_world_rows (world, "SELECT WF_STATUS FROM AM_WORKFLOWS", "APPROVED");
}

typedef struct
{
  PortalWorld *of;
  const char *application;
  gint created;
  gint conflicts;
} Race;

static gpointer
subscribe_at_once (gpointer data)
{
  Race *race = data;
  const CoreSubscriptionInput input = { race->application, WEATHER, "Gold" };
  g_autoptr (StSubscriptionRecord) created = NULL;
  g_autoptr (GError) error = NULL;

  if (core_subscription_create (&race->of->portal, race->of->alice, &input, &created, &error))
    g_atomic_int_inc (&race->created);
  else if (g_error_matches (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT))
    g_atomic_int_inc (&race->conflicts);
  else
    g_error ("%s", error->message);
  return NULL;
}

static void
test_two_at_once (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = make_world (world);
  g_autofree char *application = create_application (of, of->alice, "Phone");
  Race race = { of, application, 0, 0 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("subscriber", subscribe_at_once, &race);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (race.created, ==, 1);
  g_assert_cmpint (race.conflicts, ==, 3);
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION", "1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/subscriptions/subscribe", test_subscribe);
  write_world_add_few ("/subscriptions/refusals", test_refusals);
  write_world_add_few ("/subscriptions/tier-permission", test_tier_permission);
  write_world_add_few ("/subscriptions/several", test_several);
  write_world_add_few ("/subscriptions/lists", test_lists);
  write_world_add_few ("/subscriptions/block", test_block);
  write_world_add_few ("/subscriptions/approval", test_approval);
  write_world_add_few ("/subscriptions/two-at-once", test_two_at_once);
  return write_world_run_tests ();
}
