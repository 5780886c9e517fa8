/* Subscribers, applications and their keys, row by row, on every release's tables. */
#include "config.h"

#include "store/st-application-writes.h"
#include "store/st-key-writes.h"
#include "tests/lib/write-world.h"

#include <string.h>

static const StNewSubscriber alice = { "alice", -1234, NULL };
static const StNewSubscriber dave = { "dave@example.com", 1, "dave@example.com" };

static gint64
subscriber_of (WriteWorld *world, const StNewSubscriber *subscriber)
{
  gint64 id = 0;

  WRITE (world, st_write_first_access (writer, subscriber, NULL, &id, &error));
  g_assert_cmpint (id, >, 0);
  return id;
}

static gint64
application_of (WriteWorld *world, const char *name)
{
  StApplicationOrigin origin = { subscriber_of (world, &alice), "alice", NULL, "APPROVED" };
  StApplicationData application = { .name = name, .tier = "20PerMin", .tenant_id = -1234 };
  gint64 id = 0;

  WRITE (world, st_write_create_application (writer, &application, &origin, &id, &error));
  return id;
}

/* Where the collation folds accents: somebody else's applications are not his. */
static void
test_folded_subscriber (WriteWorld *world)
{
  static const StNewSubscriber jose = { "jose", -1234, NULL };
  static const StNewSubscriber accented = { "jos\xc3\xa9", -1234, NULL };
  static const StNewSubscriber capital = { "JOSE", -1234, NULL };
  gint64 id = subscriber_of (world, &jose), other = 0;
  g_autoptr (GError) error = NULL;
  StWriter *writer = write_begin (world);
  gboolean found = st_write_first_access (writer, &accented, NULL, &other, &error);

  write_end (world, found);
  if (!found)
    g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  else
    g_assert_cmpint (other, !=, id);
  if (world->sql_mode != NULL && strcmp (world->name, "ours") != 0)
    g_assert_cmpint (subscriber_of (world, &capital), ==, id);
}

static void
test_first_access (WriteWorld *world)
{
  gint64 id = subscriber_of (world, &alice);

  g_assert_cmpint (subscriber_of (world, &alice), ==, id);
  g_assert_cmpint (subscriber_of (world, &dave), !=, id);
  write_world_rows (
      world, "SELECT USER_ID, TENANT_ID, EMAIL_ADDRESS, CREATED_BY, UPDATED_BY FROM AM_SUBSCRIBER ORDER BY USER_ID",
      "alice|-1234||alice|NULL\ndave@example.com|1|dave@example.com|dave@example.com|NULL");
  write_world_rows (world,
                    "SELECT a.NAME, s.USER_ID, a.APPLICATION_TIER, a.CALLBACK_URL, a.DESCRIPTION, a.APPLICATION_STATUS,"
                    " a.GROUP_ID, a.CREATED_BY, a.UPDATED_BY FROM AM_APPLICATION a JOIN AM_SUBSCRIBER s"
                    " ON s.SUBSCRIBER_ID = a.SUBSCRIBER_ID ORDER BY s.USER_ID",
                    "DefaultApplication|alice|Unlimited|NULL|NULL|APPROVED||alice|NULL\n"
                    "DefaultApplication|dave@example.com|Unlimited|NULL|NULL|APPROVED||dave@example.com|NULL");
  if (write_world_has (world, ST_CAP_APPLICATION_UUID))
    write_world_rows (world, "SELECT COUNT(DISTINCT UUID), MIN(LENGTH(UUID)) FROM AM_APPLICATION", "2|36");
  if (write_world_has (world, ST_CAP_APP_TOKEN_TYPE))
    write_world_rows (world, "SELECT DISTINCT TOKEN_TYPE FROM AM_APPLICATION", "DEFAULT");
}

/* No time is left at zero, whatever the columns' defaults are, and all are now. */
static void
test_times (WriteWorld *world)
{
  subscriber_of (world, &alice);
  if (world->sql_mode == NULL)
    write_world_rows (world,
                      "SELECT COUNT(*) FROM AM_SUBSCRIBER s, AM_APPLICATION a WHERE ABS(s.DATE_SUBSCRIBED / 1000 -"
                      " strftime('%s', 'now')) < 60 AND s.CREATED_TIME = s.DATE_SUBSCRIBED AND s.UPDATED_TIME ="
                      " s.DATE_SUBSCRIBED AND a.CREATED_TIME >= s.CREATED_TIME AND a.UPDATED_TIME = a.CREATED_TIME",
                      "1");
  else
    write_world_rows (
        world,
        "SELECT COUNT(*) FROM AM_SUBSCRIBER s, AM_APPLICATION a WHERE ABS(UNIX_TIMESTAMP(s.DATE_SUBSCRIBED)"
        " - UNIX_TIMESTAMP()) < 60 AND s.CREATED_TIME = s.DATE_SUBSCRIBED AND s.UPDATED_TIME ="
        " s.DATE_SUBSCRIBED AND a.CREATED_TIME >= s.CREATED_TIME AND a.UPDATED_TIME = a.CREATED_TIME",
        "1");
}

typedef struct
{
  StDatabase *database;
  gint64 id;
} Visit;

static gboolean
visit (StWriter *writer, gpointer data, GError **error)
{
  return st_write_first_access (writer, &alice, NULL, &((Visit *) data)->id, error);
}

static gpointer
visit_thread (gpointer data)
{
  Visit *mine = data;
  g_autoptr (GError) error = NULL;

  st_write (mine->database, visit, mine, 0, &error);
  g_assert_no_error (error);
  return NULL;
}

/* Nodes that meet a user for the first time together. */
static void
test_first_access_together (WriteWorld *world)
{
  Visit visits[6];
  GThread *threads[G_N_ELEMENTS (visits)];

  for (guint i = 0; i < G_N_ELEMENTS (visits); i++)
    {
      visits[i] = (Visit){ world->database, 0 };
      threads[i] = g_thread_new ("visitor", visit_thread, &visits[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (visits); i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpint (visits[i].id, ==, visits[0].id);
    }
  write_world_rows (world, "SELECT COUNT(*), COUNT(DISTINCT SUBSCRIBER_ID) FROM AM_APPLICATION", "1|1");
}

static void
test_create (WriteWorld *world)
{
  StApplicationOrigin origin = { subscriber_of (world, &alice), "alice", "sales", "CREATED" };
  StApplicationData application = { "Phone", "20PerMin", "https://phone/", "of mine", NULL, -1234, "carbon.super" };
  gint64 id = 0;

  WRITE (world, st_write_create_application (writer, &application, &origin, &id, &error));
  write_world_rows (world,
                    "SELECT NAME, APPLICATION_TIER, CALLBACK_URL, DESCRIPTION, APPLICATION_STATUS, GROUP_ID, CREATED_BY"
                    " FROM AM_APPLICATION WHERE NAME <> 'DefaultApplication'",
                    "Phone|20PerMin|https://phone/|of mine|CREATED|sales|alice");
  REFUSE (world, ST_ERROR_CONFLICT, "another application of that name",
          st_write_create_application (writer, &application, &origin, &id, &error));
  application.name = "Orphan";
  origin.subscriber_id = 999;
  REFUSE (world, ST_ERROR_CONFLICT, "the subscriber is unknown",
          st_write_create_application (writer, &application, &origin, &id, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_APPLICATION"), ==, 2);
}

/* What newer releases added; where there is no place for it, nothing is dropped in silence. */
static void
test_extras (WriteWorld *world)
{
  static const char *const groups[] = { "org1", "org2", NULL };
  static const StApplicationAttribute attributes[] = { { "Cost centre", "42" }, { "Note", NULL } };
  StApplicationOrigin origin = { subscriber_of (world, &alice), "alice", "dropped", "APPROVED" };
  StApplicationData jwt = { .name = "Jwt", .token_type = "JWT" };
  StApplicationData grouped = { .name = "Grouped", .groups = groups, .tenant_domain = "carbon.super" };
  StApplicationData noted = { .name = "Noted", .tenant_id = -1234, .attributes = attributes, .n_attributes = 2 };
  gint64 id = 0;

  if (write_world_has (world, ST_CAP_APP_TOKEN_TYPE))
    {
      WRITE (world, st_write_create_application (writer, &jwt, &origin, &id, &error));
      write_world_rows (world, "SELECT TOKEN_TYPE, GROUP_ID FROM AM_APPLICATION WHERE NAME = 'Jwt'", "JWT|dropped");
    }
  else
    REFUSE (world, ST_ERROR_DATA, "no place for applications with JWT tokens",
            st_write_create_application (writer, &jwt, &origin, &id, &error));
  if (write_world_has (world, ST_CAP_GROUP_MAPPING))
    {
      WRITE (world, st_write_create_application (writer, &grouped, &origin, &id, &error));
      write_world_rows (world, "SELECT GROUP_ID FROM AM_APPLICATION WHERE NAME = 'Grouped'", "");
      write_world_rows (world, "SELECT GROUP_ID, TENANT FROM AM_APPLICATION_GROUP_MAPPING ORDER BY GROUP_ID",
                        "org1|carbon.super\norg2|carbon.super");
      grouped.groups = NULL;
      WRITE (world, st_write_update_application (writer, id, &grouped, "alice", &error));
      write_world_rows (world, "SELECT GROUP_ID FROM AM_APPLICATION_GROUP_MAPPING", "");
    }
  else
    REFUSE (world, ST_ERROR_DATA, "no place for applications with several groups",
            st_write_create_application (writer, &grouped, &origin, &id, &error));
  if (write_world_has (world, ST_CAP_APP_ATTRIBUTES))
    {
      WRITE (world, st_write_create_application (writer, &noted, &origin, &id, &error));
      write_world_rows (world, "SELECT NAME, VALUE, TENANT_ID FROM AM_APPLICATION_ATTRIBUTES ORDER BY NAME",
                        "Cost centre|42|-1234\nNote||-1234");
      noted.n_attributes = 1;
      WRITE (world, st_write_update_application (writer, id, &noted, "alice", &error));
      g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_APPLICATION_ATTRIBUTES"), ==, 1);
    }
  else
    REFUSE (world, ST_ERROR_DATA, "no place for attributes",
            st_write_create_application (writer, &noted, &origin, &id, &error));
}

/* CREATED_TIME moves by itself in every UPDATE of the originals' tables, unless it is told not to; it may be zero. */
static void
test_update_keeps_created_time (WriteWorld *world)
{
  static const char *const times[] = { "2001-02-03 04:05:06", "0000-00-00 00:00:00" };
  StApplicationData changed = { .name = "Renamed", .description = "new" };
  gint64 id = application_of (world, "Phone");

  for (guint i = 0; i < (world->sql_mode != NULL ? G_N_ELEMENTS (times) : 1); i++)
    {
      g_autofree char *set = g_strdup_printf ("UPDATE AM_APPLICATION SET CREATED_TIME = '%s', UPDATED_TIME = '%s';\n",
                                              times[i], times[i]);

      write_world_run (world, set);
      WRITE (world, st_write_update_application (writer, id, &changed, "bob", &error));
      WRITE (world, st_write_application_status (writer, id, "ON_HOLD", &error));
      write_world_rows (world, "SELECT CREATED_TIME FROM AM_APPLICATION WHERE NAME = 'Renamed'", times[i]);
      g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_APPLICATION WHERE NAME = 'Renamed'"
                                                  " AND UPDATED_TIME > CREATED_TIME"),
                       ==, world->sql_mode != NULL ? 1 : 0); /* SQLite: a text is greater than every number */
    }
  write_world_rows (
      world,
      "SELECT NAME, APPLICATION_TIER, CALLBACK_URL, DESCRIPTION, APPLICATION_STATUS, CREATED_BY, UPDATED_BY"
      " FROM AM_APPLICATION WHERE NAME = 'Renamed'",
      "Renamed|Unlimited|NULL|new|ON_HOLD|alice|bob");
}

static void
test_update_refused (WriteWorld *world)
{
  StApplicationData changed = { .name = "DefaultApplication" };
  gint64 id = application_of (world, "Phone");

  REFUSE (world, ST_ERROR_CONFLICT, "another application of that name",
          st_write_update_application (writer, id, &changed, "alice", &error));
  REFUSE (world, ST_ERROR_CONFLICT, "there is no application 4711",
          st_write_update_application (writer, 4711, &changed, "alice", &error));
  REFUSE (world, ST_ERROR_CONFLICT, "there is no application 4711",
          st_write_application_status (writer, 4711, "APPROVED", &error));
  REFUSE (world, ST_ERROR_DATA, "no status of an application",
          st_write_application_status (writer, id, "Approved", &error));
  write_world_rows (world, "SELECT NAME, UPDATED_BY FROM AM_APPLICATION ORDER BY NAME",
                    "DefaultApplication|NULL\nPhone|NULL");
}

/* A server that is not strict would cut these in silence. */
static void
test_values_that_do_not_fit (WriteWorld *world)
{
  const struct
  {
    StApplicationData application;
    const char *words;
  } cases[] = {
    { { .name = NULL }, "AM_APPLICATION.NAME must have a value" },
    { { .name = "" }, "AM_APPLICATION.NAME must have a value" },
    { { .name = write_world_long (101) }, "AM_APPLICATION.NAME has 101 characters, and the column holds 100" },
    { { .name = "\xff" }, "AM_APPLICATION.NAME is not UTF-8" },
    { { .name = "A", .tier = write_world_long (51) }, "AM_APPLICATION.APPLICATION_TIER has 51" },
    { { .name = "A", .callback_url = write_world_long (513) },
      "CALLBACK_URL has 513 characters, and the column holds 512" },
    { { .name = "A", .description = write_world_long (513) }, "DESCRIPTION has 513" },
  };
  StApplicationOrigin origin = { subscriber_of (world, &alice), "alice", NULL, "APPROVED" };
  StNewSubscriber stranger = { write_world_long (256), -1234, NULL };
  gint64 id = 0;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    REFUSE (world, ST_ERROR_DATA, cases[i].words,
            st_write_create_application (writer, &cases[i].application, &origin, &id, &error));
  origin.created_by = write_world_long (101);
  REFUSE (world, ST_ERROR_DATA, "CREATED_BY has 101",
          st_write_create_application (writer, &(StApplicationData){ .name = "A" }, &origin, &id, &error));
  REFUSE (world, ST_ERROR_DATA, "AM_SUBSCRIBER.USER_ID has 256",
          st_write_first_access (writer, &stranger, NULL, &id, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_APPLICATION"), ==, 1);
}

/* Limits count characters, and a character that the table's set lacks would become "?" in silence. */
static void
test_characters (WriteWorld *world)
{
  g_autoptr (GString) umlauts = g_string_new (NULL);
  StApplicationOrigin origin = { subscriber_of (world, &alice), "alice", NULL, "APPROVED" };
  StApplicationData application = { .name = "Caf\xc3\xa9 \xe2\x82\xac" }; /* all in Windows-1252 too */
  gboolean wide = world->sql_mode == NULL || strcmp (world->name, "2.6") == 0;
  gboolean basic = strcmp (world->name, "2.0") == 0 || g_str_has_prefix (world->name, "2.2");
  gint64 id = 0;

  for (guint i = 0; i < 100; i++)
    g_string_append (umlauts, "\xc3\xbc");
  WRITE (world, st_write_create_application (writer, &application, &origin, &id, &error));
  write_world_rows (world, "SELECT NAME FROM AM_APPLICATION WHERE NAME LIKE 'Caf%'", "Caf\xc3\xa9 \xe2\x82\xac");
  application.name = umlauts->str;
  WRITE (world, st_write_create_application (writer, &application, &origin, &id, &error));
  application.name = "\xe5\xa4\xa9\xe6\xb0\x97";
  if (wide || basic)
    WRITE (world, st_write_create_application (writer, &application, &origin, &id, &error));
  else
    REFUSE (world, ST_ERROR_DATA, "has a character that the column's character set, latin1, lacks",
            st_write_create_application (writer, &application, &origin, &id, &error));
  application.name = "Rocket \xf0\x9f\x9a\x80";
  if (wide)
    WRITE (world, st_write_create_application (writer, &application, &origin, &id, &error));
  else
    REFUSE (world, ST_ERROR_DATA, "has a character that the column's character set",
            st_write_create_application (writer, &application, &origin, &id, &error));
}

static void
add_client (WriteWorld *world, const char *consumer_key)
{
  g_autofree char *insert = g_strdup_printf (
      "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, CONSUMER_SECRET) VALUES ('%s', 'x');\n", consumer_key);

  write_world_run (world, insert);
}

static const char mappings[]
    = "SELECT a.NAME, k.CONSUMER_KEY, k.KEY_TYPE, k.STATE, k.CREATE_MODE FROM AM_APPLICATION_KEY_MAPPING k"
      " JOIN AM_APPLICATION a ON a.APPLICATION_ID = k.APPLICATION_ID ORDER BY a.NAME, k.KEY_TYPE";

/* From the request to the client. */
static void
test_keys (WriteWorld *world)
{
  static const char *const domains[] = { "example.com", "b.org", "EXAMPLE.com", NULL };
  gint64 id = application_of (world, "Phone");
  StRegistration production = { id, ST_KEY_PRODUCTION, "ref-1", NULL, "{\"a\":1}", "example.com,b.org", 3600, FALSE };
  StRegistration sandbox = { id, ST_KEY_SANDBOX, "ref-2", "read write", NULL, NULL, -1, TRUE };

  WRITE (world, st_write_register_keys (writer, &production, &error));
  WRITE (world, st_write_register_keys (writer, &sandbox, &error));
  write_world_rows (world,
                    "SELECT s.USER_ID, r.WF_REF, a.NAME, r.TOKEN_TYPE, r.TOKEN_SCOPE, r.INPUTS, r.ALLOWED_DOMAINS,"
                    " r.VALIDITY_PERIOD FROM AM_APPLICATION_REGISTRATION r"
                    " JOIN AM_SUBSCRIBER s ON s.SUBSCRIBER_ID = r.SUBSCRIBER_ID"
                    " JOIN AM_APPLICATION a ON a.APPLICATION_ID = r.APP_ID ORDER BY r.REG_ID",
                    "alice|ref-1|Phone|PRODUCTION|default|{\"a\":1}|example.com,b.org|3600\n"
                    "alice|ref-2|Phone|SANDBOX|read write|NULL|NULL|-1");
  write_world_rows (world, mappings, "Phone|NULL|PRODUCTION|CREATED|CREATED\nPhone|NULL|SANDBOX|APPROVED|CREATED");
  add_client (world, "Key-P");
  add_client (world, "Key-S");
  REFUSE (world, ST_ERROR_CONFLICT, "in the state CREATED, not APPROVED",
          st_write_complete_keys (writer, id, ST_KEY_PRODUCTION, "Key-P", NULL, &error));
  WRITE (world, st_write_decide_keys (writer, id, ST_KEY_PRODUCTION, TRUE, &error));
  WRITE (world, st_write_complete_keys (writer, id, ST_KEY_PRODUCTION, "Key-P", domains, &error));
  WRITE (world, st_write_complete_keys (writer, id, ST_KEY_SANDBOX, "Key-S", NULL, &error));
  write_world_rows (world, mappings, "Phone|Key-P|PRODUCTION|COMPLETED|CREATED\nPhone|Key-S|SANDBOX|COMPLETED|CREATED");
  write_world_rows (
      world, "SELECT CONSUMER_KEY, AUTHZ_DOMAIN FROM AM_APP_KEY_DOMAIN_MAPPING ORDER BY CONSUMER_KEY, AUTHZ_DOMAIN",
      "Key-P|b.org\nKey-P|example.com\nKey-S|ALL");
  WRITE (world, st_write_key_domains (writer, "Key-P", NULL, &error));
  write_world_rows (world, "SELECT CONSUMER_KEY, AUTHZ_DOMAIN FROM AM_APP_KEY_DOMAIN_MAPPING ORDER BY CONSUMER_KEY",
                    "Key-P|ALL\nKey-S|ALL");
}

static void
test_keys_refused (WriteWorld *world)
{
  gint64 id = application_of (world, "Phone");
  StRegistration production = { id, ST_KEY_PRODUCTION, "ref-1", NULL, NULL, NULL, 3600, FALSE };
  StRegistration nobody = { 4711, ST_KEY_PRODUCTION, "ref-1", NULL, NULL, NULL, 3600, FALSE };
  StRegistration too_long = { id, ST_KEY_SANDBOX, "ref-1", NULL, write_world_long (1001), NULL, 3600, FALSE };

  REFUSE (world, ST_ERROR_CONFLICT, "there is no application 4711", st_write_register_keys (writer, &nobody, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "has no PRODUCTION keys yet",
          st_write_decide_keys (writer, id, ST_KEY_PRODUCTION, TRUE, &error));
  REFUSE (world, ST_ERROR_DATA, "AM_APPLICATION_REGISTRATION.INPUTS has 1001",
          st_write_register_keys (writer, &too_long, &error));
  WRITE (world, st_write_register_keys (writer, &production, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "has PRODUCTION keys already, in the state CREATED",
          st_write_register_keys (writer, &production, &error));
  WRITE (world, st_write_decide_keys (writer, id, ST_KEY_PRODUCTION, FALSE, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "in the state REJECTED, not CREATED",
          st_write_decide_keys (writer, id, ST_KEY_PRODUCTION, TRUE, &error));
  WRITE (world, st_write_clean_up_keys (writer, id, ST_KEY_PRODUCTION, &error));
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_APPLICATION_REGISTRATION"), ==, 0);
  production.approved = TRUE;
  WRITE (world, st_write_register_keys (writer, &production, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "no OAuth client with that consumer key",
          st_write_complete_keys (writer, id, ST_KEY_PRODUCTION, "Key-None", NULL, &error));
  add_client (world, "Key-P");
  REFUSE (world, ST_ERROR_CONFLICT, "no OAuth client with that consumer key", /* another key, to bytes */
          st_write_complete_keys (writer, id, ST_KEY_PRODUCTION, "key-p", NULL, &error));
  WRITE (world, st_write_complete_keys (writer, id, ST_KEY_PRODUCTION, "Key-P", NULL, &error));
  REFUSE (world, ST_ERROR_CONFLICT, "has PRODUCTION keys already, in the state COMPLETED",
          st_write_clean_up_keys (writer, id, ST_KEY_PRODUCTION, &error));
}

/* 2.1 keeps INPUTS of 256 characters after a migration of 1.8, and releases before 2.2 scopes of 256. */
static void
test_widths_are_the_database_s (WriteWorld *world)
{
  gint64 id = application_of (world, "Phone");
  StRegistration inputs = { id, ST_KEY_PRODUCTION, "ref-1", NULL, write_world_long (257), NULL, 3600, FALSE };
  StRegistration scope = { id, ST_KEY_SANDBOX, "ref-2", write_world_long (257), NULL, NULL, 3600, FALSE };

  if (strcmp (world->name, "2.0-from-1.9") == 0)
    REFUSE (world, ST_ERROR_DATA, "INPUTS has 257 characters, and the column holds 256",
            st_write_register_keys (writer, &inputs, &error));
  else
    WRITE (world, st_write_register_keys (writer, &inputs, &error));
  if (write_world_has (world, ST_CAP_GROUP_MAPPING))
    WRITE (world, st_write_register_keys (writer, &scope, &error));
  else
    REFUSE (world, ST_ERROR_DATA, "TOKEN_SCOPE has 257 characters, and the column holds 256",
            st_write_register_keys (writer, &scope, &error));
}

static void
test_map_client (WriteWorld *world)
{
  gint64 phone = application_of (world, "Phone");
  gint64 desk = application_of (world, "Desk");

  add_client (world, "Key-M");
  REFUSE (world, ST_ERROR_CONFLICT, "no OAuth client with that consumer key",
          st_write_map_client (writer, phone, ST_KEY_PRODUCTION, "Key-X", &error));
  WRITE (world, st_write_map_client (writer, phone, ST_KEY_PRODUCTION, "Key-M", &error));
  REFUSE (world, ST_ERROR_CONFLICT, "used for another application",
          st_write_map_client (writer, desk, ST_KEY_PRODUCTION, "Key-M", &error));
  REFUSE (world, ST_ERROR_CONFLICT, "has PRODUCTION keys already, in the state COMPLETED",
          st_write_map_client (writer, phone, ST_KEY_PRODUCTION, "Key-M", &error));
  write_world_rows (world, mappings, "Phone|Key-M|PRODUCTION|COMPLETED|MAPPED");
}

static void
test_delete (WriteWorld *world)
{
  gint64 phone = application_of (world, "Phone");
  gint64 desk = application_of (world, "Desk");
  StRegistration production = { phone, ST_KEY_PRODUCTION, "ref-1", NULL, NULL, NULL, 3600, TRUE };
  StRegistration other = { desk, ST_KEY_PRODUCTION, "ref-2", NULL, NULL, NULL, 3600, TRUE };
  g_auto (GStrv) clients = NULL;

  add_client (world, "Key-P");
  add_client (world, "Key-M");
  add_client (world, "Key-D");
  WRITE (world, st_write_register_keys (writer, &production, &error));
  WRITE (world, st_write_complete_keys (writer, phone, ST_KEY_PRODUCTION, "Key-P", NULL, &error));
  WRITE (world, st_write_map_client (writer, phone, ST_KEY_SANDBOX, "Key-M", &error));
  WRITE (world, st_write_register_keys (writer, &other, &error));
  WRITE (world, st_write_complete_keys (writer, desk, ST_KEY_PRODUCTION, "Key-D", NULL, &error));
  write_world_run (world, "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES"
                          " (1, 'admin', 'W', '1', '/w/1');\n"
                          "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, API_ID, APPLICATION_ID, SUB_STATUS) SELECT"
                          " APPLICATION_ID, 1, APPLICATION_ID, 'BLOCKED' FROM AM_APPLICATION;\n"
                          "INSERT INTO AM_SUBSCRIPTION_KEY_MAPPING (SUBSCRIPTION_ID, ACCESS_TOKEN, KEY_TYPE) SELECT"
                          " SUBSCRIPTION_ID, 'x', 'PRODUCTION' FROM AM_SUBSCRIPTION;\n");
  WRITE (world, st_write_delete_application (writer, phone, &clients, &error));
  g_assert_cmpstrv (clients, ((const char *const[]){ "Key-P", NULL }));
  write_world_rows (world, "SELECT NAME FROM AM_APPLICATION ORDER BY NAME", "DefaultApplication\nDesk");
  write_world_rows (world, mappings, "Desk|Key-D|PRODUCTION|COMPLETED|CREATED");
  write_world_rows (world, "SELECT CONSUMER_KEY FROM AM_APP_KEY_DOMAIN_MAPPING", "Key-D");
  write_world_rows (world, "SELECT WF_REF FROM AM_APPLICATION_REGISTRATION", "ref-2");
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION"), ==, 2);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM AM_SUBSCRIPTION_KEY_MAPPING"), ==, 2);
  g_assert_cmpint (write_world_number (world, "SELECT COUNT(*) FROM IDN_OAUTH_CONSUMER_APPS"), ==, 3);
  g_clear_pointer (&clients, g_strfreev);
  REFUSE (world, ST_ERROR_CONFLICT, "there is no application",
          st_write_delete_application (writer, phone, &clients, &error));
  g_assert_null (clients);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  write_world_add ("/writes/application/folded-subscriber", test_folded_subscriber);
  write_world_add ("/writes/application/first-access", test_first_access);
  write_world_add ("/writes/application/times", test_times);
  write_world_add ("/writes/application/first-access-together", test_first_access_together);
  write_world_add ("/writes/application/create", test_create);
  write_world_add ("/writes/application/extras", test_extras);
  write_world_add ("/writes/application/update-keeps-created-time", test_update_keeps_created_time);
  write_world_add ("/writes/application/update-refused", test_update_refused);
  write_world_add ("/writes/application/values-that-do-not-fit", test_values_that_do_not_fit);
  write_world_add ("/writes/application/characters", test_characters);
  write_world_add ("/writes/application/delete", test_delete);
  write_world_add ("/writes/keys/request-to-client", test_keys);
  write_world_add ("/writes/keys/refused", test_keys_refused);
  write_world_add ("/writes/keys/widths", test_widths_are_the_database_s);
  write_world_add ("/writes/keys/map-client", test_map_client);
  return write_world_run_tests ();
}
