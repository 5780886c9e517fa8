/* The connections of one database: a bounded number, handed out newest first.
 *
 * Handing out and taking back is a few pointer moves under one short lock; connecting and closing happen outside it.
 * After a failed connect to a remote database further attempts fail at once for 100 ms, then 200 ms, ... at most 2 s,
 * so that a database that is away costs its callers nothing; the first attempt after that time is made by one caller
 * alone.
 * A connection to a remote database that was idle for the data source's validationInterval is checked first, for at
 * most half of the caller's time: what is left is for a fresh one.
 * A remote database also gets a guard: one thread that interrupts the connections whose deadline has passed.
 * Threads: any. Private to store/. */
#ifndef ST_POOL_H
#define ST_POOL_H

#include "store/st-database-private.h"

G_BEGIN_DECLS

typedef struct
{
  StDatabase *database;
  const StDriver *driver;
  gboolean writer;
  guint maximum;
  gint64 max_wait_us;
  gint64 check_after_us; /* of being idle */

  GMutex lock; /* over everything below */
  GCond freed;
  guint n_waiting; /* for freed: signalling it is a system call, and mostly nobody waits */
  StConnection *idle; /* newest first */
  StConnection *busy; /* doubly linked */
  guint n_connections; /* idle, busy, and being made */

  gint64 retry_at_us; /* no connect before this; 0 = the last one succeeded */
  guint backoff_ms;
  gboolean trying; /* somebody makes the first attempt after a failure */
  char *failure;   /* why the last connect failed */

  GThread *guard; /* NULL until a connection needs it */
  GCond guard_wake;
  gint64 guard_until_us; /* the guard sleeps until then */
  gboolean stopping;
} StPool;

void st_pool_init (StPool *pool, StDatabase *database, const StDriver *driver, gboolean writer, guint maximum);
/* Every connection must have been given back. */
void st_pool_clear (StPool *pool);

/* A connection for work that ends by @deadline_us. NULL with ST_ERROR_TIMEOUT, _UNAVAILABLE, or what connecting
 * failed with. */
StConnection *st_pool_acquire (StPool *pool, gint64 deadline_us, GError **error);

/* Takes it back; closes it when it is broken, and with one that is gone also all idle ones, which were cut off with
 * it. */
void st_pool_release (StPool *pool, StConnection *connection);

G_END_DECLS
#endif
