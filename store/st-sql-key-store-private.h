/* The SQL key store's parts: one file per question, and the shape of the database that all of them go by. Private to
 * store/. */
#ifndef ST_SQL_KEY_STORE_PRIVATE_H
#define ST_SQL_KEY_STORE_PRIVATE_H

#include "store/st-sql-stores.h"
#include "store/st-token-tables.h"

G_BEGIN_DECLS

/* One table of tokens, and the statements that search it. */
typedef struct
{
  const StStatement *by_hash; /* three forms of the hash; NULL: the table has no hashes */
  const StStatement *by_text; /* the token; with hashes: in rows without one */
  gboolean numbered;          /* 1.10: TENANT_ID and USER_DOMAIN; else AUTHZ_USER is [domain/]user@tenant */
  gboolean partition;         /* only for users of secondary user stores (spec/databases.md 3.3) */
} StSqlTokenTable;

/* What a database looks like to the questions of key validation, and so the statements that ask them. Immutable and
 * reference counted. */
typedef struct
{
  guint capabilities;
  GArray *token_tables; /* of StSqlTokenTable: IDN_OAUTH2_ACCESS_TOKEN, then its partitions by name */
  gboolean policies;    /* advanced throttling is on, and the database has policies */
  const StStatement *subscription;
  const StStatement *resources;
  const StStatement *scope;
} StSqlShape;

typedef struct
{
  StKeyStore store;
  StDatabase *database; /* borrowed */
  gboolean advanced_throttling;
  ApimTokenTime token_time;
  StUserStore *tenants; /* borrowed; nullable */
  GMutex lock;
  StSqlShape *shape; /* under lock; NULL: not read yet, or no longer believed */
} StSqlKeyStore;

/* Reads the shape from @database. ST_ERROR_SCHEMA, saying what is missing, where it cannot be served. */
StSqlShape *st_sql_shape_read (StDatabase *database, gboolean advanced_throttling, ApimTokenTime token_time,
                               gint64 deadline_us, GError **error);
StSqlShape *st_sql_shape_ref (StSqlShape *shape);
void st_sql_shape_unref (StSqlShape *shape);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StSqlShape, st_sql_shape_unref)

/* (transfer full): the database's shape, read where it is not known. */
StSqlShape *st_sql_key_store_shape (StSqlKeyStore *self, gint64 deadline_us, GError **error);
/* FALSE unless @step is ST_END. A statement that met tables of another shape makes the next question look again:
 * somebody may be migrating the database. */
gboolean st_sql_key_store_finish (StSqlKeyStore *self, StStep step, GError **error);
/* st_database_query(), with the same look at its error. */
StQuery *st_sql_key_store_query (StSqlKeyStore *self, const StStatement *statement, gint64 deadline_us,
                                 GError **error);

/* Collations fold case and trailing blanks: only the same bytes are the same key. */
gboolean st_sql_is_text (StQuery *query, guint column, const char *text);
char *st_sql_dup_column (StQuery *query, guint column);

/* st-sql-token.c */
StSqlTokenTable st_sql_token_table (const StTokenTable *table, guint capabilities, ApimTokenTime token_time);
gboolean st_sql_find_token (StKeyStore *store, const char *access_token, gsize length, gint64 deadline_us,
                            StToken **found, GError **error);

/* st-sql-subscription.c */
const StStatement *st_sql_subscription_statement (guint capabilities, gboolean policies);
gboolean st_sql_find_subscription (StKeyStore *store, const char *context, const char *version,
                                   const char *consumer_key, gint api_tenant_id, gint64 deadline_us,
                                   StSubscription **found, GError **error);

/* st-sql-resources.c */
const StStatement *st_sql_resources_statement (gboolean policies);
gboolean st_sql_find_resources (StKeyStore *store, const char *context, const char *version, gint api_tenant_id,
                                gint64 deadline_us, StResources **found, GError **error);

/* st-sql-scope.c */
/* Adds the role, or where it is a @list the roles, in @text (nullable), trimmed, each once. */
void st_sql_add_roles (GPtrArray *roles, const char *text, gboolean list);
const StStatement *st_sql_scope_statement (guint capabilities);
gboolean st_sql_find_scope (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found,
                            GError **error);

/* st-sql-api-default.c */
gboolean st_sql_find_api_default (StKeyStore *store, const char *context, gint64 deadline_us, StApiDefault **found,
                                  GError **error);

G_END_DECLS
#endif
