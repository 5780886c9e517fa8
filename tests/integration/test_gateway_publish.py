"""From an OpenAPI file to calls: through the gateway of the same node, with nothing configured, and through two on nodes of their own."""

import json
import os
import time
from xml.sax.saxutils import escape

import suite
from backend import Backend
from ctl import RealNode
from rest import Rest
from test_gateway import CallsThroughGateway
from test_gateway_remote import GatewayNode
from test_rest_publisher import pizza

OPENAPI = """\
openapi: 3.0.0
info:
  title: Weather
  version: 1.0.0
servers:
  - url: %s
paths:
  /city/{name}:
    get:
      responses:
        '200': {description: OK}
    post:
      responses:
        '200': {description: OK}
"""


class PublishAndCall(CallsThroughGateway, RealNode):
    def test_life_of_an_api(self):
        backend = Backend()
        self.addCleanup(backend.close)
        definition = os.path.join(self.folder, "weather.yaml")
        with open(definition, "w") as file:
            file.write(OPENAPI % backend.url("/base"))
        self.login(self.node.admin_password)
        self.assertEqual(self.get("/weather/1.0.0/city/echo").status, 404)
        self.ctl("api", "create", "--definition", definition, "--tier", "Gold")
        self.ctl("publish", "Weather/1.0.0")
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0")
        self.ctl("key", "generate", "Phone", "-o", "json")
        token = suite.secret(self.ctl("token", "Phone").stdout.strip())
        # Published means served.
        for https in (False, True):
            self.assertEqual(self.get("/weather/1.0.0/city/echo?a=b", token, https=https).json["target"],
                             "/base/city/echo?a=b")
        self.assertEqual(self.call("DELETE", "/weather/1.0.0/city/echo", token).status, 405)
        self.assertEqual(self.get("/weather/1.0.0/nowhere", token).status, 404)
        self.refused(self.get("/weather/1.0.0/city/echo", "no-such-token"), 401, 900901)

        subscription = json.loads(self.ctl("sub", "list", "--app", "Phone", "-o", "json").stdout)[0]["subscriptionId"]
        self.ctl("sub", "block", subscription, "--yes")
        # Each worker believes what it was told a moment ago until its own second is over.
        self.eventually(lambda: all(self.get("/weather/1.0.0/city/echo", token).status == 401 for _ in range(10)), 10,
                        "blocked")
        self.refused(self.get("/weather/1.0.0/city/echo", token), 401, 900907)
        self.ctl("sub", "unblock", subscription)
        self.eventually(lambda: self.get("/weather/1.0.0/city/echo", token).status == 200, 5, "unblocked")

        self.ctl("unsubscribe", "Phone", "Weather/1.0.0", "--yes")
        self.eventually(lambda: self.get("/weather/1.0.0/city/echo", token).status == 403, 5, "unsubscribed")
        self.ctl("app", "delete", "Phone", "--yes")
        self.ctl("api", "delete", "Weather/1.0.0", "--yes")
        self.eventually(lambda: self.get("/weather/1.0.0/city/echo", token).status == 404, 5, "gone")

    def test_what_the_gateway_does_not_do(self):
        """Said when it is saved, with what to use instead; not of an API that does not go to this gateway."""
        rest = Rest.login(self.node, password=self.node.admin_password)

        def create(name, session, security, **members):
            endpoint = {"endpoint_type": "load_balance", "sessionManagement": session,
                        "production_endpoints": [{"url": "http://a.example"}, {"url": "http://b.example"}]}
            return rest.publisher("POST", "/apis", pizza(name, context="/" + name.lower(), endpointConfig=json.dumps(endpoint),
                                                         endpointSecurity={"username": "u", "type": security, "password": "p"},
                                                         status="CREATED", **members))
        for session, security, field, advice in (("soap", "basic", "endpointConfig", "use transport"),
                                                 ("simpleClientSession", "basic", "endpointConfig", "use transport"),
                                                 ("none", "digest", "endpointSecurity", "use basic")):
            answer = create("Refused", session, security)
            self.assertEqual(answer.status, 400, answer)
            self.assertEqual([detail["code"] for detail in answer.json["error"]], [field], answer)
            self.assertIn(advice, answer.json["error"][0]["message"])
        self.assertEqual(create("Served", "transport", "basic").status, 201)
        self.assertEqual(create("Elsewhere", "soap", "digest", gatewayEnvironments="none").status, 201)


ENVIRONMENT = """<Environment type="hybrid"><Name>%s</Name><ServerURL>https://localhost:%d/services/</ServerURL>
    <Username>admin</Username><Password>%s</Password></Environment>"""


class PublishToTwo(CallsThroughGateway, RealNode):
    """self.node is Publisher, Store and Key Manager; self.gateways serve what it brings them, and ask it for keys."""

    @classmethod
    def setUpClass(cls):
        cls.gateways = [GatewayNode().prepare(populate=False) for _ in range(2)]
        environments = "".join(ENVIRONMENT % (name, gateway.https_port, escape(gateway.admin_password))
                               for name, gateway in zip(("Europe", "Asia"), cls.gateways))
        cls.publisher = cls.new_node(settings="<APIGateway><Environments>%s</Environments></APIGateway>" % environments)
        cls.addClassCleanup(cls.publisher.kill)
        cls.publisher.prepare(populate=False)
        certificates = "".join(open(gateway.certificate).read() for gateway in cls.gateways)
        cls.publisher.write("repository/conf/carbon.xml", "<Server><Security><TrustStore><Location>%s</Location></TrustStore>"
                            "</Security></Server>" % cls.publisher.write("gateways.pem", certificates))
        cls.publisher.start()
        for gateway in cls.gateways:
            cls.addClassCleanup(gateway.kill)
            gateway.configure(cls.publisher).start()
        cls.node = cls.publisher

    @classmethod
    def tearDownClass(cls):
        for node in (*cls.gateways, cls.publisher):
            node.stop()

    def at(self, gateway, path, token=None):
        self.node = gateway
        try:
            return self.get(path, token)
        finally:
            self.node = self.publisher

    def until(self, begin, served):
        """Milliseconds until both serve it, or do not."""
        for gateway in self.gateways:
            self.eventually(lambda gateway=gateway: (self.at(gateway, "/weather/1.0.0/city/echo").status != 404) == served, 20,
                            "both gateways follow")
        return (time.monotonic() - begin) * 1000

    def test_publish(self):
        backend = Backend()
        self.addCleanup(backend.close)
        self.login(self.node.admin_password)
        self.ctl("api", "create", "--definition", self.file("weather.yaml", OPENAPI % backend.url("/base")), "--tier", "Gold")
        self.until(0, False)
        begin = time.monotonic()
        self.ctl("publish", "Weather/1.0.0")
        published = (time.monotonic() - begin) * 1000
        print("# apimctl publish took %.0f ms; both gateways served it after %.0f ms" % (published, self.until(begin, True)))
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0")
        self.ctl("key", "generate", "Phone", "-o", "json")
        token = suite.secret(self.ctl("token", "Phone").stdout.strip())
        for gateway in self.gateways:
            self.assertEqual(self.at(gateway, "/weather/1.0.0/city/echo", token).json["target"], "/base/city/echo")
            self.refused(self.at(gateway, "/weather/1.0.0/city/echo"), 401, 900902)
        begin = time.monotonic()
        self.ctl("api", "demote", "Weather/1.0.0", "--yes")
        print("# taken from both after %.0f ms" % self.until(begin, False))
