/* What the connection and its streams share. */
#ifndef GW_H2_PRIVATE_H
#define GW_H2_PRIVATE_H

#include "gateway/gw-exchange.h"
#include "gateway/gw-h2-connection.h"
#include "gateway/gw-h2-guard.h"
#include "gateway/gw-h2-head.h"
#include "gateway/gw-pace.h"

G_BEGIN_DECLS

typedef struct
{
  NetConn *conn;
  const GwDoor *door;
  nghttp2_session *session;
  GwH2Stream *streams; /* all of them */
  guint n_streams;
  GwH2Stream *due; /* of these: for which there is something to do before frames are sent */
  GwH2Head head;   /* of the header list that comes; there is one at a time (RFC 9113 4.3) */
  NetBuffer text;  /* scratch: a request's head */
  GwH2Guard guard;
  const char *over;    /* nullable: the limit that the client is over */
  NetTimer head_timer; /* while a header list comes, or the preface */
  gint64 head_us;      /* since when; 0: none does */
  NetTimer goodbye;    /* a drain has begun; until the client has heard of it */
  gboolean running;    /* frames are sent at the end of what is being done */
  gboolean leaving;    /* a drain has begun */
  gboolean left;       /* and the client knows which streams are the last */
  gboolean ended;      /* no more is read or begun */
} GwH2Connection;

typedef enum
{
  GW_H2_HEAD_TO_COME, /* of the answer */
  GW_H2_HEAD_SENT,
  GW_H2_WHOLE, /* its head was sent, and nothing comes to what waits */
  GW_H2_RESET, /* the stream ends without the rest */
} GwH2AnswerState;

/* One request. It lives as long as the library's stream: until both sides have ended it, or one has reset it. */
struct _GwH2Stream
{
  GwStream stream; /* first */
  GwH2Connection *connection;
  GwH2Stream *next, **self;         /* the connection's */
  GwH2Stream *due_next, **due_self; /* likewise; due_self NULL: not among them */
  gint32 id;

  NetBuffer held; /* of the request's body; what came and its exchange does not want yet */
  gint64 announced; /* Content-Length; -1: none */
  guint64 received;
  GwPace pace; /* of that */
  gboolean has_body;  /* DATA is expected */
  gboolean wanted, request_ended, end_told, expects_continue;
  NetBuffer trailers; /* of the request; until its end is told */
  gboolean discards; /* the answer was sent, and the rest of the request is awaited */

  NetBuffer answer; /* a head as HTTP/1.1 has it, and bytes of the body, or the latter alone; stream.output */
  GwH2AnswerState state;
  gboolean answer_ended; /* the exchange is over: what is in answer is all */
  NetBuffer answer_trailers; /* lines of what comes behind it */
  gboolean by_us;        /* that it was reset is not the client's doing */
  gboolean sent_wanted;
  gsize sent_mark;
  GwPace answer_pace; /* waits while there is something for the client to take */
  NetTimer timer;  /* for both directions */
};

/* gw-h2-connection.c. Has frames sent, and due streams go on: before input() ends, or in the worker's next turn. */
void gw_h2_connection_run_soon (GwH2Connection *connection);

/* gw-h2-stream.c. */
GwH2Stream *gw_h2_stream_new (GwH2Connection *connection, gint32 id);
/* Gives up whatever is under way. */
void gw_h2_stream_free (GwH2Stream *stream);
/* The header list is in connection->head. @ended: there is no body. */
void gw_h2_stream_request (GwH2Stream *stream, gboolean ended);
void gw_h2_stream_body (GwH2Stream *stream, const guint8 *bytes, gsize length);
void gw_h2_stream_request_ended (GwH2Stream *stream);
/* The same; the trailer section is in connection->head. */
void gw_h2_stream_request_trailers (GwH2Stream *stream);
/* What was put off; then the connection sends frames. */
void gw_h2_stream_go_on (GwH2Stream *stream);
/* Frames of the answer with END_STREAM were sent. */
void gw_h2_stream_answered (GwH2Stream *stream);
/* Resets it. @by_us: not for what the client did. */
void gw_h2_stream_reset (GwH2Stream *stream, guint32 code, gboolean by_us);

/* For the library. */
ssize_t gw_h2_stream_read_answer (nghttp2_session *session, int32_t id, uint8_t *bytes, size_t length, uint32_t *flags,
                                  nghttp2_data_source *source, void *data);
int gw_h2_stream_send_data (nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header, size_t length,
                            nghttp2_data_source *source, void *data);

G_END_DECLS
#endif
