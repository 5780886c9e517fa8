#include "config.h"
#include "store/st-subscription-record.h"

#include "store/st-columns.h"

void
st_subscription_record_free (StSubscriptionRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->uuid);
  g_free (record->tier);
  g_free (record->status);
  g_free (record->created_by);
  g_free (record->application_uuid);
  g_free (record->application_name);
  g_free (record->application_tier);
  g_free (record->subscriber);
  g_free (record->api_name);
  g_free (record->api_version);
  g_free (record->api_provider);
  g_free (record->api_context);
  g_free (record->api_state);
  g_free (record);
}

enum
{
  COLUMN_ID,
  COLUMN_TIER,
  COLUMN_STATUS,
  COLUMN_CREATED_BY,
  COLUMN_APPLICATION_ID,
  COLUMN_APPLICATION_NAME,
  COLUMN_APPLICATION_TIER,
  COLUMN_SUBSCRIBER_ID,
  COLUMN_SUBSCRIBER,
  COLUMN_TENANT_ID,
  COLUMN_API_ID,
  COLUMN_API_NAME,
  COLUMN_API_VERSION,
  COLUMN_API_PROVIDER,
  COLUMN_API_CONTEXT,
  COLUMN_API_STATE,
  COLUMN_CREATED,
  COLUMN_UPDATED,
  COLUMN_UUID,
  COLUMN_APPLICATION_UUID,
};

#define COLUMNS                                                                                              \
  "s.SUBSCRIPTION_ID, s.TIER_ID, s.SUB_STATUS, s.CREATED_BY, a.APPLICATION_ID, a.NAME, a.APPLICATION_TIER,"  \
  " u.SUBSCRIBER_ID, u.USER_ID, u.TENANT_ID, p.API_ID, p.API_NAME, p.API_VERSION, p.API_PROVIDER, "          \
  "p.CONTEXT,"                                                                                               \
  " (SELECT e.NEW_STATE FROM AM_API_LC_EVENT e WHERE e.API_ID = p.API_ID ORDER BY e.EVENT_ID DESC LIMIT "    \
  "1), "
#define COLUMNS_SQLITE COLUMNS "s.CREATED_TIME, s.UPDATED_TIME, "
#define COLUMNS_MYSQL                                                                                        \
  COLUMNS ST_LIST_TIME_MYSQL ("s.CREATED_TIME") ", " ST_LIST_TIME_MYSQL ("s.UPDATED_TIME") ", "

/* 1.10 brought both UUIDs, but a database may have been mended by hand: by the subscription's and the
 * application's. */
static const char *const columns_sqlite[2][2] = {
  { COLUMNS_SQLITE "NULL, NULL", COLUMNS_SQLITE "NULL, a.UUID" },
  { COLUMNS_SQLITE "s.UUID, NULL", COLUMNS_SQLITE "s.UUID, a.UUID" },
};
static const char *const columns_mysql[2][2] = {
  { COLUMNS_MYSQL "NULL, NULL", COLUMNS_MYSQL "NULL, a.UUID" },
  { COLUMNS_MYSQL "s.UUID, NULL", COLUMNS_MYSQL "s.UUID, a.UUID" },
};

#define FROM                                                                                                 \
  "AM_SUBSCRIPTION s JOIN AM_APPLICATION a ON a.APPLICATION_ID = s.APPLICATION_ID"                           \
  " JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID JOIN AM_API p ON p.API_ID = s.API_ID"          \
  " WHERE (s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE')"

static StList
make_list (StWriter *writer, const char *from)
{
  gboolean uuid = st_writer_has (writer, ST_CAP_SUBSCRIPTION_UUID);
  gboolean application_uuid = st_writer_has (writer, ST_CAP_APPLICATION_UUID);

  return (StList){ columns_sqlite[uuid][application_uuid], columns_mysql[uuid][application_uuid], from,
                   "s.SUBSCRIPTION_ID" };
}

static char *
dup_column (StQuery *query, guint column)
{
  return g_strdup (st_query_text (query, column));
}

static gpointer
read_record (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  StSubscriptionRecord *record = g_new0 (StSubscriptionRecord, 1);

  record->id = st_query_int64 (query, COLUMN_ID);
  record->uuid = dup_column (query, COLUMN_UUID);
  record->tier = dup_column (query, COLUMN_TIER);
  record->status = dup_column (query, COLUMN_STATUS);
  record->created_by = dup_column (query, COLUMN_CREATED_BY);
  record->created_ms = st_query_int64 (query, COLUMN_CREATED);
  record->updated_ms = st_query_int64 (query, COLUMN_UPDATED);
  record->application_id = st_query_int64 (query, COLUMN_APPLICATION_ID);
  record->application_uuid = dup_column (query, COLUMN_APPLICATION_UUID);
  record->application_name = dup_column (query, COLUMN_APPLICATION_NAME);
  record->application_tier = dup_column (query, COLUMN_APPLICATION_TIER);
  record->subscriber_id = st_query_int64 (query, COLUMN_SUBSCRIBER_ID);
  record->subscriber = dup_column (query, COLUMN_SUBSCRIBER);
  record->tenant_id = (gint)st_query_int64 (query, COLUMN_TENANT_ID);
  record->api_id = st_query_int64 (query, COLUMN_API_ID);
  record->api_name = dup_column (query, COLUMN_API_NAME);
  record->api_version = dup_column (query, COLUMN_API_VERSION);
  record->api_provider = dup_column (query, COLUMN_API_PROVIDER);
  record->api_context = dup_column (query, COLUMN_API_CONTEXT);
  record->api_state = dup_column (query, COLUMN_API_STATE);
  return record;
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)st_subscription_record_free);
}

static void
take_first (GPtrArray *records, StSubscriptionRecord **found)
{
  *found = records->len > 0 ? g_ptr_array_steal_index (records, 0) : NULL;
}

gboolean
st_subscription_record_find (StWriter *writer, gint64 id, StSubscriptionRecord **found, GError **error)
{
  const StList list = make_list (writer, FROM " AND s.SUBSCRIPTION_ID = ?");
  g_autoptr (GPtrArray) records = new_records ();

  *found = NULL;
  if (!st_list_read (writer, &list, NULL, read_record, NULL, records, NULL, error, "i", id))
    return FALSE;
  take_first (records, found);
  return TRUE;
}

gboolean
st_subscription_record_find_by_uuid (StWriter *writer, const char *uuid, StSubscriptionRecord **found,
                                     GError **error)
{
  const StList list = make_list (writer, FROM " AND s.UUID = ?");
  g_autoptr (GPtrArray) records = new_records ();

  *found = NULL;
  if (!st_writer_has (writer, ST_CAP_SUBSCRIPTION_UUID))
    return TRUE;
  if (!st_list_read (writer, &list, NULL, read_record, NULL, records, NULL, error, "s", uuid))
    return FALSE;
  take_first (records, found);
  return TRUE;
}

gboolean
st_subscription_record_list (StWriter *writer, const StSubscriptionFilter *filter, const StPage *page,
                             GPtrArray **records, gint64 *total, GError **error)
{
  const struct
  {
    const char *condition;
    gint64 value;
  } conditions[] = {
    { " AND s.API_ID = ?", filter->api_id },
    { " AND s.APPLICATION_ID = ?", filter->application_id },
    { " AND a.SUBSCRIBER_ID = ?", filter->subscriber_id },
  };
  g_autoptr (GPtrArray) rows = new_records ();
  g_autoptr (GString) from = g_string_new (FROM);
  g_autoptr (GString) types = g_string_new (NULL);
  gint64 values[G_N_ELEMENTS (conditions)] = { 0 };
  StList list;
  gboolean done;

  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (conditions[i].value != 0)
      {
        g_string_append (from, conditions[i].condition);
        values[types->len] = conditions[i].value;
        g_string_append_c (types, 'i');
      }
  g_return_val_if_fail (types->len > 0, FALSE);
  list = make_list (writer, from->str);
  done = st_list_read (writer, &list, page, read_record, NULL, rows, total, error, types->str, values[0],
                       values[1], values[2]);
  *records = done ? g_steal_pointer (&rows) : NULL;
  return done;
}
