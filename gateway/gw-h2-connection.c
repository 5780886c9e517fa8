/* The library's session: frames in and out, limits, and the end. */
#include "config.h"
#include "gateway/gw-h2-private.h"

#include "common/apim-log.h"

/* What a drain asks, to know that its GOAWAY was heard. */
static const guint8 goodbye_ping[8] = "goodbye";

static const GwServiceSettings *
settings_of (const GwH2Connection *connection)
{
  return &connection->door->service->settings;
}

static NetWorker *
worker_of (const GwH2Connection *connection)
{
  return net_conn_worker (connection->conn);
}

static void
drop_streams (GwH2Connection *connection)
{
  while (connection->streams != NULL)
    {
      nghttp2_session_set_stream_user_data (connection->session, connection->streams->id, NULL);
      gw_h2_stream_free (connection->streams);
    }
}

void
gw_h2_connection_run_soon (GwH2Connection *connection)
{
  if (!connection->running && !connection->ended)
    net_conn_notify_sent (connection->conn, G_MAXSIZE);
}

/* Says to the reactor what the connection waits for; ends it when nothing is left to be done. */
static void
settle (GwH2Connection *connection)
{
  NetConn *conn = connection->conn;
  gboolean over = (connection->left && connection->n_streams == 0)
                  || (nghttp2_session_want_read (connection->session) == 0
                      && nghttp2_session_want_write (connection->session) == 0);

  if (connection->ended)
    return;
  if (over)
    {
      connection->ended = TRUE;
      drop_streams (connection);
      net_conn_set_busy (conn, FALSE);
      net_conn_close_after_flush (conn);
      return;
    }
  net_conn_set_busy (conn, connection->n_streams > 0 || connection->leaving);
  if (connection->head_us != 0 && connection->head_timer.due_us == 0)
    net_timer_arm (worker_of (connection), &connection->head_timer, settings_of (connection)->read_timeout_ms);
}

/* The connection cannot go on. */
static void
end_with_error (GwH2Connection *connection, guint32 code, const char *why)
{
  static ApimLogGate gate;

  apim_log_limited (&gate, APIM_LOG_WARNING, "gateway", "HTTP/2: ended the connection of %s: %s",
                    net_conn_peer (connection->conn), why);
  connection->ended = TRUE;
  drop_streams (connection);
  nghttp2_submit_goaway (connection->session, NGHTTP2_FLAG_NONE,
                         nghttp2_session_get_last_proc_stream_id (connection->session), code, NULL, 0);
  nghttp2_session_send (connection->session);
  net_conn_set_busy (connection->conn, FALSE);
  net_conn_close_after_flush (connection->conn);
}

/* Lets streams go on, and sends their frames as far as the client reads. */
static void
run (GwH2Connection *connection)
{
  NetBuffer *output = net_conn_output (connection->conn);
  int failed;

  connection->running = TRUE;
  while (connection->due != NULL)
    gw_h2_stream_go_on (connection->due);
  failed = nghttp2_session_send (connection->session);
  connection->running = FALSE;
  if (failed != 0 || connection->over != NULL)
    {
      end_with_error (connection, failed != 0 ? NGHTTP2_INTERNAL_ERROR : NGHTTP2_ENHANCE_YOUR_CALM,
                      failed != 0 ? nghttp2_strerror (failed) : connection->over);
      return;
    }
  if (net_buffer_length (output) > GW_H2_OUTPUT_MARK)
    net_conn_notify_sent (connection->conn, GW_H2_OUTPUT_MARK / 2);
  settle (connection);
}

/* The library calls. */

static gint64
now_us (const GwH2Connection *connection)
{
  return net_worker_now_us (worker_of (connection));
}

static void
count_reset (GwH2Connection *connection)
{
  const char *over = gw_h2_guard_reset (&connection->guard, &settings_of (connection)->http2, now_us (connection));

  if (over != NULL)
    connection->over = over;
}

static int
on_begin_frame (nghttp2_session *session, const nghttp2_frame_hd *frame, void *data)
{
  GwH2Connection *connection = data;
  const char *over;

  (void) session;
  if (frame->type == NGHTTP2_HEADERS && !connection->left)
    connection->head_us = now_us (connection);
  else if (frame->type != NGHTTP2_CONTINUATION)
    connection->head_us = 0;
  over = gw_h2_guard_frame (&connection->guard, &settings_of (connection)->http2, frame, now_us (connection));
  if (over != NULL)
    connection->over = over;
  return connection->over != NULL ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int
on_begin_headers (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  GwH2Connection *connection = data;

  const GwServiceSettings *settings = settings_of (connection);
  gsize max_trailer = settings->max_trailer > 0 ? settings->max_trailer : NET_HTTP_MAX_TRAILER;

  gw_h2_head_begin (&connection->head, frame->headers.cat == NGHTTP2_HCAT_REQUEST ? settings->max_head : max_trailer);
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
    nghttp2_session_set_stream_user_data (session, frame->hd.stream_id,
                                          gw_h2_stream_new (connection, frame->hd.stream_id));
  return 0;
}

static int
on_header (nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
           const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
  GwH2Connection *connection = data;
  NetHttpText name_text = { (const char *) name, name_length };
  NetHttpText value_text = { (const char *) value, value_length };

  (void) session, (void) flags;
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
    gw_h2_head_add (&connection->head, name_text, value_text);
  else
    gw_h2_head_add_trailer (&connection->head, name_text, value_text);
  return 0;
}

/* The library would leave such a field out, and the request go on without it. */
static int
on_invalid_header (nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                   const uint8_t *value, size_t value_length, uint8_t flags, void *data)
{
  (void) session, (void) frame, (void) name, (void) name_length, (void) value, (void) value_length, (void) flags;
  (void) data;
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void
take_headers (GwH2Connection *connection, GwH2Stream *stream, const nghttp2_frame *frame)
{
  gboolean ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;

  connection->head_us = 0;
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
    gw_h2_stream_request (stream, ended);
  else if (ended)
    gw_h2_stream_request_trailers (stream);
  gw_h2_head_clear (&connection->head);
}

/* The client has heard that the connection ends: what it has begun until now is answered. */
static void
leave (GwH2Connection *connection)
{
  if (connection->left)
    return;
  connection->left = TRUE;
  net_timer_cancel (&connection->goodbye);
  nghttp2_submit_goaway (connection->session, NGHTTP2_FLAG_NONE,
                         nghttp2_session_get_last_proc_stream_id (connection->session), NGHTTP2_NO_ERROR, NULL, 0);
}

static int
on_frame (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  GwH2Connection *connection = data;
  GwH2Stream *stream = nghttp2_session_get_stream_user_data (session, frame->hd.stream_id);

  if (frame->hd.type == NGHTTP2_HEADERS && stream != NULL)
    take_headers (connection, stream, frame);
  else if (frame->hd.type == NGHTTP2_DATA && stream != NULL && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
    gw_h2_stream_request_ended (stream);
  else if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 && connection->leaving
           && memcmp (frame->ping.opaque_data, goodbye_ping, sizeof goodbye_ping) == 0)
    leave (connection);
  return 0;
}

static int
on_invalid_frame (nghttp2_session *session, const nghttp2_frame *frame, int error, void *data)
{
  GwH2Connection *connection = data;

  (void) error;
  connection->head_us = 0;
  if (nghttp2_session_get_stream_user_data (session, frame->hd.stream_id) == NULL) /* others when they end */
    count_reset (connection);
  return 0;
}

static int
on_data (nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t length, void *data)
{
  GwH2Stream *stream = nghttp2_session_get_stream_user_data (session, id);

  (void) flags, (void) data;
  if (stream != NULL)
    gw_h2_stream_body (stream, bytes, length);
  else
    nghttp2_session_consume (session, id, length);
  return 0;
}

static int
on_stream_close (nghttp2_session *session, int32_t id, uint32_t code, void *data)
{
  GwH2Connection *connection = data;
  GwH2Stream *stream = nghttp2_session_get_stream_user_data (session, id);

  if (stream == NULL)
    return 0;
  if (code != NGHTTP2_NO_ERROR && !stream->by_us)
    count_reset (connection);
  gw_h2_stream_free (stream);
  return 0;
}

static int
on_frame_sent (nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  GwH2Connection *connection = data;
  GwH2Stream *stream;

  /* Not before: the library sends a PING ahead of everything else. */
  if (frame->hd.type == NGHTTP2_GOAWAY && connection->leaving && !connection->left)
    nghttp2_submit_ping (session, NGHTTP2_FLAG_NONE, goodbye_ping);
  if ((frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS)
      || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
    return 0;
  stream = nghttp2_session_get_stream_user_data (session, frame->hd.stream_id);
  if (stream != NULL)
    gw_h2_stream_answered (stream);
  return 0;
}

/* An answer whose head the library does not send: it is larger than it may be. */
static int
on_frame_not_sent (nghttp2_session *session, const nghttp2_frame *frame, int error, void *data)
{
  GwH2Stream *stream = nghttp2_session_get_stream_user_data (session, frame->hd.stream_id);

  (void) error, (void) data;
  if (frame->hd.type == NGHTTP2_HEADERS && stream != NULL)
    gw_h2_stream_reset (stream, NGHTTP2_INTERNAL_ERROR, TRUE);
  return 0;
}

static ssize_t
on_send (nghttp2_session *session, const uint8_t *bytes, size_t length, int flags, void *data)
{
  GwH2Connection *connection = data;
  NetBuffer *output = net_conn_output (connection->conn);

  (void) session, (void) flags;
  if (net_buffer_length (output) > GW_H2_OUTPUT_MARK && !connection->ended)
    return NGHTTP2_ERR_WOULDBLOCK;
  net_buffer_append (output, bytes, length);
  return (ssize_t) length;
}

static nghttp2_session *
make_session (GwH2Connection *connection)
{
  const GwServiceSettings *settings = settings_of (connection);
  nghttp2_session *session = NULL;
  nghttp2_session_callbacks *callbacks;
  nghttp2_option *option;

  if (nghttp2_session_callbacks_new (&callbacks) != 0 || nghttp2_option_new (&option) != 0)
    g_error ("no memory for an HTTP/2 session");
  nghttp2_session_callbacks_set_send_callback (callbacks, on_send);
  nghttp2_session_callbacks_set_send_data_callback (callbacks, gw_h2_stream_send_data);
  nghttp2_session_callbacks_set_on_begin_frame_callback (callbacks, on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback (callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback (callbacks, on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback (callbacks, on_invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback (callbacks, on_frame);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback (callbacks, on_invalid_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback (callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback (callbacks, on_stream_close);
  nghttp2_session_callbacks_set_on_frame_send_callback (callbacks, on_frame_sent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback (callbacks, on_frame_not_sent);
  nghttp2_option_set_no_auto_window_update (option, 1);
  /* A backend's head may be as long as a client's, and sequences and CORS add to it. */
  nghttp2_option_set_max_send_header_block_length (option, 2 * (size_t) settings->max_head + 65536);
  if (nghttp2_session_server_new2 (&session, callbacks, connection, option) != 0)
    g_error ("no memory for an HTTP/2 session");
  nghttp2_session_callbacks_del (callbacks);
  nghttp2_option_del (option);
  return session;
}

static void
submit_settings (GwH2Connection *connection)
{
  const GwH2Settings *http2 = &settings_of (connection)->http2;
  const nghttp2_settings_entry entries[] = {
    { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, http2->max_streams },
    { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, http2->stream_window },
    { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings_of (connection)->max_head },
    { NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
  };

  nghttp2_submit_settings (connection->session, NGHTTP2_FLAG_NONE, entries, G_N_ELEMENTS (entries));
  nghttp2_session_set_local_window_size (connection->session, NGHTTP2_FLAG_NONE, 0,
                                         (gint32) http2->connection_window);
}

/* The reactor calls. */

/* A header list, or the preface, that did not become whole. */
static void
head_timed_out (NetTimer *timer, NetWorker *worker)
{
  GwH2Connection *connection = (GwH2Connection *) ((char *) timer - G_STRUCT_OFFSET (GwH2Connection, head_timer));
  gint64 most_us = (gint64) settings_of (connection)->read_timeout_ms * 1000;
  gint64 waited_us = net_worker_now_us (worker) - connection->head_us;

  if (connection->head_us == 0 || connection->ended)
    return;
  if (waited_us < most_us)
    net_timer_arm (worker, timer, (most_us - waited_us) / 1000 + 1);
  else
    net_conn_close (connection->conn, NET_CLOSE_READ_TIMEOUT);
}

static void
goodbye_timed_out (NetTimer *timer, NetWorker *worker)
{
  GwH2Connection *connection = (GwH2Connection *) ((char *) timer - G_STRUCT_OFFSET (GwH2Connection, goodbye));

  (void) worker;
  leave (connection);
  gw_h2_connection_run_soon (connection);
}

static gpointer
connection_opened (NetConn *conn, gpointer data)
{
  GwH2Connection *connection = g_new0 (GwH2Connection, 1);

  connection->conn = conn;
  connection->door = data;
  connection->head_timer.fired = head_timed_out;
  connection->goodbye.fired = goodbye_timed_out;
  connection->session = make_session (connection);
  connection->head_us = now_us (connection);
  /* Windows and requests need the client as long as anything is under way. */
  net_conn_set_ends_with_peer (conn, TRUE);
  submit_settings (connection);
  nghttp2_session_send (connection->session);
  return connection;
}

static void
connection_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  GwH2Connection *connection = state;
  ssize_t used;

  (void) conn;
  if (connection->ended)
    {
      net_buffer_consume (input, net_buffer_length (input));
      return;
    }
  connection->running = TRUE;
  used = nghttp2_session_mem_recv (connection->session, net_buffer_data (input), net_buffer_length (input));
  net_buffer_consume (input, net_buffer_length (input));
  connection->running = FALSE;
  if (used == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
    end_with_error (connection, NGHTTP2_PROTOCOL_ERROR, "it does not begin as HTTP/2 does");
  else if (used < 0)
    /* What is fatal without being ours is one of the library's own bounds. */
    end_with_error (connection, NGHTTP2_ENHANCE_YOUR_CALM,
                    connection->over != NULL ? connection->over : nghttp2_strerror ((int) used));
  else
    run (connection);
}

static void
connection_sent (NetConn *conn, gpointer state)
{
  GwH2Connection *connection = state;

  (void) conn;
  if (connection->ended)
    return;
  run (connection);
}

/* RFC 9113 6.8: first that no more streams should be opened; once the client has heard it, which ones are the last. */
static void
connection_drain (NetConn *conn, gpointer state)
{
  GwH2Connection *connection = state;

  (void) conn;
  if (connection->ended || connection->leaving)
    return;
  connection->leaving = TRUE;
  nghttp2_submit_shutdown_notice (connection->session);
  net_timer_arm (worker_of (connection), &connection->goodbye, GW_H2_GOODBYE_MS);
  run (connection);
}

static void
connection_closed (NetConn *conn, gpointer state)
{
  GwH2Connection *connection = state;

  (void) conn;
  connection->ended = TRUE;
  net_timer_cancel (&connection->head_timer);
  net_timer_cancel (&connection->goodbye);
  drop_streams (connection);
  nghttp2_session_del (connection->session);
  gw_h2_head_clear (&connection->head);
  net_buffer_clear (&connection->text);
  g_free (connection);
}

const NetProtocol gw_h2_connection_protocol = {
  .name = "gateway HTTP/2",
  .opened = connection_opened,
  .input = connection_input,
  .closed = connection_closed,
  .sent = connection_sent,
  .drain = connection_drain,
};
