#include "config.h"
#include "store/st-oauth-code.h"

#include "common/apim-secret.h"

#include <string.h>

#define MAX_CODE 2048
#define MAX_CODE_BEFORE_2_2 512
#define MAX_CODE_1_9 255
#define MAX_CALLBACK_URL 1024
#define MAX_SCOPES 2048
#define MAX_SCOPES_1_9 767
#define MAX_USER_1_9 512
#define MAX_SUBJECT 255
#define MAX_CHALLENGE 255
#define MAX_CHALLENGE_METHOD 128

StOauthCode *
st_oauth_code_new (void)
{
  StOauthCode *code = g_new0 (StOauthCode, 1);

  code->id = apim_random_uuid ();
  code->state = g_strdup (ST_OAUTH_CODE_ACTIVE);
  code->scopes = g_new0 (char *, 1);
  return code;
}

void
st_oauth_code_free (StOauthCode *code)
{
  if (code == NULL)
    return;
  g_free (code->id);
  apim_secret_free (code->code);
  st_oauth_user_clear (&code->user);
  g_free (code->callback_url);
  g_strfreev (code->scopes);
  g_free (code->state);
  g_free (code->token_id);
  g_free (code->subject);
  g_free (code->challenge);
  g_free (code->challenge_method);
  g_free (code);
}

static gboolean
has_ids (const StWriter *writer)
{
  return st_writer_has (writer, ST_CAP_TOKEN_IDS);
}

/* The texts of a row that the record does not say in so many words. */
typedef struct
{
  char *user;
  char *user_domain;
  char *subject;
  char *scopes;
  char *hash;
  gint64 issued_ms; /* as the column takes it */
} Row;

static void
row_clear (Row *row)
{
  g_free (row->user);
  g_free (row->user_domain);
  g_free (row->subject);
  g_free (row->scopes);
  g_free (row->hash);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, row_clear)

static gboolean
row_init (Row *row, StWriter *writer, const StOauthForm *form, const StOauthCode *code, GError **error)
{
  g_autofree char *text = st_oauth_user_text (&code->user);

  row->user = has_ids (writer) ? g_strdup (code->user.name) : g_utf8_strdown (text, -1);
  row->user_domain = g_ascii_strup (code->user.user_domain, -1);
  row->subject = code->subject != NULL ? g_strdup (code->subject) : g_steal_pointer (&text);
  row->scopes = st_oauth_scope_text ((const char *const *) code->scopes);
  row->hash = st_oauth_hash (form->hash, code->code);
  return st_oauth_time_stored (writer, form, code->issued_ms, &row->issued_ms, error);
}

static gboolean
check_code (const StWriter *writer, const StOauthCode *code, const Row *row, GError **error)
{
  glong max_code = !has_ids (writer)                            ? MAX_CODE_1_9
                   : !st_writer_has (writer, ST_CAP_TOKEN_HASH) ? MAX_CODE_BEFORE_2_2
                                                                : MAX_CODE;

  if (code->challenge != NULL && !st_writer_has (writer, ST_CAP_PKCE))
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA,
                           "the database's generation of API Manager has no columns for PKCE");
      return FALSE;
    }
  return st_oauth_check_text ("authorization code", code->code, max_code, error)
         && st_oauth_check_text ("user name with its tenant", row->user, has_ids (writer) ? G_MAXLONG : MAX_USER_1_9,
                                 error)
         && st_oauth_check_text ("callback URL", code->callback_url, MAX_CALLBACK_URL, error)
         && st_oauth_check_text ("list of scopes", row->scopes, has_ids (writer) ? MAX_SCOPES : MAX_SCOPES_1_9, error)
         && st_oauth_check_text ("subject identifier", row->subject, has_ids (writer) ? MAX_SUBJECT : G_MAXLONG, error)
         && st_oauth_check_text ("PKCE challenge", code->challenge, MAX_CHALLENGE, error)
         && st_oauth_check_text ("PKCE challenge method", code->challenge_method, MAX_CHALLENGE_METHOD, error);
}

#define INSERT_TEXT(time) \
  "INSERT INTO IDN_OAUTH2_AUTHORIZATION_CODE (AUTHORIZATION_CODE, CONSUMER_KEY, CALLBACK_URL, SCOPE, AUTHZ_USER," \
  " VALIDITY_PERIOD, TIME_CREATED) VALUES (?, ?, ?, ?, ?, ?, " time ")"
#define INSERT_IDS(time) \
  "INSERT INTO IDN_OAUTH2_AUTHORIZATION_CODE (AUTHORIZATION_CODE, CONSUMER_KEY_ID, CALLBACK_URL, SCOPE, AUTHZ_USER," \
  " VALIDITY_PERIOD, TIME_CREATED, CODE_ID, TENANT_ID, USER_DOMAIN, SUBJECT_IDENTIFIER, STATE)" \
  " VALUES (?, ?, ?, ?, ?, ?, " time ", ?, ?, ?, ?, 'ACTIVE')"

static gboolean
insert_row (StWriter *writer, const StOauthClient *client, const StOauthCode *code, const Row *row, GError **error)
{
  static const StStatement text = { INSERT_TEXT (ST_OAUTH_SQLITE_TIME), INSERT_TEXT (ST_OAUTH_MYSQL_TIME) };
  static const StStatement ids = { INSERT_IDS (ST_OAUTH_SQLITE_TIME), INSERT_IDS (ST_OAUTH_MYSQL_TIME) };
  StQuery *query = st_writer_query (writer, has_ids (writer) ? &ids : &text, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, code->code);
  if (has_ids (writer))
    st_query_bind_int64 (query, 1, client->id);
  else
    st_query_bind_text (query, 1, client->key);
  st_query_bind_text (query, 2, code->callback_url);
  st_query_bind_text (query, 3, row->scopes);
  st_query_bind_text (query, 4, row->user);
  st_query_bind_int64 (query, 5, code->validity_ms);
  st_query_bind_int64 (query, 6, row->issued_ms);
  if (!has_ids (writer))
    return st_writer_run (query, error);
  st_query_bind_text (query, 7, code->id);
  st_query_bind_int64 (query, 8, code->user.tenant_id);
  st_query_bind_text (query, 9, row->user_domain);
  st_query_bind_text (query, 10, row->subject);
  return st_writer_run (query, error);
}

/* The columns of 2.0 and of 2.2, each by its own flag, since migrated databases have any mixture of them. */
static gboolean
set_challenge (StWriter *writer, const StOauthCode *code, GError **error)
{
  static const StStatement update = {
    "UPDATE IDN_OAUTH2_AUTHORIZATION_CODE SET PKCE_CODE_CHALLENGE = ?, PKCE_CODE_CHALLENGE_METHOD = ?,"
    " TIME_CREATED = TIME_CREATED WHERE CODE_ID = ?",
  };
  StQuery *query;

  if (code->challenge == NULL)
    return TRUE;
  query = st_writer_query (writer, &update, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, code->challenge);
  st_query_bind_text (query, 1, code->challenge_method);
  st_query_bind_text (query, 2, code->id);
  return st_writer_run (query, error);
}

static gboolean
set_hash (StWriter *writer, const StOauthCode *code, const Row *row, GError **error)
{
  static const StStatement update = {
    "UPDATE IDN_OAUTH2_AUTHORIZATION_CODE SET AUTHORIZATION_CODE_HASH = ?, TIME_CREATED = TIME_CREATED"
    " WHERE CODE_ID = ?",
  };
  StQuery *query;

  if (row->hash == NULL)
    return TRUE;
  query = st_writer_query (writer, &update, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, row->hash);
  st_query_bind_text (query, 1, code->id);
  return st_writer_run (query, error);
}

/* A server in a lax sql_mode stores "?" for what its character set lacks: then the code would be a stranger's. */
static gboolean
check_stored (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const StOauthCode *code,
              const Row *row, GError **error)
{
  g_autoptr (StOauthCode) stored = NULL;

  if (g_str_is_ascii (row->user) && g_str_is_ascii (row->subject)
      && (code->callback_url == NULL || g_str_is_ascii (code->callback_url)))
    return TRUE;
  if (!st_oauth_code_find (writer, form, client, code->code, &stored, error))
    return FALSE;
  if (stored != NULL && st_oauth_user_has_name (&code->user, stored->user.name, !has_ids (writer))
      && g_strcmp0 (stored->callback_url, code->callback_url) == 0
      && (!has_ids (writer) || g_strcmp0 (stored->subject, row->subject) == 0))
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA,
                       "the database's character set has no place for the user's name or the callback URL");
  return FALSE;
}

gboolean
st_oauth_code_insert (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const StOauthCode *code,
                      GError **error)
{
  g_auto (Row) row = { NULL };

  return st_oauth_user_check (&code->user, error)
         && st_oauth_user_check_tenant (&code->user, has_ids (writer), error)
         && st_oauth_scopes_check ((const char *const *) code->scopes, writer->capabilities, error)
         && row_init (&row, writer, form, code, error) && check_code (writer, code, &row, error)
         && insert_row (writer, client, code, &row, error) && set_challenge (writer, code, error)
         && set_hash (writer, code, &row, error) && check_stored (writer, form, client, code, &row, error);
}

#define TEXT_ROWS(times, where) \
  "SELECT NULL, AUTHORIZATION_CODE, AUTHZ_USER, NULL, NULL, CALLBACK_URL, SCOPE, " times ("TIME_CREATED") \
  ", VALIDITY_PERIOD, 'ACTIVE', NULL, NULL, NULL, NULL, NULL" \
  " FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE CONSUMER_KEY = ?" where
#define ID_ROWS(times, challenge, hash, where) \
  "SELECT CODE_ID, AUTHORIZATION_CODE, AUTHZ_USER, TENANT_ID, USER_DOMAIN, CALLBACK_URL, SCOPE," \
  " " times ("TIME_CREATED") \
  ", VALIDITY_PERIOD, STATE, TOKEN_ID, SUBJECT_IDENTIFIER, " challenge ", " hash \
  " FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE CONSUMER_KEY_ID = ? AND " where
#define ID_STATEMENT(challenge, hash, where) \
  { \
    ID_ROWS (ST_OAUTH_SQLITE_TIMES, challenge, hash, where), ID_ROWS (ST_OAUTH_MYSQL_TIMES, challenge, hash, where) \
  }
#define NO_CHALLENGE "NULL, NULL"
#define CHALLENGE "PKCE_CODE_CHALLENGE, PKCE_CODE_CHALLENGE_METHOD"
#define HASH "AUTHORIZATION_CODE_HASH"
#define BY_CODE "AUTHORIZATION_CODE = ?"
#define BY_HASH "AUTHORIZATION_CODE_HASH IN (?, ?, ?)"
#define BY_PLAIN_CODE "AUTHORIZATION_CODE_HASH IS NULL AND AUTHORIZATION_CODE = ?"

#define TEXT_STATEMENT(where) \
  { \
    TEXT_ROWS (ST_OAUTH_SQLITE_TIMES, where), TEXT_ROWS (ST_OAUTH_MYSQL_TIMES, where) \
  }
#define IS_ACTIVE "STATE = 'ACTIVE'"
#define OF_USER " AND AUTHZ_USER = ?"

static const StStatement by_text = TEXT_STATEMENT (" AND AUTHORIZATION_CODE = ?");
/* Each without and with the columns of PKCE. */
static const StStatement by_code[]
    = { ID_STATEMENT (NO_CHALLENGE, "NULL", BY_CODE), ID_STATEMENT (CHALLENGE, "NULL", BY_CODE) };
static const StStatement by_hash[]
    = { ID_STATEMENT (NO_CHALLENGE, HASH, BY_HASH), ID_STATEMENT (CHALLENGE, HASH, BY_HASH) };
/* Rows from before the hash column. */
static const StStatement by_plain_code[]
    = { ID_STATEMENT (NO_CHALLENGE, HASH, BY_PLAIN_CODE), ID_STATEMENT (CHALLENGE, HASH, BY_PLAIN_CODE) };
/* Of all users, and of one; without and with ids. */
static const StStatement all_text = TEXT_STATEMENT ("");
static const StStatement text_of_user = TEXT_STATEMENT (OF_USER);
static const StStatement all_ids = ID_STATEMENT (NO_CHALLENGE, "NULL", IS_ACTIVE);
static const StStatement ids_of_user = ID_STATEMENT (NO_CHALLENGE, "NULL", IS_ACTIVE OF_USER);

static StOauthUser
read_user (StQuery *query)
{
  StOauthUser user = { .name = NULL };

  if (st_query_is_null (query, 0))
    return st_oauth_user_parse (st_query_text (query, 2));
  user.name = g_strdup (st_query_text (query, 2));
  user.tenant_id = (gint) st_query_int64 (query, 3);
  user.user_domain = g_strdup (st_query_is_null (query, 4) ? ST_PRIMARY_USER_DOMAIN : st_query_text (query, 4));
  if (user.tenant_id == ST_SUPER_TENANT_ID)
    user.tenant_domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
  return user;
}

static StOauthCode *
read_row (StQuery *query, const StOauthForm *form)
{
  StOauthCode *code = g_new0 (StOauthCode, 1);

  code->id = g_strdup (st_query_text (query, 0));
  code->code = g_strdup (st_query_text (query, 1));
  code->user = read_user (query);
  code->callback_url = g_strdup (st_query_text (query, 5));
  code->scopes = g_strsplit (st_query_is_null (query, 6) ? "" : st_query_text (query, 6), " ", -1);
  code->issued_ms = st_oauth_time_read (query, 7, form);
  code->validity_ms = st_query_int64 (query, 9);
  code->state = g_strdup (st_query_is_null (query, 10) ? "" : st_query_text (query, 10));
  code->token_id = g_strdup (st_query_text (query, 11));
  code->subject = g_strdup (st_query_text (query, 12));
  code->challenge = g_strdup (st_query_text (query, 13));
  code->challenge_method = g_strdup (st_query_text (query, 14));
  return code;
}

/* @hashes: NULL where the statement takes the text. */
static gboolean
search_rows (StWriter *writer, const StOauthForm *form, const StStatement *statement, const StOauthClient *client,
             const char *text, const StOauthHashes *hashes, StOauthCode **found, GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, statement, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  if (has_ids (writer))
    st_query_bind_int64 (query, 0, client->id);
  else
    st_query_bind_text (query, 0, client->key);
  if (hashes == NULL)
    st_query_bind_text (query, 1, text);
  for (guint i = 0; hashes != NULL && i < ST_OAUTH_N_HASHES; i++)
    st_query_bind_text (query, 1 + i, hashes->texts[i]);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gboolean same = hashes != NULL ? st_oauth_hashes_have (hashes, st_query_text (query, 15))
                                     : g_strcmp0 (st_query_text (query, 1), text) == 0;

      if (same && *found == NULL && !st_query_is_null (query, 2))
        *found = read_row (query, form);
    }
  return step == ST_END;
}

gboolean
st_oauth_code_find (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const char *text,
                    StOauthCode **code, GError **error)
{
  gboolean pkce = st_writer_has (writer, ST_CAP_PKCE);
  g_autoptr (StOauthCode) found = NULL;
  g_auto (StOauthHashes) hashes = { { NULL } };
  gboolean done;

  *code = NULL;
  if (!has_ids (writer))
    done = search_rows (writer, form, &by_text, client, text, NULL, &found, error);
  else if (!st_writer_has (writer, ST_CAP_TOKEN_HASH))
    done = search_rows (writer, form, &by_code[pkce], client, text, NULL, &found, error);
  else
    {
      st_oauth_hashes_init (&hashes, text);
      done = search_rows (writer, form, &by_hash[pkce], client, text, &hashes, &found, error)
             && (found != NULL || search_rows (writer, form, &by_plain_code[pkce], client, text, NULL, &found, error));
    }
  if (done)
    *code = g_steal_pointer (&found);
  return done;
}

/* Waits for whoever is using the code, and checks that it is still there to be used. */
static gboolean
lock_row (StWriter *writer, const StOauthCode *code, GError **error)
{
#define STATE_OF(state, key) "SELECT " state " FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE " key " = ?"
  static const StStatement text
      = { STATE_OF ("'ACTIVE'", "AUTHORIZATION_CODE"), STATE_OF ("'ACTIVE'", "AUTHORIZATION_CODE") " FOR UPDATE" };
  static const StStatement ids = { STATE_OF ("STATE", "CODE_ID"), STATE_OF ("STATE", "CODE_ID") " FOR UPDATE" };
  g_autoptr (StQuery) query = st_writer_query (writer, has_ids (writer) ? &ids : &text, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, has_ids (writer) ? code->id : code->code);
  step = st_query_step (query, error);
  if (step == ST_FAILED)
    return FALSE;
  if (step == ST_ROW && g_strcmp0 (st_query_text (query, 0), ST_OAUTH_CODE_ACTIVE) == 0)
    return TRUE;
  g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "the authorization code was used at this moment");
  return FALSE;
}

/* TIME_CREATED moves on every update where it is not assigned (spec/databases.md 4.5). */
static gboolean
end_code (StWriter *writer, const StOauthCode *code, const char *state, const char *token_id, GError **error)
{
  static const StStatement remove = { "DELETE FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE AUTHORIZATION_CODE = ?" };
  static const StStatement update = {
    "UPDATE IDN_OAUTH2_AUTHORIZATION_CODE SET STATE = ?, TOKEN_ID = ?, TIME_CREATED = TIME_CREATED WHERE CODE_ID = ?",
  };
  StQuery *query;

  if (!lock_row (writer, code, error))
    return FALSE;
  query = st_writer_query (writer, has_ids (writer) ? &update : &remove, error);
  if (query == NULL)
    return FALSE;
  if (!has_ids (writer))
    {
      st_query_bind_text (query, 0, code->code);
      return st_writer_run (query, error);
    }
  st_query_bind_text (query, 0, state);
  st_query_bind_text (query, 1, token_id);
  st_query_bind_text (query, 2, code->id);
  return st_writer_run (query, error);
}

gboolean
st_oauth_code_use (StWriter *writer, const StOauthCode *code, const char *token_id, GError **error)
{
  return end_code (writer, code, ST_OAUTH_CODE_INACTIVE, token_id, error);
}

gboolean
st_oauth_code_expire (StWriter *writer, const StOauthCode *code, GError **error)
{
  return end_code (writer, code, ST_OAUTH_CODE_EXPIRED, NULL, error);
}

/* Collations fold more than they should, and 1.9 has one text. */
static gboolean
is_of_user (const StWriter *writer, const StOauthForm *form, const StOauthCode *code, const StOauthUser *user)
{
  g_autofree char *text = st_oauth_user_text (user);
  g_autofree char *stored = st_oauth_user_text (&code->user);

  if (has_ids (writer))
    return code->user.tenant_id == user->tenant_id && st_oauth_user_is_same (user, &code->user, form->fold_names);
  return st_oauth_user_has_name (&(StOauthUser){ .name = text }, stored, TRUE);
}

/* *codes: (element-type StOauthCode) (transfer full): that could be used at @now_ms. */
static gboolean
find_usable (StWriter *writer, const StOauthForm *form, const StOauthClient *client, const StOauthUser *user,
             gint64 now_ms, GPtrArray **codes, GError **error)
{
  const StStatement *of_all = has_ids (writer) ? &all_ids : &all_text;
  const StStatement *of_user = has_ids (writer) ? &ids_of_user : &text_of_user;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_code_free);
  g_autofree char *text = user != NULL ? st_oauth_user_text (user) : NULL;
  g_autofree char *folded = text != NULL ? g_utf8_strdown (text, -1) : NULL;
  g_autoptr (StQuery) query = st_writer_query (writer, user != NULL ? of_user : of_all, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  if (has_ids (writer))
    st_query_bind_int64 (query, 0, client->id);
  else
    st_query_bind_text (query, 0, client->key);
  if (user != NULL)
    st_query_bind_text (query, 1, has_ids (writer) ? user->name : folded);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autoptr (StOauthCode) code = st_query_is_null (query, 2) ? NULL : read_row (query, form);

      if (code != NULL && now_ms - code->issued_ms <= code->validity_ms
          && (user == NULL || is_of_user (writer, form, code, user)))
        g_ptr_array_add (found, g_steal_pointer (&code));
    }
  *codes = g_steal_pointer (&found);
  return step == ST_END;
}

gboolean
st_oauth_code_expire_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                          const StOauthUser *user, gint64 now_ms, GError **error)
{
  g_autoptr (GPtrArray) codes = NULL;

  if (!find_usable (writer, form, client, user, now_ms, &codes, error))
    return FALSE;
  for (guint i = 0; i < codes->len; i++)
    if (!st_oauth_code_expire (writer, codes->pdata[i], error))
      return FALSE;
  return TRUE;
}
