"""ID tokens (OpenID Connect Core 1.0), checked by PyJWT with what the discovery document names."""

import base64
import hashlib
import json
import time

import jwt

from oauth import Client
from test_authorize import AuthorizeTest

NONCE = "n-0S6_WzA2Mj \"<:"


VALIDITY = 1800
IDENTITY_XML = """<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">
  <OAuth><OpenIDConnect><IDTokenExpiration>%d</IDTokenExpiration></OpenIDConnect></OAuth>
</Server>
""" % VALIDITY


class IdToken(AuthorizeTest):
    @classmethod
    def new_node(cls, **options):
        node = super().new_node(**options)
        node.write("repository/conf/identity.xml", IDENTITY_XML)
        return node

    @classmethod
    def make_client(cls, node):
        return Client(node, grants="authorization_code password refresh_token client_credentials")

    def checked(self, answer):
        """The claims of an answer's ID token, which PyJWT takes for this client, and which fits its access token."""
        self.assertEqual(answer.status, 200, answer.body)
        members = answer.json
        said = json.loads(self.visitor.get("/.well-known/openid-configuration").text)
        path = said["jwks_uri"].removeprefix("https://localhost:%d" % self.node.https_port)
        token = members["id_token"]
        kid = jwt.get_unverified_header(token)["kid"]
        key = next(key for key in jwt.PyJWKSet.from_dict(json.loads(self.visitor.get(path).text)).keys if key.key_id == kid)
        claims = jwt.decode(token, key.key, algorithms=["RS256"], audience=self.client.key, issuer=said["issuer"],
                            options={"require": ["exp", "iat", "sub", "aud", "iss"]})
        digest = hashlib.sha256(members["access_token"].encode()).digest()[:16]
        self.assertEqual(claims["at_hash"], base64.urlsafe_b64encode(digest).decode().rstrip("="))
        self.assertEqual((claims["azp"], claims["exp"] - claims["iat"]), (self.client.key, VALIDITY))
        self.assertLess(abs(claims["iat"] - time.time()), 60)
        userinfo = self.client.post("/oauth2/userinfo", "", {"Authorization": "Bearer " + members["access_token"]}, method="GET")
        self.assertEqual(userinfo.json["sub"], claims["sub"])
        return claims

    def test_password_and_refresh(self):
        answer = self.client.password(scope="openid rain_read")
        claims = self.checked(answer)
        self.assertEqual(claims["sub"], "bob@carbon.super")
        self.assertFalse({"nonce", "auth_time"} & set(claims))
        again = self.client.password(scope="openid rain_read")  # the same access token
        self.assertEqual(self.checked(again)["at_hash"], claims["at_hash"])
        renewed = self.client.token("refresh_token", refresh_token=answer.json["refresh_token"])
        self.assertNotEqual(self.checked(renewed)["at_hash"], claims["at_hash"])

    def test_code(self):
        begin = int(time.time())
        for nonce in (NONCE, None, "n" * 128):
            page = self.log_in(scope="openid device_%d" % len(nonce or ""), nonce=nonce)
            claims = self.checked(self.client.exchange(self.code(self.visitor.consent(page))))
            self.assertEqual(claims.get("nonce"), nonce)
            self.assertGreaterEqual(claims["auth_time"], begin)
            self.assertLessEqual(claims["auth_time"], claims["iat"])
            self.setUp()
        self.assert_error(self.visitor.authorize(self.request(scope="openid", nonce="n" * 129)), "invalid_request")

    def test_code_is_one(self):
        """What follows its dot cannot be changed."""
        code = self.code(self.visitor.consent(self.log_in(scope="openid", nonce="mine")))
        other = base64.urlsafe_b64encode(b"1:yours").decode().rstrip("=")
        for changed in (code.split(".")[0], code.split(".")[0] + "." + other, code + "A"):
            self.assertEqual(self.client.exchange(changed).error()[:2], (400, "invalid_grant"))
        self.assertEqual(self.checked(self.client.exchange(code))["nonce"], "mine")

    def test_only_where_it_was_granted(self):
        self.assertNotIn("id_token", self.client.password(scope="rain_read").json)
        self.assertNotIn("id_token", self.client.token("client_credentials", scope="openid").json)
        page = self.log_in(scope="rain_read", nonce="n")
        code = self.code(self.visitor.consent(page))
        self.assertNotIn(".", code)
        self.assertNotIn("id_token", self.client.exchange(code).json)

    def test_is_no_access_token(self):
        token = self.client.password(scope="openid").json["id_token"]
        self.assertEqual(self.client.introspect(token), {"active": False})
        answer = self.client.post("/oauth2/userinfo", "", {"Authorization": "Bearer " + token}, method="GET")
        self.assertEqual(answer.status, 401)

    def test_discovery(self):
        page = self.visitor.get("/.well-known/openid-configuration")
        self.assertEqual((page.status, page.headers["content-type"]), (200, "application/json"))
        self.assertEqual(page.text, self.visitor.get("/oauth2/token/.well-known/openid-configuration").text)
        said = json.loads(page.text)
        self.assertEqual(said["issuer"], self.issuer)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
                     "subject_types_supported", "id_token_signing_alg_values_supported"):  # all that are required
            self.assertIn(name, said)
        self.assertIn("RS256", said["id_token_signing_alg_values_supported"])
        self.assertEqual(said["scopes_supported"], ["openid"])
