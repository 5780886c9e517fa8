/* Connecting: which server, in which time, over what, and what a session must be like.
 *
 * Connector/C counts time in whole seconds and per read, and goes on in clear when the server knows no TLS, whatever
 * was asked for. Its hook for waiting (MARIADB_OPT_IO_WAIT) lets us do better until the connection stands: every wait
 * ends at the exact deadline, and the server's greeting is looked at before the login is sent. Only the look-up of the
 * host's name is out of reach.
 *
 * What is set in a session, and nothing else is (not the time zone, spec/databases.md 4.6; not sql_mode):
 *   autocommit = 1                  or a read would see the database as it was at the connection's first read
 *   the character set utf8mb4       where the server ignores what the login says
 *   wsrep_sync_wait, bit 1          on Galera: a read sees what was committed on any node before it */
#include "config.h"
#include "store/st-mysql-private.h"

#include "common/apim-log.h"
#include "common/apim-trust-store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of rows that we read; a longer one ends the connection. */
#define MAX_ROW_SIZE (64 * 1024 * 1024)
/* A greeting that comes in pieces is looked at again after this. */
#define GREETING_PAUSE_US 2000

/* The connect that this thread is about. */
typedef struct
{
  gint64 deadline_us;
  gboolean want_tls;
  gboolean greeted;     /* the greeting has been looked at */
  gboolean without_tls; /* ... and offers none */
} Connecting;

static __thread Connecting *connecting;

static gpointer
start_library (gpointer data)
{
  mysql_library_init (0, NULL, NULL);
  return NULL;
}

/* As poll(), until the deadline. */
static int
poll_until (int fd, short events, gint64 deadline_us)
{
  struct pollfd poll_fd = { .fd = fd, .events = events };
  gint64 left_us;
  int n;

  do
    {
      left_us = MAX (deadline_us - g_get_monotonic_time (), 0);
      n = poll (&poll_fd, 1, (int) ((left_us + 999) / 1000));
    }
  while (n < 0 && errno == EINTR);
  if (n == 0)
    errno = ETIMEDOUT;
  return n;
}

typedef enum
{
  INCOMPLETE,
  WITH_TLS, /* or no greeting at all but a refusal, after which nothing is sent */
  WITHOUT_TLS,
} Greeting;

/* Length (3), number (1), then protocol 10, the version as text, thread id (4), scramble (8), filler (1), capabilities
 * (2, low byte first). */
static Greeting
read_greeting (const guint8 *bytes, gsize length)
{
  const guint8 *end;
  gsize at;

  if (length < 5)
    return INCOMPLETE;
  if (bytes[4] == 0xff)
    return WITH_TLS;
  end = bytes[4] == 10 ? memchr (bytes + 5, '\0', length - 5) : NULL;
  if (end == NULL)
    return bytes[4] == 10 ? INCOMPLETE : WITHOUT_TLS;
  at = (gsize) (end - bytes) + 1 + 4 + 8 + 1;
  if (length < at + 2)
    return INCOMPLETE;
  return ((bytes[at] | bytes[at + 1] << 8) & CLIENT_SSL) != 0 ? WITH_TLS : WITHOUT_TLS;
}

/* Looks at the greeting, which Connector/C reads afterwards. 1: go on; else as poll(). */
static int
await_greeting (int fd, Connecting *state)
{
  guint8 bytes[256]; /* versions are short texts */
  Greeting greeting = INCOMPLETE;

  while (greeting == INCOMPLETE)
    {
      int n = poll_until (fd, POLLIN, state->deadline_us);
      gssize length = n > 0 ? recv (fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT) : 0;

      if (n <= 0)
        return n;
      if (length <= 0)
        return 1; /* Connector/C meets the same */
      greeting = read_greeting (bytes, (gsize) length);
      if (greeting == INCOMPLETE && (gsize) length == sizeof bytes)
        greeting = WITHOUT_TLS;
      else if (greeting == INCOMPLETE)
        g_usleep (GREETING_PAUSE_US);
    }
  state->greeted = TRUE;
  state->without_tls = greeting == WITHOUT_TLS;
  errno = state->without_tls ? EPROTO : 0;
  return state->without_tls ? -1 : 1;
}

static gboolean
is_connected (int fd)
{
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;

  return getpeername (fd, (struct sockaddr *) &peer, &length) == 0;
}

/* Connector/C waits here for @fd. Non-blocking, so that its TLS comes here, too. */
static int
wait_for_server (my_socket fd, my_bool is_read, int timeout_ms)
{
  int n;

  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  n = poll_until (fd, is_read ? POLLIN : POLLOUT, connecting->deadline_us);
  if (n > 0 && connecting->want_tls && !connecting->greeted && is_connected (fd))
    return await_greeting (fd, connecting);
  return n;
}

static void
set_options (MYSQL *handle, const ApimDataSource *source, const ApimLimits *limits, gint64 deadline_us)
{
  gint64 left_us = MAX (deadline_us - g_get_monotonic_time (), 0);
  unsigned int connect_s = (unsigned int) (left_us / G_USEC_PER_SEC + 1);
  unsigned int io_s = limits->database_timeout_ms / 1000 + 1;
  unsigned int protocol = MYSQL_PROTOCOL_TCP; /* else "localhost" would mean a Unix socket, not as in a JDBC URL */
  unsigned int off = 0;
  size_t max_row = MAX_ROW_SIZE;
  my_bool no = 0;

  mysql_optionsv (handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
  mysql_optionsv (handle, MYSQL_OPT_READ_TIMEOUT, &io_s);
  mysql_optionsv (handle, MYSQL_OPT_WRITE_TIMEOUT, &io_s);
  mysql_optionsv (handle, MYSQL_OPT_RECONNECT, &no);
  mysql_optionsv (handle, MYSQL_OPT_LOCAL_INFILE, &off);
  mysql_optionsv (handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &max_row);
  mysql_optionsv (handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_optionsv (handle, MARIADB_OPT_IO_WAIT, wait_for_server);
  if (source->unix_socket == NULL)
    mysql_optionsv (handle, MYSQL_OPT_PROTOCOL, &protocol);
}

/* Connector/C takes authorities from files only: this is one in memory. -1 with ST_ERROR. */
static int
open_trust_store (const ApimDataSource *source, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *pem = apim_trust_store_read (source->trust_store, source->trust_store_password, &reason);
  gsize length = pem != NULL ? strlen (pem) : 0;
  int fd;

  if (pem == NULL)
    {
      g_set_error (error, ST_ERROR, ST_ERROR_SETUP, "trust store of \"%s\": %s", source->jndi_name, reason->message);
      return -1;
    }
  fd = memfd_create ("trust-store", MFD_CLOEXEC);
  if (fd >= 0 && write (fd, pem, length) == (gssize) length)
    return fd;
  g_set_error (error, ST_ERROR, ST_ERROR_UNAVAILABLE, "trust store of \"%s\": %s", source->jndi_name,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* The chain is checked when there are authorities, the name when it is asked for. @trust_fd: (out): to be closed after
 * connecting; -1: none. */
static gboolean
set_tls_options (MYSQL *handle, const ApimDataSource *source, int *trust_fd, GError **error)
{
  my_bool yes = 1, verify_name = source->verify_tls_name ? 1 : 0;

  *trust_fd = -1;
  mysql_optionsv (handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify_name);
  if (!source->use_tls)
    return TRUE;
  mysql_optionsv (handle, MYSQL_OPT_SSL_ENFORCE, &yes);
  if (!source->verify_tls)
    return TRUE;
  if (source->trust_store == NULL)
    mysql_optionsv (handle, MYSQL_OPT_SSL_CAPATH, X509_get_default_cert_dir ());
  else
    {
      g_autofree char *path = NULL;

      *trust_fd = open_trust_store (source, error);
      if (*trust_fd < 0)
        return FALSE;
      path = g_strdup_printf ("/proc/self/fd/%d", *trust_fd);
      mysql_optionsv (handle, MYSQL_OPT_SSL_CA, path);
    }
  return TRUE;
}

char *
st_mysql_server_text (const ApimDataSource *source, guint server)
{
  if (source->unix_socket != NULL)
    return g_strdup (source->unix_socket);
  if (server == 0)
    return g_strdup_printf ("%s port %u", source->host, source->port);
  return g_strdup_printf ("%s port %u", source->others[server - 1].host, source->others[server - 1].port);
}

static void
set_connect_error (const StMysql *mysql, StError code, const char *text, GError **error)
{
  const ApimDataSource *source = st_database_source (mysql->connection.database);
  g_autofree char *server = st_mysql_server_text (source, mysql->server);

  g_set_error (error, ST_ERROR, (int) code, "could not connect to the database of \"%s\" at %s: %s", source->jndi_name,
               server, text);
}

static void
set_library_error (const StMysql *mysql, const Connecting *state, GError **error)
{
  if (state->without_tls)
    set_connect_error (mysql, ST_ERROR_SETUP, "it offers no TLS, which its URL asks for", error);
  else if (g_get_monotonic_time () >= state->deadline_us)
    set_connect_error (mysql, ST_ERROR_TIMEOUT, "it did not answer in time", error);
  else
    set_connect_error (mysql, st_mysql_connect_error (mysql_errno (mysql->handle)), mysql_error (mysql->handle), error);
}

static gboolean
log_in (StMysql *mysql, GError **error)
{
  const ApimDataSource *source = st_database_source (mysql->connection.database);
  guint other = mysql->server - 1; /* where it is not the first */
  const char *host = mysql->server == 0 ? source->host : source->others[other].host;
  guint16 port = mysql->server == 0 ? source->port : source->others[other].port;
  int trust_fd;
  gboolean done;

  if (!set_tls_options (mysql->handle, source, &trust_fd, error))
    return FALSE;
  done = mysql_real_connect (mysql->handle, source->unix_socket == NULL ? host : NULL, source->user, source->password,
                             source->database, port, source->unix_socket, 0)
         != NULL;
  if (!done)
    set_library_error (mysql, connecting, error);
  else if (source->use_tls && mysql_get_ssl_cipher (mysql->handle) == NULL)
    {
      set_connect_error (mysql, ST_ERROR_SETUP, "it offers no TLS, which its URL asks for", error);
      done = FALSE;
    }
  if (trust_fd >= 0)
    close (trust_fd);
  return done;
}

static gboolean
run (StMysql *mysql, const char *sql, GError **error)
{
  if (mysql_real_query (mysql->handle, sql, strlen (sql)) == 0)
    return TRUE;
  set_library_error (mysql, connecting, error);
  return FALSE;
}

static gboolean
is_on (const char *value)
{
  return g_ascii_strcasecmp (value, "ON") == 0 || strcmp (value, "1") == 0;
}

/* Calls @note with name and value of each row that @sql gives. */
static gboolean
read_pairs (StMysql *mysql, const char *sql, void (*note) (StMysql *mysql, const char *name, const char *value),
            GError **error)
{
  MYSQL_RES *rows;
  MYSQL_ROW row;

  if (!run (mysql, sql, error))
    return FALSE;
  rows = mysql_store_result (mysql->handle);
  if (rows == NULL)
    {
      set_library_error (mysql, connecting, error);
      return FALSE;
    }
  while ((row = mysql_fetch_row (rows)) != NULL)
    if (mysql_num_fields (rows) == 2 && row[0] != NULL && row[1] != NULL)
      note (mysql, row[0], row[1]);
  mysql_free_result (rows);
  return TRUE;
}

static void
note_variable (StMysql *mysql, const char *name, const char *value)
{
  if (g_str_has_suffix (name, "read_only"))
    mysql->read_only = mysql->read_only || is_on (value);
  else if (strcmp (name, "wsrep_on") == 0)
    mysql->galera = is_on (value);
  else if (strcmp (name, "max_allowed_packet") == 0)
    mysql->max_packet = (gsize) g_ascii_strtoull (value, NULL, 10);
}

static void
note_character_set (StMysql *mysql, const char *name, const char *value)
{
  if (strcmp (value, "utf8mb4") != 0)
    mysql_set_character_set (mysql->handle, "utf8mb4"); /* the next statement fails where this did */
}

static void
note_ready (StMysql *mysql, const char *name, const char *value)
{
  mysql->galera = is_on (value);
}

/* A node that is cut off from its cluster still logs in, and would answer from what it knew before. */
static gboolean
prepare_galera (StMysql *mysql, GError **error)
{
  if (!read_pairs (mysql, "SHOW STATUS LIKE 'wsrep_ready'", note_ready, error))
    return FALSE;
  if (mysql->galera)
    return run (mysql, "SET SESSION wsrep_sync_wait = @@wsrep_sync_wait | 1", error);
  set_connect_error (mysql, ST_ERROR_UNAVAILABLE,
                     "its Galera node is not ready: it is cut off from the cluster, or has not joined it yet", error);
  return FALSE;
}

static gboolean
prepare_session (StMysql *mysql, GError **error)
{
  if (!read_pairs (mysql,
                   "SHOW VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'innodb_read_only',"
                   " 'wsrep_on', 'max_allowed_packet')",
                   note_variable, error)
      || !read_pairs (mysql, "SHOW VARIABLES LIKE 'character_set_client'", note_character_set, error))
    return FALSE;
  if ((mysql->handle->server_status & SERVER_STATUS_AUTOCOMMIT) == 0 && !run (mysql, "SET autocommit = 1", error))
    return FALSE;
  return !mysql->galera || prepare_galera (mysql, error);
}

/* From here on the guard sees to deadlines. */
static gboolean
hand_to_guard (StMysql *mysql, GError **error)
{
  int fd = mysql_get_socket (mysql->handle);

  mysql_optionsv (mysql->handle, MARIADB_OPT_IO_WAIT, NULL);
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) & ~O_NONBLOCK);
  mysql->guard_fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (mysql->guard_fd >= 0)
    return TRUE;
  set_connect_error (mysql, ST_ERROR_UNAVAILABLE, "no file descriptor is left", error);
  return FALSE;
}

static StMysql *
connect_server (StDatabase *database, guint server, gint64 deadline_us, GError **error)
{
  Connecting state = { .deadline_us = deadline_us, .want_tls = st_database_source (database)->use_tls };
  StMysql *mysql = g_new0 (StMysql, 1);
  gboolean done;

  mysql->connection.driver = &st_driver_mysql;
  mysql->connection.database = database;
  mysql->server = server;
  mysql->guard_fd = -1;
  mysql->handle = mysql_init (NULL);
  if (mysql->handle == NULL)
    g_error ("out of memory for a database connection");
  set_options (mysql->handle, st_database_source (database), st_database_limits (database), deadline_us);
  connecting = &state;
  done = log_in (mysql, error) && prepare_session (mysql, error) && hand_to_guard (mysql, error);
  if (!done)
    st_mysql_close (&mysql->connection);
  connecting = NULL;
  return done ? mysql : NULL;
}

/* One message of all failures. A server that is away counts for more than one whose settings are wrong: it may come
 * back. */
static void
add_failure (GError **all, GError *failure)
{
  g_autoptr (GError) before = g_steal_pointer (all);
  int code;

  if (before == NULL)
    {
      *all = failure;
      return;
    }
  code = before->code == ST_ERROR_SETUP ? failure->code : before->code;
  *all = g_error_new (ST_ERROR, code, "%s; %s", before->message, failure->message);
  g_error_free (failure);
}

static void
stay_with (StDatabase *database, const StMysql *mysql)
{
  guint before = __atomic_exchange_n (st_database_server (database), mysql->server, __ATOMIC_RELAXED);
  const ApimDataSource *source = st_database_source (database);
  g_autofree char *text = before != mysql->server ? st_mysql_server_text (source, mysql->server) : NULL;

  if (text != NULL)
    apim_info ("store", "the database of \"%s\" is now asked at %s", source->jndi_name, text);
}

StConnection *
st_mysql_connect (StDatabase *database, gboolean writer, gint64 deadline_us, GError **error)
{
  static GOnce once = G_ONCE_INIT;
  guint n = st_database_source (database)->unix_socket == NULL ? st_mysql_n_servers (database) : 1;
  guint first = __atomic_load_n (st_database_server (database), __ATOMIC_RELAXED);
  g_autoptr (GError) failures = NULL;
  StMysql *found = NULL;

  g_once (&once, start_library, NULL);
  for (guint i = 0; i < n && (found == NULL || found->read_only); i++)
    {
      gint64 now = g_get_monotonic_time ();
      gint64 until_us = now + MAX (deadline_us - now, 0) / (n - i); /* the others need their time, too */
      GError *failure = NULL;
      StMysql *mysql = connect_server (database, (first + i) % n, until_us, &failure);

      if (mysql == NULL)
        add_failure (&failures, failure);
      else if (found == NULL || !mysql->read_only)
        {
          if (found != NULL)
            st_mysql_close (&found->connection);
          found = mysql;
        }
      else
        st_mysql_close (&mysql->connection);
    }
  if (found == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failures));
      return NULL;
    }
  stay_with (database, found);
  found->connection.deadline_us = deadline_us;
  return &found->connection;
}

void
st_mysql_close (StConnection *connection)
{
  StMysql *mysql = (StMysql *) connection;

  mysql_close (mysql->handle);
  if (mysql->guard_fd >= 0)
    close (mysql->guard_fd);
  g_free (mysql);
}
