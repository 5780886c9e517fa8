#include "config.h"
#include "store/st-api-reads.h"

#include "store/st-api-writes.h"
#include "store/st-columns.h"
#include "store/st-resource-writes.h"

#include <string.h>

#define N_TEXTS 19
/* What an allocation costs besides what is in it, on average. */
#define ALLOCATION_BYTES 16

static void
list_texts (StApiRow *row, char **texts[N_TEXTS])
{
  char **const all[N_TEXTS] = { &row->provider,
                                &row->name,
                                &row->version,
                                &row->context,
                                &row->template,
                                &row->tier,
                                &row->state,
                                &row->default_version,
                                &row->published_default_version,
                                &row->uuid,
                                &row->description,
                                &row->tags,
                                &row->visibility,
                                &row->visible_roles,
                                &row->visible_tenants,
                                &row->access_control_roles,
                                &row->thumbnail_type,
                                &row->artifact,
                                &row->definition };

  memcpy (texts, all, sizeof all);
}

void
st_api_row_free (StApiRow *row)
{
  char **texts[N_TEXTS];

  list_texts (row, texts);
  for (guint i = 0; i < N_TEXTS; i++)
    g_free (*texts[i]);
  g_free (row);
}

StApiRow *
st_api_row_copy (const StApiRow *row)
{
  StApiRow *copy = g_memdup2 (row, sizeof *row);
  char **texts[N_TEXTS];

  list_texts (copy, texts);
  for (guint i = 0; i < N_TEXTS; i++)
    *texts[i] = g_strdup (*texts[i]);
  return copy;
}

gsize
st_api_row_bytes (const StApiRow *row)
{
  gsize bytes = sizeof *row;
  StApiRow borrowed = *row;
  char **texts[N_TEXTS];

  list_texts (&borrowed, texts);
  for (guint i = 0; i < N_TEXTS; i++)
    if (*texts[i] != NULL)
      bytes += strlen (*texts[i]) + ALLOCATION_BYTES;
  return bytes;
}

/* How much of an API is read: what lists are chosen by, what they show, everything. */
typedef enum
{
  GLANCE,
  ENTRY,
  FULL,
} Depth;

#define STATE "(SELECT e.NEW_STATE FROM AM_API_LC_EVENT e WHERE e.API_ID = a.API_ID ORDER BY e.EVENT_ID DESC LIMIT 1)"
/* Columns 0 to 11. WSO2 leaves times at zero. */
#define API_COLUMNS(ms)                                                                                                \
  "SELECT a.API_ID, a.API_PROVIDER, a.API_NAME, a.API_VERSION, a.CONTEXT, a.CONTEXT_TEMPLATE, " ms (                   \
      "a.CREATED_TIME") ", " ms ("a.UPDATED_TIME") ", " STATE ", d.DEFAULT_API_VERSION, "                              \
                                                   "d.PUBLISHED_DEFAULT_API_VERSION"
#define MS_SQLITE(column) column
#define MS_MYSQL(column) "CAST(UNIX_TIMESTAMP(" column ") * 1000 AS SIGNED)"
#define FROM_API                                                                                             \
  " FROM AM_API a LEFT JOIN AM_API_DEFAULT_VERSION d ON d.API_PROVIDER = a.API_PROVIDER AND d.API_NAME = "   \
  "a.API_NAME"
/* Columns 12 to 20, and the long ones. */
#define ARTIFACT_COLUMNS                                                                                     \
  ", r.UUID, r.REVISION, r.DESCRIPTION, r.TAGS, r.VISIBILITY, r.VISIBLE_ROLES, r.VISIBLE_TENANTS,"           \
  " r.ACCESS_CONTROL_ROLES, r.THUMBNAIL_TYPE"
#define LONG_COLUMNS ", r.ARTIFACT, r.DEFINITION"
/* Of a glance, columns 0 to 5, and 6 to 9. */
#define GLANCE_COLUMNS "SELECT a.API_ID, a.API_PROVIDER, a.API_NAME, a.API_VERSION, a.CONTEXT, " STATE
#define GLANCE_ARTIFACT_COLUMNS ", r.VISIBILITY, r.VISIBLE_ROLES, r.VISIBLE_TENANTS, r.ACCESS_CONTROL_ROLES"
#define JOIN_ARTIFACT " LEFT JOIN APIM_API_ARTIFACT r ON r.API_ID = a.API_ID"

/* @sqlite_rest, @mysql_rest: from WHERE on. */
static const StStatement *
select_apis (StWriter *reader, Depth depth, const char *sqlite_rest, const char *mysql_rest)
{
  gboolean has_artifact = st_writer_has (reader, ST_CAP_API_ARTIFACT);
  const char *tier = st_writer_has (reader, ST_CAP_API_TIER) ? ", a.API_TIER" : ", NULL";
  const char *artifact = has_artifact ? ARTIFACT_COLUMNS : "";
  const char *text = has_artifact && depth == FULL ? LONG_COLUMNS : "";
  const char *join = has_artifact ? JOIN_ARTIFACT : "";
  g_autofree char *sqlite
      = g_strconcat (API_COLUMNS (MS_SQLITE), tier, artifact, text, FROM_API, join, sqlite_rest, NULL);
  g_autofree char *mysql
      = g_strconcat (API_COLUMNS (MS_MYSQL), tier, artifact, text, FROM_API, join, mysql_rest, NULL);

  return st_statement_intern (sqlite, mysql);
}

static const StStatement *
select_glances (StWriter *reader, const char *rest)
{
  gboolean has_artifact = st_writer_has (reader, ST_CAP_API_ARTIFACT);
  g_autofree char *sql = g_strconcat (GLANCE_COLUMNS, has_artifact ? GLANCE_ARTIFACT_COLUMNS : "", " FROM AM_API a",
                                      has_artifact ? JOIN_ARTIFACT : "", rest, NULL);

  return st_statement_intern (sql, sql);
}

/* Borrows a text of the query's row: a walk over all APIs copies none that nobody wants. */
static char *
borrow (StQuery *query, guint column)
{
  return (char *)st_query_text (query, column);
}

static void
borrow_artifact (StQuery *query, Depth depth, StApiRow *row)
{
  row->uuid = borrow (query, 12);
  row->revision = st_query_int64 (query, 13);
  row->description = borrow (query, 14);
  row->tags = borrow (query, 15);
  row->visibility = borrow (query, 16);
  row->visible_roles = borrow (query, 17);
  row->visible_tenants = borrow (query, 18);
  row->access_control_roles = borrow (query, 19);
  row->thumbnail_type = borrow (query, 20);
  if (depth != FULL)
    return;
  row->artifact = borrow (query, 21);
  row->definition = borrow (query, 22);
}

static void
borrow_glance (StWriter *reader, StQuery *query, StApiRow *row)
{
  row->state = borrow (query, 5);
  if (!st_writer_has (reader, ST_CAP_API_ARTIFACT))
    return;
  row->visibility = borrow (query, 6);
  row->visible_roles = borrow (query, 7);
  row->visible_tenants = borrow (query, 8);
  row->access_control_roles = borrow (query, 9);
}

/* Fills @row, which is zero, with texts that last until the query's next step. */
static void
borrow_row (StWriter *reader, StQuery *query, Depth depth, StApiRow *row)
{
  row->id = st_query_int64 (query, 0);
  row->provider = borrow (query, 1);
  row->name = borrow (query, 2);
  row->version = borrow (query, 3);
  row->context = borrow (query, 4);
  if (depth == GLANCE)
    {
      borrow_glance (reader, query, row);
      return;
    }
  row->template = borrow (query, 5);
  row->created_ms = st_query_int64 (query, 6);
  row->updated_ms = st_query_int64 (query, 7);
  row->state = borrow (query, 8);
  row->default_version = borrow (query, 9);
  row->published_default_version = borrow (query, 10);
  row->tier = borrow (query, 11);
  if (st_writer_has (reader, ST_CAP_API_ARTIFACT))
    borrow_artifact (query, depth, row);
}

static StApiRow *
read_row (StWriter *reader, StQuery *query, Depth depth)
{
  StApiRow row = { 0 };

  borrow_row (reader, query, depth, &row);
  return st_api_row_copy (&row);
}

/* The first row that @matches, which compares as bytes. @query: (transfer full) (nullable): bound. */
static gboolean
find (StWriter *reader, StQuery *query, Depth depth,
      gboolean (*matches) (const StApiRow *row, const char *const *wanted), const char *const *wanted, StApiRow **found,
      GError **error)
{
  g_autoptr (StQuery) owned = query;
  StStep step;

  *found = NULL;
  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autoptr (StApiRow) row = read_row (reader, query, depth);

      /* The table of default versions has no unique key, so that a second row may follow. */
      if ((*found != NULL && (*found)->id == row->id) || !matches (row, wanted))
        continue;
      if (*found != NULL)
        {
          g_clear_pointer (found, st_api_row_free);
          g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "the identifier means more than one API");
          return FALSE;
        }
      *found = g_steal_pointer (&row);
    }
  if (step == ST_END)
    return TRUE;
  g_clear_pointer (found, st_api_row_free);
  return FALSE;
}

static gboolean
matches_any (const StApiRow *row, const char *const *wanted)
{
  return TRUE;
}

static gboolean
matches_uuid (const StApiRow *row, const char *const *wanted)
{
  return g_strcmp0 (row->uuid, wanted[0]) == 0;
}

static gboolean
matches_name (const StApiRow *row, const char *const *wanted)
{
  return g_strcmp0 (row->provider, wanted[0]) == 0 && g_strcmp0 (row->name, wanted[1]) == 0
         && g_strcmp0 (row->version, wanted[2]) == 0;
}

static gboolean
matches_identifier (const StApiRow *row, const char *const *wanted)
{
  GString *provider = g_string_new (row->provider);
  g_autofree char *identifier = NULL;

  g_string_replace (provider, "@", "-AT-", 0);
  identifier = g_strconcat (provider->str, "-", row->name, "-", row->version, NULL);
  g_string_free (provider, TRUE);
  return g_strcmp0 (identifier, wanted[0]) == 0;
}

gboolean
st_read_api (StWriter *reader, gint64 api_id, StApiRow **found, GError **error)
{
  StQuery *query
      = st_writer_query (reader, select_apis (reader, FULL, " WHERE a.API_ID = ?", " WHERE a.API_ID = ?"), error);
  guint at = 0;

  st_query_bind (query, &at, "i", api_id);
  return find (reader, query, FULL, matches_any, NULL, found, error);
}

gboolean
st_read_api_by_uuid (StWriter *reader, const char *uuid, StApiRow **found, GError **error)
{
  const char *const wanted[] = { uuid };
  StQuery *query;
  guint at = 0;

  *found = NULL;
  if (!st_writer_has (reader, ST_CAP_API_ARTIFACT))
    return TRUE;
  query = st_writer_query (reader, select_apis (reader, FULL, " WHERE r.UUID = ?", " WHERE r.UUID = ?"), error);
  st_query_bind (query, &at, "s", uuid);
  return find (reader, query, FULL, matches_uuid, wanted, found, error);
}

gboolean
st_read_api_by_name (StWriter *reader, const char *provider, const char *name, const char *version,
                     StApiRow **found, GError **error)
{
  static const char where[] = " WHERE a.API_PROVIDER = ? AND a.API_NAME = ? AND a.API_VERSION = ?";
  const char *const wanted[] = { provider, name, version };
  StQuery *query = st_writer_query (reader, select_apis (reader, FULL, where, where), error);
  guint at = 0;

  st_query_bind (query, &at, "sss", provider, name, version);
  return find (reader, query, FULL, matches_name, wanted, found, error);
}

gboolean
st_read_api_by_identifier (StWriter *reader, const char *identifier, StApiRow **found, GError **error)
{
  static const char sqlite[]
      = " WHERE REPLACE(a.API_PROVIDER, '@', '-AT-') || '-' || a.API_NAME || '-' || a.API_VERSION = ?";
  static const char mysql[]
      = " WHERE CONCAT(REPLACE(a.API_PROVIDER, '@', '-AT-'), '-', a.API_NAME, '-', a.API_VERSION) = ?";
  const char *const wanted[] = { identifier };
  StQuery *query = st_writer_query (reader, select_apis (reader, FULL, sqlite, mysql), error);
  guint at = 0;

  st_query_bind (query, &at, "s", identifier);
  return find (reader, query, FULL, matches_identifier, wanted, found, error);
}

static gboolean
walk (StWriter *reader, StQuery *query, Depth depth, StApiRowFunc func, gpointer data, GError **error)
{
  g_autoptr (StQuery) owned = query;
  gint64 last = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StApiRow row = { 0 };

      borrow_row (reader, query, depth, &row);
      if (row.id != last && !func (&row, data))
        return TRUE;
      last = row.id;
    }
  return step == ST_END;
}

#define ORDER_OF_LISTS " ORDER BY a.API_NAME, a.API_VERSION, a.API_PROVIDER, a.API_ID"

gboolean
st_read_each_api (StWriter *reader, StApiRowFunc func, gpointer data, GError **error)
{
  const StStatement *select = select_apis (reader, ENTRY, ORDER_OF_LISTS, ORDER_OF_LISTS);

  return walk (reader, st_writer_query (reader, select, error), ENTRY, func, data, error);
}

gboolean
st_read_each_api_glance (StWriter *reader, StApiRowFunc func, gpointer data, GError **error)
{
  const StStatement *select = select_glances (reader, ORDER_OF_LISTS);

  return walk (reader, st_writer_query (reader, select, error), GLANCE, func, data, error);
}

/* One statement for many: fewer at the end are the last id again. */
#define ENTRIES_AT_ONCE 20
#define WHERE_ENTRIES " WHERE a.API_ID IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

typedef struct
{
  const gint64 *ids;
  guint n_ids;
  StApiRow *rows[ENTRIES_AT_ONCE]; /* (nullable): owned, as @ids */
} Entries;

static gboolean
take_entry (const StApiRow *row, gpointer data)
{
  Entries *entries = data;

  for (guint i = 0; i < entries->n_ids; i++)
    if (entries->ids[i] == row->id && entries->rows[i] == NULL)
      entries->rows[i] = st_api_row_copy (row);
  return TRUE;
}

gboolean
st_read_api_entries (StWriter *reader, const gint64 *ids, guint n_ids, GPtrArray *rows, GError **error)
{
  const StStatement *select
      = n_ids > 0 ? select_apis (reader, ENTRY, WHERE_ENTRIES, WHERE_ENTRIES) : NULL;
  gboolean done = TRUE;

  for (guint from = 0; done && from < n_ids; from += ENTRIES_AT_ONCE)
    {
      Entries entries = { ids + from, MIN (n_ids - from, ENTRIES_AT_ONCE), { NULL } };
      StQuery *query = st_writer_query (reader, select, error);
      guint at = 0;

      for (guint i = 0; i < ENTRIES_AT_ONCE; i++)
        st_query_bind (query, &at, "i", entries.ids[MIN (i, entries.n_ids - 1)]);
      done = walk (reader, query, ENTRY, take_entry, &entries, error);
      for (guint i = 0; i < entries.n_ids; i++)
        if (entries.rows[i] != NULL)
          g_ptr_array_add (rows, entries.rows[i]);
    }
  return done;
}

gboolean
st_read_each_version (StWriter *reader, const char *provider, const char *name, StApiRowFunc func,
                      gpointer data, GError **error)
{
  static const char where[] = " WHERE a.API_PROVIDER = ? AND a.API_NAME = ? ORDER BY a.API_ID";
  StQuery *query = st_writer_query (reader, select_apis (reader, ENTRY, where, where), error);
  guint at = 0;

  st_query_bind (query, &at, "ss", provider, name);
  return walk (reader, query, ENTRY, func, data, error);
}

gboolean
st_read_each_api_named (StWriter *reader, const char *name, const char *version, StApiRowFunc func,
                        gpointer data, GError **error)
{
  static const char where[] = " WHERE LOWER(a.API_NAME) = LOWER(?) AND LOWER(a.API_VERSION) = LOWER(?)"
                              " ORDER BY a.API_ID";
  StQuery *query = st_writer_query (reader, select_apis (reader, ENTRY, where, where), error);
  guint at = 0;

  st_query_bind (query, &at, "ss", name, version);
  return walk (reader, query, ENTRY, func, data, error);
}

/* @word in any place; "!" escapes what LIKE gives a meaning. Free with g_free(). */
static char *
like_pattern (const char *word)
{
  GString *pattern = g_string_new ("%");

  for (const char *at = word; *at != '\0'; at++)
    {
      if (strchr ("%_!", *at) != NULL)
        g_string_append_c (pattern, '!');
      g_string_append_c (pattern, *at);
    }
  g_string_append_c (pattern, '%');
  return g_string_free (pattern, FALSE);
}

gboolean
st_read_api_ids (StWriter *reader, StApiSearch what, const char *word, GHashTable **ids, GError **error)
{
  static const StStatement selects[] = {
    { "SELECT DISTINCT API_ID FROM AM_API_URL_MAPPING WHERE LOWER(URL_PATTERN) LIKE LOWER(?) ESCAPE '!'" },
    { "SELECT DISTINCT API_ID FROM APIM_API_DOCUMENT WHERE LOWER(NAME) LIKE LOWER(?) ESCAPE '!'"
      " OR LOWER(SUMMARY) LIKE LOWER(?) ESCAPE '!'" },
  };
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autofree char *pattern = like_pattern (word);
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step = ST_END;

  if (what == ST_API_SEARCH_URL_PATTERN || st_writer_has (reader, ST_CAP_API_ARTIFACT))
    {
      if ((query = st_writer_query (reader, &selects[what], error)) == NULL)
        return FALSE;
      st_query_bind (query, &at, what == ST_API_SEARCH_URL_PATTERN ? "s" : "ss", pattern, pattern);
      while ((step = st_query_step (query, error)) == ST_ROW)
        {
          gint64 id = st_query_int64 (query, 0);

          g_hash_table_add (found, g_memdup2 (&id, sizeof id));
        }
    }
  if (step == ST_FAILED)
    return FALSE;
  *ids = g_steal_pointer (&found);
  return TRUE;
}

static void
resource_free (gpointer data)
{
  StApiResourceRow *row = data;

  g_free (row->url_pattern);
  g_free (row->verb);
  g_free (row->auth_scheme);
  g_free (row->throttling_tier);
  g_free (row->mediation_script);
  g_free (row->scope);
  g_free (row);
}

/* The scope's column that has its key, by generation. */
static const char *
key_column (StWriter *reader)
{
  return st_writer_has (reader, ST_CAP_SCOPE_BINDING) ? "s.NAME" : "s.SCOPE_KEY";
}

/* RESOURCE_PATH to the key of the scope that protects it. */
static GHashTable *
read_protected (StWriter *reader, gint64 api_id, GError **error)
{
  g_autofree char *select
      = g_strconcat ("SELECT r.RESOURCE_PATH, ", key_column (reader),
                     " FROM AM_API_SCOPES a JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = a.SCOPE_ID"
                     " JOIN IDN_OAUTH2_RESOURCE_SCOPE r ON r.SCOPE_ID = s.SCOPE_ID WHERE a.API_ID = ?",
                     NULL);
  g_autoptr (GHashTable) scopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (StQuery) query = st_writer_query (reader, st_statement_intern (select, NULL), error);
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind_int64 (query, 0, api_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_hash_table_insert (scopes, g_strdup (st_query_text (query, 0)), g_strdup (st_query_text (query, 1)));
  return step == ST_END ? g_steal_pointer (&scopes) : NULL;
}

static void
add_resource (StQuery *query, const StApiRow *api, GHashTable *scopes, GPtrArray *resources)
{
  StApiResourceRow *row = g_new0 (StApiResourceRow, 1);
  const StStoredApi stored = { .identity.version = api->version, .context = api->context };
  g_autofree char *path = NULL;

  row->url_pattern = g_strdup (st_query_text (query, 0));
  row->verb = g_strdup (st_query_text (query, 1));
  row->auth_scheme = g_strdup (st_query_text (query, 2));
  row->throttling_tier = g_strdup (st_query_text (query, 3));
  row->mediation_script = g_strdup (st_query_text (query, 4));
  path = st_resource_path (&stored, row->url_pattern, row->verb);
  row->scope = g_strdup (g_hash_table_lookup (scopes, path));
  g_ptr_array_add (resources, row);
}

gboolean
st_read_api_resources (StWriter *reader, const StApiRow *row, GPtrArray **resources, GError **error)
{
  static const StStatement select = {
    "SELECT URL_PATTERN, HTTP_METHOD, AUTH_SCHEME, THROTTLING_TIER, MEDIATION_SCRIPT FROM AM_API_URL_MAPPING"
    " WHERE API_ID = ? ORDER BY URL_MAPPING_ID"
  };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (resource_free);
  g_autoptr (GHashTable) scopes = read_protected (reader, row->id, error);
  g_autoptr (StQuery) query = scopes != NULL ? st_writer_query (reader, &select, error) : NULL;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, row->id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    add_resource (query, row, scopes, found);
  if (step == ST_FAILED)
    return FALSE;
  *resources = g_steal_pointer (&found);
  return TRUE;
}

static void
scope_free (gpointer data)
{
  StApiScopeRow *row = data;

  g_free (row->key);
  g_free (row->name);
  g_free (row->description);
  g_strfreev (row->roles);
  g_free (row);
}

/* Roles are a list in the row before 2.2, and rows of their own since. */
static const StStatement *
select_scopes (StWriter *reader)
{
  static const StStatement with_bindings
      = { "SELECT s.NAME, s.DISPLAY_NAME, s.DESCRIPTION, b.SCOPE_BINDING FROM AM_API_SCOPES a"
          " JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = a.SCOPE_ID"
          " LEFT JOIN IDN_OAUTH2_SCOPE_BINDING b ON b.SCOPE_ID = s.SCOPE_ID"
          " WHERE a.API_ID = ? ORDER BY s.SCOPE_ID, b.SCOPE_BINDING" };
  static const StStatement with_roles
      = { "SELECT s.SCOPE_KEY, s.NAME, s.DESCRIPTION, s.ROLES FROM AM_API_SCOPES a"
          " JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = a.SCOPE_ID WHERE a.API_ID = ? ORDER BY s.SCOPE_ID" };

  return st_writer_has (reader, ST_CAP_SCOPE_BINDING) ? &with_bindings : &with_roles;
}

static void
add_roles (StApiScopeRow *row, const char *roles)
{
  g_auto (GStrv) parts = g_strsplit (roles != NULL ? roles : "", ",", -1);
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; row->roles != NULL && row->roles[i] != NULL; i++)
    g_ptr_array_add (all, row->roles[i]);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_ptr_array_add (all, g_strdup (parts[i]));
  g_ptr_array_add (all, NULL);
  g_free (row->roles);
  row->roles = g_memdup2 (all->pdata, all->len * sizeof (char *));
}

gboolean
st_read_api_scopes (StWriter *reader, gint64 api_id, GPtrArray **scopes, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (scope_free);
  g_autoptr (StQuery) query = st_writer_query (reader, select_scopes (reader), error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StApiScopeRow *row = found->len > 0 ? found->pdata[found->len - 1] : NULL;

      if (row == NULL || g_strcmp0 (row->key, st_query_text (query, 0)) != 0)
        {
          row = g_new0 (StApiScopeRow, 1);
          row->key = g_strdup (st_query_text (query, 0));
          row->name = g_strdup (st_query_text (query, 1));
          row->description = g_strdup (st_query_text (query, 2));
          g_ptr_array_add (found, row);
        }
      add_roles (row, st_query_text (query, 3));
    }
  if (step == ST_FAILED)
    return FALSE;
  *scopes = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_read_scope_owner (StWriter *reader, gint tenant_id, const char *key, const char *provider,
                     const char *name, gint64 *owner_id, GError **error)
{
  g_autofree char *select
      = g_strconcat ("SELECT p.API_ID, p.API_PROVIDER, p.API_NAME, ", key_column (reader),
                     " FROM IDN_OAUTH2_SCOPE s JOIN AM_API_SCOPES a ON a.SCOPE_ID = s.SCOPE_ID"
                     " JOIN AM_API p ON p.API_ID = a.API_ID WHERE s.TENANT_ID = ? AND ",
                     key_column (reader), " = ?", NULL);
  g_autoptr (StQuery) query = st_writer_query (reader, st_statement_intern (select, NULL), error);
  guint at = 0;
  StStep step;

  *owner_id = 0;
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", (gint64)tenant_id, key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (g_strcmp0 (st_query_text (query, 3), key) == 0
        && (g_strcmp0 (st_query_text (query, 1), provider) != 0
            || g_strcmp0 (st_query_text (query, 2), name) != 0))
      *owner_id = st_query_int64 (query, 0);
  return step == ST_END;
}

static void
event_free (gpointer data)
{
  StLifecycleEvent *event = data;

  g_free (event->from);
  g_free (event->to);
  g_free (event->user);
  g_free (event);
}

gboolean
st_read_lifecycle (StWriter *reader, gint64 api_id, GPtrArray **events, GError **error)
{
#define SELECT_EVENTS(ms)                                                                                    \
  "SELECT " ms ("EVENT_DATE") ", PREVIOUS_STATE, NEW_STATE, USER_ID FROM AM_API_LC_EVENT WHERE API_ID = ?"   \
                              " ORDER BY EVENT_ID"
  static const StStatement select = { SELECT_EVENTS (MS_SQLITE), SELECT_EVENTS (MS_MYSQL) };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (event_free);
  g_autoptr (StQuery) query = st_writer_query (reader, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StLifecycleEvent *event = g_new0 (StLifecycleEvent, 1);

      event->time_ms = st_query_int64 (query, 0);
      event->from = g_strdup (st_query_text (query, 1));
      event->to = g_strdup (st_query_text (query, 2));
      event->user = g_strdup (st_query_text (query, 3));
      g_ptr_array_add (found, event);
    }
  if (step == ST_FAILED)
    return FALSE;
  *events = g_steal_pointer (&found);
  return TRUE;
}
