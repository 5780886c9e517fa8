#include "config.h"
#include "portal/pt-router.h"

#include <string.h>

typedef struct
{
  const char *text;
  gsize length;
} Segment;

/* The segment behind the "/" at *at, which is moved to its end. */
static Segment
next_segment (const char **at, const char *end)
{
  const char *begin = *at + 1;
  const char *slash = memchr (begin, '/', (gsize)(end - begin));
  Segment segment = { begin, (gsize)((slash != NULL ? slash : end) - begin) };

  *at = segment.text + segment.length;
  return segment;
}

static gboolean
is_parameter (Segment segment)
{
  return segment.length > 0 && segment.text[0] == '{';
}

static gboolean
segments_equal (Segment a, Segment b)
{
  return a.length == b.length && memcmp (a.text, b.text, a.length) == 0;
}

static char *
decode (Segment segment)
{
  g_autofree char *text = g_uri_unescape_segment (segment.text, segment.text + segment.length, NULL);

  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL))
    return NULL;
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return NULL;
  return g_steal_pointer (&text);
}

static void
clear_parameters (PtMatch *match)
{
  for (guint i = 0; i < PT_MAX_PARAMETERS; i++)
    g_clear_pointer (&match->parameters[i], g_free);
}

/* @path and @template begin with "/". */
static gboolean
fits (const char *template, const char *path, gsize length, PtMatch *match)
{
  const char *template_end = template + strlen (template), *path_end = path + length;
  guint n = 0;

  clear_parameters (match);
  while (template <template_end &&path < path_end)
    {
      Segment wanted = next_segment (&template, template_end);
      Segment given = next_segment (&path, path_end);

      if (!is_parameter (wanted))
        {
          if (!segments_equal (wanted, given))
            return FALSE;
          continue;
        }
      g_assert (n < PT_MAX_PARAMETERS);
      match->parameters[n] = decode (given);
      if (match->parameters[n++] == NULL)
        return FALSE;
    }
  return template == template_end && path == path_end;
}

static gboolean
same_method (const PtRoute *route, const char *method)
{
  return strcmp (route->method, strcmp (method, "HEAD") == 0 ? "GET" : method) == 0;
}

static void
note_allowed (PtMatch *match, const char *method)
{
  if (match->allowed == NULL)
    match->allowed = g_string_new (NULL);
  if (strstr (match->allowed->str, method) != NULL)
    return;
  if (match->allowed->len > 0)
    g_string_append (match->allowed, ", ");
  g_string_append (match->allowed, method);
}

void
pt_router_find (const PtRoute *const *tables, const char *method, const char *path, gsize length,
                PtMatch *match)
{
  *match = (PtMatch){ NULL };
  if (length == 0 || path[0] != '/')
    return;
  if (length > 1 && path[length - 1] == '/')
    length--;
  for (; *tables != NULL; tables++)
    for (const PtRoute *route = *tables; route->method != NULL; route++)
      {
        if (!fits (route->path, path, length, match))
          continue;
        if (same_method (route, method))
          {
            match->route = route;
            return;
          }
        note_allowed (match, route->method);
      }
  clear_parameters (match);
}

void
pt_match_clear (PtMatch *match)
{
  clear_parameters (match);
  if (match->allowed != NULL)
    g_string_free (match->allowed, TRUE);
  *match = (PtMatch){ NULL };
}
