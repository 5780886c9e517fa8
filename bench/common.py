"""What the benchmarks share: a run's folders and programs, building them, saying what happens."""

import json
import os
import shutil
import sys
import tempfile

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


def write_json(name, path, about, results, rows):
    """path: None: bench/results/NAME-DATE.json."""
    if path is None:
        path = os.path.join(FOLDER, "results", "%s-%s.json" % (name, about["date"].replace(" ", "-").replace(":", "")))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    names = ("what", "wanted", "measured", "reached", "unit")
    with open(path, "w") as file:
        json.dump({"about": about, "targets": [dict(zip(names, values)) for values in rows], "facts": results.facts,
                   "rounds": results.rounds}, file, indent=1)
    say("all numbers are in " + path)
