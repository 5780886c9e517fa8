/* A gateway's services over SOAP, on a connection in memory and real folders
 * (spec/gateway-and-traffic-manager.md 3, 5.1). */
#include "config.h"
#include "common/apim-cluster-key.h"
#include "common/apim-folder.h"
#include "gateway/gw-admin.h"
#include "tests/unit/fake-net-conn.h"

#include <glib/gstdio.h>
#include <string.h>

#define APIS "http://service.gateway.apimgt.carbon.wso2.org"
#define REST "http://org.apache.axis2/xsd"
#define AUTHENTICATION "http://service.security.handlers.gateway.apimgt.carbon.wso2.org"
#define DEFAULT "repository/deployment/server/synapse-configs/default"
#define TENANT "repository/tenants/7/synapse-configs/default"
#define NS " xmlns=\"http://ws.apache.org/ns/synapse\""
#define PATIENCE_MS 120000

/* Everything that the authenticator was told to forget: in the place of gw-authenticator-wait.c, which would need a
 * reactor. */
static GString *forgotten;

void
gw_authenticator_forget_token (GwAuthenticator *authenticator, const char *token, gsize length)
{
  g_assert_nonnull (authenticator);
  g_string_append_printf (forgotten, "%.*s ", (int) length, token);
}

void
gw_authenticator_forget_resources (GwAuthenticator *authenticator)
{
  g_assert_nonnull (authenticator);
  g_string_append (forgotten, "resources ");
}

typedef struct
{
  ApimConfig config;
  SoapGuard guard;
  ApimTenants tenants;
  char *home;
  GwDeployment *deployment;
  GwVault *vault;
  GwAdmin *admin;
  ApimPool *pool;
  NetHttpServer *server;
  NetConn *conn;
} Fixture;

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

static void
set_up (Fixture *f, gconstpointer data)
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
  forgotten = g_string_new (NULL);
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

static void
tear_down (Fixture *f, gconstpointer data)
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
  g_string_free (forgotten, TRUE);
}

/* The whole answer to a message whose Body is @body. Free with g_free(). */
static char *
ask_as (Fixture *f, const char *who, const char *service, const char *body)
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

/* @parts: what must be in the answer, in this order, up to NULL. */
static void
expect (Fixture *f, const char *service, const char *body, ...)
{
  g_autofree char *answer = ask_as (f, "Authorization: Basic x\r\n", service, body);
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

#define OK "HTTP/1.1 200"
#define TRUE_RETURN "<ns:return>true</ns:return>"
#define FALSE_RETURN "<ns:return>false</ns:return>"
#define NIL_RETURN "<ns:return xsi:nil=\"true\"/>"
#define FAULT "HTTP/1.1 500"

/* <OPERATION> about admin's API Weather 1.0.0, with @more. Free with g_free(). */
static char *
about (const char *operation, const char *more)
{
  return g_strdup_printf ("<n:%s xmlns:n=\"" APIS "\"><n:apiProviderName>admin</n:apiProviderName><n:apiName>Weather"
                          "</n:apiName><n:version>1.0.0</n:version>%s</n:%s>",
                          operation, more, operation);
}

/* @xml: markup. Free with g_free(). */
static char *
about_with (const char *operation, const char *xml, const char *tenant)
{
  g_autofree char *escaped = g_markup_escape_text (xml, -1);
  g_autofree char *more
      = tenant == NULL ? g_strdup_printf ("<n:apiConfig>%s</n:apiConfig>", escaped)
                       : g_strdup_printf ("<n:apiConfig>%s</n:apiConfig><n:tenantDomain>%s</n:tenantDomain>", escaped, tenant);

  return about (operation, more);
}

static char *
api_xml (const char *name, const char *context, const char *in)
{
  return g_strdup_printf ("<api" NS " name=\"%s\" context=\"%s\" version=\"1.0.0\" version-type=\"context\"><resource "
                          "methods=\"GET\" url-mapping=\"/*\"><inSequence>%s</inSequence></resource></api>",
                          name, context, in);
}

static gboolean
is_served (const Fixture *f, const char *path)
{
  g_autoptr (GwRoutes) routes = gw_deployment_ref_routes (f->deployment);
  GwTarget target = { .path = path, .path_length = strlen (path), .transport = GW_TRANSPORT_HTTPS };
  gboolean denied;
  gsize rest;

  return gw_routes_find (routes, &target, &rest, &denied) != NULL;
}

static void
assert_file (const Fixture *f, const char *relative, const char *content)
{
  g_autofree char *path = g_build_filename (f->home, relative, NULL);
  g_autofree char *bytes = NULL;

  g_file_get_contents (path, &bytes, NULL, NULL);
  g_assert_cmpstr (bytes, ==, content);
}

/* The whole life of an API, each step answered when it is in force. */
static void
test_life (Fixture *f, gconstpointer data)
{
  g_autofree char *one = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *two = api_xml ("admin--Weather", "/climate/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", one, NULL), *update = about_with ("updateApi", two, NULL);
  g_autofree char *get = about ("getApi", ""), *take_away = about ("deleteApi", "");

  (void) data;
  expect (f, "APIGatewayAdmin", get, OK, "getApiResponse", NIL_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add, OK, "addApiResponse", TRUE_RETURN, NULL);
  g_assert_true (is_served (f, "/weather/1.0.0/x"));
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", one);
  expect (f, "APIGatewayAdmin", get, OK, "<b:context>/weather/1.0.0</b:context><b:name>admin--Weather</b:name>", NULL);
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL); /* repeated */
  expect (f, "APIGatewayAdmin", update, OK, TRUE_RETURN, NULL);
  g_assert_false (is_served (f, "/weather/1.0.0"));
  g_assert_true (is_served (f, "/climate/1.0.0"));
  expect (f, "APIGatewayAdmin", take_away, OK, TRUE_RETURN, NULL);
  g_assert_false (is_served (f, "/climate/1.0.0"));
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", NULL);
  expect (f, "APIGatewayAdmin", take_away, OK, TRUE_RETURN, NULL);
}

/* A file that somebody put there by hand, under a name of their own, is the API's file all the same. */
static void
test_other_file (Fixture *f, gconstpointer data)
{
  g_autofree char *one = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *two = api_xml ("admin--Weather", "/climate/{version}", "<respond/>");
  g_autofree char *update = about_with ("updateApi", two, NULL);
  g_auto (ApimFd) folder = gw_deployment_open_folder (f->deployment, APIM_SUPER_TENANT_ID, GW_FILE_API);

  (void) data;
  g_assert_true (apim_folder_replace (folder, "mine.xml", one, strlen (one)));
  g_assert_true (gw_deployment_look (f->deployment, PATIENCE_MS));
  expect (f, "APIGatewayAdmin", update, OK, TRUE_RETURN, NULL);
  assert_file (f, DEFAULT "/api/mine.xml", two);
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", NULL);
}

/* Two names that would be in one file are two APIs all the same. */
static void
test_same_file (Fixture *f, gconstpointer data)
{
  g_autofree char *xml = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", xml, NULL);
#define TWIN                                                                                                       \
  "<n:apiProviderName>admin</n:apiProviderName><n:apiName>Weather_v1.0.0</n:apiName><n:version>1.0.0</n:version>"
  static const char add_twin[] = "<n:addDefaultAPI xmlns:n=\"" APIS "\">" TWIN "<n:apiConfig>&lt;api name='admin--Weather_v1.0.0' "
                                 "context='/twin' xmlns='http://ws.apache.org/ns/synapse'>&lt;resource methods='GET' "
                                 "url-mapping='/*'>&lt;inSequence>&lt;respond/>&lt;/inSequence>&lt;/resource>&lt;/api>"
                                 "</n:apiConfig></n:addDefaultAPI>";
  static const char delete_twin[] = "<n:deleteDefaultApi xmlns:n=\"" APIS "\">" TWIN "</n:deleteDefaultApi>";

  (void) data;
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add_twin, FAULT, "admin--Weather_v1.0.0.xml", "is that of \"admin--Weather:v1.0.0\"", NULL);
  expect (f, "APIGatewayAdmin", delete_twin, OK, TRUE_RETURN, NULL);
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", xml);
  g_assert_true (is_served (f, "/weather/1.0.0"));
}

static void
test_default (Fixture *f, gconstpointer data)
{
  g_autofree char *xml = g_strdup ("<api" NS " name=\"admin--Weather\" context=\"/weather\"><resource methods=\"GET\" "
                                   "url-mapping=\"/*\"><inSequence><respond/></inSequence></resource></api>");
  g_autofree char *add = about_with ("addDefaultAPI", xml, NULL), *update = about_with ("updateDefaultApi", xml, NULL);
  g_autofree char *get = about ("getDefaultApi", ""), *take_away = about ("deleteDefaultApi", "");

  (void) data;
  expect (f, "APIGatewayAdmin", get, OK, NIL_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", update, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", get, OK, "<b:name>admin--Weather</b:name>", NULL);
  g_assert_true (is_served (f, "/weather"));
  assert_file (f, DEFAULT "/api/admin--Weather.xml", xml);
  expect (f, "APIGatewayAdmin", take_away, OK, TRUE_RETURN, NULL);
  g_assert_false (is_served (f, "/weather"));
}

/* What is refused says why, and changes nothing. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *good = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", good, NULL);
  const struct
  {
    const char *name, *context, *in, *why;
  } cases[] = {
    { "admin--Weather", "/weather/{version}", "<script>1</script>", "does not run &lt;script&gt;" },
    { "admin--Weather", "/weather/{version}", "<send><endpoint key=\"e\"/></send>", "no endpoint named \"e\"" },
    { "admin--Other", "/weather/{version}", "<respond/>", "\"admin--Other:v1.0.0\", not \"admin--Weather:v1.0.0\"" },
    { "admin--Weather", "/t/foo.com/weather/{version}", "<respond/>", "is not the tenant's" },
  };

  (void) data;
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = api_xml (cases[i].name, cases[i].context, cases[i].in);
      g_autofree char *update = about_with ("updateApi", xml, NULL);

      expect (f, "APIGatewayAdmin", update, FAULT, cases[i].why, NULL);
      assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
      g_assert_true (is_served (f, "/weather/1.0.0"));
    }
  {
    g_autofree char *none = about ("addApi", ""), *broken = about_with ("addApi", "<api", NULL);
    g_autofree char *same = api_xml ("admin--Weather2", "/weather/{version}", "<respond/>");
    g_autofree char *escaped = g_markup_escape_text (same, -1);
    g_autofree char *other = g_strdup_printf (
        "<n:addApi xmlns:n=\"" APIS "\"><n:apiProviderName>admin</n:apiProviderName><n:apiName>Weather2</n:apiName>"
        "<n:version>1.0.0</n:version><n:apiConfig>%s</n:apiConfig></n:addApi>",
        escaped);

    expect (f, "APIGatewayAdmin", none, FAULT, "\"apiConfig\" is missing", NULL);
    expect (f, "APIGatewayAdmin", broken, FAULT, "api:1", NULL);
    expect (f, "APIGatewayAdmin", other, FAULT, "have the same context and version", NULL);
    assert_file (f, DEFAULT "/api/admin--Weather2_v1.0.0.xml", NULL); /* what cannot be served is not left behind */
  }
}

static void
test_tenants (Fixture *f, gconstpointer data)
{
  g_autofree char *own = api_xml ("admin--Weather", "/t/foo.com/weather/{version}", "<respond/>");
  g_autofree char *foreign = api_xml ("admin--Weather", "/t/foo.company/weather/{version}", "<respond/>");
  g_autofree char *super = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add_own = about_with ("addApiForTenant", own, "foo.com");
  g_autofree char *add_foreign = about_with ("addApiForTenant", foreign, "foo.com");
  g_autofree char *add_super = about_with ("addApiForTenant", super, "foo.com");
  g_autofree char *unknown = about_with ("addApiForTenant", own, "bar.com");
  g_autofree char *broken = about_with ("addApiForTenant", own, "broken.com");
  g_autofree char *nobody = about_with ("addApiForTenant", own, NULL);
  g_autofree char *carbon = about_with ("addApiForTenant", super, "carbon.super");

  (void) data;
  expect (f, "APIGatewayAdmin", add_own, OK, TRUE_RETURN, NULL);
  assert_file (f, TENANT "/api/admin--Weather_v1.0.0.xml", own);
  g_assert_true (is_served (f, "/t/foo.com/weather/1.0.0"));
  {
    g_autofree char *get_super = about ("getApi", "");
    g_autofree char *get_own = about ("getApiForTenant", "<n:tenantDomain>foo.com</n:tenantDomain>");

    expect (f, "APIGatewayAdmin", get_super, OK, NIL_RETURN, NULL);
    expect (f, "APIGatewayAdmin", get_own, OK, "<b:name>admin--Weather</b:name>", NULL);
  }
  expect (f, "APIGatewayAdmin", add_foreign, FAULT, "is not the tenant's", NULL);
  expect (f, "APIGatewayAdmin", add_super, FAULT, "is not the tenant's", NULL);
  expect (f, "APIGatewayAdmin", unknown, FAULT, "There is no tenant \"bar.com\"", NULL);
  expect (f, "APIGatewayAdmin", broken, FAULT, "the log of the node says why", NULL); /* and not the reason */
  expect (f, "APIGatewayAdmin", nobody, FAULT, "\"tenantDomain\" is missing", NULL);
  /* One name is one API of the gateway, whatever the tenant. */
  expect (f, "APIGatewayAdmin", carbon, FAULT, "there are two APIs named", NULL);
}

static void
test_endpoints (Fixture *f, gconstpointer data)
{
  static const char endpoint[] = "<endpoint" NS " name=\"Weather--v1.0.0_APIproductionEndpoint\"><http "
                                 "uri-template=\"http://one\"/></endpoint>";
  g_autofree char *escaped = g_markup_escape_text (endpoint, -1);
  g_autofree char *add = g_strdup_printf (
      "<n:addEndpoint xmlns:n=\"" APIS "\"><n:endpointData>%s</n:endpointData></n:addEndpoint>", escaped);
  g_autofree char *api = api_xml ("admin--Weather", "/weather/{version}",
                                  "<send><endpoint key=\"Weather--v1.0.0_APIproductionEndpoint\"/></send>");
  g_autofree char *add_api = about_with ("addApi", api, NULL);
  static const char remove_both[] = "<n:removeEndpointsToUpdate xmlns:n=\"" APIS "\"><n:apiName>Weather</n:apiName>"
                                    "<n:apiVersion>1.0.0</n:apiVersion><n:tenantDomain>carbon.super</n:tenantDomain>"
                                    "</n:removeEndpointsToUpdate>";
  static const char remove_one[] = "<n:deleteEndpoint xmlns:n=\"" APIS "\"><n:endpointName>Weather--v1.0.0_"
                                   "APIproductionEndpoint</n:endpointName></n:deleteEndpoint>";

  (void) data;
  expect (f, "APIGatewayAdmin", remove_both, OK, FALSE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add_api, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", remove_both, OK, TRUE_RETURN, NULL);
  assert_file (f, DEFAULT "/endpoints/Weather--v1.0.0_APIproductionEndpoint.xml", NULL);
  g_assert_true (is_served (f, "/weather/1.0.0")); /* calls go on while an API is published anew */
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add_api, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", remove_one, OK, TRUE_RETURN, NULL);
}

/* A sequence comes as XML, attributes, prefixes and all. */
static void
test_sequences (Fixture *f, gconstpointer data)
{
  static const char add[] = "<n:addSequence xmlns:n=\"" APIS "\" xmlns:q=\"http://ws.apache.org/ns/synapse\"><n:sequence>"
                            "<q:sequence name=\"mine\"><q:property name=\"a\" value=\"&lt;1&gt;\"/></q:sequence>"
                            "</n:sequence></n:addSequence>";
  static const char as_text[] = "<n:addSequence xmlns:n=\"" APIS "\"><n:sequence>&lt;sequence xmlns=\"http://ws.apache.org"
                                "/ns/synapse\" name=\"yours\"/&gt;</n:sequence></n:addSequence>";
  static const char refused[] = "<n:addSequence xmlns:n=\"" APIS "\"><n:sequence><sequence name=\"x\"><enrich/></sequence>"
                                "</n:sequence></n:addSequence>";
  static const char nothing[] = "<n:addSequence xmlns:n=\"" APIS "\"/>";
#define NAMED(OPERATION, NAME)                                                                                     \
  "<n:" OPERATION " xmlns:n=\"" APIS "\"><n:sequenceName>" NAME "</n:sequenceName></n:" OPERATION ">"

  (void) data;
  expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "mine"), OK, FALSE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "fault"), OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", NAMED ("getSequence", "mine"), OK, NIL_RETURN, NULL);
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "mine"), OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", NAMED ("getSequence", "mine"), OK,
          "<ns:return><q:sequence xmlns:q=\"http://ws.apache.org/ns/synapse\" name=\"mine\">",
          "value=\"&lt;1&gt;\"", "</q:sequence></ns:return>", NULL);
  expect (f, "APIGatewayAdmin", as_text, OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "yours"), OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", refused, FAULT, "&lt;enrich&gt;", NULL);
  expect (f, "APIGatewayAdmin", nothing, FAULT, "\"sequence\" is missing", NULL);
  expect (f, "APIGatewayAdmin", NAMED ("deleteSequence", "mine"), OK, TRUE_RETURN, NULL);
  expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "mine"), OK, FALSE_RETURN, NULL);
}

/* Files may be larger than what strangers may send. */
static void
test_large (Fixture *f, gconstpointer data)
{
  GString *in = g_string_new (NULL);
  g_autofree char *xml = NULL, *add = NULL, *log = g_strnfill (1500, 'x');

  (void) data;
  for (guint i = 0; i < 100; i++)
    g_string_append_printf (in, "<log description=\"%s\"/>", log);
  g_string_append (in, "<respond/>");
  xml = api_xml ("admin--Weather", "/weather/{version}", in->str);
  g_assert_cmpuint (strlen (xml), >, SOAP_MAX_TEXT);
  add = about_with ("addApi", xml, NULL);
  expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", xml);
  g_string_free (in, TRUE);
}

static void
test_strangers (Fixture *f, gconstpointer data)
{
  g_autofree char *xml = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", xml, NULL);
  g_autofree char *apis = ask_as (f, "", "APIGatewayAdmin", add);
  g_autofree char *tokens = ask_as (f, "", "APIAuthenticationService", add);
  g_autofree char *rest = ask_as (f, "", "RestApiAdmin", add);

  (void) data;
  g_assert_true (g_str_has_prefix (apis, "HTTP/1.1 401"));
  g_assert_true (g_str_has_prefix (rest, "HTTP/1.1 401"));
  g_assert_true (g_str_has_prefix (tokens, "HTTP/1.1 401"));
  g_assert_false (is_served (f, "/weather/1.0.0"));
}

static void
test_forget (Fixture *f, gconstpointer data)
{
#define CALL(OPERATION, INNER) "<n:" OPERATION " xmlns:n=\"" AUTHENTICATION "\">" INNER "</n:" OPERATION ">"
  (void) data;
  expect (f, "APIAuthenticationService",
          CALL ("invalidateCachedTokens", "<n:accessTokens>t1</n:accessTokens><n:accessTokens>t2</n:accessTokens>"),
          "HTTP/1.1 202", NULL);
  expect (f, "APIAuthenticationService",
          CALL ("invalidateKeys", "<n:mappings xmlns:x=\"" AUTHENTICATION "/xsd\"><x:apiVersion>1</x:apiVersion><x:context>"
                                  "/a</x:context><x:key>t3</x:key></n:mappings><n:mappings><x:key xmlns:x=\"y\">"
                                  "t4:/a/1/1/x:GET:Any</x:key></n:mappings>"),
          "HTTP/1.1 202", NULL);
  expect (f, "APIAuthenticationService", CALL ("invalidateKey", "<n:accessToken>t5</n:accessToken>"), "HTTP/1.1 202",
          NULL);
  expect (f, "APIAuthenticationService", CALL ("invalidateKey", ""), FAULT, "\"accessToken\" is missing", NULL);
  expect (f, "APIAuthenticationService",
          CALL ("invalidateResourceCache", "<n:apiContext>POLICY:/t/foo.com/</n:apiContext>"), "HTTP/1.1 202", NULL);
  expect (f, "APIAuthenticationService", CALL ("invalidateOAuthKeys", "<n:consumerKey>k</n:consumerKey>"),
          "HTTP/1.1 202", NULL);
  g_assert_cmpstr (forgotten->str, ==, "t1 t2 t3 t4 t5 resources ");
}

/* All tokens of an application with all its APIs, as WSO2's Key Managers tell of them. */
static void
test_forget_many (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) keys = g_string_new (NULL), tokens = g_string_new (NULL), wanted = g_string_new (NULL);

  (void) data;
  for (guint i = 0; i < 4000; i++)
    {
      g_string_append_printf (keys,
                              "<n:mappings xmlns:x=\"" AUTHENTICATION "/xsd\"><x:apiVersion>1.0.0</x:apiVersion>"
                              "<x:context>/weather/1.0.0</x:context><x:key>k%u</x:key></n:mappings>",
                              i);
      g_string_append_printf (wanted, "k%u ", i);
    }
  for (guint i = 0; i < 8000; i++)
    {
      g_string_append_printf (tokens, "<n:accessTokens>9c1f0b7e-2d5a-4a57-8f3e-%012u</n:accessTokens>", i);
      g_string_append_printf (wanted, "9c1f0b7e-2d5a-4a57-8f3e-%012u ", i);
    }
  g_string_prepend (keys, "<n:invalidateKeys xmlns:n=\"" AUTHENTICATION "\">");
  g_string_append (keys, "</n:invalidateKeys>");
  g_string_prepend (tokens, "<n:invalidateCachedTokens xmlns:n=\"" AUTHENTICATION "\">");
  g_string_append (tokens, "</n:invalidateCachedTokens>");
  expect (f, "APIAuthenticationService", keys->str, "HTTP/1.1 202", NULL);
  expect (f, "APIAuthenticationService", tokens->str, "HTTP/1.1 202", NULL);
  g_assert_cmpstr (forgotten->str, ==, wanted->str);
}

static void
expect_password (Fixture *f, const char *domain, const char *alias, const char *password)
{
  GwText found = gw_vault_find (f->vault, 0, domain, strlen (domain), alias);

  g_assert_cmpstr (found.text, ==, password);
}

#define ENCRYPT(inner) "<n:doEncryption xmlns:n=\"" APIS "\">" inner "</n:doEncryption>"

static void
test_vault (Fixture *f, gconstpointer data)
{
  (void) data;
  expect (f, "APIGatewayAdmin", ENCRYPT ("<n:plainTextPass>p</n:plainTextPass>"), FAULT, "is missing", NULL);
  expect (f, "APIGatewayAdmin",
          ENCRYPT ("<n:secureVaultAlias>a</n:secureVaultAlias><n:plainTextPass>pass</n:plainTextPass>"),
          "<ns:return>a</ns:return>", NULL);
  expect (f, "APIGatewayAdmin",
          ENCRYPT ("<n:tenantDomain>foo.com</n:tenantDomain><n:secureVaultAlias>a</n:secureVaultAlias>"
                   "<n:plainTextPass>theirs</n:plainTextPass>"),
          "<ns:return>a</ns:return>", NULL);
  expect (f, "APIGatewayAdmin",
          ENCRYPT ("<n:tenantDomain>nowhere.com</n:tenantDomain><n:secureVaultAlias>a</n:secureVaultAlias>"
                   "<n:plainTextPass>p</n:plainTextPass>"),
          FAULT, "no tenant", NULL);
  expect_password (f, "carbon.super", "a", "pass");
  expect_password (f, "foo.com", "a", "theirs");
  expect_password (f, "foo.com", "b", NULL);
}

/* RestApiAdmin. The operation's element with @parameters, markup. Free with g_free(). */
static char *
rest (const char *operation, const char *parameters)
{
  return g_strdup_printf ("<n:%s xmlns:n=\"" REST "\">%s</n:%s>", operation, parameters, operation);
}

/* One that brings @xml. @name, @tenant: (nullable): parameters of the operation. Free with g_free(). */
static char *
rest_with (const char *operation, const char *name, const char *xml, const char *tenant)
{
  GString *parameters = g_string_new (NULL);
  char *body;

  if (name != NULL)
    g_string_append_printf (parameters, "<n:apiName>%s</n:apiName>", name);
  if (xml != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (xml, -1);

      g_string_append_printf (parameters, "<n:apiData>%s</n:apiData>", escaped);
    }
  if (tenant != NULL)
    g_string_append_printf (parameters, "<n:tenantDomain>%s</n:tenantDomain>", tenant);
  body = rest (operation, parameters->str);
  g_string_free (parameters, TRUE);
  return body;
}

#define WEATHER "admin--Weather:v1.0.0"

static void
test_rest_life (Fixture *f, gconstpointer data)
{
  g_autofree char *one = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *two = api_xml ("admin--Weather", "/climate/{version}", "<respond/>");
  g_autofree char *add = rest_with ("addApiFromString", NULL, one, NULL);
  g_autofree char *update = rest_with ("updateApiFromString", WEATHER, two, NULL);
  g_autofree char *get = rest_with ("getApiByName", WEATHER, NULL, NULL);
  g_autofree char *take_away = rest_with ("deleteApi", WEATHER, NULL, NULL);

  (void) data;
  expect (f, "RestApiAdmin", get, OK, "<ns:getApiByNameResponse xmlns:ns=\"" REST "\"", NIL_RETURN, NULL);
  expect (f, "RestApiAdmin", add, OK, "<ns:addApiFromStringResponse xmlns:ns=\"" REST "\">" TRUE_RETURN, NULL);
  g_assert_true (is_served (f, "/weather/1.0.0/x"));
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", one);
  expect (f, "RestApiAdmin", get, OK, "xmlns:b=\"http://api.rest.carbon.wso2.org/xsd\"",
          "<ns:return><b:context>/weather/1.0.0</b:context><b:fileName>admin--Weather_v1.0.0.xml</b:fileName>"
          "<b:host xsi:nil=\"true\"/><b:name>" WEATHER "</b:name><b:port>-1</b:port></ns:return>",
          NULL);
  expect (f, "RestApiAdmin", update, OK, "updateApiFromStringResponse", TRUE_RETURN, NULL);
  g_assert_false (is_served (f, "/weather/1.0.0"));
  g_assert_true (is_served (f, "/climate/1.0.0"));
  for (guint i = 0; i < 2; i++)
    {
      expect (f, "RestApiAdmin", take_away, OK, "deleteApiResponse", TRUE_RETURN, NULL);
      g_assert_false (is_served (f, "/climate/1.0.0"));
    }
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", NULL);
  expect (f, "RestApiAdmin", update, OK, TRUE_RETURN, NULL); /* of what is not there: it is, from now on */
}

/* An API's own host and port, as its file has them. */
static void
test_rest_address (Fixture *f, gconstpointer data)
{
  static const char xml[] = "<api" NS " name=\"a\" context=\"/a\" hostname=\"a.example\" port=\"8280\"><resource methods=\"GET\" "
                            "url-mapping=\"/*\"><inSequence><respond/></inSequence></resource></api>";
  g_autofree char *add = rest_with ("addApiFromString", NULL, xml, NULL);
  g_autofree char *get = rest_with ("getApiByName", "a", NULL, NULL);

  (void) data;
  expect (f, "RestApiAdmin", add, OK, TRUE_RETURN, NULL);
  expect (f, "RestApiAdmin", get, OK, "<b:fileName>a.xml</b:fileName><b:host>a.example</b:host><b:name>a</b:name>"
                                      "<b:port>8280</b:port>", NULL);
}

static void
test_rest_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *good = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *other = api_xml ("admin--Other", "/other/{version}", "<respond/>");
  g_autofree char *same = api_xml ("admin--Same", "/weather/{version}", "<respond/>");
  g_autofree char *foreign = api_xml ("admin--Weather", "/t/foo.com/weather/{version}", "<respond/>");
  g_autofree char *script = api_xml ("admin--Weather", "/weather/{version}", "<script>1</script>");
  g_autofree char *add = rest_with ("addApiFromString", NULL, good, NULL);
  const struct
  {
    const char *operation, *name, *xml, *why;
  } cases[] = {
    { "addApiFromString", NULL, NULL, "\"apiData\" is missing" },
    { "addApiFromString", NULL, "<api", "api:1" },
    { "addApiFromString", NULL, "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><api>&e;</api>", "api:1" },
    { "addApiFromString", NULL, "<sequence" NS " name=\"s\"/>", "api:1" },
    { "addApiFromString", NULL, script, "does not run &lt;script&gt;" },
    { "addApiFromString", NULL, same, "have the same context and version" },
    { "addApiFromString", NULL, foreign, "is not the tenant's" },
    { "updateApiFromString", NULL, good, "\"apiName\" is missing" },
    { "updateApiFromString", WEATHER, NULL, "\"apiData\" is missing" },
    { "updateApiFromString", WEATHER, other, "\"admin--Other:v1.0.0\", not \"" WEATHER "\"" },
    { "updateApiFromString", "admin--Weather", good, "\"" WEATHER "\", not \"admin--Weather\"" },
    { "updateApiFromString", "../../api/admin--Weather_v1.0.0", good, "not \"../../api/" },
    { "deleteApi", NULL, NULL, "\"apiName\" is missing" },
    { "getApiByName", NULL, NULL, "\"apiName\" is missing" },
  };

  (void) data;
  expect (f, "RestApiAdmin", add, OK, TRUE_RETURN, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *body = rest_with (cases[i].operation, cases[i].name, cases[i].xml, NULL);

      expect (f, "RestApiAdmin", body, FAULT, cases[i].why, "<ns:RestApiAdminAPIException xmlns:ns=\"" REST "\"", NULL);
      assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
      g_assert_true (is_served (f, "/weather/1.0.0"));
    }
  g_assert_false (is_served (f, "/other/1.0.0"));
  assert_file (f, DEFAULT "/api/admin--Same_v1.0.0.xml", NULL);
}

/* A name is a name: never a path, and never the file of an API that is called otherwise. */
static void
test_rest_names (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "../admin--Weather:v1.0.0", "admin--Weather_v1.0.0", "admin--Weather:v1.0.0.xml", "..",
                                       "/etc/passwd", "admin--Weather:v1.0.0/", ".", "admin--Weather:v1.0.0&#9;" };
  g_autofree char *good = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *twin = g_strdup ("<api" NS " name=\"admin--Weather_v1.0.0\" context=\"/twin\"><resource methods=\"GET\" "
                                    "url-mapping=\"/*\"><inSequence><respond/></inSequence></resource></api>");
  g_autofree char *add = rest_with ("addApiFromString", NULL, good, NULL);
  g_autofree char *add_twin = rest_with ("addApiFromString", NULL, twin, NULL);

  (void) data;
  expect (f, "RestApiAdmin", add, OK, TRUE_RETURN, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *get = rest_with ("getApiByName", names[i], NULL, NULL);
      g_autofree char *take_away = rest_with ("deleteApi", names[i], NULL, NULL);

      expect (f, "RestApiAdmin", get, OK, NIL_RETURN, NULL);
      expect (f, "RestApiAdmin", take_away, OK, TRUE_RETURN, NULL);
      assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
      g_assert_true (is_served (f, "/weather/1.0.0"));
    }
  expect (f, "RestApiAdmin", add_twin, FAULT, "admin--Weather_v1.0.0.xml", "is that of \"" WEATHER "\"", NULL);
  assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
}

static void
test_rest_tenants (Fixture *f, gconstpointer data)
{
  g_autofree char *own = api_xml ("admin--Weather", "/t/foo.com/weather/{version}", "<respond/>");
  g_autofree char *super = api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add_own = rest_with ("addApiForTenant", NULL, own, "foo.com");
  g_autofree char *update_own = rest_with ("updateApiForTenant", WEATHER, own, "foo.com");
  g_autofree char *get_own = rest_with ("getApiForTenant", WEATHER, NULL, "foo.com");
  g_autofree char *delete_own = rest_with ("deleteApiForTenant", WEATHER, NULL, "foo.com");
  g_autofree char *get_super = rest_with ("getApiByName", WEATHER, NULL, NULL);
  g_autofree char *get_stray = rest_with ("getApiByName", WEATHER, NULL, "foo.com");
  g_autofree char *delete_super = rest_with ("deleteApi", WEATHER, NULL, NULL);
  g_autofree char *add_stray = rest_with ("addApiFromString", NULL, own, "foo.com");
  g_autofree char *add_super = rest_with ("addApiForTenant", NULL, super, "foo.com");
  g_autofree char *unknown = rest_with ("addApiForTenant", NULL, own, "bar.com");
  g_autofree char *path = rest_with ("addApiForTenant", NULL, own, "../foo.com");
  g_autofree char *nobody = rest_with ("deleteApiForTenant", WEATHER, NULL, NULL);
  g_autofree char *twice = rest ("deleteApiForTenant", "<n:apiName>" WEATHER "</n:apiName><n:tenantDomain>foo.com"
                                                       "</n:tenantDomain><n:tenantDomain>carbon.super</n:tenantDomain>");

  (void) data;
  expect (f, "RestApiAdmin", add_own, OK, TRUE_RETURN, NULL);
  assert_file (f, TENANT "/api/admin--Weather_v1.0.0.xml", own);
  expect (f, "RestApiAdmin", update_own, OK, TRUE_RETURN, NULL);
  expect (f, "RestApiAdmin", get_own, OK, "<b:context>/t/foo.com/weather/1.0.0</b:context>", NULL);
  /* It is nobody else's, whatever stands where no parameter belongs. */
  expect (f, "RestApiAdmin", get_super, OK, NIL_RETURN, NULL);
  expect (f, "RestApiAdmin", get_stray, OK, NIL_RETURN, NULL);
  expect (f, "RestApiAdmin", delete_super, OK, TRUE_RETURN, NULL);
  expect (f, "RestApiAdmin", add_stray, FAULT, "is not the tenant's", NULL);
  expect (f, "RestApiAdmin", add_super, FAULT, "is not the tenant's", NULL);
  expect (f, "RestApiAdmin", unknown, FAULT, "There is no tenant \"bar.com\"", NULL);
  expect (f, "RestApiAdmin", path, FAULT, "There is no tenant", NULL);
  expect (f, "RestApiAdmin", nobody, FAULT, "\"tenantDomain\" is missing", NULL);
  expect (f, "RestApiAdmin", twice, FAULT, "given twice", NULL);
  g_assert_true (is_served (f, "/t/foo.com/weather/1.0.0"));
  expect (f, "RestApiAdmin", delete_own, OK, TRUE_RETURN, NULL);
  g_assert_false (is_served (f, "/t/foo.com/weather/1.0.0"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNC) g_test_add ("/gw-admin/" NAME, Fixture, NULL, set_up, FUNC, tear_down)
  ADD ("life", test_life);
  ADD ("other-file", test_other_file);
  ADD ("same-file", test_same_file);
  ADD ("default", test_default);
  ADD ("refused", test_refused);
  ADD ("tenants", test_tenants);
  ADD ("endpoints", test_endpoints);
  ADD ("sequences", test_sequences);
  ADD ("large", test_large);
  ADD ("strangers", test_strangers);
  ADD ("forget", test_forget);
  ADD ("forget-many", test_forget_many);
  ADD ("vault", test_vault);
  ADD ("rest/life", test_rest_life);
  ADD ("rest/address", test_rest_address);
  ADD ("rest/refused", test_rest_refused);
  ADD ("rest/names", test_rest_names);
  ADD ("rest/tenants", test_rest_tenants);
  return g_test_run ();
}
