/* StDatabase: one data source with its bounded pool of connections, behind which SQLite and MySQL/MariaDB look the
 * same. SQL is written in the common dialect where there is one; where not, StStatement has a text for each. Values
 * are always bound.
 *
 *   g_autoptr (StQuery) query = st_database_query (database, &statement, deadline_us, error);
 *   st_query_bind_text (query, 0, "...");
 *   while ((row = st_query_step (query, error)) == ST_ROW) ... st_query_text (query, 0)
 *
 * Statements are static StStatement structures, prepared once per connection and found again by their address.
 * Threads: any; a query belongs to one thread. */
#ifndef ST_DATABASE_H
#define ST_DATABASE_H

#include "common/apim-config.h"
#include "store/st-error.h"

G_BEGIN_DECLS

typedef struct _StDatabase StDatabase;
typedef struct _StQuery StQuery;

/* One statement; static storage. mysql may be NULL when sqlite's text serves both. */
typedef struct
{
  const char *sqlite;
  const char *mysql;
} StStatement;

/* A statement that is put together at run time, for as long as the process: connections know statements by their
 * address. The same texts are the same statement. @mysql: (nullable). */
const StStatement *st_statement_intern (const char *sqlite, const char *mysql);

typedef enum
{
  ST_ROW,
  ST_END,
  ST_FAILED,
} StStep;

/* Opens lazily: a database that is away now is an error of the queries, not of this. Files are never created here.
 * @limits: database_timeout_ms bounds connecting. */
StDatabase *st_database_open (const ApimDataSource *source, const ApimLimits *limits, GError **error);
void st_database_free (StDatabase *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StDatabase, st_database_free)
ApimDatabaseKind st_database_kind (const StDatabase *database);

/* Whether the database answers now. */
gboolean st_database_ping (StDatabase *database, gint64 deadline_us, GError **error);

/* A read with a pooled connection; freeing it gives the connection back. NULL with ST_ERROR. A read whose connection
 * turns out dead is tried once on a fresh one; so writes go through a transaction.
 * @deadline_us: absolute g_get_monotonic_time(); 0, or later than database_timeout_ms from now: database_timeout_ms. */
StQuery *st_database_query (StDatabase *database, const StStatement *statement, gint64 deadline_us, GError **error);
/* Parameters, counted from 0; what is not bound is NULL. Texts are borrowed: they must stay until the last step. */
void st_query_bind_text (StQuery *query, guint index, const char *text);                 /* NULL binds NULL */
void st_query_bind_bytes (StQuery *query, guint index, const char *bytes, gsize length); /* as text of this length */
void st_query_bind_int64 (StQuery *query, guint index, gint64 value);
StStep st_query_step (StQuery *query, GError **error);
/* Columns of the current row. Text is valid until the next step; NULL for NULL. */
const char *st_query_text (StQuery *query, guint column);
/* The same of a BLOB, in which there may be NULs; valid until the next step. */
const char *st_query_bytes (StQuery *query, guint column, gsize *length);
gint64 st_query_int64 (StQuery *query, guint column); /* 0 for NULL */
gboolean st_query_is_null (StQuery *query, guint column);
void st_query_free (StQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StQuery, st_query_free)

/* Writes: a session of one connection with a transaction. */
typedef struct _StTransaction StTransaction;
StTransaction *st_transaction_begin (StDatabase *database, gint64 deadline_us, GError **error);
/* One that only reads: on SQLite with a connection of the readers, so that it waits for no writer. */
StTransaction *st_transaction_begin_read (StDatabase *database, gint64 deadline_us, GError **error);
/* A query inside the transaction; one at a time of the same statement. */
StQuery *st_transaction_query (StTransaction *transaction, const StStatement *statement, GError **error);
/* Runs a whole script of statements that end with ";" at a line's end (migrations); a trigger, CREATE TRIGGER ... BEGIN
 * ..., ends with the line "END;". MySQL commits DDL by itself. */
gboolean st_transaction_script (StTransaction *transaction, const char *sql, GError **error);
gint64 st_transaction_last_insert_id (StTransaction *transaction);
gboolean st_transaction_commit (StTransaction *transaction, GError **error); /* frees */
void st_transaction_rollback (StTransaction *transaction);                   /* frees */

G_END_DECLS
#endif
