/* A gateway's services over SOAP, on a connection in memory and real folders
 * (spec/gateway-and-traffic-manager.md 3, 5.1). */
#include "config.h"
#include "gw-admin-world.h"

#include <string.h>

#define APIS "http://service.gateway.apimgt.carbon.wso2.org"
#define AUTHENTICATION "http://service.security.handlers.gateway.apimgt.carbon.wso2.org"

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
                       : g_strdup_printf ("<n:apiConfig>%s</n:apiConfig><n:tenantDomain>%s</n:tenantDomain>", escaped,
                                          tenant);

  return about (operation, more);
}

/* The whole life of an API, each step answered when it is in force. */
static void
test_life (AdminWorld *f, gconstpointer data)
{
  g_autofree char *one = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *two = admin_api_xml ("admin--Weather", "/climate/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", one, NULL), *update = about_with ("updateApi", two, NULL);
  g_autofree char *get = about ("getApi", ""), *take_away = about ("deleteApi", "");

  (void) data;
  admin_expect (f, "APIGatewayAdmin", get, OK, "getApiResponse", NIL_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add, OK, "addApiResponse", TRUE_RETURN, NULL);
  g_assert_true (admin_is_served (f, "/weather/1.0.0/x"));
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", one);
  admin_expect (f, "APIGatewayAdmin", get, OK, "<b:context>/weather/1.0.0</b:context><b:name>admin--Weather</b:name>",
                NULL);
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL); /* repeated */
  admin_expect (f, "APIGatewayAdmin", update, OK, TRUE_RETURN, NULL);
  g_assert_false (admin_is_served (f, "/weather/1.0.0"));
  g_assert_true (admin_is_served (f, "/climate/1.0.0"));
  admin_expect (f, "APIGatewayAdmin", take_away, OK, TRUE_RETURN, NULL);
  g_assert_false (admin_is_served (f, "/climate/1.0.0"));
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", NULL);
  admin_expect (f, "APIGatewayAdmin", take_away, OK, TRUE_RETURN, NULL);
}

/* A file that somebody put there by hand, under a name of their own, is the API's file all the same. */
static void
test_other_file (AdminWorld *f, gconstpointer data)
{
  g_autofree char *one = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *two = admin_api_xml ("admin--Weather", "/climate/{version}", "<respond/>");
  g_autofree char *update = about_with ("updateApi", two, NULL);
  g_auto (ApimFd) folder = gw_deployment_open_folder (f->deployment, APIM_SUPER_TENANT_ID, GW_FILE_API);

  (void) data;
  g_assert_true (apim_folder_replace (folder, "mine.xml", one, strlen (one)));
  g_assert_true (gw_deployment_look (f->deployment, PATIENCE_MS));
  admin_expect (f, "APIGatewayAdmin", update, OK, TRUE_RETURN, NULL);
  admin_assert_file (f, DEFAULT "/api/mine.xml", two);
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", NULL);
}

/* Two names that would be in one file are two APIs all the same. */
static void
test_same_file (AdminWorld *f, gconstpointer data)
{
  g_autofree char *xml = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", xml, NULL);
#define TWIN                                                                                                       \
  "<n:apiProviderName>admin</n:apiProviderName><n:apiName>Weather_v1.0.0</n:apiName><n:version>1.0.0</n:version>"
  static const char add_twin[] = "<n:addDefaultAPI xmlns:n=\"" APIS "\">" TWIN "<n:apiConfig>&lt;api "
                                 "name='admin--Weather_v1.0.0' context='/twin' "
                                 "xmlns='http://ws.apache.org/ns/synapse'>&lt;resource methods='GET' "
                                 "url-mapping='/*'>&lt;inSequence>&lt;respond/>&lt;/inSequence>&lt;/resource>&lt;/api>"
                                 "</n:apiConfig></n:addDefaultAPI>";
  static const char delete_twin[] = "<n:deleteDefaultApi xmlns:n=\"" APIS "\">" TWIN "</n:deleteDefaultApi>";

  (void) data;
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add_twin, FAULT, "admin--Weather_v1.0.0.xml",
                "is that of \"admin--Weather:v1.0.0\"", NULL);
  admin_expect (f, "APIGatewayAdmin", delete_twin, OK, TRUE_RETURN, NULL);
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", xml);
  g_assert_true (admin_is_served (f, "/weather/1.0.0"));
}

static void
test_default (AdminWorld *f, gconstpointer data)
{
  g_autofree char *xml = g_strdup ("<api" NS " name=\"admin--Weather\" context=\"/weather\"><resource methods=\"GET\" "
                                   "url-mapping=\"/*\"><inSequence><respond/></inSequence></resource></api>");
  g_autofree char *add = about_with ("addDefaultAPI", xml, NULL), *update = about_with ("updateDefaultApi", xml, NULL);
  g_autofree char *get = about ("getDefaultApi", ""), *take_away = about ("deleteDefaultApi", "");

  (void) data;
  admin_expect (f, "APIGatewayAdmin", get, OK, NIL_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", update, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", get, OK, "<b:name>admin--Weather</b:name>", NULL);
  g_assert_true (admin_is_served (f, "/weather"));
  admin_assert_file (f, DEFAULT "/api/admin--Weather.xml", xml);
  admin_expect (f, "APIGatewayAdmin", take_away, OK, TRUE_RETURN, NULL);
  g_assert_false (admin_is_served (f, "/weather"));
}

/* What is refused says why, and changes nothing. */
static void
test_refused (AdminWorld *f, gconstpointer data)
{
  g_autofree char *good = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
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
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = admin_api_xml (cases[i].name, cases[i].context, cases[i].in);
      g_autofree char *update = about_with ("updateApi", xml, NULL);

      admin_expect (f, "APIGatewayAdmin", update, FAULT, cases[i].why, NULL);
      admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", good);
      g_assert_true (admin_is_served (f, "/weather/1.0.0"));
    }
  {
    g_autofree char *none = about ("addApi", ""), *broken = about_with ("addApi", "<api", NULL);
    g_autofree char *same = admin_api_xml ("admin--Weather2", "/weather/{version}", "<respond/>");
    g_autofree char *escaped = g_markup_escape_text (same, -1);
    g_autofree char *other = g_strdup_printf (
        "<n:addApi xmlns:n=\"" APIS "\"><n:apiProviderName>admin</n:apiProviderName><n:apiName>Weather2</n:apiName>"
        "<n:version>1.0.0</n:version><n:apiConfig>%s</n:apiConfig></n:addApi>",
        escaped);

    admin_expect (f, "APIGatewayAdmin", none, FAULT, "\"apiConfig\" is missing", NULL);
    admin_expect (f, "APIGatewayAdmin", broken, FAULT, "api:1", NULL);
    admin_expect (f, "APIGatewayAdmin", other, FAULT, "have the same context and version", NULL);
    admin_assert_file (f, DEFAULT "/api/admin--Weather2_v1.0.0.xml",
                       NULL); /* what cannot be served is not left behind */
  }
}

static void
test_tenants (AdminWorld *f, gconstpointer data)
{
  g_autofree char *own = admin_api_xml ("admin--Weather", "/t/foo.com/weather/{version}", "<respond/>");
  g_autofree char *foreign = admin_api_xml ("admin--Weather", "/t/foo.company/weather/{version}", "<respond/>");
  g_autofree char *super = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add_own = about_with ("addApiForTenant", own, "foo.com");
  g_autofree char *add_foreign = about_with ("addApiForTenant", foreign, "foo.com");
  g_autofree char *add_super = about_with ("addApiForTenant", super, "foo.com");
  g_autofree char *unknown = about_with ("addApiForTenant", own, "bar.com");
  g_autofree char *broken = about_with ("addApiForTenant", own, "broken.com");
  g_autofree char *nobody = about_with ("addApiForTenant", own, NULL);
  g_autofree char *carbon = about_with ("addApiForTenant", super, "carbon.super");

  (void) data;
  admin_expect (f, "APIGatewayAdmin", add_own, OK, TRUE_RETURN, NULL);
  admin_assert_file (f, TENANT "/api/admin--Weather_v1.0.0.xml", own);
  g_assert_true (admin_is_served (f, "/t/foo.com/weather/1.0.0"));
  {
    g_autofree char *get_super = about ("getApi", "");
    g_autofree char *get_own = about ("getApiForTenant", "<n:tenantDomain>foo.com</n:tenantDomain>");

    admin_expect (f, "APIGatewayAdmin", get_super, OK, NIL_RETURN, NULL);
    admin_expect (f, "APIGatewayAdmin", get_own, OK, "<b:name>admin--Weather</b:name>", NULL);
  }
  admin_expect (f, "APIGatewayAdmin", add_foreign, FAULT, "is not the tenant's", NULL);
  admin_expect (f, "APIGatewayAdmin", add_super, FAULT, "is not the tenant's", NULL);
  admin_expect (f, "APIGatewayAdmin", unknown, FAULT, "There is no tenant \"bar.com\"", NULL);
  admin_expect (f, "APIGatewayAdmin", broken, FAULT, "the log of the node says why", NULL); /* and not the reason */
  admin_expect (f, "APIGatewayAdmin", nobody, FAULT, "\"tenantDomain\" is missing", NULL);
  /* One name is one API of the gateway, whatever the tenant. */
  admin_expect (f, "APIGatewayAdmin", carbon, FAULT, "there are two APIs named", NULL);
}

static void
test_endpoints (AdminWorld *f, gconstpointer data)
{
  static const char endpoint[] = "<endpoint" NS " name=\"Weather--v1.0.0_APIproductionEndpoint\"><http "
                                 "uri-template=\"http://one\"/></endpoint>";
  g_autofree char *escaped = g_markup_escape_text (endpoint, -1);
  g_autofree char *add = g_strdup_printf (
      "<n:addEndpoint xmlns:n=\"" APIS "\"><n:endpointData>%s</n:endpointData></n:addEndpoint>", escaped);
  g_autofree char *api = admin_api_xml ("admin--Weather", "/weather/{version}",
                                  "<send><endpoint key=\"Weather--v1.0.0_APIproductionEndpoint\"/></send>");
  g_autofree char *add_api = about_with ("addApi", api, NULL);
  static const char remove_both[] = "<n:removeEndpointsToUpdate xmlns:n=\"" APIS "\"><n:apiName>Weather</n:apiName>"
                                    "<n:apiVersion>1.0.0</n:apiVersion><n:tenantDomain>carbon.super</n:tenantDomain>"
                                    "</n:removeEndpointsToUpdate>";
  static const char remove_one[] = "<n:deleteEndpoint xmlns:n=\"" APIS "\"><n:endpointName>Weather--v1.0.0_"
                                   "APIproductionEndpoint</n:endpointName></n:deleteEndpoint>";

  (void) data;
  admin_expect (f, "APIGatewayAdmin", remove_both, OK, FALSE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add_api, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", remove_both, OK, TRUE_RETURN, NULL);
  admin_assert_file (f, DEFAULT "/endpoints/Weather--v1.0.0_APIproductionEndpoint.xml", NULL);
  g_assert_true (admin_is_served (f, "/weather/1.0.0")); /* calls go on while an API is published anew */
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add_api, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", remove_one, OK, TRUE_RETURN, NULL);
}

/* A sequence comes as XML, attributes, prefixes and all. */
static void
test_sequences (AdminWorld *f, gconstpointer data)
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
  admin_expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "mine"), OK, FALSE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "fault"), OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("getSequence", "mine"), OK, NIL_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "mine"), OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("getSequence", "mine"), OK,
          "<ns:return><q:sequence xmlns:q=\"http://ws.apache.org/ns/synapse\" name=\"mine\">",
          "value=\"&lt;1&gt;\"", "</q:sequence></ns:return>", NULL);
  admin_expect (f, "APIGatewayAdmin", as_text, OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "yours"), OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", refused, FAULT, "&lt;enrich&gt;", NULL);
  admin_expect (f, "APIGatewayAdmin", nothing, FAULT, "\"sequence\" is missing", NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("deleteSequence", "mine"), OK, TRUE_RETURN, NULL);
  admin_expect (f, "APIGatewayAdmin", NAMED ("isExistingSequence", "mine"), OK, FALSE_RETURN, NULL);
}

/* Files may be larger than what strangers may send. */
static void
test_large (AdminWorld *f, gconstpointer data)
{
  GString *in = g_string_new (NULL);
  g_autofree char *xml = NULL, *add = NULL, *log = g_strnfill (1500, 'x');

  (void) data;
  for (guint i = 0; i < 100; i++)
    g_string_append_printf (in, "<log description=\"%s\"/>", log);
  g_string_append (in, "<respond/>");
  xml = admin_api_xml ("admin--Weather", "/weather/{version}", in->str);
  g_assert_cmpuint (strlen (xml), >, SOAP_MAX_TEXT);
  add = about_with ("addApi", xml, NULL);
  admin_expect (f, "APIGatewayAdmin", add, OK, TRUE_RETURN, NULL);
  admin_assert_file (f, DEFAULT "/api/admin--Weather_v1.0.0.xml", xml);
  g_string_free (in, TRUE);
}

static void
test_strangers (AdminWorld *f, gconstpointer data)
{
  g_autofree char *xml = admin_api_xml ("admin--Weather", "/weather/{version}", "<respond/>");
  g_autofree char *add = about_with ("addApi", xml, NULL);
  g_autofree char *apis = admin_ask_as (f, "", "APIGatewayAdmin", add);
  g_autofree char *tokens = admin_ask_as (f, "", "APIAuthenticationService", add);
  g_autofree char *rest = admin_ask_as (f, "", "RestApiAdmin", add);

  (void) data;
  g_assert_true (g_str_has_prefix (apis, "HTTP/1.1 401"));
  g_assert_true (g_str_has_prefix (rest, "HTTP/1.1 401"));
  g_assert_true (g_str_has_prefix (tokens, "HTTP/1.1 401"));
  g_assert_false (admin_is_served (f, "/weather/1.0.0"));
}

static void
test_forget (AdminWorld *f, gconstpointer data)
{
#define CALL(OPERATION, INNER) "<n:" OPERATION " xmlns:n=\"" AUTHENTICATION "\">" INNER "</n:" OPERATION ">"
  (void) data;
  admin_expect (f, "APIAuthenticationService",
          CALL ("invalidateCachedTokens", "<n:accessTokens>t1</n:accessTokens><n:accessTokens>t2</n:accessTokens>"),
          "HTTP/1.1 202", NULL);
  admin_expect (f, "APIAuthenticationService",
          CALL ("invalidateKeys",
                "<n:mappings xmlns:x=\"" AUTHENTICATION "/xsd\"><x:apiVersion>1</x:apiVersion><x:context>"
                                  "/a</x:context><x:key>t3</x:key></n:mappings><n:mappings><x:key xmlns:x=\"y\">"
                                  "t4:/a/1/1/x:GET:Any</x:key></n:mappings>"),
          "HTTP/1.1 202", NULL);
  admin_expect (f, "APIAuthenticationService", CALL ("invalidateKey", "<n:accessToken>t5</n:accessToken>"),
                "HTTP/1.1 202",
          NULL);
  admin_expect (f, "APIAuthenticationService", CALL ("invalidateKey", ""), FAULT, "\"accessToken\" is missing", NULL);
  admin_expect (f, "APIAuthenticationService",
          CALL ("invalidateResourceCache", "<n:apiContext>POLICY:/t/foo.com/</n:apiContext>"), "HTTP/1.1 202", NULL);
  admin_expect (f, "APIAuthenticationService", CALL ("invalidateOAuthKeys", "<n:consumerKey>k</n:consumerKey>"),
          "HTTP/1.1 202", NULL);
  g_assert_cmpstr (admin_world_forgotten->str, ==, "t1 t2 t3 t4 t5 resources ");
}

/* All tokens of an application with all its APIs, as WSO2's Key Managers tell of them. */
static void
test_forget_many (AdminWorld *f, gconstpointer data)
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
  admin_expect (f, "APIAuthenticationService", keys->str, "HTTP/1.1 202", NULL);
  admin_expect (f, "APIAuthenticationService", tokens->str, "HTTP/1.1 202", NULL);
  g_assert_cmpstr (admin_world_forgotten->str, ==, wanted->str);
}

static void
expect_password (AdminWorld *f, const char *domain, const char *alias, const char *password)
{
  GwText found = gw_vault_find (f->vault, 0, domain, strlen (domain), alias);

  g_assert_cmpstr (found.text, ==, password);
}

#define ENCRYPT(inner) "<n:doEncryption xmlns:n=\"" APIS "\">" inner "</n:doEncryption>"

static void
test_vault (AdminWorld *f, gconstpointer data)
{
  (void) data;
  admin_expect (f, "APIGatewayAdmin", ENCRYPT ("<n:plainTextPass>p</n:plainTextPass>"), FAULT, "is missing", NULL);
  admin_expect (f, "APIGatewayAdmin",
          ENCRYPT ("<n:secureVaultAlias>a</n:secureVaultAlias><n:plainTextPass>pass</n:plainTextPass>"),
          "<ns:return>a</ns:return>", NULL);
  admin_expect (f, "APIGatewayAdmin",
          ENCRYPT ("<n:tenantDomain>foo.com</n:tenantDomain><n:secureVaultAlias>a</n:secureVaultAlias>"
                   "<n:plainTextPass>theirs</n:plainTextPass>"),
          "<ns:return>a</ns:return>", NULL);
  admin_expect (f, "APIGatewayAdmin",
          ENCRYPT ("<n:tenantDomain>nowhere.com</n:tenantDomain><n:secureVaultAlias>a</n:secureVaultAlias>"
                   "<n:plainTextPass>p</n:plainTextPass>"),
          FAULT, "no tenant", NULL);
  expect_password (f, "carbon.super", "a", "pass");
  expect_password (f, "foo.com", "a", "theirs");
  expect_password (f, "foo.com", "b", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, FUNC)                                                                                            \
  g_test_add ("/gw-admin/" NAME, AdminWorld, NULL, admin_world_set_up, FUNC, admin_world_tear_down)
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
  return g_test_run ();
}
