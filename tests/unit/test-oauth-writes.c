/* What is written of clients, tokens and codes, column by column, in the databases of every generation: every test on
 * every one. MariaDB's run where APIM_TEST_MYSQL_SOCKET names a server. */
#include "config.h"
#include "tests/unit/oauth-tests.h"

static gboolean
is_for (const OauthTest *test, const OauthGeneration *generation)
{
  return test->place == OAUTH_MYSQL     ? generation->mysql
         : test->place == OAUTH_HASHES  ? generation->hash != ST_OAUTH_HASH_NONE
         : test->place == OAUTH_FOREIGN ? generation->fixture != NULL
                                        : TRUE;
}

static void
add_tests (const OauthGeneration *generation, const OauthTest *tests)
{
  for (; tests->name != NULL; tests++)
    {
      g_autofree char *path = g_strdup_printf ("/oauth-writes/%s/%s", generation->name, tests->name);

      if (is_for (tests, generation))
        g_test_add_data_func (path, generation, tests->function);
    }
}

int
main (int argc, char *argv[])
{
  static const OauthTest *const all[] = { oauth_client_tests,   oauth_token_tests, oauth_form_tests,     oauth_code_tests,
                                          oauth_provider_tests, oauth_race_tests,  oauth_partition_tests };
  int status;

  g_test_init (&argc, &argv, NULL);
  for (const OauthGeneration *each = oauth_generations; each->name != NULL; each++)
    for (guint i = 0; i < G_N_ELEMENTS (all); i++)
      if (!each->mysql || store_fixture_mysql_socket () != NULL)
        add_tests (each, all[i]);
  status = g_test_run ();
  oauth_world_end ();
  return status;
}
