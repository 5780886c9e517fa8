/* Users who sign up at the Store, on real databases: made, approved, rejected, refused; and their passwords.
 */
#include "config.h"
#include "core/core-user.h"

#include "core/core-application.h"
#include "core/core-password.h"
#include "core/core-workflow.h"
#include "store/st-sql-stores.h"
#include "store/st-user-writes.h"
#include "tests/lib/portal-world.h"

#include <string.h>

typedef struct
{
  PortalWorld *world;
  StDatabase *users; /* userdb */
} Stage;

static void
stage_free (Stage *stage)
{
  g_clear_pointer (&stage->world->portal.users, st_user_store_free);
  portal_world_free (stage->world);
  g_free (stage);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

/* NULL: a generation whose userdb is not made here. */
static Stage *
stage_new (WriteWorld *world)
{
  static const char rows[]
      = "DELETE FROM UM_HYBRID_USER_ROLE;\nDELETE FROM UM_USER_ATTRIBUTE;\nDELETE FROM UM_USER;\n"
        "DELETE FROM UM_HYBRID_ROLE WHERE UM_ROLE_NAME IN ('subscriber', 'tester');\n"
        "INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES ('subscriber', -1234), ('tester', "
        "-1234);\n";
  Stage *stage;

  if (!write_world_has (world, ST_CAP_API_ARTIFACT))
    return NULL;
  stage = g_new0 (Stage, 1);
  stage->world = portal_world_new (world);
  stage->users = world->fixture->user_database;
  store_fixture_run (stage->users, rows);
  stage->world->portal.user_rows = stage->users;
  stage->world->portal.users = st_sql_user_store_new (stage->users, &stage->world->config->user_store);
  return stage;
}

static StUser *
find (Stage *stage, const char *name)
{
  g_autoptr (GError) error = NULL;
  StUser *user = NULL;

  st_user_store_find_user (stage->world->portal.users, ST_SUPER_TENANT_ID, name, 0, &user, &error);
  g_assert_no_error (error);
  return user;
}

static gboolean
has_password (Stage *stage, const char *name, const char *password)
{
  g_autoptr (StUser) user = find (stage, name);

  return user != NULL
         && core_password_check (user, password, strlen (password), &stage->world->config->user_store,
                                 g_get_real_time () / 1000);
}

/* Separated by commas; NULL: there is no such user. */
static void
assert_roles (Stage *stage, const char *name, const char *expected)
{
  g_autoptr (StUser) user = find (stage, name);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) roles = NULL;
  g_autofree char *text = NULL;

  if (expected == NULL)
    {
      g_assert_null (user);
      return;
    }
  g_assert_nonnull (user);
  st_user_store_find_roles (stage->world->portal.users, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, name, 0,
                            &roles, &error);
  g_assert_no_error (error);
  text = g_strjoinv (",", roles);
  g_assert_cmpstr (text, ==, expected);
}

static gboolean
sign_up (Stage *stage, const char *name, const char *password, gboolean *waits, GError **error)
{
  const CoreSignUp input
      = { .name = name, .password = password, .first_name = "Erika", .email = "erika@example.org" };

  return core_user_sign_up (&stage->world->portal, &input, waits, error);
}

/* The only task that waits. Free with g_free(). */
static char *
task (Stage *stage)
{
  static const StPage page = { 0, 10 };
  g_autoptr (GPtrArray) tasks = NULL;
  gint64 total;

  PORTAL_DO (core_workflow_list (&stage->world->portal, stage->world->admin, "UserSignUp", "CREATED", &page,
                                 &tasks, &total, &error));
  g_assert_cmpuint (tasks->len, ==, 1);
  return g_strdup (((StWorkflow *)tasks->pdata[0])->external_reference);
}

static void
test_at_once (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  gboolean waits = TRUE;

  if (stage == NULL)
    return;
  PORTAL_DO (sign_up (stage, "erika", "Secret12", &waits, &error));
  g_assert_false (waits);
  assert_roles (stage, "erika", "Internal/subscriber");
  g_assert_true (has_password (stage, "erika", "Secret12"));
  g_assert_false (has_password (stage, "erika", "secret12"));
  PORTAL_DO (sign_up (stage, "PRIMARY/max", "Secret12", &waits, &error));
  assert_roles (stage, "max", "Internal/subscriber");
}

static void
test_refusals (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  gboolean waits;
  gint64 subscriber;

  if (stage == NULL)
    return;
  PORTAL_DO (sign_up (stage, "erika", "Secret12", &waits, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "already", sign_up (stage, "erika", "Other123", &waits, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "already", sign_up (stage, "ERIKA", "Other123", &waits, &error));
  g_assert_true (has_password (stage, "erika", "Secret12"));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "", sign_up (stage, "a b/", "Secret12", &waits, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "", sign_up (stage, "karla", "", &waits, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "",
                 sign_up (stage, "karla@nowhere.example", "Secret12", &waits, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "primary",
                 sign_up (stage, "LDAP/karla", "Secret12", &waits, &error));
  assert_roles (stage, "karla", NULL);

  /* What somebody who is gone has left is nobody else's. */
  WRITE (world, core_application_enter_store (writer, stage->world->bob, &subscriber, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "already", sign_up (stage, "bob", "Secret12", &waits, &error));
  assert_roles (stage, "bob", NULL);

  g_free (stage->world->config->sign_up_role);
  stage->world->config->sign_up_role = g_strdup ("Internal/nothing");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "no role", sign_up (stage, "karla", "Secret12", &waits, &error));
  assert_roles (stage, "karla", NULL); /* nothing half done */
  stage->world->config->self_sign_up = FALSE;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "administrator",
                 sign_up (stage, "karla", "Secret12", &waits, &error));
}

static void
test_approval (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gboolean waits = FALSE;

  if (stage == NULL)
    return;
  stage->world->workflows.executors[APIM_WORKFLOW_USER_SIGN_UP] = APIM_EXECUTOR_APPROVAL;
  PORTAL_DO (sign_up (stage, "erika", "Secret12", &waits, &error));
  g_assert_true (waits);
  assert_roles (stage, "erika", "");
  first = task (stage);
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_FORBIDDEN, "",
      core_workflow_decide (&stage->world->portal, stage->world->alice, first, TRUE, NULL, NULL, &error));
  for (guint i = 0; i < 2; i++) /* again is done already */
    PORTAL_DO (
        core_workflow_decide (&stage->world->portal, stage->world->admin, first, TRUE, NULL, NULL, &error));
  assert_roles (stage, "erika", "Internal/subscriber");
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_CONFLICT, "decided already",
      core_workflow_decide (&stage->world->portal, stage->world->admin, first, FALSE, NULL, NULL, &error));
  assert_roles (stage, "erika", "Internal/subscriber");

  PORTAL_DO (sign_up (stage, "max", "Secret12", &waits, &error));
  second = task (stage);
  stage->world->portal.dry_run = TRUE;
  PORTAL_DO (
      core_workflow_decide (&stage->world->portal, stage->world->admin, second, FALSE, NULL, NULL, &error));
  assert_roles (stage, "max", "");
  stage->world->portal.dry_run = FALSE;
  PORTAL_DO (
      core_workflow_decide (&stage->world->portal, stage->world->admin, second, FALSE, "no", NULL, &error));
  assert_roles (stage, "max", NULL);
  PORTAL_DO (sign_up (stage, "max", "Secret12", &waits, &error)); /* the name is free again */
}

/* What happened to the account meanwhile. */
static void
test_meanwhile (WriteWorld *world)
{
  static const char *const tester[] = { "Internal/tester", NULL };
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StUser) user = NULL;
  g_autofree char *reference = NULL;
  gboolean waits;

  if (stage == NULL)
    return;
  stage->world->workflows.executors[APIM_WORKFLOW_USER_SIGN_UP] = APIM_EXECUTOR_APPROVAL;
  PORTAL_DO (sign_up (stage, "erika", "Secret12", &waits, &error));
  reference = task (stage);
  user = find (stage, "erika");
  PORTAL_DO (st_user_change_roles (stage->users, &stage->world->config->user_store, ST_SUPER_TENANT_ID,
                                   user->id, tester, NULL, 0, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "not deleted",
                 core_workflow_decide (&stage->world->portal, stage->world->admin, reference, FALSE, NULL,
                                       NULL, &error));
  assert_roles (stage, "erika", "Internal/tester");
  PORTAL_DO (st_user_delete (stage->users, &stage->world->config->user_store, ST_SUPER_TENANT_ID, user->id, 0,
                             &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_CONFLICT, "not there any more",
      core_workflow_decide (&stage->world->portal, stage->world->admin, reference, TRUE, NULL, NULL, &error));
  PORTAL_DO (core_workflow_decide (&stage->world->portal, stage->world->admin, reference, FALSE, NULL, NULL,
                                   &error));
}

static void
test_password (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StUser) user = NULL;
  gboolean waits;

  if (stage == NULL)
    return;
  PORTAL_DO (sign_up (stage, "erika", "Secret12", &waits, &error));
  user = find (stage, "erika");
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "",
                 core_user_set_password (&stage->world->portal, user, " ", &error));
  g_assert_true (has_password (stage, "erika", "Secret12"));
  PORTAL_DO (core_user_set_password (&stage->world->portal, user, "Other123", &error));
  g_assert_true (has_password (stage, "erika", "Other123"));
  g_assert_false (has_password (stage, "erika", "Secret12"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add_few ("/core-user/at-once", test_at_once);
  write_world_add_few ("/core-user/refusals", test_refusals);
  write_world_add_few ("/core-user/approval", test_approval);
  write_world_add_few ("/core-user/meanwhile", test_meanwhile);
  write_world_add_few ("/core-user/password", test_password);
  return write_world_run_tests ();
}
