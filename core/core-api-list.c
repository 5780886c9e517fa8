/* Lists of APIs: all of them are looked at, as remembered where that is right still (core-catalogue.h), else in the
 * tables, and the caller's are counted. */
#include "config.h"
#include "core/core-api-private.h"

#include "core/core-api-search.h"
#include "core/core-catalogue.h"

void
core_api_page_free (CoreApiPage *page)
{
  g_clear_pointer (&page->items, g_ptr_array_unref);
  g_free (page);
}

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  CoreAudience audience;
  CoreApiSearch *search;
  GHashTable *ids; /* (nullable): of APIs that the search found elsewhere */
  guint offset, limit;
  CoreApiPage *page; /* (nullable) */
  GArray *shown;     /* (element-type gint64) (nullable): the ids of the page, to be read */
  GHashTable *tags;  /* (nullable) */
} ListCall;

static gboolean
is_listed (const ListCall *call, const StApiRow *row)
{
  if (call->audience == CORE_AUDIENCE_PUBLISHER
          ? !core_api_publisher_sees (call->actor, row)
          : !core_api_store_sees (call->actor, row, FALSE, call->portal->shows_deprecated))
    return FALSE;
  if (call->ids != NULL)
    return g_hash_table_contains (call->ids, &row->id);
  return call->search == NULL || core_api_search_matches (call->search, row);
}

static void
count_tags (GHashTable *counts, const char *text)
{
  g_auto (GStrv) tags = core_api_list_from_text (text, ",");

  for (guint i = 0; tags != NULL && tags[i] != NULL; i++)
    {
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, tags[i]));

      g_hash_table_replace (counts, g_strdup (tags[i]), GUINT_TO_POINTER (count + 1));
    }
}

/* Counts one that is listed. Whether it is on the page. */
static gboolean
is_on_page (ListCall *call)
{
  guint at = call->page->total++;

  return at >= call->offset && at - call->offset < call->limit;
}

static gboolean
add_listed (const StApiRow *row, gpointer data)
{
  ListCall *call = data;

  if (!is_listed (call, row))
    return TRUE;
  if (call->tags != NULL)
    count_tags (call->tags, row->tags);
  else if (is_on_page (call))
    g_array_append_val (call->shown, row->id);
  return TRUE;
}

/* The same of what is remembered. */
static void
add_remembered (ListCall *call, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      CoreCatalogueEntry *entry = entries->pdata[i];

      if (!is_listed (call, entry->row))
        continue;
      if (call->tags != NULL)
        count_tags (call->tags, entry->row->tags);
      else if (is_on_page (call))
        g_ptr_array_add (call->page->items, core_catalogue_entry_ref (entry));
    }
}

/* What the page shows of its APIs, of the same moment as the walk that chose them. */
static gboolean
add_shown (StWriter *reader, ListCall *call, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  const gint64 *ids = (const gint64 *)(void *)call->shown->data;
  gboolean done = st_read_api_entries (reader, ids, call->shown->len, rows, error);

  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (call->page->items, core_catalogue_entry_new (rows->pdata[i]));
  return done;
}

static gboolean
list_apis (StWriter *reader, gpointer data, GError **error)
{
  ListCall *call = data;
  gboolean glances = call->search == NULL || core_api_search_glances (call->search);

  return (call->search == NULL || core_api_search_begin (call->search, reader, &call->ids, error))
         && (glances ? st_read_each_api_glance (reader, add_listed, call, error)
                     : st_read_each_api (reader, add_listed, call, error))
         && add_shown (reader, call, error);
}

static gboolean
list_tags (StWriter *reader, gpointer data, GError **error)
{
  return st_read_each_api (reader, add_listed, data, error);
}

/* @call: with its search. */
static gboolean
fill_page (ListCall *call, GError **error)
{
  gboolean of_rows = call->search == NULL || core_api_search_of_rows (call->search);
  g_autoptr (GPtrArray) entries = of_rows ? core_catalogue_get (call->portal) : NULL;
  g_autoptr (GArray) shown = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean done;

  call->page->items = g_ptr_array_new_with_free_func ((GDestroyNotify)core_catalogue_entry_unref);
  if (entries != NULL)
    {
      add_remembered (call, entries);
      return TRUE;
    }
  call->shown = shown;
  done = core_portal_read (call->portal, list_apis, call, error);
  g_clear_pointer (&call->ids, g_hash_table_unref);
  return done;
}

CoreApiPage *
core_api_list (const CorePortal *portal, const CoreActor *actor, CoreAudience audience, const char *search,
               guint offset, guint limit, GError **error)
{
  g_autoptr (CoreApiPage) page = g_new0 (CoreApiPage, 1);
  g_autoptr (CoreApiSearch) parsed = NULL;
  ListCall call = { .portal = portal,
                    .actor = actor,
                    .audience = audience,
                    .offset = offset,
                    .limit = MIN (limit, CORE_API_PAGE_MAX),
                    .page = page };

  if (!core_api_require_audience (actor, audience, CORE_API_SEE, error)
      || (search != NULL && *search != '\0' && (parsed = core_api_search_parse (search, error)) == NULL))
    return NULL;
  call.search = parsed;
  return fill_page (&call, error) ? g_steal_pointer (&page) : NULL;
}

GHashTable *
core_api_tags (const CorePortal *portal, const CoreActor *actor, GError **error)
{
  g_autoptr (GHashTable) tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) entries = core_catalogue_get (portal);
  ListCall call = { .portal = portal, .actor = actor, .audience = CORE_AUDIENCE_STORE, .tags = tags };

  if (entries != NULL)
    add_remembered (&call, entries);
  else if (!core_portal_read (portal, list_tags, &call, error))
    return NULL;
  return g_steal_pointer (&tags);
}
