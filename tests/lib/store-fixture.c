#include "config.h"
#include "tests/lib/store-fixture.h"

#include "store/st-schema.h"

#include <glib/gstdio.h>
#include <unistd.h>

static StoreFixture *
fixture_new (void)
{
  StoreFixture *fixture = g_new0 (StoreFixture, 1);

  fixture->limits.database_timeout_ms = 5000;
  fixture->settings = (ApimUserStoreSettings){
    .admin_user = (char *) "admin",
    .admin_role = (char *) "admin",
    .password_digest = (char *) "SHA-256",
    .salted = TRUE,
    .case_insensitive_names = TRUE,
  };
  fixture->api = (ApimDataSource){ .jndi_name = (char *) "jdbc/WSO2AM_DB", .max_active = 8, .max_wait_ms = 60000 };
  fixture->users = fixture->api;
  fixture->users.jndi_name = (char *) "jdbc/WSO2UM_DB";
  return fixture;
}

StoreFixture *
store_fixture_sqlite (void)
{
  StoreFixture *fixture = fixture_new ();
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("apim-store-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->api.kind = fixture->users.kind = APIM_DATABASE_SQLITE;
  fixture->api.path = g_build_filename (fixture->folder, "api.sqlite", NULL);
  fixture->users.path = g_build_filename (fixture->folder, "user.sqlite", NULL);
  return fixture;
}

const char *
store_fixture_mysql_socket (void)
{
  return g_getenv ("APIM_TEST_MYSQL_SOCKET");
}

/* Runs statements on the server, outside any schema of the test's. */
static void
run_on_server (const StoreFixture *fixture, const char *script)
{
  ApimDataSource server = fixture->api;
  g_autoptr (StDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  server.database = (char *) "mysql";
  database = st_database_open (&server, &fixture->limits, &error);
  g_assert_no_error (error);
  store_fixture_run (database, script);
}

StoreFixture *
store_fixture_mysql (const char *socket, const char *charset)
{
  static guint count;
  StoreFixture *fixture = fixture_new ();
  const char *user = g_getenv ("APIM_TEST_MYSQL_USER");
  g_autofree char *script = NULL;

  count++;
  fixture->socket = g_strdup (socket);
  fixture->api_schema = g_strdup_printf ("apimtest_%d_%u_api", (int) getpid (), count);
  fixture->user_schema = g_strdup_printf ("apimtest_%d_%u_user", (int) getpid (), count);
  fixture->api.kind = fixture->users.kind = APIM_DATABASE_MYSQL;
  fixture->api.unix_socket = fixture->users.unix_socket = fixture->socket;
  fixture->api.user = fixture->users.user = (char *) (user != NULL ? user : "root");
  fixture->api.database = fixture->api_schema;
  fixture->users.database = fixture->user_schema;
  script = g_strdup_printf ("CREATE DATABASE %s CHARACTER SET %s;\nCREATE DATABASE %s CHARACTER SET %s;\n",
                            fixture->api_schema, charset, fixture->user_schema, charset);
  run_on_server (fixture, script);
  return fixture;
}

void
store_fixture_open (StoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  st_schema_migrate (&fixture->api, ST_SCHEMA_API, &error);
  g_assert_no_error (error);
  st_schema_migrate (&fixture->users, ST_SCHEMA_USER, &error);
  g_assert_no_error (error);
  fixture->api_database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_assert_no_error (error);
  fixture->user_database = st_database_open (&fixture->users, &fixture->limits, &error);
  g_assert_no_error (error);
}

void
store_fixture_run (StDatabase *database, const char *script)
{
  g_autoptr (GError) error = NULL;
  StTransaction *transaction = st_transaction_begin (database, 0, &error);

  g_assert_no_error (error);
  st_transaction_script (transaction, script, &error);
  g_assert_no_error (error);
  st_transaction_commit (transaction, &error);
  g_assert_no_error (error);
}

void
store_fixture_drop_triggers (StDatabase *database, const char *names)
{
  static const StStatement triggers = {
    "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE ?",
    "SELECT TRIGGER_NAME FROM INFORMATION_SCHEMA.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE ?",
  };
  g_autoptr (GString) script = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (database, &triggers, 0, &error);

  g_assert_no_error (error);
  st_query_bind_text (query, 0, names);
  while (st_query_step (query, &error) == ST_ROW)
    g_string_append_printf (script, "DROP TRIGGER %s;\n", st_query_text (query, 0));
  g_assert_no_error (error);
  g_clear_pointer (&query, st_query_free);
  g_assert_cmpuint (script->len, >, 0);
  store_fixture_run (database, script->str);
}

void
store_fixture_make_foreign (StoreFixture *fixture)
{
  StDatabase *const databases[] = { fixture->api_database, fixture->user_database };

  for (guint i = 0; i < G_N_ELEMENTS (databases); i++)
    {
      store_fixture_drop_triggers (databases[i], "APIM_FEED_%");
      store_fixture_run (databases[i], "DROP TABLE APIM_CHANGE_FEED;\nDROP TABLE APIM_SCHEMA_VERSION;\n");
    }
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

void
store_fixture_free (StoreFixture *fixture)
{
  st_database_free (fixture->api_database);
  st_database_free (fixture->user_database);
  if (fixture->folder != NULL)
    {
      remove_folder (fixture->folder);
      g_free (fixture->api.path);
      g_free (fixture->users.path);
    }
  else
    {
      g_autofree char *script
          = g_strdup_printf ("DROP DATABASE %s;\nDROP DATABASE %s;\n", fixture->api_schema, fixture->user_schema);

      run_on_server (fixture, script);
    }
  g_free (fixture->folder);
  g_free (fixture->socket);
  g_free (fixture->api_schema);
  g_free (fixture->user_schema);
  g_free (fixture);
}
