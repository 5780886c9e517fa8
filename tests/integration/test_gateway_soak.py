"""Two seconds of what bench/soak does for as long as one likes."""

import shutil

from gateway_soak import GatewaySoak
from harness import IntegrationTest


class Soak(IntegrationTest):
    SECONDS, CONNECTIONS, RATE, PAUSE = 2, 50, 200, 0.2

    def test_nothing_fails_while_everything_changes(self):
        for tool in ("wrk", "h2load"):
            if shutil.which(tool) is None:
                self.skipTest(tool + " is not installed")
        soak = GatewaySoak(self.SECONDS, self.CONNECTIONS, self.RATE, self.PAUSE)
        self.addCleanup(soak.close)
        soak.start()
        soak.run()
        soak.stop()
        for line in soak.lines:
            print("# " + line)
        self.assertEqual(soak.problems, [])
