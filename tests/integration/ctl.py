"""The bases of the tests of apimctl, with a configuration of its own: against a REST v0.14 server that is not ours, logged in, and against
a node."""

import os
import pty
import subprocess

import suite
from harness import IntegrationTest, NodeTest
from rest_server import PASSWORD, RestServer

OPENAPI = """\
openapi: 3.0.0
info:
  title: Weather
  version: 1.0.0
  description: Forecasts
servers:
  - url: https://backend.example.com/weather
paths:
  /city/{name}:
    get:
      responses:
        '200': {description: OK}
"""


class CtlTest(IntegrationTest):
    """self.server and an apimctl of its own configuration."""

    rehearses = False

    def setUp(self):
        self.server = RestServer(self.rehearses)
        self.addCleanup(self.server.close)
        self.folder = suite.folder("ctl")
        self.environment = dict(os.environ, XDG_CONFIG_HOME=os.path.join(self.folder, "config"),
                                XDG_STATE_HOME=os.path.join(self.folder, "state"), NO_COLOR="1")
        self.environment.pop("APIMCTL_ENV", None)
        self.ctl("login", self.server.url, "--user", "admin", "--password-stdin", input=suite.secret(PASSWORD) + "\n")

    def ctl(self, *arguments, status=0, input=None):
        """Runs apimctl and checks its exit status."""
        result = subprocess.run([suite.program("apimctl"), *arguments], env=self.environment, text=True, timeout=120,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))
        self.assertEqual(result.returncode, status, "%s: %s%s" % (" ".join(arguments), result.stdout, result.stderr))
        return result

    def out(self, *arguments, **options):
        return self.ctl(*arguments, **options).stdout

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def on_terminal(self, *arguments, answer=None):
        """What apimctl shows on a terminal, and its status."""
        leader, follower = pty.openpty()
        process = subprocess.Popen([suite.program("apimctl"), *arguments], env=self.environment, stdin=follower, stdout=follower,
                                   stderr=follower)
        os.close(follower)
        if answer is not None:
            os.write(leader, answer.encode())
        shown = b""
        while True:
            try:
                chunk = os.read(leader, 4096)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
        os.close(leader)
        return shown.decode().replace("\r\n", "\n"), process.wait()

    def create_weather(self, publish=True):
        self.ctl("api", "create", "--definition", self.file("weather.yaml", OPENAPI), "--tier", "Gold")
        if publish:
            self.ctl("publish", "Weather/1.0.0")

    def create_phone(self):
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0")


class RealNode(NodeTest):
    """self.node and an apimctl that knows nothing yet."""

    def setUp(self):
        self.folder = suite.folder("ctl")
        self.environment = dict(os.environ, XDG_CONFIG_HOME=self.folder, XDG_STATE_HOME=self.folder)
        self.environment.pop("APIMCTL_ENV", None)

    def ctl(self, *arguments, status=0, input=None):
        result = subprocess.run([suite.program("apimctl"), *arguments], env=self.environment, text=True, timeout=120, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result

    def out(self, *arguments, **options):
        return self.ctl(*arguments, **options).stdout

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def login(self, password, **options):
        return self.ctl("login", "https://localhost:%d" % self.node.https_port, "--cacert", self.node.certificate, "--user", "admin",
                        "--password-stdin", input=password + "\n", **options)
