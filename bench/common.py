"""What the benchmarks share: a run's folders and programs, building them, saying what happens."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import report
import servers

FOLDER = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(FOLDER)


def say(words):
    print("bench: " + words, file=sys.stderr, flush=True)


class Run:
    """One run: its folders, and what the servers of servers.py ask of it. folder: where its data is; None: in a folder
    that is removed at the end."""
    mariadb = False
    tokens = applications = 0

    def __init__(self, build, folder=None):
        self.top, self.folder = TOP, FOLDER
        self.build = os.path.abspath(build)
        self.keep = folder is not None
        self.scratch = os.path.abspath(folder) if folder else tempfile.mkdtemp(prefix="apim-bench-")
        os.makedirs(self.scratch, mode=0o700, exist_ok=True)
        self.world = self.path("world.tsv")
        self.servers = []
        cores = sorted(os.sched_getaffinity(0))
        self.load_core, self.server_core = cores[0], cores[-1]

    def path(self, name):
        return os.path.join(self.scratch, name)

    def program(self, name):
        return os.path.join(self.build, name)

    def write(self, name, text):
        """Into a new file, which is this user's alone; name as path() takes it."""
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def make(self, *programs):
        """apimd, apimctl and programs of bench/, optimized."""
        say("build in %s" % self.build)
        os.makedirs(self.build, exist_ok=True)
        if not os.path.exists(os.path.join(TOP, "configure")):
            servers.run(["./autogen.sh"], cwd=TOP)
        if not os.path.exists(self.program("Makefile")):
            servers.run([os.path.join(TOP, "configure"), "--quiet"], cwd=self.build)
        # Not at once: "all" is a make of its own, and two would write the same files.
        for goals in (["all"], programs):
            servers.run(["make", "-s", "-j%d" % os.cpu_count(), *goals], cwd=self.build)

    def close(self):
        for server in self.servers:
            server.stop()
        if not self.keep:
            shutil.rmtree(self.scratch)


class TokensRun(Run):
    """A run whose servers all answer from the tokens of make-tokens. options: those of add_options()."""

    def __init__(self, options):
        super().__init__(options.build)
        self.tokens, self.applications = options.tokens, min(options.applications, options.tokens)
        self.peers = self.program("bench/peers")
        self.ours = servers.Ours(self)
        self.servers = [self.ours]

    def make(self, *programs):
        """The peers build themselves."""
        super().make(*programs)
        os.makedirs(self.peers, exist_ok=True)


def add_options(parser, name):
    # One that is told to end, also in the background, ends what it started.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("--tokens", type=int, default=100000, metavar="N")
    parser.add_argument("--applications", type=int, default=10000, metavar="N")
    parser.add_argument("--build", default=os.path.join(TOP, "build-bench"), metavar="DIR")
    parser.add_argument("--output", metavar="FILE", help="JSON (bench/results/%s-DATE.json)" % name)


def check_machine(*package_sets):
    """Two cores, and packages of tools/install-packages."""
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("bench: two cores are needed, one of them for the load generator")
    for words in package_sets:
        subprocess.run([os.path.join(TOP, "tools", "install-packages"), words], check=True, stdout=sys.stderr)


def in_turns(things, number):
    """In another order each time: nobody is always first after a pause."""
    first = number % len(things)
    return things[first:] + things[:first]


def write_json(name, path, about, results, rows):
    """path: None: bench/results/NAME-DATE.json."""
    if path is None:
        date = about["date"].replace(" ", "-").replace(":", "")
        path = os.path.join(FOLDER, "results", "%s-%s.json" % (name, date))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w") as file:
        json.dump({"about": about, "targets": [dict(zip(report.TARGET_FIELDS, values)) for values in rows],
                   "facts": results.facts, "rounds": results.rounds}, file, indent=1)
    say("all numbers are in " + path)
