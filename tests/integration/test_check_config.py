"""--check-config: says what the node understood, and where it did not."""

import os
import shutil

import suite
from harness import IntegrationTest, NodeTest
from node import Node


class MistakesAreNamed(IntegrationTest):
    """File, line, element and reason, for the value that a node would have used."""

    CASES = (
        ("repository/conf/api-manager.xml", 4, "ThriftServerPort",
         "<APIManager>\n <APIKeyValidator>\n  <ThriftServerHost>localhost</ThriftServerHost>\n"
         "  <ThriftServerPort>70000</ThriftServerPort>\n </APIKeyValidator>\n</APIManager>\n"),
        ("repository/conf/api-manager.xml", 3, "IdleTimeout",
         "<APIManager><Apimd>\n<Limits>\n<IdleTimeout>soon</IdleTimeout>\n</Limits></Apimd></APIManager>\n"),
        ("repository/conf/api-manager.xml", 2, "EnableThriftServer",
         "<APIManager><APIKeyValidator>\n<EnableThriftServer>perhaps</EnableThriftServer></APIKeyValidator></APIManager>"),
        ("repository/conf/carbon.xml", 2, "Offset", "<Server><Ports>\n<Offset>-x</Offset></Ports></Server>\n"),
        ("repository/conf/datasources/master-datasources.xml", 6, "url",
         "<datasources-configuration>\n<datasources>\n<datasource><name>WSO2AM_DB</name>\n"
         "<jndiConfig><name>jdbc/WSO2AM_DB</name></jndiConfig>\n<definition type=\"RDBMS\"><configuration>\n"
         "<url>jdbc:oracle:thin:@db:1521/x</url></configuration></definition></datasource>\n"
         "</datasources></datasources-configuration>\n"),
        ("repository/conf/api-manager.xml", 2, None, "<APIManager>\n<APIKeyValidator></Wrong></APIManager>\n"),
    )

    def test_mistakes(self):
        for file, line, element, content in self.CASES:
            with self.subTest(element or "not well-formed"):
                node = Node()
                node.write(file, content)
                for arguments in (("--check-config",), ()):  # the node itself does not start either
                    result = node.run_apimd(*arguments)
                    self.assertEqual(result.returncode, 1, result.stderr)
                    self.assertIn(file.rsplit("/", 1)[1], result.stderr)
                    self.assertRegex(result.stderr, r"\b%d\b" % line)
                    self.assertIn(element or "end tag", result.stderr)
                shutil.rmtree(node.path("repository/conf"))

    def test_files_that_are_named(self):
        """A key store or certificates that a start could not use are found before the start; so is a home that is not there."""
        named = (("carbon.xml", "<Server><Security><KeyStore><Location>repository/no.jks</Location></KeyStore></Security></Server>"),
                 ("carbon.xml", "<Server><Security><TrustStore><Location>repository/no.jks</Location></TrustStore></Security>"
                  "</Server>"),
                 ("api-manager.xml", "<APIManager><Apimd><JwtCertificates>repository/no.jks</JwtCertificates></Apimd></APIManager>"),
                 ("api-manager.xml", "<APIManager><Apimd><Saml2IdentityProviders><IdentityProvider><Issuer>x</Issuer>"
                  "<Certificate>repository/no.jks</Certificate></IdentityProvider></Saml2IdentityProviders></Apimd></APIManager>"))
        for file, content in named:
            node = Node()
            node.write("repository/conf/" + file, content)
            result = node.run_apimd("--check-config")
            self.assertEqual(result.returncode, 1, content)
            self.assertRegex(result.stderr, r"no\.jks.*No such file")
            self.assertIn("HostName = localhost", result.stdout)
        node = Node()
        node.home = node.path("nowhere")
        result = node.run_apimd("--check-config")
        self.assertEqual(result.returncode, 0)
        self.assertIn("there is no folder", result.stderr)

    def test_wrong_offset(self):
        """-1 is a mistake, not the absence of the option: no node starts on the usual ports."""
        for offset in ("-1", "50001", "x", "99999999999"):
            node = Node()
            result = node.run_apimd("--port-offset", offset)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn("--port-offset", result.stderr)
            self.assertFalse(os.path.exists(node.path("repository/database")))

    def test_version(self):
        result = Node().run_apimd("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^apimd \d+\.\d+")


class EffectiveConfiguration(NodeTest):
    databases = ("mariadb",)

    def test_effective_configuration_without_secrets(self):
        result = self.node.run_apimd("--check-config")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(str(self.node.thrift_port), result.stdout)
        self.assertIn(str(self.node.https_port), result.stdout)
        self.assertIn("apimgtdb", result.stdout)
        output = result.stdout + result.stderr
        self.assertNotIn(self.node.databases[0].server.password, output)
        self.assertNotIn(self.node.admin_password, output)

    def test_port_offset(self):
        """The offset moves a port only where the file does not name it (3.1)."""
        home = suite.folder("empty")
        node = Node()
        node.home = home
        result = node.run_apimd("--check-config", "--port-offset", "7")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("10404", result.stdout)
        self.assertIn("9450", result.stdout)
        self.assertIn(str(self.node.thrift_port), self.node.run_apimd("--check-config", "--port-offset", "7").stdout)
