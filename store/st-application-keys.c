#include "config.h"
#include "store/st-application-keys.h"

#include "store/st-columns.h"
#include "store/st-token-tables.h"

#include <string.h>

gboolean
st_application_find_named (StWriter *writer, gint tenant_id, const char *user, const char *name, gint64 *application_id,
                     GError **error)
{
  static const StStatement select = { "SELECT a.APPLICATION_ID, s.USER_ID, a.NAME FROM AM_SUBSCRIBER s"
                                      " JOIN AM_APPLICATION a ON a.SUBSCRIBER_ID = s.SUBSCRIBER_ID"
                                      " WHERE s.TENANT_ID = ? AND s.USER_ID = ? AND a.NAME = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  *application_id = 0;
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "iss", (gint64) tenant_id, user, name);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (g_strcmp0 (st_query_text (query, 1), user) == 0 && g_strcmp0 (st_query_text (query, 2), name) == 0)
      *application_id = st_query_int64 (query, 0);
  return step == ST_END;
}

gboolean
st_application_find_key (StWriter *writer, gint64 application_id, StKeyType type, char **consumer_key, char **state,
                         GError **error)
{
  static const StStatement select = { "SELECT CONSUMER_KEY, STATE FROM AM_APPLICATION_KEY_MAPPING"
                                      " WHERE APPLICATION_ID = ? AND KEY_TYPE = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  *consumer_key = *state = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", application_id, st_key_type_text (type));
  step = st_query_step (query, error);
  if (step == ST_ROW)
    {
      *consumer_key = g_strdup (st_query_text (query, 0));
      *state = g_strdup (st_query_text (query, 1));
    }
  return step != ST_FAILED;
}

gboolean
st_application_find_keys (StWriter *writer, gint64 application_id, char ***consumer_keys, GError **error)
{
  static const StStatement select = { "SELECT CONSUMER_KEY FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ?" };
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "i", application_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (!st_query_is_null (query, 0))
      g_strv_builder_add (keys, st_query_text (query, 0));
  if (step == ST_FAILED)
    return FALSE;
  *consumer_keys = g_strv_builder_end (keys);
  return TRUE;
}

static void
user_free (gpointer data)
{
  st_oauth_user_clear (data);
  g_free (data);
}

/* 1.9 has the user as one text and the client's key; later generations have parts, and the client's id. */
static StQuery *
query_users (StWriter *writer, const StTokenTable *table, const StOauthClient *client, GError **error)
{
#define LIVE "TOKEN_STATE IN ('ACTIVE', 'EXPIRED', 'BLOCKED')"
  static const StStatement of_text
      = { "SELECT DISTINCT AUTHZ_USER, NULL, NULL FROM IDN_OAUTH2_ACCESS_TOKEN WHERE CONSUMER_KEY = ? AND " LIVE };
  static const StStatement of_ids = { "SELECT DISTINCT AUTHZ_USER, TENANT_ID, USER_DOMAIN FROM IDN_OAUTH2_ACCESS_TOKEN"
                                      " WHERE CONSUMER_KEY_ID = ? AND " LIVE };
  gboolean ids = (table->capabilities & ST_CAP_TOKEN_IDS) != 0;
  StQuery *query = st_writer_query (writer, st_token_table_statement (table, ids ? &of_ids : &of_text), error);

  if (query != NULL && ids)
    st_query_bind_int64 (query, 0, client->id);
  else if (query != NULL)
    st_query_bind_text (query, 0, client->key);
  return query;
}

static StOauthUser
read_user (StQuery *query, gboolean ids)
{
  const char *name = st_query_text (query, 0);
  const char *domain = st_query_text (query, 2);

  if (!ids)
    return st_oauth_user_parse (name);
  return (StOauthUser){ .name = g_strdup (name),
                        .tenant_id = (gint) st_query_int64 (query, 1),
                        .user_domain = g_strdup (domain != NULL ? domain : ST_PRIMARY_USER_DOMAIN) };
}

static gboolean
is_same_user (gconstpointer a, gconstpointer b)
{
  const StOauthUser *one = a, *other = b;

  return one->tenant_id == other->tenant_id && g_strcmp0 (one->tenant_domain, other->tenant_domain) == 0
         && strcmp (one->user_domain, other->user_domain) == 0 && strcmp (one->name, other->name) == 0;
}

/* In a partition there are users of secondary user stores alone, or it is a copy that somebody made. */
static gboolean
find_users_in (StWriter *writer, const StTokenTable *table, const StOauthClient *client, GPtrArray *found,
               GError **error)
{
  gboolean ids = (table->capabilities & ST_CAP_TOKEN_IDS) != 0;
  g_autoptr (StQuery) query = query_users (writer, table, client, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      StOauthUser user;

      if (st_query_is_null (query, 0))
        continue;
      user = read_user (query, ids);
      if (table->partition
          && (st_oauth_user_is_primary (&user) || g_ptr_array_find_with_equal_func (found, &user, is_same_user, NULL)))
        st_oauth_user_clear (&user);
      else
        g_ptr_array_add (found, g_memdup2 (&user, sizeof user));
    }
  return step == ST_END;
}

gboolean
st_oauth_client_find_users (StWriter *writer, const StOauthClient *client, GPtrArray **users, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (user_free);

  for (guint i = 0; i < writer->token_tables->n; i++)
    if (!find_users_in (writer, &writer->token_tables->tables[i], client, found, error))
      return FALSE;
  *users = g_steal_pointer (&found);
  return TRUE;
}
