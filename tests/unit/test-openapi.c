/* OpenAPI documents in and out: both versions, JSON and YAML, WSO2's extensions, scopes of security schemes,
 * limits, and what is no such document. */
#include "config.h"

#include "core/core-api-rules.h"
#include "core/core-openapi.h"
#include "core/core-portal.h"

#include <string.h>

/* "VERB pattern auth tier scope" of the resources, then "key: roles" of the scopes. */
static char *
summary (const CoreApi *api)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = api->resources->pdata[i];

      g_string_append_printf (text, "%s %s %s %s %s\n", resource->verb, resource->url_pattern,
                              resource->auth_type,
                              resource->throttling_tier != NULL ? resource->throttling_tier : "-",
                              resource->scope != NULL ? resource->scope : "-");
    }
  for (guint i = 0; i < api->scopes->len; i++)
    {
      const CoreApiScope *scope = api->scopes->pdata[i];
      g_autofree char *roles = core_api_list_to_text ((const char *const *)scope->roles, ",");

      g_string_append_printf (text, "%s: %s\n", scope->key, roles != NULL ? roles : "-");
    }
  return g_string_free (text, FALSE);
}

static CoreApi *
read_document (const char *text)
{
  CoreApi *api = core_api_new ();
  g_autoptr (GError) error = NULL;

  core_openapi_read (text, strlen (text), api, &error);
  g_assert_no_error (error);
  core_api_normalize (api);
  return api;
}

static const char swagger[]
    = "{\"swagger\":\"2.0\",\"info\":{\"title\":\"Weather "
      "Report\",\"version\":\"1.10\",\"description\":\"Rain\"},"
      "\"basePath\":\"/weather\",\"paths\":{\"/city/*\":{\"parameters\":[],\"get\":{\"x-auth-type\":\"None\","
      "\"x-throttling-tier\":\"10KPerMin\",\"responses\":{\"200\":{\"description\":\"fine\"}}},\"post\":{\"x-"
      "auth-type\":"
      "\"Application "
      "User\",\"x-scope\":\"write\"}},\"/open\":{\"delete\":{}}},\"x-wso2-security\":{\"apim\":{"
      "\"x-wso2-scopes\":[{\"key\":\"write\",\"name\":\"Write\",\"description\":\"d\",\"roles\":\"editor, "
      "admin\"}]}},"
      "\"x-mine\":{\"kept\":[1,2.5,null,true]}}";

static void
test_swagger (void)
{
  g_autoptr (CoreApi) api = read_document (swagger);
  g_autofree char *text = summary (api);
  g_autofree char *written = core_openapi_write (api);
  g_autoptr (CoreApi) again = read_document (written);
  g_autofree char *same = summary (again);

  g_assert_cmpstr (
      text, ==,
      "GET /city/* None 10KPerMin -\nPOST /city/* Application_User - write\nDELETE /open Any - -\n"
      "write: editor,admin\n");
  g_assert_cmpstr (api->name, ==, "WeatherReport");
  g_assert_cmpstr (api->version, ==, "1.10");
  g_assert_cmpstr (api->context_template, ==, "/weather/{version}");
  g_assert_cmpstr (api->description, ==, "Rain");
  g_assert_cmpstr (same, ==, text);
  g_assert_nonnull (strstr (written, "\"x-mine\":{\"kept\":[1,2.5,null,true]}"));
  g_assert_nonnull (strstr (written, "\"200\":{\"description\":\"fine\"}"));
}

static const char openapi[] = "openapi: 3.0.1\n"
                              "info:\n"
                              "  title: 'Pets'\n"
                              "  version: 1.10\n"
                              "paths:\n"
                              "  /pets/{id}:\n"
                              "    get:\n"
                              "      security:\n"
                              "        - login: [ 'read:pets', 'write:pets' ]\n"
                              "      deprecated: false\n"
                              "    patch: {}\n"
                              "  /health:\n"
                              "    head:\n"
                              "      x-auth-type: None\n"
                              "components:\n"
                              "  securitySchemes:\n"
                              "    login:\n"
                              "      type: oauth2\n"
                              "      flows:\n"
                              "        implicit:\n"
                              "          scopes:\n"
                              "            read:pets: Read them\n"
                              "            write:pets: Change them\n";

static void
test_openapi_yaml (void)
{
  g_autoptr (CoreApi) api = read_document (openapi);
  g_autofree char *text = summary (api);

  g_assert_cmpstr (text, ==,
                   "GET /pets/{id} Any - read:pets\nPATCH /pets/{id} Any - -\nHEAD /health None - -\n"
                   "read:pets: -\nwrite:pets: -\n");
  g_assert_cmpstr (api->version, ==, "1.10"); /* not the number 1.1 */
  g_assert_cmpstr (((CoreApiScope *)api->scopes->pdata[0])->description, ==, "Read them");
  g_assert_true (g_str_has_prefix (
      api->definition, "{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"Pets\",\"version\":\"1.10\"}"));
}

/* What the record has holds over what the document had. */
static void
test_write_changes (void)
{
  g_autoptr (CoreApi) api = read_document (swagger);
  g_autofree char *written = NULL;
  g_autofree char *bare = NULL;
  g_autofree char *moved = NULL;

  g_ptr_array_remove_index (api->resources, 2);
  g_ptr_array_remove_index (api->resources, 1);
  core_api_add_resource (api, "PUT", "/new", "Application");
  core_api_set_text (&api->version, "2");
  written = core_openapi_write (api);
  g_assert_null (strstr (written, "/open"));
  g_assert_null (strstr (written, "\"post\""));
  g_assert_nonnull (strstr (written, "\"/new\":{\"put\":{\"responses\":{\"200\":{\"description\":\"OK\"}},"
                                     "\"x-auth-type\":\"Application\"}}"));
  g_assert_nonnull (strstr (written, "\"version\":\"2\""));
  g_clear_pointer (&api->definition, g_free);
  bare = core_openapi_write (api);
  g_assert_true (g_str_has_prefix (
      bare, "{\"swagger\":\"2.0\",\"info\":{\"title\":\"WeatherReport\",\"version\":\"2\"}"));
  moved = core_openapi_set_version (swagger, "3");
  g_assert_nonnull (strstr (moved, "\"version\":\"3\""));
  g_assert_null (core_openapi_set_version ("[]", "3"));
}

/* Nothing of the API changes. */
static void
assert_refused (const char *text, const char *words)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GError) error = NULL;

  core_api_add_resource (api, "GET", "/kept", NULL);
  g_assert_false (core_openapi_read (text, strlen (text), api, &error));
  g_assert_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" lacks \"%s\"", error->message, words);
  g_assert_cmpuint (api->resources->len, ==, 1);
  g_assert_null (api->definition);
}

static void
test_refusals (void)
{
  g_autoptr (GString) deep = g_string_new ("{\"swagger\":\"2.0\",\"paths\":");
  g_autoptr (GString) deep_yaml = g_string_new ("swagger: '2.0'\npaths: ");
  g_autofree char *huge = g_strnfill (CORE_API_MAX_DEFINITION + 1, ' ');

  assert_refused ("", "not a YAML mapping");
  assert_refused ("just a text", "not a YAML mapping");
  assert_refused ("{\n\"swagger\": \"2.0\",\n oops", "near line 2");
  assert_refused ("swagger: '2.0'\npaths: [\n", "line 3");
  assert_refused ("{}", "neither swagger");
  assert_refused ("{\"swagger\":2.0}", "neither swagger");
  assert_refused ("{\"swagger\":\"1.2\",\"paths\":{}}", "not 1.2");
  assert_refused ("openapi: 3.1.0\npaths: {}\n", "not 3.1.0");
  assert_refused ("{\"swagger\":\"2.0\"}", "It has no paths");
  assert_refused ("{\"swagger\":\"2.0\",\"paths\":{\"/a\":{\"trace\":{}}}}",
                  "Specified HTTP verb trace is invalid");
  assert_refused ("{\"swagger\":\"2.0\",\"paths\":{\"a\":{},\"/b\":[]}}", "paths/a");
  assert_refused ("swagger: '2.0'\nswagger: '2.0'\npaths: {}\n", "line 2: a key occurs twice");
  assert_refused ("a: &x {b: c}\nd: *x\n", "line 2: it has an alias");
  assert_refused ("swagger: '2.0'\npaths: {}\n---\nx: y\n", "second document");
  assert_refused ("? [a]\n: b\n", "a key must be a text");
  assert_refused ("{\"swagger\":\"\xff\"}", "UTF-8");
  assert_refused (huge, "more than");
  for (guint i = 0; i < 5000; i++)
    {
      g_string_append_c (deep, '[');
      g_string_append_c (deep_yaml, '[');
    }
  assert_refused (deep->str, "too many levels");
  assert_refused (deep_yaml->str, "too many levels");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openapi/swagger", test_swagger);
  g_test_add_func ("/openapi/openapi-yaml", test_openapi_yaml);
  g_test_add_func ("/openapi/write-changes", test_write_changes);
  g_test_add_func ("/openapi/refusals", test_refusals);
  return g_test_run ();
}
