"""Databases as each release of WSO2 API Manager made them, and one world in all their shapes.

The world is written as the richest release would have it: columns and tables that a database lacks are left out, and
tokens and scopes take the shape that it has. validation_cases.py asks about it.
"""

import base64
import hashlib
import json
import os
import secrets
import subprocess
import time
import uuid

import suite
from world import HOUR, NEVER, STATES, SUPER_TENANT, TENANT, TENANT_DOMAIN, World

FIXTURE = os.path.join(suite.TOP, "tests", "fixtures", "generations", "fixture")

GATEWAY = "gateway"  # the user that logs in
LDAP = "LDAP"  # a secondary user store
PARTITION = "A"  # the ending of its token tables, where a database has them

CLIENTS = {  # IDN_OAUTH_CONSUMER_APPS: number, tenant
    "ck_phone": (100, SUPER_TENANT), "ck_sand": (101, SUPER_TENANT), "ck_stock": (102, TENANT),
    "ck_jwt": (103, SUPER_TENANT), "ck_old": (104, SUPER_TENANT), "ck_lone": (105, SUPER_TENANT),
    "ck_noapp": (106, SUPER_TENANT), "ck_nosubscriber": (107, SUPER_TENANT), "ck_umlaut": (108, SUPER_TENANT),
    "ck_rocket": (109, SUPER_TENANT), "ck_null": (110, SUPER_TENANT),
}
NO_CLIENT = 999

# Why a database cannot hold what a case asks about.
FEATURES = {
    "numbered": "1.9 writes tenant and user store into the user's name, and tokens are unique without regard to case",
    "hashes": "there are no token hashes before 2.2",
    "token types": "applications have no token type before 2.5",
    "partitions": "the tokens of this database are in one table",
    "any letter": "the database's character set has no such letters",
}


def fixture_names():
    """All releases and mixtures; of a brief run the oldest and the newest release, and a mixture."""
    names = subprocess.run([FIXTURE, "--list"], stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return [name for name in names if name in ("1.9", "2.6", "2.2-with-2.1-oauth")] if suite.brief else names


def load(name, apimgt, users):
    """Makes the tables of a release in two empty databases of MariaDB."""
    for arguments, database in (([name], apimgt), (["--users", name], users)):
        database.run(subprocess.run([FIXTURE, *arguments], stdout=subprocess.PIPE, check=True, text=True).stdout)


def add_partition(apimgt):
    """Token tables of the secondary user store (databases.md 3.3)."""
    for table in ("IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE"):
        if table in apimgt.columns():
            apimgt.run("CREATE TABLE %s_%s LIKE %s" % (table, PARTITION, table))


class Rows:
    """Collects rows for one database, without the columns and tables that it lacks."""

    def __init__(self, database):
        self.database, self.columns, self._rows = database, database.columns(), []

    def has(self, table, column):
        return column in self.columns.get(table, ())

    def add(self, table, **row):
        if table in self.columns:
            self._rows.append((table, {name: value for name, value in row.items() if self.has(table, name)}))

    def write(self):
        self.database.insert_all(self._rows)


class GenerationWorld:
    def __init__(self, apimgt, users):
        self.apimgt, self.users = Rows(apimgt), Rows(users)
        self.passwords, self.tokens = {}, {}
        self.now = time.time()
        self.features = self._find_features()
        self._people()
        self._policies()
        self._apis()
        self._scopes()
        self._applications()
        self._subscriptions()
        self._tokens()
        self.apimgt.write()
        self.users.write()

    def _find_features(self):
        policies = "AM_POLICY_SUBSCRIPTION" in self.apimgt.columns
        found = {
            "numbered": self.apimgt.has("IDN_OAUTH2_ACCESS_TOKEN", "TOKEN_ID"),
            "hashes": self.apimgt.has("IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN_HASH"),
            "token types": self.apimgt.has("AM_APPLICATION", "TOKEN_TYPE"),
            "policies": policies,
            "partitions": "IDN_OAUTH2_ACCESS_TOKEN_" + PARTITION in self.apimgt.columns,
            "any letter": self.apimgt.database.holds_any_letter(),
            # What only changes the right answer.
            "names in tokens": self.apimgt.has("IDN_OAUTH2_ACCESS_TOKEN", "CONSUMER_KEY"),
            "no policies": not policies,
            "policies of any tenant": policies and not self.apimgt.has("IDN_OAUTH_CONSUMER_APPS", "APP_STATE"),
        }
        return {name for name, present in found.items() if present}

    # Users ---------------------------------------------------------------------------------------------------------

    def _people(self):
        """bob and jürgen are forecasters, tess and LDAP's sam testers, eve quotes, mallory has no role."""
        self.users.add("UM_TENANT", UM_ID=TENANT, UM_DOMAIN_NAME=TENANT_DOMAIN, UM_EMAIL="admin@acme.com", UM_ACTIVE=1,
                       UM_CREATED_DATE=self._time(self.users))
        for number, (name, tenant) in enumerate([
                (GATEWAY, SUPER_TENANT), ("bob", SUPER_TENANT), ("mallory", SUPER_TENANT), ("tess", SUPER_TENANT),
                ("jürgen", SUPER_TENANT), ("sue@mail.org", SUPER_TENANT), ("eve", TENANT)], 100):
            self._user(number, name, tenant)
        for number, name, tenant in ((100, "forecaster", SUPER_TENANT), (101, "quoter", TENANT)):
            self.users.add("UM_ROLE", UM_ID=number, UM_ROLE_NAME=name, UM_TENANT_ID=tenant)
        for number, (user, role, tenant) in enumerate([
                (101, 100, SUPER_TENANT), (104, 100, SUPER_TENANT), (105, 100, SUPER_TENANT), (106, 101, TENANT)], 100):
            self.users.add("UM_USER_ROLE", UM_ID=number, UM_USER_ID=user, UM_ROLE_ID=role, UM_TENANT_ID=tenant)
        self.users.add("UM_DOMAIN", UM_DOMAIN_ID=100, UM_DOMAIN_NAME=LDAP, UM_TENANT_ID=SUPER_TENANT)
        self.users.add("UM_HYBRID_ROLE", UM_ID=100, UM_ROLE_NAME="tester", UM_TENANT_ID=SUPER_TENANT)
        for number, (user, domain) in enumerate([("tess", 1), ("sam", 100)], 100):  # 1: PRIMARY
            self.users.add("UM_HYBRID_USER_ROLE", UM_ID=number, UM_USER_NAME=user, UM_ROLE_ID=100,
                           UM_TENANT_ID=SUPER_TENANT, UM_DOMAIN_ID=domain)

    def _user(self, number, name, tenant):
        self.passwords[name] = suite.secret(secrets.token_urlsafe(16))
        salt = base64.b64encode(secrets.token_bytes(16)).decode()
        self.users.add("UM_USER", UM_ID=number, UM_USER_NAME=name, UM_TENANT_ID=tenant, UM_SALT_VALUE=salt,
                       UM_USER_PASSWORD=World.digest(self.passwords[name], salt), UM_REQUIRE_CHANGE=0,
                       UM_CHANGED_TIME=self._time(self.users))

    def _time(self, rows, age=0):
        return rows.database.time(self.now - age)

    # APIs ----------------------------------------------------------------------------------------------------------

    def _policies(self):
        """Besides those of the super tenant that a server makes at its first start."""
        def policy(name, tenant, **changes):
            self.apimgt.add("AM_POLICY_SUBSCRIPTION", **{**dict(
                NAME=name, DISPLAY_NAME=name, TENANT_ID=tenant, QUOTA_TYPE="requestCount", QUOTA=5000, UNIT_TIME=1,
                TIME_UNIT="min", IS_DEPLOYED=1, STOP_ON_QUOTA_REACH=1, BILLING_PLAN="FREE", UUID=str(uuid.uuid4())),
                **changes})
        policy("Burst", TENANT, RATE_LIMIT_COUNT=20, RATE_LIMIT_TIME_UNIT="sec", STOP_ON_QUOTA_REACH=0)
        policy("Volume", SUPER_TENANT, QUOTA_TYPE="bandwidthVolume", QUOTA_UNIT="KB")
        self.apimgt.add("AM_API_THROTTLE_POLICY", POLICY_ID=100, NAME="Conditional", TENANT_ID=SUPER_TENANT,
                        DEFAULT_QUOTA_TYPE="requestCount", DEFAULT_QUOTA=10, DEFAULT_UNIT_TIME=1,
                        DEFAULT_TIME_UNIT="min", APPLICABLE_LEVEL="userLevel", IS_DEPLOYED=1, UUID=str(uuid.uuid4()))
        for number in (101, 100):
            self.apimgt.add("AM_CONDITION_GROUP", CONDITION_GROUP_ID=number, POLICY_ID=100, QUOTA_TYPE="requestCount",
                            QUOTA=1, UNIT_TIME=1, TIME_UNIT="min")

    def _apis(self):
        self._api(100, "Weather", "/weather/1.0", [("/city/*", "GET")])
        self._api(101, "Forecast", "/forecast/1.0", [
            ("/snow", "GET"), ("/rain", "POST"), ("/rain", "GET"), ("/rain", "PUT"), ("/rain", "DELETE"),
            ("/hail", "GET"), ("/fog", "GET")], tiers={("/hail", "GET"): "Conditional", ("/fog", "GET"): "NoSuchTier"})
        self._api(102, "Weather", "/weather/2.0", [("/city/*", "GET")], version="2.0")
        self._api(103, "Stock", "/t/acme.com/stock/1.0", [("/quote", "GET")], provider="eve@acme.com")
        self._api(104, "Lonely", "/lonely/1.0")  # nobody subscribed
        self._api(105, "NoTier", "/notier/1.0")
        self._api(106, "Left", "/left/1.0")
        self._api(107, "OtherTier", "/othertier/1.0")
        self._api(108, "Silver", "/t/acme.com/silver/1.0", provider="eve@acme.com")
        self._api(109, "Volume", "/volume/1.0")
        for number, name in enumerate(STATES, 110):
            self._api(number, "State-" + name, "/state/%s/1.0" % name)
        self._api(120, "Twice-blocked-first", "/twice/blocked/1.0")
        self._api(121, "Twice-open-first", "/twice/open/1.0")
        self._api(122, "Twice-left-first", "/twice/left/1.0")
        self._api(123, "Case", "/case/1.0")
        self._api(124, "Städte", "/städte/1.0")
        if "any letter" in self.features:
            self._api(125, "Rakete 🚀", "/🚀/1.0")
        self.apimgt.add("AM_API_DEFAULT_VERSION", API_NAME="Weather", API_PROVIDER="carol", DEFAULT_API_VERSION="2.0",
                        PUBLISHED_DEFAULT_API_VERSION="2.0")

    def _api(self, number, name, context, resources=(("/city/*", "GET"),), version="1.0", provider="carol", tiers={}):
        self.apimgt.add("AM_API", API_ID=number, API_PROVIDER=provider, API_NAME=name, API_VERSION=version,
                        CONTEXT=context, CONTEXT_TEMPLATE=context.rsplit("/", 1)[0], API_TIER="Unlimited",
                        CREATED_BY=provider)
        for pattern, verb in resources:
            self.apimgt.add("AM_API_URL_MAPPING", API_ID=number, HTTP_METHOD=verb, AUTH_SCHEME="Any",
                            URL_PATTERN=pattern, THROTTLING_TIER=tiers.get((pattern, verb), "Unlimited"))

    def _scopes(self):
        self._scope(100, "rain_read", "/forecast/1.0/1.0/rain:GET", ["nobody", "forecaster"])
        self._scope(101, "rain_write", "/forecast/1.0/1.0/rain:POST", [])
        self._scope(102, "rain_test", "/forecast/1.0/1.0/rain:PUT", ["Internal/tester"])
        self._scope(103, "rain_shout", "/forecast/1.0/1.0/rain:DELETE", ["FORECASTER"])
        self._scope(104, "quote_read", "/t/acme.com/stock/1.0/1.0/quote:GET", ["quoter"])

    def _scope(self, number, key, path, roles):
        if "IDN_OAUTH2_SCOPE_BINDING" in self.apimgt.columns:
            self.apimgt.add("IDN_OAUTH2_SCOPE", SCOPE_ID=number, NAME=key, DISPLAY_NAME="To " + key,
                            TENANT_ID=SUPER_TENANT)
        else:
            self.apimgt.add("IDN_OAUTH2_SCOPE", SCOPE_ID=number, SCOPE_KEY=key, NAME="To " + key,
                            TENANT_ID=SUPER_TENANT, ROLES=" , ".join(roles))
        for role in roles:
            self.apimgt.add("IDN_OAUTH2_SCOPE_BINDING", SCOPE_ID=number, SCOPE_BINDING=role)
        self.apimgt.add("IDN_OAUTH2_RESOURCE_SCOPE", RESOURCE_PATH=path, SCOPE_ID=number, TENANT_ID=SUPER_TENANT)

    # Applications --------------------------------------------------------------------------------------------------

    def _applications(self):
        for number, name in ((100, "alice"), (101, "eve@acme.com"), (102, "zoë")):
            self.apimgt.add("AM_SUBSCRIBER", SUBSCRIBER_ID=number, USER_ID=name, EMAIL_ADDRESS="", CREATED_BY=name,
                            TENANT_ID=TENANT if "@" in name else SUPER_TENANT,
                            DATE_SUBSCRIBED=self._time(self.apimgt))
        self._application(7, "PhoneApp")
        self._application(8, "StockApp", subscriber=101)
        self._application(9, "JwtApp", token_type="JWT")
        self._application(10, "OldApp", token_type=None)
        self._application(11, "NoSubscriberApp", subscriber=NO_CLIENT)
        self._application(12, "Zoës Büro", subscriber=102)
        if "any letter" in self.features:
            self._application(13, "Rakete 🚀")
        self._application(14, "NullApp", token_type="null")
        self._application(15, "CaseApp")
        for key, (number, tenant) in CLIENTS.items():
            self.apimgt.add("IDN_OAUTH_CONSUMER_APPS", ID=number, CONSUMER_KEY=key, USERNAME="alice", TENANT_ID=tenant,
                            CONSUMER_SECRET=suite.secret(secrets.token_hex(14)), USER_DOMAIN="PRIMARY", APP_NAME=key,
                            OAUTH_VERSION="OAuth-2.0", CALLBACK_URL="", GRANT_TYPES="client_credentials password")
        for application, key, key_type in (
                (7, "ck_phone", "PRODUCTION"), (7, "ck_sand", "SANDBOX"), (8, "ck_stock", "PRODUCTION"),
                (9, "ck_jwt", "PRODUCTION"), (10, "ck_old", "PRODUCTION"), (10, None, "SANDBOX"),
                (NO_CLIENT, "ck_noapp", "PRODUCTION"), (11, "ck_nosubscriber", "PRODUCTION"),
                (12, "ck_umlaut", "PRODUCTION"), (13, "ck_rocket", "PRODUCTION"), (14, "ck_null", "PRODUCTION"),
                (15, "CK_PHONE", "PRODUCTION")):
            self.apimgt.add("AM_APPLICATION_KEY_MAPPING", APPLICATION_ID=application, CONSUMER_KEY=key,
                            KEY_TYPE=key_type, STATE="COMPLETED" if key else "CREATED", CREATE_MODE="CREATED")

    def _application(self, number, name, subscriber=100, token_type="DEFAULT"):
        self.apimgt.add("AM_APPLICATION", APPLICATION_ID=number, NAME=name, SUBSCRIBER_ID=subscriber, GROUP_ID="",
                        APPLICATION_TIER="Unlimited", APPLICATION_STATUS="APPROVED", UUID=str(uuid.uuid4()),
                        TOKEN_TYPE=token_type)

    def _subscriptions(self):
        """In this order: of two rows for one application the older counts."""
        for api in (100, 101, 102, 124, 125):
            self._subscribe(7, api)
        for application in (9, 10, 11, 12, 13, 14, NO_CLIENT):
            self._subscribe(application, 100)
        self._subscribe(8, 103, tier="Burst")
        self._subscribe(7, 105, tier="NoSuchTier")
        self._subscribe(7, 106, status="PROD_ONLY_BLOCKED", create_state="UN_SUBSCRIBE")
        self._subscribe(7, 107, tier="Burst")
        self._subscribe(8, 108, tier="Silver")
        self._subscribe(7, 109, tier="Volume")
        for api, status in enumerate(STATES.values(), 110):
            self._subscribe(7, api, status=status)
        self._subscribe(7, 120, status="BLOCKED")
        self._subscribe(7, 120)
        self._subscribe(7, 121, tier="Silver")
        self._subscribe(7, 121, status="BLOCKED")
        self._subscribe(7, 122, status="BLOCKED", create_state="UN_SUBSCRIBE")
        self._subscribe(7, 122, tier="Bronze")
        self._subscribe(15, 123)

    def _subscribe(self, application, api, status="UNBLOCKED", tier="Gold", create_state="SUBSCRIBE"):
        self.apimgt.add("AM_SUBSCRIPTION", TIER_ID=tier, API_ID=api, APPLICATION_ID=application, SUB_STATUS=status,
                        SUBS_CREATE_STATE=create_state, CREATED_BY="alice", UUID=str(uuid.uuid4()))

    # Tokens --------------------------------------------------------------------------------------------------------

    def _tokens(self):
        self._good_tokens()
        self._dead_tokens()
        self._broken_tokens()
        self._other_tokens()
        self.tokens["unknown"] = suite.secret(secrets.token_hex(16))
        self.tokens["empty"] = ""
        for name, almost in (("in upper case", str.upper), ("with a blank", lambda text: text + " "),
                             ("without its end", lambda text: text[:-1]), ("with a quote", lambda text: text + "'")):
            self.tokens["good " + name] = almost(self.tokens["good"])

    def _good_tokens(self):
        self._token("good")
        self._token("sandbox", client="ck_sand")
        self._token("application", scopes=["am_application_scope", "default"], kind="APPLICATION")
        self._token("application by scope", scopes=["am_application_scope"])
        self._token("user by scope", kind="APPLICATION")
        self._token("reader", scopes=["default", "rain_read"])
        self._token("reader without role", user="mallory", scopes=["rain_read"])
        self._token("shouting reader", scopes=["RAIN_READ"])
        self._token("writer", scopes=["rain_write"])
        self._token("writer without role", user="mallory", scopes=["rain_write"])
        self._token("tester", user="tess", scopes=["rain_test"])
        self._token("forecaster as tester", scopes=["rain_test"])
        self._token("shouter", scopes=["rain_shout"])
        self._token("without scopes", scopes=[])
        self._token("umlaut user", user="jürgen", scopes=["rain_read"])
        self._token("mail user", user="sue@mail.org")
        self._token("secondary", user="sam", domain=LDAP, scopes=["rain_test"])
        self._token("tenant", user="eve", client="ck_stock", tenant=TENANT, scopes=["quote_read"])
        if "partitions" in self.features:
            self._token("partitioned", user="sam", domain=LDAP, scopes=["rain_test"], partition="_" + PARTITION,
                        text=base64.b64encode(b"%s:%s/sam" % (secrets.token_hex(16).encode(), LDAP.encode())).decode())

    def _dead_tokens(self):
        self._token("never expires", validity=-1)
        self._token("never expires since -2000", validity=-2000, age=10 * 365 * 86400)
        self._token("never expires as in 1.x", validity=NEVER)
        self._token("never expires, from nowhere", validity=-1, age=None)
        self._token("from nowhere", age=None)
        self._token("expired", age=7200)
        self._token("within the skew", age=3600 + 100)
        self._token("beyond the skew", age=3600 + 301)
        self._token("for ever, nearly", validity=NEVER - 1)
        self._token("revoked", state="REVOKED")
        self._token("inactive", state="INACTIVE")
        self._token("marked expired", state="EXPIRED")

    def _broken_tokens(self):
        self._token("without client", client=None)
        self._token("of a client that is gone", client=NO_CLIENT)
        self._token("without user", user=None)
        self._token("without validity", validity=None)
        self._token("of no tenant", tenant=4711)
        self._token("without user store", domain=None)

    def _other_tokens(self):
        for client in ("ck_jwt", "ck_old", "ck_lone", "ck_noapp", "ck_nosubscriber", "ck_umlaut", "ck_rocket",
                       "ck_null"):
            self._token(client, client=client)
        if "numbered" in self.features:
            twin = secrets.token_hex(15) + "ab"
            self._token("lower twin", text=twin, user="bob")
            self._token("upper twin", text=twin.upper(), user="tess")
            self._token("lower twin without hash", text=twin[:-4] + "cdef", user="bob", digest=None)
            self._token("upper twin without hash", text=twin[:-4].upper() + "CDEF", user="tess", digest=None)
        self._token("with plain hash", digest="hex")
        self._token("with JSON hash", digest="hash first")
        self._token("with JSON hash, algorithm first", digest="algorithm first")
        self._token("without hash", digest=None)
        self._token("beside another's hash", digest="another's")

    def _token(self, name, user="bob", client="ck_phone", tenant=SUPER_TENANT, domain="PRIMARY", scopes=("default",),
               state="ACTIVE", validity=HOUR, age=60, kind="APPLICATION_USER", digest="usual", text=None, partition=""):
        """age None: the zero date. digest: how the token's hash is stored, see _digest()."""
        text = self.tokens[name] = suite.secret(text or secrets.token_hex(16))
        number = str(uuid.uuid4())
        created = self.apimgt.database.time(0) if age is None else self._time(self.apimgt, age)
        row = dict(
            ACCESS_TOKEN=text, REFRESH_TOKEN=suite.secret(secrets.token_hex(16)), USER_TYPE=kind, TIME_CREATED=created,
            VALIDITY_PERIOD=validity, TOKEN_STATE=state, TOKEN_STATE_ID=number)
        if "numbered" not in self.features:
            self.apimgt.add("IDN_OAUTH2_ACCESS_TOKEN" + partition, **row, TOKEN_SCOPE=" ".join(scopes),
                            CONSUMER_KEY="ck_gone" if client == NO_CLIENT else client,
                            AUTHZ_USER=user and self._full_name(user, domain, tenant).lower())
            return
        self.apimgt.add(
            "IDN_OAUTH2_ACCESS_TOKEN" + partition, **row, TOKEN_ID=number, AUTHZ_USER=user, TENANT_ID=tenant,
            USER_DOMAIN=domain, CONSUMER_KEY_ID=CLIENTS[client][0] if client in CLIENTS else client,
            GRANT_TYPE="password", REFRESH_TOKEN_TIME_CREATED=created, REFRESH_TOKEN_VALIDITY_PERIOD=84600000,
            SUBJECT_IDENTIFIER=user,
            TOKEN_SCOPE_HASH=hashlib.md5(" ".join(sorted(scopes)).encode()).hexdigest(),
            ACCESS_TOKEN_HASH=self._digest(text, digest))
        for scope in scopes:
            self.apimgt.add("IDN_OAUTH2_ACCESS_TOKEN_SCOPE" + partition, TOKEN_ID=number, TOKEN_SCOPE=scope,
                            TENANT_ID=tenant)

    @staticmethod
    def _full_name(user, domain, tenant):
        return "%s%s@%s" % (LDAP + "/" if domain == LDAP else "", user,
                            {SUPER_TENANT: "carbon.super", TENANT: TENANT_DOMAIN}.get(tenant, "gone.com"))

    def _digest(self, text, form):
        if form == "usual":  # JSON since 2.6
            form = "hash first" if "IDN_OAUTH2_ACCESS_TOKEN_AUDIT" in self.apimgt.columns else "hex"
        digest = hashlib.sha256((text if form != "another's" else text + "another").encode()).hexdigest()
        return {
            None: None, "hex": digest, "another's": digest,
            "hash first": json.dumps({"hash": digest, "algorithm": "SHA-256"}, separators=(",", ":")),
            "algorithm first": json.dumps({"algorithm": "SHA-256", "hash": digest}, separators=(",", ":")),
        }[form]
