"""`apimctl db sample`: every token of the sample world is answered as the sample says."""

import json

import suite
import wire
from harness import MARIADB, SQLITE, IntegrationTest
from oauth import Keys
from world import Key


class Sample(IntegrationTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        cls.node = cls.new_node().prepare(populate=False)
        cls.addClassCleanup(cls.node.kill)
        cls.sample = json.loads(cls.node.ctl("db", "sample", "--home", cls.node.home, "-o", "json",
                                             check=True).stdout)
        for token in cls.sample["tokens"]:
            suite.secret(token["token"])
            suite.secret(token["consumerSecret"] or "")
        cls.node.start()

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def test_every_token(self):
        session = self.node.login()
        with wire.Connection(self.node) as connection:
            for token in self.sample["tokens"]:
                with self.subTest(token["description"]):
                    key = Key(token["token"], token["context"], token["version"], token["resource"], token["verb"])
                    answer = connection.call(wire.validate_key(session, key, level=token["level"])).success()
                    self.assertEqual(answer[8], token["expectedStatus"])
                    self.assertEqual(answer[1], 1 if token["expectedStatus"] == 0 else 0)

    def test_it_has_something_of_everything(self):
        statuses = {token["expectedStatus"] for token in self.sample["tokens"]}
        self.assertLessEqual({0, 900901, 900907, 900908, 900909, 900910}, statuses)
        self.assertTrue(any(token["context"].startswith("/t/") for token in self.sample["tokens"]))

    def test_a_token_of_ones_own(self):
        token = self.sample["tokens"][0]
        client = Keys(self.node, token["consumerKey"], token["consumerSecret"])
        fresh = client.token("client_credentials").json["access_token"]
        key = Key(fresh, token["context"], token["version"], token["resource"], token["verb"])
        with wire.Connection(self.node) as connection:
            answer = connection.call(wire.validate_key(self.node.login(), key, level=token["level"])).success()
        self.assertEqual((answer[1], answer[8]), (1, 0))

    def test_command_line_agrees(self):
        for token in self.sample["tokens"][:4]:
            with self.subTest(token["description"]):
                file = self.node.write("token", token["token"], 0o600)
                result = self.node.ctl("validate", "--home", self.node.home, "--context", token["context"],
                                       "--version", token["version"], "--resource", token["resource"],
                                       "--method", token["verb"], "--token-file", file)
                self.assertEqual(result.returncode, 0 if token["expectedStatus"] == 0 else 8, result.stderr)
