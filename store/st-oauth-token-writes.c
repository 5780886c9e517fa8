#include "config.h"
#include "store/st-oauth-token-writes.h"

#include "common/apim-secret.h"
#include "store/st-oauth-code.h"

#include <string.h>

#define MAX_TOKEN 2048
#define MAX_TOKEN_BEFORE_2_2 255
#define MAX_TYPE 25
#define MAX_GRANT_TYPE 50
#define MAX_SUBJECT 255
#define MAX_USER_1_9 100

/* What a row holds that the record does not say in so many words. */
typedef struct
{
  char *user; /* AUTHZ_USER */
  char *user_domain;
  char *subject;
  char *scopes; /* 1.9: the text; later: the hash */
  char *access_hash;
  char *refresh_hash;
  gint64 issued_ms; /* as the column takes them */
  gint64 refresh_issued_ms;
} Row;

static void
row_clear (Row *row)
{
  g_free (row->user);
  g_free (row->user_domain);
  g_free (row->subject);
  g_free (row->scopes);
  g_free (row->access_hash);
  g_free (row->refresh_hash);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, row_clear)

static gboolean
has_ids (const StWriter *writer)
{
  return st_writer_has (writer, ST_CAP_TOKEN_IDS);
}

static gboolean
row_init (Row *row, StWriter *writer, const StOauthForm *form, const StOauthToken *token, GError **error)
{
  const char *const *scopes = (const char *const *) token->scopes;
  g_autofree char *text = st_oauth_user_text (&token->user);

  row->user = has_ids (writer) ? g_strdup (token->user.name) : g_utf8_strdown (text, -1);
  row->user_domain = g_ascii_strup (token->user.user_domain, -1);
  row->subject = token->subject != NULL ? g_strdup (token->subject) : g_steal_pointer (&text);
  row->scopes = has_ids (writer) ? st_oauth_scope_hash (scopes) : st_oauth_scope_text (scopes);
  row->access_hash = st_oauth_hash (form->hash, token->access_token);
  row->refresh_hash = st_oauth_hash (form->hash, token->refresh_token);
  return st_oauth_time_stored (writer, form, token->issued_ms, &row->issued_ms, error)
         && st_oauth_time_stored (writer, form, token->refresh_issued_ms, &row->refresh_issued_ms, error);
}

static gboolean
check_token (const StWriter *writer, const StOauthToken *token, GError **error)
{
  glong max_token = st_writer_has (writer, ST_CAP_TOKEN_HASH) ? MAX_TOKEN : MAX_TOKEN_BEFORE_2_2;

  return st_oauth_check_text ("access token", token->access_token, max_token, error)
         && st_oauth_check_text ("refresh token", token->refresh_token, max_token, error)
         && st_oauth_user_check (&token->user, error)
         && st_oauth_user_check_tenant (&token->user, has_ids (writer), error)
         && st_oauth_check_text ("type of the user", token->user_type, MAX_TYPE, error)
         && st_oauth_check_text ("grant type", token->grant_type, MAX_GRANT_TYPE, error)
         && st_oauth_scopes_check ((const char *const *) token->scopes, writer->capabilities, error);
}

static gboolean
check_row (const StWriter *writer, const Row *row, GError **error)
{
  if (has_ids (writer))
    return st_oauth_check_text ("subject identifier", row->subject, MAX_SUBJECT, error);
  return st_oauth_check_text ("user name with its tenant", row->user, MAX_USER_1_9, error);
}

#define INSERT_TEXT(time) \
  "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN, REFRESH_TOKEN, CONSUMER_KEY, AUTHZ_USER, USER_TYPE," \
  " VALIDITY_PERIOD, TOKEN_SCOPE, TIME_CREATED, TOKEN_STATE, TOKEN_STATE_ID)" \
  " VALUES (?, ?, ?, ?, ?, ?, ?, " time ", 'ACTIVE', 'NONE')"
#define INSERT_IDS(time, columns, values) \
  "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (ACCESS_TOKEN, REFRESH_TOKEN, CONSUMER_KEY_ID, AUTHZ_USER, USER_TYPE," \
  " VALIDITY_PERIOD, TOKEN_SCOPE_HASH, TIME_CREATED, REFRESH_TOKEN_TIME_CREATED, TOKEN_ID, TENANT_ID, USER_DOMAIN," \
  " GRANT_TYPE, REFRESH_TOKEN_VALIDITY_PERIOD, SUBJECT_IDENTIFIER" columns ", TOKEN_STATE, TOKEN_STATE_ID)" \
  " VALUES (?, ?, ?, ?, ?, ?, ?, " time ", " time ", ?, ?, ?, ?, ?, ?" values ", 'ACTIVE', 'NONE')"
#define HASHES ", ACCESS_TOKEN_HASH, REFRESH_TOKEN_HASH"

static const StStatement *
insert_statement (const StWriter *writer)
{
  static const StStatement text = { INSERT_TEXT (ST_OAUTH_SQLITE_TIME), INSERT_TEXT (ST_OAUTH_MYSQL_TIME) };
  static const StStatement ids
      = { INSERT_IDS (ST_OAUTH_SQLITE_TIME, "", ""), INSERT_IDS (ST_OAUTH_MYSQL_TIME, "", "") };
  static const StStatement hashes
      = { INSERT_IDS (ST_OAUTH_SQLITE_TIME, HASHES, ", ?, ?"), INSERT_IDS (ST_OAUTH_MYSQL_TIME, HASHES, ", ?, ?") };

  if (!has_ids (writer))
    return &text;
  return st_writer_has (writer, ST_CAP_TOKEN_HASH) ? &hashes : &ids;
}

static void
bind_row (StQuery *query, const StWriter *writer, const StOauthClient *client, const StOauthToken *token,
          const Row *row)
{
  st_query_bind_text (query, 0, token->access_token);
  st_query_bind_text (query, 1, token->refresh_token);
  if (has_ids (writer))
    st_query_bind_int64 (query, 2, client->id);
  else
    st_query_bind_text (query, 2, client->key);
  st_query_bind_text (query, 3, row->user);
  st_query_bind_text (query, 4, token->user_type);
  st_query_bind_int64 (query, 5, token->validity_ms);
  st_query_bind_text (query, 6, row->scopes);
  st_query_bind_int64 (query, 7, row->issued_ms);
  if (!has_ids (writer))
    return;
  st_query_bind_int64 (query, 8, row->refresh_issued_ms);
  st_query_bind_text (query, 9, token->id);
  st_query_bind_int64 (query, 10, token->user.tenant_id);
  st_query_bind_text (query, 11, row->user_domain);
  st_query_bind_text (query, 12, token->grant_type);
  st_query_bind_int64 (query, 13, token->refresh_validity_ms);
  st_query_bind_text (query, 14, row->subject);
  if (!st_writer_has (writer, ST_CAP_TOKEN_HASH))
    return;
  st_query_bind_text (query, 15, row->access_hash);
  st_query_bind_text (query, 16, row->refresh_hash);
}

static gboolean
insert_row (StWriter *writer, const StOauthClient *client, const StOauthToken *token, const Row *row, GError **error)
{
  StQuery *query = st_writer_query (writer, insert_statement (writer), error);
  g_autoptr (GError) why = NULL;

  if (query == NULL)
    return FALSE;
  bind_row (query, writer, client, token, row);
  if (st_writer_run (query, &why))
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    g_set_error_literal (
        error, ST_ERROR, ST_ERROR_CONFLICT,
        "another token of this client, user and scopes was written at this moment, or the client deleted");
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* A scope that is already there is one that the collation cannot tell from another: to begin anew would not help. */
static gboolean
insert_scope (StWriter *writer, const StOauthToken *token, const char *scope, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN_SCOPE (TOKEN_ID, TOKEN_SCOPE, TENANT_ID) VALUES (?, ?, ?)" };
  StQuery *query = st_writer_query (writer, &insert, error);
  g_autoptr (GError) why = NULL;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, token->id);
  st_query_bind_text (query, 1, scope);
  st_query_bind_int64 (query, 2, token->user.tenant_id);
  if (st_writer_run (query, &why))
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    g_set_error (error, ST_ERROR, ST_ERROR_DATA,
                 "the database cannot tell the scope \"%s\" from another one of the token", scope);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
insert_scopes (StWriter *writer, const StOauthToken *token, GError **error)
{
  const char *const *scopes = (const char *const *) token->scopes;

  if (!has_ids (writer))
    return TRUE;
  for (guint i = 0; scopes[i] != NULL; i++)
    {
      guint first = 0;

      while (strcmp (scopes[first], scopes[i]) != 0)
        first++;
      if (first == i && !insert_scope (writer, token, scopes[i], error))
        return FALSE;
    }
  return TRUE;
}

/* The row's own key: not in 1.9, where it is the token. */
static const char *
key_of (gboolean ids, const StOauthToken *token)
{
  return ids ? token->id : token->access_token;
}

/* A server in a lax sql_mode stores "?" for what its character set lacks: then the token would be a stranger's. */
static gboolean
check_stored (StWriter *writer, const StOauthToken *token, const Row *row, GError **error)
{
  static const StStatement text = { "SELECT AUTHZ_USER, NULL FROM IDN_OAUTH2_ACCESS_TOKEN WHERE ACCESS_TOKEN = ?" };
  static const StStatement ids
      = { "SELECT AUTHZ_USER, SUBJECT_IDENTIFIER FROM IDN_OAUTH2_ACCESS_TOKEN WHERE TOKEN_ID = ?" };
  g_autoptr (StQuery) query = NULL;

  if (g_str_is_ascii (row->user) && g_str_is_ascii (row->subject))
    return TRUE;
  query = st_writer_query (writer, has_ids (writer) ? &ids : &text, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, key_of (has_ids (writer), token));
  switch (st_query_step (query, error))
    {
    case ST_ROW:
      if (g_strcmp0 (st_query_text (query, 0), row->user) == 0
          && (!has_ids (writer) || g_strcmp0 (st_query_text (query, 1), row->subject) == 0))
        return TRUE;
      break;
    case ST_FAILED:
      return FALSE;
    case ST_END:
    default:
      break;
    }
  g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "the database's character set has no place for the user's name");
  return FALSE;
}

static gboolean
insert_token (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const StOauthToken *token,
              GError **error)
{
  g_auto (Row) row = { NULL };

  return check_token (writer, token, error) && row_init (&row, writer, form, token, error)
         && check_row (writer, &row, error) && insert_row (writer, client, token, &row, error)
         && insert_scopes (writer, token, error) && check_stored (writer, token, &row, error);
}

static gboolean
table_has_ids (const StTokenTable *table)
{
  return (table->capabilities & ST_CAP_TOKEN_IDS) != 0;
}

/* The table of a token that was found; NULL: it is gone since. */
static const StTokenTable *
table_of (const StWriter *writer, const StOauthToken *token, GError **error)
{
  const StTokenTable *table
      = st_token_tables_find (writer->token_tables, token->table != NULL ? token->table : ST_TOKEN_TABLE);

  if (table == NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the table %s, which the token was in, is gone", token->table);
  return table;
}

/* Waits for whoever is changing the row, and checks that it is still as it was found. */
static gboolean
lock_row (StWriter *writer, const StTokenTable *table, const StOauthToken *token, GError **error)
{
#define STATE_OF(key) "SELECT TOKEN_STATE FROM IDN_OAUTH2_ACCESS_TOKEN WHERE " key " = ?"
  static const StStatement text = { STATE_OF ("ACCESS_TOKEN"), STATE_OF ("ACCESS_TOKEN") " FOR UPDATE" };
  static const StStatement ids = { STATE_OF ("TOKEN_ID"), STATE_OF ("TOKEN_ID") " FOR UPDATE" };
  gboolean has = table_has_ids (table);
  g_autoptr (StQuery) query = st_writer_query (writer, st_token_table_statement (table, has ? &ids : &text), error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, key_of (has, token));
  step = st_query_step (query, error);
  if (step == ST_FAILED)
    return FALSE;
  if (step == ST_ROW && g_strcmp0 (st_query_text (query, 0), token->state) == 0)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "the token was changed at this moment");
  return FALSE;
}

/* The times are assigned to themselves, because in some generations the column moves on every update
 * (spec/databases.md 4.5). */
static gboolean
set_state_and_id (StWriter *writer, const StOauthToken *token, const char *state, const char *state_id, GError **error)
{
  static const StStatement text = {
    "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = ?, TOKEN_STATE_ID = ?, TIME_CREATED = TIME_CREATED"
    " WHERE ACCESS_TOKEN = ?",
  };
  static const StStatement ids = {
    "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = ?, TOKEN_STATE_ID = ?, TIME_CREATED = TIME_CREATED,"
    " REFRESH_TOKEN_TIME_CREATED = REFRESH_TOKEN_TIME_CREATED WHERE TOKEN_ID = ?",
  };
  const StTokenTable *table = table_of (writer, token, error);
  StQuery *query;

  if (table == NULL || !lock_row (writer, table, token, error))
    return FALSE;
  query = st_writer_query (writer, st_token_table_statement (table, table_has_ids (table) ? &ids : &text), error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, state);
  st_query_bind_text (query, 1, state_id);
  st_query_bind_text (query, 2, key_of (table_has_ids (table), token));
  return st_writer_run (query, error);
}

/* Of tokens that are not ACTIVE there may be many of one client, user and scopes. */
static gboolean
set_state (StWriter *writer, const StOauthToken *token, const char *state, GError **error)
{
  g_autofree char *state_id = apim_random_uuid ();

  return set_state_and_id (writer, token, state, state_id, error);
}

/* Adds to @found the EXPIRED rows of @table with the refresh token, client and user of @token. @user: as the table has
 * the name. */
static gboolean
find_forerunners (StWriter *writer, const StTokenTable *table, const StOauthToken *token, const char *user,
                  GPtrArray *found, GError **error)
{
#define FORERUNNERS(key, client) \
  "SELECT " key ", REFRESH_TOKEN FROM IDN_OAUTH2_ACCESS_TOKEN WHERE " client " AND AUTHZ_USER = ?" \
  " AND TOKEN_STATE = 'EXPIRED' AND REFRESH_TOKEN = ?"
  static const StStatement text = { FORERUNNERS ("ACCESS_TOKEN", "CONSUMER_KEY = ?") };
  static const StStatement ids = { FORERUNNERS (
      "TOKEN_ID", "CONSUMER_KEY_ID = (SELECT ID FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = ?)") };
  gboolean has = table_has_ids (table);
  g_autoptr (StQuery) query = st_writer_query (writer, st_token_table_statement (table, has ? &ids : &text), error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, token->consumer_key);
  st_query_bind_text (query, 1, user);
  st_query_bind_text (query, 2, token->refresh_token);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (g_strcmp0 (st_query_text (query, 1), token->refresh_token) == 0
        && g_strcmp0 (st_query_text (query, 0), key_of (has, token)) != 0)
      {
        StOauthToken *forerunner = g_new0 (StOauthToken, 1);

        forerunner->table = table->partition ? g_strdup (table->name) : NULL;
        *(has ? &forerunner->id : &forerunner->access_token) = g_strdup (st_query_text (query, 0));
        forerunner->state = g_strdup (ST_OAUTH_EXPIRED);
        g_ptr_array_add (found, forerunner);
      }
  return step == ST_END;
}

/* Ends @token, and with it those whose place it took while the refresh token was kept: once the row of @token is purged,
 * they would be what the refresh token stands for. */
static gboolean
end_token (StWriter *writer, const StOauthToken *token, const char *state, GError **error)
{
  g_autoptr (GPtrArray) forerunners = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  g_autofree char *text = st_oauth_user_text (&token->user);
  g_autofree char *user = has_ids (writer) ? g_strdup (token->user.name) : g_utf8_strdown (text, -1);
  guint n_tables = st_oauth_user_is_primary (&token->user) ? 1 : writer->token_tables->n;

  if (!set_state (writer, token, state, error))
    return FALSE;
  for (guint i = 0; i < n_tables && token->refresh_token != NULL; i++)
    if (!find_forerunners (writer, &writer->token_tables->tables[i], token, user, forerunners, error))
      return FALSE;
  for (guint i = 0; i < forerunners->len; i++)
    if (!set_state (writer, forerunners->pdata[i], state, error))
      return FALSE;
  return TRUE;
}

gboolean
st_oauth_token_issue (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const StOauthToken *token,
                      const StOauthToken *old, GError **error)
{
  return (old == NULL || set_state (writer, old, ST_OAUTH_EXPIRED, error))
         && insert_token (writer, form, client, token, error);
}

gboolean
st_oauth_token_refresh (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                        const StOauthToken *token, const StOauthToken *old, GError **error)
{
  return end_token (writer, old, ST_OAUTH_INACTIVE, error) && insert_token (writer, form, client, token, error);
}

gboolean
st_oauth_token_revoke (StWriter *writer, const StOauthToken *token, GError **error)
{
  return strcmp (token->state, ST_OAUTH_REVOKED) == 0 || end_token (writer, token, ST_OAUTH_REVOKED, error);
}

gboolean
st_oauth_token_revoke_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                           const StOauthUser *user, gint64 now_ms, GPtrArray **tokens, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;

  if (!st_oauth_code_expire_all (writer, form, client, user, now_ms, error)
      || !st_oauth_token_find_all (writer, form, client, user, now_ms, &found, error))
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    if (!set_state (writer, g_ptr_array_index (found, i), ST_OAUTH_REVOKED, error))
      return FALSE;
  if (tokens != NULL)
    *tokens = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_oauth_token_expire (StWriter *writer, const StOauthToken *token, GError **error)
{
  return set_state (writer, token, ST_OAUTH_EXPIRED, error);
}

gboolean
st_oauth_token_block (StWriter *writer, const StOauthToken *token, GError **error)
{
  return set_state (writer, token, ST_OAUTH_BLOCKED, error);
}

gboolean
st_oauth_token_unblock (StWriter *writer, const StOauthToken *token, GError **error)
{
  return set_state_and_id (writer, token, ST_OAUTH_ACTIVE, "NONE", error);
}
