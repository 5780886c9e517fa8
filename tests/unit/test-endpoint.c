/* Endpoint configurations of APIs, read: sparse ones as exports have them, and what is refused. */
#include "config.h"
#include "core/core-endpoint.h"

static CoreEndpointConfig *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  CoreEndpointConfig *config = core_endpoint_config_parse (json, &error);

  g_assert_no_error (error);
  return config;
}

static const CoreEndpoint *
endpoint_at (const CoreEndpointSide *side, guint i)
{
  g_assert_cmpuint (i, <, side->endpoints->len);
  return g_ptr_array_index (side->endpoints, i);
}

static void
test_http (void)
{
  g_autoptr (CoreEndpointConfig) config = parse (
      "{\"production_endpoints\":{\"url\":\"https://a/x?y=1\",\"config\":{\"actionSelect\":\"fault\","
      "\"actionDuration\":\"60000\",\"suspendErrorCode\":[\"101500\",101501],\"suspendDuration\":30000,"
      "\"suspendMaxDuration\":60000,\"factor\":\"1.5\",\"retryErroCode\":[101503],\"retryTimeOut\":2,"
      "\"retryDelay\":\"5\"}},\"sandbox_endpoints\":{\"url\":\"http://s\",\"config\":null},"
      "\"endpoint_type\":\"http\",\"implementation_status\":\"managed\"}");
  const CoreEndpoint *production = endpoint_at (config->production, 0),
                     *sandbox = endpoint_at (config->sandbox, 0);

  g_assert_cmpint (config->type, ==, CORE_ENDPOINT_HTTP);
  g_assert_cmpstr (production->url, ==, "https://a/x?y=1");
  g_assert_cmpint (production->timeout, ==, CORE_ENDPOINT_TIMEOUT_FAULT);
  g_assert_cmpint (production->timeout_ms, ==, 60000);
  g_assert_cmpstr (production->suspend_error_codes, ==, "101500,101501");
  g_assert_cmpint (production->suspend_ms, ==, 30000);
  g_assert_cmpint (production->suspend_max_ms, ==, 60000);
  g_assert_cmpstr (production->suspend_factor, ==, "1.5");
  g_assert_cmpstr (production->retry_error_codes, ==, "101503");
  g_assert_cmpint (production->retries, ==, 2);
  g_assert_cmpint (production->retry_delay_ms, ==, 5);
  g_assert_cmpint (sandbox->timeout, ==, CORE_ENDPOINT_TIMEOUT_STANDARD);
  g_assert_cmpint (sandbox->suspend_ms, ==, -1);
  g_assert_null (sandbox->suspend_error_codes);
}

static void
test_load_balance (void)
{
  g_autoptr (CoreEndpointConfig) config = parse (
      "{\"production_endpoints\":[{\"url\":\"http://a\"},{\"url\":\"http://b\",\"endpoint_type\":\"address\","
      "\"template_not_supported\":true,\"config\":\"\"}],\"sandbox_endpoints\":[],\"algoCombo\":\"x\","
      "\"sessionManagement\":\"transport\",\"sessionTimeOut\":\"20\",\"failOver\":\"False\","
      "\"endpoint_type\":\"load_balance\"}");

  g_assert_cmpuint (config->production->endpoints->len, ==, 2);
  g_assert_false (endpoint_at (config->production, 0)->is_address);
  g_assert_true (endpoint_at (config->production, 1)->is_address);
  g_assert_null (config->sandbox);
  g_assert_cmpstr (config->algorithm, ==, "org.apache.synapse.endpoints.algorithms.RoundRobin");
  g_assert_cmpstr (config->session_type, ==, "http");
  g_assert_cmpint (config->session_timeout, ==, 20);
  g_assert_false (config->tries_others);
}

static void
test_failover (void)
{
  g_autoptr (CoreEndpointConfig) config = parse (
      "{\"production_endpoints\":{\"url\":\"http://a\"},\"production_failovers\":[{\"url\":\"http://b\"},"
      "{\"url\":\"jms:/q\",\"endpoint_type\":\"address\"}],\"sandbox_failovers\":[{\"url\":\"http://"
      "lonely\"}],"
      "\"endpoint_type\":\"failover\",\"failOver\":\"True\"}");

  g_assert_cmpuint (config->production->endpoints->len, ==, 3);
  g_assert_cmpstr (endpoint_at (config->production, 2)->url, ==, "jms:/q");
  g_assert_null (config->sandbox);
}

static void
test_others (void)
{
  g_autoptr (CoreEndpointConfig) wsdl
      = parse ("{\"endpoint_type\":\"wsdl\",\"wsdlendpointService\":\"S\",\"wsdlendpointPortSandbox\":\"P\","
               "\"production_endpoints\":{\"url\":\"http://a?wsdl\"},\"sandbox_endpoints\":{\"url\":\"http://"
               "s?wsdl\"}}");
  g_autoptr (CoreEndpointConfig) standard
      = parse ("{\"endpoint_type\":\"default\",\"production_endpoints\":{}}");
  g_autoptr (CoreEndpointConfig) address = parse (
      "{\"endpoint_type\":\"address\",\"production_endpoints\":{\"url\":\"{uri.var.host}/x\",\"config\":"
      "{\"format\":\"soap11\",\"optimize\":\"leave-as-is\",\"actionSelect\":\"neverTimeout\"}}}");

  g_assert_cmpstr (wsdl->production->wsdl_service, ==, "S");
  g_assert_null (wsdl->production->wsdl_port);
  g_assert_cmpstr (wsdl->sandbox->wsdl_port, ==, "P");
  g_assert_null (endpoint_at (standard->production, 0)->url);
  g_assert_cmpstr (endpoint_at (address->production, 0)->format, ==, "soap11");
  g_assert_null (endpoint_at (address->production, 0)->optimize);
  g_assert_cmpint (endpoint_at (address->production, 0)->timeout, ==, CORE_ENDPOINT_TIMEOUT_NEVER);
}

#define ONE(config) "{\"production_endpoints\":{\"url\":\"http://a\",\"config\":{" config "}}}"

/* Each with the place that the message begins with. */
static const char *const refusals[][2] = {
  { "", "endpointConfig: " },
  { "[]", "endpointConfig: " },
  { "{}", "endpointConfig: " },
  { "{\"production_endpoints\":{\"url\":\"\"}}", "endpointConfig: " },
  { "{\"endpoint_type\":\"ftp\",\"production_endpoints\":{\"url\":\"http://a\"}}", "endpoint_type: " },
  { "{\"production_endpoints\":{\"url\":\"ftp://a\"}}", "production_endpoints: url" },
  { "{\"production_endpoints\":{\"url\":\"a.example/x\"}}", "production_endpoints: url" },
  { "{\"production_endpoints\":{\"url\":\"http://\"}}", "production_endpoints: url" },
  { "{\"production_endpoints\":{\"url\":\"http:///x\"}}", "production_endpoints: url" },
  { "{\"sandbox_endpoints\":{\"url\":\"http://a b\"}}", "sandbox_endpoints: url" },
  { "{\"sandbox_endpoints\":{\"url\":\"http://a\\r\\nX: y\"}}", "sandbox_endpoints: url" },
  { "{\"production_endpoints\":[{\"url\":\"http://a\"},{\"url\":\"http://b\"}]}", "production_endpoints: " },
  { "{\"endpoint_type\":\"load_balance\",\"production_endpoints\":[{\"url\":\"http://a\"},{\"url\":\"x\"}]}",
    "production_endpoints[1]: url" },
  { "{\"endpoint_type\":\"load_balance\",\"algoClassName\":\"a\\\" "
    "b\",\"production_endpoints\":[{\"url\":\"http://a\"}]}",
    "algoClassName: " },
  { "{\"endpoint_type\":\"load_balance\",\"sessionManagement\":\"x\",\"production_endpoints\":[{\"url\":"
    "\"http://a\"}]}",
    "sessionManagement: " },
  { ONE ("\"actionSelect\":\"explode\""), "production_endpoints: config/actionSelect" },
  { ONE ("\"actionDuration\":\"-1\""), "production_endpoints: config/actionDuration" },
  { ONE ("\"suspendDuration\":1.5"), "production_endpoints: config/suspendDuration" },
  { ONE ("\"factor\":\"1.5<\""), "production_endpoints: config/factor" },
  { ONE ("\"suspendErrorCode\":[\"x\"]"), "production_endpoints: config/suspendErrorCode" },
  { ONE ("\"retryErroCode\":[null]"), "production_endpoints: config/retryErroCode" },
  { "{\"endpoint_type\":\"address\",\"production_endpoints\":{\"url\":\"http://"
    "a\",\"config\":{\"format\":\"x\"}}}",
    "production_endpoints: config/format" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (core_endpoint_config_parse (refusals[i][0], &error));
      g_assert_error (error, CORE_ENDPOINT_ERROR, CORE_ENDPOINT_ERROR_INVALID);
      if (!g_str_has_prefix (error->message, refusals[i][1]))
        g_error ("%s: %s", refusals[i][0], error->message);
    }
}

static void
test_too_many (void)
{
  g_autoptr (GString) json = g_string_new ("{\"endpoint_type\":\"load_balance\",\"production_endpoints\":[");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= CORE_ENDPOINT_MAX_CHILDREN; i++)
    g_string_append_printf (json, "%s{\"url\":\"http://h%u\"}", i > 0 ? "," : "", i);
  g_string_append (json, "]}");
  g_assert_null (core_endpoint_config_parse (json->str, &error));
  g_assert_error (error, CORE_ENDPOINT_ERROR, CORE_ENDPOINT_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/http", test_http);
  g_test_add_func ("/endpoint/load-balance", test_load_balance);
  g_test_add_func ("/endpoint/failover", test_failover);
  g_test_add_func ("/endpoint/others", test_others);
  g_test_add_func ("/endpoint/refused", test_refused);
  g_test_add_func ("/endpoint/too-many", test_too_many);
  return g_test_run ();
}
