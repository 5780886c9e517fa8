"""Key stores of an existing Key Manager: the node serves the keys in them as they are."""

import os
import shutil
import ssl
import subprocess

import suite
from clients import HttpLogin
from harness import IntegrationTest

STORE_PASSWORD, KEY_PASSWORD = "store of a test", "key of a test"

CARBON_XML = """<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">
    <Security>
        <KeyStore>
            <Location>${{carbon.home}}/repository/resources/security/{file}</Location>
            <Type>JKS</Type>
            <Password>{password}</Password>
            <KeyAlias>{alias}</KeyAlias>
            <KeyPassword>{key_password}</KeyPassword>
        </KeyStore>
    </Security>
</Server>
"""


def keytool(*arguments):
    subprocess.run(["keytool", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


class JavaKeyStores(IntegrationTest):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.new_node()
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare()
        for name in (STORE_PASSWORD, KEY_PASSWORD):
            suite.secret(name)

    def make_store(self, file, kind, alias, key_password=KEY_PASSWORD):
        path = self.node.path("repository/resources/security/" + file)
        keytool("-genkeypair", "-storetype", kind, "-keystore", path, "-storepass", STORE_PASSWORD, "-keypass",
                key_password, "-alias", alias, "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=localhost",
                "-ext", "san=dns:localhost,ip:127.0.0.1", "-validity", "2")
        os.chmod(path, 0o600)
        keytool("-exportcert", "-keystore", path, "-storepass", STORE_PASSWORD, "-alias", alias, "-rfc", "-file",
                path + ".pem")
        return path + ".pem"

    def configure(self, file, alias, password=STORE_PASSWORD, key_password=KEY_PASSWORD):
        self.node.write("repository/conf/carbon.xml", CARBON_XML.format(
            file=file, alias=alias, password=password, key_password=key_password), mode=0o600)

    def assert_served(self, certificate):
        """On both ports, to a client that trusts just this certificate."""
        with open(certificate) as file:
            expected = ssl.PEM_cert_to_DER_cert(file.read())
        for port in (self.node.thrift_port, self.node.https_port):
            served = ssl.get_server_certificate(("127.0.0.1", port), ca_certs=certificate)
            self.assertEqual(ssl.PEM_cert_to_DER_cert(served), expected)
        shutil.copy(certificate, self.node.certificate)
        self.assertTrue(HttpLogin(self.node).session("admin", self.node.admin_password))

    def test_served(self):
        """JKS with a password of its own for the key, and PKCS#12 as newer versions of Java make it under that name."""
        jks = self.make_store("wso2carbon.jks", "JKS", "wso2carbon")
        pkcs12 = self.make_store("newer.jks", "PKCS12", "wso2carbon", STORE_PASSWORD)
        for file, certificate, key_password in (("wso2carbon.jks", jks, KEY_PASSWORD),
                                                ("newer.jks", pkcs12, STORE_PASSWORD)):
            with self.subTest(file):
                self.configure(file, "wso2carbon", key_password=key_password)
                self.node.start()
                self.assert_served(certificate)
                self.node.stop()

    def test_wrong_passwords(self):
        self.make_store("other.jks", "JKS", "wso2carbon")
        for options, words in (({"password": "of another"}, "does not open the key store"),
                               ({"key_password": "of another"}, 'does not open the private key "wso2carbon"'),
                               ({"alias": "nobody"}, 'alias "nobody"')):
            with self.subTest(words):
                self.configure("other.jks", **{"alias": "wso2carbon", **options})
                result = self.node.run_apimd()
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(words, result.stderr)
                self.assertIn("other.jks", result.stderr)
                self.assertNotIn("of another", result.stderr)
