"""apimctl: from an OpenAPI file to a token, the lifecycle, dry runs."""

import json
import os

from ctl import CtlTest


class SixCommands(CtlTest):
    def test_from_a_file_to_a_token(self):
        self.create_weather()
        self.ctl("app", "create", "Phone")
        self.ctl("subscribe", "Phone", "Weather/1.0.0", "--tier", "Gold")
        keys = json.loads(self.out("key", "generate", "Phone", "-o", "json"))
        token = self.out("token", "Phone").strip()
        self.assertIn(token, self.server.tokens)
        self.assertEqual(self.server.tokens[token], keys["consumerKey"])
        api = next(iter(self.server.apis.values()))
        self.assertEqual((api["status"], api["tiers"], api["context"], api["description"]),
                         ("PUBLISHED", ["Gold"], "/weather", "Forecasts"))
        self.assertEqual(json.loads(api["endpointConfig"])["production_endpoints"]["url"], "https://backend.example.com/weather")
        self.assertIn("/city/{name}", next(iter(self.server.swaggers.values()))["paths"])

    def test_everything_may_be_repeated(self):
        self.create_weather()
        self.create_phone()
        self.ctl("key", "generate", "Phone")
        before = (dict(self.server.subscriptions), dict(self.server.keys))
        self.ctl("publish", "Weather/1.0.0")
        self.ctl("subscribe", "Phone", "Weather/1.0.0")
        again = json.loads(self.out("key", "generate", "Phone", "-o", "json"))
        self.assertNotIn("consumerSecret", again)
        self.assertEqual(before, (self.server.subscriptions, self.server.keys))
        self.ctl("unsubscribe", "Phone", "Weather/1.0.0", "--yes")
        self.ctl("unsubscribe", "Phone", "Weather/1.0.0", "--yes")
        self.assertEqual(self.server.subscriptions, {})


class Lifecycle(CtlTest):
    def test_each_event(self):
        self.create_weather(publish=False)
        for verb, state in (("prototype", "PROTOTYPED"), ("publish", "PUBLISHED"), ("block", "BLOCKED"), ("unblock", "PUBLISHED"),
                            ("demote", "CREATED"), ("publish", "PUBLISHED"), ("deprecate", "DEPRECATED"), ("retire", "RETIRED")):
            self.assertEqual(self.out("api", verb, "Weather/1.0.0", "--yes"), "api\tWeather/1.0.0\nstate\t%s\n" % state)
        self.ctl("publish", "Weather/1.0.0", status=6)

    def test_checklist(self):
        self.create_weather()
        self.ctl("api", "copy", "Weather/1.0.0", "2.0.0")
        self.ctl("publish", "Weather/2.0.0", "--deprecate-old")
        self.assertIn("lifecycleChecklist=Deprecate%20Old%20Versions%3Atrue%2CRequire%20Re-Subscription%3Afalse", self.server.requests[-1][1])
        self.assertIn("say which version: Weather/1.0.0, Weather/2.0.0", self.ctl("api", "get", "Weather", status=2).stderr)

    def test_consequence_is_named(self):
        self.create_weather()
        self.create_phone()
        self.ctl("api", "deprecate", "Weather/1.0.0")
        writes = len(self.server.writes())
        result = self.ctl("api", "retire", "Weather/1.0.0", status=2)
        self.assertIn("hint: apimctl api retire Weather/1.0.0 --yes", result.stderr)
        shown, status = self.on_terminal("api", "retire", "Weather/1.0.0", answer="n\n")
        self.assertIn("deletes 1 subscription of 1 application? [y/N]", shown)
        self.assertEqual((status, len(self.server.writes())), (1, writes))
        shown, status = self.on_terminal("api", "retire", "Weather/1.0.0", answer="y\n")
        self.assertEqual((status, self.server.subscriptions), (0, {}))

    def test_partial(self):
        self.create_weather(publish=False)
        self.server.partial = True
        self.assertIn("hint: apimctl gateway sync", self.ctl("publish", "Weather/1.0.0", status=7).stderr)

    def test_what_next(self):
        self.create_weather(publish=False)
        self.assertEqual(self.out("api", "lifecycle", "Weather/1.0.0"), "Publish\tPUBLISHED\nDeploy as a Prototype\tPROTOTYPED\n")
        self.assertIn("does not tell the history", self.ctl("api", "history", "Weather/1.0.0", status=1).stderr)


class DryRun(CtlTest):
    def commands(self):
        return (["api", "create", "--name", "A", "--version", "1", "--context", "/a"], ["api", "update", "Weather/1.0.0", "--tag", "x"],
                ["api", "demote", "Weather/1.0.0"], ["app", "create", "Other"], ["unsubscribe", "Phone", "Weather/1.0.0"],
                ["api", "definition", "Weather/1.0.0", "--set", os.path.join(self.folder, "weather.yaml")])

    def test_sends_no_change(self):
        """A server that cannot rehearse would do it."""
        self.create_weather()
        self.create_phone()
        writes = len(self.server.writes())
        for arguments in self.commands():
            self.assertIn("nothing was sent", self.ctl(*arguments, "--dry-run").stderr)
        self.assertEqual(len(self.server.writes()), writes)


class Rehearsal(DryRun):
    rehearses = True

    def test_sends_no_change(self):
        self.create_weather()
        self.create_phone()
        before = self.server.snapshot()
        for arguments in self.commands():
            self.assertIn("the server agrees", self.ctl(*arguments, "--dry-run").stderr)
        self.assertEqual(self.server.snapshot(), before)
        self.ctl("app", "create", "Phone", "--dry-run", status=6)
