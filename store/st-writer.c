#include "config.h"
#include "store/st-writer.h"

#define MAX_TRIES 8
#define PAUSE_FIRST_US 2000

static gboolean
run_once (StDatabase *database, StWork work, gpointer data, guint capabilities, gint64 deadline_us, GError **error)
{
  StWriter writer = { st_transaction_begin (database, deadline_us, error), capabilities };

  if (writer.transaction == NULL)
    return FALSE;
  if (work (&writer, data, error))
    return st_transaction_commit (writer.transaction, error);
  st_transaction_rollback (writer.transaction);
  return FALSE;
}

/* Doubles each time, and half of it is chance, so that two that fought do not meet again. */
static void
pause_before_retry (guint tries)
{
  gulong pause_us = (gulong) PAUSE_FIRST_US << tries;

  g_usleep (pause_us / 2 + (gulong) g_random_int_range (0, (gint32) pause_us / 2));
}

static gboolean
run (StDatabase *database, StWork work, gpointer data, guint capabilities, gint64 deadline_us, GError **error)
{
  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) why = NULL;

      if (run_once (database, work, data, capabilities, deadline_us, &why))
        return TRUE;
      if (!g_error_matches (why, ST_ERROR, ST_ERROR_RETRY) || tries == MAX_TRIES
          || (deadline_us != 0 && g_get_monotonic_time () >= deadline_us))
        {
          g_propagate_error (error, g_steal_pointer (&why));
          return FALSE;
        }
      pause_before_retry (tries);
    }
}

gboolean
st_read (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  g_autoptr (GError) why = NULL;
  StWriter reader = { NULL };
  gboolean done = FALSE;

  if (!st_capabilities_get (database, deadline_us, &reader.capabilities, error))
    return FALSE;
  if (st_capabilities_check_writable (reader.capabilities, &why))
    reader.transaction = st_transaction_begin_read (database, deadline_us, &why);
  if (reader.transaction != NULL)
    {
      done = work (&reader, data, &why);
      st_transaction_rollback (reader.transaction);
    }
  if (done)
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
    st_capabilities_forget (database);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
st_write (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  g_autoptr (GError) why = NULL;
  guint capabilities;

  if (!st_capabilities_get (database, deadline_us, &capabilities, error))
    return FALSE;
  if (st_capabilities_check_writable (capabilities, &why)
      && run (database, work, data, capabilities, deadline_us, &why))
    return TRUE;
  if (g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
    st_capabilities_forget (database);
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
st_write_users (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  return run (database, work, data, 0, deadline_us, error);
}

StQuery *
st_writer_query (StWriter *writer, const StStatement *statement, GError **error)
{
  return st_transaction_query (writer->transaction, statement, error);
}

gboolean
st_writer_run (StQuery *query, GError **error)
{
  g_autoptr (StQuery) owned = query;

  return owned != NULL && st_query_step (owned, error) == ST_END;
}
