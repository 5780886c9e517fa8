/* A client's stream: what an exchange asks of whoever brought its request and takes its answer. There is one kind for
 * each version of HTTP that is spoken with clients (gw-connection, gw-h2-stream); whatever comes after it is the same for
 * all of them.
 *
 * An answer goes into the stream's output: a head as HTTP/1.1 writes it, then the bytes of its body; gw_stream_flush()
 * when some were appended, finish() when it is whole. A kind that has heads and frames of its own makes them of that.
 *
 * Threads: one worker. */
#ifndef GW_STREAM_H
#define GW_STREAM_H

#include "gateway/gw-service.h"
#include "net/net-conn.h"

G_BEGIN_DECLS

typedef struct _GwStream GwStream;

typedef struct
{
  const char *version; /* for logs: "HTTP/2.0"; NULL: HTTP/1.x, as the request says */
  gboolean has_frames; /* bodies of any length have an end by themselves: neither chunks nor the connection's end say it */

  /* Whether gw_exchange_body() may be called. Never called before this returns. */
  void (*want_body) (GwStream *stream, gboolean wanted);

  /* An answer's head is about to be written: decides whether another request may follow on the connection. @to_end: the
   * end of its body is that of the connection.
   * Returns: the value of the head's Connection; nullable (static). */
  const char *(*begin_answer) (GwStream *stream, const NetHttpRequest *request, gboolean to_end);

  /* Bytes of the answer were appended to the output. Calls nothing and closes nothing before it returns. */
  void (*flush) (GwStream *stream);

  /* Has gw_exchange_sent() called once, when at most @mark bytes wait in the output; never before this returns. */
  void (*notify_sent) (GwStream *stream, gsize mark);

  /* Kinds with frames only, before finish(): what comes behind the body. @lines: "name: value" CR LF each; copied. Calls nothing
   * and closes nothing before it returns. */
  void (*trailers) (GwStream *stream, NetHttpText lines);

  /* The answer is whole, or (@cut) will never be, and the client must not take it for whole. The exchange is gone; so may
   * @stream be, after this. */
  void (*finish) (GwStream *stream, gboolean cut);
} GwStreamKind;

/* First in what each kind keeps of a stream. */
struct _GwStream
{
  const GwStreamKind *kind;
  NetConn *conn;
  const GwDoor *door;
  NetBuffer *output;    /* where the answer goes */
  GwExchange *exchange; /* the request in progress; nullable. The kind's: gw_exchange_free() when its client is gone */
};

static inline void
gw_stream_want_body (GwStream *stream, gboolean wanted)
{
  stream->kind->want_body (stream, wanted);
}

static inline const char *
gw_stream_begin_answer (GwStream *stream, const NetHttpRequest *request, gboolean to_end)
{
  return stream->kind->begin_answer (stream, request, to_end);
}

static inline void
gw_stream_flush (GwStream *stream)
{
  stream->kind->flush (stream);
}

static inline void
gw_stream_notify_sent (GwStream *stream, gsize mark)
{
  stream->kind->notify_sent (stream, mark);
}

static inline void
gw_stream_trailers (GwStream *stream, NetHttpText lines)
{
  stream->kind->trailers (stream, lines);
}

static inline void
gw_stream_finish (GwStream *stream, gboolean cut)
{
  stream->kind->finish (stream, cut);
}

G_END_DECLS
#endif
