#include "config.h"
#include "store/st-setup.h"

#include "store/st-database-private.h"

#include <string.h>

#define TIMEOUT_MS (10 * 60 * 1000)

void
st_setup_server_clear (StSetupServer *server)
{
  g_clear_pointer (&server->user, g_free);
}

static gboolean
is_on (const char *value)
{
  return value != NULL && strcmp (value, "0") != 0 && g_ascii_strcasecmp (value, "OFF") != 0;
}

gboolean
st_setup_ask_server (StDatabase *database, StSetupServer *server, GError **error)
{
  static const StStatement settings = {
    "SELECT '', 0, '', 0, 0",
    "SELECT CURRENT_USER(), @@log_bin, @@binlog_format, @@log_bin_trust_function_creators, @@read_only",
  };
  g_autoptr (StQuery) query = st_database_query (database, &settings, 0, error);

  if (query == NULL || st_query_step (query, error) != ST_ROW)
    return FALSE;
  server->user = g_strdup (st_query_text (query, 0));
  server->binary_log = is_on (st_query_text (query, 1));
  server->statements = g_strcmp0 (st_query_text (query, 2), "STATEMENT") == 0;
  server->trusts_creators = is_on (st_query_text (query, 3));
  server->read_only = is_on (st_query_text (query, 4));
  return TRUE;
}

static gboolean
take_lock (StTransaction *transaction, const char *lock, GError **error)
{
  static const StStatement get_lock = { "SELECT ? IS NOT NULL", "SELECT GET_LOCK(CONCAT('apim-', ?), 10)" };
  g_autoptr (StQuery) query = st_transaction_query (transaction, &get_lock, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, lock);
  if (st_query_step (query, error) != ST_ROW)
    return FALSE;
  if (st_query_int64 (query, 0) == 1)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "somebody else is changing the %s now: wait for its end", lock);
  return FALSE;
}

gboolean
st_setup_run (StDatabase *database, const char *lock, const char *script, StSetupCheck check, gpointer data,
              GError **error)
{
  const ApimLimits limits = { .database_timeout_ms = TIMEOUT_MS };
  g_autoptr (StDatabase) session = st_database_open (st_database_source (database), &limits, error);
  StTransaction *transaction = session == NULL ? NULL : st_transaction_begin (session, 0, error);

  if (transaction == NULL)
    return FALSE;
  if (take_lock (transaction, lock, error) && (check == NULL || check (database, data, error))
      && st_transaction_script (transaction, script, error))
    return st_transaction_commit (transaction, error);
  st_transaction_rollback (transaction);
  return FALSE;
}
