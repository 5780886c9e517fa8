/* What the Store and the administration list: applications, subscriptions, keys, tasks and tier permissions,
 * read from every release's tables. */
#include "config.h"

#include "store/st-application-record.h"
#include "store/st-key-record.h"
#include "store/st-subscription-record.h"
#include "store/st-tier-permission.h"
#include "store/st-workflow.h"
#include "tests/lib/write-world.h"

#include <string.h>

static const char people[]
    = "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (3, 'alice', -1234),"
      " (4, 'bob', -1234), (5, 'dave@example.com', 7);\n"
      "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID, APPLICATION_TIER, CALLBACK_URL, "
      "DESCRIPTION,"
      " APPLICATION_STATUS, GROUP_ID, CREATED_BY) VALUES"
      " (11, 'Phone', 3, 'Gold', 'https://phone.example/', 'on the phone', 'APPROVED', '', 'alice'),"
      " (12, 'Watch_1%', 3, 'Unlimited', NULL, NULL, 'CREATED', 'team', 'alice'),"
      " (13, 'Phone', 4, 'Unlimited', NULL, NULL, 'APPROVED', NULL, 'bob'),"
      " (14, 'Desk', 5, 'Unlimited', NULL, NULL, 'APPROVED', NULL, 'dave@example.com');\n";

static const char subscriptions[]
    = "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
      " (5, 'admin', 'Weather', '1.0.0', '/weather/1.0.0'), (6, 'admin', 'Other', '1', '/other/1');\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (5, 'CREATED', 'admin', "
      "-1234);\n"
      "INSERT INTO AM_API_LC_EVENT (API_ID, NEW_STATE, USER_ID, TENANT_ID) VALUES (5, 'PUBLISHED', 'admin', "
      "-1234);\n"
      "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, "
      "SUBS_CREATE_STATE)"
      " VALUES (21, 'Gold', 5, 11, 'UNBLOCKED', 'SUBSCRIBE'), (22, 'Silver', 6, 11, 'BLOCKED', NULL),"
      " (23, 'Gold', 5, 13, 'ON_HOLD', 'SUBSCRIBE'), (24, 'Gold', 6, 12, 'BLOCKED', 'UN_SUBSCRIBE');\n";

static void
make_people (WriteWorld *world)
{
  write_world_run (world, people);
  write_world_run (world, subscriptions);
}

/* A number of each record, with "," between them. Frees @records. */
#define JOIN(records, Type, field)                                                                           \
  ({                                                                                                         \
    GString *text_ = g_string_new (NULL);                                                                    \
    for (guint i_ = 0; i_ < (records)->len; i_++)                                                            \
      {                                                                                                      \
        const Type *each_ = g_ptr_array_index (records, i_);                                                 \
        g_string_append_printf (text_, "%s%" G_GINT64_FORMAT, i_ > 0 ? "," : "", each_->field);              \
      }                                                                                                      \
    g_clear_pointer (&(records), g_ptr_array_unref);                                                         \
    g_string_free (text_, FALSE);                                                                            \
  })

static void
test_application (WriteWorld *world)
{
  g_autoptr (StApplicationRecord) record = NULL;
  g_autoptr (StApplicationRecord) copy = NULL;
  g_autoptr (StApplicationRecord) none = NULL;

  make_people (world);
  if (write_world_has (world, ST_CAP_APPLICATION_UUID))
    write_world_run (world, "UPDATE AM_APPLICATION SET UUID = 'u-11' WHERE APPLICATION_ID = 11;\n");
  if (write_world_has (world, ST_CAP_APP_ATTRIBUTES))
    write_world_run (world,
                     "INSERT INTO AM_APPLICATION_ATTRIBUTES (APPLICATION_ID, NAME, VALUE, TENANT_ID) VALUES"
                     " (11, 'team', 'red', -1234), (11, 'cost', '7', -1234);\n");
  if (write_world_has (world, ST_CAP_GROUP_MAPPING))
    write_world_run (world,
                     "INSERT INTO AM_APPLICATION_GROUP_MAPPING (APPLICATION_ID, GROUP_ID, TENANT) VALUES"
                     " (11, 'b', 'carbon.super'), (11, 'a', 'carbon.super');\n");
  WRITE (world, st_application_record_find (writer, 11, &record, &error));
  g_assert_cmpstr (record->name, ==, "Phone");
  g_assert_cmpstr (record->tier, ==, "Gold");
  g_assert_cmpstr (record->callback_url, ==, "https://phone.example/");
  g_assert_cmpstr (record->description, ==, "on the phone");
  g_assert_cmpstr (record->status, ==, "APPROVED");
  g_assert_cmpstr (record->subscriber, ==, "alice");
  g_assert_cmpint (record->subscriber_id, ==, 3);
  g_assert_cmpint (record->tenant_id, ==, -1234);
  g_assert_cmpint (record->n_subscriptions, ==, 2);
  g_assert_cmpuint (g_strv_length (record->groups), ==,
                    write_world_has (world, ST_CAP_GROUP_MAPPING) ? 2 : 0);
  if (write_world_has (world, ST_CAP_APP_ATTRIBUTES))
    {
      g_autofree char *attributes = g_strjoinv ("|", record->attributes);

      g_assert_cmpstr (attributes, ==, "cost|7|team|red");
    }
  if (write_world_has (world, ST_CAP_APPLICATION_UUID))
    {
      g_autoptr (StApplicationRecord) by_uuid = NULL;

      WRITE (world, st_application_record_find_by_uuid (writer, "u-11", &by_uuid, &error));
      g_assert_cmpint (by_uuid->id, ==, 11);
    }
  copy = st_application_record_copy (record);
  g_assert_cmpstr (copy->callback_url, ==, record->callback_url);
  WRITE (world, st_application_record_find (writer, 99, &none, &error));
  g_assert_null (none);
  WRITE (world, st_application_record_find_by_uuid (writer, "nobody's", &none, &error));
  g_assert_null (none);
}

static void
test_application_named (WriteWorld *world)
{
  static const struct
  {
    gint64 subscriber_id;
    const char *name;
    gint64 id;
  } cases[]
      = { { 3, "Phone", 11 }, { 4, "Phone", 13 }, { 3, "phone", 0 }, { 3, "Phone ", 0 }, { 9, "Phone", 0 } };

  make_people (world);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StApplicationRecord) record = NULL;

      WRITE (world, st_application_record_find_named (writer, cases[i].subscriber_id, cases[i].name, &record,
                                                      &error));
      g_assert_cmpint (record != NULL ? record->id : 0, ==, cases[i].id);
    }
}

static void
test_application_list (WriteWorld *world)
{
  static const struct
  {
    StApplicationFilter filter;
    StPage page;
    const char *ids;
    gint64 total;
  } cases[] = {
    { { -1234, 3, NULL }, { 0, 25 }, "11,12", 2 },  { { -1234, 0, NULL }, { 0, 25 }, "11,13,12", 3 },
    { { -1234, 0, "hon" }, { 0, 25 }, "11,13", 2 }, { { -1234, 0, NULL }, { 1, 1 }, "13", 3 },
    { { -1234, 0, NULL }, { 3, 25 }, "", 3 },       { { -1234, 0, NULL }, { 0, 0 }, "", 3 },
    { { -1234, 0, "_1%" }, { 0, 25 }, "12", 1 },    { { -1234, 0, "%" }, { 0, 25 }, "12", 1 },
    { { 7, 0, NULL }, { 0, 25 }, "14", 1 },         { { 7, 3, NULL }, { 0, 25 }, "", 0 },
    { { -1234, 0, "' OR 1" }, { 0, 25 }, "", 0 },
  };

  make_people (world);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GPtrArray *records = NULL;
      g_autofree char *ids = NULL;
      gint64 total = -1;

      WRITE (world,
             st_application_record_list (writer, &cases[i].filter, &cases[i].page, &records, &total, &error));
      ids = JOIN (records, StApplicationRecord, id);
      g_assert_cmpstr (ids, ==, cases[i].ids);
      g_assert_cmpint (total, ==, cases[i].total);
    }
}

static void
test_subscriber (WriteWorld *world)
{
  gint64 id = -1;

  make_people (world);
  WRITE (world, st_subscriber_find (writer, 7, "dave@example.com", &id, &error));
  g_assert_cmpint (id, ==, 5);
  WRITE (world, st_subscriber_find (writer, -1234, "dave@example.com", &id, &error));
  g_assert_cmpint (id, ==, 0);
}

static void
test_subscription (WriteWorld *world)
{
  g_autoptr (StSubscriptionRecord) record = NULL;
  g_autoptr (StSubscriptionRecord) stateless = NULL;
  g_autoptr (StSubscriptionRecord) ended = NULL;

  make_people (world);
  WRITE (world, st_subscription_record_find (writer, 21, &record, &error));
  g_assert_cmpstr (record->tier, ==, "Gold");
  g_assert_cmpstr (record->status, ==, "UNBLOCKED");
  g_assert_cmpstr (record->application_name, ==, "Phone");
  g_assert_cmpstr (record->subscriber, ==, "alice");
  g_assert_cmpstr (record->api_name, ==, "Weather");
  g_assert_cmpstr (record->api_version, ==, "1.0.0");
  g_assert_cmpstr (record->api_context, ==, "/weather/1.0.0");
  g_assert_cmpstr (record->api_state, ==, "PUBLISHED");
  WRITE (world, st_subscription_record_find (writer, 22, &stateless, &error));
  g_assert_null (stateless->api_state);
  WRITE (world, st_subscription_record_find (writer, 24, &ended, &error));
  g_assert_null (ended);
  if (write_world_has (world, ST_CAP_SUBSCRIPTION_UUID))
    {
      g_autoptr (StSubscriptionRecord) by_uuid = NULL;

      write_world_run (world, "UPDATE AM_SUBSCRIPTION SET UUID = 's-21' WHERE SUBSCRIPTION_ID = 21;\n");
      WRITE (world, st_subscription_record_find_by_uuid (writer, "s-21", &by_uuid, &error));
      g_assert_cmpint (by_uuid->id, ==, 21);
    }
}

static void
test_subscription_list (WriteWorld *world)
{
  static const struct
  {
    StSubscriptionFilter filter;
    StPage page;
    const char *ids;
    gint64 total;
  } cases[] = {
    { { .api_id = 5 }, { 0, 25 }, "21,23", 2 },
    { { .application_id = 11 }, { 0, 25 }, "21,22", 2 },
    { { .application_id = 11 }, { 1, 1 }, "22", 2 },
    { { .subscriber_id = 3 }, { 0, 25 }, "21,22", 2 },
    { { .api_id = 6, .subscriber_id = 3 }, { 0, 25 }, "22", 1 },
    { { .api_id = 5, .application_id = 13 }, { 0, 25 }, "23", 1 },
    { { .application_id = 12 }, { 0, 25 }, "", 0 },
  };

  make_people (world);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GPtrArray *records = NULL;
      g_autofree char *ids = NULL;
      gint64 total = -1;

      WRITE (world, st_subscription_record_list (writer, &cases[i].filter, &cases[i].page, &records, &total,
                                                 &error));
      ids = JOIN (records, StSubscriptionRecord, id);
      g_assert_cmpstr (ids, ==, cases[i].ids);
      g_assert_cmpint (total, ==, cases[i].total);
    }
}

static void
test_keys (WriteWorld *world)
{
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (StKeyRecord) by_key = NULL;
  g_autoptr (StKeyRecord) by_reference = NULL;
  g_autoptr (StKeyRecord) none = NULL;
  const StKeyRecord *production, *sandbox;

  make_people (world);
  write_world_run (world,
                   "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE,"
                   " CREATE_MODE) VALUES (11, NULL, 'SANDBOX', 'CREATED', 'CREATED'),"
                   " (11, 'ck', 'PRODUCTION', 'COMPLETED', 'MAPPED');\n"
                   "INSERT INTO AM_APPLICATION_REGISTRATION (SUBSCRIBER_ID, WF_REF, APP_ID, TOKEN_TYPE,"
                   " TOKEN_SCOPE, INPUTS, ALLOWED_DOMAINS, VALIDITY_PERIOD) VALUES"
                   " (3, 'ref-1', 11, 'SANDBOX', 'read', '{}', 'ALL', 3600);\n"
                   "INSERT INTO AM_APP_KEY_DOMAIN_MAPPING (CONSUMER_KEY, AUTHZ_DOMAIN) VALUES"
                   " ('ck', 'example.com'), ('ck', 'a.example');\n");
  WRITE (world, st_key_record_list (writer, 11, &records, &error));
  g_assert_cmpuint (records->len, ==, 2);
  production = g_ptr_array_index (records, 0);
  sandbox = g_ptr_array_index (records, 1);
  g_assert_cmpstr (production->consumer_key, ==, "ck");
  g_assert_true (production->mapped);
  g_assert_null (production->workflow_reference);
  g_assert_cmpuint (g_strv_length (production->domains), ==, 2);
  g_assert_cmpstr (production->domains[0], ==, "a.example");
  g_assert_null (sandbox->consumer_key);
  g_assert_cmpstr (sandbox->state, ==, "CREATED");
  g_assert_cmpstr (sandbox->token_scope, ==, "read");
  g_assert_cmpint (sandbox->validity_s, ==, 3600);
  WRITE (world, st_key_record_find_client (writer, "ck", &by_key, &error));
  g_assert_cmpint (by_key->application_id, ==, 11);
  WRITE (world, st_key_record_find_reference (writer, "ref-1", &by_reference, &error));
  g_assert_cmpint (by_reference->type, ==, ST_KEY_SANDBOX);
  WRITE (world, st_key_record_find_client (writer, "CK", &none, &error));
  g_assert_null (none);
  WRITE (world, st_key_record_find (writer, 12, ST_KEY_PRODUCTION, &none, &error));
  g_assert_null (none);
}

static void
test_workflows (WriteWorld *world)
{
  static const StNewWorkflow tasks[] = {
    { "AM_SUBSCRIPTION_CREATION", "21", "wf-1", NULL, -1234, "carbon.super" },
    { "AM_APPLICATION_CREATION", "12", "wf-2", "please", -1234, "carbon.super" },
    { "AM_APPLICATION_CREATION", "14", "wf-3", NULL, 7, "example.com" },
  };
  static const StNewWorkflow again = { "AM_USER_SIGNUP", "x", "wf-1", NULL, -1234, "carbon.super" };
  g_autoptr (StWorkflow) workflow = NULL;
  g_autoptr (StWorkflow) decided = NULL;
  g_autoptr (StWorkflow) none = NULL;
  GPtrArray *list = NULL;
  gint64 total = 0;
  const StPage page = { 0, 1 };
  const StWorkflowFilter waiting = { -1234, NULL, "CREATED" };

  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    WRITE (world, st_write_add_workflow (writer, &tasks[i], &error));
  REFUSE (world, ST_ERROR_CONFLICT, "", st_write_add_workflow (writer, &again, &error));
  WRITE (world, st_workflow_find (writer, "wf-2", TRUE, &workflow, &error));
  g_assert_cmpstr (workflow->reference, ==, "12");
  g_assert_cmpstr (workflow->description, ==, "please");
  g_assert_cmpstr (workflow->status, ==, "CREATED");
  g_assert_cmpint (ABS (workflow->created_ms - g_get_real_time () / 1000), <, 60000);
  WRITE (world, st_write_workflow_status (writer, workflow->id, "REJECTED", "no reason", &error));
  WRITE (world, st_workflow_find (writer, "wf-2", FALSE, &decided, &error));
  g_assert_cmpstr (decided->status, ==, "REJECTED");
  g_assert_cmpstr (decided->description, ==, "no reason");
  g_assert_cmpint (decided->created_ms, ==, workflow->created_ms);
  WRITE (world, st_workflow_list (writer, &waiting, &page, &list, &total, &error));
  g_assert_cmpint (total, ==, 1);
  g_assert_cmpstr (((StWorkflow *)g_ptr_array_index (list, 0))->external_reference, ==, "wf-1");
  g_ptr_array_unref (list);
  WRITE (world, st_write_drop_workflows (writer, "AM_SUBSCRIPTION_CREATION", "21", &error));
  /* One that was decided is history. */
  WRITE (world, st_write_drop_workflows (writer, "AM_APPLICATION_CREATION", "12", &error));
  WRITE (world, st_workflow_find (writer, "wf-1", FALSE, &none, &error));
  g_assert_null (none);
  write_world_rows (world,
                    "SELECT WF_EXTERNAL_REFERENCE, WF_STATUS, TENANT_DOMAIN FROM AM_WORKFLOWS ORDER BY WF_ID",
                    "wf-2|REJECTED|carbon.super\nwf-3|CREATED|example.com");
}

static void
test_tier_permissions (WriteWorld *world)
{
  static const char *const roles[] = { "Internal/subscriber", "gold", NULL };
  static const char *const nobody[] = { NULL };
  gboolean advanced = write_world_has (world, ST_CAP_POLICIES);
  g_autoptr (StTierPermission) found = NULL;
  g_autoptr (StTierPermission) none = NULL;
  g_autoptr (GPtrArray) list = NULL;

  WRITE (world, st_write_tier_permission (writer, TRUE, -1234, "Gold", TRUE, nobody, &error));
  WRITE (world, st_write_tier_permission (writer, TRUE, -1234, "Gold", FALSE, roles, &error));
  WRITE (world, st_write_tier_permission (writer, TRUE, -1234, "Gold", TRUE, roles, &error));
  WRITE (world, st_write_tier_permission (writer, TRUE, 7, "Silver", TRUE, roles, &error));
  WRITE (world, st_tier_permission_find (writer, TRUE, -1234, "Gold", &found, &error));
  g_assert_true (found->allows);
  g_assert_cmpuint (g_strv_length (found->roles), ==, 2);
  g_assert_cmpstr (found->roles[1], ==, "gold");
  WRITE (world, st_tier_permission_find (writer, TRUE, -1234, "gold", &none, &error));
  g_assert_null (none);
  WRITE (world, st_tier_permission_list (writer, TRUE, 7, &list, &error));
  g_assert_cmpuint (list->len, ==, 1);
  write_world_rows (world, "SELECT COUNT(*) FROM AM_TIER_PERMISSIONS", advanced ? "0" : "2");
  WRITE (world, st_write_tier_permission (writer, TRUE, -1234, "Gold", TRUE, nobody, &error));
  WRITE (world, st_tier_permission_find (writer, TRUE, -1234, "Gold", &none, &error));
  g_assert_null (none);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/store-records/application", test_application);
  write_world_add ("/store-records/application-named", test_application_named);
  write_world_add ("/store-records/application-list", test_application_list);
  write_world_add ("/store-records/subscriber", test_subscriber);
  write_world_add ("/store-records/subscription", test_subscription);
  write_world_add ("/store-records/subscription-list", test_subscription_list);
  write_world_add ("/store-records/keys", test_keys);
  write_world_add ("/store-records/workflows", test_workflows);
  write_world_add ("/store-records/tier-permissions", test_tier_permissions);
  return write_world_run_tests ();
}
