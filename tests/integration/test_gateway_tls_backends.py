"""Calls of APIs whose backends speak TLS: whom a gateway believes, and what it says to the others (nothing)."""

import json
import ssl

import synapse
from backend import Backend, Stream
from test_gateway import GatewayTest, read_answer
from test_mysql_tls import Authority


class SecureBackend(Backend):
    """Serves with a certificate of the authority's."""

    def __init__(self, authority, name):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.path(name + ".pem"), authority.path(name + ".key"))
        self.handshakes = []  # whether each one that ended well resumed a session
        super().__init__()

    def _serve(self, connection):
        try:
            connection = self._context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        self.handshakes.append(connection.session_reused)
        super()._serve(connection)


class TlsBackends(GatewayTest):
    # API, certificate, host in the endpoint's address
    CASES = (("good", "good", "localhost"), ("address", "good", "127.0.0.1"), ("wrong", "wrong-name", "localhost"),
             ("expired", "expired", "127.0.0.1"), ("stranger", "self-signed", "127.0.0.1"))

    @classmethod
    def make_world(cls):
        for number, (name, _, _) in enumerate(cls.CASES, 220):
            cls.add_api(number, name, "/%s/1.0" % name, [("/*", "GET")])
        super().make_world()

    @classmethod
    def deploy(cls):
        super().deploy()
        cls.authority = Authority()
        cls.node.write("repository/conf/carbon.xml", "<Server><Security><TrustStore><Location>%s</Location></TrustStore>"
                       "</Security></Server>" % cls.authority.path("ca.pem"))
        cls.backends = {}
        for name, certificate, host in cls.CASES:
            cls.backends[name] = SecureBackend(cls.authority, certificate)
            cls.addClassCleanup(cls.backends[name].close)
            address = synapse.address("https://%s:%d/base" % (host, cls.backends[name].port), suspend=None)
            synapse.deploy(cls.node, "carol--%s_v1.0" % name, synapse.api("carol--" + name, "/%s/{version}" % name, [
                ('url-mapping="/*"', "GET", synapse.by_key_type(address))]))

    def test_believed(self):
        for name in ("good", "address"):
            with self.subTest(name):
                for _ in range(3):
                    answer = self.get("/%s/1.0/echo" % name, self.token)
                    self.assertEqual((answer.status, answer.json["target"]), (200, "/base/echo"))

    def test_streams(self):
        answer = self.get("/good/1.0/bytes/1000000", self.token)
        self.assertEqual((answer.status, len(answer.body)), (200, 1000000))
        answer = self.get("/good/1.0/chunks/1000000", self.token)
        self.assertEqual((answer.status, len(answer.body)), (200, 1000000))

    def test_resumes(self):
        """A backend that closes after each answer has full handshakes only until there is a session for it."""
        backend = self.backends["good"]
        backend.answers["bye"] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye"
        for _ in range(10):
            self.assertEqual(self.get("/good/1.0/raw/bye", self.token).body, b"bye")
        self.assertGreaterEqual(len(backend.handshakes), 10)
        self.assertTrue(all(backend.handshakes[-5:]), backend.handshakes)
        status = json.loads(self.node.ctl("node", "status", "--home", self.node.home, "--output", "json", check=True).stdout)
        self.assertGreaterEqual(status["outgoing.resumed"], 5)

    def test_truncated(self):
        """An answer that ends with its connection is whole only if TLS says so (RFC 9112 9.8): anybody can end TCP."""
        connection = self.open()
        connection.sendall(self.head("GET", "/good/1.0/end/10", self.token))
        with self.assertRaises((ConnectionError, EOFError, TypeError)):
            read_answer(Stream(connection))
        self.alive()

    def test_not_believed(self):
        for name in ("wrong", "expired", "stranger"):
            with self.subTest(name):
                answer = self.get("/%s/1.0/echo" % name, self.token)
                self.assertEqual(answer.status, 500, answer.body)
                self.assertIn(b"<am:code>101503</am:code>", answer.body)
                self.assertNotIn(b"certificate", answer.body)  # the operator's business, not the caller's
                self.assertEqual(self.backends[name].requests, [])
        # Lines of this kind are rationed: at least one of the three. (Tests run by name, and this is the first that fails.)
        self.node.wait_for_log(r"could not connect to (localhost|127\.0\.0\.1) port \d+: (its certificate (is for another host"
                               r"|has expired)|nobody in the trust store vouches for its certificate)")
        self.alive()
