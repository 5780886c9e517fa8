"""The base of every integration test: a prepared node per test class, on SQLite and, where it matters, on MariaDB."""

import time
import unittest

import mariadb
import wire
from node import Node

SQLITE, MARIADB = "sqlite", "mariadb"
PATIENCE_SECONDS = 120  # sanitized programs on a busy machine are slow


class IntegrationTest(unittest.TestCase):
    databases = (SQLITE,)  # the class runs once for each of them
    database = SQLITE      # the one of this run; set by `run`

    def eventually(self, condition, seconds, words):
        """Waits until condition() is true. seconds is what is to be expected; a machine that is busy gets PATIENCE_SECONDS all
        the same, because a time limit says more of the machine than of the node."""
        began = time.monotonic()
        pause = 0.01
        while not condition():
            waited = time.monotonic() - began
            self.assertLess(waited, max(seconds, PATIENCE_SECONDS), "after %.0f s still not: %s" % (waited, words))
            time.sleep(pause)
            pause = min(2 * pause, 0.2)

    @classmethod
    def new_node(cls, **options):
        """A node with its own databases, not yet prepared."""
        databases = mariadb.shared_server().new_databases() if cls.database == MARIADB else None
        return Node(databases=databases, **options)


class NodeTest(IntegrationTest):
    """Tests that ask one running node with the known world; self.session is admin's."""

    options = {}  # for Node

    @classmethod
    def setUpClass(cls):
        cls.node = cls.new_node(**cls.options)
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare().start()
        cls.world = cls.node.world
        cls.session = cls.node.login()

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def connect(self, **options):
        connection = wire.Connection(self.node, **options)
        self.addCleanup(connection.close)
        return connection

    def assert_serves(self, connection, sequence=77):
        """The connection still gives right answers."""
        reply = connection.call(wire.validate_key(self.session, self.world.good, sequence))
        self.assertEqual(reply.sequence, sequence)
        self.assertEqual(reply.success()[1], 1)
