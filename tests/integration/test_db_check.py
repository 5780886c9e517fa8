"""apimctl db check on servers and databases that WSO2 left behind: what it finds, and that it only reads."""

import getpass
import json
import os
import re
import subprocess
import time

import generations
import mariadb
import suite
from harness import MARIADB, SQLITE, IntegrationTest
from node import Node

GALERA = "/usr/lib/galera/libgalera_smm.so"


class CheckTest(IntegrationTest):
    def check(self, node, *arguments):
        """The findings as {code: [finding]}; and that the exit status says what they say."""
        return self.findings(node.ctl("db", "check", "--home", node.home, "-o", "json", *arguments))

    def findings(self, result):
        self.assertIn(result.returncode, (0, 1), result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["ok"], result.returncode == 0)
        self.assertEqual(report["ok"], all(one["severity"] != "error" for one in report["findings"]))
        self.report = report
        by_code = {}
        for finding in report["findings"]:
            by_code.setdefault(finding["code"], []).append(finding)
        return by_code

    def assert_found(self, findings, code, severity, text=""):
        found = [one for one in findings.get(code, ()) if one["severity"] == severity and text in one["text"]]
        self.assertTrue(found, "no %s %s with %r among %r" % (severity, code, text, sorted(findings)))
        if severity != "ok":
            self.assertTrue(found[0]["why"] and found[0]["action"])
        return found[0]

    def assert_absent(self, findings, *codes):
        for code in codes:
            self.assertNotIn(code, findings)


class Healthy(CheckTest):
    databases = (SQLITE, MARIADB)

    def test_nothing_stands_against_it(self):
        findings = self.check(self.new_node().prepare(populate=False))
        self.assertEqual(self.codes("warning", "error"), set())
        for code in ("schema", "generation", "server", "look-ups", "change-feed", "tenants", "user-source"):
            self.assert_found(findings, code, "ok")

    def test_refused_samples(self):
        """The sample and the world of the other tests hold what is refused: that is found, and nothing else."""
        known, sample = self.new_node().prepare(), self.new_node().prepare(populate=False)
        sample.ctl("db", "sample", "--home", sample.home, check=True)
        for node in (known, sample):
            self.check(node)
            self.assertEqual(self.codes("warning", "error"), {"subscription-status", "policy-missing"})

    def codes(self, *severities):
        return {one["code"] for one in self.report["findings"] if one["severity"] in severities}


class Releases(CheckTest):
    """Every release's databases with one world, whose broken rows are found in all of them."""

    databases = (MARIADB,)

    # Beyond the spec: AM_API_DEFAULT_VERSION has no index in any release, REFRESH_TOKEN_HASH in none from 2.2.
    MISSING = {
        "1.9": {"AM_API.CONTEXT", "AM_API_URL_MAPPING.API_ID", "AM_APPLICATION_KEY_MAPPING.CONSUMER_KEY"},
        "1.10": {"AM_API.CONTEXT", "AM_API_URL_MAPPING.API_ID", "AM_APPLICATION_KEY_MAPPING.CONSUMER_KEY",
                 "IDN_OAUTH2_ACCESS_TOKEN.ACCESS_TOKEN"},
        "2.1": {"AM_API.CONTEXT"},
        "2.2": {"AM_API.CONTEXT"},
        "2.2-with-2.1-oauth": {"AM_API.CONTEXT"},
    }
    MIXTURES = {"2.0-from-1.9": "AM_* 2.0 to 2.1, IDN_* 1.10", "2.2-with-2.1-oauth": "AM_* 2.2, IDN_* 2.1"}
    LABELS = {"2.0-from-1.9": "2.0", "2.2-with-2.1-oauth": "2.1"}

    def test_all(self):
        for name in generations.fixture_names():
            with self.subTest(name):
                apimgt, users = mariadb.shared_server().new_databases()
                generations.load(name, apimgt, users)
                generations.GenerationWorld(apimgt, users)
                before = contents(apimgt), contents(users)
                self.check_release(name, Node(databases=[apimgt, users]))
                self.assertEqual((contents(apimgt), contents(users)), before)

    def check_release(self, name, node):
        findings = self.check(node)
        self.assertEqual(self.report["databases"][0]["generation"], self.LABELS.get(name, name))
        self.assertEqual({one["part"] for one in findings["look-ups"]}, {"api", "user"})
        self.assert_absent(findings, "not-checked", "look-up-failed", "look-up-slow", "half-created", "table-missing")
        missing = {re.sub(r"^(\w+).* begins with (\w+)$", r"\1.\2", one["text"]): one["action"]
                   for one in findings["index-missing"] if one["severity"] == "warning"}
        self.assertEqual(set(missing), self.MISSING.get(name, set()))
        for column, action in missing.items():
            self.assertIn("CREATE INDEX", action)
            self.assertIn("ON " + column.split(".")[0], action)
        self.assertEqual("mixture" in findings, name in self.MIXTURES)
        if name in self.MIXTURES:
            self.assert_found(findings, "mixture", "warning", self.MIXTURES[name])
        self.assert_found(findings, "collation", "note")
        self.assert_found(findings, "on-update", "warning" if name == "2.0" else "note", "AM_API.CREATED_TIME")
        for code in ("subscription-status", "subscription-orphan", "token-orphan"):
            self.assert_found(findings, code, "warning")

    def test_offered_indexes_can_be_made(self):
        """The statements run as they are, and the findings are gone."""
        apimgt, users = mariadb.shared_server().new_databases()
        generations.load("1.10", apimgt, users)
        node = Node(databases=[apimgt, users])
        for finding in self.check(node)["index-missing"]:
            apimgt.run(finding["action"].split("; --")[0])
        self.assert_absent(self.check(node), "index-missing")


def contents(database):
    """A digest of every table and the definition of every object."""
    return [database.run("CHECKSUM TABLE %s; SHOW CREATE TABLE %s" % (name, name)) for name in database.tables()]


class Server(CheckTest):
    """How a server is set. It is a server of its own, because others are asked at the same time."""

    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        cls.server = mariadb.MariadbServer()
        cls.apimgt, cls.users = cls.server.new_databases()
        cls.node = Node(databases=[cls.apimgt, cls.users]).prepare()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def set(self, **settings):
        """Global variables, for this test."""
        for name, value in settings.items():
            before = self.server.run("SELECT @@GLOBAL." + name).strip()
            literal = before if before.isdigit() else "'%s'" % before
            self.addCleanup(self.server.run, "SET GLOBAL %s = %s" % (name, literal))
            self.server.run("SET GLOBAL %s = %s" % (name, value))

    def write_token(self, wall_clock):
        """The newest token, with this text as TIME_CREATED; the others are long ago."""
        self.apimgt.run("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = '2020-01-01 00:00:00';"
                        "UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TIME_CREATED = '%s' ORDER BY TOKEN_ID LIMIT 1" % wall_clock)

    def test_written_in_utc_west_of_it(self):
        """Tokens would live five hours longer than they should (databases.md 4.6)."""
        self.set(time_zone="'-05:00'")
        self.write_token(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()))
        findings = self.check(self.node)
        finding = self.assert_found(findings, "time-future", "error", "seconds from now, if its time is read as server")
        self.assertIn("<TokenTime>utc</TokenTime>", finding["action"])
        self.assert_found(findings, "time-zone", "ok", "-05:00")
        self.assert_absent(self.check(self.node, "--token-time", "utc"), "time-future", "time-unclear")

    def test_written_in_utc_east_of_it(self):
        """Nothing is in the future, but the newest token may be just issued: said, and not decided."""
        self.set(time_zone="'+05:00'")
        self.write_token(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()))
        finding = self.assert_found(self.check(self.node), "time-unclear", "warning")
        self.assertIn("<TokenTime>utc</TokenTime>", finding["action"])
        self.assert_absent(self.check(self.node, "--token-time", "utc"), "time-future", "time-unclear")

    def test_written_in_server_time_and_read_as_utc(self):
        self.set(time_zone="'+05:00'")
        self.write_token(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 5 * 3600)))
        self.assert_absent(self.check(self.node), "time-future", "time-unclear")
        finding = self.assert_found(self.check(self.node, "--token-time", "utc"), "time-future", "error", "read as utc")
        self.assertIn("<TokenTime>server</TokenTime>", finding["action"])

    def test_clock(self):
        self.set(init_connect="'SET timestamp = %d'" % (time.time() + 3600))
        self.assert_found(self.check(self.node), "clock", "warning", "seconds")

    def test_loose_mode(self):
        self.set(sql_mode="'NO_ENGINE_SUBSTITUTION'")
        self.assert_found(self.check(self.node), "sql-mode", "warning", "NO_ENGINE_SUBSTITUTION")

    def test_no_zero_dates(self):
        apimgt, users = self.server.new_databases()
        generations.load("2.6", apimgt, users)
        self.set(sql_mode="'STRICT_TRANS_TABLES,NO_ZERO_DATE'")
        self.assert_found(self.check(Node(databases=[apimgt, users])), "zero-date", "note")

    def test_read_only(self):
        self.set(read_only="ON")
        self.assert_found(self.check(self.node), "read-only", "warning")

    def test_small_packets(self):
        self.set(max_allowed_packet=65536)
        self.assert_found(self.check(self.node), "packet", "warning", "65536")

    def test_only_reads(self):
        """A user who may only SELECT is enough, and what the server is asked changes nothing."""
        password = suite.secret("only-to-look-at-it")
        self.server.run("CREATE OR REPLACE USER looker@127.0.0.1 IDENTIFIED BY '%s';"
                        "GRANT SELECT, TRIGGER ON `%s`.* TO looker@127.0.0.1; GRANT SELECT, TRIGGER ON `%s`.* TO looker@127.0.0.1;"
                        "SET GLOBAL log_output = 'TABLE'; TRUNCATE TABLE mysql.general_log"
                        % (password, self.apimgt.name, self.users.name))
        self.set(general_log="ON")
        findings = self.findings(self.check_urls("looker", password))
        self.assert_absent(findings, "not-checked")
        self.assert_found(findings, "change-feed", "ok")
        log = self.server.run("SELECT DISTINCT command_type, UPPER(SUBSTRING_INDEX(TRIM(CONVERT(argument USING utf8mb4)), ' ', 1))"
                              " FROM mysql.general_log WHERE user_host LIKE '%looker%'"
                              " AND command_type IN ('Query', 'Execute', 'Prepare')")
        self.assertEqual({line.split("\t")[1] for line in log.splitlines()} - {"SET"}, {"SELECT", "SHOW"})

    def check_urls(self, user, password, *arguments):
        file = self.node.write("looker-password", password + "\n", 0o600)
        urls = ["mysql://%s@127.0.0.1:%d/%s" % (user, self.server.port, database.name)
                for database in (self.users, self.apimgt)]
        return self.node.ctl("db", "check", "--url", urls[0], "--url", urls[1], "--password-file", file, "-o", "json",
                             *arguments)

    def test_password_of_the_environment(self):
        url = "jdbc:mysql://127.0.0.1:%d/%s" % (self.server.port, self.apimgt.name)
        result = subprocess.run([suite.program("apimctl"), "db", "check", "--url", url, "--user", self.server.user, "-o", "json"],
                                env={**os.environ, "APIMCTL_DB_PASSWORD": self.server.password}, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        self.assert_found(self.findings(result), "tenants-unknown", "note")

    def test_wrong_password(self):
        password = suite.secret("surely-not-this-one")
        result = self.check_urls(self.server.user, password)
        self.assert_found(self.findings(result), "unreachable", "error", "Access denied")
        self.assertNotIn(password, result.stdout + result.stderr)

    def test_server_is_down(self):
        server = mariadb.MariadbServer()
        databases = server.new_databases()
        server.stop()
        findings = self.check(Node(databases=databases))
        self.assertEqual({one["part"] for one in findings["unreachable"]}, {"api", "user"})
        self.assertEqual({one["state"] for one in self.report["databases"]}, {"unreachable"})


class GaleraServer(mariadb.MariadbServer):
    """A cluster of one."""

    def start(self):
        self._tool("start", self.folder)
        self._tool("stop", self.folder)
        port = suite.free_port()
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--datadir=%s/data" % self.folder, "--socket=%s/mariadb.sock" % self.folder,
             "--pid-file=%s/mariadb.pid" % self.folder, "--user=" + getpass.getuser(), "--bind-address=127.0.0.1", "--port=%d" % self.port,
             "--innodb-buffer-pool-size=64M", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON",
             "--log-bin-trust-function-creators=1",
             "--wsrep-provider=" + GALERA, "--wsrep-cluster-address=gcomm://", "--wsrep-node-address=127.0.0.1",
             "--wsrep-provider-options=gcache.size=8M;gmcast.listen_addr=tcp://127.0.0.1:%d" % port,
             "--log-error=%s/error.log" % self.folder],
            env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 180
        while subprocess.run([*self.client(), "--execute=SHOW STATUS LIKE 'wsrep_ready'"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL).stdout.split() != [b"wsrep_ready", b"ON"]:
            if time.monotonic() > deadline:
                raise RuntimeError("the cluster did not answer: see %s/error.log" % self.folder)
            time.sleep(0.2)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Galera(CheckTest):
    databases = (MARIADB,)

    def test_cluster(self):
        if not os.path.exists(GALERA):
            self.skipTest("needs galera-4")
        server = GaleraServer()
        self.addCleanup(server.stop)
        apimgt, users = server.new_databases()
        node = Node(databases=[apimgt, users]).prepare()
        findings = self.check(node)
        self.assert_found(findings, "galera", "ok", "a Galera cluster of 1")
        apimgt.run("DROP INDEX IDX_APIM_API_CONTEXT ON AM_API")
        self.assertIn("holds up the whole cluster", self.assert_found(self.check(node), "index-missing", "warning")["action"])

    def test_parted(self):
        """With dirty reads allowed a server without its cluster still answers, and must not be believed."""
        if not os.path.exists(GALERA):
            self.skipTest("needs galera-4")
        server = GaleraServer()
        self.addCleanup(server.stop)
        node = Node(databases=server.new_databases()).prepare()
        server.run("SET GLOBAL wsrep_dirty_reads = ON;"
                   "SET GLOBAL wsrep_provider_options = 'pc.weight=0'; SET GLOBAL wsrep_cluster_address = 'gcomm://127.0.0.1:%d'"
                   % suite.free_port())
        self.assert_found(self.check(node), "unreachable", "error")
