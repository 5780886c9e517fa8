/* spec/gateway-and-traffic-manager.md 1.1, 1.2, 5.3. The files of tests/fixtures/synapse are shaped as the generations write them. */
#include "config.h"
#include "common/apim-config.h"
#include "gateway/gw-synapse.h"

#include <string.h>

#define NAMESPACE "xmlns=\"http://ws.apache.org/ns/synapse\""
#define AUTHENTICATION                                                                                               \
  "<handlers><handler class=\"org.wso2.carbon.apimgt.gateway.handlers.security.APIAuthenticationHandler\"/></handlers>"

static char *
read_fixture (const char *name, gsize *length)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "synapse", name, NULL);
  g_autoptr (GError) error = NULL;
  char *bytes;

  g_file_get_contents (path, &bytes, length, &error);
  g_assert_no_error (error);
  return bytes;
}

static GwEndpoint *
endpoint_of_fixtures (gpointer data, const char *key)
{
  g_autofree char *name = g_strconcat ("endpoints/", key, ".xml", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  GwEndpoint *endpoint;
  gsize length;

  (void) data;
  if (strcmp (key, "Weather--v1.0.0_APIproductionEndpoint") != 0)
    return NULL;
  bytes = read_fixture (name, &length);
  endpoint = gw_synapse_read_endpoint (name, bytes, length, NULL, &error);
  g_assert_no_error (error);
  return endpoint;
}

static GwSequence *
no_sequence (gpointer data, const char *key)
{
  (void) data, (void) key;
  return NULL;
}

static const GwSynapseKeys keys = { endpoint_of_fixtures, no_sequence, NULL, NULL };

static GwApi *
read_api_with (const char *name, const GwSynapseKeys *others)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GwApi *api;
  gsize length;

  bytes = read_fixture (name, &length);
  api = gw_synapse_read_api (name, bytes, length, others, notes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (notes->len, ==, 0);
  return api;
}

static GwApi *
read_api (const char *name)
{
  return read_api_with (name, &keys);
}

static const GwStep *
step_of (const GwSequence *sequence, guint n, GwStepKind kind)
{
  const GwStep *step;

  g_assert_nonnull (sequence);
  g_assert_cmpuint (n, <, sequence->steps->len);
  step = g_ptr_array_index (sequence->steps, n);
  g_assert_cmpint (step->kind, ==, kind);
  return step;
}

static void
check_weather_chain (const GwChain *chain)
{
  g_assert_cmpuint (chain->handlers, ==,
                    GW_HANDLER_LATENCY | GW_HANDLER_CORS | GW_HANDLER_AUTHENTICATION | GW_HANDLER_THROTTLE | GW_HANDLER_USAGE
                        | GW_HANDLER_GOOGLE_ANALYTICS | GW_HANDLER_EXTENSION);
  g_assert_cmpstr (chain->cors_origins[0], ==, "https://a.example");
  g_assert_cmpstr (chain->cors_origins[1], ==, "https://b.example");
  g_assert_true (chain->has_cors_credentials && chain->cors_credentials);
  g_assert_cmpstr (chain->authorization_header, ==, "Authorization");
  g_assert_false (chain->keep_authorization_header);
  g_assert_cmpint (chain->production_max, ==, 100);
}

static void
check_weather_endpoint (const GwEndpoint *endpoint)
{
  g_assert_cmpint (endpoint->kind, ==, GW_ENDPOINT_HTTP);
  g_assert_cmpstr (endpoint->url, ==, "https://backend.example/v1");
  g_assert_cmpint (endpoint->timeout_ms, ==, 30000);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101504), ==, GW_FAILURE_MARKS);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101503), ==, GW_FAILURE_SUSPENDS);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101500), ==, GW_FAILURE_IGNORED);
  g_assert_cmpuint (endpoint->retries, ==, 3);
  g_assert_cmpint (gw_endpoint_suspension_ms (endpoint, 0), ==, 1000);
  g_assert_cmpint (gw_endpoint_suspension_ms (endpoint, 1000), ==, 2000);
  g_assert_cmpint (gw_endpoint_suspension_ms (endpoint, 4000), ==, 5000);
}

static void
test_newer (void)
{
  g_autoptr (GwApi) api = read_api ("api/admin--Weather_v1.0.0.xml");
  const GwResource *resource = g_ptr_array_index (api->resources, 0);
  const GwStep *filter, *send;

  g_assert_cmpstr (api->name, ==, "admin--Weather:v1.0.0");
  g_assert_cmpstr (api->base_name, ==, "admin--Weather");
  g_assert_cmpstr (api->context, ==, "/weather/1.0.0");
  g_assert_cmpint (api->version_type, ==, GW_VERSION_CONTEXT);
  g_assert_cmpuint (api->transports, ==, GW_TRANSPORT_HTTP | GW_TRANSPORT_HTTPS);
  check_weather_chain (&api->chain);
  g_assert_cmpuint (api->resources->len, ==, 2);
  g_assert_cmpuint (resource->methods, ==, GW_METHOD_GET | GW_METHOD_POST);
  step_of (resource->in, 0, GW_STEP_SET);
  filter = step_of (resource->in, 1, GW_STEP_FILTER);
  g_assert_null (filter->regex);
  g_assert_cmpstr (filter->literal, ==, "PRODUCTION");
  g_assert_true (gw_expression_is_property (filter->value, GW_SCOPE_MESSAGE, g_quark_from_string ("AM_KEY_TYPE")));
  step_of (filter->yes, 0, GW_STEP_SET);
  send = step_of (filter->yes, 1, GW_STEP_SEND);
  check_weather_endpoint (send->endpoint);
  g_assert_cmpint (step_of (filter->no, 0, GW_STEP_SEQUENCE)->built_in, ==, GW_BUILT_IN_SANDBOX_KEY_ERROR);
  g_assert_null (step_of (resource->out, 0, GW_STEP_SEND)->endpoint);
}

static void
test_older (void)
{
  g_autoptr (GwApi) api = read_api ("api/bob--Old_v1.xml");
  const GwResource *resource = g_ptr_array_index (api->resources, 0);
  const GwStep *filter = step_of (resource->in, 2, GW_STEP_FILTER);
  const GwEndpoint *production = step_of (filter->yes, 0, GW_STEP_SEND)->endpoint;
  const GwEndpoint *sandbox = step_of (filter->no, 0, GW_STEP_SEND)->endpoint;
  const GwEndpoint *first = g_ptr_array_index (production->children, 0);

  g_assert_cmpstr (api->context, ==, "/old/1");
  g_assert_cmpuint (api->transports, ==, GW_TRANSPORT_HTTPS);
  g_assert_cmpuint (api->chain.handlers & GW_HANDLER_TIERS, !=, 0);
  g_assert_cmpint (step_of (resource->in, 0, GW_STEP_SET)->scope, ==, GW_SCOPE_TRANSPORT);
  g_assert_cmpint (production->kind, ==, GW_ENDPOINT_FAILOVER);
  g_assert_cmpuint (production->children->len, ==, 2);
  g_assert_cmpint (gw_endpoint_failure (first, 101503), ==, GW_FAILURE_IGNORED);
  g_assert_cmpint (gw_endpoint_failure (first, 101504), ==, GW_FAILURE_IGNORED);
  g_assert_cmpint (sandbox->kind, ==, GW_ENDPOINT_LOAD_BALANCE);
  g_assert_false (sandbox->failover);
  g_assert_true (sandbox->sticky);
  g_assert_nonnull (sandbox->cookie);
  g_assert_null (sandbox->weights);
}

/* No authentication stands before it, and none needs to: it sends nothing on. */
static void
test_blocked (void)
{
  g_autoptr (GwApi) api = read_api ("api/admin--Blocked_v1.xml");
  const GwResource *resource = g_ptr_array_index (api->resources, 0);
  const GwStep *body = step_of (resource->in, 0, GW_STEP_BODY);

  g_assert_cmpuint (api->chain.handlers, ==, GW_HANDLER_CORS);
  g_assert_cmpstr (body->media_type, ==, "application/xml");
  g_assert_nonnull (strstr (body->body, "<am:code>700700</am:code>"));
  g_assert_null (step_of (resource->in, 4, GW_STEP_SEND)->endpoint);
}

static void
test_defaults (void)
{
  static const char *const text = "<endpoint " NAMESPACE " name=\"e\"><address uri=\"http://b.example\"/></endpoint>";
  g_autoptr (GwEndpoint) endpoint = gw_synapse_read_endpoint ("e.xml", text, strlen (text), &keys, NULL);

  g_assert_cmpint (endpoint->timeout_ms, ==, GW_ENDPOINT_TIMEOUT_MS);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101504), ==, GW_FAILURE_MARKS);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101503), ==, GW_FAILURE_SUSPENDS);
  g_assert_cmpint (gw_endpoint_suspension_ms (endpoint, 0), ==, 30000);
  g_assert_cmpint (gw_endpoint_suspension_ms (endpoint, 30000), ==, 30000);
}

/* The token APIs (4). */

static GPtrArray *
parse_managers (const char *urls)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *managers = gw_key_managers_parse (urls, 9443, &error);

  g_assert_no_error (error);
  return managers;
}

static void
test_weights (void)
{
  static const char *const text
      = "<endpoint " NAMESPACE " name=\"e\"><loadbalance algorithm=\"org.apache.synapse.endpoints.algorithms.WeightedRoundRobin\">"
        "<endpoint><property name=\"loadbalance.weight\" value=\"5\"/><address uri=\"http://a.example\"/></endpoint>"
        "<endpoint><address uri=\"http://b.example\"/><property name=\"ENDPOINT_ADDRESS\" value=\"b\"/></endpoint>"
        "</loadbalance></endpoint>";
  g_autoptr (GError) error = NULL;
  g_autoptr (GwEndpoint) endpoint = gw_synapse_read_endpoint ("e.xml", text, strlen (text), &keys, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (endpoint->weights[0], ==, 5);
  g_assert_cmpuint (endpoint->weights[1], ==, 1);
  g_assert_false (endpoint->sticky);
}

/* The endpoint of the API's one resource. */
static GwEndpoint *
sent_to (const GwApi *api)
{
  const GwResource *resource = g_ptr_array_index (api->resources, 0);

  g_assert_cmpuint (api->resources->len, ==, 1);
  return step_of (resource->in, 2, GW_STEP_SEND)->endpoint;
}

static void
check_key_manager (const GwEndpoint *endpoint, const char *url)
{
  g_assert_cmpint (endpoint->kind, ==, GW_ENDPOINT_HTTP);
  g_assert_cmpstr (endpoint->url, ==, url);
  g_assert_true (endpoint->is_key_manager && endpoint->tls);
  g_assert_cmpint (endpoint->timeout_ms, ==, 60000);
  g_assert_false (endpoint->gives_up_silently);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101503), ==, GW_FAILURE_SUSPENDS);
  g_assert_cmpint (gw_endpoint_suspension_ms (endpoint, 0), ==, 1000);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101504), ==, GW_FAILURE_IGNORED);
  g_assert_cmpint (gw_endpoint_failure (endpoint, 101505), ==, GW_FAILURE_IGNORED);
}

static void
test_token_apis (void)
{
  static const struct
  {
    const char *file, *context, *url;
    guint methods, handlers;
  } rows[] = {
    { "api/_TokenAPI_.xml", "/token", "https://km.example:9444/oauth2/token", GW_METHOD_POST,
      GW_HANDLER_CACHE_EXTENSION | GW_HANDLER_SYNAPSE_PROPERTIES },
    { "api/_RevokeAPI_.xml", "/revoke", "https://km.example:9444/oauth2/revoke", GW_METHOD_POST,
      GW_HANDLER_CACHE_EXTENSION | GW_HANDLER_SYNAPSE_PROPERTIES },
    { "api/_AuthorizeAPI_.xml", "/authorize", "https://km.example:9444/oauth2/authorize", GW_METHOD_GET,
      GW_HANDLER_SYNAPSE_PROPERTIES },
    { "api/_UserInfoAPI_.xml", "/userinfo", "https://km.example:9444/oauth2/userinfo", GW_METHOD_GET,
      GW_HANDLER_SYNAPSE_PROPERTIES },
  };
  g_autoptr (GPtrArray) managers = parse_managers ("https://km.example:9444/services/");
  const GwSynapseKeys with_managers = { endpoint_of_fixtures, no_sequence, NULL, managers };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GwApi) api = read_api_with (rows[i].file, &with_managers);
      const GwResource *resource = g_ptr_array_index (api->resources, 0);

      g_assert_cmpstr (api->context, ==, rows[i].context);
      g_assert_cmpuint (api->chain.handlers, ==, rows[i].handlers);
      g_assert_cmpuint (resource->methods, ==, rows[i].methods);
      g_assert_cmpstr (resource->fault_sequence, ==, "_token_fault_");
      check_key_manager (sent_to (api), rows[i].url);
    }
}

static void
test_several_key_managers (void)
{
  g_autoptr (GPtrArray) managers = parse_managers ("https://a:1/services/,https://[2001:db8::1]:2/services/");
  const GwSynapseKeys with_managers = { endpoint_of_fixtures, no_sequence, NULL, managers };
  g_autoptr (GwApi) api = read_api_with ("api/_TokenAPI_.xml", &with_managers);
  const GwEndpoint *group = sent_to (api);

  g_assert_cmpint (group->kind, ==, GW_ENDPOINT_FAILOVER);
  g_assert_cmpuint (group->children->len, ==, 2);
  check_key_manager (group->children->pdata[0], "https://a:1/oauth2/token");
  check_key_manager (group->children->pdata[1], "https://[2001:db8::1]:2/oauth2/token");
  g_assert_cmpstr (((GwEndpoint *) group->children->pdata[1])->host, ==, "2001:db8::1");
}

/* An API around @middle, which stands in the in-sequence of its one resource. */
static char *
api_around (const char *middle, const char *handlers)
{
  return g_strconcat ("<api " NAMESPACE " name=\"a\" context=\"/a\"><resource methods=\"GET\" url-mapping=\"/*\"><inSequence>", middle,
                      "</inSequence></resource>", handlers, "</api>", NULL);
}

static void
test_cache_is_noted (void)
{
  g_autofree char *text = api_around ("<cache scope=\"per-host\" timeout=\"300\"/><respond/>", AUTHENTICATION);
  g_autoptr (GPtrArray) notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GwApi) api = gw_synapse_read_api ("a.xml", text, strlen (text), &keys, notes, NULL);

  g_assert_nonnull (api);
  g_assert_cmpuint (notes->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (notes, 0), "a.xml:1"));
}

static void
check_refused_with (const char *text, const char *word, const GwSynapseKeys *others)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GwApi) api = gw_synapse_read_api ("a.xml", text, strlen (text), others, NULL, &error);

  if (api != NULL)
    g_error ("taken: %s", text);
  if (strstr (error->message, word) == NULL)
    g_error ("%s\ndoes not say \"%s\": %s", text, word, error->message);
}

static void
check_refused (const char *text, const char *word)
{
  check_refused_with (text, word, &keys);
}

/* Nothing but the two constants goes into an address: a request must not choose where the gateway's calls go. */
static void
test_other_variables_refused (void)
{
#define SET(name, value) "<property name=\"" name "\" expression=\"" value "\"/>"
#define HOST SET ("uri.var.hostname", "get-property('keyManager.hostname')")
#define PORT SET ("uri.var.portnum", "get-property('keyManager.port')")
#define ONE "<endpoint><http uri-template=\"http://b.example\"/></endpoint>"
#define SEND(url) "<send><endpoint><http uri-template=\"" url "\"/></endpoint></send>"
#define SEND_TO_MANAGER SEND ("https://{uri.var.hostname}:{uri.var.portnum}/oauth2/token")
  static const struct
  {
    const char *middle, *word;
  } rows[] = {
    { SEND_TO_MANAGER, "Key Manager only" },
    { HOST SEND_TO_MANAGER, "Key Manager only" },
    { PORT SEND_TO_MANAGER, "Key Manager only" },
    { SEND_TO_MANAGER HOST PORT, "Key Manager only" },
    { SET ("uri.var.hostname", "$trp:Host") PORT SEND_TO_MANAGER, "Key Manager only" },
    { HOST PORT SET ("uri.var.hostname", "get-property('query.param.to')") SEND_TO_MANAGER, "Key Manager only" },
    { SET ("uri.var.portnum", "$trp:Port") HOST PORT SEND_TO_MANAGER, "Key Manager only" },
    { HOST PORT "<property name=\"uri.var.hostname\" action=\"remove\"/>" SEND_TO_MANAGER, "Key Manager only" },
    { HOST PORT "<property name=\"uri.var.hostname\" value=\"evil.example\"/>" SEND_TO_MANAGER, "Key Manager only" },
    { SET ("uri.var.hostname", "get-property('keyManager.port')") PORT SEND_TO_MANAGER, "Key Manager only" },
    { HOST PORT SEND ("https://{uri.var.hostname}:{uri.var.portnum}/{uri.var.x}"), "variables" },
    { HOST PORT SEND ("https://{uri.var.hostname}:{uri.var.portnum}@evil.example/"), "variables" },
    { HOST PORT SEND ("https://{uri.var.hostname}:{uri.var.portnum}.evil.example/"), "variables" },
    { HOST PORT SEND ("https://{uri.var.hostname}:{uri.var.portnum}0/"), "variables" },
    { HOST PORT SEND ("http://{uri.var.hostname}:{uri.var.portnum}/oauth2/token"), "variables" },
    { HOST PORT SEND ("https://{uri.var.hostname}/oauth2/token"), "variables" },
  };
  g_autoptr (GPtrArray) managers = parse_managers ("https://km.example:9444/services/");
  const GwSynapseKeys with_manager = { endpoint_of_fixtures, no_sequence, NULL, managers };
  g_autofree char *good = api_around (HOST PORT SEND_TO_MANAGER, "");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = api_around (rows[i].middle, "");

      check_refused_with (text, rows[i].word, &with_manager);
    }
  check_refused_with (good, "APIKeyValidator/ServerURL", &keys);
}

static void
test_mediators_refused (void)
{
  static const struct
  {
    const char *middle, *word;
  } cases[] = {
    { "<script language=\"js\">x()</script>", "<script>" },
    { "<call/>", "<call>" },
    { "<property name=\"a\"/>", "value" },
    { "<property name=\"a\" value=\"b\" expression=\"'c'\"/>", "either" },
    { "<property name=\"a\" expression=\"//x\"/>", "//x" },
    { "<property name=\"a\" value=\"b\" scope=\"registry\"/>", "registry" },
    { "<property name=\"a\" value=\"b\" pattern=\"c\"/>", "pattern" },
    { "<property name=\"a\"><x/></property>", "<x>" },
    { "<header name=\"Action\" value=\"b\"/>", "transport" },
    { "<header name=\"To\" value=\"http://evil.example\"/>", "transport" },
    { "<filter source=\"$ctx:a\"><then/></filter>", "regex" },
    { "<filter source=\"$ctx:a\" regex=\"(\"/>", "a.xml:1" },
    { "<filter xpath=\"true()\"><then/><then/></filter>", "<then>" },
    { "<filter xpath=\"true()\"><then/><other/></filter>", "<other>" },
    { "<sequence key=\"nowhere\"/>", "nowhere" },
    { "<class name=\"com.example.Mine\"/>", "com.example.Mine" },
    { "<class/>", "not named" },
    { "<payloadFactory><format>$1</format><args><arg value=\"x\"/></args></payloadFactory>", "<args>" },
    { "<payloadFactory/>", "<format>" },
    { "<send><endpoint key=\"nowhere\"/></send>", "nowhere" },
    { "<send><endpoint/></send>", "empty" },
    { "<send><endpoint><http uri-template=\"file:///etc/passwd\"/></endpoint></send>", "http://" },
    { "<send><endpoint><http uri-template=\"http://u:p@b.example\"/></endpoint></send>", "user" },
    { "<send><endpoint><http uri-template=\"http://{uri.var.host}/\"/></endpoint></send>", "variables" },
    { "<send><endpoint><http/></endpoint></send>", "address" },
    { "<send><endpoint><address uri=\"http://b.example\" format=\"soap11\"/></endpoint></send>", "convert" },
    { "<send><endpoint><wsdl service=\"s\" port=\"p\" uri=\"http://b.example?wsdl\"/></endpoint></send>", "<wsdl>" },
    { "<send><endpoint><failover/></endpoint></send>", "no endpoint" },
    { "<send><endpoint><http uri-template=\"http://b.example\"><timeout><duration>soon</duration></timeout></http></endpoint></send>",
      "number" },
    { "<send><endpoint><http uri-template=\"http://b.example\"/><http uri-template=\"http://c.example\"/></endpoint></send>", "second" },
    { "<send><endpoint><loadbalance algorithm=\"com.example.Mine\"/></endpoint></send>", "RoundRobin" },
    { "<send><endpoint><session type=\"soap\"/><loadbalance>" ONE ONE "</loadbalance></endpoint></send>", "sessions" },
    { "<send><endpoint><session type=\"http\"/><failover>" ONE ONE "</failover></endpoint></send>", "sessions" },
    { "<send><endpoint><session type=\"http\"/><http uri-template=\"http://b.example\"/></endpoint></send>", "sessions" },
    { "<send><endpoint><failover><endpoint><session type=\"http\"/><loadbalance>" ONE ONE
      "</loadbalance></endpoint></failover></endpoint></send>", "sessions" },
    { "<send><endpoint><property name=\"loadbalance.weight\" value=\"0\"/><http uri-template=\"http://b.example\"/>"
      "</endpoint></send>", "weight" },
    { "<send><endpoint><property name=\"loadbalance.weight\"/><http uri-template=\"http://b.example\"/></endpoint></send>",
      "weight" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = api_around (cases[i].middle, AUTHENTICATION);

      check_refused (text, cases[i].word);
    }
}

static void
test_apis_refused (void)
{
#define RESOURCE "<resource methods=\"GET\"><inSequence/></resource>"
  static const struct
  {
    const char *text, *word;
  } cases[] = {
    { "<api name=\"a\" context=\"/a\">", "a.xml" },
    { "<!DOCTYPE api [<!ENTITY x \"y\">]><api name=\"a\" context=\"/a\">" RESOURCE "</api>", "DOCTYPE" },
    { "<proxy name=\"a\"/>", "<api>" },
    { "<api context=\"/a\">" RESOURCE "</api>", "name" },
    { "<api name=\"a\" context=\"a\">" RESOURCE "</api>", "context" },
    { "<api name=\"a\" context=\"/a/../b\">" RESOURCE "</api>", "context" },
    { "<api name=\"a\" context=\"/a//b\">" RESOURCE "</api>", "context" },
    { "<api name=\"a\" context=\"/a?b\">" RESOURCE "</api>", "context" },
    { "<api name=\"a\" context=\"/a\" version=\"1/2\" version-type=\"url\">" RESOURCE "</api>", "version" },
    { "<api name=\"a\" context=\"/a\" version-type=\"url\">" RESOURCE "</api>", "version" },
    { "<api name=\"a\" context=\"/a\" version=\"1\" version-type=\"header\">" RESOURCE "</api>", "version-type" },
    { "<api name=\"a\" context=\"/a\" transports=\"jms\">" RESOURCE "</api>", "jms" },
    { "<api name=\"a\" context=\"/a\" port=\"x\">" RESOURCE "</api>", "port" },
    { "<api name=\"a\" context=\"/a\" other=\"x\">" RESOURCE "</api>", "other" },
    { "<api name=\"a\" context=\"/a\"/>", "resources" },
    { "<api name=\"a\" context=\"/a\"><resource methods=\"FETCH\"/></api>", "FETCH" },
    { "<api name=\"a\" context=\"/a\"><resource methods=\"\"/></api>", "methods" },
    { "<api name=\"a\" context=\"/a\"><resource url-mapping=\"/\" uri-template=\"/\"/></api>", "both" },
    { "<api name=\"a\" context=\"/a\"><resource uri-template=\"/{\"/></api>", "/{" },
    { "<api name=\"a\" context=\"/a\"><resource><other/></resource></api>", "<other>" },
    { "<api name=\"a\" context=\"/a\"><resource><inSequence/><inSequence/></resource></api>", "<inSequence>" },
    { "<api name=\"a\" context=\"/a\"><resource inSequence=\"nowhere\"/></api>", "nowhere" },
    { "<api name=\"a\" context=\"/a\">" RESOURCE "<handlers><handler class=\"com.example.Mine\"/></handlers></api>", "com.example.Mine" },
    { "<api name=\"a\" context=\"/a\">" RESOURCE "<other/></api>", "<other>" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_refused (cases[i].text, cases[i].word);
}

/* The trap of two <handlers>: the first one counts, and an API that needs keys is not opened by it. */
static void
test_open_api_refused (void)
{
  static const char *const middle = "<filter source=\"$ctx:AM_KEY_TYPE\" regex=\"PRODUCTION\"><then><send><endpoint>"
                                    "<http uri-template=\"http://b.example\"/></endpoint></send></then></filter>";
  static const char *const cors = "<handlers><handler class=\"org.wso2.carbon.apimgt.gateway.handlers.security.CORSRequestHandler\"/>"
                                  "</handlers>";
  static const char *const handlers[] = { "", "<handlers/>", "CORS", "CORS-FIRST" };

  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    {
      g_autofree char *chain = i < 2    ? g_strdup (handlers[i])
                               : i == 2 ? g_strdup (cors)
                                        : g_strconcat (cors, AUTHENTICATION, NULL);
      g_autofree char *text = api_around (middle, chain);

      check_refused (text, "open to everybody");
    }
}

static void
test_limits (void)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_autofree char *nested = NULL;

  for (int i = 0; i <= GW_SEQUENCE_MAX_STEPS; i++)
    g_string_append (many, "<drop/>");
  text = api_around (many->str, AUTHENTICATION);
  check_refused (text, "256");
  for (int i = 0; i < GW_SEQUENCE_MAX_DEPTH; i++)
    g_string_append (deep, "<filter xpath=\"true()\">");
  g_string_append (deep, "<drop/>");
  for (int i = 0; i < GW_SEQUENCE_MAX_DEPTH; i++)
    g_string_append (deep, "</filter>");
  nested = api_around (deep->str, AUTHENTICATION);
  check_refused (nested, "16 deep");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-synapse/newer", test_newer);
  g_test_add_func ("/gw-synapse/older", test_older);
  g_test_add_func ("/gw-synapse/weights", test_weights);
  g_test_add_func ("/gw-synapse/blocked", test_blocked);
  g_test_add_func ("/gw-synapse/token-apis", test_token_apis);
  g_test_add_func ("/gw-synapse/several-key-managers", test_several_key_managers);
  g_test_add_func ("/gw-synapse/other-variables-refused", test_other_variables_refused);
  g_test_add_func ("/gw-synapse/defaults", test_defaults);
  g_test_add_func ("/gw-synapse/cache-is-noted", test_cache_is_noted);
  g_test_add_func ("/gw-synapse/mediators-refused", test_mediators_refused);
  g_test_add_func ("/gw-synapse/apis-refused", test_apis_refused);
  g_test_add_func ("/gw-synapse/open-api-refused", test_open_api_refused);
  g_test_add_func ("/gw-synapse/limits", test_limits);
  return g_test_run ();
}
