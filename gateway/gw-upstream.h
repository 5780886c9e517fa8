/* Calls to backends: HTTP/1.1 exchanges over kept connections, pooled per worker and target.
 *
 * An exchange is one request and its answer. It is embedded in whatever the caller keeps for a call:
 *
 *   exchange->events = &events; exchange->framing = ...;
 *   gw_upstream_begin (upstream, worker, target, exchange);
 *   net_buffer_append (gw_upstream_output (exchange), head, length);   the head, with its empty line
 *   gw_upstream_send (exchange, bytes, length);                        the body, as it comes
 *   gw_upstream_end (exchange);                                        the request is whole
 *
 * and then come head(), body()..., done(), or failed() at any moment. Bytes wait in memory until there is a
 * connection; gw_upstream_send() says when that is enough.
 *
 * An answer may be whole before its request is (RFC 9112 9.3; "413", say): done() comes, the connection is
 * closed, and what is left of the request is nobody's. Interim answers (1xx) are passed over; 101 is a
 * failure, because no Upgrade is ever sent.
 *
 * A kept connection that the backend closes just as it is used again costs nothing where the request may be
 * sent twice: once, an exchange that is idempotent and without a body is sent again on another connection.
 *
 * Threads: an exchange belongs to one worker, and so do its events. No function here calls an event before it
 * returns. Nothing is allocated per exchange once connections and buffers are there. */
#ifndef GW_UPSTREAM_H
#define GW_UPSTREAM_H

#include "gateway/gw-endpoint.h"
#include "net/net-buffer.h"
#include "net/net-http-response.h"
#include "net/net-reactor.h"
#include "net/net-tls-client.h"

G_BEGIN_DECLS

/* Bytes of a request that may wait for a backend before gw_upstream_send() asks to stop; writable() comes
 * when half of them are gone. */
#define GW_UPSTREAM_MARK 65536

typedef struct _GwUpstream GwUpstream;
typedef struct _GwUpstreamConnection GwUpstreamConnection;
typedef struct _GwUpstreamExchange GwUpstreamExchange;

typedef struct
{
  guint connect_timeout_ms; /* for a connection: name, TCP, TLS; and for one of the target's to become free */
  guint idle_timeout_ms;    /* a connection that nobody uses is kept this long */
  guint read_timeout_ms;    /* between two reads of an answer that has begun (http.socket.timeout) */
  guint max_connections;    /* of one worker to one target */
  guint max_waiting;        /* exchanges of one worker that wait for one of these */
  guint max_head;           /* bytes of an answer's head */
  guint max_trailer;        /* bytes of its trailer section; 0: NET_HTTP_MAX_TRAILER */
} GwUpstreamSettings;

/* Where connections go: there is one for every (host, port, tls), however many endpoints name it. Immutable.
 */
typedef struct
{
  /*< private >*/
  gint ref_count; /* atomic */
  GwUpstream *upstream;
  /*< public >*/
  char *host; /* a name, or an address without brackets; the certificate must be for it */
  guint16 port;
  gboolean tls;
  char *authority; /* what Host says: brackets round IPv6, no port where it is the scheme's own */
} GwUpstreamTarget;

/* Where the body of the request ends. The head's Content-Length or Transfer-Encoding must say the same. */
typedef enum
{
  GW_UPSTREAM_NO_BODY,
  GW_UPSTREAM_LENGTH,  /* the caller sends as many bytes as it announced */
  GW_UPSTREAM_CHUNKED, /* gw_upstream_send() makes the chunks, gw_upstream_end() the last one */
} GwUpstreamFraming;

/* What becomes of an exchange. Exactly one of done() and failed() comes, as the last; nothing comes after
 * gw_upstream_cancel(). The exchange is the caller's again when the last one is called: it may be freed, or
 * begun anew. Every function here may be called from within any of them. */
typedef struct
{
  /* The head of the answer, which lives until this returns. */
  void (*head) (GwUpstreamExchange *exchange, const NetHttpResponse *response);
  /* Bytes of the body, without the chunks' framing; they live until this returns. */
  void (*body) (GwUpstreamExchange *exchange, const guint8 *bytes, gsize length);
  /* After gw_upstream_send() returned FALSE: it is time for more. */
  void (*writable) (GwUpstreamExchange *exchange);
  /* The answer is whole. */
  void (*done) (GwUpstreamExchange *exchange);
  /* There is no answer, or (after head()) the rest of it is missing. @code: as in 1.6 of the specification,
   * for suspension and for {ERROR_CODE}. @why: for logs; names host and port; lives until this returns. */
  void (*failed) (GwUpstreamExchange *exchange, GwErrorCode code, const char *why);
} GwUpstreamEvents;

/* Zero-initialise; the first six are the caller's. */
struct _GwUpstreamExchange
{
  const GwUpstreamEvents *events;
  GwUpstreamFraming framing;
  gboolean idempotent; /* by its method (RFC 9110 9.2.2) */
  gboolean to_head;    /* HEAD: the answer has no body */
  gint64 timeout_ms;   /* from gw_upstream_end() to the head of the answer (GwEndpoint.timeout_ms) */
  NetBuffer *trailers; /* nullable; the caller's: at done() the lines of the answer's trailer section ("name:value" CR LF) */

  /*< private >*/
  GwUpstreamTarget *target;
  NetWorker *worker;
  GwUpstreamConnection *connection; /* NULL: it waits for one */
  GwUpstreamExchange *next, **self; /* among those that wait */
  NetBuffer output; /* what no connection has taken over; of one that may be sent twice: all of it */
  NetTimer timer;
  gint64 deadline_us;
  const char *refused; /* failed before it began */
  unsigned begun : 1;
  unsigned ended : 1;    /* the request is whole */
  unsigned answered : 1; /* head() was called */
  unsigned retried : 1;  /* sent a second time */
  unsigned stale : 1;    /* what failed is a kept connection, and before any answer */
  unsigned full : 1;     /* gw_upstream_send() said stop */
  unsigned paused : 1;
};

/* @tls: nullable: then targets with tls fail. Both are copied or referenced.
 * Main thread; free it when the reactor is drained (net_reactor_drain()) and every target is given back. */
GwUpstream *gw_upstream_new (NetReactor *reactor, NetTlsClient *tls, const GwUpstreamSettings *settings);
void gw_upstream_free (GwUpstream *upstream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwUpstream, gw_upstream_free)

/* For connections made from now on (a reload); not NULL. Any thread. */
void gw_upstream_set_tls (GwUpstream *upstream, NetTlsClient *tls);
/* The newest. (transfer full) (nullable). Any thread. */
NetTlsClient *gw_upstream_ref_tls (GwUpstream *upstream);

/* (transfer full). Any thread; takes a lock: ask when an API is deployed, not per call. */
GwUpstreamTarget *gw_upstream_target (GwUpstream *upstream, const char *host, guint16 port, gboolean tls);
GwUpstreamTarget *gw_upstream_target_ref (GwUpstreamTarget *target);
void gw_upstream_target_unref (GwUpstreamTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwUpstreamTarget, gw_upstream_target_unref)

/* On @worker. @target is the caller's reference, kept until the last event. Failures are events, like all
 * else: too many exchanges wait (GW_ERROR_SEND_ABORT), the node stops (likewise). */
void gw_upstream_begin (GwUpstream *upstream, NetWorker *worker, GwUpstreamTarget *target,
                        GwUpstreamExchange *exchange);

/* In failed(): the connection had been kept, and ended without a byte of an answer. Backends close such ones at any time: it
 * says nothing of whether they work. */
gboolean gw_upstream_exchange_was_stale (const GwUpstreamExchange *exchange);

/* Where the head goes; after the first gw_upstream_send() or gw_upstream_end() it is not the caller's any
 * more. */
NetBuffer *gw_upstream_output (GwUpstreamExchange *exchange);

/* Sends the head and this much of the body (@length may be 0). Returns: FALSE: these bytes are taken, but
 * more should wait for writable(). */
gboolean gw_upstream_send (GwUpstreamExchange *exchange, const void *bytes, gsize length);

/* The request is whole. */
void gw_upstream_end (GwUpstreamExchange *exchange);
/* The same, with a trailer section behind a body in chunks: lines, each with its CR LF. */
void gw_upstream_end_with_trailers (GwUpstreamExchange *exchange, const void *lines, gsize length);

/* No body() and no done() until gw_upstream_resume(), and no more is read than one buffer; the read time-out
 * rests. */
void gw_upstream_pause (GwUpstreamExchange *exchange);
void gw_upstream_resume (GwUpstreamExchange *exchange);

/* Nobody wants the answer: its connection is closed. No event comes any more. Does nothing to an exchange
 * that was never begun, or is over. */
void gw_upstream_cancel (GwUpstreamExchange *exchange);

G_END_DECLS
#endif
