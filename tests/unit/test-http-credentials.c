#include "config.h"
#include "net/net-http-credentials.h"

#include <string.h>

static void
add_header (NetHttpRequest *request, const char *name, const char *value)
{
  NetHttpHeader *header = &request->headers[request->n_headers++];

  header->name = (NetHttpText){ name, strlen (name) };
  header->value = (NetHttpText){ value, strlen (value) };
}

static char *
encode (const char *text, gsize length)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *) text, length);

  return g_strconcat ("Basic ", encoded, NULL);
}

static void
test_basic (void)
{
  static const struct
  {
    const char *value; /* NULL: the pair is encoded */
    const char *pair;
    gsize length;
    NetHttpCredentials result;
    const char *user, *password;
  } cases[] = {
    { NULL, "admin:secret", 12, NET_HTTP_CREDENTIALS_FOUND, "admin", "secret" },
    { NULL, "a:b:c", 5, NET_HTTP_CREDENTIALS_FOUND, "a", "b:c" },
    { NULL, ":", 1, NET_HTTP_CREDENTIALS_FOUND, "", "" },
    { NULL, "a@b.c:p", 7, NET_HTTP_CREDENTIALS_FOUND, "a@b.c", "p" },
    { "basic YTpi", NULL, 0, NET_HTTP_CREDENTIALS_FOUND, "a", "b" },
    { "BASIC   YTpi", NULL, 0, NET_HTTP_CREDENTIALS_FOUND, "a", "b" },
    { NULL, "no colon", 8, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { NULL, "a:b\0c", 5, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { "Basic", NULL, 0, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { "Basic YTp", NULL, 0, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { "Basic YT=i", NULL, 0, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { "Basic YTpi YTpi", NULL, 0, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { "Basic YTp-", NULL, 0, NET_HTTP_CREDENTIALS_MALFORMED, NULL, NULL },
    { "BasicYTpi", NULL, 0, NET_HTTP_CREDENTIALS_NONE, NULL, NULL },
    { "Bearer YTpi", NULL, 0, NET_HTTP_CREDENTIALS_NONE, NULL, NULL },
    { "", NULL, 0, NET_HTTP_CREDENTIALS_NONE, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NetHttpRequest request = { .n_headers = 0 };
      g_autofree char *encoded = cases[i].pair != NULL ? encode (cases[i].pair, cases[i].length) : NULL;
      NetHttpBasic basic;

      add_header (&request, "authorization", encoded != NULL ? encoded : cases[i].value);
      g_test_message ("%u: %s", i, cases[i].value);
      g_assert_cmpint (net_http_request_basic (&request, &basic), ==, cases[i].result);
      if (cases[i].result != NET_HTTP_CREDENTIALS_FOUND)
        continue;
      g_assert_cmpstr (basic.user, ==, cases[i].user);
      g_assert_cmpstr (basic.password, ==, cases[i].password);
      net_http_basic_clear (&basic);
    }
}

static void
test_basic_too_long (void)
{
  g_autofree char *longest = g_strnfill (NET_HTTP_MAX_CREDENTIALS - 2, 'a'); /* a length that Base64 does not round up */
  g_autofree char *text = g_strconcat (":", longest, "b", NULL);
  g_autofree char *fits = encode (text, strlen (text) - 2);
  g_autofree char *more = g_strconcat (text, "cc", NULL);
  g_autofree char *too_long = encode (more, strlen (more));
  NetHttpRequest request = { .n_headers = 0 };
  NetHttpRequest other = { .n_headers = 0 };
  NetHttpBasic basic;

  add_header (&request, "Authorization", fits);
  g_assert_cmpint (net_http_request_basic (&request, &basic), ==, NET_HTTP_CREDENTIALS_FOUND);
  add_header (&other, "Authorization", too_long);
  g_assert_cmpint (net_http_request_basic (&other, &basic), ==, NET_HTTP_CREDENTIALS_MALFORMED);
}

static void
test_two_headers (void)
{
  NetHttpRequest request = { .n_headers = 0 };
  NetHttpBasic basic;
  NetHttpText token;

  add_header (&request, "Authorization", "Basic YTpi");
  add_header (&request, "AUTHORIZATION", "Bearer x");
  g_assert_cmpint (net_http_request_basic (&request, &basic), ==, NET_HTTP_CREDENTIALS_MALFORMED);
  g_assert_cmpint (net_http_request_bearer (&request, &token), ==, NET_HTTP_CREDENTIALS_MALFORMED);
}

static void
test_bearer (void)
{
  static const struct
  {
    const char *value;
    NetHttpCredentials result;
    const char *token;
  } cases[] = {
    { "Bearer mF_9.B5f-4.1JqM", NET_HTTP_CREDENTIALS_FOUND, "mF_9.B5f-4.1JqM" },
    { "bearer  a+/~==", NET_HTTP_CREDENTIALS_FOUND, "a+/~==" },
    { "Bearer", NET_HTTP_CREDENTIALS_MALFORMED, NULL },
    { "Bearer a b", NET_HTTP_CREDENTIALS_MALFORMED, NULL },
    { "Bearer \"a\"", NET_HTTP_CREDENTIALS_MALFORMED, NULL },
    { "Basic YTpi", NET_HTTP_CREDENTIALS_NONE, NULL },
    { "Bearerx", NET_HTTP_CREDENTIALS_NONE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NetHttpRequest request = { .n_headers = 0 };
      NetHttpText token;

      add_header (&request, "Authorization", cases[i].value);
      g_test_message ("%s", cases[i].value);
      g_assert_cmpint (net_http_request_bearer (&request, &token), ==, cases[i].result);
      if (cases[i].token != NULL)
        g_assert_true (net_http_text_equal (token, cases[i].token));
    }
}

static void
test_cookies (void)
{
  static const struct
  {
    const char *headers[3];
    const char *value;
  } cases[] = {
    { { "JSESSIONID=abc" }, "abc" },
    { { "a=1; JSESSIONID=abc; b=2" }, "abc" },
    { { "a=1;JSESSIONID=abc" }, "abc" },
    { { "a=1", "JSESSIONID=abc" }, "abc" },
    { { "JSESSIONID=abc; JSESSIONID=def" }, "abc" },
    { { "JSESSIONID=\"abc\"" }, "abc" },
    { { "JSESSIONID=" }, "" },
    { { ";;JSESSIONID=a=b;" }, "a=b" },
    { { "XJSESSIONID=abc" }, NULL },
    { { "JSESSIONIDX=abc" }, NULL },
    { { "jsessionid=abc" }, NULL },
    { { "JSESSIONID" }, NULL },
    { { "" }, NULL },
    { { NULL }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      NetHttpRequest request = { .n_headers = 0 };
      NetHttpText value;

      for (guint j = 0; cases[i].headers[j] != NULL; j++)
        add_header (&request, "Cookie", cases[i].headers[j]);
      g_test_message ("%s", cases[i].headers[0]);
      g_assert_cmpint (net_http_request_cookie (&request, "JSESSIONID", &value), ==, cases[i].value != NULL);
      if (cases[i].value != NULL)
        g_assert_true (net_http_text_equal (value, cases[i].value));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-credentials/basic", test_basic);
  g_test_add_func ("/http-credentials/basic-too-long", test_basic_too_long);
  g_test_add_func ("/http-credentials/two-headers", test_two_headers);
  g_test_add_func ("/http-credentials/bearer", test_bearer);
  g_test_add_func ("/http-credentials/cookies", test_cookies);
  return g_test_run ();
}
