"""A session of a user who is deleted, or has another password, stops working within a minute."""

import time

import wire
from harness import MARIADB, SQLITE, NodeTest
from world import CAROL, MALLORY

LIMIT = 60  # seconds, as promised; the test allows for a slow machine


class Revocation(NodeTest):
    databases = (SQLITE, MARIADB)

    def is_valid(self, session):
        reply = self.connection.call(wire.validate_key(session, self.world.good))
        if reply.fields.keys() == {0}:
            return True
        self.assertEqual(reply.exception(), (1, wire.INVALID_SESSION))
        return False

    def test_deleted_user_and_changed_password(self):
        self.connection = self.connect()
        deleted, changed, other = (self.node.login(name) for name in (CAROL, MALLORY, "bob"))
        for session in (deleted, changed, other):
            self.assertTrue(self.is_valid(session))
        self.world.delete_user(CAROL)
        self.world.change_password(MALLORY, "another password")
        deadline = time.monotonic() + LIMIT + 120
        ended = set()
        while len(ended) < 2 and time.monotonic() < deadline:
            ended |= {session for session in (deleted, changed) if not self.is_valid(session)}
            time.sleep(1)
        self.assertEqual(ended, {deleted, changed})
        for session in (deleted, changed):
            self.assertFalse(self.is_valid(session), "a revoked session came back")
        self.assertTrue(self.is_valid(other))
        self.assertTrue(self.is_valid(self.session))
