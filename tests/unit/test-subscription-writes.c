/* Subscriptions, state by state, on every release's tables. */
#include "config.h"

#include "store/st-subscription-writes.h"
#include "tests/lib/write-world.h"

#include <string.h>

#define APPLICATION 7
#define API 5

static const StNewSubscription wanted = { API, APPLICATION, "Gold", "alice" };

/* One application, and an API that went through @states. */
static void
make_world (WriteWorld *world, const char *const *states)
{
  write_world_run (world,
                   "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (3, 'alice', -1234);\n"
                   "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (7, 'Phone', 3);\n"
                   "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
                   " (5, 'admin', 'Weather', '1.0.0', '/weather/1.0.0'), (6, 'admin', 'Other', '1', '/other/1');\n");
  for (; *states != NULL; states++)
    {
      g_autofree char *event = g_strdup_printf ("INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID)"
                                                " VALUES (5, '%s', 'admin', -1234);\n",
                                                *states);

      write_world_run (world, event);
    }
}

static void
make_published (WriteWorld *world)
{
  make_world (world, (const char *const[]){ "CREATED", "PUBLISHED", NULL });
}

/* As an earlier node left it. NULL: SQL's. */
static void
add_row (WriteWorld *world, gint64 id, const char *status, const char *create_state)
{
  g_autofree char *quoted_status = status != NULL ? g_strdup_printf ("'%s'", status) : g_strdup ("NULL");
  g_autofree char *quoted_state = create_state != NULL ? g_strdup_printf ("'%s'", create_state) : g_strdup ("NULL");
  g_autofree char *insert = g_strdup_printf (
      "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE)"
      " VALUES (%" G_GINT64_FORMAT ", 'Old', 5, 7, %s, %s);\n"
      "INSERT INTO AM_SUBSCRIPTION_KEY_MAPPING (SUBSCRIPTION_ID, ACCESS_TOKEN, KEY_TYPE)"
      " VALUES (%" G_GINT64_FORMAT ", 'token', 'PRODUCTION');\n",
      id, quoted_status, quoted_state, id);

  write_world_run (world, insert);
}

static void
clear_rows (WriteWorld *world)
{
  write_world_run (world, "DELETE FROM AM_SUBSCRIPTION_KEY_MAPPING;\nDELETE FROM AM_SUBSCRIPTION;\n");
}

static const char rows[] = "SELECT TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, SUBS_CREATE_STATE, CREATED_BY, "
                           "UPDATED_BY FROM AM_SUBSCRIPTION"
                           " ORDER BY SUBSCRIPTION_ID";

static void
test_subscribe (WriteWorld *world)
{
  gint64 id = 0;

  make_published (world);
  WRITE (world, st_write_subscribe (writer, &wanted, &id, &error));
  g_assert_cmpint (write_world_number (world, "SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION"), ==, id);
  write_world_rows (world, rows, "Gold|5|7|ON_HOLD|SUBSCRIBE|alice|NULL");
  write_world_rows (
      world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION WHERE LAST_ACCESSED IS NULL AND CREATED_TIME = UPDATED_TIME", "1");
  if (write_world_has (world, ST_CAP_SUBSCRIPTION_UUID))
    write_world_rows (world, "SELECT LENGTH(UUID) FROM AM_SUBSCRIPTION", "36");
  write_world_rows (world,
                    world->sql_mode == NULL
                        ? "SELECT ABS(CREATED_TIME / 1000 - strftime('%s', 'now')) < 60 FROM AM_SUBSCRIPTION"
                        : "SELECT ABS(UNIX_TIMESTAMP(CREATED_TIME) - UNIX_TIMESTAMP()) < 60 FROM AM_SUBSCRIPTION",
                    "1");
}

/* What is there already decides (spec/databases.md 9). */
static void
test_subscribe_again (WriteWorld *world)
{
  static const struct
  {
    const char *status, *create_state;
    const char *words; /* of the refusal; NULL: goes on */
  } cases[] = {
    { "UNBLOCKED", "SUBSCRIBE", "already exists: it is UNBLOCKED" },
    { "ON_HOLD", "SUBSCRIBE", "already exists: it is ON_HOLD" },
    { "REJECTED", "SUBSCRIBE", "already exists: it is REJECTED" },
    { "TIER_UPDATE_PENDING", "SUBSCRIBE", "already exists: it is TIER_UPDATE_PENDING" },
    { NULL, "SUBSCRIBE", "already exists: it is without a status" },
    { "UNBLOCKED", NULL, "already exists: it is UNBLOCKED" },
    { "BLOCKED", "SUBSCRIBE", "is BLOCKED" },
    { "PROD_ONLY_BLOCKED", "SUBSCRIBE", "is PROD_ONLY_BLOCKED" },
    { "BLOCKED", "UN_SUBSCRIBE", "is BLOCKED" },
    { "PROD_ONLY_BLOCKED", "UN_SUBSCRIBE", "is PROD_ONLY_BLOCKED" },
    { "UNBLOCKED", "UN_SUBSCRIBE", NULL },
    { "ON_HOLD", "UN_SUBSCRIBE", NULL },
    { "REJECTED", "UN_SUBSCRIBE", NULL },
  };
  gint64 id = 0;

  make_published (world);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      add_row (world, 900 + i, cases[i].status, cases[i].create_state);
      if (cases[i].words != NULL)
        REFUSE (world, ST_ERROR_CONFLICT, cases[i].words, st_write_subscribe (writer, &wanted, &id, &error));
      else
        WRITE (world, st_write_subscribe (writer, &wanted, &id, &error));
      write_world_rows (world, "SELECT COUNT(*), MIN(TIER_ID) FROM AM_SUBSCRIPTION",
                        cases[i].words != NULL ? "1|Old" : "1|Gold");
      clear_rows (world);
    }
}

static void
test_only_to_published_apis (WriteWorld *world)
{
  static const StNewSubscription nowhere = { 4711, APPLICATION, "Gold", "alice" };
  static const StNewSubscription nobody = { API, 4711, "Gold", "alice" };
  static const StNewSubscription no_events = { 6, APPLICATION, "Gold", "alice" };
  static const char *const states[]
      = { "CREATED", "PROTOTYPED", "BLOCKED", "DEPRECATED", "RETIRED", "published", NULL };
  gint64 id = 0;

  make_world (world, (const char *const[]){ "PUBLISHED", NULL });
  REFUSE (world, ST_ERROR_CONFLICT, "there is no API 4711", st_write_subscribe (writer, &nowhere, &id, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "there is no application 4711", st_write_subscribe (writer, &nobody, &id, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "in the state CREATED", st_write_subscribe (writer, &no_events, &id, &error));
  for (guint i = 0; states[i] != NULL; i++)
    {
      g_autofree char *event = g_strdup_printf (
          "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (5, '%s', 'a', 1);\n", states[i]);
      g_autofree char *words = g_strdup_printf ("subscriptions are not allowed on APIs in the state %s", states[i]);

      write_world_run (world, event);
      REFUSE (world, ST_ERROR_CONFLICT, words, st_write_subscribe (writer, &wanted, &id, &error));
    }
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 0);
}

static void
test_values_that_do_not_fit (WriteWorld *world)
{
  StNewSubscription long_tier = { API, APPLICATION, write_world_long (51), "alice" };
  StNewSubscription no_tier = { API, APPLICATION, NULL, "alice" };
  StNewSubscription long_user = { API, APPLICATION, "Gold", write_world_long (101) };
  gint64 id = 0;

  make_published (world);
  REFUSE (world, ST_ERROR_DATA, "AM_SUBSCRIPTION.TIER_ID has 51 characters, and the column holds 50",
          st_write_subscribe (writer, &long_tier, &id, &error));
  REFUSE (world, ST_ERROR_DATA, "AM_SUBSCRIPTION.TIER_ID must have a value",
          st_write_subscribe (writer, &no_tier, &id, &error));
  REFUSE (world, ST_ERROR_DATA, "CREATED_BY has 101", st_write_subscribe (writer, &long_user, &id, &error));
  add_row (world, 1, "UNBLOCKED", "SUBSCRIBE");
  REFUSE (world, ST_ERROR_DATA, "TIER_ID has 51",
          st_write_subscription_tier (writer, 1, long_tier.tier, "bob", &error));
  REFUSE (world, ST_ERROR_DATA, "UPDATED_BY has 101",
          st_write_subscription_tier (writer, 1, "Gold", long_user.created_by, &error));
}

static void
test_decide (WriteWorld *world)
{
  static const char *const decided[] = { "UNBLOCKED", "REJECTED", "BLOCKED", NULL };

  make_published (world);
  add_row (world, 1, "ON_HOLD", "SUBSCRIBE");
  add_row (world, 2, "ON_HOLD", "SUBSCRIBE");
  WRITE (world, st_write_decide_subscription (writer, 1, TRUE, "bob", &error));
  WRITE (world, st_write_decide_subscription (writer, 2, FALSE, "bob", &error));
  write_world_rows (world, rows, "Old|5|7|UNBLOCKED|SUBSCRIBE|NULL|bob\nOld|5|7|REJECTED|SUBSCRIBE|NULL|bob");
  REFUSE (world, ST_ERROR_CONFLICT, "waits for no decision: it is UNBLOCKED",
          st_write_decide_subscription (writer, 1, FALSE, "bob", &error));
  for (guint i = 0; i < G_N_ELEMENTS (decided); i++)
    {
      clear_rows (world);
      add_row (world, 3, decided[i], "SUBSCRIBE");
      REFUSE (world, ST_ERROR_CONFLICT, "waits for no decision",
              st_write_decide_subscription (writer, 3, TRUE, "bob", &error));
    }
  REFUSE (world, ST_ERROR_CONFLICT, "there is no subscription 4711",
          st_write_decide_subscription (writer, 4711, TRUE, "bob", &error));
}

static void
test_block (WriteWorld *world)
{
  static const char *const statuses[] = { "UNBLOCKED", "PROD_ONLY_BLOCKED", "BLOCKED" };
  static const char *const waiting[] = { "ON_HOLD", "REJECTED" };

  make_published (world);
  add_row (world, 1, "UNBLOCKED", "SUBSCRIBE");
  for (guint i = 0; i < 6; i++)
    {
      WRITE (world, st_write_block_subscription (writer, 1, (StBlocking) (i * 2 % 3), "bob", &error));
      write_world_rows (world, "SELECT SUB_STATUS FROM AM_SUBSCRIPTION", statuses[i * 2 % 3]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (waiting); i++)
    {
      clear_rows (world);
      add_row (world, 1, waiting[i], "SUBSCRIBE");
      REFUSE (world, ST_ERROR_CONFLICT, waiting[i],
              st_write_block_subscription (writer, 1, ST_BLOCKING_NONE, "bob", &error));
    }
}

/* The block outlives the subscription, and once it is lifted a new one can be made. */
static void
test_unsubscribe (WriteWorld *world)
{
  static const struct
  {
    const char *status;
    const char *left;
  } cases[] = {
    { "UNBLOCKED", "" },
    { "ON_HOLD", "" },
    { "REJECTED", "" },
    { NULL, "" },
    { "BLOCKED", "Old|5|7|BLOCKED|UN_SUBSCRIBE|NULL|bob" },
    { "PROD_ONLY_BLOCKED", "Old|5|7|PROD_ONLY_BLOCKED|UN_SUBSCRIBE|NULL|bob" },
  };
  gint64 id = 0;

  make_published (world);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      clear_rows (world);
      add_row (world, 1, cases[i].status, i % 2 == 0 ? "SUBSCRIBE" : NULL);
      WRITE (world, st_write_unsubscribe (writer, API, APPLICATION, "bob", &error));
      write_world_rows (world, rows, cases[i].left);
      REFUSE (world, ST_ERROR_CONFLICT, "is not subscribed",
              st_write_unsubscribe (writer, API, APPLICATION, "bob", &error));
    }
  REFUSE (world, ST_ERROR_CONFLICT, "is PROD_ONLY_BLOCKED", st_write_subscribe (writer, &wanted, &id, &error));
  WRITE (world, st_write_block_subscription (writer, 1, ST_BLOCKING_NONE, "bob", &error));
  WRITE (world, st_write_subscribe (writer, &wanted, &id, &error));
  write_world_rows (world, rows, "Gold|5|7|ON_HOLD|SUBSCRIBE|alice|NULL");
}

static void
test_updates_keep_created_time (WriteWorld *world)
{
  static const char *const times[] = { "2001-02-03 04:05:06", "0000-00-00 00:00:00" };

  make_published (world);
  for (guint i = 0; i < (world->sql_mode != NULL ? G_N_ELEMENTS (times) : 1); i++)
    {
      g_autofree char *set = g_strdup_printf ("UPDATE AM_SUBSCRIPTION SET CREATED_TIME = '%s', UPDATED_TIME = '%s';\n",
                                              times[i], times[i]);

      clear_rows (world);
      add_row (world, 1, "ON_HOLD", "SUBSCRIBE");
      write_world_run (world, set);
      WRITE (world, st_write_decide_subscription (writer, 1, TRUE, "bob", &error));
      WRITE (world, st_write_subscription_tier (writer, 1, "Silver", "carol", &error));
      WRITE (world, st_write_block_subscription (writer, 1, ST_BLOCKING_ALL, "bob", &error));
      WRITE (world, st_write_unsubscribe (writer, API, APPLICATION, "dan", &error));
      write_world_rows (world, "SELECT CREATED_TIME FROM AM_SUBSCRIPTION", times[i]);
      write_world_rows (world, rows, "Silver|5|7|BLOCKED|UN_SUBSCRIBE|NULL|dan");
      g_assert_cmpint (
          write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION WHERE UPDATED_TIME <> CREATED_TIME"), ==, 1);
    }
}

typedef struct
{
  StDatabase *database;
  gboolean done;
  GError *error;
} Attempt;

static gboolean
subscribe (StWriter *writer, gpointer data, GError **error)
{
  gint64 id;

  return st_write_subscribe (writer, &wanted, &id, error);
}

static gpointer
subscribe_thread (gpointer data)
{
  Attempt *attempt = data;

  attempt->done = st_write (attempt->database, subscribe, attempt, 0, &attempt->error);
  return NULL;
}

/* No unique key says that there is one subscription: the application's lock does. */
static void
test_two_at_once (WriteWorld *world)
{
  Attempt attempts[6];
  GThread *threads[G_N_ELEMENTS (attempts)];
  guint done = 0;

  make_published (world);
  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      attempts[i] = (Attempt){ .database = world->database };
      threads[i] = g_thread_new ("subscriber", subscribe_thread, &attempts[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_thread_join (threads[i]);
      done += attempts[i].done;
      if (attempts[i].done)
        continue;
      g_assert_error (attempts[i].error, ST_ERROR, ST_ERROR_CONFLICT);
      write_world_assert_words (attempts[i].error, "already exists: it is ON_HOLD");
      g_error_free (attempts[i].error);
    }
  g_assert_cmpuint (done, ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/writes/subscription/subscribe", test_subscribe);
  write_world_add ("/writes/subscription/again", test_subscribe_again);
  write_world_add ("/writes/subscription/only-to-published-apis", test_only_to_published_apis);
  write_world_add ("/writes/subscription/values-that-do-not-fit", test_values_that_do_not_fit);
  write_world_add ("/writes/subscription/decide", test_decide);
  write_world_add ("/writes/subscription/block", test_block);
  write_world_add ("/writes/subscription/unsubscribe", test_unsubscribe);
  write_world_add ("/writes/subscription/updates-keep-created-time", test_updates_keep_created_time);
  write_world_add ("/writes/subscription/two-at-once", test_two_at_once);
  return write_world_run_tests ();
}
