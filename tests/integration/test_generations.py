"""Takeover: the same right answers on the databases of all releases, and no statement without an index."""

import re

import filler
import generations
import mariadb
import wire
import world
from harness import MARIADB, SQLITE, IntegrationTest
from validation_cases import CASES, FIELDS, GRANTED

PARTITIONED = ("1.9", "2.1", "2.5")  # fixtures that get a partition of their tokens, too

SMALL = 50  # rows that may be read without an index

# Tables that the releases themselves have no index for (databases.md 3.2, 4.1).
NO_INDEX_AT_ALL = {"AM_API_DEFAULT_VERSION": "no index in any release; only the WebSocket handshake reads it"}
NO_INDEX_ON_CONTEXT = {**NO_INDEX_AT_ALL, "AM_API": "no index on CONTEXT"}
NO_INDEX_BEFORE_2 = {**NO_INDEX_ON_CONTEXT, "AM_APPLICATION_KEY_MAPPING": "no index on CONSUMER_KEY before 2.0",
                     "AM_API_URL_MAPPING": "no index on API_ID before 2.0"}
KNOWN_SCANS = {
    None: {},  # our own schema
    "1.9": NO_INDEX_BEFORE_2,
    "1.10": {**NO_INDEX_BEFORE_2, "IDN_OAUTH2_ACCESS_TOKEN": "no index on ACCESS_TOKEN in 1.10"},
    "2.1": NO_INDEX_ON_CONTEXT,
    "2.2": NO_INDEX_ON_CONTEXT,
    "2.2-with-2.1-oauth": NO_INDEX_ON_CONTEXT,
}


class Answers(IntegrationTest):
    """Asked once, when the node is up; the tests look at the answers."""

    databases = ()

    @classmethod
    def setUpClass(cls):
        cls.node = cls.prepared_node()
        cls.addClassCleanup(cls.node.kill)
        cls.world = generations.GenerationWorld(*cls.node.open_databases())
        cls.ask_all()

    @classmethod
    def prepared_node(cls):
        """A node with the tables of our own schema."""
        return cls.new_node().prepare(populate=False)

    @classmethod
    def ask_all(cls):
        cls.node.start()
        cls.session = cls.node.login(generations.GATEWAY, cls.world.passwords[generations.GATEWAY])
        connection = wire.Connection(cls.node)
        cls.answers = [(case, connection.call(wire.validate_key(cls.session, cls.key(case), level=case.level)))
                       for case in CASES if case.needs is None or case.needs in cls.world.features]
        cls.templates = connection.call(wire.message("getAllURITemplates", 1, wire.texts(
            {1: "/forecast/1.0", 2: "1.0", 3: cls.session})))
        cls.handshake = connection.call(wire.message("validateKeyforHandshake", 1, wire.texts(
            {1: "/weather/2.0", 2: "2.0", 3: cls.world.tokens["good"], 4: cls.session})))
        connection.close()

    @classmethod
    def key(cls, case):
        return world.Key(cls.world.tokens[case.token], case.context, case.version, case.resource, case.verb)

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def test_answers(self):
        for case, reply in self.answers:
            with self.subTest(case.words):
                answer = reply.success()
                status, fields = case.expected(self.world.features)
                self.assertEqual((answer[8], answer[1]), (status, 1 if status == GRANTED else 0))
                self.assertEqual({name: answer.get(FIELDS[name]) for name in fields}, fields)
        for feature in {case.needs for case in CASES} - self.world.features - {None}:
            print("# not asked, for %s: %s" % (generations.FEATURES[feature], "; ".join(
                case.words for case in CASES if case.needs == feature)))

    def test_uri_templates(self):
        """In the order of their rows, with conditions where there are policies (databases.md 5.6)."""
        templates = [{number: value for number, (_, value) in fields.items()} for fields in self.templates.success()]
        self.assertEqual([(one[1], one[4]) for one in templates], [
            ("/snow", "GET"), ("/rain", "POST"), ("/rain", "GET"), ("/rain", "PUT"), ("/rain", "DELETE"),
            ("/hail", "GET"), ("/fog", "GET")])
        self.assertEqual([one[6] for one in templates[4:]], ["Unlimited", "Conditional", "NoSuchTier"])
        conditions = ["_condition_100", "_condition_101", "_default"] if "policies" in self.world.features else None
        self.assertEqual(templates[5].get(7), conditions)

    def test_handshake(self):
        answer = self.handshake.success()
        self.assertEqual((answer[1], answer[11]), (1, "Weather*2.0"))


class Embedded(Answers):
    databases = (SQLITE,)


class Explained(Answers):
    """On MariaDB the server tells which statements the answers took."""

    fixture = None

    @classmethod
    def ask_all(cls):
        server = mariadb.shared_server()
        filler.fill(cls.world)
        server.run("SET GLOBAL log_output = 'TABLE'; TRUNCATE TABLE mysql.general_log; SET GLOBAL general_log = ON")
        try:
            super().ask_all()
        finally:
            server.run("SET GLOBAL general_log = OFF")
        cls.statements = logged_statements(server)

    def test_every_table_is_indexed(self):
        """EXPLAIN of every statement that the answers took."""
        for table in ("IDN_OAUTH2_ACCESS_TOKEN", "AM_SUBSCRIPTION", "IDN_OAUTH2_RESOURCE_SCOPE", "AM_API_URL_MAPPING",
                      "AM_API_DEFAULT_VERSION", "UM_USER_ROLE", "UM_TENANT"):
            self.assertTrue(any(table in statement for statement in self.statements), "no statement reads " + table)
        known = KNOWN_SCANS.get(self.fixture, NO_INDEX_AT_ALL)
        found = {"%s is read whole by %s" % (table, shape_of(statement))
                 for table, statement in self.scans() if table not in known}
        if found:
            self.fail("\n".join(sorted(found)))

    def scans(self):
        """(table, statement) where a statement reads all of a table that is not small."""
        apimgt, users = self.node.databases
        for database in (apimgt, users):
            mine = [one for one in self.statements if bool(re.search(r"\bUM_", one)) == (database is users)]
            plans = database.run("".join("SELECT 'statement'; EXPLAIN %s;\n" % one for one in mine))
            for statement, plan in zip(mine, plans.split("statement\n")[1:], strict=True):
                aliases = {alias or table: table for table, alias in re.findall(
                    r"(?:FROM|JOIN) (\w+)(?: (?!JOIN|LEFT|WHERE|ON|ORDER)(\w+))?", statement)}
                for line in plan.splitlines():
                    _, _, table, how, _, _, _, _, rows, _ = line.split("\t")
                    if how in ("ALL", "index") and not table.startswith("<") and int(rows) > SMALL:
                        yield aliases.get(table, table), statement


class Own(Explained):
    databases = (MARIADB,)


class Release(Explained):
    """One fixture; the classes below are made from this one."""

    @classmethod
    def prepared_node(cls):
        """A node whose databases somebody else made."""
        node = cls.new_node()
        generations.load(cls.fixture, *node.databases)
        if cls.fixture in PARTITIONED:
            generations.add_partition(node.databases[0])
        node.ctl("node", "init", "--home", node.home, check=True)
        return node


def logged_statements(server):
    """The queries that a server saw, a few of each shape; the values of prepared ones are in them."""
    log = server.run("SELECT HEX(argument) FROM mysql.general_log WHERE command_type IN ('Execute', 'Query')")
    by_shape = {}
    for line in log.splitlines():
        statement = bytes.fromhex(line).decode("utf-8", "replace")
        if re.match(r"(SELECT|WITH)\b.*\b(AM|IDN|UM)_", statement, re.S) and "INFORMATION_SCHEMA" not in statement:
            by_shape.setdefault(shape_of(statement), []).append(statement)
    return [statement for statements in by_shape.values() for statement in statements[:5]]


def shape_of(statement):
    """Without its values."""
    return re.sub(r"'(?:[^'\\]|\\.|'')*'|\b\d+\b", "?", statement)


for name in generations.fixture_names():
    class_name = "Release_" + re.sub(r"\W", "_", name)
    globals()[class_name] = type(class_name, (Release,), {
        "databases": (MARIADB,), "fixture": name, "__module__": __name__, "__doc__": "The fixture %s." % name})
