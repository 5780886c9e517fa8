"""A Key Manager of the Apache Thrift Python library: the port of APIKeyValidationService over TLS and the login over
HTTPS, as WSO2's servers carry them (specification 3.2, 4.2). It knows one token, and the sessions that it gave."""

import http.server
import ssl
import threading
import uuid

from thrift.protocol import TBinaryProtocol, TCompactProtocol
from thrift.server import TServer
from thrift.transport import TSSLSocket, TTransport

import suite
from clients import LOGIN_PATH, generated


class _ServerSocket(TSSLSocket.TSSLServerSocket):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.clients = []

    def accept(self):
        if self.handle is None:
            raise SystemExit  # stopped: the library would ask again for ever
        client = super().accept()
        if client is not None:
            self.clients.append(client)
        return client


class _Service:
    def __init__(self, manager):
        self.manager = manager

    def _check(self, session):
        if session not in self.manager.sessions:
            raise generated("gen4.ttypes").APIKeyMgtException("Invalid session id for thrift authenticator.")

    def validateKey(self, context, version, token, session, level, domain, resource, verb):
        self._check(session)
        good = token == self.manager.token
        return generated("gen4.ttypes").APIKeyValidationInfoDTO(
            authorized=good, validationStatus=0 if good else 900901, tier="Gold", applicationName=context + resource,
            endUserName="bob", validityPeriod=0x7fffffffffffffff, throttlingDataList=["a", "b"], scopes={"x"})

    def getAllURITemplates(self, context, version, session):
        self._check(session)
        template = generated("gen4.ttypes").URITemplate
        return [template(uriTemplate="/a/%d" % number, httpVerb="GET", authType="Any", throttlingTier="Gold",
                         throttlingConditions=["_default"]) for number in range(300)]


class _Login:
    def __init__(self, manager):
        self.manager = manager

    def authenticate(self, user, password):
        if (user, password) != ("gateway", self.manager.password):
            raise generated("authentication.ttypes").AuthenticationException("User '%s' not authenticated." % user)
        session = suite.secret(str(uuid.uuid4()))
        self.manager.sessions.add(session)
        return session


class LibraryKeyManager:
    def __init__(self, certificate, key):
        self.token = suite.secret(uuid.uuid4().hex)
        self.password = suite.secret(uuid.uuid4().hex)
        self.sessions = set()
        self.thrift_port, self.https_port = suite.free_port(), suite.free_port()
        self._socket = _ServerSocket("127.0.0.1", self.thrift_port, certfile=certificate, keyfile=key,
                                     cert_reqs=ssl.CERT_NONE)
        self._start_thrift()
        self._start_login(certificate, key)

    def _start_thrift(self):
        processor = generated("gen4.APIKeyValidationService").Processor(_Service(self))
        server = TServer.TThreadedServer(processor, self._socket, TTransport.TBufferedTransportFactory(),
                                         TBinaryProtocol.TBinaryProtocolFactory(), daemon=True)
        threading.Thread(target=server.serve, daemon=True).start()

    def _start_login(self, certificate, key):
        processor = generated("authentication.AuthenticatorService").Processor(_Login(self))

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != LOGIN_PATH or self.headers["Content-Type"] != "application/x-thrift":
                    self.send_error(404)
                    return
                answer = TTransport.TMemoryBuffer()
                processor.process(TCompactProtocol.TCompactProtocol(TTransport.TMemoryBuffer(body)),
                                  TCompactProtocol.TCompactProtocol(answer))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-thrift")
                self.send_header("Content-Length", str(len(answer.getvalue())))
                self.end_headers()
                self.wfile.write(answer.getvalue())

            def log_message(self, *arguments):
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", self.https_port), Handler)
        self._http.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close_connections(self):
        """As Java's server does with those that were idle for 10 s."""
        for client in self._socket.clients:
            client.close()
        self._socket.clients.clear()

    def stop(self):
        self._http.shutdown()
        self._http.server_close()
        self._socket.close()
        self.close_connections()
