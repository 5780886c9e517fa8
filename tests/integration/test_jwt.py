"""JWTs of a node, checked by PyJWT against /oauth2/jwks: backend JWTs over Thrift in each form, and what changes them."""

import base64
import http.client
import json
import os
import signal
import time

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

import wire
from harness import MARIADB, SQLITE, NodeTest
from soap_client import Axis2Client
from world import SUPER_TENANT

DIALECT = "http://wso2.org/claims/"
END_USER_TOKEN = 5  # of APIKeyValidationInfoDTO

CONFIGURATION = """<JWTConfiguration>
        <EnableJWTGeneration>true</EnableJWTGeneration>
        <JWTHeader>X-JWT-Assertion</JWTHeader>
        <ClaimsRetrieverImplClass>org.wso2.carbon.apimgt.impl.token.DefaultClaimsRetriever</ClaimsRetrieverImplClass>
        <SignatureAlgorithm>SHA256withRSA</SignatureAlgorithm>
        <JWTGeneratorImpl>org.wso2.carbon.apimgt.keymgt.token.%sJWTGenerator</JWTGeneratorImpl>
    </JWTConfiguration>"""

CONFIGURATION_1_X = """<APIConsumerAuthentication>
        <SecurityContextHeader>X-JWT-Assertion</SecurityContextHeader>
        <ConsumerDialectURI>http://wso2.org/claims</ConsumerDialectURI>
        <SignatureAlgorithm>SHA256withRSA</SignatureAlgorithm>
        <EnableTokenGeneration>true</EnableTokenGeneration>
    </APIConsumerAuthentication>"""


class JwtTest(NodeTest):
    def request(self, method="GET", path="/oauth2/jwks"):
        """(status, headers, body)"""
        connection = http.client.HTTPSConnection("localhost", self.node.https_port, context=self.node.tls_context())
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def signing_key(self, kind="RSA"):
        return next(key for key in jwt.PyJWKSet.from_dict(json.loads(self.request()[2])).keys if key.key_type == kind)

    def certificate(self):
        """The RSA one."""
        for text in self.node.read("repository/resources/security/node-cert.pem").split("-----BEGIN")[1:]:
            certificate = x509.load_pem_x509_certificate(("-----BEGIN" + text).encode())
            if hasattr(certificate.public_key(), "key_size") and certificate.public_key().key_size >= 2048:
                return certificate
        raise AssertionError("no RSA certificate")

    def ask(self, key=None):
        """The whole answer to validateKey."""
        with wire.Connection(self.node) as connection:
            return connection.call(wire.validate_key(self.session, key or self.world.good)).success()

    def token(self, key=None):
        answer = self.ask(key)
        self.assertEqual(answer[8], 0)
        return answer[END_USER_TOKEN]


class UrlSafe(JwtTest):
    """The 2.x form in base64url, which any JWT library reads."""

    databases = (SQLITE, MARIADB)
    options = {"settings": CONFIGURATION % "URLSafe"}

    def claims(self, key=None):
        return jwt.decode(self.token(key), self.signing_key().key, algorithms=["RS256"])

    def test_1_jwks(self):
        status, headers, body = self.request()
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
        keys = json.loads(body)["keys"]
        self.assertEqual([(key["kty"], key["alg"], key["use"]) for key in keys],
                         [("RSA", "RS256", "sig"), ("EC", "ES256", "sig")])
        self.assertEqual(self.request("HEAD")[2], b"")
        status, headers, _ = self.request("POST")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
        numbers = self.certificate().public_key().public_numbers()
        self.assertEqual(self.signing_key().key.public_numbers(), numbers)

    def test_2_claims(self):
        token = self.token()
        header, claims = jwt.get_unverified_header(token), self.claims()
        thumbprint = base64.urlsafe_b64encode(self.certificate().fingerprint(hashes.SHA1())).decode().rstrip("=")
        self.assertEqual(header, {"typ": "JWT", "alg": "RS256", "x5t": thumbprint})
        self.assertEqual(list(claims), ["iss", "exp"] + [DIALECT + name for name in (
            "subscriber", "applicationid", "applicationname", "applicationtier", "apicontext", "version", "tier", "keytype",
            "usertype", "enduser", "enduserTenantId", "applicationUUId", "role")])
        self.assertEqual(claims["iss"], "wso2.org/products/am")
        self.assertAlmostEqual(claims["exp"], time.time() + 960, delta=60)
        self.assertEqual({name: claims[DIALECT + name] for name in ("subscriber", "applicationid", "apicontext", "enduser", "role")},
                         {"subscriber": "alice", "applicationid": "7", "apicontext": "/weather/1.0", "enduser": "bob@carbon.super",
                          "role": ["forecaster", "Internal/everyone"]})

    def test_3_only_for_granted_calls(self):
        for key in (self.world.unknown, self.world.revoked, self.world.good.on("/lonely/1.0")):
            self.assertNotIn(END_USER_TOKEN, self.ask(key))

    def test_3_over_soap(self):
        with Axis2Client(self.node) as client:
            answer = client.validate(self.world.good)
            token = jwt.decode(answer["endUserToken"], options={"verify_signature": False})
            self.assertEqual(token[DIALECT + "enduser"], "bob@carbon.super")
            self.assertIsNone(client.validate(self.world.unknown)["endUserToken"])

    def test_4_remembered(self):
        key = self.world.key_of()
        first = self.token(key)
        self.assertEqual(self.token(key), first)
        self.assertNotEqual(self.token(key.on("/weather/2.0", "2.0")), first)

    def test_5_changes(self):
        """A change of the user's attributes or roles, the application or the subscription is told within the bound."""
        key = self.world.key_of()
        apimgt, users = self.world.apimgt, self.world.users

        def becomes(name, expected):
            self.eventually(lambda: self.claims(key).get(DIALECT + name) == expected, 10, "%s: %s" % (name, expected))

        becomes("emailaddress", None)
        users.insert("UM_USER_ATTRIBUTE", [dict(UM_ID=900, UM_ATTR_NAME="mail", UM_ATTR_VALUE="bob@example.com",
                                                UM_PROFILE_ID="default", UM_USER_ID=100, UM_TENANT_ID=SUPER_TENANT)])
        becomes("emailaddress", "bob@example.com")
        users.execute("UPDATE UM_USER_ATTRIBUTE SET UM_ATTR_VALUE = ? WHERE UM_ID = 900", ["new@example.com"])
        becomes("emailaddress", "new@example.com")
        users.execute("DELETE FROM UM_USER_ATTRIBUTE WHERE UM_ID = ?", [900])
        becomes("emailaddress", None)
        users.execute("DELETE FROM UM_USER_ROLE WHERE UM_USER_ID = ?", [100])
        becomes("role", ["Internal/everyone"])
        users.insert("UM_USER_ROLE", [dict(UM_ID=100, UM_ROLE_ID=100, UM_USER_ID=100, UM_TENANT_ID=SUPER_TENANT)])
        becomes("role", ["forecaster", "Internal/everyone"])
        apimgt.insert("AM_APPLICATION_ATTRIBUTES", [dict(APPLICATION_ID=7, NAME="Ref", VALUE="12", TENANT_ID=SUPER_TENANT)])
        becomes("applicationAttributes", {"Ref": "12"})
        apimgt.execute("UPDATE AM_APPLICATION SET APPLICATION_TIER = ? WHERE APPLICATION_ID = 7", ["Large"])
        becomes("applicationtier", "Large")
        apimgt.execute("UPDATE AM_SUBSCRIPTION SET TIER_ID = ? WHERE APPLICATION_ID = 7 AND API_ID = 100", ["Silver"])
        becomes("tier", "Silver")

    def test_6_new_keys(self):
        """After a reload the new key signs, and is the one that is published; nothing old is handed out."""
        before, key = self.signing_key(), self.world.key_of()
        self.token(key)
        os.remove(self.node.path("repository/resources/security/node-rsa.pem"))
        self.node.ctl("node", "init", "--home", self.node.home, check=True)
        self.node.signal(signal.SIGHUP)
        self.eventually(lambda: self.signing_key().key_id != before.key_id, 10, "another key")
        self.claims(key)


class Standard(JwtTest):
    """The 2.x form as the standard generator writes it: padded Base64 with "+" and "/"."""

    options = {"settings": CONFIGURATION % ""}

    def test_signature(self):
        header, body, signature = self.token().split(".")
        self.signing_key().key.verify(base64.b64decode(signature, validate=True), ("%s.%s" % (header, body)).encode(),
                                      padding.PKCS1v15(), hashes.SHA256())
        self.assertEqual(json.loads(base64.b64decode(header, validate=True))["alg"], "RS256")
        self.assertEqual(json.loads(base64.b64decode(body, validate=True))[DIALECT + "enduser"], "bob@carbon.super")


class OneX(JwtTest):
    """The 1.x form, asked for by 1.x's own elements, without a claims retriever."""

    options = {"settings": CONFIGURATION_1_X, "apimd": "<BackendJwtForm>1.x</BackendJwtForm>"}

    def parts(self, key=None):
        header, body, signature = self.token(key).split(".")
        self.signing_key().key.verify(base64.b64decode(signature, validate=True), ("%s.%s" % (header, body)).encode(),
                                      padding.PKCS1v15(), hashes.SHA256())
        return [json.loads(base64.b64decode(part, validate=True)) for part in (header, body)]

    def test_form(self):
        header, claims = self.parts()
        thumbprint = self.certificate().fingerprint(hashes.SHA1()).hex()
        self.assertEqual(header, {"typ": "JWT", "alg": "SHA256withRSA", "x5t": base64.b64encode(thumbprint.encode()).decode()})
        self.assertEqual(list(claims), ["iss", "exp"] + [DIALECT + name for name in (
            "subscriber", "applicationid", "applicationname", "applicationtier", "apicontext", "version", "tier", "keytype",
            "usertype", "enduser", "enduserTenantId")])
        self.assertAlmostEqual(claims["exp"] / 1000, time.time() + 960, delta=60)

    def test_application_token(self):
        _, claims = self.parts(self.world.application)
        self.assertEqual((claims[DIALECT + "usertype"], claims[DIALECT + "enduser"]), ("APPLICATION", "null"))


class Off(JwtTest):
    """Without the setting there is none, and the key document is there all the same."""

    def test_no_jwt(self):
        self.assertNotIn(END_USER_TOKEN, self.ask())
        self.assertEqual(self.request()[0], 200)
