"""Check 9: a database that goes away means errors, never a grant, and the node recovers by itself."""

import time

import mariadb
import oauth
import wire
from harness import MARIADB, NodeTest
from node import Node


class DatabaseDown(NodeTest):
    databases = (MARIADB,)

    @classmethod
    def new_node(cls, **options):
        cls.server = mariadb.MariadbServer()  # its own: it will be stopped
        cls.addClassCleanup(cls.server.stop)
        cls.server.commit_durably()
        return Node(databases=cls.server.new_databases(), **options)

    def ask(self):
        """What one client sees: "granted", "refused", "error" or "closed"."""
        try:
            with wire.Connection(self.node) as connection:
                reply = connection.call(wire.validate_key(self.session, self.world.good))
        except (EOFError, OSError):
            return "closed"
        if reply.kind == wire.REPLY and 0 in reply.fields:
            return "granted" if reply.success()[1] else "refused"
        return "error"

    def assert_outage_and_recovery(self, stop):
        self.assertEqual(self.ask(), "granted")
        said = self.said_of_blocks()
        stop()
        # What the node remembers counts only while it can hear of changes, which it notices in the next tenth of a second.
        self.eventually(lambda: self.ask() == "error", 2, "an error")
        began, answers = time.monotonic(), []
        while time.monotonic() < began + 8:
            answers.append(self.ask())
        self.assertEqual(set(answers), {"error"})
        self.assertLessEqual(self.said_of_blocks() - said, 1)  # not with each attempt
        self.server.start()
        self.eventually(lambda: self.ask() == "granted", 30, "granted again")
        self.assertEqual([self.ask() for _ in range(20)], ["granted"] * 20)

    def said_of_blocks(self):
        with open(self.node.log_path) as log:
            return log.read().count("what is blocked cannot be read")

    def test_database_is_shut_down(self):
        self.assert_outage_and_recovery(self.server.stop)

    def test_database_crashes(self):
        self.assert_outage_and_recovery(self.server.kill)

    def test_oauth_meanwhile(self):
        """A client, its token and who introspects are remembered; none of that is believed."""
        client = oauth.Client(self.node)
        token = client.token("client_credentials").json["access_token"]
        for _ in range(3):
            self.assertEqual(client.token("client_credentials").json["access_token"], token)
            self.assertTrue(client.introspect(token)["active"])
        self.server.stop()
        try:
            self.eventually(lambda: client.token("client_credentials").status == 500, 4, "an error")
            for _ in range(3):
                self.assertEqual(client.token("client_credentials").error()[:2], (500, "server_error"))
                self.assertEqual(client.post("/oauth2/introspect", {"token": token}).error()[:2], (500, "server_error"))
        finally:
            self.server.start()
        self.eventually(lambda: client.token("client_credentials").status == 200, 30, "a token again")
        self.assertEqual(client.token("client_credentials").json["access_token"], token)

    def test_login_meanwhile(self):
        self.server.stop()
        try:
            with self.assertRaises(Exception):
                self.node.login()
        finally:
            self.server.start()
        self.eventually(self.can_log_in, 30, "a login succeeds")

    def can_log_in(self):
        try:
            return bool(self.node.login())
        except Exception:
            return False
