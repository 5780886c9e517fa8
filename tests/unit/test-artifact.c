/* The artifact's XML: written and read back, as registries of WSO2 have it, and what strangers may send. */
#include "config.h"

#include "core/core-artifact.h"

#include <string.h>

static CoreApi *
read_artifact (const char *xml)
{
  CoreApi *api = core_api_new ();
  g_autoptr (GError) error = NULL;

  core_artifact_read (xml, strlen (xml), api, &error);
  g_assert_no_error (error);
  return api;
}

/* As a Publisher of 2.x writes it: fields in any order. */
static void
test_wso2 (void)
{
  static const char xml[]
      = "<metadata xmlns=\"http://www.wso2.org/governance/metadata\"><overview><endpointAuthDigest>false"
        "</endpointAuthDigest><provider>dave-AT-example.com</provider><version>1.0.0</"
        "version><tier>Gold||Silver</tier>"
        "<context>/t/carbon.super/x/1.0.0</context><contextTemplate>/x/{version}</contextTemplate>"
        "<endpointSecured>true</endpointSecured><endpointUsername>u</endpointUsername>"
        "<endpointPpassword>p&amp;&lt;</endpointPpassword><name>X</name><visibility>restricted</visibility>"
        "<visibleRoles>a, "
        "b</visibleRoles><environments>none</environments><transports>http,https</transports>"
        "<responseCaching>Enabled</responseCaching><cacheTimeout>60</cacheTimeout><productionTps>10</"
        "productionTps>"
        "<corsConfiguration>{\"corsConfigurationEnabled\":true,\"accessControlAllowOrigins\":[\"*\"]}"
        "</corsConfiguration><inSequence>none</inSequence><status>PUBLISHED</status><name>Second</name>"
        "<unknown>ignored</unknown></overview><URITemplate><urlPattern0>/a</urlPattern0></URITemplate></"
        "metadata>";
  g_autoptr (CoreApi) api = read_artifact (xml);

  g_assert_cmpstr (api->provider, ==, "dave@example.com");
  g_assert_cmpstr (api->name, ==, "X");
  g_assert_cmpstr (api->context_template, ==, "/x/{version}");
  g_assert_cmpstr (api->tiers[1], ==, "Silver");
  g_assert_cmpint (api->endpoint_security, ==, CORE_ENDPOINT_SECURITY_BASIC);
  g_assert_cmpstr (api->endpoint_password, ==, "p&<");
  g_assert_cmpstr (api->visible_roles[1], ==, "b");
  g_assert_nonnull (api->environments);
  g_assert_null (api->environments[0]);
  g_assert_true (api->response_caching);
  g_assert_cmpuint (api->cache_timeout_s, ==, 60);
  g_assert_cmpuint (api->production_max_tps, ==, 10);
  g_assert_true (api->cors.enabled);
  g_assert_cmpstr (api->cors.allow_origins[0], ==, "*");
  g_assert_null (api->in_sequence);
  g_assert_cmpuint (api->resources->len, ==, 0); /* the tables have them */
}

static void
test_round_trip (void)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (CoreApi) back = NULL;
  g_autofree char *first = NULL, *second = NULL;

  core_api_set_text (&api->provider, "alice");
  core_api_set_text (&api->name, "X");
  core_api_set_text (&api->version, "1");
  core_api_set_text (&api->context_template, "/x/{version}");
  core_api_set_text (&api->description, "a\r\n<b>&amp;]]>\xe2\x98\x83");
  core_api_set_text (&api->additional_properties, "{\"k\":\"v\"}");
  core_api_set_list (&api->gateway_labels, (const char *const[]){ "edge", NULL });
  api->advertise_only = TRUE;
  core_api_add_resource (api, "GET", "/a", NULL);
  first = core_artifact_write (api);
  back = read_artifact (first);
  g_assert_cmpstr (back->description, ==, api->description);
  g_assert_cmpstr (back->additional_properties, ==, api->additional_properties);
  g_assert_cmpstr (back->gateway_labels[0], ==, "edge");
  g_assert_true (back->advertise_only);
  g_assert_null (back->environments); /* all of them */
  core_api_add_resource (back, "GET", "/a", NULL);
  second = core_artifact_write (back);
  g_assert_cmpstr (first, ==, second); /* the same bytes */
}

static void
test_bad (void)
{
  static const char *const bad[] = {
    "",
    "<",
    "plain text",
    "<other/>",
    "<metadata><overview><name>X</name></metadata>",
    "<!DOCTYPE metadata [<!ENTITY x SYSTEM "
    "\"file:///etc/passwd\">]><metadata><overview><name>&x;</name></overview>"
    "</metadata>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (CoreApi) api = core_api_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (core_artifact_read (bad[i], strlen (bad[i]), api, &error));
      g_assert_error (error, CORE_ARTIFACT_ERROR, CORE_ARTIFACT_ERROR_SYNTAX);
      g_assert_null (api->name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/artifact/wso2", test_wso2);
  g_test_add_func ("/artifact/round-trip", test_round_trip);
  g_test_add_func ("/artifact/bad", test_bad);
  return g_test_run ();
}
