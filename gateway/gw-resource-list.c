#include "config.h"
#include "gateway/gw-resource-list.h"

#include <string.h>

/* What is copied of a template: the texts that the gateway reads. */
static const gsize texts[] = {
  G_STRUCT_OFFSET (TwUriTemplate, uri_template),     G_STRUCT_OFFSET (TwUriTemplate, http_verb),
  G_STRUCT_OFFSET (TwUriTemplate, auth_type),        G_STRUCT_OFFSET (TwUriTemplate, throttling_tier),
  G_STRUCT_OFFSET (TwUriTemplate, applicable_level), G_STRUCT_OFFSET (TwUriTemplate, scope),
};

static gsize
template_size (const TwUriTemplate *template)
{
  gsize size = 0;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    size += G_STRUCT_MEMBER (TwText, template, texts[i]).length;
  for (guint i = 0; i < template->n_throttling_conditions; i++)
    size += template->throttling_conditions[i].length;
  return size;
}

static char *
move_text (TwText *text, char *at)
{
  if (text->bytes == NULL)
    return at;
  /* An absent text and an empty one stay apart. */
  if (text->length > 0)
    memcpy (at, text->bytes, text->length);
  text->bytes = at;
  return at + text->length;
}

GwResourceList *
gw_resource_list_new (const TwUriTemplate *templates, guint n_templates, gint64 asked_us)
{
  gsize size = sizeof (GwResourceList) + n_templates * sizeof (TwUriTemplate);
  GwResourceList *list;
  TwText *condition;
  char *at;

  for (guint i = 0; i < n_templates; i++)
    size += template_size (&templates[i]) + templates[i].n_throttling_conditions * sizeof (TwText);
  list = g_malloc0 (size);
  list->asked_us = asked_us;
  list->references = 1;
  list->n_templates = n_templates;
  list->templates = (TwUriTemplate *)(list + 1);
  condition = (TwText *)(list->templates + n_templates);
  at = (char *)condition;
  for (guint i = 0; i < n_templates; i++)
    at += templates[i].n_throttling_conditions * sizeof (TwText);
  for (guint i = 0; i < n_templates; i++)
    {
      TwUriTemplate *copy = &list->templates[i];

      *copy = templates[i];
      for (guint t = 0; t < G_N_ELEMENTS (texts); t++)
        at = move_text (&G_STRUCT_MEMBER (TwText, copy, texts[t]), at);
      copy->throttling_conditions = copy->n_throttling_conditions == 0 ? NULL : condition;
      for (guint c = 0; c < copy->n_throttling_conditions; c++, condition++)
        {
          *condition = templates[i].throttling_conditions[c];
          at = move_text (condition, at);
        }
    }
  return list;
}

GwResourceList *
gw_resource_list_ref (GwResourceList *list)
{
  list->references++;
  return list;
}

void
gw_resource_list_unref (GwResourceList *list)
{
  if (list != NULL && --list->references == 0)
    g_free (list);
}

static TwText
without_slash (TwText pattern)
{
  if (pattern.length > 1 && pattern.bytes[pattern.length - 1] == '/')
    pattern.length--;
  return pattern;
}

static gboolean
same_text (TwText a, TwText b)
{
  return a.bytes != NULL && b.bytes != NULL && a.length == b.length
         && g_ascii_strncasecmp (a.bytes, b.bytes, a.length) == 0;
}

/* How alike two patterns are written; 0: they are two. */
static guint
likeness (TwText a, TwText b)
{
  TwText short_a = without_slash (a), short_b = without_slash (b);

  if (!same_text (short_a, short_b))
    return 0;
  if (!tw_text_equal (short_a, short_b))
    return 1;
  return a.length == b.length ? 3 : 2;
}

const TwUriTemplate *
gw_resource_list_find (const GwResourceList *list, TwText pattern, TwText verb)
{
  const TwUriTemplate *best = NULL;
  guint best_likeness = 0;

  for (guint i = 0; i < list->n_templates && best_likeness < 3; i++)
    {
      const TwUriTemplate *template = &list->templates[i];
      guint like = same_text (template->http_verb, verb) ? likeness (template->uri_template, pattern) : 0;

      if (like > best_likeness)
        {
          best = template;
          best_likeness = like;
        }
    }
  return best;
}
