#include "config.h"
#include "common/apim-settings.h"

#include "common/apim-digest.h"
#include "common/apim-networks.h"
#include "common/apim-pattern.h"
#include "common/apim-secret.h"

#include <openssl/ssl.h>
#include <string.h>

#define THRIFT_PORT 10397

/* Default ports stay ports whatever the offset. */
G_STATIC_ASSERT (THRIFT_PORT + APIM_PORT_OFFSET_MAX <= G_MAXUINT16);
/* A choice is written through an int. */
G_STATIC_ASSERT (sizeof (ApimKeyStoreType) == sizeof (int));
G_STATIC_ASSERT (sizeof (ApimTokenTime) == sizeof (int));
G_STATIC_ASSERT (sizeof (ApimPkce) == sizeof (int));
G_STATIC_ASSERT (sizeof (ApimSoapProfile) == sizeof (int));
G_STATIC_ASSERT (sizeof (ApimBackendJwtForm) == sizeof (int));
G_STATIC_ASSERT (sizeof (ApimExecutor) == sizeof (int));
G_STATIC_ASSERT (sizeof (ApimGatewayGeneration) == sizeof (int));

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE, reason);
  return FALSE;
}

/* "/", "am", "/am/": any writing becomes "" or "/am". */
static gboolean
check_context_root (char **value, const char *home, GError **error)
{
  static const char allowed[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_~/";
  g_autofree char *given = g_steal_pointer (value);
  char *start = given;
  gsize length;

  if (strspn (given, allowed) != strlen (given) || strstr (given, "//") != NULL)
    return refuse (error, "the context root must be a path of letters, digits and - . _ ~ such as /apim");
  start += *start == '/';
  length = strlen (start);
  if (length > 0 && start[length - 1] == '/')
    start[length - 1] = '\0';
  *value = *start != '\0' ? g_strconcat ("/", start, NULL) : g_strdup ("");
  return TRUE;
}

static gboolean
check_path (char **value, const char *home, GError **error)
{
  char *path = g_canonicalize_filename (*value, home);

  g_free (*value);
  *value = path;
  return TRUE;
}

/* A field name of RFC 9110 5.1. */
static gboolean
check_header (char **value, const char *home, GError **error)
{
  static const char token[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  return strspn (*value, token) == strlen (*value) || refuse (error, "not the name of an HTTP header");
}

/* Of a list in header fields, which a control character would end. */
static gboolean
check_words (char **value, const char *home, GError **error)
{
  for (const char *at = *value; *at != '\0'; at++)
    if (*at < ' ' || *at > '~')
      return refuse (error, "not words of ASCII with commas between");
  return TRUE;
}

static gboolean
check_splitter (char **value, const char *home, GError **error)
{
  return (strlen (*value) == 1 && **value > ' ' && **value <= '~') || refuse (error, "not one character of ASCII");
}

static gboolean
check_digest (char **value, const char *home, GError **error)
{
  return **value == '\0' || strcmp (*value, "PLAIN_TEXT") == 0 || apim_digest_find (*value) != NULL
         || refuse (error, "not a digest that is known here: write SHA-256, another name of the SHA family, MD5, or "
                           "PLAIN_TEXT");
}

static gboolean
check_patterns (char **value, const char *home, GError **error)
{
  g_auto (GStrv) words = g_strsplit (*value, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autoptr (GRegex) pattern = *words[i] != '\0' ? apim_pattern_new (words[i]) : NULL;

      if (*words[i] != '\0' && pattern == NULL)
        return refuse (error, "not regular expressions, separated by blanks");
    }
  return TRUE;
}

static gboolean
check_networks (char **value, const char *home, GError **error)
{
  g_autofree char *wrong = NULL;
  g_autoptr (ApimNetworks) networks = apim_networks_parse (*value, &wrong);

  return networks != NULL
         || refuse (error, "not a list of at most 256 addresses and networks, such as 10.0.0.7, 10.1.0.0/16, fd00::/8");
}

static gboolean
check_ciphers (char **value, const char *home, GError **error)
{
  SSL_CTX *context = SSL_CTX_new (TLS_method ());
  gboolean known = context != NULL && SSL_CTX_set_cipher_list (context, *value) == 1;

  SSL_CTX_free (context);
  return known || refuse (error, "not a cipher list of OpenSSL with at least one known cipher (see openssl ciphers)");
}

static const ApimXmlChoice key_store_types[] = {
  { "JKS", APIM_KEY_STORE_JKS }, { "PKCS12", APIM_KEY_STORE_PKCS12 }, { "PEM", APIM_KEY_STORE_PEM },
  { "JCEKS", APIM_KEY_STORE_JKS }, { NULL, 0 }
};

static const ApimXmlChoice token_times[] = {
  { "server", APIM_TOKEN_TIME_SERVER }, { "utc", APIM_TOKEN_TIME_UTC }, { NULL, 0 }
};

static const ApimXmlChoice pkce_choices[] = {
  { "public", APIM_PKCE_PUBLIC }, { "all", APIM_PKCE_ALL }, { "registered", APIM_PKCE_REGISTERED }, { NULL, 0 }
};

static const ApimXmlChoice executors[] = {
  { "simple", APIM_EXECUTOR_SIMPLE }, { "approval", APIM_EXECUTOR_APPROVAL }, { NULL, 0 }
};

static const ApimXmlChoice signature_algorithms[] = { { "SHA256withRSA", TRUE }, { "NONE", FALSE }, { NULL, 0 } };

static const ApimXmlChoice backend_jwt_forms[] = {
  { "2.x", APIM_BACKEND_JWT_2_X }, { "1.x", APIM_BACKEND_JWT_1_X }, { NULL, 0 }
};

static const ApimXmlChoice access_log_forms[] = { { "combined", FALSE }, { "json", TRUE }, { NULL, 0 } };

static const ApimXmlChoice gateway_generations[] = {
  { "1.9", APIM_GATEWAY_1_9 }, { "1.10", APIM_GATEWAY_1_10 }, { "2.0", APIM_GATEWAY_2_0 }, { "2.1", APIM_GATEWAY_2_1 },
  { "2.2", APIM_GATEWAY_2_2 }, { "2.5", APIM_GATEWAY_2_5 },   { "2.6", APIM_GATEWAY_2_6 }, { NULL, 0 },
};

/* The first word of each value is the one that is shown, here and below. */
static const ApimXmlChoice key_validator_clients[] = {
  { "ThriftClient", APIM_KEY_VALIDATOR_THRIFT },
  { "WSClient", APIM_KEY_VALIDATOR_SOAP },
  { NULL, 0 },
};

static const ApimXmlChoice soap_profiles[] = {
  { "1.5", APIM_SOAP_PROFILE_1_5 }, { "1.7", APIM_SOAP_PROFILE_1_7 },  { "2.x", APIM_SOAP_PROFILE_2_X },
  { "1.6", APIM_SOAP_PROFILE_1_5 }, { "1.8", APIM_SOAP_PROFILE_1_7 },  { "1.9", APIM_SOAP_PROFILE_1_7 },
  { "1.10", APIM_SOAP_PROFILE_1_7 }, { "2.0", APIM_SOAP_PROFILE_2_X }, { "2.1", APIM_SOAP_PROFILE_2_X },
  { "2.2", APIM_SOAP_PROFILE_2_X }, { "2.5", APIM_SOAP_PROFILE_2_X },  { "2.6", APIM_SOAP_PROFILE_2_X },
  { NULL, 0 },
};

static const ApimXmlChoice tls_versions[] = {
  { "TLSv1.0", TLS1_VERSION },   { "TLSv1.1", TLS1_1_VERSION }, { "TLSv1.2", TLS1_2_VERSION },
  { "TLSv1.3", TLS1_3_VERSION }, { "TLSv1", TLS1_VERSION },     { NULL, 0 },
};

/* WSO2's own file has an issuer made of properties of the JVM, which stands for the default. */
static gboolean
check_issuer (char **value, const char *home, GError **error)
{
  if (strstr (*value, "${") != NULL)
    g_clear_pointer (value, g_free);
  return TRUE;
}

#define FIELD(field) .offset = G_STRUCT_OFFSET (ApimConfig, field)
#define TEXT(field, standard) .type = APIM_SETTING_TEXT, FIELD (field), .text = standard
#define ANY_TEXT(field, standard) .type = APIM_SETTING_TEXT_OR_EMPTY, FIELD (field), .text = standard
#define SECRET(field) .type = APIM_SETTING_SECRET, FIELD (field), .absent = "(none)"
#define HOST(field, standard) .type = APIM_SETTING_HOST, FIELD (field), .text = standard, .absent = "(every address)"
#define BOOL(field, standard) .type = APIM_SETTING_BOOL, FIELD (field), .number = standard
#define CHOICE(field, standard, words) .type = APIM_SETTING_CHOICE, FIELD (field), .number = standard, .choices = words
#define UINT(field, standard, low, high, description)                                                                  \
  .type = APIM_SETTING_UINT, FIELD (field), .number = standard, .minimum = low, .maximum = high, .what = description
#define INT64(field, standard, low, high, factor, description)                                                         \
  .type = APIM_SETTING_INT64, FIELD (field), .number = standard, .minimum = low, .maximum = high, .scale = factor,     \
  .what = description
#define PORT(field, standard)                                                                                          \
  .type = APIM_SETTING_PORT, FIELD (field), .number = standard, .minimum = 1, .maximum = G_MAXUINT16,                  \
  .what = "a port number"
#define EXECUTOR(type) CHOICE (workflows.executors[type], APIM_EXECUTOR_SIMPLE, executors)
#define RESTART .restart = TRUE

/* clang-format off: a table */
const ApimSetting apim_settings[] = {
  { APIM_FILE_USER_MGT, "Realm/Configuration/Property[dataSource]",
    TEXT (user_store.data_source, "jdbc/WSO2UM_DB"), RESTART },
  { APIM_FILE_USER_MGT, "Realm/Configuration/AdminUser/UserName", TEXT (user_store.admin_user, "admin"), RESTART },
  { APIM_FILE_USER_MGT, "Realm/Configuration/AdminRole", TEXT (user_store.admin_role, "admin"), RESTART },
  { APIM_FILE_USER_MGT, "Realm/UserStoreManager/Property[PasswordDigest]",
    ANY_TEXT (user_store.password_digest, "SHA-256"), .check = check_digest, RESTART },
  { APIM_FILE_USER_MGT, "Realm/UserStoreManager/Property[StoreSaltedPassword]",
    BOOL (user_store.salted, TRUE), RESTART },
  { APIM_FILE_USER_MGT, "Realm/UserStoreManager/Property[CaseInsensitiveUsername]",
    BOOL (user_store.case_insensitive_names, TRUE), RESTART },
  { APIM_FILE_USER_MGT, "Realm/UserStoreManager/Property[ReadOnly]", BOOL (user_store.read_only, FALSE), RESTART },
  { APIM_FILE_USER_MGT, APIM_USER_NAME_PATTERN, .also = "Realm/UserStoreManager/Property[UserNameJavaRegEx]",
    ANY_TEXT (user_store.user_name_pattern, NULL), .absent = "(none)", RESTART },
  { APIM_FILE_USER_MGT, APIM_EMAIL_PATTERN, ANY_TEXT (user_store.email_pattern, NULL), .absent = "(none)", RESTART },
  { APIM_FILE_USER_MGT, APIM_ROLE_NAME_PATTERN,
    ANY_TEXT (user_store.role_name_pattern, NULL), .absent = "(none)", RESTART },
  { APIM_FILE_USER_MGT, APIM_PASSWORD_PATTERN,
    ANY_TEXT (user_store.password_pattern, NULL), .absent = "(none)", RESTART },
  { APIM_FILE_USER_MGT, "Realm/UserStoreManager/Property[MaxUserNameListLength]",
    UINT (user_store.max_user_list, 100, 1, 10000, "a number of users"), RESTART },
  { APIM_FILE_USER_MGT, "Realm/UserStoreManager/Property[MaxRoleNameListLength]",
    UINT (user_store.max_role_list, 100, 1, 10000, "a number of roles"), RESTART },

  { APIM_FILE_CARBON, "Ports/Offset",
    UINT (port_offset, 0, 0, APIM_PORT_OFFSET_MAX, "a port offset"), RESTART },
  { APIM_FILE_CARBON, "HostName", HOST (host_name, "localhost") },
  { APIM_FILE_CARBON, "EnableEmailUserName", BOOL (user_store.email_user_names, FALSE), RESTART },
  { APIM_FILE_CARBON, "WebContextRoot", ANY_TEXT (web_context_root, ""), .check = check_context_root, RESTART },
  { APIM_FILE_CARBON, "Security/KeyStore/Location",
    TEXT (key_store.location, NULL), .absent = "(the node's own keys)", .check = check_path },
  { APIM_FILE_CARBON, "Security/KeyStore/Type", CHOICE (key_store.type, APIM_KEY_STORE_JKS, key_store_types) },
  { APIM_FILE_CARBON, "Security/KeyStore/Password", SECRET (key_store.password) },
  { APIM_FILE_CARBON, "Security/KeyStore/KeyPassword", SECRET (key_store.key_password) },
  { APIM_FILE_CARBON, "Security/KeyStore/KeyAlias", TEXT (key_store.key_alias, NULL), .absent = "(none)" },
  { APIM_FILE_CARBON, "Security/TrustStore/Location",
    TEXT (trust_store.location, NULL), .absent = "(the system's and the node's own)", .check = check_path, RESTART },
  { APIM_FILE_CARBON, "Security/TrustStore/Password", SECRET (trust_store.password), RESTART },

  { APIM_FILE_API_MANAGER, "DataSourceName", TEXT (api_data_source, "jdbc/WSO2AM_DB"), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/EnableThriftServer", BOOL (thrift_enabled, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/ThriftServerHost", HOST (thrift.host, NULL), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/ThriftServerPort", PORT (thrift.port, THRIFT_PORT), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/ThriftClientConnectionTimeOut",
    UINT (thrift_client_timeout_ms, 10000, 0, G_MAXINT, "a time in ms") },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/ServerURL",
    TEXT (key_manager.server_urls, NULL), .absent = "(this node's)", RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/Username", TEXT (key_manager.user, "admin"), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/Password", SECRET (key_manager.password), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/KeyValidatorClientType",
    CHOICE (key_manager.client, APIM_KEY_VALIDATOR_THRIFT, key_validator_clients), RESTART },
  { APIM_FILE_API_MANAGER, "APIKeyValidator/ThriftClientPort", PORT (key_manager.thrift_port, THRIFT_PORT), RESTART },
  { APIM_FILE_API_MANAGER, "CacheConfigurations/TokenCacheExpiry",
    UINT (gateway.token_cache_s, 0, 0, 86400, "a time in seconds"), RESTART },
  { APIM_FILE_API_MANAGER, "ThrottlingConfigurations/EnableAdvanceThrottling", BOOL (advanced_throttling, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "ThrottlingConfigurations/BlockCondition/Enabled", BOOL (gateway.blocks, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "ThrottlingConfigurations/BlockCondition/Period",
    UINT (gateway.block_period_ms, 5000, 1000, 86400000, "a time in ms"), RESTART },
  { APIM_FILE_API_MANAGER, "OAuthConfigurations/ApplicationTokenScope", .also = "APIKeyValidator/ApplicationTokenScope",
    TEXT (application_token_scope, "am_application_scope"), RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/EnableJWTGeneration",
    .also = "APIConsumerAuthentication/EnableTokenGeneration", BOOL (backend_jwt.enabled, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/SignatureAlgorithm", .also = "APIConsumerAuthentication/SignatureAlgorithm",
    CHOICE (backend_jwt.sign, TRUE, signature_algorithms), RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/ConsumerDialectURI", .also = "APIConsumerAuthentication/ConsumerDialectURI",
    TEXT (backend_jwt.dialect, "http://wso2.org/claims"), RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/ClaimsRetrieverImplClass",
    .also = "APIConsumerAuthentication/ClaimsRetrieverImplClass",
    ANY_TEXT (backend_jwt.claims_retriever, NULL), .absent = "(no claims of the user)", RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/JWTGeneratorImpl", .also = "APIConsumerAuthentication/TokenGeneratorImpl",
    ANY_TEXT (backend_jwt.generator, NULL), .absent = "(the standard one)", RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/JWTExpiryTime", .also = "APIConsumerAuthentication/JWTExpiryTime",
    UINT (backend_jwt.validity_s, 900, 1, 31536000, "a time in seconds"), RESTART },
  { APIM_FILE_API_MANAGER, "EnableSecureVault", BOOL (deployment.secure_vault, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "CORSConfiguration/Enabled", BOOL (deployment.cors, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "CORSConfiguration/Access-Control-Allow-Origin",
    ANY_TEXT (gateway.cors_origins, NULL), .absent = "(the release's)", .check = check_words, RESTART },
  { APIM_FILE_API_MANAGER, "CORSConfiguration/Access-Control-Allow-Methods",
    ANY_TEXT (gateway.cors_methods, NULL), .absent = "(the release's)", .check = check_words, RESTART },
  { APIM_FILE_API_MANAGER, "CORSConfiguration/Access-Control-Allow-Headers",
    ANY_TEXT (gateway.cors_headers, NULL), .absent = "(the release's)", .check = check_words, RESTART },
  { APIM_FILE_API_MANAGER, "CORSConfiguration/Access-Control-Allow-Credentials",
    BOOL (gateway.cors_credentials, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "APIGateway/ClientDomainHeader",
    TEXT (gateway.client_domain_header, "referer"), .check = check_header, RESTART },
  { APIM_FILE_API_MANAGER, "APIConsumerAuthentication/KeyHeaderSegment",
    TEXT (gateway.key_segment, "Bearer"), .check = check_header, RESTART },
  { APIM_FILE_API_MANAGER, "APIConsumerAuthentication/KeySegmentDelimiter",
    ANY_TEXT (gateway.key_delimiter, ""), .check = check_words, RESTART },
  { APIM_FILE_API_MANAGER, "APIConsumerAuthentication/OAuthHeaderSplitter",
    TEXT (gateway.key_splitter, ","), .check = check_splitter, RESTART },
  { APIM_FILE_API_MANAGER, "OAuthConfigurations/AuthorizationHeader", .also = "APIConsumerAuthentication/OAuthHeader",
    TEXT (deployment.authorization_header, "Authorization"), .check = check_header, RESTART },
  { APIM_FILE_API_MANAGER, "OAuthConfigurations/RemoveOAuthHeadersFromOutMessage",
    .also = "APIConsumerAuthentication/RemoveOAuthHeadersFromOutMessage",
    BOOL (deployment.removes_oauth_header, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "JWTConfiguration/JWTHeader", .also = "APIConsumerAuthentication/SecurityContextHeader",
    TEXT (gateway.jwt_header, "X-JWT-Assertion"), .check = check_header, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/AccessLog",
    TEXT (gateway.access_log, NULL), .absent = "(none)", .check = check_path, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/AccessLogForm", CHOICE (gateway.access_log_json, FALSE, access_log_forms), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/Http2", BOOL (gateway.http2, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/EchoRequestHeaders", BOOL (gateway.echoes_headers, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/JwtCertificates",
    TEXT (gateway.jwt_certificates, NULL), .absent = "(none)", .check = check_path, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/JwtIssuer",
    TEXT (gateway.jwt_issuer, NULL), .absent = "(the Key Manager's token endpoint)", .check = check_issuer, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GatewayHost", HOST (gateway.host, NULL), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GatewayHttpPort", PORT (gateway.http_port, APIM_GATEWAY_HTTP_PORT), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GatewayHttpsPort", PORT (gateway.https_port, APIM_GATEWAY_HTTPS_PORT), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GatewayGeneration",
    CHOICE (deployment.generation, APIM_GATEWAY_2_6, gateway_generations), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GatewayFolder",
    TEXT (deployment.folder, NULL), .absent = "(none)", .check = check_path, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GatewayFolderEnvironment",
    TEXT (deployment.folder_environment, "Production and Sandbox"), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/GoogleAnalytics", BOOL (deployment.google_analytics, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/BackendJwtForm",
    CHOICE (backend_jwt.form, APIM_BACKEND_JWT_2_X, backend_jwt_forms), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/KeyManagerCertificateName",
    .type = APIM_SETTING_HOST, FIELD (key_manager.certificate_name), .absent = "(the hosts of ServerURL)" },
  { APIM_FILE_API_MANAGER, "Apimd/HttpsHost", HOST (https.host, NULL), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/HttpsPort", PORT (https.port, APIM_MANAGEMENT_PORT), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/TlsMinimumVersion", CHOICE (tls_minimum, TLS1_2_VERSION, tls_versions) },
  { APIM_FILE_API_MANAGER, "Apimd/TlsCiphers",
    TEXT (tls_ciphers, NULL), .absent = "(OpenSSL's default)", .check = check_ciphers },
  { APIM_FILE_API_MANAGER, "Apimd/AllowUriTemplatesWithoutSession", BOOL (serve_sessionless_templates, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/ThriftLoginRole", TEXT (login_role, NULL), .absent = "(every user)", RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/AllowImplicitGrant", BOOL (allow_implicit, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/RequirePkce", CHOICE (pkce, APIM_PKCE_PUBLIC, pkce_choices), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/SoapClientProfile",
    CHOICE (soap_profile, APIM_SOAP_PROFILE_2_X, soap_profiles), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/AnonymousSignUp", BOOL (anonymous_sign_up, FALSE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/SelfSignUp", BOOL (self_sign_up, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/SignUpRole", TEXT (sign_up_role, "Internal/subscriber"), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/TellGateways", BOOL (tell_gateways, TRUE), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/PurgeEvery", UINT (purge_every_h, 0, 0, 8760, "a number of hours"), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/PurgeOlderThan", UINT (purge_older_than_days, 30, 1, 36500, "a number of days"), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/ScopeWhitelist",
    ANY_TEXT (scope_whitelist, "^device_.* openid"), .check = check_patterns, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/TokenTime",
    CHOICE (token_time, APIM_TOKEN_TIME_SERVER, token_times), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/TrustedProxies",
    TEXT (trusted_proxies, NULL), .absent = "(none)", .check = check_networks, RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/WorkflowApplicationCreation",
    EXECUTOR (APIM_WORKFLOW_APPLICATION_CREATION), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/WorkflowProductionApplicationRegistration",
    EXECUTOR (APIM_WORKFLOW_PRODUCTION_KEYS), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/WorkflowSandboxApplicationRegistration",
    EXECUTOR (APIM_WORKFLOW_SANDBOX_KEYS), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/WorkflowSubscriptionCreation",
    EXECUTOR (APIM_WORKFLOW_SUBSCRIPTION_CREATION), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/WorkflowUserSignUp", EXECUTOR (APIM_WORKFLOW_USER_SIGN_UP), RESTART },
  { APIM_FILE_API_MANAGER, "Apimd/Workers", UINT (workers, 0, 0, 1024, "a number of threads"), RESTART },

  { APIM_FILE_IDENTITY, "OAuth/TimestampSkew",
    INT64 (timestamp_skew_ms, 300, 0, 86400, 1000, "a time in seconds"), RESTART },
  { APIM_FILE_IDENTITY, "OAuth/UserAccessTokenDefaultValidityPeriod",
    INT64 (user_token_validity_s, 3600, -G_MAXINT, G_MAXINT, 1, "a time in seconds"), RESTART },
  { APIM_FILE_IDENTITY, "OAuth/AccessTokenDefaultValidityPeriod",
    INT64 (app_token_validity_s, 3600, -G_MAXINT, G_MAXINT, 1, "a time in seconds"), RESTART },
  { APIM_FILE_IDENTITY, "OAuth/RefreshTokenValidityPeriod",
    INT64 (refresh_token_validity_s, 86400, -G_MAXINT, G_MAXINT, 1, "a time in seconds"), RESTART },
  { APIM_FILE_IDENTITY, "OAuth/AuthorizationCodeDefaultValidityPeriod",
    INT64 (code_validity_s, 300, 1, 86400, 1, "a time in seconds"), RESTART },
  { APIM_FILE_IDENTITY, "OAuth/RenewRefreshTokenForRefreshGrant", BOOL (renew_refresh_token, TRUE), RESTART },

  { APIM_FILE_IDENTITY, "OAuth/OpenIDConnect/IDTokenExpiration",
    INT64 (id_token_validity_s, 3600, 1, G_MAXINT, 1, "a time in seconds"), RESTART },
  { APIM_FILE_IDENTITY, "OAuth/OpenIDConnect/IDTokenIssuerID",
    TEXT (token_issuer, NULL), .absent = "(the token endpoint)", .check = check_issuer, RESTART },

  { APIM_FILE_THRIFT_AUTHENTICATION, "ThriftSessionTimeout",
    INT64 (session_idle_ms, 30 * 60 * 1000, 1000, G_MAXINT, 1, "a time in ms"), RESTART },
};
/* clang-format on */

const gsize apim_n_settings = G_N_ELEMENTS (apim_settings);

#define MEMBER(type, setting, config) G_STRUCT_MEMBER (type, config, (setting)->offset)

/* The 2.x name of an element that 1.x had under APIKeyManager. Only where APIKeyValidator is missing does the old
 * element count, and then the whole of it: a server of either generation reads only its own (spec/thrift 3.1). */
static char *
path_in_file (const char *path, const ApimXml *xml)
{
  static const char prefix[] = "APIKeyValidator/";

  if (!g_str_has_prefix (path, prefix) || apim_xml_find (xml, NULL, "APIKeyValidator") != NULL)
    return g_strdup (path);
  return g_strconcat ("APIKeyManager/", path + strlen (prefix), NULL);
}

static gboolean
check_text (const ApimSetting *setting, char **value, const char *home, const ApimXml *xml, xmlNode *node,
            GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (setting->type == APIM_SETTING_TEXT && **value == '\0')
    return apim_xml_fail (xml, node, error, "the element is empty: give it a value, or remove it to have the default");
  if (setting->check != NULL && !setting->check (value, home, &reason))
    return apim_xml_fail (xml, node, error, "%s", reason->message);
  return TRUE;
}

static gboolean
read_text (const ApimSetting *setting, ApimConfig *config, const ApimXml *xml, const char *path, GError **error)
{
  char **value = &MEMBER (char *, setting, config);
  xmlNode *node = apim_xml_find (xml, NULL, path);

  *value = g_strdup (setting->text);
  if (node == NULL)
    return TRUE;
  switch (setting->type)
    {
    case APIM_SETTING_SECRET:
      return apim_xml_get_secret (xml, NULL, path, value, error);
    case APIM_SETTING_HOST:
      return apim_xml_get_host (xml, NULL, path, value, error);
    default:
      return apim_xml_get_text (xml, NULL, path, value, error)
             && check_text (setting, value, config->home, xml, node, error);
    }
}

static gboolean
read_number (const ApimSetting *setting, ApimConfig *config, const ApimXml *xml, const char *path, GError **error)
{
  gint64 number = setting->number;

  if (setting->type == APIM_SETTING_PORT)
    number += config->port_offset;
  if (!apim_xml_get_int (xml, NULL, path, setting->what, setting->minimum, setting->maximum, &number, error))
    return FALSE;
  if (setting->type == APIM_SETTING_PORT)
    MEMBER (guint16, setting, config) = (guint16) number;
  else if (setting->type == APIM_SETTING_UINT)
    MEMBER (guint, setting, config) = (guint) number;
  else
    MEMBER (gint64, setting, config) = number * setting->scale;
  return TRUE;
}

gboolean
apim_setting_read (const ApimSetting *setting, ApimConfig *config, const ApimXml *xml, GError **error)
{
  g_autofree char *path = path_in_file (setting->path, xml);

  if (setting->also != NULL && apim_xml_find (xml, NULL, path) == NULL)
    {
      g_free (path);
      path = path_in_file (setting->also, xml);
    }
  switch (setting->type)
    {
    case APIM_SETTING_BOOL:
      MEMBER (gboolean, setting, config) = (gboolean) setting->number;
      return apim_xml_get_bool (xml, NULL, path, &MEMBER (gboolean, setting, config), error);
    case APIM_SETTING_CHOICE:
      MEMBER (int, setting, config) = (int) setting->number;
      return apim_xml_get_choice (xml, NULL, path, setting->choices, &MEMBER (int, setting, config), error);
    case APIM_SETTING_UINT:
    case APIM_SETTING_INT64:
    case APIM_SETTING_PORT:
      return read_number (setting, config, xml, path, error);
    default:
      return read_text (setting, config, xml, path, error);
    }
}

static gboolean
is_text (const ApimSetting *setting)
{
  return setting->type <= APIM_SETTING_HOST;
}

static gint64
number_of (const ApimSetting *setting, const ApimConfig *config)
{
  switch (setting->type)
    {
    case APIM_SETTING_BOOL:
      return MEMBER (gboolean, setting, config);
    case APIM_SETTING_CHOICE:
      return MEMBER (int, setting, config);
    case APIM_SETTING_UINT:
      return MEMBER (guint, setting, config);
    case APIM_SETTING_PORT:
      return MEMBER (guint16, setting, config);
    default:
      return MEMBER (gint64, setting, config) / setting->scale;
    }
}

char *
apim_setting_show (const ApimSetting *setting, const ApimConfig *config)
{
  const char *text;

  if (is_text (setting))
    {
      text = MEMBER (char *, setting, config);
      if (text == NULL)
        return g_strdup (setting->absent);
      return g_strdup (setting->type == APIM_SETTING_SECRET ? "********" : text);
    }
  if (setting->type == APIM_SETTING_BOOL)
    return g_strdup (number_of (setting, config) ? "true" : "false");
  if (setting->type == APIM_SETTING_CHOICE)
    for (const ApimXmlChoice *choice = setting->choices; choice->word != NULL; choice++)
      if (choice->value == number_of (setting, config))
        return g_strdup (choice->word);
  return g_strdup_printf ("%" G_GINT64_FORMAT, number_of (setting, config));
}

gboolean
apim_setting_equal (const ApimSetting *setting, const ApimConfig *a, const ApimConfig *b)
{
  if (is_text (setting))
    return g_strcmp0 (MEMBER (char *, setting, a), MEMBER (char *, setting, b)) == 0;
  return number_of (setting, a) == number_of (setting, b);
}

void
apim_setting_clear (const ApimSetting *setting, ApimConfig *config)
{
  if (!is_text (setting))
    return;
  if (setting->type == APIM_SETTING_SECRET)
    apim_secret_free (MEMBER (char *, setting, config));
  else
    g_free (MEMBER (char *, setting, config));
  MEMBER (char *, setting, config) = NULL;
}
