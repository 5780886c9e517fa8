#include "config.h"
#include "store/st-service-provider.h"

#include <string.h>

#define MAX_NAME 255
#define MAX_VALUE 1024 /* SP_INBOUND_AUTH.PROP_VALUE */

static gboolean
has_providers (const StWriter *writer)
{
  return st_writer_has (writer, ST_CAP_SERVICE_PROVIDERS);
}

/* A client without a name has none that people would know it by. */
static const char *
name_of (const StOauthClient *client)
{
  return client->name != NULL ? client->name : client->key;
}

/* *id: 0: there is none. */
static gboolean
find_by_name (StWriter *writer, const StOauthClient *client, gint64 *id, GError **error)
{
  static const StStatement by_name = {
    "SELECT ID FROM SP_APP WHERE APP_NAME = ? AND TENANT_ID = ?",
    "SELECT ID FROM SP_APP WHERE APP_NAME = ? AND TENANT_ID = ? FOR UPDATE",
  };
  g_autoptr (StQuery) query = st_writer_query (writer, &by_name, error);
  StStep step;

  *id = 0;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, name_of (client));
  st_query_bind_int64 (query, 1, client->owner.tenant_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *id = st_query_int64 (query, 0);
  return step == ST_END;
}

/* Two nodes that add one of this name at the same moment: who comes second begins anew, and finds it. */
static gboolean
insert_provider (StWriter *writer, const StOauthClient *client, gint64 *id, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO SP_APP (TENANT_ID, APP_NAME, USER_STORE, USERNAME, DESCRIPTION, AUTH_TYPE)"
    " VALUES (?, ?, ?, ?, ?, 'default')",
  };
  g_autofree char *description = g_strconcat ("Service Provider for application ", name_of (client), NULL);
  g_autofree char *user_domain = g_ascii_strup (client->owner.user_domain, -1);
  StQuery *query = st_writer_query (writer, &insert, error);
  g_autoptr (GError) why = NULL;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, client->owner.tenant_id);
  st_query_bind_text (query, 1, name_of (client));
  st_query_bind_text (query, 2, user_domain);
  st_query_bind_text (query, 3, client->owner.name);
  st_query_bind_text (query, 4, description);
  if (st_writer_run (query, &why))
    {
      *id = st_transaction_last_insert_id (writer->transaction);
      return TRUE;
    }
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    g_set_error_literal (error, ST_ERROR, ST_ERROR_RETRY, "a service provider of this name was added at this moment");
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

#define INBOUND_COLUMNS "TENANT_ID, INBOUND_AUTH_KEY, APP_ID, PROP_VALUE, INBOUND_AUTH_TYPE, PROP_NAME"
#define INBOUND_VALUES "?, ?, ?, ?, 'oauth2', 'oauthConsumerSecret'"

static gboolean
insert_inbound (StWriter *writer, const StOauthClient *client, gint64 provider_id, GError **error)
{
  static const StStatement plain
      = { "INSERT INTO SP_INBOUND_AUTH (" INBOUND_COLUMNS ") VALUES (" INBOUND_VALUES ")" };
  static const StStatement with_type = { "INSERT INTO SP_INBOUND_AUTH (" INBOUND_COLUMNS
                                         ", INBOUND_CONFIG_TYPE) VALUES (" INBOUND_VALUES ", 'standardAPP')" };
  StQuery *query
      = st_writer_query (writer, st_writer_has (writer, ST_CAP_INBOUND_CONFIG_TYPE) ? &with_type : &plain, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, client->owner.tenant_id);
  st_query_bind_text (query, 1, client->key);
  st_query_bind_int64 (query, 2, provider_id);
  st_query_bind_text (query, 3, client->secret);
  return st_writer_run (query, error);
}

gboolean
st_service_provider_add (StWriter *writer, const StOauthClient *client, GError **error)
{
  gint64 id;

  if (!has_providers (writer))
    return TRUE;
  return st_oauth_check_text ("name of the OAuth client", name_of (client), MAX_NAME, error)
         && st_oauth_check_text ("consumer secret", client->secret, MAX_VALUE, error)
         && find_by_name (writer, client, &id, error) && (id != 0 || insert_provider (writer, client, &id, error))
         && insert_inbound (writer, client, id, error);
}

/* One row of SP_INBOUND_AUTH. */
typedef struct
{
  gint64 id;
  gint64 provider_id;
} Inbound;

/* (element-type Inbound): the client's rows, byte by byte. There is no index on the key, so this reads without locks,
 * and what follows goes by ids. */
static GArray *
find_inbound (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement of_client = {
    "SELECT ID, APP_ID, INBOUND_AUTH_KEY FROM SP_INBOUND_AUTH"
    " WHERE INBOUND_AUTH_KEY = ? AND INBOUND_AUTH_TYPE = 'oauth2'",
  };
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Inbound));
  g_autoptr (StQuery) query = st_writer_query (writer, &of_client, error);
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind_text (query, 0, client->key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const Inbound inbound = { st_query_int64 (query, 0), st_query_int64 (query, 1) };

      if (strcmp (st_query_text (query, 2), client->key) == 0)
        g_array_append_val (found, inbound);
    }
  return step == ST_END ? g_steal_pointer (&found) : NULL;
}

gboolean
st_service_provider_update_secret (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update
      = { "UPDATE SP_INBOUND_AUTH SET PROP_VALUE = ? WHERE ID = ? AND PROP_NAME = 'oauthConsumerSecret'" };
  g_autoptr (GArray) found = NULL;

  if (!has_providers (writer))
    return TRUE;
  if (!st_oauth_check_text ("consumer secret", client->secret, MAX_VALUE, error)
      || (found = find_inbound (writer, client, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      StQuery *query = st_writer_query (writer, &update, error);

      if (query == NULL)
        return FALSE;
      st_query_bind_text (query, 0, client->secret);
      st_query_bind_int64 (query, 1, g_array_index (found, Inbound, i).id);
      if (!st_writer_run (query, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
st_service_provider_find_saas (StWriter *writer, const StOauthClient *client, gboolean *saas, GError **error)
{
  static const StStatement select = {
    "SELECT i.INBOUND_AUTH_KEY, a.IS_SAAS_APP FROM SP_INBOUND_AUTH i JOIN SP_APP a ON a.ID = i.APP_ID"
    " WHERE i.INBOUND_AUTH_KEY = ? AND i.INBOUND_AUTH_TYPE = 'oauth2'",
  };
  g_autoptr (StQuery) query = NULL;
  StStep step;

  *saas = FALSE;
  if (!st_writer_has (writer, ST_CAP_SERVICE_PROVIDERS | ST_CAP_SAAS))
    return TRUE;
  query = st_writer_query (writer, &select, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, client->key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (strcmp (st_query_text (query, 0), client->key) == 0)
      *saas = g_strcmp0 (st_query_text (query, 1), "1") == 0;
  return step == ST_END;
}

gboolean
st_service_provider_set_saas (StWriter *writer, const StOauthClient *client, gboolean saas, GError **error)
{
  static const StStatement update = {
    "UPDATE SP_APP SET IS_SAAS_APP = ? WHERE APP_NAME = ? AND TENANT_ID = ?"
    " AND (SELECT COUNT(*) FROM SP_INBOUND_AUTH i WHERE i.APP_ID = SP_APP.ID) = 1",
  };
  StQuery *query;

  if (!st_writer_has (writer, ST_CAP_SERVICE_PROVIDERS | ST_CAP_SAAS))
    return TRUE;
  query = st_writer_query (writer, &update, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, saas ? "1" : "0");
  st_query_bind_text (query, 1, name_of (client));
  st_query_bind_int64 (query, 2, client->owner.tenant_id);
  return st_writer_run (query, error);
}

static gboolean
run_with_id (StWriter *writer, const StStatement *statement, gint64 id, GError **error)
{
  StQuery *query = st_writer_query (writer, statement, error);

  if (query != NULL)
    st_query_bind_int64 (query, 0, id);
  return st_writer_run (query, error);
}

/* What else a provider has, such as its claims, goes with it: WSO2's tables say so. */
static gboolean
remove_one (StWriter *writer, const Inbound *inbound, GError **error)
{
  static const StStatement remove_inbound = { "DELETE FROM SP_INBOUND_AUTH WHERE ID = ?" };
  static const StStatement remove_provider
      = { "DELETE FROM SP_APP WHERE ID = ? AND NOT EXISTS (SELECT 1 FROM SP_INBOUND_AUTH WHERE APP_ID = SP_APP.ID)" };

  return run_with_id (writer, &remove_inbound, inbound->id, error)
         && run_with_id (writer, &remove_provider, inbound->provider_id, error);
}

gboolean
st_service_provider_remove (StWriter *writer, const StOauthClient *client, GError **error)
{
  g_autoptr (GArray) found = NULL;

  if (!has_providers (writer))
    return TRUE;
  found = find_inbound (writer, client, error);
  for (guint i = 0; found != NULL && i < found->len; i++)
    if (!remove_one (writer, &g_array_index (found, Inbound, i), error))
      return FALSE;
  return found != NULL;
}
