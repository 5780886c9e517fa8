"""Check 10: each status of specification 7.7 with exactly the fields of 6.2, raw from the wire."""

import time

import wire
import world
from harness import MARIADB, SQLITE, NodeTest

ALWAYS = {1, 8, 16, 17, 18, 21, 24}  # primitives, also in refusals
TOKEN = {6, 12}  # endUserName, consumerKey: known once the token is good
SUBSCRIPTION = {2, 3, 4, 7, 9, 10, 11, 13, 19, 20, 22}  # known once the subscription is good


class Statuses(NodeTest):
    databases = (SQLITE, MARIADB)

    def ask(self, key, level="Any"):
        return self.connect().call(wire.validate_key(self.session, key, level=level)).success()

    def assert_status(self, status, fields, key, level="Any"):
        """The reply has this status, is granted only with 0, and has exactly these fields."""
        answer = self.ask(key, level)
        self.assertEqual((answer[8], answer[1]), (status, 1 if status == 0 else 0))
        self.assertEqual(set(answer), fields)
        return answer

    def test_0_granted(self):
        for name in ("good", "good_hashed_as_2_5", "good_without_hash", "application", "within_skew",
                     "without_scopes"):
            with self.subTest(name):
                self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION, getattr(self.world, name))

    def test_0_granted_to_every_other_subscription_status(self):
        """Decision 3."""
        for name in ("pending", "unknown"):
            with self.subTest(name):
                self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION, self.world.good.at_state(name))

    def test_0_granted_in_a_tenant(self):
        """Decision 1: the policy is the one of the API's tenant; this one has a spike arrest."""
        answer = self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION | {23}, self.world.tenant)
        self.assertEqual((answer[6], answer[22], answer[3]), ("eve@acme.com", "acme.com", "Burst"))
        self.assertEqual((answer[21], answer[23], answer[24]), (20, "sec", 0))

    def test_900901_invalid_credentials(self):
        for name in ("unknown", "revoked", "inactive", "marked_expired", "expired", "last_second"):
            with self.subTest(name):
                answer = self.assert_status(900901, ALWAYS, getattr(self.world, name))
                self.assertEqual((answer[16], answer[17]), (0, 0))

    def test_900901_for_almost_the_token(self):
        """Tokens are compared as bytes, whatever the database's collation says (databases.md 4.5)."""
        token = self.world.good.token
        for almost in (token.upper(), token + " ", token[:-1], "", token + "\0", "' OR '1'='1", "\u00e4" * 32):
            with self.subTest(almost.replace(token, "TOKEN")[:12]):
                self.assert_status(900901, ALWAYS, world.Key(almost))

    def test_900905_wrong_token_type(self):
        cases = (("good", "Application"), ("application", "Application_User"), ("good", ""))
        for name, level in cases:
            with self.subTest(name, level=level):
                self.assert_status(900905, ALWAYS | TOKEN, getattr(self.world, name), level)
        for name, level in (("good", "Application_User"), ("application", "Application"), ("good", "None")):
            with self.subTest(name, level=level):
                self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION, getattr(self.world, name), level)

    def test_900907_blocked(self):
        for name in ("good", "sandbox"):
            with self.subTest(name):
                self.assert_status(900907, ALWAYS | TOKEN, getattr(self.world, name).at_state("blocked"))

    def test_900907_only_production_blocked(self):
        answer = self.assert_status(900907, ALWAYS | TOKEN | {4}, self.world.good.at_state("prodblocked"))
        self.assertEqual(answer[4], "PRODUCTION")
        answer = self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION, self.world.sandbox.at_state("prodblocked"))
        self.assertEqual(answer[4], "SANDBOX")

    def test_900908_no_subscription(self):
        """An API without subscription, one that does not exist, and a tier without policy."""
        good = self.world.good
        for key in (good.on("/lonely/1.0"), good.on("/nowhere/1.0"), good.on("/notier/1.0"),
                    good.on("/weather/1.0", version="2.0"), good.on("/WEATHER/1.0"), good.on("/weather/1.0 ")):
            with self.subTest(key.context, version=key.version):
                self.assert_status(900908, ALWAYS | TOKEN, key)

    def test_900908_unsubscribed(self):
        """Decision 2: also for the sandbox key, which WSO2 lets pass."""
        for name in ("good", "sandbox"):
            with self.subTest(name):
                self.assert_status(900908, ALWAYS | TOKEN, getattr(self.world, name).on("/left/1.0"))

    def test_900909_inactive_subscription(self):
        """Decision 3: also without any status."""
        for name in ("onhold", "rejected", "nothing"):
            with self.subTest(name):
                self.assert_status(900909, ALWAYS | TOKEN, self.world.good.at_state(name))

    def test_900910_scopes(self):
        rain = dict(context="/forecast/1.0", resource="/rain")
        refused = ALWAYS | TOKEN | SUBSCRIPTION
        cases = (
            ("the token has the scope, the user the role", 0, self.world.reader.on(**rain)),
            ("the user lacks the role", 900910, self.world.reader_without_role.on(**rain)),
            ("the token lacks the scope", 900910, self.world.good.on(**rain)),
            ("a token without scopes passes", 0, self.world.without_scopes.on(**rain)),
            ("a resource without scope passes", 0, self.world.good.on("/forecast/1.0", resource="/snow")),
            ("a scope without roles passes", 0,
             self.world.writer.on("/forecast/1.0", resource="/rain", verb="POST")),
            ("but not for a user without any role", 900910,
             self.world.writer_without_role.on("/forecast/1.0", resource="/rain", verb="POST")),
        )
        for words, status, key in cases:
            with self.subTest(words):
                self.assert_status(status, refused, key)

    def test_17_token_before_subscription_before_scope(self):
        """Decision 17."""
        self.assert_status(900901, ALWAYS, self.world.revoked.at_state("blocked"))
        self.assert_status(900905, ALWAYS | TOKEN, self.world.good.at_state("blocked"), "Application")

    def test_default_version(self):
        """7.3: the prefix says that any version of the context will do."""
        for version in ("_default_2.0", "_default_9.9", "2.0"):
            with self.subTest(version):
                self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION, self.world.good.on("/weather/2.0", version))
        self.assert_status(900908, ALWAYS | TOKEN, self.world.good.on("/weather/2.0", "9.9"))

    def test_never_expiring_token(self):
        for name in ("never", "never_as_1_x"):
            with self.subTest(name):
                answer = self.assert_status(0, ALWAYS | TOKEN | SUBSCRIPTION, getattr(self.world, name))
                self.assertEqual(answer[16], 0x7fffffffffffffff)

    def test_remaining_life(self):
        """Decision 9: whole seconds, with the clock skew of 300 s; issued is the moment of validation."""
        before = time.time()
        answer = self.ask(self.world.good)
        after = time.time()
        self.assertEqual(answer[16] % 1000, 0)
        remaining = self.world.now - 60 + 3600 + 300 - before
        self.assertLess(abs(answer[16] / 1000 - remaining), 3 + after - before)
        self.assertTrue(before * 1000 - 1000 <= answer[17] <= after * 1000 + 1000)
