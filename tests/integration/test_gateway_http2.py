"""HTTP/2 towards the gateway's clients (RFC 9113): real clients, and frames that none of them would send."""

import json
import os
import signal
import socket
import struct
import subprocess

import backend
import suite
from node import STOP_SECONDS
from test_gateway import GatewayTest

LARGE = 5 * 1024 * 1024
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS = 1, 4
PROTOCOL_ERROR, CANCEL, ENHANCE_YOUR_CALM = 1, 8, 11
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def block(fields):
    """Literal fields without indexing (RFC 7541 6.2.2)."""
    return b"".join(b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
                    for name, value in fields)


def request(path, method="GET", *fields):
    return block(((":method", method), (":scheme", "http"), (":authority", "gateway.example"), (":path", path)) + fields)


class Frames:
    """A client without TLS that sends frames by hand."""

    def __init__(self, connection):
        self.stream = backend.Stream(connection)
        self.connection = connection
        self.send(PREFACE + frame(SETTINGS, 0, 0))

    def send(self, data):
        self.connection.sendall(data)

    def next(self):
        """(kind, flags, stream, payload), or None at the end."""
        try:
            head = b"".join(self.stream.take(9))
            payload = b"".join(self.stream.take(int.from_bytes(head[:3], "big")))
        except ConnectionError:
            return None
        return head[3], head[4], int.from_bytes(head[5:9], "big"), payload

    def expect(self, kind):
        while (found := self.next()) is not None:
            if found[0] == kind:
                return found
        raise AssertionError("the connection ended")


class Http2Calls:
    def curl(self, path, *options, https=True, token=None):
        """Returns the status, the version of HTTP and the body."""
        port = self.node.api_https_port if https else self.node.api_http_port
        command = ["curl", "--silent", "--show-error", "--max-time", "240", "--cacert", self.node.certificate,
                   "--write-out", "\n%{http_code} %{http_version}",
                   "--http2" if https else "--http2-prior-knowledge",
                   "--header", "Authorization: Bearer " + (token or self.token), *options,
                   "%s://localhost:%d%s" % ("https" if https else "http", port, path)]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        self.assertEqual(result.returncode, 0, result.stderr)
        body, _, line = result.stdout.rpartition(b"\n")
        status, version = line.decode().split()
        return int(status), version, body

    def upload(self, length):
        path = os.path.join(suite.folder("upload"), "http2")
        with open(path, "wb") as file:
            file.write(b"x" * length)
        return path

    def alpn(self, port, *offered):
        context = self.node.tls_context()
        context.set_alpn_protocols(offered)
        with socket.create_connection(("127.0.0.1", port), timeout=120) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as connection:
                return connection.selected_alpn_protocol()


class Http2(Http2Calls, GatewayTest):
    options = {"apimd": "<AccessLog>http2.log</AccessLog>"}

    def frames(self):
        return Frames(self.open())

    def test_alpn(self):
        """Only the gateway's port offers it; an old client is served as ever."""
        self.assertEqual(self.alpn(self.node.api_https_port, "http/1.1", "h2"), "h2")
        self.assertEqual(self.alpn(self.node.api_https_port, "http/1.1"), "http/1.1")
        self.assertIsNone(self.alpn(self.node.https_port, "h2", "http/1.1"))
        self.assertEqual(self.get("/stream/1.0/echo", self.token, https=True).status, 200)

    def test_calls(self):
        for https in (True, False):
            with self.subTest(https=https):
                status, version, body = self.curl("/stream/1.0/echo?a=b", "--header", "Cookie: a=b", "--header", "X-Own: 1",
                                                  https=https)
                seen = json.loads(body)
                headers = {name.lower(): value for name, value in seen["headers"]}
                self.assertEqual((status, version, seen["method"], seen["target"]), (200, "2", "GET", "/base/echo?a=b"))
                self.assertEqual((headers["cookie"], headers["x-own"]), ("a=b", "1"))
                self.assertNotIn("authorization", headers)
                status, _, body = self.curl("/stream/1.0/echo", "--data-binary", "x" * 1000, https=https)
                self.assertEqual((status, json.loads(body)["length"]), (200, 1000))
        self.assertEqual(self.curl("/stream/1.0/echo", token="none")[0], 401)
        self.assertEqual(self.curl("/nowhere")[0], 404)
        self.assertEqual(self.curl("/stream/1.0/status/204")[:1] + self.curl("/stream/1.0/status/204")[2:], (204, b""))
        self.assertEqual(self.curl("/stream/1.0/bytes/77", "--head")[0], 200)
        # An answer whose end is that of its connection.
        self.assertEqual(len(self.curl("/stream/1.0/end/70000")[2]), 70000)
        # One that comes before the request is whole, of which little is left.
        self.assertEqual(self.curl("/stream/1.0/echo", "--data-binary", "@" + self.upload(60000), token="none")[0], 401)

    def test_early_answer(self):
        """The rest of a long request is called off (RFC 9113 8.1)."""
        client = self.frames()
        client.send(frame(HEADERS, END_HEADERS, 1, request(
            "/stream/1.0/early", "POST", ("authorization", "Bearer " + self.token), ("content-length", "1000000"))))
        client.expect(HEADERS)
        self.assertEqual(client.expect(RST_STREAM)[2:], (1, struct.pack(">I", 0)))

    def test_many_streams(self):
        """200 at a time over few connections, in both directions."""
        for https, what, options in ((True, "/stream/1.0/bytes/20000", ()),
                                     (False, "/stream/1.0/echo", ("-d", self.upload(100000)))):
            with self.subTest(what=what):
                port = self.node.api_https_port if https else self.node.api_http_port
                url = "%s://localhost:%d%s" % ("https" if https else "http", port, what)
                command = ["h2load", "-n", "400", "-c", "4", "-m", "50", "-H", "authorization: Bearer " + self.token,
                           *options, url]
                output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                                        text=True).stdout
                self.assertIn("400 succeeded, 0 failed, 0 errored, 0 timeout", output)
                self.assertRegex(output, r"status codes: 400 2xx")

    def test_reload_drops_nothing(self):
        port = self.node.api_https_port
        command = ["h2load", "-n", "3000", "-c", "4", "-m", "20", "-H", "authorization: Bearer " + self.token,
                   "https://localhost:%d/stream/1.0/bytes/100" % port]
        load = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3):
            begin = self.node.log_size()
            self.node.signal(signal.SIGHUP)
            self.node.wait_for_log("reloaded", begin)
        self.assertIn("3000 succeeded, 0 failed, 0 errored, 0 timeout", load.communicate(timeout=300)[0])

    def test_access_log(self):
        def line():
            return next((line for line in self.node.read("http2.log").splitlines() if "?said" in line), None)
        self.curl("/stream/1.0/echo?said=1")
        self.eventually(lambda: line() is not None, 5, "the call was written")
        self.assertIn('"GET /stream/1.0/echo?said=1 HTTP/2.0" 200 ', line())

    def test_malformed(self):
        """The stream is reset, or answered with 400; the connection goes on."""
        client, token = self.frames(), ("authorization", "Bearer " + self.token)
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, request("/stream/1.0/echo", "GET", token, ("Upper", "x"))))
        self.assertEqual(client.expect(RST_STREAM)[2:], (1, struct.pack(">I", PROTOCOL_ERROR)))
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 3,
                          request("/stream/1.0/echo", "GET", token, ("transfer-encoding", "chunked"))))
        self.assertEqual(client.expect(RST_STREAM)[2:], (3, struct.pack(">I", PROTOCOL_ERROR)))
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 5, request("/stream/1.0/echo", "GET", (":path", "/other"))))
        self.assertEqual(client.expect(RST_STREAM)[2:], (5, struct.pack(">I", PROTOCOL_ERROR)))
        client.send(frame(HEADERS, END_HEADERS, 7, request("/stream/1.0/echo", "POST", token, ("content-length", "5"))))
        client.send(frame(DATA, END_STREAM, 7, b"five and more"))
        self.assertEqual(client.expect(RST_STREAM)[2:], (7, struct.pack(">I", PROTOCOL_ERROR)))
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 9, request("/stream/1.0/echo", "GET", ("host", "b"))))
        self.assertIn(b"Host is not what :authority says", client.expect(DATA)[3])
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 11, request("/stream/1.0/echo", "GET", token)))
        self.assertIn(b"/base/echo", client.expect(DATA)[3])

    def test_floods(self):
        client = self.frames()
        for stream in range(1, 301, 2):
            try:
                client.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, request("/stream/1.0/open/hold"))
                            + frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL)))
            except ConnectionError:
                break
        self.assertEqual(client.expect(GOAWAY)[3][4:8], struct.pack(">I", ENHANCE_YOUR_CALM))
        client = self.frames()
        client.send(frame(HEADERS, END_STREAM, 1, request("/stream/1.0/open/echo"))
                    + frame(CONTINUATION, 0, 1, block([("x", "y")])) * 100)
        self.assertEqual(client.expect(GOAWAY)[3][4:8], struct.pack(">I", ENHANCE_YOUR_CALM))
        client = self.frames()
        client.send(frame(PING, 0, 0, b"12345678") * 1001)
        self.assertEqual(client.expect(GOAWAY)[3][4:8], struct.pack(">I", ENHANCE_YOUR_CALM))
        self.alive()

    def test_slow_reader(self):
        """A client that gives no window holds its backend up, and nobody else."""
        client = self.frames()
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1,
                          request("/stream/1.0/bytes/%d" % (20 * LARGE), "GET", ("authorization", "Bearer " + self.token))))
        self.assertEqual(client.expect(DATA)[2], 1)
        before = self.node.memory()
        self.assertEqual(len(self.curl("/stream/1.0/bytes/%d" % LARGE)[2]), LARGE)
        self.assertLess(self.node.memory() - before, 64 * 1024 * 1024)


class Http2Ends(Http2Calls, GatewayTest):
    def test_calls_in_progress_are_answered(self):
        """SIGTERM: the client hears of it, what was begun comes to its end, and the node ends."""
        client = Frames(self.open())
        client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1,
                          request("/stream/1.0/hold", "GET", ("authorization", "Bearer " + self.token))))
        self.eventually(lambda: any(request.target.endswith("/hold") for request in self.backend.requests), 10,
                        "the backend was asked")
        self.node.signal(signal.SIGTERM)
        self.assertEqual(client.expect(GOAWAY)[3][:4], struct.pack(">I", 2 ** 31 - 1))
        ping = client.expect(PING)
        client.send(frame(PING, 1, 0, ping[3]))
        self.assertEqual(client.expect(GOAWAY)[3], struct.pack(">II", 1, 0))
        self.backend.release()
        self.assertEqual(client.expect(HEADERS)[2], 1)
        while client.next() is not None:
            pass
        client.connection.close()
        self.assertEqual(self.node.process.wait(STOP_SECONDS), 0)
        self.node.process = None


class Http2Off(Http2Calls, GatewayTest):
    options = {"apimd": "<Http2>false</Http2>"}

    def test_off(self):
        self.assertIsNone(self.alpn(self.node.api_https_port, "h2", "http/1.1"))
        connection = self.open()
        connection.sendall(PREFACE)
        self.assertIn(b"505", backend.Stream(connection).line())
        self.assertEqual(self.curl("/stream/1.0/echo")[:2], (200, "1.1"))
