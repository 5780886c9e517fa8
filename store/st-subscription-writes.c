#include "config.h"
#include "store/st-subscription-writes.h"

#include "common/apim-secret.h"
#include "store/st-application-writes.h"
#include "store/st-columns.h"

typedef struct
{
  gint64 id;
  char *status;          /* (nullable) */
  gboolean unsubscribed; /* SUBS_CREATE_STATE is UN_SUBSCRIBE; anything else counts as SUBSCRIBE */
} Row;

static void
row_clear (gpointer data)
{
  g_free (((Row *) data)->status);
}

static gboolean
is_blocked (const char *status)
{
  return g_strcmp0 (status, "BLOCKED") == 0 || g_strcmp0 (status, "PROD_ONLY_BLOCKED") == 0;
}

static const char *
status_text (const char *status)
{
  return status != NULL ? status : "without a status";
}

/* All rows of the pair, locked; people's databases have more than one now and then. */
static GArray *
lock_rows (StWriter *writer, gint64 api_id, gint64 application_id, GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT SUBSCRIPTION_ID, SUB_STATUS, SUBS_CREATE_STATE FROM AM_SUBSCRIPTION"
                    " WHERE API_ID = ? AND APPLICATION_ID = ? ORDER BY SUBSCRIPTION_ID");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  guint at = 0;
  StStep step;

  g_array_set_clear_func (rows, row_clear);
  if (query == NULL)
    return NULL;
  st_query_bind (query, &at, "ii", api_id, application_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      Row row = { st_query_int64 (query, 0), g_strdup (st_query_text (query, 1)),
                  g_strcmp0 (st_query_text (query, 2), "UN_SUBSCRIBE") == 0 };

      g_array_append_val (rows, row);
    }
  return step == ST_END ? g_steal_pointer (&rows) : NULL;
}

static gboolean
delete_row (StWriter *writer, gint64 subscription_id, GError **error)
{
  static const StStatement keys = { "DELETE FROM AM_SUBSCRIPTION_KEY_MAPPING WHERE SUBSCRIPTION_ID = ?" };
  static const StStatement itself = { "DELETE FROM AM_SUBSCRIPTION WHERE SUBSCRIPTION_ID = ?" };

  return st_writer_execute (writer, &keys, error, "i", subscription_id)
         && st_writer_execute (writer, &itself, error, "i", subscription_id);
}

/* The API's row is held until the end, so that it is not retired or deleted meanwhile. */
static gboolean
check_published (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement api = { "SELECT API_ID FROM AM_API WHERE API_ID = ?",
                                   "SELECT API_ID FROM AM_API WHERE API_ID = ? LOCK IN SHARE MODE" };
  static const StStatement state
      = { "SELECT NEW_STATE FROM AM_API_LC_EVENT WHERE API_ID = ? ORDER BY EVENT_ID DESC LIMIT 1",
          "SELECT NEW_STATE FROM AM_API_LC_EVENT WHERE API_ID = ? ORDER BY EVENT_ID DESC LIMIT 1 LOCK IN SHARE MODE" };
  g_autoptr (StQuery) row = st_writer_query (writer, &api, error);
  g_autoptr (StQuery) event = row != NULL ? st_writer_query (writer, &state, error) : NULL;
  StStep step;

  if (event == NULL)
    return FALSE;
  st_query_bind_int64 (row, 0, api_id);
  st_query_bind_int64 (event, 0, api_id);
  step = st_query_step (row, error);
  if (step == ST_END)
    st_writer_fail_missing ("API", api_id, error);
  if (step != ST_ROW)
    return FALSE;
  step = st_query_step (event, error);
  if (step == ST_FAILED)
    return FALSE;
  if (step == ST_ROW && g_strcmp0 (st_query_text (event, 0), "PUBLISHED") == 0)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "subscriptions are not allowed on APIs in the state %s",
               step == ST_ROW ? st_query_text (event, 0) : "CREATED");
  return FALSE;
}

/* Refuses, or clears the way: what is left of unsubscribed rows goes. */
static gboolean
make_room (StWriter *writer, const StNewSubscription *subscription, GError **error)
{
  g_autoptr (GArray) rows = lock_rows (writer, subscription->api_id, subscription->application_id, error);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      if (is_blocked (row->status))
        g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the application's subscription to the API is %s",
                     row->status);
      else if (!row->unsubscribed)
        g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT,
                     "the application's subscription to the API already exists: it is %s", status_text (row->status));
      else if (delete_row (writer, row->id, error))
        continue;
      return FALSE;
    }
  return TRUE;
}

#define INSERT_SUBSCRIPTION(now, columns, values) \
  "INSERT INTO AM_SUBSCRIPTION (CREATED_TIME, UPDATED_TIME, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS, " \
  "SUBS_CREATE_STATE, CREATED_BY" columns ") VALUES (" now ", " now ", ?, ?, ?, 'ON_HOLD', 'SUBSCRIBE', ?" values ")"
#define INSERT_VARIANT(columns, values) \
  { INSERT_SUBSCRIPTION (ST_NOW_SQLITE, columns, values), INSERT_SUBSCRIPTION (ST_NOW_MYSQL, columns, values) }

static gboolean
insert_subscription (StWriter *writer, const StNewSubscription *subscription, gint64 *id, GError **error)
{
  static const StStatement variants[2] = { INSERT_VARIANT ("", ""), INSERT_VARIANT (", UUID", ", ?") };
  gboolean has_uuid = st_writer_has (writer, ST_CAP_SUBSCRIPTION_UUID);
  g_autofree char *uuid = apim_random_uuid ();
  StQuery *query = st_writer_query (writer, &variants[has_uuid], error);
  guint at = 0;

  st_query_bind (query, &at, "siis", subscription->tier, subscription->api_id, subscription->application_id,
                 subscription->created_by);
  if (has_uuid)
    st_query_bind (query, &at, "s", uuid);
  if (!st_writer_run (query, error))
    return FALSE;
  *id = st_transaction_last_insert_id (writer->transaction);
  return TRUE;
}

gboolean
st_write_subscribe (StWriter *writer, const StNewSubscription *subscription, gint64 *subscription_id, GError **error)
{
  const StText texts[] = {
    { "TIER_ID", subscription->tier, 50, ST_TEXT_REQUIRED },
    { "CREATED_BY", subscription->created_by, 100, ST_TEXT_REQUIRED },
  };

  return st_columns_check_row (writer, "AM_SUBSCRIPTION", texts, G_N_ELEMENTS (texts), error)
         && st_write_lock_application (writer, subscription->application_id, NULL, error)
         && check_published (writer, subscription->api_id, error) && make_room (writer, subscription, error)
         && insert_subscription (writer, subscription, subscription_id, error);
}

/* @status: (out) (nullable) (transfer full). */
static gboolean
lock_subscription (StWriter *writer, gint64 subscription_id, char **status, GError **error)
{
  static const StStatement select = ST_LOCKING ("SELECT SUB_STATUS FROM AM_SUBSCRIPTION WHERE SUBSCRIPTION_ID = ?");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, subscription_id);
  step = st_query_step (query, error);
  if (step == ST_END)
    return st_writer_fail_missing ("subscription", subscription_id, error);
  if (step == ST_ROW)
    *status = g_strdup (st_query_text (query, 0));
  return step == ST_ROW;
}

/* CREATED_TIME stays where a database moves it by itself (spec/databases.md 4.5). LAST_ACCESSED may be NULL, so it is
 * never that column. */
#define UPDATE_SUBSCRIPTION(column) \
  { \
    "UPDATE AM_SUBSCRIPTION SET CREATED_TIME = CREATED_TIME, UPDATED_TIME = " ST_NOW_SQLITE \
    ", UPDATED_BY = ?, " column " = ? WHERE SUBSCRIPTION_ID = ?", \
        "UPDATE AM_SUBSCRIPTION SET CREATED_TIME = CREATED_TIME, UPDATED_TIME = " ST_NOW_MYSQL \
        ", UPDATED_BY = ?, " column " = ? WHERE SUBSCRIPTION_ID = ?" \
  }

static gboolean
update_subscription (StWriter *writer, const StStatement *update, gint64 subscription_id, const char *value,
                     const char *user, GError **error)
{
  const StText texts[] = { { "UPDATED_BY", user, 100, ST_TEXT_REQUIRED } };

  return st_columns_check_row (writer, "AM_SUBSCRIPTION", texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, update, error, "ssi", user, value, subscription_id);
}

static const StStatement update_status = UPDATE_SUBSCRIPTION ("SUB_STATUS");

gboolean
st_write_decide_subscription (StWriter *writer, gint64 subscription_id, gboolean approved, const char *user,
                              GError **error)
{
  g_autofree char *status = NULL;

  if (!lock_subscription (writer, subscription_id, &status, error))
    return FALSE;
  if (g_strcmp0 (status, "ON_HOLD") == 0)
    return update_subscription (writer, &update_status, subscription_id, approved ? "UNBLOCKED" : "REJECTED", user,
                                error);
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the subscription waits for no decision: it is %s",
               status_text (status));
  return FALSE;
}

gboolean
st_write_block_subscription (StWriter *writer, gint64 subscription_id, StBlocking blocking, const char *user,
                             GError **error)
{
  static const char *const texts[] = { "UNBLOCKED", "PROD_ONLY_BLOCKED", "BLOCKED" };
  g_autofree char *status = NULL;

  if (!lock_subscription (writer, subscription_id, &status, error))
    return FALSE;
  if (g_strcmp0 (status, "ON_HOLD") != 0 && g_strcmp0 (status, "REJECTED") != 0)
    return update_subscription (writer, &update_status, subscription_id, texts[blocking], user, error);
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the subscription was not approved: it is %s", status);
  return FALSE;
}

gboolean
st_write_subscription_tier (StWriter *writer, gint64 subscription_id, const char *tier, const char *user,
                            GError **error)
{
  static const StStatement update = UPDATE_SUBSCRIPTION ("TIER_ID");
  const StText texts[] = { { "TIER_ID", tier, 50, ST_TEXT_REQUIRED } };
  g_autofree char *status = NULL;

  return st_columns_check_row (writer, "AM_SUBSCRIPTION", texts, G_N_ELEMENTS (texts), error)
         && lock_subscription (writer, subscription_id, &status, error)
         && update_subscription (writer, &update, subscription_id, tier, user, error);
}

gboolean
st_write_unsubscribe (StWriter *writer, gint64 api_id, gint64 application_id, const char *user, GError **error)
{
  static const StStatement keep = UPDATE_SUBSCRIPTION ("SUBS_CREATE_STATE");
  g_autoptr (GArray) rows = NULL;
  guint live = 0;

  if (!st_write_lock_application (writer, application_id, NULL, error))
    return FALSE;
  rows = lock_rows (writer, api_id, application_id, error);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      if (row->unsubscribed)
        continue;
      live++;
      if (is_blocked (row->status) ? !update_subscription (writer, &keep, row->id, "UN_SUBSCRIBE", user, error)
                                   : !delete_row (writer, row->id, error))
        return FALSE;
    }
  if (live > 0)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "the application is not subscribed to the API");
  return FALSE;
}
