/* The SAML 2 bearer grant, over real databases and a scripted user store: who gets a token, that an assertion
 * is good once, and what is remembered of those that were not. */
#include "config.h"
#include "keyvalidator/oauth/kv-oauth-answer.h"
#include "keyvalidator/oauth/kv-oauth-grants.h"
#include "tests/lib/fake-store.h"
#include "tests/lib/oauth-world.h"
#include "tests/lib/saml-world.h"

#include <glib/gstdio.h>
#include <string.h>

#define PEER "192.0.2.7"
#define ACME 7
#define NAME_ID(text) "<saml:NameID>" text "</saml:NameID>"
#define USED "SELECT COUNT(*) FROM APIM_USED_ASSERTION"

typedef struct
{
  OauthWorld *world;
  FakeStore *fake;
  ApimManualClock clock;
  ApimConfig *config;
  KvOauth *oauth;
  guint next_id; /* of an assertion */
} Fixture;

static void
add_tenant (Fixture *fixture, gint id, const char *domain, gboolean active)
{
  StTenant *tenant = st_tenant_new ();

  tenant->id = id;
  tenant->domain = g_strdup (domain);
  tenant->active = active;
  fake_store_add_tenant (fixture->fake, tenant);
}

static void
add_user (Fixture *fixture, gint tenant_id, const char *name)
{
  StUser *user = st_user_new ();

  user->tenant_id = tenant_id;
  user->name = g_strdup (name);
  fake_store_add_user (fixture->fake, user);
}

static void
add_people (Fixture *fixture)
{
  add_tenant (fixture, ST_SUPER_TENANT_ID, ST_SUPER_TENANT_DOMAIN, TRUE);
  add_tenant (fixture, ACME, "acme.com", TRUE);
  add_tenant (fixture, 8, "closed.com", FALSE);
  add_tenant (fixture, 9, "other.com", TRUE);
  add_user (fixture, ST_SUPER_TENANT_ID, "mary");
  add_user (fixture, ST_SUPER_TENANT_ID, "mary@example.com");
  add_user (fixture, ACME, "anna");
  add_user (fixture, 8, "carl");
  add_user (fixture, 9, "otto");
}

/* Of a home with one provider, whose certificate is in saml_world's folder. */
static ApimConfig *
load_config (void)
{
  g_autofree char *home = g_dir_make_tmp ("apim-saml-grant-XXXXXX", NULL);
  g_autofree char *conf = g_build_filename (home, "repository", "conf", NULL);
  g_autofree char *carbon = g_build_filename (conf, "carbon.xml", NULL);
  g_autofree char *api_manager = g_build_filename (conf, "api-manager.xml", NULL);
  g_autofree char *repository = g_build_filename (home, "repository", NULL);
  g_autofree char *certificate
      = saml_certificate_new (saml_world.key, SAML_NOW_S - SAML_DAY_S, SAML_NOW_S + SAML_DAY_S);
  g_autofree char *path = saml_world_file ("idp.pem", certificate);
  g_autofree char *text = g_strdup_printf (
      "<A><Apimd><Saml2IdentityProviders><IdentityProvider><Issuer>" SAML_ISSUER
      "</Issuer><Certificate>%s</Certificate><Tenant>carbon.super</Tenant><Tenant>acme.com</Tenant>"
      "<Tenant>closed.com</Tenant></IdentityProvider></Saml2IdentityProviders></Apimd></A>",
      path);
  g_autoptr (GError) error = NULL;
  ApimConfig *config;

  g_assert_cmpint (g_mkdir_with_parents (conf, 0700), ==, 0);
  g_assert_true (g_file_set_contents (carbon, "<S><HostName>am.example.com</HostName></S>", -1, NULL));
  g_assert_true (g_file_set_contents (api_manager, text, -1, NULL));
  config = apim_config_load (home, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (carbon) | g_unlink (api_manager) | g_rmdir (conf) | g_rmdir (repository)
                       | g_rmdir (home),
                   ==, 0);
  return config;
}

static void
fixture_init (Fixture *fixture, gconstpointer generation)
{
  g_autoptr (GError) error = NULL;
  KvStores stores;

  fixture->world = oauth_world_of (generation);
  fixture->fake = fake_store_new ();
  add_people (fixture);
  apim_manual_clock_init (&fixture->clock, SAML_NOW_S * 1000);
  fixture->config = load_config ();
  stores = (KvStores){ .keys = fake_store_keys (fixture->fake),
                       .users = fake_store_users (fixture->fake),
                       .clock = &fixture->clock.clock };
  fixture->oauth
      = kv_oauth_new (fixture->config, fixture->world->database, &stores, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  if (st_writer_has (&fixture->world->writer, ST_CAP_USED_ASSERTIONS))
    oauth_world_run (fixture->world, "DELETE FROM APIM_USED_ASSERTION");
}

static void
fixture_clear (Fixture *fixture)
{
  kv_oauth_free (fixture->oauth);
  apim_config_unref (fixture->config);
  fake_store_free (fixture->fake);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static NetHttpForm *
make_form (const char *xml)
{
  g_autofree char *base64 = g_base64_encode ((const guchar *)xml, strlen (xml));
  g_autofree char *escaped = g_uri_escape_string (base64, NULL, FALSE);
  g_autofree char *text = g_strconcat ("assertion=", escaped, NULL);
  const char *why;

  return net_http_form_parse (text, strlen (text), &why);
}

/* What the client @key asks for from @peer. */
static gboolean
ask_as (Fixture *fixture, const char *xml, const char *key, const char *peer, KvOauthIssued *issued,
        GError **error)
{
  g_autoptr (NetHttpForm) form = make_form (xml);
  StOauthClient client = *fixture->world->client;
  const KvOauthGrant grant = { .oauth = fixture->oauth,
                               .client = &client,
                               .form = form,
                               .grant_type = CORE_OAUTH_SAML2_BEARER,
                               .peer = peer };

  if (key != NULL)
    client.key = (char *)key;
  return kv_oauth_grant_saml (&grant, issued, error);
}

static gboolean
ask (Fixture *fixture, const char *xml, KvOauthIssued *issued, GError **error)
{
  return ask_as (fixture, xml, NULL, PEER, issued, error);
}

static void
assert_refused (Fixture *fixture, const char *xml, const char *why)
{
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (ask (fixture, xml, &issued, &error));
  g_assert_error (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_GRANT);
  g_assert_null (issued.token);
  if (strstr (error->message, why) == NULL)
    g_error ("refused by \"%s\" instead of \"%s\"", error->message, why);
}

/* A good assertion with an ID of its own. @name_id: nullable: mary's. */
static char *
next_assertion (Fixture *fixture, const char *name_id)
{
  g_autofree char *id = g_strdup_printf ("_n%u", ++fixture->next_id);
  g_autofree char *uri = g_strconcat ("#", id, NULL);
  SamlParts parts;

  saml_parts_init (&parts);
  parts.id = id;
  parts.uri = uri;
  if (name_id != NULL)
    parts.name_id = name_id;
  return saml_signed (&parts, saml_world.key);
}

static void
assert_subject (Fixture *fixture, const char *name_id, const char *subject)
{
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_autofree char *xml = next_assertion (fixture, name_id);
  g_autoptr (GError) error = NULL;

  g_assert_true (ask (fixture, xml, &issued, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (issued.subject, ==, subject);
  g_assert_cmpstr (issued.token->user_type, ==, ST_OAUTH_USER_TYPE_USER);
  g_assert_nonnull (issued.text);
}

static void
assert_name_refused (Fixture *fixture, const char *name_id, const char *why)
{
  g_autofree char *xml = next_assertion (fixture, name_id);

  assert_refused (fixture, xml, why);
}

static gboolean
skip_without_table (const Fixture *fixture)
{
  return !st_writer_has (&fixture->world->writer, ST_CAP_USED_ASSERTIONS);
}

/* A database of WSO2's making has no such table; the migration's file may be run by hand. */
static void
check_foreign (Fixture *fixture, const char *xml)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "sql", "mysql", "apim-0010-used-assertions.sql", NULL);
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_autofree char *script = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (ask (fixture, xml, &issued, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
  g_assert_nonnull (strstr (error->message, "APIM_USED_ASSERTION"));
  g_assert_null (issued.token);
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (path, &script, NULL, NULL));
  store_fixture_run (fixture->world->database, script);
  g_assert_true (ask (fixture, xml, &issued, &error));
  g_assert_no_error (error);
  assert_refused (fixture, xml, "was used before");
  store_fixture_run (fixture->world->database, "DROP TABLE APIM_USED_ASSERTION;\n");
  st_capabilities_forget (fixture->world->database);
}

static void
test_once (gconstpointer data)
{
  g_auto (Fixture) fixture = { NULL };
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_auto (KvOauthIssued) again = { .token = NULL };
  g_autofree char *xml = NULL, *spaced = NULL, *second = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, data);
  xml = next_assertion (&fixture, NULL);
  spaced = g_strconcat (xml, "\n ", NULL);
  second = next_assertion (&fixture, NULL);
  if (skip_without_table (&fixture))
    {
      check_foreign (&fixture, xml);
      return;
    }
  g_assert_true (ask (&fixture, xml, &issued, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (issued.subject, ==, "mary@carbon.super");
  oauth_world_assert (fixture.world, "1", USED);
  assert_refused (&fixture, xml, "was used before");
  assert_refused (&fixture, spaced, "was used before");
  oauth_world_assert (fixture.world, "1", USED);
  g_assert_true (ask (&fixture, second, &again, &error));
  g_assert_true (again.reused); /* the token that there is */
  g_assert_cmpstr (again.text, ==, issued.text);
  oauth_world_assert (fixture.world, "2", USED);
  assert_refused (&fixture, second, "was used before");
}

/* Whoever is refused has not used his assertion up, and there is no token. */
static void
test_refused (gconstpointer data)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *good = NULL, *other_name = NULL, *bare = NULL, *by_other = NULL;
  SamlParts parts;

  fixture_init (&fixture, data);
  good = next_assertion (&fixture, NULL);
  other_name = saml_replace (good, ">mary<", ">anna<");
  saml_parts_init (&parts);
  bare = saml_unsigned (&parts);
  by_other = saml_signed (&parts, saml_world.other_key);
  assert_refused (&fixture, bare, "is not signed");
  assert_refused (&fixture, by_other, "not the identity provider's");
  assert_refused (&fixture, other_name, "not the identity provider's");
  apim_manual_clock_advance (&fixture.clock, 3600 * 1000); /* past the skew, too */
  assert_refused (&fixture, good, "has expired");
  if (!skip_without_table (&fixture))
    oauth_world_assert (fixture.world, "0", USED);
}

static void
test_subjects (gconstpointer data)
{
  static const char nobody[] = "is no user that its issuer may speak for";
  static const struct
  {
    const char *name_id, *subject;
  } good[] = {
    { NAME_ID ("mary"), "mary@carbon.super" },
    { NAME_ID ("MARY"), "mary@carbon.super" }, /* as the store has it */
    { NAME_ID ("PRIMARY/mary"), "mary@carbon.super" },
    { NAME_ID ("mary@carbon.super"), "mary@carbon.super" },
    { NAME_ID ("mary@example.com"), "mary@example.com@carbon.super" },
  };
  static const struct
  {
    const char *name_id, *why;
  } bad[] = {
    { NAME_ID ("nobody"), nobody },
    { NAME_ID ("anna"), nobody },            /* of another tenant than the first */
    { NAME_ID ("carl@closed.com"), nobody }, /* which is not active */
    { NAME_ID ("otto@other.com"), nobody },  /* for which the provider may not speak */
    { NAME_ID ("mary@other.com"), nobody },
    { NAME_ID ("@carbon.super"), nobody },
    { NAME_ID ("LDAP/mary"), nobody },
    { NAME_ID ("anna@acme.com"),
      "Provided Authorization Grant is invalid" }, /* the client is the super tenant's */
  };
  g_auto (Fixture) fixture = { NULL };

  fixture_init (&fixture, data);
  if (skip_without_table (&fixture))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      assert_name_refused (&fixture, bad[i].name_id, bad[i].why);
      assert_subject (&fixture, NAME_ID ("mary"), "mary@carbon.super"); /* and so there is no waiting */
    }
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    assert_subject (&fixture, good[i].name_id, good[i].subject);
}

static void
test_waiting (gconstpointer data)
{
  g_auto (Fixture) fixture = { NULL };
  g_auto (KvOauthIssued) here = { .token = NULL };
  g_auto (KvOauthIssued) elsewhere = { .token = NULL };
  g_autofree char *one = NULL, *two = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture, data);
  if (skip_without_table (&fixture))
    return;
  one = next_assertion (&fixture, NULL);
  two = next_assertion (&fixture, NULL);
  for (guint i = 0; i < 6; i++)
    assert_refused (&fixture, "<x/>", "by itself");
  for (guint i = 0; i < 10; i++) /* which does not make it longer */
    assert_refused (&fixture, one, "try again later");
  g_assert_true (ask_as (&fixture, two, NULL, "192.0.2.8", &elsewhere, &error));
  g_assert_false (ask_as (&fixture, "<x/>", "another-client", PEER, &here, &error));
  g_assert_nonnull (strstr (error->message, "by itself"));
  g_clear_error (&error);
  apim_manual_clock_advance (&fixture.clock, 1000);
  g_assert_true (ask (&fixture, one, &here, &error));
  g_assert_no_error (error);
}

/* What cannot be asked is no fault of the assertion, which stays good. */
static void
test_store_fails (gconstpointer data)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *xml = NULL;

  fixture_init (&fixture, data);
  if (skip_without_table (&fixture))
    return;
  xml = next_assertion (&fixture, NAME_ID ("mary@example.com"));
  for (guint i = 0; i < 8; i++)
    {
      g_auto (KvOauthIssued) issued = { .token = NULL };
      g_autoptr (GError) error = NULL;

      fake_store_fail (fixture.fake, i % 2 == 0 ? FAKE_USER : FAKE_TENANT, ST_ERROR_UNAVAILABLE, 1);
      g_assert_false (ask (&fixture, xml, &issued, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE);
    }
  oauth_world_assert (fixture.world, "0", USED);
  assert_subject (&fixture, NAME_ID ("mary@example.com"), "mary@example.com@carbon.super");
}

/* Somebody dropped the table while the node ran. */
static void
test_table_gone (gconstpointer data)
{
  static const char table[]
      = "CREATE TABLE APIM_USED_ASSERTION (ASSERTION_DIGEST CHAR(64) NOT NULL PRIMARY KEY,"
        " EXPIRES_MS BIGINT NOT NULL);\n";
  g_auto (Fixture) fixture = { NULL };
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_autofree char *xml = NULL;

  fixture_init (&fixture, data);
  if (skip_without_table (&fixture))
    return;
  xml = next_assertion (&fixture, NULL);
  store_fixture_run (fixture.world->database, "DROP TABLE APIM_USED_ASSERTION;\n");
  for (guint i = 0; i < 2; i++) /* found out by the statement, then by the flag */
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (ask (&fixture, xml, &issued, &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_SCHEMA);
      g_assert_null (issued.token);
    }
  store_fixture_run (fixture.world->database, table);
  g_assert_true (ask (&fixture, xml, &issued, NULL));
}

/* Once a minute, what expired a day ago. */
static void
test_forgets (gconstpointer data)
{
  g_auto (Fixture) fixture = { NULL };

  fixture_init (&fixture, data);
  if (skip_without_table (&fixture))
    return;
  assert_subject (&fixture, NULL, "mary@carbon.super"); /* and looks for old ones */
  oauth_world_run (fixture.world,
                   "INSERT INTO APIM_USED_ASSERTION (ASSERTION_DIGEST, EXPIRES_MS) VALUES"
                   " ('old', %" G_GINT64_FORMAT "), ('young', %" G_GINT64_FORMAT ")",
                   SAML_NOW_S * 1000 - KV_SAML_KEEP_EXPIRED_MS, SAML_NOW_S * 1000);
  assert_subject (&fixture, NULL, "mary@carbon.super");
  oauth_world_assert (fixture.world, "4", USED);
  apim_manual_clock_advance (&fixture.clock, KV_SAML_FORGET_EVERY_US / 1000);
  assert_subject (&fixture, NULL, "mary@carbon.super");
  oauth_world_assert (
      fixture.world, "young",
      "SELECT ASSERTION_DIGEST FROM APIM_USED_ASSERTION WHERE ASSERTION_DIGEST IN ('old', 'young')");
}

/* Many at once with one assertion: one token, whatever the others are told. */
typedef struct
{
  Fixture *fixture;
  const char *xml;
  guint n_issued; /* atomic */
} Crowd;

static gpointer
join_crowd (gpointer data)
{
  Crowd *crowd = data;
  g_auto (KvOauthIssued) issued = { .token = NULL };
  g_autoptr (GError) error = NULL;

  if (ask (crowd->fixture, crowd->xml, &issued, &error))
    __atomic_fetch_add (&crowd->n_issued, 1, __ATOMIC_RELAXED);
  else
    g_assert_error (error, KV_OAUTH_ERROR, KV_OAUTH_ERROR_INVALID_GRANT);
  return NULL;
}

static void
test_crowd (gconstpointer data)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *xml = NULL;
  GThread *threads[8];
  Crowd crowd;

  fixture_init (&fixture, data);
  if (skip_without_table (&fixture))
    return;
  xml = next_assertion (&fixture, NULL);
  crowd = (Crowd){ &fixture, xml, 0 };
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("client", join_crowd, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (crowd.n_issued, ==, 1);
  oauth_world_assert (fixture.world, "1", USED);
}

static const struct
{
  const char *name;
  GTestDataFunc function;
} tests[] = {
  { "once", test_once },       { "refused", test_refused },         { "subjects", test_subjects },
  { "waiting", test_waiting }, { "store-fails", test_store_fails }, { "forgets", test_forgets },
  { "crowd", test_crowd },     { "table-gone", test_table_gone },
};

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  saml_world_begin ();
  for (const OauthGeneration *each = oauth_generations; each->name != NULL; each++)
    for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
      {
        g_autofree char *path = g_strdup_printf ("/grant-saml/%s/%s", each->name, tests[i].name);

        if (!each->mysql || store_fixture_mysql_socket () != NULL)
          g_test_add_data_func (path, each, tests[i].function);
      }
  status = g_test_run ();
  oauth_world_end ();
  saml_world_end ();
  return status;
}
