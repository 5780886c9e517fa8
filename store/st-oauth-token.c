#include "config.h"
#include "store/st-oauth-token.h"

#include "common/apim-secret.h"

#include <string.h>

/* The three shapes of the table. */
typedef enum
{
  SHAPE_TEXT, /* 1.9: no ids, scopes in a column */
  SHAPE_IDS,  /* 1.10 to 2.1 */
  SHAPE_HASH, /* 2.2 and later */
  N_SHAPES,
} Shape;

/* The same columns in every shape, the missing ones as NULL. */
enum
{
  ID,
  ACCESS_TOKEN,
  REFRESH_TOKEN,
  CONSUMER_KEY,
  AUTHZ_USER,
  TENANT_ID,
  USER_DOMAIN,
  USER_TYPE,
  GRANT_TYPE,
  CREATED,
  REFRESH_CREATED = CREATED + 2,
  VALIDITY = REFRESH_CREATED + 2,
  REFRESH_VALIDITY,
  STATE,
  SUBJECT,
  SCOPE,
  ACCESS_HASH,
  REFRESH_HASH,
};

#define TEXT_ROWS(times) \
  "SELECT NULL, t.ACCESS_TOKEN, t.REFRESH_TOKEN, t.CONSUMER_KEY, t.AUTHZ_USER, NULL, NULL, t.USER_TYPE, NULL," \
  " " times ("t.TIME_CREATED") ", NULL, NULL, t.VALIDITY_PERIOD, NULL, t.TOKEN_STATE, NULL, t.TOKEN_SCOPE, NULL, NULL" \
  " FROM IDN_OAUTH2_ACCESS_TOKEN t WHERE "
#define ID_ROWS(times, hashes) \
  "SELECT t.TOKEN_ID, t.ACCESS_TOKEN, t.REFRESH_TOKEN, c.CONSUMER_KEY, t.AUTHZ_USER, t.TENANT_ID, t.USER_DOMAIN," \
  " t.USER_TYPE, t.GRANT_TYPE, " times ("t.TIME_CREATED") ", " times ("t.REFRESH_TOKEN_TIME_CREATED") \
  ", t.VALIDITY_PERIOD, t.REFRESH_TOKEN_VALIDITY_PERIOD, t.TOKEN_STATE, t.SUBJECT_IDENTIFIER, NULL, " hashes \
  " FROM IDN_OAUTH2_ACCESS_TOKEN t JOIN IDN_OAUTH_CONSUMER_APPS c ON c.ID = t.CONSUMER_KEY_ID WHERE "
#define NO_HASHES "NULL, NULL"
#define HASHES "t.ACCESS_TOKEN_HASH, t.REFRESH_TOKEN_HASH"
#define TEXT_SHAPE(where) \
  { \
    TEXT_ROWS (ST_OAUTH_SQLITE_TIMES) where, TEXT_ROWS (ST_OAUTH_MYSQL_TIMES) where \
  }
#define ID_SHAPE(hashes, where) ID_SHAPES (hashes, where, where)
#define ID_SHAPES(hashes, sqlite_where, mysql_where) \
  { \
    ID_ROWS (ST_OAUTH_SQLITE_TIMES, hashes) sqlite_where, ID_ROWS (ST_OAUTH_MYSQL_TIMES, hashes) mysql_where \
  }

#define TEXT_KEY "t.CONSUMER_KEY = ? AND t.AUTHZ_USER = ? AND t.USER_TYPE = ? AND t.TOKEN_SCOPE = ?"
#define ID_KEY \
  "t.CONSUMER_KEY_ID = ? AND t.AUTHZ_USER = ? AND t.USER_TYPE = ? AND t.TOKEN_SCOPE_HASH = ? AND t.TENANT_ID = ?" \
  " AND t.USER_DOMAIN = ?"
#define IS_ACTIVE " AND t.TOKEN_STATE = 'ACTIVE' ORDER BY t.TIME_CREATED DESC"

static const StStatement active[N_SHAPES]
    = { TEXT_SHAPE (TEXT_KEY IS_ACTIVE), ID_SHAPE (NO_HASHES, ID_KEY IS_ACTIVE), ID_SHAPE (HASHES, ID_KEY IS_ACTIVE) };

#define IS_SUCCESSOR(time) \
  " AND (t.TOKEN_STATE = 'ACTIVE' OR (t.TOKEN_STATE = 'EXPIRED' AND t.TIME_CREATED > " time "))"
#define TEXT_SUCCESSORS(times, time) TEXT_ROWS (times) TEXT_KEY IS_SUCCESSOR (time)
#define ID_SUCCESSORS(times, time) ID_ROWS (times, NO_HASHES) ID_KEY IS_SUCCESSOR (time)

static const StStatement text_successors = { TEXT_SUCCESSORS (ST_OAUTH_SQLITE_TIMES, ST_OAUTH_SQLITE_TIME),
                                             TEXT_SUCCESSORS (ST_OAUTH_MYSQL_TIMES, ST_OAUTH_MYSQL_TIME) };
static const StStatement id_successors = { ID_SUCCESSORS (ST_OAUTH_SQLITE_TIMES, ST_OAUTH_SQLITE_TIME),
                                           ID_SUCCESSORS (ST_OAUTH_MYSQL_TIMES, ST_OAUTH_MYSQL_TIME) };

static const StStatement by_access[N_SHAPES]
    = { TEXT_SHAPE ("t.ACCESS_TOKEN = ?"), ID_SHAPE (NO_HASHES, "t.ACCESS_TOKEN = ?"),
        ID_SHAPE (HASHES, "t.ACCESS_TOKEN_HASH IN (?, ?, ?)") };
/* Rows from before the hash columns. */
static const StStatement by_plain_access = ID_SHAPE (HASHES, "t.ACCESS_TOKEN_HASH IS NULL AND t.ACCESS_TOKEN = ?");

/* The "+" keeps SQLite from going through all tokens of the client. MySQL must have the choice: WSO2 has no index on
 * the hash. */
#define OF_HASH "t.CONSUMER_KEY_ID = ? AND t.REFRESH_TOKEN_HASH IN (?, ?, ?)"
#define OF_TEXT "t.CONSUMER_KEY_ID = ? AND t.REFRESH_TOKEN_HASH IS NULL AND t.REFRESH_TOKEN = ?"
static const StStatement by_refresh[N_SHAPES]
    = { TEXT_SHAPE ("t.CONSUMER_KEY = ? AND t.REFRESH_TOKEN = ?"),
        ID_SHAPE (NO_HASHES, "t.CONSUMER_KEY_ID = ? AND t.REFRESH_TOKEN = ?"),
        ID_SHAPES (HASHES, "+" OF_HASH, OF_HASH) };
static const StStatement by_plain_refresh = ID_SHAPES (HASHES, "+" OF_TEXT, OF_TEXT);

static const StStatement by_id = ID_SHAPE (NO_HASHES, "t.TOKEN_ID = ?");

#define IS_USABLE " AND t.TOKEN_STATE IN ('ACTIVE', 'EXPIRED') ORDER BY t.TIME_CREATED"
static const StStatement text_of_user = TEXT_SHAPE ("t.CONSUMER_KEY = ? AND t.AUTHZ_USER = ?" IS_USABLE);
static const StStatement id_of_user = ID_SHAPE (
    NO_HASHES, "t.CONSUMER_KEY_ID = ? AND t.AUTHZ_USER = ? AND t.TENANT_ID = ? AND t.USER_DOMAIN = ?" IS_USABLE);

StOauthToken *
st_oauth_token_new (void)
{
  StOauthToken *token = g_new0 (StOauthToken, 1);

  token->id = apim_random_uuid ();
  token->state = g_strdup (ST_OAUTH_ACTIVE);
  token->scopes = g_new0 (char *, 1);
  return token;
}

void
st_oauth_token_free (StOauthToken *token)
{
  if (token == NULL)
    return;
  g_free (token->id);
  apim_secret_free (token->access_token);
  apim_secret_free (token->refresh_token);
  g_free (token->consumer_key);
  st_oauth_user_clear (&token->user);
  g_free (token->user_type);
  g_free (token->grant_type);
  g_strfreev (token->scopes);
  g_free (token->state);
  g_free (token->subject);
  g_free (token);
}

static Shape
shape_of (const StWriter *writer)
{
  return !st_writer_has (writer, ST_CAP_TOKEN_IDS)    ? SHAPE_TEXT
         : !st_writer_has (writer, ST_CAP_TOKEN_HASH) ? SHAPE_IDS
                                                      : SHAPE_HASH;
}

static char **
split_scopes (const char *text)
{
  g_auto (GStrv) pieces = g_strsplit (text != NULL ? text : "", " ", -1);
  GPtrArray *scopes = g_ptr_array_new ();

  for (guint i = 0; pieces[i] != NULL; i++)
    if (*pieces[i] != '\0')
      g_ptr_array_add (scopes, g_strdup (pieces[i]));
  g_ptr_array_add (scopes, NULL);
  return (char **) g_ptr_array_free (scopes, FALSE);
}

static StOauthUser
read_user (StQuery *query)
{
  StOauthUser user = { .name = NULL };

  if (st_query_is_null (query, ID))
    return st_oauth_user_parse (st_query_text (query, AUTHZ_USER));
  user.name = g_strdup (st_query_text (query, AUTHZ_USER));
  user.user_domain
      = g_strdup (st_query_is_null (query, USER_DOMAIN) ? ST_PRIMARY_USER_DOMAIN : st_query_text (query, USER_DOMAIN));
  user.tenant_id = (gint) st_query_int64 (query, TENANT_ID);
  if (user.tenant_id == ST_SUPER_TENANT_ID)
    user.tenant_domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
  return user;
}

/* Without the scopes that are in rows of their own. */
static StOauthToken *
read_row (StQuery *query, const StOauthForm *form)
{
  StOauthToken *token = g_new0 (StOauthToken, 1);

  token->id = g_strdup (st_query_text (query, ID));
  token->access_token = g_strdup (st_query_text (query, ACCESS_TOKEN));
  token->refresh_token = g_strdup (st_query_text (query, REFRESH_TOKEN));
  token->consumer_key = g_strdup (st_query_text (query, CONSUMER_KEY));
  token->user = read_user (query);
  token->user_type = g_strdup (st_query_text (query, USER_TYPE));
  token->grant_type = g_strdup (st_query_text (query, GRANT_TYPE));
  token->issued_ms = st_oauth_time_read (query, CREATED, form);
  token->validity_ms = st_query_int64 (query, VALIDITY);
  token->refresh_issued_ms = st_oauth_time_read (query, REFRESH_CREATED, form);
  token->refresh_validity_ms = st_query_int64 (query, REFRESH_VALIDITY);
  token->scopes = split_scopes (st_query_text (query, SCOPE));
  token->state = g_strdup (st_query_is_null (query, STATE) ? "" : st_query_text (query, STATE));
  token->subject = g_strdup (st_query_text (query, SUBJECT));
  return token;
}

static gboolean
load_scopes (StWriter *writer, StOauthToken *token, GError **error)
{
  static const StStatement of_token
      = { "SELECT TOKEN_ID, TOKEN_SCOPE FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = ? ORDER BY TOKEN_SCOPE" };
  g_autoptr (GPtrArray) scopes = NULL;
  g_autoptr (StQuery) query = NULL;
  StStep step;

  if (token == NULL || shape_of (writer) == SHAPE_TEXT)
    return TRUE;
  query = st_writer_query (writer, &of_token, error);
  if (query == NULL)
    return FALSE;
  scopes = g_ptr_array_new_with_free_func (g_free);
  st_query_bind_text (query, 0, token->id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (strcmp (st_query_text (query, 0), token->id) == 0)
      g_ptr_array_add (scopes, g_strdup (st_query_text (query, 1)));
  g_ptr_array_add (scopes, NULL);
  g_strfreev (token->scopes);
  token->scopes = (char **) g_ptr_array_free (g_steal_pointer (&scopes), FALSE);
  return step == ST_END;
}

/* AUTHZ_USER as the database's generation holds it. */
static char *
user_text (const StWriter *writer, const StOauthUser *user)
{
  g_autofree char *text = NULL;

  if (shape_of (writer) != SHAPE_TEXT)
    return g_strdup (user->name);
  text = st_oauth_user_text (user);
  return g_utf8_strdown (text, -1);
}

/* Collations fold more than they should. @text: of user_text(). */
static gboolean
is_user (StQuery *query, const StOauthForm *form, const StOauthUser *user, const char *text)
{
  const char *stored = st_query_text (query, AUTHZ_USER);

  if (stored == NULL)
    return FALSE;
  if (!st_query_is_null (query, ID))
    return st_oauth_user_has_name (user, stored, form->fold_names);
  return st_oauth_user_has_name (&(StOauthUser){ .name = (char *) text }, stored, TRUE);
}

static void
bind_client (StQuery *query, const StWriter *writer, const StOauthClient *client)
{
  if (shape_of (writer) == SHAPE_TEXT)
    st_query_bind_text (query, 0, client->key);
  else
    st_query_bind_int64 (query, 0, client->id);
}

/* The texts that a query borrows until its last step. */
typedef struct
{
  char *user;
  char *user_domain;
  char *scopes; /* the text, or its hash */
} KeyTexts;

static void
key_texts_clear (KeyTexts *texts)
{
  g_free (texts->user);
  g_free (texts->user_domain);
  g_free (texts->scopes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KeyTexts, key_texts_clear)

/* Binds TEXT_KEY or ID_KEY. Returns: how many values. */
static guint
bind_key (StQuery *query, const StWriter *writer, const StOauthTokenKey *key, KeyTexts *texts)
{
  gboolean ids = shape_of (writer) != SHAPE_TEXT;

  texts->user = user_text (writer, key->user);
  texts->user_domain = g_ascii_strup (key->user->user_domain, -1);
  texts->scopes = ids ? st_oauth_scope_hash (key->scopes) : st_oauth_scope_text (key->scopes);
  bind_client (query, writer, key->client);
  st_query_bind_text (query, 1, texts->user);
  st_query_bind_text (query, 2, key->user_type);
  st_query_bind_text (query, 3, texts->scopes);
  if (!ids)
    return 4;
  st_query_bind_int64 (query, 4, key->user->tenant_id);
  st_query_bind_text (query, 5, texts->user_domain);
  return 6;
}

gboolean
st_oauth_token_find_active (StWriter *writer, const StOauthForm *form, const StOauthTokenKey *key, StOauthToken **token,
                            GError **error)
{
  g_auto (KeyTexts) texts = { NULL };
  g_autoptr (StOauthToken) found = NULL;
  gboolean other = FALSE;
  StStep step;

  *token = NULL;
  if (!st_oauth_user_check (key->user, error))
    return FALSE;
  {
    g_autoptr (StQuery) query = st_writer_query (writer, &active[shape_of (writer)], error);

    if (query == NULL)
      return FALSE;
    bind_key (query, writer, key, &texts);
    while ((step = st_query_step (query, error)) == ST_ROW)
      if (!is_user (query, form, key->user, texts.user))
        other = TRUE;
      else if (found == NULL)
        found = read_row (query, form);
  }
  if (step != ST_END)
    return FALSE;
  if (found == NULL && other)
    {
      g_set_error_literal (
          error, ST_ERROR, ST_ERROR_DATA,
          "the database takes the user for another one, whose name differs only in what its collation ignores");
      return FALSE;
    }
  if (!load_scopes (writer, found, error))
    return FALSE;
  *token = g_steal_pointer (&found);
  return TRUE;
}

/* What is searched by: a token's text and hashes. */
typedef struct
{
  const char *text;
  StOauthHashes hashes;
  guint text_column;
  guint hash_column;
  const StOauthClient *client; /* NULL: of any */
} Search;

static gboolean
is_wanted (StQuery *query, const Search *search)
{
  const char *hash = st_query_text (query, search->hash_column);

  if (st_query_is_null (query, AUTHZ_USER) || st_query_is_null (query, ACCESS_TOKEN))
    return FALSE; /* nobody's */
  return hash != NULL ? st_oauth_hashes_have (&search->hashes, hash)
                      : g_strcmp0 (st_query_text (query, search->text_column), search->text) == 0;
}

static guint
rank (const StOauthToken *token)
{
  return strcmp (token->state, ST_OAUTH_ACTIVE) == 0 ? 2 : strcmp (token->state, ST_OAUTH_EXPIRED) == 0 ? 1 : 0;
}

static gboolean
is_better (const StOauthToken *token, const StOauthToken *than)
{
  if (than == NULL || rank (token) != rank (than))
    return than == NULL || rank (token) > rank (than);
  return token->issued_ms > than->issued_ms;
}

/* @by_hashes: the statement takes the three hashes in place of the text. */
static gboolean
search_rows (StWriter *writer, const StOauthForm *form, const StStatement *statement, gboolean by_hashes,
             const Search *search, StOauthToken **best, GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, statement, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  if (search->client != NULL)
    bind_client (query, writer, search->client), at++;
  if (!by_hashes)
    st_query_bind_text (query, at, search->text);
  for (guint i = 0; by_hashes && i < ST_OAUTH_N_HASHES; i++)
    st_query_bind_text (query, at + i, search->hashes.texts[i]);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autoptr (StOauthToken) token = is_wanted (query, search) ? read_row (query, form) : NULL;

      if (token == NULL || !is_better (token, *best))
        continue;
      st_oauth_token_free (*best);
      *best = g_steal_pointer (&token);
    }
  return step == ST_END;
}

static gboolean
search_tokens (StWriter *writer, const StOauthForm *form, const StStatement statements[N_SHAPES],
               const StStatement *plain, Search *search, StOauthToken **token, GError **error)
{
  Shape shape = shape_of (writer);
  g_autoptr (StOauthToken) best = NULL;
  gboolean done;

  *token = NULL;
  st_oauth_hashes_init (&search->hashes, search->text);
  done = search_rows (writer, form, &statements[shape], shape == SHAPE_HASH, search, &best, error);
  if (done && best == NULL && shape == SHAPE_HASH)
    done = search_rows (writer, form, plain, FALSE, search, &best, error);
  st_oauth_hashes_clear (&search->hashes);
  if (!done || !load_scopes (writer, best, error))
    return FALSE;
  *token = g_steal_pointer (&best);
  return TRUE;
}

gboolean
st_oauth_token_find_by_access (StWriter *writer, const StOauthForm *form, const char *access_token,
                               StOauthToken **token, GError **error)
{
  Search search = { .text = access_token, .text_column = ACCESS_TOKEN, .hash_column = ACCESS_HASH };

  return search_tokens (writer, form, by_access, &by_plain_access, &search, token, error);
}

gboolean
st_oauth_token_find_by_id (StWriter *writer, const StOauthForm *form, const char *id, StOauthToken **token,
                           GError **error)
{
  g_autoptr (StOauthToken) found = NULL;
  StStep step;

  *token = NULL;
  if (shape_of (writer) == SHAPE_TEXT)
    return TRUE;
  {
    g_autoptr (StQuery) query = st_writer_query (writer, &by_id, error);

    if (query == NULL)
      return FALSE;
    st_query_bind_text (query, 0, id);
    while ((step = st_query_step (query, error)) == ST_ROW)
      if (found == NULL && g_strcmp0 (st_query_text (query, ID), id) == 0 && !st_query_is_null (query, AUTHZ_USER)
          && !st_query_is_null (query, ACCESS_TOKEN))
        found = read_row (query, form);
  }
  if (step != ST_END || !load_scopes (writer, found, error))
    return FALSE;
  *token = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_oauth_token_find_by_refresh (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                const char *refresh_token, StOauthToken **token, GError **error)
{
  Search search
      = { .text = refresh_token, .text_column = REFRESH_TOKEN, .hash_column = REFRESH_HASH, .client = client };

  return search_tokens (writer, form, by_refresh, &by_plain_refresh, &search, token, error);
}

/* 1.9 has no ids: its key is the token. */
static gboolean
is_row_of (StQuery *query, const StOauthToken *token)
{
  return token->id != NULL ? g_strcmp0 (st_query_text (query, ID), token->id) == 0
                           : g_strcmp0 (st_query_text (query, ACCESS_TOKEN), token->access_token) == 0;
}

gboolean
st_oauth_token_is_superseded (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                              const StOauthToken *token, gboolean *superseded, GError **error)
{
  const StOauthTokenKey key = {
    .client = client, .user = &token->user, .user_type = token->user_type, .scopes = (const char *const *) token->scopes
  };
  g_auto (KeyTexts) texts = { NULL };
  g_autoptr (StQuery) query = NULL;
  gint64 since_ms;
  StStep step;

  *superseded = FALSE;
  if (!st_oauth_user_check (&token->user, error)
      || !st_oauth_time_stored (writer, form, token->issued_ms, &since_ms, error))
    return FALSE;
  query = st_writer_query (writer, shape_of (writer) == SHAPE_TEXT ? &text_successors : &id_successors, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, bind_key (query, writer, &key, &texts), since_ms);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (!is_row_of (query, token) && is_user (query, form, &token->user, texts.user))
      *superseded = TRUE;
  return step == ST_END;
}

/* 1.9 does not say when a refresh token ends. */
static gboolean
can_be_used (const StOauthToken *token, gint64 now_ms)
{
  gint64 end_ms;

  if (strcmp (token->state, ST_OAUTH_ACTIVE) == 0 || token->id == NULL || token->refresh_validity_ms < 0)
    return TRUE;
  return !__builtin_add_overflow (token->refresh_issued_ms, token->refresh_validity_ms, &end_ms) ? end_ms > now_ms
                                                                                                 : TRUE;
}

gboolean
st_oauth_token_find_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                         const StOauthUser *user, gint64 now_ms, GPtrArray **tokens, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  gboolean ids = shape_of (writer) != SHAPE_TEXT;
  g_autofree char *text = NULL;
  g_autofree char *user_domain = NULL;
  g_autoptr (StQuery) query = NULL;
  StStep step;

  if (!st_oauth_user_check (user, error))
    return FALSE;
  query = st_writer_query (writer, ids ? &id_of_user : &text_of_user, error);
  if (query == NULL)
    return FALSE;
  text = user_text (writer, user);
  user_domain = g_ascii_strup (user->user_domain, -1);
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);
  bind_client (query, writer, client);
  st_query_bind_text (query, 1, text);
  if (ids)
    {
      st_query_bind_int64 (query, 2, user->tenant_id);
      st_query_bind_text (query, 3, user_domain);
    }
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autoptr (StOauthToken) token = is_user (query, form, user, text) ? read_row (query, form) : NULL;

      if (token != NULL && can_be_used (token, now_ms))
        g_ptr_array_add (found, g_steal_pointer (&token));
    }
  if (step != ST_END)
    return FALSE;
  *tokens = g_steal_pointer (&found);
  return TRUE;
}
