"""Decision 14: failed logins delay further ones of this user from this address, and nobody else's."""

from clients import HttpLogin, compact_login
from harness import NodeTest

FREE_FAILURES = 5
SUCCESS = b"\x82\x41\x01\x0cauthenticate\x08\x00"


class Lockout(NodeTest):
    def login(self, user, password=None, source="127.0.0.1"):
        """Whether the login succeeded."""
        body = compact_login(user, password or self.world.passwords[user])
        status, _, answer = HttpLogin(self.node).exchange(body, source=source)
        self.assertEqual(status, 200)
        return answer.startswith(SUCCESS)

    def wrong(self, user, times):
        for _ in range(times):
            self.assertFalse(self.login(user, "wrong"))

    def test_free_failures(self):
        self.wrong("carol", FREE_FAILURES - 1)
        self.assertTrue(self.login("carol"))
        self.wrong("carol", FREE_FAILURES - 1)  # a success forgets
        self.assertTrue(self.login("carol"))

    def test_delay_for_this_user_and_address_only(self):
        self.eventually(lambda: self.wrong("bob", FREE_FAILURES + 1) or not self.login("bob"), 60,
                        "the right password has to wait")  # for a second, which a machine that is busy may miss once
        self.assertTrue(self.login("bob", source="127.0.0.2"), "another address should not have to wait")
        self.assertTrue(self.login("mallory"), "another user should not have to wait")
        self.eventually(lambda: self.login("bob"), 30, "the delay ends")
