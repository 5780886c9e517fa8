"""OpenSSL's own client for handshakes: one connection after the other, nothing asked."""

import os
import re
import subprocess
import time

from servers import Failed

# TLS 1.3 leaves the choice of the key to the server's list, which begins with P-256 here.
VERSIONS = {"1.2": ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"], "1.3": ["-tls1_3"]}


def handshakes_per_second(port, version, seconds, core):
    """s_time tells its time in whole seconds and runs for whole seconds; so the clock is ours."""
    command = ["openssl", "s_time", "-connect", "127.0.0.1:%d" % port, "-new", "-time", str(max(1, round(seconds))),
               *VERSIONS[version]]
    begin = time.monotonic()
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    elapsed = time.monotonic() - begin
    counted = re.search(r"(\d+) connections in \d+ real seconds", result.stdout)
    if result.returncode != 0 or counted is None:
        raise Failed("openssl s_time failed:\n%s" % result.stdout[-2000:])
    return round(int(counted.group(1)) / elapsed, 1)
