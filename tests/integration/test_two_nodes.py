"""Two nodes with one cluster key and one MariaDB: a session of one is honoured by the other."""

import golden
import mariadb
import wire
from harness import IntegrationTest, MARIADB
from node import Node

CLUSTER_KEY = "repository/resources/security/cluster-key"


class TwoNodes(IntegrationTest):
    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        databases = mariadb.shared_server().new_databases()
        cls.first, cls.second, cls.stranger = (Node(databases=databases) for _ in range(3))
        for node in (cls.first, cls.second, cls.stranger):
            cls.addClassCleanup(node.kill)
        cls.first.prepare()
        cls.second.write(CLUSTER_KEY, cls.first.read(CLUSTER_KEY), 0o600)
        for node in (cls.first, cls.second, cls.stranger):
            node.start()

    @classmethod
    def tearDownClass(cls):
        for node in (cls.first, cls.second, cls.stranger):
            node.stop()

    def ask(self, node, session):
        with wire.Connection(node) as connection:
            return connection.call(wire.validate_key(session, self.first.world.good, sequence=1))

    def test_session_of_the_other_node(self):
        session = self.first.login()
        self.assertEqual(self.ask(self.first, session).success()[1], 1)
        self.assertEqual(self.ask(self.second, session).success()[1], 1)

    def test_session_outlives_its_node(self):
        session = self.second.login("admin", self.first.admin_password)
        self.second.stop()
        try:
            self.assertEqual(self.ask(self.first, session).success()[1], 1)
        finally:
            self.second.start()

    def test_node_with_another_key(self):
        self.assertNotEqual(self.stranger.read(CLUSTER_KEY), self.first.read(CLUSTER_KEY))
        reply = self.ask(self.stranger, self.first.login())
        self.assertEqual(reply.raw.hex(), golden.INVALID_SESSION.hex())

    def test_second_node_changed_nothing(self):
        """A node on an existing database makes no administrator and no password file."""
        with self.assertRaises(FileNotFoundError):
            self.second.read("repository/conf/initial-admin-password")
        self.assertTrue(self.first.login())
