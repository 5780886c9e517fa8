"""A port that is taken stops the start with an error that names it."""

import socket

from harness import IntegrationTest, NodeTest
from node import Node


class PortTaken(NodeTest):
    def test_second_node_on_the_same_ports(self):
        second = Node()
        second.thrift_port, second.https_port = self.node.thrift_port, self.node.https_port
        second.write("repository/conf/api-manager.xml", self.node.read("repository/conf/api-manager.xml"))
        result = second.run_apimd()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stderr, r"\b(%d|%d)\b" % (self.node.thrift_port, self.node.https_port))
        self.assertIn("in use", result.stderr)
        self.assert_serves(self.connect())


    def test_second_node_in_the_same_home(self):
        """On other ports, too: it would take the control socket from the first."""
        result = self.node.run_apimd("--port-offset", "1")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("a node runs in %s already" % self.node.home, result.stderr)
        self.assertIn("version", self.node.ctl("node", "status", "--home", self.node.home, check=True).stdout)
        self.assert_serves(self.connect())


class PortOfAnotherProgram(IntegrationTest):
    def test_either_port(self):
        for name in ("thrift_port", "https_port"):
            node = Node()
            with self.subTest(name), socket.socket() as other:
                other.bind(("127.0.0.1", getattr(node, name)))
                other.listen()
                result = node.run_apimd()
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(str(getattr(node, name)), result.stderr)
