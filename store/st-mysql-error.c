/* The server's messages can quote values, so only those that name users, hosts, tables and columns are passed on; the
 * numbers that an operator meets have words of our own. */
#include "config.h"
#include "store/st-mysql-private.h"

#include "common/apim-log.h"

#include <errmsg.h>
#include <mysqld_error.h>

/* Only MySQL has these. */
#define MYSQL_LOST_CERTIFICATION 3101 /* group replication */
#define MYSQL_IDLE_FOR_TOO_LONG 4031  /* sent before the server closes the connection */

typedef enum
{
  STAYS,
  BROKEN, /* the connection is of no use any more */
  GONE,   /* ... and the server, or the way to it, is why: another connection may do better */
} Fate;

typedef struct
{
  unsigned int number;
  StError code;
  Fate fate;
  const char *words; /* nullable; after 'database of "NAME": ' */
} Meaning;

static const char no_room[] = "the server has no room left on its disk";
static const char read_only[]
    = "the server is read-only (is it a replica?), and this needs one that can be written to: name the primary";
static const char too_long[] = "a value is longer than the server's max_allowed_packet";
static const char foreign_text[] = "a text has characters that its character set does not have";
static const char in_the_way[] = "another transaction stood in the way";

static const Meaning meanings[] = {
  { CR_SERVER_GONE_ERROR, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_SERVER_LOST, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_SERVER_LOST_EXTENDED, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_CONN_HOST_ERROR, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_CONNECTION_ERROR, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_COMMANDS_OUT_OF_SYNC, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_MALFORMED_PACKET, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_NO_PREPARE_STMT, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_STMT_CLOSED, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { CR_SSL_CONNECTION_ERROR, ST_ERROR_SETUP, GONE, NULL }, /* SETUP while connecting; later the connection broke */
  { ER_SERVER_SHUTDOWN, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NORMAL_SHUTDOWN, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_CONNECTION_KILLED, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_ABORTING_CONNECTION, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NEW_ABORTING_CONNECTION, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NET_READ_ERROR, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NET_READ_INTERRUPTED, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NET_ERROR_ON_WRITE, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NET_WRITE_INTERRUPTED, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { MYSQL_IDLE_FOR_TOO_LONG, ST_ERROR_UNAVAILABLE, GONE, NULL },
  /* A proxy changed the server behind the connection: its prepared statements are not there. */
  { ER_UNKNOWN_STMT_HANDLER, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_NEED_REPREPARE, ST_ERROR_UNAVAILABLE, GONE, NULL },
  /* Whether it was committed is not known. */
  { ER_ERROR_DURING_COMMIT, ST_ERROR_UNAVAILABLE, GONE, NULL },
  { ER_UNKNOWN_COM_ERROR, ST_ERROR_UNAVAILABLE, GONE,
    "its Galera node is not ready: it is cut off from the cluster, or has not joined it yet" },

  { ER_LOCK_DEADLOCK, ST_ERROR_RETRY, STAYS, in_the_way }, /* Galera: or lost its certification; all is rolled back */
  { MYSQL_LOST_CERTIFICATION, ST_ERROR_RETRY, STAYS, in_the_way },
  { ER_LOCK_WAIT_TIMEOUT, ST_ERROR_TIMEOUT, STAYS, "a lock was not free in time" },
  { ER_QUERY_INTERRUPTED, ST_ERROR_TIMEOUT, STAYS, NULL },
  { ER_STATEMENT_TIMEOUT, ST_ERROR_TIMEOUT, STAYS, NULL },

  { ER_OPTION_PREVENTS_STATEMENT, ST_ERROR_UNAVAILABLE, STAYS, read_only },
  { ER_READ_ONLY_MODE, ST_ERROR_UNAVAILABLE, STAYS, read_only },
  { ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ST_ERROR_UNAVAILABLE, STAYS, read_only },
  { ER_MAX_PREPARED_STMT_COUNT_REACHED, ST_ERROR_UNAVAILABLE, STAYS,
    "the server's max_prepared_stmt_count is used up: raise it there, or lower maxActive of its clients" },
  { ER_DISK_FULL, ST_ERROR_UNAVAILABLE, STAYS, no_room },
  { ER_RECORD_FILE_FULL, ST_ERROR_UNAVAILABLE, STAYS, no_room },
  { ER_ERROR_ON_WRITE, ST_ERROR_UNAVAILABLE, STAYS, no_room },

  { ER_DUP_ENTRY, ST_ERROR_CONFLICT, STAYS, NULL },
  { ER_ROW_IS_REFERENCED_2, ST_ERROR_CONFLICT, STAYS, NULL },
  { ER_NO_REFERENCED_ROW_2, ST_ERROR_CONFLICT, STAYS, NULL },
  { ER_NO_SUCH_TABLE, ST_ERROR_SCHEMA, STAYS, NULL },
  { ER_BAD_FIELD_ERROR, ST_ERROR_SCHEMA, STAYS, NULL },

  { ER_ACCESS_DENIED_ERROR, ST_ERROR_SETUP, STAYS, NULL },
  { ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ST_ERROR_SETUP, STAYS, NULL },
  { ER_DBACCESS_DENIED_ERROR, ST_ERROR_SETUP, STAYS, NULL },
  { ER_TABLEACCESS_DENIED_ERROR, ST_ERROR_SETUP, STAYS, NULL },
  { ER_COLUMNACCESS_DENIED_ERROR, ST_ERROR_SETUP, STAYS, NULL },
  { ER_BAD_DB_ERROR, ST_ERROR_SETUP, STAYS, NULL },
  { CR_AUTH_PLUGIN_CANNOT_LOAD, ST_ERROR_SETUP, STAYS, NULL },
  { ER_BINLOG_CREATE_ROUTINE_NEED_SUPER, ST_ERROR_SETUP, STAYS,
    "the server keeps a binary log and lets this user make no triggers: set log_bin_trust_function_creators = 1 on"
    " the server, or do this as a user with the privilege SUPER" },

  { ER_NET_PACKET_TOO_LARGE, ST_ERROR_DATA, BROKEN, too_long },
  { CR_NET_PACKET_TOO_LARGE, ST_ERROR_DATA, BROKEN, "a value or a row is longer than is taken here" },
  { ER_CANT_AGGREGATE_2COLLATIONS, ST_ERROR_DATA, STAYS, foreign_text },
  { ER_CANT_AGGREGATE_3COLLATIONS, ST_ERROR_DATA, STAYS, foreign_text },
  { ER_CANT_AGGREGATE_NCOLLATIONS, ST_ERROR_DATA, STAYS, foreign_text },
  { ER_DATA_TOO_LONG, ST_ERROR_DATA, STAYS, NULL },
  { ER_WARN_DATA_OUT_OF_RANGE, ST_ERROR_DATA, STAYS, NULL },
  { ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, ST_ERROR_DATA, STAYS, NULL },
  { ER_BAD_NULL_ERROR, ST_ERROR_DATA, STAYS, NULL },
};

static Meaning
meaning_of (unsigned int number)
{
  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].number == number)
      return meanings[i];
  return (Meaning){ number, ST_ERROR_UNAVAILABLE, STAYS, NULL };
}

/* What depends on the server: Galera says "lock wait timeout" also when a node could not catch up with its cluster
 * before a read (wsrep_sync_wait); and where there are more servers, a read-only one is one to turn away from. */
static Meaning
meaning_for (const StMysql *mysql, unsigned int number)
{
  Meaning meaning = meaning_of (number);

  if (mysql->galera && number == ER_LOCK_WAIT_TIMEOUT)
    meaning = (Meaning){ number, ST_ERROR_UNAVAILABLE, GONE,
                         "its Galera node could not catch up with the cluster in time, or a lock was not free" };
  else if (meaning.words == read_only && st_mysql_n_servers (mysql->connection.database) > 1)
    {
      meaning.code = ST_ERROR_RETRY;
      meaning.fate = GONE;
    }
  return meaning;
}

/* The next connect begins with the next server, unless somebody has moved on already. */
static void
leave_server (StMysql *mysql)
{
  StDatabase *database = mysql->connection.database;
  guint n = st_mysql_n_servers (database);
  guint here = mysql->server;
  guint next = (here + 1) % n;
  g_autofree char *text = NULL;

  if (n == 1)
    return;
  mysql->connection.left = TRUE;
  if (!__atomic_compare_exchange_n (st_database_server (database), &here, next, FALSE, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED))
    return;
  text = st_mysql_server_text (st_database_source (database), next);
  apim_info ("store", "the database of \"%s\" is asked at %s next", st_database_source (database)->jndi_name, text);
}

void
st_mysql_set_error (StMysql *mysql, unsigned int number, const char *text, GError **error)
{
  StConnection *connection = &mysql->connection;
  const char *name = st_database_source (connection->database)->jndi_name;
  Meaning meaning = meaning_for (mysql, number);

  connection->gone = meaning.fate == GONE;
  connection->broken = meaning.fate != STAYS;
  if (connection->gone)
    leave_server (mysql);
  if (connection->gone && g_get_monotonic_time () >= connection->deadline_us)
    {
      connection->gone = FALSE; /* the guard cut it off: the database may be well, only slow */
      g_set_error (error, ST_ERROR, ST_ERROR_TIMEOUT, "database of \"%s\" did not answer in time", name);
    }
  else if (meaning.words != NULL)
    g_set_error (error, ST_ERROR, (int) meaning.code, "database of \"%s\": %s", name, meaning.words);
  else if (connection->gone)
    g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "the connection to the database of \"%s\" broke (error %u)",
                 name, number);
  else if (meaning.code == ST_ERROR_SCHEMA || meaning.code == ST_ERROR_SETUP)
    g_set_error (error, ST_ERROR, (int) meaning.code, "database of \"%s\": %s", name, text);
  else
    g_set_error (error, ST_ERROR, (int) meaning.code, "database of \"%s\" refused the request (error %u)", name,
                 number);
}

StError
st_mysql_connect_error (unsigned int number)
{
  return meaning_of (number).code;
}
