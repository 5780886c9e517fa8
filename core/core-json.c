#include "config.h"
#include "core/core-json.h"

#include <string.h>

G_DEFINE_QUARK (core-json-error-quark, core_json_error)

struct _CoreJsonNode
{
  CoreJsonType type;
  const char *name;           /* of a member; else NULL */
  const char *text;           /* of a string, decoded, and of a number, as it stands */
  CoreJsonNode *first, *last; /* of an array or object */
  CoreJsonNode *next;
};

struct _CoreJson
{
  CoreJsonNode *root;
  char *texts; /* what nodes point to: names, strings, numbers, terminated */
  CoreJsonNode *nodes;
};

typedef struct
{
  const char *at, *end;
  char *place; /* in texts; a text and its terminator are never longer than its writing with what follows it */
  CoreJsonNode *nodes;
  guint n_nodes, max_nodes, max_members;
  const char *problem; /* static */
} Reader;

static CoreJsonNode *read_value (Reader *reader, guint depth);

static gpointer
fail (Reader *reader, const char *problem)
{
  if (reader->problem == NULL)
    reader->problem = problem;
  return NULL;
}

static void
skip_space (Reader *reader)
{
  while (reader->at < reader->end && strchr (" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
    reader->at++;
}

static gboolean
eat (Reader *reader, char c)
{
  if (reader->at == reader->end || *reader->at != c)
    return FALSE;
  reader->at++;
  return TRUE;
}

static CoreJsonNode *
add_node (Reader *reader, CoreJsonType type)
{
  CoreJsonNode *node;

  if (reader->n_nodes == reader->max_nodes)
    return fail (reader, "there are too many values");
  node = &reader->nodes[reader->n_nodes++];
  node->type = type;
  return node;
}

/* Four hexadecimal digits. */
static gboolean
read_unit (Reader *reader, gunichar *unit)
{
  *unit = 0;
  if (reader->end - reader->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      gint digit = g_ascii_xdigit_value (*reader->at++);

      if (digit < 0)
        return FALSE;
      *unit = *unit << 4 | (gunichar) digit;
    }
  return TRUE;
}

/* Behind "\u". */
static gboolean
read_code_point (Reader *reader)
{
  gunichar c, low;

  if (!read_unit (reader, &c) || c == 0 || (c >= 0xdc00 && c <= 0xdfff))
    return FALSE;
  if (c >= 0xd800 && c <= 0xdbff)
    {
      if (!eat (reader, '\\') || !eat (reader, 'u') || !read_unit (reader, &low) || low < 0xdc00 || low > 0xdfff)
        return FALSE;
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  reader->place += g_unichar_to_utf8 (c, reader->place);
  return TRUE;
}

static gboolean
read_escape (Reader *reader)
{
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter;

  if (reader->at == reader->end || *reader->at == '\0')
    return FALSE;
  if (eat (reader, 'u'))
    return read_code_point (reader);
  letter = strchr (letters, *reader->at++);
  if (letter == NULL)
    return FALSE;
  *reader->place++ = meanings[letter - letters];
  return TRUE;
}

/* The whole input is UTF-8, which is checked before. */
static const char *
read_string (Reader *reader)
{
  const char *text = reader->place;

  if (!eat (reader, '"'))
    return fail (reader, "a text is missing");
  while (reader->at < reader->end && *reader->at != '"')
    {
      char c = *reader->at++;

      if ((guchar) c < 0x20)
        return fail (reader, "a text holds a control character");
      if (c != '\\')
        *reader->place++ = c;
      else if (!read_escape (reader))
        return fail (reader, "a text holds an escape that is none");
    }
  if (!eat (reader, '"'))
    return fail (reader, "a text does not end");
  *reader->place++ = '\0';
  return text;
}

static gboolean
eat_digits (Reader *reader)
{
  const char *begin = reader->at;

  while (reader->at < reader->end && g_ascii_isdigit (*reader->at))
    reader->at++;
  return reader->at > begin;
}

static gboolean
eat_number (Reader *reader)
{
  eat (reader, '-');
  if (!eat (reader, '0') && !eat_digits (reader))
    return FALSE;
  if (eat (reader, '.') && !eat_digits (reader))
    return FALSE;
  if (eat (reader, 'e') || eat (reader, 'E'))
    {
      if (!eat (reader, '+'))
        eat (reader, '-');
      return eat_digits (reader);
    }
  return TRUE;
}

static CoreJsonNode *
read_number (Reader *reader)
{
  const char *begin = reader->at;
  CoreJsonNode *node;

  if (!eat_number (reader))
    return fail (reader, "a value is none");
  node = add_node (reader, CORE_JSON_NUMBER);
  if (node == NULL)
    return NULL;
  node->text = reader->place;
  memcpy (reader->place, begin, (gsize) (reader->at - begin));
  reader->place += reader->at - begin;
  *reader->place++ = '\0';
  return node;
}

static CoreJsonNode *
read_word (Reader *reader)
{
  static const struct
  {
    const char *word;
    CoreJsonType type;
  } words[] = { { "null", CORE_JSON_NULL }, { "false", CORE_JSON_FALSE }, { "true", CORE_JSON_TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i].word);

      if ((gsize) (reader->end - reader->at) >= length && memcmp (reader->at, words[i].word, length) == 0)
        {
          reader->at += length;
          return add_node (reader, words[i].type);
        }
    }
  return read_number (reader);
}

static void
append_child (CoreJsonNode *parent, CoreJsonNode *child)
{
  if (parent->last != NULL)
    parent->last->next = child;
  else
    parent->first = child;
  parent->last = child;
}

/* One member of @object, from its name on. */
static gboolean
read_member (Reader *reader, CoreJsonNode *object, guint depth)
{
  const char *name = read_string (reader);
  CoreJsonNode *value;

  if (name == NULL)
    return FALSE;
  if (core_json_member (object, name) != NULL)
    return fail (reader, "a name occurs twice in an object") != NULL;
  skip_space (reader);
  if (!eat (reader, ':'))
    return fail (reader, "a name has no value") != NULL;
  value = read_value (reader, depth);
  if (value == NULL)
    return FALSE;
  value->name = name;
  append_child (object, value);
  return TRUE;
}

static gboolean
read_element (Reader *reader, CoreJsonNode *array, guint depth)
{
  CoreJsonNode *value = read_value (reader, depth);

  if (value != NULL)
    append_child (array, value);
  return value != NULL;
}

/* An array or object, behind its bracket. */
static CoreJsonNode *
read_container (Reader *reader, CoreJsonType type, guint depth)
{
  char end = type == CORE_JSON_OBJECT ? '}' : ']';
  CoreJsonNode *node = add_node (reader, type);

  if (node == NULL || depth == CORE_JSON_MAX_DEPTH)
    return fail (reader, "it is nested too deeply");
  skip_space (reader);
  if (eat (reader, end))
    return node;
  for (guint n = 0;; n++)
    {
      skip_space (reader);
      if (type == CORE_JSON_OBJECT && n == reader->max_members)
        return fail (reader, "an object has too many members");
      if (!(type == CORE_JSON_OBJECT ? read_member : read_element) (reader, node, depth + 1))
        return NULL;
      skip_space (reader);
      if (eat (reader, end))
        return node;
      if (!eat (reader, ','))
        return fail (reader, "a comma or bracket is missing");
    }
}

static CoreJsonNode *
read_value (Reader *reader, guint depth)
{
  CoreJsonNode *node;

  skip_space (reader);
  if (reader->at == reader->end)
    return fail (reader, "it ends early");
  if (eat (reader, '{'))
    return read_container (reader, CORE_JSON_OBJECT, depth);
  if (eat (reader, '['))
    return read_container (reader, CORE_JSON_ARRAY, depth);
  if (*reader->at != '"')
    return read_word (reader);
  node = add_node (reader, CORE_JSON_STRING);
  if (node == NULL)
    return NULL;
  node->text = read_string (reader);
  return node->text == NULL ? NULL : node;
}

static CoreJsonNode *
read_object (Reader *reader)
{
  CoreJsonNode *root;

  skip_space (reader);
  if (reader->at == reader->end || *reader->at != '{')
    return fail (reader, "it is no object");
  root = read_value (reader, 0);
  skip_space (reader);
  if (root != NULL && reader->at != reader->end)
    return fail (reader, "something follows the object");
  return root;
}

static CoreJson *
parse (const char *bytes, gsize length, guint max_nodes, guint max_members, GError **error)
{
  g_autoptr (CoreJson) json = g_new0 (CoreJson, 1);
  Reader reader = { .at = bytes, .end = bytes + length, .max_members = max_members };

  /* Every value has a byte of its own, and every text at least the quotes or the comma or bracket that follow. */
  json->texts = g_malloc (length + 1);
  reader.max_nodes = (guint) MIN (length, max_nodes);
  json->nodes = reader.nodes = g_new0 (CoreJsonNode, reader.max_nodes + 1);
  reader.place = json->texts;
  if (!g_utf8_validate_len (bytes, length, NULL))
    fail (&reader, "it is not UTF-8");
  else
    json->root = read_object (&reader);
  if (json->root != NULL)
    return g_steal_pointer (&json);
  g_set_error (error, CORE_JSON_ERROR, CORE_JSON_ERROR_SYNTAX, "not a JSON object: %s", reader.problem);
  return NULL;
}

CoreJson *
core_json_parse (const char *bytes, gsize length, GError **error)
{
  return parse (bytes, length, CORE_JSON_MAX_NODES, CORE_JSON_MAX_MEMBERS, error);
}

CoreJson *
core_json_parse_large (const char *bytes, gsize length, GError **error)
{
  return parse (bytes, length, CORE_JSON_LARGE_NODES, CORE_JSON_LARGE_MEMBERS, error);
}

void
core_json_free (CoreJson *json)
{
  if (json == NULL)
    return;
  g_free (json->nodes);
  g_free (json->texts);
  g_free (json);
}

const CoreJsonNode *
core_json_root (const CoreJson *json)
{
  return json->root;
}

CoreJsonType
core_json_type (const CoreJsonNode *node)
{
  return node->type;
}

const CoreJsonNode *
core_json_member (const CoreJsonNode *node, const char *name)
{
  if (node == NULL || node->type != CORE_JSON_OBJECT)
    return NULL;
  for (const CoreJsonNode *member = node->first; member != NULL; member = member->next)
    if (strcmp (member->name, name) == 0)
      return member;
  return NULL;
}

const CoreJsonNode *
core_json_first (const CoreJsonNode *node)
{
  return node->first;
}

const CoreJsonNode *
core_json_next (const CoreJsonNode *node)
{
  return node->next;
}

const char *
core_json_name (const CoreJsonNode *node)
{
  return node->name;
}

const char *
core_json_string (const CoreJsonNode *node)
{
  return node != NULL && node->type == CORE_JSON_STRING ? node->text : NULL;
}

const char *
core_json_number (const CoreJsonNode *node)
{
  return node != NULL && node->type == CORE_JSON_NUMBER ? node->text : NULL;
}

gboolean
core_json_int64 (const CoreJsonNode *node, gint64 *value)
{
  return node != NULL && node->type == CORE_JSON_NUMBER && strpbrk (node->text, ".eE") == NULL
         && g_ascii_string_to_signed (node->text, 10, G_MININT64, G_MAXINT64, value, NULL);
}

/* Writing */

static void
append_escaped (GString *json, char c)
{
  static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *found = strchr (plain, c);

  if (found != NULL)
    {
      g_string_append_c (json, '\\');
      g_string_append_c (json, letters[found - plain]);
    }
  else
    g_string_append_printf (json, "\\u%04x", (guint)(guchar)c);
}

static gboolean
is_plain (char c)
{
  return (guchar)c >= 0x20 && c != '"' && c != '\\';
}

void
core_json_append_string (GString *json, const char *text)
{
  g_autofree char *valid = NULL;
  gsize length;

  if (text == NULL)
    {
      g_string_append (json, "null");
      return;
    }
  length = strlen (text);
  if (!g_utf8_validate_len (text, length, NULL))
    {
      text = valid = g_utf8_make_valid (text, (gssize)length);
      length = strlen (text);
    }
  g_string_append_c (json, '"');
  for (const char *at = text, *end = text + length; at < end;)
    {
      const char *from = at;

      while (at < end && is_plain (*at))
        at++;
      g_string_append_len (json, from, at - from);
      if (at < end)
        append_escaped (json, *at++);
    }
  g_string_append_c (json, '"');
}

void
core_json_append_name (GString *json, const char *name)
{
  if (json->len > 0 && json->str[json->len - 1] != '{')
    g_string_append_c (json, ',');
  core_json_append_string (json, name);
  g_string_append_c (json, ':');
}

void
core_json_append_member (GString *json, const char *name, const char *text)
{
  core_json_append_name (json, name);
  core_json_append_string (json, text);
}

void
core_json_append_int64 (GString *json, const char *name, gint64 value)
{
  core_json_append_name (json, name);
  g_string_append_printf (json, "%" G_GINT64_FORMAT, value);
}

void
core_json_append_boolean (GString *json, const char *name, gboolean value)
{
  core_json_append_name (json, name);
  g_string_append (json, value ? "true" : "false");
}

void
core_json_append_texts (GString *json, const char *name, const char *const *texts)
{
  core_json_append_name (json, name);
  g_string_append_c (json, '[');
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      core_json_append_string (json, texts[i]);
    }
  g_string_append_c (json, ']');
}
