"""Check 12: gateways of 2013 reconnect to the host of ServerURL, so the Thrift port answers there too."""

import socket

import wire
from harness import NodeTest


def hosts():
    """Two IPv4 addresses of this machine, and the IPv6 loopback where there is one."""
    yield "127.0.0.1"
    yield "127.0.0.2"
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return
    yield "::1"


class EveryAddress(NodeTest):
    options = {"thrift_host": ""}

    def test_thrift_port_answers_on_every_address(self):
        for host in hosts():
            with self.subTest(host):
                self.assert_serves(self.connect(host=host))


class OneAddress(NodeTest):
    """ThriftServerHost, where it is set, is the only address."""

    def test_other_addresses_are_closed(self):
        self.assert_serves(self.connect())
        with self.assertRaises(ConnectionRefusedError):
            self.connect(host="127.0.0.2")
