"""What the Publisher and the first releases' Store ask about keys: subscriptions, states of tokens, keys by tier."""

import uuid

import soap_client
import suite
import wire
from harness import MARIADB, SQLITE
from soap_admin import AdminTest
from world import BOB, SUPER_TENANT

API_INFO = "APIIdentifier apiName context providerId resources version".split()


def api(name, version="1.0", provider="carol"):
    return {"providerId": provider, "apiName": name, "version": version}


class Keys(AdminTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apimgt, cls.users = cls.node.open_databases()
        cls.apimgt.insert("AM_SUBSCRIBER", [dict(
            SUBSCRIBER_ID=300, USER_ID=BOB, TENANT_ID=SUPER_TENANT, EMAIL_ADDRESS="", CREATED_BY=BOB,
            DATE_SUBSCRIBED=cls.apimgt.time(cls.world.now))])
        for number, tier in ((300, "Unlimited"), (301, "Metal"), (302, "Unlimited")):
            cls.apimgt.insert("AM_APPLICATION", [dict(
                APPLICATION_ID=number, NAME="Bob%d" % number, SUBSCRIBER_ID=300, APPLICATION_TIER=tier, GROUP_ID="",
                APPLICATION_STATUS="APPROVED", UUID=str(uuid.uuid4()), TOKEN_TYPE="DEFAULT")])
        for application, number in ((300, 100), (300, 101), (301, 100)):
            cls.apimgt.insert("AM_SUBSCRIPTION", [dict(
                TIER_ID="Gold", API_ID=number, APPLICATION_ID=application, SUB_STATUS="UNBLOCKED",
                SUBS_CREATE_STATE="SUBSCRIBE", CREATED_BY=BOB, UUID=str(uuid.uuid4()))])

    def setUp(self):
        self.provider = self.service("APIKeyMgtProviderService")
        self.store = self.service("APIKeyMgtSubscriberService")

    def keys(self, application, key_type="PRODUCTION"):
        keys = self.store.getApplicationAccessToken(userId=BOB, applicationName=application, tokenType=key_type)
        suite.secret(keys.consumerSecret)
        suite.secret(keys.applicationAccessToken)
        return keys

    def status_of(self, token):
        """validationStatus of a call of Weather; 0: it may be called."""
        return self.connect().call(wire.validate_key(self.session, self.world.good.__class__(token), 5)).success().get(8, 0)

    def test_subscriptions(self):
        apis = self.store.getSubscribedAPIsOfUser(BOB)
        self.assertEqual([name for name in apis[0]], API_INFO)
        self.assertEqual([(one.providerId, one.apiName, one.version, one.context, one.APIIdentifier) for one in apis],
                         [("carol", "Forecast", "1.0", "/forecast/1.0", "carol_Forecast_1.0"),
                          ("carol", "Weather", "1.0", "/weather/1.0", "carol_Weather_1.0")])
        self.assertEqual(len(self.provider.getAPIsOfUser(BOB, "CAROL")), 2)
        self.assertFalse(self.provider.getAPIsOfUser(BOB, "dave"))
        self.assertFalse(self.store.getSubscribedAPIsOfUser("mallory"))
        self.fails(self.store.getSubscribedAPIsOfUser, "nobody", words="no such user")
        info = self.provider.getIssuedKeyInfo(api("Forecast"))
        self.assertEqual(sorted((one.userId, one.status) for one in info), [("alice", "UNBLOCKED"), ("bob", "UNBLOCKED")])
        self.assertFalse(self.provider.getIssuedKeyInfo(api("forecast")))
        self.fails(self.provider.getIssuedKeyInfo, {"apiName": "Forecast"}, words="providerId")
        self.fails(self.provider.getIssuedKeyInfo, None, words="apiInfoDTO")
        self.store.unsubscribeFromAPI(BOB, api("Weather"))
        self.assertEqual(len(self.store.getSubscribedAPIsOfUser(BOB)), 2)

    def test_token_for_an_api(self):
        token = suite.secret(self.store.getAccessToken(BOB, api("Weather"), "Bob300", "PRODUCTION", None))
        self.assertEqual(self.status_of(token), 0)
        self.assertEqual(token, self.keys("Bob300").applicationAccessToken)
        self.fails(self.store.getAccessToken, BOB, api("Weather", "9.9"), "Bob300", "PRODUCTION", None, words="not subscribed")
        self.fails(self.store.getAccessToken, BOB, api("Weather"), "Bob302", "PRODUCTION", None, words="not subscribed")
        self.fails(self.store.getAccessToken, BOB, api("Weather"), "none", "PRODUCTION", None, words="no application")

    def test_states(self):
        keys = self.keys("Bob300")
        token = keys.applicationAccessToken
        self.assertEqual(self.status_of(token), 0)
        self.provider.blockAccessTokens([BOB], api("Forecast"))
        self.assertNotEqual(self.status_of(token), 0)
        self.provider.blockAccessTokens([BOB], api("Forecast"))
        self.provider.activateAccessTokens([BOB], api("Weather", "2.0"))  # not subscribed to this one
        self.assertNotEqual(self.status_of(token), 0)
        self.provider.activateAccessTokens([BOB], api("Weather"))
        self.assertEqual(self.status_of(token), 0)
        self.assertEqual(self.keys("Bob300").applicationAccessToken, token)
        self.provider.revokeAccessTokens([BOB], api("Weather"))
        self.assertEqual(self.status_of(token), 900901)
        self.provider.activateAccessTokens([BOB], api("Weather"))  # what is revoked stays so
        self.assertEqual(self.status_of(token), 900901)
        self.fails(self.provider.blockAccessTokens, ["nobody"], api("Weather"), words="no such user")

    def test_blocked_token_that_is_revoked(self):
        token = self.keys("Bob300", "SANDBOX").applicationAccessToken
        for revoke in (lambda: self.provider.revokeAccessTokens([BOB], api("Weather")),
                       lambda: self.store.revokeAccessTokenBySubscriber({"name": BOB})):
            self.assertEqual(self.status_of(token), 0)
            self.provider.blockAccessTokens([BOB], api("Weather"))
            revoke()
            self.provider.activateAccessTokens([BOB], api("Weather"))
            self.assertEqual(self.status_of(token), 900901)
            token = self.keys("Bob300", "SANDBOX").applicationAccessToken

    def test_blocked_token_with_a_successor(self):
        """A token whose place another one took stays blocked: there is one good token for one purpose."""
        first = self.keys("Bob300", "SANDBOX").applicationAccessToken
        self.provider.blockAccessTokens([BOB], api("Weather"))
        second = self.keys("Bob300", "SANDBOX").applicationAccessToken
        self.assertNotEqual(first, second)
        self.provider.activateAccessTokens([BOB], api("Weather"))
        self.assertEqual((self.status_of(second), self.keys("Bob300", "SANDBOX").applicationAccessToken), (0, second))
        self.assertNotEqual(self.status_of(first), 0)

    def test_revoke_by_tier_and_subscriber(self):
        other, metal = self.keys("Bob300").applicationAccessToken, self.keys("Bob301").applicationAccessToken
        self.store.revokeKeysByTier("Metal")
        self.assertEqual((self.status_of(other), self.status_of(metal)), (0, 900901))
        self.store.revokeKeysByTier("No such tier")
        self.store.revokeAccessTokenBySubscriber({"name": BOB})
        self.assertEqual(self.status_of(other), 900901)
        self.fails(self.store.revokeAccessTokenBySubscriber, {"name": "nobody"}, words="no such user")
        self.fails(self.store.revokeAccessTokenBySubscriber, {}, words="name")
        self.fails(self.store.revokeKeysByTier, None, words="tierName")

    def test_sql_is_text(self):
        for text in ("' OR '1'='1", "x\\' OR 1=1 -- ", "%"):
            self.assertFalse(self.provider.getIssuedKeyInfo(api(text)))
            self.store.revokeKeysByTier(text)
        status, answer = self.send("APIKeyMgtProviderService", soap_client.operation("blockAccessTokens", [("users", BOB)]))
        self.assertEqual(status, 500)
        self.assertIn("apiInfoDTO", answer)
