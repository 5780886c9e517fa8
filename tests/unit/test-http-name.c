#include "config.h"
#include "net/net-http-chars.h"
#include "net/net-http-name.h"

/* The definitions of RFC 9110, said once more. */
static gboolean
is_token_char (guint byte)
{
  return byte < 0x80 && byte != 0
         && (g_ascii_isalnum ((char) byte) || strchr ("!#$%&'*+-.^_`|~", (char) byte) != NULL);
}

static gboolean
is_field_char (guint byte)
{
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

static void
test_classes (void)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      g_assert_cmpint (net_http_is_token_char ((char) byte), ==, is_token_char (byte));
      g_assert_cmpint (net_http_is_field_char ((char) byte), ==, is_field_char (byte));
    }
}

/* Each byte at each place of texts of each length up to several words. */
static void
test_span (void)
{
  char text[50];

  for (gsize length = 0; length <= sizeof text; length++)
    for (gsize place = 0; place <= length; place++)
      for (guint byte = 0; byte < 256; byte++)
        {
          gsize expected = place < length && !is_field_char (byte) ? place : length;
          g_autofree char *copy = NULL;

          memset (text, 'x', sizeof text);
          if (place < length)
            text[place] = (char) byte;
          copy = g_memdup2 (text, length); /* no byte more: a sanitizer sees who reads on */
          g_assert_cmpuint (net_http_field_span (copy, length), ==, expected);
          if (place == length)
            break;
        }
}

static void
test_same (void)
{
  for (guint a = 0; a < 256; a++)
    for (guint b = 0; b < 256; b++)
      {
        char one = (char) a, other = (char) b;

        g_assert_cmpint (net_http_same_nocase (&one, &other, 1), ==,
                         a == b || (a < 0x80 && b < 0x80 && g_ascii_tolower (one) == g_ascii_tolower (other)));
      }
}

static const struct
{
  const char *text;
  NetHttpName name;
} names[] = {
  { "Access-Control-Allow-Credentials", NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_CREDENTIALS },
  { "Access-Control-Allow-Headers", NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_HEADERS },
  { "Access-Control-Allow-Methods", NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_METHODS },
  { "Access-Control-Allow-Origin", NET_HTTP_NAME_ACCESS_CONTROL_ALLOW_ORIGIN },
  { "activityID", NET_HTTP_NAME_ACTIVITY_ID },
  { "Authorization", NET_HTTP_NAME_AUTHORIZATION },
  { "Connection", NET_HTTP_NAME_CONNECTION },
  { "Content-Encoding", NET_HTTP_NAME_CONTENT_ENCODING },
  { "Content-Length", NET_HTTP_NAME_CONTENT_LENGTH },
  { "Content-Type", NET_HTTP_NAME_CONTENT_TYPE },
  { "Cookie", NET_HTTP_NAME_COOKIE },
  { "Date", NET_HTTP_NAME_DATE },
  { "Expect", NET_HTTP_NAME_EXPECT },
  { "Forwarded", NET_HTTP_NAME_FORWARDED },
  { "Host", NET_HTTP_NAME_HOST },
  { "HTTP2-Settings", NET_HTTP_NAME_HTTP2_SETTINGS },
  { "Keep-Alive", NET_HTTP_NAME_KEEP_ALIVE },
  { "Origin", NET_HTTP_NAME_ORIGIN },
  { "Proxy-Authenticate", NET_HTTP_NAME_PROXY_AUTHENTICATE },
  { "Proxy-Authentication-Info", NET_HTTP_NAME_PROXY_AUTHENTICATION_INFO },
  { "Proxy-Authorization", NET_HTTP_NAME_PROXY_AUTHORIZATION },
  { "Proxy-Connection", NET_HTTP_NAME_PROXY_CONNECTION },
  { "Referer", NET_HTTP_NAME_REFERER },
  { "Server", NET_HTTP_NAME_SERVER },
  { "Set-Cookie", NET_HTTP_NAME_SET_COOKIE },
  { "TE", NET_HTTP_NAME_TE },
  { "traceparent", NET_HTTP_NAME_TRACEPARENT },
  { "Trailer", NET_HTTP_NAME_TRAILER },
  { "Transfer-Encoding", NET_HTTP_NAME_TRANSFER_ENCODING },
  { "Upgrade", NET_HTTP_NAME_UPGRADE },
  { "User-Agent", NET_HTTP_NAME_USER_AGENT },
  { "X-Forwarded-For", NET_HTTP_NAME_X_FORWARDED_FOR },
  { "X-Forwarded-Host", NET_HTTP_NAME_X_FORWARDED_HOST },
  { "X-Forwarded-Port", NET_HTTP_NAME_X_FORWARDED_PORT },
  { "X-Forwarded-Proto", NET_HTTP_NAME_X_FORWARDED_PROTO },
};

static void
test_names (void)
{
  g_assert_cmpuint (G_N_ELEMENTS (names), ==, NET_HTTP_N_NAMES - NET_HTTP_NAME_OTHER - 1); /* every one */
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *small = g_ascii_strdown (names[i].text, -1), *large = g_ascii_strup (names[i].text, -1);
      gsize length = strlen (names[i].text);

      g_assert_cmpint (net_http_name_find (names[i].text, length), ==, names[i].name);
      g_assert_cmpint (net_http_name_find (small, length), ==, names[i].name);
      g_assert_cmpint (net_http_name_find (large, length), ==, names[i].name);
      g_assert_cmpint (net_http_name_find (names[i].text, length - 1), ==, NET_HTTP_NAME_OTHER);
    }
}

/* No byte in the place of another one, other than the same letter, leaves a name what it was. */
static void
test_neighbours (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize place = 0; names[i].text[place] != '\0'; place++)
      for (guint byte = 0; byte < 256; byte++)
        {
          g_autofree char *text = g_strdup (names[i].text);
          gboolean same = byte < 0x80 && g_ascii_tolower ((char) byte) == g_ascii_tolower (text[place]);

          text[place] = (char) byte;
          g_assert_cmpint (net_http_name_find (text, strlen (names[i].text)) == names[i].name, ==, same);
        }
}

static void
test_other_names (void)
{
  static const char *const others[] = { "", "X", "X-Forwarded-", "Content-Lengths", "Content_Length",
                                        "Access-Control-Allow-Credentials-Of-All" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_cmpint (net_http_name_find (others[i], strlen (others[i])), ==, NET_HTTP_NAME_OTHER);
}

/* What may be reflected in a header. */
static void
test_field_text (void)
{
  g_assert_true (net_http_is_field_text ("a value, \"quoted\"\t\xc3\xa9"));
  g_assert_true (net_http_is_field_text ("0123456789abcdef0123456789abcdef"));
  g_assert_false (net_http_is_field_text (""));
  g_assert_false (net_http_is_field_text ("a\r\nb"));
  g_assert_false (net_http_is_field_text ("0123456789abcdef0123456789abcde\x7f"));
  g_assert_false (net_http_is_field_text ("\x01"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-name/classes", test_classes);
  g_test_add_func ("/http-name/span", test_span);
  g_test_add_func ("/http-name/same", test_same);
  g_test_add_func ("/http-name/field-text", test_field_text);
  g_test_add_func ("/http-name/names", test_names);
  g_test_add_func ("/http-name/neighbours", test_neighbours);
  g_test_add_func ("/http-name/other", test_other_names);
  return g_test_run ();
}
