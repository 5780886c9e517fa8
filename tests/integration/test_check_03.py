"""Check 3, the part of it that a gateway's pool needs: many connections from one address at once."""

import java_client
from harness import NodeTest


class ManyConnections(NodeTest):
    def test_300_connections_of_the_java_library(self):
        java_client.run(self.node, "parallel", 300)

    def test_300_open_connections(self):
        """60 are then forgotten in the middle of a request; the others do not notice."""
        connections = [self.connect() for _ in range(300)]
        for connection in connections[:60]:
            connection.send(b"\x80\x01\x00\x01\x00\x00\x00\x0bvalidate")
        for sequence, connection in enumerate(connections[60:]):
            self.assert_serves(connection, sequence)
