"""Thousands of rows around a world, so that a statement without an index shows in its plan. MariaDB only."""

from generations import PARTITION
from world import SUPER_TENANT

FIRST = 10000  # the rows' numbers
ROWS, APIS = 3000, 300
OF_APIS = ("AM_API", "AM_API_DEFAULT_VERSION")


def fill(world):
    _run(world.users, _users)
    _run(world.apimgt, _policies, _apis, _applications, _tokens, _scopes)


def _run(rows, *parts):
    sql = "SET FOREIGN_KEY_CHECKS = 0;\n"
    for table, row in (one for part in parts for one in part()):
        row = {name: value for name, value in row.items() if rows.has(table, name)}
        if row:  # the database has the table, and these of its columns
            last = FIRST + (APIS if table in OF_APIS else ROWS) - 1
            sql += "INSERT INTO %s (%s) SELECT %s FROM seq_%d_to_%d; ANALYZE TABLE %s;\n" % (
                table, ", ".join(row), ", ".join(row.values()), FIRST, last, table)
    rows.database.run(sql)


# Each part yields tables with a row of theirs: its values are SQL, where seq is the row's number.

API = "%d + seq %% %d" % (FIRST, APIS)
TENANT = str(SUPER_TENANT)
USER, ROLE, TIER, KEY = ("CONCAT('%s', seq)" % word for word in ("user", "role", "tier", "key"))


def _users():
    yield "UM_TENANT", dict(UM_ID="seq", UM_DOMAIN_NAME="CONCAT('tenant', seq, '.com')", UM_ACTIVE="1")
    yield "UM_USER", dict(UM_ID="seq", UM_USER_NAME=USER, UM_USER_PASSWORD="'-'", UM_TENANT_ID=TENANT)
    yield "UM_ROLE", dict(UM_ID="seq", UM_ROLE_NAME=ROLE, UM_TENANT_ID=TENANT)
    yield "UM_USER_ROLE", dict(UM_ID="seq", UM_USER_ID="seq", UM_ROLE_ID="seq", UM_TENANT_ID=TENANT)
    yield "UM_HYBRID_ROLE", dict(UM_ID="seq", UM_ROLE_NAME=ROLE, UM_TENANT_ID=TENANT)
    yield "UM_HYBRID_USER_ROLE", dict(UM_ID="seq", UM_USER_NAME=USER, UM_ROLE_ID="seq", UM_TENANT_ID=TENANT,
                                      UM_DOMAIN_ID="1")


def _policies():
    named = dict(NAME=TIER, TENANT_ID=TENANT, UUID="UUID()")
    quota = dict(QUOTA_TYPE="'requestCount'", QUOTA="1", UNIT_TIME="1", TIME_UNIT="'min'")
    default_quota = {"DEFAULT_" + name: value for name, value in quota.items()}
    yield "AM_POLICY_SUBSCRIPTION", dict(BILLING_PLAN="'FREE'", **named, **quota)
    yield "AM_POLICY_APPLICATION", dict(**named, **quota)
    yield "AM_API_THROTTLE_POLICY", dict(POLICY_ID="seq", APPLICABLE_LEVEL="'apiLevel'", **named, **default_quota)
    yield "AM_CONDITION_GROUP", dict(POLICY_ID="seq", **quota)


def _apis():
    api = dict(API_NAME="CONCAT('api', seq)", API_PROVIDER="'carol'")
    yield "AM_API", dict(API_ID="seq", API_VERSION="'1.0'", CONTEXT="CONCAT('/api', seq, '/1.0')", API_TIER=TIER, **api)
    yield "AM_API_DEFAULT_VERSION", dict(DEFAULT_API_VERSION="'1.0'", PUBLISHED_DEFAULT_API_VERSION="'1.0'", **api)
    yield "AM_API_URL_MAPPING", dict(URL_MAPPING_ID="seq", API_ID=API, HTTP_METHOD="'GET'", AUTH_SCHEME="'Any'",
                                     URL_PATTERN="CONCAT('/', seq)", THROTTLING_TIER=TIER)


def _applications():
    yield "AM_SUBSCRIBER", dict(SUBSCRIBER_ID="seq", USER_ID=USER, TENANT_ID=TENANT)
    yield "AM_APPLICATION", dict(APPLICATION_ID="seq", NAME="'DefaultApplication'", SUBSCRIBER_ID="seq", UUID="UUID()")
    yield "AM_APPLICATION_KEY_MAPPING", dict(APPLICATION_ID="seq", CONSUMER_KEY=KEY, KEY_TYPE="'PRODUCTION'",
                                             STATE="'COMPLETED'")
    yield "AM_SUBSCRIPTION", dict(TIER_ID=TIER, API_ID=API, APPLICATION_ID="seq", SUB_STATUS="'UNBLOCKED'",
                                  UUID="UUID()")


def _tokens():
    yield "IDN_OAUTH_CONSUMER_APPS", dict(ID="seq", CONSUMER_KEY=KEY, OAUTH_VERSION="'OAuth-2.0'")
    for ending in ("", "_" + PARTITION):
        yield "IDN_OAUTH2_ACCESS_TOKEN" + ending, dict(
            TOKEN_ID="CONCAT('token', seq)", ACCESS_TOKEN="MD5(seq)", ACCESS_TOKEN_HASH="SHA2(MD5(seq), 256)",
            CONSUMER_KEY=KEY, CONSUMER_KEY_ID="seq", AUTHZ_USER=USER, TENANT_ID=TENANT, USER_DOMAIN="'PRIMARY'",
            USER_TYPE="'APPLICATION_USER'", TIME_CREATED="NOW()", VALIDITY_PERIOD="3600000", TOKEN_SCOPE="'default'")
        yield "IDN_OAUTH2_ACCESS_TOKEN_SCOPE" + ending, dict(TOKEN_ID="CONCAT('token', seq)", TOKEN_SCOPE="'default'")


def _scopes():
    key = "CONCAT('scope', seq)"
    yield "IDN_OAUTH2_SCOPE", dict(SCOPE_ID="seq", NAME=key, DISPLAY_NAME=key, SCOPE_KEY=key, ROLES="'admin'")
    yield "IDN_OAUTH2_SCOPE_BINDING", dict(SCOPE_ID="seq", SCOPE_BINDING="'admin'")
    yield "IDN_OAUTH2_RESOURCE_SCOPE", dict(RESOURCE_PATH="CONCAT('/api', seq, '/1.0/1.0/*:GET')", SCOPE_ID="seq")
