#include "config.h"
#include "gateway/gw-connection.h"
#include "gateway/gw-exchange.h"
#include "gateway/gw-h2-connection.h"
#include "gateway/gw-pace.h"

#include "net/net-http-answer.h"

/* What becomes of the body of the request that was read last. */
typedef enum
{
  BODY_DONE,      /* there is none, or all of it was read */
  BODY_HELD,      /* its exchange does not want it yet, or not at the moment */
  BODY_WANTED,    /* it is passed on as it comes */
  BODY_DISCARDED, /* the request is answered; what is left of its body stands before the next one */
} BodyState;

typedef struct
{
  GwStream stream; /* of one request after the other */
  NetHttpHeadScan scan;
  BodyState body;
  gboolean chunked;
  guint64 body_left;   /* unless chunked */
  guint64 body_length; /* passed on so far; of chunked ones */
  NetHttpChunks chunks;
  NetBuffer trailers; /* of the body in chunks that is read */
  NetTimer timer; /* while a body is wanted */
  GwPace pace;    /* of that */
  NetTimer asking;         /* while a client that has ended its side may be gone */
  gboolean client_ended;   /* its side: no more requests than are here */
  gboolean asked;          /* whether it is there, for this request */
  gboolean expects_continue;
  gboolean begun;    /* its version is known to be HTTP/1.x */
  gboolean in_input; /* within input(): what follows is done at its end */
  gboolean closing;  /* no other request is read */
  gboolean to_end;   /* the answer has no end but that of the connection */
  gboolean cut;      /* the answer broke off */
} GwConnection;

static const GwServiceSettings *
settings_of (const GwConnection *connection)
{
  return &connection->stream.door->service->settings;
}

/* Says to the reactor what the connection waits for: of nothing that does not come from the client more is read. */
static void
settle (GwConnection *connection)
{
  NetConn *conn = connection->stream.conn;
  gboolean reads_body = connection->stream.exchange != NULL && connection->body == BODY_WANTED;

  if (connection->stream.exchange == NULL && connection->closing)
    {
      net_conn_set_busy (conn, FALSE);
      /* Half an answer shows by its length or its chunks. What there is of it is sent all the same: a client that has read
       * something of it does not take the connection for a stale one, and the request for one that may be repeated. */
      if (connection->cut && connection->to_end)
        net_conn_close (conn, NET_CLOSE_IO);
      else
        net_conn_close_after_flush (conn);
      return;
    }
  net_conn_set_busy (conn, connection->stream.exchange != NULL);
  net_conn_set_ends_with_peer (conn, reads_body);
  if (connection->stream.exchange != NULL && !reads_body)
    net_conn_pause (conn);
  else
    net_conn_resume (conn);
  if (reads_body && connection->timer.due_us == 0)
    net_timer_arm (net_conn_worker (conn), &connection->timer, settings_of (connection)->read_timeout_ms);
  if (connection->stream.exchange != NULL && connection->client_ended && !connection->asked
      && connection->asking.due_us == 0)
    net_timer_arm (net_conn_worker (conn), &connection->asking, GW_GONE_CLIENT_MS);
}

/* Answers what is no request, or one that cannot be read on. */
static void
refuse (GwConnection *connection, guint status, const char *error)
{
  NetHttpAnswer answer = {
    .status = status,
    .content_type = "text/plain",
    .headers = GW_HEADERS_SERVER_LINE,
    .headers_length = strlen (GW_HEADERS_SERVER_LINE),
    .connection = "close",
    .body = error,
    .length = strlen (error),
  };

  net_http_answer_append (&answer, net_worker_now_wall_ms (net_conn_worker (connection->stream.conn)),
                          connection->stream.output);
  connection->closing = TRUE;
}

static void
begin_body (GwConnection *connection, const NetHttpRequest *request)
{
  connection->chunked = request->chunked;
  connection->chunks = (NetHttpChunks){
    .trailers = &connection->trailers,
    .max_trailer = settings_of (connection)->max_trailer,
  };
  connection->body_left = (guint64) MAX (request->content_length, 0);
  connection->body_length = 0;
  connection->pace = (GwPace){ 0 };
  connection->body = connection->chunked || connection->body_left > 0 ? BODY_HELD : BODY_DONE;
  connection->expects_continue = request->expect_continue && connection->body == BODY_HELD;
}

static gboolean
is_too_large (const GwConnection *connection, guint64 length)
{
  guint64 most = settings_of (connection)->max_body;

  return most > 0 && length > most;
}

/* Returns: FALSE: there is no whole head yet, or none that is one. */
static gboolean
read_head (GwConnection *connection, NetBuffer *input)
{
  g_autoptr (GwExchange) exchange = NULL;
  const char *bytes = (const char *) net_buffer_data (input);
  NetHttpParse result
      = net_http_head_scan (&connection->scan, bytes, net_buffer_length (input), settings_of (connection)->max_head);
  gsize length = connection->scan.position;
  const NetHttpRequest *request;
  const char *error;
  guint status;

  if (result == NET_HTTP_PARSE_ERROR)
    refuse (connection, connection->scan.status, connection->scan.error);
  if (result != NET_HTTP_PARSE_DONE)
    return FALSE;
  exchange = gw_exchange_new (&connection->stream);
  request = gw_exchange_read (exchange, bytes, length, &status, &error);
  net_buffer_consume (input, length);
  connection->scan = (NetHttpHeadScan){ 0 };
  if (request == NULL)
    refuse (connection, status, error);
  else if (request->content_length > 0 && is_too_large (connection, (guint64) request->content_length))
    refuse (connection, 413, "the request body is too large");
  if (connection->closing)
    return FALSE;
  begin_body (connection, request);
  connection->stream.exchange = exchange;
  gw_exchange_begin (g_steal_pointer (&exchange));
  return TRUE;
}

static void
break_off (GwConnection *connection, guint status, const char *error)
{
  connection->closing = TRUE;
  if (connection->stream.exchange != NULL)
    gw_exchange_broken (connection->stream.exchange, status, error);
}

static void
end_body (GwConnection *connection)
{
  connection->body = BODY_DONE;
  net_timer_cancel (&connection->timer);
  if (connection->stream.exchange != NULL)
    gw_exchange_body_end (connection->stream.exchange,
                          (NetHttpText){ (const char *) net_buffer_data (&connection->trailers),
                                         net_buffer_length (&connection->trailers) });
  net_buffer_clear (&connection->trailers);
}

static gint64
now_us (const GwConnection *connection)
{
  return net_worker_now_us (net_conn_worker (connection->stream.conn));
}

/* Returns: TRUE when more may be passed on. */
static gboolean
pass_on (GwConnection *connection, const guint8 *bytes, gsize length)
{
  GwStream *stream = &connection->stream;

  if (length > 0 && stream->exchange != NULL && !gw_exchange_body (stream->exchange, bytes, length)
      && stream->exchange != NULL)
    {
      connection->body = BODY_HELD;
      gw_pace_rest (&connection->pace, now_us (connection));
    }
  return connection->body == BODY_WANTED || connection->body == BODY_DISCARDED;
}

static gboolean
read_chunks (GwConnection *connection, NetBuffer *input)
{
  char *bytes = (char *) input->bytes + input->start;
  gsize used, produced;
  NetHttpParse result = net_http_chunks_decode (&connection->chunks, bytes, net_buffer_length (input), bytes, &used,
                                                &produced);
  gboolean more;

  connection->body_length += produced;
  if (result == NET_HTTP_PARSE_ERROR)
    break_off (connection, connection->chunks.status, connection->chunks.error);
  else if (is_too_large (connection, connection->body_length))
    break_off (connection, 413, "the request body is too large");
  if (connection->closing && connection->stream.exchange == NULL)
    return FALSE;
  more = pass_on (connection, (const guint8 *) bytes, produced);
  net_buffer_consume (input, used);
  if (result == NET_HTTP_PARSE_DONE)
    end_body (connection);
  return result == NET_HTTP_PARSE_DONE || more;
}

static gboolean
read_length (GwConnection *connection, NetBuffer *input)
{
  gsize length = (gsize) MIN (connection->body_left, net_buffer_length (input));
  gboolean more = pass_on (connection, net_buffer_data (input), length);

  net_buffer_consume (input, length);
  connection->body_left -= length;
  if (connection->body_left > 0)
    return more;
  end_body (connection);
  return TRUE;
}

/* One step. Returns: TRUE when there may be another. */
static gboolean
go_on (GwConnection *connection, NetBuffer *input)
{
  if (net_buffer_length (input) == 0)
    return FALSE;
  if (connection->stream.exchange == NULL && connection->closing)
    return FALSE;
  if (connection->body == BODY_WANTED || connection->body == BODY_DISCARDED)
    {
      gw_pace_progress (&connection->pace, now_us (connection), net_buffer_length (input),
                        settings_of (connection)->min_rate);
      return connection->chunked ? read_chunks (connection, input) : read_length (connection, input);
    }
  return connection->stream.exchange == NULL && read_head (connection, input);
}

typedef enum
{
  VERSION_UNKNOWN, /* not enough has come */
  VERSION_1,
  VERSION_2,
} Version;

/* Of HTTP, on a connection that has brought nothing else. With TLS, ALPN alone says it (RFC 9113 3.3). */
static Version
find_version (const GwConnection *connection, const NetBuffer *input)
{
  static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  gsize length, come = MIN (net_buffer_length (input), strlen (preface));
  const char *name = net_conn_alpn (connection->stream.conn, &length);

  if (!settings_of (connection)->http2.enabled)
    return VERSION_1;
  if (connection->stream.door->transport == GW_TRANSPORT_HTTPS)
    return length == 2 && memcmp (name, "h2", 2) == 0 ? VERSION_2 : VERSION_1;
  if (memcmp (net_buffer_data (input), preface, come) != 0)
    return VERSION_1;
  return come == strlen (preface) ? VERSION_2 : VERSION_UNKNOWN;
}

static void
hand_over (GwConnection *connection)
{
  NetConn *conn = connection->stream.conn;
  const GwDoor *door = connection->stream.door;

  g_free (connection);
  net_conn_hand_over (conn, &gw_h2_connection_protocol, (gpointer) door);
}

static void
connection_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  GwConnection *connection = state;
  gboolean more = TRUE;

  if (!connection->begun)
    {
      Version version = find_version (connection, input);

      if (version == VERSION_2)
        hand_over (connection);
      if (version != VERSION_1)
        return;
      connection->begun = TRUE;
    }
  connection->in_input = TRUE;
  while (more)
    {
      more = go_on (connection, input);
      /* Small pipelined requests with large answers: let these be sent before there are more. */
      if (more && net_buffer_length (connection->stream.output) > settings_of (connection)->max_unread_output)
        {
          net_conn_pause (conn);
          more = FALSE;
        }
    }
  connection->in_input = FALSE;
  /* The reactor keeps the input of a connection that pauses, even an empty one; a call has its own copy of the head. */
  if (net_buffer_length (input) == 0)
    net_buffer_clear (input);
  settle (connection);
}

/* No piece of the body for a while, or too little of it. */
static void
body_timed_out (NetTimer *timer, NetWorker *worker)
{
  GwConnection *connection = (GwConnection *) ((char *) timer - G_STRUCT_OFFSET (GwConnection, timer));
  gint64 most_us = (gint64) settings_of (connection)->read_timeout_ms * 1000;
  gint64 waited_us = net_worker_now_us (worker) - gw_pace_since (&connection->pace);

  if (connection->stream.exchange == NULL || connection->body != BODY_WANTED)
    return;
  if (waited_us < most_us)
    net_timer_arm (worker, timer, (most_us - waited_us) / 1000 + 1);
  else
    break_off (connection, 408, "the request body did not come in time");
}

static void
append_continue (GwConnection *connection)
{
  static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

  connection->expects_continue = FALSE;
  net_buffer_append (connection->stream.output, line, strlen (line));
}

/* A client that has ended its side reads this and waits on; the kernel of one that is gone answers with a reset. */
static void
ask_client (NetTimer *timer, NetWorker *worker)
{
  GwConnection *connection = (GwConnection *) ((char *) timer - G_STRUCT_OFFSET (GwConnection, asking));
  GwExchange *exchange = connection->stream.exchange;

  (void) worker;
  connection->asked = TRUE;
  if (exchange == NULL || !gw_exchange_takes_interim (exchange))
    return;
  append_continue (connection);
  net_conn_flush_soon (connection->stream.conn);
}

static void
want_body (GwStream *stream, gboolean wanted)
{
  GwConnection *connection = (GwConnection *) stream;
  NetConn *conn = stream->conn;

  if (connection->body == BODY_DONE)
    return;
  connection->body = wanted ? BODY_WANTED : BODY_HELD;
  if (wanted)
    gw_pace_wait (&connection->pace, now_us (connection));
  else
    gw_pace_rest (&connection->pace, now_us (connection));
  if (wanted && connection->expects_continue)
    {
      connection->expects_continue = FALSE;
      if (net_buffer_length (net_conn_input (conn)) == 0)
        append_continue (connection);
    }
  if (connection->in_input)
    return;
  settle (connection);
  net_conn_flush_soon (conn);
}

/* What is left of the body is known, and little, and will come without being asked for. */
static gboolean
is_discardable (const GwConnection *connection)
{
  return !connection->chunked && !connection->expects_continue && connection->body_left <= GW_DISCARDED_BODY;
}

static const char *
begin_answer (GwStream *stream, const NetHttpRequest *request, gboolean to_end)
{
  GwConnection *connection = (GwConnection *) stream;

  connection->to_end = to_end;
  if (to_end || !request->keep_alive || net_conn_is_draining (connection->stream.conn)
      || (connection->body != BODY_DONE && !is_discardable (connection)))
    connection->closing = TRUE;
  if (connection->closing)
    return "close";
  /* An HTTP/1.0 client takes every answer for the last one unless told (RFC 9112 9.3). */
  return request->minor_version == 0 ? "keep-alive" : NULL;
}

static void
flush (GwStream *stream)
{
  net_conn_flush_soon (stream->conn);
}

static void
notify_sent (GwStream *stream, gsize mark)
{
  net_conn_notify_sent (stream->conn, mark);
}

static void
finish (GwStream *stream, gboolean cut)
{
  GwConnection *connection = (GwConnection *) stream;
  NetConn *conn = connection->stream.conn;

  connection->stream.exchange = NULL;
  connection->cut = cut;
  connection->closing = connection->closing || cut;
  connection->asked = FALSE;
  net_timer_cancel (&connection->timer);
  net_timer_cancel (&connection->asking);
  if (connection->body != BODY_DONE)
    connection->body = BODY_DISCARDED;
  if (connection->in_input)
    return;
  /* The last steps may close the connection and so free its state: nothing of it is touched after them. */
  net_conn_ref (conn);
  settle (connection);
  net_conn_flush_now (conn);
  net_conn_unref (conn);
}

static const GwStreamKind kind = {
  .want_body = want_body,
  .begin_answer = begin_answer,
  .flush = flush,
  .notify_sent = notify_sent,
  .finish = finish,
};

static gpointer
connection_opened (NetConn *conn, gpointer data)
{
  GwConnection *connection = g_new0 (GwConnection, 1);

  connection->stream = (GwStream){ .kind = &kind, .conn = conn, .door = data, .output = net_conn_output (conn) };
  connection->timer.fired = body_timed_out;
  connection->asking.fired = ask_client;
  return connection;
}

static void
connection_sent (NetConn *conn, gpointer state)
{
  GwConnection *connection = state;

  (void) conn;
  if (connection->stream.exchange != NULL)
    gw_exchange_sent (connection->stream.exchange);
}

/* A head, or the rest of a body that nobody wants, has not come. */
static void
connection_timed_out (NetConn *conn, gpointer state)
{
  GwConnection *connection = state;

  (void) conn;
  if (connection->stream.exchange == NULL && !connection->closing)
    refuse (connection, 408, "the request did not come in time");
}

static void
connection_peer_ended (NetConn *conn, gpointer state)
{
  GwConnection *connection = state;

  (void) conn;
  connection->client_ended = TRUE;
  settle (connection);
}

static void
connection_closed (NetConn *conn, gpointer state)
{
  GwConnection *connection = state;

  (void) conn;
  net_timer_cancel (&connection->timer);
  net_timer_cancel (&connection->asking);
  g_clear_pointer (&connection->stream.exchange, gw_exchange_free);
  net_buffer_clear (&connection->trailers);
  g_free (connection);
}

const NetProtocol gw_connection_protocol = {
  .name = "gateway",
  .opened = connection_opened,
  .input = connection_input,
  .closed = connection_closed,
  .sent = connection_sent,
  .timed_out = connection_timed_out,
  .peer_ended = connection_peer_ended,
  .alpn = "\002h2\010http/1.1",
};

const NetProtocol gw_connection_protocol_http1 = {
  .name = "gateway",
  .opened = connection_opened,
  .input = connection_input,
  .closed = connection_closed,
  .sent = connection_sent,
  .timed_out = connection_timed_out,
  .peer_ended = connection_peer_ended,
};
