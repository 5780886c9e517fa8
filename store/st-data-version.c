#include "config.h"
#include "store/st-data-version.h"

#include "store/st-database-private.h"

/* SQLite counts what others have committed for each connection by itself, so that two connections' numbers cannot be
 * compared: there is one connection for this, and nothing else is done with it. */
struct _StDataVersion
{
  StDatabase *database;
  const StDriver *driver;
  GMutex lock; /* over what follows; held for the look */
  StConnection *connection; /* NULL: to be opened */
  StPrepared prepared;
  guint32 opened; /* connections so far: the upper half of the version */
};

StDataVersion *
st_data_version_new (StDatabase *database)
{
  StDataVersion *watch;

  if (st_database_kind (database) != APIM_DATABASE_SQLITE)
    return NULL;
  watch = g_new0 (StDataVersion, 1);
  watch->database = database;
  watch->driver = &st_driver_sqlite;
  g_mutex_init (&watch->lock);
  return watch;
}

/* With the lock held. */
static void
disconnect (StDataVersion *watch)
{
  if (watch->prepared != NULL)
    watch->driver->finalize (g_steal_pointer (&watch->prepared));
  if (watch->connection != NULL)
    st_connection_free (g_steal_pointer (&watch->connection));
}

void
st_data_version_free (StDataVersion *watch)
{
  if (watch == NULL)
    return;
  disconnect (watch);
  g_mutex_clear (&watch->lock);
  g_free (watch);
}

/* With the lock held. */
static gboolean
connect_once (StDataVersion *watch, gint64 deadline_us, GError **error)
{
  static const StStatement look = { "PRAGMA data_version", NULL };

  if (watch->connection != NULL)
    {
      watch->connection->deadline_us = deadline_us;
      return TRUE;
    }
  watch->connection = watch->driver->connect (watch->database, FALSE, deadline_us, error);
  if (watch->connection == NULL)
    return FALSE;
  watch->opened++;
  watch->prepared = watch->driver->prepare (watch->connection, &look, error);
  return watch->prepared != NULL;
}

/* With the lock held. */
static gboolean
look (StDataVersion *watch, guint64 *version, GError **error)
{
  StConnection *connection = watch->connection;
  gboolean there;

  if (!watch->driver->execute (connection, watch->prepared, NULL, 0, error))
    return FALSE;
  there = watch->driver->fetch (connection, watch->prepared, error) == ST_ROW;
  if (there)
    *version = (guint64)watch->opened << 32 | (guint32)watch->driver->int64 (watch->prepared, 0);
  watch->driver->reset (watch->prepared);
  return there;
}

gboolean
st_data_version_read (StDataVersion *watch, gint64 deadline_us, guint64 *version, GError **error)
{
  gint64 latest = g_get_monotonic_time () + (gint64)st_database_limits (watch->database)->database_timeout_ms * 1000;
  gboolean done;

  if (deadline_us == 0 || deadline_us > latest)
    deadline_us = latest;
  g_mutex_lock (&watch->lock);
  done = connect_once (watch, deadline_us, error) && look (watch, version, error);
  if (!done)
    disconnect (watch);
  g_mutex_unlock (&watch->lock);
  return done;
}
