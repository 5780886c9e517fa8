"""apimctl: the exit status of every command that asks a server, for each way in which the server or who types can let it down. A new command
without a row fails here."""

import json
import os
import subprocess

import suite
from ctl import OPENAPI, CtlTest

MANIFEST = "kind: Application\nname: Phone\n"
IDENTIFIER = "2d9a5f3e-66b1-4b8e-9d3a-0f6a7f1c9b10"

# What each takes at least. {name} is a file that setUp() writes.
ROWS = {
    "apply": "-f {manifest}",
    "diff": "-f {manifest}",
    "export": "Weather/1.0.0 --archive {new}",
    "publish": "Weather/1.0.0",
    "import": "{archive}",
    "subscribe": "Phone Weather/1.0.0",
    "unsubscribe": "Phone Weather/1.0.0 --yes",
    "api list": "",
    "api get": "Weather/1.0.0",
    "api create": "--definition {definition}",
    "api update": "Weather/1.0.0 --tag rain",
    "api copy": "Weather/1.0.0 2.0.0",
    "api delete": "Weather/1.0.0 --yes",
    "api lifecycle": "Weather/1.0.0",
    "api history": "Weather/1.0.0",
    "api publish": "Weather/1.0.0",
    "api prototype": "Weather/1.0.0 --yes",
    "api block": "Weather/1.0.0 --yes",
    "api unblock": "Weather/1.0.0",
    "api deprecate": "Weather/1.0.0 --yes",
    "api retire": "Weather/1.0.0 --yes",
    "api demote": "Weather/1.0.0 --yes",
    "api definition": "Weather/1.0.0",
    "api endpoint": "Weather/1.0.0",
    "api thumbnail": "Weather/1.0.0 --remove",
    "api default": "Weather/1.0.0",
    "api export": "Weather/1.0.0 --save {new}",
    "api import": "{archive}",
    "doc list": "Weather/1.0.0",
    "doc get": "Weather/1.0.0 Guide",
    "doc create": "Weather/1.0.0 Guide --url https://guide.example.com",
    "doc delete": "Weather/1.0.0 Guide --yes",
    "scope list": "Weather/1.0.0",
    "scope add": "Weather/1.0.0 w:read",
    "scope remove": "Weather/1.0.0 w:read --yes",
    "sub list": "--app Phone",
    "sub create": "Phone Weather/1.0.0",
    "sub delete": "Phone Weather/1.0.0 --yes",
    "sub block": "Weather/1.0.0 Phone --yes",
    "sub unblock": "Weather/1.0.0 Phone",
    "app list": "",
    "app get": "Phone",
    "app create": "Phone",
    "app update": "Phone --description rain",
    "app delete": "Phone --yes",
    "app export": "Phone --save {new}",
    "app import": "{archive}",
    "key generate": "Phone",
    "key get": "Phone",
    "key update": "Phone --grant password",
    "key regenerate-secret": "Phone --yes",
    "key map": "Phone --consumer-key k --secret-file {secret}",
    "key revoke": "Phone --yes",
    "key cleanup": "Phone --yes",
    "token": "Phone",
    "token get": "Phone",
    "token revoke": "Phone --token-file {secret}",
    "catalog list": "",
    "catalog search": "Weather",
    "catalog show": "Weather/1.0.0",
    "policy list": "subscription",
    "policy get": "subscription Gold",
    "policy create": "subscription Gold --requests 5 --per 1min",
    "policy update": "subscription Gold --requests 5 --per 1min",
    "policy delete": "subscription Gold --yes",
    "condition list": "",
    "condition add": "ip 203.0.113.7 --yes",
    "condition enable": IDENTIFIER,
    "condition disable": IDENTIFIER,
    "condition delete": IDENTIFIER,
    "workflow list": "",
    "workflow show": IDENTIFIER,
    "workflow approve": IDENTIFIER,
    "workflow reject": IDENTIFIER + " --yes",
    "tenant list": "",
    "tenant show": "acme.example",
    "tenant create": "acme.example --password-file {secret}",
    "tenant activate": "acme.example",
    "tenant deactivate": "acme.example --yes",
    "gateway list": "",
    "gateway status": "",
    "gateway sync": "",
    "gateway undeploy": "Weather/1.0.0 --yes",
}
# They ask no REST API: test_ctl_login, test_ctl_changes, test_ctl_node, test_cli and the tests of databases have them.
OTHERS = {"login", "logout", "whoami", "status", "config", "validate", "completion", "help", "version", "user", "env", "node", "db"}
TOPS_ONLY = {name for name in ROWS if " " not in name}


class Matrix(CtlTest):
    def setUp(self):
        super().setUp()
        self.files = {name: self.file(name, text) for name, text in (
            ("manifest", MANIFEST), ("definition", OPENAPI), ("archive", "PK\5\6" + 18 * "\0"), ("secret", suite.secret("secret-of-the-client") + "\n"))}
        os.chmod(self.files["secret"], 0o600)
        self.files["new"] = os.path.join(self.folder, "new")

    def words(self, command):
        return [word.format(**self.files) for word in (command + " " + ROWS[command]).split()]

    def every(self, status, kind, prepare=lambda: None, extra=(), but=()):
        """Each command ends so and leaves no file; returns what it wrote, by command."""
        shown = {}
        for command in ROWS:
            if command in but:
                continue
            with self.subTest(command):
                prepare()
                result = self.ctl(*self.words(command), *extra, status=status)
                self.assertEqual(result.stdout, "")
                self.assertRegex(result.stderr, r"(?m)^apimctl: error: .+ \[%s\]$" % kind)
                self.assertFalse(os.path.exists(self.files["new"]))
                shown[command] = result.stderr
        return shown

    def test_every_command_has_a_row(self):
        def candidates(*words):
            return self.out("__complete", "--", *words, "").split("\n")[:-1]

        commands = set()
        for top in candidates():
            below = [] if top in OTHERS else candidates(top)
            commands.update("%s %s" % (top, name) for name in below if "%s %s" % (top, name) in ROWS or top not in TOPS_ONLY)
            if top in TOPS_ONLY or top not in OTHERS and not below:
                commands.add(top)
        self.assertEqual(commands, set(ROWS))

    def test_wrong_option(self):
        before = len(self.server.requests)
        self.every(2, "usage", extra=["--no-such-option"])
        self.assertEqual(len(self.server.requests), before)

    def test_words_too_many_and_too_few(self):
        before = len(self.server.requests)
        for command in ROWS:
            with self.subTest(command):
                if command != "export":  # takes as many as there are
                    self.assertIn("[usage]\n", self.ctl(*self.words(command), "one", "two", "three", status=2).stderr)
                if ROWS[command] not in ("", "--app Phone") and command != "export":
                    self.assertIn("[usage]\n", self.ctl(*command.split(), status=2).stderr)
        self.assertEqual(len(self.server.requests), before)

    def test_login_needed(self):
        self.ctl("logout")
        for shown in self.every(4, "login").values():
            self.assertIn("hint: apimctl login\n", shown)

    def test_answers(self):
        cases = ((404, 3, "not_found"), (500, 1, "failed"), (400, 2, "invalid"), (403, 5, "forbidden"), (409, 6, "conflict"),
                 (503, 10, "unreachable"))
        for answer, status, kind in cases[:2] if suite.brief else cases:
            body = json.dumps({"code": 900000, "message": "M", "description": "D", "moreInfo": "", "error": []}).encode()

            def script():
                self.server.scripted[:] = [(answer, body)]

            with self.subTest(answer):
                # What a manifest names and is not there is what is to be made.
                self.every(status, kind, script, but=("apply", "diff") if answer == 404 else ())

    def test_gone(self):
        self.server.close()
        self.every(10, "unreachable")
