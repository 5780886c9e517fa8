#include "config.h"
#include "store/st-subscribed-apis.h"

#include "store/st-columns.h"

#include <string.h>

#define SUBSCRIPTIONS                                                                                                  \
  " FROM AM_SUBSCRIPTION p JOIN AM_APPLICATION a ON a.APPLICATION_ID = p.APPLICATION_ID"                               \
  " JOIN AM_SUBSCRIBER s ON s.SUBSCRIBER_ID = a.SUBSCRIBER_ID JOIN AM_API i ON i.API_ID = p.API_ID"
#define THIS_API " i.API_PROVIDER = ? AND i.API_NAME = ? AND i.API_VERSION = ?"
#define API_COLUMNS "i.API_PROVIDER, i.API_NAME, i.API_VERSION"

static void
api_free (gpointer data)
{
  StSubscribedApi *api = data;

  g_free (api->provider);
  g_free (api->name);
  g_free (api->version);
  g_free (api->context);
  g_free (api);
}

static void
subscriber_free (gpointer data)
{
  StApiSubscriber *subscriber = data;

  g_free (subscriber->user);
  g_free (subscriber->status);
  g_free (subscriber);
}

static gboolean
check_room (guint n, GError **error)
{
  if (n < ST_SUBSCRIBED_APIS_MAX)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "there are more than %d rows to be answered with",
               ST_SUBSCRIBED_APIS_MAX);
  return FALSE;
}

/* Collations fold case; names here do not. */
static gboolean
is_text (StQuery *query, guint column, const char *text)
{
  return g_strcmp0 (st_query_text (query, column), text) == 0;
}

static gboolean
is_api (StQuery *query, guint column, const StApiName *api)
{
  return is_text (query, column, api->provider) && is_text (query, column + 1, api->name)
         && is_text (query, column + 2, api->version);
}

static gboolean
is_known (const GPtrArray *apis, StQuery *query)
{
  for (guint i = 0; i < apis->len; i++)
    {
      const StSubscribedApi *api = apis->pdata[i];
      const StApiName name = { api->provider, api->name, api->version };

      if (is_api (query, 0, &name))
        return TRUE;
    }
  return FALSE;
}

/* Columns: API_COLUMNS, CONTEXT, and a text that must be @match. */
static gboolean
read_apis (StQuery *query, const char *match, GPtrArray **apis, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (api_free);
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StSubscribedApi *api;

      if (!is_text (query, 4, match) || is_known (found, query))
        continue;
      if (!check_room (found->len, error))
        return FALSE;
      api = g_new0 (StSubscribedApi, 1);
      api->provider = g_strdup (st_query_text (query, 0));
      api->name = g_strdup (st_query_text (query, 1));
      api->version = g_strdup (st_query_text (query, 2));
      api->context = g_strdup (st_query_text (query, 3));
      g_ptr_array_add (found, api);
    }
  if (step == ST_END)
    *apis = g_steal_pointer (&found);
  return step == ST_END;
}

gboolean
st_subscribed_apis_of_user (StWriter *writer, gint tenant_id, const char *user, GPtrArray **apis, GError **error)
{
  static const StStatement select
      = { "SELECT DISTINCT " API_COLUMNS ", i.CONTEXT, s.USER_ID" SUBSCRIPTIONS
          " WHERE s.TENANT_ID = ? AND s.USER_ID = ? ORDER BY i.API_PROVIDER, i.API_NAME, i.API_VERSION" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", (gint64) tenant_id, user);
  return read_apis (query, user, apis, error);
}

gboolean
st_subscribed_apis_of_client (StWriter *writer, const char *consumer_key, GPtrArray **apis, GError **error)
{
  static const StStatement select
      = { "SELECT DISTINCT " API_COLUMNS ", i.CONTEXT, k.CONSUMER_KEY FROM AM_APPLICATION_KEY_MAPPING k"
          " JOIN AM_SUBSCRIPTION p ON p.APPLICATION_ID = k.APPLICATION_ID JOIN AM_API i ON i.API_ID = p.API_ID"
          " WHERE k.CONSUMER_KEY = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "s", consumer_key);
  return read_apis (query, consumer_key, apis, error);
}

gboolean
st_api_find_subscribers (StWriter *writer, const StApiName *api, GPtrArray **subscribers, GError **error)
{
  static const StStatement select = { "SELECT " API_COLUMNS ", s.USER_ID, s.TENANT_ID, p.SUB_STATUS" SUBSCRIPTIONS
                                      " WHERE" THIS_API " ORDER BY p.SUBSCRIPTION_ID" };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (subscriber_free);
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "sss", api->provider, api->name, api->version);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StApiSubscriber *subscriber;

      if (!is_api (query, 0, api))
        continue;
      if (!check_room (found->len, error))
        return FALSE;
      subscriber = g_new0 (StApiSubscriber, 1);
      subscriber->user = g_strdup (st_query_text (query, 3));
      subscriber->tenant_id = (gint) st_query_int64 (query, 4);
      subscriber->status = g_strdup (st_query_text (query, 5));
      g_ptr_array_add (found, subscriber);
    }
  if (step == ST_END)
    *subscribers = g_steal_pointer (&found);
  return step == ST_END;
}

/* Columns: CONSUMER_KEY, and a text that must be @match; behind it, where @api is given, API_COLUMNS. */
static gboolean
read_keys (StQuery *query, const char *match, const StApiName *api, char ***consumer_keys, GError **error)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  guint n = 0;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (st_query_is_null (query, 0) || !is_text (query, 1, match) || (api != NULL && !is_api (query, 2, api)))
        continue;
      if (!check_room (n++, error))
        return FALSE;
      g_strv_builder_add (keys, st_query_text (query, 0));
    }
  if (step == ST_END)
    *consumer_keys = g_strv_builder_end (keys);
  return step == ST_END;
}

#define KEYS " JOIN AM_APPLICATION_KEY_MAPPING k ON k.APPLICATION_ID = a.APPLICATION_ID"

gboolean
st_api_find_keys_of_subscriber (StWriter *writer, const StApiName *api, gint tenant_id, const char *user,
                                char ***consumer_keys, GError **error)
{
  static const StStatement select = { "SELECT DISTINCT k.CONSUMER_KEY, s.USER_ID, " API_COLUMNS SUBSCRIPTIONS KEYS
                                      " WHERE" THIS_API " AND s.TENANT_ID = ? AND s.USER_ID = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "sssis", api->provider, api->name, api->version, (gint64) tenant_id, user);
  return read_keys (query, user, api, consumer_keys, error);
}

gboolean
st_application_is_subscribed (StWriter *writer, gint64 application_id, const StApiName *api, gboolean *subscribed,
                              GError **error)
{
  static const StStatement select = { "SELECT " API_COLUMNS " FROM AM_SUBSCRIPTION p JOIN AM_API i"
                                      " ON i.API_ID = p.API_ID WHERE p.APPLICATION_ID = ? AND" THIS_API };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  *subscribed = FALSE;
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "isss", application_id, api->provider, api->name, api->version);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *subscribed = *subscribed || is_api (query, 0, api);
  return step == ST_END;
}

gboolean
st_subscriber_find_keys (StWriter *writer, gint tenant_id, const char *user, char ***consumer_keys, GError **error)
{
  static const StStatement select = { "SELECT k.CONSUMER_KEY, s.USER_ID FROM AM_SUBSCRIBER s"
                                      " JOIN AM_APPLICATION a ON a.SUBSCRIBER_ID = s.SUBSCRIBER_ID" KEYS
                                      " WHERE s.TENANT_ID = ? AND s.USER_ID = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", (gint64) tenant_id, user);
  return read_keys (query, user, NULL, consumer_keys, error);
}

gboolean
st_application_tier_find_keys (StWriter *writer, const char *tier, char ***consumer_keys, GError **error)
{
  static const StStatement select
      = { "SELECT k.CONSUMER_KEY, a.APPLICATION_TIER FROM AM_APPLICATION a" KEYS " WHERE a.APPLICATION_TIER = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "s", tier);
  return read_keys (query, tier, NULL, consumer_keys, error);
}
