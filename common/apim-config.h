/* The configuration of a node: an immutable snapshot read from the files of a WSO2-shaped home.
 *
 * Files (each, and each element in them, may be missing): repository/conf/api-manager.xml, carbon.xml, user-mgt.xml,
 * datasources/master-datasources.xml, identity.xml and thrift-authentication.xml (2.x: in identity/). Settings that
 * WSO2 has no name for live in the element <Apimd> of api-manager.xml; docs/configuration.md lists every element that
 * is read, with unit and default.
 * Elements that nobody here reads are fine. A value that is read and cannot be understood is an error that names
 * file, line, element and reason.
 *
 * Threads: a snapshot never changes; take a reference to keep it. */
#ifndef APIM_CONFIG_H
#define APIM_CONFIG_H

#include "common/apim-workflow.h"

#include <glib.h>

G_BEGIN_DECLS

#define APIM_CONFIG_ERROR (apim_config_error_quark ())
GQuark apim_config_error_quark (void);
typedef enum
{
  APIM_CONFIG_ERROR_UNREADABLE, /* a file is there but cannot be read */
  APIM_CONFIG_ERROR_SYNTAX,     /* not well-formed XML */
  APIM_CONFIG_ERROR_VALUE,      /* an element's value cannot be used */
} ApimConfigError;

typedef enum
{
  APIM_DATABASE_SQLITE, /* jdbc:sqlite:PATH; a relative path starts at the home */
  APIM_DATABASE_MYSQL,  /* jdbc:mysql://HOST[:PORT][,...]/NAME[?...] and jdbc:mariadb:... */
} ApimDatabaseKind;

/* Ports of WSO2's servers, before the offset. */
#define APIM_MANAGEMENT_PORT 9443
#define APIM_GATEWAY_HTTP_PORT 8280
#define APIM_GATEWAY_HTTPS_PORT 8243

/* Servers that one data source may name. */
#define APIM_DATABASE_MAX_SERVERS 8
/* How long a connection may be idle before it is checked. */
#define APIM_VALIDATION_INTERVAL_MS 30000

typedef struct
{
  char *host;
  guint16 port;
} ApimDatabaseServer;

/* One data source of master-datasources.xml (spec/distributed-deployment.md 2). */
typedef struct
{
  char *jndi_name; /* "jdbc/WSO2AM_DB" */
  ApimDatabaseKind kind;
  char *path;             /* SQLite: absolute path of the file */
  char *host;             /* MySQL: host name or address */
  guint16 port;           /* MySQL: default 3306 */
  ApimDatabaseServer others[APIM_DATABASE_MAX_SERVERS - 1]; /* MySQL: the URL's further servers, for when one is away */
  guint n_others;
  char *unix_socket;      /* MySQL: nullable; from the URL's localSocket parameter (MariaDB Connector/J's name) */
  char *database;         /* MySQL: schema name */
  char *user;             /* MySQL */
  char *password;         /* MySQL; never printed */
  gboolean use_tls;       /* MySQL: useSSL / sslMode of the URL asked for TLS */
  gboolean verify_tls;    /* MySQL: ... and for a check of its certificate (VERIFY_*, verifyServerCertificate) */
  gboolean verify_tls_name;   /* MySQL: ... and of the name in it (VERIFY_IDENTITY, or no trust store of one's own) */
  char *trust_store;          /* MySQL: nullable: the system's; absolute path of PEM, PKCS#12 or JKS */
  char *trust_store_password; /* MySQL: nullable; never printed */
  guint max_active;       /* connections; default 50 */
  guint max_wait_ms;      /* for a connection; default 60000 */
  char *validation_query; /* nullable; "SELECT 1" */
  guint validation_interval_ms; /* idle connections are checked after it; 0: APIM_VALIDATION_INTERVAL_MS */
} ApimDataSource;

typedef enum
{
  APIM_KEY_STORE_PEM,
  APIM_KEY_STORE_PKCS12, /* this and JKS are told apart by the content: Java since 9 makes PKCS#12 under any name */
  APIM_KEY_STORE_JKS,    /* and JCEKS */
} ApimKeyStoreType;

/* carbon.xml Security/KeyStore. Where the operator gives none, location is NULL and the node serves
 * repository/resources/security/node-rsa.pem and node-ec.pem, which the first start makes (spec/decisions.md 8). */
typedef struct
{
  char *location; /* nullable; absolute path */
  ApimKeyStoreType type;
  char *password;     /* nullable; never printed */
  char *key_password; /* nullable: the same as password; never printed */
  char *key_alias;    /* nullable: the first private key */
} ApimKeyStoreSettings;

/* carbon.xml Security/TrustStore: who vouches for the nodes that this one calls. */
typedef struct
{
  char *location; /* nullable: the system's authorities and the node's own certificates; absolute path */
  char *password; /* nullable; never printed */
} ApimTrustStoreSettings;

/* One address a listener binds: host is a name or an address; NULL = every address of the machine. */
typedef struct
{
  char *host;
  guint16 port;
} ApimListenAddress;

/* Every named limit of the node; element names in <Apimd><Limits> are given. Times in ms, sizes in bytes. */
typedef struct
{
  guint max_connections;             /* MaxConnections; 0 = the descriptors the process may have, less 64 (a gateway: half) */
  guint max_connections_per_address; /* MaxConnectionsPerAddress; 16384 */
  guint handshake_timeout_ms;        /* HandshakeTimeout; 10000: from accept to a finished TLS handshake */
  guint idle_timeout_ms;             /* IdleTimeout; 600000: no request in progress; 0 = never (spec/thrift 5.3) */
  guint read_timeout_ms;             /* ReadTimeout; 30000: a request that has begun must be whole by then */
  guint write_timeout_ms;            /* WriteTimeout; 30000: a peer that reads nothing of a waiting reply */
  guint min_transfer_rate;           /* MinTransferRate; 100: of clients of a gateway that it waits for; 0 = any */
  guint drain_timeout_ms;            /* DrainTimeout; 30000: requests in progress when the node stops */
  guint max_unread_output;           /* MaxUnreadOutput; 1 MiB: waiting replies before a connection's input is paused */
  guint max_thrift_message;          /* MaxThriftMessage; 4 MiB (spec/thrift 8) */
  guint max_http_header;             /* MaxHttpHeader; 64 KiB: request line and headers */
  guint max_http_trailer;            /* MaxHttpTrailer; 8 KiB: what comes behind a body through a gateway */
  guint max_http_body;               /* MaxHttpBody; 10 MiB, and 64 KiB for what goes around a file */
  guint max_archive;                 /* MaxArchive; 64 MiB: the body of an import, instead of MaxHttpBody */
  guint max_archives_at_once;        /* MaxArchivesAtOnce; 4: imports of more than MaxHttpBody held in memory */
  guint max_soap_message;            /* MaxSoapMessage; 256 KiB: it is parsed on a worker */
  guint database_threads;            /* DatabaseThreads; 16: threads that wait for databases */
  guint database_queue;              /* DatabaseQueue; 1024: look-ups waiting for such a thread */
  guint database_timeout_ms;         /* DatabaseTimeout; 5000: one look-up, connection included */
  guint gateway_deploy_timeout_ms;   /* GatewayDeployTimeout; 30000: one call of a gateway's APIGatewayAdmin */
  guint max_gateway_walks_at_once;   /* MaxGatewayWalksAtOnce; 4: requests to ask or mend gateways for every API */
  guint max_cache_memory;            /* MaxCacheMemory; 256 MiB: facts remembered by key validation; 0 = none */
  guint unknown_tokens_per_second;   /* UnknownTokensPerSecond; 5,000: look-ups that may find nothing; 0 = any number */
  guint cache_max_age_ms;            /* CacheMaxAge; 1000: how long they are believed where there is no change feed */
  guint max_sessions;                /* MaxSessions; 100000: Thrift sessions a node remembers */
  guint sign_ups_per_address;        /* SignUpsPerAddress; 100: accounts an hour that strangers make from one address; 0 = any */
  guint sign_ups_per_hour;           /* SignUpsPerHour; 1000: the same from all; 0 = any */
  guint gateway_timeout_ms;          /* GatewayTimeout; 5000: one call of a gateway's services */
  guint gateway_queue;               /* GatewayQueue; 10000: notices that wait for a gateway that is away */
  guint backend_connect_timeout_ms;  /* BackendConnectTimeout; 10000: name, TCP and TLS; and a free connection */
  guint backend_idle_timeout_ms;     /* BackendIdleTimeout; 30000: connections to backends that nobody uses */
  guint backend_read_timeout_ms;     /* BackendReadTimeout; 180000: between two pieces of an answer */
  guint max_backend_connections;     /* MaxBackendConnections; 1024: of one worker to one backend */
  guint backend_queue;               /* BackendQueue; 4096: calls of one worker that wait for one of these */
  guint max_block_conditions;        /* MaxBlockConditions; 1 MiB: what a Key Manager elsewhere says is blocked */
  guint http2_max_streams;           /* Http2MaxStreams; 100: requests at once on one connection of a gateway's client */
  guint http2_stream_window;         /* Http2StreamWindow; 64 KiB: of a request's body, on its way or waiting */
  guint http2_connection_window;     /* Http2ConnectionWindow; 1 MiB: of all bodies of a connection */
  guint http2_resets;                /* Http2Resets; 100: streams that broke off, in 10 s of one connection */
  guint http2_control_frames;        /* Http2ControlFrames; 1000: frames that carry no request, in 10 s of one connection */
  guint max_handshakes_waiting;      /* MaxHandshakesWaiting; 4096: waiting for a handshake thread */
} ApimLimits;

/* How the time of a token in MySQL is to be read (spec/databases.md 4.6). */
typedef enum
{
  APIM_TOKEN_TIME_SERVER, /* in the time zone of the database's session: JVM and server shared one */
  APIM_TOKEN_TIME_UTC,    /* as UTC, whatever that zone is: the JDBC driver wrote UTC */
} ApimTokenTime;

/* Which clients must use PKCE to get an authorization code. */
typedef enum
{
  APIM_PKCE_PUBLIC,     /* those without a secret, or with a redirect URI of a scheme of their own; and those registered so */
  APIM_PKCE_ALL,
  APIM_PKCE_REGISTERED, /* those registered so (PKCE_MANDATORY), as in WSO2 */
} ApimPkce;

/* Which release's stubs SOAP clients have: they refuse an answer with elements of another one (spec/soap-and-oauth.md 1.6). */
typedef enum
{
  APIM_SOAP_PROFILE_1_5, /* 1.5, 1.6 */
  APIM_SOAP_PROFILE_1_7, /* 1.7 to 1.10 */
  APIM_SOAP_PROFILE_2_X, /* 2.0 to 2.6 */
  APIM_N_SOAP_PROFILES,
} ApimSoapProfile;

/* The shape of backend JWTs (spec/soap-and-oauth.md 6). */
typedef enum
{
  APIM_BACKEND_JWT_2_X,
  APIM_BACKEND_JWT_1_X,
} ApimBackendJwtForm;

/* The release of WSO2 API Manager whose gateways APIs are deployed to. */
typedef enum
{
  APIM_GATEWAY_1_9,
  APIM_GATEWAY_1_10,
  APIM_GATEWAY_2_0,
  APIM_GATEWAY_2_1,
  APIM_GATEWAY_2_2,
  APIM_GATEWAY_2_5,
  APIM_GATEWAY_2_6,
} ApimGatewayGeneration;

/* How APIs are brought to gateways (spec/gateway-and-traffic-manager.md 5). */
typedef struct
{
  ApimGatewayGeneration generation; /* Apimd/GatewayGeneration; 2.6 */
  gboolean cors;                    /* CORSConfiguration/Enabled; TRUE */
  gboolean removes_oauth_header;    /* OAuthConfigurations/RemoveOAuthHeadersFromOutMessage; TRUE */
  char *authorization_header;       /* OAuthConfigurations/AuthorizationHeader; 1.x: OAuthHeader; "Authorization" */
  gboolean secure_vault;            /* EnableSecureVault; FALSE */
  gboolean google_analytics;        /* Apimd/GoogleAnalytics; FALSE */
  char *folder;                     /* Apimd/GatewayFolder; nullable: none; absolute path */
  char *folder_environment;         /* Apimd/GatewayFolderEnvironment; "Production and Sandbox" */
} ApimDeploymentSettings;

/* What a gateway serves on, and how (spec/gateway-and-traffic-manager.md 9, 10). */
typedef struct
{
  char *host;              /* Apimd/GatewayHost; nullable: every address of the machine */
  guint16 http_port;       /* Apimd/GatewayHttpPort; 8280 + offset */
  guint16 https_port;      /* Apimd/GatewayHttpsPort; 8243 + offset */
  gboolean http2;          /* Apimd/Http2; TRUE: HTTP/2 beside HTTP/1.1 on both ports */
  guint token_cache_s;     /* CacheConfigurations/TokenCacheExpiry; 0: CacheMaxAge; of Key Managers of other nodes */
  gboolean blocks;         /* ThrottlingConfigurations/BlockCondition/Enabled; TRUE */
  guint block_period_ms;   /* ThrottlingConfigurations/BlockCondition/Period; 5000 */
  char *jwt_header;        /* JWTConfiguration/JWTHeader; 1.x: SecurityContextHeader; "X-JWT-Assertion" */
  char *access_log;        /* Apimd/AccessLog; nullable: none; absolute path */
  gboolean access_log_json; /* Apimd/AccessLogForm: json; FALSE: combined */
  /* 1.x APIConsumerAuthentication: how a token is written in its header. */
  char *key_segment;   /* KeyHeaderSegment; "Bearer" */
  char *key_delimiter; /* KeySegmentDelimiter; "": a blank, which is what XML makes of one */
  char *key_splitter;  /* OAuthHeaderSplitter: one character; "," */
  char *client_domain_header; /* APIGateway/ClientDomainHeader; "referer" */
  /* CORSConfiguration/Access-Control-Allow-Origin, ...: words with commas between; nullable: the release's. */
  char *cors_origins, *cors_methods, *cors_headers;
  gboolean cors_credentials; /* CORSConfiguration/Access-Control-Allow-Credentials; FALSE */
  char *jwt_certificates;  /* Apimd/JwtCertificates; nullable: the Key Manager is asked about self-contained tokens */
  char *jwt_issuer;        /* Apimd/JwtIssuer; nullable: token_issuer, else the first Key Manager's token endpoint */
  gboolean echoes_headers; /* Apimd/EchoRequestHeaders; FALSE: faults repeat the request's headers, as 2.x does */
} ApimGatewaySettings;

/* How a gateway asks Key Managers. */
typedef enum
{
  APIM_KEY_VALIDATOR_THRIFT,
  APIM_KEY_VALIDATOR_SOAP,
} ApimKeyValidatorClient;

/* api-manager.xml APIKeyValidator, in 1.x APIKeyManager: the Key Managers of a gateway that has none in its process. */
typedef struct
{
  char *server_urls; /* ServerURL: one https URL of their services, or several with commas between; nullable: this node's */
  char *user;        /* Username; "admin" */
  char *password;    /* Password; nullable; never printed */
  ApimKeyValidatorClient client; /* KeyValidatorClientType; Thrift */
  guint16 thrift_port;           /* ThriftClientPort; 10397 */
  char *certificate_name; /* Apimd/KeyManagerCertificateName; nullable: their certificates are for the hosts of ServerURL */
} ApimKeyManagerSettings;

/* api-manager.xml JWTConfiguration, in 1.x APIConsumerAuthentication: what the Key Manager needs of it. */
typedef struct
{
  gboolean enabled;         /* EnableJWTGeneration; 1.x: EnableTokenGeneration; FALSE */
  gboolean sign;            /* SignatureAlgorithm: SHA256withRSA, or NONE for FALSE; TRUE */
  char *dialect;            /* ConsumerDialectURI; "http://wso2.org/claims" */
  char *claims_retriever;   /* ClaimsRetrieverImplClass; nullable: no claims of the user */
  char *generator;          /* JWTGeneratorImpl; nullable; URLSafeJWTGenerator: base64url */
  guint validity_s;         /* JWTExpiryTime; 900 */
  ApimBackendJwtForm form;  /* Apimd/BackendJwtForm; 2.x */
} ApimBackendJwtSettings;

/* user-mgt.xml: what the password check and the roles need (spec/databases.md 6). */
typedef struct
{
  char *data_source;               /* "jdbc/WSO2UM_DB" */
  char *admin_user;                /* AdminUser/UserName; "admin" */
  char *admin_role;                /* AdminRole; "admin" */
  char *password_digest;           /* "SHA-256"; "PLAIN_TEXT" or "" = stored as given */
  gboolean salted;                 /* StoreSaltedPassword; TRUE */
  gboolean case_insensitive_names; /* CaseInsensitiveUsername; TRUE */
  gboolean read_only;              /* ReadOnly; FALSE: users and roles of the store may be written */
  gboolean email_user_names;       /* carbon.xml EnableEmailUserName; FALSE */
  /* Patterns for new names and passwords, which must match the whole text; NULL or "": any text will do. One that
   * cannot be understood is no error here: core-user-rules.h. */
  char *user_name_pattern;         /* UsernameJavaRegEx; nullable; not for e-mail user names */
  char *email_pattern;             /* UsernameWithEmailJavaScriptRegEx; nullable; for e-mail user names */
  char *role_name_pattern;         /* RolenameJavaRegEx; nullable */
  char *password_pattern;          /* PasswordJavaRegEx; nullable */
  guint max_user_list;             /* MaxUserNameListLength; 100: names that a list of users has at most */
  guint max_role_list;             /* MaxRoleNameListLength; 100 */
} ApimUserStoreSettings;

typedef struct _ApimConfig ApimConfig;
struct _ApimConfig
{
  char *home;       /* absolute */
  guint port_offset; /* --port-offset, else carbon.xml Ports/Offset */
  char *host_name;  /* carbon.xml HostName; "localhost" */
  char *web_context_root; /* carbon.xml WebContextRoot; "" for "/" or nothing, else "/text", no final slash */

  gboolean thrift_enabled;            /* EnableThriftServer; TRUE when missing (decisions.md 5) */
  ApimListenAddress thrift;           /* ThriftServerHost, ThriftServerPort (spec/thrift 3.1) */
  ApimKeyManagerSettings key_manager; /* whom a gateway asks */
  guint thrift_client_timeout_ms;     /* ThriftClientConnectionTimeOut; 10000; only shown: see IdleTimeout */
  ApimListenAddress https;            /* Apimd/HttpsHost, Apimd/HttpsPort; 9443 + offset */

  GPtrArray *data_sources;  /* of ApimDataSource */
  char *api_data_source;    /* DataSourceName; "jdbc/WSO2AM_DB" */
  GPtrArray *environments;  /* of ApimEnvironment (apim-environments.h): the gateways */
  ApimUserStoreSettings user_store;

  ApimKeyStoreSettings key_store;
  ApimTrustStoreSettings trust_store;
  int tls_minimum; /* Apimd/TlsMinimumVersion: TLS1_VERSION .. TLS1_3_VERSION of OpenSSL; TLS1_2_VERSION */
  char *tls_ciphers; /* Apimd/TlsCiphers: OpenSSL cipher list for TLS <= 1.2; nullable: OpenSSL's default */

  char *trusted_proxies;          /* Apimd/TrustedProxies; nullable: none */
  gboolean advanced_throttling;   /* ThrottlingConfigurations/EnableAdvanceThrottling; TRUE */
  ApimTokenTime token_time;       /* Apimd/TokenTime; server */
  char *application_token_scope;  /* ApplicationTokenScope; "am_application_scope" */
  gint64 timestamp_skew_ms;       /* identity.xml OAuth/TimestampSkew, seconds; 300000 */
  gint64 user_token_validity_s;   /* identity.xml OAuth/UserAccessTokenDefaultValidityPeriod; 3600; < 0: never expire */
  gint64 app_token_validity_s;    /* identity.xml OAuth/AccessTokenDefaultValidityPeriod; 3600; < 0: never expire */
  gint64 refresh_token_validity_s; /* identity.xml OAuth/RefreshTokenValidityPeriod; 86400; < 0: never expire */
  gint64 id_token_validity_s;      /* identity.xml OAuth/OpenIDConnect/IDTokenExpiration; 3600 */
  gint64 code_validity_s;          /* identity.xml OAuth/AuthorizationCodeDefaultValidityPeriod; 300 */
  gboolean renew_refresh_token;    /* identity.xml OAuth/RenewRefreshTokenForRefreshGrant; TRUE */
  char *scope_whitelist; /* Apimd/ScopeWhitelist: patterns separated by blanks; "^device_.* openid" */
  char *token_issuer;             /* identity.xml OAuth/OpenIDConnect/IDTokenIssuerID; nullable: the token endpoint */
  ApimBackendJwtSettings backend_jwt;

  ApimDeploymentSettings deployment;
  ApimGatewaySettings gateway;

  GPtrArray *saml_providers; /* of ApimSamlProvider (apim-saml-providers.h): whose assertions are taken; none */
  gboolean allow_implicit; /* Apimd/AllowImplicitGrant; FALSE (RFC 9700 2.1.2) */
  ApimPkce pkce;           /* Apimd/RequirePkce; public */

  gint64 session_idle_ms;       /* thrift-authentication.xml ThriftSessionTimeout; 1800000 (spec/thrift 4.3) */
  gboolean serve_sessionless_templates; /* Apimd/AllowUriTemplatesWithoutSession; FALSE (spec/thrift 2.5) */
  char *login_role;             /* Apimd/ThriftLoginRole: only users with it may log in; nullable: every user (4.3) */

  ApimSoapProfile soap_profile; /* Apimd/SoapClientProfile; 2.x */
  gboolean anonymous_sign_up;   /* Apimd/AnonymousSignUp; FALSE: only administrators add users over SOAP */
  gboolean self_sign_up;        /* Apimd/SelfSignUp; TRUE: strangers make accounts at the Store */
  char *sign_up_role;           /* Apimd/SignUpRole; "Internal/subscriber": what they are given */
  gboolean tell_gateways;       /* Apimd/TellGateways; TRUE: of tokens that have ended */

  ApimWorkflowSettings workflows; /* Apimd/WorkflowApplicationCreation...; simple: nothing waits for approval */

  guint purge_every_h;         /* Apimd/PurgeEvery, hours; 0: never: dead tokens are deleted this often */
  guint purge_older_than_days; /* Apimd/PurgeOlderThan; 30 */

  guint workers; /* Apimd/Workers; 0 = one per core */
  ApimLimits limits;

  gint ref_count; /* private */
};

/* Reads the configuration of @home.
 * @port_offset: of the command line, or -1.
 * Returns: (transfer full): NULL with APIM_CONFIG_ERROR; the message is made for the operator. */
ApimConfig *apim_config_load (const char *home, int port_offset, GError **error);
ApimConfig *apim_config_ref (ApimConfig *config);
void apim_config_unref (ApimConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ApimConfig, apim_config_unref)

/* The data source that api_data_source or user_store.data_source names ("jdbc/..." or without the prefix): never NULL
 * for these two, NULL for any other name. Where the file does not define it, an SQLite file in repository/database
 * stands for it: apimgtdb.sqlite for the API Manager's, userdb.sqlite for the user store's. (A name that an element
 * gives must be defined if the file defines any; apim_config_load() sees to that.) (transfer none) */
const ApimDataSource *apim_config_data_source (const ApimConfig *config, const char *jndi_name);

/* The effective configuration as text, one "name = value" line each, secrets masked. Free with g_free(). */
char *apim_config_describe (const ApimConfig *config);

/* The names of settings that differ and only take effect after a restart (listeners, data sources, workers, ...).
 * Returns: (transfer full) (nullable): comma-separated; NULL when there are none. */
char *apim_config_needs_restart (const ApimConfig *running, const ApimConfig *loaded);

/* @home/repository/... joined. Free with g_free(). */
char *apim_home_path (const char *home, const char *first, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
#endif
