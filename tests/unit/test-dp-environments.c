/* APIs brought to gateways by their administration service: what is called, and what happens when a gateway
 * fails. */
#include "config.h"
#include "deployment/dp-environments.h"

#include "common/apim-key-store.h"
#include "core/core-api.h"
#include "tests/lib/fake-gateway.h"

#include <glib/gstdio.h>
#include <string.h>

#define API "admin--Weather:v1.0.0"
#define ENDPOINT "Weather--v1.0.0_APIproductionEndpoint"

typedef struct
{
  char *home;
  ApimConfig *config;
  FakeGateway *gateways[2]; /* "First", hybrid, and "Second", sandbox */
  DpEnvironments *environments;
  CoreDeployer *deployer;
  CoreApi *api;
  GPtrArray *failures;
  gboolean unreachable; /* the last of them */
} Fixture;

/* What a gateway does to a test, which is short of patience only where it must come to an end of it. */
typedef struct
{
  const char *name;
  FakeGatewayMood mood;
  const char *reason;
  guint timeout_ms;
} Trouble;

#define PATIENT_MS 60000
#define SHORT_MS 3000

static const char *const first[] = { "First", NULL };
static const char *const both[] = { "First", "Second", NULL };

static void
write_configuration (Fixture *f, guint timeout_ms)
{
  g_autofree char *path = apim_home_path (f->home, "conf", "api-manager.xml", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = g_strdup_printf (
      "<APIManager><EnableSecureVault>true</EnableSecureVault><APIGateway><Environments>"
      "<Environment type=\"hybrid\"><Name>First</Name><ServerURL>%s</ServerURL><Username>admin</Username>"
      "<Password>p&lt;w&amp;d</Password></Environment>"
      "<Environment type=\"sandbox\"><Name>Second</Name><ServerURL>%s</ServerURL><Username>admin</Username>"
      "<Password>p&lt;w&amp;d</Password></Environment>"
      "<Environment type=\"hybrid\"><Name>Locked</Name><ServerURL>%s</ServerURL></Environment>"
      "</Environments></APIGateway><Apimd><Limits><GatewayDeployTimeout>%u</GatewayDeployTimeout></Limits></"
      "Apimd></"
      "APIManager>",
      fake_gateway_url (f->gateways[0]), fake_gateway_url (f->gateways[1]), fake_gateway_url (f->gateways[0]),
      timeout_ms);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const Trouble *trouble = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ApimConfig) empty = NULL;
  g_autofree char *key = NULL;

  f->home = g_dir_make_tmp ("dp-environments-XXXXXX", NULL);
  empty = apim_config_load (f->home, -1, &error);
  g_assert_no_error (error);
  g_assert_true (apim_key_store_make (empty, (const char *const[]){ "localhost", NULL }, NULL, &error));
  key = apim_home_path (f->home, "resources", "security", "node-ec.pem", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (f->gateways); i++)
    f->gateways[i] = fake_gateway_new (key);
  write_configuration (f, trouble != NULL ? trouble->timeout_ms : PATIENT_MS);
  f->config = apim_config_load (f->home, -1, &error);
  g_assert_no_error (error);
  f->environments = dp_environments_new (f->config, NULL, &error);
  g_assert_no_error (error);
  f->deployer = dp_environments_deployer (f->environments);
  f->failures = core_deployer_failures_new ();
  f->api = core_api_new ();
  core_api_set_text (&f->api->provider, "admin");
  core_api_set_text (&f->api->name, "Weather");
  core_api_set_text (&f->api->version, "1.0.0");
  core_api_set_text (&f->api->context_template, "/weather/{version}");
  core_api_set_text (&f->api->status, "PUBLISHED");
  core_api_set_text (&f->api->tenant_domain, "carbon.super");
  core_api_set_text (&f->api->endpoint_config,
                     "{\"production_endpoints\":{\"url\":\"http://a.example/?a&b\"}}");
  core_api_add_resource (f->api, "GET", "/*", NULL);
  f->api->tenant_id = -1234;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  dp_environments_free (f->environments);
  apim_config_unref (f->config);
  core_api_free (f->api);
  g_ptr_array_unref (f->failures);
  for (guint i = 0; i < G_N_ELEMENTS (f->gateways); i++)
    fake_gateway_free (f->gateways[i]);
  remove_tree (f->home);
  g_free (f->home);
}

static void
assert_calls (FakeGateway *gateway, const char *expected)
{
  g_autofree char *calls = fake_gateway_take_calls (gateway);

  g_assert_cmpstr (calls, ==, expected);
}

static void
assert_has (FakeGateway *gateway, const char *name, const char *part)
{
  g_autofree char *text = fake_gateway_lookup (gateway, name);

  if (part == NULL)
    g_assert_null (text);
  else if (text == NULL || strstr (text, part) == NULL)
    g_error ("%s is %s", name, text);
}

/* The only failure is one of @environment, and its reason holds @part. */
static void
assert_failed (Fixture *f, const char *environment, CoreDeployerAction action, const char *part)
{
  const CoreDeployerFailure *failure;

  g_assert_cmpuint (f->failures->len, ==, 1);
  failure = g_ptr_array_index (f->failures, 0);
  g_assert_cmpstr (failure->environment, ==, environment);
  g_assert_cmpint (failure->action, ==, action);
  if (strstr (failure->reason, part) == NULL)
    g_error ("%s", failure->reason);
  g_assert_null (strstr (failure->reason, FAKE_GATEWAY_PASSWORD));
  f->unreachable = failure->unreachable;
  g_ptr_array_set_size (f->failures, 0);
}

static void
test_life (Fixture *f, gconstpointer data)
{
  FakeGateway *gateway = f->gateways[0];
  const char *const *names = f->deployer->environments (f->deployer);

  g_assert_cmpstr (names[0], ==, "First");
  g_assert_cmpstr (names[2], ==, "Locked");
  g_assert_null (names[3]);

  f->deployer->publish (f->deployer, f->api, first, f->failures);
  assert_calls (gateway, "getApi removeEndpointsToUpdate addEndpoint addApi");
  assert_has (gateway, API, "name=\"admin--Weather\"");
  assert_has (gateway, ENDPOINT, "http://a.example/?a&amp;b");

  f->api->is_published_default_version = TRUE;
  core_api_set_text (&f->api->status, "BLOCKED");
  f->deployer->publish (f->deployer, f->api, first, f->failures);
  assert_calls (gateway, "getApi removeEndpointsToUpdate updateApi getDefaultApi addDefaultAPI");
  assert_has (gateway, API, "700700");
  assert_has (gateway, "admin--Weather", "WSO2_AM_API_DEFAULT_VERSION");
  f->deployer->publish (f->deployer, f->api, first, f->failures);
  assert_calls (gateway, "getApi removeEndpointsToUpdate updateApi getDefaultApi updateDefaultApi");

  for (guint i = 0; i < 2; i++)
    {
      f->deployer->remove_default (f->deployer, f->api, first, f->failures);
      f->deployer->remove (f->deployer, f->api, first, f->failures);
      assert_calls (gateway, i == 0
                                 ? "getDefaultApi deleteDefaultApi getApi deleteApi removeEndpointsToUpdate"
                                 : "getDefaultApi getApi removeEndpointsToUpdate");
      assert_has (gateway, API, NULL);
      assert_has (gateway, ENDPOINT, NULL);
    }
  g_assert_cmpuint (f->failures->len, ==, 0);
}

static void
test_tenant_and_vault (Fixture *f, gconstpointer data)
{
  core_api_set_text (&f->api->provider, "dave@example.com");
  core_api_set_text (&f->api->tenant_domain, "example.com");
  f->api->tenant_id = 7;
  f->api->endpoint_security = CORE_ENDPOINT_SECURITY_BASIC;
  core_api_set_text (&f->api->endpoint_user, "backend");
  core_api_set_text (&f->api->endpoint_password, "s3<ret");
  f->deployer->publish (f->deployer, f->api, first, f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  assert_calls (f->gateways[0],
                "getApiForTenant removeEndpointsToUpdate addEndpointForTenant doEncryption addApiForTenant");
  assert_has (f->gateways[0], "dave-AT-example.com--Weather1.0.0", "s3<ret");
  assert_has (f->gateways[0], "dave-AT-example.com--Weather:v1.0.0",
              "context=\"/t/example.com/weather/{version}\"");
}

static void
test_scripted (Fixture *f, gconstpointer data)
{
  core_api_set_text (&f->api->status, "PROTOTYPED");
  core_api_set_text (&f->api->implementation, "INLINE");
  for (guint i = 0; i < 2; i++)
    {
      f->deployer->publish (f->deployer, f->api, first, f->failures);
      assert_calls (f->gateways[0], i == 0 ? "getApi removeEndpointsToUpdate addPrototypeApiScriptImpl"
                                           : "getApi removeEndpointsToUpdate updateApiForInlineScript");
    }
  g_assert_cmpuint (f->failures->len, ==, 0);
}

/* A sandbox gateway has nothing to do with an API without a sandbox. */
static void
test_nothing_to_serve (Fixture *f, gconstpointer data)
{
  core_api_set_text (&f->api->endpoint_config, "{\"production_endpoints\":{\"url\":\"http://a.example\"},"
                                               "\"sandbox_endpoints\":{\"url\":\"http://s.example\"}}");
  f->deployer->publish (f->deployer, f->api, both, f->failures);
  assert_has (f->gateways[1], API, "SANDBOX");
  assert_has (f->gateways[1], ENDPOINT, NULL);
  core_api_set_text (&f->api->endpoint_config, "{\"production_endpoints\":{\"url\":\"http://a.example\"}}");
  f->deployer->publish (f->deployer, f->api, both, f->failures);
  assert_has (f->gateways[1], API, NULL);
  assert_has (f->gateways[0], API, "PRODUCTION");
  g_assert_cmpuint (f->failures->len, ==, 0);
}

static const Trouble troubles[] = {
  { "faults", FAKE_GATEWAY_FAULTS, "no space left", PATIENT_MS },
  { "says-false", FAKE_GATEWAY_SAYS_FALSE, "answered false", PATIENT_MS },
  { "hangs", FAKE_GATEWAY_HANGS, "", SHORT_MS },
  { "refuses-login", FAKE_GATEWAY_REFUSES_LOGIN, "", PATIENT_MS },
  { "html", FAKE_GATEWAY_HTML, "", PATIENT_MS },
};

/* One gateway in trouble keeps the other one from nothing, and afterwards a repetition mends it. */
static void
test_trouble (Fixture *f, gconstpointer data)
{
  const Trouble *trouble = data;

  core_api_set_text (&f->api->endpoint_config, "{\"production_endpoints\":{\"url\":\"http://a.example\"},"
                                               "\"sandbox_endpoints\":{\"url\":\"http://s.example\"}}");
  fake_gateway_set_mood (f->gateways[1], trouble->mood);
  f->deployer->publish (f->deployer, f->api, both, f->failures);
  assert_failed (f, "Second", CORE_DEPLOYER_PUBLISH, trouble->reason);
  g_assert_cmpint (f->unreachable, ==, trouble->mood == FAKE_GATEWAY_HANGS);
  assert_has (f->gateways[0], API, "PRODUCTION");
  fake_gateway_set_mood (f->gateways[1], FAKE_GATEWAY_GOOD);
  f->deployer->publish (f->deployer, f->api, both, f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  assert_has (f->gateways[1], API, "SANDBOX");
}

static void
test_look (Fixture *f, gconstpointer data)
{
  static const char *const all[] = { "First", "Second", "Locked", "Gone", NULL };
  CorePresence seen[4];

  f->deployer->look (f->deployer, f->api, all, seen, f->failures);
  g_assert_cmpint (seen[0], ==, CORE_PRESENCE_MISSING);
  g_assert_cmpint (seen[1], ==, CORE_PRESENCE_NONE); /* a sandbox, and the API has none */
  g_assert_cmpint (seen[2], ==, CORE_PRESENCE_UNKNOWN);
  g_assert_cmpint (seen[3], ==, CORE_PRESENCE_UNKNOWN);
  g_assert_cmpuint (f->failures->len, ==, 2);
  g_ptr_array_set_size (f->failures, 0);
  f->deployer->publish (f->deployer, f->api, first, f->failures);
  f->deployer->look (f->deployer, f->api, first, seen, f->failures);
  g_assert_cmpint (seen[0], ==, CORE_PRESENCE_THERE);
  core_api_set_text (&f->api->status, "RETIRED");
  f->deployer->look (f->deployer, f->api, first, seen, f->failures);
  g_assert_cmpint (seen[0], ==, CORE_PRESENCE_SURPLUS);
  g_assert_cmpuint (f->failures->len, ==, 0);
}

static const Trouble one_hang = { "retry", FAKE_GATEWAY_HANGS_ONCE, NULL, SHORT_MS };

/* A call without an answer is made once more. */
static void
test_retry (Fixture *f, gconstpointer data)
{
  fake_gateway_set_mood (f->gateways[0], one_hang.mood);
  f->deployer->publish (f->deployer, f->api, first, f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  assert_calls (f->gateways[0], "getApi getApi removeEndpointsToUpdate addEndpoint addApi");
}

static void
test_configuration (Fixture *f, gconstpointer data)
{
  static const char *const locked[] = { "Locked", NULL }, *const gone[] = { "Gone", NULL };

  f->deployer->publish (f->deployer, f->api, locked, f->failures);
  assert_failed (f, "Locked", CORE_DEPLOYER_PUBLISH, "user and password");
  f->deployer->publish (f->deployer, f->api, gone, f->failures);
  assert_failed (f, "Gone", CORE_DEPLOYER_PUBLISH, "no environment of this name");
  f->deployer->remove (f->deployer, f->api, gone, f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  core_api_set_text (&f->api->endpoint_config, "{\"production_endpoints\":{\"url\":\"nowhere\"}}");
  f->deployer->publish (f->deployer, f->api, first, f->failures);
  assert_failed (f, "First", CORE_DEPLOYER_PUBLISH, "production_endpoints: url");
}

/* The configuration again, with these elements in api-manager.xml. */
static void
configure_own (Fixture *f, const char *environments)
{
  g_autofree char *path = apim_home_path (f->home, "conf", "api-manager.xml", NULL);
  g_autofree char *text = g_strdup_printf ("<APIManager>%s</APIManager>", environments);
  g_autofree char *repository = g_build_filename (f->home, "repository", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_clear_pointer (&f->environments, dp_environments_free);
  g_clear_pointer (&f->config, apim_config_unref);
  f->config = apim_config_load (f->home, -1, &error);
  g_assert_no_error (error);
  f->environments = dp_environments_new (f->config, repository, &error);
  g_assert_no_error (error);
  f->deployer = dp_environments_deployer (f->environments);
}

static gboolean
has_own_file (const Fixture *f)
{
  g_autofree char *path
      = g_build_filename (f->home, "repository/deployment/server/synapse-configs/default/api",
                          "admin--Weather_v1.0.0.xml", NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* A Publisher in one process with a gateway writes that one's files, with no password; other gateways are called. */
static void
test_own_gateway (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "Here", "There", NULL };
  g_autofree char *environments = g_strdup_printf (
      "<APIGateway><Environments><Environment type=\"hybrid\"><Name>Here</Name><ServerURL>https://localhost:9443/services/"
      "</ServerURL></Environment><Environment type=\"hybrid\"><Name>There</Name><ServerURL>%s</ServerURL><Username>admin"
      "</Username><Password>p&lt;w&amp;d</Password></Environment></Environments></APIGateway>",
      fake_gateway_url (f->gateways[0]));
  g_autofree char *there = NULL;

  g_assert_null (f->deployer->own_environments (f->deployer)[0]);
  configure_own (f, environments);
  g_assert_cmpstr (f->deployer->own_environments (f->deployer)[0], ==, "Here");
  g_assert_null (f->deployer->own_environments (f->deployer)[1]);
  f->deployer->publish (f->deployer, f->api, names, f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  g_assert_true (has_own_file (f));
  there = fake_gateway_lookup (f->gateways[0], API);
  g_assert_nonnull (there);
  f->deployer->remove (f->deployer, f->api, names, f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  g_assert_false (has_own_file (f));
}

static void
test_own_gateway_alone (Fixture *f, gconstpointer data)
{
  configure_own (f, "");
  g_assert_cmpstr (f->deployer->environments (f->deployer)[0], ==, "Production and Sandbox");
  g_assert_null (f->deployer->environments (f->deployer)[1]);
  g_assert_cmpstr (f->deployer->own_environments (f->deployer)[0], ==, "Production and Sandbox");
  f->deployer->publish (f->deployer, f->api, f->deployer->environments (f->deployer), f->failures);
  g_assert_cmpuint (f->failures->len, ==, 0);
  g_assert_true (has_own_file (f));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, function)                                                                            \
  g_test_add ("/dp-environments/" name, Fixture, data, set_up, function, tear_down)
  ADD ("life", NULL, test_life);
  ADD ("tenant-and-vault", NULL, test_tenant_and_vault);
  ADD ("scripted", NULL, test_scripted);
  ADD ("nothing-to-serve", NULL, test_nothing_to_serve);
  ADD ("look", NULL, test_look);
  ADD ("retry", &one_hang, test_retry);
  ADD ("configuration", NULL, test_configuration);
  ADD ("own-gateway", NULL, test_own_gateway);
  ADD ("own-gateway-alone", NULL, test_own_gateway_alone);
  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      g_autofree char *path = g_strconcat ("/dp-environments/trouble/", troubles[i].name, NULL);

      g_test_add (path, Fixture, &troubles[i], set_up, test_trouble, tear_down);
    }
  return g_test_run ();
}
