"""Thousands of rows around a world, so that a statement without an index shows in its plan. MariaDB only."""

from generations import PARTITION
from world import SUPER_TENANT

SMALLEST, LARGEST = 10000, 12999  # the rows' numbers
TENANT = str(SUPER_TENANT)


def fill(world):
    _fill_users(world.users)
    _fill_policies(world.apimgt)
    _fill_apis(world.apimgt)
    _fill_applications(world.apimgt)
    _fill_tokens(world.apimgt)
    _fill_scopes(world.apimgt)


def _fill(rows, table, **row):
    """The values are SQL, where seq is the row's number; columns that the table lacks are left out."""
    row = {name: value for name, value in row.items() if rows.has(table, name)}
    if row:
        rows.database.run(
            "SET FOREIGN_KEY_CHECKS = 0; INSERT INTO %s (%s) SELECT %s FROM seq_%d_to_%d; ANALYZE TABLE %s"
            % (table, ", ".join(row), ", ".join(row.values()), SMALLEST, LARGEST, table))


def _fill_users(rows):
    user, role = "CONCAT('user', seq)", "CONCAT('role', seq)"
    _fill(rows, "UM_TENANT", UM_ID="seq", UM_DOMAIN_NAME="CONCAT('tenant', seq, '.com')", UM_ACTIVE="1")
    _fill(rows, "UM_USER", UM_ID="seq", UM_USER_NAME=user, UM_USER_PASSWORD="'-'", UM_TENANT_ID=TENANT)
    _fill(rows, "UM_ROLE", UM_ID="seq", UM_ROLE_NAME=role, UM_TENANT_ID=TENANT)
    _fill(rows, "UM_USER_ROLE", UM_ID="seq", UM_USER_ID="seq", UM_ROLE_ID="seq", UM_TENANT_ID=TENANT)
    _fill(rows, "UM_HYBRID_ROLE", UM_ID="seq", UM_ROLE_NAME=role, UM_TENANT_ID=TENANT)
    _fill(rows, "UM_HYBRID_USER_ROLE", UM_ID="seq", UM_USER_NAME=user, UM_ROLE_ID="seq", UM_TENANT_ID=TENANT,
          UM_DOMAIN_ID="1")


def _fill_policies(rows):
    named = dict(NAME="CONCAT('tier', seq)", TENANT_ID=TENANT, UUID="UUID()")
    quota = dict(QUOTA_TYPE="'requestCount'", QUOTA="1", UNIT_TIME="1", TIME_UNIT="'min'")
    _fill(rows, "AM_POLICY_SUBSCRIPTION", BILLING_PLAN="'FREE'", **named, **quota)
    _fill(rows, "AM_POLICY_APPLICATION", **named, **quota)
    _fill(rows, "AM_API_THROTTLE_POLICY", POLICY_ID="seq", APPLICABLE_LEVEL="'apiLevel'", **named,
          **{"DEFAULT_" + name: value for name, value in quota.items()})
    _fill(rows, "AM_CONDITION_GROUP", POLICY_ID="seq", **quota)


def _fill_apis(rows):
    api = dict(API_NAME="CONCAT('api', seq)", API_PROVIDER="'carol'")
    _fill(rows, "AM_API", API_ID="seq", API_VERSION="'1.0'", CONTEXT="CONCAT('/api', seq, '/1.0')",
          API_TIER="CONCAT('tier', seq)", **api)
    _fill(rows, "AM_API_DEFAULT_VERSION", DEFAULT_API_VERSION="'1.0'", PUBLISHED_DEFAULT_API_VERSION="'1.0'", **api)
    _fill(rows, "AM_API_URL_MAPPING", URL_MAPPING_ID="seq", API_ID="seq", HTTP_METHOD="'GET'", AUTH_SCHEME="'Any'",
          URL_PATTERN="'/*'", THROTTLING_TIER="CONCAT('tier', seq)")


def _fill_applications(rows):
    _fill(rows, "AM_SUBSCRIBER", SUBSCRIBER_ID="seq", USER_ID="CONCAT('user', seq)", TENANT_ID=TENANT)
    _fill(rows, "AM_APPLICATION", APPLICATION_ID="seq", NAME="'DefaultApplication'", SUBSCRIBER_ID="seq", UUID="UUID()")
    _fill(rows, "AM_APPLICATION_KEY_MAPPING", APPLICATION_ID="seq", CONSUMER_KEY="CONCAT('key', seq)",
          KEY_TYPE="'PRODUCTION'", STATE="'COMPLETED'")
    _fill(rows, "AM_SUBSCRIPTION", TIER_ID="CONCAT('tier', seq)", API_ID="seq", APPLICATION_ID="seq",
          SUB_STATUS="'UNBLOCKED'", UUID="UUID()")


def _fill_tokens(rows):
    _fill(rows, "IDN_OAUTH_CONSUMER_APPS", ID="seq", CONSUMER_KEY="CONCAT('key', seq)", APP_NAME="CONCAT('app', seq)",
          OAUTH_VERSION="'OAuth-2.0'")
    for ending in ("", "_" + PARTITION):
        _fill(rows, "IDN_OAUTH2_ACCESS_TOKEN" + ending, TOKEN_ID="CONCAT('token', seq)", ACCESS_TOKEN="MD5(seq)",
              CONSUMER_KEY="CONCAT('key', seq)", CONSUMER_KEY_ID="seq", AUTHZ_USER="CONCAT('user', seq)",
              TENANT_ID=TENANT, USER_DOMAIN="'PRIMARY'", USER_TYPE="'APPLICATION_USER'", VALIDITY_PERIOD="3600000",
              TIME_CREATED="NOW()", TOKEN_SCOPE="'default'", ACCESS_TOKEN_HASH="SHA2(MD5(seq), 256)")
        _fill(rows, "IDN_OAUTH2_ACCESS_TOKEN_SCOPE" + ending, TOKEN_ID="CONCAT('token', seq)", TOKEN_SCOPE="'default'")


def _fill_scopes(rows):
    key = "CONCAT('scope', seq)"
    _fill(rows, "IDN_OAUTH2_SCOPE", SCOPE_ID="seq", NAME=key, DISPLAY_NAME=key, SCOPE_KEY=key, ROLES="'admin'")
    _fill(rows, "IDN_OAUTH2_SCOPE_BINDING", SCOPE_ID="seq", SCOPE_BINDING="'admin'")
    _fill(rows, "IDN_OAUTH2_RESOURCE_SCOPE", RESOURCE_PATH="CONCAT('/api', seq, '/1.0/1.0/*:GET')", SCOPE_ID="seq")
