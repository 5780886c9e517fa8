"""A gateway and its Key Manager under load, while every second both are reloaded, the access log is moved away, an API comes, changes
and goes, the APIs under load are deployed anew, and tokens are revoked. What must hold: no call of the load fails, each has its line
in a log, a revoked token is refused from the next call on, what was deployed is served soon, and memory and descriptors stay. For
test_gateway_soak.py and bench/soak."""

import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

import suite
import synapse
from node import Node
from oauth import Client
from test_gateway_key_managers import make_certificate
from test_gateway_remote import GatewayNode

MEGABYTE = 1024 * 1024
ROOM = 4 * MEGABYTE        # that the allocator may take from the second quarter to the last,
SHARE = 0.02               # and this part of what there was
TELLING_SECONDS = 300      # of a run; in a shorter one caches and arenas still find their size
WARM_UP_SECONDS = 15       # before such a run: all connections call at once
MAX_PROBLEMS = 20
LIVE_SECONDS = 10          # a deployment that takes longer has failed; how long they took is in the report
TOKENS = 50
SIDE_CONNECTIONS = 4
FIXTURES = os.path.join(suite.TOP, "tests", "fixtures", "synapse", "api")
FORM = "application/x-www-form-urlencoded"
CACHE = "<CacheConfigurations><TokenCacheExpiry>60</TokenCacheExpiry></CacheConfigurations>"
RESOURCES = ('url-mapping="/*"', "GET POST")

# Requests of all kinds are made before the run; each connection rests between two of them, so that the rate stays.
WRK_SCRIPT = """local requests, at = {}, 0
local body = string.rep("b", 10240)
function init(args)
  for line in io.lines("%s") do
    local headers = {["Authorization"] = "Bearer " .. line}
    for _ = 1, 5 do requests[#requests + 1] = wrk.format("GET", "%s/100", headers) end
    requests[#requests + 1] = wrk.format("GET", "%s/10240", headers)
    requests[#requests + 1] = wrk.format("POST", "%s/200", headers, body)
    headers["Connection"] = "close"
    requests[#requests + 1] = wrk.format("GET", "%s/100", headers)
  end
end
function request()
  at = at %% #requests + 1
  return requests[at]
end
function delay()
  return %d
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"requests": %%d, "connect": %%d, "read": %%d, "write": %%d, "status": %%d, "timeout": %%d}\\n',
    summary.requests, e.connect, e.read, e.write, e.status, e.timeout))
end
"""


class SideClient:
    """A connection that stays, and calls by hand."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path, token):
        """(status, body)."""
        self.connection.request("GET", path, headers={"Authorization": "Bearer " + token})
        response = self.connection.getresponse()
        return response.status, response.read()

    def close(self):
        self.connection.close()


class Sampler:
    """Memory and descriptors of a node, while the block runs."""

    def __init__(self, node, pause):
        self.node, self.pause = node, pause
        self.memory, self.descriptors = [], []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._over.wait(self.pause):
            self.memory.append(self.node.memory())
            self.descriptors.append(count_descriptors(self.node))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    @staticmethod
    def quarters(samples):
        """Medians of each quarter of the time."""
        size = max(len(samples) // 4, 1)
        return [statistics.median(samples[begin:begin + size]) for begin in range(0, size * 4, size) if samples[begin:begin + size]]


def count_descriptors(node):
    return len(os.listdir("/proc/%d/fd" % node.process.pid))


def is_sanitized(node):
    """A sanitizer keeps what is freed for a while: memory says nothing then."""
    with open("/proc/%d/maps" % node.process.pid) as maps:
        return "libasan" in maps.read()


class MovedLogs:
    """Lines of a log that somebody moves away again and again."""

    def __init__(self, path):
        self.path, self.lines, self._moves = path, 0, 0
        self._moved = None

    def move(self):
        """Just before a reload. What was moved before is not written to any more: it is counted, and deleted."""
        self._count(self._moved)
        self._moves += 1
        self._moved = "%s.%d" % (self.path, self._moves)
        os.rename(self.path, self._moved)

    def end(self):
        """When nobody writes any more."""
        self._count(self._moved)
        self._count(self.path)

    def _count(self, path):
        if path is None:
            return
        with open(path, "rb") as file:
            self.lines += sum(piece.count(b"\n") for piece in iter(lambda: file.read(MEGABYTE), b""))
        os.remove(path)


class GatewaySoak:
    """connections: of wrk, and as many of h2load. rate: calls per second of each of them. pause: seconds from one round of changes
    to the next. http2: of h2load, over TLS. problems: what should not have been."""

    def __init__(self, seconds, connections, rate, pause=1, http2=False, say=lambda words: None):
        self.http2 = http2
        self.seconds, self.connections, self.rate, self.pause, self.say = seconds, connections, rate, pause, say
        self.problems, self.lines = [], []
        self.calls = 0  # of the load, that were answered
        self.rounds = self.refused = self.granted = 0
        self.live_seconds = []
        self.processes = []

    def problem(self, words):
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(words)
            self.say("problem: " + words)

    # The nodes ----------------------------------------------------------------------------------------------------

    def start(self):
        certificate, key = make_certificate()
        self.backend = subprocess.Popen(
            [sys.executable, os.path.join(suite.SOURCE, "soak_backend.py"), certificate, key], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.processes.append(self.backend)
        plain, tls = map(int, self.backend.stdout.readline().split())
        self.backends = {"plain": "http://127.0.0.1:%d" % plain, "tls": "https://localhost:%d" % tls}
        self.manager = Node()
        self.manager.prepare()
        self.fill()
        self.manager.start("--profile", "api-key-manager")
        self.gateway = GatewayNode()
        self.access_log = MovedLogs(self.gateway.path("access.log"))
        self.gateway.configure(self.manager, cache=CACHE, workers=2, own="<AccessLog>%s</AccessLog>" % self.access_log.path)
        trusted = os.path.join(suite.folder("trusted"), "trusted.pem")
        with open(trusted, "w") as file:
            for path in (self.manager.certificate, certificate):
                with open(path) as other:
                    file.write(other.read())
        self.gateway.trust(trusted)
        for name in self.backends:
            self.deploy_loaded(name, 0)
        for name in ("_TokenAPI_", "_RevokeAPI_"):
            with open(os.path.join(FIXTURES, name + ".xml")) as file:
                synapse.deploy(self.gateway, name, file.read())
        self.gateway.start()
        self.nodes = {"gateway": self.gateway, "Key Manager": self.manager}

    def fill(self):
        """APIs, the load's tokens, and a client whose tokens are revoked."""
        world = self.manager.world
        self.client = Client(self.manager)
        for number, name in ((200, "plain"), (201, "tls"), (202, "hot")):
            world._api(number, name, "/%s/1.0" % name, [("/*", "GET"), ("/*", "POST")])
            for application in (7, self.client.id):
                world._subscribe(application, number)
        self.tokens = [world.key_of().token for _ in range(TOKENS)]

    def deploy_loaded(self, name, number):
        """The API that is under load, of the same meaning as before and another content."""
        send = synapse.by_key_type(synapse.address(self.backends[name]))
        synapse.deploy(self.gateway, "carol--%s_v1.0" % name, synapse.api("carol--" + name, "/%s/{version}" % name,
                                                                        [(*RESOURCES, send)]) + "<!-- %d -->\n" % number)

    def stop(self):
        """A node that does not end well (a sanitizer's finding included) is a problem."""
        for name, node in self.nodes.items():
            try:
                node.stop()
            except AssertionError as failure:
                self.problem("%s: %s" % (name, failure))
        self.access_log.end()
        self.lines.append("%d lines in the access logs for %d calls of the load" % (self.access_log.lines, self.calls))
        if self.access_log.lines < self.calls:
            self.problem("lines of the access log are missing")

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for node in (getattr(self, name, None) for name in ("gateway", "manager")):
            if node is not None:
                node.kill()

    # The load -----------------------------------------------------------------------------------------------------

    def start_load(self, seconds, paced):
        """Not paced: each connection calls again at once."""
        folder = self.folder = suite.folder("load")
        rest_ms = self.connections * 1000 // self.rate if paced else 0
        for name, text in (("tokens", "".join(token + "\n" for token in self.tokens)), ("load.lua", WRK_SCRIPT % (
                os.path.join(folder, "tokens"), "/plain/1.0", "/plain/1.0", "/plain/1.0", "/plain/1.0", rest_ms))):
            with open(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(text)
        common = ["-t1", "-c%d" % self.connections]
        self.wrk = self.start_tool(["wrk", *common, "-d%ds" % seconds, "--timeout", "60s", "-s",
                                    os.path.join(folder, "load.lua"), "http://127.0.0.1:%d" % self.gateway.api_http_port])
        self.h2load = self.start_tool(["h2load", *([] if self.http2 else ["--h1"]), *common, "-D%d" % seconds,
                                       *(["--rps=%g" % (self.rate / self.connections)] if paced else []),
                                       "-H", "Authorization: Bearer " + self.tokens[0],
                                       "https://127.0.0.1:%d/tls/1.0/1000" % self.gateway.api_https_port])

    def start_tool(self, command):
        """Its output goes to a file: h2load says more than a pipe holds."""
        with open(os.path.join(self.folder, command[0]), "w") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def output_of(self, process, seconds):
        process.wait(seconds)
        with open(os.path.join(self.folder, process.args[0])) as file:
            return file.read()

    def end_load(self, seconds):
        output = self.output_of(self.wrk, seconds + 120)
        found = re.search(r"^RESULT (.*)$", output, re.MULTILINE)
        counts = json.loads(found.group(1)) if found else {"requests": 0}
        self.lines.append("wrk, HTTP: %s" % ", ".join("%s %d" % pair for pair in counts.items()))
        self.calls += counts["requests"]
        if counts.pop("requests") == 0 or any(counts.values()):
            self.problem("calls over HTTP failed: %s" % output[-500:])
        output = self.output_of(self.h2load, 120)
        if self.http2 and "Application protocol: h2\n" not in output:
            self.problem("the gateway does not speak HTTP/2")
        found = re.search(r"^requests: (\d+) total, .*? (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout\n"
                          r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output, re.MULTILINE)
        self.lines.append("h2load, HTTPS: %s" % (found.group(0).replace("\n", "; ") if found else "no result"))
        self.calls += int(found.group(2)) if found else 0
        if found is None or int(found.group(2)) == 0 or any(map(int, found.group(3, 4, 5, 7, 8, 9))):
            self.problem("calls over HTTPS failed: %s" % output[-500:])

    # What happens beside it ---------------------------------------------------------------------------------------

    def expect(self, client, path, token, status, words):
        found = client.get(path, token)
        if found[0] != status:
            self.problem("%s: %d instead of %d: %r" % (words, found[0], status, found[1][:200]))

    def until(self, client, path, token, wanted, words):
        """wanted: (status, body), body None for any."""
        began = time.monotonic()
        while True:
            status, body = client.get(path, token)
            if status == wanted[0] and wanted[1] in (None, body):
                self.live_seconds.append(time.monotonic() - began)
                return
            if time.monotonic() > began + LIVE_SECONDS:
                self.problem("%s: still %d after %d s" % (words, status, LIVE_SECONDS))
                return
            time.sleep(0.02)

    def change_api(self, number, client):
        """One that comes, changes, and goes, in three rounds; and those under load anew."""
        if number % 3 == 2:
            os.remove(self.gateway.path(synapse.FOLDER + "api/carol--hot_v1.0.xml"))
            wanted = (404, None)
        else:
            send = synapse.by_key_type(synapse.address("%s/number-%d" % (self.backends["plain"], number)))
            synapse.deploy(self.gateway, "carol--hot_v1.0", synapse.api("carol--hot", "/hot/{version}", [(*RESOURCES, send)]))
            wanted = (200, b"/number-%d/" % number)
        self.until(client, "/hot/1.0/", self.tokens[1], wanted, "the API that changes")
        self.deploy_loaded(("plain", "tls")[number % 2], number)

    def revoke(self, number, clients):
        """A token that nobody uses, and one that is used on every connection just before and just after."""
        used, other = (self.client.token("client_credentials", scope="device_%s_%d" % (name, number)).json["access_token"]
                       for name in ("used", "other"))
        for client in clients:
            self.expect(client, "/plain/1.0/10", used, 200, "before the revocation")
            self.granted += 1
        for token in (other, used):
            self.post_revoke(token)
        for client in clients:
            self.expect(client, "/plain/1.0/10", used, 401, "after the revocation")
            self.refused += 1

    def post_revoke(self, token):
        connection = http.client.HTTPSConnection("127.0.0.1", self.gateway.api_https_port, timeout=30,
                                                 context=self.gateway.tls_context())
        try:
            connection.request("POST", "/revoke", urllib.parse.urlencode({"token": token}),
                               {"Content-Type": FORM, "Authorization": self.client.basic})
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                self.problem("revoke: %d" % response.status)
        finally:
            connection.close()

    def run_round(self, clients):
        self.access_log.move()
        for node in self.nodes.values():
            node.signal(signal.SIGHUP)
        self.change_api(self.rounds, clients[0])
        self.revoke(self.rounds, clients)
        self.rounds += 1

    def run_rounds(self):
        end = time.monotonic() + self.seconds
        clients = [SideClient(self.gateway.api_http_port) for _ in range(SIDE_CONNECTIONS)]
        try:
            while time.monotonic() < end:
                began = time.monotonic()
                try:
                    self.run_round(clients)
                except (OSError, http.client.HTTPException) as failure:
                    self.problem("round %d: %r" % (self.rounds, failure))
                    return
                time.sleep(max(0, min(began + self.pause, end) - time.monotonic()))
        finally:
            for client in clients:
                client.close()

    # The run ------------------------------------------------------------------------------------------------------

    def run(self):
        """After start(). The verdict is in problems, the numbers in lines."""
        before = {name: count_descriptors(node) for name, node in self.nodes.items()}
        pause = min(1, self.seconds / 40)
        if self.seconds >= TELLING_SECONDS:
            self.start_load(WARM_UP_SECONDS, False)
            self.end_load(WARM_UP_SECONDS)
        self.start_load(self.seconds, True)
        with Sampler(self.gateway, pause) as gateway, Sampler(self.manager, pause) as manager:
            self.run_rounds()
            self.end_load(self.seconds)
        self.lines.append("%d rounds, each with a reload of both nodes, a changed API, two revocations; %d calls before and %d "
                          "after a revocation; live after %s ms (median), %s ms (worst)" % (
                              self.rounds, self.granted, self.refused,
                              *("%.0f" % (1000 * function(self.live_seconds or [0])) for function in (statistics.median, max))))
        for name, sampler in (("gateway", gateway), ("Key Manager", manager)):
            self.judge_memory(name, sampler)
            self.judge_descriptors(name, before[name], sampler)

    def judge_memory(self, name, sampler):
        quarters = sampler.quarters(sampler.memory)
        self.lines.append("%s: resident MB, medians of quarters: %s" % (
            name, ", ".join("%.1f" % (value / MEGABYTE) for value in quarters)))
        if self.seconds >= TELLING_SECONDS and not is_sanitized(sampler.node) \
                and quarters[3] - quarters[1] > ROOM + SHARE * quarters[1]:
            self.problem("%s: memory grows" % name)

    def judge_descriptors(self, name, before, sampler):
        """The load's have gone when it is over; connections to both backends and to databases may stay in their pools."""
        room = 2 * self.connections + 100
        deadline = time.monotonic() + 30
        while count_descriptors(sampler.node) > before + room and time.monotonic() < deadline:
            time.sleep(0.2)
        left = count_descriptors(sampler.node)
        self.lines.append("%s: descriptors: %d before, %d at most, %d at the end; medians of quarters: %s" % (
            name, before, max(sampler.descriptors), left, ", ".join("%d" % value for value in sampler.quarters(sampler.descriptors))))
        if left > before + room:
            self.problem("%s: descriptors are left over" % name)
