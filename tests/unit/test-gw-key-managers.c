/* APIKeyValidator/ServerURL. */
#include "config.h"
#include "gateway/gw-key-managers.h"

#include <string.h>

/* "host:port/path host:port/path", or the error. Free with g_free(). */
static char *
parse (const char *urls)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) managers = gw_key_managers_parse (urls, 9444, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  if (managers == NULL)
    {
      g_assert_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE);
      g_assert_true (g_str_has_prefix (error->message, "APIKeyValidator/ServerURL: "));
      return g_strdup (strchr (error->message, ' ') + 1);
    }
  g_assert_no_error (error);
  for (guint i = 0; i < managers->len; i++)
    {
      const GwKeyManager *manager = managers->pdata[i];

      g_string_append_printf (text, "%s%s|%u|%s", i > 0 ? " " : "", manager->host, manager->port, manager->path);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_urls (void)
{
#define NO_URL " is no https URL, such as https://keymanager:9443/services/"
#define NO_SERVICES " is not the URL of services, such as https://keymanager:9443/services/"
  static const struct
  {
    const char *urls, *expected;
  } rows[] = {
    { NULL, "localhost|9444|/services/" },
    { "https://km:9443/services/", "km|9443|/services/" },
    { "https://km:9443/services", "km|9443|/services/" },
    { "https://km:9443//services/", "km|9443|/services/" },
    { "https://km:9443/ctx//services/", "km|9443|/ctx/services/" },
    { "https://km", "km|443|/" },
    { "https://[2001:db8::1]:9443/services/", "2001:db8::1|9443|/services/" },
    { " https://a:1/services/ , https://b:2/services/", "a|1|/services/ b|2|/services/" },
    { "http://km:9763/services/", "\"http://km:9763/services/\"" NO_URL },
    { "km:9443", "\"km:9443\"" NO_URL },
    { "https://a:1/services/,", "\"\"" NO_URL },
    { "https://:9443/services/", "\"https://:9443/services/\"" NO_SERVICES },
    { "https://km:9443/services/?x", "\"https://km:9443/services/?x\"" NO_SERVICES },
    { "https://km:9443/services/#x", "\"https://km:9443/services/#x\"" NO_SERVICES },
    { "https://user@km:9443/services/", "\"https://user@km:9443/services/\"" NO_SERVICES },
    { "https://km:99999/services/", NULL },
    { "https://km:0/services/", "\"https://km:0/services/\" has no port between 1 and 65535" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *got = parse (rows[i].urls);

      if (rows[i].expected != NULL)
        g_assert_cmpstr (got, ==, rows[i].expected);
      else
        g_assert_true (g_str_has_prefix (got, "\"https://km:99999/services/\" "));
    }
}

static void
test_too_many (void)
{
  g_autoptr (GString) urls = g_string_new ("https://km0/");
  g_autofree char *most = NULL, *one_more = NULL;

  for (guint i = 1; i < GW_KEY_MANAGERS_MAX; i++)
    g_string_append_printf (urls, ",https://km%u/", i);
  most = parse (urls->str);
  g_assert_true (g_str_has_suffix (most, " km15|443|/"));
  g_string_append (urls, ",https://km/");
  one_more = parse (urls->str);
  g_assert_cmpstr (one_more, ==, "\"https://km/\" is one Key Manager more than a gateway can ask");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-key-managers/urls", test_urls);
  g_test_add_func ("/gw-key-managers/too-many", test_too_many);
  return g_test_run ();
}
