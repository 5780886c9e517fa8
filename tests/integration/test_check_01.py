"""Check 1: login over HTTPS with the compact protocol, then validateKey over TLS with the binary protocol."""

import java_client
import wire
from clients import generation
from harness import MARIADB, SQLITE, NodeTest


class ThousandCalls(NodeTest):
    databases = (SQLITE, MARIADB)

    def test_python_library(self):
        key = self.world.good
        with generation("gen4", self.node) as client:
            for _ in range(1000):
                answer = client.validateKey(key.context, key.version, key.token, self.session, "Any", None,
                                            key.resource, key.verb)
                self.assertTrue(answer.authorized)
                self.assertEqual(answer.subscriber, "alice")

    def test_java_library(self):
        java_client.run(self.node, "serial", 1000)

    def test_sequence_ids_are_echoed(self):
        """The Python library does not compare them."""
        connection = self.connect()
        for sequence in (1, 2, 2, 0, -1, 0x7fffffff, -0x80000000, 3):
            reply = connection.call(wire.validate_key(self.session, self.world.good, sequence))
            self.assertEqual((reply.kind, reply.name, reply.sequence), (wire.REPLY, "validateKey", sequence))
