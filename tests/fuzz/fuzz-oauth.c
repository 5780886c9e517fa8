/* Parameters of OAuth requests, as terminated text: scopes, validity, PKCE, JSONP callback. What is accepted has the form that the rules promise. */
#include "config.h"
#include "core/core-oauth.h"
#include "tests/fuzz/replay.h"

#include <string.h>

static void
check_scopes (const char *text)
{
  g_auto (GStrv) scopes = core_oauth_parse_scopes (text);

  if (scopes == NULL)
    return;
  g_assert_cmpuint (g_strv_length (scopes), <=, CORE_OAUTH_MAX_SCOPES);
  for (guint i = 0; scopes[i] != NULL; i++)
    for (const char *at = scopes[i]; *at != '\0' || at == scopes[i]; at++)
      g_assert_true (*at > ' ' && *at <= '~' && *at != '"' && *at != '\\');
  g_assert_true (core_oauth_scopes_within ((const char *const *) scopes, (const char *const *) scopes));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gint64 asked_s;

  check_scopes (text);
  if (core_oauth_parse_validity (text, &asked_s))
    g_assert_cmpint (core_oauth_validity_ms (asked_s, 60, 60) / 1000, ==,
                     asked_s == CORE_OAUTH_UNASKED || asked_s == 0 ? 60 : MAX (asked_s, -1));
  if (core_oauth_is_callback (text))
    g_assert_cmpuint (strspn (text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._$"), ==,
                      strlen (text));
  if (core_oauth_check_challenge (text, "plain", TRUE, TRUE) == CORE_OAUTH_PKCE_OK)
    g_assert_cmpint (core_oauth_check_verifier (text, "plain", text, TRUE, TRUE), ==, CORE_OAUTH_PKCE_OK);
  core_oauth_check_verifier (text, "S256", text, TRUE, FALSE);
  core_oauth_client_may (text, CORE_OAUTH_PASSWORD);
  return 0;
}
