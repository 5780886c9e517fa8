"""Clients and backends that misbehave (specification, gateway 1; RFC 9112 11): what the client gets, and what the backend sees.

What they send byte by byte are files of tests/fuzz/corpus, where the fuzz targets find them, too: of clients in gw-connection
(REFUSED and PASSED say what is to become of each), of backends in gw-upstream (FAULTS, CUT and ANSWERS)."""

import os
import re
import select
import socket
import struct

import suite
import synapse
from backend import Stream
from test_gateway import GatewayTest, read_answer

CORPUS = os.path.join(suite.TOP, "tests", "fuzz", "corpus", "gw-connection")
BACKENDS = os.path.join(suite.TOP, "tests", "fuzz", "corpus", "gw-upstream")

# Name: status of the only answer. Nothing of them reaches the backend, nor what a second reader would find behind them.
REFUSED = {
    "absolute-form": 400, "absolute-form-own": 400, "asterisk-form": 400, "authority-form": 400, "connect": 400,
    "bare-cr": 400, "bare-lf": 400, "bare-lf-end": 400, "bare-lf-value": 400, "obs-fold": 400,
    "nul-name": 400, "nul-target": 400, "nul-value": 400, "name-blank": 400, "name-empty": 400, "no-colon": 400,
    "chunk-bare-lf": 400, "chunk-extension-lf": 400, "chunk-extension-long": 400, "chunk-extension-many": 400,
    "chunk-over": 400, "chunk-size-64-bit": 400, "chunk-size-blank": 400, "chunk-size-huge": 400,
    "chunk-size-negative": 400, "chunk-size-none": 400, "chunk-size-prefix": 400, "chunk-trailer-fold": 400,
    "chunk-trailer-long": 431, "chunk-trailer-many": 431, "chunk-trailer-nul": 400, "chunk-trailer-smuggle": 400,
    "expect-other": 417, "header-flood": 431, "header-long": 431, "method-long": 501, "target-long": 414,
    "target-long-version": 414,
    "header-jwt-token": 403, "header-token-empty": 403, "header-two-tokens": 401, "header-two-tokens-list": 401,
    "host-list": 400, "host-none": 400, "host-path": 400, "host-twice": 400, "host-user": 400,
    "method-lower-case": 405, "trace": 405,
    "path-backslash": 400, "path-backslash-encoded": 400, "path-case": 404, "path-dot": 400, "path-dots": 400,
    "path-dots-encoded": 400, "path-dots-end": 400, "path-dots-half-encoded": 400, "path-dots-parameter": 400,
    "path-dots-parameter-encoded": 400, "path-nul-encoded": 400, "path-parameter-context": 404,
    "path-letter-encoded": 400, "path-parameter-encoded": 400, "path-parameter-resource": 400,
    "path-slash-encoded": 400, "path-slash-encoded-context": 400, "path-slashes": 400, "path-slashes-first": 400,
    "smuggle-cl-blank": 400, "smuggle-cl-empty": 400, "smuggle-cl-hex": 400, "smuggle-cl-list": 400,
    "smuggle-cl-huge": 413, "smuggle-cl-negative": 400, "smuggle-cl-over-64-bit": 413, "smuggle-cl-plus": 400,
    "smuggle-cl-te": 400, "smuggle-cl-twice": 400, "smuggle-cl-twice-same": 400,
    "smuggle-te-1.0": 400, "smuggle-te-cl": 400, "smuggle-te-first-blank": 400, "smuggle-te-fold": 400,
    "smuggle-te-list": 400, "smuggle-te-name-blank": 400, "smuggle-te-not-last": 400, "smuggle-te-quoted": 400,
    "smuggle-te-te": 400, "smuggle-te-twice": 400, "smuggle-te-unknown": 501, "smuggle-te-vtab": 400,
    "target-8-bit": 400, "target-blank": 400, "target-fragment": 400, "version-0.9": 400, "version-3.7": 505,
}
# Name: what the backend sees, each as its target and the length of its body.
SECOND = ("/base/second/echo", 0)
PASSED = {
    "body-of-get": [("/base/echo", 5), SECOND],
    "chunk-trailer-forbidden": [("/base/echo", 5), SECOND],
    "chunk-trailer-framing": [("/base/echo", 5), SECOND],
    "chunk-trailers": [("/base/echo", 5), SECOND],
    "chunks-then-another": [("/base/echo", 5), SECOND],
    "length-then-another": [("/base/echo", 5), SECOND],
    "expect-at-once": [("/base/echo", 5), SECOND],
    "expect-no-body": [("/base/echo", 0), SECOND],
    "upgrade": [("/base/echo", 0), SECOND],
    "upgrade-h2c": [("/base/echo", 0), SECOND],
    "header-connection-chunked": [("/base/echo", 5)],
    "header-connection-length": [("/base/echo", 5)],
    "header-connection-names": [("/base/echo", 0)],
    "header-hop": [("/base/echo", 0)],
    "header-jwt": [("/base/echo", 0)],
    # Names like any other: not decoded here, nor changed.
    "path-letter-encoded-same": [("/base/%61/echo", 0)],
    "path-bad-percent": [("/base/%zz/echo%2", 0)],
    "path-at": [("/base/@other.example/echo", 0)],
    "path-dots-twice-encoded": [("/base/%252e%252e/echo", 0)],
    "path-line-end-encoded": [("/base/a%0d%0aX-A:b/echo", 0)],
    "path-parameter": [("/base/a;b=c/echo", 0)],
    "path-query-dots": [("/base/echo?/../x", 0)],
    "path-slash-twice-encoded": [("/base/a%252fecho", 0)],
}
# Backends: name of the file, and the code of the fault that a client gets of it.
FAULTS = dict.fromkeys((
    "bare-lf", "both-lengths", "coding-1.0", "coding-twice", "coding-unknown", "continue-then-bad", "fold", "header-flood",
    "interim-flood", "length-blank", "length-huge", "length-list", "length-negative", "lengths-twice", "no-colon", "noise",
    "nul", "split-cr", "split-lf", "status-long", "status-low", "upgrade", "version-2"), 101506)
FAULTS.update({"nothing": 101508, "continue-cut": 101508})
# Half an answer does not look like a whole one.
CUT = ("chunk-over", "chunked-broken", "chunked-cut", "length-cut", "trailers-long", "trailers-many", "trailers-noise")
ANSWERS = {
    "chunked": (200, b"abcdefg"), "close": (200, b"ok"), "early-refusal": (413, b""), "head": (200, b""),
    "http-1.0": (200, b"ok"), "interim": (200, b"ok"), "long-head": (200, b""), "no-content": (204, b""),
    "not-modified": (304, b""), "redirect": (302, b""), "to-end": (200, b"until the end"), "two-answers": (200, b"ok"),
    "trailers": (200, b"abc"),
}
# What only a gateway says, what belongs to a client's connection alone, and what a client may not have taken away.
NEVER = {"x-jwt-assertion", "x_jwt_assertion", "assertion", "wso2_am_api_default_version", "authorization", "upgrade",
         "keep-alive", "proxy-authorization", "proxy-connection", "http2-settings", "x-hop"}
# What comes behind the body: all of it.
TRAILERS = {"chunk-trailer-forbidden": [("X-Kept", "1")], "chunk-trailers": [("X-Sum", "1 2"), ("X-Empty", ""), ("X-Sum", "3")]}
KEPT = {"header-jwt": {"x-kept"}, "header-hop": {"x-kept"},
        "header-connection-names": {"x-kept", "cookie", "x-forwarded-for", "host"}}


class Abuse(GatewayTest):
    """The APIs of the files: /abuse asks for no token, /keys does; /abuse/admin/* is a resource of its own.

    The time-outs are short: what a client is to say in more than one piece, however slow the machine is, is not for this class."""

    options = dict(apimd="<Limits><ReadTimeout>1000</ReadTimeout><WriteTimeout>1000</WriteTimeout></Limits>")

    @classmethod
    def deploy(cls):
        super().deploy()
        send = "<send>%s</send>" % synapse.address(cls.backend.url("/base"), suspend=None)
        for name, handlers in (("abuse", synapse.CORS_ONLY), ("keys", synapse.HANDLERS)):
            synapse.deploy(cls.node, name, synapse.api(name, "/" + name, [
                ('url-mapping="/admin/*"', "GET", send), ('url-mapping="/*"', "GET HEAD POST", send)], handlers, version=None))

    def play(self, name):
        """Sends the file. Returns the statuses of the answers, and what the backend got until a later call of another client
        reached it."""
        before = len(self.backend.begun)
        with open(os.path.join(CORPUS, name), "rb") as file:
            connection = self.open()
            connection.sendall(file.read())
        received = b"".join(iter(lambda: connection.recv(65536), b""))
        self.alive()
        requests = self.backend.requests[-len(self.backend.begun[before:]):]
        self.assertEqual([request.target for request in requests], self.backend.begun[before:])
        self.assertEqual(requests.pop().target, "/base/echo")
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d\d\d) ", received)], requests

    def assert_unambiguous(self, request):
        names = [name.lower() for name, _ in request.headers]
        self.assertEqual(names.count("host"), 1)
        self.assertLessEqual(names.count("content-length") + names.count("transfer-encoding"), 1)
        self.assertFalse(NEVER & set(names))
        self.assertIn((request.header("TE"), request.header("Connection")), (([], []), (["trailers"], ["TE"])))
        self.assertIn(request.header("Trailer"), ([], ["X-Sum"]))
        for name, value in request.headers:
            self.assertRegex(name, r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
            self.assertNotRegex(value, r"[\x00-\x08\x0a-\x1f\x7f]")

    def refused_file(self, name):
        self.assertEqual(self.play(name), ([REFUSED[name]], []))

    def passed_file(self, name):
        statuses, requests = self.play(name)
        self.assertEqual(statuses, [200] * len(PASSED[name]))
        self.assertEqual([(request.target, request.length) for request in requests], PASSED[name])
        for request in requests:
            self.assert_unambiguous(request)
        self.assertEqual(requests[0].trailers, TRAILERS.get(name, []))
        self.assertLessEqual(KEPT.get(name, set()), {field.lower() for field, _ in requests[0].headers})

    def test_files(self):
        """Every file is tried."""
        self.assertEqual(set(os.listdir(CORPUS)), set(REFUSED) | set(PASSED))

    def ask_backend(self, name):
        """What a client gets of a backend that says what the file holds, behind the byte that says what is asked for."""
        with open(os.path.join(BACKENDS, name), "rb") as file:
            kind, said = file.read(1), file.read()
        self.backend.answers[name] = said
        method = "HEAD" if kind == b"1" else "GET"
        connection = self.open()
        connection.sendall(self.head(method, "/abuse/raw/" + name, None, "Connection: close"))
        stream = Stream(connection)
        answer = read_answer(stream, to_head=method == "HEAD")
        self.assertIsNone(stream.line())  # nothing behind it
        return answer

    def fault_of(self, name):
        answer = self.ask_backend(name)
        self.assertEqual(answer.status, 500)
        self.assertIn(b"<am:code>%d</am:code>" % FAULTS[name], answer.body)

    def cut_off(self, name):
        with self.assertRaises((ConnectionError, TypeError)):  # within a body, or between chunks: the head came
            self.ask_backend(name)
        self.alive()

    def test_backend_cut_for_old_client(self):
        """Where only the end of the connection ends an answer, half of one ends in a reset."""
        self.backend.answers["half"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        connection = self.open()
        connection.sendall(b"GET /abuse/raw/half HTTP/1.0\r\n\r\n")
        with self.assertRaises(ConnectionResetError):
            while connection.recv(65536):
                pass

    def answer_of(self, name):
        answer = self.ask_backend(name)
        self.assertEqual((answer.status, answer.body), ANSWERS[name])

    def test_backend_files(self):
        """Every file is tried."""
        self.assertEqual(set(os.listdir(BACKENDS)), set(FAULTS) | set(CUT) | set(ANSWERS))

    def test_backend_answers_early(self):
        """Its answer comes before the request is whole: it goes to the client, and the rest is not asked for."""
        connection = self.open()
        connection.sendall(self.head("POST", "/abuse/early", None, "Content-Length: 50000000", "Expect: 100-continue"))
        stream = Stream(connection)
        answer = read_answer(stream)
        while answer.status == 100:
            answer = read_answer(stream)
        self.assertEqual((answer.status, answer.body, answer.header("Connection")), (413, b"big", "close"))
        self.alive()

    def test_endpoint_is_not_the_clients_choice(self):
        """Neither a request's target nor its headers choose where it goes, nor does a backend's redirection."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            address = "127.0.0.1:%d" % other.getsockname()[1]
            for path, fields in (("/abuse/@%s/echo" % address, ()), ("/abuse/http://%s/echo" % address, ()),
                                 ("/abuse/echo?url=http://%s/" % address, ()), ("http://%s/abuse/echo" % address, ()),
                                 ("/abuse/echo", ("X-Forwarded-Host: " + address, "Forwarded: host=" + address,
                                                  "X-Original-URL: http://%s/" % address, "To: http://%s/" % address))):
                self.get(path, None, *fields)
            self.send(b"GET /abuse/echo HTTP/1.1\r\nHost: %s\r\n\r\n" % address.encode())
            self.backend.answers["away"] = ("HTTP/1.1 307 Go\r\nLocation: http://%s/\r\nContent-Length: 0\r\n\r\n"
                                            % address).encode()
            self.assertEqual(self.get("/abuse/raw/away").status, 307)
            other.setblocking(False)
            with self.assertRaises(BlockingIOError):
                other.accept()

    def test_endpoint_with_variables(self):
        """A file whose endpoint a request could choose is refused."""
        begin = self.node.log_size()
        send = "<send>%s</send>" % synapse.address("http://{uri.var.host}/")
        synapse.deploy(self.node, "choice", synapse.api("choice", "/choice", [('uri-template="/{host}"', "GET", send)],
                                                        synapse.CORS_ONLY, version=None))
        self.node.wait_for_log(r"choice\.xml:\d+: ", begin)
        self.assertEqual(self.get("/choice/127.0.0.1").status, 404)

    def test_slow_head(self):
        streams = [Stream(self.open(https)) for https in (False, True)]
        for stream in streams:
            stream.connection.sendall(b"GET /abuse/echo HTTP/1.1\r\nHost: a\r\n")
        for stream in streams:
            answer = read_answer(stream)
            self.assertEqual((answer.status, answer.header("Connection")), (408, "close"))
            self.assertIsNone(stream.line())
        self.alive()

    def test_slow_body(self):
        connection = self.open()
        connection.sendall(self.head("POST", "/stream/1.0/slow/echo", self.token, "Content-Length: 1000") + b"half")
        answer = read_answer(Stream(connection))
        self.assertEqual((answer.status, answer.header("Connection")), (408, "close"))
        self.eventually(lambda: "/base/slow/echo" in self.backend.abandoned, 10, "the backend knows")
        self.alive()

    def test_trickling_body(self):
        """A byte long before each time-out: less than MinTransferRate, in the body as well as in its trailers."""
        for fields, body in (("Content-Length: 100000", b""), ("Transfer-Encoding: chunked", b"186a0\r\n"),
                             ("Transfer-Encoding: chunked", b"1\r\nx\r\n0\r\nX-A: ")):
            with self.subTest(body=body):
                connection = self.open()
                connection.sendall(self.head("POST", "/abuse/trickle/echo", None, fields) + body)
                sent = 0
                while sent < 600 and not select.select([connection], [], [], 0.1)[0]:
                    connection.sendall(b"x")
                    sent += 1
                self.assertLess(sent, 600)
                answer = read_answer(Stream(connection))
                self.assertEqual((answer.status, answer.header("Connection")), (408, "close"))
        self.alive()

    def test_slow_read(self):
        """A client that takes nothing of its answer does not hold the backend for ever."""
        connection = self.open()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(self.head("GET", "/stream/1.0/unread/bytes/50000000", self.token))
        self.eventually(lambda: "/base/unread/bytes/50000000" in self.backend.abandoned, 20, "the backend is let go")
        self.alive()

    def test_half_closed(self):
        """A client that has said all and reads on is answered."""
        connection = self.open()
        connection.sendall(self.head("GET", "/stream/1.0/half/echo", self.token))
        connection.shutdown(socket.SHUT_WR)
        stream = Stream(connection)
        answer = read_answer(stream)
        while answer.status == 100:
            answer = read_answer(stream)
        self.assertEqual(answer.status, 200)

    def client_goes(self, name, data, https=False, reset=False):
        connection = self.open(https)
        connection.sendall(data)
        self.eventually(lambda: name in self.backend.begun, 10, "the backend is asked")
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        self.eventually(lambda: name in self.backend.abandoned, 20, "the backend's connection is closed")
        self.alive()

    def waiting(self, name):
        return "/base/%s/hold" % name, self.head("GET", "/stream/1.0/%s/hold" % name, self.token)

    def test_client_closes(self):
        self.client_goes(*self.waiting("closes"))

    def test_client_closes_tls(self):
        self.client_goes(*self.waiting("closes-tls"), https=True)

    def test_client_resets(self):
        self.client_goes(*self.waiting("resets"), reset=True)

    def test_client_goes_within_answer(self):
        self.client_goes("/base/within/bytes/50000000", self.head("GET", "/stream/1.0/within/bytes/50000000", self.token))

    def test_client_goes_within_request(self):
        self.client_goes("/base/within/echo", self.head("POST", "/stream/1.0/within/echo", self.token, "Content-Length: 1000")
                         + b"x")


def _add_files(names, method, prefix=""):
    for name in names:
        def test(self, name=name):
            getattr(self, method)(name)
        test.__name__ = "test_" + prefix + name.replace("-", "_").replace(".", "_")
        setattr(Abuse, test.__name__, test)


_add_files(REFUSED, "refused_file")
_add_files(PASSED, "passed_file")
_add_files(FAULTS, "fault_of", "backend_")
_add_files(CUT, "cut_off", "backend_")
_add_files(ANSWERS, "answer_of", "backend_")
