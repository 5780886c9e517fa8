#include "config.h"
#include "tests/lib/stall-proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Of an answer that stalls: enough for its header, too little for its rows. */
#define ANSWER_BYTES 20
#define CHUNK 65536

struct _StallProxy
{
  struct sockaddr_un server;
  int listener;
  guint16 port;
  int stop_pipe[2]; /* readable: the end */
  GThread *thread;
  GPtrArray *threads; /* of the connections; the listening thread's */

  GMutex lock; /* over what follows */
  StallMoment moment;
  guint8 command;
  char *piece;
  guint n_stalled;
  guint n_connections;
};

typedef struct
{
  StallProxy *proxy;
  int client, server;
  gboolean stalled;
  gboolean answering; /* the chosen command has been forwarded, and its answer is to stall */
} Link;

static void
stall (Link *link)
{
  if (!link->stalled)
    link->proxy->n_stalled++;
  link->stalled = TRUE;
}

/* With the lock held. A client's chunk is one packet: length (3), number (1), command. */
static void
look_at_command (Link *link, const char *bytes, gsize length)
{
  StallProxy *proxy = link->proxy;
  gboolean chosen = length > 4 && bytes[3] == 0 && (guint8) bytes[4] == proxy->command
                    && (proxy->piece == NULL || memmem (bytes, length, proxy->piece, strlen (proxy->piece)) != NULL);

  if (proxy->moment == STALL_LOGIN || (proxy->moment == STALL_COMMAND && chosen))
    stall (link);
  else if (proxy->moment == STALL_ANSWER && chosen)
    link->answering = TRUE;
}

/* How much of the chunk goes on. */
static gsize
decide (Link *link, gboolean from_client, const char *bytes, gsize length)
{
  StallProxy *proxy = link->proxy;

  g_mutex_lock (&proxy->lock);
  if (from_client)
    look_at_command (link, bytes, length);
  else if (proxy->moment == STALL_GREETING)
    stall (link);
  if (link->stalled)
    length = 0;
  else if (!from_client && link->answering)
    {
      length = MIN (length, ANSWER_BYTES);
      stall (link);
    }
  g_mutex_unlock (&proxy->lock);
  return length;
}

/* FALSE: the connection is over. */
static gboolean
forward (Link *link, gboolean from_client, char *buffer)
{
  int from = from_client ? link->client : link->server;
  int to = from_client ? link->server : link->client;
  gssize length = recv (from, buffer, CHUNK, 0);
  gsize wanted, sent = 0;

  if (length <= 0)
    return FALSE;
  wanted = decide (link, from_client, buffer, (gsize) length);
  while (sent < wanted)
    {
      gssize n = send (to, buffer + sent, wanted - sent, MSG_NOSIGNAL);

      if (n <= 0)
        return FALSE;
      sent += (gsize) n;
    }
  return TRUE;
}

static gpointer
run_link (gpointer data)
{
  Link *link = data;
  struct pollfd fds[] = { { link->proxy->stop_pipe[0], POLLIN, 0 }, { link->client, POLLIN, 0 },
                          { link->server, POLLIN, 0 } };
  g_autofree char *buffer = g_malloc (CHUNK);
  gboolean open = TRUE;

  while (open && poll (fds, G_N_ELEMENTS (fds), -1) > 0 && fds[0].revents == 0)
    {
      if (fds[1].revents != 0)
        open = forward (link, TRUE, buffer);
      if (open && fds[2].revents != 0)
        open = forward (link, FALSE, buffer);
    }
  close (link->client);
  close (link->server);
  g_free (link);
  return NULL;
}

static gpointer
run_listener (gpointer data)
{
  StallProxy *proxy = data;
  struct pollfd fds[] = { { proxy->stop_pipe[0], POLLIN, 0 }, { proxy->listener, POLLIN, 0 } };

  while (poll (fds, G_N_ELEMENTS (fds), -1) > 0 && fds[0].revents == 0)
    {
      Link *link = g_new0 (Link, 1);

      link->proxy = proxy;
      link->client = accept (proxy->listener, NULL, NULL);
      link->server = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_assert_cmpint (connect (link->server, (struct sockaddr *) &proxy->server, sizeof proxy->server), ==, 0);
      g_mutex_lock (&proxy->lock);
      proxy->n_connections++;
      g_mutex_unlock (&proxy->lock);
      g_ptr_array_add (proxy->threads, g_thread_new ("proxy-link", run_link, link));
    }
  return NULL;
}

static void
join (gpointer thread)
{
  g_thread_join (thread);
}

StallProxy *
stall_proxy_new (const char *server_socket)
{
  StallProxy *proxy = g_new0 (StallProxy, 1);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;

  proxy->server.sun_family = AF_UNIX;
  g_strlcpy (proxy->server.sun_path, server_socket, sizeof proxy->server.sun_path);
  proxy->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (proxy->listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (proxy->listener, 16), ==, 0);
  g_assert_cmpint (getsockname (proxy->listener, (struct sockaddr *) &address, &length), ==, 0);
  proxy->port = ntohs (address.sin_port);
  g_assert_cmpint (pipe (proxy->stop_pipe), ==, 0);
  g_mutex_init (&proxy->lock);
  proxy->threads = g_ptr_array_new_with_free_func (join);
  proxy->thread = g_thread_new ("proxy", run_listener, proxy);
  return proxy;
}

void
stall_proxy_free (StallProxy *proxy)
{
  close (proxy->stop_pipe[1]); /* readable for everybody */
  g_thread_join (proxy->thread);
  g_ptr_array_unref (proxy->threads);
  close (proxy->listener);
  close (proxy->stop_pipe[0]);
  g_mutex_clear (&proxy->lock);
  g_free (proxy->piece);
  g_free (proxy);
}

guint16
stall_proxy_port (const StallProxy *proxy)
{
  return proxy->port;
}

void
stall_proxy_set (StallProxy *proxy, StallMoment moment, guint8 command, const char *piece)
{
  g_mutex_lock (&proxy->lock);
  proxy->moment = moment;
  proxy->command = command;
  g_free (proxy->piece);
  proxy->piece = g_strdup (piece);
  g_mutex_unlock (&proxy->lock);
}

guint
stall_proxy_count (StallProxy *proxy)
{
  guint n;

  g_mutex_lock (&proxy->lock);
  n = proxy->n_stalled;
  g_mutex_unlock (&proxy->lock);
  return n;
}

guint
stall_proxy_connections (StallProxy *proxy)
{
  guint n;

  g_mutex_lock (&proxy->lock);
  n = proxy->n_connections;
  g_mutex_unlock (&proxy->lock);
  return n;
}
