#include "config.h"
#include "core/core-redirect.h"

#include <string.h>

static void
test_usable (void)
{
  static const char *const good[] = {
    "https://app.example/callback", "https://app.example:8443/cb?tenant=a&x=%2F",
    "http://127.0.0.1:3000/cb",     "http://localhost/",
    "com.example.app:/oauth",       "HTTPS://APP.example/cb",
    "https://[::1]:9/cb",           "urn:ietf:wg:oauth:2.0:oob",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    if (!core_redirect_is_usable (good[i]))
      g_error ("refused: %s", good[i]);
}

static void
test_not_usable (void)
{
  g_autofree char *filler = g_strnfill (CORE_REDIRECT_MAX_LENGTH, 'a');
  g_autofree char *long_one = g_strconcat ("https://app.example/", filler, NULL);
  const char *const bad[] = {
    "",
    "www.example.com",
    "/callback",
    "//app.example/cb",
    "https://",
    "https:///cb",
    "https:app.example",
    "https://app.example/cb#fragment",
    "https://app.example/cb#",
    "https://user@app.example/cb",
    "https://user:word@app.example/cb",
    "https://good.example@evil.example/",
    "https://app.example/c b",
    "https://app.example/cb\r\nSet-Cookie: x=y",
    "https://app.example/cb\n",
    "https://app.example\\@evil.example/",
    "https://app.example/\"onload=",
    "https://app.example/<script>",
    "https://app.example/\xc3\xa4",
    "https://app.example:port/",
    "https://app.example/%zz",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://app.example/x",
    "about:blank",
    "view-source:https://app.example/",
    "regexp=(https://a.example|https://b.example)",
    long_one,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    if (core_redirect_is_usable (bad[i]))
      g_error ("accepted: %s", bad[i]);
}

static void
assert_text (char *made, const char *expected)
{
  g_assert_cmpstr (made, ==, expected);
  g_free (made);
}

static void
test_make (void)
{
  assert_text (core_redirect_make ("https://a/cb", CORE_REDIRECT_QUERY, "code", "x", "state", "1", NULL),
               "https://a/cb?code=x&state=1");
  assert_text (core_redirect_make ("https://a/cb?t=1", CORE_REDIRECT_QUERY, "code", "x", "state", NULL, "iss",
                                   "https://k", NULL),
               "https://a/cb?t=1&code=x&iss=https%3A%2F%2Fk");
  assert_text (
      core_redirect_make ("https://a/cb?t=1", CORE_REDIRECT_FRAGMENT, "access_token", "x", "state", "&=#", NULL),
      "https://a/cb?t=1#access_token=x&state=%26%3D%23");
  /* What would end the header, or the value, is encoded. */
  assert_text (core_redirect_make ("app:/cb", CORE_REDIRECT_QUERY, "state", "a b\r\nX: y+\xc3\xa4\"'<", NULL),
               "app:/cb?state=a%20b%0D%0AX%3A%20y%2B%C3%A4%22%27%3C");
  assert_text (core_redirect_make ("https://a/cb", CORE_REDIRECT_QUERY, "state", NULL, NULL), "https://a/cb");
}

static void
test_shown (void)
{
  assert_text (core_redirect_place ("https://app.example/callback?x"), "app.example");
  assert_text (core_redirect_place ("http://127.0.0.1:3000/cb"), "127.0.0.1:3000");
  assert_text (core_redirect_place ("com.example.app:/oauth"), "com.example.app:");
  assert_text (core_redirect_form_action ("https://app.example/cb"), "https:");
  assert_text (core_redirect_form_action ("http://127.0.0.1:3000/cb"), "http: https:");
  assert_text (core_redirect_form_action ("com.example.app:/oauth"), "com.example.app:");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redirect/usable", test_usable);
  g_test_add_func ("/redirect/not-usable", test_not_usable);
  g_test_add_func ("/redirect/make", test_make);
  g_test_add_func ("/redirect/shown", test_shown);
  return g_test_run ();
}
