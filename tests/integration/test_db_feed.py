"""apimctl db feed: the change feed on databases that WSO2's scripts made, under a running node, and out again without a trace."""

import json
import re
import subprocess
import time
import types

import generations
import mariadb
import wire
from database import MariadbDatabase
from harness import MARIADB, PATIENCE_SECONDS, SQLITE, IntegrationTest
from node import Node
from world import Key

PARTITIONED = ("1.9", "2.1")  # fixtures that get a partition of their tokens, too
BOUND_SECONDS = 1.0
CACHE_MAX_AGE_SECONDS = 1.0  # the default, without a feed
RAIN = dict(context="/forecast/1.0", resource="/rain")


def schema(database):
    """Tables and triggers of a database, without what rows change."""
    dump = subprocess.run(["mariadb-dump", *database.server.client()[1:4], "--no-data", "--triggers", "--skip-comments",
                           database.name], stdout=subprocess.PIPE, check=True, text=True).stdout
    return re.sub(r" AUTO_INCREMENT=\d+", "", dump)


class Feed(IntegrationTest):
    """One fixture; the classes below are made from this one. The tests follow one another."""

    databases = ()
    fixture = None

    @classmethod
    def setUpClass(cls):
        cls.apimgt, cls.users = mariadb.shared_server().new_databases()
        generations.load(cls.fixture, cls.apimgt, cls.users)
        if cls.fixture in PARTITIONED:
            generations.add_partition(cls.apimgt)
        cls.world = generations.GenerationWorld(cls.apimgt, cls.users)
        cls.before = schema(cls.apimgt), schema(cls.users)
        cls.node = Node(databases=[cls.apimgt, cls.users])
        cls.addClassCleanup(cls.node.kill)
        cls.node.ctl("node", "init", "--home", cls.node.home, check=True)
        cls.node.start()
        cls.session = cls.node.login(generations.GATEWAY, cls.world.passwords[generations.GATEWAY])

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def setUp(self):
        self.connection = wire.Connection(self.node)
        self.addCleanup(self.connection.close)

    def feed(self, *arguments):
        return self.node.ctl("db", "feed", *arguments, "--home", self.node.home)

    def states(self):
        result = self.feed("status", "-o", "json")
        return [one["state"] for one in json.loads(result.stdout)["databases"]]

    def cache_state(self):
        return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "-o", "json",
                                        check=True).stdout)["cache.state"]

    def status(self, key):
        return self.connection.call(wire.validate_key(self.session, key)).success()[8]

    def revoke(self, key, table="IDN_OAUTH2_ACCESS_TOKEN"):
        """As a WSO2 node does it, under its strict mode."""
        self.apimgt.execute("SET SESSION sql_mode = 'TRADITIONAL'; UPDATE %s SET TOKEN_STATE = 'REVOKED',"
                            " TOKEN_STATE_ID = UUID(), TIME_CREATED = TIME_CREATED WHERE ACCESS_TOKEN = ?" % table,
                            [key.token])

    def assert_refused_within(self, key, seconds, **where):
        self.assertEqual(self.status(key), 0)
        self.assertEqual(self.status(key), 0)
        self.revoke(key, **where)
        begin = granted = asked = time.monotonic()
        while self.status(key) != 900901:
            granted = asked
            self.assertLess(granted - begin, PATIENCE_SECONDS, "still granted")
            time.sleep(0.002)
            asked = time.monotonic()
        self.assertLess(granted - begin, seconds)

    def test_1_without(self):
        self.assertEqual(self.states(), ["absent", "absent"])
        self.eventually(lambda: self.cache_state() == "short-lived", 5, "without a feed")
        self.assertRegex(self.node.log(), r"API Manager database: no change feed \(.*\): facts are believed for 1000 ms")
        self.assertRegex(self.node.log(), r"user database: no change feed \(.*\): facts are believed for 1000 ms")
        self.assert_refused_within(Key(self.world.tokens["sandbox"]), CACHE_MAX_AGE_SECONDS + BOUND_SECONDS)

    def test_2_install(self):
        asked = self.feed("install")
        self.assertEqual(asked.returncode, 2, asked.stderr)  # nobody is there to say yes
        self.assertEqual(self.states(), ["absent", "absent"])
        for statement in ("CREATE TABLE IF NOT EXISTS APIM_CHANGE_FEED", "CREATE TRIGGER APIM_FEED_AM_API_UPDATE",
                          "CREATE TRIGGER APIM_FEED_UM_USER_UPDATE"):
            self.assertIn(statement, asked.stderr)
        self.assertIn("run with the rights of apim@127.0.0.1", asked.stderr)
        done = self.feed("install", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(), ["installed", "installed"])
        again = self.feed("install")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout.count("installed already"), 2)

    def test_3_follow(self):
        self.eventually(lambda: self.cache_state() == "following", 15, "following the feed")
        self.assert_refused_within(Key(self.world.tokens["good"]), BOUND_SECONDS)
        self.assert_refused_within(Key(self.world.tokens["application"]), BOUND_SECONDS)
        if "partitions" in self.world.features:
            self.assert_refused_within(Key(self.world.tokens["partitioned"]), BOUND_SECONDS,
                                       table="IDN_OAUTH2_ACCESS_TOKEN_" + generations.PARTITION)

    def test_4_roles(self):
        """The roles of a scope, and those of a user."""
        key = Key(self.world.tokens["reader"], **RAIN)
        self.assertEqual(self.status(key), 0)
        change = ("UPDATE IDN_OAUTH2_SCOPE_BINDING SET SCOPE_BINDING = ? WHERE SCOPE_BINDING = ?"
                  if "IDN_OAUTH2_SCOPE_BINDING" in self.world.apimgt.columns else
                  "UPDATE IDN_OAUTH2_SCOPE SET ROLES = ? WHERE SCOPE_ID = 100 AND ROLES <> ?")
        self.apimgt.execute(change, ["somebody", "forecaster"])
        self.eventually(lambda: self.status(key) == 900910, BOUND_SECONDS, "refused by the scope's new role")
        self.apimgt.execute(change, ["forecaster", "somebody" if "BINDING" in change else "forecaster"])
        self.eventually(lambda: self.status(key) == 0, BOUND_SECONDS, "granted by the scope's old role")
        self.users.execute("DELETE FROM UM_USER_ROLE WHERE UM_ID = 100")
        self.eventually(lambda: self.status(key) == 900910, BOUND_SECONDS, "refused without the role")

    def test_5_broken(self):
        """Half a feed is told, and made whole; the node asks the database meanwhile, or after its next start."""
        self.apimgt.execute("DROP TRIGGER APIM_FEED_AM_API_UPDATE")
        result = self.feed("status")
        self.assertEqual(result.returncode, 1)
        self.assertIn("half", result.stdout)
        self.node.stop()
        self.node.start()
        self.eventually(lambda: self.cache_state() == "short-lived", 5, "half a feed is none")
        done = self.feed("install", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(), ["installed", "installed"])
        self.eventually(lambda: self.cache_state() == "following", 15, "following the feed")

    def test_6_remove(self):
        begin = self.node.log_size()
        key = Key(self.world.tokens["without scopes"])
        self.assertEqual(self.status(key), 0)
        done = self.feed("remove", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.states(), ["absent", "absent"])
        self.assertEqual((schema(self.apimgt), schema(self.users)), self.before)
        self.eventually(lambda: self.cache_state() == "short-lived", 5, "without the feed")
        # Should the user database's go first, the node may have begun anew, and finds none.
        self.assertRegex(self.node.log(begin), r"API Manager database: (the change feed was taken out|no change feed) \(.*\):"
                                               r" facts are believed for 1000 ms")
        self.assert_refused_within(key, CACHE_MAX_AGE_SECONDS + BOUND_SECONDS)
        again = self.feed("remove", "--yes")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(again.stdout.count("there is no feed"), 2)


class Privileges(IntegrationTest):
    """What an account may not do is said, and nothing is left behind."""

    databases = (MARIADB,)

    def setUp(self):
        self.server = mariadb.shared_server()
        self.apimgt, self.users = self.server.new_databases()
        generations.load("2.6", self.apimgt, self.users)
        self.before = schema(self.apimgt)
        limited = types.SimpleNamespace(port=self.server.port, user="limited", password=self.server.password)
        self.server.run("CREATE OR REPLACE USER 'limited'@'127.0.0.1' IDENTIFIED BY '%s'" % self.server.password)
        self.node = Node(databases=[MariadbDatabase(limited, one.name) for one in (self.apimgt, self.users)])
        self.node.ctl("node", "init", "--home", self.node.home, check=True)

    def grant(self, *privileges):
        self.server.run("".join("GRANT %s ON `%s`.* TO 'limited'@'127.0.0.1';" % (", ".join(privileges), one.name)
                                for one in (self.apimgt, self.users)))

    def feed(self, action):
        return self.node.ctl("db", "feed", action, "--home", self.node.home, "--yes")

    def test_missing(self):
        for more, word in (((), "CREATE"), (("CREATE", "DROP"), "TRIGGER")):
            with self.subTest(word):
                self.grant("SELECT", "INSERT", "DELETE", *more)
                result = self.feed("install")
                self.assertNotEqual(result.returncode, 0)
                self.assertIn("%s command denied" % word, result.stderr)
                self.assertIn("nothing of the feed was left behind", result.stderr)
                self.assertEqual(schema(self.apimgt), self.before)

    def test_enough(self):
        self.grant("SELECT", "INSERT", "DELETE", "CREATE", "ALTER", "DROP", "TRIGGER")
        for action in ("install", "remove"):
            result = self.feed(action)
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(schema(self.apimgt), self.before)


class Ours(IntegrationTest):
    databases = (SQLITE, MARIADB)

    def test_refused(self):
        node = self.new_node().prepare(populate=False)
        result = node.ctl("db", "feed", "status", "--home", node.home, "-o", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual({one["state"] for one in json.loads(result.stdout)["databases"]}, {"schema"})
        for action in ("install", "remove"):
            result = node.ctl("db", "feed", action, "--home", node.home, "--yes")
            self.assertEqual(result.returncode, 8, result.stderr)
        self.assertEqual(node.ctl("db", "feed", "dance", "--home", node.home).returncode, 2)


for name in generations.fixture_names():
    class_name = "Feed_" + re.sub(r"\W", "_", name)
    globals()[class_name] = type(class_name, (Feed,), {
        "databases": (MARIADB,), "fixture": name, "__module__": __name__, "__doc__": "The fixture %s." % name})
