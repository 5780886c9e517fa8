"""Check 6: the non-strict form, and rubbish that only closes its own connection."""

import socket

import wire
from harness import NodeTest


class NonStrict(NodeTest):
    def test_strict_reply(self):
        key = self.world.good
        arguments = {1: key.context, 2: key.version, 3: key.token, 4: self.session, 5: "Any"}
        reply = self.connect().call(wire.old_message("validateKey", 8, wire.texts(arguments)))  # Reply() wants strict
        self.assertEqual((reply.sequence, reply.success()[1]), (8, 1))

    def test_both_forms_on_one_connection(self):
        connection = self.connect()
        self.assert_serves(connection)
        reply = connection.call(wire.old_message("ping", 9, b""))
        self.assertEqual(reply.application_error()[0], wire.UNKNOWN_METHOD)
        self.assert_serves(connection)


class Rubbish(NodeTest):
    HEAD = wire.message("validateKey", 1, b"")[:-1]

    def test_closed_without_an_answer(self):
        other = self.connect()
        cases = {
            "bad version word": b"\x80\x02\x00\x01" + wire.text("ping") + wire.i32(1) + b"\0",
            "negative name length": b"\x80\x01\x00\x01" + wire.i32(-1) + b"x" * 100,
            "name of 2^31-1 bytes": b"\x80\x01\x00\x01" + wire.i32(0x7fffffff) + b"x" * 100,
            "non-strict name of 2^31-1 bytes": wire.i32(0x7fffffff) + b"x" * 100,
            "name of 129 bytes": wire.message("x" * 129, 1, b""),
            "negative string length": self.HEAD + wire.field(wire.STRING, 1, wire.i32(-1)) + b"x" * 100,
            "string of 2^31-1 bytes": self.HEAD + wire.field(wire.STRING, 1, wire.i32(0x7fffffff)) + b"x" * 100,
            "string above its limit": self.HEAD + wire.field(wire.STRING, 1, wire.i32(1024 * 1024 + 1)) + b"x" * 100,
            "negative list count": self.HEAD + wire.field(wire.LIST, 9, bytes([wire.I32]) + wire.i32(-1)),
            "list of 2^31-1 bytes": self.HEAD + wire.field(wire.LIST, 9, bytes([wire.BYTE]) + wire.i32(0x7fffffff)),
            "map of 2^31-1 pairs": self.HEAD + wire.field(wire.MAP, 9, bytes([wire.I64, wire.I64])
                                                          + wire.i32(0x7fffffff)),
            "unknown field type": self.HEAD + wire.field(99, 9, b"") + b"x" * 100,
            "100000 nested structs": self.HEAD + wire.field(wire.STRUCT, 9, b"") * 100000,
            "100000 nested lists": self.HEAD + wire.field(wire.LIST, 9, (bytes([wire.LIST]) + wire.i32(1)) * 100000),
            "a reply": wire.message("validateKey", 1, b"", kind=wire.REPLY),
            "an exception": wire.message("validateKey", 1, b"", kind=wire.EXCEPTION),
            "an HTTP request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        }
        before = self.node.memory()
        for name, data in cases.items():
            with self.subTest(name), wire.Connection(self.node) as connection:
                try:
                    connection.send(data)
                except OSError:
                    pass  # closed before everything was sent
                self.assertTrue(connection.is_closed_by_peer(), "still open")
                self.assert_serves(other)
        self.assertLess(self.node.memory() - before, 64 * 1024 * 1024)

    def test_plain_text_on_the_tls_port(self):
        with socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=10) as plain:
            plain.sendall(wire.message("ping", 1, b""))
            answer = b""
            try:
                while data := plain.recv(4096):  # a TLS alert at most
                    answer += data
            except ConnectionResetError:
                pass
        self.assertLess(len(answer), 16)
        self.assert_serves(self.connect())

    def test_oneway_is_ignored(self):
        connection = self.connect()
        connection.send(wire.validate_key(self.session, self.world.good, sequence=1, kind=wire.ONEWAY))
        self.assert_serves(connection, sequence=2)
