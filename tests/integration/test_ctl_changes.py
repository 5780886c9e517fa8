"""apimctl: what each command that changes something sends, and what stays."""

import json
import os
import uuid

import suite
from ctl import CtlTest


class Changes(CtlTest):
    def test_update_keeps_the_rest(self):
        self.create_weather()
        self.ctl("api", "update", "Weather/1.0.0", "--tag", "forecast", "--owner", "Bob")
        api = next(iter(self.server.apis.values()))
        self.assertEqual((api["tags"], api["description"], api["businessInformation"]["businessOwner"]), (["forecast"], "Forecasts", "Bob"))
        writes = len(self.server.writes())
        self.ctl("api", "update", "Weather/1.0.0", "--tag", "forecast")
        self.assertEqual(len(self.server.writes()), writes)

    def test_endpoints(self):
        self.create_weather()
        self.ctl("api", "endpoint", "Weather/1.0.0", "--endpoint", "http://a", "--endpoint", "http://b", "--type", "failover")
        config = json.loads(next(iter(self.server.apis.values()))["endpointConfig"])
        self.assertEqual((config["endpoint_type"], config["production_endpoints"]["url"], config["production_failovers"][0]["url"]),
                         ("failover", "http://a", "http://b"))
        self.ctl("api", "endpoint", "Weather/1.0.0", "--user", "u", "--password-file", "-", input=suite.secret("endpoint-secret-1") + "\n")
        self.assertEqual(next(iter(self.server.apis.values()))["endpointSecurity"]["password"], "endpoint-secret-1")
        self.assertNotIn("endpoint-secret-1", self.out("api", "endpoint", "Weather/1.0.0", "-o", "json"))
        self.ctl("api", "endpoint", "Weather/1.0.0", "--endpoint", "gopher://x", status=2)

    def test_definition_and_scopes(self):
        self.create_weather()
        self.ctl("scope", "add", "Weather/1.0.0", "w:read", "--role", "reader", "--resource", "GET:/city/{name}")
        swagger = json.loads(self.out("api", "definition", "Weather/1.0.0"))
        self.assertEqual(swagger["paths"]["/city/{name}"]["get"]["x-scope"], "w:read")
        self.assertEqual(self.out("scope", "list", "Weather/1.0.0"), "w:read\tw:read\treader\t\n")
        self.ctl("scope", "add", "Weather/1.0.0", "x", "--resource", "GET:/nowhere", status=2)
        self.ctl("scope", "remove", "Weather/1.0.0", "w:read", "--yes")
        self.assertNotIn("x-scope", json.dumps(next(iter(self.server.swaggers.values()))))
        text = self.out("api", "definition", "Weather/1.0.0", "-o", "yaml")
        self.ctl("api", "definition", "Weather/1.0.0", "--set", self.file("again.yaml", text))
        self.assertEqual(self.out("api", "definition", "Weather/1.0.0", "-o", "yaml"), text)

    def test_documents_and_thumbnail(self):
        self.create_weather()
        guide = self.file("guide.txt", "Begin here.\n")
        self.ctl("doc", "create", "Weather/1.0.0", "Guide", "--file", guide, "--summary", "How to")
        self.ctl("doc", "create", "Weather/1.0.0", "Forum", "--url", "https://forum.example.com", "--type", "wiki")
        self.assertEqual(self.out("doc", "list", "Weather/1.0.0"), "Guide\tHOWTO\tFILE\tHow to\nForum\tOTHER\tURL\t\n")
        self.assertEqual(self.out("doc", "get", "Weather/1.0.0", "Guide", "--save", "-"), "Begin here.\n")
        self.ctl("doc", "delete", "Weather/1.0.0", "Guide", "--yes")
        self.ctl("doc", "get", "Weather/1.0.0", "Guide", status=3)
        picture = self.file("picture.png", "\x89PNG not really")
        self.ctl("api", "thumbnail", "Weather/1.0.0", "--set", picture)
        self.ctl("api", "thumbnail", "Weather/1.0.0", "--get", os.path.join(self.folder, "back.png"))
        with open(picture, "rb") as sent, open(os.path.join(self.folder, "back.png"), "rb") as back:
            self.assertEqual(sent.read(), back.read())
        self.assertIn("WSO2's servers do not have this", self.ctl("api", "thumbnail", "Weather/1.0.0", "--remove", status=3).stderr)

    def test_delete(self):
        self.create_weather()
        self.create_phone()
        self.assertIn("active subscriptions", self.ctl("api", "delete", "Weather/1.0.0", "--yes", status=6).stderr)
        shown, status = self.on_terminal("app", "delete", "Phone", answer="y\n")
        self.assertIn("Delete application Phone with its 1 subscription and all its keys and tokens? [y/N]", shown)
        self.assertEqual((status, self.server.applications), (0, {}))

    def test_block_a_subscription(self):
        self.create_weather()
        self.create_phone()
        self.ctl("sub", "block", "Weather/1.0.0", "Phone", "--production-only")
        self.assertEqual([row["status"] for row in self.server.subscriptions.values()], ["PROD_ONLY_BLOCKED"])
        self.ctl("sub", "unblock", "Weather/1.0.0", "Phone")
        self.assertEqual(self.out("sub", "list", "--app", "Phone", "--columns", "state"), "UNBLOCKED\n")
        self.ctl("sub", "block", "Weather/1.0.0", "Nobody", status=3)

    def test_waiting(self):
        self.create_weather()
        self.server.on_hold = True
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0", status=8)
        self.ctl("subscribe", "Phone", "Weather/1.0.0", status=8)

    def test_administration(self):
        self.ctl("policy", "create", "subscription", "Platinum", "--requests", "10000", "--per", "2min")
        self.assertEqual(self.out("policy", "list", "subscription"), "Platinum\tRequestCountLimit\t10000\t\t2\tmin\t\n")
        for per in ("2 fortnights", "1week", "1month", "0min"):
            self.ctl("policy", "create", "subscription", "X", "--requests", "1", "--per", per, status=2)
        self.ctl("policy", "update", "subscription", "Platinum", "--data", "5MB", "--per", "1day")
        self.assertEqual(self.out("policy", "list", "subscription"), "Platinum\tBandwidthLimit\t\t5\t1\tday\t\n")
        self.ctl("policy", "update", "subscription", "Platinum", "--per", "2min", status=2)
        self.ctl("policy", "update", "subscription", "Gold", "--requests", "2", status=3)
        self.ctl("policy", "delete", "subscription", "Platinum", "--yes")
        self.ctl("policy", "get", "subscription", "Platinum", status=3)
        self.ctl("condition", "add", "ip", "203.0.113.7", "--yes")
        identifier = self.out("condition", "list", "-o", "name").strip()
        self.assertEqual(self.server.conditions[identifier]["conditionType"], "IP")
        self.assertIn("WSO2's servers do not have this resource", self.ctl("condition", "disable", str(uuid.uuid4()), status=3).stderr)
        self.ctl("condition", "delete", identifier)
        self.assertEqual(self.out("condition", "list"), "")
        self.assertIn("Production and Sandbox\thybrid", self.out("gateway", "list"))

    def test_resources_that_others_lack(self):
        for arguments in (["workflow", "list"], ["workflow", "approve", "x"], ["gateway", "status"], ["gateway", "sync"]):
            self.assertIn("WSO2's servers do not have this resource", self.ctl(*arguments, status=3).stderr)

    def test_two_publishers(self):
        """A change between reading and writing is not overwritten."""
        self.create_weather()
        original = self.server.one_api

        def somebody_else(method, identifier, rest, body, request):
            if method == "PUT":
                self.server.apis[identifier]["tags"] = ["theirs"]
            return original(method, identifier, rest, body, request)

        self.server.one_api = somebody_else
        self.ctl("api", "update", "Weather/1.0.0", "--tag", "ours", status=6)
        self.assertEqual(next(iter(self.server.apis.values()))["tags"], ["theirs"])

    def test_users(self):
        passwords = [self.file(name, suite.secret(text) + "\n") for name, text in (("old", "old-password-1"), ("new", "new-password-2"))]
        for path in passwords:
            os.chmod(path, 0o600)
        self.ctl("user", "signup", "alice", "--password-file", passwords[0], "--first-name", "Alice", "--email", "a@example.com")
        self.assertEqual((self.server.users["alice"], self.server.claims), ("old-password-1", "Alice||a@example.com"))
        self.assertIn("exists already", self.ctl("user", "signup", "alice", "--password-file", passwords[0], status=6).stderr)
        self.ctl("user", "password", "alice", "--old-password-file", passwords[0], "--password-file", passwords[1])
        self.assertEqual(self.server.users["alice"], "new-password-2")
        self.ctl("user", "password", "alice", "--old-password-file", passwords[0], "--password-file", passwords[1], status=1)
        self.server.on_hold = True
        self.ctl("user", "signup", "bob", "--password-file", passwords[0], status=8)

    def test_api_archives(self):
        """What WSO2's servers of 2.x do not have, and the command says so."""
        self.create_weather()
        archive = os.path.join(self.folder, "weather.zip")
        self.assertIn("WSO2's servers do not have this", self.ctl("api", "export", "Weather/1.0.0", "--save", archive, status=3).stderr)
        self.assertFalse(os.path.exists(archive))
        self.assertIn("WSO2's servers do not have this", self.ctl("import", self.file("a.zip", "PK"), status=3).stderr)

    def test_application_archives(self):
        archive = os.path.join(self.folder, "phone.zip")
        self.ctl("app", "create", "Phone", "--description", "The app")
        self.ctl("app", "export", "Phone", "--save", archive)
        self.ctl("app", "import", archive, status=6)
        self.ctl("app", "delete", "Phone", "--yes")
        self.ctl("app", "import", archive)
        self.assertEqual([app["description"] for app in self.server.applications.values()], ["The app"])
