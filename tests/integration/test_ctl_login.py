"""apimctl: environments, logins, what is kept and what is never shown."""

import json
import os
import stat

from ctl import CtlTest
from rest_server import PASSWORD


class Login(CtlTest):
    def test_wrong_password(self):
        result = self.ctl("login", "--user", "admin", "--password-stdin", input="wrong-wrong\n", status=4)
        self.assertEqual(result.stderr, "apimctl: error: login of admin at %s: the server does not take this user name with this password"
                                        " [login]\nhint: apimctl login --user admin\n" % self.server.url)
        self.ctl("api", "list")  # the login before is still good

    def test_never_a_prompt_off_a_terminal(self):
        self.ctl("login", "--user", "admin", status=2)

    def test_logout(self):
        self.ctl("logout")
        self.assertEqual(self.server.tokens, {})
        self.assertIn("hint: apimctl login", self.ctl("api", "list", status=4).stderr)
        self.ctl("logout")

    def test_token_that_the_server_forgot_is_renewed(self):
        self.server.tokens.clear()
        self.ctl("api", "list")
        self.assertEqual(len(self.server.tokens), 1)
        self.server.tokens.clear()
        self.server.refresh_tokens.clear()
        self.ctl("api", "list", status=4)

    def test_nothing_known(self):
        self.environment["XDG_CONFIG_HOME"] = os.path.join(self.folder, "other")
        self.assertIn("hint: apimctl login https://SERVER:9443", self.ctl("api", "list", status=4).stderr)

    def test_whoami(self):
        self.assertEqual(self.out("whoami", "--field", "user"), "admin\n")

    def test_http_to_elsewhere(self):
        self.assertIn("only https", self.ctl("env", "add", "x", "--server", "http://am.example.com", status=2).stderr)


class Environments(CtlTest):
    def test_life(self):
        self.ctl("env", "add", "other", "--server", "https://am.example.com:9443", "--store", "store.example.com")
        self.assertEqual(self.out("env", "list", "-o", "name"), "default\nother\n")
        rows = json.loads(self.out("env", "list", "-o", "json"))
        self.assertEqual((rows[1]["store"], rows[1]["admin"]), ("https://store.example.com", "https://am.example.com:9443"))
        self.ctl("env", "use", "other")
        self.ctl("api", "list", status=4)
        self.ctl("api", "list", "--env", "default")
        self.ctl("env", "remove", "other")
        self.ctl("env", "use", "other", status=3)
        self.ctl("env", "add", "../up", "--server", "https://x", status=2)


class Secrets(CtlTest):
    def test_files(self):
        state = os.path.join(self.folder, "state/apimctl/default")
        self.assertEqual(stat.S_IMODE(os.stat(state).st_mode), 0o600)
        with open(os.path.join(self.folder, "config/apimctl/config")) as file:
            self.assertNotIn("token", file.read())
        with open(state) as file:
            self.assertNotIn(PASSWORD, file.read())
        os.chmod(state, 0o640)
        self.assertIn("chmod 600", self.ctl("api", "list", status=1).stderr)

    def test_secret_is_printed_once(self):
        self.create_weather()
        self.create_phone()
        secret = json.loads(self.out("key", "generate", "Phone", "-o", "json"))["consumerSecret"]
        for arguments in (["key", "get", "Phone", "-o", "json"], ["app", "get", "Phone", "-o", "json"], ["key", "generate", "Phone"],
                          ["key", "update", "Phone", "--grant", "client_credentials", "-o", "json"]):
            self.assertNotIn(secret, self.out(*arguments))

    def test_verbose_holds_no_secret(self):
        result = self.ctl("api", "list", "-v")
        self.assertRegex(result.stderr, r"GET http://\S+/api/am/publisher/v0\.14/apis\S* -> 200")
        for token in self.server.tokens:
            self.assertNotIn(token, result.stderr)
