/* What each change of a table leaves in the change feed: exactly the rows below, on SQLite and MariaDB, where our schema or
 * `apimctl db feed install` made it. The steps of a list build on one another. */
#include "config.h"

#include "store/st-feed-setup.h"
#include "tests/lib/change-log.h"
#include "tests/lib/store-fixture.h"

typedef struct
{
  const char *script;
  const char *told;          /* sorted */
  const char *told_by_mysql; /* NULL: the same */
} Step;

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Two clients of one application, two versions of an API, a subscription, a token of each kind. */
static const char api_world[]
    = "INSERT INTO IDN_OAUTH_CONSUMER_APPS (ID, CONSUMER_KEY) VALUES (1, 'key-p'), (2, 'key-s'), (3, 'key-x'), (4,"
      " NULL);\n"
      "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (1, 'ann', -1234), (2, 'ben', -1234);\n"
      "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (1, 'app', 1), (2, 'other', 1);\n"
      "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES"
      " (1, 'key-p', 'PRODUCTION', 'COMPLETED'), (1, 'key-s', 'SANDBOX', 'COMPLETED'),"
      " (2, NULL, 'PRODUCTION', 'CREATED');\n"
      "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES (1, 'p', 'Api', '1', '/a/1'),"
      " (2, 'p', 'Api', '2', '/a/2'), (3, 'p', 'Third', '1', '/c/1');\n"
      "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, TIER_ID, API_ID, APPLICATION_ID, SUB_STATUS) VALUES"
      " (1, 'Gold', 1, 1, 'UNBLOCKED');\n";

static const Step token_steps[] = {
  { "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, CONSUMER_KEY_ID, AUTHZ_USER, VALIDITY_PERIOD, ACCESS_TOKEN_HASH)"
    " VALUES ('t1', 1, 'ann', 1000, '" HEX "'), ('t2', 1, 'ben', 1000, '{\"hash\":\"two\"}');\n",
    "token " HEX ", token {\"hash\":\"two\"}" },
  { "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, ACCESS_TOKEN, CONSUMER_KEY_ID, AUTHZ_USER) VALUES ('t3', 'plain',"
    " 1, 'cat');\n",
    "token" },
  { "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN (TOKEN_ID, CONSUMER_KEY_ID, AUTHZ_USER, TOKEN_STATE, ACCESS_TOKEN_HASH)"
    " VALUES ('t4', 1, 'dan', 'INACTIVE', 'four');\n",
    "" },
  { "INSERT INTO IDN_OAUTH2_ACCESS_TOKEN_SCOPE (TOKEN_ID, TOKEN_SCOPE) VALUES ('t2', 'a'), ('t2', 'b'), ('t4',"
    " 'a');\n",
    "token {\"hash\":\"two\"}, token {\"hash\":\"two\"}" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN_SCOPE SET TENANT_ID = 5;\n", "" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN_SCOPE SET TOKEN_SCOPE = 'B' WHERE TOKEN_SCOPE = 'b';\n",
    "token {\"hash\":\"two\"}" },
  { "DELETE FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_SCOPE = 'a';\n", "token {\"hash\":\"two\"}" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET REFRESH_TOKEN = 'r', REFRESH_TOKEN_HASH = 'rh', TOKEN_STATE_ID = TOKEN_ID,"
    " SUBJECT_IDENTIFIER = 's', GRANT_TYPE = 'password', TOKEN_STATE = TOKEN_STATE;\n",
    "" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET VALIDITY_PERIOD = 2000 WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET VALIDITY_PERIOD = NULL WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = '2001-02-03 04:05:06' WHERE TOKEN_ID = 't1';\n",
    "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET AUTHZ_USER = 'Ann' WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET CONSUMER_KEY_ID = 2 WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TENANT_ID = 2 WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET USER_DOMAIN = 'LDAP' WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET USER_TYPE = 'APPLICATION' WHERE TOKEN_ID = 't1';\n", "token " HEX },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET ACCESS_TOKEN_HASH = 'one' WHERE TOKEN_ID = 't1';\n",
    "token " HEX ", token one" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET ACCESS_TOKEN_HASH = 'ONE' WHERE TOKEN_ID = 't1';\n", "token ONE, token one" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = 'x' WHERE TOKEN_ID = 't1';\n",
    "token ONE" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'EXPIRED', VALIDITY_PERIOD = 5 WHERE TOKEN_ID = 't1';\n", "" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'ACTIVE' WHERE TOKEN_ID = 't1';\n", "token ONE" },
  { "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET ACCESS_TOKEN = 'other' WHERE TOKEN_ID = 't3';\n", "token" },
  { "DELETE FROM IDN_OAUTH2_ACCESS_TOKEN WHERE TOKEN_ID IN ('t2', 't4');\n", "token {\"hash\":\"two\"}" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CALLBACK_URL = 'x', APP_NAME = 'y', APP_STATE = APP_STATE;\n", "" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_SECRET = 'y' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_SECRET = 'Y' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET APP_STATE = 'REVOKED' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET GRANT_TYPES = 'password' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET USERNAME = 'ann' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET USER_DOMAIN = 'LDAP' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET TENANT_ID = 7 WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET OAUTH_VERSION = '' WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET USER_ACCESS_TOKEN_EXPIRE_TIME = 7 WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET APP_ACCESS_TOKEN_EXPIRE_TIME = 7 WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET REFRESH_TOKEN_EXPIRE_TIME = 7 WHERE ID = 1;\n", "consumer key-p" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_KEY = 'KEY-P' WHERE ID = 1;\n", "consumer KEY-P, consumer key-p" },
  /* The cascade's triggers run on SQLite only. */
  { "DELETE FROM IDN_OAUTH_CONSUMER_APPS WHERE ID = 2;\n", "consumer key-s, token ONE", "consumer key-s" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_KEY = 'key-y' WHERE ID = 4;\n", "consumer key-y" },
  { "UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_KEY = NULL WHERE ID = 4;\n", "consumer key-y" },
  { "DELETE FROM IDN_OAUTH_CONSUMER_APPS WHERE ID IN (3, 4);\n", "consumer key-x" },
};

static const Step application_steps[] = {
  { "UPDATE AM_SUBSCRIPTION SET LAST_ACCESSED = '2001-02-03 04:05:06', UUID = 'u', UPDATED_BY = 'x';\n", "" },
  { "UPDATE AM_SUBSCRIPTION SET SUB_STATUS = 'BLOCKED';\n", "consumer key-p, consumer key-s" },
  { "UPDATE AM_SUBSCRIPTION SET SUBS_CREATE_STATE = 'UN_SUBSCRIBE';\n", "consumer key-p, consumer key-s" },
  { "UPDATE AM_SUBSCRIPTION SET TIER_ID = 'Silver';\n", "consumer key-p, consumer key-s" },
  { "UPDATE AM_SUBSCRIPTION SET API_ID = 2;\n", "consumer key-p, consumer key-s" },
  { "INSERT INTO AM_SUBSCRIPTION (SUBSCRIPTION_ID, API_ID, APPLICATION_ID) VALUES (2, 1, 1), (3, 1, 2), (4, 1,"
    " NULL);\n",
    "consumer key-p, consumer key-s" },
  { "UPDATE AM_APPLICATION_KEY_MAPPING SET STATE = 'APPROVED', CREATE_MODE = 'MAPPED';\n", "" },
  { "UPDATE AM_APPLICATION_KEY_MAPPING SET CONSUMER_KEY = 'key-o' WHERE APPLICATION_ID = 2;\n", "consumer key-o" },
  { "UPDATE AM_APPLICATION_KEY_MAPPING SET CONSUMER_KEY = 'Key-O' WHERE APPLICATION_ID = 2;\n",
    "consumer Key-O, consumer key-o" },
  { "UPDATE AM_APPLICATION_KEY_MAPPING SET KEY_TYPE = 'SANDBOX' WHERE APPLICATION_ID = 2;\n", "consumer Key-O" },
  { "UPDATE AM_APPLICATION_KEY_MAPPING SET CONSUMER_KEY = NULL WHERE APPLICATION_ID = 2;\n", "consumer Key-O" },
  { "UPDATE AM_APPLICATION_KEY_MAPPING SET CONSUMER_KEY = 'key-o' WHERE APPLICATION_ID = 2;\n", "consumer key-o" },
  { "UPDATE AM_SUBSCRIPTION SET APPLICATION_ID = 2 WHERE SUBSCRIPTION_ID = 2;\n",
    "consumer key-o, consumer key-p, consumer key-s" },
  { "DELETE FROM AM_SUBSCRIPTION WHERE SUBSCRIPTION_ID <> 1;\n", "consumer key-o, consumer key-o" },
  { "UPDATE AM_APPLICATION SET DESCRIPTION = 'd', CALLBACK_URL = 'c', UPDATED_BY = 'x', APPLICATION_STATUS ="
    " 'REJECTED', GROUP_ID = 'g';\n",
    "" },
  { "UPDATE AM_APPLICATION SET NAME = 'App' WHERE APPLICATION_ID = 1;\n", "consumer key-p, consumer key-s" },
  { "UPDATE AM_APPLICATION SET APPLICATION_TIER = 'Large' WHERE APPLICATION_ID = 2;\n", "consumer key-o" },
  { "UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = 2;\n", "consumer key-o" },
  { "UPDATE AM_APPLICATION SET SUBSCRIBER_ID = 2 WHERE APPLICATION_ID = 2;\n", "consumer key-o" },
  { "UPDATE AM_APPLICATION SET APPLICATION_ID = 7 WHERE APPLICATION_ID = 2;\n", "consumer key-o, consumer key-o",
    "consumer key-o" },
  { "UPDATE AM_SUBSCRIBER SET EMAIL_ADDRESS = 'e', UPDATED_BY = 'x';\n", "" },
  { "UPDATE AM_SUBSCRIBER SET USER_ID = 'Ann' WHERE SUBSCRIBER_ID = 1;\n", "consumer key-p, consumer key-s" },
  { "UPDATE AM_SUBSCRIBER SET TENANT_ID = 1 WHERE SUBSCRIBER_ID = 2;\n", "consumer key-o" },
  { "INSERT INTO AM_SUBSCRIBER (SUBSCRIBER_ID, USER_ID, TENANT_ID) VALUES (3, 'cat', 1);\n"
    "INSERT INTO AM_APPLICATION (APPLICATION_ID, SUBSCRIBER_ID) VALUES (3, 3);\n",
    "" },
  { "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES (3, 'key-3',"
    " 'PRODUCTION', 'COMPLETED');\n",
    "consumer key-3" },
  { "UPDATE AM_APPLICATION SET UUID = 'u' WHERE APPLICATION_ID = 1;\n", "consumer key-p, consumer key-s" },
  { "INSERT INTO AM_APPLICATION_ATTRIBUTES (APPLICATION_ID, NAME, VALUE, TENANT_ID) VALUES (1, 'Ref', 'a', -1234);\n",
    "consumer key-p, consumer key-s" },
  { "UPDATE AM_APPLICATION_ATTRIBUTES SET VALUE = 'b';\n", "consumer key-p, consumer key-s" },
  { "UPDATE AM_APPLICATION_ATTRIBUTES SET APPLICATION_ID = 3;\n", "consumer key-3, consumer key-p, consumer key-s" },
  { "DELETE FROM AM_APPLICATION_ATTRIBUTES;\n", "consumer key-3" },
  { "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID IN (3, 7);\n", "consumer key-3, consumer key-o" },
  { "DELETE FROM AM_APPLICATION WHERE APPLICATION_ID = 3;\nDELETE FROM AM_SUBSCRIBER WHERE SUBSCRIBER_ID = 3;\n",
    "" },
};

static const Step api_steps[] = {
  { "INSERT INTO AM_API (API_ID, API_PROVIDER, API_NAME, API_VERSION, CONTEXT) VALUES (4, 'p', 'Fourth', '1', '/d/1'),"
    " (5, 'p', 'Fifth', '1', NULL);\n",
    "api /d/1" },
  { "UPDATE AM_API SET UPDATED_BY = 'x', CONTEXT_TEMPLATE = '/t', CREATED_BY = 'y';\n", "" },
  { "UPDATE AM_API SET CONTEXT = '/D/1' WHERE API_ID = 4;\n", "api /D/1, api /d/1" },
  { "UPDATE AM_API SET CONTEXT = NULL WHERE API_ID = 4;\n", "api /D/1" },
  { "UPDATE AM_API SET API_NAME = 'FIFTH', CONTEXT = '/e/1' WHERE API_ID = 5;\n", "api /e/1" },
  { "UPDATE AM_API SET API_TIER = 'Gold' WHERE API_ID = 5;\n", "api /e/1" },
  { "UPDATE AM_API SET API_VERSION = '1a' WHERE API_ID = 5;\n", "api /e/1" },
  { "UPDATE AM_API SET API_PROVIDER = 'q' WHERE API_ID = 5;\n", "api /e/1" },
  { "INSERT INTO AM_API_URL_MAPPING (URL_MAPPING_ID, API_ID, HTTP_METHOD, URL_PATTERN) VALUES (1, 1, 'GET', '/x'), (2,"
    " 5, 'GET', '/x'), (3, 99, 'GET', '/x');\n",
    "api /a/1, api /e/1" },
  { "UPDATE AM_API_URL_MAPPING SET MEDIATION_SCRIPT = 'script';\n", "" },
  { "UPDATE AM_API_URL_MAPPING SET URL_PATTERN = '/X' WHERE URL_MAPPING_ID = 1;\n", "api /a/1" },
  { "UPDATE AM_API_URL_MAPPING SET HTTP_METHOD = 'PUT' WHERE URL_MAPPING_ID = 1;\n", "api /a/1" },
  { "UPDATE AM_API_URL_MAPPING SET AUTH_SCHEME = 'None' WHERE URL_MAPPING_ID = 1;\n", "api /a/1" },
  { "UPDATE AM_API_URL_MAPPING SET THROTTLING_TIER = 'Gold' WHERE URL_MAPPING_ID = 1;\n", "api /a/1" },
  { "UPDATE AM_API_URL_MAPPING SET API_ID = 2 WHERE URL_MAPPING_ID = 1;\n", "api /a/1, api /a/2" },
  { "DELETE FROM AM_API_URL_MAPPING;\n", "api /a/2, api /e/1" },
  { "INSERT INTO AM_API_DEFAULT_VERSION (DEFAULT_VERSION_ID, API_NAME, API_PROVIDER) VALUES (1, 'Api', 'p');\n",
    "api /a/1, api /a/2" },
  { "UPDATE AM_API_DEFAULT_VERSION SET DEFAULT_API_VERSION = '1';\n", "" },
  { "UPDATE AM_API_DEFAULT_VERSION SET PUBLISHED_DEFAULT_API_VERSION = '1';\n", "api /a/1, api /a/2" },
  { "UPDATE AM_API_DEFAULT_VERSION SET API_NAME = 'Third';\n", "api /a/1, api /a/2, api /c/1" },
  { "DELETE FROM AM_API_DEFAULT_VERSION;\n", "api /c/1" },
  { "UPDATE AM_API SET API_ID = 9 WHERE API_ID = 5;\n", "api /e/1" },
  { "DELETE FROM AM_API WHERE API_ID IN (4, 9);\n", "api /e/1" },
};

#define POLICY(table, prefix, more, value) \
  { "INSERT INTO " table " (POLICY_ID, NAME, TENANT_ID, " prefix "QUOTA_TYPE, " prefix "QUOTA, " prefix "UNIT_TIME, " \
    prefix "TIME_UNIT, " more ") VALUES (99, 'n', 1, 'requestCount', 1, 1, 'min', " value ");\n", \
    "policies" }, \
  { "UPDATE " table " SET " prefix "QUOTA_TYPE = 'bandwidthVolume' WHERE POLICY_ID = 99;\n", "policies" }

static const Step policy_and_scope_steps[] = {
  POLICY ("AM_POLICY_SUBSCRIPTION", "", "BILLING_PLAN", "'FREE'"),
  { "DELETE FROM AM_POLICY_SUBSCRIPTION WHERE POLICY_ID = 99;\n", "policies" },
  POLICY ("AM_POLICY_APPLICATION", "", "IS_DEPLOYED", "1"),
  { "DELETE FROM AM_POLICY_APPLICATION WHERE POLICY_ID = 99;\n", "policies" },
  POLICY ("AM_API_THROTTLE_POLICY", "DEFAULT_", "APPLICABLE_LEVEL", "'apiLevel'"),
  { "INSERT INTO AM_CONDITION_GROUP (CONDITION_GROUP_ID, POLICY_ID, QUOTA, UNIT_TIME, TIME_UNIT) VALUES (1, 99, 1, 1,"
    " 'min'), (2, 99, 1, 1, 'min');\n",
    "policies, policies" },
  { "UPDATE AM_CONDITION_GROUP SET QUOTA_TYPE = 'x' WHERE CONDITION_GROUP_ID = 1;\n", "policies" },
  { "DELETE FROM AM_CONDITION_GROUP WHERE CONDITION_GROUP_ID = 1;\n", "policies" },
  { "DELETE FROM AM_API_THROTTLE_POLICY WHERE POLICY_ID = 99;\n", "policies, policies", "policies" },
  { "INSERT INTO IDN_OAUTH2_SCOPE (SCOPE_ID, NAME, DISPLAY_NAME) VALUES (1, 's', 'S'), (2, 't', 'T');\n", "" },
  { "INSERT INTO IDN_OAUTH2_SCOPE_BINDING (SCOPE_ID, SCOPE_BINDING) VALUES (1, 'a');\n", "scopes" },
  { "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES ('/a/1/1/x:GET', 1);\n",
    "resource /a/1/1/x:GET" },
  { "UPDATE IDN_OAUTH2_RESOURCE_SCOPE SET TENANT_ID = 1;\n", "" },
  { "UPDATE IDN_OAUTH2_RESOURCE_SCOPE SET SCOPE_ID = 2;\n", "resource /a/1/1/x:GET" },
  { "UPDATE IDN_OAUTH2_RESOURCE_SCOPE SET RESOURCE_PATH = '/a/1/1/X:GET';\n",
    "resource /a/1/1/X:GET, resource /a/1/1/x:GET" },
  { "UPDATE IDN_OAUTH2_SCOPE SET NAME = 'S' WHERE SCOPE_ID = 1;\n", "scopes" },
  { "UPDATE IDN_OAUTH2_SCOPE_BINDING SET SCOPE_BINDING = 'b';\n", "scopes" },
  { "DELETE FROM IDN_OAUTH2_SCOPE_BINDING;\n", "scopes" },
  { "DELETE FROM IDN_OAUTH2_SCOPE WHERE SCOPE_ID = 2;\n", "resource /a/1/1/X:GET, scopes", "scopes" },
  { "INSERT INTO IDN_OAUTH2_RESOURCE_SCOPE (RESOURCE_PATH, SCOPE_ID) VALUES ('/y', 1);\n", "resource /y" },
  { "DELETE FROM IDN_OAUTH2_RESOURCE_SCOPE;\n", "resource /y" },
};

static const Step user_steps[] = {
  { "INSERT INTO UM_USER (UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_TENANT_ID) VALUES (1, 'Ann', 'h', -1234), (2,"
    " '\303\211va', 'h', 5);\n",
    "user -1234/ann, user 5/\303\251va" },
  { "UPDATE UM_USER SET UM_USER_PASSWORD = UM_USER_PASSWORD, UM_REQUIRE_CHANGE = 0;\n", "" },
  { "UPDATE UM_USER SET UM_USER_PASSWORD = 'H' WHERE UM_ID = 1;\n", "user -1234/ann" },
  { "UPDATE UM_USER SET UM_SALT_VALUE = 's' WHERE UM_ID = 1;\n", "user -1234/ann" },
  { "UPDATE UM_USER SET UM_REQUIRE_CHANGE = 1 WHERE UM_ID = 1;\n", "user -1234/ann" },
  { "UPDATE UM_USER SET UM_CHANGED_TIME = '2001-02-03 04:05:06' WHERE UM_ID = 1;\n", "user -1234/ann" },
  { "UPDATE UM_USER SET UM_USER_NAME = 'ANN' WHERE UM_ID = 1;\n", "user -1234/ann, user -1234/ann" },
  { "UPDATE UM_USER SET UM_USER_NAME = 'Bob' WHERE UM_ID = 1;\n", "user -1234/ann, user -1234/bob" },
  { "INSERT INTO UM_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (1, 'r', -1234), (2, 'r', 5);\n", "" },
  { "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID) VALUES (1, 1, -1234), (2, 2, 5);\n",
    "user -1234/bob, user 5/\303\251va" },
  { "UPDATE UM_USER_ROLE SET UM_ROLE_ID = UM_ROLE_ID WHERE UM_USER_ID = 1;\n", "user -1234/bob" },
  { "UPDATE UM_ROLE SET UM_ROLE_NAME = 'R' WHERE UM_ID = 1;\n", "roles" },
  { "DELETE FROM UM_USER_ROLE;\n", "user -1234/bob, user 5/\303\251va" },
  { "DELETE FROM UM_ROLE WHERE UM_ID = 2;\n", "roles" },
  { "INSERT INTO UM_DOMAIN (UM_DOMAIN_ID, UM_DOMAIN_NAME, UM_TENANT_ID) VALUES (50, 'LDAP', -1234);\n"
    "INSERT INTO UM_HYBRID_ROLE (UM_ID, UM_ROLE_NAME, UM_TENANT_ID) VALUES (50, 'h', -1234), (51, 'i', -1234);\n",
    "" },
  { "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES ('Cat', 50, -1234,"
    " 50), ('Dan', 51, -1234, 50), (NULL, 50, -1234, 50);\n",
    "user -1234/cat, user -1234/dan" },
  { "UPDATE UM_HYBRID_USER_ROLE SET UM_ROLE_ID = 50 WHERE UM_USER_NAME = 'Dan';\n", "user -1234/dan" },
  { "UPDATE UM_HYBRID_USER_ROLE SET UM_USER_NAME = 'Eve' WHERE UM_USER_NAME = 'Dan';\n",
    "user -1234/dan, user -1234/eve" },
  { "DELETE FROM UM_HYBRID_USER_ROLE WHERE UM_USER_NAME IS NULL;\n", "" },
  { "DELETE FROM UM_HYBRID_USER_ROLE WHERE UM_USER_NAME = 'Cat';\n", "user -1234/cat" },
  { "UPDATE UM_HYBRID_ROLE SET UM_ROLE_NAME = 'j' WHERE UM_ID = 51;\n", "roles" },
  { "UPDATE UM_DOMAIN SET UM_DOMAIN_NAME = 'AD' WHERE UM_DOMAIN_ID = 50;\n", "roles" },
  { "DELETE FROM UM_HYBRID_ROLE WHERE UM_ID = 50;\n", "roles, user -1234/eve", "roles" },
  { "DELETE FROM UM_DOMAIN WHERE UM_DOMAIN_ID = 50;\n", "roles" },
  { "INSERT INTO UM_TENANT (UM_ID, UM_DOMAIN_NAME) VALUES (5, 'acme.com');\n", "tenants" },
  { "UPDATE UM_TENANT SET UM_ACTIVE = 1;\n", "tenants" },
  { "DELETE FROM UM_TENANT;\n", "tenants" },
  { "INSERT INTO UM_USER_ATTRIBUTE (UM_ATTR_NAME, UM_ATTR_VALUE, UM_PROFILE_ID, UM_USER_ID, UM_TENANT_ID) VALUES"
    " ('mail', 'a', 'default', 1, -1234), ('mail', 'b', 'default', 2, 5);\n",
    "user -1234/bob, user 5/\303\251va" },
  { "UPDATE UM_USER_ATTRIBUTE SET UM_ATTR_VALUE = 'c' WHERE UM_USER_ID = 1;\n", "user -1234/bob" },
  { "UPDATE UM_USER_ATTRIBUTE SET UM_USER_ID = 2, UM_TENANT_ID = 5 WHERE UM_USER_ID = 1;\n",
    "user -1234/bob, user 5/\303\251va" },
  { "DELETE FROM UM_USER_ATTRIBUTE WHERE UM_ATTR_VALUE = 'c';\n", "user 5/\303\251va" },
  { "INSERT INTO UM_DIALECT (UM_ID, UM_DIALECT_URI, UM_TENANT_ID) VALUES (50, 'd', -1234);\n", "" },
  { "INSERT INTO UM_CLAIM (UM_ID, UM_DIALECT_ID, UM_CLAIM_URI, UM_TENANT_ID) VALUES (50, 50, 'c', -1234);\n", "claims" },
  { "UPDATE UM_CLAIM SET UM_MAPPED_ATTRIBUTE = 'mail' WHERE UM_ID = 50;\n", "claims" },
  { "DELETE FROM UM_CLAIM WHERE UM_ID = 50;\n", "claims" },
  { "UPDATE UM_DIALECT SET UM_DIALECT_URI = 'e' WHERE UM_ID = 50;\n", "claims" },
  { "DELETE FROM UM_DIALECT WHERE UM_ID = 50;\n", "claims" },
  { "DELETE FROM UM_USER WHERE UM_ID = 1;\n", "user -1234/bob" },
};

static const struct
{
  const char *name;
  gboolean users;
  const char *world; /* nullable */
  const Step *steps;
  guint n_steps;
} lists[] = {
  { "tokens", FALSE, api_world, token_steps, G_N_ELEMENTS (token_steps) },
  { "applications", FALSE, api_world, application_steps, G_N_ELEMENTS (application_steps) },
  { "apis", FALSE, api_world, api_steps, G_N_ELEMENTS (api_steps) },
  { "policies-and-scopes", FALSE, NULL, policy_and_scope_steps, G_N_ELEMENTS (policy_and_scope_steps) },
  { "users", TRUE, NULL, user_steps, G_N_ELEMENTS (user_steps) },
};

typedef struct
{
  const char *name;
  const char *charset; /* NULL: SQLite */
  gboolean foreign;
} Variant;

static const Variant sqlite = { "sqlite", NULL, FALSE };
static const Variant utf8mb4 = { "mariadb-utf8mb4", "utf8mb4", FALSE };
static const Variant latin1 = { "mariadb-latin1", "latin1 COLLATE latin1_swedish_ci", FALSE };
static const Variant foreign = { "mariadb-foreign", "utf8mb4", TRUE };
static const Variant foreign_latin1 = { "mariadb-foreign-latin1", "latin1 COLLATE latin1_swedish_ci", TRUE };

static void
install_feed (StDatabase *database, StSchemaPart part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *script = st_feed_install_script (database, ST_SCHEMA_BIT (part), &error);

  g_assert_no_error (error);
  g_assert_true (st_feed_install (database, script, &error));
  g_assert_no_error (error);
}

/* NULL: skipped. */
static StoreFixture *
open_fixture (const Variant *variant)
{
  const char *charset = variant->charset;
  StoreFixture *fixture;

  if (charset != NULL && store_fixture_mysql_socket () == NULL)
    {
      g_test_skip ("needs a MariaDB: tools/check starts one");
      return NULL;
    }
  fixture = charset != NULL ? store_fixture_mysql (store_fixture_mysql_socket (), charset) : store_fixture_sqlite ();
  store_fixture_open (fixture);
  if (variant->foreign)
    {
      store_fixture_make_foreign (fixture);
      install_feed (fixture->api_database, ST_SCHEMA_API);
      install_feed (fixture->user_database, ST_SCHEMA_USER);
    }
  return fixture;
}

static void
test_lists (gconstpointer data)
{
  const Variant *variant = data;
  g_autoptr (StoreFixture) fixture = open_fixture (variant);

  for (guint i = 0; fixture != NULL && i < G_N_ELEMENTS (lists); i++)
    {
      StDatabase *database = lists[i].users ? fixture->user_database : fixture->api_database;
      g_autoptr (ChangeLog) log = NULL;

      if (i > 0 && lists[i].world != NULL)
        store_fixture_run (database, "DELETE FROM AM_SUBSCRIPTION;\nDELETE FROM AM_APPLICATION_KEY_MAPPING;\n"
                                     "DELETE FROM AM_APPLICATION;\nDELETE FROM AM_SUBSCRIBER;\nDELETE FROM AM_API;\n"
                                     "DELETE FROM IDN_OAUTH_CONSUMER_APPS;\n");
      if (lists[i].world != NULL)
        store_fixture_run (database, lists[i].world);
      log = change_log_new (database);
      for (guint k = 0; k < lists[i].n_steps; k++)
        {
          const Step *step = &lists[i].steps[k];
          g_autofree char *told = NULL;

          g_test_message ("%s: %s", lists[i].name, step->script);
          store_fixture_run (database, step->script);
          told = change_log_take (log);
          g_assert_cmpstr (told, ==, variant->charset != NULL && step->told_by_mysql != NULL ? step->told_by_mysql
                                                                                    : step->told);
        }
    }
}

/* What the writer sees of its own statement is as without the triggers. */
static void
test_writer_sees_nothing (gconstpointer variant)
{
  static const StStatement insert = { "INSERT INTO AM_API (API_PROVIDER, CONTEXT) VALUES ('p', '/a')" };
  static const StStatement id = { "SELECT API_ID FROM AM_API" };
  g_autoptr (StoreFixture) fixture = open_fixture (variant);
  g_autoptr (GError) error = NULL;
  StTransaction *transaction;
  StQuery *query;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database, "INSERT INTO APIM_CHANGE_FEED (ID, KIND) VALUES (1000, 'roles');\n");
  transaction = st_transaction_begin (fixture->api_database, 0, &error);
  query = st_transaction_query (transaction, &insert, &error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_END);
  g_assert_no_error (error);
  st_query_free (query);
  query = st_transaction_query (transaction, &id, &error);
  g_assert_cmpint (st_query_step (query, &error), ==, ST_ROW);
  g_assert_cmpint (st_transaction_last_insert_id (transaction), ==, st_query_int64 (query, 0));
  st_query_free (query);
  st_transaction_rollback (transaction);
}

/* What somebody takes away by force is told as well. */
static void
test_without_foreign_keys (gconstpointer variant)
{
  static const Step steps[] = {
    { "DELETE FROM AM_APPLICATION WHERE APPLICATION_ID = 1;\n", "consumer key-p, consumer key-s" },
    { "INSERT INTO AM_APPLICATION (APPLICATION_ID, NAME, SUBSCRIBER_ID) VALUES (1, 'app', 1);\n", "" },
    { "DELETE FROM AM_SUBSCRIBER WHERE SUBSCRIBER_ID = 1;\n", "consumer key-p, consumer key-s" },
  };
  g_autoptr (StoreFixture) fixture = open_fixture (variant);
  g_autoptr (ChangeLog) log = NULL;

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database, api_world);
  log = change_log_new (fixture->api_database);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *script = g_strconcat ("SET foreign_key_checks = 0;\n", steps[i].script, NULL);
      g_autofree char *told = NULL;

      store_fixture_run (fixture->api_database, script);
      told = change_log_take (log);
      g_assert_cmpstr (told, ==, steps[i].told);
    }
}

/* Two transactions of which neither sees the other's rows, but which concern the same key: one of them waits, so that
 * the one that is committed last tells the key. */
static void
test_wait_for_each_other (gconstpointer variant)
{
  static const char *const scripts[]
      = { "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, STATE) VALUES (2, 'new',"
          " 'SANDBOX', 'COMPLETED');\n",
          "INSERT INTO AM_SUBSCRIPTION (API_ID, APPLICATION_ID) VALUES (1, 2);\n" };
  g_autoptr (StoreFixture) fixture = open_fixture (variant);

  if (fixture == NULL)
    return;
  store_fixture_run (fixture->api_database, api_world);
  for (guint first = 0; first < 2; first++)
    {
      g_autoptr (GError) error = NULL;
      StTransaction *holder = st_transaction_begin (fixture->api_database, 0, &error);
      StTransaction *waiter;

      g_assert_true (st_transaction_script (holder, scripts[first], &error));
      waiter = st_transaction_begin (fixture->api_database, g_get_monotonic_time () + 1500 * 1000, &error);
      g_assert_no_error (error);
      g_assert_false (st_transaction_script (waiter, scripts[1 - first], &error));
      g_assert_error (error, ST_ERROR, ST_ERROR_TIMEOUT);
      st_transaction_rollback (waiter);
      st_transaction_rollback (holder);
    }
}

static void
add (const Variant *variant)
{
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "lists", test_lists },
    { "writer-sees-nothing", test_writer_sees_nothing },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/change-triggers/%s/%s", variant->name, tests[i].name);

      g_test_add_data_func (path, variant, tests[i].test);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add (&sqlite);
  add (&utf8mb4);
  add (&latin1);
  add (&foreign);
  add (&foreign_latin1);
  g_test_add_data_func ("/change-triggers/mariadb/without-foreign-keys", &utf8mb4, test_without_foreign_keys);
  g_test_add_data_func ("/change-triggers/mariadb/wait-for-each-other", &utf8mb4, test_wait_for_each_other);
  return g_test_run ();
}
