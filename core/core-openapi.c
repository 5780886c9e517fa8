#include "config.h"
#include "core/core-openapi.h"

#include "core/core-api-rules.h"
#include "core/core-openapi-parse.h"
#include "core/core-portal.h"

#include <string.h>

/* Fields of a path item that are operations, upper case the verb. TRACE is one that gateways do not know. */
static const char *const operations[]
    = { "get", "post", "put", "delete", "patch", "head", "options", "trace" };

/* (nullable): all readers tolerate that @object is NULL, or the member another type. */
static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static const char *
node_text (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  return object != NULL ? node_text (json_object_get_member (object, name)) : NULL;
}

static JsonObject *
array_object (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gboolean
is_openapi_3 (JsonObject *root)
{
  return get_text (root, "openapi") != NULL;
}

static void
check_version (JsonObject *root, GPtrArray *violations)
{
  const char *swagger = get_text (root, "swagger"), *openapi = get_text (root, "openapi");

  if (swagger == NULL && openapi == NULL)
    core_violations_add (
        violations, "apiDefinition",
        "It says neither swagger: \"2.0\" nor openapi: \"3.0.x\", so it is no OpenAPI document");
  else if (openapi != NULL ? !g_str_has_prefix (openapi, "3.0.") : !g_str_equal (swagger, "2.0"))
    core_violations_add (violations, "apiDefinition", "Only Swagger 2.0 and OpenAPI 3.0 are read, not %s",
                         openapi != NULL ? openapi : swagger);
}

static gboolean
has_scope (const CoreApi *api, const char *key)
{
  return core_api_find_scope (api, key) != NULL;
}

/* x-wso2-security: { apim: { x-wso2-scopes: [ { key, name, description, roles: "a,b" } ] } } */
static gboolean
read_wso2_scopes (JsonObject *root, CoreApi *api)
{
  JsonArray *scopes = get_array (get_object (get_object (root, "x-wso2-security"), "apim"), "x-wso2-scopes");

  for (guint i = 0; scopes != NULL && i < json_array_get_length (scopes); i++)
    {
      JsonObject *object = array_object (scopes, i);
      g_auto (GStrv) roles = core_api_list_from_text (get_text (object, "roles"), ",");
      CoreApiScope *scope = core_api_add_scope (api, get_text (object, "key"), get_text (object, "name"),
                                                (const char *const *)roles);

      scope->description = g_strdup (get_text (object, "description"));
    }
  return scopes != NULL;
}

/* scopes: { key: description } */
static void
read_scheme_scopes (JsonObject *scopes, CoreApi *api)
{
  g_autoptr (GList) names = scopes != NULL ? json_object_get_members (scopes) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    if (!has_scope (api, name->data))
      core_api_add_scope (api, name->data, NULL, NULL)->description
          = g_strdup (get_text (scopes, name->data));
}

static void
read_scheme (JsonObject *scheme, CoreApi *api)
{
  JsonObject *flows = get_object (scheme, "flows");
  g_autoptr (GList) names = flows != NULL ? json_object_get_members (flows) : NULL;

  if (g_strcmp0 (get_text (scheme, "type"), "oauth2") != 0)
    return;
  read_scheme_scopes (get_object (scheme, "scopes"), api);
  for (GList *name = names; name != NULL; name = name->next)
    read_scheme_scopes (get_object (get_object (flows, name->data), "scopes"), api);
}

static void
read_security_schemes (JsonObject *root, CoreApi *api)
{
  JsonObject *schemes = is_openapi_3 (root) ? get_object (get_object (root, "components"), "securitySchemes")
                                            : get_object (root, "securityDefinitions");
  g_autoptr (GList) names = schemes != NULL ? json_object_get_members (schemes) : NULL;

  for (GList *name = names; name != NULL; name = name->next)
    read_scheme (get_object (schemes, name->data), api);
}

/* The first scope that security: [ { scheme: [ scope ] } ] asks for and the API has. */
static const char *
scope_of_security (JsonArray *security, const CoreApi *api)
{
  for (guint i = 0; security != NULL && i < json_array_get_length (security); i++)
    {
      JsonObject *object = array_object (security, i);
      g_autoptr (GList) names = object != NULL ? json_object_get_members (object) : NULL;

      for (GList *name = names; name != NULL; name = name->next)
        {
          JsonArray *scopes = get_array (object, name->data);

          for (guint j = 0; scopes != NULL && j < json_array_get_length (scopes); j++)
            {
              const char *key = node_text (json_array_get_element (scopes, j));

              if (key != NULL && has_scope (api, key))
                return key;
            }
        }
    }
  return NULL;
}

typedef struct
{
  JsonObject *root;
  CoreApi *api;
  gboolean wso2_scopes; /* the document says by itself which scope protects what */
  GPtrArray *violations;
} Reading;

static void
read_operation (Reading *reading, const char *path, const char *verb, JsonObject *operation)
{
  g_autofree char *upper = g_ascii_strup (verb, -1);
  CoreApiResource *resource;
  JsonArray *security;

  if (!core_api_is_verb (upper))
    {
      core_violations_add (reading->violations, "apiDefinition",
                           "paths/%s: Specified HTTP verb %s is invalid", path, verb);
      return;
    }
  resource = core_api_add_resource (reading->api, upper, path, get_text (operation, "x-auth-type"));
  resource->throttling_tier = g_strdup (get_text (operation, "x-throttling-tier"));
  resource->mediation_script = g_strdup (get_text (operation, "x-mediation-script"));
  resource->scope = g_strdup (get_text (operation, "x-scope"));
  if (resource->scope == NULL && !reading->wso2_scopes)
    {
      security = get_array (operation, "security");
      if (security == NULL)
        security = get_array (reading->root, "security");
      resource->scope = g_strdup (scope_of_security (security, reading->api));
    }
}

static void
read_path (Reading *reading, const char *path, JsonObject *item)
{
  if (item == NULL || path[0] != '/')
    core_violations_add (reading->violations, "apiDefinition", "paths/%s: it is not a path with operations",
                         path);
  for (guint i = 0; item != NULL && i < G_N_ELEMENTS (operations); i++)
    if (json_object_has_member (item, operations[i]))
      read_operation (reading, path, operations[i], get_object (item, operations[i]));
}

static void
read_paths (Reading *reading)
{
  JsonObject *paths = get_object (reading->root, "paths");
  g_autoptr (GList) names = paths != NULL ? json_object_get_members (paths) : NULL;

  if (paths == NULL)
    core_violations_add (reading->violations, "apiDefinition", "It has no paths");
  for (GList *name = names; name != NULL; name = name->next)
    if (!g_str_has_prefix (name->data, "x-"))
      read_path (reading, name->data, get_object (paths, name->data));
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

/* A title is for people; what a name must not have goes. */
static char *
name_of_title (const char *title)
{
  GString *name = g_string_new (NULL);

  for (const char *at = title; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isalnum (g_utf8_get_char (at)) || strchr ("-_.", *at) != NULL)
      g_string_append_len (name, at, g_utf8_next_char (at) - at);
  return g_string_free (name, FALSE);
}

static void
take_metadata (JsonObject *root, CoreApi *api)
{
  JsonObject *info = get_object (root, "info");
  const char *title = get_text (info, "title"), *base = get_text (root, "basePath");
  g_autofree char *name = name_of_title (title != NULL ? title : "");

  if (is_empty (api->name))
    core_api_set_text (&api->name, name);
  if (is_empty (api->version))
    core_api_set_text (&api->version, get_text (info, "version"));
  if (is_empty (api->description))
    core_api_set_text (&api->description, get_text (info, "description"));
  if (is_empty (api->context_template) && !is_empty (base) && !g_str_equal (base, "/"))
    core_api_set_text (&api->context_template, base);
}

static gboolean
read_tree (JsonNode *node, CoreApi *api, GPtrArray *violations)
{
  Reading reading = { json_node_get_object (node), api, FALSE, violations };

  check_version (reading.root, violations);
  if (violations->len > 0)
    return FALSE;
  g_ptr_array_set_size (api->scopes, 0);
  g_ptr_array_set_size (api->resources, 0);
  reading.wso2_scopes = read_wso2_scopes (reading.root, api);
  if (!reading.wso2_scopes)
    read_security_schemes (reading.root, api);
  read_paths (&reading);
  take_metadata (reading.root, api);
  g_free (api->definition);
  api->definition = json_to_string (node, FALSE);
  return violations->len == 0;
}

gboolean
core_openapi_read (const char *text, gsize length, CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (CoreApi) read = core_api_copy (api);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *why = NULL;

  if (length > CORE_API_MAX_DEFINITION)
    core_violations_add (violations, "apiDefinition", "The definition has more than %d bytes",
                         CORE_API_MAX_DEFINITION);
  else if ((node = core_openapi_parse (text, length, &why)) == NULL)
    core_violations_add (violations, "apiDefinition", "The definition cannot be read: %s", why);
  else if (read_tree (node, read, violations))
    {
      CoreApi old = *api;

      *api = *read;
      *read = old;
    }
  return core_violations_check (violations, error);
}

/* The object below @parent, made where there is none. */
static JsonObject *
need_object (JsonObject *parent, const char *name)
{
  if (get_object (parent, name) == NULL)
    json_object_set_object_member (parent, name, json_object_new ());
  return json_object_get_object_member (parent, name);
}

static void
set_or_remove (JsonObject *object, const char *name, const char *text)
{
  if (!is_empty (text))
    json_object_set_string_member (object, name, text);
  else if (json_object_has_member (object, name))
    json_object_remove_member (object, name);
}

/* Operations that the API does not have any more go, and paths without any. */
static void
remove_old_operations (JsonObject *paths, const CoreApi *api)
{
  g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GList) names = json_object_get_members (paths);

  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = api->resources->pdata[i];

      g_hash_table_add (kept, g_strconcat (resource->verb, " ", resource->url_pattern, NULL));
    }
  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonObject *item = get_object (paths, name->data);
      guint left = 0;

      for (guint i = 0; item != NULL && i < G_N_ELEMENTS (operations); i++)
        {
          g_autofree char *verb = g_ascii_strup (operations[i], -1);
          g_autofree char *key = g_strconcat (verb, " ", name->data, NULL);

          if (g_hash_table_contains (kept, key))
            left++;
          else if (json_object_has_member (item, operations[i]))
            json_object_remove_member (item, operations[i]);
        }
      if (left == 0 && !g_str_has_prefix (name->data, "x-"))
        json_object_remove_member (paths, name->data);
    }
}

static void
write_resource (JsonObject *paths, const CoreApiResource *resource)
{
  g_autofree char *verb = g_ascii_strdown (resource->verb, -1);
  JsonObject *operation = need_object (need_object (paths, resource->url_pattern), verb);

  /* A document without responses is none. */
  if (!json_object_has_member (operation, "responses"))
    json_object_set_string_member (need_object (need_object (operation, "responses"), "200"), "description",
                                   "OK");
  set_or_remove (operation, "x-auth-type", core_api_auth_type_text (resource->auth_type));
  set_or_remove (operation, "x-throttling-tier", resource->throttling_tier);
  set_or_remove (operation, "x-scope", resource->scope);
  set_or_remove (operation, "x-mediation-script", resource->mediation_script);
}

static void
write_scopes (JsonObject *root, const CoreApi *api)
{
  JsonArray *scopes = json_array_new ();

  for (guint i = 0; i < api->scopes->len; i++)
    {
      const CoreApiScope *scope = api->scopes->pdata[i];
      g_autofree char *roles = core_api_list_to_text ((const char *const *)scope->roles, ",");
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "description",
                                     scope->description != NULL ? scope->description : "");
      json_object_set_string_member (object, "roles", roles != NULL ? roles : "");
      json_object_set_string_member (object, "name", scope->name != NULL ? scope->name : scope->key);
      json_object_set_string_member (object, "key", scope->key);
      json_array_add_object_element (scopes, object);
    }
  json_object_set_array_member (need_object (need_object (root, "x-wso2-security"), "apim"), "x-wso2-scopes",
                                scopes);
}

/* @version: (nullable): as it is. */
static void
write_info (JsonObject *root, const char *title, const char *version)
{
  JsonObject *info = need_object (root, "info");

  if (get_text (info, "title") == NULL)
    json_object_set_string_member (info, "title", title != NULL ? title : "");
  if (version != NULL)
    json_object_set_string_member (info, "version", version);
}

char *
core_openapi_write (const CoreApi *api)
{
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) node
      = api->definition != NULL ? core_openapi_parse (api->definition, strlen (api->definition), &why) : NULL;
  JsonObject *root;

  if (node == NULL)
    {
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, json_object_new ());
    }
  root = json_node_get_object (node);
  if (get_text (root, "swagger") == NULL && get_text (root, "openapi") == NULL)
    json_object_set_string_member (root, "swagger", "2.0");
  write_info (root, api->name, api->version);
  remove_old_operations (need_object (root, "paths"), api);
  for (guint i = 0; i < api->resources->len; i++)
    write_resource (get_object (root, "paths"), api->resources->pdata[i]);
  write_scopes (root, api);
  return json_to_string (node, FALSE);
}

char *
core_openapi_set_version (const char *definition, const char *version)
{
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) node = core_openapi_parse (definition, strlen (definition), &why);

  if (node == NULL)
    return NULL;
  write_info (json_node_get_object (node), NULL, version);
  return json_to_string (node, FALSE);
}
