"""A small published world of known content, written straight into a node's databases.

Unlike `apimctl db sample`, every value is fixed here, so that replies can be compared field by field. The first
API, application and key are those of the golden bytes (specification 9.2).
"""

import base64
import dataclasses
import hashlib
import json
import secrets
import time
import uuid

import suite

SUPER_TENANT = -1234
TENANT, TENANT_DOMAIN = 1, "acme.com"
NEVER = 0x7fffffffffffffff
HOUR = 3600000

BOB, MALLORY, CAROL = "bob", "mallory", "carol"  # bob is a forecaster, mallory has no role, carol may be deleted

# AM_SUBSCRIPTION.SUB_STATUS by the API of that name; each has the context /state/<name>/1.0.
STATES = {
    "blocked": "BLOCKED", "prodblocked": "PROD_ONLY_BLOCKED", "onhold": "ON_HOLD", "rejected": "REJECTED",
    "nothing": None, "pending": "TIER_UPDATE_PENDING", "unknown": "SOMETHING_NEW",
}


@dataclasses.dataclass
class Key:
    """A request: what a client asks, with a token that the database holds or not."""
    token: str
    context: str = "/weather/1.0"
    version: str = "1.0"
    resource: str = "/city/*"
    verb: str = "GET"

    def on(self, context, version="1.0", resource="/city/*", verb="GET"):
        """The same token on another API."""
        return dataclasses.replace(self, context=context, version=version, resource=resource, verb=verb)

    def at_state(self, name):
        return self.on("/state/%s/1.0" % name)


class World:
    def __init__(self, apimgt, users):
        self.apimgt, self.users = apimgt, users
        self.passwords = {}
        self.now = time.time()
        self._tokens = 0
        with apimgt.together(), users.together():
            self._people()
            self._apis()
            self._applications()
            self._keys()

    def key_of(self, user=BOB, **token):
        """A new token of PhoneApp's production client on Weather."""
        with self.apimgt.together():
            return Key(self._token(user=user, **token))

    # Users ---------------------------------------------------------------------------------------------------------

    def _people(self):
        self.users.insert("UM_TENANT", [dict(
            UM_ID=TENANT, UM_DOMAIN_NAME=TENANT_DOMAIN, UM_EMAIL="admin@acme.com", UM_ACTIVE=1,
            UM_CREATED_DATE=self.users.time(self.now))])
        self.users.insert("UM_USER", [self._user(100, BOB), self._user(101, MALLORY), self._user(102, CAROL),
                                      self._user(103, "eve", TENANT)])
        self.users.insert("UM_ROLE", [dict(UM_ID=100, UM_ROLE_NAME="forecaster", UM_TENANT_ID=SUPER_TENANT)])
        self.users.insert("UM_USER_ROLE", [dict(UM_ID=100, UM_ROLE_ID=100, UM_USER_ID=100,
                                                UM_TENANT_ID=SUPER_TENANT)])

    def _user(self, number, name, tenant=SUPER_TENANT):
        self.passwords[name] = suite.secret(secrets.token_urlsafe(16))
        salt = base64.b64encode(secrets.token_bytes(16)).decode()
        return dict(UM_ID=number, UM_USER_NAME=name, UM_USER_PASSWORD=self.digest(self.passwords[name], salt),
                    UM_SALT_VALUE=salt, UM_REQUIRE_CHANGE=0, UM_CHANGED_TIME=self.users.time(self.now),
                    UM_TENANT_ID=tenant)

    @staticmethod
    def digest(password, salt):
        """WSO2's stored password (databases.md 6.2)."""
        return base64.b64encode(hashlib.sha256((password + salt).encode()).digest()).decode()

    def change_password(self, name, password):
        salt = base64.b64encode(secrets.token_bytes(16)).decode()
        self.users.execute("UPDATE UM_USER SET UM_USER_PASSWORD = ?, UM_SALT_VALUE = ? WHERE UM_USER_NAME = ?",
                           [self.digest(password, salt), salt, name])

    def delete_user(self, name):
        self.users.execute("DELETE FROM UM_USER WHERE UM_USER_NAME = ?", [name])

    # APIs ----------------------------------------------------------------------------------------------------------

    def _apis(self):
        self._api(100, "Weather", "/weather/1.0", [("/city/*", "GET")])
        self._api(101, "Forecast", "/forecast/1.0", [("/rain", "GET"), ("/rain", "POST"), ("/snow", "GET")])
        self._api(102, "Weather", "/weather/2.0", [("/city/*", "GET")], version="2.0")
        self._api(103, "Stock", "/t/acme.com/stock/1.0", [("/quote", "GET")], provider="eve@acme.com")
        self._api(104, "Lonely", "/lonely/1.0", [("/city/*", "GET")])  # nobody subscribed
        self._api(105, "NoTier", "/notier/1.0", [("/city/*", "GET")])  # its subscription's tier has no policy
        self._api(106, "Left", "/left/1.0", [("/city/*", "GET")])  # unsubscribed while blocked
        for number, name in enumerate(STATES, 110):
            self._api(number, "State-" + name, "/state/%s/1.0" % name, [("/city/*", "GET")])
        self.apimgt.insert("AM_API_DEFAULT_VERSION", [dict(
            API_NAME="Weather", API_PROVIDER="carol", DEFAULT_API_VERSION="2.0",
            PUBLISHED_DEFAULT_API_VERSION="2.0")])
        # The super tenant has its policies from the schema; a tenant gets its own when it is loaded.
        self.apimgt.insert("AM_POLICY_SUBSCRIPTION", [dict(
            NAME="Burst", DISPLAY_NAME="Burst", TENANT_ID=TENANT, QUOTA_TYPE="requestCount", QUOTA=5000, UNIT_TIME=1,
            TIME_UNIT="min", RATE_LIMIT_COUNT=20, RATE_LIMIT_TIME_UNIT="sec", IS_DEPLOYED=1, STOP_ON_QUOTA_REACH=0,
            BILLING_PLAN="FREE", UUID=str(uuid.uuid4()))])
        self._scope(100, "rain_read", "/forecast/1.0/1.0/rain:GET", ["forecaster"])
        self._scope(101, "rain_write", "/forecast/1.0/1.0/rain:POST", [])

    def _api(self, number, name, context, resources, version="1.0", provider="carol"):
        self.apimgt.insert("AM_API", [dict(
            API_ID=number, API_PROVIDER=provider, API_NAME=name, API_VERSION=version, CONTEXT=context,
            CONTEXT_TEMPLATE=context.rsplit("/", 1)[0], API_TIER="Unlimited", CREATED_BY=provider)])
        self.apimgt.insert("AM_API_URL_MAPPING", [dict(
            API_ID=number, HTTP_METHOD=verb, AUTH_SCHEME="Any", URL_PATTERN=pattern, THROTTLING_TIER="Unlimited")
            for pattern, verb in resources])

    def _scope(self, number, name, path, roles):
        self.apimgt.insert("IDN_OAUTH2_SCOPE", [dict(SCOPE_ID=number, NAME=name, DISPLAY_NAME=name,
                                                     TENANT_ID=SUPER_TENANT)])
        self.apimgt.insert("IDN_OAUTH2_SCOPE_BINDING", [dict(SCOPE_ID=number, SCOPE_BINDING=role) for role in roles])
        self.apimgt.insert("IDN_OAUTH2_RESOURCE_SCOPE", [dict(RESOURCE_PATH=path, SCOPE_ID=number,
                                                              TENANT_ID=SUPER_TENANT)])

    # Applications and subscriptions --------------------------------------------------------------------------------

    def _applications(self):
        self.apimgt.insert("AM_SUBSCRIBER", [
            dict(SUBSCRIBER_ID=100, USER_ID="alice", TENANT_ID=SUPER_TENANT, EMAIL_ADDRESS="",
                 DATE_SUBSCRIBED=self.apimgt.time(self.now), CREATED_BY="alice"),
            dict(SUBSCRIBER_ID=101, USER_ID="eve@acme.com", TENANT_ID=TENANT, EMAIL_ADDRESS="",
                 DATE_SUBSCRIBED=self.apimgt.time(self.now), CREATED_BY="eve@acme.com")])
        self._application(7, "PhoneApp", 100)
        self._application(8, "StockApp", 101)
        self._client(100, "ck_9fA3", 7, "PRODUCTION")
        self._client(101, "ck_sand", 7, "SANDBOX")
        self._client(102, "ck_stock", 8, "PRODUCTION", TENANT)
        for api in (100, 101, 102):
            self._subscribe(7, api)
        self._subscribe(8, 103, tier="Burst")
        self._subscribe(7, 105, tier="NoSuchTier")
        self._subscribe(7, 106, status="PROD_ONLY_BLOCKED", create_state="UN_SUBSCRIBE")
        for api, status in enumerate(STATES.values(), 110):
            self._subscribe(7, api, status=status)

    def add_application(self, number, consumer_key, apis):
        """An application whose production client is in the database already."""
        self._application(number, "app-%d" % number, 100)
        self._map(number, consumer_key, "PRODUCTION")
        for api in apis:
            self._subscribe(number, api)

    def subscribe_to_no_tier(self, application):
        """A subscription whose tier has no policy."""
        self._subscribe(application, 105, tier="NoSuchTier")

    def subscribe_to_more(self, n):
        """PhoneApp has so many subscriptions more."""
        for number in range(1000, 1000 + n):
            self._api(number, "More-%d" % number, "/more/%d/1.0" % number, [("/*", "GET")])
            self._subscribe(7, number)

    def _application(self, number, name, subscriber):
        self.apimgt.insert("AM_APPLICATION", [dict(
            APPLICATION_ID=number, NAME=name, SUBSCRIBER_ID=subscriber, APPLICATION_TIER="Unlimited", GROUP_ID="",
            APPLICATION_STATUS="APPROVED", UUID=str(uuid.uuid4()), TOKEN_TYPE="DEFAULT")])

    def _client(self, number, consumer_key, application, key_type, tenant=SUPER_TENANT):
        self.apimgt.insert("IDN_OAUTH_CONSUMER_APPS", [dict(
            ID=number, CONSUMER_KEY=consumer_key, CONSUMER_SECRET=suite.secret(secrets.token_hex(14)),
            USERNAME="alice", TENANT_ID=tenant, USER_DOMAIN="PRIMARY", APP_NAME="app-%d" % number,
            OAUTH_VERSION="OAuth-2.0", CALLBACK_URL="", GRANT_TYPES="client_credentials password",
            APP_STATE="ACTIVE")])
        self._map(application, consumer_key, key_type)

    def _map(self, application, consumer_key, key_type):
        self.apimgt.insert("AM_APPLICATION_KEY_MAPPING", [dict(
            APPLICATION_ID=application, CONSUMER_KEY=consumer_key, KEY_TYPE=key_type, STATE="COMPLETED",
            CREATE_MODE="CREATED")])

    def _subscribe(self, application, api, status="UNBLOCKED", tier="Gold", create_state="SUBSCRIBE"):
        self.apimgt.insert("AM_SUBSCRIPTION", [dict(
            TIER_ID=tier, API_ID=api, APPLICATION_ID=application, SUB_STATUS=status, SUBS_CREATE_STATE=create_state,
            CREATED_BY="alice", UUID=str(uuid.uuid4()))])

    # Tokens --------------------------------------------------------------------------------------------------------

    def _keys(self):
        self.good = self.key_of()
        self.good_hashed_as_2_5 = self.key_of(digest="hex")
        self.good_without_hash = self.key_of(digest=None)
        self.never = self.key_of(validity=-1)
        self.never_as_1_x = self.key_of(validity=NEVER)
        self.expired = self.key_of(age=7200)
        self.last_second = self.key_of(age=3600 + 300)  # the clock skew of 300 s is over, too
        self.within_skew = self.key_of(age=3600 + 20)
        self.revoked = self.key_of(state="REVOKED")
        self.inactive = self.key_of(state="INACTIVE")
        self.marked_expired = self.key_of(state="EXPIRED")
        self.unknown = Key(suite.secret(secrets.token_hex(16)))
        self.sandbox = self.key_of(client=101)
        self.application = self.key_of(scopes=["am_application_scope", "default"], user_type="APPLICATION")
        self.reader = self.key_of(scopes=["rain_read"])
        self.reader_without_role = self.key_of(user=MALLORY, scopes=["rain_read"])
        self.writer = self.key_of(scopes=["rain_write"])
        self.writer_without_role = self.key_of(user=MALLORY, scopes=["rain_write"])
        self.without_scopes = self.key_of(scopes=[])
        self.tenant = Key(self._token(user="eve", client=102, tenant=TENANT), "/t/acme.com/stock/1.0", "1.0",
                          "/quote", "GET")

    def _token(self, user, client=100, tenant=SUPER_TENANT, scopes=("default",), state="ACTIVE", validity=HOUR, age=60,
               user_type="APPLICATION_USER", digest="json"):
        self._tokens += 1
        token_id, token = str(uuid.uuid4()), suite.secret(secrets.token_hex(16))
        digest_hex = hashlib.sha256(token.encode()).hexdigest()
        hashes = {"hex": digest_hex, None: None,
                  "json": json.dumps({"hash": digest_hex, "algorithm": "SHA-256"}, separators=(",", ":"))}
        created = self.apimgt.time(self.now - age)
        self.apimgt.insert("IDN_OAUTH2_ACCESS_TOKEN", [dict(
            TOKEN_ID=token_id, ACCESS_TOKEN=token, REFRESH_TOKEN=suite.secret(secrets.token_hex(16)),
            CONSUMER_KEY_ID=client, AUTHZ_USER=user, TENANT_ID=tenant, USER_DOMAIN="PRIMARY", USER_TYPE=user_type,
            GRANT_TYPE="password", TIME_CREATED=created, REFRESH_TOKEN_TIME_CREATED=created, VALIDITY_PERIOD=validity,
            REFRESH_TOKEN_VALIDITY_PERIOD=84600000,
            TOKEN_SCOPE_HASH=hashlib.md5(" ".join(sorted(scopes)).encode()).hexdigest(),
            TOKEN_STATE=state, TOKEN_STATE_ID="NONE" if self._tokens == 1 else token_id, SUBJECT_IDENTIFIER=user,
            ACCESS_TOKEN_HASH=hashes[digest])])
        self.apimgt.insert("IDN_OAUTH2_ACCESS_TOKEN_SCOPE", [dict(
            TOKEN_ID=token_id, TOKEN_SCOPE=scope, TENANT_ID=tenant) for scope in scopes])
        return token
