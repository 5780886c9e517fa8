#include "config.h"
#include "common/apim-json-shape.h"

typedef struct
{
  guint depth;
  guint values;
  gboolean quoted;
  gboolean word;  /* in a number or name outside of brackets */
  gboolean ended; /* the outermost value is whole */
} Shape;

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One character outside of quotes. (nullable): what is wrong. */
static const char *
step (Shape *shape, char c)
{
  gboolean opens = c == '{' || c == '[', closes = c == '}' || c == ']', top = shape->depth == 0;

  if (is_space (c))
    {
      shape->ended |= shape->word;
      return NULL;
    }
  /* json-glib knows both, and brackets and quotes in them would not be what they look like here. */
  if (c == '\'' || c == '/')
    return "it has single quotes or comments";
  if (top && (shape->ended || closes || (shape->word && (opens || c == '"'))))
    return "something follows its value";
  if (opens)
    shape->depth++;
  else if (closes)
    shape->ended = --shape->depth == 0;
  else if (c == '"')
    shape->quoted = TRUE;
  else
    shape->word |= top;
  if (opens || c == ',')
    shape->values++;
  return NULL;
}

const char *
apim_json_shape_wrong (const char *text, gsize length, guint max_depth, guint max_values)
{
  Shape shape = { 0 };
  const char *wrong = NULL;

  for (gsize i = 0; i < length; i++)
    {
      if (shape.quoted && text[i] == '\\')
        i++;
      else if (shape.quoted && text[i] == '"')
        {
          shape.quoted = FALSE;
          shape.ended |= shape.depth == 0;
        }
      else if (!shape.quoted && (wrong = step (&shape, text[i])) != NULL)
        return wrong;
      if (shape.depth > max_depth)
        return "it has too many levels";
      if (shape.values > max_values)
        return "it has too many values";
    }
  return NULL;
}
