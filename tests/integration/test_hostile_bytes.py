"""Bytes that no honest client sends, or not in full: a right answer or a clean close, and nobody else notices.

What check_05 to check_08 try already (bad lengths, counts, nesting, types, versions) is not repeated here.
"""

import http.client
import os
import random
import select
import socket
import ssl
import time

import golden
import wire
from clients import LOGIN_PATH, HttpLogin
from harness import NodeTest
from load import Load

MEGABYTE = 1024 * 1024
GRANTED, UNKNOWN_TOKEN = 0, 900901


class HostileTest(NodeTest):
    def setUp(self):
        self.context = self.node.tls_context()  # reading the certificates anew each time would take most of the run

    def connect(self, **options):
        return super().connect(context=self.context, **options)

    def plain_connection(self):
        plain = socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=30)
        self.addCleanup(plain.close)
        return plain

    def client_hello(self):
        """The first bytes of a TLS client."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        with self.assertRaises(ssl.SSLWantReadError):
            self.context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
        return outgoing.read()

    def answer_to_the_end(self, data):
        """Sends data and the end of the stream on a new TLS connection. Returns everything the server answers."""
        with wire.Connection(self.node, context=self.context) as connection:
            try:
                connection.send(data)
                socket.socket.shutdown(connection.socket, socket.SHUT_WR)  # ssl's own would stop reading as well
            except OSError:
                pass  # closed before everything was sent
            answer = b""
            while more := connection._read():
                answer += more
            return answer

    def plain_answer_to_the_end(self, data):
        """The same without TLS."""
        with socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=30) as plain:
            answer = b""
            try:
                plain.sendall(data)
                plain.shutdown(socket.SHUT_WR)
                while more := plain.recv(65536):
                    answer += more
            except OSError:
                pass
            return answer


class Truncated(HostileTest):
    """T12: each message ends after each of its bytes, and then the connection ends, too."""

    def assert_silence(self, message):
        with Load(self):
            for end in range(len(message)):
                self.assertEqual(self.answer_to_the_end(message[:end]), b"", "after %d bytes" % end)

    def test_validate_key(self):
        """9.1"""
        self.assert_silence(golden.VALIDATE_KEY)
        self.assertEqual(self.answer_to_the_end(golden.VALIDATE_KEY).hex(), golden.INVALID_SESSION.hex())

    def test_validate_key_of_generation_1(self):
        """9.5"""
        self.assert_silence(golden.VALIDATE_KEY_1)
        self.assertEqual(self.answer_to_the_end(golden.VALIDATE_KEY_1).hex(), golden.INVALID_SESSION.hex())

    def test_uri_templates(self):
        """9.7"""
        self.assert_silence(golden.GET_URI_TEMPLATES)
        self.assertEqual(wire.Reply(self.answer_to_the_end(golden.GET_URI_TEMPLATES)).exception()[1],
                         wire.INVALID_SESSION)

    def test_validate_key_that_would_be_granted(self):
        request = wire.validate_key(self.session, self.world.good)
        self.assert_silence(request)
        self.assertEqual(wire.Reply(self.answer_to_the_end(request)).success()[1], 1)

    def test_non_strict(self):
        request = wire.old_message("ping", 9, wire.texts({1: "x"}))
        self.assert_silence(request)
        self.assertEqual(self.answer_to_the_end(request).hex(), golden.UNKNOWN_METHOD.hex())

    def test_replies(self):
        """9.2 to 9.7 as if the client were the server: a few beginnings of each, and the whole."""
        for reply in (golden.GRANTED, golden.INVALID_SESSION, golden.REFUSED, golden.UNKNOWN_METHOD,
                      golden.URI_TEMPLATES):
            for end in (*range(1, 24), len(reply) // 2, len(reply) - 1, len(reply)):
                self.assertEqual(self.answer_to_the_end(reply[:end]), b"", "after %d bytes" % end)
        self.assert_serves(self.connect())

    def test_second_request(self):
        """The first one is answered, whatever becomes of the second."""
        request = wire.validate_key(self.session, self.world.good)
        for end in range(1, len(request), 16):
            reply = wire.Reply(data := self.answer_to_the_end(request + request[:end]))
            self.assertEqual((reply.success()[1], reply.raw), (1, data))
        self.assert_serves(self.connect())

    def test_login(self):
        """9.8 in a whole HTTP request: never a session, and an answer every time."""
        login = HttpLogin(self.node)
        for end in range(len(golden.LOGIN)):
            self.assertEqual(login.exchange(golden.LOGIN[:end])[0], 500, "after %d bytes" % end)
        self.assert_serves(self.connect())

    def test_login_over_http(self):
        """The HTTP request itself ends early."""
        request = (b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-thrift\r\n"
                   b"Content-Length: %d\r\n\r\n" % (LOGIN_PATH.encode(), len(golden.LOGIN))) + golden.LOGIN
        with Load(self):
            for end in range(len(request)):
                plain = socket.create_connection(("127.0.0.1", self.node.https_port), timeout=30)
                with self.context.wrap_socket(plain, server_hostname="localhost") as connection:
                    connection.sendall(request[:end])
                    socket.socket.shutdown(connection, socket.SHUT_WR)
                    try:
                        answer = connection.recv(65536)
                    except OSError:
                        answer = b""
                self.assertNotIn(b" 200 ", answer, "after %d bytes" % end)


class NotThrift(HostileTest):
    """T17, T18, T19: other protocols."""

    def test_http_on_the_tls_port(self):
        """Without TLS; check_06 has it inside."""
        answer = self.plain_answer_to_the_end(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.assertLess(len(answer), 16)  # a TLS alert at most
        self.assert_serves(self.connect())

    def test_https_request_through_a_library(self):
        client = http.client.HTTPSConnection("127.0.0.1", self.node.thrift_port, context=self.context, timeout=30)
        self.addCleanup(client.close)
        with self.assertRaises((http.client.HTTPException, OSError)):
            client.request("GET", LOGIN_PATH)
            client.getresponse()
        self.assert_serves(self.connect())

    def test_plain_calls(self):
        """Every golden request, which a client without TLS would send."""
        for request in (golden.VALIDATE_KEY, golden.VALIDATE_KEY_1, golden.GET_URI_TEMPLATES,
                        wire.validate_key(self.session, self.world.good), b"\x16\x03\x01", b"\0" * 1000):
            self.assertLess(len(self.plain_answer_to_the_end(request)), 16)
        self.assert_serves(self.connect())

    def test_random_bytes(self):
        """The seed is fixed, so that a failure can be had again."""
        source = random.Random(20131)
        with Load(self):
            for _ in range(200):
                self.assertLess(len(self.plain_answer_to_the_end(source.randbytes(source.randrange(1, 3000)))), 16)
            for _ in range(200):
                self.assertEqual(self.answer_to_the_end(source.randbytes(source.randrange(1, 3000))), b"")

    def test_changed_bytes(self):
        """A request with one byte changed is answered or not; its connection ends, and nothing else happens."""
        source, request = random.Random(20132), wire.validate_key(self.session, self.world.good)
        with Load(self):
            for _ in range(300):
                position = source.randrange(len(request))
                changed = bytes([request[position] ^ source.randrange(1, 256)])
                answer = self.answer_to_the_end(request[:position] + changed + request[position + 1:])
                if answer:
                    self.assertEqual(wire.Reply(answer).raw, answer)  # one whole reply

    def test_client_hello_then_rubbish(self):
        hello, source = self.client_hello(), random.Random(20133)
        with Load(self):
            for end in (1, 5, 6, 43, len(hello) // 2, len(hello) - 1, len(hello)):
                for rubbish in (b"", b"\0" * 200, b"\x16\x03\x01\xff\xff" * 20, source.randbytes(2000)):
                    answer = self.plain_answer_to_the_end(hello[:end] + rubbish)
                    self.assertLess(len(answer), 16384)  # no more than the server's part of a handshake

    def test_rubbish_after_the_handshake(self):
        """Records that no key of this connection made."""
        for rubbish in (b"\x17\x03\x03\x00\x40" + bytes(64), b"\x17\x03\x03\xff\xff" + bytes(3000), bytes(100),
                        b"GET / HTTP/1.1\r\n\r\n"):
            connection = self.connect()
            self.assert_serves(connection)
            raw = socket.socket(fileno=connection.socket.detach())
            self.addCleanup(raw.close)
            raw.settimeout(30)
            answer = b""
            try:
                raw.sendall(rubbish)
                while more := raw.recv(4096):
                    answer += more
            except ConnectionResetError:
                pass
            self.assertLess(len(answer), 64)  # an alert
        self.assert_serves(self.connect())

    def test_framed_client(self):
        """TFramedTransport's length before each message: it cannot be understood, and it is not answered."""
        ping, validate = wire.message("ping", 9, b""), wire.validate_key(self.session, self.world.good)
        frames = {
            "its own length": wire.i32(len(validate)) + validate,
            "a short message": wire.i32(len(ping)) + ping,
            "two short messages": 2 * (wire.i32(len(ping)) + ping),
            "length 0": wire.i32(0) + validate,
            "negative length": wire.i32(-1) + validate,
            "length above the limit": wire.i32(64 * MEGABYTE) + validate,
        }
        for name, data in frames.items():
            with self.subTest(name):
                self.assertEqual(self.answer_to_the_end(data), b"")
                self.assert_serves(self.connect())

    def test_reply_from_a_client(self):
        """T16: an EXCEPTION and types that do not exist; check_06 has the others."""
        for kind in (wire.EXCEPTION, 0, 5, 0xff):
            with self.subTest(kind=kind):
                request = wire.validate_key(self.session, self.world.good, kind=kind)
                self.assertEqual(self.answer_to_the_end(request), b"")
        self.assert_serves(self.connect())


class OddMessages(HostileTest):
    """Messages that can be read and make little sense: the connection goes on."""

    def arguments(self, token):
        key = self.world.good
        return {1: key.context, 2: key.version, 3: token, 4: self.session, 5: "Any", 7: key.resource, 8: key.verb}

    def ask(self, connection, number, value):
        """validateKey with this text instead of the good one of the field."""
        arguments = {**self.arguments(self.world.good.token), number: value}
        return connection.call(wire.message("validateKey", 5, wire.texts(arguments)))

    def test_multiplexed_name(self):
        """T23: TMultiplexedProtocol's prefix is a method that does not exist."""
        connection = self.connect()
        for name in ("APIKeyValidationService:validateKey", ":validateKey", "validateKey:"):
            with self.subTest(name):
                request = wire.message(name, 5, wire.texts(self.arguments(self.world.good.token)))
                reply = connection.call(request)
                self.assertEqual((reply.name, reply.sequence), (name, 5))
                self.assertEqual(reply.application_error(),
                                 (wire.UNKNOWN_METHOD, "Invalid method name: '%s'" % name))
                self.assert_serves(connection)

    def test_names_that_are_almost_right(self):
        connection = self.connect()
        for name in ("", "validatekey", "validateKey\0", "validateKey ", "validateKe", "validateKeyy", "x" * 128):
            with self.subTest(name):
                reply = connection.call(wire.message(name, 6, wire.texts(self.arguments(self.world.good.token))))
                self.assertEqual(reply.application_error()[0], wire.UNKNOWN_METHOD)
                self.assert_serves(connection)

    def test_field_twice(self):
        """T11: as in Java, the last one counts, so a good token does not vouch for another one."""
        connection = self.connect()
        for first, last, status in ((self.world.good, self.world.unknown, UNKNOWN_TOKEN),
                                    (self.world.unknown, self.world.good, GRANTED)):
            body = wire.texts(self.arguments(first.token)) + wire.texts({3: last.token})
            self.assertEqual(connection.call(wire.message("validateKey", 5, body)).success()[8], status)
        self.assert_serves(connection)

    def test_texts_that_are_no_text(self):
        """T22: invalid UTF-8, NUL, surrogates and overlong forms match nothing that is stored."""
        connection = self.connect()
        endings = (b"\0", b"\0\0\0", b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\n", b" ")
        for ending in endings:
            for number in (1, 2, 3, 7, 8):
                with self.subTest(ending=ending, field=number):
                    value = self.arguments(self.world.good.token)[number] + ending.decode(errors="surrogateescape")
                    reply = self.ask(connection, number, value)
                    self.assertEqual(reply.sequence, 5)
                    if number <= 3:  # context, version, token; a resource of no scope is not looked at further
                        self.assertFalse(reply.success().get(1), "granted")
        self.assert_serves(connection)

    def test_method_name_that_is_no_text(self):
        connection = self.connect()
        for name in ("\udcff\udcfe", "\0", "\udcc0\udc80" * 40):
            with self.subTest(name.encode(errors="surrogateescape")):
                reply = connection.call(wire.message(name, 7, b""))
                self.assertEqual((reply.application_error()[0], reply.sequence), (wire.UNKNOWN_METHOD, 7))
        self.assert_serves(connection)

    def test_elements_without_bytes(self):
        """T06, T07: lists in an unknown field whose elements take no bytes would be work without input."""
        head = wire.message("validateKey", 1, b"")[:-1]
        empty = {"stop": bytes([0]) + wire.i32(65536), "void": bytes([1]) + wire.i32(65536)}
        with Load(self):
            for name, innermost in empty.items():
                for depth in (1, 20):
                    with self.subTest(name, depth=depth):
                        nested = (bytes([wire.LIST]) + wire.i32(65536)) * (depth - 1) + innermost * 100
                        self.assertEqual(self.answer_to_the_end(head + wire.field(wire.LIST, 9, nested) + b"\0"), b"")

    def test_bombs_that_are_skipped(self):
        """T06, T07: what is allowed is skipped, however wide, and the call is answered."""
        connection = self.connect()
        arguments = wire.texts(self.arguments(self.world.good.token))
        empty_map = bytes([wire.I64, wire.I64]) + wire.i32(0)
        bombs = {
            "65536 empty maps": wire.field(wire.LIST, 9, bytes([wire.MAP]) + wire.i32(65536) + empty_map * 65536),
            "65536 empty structs": wire.field(wire.SET, 9, bytes([wire.STRUCT]) + wire.i32(65536) + b"\0" * 65536),
            "30000 unknown fields": wire.field(wire.BOOL, 9, b"\1") * 30000,
            "a string of 1 MiB": wire.field(wire.STRING, 9, wire.i32(MEGABYTE) + b"x" * MEGABYTE),
            "30 nested structs": wire.field(wire.STRUCT, 9, b"") * 30 + b"\0" * 30,
        }
        for name, bomb in bombs.items():
            with self.subTest(name):
                reply = connection.call(wire.message("validateKey", 5, bomb + arguments))
                self.assertEqual((reply.sequence, reply.success()[1]), (5, 1))

    def test_sequence_ids(self):
        """T26: they are the client's business, and come back as they are."""
        connection = self.connect()
        sequences = [5, 5, 5, 0, -1, 0x7fffffff, -0x80000000, 3, 2, 1, 3]
        connection.send(b"".join(wire.validate_key(self.session, self.world.good, number) for number in sequences))
        replies = [connection.receive() for _ in sequences]
        self.assertEqual([reply.sequence for reply in replies], sequences)
        self.assertEqual([reply.success()[1] for reply in replies], [1] * len(sequences))

    def test_call_before_login(self):
        """T20: no session field at all, in each method."""
        connection = self.connect()
        for name, arguments in (("validateKey", {1: "/weather/1.0", 2: "1.0", 3: self.world.good.token, 5: "Any"}),
                                ("getAllURITemplates", {1: "/weather/1.0", 2: "1.0"})):
            with self.subTest(name):
                reply = connection.call(wire.message(name, 5, wire.texts(arguments)))
                self.assertNotIn(0, reply.fields)
        self.assert_serves(connection)

    def test_another_tenant(self):
        """T21: whoever logged in, a key of one tenant is refused on the API of another."""
        connection = self.connect()
        for session in (self.session, HttpLogin(self.node).session("eve@acme.com", self.world.passwords["eve"])):
            for key in (self.world.tenant.on("/weather/1.0"), self.world.good.on("/t/acme.com/stock/1.0", "1.0")):
                self.assertFalse(connection.call(wire.validate_key(session, key)).success().get(1))
        self.assert_serves(connection)


class Unread(HostileTest):
    """T24: replies that nobody reads."""

    CALLS, CLIENTS = 10000, 14
    BOUND = 64 * MEGABYTE

    @classmethod
    def new_node(cls, **options):
        """AddressSanitizer would keep much of what is freed, and that is not the node's memory."""
        node = super().new_node(**options)
        node.launcher = ["env", "ASAN_OPTIONS=%s:quarantine_size_mb=1" % os.environ.get("ASAN_OPTIONS", "")]
        return node

    def send_and_never_read(self, requests):
        """As many of the requests as the node takes."""
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(30)
        plain.connect(("127.0.0.1", self.node.thrift_port))
        connection = self.context.wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(connection.close)
        connection.settimeout(1)
        try:
            connection.sendall(requests)
        except TimeoutError:
            pass  # the node reads no more before something is taken off its hands
        return connection

    def test_memory_is_bounded(self):
        """Without MaxUnreadOutput the replies would take more than BOUND: 13 MiB for each client, of which the kernel
        keeps up to 4. Most are to an unknown method, which is answered fastest."""
        requests = b"".join(wire.validate_key(self.session, self.world.good, number) for number in range(2000))
        requests += wire.message("x" * 128, 1, b"") * (4 * self.CALLS)
        before = self.node.memory()
        with Load(self):
            connections = [self.send_and_never_read(requests) for _ in range(self.CLIENTS)]
            self.assertLess(self.node.memory() - before, self.BOUND)
            for connection in connections:
                connection.close()
        self.assertLess(self.node.memory() - before, self.BOUND)
        self.assert_serves(self.connect())

    def test_closed_at_once(self):
        """The client is gone before the first reply."""
        requests = b"".join(wire.validate_key(self.session, self.world.good, number) for number in range(50))
        with Load(self):
            for _ in range(50):
                with wire.Connection(self.node, context=self.context) as connection:
                    connection.send(requests)

    def test_read_late(self):
        """Whoever reads at last gets every reply, right and in order."""
        requests = b"".join(wire.validate_key(self.session, self.world.good, number) for number in range(self.CALLS))
        connection = self.connect()
        connection.socket.setblocking(False)
        position = stalls = 0
        deadline = time.monotonic() + 120
        while position < len(requests):
            self.assertLess(time.monotonic(), deadline)
            try:
                position += connection.socket.send(requests[position:position + 16384])
            except ssl.SSLWantWriteError:
                if not select.select([], [connection.socket], [], 0.05 if stalls else 2.0)[1]:
                    stalls += 1
                    connection.rest += self.read_some(connection)
        connection.socket.settimeout(30)
        for sequence in range(self.CALLS):
            reply = connection.receive()
            self.assertEqual((reply.sequence, reply.success()[1]), (sequence, 1))

    @staticmethod
    def read_some(connection):
        try:
            return connection.socket.recv(65536)
        except ssl.SSLWantReadError:
            return b""


class QuietLog(HostileTest):
    """Thousands of bad connections make a few lines that an operator understands, without what the clients sent."""

    PLAIN, SECURE = 3000, 300

    def test_flood(self):
        begin = self.node.log_size()
        token = wire.validate_key(self.session, self.world.good)
        with Load(self):
            for _ in range(self.PLAIN):
                with socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=30) as plain:
                    plain.sendall(token)
            for number in range(self.SECURE):
                rubbish = (token[:-1] + b"\x63\0\0", token[:100], b"\xff" * 100)[number % 3]
                self.answer_to_the_end(rubbish)
        self.assert_serves(self.connect())
        self.node.wait_for_log("TLS handshake failed", begin)
        self.node.wait_for_log("broke the protocol", begin)
        lines = self.node.log(begin).splitlines()
        self.assertLess(len(lines), 100)
        for secret in (self.session, self.world.good.token):
            self.assertNotIn(secret, self.node.log())
