"""TLS to the database server: what the JDBC URL asks for is had, or nothing is sent."""

import os
import subprocess
from xml.sax.saxutils import escape

import mariadb
import suite
from harness import MARIADB, IntegrationTest
from node import DATA_SOURCE_XML, DATA_SOURCES_XML, Node

STORE_PASSWORD = "trusted"


def openssl(*arguments, folder):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Authority:
    """A certificate authority, and the server certificates that the cases need, as files of a folder."""

    def __init__(self):
        self.folder = suite.folder("tls")
        self._authority("ca")
        self._authority("stranger")
        self._server("good", names="DNS:localhost,IP:127.0.0.1")
        self._server("wrong-name", names="DNS:db.example.com")
        self._server("expired", names="IP:127.0.0.1", days="-1")
        self._authority("self-signed", "-addext", "subjectAltName=IP:127.0.0.1")
        openssl("pkcs12", "-export", "-nokeys", "-in", "ca.pem", "-out", "ca.p12", "-passout", "pass:" + STORE_PASSWORD,
                folder=self.folder)
        subprocess.run(["keytool", "-importcert", "-noprompt", "-storetype", "JKS", "-keystore", self.path("ca.jks"),
                        "-storepass", STORE_PASSWORD, "-alias", "ca", "-file", self.path("ca.pem")], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _authority(self, name, *more):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".pem",
                "-subj", "/CN=" + name, "-days", "2", *more, folder=self.folder)

    def _server(self, name, names, days="2"):
        with open(self.path(name + ".ext"), "w") as file:
            file.write("subjectAltName=%s\n" % names)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
                "-subj", "/CN=db", folder=self.folder)
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", days,
                "-CAcreateserial", "-extfile", name + ".ext", "-out", name + ".pem", folder=self.folder)


class MysqlTls(IntegrationTest):
    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.server = mariadb.MariadbServer()
        cls.addClassCleanup(cls.server.stop)
        cls.server.stop()
        for kind in ("pem", "key"):
            cls.show("good", kind)
        subprocess.run([os.path.join(suite.TOP, "tests", "lib", "mariadb-scratch"), "start", cls.server.folder, "--tcp",
                        str(cls.server.port), "--", "--ssl-cert=" + cls.authority.path("shown.pem"),
                        "--ssl-key=" + cls.authority.path("shown.key")], check=True, stdout=subprocess.DEVNULL)
        cls.node = Node(databases=cls.server.new_databases())
        cls.node.prepare(populate=False)
        # From now on whoever comes without TLS is turned away, so that a good answer proves it.
        cls.server.run("ALTER USER '%s'@'127.0.0.1' REQUIRE SSL" % cls.server.user)

    @classmethod
    def show(cls, name, kind):
        with open(cls.authority.path(name + "." + kind)) as source, \
                open(cls.authority.path("shown." + kind), "w") as shown:
            shown.write(source.read())

    def connect(self, certificate, parameters, host="127.0.0.1"):
        """What `apimctl db migrate` says of a server with this certificate: None or the error."""
        self.show(certificate, "pem")
        self.show(certificate, "key")
        self.server.run("FLUSH SSL")
        sources = [DATA_SOURCE_XML.format(name=name, port=self.server.port, database=database.name,
                                          user=self.server.user, password=escape(self.server.password))
                   for name, database in zip(("WSO2AM_DB", "WSO2UM_DB"), self.node.databases)]
        text = DATA_SOURCES_XML.format(sources="\n".join(sources))
        text = text.replace("127.0.0.1", host).replace("autoReconnect=true", escape(parameters))
        self.node.write("repository/conf/datasources/master-datasources.xml", text, mode=0o600)
        result = self.node.ctl("db", "migrate", "--home", self.node.home, "--yes")
        return None if result.returncode == 0 else result.stderr

    def test_certificates(self):
        ca = "&trustCertificateKeyStoreUrl=file:" + self.authority.path("ca.pem")
        p12 = "&trustCertificateKeyStoreUrl=file:%s&trustCertificateKeyStorePassword=" % self.authority.path("ca.p12")
        jks = "&trustCertificateKeyStoreUrl=file:%s&trustCertificateKeyStorePassword=" % self.authority.path("ca.jks")
        stranger = "&trustCertificateKeyStoreUrl=file:" + self.authority.path("stranger.pem")
        cases = (
            # without a check, any certificate will do
            ("good", "useSSL=true", None),
            ("self-signed", "useSSL=true", None),
            ("expired", "sslMode=REQUIRED", None),
            ("wrong-name", "requireSSL=true", None),
            # the chain
            ("good", "sslMode=VERIFY_CA" + ca, None),
            ("good", "useSSL=true&verifyServerCertificate=true" + ca, None),
            ("good", "useSSL=true" + p12 + STORE_PASSWORD, None),
            ("good", "useSSL=true&trustCertificateKeyStoreType=JKS" + jks + STORE_PASSWORD, None),
            ("self-signed", "useSSL=true" + jks + STORE_PASSWORD, "self-signed certificate"),
            ("wrong-name", "sslMode=VERIFY_CA" + ca, None),
            ("self-signed", "sslMode=VERIFY_CA" + ca, "self-signed certificate"),
            ("expired", "sslMode=VERIFY_CA" + ca, "certificate has expired"),
            ("good", "sslMode=VERIFY_CA" + stranger, "unable to get local issuer certificate"),
            # the name, too
            ("good", "sslMode=VERIFY_IDENTITY" + ca, None),
            ("wrong-name", "sslMode=VERIFY_IDENTITY" + ca, "certificate"),
            ("expired", "sslMode=VERIFY_IDENTITY" + ca, "certificate has expired"),
            ("self-signed", "sslMode=VERIFY_IDENTITY" + ca, "self-signed certificate"),
            # against the system's authorities, which do not know ours
            ("good", "sslMode=VERIFY_CA", "unable to get local issuer certificate"),
            ("good", "useSSL=true&verifyServerCertificate=true", "unable to get local issuer certificate"),
            # trust stores that are none
            ("good", "useSSL=true" + p12 + "wrong", "ca.p12"),
            ("good", "useSSL=true" + jks + "wrong", "does not open the key store"),
            ("good", "useSSL=true" + jks, "ca.jks"),
            ("good", "useSSL=true&trustCertificateKeyStoreUrl=file:" + self.authority.path("none"), "No such file"),
        )
        for certificate, parameters, error in cases:
            with self.subTest(certificate=certificate, parameters=parameters.replace(self.authority.folder, "")):
                found = self.connect(certificate, parameters)
                if error is None:
                    self.assertIsNone(found)
                else:
                    self.assertIsNotNone(found, "it was accepted")
                    self.assertIn(error, found)
        self.assertIsNone(self.connect("good", "sslMode=VERIFY_IDENTITY" + ca, host="localhost"))

    def test_no_tls_asked_for(self):
        """The server insists: the words are the server's."""
        self.assertIn("Access denied", self.connect("good", "useSSL=false"))

    def test_lost_connections(self):
        """A connection over TLS that breaks is noticed, and made again."""
        self.assertIsNone(self.connect("good", "useSSL=true"))
        self.node.start()
        session = self.node.login("admin")
        self.assertTrue(session)
        for _ in range(3):
            self.server.run("".join("KILL %s;" % number for number in self.server.run(
                "SELECT ID FROM INFORMATION_SCHEMA.PROCESSLIST WHERE USER = '%s'" % self.server.user).split()))
            self.assertTrue(self.node.login("admin"))
        self.node.stop()
