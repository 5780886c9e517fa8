"""Check 11: the login endpoint and what gateways really send to it."""

import threading

from thrift.Thrift import TApplicationException

from clients import HttpLogin, compact_login, generated
from harness import MARIADB, SQLITE, NodeTest


class Login(NodeTest):
    databases = (SQLITE, MARIADB)

    def setUp(self):
        self.http = HttpLogin(self.node)
        self.good = compact_login("admin", self.node.admin_password)

    def assert_session(self, answer):
        status, content_type, body = answer
        self.assertEqual((status, content_type), (200, "application/x-thrift"))
        self.assertTrue(body.startswith(b"\x82\x41\x01\x0cauthenticate\x08\x00"), "no success in the answer")

    def test_good_login(self):
        self.assert_session(self.http.exchange(self.good))

    def test_empty_body(self):
        for method in ("POST", "GET"):
            with self.subTest(method):
                self.assertEqual(self.http.exchange(b"", method)[0], 500)

    def test_two_concatenated_messages(self):
        """4.2: the first one counts."""
        self.assert_session(self.http.exchange(self.good + self.good))
        self.assert_session(self.http.exchange(self.good + b"\xff" * 1000))

    def test_interleaved_messages(self):
        """What two gateway threads with one buffer make of it: an error, at once, and nothing else suffers."""
        rubbish = (self.good[:20] + self.good, self.good[1:], self.good[:-3], b"\x82", b"\xff" * 5000, b"\0" * 100,
                   b"\x82\x21\x01\x0cauthenticate\x18\xff\xff\xff\xff\x0f")
        for body in rubbish:
            with self.subTest(body[:6].hex()):
                self.assertEqual(self.http.exchange(body)[0], 500)
        self.assert_session(self.http.exchange(self.good))

    def test_get_runs_the_same_code(self):
        self.assert_session(self.http.exchange(self.good, "GET"))

    def test_wrong_path(self):
        for path in ("/", "/thriftauthenticator", "/thriftAuthenticator/", "/services/thriftAuthenticator"):
            with self.subTest(path):
                self.assertEqual(HttpLogin(self.node, path).exchange(self.good)[0], 404)

    def test_refusals_are_answers(self):
        """4.3: AuthenticationException in a reply with HTTP status 200, which the library raises.

        Unlike WSO2's, the answer does not tell whether the user exists."""
        refusal = generated("authentication.ttypes").AuthenticationException
        cases = (
            ("admin", "wrong", "User 'admin' not authenticated."),
            ("bob", "wrong", "User 'bob' not authenticated."),
            ("nobody-here", "wrong", "User 'nobody-here' not authenticated."),
            ("bob@", "wrong", "Authentication request was missing the domain name of the user"),
        )
        for user, password, words in cases:
            with self.subTest(user), self.assertRaises(refusal) as caught:
                self.http.session(user, password)
            self.assertEqual(caught.exception.message, words)

    def test_missing_argument(self):
        """The login service's own PROTOCOL_ERROR; it does not repeat the password."""
        with self.assertRaises(TApplicationException) as caught:
            self.http.session("admin", None)
        self.assertEqual(caught.exception.type, TApplicationException.PROTOCOL_ERROR)
        status, _, body = self.http.exchange(b"\x82\x21\x01\x0cauthenticate\x28\x0bHidden-word\x00")
        self.assertEqual(status, 200)
        self.assertNotIn(b"Hidden-word", body)

    def test_users_of_other_tenants(self):
        """4.3: any user with the right password gets a session, and tenants are named after the @."""
        passwords = self.world.passwords
        for user, password in (("bob", passwords["bob"]), ("bob@carbon.super", passwords["bob"]),
                               ("eve@acme.com", passwords["eve"]), ("BOB", passwords["bob"])):
            with self.subTest(user):
                self.assert_session(self.http.exchange(compact_login(user, password)))
        refusal = generated("authentication.ttypes").AuthenticationException
        for user, password in (("eve", passwords["eve"]), ("bob@acme.com", passwords["bob"])):
            with self.subTest(user), self.assertRaises(refusal):
                self.http.session(user, password)

    def test_keep_alive(self):
        connection = self.http.connect()
        self.addCleanup(connection.close)
        for _ in range(5):
            self.assert_session(self.http.exchange_on(connection, self.good))

    def test_50_parallel_logins(self):
        answers = [None] * 50

        def login(number):
            answers[number] = self.http.exchange(self.good)
        threads = [threading.Thread(target=login, args=(number,)) for number in range(len(answers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for answer in answers:
            self.assert_session(answer)
        self.assertEqual(len({body for _, _, body in answers}), 50, "two logins got the same session")


class LoginRole(NodeTest):
    """The advice of 4.3: an option that restricts logins to a role."""

    options = {"apimd": "<ThriftLoginRole>admin</ThriftLoginRole>"}

    def test_only_users_with_the_role(self):
        self.node.login("admin")
        with self.assertRaises(generated("authentication.ttypes").AuthenticationException):
            self.node.login("bob")
