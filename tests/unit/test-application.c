/* Applications as JWTs tell of them, and the claims of users, on SQLite and on MariaDB as every release made it. */
#include "config.h"

#include "store/st-application.h"
#include "store/st-user-claims.h"
#include "tests/lib/generation-world.h"

#include <string.h>

static const struct
{
  const char *name;
  guint shape;         /* of the SQLite database; 0: none */
  const char *fixture; /* on MariaDB; NULL: none */
} worlds[] = {
  { "1.9", AM_1 | IDN_1_9, "1.9" },   { "1.10", AM_1 | IDN_1_10, "1.10" },   { "2.0", AM_2_0 | IDN_1_10, "2.0" },
  { "2.1", AM_2_0 | IDN_2_1, "2.1" }, { "2.2", AM_2_0 | IDN_2_2, "2.2" },    { "2.5", AM_2_5 | IDN_2_2, "2.5" },
  { "2.6", AM_2_5 | IDN_2_2, "2.6" }, { "2.0-from-1.9", 0, "2.0-from-1.9" },
};

/* Applications */

static StApplication *
find (StDatabase *database, const char *consumer_key)
{
  StApplication *application = (StApplication *) database; /* must be overwritten */
  g_autoptr (GError) error = NULL;

  st_application_find (database, consumer_key, 0, &application, &error);
  g_assert_no_error (error);
  return application;
}

static void
add_what_the_generation_has (GenerationWorld *world)
{
  if (generation_world_has (world, ST_CAP_APPLICATION_UUID))
    generation_world_run (world, "UPDATE AM_APPLICATION SET UUID = 'u-901' WHERE APPLICATION_ID = 901;\n");
  if (generation_world_has (world, ST_CAP_APP_ATTRIBUTES))
    generation_world_run (world,
                          "INSERT INTO AM_APPLICATION_ATTRIBUTES (APPLICATION_ID, NAME, VALUE, TENANT_ID) VALUES"
                          " (901, 'Ref', '12', -1234), (901, 'Billing', 'Gold', -1234), (902, 'Ref', 'x', -1234);\n");
}

static void
check_application (GenerationWorld *world)
{
  g_autoptr (StApplication) application = find (world->fixture->api_database, "Key-Prod");
  g_autoptr (StApplication) odd = find (world->fixture->api_database, "Key-Odd");
  gboolean typed = generation_world_has (world, ST_CAP_APP_TOKEN_TYPE);
  g_autofree char *attributes = NULL;

  g_assert_nonnull (application);
  g_assert_cmpint (application->id, ==, 901);
  g_assert_cmpstr (application->name, ==, "App");
  g_assert_cmpstr (application->tier, ==, "Unlimited");
  g_assert_cmpstr (application->owner, ==, "alice");
  g_assert_cmpint (application->owner_tenant_id, ==, -1234);
  g_assert_cmpstr (application->key_type, ==, "PRODUCTION");
  g_assert_cmpstr (application->token_type, ==, typed ? "JWT" : NULL);
  g_assert_cmpstr (application->uuid, ==, generation_world_has (world, ST_CAP_APPLICATION_UUID) ? "u-901" : NULL);
  attributes = g_strjoinv ("|", application->attributes);
  g_assert_cmpstr (attributes, ==, generation_world_has (world, ST_CAP_APP_ATTRIBUTES) ? "Billing|Gold|Ref|12" : "");
  g_assert_cmpstr (odd->key_type, ==, "SANDBOX");
  g_assert_null (odd->token_type);
  g_assert_null (find (world->fixture->api_database, "key-prod"));
  g_assert_null (find (world->fixture->api_database, "Key-Prod "));
  g_assert_null (find (world->fixture->api_database, "nobody"));
}

/* Of "Spiky" the super tenant and the tenant 7 have one, of "Foreign" the latter, of "Nowhere" nobody. */
static void
check_policies (const GPtrArray *apis, gboolean has_policies)
{
  static const gboolean super[] = { TRUE, FALSE, TRUE, FALSE }, seven[] = { TRUE, TRUE, TRUE, FALSE };

  for (guint i = 0; i < apis->len; i++)
    {
      g_assert_cmpint (st_subscribed_api_has_policy (apis->pdata[i], -1234), ==, has_policies && super[i]);
      g_assert_cmpint (st_subscribed_api_has_policy (apis->pdata[i], 7), ==, has_policies && seven[i]);
      g_assert_false (st_subscribed_api_has_policy (apis->pdata[i], 1234));
    }
}

static void
check_apis (GenerationWorld *world)
{
  g_autoptr (GPtrArray) apis = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  st_application_find_apis (world->fixture->api_database, 901, 0, &apis, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < apis->len; i++)
    {
      const StSubscribedApi *api = apis->pdata[i];

      g_string_append_printf (text, "%s %s %s %s %s %s\n", api->api_name, api->context, api->version, api->provider,
                              api->tier, api->status != NULL ? api->status : "-");
    }
  g_assert_cmpstr (text->str, ==,
                   "Weather /weather/1.0.0 1.0.0 admin Spiky -\n"
                   "Orders /t/example.com/orders/1.0 1.0 dave@example.com Foreign UNBLOCKED\n"
                   "Weather /weather/1.0.0 1.0.0 admin Spiky ON_HOLD\n"
                   "Weather /weather/2.0.0 2.0.0 admin Nowhere UNBLOCKED\n");
  check_policies (apis, generation_world_has (world, ST_CAP_POLICIES));
  st_application_find_apis (world->fixture->api_database, 77, 0, &none, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
}

/* More than a token could hold. */
static void
check_too_many (GenerationWorld *world)
{
  g_autoptr (GString) script = g_string_new (NULL);
  g_autoptr (GPtrArray) apis = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < ST_APPLICATION_MAX_APIS; i++)
    g_string_append_printf (
        script,
        "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS) VALUES"
        " (%u, 'Gold', 901, 901, 'UNBLOCKED');\n",
        2000 + i);
  generation_world_run (world, script->str);
  g_assert_false (st_application_find_apis (world->fixture->api_database, 901, 0, &apis, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  g_assert_null (apis);
}

static void
check_world (GenerationWorld *world, gboolean to_the_limit)
{
  generation_world_fill (world);
  add_what_the_generation_has (world);
  check_application (world);
  check_apis (world);
  if (to_the_limit)
    check_too_many (world);
  generation_world_free (world);
}

static void
test_sqlite (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  check_world (generation_world_sqlite (worlds[i].name, worlds[i].shape), i == 0);
}

static void
test_mysql (gconstpointer data)
{
  if (store_fixture_mysql_socket () == NULL)
    g_test_skip ("APIM_TEST_MYSQL_SOCKET names no server");
  else
    check_world (generation_world_mysql (worlds[GPOINTER_TO_UINT (data)].fixture), FALSE);
}

/* Claims */

static const char users[]
    = "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_CHANGED_TIME, UM_TENANT_ID) VALUES"
      " (901, 'bob', 'x', '2001-02-03 04:05:06', -1234), (902, 'eve', 'x', '2001-02-03 04:05:06', -1234);\n"
      "INSERT INTO UM_USER_ATTRIBUTE (UM_ATTR_NAME, UM_ATTR_VALUE, UM_PROFILE_ID, UM_USER_ID, UM_TENANT_ID) VALUES"
      " ('sn', 'Builder', 'default', 901, -1234), ('mail', 'bob@example.com', 'default', 901, -1234),"
      " ('mail', 'work@example.com', 'work', 901, -1234), ('mail', 'second@example.com', 'default', 901, -1234),"
      " ('country', '', 'default', 901, -1234), ('title', NULL, 'default', 901, -1234),"
      " ('shoeSize', '43', 'default', 901, -1234), ('mail', 'eve@example.com', 'default', 902, -1234);\n";

static char *
claims_of (StoreFixture *fixture, gint user_id, const char *dialect)
{
  g_autoptr (GPtrArray) mappings = NULL;
  g_autoptr (GPtrArray) claims = NULL;
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);

  st_claim_mappings_find (fixture->user_database, -1234, dialect, 0, &mappings, &error);
  g_assert_no_error (error);
  st_user_claims_find (fixture->user_database, -1234, user_id, mappings, 0, &claims, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < claims->len; i++)
    g_string_append_printf (text, "%s=%s\n", ((StUserClaim *) claims->pdata[i])->uri,
                            ((StUserClaim *) claims->pdata[i])->value);
  return g_string_free (text, FALSE);
}

static void
assert_claims (StoreFixture *fixture, gint user_id, const char *dialect, const char *expected)
{
  g_autofree char *text = claims_of (fixture, user_id, dialect);

  g_assert_cmpstr (text, ==, expected);
}

static void
check_claims (StoreFixture *fixture)
{
  store_fixture_open (fixture);
  store_fixture_run (fixture->user_database, users);
  assert_claims (fixture, 901, ST_DEFAULT_CLAIM_DIALECT,
                 "http://wso2.org/claims/emailaddress=bob@example.com\nhttp://wso2.org/claims/lastname=Builder\n");
  assert_claims (fixture, 902, ST_DEFAULT_CLAIM_DIALECT, "http://wso2.org/claims/emailaddress=eve@example.com\n");
  assert_claims (fixture, 903, ST_DEFAULT_CLAIM_DIALECT, "");
  assert_claims (fixture, 901, "http://example.com/d", "");
  /* Once the tenant has rows of its own, they count. */
  store_fixture_run (
      fixture->user_database,
      "INSERT INTO UM_DIALECT (UM_ID, UM_DIALECT_URI, UM_TENANT_ID) VALUES"
      " (901, 'http://wso2.org/claims', -1234), (902, 'http://example.com/d', -1234),"
      " (903, 'http://wso2.org/claims', 7);\n"
      "INSERT INTO UM_CLAIM (UM_DIALECT_ID, UM_CLAIM_URI, UM_MAPPED_ATTRIBUTE, UM_TENANT_ID) VALUES"
      " (901, 'http://wso2.org/claims/shoe', 'shoeSize', -1234), (901, 'http://wso2.org/claims/nothing', NULL, -1234),"
      " (902, 'http://example.com/d/mail', 'mail', -1234), (902, 'http://example.com/d/mail', 'sn', -1234),"
      " (902, 'http://example.com/d/a', 'sn', -1234), (903, 'http://wso2.org/claims/other', 'mail', 7);\n");
  assert_claims (fixture, 901, ST_DEFAULT_CLAIM_DIALECT, "http://wso2.org/claims/shoe=43\n");
  assert_claims (fixture, 901, "http://example.com/d",
                 "http://example.com/d/a=Builder\nhttp://example.com/d/mail=bob@example.com\n");
  store_fixture_free (fixture);
}

static void
test_claims_sqlite (void)
{
  check_claims (store_fixture_sqlite ());
}

static void
test_claims_mysql (void)
{
  if (store_fixture_mysql_socket () == NULL)
    g_test_skip ("APIM_TEST_MYSQL_SOCKET names no server");
  else
    check_claims (store_fixture_mysql (store_fixture_mysql_socket (), "latin1 COLLATE latin1_swedish_ci"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (worlds); i++)
    {
      g_autofree char *sqlite = g_strdup_printf ("/application/sqlite/%s", worlds[i].name);
      g_autofree char *mysql = g_strdup_printf ("/application/mariadb/%s", worlds[i].name);

      if (worlds[i].shape != 0)
        g_test_add_data_func (sqlite, GUINT_TO_POINTER (i), test_sqlite);
      g_test_add_data_func (mysql, GUINT_TO_POINTER (i), test_mysql);
    }
  g_test_add_func ("/user-claims/sqlite", test_claims_sqlite);
  g_test_add_func ("/user-claims/mariadb", test_claims_mysql);
  return g_test_run ();
}
