"""A gateway's side of key validation over Thrift: against the real node, alone and two of them behind HAProxy, and
against servers of the Apache Thrift Python library."""

import os
import shutil
import subprocess
import time
import unittest
from xml.sax.saxutils import escape

import suite
from harness import IntegrationTest, NodeTest
from library_key_manager import LibraryKeyManager
from node import Node
from world import Key

TIME_OUT_MS = 60000  # of a question: long, because a machine that is busy must not answer some of them

API_MANAGER_XML = """<APIManager>
    <APIKeyValidator>
        <ServerURL>{urls}</ServerURL>
        <Username>{user}</Username>
        <Password>{password}</Password>
        <KeyValidatorClientType>{client}</KeyValidatorClientType>
        <ThriftServerHost>localhost</ThriftServerHost>
        <ThriftClientPort>{thrift_port}</ThriftClientPort>
        <ThriftClientConnectionTimeOut>{timeout_ms}</ThriftClientConnectionTimeOut>
    </APIKeyValidator>
</APIManager>
"""

CARBON_XML = """<Server><Security><TrustStore><Location>{trust}</Location></TrustStore></Security></Server>
"""

HAPROXY_CONFIG = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    timeout check 60s
    retries 3
    option redispatch 1
    default-server check inter 2s fastinter 100ms fall 2 rise 2 on-marked-down shutdown-sessions
"""

HAPROXY_SERVICE = """
listen {name}
    bind 127.0.0.1:{port}
    server one 127.0.0.1:{one}
    server two 127.0.0.1:{two}
"""


class Asker:
    """The program that asks as a gateway does, with a home of its own."""

    def __init__(self, test, https_port, thrift_port, password, trust, user="admin", timeout_ms=TIME_OUT_MS,
                 client="ThriftClient"):
        """https_port: one, or a list of them."""
        ports = https_port if isinstance(https_port, list) else [https_port]
        home = suite.folder("gateway")
        conf = os.path.join(home, "repository", "conf")
        os.makedirs(conf)
        with open(os.open(os.path.join(conf, "api-manager.xml"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(API_MANAGER_XML.format(
                urls=",".join("https://localhost:%d/services/" % port for port in ports), thrift_port=thrift_port,
                user=escape(user), password=escape(password), timeout_ms=timeout_ms, client=client))
        with open(os.path.join(conf, "carbon.xml"), "w") as file:
            file.write(CARBON_XML.format(trust=escape(trust)))
        log_path = os.path.join(home, "asker.log")
        with open(log_path, "w") as log:
            self.process = subprocess.Popen([suite.program("key-asker"), home], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        suite.log(log_path)
        self.log_path = log_path
        test.addCleanup(self.close)
        line = self.process.stdout.readline()
        if line != "ready\n":
            raise AssertionError("key-asker: " + self.log())

    @classmethod
    def of_node(cls, test, node, **options):
        options.setdefault("password", node.admin_password)
        options.setdefault("trust", node.certificate)
        return cls(test, node.https_port, node.thrift_port, **options)

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def send(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()

    def receive(self):
        return self.process.stdout.readline().rstrip("\n").split("\t")

    def ask(self, *words):
        self.send(*words)
        return self.receive()

    def validate(self, key, token=None, level="Any"):
        return self.ask("validate", key.context, key.version, token or key.token, level, key.resource, key.verb)

    def end(self):
        """Of Thrift: logins, connections, attempts beyond the first; of SOAP: questions, attempts beyond the first."""
        self.process.stdin.close()
        words = self.receive()
        if self.process.wait(180) != 0:
            raise AssertionError("key-asker ended with %d: %s" % (self.process.returncode, self.log()[-4000:]))
        return tuple(int(word) for word in words[1:])

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def make_certificate():
    """(certificate, key) of an authority of its own, for localhost."""
    path = os.path.join(suite.folder("certificate"), "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                    "-keyout", path + ".key", "-out", path], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return path, path + ".key"


class OneNode(NodeTest):
    def test_answers(self):
        asker = Asker.of_node(self, self.node)
        key = self.world.good
        for _ in range(50):
            answer = asker.validate(key)
            self.assertEqual(answer[0], "granted", answer)
            self.assertEqual(answer[2], "PhoneApp")
        self.assertEqual(asker.validate(key, token="no-such-token"), ["refused", "900901"])
        resources = asker.ask("templates", key.context, key.version)
        self.assertEqual(resources[0], "templates")
        self.assertIn("%s:%s" % (key.resource, key.verb), [":".join(word.split(":")[:2]) for word in resources[1:]])
        self.assertEqual(asker.ask("templates", "/no/such/1", "1"), ["templates"])
        self.assertEqual(asker.end(), (1, 1, 0, 0, 0))

    def test_load(self):
        asker = Asker.of_node(self, self.node)
        key = self.world.good
        word, granted, refused, nobody, _ = asker.ask("load", "2", "100", key.context, key.version, key.token, "Any",
                                                      key.resource, key.verb)
        self.assertEqual((word, refused, nobody), ("load", "0", "0"))
        self.assertGreater(int(granted), 100)  # each of those that ask at once
        logins, connections, retries, over_soap, _ = asker.end()
        self.assertEqual((logins, retries, over_soap), (2, 0, 0))  # a worker each
        self.assertLessEqual(connections, 64)

    def test_wrong_password(self):
        asker = Asker.of_node(self, self.node, password="not-" + self.node.admin_password[:8])
        self.assertEqual(asker.validate(self.world.good), ["nobody"])
        self.assertIn("login: user or password were not taken", asker.log())

    def test_unknown_certificate(self):
        other, _ = make_certificate()
        asker = Asker.of_node(self, self.node, trust=other)
        self.assertEqual(asker.validate(self.world.good), ["nobody"])
        self.assertIn("certificate", asker.log())


class OneNodeOverSoap(NodeTest):
    def asker(self, **options):
        return Asker.of_node(self, self.node, client="WSClient", **options)

    def test_answers(self):
        asker = self.asker()
        key = self.world.good
        over_thrift = Asker.of_node(self, self.node).validate(key)
        for _ in range(20):
            self.assertEqual(asker.validate(key), over_thrift)
        self.assertEqual(asker.validate(key, token="no-such-token"), ["refused", "900901"])
        self.assertEqual(asker.validate(key, token="<&\">"), ["refused", "900901"])
        resources = asker.ask("templates", key.context, key.version)
        self.assertEqual(resources, Asker.of_node(self, self.node).ask("templates", key.context, key.version))
        self.assertEqual(asker.ask("templates", "/no/such/1", "1"), ["templates"])
        self.assertEqual(asker.end(), (0, 0, 0, 24, 0))

    def test_load(self):
        asker = self.asker()
        key = self.world.good
        word, granted, refused, nobody, _ = asker.ask("load", "2", "50", key.context, key.version, key.token, "Any",
                                                      key.resource, key.verb)
        self.assertEqual((word, refused, nobody), ("load", "0", "0"))
        self.assertGreaterEqual(int(granted), 50)

    def test_many_resources(self):
        self.world._api(900, "Large", "/large/1.0", [("/r/%d" % number, "GET") for number in range(800)])
        resources = self.asker().ask("templates", "/large/1.0", "1.0")
        self.assertEqual(len(resources), 801)
        self.assertEqual(len(set(resources)), 801)

    def test_wrong_password(self):
        asker = self.asker(password="not-" + self.node.admin_password[:8])
        for _ in range(3):
            self.assertEqual(asker.validate(self.world.good), ["nobody"])
        self.assertIn("user or password were not taken", asker.log())

    def test_unknown_certificate(self):
        asker = self.asker(trust=make_certificate()[0])
        self.assertEqual(asker.validate(self.world.good), ["nobody"])
        self.assertIn("certificate", asker.log())


class ThriftIsDown(NodeTest):
    def test_soap_instead(self):
        key = self.world.good
        asker = Asker(self, self.node.https_port, suite.free_port(), self.node.admin_password, self.node.certificate)
        for _ in range(20):
            self.assertEqual(asker.validate(key)[0], "granted")
        for _ in range(20):
            self.assertEqual(asker.validate(key, token="no-such-token"), ["refused", "900901"])
        self.assertEqual(asker.end()[3:], (40, 0))

    def test_refusals_are_answers(self):
        asker = Asker.of_node(self, self.node)
        for _ in range(5):
            self.assertEqual(asker.validate(self.world.good, token="no-such-token"), ["refused", "900901"])
        self.assertEqual(asker.end(), (1, 1, 0, 0, 0))


class Library(IntegrationTest):
    """A server that nobody here wrote."""

    def setUp(self):
        certificate, key = make_certificate()
        self.manager = LibraryKeyManager(certificate, key)
        self.addCleanup(self.manager.stop)
        self.key = Key(self.manager.token)
        self.asker = Asker(self, self.manager.https_port, self.manager.thrift_port, self.manager.password, certificate,
                           user="gateway")

    def test_answers(self):
        for _ in range(20):
            self.assertEqual(self.asker.validate(self.key), ["granted", "Gold", "/weather/1.0/city/*", "bob"])
        self.assertEqual(self.asker.validate(self.key, token="another"), ["refused", "900901"])
        resources = self.asker.ask("templates", "/weather/1.0", "1.0")
        self.assertEqual(len(resources), 301)
        self.assertEqual(resources[300], "/a/299:GET:Any:Gold")
        self.assertEqual(self.asker.end(), (1, 1, 0, 0, 0))

    def test_forgotten_session_and_closed_connections(self):
        self.assertEqual(self.asker.validate(self.key)[0], "granted")
        time.sleep(1.2)
        self.manager.sessions.clear()
        self.assertEqual(self.asker.validate(self.key)[0], "granted")
        self.manager.close_connections()
        self.assertEqual(self.asker.validate(self.key)[0], "granted")
        self.assertEqual(self.asker.end()[0], 2)


class Restart(NodeTest):
    def test_killed_and_back(self):
        asker = Asker.of_node(self, self.node, timeout_ms=2000)
        key = self.world.good
        self.assertEqual(asker.validate(key)[0], "granted")
        self.node.kill()
        self.assertEqual(asker.validate(key), ["nobody"])
        self.node.start()
        self.eventually(lambda: asker.validate(key)[0] == "granted", 15, "granted after the restart")


class TwoBehindHaproxy(IntegrationTest):
    """Both serve copies of one database, as two Key Managers serve one."""

    @classmethod
    def setUpClass(cls):
        if shutil.which("haproxy") is None:
            raise unittest.SkipTest("haproxy is not installed")
        cls.nodes = [Node(), Node()]
        for node in cls.nodes:
            cls.addClassCleanup(node.kill)
        cls.nodes[0].prepare()
        cls.world = cls.nodes[0].world
        settings = cls.nodes[1].read("repository/conf/api-manager.xml")
        shutil.copytree(cls.nodes[0].home, cls.nodes[1].home, dirs_exist_ok=True)
        cls.nodes[1].write("repository/conf/api-manager.xml", settings)
        for node in cls.nodes:
            node.start()

    def start_haproxy(self):
        ports = suite.free_port(), suite.free_port()
        path = os.path.join(suite.folder("haproxy"), "haproxy.cfg")
        with open(path, "w") as file:
            file.write(HAPROXY_CONFIG)
            for name, port, attribute in (("https", ports[0], "https_port"), ("thrift", ports[1], "thrift_port")):
                file.write(HAPROXY_SERVICE.format(name=name, port=port, one=getattr(self.nodes[0], attribute),
                                                  two=getattr(self.nodes[1], attribute)))
        process = subprocess.Popen(["haproxy", "-db", "-f", path], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return ports

    def killed_under_load(self, asker, at_once):
        """No wrong answer, errors below 0.1 %, none afterwards; none either when it comes back."""
        key = self.world.good
        words = (str(at_once), key.context, key.version, key.token, "Any", key.resource, key.verb, self.world.unknown.token)
        self.eventually(lambda: asker.validate(key)[0] == "granted", 15, "granted through HAProxy")
        asker.send("load", "5", *words)
        time.sleep(1)
        killed = time.monotonic()
        self.nodes[0].kill()
        time.sleep(1.2)
        self.nodes[0].start()
        word, right, wrong, nobody, longest_ms = asker.receive()
        self.assertEqual((word, wrong), ("load", "0"))
        asked, failed = self.history_of(asker, killed)
        print("# %s answers; of %d in the second after the kill %d failed; the longest took %s ms" % (
            right, asked, failed, longest_ms))
        self.assertLessEqual(int(nobody), int(right) / 1000)
        self.assertGreaterEqual(int(right), at_once)
        self.assertLess(int(longest_ms), TIME_OUT_MS)
        self.assertEqual(asker.ask("load", "1", *words)[2:4], ["0", "0"])
        asker.end()

    @staticmethod
    def history_of(asker, killed):
        """(asked, without answer) in the second after that time."""
        _, began_us, *slots = asker.ask("history")
        first = int((killed - int(began_us) / 1e6) * 10)
        counts = [tuple(map(int, slot.split(":"))) for slot in slots[first:first + 11]]
        return tuple(map(sum, zip(*counts)))

    def test_one_is_killed_under_load(self):
        https_port, thrift_port = self.start_haproxy()
        asker = Asker(self, https_port, thrift_port, self.nodes[0].admin_password, self.nodes[0].certificate)
        self.killed_under_load(asker, 32)

    def test_one_is_killed_under_load_over_soap(self):
        https_port, _ = self.start_haproxy()
        asker = Asker(self, https_port, 1, self.nodes[0].admin_password, self.nodes[0].certificate, client="WSClient")
        self.killed_under_load(asker, 16)

    def test_one_of_two_urls_is_killed_under_load(self):
        """Over SOAP, which needs no second port."""
        key = self.world.good
        asker = Asker(self, [node.https_port for node in self.nodes], 1, self.nodes[0].admin_password,
                      self.nodes[0].certificate, client="WSClient")
        self.assertEqual(asker.validate(key)[0], "granted")
        asker.send("load", "6", "16", key.context, key.version, key.token, "Any", key.resource, key.verb)
        time.sleep(2)
        self.nodes[0].kill()
        time.sleep(2)
        self.nodes[0].start()
        word, granted, refused, nobody, longest_ms = asker.receive()
        self.assertEqual((word, refused, nobody), ("load", "0", "0"))
        self.assertGreaterEqual(int(granted), 16)
        self.assertLess(int(longest_ms), TIME_OUT_MS)
