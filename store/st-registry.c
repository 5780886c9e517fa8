#include "config.h"
#include "store/st-registry.h"

#include "store/st-columns.h"
#include "store/st-tables.h"

#include <string.h>

/* Kept well above what a registry of thousands of APIs has: what reads all of them holds their rows in memory. */
#define MAX_FILES 200000

void
st_registry_file_free (StRegistryFile *file)
{
  if (file == NULL)
    return;
  g_free (file->folder);
  g_free (file->name);
  g_free (file->uuid);
  g_free (file->media_type);
  g_free (file);
}

gboolean
st_registry_check (StDatabase *registry, GError **error)
{
  static const struct
  {
    const char *table, *column;
  } needed[] = {
    { "REG_PATH", "REG_PATH_VALUE" },           { "REG_RESOURCE", "REG_UUID" },
    { "REG_CONTENT", "REG_CONTENT_DATA" },      { "REG_PROPERTY", "REG_VALUE" },
    { "REG_RESOURCE_PROPERTY", "REG_VERSION" }, { "REG_TAG", "REG_TAG_NAME" },
    { "REG_RESOURCE_TAG", "REG_VERSION" },
  };
  g_autoptr (StTables) tables = st_tables_read (registry, 0, error);

  if (tables == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!st_tables_have (tables, needed[i].table, needed[i].column))
      {
        g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                     "the database has no column %s.%s: it is not the registry of a WSO2 API Manager", needed[i].table,
                     needed[i].column);
        return FALSE;
      }
  return TRUE;
}

#define FILES                                                                                                          \
  "SELECT r.REG_TENANT_ID, p.REG_PATH_VALUE, r.REG_NAME, r.REG_PATH_ID, r.REG_VERSION, r.REG_UUID, r.REG_MEDIA_TYPE,"  \
  " LENGTH(c.REG_CONTENT_DATA) FROM REG_RESOURCE r"                                                                    \
  " JOIN REG_PATH p ON p.REG_PATH_ID = r.REG_PATH_ID AND p.REG_TENANT_ID = r.REG_TENANT_ID"                            \
  " LEFT JOIN REG_CONTENT c ON c.REG_CONTENT_ID = r.REG_CONTENT_ID AND c.REG_TENANT_ID = r.REG_TENANT_ID"              \
  " WHERE r.REG_NAME IS NOT NULL AND "
#define ORDER " ORDER BY r.REG_TENANT_ID, p.REG_PATH_VALUE, r.REG_NAME, r.REG_VERSION"

static StRegistryFile *
read_file (StQuery *query)
{
  StRegistryFile *file = g_new0 (StRegistryFile, 1);

  file->tenant_id = (gint)st_query_int64 (query, 0);
  file->folder = g_strdup (st_query_text (query, 1));
  file->name = g_strdup (st_query_text (query, 2));
  file->folder_id = st_query_int64 (query, 3);
  file->version = st_query_int64 (query, 4);
  file->uuid = g_strdup (st_query_text (query, 5));
  file->media_type = g_strdup (st_query_text (query, 6));
  file->length = st_query_is_null (query, 7) ? -1 : st_query_int64 (query, 7);
  return file;
}

typedef gboolean (*Matches) (const StRegistryFile *file, const char *const *wanted);

/* @query: (transfer full) (nullable): bound. */
static gboolean
read_files (StQuery *query, Matches matches, const char *const *wanted, GPtrArray **files, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)st_registry_file_free);
  g_autoptr (StQuery) owned = query;
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autoptr (StRegistryFile) file = read_file (query);

      if (!matches (file, wanted))
        continue;
      if (found->len == MAX_FILES)
        {
          g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the registry has more than %d such files", MAX_FILES);
          return FALSE;
        }
      g_ptr_array_add (found, g_steal_pointer (&file));
    }
  if (step != ST_END)
    return FALSE;
  *files = g_steal_pointer (&found);
  return TRUE;
}

static gboolean
has_media_type (const StRegistryFile *file, const char *const *wanted)
{
  return g_strcmp0 (file->media_type, wanted[0]) == 0;
}

gboolean
st_registry_list_media (StDatabase *registry, const char *media_type, GPtrArray **files, GError **error)
{
  static const StStatement select = { FILES "r.REG_MEDIA_TYPE = ?" ORDER };
  const char *wanted[] = { media_type };
  StQuery *query = st_database_query (registry, &select, 0, error);

  if (query != NULL)
    st_query_bind_text (query, 0, media_type);
  return read_files (query, has_media_type, wanted, files, error);
}

static gboolean
is_in_folder (const StRegistryFile *file, const char *const *wanted)
{
  return g_strcmp0 (file->folder, wanted[0]) == 0 && (wanted[1] == NULL || g_strcmp0 (file->name, wanted[1]) == 0);
}

gboolean
st_registry_list_folder (StDatabase *registry, gint tenant_id, const char *folder, GPtrArray **files, GError **error)
{
  static const StStatement select = { FILES "r.REG_TENANT_ID = ? AND p.REG_PATH_VALUE = ?" ORDER };
  const char *wanted[] = { folder, NULL };
  StQuery *query = st_database_query (registry, &select, 0, error);
  guint at = 0;

  st_query_bind (query, &at, "is", (gint64)tenant_id, folder);
  return read_files (query, is_in_folder, wanted, files, error);
}

gboolean
st_registry_find (StDatabase *registry, gint tenant_id, const char *folder, const char *name, StRegistryFile **file,
                  GError **error)
{
  static const StStatement select = { FILES "r.REG_TENANT_ID = ? AND p.REG_PATH_VALUE = ? AND r.REG_NAME = ?" ORDER };
  const char *wanted[] = { folder, name };
  StQuery *query = st_database_query (registry, &select, 0, error);
  g_autoptr (GPtrArray) found = NULL;
  guint at = 0;

  *file = NULL;
  st_query_bind (query, &at, "iss", (gint64)tenant_id, folder, name);
  if (!read_files (query, is_in_folder, wanted, &found, error))
    return FALSE;
  if (found->len > 0)
    *file = g_ptr_array_steal_index (found, 0);
  return TRUE;
}

gboolean
st_registry_read (StDatabase *registry, const StRegistryFile *file, gsize max, GBytes **content, GError **error)
{
  static const StStatement select
      = { "SELECT c.REG_CONTENT_DATA FROM REG_RESOURCE r JOIN REG_CONTENT c ON c.REG_CONTENT_ID = r.REG_CONTENT_ID"
          " AND c.REG_TENANT_ID = r.REG_TENANT_ID WHERE r.REG_VERSION = ? AND r.REG_TENANT_ID = ?"
          " AND LENGTH(c.REG_CONTENT_DATA) <= ?" };
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  *content = NULL;
  if (file->length < 0)
    return TRUE;
  if ((query = st_database_query (registry, &select, 0, error)) == NULL)
    return FALSE;
  st_query_bind (query, &at, "iii", file->version, (gint64)file->tenant_id, (gint64)max);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    {
      gsize length;
      const char *bytes = st_query_bytes (query, 0, &length);

      *content = g_bytes_new (bytes, length);
    }
  else if (step == ST_END)
    g_set_error (error, ST_ERROR, ST_ERROR_DATA, "it has more than %" G_GSIZE_FORMAT " bytes", max);
  return step == ST_ROW;
}

#define OF_FILE(alias)                                                                                                 \
  alias ".REG_TENANT_ID = ? AND (" alias ".REG_VERSION = ? OR (" alias ".REG_VERSION IS NULL AND " alias               \
        ".REG_PATH_ID = ? AND " alias ".REG_RESOURCE_NAME = ?))"

static StQuery *
query_of_file (StDatabase *registry, const StStatement *statement, const StRegistryFile *file, GError **error)
{
  StQuery *query = st_database_query (registry, statement, 0, error);
  guint at = 0;

  st_query_bind (query, &at, "iiis", (gint64)file->tenant_id, file->version, file->folder_id, file->name);
  return query;
}

gboolean
st_registry_properties (StDatabase *registry, const StRegistryFile *file, GHashTable **properties, GError **error)
{
  static const StStatement select
      = { "SELECT q.REG_NAME, q.REG_VALUE FROM REG_RESOURCE_PROPERTY rp JOIN REG_PROPERTY q"
          " ON q.REG_ID = rp.REG_PROPERTY_ID AND q.REG_TENANT_ID = rp.REG_TENANT_ID WHERE " OF_FILE (
              "rp") " ORDER BY q.REG_ID" };
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (StQuery) query = query_of_file (registry, &select, file, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autofree char *name = g_strdup (st_query_text (query, 0));
      const char *value = st_query_text (query, 1);

      if (name != NULL && value != NULL && !g_hash_table_contains (found, name))
        g_hash_table_insert (found, g_steal_pointer (&name), g_strdup (value));
    }
  if (step != ST_END)
    return FALSE;
  *properties = g_steal_pointer (&found);
  return TRUE;
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  const char *const *left = a, *const *right = b;

  return strcmp (*left, *right);
}

/* Of each tag there is a row for every user who gave it. */
static char **
sorted_without_doubles (GPtrArray *texts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_ptr_array_sort (texts, compare_texts);
  for (guint i = 0; i < texts->len; i++)
    if (i == 0 || strcmp (texts->pdata[i], texts->pdata[i - 1]) != 0)
      g_strv_builder_add (builder, texts->pdata[i]);
  return g_strv_builder_end (builder);
}

gboolean
st_registry_tags (StDatabase *registry, const StRegistryFile *file, char ***tags, GError **error)
{
  static const StStatement select
      = { "SELECT t.REG_TAG_NAME FROM REG_RESOURCE_TAG rt JOIN REG_TAG t ON t.REG_ID = rt.REG_TAG_ID"
          " AND t.REG_TENANT_ID = rt.REG_TENANT_ID WHERE " OF_FILE ("rt") };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StQuery) query = query_of_file (registry, &select, file, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (st_query_text (query, 0) != NULL)
      g_ptr_array_add (found, g_strdup (st_query_text (query, 0)));
  if (step != ST_END)
    return FALSE;
  *tags = sorted_without_doubles (found);
  return TRUE;
}
