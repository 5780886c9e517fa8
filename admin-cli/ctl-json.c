#include "config.h"

#include "admin-cli/ctl-json.h"

#include "admin-cli/ctl-error.h"
#include "common/apim-json-shape.h"

#include <string.h>

JsonNode *
ctl_json_parse (const char *text, gsize length, const char *what, GError **error)
{
  g_autoptr (GError) cause = NULL;
  const char *wrong = apim_json_shape_wrong (text, length, CTL_JSON_MAX_DEPTH, G_MAXUINT);
  if (wrong != NULL)
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, what, "is not JSON: %s", wrong);
      return NULL;
    }
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (length <= G_MAXSSIZE && g_utf8_validate_len (text, length, NULL)
      && json_parser_load_from_data (parser, text, (gssize)length, &cause) && json_parser_get_root (parser) != NULL)
    return json_parser_steal_root (parser);
  ctl_error_set (error, CTL_ERROR_FAILED, NULL, what, "is not JSON: %s",
                 cause != NULL ? cause->message : "it is empty or not UTF-8");
  return NULL;
}

JsonNode *
ctl_json_find (JsonNode *root, const char *path)
{
  JsonNode *node = root;
  while (node != NULL && path != NULL)
    {
      const char *dot = strchr (path, '.');
      g_autofree char *step = dot != NULL ? g_strndup (path, (gsize)(dot - path)) : g_strdup (path);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      guint64 position;
      /* Counters have names with dots: "cache.state". */
      if (object != NULL && json_object_has_member (object, path))
        return json_object_get_member (object, path);
      if (object != NULL)
        node = json_object_get_member (object, step);
      else if (JSON_NODE_HOLDS_ARRAY (node) && g_ascii_string_to_unsigned (step, 10, 0, G_MAXUINT, &position, NULL)
               && position < json_array_get_length (json_node_get_array (node)))
        node = json_array_get_element (json_node_get_array (node), (guint)position);
      else
        node = NULL;
      path = dot != NULL ? dot + 1 : NULL;
    }
  return node;
}

static gboolean
only_plain_values (JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
      return FALSE;
  return TRUE;
}

char *
ctl_json_display (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (!JSON_NODE_HOLDS_ARRAY (node) || !only_plain_values (json_node_get_array (node)))
    return ctl_json_compact (node);
  GString *text = g_string_new (NULL);
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *item = ctl_json_display (json_array_get_element (array, i));
      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", item);
    }
  return g_string_free (text, FALSE);
}

const char *
ctl_json_get_text (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

JsonObject *
ctl_json_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
ctl_json_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

JsonNode *
ctl_json_text_array (const char *const *texts)
{
  JsonArray *array = json_array_new ();
  for (; *texts != NULL; texts++)
    json_array_add_string_element (array, *texts);
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

void
ctl_json_set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static JsonNode *
sorted_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  g_autoptr (GList) names = g_list_sort (json_object_get_members (object), (GCompareFunc)strcmp);
  for (GList *name = names; name != NULL; name = name->next)
    json_object_set_member (copy, name->data, ctl_json_sorted (json_object_get_member (object, name->data)));
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, copy);
  return node;
}

void
ctl_json_overlay (JsonObject *object, JsonObject *from)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (object, name, json_node_copy (value));
}

JsonNode *
ctl_json_sorted (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return sorted_object (json_node_get_object (node));
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return json_node_copy (node);
  JsonArray *array = json_node_get_array (node), *copy = json_array_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (copy, ctl_json_sorted (json_array_get_element (array, i)));
  JsonNode *result = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (result, copy);
  return result;
}

char *
ctl_json_compact (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

gboolean
ctl_json_same (JsonNode *a, JsonNode *b)
{
  g_autoptr (JsonNode) sorted_a = ctl_json_sorted (a), sorted_b = ctl_json_sorted (b);
  g_autofree char *text_a = ctl_json_compact (sorted_a), *text_b = ctl_json_compact (sorted_b);
  return strcmp (text_a, text_b) == 0;
}
