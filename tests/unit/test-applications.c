/* Applications of the Store, and the workflows that they may wait for, on every release's tables. */
#include "config.h"

#include "core/core-application.h"
#include "core/core-oauth-client.h"
#include "core/core-tier.h"
#include "core/core-workflow.h"
#include "store/st-application-writes.h"
#include "store/st-key-writes.h"
#include "tests/lib/portal-world.h"

#include <string.h>

static const CoreApplicationInput phone
    = { .name = " Phone ", .callback_url = "https://phone.example/cb", .description = "on the phone" };

/* *id: free with g_free(). */
static StApplicationRecord *
create_phone (PortalWorld *of, char **id)
{
  StApplicationRecord *created = NULL;

  PORTAL_DO (core_application_create (&of->portal, of->alice, &phone, &created, &error));
  *id = created->uuid != NULL ? g_strdup (created->uuid) : g_strdup_printf ("%" G_GINT64_FORMAT, created->id);
  return created;
}

static void
test_create (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autoptr (StApplicationRecord) created = create_phone (of, &id);
  g_autoptr (StApplicationRecord) found = NULL;
  g_autoptr (StApplicationRecord) named = NULL;

  g_assert_cmpstr (created->name, ==, "Phone");
  g_assert_cmpstr (created->tier, ==, "Unlimited");
  g_assert_cmpstr (created->status, ==, "APPROVED");
  write_world_rows (world, "SELECT USER_ID, TENANT_ID FROM AM_SUBSCRIBER", "alice|-1234");
  write_world_rows (world,
                    "SELECT NAME, APPLICATION_STATUS, CREATED_BY FROM AM_APPLICATION ORDER BY APPLICATION_ID",
                    "DefaultApplication|APPROVED|alice\nPhone|APPROVED|alice");
  write_world_rows (world, "SELECT COUNT(*) FROM AM_WORKFLOWS", "0");
  PORTAL_DO (core_application_get (&of->portal, of->alice, id, &found, &error));
  g_assert_cmpstr (found->description, ==, "on the phone");
  PORTAL_DO (core_application_get_named (&of->portal, of->alice, NULL, "Phone", &named, &error));
  g_assert_cmpint (named->id, ==, created->id);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "A duplicate application already exists by the name - Phone",
                 core_application_create (&of->portal, of->alice, &phone, NULL, &error));
}

/* Everything that is wrong is said at once, and nothing is written. */
static void
test_bad_input (WriteWorld *world)
{
  static const char *const odd[] = { "name", NULL };
  const struct
  {
    CoreApplicationInput input;
    guint n_violations;
    const char *words;
  } cases[] = {
    { { .name = NULL }, 1, "Application name is not specified" },
    { { .name = " \t" }, 1, "Application name is not specified" },
    { { .name = "a\nb" }, 1, "one line" },
    { { .name = "a\001b" }, 1, "control character" },
    { { .name = "a\xff" }, 1, "UTF-8" },
    { { .name = write_world_long (101) }, 1, "100 characters" },
    { { .name = "x", .tier = "Plutonium" }, 1, "Specified application tier does not exist." },
    { { .name = "x", .tier = "Unauthenticated" }, 1, "Specified application tier does not exist." },
    { { .name = "x", .callback_url = "javascript:alert(1)" }, 1, "no absolute URL" },
    { { .name = "x", .token_type = "SAML" }, 1, "neither DEFAULT nor JWT" },
    { { .name = "x", .attributes = odd }, 1, "each with a value" },
    { { .name = "", .callback_url = "x", .description = write_world_long (513) }, 3, "512 characters" },
  };
  g_autoptr (PortalWorld) of = portal_world_new (world);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (core_application_create (&of->portal, of->alice, &cases[i].input, NULL, &error));
      g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
      g_assert_cmpuint (core_portal_error_violations (error)->len, ==, cases[i].n_violations);
      write_world_assert_words (error, cases[i].words);
    }
  write_world_rows (world, "SELECT COUNT(*) FROM AM_APPLICATION", "0");
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIBER", "0");
}

static void
test_tiers (WriteWorld *world)
{
  /* What a tenant without rows begins with, and 1.x always has. */
  gboolean policies = write_world_has (world, ST_CAP_POLICIES);
  const CoreApplicationInput input = { .name = "Slow", .tier = policies ? "10PerMin" : "Small" };
  const CoreApplicationInput other = { .name = "Fast", .tier = policies ? "Small" : "10PerMin" };
  const CoreApplicationInput renamed = { .name = "Fast", .tier = "10PerMin" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StApplicationRecord) created = NULL;

  PORTAL_DO (core_application_create (&of->portal, of->dave, &input, &created, &error));
  g_assert_cmpstr (created->tier, ==, input.tier);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "tier does not exist",
                 core_application_create (&of->portal, of->dave, &other, NULL, &error));
  if (!policies)
    return;
  /* What somebody deleted does not come back. */
  write_world_run (world, "DELETE FROM AM_POLICY_APPLICATION WHERE NAME = '10PerMin';\n");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "tier does not exist",
                 core_application_create (&of->portal, of->dave, &renamed, NULL, &error));
}

/* Of others' applications nothing is known; an administrator sees his tenant's. */
static void
test_whose (WriteWorld *world)
{
  static const CoreApplicationInput change = { .description = "mine now" };
  static const CoreApplicationSearch of_alice = { .user = "alice" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autoptr (StApplicationRecord) created = create_phone (of, &id);
  g_autoptr (StApplicationRecord) seen = NULL;
  g_autoptr (StApplicationRecord) none = NULL;
  g_autoptr (GPtrArray) records = NULL;
  CoreActor *const strangers[] = { of->bob, of->dave };
  gint64 total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                     core_application_get (&of->portal, strangers[i], id, &none, &error));
      PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                     core_application_update (&of->portal, strangers[i], id, &change, NULL, NULL, &error));
      PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                     core_application_delete (&of->portal, strangers[i], id, NULL, &error));
      PORTAL_REFUSE (
          CORE_PORTAL_ERROR_FORBIDDEN, "others",
          core_application_list (&of->portal, strangers[i], &of_alice, NULL, &records, NULL, &error));
    }
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "paula may not",
                 core_application_get (&of->portal, of->publisher, id, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "a visitor may not",
                 core_application_create (&of->portal, of->visitor, &phone, NULL, &error));
  PORTAL_DO (core_application_get (&of->portal, of->admin, id, &seen, &error));
  PORTAL_DO (core_application_list (&of->portal, of->admin, &of_alice, NULL, &records, &total, &error));
  g_assert_cmpint (total, ==, 2);
}

static void
test_list (WriteWorld *world)
{
  static const CoreApplicationSearch with_on = { .name = "on" };
  static const StPage second = { 1, 1 };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) page = NULL;
  g_autofree char *id = NULL;
  gint64 total = 0;

  /* The first access to the Store. */
  PORTAL_DO (core_application_list (&of->portal, of->alice, NULL, NULL, &first, &total, &error));
  g_assert_cmpint (total, ==, 1);
  g_assert_cmpstr (((StApplicationRecord *)first->pdata[0])->name, ==, ST_DEFAULT_APPLICATION);
  st_application_record_free (create_phone (of, &id));
  PORTAL_DO (core_application_list (&of->portal, of->alice, &with_on, NULL, &found, &total, &error));
  g_assert_cmpint (total, ==, 2);
  PORTAL_DO (core_application_list (&of->portal, of->alice, NULL, &second, &page, &total, &error));
  g_assert_cmpint (total, ==, 2);
  g_assert_cmpuint (page->len, ==, 1);
  g_assert_cmpstr (((StApplicationRecord *)page->pdata[0])->name, ==, "Phone");
}

static void
add_client (WriteWorld *world, gint64 application_id, StKeyType type, const char *key, gboolean mapped)
{
  const StOauthUser owner
      = { (char *)"alice", (char *)"PRIMARY", ST_SUPER_TENANT_ID, (char *)"carbon.super" };
  g_autofree char *name = core_oauth_client_key_name ("Phone", type);
  g_autoptr (StOauthClient) client = core_oauth_client_new (&owner, name, NULL, NULL);
  g_autofree char *mapping = g_strdup_printf (
      "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE, CREATE_MODE)"
      " VALUES (%" G_GINT64_FORMAT ", '%s', '%s', 'COMPLETED', '%s');\n",
      application_id, key, st_key_type_text (type), mapped ? "MAPPED" : "CREATED");

  g_free (client->key);
  client->key = g_strdup (key);
  WRITE (world, st_oauth_client_insert (writer, client, &error));
  write_world_run (world, mapping);
}

#define CLIENTS                                                                                              \
  "SELECT CONSUMER_KEY, APP_NAME, CALLBACK_URL FROM IDN_OAUTH_CONSUMER_APPS ORDER BY CONSUMER_KEY"

static void
test_update (WriteWorld *world)
{
  static const CoreApplicationInput renamed
      = { .name = "Tablet", .callback_url = "https://tablet.example/cb", .description = "" };
  static const CoreApplicationInput nothing = { NULL };
  static const CoreApplicationInput taken = { .name = ST_DEFAULT_APPLICATION };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autoptr (StApplicationRecord) created = create_phone (of, &id);
  g_autofree char *etag = core_application_etag (created);
  g_autoptr (StApplicationRecord) same = NULL;
  g_autoptr (StApplicationRecord) updated = NULL;

  add_client (world, created->id, ST_KEY_PRODUCTION, "ours", FALSE);
  add_client (world, created->id, ST_KEY_SANDBOX, "theirs", TRUE);
  PORTAL_DO (core_application_update (&of->portal, of->alice, id, &nothing, etag, &same, &error));
  g_assert_cmpstr (same->name, ==, "Phone");
  g_assert_cmpstr (same->callback_url, ==, "https://phone.example/cb");
  write_world_rows (world, CLIENTS, "ours|alice_Phone_PRODUCTION|\ntheirs|alice_Phone_SANDBOX|");
  PORTAL_DO (core_application_update (&of->portal, of->alice, id, &renamed, etag, &updated, &error));
  g_assert_cmpstr (updated->name, ==, "Tablet");
  g_assert_cmpstr (updated->description, ==, "");
  g_assert_cmpint (updated->created_ms, ==, created->created_ms);
  write_world_rows (world, CLIENTS,
                    "ours|alice_Tablet_PRODUCTION|https://tablet.example/cb\ntheirs|alice_Phone_SANDBOX|");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_PRECONDITION, "changed meanwhile",
                 core_application_update (&of->portal, of->alice, id, &renamed, etag, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "A duplicate application",
                 core_application_update (&of->portal, of->alice, id, &taken, NULL, NULL, &error));
}

static void
test_delete (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autoptr (StApplicationRecord) created = create_phone (of, &id);

  add_client (world, created->id, ST_KEY_PRODUCTION, "ours", FALSE);
  add_client (world, created->id, ST_KEY_SANDBOX, "theirs", TRUE);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_PRECONDITION, "changed meanwhile",
                 core_application_delete (&of->portal, of->alice, id, "stale", &error));
  PORTAL_DO (core_application_delete (&of->portal, of->alice, id, NULL, &error));
  write_world_rows (world, "SELECT NAME FROM AM_APPLICATION", "DefaultApplication");
  write_world_rows (world, "SELECT CONSUMER_KEY FROM IDN_OAUTH_CONSUMER_APPS", "theirs");
  write_world_rows (world, "SELECT COUNT(*) FROM AM_APPLICATION_KEY_MAPPING", "0");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "of yours",
                 core_application_delete (&of->portal, of->alice, id, NULL, &error));
}

/* What would be, and nothing of it. */
static void
test_dry_run (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StApplicationRecord) created = NULL;
  g_autoptr (GPtrArray) records = NULL;

  of->portal.dry_run = TRUE;
  PORTAL_DO (core_application_create (&of->portal, of->alice, &phone, &created, &error));
  g_assert_cmpstr (created->status, ==, "APPROVED");
  PORTAL_DO (core_application_list (&of->portal, of->alice, NULL, NULL, &records, NULL, &error));
  g_assert_cmpuint (records->len, ==, 0);
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIBER", "0");
}

/* Groups and attributes where the release has a place for them; elsewhere they are refused, not dropped. */
static void
test_groups_and_attributes (WriteWorld *world)
{
  static const char *const groups[] = { "red", "blue", NULL };
  static const char *const one[] = { "red", NULL };
  static const char *const attributes[] = { "cost", "7", NULL };
  const CoreApplicationInput several = { .name = "Several", .groups = groups };
  const CoreApplicationInput single = { .name = "Single", .groups = one };
  const CoreApplicationInput rich = { .name = "Rich", .attributes = attributes };
  static const CoreApplicationInput described = { .description = "more" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autoptr (StApplicationRecord) shared = NULL;
  g_autoptr (StApplicationRecord) kept = NULL;
  g_autofree char *id = NULL;

  PORTAL_DO (core_application_create (&of->portal, of->alice, &single, &shared, &error));
  g_assert_cmpstr (shared->group_id, ==, "red");
  if (!write_world_has (world, ST_CAP_GROUP_MAPPING))
    PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "no place for applications with several groups",
                   core_application_create (&of->portal, of->alice, &several, NULL, &error));
  else
    PORTAL_DO (core_application_create (&of->portal, of->alice, &several, NULL, &error));
  if (!write_world_has (world, ST_CAP_APP_ATTRIBUTES))
    {
      PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "no place for attributes",
                     core_application_create (&of->portal, of->alice, &rich, NULL, &error));
      return;
    }
  g_clear_pointer (&shared, st_application_record_free);
  PORTAL_DO (core_application_create (&of->portal, of->alice, &rich, &shared, &error));
  id = g_strdup_printf ("%" G_GINT64_FORMAT, shared->id);
  PORTAL_DO (core_application_update (&of->portal, of->alice, id, &described, NULL, &kept, &error));
  g_assert_cmpstr (kept->attributes[1], ==, "7");
}

static char *
waiting_reference (PortalWorld *of)
{
  g_autoptr (GPtrArray) tasks = NULL;

  PORTAL_DO (core_workflow_list (&of->portal, of->admin, NULL, "CREATED", NULL, &tasks, NULL, &error));
  g_assert_cmpuint (tasks->len, ==, 1);
  return g_strdup (((StWorkflow *)tasks->pdata[0])->external_reference);
}

/* An administrator decides; once. */
static void
test_approval (WriteWorld *world)
{
  static const CoreApplicationInput change = { .description = "x" };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autofree char *reference = NULL;
  g_autoptr (StApplicationRecord) created = NULL;
  g_autoptr (StApplicationRecord) approved = NULL;
  g_autoptr (StWorkflow) task = NULL;
  g_autoptr (StWorkflow) decided = NULL;
  g_autoptr (GPtrArray) none = NULL;

  of->workflows.executors[APIM_WORKFLOW_APPLICATION_CREATION] = APIM_EXECUTOR_APPROVAL;
  created = create_phone (of, &id);
  g_assert_cmpstr (created->status, ==, "CREATED");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "Cannot update the application while it is INACTIVE",
                 core_application_update (&of->portal, of->alice, id, &change, NULL, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "alice may not",
                 core_workflow_list (&of->portal, of->alice, NULL, NULL, NULL, &none, NULL, &error));
  reference = waiting_reference (of);
  PORTAL_DO (core_workflow_get (&of->portal, of->admin, reference, &task, &error));
  g_assert_cmpstr (task->type, ==, "AM_APPLICATION_CREATION");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "alice may not",
                 core_workflow_decide (&of->portal, of->alice, reference, TRUE, NULL, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "no workflow task",
                 core_workflow_decide (&of->portal, of->admin, "nothing", TRUE, NULL, NULL, &error));
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, reference, TRUE, "fine", &decided, &error));
  g_assert_cmpstr (decided->status, ==, "APPROVED");
  g_assert_cmpstr (decided->description, ==, "fine");
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, reference, TRUE, NULL, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "decided already: it is APPROVED",
                 core_workflow_decide (&of->portal, of->admin, reference, FALSE, NULL, NULL, &error));
  PORTAL_DO (core_application_get (&of->portal, of->alice, id, &approved, &error));
  g_assert_cmpstr (approved->status, ==, "APPROVED");
}

static void
test_rejection (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autofree char *reference = NULL;
  g_autoptr (StApplicationRecord) rejected = NULL;

  of->workflows.executors[APIM_WORKFLOW_APPLICATION_CREATION] = APIM_EXECUTOR_APPROVAL;
  st_application_record_free (create_phone (of, &id));
  reference = waiting_reference (of);
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, reference, FALSE, "too many", NULL, &error));
  PORTAL_DO (core_application_get (&of->portal, of->alice, id, &rejected, &error));
  g_assert_cmpstr (rejected->status, ==, "REJECTED");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "it is REJECTED",
                 core_application_require_approved (rejected, "subscribe to APIs", &error));
}

/* With the application goes the task that waited for it. */
static void
test_delete_waiting (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;

  of->workflows.executors[APIM_WORKFLOW_APPLICATION_CREATION] = APIM_EXECUTOR_APPROVAL;
  st_application_record_free (create_phone (of, &id));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_WORKFLOWS", "1");
  PORTAL_DO (core_application_delete (&of->portal, of->alice, id, NULL, &error));
  write_world_rows (world, "SELECT COUNT(*) FROM AM_WORKFLOWS", "0");
}

/* Tasks that a WSO2 node left there are decided here too. */
static void
test_other_tasks (WriteWorld *world)
{
  static const StNewWorkflow tasks[] = {
    { "AM_SUBSCRIPTION_CREATION", "21", "wf-subscription", NULL, -1234, "carbon.super" },
    { "AM_APPLICATION_REGISTRATION_SANDBOX", "wf-keys", "wf-keys", NULL, -1234, "carbon.super" },
    { "AM_APPLICATION_REGISTRATION_SANDBOX", "wf-gone", "wf-gone", NULL, -1234, "carbon.super" },
    { "AM_API_STATE", "5", "wf-state", NULL, -1234, "carbon.super" },
    { "AM_SUBSCRIPTION_CREATION", "21", "wf-foreign", NULL, 7, "example.com" },
  };
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autofree char *subscription = NULL;
  g_autoptr (StApplicationRecord) created = create_phone (of, &id);
  const StRegistration registration
      = { .application_id = created->id, .type = ST_KEY_SANDBOX, .workflow_reference = "wf-keys" };

  subscription
      = g_strdup_printf ("INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
                         " (5, 'paula', 'Weather', '1.0.0', '/weather/1.0.0');\n"
                         "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID,"
                         " SUB_STATUS) VALUES (21, 'Gold', 5, %" G_GINT64_FORMAT ", 'ON_HOLD');\n",
                         created->id);
  write_world_run (world, subscription);
  WRITE (world, st_write_register_keys (writer, &registration, &error));
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    WRITE (world, st_write_add_workflow (writer, &tasks[i], &error));
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, "wf-subscription", TRUE, NULL, NULL, &error));
  write_world_rows (world, "SELECT SUB_STATUS, UPDATED_BY FROM AM_SUBSCRIPTION", "UNBLOCKED|admin");
  PORTAL_DO (core_workflow_decide (&of->portal, of->admin, "wf-keys", FALSE, NULL, NULL, &error));
  write_world_rows (world, "SELECT STATE FROM AM_APPLICATION_KEY_MAPPING", "REJECTED");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "was withdrawn",
                 core_workflow_decide (&of->portal, of->admin, "wf-gone", TRUE, NULL, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "AM_API_STATE are not decided here",
                 core_workflow_decide (&of->portal, of->admin, "wf-state", TRUE, NULL, NULL, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_NOT_FOUND, "no workflow task",
                 core_workflow_decide (&of->portal, of->admin, "wf-foreign", TRUE, NULL, NULL, &error));
  write_world_rows (world, "SELECT WF_STATUS FROM AM_WORKFLOWS ORDER BY WF_ID",
                    "APPROVED\nREJECTED\nCREATED\nCREATED\nCREATED");
}

typedef struct
{
  PortalWorld *of;
  gint created;
  gint conflicts;
} Race;

static gpointer
create_at_once (gpointer data)
{
  Race *race = data;
  g_autoptr (StApplicationRecord) created = NULL;
  g_autoptr (GError) error = NULL;

  if (core_application_create (&race->of->portal, race->of->alice, &phone, &created, &error))
    g_atomic_int_inc (&race->created);
  else if (g_error_matches (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_CONFLICT))
    g_atomic_int_inc (&race->conflicts);
  else
    g_error ("%s", error->message);
  return NULL;
}

/* One application comes of it, one subscriber, and one DefaultApplication. */
static void
test_two_at_once (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  Race race = { of, 0, 0 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("creator", create_at_once, &race);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (race.created, ==, 1);
  g_assert_cmpint (race.conflicts, ==, 3);
  write_world_rows (world, "SELECT COUNT(*) FROM AM_SUBSCRIBER", "1");
  write_world_rows (world, "SELECT COUNT(*) FROM AM_APPLICATION", "2");
}

typedef struct
{
  PortalWorld *of;
  const char *id;
  const char *etag;
  gint updated;
  gint refused;
} UpdateRace;

static gpointer
update_at_once (gpointer data)
{
  UpdateRace *race = data;
  g_autofree char *description = g_strdup_printf ("%p", (void *)g_thread_self ());
  const CoreApplicationInput input = { .description = description };
  g_autoptr (GError) error = NULL;

  if (core_application_update (&race->of->portal, race->of->alice, race->id, &input, race->etag, NULL,
                               &error))
    g_atomic_int_inc (&race->updated);
  else if (g_error_matches (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PRECONDITION))
    g_atomic_int_inc (&race->refused);
  else
    g_error ("%s", error->message);
  return NULL;
}

/* Of several who saw the same, one changes it; the others are told. */
static void
test_updates_at_once (WriteWorld *world)
{
  g_autoptr (PortalWorld) of = portal_world_new (world);
  g_autofree char *id = NULL;
  g_autoptr (StApplicationRecord) created = create_phone (of, &id);
  g_autofree char *etag = core_application_etag (created);
  UpdateRace race = { of, id, etag, 0, 0 };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("updater", update_at_once, &race);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (race.updated, ==, 1);
  g_assert_cmpint (race.refused, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/applications/create", test_create);
  write_world_add_few ("/applications/bad-input", test_bad_input);
  write_world_add_few ("/applications/tiers", test_tiers);
  write_world_add_few ("/applications/whose", test_whose);
  write_world_add_few ("/applications/list", test_list);
  write_world_add_few ("/applications/update", test_update);
  write_world_add_few ("/applications/delete", test_delete);
  write_world_add_few ("/applications/dry-run", test_dry_run);
  write_world_add_few ("/applications/groups-and-attributes", test_groups_and_attributes);
  write_world_add_few ("/applications/approval", test_approval);
  write_world_add_few ("/applications/rejection", test_rejection);
  write_world_add_few ("/applications/delete-waiting", test_delete_waiting);
  write_world_add_few ("/applications/other-tasks", test_other_tasks);
  write_world_add_few ("/applications/two-at-once", test_two_at_once);
  write_world_add_few ("/applications/updates-at-once", test_updates_at_once);
  return write_world_run_tests ();
}
