#include "config.h"
#include "common/apim-config.h"

#include "common/apim-limits.h"
#include "common/apim-settings.h"
#include "common/apim-xml.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>

#define API_MANAGER "repository/conf/api-manager.xml"
#define CARBON "repository/conf/carbon.xml"
#define IDENTITY "repository/conf/identity.xml"
#define IDENTITY_2X "repository/conf/identity/identity.xml"
#define USER_MGT "repository/conf/user-mgt.xml"
#define THRIFT_AUTHENTICATION "repository/conf/thrift-authentication.xml"
#define DATA_SOURCES "repository/conf/datasources/master-datasources.xml"

typedef struct
{
  char *home;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->home = g_dir_make_tmp ("apim-config-XXXXXX", NULL);
  g_assert_nonnull (f->home);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
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
  remove_tree (f->home);
  g_free (f->home);
}

static void
put_bytes (Fixture *f, const char *label, const char *bytes, gsize length)
{
  g_autofree char *path = g_build_filename (f->home, label, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, bytes, (gssize) length, NULL));
}

static void
put (Fixture *f, const char *label, const char *text)
{
  put_bytes (f, label, text, strlen (text));
}

static ApimConfig *
load (Fixture *f, int port_offset)
{
  g_autoptr (GError) error = NULL;
  ApimConfig *config = apim_config_load (f->home, port_offset, &error);

  g_assert_no_error (error);
  g_assert_nonnull (config);
  return config;
}

/* The default of every member. */
static void
test_empty_home (Fixture *f, gconstpointer data)
{
  g_autoptr (ApimConfig) config = load (f, -1);
  g_autofree char *api_path = g_build_filename (f->home, "repository/database/apimgtdb.sqlite", NULL);
  g_autofree char *user_path = g_build_filename (f->home, "repository/database/userdb.sqlite", NULL);
  const ApimDataSource *api = apim_config_data_source (config, config->api_data_source);
  const ApimDataSource *user = apim_config_data_source (config, "WSO2UM_DB");

  g_assert_cmpstr (config->home, ==, f->home);
  g_assert_cmpuint (config->port_offset, ==, 0);
  g_assert_cmpstr (config->host_name, ==, "localhost");
  g_assert_cmpstr (config->web_context_root, ==, "");
  g_assert_true (config->thrift_enabled);
  g_assert_null (config->thrift.host);
  g_assert_cmpuint (config->thrift.port, ==, 10397);
  g_assert_cmpuint (config->thrift_client_timeout_ms, ==, 10000);
  g_assert_null (config->https.host);
  g_assert_cmpuint (config->https.port, ==, 9443);
  g_assert_cmpstr (config->api_data_source, ==, "jdbc/WSO2AM_DB");
  g_assert_cmpstr (config->user_store.data_source, ==, "jdbc/WSO2UM_DB");
  g_assert_cmpstr (config->user_store.admin_user, ==, "admin");
  g_assert_cmpstr (config->user_store.admin_role, ==, "admin");
  g_assert_cmpstr (config->user_store.password_digest, ==, "SHA-256");
  g_assert_true (config->user_store.salted);
  g_assert_true (config->user_store.case_insensitive_names);
  g_assert_false (config->user_store.read_only);
  g_assert_false (config->user_store.email_user_names);
  g_assert_null (config->user_store.user_name_pattern);
  g_assert_null (config->user_store.email_pattern);
  g_assert_null (config->user_store.role_name_pattern);
  g_assert_null (config->user_store.password_pattern);
  g_assert_null (config->key_store.location);
  g_assert_cmpint (config->tls_minimum, ==, TLS1_2_VERSION);
  g_assert_null (config->tls_ciphers);
  g_assert_true (config->advanced_throttling);
  g_assert_cmpstr (config->application_token_scope, ==, "am_application_scope");
  g_assert_cmpint (config->timestamp_skew_ms, ==, 300000);
  g_assert_cmpint (config->user_token_validity_s, ==, 3600);
  g_assert_cmpint (config->app_token_validity_s, ==, 3600);
  g_assert_cmpint (config->session_idle_ms, ==, 1800000);
  g_assert_false (config->serve_sessionless_templates);
  g_assert_null (config->login_role);
  g_assert_cmpuint (config->workers, ==, 0);
  g_assert_cmpuint (config->limits.max_connections_per_address, ==, 16384);
  g_assert_cmpuint (config->limits.max_handshakes_waiting, ==, 4096);
  g_assert_cmpuint (config->limits.max_block_conditions, ==, 1048576);
  g_assert_true (config->gateway.blocks);
  g_assert_cmpuint (config->gateway.block_period_ms, ==, 5000);
  g_assert_cmpint (api->kind, ==, APIM_DATABASE_SQLITE);
  g_assert_cmpstr (api->path, ==, api_path);
  g_assert_cmpuint (api->max_active, ==, 50);
  g_assert_cmpuint (api->max_wait_ms, ==, 60000);
  g_assert_cmpstr (user->path, ==, user_path);
  g_assert_null (apim_config_data_source (config, "jdbc/OTHER"));
}

/* Files as WSO2 ships them, but for the data sources. */
static void
test_shipped_files (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fuzz", "corpus", "config", "shipped.xml", NULL);
  static const char *const labels[]
      = { API_MANAGER, CARBON, IDENTITY_2X, USER_MGT, THRIFT_AUTHENTICATION, DATA_SOURCES };
  g_autofree char *text = NULL;
  g_autofree char *location = g_build_filename (f->home, "repository/resources/security/wso2carbon.jks", NULL);
  g_autoptr (ApimConfig) config = NULL;
  const ApimDataSource *api;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    put (f, labels[i], text);
  config = load (f, -1);
  g_assert_cmpuint (config->port_offset, ==, 1);
  g_assert_cmpuint (config->thrift.port, ==, 10398);
  g_assert_cmpuint (config->https.port, ==, 9444);
  g_assert_cmpstr (config->thrift.host, ==, "localhost");
  g_assert_cmpstr (config->host_name, ==, "km.example.com");
  g_assert_cmpstr (config->web_context_root, ==, "");
  g_assert_cmpstr (config->key_store.location, ==, location);
  g_assert_cmpint (config->key_store.type, ==, APIM_KEY_STORE_JKS);
  g_assert_cmpstr (config->key_store.password, ==, "wso2carbon");
  g_assert_cmpstr (config->key_store.key_alias, ==, "wso2carbon");
  g_assert_cmpint (config->app_token_validity_s, ==, -1);
  api = apim_config_data_source (config, "jdbc/WSO2AM_DB");
  g_assert_cmpint (api->kind, ==, APIM_DATABASE_MYSQL);
  g_assert_cmpstr (api->host, ==, "db.example.com");
  g_assert_cmpstr (api->database, ==, "apimgtdb");
  g_assert_cmpstr (api->user, ==, "apim");
  g_assert_cmpstr (api->password, ==, "secret");
  g_assert_true (api->use_tls);
  g_assert_cmpstr (api->validation_query, ==, "SELECT 1");
  g_assert_cmpuint (config->data_sources->len, ==, 2);
}

#define USER_STORE(properties) "<U><Realm><UserStoreManager>" properties "</UserStoreManager></Realm></U>"

/* What one file with one change makes visible in the text of --check-config. */
typedef struct
{
  const char *label;
  const char *text;
  int port_offset;
  const char *line; /* of apim_config_describe() */
} GoodFile;

#define CARBON_NS "<Server xmlns=\"http://wso2.org/projects/carbon/carbon.xml\">"

#define ENVIRONMENT(attributes, children)                                                                              \
  "<A><APIGateway><Environments><Environment" attributes ">" children "</Environment></Environments></APIGateway></A>"
#define GATEWAY "<Name>G</Name><ServerURL>https://gw:9444/services</ServerURL>"
#define DESCRIBED "APIGateway/Environments/Environment[G]/"

static const GoodFile good_files[] = {
  { CARBON, CARBON_NS "<Ports><Offset> 7 </Offset></Ports></Server>", -1,
    "APIKeyValidator/ThriftServerPort = 10404" },
  { CARBON, CARBON_NS "<Ports><Offset>7</Offset></Ports></Server>", 0, "APIKeyValidator/ThriftServerPort = 10397" },
  { CARBON, CARBON_NS "<Ports><Offset>50000</Offset></Ports></Server>", -1, "Apimd/HttpsPort = 59443" },
  { CARBON, CARBON_NS "<Ports><Offset>7</Offset></Ports></Server>", 50000, "Ports/Offset = 50000" },
  { CARBON, "<c:Server xmlns:c=\"x\"><c:HostName>h</c:HostName></c:Server>", -1, "HostName = h" },
  { CARBON, "<S><HostName>a</HostName><HostName>b</HostName></S>", -1, "HostName = a" },
  { CARBON, "<S><HostName><![CDATA[a]]>.<!-- no -->b</HostName></S>", -1, "HostName = a.b" },
  { CARBON, "<S><WebContextRoot>apim/</WebContextRoot></S>", -1, "WebContextRoot = /apim" },
  { CARBON, "<S><WebContextRoot>/a/b</WebContextRoot></S>", -1, "WebContextRoot = /a/b" },
  { CARBON, "<S><Security><KeyStore><Location>/x/k.p12</Location><Type>pkcs12</Type></KeyStore></Security></S>", -1,
    "Security/KeyStore/Type = PKCS12" },
  { CARBON, "<S><Security><KeyStore><Location>/x/../k</Location></KeyStore></Security></S>", -1,
    "Security/KeyStore/Location = /k" },
  { CARBON, "<S><Security><KeyStore><Password>hunter2</Password></KeyStore></Security></S>", -1,
    "Security/KeyStore/Password = ********" },
  { CARBON, "<S><Security><KeyStore><KeyAlias>${unknown} ${carbon.home</KeyAlias></KeyStore></Security></S>", -1,
    "Security/KeyStore/KeyAlias = ${unknown} ${carbon.home" },
  { CARBON, "<S><Security><KeyStore><KeyAlias>a&#10;b = c</KeyAlias></KeyStore></Security></S>", -1,
    "Security/KeyStore/KeyAlias = a\\x0ab = c" },
  { API_MANAGER, "<A><APIKeyManager><ThriftServerPort>1</ThriftServerPort></APIKeyManager></A>", 5,
    "APIKeyValidator/ThriftServerPort = 1" },
  { API_MANAGER,
    "<A><APIKeyManager><ThriftServerPort>1</ThriftServerPort></APIKeyManager>"
    "<APIKeyValidator><ThriftServerPort>2</ThriftServerPort></APIKeyValidator></A>",
    5, "APIKeyValidator/ThriftServerPort = 2" },
  { API_MANAGER, "<A><APIKeyManager><ThriftServerPort>1</ThriftServerPort></APIKeyManager><APIKeyValidator/></A>", 5,
    "APIKeyValidator/ThriftServerPort = 10402" },
  { API_MANAGER, "<A><APIKeyValidator><EnableThriftServer>False</EnableThriftServer></APIKeyValidator></A>", -1,
    "APIKeyValidator/EnableThriftServer = false" },
  { API_MANAGER, "<A><APIKeyValidator><ApplicationTokenScope>s</ApplicationTokenScope></APIKeyValidator></A>", -1,
    "OAuthConfigurations/ApplicationTokenScope = s" },
  { API_MANAGER, "<A><Apimd><TlsMinimumVersion>TLSv1</TlsMinimumVersion></Apimd></A>", -1,
    "Apimd/TlsMinimumVersion = TLSv1.0" },
  { API_MANAGER, "<A><Apimd><TokenTime>utc</TokenTime></Apimd></A>", -1, "Apimd/TokenTime = utc" },
  { API_MANAGER, "<A><Apimd/></A>", -1, "Apimd/TokenTime = server" },
  { API_MANAGER, "<A><Apimd/></A>", -1, "Apimd/WorkflowApplicationCreation = simple" },
  { API_MANAGER, "<A><Apimd><WorkflowSubscriptionCreation>approval</WorkflowSubscriptionCreation></Apimd></A>", -1,
    "Apimd/WorkflowSubscriptionCreation = approval" },
  { API_MANAGER, "<A><Apimd><TlsCiphers>HIGH:!aNULL</TlsCiphers></Apimd></A>", -1, "Apimd/TlsCiphers = HIGH:!aNULL" },
  { API_MANAGER, "<A><Apimd><HttpsHost>::1</HttpsHost></Apimd></A>", -1, "Apimd/HttpsHost = ::1" },
  { API_MANAGER, "<A><Apimd><Limits><MaxHttpBody>1024</MaxHttpBody></Limits></Apimd></A>", -1,
    "Apimd/Limits/MaxHttpBody = 1024" },
  { API_MANAGER, "<A><Other>what<ever/></Other><Other/></A>", -1, "DataSourceName = jdbc/WSO2AM_DB" },
  { API_MANAGER, "<A><DataSourceName>jdbc/X</DataSourceName></A>", -1,
    "datasources/datasource[jdbc/X]/validationQuery = (none)" },
  { IDENTITY, "<S><OAuth><TimestampSkew>0</TimestampSkew></OAuth></S>", -1, "OAuth/TimestampSkew = 0" },
  { THRIFT_AUTHENTICATION, "<S><ThriftSessionTimeout>60000</ThriftSessionTimeout></S>", -1,
    "ThriftSessionTimeout = 60000" },
  { USER_MGT, "<U><Realm><UserStoreManager><Property name=\"PasswordDigest\"/></UserStoreManager></Realm></U>", -1,
    "Realm/UserStoreManager/Property[PasswordDigest] = " },
  { USER_MGT,
    "<U><Realm><UserStoreManager><Property "
    "name=\"PasswordDigest\">PLAIN_TEXT</Property></UserStoreManager></Realm></U>",
    -1, "Realm/UserStoreManager/Property[PasswordDigest] = PLAIN_TEXT" },
  { USER_MGT, USER_STORE ("<Property name=\"PasswordDigest\">SHA</Property>"), -1,
    "Realm/UserStoreManager/Property[PasswordDigest] = SHA" },
  { USER_MGT, USER_STORE ("<Property name=\"ReadOnly\">true</Property>"), -1,
    "Realm/UserStoreManager/Property[ReadOnly] = true" },
  { USER_MGT, USER_STORE ("<Property name=\"UserNameJavaRegEx\">^[\\S]{3,30}$</Property>"), -1,
    "Realm/UserStoreManager/Property[UsernameJavaRegEx] = ^[\\S]{3,30}$" },
  { USER_MGT, USER_STORE ("<Property name=\"UsernameWithEmailJavaScriptRegEx\">.+</Property>"), -1,
    "Realm/UserStoreManager/Property[UsernameWithEmailJavaScriptRegEx] = .+" },
  { USER_MGT, USER_STORE ("<Property name=\"RolenameJavaRegEx\">.+</Property>"), -1,
    "Realm/UserStoreManager/Property[RolenameJavaRegEx] = .+" },
  { USER_MGT, USER_STORE ("<Property name=\"PasswordJavaRegEx\"/>"), -1,
    "Realm/UserStoreManager/Property[PasswordJavaRegEx] = " },
  { USER_MGT, USER_STORE ("<Property name=\"PasswordJavaRegEx\">[broken</Property>"), -1,
    "Realm/UserStoreManager/Property[PasswordJavaRegEx] = [broken" }, /* a warning */
  { USER_MGT, USER_STORE ("<Property name=\"DomainName\">STAFF</Property>"), -1,
    "Realm/Configuration/Property[dataSource] = jdbc/WSO2UM_DB" }, /* a warning */
  { USER_MGT, USER_STORE ("<Property name=\"dataSource\">WSO2UM_DB</Property>"), -1,
    "Realm/Configuration/Property[dataSource] = jdbc/WSO2UM_DB" },
  { API_MANAGER, ENVIRONMENT (" type=\"Sandbox\" api-console=\"false\"", GATEWAY), -1, DESCRIBED "type = sandbox" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY), -1, DESCRIBED "type = hybrid" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY), -1, DESCRIBED "ServerURL = https://gw:9444/services/" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY "<Username>u</Username><Password>hunter2</Password>"), -1,
    DESCRIBED "Password = ********" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY "<Password>${admin.password}</Password>"), -1, DESCRIBED "Password = (none)" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY "<Password p:secretAlias=\"a\" xmlns:p=\"x\">hunter2</Password>"), -1,
    DESCRIBED "Password = (none)" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY "<GatewayEndpoint>http://gw:${http.nio.port}</GatewayEndpoint>"), 2,
    DESCRIBED "GatewayEndpoint = http://gw:8282" },
  { API_MANAGER,
    ENVIRONMENT ("", "<Name>G</Name><ServerURL>https://h:${mgt.transport.https.port}${carbon.context}/services/</ServerURL>"),
    3, DESCRIBED "ServerURL = https://h:9446/services/" },
  { API_MANAGER, "<A><APIGateway><ServerURL>https://old:9443/services/</ServerURL></APIGateway></A>", -1,
    "APIGateway/Environments/Environment[Production and Sandbox]/ServerURL = https://old:9443/services/" },
  { CARBON, "<S><Security><TrustStore><Location>/x/t.jks</Location><Password>hunter2</Password></TrustStore></Security></S>",
    -1, "Security/TrustStore/Location = /x/t.jks" },
  { API_MANAGER, "<A><APIConsumerAuthentication><OAuthHeader>X-Key</OAuthHeader></APIConsumerAuthentication></A>", -1,
    "OAuthConfigurations/AuthorizationHeader = X-Key" },
  { API_MANAGER,
    "<A><APIConsumerAuthentication><OAuthHeader>X-Key</OAuthHeader></APIConsumerAuthentication><OAuthConfigurations>"
    "<AuthorizationHeader>X-New</AuthorizationHeader></OAuthConfigurations></A>",
    -1, "OAuthConfigurations/AuthorizationHeader = X-New" },
  { API_MANAGER, "<A><CORSConfiguration><Access-Control-Allow-Origin>a, b</Access-Control-Allow-Origin></CORSConfiguration></A>",
    -1, "CORSConfiguration/Access-Control-Allow-Origin = a, b" },
  { API_MANAGER,
    "<A><APIConsumerAuthentication><KeySegmentDelimiter> </KeySegmentDelimiter></APIConsumerAuthentication></A>", -1,
    "APIConsumerAuthentication/KeySegmentDelimiter = " },
  { CARBON, "<S><EnableEmailUserName>true</EnableEmailUserName></S>", -1, "EnableEmailUserName = true" },
  { API_MANAGER,
    "<A><Apimd><Saml2IdentityProviders><IdentityProvider><Issuer>idp</Issuer><Certificate>/idp.pem</Certificate>"
    "<Audience>a</Audience><Audience>b</Audience></IdentityProvider></Saml2IdentityProviders></Apimd></A>",
    -1, "Apimd/Saml2IdentityProviders/IdentityProvider[idp]/Audience = a b" },
  { DATA_SOURCES,
    "<d><datasources><datasource><jndiConfig><name>jdbc/UNUSED</name></jndiConfig><definition><configuration>"
    "<url>jdbc:h2:x</url></configuration></definition></datasource></datasources></d>",
    -1, "datasources/datasource[jdbc/WSO2AM_DB]/maxActive = 50" },
};

static void
test_good_files (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good_files); i++)
    {
      const GoodFile *good = &good_files[i];
      g_autofree char *path = g_build_filename (f->home, good->label, NULL);
      g_autoptr (ApimConfig) config = NULL;
      g_autofree char *text = NULL;
      g_autofree char *line = g_strdup_printf ("\n%s\n", good->line);

      put (f, good->label, good->text);
      config = load (f, good->port_offset);
      text = apim_config_describe (config);
      g_test_message ("%s wants %s", good->text, good->line);
      g_assert_nonnull (strstr (text, line));
      g_assert_null (strstr (text, "hunter2"));
      g_unlink (path);
    }
}

typedef struct
{
  const char *label;
  const char *text;
  const char *message; /* how it begins */
} BadFile;

#define DATA_SOURCE(settings)                                                                                        \
  "<d><datasources>\n<datasource><jndiConfig><name>jdbc/WSO2AM_DB</name></"                                          \
  "jndiConfig><definition>\n<configuration>\n" settings                                                              \
  "\n</configuration></definition></datasource></datasources></d>"
#define DATA_SOURCE_AT DATA_SOURCES ":4: datasources/datasource/definition/configuration"

#define ENVIRONMENT_AT API_MANAGER ":1: APIGateway/Environments/Environment"

static const BadFile bad_files[] = {
  { API_MANAGER, ENVIRONMENT ("", "<Name>G</Name>"), ENVIRONMENT_AT ": the environment has no ServerURL" },
  { API_MANAGER, ENVIRONMENT ("", "<ServerURL>https://gw/services/</ServerURL>"),
    ENVIRONMENT_AT ": the environment has no Name" },
  { API_MANAGER, ENVIRONMENT (" type=\"test\"", GATEWAY), ENVIRONMENT_AT ": the attribute type is not one of hybrid," },
  { API_MANAGER, ENVIRONMENT ("", "<Name>a,b</Name><ServerURL>https://gw/</ServerURL>"),
    ENVIRONMENT_AT ": the Name must have no comma" },
  { API_MANAGER, ENVIRONMENT ("", "<Name>G</Name><ServerURL>http://gw/services/</ServerURL>"),
    ENVIRONMENT_AT "/ServerURL: not the https URL" },
  { API_MANAGER, ENVIRONMENT ("", "<Name>G</Name><ServerURL>https://u:p@gw/services/</ServerURL>"),
    ENVIRONMENT_AT "/ServerURL: not the https URL" },
  { API_MANAGER, ENVIRONMENT ("", "<Name>G</Name><ServerURL>https:///services/</ServerURL>"),
    ENVIRONMENT_AT "/ServerURL: not the https URL" },
  { API_MANAGER, ENVIRONMENT ("", "<Name>G</Name><ServerURL>https://gw:${no.such.port}/</ServerURL>"),
    ENVIRONMENT_AT "/ServerURL: there is a ${...}" },
  { API_MANAGER, ENVIRONMENT ("", GATEWAY "</Environment><Environment>" GATEWAY),
    ENVIRONMENT_AT ": there are two environments of this Name" },
  { API_MANAGER, "<A>\n<APIKeyValidator>\n<ThriftServerPort>banana</ThriftServerPort></APIKeyValidator></A>",
    API_MANAGER ":3: APIKeyValidator/ThriftServerPort: \"banana\" is not a port number (1-65535)" },
  { API_MANAGER, "<A><APIKeyManager><ThriftServerPort>0</ThriftServerPort></APIKeyManager></A>",
    API_MANAGER ":1: APIKeyManager/ThriftServerPort: \"0\" is not a port number (1-65535)" },
  { API_MANAGER, "<A><APIKeyValidator><ThriftServerPort/></APIKeyValidator></A>",
    API_MANAGER ":1: APIKeyValidator/ThriftServerPort: \"\" is not a port number" },
  { API_MANAGER,
    "<A><APIKeyValidator><ThriftServerPort>99999999999999999999999</ThriftServerPort></APIKeyValidator></A>",
    API_MANAGER ":1: APIKeyValidator/ThriftServerPort: \"99999999999999999999999\" is not" },
  { API_MANAGER, "<A><APIKeyValidator><EnableThriftServer>yes</EnableThriftServer></APIKeyValidator></A>",
    API_MANAGER ":1: APIKeyValidator/EnableThriftServer: \"yes\" is not one of true, false" },
  { API_MANAGER, "<A><APIKeyValidator><ThriftServerHost> </ThriftServerHost></APIKeyValidator></A>",
    API_MANAGER ":1: APIKeyValidator/ThriftServerHost: \"\" is not a host name or address" },
  { API_MANAGER, "<A><APIKeyValidator><ThriftServerHost>a b</ThriftServerHost></APIKeyValidator></A>",
    API_MANAGER ":1: APIKeyValidator/ThriftServerHost: \"a b\" is not a host name or address" },
  { API_MANAGER, "<A><DataSourceName/></A>", API_MANAGER ":1: DataSourceName: the element is empty" },
  { API_MANAGER, "<A>\n<Apimd><HttpPort>1</HttpPort></Apimd></A>",
    API_MANAGER ":2: Apimd/HttpPort: there is no such setting: did you mean HttpsPort?" },
  { API_MANAGER, "<A><Apimd><Qqqqqqqq/></Apimd></A>",
    API_MANAGER ":1: Apimd/Qqqqqqqq: there is no such setting (see" },
  { API_MANAGER, "<A><Apimd><Limits>\n<idletimeouts>1</idletimeouts></Limits></Apimd></A>",
    API_MANAGER ":2: Apimd/Limits/idletimeouts: there is no such setting: did you mean IdleTimeout?" },
  { API_MANAGER, "<A><Apimd><IdleTimeout>1</IdleTimeout></Apimd></A>",
    API_MANAGER ":1: Apimd/IdleTimeout: there is no" },
  { API_MANAGER, "<A><Apimd>\n<Workers>1</Workers>\n<Workers>1</Workers></Apimd></A>",
    API_MANAGER ":3: Apimd/Workers: the element stands here a second time; the first is on line 2" },
  { API_MANAGER, "<A>\n<apimd><HttpsPort>1</HttpsPort></apimd></A>",
    API_MANAGER ":2: apimd: settings of our own stand in an element Apimd, directly in the outermost one" },
  { API_MANAGER, "<A><APIGateway>\n<Apimd><HttpsPort>1</HttpsPort></Apimd></APIGateway></A>",
    API_MANAGER ":2: APIGateway/Apimd: settings of our own stand in" },
  { API_MANAGER, "<A><Apimd/>\n<Apimd/></A>",
    API_MANAGER ":2: Apimd: the element stands here a second time; the first is on line 1" },
  { API_MANAGER, "<A><Apimd><Limits><DatabaseThreads>0</DatabaseThreads></Limits></Apimd></A>",
    API_MANAGER ":1: Apimd/Limits/DatabaseThreads: \"0\" is not a number of threads (1-1024)" },
  { API_MANAGER, "<A><Apimd><Limits><IdleTimeout>-1</IdleTimeout></Limits></Apimd></A>",
    API_MANAGER ":1: Apimd/Limits/IdleTimeout: \"-1\" is not a number of ms (0-86400000)" },
  { API_MANAGER, "<A><Apimd><TlsMinimumVersion>SSLv3</TlsMinimumVersion></Apimd></A>",
    API_MANAGER ":1: Apimd/TlsMinimumVersion: \"SSLv3\" is not one of TLSv1.0, TLSv1.1, TLSv1.2, TLSv1.3" },
  { API_MANAGER, "<A><Apimd><WorkflowApplicationCreation>yes</WorkflowApplicationCreation></Apimd></A>",
    API_MANAGER ":1: Apimd/WorkflowApplicationCreation: \"yes\" is not one of simple, approval" },
  { API_MANAGER, "<A><Apimd><TokenTime>local</TokenTime></Apimd></A>",
    API_MANAGER ":1: Apimd/TokenTime: \"local\" is not one of server, utc" },
  { API_MANAGER, "<A><Apimd><TlsCiphers>NOT-A-CIPHER</TlsCiphers></Apimd></A>",
    API_MANAGER ":1: Apimd/TlsCiphers: not a cipher list" },
  { API_MANAGER, "<A><Apimd><ThriftLoginRole/></Apimd></A>",
    API_MANAGER ":1: Apimd/ThriftLoginRole: the element is empty" },
  { API_MANAGER, "<A><Apimd><Saml2IdentityProvider/></Apimd></A>",
    API_MANAGER ":1: Apimd/Saml2IdentityProvider: there is no such setting: did you mean Saml2IdentityProviders?" },
  { API_MANAGER, "<A><Apimd><Saml2IdentityProviders>\n<IdentityProvider/></Saml2IdentityProviders></Apimd></A>",
    API_MANAGER ":2: Apimd/Saml2IdentityProviders/IdentityProvider: the identity provider has no Issuer" },
  { CARBON, "<S><Ports><Offset>50001</Offset></Ports></S>",
    CARBON ":1: Ports/Offset: \"50001\" is not a port offset (0-50000)" },
  { CARBON, "<S><Ports><Offset>-1</Offset></Ports></S>", CARBON ":1: Ports/Offset: \"-1\" is not a port offset" },
  { CARBON, "<S><WebContextRoot>/a b</WebContextRoot></S>", CARBON ":1: WebContextRoot: the context root must be" },
  { CARBON, "<S><WebContextRoot>//a</WebContextRoot></S>", CARBON ":1: WebContextRoot: the context root must be" },
  { CARBON, "<S><Security><KeyStore><Type>BKS</Type></KeyStore></Security></S>",
    CARBON ":1: Security/KeyStore/Type: \"BKS\" is not one of JKS, PKCS12, PEM, JCEKS" },
  { CARBON,
    "<S xmlns:svns=\"http://org.wso2.securevault/configuration\"><Security><KeyStore>"
    "<Password svns:secretAlias=\"x\">hunter2</Password></KeyStore></Security></S>",
    CARBON ":1: Security/KeyStore/Password: the value lies in WSO2's secure vault" },
  { IDENTITY, "<S><OAuth><TimestampSkew>86401</TimestampSkew></OAuth></S>",
    IDENTITY ":1: OAuth/TimestampSkew: \"86401\" is not a time in seconds (0-86400)" },
  { IDENTITY_2X, "<S><OAuth><TimestampSkew>5 min</TimestampSkew></OAuth></S>",
    IDENTITY_2X ":1: OAuth/TimestampSkew: \"5 min\"" },
  { USER_MGT,
    "<U><Realm><UserStoreManager><Property name=\"PasswordDigest\">ROT-13</Property></UserStoreManager></Realm></U>",
    USER_MGT ":1: Realm/UserStoreManager/Property[PasswordDigest]: not a digest" },
  { USER_MGT,
    "<U><Realm><UserStoreManager "
    "class=\"org.wso2.carbon.user.core.ldap.ReadWriteLDAPUserStoreManager\"/></Realm></U>",
    USER_MGT ":1: Realm/UserStoreManager: only the user store" },
  { USER_MGT, USER_STORE ("<Property name=\"PasswordDigest\">SHAKE128</Property>"),
    USER_MGT ":1: Realm/UserStoreManager/Property[PasswordDigest]: not a digest" },
  { USER_MGT, USER_STORE ("<Property name=\"ReadOnly\">yes</Property>"),
    USER_MGT ":1: Realm/UserStoreManager/Property[ReadOnly]: \"yes\" is not one of true, false" },
  { USER_MGT, USER_STORE ("<Property name=\"dataSource\">jdbc/OTHER</Property>"),
    USER_MGT ":1: Realm/UserStoreManager/Property[dataSource]: users in another database" },
  { USER_MGT, USER_STORE ("<Property name=\"url\">jdbc:mysql://u:hunter2@h/d</Property>"),
    USER_MGT ":1: Realm/UserStoreManager/Property[url]: a user store with a URL of its own" },
  { DATA_SOURCES, DATA_SOURCE ("<url>jdbc:h2:x</url>"),
    DATA_SOURCE_AT "/url: an H2 database can only be opened by Java" },
  { DATA_SOURCES, DATA_SOURCE ("<url>jdbc:mysql://u:hunter2@h/d</url>"), DATA_SOURCE_AT "/url: user and password" },
  { DATA_SOURCES, DATA_SOURCE ("<url>jdbc:sqlite:a</url><maxActive>0</maxActive>"),
    DATA_SOURCE_AT "/maxActive: \"0\" is not a number of connections (1-10000)" },
  { DATA_SOURCES, DATA_SOURCE ("<url>jdbc:sqlite:a</url><maxWait>-1</maxWait>"),
    DATA_SOURCE_AT "/maxWait: \"-1\" is not a time in ms" },
  { DATA_SOURCES, DATA_SOURCE (""),
    DATA_SOURCES ":3: datasources/datasource/definition/configuration: the data source has no url" },
  { DATA_SOURCES, DATA_SOURCE ("<url>jdbc:mysql://h/d</url>"),
    DATA_SOURCES ":3: datasources/datasource/definition/configuration: the data source has no username" },
  { DATA_SOURCES,
    "<d><datasources><datasource><jndiConfig><name>WSO2UM_DB</name></jndiConfig></datasource></datasources></d>",
    DATA_SOURCES ":1: datasources/datasource: the data source has no definition/configuration" },
  /* Syntax. */
  { API_MANAGER, "", API_MANAGER ":1: there is no element in the file" },
  { API_MANAGER, "<A>\n<B></C>\n</A>", API_MANAGER ":2: an end tag does not fit" },
  { API_MANAGER, "<A>\n<B>", API_MANAGER ":2: " },
  { API_MANAGER, "<A>\n<Password>hunt&er2;</Password></A>", API_MANAGER ":2: a & begins no entity that XML defines" },
  { API_MANAGER, "<A><Password>x<hunter2</Password></A>", API_MANAGER ":1: " },
  { API_MANAGER, "<A>a=1&b=2</A>", API_MANAGER ":1: a & begins no entity" },
  { API_MANAGER, "<A>\xff</A>", API_MANAGER ":1: there is a character that XML does not allow" },
  { API_MANAGER, "<A/><B/>", API_MANAGER ":1: there is something after the end" },
  { API_MANAGER, "<?xml version=\"1.0\"?>\n<!DOCTYPE A [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><A>&x;</A>",
    API_MANAGER ":2: a DOCTYPE is not allowed" },
  { CARBON, "<!DOCTYPE A SYSTEM \"http://127.0.0.1:1/x.dtd\"><A/>", CARBON ":1: a DOCTYPE is not allowed" },
};

static void
test_bad_files (Fixture *f, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_files); i++)
    {
      const BadFile *bad = &bad_files[i];
      g_autofree char *path = g_build_filename (f->home, bad->label, NULL);
      g_autoptr (GError) error = NULL;

      put (f, bad->label, bad->text);
      g_test_message ("%s", bad->text);
      g_assert_null (apim_config_load (f->home, -1, &error));
      g_assert_nonnull (error);
      g_test_message ("-> %s", error->message);
      g_assert_cmpstr (g_quark_to_string (error->domain), ==, g_quark_to_string (APIM_CONFIG_ERROR));
      g_assert_true (g_str_has_prefix (error->message, bad->message));
      g_assert_null (strstr (error->message, "hunter2"));
      g_assert_null (strstr (error->message, "er2"));
      g_unlink (path);
    }
}

static void
assert_load_fails (Fixture *f, int port_offset, ApimConfigError code, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (apim_config_load (f->home, port_offset, &error));
  g_assert_error (error, APIM_CONFIG_ERROR, (int) code);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, message));
}

static void
test_limits_of_files (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new ("<A><DataSourceName>");
  g_autofree char *path = g_build_filename (f->home, API_MANAGER, NULL);

  assert_load_fails (f, 50001, APIM_CONFIG_ERROR_VALUE, "--port-offset: 50001 is not a port offset (0-50000)");
  assert_load_fails (f, -2, APIM_CONFIG_ERROR_VALUE, "--port-offset: -2");
  for (int i = 0; i <= APIM_XML_VALUE_MAX; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "</DataSourceName></A>");
  put (f, API_MANAGER, text->str);
  assert_load_fails (f, -1, APIM_CONFIG_ERROR_VALUE, API_MANAGER ":1: DataSourceName: the value is longer than 8192");
  g_string_set_size (text, APIM_XML_FILE_MAX + 1);
  memset (text->str, ' ', text->len);
  memcpy (text->str, "<A/>", 4);
  put_bytes (f, API_MANAGER, text->str, text->len);
  assert_load_fails (f, -1, APIM_CONFIG_ERROR_SYNTAX, API_MANAGER ": larger than 4 MiB");
  put_bytes (f, API_MANAGER, text->str, text->len - 1);
  apim_config_unref (load (f, -1));
  g_unlink (path);
  g_assert_cmpint (g_mkdir (path, 0755), ==, 0);
  assert_load_fails (f, -1, APIM_CONFIG_ERROR_UNREADABLE, API_MANAGER ": could not read the file");
}

/* A name that the operator gives must be defined where any is; a missing file is the embedded database. */
static void
test_named_data_source (Fixture *f, gconstpointer data)
{
  put (f, API_MANAGER, "<A><DataSourceName>jdbc/TYPO_DB</DataSourceName></A>");
  apim_config_unref (load (f, -1));
  put (f, DATA_SOURCES, "<d/>");
  apim_config_unref (load (f, -1));
  put (f, DATA_SOURCES, DATA_SOURCE ("<url>jdbc:sqlite:a</url>"));
  assert_load_fails (f, -1, APIM_CONFIG_ERROR_VALUE,
                     API_MANAGER ":1: DataSourceName: \"jdbc/TYPO_DB\" is not defined in " DATA_SOURCES);
}

static void
test_substitution (Fixture *f, gconstpointer data)
{
  g_autoptr (ApimConfig) config = NULL;
  g_autofree char *expected = g_strdup_printf ("%s-%s-boss-pa$$", f->home, f->home);

  put (f, USER_MGT,
       "<U><Realm><Configuration><AdminUser><UserName>boss</UserName><Password>pa$$</Password></AdminUser>"
       "</Configuration></Realm></U>");
  put (f, CARBON,
       "<S><HostName>${carbon.local.ip}</HostName><Security><KeyStore>"
       "<Password>${carbon.home}-${carbon.home}-${admin.username}-${admin.password}</Password>"
       "<KeyPassword>${${admin.username}}$</KeyPassword></KeyStore></Security></S>");
  config = load (f, -1);
  g_assert_cmpstr (config->key_store.password, ==, expected);
  g_assert_cmpstr (config->key_store.key_password, ==, "${${admin.username}}$");
  g_assert_true (g_hostname_is_ip_address (config->host_name));
}

static void
test_needs_restart (Fixture *f, gconstpointer data)
{
  g_autoptr (ApimConfig) before = load (f, -1);
  g_autoptr (ApimConfig) same = load (f, -1);
  g_autoptr (ApimConfig) live = NULL;
  g_autoptr (ApimConfig) after = NULL;
  g_autofree char *names = NULL;

  g_assert_null (apim_config_needs_restart (before, same));
  put (f, API_MANAGER,
       "<A><Apimd><TlsMinimumVersion>TLSv1.3</TlsMinimumVersion><Limits><IdleTimeout>5</IdleTimeout></Limits></Apimd></A>");
  live = load (f, -1);
  g_assert_null (apim_config_needs_restart (before, live));
  put (f, API_MANAGER,
       "<A><Apimd><HttpsPort>1</HttpsPort><Workers>3</Workers>"
       "<Limits><DatabaseThreads>5</DatabaseThreads></Limits></Apimd></A>");
  put (f, DATA_SOURCES, DATA_SOURCE ("<url>jdbc:sqlite:a</url>"));
  after = load (f, -1);
  names = apim_config_needs_restart (before, after);
  g_assert_cmpstr (names, ==,
                   "Apimd/HttpsPort, Apimd/Workers, Apimd/Limits/DatabaseThreads, "
                   "datasources/datasource[jdbc/WSO2AM_DB]");
}

static void
test_describe_is_lines (Fixture *f, gconstpointer data)
{
  g_autoptr (ApimConfig) config = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_lines;

  put (f, DATA_SOURCES,
       DATA_SOURCE ("<url>jdbc:mysql://h/d?password=hunter2</url><username>u</username><password>hunter2</password>"));
  config = load (f, -1);
  text = apim_config_describe (config);
  lines = g_strsplit (text, "\n", 0);
  n_lines = g_strv_length (lines);
  g_assert_cmpstr (lines[n_lines - 1], ==, "");
  for (guint i = 0; i + 1 < n_lines; i++)
    g_assert_true (g_regex_match_simple ("^\\S+ = ", lines[i], 0, 0));
  /* home; settings; limits; six lines of a MySQL data source and four of an SQLite one; the end. */
  g_assert_cmpuint (n_lines, ==, 1 + apim_n_settings + apim_n_limits + 6 + 4 + 1);
  g_assert_null (strstr (text, "hunter2"));
  g_assert_nonnull (strstr (text, "\ndatasources/datasource[jdbc/WSO2AM_DB]/password = ********\n"));
}

/* The manual's page names every setting, and its table of limits is the table that the node uses. */
static void
test_manual_agrees (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "docs", "configuration.md", NULL);
  g_autofree char *page = NULL;
  const char *limits;

  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  for (gsize i = 0; i < apim_n_settings; i++)
    {
      g_autofree char *row = g_strdup_printf ("\n| `%s` |", apim_settings[i].path);

      g_test_message ("%s", row);
      g_assert_nonnull (strstr (page, row));
    }
  limits = strstr (page, "### Limits: `<Apimd><Limits>`");
  g_assert_nonnull (limits);
  for (gsize i = 0; i < apim_n_limits; i++)
    {
      const ApimLimit *limit = &apim_limits[i];
      g_autofree char *row = g_strdup_printf ("\n| `%s` | %s | %u | %u | %u | ", limit->name, limit->unit,
                                              limit->standard, limit->minimum, limit->maximum);
      const char *found = strstr (limits, row);
      g_autofree char *line = NULL;

      g_test_message ("%s", row);
      g_assert_nonnull (found);
      line = g_strndup (found + 1, strcspn (found + 1, "\n"));
      g_assert_cmpint (strstr (line, "*restart*") != NULL, ==, limit->restart);
      g_assert_cmpuint (limit->minimum, <=, limit->standard);
      g_assert_cmpuint (limit->standard, <=, limit->maximum);
    }
}

/* What the page names besides settings and limits: elements that stand several times, and those of data sources. */
static const char *const other_rows[]
    = { "APIGateway/Environments/Environment", "Apimd/Saml2IdentityProviders", "Realm/Configuration/AdminUser/Password",
        "Issuer", "Certificate", "Recipient", "Audience", "Tenant", "WeakSignatures", "url", "username", "password",
        "maxActive", "maxWait", "validationQuery", "validationInterval", "user", "localSocket", "useSSL=true",
        "trustCertificateKeyStorePassword", NULL };

static gboolean
is_read (const char *name)
{
  for (gsize i = 0; i < apim_n_settings; i++)
    if (g_str_equal (apim_settings[i].path, name))
      return TRUE;
  for (gsize i = 0; i < apim_n_limits; i++)
    if (g_str_equal (apim_limits[i].name, name))
      return TRUE;
  return g_strv_contains (other_rows, name) || strpbrk (name, ":=") != NULL; /* URLs and their parameters */
}

/* The manual's page names nothing that no code reads, and its tables are tables: none has lost its head to an empty line. */
static void
test_manual_names_nothing_else (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "docs", "configuration.md", NULL);
  g_autofree char *page = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  lines = g_strsplit (page, "\n", 0);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      g_autofree char *name = NULL;

      g_test_message ("line %u: %s", i + 1, lines[i]);
      if (g_str_has_prefix (lines[i], "|") && !g_str_has_prefix (lines[i - 1], "|"))
        g_assert_true (g_str_has_prefix (lines[i + 1], "|---"));
      if (!g_str_has_prefix (lines[i], "| `"))
        continue;
      name = g_strndup (lines[i] + 3, strcspn (lines[i] + 3, "`"));
      g_assert_true (is_read (name));
    }
}

static void
test_home_path (void)
{
  g_autofree char *path = apim_home_path ("/h", "resources", "security", "cluster-key", NULL);

  g_assert_cmpstr (path, ==, "/h/repository/resources/security/cluster-key");
}

#define ADD(name, function) g_test_add ("/config/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("empty-home", test_empty_home);
  ADD ("shipped-files", test_shipped_files);
  ADD ("good-files", test_good_files);
  ADD ("bad-files", test_bad_files);
  ADD ("limits-of-files", test_limits_of_files);
  ADD ("named-data-source", test_named_data_source);
  ADD ("substitution", test_substitution);
  ADD ("needs-restart", test_needs_restart);
  ADD ("describe-is-lines", test_describe_is_lines);
  g_test_add_func ("/config/manual-agrees", test_manual_agrees);
  g_test_add_func ("/config/manual-names-nothing-else", test_manual_names_nothing_else);
  g_test_add_func ("/config/home-path", test_home_path);
  return g_test_run ();
}
