/* APIs as REST reads and writes them: what is written can be read again; what is wrong is named. */
#include "config.h"
#include "portal/json/pt-json-api.h"

#include <string.h>

static const char *const environments[] = { "Production and Sandbox", "Second", NULL };

static CoreApi *
read_api (const char *text, const CoreApi *stored, GError **error)
{
  g_autoptr (CoreJson) json = core_json_parse (text, strlen (text), error);

  g_assert_nonnull (json);
  return pt_json_api_read (core_json_root (json), stored, error);
}

static char *
write_api (const CoreApi *api, const char *definition)
{
  GString *json = g_string_new (NULL);

  pt_json_api_append (json, api, environments, definition);
  return g_string_free (json, FALSE);
}

/* The body of the sample in publisher-api.yaml v0.14, shortened where it repeats itself. */
static const char sample[]
    = "{\"name\":\"PizzaShackAPI\",\"description\":\"pizza\\r\\n\",\"context\":\"/"
      "pizzashack\",\"version\":\"1.0.0\",\"provider\":\"admin\","
      "\"apiDefinition\":\"{\\\"paths\\\":{}}\",\"wsdlUri\":null,\"status\":\"PUBLISHED\","
      "\"responseCaching\":\"Disabled\",\"cacheTimeout\":300,"
      "\"destinationStatsEnabled\":false,\"isDefaultVersion\":false,\"type\":\"HTTP\",\"transport\":["
      "\"http\",\"https\"],\"tags\":[\"pizza\"],"
      "\"tiers\":[\"Unlimited\"],\"maxTps\":{\"sandbox\":5000,\"production\":1000},\"visibility\":\"PUBLIC\","
      "\"visibleRoles\":[],\"visibleTenants\":[],"
      "\"endpointConfig\":\"{\\\"endpoint_type\\\":\\\"http\\\"}\",\"endpointSecurity\":{\"username\":"
      "\"user\",\"type\":\"basic\",\"password\":\"pass\"},"
      "\"gatewayEnvironments\":\"Production and "
      "Sandbox\",\"sequences\":[],\"subscriptionAvailability\":null,\"subscriptionAvailableTenants\":[],"
      "\"businessInformation\":{\"businessOwnerEmail\":\"m@p.com\",\"technicalOwnerEmail\":\"a@p.com\","
      "\"technicalOwner\":\"John Doe\",\"businessOwner\":\"Jane Roe\"},"
      "\"corsConfiguration\":{\"accessControlAllowOrigins\":[\"*\"],\"accessControlAllowHeaders\":["
      "\"authorization\"],\"accessControlAllowMethods\":[\"GET\"],"
      "\"accessControlAllowCredentials\":false,\"corsConfigurationEnabled\":true}}";

static void
test_sample (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApi) api = read_api (sample, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (api->name, ==, "PizzaShackAPI");
  g_assert_cmpstr (api->context_template, ==, "/pizzashack");
  g_assert_cmpstr (api->definition, ==, "{\"paths\":{}}");
  g_assert_cmpstr (api->status, !=, "PUBLISHED"); /* the lifecycle's alone */
  g_assert_cmpuint (api->production_max_tps, ==, 1000);
  g_assert_cmpuint (api->sandbox_max_tps, ==, 5000);
  g_assert_cmpstr (api->visibility, ==, "public");
  g_assert_null (api->visible_roles);
  g_assert_cmpint (api->endpoint_security, ==, CORE_ENDPOINT_SECURITY_BASIC);
  g_assert_cmpstr (api->endpoint_password, ==, "pass");
  g_assert_cmpstr (api->environments[0], ==, "Production and Sandbox");
  g_assert_null (api->environments[1]);
  g_assert_cmpstr (api->subscription_availability, ==, "current_tenant");
  g_assert_cmpstr (api->business_owner, ==, "Jane Roe");
  g_assert_true (api->cors.enabled);
  g_assert_cmpstr (api->cors.allow_methods[0], ==, "GET");
  g_assert_false (api->destination_stats);
}

/* GET, then PUT of the same text: nothing is another, the password that was not shown included. */
static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApi) api = read_api (sample, NULL, &error);
  g_autoptr (CoreApi) again = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  core_api_set_text (&api->uuid, "7a2298c4-c905-403f-8fac-38c73301631f");
  core_api_set_text (&api->status, "PUBLISHED");
  core_api_set_text (&api->context_template, "/pizzashack/{version}");
  core_api_set_text (&api->additional_properties, "{\"a\":\"b\"}");
  core_api_set_text (&api->in_sequence, "log_in_message");
  text = write_api (api, api->definition);
  g_assert_null (strstr (text, "\"pass\""));
  g_assert_nonnull (strstr (text, "\"context\":\"/pizzashack\""));
  again = read_api (text, api, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->endpoint_password, ==, "pass");
  g_assert_cmpstr (again->status, ==, "PUBLISHED");
  text_again = write_api (again, again->definition);
  g_assert_cmpstr (text_again, ==, text);
}

/* A password belongs to its user. */
static void
test_password_of_another_user (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApi) stored = read_api (sample, NULL, &error);
  g_autoptr (CoreApi) api = read_api (
      "{\"endpointSecurity\":{\"type\":\"basic\",\"username\":\"other\",\"password\":\"\"}}", stored, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (api->endpoint_password, ==, "");
}

/* An update names no other API, whatever its body says; what it says nothing of, and REST has no member for,
 * stays. */
static void
test_update_keeps (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreApi) stored = read_api (sample, NULL, &error);
  g_autoptr (CoreApi) api = NULL;

  core_api_set_text (&stored->thumbnail_type, "image/png");
  core_api_add_resource (stored, "GET", "/order", NULL);
  api = read_api (
      "{\"name\":\"Other\",\"version\":\"2\",\"context\":\"/x\",\"provider\":\"eve\",\"tags\":null}", stored,
      &error);
  g_assert_no_error (error);
  g_assert_cmpstr (api->name, ==, "PizzaShackAPI");
  g_assert_cmpstr (api->version, ==, "1.0.0");
  g_assert_cmpstr (api->context_template, ==, "/pizzashack");
  g_assert_cmpstr (api->provider, ==, "admin");
  g_assert_cmpstr (api->thumbnail_type, ==, "image/png");
  g_assert_cmpstr (api->definition, ==, stored->definition);
  g_assert_cmpuint (api->resources->len, ==, 1);
  g_assert_null (api->tags);
  g_assert_null (api->description);
}

typedef struct
{
  const char *body;
  const char *fields; /* of the violations, in their order */
} Wrong;

static const Wrong wrongs[] = {
  { "{\"name\":1}", "name" },
  { "{\"tags\":\"a,b\"}", "tags" },
  { "{\"tags\":[\"a\",null]}", "tags" },
  { "{\"isDefaultVersion\":\"yes\"}", "isDefaultVersion" },
  { "{\"maxTps\":5}", "maxTps" },
  { "{\"maxTps\":{\"production\":-1,\"sandbox\":1.5}}", "maxTps.production maxTps.sandbox" },
  { "{\"cacheTimeout\":\"soon\",\"responseCaching\":\"perhaps\"}", "responseCaching cacheTimeout" },
  { "{\"endpointSecurity\":{\"type\":\"ntlm\",\"username\":\"u\"}}", "endpointSecurity.type" },
  { "{\"endpointSecurity\":{\"type\":\"basic\"}}", "endpointSecurity.username" },
  { "{\"sequences\":[{\"type\":\"in\"}]}", "sequences" },
  { "{\"corsConfiguration\":{\"accessControlAllowOrigins\":\"*\"}}",
    "corsConfiguration.accessControlAllowOrigins" },
  { "{\"additionalProperties\":{\"a\":1}}", "additionalProperties" },
  { "{\"businessInformation\":[]}", "businessInformation" },
};

static void
test_wrong (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrongs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GString) fields = g_string_new (NULL);
      const GPtrArray *violations;

      g_assert_null (read_api (wrongs[i].body, NULL, &error));
      g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
      violations = core_portal_error_violations (error);
      for (guint n = 0; n < violations->len; n++)
        g_string_append_printf (fields, "%s%s", n > 0 ? " " : "",
                                ((CoreViolation *)violations->pdata[n])->field);
      g_assert_cmpstr (fields->str, ==, wrongs[i].fields);
    }
}

static void
test_environments (void)
{
  static const struct
  {
    const char *body;
    const char *shown; /* gatewayEnvironments as it is answered */
  } cases[] = {
    { "{}", "\"Production and Sandbox,Second\"" },
    { "{\"gatewayEnvironments\":null}", "\"Production and Sandbox,Second\"" },
    { "{\"gatewayEnvironments\":\"none\"}", "\"none\"" },
    { "{\"gatewayEnvironments\":\"\"}", "\"none\"" },
    { "{\"gatewayEnvironments\":\" Second \"}", "\"Second\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CoreApi) api = read_api (cases[i].body, NULL, &error);
      g_autofree char *text = write_api (api, NULL);
      g_autofree char *wanted = g_strconcat ("\"gatewayEnvironments\":", cases[i].shown, ",", NULL);

      g_assert_no_error (error);
      g_assert_nonnull (strstr (text, wanted));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-api/sample", test_sample);
  g_test_add_func ("/json-api/round-trip", test_round_trip);
  g_test_add_func ("/json-api/password-of-another-user", test_password_of_another_user);
  g_test_add_func ("/json-api/update-keeps", test_update_keeps);
  g_test_add_func ("/json-api/wrong", test_wrong);
  g_test_add_func ("/json-api/environments", test_environments);
  return g_test_run ();
}
