#include "config.h"

#include "admin-cli/ctl-yaml.h"

#include "admin-cli/ctl-error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

typedef struct
{
  yaml_parser_t parser;
  const char *name; /* of the file */
  CtlYaml *yaml;
  guint n_values;
} Reader;

static JsonNode *read_value (Reader *reader, yaml_event_t *event, guint depth, GError **error);

/* Always NULL. */
static gpointer
fail (const Reader *reader, gsize line, GError **error, const char *why)
{
  g_autofree char *where = g_strdup_printf ("%s:%" G_GSIZE_FORMAT, reader->name, line);
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, where, "%s", why);
  return NULL;
}

static gboolean
next_event (Reader *reader, yaml_event_t *event, GError **error)
{
  if (yaml_parser_parse (&reader->parser, event))
    return TRUE;
  const char *problem = reader->parser.problem != NULL ? reader->parser.problem : "is not YAML";
  gsize line = reader->parser.problem_mark.line != 0 ? reader->parser.problem_mark.line : reader->parser.mark.line;
  fail (reader, line + 1, error, problem);
  return FALSE;
}

static gboolean
is_whole_number (const char *text)
{
  const char *digits = *text == '-' ? text + 1 : text;
  gint64 value;
  if (*digits == '\0' || (digits[0] == '0' && digits[1] != '\0'))
    return FALSE;
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL);
}

/* What a word without quotes means. */
static JsonNode *
plain_value (const char *text)
{
  JsonNode *node = json_node_alloc ();
  if (*text == '\0' || strcmp (text, "~") == 0 || strcmp (text, "null") == 0)
    return json_node_init_null (node);
  if (strcmp (text, "true") == 0 || strcmp (text, "false") == 0)
    return json_node_init_boolean (node, *text == 't');
  if (is_whole_number (text))
    return json_node_init_int (node, g_ascii_strtoll (text, NULL, 10));
  return json_node_init_string (node, text);
}

static JsonNode *
read_scalar (Reader *reader, const yaml_event_t *event, GError **error)
{
  const char *text = (const char *)event->data.scalar.value;
  if (strlen (text) != event->data.scalar.length)
    return fail (reader, event->start_mark.line + 1, error, "a text holds a NUL character");
  if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    return plain_value (text);
  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
read_sequence (Reader *reader, guint depth, GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();
  for (;;)
    {
      yaml_event_t event;
      if (!next_event (reader, &event, error))
        return NULL;
      gboolean end = event.type == YAML_SEQUENCE_END_EVENT;
      JsonNode *value = end ? NULL : read_value (reader, &event, depth + 1, error);
      yaml_event_delete (&event);
      if (end)
        return json_node_init_array (json_node_alloc (), array);
      if (value == NULL)
        return NULL;
      json_array_add_element (array, value);
    }
}

/* The key of @event, which must be a text. (transfer full): NULL with @error. */
static char *
read_key (Reader *reader, const yaml_event_t *event, JsonObject *object, GError **error)
{
  gsize line = event->start_mark.line + 1;
  if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL)
    return fail (reader, line, error, "a key must be a plain text");
  const char *key = (const char *)event->data.scalar.value;
  if (strlen (key) != event->data.scalar.length)
    return fail (reader, line, error, "a key holds a NUL character");
  if (json_object_has_member (object, key))
    {
      g_autofree char *why = g_strdup_printf ("\"%s\" is there twice", key);
      return fail (reader, line, error, why);
    }
  return g_strdup (key);
}

static JsonNode *
read_mapping (Reader *reader, guint depth, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  for (;;)
    {
      yaml_event_t event;
      if (!next_event (reader, &event, error))
        return NULL;
      gboolean end = event.type == YAML_MAPPING_END_EVENT;
      g_autofree char *key = end ? NULL : read_key (reader, &event, object, error);
      yaml_event_delete (&event);
      if (end)
        return json_node_init_object (json_node_alloc (), object);
      if (key == NULL || !next_event (reader, &event, error))
        return NULL;
      JsonNode *value = read_value (reader, &event, depth + 1, error);
      yaml_event_delete (&event);
      if (value == NULL)
        return NULL;
      json_object_set_member (object, key, value);
    }
}

static gboolean
has_tag_or_anchor (const yaml_event_t *event)
{
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
      return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
      return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
    default:
      return TRUE; /* an alias */
    }
}

static JsonNode *
read_value (Reader *reader, yaml_event_t *event, guint depth, GError **error)
{
  gsize line = event->start_mark.line + 1;
  if (depth > CTL_YAML_MAX_DEPTH)
    return fail (reader, line, error, "it nests too deeply");
  if (++reader->n_values > CTL_YAML_MAX_VALUES)
    return fail (reader, line, error, "it holds too many values");
  if (has_tag_or_anchor (event))
    return fail (reader, line, error, "anchors, aliases and tags are not taken: write the value out");
  JsonNode *node;
  if (event->type == YAML_SCALAR_EVENT)
    node = read_scalar (reader, event, error);
  else if (event->type == YAML_SEQUENCE_START_EVENT)
    node = read_sequence (reader, depth, error);
  else
    node = read_mapping (reader, depth, error);
  if (node != NULL)
    g_hash_table_insert (reader->yaml->lines, node, GUINT_TO_POINTER (line));
  return node;
}

static gboolean
read_stream (Reader *reader, GError **error)
{
  for (;;)
    {
      yaml_event_t event;
      if (!next_event (reader, &event, error))
        return FALSE;
      yaml_event_type_t type = event.type;
      gboolean value = type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT
                       || type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT;
      JsonNode *node = value ? read_value (reader, &event, 1, error) : NULL;
      yaml_event_delete (&event);
      if (value && node == NULL)
        return FALSE;
      if (node != NULL)
        g_ptr_array_add (reader->yaml->documents, node);
      if (type == YAML_STREAM_END_EVENT)
        return TRUE;
    }
}

CtlYaml *
ctl_yaml_parse (const char *text, gsize length, const char *name, GError **error)
{
  g_autoptr (CtlYaml) yaml = g_new0 (CtlYaml, 1);
  yaml->documents = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  yaml->lines = g_hash_table_new (NULL, NULL);
  Reader reader = { .name = name, .yaml = yaml };
  if (length > CTL_YAML_MAX_BYTES)
    return fail (&reader, 1, error, "the file is larger than 16 MiB");
  if (!yaml_parser_initialize (&reader.parser))
    return fail (&reader, 1, error, "out of memory");
  yaml_parser_set_input_string (&reader.parser, (const unsigned char *)text, length);
  gboolean good = read_stream (&reader, error);
  yaml_parser_delete (&reader.parser);
  return good ? g_steal_pointer (&yaml) : NULL;
}

char *
ctl_yaml_read (const char *path, gsize *length, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  FILE *file = strcmp (path, "-") == 0 ? stdin : fopen (path, "re");
  char chunk[64 * 1024];
  for (size_t got; file != NULL && text->len <= CTL_YAML_MAX_BYTES && (got = fread (chunk, 1, sizeof chunk, file)) > 0;)
    g_string_append_len (text, chunk, (gssize)got);
  gboolean good = file != NULL && !ferror (file);
  int why = errno;
  if (file != NULL && file != stdin)
    fclose (file);
  if (good && text->len <= CTL_YAML_MAX_BYTES)
    {
      *length = text->len;
      return g_string_free (g_steal_pointer (&text), FALSE);
    }
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, path, "%s", good ? "the file is larger than 16 MiB" : g_strerror (why));
  return NULL;
}

CtlYaml *
ctl_yaml_load (const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *text = ctl_yaml_read (path, &length, error);
  return text != NULL ? ctl_yaml_parse (text, length, path, error) : NULL;
}

void
ctl_yaml_free (CtlYaml *yaml)
{
  g_hash_table_unref (yaml->lines);
  g_ptr_array_unref (yaml->documents);
  g_free (yaml);
}

guint
ctl_yaml_line (const CtlYaml *yaml, JsonNode *node)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (yaml->lines, node));
}

/* Writing ------------------------------------------------------------------------------------------------------------
 */

static int
append_bytes (void *data, unsigned char *bytes, size_t length)
{
  g_string_append_len (data, (const char *)bytes, (gssize)length);
  return 1;
}

/* Whether some YAML reader would take the bare word for something else than this text. */
static gboolean
is_ambiguous (const char *text)
{
  static const char *const words[]
      = { "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      return TRUE;
  return g_ascii_isdigit (*text) || *text == '-' || *text == '+' || *text == '.' || *text == '=' || *text == '<';
}

static void
emit_text (yaml_emitter_t *emitter, const char *text)
{
  yaml_scalar_style_t style = YAML_ANY_SCALAR_STYLE;
  if (strchr (text, '\n') != NULL && strstr (text, " \n") == NULL && g_str_is_ascii (text) && *text != ' '
      && *text != '\n')
    style = YAML_LITERAL_SCALAR_STYLE;
  else if (is_ambiguous (text))
    style = YAML_SINGLE_QUOTED_SCALAR_STYLE;
  yaml_event_t event;
  yaml_scalar_event_initialize (&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen (text), 1, 1, style);
  yaml_emitter_emit (emitter, &event);
}

static void
emit_bare (yaml_emitter_t *emitter, const char *text)
{
  yaml_event_t event;
  yaml_scalar_event_initialize (&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen (text), 1, 0,
                                YAML_PLAIN_SCALAR_STYLE);
  yaml_emitter_emit (emitter, &event);
}

static void emit_node (yaml_emitter_t *emitter, JsonNode *node);

static void
emit_array (yaml_emitter_t *emitter, JsonArray *array)
{
  yaml_event_t event;
  yaml_sequence_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
  yaml_emitter_emit (emitter, &event);
  for (guint i = 0; i < json_array_get_length (array); i++)
    emit_node (emitter, json_array_get_element (array, i));
  yaml_sequence_end_event_initialize (&event);
  yaml_emitter_emit (emitter, &event);
}

static void
emit_object (yaml_emitter_t *emitter, JsonObject *object)
{
  yaml_event_t event;
  yaml_mapping_start_event_initialize (&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
  yaml_emitter_emit (emitter, &event);
  g_autoptr (GList) names = json_object_get_members (object);
  for (GList *name = names; name != NULL; name = name->next)
    {
      emit_text (emitter, name->data);
      emit_node (emitter, json_object_get_member (object, name->data));
    }
  yaml_mapping_end_event_initialize (&event);
  yaml_emitter_emit (emitter, &event);
}

static void
emit_node (yaml_emitter_t *emitter, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    emit_object (emitter, json_node_get_object (node));
  else if (JSON_NODE_HOLDS_ARRAY (node))
    emit_array (emitter, json_node_get_array (node));
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    emit_text (emitter, json_node_get_string (node));
  else
    {
      g_autofree char *text = json_to_string (node, FALSE);
      emit_bare (emitter, text);
    }
}

char *
ctl_yaml_render (JsonNode *root)
{
  GString *out = g_string_new (NULL);
  yaml_emitter_t emitter;
  yaml_event_t event;
  yaml_emitter_initialize (&emitter);
  yaml_emitter_set_output (&emitter, append_bytes, out);
  yaml_emitter_set_unicode (&emitter, 1);
  yaml_emitter_set_width (&emitter, -1);
  yaml_stream_start_event_initialize (&event, YAML_UTF8_ENCODING);
  yaml_emitter_emit (&emitter, &event);
  yaml_document_start_event_initialize (&event, NULL, NULL, NULL, 1);
  yaml_emitter_emit (&emitter, &event);
  emit_node (&emitter, root);
  yaml_document_end_event_initialize (&event, 1);
  yaml_emitter_emit (&emitter, &event);
  yaml_stream_end_event_initialize (&event);
  yaml_emitter_emit (&emitter, &event);
  yaml_emitter_delete (&emitter);
  return g_string_free (out, FALSE);
}
