"""Two nodes with one cluster key and one MariaDB: what one of them issued is honoured by the other, TLS tickets
included."""

import http.client
import socket
import ssl

import golden
import mariadb
import oauth
import soap_client
import wire
from harness import IntegrationTest, MARIADB
from node import Node
from world import Key

CLUSTER_KEY = "repository/resources/security/cluster-key"


class TwoNodes(IntegrationTest):
    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        databases = mariadb.shared_server().new_databases()
        cls.first, cls.second, cls.stranger = (Node(databases=databases) for _ in range(3))
        for node in (cls.first, cls.second, cls.stranger):
            cls.addClassCleanup(node.kill)
        cls.first.prepare()
        cls.second.write(CLUSTER_KEY, cls.first.read(CLUSTER_KEY), 0o600)
        for node in (cls.first, cls.second, cls.stranger):
            node.start()

    @classmethod
    def tearDownClass(cls):
        for node in (cls.first, cls.second, cls.stranger):
            node.stop()

    def ask(self, node, session):
        with wire.Connection(node) as connection:
            return connection.call(wire.validate_key(session, self.first.world.good, sequence=1))

    def test_session_of_the_other_node(self):
        session = self.first.login()
        self.assertEqual(self.ask(self.first, session).success()[1], 1)
        self.assertEqual(self.ask(self.second, session).success()[1], 1)

    def test_log_out(self):
        """What is logged out of on one node ends there at once, and on the other when it confirms the session, within 30 s."""
        session = self.first.login()
        self.assertEqual(self.ask(self.second, session).success()[1], 1)
        connection = http.client.HTTPSConnection("localhost", self.first.https_port, timeout=60, context=self.first.tls_context())
        self.addCleanup(connection.close)
        connection.request("POST", "/services/AuthenticationAdmin", soap_client.envelope(
            '<a:logout xmlns:a="http://authentication.services.core.carbon.wso2.org"/>'),
            {"Content-Type": "application/soap+xml; charset=UTF-8", "Cookie": "JSESSIONID=" + session})
        self.assertEqual(connection.getresponse().status, 202)
        self.assertEqual(self.ask(self.first, session).exception(), (1, wire.INVALID_SESSION))
        self.eventually(lambda: self.ask(self.second, session).fields.keys() != {0}, 45, "the other node ends the session")
        self.assertEqual(self.ask(self.second, session).exception(), (1, wire.INVALID_SESSION))
        self.second.stop()
        self.second.start()
        self.assertEqual(self.ask(self.second, session).exception(), (1, wire.INVALID_SESSION))

    def test_session_outlives_its_node(self):
        session = self.second.login("admin", self.first.admin_password)
        self.second.stop()
        try:
            self.assertEqual(self.ask(self.first, session).success()[1], 1)
        finally:
            self.second.start()

    def test_node_with_another_key(self):
        self.assertNotEqual(self.stranger.read(CLUSTER_KEY), self.first.read(CLUSTER_KEY))
        reply = self.ask(self.stranger, self.first.login())
        self.assertEqual(reply.raw.hex(), golden.INVALID_SESSION.hex())

    def shake_hands(self, node, context, session=None):
        """On the HTTPS port. Returns the TLS session that the node gave, and whether it took up the one it was offered."""
        with socket.create_connection(("127.0.0.1", node.https_port), 20) as plain, \
                context.wrap_socket(plain, server_hostname="localhost", session=session) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while connection.recv(65536):
                pass  # a TLS 1.3 ticket comes before the reply
            return connection.session, connection.session_reused

    def test_tls_ticket_of_the_other_node(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version.name):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # each node has its own certificate
                context.minimum_version = context.maximum_version = version
                ticket, _ = self.shake_hands(self.first, context)
                # New connections go to the workers in turn: every one of them has to know it.
                self.assertEqual([self.shake_hands(self.second, context, ticket)[1] for _ in range(4)], [True] * 4)
                self.assertFalse(self.shake_hands(self.stranger, context, ticket)[1])

    def test_one_token_whoever_is_asked(self):
        client = oauth.Client(self.first)
        nodes = [self.first, self.second]
        answers = oauth.race(6, 8, lambda runner, number: client.token(
            "client_credentials", node=nodes[runner % 2], scope="device_race%d" % number))
        tokens = [{answer.json["access_token"] for answer in answers_of_round} for answers_of_round in answers]
        self.assertEqual([len(each) for each in tokens], [1] * len(tokens))
        refresh = [client.password(scope="device_refresh%d" % number).json["refresh_token"] for number in range(4)]
        answers = oauth.race(4, 4, lambda runner, number: client.token(
            "refresh_token", node=nodes[runner % 2], refresh_token=refresh[number]))
        self.assertEqual([[answer.status for answer in answers_of_round].count(200) for answers_of_round in answers],
                         [1] * 4)

    def test_revoked_at_the_other_node(self):
        client = oauth.Client(self.first)
        session = self.first.login()
        token = client.token("client_credentials").json["access_token"]
        for node in (self.first, self.second):
            with wire.Connection(node) as connection:
                self.assertEqual(connection.call(wire.validate_key(session, Key(token))).success()[1], 1)
        self.assertEqual(client.post("/oauth2/revoke", {"token": token}, node=self.second).status, 200)
        for node in (self.second, self.first):
            with wire.Connection(node) as connection:
                self.eventually(lambda: connection.call(wire.validate_key(session, Key(token))).success()[1] == 0, 5,
                                "refused")

    def test_second_node_changed_nothing(self):
        """A node on an existing database makes no administrator and no password file."""
        with self.assertRaises(FileNotFoundError):
            self.second.read("repository/conf/initial-admin-password")
        self.assertTrue(self.first.login())
