/* One connection to a Key Manager's Thrift port: TBinaryProtocol, unframed, over TLS; one call at a time, as the
 * servers of WSO2 work (spec/thrift-key-validation.md 3.2, 5.3, 8).
 *
 * Its life: open, ready(); then call(), answered(), ready() again, as often as it lasts; ended() once, and it is
 * freed. No event comes after gw_thrift_connection_close(). Bytes that nobody asked for, an answer to another call
 * and one over the limit end it.
 *
 * Threads: one worker. */
#ifndef GW_THRIFT_CONNECTION_H
#define GW_THRIFT_CONNECTION_H

#include "net/net-connect.h"
#include "thrift/tw-answer.h"

G_BEGIN_DECLS

typedef struct _GwThriftConnection GwThriftConnection;

typedef struct
{
  /* A call may be made. */
  void (*ready) (GwThriftConnection *connection, gpointer data);
  /* VALIDATION, URI_TEMPLATES or EXCEPTION; lives until this returns. ready() follows. */
  void (*answered) (GwThriftConnection *connection, gpointer data, const TwAnswer *answer);
  /* It is over, whatever was in progress. @why: for a log, names no secret; lives until this returns. */
  void (*ended) (GwThriftConnection *connection, gpointer data, const char *why);
} GwThriftEvents;

typedef struct
{
  const char *host; /* a name, or an address without brackets */
  guint16 port;
  guint connect_timeout_ms;
  gsize max_message; /* bytes of an answer */
} GwThriftTarget;

struct _GwThriftConnection
{
  /*< public >*/
  /* The owner's: its list, what the connection is to it, what it is busy with. */
  GwThriftConnection *next, **self;
  int state;
  gpointer call;
  guint n_answers; /* that came over it so far */
  /*< private >*/
  NetConnect connect; /* until it is open */
  const GwThriftEvents *events;
  gpointer data;
  NetConn *conn; /* NULL: not open */
  TwScan scan;
  TwMethod method;
  gint32 sequence_id;
  gsize max_message;
  gboolean waiting;     /* for an answer */
  const char *end_text; /* nullable: why we ended it (static) */
};

/* Begins to connect; no event comes before this returns. @tls: nullable: plain TCP, for tests. */
GwThriftConnection *gw_thrift_connection_open (NetWorker *worker, const GwThriftTarget *target, NetTlsClient *tls,
                                               const GwThriftEvents *events, gpointer data);

/* Not while an answer is awaited. No event comes before this returns. */
void gw_thrift_connection_call (GwThriftConnection *connection, TwMethod method, const TwArguments *arguments);

/* It is gone. Also from within its events. */
void gw_thrift_connection_close (GwThriftConnection *connection);

G_END_DECLS
#endif
