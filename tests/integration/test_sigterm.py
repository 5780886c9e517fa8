"""SIGTERM: what was asked is answered, nothing new is accepted, and the node ends with 0."""

import signal
import socket
import threading

import wire
from harness import NodeTest
from node import STOP_SECONDS


class Drain(NodeTest):
    def setUp(self):
        if self.node.process is None:
            self.node.start()

    def test_idle_connections_do_not_delay_the_end(self):
        connections = [self.connect() for _ in range(10)]
        self.assert_serves(connections[0])
        self.node.stop()
        self.assertNotIn("took longer than Limits/DrainTimeout", self.node.log())
        for connection in connections:
            self.assertTrue(connection.is_closed_by_peer())

    def test_no_reply_is_cut_off(self):
        """Clients that never pause: each reply is whole and right, then the connection ends between two."""
        problems, answered = [], [0] * 8

        def client(number):
            try:
                with wire.Connection(self.node) as connection:
                    while True:
                        reply = connection.call(wire.validate_key(self.session, self.world.good, answered[number]))
                        if reply.sequence != answered[number] or reply.success()[1] != 1:
                            problems.append(repr(reply))
                        answered[number] += 1
            except EOFError as end:
                if "after 0 bytes" not in str(end):
                    problems.append(str(end))
            except OSError:
                pass  # closed while the request was on its way
        threads = [threading.Thread(target=client, args=(number,)) for number in range(len(answered))]
        for thread in threads:
            thread.start()
        self.eventually(lambda: min(answered) > 20, 60, "every client is served")
        self.node.stop()
        for thread in threads:
            thread.join()
        self.assertEqual(problems, [])

    def test_ports_are_closed(self):
        self.node.stop()
        for port in (self.node.thrift_port, self.node.https_port):
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=60).close()

    def test_sigint_ends_it_as_well(self):
        process, self.node.process = self.node.process, None
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(STOP_SECONDS), 0)
