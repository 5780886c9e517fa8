/* spec/gateway-and-traffic-manager.md 5.3, 2.4. The files of tests/fixtures/synapse, run on messages. */
#include "config.h"
#include "gateway/gw-mediation.h"
#include "gateway/gw-synapse.h"

#include <string.h>

/* What a message came with. */
typedef struct
{
  const char *key_type; /* AM_KEY_TYPE */
  const char *marker;   /* the header WSO2_AM_API_DEFAULT_VERSION */
} Message;

static GwText
text_of (const char *text)
{
  return (GwText){ text, text != NULL ? strlen (text) : 0 };
}

static GwText
get (gpointer data, GwScope scope, GQuark name)
{
  const Message *message = data;

  if (scope == GW_SCOPE_MESSAGE && name == g_quark_from_static_string (GW_PROPERTY_KEY_TYPE))
    return text_of (message->key_type);
  if (scope == GW_SCOPE_TRANSPORT && name == g_quark_from_static_string ("wso2_am_api_default_version"))
    return text_of (message->marker);
  if (scope == GW_SCOPE_TRANSPORT && name == g_quark_from_static_string ("accept"))
    return text_of ("text/plain");
  return text_of (NULL);
}

static GwEndpoint *
endpoint_by_key (gpointer data, const char *key)
{
  GwEndpoint *endpoint = gw_endpoint_new (GW_ENDPOINT_HTTP);

  (void) data;
  endpoint->name = g_strdup (key);
  gw_endpoint_set_url (endpoint, "http://backend.example", NULL);
  return endpoint;
}

static GwSequence *
no_sequence (gpointer data, const char *key)
{
  (void) data, (void) key;
  return NULL;
}

static const GwSynapseKeys keys = { endpoint_by_key, no_sequence, NULL, NULL };

static GwApi *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  GwApi *api = gw_synapse_read_api ("test", text, strlen (text), &keys, NULL, &error);

  g_assert_no_error (error);
  return api;
}

/* The files of a deployment stand behind each other; @n: which one. */
static GwApi *
read_fixture (const char *name, guint n)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "synapse", name, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) files = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  files = g_strsplit (text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", -1);
  g_assert_cmpuint (n + 1, <, g_strv_length (files));
  return read_text (g_strchug (files[n + 1]));
}

static GwMediationEnd
run (GwMediation *mediation, const GwApi *api, Message *message)
{
  const GwResource *resource = g_ptr_array_index (api->resources, 0);
  GwProperties base = { get, message };

  gw_mediation_begin (mediation, &base);
  return gw_mediation_run (mediation, resource->in);
}

static void
check_value (const GwMediation *mediation, GwScope scope, const char *name, const char *expected)
{
  GwText value = gw_mediation_get (mediation, scope, gw_scope_name (scope, name));
  g_autofree char *text = value.text != NULL ? g_strndup (value.text, value.length) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

static void
test_generated (void)
{
  g_autoptr (GwApi) api = read_fixture ("2.0.xml", 0);
  g_autoptr (GwApi) production = read_fixture ("production-only.xml", 0);
  Message message = { .key_type = "PRODUCTION" };
  GwMediation mediation;

  g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_SENT);
  g_assert_cmpstr (mediation.endpoint->url, ==, "http://backend.example:8080/weather?a=1&b=2");
  message.key_type = "SANDBOX";
  g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_SENT);
  g_assert_cmpstr (mediation.endpoint->url, ==, "http://sandbox.example/weather");
  g_assert_cmpint (run (&mediation, production, &message), ==, GW_MEDIATION_FAULT);
  g_assert_cmpint (mediation.built_in, ==, GW_BUILT_IN_SANDBOX_KEY_ERROR);
  /* Whoever has no key is not taken for one with a production key. */
  message.key_type = NULL;
  g_assert_cmpint (run (&mediation, production, &message), ==, GW_MEDIATION_FAULT);
  message.key_type = "PRODUCTION2";
  g_assert_cmpint (run (&mediation, production, &message), ==, GW_MEDIATION_FAULT);
}

static void
test_blocked (void)
{
  g_autoptr (GwApi) api = read_fixture ("blocked.xml", 0);
  Message message = { NULL };
  GwMediation mediation;

  g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_ANSWERED);
  check_value (&mediation, GW_SCOPE_AXIS2, "HTTP_SC", "503");
  g_assert_cmpstr (mediation.media_type, ==, "application/xml");
  g_assert_nonnull (strstr (mediation.body, "<am:code>700700</am:code>"));
}

static void
test_default_version (void)
{
  g_autoptr (GwApi) api = read_fixture ("default-version.xml", 2);
  Message message = { NULL };
  GwMediation mediation;

  g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_SENT);
  g_assert_cmpint (mediation.endpoint->kind, ==, GW_ENDPOINT_SELF);
  g_assert_cmpstr (mediation.endpoint->path, ==, "/weather/1.0.0");
  check_value (&mediation, GW_SCOPE_TRANSPORT, "WSO2_AM_API_DEFAULT_VERSION", "true");
  message.marker = "true";
  g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_ANSWERED);
  check_value (&mediation, GW_SCOPE_AXIS2, "HTTP_SC", "500");
  check_value (&mediation, GW_SCOPE_TRANSPORT, "Accept", NULL);
}

#define API(in)                                                                                                      \
  "<api xmlns='http://ws.apache.org/ns/synapse' name='a' context='/a'><resource methods='GET'><inSequence>" in       \
  "</inSequence></resource></api>"

static void
test_settings (void)
{
  g_autoptr (GwApi) api = read_text (API (
      "<property name='x' expression=\"concat('a', get-property('transport', 'Accept'))\"/>"
      "<property name='y' expression=\"concat(get-property('x'), get-property('x'))\"/>"
      "<property name='x' value='later'/><header name='X-New' scope='transport' expression='$ctx:y'/>"
      "<property name='gone' value='1'/><property name='gone' action='remove'/>"));
  Message message = { NULL };
  GwMediation mediation;

  g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_RAN);
  check_value (&mediation, GW_SCOPE_MESSAGE, "x", "later");
  check_value (&mediation, GW_SCOPE_MESSAGE, "y", "atext/plainatext/plain");
  check_value (&mediation, GW_SCOPE_TRANSPORT, "x-new", "atext/plainatext/plain");
  check_value (&mediation, GW_SCOPE_MESSAGE, "gone", NULL);
  check_value (&mediation, GW_SCOPE_AXIS2, "x", NULL);
  g_assert_cmpuint (mediation.n_settings, ==, 4);
}

/* The whole text must match, and alternatives stay within that. */
static void
test_regex (void)
{
  static const struct
  {
    const char *accept, *regex;
    gboolean matches;
  } cases[] = {
    { "text/plain", "text/.*", TRUE },     { "text/plain", "text/", FALSE },      { "text/plain", "text/plain|x", TRUE },
    { "text/plain", "text|plain", FALSE }, { "text/plain", "text/plai", FALSE }, { "text/plain", "(?i)TEXT/P.+", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (API ("<filter source='$trp:Accept' regex='%s'><then><drop/></then>"
                                                    "<else><respond/></else></filter>"),
                                               cases[i].regex);
      g_autoptr (GwApi) api = read_text (text);
      Message message = { NULL };
      GwMediation mediation;

      g_assert_cmpint (run (&mediation, api, &message), ==,
                       cases[i].matches ? GW_MEDIATION_DROPPED : GW_MEDIATION_ANSWERED);
    }
}

/* Nothing is sent with half of what a file asks for. */
static void
test_room (void)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) large = g_string_new ("<property name='x' value='0123456789abcdef'/>");
  Message message = { NULL };
  GwMediation mediation;

  for (guint i = 0; i <= GW_MEDIATION_MAX_SETTINGS; i++)
    g_string_append_printf (many, "<property name='p%u' value='1'/>", i);
  for (guint i = 0; i < 10; i++)
    g_string_append (large, "<property name='x' expression=\"concat($ctx:x, $ctx:x)\"/>");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = g_strdup_printf (API ("%s<respond/>"), i == 0 ? many->str : large->str);
      g_autoptr (GwApi) api = read_text (text);

      g_assert_cmpint (run (&mediation, api, &message), ==, GW_MEDIATION_FAILED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-mediation/generated", test_generated);
  g_test_add_func ("/gw-mediation/blocked", test_blocked);
  g_test_add_func ("/gw-mediation/default-version", test_default_version);
  g_test_add_func ("/gw-mediation/settings", test_settings);
  g_test_add_func ("/gw-mediation/regex", test_regex);
  g_test_add_func ("/gw-mediation/room", test_room);
  return g_test_run ();
}
