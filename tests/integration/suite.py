"""What all tests of one run share: where the programs are, a scratch folder, and the secrets that no log may hold."""

import itertools
import os
import random
import shutil
import socket
import tempfile

SOURCE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(SOURCE))

build = None  # the build folder that is tested; `run` sets it
# A run beside one that does everything, on a slower build: what repeats itself does so less often.
brief = os.environ.get("APIM_TEST_BRIEF", "") != ""
scratch = tempfile.mkdtemp(prefix="apim-test-")
failed = False  # a failed run keeps its scratch folder

_secrets = set()
_logs = []
_at_end = []


def program(name):
    folder = {"apimd": "apimd", "apimctl": "admin-cli", "key-asker": "tests/integration"}[name]
    path = os.path.join(build, folder, name)
    if not os.access(path, os.X_OK):
        raise SystemExit("%s is not there: run make first" % path)
    return path


def folder(name):
    """A new folder in the scratch folder."""
    return tempfile.mkdtemp(prefix=name + "-", dir=scratch)


LANE_PORTS = 2000


def _lane_ports():
    """The ports of this run's lane, round and round from a random one: below the range from which the kernel picks ports
    of clients. Runs at the same time have APIM_TEST_LANE 0, 1, ... 5."""
    first = 20000 + LANE_PORTS * int(os.environ.get("APIM_TEST_LANE", "0"))
    begin = random.randrange(LANE_PORTS)
    for step in itertools.count():
        yield first + (begin + step) % LANE_PORTS


_ports = _lane_ports()


def free_port():
    """A loopback port that nobody listens on. It is not given again before all others of the lane were: who asked for it
    listens later than at once."""
    while True:
        port = next(_ports)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", port))
            except OSError:
                continue
        return port


def secret(text):
    """Notes a token, password or session id that was used; returns it."""
    if len(text) >= 8:
        _secrets.add(text)
    return text


def log(path):
    """Notes a log of a node, to be searched at the end."""
    _logs.append(path)


def secrets_in_logs():
    """Which logs hold which kind of secret, as texts that do not repeat it."""
    found = []
    for path in _logs:
        with open(path, errors="replace") as file:
            content = file.read()
        found += ["%s holds a secret that begins with %r" % (path, secret[:4])
                  for secret in _secrets if secret in content]
    return found


def at_end(function):
    _at_end.append(function)


def clean_up():
    for function in reversed(_at_end):
        function()
    if not failed:
        shutil.rmtree(scratch, ignore_errors=True)
