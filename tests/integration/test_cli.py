"""apimctl: validate with its exit statuses, and the db and node commands."""

import json
import os
import shutil
import subprocess

import suite
from harness import MARIADB, SQLITE, IntegrationTest, NodeTest
from node import Node

AUTHORIZED, LOGIN_REFUSED, REFUSED, UNREACHABLE = 0, 4, 8, 10


class Validate(NodeTest):
    databases = (SQLITE, MARIADB)

    def validate(self, key, *more, token_input=None):
        arguments = ["validate", "--context", key.context, "--version", key.version, "--resource", key.resource,
                     "--method", key.verb]
        if token_input is None:
            arguments += ["--token-file", self.node.write("token", key.token + "\n", 0o600)]
        return self.node.ctl(*arguments, *more, input=token_input)

    def home(self):
        return "--home", self.node.home

    def explicit(self, **changes):
        """Everything named, as for a Key Manager on another machine."""
        values = {"server": "localhost:%d" % self.node.https_port, "thrift": "localhost:%d" % self.node.thrift_port,
                  "user": "admin", "password-file": self.node.path("repository/conf/initial-admin-password"),
                  "cacert": self.node.certificate}
        values.update(changes)
        return [word for name, value in values.items() for word in ("--" + name, value)]

    def test_authorized(self):
        for where in (self.home(), self.explicit()):
            with self.subTest(where[0]):
                result = self.validate(self.world.good, *where)
                self.assertEqual(result.returncode, AUTHORIZED, result.stderr)
                self.assertIn("authorized", result.stdout)
                self.assertIn("alice", result.stdout)

    def test_token_from_standard_input(self):
        result = self.validate(self.world.good, *self.home(), "--token-file", "-",
                               token_input=self.world.good.token + "\n")
        self.assertEqual(result.returncode, AUTHORIZED, result.stderr)

    def test_refused(self):
        for name, status in (("revoked", "900901"), ("expired", "900901")):
            with self.subTest(name):
                result = self.validate(getattr(self.world, name), *self.home())
                self.assertEqual(result.returncode, REFUSED, result.stderr)
                self.assertIn(status, result.stdout + result.stderr)

    def test_json(self):
        result = self.validate(self.world.good, *self.home(), "-o", "json")
        self.assertEqual(result.returncode, AUTHORIZED, result.stderr)
        answer = json.loads(result.stdout)
        self.assertIs(answer["authorized"], True)
        self.assertEqual((answer["validationStatus"], answer["subscriber"]), (0, "alice"))
        result = self.validate(self.world.good.at_state("blocked"), *self.home(), "-o", "json")
        self.assertEqual(result.returncode, REFUSED, result.stderr)
        answer = json.loads(result.stdout)
        self.assertEqual((answer["authorized"], answer["validationStatus"]), (False, 900907))

    def test_login_refused(self):
        wrong = self.node.write("wrong-password", suite.secret("not-the-password") + "\n", 0o600)
        result = self.validate(self.world.good, *self.explicit(**{"password-file": wrong}))
        self.assertEqual(result.returncode, LOGIN_REFUSED, result.stderr)
        self.assertRegex(result.stderr, r"(?m)^apimctl: error: .+\[.+\]$")

    def test_unreachable(self):
        nobody = "localhost:%d" % suite.free_port()
        for name in ("server", "thrift"):
            with self.subTest(name):
                result = self.validate(self.world.good, *self.explicit(**{name: nobody}))
                self.assertEqual(result.returncode, UNREACHABLE, result.stderr)
                self.assertRegex(result.stderr, r"(?m)^apimctl: error: .+\[.+\]$")

    def test_certificate_of_somebody_else(self):
        """A node that is not in the trust store is not talked to."""
        other = self.new_node().prepare(populate=False)
        result = self.validate(self.world.good, *self.explicit(cacert=other.certificate))
        self.assertEqual(result.returncode, UNREACHABLE, result.stderr)

    def test_output_holds_no_secret(self):
        result = self.validate(self.world.good, *self.home())
        for secret in (self.world.good.token, self.node.admin_password):
            self.assertNotIn(secret, result.stdout + result.stderr)

    def test_usage_errors(self):
        for arguments in (["validate"], ["validate", "--no-such-option"], ["no-such-command"],
                          ["validate", "--context"]):
            with self.subTest(arguments):
                result = self.node.ctl(*arguments)
                self.assertNotIn(result.returncode, (AUTHORIZED, REFUSED, LOGIN_REFUSED, UNREACHABLE))
                self.assertIn("apimctl: error: ", result.stderr)


class NodeInit(IntegrationTest):
    FILES = ("repository/conf/initial-admin-password", "repository/resources/security/cluster-key",
             "repository/resources/security/node-cert.pem", "repository/database/apimgtdb.sqlite",
             "repository/database/userdb.sqlite")

    def test_makes_what_is_missing_once(self):
        node = Node()
        node.ctl("node", "init", "--home", node.home, check=True)
        before = self.contents(node)
        self.assertEqual(set(self.FILES) - set(before), set())
        for file in self.FILES:
            if not file.endswith("cert.pem"):
                self.assertEqual(os.stat(node.path(file)).st_mode & 0o077, 0, "%s is readable by others" % file)
        self.assertEqual(node.ctl("node", "init", "--home", node.home, "-q", check=True).stdout, node.home + "\n")
        self.assertEqual(self.contents(node), before)

    @staticmethod
    def contents(node):
        found = {}
        for folder, _, files in os.walk(node.home):
            for name in files:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, node.home)] = file.read()
        return found

    def test_given_password(self):
        node = Node()
        password = node.write("password", suite.secret("Given-by-the-operator-7") + "\n", 0o600)
        node.ctl("node", "init", "--home", node.home, "--admin-password-file", password, check=True)
        node.start()
        self.assertTrue(node.login("admin", "Given-by-the-operator-7"))
        node.stop()

    def test_first_start_does_the_same(self):
        """An empty home: apimd itself makes everything, and says so."""
        node = Node().start()
        for file in self.FILES:
            self.assertTrue(os.path.exists(node.path(file)), file)
        self.assertIn("initial-admin-password", node.log())
        self.assertTrue(node.login())
        node.stop()


class Migrate(IntegrationTest):
    databases = (SQLITE, MARIADB)

    def test_twice(self):
        node = self.new_node()
        node.ctl("db", "migrate", "--home", node.home, "--yes", check=True)
        before = [database.tables() for database in node.open_databases()]
        self.assertIn("IDN_OAUTH2_ACCESS_TOKEN", before[0])
        self.assertIn("UM_USER", before[1])
        node.ctl("db", "migrate", "--home", node.home, "--yes", check=True)
        self.assertEqual([database.tables() for database in node.open_databases()], before)

    def test_foreign_database_is_refused(self):
        node = self.new_node()
        if self.database == SQLITE:
            os.makedirs(node.path("repository/database"))
        for database in node.open_databases():
            database.execute("CREATE TABLE somebody_elses (id INTEGER)")
        result = node.ctl("db", "migrate", "--home", node.home, "--yes")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("apimctl: error: ", result.stderr)
        for database in node.open_databases():
            self.assertEqual(database.tables(), ["somebody_elses"])

    def test_without_consent(self):
        """Without --yes and without a terminal it shows the plan and changes nothing."""
        node = self.new_node()
        result = node.ctl("db", "migrate", "--home", node.home)
        self.assertNotEqual(result.returncode, 0)
        for database in node.open_databases():
            exists = self.database == MARIADB or os.path.exists(database.path)
            self.assertEqual(database.tables() if exists else [], [])

    def test_check(self):
        node = self.new_node()
        self.assertNotEqual(node.ctl("db", "check", "--home", node.home).returncode, 0)
        node.prepare()
        result = node.ctl("db", "check", "--home", node.home, check=True)
        self.assertIn("2.6", result.stdout)


class Help(IntegrationTest):
    def test_help_and_version(self):
        node = Node()
        self.assertIn("validate", node.ctl("help", check=True).stdout)
        self.assertIn("--token-file", node.ctl("help", "validate", check=True).stdout)
        self.assertRegex(node.ctl("version", check=True).stdout, r"\d+\.\d+")

    def test_both_programs_know_the_same(self):
        """The small one's table was made from the other's."""
        small = suite.program("apimctl")

        def said(program, *words):
            return subprocess.run([program, "help", *words], stdout=subprocess.PIPE, check=True, text=True).stdout

        commands = json.loads(said(small, "-o", "json"))
        self.assertEqual(commands, json.loads(said(small + "-commands", "-o", "json")))
        for words in (["db", "check"], ["api", "create"], ["login"], ["subscribe"]):
            self.assertEqual(said(small, *words), said(small + "-commands", *words))

    def test_moved_installation(self):
        """What "make install DESTDIR=..." made runs from there."""
        top = suite.folder("moved")
        os.makedirs(os.path.join(top, "bin"))
        os.makedirs(os.path.join(top, "libexec", "apim"))
        moved = shutil.copy(suite.program("apimctl"), os.path.join(top, "bin"))
        shutil.copy(suite.program("apimctl") + "-commands", os.path.join(top, "libexec", "apim"))
        result = subprocess.run([moved, "db", "check", "--home", os.path.join(top, "none")], stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("there is no such folder", result.stderr)

    def test_half_an_installation(self):
        """Without the other program the small one says what is missing."""
        alone = os.path.join(suite.folder("alone"), "apimctl")
        shutil.copy(suite.program("apimctl"), alone)
        self.assertEqual(subprocess.run([alone, "env", "list"], stdout=subprocess.PIPE).returncode, 0)
        result = subprocess.run([alone, "api", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertRegex(result.stderr, "apimctl-commands: cannot be run: .*install it again")
