/* The record of an API, and every rule of spec/publisher-store-workflows.md 2 that needs no database. */
#include "config.h"

#include "core/core-api-rules.h"
#include "core/core-portal.h"

#include <string.h>

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define ENDPOINT                                                                                             \
  "{\"endpoint_type\":\"http\",\"production_endpoints\":{\"url\":\"http://backend:8080\",\"config\":null}}"

static CoreApi *
good_api (void)
{
  CoreApi *api = core_api_new ();

  core_api_set_text (&api->provider, "alice");
  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->version, "1.0.0");
  core_api_set_text (&api->context_template, "/weather");
  core_api_set_text (&api->endpoint_config, ENDPOINT);
  core_api_set_list (&api->tiers, (const char *const[]){ "Gold", NULL });
  core_api_add_resource (api, "GET", "/city/*", NULL);
  return api;
}

static const char *const tiers[] = { "Gold", "Unlimited", NULL };
static const char *const policies[] = { "10KPerMin", NULL };
static const char *const environments[] = { "Production and Sandbox", NULL };
static const CoreApiSurroundings around = { tiers, policies, environments };

/* "field: message" of all violations of @api, one per line. */
static char *
violations_of (CoreApi *api, guint needs)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  GString *text = g_string_new (NULL);

  core_api_normalize (api);
  core_api_check (api, needs, &around, violations);
  for (guint i = 0; i < violations->len; i++)
    {
      const CoreViolation *violation = violations->pdata[i];

      g_string_append_printf (text, "%s%s: %s", i > 0 ? "\n" : "", violation->field, violation->message);
    }
  return g_string_free (text, FALSE);
}

typedef struct
{
  gsize field; /* of CoreApi, a text */
  const char *value;
  const char *expected; /* a violation, or the start of it; "": none */
} TextCase;

#define FIELD(name) G_STRUCT_OFFSET (CoreApi, name)

static const TextCase text_cases[] = {
  { FIELD (name), "Weather", "" },
  { FIELD (name), NULL, "name: API name is not specified" },
  { FIELD (name), "", "name: API name is not specified" },
  { FIELD (name), "  ", "name: API name is not specified" },
  { FIELD (name), " Weather ", "" }, /* trimmed */
  { FIELD (name), "Wea ther", "name: The API name must not contain white space" },
  { FIELD (name), "Wea~ther", "name: The API name must not contain \"~\"" },
  { FIELD (name), "Wea!ther", "name: The API name must not contain \"!\"" },
  { FIELD (name), "Wea@ther", "name: The API name must not contain \"@\"" },
  { FIELD (name), "Wea#ther", "name: The API name must not contain \"#\"" },
  { FIELD (name), "Wea;ther", "name: The API name must not contain \";\"" },
  { FIELD (name), "Wea%ther", "name: The API name must not contain \"%\"" },
  { FIELD (name), "Wea^ther", "name: The API name must not contain \"^\"" },
  { FIELD (name), "Wea*ther", "name: The API name must not contain \"*\"" },
  { FIELD (name), "Wea+ther", "name: The API name must not contain \"+\"" },
  { FIELD (name), "Wea=ther", "name: The API name must not contain \"=\"" },
  { FIELD (name), "Wea{ther", "name: The API name must not contain \"{\"" },
  { FIELD (name), "Wea}ther", "name: The API name must not contain \"}\"" },
  { FIELD (name), "Wea|ther", "name: The API name must not contain \"|\"" },
  { FIELD (name), "Wea<ther", "name: The API name must not contain \"<\"" },
  { FIELD (name), "Wea>ther", "name: The API name must not contain \">\"" },
  { FIELD (name), "Wea\"ther", "name: The API name must not contain \"\"\"" },
  { FIELD (name), "Wea'ther", "name: The API name must not contain \"'\"" },
  { FIELD (name), "Wea,ther", "name: The API name must not contain \",\"" },
  { FIELD (name), "../ther", "name: The API name must not contain \"/\"" },
  { FIELD (name), "Wea\\ther", "name: The API name must not contain \"\\\"" },
  { FIELD (name), "Wea\001ther", "name: The API name must not contain control characters" },
  { FIELD (name), "Wea(the)r&$[]", "" }, /* only servers from 3.0 refuse these */
  { FIELD (name), "W\xc3\xa4tter", "" },
  { FIELD (name), "W\xc3tter", "name: The name is not valid UTF-8" },
  { FIELD (name), HUNDRED HUNDRED, "" },
  { FIELD (name), HUNDRED HUNDRED "0", "name: The name has 201 characters; the limit is 200" },
  { FIELD (version), NULL, "version: Version not specified for API Weather" },
  { FIELD (version), "1/0", "version: The API version must not contain \"/\"" },
  { FIELD (version), "1 0", "version: The API version must not contain white space" },
  { FIELD (version), "..", "version: The API version must not be \"..\"" },
  { FIELD (version), TEN TEN TEN, "" },
  { FIELD (version), TEN TEN TEN "0", "version: The version has 31 characters; the limit is 30" },
  { FIELD (context_template), NULL, "context: Context not defined for API Weather" },
  { FIELD (context_template), " ", "context: Context not defined for API Weather" },
  { FIELD (context_template), "/", "context: Context not defined for API Weather" },
  { FIELD (context_template), "/weather/", "context: Context cannot end with '/' character" },
  { FIELD (context_template), "/weather/{version}/", "context: Context cannot end with '/' character" },
  { FIELD (context_template), "weather", "" },
  { FIELD (context_template), "/a//b", "context: The context has an empty part" },
  { FIELD (context_template), "/a/../b", "context: The context has a part that leads out of it" },
  { FIELD (context_template), "/a/{b}", "context: The context has a brace that is not of {version}" },
  { FIELD (context_template), "/a b", "context: The context has a character that no path can have" },
  { FIELD (context_template), "/t/example.com/a", "context: The context must not begin with \"/t/\"" },
  { FIELD (context_template), "/" HUNDRED HUNDRED TEN TEN TEN TEN TEN,
    "context: The context has 261 characters" },
  { FIELD (type), "ws", "" },
  { FIELD (type), "SOAP", "type: SOAP is none of HTTP, WS" },
  { FIELD (visibility), "PRIVATE", "" },
  { FIELD (visibility), "secret", "visibility: secret is none of public, private, restricted, controlled" },
  { FIELD (visibility), "RESTRICTED", "visibleRoles: An API of restricted visibility needs roles" },
  { FIELD (access_control), "restricted",
    "accessControlRoles: An API of restricted access control needs roles" },
  { FIELD (implementation), "MAGIC", "implementation: Invalid Implementation Type." },
  { FIELD (subscription_availability), "some", "subscriptionAvailability: some is none of" },
  { FIELD (api_tier), "10KPerMin", "" },
  { FIELD (api_tier), "99KPerMin", "apiLevelPolicy: Specified tier 99KPerMin does not exist" },
  { FIELD (endpoint_config), NULL, "endpointConfig: Endpoint Configuration is missing" },
  { FIELD (endpoint_config), "http://backend", "endpointConfig: " },
  { FIELD (endpoint_config), "{\"endpoint_type\":\"default\",\"production_endpoints\":{\"config\":null}}",
    "endpointConfig: You must upload or select a message mediation In Flow policy" },
  { FIELD (in_sequence), "none", "" },
  { FIELD (in_sequence), "log_in_message", "" },
  { FIELD (in_sequence), "../../axis2", "sequences: The name cannot be a file's name" },
  { FIELD (wsdl_url), "https://backend/w?wsdl", "" },
  { FIELD (wsdl_url), "file:///etc/passwd", "wsdlUri: It is not an http or https URL" },
  { FIELD (wsdl_url), "javascript:alert(1)", "wsdlUri: It is not an http or https URL" },
  { FIELD (wsdl_url), "/registry/resource/x.wsdl", "" },
  { FIELD (additional_properties), "{\"a\":\"b\"}", "" },
  { FIELD (additional_properties), "[]", "additionalProperties: It is not a JSON object" },
};

static void
test_texts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_cases); i++)
    {
      const TextCase *row = &text_cases[i];
      g_autoptr (CoreApi) api = good_api ();
      g_autofree char *found = NULL;

      core_api_set_text ((char **)G_STRUCT_MEMBER_P (api, row->field), row->value);
      found = violations_of (api, CORE_API_NEEDS_ENDPOINT | CORE_API_NEEDS_TIER);
      if (*row->expected == '\0' ? *found != '\0' : !g_str_has_prefix (found, row->expected))
        g_error ("row %u (%s): \"%s\"", i, row->value, found);
      g_assert_null (strchr (found, '\n')); /* one rule broken, one violation */
    }
}

typedef struct
{
  const char *verb, *pattern, *auth_type, *tier, *scope;
  const char *expected;
} ResourceCase;

static const ResourceCase resource_cases[] = {
  { "get", "city", "Application & Application User", NULL, NULL, "" },
  { "POST", "/city", "None", "10KPerMin", "write", "" },
  { "FETCH", "/city", NULL, NULL, NULL, "resources[1]: Specified HTTP verb FETCH is invalid" },
  { NULL, "/city", NULL, NULL, NULL, "resources[1]: Specified HTTP verb  is invalid" },
  { "GET", "/city b", NULL, NULL, NULL, "resources[1]: The URL pattern has a character" },
  { "GET", "/city", "Everybody", NULL, NULL, "resources[1]: The auth type Everybody is none of" },
  { "GET", "/city", NULL, "Fast", NULL, "resources[1]: Specified tier Fast does not exist" },
  { "GET", "/city", NULL, NULL, "read", "resources[1]: The scope read is not among the scopes of the API" },
  { "GET", "/city/*", NULL, NULL, NULL, "resources[1]: The API has GET /city/* twice" },
};

static void
test_resources (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (resource_cases); i++)
    {
      const ResourceCase *row = &resource_cases[i];
      g_autoptr (CoreApi) api = good_api ();
      g_autofree char *found = NULL;
      CoreApiResource *resource = core_api_add_resource (api, row->verb, row->pattern, row->auth_type);

      core_api_add_scope (api, "write", NULL, NULL);
      resource->throttling_tier = g_strdup (row->tier);
      resource->scope = g_strdup (row->scope);
      found = violations_of (api, 0);
      if (*row->expected == '\0' ? *found != '\0' : !g_str_has_prefix (found, row->expected))
        g_error ("row %u: \"%s\"", i, found);
    }
}

static void
test_scopes (void)
{
  g_autoptr (CoreApi) api = good_api ();
  g_autofree char *found = NULL;

  core_api_add_scope (api, "read", NULL, NULL);
  core_api_add_scope (api, "read", NULL, NULL);
  core_api_add_scope (api, "re ad", NULL, NULL);
  core_api_add_scope (api, "", NULL, NULL);
  found = violations_of (api, 0);
  g_assert_cmpstr (found, ==,
                   "scopes[1]: The API has the scope read twice\n"
                   "scopes[2]: The key of a scope must be printable ASCII without blanks and quotes\n"
                   "scopes[3]: The key of a scope must be printable ASCII without blanks and quotes");
}

static void
test_lists (void)
{
  g_autoptr (CoreApi) api = good_api ();
  g_autofree char *found = NULL;

  core_api_set_list (&api->tiers, (const char *const[]){ "Gold", "Platinum", NULL });
  core_api_set_list (&api->transports, (const char *const[]){ "HTTPS", "ftp", NULL });
  core_api_set_list (&api->environments, (const char *const[]){ "Moon", NULL });
  found = violations_of (api, CORE_API_NEEDS_TIER);
  g_assert_cmpstr (found, ==,
                   "transport: Unsupported Transport [ftp]\n"
                   "tiers: Specified tier Platinum does not exist\n"
                   "gatewayEnvironments: There is no gateway environment Moon");
  g_assert_cmpstr (api->transports[0], ==, "https");
}

/* What this product's gateway does not do is refused where it would get the API, and only there. */
static void
test_own_gateway (void)
{
  static const struct
  {
    const char *session;
    CoreEndpointSecurity security;
    const char *own, *chosen; /* an environment; NULL: none, all */
    guint n;
  } cases[] = {
    { "soap", CORE_ENDPOINT_SECURITY_NONE, "Production and Sandbox", NULL, 1 },
    { "simpleClientSession", CORE_ENDPOINT_SECURITY_NONE, "Production and Sandbox", "Production and Sandbox", 1 },
    { "simpleClientSession", CORE_ENDPOINT_SECURITY_DIGEST, "Production and Sandbox", NULL, 2 },
    { "transport", CORE_ENDPOINT_SECURITY_BASIC, "Production and Sandbox", NULL, 0 },
    { "none", CORE_ENDPOINT_SECURITY_DIGEST, "Production and Sandbox", NULL, 1 },
    { "soap", CORE_ENDPOINT_SECURITY_DIGEST, NULL, NULL, 0 },
    { "soap", CORE_ENDPOINT_SECURITY_DIGEST, "Elsewhere", "Production and Sandbox", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CoreApi) api = good_api ();
      g_autoptr (GPtrArray) violations = core_violations_new ();
      g_autofree char *config
          = g_strdup_printf ("{\"endpoint_type\":\"load_balance\",\"sessionManagement\":\"%s\","
                             "\"production_endpoints\":[{\"url\":\"http://a.example\"}]}",
                             cases[i].session);
      const char *const own[] = { cases[i].own, NULL }, *const chosen[] = { cases[i].chosen, NULL };
      CoreApiSurroundings here = around;

      core_api_set_text (&api->endpoint_config, config);
      core_api_set_text (&api->endpoint_user, "user");
      api->endpoint_security = cases[i].security;
      here.own_environments = own;
      if (cases[i].chosen != NULL)
        core_api_set_list (&api->environments, chosen);
      core_api_normalize (api);
      core_api_check (api, 0, &here, violations);
      g_assert_cmpuint (violations->len, ==, cases[i].n);
      for (guint j = 0; j < violations->len; j++)
        g_assert_nonnull (strstr (((CoreViolation *) violations->pdata[j])->message, "Production and Sandbox"));
    }
}

/* What gateways could not keep in a file is not made: 255 bytes, of which the endpoint's file has 29 of its own. */
static void
test_file_names (void)
{
  static const struct
  {
    guint name, provider; /* bytes */
    gboolean good;
  } cases[] = { { 200, 5, TRUE }, { 221, 5, TRUE }, { 222, 5, FALSE }, { 200, 42, TRUE }, { 200, 43, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CoreApi) api = good_api ();
      g_autoptr (GPtrArray) violations = core_violations_new ();
      g_autofree char *name = g_strnfill (cases[i].name, 'n');
      g_autofree char *provider = g_strnfill (cases[i].provider, 'p');

      core_api_set_text (&api->name, name);
      core_api_set_text (&api->version, "1.0.0");
      core_api_set_text (&api->provider, provider);
      core_api_check_file_names (api, violations);
      g_assert_cmpuint (violations->len, ==, cases[i].good ? 0 : 1);
    }
}

/* Everything that is wrong is told at once, and the error keeps it. */
static void
test_all_at_once (void)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copy = NULL;
  const GPtrArray *kept;

  core_api_check (api, CORE_API_NEEDS_ENDPOINT | CORE_API_NEEDS_TIER, &around, violations);
  g_assert_false (core_violations_check (violations, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  g_assert_cmpstr (
      error->message, ==,
      "name: API name is not specified; version: Version not specified for API ; context: Context not "
      "defined for API ; tiers: No tier defined for the API; endpointConfig: Endpoint Configuration is "
      "missing");
  copy = g_error_copy (error);
  g_clear_error (&error);
  kept = core_portal_error_violations (copy);
  g_assert_cmpuint (kept->len, ==, 5);
  g_assert_cmpstr (((CoreViolation *)kept->pdata[4])->field, ==, "endpointConfig");
}

static void
test_normalize (void)
{
  static const struct
  {
    const char *written, *stored;
  } contexts[] = {
    { "weather", "/weather/{version}" },
    { " /weather", "/weather/{version}" },
    { "/weather/{version}", "/weather/{version}" },
    { "{version}/weather", "/{version}/weather" },
    { "/weather/", "/weather/" },
  };
  g_autoptr (CoreApi) api = good_api ();

  for (guint i = 0; i < G_N_ELEMENTS (contexts); i++)
    {
      core_api_set_text (&api->context_template, contexts[i].written);
      core_api_normalize (api);
      g_assert_cmpstr (api->context_template, ==, contexts[i].stored);
    }
  core_api_set_text (&api->visibility, "PUBLIC");
  core_api_set_list (&api->visible_roles, (const char *const[]){ "editor", NULL });
  core_api_set_text (&api->out_sequence, " None ");
  core_api_normalize (api);
  g_assert_cmpstr (api->visibility, ==, "public");
  g_assert_null (api->visible_roles); /* roles are ignored for any other value */
  g_assert_null (api->out_sequence);
}

static void
test_identity (void)
{
  g_autoptr (CoreApi) api = good_api ();
  g_autoptr (CoreApi) copy = NULL;
  g_autofree char *context = NULL, *template = NULL, *identifier = NULL, *decoded = NULL;

  core_api_normalize (api);
  core_api_set_text (&api->provider, "dave@example.com");
  core_api_set_text (&api->tenant_domain, "example.com");
  api->tenant_id = 1;
  copy = core_api_copy (api);
  g_clear_pointer (&api, core_api_free);
  context = core_api_context (copy);
  template = core_api_full_template (copy);
  identifier = core_api_identifier (copy);
  decoded = core_api_provider_decode ("dave-AT-example.com");
  g_assert_cmpstr (context, ==, "/t/example.com/weather/1.0.0");
  g_assert_cmpstr (template, ==, "/t/example.com/weather/{version}");
  g_assert_cmpstr (identifier, ==, "dave-AT-example.com-Weather-1.0.0");
  g_assert_cmpstr (decoded, ==, "dave@example.com");
  g_assert_cmpstr (((CoreApiResource *)copy->resources->pdata[0])->url_pattern, ==, "/city/*");
}

static void
test_small_parsers (void)
{
  g_auto (GStrv) list = core_api_list_from_text (" a, b,,a ,c", ",");
  g_autofree char *joined = core_api_list_to_text ((const char *const *)list, ",");
  guint64 tps = 7;

  g_assert_cmpstr (joined, ==, "a,b,c");
  g_assert_null (core_api_list_from_text (" , ", ","));
  g_assert_true (core_api_parse_tps ("100", &tps));
  g_assert_cmpuint (tps, ==, 100);
  g_assert_true (core_api_parse_tps ("", &tps));
  g_assert_cmpuint (tps, ==, 0);
  g_assert_false (core_api_parse_tps ("-1", &tps));
  g_assert_false (core_api_parse_tps ("1.5", &tps));
  g_assert_cmpstr (core_api_auth_type ("Application User"), ==, "Application_User");
  g_assert_cmpstr (core_api_auth_type_text ("Any"), ==, "Application & Application User");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/api/texts", test_texts);
  g_test_add_func ("/core/api/resources", test_resources);
  g_test_add_func ("/core/api/scopes", test_scopes);
  g_test_add_func ("/core/api/lists", test_lists);
  g_test_add_func ("/core/api/file-names", test_file_names);
  g_test_add_func ("/core/api/own-gateway", test_own_gateway);
  g_test_add_func ("/core/api/all-at-once", test_all_at_once);
  g_test_add_func ("/core/api/normalize", test_normalize);
  g_test_add_func ("/core/api/identity", test_identity);
  g_test_add_func ("/core/api/small-parsers", test_small_parsers);
  return g_test_run ();
}
