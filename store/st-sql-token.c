/* The question for a token, on every shape of token table: by the token itself up to 2.1, by its hash since 2.2, where
 * rows from before the migration may have none; scopes in one text in 1.9, in rows of their own later; and in
 * partitions for secondary user stores (spec/databases.md 3.2, 3.3, 5.1, 5.2). */
#include "config.h"
#include "store/st-sql-key-store-private.h"

#include "common/apim-secret.h"
#include "common/apim-text.h"
#include "store/st-capabilities.h"
#include "store/st-user-store.h"

#include <string.h>

enum
{
  COLUMN_ID, /* of the token: it comes in one row per scope */
  COLUMN_HASH,
  COLUMN_TEXT,
  COLUMN_STATE,
  COLUMN_CONSUMER_KEY,
  COLUMN_USER,
  COLUMN_TENANT_ID,
  COLUMN_USER_DOMAIN,
  COLUMN_USER_TYPE,
  COLUMN_CREATED,
  COLUMN_VALIDITY,
  COLUMN_SCOPE,
  COLUMN_OF_JWT_APPLICATION,
};

/* Since 2.5 (spec/decisions.md 6); writers can store the text "null" too (spec/databases.md 10). @key: of the client. */
#define OF_JWT_APPLICATION(key) \
  ", EXISTS (SELECT 1 FROM AM_APPLICATION_KEY_MAPPING m JOIN AM_APPLICATION a" \
  " ON a.APPLICATION_ID = m.APPLICATION_ID WHERE m.CONSUMER_KEY = " key " AND a.TOKEN_TYPE = 'JWT')"

/* SQLite holds milliseconds, MySQL a TIMESTAMP that it shows in the session's time zone. A zero date comes as 0. */
#define SQLITE_CREATED "t.TIME_CREATED"
#define MYSQL_CREATED_SERVER "CAST(UNIX_TIMESTAMP(t.TIME_CREATED) * 1000 AS SIGNED)"
#define MYSQL_CREATED_UTC "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', t.TIME_CREATED) DIV 1000"

/* Rows of every state: a token that is there, but dead, need not be looked for elsewhere. */
static char *
select_numbered (const char *created, const char *table, const char *scope_table, gboolean hashes, gboolean token_types)
{
  return g_strconcat ("SELECT t.TOKEN_ID, ", hashes ? "t.ACCESS_TOKEN_HASH" : "NULL",
                      ", t.ACCESS_TOKEN, t.TOKEN_STATE, c.CONSUMER_KEY, t.AUTHZ_USER, t.TENANT_ID, t.USER_DOMAIN,"
                      " t.USER_TYPE, ",
                      created, ", t.VALIDITY_PERIOD, s.TOKEN_SCOPE",
                      token_types ? OF_JWT_APPLICATION ("c.CONSUMER_KEY") : ", 0", " FROM ", table,
                      " t JOIN IDN_OAUTH_CONSUMER_APPS c ON c.ID = t.CONSUMER_KEY_ID LEFT JOIN ", scope_table,
                      " s ON s.TOKEN_ID = t.TOKEN_ID WHERE ", NULL);
}

/* 1.9: no hashes, and tenant and user store are in the user's name. */
static char *
select_named (const char *created, const char *table, gboolean token_types)
{
  return g_strconcat ("SELECT t.ACCESS_TOKEN, NULL, t.ACCESS_TOKEN, t.TOKEN_STATE, t.CONSUMER_KEY, t.AUTHZ_USER, NULL,"
                      " NULL, t.USER_TYPE, ",
                      created, ", t.VALIDITY_PERIOD, t.TOKEN_SCOPE",
                      token_types ? OF_JWT_APPLICATION ("t.CONSUMER_KEY") : ", 0", " FROM ", table, " t WHERE ", NULL);
}

/* For a list SQLite makes a temporary table each time, which costs more than three searches. */
static const StStatement *
by_hash_statement (const char *sqlite_select, const char *mysql_select)
{
  static const char match[] = "t.ACCESS_TOKEN_HASH = ?";
  g_autofree char *sqlite = g_strconcat (sqlite_select, match, "1 UNION ALL ", sqlite_select, match, "2 UNION ALL ",
                                         sqlite_select, match, "3", NULL);
  g_autofree char *mysql = g_strconcat (mysql_select, "t.ACCESS_TOKEN_HASH IN (?, ?, ?)", NULL);

  return st_statement_intern (sqlite, mysql);
}

/* The NULLs of the hash index are few where hashes are in use. */
static const StStatement *
by_text_statement (const char *sqlite_select, const char *mysql_select, gboolean hashes)
{
  const char *match = hashes ? "t.ACCESS_TOKEN_HASH IS NULL AND t.ACCESS_TOKEN = ?" : "t.ACCESS_TOKEN = ?";
  g_autofree char *sqlite = g_strconcat (sqlite_select, match, NULL);
  g_autofree char *mysql = g_strconcat (mysql_select, match, NULL);

  return st_statement_intern (sqlite, mysql);
}

StSqlTokenTable
st_sql_token_table (const StTokenTable *table, guint capabilities, ApimTokenTime token_time)
{
  const char *created = token_time == APIM_TOKEN_TIME_UTC ? MYSQL_CREATED_UTC : MYSQL_CREATED_SERVER;
  StSqlTokenTable found
      = { .numbered = (table->capabilities & ST_CAP_TOKEN_IDS) != 0, .partition = table->partition };
  gboolean hashes = found.numbered && (table->capabilities & ST_CAP_TOKEN_HASH) != 0;
  gboolean token_types = (capabilities & ST_CAP_APP_TOKEN_TYPE) != 0;
  g_autofree char *sqlite = NULL;
  g_autofree char *mysql = NULL;

  if (found.numbered)
    {
      sqlite = select_numbered (SQLITE_CREATED, table->name, table->scope_table, hashes, token_types);
      mysql = select_numbered (created, table->name, table->scope_table, hashes, token_types);
    }
  else
    {
      sqlite = select_named (SQLITE_CREATED, table->name, token_types);
      mysql = select_named (created, table->name, token_types);
    }
  found.by_hash = hashes ? by_hash_statement (sqlite, mysql) : NULL;
  found.by_text = by_text_statement (sqlite, mysql, hashes);
  return found;
}

/* The forms in which a token may be stored; none is secret any more than the hash is. */
typedef struct
{
  char hex[APIM_SHA256_HEX_SIZE];
  char hash_first[128];      /* 2.6: JSON */
  char algorithm_first[128]; /* the same with the other order of keys */
  char *text;                /* the token */
} TokenForms;

static void
token_forms_clear (TokenForms *forms)
{
  explicit_bzero (forms->text, strlen (forms->text));
  g_free (forms->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TokenForms, token_forms_clear)

static gboolean
token_forms_init (TokenForms *forms, const char *token, gsize length, GError **error)
{
  ApimText text;

  forms->text = g_strndup (token, length);
  if (!apim_sha256_hex (token, length, forms->hex))
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_SETUP, "OpenSSL cannot compute SHA-256");
      return FALSE;
    }
  apim_text_init (&text, forms->hash_first, sizeof forms->hash_first);
  apim_text_add (&text, "{\"hash\":\"");
  apim_text_add (&text, forms->hex);
  apim_text_add (&text, "\",\"algorithm\":\"SHA-256\"}");
  apim_text_init (&text, forms->algorithm_first, sizeof forms->algorithm_first);
  apim_text_add (&text, "{\"algorithm\":\"SHA-256\",\"hash\":\"");
  apim_text_add (&text, forms->hex);
  apim_text_add (&text, "\"}");
  return TRUE;
}

static gboolean
is_token (StQuery *query, const TokenForms *forms)
{
  const char *hash = st_query_text (query, COLUMN_HASH);

  if (hash == NULL)
    return st_sql_is_text (query, COLUMN_TEXT, forms->text);
  return strcmp (hash, forms->hex) == 0 || strcmp (hash, forms->hash_first) == 0
         || strcmp (hash, forms->algorithm_first) == 0;
}

/* What a search has found so far. */
typedef struct
{
  StToken *token;
  char *tenant_domain; /* of a token whose row names the tenant */
  gboolean known;      /* the token is in the database, in any state */
} Search;

static void
search_clear (Search *search)
{
  st_token_unref (search->token);
  g_free (search->tenant_domain);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

/* 1.9: "[domain/]user@tenant", lower case throughout; store domains are upper case wherever they are compared. */
static void
read_named_user (Search *search, const char *authz_user)
{
  StToken *token = search->token;
  const char *slash = strchr (authz_user, '/');
  const char *name = slash != NULL ? slash + 1 : authz_user;
  const char *at = strrchr (name, '@');

  token->user_domain = slash != NULL && slash > authz_user ? g_ascii_strup (authz_user, slash - authz_user)
                                                           : g_strdup (ST_PRIMARY_USER_DOMAIN);
  token->user_name = at != NULL ? g_strndup (name, (gsize) (at - name)) : g_strdup (name);
  search->tenant_domain = g_strdup (at != NULL ? at + 1 : ST_SUPER_TENANT_DOMAIN);
}

static void
read_numbered_user (Search *search, StQuery *query)
{
  StToken *token = search->token;
  const char *domain = st_query_text (query, COLUMN_USER_DOMAIN);

  token->user_name = st_sql_dup_column (query, COLUMN_USER);
  token->user_domain = g_strdup (domain == NULL || *domain == '\0' ? ST_PRIMARY_USER_DOMAIN : domain);
  token->tenant_id = (gint) st_query_int64 (query, COLUMN_TENANT_ID);
}

/* FALSE: it is nobody's token, or nobody knows how long it lives. */
static gboolean
read_token (Search *search, const StSqlTokenTable *table, StQuery *query)
{
  StToken *token;

  if (st_query_is_null (query, COLUMN_CONSUMER_KEY) || st_query_is_null (query, COLUMN_USER)
      || st_query_is_null (query, COLUMN_VALIDITY))
    return FALSE;
  token = search->token = st_token_new ();
  if (table->numbered)
    read_numbered_user (search, query);
  else
    read_named_user (search, st_query_text (query, COLUMN_USER));
  token->consumer_key = st_sql_dup_column (query, COLUMN_CONSUMER_KEY);
  token->user_type = st_sql_dup_column (query, COLUMN_USER_TYPE);
  token->issued_ms = st_query_int64 (query, COLUMN_CREATED);
  token->validity_ms = st_query_int64 (query, COLUMN_VALIDITY);
  token->of_jwt_application = st_query_int64 (query, COLUMN_OF_JWT_APPLICATION) != 0;
  /* A partition holds tokens of secondary user stores. One of the primary store is in a copy that somebody once made
   * of the table, under a name that looks like a partition's, and may be revoked since. */
  if (*token->user_name != '\0'
      && (!table->partition || g_ascii_strcasecmp (token->user_domain, ST_PRIMARY_USER_DOMAIN) != 0))
    return TRUE;
  g_clear_pointer (&search->token, st_token_unref);
  g_clear_pointer (&search->tenant_domain, g_free);
  return FALSE;
}

/* 1.9 has all scopes in one text. */
static void
add_scopes (GPtrArray *scopes, const char *text, gboolean one)
{
  g_auto (GStrv) words = NULL;

  if (text == NULL)
    return;
  if (one)
    {
      g_ptr_array_add (scopes, g_strdup (text));
      return;
    }
  words = g_strsplit_set (text, " \t\r\n", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (scopes, g_strdup (words[i]));
}

/* One row per scope of the token; rows of another token that the collation takes for this one may stand between
 * them. */
static StStep
read_rows (Search *search, const StSqlTokenTable *table, StQuery *query, const TokenForms *forms, GError **error)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *id = NULL;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (!is_token (query, forms))
        continue;
      search->known = TRUE;
      if (!st_sql_is_text (query, COLUMN_STATE, "ACTIVE"))
        continue;
      if (search->token == NULL && read_token (search, table, query))
        id = st_sql_dup_column (query, COLUMN_ID);
      if (search->token != NULL && st_sql_is_text (query, COLUMN_ID, id))
        add_scopes (scopes, st_query_text (query, COLUMN_SCOPE), table->numbered);
    }
  if (step == ST_END && search->token != NULL)
    {
      g_ptr_array_add (scopes, NULL);
      search->token->scopes = (char **) g_ptr_array_free (g_steal_pointer (&scopes), FALSE);
    }
  return step;
}

static gboolean
search_statement (StSqlKeyStore *self, Search *search, const StSqlTokenTable *table, const StStatement *statement,
                  const TokenForms *forms, gint64 deadline_us, GError **error)
{
  g_autoptr (StQuery) query = st_sql_key_store_query (self, statement, deadline_us, error);

  if (query == NULL)
    return FALSE;
  if (statement == table->by_hash)
    {
      st_query_bind_text (query, 0, forms->hex);
      st_query_bind_text (query, 1, forms->hash_first);
      st_query_bind_text (query, 2, forms->algorithm_first);
    }
  else
    st_query_bind_text (query, 0, forms->text);
  return st_sql_key_store_finish (self, read_rows (search, table, query, forms, error), error);
}

/* Partitions last: what the main table has, in whatever state, is not looked for in them. */
static gboolean
search_tables (StSqlKeyStore *self, Search *search, const StSqlShape *shape, const TokenForms *forms,
               gint64 deadline_us, GError **error)
{
  for (guint i = 0; i < shape->token_tables->len && !search->known; i++)
    {
      const StSqlTokenTable *table = &g_array_index (shape->token_tables, StSqlTokenTable, i);

      if (table->by_hash != NULL
          && !search_statement (self, search, table, table->by_hash, forms, deadline_us, error))
        return FALSE;
      if (!search->known && !search_statement (self, search, table, table->by_text, forms, deadline_us, error))
        return FALSE;
    }
  return TRUE;
}

/* A tenant that nobody knows leaves the id 0, which no tenant has: such a token is refused. */
static gboolean
number_tenant (StSqlKeyStore *self, Search *search, gint64 deadline_us, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;

  if (strcmp (search->tenant_domain, ST_SUPER_TENANT_DOMAIN) == 0)
    search->token->tenant_id = ST_SUPER_TENANT_ID;
  else if (self->tenants != NULL)
    {
      if (!st_user_store_find_tenant_by_domain (self->tenants, search->tenant_domain, deadline_us, &tenant, error))
        return FALSE;
      search->token->tenant_id = tenant != NULL ? tenant->id : 0;
    }
  return TRUE;
}

gboolean
st_sql_find_token (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us, StToken **found,
                   GError **error)
{
  StSqlKeyStore *self = (StSqlKeyStore *) store;
  g_auto (TokenForms) forms = { .text = NULL };
  g_auto (Search) search = { .token = NULL };
  g_autoptr (StSqlShape) shape = NULL;

  if (!token_forms_init (&forms, access_token, length, error))
    return FALSE;
  shape = st_sql_key_store_shape (self, deadline_us, error);
  if (shape == NULL || !search_tables (self, &search, shape, &forms, deadline_us, error)
      || (search.tenant_domain != NULL && !number_tenant (self, &search, deadline_us, error)))
    return FALSE;
  *found = g_steal_pointer (&search.token);
  return TRUE;
}
