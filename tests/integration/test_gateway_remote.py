"""A gateway on a node of its own, which asks the Key Manager of another one over Thrift (specification, gateway 1.5, 3; issue 7)."""

import subprocess
from xml.sax.saxutils import escape

import suite
import synapse
from backend import Backend
from node import Node
from test_gateway import GatewayTest

API_MANAGER_XML = """<APIManager>
    {cache}
    <ThrottlingConfigurations><BlockCondition><Period>1000</Period></BlockCondition></ThrottlingConfigurations>
    <APIKeyValidator>
        <ServerURL>https://localhost:{km_https_port}/services/</ServerURL>
        <Username>admin</Username>
        <Password>{password}</Password>
        <ThriftClientPort>{km_thrift_port}</ThriftClientPort>
        <ThriftClientConnectionTimeOut>3000</ThriftClientConnectionTimeOut>
    </APIKeyValidator>
    <Apimd>
        <Workers>{workers}</Workers>
        <HttpsHost>127.0.0.1</HttpsHost>
        <HttpsPort>{https_port}</HttpsPort>
        <GatewayHost>127.0.0.1</GatewayHost>
        <GatewayHttpPort>{http}</GatewayHttpPort>
        <GatewayHttpsPort>{https}</GatewayHttpsPort>
    </Apimd>
</APIManager>
"""

CARBON_XML = "<Server><Security><TrustStore><Location>%s</Location></TrustStore></Security></Server>\n"


class GatewayNode(Node):
    """Without a Key Manager: it has no databases that anybody reads. One worker mostly, because each remembers for itself."""

    def configure(self, manager, password=None, cache="", workers=1):
        self.write("repository/conf/api-manager.xml", API_MANAGER_XML.format(
            workers=workers, cache=cache, km_https_port=manager.https_port, km_thrift_port=manager.thrift_port,
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
        self.wait_for_log(r"ready: .*APIs over https on", begin, 60)
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
        cls.node = GatewayNode().configure(cls.manager, cache=cls.cache)
        cls.addClassCleanup(cls.node.kill)
        cls.deploy()
        cls.node.start()

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
    cache = "<CacheConfigurations><TokenCacheExpiry>60</TokenCacheExpiry></CacheConfigurations>"

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
