/* What the files of the MySQL driver share: st-database-mysql.c (statements), st-mysql-connect.c (servers, TLS, the
 * session), st-mysql-error.c (what the server's error numbers mean to us). */
#ifndef ST_MYSQL_PRIVATE_H
#define ST_MYSQL_PRIVATE_H

#include "store/st-database-private.h"

#include <mysql.h>

G_BEGIN_DECLS

typedef struct
{
  StConnection connection;
  MYSQL *handle;
  int guard_fd;       /* duplicate of the socket; -1 before the connection stands */
  guint server;       /* which of the data source's servers; 0 is the first */
  gboolean read_only; /* the server takes no writes */
  gboolean galera;
  gsize max_packet; /* what the server takes in one request */
} StMysql;

static inline guint
st_mysql_n_servers (const StDatabase *database)
{
  return st_database_source (database)->n_others + 1;
}

/* Connects to the server that worked last, else to the next ones, and prepares the session. A server that takes no
 * writes is used only when every other is away. NULL with ST_ERROR. */
StConnection *st_mysql_connect (StDatabase *database, gboolean writer, gint64 deadline_us, GError **error);
void st_mysql_close (StConnection *connection);
/* "HOST port PORT", or the socket's path. Free with g_free(). */
char *st_mysql_server_text (const ApimDataSource *source, guint server);

/* Sets @error and the connection's flags from what a statement failed with. @text is passed on only where it cannot
 * quote values. */
void st_mysql_set_error (StMysql *mysql, unsigned int number, const char *text, GError **error);
/* The kind of error that a failed connect is. */
StError st_mysql_connect_error (unsigned int number);

G_END_DECLS
#endif
