#include "config.h"
#include "net/net-http-path.h"
#include "net/net-http-private.h"

static void
route_free (NetHttpRoute *route)
{
  g_free (route->path);
  g_free (route);
}

NetHttpServer *
net_http_server_new (const ApimLimits *limits, ApimPool *pool)
{
  NetHttpServer *server = g_new0 (NetHttpServer, 1);

  server->routes = g_ptr_array_new_with_free_func ((GDestroyNotify) route_free);
  server->archive_paths = g_ptr_array_new_with_free_func ((GDestroyNotify) route_free);
  server->pool = pool;
  net_http_server_set_limits (server, limits);
  return server;
}

void
net_http_server_free (NetHttpServer *server)
{
  if (server == NULL)
    return;
  g_ptr_array_unref (server->routes);
  g_ptr_array_unref (server->archive_paths);
  g_free (server);
}

void
net_http_server_set_limits (NetHttpServer *server, const ApimLimits *limits)
{
  g_atomic_int_set (&server->max_head, limits->max_http_header);
  g_atomic_int_set (&server->max_body, limits->max_http_body);
  g_atomic_int_set (&server->max_unread_output, limits->max_unread_output);
  g_atomic_int_set (&server->max_archive, limits->max_archive);
  g_atomic_int_set (&server->max_archives_at_once, limits->max_archives_at_once);
}

void
net_http_server_set_trust (NetHttpServer *server, const NetHttpTrust *trust)
{
  server->trust = *trust;
}

/* (transfer full) */
static NetHttpRoute *
route_new (const char *path)
{
  NetHttpRoute *route = g_new0 (NetHttpRoute, 1);

  g_assert (path[0] == '/'); /* so that no prefix covers "OPTIONS *" */
  route->prefix = g_str_has_suffix (path, "*");
  route->length = strlen (path) - (route->prefix ? 1 : 0);
  route->path = g_strndup (path, route->length);
  return route;
}

void
net_http_server_add (NetHttpServer *server, const char *path, NetHttpWhere where, NetHttpHandler handler, gpointer data)
{
  NetHttpRoute *route = route_new (path);

  g_assert (where != NET_HTTP_ON_POOL || server->pool != NULL);
  route->where = where;
  route->handler = handler;
  route->data = data;
  g_ptr_array_add (server->routes, route);
}

static gboolean
matches (const NetHttpRoute *route, NetHttpText path)
{
  if (route->prefix ? path.length < route->length : path.length != route->length)
    return FALSE;
  return memcmp (route->path, path.text, route->length) == 0;
}

const NetHttpRoute *
net_http_server_route (const NetHttpServer *server, NetHttpText path, guint *status, const char **error)
{
  const NetHttpRoute *best = NULL;

  if (net_http_path_is_tricky (path))
    {
      *status = 400;
      *error = "the path has empty or dot segments, or hides a separator";
      return NULL;
    }
  for (guint i = 0; i < server->routes->len; i++)
    {
      const NetHttpRoute *route = g_ptr_array_index (server->routes, i);

      if (!matches (route, path))
        continue;
      /* An exact path covers all of it, so no prefix is longer; at equal length it wins. */
      if (best == NULL || route->length > best->length || (route->length == best->length && !route->prefix))
        best = route;
    }
  *status = 404;
  *error = "there is nothing here";
  return best;
}

void
net_http_server_allow_archives (NetHttpServer *server, const char *path)
{
  g_ptr_array_add (server->archive_paths, route_new (path));
}

gboolean
net_http_server_takes_archives (const NetHttpServer *server, NetHttpText path)
{
  for (guint i = 0; i < server->archive_paths->len; i++)
    if (matches (server->archive_paths->pdata[i], path))
      return TRUE;
  return FALSE;
}

gboolean
net_http_server_take_archive (NetHttpServer *server)
{
  if ((guint) g_atomic_int_add (&server->n_archives, 1) < (guint) g_atomic_int_get (&server->max_archives_at_once))
    return TRUE;
  net_http_server_give_archive (server);
  return FALSE;
}

void
net_http_server_give_archive (NetHttpServer *server)
{
  g_atomic_int_add (&server->n_archives, -1);
}
