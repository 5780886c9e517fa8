/* The commands that work on a home: node init, db check, db migrate, db sample; on SQLite. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "tests/lib/store-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *home;
} Fixture;

typedef struct
{
  int status;
  char *out;
  char *err;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  free (outcome->out);
  free (outcome->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

/* Runs "apimctl LINE" in this process. */
static Outcome
run_line (const char *line)
{
  Outcome outcome = { 0 };
  size_t out_length, err_length;
  CtlOutput output = { .out = open_memstream (&outcome.out, &out_length),
                       .err = open_memstream (&outcome.err, &err_length) };
  g_auto (GStrv) arguments = g_strsplit (line, " ", -1);
  outcome.status = ctl_run (ctl_commands, (const char *const *) arguments, &output);
  fclose (output.out);
  fclose (output.err);
  return outcome;
}

/* Runs "apimctl LINE --home HOME" in this process. */
static Outcome
run (Fixture *fixture, const char *line)
{
  g_autofree char *whole = g_strdup_printf ("%s --home %s", line, fixture->home);
  return run_line (whole);
}

static void
fixture_init (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("apim-test-XXXXXX", NULL);
  fixture->home = g_build_filename (folder, "home", NULL);
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
  g_autofree char *folder = g_path_get_dirname (fixture->home);
  remove_tree (folder);
  g_free (fixture->home);
}

static char *
path_in (Fixture *fixture, const char *path)
{
  return g_build_filename (fixture->home, "repository", path, NULL);
}

static void
write_file (Fixture *fixture, const char *path, const char *text, int mode)
{
  g_autofree char *full = path_in (fixture, path);
  g_autofree char *folder = g_path_get_dirname (full);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (full, text, -1, NULL));
  g_assert_cmpint (chmod (full, mode), ==, 0);
}

/* The root object of a JSON result. */
static JsonObject *
parse (JsonParser *parser, const char *text)
{
  g_autoptr (GError) error = NULL;
  json_parser_load_from_data (parser, text, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
test_node_init (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_auto (Outcome) first = run (fixture, "node init --hostname km.example.com");
  g_assert_cmpint (first.status, ==, 0);
  g_assert_nonnull (strstr (first.out, "for km.example.com in"));
  g_assert_cmpstr (first.err, ==, "");

  g_auto (Outcome) second = run (fixture, "node init");
  g_autofree char *complete = g_strdup_printf ("%s is complete: nothing was made\n", fixture->home);
  g_assert_cmpint (second.status, ==, 0);
  g_assert_cmpstr (second.out, ==, complete);
  g_auto (Outcome) third = run (fixture, "node init -o json");
  JsonObject *root = parse (parser, third.out);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "made")), ==, 0);
}

static void
test_admin_password_file (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "password", "chosen\n", 0600);
  g_autofree char *file = path_in (fixture, "password");
  g_autofree char *line = g_strdup_printf ("node init --admin-password-file %s", file);
  g_auto (Outcome) first = run (fixture, line);
  g_autofree char *initial = path_in (fixture, "conf/initial-admin-password");
  g_assert_cmpint (first.status, ==, 0);
  g_assert_false (g_file_test (initial, G_FILE_TEST_EXISTS));

  g_auto (Outcome) second = run (fixture, line);
  g_assert_cmpint (second.status, ==, 0);
  g_assert_nonnull (strstr (second.err, "no password was changed"));
}

static void
test_bad_password_files (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text;
    const char *part;
  } cases[] = {
    { "", "is empty" },
    { "\n\n", "is empty" },
    { "one\ntwo\n", "has more than one line" },
  };
  g_autofree char *file = path_in (fixture, "password");
  g_autofree char *line = g_strdup_printf ("node init --admin-password-file %s", file);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      write_file (fixture, "password", cases[i].text, 0600);
      g_auto (Outcome) outcome = run (fixture, line);
      g_autofree char *database = path_in (fixture, "database");
      g_assert_cmpint (outcome.status, ==, 2);
      g_assert_nonnull (strstr (outcome.err, cases[i].part));
      g_assert_false (g_file_test (database, G_FILE_TEST_EXISTS));
    }
}

/* As a plain redirection leaves it: said, and taken. */
static void
test_exposed_password_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = path_in (fixture, "password");
  g_autofree char *line = g_strdup_printf ("node init --admin-password-file %s", file);
  write_file (fixture, "password", "chosen\n", 0644);
  g_auto (Outcome) outcome = run (fixture, line);
  g_assert_cmpint (outcome.status, ==, 0);
}

static void
test_check (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_auto (Outcome) init = run (fixture, "node init");
  g_auto (Outcome) outcome = run (fixture, "db check -o json");
  JsonObject *root = parse (parser, outcome.out);
  g_assert_cmpint (init.status, ==, 0);
  g_assert_cmpint (outcome.status, ==, 0);
  g_assert_true (json_object_get_boolean_member (root, "ok"));
  JsonArray *findings = json_object_get_array_member (root, "findings");
  g_assert_cmpuint (json_array_get_length (findings), >, 0);
  for (guint i = 0; i < json_array_get_length (findings); i++)
    g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (findings, i), "severity"), ==, "ok");
  JsonObject *api = json_array_get_object_element (json_object_get_array_member (root, "databases"), 0);
  g_assert_cmpstr (json_object_get_string_member (api, "state"), ==, "ours");
  g_assert_cmpstr (json_object_get_string_member (api, "generation"), ==, "2.6");
}

static void
test_check_empty (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (fixture->home, 0755), ==, 0);
  g_auto (Outcome) outcome = run (fixture, "db check");
  g_autofree char *database = path_in (fixture, "database/apimgtdb.sqlite");
  g_assert_cmpint (outcome.status, ==, 1);
  g_assert_nonnull (strstr (outcome.out, "error\tapi\tempty\tthe API Manager database is empty\t"));
  g_assert_nonnull (strstr (outcome.out, "\tapimctl db migrate --home"));
  g_assert_false (g_file_test (database, G_FILE_TEST_EXISTS));
}

static void
test_check_broken (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "database/apimgtdb.sqlite", "this is no database, but long enough to be looked at", 0600);
  g_auto (Outcome) outcome = run (fixture, "db check");
  g_assert_cmpint (outcome.status, ==, 1);
  g_assert_nonnull (strstr (outcome.out, "error\tapi\tunreachable\tthe API Manager database cannot be used: "));
}

/* Decision 15: the password that WSO2 ships is found. */
static void
test_check_default_password (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "password", "admin", 0600);
  g_autofree char *file = path_in (fixture, "password");
  g_autofree char *line = g_strdup_printf ("node init --admin-password-file %s", file);
  g_auto (Outcome) init = run (fixture, line);
  g_auto (Outcome) outcome = run (fixture, "db check");
  g_assert_cmpint (init.status, ==, 0);
  g_assert_cmpint (outcome.status, ==, 0);
  g_assert_nonnull (strstr (outcome.out, "warning\tuser\tadmin-password\tthe administrator \"admin\" still has"));
}

static char *
database_url (Fixture *fixture, const char *file)
{
  g_autofree char *path = path_in (fixture, file);
  return g_strconcat ("sqlite:", path, NULL);
}

/* Databases without a home: each URL is taken for the part that its database holds, whatever their order. */
static void
test_check_url (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) init = run (fixture, "node init");
  g_autofree char *api = database_url (fixture, "database/apimgtdb.sqlite");
  g_autofree char *users = database_url (fixture, "database/userdb.sqlite");
  g_autofree char *both = g_strdup_printf ("db check --url %s --url %s", users, api);
  g_autofree char *one = g_strdup_printf ("db check --url jdbc:%s", api);
  g_autofree char *wrong = g_strdup_printf ("db check --url %s.gone", api);
  g_auto (Outcome) of_both = run_line (both);
  g_assert_cmpint (init.status, ==, 0);
  g_assert_cmpint (of_both.status, ==, 0);
  g_assert_nonnull (strstr (of_both.out, "ok\tapi\tlook-ups\t"));
  g_assert_nonnull (strstr (of_both.out, "ok\tuser\tlook-ups\t"));

  g_auto (Outcome) of_one = run_line (one);
  g_assert_cmpint (of_one.status, ==, 0);
  g_assert_nonnull (strstr (of_one.out, "note\tapi\ttenants-unknown\t"));
  g_assert_null (strstr (of_one.out, "\tuser\t"));
  g_auto (Outcome) of_none = run_line (wrong);
  g_assert_cmpint (of_none.status, ==, 1);
  g_assert_nonnull (strstr (of_none.out, "error\tapi\tempty\t"));
}

static void
test_check_usage (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *line;
    const char *part;
  } cases[] = {
    { "db check", "say what to check" },
    { "db check --home x --url sqlite:y", "exclude each other" },
    { "db check --url sqlite:a --url sqlite:b --url sqlite:c", "at most twice" },
    { "db check --url sqlite:a --timeout 0", "from 1 to 3600" },
    { "db check --url sqlite:a --timeout soon", "from 1 to 3600" },
    { "db check --url sqlite:a --token-time local", "server or utc" },
    { "db check --url oracle:x", "--url: the URL must be mysql://USER@HOST:PORT/NAME" },
    { "db check --url mysql://db.example.com/apimgtdb", "the URL names no user" },
    { "db check --url mysql://apim:hunter2@db.example.com/apimgtdb", "does not belong on the command line" },
    { "db check --url jdbc:mysql://db.example.com/apimgtdb?user=apim&password=hunter2", "does not belong on the" },
    { "db check --url mysql://ap%im@db.example.com/apimgtdb", "two hexadecimal digits" },
    { "db check --url mysql://apim@db.example.com/", "names no database" },
    { "db check --url mysql://apim@db.example.com/apimgtdb", "with --password-file FILE or in APIMCTL_DB_PASSWORD" },
    { "db check --url mysql://db.example.com/a --user apim --password-file /nowhere", "could not read /nowhere" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Outcome) outcome = run_line (cases[i].line);
      g_test_message ("%s", cases[i].line);
      g_assert_cmpint (outcome.status, ==, 2);
      g_assert_nonnull (strstr (outcome.err, cases[i].part));
      g_assert_null (strstr (outcome.err, "hunter2"));
      g_assert_cmpstr (outcome.out, ==, "");
    }
}

/* On a terminal a finding is a few lines. */
static void
test_check_terminal (Fixture *fixture, gconstpointer data)
{
  Outcome outcome = { 0 };
  size_t out_length, err_length;
  CtlOutput output = { .out = open_memstream (&outcome.out, &out_length),
                       .err = open_memstream (&outcome.err, &err_length),
                       .terminal = TRUE };
  const char *arguments[] = { "db", "check", "--home", fixture->home, NULL };
  g_assert_cmpint (g_mkdir (fixture->home, 0755), ==, 0);
  outcome.status = ctl_run (ctl_commands, arguments, &output);
  fclose (output.out);
  fclose (output.err);
  g_assert_cmpint (outcome.status, ==, 1);
  g_assert_nonnull (strstr (outcome.out, "\nerror: empty (user)\n  found  the user database is empty\n  why    "));
  g_assert_nonnull (strstr (outcome.out, "\n  do     apimctl db migrate --home "));
  g_assert_true (g_str_has_suffix (outcome.out, "\nerrors: 2, warnings: 0, notes: 0\n"));
  outcome_clear (&outcome);
}

/* identity.xml says whether partitioned token tables are in use. */
static void
test_check_partitions (Fixture *fixture, gconstpointer data)
{
  g_auto (Outcome) init = run (fixture, "node init");
  write_file (fixture, "conf/identity/identity.xml",
              "<Server><OAuth><EnableAccessTokenPartitioning>true</EnableAccessTokenPartitioning></OAuth></Server>",
              0644);
  g_auto (Outcome) outcome = run (fixture, "db check --timeout 60 --token-time utc");
  g_assert_cmpint (init.status, ==, 0);
  g_assert_cmpint (outcome.status, ==, 0);
  g_assert_nonnull (strstr (outcome.out, "note\tapi\tpartitions\t"));
}

static void
test_bad_configuration (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "node init", "db check", "db migrate --yes", "db sample" };
  write_file (fixture, "conf/carbon.xml", "<Server", 0644);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_auto (Outcome) outcome = run (fixture, lines[i]);
      g_assert_cmpint (outcome.status, ==, 1);
      g_assert_nonnull (strstr (outcome.err, "carbon.xml"));
      g_assert_cmpstr (outcome.out, ==, "");
    }
}

static StDatabase *
open_file (const char *path)
{
  static const ApimLimits limits = { .database_timeout_ms = 5000 };
  g_autoptr (GError) error = NULL;
  ApimDataSource source = { .jndi_name = (char *) "jdbc/x", .kind = APIM_DATABASE_SQLITE, .path = (char *) path };
  StDatabase *database = st_database_open (&source, &limits, &error);
  g_assert_no_error (error);
  return database;
}

static void
test_migrate (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_mkdir (fixture->home, 0755), ==, 0);
  g_autofree char *database = path_in (fixture, "database/userdb.sqlite");
  g_autofree char *initial = path_in (fixture, "conf/initial-admin-password");
  g_auto (Outcome) unasked = run (fixture, "db migrate");
  g_assert_cmpint (unasked.status, ==, 2);
  g_assert_nonnull (strstr (unasked.err, "hint: apimctl db migrate --yes --home"));
  g_assert_false (g_file_test (database, G_FILE_TEST_EXISTS));

  g_auto (Outcome) migrated = run (fixture, "db migrate --yes");
  g_assert_cmpint (migrated.status, ==, 0);
  g_assert_nonnull (strstr (migrated.err, "add the administrator \"admin\""));
  g_assert_nonnull (strstr (migrated.out, "migrated the user database, SQLite"));
  g_assert_true (g_file_test (initial, G_FILE_TEST_EXISTS));

  g_auto (Outcome) again = run (fixture, "db migrate");
  g_assert_cmpint (again.status, ==, 0);
  g_assert_cmpstr (again.out, ==, "nothing to do\n");
}

/* Databases of an older version: a node works with them, and a migration brings what is missing, and no more. */
static void
test_migrate_older (Fixture *fixture, gconstpointer data)
{
  static const char *const files[] = { "database/apimgtdb.sqlite", "database/userdb.sqlite" };
  g_auto (Outcome) init = run (fixture, "node init");
  g_assert_cmpint (init.status, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = path_in (fixture, files[i]);
      g_autoptr (StDatabase) database = open_file (path);
      store_fixture_drop_triggers (database, "APIM_FEED_%");
      store_fixture_run (database, "DROP TABLE APIM_CHANGE_FEED;\n"
                                   "DELETE FROM APIM_SCHEMA_VERSION WHERE (PART = 'api' AND VERSION > 4)"
                                   " OR (PART = 'user' AND VERSION > 2);\n");
    }

  g_auto (Outcome) before = run (fixture, "db check");
  g_assert_cmpint (before.status, ==, 0);
  g_assert_nonnull (strstr (before.out, "warning\tapi\tschema-old\tthe API Manager database has version 4 of the"));
  g_auto (Outcome) migrated = run (fixture, "db migrate --yes");
  g_assert_cmpint (migrated.status, ==, 0);
  g_assert_nonnull (strstr (migrated.err, "apply apim-0005-change-feed to "));
  g_assert_null (strstr (migrated.err, "administrator"));
  g_assert_null (strstr (migrated.out, "administrator"));
  g_auto (Outcome) after = run (fixture, "db check");
  g_assert_cmpint (after.status, ==, 0);
  g_assert_null (strstr (after.out, "warning"));
}

static void
test_migrate_foreign (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "conf/datasources/master-datasources.xml",
              "<datasources-configuration><datasources><datasource><name>WSO2AM_DB</name>"
              "<jndiConfig><name>jdbc/WSO2AM_DB</name></jndiConfig><definition type=\"RDBMS\"><configuration>"
              "<url>jdbc:sqlite:repository/database/foreign.sqlite</url></configuration></definition></datasource>"
              "</datasources></datasources-configuration>",
              0644);
  g_autofree char *folder = path_in (fixture, "database");
  g_autofree char *path = path_in (fixture, "database/foreign.sqlite");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_autoptr (StDatabase) database = open_file (path);
  store_fixture_run (database, "CREATE TABLE MINE (ID INTEGER);\n");

  g_auto (Outcome) outcome = run (fixture, "db migrate --yes");
  g_assert_cmpint (outcome.status, ==, 8);
  g_assert_nonnull (strstr (outcome.err, "holds tables of something else"));
  g_autofree char *users = path_in (fixture, "database/userdb.sqlite");
  g_assert_false (g_file_test (users, G_FILE_TEST_EXISTS));
}

static void
test_sample (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_auto (Outcome) init = run (fixture, "node init");
  g_auto (Outcome) loaded = run (fixture, "db sample -o json");
  g_assert_cmpint (init.status, ==, 0);
  g_assert_cmpint (loaded.status, ==, 0);
  JsonArray *tokens = json_object_get_array_member (parse (parser, loaded.out), "tokens");
  guint n_good = 0;
  for (guint i = 0; i < json_array_get_length (tokens); i++)
    {
      JsonObject *token = json_array_get_object_element (tokens, i);
      g_assert_nonnull (json_object_get_string_member (token, "token"));
      g_assert_nonnull (json_object_get_string_member (token, "context"));
      n_good += json_object_get_int_member (token, "expectedStatus") == 0;
    }
  g_assert_cmpuint (n_good, >, 0);
  g_assert_cmpuint (n_good, <, json_array_get_length (tokens));

  g_auto (Outcome) again = run (fixture, "db sample");
  g_assert_cmpint (again.status, ==, 6);
  g_assert_cmpstr (again.out, ==, "");
}

#define ADD(path, function) g_test_add ("/ctl-db/" path, Fixture, NULL, fixture_init, function, fixture_clear)

int
main (int argc, char **argv)
{
  /* Nobody is there to be asked, also when a person runs the tests. */
  int nobody = open ("/dev/null", O_RDONLY);
  dup2 (nobody, STDIN_FILENO);
  close (nobody);
  g_unsetenv ("APIMCTL_DB_PASSWORD");
  g_test_init (&argc, &argv, NULL);
  ADD ("node-init", test_node_init);
  ADD ("admin-password-file", test_admin_password_file);
  ADD ("bad-password-files", test_bad_password_files);
  ADD ("exposed-password-file", test_exposed_password_file);
  ADD ("check", test_check);
  ADD ("check-empty", test_check_empty);
  ADD ("check-broken", test_check_broken);
  ADD ("check-default-password", test_check_default_password);
  ADD ("check-partitions", test_check_partitions);
  ADD ("check-terminal", test_check_terminal);
  ADD ("check-url", test_check_url);
  ADD ("check-usage", test_check_usage);
  ADD ("bad-configuration", test_bad_configuration);
  ADD ("migrate", test_migrate);
  ADD ("migrate-older", test_migrate_older);
  ADD ("migrate-foreign", test_migrate_foreign);
  ADD ("sample", test_sample);
  return g_test_run ();
}
