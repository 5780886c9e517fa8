"""SIGHUP: configuration and certificates are read again, and no connection notices."""

import signal
import subprocess
import time

import suite
from harness import NodeTest

CARBON_XML = """<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">
    <Security>
        <KeyStore>
            <Location>${carbon.home}/repository/resources/security/operator.pem</Location>
            <Type>PEM</Type>
        </KeyStore>
    </Security>
</Server>
"""


class Reload(NodeTest):
    @classmethod
    def new_node(cls, **options):
        node = super().new_node(**options)
        node.write("repository/conf/carbon.xml", CARBON_XML)
        cls.make_certificate(node)
        return node

    @staticmethod
    def make_certificate(node):
        """A fresh key and certificate where the operator's key store is; clients trust it."""
        folder = suite.folder("certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                       check=True, stderr=subprocess.DEVNULL)
        with open(folder + "/key.pem") as key, open(folder + "/cert.pem") as certificate:
            lines = certificate.read()
            node.write("repository/resources/security/operator.pem", key.read() + lines, 0o600)
        node.write("repository/resources/security/node-cert.pem", lines)

    def reload(self):
        begin = self.node.log_size()
        self.node.signal(signal.SIGHUP)
        return begin

    def test_new_certificate(self):
        old = self.connect()
        self.assert_serves(old)
        before = old.certificate()
        self.make_certificate(self.node)
        self.reload()
        self.eventually(self.served_with_another_certificate(before), 20, "the new certificate is served")
        self.assertEqual(old.certificate(), before)
        self.assert_serves(old)
        self.node.login()  # the HTTPS port has it, too

    def served_with_another_certificate(self, before):
        def asked():
            try:
                connection = self.connect()
            except OSError:  # the old certificate, which is no longer trusted
                return False
            return connection.certificate() != before
        return asked

    def test_mistake_keeps_the_old_configuration(self):
        """A file that cannot be used is named in the log, and the node goes on as it was."""
        connection = self.connect()
        good = self.node.read("repository/conf/api-manager.xml")
        self.node.write("repository/conf/api-manager.xml", good.replace("</Apimd>", "<Workers>many</Workers></Apimd>"))
        try:
            begin = self.reload()
            self.node.wait_for_log(r"api-manager\.xml.*Workers", begin)
            self.assert_serves(connection)
            self.assert_serves(self.connect())
        finally:
            self.node.write("repository/conf/api-manager.xml", good)
        self.reload()
        self.assert_serves(connection)

    def served_and_closed(self):
        """False where this machine was too slow: the connection was idle before it was served."""
        began = time.monotonic()
        try:
            connection = self.connect()
            self.assert_serves(connection)
        except (EOFError, OSError):
            self.assertGreater(time.monotonic() - began, 1.0, "closed too early")
            return False
        return connection.is_closed_by_peer()

    def test_limits_can_change(self):
        """A shorter idle time-out holds for connections made after the reload."""
        good = self.node.read("repository/conf/api-manager.xml")
        self.node.write("repository/conf/api-manager.xml", good.replace(
            "<Limits>", "<Limits><IdleTimeout>1000</IdleTimeout>"))
        try:
            begin = self.reload()
            self.node.wait_for_log("reload", begin)
            self.eventually(self.served_and_closed, 15, "served, and closed when idle")
        finally:
            self.node.write("repository/conf/api-manager.xml", good)
            self.reload()
