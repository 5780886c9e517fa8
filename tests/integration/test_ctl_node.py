"""apimctl and a real node: registration of its client, tokens, logging out."""

import json
import os
import subprocess

import suite
from harness import NodeTest


class RealLogin(NodeTest):
    def setUp(self):
        self.folder = suite.folder("ctl")
        self.environment = dict(os.environ, XDG_CONFIG_HOME=self.folder, XDG_STATE_HOME=self.folder)
        self.environment.pop("APIMCTL_ENV", None)

    def ctl(self, *arguments, status=0, input=None):
        result = subprocess.run([suite.program("apimctl"), *arguments], env=self.environment, text=True, timeout=60, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def login(self, password, **options):
        return self.ctl("login", "https://localhost:%d" % self.node.https_port, "--cacert", self.node.certificate, "--user", "admin",
                        "--password-stdin", input=password + "\n", **options)

    def test_login_and_logout(self):
        self.login(self.node.admin_password)
        who = json.loads(self.ctl("whoami", "-o", "json").stdout)
        self.assertEqual(who["user"], "admin")
        self.assertIn("apim:api_create", who["scopes"].split())
        with open(os.path.join(self.folder, "apimctl/default")) as file:
            token = suite.secret(next(line.split("=")[1].strip() for line in file if line.startswith("access-token")))
        self.ctl("logout")
        self.ctl("whoami", status=4)
        self.assertNotIn(token, self.node.log())

    def test_wrong_password(self):
        self.login("not-the-password", status=4)
        self.ctl("env", "use", "default", status=3)  # nothing was kept

    def test_unknown_certificate(self):
        result = self.ctl("login", "https://localhost:%d" % self.node.https_port, "--password-stdin", input="x\n", status=10)
        self.assertIn("--cacert", result.stderr)
