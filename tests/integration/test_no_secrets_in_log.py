"""Nothing secret reaches a log, whatever goes wrong. (`run` also searches the logs of every other test.)"""

import secrets

import suite
import wire
import world
from clients import HttpLogin, compact_login
from harness import MARIADB, SQLITE, NodeTest


class Log(NodeTest):
    databases = (SQLITE, MARIADB)

    def test_log_of_a_bad_day(self):
        used = {word: suite.secret(secrets.token_hex(20)) for word in ("token", "session", "password")}
        login = HttpLogin(self.node)
        for user in ("admin", "bob", "nobody-here"):
            login.exchange(compact_login(user, used["password"]))
        login.exchange(compact_login("bob", used["password"])[:-4])
        connection = self.connect()
        connection.call(wire.validate_key(used["session"], world.Key(used["token"])))
        connection.call(wire.validate_key(self.session, world.Key(used["token"])))
        connection.call(wire.message(used["token"], 3, b""))
        connection.call(wire.message("validateKey", 4, wire.texts({3: used["token"], 4: self.session})))
        connection.send(wire.message("validateKey", 5, wire.texts({3: used["token"]}))[:-1] + b"\x63\0\0")
        self.assertTrue(connection.is_closed_by_peer())
        for name in ("revoked", "expired"):
            self.connect().call(wire.validate_key(self.session, getattr(self.world, name)))
        self.assert_serves(self.connect())
        log = self.node.log()
        self.assertIn("ready: thrift on", log)
        for word, secret in used.items():
            self.assertNotIn(secret, log, word)
        for secret in (self.session, self.node.admin_password, self.world.good.token, self.world.revoked.token):
            self.assertNotIn(secret, log)
