/* Copies of SQLite databases made under writers, and files that are not whole. */
#include "config.h"

#include "store/st-backup.h"
#include "store/st-schema.h"
#include "tests/lib/store-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INSERT_BALANCED "INSERT INTO AM_API (API_NAME, CONTEXT) VALUES ('left', '/l');\n" \
                        "INSERT INTO AM_API (API_NAME, CONTEXT) VALUES ('right', '/r');\n"

static gint64
count (const ApimDataSource *source, const ApimLimits *limits, const char *what)
{
  static const StStatement statement = { "SELECT COUNT(*) FROM AM_API WHERE API_NAME = ?", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (StDatabase) database = st_database_open (source, limits, &error);
  g_autoptr (StQuery) query = st_database_query (database, &statement, 0, &error);

  g_assert_no_error (error);
  st_query_bind_text (query, 0, what);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
  g_assert_no_error (error);
  return st_query_int64 (query, 0);
}

typedef struct
{
  StoreFixture *fixture;
  gint stop; /* atomic */
} Writer;

static gpointer
write_pairs (gpointer data)
{
  Writer *writer = data;

  while (!g_atomic_int_get (&writer->stop))
    store_fixture_run (writer->fixture->api_database, INSERT_BALANCED);
  return NULL;
}

/* Each transaction is in the copy wholly or not at all, and everything that was answered before the copy began. */
static void
test_under_a_writer (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  Writer writer = { fixture, 0 };
  GThread *thread;

  store_fixture_open (fixture);
  thread = g_thread_new ("writer", write_pairs, &writer);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/copy-%u", fixture->folder, i);
      gint64 before = count (&fixture->api, &fixture->limits, "left");
      ApimDataSource copy = fixture->api;
      StFileState state;
      struct stat info;

      g_assert_true (st_backup (&fixture->api, path, &error));
      g_assert_no_error (error);
      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);
      copy.path = path;
      g_assert_true (st_file_check (&copy, &state, &error));
      g_assert_cmpint (count (&copy, &fixture->limits, "left"), ==, count (&copy, &fixture->limits, "right"));
      g_assert_cmpint (count (&copy, &fixture->limits, "left"), >=, before);
    }
  g_atomic_int_set (&writer.stop, 1);
  g_thread_join (thread);
}

/* A copy is a database of ours, which a node can go on with. */
static void
test_usable (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autofree char *path = g_build_filename (fixture->folder, "copy", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (StDatabase) database = NULL;
  ApimDataSource copy;
  StSchemaReport report;

  store_fixture_open (fixture);
  copy = fixture->api;
  copy.path = path;
  g_assert_true (st_backup (&fixture->api, path, &error));
  database = st_database_open (&copy, &fixture->limits, &error);
  g_assert_true (st_schema_inspect (database, ST_SCHEMA_API, &report, &error));
  g_assert_cmpint (report.state, ==, ST_SCHEMA_OURS);
  g_assert_cmpuint (report.version, ==, report.latest);
  store_fixture_run (database, INSERT_BALANCED);
}

static void
test_refuses (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autofree char *path = g_build_filename (fixture->folder, "there", NULL);
  g_autofree char *nowhere = g_build_filename (fixture->folder, "no-such-folder", "copy", NULL);
  g_autofree char *fresh = g_build_filename (fixture->folder, "fresh", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  ApimDataSource missing;

  store_fixture_open (fixture);
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  g_assert_false (st_backup (&fixture->api, path, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_clear_error (&error);
  g_assert_false (st_backup (&fixture->api, nowhere, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  missing = fixture->api;
  missing.path = nowhere;
  g_assert_false (st_backup (&missing, fresh, &error));
  g_assert_nonnull (error);
  g_assert_false (g_file_test (fresh, G_FILE_TEST_EXISTS));
}

/* Bytes in the middle of the file, where rows and indexes are. */
static void
damage (const char *path)
{
  int fd = open (path, O_RDWR | O_CLOEXEC);
  char noise[4096];
  struct stat info;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  memset (noise, 0x5a, sizeof noise);
  for (off_t at = 8 * 4096; at + (off_t) sizeof noise <= info.st_size; at += 4 * 4096)
    g_assert_cmpint (pwrite (fd, noise, sizeof noise, at), ==, sizeof noise);
  close (fd);
}

static void
close_databases (StoreFixture *fixture)
{
  g_clear_pointer (&fixture->api_database, st_database_free);
  g_clear_pointer (&fixture->user_database, st_database_free);
}

static void
fill (StoreFixture *fixture)
{
  store_fixture_run (
      fixture->api_database,
      "INSERT INTO AM_API (API_NAME, CONTEXT) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
      " WHERE i < 20000) SELECT 'api', '/' || i FROM n;\n");
}

/* Closed in good order: only opened. Its log left behind: read through. */
static void
test_check (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;
  StFileState state;

  store_fixture_open (fixture);
  fill (fixture);
  log = g_strconcat (fixture->api.path, "-wal", NULL);
  g_assert_true (g_file_test (log, G_FILE_TEST_EXISTS));
  g_assert_true (st_file_check (&fixture->api, &state, &error));
  g_assert_cmpint (state, ==, ST_FILE_WHOLE);
  close_databases (fixture);
  g_assert_true (st_file_check (&fixture->api, &state, &error));
  g_assert_no_error (error);
  g_assert_cmpint (state, ==, ST_FILE_NOT_LOOKED_INTO);
}

static void
test_damaged (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autofree char *copy = g_build_filename (fixture->folder, "copy", NULL);
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;
  StFileState state;

  store_fixture_open (fixture);
  fill (fixture);
  close_databases (fixture);
  damage (fixture->api.path);
  g_assert_false (st_backup (&fixture->api, copy, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  g_assert_false (g_file_test (copy, G_FILE_TEST_EXISTS));
  g_clear_error (&error);
  /* As after a crash: a log that SQLite finds nothing in. */
  log = g_strconcat (fixture->api.path, "-wal", NULL);
  g_assert_true (g_file_set_contents (log, "rest", -1, NULL));
  g_assert_false (st_file_check (&fixture->api, &state, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  g_assert_nonnull (strstr (error->message, "is damaged ("));
  g_assert_nonnull (strstr (error->message, "apimctl db backup"));
}

static void
test_no_database (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  StFileState state;

  store_fixture_open (fixture);
  close_databases (fixture);
  g_assert_cmpint (truncate (fixture->api.path, 8192), ==, 0);
  g_assert_false (st_file_check (&fixture->api, &state, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (fixture->api.path, "This was a database once, long ago.", -1, NULL));
  g_assert_false (st_file_check (&fixture->api, &state, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
}

/* A full disk: what is said, that nothing of it is there, and that it goes on afterwards. */
static void
test_full (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  StTransaction *transaction;

  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, "PRAGMA max_page_count = 1;\n"); /* never below what there is */
  transaction = st_transaction_begin (fixture->api_database, 0, &error);
  g_assert_no_error (error);
  g_assert_false (st_transaction_script (transaction,
                                         "INSERT INTO AM_API (API_NAME, CONTEXT) VALUES ('half', '/h');\n"
                                         "INSERT INTO AM_API (API_NAME, CONTEXT) WITH RECURSIVE n (i) AS (SELECT 1"
                                         " UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 'half', i FROM"
                                         " n;\n",
                                         &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "no space is left"));
  st_transaction_rollback (transaction);
  g_assert_cmpint (count (&fixture->api, &fixture->limits, "half"), ==, 0);
  store_fixture_run (fixture->api_database, "PRAGMA max_page_count = 1000000;\n");
  store_fixture_run (fixture->api_database, INSERT_BALANCED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backup/under-a-writer", test_under_a_writer);
  g_test_add_func ("/backup/usable", test_usable);
  g_test_add_func ("/backup/refuses", test_refuses);
  g_test_add_func ("/file/check", test_check);
  g_test_add_func ("/file/damaged", test_damaged);
  g_test_add_func ("/file/no-database", test_no_database);
  g_test_add_func ("/file/full", test_full);
  return g_test_run ();
}
