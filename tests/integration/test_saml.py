"""The SAML 2 bearer grant (RFC 7522): assertions signed by others' programs, for tokens that gateways take; and what must
be refused, on one node and on two."""

import base64
import json
import os
import subprocess

import mariadb
import oauth
import saml
import suite
import wire
from harness import IntegrationTest, MARIADB, SQLITE
from node import Node
from world import BOB, Key, MALLORY

CLUSTER_KEY = "repository/resources/security/cluster-key"
CERTIFICATE = "repository/resources/security/idp.pem"
PROVIDER = """<Saml2IdentityProviders><IdentityProvider><Issuer>%s</Issuer><Certificate>%s</Certificate>%s
    </IdentityProvider></Saml2IdentityProviders>"""
GRANTS = "refresh_token client_credentials " + saml.GRANT


class SamlTest(IntegrationTest):
    @classmethod
    def start_node(cls, provider, more="", databases=None, before=None):
        """A node that trusts the provider, with the known world unless another node's databases are given."""
        apimd = PROVIDER % (provider.issuer, CERTIFICATE, more)
        node = Node(databases=databases, apimd=apimd) if databases else cls.new_node(apimd=apimd)
        cls.addClassCleanup(node.kill)
        node.write(CERTIFICATE, provider.certificate())
        node.prepare(populate=before is None)
        if before is not None:
            node.world = before.world
            node.write(CLUSTER_KEY, before.read(CLUSTER_KEY), 0o600)
        return node.start()

    def ask(self, xml, client=None, node=None, source="127.0.0.1", **fields):
        return (client or self.client).post("/oauth2/token", dict(fields, grant_type=saml.GRANT,
                                                                  assertion=saml.encode(xml)), node=node, source=source)

    def issued(self, answer):
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def validate(self, node, session, token):
        """The answer to validateKey over Thrift."""
        with wire.Connection(node) as connection:
            return connection.call(wire.validate_key(session, Key(token), 1)).success()

    def assert_refused(self, answer, words):
        status, error, description = answer.error()
        self.assertEqual((status, error), (400, "invalid_grant"))
        self.assertIn(words, description)


class Saml(SamlTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        cls.provider = saml.IdentityProvider()
        cls.node = cls.start_node(cls.provider)
        oauth.add_scopes(cls.node.world)
        cls.client = oauth.Client(cls.node, GRANTS)
        cls.recipient = "https://localhost:%d/oauth2/token" % cls.node.https_port
        cls.session = cls.node.login()

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def setUp(self):
        self.client = oauth.Client(self.node, GRANTS)  # each has refusals of its own

    def good(self, subject=BOB, **options):
        return self.provider.assertion(subject, self.recipient, **options)

    def test_token(self):
        members = self.issued(self.ask(self.good()))
        self.assertEqual(set(members), {"access_token", "refresh_token", "scope", "token_type", "expires_in"})
        self.assertEqual((members["scope"], members["expires_in"]), ("default", 3600))
        answer = self.validate(self.node, self.session, members["access_token"])
        self.assertEqual((answer[1], answer[8]), (1, 0))
        self.assertEqual(self.client.introspect(members["access_token"])["username"], "bob@carbon.super")
        self.assertRegex(self.node.log(), r'OAuth client "%s" from 127\.0\.0\.1 has a token for user "bob@carbon\.super"'
                         r' by an assertion of "https://idp\.example\.com/saml"' % self.client.key)
        again = self.issued(self.ask(self.good()))
        self.assertEqual(again["access_token"], members["access_token"])
        renewed = self.issued(self.client.token("refresh_token", refresh_token=members["refresh_token"]))
        self.assertNotEqual(renewed["access_token"], members["access_token"])

    def test_signed_by_java(self):
        xml = self.provider.assertion_of_java(BOB, self.recipient)
        members = self.issued(self.ask(xml))
        self.assertEqual(self.validate(self.node, self.session, members["access_token"])[1], 1)
        self.assert_refused(self.ask(xml), "was used before")

    def test_scopes(self):
        """As for passwords: those of the user's roles."""
        members = self.issued(self.ask(self.good(), scope="rain_read rain_write openid"))
        password = oauth.Client(self.node, "password").password(scope="rain_read rain_write openid").json
        self.assertEqual(members["scope"], password["scope"])
        self.assertIn("id_token", members)
        without = self.issued(self.ask(self.good(MALLORY), scope="rain_read"))
        self.assertEqual(without["scope"], "default")

    def test_once(self):
        xml = self.good()
        self.issued(self.ask(xml))
        for text in (xml, xml + "\n", xml.replace("<saml:Issuer>", "<saml:Issuer><!-- again -->")):
            self.assert_refused(self.ask(text), "was used before")
        self.assert_refused(self.ask(xml, oauth.Client(self.node, GRANTS)), "was used before")
        self.node.stop()
        self.node.start()
        self.assert_refused(self.ask(xml), "was used before")
        self.assertRegex(self.node.log(), r'SAML assertion of OAuth client "[^"]*" from 127\.0\.0\.1 refused: the assertion'
                         r' was used before \(issuer "https://idp\.example\.com/saml", subject "bob"\)')

    def test_race(self):
        """Of many that come at once with one assertion one gets a token."""
        assertions = [self.good() for _ in range(3)]
        for answers in oauth.race(6, len(assertions), lambda runner, number: self.ask(
                assertions[number], self.client, source="127.0.1.%d" % (runner + 1))):
            self.assertEqual(sorted(answer.status for answer in answers), [200] + 5 * [400])
        self.issued(self.ask(self.good()))

    def test_refused(self):
        impostor = saml.IdentityProvider(self.provider.issuer)
        other = saml.IdentityProvider("https://other.example.com")
        cases = (
            (self.good(audience="https://elsewhere.example.com"), "for another audience"),
            (self.provider.assertion(BOB, "https://elsewhere/token", audience=self.recipient), "as Recipient"),
            (self.good(begin=-7200, until=-3600), "has expired"),
            (self.good(begin=3600, until=7200), "is not valid yet"),
            (self.provider.unsigned(BOB, self.recipient), "is not signed"),
            (impostor.assertion(BOB, self.recipient), "not the identity provider's"),
            (other.assertion(BOB, self.recipient), "no identity provider that is known here"),
            (self.good().replace(">bob<", ">carol<"), "not the identity provider's"),
            (self.good("nobody"), "is no user"),
            (self.good("bob@elsewhere.example.com"), "is no user"),
            ("<saml/>", "by itself"),
            ("not XML", "not well-formed"),
        )
        for xml, words in cases:
            with self.subTest(words):
                self.assert_refused(self.ask(xml, oauth.Client(self.node, GRANTS)), words)
        self.issued(self.ask(self.good()))

    def test_wrapped(self):
        """What was signed, put where it does no harm, in an assertion about somebody else."""
        signed = self.good()
        signed = signed[signed.index("<saml:Assertion"):]
        evil = self.provider.unsigned("admin", self.recipient)
        before_end = evil.replace("</saml:Assertion>", "<saml:Advice>%s</saml:Advice></saml:Assertion>")
        signature = signed[signed.index("<ds:Signature"):signed.index("</ds:Signature>") + len("</ds:Signature>")]
        in_object = signature.replace("</ds:Signature>", "<ds:Object>%s</ds:Object></ds:Signature>"
                                      % signed.replace(signature, ""))
        response = '<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol">%s</p:Response>'
        for xml, words in ((before_end % signed, "one signature"),
                           (evil.replace("</saml:Issuer>", "</saml:Issuer>" + in_object), "no objects of its own"),
                           (evil.replace("</saml:Issuer>", "</saml:Issuer>" + signature), "not for the assertion"),
                           (response % signed, "not a Response"), (response % (evil + signed), "not a Response")):
            with self.subTest(words):
                self.assert_refused(self.ask(xml, oauth.Client(self.node, GRANTS)), words)
        self.issued(self.ask(signed))  # it is good by itself

    def test_requests(self):
        without = oauth.Client(self.node, "password client_credentials")
        self.assertEqual(self.ask(self.good(), without).error()[:2], (400, "unauthorized_client"))
        self.assertEqual(self.client.token(saml.GRANT).error()[:2], (400, "invalid_request"))
        nobody = self.client.post("/oauth2/token", dict(grant_type=saml.GRANT, assertion=saml.encode(self.good())), {})
        self.assertEqual(nobody.error()[:2], (401, "invalid_client"))
        self.assertEqual(self.ask("<x/>" + " " * 50000).error()[:2], (413, "invalid_request"))
        xml = self.good()
        standard = self.client.token(saml.GRANT, assertion=base64.encodebytes(xml.encode()).decode())
        self.issued(standard)  # as WSO2's own clients encode it

    def test_waiting(self):
        """Who comes with bad ones waits, at his address; others do not."""
        xml, elsewhere = self.good(), self.good()
        for _ in range(6):
            self.assert_refused(self.ask("<x/>", source="127.0.0.6"), "by itself")
        self.assert_refused(self.ask(xml, source="127.0.0.6"), "try again later")
        self.issued(self.ask(elsewhere))
        self.issued(self.ask(self.good(), oauth.Client(self.node, GRANTS), source="127.0.0.6"))
        self.eventually(lambda: self.ask(xml, source="127.0.0.6").status == 200, 20, "the wait ends")

    def test_registered(self):
        """A client that registers with the grant."""
        credentials = base64.b64encode(("admin:" + self.node.admin_password).encode()).decode()
        answer = self.client.post("/client-registration/v0.14/register", json.dumps(
            {"clientName": "sso", "owner": "admin", "callbackUrl": "https://sso.example.com", "grantType": saml.GRANT}),
            {"Authorization": "Basic " + credentials, "Content-Type": "application/json"})
        self.assertIn(answer.status, (200, 201), answer.body)
        oauth.Client.count += 1  # it has the number after the newest
        client = oauth.Keys(self.node, answer.json["clientId"], answer.json["clientSecret"])
        members = self.issued(self.ask(self.good(), client))
        self.assertNotIn("refresh_token", members)  # it did not ask for that grant
        self.assertTrue(client.introspect(members["access_token"])["active"])

    def test_metadata(self):
        members = self.client.post("/.well-known/oauth-authorization-server", "", {}, method="GET").json
        self.assertIn(saml.GRANT, members["grant_types_supported"])

    def test_forgets(self):
        """Used assertions that expired a day ago are deleted by the next that comes a minute later; here, after a start."""
        old = [dict(ASSERTION_DIGEST="f" * 64, EXPIRES_MS=1)]
        self.node.world.apimgt.insert("APIM_USED_ASSERTION", old)
        self.node.stop()
        self.node.start()
        self.issued(self.ask(self.good()))
        self.node.world.apimgt.insert("APIM_USED_ASSERTION", old)  # which its key would refuse if it were there


class SamlOnTwoNodes(SamlTest):
    """One database, and clients that come by a gateway."""

    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        cls.provider = saml.IdentityProvider()
        cls.recipient = "https://gateway.example.com:8243/token"
        more = "<Recipient>%s</Recipient><Audience>apim</Audience>" % cls.recipient
        databases = mariadb.shared_server().new_databases()
        cls.first = cls.start_node(cls.provider, more, databases)
        cls.second = cls.start_node(cls.provider, more, databases, cls.first)
        cls.client = oauth.Client(cls.first, GRANTS)

    @classmethod
    def tearDownClass(cls):
        cls.first.stop()
        cls.second.stop()

    def good(self, **options):
        return self.provider.assertion(BOB, self.recipient, **dict(dict(audience="apim"), **options))

    def test_once_on_all_nodes(self):
        xml = self.good()
        token = self.issued(self.ask(xml, node=self.first))["access_token"]
        self.assert_refused(self.ask(xml, node=self.second), "was used before")
        self.assert_refused(self.ask(xml, node=self.first), "was used before")
        session = self.first.login()
        for node in (self.first, self.second):
            self.assertEqual(self.validate(node, session, token)[1], 1)

    def test_race(self):
        nodes = (self.first, self.second)
        assertions = [self.good() for _ in range(5)]
        for answers in oauth.race(4, len(assertions), lambda runner, number: self.ask(
                assertions[number], node=nodes[runner % 2], source="127.0.2.%d" % (runner + 1))):
            self.assertEqual(sorted(answer.status for answer in answers), [200] + 3 * [400])

    def test_names_of_the_gateway_only(self):
        """What the settings say stands in the place of the node's own address."""
        own = "https://localhost:%d/oauth2/token" % self.first.https_port
        self.assert_refused(self.ask(self.provider.assertion(BOB, own, audience="apim")), "as Recipient")
        self.assert_refused(self.ask(self.good(audience=self.recipient)), "for another audience")


class SamlWithoutTable(SamlTest):
    """A database that cannot remember what was used, as one of WSO2's: nothing is taken until it can."""

    databases = (SQLITE, MARIADB)

    def test_without(self):
        provider = saml.IdentityProvider()
        node = self.start_node(provider)
        self.addCleanup(node.stop)
        self.client = oauth.Client(node, GRANTS + " password")
        xml = provider.assertion(BOB, "https://localhost:%d/oauth2/token" % node.https_port)
        node.stop()
        node.world.apimgt.execute("DROP TABLE APIM_USED_ASSERTION")
        node.start()
        self.assertRegex(node.log(), "no SAML assertion will be taken as long as this is so: the database has no table")
        for _ in range(8):  # which is not the client's fault
            self.assertEqual(self.ask(xml).error()[:2], (500, "server_error"))
        self.issued(self.client.password())
        self.make_table(node)
        # One that fails makes the node look for the table again.
        self.eventually(lambda: self.ask(xml).status == 200, 5, "the node sees the table")
        self.assert_refused(self.ask(xml), "was used before")

    def make_table(self, node):
        """By hand, while the node runs."""
        path = os.path.join(suite.TOP, "sql", self.database if self.database == SQLITE else "mysql",
                            "apim-0010-used-assertions.sql")
        with open(path) as file:
            for statement in file.read().split(";\n"):
                if statement.strip():
                    node.world.apimgt.execute(statement)


class SamlSettings(IntegrationTest):
    """What stops the start."""

    def test_certificates(self):
        node = self.new_node(apimd=PROVIDER % ("https://idp.example.com", CERTIFICATE, ""))
        node.prepare(populate=False)
        for content, words in ((None, "could not read the certificate"), ("nothing", "not the certificates"),
                               (self.short_certificate(), "has 1024 bits")):
            if content is not None:
                node.write(CERTIFICATE, content)
            result = node.run_apimd()
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(words, result.stdout + result.stderr)

    def short_certificate(self):
        return subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "/dev/null", "-subj",
                               "/CN=idp", "-days", "2"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True).stdout
