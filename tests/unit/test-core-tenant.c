/* Tenants on real databases: made with all that they begin with, switched, listed; and who may not. */
#include "config.h"
#include "core/core-tenant.h"

#include "core/core-actor.h"
#include "core/core-password.h"
#include "store/st-sql-stores.h"
#include "tests/lib/portal-world.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

#define DOMAIN "acme.example"

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
      = "DELETE FROM UM_HYBRID_USER_ROLE WHERE UM_TENANT_ID > 0;\nDELETE FROM UM_USER_ROLE WHERE UM_TENANT_ID > 0;\n"
        "DELETE FROM UM_ROLE_PERMISSION WHERE UM_TENANT_ID > 0;\nDELETE FROM UM_PERMISSION WHERE UM_TENANT_ID > 0;\n"
        "DELETE FROM UM_HYBRID_ROLE WHERE UM_TENANT_ID > 0;\nDELETE FROM UM_ROLE WHERE UM_TENANT_ID > 0;\n"
        "DELETE FROM UM_USER WHERE UM_TENANT_ID > 0;\nDELETE FROM UM_DOMAIN WHERE UM_TENANT_ID > 0;\n"
        "DELETE FROM UM_TENANT;\n";
  Stage *stage;

  if (world->fixture->user_database == NULL)
    return NULL;
  stage = g_new0 (Stage, 1);
  stage->world = portal_world_new (world);
  stage->users = world->fixture->user_database;
  store_fixture_run (stage->users, rows);
  stage->world->portal.user_rows = stage->users;
  stage->world->portal.users = st_sql_user_store_new (stage->users, &stage->world->config->user_store);
  return stage;
}

static const CoreNewTenant acme = { DOMAIN, "ann@acme.example", NULL, "s3cret-Pä" };

static StTenantRecord *
create (Stage *stage, const CoreNewTenant *tenant)
{
  StTenantRecord *record = NULL;

  PORTAL_DO (core_tenant_create (&stage->world->portal, stage->world->admin, tenant, &record, &error));
  return record;
}

/* Who acts as the tenant's administrator, as the user store knows him. */
static CoreActor *
load_admin (Stage *stage)
{
  g_autoptr (StTenant) tenant = NULL;
  CoreActor *actor = NULL;

  PORTAL_DO (st_user_store_find_tenant_by_domain (stage->world->portal.users, DOMAIN, 0, &tenant, &error));
  g_assert_nonnull (tenant);
  PORTAL_DO ((actor = core_actor_load (stage->world->portal.users, NULL, "admin", tenant, 0, &error)) != NULL);
  return actor;
}

static void
test_create (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StTenantRecord) record = NULL;
  g_autoptr (CoreActor) actor = NULL;
  g_autoptr (StUser) user = NULL;
  g_autofree char *policies = NULL;

  if (stage == NULL)
    return;
  record = create (stage, &acme);
  g_assert_cmpint (record->id, >, 0);
  g_assert_cmpstr (record->domain, ==, DOMAIN);
  g_assert_cmpstr (record->email, ==, "ann@acme.example");
  g_assert_true (record->active);
  g_assert_cmpint (record->created_ms, >, G_GINT64_CONSTANT (1500000000000));
  actor = load_admin (stage);
  g_assert_cmpstr (actor->name, ==, "admin@" DOMAIN);
  g_assert_cmphex (actor->permissions, ==, stage->world->admin->permissions);
  g_assert_true (core_actor_has_role (actor, (const char *const[]){ "Internal/creator", NULL }));
  PORTAL_DO (st_user_store_find_user (stage->world->portal.users, record->id, "admin", 0, &user, &error));
  g_assert_true (core_password_check (user, acme.admin_password, strlen (acme.admin_password),
                                      &stage->world->config->user_store, g_get_real_time () / 1000));
  policies = g_strdup_printf ("SELECT COUNT(*) FROM AM_POLICY_SUBSCRIPTION WHERE TENANT_ID = %d", record->id);
  if (write_world_has (world, ST_CAP_POLICIES))
    write_world_rows (world, policies, "5");
}

/* A query's one text. Free with g_free(). */
static char *
read_text (StDatabase *database, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (database, st_statement_intern (sql, NULL), 0, &error);

  g_assert_no_error (error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
  return g_strdup (st_query_text (query, 0));
}

/* The texts that WSO2's reader takes for granted: it fails with a null pointer where one is not there. */
static void
test_realm (WriteWorld *world)
{
  static const char *const paths[]
      = { "string(/UserManager/Realm/Configuration/AddAdmin)",
          "string(/UserManager/Realm/Configuration/AdminUser/Password)",
          "string(/UserManager/Realm/Configuration/EveryOneRoleName)",
          "string(/UserManager/Realm/UserStoreManager/@class)",
          "string(/UserManager/Realm/UserStoreManager/Property[@name='TenantManager'])",
          "string(/UserManager/Realm/AuthorizationManager/@class)" };
  CoreNewTenant tenant = acme;
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StTenantRecord) record = NULL;
  g_autofree char *xml = NULL;
  xmlDocPtr document;
  xmlXPathContextPtr context;

  if (stage == NULL)
    return;
  tenant.admin_user = "a<b&c";
  record = create (stage, &tenant);
  xml = read_text (stage->world->portal.user_rows, "SELECT UM_USER_CONFIG FROM UM_TENANT");
  document = xmlReadMemory (xml, (int)strlen (xml), NULL, "UTF-8", XML_PARSE_NONET);
  g_assert_nonnull (document);
  context = xmlXPathNewContext (document);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      xmlXPathObjectPtr found = xmlXPathEvalExpression (BAD_CAST paths[i], context);

      g_assert_cmpstr ((const char *)found->stringval, !=, "");
      xmlXPathFreeObject (found);
    }
  {
    xmlXPathObjectPtr user = xmlXPathEvalExpression (
        BAD_CAST "concat(//AdminUser/UserName, ' ', //AdminRole, ' ', //AnonymousUser/UserName)", context);

    g_assert_cmpstr ((const char *)user->stringval, ==, "a<b&c admin ");
    xmlXPathFreeObject (user);
  }
  xmlXPathFreeContext (context);
  xmlFreeDoc (document);
}

/* A member of nothing but Internal/subscriber may do just that: the roles are the tenant's own. */
static void
test_roles (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StTenantRecord) record = NULL;
  g_autoptr (CoreActor) actor = NULL;
  g_autofree char *sql = NULL;

  if (stage == NULL)
    return;
  record = create (stage, &acme);
  sql = g_strdup_printf ("DELETE FROM UM_USER_ROLE WHERE UM_TENANT_ID = %d;\nDELETE FROM UM_HYBRID_USER_ROLE WHERE"
                         " UM_TENANT_ID = %d AND UM_ROLE_ID NOT IN (SELECT UM_ID FROM UM_HYBRID_ROLE WHERE UM_ROLE_NAME"
                         " = 'subscriber');\nUPDATE UM_USER SET UM_USER_NAME = 'sue' WHERE UM_TENANT_ID = %d;\n"
                         "UPDATE UM_HYBRID_USER_ROLE SET UM_USER_NAME = 'sue' WHERE UM_TENANT_ID = %d;\n",
                         record->id, record->id, record->id, record->id);
  store_fixture_run (stage->users, sql);
  {
    const StTenant tenant = { record->id, (char *)DOMAIN, TRUE };

    PORTAL_DO ((actor = core_actor_load (stage->world->portal.users, NULL, "sue", &tenant, 0, &error)) != NULL);
  }
  g_assert_cmphex (actor->permissions, ==, CORE_MAY_LOGIN | CORE_MAY_SUBSCRIBE);
}

static void
test_switch (WriteWorld *world)
{
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StTenantRecord) made = NULL, off = NULL, again = NULL, found = NULL, none = NULL;
  g_autoptr (StTenant) tenant = NULL;
  g_autoptr (GPtrArray) all = NULL;

  if (stage == NULL)
    return;
  made = create (stage, &acme);
  PORTAL_DO (core_tenant_set_active (&stage->world->portal, stage->world->admin, DOMAIN, FALSE, &off, &error));
  PORTAL_DO (core_tenant_set_active (&stage->world->portal, stage->world->admin, DOMAIN, FALSE, &again, &error));
  g_assert_false (again->active);
  g_assert_cmpint (again->created_ms, ==, made->created_ms);
  PORTAL_DO (st_user_store_find_tenant_by_domain (stage->world->portal.users, DOMAIN, 0, &tenant, &error));
  g_assert_false (tenant->active);
  PORTAL_DO (core_tenant_get (&stage->world->portal, stage->world->admin, DOMAIN, &found, &error));
  g_assert_false (found->active);
  PORTAL_DO (core_tenant_list (&stage->world->portal, stage->world->admin, &all, &error));
  g_assert_cmpuint (all->len, ==, 1);
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_NOT_FOUND, "no tenant nowhere.example",
      core_tenant_set_active (&stage->world->portal, stage->world->admin, "nowhere.example", TRUE, &none, &error));
  PORTAL_REFUSE (
      CORE_PORTAL_ERROR_NOT_FOUND, "carbon.super",
      core_tenant_set_active (&stage->world->portal, stage->world->admin, "carbon.super", FALSE, &none, &error));
}

static void
test_refused (WriteWorld *world)
{
  static const CoreNewTenant upper = { "ACME.example", NULL, NULL, "secret" },
                             super = { "carbon.super", NULL, NULL, "secret" }, bare = { DOMAIN, NULL, NULL, NULL };
  g_autoptr (Stage) stage = stage_new (world);
  g_autoptr (StTenantRecord) made = NULL, none = NULL;
  g_autoptr (GPtrArray) all = NULL;

  if (stage == NULL)
    return;
  stage->world->portal.dry_run = TRUE;
  made = create (stage, &acme);
  g_clear_pointer (&made, st_tenant_record_free);
  stage->world->portal.dry_run = FALSE;
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "",
                 core_tenant_create (&stage->world->portal, stage->world->admin, &upper, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_INVALID, "",
                 core_tenant_create (&stage->world->portal, stage->world->admin, &bare, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "super tenant",
                 core_tenant_create (&stage->world->portal, stage->world->admin, &super, &none, &error));
  made = create (stage, &acme);
  PORTAL_REFUSE (CORE_PORTAL_ERROR_CONFLICT, "exists already",
                 core_tenant_create (&stage->world->portal, stage->world->admin, &acme, &none, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "super tenant's administrator",
                 core_tenant_list (&stage->world->portal, stage->world->dave, &all, &error));
  PORTAL_REFUSE (CORE_PORTAL_ERROR_FORBIDDEN, "",
                 core_tenant_create (&stage->world->portal, stage->world->publisher, &acme, &none, &error));
}

static void
test_domains (void)
{
  static const char *const good[] = { "a.b", "example.com", "x-1.y_2.z", "1.2" };
  static const char *const bad[]
      = { "", "a", "A.b", ".a", "a.", "a..b", "a b.c", "a/b.c", "a.b-", "ä.b", "a@b.c", "a.b\n" };
  g_autofree char *too_long = g_strnfill (256, 'a');

  too_long[3] = '.';
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GPtrArray) violations = core_violations_new ();

      core_tenant_check_domain (good[i], violations);
      g_assert_cmpuint (violations->len, ==, 0);
    }
  for (guint i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GPtrArray) violations = core_violations_new ();

      core_tenant_check_domain (i < G_N_ELEMENTS (bad) ? bad[i] : too_long, violations);
      g_assert_cmpuint (violations->len, ==, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core-tenant/domains", test_domains);
  write_world_add_few ("/core-tenant/create", test_create);
  write_world_add_few ("/core-tenant/realm", test_realm);
  write_world_add_few ("/core-tenant/roles", test_roles);
  write_world_add_few ("/core-tenant/switch", test_switch);
  write_world_add_few ("/core-tenant/refused", test_refused);
  return write_world_run_tests ();
}
