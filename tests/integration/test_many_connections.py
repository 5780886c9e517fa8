"""T25, F09: thousands of connections that do nothing, and a node that has no descriptor left."""

import contextlib
import resource
import select
import socket
import subprocess

import wire
from harness import NodeTest
from load import Load

PATIENT = "<Limits><HandshakeTimeout>600000</HandshakeTimeout></Limits>"  # the crowd stays until it is told to go


class Crowd(contextlib.ExitStack):
    """Connections without TLS bytes, and closing them all."""

    def __init__(self, node):
        super().__init__()
        self.node, self.sockets = node, []

    def grow(self, count):
        for _ in range(count):
            plain = socket.create_connection(("127.0.0.1", self.node.thrift_port), timeout=30)
            self.sockets.append(self.enter_context(plain))
        return self

    def closed(self):
        """How many of them the node has closed."""
        poll = select.poll()
        for plain in self.sockets:
            poll.register(plain, select.POLLIN | select.POLLRDHUP)
        return len(poll.poll(0))


class CrowdTest(NodeTest):
    def is_served_anew(self):
        try:
            with wire.Connection(self.node) as connection:
                self.assert_serves(connection)
        except (EOFError, OSError):
            return False
        return True


class IdleConnections(NodeTest):
    WANTED, SECURE_SHARE = 10000, 5  # one in five finishes its handshake
    RESERVE = 1000                   # descriptors for everything else in this process, and in the node
    options = {"apimd": PATIENT}

    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        cls.addClassCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        # A node with a gateway keeps half of them for calls to backends.
        cls.count = cls.WANTED if hard == resource.RLIM_INFINITY else min(cls.WANTED, hard // 2 - cls.RESERVE)
        super().setUpClass()

    def test_idle_connections(self):
        context, secure_count = self.node.tls_context(), self.count // self.SECURE_SHARE
        self.assert_serves(self.connect())
        start = self.node.memory()
        with Load(self), Crowd(self.node) as crowd:
            crowd.grow(self.count - secure_count)
            self.assert_serves(self.connect())  # accepted in turn, so those before it are
            silent = self.node.memory()
            secure = [crowd.enter_context(wire.Connection(self.node, context=context)) for _ in range(secure_count)]
            full = self.node.memory()
            print("# %d idle connections (%d wanted): %d bytes resident each before the handshake, %d after it"
                  % (self.count, self.WANTED, (silent - start) // len(crowd.sockets), (full - silent) // len(secure)))
            self.assertEqual(crowd.closed(), 0)
            self.assert_serves(self.connect())
            for sequence in range(0, secure_count, 100):  # they are idle, not dead
                self.assert_serves(secure[sequence], sequence)
        self.assert_serves(self.connect())


class FewDescriptors(CrowdTest):
    """200 descriptors, and twice as many clients."""

    DESCRIPTORS, CROWD = 200, 400
    options = {"apimd": PATIENT}

    def assert_crowd_is_survived(self, hint):
        begin, established = self.node.log_size(), [self.connect() for _ in range(5)]
        with Load(self):
            with Crowd(self.node).grow(self.CROWD) as crowd:
                self.node.wait_for_log(hint, begin)
                for sequence, connection in enumerate(established):
                    self.assert_serves(connection, sequence)
                self.eventually(lambda: crowd.closed() > 0, 30, "somebody is turned away")
            self.eventually(self.is_served_anew, 60, "a new client is served")
        self.node.login()
        self.assertLess(len(self.node.log(begin).splitlines()), 50)


class LimitAtStart(FewDescriptors):
    """The node knows its limit, and turns away whom it could not serve."""

    @classmethod
    def new_node(cls, **options):
        node = super().new_node(**options)
        node.launcher = ["prlimit", "--nofile=%d" % cls.DESCRIPTORS]
        return node

    def test_crowd(self):
        self.assert_crowd_is_survived(r"refused a connection of 127\.0\.0\.1: MaxConnections is reached")


class LimitUnknown(FewDescriptors):
    """Fewer descriptors than the node thinks: accepting fails."""

    def test_crowd(self):
        subprocess.run(["prlimit", "--pid=%d" % self.node.process.pid, "--nofile=%d" % self.DESCRIPTORS], check=True)
        self.assert_crowd_is_survived(r"accepting no connections .*LimitNOFILE")


class LimitPerAddress(CrowdTest):
    """One address with too many connections does not lock out another one."""

    LIMIT = 50
    options = {"apimd": "<Limits><HandshakeTimeout>600000</HandshakeTimeout>"
                        "<MaxConnectionsPerAddress>%d</MaxConnectionsPerAddress></Limits>" % LIMIT}

    def test_other_address(self):
        with Crowd(self.node).grow(2 * self.LIMIT) as crowd:
            self.eventually(lambda: crowd.closed() == self.LIMIT, 30, "the surplus is turned away")
            self.assert_serves(self.connect(source="127.0.0.2"))
            self.node.wait_for_log(r"refused a connection of 127\.0\.0\.1: MaxConnectionsPerAddress is reached")
        self.eventually(self.is_served_anew, 60, "the first address is served again")
