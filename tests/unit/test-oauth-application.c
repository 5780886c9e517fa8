/* What an application decides about its tokens, on SQLite and on MariaDB as every release made it; and transactions that
 * only read. */
#include "config.h"
#include "store/st-oauth-application.h"
#include "tests/lib/generation-world.h"

#include <string.h>

static const struct
{
  const char *name;
  guint shape;         /* of the SQLite database; 0: none */
  const char *fixture; /* on MariaDB */
} worlds[] = {
  { "1.9", AM_1 | IDN_1_9, "1.9" },   { "1.10", AM_1 | IDN_1_10, "1.10" }, { "2.0", AM_2_0 | IDN_1_10, "2.0" },
  { "2.1", AM_2_0 | IDN_2_1, "2.1" }, { "2.2", AM_2_0 | IDN_2_2, "2.2" },  { "2.5", AM_2_5 | IDN_2_2, "2.5" },
  { "2.6", AM_2_5 | IDN_2_2, "2.6" }, { "2.0-from-1.9", 0, "2.0-from-1.9" },
};

typedef struct
{
  const char *consumer_key;
  gboolean jwt;
  GString *scopes; /* "key:role,role key:" */
} Question;

static int
compare_texts (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
ask (StWriter *writer, gpointer data, GError **error)
{
  Question *question = data;
  g_autoptr (GPtrArray) scopes = NULL;

  if (!st_oauth_application_wants_jwt (writer, question->consumer_key, &question->jwt, error)
      || !st_oauth_application_find_scopes (writer, question->consumer_key, &scopes, error))
    return FALSE;
  for (guint i = 0; i < scopes->len; i++)
    {
      const StScope *scope = g_ptr_array_index (scopes, i);
      g_autofree char *roles = NULL;

      /* Where they are rows of their own they come in any order. */
      qsort (scope->roles, g_strv_length (scope->roles), sizeof *scope->roles, compare_texts);
      roles = g_strjoinv (",", scope->roles);
      g_string_append_printf (question->scopes, "%s%s:%s", i == 0 ? "" : " ", scope->key, roles);
    }
  return TRUE;
}

static void
assert_application (GenerationWorld *world, const char *consumer_key, gboolean jwt, const char *scopes)
{
  g_autoptr (GString) found = g_string_new (NULL);
  Question question = { consumer_key, !jwt, found };
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", consumer_key);
  st_read (world->fixture->api_database, ask, &question, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (question.jwt, ==, jwt);
  g_assert_cmpstr (found->str, ==, scopes);
}

static void
check_world (GenerationWorld *world)
{
  generation_world_fill (world);
  if (!generation_world_is_mysql (world))
    generation_world_run (world, "CREATE TABLE IF NOT EXISTS AM_API_SCOPES (API_ID INTEGER, SCOPE_ID INTEGER);\n");
  generation_world_run (world, "INSERT INTO AM_API_SCOPES (API_ID, SCOPE_ID) VALUES (901, 901), (902, 902), (903, 901),"
                               " (903, 904);\n");
  assert_application (world, "Key-Prod", generation_world_has (world, ST_CAP_APP_TOKEN_TYPE),
                      "write:Internal/creator,editor open:");
  assert_application (world, "Key-Odd", FALSE, "write:Internal/creator,editor");
  assert_application (world, "key-prod", FALSE, "");
  assert_application (world, "Key-Prod ", FALSE, "");
  assert_application (world, "nobody", FALSE, "");
  /* What was left does not count. */
  generation_world_run (world, "UPDATE AM_SUBSCRIPTION SET SUBS_CREATE_STATE = 'UN_SUBSCRIBE' WHERE API_ID <> 902;\n");
  assert_application (world, "Key-Prod", generation_world_has (world, ST_CAP_APP_TOKEN_TYPE), "open:");
  generation_world_free (world);
}

static void
test_sqlite (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  check_world (generation_world_sqlite (worlds[i].name, worlds[i].shape));
}

static void
test_mysql (gconstpointer data)
{
  if (store_fixture_mysql_socket () == NULL)
    g_test_skip ("APIM_TEST_MYSQL_SOCKET names no server");
  else
    check_world (generation_world_mysql (worlds[GPOINTER_TO_UINT (data)].fixture));
}

static gboolean
write_a_row (StWriter *writer, gpointer data, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID, DATE_SUBSCRIBED) VALUES (5, 'x', 1, '2020-01-01')" };

  return st_writer_run (st_writer_query (writer, &insert, error), error);
}

/* A reader of the outer operation: a writer waits for nobody. */
static gboolean
read_beside_a_writer (StWriter *writer, gpointer data, GError **error)
{
  g_autoptr (GString) scopes = g_string_new (NULL);
  Question question = { "nobody", TRUE, scopes };

  return write_a_row (writer, NULL, error) && st_read (data, ask, &question, 0, error);
}

static void
check_reading (StoreFixture *fixture)
{
  g_autoptr (StoreFixture) owned = fixture;
  g_autoptr (GError) error = NULL;

  store_fixture_open (fixture);
  g_assert_false (st_read (fixture->api_database, write_a_row, NULL, 0, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (st_write (fixture->api_database, read_beside_a_writer, fixture->api_database, 0, &error));
  g_assert_no_error (error);
}

static void
test_reading_sqlite (void)
{
  check_reading (store_fixture_sqlite ());
}

static void
test_reading_mysql (void)
{
  if (store_fixture_mysql_socket () == NULL)
    g_test_skip ("APIM_TEST_MYSQL_SOCKET names no server");
  else
    check_reading (store_fixture_mysql (store_fixture_mysql_socket (), "latin1 COLLATE latin1_swedish_ci"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (worlds); i++)
    {
      g_autofree char *sqlite = g_strdup_printf ("/oauth-application/sqlite/%s", worlds[i].name);
      g_autofree char *mysql = g_strdup_printf ("/oauth-application/mariadb/%s", worlds[i].name);

      if (worlds[i].shape != 0)
        g_test_add_data_func (sqlite, GUINT_TO_POINTER (i), test_sqlite);
      g_test_add_data_func (mysql, GUINT_TO_POINTER (i), test_mysql);
    }
  g_test_add_func ("/read-transaction/sqlite", test_reading_sqlite);
  g_test_add_func ("/read-transaction/mariadb", test_reading_mysql);
  return g_test_run ();
}
