"""A backend for load: answers at once, from memory, on a plain and on a TLS port. A process of its own, because a gateway under
test must not wait for the test's threads.

    soak_backend.py CERTIFICATE KEY         prints its two ports, ends with its standard input

    /.../N       N bytes, whatever the method; a request's body is read and dropped
    else         the path

A connection ends after some requests, as those of every web server do: the plain one says so, the other one does not.
"""

import asyncio
import functools
import re
import ssl
import sys

HEAD = re.compile(rb"\A[A-Z]+ (/[^? ]*)(?:\?\S*)? HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
MAX_REQUESTS = 100  # of a connection
BAD, ENDS = b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", b"\r\n\r\n"


def answer(path, ends):
    name = path.rpartition(b"/")[2]
    body = b"x" * int(name) if name.isdigit() else path
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%sContent-Length: %d\r\n\r\n%s" % (
        b"Connection: close\r\n" if ends else b"", len(body), body)


class Connection(asyncio.Protocol):
    def __init__(self, says_so):
        self.says_so, self.requests = says_so, 0
        self.buffer, self.left, self.answer = b"", 0, None  # left: of the body that is coming

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.buffer += data
        while self.step():
            pass

    def step(self):
        """Whether there may be more to do with what is there."""
        if self.answer is None and not self.take_head():
            return False
        dropped = min(self.left, len(self.buffer))
        self.buffer, self.left = self.buffer[dropped:], self.left - dropped
        if self.left > 0:
            return False
        self.transport.write(self.answer)
        self.answer = None
        if self.requests == MAX_REQUESTS:
            self.transport.close()
            return False
        return bool(self.buffer)

    def take_head(self):
        head, end, rest = self.buffer.partition(ENDS)
        if not end:
            return False
        line, length = HEAD.match(head + end), LENGTH.search(head)
        if line is None:
            self.transport.write(BAD)
            self.transport.close()
            self.buffer = b""
            return False
        self.buffer, self.left = rest, int(length.group(1)) if length else 0
        self.requests += 1
        self.answer = answer(line.group(1), self.says_so and self.requests == MAX_REQUESTS)
        return True


async def main(certificate, key):
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    servers = [await loop.create_server(functools.partial(Connection, tls is None), "127.0.0.1", 0, backlog=2048, ssl=tls)
               for tls in (None, context)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
