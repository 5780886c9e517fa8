/* One stream: a request with its body, and the answer. Its functions are called from within the library's callbacks, which
 * may submit frames but not send them. */
#include "config.h"
#include "gateway/gw-h2-private.h"

#include "net/net-http-answer.h"

/* Streams that a worker keeps for the next requests. */
#define SPARE_STREAMS 1024

static const GwStreamKind kind;

static const GwServiceSettings *
settings_of (const GwH2Stream *stream)
{
  return &stream->stream.door->service->settings;
}

static gint64
now_us (const GwH2Stream *stream)
{
  return net_worker_now_us (net_conn_worker (stream->stream.conn));
}

static GwServiceWorker *
worker_of (const GwH2Stream *stream)
{
  NetWorker *worker = net_conn_worker (stream->stream.conn);

  return &stream->stream.door->service->workers[net_worker_index (worker)];
}

static void
set_due (GwH2Stream *stream)
{
  GwH2Connection *connection = stream->connection;

  if (stream->due_self == NULL)
    {
      stream->due_next = connection->due;
      stream->due_self = &connection->due;
      if (stream->due_next != NULL)
        stream->due_next->due_self = &stream->due_next;
      connection->due = stream;
    }
  gw_h2_connection_run_soon (connection);
}

static void
unset_due (GwH2Stream *stream)
{
  if (stream->due_self == NULL)
    return;
  *stream->due_self = stream->due_next;
  if (stream->due_next != NULL)
    stream->due_next->due_self = stream->due_self;
  stream->due_self = NULL;
}

/* The client keeps the answer waiting, by its window: that its connection is slow is net's to judge (WriteTimeout). */
static gboolean
is_kept_waiting (const GwH2Stream *stream)
{
  nghttp2_session *session = stream->connection->session;

  return net_buffer_length (&stream->answer) > 0 && stream->answer_pace.waits
         && (nghttp2_session_get_stream_remote_window_size (session, stream->id) <= 0
             || nghttp2_session_get_remote_window_size (session) <= 0);
}

/* No piece of the body for a while, or too little of it; or a client that does not take its answer, or too little. Armed
 * lazily: bytes only move time stamps. */
static void
timed_out (NetTimer *timer, NetWorker *worker)
{
  GwH2Stream *stream = (GwH2Stream *) ((char *) timer - G_STRUCT_OFFSET (GwH2Stream, timer));
  const GwServiceSettings *settings = settings_of (stream);
  gboolean reads = !stream->request_ended && (stream->wanted || stream->discards);
  gint64 read_us
      = reads ? gw_pace_since (&stream->pace) + (gint64) settings->read_timeout_ms * 1000 : G_MAXINT64;
  gint64 now = net_worker_now_us (worker);
  gboolean writes = net_buffer_length (&stream->answer) > 0;
  gint64 write_us = (is_kept_waiting (stream) ? gw_pace_since (&stream->answer_pace) : now)
                    + (gint64) settings->write_timeout_ms * 1000;

  if (read_us <= now && stream->stream.exchange == NULL)
    gw_h2_stream_reset (stream, NGHTTP2_CANCEL, FALSE);
  else if (read_us <= now)
    gw_exchange_broken (stream->stream.exchange, 408, "the request body did not come in time");
  else if (write_us <= now)
    gw_h2_stream_reset (stream, NGHTTP2_CANCEL, FALSE);
  else if (reads || writes)
    net_timer_arm (worker, timer, (MIN (read_us, writes ? write_us : G_MAXINT64) - now) / 1000 + 1);
}

static void
arm (GwH2Stream *stream, guint timeout_ms)
{
  NetWorker *worker = net_conn_worker (stream->stream.conn);

  if (stream->timer.due_us == 0 || stream->timer.due_us > now_us (stream) + (gint64) timeout_ms * 1000)
    net_timer_arm (worker, &stream->timer, timeout_ms);
}

GwH2Stream *
gw_h2_stream_new (GwH2Connection *connection, gint32 id)
{
  GwServiceWorker *worker
      = &connection->door->service->workers[net_worker_index (net_conn_worker (connection->conn))];
  GwH2Stream *stream = worker->spare_streams;

  if (stream == NULL)
    stream = g_new (GwH2Stream, 1);
  else
    {
      worker->spare_streams = stream->next;
      worker->n_spare_streams--;
    }
  *stream = (GwH2Stream){
    .stream = { .kind = &kind, .conn = connection->conn, .door = connection->door, .output = &stream->answer },
    .connection = connection,
    .id = id,
    .announced = -1,
    .timer.fired = timed_out,
  };
  stream->next = connection->streams;
  stream->self = &connection->streams;
  if (stream->next != NULL)
    stream->next->self = &stream->next;
  connection->streams = stream;
  connection->n_streams++;
  return stream;
}

/* Makes room in the connection's window for what nobody will read. */
static void
drop_held (GwH2Stream *stream)
{
  nghttp2_session_consume_connection (stream->connection->session, net_buffer_length (&stream->held));
  net_buffer_clear (&stream->held);
}

void
gw_h2_stream_free (GwH2Stream *stream)
{
  GwServiceWorker *worker = worker_of (stream);

  g_clear_pointer (&stream->stream.exchange, gw_exchange_free);
  net_timer_cancel (&stream->timer);
  drop_held (stream);
  net_buffer_clear (&stream->answer);
  net_buffer_clear (&stream->trailers);
  net_buffer_clear (&stream->answer_trailers);
  unset_due (stream);
  *stream->self = stream->next;
  if (stream->next != NULL)
    stream->next->self = stream->self;
  stream->connection->n_streams--;
  if (worker->n_spare_streams == SPARE_STREAMS)
    {
      g_free (stream);
      return;
    }
  stream->next = worker->spare_streams;
  worker->spare_streams = stream;
  worker->n_spare_streams++;
}

void
gw_h2_stream_free_spare (GwServiceWorker *worker)
{
  while (worker->spare_streams != NULL)
    {
      GwH2Stream *stream = worker->spare_streams;

      worker->spare_streams = stream->next;
      g_free (stream);
    }
  worker->n_spare_streams = 0;
}

void
gw_h2_stream_reset (GwH2Stream *stream, guint32 code, gboolean by_us)
{
  if (stream->state == GW_H2_RESET)
    return;
  stream->state = GW_H2_RESET;
  stream->by_us = by_us;
  g_clear_pointer (&stream->stream.exchange, gw_exchange_free);
  net_buffer_clear (&stream->answer);
  nghttp2_submit_rst_stream (stream->connection->session, NGHTTP2_FLAG_NONE, stream->id, code);
  gw_h2_connection_run_soon (stream->connection);
}

/* The request, and its body. */

/* Answers what is no request, or one that is too large. */
static void
refuse (GwH2Stream *stream, guint status, const char *error)
{
  NetHttpAnswer answer = {
    .status = status,
    .content_type = "text/plain",
    .headers = GW_HEADERS_SERVER_LINE,
    .headers_length = strlen (GW_HEADERS_SERVER_LINE),
    .body = error,
    .length = strlen (error),
  };

  net_http_answer_append (&answer, net_worker_now_wall_ms (net_conn_worker (stream->stream.conn)), &stream->answer);
  stream->answer_ended = TRUE;
  gw_pace_wait (&stream->answer_pace, now_us (stream));
  set_due (stream);
}

static gboolean
is_too_large (const GwH2Stream *stream, guint64 length)
{
  guint64 most = settings_of (stream)->max_body;

  return most > 0 && length > most;
}

/* NULL: it is none, and answered. */
static GwExchange *
read_request (GwH2Stream *stream, gboolean has_body, const NetHttpRequest **request)
{
  GwH2Connection *connection = stream->connection;
  g_autoptr (GwExchange) exchange = NULL;
  NetHttpHeadScan scan = { 0 };
  const char *text, *error;
  gsize length;
  guint status;

  if (!gw_h2_head_end (&connection->head, has_body, &connection->text))
    {
      refuse (stream, connection->head.status, connection->head.error);
      return NULL;
    }
  text = (const char *) net_buffer_data (&connection->text);
  length = net_buffer_length (&connection->text);
  /* Nothing that the list held may be able to end the head early: this is the line between two requests. */
  if (net_http_head_scan (&scan, text, length, length + 1) != NET_HTTP_PARSE_DONE || scan.position != length)
    {
      refuse (stream, scan.status != 0 ? scan.status : 400, "the request has no form in HTTP/1.1");
      return NULL;
    }
  exchange = gw_exchange_new (&stream->stream);
  *request = gw_exchange_read (exchange, text, length, &status, &error);
  if (*request == NULL)
    refuse (stream, status, error);
  else if ((*request)->content_length > 0 && is_too_large (stream, (guint64) (*request)->content_length))
    refuse (stream, 413, "the request body is too large");
  else
    return g_steal_pointer (&exchange);
  return NULL;
}

void
gw_h2_stream_request (GwH2Stream *stream, gboolean ended)
{
  const NetHttpRequest *request;
  GwExchange *exchange = read_request (stream, !ended, &request);

  stream->request_ended = ended;
  net_buffer_clear (&stream->connection->text);
  gw_h2_head_clear (&stream->connection->head);
  if (exchange == NULL)
    return;
  stream->announced = request->content_length;
  stream->has_body = request->chunked || request->content_length > 0;
  stream->expects_continue = request->expect_continue && stream->has_body;
  stream->stream.exchange = exchange;
  if (ended && stream->has_body)
    gw_h2_stream_reset (stream, NGHTTP2_PROTOCOL_ERROR, FALSE);
  else
    gw_exchange_begin (exchange);
}

/* The exchange may be gone after it. */
static void
pass_on (GwH2Stream *stream, const guint8 *bytes, gsize length)
{
  stream->wanted = gw_exchange_body (stream->stream.exchange, bytes, length) && stream->stream.exchange != NULL;
  if (!stream->wanted)
    gw_pace_rest (&stream->pace, now_us (stream));
  nghttp2_session_consume (stream->connection->session, stream->id, length);
}

void
gw_h2_stream_body (GwH2Stream *stream, const guint8 *bytes, gsize length)
{
  stream->received += length;
  gw_pace_progress (&stream->pace, now_us (stream), length, settings_of (stream)->min_rate);
  /* The library watches over this, too; but a backend takes every byte past the length for another request. */
  if (stream->announced >= 0 && stream->received > (guint64) stream->announced)
    gw_h2_stream_reset (stream, NGHTTP2_PROTOCOL_ERROR, FALSE);
  else if (stream->stream.exchange != NULL && is_too_large (stream, stream->received))
    gw_exchange_broken (stream->stream.exchange, 413, "the request body is too large");
  if (stream->stream.exchange == NULL)
    nghttp2_session_consume (stream->connection->session, stream->id, length);
  else if (stream->wanted && net_buffer_length (&stream->held) == 0)
    pass_on (stream, bytes, length);
  else
    net_buffer_append (&stream->held, bytes, length);
}

static void
tell_end (GwH2Stream *stream)
{
  if (!stream->request_ended || !stream->wanted || stream->end_told || stream->stream.exchange == NULL)
    return;
  stream->end_told = TRUE;
  gw_exchange_body_end (stream->stream.exchange,
                        (NetHttpText){ (const char *) net_buffer_data (&stream->trailers),
                                       net_buffer_length (&stream->trailers) });
}

void
gw_h2_stream_request_ended (GwH2Stream *stream)
{
  stream->request_ended = TRUE;
  if (stream->announced > 0 && stream->received != (guint64) stream->announced)
    gw_h2_stream_reset (stream, NGHTTP2_PROTOCOL_ERROR, FALSE);
  else if (stream->has_body && net_buffer_length (&stream->held) == 0)
    {
      /* All of it was taken: that the backend is slow is no reason to keep the end from it. */
      stream->wanted = stream->wanted || stream->received > 0;
      tell_end (stream);
    }
}

void
gw_h2_stream_request_trailers (GwH2Stream *stream)
{
  GwH2Head *head = &stream->connection->head;

  if (head->status == 400)
    gw_h2_stream_reset (stream, NGHTTP2_PROTOCOL_ERROR, FALSE);
  else if (head->status != 0 && stream->stream.exchange != NULL)
    {
      stream->request_ended = TRUE;
      gw_exchange_broken (stream->stream.exchange, head->status, head->error);
    }
  else
    {
      if (head->status == 0 && stream->stream.exchange != NULL)
        net_buffer_append (&stream->trailers, net_buffer_data (&head->lines), net_buffer_length (&head->lines));
      gw_h2_stream_request_ended (stream);
    }
}

static void
pass_held_on (GwH2Stream *stream)
{
  if (stream->stream.exchange != NULL && stream->wanted && net_buffer_length (&stream->held) > 0)
    {
      NetBuffer held = stream->held;

      stream->held = (NetBuffer){ 0 };
      pass_on (stream, net_buffer_data (&held), net_buffer_length (&held));
      net_buffer_clear (&held);
      stream->wanted = stream->wanted || stream->request_ended;
    }
  if (stream->has_body && net_buffer_length (&stream->held) == 0)
    tell_end (stream);
}

static void
want_body (GwStream *base, gboolean wanted)
{
  static const nghttp2_nv go_on = { (uint8_t *) ":status", (uint8_t *) "100", 7, 3, NGHTTP2_NV_FLAG_NONE };
  GwH2Stream *stream = (GwH2Stream *) base;

  if (!stream->has_body || stream->end_told)
    return;
  stream->wanted = wanted;
  if (!wanted)
    {
      gw_pace_rest (&stream->pace, now_us (stream));
      return;
    }
  gw_pace_wait (&stream->pace, now_us (stream));
  if (stream->expects_continue && stream->received == 0 && !stream->request_ended)
    nghttp2_submit_headers (stream->connection->session, NGHTTP2_FLAG_NONE, stream->id, NULL, &go_on, 1, NULL);
  stream->expects_continue = FALSE;
  arm (stream, settings_of (stream)->read_timeout_ms);
  set_due (stream);
}

/* The answer. */

static const char *
begin_answer (GwStream *base, const NetHttpRequest *request, gboolean to_end)
{
  (void) base, (void) request, (void) to_end;
  return NULL;
}

static void
flush (GwStream *base)
{
  set_due ((GwH2Stream *) base);
}

static void
notify_sent (GwStream *base, gsize mark)
{
  GwH2Stream *stream = (GwH2Stream *) base;

  stream->sent_wanted = TRUE;
  stream->sent_mark = mark;
  set_due (stream);
}

static void
trailers (GwStream *base, NetHttpText lines)
{
  GwH2Stream *stream = (GwH2Stream *) base;

  net_buffer_append (&stream->answer_trailers, lines.text, lines.length);
}

static void
finish (GwStream *base, gboolean cut)
{
  GwH2Stream *stream = (GwH2Stream *) base;

  stream->stream.exchange = NULL;
  stream->wanted = FALSE;
  gw_pace_rest (&stream->pace, now_us (stream));
  stream->sent_wanted = FALSE;
  stream->answer_ended = TRUE;
  drop_held (stream);
  if (cut)
    gw_h2_stream_reset (stream, NGHTTP2_INTERNAL_ERROR, TRUE);
  else
    set_due (stream);
}

static const GwStreamKind kind = {
  .version = "HTTP/2.0",
  .has_frames = TRUE,
  .want_body = want_body,
  .begin_answer = begin_answer,
  .flush = flush,
  .notify_sent = notify_sent,
  .trailers = trailers,
  .finish = finish,
};

static void
submit_head (GwH2Stream *stream)
{
  nghttp2_data_provider provider = { .read_callback = gw_h2_stream_read_answer };
  GwH2AnswerHead head;
  gsize waiting = net_buffer_length (&stream->answer);
  gsize length
      = waiting > 0 ? gw_h2_answer_head_read (&head, (char *) stream->answer.bytes + stream->answer.start, waiting) : 0;
  gboolean has_body
      = !stream->answer_ended || waiting > length || net_buffer_length (&stream->answer_trailers) > 0;

  if (length == 0
      || nghttp2_submit_response (stream->connection->session, stream->id, head.fields, head.n,
                                  has_body ? &provider : NULL)
             != 0)
    {
      gw_h2_stream_reset (stream, NGHTTP2_INTERNAL_ERROR, TRUE);
      return;
    }
  net_buffer_consume (&stream->answer, length);
  stream->state = GW_H2_HEAD_SENT;
}

static void
tell_sent (GwH2Stream *stream)
{
  if (!stream->sent_wanted || stream->stream.exchange == NULL || net_buffer_length (&stream->answer) > stream->sent_mark)
    return;
  stream->sent_wanted = FALSE;
  gw_exchange_sent (stream->stream.exchange);
}

void
gw_h2_stream_go_on (GwH2Stream *stream)
{
  unset_due (stream);
  pass_held_on (stream);
  if (stream->state == GW_H2_RESET || (net_buffer_length (&stream->answer) == 0 && !stream->answer_ended))
    return;
  gw_pace_wait (&stream->answer_pace, now_us (stream));
  if (stream->state == GW_H2_HEAD_TO_COME)
    submit_head (stream);
  else
    nghttp2_session_resume_data (stream->connection->session, stream->id);
  if (stream->answer_ended && stream->state == GW_H2_HEAD_SENT)
    stream->state = GW_H2_WHOLE;
  arm (stream, settings_of (stream)->write_timeout_ms);
  tell_sent (stream);
}

/* Behind the last bytes of the body, instead of their END_STREAM. */
static gboolean
submit_trailers (GwH2Stream *stream)
{
  NetBuffer *lines = &stream->answer_trailers;
  GwH2AnswerHead head;

  if (net_buffer_length (lines) == 0
      || !gw_h2_answer_trailers_read (&head, (char *) lines->bytes + lines->start, net_buffer_length (lines)))
    return FALSE;
  return nghttp2_submit_trailer (stream->connection->session, stream->id, head.fields, head.n) == 0;
}

ssize_t
gw_h2_stream_read_answer (nghttp2_session *session, int32_t id, uint8_t *bytes, size_t length, uint32_t *flags,
                          nghttp2_data_source *source, void *data)
{
  GwH2Stream *stream = nghttp2_session_get_stream_user_data (session, id);
  gsize waiting;

  (void) bytes, (void) source, (void) data;
  if (stream == NULL)
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* given up with its connection */
  waiting = net_buffer_length (&stream->answer);
  if (waiting == 0 && !stream->answer_ended)
    {
      stream->answer_pace = (GwPace){ 0 }; /* all was taken */
      return NGHTTP2_ERR_DEFERRED;
    }
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (waiting <= length && stream->answer_ended)
    *flags |= NGHTTP2_DATA_FLAG_EOF | (submit_trailers (stream) ? NGHTTP2_DATA_FLAG_NO_END_STREAM : 0);
  return (ssize_t) MIN (waiting, length);
}

int
gw_h2_stream_send_data (nghttp2_session *session, nghttp2_frame *frame, const uint8_t *header, size_t length,
                        nghttp2_data_source *source, void *data)
{
  static const guint8 zeros[255];
  GwH2Stream *stream = nghttp2_session_get_stream_user_data (session, frame->hd.stream_id);
  NetBuffer *output;

  (void) source, (void) data;
  /* The frame was made before its bytes went: while it waited, the stream may have been reset. */
  if (stream == NULL || net_buffer_length (&stream->answer) < length)
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  output = net_conn_output (stream->stream.conn);
  if (net_buffer_length (output) > GW_H2_OUTPUT_MARK)
    return NGHTTP2_ERR_WOULDBLOCK;
  net_buffer_append (output, header, 9);
  if (frame->data.padlen > 0)
    {
      guint8 n = (guint8) (frame->data.padlen - 1);

      net_buffer_append (output, &n, 1);
    }
  net_buffer_append (output, net_buffer_data (&stream->answer), length);
  if (frame->data.padlen > 1)
    net_buffer_append (output, zeros, frame->data.padlen - 1);
  net_buffer_consume (&stream->answer, length);
  gw_pace_progress (&stream->answer_pace, now_us (stream), length, settings_of (stream)->min_rate);
  tell_sent (stream);
  return 0;
}

void
gw_h2_stream_answered (GwH2Stream *stream)
{
  if (stream->request_ended || stream->state == GW_H2_RESET)
    return;
  /* As in HTTP/1.1: what is little is taken, for clients that see no answer where their request is called off. */
  if (stream->announced >= 0 && !stream->expects_continue
      && (guint64) stream->announced - stream->received <= GW_DISCARDED_BODY)
    {
      stream->discards = TRUE;
      gw_pace_wait (&stream->pace, now_us (stream));
      arm (stream, settings_of (stream)->read_timeout_ms);
      return;
    }
  /* RFC 9113 8.1: the rest of the request is not needed. */
  stream->by_us = TRUE;
  stream->state = GW_H2_RESET;
  nghttp2_submit_rst_stream (stream->connection->session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
}
