#include "config.h"
#include "tests/lib/soup-services.h"
#include "tests/lib/library-leaks.h"

struct _SoupServices
{
  char *url;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;
};

/* The server of libsoup 3.2 leaks the addresses that it listens on and the sockets that it accepts, so what is allocated
 * here is not looked at; the client, which is what the tests are about, has other threads. */
static gpointer
serve (gpointer data)
{
  SoupServices *services = data;

  LIBRARY_LEAKS_BEGIN;
  g_main_context_push_thread_default (services->context);
  g_main_loop_run (services->loop);
  g_main_context_pop_thread_default (services->context);
  LIBRARY_LEAKS_END;
  return NULL;
}

static void
listen_local (SoupServices *services)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  LIBRARY_LEAKS_BEGIN;
  g_assert_true (soup_server_listen_local (services->server, 0,
                                           SOUP_SERVER_LISTEN_HTTPS | SOUP_SERVER_LISTEN_IPV4_ONLY, &error));
  LIBRARY_LEAKS_END;
  uris = soup_server_get_uris (services->server);
  services->url = g_strdup_printf ("https://localhost:%d/services/", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

SoupServices *
soup_services_new (const char *key_file, const SoupService *list, guint n_services, gpointer data)
{
  SoupServices *services = g_new0 (SoupServices, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (key_file, &error);

  g_assert_no_error (error);
  services->context = g_main_context_new ();
  services->loop = g_main_loop_new (services->context, FALSE);
  g_main_context_push_thread_default (services->context);
  services->server = soup_server_new ("tls-certificate", certificate, NULL);
  for (guint i = 0; i < n_services; i++)
    soup_server_add_handler (services->server, list[i].path, list[i].handler, data, NULL);
  listen_local (services);
  g_main_context_pop_thread_default (services->context);
  services->thread = g_thread_new ("services", serve, services);
  return services;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
soup_services_free (SoupServices *services)
{
  g_main_context_invoke (services->context, quit, services->loop);
  g_thread_join (services->thread);
  g_main_context_push_thread_default (services->context);
  soup_server_disconnect (services->server);
  g_object_unref (services->server);
  while (g_main_context_iteration (services->context, FALSE))
    ;
  g_main_context_pop_thread_default (services->context);
  g_main_loop_unref (services->loop);
  g_main_context_unref (services->context);
  g_free (services->url);
  g_free (services);
}

const char *
soup_services_url (const SoupServices *services)
{
  return services->url;
}
