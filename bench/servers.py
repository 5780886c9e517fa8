"""The servers under test: what each needs, how it is started on its core, and what its process uses."""

import http.client
import os
import secrets
import signal
import socket
import ssl
import subprocess
import time

JARS = ":".join("/usr/share/java/%s.jar" % name for name in ("thrift", "slf4j-api", "slf4j-nop", "commons-lang3"))
START_SECONDS = 60
STOP_SECONDS = 30

API_MANAGER_XML = """<APIManager>
    <APIKeyValidator>
        <ThriftServerHost>127.0.0.1</ThriftServerHost>
        <ThriftServerPort>{port}</ThriftServerPort>
    </APIKeyValidator>
    <Apimd>
        <HttpsHost>127.0.0.1</HttpsHost>
        <HttpsPort>{https_port}</HttpsPort>
        <GatewayHost>127.0.0.1</GatewayHost>
        <GatewayHttpPort>{api_http_port}</GatewayHttpPort>
        <GatewayHttpsPort>{api_https_port}</GatewayHttpsPort>
        <Workers>{workers}</Workers>
        <!-- A tenth of some loads is tokens that nobody knows. -->
        <Limits><UnknownTokensPerSecond>0</UnknownTokensPerSecond></Limits>
    </Apimd>
</APIManager>
"""


class Failed(Exception):
    """Something that ends the benchmark; the words are for the user."""


class TooSlow(Failed):
    """A run was not over within its time limit: says something about the server or the machine, but ends nothing."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(command, **options):
    """Runs a tool to its end; its output matters only when it fails."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, **options)
    if result.returncode != 0:
        raise Failed("%s failed:\n%s" % (command[0], result.stdout[-4000:]))
    return result.stdout


def is_older(path, *sources):
    return not os.path.exists(path) or any(os.path.getmtime(path) < os.path.getmtime(source) for source in sources)


class Server:
    """name is the column of the tables. fixed_reply: it says the same to everybody."""
    name = title = None
    fixed_reply = False
    load_program = "bench/load-thrift"

    def __init__(self, bench):
        self.bench = bench
        self.port = free_port()
        self.process = None
        self.session = bench.path("session")

    @property
    def load_arguments(self):
        """What the generator needs to know besides the world and the port."""
        return ["--session-file", self.session, *(["--fixed-reply"] if self.fixed_reply else [])]

    def prepare(self):
        """Makes what the server needs besides the world; called once."""

    def command(self, world):
        raise NotImplementedError

    @property
    def ports(self):
        """Where it listens once it is ready."""
        return [self.port]

    def start(self, cores=None):
        self.start_unanswered(cores)
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None:
                raise Failed("%s ended with %d:\n%s" % (self.name, self.process.returncode, self.log_tail()))
            try:
                for port in self.ports:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise Failed("%s does not listen:\n%s" % (self.name, self.log_tail())) from None
                time.sleep(0.02)

    def start_unanswered(self, cores):
        cores = cores or {self.bench.server_core}
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(self.command(self.bench.world), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=lambda: os.sched_setaffinity(0, cores))

    def stop(self):
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def log_path(self):
        return os.path.join(self.bench.scratch, self.name + ".log")

    def log_tail(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()[-4000:]

    @property
    def pids(self):
        """Its process and that one's children, such as nginx's workers."""
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            return [pid, *map(int, file.read().split())]

    def cpu_us(self):
        """Of all its processes, user and system."""
        total = 0
        for pid in self.pids:
            with open("/proc/%d/stat" % pid) as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total * 1000000 / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, field="VmRSS"):
        """Resident now, or at its highest ("VmHWM"), in 10^6 bytes; of all its processes."""
        total = 0
        for pid in self.pids:
            with open("/proc/%d/status" % pid) as status:
                total += sum(int(line.split()[1]) for line in status if line.startswith(field + ":"))
        return round(total * 1024 / 1e6, 1)


class Ours(Server):
    name, title = "apim", "apim"

    def __init__(self, bench):
        super().__init__(bench)
        self.https_port = free_port()
        self.api_http_port, self.api_https_port = free_port(), free_port()  # of its gateway
        self.home = os.path.join(bench.scratch, "node")

    def path(self, *names):
        return os.path.join(self.home, "repository", *names)

    @property
    def ports(self):
        return [self.port, self.https_port]

    @property
    def key_files(self):
        return [self.path("resources", "security", name) for name in ("node-rsa.pem", "node-ec.pem")]

    def configure(self, workers=1):
        os.makedirs(self.path("conf"), exist_ok=True)
        with open(self.path("conf", "api-manager.xml"), "w") as file:
            file.write(API_MANAGER_XML.format(
                port=self.port, https_port=self.https_port, api_http_port=self.api_http_port,
                api_https_port=self.api_https_port, workers=workers))

    def prepare(self):
        """A first start makes keys, databases and the administrator; then come the tokens and a session."""
        self.configure()
        self.start()
        self.stop()
        self.fill()
        self.start()
        self.bench.write(self.session, self.login())

    @property
    def database_file(self):
        return self.path("database", "apimgtdb.sqlite")

    def fill(self):
        """Writes the tokens, while the node is stopped."""
        run([os.path.join(self.bench.folder, "make-tokens"), "--database", self.database_file, "--world",
             self.bench.world, "--tokens", str(self.bench.tokens), "--applications", str(self.bench.applications),
             *(["--mysql", self.bench.path("world.sql")] if self.bench.mariadb else [])])

    def command(self, world):
        return [self.bench.program("apimd/apimd"), "--home", self.home]

    @property
    def password(self):
        """Of the user admin."""
        with open(self.path("conf", "initial-admin-password")) as file:
            return file.read().strip()

    def post(self, path, body, headers):
        """One HTTPS request. Returns (response, its body)."""
        context = ssl.create_default_context(cafile=self.path("resources", "security", "node-cert.pem"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.https_port, context=context, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def login(self):
        """A session id, by the login service (specification 4, 8.1)."""
        def text(value):
            return bytes([len(value)]) + value.encode()
        call = (b"\x82\x21\x01" + text("authenticate") + b"\x18" + text("admin") + b"\x18" + text(self.password)
                + b"\0")
        reply = self.post("/thriftAuthenticator", call, {"Content-Type": "application/x-thrift"})[1]
        head = b"\x82\x41\x01" + text("authenticate") + b"\x08\x00"
        if not reply.startswith(head):
            raise Failed("the node refused the login")
        return reply[len(head) + 1:len(head) + 1 + reply[len(head)]].decode()


DATA_SOURCES_XML = """<datasources-configuration><datasources><datasource>
    <name>WSO2AM_DB</name>
    <jndiConfig><name>jdbc/WSO2AM_DB</name></jndiConfig>
    <definition type="RDBMS"><configuration>
        <url>jdbc:mysql://127.0.0.1:{port}/apimgtdb</url>
        <username>apim</username>
        <password>{password}</password>
        <driverClassName>com.mysql.jdbc.Driver</driverClassName>
    </configuration></definition>
</datasource></datasources></datasources-configuration>
"""


class OursOnMariadb(Ours):
    """The same node and tokens on a MariaDB of its own; the few users stay in SQLite."""
    name, title = "apim-mariadb", "apim on MariaDB"
    server_options = ()

    def __init__(self, bench):
        super().__init__(bench)
        self.home = os.path.join(bench.scratch, "node-mariadb")
        self.session = os.path.join(bench.scratch, "session-mariadb")
        self.database = os.path.join(bench.scratch, "mariadb")
        self.socket = os.path.join(self.database, "mariadb.sock")
        self.script = os.path.join(bench.top, "tests", "lib", "mariadb-scratch")

    def start_database(self, port):
        run([self.script, "start", self.database, "--tcp", str(port), "--", *self.server_options])

    def prepare(self):
        port, password = free_port(), secrets.token_hex(16)
        self.start_database(port)
        self._sql("CREATE DATABASE apimgtdb; CREATE USER apim@127.0.0.1 IDENTIFIED BY '%s'; "
                  "GRANT ALL ON apimgtdb.* TO apim@127.0.0.1;" % password)
        self.configure()
        os.makedirs(self.path("conf", "datasources"), exist_ok=True)
        self.bench.write(self.path("conf", "datasources", "master-datasources.xml"),
                         DATA_SOURCES_XML.format(port=port, password=password))
        run([self.bench.program("admin-cli/apimctl"), "db", "migrate", "--home", self.home, "--yes"])
        self.fill()
        self.start()
        self.bench.write(self.session, self.login())

    def fill(self):
        self._sql("SOURCE %s" % self.bench.path("world.sql"), "apimgtdb")
        self._sql("ANALYZE TABLE IDN_OAUTH2_ACCESS_TOKEN, AM_SUBSCRIPTION, AM_APPLICATION_KEY_MAPPING", "apimgtdb")

    def _sql(self, text, database="mysql"):
        run(["mariadb", "--no-defaults", "--user=root", "--socket=" + self.socket, database, "--execute", text])

    def stop_database(self):
        if os.path.exists(self.database):
            run([self.script, "stop", self.database])

    def stop(self):
        super().stop()
        self.stop_database()


class Echo(Server):
    name, title = "floor", "bare echo"
    fixed_reply = True

    def command(self, world):
        return [self.bench.program("bench/echo-tls"), str(self.port), str(self.bench.request_bytes),
                self.bench.path("reply"), *self.bench.ours.key_files]


class Cpp(Server):
    name, title = "cpp", "C++ TThreadedServer"

    def prepare(self):
        source = os.path.join(self.bench.folder, "peers", "CppServer.cpp")
        self.binary = os.path.join(self.bench.peers, "CppServer")
        if not is_older(self.binary, source, self.bench.idl):
            return
        generated = self.bench.generate("cpp:no_skeleton", "gen-cpp")
        run(["g++", "-O2", "-std=c++17", "-I", generated, "-o", self.binary, source,
             *(os.path.join(generated, name) for name in ("APIKeyValidationService.cpp", "validation_types.cpp")),
             "-lthrift", "-lssl", "-lcrypto", "-pthread"])

    def command(self, world):
        return [self.binary, str(self.port), world, self.session, *self.bench.ours.key_files]


class JavaPeer(Server):
    """A class of peers/ that answers from the HashMap of World.java."""

    def compile(self, name, jars, generated=(), depends=()):
        self.classes = os.path.join(self.bench.peers, "classes")
        self.class_path = jars + ":" + self.classes
        sources = [os.path.join(self.bench.folder, "peers", source) for source in (name + ".java", "World.java")]
        if is_older(os.path.join(self.classes, name + ".class"), *sources, *depends):
            run(["javac", "-nowarn", "-Xlint:none", "-cp", jars, "-d", self.classes, *sources, *generated])

    def make_key_store(self):
        """The node's own keys, so that all servers do the same work in a handshake."""
        self.key_store = self.bench.path("keys.p12")
        for number, key_file in enumerate(self.bench.ours.key_files):
            part = self.bench.path("key-%d.p12" % number)
            run(["openssl", "pkcs12", "-export", "-in", key_file, "-name", "key-%d" % number, "-out", part, "-passout",
                 "pass:changeit"])
            run(["keytool", "-importkeystore", "-noprompt", "-srckeystore", part, "-srcstoretype", "PKCS12",
                 "-srcstorepass", "changeit", "-destkeystore", self.key_store, "-deststoretype", "PKCS12",
                 "-deststorepass", "changeit"])

    def java(self, *arguments):
        # The heap that WSO2's start script gives; the collector is the JVM's own choice for one core.
        return ["java", "-Xms256m", "-Xmx1024m", "-cp", self.class_path, *arguments]


class Java(JavaPeer):
    name, title = "java", "Java TThreadPoolServer"

    def prepare(self):
        generated = self.bench.generate("java:generated_annotations=suppress", "gen-java")
        self.compile("JavaServer", JARS, [os.path.join(generated, name) for name in sorted(os.listdir(generated))],
                     [self.bench.idl])
        self.make_key_store()

    def command(self, world):
        return self.java("JavaServer", str(self.port), world, self.session, self.key_store)
