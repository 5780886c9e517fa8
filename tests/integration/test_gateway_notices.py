"""Gateways are told of tokens that have ended, and nobody waits for one that is away, hangs, or says no."""

import base64
import json
import urllib.parse

import oauth
import soap_client
import suite
from fake_gateway import FakeGateway
from harness import MARIADB, SQLITE
from rest import Rest, RestTest
from soap_admin import AdminTest
from world import BOB

AWAY = 'gateway "Production and Sandbox" cannot be told'


class NoticesTest(AdminTest):
    limits = "<Limits><GatewayTimeout>60000</GatewayTimeout></Limits>"  # however slow this machine is

    @classmethod
    def setUpClass(cls):
        cls.gateway = FakeGateway()
        cls.addClassCleanup(cls.gateway.stop)
        cls.node = cls.new_node(settings=cls.gateway.environment, apimd=cls.limits)
        cls.addClassCleanup(cls.node.kill)
        cls.node.write("repository/conf/carbon.xml", "<Server><Security><TrustStore><Location>%s</Location></TrustStore>"
                       "</Security></Server>" % cls.gateway.certificate)
        cls.node.prepare().start()
        cls.world = cls.node.world

    def setUp(self):
        self.gateway.stop()
        self.gateway.refuses = self.gateway.hangs = False
        self.gateway.lacks = ()
        self.gateway.start()
        self.eventually(lambda: self.status()["gateways.away"] == 0 and self.status()["gateways.notices.waiting"] == 0,
                        60, "the gateway is told of what waited")
        self.gateway.messages.clear()

    def revoke(self, key):
        """By the administration service."""
        status, answer = self.send("APIKeyMgtSubscriberService", soap_client.operation(
            "revokeAccessToken", [("key", key.token), ("consumerKey", "ck_9fA3"), ("authorizedUser", BOB)]))
        self.assertEqual(status, 202, answer)

    def is_told(self, key):
        return self.gateway.mappings(key.token) and key.token in self.gateway.tokens()


class GatewayNotices(NoticesTest):
    databases = (SQLITE, MARIADB)

    def test_each_api_of_the_application(self):
        key = self.world.key_of()
        self.revoke(key)
        self.eventually(lambda: self.is_told(key), 20, "the gateway is told of the token")
        mappings = self.gateway.mappings(key.token)
        self.assertIn(("/weather/1.0", "1.0"), mappings)
        self.assertGreater(len(set(mappings)), 1)  # of the other APIs that the application is subscribed to

    def test_revoked_at_the_oauth_endpoint(self):
        key = self.world.key_of()
        client = self.service("APIKeyMgtSubscriberService").retrieveOAuthApplication("ck_9fA3")
        status, answer = self.post("/oauth2/revoke", urllib.parse.urlencode(
            {"token": key.token, "client_id": "ck_9fA3", "client_secret": suite.secret(client.clientSecret)}),
            {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200, answer)
        self.eventually(lambda: self.is_told(key), 20, "the gateway is told of the token")

    def jwt_client(self):
        client = oauth.Client(self.node)
        self.world.apimgt.execute("UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = ?", [client.id])
        return client

    def assert_told_of_jwt(self, token):
        """By the text that clients show, and not by the id that is stored in its place."""
        self.assertEqual(token.count("."), 2)
        identity = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["jti"]
        self.eventually(lambda: self.gateway.mappings(token) and token in self.gateway.tokens(), 20,
                        "the gateway is told of the JWT")
        self.assertEqual(self.gateway.mappings(identity), [])
        self.assertNotIn(identity, self.gateway.tokens())

    def test_jwt_that_was_shown(self):
        client = self.jwt_client()
        token = client.token("client_credentials").json["access_token"]
        self.assertEqual(client.revoke(token).status, 200)
        self.assert_told_of_jwt(token)

    def test_jwt_that_was_not_shown(self):
        """It is made again."""
        client = self.jwt_client()
        members = client.password().json
        self.assertEqual(client.token("refresh_token", refresh_token=members["refresh_token"]).status, 200)
        self.assert_told_of_jwt(members["access_token"])
        members = client.password(scope="device_2").json
        self.assertEqual(client.revoke(members["refresh_token"], token_type_hint="refresh_token").status, 200)
        self.assert_told_of_jwt(members["access_token"])

    def test_jwt_of_another_key(self):
        """The node has another key than the one that the token was signed with: it ends all the same, for its own client."""
        client, other = self.jwt_client(), self.jwt_client()
        token = client.token("client_credentials").json["access_token"]
        foreign = token[:token.rindex(".") + 1] + base64.urlsafe_b64encode(bytes(256)).decode().rstrip("=")
        self.assertEqual(other.revoke(foreign).status, 200)
        self.assertEqual(client.introspect(token)["active"], True)
        answer = client.revoke(foreign)
        self.assertEqual((answer.status, answer.headers["RevokedAccessToken"]), (200, token))
        self.assertEqual(client.introspect(token)["active"], False)
        self.assert_told_of_jwt(token)
        self.assertNotIn(foreign, self.gateway.tokens())
        token = client.token("client_credentials", scope="device_3").json["access_token"]
        foreign = token[:token.rindex(".") + 1] + base64.urlsafe_b64encode(bytes(256)).decode().rstrip("=")
        status, answer = self.send("APIKeyMgtSubscriberService", soap_client.operation(
            "revokeAccessToken", [("key", foreign), ("consumerKey", client.key), ("authorizedUser", "alice")]))
        self.assertEqual(status, 202, answer)
        self.assertEqual(client.introspect(token)["active"], False)
        self.assert_told_of_jwt(token)

    def test_revoked_twice(self):
        """A client that got no answer asks again, perhaps another node than the one that knew whom to tell."""
        client = oauth.Client(self.node)
        token = client.token("client_credentials").json["access_token"]
        self.assertEqual(client.revoke(token).status, 200)
        self.eventually(lambda: token in self.gateway.tokens(), 20, "the gateway is told of the token")
        self.gateway.messages.clear()
        self.assertEqual(client.revoke(token).status, 200)
        self.eventually(lambda: token in self.gateway.tokens(), 20, "the gateway is told of it again")

    def test_jwt_that_an_administrator_shows(self):
        client = self.jwt_client()
        token = client.token("client_credentials").json["access_token"]
        status, answer = self.send("APIKeyMgtSubscriberService", soap_client.operation(
            "revokeAccessToken", [("key", token), ("consumerKey", client.key), ("authorizedUser", "alice")]))
        self.assertEqual(status, 202, answer)
        self.assert_told_of_jwt(token)

    def test_one_that_was_away(self):
        """Revoking does not wait; one line in the log per outage; afterwards it hears of what it missed."""
        self.gateway.stop()
        lines = self.node.log().count(AWAY)
        keys = [self.world.key_of() for _ in range(3)]
        for key in keys:
            self.revoke(key)
        self.eventually(lambda: self.status()["gateways.calls.failed"] >= 2 and self.status()["gateways.away"] == 1, 30,
                        "the gateway counts as away")
        self.assertEqual(self.node.log().count(AWAY), lines + 1)
        self.gateway.start()
        self.eventually(lambda: all(self.is_told(key) for key in keys), 60, "the gateway is told of what it missed")
        self.eventually(lambda: self.status()["gateways.away"] == 0, 10, "the gateway is there again")
        self.assertIn("is told of tokens that have ended again", self.node.log())
        for key in keys:
            self.assertNotIn(key.token, self.node.log())

    def test_many_at_once(self):
        """More than one message has room for, of an application with a dozen APIs: as many messages as it takes."""
        self.gateway.stop()
        dropped = self.status()["gateways.notices.dropped"]
        keys = [self.world.key_of() for _ in range(60)]
        for key in keys:
            self.revoke(key)
        self.gateway.start()
        self.eventually(lambda: all(self.is_told(key) for key in keys), 60, "the gateway is told of all of them")
        for key in keys:
            self.assertGreater(len(set(self.gateway.mappings(key.token))), 10)
        self.assertEqual(self.status()["gateways.notices.dropped"], dropped)

    def test_application_with_many_apis(self):
        self.node.world.subscribe_to_more(150)
        key = self.world.key_of()
        self.revoke(key)
        self.eventually(lambda: self.is_told(key), 20, "the gateway is told of the token")
        self.assertGreater(len(set(self.gateway.mappings(key.token))), 150)

    def test_older_release(self):
        self.gateway.lacks = ("invalidateCachedTokens",)
        told = self.status()["gateways.notices.told"]
        key = self.world.key_of()
        self.revoke(key)
        self.eventually(lambda: self.gateway.mappings(key.token), 20, "the gateway is told of the token")
        self.eventually(lambda: self.status()["gateways.notices.told"] > told, 10, "it counts as told")
        self.assertEqual(self.status()["gateways.away"], 0)
        self.forget_release()

    def forget_release(self):
        """A gateway that was away is asked again for what it did not have."""
        self.gateway.refuses = True
        self.revoke(self.world.key_of())
        self.eventually(lambda: self.status()["gateways.away"] == 1, 30, "the gateway counts as away")

    def test_wrong_password(self):
        self.gateway.refuses = True
        key = self.world.key_of()
        self.revoke(key)
        self.eventually(lambda: self.status()["gateways.away"] == 1, 30, "the gateway counts as away")
        self.assertIn("user and password are not accepted", self.node.log())
        self.assertNotIn(suite.secret(FakeGateway.PASSWORD), self.node.log())


class EndedByTheStore(RestTest):
    """A Store in the process of a Key Manager: gateways hear of what it ends, too."""

    @classmethod
    def setUpClass(cls):
        cls.gateway = FakeGateway().start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.node = cls.new_node(settings=cls.gateway.environment)
        cls.addClassCleanup(cls.node.kill)
        cls.node.write("repository/conf/carbon.xml", "<Server><Security><TrustStore><Location>%s</Location></TrustStore>"
                       "</Security></Server>" % cls.gateway.certificate)
        cls.node.prepare(populate=False).start()
        cls.rest = Rest.login(cls.node)

    def assert_told(self, token):
        self.eventually(lambda: token in self.gateway.tokens(), 30, "the gateway is told of the token")

    def token_of(self, answer):
        return suite.secret(self.ok(answer).json["token"]["accessToken"])

    def test_all_ways(self):
        application = self.ok(self.rest.store("POST", "/applications", {"name": "Ends", "throttlingTier": "Unlimited"}), 201).id
        keys = self.ok(self.rest.store("POST", "/applications/generate-keys?applicationId=" + application, {
            "keyType": "PRODUCTION", "validityTime": "3600", "accessAllowDomains": ["ALL"]})).json
        suite.secret(keys["consumerSecret"])
        first = suite.secret(keys["token"]["accessToken"])
        path = "/applications/%s/keys/PRODUCTION" % application
        second = self.token_of(self.rest.store("POST", path + "/generate-token", {"validityTime": 60}))
        self.assert_told(first)
        self.assertNotIn(second, self.gateway.tokens())
        self.assertLess(self.rest.store("POST", path + "/revoke").status, 300)
        self.assert_told(second)
        third = self.token_of(self.rest.store("POST", path + "/generate-token", {"validityTime": 60}))
        self.ok(self.rest.store("DELETE", "/applications/" + application))
        self.assert_told(third)


class HangingGateway(NoticesTest):
    limits = "<Limits><GatewayTimeout>10000</GatewayTimeout></Limits>"

    def test_one_that_hangs(self):
        """Nobody waits for it: the revocation is answered while it is still given time."""
        self.gateway.stop()
        self.gateway.hangs = True
        self.gateway.start()
        self.revoke(self.world.key_of())
        self.assertNotIn("no answer within", self.node.log())
        self.eventually(lambda: self.status()["gateways.away"] == 1, 30, "the gateway counts as away")
        self.assertIn("no answer within 10000 ms", self.node.log())
