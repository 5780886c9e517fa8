#include "config.h"
#include "apimd/control.h"

#include "common/apim-config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define ANSWER_TIMEOUT_S 1

struct _Control
{
  char *path;
  GSocketService *service;
  ControlStatusFunc collect;
  gpointer data;
};

static gboolean
answer (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Control *control = data;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (ApimStatus) status = apim_status_new ();
  g_autofree char *json = NULL;

  control->collect (status, control->data);
  json = apim_status_to_json (status);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), ANSWER_TIMEOUT_S);
  /* A client that went away, or does not read, has itself to blame. */
  g_output_stream_write_all (output, json, strlen (json), NULL, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return TRUE;
}

gboolean
control_is_taken (const char *home)
{
  g_autofree char *path = apim_home_path (home, "apimd.sock", NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);

  return connection != NULL;
}

Control *
control_start (const char *home, ControlStatusFunc collect, gpointer data, GError **error)
{
  g_autoptr (Control) control = g_new0 (Control, 1);
  g_autoptr (GSocketAddress) address = NULL;
  mode_t mask;
  gboolean bound;

  control->path = apim_home_path (home, "apimd.sock", NULL);
  control->collect = collect;
  control->data = data;
  control->service = g_socket_service_new ();
  g_unlink (control->path);
  address = g_unix_socket_address_new (control->path);
  mask = umask (0177);
  bound = g_socket_listener_add_address (G_SOCKET_LISTENER (control->service), address, G_SOCKET_TYPE_STREAM,
                                         G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error);
  umask (mask);
  if (!bound)
    return NULL;
  g_signal_connect (control->service, "incoming", G_CALLBACK (answer), control);
  g_socket_service_start (control->service);
  return g_steal_pointer (&control);
}

void
control_stop (Control *control)
{
  if (control == NULL)
    return;
  g_socket_service_stop (control->service);
  g_socket_listener_close (G_SOCKET_LISTENER (control->service));
  g_object_unref (control->service);
  g_unlink (control->path);
  g_free (control->path);
  g_free (control);
}
