"""How much memory connections take on which nothing happens: each has had its handshake and one call."""

import os
import resource
import socket
import ssl
import time

import servers

CONNECTIONS = 10000
SPARE_DESCRIPTORS = 256
REST_SECONDS = 2  # what is given back after a call is given back by then


def raise_descriptors(wanted):
    """Of this process and of those that it starts. Returns: for how many connections there are enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    need = wanted + SPARE_DESCRIPTORS
    # A gateway keeps half of its descriptors for calls to backends.
    if hard != resource.RLIM_INFINITY and hard < 2 * need:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (2 * need, 2 * need))
            return wanted
        except (ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            return min(wanted, hard // 2 - SPARE_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * need), hard))
    return wanted


def open_one(context, port, request):
    """A connection after one call. Returns: its descriptor; what TLS knew of it is forgotten, because nothing is sent any more."""
    plain = socket.create_connection(("127.0.0.1", port), 30)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = context.wrap_socket(plain, server_hostname="localhost")
    connection.sendall(request)
    answer = b""
    while not answer.endswith(b"x" * 100):
        piece = connection.recv(4096)
        if not piece:
            raise servers.Failed("port %d ended a connection in the middle of an answer: %r" % (port, answer[:300]))
        answer += piece
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise servers.Failed("port %d answered: %r" % (port, answer[:300]))
    return connection.detach()


def measure(server, path, token, connections):
    """Returns: MB resident before, and with so many connections."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    request = ("GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n" % (path, token)).encode()
    descriptors = []
    before = server.memory_mb()
    try:
        for _ in range(connections):
            descriptors.append(open_one(context, server.load_ports[1], request))
        time.sleep(REST_SECONDS)
        return before, server.memory_mb()
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
