#include "config.h"
#include "core/core-permission.h"
#include "keyvalidator/kv-permission.h"
#include "tests/lib/fake-store.h"

#define SUPER ST_SUPER_TENANT_ID

static void
test_role_names (void)
{
  static const struct
  {
    const char *domain, *name, *full;
  } cases[] = {
    { "PRIMARY", "admin", "admin" },
    { "primary", "admin", "admin" },
    { NULL, "admin", "admin" },
    { "", "admin", "admin" },
    { "INTERNAL", "creator", "Internal/creator" },
    { "Internal", "creator", "Internal/creator" },
    { "SYSTEM", "wso2.anonymous.role", "System/wso2.anonymous.role" },
    { "APPLICATION", "x", "Application/x" },
    { "WORKFLOW", "y", "Workflow/y" },
    { "LDAP.EXAMPLE", "sales", "LDAP.EXAMPLE/sales" },
    { "INTERNAL", "Internal/creator", "Internal/creator" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *full = core_permission_role_name (cases[i].domain, cases[i].name);

      g_assert_cmpstr (full, ==, cases[i].full);
    }
}

/* One row of the tree: "+" allows, "-" denies. */
typedef struct
{
  const char *sign, *resource_id, *domain, *role;
} Row;

typedef struct
{
  const char *what;
  const char *roles; /* separated by a blank */
  const char *resource_id;
  gboolean allowed;
  Row rows[4];
} Case;

#define LOGIN "/permission/admin/login"

static const Case cases[] = {
  { "no rows", "admin", LOGIN, FALSE, { { NULL } } },
  { "no roles", "", LOGIN, FALSE, { { "+", LOGIN, "PRIMARY", "admin" } } },
  { "the node itself", "admin", LOGIN, TRUE, { { "+", LOGIN, "PRIMARY", "admin" } } },
  { "an ancestor", "admin", LOGIN, TRUE, { { "+", "/permission", "PRIMARY", "admin" } } },
  { "the root", "admin", LOGIN, TRUE, { { "+", "/", "PRIMARY", "admin" } } },
  { "the root, asked for itself", "admin", "/", TRUE, { { "+", "/", "PRIMARY", "admin" } } },
  { "a deeper deny", "admin", LOGIN, FALSE,
    { { "+", "/permission", "PRIMARY", "admin" }, { "-", "/permission/admin", "PRIMARY", "admin" } } },
  { "a deeper deny that comes first", "admin", LOGIN, FALSE,
    { { "-", "/permission/admin", "PRIMARY", "admin" }, { "+", "/permission", "PRIMARY", "admin" } } },
  { "a deeper allow", "admin", LOGIN, TRUE,
    { { "-", "/permission", "PRIMARY", "admin" }, { "+", "/permission/admin", "PRIMARY", "admin" } } },
  { "deny between two allows", "admin", LOGIN, TRUE,
    { { "+", "/permission", "PRIMARY", "admin" },
      { "-", "/permission/admin", "PRIMARY", "admin" },
      { "+", LOGIN, "PRIMARY", "admin" } } },
  { "another role's deny", "admin editor", LOGIN, TRUE,
    { { "+", "/permission", "PRIMARY", "admin" }, { "-", LOGIN, "PRIMARY", "editor" } } },
  { "another role's allow", "editor", LOGIN, FALSE, { { "+", LOGIN, "PRIMARY", "admin" } } },
  { "contradiction: deny holds", "admin", LOGIN, FALSE,
    { { "+", LOGIN, "PRIMARY", "admin" }, { "-", LOGIN, "PRIMARY", "admin" } } },
  { "contradiction the other way round", "admin", LOGIN, FALSE,
    { { "-", LOGIN, "PRIMARY", "admin" }, { "+", LOGIN, "PRIMARY", "ADMIN" } } },
  { "contradiction above a deeper allow", "admin", LOGIN, TRUE,
    { { "+", "/", "PRIMARY", "admin" }, { "-", "/", "PRIMARY", "admin" }, { "+", LOGIN, NULL, "admin" } } },
  { "role names without case", "Admin", LOGIN, TRUE, { { "+", LOGIN, "PRIMARY", "aDMIN" } } },
  { "role names beyond ASCII", "R\xc3\xa4te", LOGIN, TRUE, { { "+", LOGIN, "PRIMARY", "r\xc3\x84TE" } } },
  { "an Internal role", "internal/creator", LOGIN, TRUE, { { "+", LOGIN, "INTERNAL", "creator" } } },
  { "Internal is not PRIMARY", "creator", LOGIN, FALSE, { { "+", LOGIN, "INTERNAL", "creator" } } },
  { "PRIMARY is not Internal", "Internal/creator", LOGIN, FALSE, { { "+", LOGIN, "PRIMARY", "creator" } } },
  { "another store's role", "LDAP/sales", LOGIN, TRUE, { { "+", LOGIN, "LDAP", "sales" } } },
  { "another store's role is not ours", "sales", LOGIN, FALSE, { { "+", LOGIN, "LDAP", "sales" } } },
  { "an Application role", "Application/x", LOGIN, TRUE, { { "+", LOGIN, "APPLICATION", "x" } } },
  { "paths keep their case", "admin", LOGIN, FALSE, { { "+", "/permission/ADMIN", "PRIMARY", "admin" } } },
  { "a name that only begins the same", "admin", "/permission/administer", FALSE,
    { { "+", "/permission/admin", "PRIMARY", "admin" } } },
  { "a child does not speak for its parent", "admin", "/permission/admin", FALSE,
    { { "+", LOGIN, "PRIMARY", "admin" } } },
  { "an empty path is no node", "admin", LOGIN, FALSE, { { "+", "", "PRIMARY", "admin" } } },
  { "a role without a name", "admin", LOGIN, FALSE, { { "+", LOGIN, "PRIMARY", NULL } } },
  { "bytes that are no text", "admin", LOGIN, TRUE,
    { { "-", LOGIN, "PRIMARY", "adm\xff" }, { "-", LOGIN, "PRIMARY", "\xe2" }, { "+", LOGIN, "PRIMARY", "admin" } } },
  { "the same role twice", "admin ADMIN", LOGIN, TRUE, { { "+", LOGIN, "PRIMARY", "admin" } } },
};

static void
test_decision (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) rows = st_permissions_new ();
      g_auto (GStrv) roles = g_strsplit (cases[i].roles, " ", -1);

      for (const Row *row = cases[i].rows; row < cases[i].rows + 4 && row->sign != NULL; row++)
        st_permissions_add (rows, row->resource_id, row->domain, row->role, *row->sign == '+');
      g_test_message ("%s", cases[i].what);
      g_assert_cmpint (core_permission_allows (rows, (const char *const *) roles, cases[i].resource_id), ==,
                       cases[i].allowed);
    }
}

static FakeStore *
make_store (void)
{
  static const char *const admin[] = { "admin", NULL };
  static const char *const seller[] = { "Internal/subscriber", NULL };
  FakeStore *fake = fake_store_new ();

  fake_store_set_roles (fake, SUPER, "PRIMARY", "boss", admin);
  fake_store_set_roles (fake, SUPER, "PRIMARY", "sue", seller);
  fake_store_set_roles (fake, SUPER, "LDAP", "zoe", seller);
  fake_store_set_roles (fake, 1, "PRIMARY", "boss", admin);
  fake_store_add_permission (fake, SUPER, "/permission", "PRIMARY", "admin", TRUE);
  fake_store_add_permission (fake, SUPER, LOGIN, "INTERNAL", "subscriber", TRUE);
  fake_store_add_permission (fake, SUPER, "/permission/protected", "INTERNAL", "everyone", TRUE);
  return fake;
}

static void
test_of_user (void)
{
  static const struct
  {
    gint tenant_id;
    const char *domain, *name, *resource_id;
    gboolean allowed;
  } questions[] = {
    { SUPER, NULL, "boss", CORE_PERMISSION_LOGIN, TRUE },
    { SUPER, "PRIMARY", "boss", CORE_PERMISSION_MANAGE, TRUE },
    { SUPER, "primary", "sue", CORE_PERMISSION_LOGIN, TRUE },
    { SUPER, "", "sue", CORE_PERMISSION_MANAGE, FALSE },
    { SUPER, "ldap", "zoe", CORE_PERMISSION_LOGIN, TRUE },
    { SUPER, "PRIMARY", "zoe", CORE_PERMISSION_LOGIN, FALSE },
    { SUPER, "PRIMARY", "tom", "/permission/protected/x", TRUE }, /* everybody */
    { SUPER, "PRIMARY", "tom", CORE_PERMISSION_LOGIN, FALSE },
    { 1, "PRIMARY", "boss", CORE_PERMISSION_LOGIN, FALSE }, /* the tenant has no tree */
  };
  g_autoptr (FakeStore) fake = make_store ();

  for (gsize i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean allowed = !questions[i].allowed;

      kv_permission_of_user (fake_store_users (fake), questions[i].tenant_id, questions[i].domain, questions[i].name,
                               questions[i].resource_id, 0, &allowed, &error);
      g_assert_no_error (error);
      g_test_message ("%s %s", questions[i].name, questions[i].resource_id);
      g_assert_cmpint (allowed, ==, questions[i].allowed);
    }
}

/* What is not known is not allowed. */
static void
test_store_fails (void)
{
  static const FakeKind kinds[] = { FAKE_ROLES, FAKE_PERMISSIONS };
  g_autoptr (FakeStore) fake = make_store ();

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean allowed = TRUE;

      fake_store_fail (fake, kinds[i], ST_ERROR_UNAVAILABLE, 1);
      g_assert_false (kv_permission_of_user (fake_store_users (fake), SUPER, NULL, "boss", CORE_PERMISSION_LOGIN, 0,
                                               &allowed, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
      g_assert_false (allowed);
    }
}

static void
test_no_path (void)
{
  static const char *const wrong[] = { "", "permission", "\xff", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t" };
  g_autoptr (FakeStore) fake = make_store ();
  gboolean allowed = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (kv_permission_of_user (fake_store_users (fake), SUPER, NULL, "boss", wrong[i], 0, &allowed,
                                               &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
      g_assert_false (allowed);
    }
  g_assert_cmpuint (fake_store_calls (fake, FAKE_PERMISSIONS), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/permission/role-names", test_role_names);
  g_test_add_func ("/permission/decision", test_decision);
  g_test_add_func ("/permission/of-user", test_of_user);
  g_test_add_func ("/permission/store-fails", test_store_fails);
  g_test_add_func ("/permission/no-path", test_no_path);
  return g_test_run ();
}
