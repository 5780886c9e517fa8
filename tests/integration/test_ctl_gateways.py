"""Gateways that are away, refuse, or lost what they had, as a publisher mends them with apimctl: two more listeners beside a node."""

import concurrent.futures
import json

from admin_gateway import AdminGateway
from ctl import OPENAPI, RealNode
from harness import MARIADB, SQLITE


class Gateways(RealNode):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        cls.gateways = [AdminGateway(name) for name in ("Europe", "Asia")]
        for gateway in cls.gateways:
            cls.addClassCleanup(gateway.stop)
        cls.node = cls.new_node(settings="<APIGateway><Environments>%s</Environments></APIGateway>" % "".join(
            gateway.environment for gateway in cls.gateways), apimd="<Limits><MaxGatewayWalksAtOnce>1</MaxGatewayWalksAtOnce></Limits>")
        cls.addClassCleanup(cls.node.kill)
        certificates = "".join(open(gateway.certificate).read() for gateway in cls.gateways)
        cls.node.write("repository/conf/carbon.xml", "<Server><Security><TrustStore><Location>%s</Location></TrustStore></Security></Server>"
                       % cls.node.write("gateways.pem", certificates))
        cls.node.prepare(populate=False).start()

    def setUp(self):
        super().setUp()
        for gateway in self.gateways:
            gateway.stop()
            gateway.start()
            gateway.full = False
            gateway.open.set()
        self.europe, self.asia = self.gateways
        self.login(self.node.admin_password)
        for row in json.loads(self.out("api", "list", "-o", "json")):
            self.ctl("api", "delete", "%s/%s" % (row["name"], row["version"]), "--yes")
        for gateway in self.gateways:
            gateway.files.clear()

    def create(self, name):
        self.ctl("api", "create", "--definition", self.file("weather.yaml", OPENAPI.replace("Weather", name).replace("/weather", "/" + name)),
                 "--tier", "Unlimited")
        return name + "/1.0.0"

    def states(self):
        """State, APIs, missing, surplus by gateway."""
        rows = [line.split("\t") for line in self.out("gateway", "status").splitlines()]
        return {row[0]: tuple(row[1:5]) for row in rows}

    def test_one_that_was_away(self):
        first, second = self.create("First"), self.create("Second")
        self.assertEqual([line.split("\t")[0] for line in self.out("gateway", "list").splitlines()], ["Europe", "Asia"])
        self.ctl("publish", second)
        self.assertEqual(self.states(), {"Europe": ("UP", "1", "0", "0"), "Asia": ("UP", "1", "0", "0")})
        self.asia.stop()
        self.assertIn("hint: apimctl gateway sync", self.ctl("publish", first, status=7).stderr)
        self.ctl("api", "demote", second, "--yes", status=7)
        self.assertEqual(self.states()["Europe"], ("UP", "1", "0", "0"))
        self.assertEqual(self.states()["Asia"][0], "DOWN")
        self.assertIn("Asia", self.ctl("gateway", "sync", status=7).stderr)
        self.assertEqual(self.europe.apis, ["admin--First:v1.0.0"])
        self.asia.start()
        self.assertEqual(self.asia.apis, ["admin--Second:v1.0.0"])
        self.assertEqual(self.states()["Asia"], ("UP", "0", "1", "1"))
        self.assertIn("the server agrees", self.ctl("gateway", "sync", "Asia", "--dry-run").stderr)
        self.assertEqual(self.states()["Asia"], ("UP", "0", "1", "1"))
        self.ctl("gateway", "sync", "Asia", "--api", first)
        self.assertEqual(self.states()["Asia"], ("UP", "1", "0", "1"))
        for _ in range(2):  # again is done already
            self.ctl("gateway", "sync")
            self.assertEqual(self.states(), {"Europe": ("UP", "1", "0", "0"), "Asia": ("UP", "1", "0", "0")})
        self.assertEqual(self.asia.files, self.europe.files)

    def test_one_that_refuses(self):
        api = self.create("Refused")
        self.asia.full = True
        self.assertIn("no space left", self.ctl("publish", api, status=7).stderr)
        error = self.ctl("gateway", "sync", "Asia", status=7).stderr
        self.assertIn("Refused-1.0.0", error)
        self.assertIn("no space left", error)
        self.assertEqual(self.states(), {"Europe": ("UP", "1", "0", "0"), "Asia": ("UP", "0", "1", "0")})
        self.asia.full = False
        self.ctl("gateway", "sync", "Asia")
        self.assertEqual(self.asia.apis, ["admin--Refused:v1.0.0"])

    def walks(self):
        return json.loads(self.out("node", "status", "--home", self.node.home, "-o", "json"))["publisher.gateway_walks"]

    def test_one_too_many(self):
        """Each request for all APIs holds a thread as long as the gateway takes: one more than may is told so at once."""
        api = self.create("Slow")
        self.ctl("publish", api)
        self.asia.open.clear()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            try:
                first = pool.submit(self.ctl, "gateway", "sync", "Asia")
                self.eventually(lambda: self.walks() == 1, 60, "the first sync is under way")
                for command in (("sync", "Europe"), ("status",)):
                    refused = self.ctl("gateway", *command, status=6).stderr
                    self.assertIn("As many requests as may (1, ", refused)
                    self.assertIn("MaxGatewayWalksAtOnce", refused)
                self.ctl("gateway", "sync", "Europe", "--api", api)
                self.out("gateway", "list")
            finally:
                self.asia.open.set()
            first.result()
        self.assertEqual(self.walks(), 0)
        self.assertEqual(self.states()["Asia"], ("UP", "1", "0", "0"))

    def test_undeploy(self):
        api = self.create("Gone")
        self.ctl("publish", api)
        self.ctl("api", "default", api)
        self.assertEqual(self.asia.apis, ["admin--Gone", "admin--Gone:v1.0.0"])
        refused = self.ctl("gateway", "undeploy", api, "--gateway", "Asia", status=2)
        self.assertIn("hint: apimctl gateway undeploy Gone/1.0.0 --gateway Asia --yes\n", refused.stderr)
        self.ctl("gateway", "undeploy", api, "--gateway", "Asia", "--yes")
        self.assertEqual(self.asia.files, {})
        self.assertEqual(self.out("api", "get", api, "--field", "status"), "PUBLISHED\n")
        self.assertEqual(self.states(), {"Europe": ("UP", "1", "0", "0"), "Asia": ("UP", "0", "1", "0")})
        self.ctl("gateway", "undeploy", api, "--yes")
        self.assertEqual(self.europe.files, {})
        self.ctl("gateway", "sync")
        self.assertEqual(self.europe.apis, ["admin--Gone", "admin--Gone:v1.0.0"])
        self.ctl("gateway", "undeploy", api, "--gateway", "Africa", "--yes", status=3)
        self.ctl("gateway", "undeploy", "Nobody/1.0.0", "--yes", status=3)
        self.ctl("gateway", "sync", "Africa", status=3)

    def test_no_apis(self):
        self.assertEqual(self.states(), {"Europe": ("UNKNOWN", "0", "0", "0"), "Asia": ("UNKNOWN", "0", "0", "0")})
