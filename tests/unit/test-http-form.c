#include "config.h"
#include "net/net-http-form.h"

#include <string.h>

/* @fields: "name|value" each; NULL: refused. */
typedef struct
{
  const char *text;
  gsize length;
  const char *fields[4];
} FormCase;

#define TEXT(text) text, sizeof text - 1

static const FormCase cases[] = {
  { TEXT ("grant_type=password&username=a+b"), { "grant_type|password", "username|a b" } },
  { TEXT ("a=%41%2b%26%3D"), { "a|A+&=" } },
  { TEXT ("%61=1"), { "a|1" } },
  { TEXT ("%61"), { "a|" } },
  { TEXT ("%61&b=2"), { "a|", "b|2" } },
  { TEXT ("a&b"), { "a|", "b|" } },
  { TEXT ("a="), { "a|" } },
  { TEXT ("a=b=c"), { "a|b=c" } },
  { TEXT ("a=1&&b=2&"), { "a|1", "b|2" } },
  { TEXT ("a=1&a=2"), { "a|1", "a|2" } },
  { TEXT ("n=%C3%A9"), { "n|\xc3\xa9" } },
  { TEXT (""), { "" } },
  { TEXT ("=1"), { NULL } },
  { TEXT ("a=%"), { NULL } },
  { TEXT ("a=%4"), { NULL } },
  { TEXT ("a=%4g"), { NULL } },
  { TEXT ("a%=1"), { NULL } },
  { TEXT ("a=%4&b=1"), { NULL } }, /* the digits must not come from the next field */
  { TEXT ("a=%00"), { NULL } },
  { TEXT ("a=b\0c"), { NULL } },
  { TEXT ("a=%ff"), { NULL } },
  { TEXT ("%ff=a"), { NULL } },
};

static void
test_fields (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* A copy of exactly this size, so that AddressSanitizer sees a look past the end. */
      g_autofree char *copy = g_memdup2 (cases[i].text, cases[i].length);
      const char *error = NULL;
      g_autoptr (NetHttpForm) form = net_http_form_parse (copy, cases[i].length, &error);
      guint n = 0;

      g_test_message ("%s", cases[i].text);
      if (cases[i].fields[0] == NULL)
        {
          g_assert_null (form);
          g_assert_nonnull (error);
          continue;
        }
      g_assert_nonnull (form);
      for (; cases[i].fields[n] != NULL && *cases[i].fields[n] != '\0'; n++)
        {
          const char *name, *value;
          g_autofree char *both = NULL;

          net_http_form_field (form, n, &name, &value);
          both = g_strdup_printf ("%s|%s", name, value);
          g_assert_cmpstr (both, ==, cases[i].fields[n]);
        }
      g_assert_cmpuint (net_http_form_length (form), ==, n);
    }
}

static NetHttpForm *
parse (const char *text)
{
  const char *error;
  NetHttpForm *form = net_http_form_parse (text, strlen (text), &error);

  g_assert_nonnull (form);
  return form;
}

static void
test_look_up (void)
{
  g_autoptr (NetHttpForm) form = parse ("scope=a&token=1&scope=b");
  g_autoptr (NetHttpForm) other = parse ("Scope=a&scope=b");

  g_assert_cmpstr (net_http_form_get (form, "scope"), ==, "a");
  g_assert_cmpstr (net_http_form_get (form, "token"), ==, "1");
  g_assert_null (net_http_form_get (form, "Token"));
  g_assert_cmpstr (net_http_form_repeated (form), ==, "scope");
  g_assert_null (net_http_form_repeated (other)); /* names are case-sensitive */
}

static void
test_too_many (void)
{
  g_autoptr (GString) text = g_string_new ("a=1");
  const char *error;

  for (guint i = 1; i < NET_HTTP_MAX_FIELDS; i++)
    g_string_append (text, "&a=1");
  net_http_form_free (net_http_form_parse (text->str, text->len, &error));
  g_assert_null (error);
  g_string_append (text, "&a=1");
  g_assert_null (net_http_form_parse (text->str, text->len, &error));
  g_assert_cmpstr (error, ==, "the form has too many fields");
}

static void
test_content_type (void)
{
  static const struct
  {
    const char *value;
    gboolean form;
  } types[] = {
    { "application/x-www-form-urlencoded", TRUE },
    { "Application/X-WWW-Form-URLencoded; charset=UTF-8", TRUE },
    { "application/x-www-form-urlencoded;charset=UTF-8", TRUE },
    { "application/x-www-form-urlencodedX", FALSE },
    { "application/json", FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      NetHttpRequest request = { .n_headers = 1 };

      request.headers[0].name = (NetHttpText){ "content-type", strlen ("content-type") };
      request.headers[0].value = (NetHttpText){ types[i].value, strlen (types[i].value) };
      g_test_message ("%s", types[i].value);
      g_assert_cmpint (net_http_request_has_form (&request), ==, types[i].form);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-form/fields", test_fields);
  g_test_add_func ("/http-form/look-up", test_look_up);
  g_test_add_func ("/http-form/too-many", test_too_many);
  g_test_add_func ("/http-form/content-type", test_content_type);
  return g_test_run ();
}
