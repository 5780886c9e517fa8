"""The golden bytes of specification 9 that a running server must send, compared byte by byte."""

import golden
import wire
from clients import HttpLogin, compact_login
from harness import MARIADB, SQLITE, NodeTest


class GoldenBytes(NodeTest):
    databases = (SQLITE, MARIADB)

    def test_granted_reply(self):
        """9.2: only the remaining life and the moment of validation are not known beforehand."""
        reply = self.connect().call(wire.validate_key(self.session, self.world.good, sequence=1))
        fields = reply.success()
        expected = golden.GRANTED
        for number, value in ((16, golden.GRANTED_VALIDITY), (17, golden.GRANTED_ISSUED)):
            before = wire.field(wire.I64, number, wire.i64(value))
            self.assertEqual(expected.count(before), 1)
            expected = expected.replace(before, wire.field(wire.I64, number, wire.i64(fields[number])))
        self.assertEqual(reply.raw.hex(), expected.hex())

    def test_invalid_session(self):
        """9.3"""
        reply = self.connect().call(wire.validate_key("no-such-session", self.world.good, sequence=1))
        self.assertEqual(reply.raw.hex(), golden.INVALID_SESSION.hex())

    def test_refused_reply(self):
        """9.4: a token that nobody issued."""
        reply = self.connect().call(wire.validate_key(self.session, self.world.unknown, sequence=2))
        self.assertEqual(reply.raw.hex(), golden.REFUSED.hex())

    def test_unknown_method(self):
        """9.6"""
        reply = self.connect().call(wire.message("ping", 9, b""))
        self.assertEqual(reply.raw.hex(), golden.UNKNOWN_METHOD.hex())

    def test_login_refused(self):
        """9.8: the refusal is an answer, so HTTP says 200."""
        status, content_type, body = HttpLogin(self.node).exchange(compact_login("admin", "not the password"))
        self.assertEqual((status, content_type), (200, "application/x-thrift"))
        self.assertEqual(body.hex(), golden.LOGIN_REFUSED.hex())


class GoldenTemplates(NodeTest):
    """With advanced throttling off, as in 1.x: resources have no fields of throttling policies."""

    databases = (SQLITE, MARIADB)
    options = {"settings": "<ThrottlingConfigurations><EnableAdvanceThrottling>false</EnableAdvanceThrottling>"
                           "</ThrottlingConfigurations>"}

    def test_uri_templates(self):
        """9.7"""
        reply = self.connect().call(wire.message("getAllURITemplates", 3, wire.texts(
            {1: "/weather/1.0", 2: "1.0", 3: self.session})))
        self.assertEqual(reply.raw.hex(), golden.URI_TEMPLATES.hex())
