#include "config.h"
#include "store/st-purge.h"

#include "store/st-token-tables.h"
#include "store/st-writer.h"

#include <string.h>

/* Rows of the primary key that one query goes over. */
#define WINDOW "2000"
/* Rows that one statement names; with the times below they fit into ST_MAX_VALUES. */
#define AT_ONCE 20
#define NAMED "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define MAX_TIMES 3
#define DAY_MS G_GINT64_CONSTANT (86400000)
#define TIMEOUT_MS 10000

#define TOKENS ST_TOKEN_TABLE
#define CODES "IDN_OAUTH2_AUTHORIZATION_CODE"
#define AUDIT "IDN_OAUTH2_ACCESS_TOKEN_AUDIT"

static const char *const audited_columns[] = {
  "TOKEN_ID",         "ACCESS_TOKEN",       "REFRESH_TOKEN",   "CONSUMER_KEY_ID",
  "AUTHZ_USER",       "TENANT_ID",          "USER_DOMAIN",     "USER_TYPE",
  "GRANT_TYPE",       "TIME_CREATED",       "VALIDITY_PERIOD", "REFRESH_TOKEN_TIME_CREATED",
  "TOKEN_SCOPE_HASH", "TOKEN_STATE",        "TOKEN_STATE_ID",  "REFRESH_TOKEN_VALIDITY_PERIOD",
  "ACCESS_TOKEN_HASH", "REFRESH_TOKEN_HASH", "SUBJECT_IDENTIFIER",
};

/* One table that is purged, with its statements; a NULL text: not on this database. */
typedef struct
{
  gboolean codes;
  guint n_times;         /* how often the conditions ask for the time */
  StStatement next_bound; /* the key that ends the window */
  StStatement find;       /* the dead rows of a window */
  StStatement find_last;  /* ... of the last one */
  StStatement confirm;    /* those of the named rows that are dead still, locked */
  StStatement audit, scopes, remove;
} Area;

typedef struct
{
  StDatabase *database;
  gboolean mysql;
  const StPurgeOptions *options;
  gint64 cutoff_ms;
  StPurgeProgress progress;
  gpointer data;
  StPurgeResult *result;
  GPtrArray *areas;
  gboolean locked_out; /* another purge is at work */
} Purge;

/* One transaction. */
typedef struct
{
  Purge *purge;
  const Area *area;
  const char *const *keys;
  guint n_keys;
  guint64 removed, audited;
} Batch;

static void
area_free (Area *area)
{
  const StStatement *const statements[] = { &area->next_bound, &area->find,  &area->find_last, &area->confirm,
                                            &area->audit,      &area->scopes, &area->remove };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    g_free ((char *) statements[i]->sqlite);
  g_free (area);
}

/* The database goes first: its connections know statements by their address. */
static void
purge_clear (Purge *purge)
{
  g_clear_pointer (&purge->database, st_database_free);
  g_clear_pointer (&purge->areas, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Purge, purge_clear)

/* Milliseconds since 1970. */
static char *
time_of (const Purge *purge, const char *column)
{
  if (!purge->mysql)
    return g_strdup (column);
  return g_strdup_printf ("CAST(UNIX_TIMESTAMP(%s) * 1000 AS SIGNED)", column);
}

/* No refresh token, or one that is of no use any more. */
static char *
refresh_condition (const Purge *purge, const StTables *columns, const char *table, const char *created)
{
  g_autofree char *refreshed = time_of (purge, "REFRESH_TOKEN_TIME_CREATED");

  if (!st_tables_have (columns, table, "REFRESH_TOKEN_VALIDITY_PERIOD"))
    return g_strdup ("REFRESH_TOKEN IS NULL");
  return g_strdup_printf (
      "(REFRESH_TOKEN IS NULL OR (REFRESH_TOKEN_VALIDITY_PERIOD >= 0 AND REFRESH_TOKEN_VALIDITY_PERIOD"
      " < ? - CASE WHEN %s > 0 THEN %s ELSE %s END))",
      refreshed, refreshed, created);
}

/* Differences instead of sums: a validity of 9223372036854775807 (never expires) must not overflow. */
static char *
token_condition (const Purge *purge, const StTables *columns, const char *table, guint *n_times)
{
  g_autofree char *created = time_of (purge, "TIME_CREATED");
  g_autofree char *refresh = refresh_condition (purge, columns, table, created);

  *n_times = strchr (refresh, '?') != NULL ? 3 : 2;
  return g_strdup_printf ("%s < ? AND (TOKEN_STATE IN ('REVOKED', 'INACTIVE') OR (%s AND (TOKEN_STATE = 'EXPIRED' OR"
                          " (TOKEN_STATE = 'ACTIVE' AND VALIDITY_PERIOD >= 0 AND VALIDITY_PERIOD < ? - %s))))",
                          created, refresh, created);
}

static char *
code_condition (const Purge *purge, const StTables *columns, guint *n_times)
{
  g_autofree char *created = time_of (purge, "TIME_CREATED");

  *n_times = 2;
  return g_strdup_printf ("%s < ? AND (%s(VALIDITY_PERIOD >= 0 AND VALIDITY_PERIOD < ? - %s))", created,
                          st_tables_have (columns, CODES, "STATE") ? "STATE <> 'ACTIVE' OR " : "", created);
}

static void
set_statements (const Purge *purge, Area *area, const char *table, const char *key, const char *dead)
{
  area->next_bound.sqlite
      = g_strdup_printf ("SELECT %s FROM %s WHERE %s > ? ORDER BY %s LIMIT 1 OFFSET " WINDOW, key, table, key, key);
  area->find.sqlite = g_strdup_printf ("SELECT %s FROM %s WHERE %s > ? AND %s <= ? AND %s ORDER BY %s", key, table, key,
                                       key, dead, key);
  area->find_last.sqlite
      = g_strdup_printf ("SELECT %s FROM %s WHERE %s > ? AND %s ORDER BY %s", key, table, key, dead, key);
  area->confirm.sqlite = g_strdup_printf ("SELECT %s FROM %s WHERE %s IN " NAMED " AND %s%s", key, table, key, dead,
                                          purge->mysql ? " FOR UPDATE" : "");
  area->remove.sqlite = g_strdup_printf ("DELETE FROM %s WHERE %s IN " NAMED, table, key);
}

/* What both tables have is copied. */
static char *
audit_statement (const Purge *purge, const StTables *columns, const char *table)
{
  g_autoptr (GString) names = g_string_new (NULL);

  if (!st_tables_have (columns, AUDIT, "INVALIDATED_TIME") || !st_tables_have (columns, table, "TOKEN_ID"))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (audited_columns); i++)
    if (st_tables_have (columns, AUDIT, audited_columns[i]) && st_tables_have (columns, table, audited_columns[i]))
      g_string_append_printf (names, "%s, ", audited_columns[i]);
  return g_strdup_printf (
      "INSERT INTO " AUDIT " (%sINVALIDATED_TIME) SELECT %s%s FROM %s WHERE TOKEN_ID IN " NAMED, names->str, names->str,
      purge->mysql ? "CURRENT_TIMESTAMP" : "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", table);
}

/* @suffix: of a partition, or "". */
static void
add_token_area (Purge *purge, const StTables *columns, const char *suffix)
{
  g_autofree char *table = g_strconcat (TOKENS, suffix, NULL);
  g_autofree char *upper = g_ascii_strup (table, -1);
  g_autofree char *scopes = g_strconcat (TOKENS "_SCOPE", suffix, NULL);
  g_autofree char *upper_scopes = g_ascii_strup (scopes, -1);
  const char *key = st_tables_have (columns, upper, "TOKEN_ID") ? "TOKEN_ID" : "ACCESS_TOKEN";
  Area *area = g_new0 (Area, 1);
  g_autofree char *dead = token_condition (purge, columns, upper, &area->n_times);

  set_statements (purge, area, table, key, dead);
  area->audit.sqlite = audit_statement (purge, columns, upper);
  if (st_tables_have (columns, upper_scopes, "TOKEN_ID"))
    area->scopes.sqlite = g_strdup_printf ("DELETE FROM %s WHERE TOKEN_ID IN " NAMED, scopes);
  g_ptr_array_add (purge->areas, area);
}

static void
add_code_area (Purge *purge, const StTables *columns)
{
  const char *key = st_tables_have (columns, CODES, "CODE_ID") ? "CODE_ID" : "AUTHORIZATION_CODE";
  Area *area = g_new0 (Area, 1);
  g_autofree char *dead = code_condition (purge, columns, &area->n_times);

  area->codes = TRUE;
  set_statements (purge, area, CODES, key, dead);
  g_ptr_array_add (purge->areas, area);
}

/* A table that only looks like a partition, such as a copy that somebody made, is left alone. */
static gboolean
is_token_table (const StTables *columns, const char *suffix)
{
  static const char *const needed[]
      = { "ACCESS_TOKEN", "REFRESH_TOKEN", "TIME_CREATED", "VALIDITY_PERIOD", "TOKEN_STATE" };
  g_autofree char *table = g_strconcat (TOKENS, suffix, NULL);
  g_autofree char *upper = g_ascii_strup (table, -1);

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!st_tables_have (columns, upper, needed[i]))
      return FALSE;
  return TRUE;
}

static gboolean
find_areas (Purge *purge, GError **error)
{
  g_autoptr (StTables) columns = st_tables_read (purge->database, 0, error);
  g_autoptr (GPtrArray) partitions = NULL;

  if (columns == NULL)
    return FALSE;
  purge->areas = g_ptr_array_new_with_free_func ((GDestroyNotify) area_free);
  if (is_token_table (columns, ""))
    add_token_area (purge, columns, "");
  partitions = st_token_partitions (columns);
  for (guint i = 0; i < partitions->len; i++)
    if (is_token_table (columns, partitions->pdata[i]))
      add_token_area (purge, columns, partitions->pdata[i]);
  if (st_tables_have (columns, CODES, "VALIDITY_PERIOD"))
    add_code_area (purge, columns);
  return TRUE;
}

static void
bind_times (const Purge *purge, const Area *area, StQuery *query, guint first)
{
  for (guint i = 0; i < area->n_times; i++)
    st_query_bind_int64 (query, first + i, purge->cutoff_ms);
}

static void
bind_keys (StQuery *query, const char *const *keys, guint n_keys)
{
  for (guint i = 0; i < n_keys; i++)
    st_query_bind_text (query, i, keys[i]);
}

/* Of a session: it has the lock already unless its connection is a new one. */
static gboolean
take_lock (StWriter *writer, Purge *purge, GError **error)
{
  static const StStatement get_lock = { "SELECT 1", "SELECT GET_LOCK(CONCAT('apim-purge-', MD5(DATABASE())), 0)" };
  g_autoptr (StQuery) query = st_writer_query (writer, &get_lock, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  if (st_query_int64 (query, 0) == 1)
    return TRUE;
  purge->locked_out = TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "another purge of this database is at work");
  return FALSE;
}

/* Somebody may have used a token since it was found. (element-type utf8) */
static GPtrArray *
confirm (Batch *batch, StWriter *writer, const char *const *keys, guint n_keys, GError **error)
{
  g_autoptr (GPtrArray) dead = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StQuery) query = st_writer_query (writer, &batch->area->confirm, error);
  StStep step;

  if (query == NULL)
    return NULL;
  bind_keys (query, keys, n_keys);
  bind_times (batch->purge, batch->area, query, AT_ONCE);
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_ptr_array_add (dead, g_strdup (st_query_text (query, 0)));
  return step == ST_END ? g_steal_pointer (&dead) : NULL;
}

static gboolean
run_with_keys (StWriter *writer, const StStatement *statement, const GPtrArray *keys, GError **error)
{
  StQuery *query = st_writer_query (writer, statement, error);

  if (query == NULL)
    return FALSE;
  bind_keys (query, (const char *const *) keys->pdata, keys->len);
  return st_writer_run (query, error);
}

static gboolean
remove_some (Batch *batch, StWriter *writer, const char *const *keys, guint n_keys, GError **error)
{
  const Area *area = batch->area;
  g_autoptr (GPtrArray) dead = confirm (batch, writer, keys, n_keys, error);

  if (dead == NULL)
    return FALSE;
  if (dead->len == 0)
    return TRUE;
  if ((area->audit.sqlite != NULL && !run_with_keys (writer, &area->audit, dead, error))
      || (area->scopes.sqlite != NULL && !run_with_keys (writer, &area->scopes, dead, error))
      || !run_with_keys (writer, &area->remove, dead, error))
    return FALSE;
  batch->removed += dead->len;
  batch->audited += area->audit.sqlite != NULL ? dead->len : 0;
  return TRUE;
}

/* The times of old rows may be zero dates, which a strict mode would not copy. */
static gboolean
work_on_batch (StWriter *writer, gpointer data, GError **error)
{
  Batch *batch = data;

  batch->removed = batch->audited = 0;
  if (!take_lock (writer, batch->purge, error)
      || (batch->purge->mysql && !st_transaction_script (writer->transaction, "SET SESSION sql_mode = '';\n", error)))
    return FALSE;
  for (guint i = 0; i < batch->n_keys; i += AT_ONCE)
    if (!remove_some (batch, writer, batch->keys + i, MIN (AT_ONCE, batch->n_keys - i), error))
      return FALSE;
  return TRUE;
}

/* Pauses, and asks whether to go on. */
static gboolean
go_on (Purge *purge)
{
  if (purge->progress != NULL && !purge->progress (purge->result, purge->data))
    return FALSE;
  if (purge->options->pause_ms > 0)
    g_usleep ((gulong) purge->options->pause_ms * 1000);
  return TRUE;
}

static gboolean
remove_batch (Purge *purge, const Area *area, const char *const *keys, guint n_keys, GError **error)
{
  Batch batch = { .purge = purge, .area = area, .keys = keys, .n_keys = n_keys };

  if (!st_write (purge->database, work_on_batch, &batch, 0, error))
    return FALSE;
  *(area->codes ? &purge->result->codes : &purge->result->tokens) += batch.removed;
  purge->result->audited += batch.audited;
  return TRUE;
}

static gboolean
is_referred_to (const Purge *purge, const GError *error)
{
  return g_error_matches (error, ST_ERROR, ST_ERROR_CONFLICT) && !purge->locked_out;
}

/* Tables of other products may refer to a row: without it the others go. */
static gboolean
remove_one_by_one (Purge *purge, const Area *area, const char *const *keys, guint n_keys, GError **error)
{
  for (guint i = 0; i < n_keys; i++)
    {
      g_autoptr (GError) why = NULL;

      if (remove_batch (purge, area, &keys[i], 1, &why))
        continue;
      if (!is_referred_to (purge, why))
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      purge->result->kept++;
    }
  return TRUE;
}

/* Of the window (@from, @to]; @to: nullable: to the end. (element-type utf8) */
static GPtrArray *
find_dead (Purge *purge, const Area *area, const char *from, const char *to, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StQuery) query
      = st_database_query (purge->database, to != NULL ? &area->find : &area->find_last, 0, error);
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind_text (query, 0, from);
  if (to != NULL)
    st_query_bind_text (query, 1, to);
  bind_times (purge, area, query, to != NULL ? 2 : 1);
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_ptr_array_add (keys, g_strdup (st_query_text (query, 0)));
  return step == ST_END ? g_steal_pointer (&keys) : NULL;
}

/* *stop: it was told to. */
static gboolean
purge_keys (Purge *purge, const Area *area, const GPtrArray *dead, gboolean *stop, GError **error)
{
  const char *const *keys = (const char *const *) dead->pdata;

  if (purge->options->dry_run)
    {
      *(area->codes ? &purge->result->codes : &purge->result->tokens) += dead->len;
      return TRUE;
    }
  for (guint i = 0; i < dead->len && !*stop; i += purge->options->batch)
    {
      guint n = MIN (purge->options->batch, dead->len - i);
      g_autoptr (GError) why = NULL;

      if (!remove_batch (purge, area, keys + i, n, &why))
        {
          if (!is_referred_to (purge, why))
            {
              g_propagate_error (error, g_steal_pointer (&why));
              return FALSE;
            }
          if (!remove_one_by_one (purge, area, keys + i, n, error))
            return FALSE;
        }
      *stop = !go_on (purge);
    }
  return TRUE;
}

/* *to: the key that ends the window behind @from; NULL: there is no full one any more. */
static gboolean
find_bound (Purge *purge, const Area *area, const char *from, char **to, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (purge->database, &area->next_bound, 0, error);
  StStep step;

  *to = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, from);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    *to = g_strdup (st_query_text (query, 0));
  return step != ST_FAILED;
}

static gboolean
purge_area (Purge *purge, const Area *area, gboolean *stop, GError **error)
{
  g_autofree char *from = g_strdup ("");

  while (from != NULL && !*stop)
    {
      g_autofree char *to = NULL;
      g_autoptr (GPtrArray) dead = NULL;

      if (!find_bound (purge, area, from, &to, error))
        return FALSE;
      dead = find_dead (purge, area, from, to, error);
      if (dead == NULL || !purge_keys (purge, area, dead, stop, error))
        return FALSE;
      if (!*stop)
        *stop = !go_on (purge);
      g_free (from);
      from = g_steal_pointer (&to);
    }
  return TRUE;
}

/* Before anything is read: whether somebody else is at it, and whether this database may be written at all. */
static gboolean
do_nothing (StWriter *writer, gpointer data, GError **error)
{
  return take_lock (writer, data, error);
}

gboolean
st_purge (const ApimDataSource *source, const StPurgeOptions *options, gint64 now_ms, StPurgeProgress progress,
          gpointer data, StPurgeResult *result, GError **error)
{
  /* A batch takes some 5 statements for 20 rows. */
  const ApimLimits limits = { .database_timeout_ms = TIMEOUT_MS + options->batch * 5 };
  ApimDataSource own = *source;
  g_auto (Purge) purge = { .options = options, .progress = progress, .data = data, .result = result };
  gboolean stop = FALSE;

  g_return_val_if_fail (options->older_than_days > 0 && options->batch > 0, FALSE);
  memset (result, 0, sizeof *result);
  own.max_active = 1; /* one session, which holds the lock */
  purge.mysql = source->kind == APIM_DATABASE_MYSQL;
  purge.cutoff_ms = now_ms - options->older_than_days * DAY_MS;
  purge.database = st_database_open (&own, &limits, error);
  if (purge.database == NULL || (!options->dry_run && !st_write (purge.database, do_nothing, &purge, 0, error))
      || !find_areas (&purge, error))
    return FALSE;
  for (guint i = 0; i < purge.areas->len && !stop; i++)
    if (!purge_area (&purge, purge.areas->pdata[i], &stop, error))
      return FALSE;
  result->finished = !stop;
  return TRUE;
}
