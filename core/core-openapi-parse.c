#include "config.h"
#include "core/core-openapi-parse.h"

#include "common/apim-json-shape.h"
#include "core/core-openapi.h"

#include <string.h>
#include <yaml.h>

/* json-glib tells where only in its message: "<data>:3:7: Parse error: ...". */
static const char *
line_of (char *message)
{
  char *line = strchr (message, ':');

  if (line == NULL || !g_ascii_isdigit (line[1]))
    return "?";
  line++;
  line[strspn (line, "0123456789")] = '\0';
  return line;
}

static JsonNode *
parse_json (const char *text, gsize length, char **why)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) problem = NULL;
  const char *wrong = apim_json_shape_wrong (text, length, CORE_OPENAPI_MAX_DEPTH, CORE_OPENAPI_MAX_NODES);

  if (wrong != NULL)
    *why = g_strdup (wrong);
  else if (!json_parser_load_from_data (parser, text, (gssize)length, &problem))
    *why = g_strdup_printf ("near line %s: it is not valid JSON", line_of (problem->message));
  else if ((root = json_parser_steal_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    *why = g_strdup ("it is not a JSON object");
  else
    return g_steal_pointer (&root);
  return NULL;
}

/* What of YAML is open: a stack of objects and arrays, and the key that the next value of an object gets. */
typedef struct
{
  yaml_parser_t parser;
  JsonNode *open[CORE_OPENAPI_MAX_DEPTH + 1];
  char *keys[CORE_OPENAPI_MAX_DEPTH + 1];
  guint depth;
  guint nodes;
  JsonNode *root;
  char *why;
} Yaml;

static gboolean
yaml_fail (Yaml *yaml, gsize line, const char *why)
{
  yaml->why = g_strdup_printf ("line %" G_GSIZE_FORMAT ": %s", line + 1, why);
  return FALSE;
}

/* @node: (transfer full). */
static gboolean
yaml_add (Yaml *yaml, JsonNode *node, gsize line)
{
  JsonNode *parent = yaml->depth > 0 ? yaml->open[yaml->depth - 1] : NULL;

  if (parent == NULL)
    {
      yaml->root = node;
      return TRUE;
    }
  if (JSON_NODE_HOLDS_ARRAY (parent))
    {
      json_array_add_element (json_node_get_array (parent), node);
      return TRUE;
    }
  if (json_object_has_member (json_node_get_object (parent), yaml->keys[yaml->depth - 1]))
    {
      json_node_unref (node);
      return yaml_fail (yaml, line, "a key occurs twice");
    }
  json_object_set_member (json_node_get_object (parent), yaml->keys[yaml->depth - 1], node);
  g_clear_pointer (&yaml->keys[yaml->depth - 1], g_free);
  return TRUE;
}

static gboolean
yaml_open (Yaml *yaml, JsonNodeType type, gsize line)
{
  JsonNode *node;

  if (yaml->depth == CORE_OPENAPI_MAX_DEPTH)
    return yaml_fail (yaml, line, "it has too many levels");
  if (yaml->depth > 0 && JSON_NODE_HOLDS_OBJECT (yaml->open[yaml->depth - 1])
      && yaml->keys[yaml->depth - 1] == NULL)
    return yaml_fail (yaml, line, "a key must be a text");
  node = json_node_new (type);
  if (type == JSON_NODE_OBJECT)
    json_node_take_object (node, json_object_new ());
  else
    json_node_take_array (node, json_array_new ());
  if (!yaml_add (yaml, node, line))
    return FALSE;
  yaml->open[yaml->depth++] = node;
  return TRUE;
}

/* A version such as 1.10 is a text, whatever YAML makes of it. */
static gboolean
is_version_key (const char *key)
{
  static const char *const keys[] = { "version", "openapi", "swagger", NULL };

  return key != NULL && g_strv_contains (keys, key);
}

static JsonNode *
plain_scalar (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  char *end = NULL;
  gint64 integer;
  double number;

  if (*text == '\0' || g_str_equal (text, "~") || g_ascii_strcasecmp (text, "null") == 0)
    return json_node_init_null (node);
  if (g_ascii_strcasecmp (text, "true") == 0 || g_ascii_strcasecmp (text, "false") == 0)
    return json_node_init_boolean (node, g_ascii_strcasecmp (text, "true") == 0);
  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return json_node_init_int (node, integer);
  if (strspn (text, "+-.0123456789eE") == strlen (text) && strpbrk (text, "0123456789") != NULL)
    {
      number = g_ascii_strtod (text, &end);
      if (*end == '\0' && number < G_MAXDOUBLE && number > -G_MAXDOUBLE)
        return json_node_init_double (node, number);
    }
  return json_node_init_string (node, text);
}

static gboolean
yaml_scalar (Yaml *yaml, const yaml_event_t *event)
{
  const char *text = (const char *)event->data.scalar.value;
  gsize line = event->start_mark.line;
  gboolean in_object = yaml->depth > 0 && JSON_NODE_HOLDS_OBJECT (yaml->open[yaml->depth - 1]);
  char **key = yaml->depth > 0 ? &yaml->keys[yaml->depth - 1] : NULL;

  if (strlen (text) != event->data.scalar.length || !g_utf8_validate (text, -1, NULL))
    return yaml_fail (yaml, line, "a text has a character that it cannot have");
  if (in_object && *key == NULL)
    {
      *key = g_strdup (text);
      return TRUE;
    }
  if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || (in_object && is_version_key (*key)))
    return yaml_add (yaml, json_node_init_string (json_node_new (JSON_NODE_VALUE), text), line);
  return yaml_add (yaml, plain_scalar (text), line);
}

static gboolean
yaml_event (Yaml *yaml, const yaml_event_t *event)
{
  gsize line = event->start_mark.line;

  if (++yaml->nodes > 2 * CORE_OPENAPI_MAX_NODES)
    return yaml_fail (yaml, line, "it has too many values");
  switch (event->type)
    {
    case YAML_MAPPING_START_EVENT:
      return yaml_open (yaml, JSON_NODE_OBJECT, line);
    case YAML_SEQUENCE_START_EVENT:
      return yaml_open (yaml, JSON_NODE_ARRAY, line);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
      yaml->depth--;
      return TRUE;
    case YAML_SCALAR_EVENT:
      return yaml_scalar (yaml, event);
    case YAML_ALIAS_EVENT:
      return yaml_fail (yaml, line, "it has an alias, which is not taken");
    case YAML_DOCUMENT_START_EVENT:
      return yaml->root == NULL || yaml_fail (yaml, line, "it has a second document");
    default:
      return TRUE;
    }
}

static gboolean
yaml_read (Yaml *yaml)
{
  yaml_event_t event;
  gboolean good = TRUE, end = FALSE;

  while (good && !end)
    {
      if (!yaml_parser_parse (&yaml->parser, &event))
        return yaml_fail (yaml, yaml->parser.problem_mark.line, "it is not valid YAML");
      end = event.type == YAML_STREAM_END_EVENT;
      good = yaml_event (yaml, &event);
      yaml_event_delete (&event);
    }
  return good;
}

static JsonNode *
parse_yaml (const char *text, gsize length, char **why)
{
  Yaml yaml = { .depth = 0 };
  JsonNode *root = NULL;
  gboolean good;

  if (!yaml_parser_initialize (&yaml.parser))
    g_error ("out of memory");
  yaml_parser_set_input_string (&yaml.parser, (const unsigned char *)text, length);
  good = yaml_read (&yaml);
  yaml_parser_delete (&yaml.parser);
  for (guint i = 0; i < G_N_ELEMENTS (yaml.keys); i++)
    g_free (yaml.keys[i]);
  if (good && yaml.root != NULL && JSON_NODE_HOLDS_OBJECT (yaml.root))
    root = g_steal_pointer (&yaml.root);
  else
    *why = yaml.why != NULL ? g_steal_pointer (&yaml.why) : g_strdup ("it is not a YAML mapping");
  g_clear_pointer (&yaml.root, json_node_unref);
  return root;
}

JsonNode *
core_openapi_parse (const char *text, gsize length, char **why)
{
  gsize begin = 0;

  while (begin < length && strchr (" \t\r\n", text[begin]) != NULL && text[begin] != '\0')
    begin++;
  if (!g_utf8_validate_len (text, length, NULL))
    {
      *why = g_strdup ("it is not valid UTF-8");
      return NULL;
    }
  return begin < length && text[begin] == '{' ? parse_json (text, length, why)
                                              : parse_yaml (text, length, why);
}
