"""apimctl apply, diff and export: what manifests make, that repeating changes nothing, and manifests with errors."""

import json
import os

import suite
from ctl import OPENAPI, CtlTest
from rest_server import Refusal

WORLD = """\
kind: Subscription
application: Phone
api: Weather/1.0.0
tier: Gold
---
kind: API
name: Weather
version: 1.0.0
context: /weather
status: PUBLISHED
description: Forecasts
tiers: [Bronze, Gold]
endpointConfig:
  endpoint_type: http
  production_endpoints: {url: 'https://backend.example.com'}
definition: definition.yaml
---
kind: Application
name: Phone
description: The app
---
kind: Policy
level: subscription
name: Platinum
defaultLimit: {type: RequestCountLimit, requestCount: 10000, unitTime: 1, timeUnit: min}
"""


class Manifests(CtlTest):
    def setUp(self):
        super().setUp()
        self.file("definition.yaml", OPENAPI)
        self.world = self.file("world.yaml", WORLD)

    def api(self):
        return next(iter(self.server.apis.values()))

    def test_apply_makes_everything_once(self):
        self.assertEqual(self.out("diff", "-f", self.world),
                         "+ Policy subscription Platinum\n+ API Weather/1.0.0\n+ Application Phone\n+ Subscription Phone Weather/1.0.0\n")
        result = self.ctl("apply", "-f", self.world)
        self.assertIn("4 created, 0 updated, 0 deleted, 0 so already", result.stderr)
        self.assertEqual((self.api()["status"], self.api()["tiers"]), ("PUBLISHED", ["Bronze", "Gold"]))
        self.assertEqual([row["tier"] for row in self.server.subscriptions.values()], ["Gold"])
        writes = len(self.server.writes())
        self.assertIn("0 created, 0 updated, 0 deleted, 4 so already", self.ctl("apply", "-f", self.world).stderr)
        self.assertEqual(len(self.server.writes()), writes)
        self.assertEqual(self.out("diff", "-f", self.world, "--exit-code"), "")

    def test_change(self):
        self.ctl("apply", "-f", self.world)
        changed = self.file("changed.yaml", WORLD.replace("[Bronze, Gold]", "[Gold, Bronze]").replace("Forecasts", "Rain").replace(
            "requestCount: 10000", "requestCount: 5"))
        self.assertEqual(self.ctl("diff", "-f", changed, "--exit-code", status=9).stdout,
                         '~ Policy subscription Platinum: defaultLimit: '
                         '{"requestCount":10000,"timeUnit":"min","type":"RequestCountLimit","unitTime":1} -> '
                         '{"requestCount":5,"timeUnit":"min","type":"RequestCountLimit","unitTime":1}\n'
                         "~ API Weather/1.0.0: description: Forecasts -> Rain\n")
        self.assertEqual(json.loads(self.out("diff", "-f", changed, "-o", "json"))[1],
                         {"object": "API Weather/1.0.0", "change": "update", "fields": ["description"]})
        writes = len(self.server.writes())
        self.assertIn("description: Forecasts -> Rain", self.out("apply", "-f", changed, "--dry-run"))
        self.assertEqual(len(self.server.writes()), writes)
        self.ctl("apply", "-f", changed)
        self.assertEqual((self.api()["description"], self.api()["status"]), ("Rain", "PUBLISHED"))

    def test_state(self):
        self.ctl("apply", "-f", self.world)
        self.ctl("apply", "-f", self.file("blocked.yaml", WORLD.replace("PUBLISHED", "DEPRECATED")))
        self.assertEqual(self.api()["status"], "DEPRECATED")
        self.assertIn("no lifecycle event leads from DEPRECATED to PUBLISHED", self.ctl("apply", "-f", self.world, status=6).stderr)

    def test_export_then_diff_is_empty(self):
        self.ctl("apply", "-f", self.world)
        for form in ("yaml", "json"):
            text = self.out("export", "--apps", "-o", form)
            self.assertEqual(self.out("export", "--apps", "-o", form), text)
            path = self.file("exported." + form, text)
            self.assertEqual(self.out("diff", "-f", path, "--exit-code"), "")
            self.assertEqual(self.out("diff", "-f", "-", "--exit-code", input=text), "")
        before = self.server.snapshot()
        self.server.subscriptions.clear()
        self.server.apis.clear()
        self.server.applications.clear()
        self.ctl("apply", "-f", path)
        self.assertEqual(self.out("export", "--apps", "-o", "json"), text)
        self.assertEqual(len(before["apis"]), len(self.server.apis))

    def test_secrets_are_masked(self):
        password = suite.secret("endpoint-password-5")
        secured = self.file("secured.yaml", WORLD.replace("tiers:", "endpointSecurity: {type: basic, username: u, password: %s}\ntiers:" % password))
        self.ctl("apply", "-f", self.world)
        result = self.ctl("diff", "-f", secured)
        self.assertIn('"password":"(secret)"', result.stdout)
        self.assertNotIn(password, result.stdout + result.stderr)
        self.ctl("apply", "-f", secured)
        self.assertEqual(self.api()["endpointSecurity"]["password"], password)
        self.assertNotIn(password, self.out("export"))
        self.assertEqual(self.out("diff", "-f", secured), "")

    def test_errors_have_file_and_line_and_nothing_is_sent(self):
        bad = self.file("bad.yaml", "kind: API\nname: A\nversion: 1\ntires: [Gold]\ntiers: Gold\n---\nkind: Thing\n---\nkind: Application\nname: P\n"
                                    "---\nkind: Application\nname: P\n---\nkind: API\nname: B\nversion: '1'\ncontext: /b\ndefinition: nowhere.yaml\n")
        before = len(self.server.requests)
        result = self.ctl("apply", "-f", self.world, "-f", bad, status=2)
        self.assertEqual(result.stderr.replace(self.folder + "/", ""), """\
bad.yaml:4: API has no field "tires"
bad.yaml:5: "tiers" must be a list of texts
bad.yaml:1: API needs "context"
bad.yaml:7: say "kind": API, Application, Subscription or Policy, not Thing
bad.yaml:12: Application P is in bad.yaml:9 already
bad.yaml:19: nowhere.yaml: No such file or directory
apimctl: error: manifests: 6 errors; nothing was sent [usage]
hint: man apimctl-manifest
""")
        self.assertEqual(len(self.server.requests), before)
        self.assertIn(":2: ", self.ctl("apply", "-f", self.file("broken.yaml", "kind: API\n  name: [\n"), status=2).stderr)
        result = self.ctl("apply", "-f", os.path.join(self.folder, "none.yaml"), status=2)
        self.assertEqual(result.stderr.splitlines()[0], os.path.join(self.folder, "none.yaml") + ": No such file or directory")
        self.ctl("apply", status=2)
        self.assertIn("holds no manifests", self.ctl("apply", "-f", suite.folder("empty")).stderr)

    def test_rules_of_apis_have_field_and_line(self):
        """Every rule that needs no server, all at once, before anything is sent."""
        bad = self.file("bad.yaml", """\
kind: API
name: Wea ther
version: 1/0
context: /weather/
visibility: secret
tiers: []
transport: [ftp]
subscriptionAvailability: NOBODY
wsdlUri: ftp://x
---
kind: API
name: ../x
version: "%s"
context: /ok/../../x
visibility: RESTRICTED
definition:
  swagger: "2.0"
  info: {title: x, version: "1"}
  paths:
    /a b:
      get: {responses: {}}
    /x:
      get: {responses: {}, x-scope: nope}
endpointConfig: {endpoint_type: default}
---
kind: API
name: ""
version: ""
context: ""
type: SOAP
""" % ("1" * 31))
        before = len(self.server.requests)
        result = self.ctl("apply", "-f", self.world, "-f", bad, status=2)
        places = [line.split(": ", 2)[:2] for line in result.stderr.replace(self.folder + "/", "").splitlines()[:-2]]
        self.assertEqual([tuple(place) for place in places], [
            ("bad.yaml:2", "name"), ("bad.yaml:3", "version"), ("bad.yaml:4", "context"), ("bad.yaml:5", "visibility"),
            ("bad.yaml:8", "subscriptionAvailability"), ("bad.yaml:7", "transport"), ("bad.yaml:6", "tiers"), ("bad.yaml:9", "wsdlUri"),
            ("bad.yaml:12", "name"), ("bad.yaml:13", "version"), ("bad.yaml:14", "context"), ("bad.yaml:11", "visibleRoles"),
            ("bad.yaml:17", "definition resources[0]"), ("bad.yaml:17", "definition resources[1]"), ("bad.yaml:24", "endpointConfig"),
            ("bad.yaml:27", "name"), ("bad.yaml:28", "version"), ("bad.yaml:29", "context"), ("bad.yaml:30", "type")])
        self.assertEqual(len(self.server.requests), before)

    def test_broken_off_run_is_completed(self):
        original = self.server.subscribe

        def away(body):
            raise Refusal(503, "Service Unavailable")

        self.server.subscribe = away
        try:
            self.ctl("apply", "-f", self.world, status=10)
        finally:
            self.server.subscribe = original
        self.assertEqual((len(self.server.apis), len(self.server.subscriptions)), (1, 0))
        self.assertIn("1 created, 0 updated, 0 deleted, 3 so already", self.ctl("apply", "-f", self.world).stderr)

    def test_archive_that_is_not_there(self):
        path = os.path.join(self.folder, "none.zip")
        self.assertEqual(self.ctl("import", path, status=2).stderr, "apimctl: error: %s: No such file or directory [usage]\n" % path)

    def test_prune(self):
        folder = os.path.join(self.folder, "set")
        os.mkdir(folder)
        self.file("set/definition.yaml", OPENAPI)
        self.file("set/world.yaml", WORLD)
        self.ctl("app", "create", "Theirs")
        self.ctl("apply", "-f", folder, "--set", "mine", "--prune", "--yes")
        self.assertEqual(len(self.server.applications), 2)
        os.remove(os.path.join(folder, "world.yaml"))
        self.file("set/less.yaml", WORLD.split("---\n")[3])
        self.ctl("apply", "-f", folder, "--prune", status=2)
        self.ctl("apply", "-f", folder)
        self.assertEqual(len(self.server.apis), 1)
        self.assertIn("- API Weather/1.0.0\n", self.out("apply", "-f", folder, "--set", "mine", "--prune", "--dry-run"))
        self.ctl("apply", "-f", folder, "--set", "mine", "--prune", status=2)  # asks, and nobody is there
        result = self.ctl("apply", "-f", folder, "--set", "mine", "--prune", "--yes")
        self.assertIn("0 created, 0 updated, 3 deleted, 1 so already", result.stderr)
        self.assertEqual([app["name"] for app in self.server.applications.values()], ["Theirs"])
        self.assertEqual((self.server.apis, self.server.subscriptions, len(self.server.policies)), ({}, {}, 1))
