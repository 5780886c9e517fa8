"""apimctl db backup and db purge under a running node, and a node that finds its embedded database damaged."""

import json
import os
import signal
import stat

import wire
from harness import MARIADB, SQLITE, IntegrationTest, NodeTest

DAY = 86400


class Purge(NodeTest):
    databases = (SQLITE, MARIADB)

    def purge(self, *arguments):
        result = self.node.ctl("db", "purge", "--home", self.node.home, "-o", "json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_purge(self):
        """What is long dead goes; what is used stays, and the node answers as before."""
        apimgt, _ = self.node.open_databases()
        for _ in range(45):
            self.world.key_of(state="REVOKED", age=40 * DAY)
        young = self.world.key_of(state="REVOKED", age=20 * DAY)
        connection = self.connect()
        self.assert_serves(connection)
        self.assertEqual(self.purge("--dry-run")["tokens"], 45)
        done = self.purge("--yes", "--batch", "10", "--pause", "0")
        self.assertEqual((done["tokens"], done["audited"], done["kept"], done["finished"]), (45, 45, 0, True))
        self.assertEqual(self.purge("--yes")["tokens"], 0)
        self.assert_serves(connection)
        self.assertEqual(connection.call(wire.validate_key(self.session, young)).success()[8], 900901)
        self.assertEqual(self.purge("--yes", "--older-than", "10")["tokens"], 1)

    def test_wrong_numbers(self):
        for arguments in (("--older-than", "0"), ("--batch", "x"), ("--pause", "-1")):
            result = self.node.ctl("db", "purge", "--home", self.node.home, "--yes", *arguments)
            self.assertEqual(result.returncode, 2, result.stderr)

    def test_nobody_to_ask(self):
        self.assertEqual(self.node.ctl("db", "purge", "--home", self.node.home).returncode, 2)


class Scheduled(IntegrationTest):
    def test_in_the_log(self):
        node = self.new_node(apimd="<PurgeEvery>24</PurgeEvery><PurgeOlderThan>90</PurgeOlderThan>")
        self.addCleanup(node.kill)
        node.prepare().start()
        self.assertIn("purge: what has been dead for 90 days is deleted every 24 h", node.log())
        status = json.loads(node.ctl("node", "status", "--home", node.home, "-o", "json", check=True).stdout)
        self.assertEqual(status["purge.runs"], 0)
        node.stop()


class Backup(IntegrationTest):
    def setUp(self):
        self.node = self.new_node()
        self.addCleanup(self.node.kill)
        self.node.prepare().start()
        self.folder = os.path.join(self.node.home, "copy")

    def backup(self):
        return self.node.ctl("db", "backup", self.folder, "--home", self.node.home)

    def test_backup_and_restore(self):
        """A token that was there at the backup is there after the restore, and a later one is not."""
        result = self.backup()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["apimgtdb.sqlite", "userdb.sqlite"])
        for name in os.listdir(self.folder):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.folder, name)).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder).st_mode), 0o700)
        again = self.backup()
        self.assertEqual(again.returncode, 6, again.stderr)
        later = self.node.world.key_of()
        self.node.stop()
        for name in os.listdir(self.folder):
            path = self.node.path("repository/database/" + name)
            for ending in ("-wal", "-shm"):
                if os.path.exists(path + ending):
                    os.unlink(path + ending)
            os.replace(os.path.join(self.folder, name), path)
        self.node.start()
        session = self.node.login()
        with wire.Connection(self.node) as connection:
            self.assertEqual(connection.call(wire.validate_key(session, self.node.world.good)).success()[8], 0)
            self.assertEqual(connection.call(wire.validate_key(session, later)).success()[8], 900901)

    def test_unclean_end(self):
        """After a kill the file is read through, and one that is damaged stops the start."""
        self.node.world.key_of()
        with wire.Connection(self.node) as connection:  # the node has the file open
            connection.call(wire.validate_key(self.node.login(), self.node.world.good)).success()
        self.node.process.send_signal(signal.SIGKILL)
        self.node.process.wait()
        path = self.node.path("repository/database/apimgtdb.sqlite")
        begin = self.node.log_size()
        if os.path.exists(path + "-wal") and os.path.getsize(path + "-wal"):
            self.node.start()
            self.assertRegex(self.node.log(begin), r"apimgtdb.sqlite\" was not closed .* read through in \d+ ms, it is whole")
            self.node.process.send_signal(signal.SIGKILL)
            self.node.process.wait()
        with open(path, "r+b") as file:
            for page in range(8, os.path.getsize(path) // 4096, 3):
                file.seek(page * 4096)
                file.write(b"Z" * 4096)
        with open(path + "-wal", "ab") as file:
            file.write(b"rest")
        result = self.node.run_apimd()
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stderr, r"not started: .*apimgtdb.sqlite\" is damaged \(.*apimctl db backup")


class BackupOfServer(IntegrationTest):
    databases = (MARIADB,)

    def test_refused(self):
        node = self.new_node().prepare(populate=False)
        result = node.ctl("db", "backup", os.path.join(node.home, "copy"), "--home", node.home)
        self.assertEqual(result.returncode, 8, result.stderr)
        self.assertRegex(result.stderr, r"hint: mariadb-dump --single-transaction --triggers --host='?127.0.0.1'? --port=\d+")
        self.assertFalse(os.path.exists(os.path.join(node.home, "copy")))
