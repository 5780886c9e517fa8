/* Our own tables in a database that WSO2's scripts made: what is seen of them, what is made, and what is refused. */
#include "config.h"

#include "store/st-capabilities.h"
#include "store/st-portal-setup.h"
#include "tests/lib/store-fixture.h"

#include <string.h>

#define API ST_SCHEMA_BIT (ST_SCHEMA_API)
#define USERS ST_SCHEMA_BIT (ST_SCHEMA_USER)

/* NULL: there is no MariaDB. */
static StoreFixture *
open_foreign (void)
{
  StoreFixture *fixture;

  if (store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return NULL;
    }
  fixture = store_fixture_mysql (store_fixture_mysql_socket (), "latin1 COLLATE latin1_swedish_ci");
  store_fixture_open (fixture);
  store_fixture_make_foreign (fixture);
  return fixture;
}

static StPortalReport
assert_state (StDatabase *database, guint parts, StPortalState state)
{
  g_autoptr (GError) error = NULL;
  StPortalReport report;

  st_portal_inspect (database, parts, 0, &report, &error);
  g_assert_no_error (error);
  g_assert_false (report.ours);
  g_assert_cmpstr (st_portal_state_text (report.state), ==, st_portal_state_text (state));
  return report;
}

static void
take_out (StDatabase *database, guint parts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = st_portal_remove_script (database, parts, &error);

  g_assert_no_error (error);
  st_portal_remove (database, script, &error);
  g_assert_no_error (error);
  assert_state (database, parts, ST_PORTAL_ABSENT);
}

static void
put_in (StDatabase *database, guint parts)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = st_portal_install_script (database, parts, &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  st_portal_install (database, parts, script, &error);
  g_assert_no_error (error);
  assert_state (database, parts, ST_PORTAL_INSTALLED);
  again = st_portal_install_script (database, parts, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, "");
}

/* All that a node looks for, and nothing of the change feed. */
static void
test_install (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign ();
  g_autoptr (GError) error = NULL;
  StPortalReport report;
  guint capabilities;

  if (fixture == NULL)
    return;
  take_out (fixture->api_database, API);
  take_out (fixture->user_database, USERS);
  g_assert_true (st_capabilities_read (fixture->api_database, 0, &capabilities, &error));
  g_assert_cmphex (capabilities & (ST_CAP_API_ARTIFACT | ST_CAP_USED_ASSERTIONS), ==, 0);
  put_in (fixture->api_database, API);
  put_in (fixture->user_database, USERS);
  g_assert_true (st_capabilities_read (fixture->api_database, 0, &capabilities, &error));
  g_assert_cmphex (
      ~capabilities
          & (ST_CAP_API_ARTIFACT | ST_CAP_USED_ASSERTIONS | ST_CAP_PENDING_REMOVALS | ST_CAP_REGISTRY_IMPORTS),
      ==, 0);
  report = assert_state (fixture->api_database, API, ST_PORTAL_INSTALLED);
  g_assert_cmpuint (report.n_wanted, ==, 6);
  g_assert_cmpint (report.apis, ==, 0);
}

/* Broken off; and one that is not ours. */
static void
test_half (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign ();
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database, "DROP TABLE APIM_API_DOCUMENT;\n");
  assert_state (fixture->api_database, API, ST_PORTAL_HALF);
  put_in (fixture->api_database, API);
  store_fixture_run (fixture->api_database, "ALTER TABLE APIM_API_ARTIFACT DROP COLUMN DEFINITION;\n");
  assert_state (fixture->api_database, API, ST_PORTAL_HALF);
  script = st_portal_install_script (fixture->api_database, API, &error);
  g_assert_null (script);
  g_assert_error (error, ST_ERROR, ST_ERROR_SETUP);
  g_assert_nonnull (strstr (error->message, "APIM_API_ARTIFACT is there without the column DEFINITION"));
}

/* Somebody else was quicker, or a table cannot be made: what was there stays, and what was not is not left behind. */
static void
test_failure (void)
{
  g_autoptr (StoreFixture) fixture = open_foreign ();
  g_autoptr (GError) meanwhile = NULL, broken = NULL, error = NULL;
  g_autofree char *script = NULL, *bad = NULL;

  if (fixture == NULL)
    return;
  take_out (fixture->api_database, API);
  script = st_portal_install_script (fixture->api_database, API, &error);
  g_assert_no_error (error);
  bad = g_strconcat (script, "CREATE TABLE APIM_API_ARTIFACT (ID INTEGER);\n", NULL);
  g_assert_false (st_portal_install (fixture->api_database, API, bad, &broken));
  g_assert_nonnull (strstr (broken->message, "none of the tables was left behind"));
  assert_state (fixture->api_database, API, ST_PORTAL_ABSENT);
  store_fixture_run (fixture->api_database, "CREATE TABLE APIM_USED_ASSERTION (ID INTEGER);\n");
  g_assert_false (st_portal_install (fixture->api_database, API, bad, &meanwhile));
  g_assert_nonnull (strstr (meanwhile->message, "may be there"));
}

static void
test_refused (void)
{
  g_autoptr (StoreFixture) sqlite = store_fixture_sqlite ();
  g_autoptr (StoreFixture) fixture = NULL;
  g_autoptr (GError) ours = NULL, part = NULL, newer = NULL;

  store_fixture_open (sqlite);
  g_assert_null (st_portal_install_script (sqlite->api_database, API, &ours));
  g_assert_error (ours, ST_ERROR, ST_ERROR_SCHEMA);
  fixture = open_foreign ();
  if (fixture == NULL)
    return;
  g_assert_null (st_portal_install_script (fixture->user_database, API, &part));
  g_assert_error (part, ST_ERROR, ST_ERROR_SCHEMA);
  store_fixture_run (fixture->api_database,
                     "DROP TABLE APIM_USED_ASSERTION;\nCREATE TABLE AM_SYSTEM_APPS (ID INTEGER);\n");
  g_assert_null (st_portal_install_script (fixture->api_database, API, &newer));
  g_assert_error (newer, ST_ERROR, ST_ERROR_SCHEMA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/portal-setup/install", test_install);
  g_test_add_func ("/portal-setup/half", test_half);
  g_test_add_func ("/portal-setup/failure", test_failure);
  g_test_add_func ("/portal-setup/refused", test_refused);
  return g_test_run ();
}
