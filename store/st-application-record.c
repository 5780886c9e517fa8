#include "config.h"
#include "store/st-application-record.h"

#include "store/st-columns.h"
#include "store/st-oauth-user.h"

#include <string.h>

void
st_application_record_free (StApplicationRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->uuid);
  g_free (record->name);
  g_free (record->tier);
  g_free (record->callback_url);
  g_free (record->description);
  g_free (record->status);
  g_free (record->group_id);
  g_free (record->token_type);
  g_free (record->created_by);
  g_free (record->subscriber);
  g_strfreev (record->groups);
  g_strfreev (record->attributes);
  g_free (record);
}

StApplicationRecord *
st_application_record_copy (const StApplicationRecord *record)
{
  StApplicationRecord *copy = g_memdup2 (record, sizeof *record);

  copy->uuid = g_strdup (record->uuid);
  copy->name = g_strdup (record->name);
  copy->tier = g_strdup (record->tier);
  copy->callback_url = g_strdup (record->callback_url);
  copy->description = g_strdup (record->description);
  copy->status = g_strdup (record->status);
  copy->group_id = g_strdup (record->group_id);
  copy->token_type = g_strdup (record->token_type);
  copy->created_by = g_strdup (record->created_by);
  copy->subscriber = g_strdup (record->subscriber);
  copy->groups = g_strdupv (record->groups);
  copy->attributes = g_strdupv (record->attributes);
  return copy;
}

enum
{
  COLUMN_ID,
  COLUMN_NAME,
  COLUMN_TIER,
  COLUMN_CALLBACK_URL,
  COLUMN_DESCRIPTION,
  COLUMN_STATUS,
  COLUMN_GROUP_ID,
  COLUMN_CREATED_BY,
  COLUMN_SUBSCRIBER_ID,
  COLUMN_SUBSCRIBER,
  COLUMN_TENANT_ID,
  COLUMN_N_SUBSCRIPTIONS,
  COLUMN_CREATED,
  COLUMN_UPDATED,
  COLUMN_UUID,
  COLUMN_TOKEN_TYPE,
};

#define COLUMNS                                                                                              \
  "a.APPLICATION_ID, a.NAME, a.APPLICATION_TIER, a.CALLBACK_URL, a.DESCRIPTION, a.APPLICATION_STATUS, "      \
  "a.GROUP_ID,"                                                                                              \
  " a.CREATED_BY, u.SUBSCRIBER_ID, u.USER_ID, u.TENANT_ID, (SELECT COUNT(*) FROM AM_SUBSCRIPTION s"          \
  " WHERE s.APPLICATION_ID = a.APPLICATION_ID"                                                               \
  " AND (s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE')), "
#define COLUMNS_SQLITE COLUMNS "a.CREATED_TIME, a.UPDATED_TIME, "
#define COLUMNS_MYSQL                                                                                        \
  COLUMNS ST_LIST_TIME_MYSQL ("a.CREATED_TIME") ", " ST_LIST_TIME_MYSQL ("a.UPDATED_TIME") ", "

/* By whether there is a UUID, and a token type. */
static const char *const columns_sqlite[2][2] = {
  { COLUMNS_SQLITE "NULL, NULL", COLUMNS_SQLITE "NULL, a.TOKEN_TYPE" },
  { COLUMNS_SQLITE "a.UUID, NULL", COLUMNS_SQLITE "a.UUID, a.TOKEN_TYPE" },
};
static const char *const columns_mysql[2][2] = {
  { COLUMNS_MYSQL "NULL, NULL", COLUMNS_MYSQL "NULL, a.TOKEN_TYPE" },
  { COLUMNS_MYSQL "a.UUID, NULL", COLUMNS_MYSQL "a.UUID, a.TOKEN_TYPE" },
};

static StList
make_list (StWriter *writer, const char *from)
{
  gboolean uuid = st_writer_has (writer, ST_CAP_APPLICATION_UUID);
  gboolean token_type = st_writer_has (writer, ST_CAP_APP_TOKEN_TYPE);

  return (StList){ columns_sqlite[uuid][token_type], columns_mysql[uuid][token_type], from,
                   "a.NAME, a.APPLICATION_ID" };
}

#define FROM "AM_APPLICATION a JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID WHERE "

static char *
dup_column (StQuery *query, guint column)
{
  return g_strdup (st_query_text (query, column));
}

static gpointer
read_record (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  StApplicationRecord *record = g_new0 (StApplicationRecord, 1);

  record->id = st_query_int64 (query, COLUMN_ID);
  record->name = dup_column (query, COLUMN_NAME);
  record->tier = dup_column (query, COLUMN_TIER);
  record->callback_url = dup_column (query, COLUMN_CALLBACK_URL);
  record->description = dup_column (query, COLUMN_DESCRIPTION);
  record->status = dup_column (query, COLUMN_STATUS);
  record->group_id = dup_column (query, COLUMN_GROUP_ID);
  record->created_by = dup_column (query, COLUMN_CREATED_BY);
  record->subscriber_id = st_query_int64 (query, COLUMN_SUBSCRIBER_ID);
  record->subscriber = dup_column (query, COLUMN_SUBSCRIBER);
  record->tenant_id = (gint)st_query_int64 (query, COLUMN_TENANT_ID);
  record->n_subscriptions = st_query_int64 (query, COLUMN_N_SUBSCRIPTIONS);
  record->created_ms = st_query_int64 (query, COLUMN_CREATED);
  record->updated_ms = st_query_int64 (query, COLUMN_UPDATED);
  record->uuid = dup_column (query, COLUMN_UUID);
  /* Writers of 2.5 and later can store the text "null" (spec/databases.md 10). */
  if (g_strcmp0 (st_query_text (query, COLUMN_TOKEN_TYPE), "null") != 0)
    record->token_type = dup_column (query, COLUMN_TOKEN_TYPE);
  return record;
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)st_application_record_free);
}

/* The texts of a statement with one parameter, columns after each other. */
static gboolean
read_texts (StWriter *writer, const StStatement *statement, guint n_columns, gint64 id, char ***texts,
            GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, statement, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    for (guint i = 0; i < n_columns; i++)
      {
        const char *text = st_query_text (query, i);

        g_strv_builder_add (builder, text != NULL ? text : "");
      }
  *texts = step == ST_END ? g_strv_builder_end (builder) : NULL;
  return step == ST_END;
}

static gboolean
read_groups_and_attributes (StWriter *writer, StApplicationRecord *record, GError **error)
{
  static const StStatement groups
      = { "SELECT GROUP_ID FROM AM_APPLICATION_GROUP_MAPPING WHERE APPLICATION_ID = ? ORDER BY GROUP_ID" };
  static const StStatement attributes
      = { "SELECT NAME, VALUE FROM AM_APPLICATION_ATTRIBUTES WHERE APPLICATION_ID = ? ORDER BY NAME" };

  if (!st_writer_has (writer, ST_CAP_GROUP_MAPPING))
    record->groups = g_new0 (char *, 1);
  else if (!read_texts (writer, &groups, 1, record->id, &record->groups, error))
    return FALSE;
  if (!st_writer_has (writer, ST_CAP_APP_ATTRIBUTES))
    record->attributes = g_new0 (char *, 1);
  else if (!read_texts (writer, &attributes, 2, record->id, &record->attributes, error))
    return FALSE;
  return TRUE;
}

/* The first of @records, complete; NULL of none. */
static gboolean
take_first (StWriter *writer, GPtrArray *records, StApplicationRecord **found, GError **error)
{
  g_autoptr (StApplicationRecord) record = records->len > 0 ? g_ptr_array_steal_index (records, 0) : NULL;

  if (record != NULL && !read_groups_and_attributes (writer, record, error))
    return FALSE;
  *found = g_steal_pointer (&record);
  return TRUE;
}

gboolean
st_application_record_find (StWriter *writer, gint64 id, StApplicationRecord **found, GError **error)
{
  const StList list = make_list (writer, FROM "a.APPLICATION_ID = ?");
  g_autoptr (GPtrArray) records = new_records ();

  *found = NULL;
  return st_list_read (writer, &list, NULL, read_record, NULL, records, NULL, error, "i", id)
         && take_first (writer, records, found, error);
}

gboolean
st_application_record_find_by_uuid (StWriter *writer, const char *uuid, StApplicationRecord **found,
                                    GError **error)
{
  const StList list = make_list (writer, FROM "a.UUID = ?");
  g_autoptr (GPtrArray) records = new_records ();

  *found = NULL;
  if (!st_writer_has (writer, ST_CAP_APPLICATION_UUID))
    return TRUE;
  return st_list_read (writer, &list, NULL, read_record, NULL, records, NULL, error, "s", uuid)
         && take_first (writer, records, found, error);
}

gboolean
st_application_record_find_named (StWriter *writer, gint64 subscriber_id, const char *name,
                                  StApplicationRecord **found, GError **error)
{
  const StList list = make_list (writer, FROM "a.SUBSCRIBER_ID = ? AND a.NAME = ?");
  g_autoptr (GPtrArray) records = new_records ();

  *found = NULL;
  if (!st_list_read (writer, &list, NULL, read_record, NULL, records, NULL, error, "is", subscriber_id, name))
    return FALSE;
  /* Collations fold case: only the same bytes are the same name. */
  for (guint i = records->len; i > 0; i--)
    if (g_strcmp0 (((StApplicationRecord *)g_ptr_array_index (records, i - 1))->name, name) != 0)
      g_ptr_array_remove_index (records, i - 1);
  return take_first (writer, records, found, error);
}

gboolean
st_application_record_list (StWriter *writer, const StApplicationFilter *filter, const StPage *page,
                            GPtrArray **records, gint64 *total, GError **error)
{
  const gboolean of_one = filter->subscriber_id != 0;
  const StList list = make_list (
      writer, of_one ? FROM "u.TENANT_ID = ? AND a.SUBSCRIBER_ID = ? AND a.NAME LIKE ? ESCAPE '!'"
                     : FROM "u.TENANT_ID = ? AND a.NAME LIKE ? ESCAPE '!'");
  g_autoptr (GPtrArray) rows = new_records ();
  g_autofree char *pattern = st_list_pattern (filter->name != NULL ? filter->name : "");
  gboolean done = of_one ? st_list_read (writer, &list, page, read_record, NULL, rows, total, error, "iis",
                                         (gint64)filter->tenant_id, filter->subscriber_id, pattern)
                         : st_list_read (writer, &list, page, read_record, NULL, rows, total, error, "is",
                                         (gint64)filter->tenant_id, pattern);

  *records = done ? g_steal_pointer (&rows) : NULL;
  return done;
}

/* Names that differ only in case may be one user's, as his store has it; a collation that folds more than that finds
 * somebody else. */
static gboolean
check_subscriber (const char *stored, const char *user, GError **error)
{
  if (st_oauth_user_has_name (&(StOauthUser){ .name = (char *)user }, stored, TRUE))
    return TRUE;
  g_set_error_literal (
      error, ST_ERROR, ST_ERROR_DATA,
      "the database takes the subscriber for another one, whose name differs only in what its collation ignores");
  return FALSE;
}

static gboolean
find_subscriber (StWriter *writer, const StStatement *select, gint tenant_id, const char *user,
                 gint64 *subscriber_id, GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, select, error);
  guint at = 0;
  StStep step;

  *subscriber_id = 0;
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", (gint64)tenant_id, user);
  step = st_query_step (query, error);
  if (step != ST_ROW)
    return step == ST_END;
  *subscriber_id = st_query_int64 (query, 0);
  return check_subscriber (st_query_text (query, 1), user, error);
}

#define SUBSCRIBER "SELECT SUBSCRIBER_ID, USER_ID FROM AM_SUBSCRIBER WHERE TENANT_ID = ? AND USER_ID = ?"

gboolean
st_subscriber_find (StWriter *writer, gint tenant_id, const char *user, gint64 *subscriber_id, GError **error)
{
  static const StStatement select = { SUBSCRIBER };

  return find_subscriber (writer, &select, tenant_id, user, subscriber_id, error);
}

gboolean
st_subscriber_lock (StWriter *writer, gint tenant_id, const char *user, gint64 *subscriber_id, GError **error)
{
  static const StStatement select = ST_LOCKING (SUBSCRIBER);

  return find_subscriber (writer, &select, tenant_id, user, subscriber_id, error);
}
