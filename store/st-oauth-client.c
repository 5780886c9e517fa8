#include "config.h"
#include "store/st-oauth-client.h"

#include "store/st-columns.h"

#include "common/apim-secret.h"
#include "store/st-service-provider.h"

#include <string.h>

#define MAX_TEXT 255
#define MAX_LONG_TEXT 1024 /* CALLBACK_URL, GRANT_TYPES */
#define MAX_SECRET 2048
#define MAX_SECRET_BEFORE_2_2 512
#define SHA1_LENGTH 20

StOauthClient *
st_oauth_client_new (void)
{
  StOauthClient *client = g_new0 (StOauthClient, 1);

  client->owner.tenant_id = ST_SUPER_TENANT_ID;
  client->owner.user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  client->state = g_strdup (ST_OAUTH_CLIENT_ACTIVE);
  return client;
}

void
st_oauth_client_free (StOauthClient *client)
{
  if (client == NULL)
    return;
  g_free (client->key);
  apim_secret_free (client->secret);
  st_oauth_user_clear (&client->owner);
  g_free (client->name);
  g_free (client->callback_url);
  g_free (client->grant_types);
  g_free (client->state);
  g_free (client);
}

char *
st_oauth_client_random_key (void)
{
  g_auto (ApimSecretText) key = apim_random_uuid ();
  g_auto (ApimSecretText) message = apim_random_uuid ();
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) key, strlen (key));
  guint8 digest[SHA1_LENGTH];
  gsize length = sizeof digest;
  char *text;

  g_hmac_update (hmac, (const guchar *) message, -1);
  g_hmac_get_digest (hmac, digest, &length);
  text = g_base64_encode (digest, length);
  explicit_bzero (digest, sizeof digest);
  for (char *at = text; *at != '\0'; at++)
    *at = *at == '/' ? '_' : *at == '=' ? 'a' : *at == '+' ? 'f' : *at;
  return text;
}

char *
st_oauth_client_make_name (const char *user, const char *application, const char *key_type)
{
  g_auto (GStrv) pieces = g_strsplit (user, "@", -1);
  g_autofree char *owner = g_strjoinv ("-AT-", pieces);

  return g_strconcat (g_strdelimit (owner, "/", '_'), "_", application, key_type != NULL ? "_" : NULL, key_type, NULL);
}

/* Every set of columns that there can be, the missing ones as NULL. */
#define CLIENT(id, domain, pkce, state, validity) \
  { \
    "SELECT " id ", CONSUMER_KEY, CONSUMER_SECRET, USERNAME, TENANT_ID, " domain \
    ", APP_NAME, OAUTH_VERSION, CALLBACK_URL," \
    " GRANT_TYPES, " pkce ", " state ", " validity " FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = ?" \
  }
#define WITH_ID(pkce, state, validity) CLIENT ("ID", "USER_DOMAIN", pkce, state, validity)
#define PKCE "PKCE_MANDATORY, PKCE_SUPPORT_PLAIN"
#define NO_PKCE "NULL, NULL"
#define STATE "APP_STATE"
#define NO_STATE "NULL"
#define VALIDITY "USER_ACCESS_TOKEN_EXPIRE_TIME, APP_ACCESS_TOKEN_EXPIRE_TIME, REFRESH_TOKEN_EXPIRE_TIME"
#define NO_VALIDITY "NULL, NULL, NULL"

static const StStatement *
find_statement (const StWriter *writer)
{
  static const StStatement of_1_9 = CLIENT ("0", "NULL", NO_PKCE, NO_STATE, NO_VALIDITY);
  static const StStatement variants[2][2][2] = {
    { { WITH_ID (NO_PKCE, NO_STATE, NO_VALIDITY), WITH_ID (NO_PKCE, NO_STATE, VALIDITY) },
      { WITH_ID (NO_PKCE, STATE, NO_VALIDITY), WITH_ID (NO_PKCE, STATE, VALIDITY) } },
    { { WITH_ID (PKCE, NO_STATE, NO_VALIDITY), WITH_ID (PKCE, NO_STATE, VALIDITY) },
      { WITH_ID (PKCE, STATE, NO_VALIDITY), WITH_ID (PKCE, STATE, VALIDITY) } },
  };

  if (!st_writer_has (writer, ST_CAP_TOKEN_IDS))
    return &of_1_9;
  return &variants[st_writer_has (writer, ST_CAP_PKCE)][st_writer_has (writer, ST_CAP_APP_STATE)]
                  [st_writer_has (writer, ST_CAP_APP_EXPIRY)];
}

static char *
dup_or (StQuery *query, guint column, const char *otherwise)
{
  const char *text = st_query_text (query, column);

  return g_strdup (text != NULL ? text : otherwise);
}

/* 1.9 has the user store's name before the user's. */
static void
read_owner (StQuery *query, gboolean with_domain, StOauthUser *owner)
{
  const char *name = st_query_is_null (query, 3) ? "" : st_query_text (query, 3);
  const char *slash = with_domain ? NULL : strchr (name, '/');

  st_oauth_user_clear (owner);
  owner->name = g_strdup (slash != NULL ? slash + 1 : name);
  owner->tenant_id = (gint) st_query_int64 (query, 4);
  owner->user_domain = slash != NULL ? g_ascii_strup (name, slash - name) : dup_or (query, 5, ST_PRIMARY_USER_DOMAIN);
  if (owner->tenant_id == ST_SUPER_TENANT_ID)
    owner->tenant_domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
}

static StOauthClient *
read_client (StQuery *query, gboolean with_domain)
{
  StOauthClient *client = st_oauth_client_new ();

  client->id = st_query_int64 (query, 0);
  client->key = g_strdup (st_query_text (query, 1));
  client->secret = g_strdup (st_query_text (query, 2));
  read_owner (query, with_domain, &client->owner);
  client->name = g_strdup (st_query_text (query, 6));
  client->callback_url = dup_or (query, 8, "");
  client->grant_types = dup_or (query, 9, "");
  client->pkce_mandatory = g_strcmp0 (st_query_text (query, 10), "1") == 0;
  client->pkce_support_plain = g_strcmp0 (st_query_text (query, 11), "1") == 0;
  g_free (client->state);
  client->state = dup_or (query, 12, ST_OAUTH_CLIENT_ACTIVE);
  client->user_token_s = st_query_int64 (query, 13);
  client->application_token_s = st_query_int64 (query, 14);
  client->refresh_token_s = st_query_int64 (query, 15);
  return client;
}

gboolean
st_oauth_client_find (StWriter *writer, const char *key, StOauthClient **client, GError **error)
{
  g_autoptr (StOauthClient) found = NULL;
  g_autoptr (StQuery) query = st_writer_query (writer, find_statement (writer), error);
  StStep step;

  *client = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const char *version = st_query_text (query, 7);

      if (found == NULL && g_strcmp0 (st_query_text (query, 1), key) == 0 && version != NULL && *version != '\0')
        found = read_client (query, st_writer_has (writer, ST_CAP_TOKEN_IDS));
    }
  if (step != ST_END)
    return FALSE;
  *client = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_oauth_client_find_named (StWriter *writer, gint tenant_id, const char *name, StOauthClient **client, GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT CONSUMER_KEY, APP_NAME FROM IDN_OAUTH_CONSUMER_APPS WHERE APP_NAME = ? AND TENANT_ID = ?");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  g_autofree char *key = NULL;
  StStep step;

  *client = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, name);
  st_query_bind_int64 (query, 1, tenant_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (key == NULL && g_strcmp0 (st_query_text (query, 1), name) == 0)
      key = g_strdup (st_query_text (query, 0));
  if (step != ST_END)
    return FALSE;
  return key == NULL || st_oauth_client_find (writer, key, client, error);
}

static gboolean
check_client (const StWriter *writer, const StOauthClient *client, GError **error)
{
  glong max_secret = st_writer_has (writer, ST_CAP_TOKEN_HASH) ? MAX_SECRET : MAX_SECRET_BEFORE_2_2;

  return st_oauth_check_text ("consumer key", client->key, MAX_TEXT, error)
         && st_oauth_check_text ("consumer secret", client->secret, max_secret, error)
         && st_oauth_user_check (&client->owner, error)
         && st_oauth_check_text ("name of the OAuth client", client->name, MAX_TEXT, error)
         && st_oauth_check_text ("callback URL", client->callback_url, MAX_LONG_TEXT, error)
         && st_oauth_check_text ("list of grant types", client->grant_types, MAX_LONG_TEXT, error);
}

/* What the database cannot say must not be lost silently. */
static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the database's generation of API Manager has no columns for %s", what);
  return FALSE;
}

/* USERNAME: in 1.9 with the user store's name, and in small letters. */
static char *
owner_text (const StWriter *writer, const StOauthUser *owner)
{
  const StOauthUser without_tenant = { .name = owner->name, .user_domain = owner->user_domain };
  g_autofree char *text = NULL;

  if (st_writer_has (writer, ST_CAP_TOKEN_IDS))
    return g_strdup (owner->name);
  text = st_oauth_user_text (&without_tenant);
  return g_utf8_strdown (text, -1);
}

static gboolean
insert_row (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement of_1_9 = {
    "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, CONSUMER_SECRET, USERNAME, TENANT_ID, APP_NAME,"
    " CALLBACK_URL, GRANT_TYPES, OAUTH_VERSION) VALUES (?, ?, ?, ?, ?, ?, ?, 'OAuth-2.0')",
  };
  static const StStatement with_domain = {
    "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, CONSUMER_SECRET, USERNAME, TENANT_ID, APP_NAME,"
    " CALLBACK_URL, GRANT_TYPES, OAUTH_VERSION, USER_DOMAIN) VALUES (?, ?, ?, ?, ?, ?, ?, 'OAuth-2.0', ?)",
  };
  gboolean has_domain = st_writer_has (writer, ST_CAP_TOKEN_IDS);
  g_autofree char *owner = owner_text (writer, &client->owner);
  g_autofree char *user_domain = g_ascii_strup (client->owner.user_domain, -1);
  StQuery *query = st_writer_query (writer, has_domain ? &with_domain : &of_1_9, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, client->key);
  st_query_bind_text (query, 1, client->secret);
  st_query_bind_text (query, 2, owner);
  st_query_bind_int64 (query, 3, client->owner.tenant_id);
  st_query_bind_text (query, 4, client->name);
  st_query_bind_text (query, 5, client->callback_url != NULL ? client->callback_url : "");
  st_query_bind_text (query, 6, client->grant_types != NULL ? client->grant_types : "");
  if (has_domain)
    st_query_bind_text (query, 7, user_domain);
  return st_writer_run (query, error);
}

/* A server in a lax sql_mode stores "?" for what its character set lacks: then the client would be a stranger's. */
static gboolean
check_stored (StWriter *writer, const StOauthClient *client, GError **error)
{
  g_autofree char *owner = owner_text (writer, &client->owner);
  g_autoptr (StOauthClient) stored = NULL;
  g_autofree char *stored_owner = NULL;

  if (g_str_is_ascii (client->owner.name) && (client->name == NULL || g_str_is_ascii (client->name))
      && (client->callback_url == NULL || g_str_is_ascii (client->callback_url)))
    return TRUE;
  if (!st_oauth_client_find (writer, client->key, &stored, error))
    return FALSE;
  stored_owner = stored != NULL ? owner_text (writer, &stored->owner) : NULL;
  if (g_strcmp0 (stored_owner, owner) == 0 && g_strcmp0 (stored->name, client->name) == 0
      && g_strcmp0 (stored->callback_url, client->callback_url != NULL ? client->callback_url : "") == 0)
    return TRUE;
  g_set_error_literal (
      error, ST_ERROR, ST_ERROR_DATA,
      "the database's character set has no place for the name of the OAuth client, its owner or its callback URL");
  return FALSE;
}

/* The columns of 2.0 and later are set after the insert, each by its own flag, since migrated databases have any
 * mixture of them. Their defaults are never relied on: those of 2.2 are 1000 times too long. */
gboolean
st_oauth_client_insert (StWriter *writer, StOauthClient *client, GError **error)
{
  if (!check_client (writer, client, error) || !insert_row (writer, client, error))
    return FALSE;
  client->id = st_writer_has (writer, ST_CAP_TOKEN_IDS) ? st_transaction_last_insert_id (writer->transaction) : 0;
  return check_stored (writer, client, error) && st_oauth_client_update_state (writer, client, error)
         && st_oauth_client_update_pkce (writer, client, error)
         && st_oauth_client_update_validity (writer, client, error)
         && st_service_provider_add (writer, client, error);
}

gboolean
st_oauth_client_update_grants (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update
      = { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CALLBACK_URL = ?, GRANT_TYPES = ? WHERE CONSUMER_KEY = ?" };

  return check_client (writer, client, error)
         && st_writer_execute (writer, &update, error, "sss", client->callback_url != NULL ? client->callback_url : "",
                               client->grant_types != NULL ? client->grant_types : "", client->key)
         && check_stored (writer, client, error);
}

gboolean
st_oauth_client_update_name (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update = { "UPDATE IDN_OAUTH_CONSUMER_APPS SET APP_NAME = ? WHERE CONSUMER_KEY = ?" };

  return check_client (writer, client, error)
         && st_writer_execute (writer, &update, error, "ss", client->name, client->key)
         && check_stored (writer, client, error);
}

gboolean
st_oauth_client_update_secret (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update = { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_SECRET = ? WHERE CONSUMER_KEY = ?" };

  return check_client (writer, client, error)
         && st_writer_execute (writer, &update, error, "ss", client->secret, client->key)
         && st_service_provider_update_secret (writer, client, error);
}

gboolean
st_oauth_client_update_state (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update = { "UPDATE IDN_OAUTH_CONSUMER_APPS SET APP_STATE = ? WHERE CONSUMER_KEY = ?" };

  if (!st_writer_has (writer, ST_CAP_APP_STATE))
    return strcmp (client->state, ST_OAUTH_CLIENT_ACTIVE) == 0 || refuse ("the state of an OAuth client", error);
  return st_writer_execute (writer, &update, error, "ss", client->state, client->key);
}

gboolean
st_oauth_client_update_pkce (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update
      = { "UPDATE IDN_OAUTH_CONSUMER_APPS SET PKCE_MANDATORY = ?, PKCE_SUPPORT_PLAIN = ? WHERE CONSUMER_KEY = ?" };
  StQuery *query;

  if (!st_writer_has (writer, ST_CAP_PKCE))
    return (!client->pkce_mandatory && !client->pkce_support_plain) || refuse ("PKCE", error);
  query = st_writer_query (writer, &update, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, client->pkce_mandatory ? "1" : "0");
  st_query_bind_text (query, 1, client->pkce_support_plain ? "1" : "0");
  st_query_bind_text (query, 2, client->key);
  return st_writer_run (query, error);
}

/* 2.5 has one validity more, of ID tokens: the server's default, and not the column's, which may be a month. */
static gboolean
reset_id_token_validity (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement columns = {
    "SELECT COUNT(*) FROM pragma_table_info('IDN_OAUTH_CONSUMER_APPS') WHERE UPPER(name) = 'ID_TOKEN_EXPIRE_TIME'",
    "SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    " AND UPPER(TABLE_NAME) = 'IDN_OAUTH_CONSUMER_APPS' AND UPPER(COLUMN_NAME) = 'ID_TOKEN_EXPIRE_TIME'",
  };
  static const StStatement update
      = { "UPDATE IDN_OAUTH_CONSUMER_APPS SET ID_TOKEN_EXPIRE_TIME = 0 WHERE CONSUMER_KEY = ?" };
  gboolean there;
  StQuery *query;

  {
    g_autoptr (StQuery) probe = st_writer_query (writer, &columns, error);

    if (probe == NULL || st_query_step (probe, error) != ST_ROW)
      return FALSE;
    there = st_query_int64 (probe, 0) != 0;
  }
  if (!there)
    return TRUE;
  query = st_writer_query (writer, &update, error);
  if (query != NULL)
    st_query_bind_text (query, 0, client->key);
  return st_writer_run (query, error);
}

gboolean
st_oauth_client_update_validity (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement update = {
    "UPDATE IDN_OAUTH_CONSUMER_APPS SET USER_ACCESS_TOKEN_EXPIRE_TIME = ?, APP_ACCESS_TOKEN_EXPIRE_TIME = ?,"
    " REFRESH_TOKEN_EXPIRE_TIME = ? WHERE CONSUMER_KEY = ?",
  };
  StQuery *query;

  if (!st_writer_has (writer, ST_CAP_APP_EXPIRY))
    return (client->user_token_s == 0 && client->application_token_s == 0 && client->refresh_token_s == 0)
           || refuse ("the validity of a client's tokens", error);
  query = st_writer_query (writer, &update, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, client->user_token_s);
  st_query_bind_int64 (query, 1, client->application_token_s);
  st_query_bind_int64 (query, 2, client->refresh_token_s);
  st_query_bind_text (query, 3, client->key);
  return st_writer_run (query, error) && reset_id_token_validity (writer, client, error);
}

gboolean
st_oauth_client_delete (StWriter *writer, const StOauthClient *client, GError **error)
{
  static const StStatement remove = { "DELETE FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = ?" };

  return st_service_provider_remove (writer, client, error)
         && st_writer_execute (writer, &remove, error, "s", client->key);
}
