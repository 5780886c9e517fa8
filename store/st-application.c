#include "config.h"
#include "store/st-application.h"

#include "store/st-capabilities.h"

#include <string.h>

enum
{
  COLUMN_CONSUMER_KEY,
  COLUMN_KEY_TYPE,
  COLUMN_ID,
  COLUMN_NAME,
  COLUMN_TIER,
  COLUMN_OWNER,
  COLUMN_TENANT_ID,
  COLUMN_UUID,
  COLUMN_TOKEN_TYPE,
};

#define APPLICATION(uuid, token_type)                                                                                  \
  {                                                                                                                    \
    "SELECT k.CONSUMER_KEY, k.KEY_TYPE, a.APPLICATION_ID, a.NAME, a.APPLICATION_TIER, u.USER_ID, u.TENANT_ID, " uuid   \
    ", " token_type " FROM AM_APPLICATION_KEY_MAPPING k"                                                               \
    " JOIN AM_APPLICATION a ON a.APPLICATION_ID = k.APPLICATION_ID"                                                    \
    " JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID"                                                       \
    " WHERE k.CONSUMER_KEY = ? ORDER BY a.APPLICATION_ID"                                                              \
  }

/* By whether there is a UUID, and a token type. */
static const StStatement application_statements[2][2] = {
  { APPLICATION ("NULL", "NULL"), APPLICATION ("NULL", "a.TOKEN_TYPE") },
  { APPLICATION ("a.UUID", "NULL"), APPLICATION ("a.UUID", "a.TOKEN_TYPE") },
};

static const StStatement attributes_statement
    = { "SELECT NAME, VALUE FROM AM_APPLICATION_ATTRIBUTES WHERE APPLICATION_ID = ? ORDER BY NAME", NULL };

#define APIS(policy_tenants)                                                                                           \
  {                                                                                                                    \
    "SELECT p.API_NAME, p.CONTEXT, p.API_VERSION, p.API_PROVIDER, s.TIER_ID, s.SUB_STATUS, " policy_tenants            \
    " FROM AM_SUBSCRIPTION s JOIN AM_API p ON p.API_ID = s.API_ID WHERE s.APPLICATION_ID = ?"                          \
    " AND (s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE') ORDER BY s.SUBSCRIPTION_ID",          \
        NULL                                                                                                           \
  }

/* By whether there are policies. MySQL cuts the list off at 1,024 bytes: who is not in it counts as one without. */
static const StStatement apis_statements[2] = {
  APIS ("NULL"),
  APIS ("(SELECT GROUP_CONCAT(q.TENANT_ID) FROM AM_POLICY_SUBSCRIPTION q WHERE q.NAME = s.TIER_ID)"),
};

void
st_application_free (StApplication *application)
{
  if (application == NULL)
    return;
  g_free (application->uuid);
  g_free (application->name);
  g_free (application->tier);
  g_free (application->token_type);
  g_free (application->owner);
  g_free (application->key_type);
  g_strfreev (application->attributes);
  g_free (application);
}

static char *
dup_column (StQuery *query, guint column)
{
  return g_strdup (st_query_text (query, column));
}

static StApplication *
read_application (StQuery *query)
{
  StApplication *application = g_new0 (StApplication, 1);

  application->id = (gint) st_query_int64 (query, COLUMN_ID);
  application->name = dup_column (query, COLUMN_NAME);
  application->tier = dup_column (query, COLUMN_TIER);
  application->owner = dup_column (query, COLUMN_OWNER);
  application->owner_tenant_id = (gint) st_query_int64 (query, COLUMN_TENANT_ID);
  application->key_type = dup_column (query, COLUMN_KEY_TYPE);
  application->uuid = dup_column (query, COLUMN_UUID);
  /* Writers of 2.5 and later can store the text "null" (spec/databases.md 10). */
  if (g_strcmp0 (st_query_text (query, COLUMN_TOKEN_TYPE), "null") != 0)
    application->token_type = dup_column (query, COLUMN_TOKEN_TYPE);
  return application;
}

static gboolean
select_application (StDatabase *database, const StStatement *statement, const char *consumer_key, gint64 deadline_us,
                    StApplication **found, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, statement, deadline_us, error);
  g_autoptr (StApplication) application = NULL;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, consumer_key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    /* Collations fold case: only the same bytes are the same key. */
    if (application == NULL && g_strcmp0 (st_query_text (query, COLUMN_CONSUMER_KEY), consumer_key) == 0)
      application = read_application (query);
  if (step == ST_END)
    *found = g_steal_pointer (&application);
  return step == ST_END;
}

static gboolean
too_many (const char *what, guint limit, GError **error)
{
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "an application has more than %u %s: too many for a token", limit, what);
  return FALSE;
}

static gboolean
read_attributes (StDatabase *database, gint application_id, gint64 deadline_us, char ***attributes, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, &attributes_statement, deadline_us, error);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, application_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (texts->len == 2 * ST_APPLICATION_MAX_ATTRIBUTES)
        return too_many ("attributes", ST_APPLICATION_MAX_ATTRIBUTES, error);
      if (st_query_is_null (query, 0) || st_query_is_null (query, 1))
        continue;
      g_ptr_array_add (texts, dup_column (query, 0));
      g_ptr_array_add (texts, dup_column (query, 1));
    }
  g_ptr_array_add (texts, NULL);
  *attributes = (char **) g_ptr_array_free (g_steal_pointer (&texts), FALSE);
  return step == ST_END;
}

gboolean
st_application_find (StDatabase *database, const char *consumer_key, gint64 deadline_us, StApplication **found,
                     GError **error)
{
  g_autoptr (StApplication) application = NULL;
  guint capabilities;

  *found = NULL;
  if (!st_capabilities_get (database, deadline_us, &capabilities, error)
      || !select_application (database,
                              &application_statements[(capabilities & ST_CAP_APPLICATION_UUID) != 0]
                                                     [(capabilities & ST_CAP_APP_TOKEN_TYPE) != 0],
                              consumer_key, deadline_us, &application, error))
    return FALSE;
  if (application == NULL)
    return TRUE;
  if ((capabilities & ST_CAP_APP_ATTRIBUTES) == 0)
    application->attributes = g_new0 (char *, 1);
  else if (!read_attributes (database, application->id, deadline_us, &application->attributes, error))
    return FALSE;
  *found = g_steal_pointer (&application);
  return TRUE;
}

static void
subscribed_api_free (gpointer data)
{
  StSubscribedApi *api = data;

  g_free (api->api_name);
  g_free (api->context);
  g_free (api->version);
  g_free (api->provider);
  g_free (api->tier);
  g_free (api->status);
  g_free (api->policy_tenants);
  g_free (api);
}

gboolean
st_subscribed_api_has_policy (const StSubscribedApi *api, gint tenant_id)
{
  g_auto (GStrv) ids = api->policy_tenants != NULL ? g_strsplit (api->policy_tenants, ",", -1) : NULL;
  char id[16];

  g_snprintf (id, sizeof id, "%d", tenant_id);
  return ids != NULL && g_strv_contains ((const char *const *) ids, id);
}

gboolean
st_application_find_apis (StDatabase *database, gint application_id, gint64 deadline_us, GPtrArray **found,
                          GError **error)
{
  g_autoptr (GPtrArray) apis = g_ptr_array_new_with_free_func (subscribed_api_free);
  g_autoptr (StQuery) query = NULL;
  guint capabilities;
  StStep step;

  *found = NULL;
  if (!st_capabilities_get (database, deadline_us, &capabilities, error))
    return FALSE;
  query = st_database_query (database, &apis_statements[(capabilities & ST_CAP_POLICIES) != 0], deadline_us, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, application_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StSubscribedApi *api;

      if (apis->len == ST_APPLICATION_MAX_APIS)
        return too_many ("subscriptions", ST_APPLICATION_MAX_APIS, error);
      api = g_new (StSubscribedApi, 1);
      *api = (StSubscribedApi){ dup_column (query, 0), dup_column (query, 1), dup_column (query, 2),
                                dup_column (query, 3), dup_column (query, 4), dup_column (query, 5),
                                dup_column (query, 6) };
      g_ptr_array_add (apis, api);
    }
  if (step == ST_END)
    *found = g_steal_pointer (&apis);
  return step == ST_END;
}
