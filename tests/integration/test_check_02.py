"""Check 2: idle connections live on, and those that never get to a request, or to its end, are closed in time."""

import socket
import ssl
import time

import wire
from harness import NodeTest
from load import Load


class Idle(NodeTest):
    def test_idle_for_longer_than_java_allows(self):
        """Java's server closes after 10 s, and its clients have to reconnect."""
        asked, silent = self.connect(), self.connect()
        self.assert_serves(asked)
        time.sleep(11)
        self.assert_serves(asked)
        self.assert_serves(silent)


class Reaped(NodeTest):
    """Each way of being late has its own time-out; a client that is not late does not notice."""

    HANDSHAKE, IDLE, READ = 2.0, 3.0, 4.0
    options = {"apimd": "<Limits><HandshakeTimeout>%d</HandshakeTimeout><IdleTimeout>%d</IdleTimeout>"
                        "<ReadTimeout>%d</ReadTimeout></Limits>" % (HANDSHAKE * 1000, IDLE * 1000, READ * 1000)}

    def assert_reaped(self, plain, began, limit, drip=b""):
        """The node closes the connection after about limit seconds, though a byte of drip comes every second."""
        answer = None
        for byte in [bytes([byte]) for byte in drip] or [b""]:
            try:
                plain.sendall(byte)
                plain.settimeout(1.0 if drip else 30.0)
                answer = plain.recv(1000)
                break
            except TimeoutError:
                continue
            except OSError:  # closed, and then this byte was sent
                answer = b""
                break
        self.assertIsNotNone(answer, "still open after %.0f s" % (time.monotonic() - began))
        self.assertLess(len(answer), 16)  # a TLS alert at most
        self.assertGreater(time.monotonic() - began, limit * 0.8, "closed too early")

    def plain_connection(self):
        plain = socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=30)
        self.addCleanup(plain.close)
        return plain

    def client_hello(self):
        """The first bytes of a TLS client."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with self.assertRaises(ssl.SSLWantReadError):
            self.node.tls_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        return outgoing.read()

    def test_no_tls_bytes(self):
        with Load(self):
            began = time.monotonic()
            self.assert_reaped(self.plain_connection(), began, self.HANDSHAKE)

    def test_half_a_client_hello(self):
        with Load(self):
            began, plain = time.monotonic(), self.plain_connection()
            plain.sendall(self.client_hello()[:100])
            self.assert_reaped(plain, began, self.HANDSHAKE)

    def test_client_hello_byte_by_byte(self):
        with Load(self):
            began = time.monotonic()
            self.assert_reaped(self.plain_connection(), began, self.HANDSHAKE, drip=self.client_hello()[:40])

    def test_no_answer_to_the_server_hello(self):
        """The client of 2013 that hangs in the middle of a handshake."""
        with Load(self):
            began, plain = time.monotonic(), self.plain_connection()
            plain.sendall(self.client_hello())
            plain.settimeout(30)
            while plain.recv(65536):
                pass
            self.assertGreater(time.monotonic() - began, self.HANDSHAKE * 0.8)

    def test_no_request(self):
        with Load(self):
            connection = self.connect()
            self.assert_reaped(connection.socket, time.monotonic(), self.IDLE)

    def test_no_further_request(self):
        with Load(self):
            connection = self.connect()
            self.assert_serves(connection)
            self.assert_reaped(connection.socket, time.monotonic(), self.IDLE)

    def test_request_without_an_end(self):
        with Load(self):
            connection, began = self.connect(), time.monotonic()
            connection.send(wire.validate_key(self.session, self.world.good)[:60])
            self.assert_reaped(connection.socket, began, self.READ)

    def test_one_byte_per_second(self):
        """Every byte is a sign of life for an idle time-out; the request is late all the same."""
        with Load(self):
            connection, began = self.connect(), time.monotonic()
            self.assert_reaped(connection.socket, began, self.READ,
                               drip=wire.validate_key(self.session, self.world.good)[:40])

    def test_log_names_what_was_late(self):
        self.plain_connection().recv(1)
        self.node.wait_for_log("not finished within HandshakeTimeout")
        connection = self.connect()
        connection.send(b"\x80\x01")
        self.assertTrue(connection.is_closed_by_peer(within=30))
        self.node.wait_for_log("did not finish it within ReadTimeout")
