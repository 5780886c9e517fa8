#include "config.h"
#include "gateway/gw-thrift-connection.h"

static void
end_ours (GwThriftConnection *connection, const char *why)
{
  connection->end_text = why;
  net_conn_close (connection->conn, NET_CLOSE_PROTOCOL);
}

/* The answer is whole. Its texts lie in the input, which is consumed after they were used. */
static void
take_answer (GwThriftConnection *connection, NetBuffer *input, const TwEnvelope *envelope)
{
  g_auto (TwAnswer) answer = { 0 };

  connection->scan = (TwScan){ 0 };
  tw_answer_decode (&answer, connection->method, connection->sequence_id, net_buffer_data (input), envelope);
  if (answer.kind == TW_ANSWER_OUT_OF_STEP)
    {
      end_ours (connection, "the answer is one to another call");
      return;
    }
  connection->waiting = FALSE;
  connection->n_answers++;
  net_conn_set_busy (connection->conn, FALSE);
  if (connection->events != NULL)
    connection->events->answered (connection, connection->data, &answer);
  net_buffer_consume (input, envelope->length);
}

static void
handle_input (NetConn *conn, gpointer state, NetBuffer *input)
{
  GwThriftConnection *connection = state;
  TwEnvelope envelope;
  const char *why;

  if (connection->events == NULL)
    return;
  if (!connection->waiting)
    {
      end_ours (connection, "bytes came that nobody had asked for");
      return;
    }
  switch (tw_scan (&connection->scan, net_buffer_data (input), net_buffer_length (input), connection->max_message,
                   &envelope, &why))
    {
    case TW_SCAN_MORE:
      return;
    case TW_SCAN_ERROR:
      end_ours (connection, why);
      return;
    case TW_SCAN_DONE:
      break;
    }
  take_answer (connection, input, &envelope);
  if (connection->events == NULL || connection->end_text != NULL)
    return;
  if (net_buffer_length (input) > 0)
    end_ours (connection, "bytes came that nobody had asked for");
  else
    connection->events->ready (connection, connection->data);
}

static gpointer
handle_opened (NetConn *conn, gpointer data)
{
  GwThriftConnection *connection = data;

  connection->conn = conn;
  connection->events->ready (connection, connection->data);
  return connection;
}

static const char *
reason_text (const GwThriftConnection *connection, NetConn *conn)
{
  if (connection->end_text != NULL)
    return connection->end_text;
  switch (net_conn_close_reason (conn))
    {
    case NET_CLOSE_PEER:
      return connection->waiting ? "it was closed instead of an answer" : "it was closed";
    case NET_CLOSE_IDLE_TIMEOUT:
      return "nothing was asked for a while";
    case NET_CLOSE_DRAIN:
      return "the node stops";
    default:
      return "it broke";
    }
}

static void
handle_closed (NetConn *conn, gpointer state)
{
  GwThriftConnection *connection = state;

  if (connection->events != NULL)
    connection->events->ended (connection, connection->data, reason_text (connection, conn));
  g_free (connection);
}

static void
handle_failed (NetConnect *connect, NetConnectError error, const char *why)
{
  GwThriftConnection *connection
      = (GwThriftConnection *) ((char *) connect - G_STRUCT_OFFSET (GwThriftConnection, connect));

  connection->events->ended (connection, connection->data, why);
  g_free (connection);
}

static const NetProtocol protocol = {
  .name = "thrift client",
  .opened = handle_opened,
  .input = handle_input,
  .closed = handle_closed,
};

GwThriftConnection *
gw_thrift_connection_open (NetWorker *worker, const GwThriftTarget *target, NetTlsClient *tls,
                           const GwThriftEvents *events, gpointer data)
{
  GwThriftConnection *connection = g_new0 (GwThriftConnection, 1);

  connection->events = events;
  connection->data = data;
  connection->max_message = target->max_message;
  connection->connect.failed = handle_failed;
  net_connect_start (&connection->connect, worker, target->host, target->port, tls,
                     target->connect_timeout_ms, &protocol, connection);
  return connection;
}

void
gw_thrift_connection_call (GwThriftConnection *connection, TwMethod method, const TwArguments *arguments)
{
  connection->method = method;
  connection->sequence_id = connection->sequence_id == G_MAXINT32 ? 1 : connection->sequence_id + 1;
  connection->waiting = TRUE;
  net_conn_set_busy (connection->conn, TRUE);
  tw_encode_call (net_conn_output (connection->conn), method, connection->sequence_id, arguments);
  net_conn_flush_soon (connection->conn);
}

void
gw_thrift_connection_close (GwThriftConnection *connection)
{
  connection->events = NULL;
  if (connection->conn != NULL)
    {
      net_conn_close (connection->conn, NET_CLOSE_DONE);
      return;
    }
  net_connect_cancel (&connection->connect);
  g_free (connection);
}
