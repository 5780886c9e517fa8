/* What a first start makes, that a second one makes nothing, and that an interrupted one can be run again. */
#include "config.h"

#include "apimd/first-start.h"
#include "common/apim-cluster-key.h"
#include "common/apim-key-store.h"
#include "common/apim-secret.h"
#include "core/core-password.h"
#include "store/st-schema.h"
#include "store/st-sql-stores.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *home;
  ApimConfig *config;
  GPtrArray *lines;
} Fixture;

static void
load_config (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&fixture->config, apim_config_unref);
  fixture->config = apim_config_load (fixture->home, -1, &error);
  g_assert_no_error (error);
}

static void
fixture_init (Fixture *fixture, gconstpointer data)
{
  fixture->home = g_dir_make_tmp ("apim-test-XXXXXX", NULL);
  fixture->lines = g_ptr_array_new_with_free_func (g_free);
  load_config (fixture);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      remove_tree (child);
    }
  g_remove (path);
}

static void
fixture_clear (Fixture *fixture, gconstpointer data)
{
  apim_config_unref (fixture->config);
  g_ptr_array_unref (fixture->lines);
  remove_tree (fixture->home);
  g_free (fixture->home);
}

static void
first_start (Fixture *fixture, const char *password)
{
  g_autoptr (GError) error = NULL;
  g_ptr_array_set_size (fixture->lines, 0);
  apim_first_start (fixture->config, NULL, password, fixture->lines, &error);
  g_assert_no_error (error);
}

static char *
path_in (Fixture *fixture, const char *path)
{
  return g_build_filename (fixture->home, "repository", path, NULL);
}

static void
assert_mode (Fixture *fixture, const char *path, guint mode)
{
  GStatBuf status;
  g_autofree char *full = path_in (fixture, path);
  g_test_message ("%s", path);
  g_assert_cmpint (g_stat (full, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, mode);
}

static gboolean
exists (Fixture *fixture, const char *path)
{
  g_autofree char *full = path_in (fixture, path);
  return g_file_test (full, G_FILE_TEST_EXISTS);
}

/* Whether the administrator is there, and has this password. */
static gboolean
admin_has_password (Fixture *fixture, const char *password)
{
  g_autoptr (GError) error = NULL;
  const ApimUserStoreSettings *settings = &fixture->config->user_store;
  const ApimDataSource *source = apim_config_data_source (fixture->config, settings->data_source);
  g_autoptr (StDatabase) database = st_database_open (source, &fixture->config->limits, &error);
  g_assert_no_error (error);
  g_autoptr (StUserStore) users = st_sql_user_store_new (database, settings);
  g_autoptr (StUser) admin = NULL;
  g_assert_true (st_user_store_find_user (users, ST_SUPER_TENANT_ID, "admin", 0, &admin, &error));
  return core_password_check (admin, password, strlen (password), settings, g_get_real_time () / 1000);
}

static char *
initial_password (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = path_in (fixture, "conf/initial-admin-password");
  char *password = apim_secret_read_file (path, &error);
  g_assert_no_error (error);
  return password;
}

static void
test_empty_home (Fixture *fixture, gconstpointer data)
{
  first_start (fixture, NULL);
  assert_mode (fixture, "resources/security", 0700);
  assert_mode (fixture, "database", 0700);
  assert_mode (fixture, "conf/initial-admin-password", 0600);
  assert_mode (fixture, "resources/security/node-rsa.pem", 0600);
  assert_mode (fixture, "resources/security/node-ec.pem", 0600);
  assert_mode (fixture, "resources/security/cluster-key", 0600);
  assert_mode (fixture, "database/apimgtdb.sqlite", 0600);
  assert_mode (fixture, "database/userdb.sqlite", 0600);
  g_assert_true (exists (fixture, "deployment/server"));
  g_assert_false (exists (fixture, "database/apimgtdb.sqlite.unfinished"));
  g_assert_false (exists (fixture, "database/userdb.sqlite.unfinished"));

  g_auto (ApimSecretText) password = initial_password (fixture);
  g_assert_cmpuint (strlen (password), ==, 24);
  g_assert_true (admin_has_password (fixture, password));
  for (guint i = 0; i < fixture->lines->len; i++)
    g_assert_null (strstr (g_ptr_array_index (fixture->lines, i), password));

  g_autoptr (GError) error = NULL;
  guint8 key[32];
  g_autoptr (GPtrArray) keys = apim_key_store_load (fixture->config, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (keys->len, ==, 2);
  g_assert_true (apim_cluster_key_derive (fixture->home, "test", key, sizeof key, &error));
}

#define APIS "deployment/server/synapse-configs/default/api"

static void
test_token_apis (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = { APIS "/_TokenAPI_.xml", APIS "/_RevokeAPI_.xml", APIS "/_AuthorizeAPI_.xml",
                                       APIS "/_UserInfoAPI_.xml" };
  g_autofree char *removed = path_in (fixture, files[0]);
  first_start (fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    assert_mode (fixture, files[i], 0644);
  g_assert_false (exists (fixture, APIS ".unfinished"));

  /* A file that the operator has taken away stays away. */
  g_assert_cmpint (g_remove (removed), ==, 0);
  first_start (fixture, NULL);
  g_assert_cmpuint (fixture->lines->len, ==, 0);
  g_assert_false (exists (fixture, files[0]));
}

/* Nothing is added to APIs that are there: of a home of WSO2's, or of a Publisher. */
static void
test_apis_are_there (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = path_in (fixture, APIS);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  first_start (fixture, NULL);
  g_assert_false (exists (fixture, APIS "/_TokenAPI_.xml"));
}

/* A run that ended between two files. */
static void
test_token_apis_interrupted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = path_in (fixture, APIS ".unfinished");
  g_autofree char *file = g_build_filename (folder, "_TokenAPI_.xml", NULL);
  g_autofree char *text = NULL;
  g_autofree char *made = path_in (fixture, APIS "/_TokenAPI_.xml");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "<api", -1, NULL));
  first_start (fixture, NULL);
  g_assert_true (g_file_get_contents (made, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "</api>"));
  g_assert_false (exists (fixture, APIS ".unfinished"));
}

static void
assert_schema (Fixture *fixture, const char *data_source, StSchemaPart part)
{
  g_autoptr (GError) error = NULL;
  StSchemaReport report;
  g_autoptr (StDatabase) database = st_database_open (apim_config_data_source (fixture->config, data_source),
                                                      &fixture->config->limits, &error);
  g_assert_no_error (error);
  g_assert_true (st_schema_inspect (database, part, &report, &error));
  g_assert_cmpint (report.state, ==, ST_SCHEMA_OURS);
  g_assert_true (report.has_part);
  g_assert_cmpuint (report.version, ==, report.latest);
}

static void
test_schema (Fixture *fixture, gconstpointer data)
{
  first_start (fixture, NULL);
  assert_schema (fixture, fixture->config->api_data_source, ST_SCHEMA_API);
  assert_schema (fixture, fixture->config->user_store.data_source, ST_SCHEMA_USER);
}

static void
test_given_password (Fixture *fixture, gconstpointer data)
{
  first_start (fixture, "given-password");
  g_assert_true (admin_has_password (fixture, "given-password"));
  g_assert_false (exists (fixture, "conf/initial-admin-password"));
}

static GBytes *
contents (Fixture *fixture, const char *path)
{
  char *bytes = NULL;
  gsize length = 0;
  g_autofree char *full = path_in (fixture, path);
  g_assert_true (g_file_get_contents (full, &bytes, &length, NULL));
  return g_bytes_new_take (bytes, length);
}

/* The second start makes nothing, says nothing, and changes no byte. */
static void
test_second_start (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = {
    "conf/initial-admin-password",         "resources/security/node-rsa.pem",  "resources/security/node-ec.pem",
    "resources/security/node-cert.pem",    "resources/security/cluster-key",   "database/apimgtdb.sqlite",
    "database/userdb.sqlite",
  };
  GBytes *before[G_N_ELEMENTS (files)];
  first_start (fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    before[i] = contents (fixture, files[i]);
  first_start (fixture, "another-password");
  g_assert_cmpuint (fixture->lines->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) after = contents (fixture, files[i]);
      g_assert_true (g_bytes_equal (before[i], after));
      g_bytes_unref (before[i]);
    }
}

/* An operator who changed the password and deleted the file does not get it back. */
static void
test_deleted_password_file (Fixture *fixture, gconstpointer data)
{
  first_start (fixture, NULL);
  g_autofree char *path = path_in (fixture, "conf/initial-admin-password");
  g_assert_cmpint (g_unlink (path), ==, 0);
  first_start (fixture, NULL);
  g_assert_false (exists (fixture, "conf/initial-admin-password"));
  g_assert_cmpuint (fixture->lines->len, ==, 0);
}

/* Killed after the password was written and before the database was in place. */
static void
test_interrupted (Fixture *fixture, gconstpointer data)
{
  first_start (fixture, NULL);
  g_auto (ApimSecretText) password = initial_password (fixture);
  g_autofree char *users = path_in (fixture, "database/userdb.sqlite");
  g_autofree char *unfinished = path_in (fixture, "database/userdb.sqlite.unfinished");
  g_assert_cmpint (g_rename (users, unfinished), ==, 0);
  g_assert_cmpint (truncate (unfinished, 5000), ==, 0);

  first_start (fixture, NULL);
  g_assert_true (admin_has_password (fixture, password));
  g_assert_false (exists (fixture, "database/userdb.sqlite.unfinished"));
}

/* A database that is there is left alone, even when it is no database of ours. */
static void
test_existing_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = path_in (fixture, "database");
  g_autofree char *users = path_in (fixture, "database/userdb.sqlite");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0750), ==, 0);
  g_assert_true (g_file_set_contents (users, "mine", 4, NULL));
  first_start (fixture, NULL);
  g_autoptr (GBytes) after = contents (fixture, "database/userdb.sqlite");
  g_assert_cmpmem (g_bytes_get_data (after, NULL), g_bytes_get_size (after), "mine", 4);
  g_assert_false (exists (fixture, "conf/initial-admin-password"));
  g_assert_true (exists (fixture, "database/apimgtdb.sqlite"));
  assert_mode (fixture, "database", 0750);
}

static void
write_data_sources (Fixture *fixture, const char *api_url, const char *user_url)
{
  g_autofree char *folder = path_in (fixture, "conf/datasources");
  g_autofree char *path = path_in (fixture, "conf/datasources/master-datasources.xml");
  g_autofree char *xml = g_strdup_printf (
      "<datasources-configuration><datasources>"
      "<datasource><name>WSO2AM_DB</name><jndiConfig><name>jdbc/WSO2AM_DB</name></jndiConfig>"
      "<definition type=\"RDBMS\"><configuration><url>%s</url><username>u</username><password>p</password>"
      "</configuration></definition></datasource>"
      "<datasource><name>WSO2UM_DB</name><jndiConfig><name>jdbc/WSO2UM_DB</name></jndiConfig>"
      "<definition type=\"RDBMS\"><configuration><url>%s</url><username>u</username><password>p</password>"
      "</configuration></definition></datasource>"
      "</datasources></datasources-configuration>",
      api_url, user_url);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, xml, -1, NULL));
  load_config (fixture);
}

/* Both data sources may name one file. */
static void
test_one_file (Fixture *fixture, gconstpointer data)
{
  write_data_sources (fixture, "jdbc:sqlite:data/all.sqlite", "jdbc:sqlite:data/all.sqlite");
  first_start (fixture, NULL);
  assert_schema (fixture, fixture->config->api_data_source, ST_SCHEMA_API);
  assert_schema (fixture, fixture->config->user_store.data_source, ST_SCHEMA_USER);
  g_auto (ApimSecretText) password = initial_password (fixture);
  g_assert_true (admin_has_password (fixture, password));
}

/* A server's databases are not even connected to: nothing listens there. */
static void
test_mysql_is_not_touched (Fixture *fixture, gconstpointer data)
{
  write_data_sources (fixture, "jdbc:mysql://127.0.0.1:1/a", "jdbc:mysql://127.0.0.1:1/u");
  first_start (fixture, NULL);
  g_assert_false (exists (fixture, "conf/initial-admin-password"));
  g_assert_true (exists (fixture, "resources/security/cluster-key"));
}

static void
test_busy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  first_start (fixture, NULL);
  g_autofree char *conf = path_in (fixture, "conf");
  int fd = open (conf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  g_assert_false (apim_first_start (fixture->config, NULL, NULL, NULL, &error));
  g_assert_error (error, APIM_FIRST_START_ERROR, APIM_FIRST_START_ERROR_BUSY);
  close (fd);
  first_start (fixture, NULL);
}

/* A file stands where a folder is needed. */
static void
test_no_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->home, "repository", NULL);
  g_assert_true (g_file_set_contents (path, "file", -1, NULL));
  g_assert_false (apim_first_start (fixture->config, NULL, NULL, fixture->lines, &error));
  g_assert_error (error, APIM_FIRST_START_ERROR, APIM_FIRST_START_ERROR_FILE);
}

/* The administrator is added once. */
static void
test_admin_exists (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  first_start (fixture, NULL);
  const ApimDataSource *source = apim_config_data_source (fixture->config, fixture->config->user_store.data_source);
  g_autoptr (StDatabase) users = st_database_open (source, &fixture->config->limits, &error);
  g_assert_false (apim_first_start_add_admin (fixture->config, users, "x", NULL, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_CONFLICT);
}

#define ADD(path, function) g_test_add ("/first-start/" path, Fixture, NULL, fixture_init, function, fixture_clear)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("token-apis", test_token_apis);
  ADD ("apis-are-there", test_apis_are_there);
  ADD ("token-apis-interrupted", test_token_apis_interrupted);
  ADD ("empty-home", test_empty_home);
  ADD ("schema", test_schema);
  ADD ("given-password", test_given_password);
  ADD ("second-start", test_second_start);
  ADD ("deleted-password-file", test_deleted_password_file);
  ADD ("interrupted", test_interrupted);
  ADD ("existing-file", test_existing_file);
  ADD ("one-file", test_one_file);
  ADD ("mysql-is-not-touched", test_mysql_is_not_touched);
  ADD ("busy", test_busy);
  ADD ("no-folder", test_no_folder);
  ADD ("admin-exists", test_admin_exists);
  return g_test_run ();
}
