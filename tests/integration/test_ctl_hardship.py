"""apimctl and a real node when things go wrong: the node is killed between two objects, the user is of another tenant, somebody else
publishes at the same time. Clear errors, nothing half done, and the same command again completes it."""

import json
import os
import re
import subprocess
import threading

import suite
from ctl import RealNode
from rest import Rest
from world import TENANT

N_APIS = 40


def manifests(prefix, n):
    return json.dumps([{"kind": "API", "name": "%s%d" % (prefix, number), "version": "1.0.0", "context": "/%s%d" % (prefix.lower(), number),
                        "tiers": ["Gold"], "status": "PUBLISHED",
                        "endpointConfig": {"endpoint_type": "http", "production_endpoints": {"url": "http://backend.example.com/"}}}
                       for number in range(n)])


class Hardship(RealNode):
    def setUp(self):
        super().setUp()
        self.login(self.node.admin_password)

    def test_killed_between_two_objects(self):
        """What was made is whole, and the same command makes the rest."""
        for n_apis in (N_APIS, 4 * N_APIS, 16 * N_APIS):  # more where this process is too slow to end the node before all are made
            prefix = "Killed%dx" % n_apis
            file = self.file("apis.json", manifests(prefix, n_apis))
            if self.is_killed_between(file):
                break
        else:
            self.fail("apimctl was always faster")
        self.node.start()
        states = dict(line.split("\t")[::2] for line in self.out("api", "list", prefix).splitlines())
        self.assertLess(len(states), n_apis)
        self.assertLessEqual(set(states.values()), {"PUBLISHED", "CREATED"})
        self.assertLessEqual(list(states.values()).count("CREATED"), 1)  # the one between its two requests
        result = self.ctl("apply", "-f", file)
        made = int(re.search(r"(\d+) created", result.stderr)[1])
        self.assertEqual(made, n_apis - len(states))
        self.assertEqual(self.out("diff", "-f", file, "--exit-code"), "")
        self.assertEqual(self.out("gateway", "status", "--columns", "MISSING,SURPLUS"), "0\t0\n")

    def is_killed_between(self, file):
        """False: all were made before the node could be killed, which then runs again."""
        process = subprocess.Popen([suite.program("apimctl"), "apply", "-f", file], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        said = ""
        while said.count("Publish: ") < 3:
            line = process.stderr.readline()
            self.assertNotEqual(line, "", said)
            said += line
        self.node.kill()
        said += process.communicate(timeout=120)[1]
        if process.returncode == 0:
            self.node.start()
            return False
        self.assertEqual(process.returncode, 10, said)
        self.assertRegex(said, r"\napimctl: error: .+ \[unreachable\]\n")
        return True

    def test_user_of_another_tenant(self):
        """Nothing of ours is there for eve of acme.com, whatever she names."""
        self.ctl("apply", "-f", self.file("ours.json", manifests("Ours", 1)))
        self.ctl("app", "create", "OurApp")
        before = self.out("export", "--apps")
        api_id = self.out("api", "get", "Ours0/1.0.0", "--field", "id").strip()
        self.log_in_as_eve(status=5)
        self.make_administrator()
        self.log_in_as_eve()
        self.assertNotIn("Ours0", self.out("api", "list") + self.out("catalog", "list"))
        for arguments in (["api", "get", "Ours0/1.0.0"], ["api", "delete", "Ours0/1.0.0", "--yes"], ["api", "deprecate", "Ours0/1.0.0", "--yes"],
                          ["api", "export", "Ours0/1.0.0", "--save", os.path.join(self.folder, "o.zip")], ["app", "delete", "OurApp", "--yes"],
                          ["subscribe", "DefaultApplication", "Ours0/1.0.0"], ["key", "get", "OurApp"]):
            with self.subTest(arguments):
                self.assertRegex(self.ctl(*arguments, status=3).stderr, r"there is no such|are none|no application")
        eve = Rest(self.node, suite.secret(self.state("access-token")))
        for method, path in (("GET", "/apis/"), ("DELETE", "/apis/"), ("POST", "/apis/change-lifecycle?action=Block&apiId=")):
            self.assertIn(eve.publisher(method, path + api_id).status, (403, 404))
        self.login(self.node.admin_password)
        self.assertEqual(self.out("export", "--apps"), before)

    def log_in_as_eve(self, status=0):
        result = self.ctl("login", "--user", "eve@acme.com", "--password-stdin", input=suite.secret(self.world.passwords["eve"]) + "\n",
                          status=status)
        if status:
            self.assertIn("lacks the permission to log in [forbidden]", result.stderr)

    def make_administrator(self):
        """eve, of acme.com."""
        users = self.node.open_databases()[1]
        users.insert("UM_ROLE", [dict(UM_ID=400, UM_ROLE_NAME="admin", UM_TENANT_ID=TENANT)])
        users.insert("UM_USER_ROLE", [dict(UM_ID=400, UM_ROLE_ID=400, UM_USER_ID=103, UM_TENANT_ID=TENANT)])
        users.insert("UM_PERMISSION", [dict(UM_ID=400, UM_RESOURCE_ID="/permission/admin", UM_ACTION="ui.execute", UM_TENANT_ID=TENANT,
                                            UM_MODULE_ID=0)])
        users.insert("UM_ROLE_PERMISSION", [dict(UM_ID=400, UM_PERMISSION_ID=400, UM_ROLE_NAME="admin", UM_IS_ALLOWED=1, UM_TENANT_ID=TENANT)])

    def state(self, name):
        with open(os.path.join(self.folder, "apimctl/default")) as file:
            return re.search(r"^%s=(.+)$" % name, file.read(), re.M)[1]

    def test_two_publishers_at_once(self):
        """One of them wins, the other is told so (6) or finds it done; the API is what the winner made it."""
        self.ctl("apply", "-f", self.file("raced.json", manifests("Raced", 1)))
        results = {}

        def publish(tag):
            results[tag] = subprocess.run([suite.program("apimctl"), "api", "update", "Raced0/1.0.0", "--tag", tag], env=self.environment,
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)

        threads = [threading.Thread(target=publish, args=("tag%d" % number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for result in results.values():
            self.assertIn(result.returncode, (0, 6), result.stderr)
        winners = [tag for tag, result in results.items() if result.returncode == 0]
        self.assertIn(json.loads(self.out("api", "get", "Raced0/1.0.0", "-o", "json"))["tags"], [[tag] for tag in winners])
