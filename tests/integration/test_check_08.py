"""Check 8: an unknown method between two good calls on the same connection."""

import golden
import wire
from harness import NodeTest


class UnknownMethod(NodeTest):
    def test_between_two_good_calls(self):
        connection = self.connect()
        self.assert_serves(connection, 1)
        reply = connection.call(wire.message("ping", 9, b""))
        self.assertEqual(reply.raw.hex(), golden.UNKNOWN_METHOD.hex())
        self.assert_serves(connection, 10)

    def test_its_arguments_are_skipped(self):
        """getCertificateTierInformation of generation V (specification 6.5)."""
        connection = self.connect()
        identifier = wire.texts({1: "carol", 2: "Weather", 3: "1.0"}) + b"\0"
        reply = connection.call(wire.message("getCertificateTierInformation", 2, wire.field(
            wire.STRUCT, 1, identifier) + wire.texts({2: "certificate", 3: self.session})))
        self.assertEqual(reply.application_error(),
                         (wire.UNKNOWN_METHOD, "Invalid method name: 'getCertificateTierInformation'"))
        self.assert_serves(connection, 3)
