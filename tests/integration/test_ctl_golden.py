"""apimctl: what each command shows in a pipe and on a terminal, compared line by line with golden/ctl-pipe.txt and golden/ctl-terminal.txt.

A file is a session of a shell on a new node: "$ " and a command, what it wrote to stdout, each line of stderr after "! " (a terminal shows both
in one), and "[STATUS]" where that is not 0. The commands of both are those of ctl-pipe.txt. After a change that is meant, or a command that is
added, APIM_TEST_ACCEPT=1 writes the files anew: read the difference before it is committed."""

import difflib
import os
import pty
import re
import select
import subprocess
import termios

import suite
from ctl import OPENAPI, RealNode
from harness import IntegrationTest
from test_ctl_matrix import ROWS

GOLDEN = os.path.join(suite.SOURCE, "golden")
PORT = "localhost:00000"
# What is another in each run, as what is written in its place: as long, so that columns stay where they are.
MASKS = ((r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", lambda found: "00000000-0000-0000-0000-000000000000"),
         (r"\b[A-Za-z0-9_]{26,}\b", lambda found: "x" * len(found.group())),
         (r"(?m)^apimctl \d[\d.]+$", lambda found: "apimctl VERSION"),
         (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", lambda found: "2000-01-01T00:00:00Z"))
AGE = r"\b\d+ (s|min) ago\b"
SECONDS = 180  # for one command


class Golden(RealNode):
    @classmethod
    def setUpClass(cls):
        """Each test has a node of its own."""

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.node = self.new_node(apimd="<WorkflowApplicationCreation>approval</WorkflowApplicationCreation>")
        self.addCleanup(self.node.kill)
        self.node.prepare(populate=False).start()
        super().setUp()
        self.environment.update(NO_COLOR="1", TZ="UTC", LC_ALL="C.UTF-8", PATH=os.path.dirname(suite.program("apimctl")) + ":" + os.environ["PATH"])
        for name, text in (("weather.yaml", OPENAPI), ("password", self.node.admin_password + "\n"), ("guide.txt", "Begin here.\n"),
                           ("ca.pem", open(self.node.certificate).read()), ("secret", suite.secret("secret-of-somebody") + "\n")):
            os.chmod(self.file(name, text), 0o600)
        with open(os.path.join(self.folder, "picture.png"), "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n\0pixels")

    def masked(self, text):
        for pattern, mask in MASKS:
            text = re.sub(pattern, mask, text)
        for port, shown in ((self.node.https_port, PORT), (self.node.api_https_port, "localhost:8243"), (self.node.api_http_port, "localhost:8280")):
            text = text.replace("localhost:%d" % port, shown)
        text = text.replace(self.folder, "/folder")
        # How long ago something was has no fixed width, and so have its columns.
        return re.sub(r"  +", "  ", re.sub(AGE, "N s ago", text)) if re.search(AGE, text) else text

    def start(self, line, **streams):
        return subprocess.Popen(["sh", "-c", "umask 077; " + line], env=self.environment, cwd=self.folder, **streams)

    def in_pipe(self, line):
        process = self.start(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(timeout=SECONDS)
        return out + "".join("! %s\n" % text for text in err.splitlines()), process.returncode

    def in_terminal(self, line):
        """Whoever is asked says no, without an echo."""
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        mode = termios.tcgetattr(follower)
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(follower, termios.TCSANOW, mode)
        os.write(leader, b"n\n")
        process = self.start(line, stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        shown = b""
        try:
            while select.select([leader], [], [], SECONDS)[0]:
                shown += os.read(leader, 4096)
            process.kill()
            self.fail("%s does not end: %s" % (line, shown))
        except OSError:
            pass  # how a terminal ends
        return shown.decode().replace("\r\n", "\n"), process.wait(SECONDS)

    def session(self, run):
        transcript = []
        for line in commands():
            shown, status = run(line.replace(PORT, "localhost:%d" % self.node.https_port))
            if shown and not shown.endswith("\n"):
                shown += "\n"
            transcript.append("$ %s\n%s%s" % (line, self.masked(shown), "[%d]\n" % status if status else ""))
        return "".join(transcript)

    def check(self, name, run):
        shown, path = self.session(run), os.path.join(GOLDEN, name)
        if os.environ.get("APIM_TEST_ACCEPT"):
            with open(path, "w") as file:
                file.write(shown)
        with open(path) as file:
            wanted = file.read()
        self.assertEqual(shown, wanted, "\n" + "".join(difflib.unified_diff(wanted.splitlines(True), shown.splitlines(True), name, "shown")))

    def test_pipe(self):
        self.check("ctl-pipe.txt", self.in_pipe)

    def test_terminal(self):
        self.check("ctl-terminal.txt", self.in_terminal)


def commands():
    with open(os.path.join(GOLDEN, "ctl-pipe.txt")) as file:
        return [line[2:].rstrip("\n") for line in file if line.startswith("$ ")]


class Complete(IntegrationTest):
    def test_every_command_is_there(self):
        lines = [line.removeprefix("apimctl ") + " " for line in commands()]
        for command in ROWS:
            with self.subTest(command):
                self.assertTrue(any(line.startswith(command + " ") for line in lines))
