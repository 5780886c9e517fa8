#include "config.h"
#include "portal/json/pt-json.h"

static void
note (const PtJson *json, const char *name, const char *what)
{
  g_autofree char *field = g_strconcat (json->prefix, name, NULL);

  core_violations_add (json->violations, field, "The field \"%s\" must be %s.", field, what);
}

gboolean
pt_json_has (const PtJson *json, const char *name)
{
  return core_json_member (json->object, name) != NULL;
}

/* The member, or NULL where nothing is to be read; *null: it is there and empties its field. */
static const CoreJsonNode *
member (const PtJson *json, const char *name, gboolean *null)
{
  const CoreJsonNode *node = core_json_member (json->object, name);

  *null = node != NULL && core_json_type (node) == CORE_JSON_NULL;
  return *null ? NULL : node;
}

void
pt_json_text (const PtJson *json, const char *name, char **to)
{
  gboolean null;
  const CoreJsonNode *node = member (json, name, &null);

  if (null)
    g_clear_pointer (to, g_free);
  if (node == NULL)
    return;
  if (core_json_string (node) == NULL)
    {
      note (json, name, "a text");
      return;
    }
  g_free (*to);
  *to = g_strdup (core_json_string (node));
}

void
pt_json_need_text (const PtJson *json, const char *name, char **to)
{
  guint before = json->violations->len;

  pt_json_text (json, name, to);
  if (json->violations->len == before && (*to == NULL || **to == '\0'))
    note (json, name, "given");
}

const CoreJsonNode *
pt_json_array (const PtJson *json, const char *name)
{
  gboolean null;
  const CoreJsonNode *node = member (json, name, &null);

  if (node == NULL)
    return NULL;
  if (core_json_type (node) == CORE_JSON_ARRAY)
    return core_json_first (node);
  note (json, name, "an array");
  return NULL;
}

void
pt_json_texts (const PtJson *json, const char *name, char ***to)
{
  g_autoptr (GStrvBuilder) builder = NULL;
  const CoreJsonNode *element;
  guint n = 0;

  if (!pt_json_has (json, name))
    return;
  element = pt_json_array (json, name);
  builder = g_strv_builder_new ();
  for (; element != NULL; element = core_json_next (element), n++)
    {
      if (core_json_string (element) == NULL)
        {
          note (json, name, "an array of texts");
          return;
        }
      g_strv_builder_add (builder, core_json_string (element));
    }
  g_strfreev (*to);
  *to = n > 0 ? g_strv_builder_end (builder) : NULL;
}

void
pt_json_boolean (const PtJson *json, const char *name, gboolean *to)
{
  gboolean null;
  const CoreJsonNode *node = member (json, name, &null);

  if (node == NULL)
    return;
  if (core_json_type (node) == CORE_JSON_TRUE || core_json_type (node) == CORE_JSON_FALSE)
    *to = core_json_type (node) == CORE_JSON_TRUE;
  else
    note (json, name, "true or false");
}

void
pt_json_number (const PtJson *json, const char *name, gint64 minimum, gint64 maximum, gint64 *to)
{
  gboolean null;
  const CoreJsonNode *node = member (json, name, &null);
  g_autofree char *what = NULL;
  gint64 value;

  if (node == NULL)
    return;
  if ((core_json_int64 (node, &value)
       || (core_json_string (node) != NULL
           && g_ascii_string_to_signed (core_json_string (node), 10, G_MININT64, G_MAXINT64, &value, NULL)))
      && value >= minimum && value <= maximum)
    {
      *to = value;
      return;
    }
  what = g_strdup_printf ("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, minimum, maximum);
  note (json, name, what);
}

void
pt_json_switch (const PtJson *json, const char *name, gboolean *to)
{
  gboolean null;
  const CoreJsonNode *node = member (json, name, &null);
  const char *text = core_json_string (node);

  if (text == NULL)
    pt_json_boolean (json, name, to);
  else if (g_ascii_strcasecmp (text, "Enabled") == 0 || g_ascii_strcasecmp (text, "true") == 0)
    *to = TRUE;
  else if (g_ascii_strcasecmp (text, "Disabled") == 0 || g_ascii_strcasecmp (text, "false") == 0
           || *text == '\0')
    *to = FALSE;
  else
    note (json, name, "Enabled or Disabled");
}

PtJson
pt_json_object (const PtJson *json, const char *name, const char *prefix)
{
  gboolean null;
  const CoreJsonNode *node = member (json, name, &null);
  PtJson object = { node, prefix, json->violations };

  if (node != NULL && core_json_type (node) != CORE_JSON_OBJECT)
    {
      note (json, name, "an object");
      object.object = NULL;
    }
  return object;
}

void
pt_json_append_upper (GString *json, const char *name, const char *text)
{
  g_autofree char *upper = text != NULL ? g_ascii_strup (text, -1) : NULL;

  core_json_append_member (json, name, upper);
}

void
pt_json_append_time (GString *json, const char *name, gint64 ms)
{
  g_autoptr (GDateTime) time = ms > 0 ? g_date_time_new_from_unix_utc (ms / 1000) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  core_json_append_member (json, name, text);
}
