"""A backend for gateways: HTTP/1.1 on plain sockets, a thread for each connection, so that a test decides every byte.

What it does is named by the last segments of a request's path:

    .../echo            the request as JSON: method, target, headers (list of pairs), length and SHA-256 of the body
    .../bytes/N         N bytes by Content-Length; .../chunks/N the same in chunks; .../end/N until the connection ends
    .../status/N        an empty answer of that status
    .../raw/NAME        the bytes that answers[NAME] holds, then the connection ends
    .../early           answers 413 before it reads the body, and ends
    .../hold            answers when release() was called, unless whoever asked has gone before
"""

import hashlib
import json
import re
import select
import socket
import threading
import time

PATTERN = bytes(range(256)) * 256


def pieces(length):
    """The body of so many bytes, in pieces."""
    while length > 0:
        piece = PATTERN[:min(length, len(PATTERN))]
        length -= len(piece)
        yield piece


def digest(length):
    sha = hashlib.sha256()
    for piece in pieces(length):
        sha.update(piece)
    return sha.hexdigest()


class Stream:
    """Reads lines and bytes of a socket."""

    def __init__(self, connection):
        self.connection, self.buffer = connection, bytearray()

    def more(self):
        data = self.connection.recv(262144)
        self.buffer += data
        return data

    def line(self):
        while b"\r\n" not in self.buffer:
            if not self.more():
                return None
        line, _, rest = bytes(self.buffer).partition(b"\r\n")
        self.buffer = bytearray(rest)
        return line

    def take(self, length):
        """Yields the next so many bytes."""
        while length > 0:
            if not self.buffer and not self.more():
                raise ConnectionError("the body is cut off")
            data = bytes(self.buffer[:length])
            del self.buffer[:length]
            length -= len(data)
            yield data


class Request:
    def __init__(self, line, headers):
        self.line, self.headers = line, headers
        self.method, self.target, _ = line.split(" ")
        self.length, self.body, self.trailers = 0, hashlib.sha256(), []

    def header(self, name):
        return [value for other, value in self.headers if other.lower() == name.lower()]

    @property
    def json(self):
        return {"method": self.method, "target": self.target, "headers": self.headers, "trailers": self.trailers,
                "length": self.length, "sha256": self.body.hexdigest()}


class Backend:
    def __init__(self, port=0):
        self.answers = {}
        self.requests = []  # all that came whole, in order
        self.begun = []     # targets, as soon as a head is there
        self.abandoned = [] # targets whose connection ended before the request, or its answer, was whole
        self.connections = 0
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path=""):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def release(self):
        self._released.set()

    def close(self):
        self.release()
        # A thread that waits in accept() would keep the port open.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = Stream(connection)
            stream.target = None  # of the request in progress
            try:
                while self._one(connection, stream):
                    stream.target = None
            except (ConnectionError, OSError):
                if stream.target is not None:
                    self.abandoned.append(stream.target)

    def _one(self, connection, stream):
        line = stream.line()
        if line is None:
            return False
        headers = []
        for field in iter(stream.line, b""):
            if field is None:
                return False
            name, _, value = field.decode("latin-1").partition(":")
            headers.append((name, value.strip()))
        request = Request(line.decode("latin-1"), headers)
        stream.target = request.target
        self.begun.append(request.target)
        path = request.target.partition("?")[0]
        if path.endswith("/early"):
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
            return False
        self._read_body(request, stream)
        self.requests.append(request)
        return self._answer(connection, request, path)

    @staticmethod
    def _read_body(request, stream):
        def take(length):
            for data in stream.take(length):
                request.body.update(data)
                request.length += len(data)
        if request.header("Transfer-Encoding"):
            while True:
                size = int(stream.line().partition(b";")[0], 16)
                take(size)
                if size == 0:
                    while (line := stream.line()):
                        name, _, value = line.decode("latin-1").partition(":")
                        request.trailers.append((name, value.strip()))
                    return
                assert stream.line() == b""
        elif request.header("Content-Length"):
            take(int(request.header("Content-Length")[0]))

    def _answer(self, connection, request, path):
        head_only = request.method == "HEAD"
        sized = re.search(r"/(bytes|chunks|end|status)/(\d+)$", path)
        raw = re.search(r"/raw/([\w.-]+)$", path)
        if raw:
            connection.sendall(self.answers[raw.group(1)])
            return False
        if path.endswith("/hold"):
            self._hold(connection)
        if not sized:
            body = json.dumps(request.json).encode()
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Backend: yes\r\nContent-Length: %d\r\n\r\n"
            connection.sendall((head % len(body)).encode() + (b"" if head_only else body))
            return True
        kind, number = sized.group(1), int(sized.group(2))
        if kind == "status":
            length = "" if number in (204, 304) else "Content-Length: 0\r\n"
            connection.sendall(("HTTP/1.1 %d Status\r\n%s\r\n" % (number, length)).encode())
            return True
        framing = {"bytes": "Content-Length: %d\r\n" % number, "chunks": "Transfer-Encoding: chunked\r\n",
                   "end": "Connection: close\r\n"}[kind]
        connection.sendall(("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n%s\r\n" % framing).encode())
        if not head_only:
            self._send_pieces(connection, kind, number)
        return kind != "end"

    def _hold(self, connection):
        deadline = time.monotonic() + 60
        while not self._released.wait(0.05) and time.monotonic() < deadline:
            if select.select([connection], [], [], 0)[0] and not connection.recv(1, socket.MSG_PEEK):
                raise ConnectionError("nobody waits for the answer")

    @staticmethod
    def _send_pieces(connection, kind, number):
        for piece in pieces(number):
            connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if kind == "chunks" else piece)
        if kind == "chunks":
            connection.sendall(b"0\r\n\r\n")
