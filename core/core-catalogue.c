#include "config.h"
#include "core/core-catalogue.h"

#include "core/core-api-private.h"
#include "store/st-data-version.h"

struct _CoreCatalogue
{
  StDataVersion *versions; /* (nullable): nothing is remembered */
  gsize max_bytes;
  GMutex lock;         /* over what follows; never held over a question to the database */
  guint64 seen;        /* the version at the last list; 0: none yet */
  guint64 refused;     /* ... of which there is too much, or which could not be read */
  gboolean reading;    /* some thread reads all APIs */
  guint64 version;     /* of @entries */
  GPtrArray *entries;  /* (nullable) */
};

CoreCatalogueEntry *
core_catalogue_entry_new (StApiRow *row)
{
  CoreCatalogueEntry *entry = g_atomic_rc_box_new0 (CoreCatalogueEntry);

  entry->row = row;
  entry->item = (CoreApiItem){
    .id = row->id,
    .uuid = row->uuid,
    .provider = row->provider,
    .name = row->name,
    .version = row->version,
    .context_template = core_api_template_of_row (row),
    .context = row->context,
    .status = row->state != NULL ? row->state : (char *)"CREATED",
    .description = row->description,
    .tags = core_api_list_from_text (row->tags, ","),
    .thumbnail_type = row->thumbnail_type,
    .is_default_version = row->version != NULL && g_strcmp0 (row->default_version, row->version) == 0,
    .updated_ms = row->updated_ms,
  };
  return entry;
}

CoreCatalogueEntry *
core_catalogue_entry_ref (CoreCatalogueEntry *entry)
{
  return g_atomic_rc_box_acquire (entry);
}

static void
clear_entry (gpointer data)
{
  CoreCatalogueEntry *entry = data;

  g_free (entry->item.context_template);
  g_strfreev (entry->item.tags);
  st_api_row_free (entry->row);
}

void
core_catalogue_entry_unref (CoreCatalogueEntry *entry)
{
  g_atomic_rc_box_release_full (entry, clear_entry);
}

CoreCatalogue *
core_catalogue_new (StDatabase *apis, gsize max_bytes)
{
  CoreCatalogue *catalogue = g_new0 (CoreCatalogue, 1);

  catalogue->versions = st_data_version_new (apis);
  catalogue->max_bytes = max_bytes;
  g_mutex_init (&catalogue->lock);
  return catalogue;
}

void
core_catalogue_free (CoreCatalogue *catalogue)
{
  if (catalogue == NULL)
    return;
  g_clear_pointer (&catalogue->entries, g_ptr_array_unref);
  g_clear_pointer (&catalogue->versions, st_data_version_free);
  g_mutex_clear (&catalogue->lock);
  g_free (catalogue);
}

typedef struct
{
  GPtrArray *entries;
  gsize bytes, max_bytes;
} Reading;

static gboolean
add_entry (const StApiRow *row, gpointer data)
{
  Reading *reading = data;

  reading->bytes += st_api_row_bytes (row) + sizeof (CoreCatalogueEntry);
  if (reading->bytes > reading->max_bytes)
    return FALSE;
  g_ptr_array_add (reading->entries, core_catalogue_entry_new (st_api_row_copy (row)));
  return TRUE;
}

static gboolean
read_all (StWriter *reader, gpointer data, GError **error)
{
  return st_read_each_api (reader, add_entry, data, error);
}

/* (transfer full) (nullable) */
static GPtrArray *
read_entries (const CorePortal *portal, gsize max_bytes)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify)core_catalogue_entry_unref);
  Reading reading = { entries, 0, max_bytes };

  if (!core_portal_read (portal, read_all, &reading, NULL) || reading.bytes > max_bytes)
    return NULL;
  return g_steal_pointer (&entries);
}

/* With the lock held: what is remembered of @version, or whether to read it now (*read). */
static GPtrArray *
recall (CoreCatalogue *catalogue, guint64 version, gboolean *read)
{
  if (catalogue->entries != NULL && catalogue->version == version)
    return g_ptr_array_ref (catalogue->entries);
  g_clear_pointer (&catalogue->entries, g_ptr_array_unref);
  *read = catalogue->seen == version && catalogue->refused != version && !catalogue->reading;
  catalogue->seen = version;
  catalogue->reading = catalogue->reading || *read;
  return NULL;
}

/* What is read now has the version that was there before it was read: if something is committed in between, the next
 * list sees another version, and takes this for old. */
GPtrArray *
core_catalogue_get (const CorePortal *portal)
{
  CoreCatalogue *catalogue = portal->catalogue;
  GPtrArray *entries;
  gboolean read = FALSE;
  guint64 version;

  if (catalogue == NULL || catalogue->versions == NULL
      || !st_data_version_read (catalogue->versions, 0, &version, NULL))
    return NULL;
  g_mutex_lock (&catalogue->lock);
  entries = recall (catalogue, version, &read);
  g_mutex_unlock (&catalogue->lock);
  if (!read)
    return entries;
  entries = read_entries (portal, catalogue->max_bytes);
  g_mutex_lock (&catalogue->lock);
  catalogue->reading = FALSE;
  g_clear_pointer (&catalogue->entries, g_ptr_array_unref);
  catalogue->entries = entries != NULL ? g_ptr_array_ref (entries) : NULL;
  catalogue->version = version;
  if (entries == NULL)
    catalogue->refused = version;
  g_mutex_unlock (&catalogue->lock);
  return entries;
}
