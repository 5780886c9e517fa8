#include "config.h"
#include "core/core-api-search.h"

#include "core/core-portal.h"

#include <string.h>

typedef enum
{
  OF_NAME,
  OF_VERSION,
  OF_CONTEXT,
  OF_STATUS,
  OF_DESCRIPTION,
  OF_PROVIDER,
  OF_TAG,
  OF_SUBCONTEXT,
  OF_DOCUMENT,
} Attribute;

static const struct
{
  const char *word;
  Attribute attribute;
} attributes[] = {
  { "name", OF_NAME },
  { "version", OF_VERSION },
  { "context", OF_CONTEXT },
  { "status", OF_STATUS },
  { "description", OF_DESCRIPTION },
  { "provider", OF_PROVIDER },
  { "tag", OF_TAG },
  { "tags", OF_TAG },
  { "subcontext", OF_SUBCONTEXT },
  { "doc", OF_DOCUMENT },
};

struct _CoreApiSearch
{
  Attribute attribute;
  char *value;           /* as written */
  GPatternSpec *pattern; /* of the value without case */
};

static gboolean
find_attribute (const char *word, gsize length, Attribute *attribute)
{
  for (guint i = 0; i < G_N_ELEMENTS (attributes); i++)
    if (strlen (attributes[i].word) == length && g_ascii_strncasecmp (attributes[i].word, word, length) == 0)
      {
        *attribute = attributes[i].attribute;
        return TRUE;
      }
  return FALSE;
}

/* Names, descriptions and contexts are searched for what they contain, as the pages do; the rest is compared
 * whole. */
static char *
pattern_text (Attribute attribute, const char *value)
{
  g_autofree char *folded = g_utf8_casefold (value, -1);

  if (strpbrk (folded, "*?") != NULL
      || (attribute != OF_NAME && attribute != OF_DESCRIPTION && attribute != OF_CONTEXT
          && attribute != OF_PROVIDER))
    return g_steal_pointer (&folded);
  return g_strconcat ("*", folded, "*", NULL);
}

CoreApiSearch *
core_api_search_parse (const char *text, GError **error)
{
  const char *colon = strchr (text, ':');
  g_autoptr (CoreApiSearch) search = g_new0 (CoreApiSearch, 1);
  g_autofree char *pattern = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "the search is not valid UTF-8");
      return NULL;
    }
  if (colon != NULL && !find_attribute (text, (gsize)(colon - text), &search->attribute))
    {
      core_portal_fail (
          error, CORE_PORTAL_ERROR_INVALID,
          "what is searched for must be name, version, context, status, description, subcontext, doc, "
          "provider or tag, as in \"version:1.0.0\"");
      return NULL;
    }
  search->value = g_strstrip (g_strdup (colon != NULL ? colon + 1 : text));
  pattern = pattern_text (search->attribute, search->value);
  search->pattern = g_pattern_spec_new (pattern);
  return g_steal_pointer (&search);
}

void
core_api_search_free (CoreApiSearch *search)
{
  g_free (search->value);
  g_clear_pointer (&search->pattern, g_pattern_spec_free);
  g_free (search);
}

gboolean
core_api_search_of_rows (const CoreApiSearch *search)
{
  return search->attribute != OF_SUBCONTEXT && search->attribute != OF_DOCUMENT;
}

gboolean
core_api_search_begin (CoreApiSearch *search, StWriter *reader, GHashTable **ids, GError **error)
{
  g_autofree char *word = g_strdup (search->value);
  StApiSearch what = search->attribute == OF_DOCUMENT ? ST_API_SEARCH_DOCUMENT : ST_API_SEARCH_URL_PATTERN;

  *ids = NULL;
  if (core_api_search_of_rows (search))
    return TRUE;
  /* Both are searched for what they contain, so that wildcards at the ends say nothing new. */
  while (g_str_has_suffix (word, "*"))
    word[strlen (word) - 1] = '\0';
  return st_read_api_ids (reader, what, word + strspn (word, "*"), ids, error);
}

#define SHORT_BYTES 256

/* Every API is asked: a short text of ASCII is folded where it costs nothing. */
static gboolean
matches (const CoreApiSearch *search, const char *text)
{
  g_autofree char *folded = NULL;
  char small[SHORT_BYTES];
  gsize length = 0;

  for (; text != NULL && text[length] != '\0' && length < SHORT_BYTES - 1; length++)
    {
      if ((guchar)text[length] >= 0x80)
        break;
      small[length] = g_ascii_tolower (text[length]);
    }
  small[length] = '\0';
  if (text == NULL || text[length] == '\0')
    return g_pattern_spec_match (search->pattern, length, small, NULL);
  folded = g_utf8_casefold (text, -1);
  return g_pattern_spec_match_string (search->pattern, folded);
}

static gboolean
matches_a_tag (const CoreApiSearch *search, const char *tags)
{
  g_auto (GStrv) list = g_strsplit (tags != NULL ? tags : "", ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    if (matches (search, g_strstrip (list[i])))
      return TRUE;
  return FALSE;
}

gboolean
core_api_search_glances (const CoreApiSearch *search)
{
  return search->attribute != OF_DESCRIPTION && search->attribute != OF_TAG;
}

gboolean
core_api_search_matches (const CoreApiSearch *search, const StApiRow *row)
{
  switch (search->attribute)
    {
    case OF_VERSION:
      return matches (search, row->version);
    case OF_CONTEXT:
      return matches (search, row->context);
    case OF_STATUS:
      return matches (search, row->state);
    case OF_DESCRIPTION:
      return matches (search, row->description);
    case OF_PROVIDER:
      return matches (search, row->provider);
    case OF_TAG:
      return matches_a_tag (search, row->tags);
    case OF_SUBCONTEXT:
    case OF_DOCUMENT:
      return FALSE; /* core_api_search_begin() found them */
    case OF_NAME:
    default:
      return matches (search, row->name);
    }
}
