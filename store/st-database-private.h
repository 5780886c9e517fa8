/* What a database driver is to StDatabase and its pool. Private to store/.
 *
 * A connection belongs to one thread at a time: from the pool's hand-out until it is given back. The one exception is
 * interrupt(). */
#ifndef ST_DATABASE_PRIVATE_H
#define ST_DATABASE_PRIVATE_H

#include "store/st-token-tables.h"

G_BEGIN_DECLS

/* Parameters of one statement. */
#define ST_MAX_VALUES 24

typedef enum
{
  ST_VALUE_NULL,
  ST_VALUE_INT64,
  ST_VALUE_TEXT,
} StValueKind;

typedef struct
{
  StValueKind kind;
  gint64 number;
  const char *text; /* borrowed */
  gsize length;
} StValue;

typedef struct _StConnection StConnection;
typedef gpointer StPrepared; /* the driver's own */

typedef struct
{
  /* TRUE: one read-write connection stands beside the read-only ones, and transactions wait for it. */
  gboolean separate_writer;
  /* TRUE: another machine may be at the end of it. Failed connects are backed off from, and interrupt() is needed. */
  gboolean remote;

  StConnection *(*connect) (StDatabase *database, gboolean writer, gint64 deadline_us, GError **error);
  void (*close) (StConnection *connection);
  /* Whether a connection that was idle for long still answers. */
  gboolean (*check) (StConnection *connection, GError **error);
  /* Any thread: makes the call that is under way in the connection fail soon. NULL where the driver watches
   * deadline_us itself. */
  void (*interrupt) (StConnection *connection);

  StPrepared (*prepare) (StConnection *connection, const StStatement *statement, GError **error);
  void (*finalize) (StPrepared prepared);
  /* Afterwards fetch() gives the rows. A dead connection shows here, never in fetch(). */
  gboolean (*execute) (StConnection *connection, StPrepared prepared, const StValue *values, guint n_values,
                       GError **error);
  StStep (*fetch) (StConnection *connection, StPrepared prepared, GError **error);
  const char *(*text) (StPrepared prepared, guint column);
  gsize (*length) (StPrepared prepared, guint column); /* of what text() gave, in bytes */
  gint64 (*int64) (StPrepared prepared, guint column);
  gboolean (*is_null) (StPrepared prepared, guint column);
  /* Done with the rows; the statement can be executed again. */
  void (*reset) (StPrepared prepared);

  /* One statement without parameters and rows. */
  gboolean (*run) (StConnection *connection, const char *sql, GError **error);
  gint64 (*last_insert_id) (StConnection *connection);
  const char *begin; /* the statement that starts a transaction */
  const char *begin_read; /* ... that only reads */
} StDriver;

typedef struct
{
  const StStatement *statement; /* the key is the address */
  StPrepared prepared;
} StCachedStatement;

/* Drivers put it first in their own structure. */
struct _StConnection
{
  const StDriver *driver;
  StDatabase *database;
  gint64 deadline_us; /* of the work in hand; written under the pool's lock */
  gboolean broken;    /* never to be used again */
  gboolean gone;      /* broken because the database went away: the same work may succeed on a fresh connection */
  gboolean left;      /* its server is to be left for another one: idle connections to it are of no use either */

  StCachedStatement *statements; /* open hash; size is a power of 2, at most half full */
  guint statements_size;
  guint n_statements;

  /* The pool's, under its lock. */
  StConnection *next;
  StConnection *previous;
  gint64 idle_since_us;
  gboolean interrupted;
};

extern const StDriver st_driver_sqlite;
extern const StDriver st_driver_mysql;

const ApimDataSource *st_database_source (const StDatabase *database);
/* What st_capabilities_get() remembers; 0: nothing yet. Atomic. */
guint *st_database_capabilities (StDatabase *database);
/* What st_token_tables_get() remembers; NULL: nothing yet. Under st-token-tables.c's lock. */
StTokenTables **st_database_token_tables (StDatabase *database);
/* Which of the data source's servers is asked first; 0 is host. Atomic; the driver's. */
guint *st_database_server (StDatabase *database);
const ApimLimits *st_database_limits (const StDatabase *database);

/* Closes the connection and finalizes what it cached. */
void st_connection_free (StConnection *connection);

G_END_DECLS
#endif
