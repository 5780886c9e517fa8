/* One kept connection to a backend: HTTP/1.1 from the client's side (RFC 9112), one exchange at a time. */
#include "config.h"
#include "gateway/gw-upstream-private.h"

#define MAX_INTERIM 16 /* answers with 1xx before the real one */

static void
begin_answer (GwUpstreamConnection *connection)
{
  connection->state = GW_ANSWER_HEAD;
  connection->scan = (NetHttpHeadScan){ 0 };
}

void
gw_upstream_connection_attach (GwUpstreamConnection *connection, GwUpstreamExchange *exchange)
{
  connection->exchange = exchange;
  connection->sent = FALSE;
  connection->heard = FALSE;
  connection->n_interim = 0;
  begin_answer (connection);
  exchange->connection = connection;
  net_conn_set_busy (connection->conn, TRUE);
  if (exchange->paused)
    net_conn_pause (connection->conn);
  gw_upstream_exchange_set_deadline (exchange, exchange->ended ? net_worker_now_us (exchange->worker)
                                                                     + exchange->timeout_ms * 1000
                                                               : G_MAXINT64);
  gw_upstream_connection_push (connection);
}

/* What may have to be sent again is copied, everything else changes hands. */
static void
move_output (GwUpstreamExchange *exchange, NetBuffer *output)
{
  if (gw_upstream_exchange_is_repeatable (exchange))
    net_buffer_append (output, net_buffer_data (&exchange->output), net_buffer_length (&exchange->output));
  else if (net_buffer_length (output) == 0)
    {
      NetBuffer empty = *output;

      *output = exchange->output;
      exchange->output = empty;
    }
  else
    {
      net_buffer_append (output, net_buffer_data (&exchange->output), net_buffer_length (&exchange->output));
      net_buffer_consume (&exchange->output, net_buffer_length (&exchange->output));
    }
}

void
gw_upstream_connection_push (GwUpstreamConnection *connection)
{
  GwUpstreamExchange *exchange = connection->exchange;

  /* A request without a body leaves when it is whole: until then nothing of it needs to be kept apart. */
  if (net_buffer_length (&exchange->output) == 0
      || (exchange->framing == GW_UPSTREAM_NO_BODY && !exchange->ended))
    return;
  move_output (exchange, net_conn_output (connection->conn));
  connection->sent = TRUE;
  if (exchange->ended)
    net_conn_flush_now (connection->conn);
  else
    net_conn_flush_soon (connection->conn);
  if (exchange->full)
    net_conn_notify_sent (connection->conn, GW_UPSTREAM_MARK / 2);
}

void
gw_upstream_connection_resume (GwUpstreamConnection *connection)
{
  net_conn_resume (connection->conn);
  if (connection->state == GW_ANSWER_WHOLE)
    net_conn_notify_sent (connection->conn, G_MAXSIZE); /* no bytes are left that would call input() */
}

/* The answer can be passed on no further. */
static void
refuse (GwUpstreamConnection *connection, const char *error)
{
  GwUpstreamExchange *exchange = connection->exchange;
  char why[256];

  g_snprintf (why, sizeof why, "sent a broken answer: %s", error);
  gw_upstream_exchange_fail (exchange, GW_ERROR_PROTOCOL, why);
  net_conn_close (connection->conn, NET_CLOSE_PROTOCOL);
}

/* The answer is whole. The connection stays when the request is whole, too, and nothing is left over on
 * either side. */
static void
finish (GwUpstreamConnection *connection)
{
  GwUpstreamExchange *exchange = connection->exchange;
  NetConn *conn = connection->conn;
  gboolean reusable = connection->keep_alive && exchange->ended
                      && net_buffer_length (net_conn_output (conn)) == 0
                      && net_buffer_length (net_conn_input (conn)) == 0 && net_conn_is_open (conn)
                      && !net_conn_is_draining (conn);

  gw_upstream_exchange_end (exchange);
  connection->used = TRUE;
  if (reusable)
    gw_upstream_pool_release (connection->pool, connection);
  else
    net_conn_close (conn, NET_CLOSE_DONE);
  exchange->events->done (exchange);
}

/* Returns: FALSE: nothing more can be done with what is there. */
static gboolean
finish_unless_paused (GwUpstreamConnection *connection)
{
  connection->state = GW_ANSWER_WHOLE;
  if (!connection->exchange->paused)
    finish (connection);
  return FALSE;
}

static gboolean
pass_interim (GwUpstreamConnection *connection, const NetHttpResponse *response)
{
  if (response->status == 101)
    refuse (connection, "it switches protocols, and nobody asked");
  else if (++connection->n_interim > MAX_INTERIM)
    refuse (connection, "too many interim answers");
  else
    {
      net_buffer_consume (net_conn_input (connection->conn), connection->scan.position);
      begin_answer (connection);
      return TRUE;
    }
  return FALSE;
}

static void
take_head (GwUpstreamConnection *connection, const NetHttpResponse *response)
{
  connection->state = GW_ANSWER_BODY;
  connection->body = response->body;
  connection->left = response->body == NET_HTTP_BODY_LENGTH ? (guint64)response->content_length : 0;
  connection->chunks = (NetHttpChunks){
    .trailers = connection->exchange->trailers,
    .max_trailer = connection->exchange->target->upstream->settings.max_trailer,
  };
  connection->keep_alive = response->keep_alive;
  connection->exchange->answered = TRUE;
}

static gboolean
read_head (GwUpstreamConnection *connection, NetBuffer *input)
{
  GwUpstreamExchange *exchange = connection->exchange;
  const char *head = (const char *)net_buffer_data (input);
  NetHttpParse found = net_http_head_scan (&connection->scan, head, net_buffer_length (input),
                                           exchange->target->upstream->settings.max_head);
  NetHttpResponse response;

  if (found == NET_HTTP_PARSE_MORE)
    return FALSE;
  if (found == NET_HTTP_PARSE_ERROR)
    {
      refuse (connection, connection->scan.error);
      return FALSE;
    }
  if (!net_http_response_read (&response, head, connection->scan.position, exchange->to_head))
    {
      refuse (connection, response.error);
      return FALSE;
    }
  if (response.status < 200)
    return pass_interim (connection, &response);
  take_head (connection, &response);
  exchange->events->head (exchange, &response);
  if (connection->exchange == NULL)
    return FALSE;
  net_buffer_consume (input, connection->scan.position);
  if (response.body == NET_HTTP_BODY_NONE
      || (response.body == NET_HTTP_BODY_LENGTH && response.content_length == 0))
    return finish_unless_paused (connection);
  return TRUE;
}

/* Passes @length bytes on, and takes @used off the input. */
static gboolean
pass_body (GwUpstreamConnection *connection, NetBuffer *input, gsize length, gsize used, gboolean last)
{
  GwUpstreamExchange *exchange = connection->exchange;

  if (length > 0)
    exchange->events->body (exchange, net_buffer_data (input), length);
  if (connection->exchange == NULL)
    return FALSE;
  net_buffer_consume (input, used);
  return last ? finish_unless_paused (connection) : TRUE;
}

static gboolean
read_chunks (GwUpstreamConnection *connection, NetBuffer *input)
{
  char *bytes = (char *)input->bytes + input->start;
  gsize used, produced;
  NetHttpParse found = net_http_chunks_decode (&connection->chunks, bytes, net_buffer_length (input), bytes,
                                               &used, &produced);

  if (found != NET_HTTP_PARSE_ERROR)
    return pass_body (connection, input, produced, used, found == NET_HTTP_PARSE_DONE);
  refuse (connection, connection->chunks.error);
  return FALSE;
}

static gboolean
read_body (GwUpstreamConnection *connection, NetBuffer *input)
{
  gsize length = net_buffer_length (input);

  if (connection->body == NET_HTTP_BODY_CHUNKED)
    return read_chunks (connection, input);
  if (connection->body == NET_HTTP_BODY_LENGTH)
    {
      length = (gsize)MIN (connection->left, length);
      connection->left -= length;
      return pass_body (connection, input, length, length, connection->left == 0);
    }
  return pass_body (connection, input, length, length, FALSE);
}

static void
note_bytes (GwUpstreamExchange *exchange)
{
  if (exchange->answered && !exchange->paused)
    gw_upstream_exchange_set_deadline (
        exchange, net_worker_now_us (exchange->worker)
                      + (gint64)exchange->target->upstream->settings.read_timeout_ms * 1000);
}

/* The protocol. */

static gpointer
opened (NetConn *conn, gpointer data)
{
  GwUpstreamConnection *connection = data;

  connection->conn = conn;
  connection->pool->n_opening--;
  gw_upstream_pool_release (connection->pool, connection);
  return connection;
}

static void
read_answer (GwUpstreamConnection *connection, NetBuffer *input)
{
  gboolean more = TRUE;

  while (more && net_buffer_length (input) > 0 && connection->exchange != NULL
         && !connection->exchange->paused)
    switch (connection->state)
      {
      case GW_ANSWER_HEAD:
        more = read_head (connection, input);
        break;
      case GW_ANSWER_BODY:
        more = read_body (connection, input);
        break;
      case GW_ANSWER_WHOLE:
        more = finish_unless_paused (connection);
        break;
      }
  /* Still the one that the bytes were for: a connection that served it to the end has no bytes left. */
  if (more && connection->exchange != NULL && connection->heard)
    note_bytes (connection->exchange);
}

/* Bytes that nobody asked for, or before their request was sent, are the rest of an answer that was longer
 * than it said: whoever got them would get another's. */
static void
take_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  GwUpstreamConnection *connection = state;

  if (connection->exchange == NULL || !connection->sent)
    {
      net_conn_close (conn, NET_CLOSE_PROTOCOL);
      return;
    }
  connection->heard = TRUE;
  connection->reading = TRUE;
  read_answer (connection, input);
  connection->reading = FALSE;
  if (connection->gone)
    gw_upstream_pool_drop (connection->pool, connection);
}

static void
sent (NetConn *conn, gpointer state)
{
  GwUpstreamConnection *connection = state;
  GwUpstreamExchange *exchange = connection->exchange;

  if (exchange == NULL)
    return;
  if (connection->state == GW_ANSWER_WHOLE)
    finish_unless_paused (connection);
  else if (exchange->full)
    {
      exchange->full = FALSE;
      exchange->events->writable (exchange);
    }
}

/* What the end of a connection means for the exchange on it. */
static GwErrorCode
code_of (NetCloseReason reason, const GwUpstreamExchange *exchange, const char **why)
{
  switch (reason)
    {
    case NET_CLOSE_PEER:
      *why = exchange->answered ? "closed the connection in the middle of its answer"
                                : "closed the connection without an answer";
      return exchange->ended ? GW_ERROR_CLOSED_AFTER_REQUEST : GW_ERROR_CLOSED;
    case NET_CLOSE_WRITE_TIMEOUT:
      *why = "read nothing of the request for WriteTimeout";
      return GW_ERROR_TIMEOUT;
    case NET_CLOSE_DRAIN:
      *why = "was not finished when the node stopped";
      return GW_ERROR_SEND_ABORT;
    case NET_CLOSE_PROTOCOL:
      *why = "sent bytes that nobody asked for";
      return GW_ERROR_PROTOCOL;
    default:
      *why = "broke the connection";
      return exchange->ended ? GW_ERROR_RECEIVING : GW_ERROR_SENDING;
    }
}

/* The kept connection was closed before it saw the request, for all that can be known. */
static gboolean
is_stale (const GwUpstreamConnection *connection, NetCloseReason reason)
{
  return connection->used && !connection->heard && reason != NET_CLOSE_WRITE_TIMEOUT && reason != NET_CLOSE_DRAIN;
}

static gboolean
may_be_sent_again (const GwUpstreamConnection *connection, const GwUpstreamExchange *exchange)
{
  return !exchange->retried && (!connection->sent || gw_upstream_exchange_is_repeatable (exchange));
}

static void
end_exchange (GwUpstreamExchange *exchange, gboolean whole, NetCloseReason reason)
{
  const char *why;
  GwErrorCode code = code_of (reason, exchange, &why);

  if (!whole)
    {
      gw_upstream_exchange_fail (exchange, code, why);
      return;
    }
  gw_upstream_exchange_end (exchange);
  exchange->events->done (exchange);
}

static void
closed (NetConn *conn, gpointer state)
{
  GwUpstreamConnection *connection = state;
  GwUpstreamPool *pool = connection->pool;
  GwUpstreamExchange *exchange = g_steal_pointer (&connection->exchange);
  NetCloseReason reason = net_conn_close_reason (conn);
  gboolean whole = connection->state == GW_ANSWER_WHOLE
                   || (connection->state == GW_ANSWER_BODY && connection->body == NET_HTTP_BODY_TO_END
                       && reason == NET_CLOSE_PEER);
  gboolean stale = is_stale (connection, reason);
  gboolean again = exchange != NULL && stale && may_be_sent_again (connection, exchange);

  if (exchange != NULL)
    {
      exchange->connection = NULL;
      exchange->stale = stale && !again;
    }
  if (again)
    {
      exchange->retried = TRUE;
      gw_upstream_pool_enter (pool, exchange, TRUE); /* the line always has room for it */
    }
  connection->gone = TRUE;
  if (!connection->reading)
    gw_upstream_pool_drop (pool, connection);
  if (exchange != NULL && !again)
    end_exchange (exchange, whole, reason);
}

const NetProtocol gw_upstream_protocol = {
  .name = "upstream",
  .opened = opened,
  .input = take_input,
  .closed = closed,
  .sent = sent,
};
