"""Thrift clients that nobody here wrote: the Apache Thrift Python library with code generated from each IDL."""

import contextlib
import http.client
import importlib
import os
import ssl
import subprocess
import sys
import warnings

from thrift.protocol import TBinaryProtocol, TCompactProtocol
from thrift.transport import THttpClient, TSSLSocket, TTransport

import suite

LOGIN_PATH = "/thriftAuthenticator"

warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"thrift\.")  # the library is older than Python

_generated = None


def generated(module):
    """A module of the generated code, such as "gen4.APIKeyValidationService"."""
    global _generated
    if _generated is None:
        _generated = suite.folder("gen-py")
        for idl in sorted(os.listdir(os.path.join(suite.SOURCE, "idl"))):
            subprocess.run(["thrift", "--gen", "py", "-out", _generated, os.path.join(suite.SOURCE, "idl", idl)],
                           check=True)
        sys.path.insert(0, _generated)
    return importlib.import_module(module)


class HttpLogin:
    """The login service over HTTPS with TCompactProtocol."""

    def __init__(self, node, path=LOGIN_PATH):
        self.node, self.path = node, path

    def session(self, user, password):
        """Logs in through the Thrift library; raises what the library raises."""
        transport = THttpClient.THttpClient("https://localhost:%d%s" % (self.node.https_port, self.path),
                                            ssl_context=self.node.tls_context())
        transport.setTimeout(30000)
        client = generated("authentication.AuthenticatorService").Client(
            TCompactProtocol.TCompactProtocol(transport))
        try:
            return suite.secret(client.authenticate(user, password))
        finally:
            transport.close()

    def exchange(self, body, method="POST", source="127.0.0.1"):
        """One HTTP request with this body. Returns (status, content type, body)."""
        connection = self.connect(source)
        try:
            return self.exchange_on(connection, body, method)
        finally:
            connection.close()

    def connect(self, source="127.0.0.1"):
        connection = http.client.HTTPSConnection("127.0.0.1", self.node.https_port, timeout=120,
                                                 context=self.node.tls_context(), source_address=(source, 0))
        connection.connect()
        return connection

    def exchange_on(self, connection, body, method="POST"):
        connection.request(method, self.path, body=body, headers={"Content-Type": "application/x-thrift"})
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type"), response.read()


def compact_login(user, password):
    """The body of a login request (specification 8.1, 9.8); texts below 128 bytes."""
    def text(value):
        return bytes([len(value.encode())]) + value.encode()
    return b"\x82\x21\x01" + text("authenticate") + b"\x18" + text(user) + b"\x18" + text(password) + b"\x00"


@contextlib.contextmanager
def generation(name, node):
    """A connected client of one IDL generation ("gen1" .. "gen4"), binary protocol over TLS."""
    socket = TSSLSocket.TSSLSocket("127.0.0.1", node.thrift_port, cert_reqs=ssl.CERT_REQUIRED,
                                   ca_certs=node.certificate)
    socket.setTimeout(30000)
    transport = TTransport.TBufferedTransport(socket)
    transport.open()
    try:
        yield generated(name + ".APIKeyValidationService").Client(TBinaryProtocol.TBinaryProtocol(transport))
    finally:
        transport.close()
