"""What a gateway serves while files come and go, and what others bring it over SOAP (specification, gateway 3, 5.1, 5.2, 11 item
7)."""

import json
import os
import statistics
import subprocess
import time
from xml.sax.saxutils import escape

import suite
import synapse
from backend import Backend
from ctl import OPENAPI, RealNode
from harness import PATIENCE_SECONDS, NodeTest
from test_gateway import CallsThroughGateway

FIXTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures", "synapse")
APIS = "http://service.gateway.apimgt.carbon.wso2.org"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
RESCAN_SECONDS = 15  # how often the folder is read where nobody tells of a change


def open_api(name, context, body="here"):
    """One that answers by itself, and asks for no key."""
    sequence = ('<payloadFactory media-type="text"><format>%s</format><args/></payloadFactory><respond/>' % body)
    return synapse.api(name, context, [('url-mapping="/*"', "GET", sequence)], handlers=synapse.CORS_ONLY, version=None)


class Deployment(CallsThroughGateway, NodeTest):
    def path(self, name, folder="api"):
        return self.node.path(synapse.FOLDER + folder + "/" + name)

    def put(self, name, text):
        """As cp does it: in place."""
        self.node.write(synapse.FOLDER + "api/" + name, text)

    def seconds_until(self, path, served):
        """Until a call of @path does not, or does, end in 404."""
        begin = time.monotonic()
        while (self.get(path).status != 404) != served:
            self.assertLess(time.monotonic() - begin, PATIENCE_SECONDS, "%s %sserved" % (path, "" if served else "not un"))
            time.sleep(0.01)
        return time.monotonic() - begin

    def test_changes_are_live(self):
        came, changed, went = [], [], []
        for i in range(5):
            name, first, second = "live%d.xml" % i, "/live%d" % i, "/alive%d" % i
            self.put(name, open_api(first[1:], first))
            came.append(self.seconds_until(first, True))
            self.put(name, open_api(first[1:], second))
            changed.append(self.seconds_until(second, True))
            self.assertEqual(self.get(first).status, 404)
            os.rename(self.path(name), self.path("renamed-" + name))
            time.sleep(0.5)
            self.assertNotEqual(self.get(second).status, 404)  # all the time
            os.remove(self.path("renamed-" + name))
            went.append(self.seconds_until(second, False))
        for word, times in (("came", came), ("changed", changed), ("went", went)):
            print("# %s: live after %.2f s (median of %d)" % (word, statistics.median(times), len(times)))
            self.assertLess(min(times), RESCAN_SECONDS, times)  # told of it, and not found out

    def test_many_files_at_once(self):
        folder = suite.folder("files")
        for i in range(500):
            with open(os.path.join(folder, "many%d.xml" % i), "w") as file:
                file.write(open_api("many%d" % i, "/many%d" % i))
        subprocess.run(["cp", "-r", folder + "/.", self.path("")], check=True)
        for i in (0, 250, 499):
            self.seconds_until("/many%d" % i, True)

    def test_broken_update(self):
        self.put("solid.xml", open_api("solid", "/solid"))
        self.seconds_until("/solid", True)
        begin = self.node.log_size()
        self.put("solid.xml", open_api("solid", "/liquid").replace("<respond/>", "\n<script/>"))
        self.node.wait_for_log(r"api/solid\.xml:\d+: .*does not run <script>.*what the file said before goes on", begin)
        self.assertNotEqual(self.get("/solid").status, 404)
        self.assertEqual(self.get("/liquid").status, 404)
        status = self.status()
        self.assertGreaterEqual(status["gateway.files_refused"], 1)
        self.put("solid.xml", open_api("solid", "/liquid"))
        self.seconds_until("/liquid", True)

    def test_a_restart_serves_the_same(self):
        self.put("stays.xml", open_api("stays", "/stays"))
        self.seconds_until("/stays", True)
        self.node.stop()
        self.node.start()
        self.assertNotEqual(self.get("/stays").status, 404)

    def documents(self, fixture):
        """What one publication writes: (folder, file)."""
        folder, number = suite.folder("documents"), 0
        with open(os.path.join(FIXTURES, fixture)) as file:
            for text in file.read().split("<?xml")[1:]:
                number += 1
                path = os.path.join(folder, "generated%d.xml" % number)
                with open(path, "w") as document:
                    document.write("<?xml" + text)
                yield "endpoints" if "<endpoint" in text[:200] else "api", path

    def test_files_of_publishers(self):
        """As the generations write them, unmodified. The Key Manager, which is asked, does not know them."""
        for fixture in ("1.9.xml", "2.0.xml", "both.xml"):
            files = [(path, self.path(os.path.basename(path), folder)) for folder, path in self.documents(fixture)]
            for source, target in files:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                subprocess.run(["cp", source, target], check=True)
            self.seconds_until("/weather/1.0.0/city/Bonn", True)
            self.refused(self.get("/weather/1.0.0/city/Bonn", https=True), 403, 900906)
            for _, target in files:
                os.remove(target)
            self.seconds_until("/weather/1.0.0/city/Bonn", False)

    def test_tenant(self):
        self.node.write("repository/tenants/1/synapse-configs/default/api/t.xml", open_api("t", "/t/foo.com/tenant"))
        self.seconds_until("/t/foo.com/tenant", True)

    def status(self):
        return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "-o", "json", check=True).stdout)

    # SOAP ----------------------------------------------------------------------------------------------------------

    def curl(self, service, action, body, *options):
        """As Axis2's stubs send it: SOAP 1.1, SOAPAction. Returns (status, answer)."""
        message = ('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="%s"><soapenv:Header/><soapenv:Body>%s'
                   '</soapenv:Body></soapenv:Envelope>' % (SOAP_11, body))
        result = subprocess.run(
            ["curl", "-s", "--noproxy", "*", "--cacert", self.node.certificate, "-w", "\n%{http_code}", "-H",
             "Content-Type: text/xml; charset=UTF-8", "-H", 'SOAPAction: "urn:%s"' % action, "--data-binary", "@-", *options,
             "https://localhost:%d/services/%s" % (self.node.https_port, service)],
            input=message, text=True, stdout=subprocess.PIPE, check=True)
        answer, status = result.stdout.rsplit("\n", 1)
        return int(status), answer

    def call_admin(self, operation, jar, **parameters):
        """An operation of APIGatewayAdmin with these parameters, in their order."""
        inner = "".join("<ns:%s>%s</ns:%s>" % (name, escape(value), name) for name, value in parameters.items())
        return self.curl("APIGatewayAdmin", operation, '<ns:%s xmlns:ns="%s">%s</ns:%s>' % (operation, APIS, inner, operation),
                         "-b", jar, "-c", jar)

    def test_publisher_of_wso2(self):
        jar = os.path.join(suite.folder("jar"), "cookies")
        login = ('<a:login xmlns:a="http://authentication.services.core.carbon.wso2.org"><a:username>admin</a:username><a:password>%s'
                 '</a:password><a:remoteAddress>localhost</a:remoteAddress></a:login>')
        api = dict(apiProviderName="admin", apiName="Brought", version="1.0")
        config = synapse.api("admin--Brought", "/brought/{version}", [
            ('url-mapping="/*"', "GET", "<respond/>")])
        status, _ = self.call_admin("addApi", jar, apiConfig=config, **api)
        self.assertEqual(status, 401)  # nobody yet
        self.assertIn("true", self.curl("AuthenticationAdmin", "login", login % escape(self.node.admin_password), "-c", jar)[1])
        self.assertIn("nil", self.call_admin("getApi", jar, **api)[1])
        status, answer = self.call_admin("addApi", jar, apiConfig=config, **api)
        self.assertEqual((status, "<ns:return>true</ns:return>" in answer), (200, True), answer)
        # Answered means served: what the gateway has, though its Key Manager does not know it.
        self.refused(self.get("/brought/1.0/x"), 403, 900906)
        self.assertIn("/brought/1.0", self.call_admin("getApi", jar, **api)[1])
        with open(self.path("admin--Brought_v1.0.xml")) as file:
            self.assertEqual(file.read(), config)
        status, answer = self.call_admin("updateApi", jar, apiConfig=config.replace("<respond/>", "<script/>"), **api)
        self.assertEqual(status, 500)
        self.assertIn("does not run &lt;script&gt;", answer)
        self.refused(self.get("/brought/1.0/x"), 403, 900906)
        self.assertEqual(self.call_admin("deleteApi", jar, **api)[0], 200)
        self.assertEqual(self.get("/brought/1.0/x").status, 404)

    def test_strangers_and_tenants(self):
        jar = os.path.join(suite.folder("jar"), "cookies")
        api = dict(apiProviderName="admin", apiName="X", version="1.0", apiConfig="<api/>")
        self.assertEqual(self.call_admin("addApi", jar, **api)[0], 401)
        status, answer = self.curl("APIAuthenticationService", "invalidateKey", "<x/>")
        self.assertEqual(status, 401, answer)
        status, answer = self.curl("APIGatewayAdmin", "addApiForTenant", '<n:addApiForTenant xmlns:n="%s"><n:tenantDomain>nowhere.example'
                                   '</n:tenantDomain></n:addApiForTenant>' % APIS, "-u", "admin:" + self.node.admin_password)
        self.assertEqual(status, 500)
        self.assertIn("There is no tenant", answer)

    def test_forgetting(self):
        for body in ("<n:invalidateCachedTokens xmlns:n='%s'><n:accessTokens>a</n:accessTokens></n:invalidateCachedTokens>",
                     "<n:invalidateResourceCache xmlns:n='%s'/>"):
            name = body[3:body.index(" ")]
            status, answer = self.curl("APIAuthenticationService", name, body
                                       % "http://service.security.handlers.gateway.apimgt.carbon.wso2.org",
                                       "-u", "admin:" + self.node.admin_password)
            self.assertEqual(status, 202, answer)


    # Counters ------------------------------------------------------------------------------------------------------

    def metrics(self, user="admin", password=None):
        """(status, text)"""
        result = subprocess.run(
            ["curl", "-s", "--noproxy", "*", "--cacert", self.node.certificate, "-w", "\n%{http_code}",
             "-u", "%s:%s" % (user, password or self.node.admin_password),
             "https://localhost:%d/metrics" % self.node.https_port], text=True, stdout=subprocess.PIPE, check=True)
        text, status = result.stdout.rsplit("\n", 1)
        return int(status), text

    def test_metrics(self):
        self.put("counted.xml", open_api("counted", "/counted"))
        self.seconds_until("/counted", True)
        begin = time.monotonic()
        line = 'apim_gateway_calls_total{api="counted",status="2xx"} %d'
        before = self.metrics()[1]
        for _ in range(3):
            self.assertEqual(self.get("/counted/x").status, 200)
        self.get("/no-such-api")
        counts = [i for i in range(100) if line % i + "\n" in before]
        while line % (counts[0] + 3) not in self.metrics()[1]:  # a call is counted when its answer has ended
            self.assertLess(time.monotonic() - begin, PATIENCE_SECONDS)
        text = self.metrics()[1]
        self.assertIn('apim_gateway_call_seconds_count{api="counted"} %d' % (counts[0] + 3), text)
        self.assertRegex(text, r'apim_gateway_calls_total\{api="",status="4xx"\} [1-9]')
        self.assertEqual(self.metrics(password="wrong")[0], 401)
        self.assertEqual(self.metrics(user="nobody", password="wrong")[0], 401)


TRUST = "<Server><Security><TrustStore><Location>%s</Location></TrustStore></Security></Server>"


class OtherNode(CallsThroughGateway, RealNode):
    """Our Publisher and Key Manager, and a gateway that is another node."""

    @classmethod
    def setUpClass(cls):
        cls.backend = Backend()
        cls.addClassCleanup(cls.backend.close)
        cls.gateway = cls.new_node()
        cls.addClassCleanup(cls.gateway.kill)
        cls.gateway.prepare(populate=False)
        cls.node = cls.new_node(settings="""<APIGateway><Environments><Environment type="hybrid"><Name>Elsewhere</Name>
            <ServerURL>https://localhost:%d/services/</ServerURL><Username>admin</Username><Password>%s</Password>
            </Environment></Environments></APIGateway>""" % (cls.gateway.https_port, escape(cls.gateway.admin_password)))
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare(populate=False)
        cls.node.write("repository/conf/carbon.xml", TRUST % cls.gateway.certificate)
        cls.gateway.write("repository/conf/carbon.xml", TRUST % cls.node.certificate)
        cls.gateway.write("repository/conf/api-manager.xml", cls.gateway.read("repository/conf/api-manager.xml").replace(
            "<APIKeyValidator>", """<APIKeyValidator><ServerURL>https://localhost:%d/services/</ServerURL><Username>admin</Username>
            <Password>%s</Password><KeyValidatorClientType>ThriftClient</KeyValidatorClientType>
            <ThriftServerHost>localhost</ThriftServerHost><ThriftClientPort>%d</ThriftClientPort>""" % (
                cls.node.https_port, escape(cls.node.admin_password), cls.node.thrift_port)))
        cls.node.start()
        cls.gateway.start("--profile", "gateway-worker", ready=r"ready: https on \S+, APIs over http")

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()
        cls.gateway.stop()

    def on_gateway(self, path, token=None):
        node, self.node = self.node, self.gateway
        try:
            return self.get(path, token)
        finally:
            self.node = node

    def test_publish(self):
        self.login(self.node.admin_password)
        definition = OPENAPI.replace("https://backend.example.com/weather", self.backend.url("/base"))
        self.ctl("api", "create", "--definition", self.file("weather.yaml", definition), "--tier", "Unlimited")
        self.ctl("publish", "Weather/1.0.0")
        self.refused(self.on_gateway("/weather/1.0.0/city/echo"), 401, 900902)
        self.assertEqual(self.get("/weather/1.0.0/city/echo").status, 404)  # not the Publisher's own: it is no environment
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0")
        self.ctl("key", "generate", "Phone", "-o", "json")
        token = suite.secret(self.ctl("token", "Phone").stdout.strip())
        self.assertEqual(self.on_gateway("/weather/1.0.0/city/echo", token).json["target"], "/base/city/echo")
        self.ctl("gateway", "sync")  # brings it again
        self.assertEqual(self.on_gateway("/weather/1.0.0/city/echo", token).status, 200)
        self.ctl("api", "demote", "Weather/1.0.0", "--yes")
        self.assertEqual(self.on_gateway("/weather/1.0.0/city/echo", token).status, 404)
