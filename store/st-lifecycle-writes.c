#include "config.h"
#include "store/st-lifecycle-writes.h"

#include "store/st-api-writes.h"
#include "store/st-columns.h"

#include <string.h>

/* The row of AM_API_DEFAULT_VERSION for an API's provider and name. */
typedef struct
{
  gint64 id;       /* 0: there is none */
  char *version;   /* (nullable) */
  char *published; /* (nullable) */
} DefaultVersion;

static void
default_version_clear (DefaultVersion *row)
{
  g_free (row->version);
  g_free (row->published);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DefaultVersion, default_version_clear)

static gboolean
is_served (const char *state)
{
  static const char *const served[] = { "PUBLISHED", "DEPRECATED", "BLOCKED", NULL };

  return state != NULL && g_strv_contains (served, state);
}

/* Of a locked API: the table has no unique key of its own. Names are compared as bytes again: "weather" is another API
 * than "Weather". */
static gboolean
read_default_version (StWriter *writer, const StApiIdentity *api, DefaultVersion *row, GError **error)
{
  static const StStatement select = ST_LOCKING (
      "SELECT DEFAULT_VERSION_ID, API_NAME, API_PROVIDER, DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION"
      " FROM AM_API_DEFAULT_VERSION WHERE API_NAME = ? AND API_PROVIDER = ?");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "ss", api->name, api->provider);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (row->id != 0 || g_strcmp0 (st_query_text (query, 1), api->name) != 0
          || g_strcmp0 (st_query_text (query, 2), api->provider) != 0)
        continue;
      row->id = st_query_int64 (query, 0);
      row->version = g_strdup (st_query_text (query, 3));
      row->published = g_strdup (st_query_text (query, 4));
    }
  return step == ST_END;
}

static gboolean
delete_default_version (StWriter *writer, const DefaultVersion *row, GError **error)
{
  static const StStatement delete = { "DELETE FROM AM_API_DEFAULT_VERSION WHERE DEFAULT_VERSION_ID = ?" };

  return row->id == 0 || st_writer_execute (writer, &delete, error, "i", row->id);
}

static gboolean
update_published (StWriter *writer, const DefaultVersion *row, const char *version, GError **error)
{
  static const StStatement update
      = { "UPDATE AM_API_DEFAULT_VERSION SET PUBLISHED_DEFAULT_API_VERSION = ? WHERE DEFAULT_VERSION_ID = ?" };

  return st_writer_execute (writer, &update, error, "si", version, row->id);
}

/* @state: (out) (nullable) (transfer full): the newest event's; NULL without events. */
static gboolean
read_state (StWriter *writer, gint64 api_id, char **state, GError **error)
{
  static const StStatement select
      = { "SELECT NEW_STATE FROM AM_API_LC_EVENT WHERE API_ID = ? ORDER BY EVENT_ID DESC LIMIT 1",
          "SELECT NEW_STATE FROM AM_API_LC_EVENT WHERE API_ID = ? ORDER BY EVENT_ID DESC LIMIT 1 FOR UPDATE" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  *state = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    *state = g_strdup (st_query_text (query, 0));
  return step != ST_FAILED;
}

static gboolean
check_change (StWriter *writer, const StLifecycleChange *change, GError **error)
{
  const StText texts[] = {
    { "NEW_STATE", change->to, 50, ST_TEXT_REQUIRED },
    { "PREVIOUS_STATE", change->from, 50, ST_TEXT_OPTIONAL },
    { "USER_ID", change->user, 255, ST_TEXT_REQUIRED },
  };
  g_autofree char *state = NULL;

  if (!st_columns_check_row (writer, "AM_API_LC_EVENT", texts, G_N_ELEMENTS (texts), error)
      || !read_state (writer, change->api_id, &state, error))
    return FALSE;
  if (g_strcmp0 (change->from, change->to) == 0)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the API is in the state %s already", change->to);
  else if (state != NULL && g_strcmp0 (state, change->from) != 0)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the API is in the state %s, not %s: it was changed meanwhile",
                 state, change->from != NULL ? change->from : "new");
  else
    return TRUE;
  return FALSE;
}

static gboolean
publish_default_version (StWriter *writer, const StApiIdentity *api, const char *state, GError **error)
{
  g_auto (DefaultVersion) row = { 0 };

  if (!read_default_version (writer, api, &row, error))
    return FALSE;
  if (is_served (state) && g_strcmp0 (row.version, api->version) == 0)
    return update_published (writer, &row, api->version, error);
  if ((strcmp (state, "CREATED") == 0 || strcmp (state, "RETIRED") == 0)
      && g_strcmp0 (row.published, api->version) == 0)
    return update_published (writer, &row, NULL, error);
  return TRUE;
}

#define INSERT_EVENT(now) \
  "INSERT INTO AM_API_LC_EVENT (EVENT_DATE, API_ID, PREVIOUS_STATE, NEW_STATE, USER_ID, TENANT_ID) VALUES (" now \
  ", ?, ?, ?, ?, ?)"

gboolean
st_write_lifecycle_change (StWriter *writer, const StLifecycleChange *change, GError **error)
{
  static const StStatement insert = { INSERT_EVENT (ST_NOW_SQLITE), INSERT_EVENT (ST_NOW_MYSQL) };
  g_autoptr (StStoredApi) api = st_write_lock_api (writer, change->api_id, error);

  return api != NULL && check_change (writer, change, error)
         && st_writer_execute (writer, &insert, error, "isssi", change->api_id, change->from, change->to, change->user,
                               (gint64) change->tenant_id)
         && publish_default_version (writer, &api->identity, change->to, error);
}

/* On a change the old row goes and a new one comes (spec/databases.md 5.5). */
static gboolean
choose_default_version (StWriter *writer, gint64 api_id, const StApiIdentity *api, const DefaultVersion *old,
                        GError **error)
{
  static const StStatement insert = {
    "INSERT INTO AM_API_DEFAULT_VERSION (API_NAME, API_PROVIDER, DEFAULT_API_VERSION, PUBLISHED_DEFAULT_API_VERSION)"
    " VALUES (?, ?, ?, ?)"
  };
  g_autofree char *state = NULL;

  return read_state (writer, api_id, &state, error) && delete_default_version (writer, old, error)
         && st_writer_execute (writer, &insert, error, "ssss", api->name, api->provider, api->version,
                               is_served (state) ? api->version : old->published);
}

gboolean
st_write_default_version (StWriter *writer, gint64 api_id, gboolean is_default, GError **error)
{
  g_autoptr (StStoredApi) api = st_write_lock_api (writer, api_id, error);
  g_auto (DefaultVersion) row = { 0 };
  gboolean was_default;

  if (api == NULL || !read_default_version (writer, &api->identity, &row, error))
    return FALSE;
  was_default = row.id != 0 && g_strcmp0 (row.version, api->identity.version) == 0;
  if (was_default == is_default)
    return TRUE;
  return is_default ? choose_default_version (writer, api_id, &api->identity, &row, error)
                    : delete_default_version (writer, &row, error);
}

gboolean
st_write_forget_default_version (StWriter *writer, gint64 api_id, GError **error)
{
  g_autoptr (StStoredApi) api = st_write_lock_api (writer, api_id, error);
  g_auto (DefaultVersion) row = { 0 };

  if (api == NULL || !read_default_version (writer, &api->identity, &row, error))
    return FALSE;
  if (g_strcmp0 (row.version, api->identity.version) == 0)
    return delete_default_version (writer, &row, error);
  return g_strcmp0 (row.published, api->identity.version) != 0 || update_published (writer, &row, NULL, error);
}
