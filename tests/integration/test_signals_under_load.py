"""Signals while clients never pause."""

import signal
import threading
import time

import wire
from harness import NodeTest
from load import Load


class Reload(NodeTest):
    """S10: SIGHUP."""

    SECONDS, INTERVAL = 5.0, 0.05

    def test_reload_all_the_time(self):
        begin, signals = self.node.log_size(), 0
        with Load(self, connections=4, pause=0):
            end = time.monotonic() + self.SECONDS
            while time.monotonic() < end:
                self.node.signal(signal.SIGHUP)
                signals += 1
                if signals % 10 == 0:
                    self.assert_serves(self.connect())  # new connections as well
                time.sleep(self.INTERVAL)
        self.node.wait_for_log("reload", begin)
        self.node.login()


class Drain(NodeTest):
    """SIGTERM. test_sigterm has clients that wait for each answer; these do not."""

    CLIENTS, BATCH = 8, 50

    def client(self, number):
        """Sends batches, and reads answers, until the connection ends."""
        with wire.Connection(self.node, timeout=60) as connection:
            try:
                sequence = 0
                while True:
                    self.send_batch(connection, sequence)
                    for _ in range(self.BATCH):
                        reply = connection.receive()
                        self.check(reply, sequence)
                        sequence += 1
                        self.answered[number] = sequence
            except EOFError as end:
                if "after 0 bytes" not in str(end):
                    self.problems.append("client %d: %s" % (number, end))
            except Exception as problem:
                self.problems.append("client %d: %r" % (number, problem))

    def send_batch(self, connection, first):
        """Odd requests are for a token that nobody issued, so that a mixed-up answer shows."""
        try:
            connection.send(b"".join(
                wire.validate_key(self.session, self.world.unknown if sequence % 2 else self.world.good, sequence)
                for sequence in range(first, first + self.BATCH)))
        except OSError:
            pass  # the node has ended the connection; what it answered before can still be read

    def check(self, reply, sequence):
        expected = (sequence, 0 if sequence % 2 else 1)
        if (reply.sequence, reply.success()[1]) != expected:
            self.problems.append("%r instead of %r" % (reply, expected))

    def test_no_answer_is_wrong_or_cut_off(self):
        self.problems, self.answered = [], [0] * self.CLIENTS
        threads = [threading.Thread(target=self.client, args=(number,)) for number in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            self.eventually(lambda: self.problems or min(self.answered) > 4 * self.BATCH, 120, "every client is served")
        finally:
            self.node.stop()  # an exit status other than 0 is a failure
            for thread in threads:
                thread.join()
        self.assertEqual(self.problems, [])
