/* StUserStore over SQL where collations, letter cases and stores meet; what every store must do is in
 * test-store-contract. */
#include "config.h"
#include "core/core-permission.h"
#include "keyvalidator/kv-permission.h"
#include "store/st-sql-stores.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

#define SUPER ST_SUPER_TENANT_ID

typedef struct
{
  const char *name;
  const char *charset; /* MySQL; NULL: SQLite */
  gboolean two_cases;  /* the database tells "bob" from "BOB" */
  gboolean one_database; /* userdb is apimgtdb */
} Kind;

static const Kind kinds[] = {
  { "sqlite", NULL, FALSE, FALSE },
  { "sqlite-one-database", NULL, FALSE, TRUE },
  { "mariadb-latin1", "latin1 COLLATE latin1_swedish_ci", FALSE, FALSE },
  { "mariadb-latin1-cs", "latin1 COLLATE latin1_general_cs", TRUE, FALSE },
  { "mariadb-utf8", "utf8 COLLATE utf8_general_ci", FALSE, FALSE },
  { "mariadb-utf8-bin", "utf8 COLLATE utf8_bin", TRUE, FALSE },
  { "mariadb-one-database", "utf8mb4 COLLATE utf8mb4_general_ci", FALSE, TRUE },
};

typedef struct
{
  const Kind *kind;
  StoreFixture *fixture;
  StUserStore *folding; /* CaseInsensitiveUsername true */
  StUserStore *exact;   /* false */
} World;

#define DOMAIN(name) "(SELECT UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234 AND UM_DOMAIN_NAME = '" name "')"

static const char rows[]
    = "INSERT INTO UM_TENANT (UM_ID, UM_DOMAIN_NAME, UM_ACTIVE) VALUES (1, 'example.com', 1);\n"
      "INSERT INTO UM_DOMAIN (UM_DOMAIN_ID, UM_DOMAIN_NAME, UM_TENANT_ID) VALUES (100, 'LDAP', -1234),"
      " (101, 'PRIMARY', 1);\n"
      "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_TENANT_ID) VALUES"
      " (1, 'Alice', 'a', NULL, -1234), (2, 'bob', 'b', NULL, -1234), (3, 'admin', 'c', NULL, -1234),"
      " (4, 'alice', 'd', NULL, 1), (5, 'zo\xc3\xab', 'e', NULL, -1234), (6, 'mail@example.com', 'f', NULL, -1234);\n"
      "INSERT INTO UM_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (1, 'editor', -1234), (2, 'Buyer', 1);\n"
      "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID) VALUES (1, 1, -1234), (2, 4, 1);\n"
      "INSERT INTO UM_HYBRID_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (50, 'creator', -1234),"
      " (51, 'Application/x', -1234), (52, 'Workflow/y', -1234), (53, 'creator', 1);\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES"
      " ('ALICE', 50, -1234, " DOMAIN ("PRIMARY") "), ('Alice', 51, -1234, " DOMAIN ("PRIMARY") "),"
      " ('Zoe', 50, -1234, " DOMAIN ("PRIMARY") "), ('alice', 52, -1234, 100), ('alice', 53, 1, 101);\n";

static const char permission_rows[]
    = "INSERT INTO UM_PERMISSION (UM_ID, UM_RESOURCE_ID, UM_ACTION, UM_TENANT_ID) VALUES"
      " (1, '/permission', 'ui.execute', -1234), (2, '/permission/admin/login', 'ui.execute', -1234),"
      " (3, '/permission/admin/manage/api/create', 'ui.execute', -1234), (4, '/permission/ADMIN', 'ui.execute', -1234),"
      " (5, '/permission/admin/login', 'ui.execute', 1), (6, '/', 'get', -1234),"
      " (7, '/permission/admin/log', 'ui.execute', -1234);\n"
      "INSERT INTO UM_ROLE_PERMISSION (UM_PERMISSION_ID, UM_ROLE_NAME, UM_IS_ALLOWED, UM_TENANT_ID, UM_DOMAIN_ID)"
      " VALUES (1, 'admin', 1, -1234, " DOMAIN ("PRIMARY") "), (2, 'creator', 1, -1234, " DOMAIN ("INTERNAL") "),"
      " (2, 'editor', 0, -1234, NULL), (2, 'sales', 1, -1234, 100), (2, 'odd', 2, -1234, NULL),"
      " (3, 'x', 1, -1234, " DOMAIN ("APPLICATION") "), (4, 'editor', 1, -1234, NULL), (5, 'Buyer', 1, 1, 101),"
      " (6, 'editor', 1, -1234, NULL), (7, 'editor', 1, -1234, NULL);\n";

static World *
world_new (const Kind *kind)
{
  World *world = g_new0 (World, 1);
  ApimUserStoreSettings settings;

  world->kind = kind;
  world->fixture = kind->charset == NULL ? store_fixture_sqlite ()
                                         : store_fixture_mysql (store_fixture_mysql_socket (), kind->charset);
  if (kind->one_database && kind->charset == NULL)
    {
      g_free (world->fixture->users.path);
      world->fixture->users.path = g_strdup (world->fixture->api.path);
    }
  else if (kind->one_database)
    world->fixture->users.database = world->fixture->api_schema;
  store_fixture_open (world->fixture);
  store_fixture_run (world->fixture->user_database, rows);
  store_fixture_run (world->fixture->user_database, permission_rows);
  settings = world->fixture->settings;
  world->folding = st_sql_user_store_new (world->fixture->user_database, &settings);
  settings.case_insensitive_names = FALSE;
  world->exact = st_sql_user_store_new (world->fixture->user_database, &settings);
  return world;
}

static void
world_free (World *world)
{
  st_user_store_free (world->folding);
  st_user_store_free (world->exact);
  store_fixture_free (world->fixture);
  g_free (world);
}

static gint
id_of (StUserStore *store, gint tenant_id, const char *name)
{
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) error = NULL;

  st_user_store_find_user (store, tenant_id, name, 0, &user, &error);
  g_assert_no_error (error);
  return user != NULL ? user->id : 0;
}

static void
check_names (World *world)
{
  static const struct
  {
    gint tenant_id;
    const char *name;
    gint folding, exact; /* UM_ID; 0: nobody */
  } cases[] = {
    { SUPER, "Alice", 1, 1 },  { SUPER, "alice", 1, 0 },         { SUPER, "ALICE", 1, 0 },
    { 1, "alice", 4, 4 },      { 1, "Alice", 4, 0 },             { 1, "bob", 0, 0 },
    { SUPER, "zo\xc3\xab", 5, 5 }, { SUPER, "ZO\xc3\xab", 5, 0 }, { SUPER, "zoe", 0, 0 },
    { SUPER, "mail@example.com", 6, 6 }, { SUPER, "alice ", 0, 0 }, { SUPER, "\xf0\x9f\x98\x80", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      g_assert_cmpint (id_of (world->folding, cases[i].tenant_id, cases[i].name), ==, cases[i].folding);
      g_assert_cmpint (id_of (world->exact, cases[i].tenant_id, cases[i].name), ==, cases[i].exact);
    }
  /* SQLite folds ASCII only. */
  g_assert_cmpint (id_of (world->folding, SUPER, "ZO\xc3\x8b"), ==, world->kind->charset != NULL ? 5 : 0);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
roles_of (StUserStore *store, gint tenant_id, const char *domain, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) roles = NULL;

  st_user_store_find_roles (store, tenant_id, domain, name, 0, &roles, &error);
  g_assert_no_error (error);
  qsort (roles, g_strv_length (roles), sizeof *roles, compare_texts);
  return g_strjoinv (" ", roles);
}

static void
check_roles (World *world)
{
  static const struct
  {
    gint tenant_id;
    const char *domain, *name, *folding, *exact;
  } cases[] = {
    { SUPER, "PRIMARY", "Alice", "Application/x Internal/creator editor", "Application/x editor" },
    { SUPER, "primary", "alice", "Application/x Internal/creator editor", "" },
    { SUPER, "", "Alice", "Application/x Internal/creator editor", "Application/x editor" },
    { SUPER, NULL, "Alice", "Application/x Internal/creator editor", "Application/x editor" },
    { SUPER, "LDAP", "alice", "Workflow/y", "Workflow/y" },
    { SUPER, "ldap", "ALICE", "Workflow/y", "" },
    { SUPER, "OTHER", "alice", "", "" },
    { SUPER, "PRIMARY", "zo\xc3\xab", "", "" }, /* Zoe's role is not Zoë's */
    { SUPER, "PRIMARY", "admin", "admin", "admin" },
    { SUPER, "PRIMARY", "ADMIN", "admin", "" },
    { 1, "PRIMARY", "alice", "Buyer Internal/creator", "Buyer Internal/creator" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folding = roles_of (world->folding, cases[i].tenant_id, cases[i].domain, cases[i].name);
      g_autofree char *exact = roles_of (world->exact, cases[i].tenant_id, cases[i].domain, cases[i].name);

      g_assert_cmpstr (folding, ==, cases[i].folding);
      g_assert_cmpstr (exact, ==, cases[i].exact);
    }
}

/* Two users that only the case tells apart: the exact one is meant, else the older one; neither has the other's
 * roles. */
static void
check_twins (World *world)
{
  static const struct
  {
    const char *name;
    gint id;
    const char *roles;
  } twins[] = {
    { "bob", 2, "Internal/creator" },
    { "BOB", 7, "editor" },
    { "Bob", 2, "Internal/creator" },
    { "Admin", 8, "editor" },
    { "admin", 3, "admin" },
    { "ADMIN", 3, "admin" },
  };

  if (!world->kind->two_cases)
    return;
  store_fixture_run (world->fixture->user_database,
                     "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_TENANT_ID) VALUES"
                     " (7, 'BOB', 'x', -1234), (8, 'Admin', 'x', -1234);\n"
                     "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID) VALUES"
                     " (1, 7, -1234), (1, 8, -1234);\n"
                     "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES"
                     " ('bob', 50, -1234, " DOMAIN ("PRIMARY") ");\n");
  for (gsize i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      g_autofree char *found = roles_of (world->folding, SUPER, NULL, twins[i].name);

      g_assert_cmpint (id_of (world->folding, SUPER, twins[i].name), ==, twins[i].id);
      g_assert_cmpstr (found, ==, twins[i].roles);
    }
  g_assert_cmpint (id_of (world->exact, SUPER, "Bob"), ==, 0);
}

static char *
describe (const StPermission *permission)
{
  return g_strdup_printf ("%s %s %s/%s", permission->allowed ? "+" : "-", permission->resource_id,
                          permission->role_domain != NULL ? permission->role_domain : "", permission->role_name);
}

static void
assert_permissions (World *world, gint tenant_id, const char *action, const char *const *resource_ids,
                    const char *expected)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *joined = NULL;

  st_user_store_find_permissions (world->folding, tenant_id, action, resource_ids, 0, &found, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (texts, describe (found->pdata[i]));
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  joined = g_strjoinv (", ", (char **) texts->pdata);
  g_assert_cmpstr (joined, ==, expected);
}

#define LOGIN_ROWS \
  "+ /permission PRIMARY/admin, + /permission/admin/login INTERNAL/creator, + /permission/admin/login LDAP/sales, "
#define DENIED_ROWS "- /permission/admin/login /editor, - /permission/admin/login /odd"

static void
check_permissions (World *world)
{
  static const char *const login[] = { "/permission/admin/login", NULL };
  static const char *const both[] = { "/permission/admin/login", "/permission/admin/manage/api/create", NULL };
  static const char *const unknown[] = { "/registry/x", NULL };
  static const char *const other_case[] = { "/PERMISSION", NULL };
  static const char *const nothing[] = { NULL };

  assert_permissions (world, SUPER, "ui.execute", login, LOGIN_ROWS DENIED_ROWS);
  assert_permissions (world, SUPER, "ui.execute", both,
                      LOGIN_ROWS "+ /permission/admin/manage/api/create APPLICATION/x, " DENIED_ROWS);
  assert_permissions (world, 1, "ui.execute", login, "+ /permission/admin/login PRIMARY/Buyer");
  assert_permissions (world, 2, "ui.execute", login, "");
  assert_permissions (world, SUPER, "get", login, "+ / /editor");
  assert_permissions (world, SUPER, "UI.EXECUTE", login, "");
  assert_permissions (world, SUPER, "ui.execute", unknown, "");
  assert_permissions (world, SUPER, "ui.execute", other_case, "");
  assert_permissions (world, SUPER, "ui.execute", nothing, "");
}

/* A role of a user store that is gone is nobody's, least of all that of the same name in PRIMARY. */
static void
check_lost_domain (World *world)
{
  static const char *const login[] = { "/permission/admin/login", NULL };

  if (world->kind->charset == NULL)
    return;
  store_fixture_run (world->fixture->user_database,
                     "SET FOREIGN_KEY_CHECKS = 0;\n"
                     "INSERT INTO UM_ROLE_PERMISSION (UM_PERMISSION_ID, UM_ROLE_NAME, UM_IS_ALLOWED, UM_TENANT_ID,"
                     " UM_DOMAIN_ID) VALUES (2, 'lost', 1, -1234, 999);\n"
                     "SET FOREIGN_KEY_CHECKS = 1;\n");
  assert_permissions (world, SUPER, "ui.execute", login, LOGIN_ROWS DENIED_ROWS);
}

/* Roles and tree together, over a real database. */
static void
check_permission_of_user (World *world)
{
  static const struct
  {
    const char *domain, *name, *resource_id;
    gboolean allowed;
  } cases[] = {
    { NULL, "admin", "/permission/admin/manage", TRUE },
    { NULL, "alice", "/permission/admin/login", TRUE }, /* editor is denied, Internal/creator allowed */
    { NULL, "alice", "/permission/admin/manage", FALSE },
    { NULL, "alice", "/permission/admin/manage/api/create", TRUE },
    { NULL, "bob", "/permission/admin/login", FALSE },
    { "LDAP", "alice", "/permission/admin/login", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean allowed;

      kv_permission_of_user (world->folding, SUPER, cases[i].domain, cases[i].name, cases[i].resource_id, 0,
                               &allowed, &error);
      g_assert_no_error (error);
      g_assert_cmpint (allowed, ==, cases[i].allowed);
    }
}

/* Old servers wrote no time at all: such a password is long past its 24 hours. */
static void
check_zero_date (World *world)
{
  g_autoptr (StUser) user = NULL;
  g_autoptr (GError) error = NULL;

  if (world->kind->charset == NULL)
    return;
  store_fixture_run (world->fixture->user_database,
                     "SET sql_mode = '';\n"
                     "UPDATE UM_USER SET UM_CHANGED_TIME = '0000-00-00 00:00:00', UM_REQUIRE_CHANGE = 1"
                     " WHERE UM_ID = 1;\n"
                     "SET sql_mode = DEFAULT;\n");
  st_user_store_find_user (world->folding, SUPER, "Alice", 0, &user, &error);
  g_assert_no_error (error);
  g_assert_true (user->require_change);
  g_assert_cmpint (user->changed_ms, ==, 0);
}

static const struct
{
  const char *name;
  void (*check) (World *world);
} checks[] = {
  { "names", check_names },
  { "roles", check_roles },
  { "permissions", check_permissions },
  { "lost-domain", check_lost_domain },
  { "permission-of-user", check_permission_of_user },
  { "twins", check_twins },
  { "zero-date", check_zero_date },
};

static void
test_world (gconstpointer data)
{
  const Kind *kind = data;
  World *world;

  if (kind->charset != NULL && store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return;
    }
  world = world_new (kind);
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_test_message ("%s: %s", kind->name, checks[i].name);
      checks[i].check (world);
    }
  world_free (world);
}

static void
test_name_split (void)
{
  static const struct
  {
    const char *name, *domain, *bare;
  } cases[] = {
    { "alice", "PRIMARY", "alice" },  { "primary/alice", "PRIMARY", "alice" }, { "ldap/alice", "LDAP", "alice" },
    { "LDAP/a/b", "LDAP", "a/b" },    { "/alice", "PRIMARY", "/alice" },       { "LDAP/", "LDAP", "" },
    { "", "PRIMARY", "" },            { "Internal/everyone", "INTERNAL", "everyone" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *bare;
      g_autofree char *domain = st_user_name_split (cases[i].name, &bare);

      g_assert_cmpstr (domain, ==, cases[i].domain);
      g_assert_cmpstr (bare, ==, cases[i].bare);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/user-store/name-split", test_name_split);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/user-store/%s", kinds[i].name);

      g_test_add_data_func (path, &kinds[i], test_world);
    }
  return g_test_run ();
}
