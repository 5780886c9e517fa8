"""A node under test: its home in the scratch folder, its process, and the command line beside it."""

import contextlib
import itertools
import os
import re
import resource
import signal
import ssl
import subprocess
import time
from xml.sax.saxutils import escape

import suite
import world
from clients import HttpLogin
from database import SqliteDatabase

START_SECONDS = STOP_SECONDS = 180  # sanitized programs on a busy machine are slow

API_MANAGER_XML = """<APIManager>
    <DataSourceName>jdbc/WSO2AM_DB</DataSourceName>
    {settings}
    <APIKeyValidator>
        {thrift_host}
        <ThriftServerPort>{thrift_port}</ThriftServerPort>
    </APIKeyValidator>
    <Apimd>
        <HttpsHost>127.0.0.1</HttpsHost>
        <HttpsPort>{https_port}</HttpsPort>
        <GatewayHost>127.0.0.1</GatewayHost>
        <GatewayHttpPort>{api_http_port}</GatewayHttpPort>
        <GatewayHttpsPort>{api_https_port}</GatewayHttpsPort>
        {apimd}
    </Apimd>
</APIManager>
"""

DATA_SOURCE_XML = """<datasource>
            <name>{name}</name>
            <jndiConfig><name>jdbc/{name}</name></jndiConfig>
            <definition type="RDBMS">
                <configuration>
                    <url>jdbc:mysql://127.0.0.1:{port}/{database}?autoReconnect=true</url>
                    <username>{user}</username>
                    <password>{password}</password>
                    <driverClassName>com.mysql.jdbc.Driver</driverClassName>
                    <maxActive>20</maxActive>
                    <maxWait>5000</maxWait>
                    <testOnBorrow>true</testOnBorrow>
                    <validationQuery>SELECT 1</validationQuery>
                    <validationInterval>30000</validationInterval>
                </configuration>
            </definition>
        </datasource>"""

DATA_SOURCES_XML = """<datasources-configuration xmlns:svns="http://org.wso2.securevault/configuration">
    <datasources>
        {sources}
    </datasources>
</datasources-configuration>
"""

# Of which the defaults are too short for sanitized programs on a busy machine, whose clients are such programs, too.
PATIENT_LIMITS = {"HandshakeTimeout": 120000, "DatabaseTimeout": 60000, "GatewayTimeout": 60000, "BackendConnectTimeout": 60000}

RSA_KEY = "repository/resources/security/node-rsa.pem"
RSA_KEYS = 4  # so that the nodes of one test differ
_rsa_keys, _turns = {}, itertools.count()


def patient(apimd):
    """The content of <Apimd> with limits that no test sets itself."""
    missing = "".join("<%s>%d</%s>" % (name, value, name) for name, value in PATIENT_LIMITS.items() if "<%s>" % name not in apimd)
    return apimd.replace("<Limits>", "<Limits>" + missing) if "<Limits>" in apimd else apimd + "<Limits>%s</Limits>" % missing


class Node:
    """settings and apimd are XML for <APIManager> and for <Apimd>; thrift_host "" leaves the element out.
    databases: the pair of a MariaDB server, or None for the embedded SQLite."""

    def __init__(self, databases=None, settings="", apimd="", thrift_host="127.0.0.1"):
        self.home = suite.folder("node")
        self.thrift_port, self.https_port = suite.free_port(), suite.free_port()
        self.api_http_port, self.api_https_port = suite.free_port(), suite.free_port()
        self.process = None
        self.databases = databases
        self.launcher = []  # words before apimd's path, for a program that sets something up and becomes apimd
        self.log_path = os.path.join(self.home, "apimd.log")
        self.write("repository/conf/api-manager.xml", API_MANAGER_XML.format(
            settings=settings, apimd=patient(apimd), thrift_port=self.thrift_port, https_port=self.https_port,
            api_http_port=self.api_http_port, api_https_port=self.api_https_port,
            thrift_host=thrift_host and "<ThriftServerHost>%s</ThriftServerHost>" % thrift_host))
        if databases:
            self._write_data_sources(databases)

    # Files ---------------------------------------------------------------------------------------------------------

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(content)
        return path

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def _write_data_sources(self, databases):
        server = databases[0].server
        self.write("repository/conf/datasources/master-datasources.xml", DATA_SOURCES_XML.format(sources="\n".join(
            DATA_SOURCE_XML.format(name=name, port=server.port, database=database.name, user=server.user,
                                   password=escape(server.password))
            for name, database in zip(("WSO2AM_DB", "WSO2UM_DB"), databases))), mode=0o600)

    @property
    def certificate(self):
        return self.path("repository/resources/security/node-cert.pem")

    @property
    def admin_password(self):
        return suite.secret(self.read("repository/conf/initial-admin-password").strip())

    # Data ----------------------------------------------------------------------------------------------------------

    def prepare(self, populate=True):
        """Schema, keys, administrator; with populate also the known world. Returns the node."""
        if self.databases:
            self.ctl("db", "migrate", "--home", self.home, "--yes", check=True)
        with self._rsa_key():
            self.ctl("node", "init", "--home", self.home, check=True)
        if populate:
            self.world = world.World(*self.open_databases())
        return self

    @contextlib.contextmanager
    def _rsa_key(self):
        """Nine tenths of `node init` is making an RSA key. The first nodes make theirs, later ones of the same settings have them in turn."""
        number = next(_turns) % RSA_KEYS
        if os.path.exists(self.path("repository/conf/carbon.xml")) or os.path.exists(self.path(RSA_KEY)):
            yield  # perhaps for another host, or one of its own
        elif number in _rsa_keys:
            os.makedirs(os.path.dirname(self.path(RSA_KEY)), 0o700, exist_ok=True)
            self.write(RSA_KEY, _rsa_keys[number], 0o600)
            yield
        else:
            yield
            _rsa_keys[number] = self.read(RSA_KEY)

    def open_databases(self):
        """(apimgtdb, userdb) for writing."""
        return self.databases or [SqliteDatabase(self.path("repository/database/" + name))
                                  for name in ("apimgtdb.sqlite", "userdb.sqlite")]

    # Processes -----------------------------------------------------------------------------------------------------

    def ctl(self, *arguments, check=False, input=None):
        """Runs apimctl. Returns the finished process; its output is text."""
        result = subprocess.run([suite.program("apimctl"), *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, timeout=300,
                                **({"input": input} if input is not None else {"stdin": subprocess.DEVNULL}))
        if check and result.returncode != 0:
            raise AssertionError("apimctl %s: exit %d: %s" % (" ".join(arguments[:2]), result.returncode,
                                                              result.stderr))
        return result

    def run_apimd(self, *arguments):
        """Runs apimd to its end, for what does not start a node."""
        return subprocess.run([suite.program("apimd"), "--home", self.home, *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=START_SECONDS)

    def start(self, *arguments, ready=r"ready: thrift on \S+, https on \S+"):
        """Starts the node and waits until it says that it is ready. Returns the node."""
        with open(self.log_path, "a") as log:
            begin = log.tell()
            self.process = subprocess.Popen([*self.launcher, suite.program("apimd"), "--home", self.home, *arguments],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        suite.log(self.log_path)
        suite.at_end(self.kill)
        self.wait_for_log(ready, begin, START_SECONDS)
        return self

    def log(self, begin=0):
        with open(self.log_path, errors="replace") as file:
            file.seek(begin)
            return file.read()

    def log_size(self):
        return os.path.getsize(self.log_path)

    def wait_for_log(self, pattern, begin=0, seconds=120):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.log(begin)):
            if self.process.poll() is not None:
                raise AssertionError("apimd ended with %d: %s" % (self.process.returncode, self.log(begin)[-4000:]))
            if time.monotonic() > deadline:
                raise AssertionError("no %r in the log after %d s: %s" % (pattern, seconds, self.log(begin)[-4000:]))
            time.sleep(0.05)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """SIGTERM; a node that does not end with 0 (a sanitizer's finding included) is a failure."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError("apimd did not end within %d s of SIGTERM: %s" % (STOP_SECONDS, self.log()[-4000:])) from None
        if status != 0:
            raise AssertionError("apimd ended with %d: %s" % (status, self.log()[-8000:]))

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def memory(self):
        """Resident bytes."""
        with open("/proc/%d/statm" % self.process.pid) as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    # Clients -------------------------------------------------------------------------------------------------------

    def tls_context(self):
        """Trusts exactly this node's certificates."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.check_hostname = True
        return context

    def login(self, user="admin", password=None):
        """A session id."""
        if password is None:
            password = self.admin_password if user == "admin" else self.world.passwords[user]
        return HttpLogin(self).session(user, password)
