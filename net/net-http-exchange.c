#include "config.h"
#include "net/net-http-chars.h"
#include "net/net-http-private.h"

/* One exchange that this worker used before: a request in the steady state allocates nothing. */
static GPrivate spare = G_PRIVATE_INIT (g_free);

NetHttpExchange *
net_http_exchange_new (NetHttpConnection *connection, NetConn *conn)
{
  NetHttpExchange *exchange = g_private_get (&spare);

  if (exchange != NULL)
    g_private_set (&spare, NULL);
  else
    exchange = g_new (NetHttpExchange, 1);
  /* Field by field: clearing the 4 KiB of headers, which the parser fills, would cost more than a small request. */
  exchange->connection = connection;
  exchange->conn = net_conn_ref (conn);
  exchange->route = NULL;
  exchange->body = NULL;
  exchange->body_length = 0;
  exchange->headers = (NetBuffer){ NULL };
  exchange->archive_of = NULL;
  exchange->content_type = NULL;
  exchange->answer = NULL;
  return exchange;
}

void
net_http_exchange_free (NetHttpExchange *exchange)
{
  if (exchange == NULL)
    return;
  net_conn_unref (exchange->conn);
  if (exchange->archive_of != NULL)
    net_http_server_give_archive (exchange->archive_of);
  net_buffer_clear (&exchange->headers);
  g_free (exchange->content_type);
  g_free (exchange->answer);
  if (g_private_get (&spare) == NULL)
    g_private_set (&spare, exchange);
  else
    g_free (exchange);
}

const NetHttpRequest *
net_http_exchange_request (const NetHttpExchange *exchange)
{
  return &exchange->request;
}

const guint8 *
net_http_exchange_body (const NetHttpExchange *exchange, gsize *length)
{
  *length = exchange->body_length;
  return exchange->body;
}

const char *
net_http_exchange_peer (const NetHttpExchange *exchange)
{
  return exchange->client;
}

/* A response that could be split (H93) is never sent. The value stays out of the message: it may be a secret. */
static void
check_header (const char *name, const char *value)
{
  gboolean fine = *name != '\0';

  for (const char *c = name; *c != '\0'; c++)
    fine = fine && net_http_is_token_char (*c);
  for (const char *c = value; *c != '\0'; c++)
    fine = fine && net_http_is_field_char (*c);
  if (!fine)
    g_error ("response header \"%s\" has a name or a value that is not header text", name);
}

void
net_http_exchange_add_header (NetHttpExchange *exchange, const char *name, const char *value)
{
  check_header (name, value);
  net_buffer_append (&exchange->headers, name, strlen (name));
  net_buffer_append (&exchange->headers, ": ", 2);
  net_buffer_append (&exchange->headers, value, strlen (value));
  net_buffer_append (&exchange->headers, "\r\n", 2);
}

/* On the worker: the end of the exchange. */
static void
finish (NetHttpExchange *exchange, guint status, const char *content_type, const void *body, gsize length)
{
  if (exchange->connection != NULL)
    net_http_connection_answer (exchange->connection, exchange, status, content_type, body, length);
  net_http_exchange_free (exchange);
}

static void
finish_posted (NetTask *task, NetWorker *worker)
{
  NetHttpExchange *exchange = (NetHttpExchange *) ((char *) task - G_STRUCT_OFFSET (NetHttpExchange, task));

  finish (exchange, exchange->status, exchange->content_type, exchange->answer, exchange->answer_length);
}

void
net_http_respond (NetHttpExchange *exchange, guint status, const char *content_type, const void *body, gsize length)
{
  NetWorker *worker = net_conn_worker (exchange->conn);

  g_assert (status >= 200 && status <= 599);
  if (content_type != NULL)
    check_header ("Content-Type", content_type);
  if (net_worker_current () == worker)
    {
      finish (exchange, status, content_type, body, length);
      return;
    }
  exchange->status = status;
  exchange->content_type = g_strdup (content_type);
  exchange->answer = g_memdup2 (body, length);
  exchange->answer_length = length;
  exchange->task.run = finish_posted;
  net_worker_post (worker, &exchange->task);
}

void
net_http_exchange_respond_text (NetHttpExchange *exchange, guint status, const char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  net_http_respond (exchange, status, "text/plain", line, strlen (line));
}

static void
run_on_pool (ApimJob *job)
{
  NetHttpExchange *exchange = (NetHttpExchange *) ((char *) job - G_STRUCT_OFFSET (NetHttpExchange, job));

  exchange->pool_handler (exchange, exchange->pool_data);
}

void
net_http_exchange_hand_to_pool (NetHttpExchange *exchange, NetHttpHandler handler, gpointer data)
{
  exchange->pool_handler = handler;
  exchange->pool_data = data;
  exchange->job.run = run_on_pool;
  if (apim_pool_push (exchange->pool, &exchange->job))
    return;
  net_http_exchange_add_header (exchange, "Retry-After", "1");
  net_http_exchange_respond_text (exchange, 503, "too many requests are waiting");
}
