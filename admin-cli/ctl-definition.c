#include "config.h"

#include "admin-cli/ctl-definition.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-yaml.h"

#include <string.h>

/* Not in names (spec/publisher-store-workflows.md 2), with blanks and what later servers ban. */
#define NOT_IN_NAMES " \t~!@#;%^*+={}|<>\"',/\\()&$[]"

static JsonNode *
get (JsonNode *document, const char *path)
{
  return ctl_json_find (document, path);
}

static const char *
get_text (JsonNode *document, const char *path)
{
  JsonNode *node = get (document, path);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

gboolean
ctl_definition_check (JsonNode *document, const char *where, GError **error)
{
  const char *openapi = NULL, *swagger = NULL, *why = NULL;
  if (JSON_NODE_HOLDS_OBJECT (document))
    {
      openapi = get_text (document, "openapi");
      swagger = get_text (document, "swagger");
    }
  JsonNode *paths = openapi != NULL || swagger != NULL ? get (document, "paths") : NULL;
  if (openapi == NULL && swagger == NULL)
    why = "is neither an OpenAPI 3 nor a Swagger 2 document: it has no \"openapi\" and no \"swagger\"";
  else if (openapi != NULL ? !g_str_has_prefix (openapi, "3.") : strcmp (swagger, "2.0") != 0)
    why = "is of a version that is not known: there are OpenAPI 3 and Swagger 2.0";
  else if (paths == NULL || !JSON_NODE_HOLDS_OBJECT (paths))
    why = "has no \"paths\"";
  if (why != NULL)
    ctl_error_set (error, CTL_ERROR_USAGE, NULL, where, "%s", why);
  return why == NULL;
}

JsonNode *
ctl_definition_load (const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *text = ctl_yaml_read (path, &length, error);
  g_autoptr (JsonNode) document = NULL;
  if (text == NULL)
    return NULL;
  /* JSON by its own reader where it is JSON, because YAML's knows no surrogate pairs in escapes. */
  if (*g_strchug (text) == '{')
    document = ctl_json_parse (text, strlen (text), path, NULL);
  if (document == NULL)
    {
      g_autoptr (CtlYaml) yaml = ctl_yaml_parse (text, strlen (text), path, error);
      if (yaml == NULL)
        return NULL;
      if (yaml->documents->len == 1)
        document = g_ptr_array_steal_index (yaml->documents, 0);
      else
        ctl_error_set (error, CTL_ERROR_USAGE, NULL, path, "holds %u documents instead of one", yaml->documents->len);
    }
  if (document == NULL || !ctl_definition_check (document, path, error))
    return NULL;
  return g_steal_pointer (&document);
}

JsonNode *
ctl_definition_any (const char *name, const char *version)
{
  static const char *const verbs[] = { "get", "post", "put", "delete", "patch" };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "swagger");
  json_builder_add_string_value (builder, "2.0");
  json_builder_set_member_name (builder, "info");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "title");
  json_builder_add_string_value (builder, name);
  json_builder_set_member_name (builder, "version");
  json_builder_add_string_value (builder, version);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "paths");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "/*");
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      json_builder_set_member_name (builder, verbs[i]);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "responses");
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "200");
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "description");
      json_builder_add_string_value (builder, "OK");
      json_builder_end_object (builder);
      json_builder_end_object (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

char *
ctl_definition_name (JsonNode *document)
{
  const char *title = get_text (document, "info.title");
  GString *name = g_string_new (NULL);
  for (; title != NULL && *title != '\0'; title++)
    if (strchr (NOT_IN_NAMES, *title) == NULL)
      g_string_append_c (name, *title);
  return g_string_free (name, name->len == 0);
}

const char *
ctl_definition_version (JsonNode *document)
{
  return get_text (document, "info.version");
}

const char *
ctl_definition_description (JsonNode *document)
{
  return get_text (document, "info.description");
}

char *
ctl_definition_endpoint (JsonNode *document)
{
  const char *server = get_text (document, "servers.0.url"), *host = get_text (document, "host");
  if (server != NULL)
    return g_str_has_prefix (server, "http://") || g_str_has_prefix (server, "https://") ? g_strdup (server) : NULL;
  if (host == NULL)
    return NULL;
  const char *scheme = get_text (document, "schemes.0"), *base = get_text (document, "basePath");
  return g_strdup_printf ("%s://%s%s", scheme != NULL ? scheme : "https", host,
                          base != NULL && strcmp (base, "/") != 0 ? base : "");
}
