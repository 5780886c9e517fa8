/* Who acts: names of both kinds of tenants, permissions from the tree, roles without case; and how errors of
 * the store reach the front ends. */
#include "config.h"

#include "core/core-actor.h"
#include "core/core-portal.h"
#include "tests/lib/fake-store.h"

static StTenant super_tenant = { ST_SUPER_TENANT_ID, (char *)ST_SUPER_TENANT_DOMAIN, TRUE };
static StTenant example_tenant = { 1, (char *)"example.com", TRUE };

static void
test_names (void)
{
  static const struct
  {
    const char *user_domain, *bare_name;
    const StTenant *tenant;
    const char *name, *name_without_tenant;
  } cases[] = {
    { NULL, "alice", &super_tenant, "alice", "alice" },
    { "PRIMARY", "alice", &super_tenant, "alice", "alice" },
    { "LDAP", "alice", &super_tenant, "LDAP/alice", "LDAP/alice" },
    { "", "dave", &example_tenant, "dave@example.com", "dave" },
    { "LDAP", "dave", &example_tenant, "LDAP/dave@example.com", "LDAP/dave" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CoreActor) actor
          = core_actor_new (cases[i].user_domain, cases[i].bare_name, cases[i].tenant, NULL, 0);
      g_autoptr (CoreActor) copy = core_actor_copy (actor);

      g_assert_cmpstr (copy->name, ==, cases[i].name);
      g_assert_cmpstr (copy->bare_name, ==, cases[i].name_without_tenant);
      g_assert_cmpstr (copy->roles[0], ==, "Internal/everyone");
    }
}

static void
test_load (void)
{
  static const char *const roles[] = { "Internal/creator", "Team", NULL };
  static const char *const asked[] = { "team", NULL }, *const other[] = { "editor", NULL };
  g_autoptr (FakeStore) fake = fake_store_new ();
  g_autoptr (CoreActor) actor = NULL;
  g_autoptr (CoreActor) stranger = NULL;
  g_autoptr (CoreActor) visitor = core_actor_new_visitor (&super_tenant);
  g_autoptr (GError) error = NULL;

  fake_store_set_roles (fake, ST_SUPER_TENANT_ID, "PRIMARY", "alice", roles);
  fake_store_add_permission (fake, ST_SUPER_TENANT_ID, "/permission/admin/manage/api", "INTERNAL", "creator",
                             TRUE);
  fake_store_add_permission (fake, ST_SUPER_TENANT_ID, "/permission/admin/manage/api/publish", "INTERNAL",
                             "creator", FALSE);
  fake_store_add_permission (fake, ST_SUPER_TENANT_ID, "/permission/admin/login", "INTERNAL", "everyone",
                             TRUE);
  actor = core_actor_load (fake_store_users (fake), NULL, "alice", &super_tenant, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (actor->permissions, ==, CORE_MAY_LOGIN | CORE_MAY_CREATE | CORE_MAY_SUBSCRIBE);
  g_assert_true (core_actor_has_role (actor, asked));
  g_assert_false (core_actor_has_role (actor, other));
  g_assert_false (core_actor_has_role (actor, NULL));
  g_assert_true (core_actor_require (actor, CORE_MAY_CREATE, "create APIs", &error));
  g_assert_false (core_actor_require (actor, CORE_MAY_CREATE | CORE_MAY_PUBLISH, "publish APIs", &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_FORBIDDEN);
  g_assert_cmpstr (error->message, ==,
                   "alice may not publish APIs: none of the user's roles has the permission "
                   "/permission/admin/manage/api/publish");
  g_clear_error (&error);
  stranger = core_actor_load (fake_store_users (fake), NULL, "nobody", &super_tenant, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stranger->permissions, ==, CORE_MAY_LOGIN);
  g_assert_true (core_actor_is_visitor (visitor));
  g_assert_false (core_actor_may (visitor, CORE_MAY_LOGIN));
  fake_store_fail (fake, FAKE_ROLES, ST_ERROR_UNAVAILABLE, 1);
  g_assert_null (core_actor_load (fake_store_users (fake), NULL, "alice", &super_tenant, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
}

static void
test_store_errors (void)
{
  static const struct
  {
    StError store;
    CorePortalError portal;
  } codes[] = {
    { ST_ERROR_UNAVAILABLE, CORE_PORTAL_ERROR_UNAVAILABLE },
    { ST_ERROR_TIMEOUT, CORE_PORTAL_ERROR_UNAVAILABLE },
    { ST_ERROR_RETRY, CORE_PORTAL_ERROR_UNAVAILABLE },
    { ST_ERROR_CONFLICT, CORE_PORTAL_ERROR_CONFLICT },
    { ST_ERROR_DATA, CORE_PORTAL_ERROR_INVALID },
    { ST_ERROR_SCHEMA, CORE_PORTAL_ERROR_FAILED },
    { ST_ERROR_SETUP, CORE_PORTAL_ERROR_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (core_portal_fail_store (g_error_new_literal (ST_ERROR, codes[i].store, "why"), &error));
      g_assert_error (error, CORE_PORTAL_ERROR, (gint)codes[i].portal);
      g_assert_cmpstr (error->message, ==, "why");
    }
}

static void
test_failures (void)
{
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copy = NULL;
  const CoreDeployerFailure *kept;

  core_deployer_failures_add (failures, "Europe", CORE_DEPLOYER_REMOVE, "timed out");
  g_assert_false (core_portal_fail_partial (failures, "the API is RETIRED", &error));
  copy = g_error_copy (error);
  g_clear_error (&error);
  g_assert_error (copy, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_PARTIAL);
  g_assert_cmpstr (copy->message, ==, "the API is RETIRED, but not on every gateway; Europe: timed out");
  kept = core_portal_error_failures (copy)->pdata[0];
  g_assert_cmpstr (kept->environment, ==, "Europe");
  g_assert_cmpint (kept->action, ==, CORE_DEPLOYER_REMOVE);
  g_assert_null (core_portal_error_violations (copy));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/actor/names", test_names);
  g_test_add_func ("/core/actor/load", test_load);
  g_test_add_func ("/core/portal/store-errors", test_store_errors);
  g_test_add_func ("/core/portal/failures", test_failures);
  return g_test_run ();
}
