"""From an OpenAPI file to calls through the gateway of the same node, with nothing configured."""

import json
import os

import suite
from backend import Backend
from test_ctl_node import RealNode
from test_gateway import CallsThroughGateway

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
