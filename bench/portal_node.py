"""A node with many APIs, for bench/cli and bench/portal: an apimctl that is logged in, APIs by "apply", and more by SQL."""

import configparser
import contextlib
import http.client
import json
import os
import sqlite3
import ssl
import subprocess
import time
import uuid

import common
import report
import servers

PUBLISHER, STORE = "/api/am/publisher/v0.14", "/api/am/store/v0.14"


def manifest(number, prefix="Api"):
    """An API that is published with one gateway."""
    name = "%s%d" % (prefix, number)
    return {"kind": "API", "name": name, "version": "1.0.0", "context": "/" + name.lower(), "tiers": ["Gold"], "status": "PUBLISHED",
            "tags": ["bench"], "description": "An API of the benchmark",
            "endpointConfig": {"endpoint_type": "http", "production_endpoints": {"url": "http://backend.example.com/"}}}


class PortalNode(servers.Ours):
    """All roles on embedded databases, its own gateway included."""

    def prepare(self):
        self.configure()
        self.start()
        self.environment = dict(os.environ, XDG_CONFIG_HOME=self.bench.path("config"), XDG_STATE_HOME=self.bench.path("state"))
        self.ctl("login", self.url, "--cacert", self.path("resources", "security", "node-cert.pem"), "--user", "admin",
                 "--password-stdin", input=self.password)

    @property
    def url(self):
        return "https://localhost:%d" % self.https_port

    def ctl(self, *arguments, input=""):
        """Runs apimctl. Returns {"ms", "cpu_ms"}: until it ended, and of its own process."""
        with open(self.bench.path("apimctl.out"), "wb") as output:
            began = time.perf_counter()
            process = subprocess.Popen([self.bench.program("admin-cli/apimctl"), *arguments], env=self.environment, stdin=subprocess.PIPE,
                                       stdout=output, stderr=subprocess.STDOUT, text=True)
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(input)
                process.stdin.close()
            status, used = os.wait4(process.pid, 0)[1:]
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            with open(self.bench.path("apimctl.out"), errors="replace") as file:
                raise servers.Failed("apimctl %s: exit %d: %s" % (" ".join(arguments), process.returncode, file.read()[-2000:]))
        return {"ms": (time.perf_counter() - began) * 1000, "cpu_ms": (used.ru_utime + used.ru_stime) * 1000}

    def printed(self):
        """What apimctl said last."""
        with open(self.bench.path("apimctl.out")) as file:
            return file.read()

    def apply(self, n):
        path = self.bench.path("apis.json")
        with open(path, "w") as file:
            json.dump([manifest(number) for number in range(n)], file)
        return self.ctl("apply", "-f", path)

    def copy_apis(self, n):
        """Makes them n in all, by copying the rows of one: while the node is stopped, and without the gateway."""
        database = sqlite3.connect(self.database_file)
        with database:
            model, have = database.execute("SELECT MIN(API_ID), COUNT(*) FROM AM_API").fetchone()
            for number in range(have, n):
                new = self._copy(database, "AM_API", "API_ID", model, {
                    "API_ID": None, "API_NAME": "Api%d" % number, "CONTEXT": "/api%d/1.0.0" % number,
                    "CONTEXT_TEMPLATE": "/api%d" % number})
                self._copy(database, "APIM_API_ARTIFACT", "API_ID", model, {"API_ID": new, "UUID": str(uuid.uuid4())})
                for table, key in (("AM_API_LC_EVENT", "EVENT_ID"), ("AM_API_URL_MAPPING", "URL_MAPPING_ID")):
                    self._copy(database, table, "API_ID", model, {"API_ID": new, key: None})
        database.close()

    @staticmethod
    def _copy(database, table, where, value, changes):
        """The rows of table, in their order, with these columns changed. Returns the id of the last new one."""
        cursor = database.execute("SELECT * FROM %s WHERE %s = ? ORDER BY rowid" % (table, where), (value,))
        columns = [column[0] for column in cursor.description]
        new = None
        for row in cursor.fetchall():
            values = {**dict(zip(columns, row)), **changes}
            new = database.execute("INSERT INTO %s (%s) VALUES (%s)" % (table, ", ".join(columns), ", ".join("?" * len(columns))),
                                   [values[column] for column in columns]).lastrowid
        return new

    @property
    def token(self):
        """The access token of apimctl's login."""
        state = configparser.ConfigParser(interpolation=None)
        state.read(self.bench.path("state/apimctl/default"))
        return state["login"]["access-token"]

    @contextlib.contextmanager
    def rest(self):
        """A kept connection: ask(method, path, body) returns (ms, the JSON)."""
        context = ssl.create_default_context(cafile=self.path("resources", "security", "node-cert.pem"))
        connection = http.client.HTTPSConnection("localhost", self.https_port, context=context, timeout=60)
        headers = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}

        def ask(method, path, body=None):
            began = time.perf_counter()
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read()
            took = (time.perf_counter() - began) * 1000
            if response.status >= 300:
                raise servers.Failed("%s %s: %d %s" % (method, path, response.status, text[:500]))
            return took, json.loads(text) if text else None
        try:
            yield ask
        finally:
            connection.close()


class Run(common.Run):
    def __init__(self, build):
        super().__init__(build)
        self.node = PortalNode(self)
        self.servers = [self.node]


def add_options(parser, name):
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--build", default=os.path.join(common.TOP, "build-bench"), metavar="DIR")
    parser.add_argument("--output", metavar="FILE", help="JSON (bench/results/%s-DATE.json)" % name)


def run(name, options, benchmark, about_words, table, targets):
    """benchmark(node, options, results) returns what else "about" says."""
    bench, results = Run(options.build), report.Results()
    about = dict(report.machine(), waited=0)
    try:
        bench.make()
        bench.node.prepare()
        about.update(benchmark(bench.node, options, results))
    except servers.Failed as failure:
        raise SystemExit("bench: %s" % failure) from None
    finally:
        bench.close()
    rows = targets(results, about)
    common.write_json(name, options.output, about, results, rows)
    print(report.markdown(about_words % about, about, table(results), rows))
