/* The rules of issuing tokens, each as a table. */
#include "config.h"
#include "core/core-oauth.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1700000000000)

static void
test_remaining (void)
{
  static const struct
  {
    gint64 issued_ms, validity_ms, skew_ms, remaining_ms;
  } cases[] = {
    { NOW, 3600000, 0, 3600000 },
    { NOW - 3598999, 3600000, 0, 1001 },
    { NOW - 3599000, 3600000, 0, 0 }, /* its last second */
    { NOW - 3600000, 3600000, 0, 0 },
    { NOW - 3600000, 3600000, 300000, 300000 },
    { NOW - 3899000, 3600000, 300000, 0 },
    { NOW - 1, -1, 0, G_MAXINT64 },
    { 0, -1000, 0, G_MAXINT64 },
    { 0, G_MAXINT64, 0, G_MAXINT64 },
    { 0, 0, 0, 0 },
    { G_MAXINT64, G_MAXINT64 - 1, 0, G_MAXINT64 - NOW },
    { G_MININT64, 0, 0, 0 },
    { NOW, 0, G_MAXINT64, G_MAXINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpint (core_oauth_remaining_ms (cases[i].issued_ms, cases[i].validity_ms, cases[i].skew_ms, NOW), ==,
                       cases[i].remaining_ms);
    }
}

static void
test_validity (void)
{
  static const struct
  {
    gint64 asked_s, client_s, server_s, validity_ms;
  } cases[] = {
    { CORE_OAUTH_UNASKED, 0, 3600, 3600000 },
    { CORE_OAUTH_UNASKED, 60, 3600, 60000 },
    { CORE_OAUTH_UNASKED, 0, -1, CORE_OAUTH_NEVER_MS },
    { CORE_OAUTH_UNASKED, -1, 3600, CORE_OAUTH_NEVER_MS },
    { CORE_OAUTH_UNASKED, 60, -1, 60000 },
    { 0, 0, 3600, 3600000 }, /* "use the default" */
    { 0, 60, 3600, 60000 },
    { 5, 60, 3600, 5000 },
    { -2, 60, 3600, CORE_OAUTH_NEVER_MS }, /* what the Store sends for -1 */
    { G_MININT64, 60, 3600, CORE_OAUTH_NEVER_MS },
    { G_MAXINT64, 60, 3600, CORE_OAUTH_NEVER_MS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpint (core_oauth_validity_ms (cases[i].asked_s, cases[i].client_s, cases[i].server_s), ==,
                       cases[i].validity_ms);
    }
}

static void
test_parse_validity (void)
{
  static const struct
  {
    const char *text;
    gboolean valid;
    gint64 asked_s;
  } cases[] = {
    { NULL, TRUE, -1 },   { "", TRUE, -1 },        { "-1", TRUE, -1 },    { "-2", TRUE, -2 }, { "0", TRUE, 0 },
    { "60", TRUE, 60 },   { "6 ", FALSE, 0 },      { " 6", FALSE, 0 },    { "6s", FALSE, 0 }, { "1e3", FALSE, 0 },
    { "0x10", FALSE, 0 }, { "9223372036854775", TRUE, G_GINT64_CONSTANT (9223372036854775) },
    { "9223372036854776", FALSE, 0 },              { "99999999999999999999", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 asked_s;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (core_oauth_parse_validity (cases[i].text, &asked_s), ==, cases[i].valid);
      if (cases[i].valid)
        g_assert_cmpint (asked_s, ==, cases[i].asked_s);
    }
}

static void
test_expires_in (void)
{
  g_assert_cmpint (core_oauth_expires_in_s (3600000, FALSE), ==, 3600);
  g_assert_cmpint (core_oauth_expires_in_s (3599999, TRUE), ==, 3599);
  g_assert_cmpint (core_oauth_expires_in_s (G_MAXINT64, FALSE), ==, G_GINT64_CONSTANT (9223372036854775807));
  g_assert_cmpint (core_oauth_expires_in_s (G_MAXINT64, TRUE), ==, G_GINT64_CONSTANT (9223372036854775));
}

static void
test_issue (void)
{
  g_assert_cmpint (core_oauth_issue (1001, 0, FALSE), ==, CORE_OAUTH_REUSE);
  g_assert_cmpint (core_oauth_issue (G_MAXINT64, 0, TRUE), ==, CORE_OAUTH_REUSE);
  g_assert_cmpint (core_oauth_issue (0, 1001, TRUE), ==, CORE_OAUTH_KEEP_REFRESH);
  g_assert_cmpint (core_oauth_issue (0, G_MAXINT64, TRUE), ==, CORE_OAUTH_KEEP_REFRESH);
  g_assert_cmpint (core_oauth_issue (0, 1001, FALSE), ==, CORE_OAUTH_NEW);
  g_assert_cmpint (core_oauth_issue (0, 0, TRUE), ==, CORE_OAUTH_NEW);
}

static void
test_refresh (void)
{
  g_assert_cmpint (core_oauth_refresh ("ACTIVE", FALSE, 1001), ==, CORE_OAUTH_REFRESH_OK);
  g_assert_cmpint (core_oauth_refresh ("EXPIRED", FALSE, 1001), ==, CORE_OAUTH_REFRESH_OK);
  g_assert_cmpint (core_oauth_refresh ("ACTIVE", FALSE, 0), ==, CORE_OAUTH_REFRESH_EXPIRED);
  g_assert_cmpint (core_oauth_refresh ("EXPIRED", TRUE, 1001), ==, CORE_OAUTH_REFRESH_UNKNOWN);
  g_assert_cmpint (core_oauth_refresh ("INACTIVE", FALSE, 1001), ==, CORE_OAUTH_REFRESH_UNKNOWN);
  g_assert_cmpint (core_oauth_refresh ("REVOKED", FALSE, 1001), ==, CORE_OAUTH_REFRESH_UNKNOWN);
  g_assert_cmpint (core_oauth_refresh ("BLOCKED", FALSE, 1001), ==, CORE_OAUTH_REFRESH_UNKNOWN);
  g_assert_cmpint (core_oauth_refresh ("", FALSE, 1001), ==, CORE_OAUTH_REFRESH_UNKNOWN);
}

static void
test_grants (void)
{
  static const struct
  {
    const char *registered, *grant;
    gboolean may;
  } cases[] = {
    { "password refresh_token", "password", TRUE },
    { "refresh_token password", "password", TRUE },
    { "  password  ", "password", TRUE },
    { "password2 xpassword", "password", FALSE },
    { "client_credentials", "password", FALSE },
    { "client_credentials", "application_token", TRUE },
    { "application_token", "client_credentials", FALSE },
    { "password", "client_credentials", FALSE },
    { NULL, "password", FALSE },
    { "", "password", FALSE },
    { "  ", "password", FALSE },
    { NULL, "client_credentials", TRUE },
    { "", "authorization_code", TRUE },
    { " ", "refresh_token", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s of \"%s\"", cases[i].grant, cases[i].registered);
      g_assert_cmpint (core_oauth_client_may (cases[i].registered, cases[i].grant), ==, cases[i].may);
    }
}

/* RFC 7636, appendix B. */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static void
test_verifier (void)
{
  static const struct
  {
    const char *challenge, *method, *verifier;
    gboolean mandatory, plain;
    CoreOauthPkce result;
  } cases[] = {
    { CHALLENGE, "S256", VERIFIER, TRUE, FALSE, CORE_OAUTH_PKCE_OK },
    { CHALLENGE, "S256", CHALLENGE, TRUE, TRUE, CORE_OAUTH_PKCE_MISMATCH },
    { VERIFIER, "plain", VERIFIER, FALSE, TRUE, CORE_OAUTH_PKCE_OK },
    { VERIFIER, NULL, VERIFIER, FALSE, TRUE, CORE_OAUTH_PKCE_OK },
    { VERIFIER, "plain", VERIFIER, FALSE, FALSE, CORE_OAUTH_PKCE_METHOD },
    { VERIFIER, "S512", VERIFIER, FALSE, TRUE, CORE_OAUTH_PKCE_METHOD },
    { VERIFIER, "s256", VERIFIER, FALSE, TRUE, CORE_OAUTH_PKCE_METHOD },
    { CHALLENGE, "S256", NULL, FALSE, FALSE, CORE_OAUTH_PKCE_MISSING },
    { CHALLENGE, "S256", "", FALSE, FALSE, CORE_OAUTH_PKCE_MISSING },
    { CHALLENGE, "S256", "short", FALSE, FALSE, CORE_OAUTH_PKCE_MALFORMED },
    { CHALLENGE, "S256", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX+", FALSE, FALSE, CORE_OAUTH_PKCE_MALFORMED },
    { NULL, NULL, NULL, FALSE, FALSE, CORE_OAUTH_PKCE_OK },
    { NULL, NULL, "", FALSE, FALSE, CORE_OAUTH_PKCE_OK },
    { NULL, NULL, VERIFIER, FALSE, FALSE, CORE_OAUTH_PKCE_UNEXPECTED },
    { NULL, NULL, NULL, TRUE, FALSE, CORE_OAUTH_PKCE_MISSING },
    { "", NULL, VERIFIER, TRUE, FALSE, CORE_OAUTH_PKCE_MISSING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpint (core_oauth_check_verifier (cases[i].challenge, cases[i].method, cases[i].verifier,
                                                  cases[i].mandatory, cases[i].plain),
                       ==, cases[i].result);
    }
}

static void
test_challenge (void)
{
  static const struct
  {
    const char *challenge, *method;
    gboolean mandatory, plain;
    CoreOauthPkce result;
  } cases[] = {
    { CHALLENGE, "S256", TRUE, FALSE, CORE_OAUTH_PKCE_OK },
    { CHALLENGE "=", "S256", TRUE, FALSE, CORE_OAUTH_PKCE_MALFORMED },
    { "x", "S256", FALSE, FALSE, CORE_OAUTH_PKCE_MALFORMED },
    { VERIFIER, "plain", FALSE, TRUE, CORE_OAUTH_PKCE_OK },
    { VERIFIER, NULL, FALSE, FALSE, CORE_OAUTH_PKCE_METHOD },
    { "x", "plain", FALSE, TRUE, CORE_OAUTH_PKCE_MALFORMED },
    { VERIFIER, "none", FALSE, TRUE, CORE_OAUTH_PKCE_METHOD },
    { NULL, NULL, FALSE, FALSE, CORE_OAUTH_PKCE_OK },
    { NULL, NULL, TRUE, FALSE, CORE_OAUTH_PKCE_MISSING },
    { NULL, "S256", FALSE, FALSE, CORE_OAUTH_PKCE_MISSING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("case %u", i);
      g_assert_cmpint (core_oauth_check_challenge (cases[i].challenge, cases[i].method, cases[i].mandatory,
                                                   cases[i].plain),
                       ==, cases[i].result);
    }
}

static void
test_redirect (void)
{
  g_assert_true (core_oauth_same_redirect ("https://a.example/cb", "https://a.example/cb"));
  g_assert_false (core_oauth_same_redirect ("https://a.example/cb", "https://a.example/cb/"));
  g_assert_false (core_oauth_same_redirect ("https://a.example/cb", "https://a.example/cb?x"));
  g_assert_false (core_oauth_same_redirect ("https://a.example/cb", "HTTPS://a.example/cb"));
  g_assert_false (core_oauth_same_redirect ("https://a.example/cb", NULL));
  g_assert_false (core_oauth_same_redirect ("regexp=.*", "https://a.example/cb"));
  g_assert_false (core_oauth_same_redirect ("", ""));
  g_assert_false (core_oauth_same_redirect (NULL, NULL));
}

static void
test_scopes (void)
{
  static const struct
  {
    const char *text, *scopes; /* joined by commas; NULL: refused */
  } cases[] = {
    { NULL, "" },         { "", "" },          { "  ", "" },           { "a", "a" },          { "b a", "b,a" },
    { " a  b a ", "a,b" }, { "a\tb", NULL },   { "a\"b", NULL },       { "a\\b", NULL },      { "caf\xc3\xa9", NULL },
    { "a\x7f", NULL },    { "apim:view", "apim:view" },
  };
  g_autoptr (GString) many = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) scopes = core_oauth_parse_scopes (cases[i].text);
      g_autofree char *joined = scopes == NULL ? NULL : g_strjoinv (",", scopes);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (joined, ==, cases[i].scopes);
    }
  for (guint i = 0; i <= CORE_OAUTH_MAX_SCOPES; i++)
    g_string_append_printf (many, "s%u ", i);
  g_assert_null (core_oauth_parse_scopes (many->str));
}

static void
test_scopes_within (void)
{
  static const char *const none[] = { NULL }, *const a[] = { "a", NULL }, *const ab[] = { "b", "a", NULL };

  g_assert_true (core_oauth_scopes_within (none, a));
  g_assert_true (core_oauth_scopes_within (a, ab));
  g_assert_true (core_oauth_scopes_within (ab, ab));
  g_assert_false (core_oauth_scopes_within (ab, a));
  g_assert_false (core_oauth_scopes_within (a, none));
}

static void
test_callback (void)
{
  static const char *const safe[] = { "f", "_f1", "$", "app.on.done" };
  static const char *const unsafe[] = { "", ".", "f.", ".f", "a..b", "1f", "f(", "f;g", "f\n", "f%", "<f>", "a.1" };

  for (guint i = 0; i < G_N_ELEMENTS (safe); i++)
    g_assert_true (core_oauth_is_callback (safe[i]));
  for (guint i = 0; i < G_N_ELEMENTS (unsafe); i++)
    g_assert_false (core_oauth_is_callback (unsafe[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oauth/remaining", test_remaining);
  g_test_add_func ("/oauth/validity", test_validity);
  g_test_add_func ("/oauth/parse-validity", test_parse_validity);
  g_test_add_func ("/oauth/expires-in", test_expires_in);
  g_test_add_func ("/oauth/issue", test_issue);
  g_test_add_func ("/oauth/refresh", test_refresh);
  g_test_add_func ("/oauth/grants", test_grants);
  g_test_add_func ("/oauth/pkce-verifier", test_verifier);
  g_test_add_func ("/oauth/pkce-challenge", test_challenge);
  g_test_add_func ("/oauth/redirect", test_redirect);
  g_test_add_func ("/oauth/scopes", test_scopes);
  g_test_add_func ("/oauth/scopes-within", test_scopes_within);
  g_test_add_func ("/oauth/callback", test_callback);
  return g_test_run ();
}
