#include "config.h"
#include "net/net-http-answer.h"
#include "net/net-http-client-address.h"
#include "net/net-http-private.h"

/* The request being read; zero between requests. Offsets count from the first unread byte of the input. */
typedef struct
{
  NetHttpHeadScan scan;
  gsize head_length;    /* 0: the head is not whole yet */
  gboolean head_only;   /* the method is HEAD */
  gboolean chunked;
  gboolean may_be_archive; /* the path takes larger bodies */
  gboolean holds_archive;  /* one of the server's places for them */
  NetHttpChunks chunks;
  gsize body_length; /* as announced, or of the chunks decoded so far */
  gsize end;         /* past the request, once it is whole */
} Reading;

struct _NetHttpConnection
{
  NetConn *conn;
  NetHttpServer *server;
  Reading reading;
  NetHttpExchange *exchange; /* handed to its handler and not answered yet */
  gboolean in_input;         /* within input(): the caller sends and goes on */
  gboolean closing;          /* the last answer is written */
};

static void
append_answer (NetHttpConnection *connection, const NetHttpAnswer *answer)
{
  net_http_answer_append (answer, net_worker_now_wall_ms (net_conn_worker (connection->conn)),
                          net_conn_output (connection->conn));
}

/* Answers what cannot become a request: after it nobody knows where the next one would begin. */
static void
refuse (NetHttpConnection *connection, guint status, const char *error)
{
  static const char again[] = "Retry-After: 1\r\n";
  g_autofree char *text = g_strconcat (error, "\n", NULL);
  NetHttpAnswer answer = {
    .status = status,
    .content_type = "text/plain",
    .headers = again,
    .headers_length = status == 503 ? strlen (again) : 0,
    .connection = "close",
    .body = text,
    .length = strlen (text),
    .head_only = connection->reading.head_only,
  };

  append_answer (connection, &answer);
  connection->closing = TRUE;
}

static gsize
max_body (const NetHttpConnection *connection)
{
  return (guint) g_atomic_int_get (&connection->server->max_body);
}

/* Refuses a body of @length bytes, of @more bytes than those of its chunks that are here, which the limits do not let
 * in. A large one takes one of the server's places, until its request is answered. */
static gboolean
admit_body (NetHttpConnection *connection, gsize length, gsize more)
{
  NetHttpServer *server = connection->server;
  Reading *reading = &connection->reading;
  gsize limit = max_body (connection);

  if (length <= limit && more <= limit - length)
    return TRUE;
  limit = reading->may_be_archive ? (guint) g_atomic_int_get (&server->max_archive) : 0;
  if (length > limit || more > limit - length)
    refuse (connection, 413, "the request body is too large");
  else if (!reading->holds_archive && !(reading->holds_archive = net_http_server_take_archive (server)))
    refuse (connection, 503, "other archives are being imported: try again in a moment");
  return reading->holds_archive && !connection->closing;
}

static void
give_archive (NetHttpConnection *connection)
{
  if (connection->reading.holds_archive)
    net_http_server_give_archive (connection->server);
  connection->reading.holds_archive = FALSE;
}

/* A client that waits before it sends its body (RFC 9110 10.1.1) is told at once if nobody would read it. */
static void
answer_expectation (NetHttpConnection *connection, const NetHttpRequest *request)
{
  static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  guint status;
  const char *error;

  if (net_http_server_route (connection->server, request->path, &status, &error) == NULL)
    refuse (connection, status, error);
  else
    net_buffer_append (net_conn_output (connection->conn), go_on, strlen (go_on));
}

/* Returns: (transfer full) (nullable): NULL when the head is not whole, or refused. */
static NetHttpExchange *
read_head (NetHttpConnection *connection, const NetBuffer *input)
{
  g_autoptr (NetHttpExchange) exchange = NULL;
  Reading *reading = &connection->reading;
  const char *bytes = (const char *) net_buffer_data (input);
  NetHttpParse result = net_http_head_scan (&reading->scan, bytes, net_buffer_length (input),
                                            (guint) g_atomic_int_get (&connection->server->max_head));
  guint status;

  if (result == NET_HTTP_PARSE_ERROR)
    refuse (connection, reading->scan.status, reading->scan.error);
  if (result != NET_HTTP_PARSE_DONE)
    return NULL;
  exchange = net_http_exchange_new (connection, connection->conn);
  if (!net_http_request_read (&exchange->request, bytes, reading->scan.position, &status))
    {
      refuse (connection, status, exchange->request.error);
      return NULL;
    }
  reading->head_only = net_http_text_equal (exchange->request.method, "HEAD");
  reading->may_be_archive
      = (exchange->request.chunked || exchange->request.content_length > (gint64) max_body (connection))
        && net_http_server_takes_archives (connection->server, exchange->request.path);
  if (!admit_body (connection, MAX (exchange->request.content_length, 0), 0))
    return NULL;
  reading->head_length = reading->scan.position;
  reading->chunked = exchange->request.chunked;
  reading->body_length = MAX (exchange->request.content_length, 0);
  if (exchange->request.expect_continue && (reading->chunked || reading->body_length > 0)
      && net_buffer_length (input) == reading->head_length)
    answer_expectation (connection, &exchange->request);
  return g_steal_pointer (&exchange);
}

/* Decodes what has come. The framing that was between the chunks is dropped from the buffer, so that it holds little
 * more than the body itself, however small the chunks. Returns: TRUE when the body is whole. */
static gboolean
read_chunks (NetHttpConnection *connection, NetBuffer *input)
{
  Reading *reading = &connection->reading;
  gsize raw = reading->head_length + reading->body_length;
  char *bytes = (char *) input->bytes + input->start + raw;
  gsize used, produced;
  NetHttpParse result = net_http_chunks_decode (&reading->chunks, bytes, net_buffer_length (input) - raw, bytes, &used,
                                                &produced);

  reading->body_length += produced;
  if (result == NET_HTTP_PARSE_ERROR)
    refuse (connection, reading->chunks.status, reading->chunks.error);
  else if (admit_body (connection, reading->body_length, reading->chunks.chunk_left) && result == NET_HTTP_PARSE_MORE)
    input->end -= used - produced;
  reading->end = raw + used;
  return result == NET_HTTP_PARSE_DONE && !connection->closing;
}

/* Returns: TRUE when the body is whole. */
static gboolean
read_body (NetHttpConnection *connection, NetBuffer *input)
{
  Reading *reading = &connection->reading;

  if (reading->chunked)
    return read_chunks (connection, input);
  reading->end = reading->head_length + reading->body_length;
  return net_buffer_length (input) >= reading->end;
}

/* For a body that came later than its head: the buffer may have moved since, and nothing but offsets was kept. */
static NetHttpExchange *
read_head_again (NetHttpConnection *connection, const NetBuffer *input)
{
  NetHttpExchange *exchange = net_http_exchange_new (connection, connection->conn);
  guint status;
  gboolean fine = net_http_request_read (&exchange->request, (const char *) net_buffer_data (input),
                                         connection->reading.head_length, &status);

  g_assert (fine);
  return exchange;
}

/* @exchange: (transfer full). */
static void
dispatch (NetHttpConnection *connection, const NetBuffer *input, NetHttpExchange *exchange)
{
  guint status;
  const char *error;

  exchange->body = net_buffer_data (input) + connection->reading.head_length;
  exchange->body_length = connection->reading.body_length;
  exchange->pool = connection->server->pool;
  net_http_client_address (&connection->server->trust, &exchange->request, net_conn_peer (connection->conn),
                           exchange->client);
  exchange->route = net_http_server_route (connection->server, exchange->request.path, &status, &error);
  connection->exchange = exchange;
  if (exchange->route == NULL)
    {
      exchange->request.keep_alive = exchange->request.keep_alive && status == 404;
      net_http_exchange_respond_text (exchange, status, error);
    }
  else if (exchange->route->where == NET_HTTP_ON_POOL)
    net_http_exchange_hand_to_pool (exchange, exchange->route->handler, exchange->route->data);
  else
    exchange->route->handler (exchange, exchange->route->data);

  if (connection->exchange != NULL) /* the answer comes later */
    {
      net_conn_pause (connection->conn);
      net_conn_set_busy (connection->conn, TRUE);
    }
}

/* Returns: TRUE when a whole request was there and handed on. */
static gboolean
take_request (NetHttpConnection *connection, NetBuffer *input)
{
  g_autoptr (NetHttpExchange) exchange = NULL;

  if (connection->reading.head_length == 0)
    {
      exchange = read_head (connection, input);
      if (exchange == NULL || connection->closing)
        return FALSE;
    }
  if (!read_body (connection, input))
    return FALSE;
  if (exchange == NULL)
    exchange = read_head_again (connection, input);
  dispatch (connection, input, g_steal_pointer (&exchange));
  return TRUE;
}

void
net_http_connection_answer (NetHttpConnection *connection, const NetHttpExchange *exchange, guint status,
                            const char *content_type, const void *body, gsize length)
{
  const NetHttpRequest *request = &exchange->request;
  NetConn *conn = connection->conn;
  gboolean close = !request->keep_alive || net_conn_is_draining (conn);
  NetHttpAnswer answer = {
    .status = status,
    .content_type = content_type,
    .headers = net_buffer_data (&exchange->headers),
    .headers_length = net_buffer_length (&exchange->headers),
    /* An HTTP/1.0 client takes every answer for the last one unless told (RFC 9112 9.3). */
    .connection = close ? "close" : request->minor_version == 0 ? "keep-alive" : NULL,
    .body = body,
    .length = length,
    .head_only = connection->reading.head_only,
  };

  append_answer (connection, &answer);
  net_buffer_consume (net_conn_input (conn), connection->reading.end);
  give_archive (connection);
  connection->reading = (Reading){ 0 };
  connection->exchange = NULL;
  connection->closing = close;
  if (connection->in_input)
    return;

  /* The last steps may close the connection and so free its state: nothing of it is touched after them. */
  net_conn_set_busy (conn, FALSE);
  if (close)
    {
      net_conn_close_after_flush (conn);
      return;
    }
  net_conn_resume (conn);
  net_conn_flush (conn);
}

static gpointer
http_opened (NetConn *conn, gpointer listener_data)
{
  NetHttpConnection *connection = g_new0 (NetHttpConnection, 1);

  connection->conn = conn;
  connection->server = listener_data;
  return connection;
}

static void
http_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  NetHttpConnection *connection = state;
  gsize max_unread = (guint) g_atomic_int_get (&connection->server->max_unread_output);
  gboolean more = TRUE;

  connection->in_input = TRUE;
  while (more && net_buffer_length (input) > 0)
    {
      more = take_request (connection, input) && connection->exchange == NULL && !connection->closing;
      /* Small pipelined requests with large answers: let these be sent before there are more. */
      if (more && net_buffer_length (net_conn_output (conn)) > max_unread)
        {
          net_conn_pause (conn);
          net_conn_resume (conn);
          more = FALSE;
        }
    }
  connection->in_input = FALSE;
  if (connection->closing)
    net_conn_close_after_flush (conn);
}

static void
http_closed (NetConn *conn, gpointer state)
{
  NetHttpConnection *connection = state;

  /* The body stays in memory as long as the exchange does. */
  if (connection->exchange != NULL && connection->reading.holds_archive)
    connection->exchange->archive_of = connection->server;
  else
    give_archive (connection);
  if (connection->exchange != NULL)
    connection->exchange->connection = NULL; /* its answer will find nobody */
  g_free (connection);
}

const NetProtocol net_http_protocol = {
  .name = "https",
  .opened = http_opened,
  .input = http_input,
  .closed = http_closed,
};
