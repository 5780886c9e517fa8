/* What the files of the HTTP server share and nobody else sees: one connection's state, the routes, an exchange's
 * insides.
 *
 * A connection reads one request at a time: its head is searched for its end as bytes come, then its body is
 * collected (chunks are decoded in place, in the input buffer). When all of it is there, and not before, the handler
 * gets an exchange whose request points into the input buffer. Until the answer nothing is read: later requests wait
 * in the buffer or in the socket, which is what keeps pipelined answers in order and memory bounded. */
#ifndef NET_HTTP_PRIVATE_H
#define NET_HTTP_PRIVATE_H

#include "net/net-http-server.h"

G_BEGIN_DECLS

typedef struct _NetHttpConnection NetHttpConnection;

typedef struct
{
  char *path; /* without the "*" */
  gsize length;
  gboolean prefix;
  NetHttpWhere where; /* this and the rest: not of paths in archive_paths */
  NetHttpHandler handler;
  gpointer data;
} NetHttpRoute;

struct _NetHttpServer
{
  GPtrArray *routes; /* of NetHttpRoute; unchanged once connections come */
  GPtrArray *archive_paths; /* of NetHttpRoute; likewise */
  ApimPool *pool;
  NetHttpTrust trust; /* whose X-Forwarded-For is believed */
  guint max_head, max_body, max_unread_output; /* read by every worker, atomically */
  guint max_archive, max_archives_at_once;     /* likewise */
  guint n_archives;                            /* bodies over max_body that are held now; atomic */
};

/* The route for this path. Returns: NULL with @status 400 or 404 and its reason (static). Any thread. */
const NetHttpRoute *net_http_server_route (const NetHttpServer *server, NetHttpText path, guint *status,
                                           const char **error);

/* Whether a body for this path may be an archive. Any thread. */
gboolean net_http_server_takes_archives (const NetHttpServer *server, NetHttpText path);
/* One of the places for archives, to be given back. Any thread. */
gboolean net_http_server_take_archive (NetHttpServer *server);
void net_http_server_give_archive (NetHttpServer *server);

struct _NetHttpExchange
{
  NetHttpConnection *connection; /* worker only; NULL once the connection is closed */
  NetConn *conn;                 /* a reference: keeps the input buffer that the request points into */
  const NetHttpRoute *route;
  NetHttpRequest request;
  char client[APIM_ADDRESS_TEXT]; /* once the request is whole */
  const guint8 *body;
  gsize body_length;
  NetBuffer headers; /* lines for the answer */
  NetHttpServer *archive_of; /* nullable: the connection is gone, and a place for its body is given back with this */

  ApimPool *pool; /* the way to the server's pool */
  NetHttpHandler pool_handler;
  gpointer pool_data;
  ApimJob job;
  NetTask task; /* the way back, with the answer: */
  guint status;
  char *content_type;
  void *answer;
  gsize answer_length;
};

/* Worker only. An exchange whose request is to be filled in; holds a reference to @conn. */
NetHttpExchange *net_http_exchange_new (NetHttpConnection *connection, NetConn *conn);
void net_http_exchange_free (NetHttpExchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetHttpExchange, net_http_exchange_free)

/* Answers with @text and a line feed as text/plain. */
void net_http_exchange_respond_text (NetHttpExchange *exchange, guint status, const char *text);

/* Worker only: writes the answer to @exchange, which is the one in progress, and goes on with the connection. */
void net_http_connection_answer (NetHttpConnection *connection, const NetHttpExchange *exchange, guint status,
                                 const char *content_type, const void *body, gsize length);

G_END_DECLS
#endif
