"""Good clients and hostile ones together, for long: memory and descriptors stay, and no good call fails.

A few seconds by default; APIM_TEST_SOAK_SECONDS=600 for the real thing."""

import os
import random
import signal
import socket
import ssl
import threading
import time

import golden
import wire
from harness import NodeTest
from load import Load
from world import Key

SECONDS = float(os.environ.get("APIM_TEST_SOAK_SECONDS", "10"))
MEGABYTE = 1024 * 1024
WARM_UP = 0.3           # of the time: connections, caches and the allocator's arenas find their size
READERS = 12            # descriptors of two more readers of both databases, which stay in their pools
ROOM = 4 * MEGABYTE     # for what the allocator keeps of a moment's peak


class Soak(NodeTest):
    options = {"apimd": "<Limits><HandshakeTimeout>10000</HandshakeTimeout><IdleTimeout>60000</IdleTimeout>"
                        "<ReadTimeout>10000</ReadTimeout></Limits>"}

    def sanitized(self):
        """AddressSanitizer keeps what is freed for a while: memory says nothing then."""
        with open("/proc/%d/maps" % self.node.process.pid) as maps:
            return "libasan" in maps.read()

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.node.process.pid))

    # What a hostile client does once. Whatever the node answers, it closes and the client comes again.

    def random_bytes(self, dice):
        with wire.Connection(self.node, context=self.context, timeout=60) as connection:
            connection.send(dice.randbytes(dice.randrange(1, 2000)))
            connection.socket.shutdown(socket.SHUT_WR)
            while connection._read():
                pass

    def truncated_call(self, dice):
        with wire.Connection(self.node, context=self.context, timeout=60) as connection:
            connection.send(golden.VALIDATE_KEY[:dice.randrange(len(golden.VALIDATE_KEY))])

    def flipped_bits(self, dice):
        message = bytearray(golden.VALIDATE_KEY)
        for _ in range(dice.randrange(1, 5)):
            message[dice.randrange(len(message))] ^= 1 << dice.randrange(8)
        with wire.Connection(self.node, context=self.context, timeout=3) as connection:
            connection.send(bytes(message))
            connection._read()

    def unknown_tokens(self, dice):
        with wire.Connection(self.node, context=self.context, timeout=60) as connection:
            for sequence in range(20):
                reply = connection.call(wire.validate_key(self.session, Key("%032x" % dice.getrandbits(128)), sequence))
                if reply.success()[1] != 0:
                    self.problems.append("an unknown token was granted")

    def plain_text(self, dice):
        port = dice.choice([self.node.thrift_port, self.node.https_port])
        with socket.create_connection(("127.0.0.1", port), 60) as plain:
            plain.sendall(dice.choice([b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", golden.VALIDATE_KEY,
                                       b"\x16\x03\x01\xff\xff"]))
            plain.settimeout(3)
            plain.recv(4096)

    def stalled_handshake(self, dice):
        with socket.create_connection(("127.0.0.1", self.node.thrift_port), 60) as plain:
            plain.sendall(b"\x16\x03\x01\x02\x00\x01")
            time.sleep(dice.uniform(0, 3))

    def reset(self, dice):
        connection = wire.Connection(self.node, context=self.context, timeout=60)
        connection.send(golden.VALIDATE_KEY)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    def bad_login(self, dice):
        with socket.create_connection(("127.0.0.1", self.node.https_port), 60) as plain, \
                self.context.wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(b"POST /thriftAuthenticator HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                           % (dice.randrange(200), dice.randbytes(dice.randrange(200))))
            secure.settimeout(3)
            secure.recv(4096)

    def hostile(self, number):
        dice = random.Random(number)
        while not self.over.is_set():
            act = dice.choice(self.ways)
            try:
                act(dice)
            except (OSError, EOFError, ssl.SSLError):
                pass  # being closed is what most of them ask for
            except Exception as problem:
                self.problems.append("%s: %r" % (act.__name__, problem))
                return
            self.acts[act.__name__] = self.acts.get(act.__name__, 0) + 1

    def test_memory_and_descriptors_stay_flat(self):
        self.context = self.node.tls_context()
        self.over, self.problems, self.acts = threading.Event(), [], {}
        self.ways = [self.random_bytes, self.truncated_call, self.flipped_bits, self.unknown_tokens, self.plain_text,
                     self.stalled_handshake, self.reset, self.bad_login]
        threads = [threading.Thread(target=self.hostile, args=(number,)) for number in range(4)]
        before = self.descriptors()
        with Load(self, connections=4, pause=0.005) as load:
            for thread in threads:
                thread.start()
            try:
                time.sleep(SECONDS * WARM_UP)
                begin = self.node.log_size()
                self.node.signal(signal.SIGHUP)
                self.node.wait_for_log("reloaded", begin)
                self.eventually(lambda: self.problems or (len(self.acts) == len(self.ways) and min(load.answered) >= 100), 60,
                                "everybody did everything")
                warm = self.node.memory()
                end = time.monotonic() + SECONDS * (1 - WARM_UP)
                while time.monotonic() < end:
                    time.sleep(min(5, SECONDS / 4))
                    self.node.signal(signal.SIGHUP)
            finally:
                self.over.set()
                for thread in threads:
                    thread.join()
            grown = self.node.memory() - warm
            print("# %.0f s: %d good calls; %s; memory %+.1f MB from %.1f MB" % (
                SECONDS, sum(load.answered), ", ".join("%s %d" % pair for pair in sorted(self.acts.items())),
                grown / MEGABYTE, warm / MEGABYTE))
            if not self.sanitized():
                self.assertLess(grown, ROOM)
        self.assertEqual(self.problems, [])
        self.eventually(lambda: self.descriptors() <= before + READERS, 30,
                        "%d descriptors as before, and those of new readers" % before)
