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

#define IS_USABLE " AND t.TOKEN_STATE IN ('ACTIVE', 'EXPIRED', 'BLOCKED') ORDER BY t.TIME_CREATED"
static const StStatement text_of_user = TEXT_SHAPE ("t.CONSUMER_KEY = ? AND t.AUTHZ_USER = ?" IS_USABLE);
static const StStatement id_of_user = ID_SHAPE (
    NO_HASHES, "t.CONSUMER_KEY_ID = ? AND t.AUTHZ_USER = ? AND t.TENANT_ID = ? AND t.USER_DOMAIN = ?" IS_USABLE);
#define IS_BLOCKED " AND t.TOKEN_STATE = 'BLOCKED' ORDER BY t.TIME_CREATED"
static const StStatement text_blocked = TEXT_SHAPE ("t.CONSUMER_KEY = ? AND t.AUTHZ_USER = ?" IS_BLOCKED);
static const StStatement id_blocked = ID_SHAPE (
    NO_HASHES, "t.CONSUMER_KEY_ID = ? AND t.AUTHZ_USER = ? AND t.TENANT_ID = ? AND t.USER_DOMAIN = ?" IS_BLOCKED);

StOauthToken *
st_oauth_token_new (void)
{
  StOauthToken *token = g_new0 (StOauthToken, 1);

  token->id = apim_time_uuid ();
  token->state = g_strdup (ST_OAUTH_ACTIVE);
  token->scopes = g_new0 (char *, 1);
  return token;
}

void
st_oauth_token_free (StOauthToken *token)
{
  if (token == NULL)
    return;
  g_free (token->table);
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
shape_of (const StTokenTable *table)
{
  return (table->capabilities & ST_CAP_TOKEN_IDS) == 0    ? SHAPE_TEXT
         : (table->capabilities & ST_CAP_TOKEN_HASH) == 0 ? SHAPE_IDS
                                                          : SHAPE_HASH;
}

static StQuery *
query_table (StWriter *writer, const StTokenTable *table, const StStatement *statement, GError **error)
{
  return st_writer_query (writer, st_token_table_statement (table, statement), error);
}

/* How many of the writer's tables may hold tokens of @user. */
static guint
n_tables_of (const StWriter *writer, const StOauthUser *user)
{
  return st_oauth_user_is_primary (user) ? 1 : writer->token_tables->n;
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

/* Without the scopes that are in rows of their own. NULL: a token of the primary user store is in a copy that somebody
 * once made of the table, under a name that looks like a partition's. */
static StOauthToken *
read_row (StQuery *query, const StOauthForm *form, const StTokenTable *table)
{
  StOauthToken *token = g_new0 (StOauthToken, 1);

  token->table = table->partition ? g_strdup (table->name) : NULL;
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
  if (table->partition && st_oauth_user_is_primary (&token->user))
    g_clear_pointer (&token, st_oauth_token_free);
  return token;
}

static gboolean
load_scopes (StWriter *writer, const StTokenTable *table, StOauthToken *token, GError **error)
{
  static const StStatement of_token
      = { "SELECT TOKEN_ID, TOKEN_SCOPE FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID = ? ORDER BY TOKEN_SCOPE" };
  g_autoptr (GPtrArray) scopes = NULL;
  g_autoptr (StQuery) query = NULL;
  StStep step;

  if (token == NULL || shape_of (table) == SHAPE_TEXT)
    return TRUE;
  query = query_table (writer, table, &of_token, error);
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

/* AUTHZ_USER as the table's generation holds it. */
static char *
user_text (const StTokenTable *table, const StOauthUser *user)
{
  g_autofree char *text = NULL;

  if (shape_of (table) != SHAPE_TEXT)
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
bind_client (StQuery *query, const StTokenTable *table, const StOauthClient *client)
{
  if (shape_of (table) == SHAPE_TEXT)
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
bind_key (StQuery *query, const StTokenTable *table, const StOauthTokenKey *key, KeyTexts *texts)
{
  gboolean ids = shape_of (table) != SHAPE_TEXT;

  texts->user = user_text (table, key->user);
  texts->user_domain = g_ascii_strup (key->user->user_domain, -1);
  texts->scopes = ids ? st_oauth_scope_hash (key->scopes) : st_oauth_scope_text (key->scopes);
  bind_client (query, table, key->client);
  st_query_bind_text (query, 1, texts->user);
  st_query_bind_text (query, 2, key->user_type);
  st_query_bind_text (query, 3, texts->scopes);
  if (!ids)
    return 4;
  st_query_bind_int64 (query, 4, key->user->tenant_id);
  st_query_bind_text (query, 5, texts->user_domain);
  return 6;
}

/* *found: stays NULL where there is none. */
static gboolean
find_active_in (StWriter *writer, const StTokenTable *table, const StOauthForm *form, const StOauthTokenKey *key,
                StOauthToken **found, GError **error)
{
  g_auto (KeyTexts) texts = { NULL };
  gboolean other = FALSE;
  StStep step;

  {
    g_autoptr (StQuery) query = query_table (writer, table, &active[shape_of (table)], error);

    if (query == NULL)
      return FALSE;
    bind_key (query, table, key, &texts);
    while ((step = st_query_step (query, error)) == ST_ROW)
      if (!is_user (query, form, key->user, texts.user))
        other = TRUE;
      else if (*found == NULL)
        *found = read_row (query, form, table);
  }
  if (step != ST_END)
    return FALSE;
  if (*found == NULL && other)
    {
      g_set_error_literal (
          error, ST_ERROR, ST_ERROR_DATA,
          "the database takes the user for another one, whose name differs only in what its collation ignores");
      return FALSE;
    }
  return load_scopes (writer, table, *found, error);
}

gboolean
st_oauth_token_find_active (StWriter *writer, const StOauthForm *form, const StOauthTokenKey *key, StOauthToken **token,
                            GError **error)
{
  g_autoptr (StOauthToken) found = NULL;

  *token = NULL;
  if (!st_oauth_user_check (key->user, error))
    return FALSE;
  for (guint i = 0; i < n_tables_of (writer, key->user) && found == NULL; i++)
    if (!find_active_in (writer, &writer->token_tables->tables[i], form, key, &found, error))
      return FALSE;
  *token = g_steal_pointer (&found);
  return TRUE;
}

/* What is searched by: a token's text and hashes. */
typedef struct
{
  const StStatement *statements;      /* one for each shape */
  const StStatement *plain_statement; /* for rows without hashes, of SHAPE_HASH */
  const char *text;
  StOauthHashes hashes;
  guint text_column;
  guint hash_column;
  const StOauthClient *client; /* NULL: of any */
  gboolean known;              /* there is such a row, be it one that does not count */
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

static gboolean
is_in (const StOauthToken *token, const char *state)
{
  return strcmp (token->state, state) == 0;
}

/* An EXPIRED row shares its refresh token with the one that took its place: what became of that one, became of it. MySQL
 * keeps whole seconds, so of two with one time it is the EXPIRED row that does not count. */
static gboolean
is_better (const StOauthToken *token, const StOauthToken *than)
{
  if (than == NULL || is_in (token, ST_OAUTH_ACTIVE) != is_in (than, ST_OAUTH_ACTIVE))
    return than == NULL || is_in (token, ST_OAUTH_ACTIVE);
  if (token->issued_ms != than->issued_ms)
    return token->issued_ms > than->issued_ms;
  return is_in (than, ST_OAUTH_EXPIRED) && !is_in (token, ST_OAUTH_EXPIRED);
}

/* @by_hashes: the statement takes the three hashes in place of the text. */
static gboolean
search_rows (StWriter *writer, const StTokenTable *table, const StOauthForm *form, gboolean by_hashes, Search *search,
             StOauthToken **best, GError **error)
{
  Shape shape = shape_of (table);
  const StStatement *statement
      = shape == SHAPE_HASH && !by_hashes ? search->plain_statement : &search->statements[shape];
  g_autoptr (StQuery) query = query_table (writer, table, statement, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  if (search->client != NULL)
    bind_client (query, table, search->client), at++;
  if (!by_hashes)
    st_query_bind_text (query, at, search->text);
  for (guint i = 0; by_hashes && i < ST_OAUTH_N_HASHES; i++)
    st_query_bind_text (query, at + i, search->hashes.texts[i]);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gboolean wanted = is_wanted (query, search);
      g_autoptr (StOauthToken) token = wanted ? read_row (query, form, table) : NULL;

      search->known = search->known || wanted;
      if (token == NULL || !is_better (token, *best))
        continue;
      st_oauth_token_free (*best);
      *best = g_steal_pointer (&token);
    }
  return step == ST_END;
}

static gboolean
search_table (StWriter *writer, const StTokenTable *table, const StOauthForm *form, Search *search,
              StOauthToken **best, GError **error)
{
  gboolean by_hashes = shape_of (table) == SHAPE_HASH;

  return search_rows (writer, table, form, by_hashes, search, best, error)
         && (search->known || !by_hashes || search_rows (writer, table, form, FALSE, search, best, error))
         && load_scopes (writer, table, *best, error);
}

static gboolean
search_tokens (StWriter *writer, const StOauthForm *form, Search *search, StOauthToken **token, GError **error)
{
  g_autoptr (StOauthToken) best = NULL;
  gboolean done = TRUE;

  *token = NULL;
  st_oauth_hashes_init (&search->hashes, search->text);
  for (guint i = 0; done && i < writer->token_tables->n && !search->known; i++)
    done = search_table (writer, &writer->token_tables->tables[i], form, search, &best, error);
  st_oauth_hashes_clear (&search->hashes);
  if (done)
    *token = g_steal_pointer (&best);
  return done;
}

gboolean
st_oauth_token_find_by_access (StWriter *writer, const StOauthForm *form, const char *access_token,
                               StOauthToken **token, GError **error)
{
  Search search = { .statements = by_access,
                    .plain_statement = &by_plain_access,
                    .text = access_token,
                    .text_column = ACCESS_TOKEN,
                    .hash_column = ACCESS_HASH };

  return search_tokens (writer, form, &search, token, error);
}

/* *found: stays NULL where there is none. */
static gboolean
find_id_in (StWriter *writer, const StTokenTable *table, const StOauthForm *form, const char *id, StOauthToken **found,
            GError **error)
{
  StStep step;

  if (shape_of (table) == SHAPE_TEXT)
    return TRUE;
  {
    g_autoptr (StQuery) query = query_table (writer, table, &by_id, error);

    if (query == NULL)
      return FALSE;
    st_query_bind_text (query, 0, id);
    while ((step = st_query_step (query, error)) == ST_ROW)
      if (*found == NULL && g_strcmp0 (st_query_text (query, ID), id) == 0 && !st_query_is_null (query, AUTHZ_USER)
          && !st_query_is_null (query, ACCESS_TOKEN))
        *found = read_row (query, form, table);
  }
  return step == ST_END && load_scopes (writer, table, *found, error);
}

gboolean
st_oauth_token_find_by_id (StWriter *writer, const StOauthForm *form, const char *id, StOauthToken **token,
                           GError **error)
{
  g_autoptr (StOauthToken) found = NULL;

  *token = NULL;
  for (guint i = 0; i < writer->token_tables->n && found == NULL; i++)
    if (!find_id_in (writer, &writer->token_tables->tables[i], form, id, &found, error))
      return FALSE;
  *token = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_oauth_token_find_by_refresh (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                                const char *refresh_token, StOauthToken **token, GError **error)
{
  Search search = { .statements = by_refresh,
                    .plain_statement = &by_plain_refresh,
                    .text = refresh_token,
                    .text_column = REFRESH_TOKEN,
                    .hash_column = REFRESH_HASH,
                    .client = client };

  return search_tokens (writer, form, &search, token, error);
}

/* 1.9 has no ids: its key is the token. */
static gboolean
is_row_of (StQuery *query, const StOauthToken *token)
{
  return token->id != NULL ? g_strcmp0 (st_query_text (query, ID), token->id) == 0
                           : g_strcmp0 (st_query_text (query, ACCESS_TOKEN), token->access_token) == 0;
}

static gboolean
find_successor_in (StWriter *writer, const StTokenTable *table, const StOauthForm *form, const StOauthClient *client,
                   const StOauthToken *token, gint64 since_ms, gboolean *superseded, GError **error)
{
  const StOauthTokenKey key = {
    .client = client, .user = &token->user, .user_type = token->user_type, .scopes = (const char *const *) token->scopes
  };
  g_auto (KeyTexts) texts = { NULL };
  g_autoptr (StQuery) query
      = query_table (writer, table, shape_of (table) == SHAPE_TEXT ? &text_successors : &id_successors, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, bind_key (query, table, &key, &texts), since_ms);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (!is_row_of (query, token) && is_user (query, form, &token->user, texts.user))
      *superseded = TRUE;
  return step == ST_END;
}

gboolean
st_oauth_token_is_superseded (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                              const StOauthToken *token, gboolean *superseded, GError **error)
{
  gint64 since_ms;

  *superseded = FALSE;
  if (!st_oauth_user_check (&token->user, error)
      || !st_oauth_time_stored (writer, form, token->issued_ms, &since_ms, error))
    return FALSE;
  for (guint i = 0; i < n_tables_of (writer, &token->user) && !*superseded; i++)
    if (!find_successor_in (writer, &writer->token_tables->tables[i], form, client, token, since_ms, superseded, error))
      return FALSE;
  return TRUE;
}

/* 1.9 does not say when a refresh token ends. */
static gboolean
can_be_used (const StOauthToken *token, gint64 now_ms)
{
  gint64 end_ms;

  if (!is_in (token, ST_OAUTH_EXPIRED) || token->id == NULL || token->refresh_validity_ms < 0)
    return TRUE;
  return !__builtin_add_overflow (token->refresh_issued_ms, token->refresh_validity_ms, &end_ms) ? end_ms > now_ms
                                                                                                 : TRUE;
}

/* What is looked for: the tokens of a client and user in some states. */
typedef struct
{
  const StOauthClient *client;
  const StOauthUser *user;
  const StStatement *text_statement;
  const StStatement *id_statement;
  gboolean all; /* else those that can be used at now_ms */
  gint64 now_ms;
} UserSearch;

static gboolean
find_all_in (StWriter *writer, const StTokenTable *table, const StOauthForm *form, const UserSearch *search,
             GPtrArray *found, GError **error)
{
  const StOauthUser *user = search->user;
  gboolean ids = shape_of (table) != SHAPE_TEXT;
  g_autofree char *text = user_text (table, user);
  g_autofree char *user_domain = g_ascii_strup (user->user_domain, -1);
  g_autoptr (StQuery) query = query_table (writer, table, ids ? search->id_statement : search->text_statement, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  bind_client (query, table, search->client);
  st_query_bind_text (query, 1, text);
  if (ids)
    {
      st_query_bind_int64 (query, 2, user->tenant_id);
      st_query_bind_text (query, 3, user_domain);
    }
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autoptr (StOauthToken) token = is_user (query, form, user, text) ? read_row (query, form, table) : NULL;

      if (token != NULL && (search->all || can_be_used (token, search->now_ms)))
        g_ptr_array_add (found, g_steal_pointer (&token));
    }
  return step == ST_END;
}

static gboolean
find_of_user (StWriter *writer, const StOauthForm *form, const UserSearch *search, GPtrArray **tokens, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) st_oauth_token_free);

  if (!st_oauth_user_check (search->user, error))
    return FALSE;
  for (guint i = 0; i < n_tables_of (writer, search->user); i++)
    if (!find_all_in (writer, &writer->token_tables->tables[i], form, search, found, error))
      return FALSE;
  *tokens = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_oauth_token_find_all (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                         const StOauthUser *user, gint64 now_ms, GPtrArray **tokens, GError **error)
{
  const UserSearch search = { client, user, &text_of_user, &id_of_user, FALSE, now_ms };

  return find_of_user (writer, form, &search, tokens, error);
}

gboolean
st_oauth_token_find_blocked (StWriter *writer, const StOauthForm *form, const StOauthClient *client,
                             const StOauthUser *user, GPtrArray **tokens, GError **error)
{
  const UserSearch search = { client, user, &text_blocked, &id_blocked, TRUE, 0 };

  return find_of_user (writer, form, &search, tokens, error);
}
