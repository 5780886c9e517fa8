"""The Thrift wire by hand (specification 8): requests byte by byte, replies as plain dictionaries.

The Thrift libraries hide what a server really sent; these few lines show it. A struct is a dictionary of
field id -> (type, value), in the order of arrival.
"""

import socket
import ssl
import struct

BOOL, BYTE, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST = 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15
CALL, REPLY, EXCEPTION, ONEWAY = 1, 2, 3, 4

UNKNOWN_METHOD, PROTOCOL_ERROR = 1, 7

# The two texts of the Java server that tests compare to the byte (specification 6.1, 9.3).
INVALID_SESSION = "Invalid session id for thrift authenticator."


def i16(value):
    return struct.pack(">h", value)


def i32(value):
    return struct.pack(">i", value)


def i64(value):
    return struct.pack(">q", value)


def text(value):
    """Bytes that are no UTF-8 are written as Python's surrogate escapes."""
    data = value.encode(errors="surrogateescape")
    return i32(len(data)) + data


def field(kind, number, value):
    """One field; value is already encoded."""
    return bytes([kind]) + i16(number) + value


def texts(values):
    """String fields; values is a dictionary of id -> text."""
    return b"".join(field(STRING, number, text(value)) for number, value in values.items())


def message(name, sequence, body, kind=CALL):
    """A strict message; body is the fields of its one struct, without the stop."""
    return struct.pack(">I", 0x80010000 | kind) + text(name) + i32(sequence) + body + b"\0"


def old_message(name, sequence, body, kind=CALL):
    """The non-strict form: no version word."""
    return text(name) + bytes([kind]) + i32(sequence) + body + b"\0"


def validate_key(session, key, sequence=1, level="Any", **changes):
    """validateKey of generation III for a world.Key."""
    arguments = {1: key.context, 2: key.version, 3: key.token, 4: session, 5: level, 7: key.resource, 8: key.verb}
    return message("validateKey", sequence, texts(arguments), **changes)


def declared_exception(name, sequence, words, number=1):
    """The reply that carries APIKeyMgtException (number 1) or APIManagementException (2)."""
    return message(name, sequence, field(STRUCT, number, texts({1: words}) + b"\0"), kind=REPLY)


def application_exception(name, sequence, words, kind):
    return message(name, sequence, texts({1: words}) + field(I32, 2, i32(kind)), kind=EXCEPTION)


class Incomplete(Exception):
    """The bytes end inside the message."""


class Reader:
    def __init__(self, data):
        self.data, self.position = data, 0

    def take(self, count):
        end = self.position + count
        if count < 0 or end > len(self.data):
            raise Incomplete()
        self.position = end
        return self.data[end - count:end]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def text(self):
        return self.take(self.number(">i")).decode(errors="surrogateescape")

    def value(self, kind):
        if kind in (BOOL, BYTE):
            return self.number(">b")
        if kind in (I16, I32, I64, DOUBLE):
            return self.number({I16: ">h", I32: ">i", I64: ">q", DOUBLE: ">d"}[kind])
        if kind == STRING:
            return self.text()
        if kind == STRUCT:
            return self.struct()
        if kind in (LIST, SET):
            element, count = self.number(">b"), self.number(">i")
            return [self.value(element) for _ in range(count)]
        raise ValueError("a reply with wire type %d" % kind)

    def struct(self):
        fields = {}
        while True:
            kind = self.number(">b")
            if kind == 0:
                return fields
            number = self.number(">h")
            fields[number] = (kind, self.value(kind))


class Reply:
    """One message from the server."""

    def __init__(self, raw):
        reader = Reader(raw)
        version = reader.number(">I")
        if version & 0xffff0000 != 0x80010000:
            raise ValueError("the reply is not strict: %08x" % version)
        self.kind = version & 0xff
        self.name = reader.text()
        self.sequence = reader.number(">i")
        self.fields = reader.struct()
        self.raw = raw[:reader.position]

    def success(self):
        """The fields of the returned struct, without their types."""
        if self.kind != REPLY or 0 not in self.fields:
            raise AssertionError("no success in reply %r" % self)
        kind, value = self.fields[0]
        return {number: value for number, (_, value) in value.items()} if kind == STRUCT else value

    def exception(self):
        """(result field, message) of a declared exception."""
        (number, (_, fields)), = self.fields.items()
        if self.kind != REPLY or number == 0:
            raise AssertionError("no declared exception in reply %r" % self)
        return number, fields[1][1]

    def application_error(self):
        """(type, message) of a TApplicationException."""
        if self.kind != EXCEPTION:
            raise AssertionError("no TApplicationException in reply %r" % self)
        return self.fields[2][1], self.fields[1][1]

    def __repr__(self):
        return "kind %d, name %r, sequence %d, fields %r" % (self.kind, self.name, self.sequence, self.fields)


class Connection:
    """One TLS connection to a node's Thrift port."""

    def __init__(self, node, host="127.0.0.1", timeout=120.0, context=None, tls_session=None, source=None):
        plain = socket.create_connection((host, node.thrift_port), timeout=timeout,
                                         source_address=source and (source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = (context or node.tls_context()).wrap_socket(plain, server_hostname="localhost",
                                                                            session=tls_session)
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """The next reply; EOFError when the server closed the connection instead."""
        while True:
            try:
                reply = Reply(self.rest)
            except Incomplete:
                data = self._read()
                if not data:
                    raise EOFError("closed after %d bytes of a reply" % len(self.rest)) from None
                self.rest += data
                continue
            self.rest = self.rest[len(reply.raw):]
            return reply

    def _read(self):
        try:
            return self.socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            return b""

    def call(self, request):
        self.send(request)
        return self.receive()

    def is_closed_by_peer(self, within=120.0):
        """Waits for the end of the connection; anything that the server sends before is a failure."""
        self.socket.settimeout(within)
        try:
            data = self._read()
        except TimeoutError:
            return False
        if data:
            raise AssertionError("the server answered %d bytes instead of closing" % len(data))
        return True

    def certificate(self):
        """The server's certificate, DER."""
        return self.socket.getpeercert(binary_form=True)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
