"""Check 5: every IDL generation on one port, and requests with fields that no IDL knows."""

import threading

import wire
from clients import generated, generation
from harness import MARIADB, SQLITE, NodeTest


class Generations(NodeTest):
    databases = (SQLITE, MARIADB)

    def arguments(self, name):
        """What a client of this generation passes to validateKey."""
        key = self.world.good
        five = [key.context, key.version, key.token, self.session, "Any"]
        return {"gen1": five, "gen2a": five + [None], "gen2b": five + ["192.0.2.1"],
                "gen3": five + [None, key.resource, key.verb], "gen4": five + ["", key.resource, key.verb]}[name]

    def assert_generation(self, name):
        with generation(name, self.node) as client:
            answer = client.validateKey(*self.arguments(name))
        self.assertTrue(answer.authorized)
        self.assertEqual((answer.subscriber, answer.tier, answer.applicationName, answer.endUserName),
                         ("alice", "Gold", "PhoneApp", "bob@carbon.super"))

    def test_each_generation(self):
        for name in ("gen1", "gen2a", "gen2b", "gen3", "gen4"):
            with self.subTest(name):
                self.assert_generation(name)

    def test_all_at_once(self):
        problems = []

        def calls(name):
            try:
                for _ in range(20):
                    self.assert_generation(name)
            except BaseException as problem:  # reported by the test's own thread
                problems.append("%s: %r" % (name, problem))
        threads = [threading.Thread(target=calls, args=(name,)) for name in ("gen1", "gen2a", "gen2b", "gen3", "gen4")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(problems, [])

    def test_old_clients_pass_without_scope_check(self):
        """2.5: without resource and verb there is nothing to check scopes against."""
        key = self.world.reader_without_role.on("/forecast/1.0", resource="/rain")
        with generation("gen1", self.node) as client:
            self.assertTrue(client.validateKey(key.context, key.version, key.token, self.session, "Any").authorized)
        reply = self.connect().call(wire.validate_key(self.session, key))
        self.assertEqual(reply.success()[8], 900910)

    def test_uri_templates(self):
        for name in ("gen2b", "gen3", "gen4"):
            with self.subTest(name), generation(name, self.node) as client:
                templates = client.getAllURITemplates("/forecast/1.0", "1.0", self.session)
                self.assertEqual([(one.uriTemplate, one.httpVerb, one.authType) for one in templates],
                                 [("/rain", "GET", "Any"), ("/rain", "POST", "Any"), ("/snow", "GET", "Any")])
                self.assertEqual(client.getAllURITemplates("/nowhere/1.0", "1.0", self.session), [])

    def test_uri_templates_without_session_id(self):
        """2.5: II-a cannot send one, and is answered as if it had sent a wrong one."""
        with generation("gen2a", self.node) as client:
            with self.assertRaises(generated("gen2a.ttypes").APIKeyMgtException) as caught:
                client.getAllURITemplates("/weather/1.0", "1.0")
        self.assertEqual(caught.exception.message, wire.INVALID_SESSION)

    def test_handshake(self):
        """6.4: no level, no scopes; the default version becomes part of the API's name (decision 11)."""
        with generation("gen4", self.node) as client:
            key = self.world.good
            answer = client.validateKeyforHandshake("/weather/2.0", "2.0", key.token, self.session)
            self.assertEqual((answer.authorized, answer.apiName), (True, "Weather*2.0"))
            answer = client.validateKeyforHandshake(key.context, key.version, self.world.revoked.token, self.session)
            self.assertEqual((answer.authorized, answer.validationStatus), (False, 900901))


class TemplatesWithoutSession(NodeTest):
    options = {"apimd": "<AllowUriTemplatesWithoutSession>true</AllowUriTemplatesWithoutSession>"}

    def test_generation_2a(self):
        """2.5: the switch for gateways of 1.3."""
        with generation("gen2a", self.node) as client:
            template, = client.getAllURITemplates("/weather/1.0", "1.0")
        self.assertEqual((template.uriTemplate, template.httpVerb), ("/city/*", "GET"))


class UnknownFields(NodeTest):
    def request(self, changes=b"", omit=(), sequence=4):
        key = self.world.good
        arguments = {1: key.context, 2: key.version, 3: key.token, 4: self.session, 5: "Any", 7: key.resource,
                     8: key.verb}
        for number in omit:
            del arguments[number]
        return wire.message("validateKey", sequence, wire.texts(arguments) + changes)

    def test_unknown_ids_are_skipped(self):
        nested = wire.field(wire.STRUCT, 1, wire.texts({1: "deep"}) + b"\0") + wire.field(wire.BOOL, 2, b"\1") + b"\0"
        pairs = bytes([wire.STRING, wire.I32]) + wire.i32(2) + wire.text("a") + wire.i32(1) + wire.text("b") + wire.i32(2)
        numbers = bytes([wire.DOUBLE]) + wire.i32(3) + b"\x40" * 24
        unknown = (wire.field(wire.I64, 9, wire.i64(-1)) + wire.field(wire.MAP, 10, pairs)
                   + wire.field(wire.STRUCT, 11, nested) + wire.field(wire.LIST, 12, numbers)
                   + wire.field(wire.SET, -7, bytes([wire.BYTE]) + wire.i32(0)))
        connection = self.connect()
        self.assertEqual(connection.call(self.request(unknown)).success()[1], 1)
        self.assert_serves(connection)

    def test_wrong_type_counts_as_missing(self):
        """Each required argument, sent as i32: PROTOCOL_ERROR, and its text does not repeat the arguments."""
        connection = self.connect()
        for number in (1, 2, 3, 4, 5):
            with self.subTest(number):
                reply = connection.call(self.request(wire.field(wire.I32, number, wire.i32(5)), omit=[number]))
                self.assert_protocol_error(reply)
                self.assert_serves(connection)

    def test_missing_argument(self):
        connection = self.connect()
        for number in (1, 2, 3, 4, 5):
            with self.subTest(number):
                self.assert_protocol_error(connection.call(self.request(omit=[number])))
                self.assert_serves(connection)

    def assert_protocol_error(self, reply):
        kind, words = reply.application_error()
        self.assertEqual((kind, reply.sequence, reply.name), (wire.PROTOCOL_ERROR, 4, "validateKey"))
        self.assertIn("was not present", words)
        for secret in (self.world.good.token, self.session):
            self.assertNotIn(secret, words)
