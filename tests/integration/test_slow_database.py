"""F20: a database that does not answer. Each client gets an honest error in time, and nobody is granted by mistake."""

import contextlib
import subprocess
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import wire
from harness import MARIADB, NodeTest

OVERLOADED = "The key manager has too many look-ups waiting. Try again."


class SlowDatabase(NodeTest):
    databases = (MARIADB,)

    @contextlib.contextmanager
    def locked_tokens(self):
        """Another session holds the table of tokens; look-ups wait. Yields the function that ends it."""
        database = self.node.databases[0]
        session = subprocess.Popen(database.server.client(database.name), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)

        def unlock():
            if session.poll() is None:
                session.communicate("UNLOCK TABLES;\n", timeout=60)
        try:
            session.stdin.write("LOCK TABLES IDN_OAUTH2_ACCESS_TOKEN WRITE;\nSELECT 'locked';\n")
            session.stdin.flush()
            self.assertEqual(session.stdout.readline().strip(), "locked")
            yield unlock
        finally:
            unlock()

    def ask(self, key, sequence=1):
        """validateKey on a connection of its own."""
        with wire.Connection(self.node, timeout=60) as connection:
            return connection.call(wire.validate_key(self.session, key, sequence))

    def outcome(self, key):
        """"granted", "refused", or the words of the exception."""
        reply = self.ask(key)
        if 0 in reply.fields:
            return "granted" if reply.success().get(1) else "refused"
        return reply.exception()[1]

    def assert_recovers(self, key):
        self.eventually(lambda: self.outcome(key) == "granted", 60, "granted again")
        self.assertEqual([self.outcome(key) for _ in range(10)], ["granted"] * 10)
        self.assertEqual(self.outcome(self.world.unknown), "refused")


class Patience(SlowDatabase):
    """The table is locked for longer than three time-outs."""

    TIMEOUT, LOCKED = 4.0, 13.0
    options = {"apimd": "<Limits><DatabaseTimeout>%d</DatabaseTimeout></Limits>" % (TIMEOUT * 1000)}

    def client(self, key, end, outcomes, delays):
        while time.monotonic() < end:
            began = time.monotonic()
            outcomes.append(self.outcome(key))
            delays.append(time.monotonic() - began)

    def test_answers_while_the_table_is_locked(self):
        """No key was asked for before, so nothing but the database can know about it."""
        keys = [self.world.key_of() for _ in range(4)] + [self.world.revoked, self.world.expired, self.world.unknown]
        self.assertEqual(self.outcome(self.world.good), "granted")
        outcomes, delays = [], []
        with self.locked_tokens():
            end = time.monotonic() + self.LOCKED
            threads = [threading.Thread(target=self.client, args=(key, end, outcomes, delays)) for key in keys]
            for thread in threads:
                thread.start()
            self.assert_others_are_answered(end)
            for thread in threads:
                thread.join()
        self.assertGreaterEqual(len(outcomes), len(keys))
        self.assertEqual(set(outcomes), {"Error while obtaining Token Metadata from Authorization Server"})
        self.assertGreater(max(delays), self.TIMEOUT * 0.5, "the look-ups did not wait, so nothing was tried")
        self.assertLess(max(delays), self.TIMEOUT + 60)  # generous: not for ever
        self.assert_recovers(keys[0])

    def assert_others_are_answered(self, end):
        """Methods that need no token."""
        with wire.Connection(self.node) as connection:
            while time.monotonic() < end:
                reply = connection.call(wire.message("ping", 9, b""))
                self.assertEqual(reply.application_error()[0], wire.UNKNOWN_METHOD)
                arguments = {1: "/weather/1.0", 2: "1.0", 3: self.session}
                reply = connection.call(wire.message("getAllURITemplates", 3, wire.texts(arguments)))
                self.assertTrue(reply.success())
                time.sleep(0.2)

    def test_log_says_what_is_slow(self):
        begin, key = self.node.log_size(), self.world.key_of()
        with self.locked_tokens():
            self.ask(key)
        self.node.wait_for_log("could not look up the token")  # by this test or, moments before, by the other one
        self.assertLess(len(self.node.log(begin).splitlines()), 50)


class Overload(SlowDatabase):
    """Two look-ups run, two wait, and everybody else is told at once."""

    PLACES, CLIENTS = 4, 10
    options = {"apimd": "<Limits><DatabaseThreads>2</DatabaseThreads><DatabaseQueue>2</DatabaseQueue>"
                        "<DatabaseTimeout>120000</DatabaseTimeout></Limits>"}

    def test_overload(self):
        """At once: while the look-ups before them still wait, which they would for two minutes."""
        keys = [self.world.key_of() for _ in range(self.CLIENTS)]
        with self.locked_tokens() as unlock, ThreadPoolExecutor(self.CLIENTS) as pool:
            try:
                waiting = {pool.submit(self.outcome, key) for key in keys}
                refused = []
                while len(refused) < self.CLIENTS - self.PLACES:
                    done, waiting = wait(waiting, 120, FIRST_COMPLETED)
                    self.assertTrue(done, "nobody is refused, and everybody waits")
                    refused += [future.result() for future in done]
                self.assertEqual(set(refused), {OVERLOADED})
                self.assertEqual(self.outcome(self.world.unknown), OVERLOADED)
                with wire.Connection(self.node) as connection:
                    reply = connection.call(wire.message("ping", 9, b""))
                    self.assertEqual(reply.application_error()[0], wire.UNKNOWN_METHOD)
                self.assertEqual(len(wait(waiting, 0).done), 0)
            finally:
                unlock()
            self.assertEqual([future.result(120) for future in waiting], ["granted"] * self.PLACES)
        self.assert_recovers(keys[0])
        self.node.wait_for_log("the database pool is full.*DatabaseThreads")
