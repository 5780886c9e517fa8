/* The files that gateways get: every kind byte by byte, and texts of strangers in all places. */
#include "config.h"
#include "common/apim-folder.h"
#include "deployment/dp-artifacts.h"
#include "deployment/dp-names.h"
#include "deployment/dp-xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#define BOTH                                                                                                 \
  "{\"endpoint_type\":\"http\",\"production_endpoints\":{\"url\":\"http://backend.example:8080/"             \
  "weather?a=1&b=2\","                                                                                       \
  "\"config\":{\"actionSelect\":\"discard\",\"actionDuration\":30000,\"suspendErrorCode\":[\"101500\","      \
  "\"101503\"],"                                                                                             \
  "\"suspendDuration\":30000,\"suspendMaxDuration\":60000,\"factor\":2,\"retryErroCode\":[101504],"          \
  "\"retryTimeOut\":3,"                                                                                      \
  "\"retryDelay\":100}},\"sandbox_endpoints\":{\"url\":\"http://sandbox.example/weather\"}}"
#define PRODUCTION "{\"production_endpoints\":{\"url\":\"https://backend.example/weather\"}}"
#define SANDBOX "{\"sandbox_endpoints\":{\"url\":\"https://sandbox.example/weather\"}}"
#define NEVER_SUSPENDED                                                                                      \
  "{\"endpoint_type\":\"address\",\"production_endpoints\":{\"url\":\"https://backend.example/"              \
  "soap\",\"config\":"                                                                                       \
  "{\"format\":\"soap11\",\"optimize\":\"mtom\",\"suspendDuration\":\"0\",\"actionSelect\":"                 \
  "\"neverTimeout\"}}}"
#define FAILOVER                                                                                             \
  "{\"endpoint_type\":\"failover\",\"production_endpoints\":{\"url\":\"http://"                              \
  "a.example\"},\"production_failovers\":"                                                                   \
  "[{\"url\":\"http://b.example\"},{\"url\":\"http://c.example\",\"endpoint_type\":\"address\"}]}"
#define LOAD_BALANCE                                                                                         \
  "{\"endpoint_type\":\"load_balance\",\"production_endpoints\":[{\"url\":\"http://a.example\"},"            \
  "{\"url\":\"http://"                                                                                       \
  "b.example\"}],\"sessionManagement\":\"soap\",\"sessionTimeOut\":30,\"failOver\":\"False\","               \
  "\"algoClassName\":\"org.apache.synapse.endpoints.algorithms.RoundRobin\"}"
#define WSDL                                                                                                 \
  "{\"endpoint_type\":\"wsdl\",\"production_endpoints\":{\"url\":\"http://a.example/s?wsdl\"},"              \
  "\"wsdlendpointService\":\"Weather\",\"wsdlendpointPort\":\"WeatherPort\"}"
#define DEFAULT "{\"endpoint_type\":\"default\",\"production_endpoints\":{\"config\":null}}"

static const DpSettings settings_2_6 = { .generation = APIM_GATEWAY_2_6,
                                         .advanced_throttling = TRUE,
                                         .cors = TRUE,
                                         .removes_oauth_header = TRUE,
                                         .authorization_header = "Authorization" };
static const DpSettings settings_2_0 = { .generation = APIM_GATEWAY_2_0, .google_analytics = TRUE };
static const DpSettings settings_1_9 = { .generation = APIM_GATEWAY_1_9, .backend_jwt = TRUE, .cors = TRUE };
static const DpSettings settings_vault = { .generation = APIM_GATEWAY_2_6,
                                           .advanced_throttling = TRUE,
                                           .secure_vault = TRUE,
                                           .authorization_header = "Authorization" };

static CoreApi *
weather (void)
{
  CoreApi *api = core_api_new ();

  core_api_set_text (&api->provider, "admin");
  core_api_set_text (&api->name, "Weather");
  core_api_set_text (&api->version, "1.0.0");
  core_api_set_text (&api->context_template, "/weather/{version}");
  core_api_set_text (&api->status, "PUBLISHED");
  core_api_set_text (&api->tenant_domain, "carbon.super");
  api->tenant_id = -1234;
  core_api_add_resource (api, "GET", "/city/{name}", "Any");
  core_api_add_resource (api, "GET", "/*", "Any");
  core_api_add_resource (api, "POST", "/city/{name}", "Application");
  core_api_add_resource (api, "GET", "/forecast*", "None");
  return api;
}

static void
of_tenant (CoreApi *api)
{
  core_api_set_text (&api->provider, "dave@example.com");
  core_api_set_text (&api->tenant_domain, "example.com");
  api->tenant_id = 7;
}

static void
with_everything (CoreApi *api)
{
  const char *const origins[] = { "https://a.example", "https://b.example", NULL }, *const methods[]
                                                                                    = { "GET", "POST", NULL };
  const char *const headers[] = { "authorization", "SOAPAction", NULL }, *const https[] = { "https", NULL };

  api->cors.enabled = api->cors.allow_credentials = TRUE;
  core_api_set_list (&api->cors.allow_origins, origins);
  core_api_set_list (&api->cors.allow_headers, headers);
  core_api_set_list (&api->cors.allow_methods, methods);
  core_api_set_list (&api->transports, https);
  core_api_set_text (&api->authorization_header, "X-Token");
  core_api_set_text (&api->fault_sequence, "json_fault");
  api->response_caching = TRUE;
  api->cache_timeout_s = 60;
  api->production_max_tps = 1000;
  api->sandbox_max_tps = 10;
  api->is_published_default_version = TRUE;
}

static void
with_basic (CoreApi *api)
{
  api->endpoint_security = CORE_ENDPOINT_SECURITY_BASIC;
  core_api_set_text (&api->endpoint_user, "o'neill");
  core_api_set_text (&api->endpoint_password, "p<&\"'");
}

static void
with_digest (CoreApi *api)
{
  with_basic (api);
  api->endpoint_security = CORE_ENDPOINT_SECURITY_DIGEST;
}

static void
prototyped (CoreApi *api)
{
  core_api_set_text (&api->status, "PROTOTYPED");
}

static void
scripted (CoreApi *api)
{
  CoreApiResource *resource = g_ptr_array_index (api->resources, 0);

  prototyped (api);
  core_api_set_text (&api->implementation, "INLINE");
  core_api_set_text (&resource->mediation_script,
                     "mc.setProperty('CONTENT_TYPE', 'application/json'); // ]]> <b>");
}

static void
blocked (CoreApi *api)
{
  with_everything (api);
  api->is_published_default_version = FALSE;
  core_api_set_text (&api->status, "BLOCKED");
}

static void
default_version (CoreApi *api)
{
  api->is_published_default_version = TRUE;
}

typedef struct
{
  const char *name; /* of the fixture */
  const char *endpoint_config;
  ApimEnvironmentType type;
  const DpSettings *settings;
  void (*change) (CoreApi *api); /* nullable */
} Kind;

static const Kind kinds[] = {
  { "both", BOTH, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "production-only", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "sandbox-only", SANDBOX, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "production-gateway", BOTH, APIM_ENVIRONMENT_PRODUCTION, &settings_2_6, NULL },
  { "sandbox-gateway", BOTH, APIM_ENVIRONMENT_SANDBOX, &settings_2_6, NULL },
  { "tenant", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, of_tenant },
  { "everything", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, with_everything },
  { "basic", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, with_basic },
  { "basic-vault", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_vault, with_basic },
  { "digest", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, with_digest },
  { "address", NEVER_SUSPENDED, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "failover", FAILOVER, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "load-balance", LOAD_BALANCE, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "wsdl", WSDL, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "default-endpoint", DEFAULT, APIM_ENVIRONMENT_HYBRID, &settings_2_6, NULL },
  { "default-version", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, default_version },
  { "prototyped", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, prototyped },
  { "scripted", NULL, APIM_ENVIRONMENT_HYBRID, &settings_2_6, scripted },
  { "blocked", PRODUCTION, APIM_ENVIRONMENT_HYBRID, &settings_2_6, blocked },
  { "2.0", BOTH, APIM_ENVIRONMENT_HYBRID, &settings_2_0, with_everything },
  { "1.9", BOTH, APIM_ENVIRONMENT_HYBRID, &settings_1_9, default_version },
};

static xmlDoc *
parse (const char *text)
{
  xmlDoc *document
      = xmlReadMemory (text, (int)strlen (text), "file", NULL, XML_PARSE_NONET | XML_PARSE_NOERROR);

  g_assert_nonnull (document);
  return document;
}

static guint
count (xmlNode *node, const char *name)
{
  guint n = 0;

  for (; node != NULL; node = node->next)
    {
      n += node->type == XML_ELEMENT_NODE && strcmp ((const char *)node->name, name) == 0;
      n += count (node->children, name);
    }
  return n;
}

/* All files of an environment, one after the other. */
static char *
join (const DpArtifacts *artifacts)
{
  GString *text = g_string_new (artifacts->api);

  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    g_string_append (text, artifacts->endpoints[i] != NULL ? artifacts->endpoints[i] : "");
  g_string_append (text, artifacts->default_api != NULL ? artifacts->default_api : "");
  return g_string_free (text, FALSE);
}

static DpArtifacts *
make (const CoreApi *api, ApimEnvironmentType type, const DpSettings *settings)
{
  g_autoptr (GError) error = NULL;
  DpArtifacts *artifacts = dp_artifacts_new (api, type, settings, &error);

  g_assert_no_error (error);
  return artifacts;
}

static void
test_kind (gconstpointer data)
{
  const Kind *kind = data;
  g_autofree char *name = g_strconcat (kind->name, ".xml", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "synapse", name, NULL);
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (DpArtifacts) artifacts = NULL, again = NULL;
  g_autofree char *text = NULL, *text_again = NULL, *expected = NULL;
  xmlDoc *document;

  core_api_set_text (&api->endpoint_config, kind->endpoint_config);
  if (kind->change != NULL)
    kind->change (api);
  artifacts = make (api, kind->type, kind->settings);
  again = make (api, kind->type, kind->settings);
  text = join (artifacts);
  text_again = join (again);
  g_assert_cmpstr (text, ==, text_again);
  document = parse (artifacts->api);
  g_assert_cmpuint (count (document->children, "handlers"), ==, 1);
  xmlFreeDoc (document);
  if (g_getenv ("APIM_WRITE_FIXTURES") != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_true (g_file_get_contents (path, &expected, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

#define HOSTILE "x\"/><handlers/><a b='\"]]>&amp;<!--"

/* Structure is ours alone, and every text comes back as it was. */
static void
test_injection (void)
{
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (DpArtifacts) artifacts = NULL;
  CoreApiResource *resource = g_ptr_array_index (api->resources, 0);
  xmlDoc *document;
  xmlChar *value;

  with_everything (api);
  with_basic (api);
  core_api_set_text (&api->name, HOSTILE);
  core_api_set_text (&api->version, HOSTILE);
  core_api_set_text (&api->context_template, "/" HOSTILE);
  core_api_set_text (&api->fault_sequence, HOSTILE);
  core_api_set_text (&api->authorization_header, HOSTILE);
  core_api_set_text (&resource->url_pattern, "/" HOSTILE);
  core_api_set_text (&api->endpoint_config,
                     "{\"production_endpoints\":{\"url\":\"http://h/\\\"/><a>&]]>\"}}");
  artifacts = make (api, APIM_ENVIRONMENT_HYBRID, &settings_vault);

  document = parse (artifacts->api);
  g_assert_cmpuint (count (document->children, "handlers"), ==, 1);
  g_assert_cmpuint (count (document->children, "a"), ==, 0);
  g_assert_cmpuint (count (document->children, "resource"), ==, 4);
  value = xmlGetProp (xmlDocGetRootElement (document), (const xmlChar *)"version");
  g_assert_cmpstr ((const char *)value, ==, HOSTILE);
  xmlFree (value);
  xmlFreeDoc (document);
  document = parse (artifacts->endpoints[0]);
  g_assert_cmpuint (count (document->children, "a"), ==, 0);
  xmlFreeDoc (document);
  document = parse (artifacts->default_api);
  g_assert_cmpuint (count (document->children, "handlers"), ==, 1);
  xmlFreeDoc (document);
}

/* What cannot stand in XML, or not in an environment. */
static void
test_refused (void)
{
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (CoreApi) other = weather ();
  g_autoptr (GError) error = NULL;

  core_api_set_text (&api->endpoint_config, PRODUCTION);
  core_api_set_text (&api->name, "bell\a");
  g_assert_null (dp_artifacts_new (api, APIM_ENVIRONMENT_HYBRID, &settings_2_6, &error));
  g_assert_error (error, DP_XML_ERROR, DP_XML_ERROR_CHARACTER);
  g_clear_error (&error);
  core_api_set_text (&api->name, "latin\xe4");
  g_assert_null (dp_artifacts_new (api, APIM_ENVIRONMENT_HYBRID, &settings_2_6, &error));
  g_assert_error (error, DP_XML_ERROR, DP_XML_ERROR_CHARACTER);
  g_clear_error (&error);

  g_assert_null (dp_artifacts_new (other, APIM_ENVIRONMENT_HYBRID, &settings_2_6, &error));
  g_assert_error (error, DP_SYNAPSE_ERROR, DP_SYNAPSE_ERROR_API);
  g_clear_error (&error);
  core_api_set_text (&other->endpoint_config, PRODUCTION);
  core_api_set_text (&other->type, "WS");
  g_assert_null (dp_artifacts_new (other, APIM_ENVIRONMENT_HYBRID, &settings_2_6, &error));
  g_assert_error (error, DP_SYNAPSE_ERROR, DP_SYNAPSE_ERROR_API);
  g_clear_error (&error);
  core_api_set_text (&other->type, "HTTP");
  g_ptr_array_set_size (other->resources, 0);
  g_assert_null (dp_artifacts_new (other, APIM_ENVIRONMENT_HYBRID, &settings_2_6, &error));
  g_assert_error (error, DP_SYNAPSE_ERROR, DP_SYNAPSE_ERROR_API);
}

/* An environment of the type that the API has no endpoint for is to have no files of it. */
static void
test_nothing_to_serve (void)
{
  g_autoptr (CoreApi) api = weather ();
  g_autoptr (DpArtifacts) artifacts = NULL;

  core_api_set_text (&api->endpoint_config, PRODUCTION);
  artifacts = make (api, APIM_ENVIRONMENT_SANDBOX, &settings_2_6);
  g_assert_null (artifacts->api);
  g_assert_null (artifacts->endpoints[0]);
  g_assert_cmpstr (artifacts->api_name, ==, "admin--Weather:v1.0.0");
}

static void
test_names (void)
{
  static const char *const files[][2] = { { "admin--Weather:v1.0.0", "admin--Weather_v1.0.0.xml" },
                                          { "admin--Weather", "admin--Weather.xml" },
                                          { "../../etc/passwd", "_._.._etc_passwd.xml" },
                                          { "a/b\\c?d*e|f<g>h i\nj", "a_b_c_d_e_f_g_h_i_j.xml" } };
  g_autoptr (CoreApi) api = weather ();
  g_autofree char *name = NULL, *alias = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *file = apim_folder_file_name (files[i][0]);

      g_assert_cmpstr (file, ==, files[i][1]);
    }
  of_tenant (api);
  name = dp_name_api_version (api);
  alias = dp_name_vault_alias (api);
  g_assert_cmpstr (name, ==, "dave-AT-example.com--Weather:v1.0.0");
  g_assert_cmpstr (alias, ==, "dave-AT-example.com--Weather1.0.0");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/dp-synapse/", kinds[i].name, NULL);

      g_test_add_data_func (path, &kinds[i], test_kind);
    }
  g_test_add_func ("/dp-synapse/injection", test_injection);
  g_test_add_func ("/dp-synapse/refused", test_refused);
  g_test_add_func ("/dp-synapse/nothing-to-serve", test_nothing_to_serve);
  g_test_add_func ("/dp-synapse/names", test_names);
  return g_test_run ();
}
