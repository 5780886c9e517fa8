"""A Galera cluster of three MariaDB servers on loopback ports, without state transfers: all three begin with the same data."""

import os
import secrets
import shutil
import signal
import subprocess
import time

import suite
from database import MariadbDatabase
from mariadb import server_pid

PROVIDER = "/usr/lib/galera/libgalera_smm.so"
SIZE = 3
# Two seconds until a silent server is put out, instead of five: the test need not wait for long.
PROVIDER_OPTIONS = ("base_port={group};gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{transfer};"
                    "evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT2S;"
                    "evs.inactive_timeout=PT3S;evs.install_timeout=PT3S;gmcast.peer_timeout=PT2S;gcache.size=16M")


def missing():
    """Why there can be no cluster here, or None."""
    if not os.path.exists(PROVIDER):
        return "needs Galera: tools/install-packages test"
    return None


class GaleraServer:
    """One server of the cluster."""

    def __init__(self, number):
        self.number = number
        self.folder = suite.folder("galera")
        self.port, self.group, self.transfer = suite.free_port(), suite.free_port(), suite.free_port()

    def start(self, peers, bootstrap=False):
        options = ["--wsrep-on=ON", "--wsrep-provider=" + PROVIDER, "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2",
                   "--wsrep-cluster-name=apim-test", "--wsrep-sst-method=bypass", "--wsrep-node-name=node%d" % self.number,
                   "--wsrep-node-address=127.0.0.1:%d" % self.group, "--log-bin-trust-function-creators=1",
                   "--wsrep-cluster-address=gcomm://" + ",".join("127.0.0.1:%d" % peer.group for peer in peers),
                   "--wsrep-provider-options=" + PROVIDER_OPTIONS.format(group=self.group, transfer=self.transfer)]
        if bootstrap:
            options.append("--wsrep-new-cluster")
        self._tool("start", self.folder, "--tcp", str(self.port), "--", *options)

    def stop(self):
        self._tool("stop", self.folder)

    def signal(self, number):
        """Returns the process id, or None without a process."""
        pid = server_pid(self.folder)
        try:
            if pid is not None:
                os.kill(pid, number)
        except ProcessLookupError:
            return None
        return pid

    def kill(self):
        pid = self.signal(signal.SIGKILL)
        while pid and os.path.exists("/proc/%d" % pid):
            time.sleep(0.05)

    def client(self, database=""):
        return ["mariadb", "--no-defaults", "--user=root", "--batch", "--unbuffered", "--skip-column-names",
                "--socket=" + os.path.join(self.folder, "mariadb.sock"), "--default-character-set=utf8mb4", database]

    def run(self, sql, database="", timeout=60):
        result = subprocess.run(self.client(database), input=sql.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                timeout=timeout)
        if result.returncode != 0:
            raise RuntimeError("MariaDB refused: " + result.stderr.decode())
        return result.stdout.decode()

    def status(self, name):
        return (self.run("SHOW STATUS LIKE '%s'" % name).split() + [None, None])[1]

    def hold_back(self):
        """The server still answers, but no longer follows what the others commit. Returns the function that ends it."""
        session = subprocess.Popen(self.client(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        session.stdin.write("FLUSH TABLES WITH READ LOCK;\nSELECT 'held';\n")
        session.stdin.flush()
        if session.stdout.readline().strip() != "held":
            raise AssertionError("the server could not be held back")
        return lambda: session.communicate("UNLOCK TABLES;\n", timeout=60)

    def isolate(self, isolated):
        """Cuts the server off from the others, not from its clients."""
        self.run("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=%d'" % isolated)

    @staticmethod
    def _tool(*arguments):
        library = os.path.join(suite.TOP, "tests", "lib")  # where wsrep_sst_bypass is
        subprocess.run([os.path.join(library, "mariadb-scratch"), *arguments], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, env={**os.environ, "PATH": library + ":" + os.environ["PATH"]})


class View:
    """The cluster as one node's data sources name it: all servers, beginning with one. Stands for a MariadbServer."""

    def __init__(self, cluster, first):
        self.cluster, self.user, self.password = cluster, cluster.user, cluster.password
        order = cluster.servers[first:] + cluster.servers[:first]
        # What follows "jdbc:mysql://127.0.0.1:" in the URL.
        self.port = ",127.0.0.1:".join(str(server.port) for server in order)

    def run(self, sql, database=""):
        return self.cluster.writer.run(sql, database)

    def databases(self):
        return [MariadbDatabase(self, name) for name in ("apimgtdb", "userdb")]


class GaleraCluster:
    def __init__(self):
        self.user, self.password = "apim", suite.secret(secrets.token_hex(16))
        self.servers = [GaleraServer(number) for number in range(SIZE)]
        self.writer = self.servers[-1]  # where the tests write
        first = self.servers[0]
        for server in self.servers:
            suite.at_end(server.kill)
        # The copies carry the cluster's id and position, so that they join without a transfer.
        first.start(self.servers, bootstrap=True)
        first.run("CREATE DATABASE apimgtdb; CREATE DATABASE userdb;"
                  "CREATE USER '%s'@'127.0.0.1' IDENTIFIED BY '%s';"
                  "GRANT ALL ON apimgtdb.* TO '%s'@'127.0.0.1'; GRANT ALL ON userdb.* TO '%s'@'127.0.0.1'"
                  % (self.user, self.password, self.user, self.user))
        first.stop()
        for server in self.servers[1:]:
            shutil.copytree(os.path.join(first.folder, "data"), os.path.join(server.folder, "data"),
                            ignore=shutil.ignore_patterns("galera.cache", "gvwstate.dat"))
        first.start(self.servers, bootstrap=True)
        for server in self.servers[1:]:
            server.start(self.servers)
        self.wait_for_size(SIZE, self.servers)

    def wait_for_size(self, size, servers, seconds=60):
        deadline = time.monotonic() + seconds
        while any(server.status("wsrep_cluster_size") != str(size)
                  or server.status("wsrep_local_state_comment") != "Synced" for server in servers):
            if time.monotonic() > deadline:
                raise AssertionError("the cluster did not come together: %s" % [
                    (server.status("wsrep_cluster_size"), server.status("wsrep_local_state_comment"))
                    for server in servers])
            time.sleep(0.1)

    def view(self, first):
        return View(self, first)

    def stop(self):
        for server in self.servers:
            server.kill()
