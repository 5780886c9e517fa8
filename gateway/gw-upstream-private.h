/* What the two halves of gw-upstream share: -pool says which connection an exchange gets, -connection speaks
 * on it.
 *
 * A pool is one worker's connections to one target. Exchanges that find no idle one wait in a line;
 * connections are made as long as more exchanges wait than connections are on their way, and whichever
 * connection is there or free first serves the first in line. A connection that cannot be made fails the
 * first in line.
 *
 * Each connection holds a reference to its target, and so to its pool. Everything on the pool's worker. */
#ifndef GW_UPSTREAM_PRIVATE_H
#define GW_UPSTREAM_PRIVATE_H

#include "gateway/gw-upstream.h"
#include "net/net-connect.h"

G_BEGIN_DECLS

typedef struct
{
  GwUpstreamTarget *target;
  NetWorker *worker;
  guint n_connections; /* all of them */
  guint n_opening;
  guint n_waiting;
  GwUpstreamExchange *waiting, **waiting_tail;
  GwUpstreamConnection *newest, *oldest; /* idle ones; the newest is taken first */
  NetTimer idle_timer;                   /* armed while there are any */
} __attribute__ ((aligned (64)))
GwUpstreamPool; /* a cache line: each worker writes to its own all the time */

typedef enum
{
  GW_ANSWER_HEAD,
  GW_ANSWER_BODY,
  GW_ANSWER_WHOLE, /* done() is due */
} GwAnswerState;

struct _GwUpstreamConnection
{
  NetConnect connect; /* first; while it is being made */
  GwUpstreamPool *pool;
  NetConn *conn;                       /* NULL: it is being made, or gone */
  GwUpstreamExchange *exchange;        /* nullable */
  GwUpstreamConnection *newer, *older; /* of the idle ones */
  gint64 idle_us;                      /* since when */
  gboolean used;                       /* it served an exchange, or lay idle: it may have gone stale */
  gboolean sent;                       /* some of this exchange's request is on it */
  gboolean heard;                      /* some of its answer came */
  gboolean reading, gone;              /* it ends within take_input(), which still looks at it */
  GwAnswerState state;
  NetHttpHeadScan scan;
  NetHttpChunks chunks;
  NetHttpBody body;
  guint64 left; /* of a body of known length */
  gboolean keep_alive;
  guint n_interim;
};

struct _GwUpstream
{
  NetReactor *reactor;
  GwUpstreamSettings settings;
  GMutex lock;
  GHashTable *targets; /* under lock: of GwUpstreamTarget, by itself; no references */
  NetTlsClient *tls;   /* under lock; nullable */
  gint has_tls;        /* atomic */
};

extern const NetProtocol gw_upstream_protocol;

/* gw-upstream.c */
GwUpstreamPool *gw_upstream_target_pool (GwUpstreamTarget *target, guint worker_index);

/* gw-upstream-pool.c */
/* Gives the exchange a connection, or lets it wait for one; at the head of the line, and not an idle one,
 * when
 * @again. FALSE: the line is too long. */
gboolean gw_upstream_pool_enter (GwUpstreamPool *pool, GwUpstreamExchange *exchange, gboolean again);
void gw_upstream_pool_leave (GwUpstreamPool *pool, GwUpstreamExchange *exchange);
/* The connection has no exchange: the next one in line gets it, or it is idle. */
void gw_upstream_pool_release (GwUpstreamPool *pool, GwUpstreamConnection *connection);
/* The connection is gone; frees it. The pool may be freed, too. */
void gw_upstream_pool_drop (GwUpstreamPool *pool, GwUpstreamConnection *connection);
void gw_upstream_pool_init (GwUpstreamPool *pool, GwUpstreamTarget *target, NetWorker *worker);

/* gw-upstream-connection.c */
/* From now on it serves @exchange, some of which may be there to be sent. */
void gw_upstream_connection_attach (GwUpstreamConnection *connection, GwUpstreamExchange *exchange);
/* Sends what the exchange has gathered. */
void gw_upstream_connection_push (GwUpstreamConnection *connection);
/* done(), which was due, at the worker's next turn. */
void gw_upstream_connection_resume (GwUpstreamConnection *connection);

/* gw-upstream.c: what becomes of an exchange. */
/* The request may go out on another connection as if nothing had been. */
gboolean gw_upstream_exchange_is_repeatable (const GwUpstreamExchange *exchange);
/* When the timer is to look at it; G_MAXINT64: never as things are. */
void gw_upstream_exchange_set_deadline (GwUpstreamExchange *exchange, gint64 deadline_us);
/* Takes it off its connection or out of the line. It is the caller's after that. */
void gw_upstream_exchange_end (GwUpstreamExchange *exchange);
/* The same, and tells it. @why: what the target did ("refused the connection"). */
void gw_upstream_exchange_fail (GwUpstreamExchange *exchange, GwErrorCode code, const char *why);

G_END_DECLS
#endif
