"""The OAuth2 endpoints: tokens, revocation, introspection (specification 4 and 5), with curl and requests-oauthlib."""

import base64
import hmac
import json
import os
import subprocess
import time
import warnings

import jwt
import requests_oauthlib
from cryptography.hazmat.primitives.asymmetric import rsa
from oauthlib import oauth2

import oauth
import suite
import wire
from harness import MARIADB, NodeTest, SQLITE
from oauth import CHALLENGE, Client, VERIFIER
from world import BOB, Key, MALLORY

INVALID_GRANT = (400, "invalid_grant", "Provided Authorization Grant is invalid")
FAILED = (401, "invalid_client", "Client Authentication failed.")
NEVER = 9223372036854775807


class OauthTest(NodeTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        oauth.add_scopes(cls.world)
        cls.client = Client(cls.node)

    def status(self, token, **key):
        """validationStatus of a token over Thrift."""
        with wire.Connection(self.node) as connection:
            reply = connection.call(wire.validate_key(self.session, Key(token, **key), 1))
        answer = reply.success()
        return 0 if answer[1] else answer[8]

    def issued(self, answer):
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Pragma"], "no-cache")
        return answer.json


class Oauth(OauthTest):
    databases = (SQLITE, MARIADB)

    def assert_is_good(self, token, **key):
        self.assertEqual(self.status(token, **key), 0)
        self.assertTrue(self.client.introspect(token)["active"])

    def assert_is_dead(self, token):
        self.assertEqual(self.status(token), 900901)
        self.assertEqual(self.client.introspect(token), {"active": False})

    def test_client_credentials(self):
        first = self.issued(self.client.token("client_credentials"))
        self.assertEqual(set(first), {"access_token", "scope", "token_type", "expires_in"})
        self.assertEqual((first["scope"], first["token_type"], first["expires_in"]),
                         ("am_application_scope default", "Bearer", 3600))
        self.assert_is_good(first["access_token"])
        again = self.issued(self.client.token("client_credentials"))
        self.assertEqual(again["access_token"], first["access_token"])
        self.assertLess(again["expires_in"], 3600)
        self.assertGreater(again["expires_in"], 3500)
        other = self.issued(self.client.token("client_credentials", scope="device_1"))
        self.assertNotEqual(other["access_token"], first["access_token"])
        self.assertEqual(other["scope"], "am_application_scope device_1")
        members = self.client.introspect(first["access_token"])
        self.assertEqual((members["client_id"], members["username"], members["token_type"]),
                         (self.client.key, "alice@carbon.super", "Bearer"))
        self.assertEqual(members["exp"] - members["iat"], 3600)
        self.assertEqual(sorted(members["scope"].split()), ["am_application_scope", "default"])

    def test_credentials_in_the_form(self):
        fields = dict(client_id=self.client.key, client_secret=self.client.secret)
        first = self.issued(self.client.token("client_credentials", headers={}, **fields))
        again = self.issued(self.client.token("client_credentials", client_id=self.client.key))
        self.assertEqual(first["access_token"], again["access_token"])

    def test_validity(self):
        for number, (asked, answered) in enumerate((("60", 60), ("-2", NEVER), ("0", 3600), ("-1", 3600))):
            members = self.issued(self.client.token("application_token", validity_period=asked,
                                                    scope="device_v%d" % number))
            self.assertEqual(members["expires_in"], answered)
            self.assert_is_good(members["access_token"])
        again = self.issued(self.client.token("client_credentials", scope="device_v1"))
        self.assertEqual(again["expires_in"], NEVER // 1000)
        self.assertNotIn("exp", self.client.introspect(again["access_token"]))
        self.assertEqual(self.client.token("client_credentials", validity_period="1e9").error()[:2],
                         (400, "invalid_request"))
        for_a_minute = Client(self.node, mapped=False, APP_ACCESS_TOKEN_EXPIRE_TIME=60)
        self.assertEqual(self.issued(for_a_minute.token("client_credentials"))["expires_in"], 60)

    def test_password_and_refresh(self):
        first = self.issued(self.client.password())
        self.assertEqual((first["scope"], first["expires_in"]), ("default", 3600))
        again = self.issued(self.client.password())
        self.assertEqual([again[name] for name in ("access_token", "refresh_token")],
                         [first[name] for name in ("access_token", "refresh_token")])
        self.assert_is_good(first["access_token"])
        answer = self.client.token("refresh_token", refresh_token=first["refresh_token"])
        second = self.issued(answer)
        self.assertEqual(answer.headers["DeactivatedAccessToken"], first["access_token"])
        self.assertNotEqual(second["access_token"], first["access_token"])
        self.assertNotEqual(second["refresh_token"], first["refresh_token"])
        self.assert_is_dead(first["access_token"])
        self.assert_is_good(second["access_token"])
        reused = self.client.token("refresh_token", refresh_token=first["refresh_token"])
        self.assertEqual(reused.error(), INVALID_GRANT)
        self.assert_is_good(second["access_token"])
        self.assertEqual(Client(self.node, mapped=False).token(
            "refresh_token", refresh_token=second["refresh_token"]).error(), INVALID_GRANT)

    def test_refresh_never_widens(self):
        first = self.issued(self.client.password(scope="rain_write device_a"))
        self.assertEqual(first["scope"], "rain_write device_a")
        self.assertEqual(self.client.token("refresh_token", refresh_token=first["refresh_token"],
                                           scope="rain_write rain_read").error(),
                         (400, "invalid_scope", "Invalid Scope!"))
        narrow = self.issued(self.client.token("refresh_token", refresh_token=first["refresh_token"],
                                               scope="rain_write"))
        self.assertEqual(narrow["scope"], "rain_write")
        self.assert_is_dead(first["access_token"])

    def test_expired_refresh_token(self):
        members = self.issued(self.client.password(scope="device_old"))
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET REFRESH_TOKEN_VALIDITY_PERIOD = 500"
                                  " WHERE REFRESH_TOKEN = ?", [members["refresh_token"]])
        self.assertEqual(self.client.token("refresh_token", refresh_token=members["refresh_token"]).error(),
                         (400, "invalid_request", "Refresh token is expired."))

    def test_expired_token_keeps_its_refresh_token(self):
        first = self.issued(self.client.password(scope="device_short"))
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET VALIDITY_PERIOD = 500"
                                  " WHERE ACCESS_TOKEN = ?", [first["access_token"]])
        second = self.issued(self.client.password(scope="device_short"))
        self.assertNotEqual(second["access_token"], first["access_token"])
        self.assertEqual(second["refresh_token"], first["refresh_token"])
        self.assert_is_dead(first["access_token"])
        narrow = self.issued(self.client.token("refresh_token", refresh_token=second["refresh_token"]))
        self.assertEqual(self.client.token("refresh_token", refresh_token=first["refresh_token"]).error(), INVALID_GRANT)
        self.assertEqual(self.client.revoke(narrow["access_token"]).status, 200)
        for ended in first, narrow:
            self.assertEqual(self.client.token("refresh_token", refresh_token=ended["refresh_token"]).error(),
                             INVALID_GRANT)

    def test_revoked_token_takes_its_kept_refresh_token_with_it(self):
        first = self.issued(self.client.password(scope="device_kept"))
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET VALIDITY_PERIOD = 500"
                                  " WHERE ACCESS_TOKEN = ?", [first["access_token"]])
        second = self.issued(self.client.password(scope="device_kept"))
        self.assertEqual(second["refresh_token"], first["refresh_token"])
        self.assertEqual(self.client.revoke(second["access_token"]).status, 200)
        self.assertEqual(self.client.token("refresh_token", refresh_token=first["refresh_token"]).error(), INVALID_GRANT)

    def test_scopes_of_roles(self):
        bob = self.issued(self.client.password(scope="rain_read rain_write no_such_scope am_application_scope"))
        self.assertEqual(bob["scope"], "rain_read rain_write")
        mallory = self.issued(self.client.password(MALLORY, scope="rain_read rain_write"))
        self.assertEqual(mallory["scope"], "rain_write")
        self.assertEqual(self.issued(self.client.password(MALLORY, scope="rain_read"))["scope"], "default")
        self.assertEqual(self.issued(self.client.token("client_credentials", scope="rain_write rain_read"))["scope"],
                         "am_application_scope rain_write")

    def test_code(self):
        for challenge in (dict(), dict(challenge=CHALLENGE, method="S256")):
            code = self.client.code(scope="rain_read device_%s" % challenge.get("method", "none"), **challenge)
            verifier = dict(code_verifier=VERIFIER) if challenge else {}
            members = self.issued(self.client.exchange(code, **verifier))
            self.assertIn("rain_read", members["scope"])
            self.assert_is_good(members["access_token"])
            self.assertEqual(self.client.introspect(members["access_token"])["username"], "bob@carbon.super")
            refreshed = self.issued(self.client.token("refresh_token", refresh_token=members["refresh_token"]))
            self.assertEqual(self.client.exchange(code, **verifier).error(), INVALID_GRANT)  # replayed
            self.assert_is_dead(members["access_token"])
            self.assert_is_dead(refreshed["access_token"])

    def test_replayed_code_ends_what_was_had_with_fewer_scopes(self):
        code = self.client.code(scope="rain_read device_replay")
        other = self.issued(self.client.password(scope="device_unrelated"))
        members = self.issued(self.client.exchange(code))
        narrow = self.issued(self.client.token("refresh_token", refresh_token=members["refresh_token"],
                                               scope="device_replay"))
        self.assertEqual(narrow["scope"], "device_replay")
        self.assert_is_good(narrow["access_token"])
        self.assertEqual(self.client.exchange(code).error(), INVALID_GRANT)  # replayed
        self.assert_is_dead(narrow["access_token"])
        self.assertEqual(self.client.token("refresh_token", refresh_token=narrow["refresh_token"]).error(),
                         INVALID_GRANT)
        self.assert_is_good(other["access_token"])

    def test_refused_codes(self):
        code = self.client.code()
        self.assertEqual(self.client.exchange(code, redirect_uri=oauth.CALLBACK + "/").error(), INVALID_GRANT)
        self.assertEqual(self.client.token("authorization_code", code=code).error(), INVALID_GRANT)
        self.assertEqual(self.client.exchange(code, code_verifier=VERIFIER).error(), INVALID_GRANT)  # challenge stripped
        self.assertEqual(Client(self.node, mapped=False).exchange(code).error(), INVALID_GRANT)
        with_challenge = self.client.code(challenge=CHALLENGE, method="S256")
        self.assertEqual(self.client.exchange(with_challenge).error(), INVALID_GRANT)
        self.assertEqual(self.client.exchange(with_challenge, code_verifier="x" * 43).error(), INVALID_GRANT)
        plain = self.client.code(challenge=VERIFIER, method="plain")
        self.assertEqual(self.client.exchange(plain, code_verifier=VERIFIER).error(), INVALID_GRANT)
        self.assertEqual(self.client.exchange(self.client.code(age=301)).error(), INVALID_GRANT)
        strict = Client(self.node, mapped=False, PKCE_MANDATORY="1", PKCE_SUPPORT_PLAIN="1")
        self.assertEqual(strict.exchange(strict.code()).error(), INVALID_GRANT)
        self.issued(strict.exchange(strict.code(challenge=VERIFIER, method="plain"), code_verifier=VERIFIER))
        self.assertEqual(self.client.exchange("no-such-code").error(), INVALID_GRANT)
        self.issued(self.client.exchange(code))  # none of these used it up

    def test_revoke(self):
        first = self.issued(self.client.password(scope="device_revoke"))
        self.assert_is_good(first["access_token"])
        answer = self.client.revoke(first["access_token"])
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["Content-Type"], "text/html")
        self.assertEqual(answer.headers["Content-Length"], "0")
        self.assertEqual([answer.headers[name] for name in ("RevokedAccessToken", "AuthorizedUser",
                                                            "RevokedRefreshToken", "Cache-Control")],
                         [first["access_token"], "bob@carbon.super", first["refresh_token"], "no-store"])
        self.assert_is_dead(first["access_token"])
        self.assertEqual(self.client.token("refresh_token", refresh_token=first["refresh_token"]).error(),
                         INVALID_GRANT)
        second = self.issued(self.client.password(scope="device_revoke"))
        self.assertNotEqual(second["access_token"], first["access_token"])
        for hint in ("refresh_token", "access_token"):
            answer = self.client.revoke(second["refresh_token"], token_type_hint=hint)
            self.assertEqual(answer.headers["RevokedAccessToken"], second["access_token"])
        self.assert_is_dead(second["access_token"])

    def test_revoke_does_not_touch_others(self):
        members = self.issued(self.client.password(scope="device_other"))
        stranger = Client(self.node, mapped=False)
        for token in (members["access_token"], members["refresh_token"], "no-such-token"):
            answer = stranger.revoke(token)
            self.assertEqual((answer.status, answer.body), (200, b""))
            self.assertIsNone(answer.headers["RevokedAccessToken"])
        self.assert_is_good(members["access_token"])

    def test_many_at_once_get_one_token(self):
        answers = oauth.race(6, 6, lambda runner, number: self.client.token(
            "client_credentials", scope="device_race%d" % number))
        for answers_of_round in answers:
            self.assertEqual(len({self.issued(answer)["access_token"] for answer in answers_of_round}), 1)

    def test_many_at_once_use_one_code(self):
        codes = [self.client.code(scope="device_codes%d" % number) for number in range(4)]
        for answers in oauth.race(4, 4, lambda runner, number: self.client.exchange(codes[number])):
            self.assertLessEqual([answer.status for answer in answers].count(200), 1)
            self.assertEqual({answer.error() for answer in answers if answer.status != 200}, {INVALID_GRANT})

    def test_application_with_jwts(self):
        """Decision 6: such an application has no opaque tokens; of a JWT counts what is true of it now."""
        client = Client(self.node)
        opaque = self.issued(client.password())["access_token"]
        self.world.apimgt.execute("UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = ?", [client.id])
        self.world.subscribe_to_no_tier(client.id)  # which counts as no subscription (decision 1)
        members = self.issued(client.password())
        keys = jwt.PyJWKSet.from_dict(client.post("/oauth2/jwks", "", {}, method="GET").json).keys
        claims = jwt.decode(members["access_token"], next(key for key in keys if key.key_type == "RSA").key,
                            algorithms=["RS256"], audience="http://org.wso2.apimgt/gateway")
        self.assertEqual((claims["sub"], claims["consumerKey"], claims["scope"], claims["exp"] - claims["iat"]),
                         ("bob@carbon.super", client.key, "default", 3600))
        self.assertEqual(sorted(api["context"] for api in claims["subscribedAPIs"]), ["/forecast/1.0", "/weather/1.0"])
        self.assertEqual(client.introspect(opaque), {"active": False})
        for token in (opaque, claims["jti"]):
            self.assertEqual(self.status(token), 900901)
        for _ in range(2):
            self.assertEqual(self.status(members["access_token"]), 0)
        self.assertEqual(client.introspect(members["access_token"])["username"], "bob@carbon.super")
        head, body, signature = members["access_token"].split(".")
        forged = ".".join((head, body, signature[:-4] + "AAAA"))
        self.assertEqual(client.introspect(forged), {"active": False})
        for token in (forged, *self.forged(claims, head)):
            self.assertEqual(self.status(token), 900901)
        renewed = self.issued(client.token("refresh_token", refresh_token=members["refresh_token"]))
        self.assertEqual(client.introspect(members["access_token"]), {"active": False})
        self.assertEqual(self.status(members["access_token"]), 900901)
        self.assertEqual(self.status(renewed["access_token"]), 0)
        # To end a token it is enough that it is the client's: the key may be another by now. What is told is genuine.
        self.assertEqual(client.revoke(forged).headers["RevokedAccessToken"], members["access_token"])
        self.assertIsNone(Client(self.node).revoke(renewed["access_token"]).headers["RevokedAccessToken"])
        self.assertEqual(self.status(renewed["access_token"]), 0)
        answer = client.revoke(renewed["access_token"])
        self.assertEqual(answer.headers["RevokedAccessToken"], renewed["access_token"])
        self.assertEqual(client.introspect(renewed["access_token"]), {"active": False})
        self.assertEqual(self.status(renewed["access_token"]), 900901)

    def forged(self, claims, head):
        """Of a token that is good: with keys and algorithms that are not the node's, each naming its key."""
        kid = json.loads(base64.urlsafe_b64decode(head + "=="))["kid"]
        own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with open(self.node.certificate, "rb") as file:
            public = file.read()
        yield jwt.encode(claims, None, algorithm="none", headers={"kid": kid})
        yield jwt.encode(claims, own, algorithm="RS256", headers={"kid": kid})
        yield jwt.encode(claims, own, algorithm="RS256", headers={"kid": "../../../../dev/null"})
        yield jwt.encode(claims, own, algorithm="RS512", headers={"kid": kid})
        unsigned = jwt.encode(claims, "x", algorithm="HS256", headers={"kid": kid}).rpartition(".")[0]
        digest = hmac.new(public, unsigned.encode(), "sha256").digest()  # which PyJWT would not do
        yield unsigned + "." + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def test_requests_oauthlib(self):
        """A library that nobody here wrote."""
        url = "https://localhost:%d/oauth2/token" % self.node.https_port
        options = dict(token_url=url, client_id=self.client.key, client_secret=self.client.secret,
                       verify=self.node.certificate)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # urllib3 about certificates without subjectAltName in old releases
            session = requests_oauthlib.OAuth2Session(client=oauth2.BackendApplicationClient(self.client.key))
            token = session.fetch_token(**options)
            self.assert_is_good(suite.secret(token["access_token"]))
            session = requests_oauthlib.OAuth2Session(client=oauth2.LegacyApplicationClient(self.client.key))
            token = session.fetch_token(username=BOB, password=self.world.passwords[BOB], scope=["device_lib"],
                                        **options)
            suite.secret(token["access_token"])
            renewed = session.refresh_token(url, refresh_token=suite.secret(token["refresh_token"]),
                                            auth=(self.client.key, self.client.secret), verify=self.node.certificate)
            self.assertNotEqual(suite.secret(renewed["access_token"]), token["access_token"])
            suite.secret(renewed["refresh_token"])
            code = self.client.code(challenge=CHALLENGE, method="S256", scope="device_code")
            session = requests_oauthlib.OAuth2Session(self.client.key, redirect_uri=oauth.CALLBACK)
            token = session.fetch_token(code=code, code_verifier=VERIFIER, **options)
            self.assert_is_good(suite.secret(token["access_token"]))
            suite.secret(token["refresh_token"])

    def test_curl(self):
        def curl(path, *data):
            with open(os.open(self.node.path("curlrc"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write('user = "%s:%s"\n' % (self.client.key, self.client.secret))
            arguments = ["curl", "--silent", "--show-error", "--fail", "--config", self.node.path("curlrc"), "--cacert",
                         self.node.certificate, "https://localhost:%d%s" % (self.node.https_port, path)]
            for text in data:
                arguments += ["--data", text]
            return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, timeout=240).stdout

        token = json.loads(curl("/oauth2/token", "grant_type=client_credentials", "scope=device_curl"))["access_token"]
        self.assert_is_good(suite.secret(token))
        self.assertEqual(curl("/oauth2/revoke", "token=" + token), b"")
        self.assert_is_dead(token)

    def test_status(self):
        def counters():
            return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "--output", "json",
                                            check=True).stdout)

        before = counters()
        token = self.issued(self.client.token("client_credentials", scope="device_status"))["access_token"]
        self.client.token("client_credentials", scope="device_status")
        self.client.token("nonsense")
        self.client.introspect(token)
        self.client.revoke(token)
        after = counters()
        for name in ("tokens.issued", "tokens.reused", "tokens.refused", "tokens.revoked", "introspections"):
            self.assertEqual(after["oauth." + name] - before["oauth." + name], 1, name)


class Memory(OauthTest):
    """What the node remembers of clients and their tokens, and until when (keyvalidator/oauth/kv-oauth-memory.h)."""
    databases = (SQLITE, MARIADB)

    def setUp(self):
        self.known = Client(self.node)
        self.eventually(lambda: self.counters()["cache.state"] == "following", 10, "following the feed")
        self.token = self.remembered(self.known)

    def counters(self):
        return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "--output", "json",
                                        check=True).stdout)

    def remembered(self, client):
        """Asks until the answer comes from memory: the feed still has to tell of the token that was just issued."""
        token = self.issued(client.token("client_credentials"))["access_token"]

        def from_memory():
            before = self.counters()["cache.grant.hits"]
            self.assertEqual(self.issued(client.token("client_credentials"))["access_token"], token)
            return self.counters()["cache.grant.hits"] > before

        self.eventually(from_memory, 10, "remembered")
        return token

    def change(self, **columns):
        for name, value in columns.items():
            self.world.apimgt.execute("UPDATE IDN_OAUTH_CONSUMER_APPS SET %s = ? WHERE ID = ?" % name,
                                      [value, self.known.id])

    def assert_becomes(self, error, client=None):
        """Within the bound, and for good."""
        client = client or self.known
        self.eventually(lambda: client.token("client_credentials").status != 200, 2, "refused")
        for _ in range(5):
            self.assertEqual(client.token("client_credentials").error()[:2], error)

    def test_wrong_secret(self):
        """Beside the right one, which is remembered."""
        wrong = dict(grant_type="client_credentials", client_id=self.known.key, client_secret=self.known.secret + "x")
        for _ in range(3):
            self.assertEqual(self.known.post("/oauth2/token", wrong, {}).error(), FAILED)
            self.assertEqual(self.issued(self.known.token("client_credentials"))["access_token"], self.token)

    def test_secret_changed(self):
        self.change(CONSUMER_SECRET="another-secret-of-it")
        self.assert_becomes((401, "invalid_client"))
        fields = dict(client_id=self.known.key, client_secret="another-secret-of-it")
        for _ in range(3):
            answer = self.known.token("client_credentials", headers={}, **fields)
            self.assertEqual(self.issued(answer)["access_token"], self.token)
        self.assertEqual(self.known.token("client_credentials").error(), FAILED)

    def test_client_deleted(self):
        self.world.apimgt.execute("DELETE FROM IDN_OAUTH_CONSUMER_APPS WHERE ID = ?", [self.known.id])
        self.assert_becomes((401, "invalid_client"))

    def test_client_disabled(self):
        self.change(APP_STATE="REVOKED")
        self.assert_becomes((401, "invalid_client"))

    def test_grants_changed(self):
        self.change(GRANT_TYPES="password refresh_token")
        self.assert_becomes((400, "unauthorized_client"))

    def test_validity_changed(self):
        self.change(APP_ACCESS_TOKEN_EXPIRE_TIME=77)
        self.eventually(lambda: self.issued(self.known.token(
            "client_credentials", scope="device_%f" % time.time()))["expires_in"] == 77, 2, "the new validity")

    def test_token_revoked(self):
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = 'x',"
                                  " TIME_CREATED = TIME_CREATED WHERE ACCESS_TOKEN = ?", [self.token])
        self.eventually(lambda: self.issued(self.known.token("client_credentials"))["access_token"] != self.token, 2,
                        "another token")
        self.assertEqual(self.remembered(self.known), self.issued(self.known.token("client_credentials"))["access_token"])

    def test_revoked_here(self):
        """This node does not wait for the feed."""
        self.assertEqual(self.known.revoke(self.token).status, 200)
        self.assertNotEqual(self.issued(self.known.token("client_credentials"))["access_token"], self.token)

    def test_tokens_become_jwts(self):
        self.world.apimgt.execute("UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = ?",
                                  [self.known.id])
        self.eventually(lambda: "." in self.issued(self.known.token("client_credentials"))["access_token"], 2, "a JWT")
        self.assertEqual(self.client.introspect(self.token), {"active": False})

    def test_introspection(self):
        before = self.counters()["cache.token_kind.hits"]

        def from_memory():
            self.assertTrue(self.client.introspect(self.token)["active"])
            return self.counters()["cache.token_kind.hits"] > before
        self.eventually(from_memory, 10, "remembered")
        self.world.apimgt.execute("UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = ?",
                                  [self.known.id])
        self.eventually(lambda: not self.client.introspect(self.token)["active"], 2, "not active")


class BadInput(OauthTest):
    """What a stranger or a bad client may send; afterwards a good request is answered as ever."""

    def tearDown(self):
        self.issued(self.client.token("client_credentials"))

    def refused(self, fields, status=400, error="invalid_request", path="/oauth2/token", **options):
        answer = self.client.post(path, fields, **options)
        self.assertEqual(answer.error()[:2], (status, error), answer.body)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        return answer

    def test_repeated_parameters(self):
        for path in ("token", "revoke", "introspect"):
            answer = self.refused([("grant_type", "client_credentials"), ("token", "x"), ("scope", "a"),
                                   ("scope", "b")], path="/oauth2/" + path)
            self.assertEqual(answer.error()[2], "Invalid request with repeated parameters.")

    def test_parameters_in_the_query(self):
        for path in ("token", "revoke", "introspect"):
            self.refused("token=x&grant_type=client_credentials", path="/oauth2/%s?access_token=x" % path)
        self.refused("", path="/oauth2/token?grant_type=client_credentials")

    def test_two_client_authentications(self):
        for fields in (dict(client_id=self.client.key, client_secret=self.client.secret), dict(client_secret="x"),
                       dict(client_id="another")):
            for path in ("token", "revoke", "introspect"):
                answer = self.refused(dict(fields, grant_type="client_credentials", token="x"), 401, "invalid_client",
                                      "/oauth2/" + path)
                self.assertEqual(answer.error(), FAILED)
                self.assertEqual(answer.headers["WWW-Authenticate"], "Basic realm=localhost")

    def test_wrong_clients(self):
        grant = {"grant_type": "client_credentials"}
        for headers in ({}, {"Authorization": "Basic"}, {"Authorization": "Basic !!!!"}, {"Authorization": "Bearer x"},
                        {"Authorization": "Basic bm9jb2xvbg=="}):
            self.assertEqual(self.refused(grant, 401, "invalid_client", headers=headers).error(), FAILED)
        wrong = dict(grant, client_id=self.client.key, client_secret="wrong")
        self.assertEqual(self.refused(wrong, 401, "invalid_client", headers={}).error(), FAILED)
        unknown = dict(grant, client_id='no"such\\client', client_secret="x")
        self.assertEqual(self.refused(unknown, 401, "invalid_client", headers={}).error()[2],
                         "A valid OAuth client could not be found for client_id: no?such?client")
        revoked = Client(self.node, mapped=False, APP_STATE="REVOKED")
        self.assertEqual(revoked.token("client_credentials").error()[:2], (401, "invalid_client"))

    def test_wrong_secrets_lock_no_client_out(self):
        """Behind a gateway all clients have one address."""
        victim = Client(self.node, mapped=False)
        wrong = dict(grant_type="client_credentials", client_id=victim.key, client_secret="wrong")
        for _ in range(12):
            self.assertEqual(victim.post("/oauth2/token", wrong, {}).error(), FAILED)
        self.issued(victim.post("/oauth2/token", dict(grant_type="client_credentials")))
        self.assertRegex(self.node.log(), r'OAuth client "[^"]*" from 127\.0\.0\.1 was not authenticated')

    def test_lockout_of_passwords(self):
        wrong = dict(grant_type="password", username="carol", password="wrong")
        for _ in range(6):
            self.assertEqual(self.client.post("/oauth2/token", wrong, source="127.0.0.6").error(), INVALID_GRANT)
        right = dict(wrong, password=self.world.passwords["carol"])
        self.assertEqual(self.client.post("/oauth2/token", right, source="127.0.0.6").error(), INVALID_GRANT)
        self.issued(self.client.post("/oauth2/token", right))

    def test_grants(self):
        self.refused({}, error="invalid_request")
        answer = self.refused({"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer", "assertion": "x"},
                              error="unsupported_grant_type")
        self.assertEqual(answer.error()[2],
                         "Unsupported grant type : urn:ietf:params:oauth:grant-type:saml2-bearer, is used.")
        only = Client(self.node, "client_credentials", mapped=False)
        old = Client(self.node, "", mapped=False)
        for client in (only, old):
            self.assertEqual(client.password().error(), (400, "unauthorized_client", "Unauthorized Client!"))
        self.issued(old.token("client_credentials"))
        no_refresh = Client(self.node, "password", mapped=False)
        members = self.issued(no_refresh.password())
        self.assertNotIn("refresh_token", members)
        self.refused({"grant_type": "password", "username": BOB}, error="invalid_request")
        for name in ("nobody", "eve@acme.com", "bob@nowhere", "LDAP/bob", "x" * 2000):
            self.refused({"grant_type": "password", "username": name, "password": "wrong"}, error="invalid_grant")
        # A client of the super tenant is not for users of others.
        self.refused({"grant_type": "password", "username": "eve@acme.com", "password": self.world.passwords["eve"]},
                     error="invalid_grant")

    def test_scopes(self):
        for scope in ('a"b', "a\\b", "caf\u00e9", "a\tb", " ".join("s%d" % number for number in range(200))):
            self.refused({"grant_type": "client_credentials", "scope": scope}, error="invalid_scope")

    def test_forms(self):
        for body in ("grant_type=%", "grant_type=%zz", "=x", "a=%00", "a=%ff", "&".join("a%d=" % i for i in range(200))):
            self.refused(body)
        self.refused('{"grant_type":"client_credentials"}',
                     headers={"Authorization": self.client.basic, "Content-Type": "application/json"})

    def test_methods(self):
        for method in ("GET", "PUT", "DELETE"):
            answer = self.client.post("/oauth2/token", "", method=method)
            self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))

    def test_huge_bodies(self):
        self.refused("grant_type=client_credentials&x=" + "a" * 70000, 413)
        self.refused("token=" + "a" * 70000, 413, path="/oauth2/introspect")
        self.assertEqual(self.client.introspect("a" * 60000), {"active": False})
        self.assertEqual(self.client.revoke("a" * 60000).status, 200)

    def test_revoke(self):
        answer = self.refused({}, path="/oauth2/revoke")
        self.assertEqual(answer.error()[2], "Invalid revocation request")
        self.refused({"token": "x"}, 401, "invalid_client", "/oauth2/revoke", headers={})
        for callback in ("alert(1)//", "a;b", "<script>", "1x", "a" * 200):
            self.refused({"token": "x", "callback": callback}, path="/oauth2/revoke")
        answer = self.client.revoke("x", callback="app.done")
        self.assertEqual((answer.status, answer.headers["Content-Type"], answer.body),
                         (200, "application/javascript", b"app.done();"))

    def test_introspect(self):
        self.refused({}, path="/oauth2/introspect")
        for headers in ({}, {"Authorization": "Bearer " + self.world.good.token}):
            self.refused({"token": self.world.good.token}, 401, "invalid_client", "/oauth2/introspect", headers=headers)
        for key in ("expired", "revoked", "inactive", "marked_expired", "unknown", "last_second"):
            self.assertEqual(self.client.introspect(getattr(self.world, key).token), {"active": False}, key)
        for key in ("good", "never", "within_skew", "good_without_hash", "tenant"):
            self.assertTrue(self.client.introspect(getattr(self.world, key).token)["active"], key)
        self.assertEqual(self.client.introspect(self.world.tenant.token)["username"], "eve@acme.com")

    def test_introspect_until_the_caller_may_no_more(self):
        """A caller is remembered for CacheMaxAge, and no longer."""
        caller = Client(self.node, mapped=False)
        self.assertTrue(caller.introspect(self.world.good.token)["active"])
        self.world.apimgt.execute("UPDATE IDN_OAUTH_CONSUMER_APPS SET CONSUMER_SECRET = 'another' WHERE ID = ?",
                                  [caller.id])
        fields = {"token": self.world.good.token}
        self.eventually(lambda: caller.post("/oauth2/introspect", fields).status == 401, 10, "refused")
        self.assertEqual(caller.post("/oauth2/introspect", fields).error(), FAILED)

    def test_introspect_as_a_user(self):
        def ask(user, password):
            import base64
            basic = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
            return self.client.post("/oauth2/introspect", {"token": self.world.good.token},
                                    {"Authorization": "Basic " + basic})

        self.assertTrue(ask("admin", self.node.admin_password).json["active"])
        self.assertEqual(ask(BOB, self.world.passwords[BOB]).error()[:2], (403, "access_denied"))
        self.assertEqual(ask("admin", "wrong").error(), FAILED)

    def test_user_who_is_gone(self):
        self.world.users.insert("UM_USER", [self.world._user(120, "dora")])
        members = self.issued(self.client.password("dora"))
        code = self.client.code("dora")
        self.world.delete_user("dora")
        self.refused({"grant_type": "refresh_token", "refresh_token": members["refresh_token"]}, error="invalid_grant")
        self.assertEqual(self.client.exchange(code).error(), INVALID_GRANT)
