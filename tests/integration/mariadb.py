"""A MariaDB server of the tests' own, started by tests/lib/mariadb-scratch."""

import os
import secrets
import signal
import subprocess
import time

import suite
from database import MariadbDatabase


def server_pid(folder):
    """The process id of the server of this folder; None: it does not run. A server that was killed leaves its file, and its
    number may be another process's by now."""
    path = os.path.join(folder, "mariadb.pid")
    try:
        with open(path) as file:
            pid = int(file.read())
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return pid if b"--pid-file=" + path.encode() in file.read().split(b"\0") else None
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None


class MariadbServer:
    def __init__(self):
        self.folder = suite.folder("mariadb")
        self.port = suite.free_port()
        self.user, self.password = "apim", suite.secret(secrets.token_hex(16))
        self._databases = 0
        suite.at_end(self.stop)
        self.start()
        # Nodes come over TCP; root may only use the socket.
        self.run("CREATE USER '%s'@'127.0.0.1' IDENTIFIED BY '%s';"
                 "GRANT ALL ON `apimgt%%`.* TO '%s'@'127.0.0.1'; GRANT ALL ON `user%%`.* TO '%s'@'127.0.0.1'"
                 % (self.user, self.password, self.user, self.user))

    def start(self):
        self._tool("start", self.folder, "--tcp", str(self.port))

    def stop(self):
        self._tool("stop", self.folder)

    def commit_durably(self):
        """The scratch server commits lazily, to be fast. From now on, until it is started anew, what it commits outlives a crash."""
        self.run("SET GLOBAL innodb_flush_log_at_trx_commit = 1")

    def kill(self):
        """As a crash would end it. What was not committed durably is lost: see commit_durably()."""
        pid = server_pid(self.folder)
        os.kill(pid, signal.SIGKILL)
        while os.path.exists("/proc/%d" % pid):
            time.sleep(0.05)

    def client(self, database=""):
        """The command line of a session as root; what it prints is flushed after each statement."""
        return ["mariadb", "--no-defaults", "--user=root", "--socket=" + os.path.join(self.folder, "mariadb.sock"),
                "--default-character-set=utf8mb4", "--batch", "--unbuffered", "--skip-column-names", database]

    def run(self, sql, database=""):
        result = subprocess.run(self.client(database), input=sql.encode(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
        if result.returncode != 0:
            raise RuntimeError("MariaDB refused: " + result.stderr.decode())
        return result.stdout.decode()

    def new_databases(self):
        """An empty apimgtdb and an empty userdb of their own for one test."""
        self._databases += 1
        pair = ["apimgtdb%d" % self._databases, "userdb%d" % self._databases]
        self.run("".join("CREATE DATABASE %s;" % name for name in pair))
        return [MariadbDatabase(self, name) for name in pair]

    @staticmethod
    def _tool(*arguments):
        subprocess.run([os.path.join(suite.TOP, "tests", "lib", "mariadb-scratch"), *arguments], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


_shared = None


def shared_server():
    """The one server that all tests use which do not stop it."""
    global _shared
    if _shared is None:
        _shared = MariadbServer()
    return _shared
