/* The forms in which tokens, scopes and users are stored: texts only, no database. */
#include "config.h"

#include "common/apim-secret.h"
#include "store/st-oauth-client.h"
#include "store/st-oauth-form.h"
#include "store/st-oauth-user.h"

#include <string.h>

#define ABC_HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-2, appendix B.1 */

static void
test_hash (void)
{
  static const struct
  {
    StOauthHash hash;
    const char *expected;
  } cases[] = {
    { ST_OAUTH_HASH_NONE, NULL },
    { ST_OAUTH_HASH_HEX, ABC_HEX },
    { ST_OAUTH_HASH_JSON, "{\"hash\":\"" ABC_HEX "\",\"algorithm\":\"SHA-256\"}" },
    { ST_OAUTH_HASH_JSON_ALGORITHM_FIRST, "{\"algorithm\":\"SHA-256\",\"hash\":\"" ABC_HEX "\"}" },
  };
  g_auto (StOauthHashes) hashes = { { NULL } };

  st_oauth_hashes_init (&hashes, "abc");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = st_oauth_hash (cases[i].hash, "abc");

      g_assert_cmpstr (text, ==, cases[i].expected);
      g_assert_cmpint (st_oauth_hashes_have (&hashes, text), ==, text != NULL);
      g_assert_null (st_oauth_hash (cases[i].hash, NULL));
    }
  g_assert_false (st_oauth_hashes_have (&hashes, "abc"));
}

/* The two check values of spec/databases.md 3.2. */
static void
test_scopes (void)
{
  static const struct
  {
    const char *const scopes[5];
    const char *text;
    const char *hash;
  } cases[] = {
    { { "default" }, "default", "c21f969b5f03d33d43e04f8f136e7682" },
    { { "default", "am_application_scope" }, "am_application_scope default", "15703966c63ae7da301cd656ef647fa6" },
    { { "default", "am_application_scope", "default" },
      "am_application_scope default",
      "15703966c63ae7da301cd656ef647fa6" },
    { { "b", "a", "B", "A" }, "A B a b", NULL },
    { { NULL }, "", "d41d8cd98f00b204e9800998ecf8427e" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = st_oauth_scope_text (cases[i].scopes);
      g_autofree char *hash = st_oauth_scope_hash (cases[i].scopes);

      g_assert_cmpstr (text, ==, cases[i].text);
      if (cases[i].hash != NULL)
        g_assert_cmpstr (hash, ==, cases[i].hash);
    }
}

static void
test_scope_limits (void)
{
  g_autofree char *sixty = g_strnfill (60, 's');
  g_autofree char *longer = g_strnfill (61, 's');
  g_autofree char *half = g_strnfill (383, 's');
  g_autofree char *other_half = g_strnfill (383, 't');
  g_autofree char *too_much = g_strnfill (384, 't');
  const struct
  {
    const char *scopes[3];
    guint capabilities;
    gboolean fits;
  } cases[] = {
    { { sixty }, ST_CAP_TOKEN_IDS, TRUE },
    { { "default", longer }, ST_CAP_TOKEN_IDS, FALSE },
    { { longer }, 0, TRUE },
    { { half, other_half }, 0, TRUE }, /* 767 with the blank */
    { { half, too_much }, 0, FALSE },
    { { "" }, ST_CAP_TOKEN_IDS, FALSE },
    { { "two words" }, 0, FALSE },
    { { "line\n" }, ST_CAP_TOKEN_IDS, FALSE },
    { { "\xc3\xa9t\xc3\xa9" }, ST_CAP_TOKEN_IDS, FALSE },
    { { NULL }, ST_CAP_TOKEN_IDS, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (st_oauth_scopes_check (cases[i].scopes, cases[i].capabilities, &error), ==, cases[i].fits);
      if (!cases[i].fits)
        g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
    }
}

static void
test_user (void)
{
  static const struct
  {
    StOauthUser user;
    const char *text;
  } cases[] = {
    { { (char *) "admin", (char *) "PRIMARY", ST_SUPER_TENANT_ID, (char *) "carbon.super" }, "admin@carbon.super" },
    { { (char *) "bob", (char *) "LDAP", ST_SUPER_TENANT_ID, (char *) "carbon.super" }, "LDAP/bob@carbon.super" },
    { { (char *) "bob@mail.com", (char *) "PRIMARY", 0, (char *) "example.com" }, "bob@mail.com@example.com" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = st_oauth_user_text (&cases[i].user);
      StOauthUser parsed = st_oauth_user_parse (text);

      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_cmpstr (parsed.name, ==, cases[i].user.name);
      g_assert_cmpstr (parsed.user_domain, ==, cases[i].user.user_domain);
      g_assert_cmpstr (parsed.tenant_domain, ==, cases[i].user.tenant_domain);
      g_assert_cmpint (parsed.tenant_id, ==, cases[i].user.tenant_id);
      st_oauth_user_clear (&parsed);
    }
}

static void
test_odd_users (void)
{
  static const struct
  {
    const char *text;
    const char *name;
    const char *user_domain;
    const char *tenant_domain;
  } cases[] = {
    { "bob", "bob", "PRIMARY", "carbon.super" }, { "", "", "PRIMARY", "carbon.super" },
    { "a@b/c", "c", "A@B", "carbon.super" }, /* a sign of the store's name, not of the tenant's */
    { "ldap/bob@x.y", "bob", "LDAP", "x.y" },    { "@", "", "PRIMARY", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StOauthUser user = st_oauth_user_parse (cases[i].text);

      g_assert_cmpstr (user.name, ==, cases[i].name);
      g_assert_cmpstr (user.user_domain, ==, cases[i].user_domain);
      g_assert_cmpstr (user.tenant_domain, ==, cases[i].tenant_domain);
      st_oauth_user_clear (&user);
    }
}

static void
test_names (void)
{
  static const struct
  {
    const char *name;
    const char *stored;
    gboolean exact;
    gboolean folded;
  } cases[] = {
    { "alice", "alice", TRUE, TRUE },
    { "alice", "Alice", FALSE, TRUE },
    { "\xc3\x89mile", "\xc3\xa9mile", FALSE, TRUE },
    { "emile", "\xc3\xa9mile", FALSE, FALSE }, /* which latin1_swedish_ci takes for the same */
    { "alice", "alice ", FALSE, FALSE },
    { "alice", NULL, FALSE, FALSE },
    { "alice", "ALIC\xc3", FALSE, FALSE },
    { "\xff", "\xff", TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const StOauthUser user = { .name = (char *) cases[i].name };

      g_assert_cmpint (st_oauth_user_has_name (&user, cases[i].stored, FALSE), ==, cases[i].exact);
      g_assert_cmpint (st_oauth_user_has_name (&user, cases[i].stored, TRUE), ==, cases[i].folded);
    }
}

static void
test_texts (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (st_oauth_check_text ("text", NULL, 3, &error));
  g_assert_true (st_oauth_check_text ("text", "\xc3\xa9\xc3\xa9\xc3\xa9", 3, &error));
  g_assert_false (st_oauth_check_text ("text", "4444", 3, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
  g_assert_null (strstr (error->message, "4444"));
  g_clear_error (&error);
  g_assert_false (st_oauth_check_text ("text", "\xff", 3, &error));
  g_assert_error (error, ST_ERROR, ST_ERROR_DATA);
}

/* 28 characters ending in "a", each time others (spec/databases.md 3.1). */
static void
test_random_key (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      char *key = st_oauth_client_random_key ();

      g_assert_cmpuint (strlen (key), ==, 28);
      g_assert_cmpint (key[27], ==, 'a');
      g_assert_cmpuint (strspn (key, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"), ==, 28);
      g_assert_true (g_hash_table_add (seen, key));
    }
}

static void
test_client_name (void)
{
  static const struct
  {
    const char *user;
    const char *expected;
  } cases[] = {
    { "admin", "admin_DefaultApplication_PRODUCTION" },
    { "bob@mail.com", "bob-AT-mail.com_DefaultApplication_PRODUCTION" },
    { "LDAP/bob", "LDAP_bob_DefaultApplication_PRODUCTION" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = st_oauth_client_make_name (cases[i].user, "DefaultApplication", "PRODUCTION");

      g_assert_cmpstr (name, ==, cases[i].expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oauth-form/hash", test_hash);
  g_test_add_func ("/oauth-form/scopes", test_scopes);
  g_test_add_func ("/oauth-form/scope-limits", test_scope_limits);
  g_test_add_func ("/oauth-form/user", test_user);
  g_test_add_func ("/oauth-form/odd-users", test_odd_users);
  g_test_add_func ("/oauth-form/names", test_names);
  g_test_add_func ("/oauth-form/texts", test_texts);
  g_test_add_func ("/oauth-form/random-key", test_random_key);
  g_test_add_func ("/oauth-form/client-name", test_client_name);
  return g_test_run ();
}
