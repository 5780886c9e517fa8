/* The pages of /oauth2/authorize as text: whatever is shown in them is escaped. */
#include "config.h"
#include "keyvalidator/oauth/kv-page.h"
#include "keyvalidator/oauth/kv-scope-words.h"

#include <string.h>

#define EVIL "\"'><script>alert(1)</script>&amp;\xff\xe2\x80\xae"

static void
assert_harmless (char *html)
{
  g_autofree char *owned = html;

  g_assert_true (g_utf8_validate (html, -1, NULL));
  g_assert_true (g_str_has_prefix (html, "<!DOCTYPE html>\n<html lang=\"en\">"));
  g_assert_true (g_str_has_suffix (html, "</html>\n"));
  g_assert_null (strstr (html, "<script"));
  g_assert_null (strstr (html, "\"'"));
  g_assert_null (strstr (html, "%s"));
  g_assert_nonnull (strstr (html, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"));
}

static void
test_escapes (void)
{
  const KvPageClient evil = { EVIL, EVIL }, good = { "Phone", "app.example" };
  const char *const evil_words[] = { EVIL, NULL };
  const char *const good_words[] = { "call", NULL };
  const KvLoginPage logins[] = {
    { evil, "sealed", NULL, NULL, "https://a/" }, { good, EVIL, NULL, NULL, "https://a/" },
    { good, "sealed", EVIL, NULL, "https://a/" }, { good, "sealed", "bob", EVIL, "https://a/" },
    { good, "sealed", NULL, NULL, EVIL },
  };
  const KvConsentPage consents[] = {
    { evil, "bob", good_words, "sealed", "sealed" }, { good, EVIL, good_words, "sealed", "sealed" },
    { good, "bob", evil_words, "sealed", "sealed" }, { good, "bob", good_words, EVIL, "sealed" },
    { good, "bob", good_words, "sealed", EVIL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (logins); i++)
    assert_harmless (kv_page_login (&logins[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (consents); i++)
    assert_harmless (kv_page_consent (&consents[i]));
  assert_harmless (kv_page_message ("Title", EVIL, NULL, NULL));
  assert_harmless (kv_page_message (EVIL, "text", EVIL, EVIL));
}

/* Percent signs of texts are text. */
static void
test_no_formats (void)
{
  const char *const words[] = { "%s%n", NULL };
  g_autofree char *html = kv_page_consent (&(KvConsentPage){ { "100%s", "a" }, "%d", words, "x", "y" });

  g_assert_nonnull (strstr (html, "<bdi>100%s</bdi>"));
  g_assert_nonnull (strstr (html, "<bdi>%s%n</bdi>"));
  g_assert_nonnull (strstr (html, "<bdi>%d</bdi>"));
}

static void
test_login_problem (void)
{
  KvLoginPage page
      = { { "Phone", "app.example" }, "sealed", "bob", "Wrong.", "https://app.example/cb?error=access_denied" };
  g_autofree char *html = kv_page_login (&page);
  g_autofree char *first = NULL;

  g_assert_nonnull (strstr (html, "<title>Error: Log in</title>"));
  g_assert_nonnull (strstr (html, "role=\"alert\"><p id=\"problem\">Wrong.</p>"));
  g_assert_nonnull (strstr (html, "value=\"bob\" aria-invalid=\"true\" aria-describedby=\"problem\">"));
  g_assert_nonnull (strstr (html, "required aria-invalid=\"true\" aria-describedby=\"problem\" autofocus>"));
  page.problem = page.user_name = NULL;
  first = kv_page_login (&page);
  g_assert_nonnull (strstr (first, "required value=\"\" autofocus>"));
  g_assert_null (strstr (first, "role=\"alert\""));
}

static void
test_client_name (void)
{
  static const struct
  {
    const char *name, *owner, *shown;
  } cases[] = {
    { "admin_Weather_PRODUCTION", "admin", "Weather" },
    { "admin_Weather_SANDBOX", "admin", "Weather (sandbox)" },
    { "admin_rest_api", "admin", "rest_api" },
    { "other_Weather_PRODUCTION", "admin", "other_Weather" },
    { "Weather", "admin", "Weather" },
    { "admin_", "admin", "admin_" },
    { "_PRODUCTION", "admin", "_PRODUCTION" },
    { "a\xff", "admin", "a\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = kv_page_client_name (cases[i].name, cases[i].owner);

      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

static void
test_scope_words (void)
{
  static const struct
  {
    const char *scope, *name, *description, *words;
  } cases[] = {
    { "default", NULL, NULL, "call the APIs that it subscribes to" },
    { "rain", NULL, NULL, "use \"rain\"" },
    { "rain", "rain", "", "use \"rain\"" },
    { "rain", "Read rain", NULL, "use \"Read rain\" (rain)" },
    { "rain", "Read rain", "Past and future", "use \"Read rain\" (rain): Past and future" },
    { "rain", "", "Past", "use \"rain\" (rain): Past" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = kv_scope_word (cases[i].scope, cases[i].name, cases[i].description);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kv-page/escapes", test_escapes);
  g_test_add_func ("/kv-page/no-formats", test_no_formats);
  g_test_add_func ("/kv-page/login-problem", test_login_problem);
  g_test_add_func ("/kv-page/client-name", test_client_name);
  g_test_add_func ("/kv-page/scope-words", test_scope_words);
  return g_test_run ();
}
