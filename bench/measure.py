"""The kinds of load, and one server under one of them: a servers.Server or a servers.HttpsFace."""

import json
import os
import subprocess

from servers import Failed, TooSlow

ESTABLISHED = 64  # connections of the open loops
BURST = 1000
NEW_PER_SECOND = 300
AT_ONCE = 16  # connections that are being made at the same time
BESIDE_RATE = 10000  # requests per second beside new connections


class Measure:
    """Runs load-thrift or load-https for a fixed time. rate: of the open loop, per second."""

    def __init__(self, bench, seconds, rate=None):
        self.bench, self.seconds, self.rate = bench, seconds, rate
        self.ciphers, self.waits = set(), []

    def workloads(self):
        """(key, function of a server), in the order of a round."""
        return [
            ("closed-1", lambda server: self.closed(server, 1)),
            ("closed-16", lambda server: self.closed(server, 16)),
            ("closed-256", lambda server: self.closed(server, 256)),
            ("open", self.open),
            ("misses", lambda server: None if server.fixed_reply else self.open(server, "--misses=10")),
            ("connect", self.connect),
            ("connect-ec", lambda server: self.connect(server, "--key=ec")),
            ("resume", lambda server: self.connect(server, "--resume")),
            ("burst", self.burst),
            ("steady", self.steady),
            ("beside", self.beside),
        ]

    def load(self, server, *arguments, seconds=None, world=None):
        """One run. Returns what the generator printed; a wrong answer ends the benchmark."""
        return self._finish(server, self._begin(server, *arguments, seconds=seconds, world=world))

    def _begin(self, server, *arguments, seconds=None, world=None):
        seconds = seconds or self.seconds
        command = [self.bench.program(server.load_program), "--world", world or self.bench.world, "--port",
                   str(server.port), "--seconds", str(seconds), "--time-limit", str(60 + 10 * seconds),
                   *server.load_arguments]
        if server.process:
            command.append("--server=%d" % server.process.pid)
        command += arguments
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, preexec_fn=lambda: os.sched_setaffinity(0, {self.bench.load_core}))

    def _finish(self, server, process):
        try:
            output, complaint = process.communicate()
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.returncode == 3:
            raise TooSlow("%s: %s" % (server.name, complaint.strip()))
        if process.returncode != 0:
            raise Failed("%s: %s" % (server.name, complaint.strip()))
        result = json.loads(output)
        if result["wrong"]:
            raise Failed("%s answered %d requests wrongly: %s" % (server.name, result["wrong"], output))
        if "cipher" in result:
            self.ciphers.add(result["cipher"])
        self.waits.append(result.get("generator_waited", 0))
        return result

    def closed(self, server, connections):
        return self.load(server, "--kind=closed", "--connections=%d" % connections, "--warm-up=0.3")

    def open(self, server, *arguments):
        return self.load(server, "--kind=open", "--connections=%d" % ESTABLISHED, "--rate=%g" % self.rate,
                         "--warm-up=0.3", *arguments)

    def connect(self, server, *arguments):
        result = self.load(server, "--kind=connect", "--connections=%d" % AT_ONCE, "--warm-up=0.2", *arguments)
        if "--resume" in arguments:
            made = result["handshakes_full"] + result["handshakes_resumed"]
            result["resumed_share"] = round(result["handshakes_resumed"] / max(1, made), 3)
        return result

    def burst(self, server):
        """Everybody reconnects at once, in full: until the last one is served."""
        return self.load(server, "--kind=connect", "--once", "--connections=%d" % BURST)

    def steady(self, server):
        """As beside(), without the new connections."""
        return self.load(server, *self._established())

    def beside(self, server):
        """Established connections while others are made. The second generator has what time the first one leaves."""
        others = self._begin(server, "--kind=connect", "--connections=%d" % AT_ONCE, "--rate=%d" % NEW_PER_SECOND,
                             "--background", seconds=self.seconds + 0.5)
        try:
            result = self.load(server, *self._established())
        except BaseException:
            others.kill()
            others.communicate()
            raise
        try:
            result["new_per_second"] = self._finish(server, others)["per_second"]
        except TooSlow:
            result["new_per_second"] = 0  # the machine's other processes left it nothing
        return result

    @staticmethod
    def _established():
        return ("--kind=open", "--sleep", "--connections=%d" % ESTABLISHED, "--rate=%d" % BESIDE_RATE, "--warm-up=0.3")

    def each_once(self, server, world=None):
        """Every token once."""
        return self.load(server, "--kind=closed", "--once", "--connections=16", world=world, seconds=30)

    def warm_up(self, server, seconds):
        self.load(server, "--kind=closed", "--connections=16", seconds=seconds)
        self.load(server, "--kind=connect", "--connections=%d" % AT_ONCE, seconds=seconds / 2)

    def start_up(self, server, world):
        """ms from exec() to the first answer. The server must not be running."""
        result = self.load(server, "--kind=start", "--start-core=%d" % self.bench.server_core, "--",
                           *server.command(world), world=world)
        return result["start_ms"]
