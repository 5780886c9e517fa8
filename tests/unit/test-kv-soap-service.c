/* The SOAP service on a connection in memory: answers whole, as each client profile must have them; inline and through the pool; who is
 * turned away. */
#include "config.h"
#include "keyvalidator/soap/kv-soap-answer.h"
#include "keyvalidator/soap/kv-soap-service.h"
#include "tests/unit/fake-net-conn.h"
#include "tests/unit/kv-world.h"

#include <libxml/parser.h>
#include <string.h>

#define SERVICE "/services/APIKeyValidationService"
#define SOAP_12_TYPE "Content-Type: application/soap+xml; charset=UTF-8; action=\"urn:validateKey\"\r\n"
#define OPEN "<s:Envelope xmlns:s=\"" SOAP_NAMESPACE_1_2 "\"><s:Body>"
#define CLOSE "</s:Body></s:Envelope>"
#define VALIDATE(token)                                                                                                \
  OPEN "<q:validateKey xmlns:q=\"http://org.apache.axis2/xsd\"><q:context>" KV_WORLD_CONTEXT                           \
       "</q:context><q:version>" KV_WORLD_VERSION "</q:version><q:accessToken>" token                                  \
       "</q:accessToken><q:requiredAuthenticationLevel>Any</q:requiredAuthenticationLevel><q:matchingResource>"        \
       KV_WORLD_RESOURCE "</q:matchingResource><q:httpVerb>GET</q:httpVerb></q:validateKey>" CLOSE
#define TEMPLATES                                                                                                      \
  OPEN "<q:getAllURITemplates xmlns:q=\"http://org.apache.axis2/xsd\"><q:context>" KV_WORLD_CONTEXT                    \
       "</q:context><q:version>" KV_WORLD_VERSION "</q:version></q:getAllURITemplates>" CLOSE
#define SOAP_12_TEMPLATES "Content-Type: application/soap+xml\r\n"

typedef struct
{
  KvWorld world;
  ApimPool *pool;
  ApimPool *login_pool;
  KvDispatch *dispatch;
  CoreLockout *lockout;
  CoreAuthenticator *authenticator;
  KvAdmission *admission;
  KvSoapService *service;
  NetHttpServer *server;
  NetConn *conn;
  char *cookie; /* a header of admin */
} Fixture;

static void
start (Fixture *f, gboolean reads_inline)
{
  static const char *const roles[] = { "admin", NULL };
  KvWorld *world = &f->world;
  StUserStore *users;
  KvStores stores;

  kv_world_init (world);
  world->config.host_name = (char *) "km.example";
  world->config.https.port = 9443;
  world->config.web_context_root = (char *) "";
  world->config.soap_profile = APIM_SOAP_PROFILE_2_X;
  world->config.limits.max_soap_message = 8192;
  users = fake_store_users (world->store);
  fake_store_set_reads_inline (world->store, reads_inline);
  fake_store_set_roles (world->store, ST_SUPER_TENANT_ID, ST_PRIMARY_USER_DOMAIN, KV_WORLD_USER, roles);
  fake_store_add_permission (world->store, ST_SUPER_TENANT_ID, "/permission/admin", NULL, "admin", TRUE);
  stores = (KvStores){ .keys = fake_store_keys (world->store), .users = users, .clock = &world->clock.clock };
  f->pool = apim_pool_new ("database", 1, 1);
  f->login_pool = apim_pool_new ("http", 1, 1);
  f->dispatch = kv_dispatch_new (&world->config, &stores, world->sessions, f->pool);
  f->lockout = core_lockout_new (&world->clock.clock);
  f->authenticator = core_authenticator_new (users, &world->config.user_store, NULL, f->lockout, &world->clock.clock);
  f->admission = kv_admission_new (f->authenticator, world->sessions, users, &world->clock.clock, 60000);
  f->service = kv_soap_service_new (&world->config, f->dispatch, f->admission, f->login_pool);
  f->server = net_http_server_new (&world->config.limits, NULL);
  kv_soap_service_add_to (f->service, f->server);
  f->conn = fake_conn_new (&net_http_protocol, f->server);
  f->cookie = g_strconcat ("Cookie: JSESSIONID=", world->session_id, "\r\n", NULL);
}

static void
set_up_inline (Fixture *f, gconstpointer data)
{
  start (f, TRUE);
}

static void
set_up_pooled (Fixture *f, gconstpointer data)
{
  start (f, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->conn != NULL)
    fake_conn_free (f->conn);
  apim_pool_free (f->login_pool);
  fake_worker_run ();
  apim_pool_free (f->pool);
  fake_worker_run ();
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  net_http_server_free (f->server);
  kv_soap_service_free (f->service);
  kv_admission_free (f->admission);
  core_authenticator_free (f->authenticator);
  core_lockout_free (f->lockout);
  kv_dispatch_free (f->dispatch);
  kv_world_clear (&f->world);
  g_free (f->cookie);
}

static void
post (NetConn *conn, const char *path, const char *headers, const char *more_headers, const char *body)
{
  g_autofree char *request = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: a\r\n%s%sContent-Length: %zu\r\n\r\n%s", path, headers,
                                              more_headers, strlen (body), body);

  fake_conn_feed (conn, request, strlen (request));
}

/* The answer, when it is there. Free with g_free(). */
static char *
take_answer (NetConn *conn)
{
  const char *sent;
  gsize length;
  char *text;

  while (fake_conn_is_busy (conn))
    fake_worker_wait ();
  sent = fake_conn_sent (conn, &length);
  text = g_strndup (sent, length);
  fake_conn_forget_sent (conn);
  return text;
}

static void
expect_answer (Fixture *f, const char *status, const char *text)
{
  g_autofree char *answer = take_answer (f->conn);

  g_assert_true (g_str_has_prefix (answer, status));
  if (strstr (answer, text) == NULL)
    g_error ("\"%s\" is not in \"%s\"", text, answer);
}

/* The text of a whole answer to validateKey in the profile 2.x, without its head. */
static const char granted_2_x[]
    = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"" SOAP_NAMESPACE_1_2
      "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body><ns:validateKeyResponse "
      "xmlns:ns=\"http://org.apache.axis2/xsd\"><ns:return xmlns:d=\"http://dto.impl.apimgt.carbon.wso2.org/xsd\" "
      "xsi:type=\"d:APIKeyValidationInfoDTO\"><d:apiName>Weather</d:apiName><d:apiPublisher>carol</d:apiPublisher>"
      "<d:apiTier xsi:nil=\"true\"/><d:applicationId>7</d:applicationId><d:applicationName>PhoneApp</d:applicationName>"
      "<d:applicationTier>Unlimited</d:applicationTier><d:authorized>true</d:authorized>"
      "<d:authorizedDomains xsi:nil=\"true\"/><d:consumerKey>ck_9fA3</d:consumerKey><d:contentAware>false</d:contentAware>"
      "<d:endUserName>bob@carbon.super</d:endUserName><d:endUserToken xsi:nil=\"true\"/>"
      "<d:issuedTime>1500000000000</d:issuedTime><d:scopes>default</d:scopes><d:scopes>read</d:scopes>"
      "<d:spikeArrestLimit>0</d:spikeArrestLimit><d:spikeArrestUnit xsi:nil=\"true\"/>"
      "<d:stopOnQuotaReach>false</d:stopOnQuotaReach><d:subscriber>alice</d:subscriber>"
      "<d:subscriberTenantDomain>carbon.super</d:subscriberTenantDomain>"
      "<d:throttlingDataList>api_level_throttling_key</d:throttlingDataList><d:tier>Gold</d:tier>"
      "<d:type>PRODUCTION</d:type><d:userType>APPLICATION_USER</d:userType><d:validationStatus>0</d:validationStatus>"
      "<d:validityPeriod>3900000</d:validityPeriod></ns:return></ns:validateKeyResponse></soapenv:Body></soapenv:Envelope>";

static const char refused_1_5[]
    = "<ns:return xmlns:d=\"http://dto.impl.apimgt.carbon.wso2.org/xsd\" xsi:type=\"d:APIKeyValidationInfoDTO\">"
      "<d:apiName xsi:nil=\"true\"/><d:apiPublisher xsi:nil=\"true\"/><d:applicationId xsi:nil=\"true\"/>"
      "<d:applicationName xsi:nil=\"true\"/><d:applicationTier xsi:nil=\"true\"/><d:authorized>false</d:authorized>"
      "<d:authorizedDomains xsi:nil=\"true\"/><d:consumerKey xsi:nil=\"true\"/><d:endUserName xsi:nil=\"true\"/>"
      "<d:endUserToken xsi:nil=\"true\"/><d:issuedTime>0</d:issuedTime><d:subscriber xsi:nil=\"true\"/>"
      "<d:tier xsi:nil=\"true\"/><d:type xsi:nil=\"true\"/><d:userType xsi:nil=\"true\"/>"
      "<d:validationStatus>900901</d:validationStatus><d:validityPeriod>0</d:validityPeriod></ns:return>";

static const char template_2_x[]
    = "<ns:return xmlns:m=\"http://model.api.apimgt.carbon.wso2.org/xsd\" xsi:type=\"m:URITemplate\"><m:HTTPVerb>GET</m:HTTPVerb>"
      "<m:aggregatedMediationScript>null</m:aggregatedMediationScript><m:applicableLevel xsi:nil=\"true\"/>"
      "<m:authType>Any</m:authType><m:authTypeAsString/><m:authTypes>Any</m:authTypes>"
      "<m:conditionGroups xmlns:a=\"http://dto.api.apimgt.carbon.wso2.org/xsd\" xsi:type=\"a:ConditionGroupDTO\">"
      "<a:conditionGroupId>_default</a:conditionGroupId><a:conditions xsi:nil=\"true\"/></m:conditionGroups>"
      "<m:httpVerbs>GET</m:httpVerbs><m:mediationScript xsi:nil=\"true\"/><m:methodsAsString/><m:resourceMap>{}</m:resourceMap>"
      "<m:resourceSandboxURI xsi:nil=\"true\"/><m:resourceSandboxURIExist>false</m:resourceSandboxURIExist>"
      "<m:resourceURI xsi:nil=\"true\"/><m:resourceURIExist>false</m:resourceURIExist><m:scope xsi:nil=\"true\"/>"
      "<m:scopes xsi:nil=\"true\"/><m:throttlingConditions>_default</m:throttlingConditions>"
      "<m:throttlingConditionsAsString>_default</m:throttlingConditionsAsString><m:throttlingTier>Unlimited</m:throttlingTier>"
      "<m:throttlingTiers>Unlimited</m:throttlingTiers><m:throttlingTiersAsString/><m:uriTemplate>/city/*</m:uriTemplate></ns:return>";

static const char template_1_x[]
    = "<ns:return xmlns:m=\"http://model.api.apimgt.carbon.wso2.org/xsd\" xsi:type=\"m:URITemplate\"><m:HTTPVerb>GET</m:HTTPVerb>"
      "<m:authType>Any</m:authType><m:resourceSandboxURI xsi:nil=\"true\"/><m:throttlingTier>Unlimited</m:throttlingTier>"
      "<m:uriTemplate>/city/*</m:uriTemplate></ns:return>";

static void
test_golden (Fixture *f, gconstpointer data)
{
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  {
    g_autofree char *answer = take_answer (f->conn);
    const char *body = strstr (answer, "\r\n\r\n");

    g_assert_nonnull (body);
    g_assert_nonnull (strstr (answer, "\r\nContent-Type: application/soap+xml; charset=UTF-8\r\n"));
    g_assert_cmpstr (body + 4, ==, granted_2_x);
  }
  post (f->conn, "/profile-1.5" SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE ("unknown"));
  expect_answer (f, "HTTP/1.1 200 ", refused_1_5);
  post (f->conn, "/profile-1.7" SERVICE "/", f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  expect_answer (f, "HTTP/1.1 200 ", "<d:issuedTime>1500000000000</d:issuedTime><d:scopes>default</d:scopes><d:scopes>read</d:scopes><d:subscriber>");
  post (f->conn, SERVICE, f->cookie, SOAP_12_TEMPLATES, TEMPLATES);
  expect_answer (f, "HTTP/1.1 200 ", template_2_x);
  post (f->conn, "/profile-1.5" SERVICE, f->cookie, SOAP_12_TEMPLATES, TEMPLATES);
  expect_answer (f, "HTTP/1.1 200 ", template_1_x);
}

static void
test_pipelined_in_order (Fixture *f, gconstpointer data)
{
  g_autofree char *answers = NULL;

  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE ("unknown"));
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  answers = take_answer (f->conn);
  {
    const char *first = strstr (answers, "<d:validationStatus>0<"), *second = strstr (answers, "<d:validationStatus>900901<");

    g_assert_true (first != NULL && second != NULL && first < second);
    g_assert_nonnull (strstr (second, "<d:validationStatus>0<"));
  }
}

static void
test_outage (Fixture *f, gconstpointer data)
{
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE ("warm-up"));
  g_free (take_answer (f->conn));
  fake_store_fail (f->world.store, FAKE_TOKEN, ST_ERROR_TIMEOUT, 1);
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  expect_answer (f, "HTTP/1.1 500 ", "<soapenv:Detail><ns:APIKeyValidationServiceAPIKeyMgtException xmlns:ns=\"http://org.apache.axis2/xsd\">"
                                     "<ns:APIKeyMgtException/></ns:APIKeyValidationServiceAPIKeyMgtException></soapenv:Detail>");
  fake_store_fail (f->world.store, FAKE_SUBSCRIPTION, ST_ERROR_TIMEOUT, 1);
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  expect_answer (f, "HTTP/1.1 500 ", "<ns:APIManagementException/>");
}

static void
test_full_pool (Fixture *f, gconstpointer data)
{
  g_autoptr (NetConn) second = fake_conn_new (&net_http_protocol, f->server);
  g_autoptr (NetConn) third = fake_conn_new (&net_http_protocol, f->server);

  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE ("warm-up"));
  g_free (take_answer (f->conn));
  fake_store_hold (f->world.store, FAKE_TOKEN);
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  fake_store_wait_held (f->world.store, FAKE_TOKEN, 1);
  post (second, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  post (third, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  {
    g_autofree char *answer = take_answer (third);

    g_assert_nonnull (strstr (answer, KV_MESSAGE_OVERLOADED));
    g_assert_null (strstr (answer, "authorized>true"));
  }
  fake_store_release (f->world.store, FAKE_TOKEN);
  expect_answer (f, "HTTP/1.1 200 ", "<d:authorized>true<");
  {
    g_autofree char *answer = take_answer (second);

    g_assert_nonnull (strstr (answer, "<d:authorized>true<"));
  }
}

static void
test_peer_gone_meanwhile (Fixture *f, gconstpointer data)
{
  fake_store_hold (f->world.store, FAKE_TOKEN);
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  if (f->conn != NULL && fake_store_calls (f->world.store, FAKE_TOKEN) == 0)
    fake_worker_wait (); /* admitted */
  fake_store_wait_held (f->world.store, FAKE_TOKEN, 1);
  fake_conn_free (g_steal_pointer (&f->conn));
  fake_store_release (f->world.store, FAKE_TOKEN);
  fake_worker_wait ();
}

/* One log-in held, one queued: the third is told at once, and is not let in. */
static void
test_too_many_logins (Fixture *f, gconstpointer data)
{
  static const char basic[] = "Authorization: Basic YWRtaW46czNjcmV0LVDDpA==\r\n"; /* KV_WORLD_USER, KV_WORLD_PASSWORD */
  g_autoptr (NetConn) second = fake_conn_new (&net_http_protocol, f->server);
  g_autoptr (NetConn) third = fake_conn_new (&net_http_protocol, f->server);

  fake_store_hold (f->world.store, FAKE_USER);
  post (f->conn, SERVICE, basic, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  fake_store_wait_held (f->world.store, FAKE_USER, 1);
  post (second, SERVICE, basic, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  post (third, SERVICE, basic, SOAP_12_TYPE, VALIDATE (KV_WORLD_TOKEN));
  {
    g_autofree char *answer = take_answer (third);

    g_assert_nonnull (strstr (answer, "50976"));
  }
  fake_store_release (f->world.store, FAKE_USER);
  expect_answer (f, "HTTP/1.1 200 ", "\r\nSet-Cookie: JSESSIONID=");
  g_free (take_answer (second));
}

static void
test_turned_away (Fixture *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (9000, ' ');

  post (f->conn, SERVICE, "", SOAP_12_TYPE, "<a");
  expect_answer (f, "HTTP/1.1 401 ", "\r\nWWW-Authenticate: Basic realm=\"apim\"\r\n");
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, "<a");
  expect_answer (f, "HTTP/1.1 500 ", "<soapenv:Value>soapenv:Sender</soapenv:Value>");
  post (f->conn, SERVICE, f->cookie, "Content-Type: text/xml\r\n", "<a");
  expect_answer (f, "HTTP/1.1 500 ", "<faultcode>soapenv:Client</faultcode>");
  post (f->conn, SERVICE, f->cookie, "Content-Type: text/xml\r\nContent-Encoding: gzip\r\n", "x");
  expect_answer (f, "HTTP/1.1 415 ", "compressed");
  post (f->conn, SERVICE, f->cookie, SOAP_12_TYPE, large);
  expect_answer (f, "HTTP/1.1 413 ", "MaxSoapMessage");
  fake_conn_feed (f->conn, "GET " SERVICE " HTTP/1.1\r\nHost: a\r\n\r\n", strlen ("GET " SERVICE " HTTP/1.1\r\nHost: a\r\n\r\n"));
  expect_answer (f, "HTTP/1.1 405 ", "\r\nAllow: POST\r\n");
}

/* The description is XML, names the service's own path, and each profile's has as many elements as its answers have. */
static void
test_description (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *path, *address;
    guint elements; /* minOccurs counts them */
  } cases[] = {
    { SERVICE, "\"https://a" SERVICE ".APIKeyValidationServiceHttpsSoap12Endpoint/\"", 76 },
    { "/profile-1.7" SERVICE, "\"https://a/profile-1.7" SERVICE ".APIKeyValidationServiceHttpsSoap11Endpoint/\"", 36 },
    { "/profile-1.5" SERVICE, "\"https://a/profile-1.5" SERVICE ".APIKeyValidationServiceHttpsSoap12Endpoint/\"", 33 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *request = g_strdup_printf ("GET %s?WSDL HTTP/1.1\r\nHost: a\r\n\r\n", cases[i].path);
      g_autofree char *answer = NULL;
      g_auto (GStrv) parts = NULL;
      const char *body;
      xmlDoc *document;

      fake_conn_feed (f->conn, request, strlen (request));
      answer = take_answer (f->conn);
      body = strstr (answer, "\r\n\r\n") + 4;
      document = xmlReadMemory (body, (int) strlen (body), NULL, NULL, XML_PARSE_NONET);
      g_assert_nonnull (document);
      xmlFreeDoc (document);
      g_assert_nonnull (strstr (body, cases[i].address));
      parts = g_strsplit (body, "minOccurs=", -1);
      g_assert_cmpuint (g_strv_length (parts) - 1, ==, cases[i].elements);
    }
}

#define ADD(name, set_up, function) g_test_add ("/kv-soap-service/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("golden-inline", set_up_inline, test_golden);
  ADD ("golden-pooled", set_up_pooled, test_golden);
  ADD ("pipelined-in-order", set_up_pooled, test_pipelined_in_order);
  ADD ("outage-inline", set_up_inline, test_outage);
  ADD ("outage-pooled", set_up_pooled, test_outage);
  ADD ("full-pool", set_up_pooled, test_full_pool);
  ADD ("peer-gone-meanwhile", set_up_pooled, test_peer_gone_meanwhile);
  ADD ("too-many-logins", set_up_inline, test_too_many_logins);
  ADD ("turned-away", set_up_inline, test_turned_away);
  ADD ("description", set_up_inline, test_description);
  return g_test_run ();
}
