#include "config.h"
#include "core/core-password.h"
#include "store/st-ended-sessions.h"
#include "store/st-sql-stores.h"
#include "store/st-user-writes.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

#define SUPER ST_SUPER_TENANT_ID
#define YEAR_2001_MS G_GINT64_CONSTANT (1000000000000)

typedef struct
{
  const char *name;
  const char *charset; /* NULL: SQLite */
} Kind;

static const Kind kinds[] = {
  { "sqlite", NULL },
  { "mariadb-latin1", "latin1 COLLATE latin1_swedish_ci" },
  { "mariadb-utf8mb4-bin", "utf8mb4 COLLATE utf8mb4_bin" },
};

typedef struct
{
  const Kind *kind;
  StoreFixture *fixture;
  StDatabase *database; /* userdb */
  StUserStore *users;
  const ApimUserStoreSettings *settings;
  gboolean sqlite;
} World;

#define DOMAIN(name) "(SELECT UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = -1234 AND UM_DOMAIN_NAME = '" name "')"

static const char rows[]
    = "INSERT INTO UM_TENANT (UM_ID, UM_DOMAIN_NAME, UM_ACTIVE) VALUES (1, 'example.com', 1);\n"
      "INSERT INTO UM_DOMAIN (UM_DOMAIN_ID, UM_DOMAIN_NAME, UM_TENANT_ID) VALUES (100, 'LDAP', -1234);\n"
      "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_TENANT_ID)"
      " VALUES (1, 'Alice', 'a', 'sa', 1, -1234), (2, 'bob', 'b', 'sb', 1, -1234), (3, 'admin', 'c', 'sc', 0, -1234),"
      " (4, 'tom', 'd', 'sd', 0, 1);\n"
      "INSERT INTO UM_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (1, 'editor', -1234), (2, 'reader', -1234);\n"
      "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID) VALUES (1, 1, -1234), (1, 2, -1234);\n"
      "INSERT INTO UM_HYBRID_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (50, 'creator', -1234),"
      " (51, 'Application/x', -1234), (52, 'creator', 1);\n"
      "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES"
      " ('ALICE', 50, -1234, " DOMAIN ("PRIMARY") "), ('alice', 50, -1234, 100),"
      " ('bob', 50, -1234, " DOMAIN ("PRIMARY") ");\n"
      "INSERT INTO UM_USER_ATTRIBUTE (UM_ATTR_NAME, UM_ATTR_VALUE, UM_PROFILE_ID, UM_USER_ID, UM_TENANT_ID) VALUES"
      " ('mail', 'a@example.com', 'default', 1, -1234), ('mail', 'b@example.com', 'default', 2, -1234);\n"
      "INSERT INTO UM_PERMISSION (UM_ID, UM_RESOURCE_ID, UM_ACTION, UM_TENANT_ID) VALUES"
      " (1, '/permission', 'ui.execute', -1234);\n"
      "INSERT INTO UM_USER_PERMISSION (UM_PERMISSION_ID, UM_USER_NAME, UM_IS_ALLOWED, UM_TENANT_ID) VALUES"
      " (1, 'Alice', 1, -1234), (1, 'bob', 1, -1234);\n";

static World *
world_new (const Kind *kind)
{
  World *world = g_new0 (World, 1);

  world->kind = kind;
  world->sqlite = kind->charset == NULL;
  world->fixture = world->sqlite ? store_fixture_sqlite ()
                                 : store_fixture_mysql (store_fixture_mysql_socket (), kind->charset);
  store_fixture_open (world->fixture);
  world->database = world->fixture->user_database;
  world->settings = &world->fixture->settings;
  store_fixture_run (world->database, rows);
  /* As servers before 8.0 make it of the original script: it changes by itself with every UPDATE. */
  if (!world->sqlite)
    store_fixture_run (world->database, "ALTER TABLE UM_USER MODIFY UM_CHANGED_TIME TIMESTAMP NOT NULL DEFAULT"
                                        " CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP;\n");
  store_fixture_run (world->database, world->sqlite
                                          ? "UPDATE UM_USER SET UM_CHANGED_TIME = 1000000000000;\n"
                                          : "UPDATE UM_USER SET UM_CHANGED_TIME = FROM_UNIXTIME(1000000000);\n");
  world->users = st_sql_user_store_new (world->database, world->settings);
  return world;
}

static void
world_free (World *world)
{
  st_user_store_free (world->users);
  store_fixture_free (world->fixture);
  g_free (world);
}

static StUser *
user_of (World *world, gint tenant_id, const char *name)
{
  g_autoptr (GError) error = NULL;
  StUser *user = NULL;

  st_user_store_find_user (world->users, tenant_id, name, 0, &user, &error);
  g_assert_no_error (error);
  return user;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
assert_roles (World *world, gint tenant_id, const char *domain, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) roles = NULL;
  g_autofree char *joined = NULL;

  st_user_store_find_roles (world->users, tenant_id, domain, name, 0, &roles, &error);
  g_assert_no_error (error);
  qsort (roles, g_strv_length (roles), sizeof *roles, compare_texts);
  joined = g_strjoinv (" ", roles);
  g_assert_cmpstr (joined, ==, expected);
}

static gint64
number_of (StDatabase *database, const StStatement *statement)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (database, statement, 0, &error);
  gint64 number;

  g_assert_no_error (error);
  st_query_step (query, &error);
  g_assert_no_error (error);
  number = st_query_int64 (query, 0);
  return number;
}

/* Adds a user whose stored password is made as the product makes it. */
static gint
add (World *world, gint tenant_id, const char *name, const char *password, const char *const *user_roles,
     GError **error)
{
  g_autofree char *salt = NULL;
  g_autofree char *hash = core_password_hash (password, world->settings, &salt, error);
  const StNewUser user = { tenant_id, name, hash, salt, user_roles };
  gint id = 0;

  g_assert_nonnull (hash);
  return st_user_add (world->database, world->settings, &user, 0, &id, error) ? id : 0;
}

static gboolean
is_recent (gint64 time_ms)
{
  return ABS (time_ms - g_get_real_time () / 1000) < 600 * 1000;
}

static void
check_add (World *world)
{
  static const char *const given[]
      = { "editor", "Internal/creator", "Application/x", "internal/Everyone", "editor", NULL };
  g_autoptr (GError) error = NULL;
  gint id = add (world, SUPER, "J\xc3\xbcrgen", "s3cret-P\xc3\xa4", given, &error);
  g_autoptr (StUser) user = user_of (world, SUPER, "J\xc3\xbcrgen");

  g_assert_no_error (error);
  g_assert_nonnull (user);
  g_assert_cmpint (user->id, ==, id);
  g_assert_cmpuint (strlen (user->salt), ==, 24);
  g_assert_false (user->require_change);
  g_assert_true (is_recent (user->changed_ms));
  g_assert_true (core_password_check (user, "s3cret-P\xc3\xa4", 10, world->settings, g_get_real_time () / 1000));
  g_assert_false (core_password_check (user, "s3cret-P\xc3\xa5", 10, world->settings, g_get_real_time () / 1000));
  assert_roles (world, SUPER, "PRIMARY", "J\xc3\xbcrgen", "Application/x Internal/creator editor");
  /* The same name in another tenant is another user. */
  g_assert_cmpint (add (world, 1, "J\xc3\xbcrgen", "x", NULL, &error), >, 0);
  g_assert_no_error (error);
  assert_roles (world, 1, "PRIMARY", "J\xc3\xbcrgen", "");
}

/* A tenant's first hybrid membership may come before WSO2 has written its PRIMARY row. */
static void
check_tenant_without_domains (World *world)
{
  static const StStatement domains
      = { "SELECT COUNT(*) FROM UM_DOMAIN WHERE UM_TENANT_ID = 1 AND UM_DOMAIN_NAME = 'PRIMARY'" };
  static const char *const creator[] = { "Internal/creator", NULL };
  g_autoptr (GError) error = NULL;

  st_user_change_roles (world->database, world->settings, 1, 4, NULL, creator, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (number_of (world->database, &domains), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      st_user_change_roles (world->database, world->settings, 1, 4, creator, NULL, 0, &error);
      g_assert_no_error (error);
      g_assert_cmpint (number_of (world->database, &domains), ==, 1);
    }
  assert_roles (world, 1, "PRIMARY", "tom", "Internal/creator");
}

#define TEN "0123456789"
#define TEXT_250 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* What is refused leaves nothing behind. */
static void
check_add_refused (World *world)
{
  static const StStatement all_users = { "SELECT COUNT(*) FROM UM_USER" };
  static const StStatement all_members
      = { "SELECT (SELECT COUNT(*) FROM UM_USER_ROLE) + (SELECT COUNT(*) FROM UM_HYBRID_USER_ROLE)" };
  static const char *const unknown_role[] = { "editor", "Internal/creator", "nothing", NULL };
  static const char *const unknown_internal[] = { "Internal/nothing", NULL };
  static const char *const other_tenants_role[] = { "reader", NULL };
  static const char *const other_store[] = { "LDAP/sales", NULL };
  static const char *const system_role[] = { "System/wso2.anonymous.role", NULL };
  static const char *const long_role[] = { TEXT_250 "012345", NULL };
  static const struct
  {
    StNewUser user;
    StError code;
  } cases[] = {
    { { SUPER, "Alice", "h", "s", NULL }, ST_ERROR_CONFLICT },
    { { SUPER, "ALICE", "h", "s", NULL }, ST_ERROR_CONFLICT },
    { { SUPER, "new", "h", "s", unknown_role }, ST_ERROR_CONFLICT },
    { { SUPER, "new", "h", "s", unknown_internal }, ST_ERROR_CONFLICT },
    { { 1, "new", "h", "s", other_tenants_role }, ST_ERROR_CONFLICT },
    { { SUPER, "new", "h", "s", other_store }, ST_ERROR_CONFLICT },
    { { SUPER, "new", "h", "s", system_role }, ST_ERROR_CONFLICT },
    { { SUPER, "new", "h", "s", long_role }, ST_ERROR_DATA },
    { { SUPER, "", "h", "s", NULL }, ST_ERROR_DATA },
    { { SUPER, "\xff", "h", "s", NULL }, ST_ERROR_DATA },
    { { SUPER, TEXT_250 "012345", "h", "s", NULL }, ST_ERROR_DATA },
    { { SUPER, "new", TEXT_250 "012345", "s", NULL }, ST_ERROR_DATA },
    { { SUPER, "new", "", "s", NULL }, ST_ERROR_DATA },
    { { SUPER, "new", "h", TEN TEN TEN "01", NULL }, ST_ERROR_DATA },
  };
  gint64 n_users = number_of (world->database, &all_users);
  gint64 n_members = number_of (world->database, &all_members);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (st_user_add (world->database, world->settings, &cases[i].user, 0, NULL, &error));
      g_test_message ("case %" G_GSIZE_FORMAT ": %s", i, error->message);
      g_assert_error (error, ST_ERROR, (gint) cases[i].code);
      g_assert_cmpint (number_of (world->database, &all_users), ==, n_users);
      g_assert_cmpint (number_of (world->database, &all_members), ==, n_members);
    }
}

/* A server that is not strict stores "?" for a smiley that latin1 lacks, and all such names would be one. */
static void
check_foreign_characters (World *world)
{
  static const StStatement smiles = { "SELECT COUNT(*) FROM UM_USER WHERE SUBSTR(UM_USER_NAME, 1, 5) = 'smile'" };
  const StNewUser user = { SUPER, "smile\xf0\x9f\x98\x80", "h", "s", NULL };
  ApimDataSource source = world->fixture->users;
  gboolean latin1 = g_str_has_prefix (world->kind->name, "mariadb-latin1");
  g_autoptr (StDatabase) lax = NULL;
  g_autoptr (GError) error = NULL;

  source.max_active = 1; /* so that it is this session */
  lax = st_database_open (&source, &world->fixture->limits, &error);
  g_assert_no_error (error);
  if (!world->sqlite)
    store_fixture_run (lax, "SET sql_mode = '';\n");
  g_assert_cmpint (st_user_add (lax, world->settings, &user, 0, NULL, &error), ==, !latin1);
  if (latin1)
    {
      g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
      g_assert_nonnull (strstr (error->message, "characters that the database cannot hold"));
    }
  g_assert_cmpint (number_of (world->database, &smiles), ==, latin1 ? 0 : 1);
}

static void
check_set_password (World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *salt = NULL;
  g_autofree char *hash = core_password_hash ("n3w", world->settings, &salt, &error);
  g_autoptr (StUser) alice = NULL;
  g_autoptr (StUser) bob = NULL;

  st_user_set_password (world->database, world->settings, SUPER, 1, hash, salt, 0, &error);
  g_assert_no_error (error);
  alice = user_of (world, SUPER, "Alice");
  bob = user_of (world, SUPER, "bob");
  g_assert_cmpstr (alice->password_hash, ==, hash);
  g_assert_cmpstr (alice->salt, ==, salt);
  g_assert_false (alice->require_change);
  g_assert_true (is_recent (alice->changed_ms));
  g_assert_true (core_password_check (alice, "n3w", 3, world->settings, g_get_real_time () / 1000));
  g_assert_cmpstr (bob->password_hash, ==, "b");
  g_assert_true (bob->require_change);
  g_assert_cmpint (bob->changed_ms, ==, YEAR_2001_MS);
  /* Without salt, as PLAIN_TEXT and StoreSaltedPassword=false have it. */
  st_user_set_password (world->database, world->settings, SUPER, 1, "plain", NULL, 0, &error);
  g_assert_no_error (error);
  st_user_unref (alice);
  alice = user_of (world, SUPER, "Alice");
  g_assert_null (alice->salt);
  g_assert_false (st_user_set_password (world->database, world->settings, 1, 1, "h", NULL, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT); /* of another tenant */
  g_clear_error (&error);
  g_assert_false (st_user_set_password (world->database, world->settings, SUPER, 99, "h", NULL, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
}

static void
check_change_roles (World *world)
{
  static const char *const some[] = { "reader", "Internal/creator", NULL };
  static const char *const most[] = { "editor", "INTERNAL/creator", "reader", NULL };
  static const char *const wrong[] = { "reader", "nothing", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (StUser) bob = NULL;

  assert_roles (world, SUPER, "PRIMARY", "bob", "Internal/creator editor");
  for (guint i = 0; i < 2; i++)
    {
      st_user_change_roles (world->database, world->settings, SUPER, 2, some, NULL, 0, &error);
      g_assert_no_error (error);
      assert_roles (world, SUPER, "PRIMARY", "bob", "Internal/creator editor reader");
    }
  for (guint i = 0; i < 2; i++)
    {
      st_user_change_roles (world->database, world->settings, SUPER, 2, NULL, most, 0, &error);
      g_assert_no_error (error);
      assert_roles (world, SUPER, "PRIMARY", "bob", "");
    }
  g_assert_false (st_user_change_roles (world->database, world->settings, SUPER, 2, wrong, NULL, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "nothing"));
  assert_roles (world, SUPER, "PRIMARY", "bob", "");
  bob = user_of (world, SUPER, "bob");
  g_assert_cmpint (bob->changed_ms, ==, YEAR_2001_MS);
}

/* The stored member is "ALICE", the user "Alice"; the LDAP store has another alice. */
static void
check_other_case (World *world)
{
  static const char *const creator[] = { "Internal/creator", NULL };
  g_autoptr (GError) error = NULL;

  assert_roles (world, SUPER, "PRIMARY", "Alice", "Internal/creator editor");
  st_user_change_roles (world->database, world->settings, SUPER, 1, NULL, creator, 0, &error);
  g_assert_no_error (error);
  assert_roles (world, SUPER, "PRIMARY", "Alice", "editor");
  assert_roles (world, SUPER, "LDAP", "alice", "Internal/creator");
}

static void
check_read_only (World *world)
{
  static const char *const editor[] = { "editor", NULL };
  static const char *const creator[] = { "Internal/creator", NULL };
  ApimUserStoreSettings settings = *world->settings;
  const StNewUser user = { SUPER, "new", "h", "s", NULL };
  GError *errors[5] = { NULL };

  settings.read_only = TRUE;
  g_assert_false (st_user_add (world->database, &settings, &user, 0, NULL, &errors[0]));
  g_assert_false (st_user_set_password (world->database, &settings, SUPER, 1, "h", "s", 0, &errors[1]));
  g_assert_false (st_user_delete (world->database, &settings, SUPER, 1, 0, &errors[2]));
  g_assert_false (st_user_change_roles (world->database, &settings, SUPER, 3, editor, NULL, 0, &errors[3]));
  for (guint i = 0; i < 4; i++)
    {
      g_assert_error (errors[i], ST_ERROR, ST_ERROR_SETUP);
      g_clear_error (&errors[i]);
    }
  st_user_change_roles (world->database, &settings, SUPER, 3, creator, NULL, 0, &errors[4]);
  g_assert_no_error (errors[4]);
  assert_roles (world, SUPER, "PRIMARY", "admin", "Internal/creator admin");
}

static void
check_delete (World *world)
{
  static const struct
  {
    StStatement count;
    gint64 left;
  } counts[] = {
    { { "SELECT COUNT(*) FROM UM_USER WHERE UM_ID = 1", NULL }, 0 },
    { { "SELECT COUNT(*) FROM UM_USER_ROLE WHERE UM_USER_ID = 1", NULL }, 0 },
    { { "SELECT COUNT(*) FROM UM_HYBRID_USER_ROLE WHERE LOWER(UM_USER_NAME) = 'alice'", NULL }, 1 }, /* of LDAP */
    { { "SELECT COUNT(*) FROM UM_USER_ATTRIBUTE WHERE UM_USER_ID = 1", NULL }, 0 },
    { { "SELECT COUNT(*) FROM UM_USER_PERMISSION WHERE UM_USER_NAME = 'Alice'", NULL }, 0 },
    { { "SELECT COUNT(*) FROM UM_USER WHERE UM_ID = 2", NULL }, 1 },
    { { "SELECT COUNT(*) FROM UM_USER_ATTRIBUTE WHERE UM_USER_ID = 2", NULL }, 1 },
    { { "SELECT COUNT(*) FROM UM_USER_PERMISSION WHERE UM_USER_NAME = 'bob'", NULL }, 1 },
  };
  static const char *const creator[] = { "Internal/creator", NULL };
  g_autoptr (GError) error = NULL;

  st_user_change_roles (world->database, world->settings, SUPER, 1, creator, NULL, 0, &error);
  g_assert_no_error (error);
  st_user_delete (world->database, world->settings, SUPER, 1, 0, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    g_assert_cmpint (number_of (world->database, &counts[i].count), ==, counts[i].left);
  g_assert_false (st_user_delete (world->database, world->settings, SUPER, 1, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (st_user_delete (world->database, world->settings, SUPER, 3, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
  g_assert_cmpint (number_of (world->database, &counts[5].count), ==, 1);
}

#define N_WRITERS 4
#define N_EACH 8

typedef struct
{
  World *world;
  guint number;
} Writer;

static gpointer
write_much (gpointer data)
{
  static const char *const given[] = { "editor", "Internal/creator", NULL };
  const Writer *writer = data;

  for (guint i = 0; i < N_EACH; i++)
    {
      g_autofree char *name = g_strdup_printf ("crowd-%u-%u", writer->number, i);
      g_autoptr (GError) error = NULL;

      add (writer->world, SUPER, name, "secret", given, &error);
      g_assert_no_error (error);
      add (writer->world, SUPER, "everybody-wants-it", "secret", given, &error);
      if (error != NULL)
        g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
    }
  return NULL;
}

static void
check_crowd (World *world)
{
  static const StStatement wanted = { "SELECT COUNT(*) FROM UM_USER WHERE UM_USER_NAME = 'everybody-wants-it'" };
  Writer writers[N_WRITERS];
  GThread *threads[N_WRITERS];

  for (guint i = 0; i < N_WRITERS; i++)
    {
      writers[i] = (Writer){ world, i };
      threads[i] = g_thread_new ("writer", write_much, &writers[i]);
    }
  for (guint i = 0; i < N_WRITERS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (number_of (world->database, &wanted), ==, 1);
  for (guint i = 0; i < N_WRITERS * N_EACH; i++)
    {
      g_autofree char *name = g_strdup_printf ("crowd-%u-%u", i / N_EACH, i % N_EACH);

      assert_roles (world, SUPER, "PRIMARY", name, "Internal/creator editor");
    }
}

static void
check_ended_sessions (World *world)
{
  g_autofree char *digest = g_strnfill (64, 'a');
  g_autofree char *other = g_strnfill (64, 'b');
  g_autoptr (GError) error = NULL;
  gboolean ended = TRUE;

  g_assert_true (st_session_has_ended (world->database, digest, 0, &ended, &error));
  g_assert_false (ended);
  for (guint i = 0; i < 2; i++) /* again is fine */
    g_assert_true (st_session_end (world->database, digest, YEAR_2001_MS, 0, &error));
  g_assert_no_error (error);
  g_assert_true (st_session_has_ended (world->database, digest, 0, &ended, &error));
  g_assert_true (ended);
  g_assert_true (st_session_has_ended (world->database, other, 0, &ended, &error));
  g_assert_false (ended);
  g_assert_true (st_session_end (world->database, other, YEAR_2001_MS + ST_ENDED_SESSION_KEEP_MS + 1, 0, &error));
  g_assert_true (st_session_has_ended (world->database, digest, 0, &ended, &error));
  g_assert_false (ended); /* old enough to be forgotten */
  store_fixture_run (world->database, "DROP TABLE APIM_ENDED_SESSION;\n");
  g_assert_false (st_session_end (world->database, digest, YEAR_2001_MS, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

static const struct
{
  const char *name;
  void (*check) (World *world);
} checks[] = {
  { "add", check_add },
  { "tenant-without-domains", check_tenant_without_domains },
  { "add-refused", check_add_refused },
  { "foreign-characters", check_foreign_characters },
  { "set-password", check_set_password },
  { "change-roles", check_change_roles },
  { "other-case", check_other_case },
  { "read-only", check_read_only },
  { "delete", check_delete },
  { "crowd", check_crowd },
  { "ended-sessions", check_ended_sessions },
};

/* In one world, one after the other: each knows what those before it left. */
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/user-writes/%s", kinds[i].name);

      g_test_add_data_func (path, &kinds[i], test_world);
    }
  return g_test_run ();
}
