"""Check 2: idle connections live on, and those that never get to a request, or to its end, are closed in time."""

import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

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

    HANDSHAKE, IDLE, READ = 8.0, 9.0, 10.0
    options = {"apimd": "<Limits><HandshakeTimeout>%d</HandshakeTimeout><IdleTimeout>%d</IdleTimeout>"
                        "<ReadTimeout>%d</ReadTimeout></Limits>" % (HANDSHAKE * 1000, IDLE * 1000, READ * 1000)}

    def assert_reaped(self, plain, began, limit, drip=b""):
        """The node closes the connection after about limit seconds, though a byte of drip comes every second."""
        answer = None
        for byte in [bytes([byte]) for byte in drip] or [b""]:
            try:
                plain.sendall(byte)
                plain.settimeout(1.0 if drip else 120.0)
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
        plain = socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=120)
        self.addCleanup(plain.close)
        return plain

    def client_hello(self):
        """The first bytes of a TLS client."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with self.assertRaises(ssl.SSLWantReadError):
            self.node.tls_context().wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        return outgoing.read()

    def no_tls_bytes(self):
        began = time.monotonic()
        self.assert_reaped(self.plain_connection(), began, self.HANDSHAKE)

    def half_a_client_hello(self):
        began, plain = time.monotonic(), self.plain_connection()
        plain.sendall(self.client_hello()[:100])
        self.assert_reaped(plain, began, self.HANDSHAKE)

    def client_hello_byte_by_byte(self):
        began = time.monotonic()
        self.assert_reaped(self.plain_connection(), began, self.HANDSHAKE, drip=self.client_hello()[:40])

    def no_answer_to_the_server_hello(self):
        """The client of 2013 that hangs in the middle of a handshake."""
        began, plain = time.monotonic(), self.plain_connection()
        plain.sendall(self.client_hello())
        while plain.recv(65536):
            pass
        self.assertGreater(time.monotonic() - began, self.HANDSHAKE * 0.8)

    def no_request(self):
        began = time.monotonic()
        self.assert_reaped(self.connect().socket, began, self.IDLE)

    def no_further_request(self):
        connection = self.connect()
        self.assert_serves(connection)
        self.assert_reaped(connection.socket, time.monotonic(), self.IDLE)

    def request_without_an_end(self):
        connection, began = self.connect(), time.monotonic()
        connection.send(wire.validate_key(self.session, self.world.good)[:60])
        self.assert_reaped(connection.socket, began, self.READ)

    def one_byte_per_second(self):
        """Every byte is a sign of life for an idle time-out; the request is late all the same."""
        connection, began = self.connect(), time.monotonic()
        self.assert_reaped(connection.socket, began, self.READ, drip=wire.validate_key(self.session, self.world.good)[:40])

    def test_whoever_is_late(self):
        """All at once, so that the time-outs can be long enough for whoever is merely slow."""
        ways = (self.no_tls_bytes, self.half_a_client_hello, self.client_hello_byte_by_byte, self.no_answer_to_the_server_hello,
                self.no_request, self.no_further_request, self.request_without_an_end, self.one_byte_per_second)
        with Load(self), ThreadPoolExecutor(len(ways)) as pool:
            for way, future in [(way, pool.submit(way)) for way in ways]:
                with self.subTest(way.__name__):
                    future.result()
        self.node.wait_for_log("not finished within HandshakeTimeout")
        self.node.wait_for_log("did not finish it within ReadTimeout")
