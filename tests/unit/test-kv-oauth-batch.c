/* Group commit: many threads that write at once, and many operations that nobody waits for, some of them in vain. */
#include "config.h"
#include "keyvalidator/oauth/kv-oauth-batch.h"
#include "tests/lib/store-fixture.h"

#define N_THREADS 6
#define N_ROUNDS 20

typedef struct
{
  KvOauthBatch *batch;
  guint thread;
  guint number;
  guint failed; /* as they had to */
} Writer;

/* Adds a row. Every third one fails after it: by a key that is taken already, or of its own will. */
static gboolean
add_row (StWriter *writer, gpointer data, GError **error)
{
  static const StStatement insert = { "INSERT INTO BATCH_ROWS (NUMBER) VALUES (?)" };
  const Writer *self = data;
  StQuery *query = st_writer_query (writer, &insert, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, self->number);
  if (!st_writer_run (query, error))
    return FALSE;
  if (self->number % 3 == 1)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "not wanted");
      return FALSE;
    }
  if (self->number % 3 != 2)
    return TRUE;
  query = st_writer_query (writer, &insert, error); /* the same again */
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, self->number);
  return st_writer_run (query, error);
}

static gpointer
run_writer (gpointer data)
{
  Writer *self = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean written;
      int why;

      self->number = self->thread * N_ROUNDS + i;
      why = self->number % 3 == 1 ? ST_ERROR_DATA : ST_ERROR_CONFLICT;
      written = kv_oauth_batch_write (self->batch, add_row, self, 0, &error);
      g_assert_cmpint (written, ==, self->number % 3 == 0);
      if (written)
        g_assert_no_error (error);
      else
        g_assert_error (error, ST_ERROR, why);
      self->failed += !written;
    }
  return NULL;
}

static void
check_rows (StDatabase *database)
{
  static const StStatement select = { "SELECT COUNT(*), MIN(NUMBER), MAX(NUMBER % 3) FROM BATCH_ROWS" };
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_database_query (database, &select, 0, &error);

  g_assert_no_error (error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
  g_assert_cmpint (st_query_int64 (query, 0), ==, N_THREADS * N_ROUNDS / 3);
  g_assert_cmpint (st_query_int64 (query, 1), ==, 0);
  g_assert_cmpint (st_query_int64 (query, 2), ==, 0);
}

static void
check_batch (StoreFixture *fixture)
{
  g_autoptr (StoreFixture) owned = fixture;
  g_autoptr (KvOauthBatch) batch = NULL;
  Writer writers[N_THREADS] = { { NULL } };
  GThread *threads[N_THREADS];

  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, "CREATE TABLE BATCH_ROWS (NUMBER INTEGER PRIMARY KEY);\n");
  batch = kv_oauth_batch_new (fixture->api_database, NULL, 64);
  for (guint i = 0; i < N_THREADS; i++)
    {
      writers[i] = (Writer){ .batch = batch, .thread = i };
      threads[i] = g_thread_new ("writer", run_writer, &writers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (writers[i].failed, >, 0);
    }
  check_rows (fixture->api_database);
}

static void
test_sqlite (void)
{
  check_batch (store_fixture_sqlite ());
}

/* An operation that nobody waits for. */
typedef struct
{
  KvOauthWrite write;
  Writer writer;
  gint *left;
} Pushed;

static void
check_pushed (KvOauthWrite *write)
{
  Pushed *pushed = (Pushed *) write;
  guint number = pushed->writer.number;
  int why = number % 3 == 1 ? ST_ERROR_DATA : ST_ERROR_CONFLICT;

  g_assert_cmpint (write->kept, ==, number % 3 == 0);
  if (write->kept)
    g_assert_no_error (write->error);
  else
    g_assert_error (write->error, ST_ERROR, why);
  g_clear_error (&write->error);
  g_atomic_int_add (pushed->left, -1);
}

/* The pool ends before the batch, and runs what waits. */
static void
test_pushed (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  ApimPool *pool = apim_pool_new ("test", 2, 4);
  g_autoptr (KvOauthBatch) batch = NULL;
  Pushed pushed[N_THREADS * N_ROUNDS] = { 0 };
  gint left = G_N_ELEMENTS (pushed);

  store_fixture_open (fixture);
  store_fixture_run (fixture->api_database, "CREATE TABLE BATCH_ROWS (NUMBER INTEGER PRIMARY KEY);\n");
  batch = kv_oauth_batch_new (fixture->api_database, pool, G_N_ELEMENTS (pushed));
  for (guint i = 0; i < G_N_ELEMENTS (pushed); i++)
    {
      pushed[i] = (Pushed){ .writer = { .number = i }, .left = &left };
      pushed[i].write = (KvOauthWrite){
        .work = add_row, .data = &pushed[i].writer, .done = check_pushed, .deadline_us = G_MAXINT64
      };
      g_assert_true (kv_oauth_batch_push (batch, &pushed[i].write));
    }
  apim_pool_free (pool);
  g_assert_cmpint (left, ==, 0);
  check_rows (fixture->api_database);
}

/* Too many, or nobody who would write: the caller keeps it, and hears so at once. */
static void
test_not_taken (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (ApimPool) pool = apim_pool_new ("test", 1, 0);
  g_autoptr (KvOauthBatch) closed = NULL;
  g_autoptr (KvOauthBatch) without_pool = NULL;
  KvOauthWrite write = { .work = add_row, .done = check_pushed, .deadline_us = G_MAXINT64 };

  store_fixture_open (fixture);
  closed = kv_oauth_batch_new (fixture->api_database, pool, 0);
  without_pool = kv_oauth_batch_new (fixture->api_database, NULL, 8);
  g_assert_false (kv_oauth_batch_push (closed, &write));
  g_assert_false (kv_oauth_batch_push (without_pool, &write));
}

static gboolean
write_nothing (StWriter *writer, gpointer data, GError **error)
{
  return TRUE;
}

/* What the database refuses is everybody's error. */
static void
test_no_database (void)
{
  g_autoptr (StoreFixture) fixture = store_fixture_sqlite ();
  g_autoptr (GError) error = NULL;
  g_autoptr (StDatabase) database = st_database_open (&fixture->api, &fixture->limits, &error);
  g_autoptr (KvOauthBatch) batch = kv_oauth_batch_new (database, NULL, 64);

  g_assert_no_error (error);
  g_assert_false (kv_oauth_batch_write (batch, write_nothing, NULL, 0, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oauth-batch/sqlite", test_sqlite);
  g_test_add_func ("/oauth-batch/pushed", test_pushed);
  g_test_add_func ("/oauth-batch/not-taken", test_not_taken);
  g_test_add_func ("/oauth-batch/no-database", test_no_database);
  return g_test_run ();
}
