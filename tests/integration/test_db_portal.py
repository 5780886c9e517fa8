"""apimctl db portal: our Publisher and Store on databases of releases, filled from their registry; and out again without a trace."""

import json
import re
import types

import generations
import mariadb
import suite
from database import MariadbDatabase
from generations import Rows
from harness import IntegrationTest, MARIADB, SQLITE
from node import Node
from rest import Rest
from test_db_feed import schema
from test_registry import RegistryWorld, WEATHER
from test_rest_publisher import pizza, publish

RELEASES = ("2.6",) if suite.brief else ("1.10", "2.0", "2.6")
TABLES = {"APIM_API_ARTIFACT", "APIM_API_THUMBNAIL", "APIM_API_DOCUMENT", "APIM_USED_ASSERTION", "APIM_PENDING_REMOVAL",
          "APIM_REGISTRY_IMPORT"}


class Portal(IntegrationTest):
    """One release; the classes below are made from this one. The tests follow one another."""

    databases = ()
    fixture = None

    @classmethod
    def setUpClass(cls):
        cls.apimgt, cls.users = mariadb.shared_server().new_databases()
        generations.load(cls.fixture, cls.apimgt, cls.users)
        cls.world = generations.GenerationWorld(cls.apimgt, cls.users)
        cls.make_admin()
        cls.before = schema(cls.apimgt), schema(cls.users)
        cls.node = Node(databases=[cls.apimgt, cls.users])
        cls.addClassCleanup(cls.node.kill)
        cls.node.ctl("node", "init", "--home", cls.node.home, check=True)
        cls.registry = RegistryWorld(cls.node, cls.apimgt)

    @classmethod
    def make_admin(cls):
        """The gateway's user becomes one; the release's own rows have the role."""
        rows = Rows(cls.users)
        rows.add("UM_USER_ROLE", UM_ID=200, UM_ROLE_ID=int(cls.users.run(
            "SELECT UM_ID FROM UM_ROLE WHERE UM_ROLE_NAME = 'admin' AND UM_TENANT_ID = -1234")), UM_USER_ID=100,
            UM_TENANT_ID=-1234)
        rows.write()

    @classmethod
    def tearDownClass(cls):
        if cls.node.process is not None:
            cls.node.stop()

    def ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer)
        return answer

    def portal(self, *arguments):
        return self.node.ctl("db", "portal", *arguments, "--home", self.node.home)

    def states(self):
        return [one["state"] for one in json.loads(self.portal("status", "-o", "json").stdout)["databases"]]

    def finding(self):
        """What db check says of the tables."""
        found = json.loads(self.node.ctl("db", "check", "--home", self.node.home, "-o", "json").stdout)
        return [one["severity"] for one in found["findings"] if one["code"] == "portal-tables" and one["part"] == "api"]

    def log_in(self):
        return Rest.login(self.node, generations.GATEWAY, self.world.passwords[generations.GATEWAY])

    def test_1_without(self):
        """A role that was asked for says what it lacks; an import says it, too; where all roles run, APIs are read."""
        self.assertEqual(self.states(), ["absent", "absent"])
        self.assertEqual(self.finding(), ["note"])
        result = self.node.ctl("db", "import-registry", "--home", self.node.home, "--yes")
        self.assertEqual(result.returncode, 1)
        self.assertIn("apimctl db portal install", result.stderr)
        for profile in ("api-publisher", "api-store"):
            refused = self.node.run_apimd("--profile", profile)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("apimctl db portal install --home", refused.stderr)
        self.node.start()
        self.assertIn("apimctl db portal install", self.node.log())
        self.ok(self.log_in().publisher("POST", "/apis", pizza(provider=None)), 500)
        self.node.stop()

    def test_2_install(self):
        asked = self.portal("install")
        self.assertEqual(asked.returncode, 2, asked.stderr)  # nobody is there to say yes
        self.assertEqual(self.states(), ["absent", "absent"])
        for table in TABLES | {"APIM_ENDED_SESSION"}:
            self.assertIn("CREATE TABLE IF NOT EXISTS %s (" % table, asked.stderr)
        self.assertNotIn("APIM_CHANGE_FEED", asked.stderr)
        self.assertIn("apim@127.0.0.1 needs CREATE, REFERENCES and DROP", asked.stderr)
        done = self.portal("install", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(), ["installed", "installed"])
        self.assertEqual(set(self.apimgt.tables()) & TABLES, TABLES)
        again = self.portal("install")
        self.assertEqual((again.returncode, again.stdout.count("installed already")), (0, 2), again.stderr)

    def test_3_half(self):
        self.apimgt.execute("DROP TABLE APIM_API_DOCUMENT")
        self.assertEqual(self.portal("status").returncode, 1)
        self.assertEqual(self.states(), ["half", "installed"])
        self.assertEqual(self.finding(), ["warning"])
        done = self.portal("install", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(), ["installed", "installed"])
        self.assertEqual(self.finding(), ["ok"])

    def test_4_work(self):
        """The APIs that there are, and a new one."""
        imported = self.node.ctl("db", "import-registry", "--home", self.node.home, "--yes", check=True)
        self.assertEqual(imported.stderr, "")
        self.assertRegex(imported.stdout, r"Weather\t1.0.0\tadmin\tcarbon.super\ttaken")
        self.node.start()
        rest, nobody = self.log_in(), Rest(self.node)
        self.assertEqual(self.ok(nobody.store("GET", "/apis?query=name:Weather")).json["list"][0]["id"], WEATHER)
        api = self.ok(rest.publisher("GET", "/apis/" + WEATHER)).json
        api.update(description="Fog", endpointSecurity={"type": "basic", "username": "ann", "password": "new"})
        self.ok(rest.publisher("PUT", "/apis/" + WEATHER, api))
        self.assertEqual(self.ok(publish(rest, WEATHER, "Block")).json["status"], "BLOCKED")
        created = self.ok(rest.publisher("POST", "/apis", pizza(provider=None)), 201)
        self.ok(rest.publisher("POST", "/apis/%s/documents" % created.json["id"],
                               {"name": "Intro", "type": "HOWTO", "sourceType": "INLINE", "visibility": "API_LEVEL"}), 201)
        self.ok(publish(rest, created.json["id"]))
        self.ok(nobody.store("GET", "/apis/" + created.json["id"]))
        application = self.ok(rest.store("POST", "/applications", {"name": "Phone", "throttlingTier": "Unlimited"}), 201)
        self.ok(rest.store("POST", "/subscriptions", {"tier": "Unlimited", "apiIdentifier": created.json["id"],
                                                      "applicationId": application.json["applicationId"]}), 201)

    def test_5_deleted_by_others(self):
        """What a WSO2 node deletes in AM_API is gone here."""
        rest = self.log_in()
        self.assertEqual(self.ok(rest.publisher("GET", "/apis/" + WEATHER)).json["description"], "Fog")
        self.apimgt.run("DELETE FROM AM_API_LC_EVENT WHERE API_ID = 500; DELETE FROM AM_API_URL_MAPPING WHERE API_ID = 500;"
                        " DELETE FROM AM_API WHERE API_ID = 500")
        self.ok(rest.publisher("GET", "/apis/" + WEATHER), 404)
        self.assertEqual(self.apimgt.run("SELECT COUNT(*) FROM APIM_API_ARTIFACT WHERE API_ID = 500").strip(), "0")

    def test_6_remove(self):
        self.node.stop()
        asked = self.portal("remove")
        self.assertEqual(asked.returncode, 2)
        self.assertIn("deletes what our Publisher knows of 1 APIs", asked.stderr)
        self.assertIn("1 documents", asked.stderr)
        self.assertEqual(self.states(), ["installed", "installed"])
        done = self.portal("remove", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((schema(self.apimgt), schema(self.users)), self.before)
        again = self.portal("remove", "--yes")
        self.assertEqual((again.returncode, again.stdout.count("there are no such tables")), (0, 2), again.stderr)


class Privileges(IntegrationTest):
    """What an account may not do is said, and nothing is left behind."""

    databases = (MARIADB,)

    def test_missing(self):
        server = mariadb.shared_server()
        apimgt, users = server.new_databases()
        generations.load("2.6", apimgt, users)
        before = schema(apimgt)
        limited = types.SimpleNamespace(port=server.port, user="limited", password=server.password)
        server.run("CREATE OR REPLACE USER 'limited'@'127.0.0.1' IDENTIFIED BY '%s'" % server.password)
        node = Node(databases=[MariadbDatabase(limited, one.name) for one in (apimgt, users)])
        node.ctl("node", "init", "--home", node.home, check=True)
        for database in (apimgt, users):
            server.run("GRANT SELECT ON `%s`.* TO 'limited'@'127.0.0.1'" % database.name)
        refused = node.ctl("db", "portal", "install", "--home", node.home, "--yes")
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("CREATE command denied", refused.stderr)
        self.assertIn("none of the tables was left behind", refused.stderr)
        self.assertEqual(schema(apimgt), before)
        for database in (apimgt, users):  # MariaDB does not ask for REFERENCES, MySQL does
            server.run("GRANT CREATE, REFERENCES, DROP ON `%s`.* TO 'limited'@'127.0.0.1'" % database.name)
        done = node.ctl("db", "portal", "install", "--home", node.home, "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)


class Ours(IntegrationTest):
    databases = (SQLITE, MARIADB)

    def test_refused(self):
        node = self.new_node().prepare(populate=False)
        result = node.ctl("db", "portal", "status", "--home", node.home, "-o", "json")
        self.assertEqual({one["state"] for one in json.loads(result.stdout)["databases"]}, {"schema"})
        for action in ("install", "remove"):
            self.assertEqual(node.ctl("db", "portal", action, "--home", node.home, "--yes").returncode, 8)
        self.assertEqual(node.ctl("db", "portal", "dance", "--home", node.home).returncode, 2)


for name in RELEASES:
    class_name = "Portal_" + re.sub(r"\W", "_", name)
    globals()[class_name] = type(class_name, (Portal,), {
        "databases": (MARIADB,), "fixture": name, "__module__": __name__, "__doc__": "The release %s." % name})
