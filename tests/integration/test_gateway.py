"""Calls of APIs through the gateway, with tokens of the Key Manager of the same node (specification, gateway 1, 2, 11)."""

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time

import backend
import suite
import synapse
from backend import Backend
from harness import NodeTest
from node import STOP_SECONDS
from oauth import Client
from rest import Rest, basic

MIB = 1024 * 1024
LARGE = int(os.environ.get("APIM_TEST_STREAM_MB", "20" if suite.brief else "100")) * MIB


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.trailers = []

    def header(self, name):
        values = [value for other, value in self.headers if other.lower() == name.lower()]
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)


def read_answer(stream, to_head=False):
    """One answer of a backend.Stream; interim ones are answers, too."""
    line = stream.line()
    if line is None:
        raise EOFError
    status, headers = int(line.split()[1]), []
    for field in iter(stream.line, b""):
        name, _, value = field.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    answer = Answer(status, headers, b"")
    if to_head or status in (100, 204, 304):
        return answer
    if answer.header("Transfer-Encoding"):
        while True:
            size = int(stream.line(), 16)
            answer.body += b"".join(stream.take(size))
            while size == 0 and (line := stream.line()) != b"":
                name, _, value = line.decode("latin-1").partition(":")
                answer.trailers.append((name, value.strip()))
            if size == 0:
                return answer
            assert stream.line() == b""
    answer.body = b"".join(stream.take(int(answer.header("Content-Length"))))
    return answer


class CallsThroughGateway:
    """For tests with self.node."""

    def open(self, https=False):
        connection = socket.create_connection(("127.0.0.1", self.node.api_https_port if https
                                               else self.node.api_http_port), timeout=120)
        if https:
            connection = self.node.tls_context().wrap_socket(connection, server_hostname="localhost")
        self.addCleanup(connection.close)
        return connection

    def head(self, method, path, token=None, *fields):
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: gateway.example"]
        if token is not None:
            lines.append("Authorization: Bearer " + token)
        return ("\r\n".join(lines + list(fields)) + "\r\n\r\n").encode("latin-1")

    def send(self, data, to_head=False, https=False):
        """The answer to these bytes, on a connection of their own."""
        connection = self.open(https)
        connection.sendall(data)
        return read_answer(backend.Stream(connection), to_head)

    def call(self, method, path, token=None, *fields, https=False):
        return self.send(self.head(method, path, token, *fields), method == "HEAD", https)

    def get(self, path, token=None, *fields, **options):
        return self.call("GET", path, token, *fields, **options)

    def throttled(self, answer, status, code):
        self.assertEqual(answer.status, status, answer.body)
        self.assertIn(b"<amt:code>%d</amt:code>" % code, answer.body)

    def refused(self, answer, status, code):
        self.assertEqual(answer.status, status, answer.body)
        self.assertIn(b"<ams:code>%d</ams:code>" % code, answer.body)


class GatewayTest(CallsThroughGateway, NodeTest):
    @classmethod
    def setUpClass(cls):
        cls.backend = Backend()
        cls.addClassCleanup(cls.backend.close)
        cls.node = cls.new_node(**cls.options)
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare()
        cls.world = cls.node.world
        cls.make_world()
        cls.deploy()
        cls.node.start()

    @classmethod
    def add_api(cls, number, name, context, resources):
        """Into the Key Manager's database, with a subscription of PhoneApp."""
        cls.world._api(number, name, context, resources)
        cls.world._subscribe(7, number)

    @classmethod
    def make_world(cls):
        cls.add_api(200, "Stream", "/stream/1.0", [("/*", verb) for verb in ("GET", "POST", "PUT", "HEAD", "DELETE")])
        cls.world.apimgt.insert("AM_API_URL_MAPPING", [dict(
            API_ID=200, HTTP_METHOD="GET", AUTH_SCHEME="None", URL_PATTERN="/open/*", THROTTLING_TIER="Unlimited")])

    @classmethod
    def deploy(cls):
        send = synapse.by_key_type(synapse.address(cls.backend.url("/base")))
        synapse.deploy(cls.node, "carol--Stream_v1.0", synapse.api("carol--Stream", "/stream/{version}", [
            ('url-mapping="/open/*"', "GET", "<send>%s</send>" % synapse.address(cls.backend.url("/base/"))),
            ('url-mapping="/*"', "GET POST PUT HEAD DELETE", send)]))
        synapse.deploy(cls.node, "carol--Weather_v1.0", synapse.api("carol--Weather", "/weather/{version}", [
            ('url-mapping="/city/*"', "GET", send)]))
        synapse.deploy(cls.node, "carol--Weather_v2.0", synapse.api("carol--Weather", "/weather/{version}", [
            ('url-mapping="/city/*"', "GET", send)], version="2.0"))
        synapse.deploy(cls.node, "carol--Weather", synapse.default_version("carol--Weather", "/weather", "/weather/2.0",
                                                                           https=False))

    @property
    def token(self):
        return self.world.good.token

    def alive(self):
        answer = self.get("/stream/1.0/echo", self.token)
        self.assertEqual(answer.status, 200, answer.body)


class Gateway(GatewayTest):
    options = dict(apimd="<AccessLog>access.log</AccessLog><AccessLogForm>json</AccessLogForm>")

    @classmethod
    def make_world(cls):
        super().make_world()
        cls.add_api(201, "Limited", "/limited/1.0", [("/*", "GET")])

    @classmethod
    def deploy(cls):
        super().deploy()
        address = synapse.address(cls.backend.url("/base"))
        synapse.deploy(cls.node, "carol--Limited_v1.0", synapse.api("carol--Limited", "/limited/{version}", [
            ('url-mapping="/*"', "GET", synapse.by_key_type(address, address))], handlers=synapse.limited(2, 1, 3600000)))

    def test_access_log(self):
        path = "/stream/1.0/logged/echo?access_token=" + self.token
        self.assertEqual(self.get(path, self.token, "User-Agent: the tester").status, 200)
        self.assertEqual(self.get("/stream/1.0/logged/echo", None, "User-Agent: the tester").status, 401)

        def lines():
            return [json.loads(line) for line in self.node.read("access.log").splitlines() if "/logged/" in line]
        self.eventually(lambda: len(lines()) == 2, 5, "both are written")
        self.assertEqual(sorted(line["status"] for line in lines()), [200, 401])  # each worker writes its own
        self.assertEqual({line["api"] for line in lines()}, {"carol--Stream:v1.0"})
        self.assertNotIn(self.token, self.node.read("access.log"))
        os.rename(self.node.path("access.log"), self.node.path("access.old"))
        begin = self.node.log_size()
        self.node.signal(signal.SIGHUP)
        self.node.wait_for_log("reloaded", begin)
        self.alive()
        self.eventually(lambda: os.path.exists(self.node.path("access.log"))
                        and "/stream/1.0/echo" in self.node.read("access.log"), 5, "a new file")

    def test_call(self):
        for https in (False, True):
            answer = self.get("/stream/1.0/a/echo?q=1&r=%20", self.token, "X-Own: 1", https=https)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.header("X-Backend"), "yes")
            seen = answer.json
            self.assertEqual((seen["method"], seen["target"], seen["length"]), ("GET", "/base/a/echo?q=1&r=%20", 0))
            headers = {name.lower(): value for name, value in seen["headers"]}
            self.assertEqual(headers["host"], "127.0.0.1:%d" % self.backend.port)
            self.assertEqual(headers["x-own"], "1")
            self.assertNotIn("authorization", headers)

    def test_who_is_refused(self):
        before = len(self.backend.requests)
        self.refused(self.get("/stream/1.0/echo"), 401, 900902)
        answer = self.get("/stream/1.0/echo", self.world.unknown.token)
        self.refused(answer, 401, 900901)
        self.assertIn("WSO2 API Manager", answer.header("WWW-Authenticate"))
        self.refused(self.get("/stream/1.0/echo", self.world.expired.token), 401, 900901)
        self.refused(self.get("/stream/1.0/echo", self.world.revoked.token), 401, 900901)
        self.refused(self.get("/stream/1.0/echo", self.token, "Authorization: Bearer " + self.token), 401, 900901)
        self.assertEqual(len(self.backend.requests), before)

    def test_revoked(self):
        key = self.world.key_of()
        self.assertEqual(self.get("/stream/1.0/echo", key.token).status, 200)
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED' WHERE ACCESS_TOKEN = ?",
                                  [key.token])
        self.eventually(lambda: self.get("/stream/1.0/echo", key.token).status == 401, 5, "the token is refused")

    def test_revoked_here(self):
        """Refused at once: the very next call."""
        client = Client(self.node)
        token = client.token("client_credentials").json["access_token"]
        for _ in range(3):
            self.assertEqual(self.get("/weather/1.0/city/echo", token).status, 200)
        self.assertEqual(client.revoke(token).status, 200)
        self.refused(self.get("/weather/1.0/city/echo", token), 401, 900901)

    def test_blocked(self):
        """By API, application, user and address, as soon as somebody says so, and no longer."""
        rest = Rest.login(self.node)
        self.alive()
        for kind, value, open_too in (("API", "/stream/1.0", True), ("APPLICATION", "alice:PhoneApp", False),
                                      ("USER", "bob", False), ("IP", "127.0.0.1", True)):
            answer = rest.admin("POST", "/throttling/blacklist", {"conditionType": kind, "conditionValue": value})
            self.assertEqual(answer.status, 201, answer.body)
            self.eventually(lambda: self.get("/stream/1.0/echo", self.token).status == 403, 20, "%s is blocked" % kind)
            answer = self.get("/stream/1.0/echo", self.token)
            self.throttled(answer, 403, 900805)
            self.assertEqual(self.get("/stream/1.0/open/echo").status, 403 if open_too else 200, kind)
            self.refused(self.get("/stream/1.0/echo"), 401, 900902)
            answer = rest.admin("DELETE", "/throttling/blacklist/" + rest.admin(
                "GET", "/throttling/blacklist").json["list"][-1]["conditionId"])
            self.assertEqual(answer.status, 200, answer.body)
            self.eventually(lambda: self.get("/stream/1.0/echo", self.token).status == 200, 20, "%s is free" % kind)

    def test_hard_limits(self):
        path = "/limited/1.0/echo"
        self.assertEqual(self.get(path, self.world.sandbox.token).status, 200)
        self.throttled(self.get(path, self.world.sandbox.token), 503, 900801)
        self.assertEqual([self.get(path, self.token).status for _ in range(3)], [200, 200, 503])
        answer = self.get(path, self.token, "Accept: application/json")
        self.assertEqual(answer.json["fault"], {"code": 900801, "message": "API Limit Reached",
                                                "description": "API not accepting requests"})

    def test_password_of_the_vault(self):
        """As a Publisher does it: first the API, then the password that it looks up."""
        steps = "".join('<property name="%s" expression="%s"%s/>' % step for step in (
            ("password", "wso2:vault-lookup('admin--Guarded1.0.0')", ""),
            ("unpw", "fn:concat('user',':',get-property('password'))", ""),
            ("Authorization", "fn:concat('Basic ', base64Encode(get-property('unpw')))", ' scope="transport"')))
        synapse.deploy(self.node, "Guarded", synapse.api("Guarded", "/guarded", [
            ('url-mapping="/*"', "GET", steps + "<send>%s</send>" % synapse.address(self.backend.url("/base")))],
            handlers=synapse.CORS_ONLY, version=None))
        self.eventually(lambda: self.get("/guarded/echo").status == 500, 10, "nothing goes out without the password")
        password = suite.secret("the endpoint's own password")
        body = ('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><n:doEncryption xmlns:n='
                '"http://service.gateway.apimgt.carbon.wso2.org"><n:secureVaultAlias>admin--Guarded1.0.0</n:secureVaultAlias>'
                '<n:plainTextPass>%s</n:plainTextPass></n:doEncryption></e:Body></e:Envelope>' % password).encode()
        connection = http.client.HTTPSConnection("localhost", self.node.https_port, context=self.node.tls_context(), timeout=120)
        self.addCleanup(connection.close)
        connection.request("POST", "/services/APIGatewayAdmin", body, {
            "Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '"urn:doEncryption"',
            "Authorization": basic("admin", self.node.admin_password)})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200, answer.read())
        answer = self.get("/guarded/echo")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.backend.requests[-1].header("Authorization"), [basic("user", password)])

    def test_not_found(self):
        unknown = self.get("/nowhere", self.token)
        self.assertEqual(unknown.status, 404)
        self.assertIn(b"<am:code>404</am:code>", unknown.body)
        self.assertEqual(self.get("/weather/1.0/nothing", self.token).status, 404)
        self.assertEqual(self.call("POST", "/weather/1.0/city/x", self.token, "Content-Length: 0").status, 405)

    def test_sandbox_key(self):
        answer = self.get("/stream/1.0/echo", self.world.sandbox.token)
        self.assertEqual(answer.status, 403)
        self.assertIn(b"Sandbox key offered to the API with no sandbox endpoint", answer.body)

    def test_open_resource(self):
        self.assertEqual(self.get("/stream/1.0/open/echo").json["target"], "/base/open/echo")

    def test_preflight(self):
        answer = self.call("OPTIONS", "/stream/1.0/x", None, "Origin: https://a.example",
                           "Access-Control-Request-Method: POST")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.header("Access-Control-Allow-Origin"), "*")
        self.assertIn("POST", answer.header("Access-Control-Allow-Methods"))

    def test_default_version(self):
        answer = self.get("/weather/city/echo?x=1", self.token)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["target"], "/base/city/echo?x=1")
        self.assertNotIn("wso2_am_api_default_version", [name.lower() for name, _ in answer.json["headers"]])
        # A client cannot make itself the default version's.
        answer = self.get("/weather/city/echo", self.token, "WSO2_AM_API_DEFAULT_VERSION: true")
        self.assertEqual(answer.status, 200, answer.body)

    def test_methods_and_framings(self):
        stream = self.open()
        reader = backend.Stream(stream)
        stream.sendall(self.head("HEAD", "/stream/1.0/bytes/1000", self.token))
        answer = read_answer(reader, to_head=True)
        self.assertEqual((answer.status, answer.header("Content-Length")), (200, "1000"))
        for kind in ("bytes", "chunks", "end"):
            stream.sendall(self.head("GET", "/stream/1.0/%s/70000" % kind, self.token))
            self.assertEqual(hashlib.sha256(read_answer(reader).body).hexdigest(), backend.digest(70000), kind)
        for status in (204, 304, 500):
            stream.sendall(self.head("GET", "/stream/1.0/status/%d" % status, self.token))
            self.assertEqual(read_answer(reader).status, status)
        body = b"a" * 3000
        stream.sendall(self.head("PUT", "/stream/1.0/echo", self.token, "Content-Length: 3000") + body)
        seen = read_answer(reader).json
        self.assertEqual((seen["method"], seen["length"], seen["sha256"]),
                         ("PUT", 3000, hashlib.sha256(body).hexdigest()))
        stream.sendall(self.head("POST", "/stream/1.0/echo", self.token, "Transfer-Encoding: chunked")
                       + b"5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n")
        self.assertEqual(read_answer(reader).json["sha256"], hashlib.sha256(b"hello!").hexdigest())
        stream.sendall(self.head("DELETE", "/stream/1.0/echo", self.token))
        self.assertEqual(read_answer(reader).json["method"], "DELETE")

    def test_old_client(self):
        """HTTP/1.0: no chunks, and the end of the connection ends what has no length."""
        connection = self.open()
        connection.sendall(("GET /stream/1.0/chunks/70000 HTTP/1.0\r\nAuthorization: Bearer %s\r\n\r\n"
                            % self.token).encode())
        data = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = data.partition(b"\r\n\r\n")
        self.assertNotIn(b"chunked", head.lower())
        self.assertEqual(hashlib.sha256(body).hexdigest(), backend.digest(70000))

    def test_pipelining(self):
        connection = self.open()
        connection.sendall(b"".join(self.head("GET", "/stream/1.0/%d/echo" % number, self.token) for number in range(50))
                           + self.head("GET", "/stream/1.0/echo")
                           + self.head("POST", "/stream/1.0/last/echo", self.token, "Content-Length: 2") + b"ab")
        reader = backend.Stream(connection)
        for number in range(50):
            self.assertEqual(read_answer(reader).json["target"], "/base/%d/echo" % number)
        self.assertEqual(read_answer(reader).status, 401)
        self.assertEqual(read_answer(reader).json["length"], 2)

    def test_unwanted_body(self):
        """A small body of a refused request stands before the next request; a large one ends the connection."""
        connection = self.open()
        connection.sendall(self.head("POST", "/stream/1.0/echo", None, "Content-Length: 5000"))
        reader = backend.Stream(connection)
        self.assertEqual(read_answer(reader).status, 401)
        connection.sendall(b"x" * 5000 + self.head("GET", "/stream/1.0/echo", self.token))
        self.assertEqual(read_answer(reader).status, 200)
        answer = self.send(self.head("POST", "/stream/1.0/echo", None, "Content-Length: 500000"))
        self.assertEqual((answer.status, answer.header("Connection")), (401, "close"))

    def test_expect(self):
        connection = self.open()
        reader = backend.Stream(connection)
        connection.sendall(self.head("POST", "/stream/1.0/echo", self.token, "Content-Length: 5",
                                     "Expect: 100-continue"))
        self.assertEqual(read_answer(reader).status, 100)
        connection.sendall(b"hello")
        self.assertEqual(read_answer(reader).json["length"], 5)
        answer = self.send(self.head("POST", "/stream/1.0/echo", "nobody", "Content-Length: 5", "Expect: 100-continue"))
        self.assertEqual((answer.status, answer.header("Connection")), (401, "close"))

    def test_backend_continues_unasked(self):
        """100 of a backend that answers at once afterwards, to a client that has not sent its body: one answer, and no 100 that
        the client could take for leave to send."""
        self.backend.answers["race"] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"
        connection = self.open()
        connection.sendall(self.head("POST", "/stream/1.0/raw/race", self.token, "Content-Length: 5", "Expect: 100-continue"))
        stream = backend.Stream(connection)
        self.assertEqual(read_answer(stream).status, 100)  # the gateway's own, once the call is let through
        connection.sendall(b"hello")
        self.assertEqual(read_answer(stream).status, 403)

    def test_early_answer(self):
        connection = self.open()
        connection.sendall(self.head("POST", "/stream/1.0/early", self.token, "Content-Length: 50000000"))
        answer = read_answer(backend.Stream(connection))
        self.assertEqual((answer.status, answer.body), (413, b"big"))
        self.alive()

    def test_file_changes(self):
        send = "<send>%s</send>" % synapse.address(self.backend.url("/new"))
        text = synapse.api("carol--Fresh", "/fresh/{version}", [('url-mapping="/*"', "GET", send)],
                           handlers=synapse.CORS_ONLY)
        self.assertEqual(self.get("/fresh/1.0/echo").status, 404)
        synapse.deploy(self.node, "carol--Fresh_v1.0", text)
        self.eventually(lambda: self.get("/fresh/1.0/echo").status == 200, 2, "the API is served")
        begin = self.node.log_size()
        synapse.deploy(self.node, "carol--Fresh_v1.0", text.replace("</resource>", ""))
        self.node.wait_for_log(r"carol--Fresh_v1\.0\.xml.*what the file said before goes on", begin)
        self.assertEqual(self.get("/fresh/1.0/echo").status, 200)
        os.unlink(self.node.path(synapse.FOLDER + "api/carol--Fresh_v1.0.xml"))
        self.eventually(lambda: self.get("/fresh/1.0/echo").status == 404, 5, "the API has gone")


class Streaming(GatewayTest):
    """100 MB each way, 20 in a brief run (APIM_TEST_STREAM_MB), with memory that stays where it was all the while."""

    def curl(self, path, *options, https=True):
        """(exit status, length, SHA-256 of what came, the beginning of it)."""
        port = self.node.api_https_port if https else self.node.api_http_port
        command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "600", "--cacert", self.node.certificate,
                   "--header", "Authorization: Bearer " + self.token, "--header", "Expect:", *options,
                   "%s://localhost:%d/stream/1.0%s" % ("https" if https else "http", port, path)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        body, length, begin = hashlib.sha256(), 0, b""
        with process.stdout:
            for piece in iter(lambda: process.stdout.read(MIB), b""):
                body.update(piece)
                begin = begin or piece
                length += len(piece)
        return process.wait(), length, body.hexdigest(), begin

    def flat(self, transfer):
        """Runs it, and again while the memory is watched."""
        transfer()
        before = self.node.memory()
        with open("/proc/%d/clear_refs" % self.node.process.pid, "w") as file:
            file.write("5")  # the highest that was resident begins anew (proc(5))
        transfer()
        self.assert_grew_less(before, 8 * MIB, self.most_resident())

    def most_resident(self):
        with open("/proc/%d/status" % self.node.process.pid) as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))

    def assert_grew_less(self, before, limit, now=None):
        """AddressSanitizer keeps up to 256 MiB of freed memory: only more than that can be judged of its build."""
        with open("/proc/%d/maps" % self.node.process.pid) as maps:
            limit += 256 * MIB if "libasan" in maps.read() else 0
        grown = (now or self.node.memory()) - before
        self.assertLess(grown, limit)

    def test_down(self):
        digest = backend.digest(LARGE)

        def transfer(https, version, kind):
            self.assertEqual(self.curl("/%s/%d" % (kind, LARGE), "--http" + version, https=https)[:3], (0, LARGE, digest))
        for https, version, kind in ((False, "1.1", "bytes"), (False, "1.1", "chunks"), (True, "1.1", "bytes"),
                                     (True, "2", "bytes"), (True, "2", "chunks")):
            with self.subTest(https=https, version=version, kind=kind):
                self.flat(lambda: transfer(https, version, kind))

    def test_up(self):
        path = os.path.join(suite.folder("upload"), "body")
        with open(path, "wb") as file:
            for piece in backend.pieces(LARGE):
                file.write(piece)
        digest = backend.digest(LARGE)

        def transfer(https, *options):
            status, _, _, answer = self.curl("/echo", "--upload-file", path, *options, https=https)
            self.assertEqual(status, 0)
            seen = json.loads(answer)
            self.assertEqual((seen["length"], seen["sha256"]), (LARGE, digest))
        chunked = ("--header", "Transfer-Encoding: chunked")
        for https, options in ((False, ("--http1.1",)), (False, ("--http1.1", *chunked)), (True, ("--http1.1",)),
                               (True, ("--http2",))):
            with self.subTest(https=https, options=options):
                self.flat(lambda: transfer(https, *options))

    def test_slow_reader(self):
        """A client that does not read holds its backend up, and fills no memory."""
        connection = self.open()
        connection.sendall(self.head("GET", "/stream/1.0/bytes/%d" % LARGE, self.token))
        connection.recv(1)
        before = self.node.memory()
        time.sleep(2)
        self.assert_grew_less(before, 4 * MIB)
        self.alive()


class GatewayEnds(GatewayTest):
    def test_calls_in_progress_are_answered(self):
        """SIGTERM: nothing new is accepted, and what was begun comes to its end, in both directions."""
        waiting, sending = self.open(), self.open(https=True)
        waiting.sendall(self.head("GET", "/stream/1.0/hold", self.token))
        sending.sendall(self.head("POST", "/stream/1.0/echo", self.token, "Content-Length: 10") + b"hello")
        self.eventually(lambda: {"/base/hold", "/base/echo"} <= set(self.backend.begun), 10, "the backend was asked for both")
        begin = self.node.log_size()
        self.node.signal(signal.SIGTERM)
        self.node.wait_for_log("stopping", begin)
        self.eventually(self.is_refused, 10, "nothing new is accepted")
        sending.sendall(b"world")
        self.backend.release()
        self.assertEqual(read_answer(backend.Stream(sending)).json["length"], 10)
        answer = read_answer(backend.Stream(waiting))
        self.assertEqual((answer.status, answer.header("Connection")), (200, "close"))
        self.assertEqual(self.node.process.wait(STOP_SECONDS), 0)
        self.node.process = None

    def is_refused(self):
        try:
            socket.create_connection(("127.0.0.1", self.node.api_http_port), timeout=30).close()
        except ConnectionError:
            return True
        return False


class BackendsThatFail(GatewayTest):
    @classmethod
    def make_world(cls):
        for number, name in enumerate(("dead", "over", "short", "slow", "sessions"), 210):
            cls.add_api(number, name, "/%s/1.0" % name, [("/*", "GET"), ("/*", "POST")])
        super().make_world()

    @classmethod
    def deploy(cls):
        super().deploy()
        dead = "http://127.0.0.1:%d" % suite.free_port()
        for name, endpoint in (
                ("dead", synapse.address(dead)),
                ("over", synapse.failover(synapse.address(dead), synapse.address(cls.backend.url("/second")))),
                ("short", synapse.address(cls.backend.url("/base"), suspend=None)),
                ("sessions", synapse.load_balance("carol--sessions_APIproductionEndpoint_0", synapse.address(dead), *(
                    synapse.address(cls.backend.url("/" + child)) for child in ("first", "second")), session="http")),
                ("slow", synapse.address(cls.backend.url("/base"), timeout=1000, suspend=None))):
            synapse.deploy(cls.node, "carol--%s_v1.0" % name, synapse.api("carol--" + name, "/%s/{version}" % name, [
                ('url-mapping="/*"', "GET POST", synapse.by_key_type(endpoint))]))

    def failed(self, answer, code):
        self.assertEqual(answer.status, 500, answer.body)
        self.assertIn(b"<am:code>%d</am:code>" % code, answer.body)

    def test_dead(self):
        self.failed(self.get("/dead/1.0/x", self.token), 101503)
        self.failed(self.get("/dead/1.0/x", self.token), 303001)

    def test_sessions(self):
        """Who was given a cookie by a backend goes on there; everybody else takes turns."""
        def child(answer):
            return self.backend.requests[-1].target.split("/")[1]
        self.backend.answers["login"] = (b"HTTP/1.1 200 OK\r\nSet-Cookie: JSESSIONID=a\r\nContent-Length: 0\r\n\r\n")
        answer = self.get("/sessions/1.0/raw/login", self.token)
        home, cookies = child(answer), [value for name, value in answer.headers if name.lower() == "set-cookie"]
        self.assertEqual(len(cookies), 2)
        route = next(value for value in cookies if value.startswith("apim-route-"))
        self.assertTrue(route.endswith("; Path=/; HttpOnly"), route)
        sent = "Cookie: JSESSIONID=a; " + route.partition(";")[0]
        for _ in range(5):
            answer = self.get("/sessions/1.0/echo", self.token, sent)
            self.assertEqual((child(answer), answer.header("Set-Cookie")), (home, None))
        self.assertEqual({child(self.get("/sessions/1.0/echo", self.token)) for _ in range(6)}, {"first", "second"})
        answer = self.get("/sessions/1.0/echo", self.token, "Cookie: " + route.partition("=")[0] + "=0123456789abcdef")
        self.assertEqual((answer.status, answer.header("Set-Cookie")), (200, None))

    def test_a_kept_connection_that_ends_is_no_failure(self):
        """Of the call, yes, which may have been done; but other calls still go there."""
        self.backend.answers["nothing"] = b""
        connection = self.open()
        stream = backend.Stream(connection)

        def call(method, path, *fields):
            connection.sendall(self.head(method, "/stream/1.0" + path, self.token, *fields))
            return read_answer(stream)
        self.assertEqual(call("GET", "/echo").status, 200)
        self.failed(call("POST", "/raw/nothing", "Content-Length: 0"), 101508)
        self.assertEqual(call("GET", "/echo").status, 200)
        # A new one that ends says more.
        self.failed(call("GET", "/raw/nothing"), 101508)
        self.failed(call("GET", "/echo"), 303001)

    def test_failover(self):
        self.assertEqual(self.get("/over/1.0/echo", self.token).json["target"], "/second/echo")
        body = b"b" * 2000
        answer = self.send(self.head("POST", "/over/1.0/echo", self.token, "Content-Length: 2000") + body)
        self.assertEqual((answer.json["target"], answer.json["sha256"]),
                         ("/second/echo", hashlib.sha256(body).hexdigest()))

    def test_time_out(self):
        self.failed(self.get("/slow/1.0/hold", self.token), 101504)  # which is not held for less than a minute
        self.backend.release()
