#include "config.h"
#include "gateway/gw-pattern.h"

#include <string.h>

typedef struct
{
  char *text;      /* a literal; NULL: a variable */
  gsize length;    /* of the literal */
  char *name;      /* of the variable */
  char before;     /* what must stand before its value: '.', '/' or '#'; 0: nothing */
  gboolean open;   /* takes reserved characters, too */
  gsize max_chars; /* G_MAXSIZE: no limit */
} Part;

struct _GwPattern
{
  GwPatternKind kind;
  char *text;
  gsize length; /* of the text that is compared: without trailing slashes and stars */
  guint weight;
  GArray *parts;       /* Part; of a template */
  gboolean open_ended; /* a template that ends in "*" */
  gboolean has_query;
};

G_DEFINE_QUARK (gw-pattern-error-quark, gw_pattern_error)

static void
part_clear (gpointer data)
{
  Part *part = data;

  g_free (part->text);
  g_free (part->name);
}

static gboolean
fail (const char *text, GError **error, const char *why)
{
  g_autofree char *shown = g_utf8_make_valid (text, MIN (strlen (text), 80));

  g_set_error (error, GW_PATTERN_ERROR, GW_PATTERN_ERROR_SYNTAX, "\"%s\" %s", shown, why);
  return FALSE;
}

static gboolean
check_text (const char *text, GError **error)
{
  if (strlen (text) > GW_PATTERN_MAX_LENGTH)
    return fail (text, error, "is longer than a resource's path may be (2048 bytes)");
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at) && (guchar)*at < 0x80)
      return fail (text, error, "holds a blank or control character, which no path has");
  return TRUE;
}

static gsize
without_trailing_slashes (const char *text, gsize length)
{
  while (length > 0 && text[length - 1] == '/')
    length--;
  return length;
}

static GwPattern *
pattern_new (GwPatternKind kind, const char *text)
{
  GwPattern *pattern = g_new0 (GwPattern, 1);

  pattern->kind = kind;
  pattern->text = g_strdup (text);
  return pattern;
}

static guint
count_segments (const char *text, gsize length)
{
  guint n = 0;

  for (gsize i = 0; i < length; i++)
    if (text[i] != '/' && (i == 0 || text[i - 1] == '/'))
      n++;
  return n;
}

GwPattern *
gw_pattern_new_mapping (const char *text, GError **error)
{
  gsize length = strlen (text);
  GwPattern *pattern;

  if (!check_text (text, error))
    return NULL;
  if (g_str_has_prefix (text, "*.") && strchr (text + 1, '*') == NULL && strchr (text, '/') == NULL
      && length > 2)
    {
      pattern = pattern_new (GW_PATTERN_EXTENSION, text);
      pattern->length = length - 1;
      return pattern;
    }
  if (text[0] != '/')
    {
      fail (text, error, "is no url-mapping: it begins neither with \"/\" nor with \"*.\"");
      return NULL;
    }
  if (g_str_has_suffix (text, "/*"))
    {
      pattern = pattern_new (GW_PATTERN_PREFIX, text);
      pattern->length = without_trailing_slashes (text, length - 1);
      pattern->weight = MAX (1, count_segments (text, pattern->length));
      return pattern;
    }
  pattern = pattern_new (GW_PATTERN_EXACT, text);
  pattern->length = without_trailing_slashes (text, length);
  return pattern;
}

/* What stands between "{" and "}". */
static gboolean
parse_variable (const char *text, const char *body, gsize length, Part *part, GError **error)
{
  const char *colon;

  part->max_chars = G_MAXSIZE;
  if (length > 0 && strchr ("+./#", body[0]) != NULL)
    {
      part->open = body[0] == '+' || body[0] == '#';
      part->before = body[0] == '+' ? 0 : body[0];
      body++;
      length--;
    }
  colon = memchr (body, ':', length);
  if (colon != NULL)
    {
      g_autofree char *digits = g_strndup (colon + 1, length - (gsize)(colon + 1 - body));
      guint64 most;

      if (!g_ascii_string_to_unsigned (digits, 10, 1, GW_PATTERN_MAX_LENGTH, &most, NULL))
        return fail (text, error, "has a variable whose length is no number");
      part->max_chars = most;
      length = (gsize)(colon - body);
    }
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (body[i]) && strchr ("_.-", body[i]) == NULL)
      return fail (text, error, "has a variable whose name is none, or an operator that is not known here");
  if (length == 0)
    return fail (text, error, "has a variable without a name");
  part->name = g_strndup (body, length);
  return TRUE;
}

static void
add_literal (GwPattern *pattern, const char *text, gsize length)
{
  Part part = { 0 };

  if (length == 0)
    return;
  part.text = g_strndup (text, length);
  part.length = length;
  g_array_append_val (pattern->parts, part);
}

static gboolean
parse_template (GwPattern *pattern, const char *text, GError **error)
{
  guint n_variables = 0;
  const char *at = text;

  for (const char *open = strchr (at, '{'); open != NULL; open = strchr (at, '{'))
    {
      const char *close = strchr (open, '}');
      Part part = { 0 };

      if (close == NULL || memchr (open + 1, '{', (gsize)(close - open)) != NULL)
        return fail (text, error, "has a \"{\" without its \"}\"");
      add_literal (pattern, at, (gsize)(open - at));
      if (!parse_variable (text, open + 1, (gsize)(close - open - 1), &part, error))
        return FALSE;
      g_array_append_val (pattern->parts, part);
      if (++n_variables > GW_PATTERN_MAX_VARIABLES)
        return fail (text, error, "has more than 16 variables");
      at = close + 1;
    }
  if (strchr (at, '}') != NULL)
    return fail (text, error, "has a \"}\" without its \"{\"");
  pattern->open_ended = g_str_has_suffix (at, "*");
  add_literal (pattern, at, strlen (at) - (pattern->open_ended ? 1 : 0));
  return TRUE;
}

GwPattern *
gw_pattern_new_template (const char *text, GError **error)
{
  g_autoptr (GwPattern) pattern = NULL;

  if (!check_text (text, error))
    return NULL;
  if (text[0] != '/' && text[0] != '{')
    {
      fail (text, error, "is no uri-template: it does not begin with \"/\"");
      return NULL;
    }
  pattern = pattern_new (GW_PATTERN_TEMPLATE, text);
  pattern->parts = g_array_new (FALSE, TRUE, sizeof (Part));
  g_array_set_clear_func (pattern->parts, part_clear);
  pattern->has_query = strchr (text, '?') != NULL;
  return parse_template (pattern, text, error) ? g_steal_pointer (&pattern) : NULL;
}

GwPattern *
gw_pattern_new_default (void)
{
  return pattern_new (GW_PATTERN_DEFAULT, "/*");
}

void
gw_pattern_free (GwPattern *pattern)
{
  if (pattern == NULL)
    return;
  g_clear_pointer (&pattern->parts, g_array_unref);
  g_free (pattern->text);
  g_free (pattern);
}

GwPatternKind
gw_pattern_kind (const GwPattern *pattern)
{
  return pattern->kind;
}

const char *
gw_pattern_text (const GwPattern *pattern)
{
  return pattern->text;
}

guint
gw_pattern_weight (const GwPattern *pattern)
{
  return pattern->weight;
}

/* The bytes that a path must begin with. */
static const char *
required_bytes (const GwPattern *pattern, gsize *length)
{
  const Part *first;

  *length = pattern->length;
  if (pattern->kind == GW_PATTERN_EXACT || pattern->kind == GW_PATTERN_PREFIX)
    return pattern->text;
  *length = 0;
  /* A template with a query is matched against more than the path. */
  if (pattern->kind != GW_PATTERN_TEMPLATE || pattern->parts->len == 0 || pattern->has_query)
    return pattern->text;
  first = &g_array_index (pattern->parts, Part, 0);
  if (first->text == NULL)
    return pattern->text;
  /* An open end takes the path without its last slash, too. */
  *length = pattern->parts->len == 1 && pattern->open_ended ? without_trailing_slashes (first->text, first->length)
                                                            : first->length;
  return first->text;
}

/* The last of them: patterns of one API mostly begin alike. */
GwPatternProbe
gw_pattern_probe (const GwPattern *pattern)
{
  GwPatternProbe probe = { 0 };
  gsize length;
  const char *text = required_bytes (pattern, &length);

  probe.length = (guint8)MIN (length, sizeof probe.bytes);
  probe.offset = (guint16)(length - probe.length);
  memcpy (&probe.bytes, text + probe.offset, probe.length);
  return probe;
}

gboolean
gw_pattern_probe_fits (const GwPatternProbe *probe, const char *path, gsize length)
{
  guint64 bytes;

  if (length < (gsize)probe->offset + probe->length)
    return FALSE;
  if (probe->length < sizeof bytes)
    return memcmp (path + probe->offset, &probe->bytes, probe->length) == 0;
  memcpy (&bytes, path + probe->offset, sizeof bytes);
  return bytes == probe->bytes;
}

/* RFC 3986 2.2. */
static gboolean
is_reserved (char c)
{
  return c != '\0' && strchr (":/?#[]@!$&'()*+,;=", c) != NULL;
}

/* How many bytes a variable takes from @at: up to a reserved character (unless it is open to them), or to
 * where the literal behind it begins. 0: none. */
static gsize
variable_length (const Part *part, const Part *next, const char *at, gsize left)
{
  gsize n = 0;

  while (n < left && n < part->max_chars)
    {
      if (!part->open && is_reserved (at[n]))
        break;
      if (next != NULL && next->text != NULL && at[n] == next->text[0])
        break;
      n++;
    }
  return n;
}

static void
remember (GwVariables *variables, const char *name, const char *value, gsize length)
{
  if (variables == NULL)
    return;
  variables->variables[variables->n].name = name;
  variables->variables[variables->n].value = value;
  variables->variables[variables->n].length = length;
  variables->n++;
}

static gboolean
matches_template (const GwPattern *pattern, const char *path, gsize length, GwVariables *variables)
{
  const char *at = path, *end = path + length;

  if (variables != NULL)
    variables->n = 0;
  for (guint i = 0; i < pattern->parts->len; i++)
    {
      const Part *part = &g_array_index (pattern->parts, Part, i);
      const Part *next = i + 1 < pattern->parts->len ? part + 1 : NULL;
      gsize left = (gsize)(end - at), taken;

      if (part->text != NULL)
        {
          /* "/menu/" and a star takes "/menu", too, as the engine does. */
          if (pattern->open_ended && next == NULL && part->length == left + 1 && part->text[left] == '/'
              && memcmp (part->text, at, left) == 0)
            return TRUE;
          if (left < part->length || memcmp (at, part->text, part->length) != 0)
            return FALSE;
          at += part->length;
          continue;
        }
      if (part->before != 0 && (left == 0 || *at++ != part->before))
        return FALSE;
      taken = variable_length (part, next, at, (gsize)(end - at));
      if (taken == 0)
        return FALSE;
      remember (variables, part->name, at, taken);
      at += taken;
    }
  if (pattern->open_ended || at == end)
    return TRUE;
  return end - at == 1 && *at == '/'; /* one trailing slash is forgiven */
}

static gboolean
matches_extension (const GwPattern *pattern, const char *path, gsize length)
{
  return length > pattern->length
         && memcmp (path + length - pattern->length, pattern->text + 1, pattern->length) == 0;
}

gboolean
gw_pattern_matches (const GwPattern *pattern, const char *path, gsize length, gsize query_length,
                    GwVariables *variables)
{
  switch (pattern->kind)
    {
    case GW_PATTERN_EXACT:
      return without_trailing_slashes (path, length) == pattern->length
             && memcmp (path, pattern->text, pattern->length) == 0;
    case GW_PATTERN_PREFIX:
      return length >= pattern->length && memcmp (path, pattern->text, pattern->length) == 0
             && (length == pattern->length || path[pattern->length] == '/');
    case GW_PATTERN_EXTENSION:
      return matches_extension (pattern, path, length);
    case GW_PATTERN_TEMPLATE:
      return matches_template (pattern, path, length + (pattern->has_query ? query_length : 0), variables);
    case GW_PATTERN_DEFAULT:
    case GW_PATTERN_N_KINDS:
    default:
      return TRUE;
    }
}
