"""What a call costs in numbers that other work on the machine does not change: instructions of the proxy's own (callgrind), and system
calls (the kernel's trace points, which slow nothing down)."""

import glob
import os
import re
import shutil
import subprocess
import time

import servers
from report import Table

SETTLE_SECONDS = 1
LOAD_SECONDS = 4
TRACED = "raw_syscalls:sys_enter"
CALLS = ("recvfrom", "read", "sendto", "write", "writev", "epoll_wait", "epoll_ctl")
CALLGRIND = ["valgrind", "--tool=callgrind", "--quiet", "--callgrind-out-file="]


def check():
    for tool in ("valgrind", "callgrind_control", "perf"):
        if shutil.which(tool) is None:
            raise SystemExit("bench: --cost needs %s (Debian: valgrind, linux-perf)" % tool)


def count_calls(server, run):
    """System calls while run() runs, by name, of all processes of the server; run() returns requests. Returns: per request."""
    events = [TRACED, *("syscalls:sys_enter_" + name for name in CALLS)]
    with open(os.path.join(server.bench.scratch, "perf.txt"), "w+") as report:
        perf = subprocess.Popen(["perf", "stat", "-x,", "-e", ",".join(events), "-p", ",".join(map(str, server.pids))],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=report)
        time.sleep(SETTLE_SECONDS)
        requests = run()
        perf.send_signal(2)
        perf.wait(60)
        report.seek(0)
        fields = [line.split(",") for line in report if line[:1].isdigit()]
    if len(fields) != len(events):
        raise servers.Failed("perf counts no system calls here: the kernel's trace points are needed (root, tracefs)")
    return {name.split(":")[1].replace("sys_enter_", "").replace("sys_enter", "all"): int(count) / requests
            for count, _, name, *_ in fields}


class UnderCallgrind:
    """Runs a server under callgrind for a while."""

    def __init__(self, server):
        self.server = server
        self.pattern = server.bench.path(server.name + ".callgrind")

    def __enter__(self):
        server, command = self.server, self.server.command
        server.stop()
        server.command = lambda world: [*CALLGRIND[:-1], CALLGRIND[-1] + self.pattern + ".%p", *command(world), *server.in_one_process]
        server.start()
        time.sleep(SETTLE_SECONDS)
        return self

    def __exit__(self, *failure):
        self.server.stop()
        del self.server.command
        self.server.start()

    def _control(self, option):
        for pid in self.server.pids:
            servers.run(["callgrind_control", option, str(pid)])

    def count(self, run):
        """run() returns requests. Returns: instructions for each."""
        for path in glob.glob(self.pattern + ".*"):
            os.unlink(path)
        self._control("--zero")
        requests = run()
        self._control("--dump")
        total = 0
        for path in glob.glob(self.pattern + ".*.*"):
            with open(path, errors="replace") as file:
                found = re.search(r"^(?:totals|summary): (\d+)", file.read(), re.MULTILINE)
            total += int(found.group(1)) if found else 0
        return total / requests


def measure(bench, results, workloads, load):
    """workloads: (name, scheme, size, connections); load(server, scheme, size, connections, seconds) returns requests."""
    for server in bench.compared:
        for name, *what in workloads:
            results.add(name, server.name, {"calls": count_calls(server, lambda: load(server, *what, LOAD_SECONDS))})
        with UnderCallgrind(server) as counting:
            for name, *what in workloads:
                if what[0] == "https":
                    continue  # handshakes would be most of it
                load(server, *what, SETTLE_SECONDS)
                results.add(name, server.name, {"instructions": counting.count(lambda: load(server, *what, LOAD_SECONDS))})


def table(results, columns, workloads):
    lines = Table(results, columns)
    for words, name in workloads:
        lines.add(words + ": system calls", name, "calls", "all")
        lines.add("instructions of its own", name, "instructions")
        for call in CALLS:
            lines.add(call, name, "calls", call)
    return lines.lines
