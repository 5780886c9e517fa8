"""Check 4: sessions that are unknown, expired, or older than the node's process."""

import time

import golden
import wire
from harness import MARIADB, SQLITE, NodeTest


class Sessions(NodeTest):
    databases = (SQLITE, MARIADB)

    def assert_refused(self, connection, session):
        """The bytes of 9.3, and the connection goes on."""
        reply = connection.call(wire.validate_key(session, self.world.good, sequence=1))
        self.assertEqual(reply.raw.hex(), golden.INVALID_SESSION.hex())
        self.assert_serves(connection)

    def test_unknown_session(self):
        connection = self.connect()
        for session in ("", "x", "5c3f0a1e-7b42-4d6a-9e10-2f8c6b7d9a01", "a" * 128, "b" * 5000, "\0", "\u00e4" * 40):
            with self.subTest(session[:40]):
                self.assert_refused(connection, session)

    def test_forged_session(self):
        """Every character of a good session id matters."""
        connection = self.connect()
        for position in range(len(self.session)):
            other = "A" if self.session[position] != "A" else "B"
            forged = self.session[:position] + other + self.session[position + 1:]
            with self.subTest(position=position):
                self.assert_refused(connection, forged)

    def test_every_method_checks_the_session(self):
        connection = self.connect()
        arguments = {1: "/weather/1.0", 2: "1.0", 3: "no-such-session"}
        reply = connection.call(wire.message("getAllURITemplates", 5, wire.texts(arguments)))
        self.assertEqual(reply.raw.hex(), wire.declared_exception("getAllURITemplates", 5,
                                                                  wire.INVALID_SESSION).hex())
        arguments = {1: "/weather/1.0", 2: "1.0", 3: self.world.good.token, 4: "no-such-session"}
        reply = connection.call(wire.message("validateKeyforHandshake", 6, wire.texts(arguments)))
        self.assertEqual(reply.raw.hex(), wire.declared_exception("validateKeyforHandshake", 6,
                                                                  wire.INVALID_SESSION).hex())
        self.assert_serves(connection)


class RestartedNode(NodeTest):
    databases = (SQLITE, MARIADB)

    def test_session_outlives_the_process(self):
        """Decision 10: a signed session id is honoured by a node that meets it for the first time."""
        self.node.stop()
        self.node.start()
        self.assert_serves(self.connect())

    def test_ticket_of_the_old_process(self):
        """A client that resumes its TLS session with the restarted node is served, resumed or not."""
        context = self.node.tls_context()
        with wire.Connection(self.node, context=context) as connection:
            self.assert_serves(connection)
            ticket = connection.socket.session
        self.node.stop()
        self.node.start()
        resumed = self.connect(context=context, tls_session=ticket)
        self.assert_serves(resumed)


class SlidingTimeout(NodeTest):
    """The time-out is 3 s here; thrift-authentication.xml gives it in milliseconds."""

    TIMEOUT = 3.0

    @classmethod
    def new_node(cls, **options):
        node = super().new_node(**options)
        node.write("repository/conf/identity/thrift-authentication.xml",
                   '<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">'
                   "<ThriftSessionTimeout>%d</ThriftSessionTimeout></Server>\n" % (cls.TIMEOUT * 1000))
        return node

    def in_use(self, connection):
        """Uses a session for twice the time-out. False where this machine was too slow to use it in time."""
        session = self.session_in_use = self.node.login()
        begin = used = time.monotonic()
        while time.monotonic() < begin + 2 * self.TIMEOUT:
            reply = connection.call(wire.validate_key(session, self.world.good))
            if time.monotonic() - used >= self.TIMEOUT * 0.9:
                return False
            self.assertEqual(reply.success()[1], 1)
            used = time.monotonic()
            time.sleep(self.TIMEOUT / 6)
        return True

    def test_expires_after_the_last_use(self):
        connection = self.connect()
        self.eventually(lambda: self.in_use(connection), 3 * self.TIMEOUT, "a session in use is good for twice the time-out")
        session = self.session_in_use
        time.sleep(self.TIMEOUT * 1.3)
        reply = connection.call(wire.validate_key(session, self.world.good, sequence=1))
        self.assertEqual(reply.raw.hex(), golden.INVALID_SESSION.hex())
        fresh = self.node.login()
        reply = connection.call(wire.validate_key(fresh, self.world.good))
        self.assertEqual(reply.success()[1], 1)
