#include "config.h"
#include "gw-admin-world.h"

#include "common/apim-cluster-key.h"

#include <glib/gstdio.h>
#include <string.h>

/* Everything that the authenticator was told to forget: in the place of gw-authenticator-wait.c, which would need a
 * reactor. */
GString *admin_world_forgotten;

void
gw_authenticator_forget_token (GwAuthenticator *authenticator, const char *token, gsize length)
{
  g_assert_nonnull (authenticator);
  g_string_append_printf (admin_world_forgotten, "%.*s ", (int) length, token);
}

void
gw_authenticator_forget_resources (GwAuthenticator *authenticator)
{
  g_assert_nonnull (authenticator);
  g_string_append (admin_world_forgotten, "resources ");
}

static gboolean
admit (SoapGuard *guard, NetHttpExchange *exchange, SoapVersion version, gint64 deadline_us, gpointer *caller)
{
  NetHttpText value;

  (void) guard, (void) version, (void) deadline_us;
  if (net_http_request_header (net_http_exchange_request (exchange), "Authorization", &value))
    {
      *caller = g_strdup ("somebody");
      return TRUE;
    }
  net_http_respond (exchange, 401, NULL, NULL, 0);
  return FALSE;
}

static void
release (SoapGuard *guard, gpointer caller)
{
  (void) guard;
  g_free (caller);
}

static gboolean
find_tenant (ApimTenants *tenants, const char *domain, gint64 deadline_us, gint *id, GError **error)
{
  (void) tenants, (void) deadline_us;
  if (strcmp (domain, "broken.com") == 0)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "the secret of the database");
      return FALSE;
    }
  *id = strcmp (domain, "foo.com") == 0 ? 7 : 0;
  return TRUE;
}

static void
make_cluster_key (const char *home)
{
  g_autofree char *folder = g_build_filename (home, "repository", "resources", "security", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  apim_cluster_key_make (home, NULL, &error);
  g_assert_no_error (error);
}

void
admin_world_set_up (AdminWorld *f, gconstpointer data)
{
  g_autofree char *repository = NULL;
  g_autoptr (GError) error = NULL;

  (void) data;
  f->home = g_dir_make_tmp ("gw-admin-XXXXXX", NULL);
  repository = g_build_filename (f->home, "repository", NULL);
  g_assert_cmpint (g_mkdir (repository, 0755), ==, 0);
  f->config.host_name = (char *) "gw.example";
  f->config.web_context_root = (char *) "";
  f->config.limits.max_soap_message = 8192;
  f->config.limits.max_http_header = 8192;
  f->config.limits.max_http_body = 1024 * 1024;
  f->config.limits.database_timeout_ms = PATIENCE_MS;
  f->guard = (SoapGuard){ .admit = admit, .release = release };
  f->tenants = (ApimTenants){ find_tenant };
  f->deployment = gw_deployment_new (f->home, 1, NULL, &error);
  g_assert_no_error (error);
  make_cluster_key (f->home);
  f->vault = gw_vault_new (f->home, 1, &error);
  g_assert_no_error (error);
  f->admin = gw_admin_new (&f->config, &f->guard, &f->tenants, f->deployment, (GwAuthenticator *) f, f->vault);
  f->pool = apim_pool_new ("http", 1, 4);
  f->server = net_http_server_new (&f->config.limits, f->pool);
  gw_admin_add_to (f->admin, f->server);
  f->conn = fake_conn_new (&net_http_protocol, f->server);
  admin_world_forgotten = g_string_new (NULL);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

void
admin_world_tear_down (AdminWorld *f, gconstpointer data)
{
  (void) data;
  fake_conn_free (f->conn);
  apim_pool_free (f->pool);
  fake_worker_run ();
  net_http_server_free (f->server);
  gw_admin_free (f->admin);
  gw_vault_free (f->vault);
  gw_deployment_free (f->deployment);
  remove_tree (f->home);
  g_free (f->home);
  g_string_free (admin_world_forgotten, TRUE);
}

char *
admin_ask_as (AdminWorld *f, const char *who, const char *service, const char *body)
{
  g_autofree char *message = g_strconcat ("<s:Envelope xmlns:s=\"" SOAP_NAMESPACE_1_2 "\"><s:Body>", body,
                                          "</s:Body></s:Envelope>", NULL);
  g_autofree char *request
      = g_strdup_printf ("POST /services/%s HTTP/1.1\r\nHost: a\r\n%sContent-Type: application/soap+xml\r\n"
                         "Content-Length: %zu\r\n\r\n%s",
                         service, who, strlen (message), message);
  const char *sent;
  gsize length;
  char *text;

  fake_conn_feed (f->conn, request, strlen (request));
  while (fake_conn_is_busy (f->conn))
    fake_worker_wait ();
  sent = fake_conn_sent (f->conn, &length);
  text = g_strndup (sent, length);
  fake_conn_forget_sent (f->conn);
  return text;
}

void
admin_expect (AdminWorld *f, const char *service, const char *body, ...)
{
  g_autofree char *answer = admin_ask_as (f, "Authorization: Basic x\r\n", service, body);
  const char *at = answer, *part;
  va_list parts;

  va_start (parts, body);
  while ((part = va_arg (parts, const char *)) != NULL)
    {
      const char *found = strstr (at, part);

      if (found == NULL)
        g_error ("\"%s\" is not in \"%s\"", part, at);
      at = found + strlen (part);
    }
  va_end (parts);
}

char *
admin_api_xml (const char *name, const char *context, const char *in)
{
  return g_strdup_printf ("<api" NS " name=\"%s\" context=\"%s\" version=\"1.0.0\" version-type=\"context\"><resource "
                          "methods=\"GET\" url-mapping=\"/*\"><inSequence>%s</inSequence></resource></api>",
                          name, context, in);
}

gboolean
admin_is_served (const AdminWorld *f, const char *path)
{
  g_autoptr (GwRoutes) routes = gw_deployment_ref_routes (f->deployment);
  GwTarget target = { .path = path, .path_length = strlen (path), .transport = GW_TRANSPORT_HTTPS };
  gboolean denied;
  gsize rest;

  return gw_routes_find (routes, &target, &rest, &denied) != NULL;
}

void
admin_assert_file (const AdminWorld *f, const char *relative, const char *content)
{
  g_autofree char *path = g_build_filename (f->home, relative, NULL);
  g_autofree char *bytes = NULL;

  g_file_get_contents (path, &bytes, NULL, NULL);
  g_assert_cmpstr (bytes, ==, content);
}
