"""kill -9 at random moments, of a program that writes tokens (tests/fault/writer.c) and of the database server under it:
what was acknowledged is there, and what was not is there as a whole or not at all."""

import os
import random
import sqlite3
import subprocess
import time

import mariadb
import suite
from harness import MARIADB, SQLITE, IntegrationTest

N_SCOPES = 3
START = 0.04  # about the seconds from the start to the first write
WORK = 0.04   # the longest time of writing
DEAD = {"issue": None, "refresh": "INACTIVE", "revoke": "REVOKED"}  # what becomes of the old token


class SqliteTarget:
    def __init__(self, folder):
        self.path = os.path.join(folder, "fault.sqlite")
        self.words = ["sqlite", self.path]

    def query(self, sql):
        connection = sqlite3.connect(self.path, timeout=120)
        try:
            return [tuple(str(value) for value in row) for row in connection.execute(sql)]
        finally:
            connection.close()

    def settle(self):
        """Until nothing of a dead writer can happen any more."""

    def problems(self):
        return ([row for row in self.query("PRAGMA integrity_check") if row != ("ok",)]
                + self.query("PRAGMA foreign_key_check"))


class MariadbTarget:
    def __init__(self, server):
        self.server = server
        self.name = server.new_databases()[0].name
        self.words = ["mysql", os.path.join(server.folder, "mariadb.sock"), "root", self.name]

    def query(self, sql):
        return [tuple(line.split("\t")) for line in self.server.run(sql, self.name).splitlines()]

    def settle(self):
        deadline = time.monotonic() + 120
        sql = ("SELECT COUNT(*) FROM INFORMATION_SCHEMA.PROCESSLIST WHERE DB = '%s' AND ID <> CONNECTION_ID()"
               % self.name)
        while self.query(sql) != [("0",)]:
            if time.monotonic() > deadline:
                raise AssertionError("the session of a dead writer does not end")
            time.sleep(0.01)

    def problems(self):
        tables = ("IDN_OAUTH2_ACCESS_TOKEN", "IDN_OAUTH2_ACCESS_TOKEN_SCOPE", "IDN_OAUTH_CONSUMER_APPS")
        return [row for row in self.query("CHECK TABLE %s" % ", ".join(tables)) if row[3] != "OK"]


class KillTest(IntegrationTest):
    def setUp(self):
        self.folder = suite.folder("fault")
        self.expected = {}  # id of a token: its state
        self.acknowledged = self.whole = self.absent = self.idle = 0

    def program(self):
        path = os.path.join(suite.build, "tests", "fault", "writer")
        self.assertTrue(os.access(path, os.X_OK), "%s is not there: run make first" % path)
        return path

    def new_target(self, server=None):
        if self.database == SQLITE:
            target = SqliteTarget(self.folder)
        else:
            target = MariadbTarget(server or mariadb.shared_server())
        subprocess.run([self.program(), "create", *target.words], check=True)
        return target

    def start_writer(self, target):
        """A file takes what it says: a pipe would stop it when full."""
        self.output = open(os.path.join(self.folder, "output"), "w+")
        return subprocess.Popen([self.program(), "run", *target.words], stdin=subprocess.DEVNULL, stdout=self.output,
                                stderr=subprocess.DEVNULL)

    def wait_for_write(self, writer):
        """Until one write is acknowledged."""
        deadline = time.monotonic() + 120
        while "done" not in self.said():
            self.assertIsNone(writer.poll(), "the writer ended by itself")
            self.assertLess(time.monotonic(), deadline, "the writer writes nothing")
            time.sleep(0.002)

    def said(self):
        with open(self.output.name) as file:
            return file.read()

    def operations(self):
        """What the last writer acknowledged, and what it was doing when it died (or None)."""
        self.output.close()
        lines = [line.split() for line in self.said().split("\n")[:-1]]
        done = [line[1:] for line in lines if line[0] == "done"]
        tried = [line[1:] for line in lines if line[0] == "try"]
        self.assertEqual(tried[:len(done)], done)
        self.assertLessEqual(len(tried), len(done) + 1)
        return done, tried[len(done)] if len(tried) > len(done) else None

    def expect(self, operation):
        name, new, old = operation
        if new != "-":
            self.expected[new] = "ACTIVE"
        if old != "-":
            self.expected[old] = DEAD[name]

    def rows(self, target, where="1 = 1"):
        """State, whether its id of state fits it, and number of scopes of each token."""
        rows = target.query(
            "SELECT t.TOKEN_ID, t.TOKEN_STATE, t.TOKEN_STATE_ID = 'NONE', COUNT(s.TOKEN_SCOPE)"
            " FROM IDN_OAUTH2_ACCESS_TOKEN t LEFT JOIN IDN_OAUTH2_ACCESS_TOKEN_SCOPE s ON s.TOKEN_ID = t.TOKEN_ID WHERE %s"
            " GROUP BY t.TOKEN_ID, t.TOKEN_STATE, t.TOKEN_STATE_ID" % where)
        for token, state, live, scopes in rows:
            self.assertEqual((live, int(scopes)), ("1" if state == "ACTIVE" else "0", N_SCOPES), (token, state))
        return {row[0]: row[1] for row in rows}

    def decide(self, target, operation):
        """What was not acknowledged: whole or absent."""
        name, new, old = operation
        found = self.rows(target, "t.TOKEN_ID IN ('%s', '%s')" % (new, old))
        before = {old: "ACTIVE"} if old != "-" else {}
        after = {old: DEAD[name]} if old != "-" else {}
        if new != "-":
            after[new] = "ACTIVE"
        self.assertIn(found, (before, after), operation)
        if found == after:
            self.whole += 1
            self.expect(operation)
        else:
            self.absent += 1

    def check(self, target):
        """After a kill."""
        target.settle()
        done, unsure = self.operations()
        for operation in done:
            self.expect(operation)
        self.acknowledged += len(done)
        if unsure:
            self.decide(target, unsure)
        else:
            self.idle += 1
        ids = {token for operation in done for token in operation[1:]} - {"-"}
        if ids:
            found = self.rows(target, "t.TOKEN_ID IN (%s)" % ", ".join("'%s'" % token for token in ids))
            self.assertEqual(found, {token: self.expected[token] for token in ids})

    def check_all(self, target, kills):
        self.assertEqual(target.problems(), [])
        self.assertEqual(self.rows(target), self.expected)
        orphans = target.query("SELECT COUNT(*) FROM IDN_OAUTH2_ACCESS_TOKEN_SCOPE WHERE TOKEN_ID NOT IN"
                               " (SELECT TOKEN_ID FROM IDN_OAUTH2_ACCESS_TOKEN)")
        self.assertEqual(orphans, [("0",)])
        self.assertGreaterEqual(self.acknowledged, kills - kills // 5)
        self.assertGreater(self.whole + self.absent, 0)
        print("# %d kills: %d writes acknowledged and there; of those under way %d whole, %d absent;"
              " %d kills between writes"
              % (kills, self.acknowledged, self.whole, self.absent, self.idle))


class KillWriter(KillTest):
    databases = (SQLITE, MARIADB)

    def test_kill_writer(self):
        kills = 40 if suite.brief else 200 if self.database == SQLITE else 100
        target = self.new_target()
        for number in range(kills):
            writer = self.start_writer(target)
            if number % 5 == 0:  # perhaps while it starts
                time.sleep(random.uniform(0, START + WORK))
            else:
                self.wait_for_write(writer)
                time.sleep(random.uniform(0, WORK))
            self.assertIsNone(writer.poll(), "the writer ended by itself")
            writer.kill()
            writer.wait()
            self.check(target)
            if self.database == SQLITE:
                self.assertEqual(target.query("PRAGMA quick_check"), [("ok",)])
        self.check_all(target, kills)


class KillServer(KillTest):
    databases = (MARIADB,)

    def test_kill_server(self):
        kills = 6
        server = mariadb.MariadbServer()
        server.commit_durably()
        target = self.new_target(server)
        for _ in range(kills):
            writer = self.start_writer(target)
            self.wait_for_write(writer)
            time.sleep(random.uniform(0, 0.4))
            server.kill()
            self.assertNotEqual(writer.wait(timeout=120), 0)
            server.start()
            server.commit_durably()
            self.check(target)
        self.check_all(target, kills)
        server.stop()
