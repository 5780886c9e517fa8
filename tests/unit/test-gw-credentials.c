/* spec/gateway-and-traffic-manager.md 1.5. */
#include "config.h"
#include "gateway/gw-credentials.h"

#include "gw-http-text.h"

#include <string.h>

#define GET "GET / HTTP/1.1\nHost: h\n"

static void
test_tokens (void)
{
  static const GwCredentialsSettings old = { .generation = APIM_GATEWAY_1_9,
                                             .header = "X-Auth",
                                             .segment = "oauth_key",
                                             .delimiter = "=",
                                             .separator = ';',
                                             .client_domain = "referer" };
  static const struct
  {
    int settings; /* 1: 1.x, 2: 2.x, 0: the ones above */
    const char *request;
    const char *token; /* NULL: none; "!": ambiguous */
  } rows[] = {
    { 2, GET "Authorization: Bearer abc", "abc" },
    { 2, GET "authorization: Bearer abc", "abc" },
    { 2, GET "Authorization: Bearer   abc", "abc" },
    { 2, GET "Authorization: Bearer \"abc\"", "abc" },
    { 2, GET "Authorization: Basic eHk6eg==, Bearer abc", "abc" },
    { 2, GET "Authorization: Bearer abc def", "abc" },
    { 2, GET "Authorization: bearer abc", NULL },
    { 2, GET "Authorization: BEARER abc", NULL },
    { 2, GET "Authorization: Bearerabc", NULL },
    { 2, GET "Authorization: Bearer", NULL },
    { 2, GET "Authorization: Bearer \"\"", NULL },
    { 2, GET "Authorization:", NULL },
    { 2, GET "X-Other: Bearer abc", NULL },
    { 2, GET "Authorization: Bearer Bearer", "Bearer" },
    { 2, GET "Authorization: Bearer abc, Bearer def", "!" },
    { 2, GET "Authorization: Bearer abc\nAuthorization: Bearer abc", "!" },
    { 2, GET "Authorization: Basic eHk6eg==\nAuthorization: Bearer abc", "!" },
    { 1, GET "Authorization: OAuth Bearer abc", "abc" },
    { 1, GET "Authorization: oauth Bearer \"abc\"", "abc" },
    { 0, GET "X-Auth: OAuth oauth_key=\"abc\"; realm=\"x\"", "abc" },
    { 0, GET "X-Auth: realm=x;oauth_key = abc ", "abc" },
    { 0, GET "Authorization: Bearer abc", NULL },
  };
  g_autoptr (GwApi) api = gw_test_api (GW_HANDLER_AUTHENTICATION);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const GwCredentialsSettings *settings
          = rows[i].settings == 2   ? gw_credentials_standard_settings (APIM_GATEWAY_2_6)
            : rows[i].settings == 1 ? gw_credentials_standard_settings (APIM_GATEWAY_1_10)
                                    : &old;
      NetHttpText token = { 0 };
      GwCredentials found = gw_credentials_find (settings, api, gw_test_request (rows[i].request), &token);

      if (rows[i].token == NULL)
        g_assert_cmpint (found, ==, GW_CREDENTIALS_NONE);
      else if (strcmp (rows[i].token, "!") == 0)
        g_assert_cmpint (found, ==, GW_CREDENTIALS_AMBIGUOUS);
      else
        {
          g_assert_cmpint (found, ==, GW_CREDENTIALS_FOUND);
          g_assert_cmpmem (token.text, token.length, rows[i].token, strlen (rows[i].token));
        }
    }
}

/* Since 2.2 an API may name its header, and say whether it goes on. */
static void
test_own_header (void)
{
  GwCredentialsSettings settings = *gw_credentials_standard_settings (APIM_GATEWAY_2_6);
  g_autoptr (GwApi) api = gw_test_api (GW_HANDLER_AUTHENTICATION);
  NetHttpText token = { 0 };

  g_assert_cmpstr (gw_credentials_header (&settings, api), ==, "Authorization");
  g_assert_false (gw_credentials_keeps_header (&settings, api));
  settings.keeps_header = TRUE;
  g_assert_true (gw_credentials_keeps_header (&settings, api));
  api->chain.authorization_header = g_strdup ("X-Key");
  g_assert_false (gw_credentials_keeps_header (&settings, api));
  api->chain.keep_authorization_header = TRUE;
  g_assert_true (gw_credentials_keeps_header (&settings, api));
  g_assert_cmpint (gw_credentials_find (&settings, api,
                                        gw_test_request (GET "Authorization: Bearer a\nX-Key: Bearer b"),
                                        &token),
                   ==, GW_CREDENTIALS_FOUND);
  g_assert_cmpmem (token.text, token.length, "b", 1);
}

static void
test_client (void)
{
  static const struct
  {
    const char *request, *address;
  } rows[] = {
    { GET "X-Forwarded-For: 10.0.0.1 , 10.0.0.2", "10.0.0.1" },
    { GET "x-forwarded-for: 10.0.0.1", "10.0.0.1" },
    { GET "X-Forwarded-For:", "192.0.2.1" },
    { GET "X-Forwarded-For: , 10.0.0.2", "192.0.2.1" },
    { GET "X-Other: 1", "192.0.2.1" },
  };
  const GwCredentialsSettings *settings = gw_credentials_standard_settings (APIM_GATEWAY_2_6);
  NetHttpText domain;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      NetHttpText address
          = gw_credentials_client_address (gw_test_request (rows[i].request), "192.0.2.1");

      g_assert_cmpmem (address.text, address.length, rows[i].address, strlen (rows[i].address));
    }
  g_assert_true (
      gw_credentials_client_domain (settings, gw_test_request (GET "Referer: https://a/b"), &domain));
  g_assert_cmpmem (domain.text, domain.length, "https://a/b", 11);
  g_assert_false (gw_credentials_client_domain (settings, gw_test_request (GET "Referer:"), &domain));
  g_assert_false (gw_credentials_client_domain (settings, gw_test_request (GET "X: y"), &domain));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-credentials/tokens", test_tokens);
  g_test_add_func ("/gw-credentials/own-header", test_own_header);
  g_test_add_func ("/gw-credentials/client", test_client);
  return g_test_run ();
}
