"""A gateway on a node of its own, which asks the Key Manager of another one over Thrift (specification, gateway 1.5, 3; issue 7)."""

import base64
import contextlib
import http.client
import subprocess
import time
from xml.sax.saxutils import escape

import soap_client
import suite
import synapse
import wire
from backend import Backend
from node import START_SECONDS, Node, patient
from test_gateway import GatewayTest

API_MANAGER_XML = """<APIManager>
    {cache}
    <ThrottlingConfigurations><BlockCondition><Period>1000</Period></BlockCondition></ThrottlingConfigurations>
    <APIKeyValidator>
        <ServerURL>https://localhost:{km_https_port}/services/</ServerURL>
        <Username>admin</Username>
        <Password>{password}</Password>
        <ThriftClientPort>{km_thrift_port}</ThriftClientPort>
        <ThriftClientConnectionTimeOut>60000</ThriftClientConnectionTimeOut>
    </APIKeyValidator>
    <Apimd>
        <Workers>{workers}</Workers>
        <HttpsHost>127.0.0.1</HttpsHost>
        <HttpsPort>{https_port}</HttpsPort>
        <GatewayHost>127.0.0.1</GatewayHost>
        <GatewayHttpPort>{http}</GatewayHttpPort>
        <GatewayHttpsPort>{https}</GatewayHttpsPort>
        {own}
    </Apimd>
</APIManager>
"""

CARBON_XML = "<Server><Security><TrustStore><Location>%s</Location></TrustStore></Security></Server>\n"


class GatewayNode(Node):
    """Without a Key Manager: it has no databases that anybody reads. One worker mostly, because each remembers for itself."""

    def configure(self, manager, password=None, cache="", workers=1, own=""):
        """own: more of <Apimd>."""
        self.write("repository/conf/api-manager.xml", API_MANAGER_XML.format(
            workers=workers, cache=cache, own=patient(own), km_https_port=manager.https_port, km_thrift_port=manager.thrift_port,
            password=escape(password or manager.admin_password), https_port=self.https_port, http=self.api_http_port,
            https=self.api_https_port), mode=0o600)
        self.trust(manager.certificate)
        return self

    def trust(self, path):
        self.write("repository/conf/carbon.xml", CARBON_XML % escape(path))

    def start(self):
        with open(self.log_path, "a") as log:
            begin = log.tell()
            self.process = subprocess.Popen([suite.program("apimd"), "--home", self.home, "--profile",
                                             "gateway-worker"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        suite.log(self.log_path)
        suite.at_end(self.kill)
        self.wait_for_log(r"ready: .*APIs over https on", begin, START_SECONDS)
        return self


class Remote(GatewayTest):
    """self.node is the gateway, self.manager the Key Manager."""

    cache = ""

    @classmethod
    def setUpClass(cls):
        cls.backend = Backend()
        cls.addClassCleanup(cls.backend.close)
        cls.manager = cls.new_node()
        cls.addClassCleanup(cls.manager.kill)
        cls.manager.prepare()
        cls.world = cls.manager.world
        cls.make_world()
        cls.manager.start("--profile", "api-key-manager")
        cls.node = GatewayNode().configure(cls.manager, cache=cls.cache, own=cls.own_settings())
        cls.addClassCleanup(cls.node.kill)
        cls.deploy()
        cls.node.start()

    @classmethod
    def own_settings(cls):
        return ""

    @classmethod
    def deploy(cls):
        send = synapse.by_key_type(synapse.address(cls.backend.url("/base")))
        synapse.deploy(cls.node, "carol--Stream_v1.0", synapse.api("carol--Stream", "/stream/{version}", [
            ('url-mapping="/open/*"', "GET", "<send>%s</send>" % synapse.address(cls.backend.url("/base/"))),
            ('url-mapping="/*"', "GET POST PUT HEAD DELETE", send)]))

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()
        cls.manager.stop()

    def revoke(self, key):
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED' WHERE ACCESS_TOKEN = ?",
                                  [key.token])


class Calls(Remote):
    def test_answers(self):
        answer = self.get("/stream/1.0/echo?x=1", self.token)
        self.assertEqual((answer.status, answer.json["target"]), (200, "/base/echo?x=1"))
        self.assertEqual(self.get("/stream/1.0/open/echo").status, 200)
        self.refused(self.get("/stream/1.0/echo"), 401, 900902)
        self.refused(self.get("/stream/1.0/echo", self.world.unknown.token), 401, 900901)
        self.refused(self.get("/stream/1.0/echo", self.world.expired.token), 401, 900901)
        self.assertEqual(self.get("/stream/1.0/echo", self.world.sandbox.token).status, 403)

    def test_revoked(self):
        key = self.world.key_of()
        self.assertEqual(self.get("/stream/1.0/echo", key.token).status, 200)
        self.revoke(key)
        self.eventually(lambda: self.get("/stream/1.0/echo", key.token).status == 401, 5, "the token is refused")

    def test_blocked(self):
        """By a condition that another node made."""
        self.alive()
        self.world.apimgt.insert("AM_BLOCK_CONDITIONS", [dict(
            TYPE="APPLICATION", VALUE="alice:PhoneApp", ENABLED="TRUE", DOMAIN="carbon.super", UUID="of-the-test")])
        self.eventually(lambda: self.get("/stream/1.0/echo", self.token).status == 403, 20, "the application is blocked")
        self.throttled(self.get("/stream/1.0/echo", self.token), 403, 900805)
        self.assertEqual(self.get("/stream/1.0/open/echo").status, 200)
        self.world.apimgt.execute("DELETE FROM AM_BLOCK_CONDITIONS WHERE UUID = ?", ["of-the-test"])
        self.eventually(lambda: self.get("/stream/1.0/echo", self.token).status == 200, 20, "it is free again")

    def test_key_manager_is_away(self):
        self.alive()
        self.manager.kill()
        self.eventually(lambda: self.get("/stream/1.0/echo", self.token).status == 503, 10, "nobody can be asked")
        answer = self.get("/stream/1.0/echo", self.token)
        self.refused(answer, 503, 900900)
        self.manager.start("--profile", "api-key-manager")
        self.eventually(lambda: self.get("/stream/1.0/echo", self.token).status == 200, 15, "it is asked again")


class BelievedLonger(Remote):
    """For longer than the tests take."""

    cache = "<CacheConfigurations><TokenCacheExpiry>600</TokenCacheExpiry></CacheConfigurations>"

    @classmethod
    def deploy(cls):
        super().deploy()
        cls.node.prepare(populate=False)  # for its administrator

    def key_manager_grants(self, session, key):
        with contextlib.closing(wire.Connection(self.manager)) as connection:
            return connection.call(wire.validate_key(session, key, 1)).success()[1] == 1

    def invalidate(self, key):
        body = ("<n:invalidateCachedTokens xmlns:n='http://service.security.handlers.gateway.apimgt.carbon.wso2.org'>"
                "<n:accessTokens>%s</n:accessTokens></n:invalidateCachedTokens>" % key.token)
        connection = http.client.HTTPSConnection("localhost", self.node.https_port, context=self.node.tls_context())
        self.addCleanup(connection.close)
        credentials = base64.b64encode(b"admin:" + self.node.admin_password.encode()).decode()
        connection.request("POST", "/services/APIAuthenticationService", soap_client.envelope(body, soap_client.SOAP_11), {
            "Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '"urn:invalidateCachedTokens"',
            "Authorization": "Basic " + suite.secret(credentials)})
        self.assertEqual(connection.getresponse().status, 202)

    def test_expired_while_remembered(self):
        """900901, not the Key Manager's word for it."""
        skew = 300
        for left in (3, 10, 30):  # more where the machine is too busy for less
            key = self.world.key_of(age=self.world.now - time.time() + 3600 + skew - left)
            if self.get("/stream/1.0/echo", key.token).status == 200:
                break
        else:
            self.fail("it was never granted")
        self.eventually(lambda: self.get("/stream/1.0/echo", key.token).status == 401, 60, "it is expired")
        self.refused(self.get("/stream/1.0/echo", key.token), 401, 900901)

    def test_invalidated_by_soap(self):
        key = self.world.key_of()
        self.assertEqual(self.get("/stream/1.0/echo", key.token).status, 200)
        session = self.manager.login()
        self.revoke(key)
        self.eventually(lambda: not self.key_manager_grants(session, key), 10, "the Key Manager knows")
        self.assertEqual(self.get("/stream/1.0/echo", key.token).status, 200)  # it was not told
        self.invalidate(key)
        self.refused(self.get("/stream/1.0/echo", key.token), 401, 900901)

    def test_outage_and_revocation_are_not_noticed(self):
        key = self.world.key_of()
        self.assertEqual(self.get("/stream/1.0/echo", key.token).status, 200)
        self.revoke(key)
        self.manager.kill()
        for _ in range(20):
            self.assertEqual(self.get("/stream/1.0/echo", key.token).status, 200)
        self.refused(self.get("/stream/1.0/echo", self.world.unknown.token), 503, 900900)
        self.manager.start("--profile", "api-key-manager")


class WrongPassword(Remote):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node.stop()
        cls.node.configure(cls.manager, password="not-" + cls.manager.admin_password[:8])
        cls.node.start()

    def test_nobody_passes(self):
        self.refused(self.get("/stream/1.0/echo", self.token), 503, 900900)
        self.assertIn("login: user or password were not taken", self.node.log())


class NoPassword(Remote):
    def test_it_does_not_start(self):
        text = self.node.read("repository/conf/api-manager.xml")
        begin = text.index("<Password>")
        self.node.stop()
        self.node.write("repository/conf/api-manager.xml", text[:begin] + text[text.index("</Password>") + 11:])
        result = self.node.run_apimd("--profile", "gateway-worker")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("APIKeyValidator/Password is missing", result.stderr)
        self.node.write("repository/conf/api-manager.xml", text, mode=0o600)
        self.node.start()
