"""apimctl and a real node: registration of its client, tokens, logging out."""

import itertools
import json
import os
import subprocess

import suite
import wire
from ctl import OPENAPI, RealNode
from world import Key

NUMBERS = itertools.count(1)


class RealLogin(RealNode):
    def test_login_and_logout(self):
        self.login(self.node.admin_password)
        who = json.loads(self.ctl("whoami", "-o", "json").stdout)
        self.assertEqual(who["user"], "admin")
        self.assertIn("apim:api_create", who["scopes"].split())
        with open(os.path.join(self.folder, "apimctl/default")) as file:
            token = suite.secret(next(line.split("=")[1].strip() for line in file if line.startswith("access-token")))
        self.ctl("logout")
        self.ctl("whoami", status=4)
        self.assertNotIn(token, self.node.log())

    def test_wrong_password(self):
        result = self.login("not-the-password", status=4)
        self.assertIn(": the server does not take this user name with this password [login]\n", result.stderr)
        self.assertIn("hint: apimctl login https://localhost:%d --cacert " % self.node.https_port, result.stderr)
        self.ctl("env", "use", "default", status=3)  # nothing was kept

    def test_unknown_certificate(self):
        result = self.ctl("login", "https://localhost:%d" % self.node.https_port, "--password-stdin", input="x\n", status=10)
        self.assertIn("--cacert", result.stderr)


class RealPolicies(RealNode):
    """Throttling policies and block conditions of our own administration."""

    def setUp(self):
        super().setUp()
        self.login(self.node.admin_password)

    def out(self, *arguments, **options):
        return self.ctl(*arguments, **options).stdout

    def test_life_of_policies(self):
        self.assertIn("Gold\tRequestCountLimit\t5000\t\t1\tmin\tAllows 5000 requests per minute\n",
                      self.out("policy", "list", "subscription"))
        for level in ("subscription", "application", "advanced"):
            with self.subTest(level):
                self.ctl("policy", "create", level, "Ctl", "--requests", "7", "--per", "2hour", "--description", "few")
                self.ctl("policy", "create", level, "Ctl", "--requests", "7", status=6)
                self.assertIn("Ctl\tRequestCountLimit\t7\t\t2\thour\tfew\n", self.out("policy", "list", level))
                policy = json.loads(self.out("policy", "get", level, "Ctl", "-o", "json"))
                self.assertEqual(policy["defaultLimit"], {"type": "RequestCountLimit", "timeUnit": "hour", "unitTime": 2,
                                                          "requestCount": 7})
                self.ctl("policy", "update", level, "Ctl", "--requests", "8", "--per", "3sec")
                self.assertIn("so already", self.ctl("policy", "update", level, "Ctl", "--description", "few").stderr)
                changed = json.loads(self.out("policy", "get", level, "Ctl", "-o", "json"))
                self.assertEqual(changed, dict(policy, defaultLimit={"type": "RequestCountLimit", "timeUnit": "sec", "unitTime": 3,
                                                                     "requestCount": 8}))
                policy = changed
                kept = os.path.join(self.folder, level + ".json")
                with open(kept, "w") as file:
                    json.dump(policy, file)
                self.ctl("policy", "create", level, "Copy", "--file", kept)
                copy = json.loads(self.out("policy", "get", level, "Copy", "-o", "json"))
                self.assertEqual(dict(copy, policyId=policy["policyId"], policyName="Ctl"), policy)
                for name in ("Ctl", "Copy"):
                    self.ctl("policy", "delete", level, name, "--yes")
                    self.ctl("policy", "delete", level, name, "--yes", status=3)
        self.ctl("policy", "delete", "subscription", "Unlimited", "--yes", status=6)
        self.ctl("policy", "create", "application", "Data", "--data", "5MB", "--per", "1day", "--dry-run")
        self.ctl("policy", "get", "application", "Data", status=3)

    def test_custom_policy(self):
        path = os.path.join(self.folder, "custom.yaml")
        with open(path, "w") as file:
            file.write("keyTemplate: $userId\nsiddhiQuery: FROM RequestStream SELECT userId\n")
        self.ctl("policy", "create", "custom", "Mine", "--file", path)
        self.assertIn("Mine", self.out("policy", "list", "custom"))
        self.ctl("policy", "delete", "custom", "Mine", "--yes")

    def test_manifest(self):
        """Applied twice it changes nothing; what it does not name stays."""
        path = os.path.join(self.folder, "policy.yaml")
        text = """\
kind: Policy
level: advanced
name: Manifest
description: few
defaultLimit: {type: BandwidthLimit, dataAmount: 5, dataUnit: KB, unitTime: 1, timeUnit: day}
conditionalGroups:
- description: local
  conditions:
  - {type: IPCondition, invertCondition: false, ipConditionType: IPRange, specificIP: null, startingIP: 10.0.0.0, endingIP: 10.0.0.9}
  limit: {type: RequestCountLimit, requestCount: 0, unitTime: 1, timeUnit: min}
"""
        with open(path, "w") as file:
            file.write(text)
        self.assertIn("1 created", self.ctl("apply", "-f", path).stderr)
        self.assertIn("1 so already", self.ctl("apply", "-f", path).stderr)
        self.assertEqual(self.out("diff", "-f", path, "--exit-code"), "")
        with open(path, "w") as file:
            file.write("kind: Policy\nlevel: advanced\nname: Manifest\ndescription: fewer\n")
        self.assertIn("1 updated", self.ctl("apply", "-f", path).stderr)
        policy = json.loads(self.out("policy", "get", "advanced", "Manifest", "-o", "json"))
        self.assertEqual((policy["description"], len(policy["conditionalGroups"]), policy["defaultLimit"]["dataAmount"]), ("fewer", 1, 5))
        self.ctl("policy", "delete", "advanced", "Manifest", "--yes")

    def test_life_of_conditions(self):
        self.ctl("condition", "add", "ip", "203.0.113.7", "--yes")
        self.ctl("condition", "add", "ip", "203.0.113.7", "--yes", status=6)
        self.ctl("condition", "add", "ip", "203.0.113.777", "--yes", status=2)
        listed = [line.split("\t") for line in self.out("condition", "list").splitlines()]
        self.assertEqual([row[1:3] for row in listed], [["IP", "203.0.113.7"]])
        for verb, status in (("disable", False), ("disable", False), ("enable", True)):
            self.ctl("condition", verb, listed[0][0])
            self.assertIs(json.loads(self.out("condition", "list", "-o", "json"))[0]["conditionStatus"], status)
        self.ctl("condition", "delete", listed[0][0])
        self.ctl("condition", "delete", listed[0][0], status=3)
        self.assertEqual(self.out("condition", "list"), "")


class RealPublisher(RealNode):
    """APIs, documents and applications on our own Publisher and Store."""

    def setUp(self):
        super().setUp()
        self.login(self.node.admin_password)
        self.name = "Weather%d" % next(NUMBERS)
        self.api = self.name + "/1.0.0"
        self.definition = self.file("weather.yaml", OPENAPI.replace("Weather", self.name))

    def create(self):
        self.ctl("api", "create", "--definition", self.definition, "--tier", "Unlimited")

    def test_life_of_an_api(self):
        self.create()
        self.ctl("api", "create", "--definition", self.definition, status=6)
        self.assertIn("Publish\tPUBLISHED\n", self.out("api", "lifecycle", self.api))
        self.ctl("publish", self.api)
        self.ctl("publish", self.api)
        self.assertEqual(self.out("catalog", "show", self.api, "--field", "context"), "/%s\n" % self.name.lower())
        self.ctl("api", "copy", self.api, "2.0.0")
        self.ctl("publish", self.name + "/2.0.0", "--deprecate-old")
        self.assertEqual(self.out("api", "get", self.api, "--field", "status"), "DEPRECATED\n")
        rows = [line.split("\t") for line in self.out("api", "history", self.api).splitlines()]
        self.assertEqual([(row[1], row[2]) for row in rows][-2:], [("CREATED", "PUBLISHED"), ("PUBLISHED", "DEPRECATED")])

    def test_dry_run(self):
        self.assertIn("the server agrees", self.ctl("api", "create", "--definition", self.definition, "--dry-run").stderr)
        self.ctl("api", "get", self.api, status=3)
        self.create()
        self.ctl("publish", self.api, "--dry-run")
        self.assertEqual(self.out("api", "get", self.api, "--field", "status"), "CREATED\n")
        self.ctl("api", "create", "--definition", self.definition, "--dry-run", status=6)
        self.ctl("api", "create", "--name", "a b", "--version", "1", "--context", "/x/", "--dry-run", status=2)

    def test_update_and_delete(self):
        self.create()
        self.ctl("api", "update", self.api, "--tag", "forecast", "--owner", "Bob")
        self.assertEqual(self.out("api", "get", self.api, "--field", "tags"), "forecast\n")
        self.ctl("api", "endpoint", self.api, "--endpoint", "http://a", "--endpoint", "http://b", "--type", "failover")
        self.assertEqual(self.out("api", "endpoint", self.api, "--field", "endpointConfig.endpoint_type"), "failover\n")
        self.ctl("scope", "add", self.api, self.name + ":read", "--role", "admin", "--resource", "GET:/city/{name}")
        self.assertIn(self.name + ":read\t", self.out("scope", "list", self.api))
        self.ctl("doc", "create", self.api, "Guide", "--text", self.file("guide.txt", "Begin here.\n"))
        self.assertEqual(self.out("doc", "get", self.api, "Guide", "--save", "-"), "Begin here.\n")
        self.ctl("api", "delete", self.api, "--yes")
        self.ctl("api", "get", self.api, status=3)

    def test_thumbnail(self):
        self.create()
        picture, back = os.path.join(self.folder, "picture.png"), os.path.join(self.folder, "back.png")
        with open(picture, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n\0pixels")
        self.ctl("api", "thumbnail", self.api, "--get", back, status=3)
        self.assertFalse(os.path.exists(back))
        self.ctl("api", "thumbnail", self.api, "--set", self.definition, status=2)
        self.ctl("api", "thumbnail", self.api, "--set", picture, "--dry-run")
        self.ctl("api", "thumbnail", self.api, "--get", back, status=3)
        self.ctl("api", "thumbnail", self.api, "--set", picture)
        self.ctl("api", "thumbnail", self.api, "--get", back)
        with open(picture, "rb") as sent, open(back, "rb") as got:
            self.assertEqual(got.read(), sent.read())
        self.ctl("api", "thumbnail", self.api, "--remove", "--set", picture, status=2)
        self.ctl("api", "thumbnail", self.api, "--remove")
        self.ctl("api", "thumbnail", self.api, "--get", back, status=3)

    def test_archives(self):
        self.create()
        self.ctl("doc", "create", self.api, "Guide", "--text", self.file("guide.txt", "Begin here.\n"))
        self.ctl("publish", self.api)
        first, again, made = (os.path.join(self.folder, name) for name in ("first.zip", "again.zip", "made.zip"))
        self.ctl("api", "export", self.api, "--save", first)
        self.ctl("export", self.api, "--archive", again)
        self.ctl("api", "export", self.name, "--save", made, "--created")
        with open(first, "rb") as one, open(again, "rb") as two:
            archive = one.read()
            self.assertEqual(two.read(), archive)
        self.assertIn("A duplicate API already exists", self.ctl("import", first, status=6).stderr)
        before = self.out("export", self.api)
        self.ctl("api", "update", self.api, "--tag", "other")
        self.ctl("import", first, "--update")
        self.assertEqual(self.out("export", self.api), before)
        self.ctl("api", "delete", self.api, "--yes")
        self.assertIn("the server agrees", self.ctl("import", first, "--dry-run").stderr)
        self.ctl("api", "get", self.api, status=3)
        self.assertIn("api\t%s\nstate\tPUBLISHED\n" % self.api, self.out("import", first))
        self.assertEqual(self.out("export", self.api), before)
        self.ctl("api", "export", self.api, "--save", again)
        with open(again, "rb") as two:
            self.assertEqual(two.read(), archive)
        self.assertEqual(self.out("doc", "get", self.api, "Guide", "--save", "-"), "Begin here.\n")
        self.ctl("api", "delete", self.api, "--yes")
        shown = json.loads(self.out("api", "import", made, "--own", "-o", "json"))
        self.assertEqual((shown["name"], shown["status"], shown["warnings"]), (self.name, "CREATED", []))
        self.assertIn("no zip archive", self.ctl("import", self.definition, status=2).stderr)
        self.ctl("import", os.path.join(self.folder, "no-such-file"), status=2)
        self.ctl("api", "export", "NoSuch/1.0.0", "--save", again, status=3)
        self.ctl("export", self.api, "--archive", again, "--apps", status=2)
        self.ctl("export", "--archive", again, status=2)

    def test_applications(self):
        self.ctl("app", "create", self.name, "--description", "The app")
        self.ctl("app", "create", self.name, status=6)
        self.ctl("app", "update", self.name, "--description", "Another")
        self.assertEqual(self.out("app", "get", self.name, "--field", "description"), "Another\n")
        archive = os.path.join(self.folder, "app.zip")
        self.create()
        self.ctl("publish", self.api)
        self.ctl("subscribe", self.name, self.api, "--tier", "Unlimited")
        self.ctl("app", "export", self.name, "--save", archive)
        self.ctl("app", "import", archive, status=6)
        self.ctl("app", "delete", self.name, "--yes")
        self.ctl("api", "block", self.api)
        self.assertIn("warning: The subscription to %s-1.0.0 is left out" % self.name, self.ctl("app", "import", archive).stderr)
        self.assertEqual(self.out("app", "get", self.name, "--field", "description"), "Another\n")

    def test_export_then_diff_is_empty(self):
        self.create()
        self.ctl("publish", self.api)
        text = self.out("export", self.api)
        self.assertEqual(self.out("export", self.api), text)
        manifest = self.file("manifest.yaml", text)
        self.assertEqual(self.out("diff", "-f", manifest, "--exit-code"), "")
        changed = self.file("changed.yaml", text.replace("Forecasts", "Rain").replace("PUBLISHED", "BLOCKED"))
        self.ctl("diff", "-f", changed, "--exit-code", status=9)
        self.ctl("apply", "-f", changed)
        self.assertEqual(self.out("diff", "-f", changed, "--exit-code"), "")
        self.assertEqual(self.out("api", "get", self.api, "--field", "status"), "BLOCKED\n")


class SixCommands(RealNode):
    """From an OpenAPI file to a token that the Key Manager says yes to, on one node."""

    def status_of(self, token, verb="GET", resource="/city/{name}"):
        """validationStatus; 0: the call is allowed."""
        key = Key(token, "/weather/1.0.0", "1.0.0", resource, verb)
        return self.connect().call(wire.validate_key(self.session, key)).success().get(8, 0)

    def test_from_a_file_to_a_validated_key(self):
        definition = os.path.join(self.folder, "weather.yaml")
        with open(definition, "w") as file:
            file.write(OPENAPI)
        self.login(self.node.admin_password)
        self.ctl("api", "create", "--definition", definition, "--tier", "Gold")
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0", status=3)  # the Store does not show it yet
        self.ctl("publish", "Weather/1.0.0")
        self.ctl("subscribe", "Phone", "Weather/1.0.0")
        keys = json.loads(self.ctl("key", "generate", "Phone", "-o", "json").stdout)
        token = suite.secret(self.ctl("token", "Phone").stdout.strip())
        self.assertEqual(self.status_of(token), 0)
        self.assertEqual(self.status_of(token + "x"), 900901)
        suite.secret(keys["consumerSecret"])
        self.assertNotIn("consumerSecret", self.ctl("key", "generate", "Phone", "-o", "json").stdout)

        self.ctl("key", "revoke", "Phone", status=2)  # asks, and nobody is there
        self.assertIn("revoked every token of the production keys of application Phone", self.ctl("key", "revoke", "Phone", "--yes").stderr)
        self.eventually(lambda: self.status_of(token) == 900901, 10, "revoked")
        token = suite.secret(self.ctl("token", "Phone").stdout.strip())
        self.assertEqual(self.status_of(token), 0)

        subscription = json.loads(self.ctl("sub", "list", "--app", "Phone", "-o", "json").stdout)[0]["subscriptionId"]
        self.ctl("sub", "block", subscription, "--yes")
        self.eventually(lambda: self.status_of(token) == 900907, 10, "blocked")
        self.ctl("sub", "unblock", subscription)
        self.eventually(lambda: self.status_of(token) == 0, 10, "unblocked")
        self.ctl("unsubscribe", "Phone", "Weather/1.0.0", "--yes")
        self.eventually(lambda: self.status_of(token) == 900908, 10, "unsubscribed")
        self.ctl("unsubscribe", "Phone", "Weather/1.0.0", "--yes")
        self.ctl("app", "delete", "Phone", "--yes")
        self.ctl("api", "delete", "Weather/1.0.0", "--yes")
