#include "config.h"
#include "core/core-rest-scopes.h"

#include <string.h>

static void
assert_roles (const CoreRestScopes *scopes, const char *scope, const char *expected)
{
  char **roles = core_rest_scopes_roles (scopes, scope);
  g_autofree char *text = roles != NULL ? g_strjoinv (",", roles) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

static CoreRestScopes *
parse (const char *text, GError **error)
{
  return core_rest_scopes_parse (text, strlen (text), "boss", error);
}

/* spec/databases.md 6.7 */
static void
test_default (void)
{
  g_autoptr (CoreRestScopes) scopes = core_rest_scopes_new_default ("boss");

  assert_roles (scopes, "apim:api_view", "boss,Internal/publisher,Internal/creator");
  assert_roles (scopes, "apim:api_create", "boss,Internal/creator");
  assert_roles (scopes, "apim:api_publish", "boss,Internal/publisher");
  assert_roles (scopes, "apim:subscribe", "boss,Internal/subscriber");
  assert_roles (scopes, "apim:tier_manage", "boss");
  assert_roles (scopes, "apim:bl_manage", "boss");
  assert_roles (scopes, "apim:api_workflow", "boss");
  assert_roles (scopes, "apim:app_import_export", "boss");
  assert_roles (scopes, "apim:api_import_export", "boss");
  assert_roles (scopes, "apim:API_view", NULL);
  assert_roles (scopes, "default", NULL);
  g_assert_cmpstr (core_rest_scopes_words ("apim:api_delete"), ==, "delete APIs");
  g_assert_null (core_rest_scopes_words ("apim:nothing"));
}

static void
test_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreRestScopes) scopes
      = parse ("{\"EnableMonetization\": false, \"RESTAPIScopes\": {\"Scope\": ["
               "{\"Name\": \"apim:api_view\", \"Roles\": \"admin, Internal/creator ,, My Team\"},"
               "{\"Name\": \"own:scope\", \"Roles\": \"Internal/everyone\", \"More\": 1}]}}",
               &error);

  g_assert_no_error (error);
  assert_roles (scopes, "apim:api_view", "admin,Internal/creator,My Team");
  assert_roles (scopes, "own:scope", "Internal/everyone");
  assert_roles (scopes, "apim:api_create", NULL);
}

static void
test_file_without_scopes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreRestScopes) scopes = parse ("{\"EnableMonetization\": false}", &error);

  g_assert_no_error (error);
  assert_roles (scopes, "apim:api_create", "boss,Internal/creator");
}

#define LIST(text) "{\"RESTAPIScopes\":{\"Scope\":[" text "]}}"

static void
test_bad_file (void)
{
  static const char *const bad[] = {
    "",
    "[]",
    "{\"RESTAPIScopes\":null}",
    "{\"RESTAPIScopes\":{\"Scope\":{}}}",
    LIST ("1"),
    LIST ("{\"Roles\":\"admin\"}"),
    LIST ("{\"Name\":\"\",\"Roles\":\"admin\"}"),
    LIST ("{\"Name\":\"a b\",\"Roles\":\"admin\"}"),
    LIST ("{\"Name\":\"a\\u0000\",\"Roles\":\"admin\"}"),
    LIST ("{\"Name\":\"a\"}"),
    LIST ("{\"Name\":\"a\",\"Roles\":\"\"}"),
    LIST ("{\"Name\":\"a\",\"Roles\":\" , \"}"),
    LIST ("{\"Name\":\"a\",\"Roles\":[\"admin\"]}"),
    LIST ("{\"Name\":\"a\",\"Roles\":\"x\"},{\"Name\":\"a\",\"Roles\":\"y\"}"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      if (parse (bad[i], &error) != NULL)
        g_error ("taken: %s", bad[i]);
      g_assert_error (error, CORE_REST_SCOPES_ERROR, CORE_REST_SCOPES_ERROR_FORM);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rest-scopes/default", test_default);
  g_test_add_func ("/rest-scopes/file", test_file);
  g_test_add_func ("/rest-scopes/file-without-scopes", test_file_without_scopes);
  g_test_add_func ("/rest-scopes/bad-file", test_bad_file);
  return g_test_run ();
}
