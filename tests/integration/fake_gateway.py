"""A gateway's APIAuthenticationService, as a server that nobody here wrote (Python's) speaks TLS and HTTP: it keeps what
it is told, and can refuse, be older, or hang."""

import base64
import http.server
import os
import socket
import ssl
import subprocess
import threading
import xml.etree.ElementTree as ElementTree

import suite

SERVICE = "http://service.security.handlers.gateway.apimgt.carbon.wso2.org"
ENVELOPE = "{http://www.w3.org/2003/05/soap-envelope}"
FAULT = ('<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Receiver'
         '</e:Value></e:Code><e:Reason><e:Text xml:lang="en">The endpoint reference (EPR) for the Operation not found'
         '</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>')


class FakeGateway:
    USER, PASSWORD = "gwadmin", "gw<&>secret"
    MAX_BYTES, MAX_ELEMENTS = 256 * 1024, 512  # what services of this product read, unless they say otherwise

    def __init__(self):
        folder = suite.folder("gateway")
        self.certificate = os.path.join(folder, "gateway.pem")
        key = os.path.join(folder, "gateway-key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                        "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.certificate, key)
        self.port = suite.free_port()
        self.messages = []  # (operation, element)
        self.attempts = 0   # calls, admitted or not
        self.refuses = self.hangs = False
        self.lacks = ()     # operations of later releases
        self.server = None

    @property
    def environment(self):
        """The element of api-manager.xml."""
        return ('<APIGateway><Environments><Environment type="hybrid" api-console="true"><Name>Production and Sandbox</Name>'
                '<ServerURL>https://localhost:%d/services/</ServerURL><Username>%s</Username>'
                '<Password>gw&lt;&amp;&gt;secret</Password></Environment></Environments></APIGateway>'
                % (self.port, self.USER))

    def start(self):
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = gateway.take(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml; charset=UTF-8")
                self.send_header("Set-Cookie", "JSESSIONID=gateway1; Path=/; Secure; HttpOnly")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                connection, address = super().get_request()
                if not gateway.hangs:
                    connection = gateway.tls.wrap_socket(connection, server_side=True)
                return connection, address

            def handle_error(self, request, address):
                pass  # a peer that goes away

            def finish_request(self, request, address):
                if gateway.hangs:
                    gateway.attempts += 1
                    gateway.released.wait(30)
                    return
                super().finish_request(request, address)

        self.released = threading.Event()
        self.server = Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server is not None:
            self.released.set()
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, path, headers, body):
        """(status, answer)"""
        self.attempts += 1
        credentials = base64.b64encode(("%s:%s" % (self.USER, self.PASSWORD)).encode()).decode()
        if self.refuses or headers["Authorization"] != "Basic " + credentials:
            return 401, b""
        assert path == "/services/APIAuthenticationService", path
        envelope = ElementTree.fromstring(body)
        if len(body) > self.MAX_BYTES or sum(1 for _ in envelope.iter()) > self.MAX_ELEMENTS:
            return 500, FAULT.encode()
        element = envelope.find(ENVELOPE + "Body")[0]
        operation = element.tag.removeprefix("{%s}" % SERVICE)
        assert 'action="urn:%s"' % operation in headers["Content-Type"], headers["Content-Type"]
        if operation in self.lacks:
            return 500, FAULT.encode()
        self.messages.append((operation, element))
        return 202, b""

    # What was told -------------------------------------------------------------------------------------------------

    def mappings(self, token):
        """(context, version) of each mapping of the token, in order."""
        xsd = "{%s/xsd}" % SERVICE
        found = []
        for operation, element in list(self.messages):
            if operation != "invalidateKeys":
                continue
            for mapping in element:
                assert mapping.tag == "{%s}mappings" % SERVICE, mapping.tag
                assert [child.tag for child in mapping] == [xsd + "apiVersion", xsd + "context", xsd + "key"]
                if mapping[2].text == token:
                    found.append((mapping[1].text, mapping[0].text))
        return found

    def tokens(self):
        return [child.text for operation, element in list(self.messages) if operation == "invalidateCachedTokens"
                for child in element]
