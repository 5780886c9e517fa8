#include "config.h"
#include "core/core-openapi.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* json-glib recurses without a limit, so the brackets are counted before. */
static gboolean
is_too_deep (const char *text, gsize length)
{
  gboolean in_string = FALSE;
  guint depth = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (in_string && text[i] == '\\')
        i++;
      else if (text[i] == '"')
        in_string = !in_string;
      else if (!in_string && (text[i] == '{' || text[i] == '['))
        depth++;
      else if (!in_string && (text[i] == '}' || text[i] == ']') && depth > 0)
        depth--;
      if (depth > CORE_OPENAPI_MAX_DEPTH)
        return TRUE;
    }
  return FALSE;
}

/* (transfer full) (nullable): NULL: not JSON, or no object. */
static JsonNode *
parse_json (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonNode) root = NULL;

  if (!g_utf8_validate (text, (gssize)length, NULL) || is_too_deep (text, length)
      || !json_parser_load_from_data (parser, text, (gssize)length, NULL))
    return NULL;
  root = json_parser_steal_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? g_steal_pointer (&root) : NULL;
}

/* The object below @parent, made where there is none. */
static JsonObject *
object_member (JsonObject *parent, const char *name)
{
  JsonNode *node = json_object_get_member (parent, name);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    json_object_set_object_member (parent, name, json_object_new ());
  return json_object_get_object_member (parent, name);
}

char *
core_openapi_set_version (const char *definition, const char *version)
{
  g_autoptr (JsonNode) root = parse_json (definition, strlen (definition));

  if (root == NULL)
    return NULL;
  json_object_set_string_member (object_member (json_node_get_object (root), "info"), "version", version);
  return json_to_string (root, FALSE);
}
