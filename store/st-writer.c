#include "config.h"
#include "store/st-writer.h"

#define MAX_TRIES 8
#define PAUSE_FIRST_US 2000

/* @kind: what is known before the transaction begins. */
static gboolean
run_once (StDatabase *database, StWork work, gpointer data, const StWriter *kind, gint64 deadline_us, GError **error)
{
  StWriter writer = *kind;

  writer.transaction = st_transaction_begin (database, deadline_us, error);
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
run (StDatabase *database, StWork work, gpointer data, const StWriter *kind, gint64 deadline_us, GError **error)
{
  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) why = NULL;

      if (run_once (database, work, data, kind, deadline_us, &why))
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

/* What is known of @database before a transaction begins. *token_tables: (transfer full): what @writer borrows. */
static gboolean
know (StDatabase *database, gint64 deadline_us, StWriter *writer, StTokenTables **token_tables, GError **error)
{
  if (!st_capabilities_get (database, deadline_us, &writer->capabilities, error))
    return FALSE;
  *token_tables = st_token_tables_get (database, deadline_us, error);
  writer->token_tables = *token_tables;
  return *token_tables != NULL;
}

/* @why: (transfer full): what an operation failed with. */
static gboolean
fail (StDatabase *database, GError *why, GError **error)
{
  if (g_error_matches (why, ST_ERROR, ST_ERROR_SCHEMA))
    st_capabilities_forget (database);
  g_propagate_error (error, why);
  return FALSE;
}

gboolean
st_read (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  g_autoptr (StTokenTables) token_tables = NULL;
  GError *why = NULL;
  StWriter reader = { NULL };
  gboolean done = FALSE;

  if (!know (database, deadline_us, &reader, &token_tables, error))
    return FALSE;
  if (st_capabilities_check_writable (reader.capabilities, &why))
    reader.transaction = st_transaction_begin_read (database, deadline_us, &why);
  if (reader.transaction != NULL)
    {
      done = work (&reader, data, &why);
      st_transaction_rollback (reader.transaction);
    }
  return done || fail (database, why, error);
}

gboolean
st_write (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  g_autoptr (StTokenTables) token_tables = NULL;
  GError *why = NULL;
  StWriter kind = { NULL };

  if (!know (database, deadline_us, &kind, &token_tables, error))
    return FALSE;
  return (st_capabilities_check_writable (kind.capabilities, &why)
          && run (database, work, data, &kind, deadline_us, &why))
         || fail (database, why, error);
}

gboolean
st_write_users (StDatabase *database, StWork work, gpointer data, gint64 deadline_us, GError **error)
{
  const StWriter kind = { NULL };

  return run (database, work, data, &kind, deadline_us, error);
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
