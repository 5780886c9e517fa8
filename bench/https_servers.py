"""What bench/https asks: kinds of HTTPS requests, and the servers that only it needs."""

import base64

import servers

TOMCAT_JARS = ":".join("/usr/share/java/%s.jar" % name for name in ("tomcat10-embed-core", "jakarta-annotation-api"))
SOAP_PATH = "/services/APIKeyValidationService"
SOAP_HEADERS = {"Content-Type": 'application/soap+xml; charset=UTF-8; action="urn:getAllURITemplates"'}
TEMPLATES_CALL = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>
<q:getAllURITemplates xmlns:q="http://org.apache.axis2/xsd"><q:context>/inventory-00/1.0</q:context>
<q:version>1.0</q:version></q:getAllURITemplates></s:Body></s:Envelope>"""


def log_in(node, file_name):
    """The headers with which a gateway calls, into a file of the run: Basic credentials, and the session cookie that it
    got for the first call. Returns the file's path."""
    credentials = base64.b64encode(("admin:" + node.password).encode()).decode()
    response, body = node.post(SOAP_PATH, TEMPLATES_CALL, {"Authorization": "Basic " + credentials, **SOAP_HEADERS})
    cookie = response.getheader("Set-Cookie")
    if response.status != 200 or not cookie:
        raise servers.Failed("the node refused the first SOAP call: %d %s" % (response.status, body[:300]))
    node.bench.write(file_name, "Authorization: Basic %s\r\nCookie: %s\r\n" % (credentials, cookie.split(";")[0]))
    return node.bench.path(file_name)


class HttpsFace:
    """The HTTPS port of a server, and one kind of request for it (load-https --request)."""
    load_program = "bench/load-https"

    def __init__(self, server, request, headers_file):
        self.name, self.server, self.request, self.headers_file = server.name, server, request, headers_file

    @property
    def port(self):
        return self.server.https_port

    @property
    def process(self):
        return self.server.process

    @property
    def load_arguments(self):
        return ["--request", self.request, "--headers-file", self.headers_file]


class Tomcat(servers.JavaPeer):
    name, title = "tomcat", "Tomcat"

    def __init__(self, bench):
        super().__init__(bench)
        self.https_port = self.port

    def prepare(self):
        self.compile("TomcatServer", TOMCAT_JARS)
        self.make_key_store()

    def command(self, world):
        return self.java("TomcatServer", str(self.port), world, self.bench.headers_file, self.key_store,
                         self.bench.path("tomcat"))


class OpensslServer(servers.Server):
    """For handshakes alone: it serves one connection after the other."""
    name, title = "s_server", "openssl s_server"

    def __init__(self, bench):
        super().__init__(bench)
        self.https_port = self.port

    def command(self, world):
        rsa, ec = self.bench.ours.key_files
        # One ticket per handshake, as the node gives.
        return ["openssl", "s_server", "-accept", "127.0.0.1:%d" % self.port, "-cert", rsa, "-key", rsa, "-dcert", ec,
                "-dkey", ec, "-num_tickets", "1", "-www", "-quiet"]
