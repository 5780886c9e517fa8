"""Trailers through the gateway (RFC 9110 6.5): in both directions, between versions of HTTP, and what never goes on."""

import os
import socket
import struct
import subprocess

import suite
import synapse
from backend import Stream
from test_gateway import GatewayTest, read_answer
from test_gateway_http2 import (DATA, END_HEADERS, END_STREAM, HEADERS, PROTOCOL_ERROR, RST_STREAM, Frames, block,
                                frame, request)

CHUNKED = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Set-Cookie\r\n\r\n"
           b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\nGrpc-Status:\t0 \r\nX-JWT-Assertion: a\r\n\r\n")
PASSED = [("X-Sum", "1"), ("Grpc-Status", "0")]
EMPTY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\ngrpc-status: 5\r\n\r\n"
NAMED = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-Sum\r\n\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n")


class Trailers(GatewayTest):
    @classmethod
    def deploy(cls):
        super().deploy()
        with socket.create_server(("127.0.0.1", 0)) as closed:  # a port where nobody listens
            first = "http://127.0.0.1:%d/base" % closed.getsockname()[1]
        for name, endpoint in (
                ("plain", synapse.address(cls.backend.url("/base"))),
                ("group", synapse.failover(synapse.address(first), synapse.address(cls.backend.url("/base"))))):
            synapse.deploy(cls.node, name, synapse.api(name, "/" + name, [
                ('url-mapping="/*"', "GET POST", "<send>%s</send>" % endpoint)], synapse.CORS_ONLY, version=None))
        cls.backend.answers.update(chunked=CHUNKED, empty=EMPTY, named=NAMED)

    def post(self, path, trailer, *fields):
        return self.send(self.head("POST", path, None, "Transfer-Encoding: chunked", *fields)
                         + b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n")

    def test_request(self):
        seen = self.post("/plain/echo", b"X-Sum:1\r\nauthorization: x\r\nX_Forwarded_For: 1\r\nX-Hop: 1\r\nX-Sum: 2\r\n",
                         "Trailer: X-Sum, Authorization", "Connection: X-Hop").json
        self.assertEqual((seen["length"], seen["trailers"]), (5, [["X-Sum", "1"], ["X-Sum", "2"]]))
        headers = {name.lower(): value for name, value in seen["headers"]}
        self.assertEqual(headers["trailer"], "X-Sum")
        self.assertNotIn("te", headers)

    def test_request_of_a_group(self):
        """The first address takes no connection: the next one gets the trailers, too."""
        self.assertEqual(self.post("/group/echo", b"X-Sum: 1\r\n").json["trailers"], [["X-Sum", "1"]])

    def test_request_limits(self):
        self.assertEqual(self.post("/plain/echo", b"A: b\r\n" * 64).status, 200)
        self.assertEqual(self.post("/plain/echo", b"A: b\r\n" * 65).status, 431)
        self.assertEqual(self.post("/plain/echo", b"A: %s\r\n" % (b"x" * 8187)).status, 200)
        self.assertEqual(self.post("/plain/echo", b"A: %s\r\n" % (b"x" * 8188)).status, 431)

    def test_answer(self):
        """To clients that ask for them; TE goes on as the gateway's own word."""
        self.assertEqual(self.get("/plain/raw/chunked").trailers, [])
        self.assertIsNone(self.get("/plain/raw/chunked").header("Trailer"))
        for te in (("TE: trailers",), ("TE: gzip;q=0.5, trailers", "Connection: TE")):
            answer = self.get("/plain/raw/chunked", None, *te)
            self.assertEqual((answer.body, answer.trailers, answer.header("Trailer")), (b"hello", PASSED, "X-Sum"))
            self.assertEqual([self.backend.requests[-1].header(name) for name in ("TE", "Connection")], [["trailers"], ["TE"]])
        self.assertEqual(self.get("/plain/raw/empty", None, "TE: trailers").trailers, [("grpc-status", "5")])
        self.assertEqual(self.get("/plain/raw/named", None, "TE: trailers").trailers, [])

    def test_old_client(self):
        connection = self.open()
        connection.sendall(b"GET /plain/raw/chunked HTTP/1.0\r\nTE: trailers\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
        self.assertEqual(received.partition(b"\r\n\r\n")[2], b"hello")
        self.assertNotIn(b"Trailer", received)

    def test_pipelined(self):
        """Behind trailers stands the next request, and nothing of theirs."""
        connection = self.open()
        one = (self.head("POST", "/plain/echo", None, "Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\nX-N: %d\r\n\r\n")
        connection.sendall(b"".join(one % number for number in range(20)))
        stream = Stream(connection)
        for number in range(20):
            self.assertEqual(read_answer(stream).json["trailers"], [["X-N", str(number)]])

    def nghttp(self, path, *options):
        command = ["nghttp", "--no-verify-peer", "--verbose", "--timeout=60", *options,
                   "https://localhost:%d%s" % (self.node.api_https_port, path)]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout.decode("latin-1")

    def test_nghttp(self):
        path = os.path.join(suite.folder("upload"), "trailers")
        with open(path, "wb") as file:
            file.write(b"x" * 100000)
        self.nghttp("/plain/echo", "--data=" + path, "--no-content-length", "--trailer=x-sum: 7", "--trailer=cookie: a=b")
        seen = self.backend.requests[-1]
        self.assertEqual((seen.length, seen.trailers), (100000, [("x-sum", "7")]))
        said = self.nghttp("/plain/raw/chunked", "--header=te: trailers")
        self.assertIn("grpc-status: 0", said)
        self.assertIn("x-sum: 1", said)
        self.assertIn("trailer: X-Sum", said)
        self.assertNotIn("set-cookie", said)
        self.assertNotIn("grpc-status", self.nghttp("/plain/raw/chunked"))
        self.assertIn("grpc-status: 5", self.nghttp("/plain/raw/empty", "--header=te: trailers"))

    def test_http2_frames(self):
        client = Frames(self.open())
        client.send(frame(HEADERS, END_HEADERS, 1, request("/plain/echo", "POST")) + frame(DATA, 0, 1, b"hello")
                    + frame(HEADERS, END_HEADERS | END_STREAM, 1, block([("x-sum", "1"), ("authorization", "x")])))
        self.assertIn(b'"trailers": [["x-sum", "1"]]', client.expect(DATA)[3])
        # With a length the backend is told it, and there is no place behind the body.
        client.send(frame(HEADERS, END_HEADERS, 3, request("/plain/echo", "POST", ("content-length", "5")))
                    + frame(DATA, 0, 3, b"hello") + frame(HEADERS, END_HEADERS | END_STREAM, 3, block([("x-sum", "1")])))
        self.assertIn(b'"trailers": []', client.expect(DATA)[3])
        client.send(frame(HEADERS, END_HEADERS, 5, request("/plain/echo", "POST")) + frame(DATA, 0, 5, b"hello")
                    + frame(HEADERS, END_HEADERS | END_STREAM, 5, block([("a", "b")] * 65)))
        self.assertIn(b"431", client.expect(HEADERS)[3].replace(b"\x08\x03", b""))
        client.send(frame(HEADERS, END_HEADERS, 7, request("/plain/echo", "POST")) + frame(DATA, 0, 7, b"hello")
                    + frame(HEADERS, END_HEADERS | END_STREAM, 7, block([(":path", "/")])))
        self.assertEqual(client.expect(RST_STREAM)[2:], (7, struct.pack(">I", PROTOCOL_ERROR)))
        client.send(frame(HEADERS, END_HEADERS | END_STREAM, 9, request("/plain/raw/chunked", "GET", ("te", "trailers"))))
        self.assertEqual(client.expect(HEADERS)[1] & END_STREAM, 0)
        kinds = []
        while not kinds or not kinds[-1][1] & END_STREAM:
            kinds.append(client.next())
        self.assertEqual((kinds[-1][0], b"".join(payload for kind, _, _, payload in kinds if kind == DATA)), (HEADERS, b"hello"))
