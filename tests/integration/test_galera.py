"""F22, F23: two nodes on a Galera cluster of three. Whatever happens to a server of it, no token is granted that was revoked a
while ago, errors are honest, and the service comes back by itself."""

import signal
import threading
import time
import unittest

import galera
import wire
from harness import MARIADB, IntegrationTest
from node import Node

CLUSTER_KEY = "repository/resources/security/cluster-key"
# From the commit until no node grants any more, whatever happens to the database: a node believes what it remembers for 1 s after it began to
# read the feeds, and a call may be on its way.
BOUND_SECONDS = 1.5
SETTLE_SECONDS = 5.5
RESUME_SECONDS = 30
LIMITS = "<Limits><DatabaseTimeout>3000</DatabaseTimeout></Limits>"

UNAVAILABLE = "Error while obtaining Token Metadata from Authorization Server"


class Watcher:
    """Asks one node for keys, all the time. What it hears is kept with the moments before and after."""

    def __init__(self, node, session, keys, threads=2):
        self.node, self.session, self.keys = node, session, keys
        self.heard = []  # (asked at, answered at, key, answer): 0 granted, a code, or the words of an exception
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number, threads)) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, number, step):
        with wire.Connection(self.node, timeout=60) as connection:
            while not self._stop.is_set():
                for key in self.keys[number::step]:
                    self.heard.append(ask(connection, self.session, key))
                time.sleep(0.01)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def since(self, moment):
        return [answer for asked_at, _, _, answer in list(self.heard) if asked_at >= moment]


def ask(connection, session, key):
    asked_at = time.monotonic()
    reply = connection.call(wire.validate_key(session, key))
    answer = reply.success()[8] if 0 in reply.fields else reply.exception()[1]
    return asked_at, time.monotonic(), key, answer


@unittest.skipIf(galera.missing(), galera.missing())
class Galera(IntegrationTest):
    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        cls.cluster = galera.GaleraCluster()
        cls.addClassCleanup(cls.cluster.stop)
        cls.nodes = [Node(databases=cls.cluster.view(first).databases(), apimd=LIMITS) for first in (0, 1)]
        for node in cls.nodes:
            cls.addClassCleanup(node.kill)
        first, second = cls.nodes
        first.prepare()
        second.write(CLUSTER_KEY, first.read(CLUSTER_KEY), 0o600)
        cls.world = first.world
        cls.apimgt = cls.cluster.view(2).databases()[0]
        for node in cls.nodes:
            node.start()
        cls.session = first.login()

    @classmethod
    def tearDownClass(cls):
        for node in cls.nodes:
            node.stop()

    def revoke(self, key):
        """The moment when it was known to be committed, by the primary component."""
        self.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = UUID(),"
                            " TIME_CREATED = TIME_CREATED WHERE ACCESS_TOKEN = ?", [key.token])
        return time.monotonic()

    def users_of(self, server):
        """How many connections the nodes have to it."""
        return int(server.run("SELECT COUNT(*) FROM INFORMATION_SCHEMA.PROCESSLIST WHERE USER = 'apim'").strip())

    def watch(self, fault, heal):
        """Revokes keys before, during and after the fault while both nodes are asked for them."""
        keys = [self.world.key_of() for _ in range(12)]
        last = self.world.good
        watchers = [Watcher(node, self.session, keys + [last]) for node in self.nodes]
        committed = {}
        try:
            for watcher in watchers:
                self.eventually(lambda: watcher.since(0).count(0) >= 50, 30, "granted before the fault")
            began = time.monotonic()
            for key in keys[:3]:
                committed[key.token] = self.revoke(key)
            fault()
            for key in keys[3:9]:
                committed[key.token] = self.revoke(key)
                time.sleep(0.3)
            for node, watcher in zip(self.nodes, watchers):
                self.wait_for_service(watcher, last)
            resumed = time.monotonic()
            for watcher in watchers:
                self.eventually(lambda: self.all_refused(watcher, keys[:9]), SETTLE_SECONDS, "refused during the fault")
            heal()
            for key in keys[9:]:
                committed[key.token] = self.revoke(key)
            for watcher in watchers:
                self.eventually(lambda: self.all_refused(watcher, keys), SETTLE_SECONDS, "all refused")
        finally:
            for watcher in watchers:
                watcher.stop()
        print("# service resumed on both nodes %.1f s after the fault" % (resumed - began), flush=True)
        for node, watcher in zip(self.nodes, watchers):
            self.assert_honest(node, watcher, committed)

    def all_refused(self, watcher, keys):
        latest = {key.token: answer for _, _, key, answer in list(watcher.heard)[-2000:]}
        return all(latest.get(key.token) == 900901 for key in keys)

    def wait_for_service(self, watcher, key):
        """A second of nothing but grants for the key that nobody revokes."""
        def good_for_a_second():
            since = time.monotonic() - 1
            heard = [(asked_at, answer) for asked_at, _, asked, answer in list(watcher.heard)[-2000:] if asked.token == key.token]
            answers = [answer for asked_at, answer in heard if asked_at >= since]
            if len(answers) < 3:  # a machine that is busy asks less often
                answers = [answer for _, answer in heard[-3:]]
            return len(answers) >= 3 and set(answers) == {0}
        self.eventually(good_for_a_second, RESUME_SECONDS, "served again")

    def assert_honest(self, node, watcher, committed):
        words = set()
        longest = 0.0
        for asked_at, answered_at, key, answer in watcher.heard:
            revoked_at = committed.get(key.token)
            longest = max(longest, answered_at - asked_at)
            if isinstance(answer, str):
                words.add(answer)
            elif revoked_at is None:
                self.assertEqual(answer, 0, "a good token was refused")
            else:
                self.assertIn(answer, (0, 900901))
                if answer == 0:
                    self.assertLess(asked_at - revoked_at, BOUND_SECONDS, "granted %.1f s after the revocation"
                                    % (asked_at - revoked_at))
        self.assertLessEqual(words, {UNAVAILABLE}, "other words than those of an outage")
        self.assertLess(longest, 60)  # the time-out of the watchers: somebody was kept waiting for ever
        late = [asked_at - committed[key.token] for asked_at, _, key, answer in watcher.heard
                if answer == 0 and asked_at > committed.get(key.token, asked_at)]
        refused = [answer for _, _, _, answer in watcher.heard if answer == 900901]
        self.assertGreaterEqual(len(refused), len(committed))
        print("# port %d: %d answers, %d exceptions, longest wait %.1f s, last grant %.2f s after a revocation" % (
            node.thrift_port, len(watcher.heard), sum(isinstance(heard[3], str) for heard in watcher.heard), longest,
            max(late, default=0)), flush=True)

    def test_1_reads_see_other_servers(self):
        """Each node begins at its own server, asks for causal reads there, and sees a revocation made at the third."""
        self.assertEqual([self.users_of(server) > 0 for server in self.cluster.servers], [True, True, False])
        self.watch(lambda: None, lambda: None)

    def test_2_change_numbers_across_servers(self):
        """Numbers of changes written on different servers: each is unique, and idle servers do not fall behind."""
        first, _, third = self.cluster.servers
        for _ in range(20):
            self.revoke(self.world.key_of())
        newest = int(first.run("SELECT MAX(ID) FROM APIM_CHANGE_FEED", "apimgtdb"))
        first.run("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = UUID(),"
                  " TIME_CREATED = TIME_CREATED WHERE TOKEN_STATE = 'ACTIVE' AND ACCESS_TOKEN = '%s'"
                  % self.world.key_of().token, "apimgtdb")
        self.assertGreater(int(third.run("SET wsrep_sync_wait = 1; SELECT MAX(ID) FROM APIM_CHANGE_FEED", "apimgtdb")),
                           newest)

    def busiest(self):
        """The server that the nodes use most now, but not the one that the tests write to."""
        return max(self.cluster.servers[:2], key=self.users_of)

    def test_3_server_lags(self):
        """The first node's server answers at once, but from the past: it does not follow the others."""
        server = self.cluster.servers[0]
        self.assertGreater(self.users_of(server), 0)
        release = []
        self.watch(lambda: release.append(server.hold_back()), lambda: release[0]())

    def test_4_server_cut_off(self):
        """A server is cut off from the others, and still talks to whoever asks it."""
        server = self.busiest()

        def heal():
            server.isolate(0)
            self.cluster.wait_for_size(3, self.cluster.servers)
        self.watch(lambda: server.isolate(1), heal)

    def test_5_server_stopped(self):
        """A server stands still, and goes on later in the belief that nothing happened."""
        server = self.busiest()

        def heal():
            server.signal(signal.SIGCONT)
            self.cluster.wait_for_size(3, self.cluster.servers)
        self.addCleanup(server.signal, signal.SIGCONT)
        self.watch(lambda: server.signal(signal.SIGSTOP), heal)

    def test_6_server_killed(self):
        """A server ends without a word, for good."""
        server = self.busiest()
        self.watch(server.kill, lambda: None)
