/* Assertions that were used, on every release's database, and what becomes of two that come at once. */
#include "config.h"

#include "store/st-used-assertions.h"
#include "tests/lib/write-world.h"

#define EXPIRES_MS G_GINT64_CONSTANT (1893456300000)
#define FAR_MS G_GINT64_CONSTANT (253402300799000) /* the last second of the year 9999 */
#define ALL "SELECT ASSERTION_DIGEST, EXPIRES_MS FROM APIM_USED_ASSERTION ORDER BY ASSERTION_DIGEST"

static const char one[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char two[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

static gboolean
skip_without_table (WriteWorld *world)
{
  gboolean used;

  if (write_world_has (world, ST_CAP_USED_ASSERTIONS))
    return FALSE;
  REFUSE (world, ST_ERROR_SCHEMA, "APIM_USED_ASSERTION",
          st_assertion_use (writer, one, EXPIRES_MS, &used, &error));
  REFUSE (world, ST_ERROR_SCHEMA, "APIM_USED_ASSERTION", st_assertions_forget (writer, EXPIRES_MS, &error));
  return TRUE;
}

static void
use (WriteWorld *world, const char *digest, gint64 expires_ms, gboolean expected)
{
  gboolean used = !expected;

  WRITE (world, st_assertion_use (writer, digest, expires_ms, &used, &error));
  g_assert_cmpint (used, ==, expected);
}

static void
test_use (WriteWorld *world)
{
  gboolean used = TRUE;

  if (skip_without_table (world))
    return;
  g_assert_true (st_assertion_use (write_begin (world), one, EXPIRES_MS, &used, NULL));
  g_assert_false (used);
  write_end (world, FALSE);
  write_world_rows (world, ALL, ""); /* what is rolled back was not used */
  use (world, one, EXPIRES_MS, FALSE);
  use (world, one, EXPIRES_MS, TRUE);
  use (world, one, FAR_MS, TRUE);
  use (world, two, FAR_MS, FALSE);
  write_world_rows (world, ALL,
                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|1893456300000\n"
                    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb|253402300799000");
}

static void
test_forget (WriteWorld *world)
{
  if (skip_without_table (world))
    return;
  use (world, one, EXPIRES_MS, FALSE);
  use (world, two, FAR_MS, FALSE);
  WRITE (world, st_assertions_forget (writer, EXPIRES_MS, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_USED_ASSERTION"), ==, 2);
  WRITE (world, st_assertions_forget (writer, EXPIRES_MS + 1, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_USED_ASSERTION"), ==, 1);
  use (world, one, EXPIRES_MS, FALSE);
  use (world, two, FAR_MS, TRUE);
}

/* Many at once with one assertion. */
typedef struct
{
  WriteWorld *world;
  guint n_first; /* atomic: how many were told that it was not used before */
} Crowd;

static gboolean
use_it (StWriter *writer, gpointer data, GError **error)
{
  return st_assertion_use (writer, one, EXPIRES_MS, data, error);
}

static gpointer
try_it (gpointer data)
{
  Crowd *crowd = data;
  gboolean used = TRUE;
  gboolean done;

  do
    {
      g_autoptr (GError) error = NULL;

      done = st_write (crowd->world->database, use_it, &used, 0, &error);
      if (!done && !g_error_matches (error, ST_ERROR, ST_ERROR_CONFLICT)
          && !g_error_matches (error, ST_ERROR, ST_ERROR_RETRY))
        g_error ("%s", error->message);
    }
  while (!done);
  if (!used)
    __atomic_fetch_add (&crowd->n_first, 1, __ATOMIC_RELAXED);
  return NULL;
}

static void
test_crowd (WriteWorld *world)
{
  Crowd crowd = { world, 0 };
  GThread *threads[8];

  if (skip_without_table (world))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("user", try_it, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (crowd.n_first, ==, 1);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM APIM_USED_ASSERTION"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/used-assertions/use", test_use);
  write_world_add_few ("/used-assertions/forget", test_forget);
  write_world_add_few ("/used-assertions/crowd", test_crowd);
  return write_world_run_tests ();
}
