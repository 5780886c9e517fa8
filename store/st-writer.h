/* StWriter: one operation that writes, in one transaction, as a WSO2 node of the database's generation would write it (spec/databases.md 9).
 *
 *   static gboolean revoke (StWriter *writer, gpointer data, GError **error) { ... st_writer_query (writer, &statement, error) ... }
 *   st_write (database, revoke, &arguments, deadline_us, error)
 *
 * Threads: any; st_write() blocks. */
#ifndef ST_WRITER_H
#define ST_WRITER_H

#include "store/st-capabilities.h"

G_BEGIN_DECLS

typedef struct
{
  StTransaction *transaction;
  guint capabilities; /* StCapability of the database: which columns and tables there are */
} StWriter;

/* The operation. TRUE: commit. FALSE with @error: nothing of it happened. It may be called more than once, so it must not keep what it learned
 * in an earlier call. */
typedef gboolean (*StWork) (StWriter *writer, gpointer data, GError **error);

/* Runs @work in a transaction and commits. A transaction that lost against another one (ST_ERROR_RETRY) is begun again, a few times, until
 * @deadline_us (absolute g_get_monotonic_time(), 0: the database's own limit); so ST_ERROR_RETRY comes out only of a database under siege.
 * ST_ERROR_SCHEMA without any write where the database is none of the supported generations: a newer one is never written to.
 * A connection that breaks during the commit is ST_ERROR_UNAVAILABLE and leaves open whether it happened: the message says so. */
gboolean st_write (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error);

/* A transaction that only reads: @work sees one state of the database, waits for no writer and is in nobody's way. A write in it fails.
 * In a database whose generation is not supported it is ST_ERROR_SCHEMA as well. */
gboolean st_read (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error);

/* The same as st_write() in userdb, which has one shape and no capabilities. */
gboolean st_write_users (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error);

static inline gboolean
st_writer_has (const StWriter *writer, guint capabilities)
{
  return (writer->capabilities & capabilities) == capabilities;
}

/* A statement of the operation; as st_transaction_query(). */
StQuery *st_writer_query (StWriter *writer, const StStatement *statement, GError **error);

/* Executes a query that returns no rows, and frees it. @query: (transfer full) (nullable): of st_writer_query(), bound. */
gboolean st_writer_run (StQuery *query, GError **error);

G_END_DECLS
#endif
