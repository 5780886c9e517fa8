"""Check 7: requests and TLS records do not have to agree."""

import wire
from harness import MARIADB, SQLITE, NodeTest


class Records(NodeTest):
    databases = (SQLITE, MARIADB)

    def test_two_requests_in_one_record(self):
        connection = self.connect()
        connection.send(wire.validate_key(self.session, self.world.good, 1)
                        + wire.validate_key(self.session, self.world.unknown, 2))
        first, second = connection.receive(), connection.receive()
        self.assertEqual((first.sequence, first.success()[1]), (1, 1))
        self.assertEqual((second.sequence, second.success()[8]), (2, 900901))

    def test_one_byte_per_record(self):
        connection = self.connect()
        for byte in wire.validate_key(self.session, self.world.good, 3):
            connection.send(bytes([byte]))
        reply = connection.receive()
        self.assertEqual((reply.sequence, reply.success()[1]), (3, 1))

    def test_split_at_every_byte(self):
        connection = self.connect()
        request = wire.validate_key(self.session, self.world.good, 4)
        for position in range(1, len(request)):
            connection.send(request[:position])
            connection.send(request[position:])
            self.assertEqual(connection.receive().success()[1], 1)

    def test_pipelined_calls_are_answered_in_order(self):
        """Fast and slow answers mixed: unknown methods need no database."""
        connection, requests = self.connect(), b""
        for sequence in range(200):
            requests += (wire.message("ping", sequence, b"") if sequence % 3 == 0
                         else wire.validate_key(self.session, self.world.good, sequence))
        connection.send(requests)
        for sequence in range(200):
            reply = connection.receive()
            self.assertEqual(reply.sequence, sequence)
            self.assertEqual(reply.kind, wire.EXCEPTION if sequence % 3 == 0 else wire.REPLY)
