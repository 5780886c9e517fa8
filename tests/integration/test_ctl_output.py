"""apimctl: forms of output, on a terminal and in a pipe; completion; servers and files that misbehave."""

import json
import os
import shutil
import signal
import subprocess
import threading
import unittest

import suite
from ctl import CtlTest


class Output(CtlTest):
    def test_forms(self):
        self.create_weather()
        self.assertEqual(self.out("api", "list"), "Weather/1.0.0\t/weather\tPUBLISHED\tadmin\n")
        self.assertEqual(self.out("api", "list", "-o", "name"), "Weather/1.0.0\n")
        self.assertEqual(self.out("api", "list", "-q"), "Weather/1.0.0\n")
        self.assertEqual(self.out("api", "list", "--columns", "state,api"), "PUBLISHED\tWeather/1.0.0\n")
        self.assertEqual(self.out("api", "list", "--field", "context"), "/weather\n")
        self.assertEqual(json.loads(self.out("api", "list", "-o", "json"))[0]["name"], "Weather")
        self.assertIn("- id: ", self.out("api", "list", "-o", "yaml"))
        self.assertIn("  version: '1.0.0'\n", self.out("api", "list", "-o", "yaml"))
        self.ctl("api", "list", "--columns", "nonsense", status=2)
        self.ctl("api", "get", "Weather/1.0.0", "--field", "no.such", status=3)
        self.assertEqual(self.out("api", "get", "Weather", "--field", "tiers.0"), "Gold\n")

    def test_terminal(self):
        self.create_weather()
        shown, status = self.on_terminal("api", "list")
        self.assertEqual((shown, status), ("API            CONTEXT   STATE      PROVIDER\n"
                                           "Weather/1.0.0  /weather  PUBLISHED  admin\n", 0))

    def test_color_only_where_wanted(self):
        del self.environment["NO_COLOR"]
        self.environment["TERM"] = "xterm"
        self.create_weather()
        self.assertIn("\033[1m", self.on_terminal("api", "list")[0])
        self.assertNotIn("\033", self.out("api", "list"))
        for value, colored in (("", True), ("0", False)):  # no-color.org: an empty one is none
            self.environment["NO_COLOR"] = value
            self.assertEqual("\033[1m" in self.on_terminal("api", "list")[0], colored)

    def test_hostile_text(self):
        self.create_weather()
        next(iter(self.server.apis.values()))["provider"] = "a\tb\n\033[2J"
        self.assertEqual(self.out("api", "list"), "Weather/1.0.0\t/weather\tPUBLISHED\ta?b??[2J\n")

    def test_all_pages(self):
        for number in range(600):
            self.server.apis[str(number)] = {"id": str(number), "name": "A%d" % number, "version": "1", "context": "/a%d" % number,
                                             "status": "CREATED", "provider": "admin"}
        for limit in (1000, 25):
            self.server.page_limit = limit
            self.assertEqual(len(self.out("api", "list").splitlines()), 600)


class Completion(CtlTest):
    def candidates(self, *words):
        return self.out("__complete", "--", *words).split("\n")[:-1]

    def test_candidates(self):
        self.create_weather()
        self.create_phone()
        self.assertEqual(self.candidates("publi"), ["publish"])
        self.assertIn("create", self.candidates("api", ""))
        self.assertEqual(self.candidates("api", "get", "W"), ["Weather/1.0.0"])
        self.assertEqual(self.candidates("subscribe", "P"), ["Phone"])
        self.assertEqual(self.candidates("subscribe", "Phone", ""), ["Weather/1.0.0"])
        self.assertEqual(self.candidates("api", "list", "-o", "y"), ["yaml"])
        self.assertIn("--definition", self.candidates("api", "create", "--d"))

    def test_bash(self):
        self.create_weather()
        script = self.file("completion", self.out("completion", "bash"))
        line = "source %s; COMP_WORDS=(apimctl api get Wea); COMP_CWORD=3; _apimctl; printf '%%s\\n' \"${COMPREPLY[@]}\"" % script
        path = os.path.dirname(suite.program("apimctl")) + ":" + self.environment["PATH"]
        shown = subprocess.run(["bash", "-c", line], env=dict(self.environment, PATH=path), text=True, stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual(shown, "Weather/1.0.0\n")

    @unittest.skipUnless(shutil.which("fish"), "there is no fish")
    def test_fish(self):
        """Names where there are some, files elsewhere."""
        self.create_weather()
        self.file("Wednesday.yaml", "")
        script = self.file("completion", self.out("completion", "fish"))
        path = os.path.dirname(suite.program("apimctl")) + ":" + self.environment["PATH"]
        for typed, offered in (("apimctl api get We", ["Weather/1.0.0"]), ("apimctl apply -f We", ["Wednesday.yaml"])):
            shown = subprocess.run(["fish", "--no-config", "-c", "source %s; complete -C '%s'" % (script, typed)], cwd=self.folder, text=True,
                                   env=dict(self.environment, PATH=path), stdout=subprocess.PIPE, check=True).stdout
            self.assertEqual([line.split("\t")[0] for line in shown.splitlines()], offered)


class Misbehaviour(CtlTest):
    def test_statuses(self):
        for status, exit_status, kind in ((400, 2, "invalid"), (403, 5, "forbidden"), (404, 3, "not_found"), (409, 6, "conflict"),
                                          (412, 6, "conflict"), (500, 1, "failed"), (503, 10, "unreachable")):
            with self.subTest(status):
                body = json.dumps({"code": 900000, "message": "M", "description": "D", "moreInfo": "", "error": [{"code": 1, "message": "E"}]})
                self.server.scripted.append((status, body.encode()))
                self.assertIn("apimctl: error: APIs: M: D; E [%s]\n" % kind, self.ctl("api", "list", status=exit_status).stderr)

    def test_not_the_rest_api(self):
        page = b"<html><head><title>502 Bad Gateway</title></head></html>"
        for answer, exit_status, words in (((502, page, "text/html"), 10, "an HTML page: a proxy"), ((200, page, "text/html"), 1, "an HTML page"),
                                           ((200, b"hello", "text/plain"), 1, "is not JSON"), ((200, b'{"a": 1}'), 1, "is not a list"),
                                           ((302, b"", "text/plain", [("Location", "http://evil.example.com/")]), 1, "which is not followed"),
                                           ((200, b"[" * 100000), 1, "is not JSON")):
            with self.subTest(words):
                self.server.scripted.append(answer)
                self.assertIn(words, self.ctl("api", "list", status=exit_status).stderr)

    def test_json_errors(self):
        self.server.scripted.append((403, b'{"message": "no"}'))
        error = json.loads(self.ctl("api", "list", "-o", "json", status=5).stderr)["error"]
        self.assertEqual((error["kind"], error["exitStatus"]), ("forbidden", 5))

    def test_gone(self):
        self.server.close()
        result = self.ctl("api", "list", status=10)
        self.assertRegex(result.stderr, r"^apimctl: error: http://\S+: .+ \[unreachable\]\n$")

    def test_slow(self):
        self.server.held = threading.Event()
        self.addCleanup(self.server.held.set)
        self.assertIn("no answer within 1 s", self.ctl("api", "list", "--timeout", "1", status=10).stderr)

    def test_interrupted(self):
        """Ctrl-C says whether something may have been changed."""
        self.server.held = threading.Event()
        self.addCleanup(self.server.held.set)
        for arguments, words in ((["api", "list"], ""), (["app", "create", "A"], "the change may or may not have been made")):
            before = len(self.server.requests)
            process = subprocess.Popen([suite.program("apimctl"), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.eventually(lambda: len(self.server.requests) > before, 20, "the request came")
            process.send_signal(signal.SIGINT)
            _, shown = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 130)
            self.assertIn(words, shown)
            self.server.held.set()
            self.server.held = threading.Event()

    def test_full_disk(self):
        self.create_weather()
        with open("/dev/full", "w") as full:
            result = subprocess.run([suite.program("apimctl"), "api", "list"], env=self.environment, stdin=subprocess.DEVNULL, stdout=full,
                                    stderr=subprocess.PIPE, text=True, timeout=120)
        self.assertEqual(result.returncode, 1)
        self.assertIn("could not write the result", result.stderr)

    def test_closed_pipe(self):
        """apimctl ... | head -1"""
        self.create_weather()
        for arguments in (["api", "list"], ["api", "list", "-o", "json"], ["export"], ["app", "create", "Piped"], ["help"]):
            with self.subTest(arguments):
                reader, writer = os.pipe()
                os.close(reader)
                result = subprocess.run([suite.program("apimctl"), *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=writer,
                                        stderr=subprocess.PIPE, text=True, timeout=120)
                os.close(writer)
                self.assertEqual(result.returncode, -signal.SIGPIPE)
                self.assertEqual(result.stderr, "created application Piped\n" if "create" in arguments else "")
        self.assertIn("Piped", [app["name"] for app in self.server.applications.values()])

    def test_no_streams(self):
        """Without standard output results are an error, and never written into a file or connection that got its number."""
        self.create_weather()
        for close in (">&-", ">&- <&-"):
            result = subprocess.run(["sh", "-c", 'exec "$0" "$@" ' + close, suite.program("apimctl"), "api", "list"], env=self.environment,
                                    stderr=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual((result.returncode, result.stderr),
                             (1, "apimctl: error: could not write the result: Bad file descriptor [failed]\n"))
        self.assertEqual(self.out("api", "list", "-o", "name"), "Weather/1.0.0\n")

    def test_bad_definitions(self):
        for text, words in (("a: [", r"bad.yaml:\d+: "), ("a: 1\n", "neither an OpenAPI 3 nor a Swagger 2"),
                            ("openapi: 3.0.0\ninfo: {title: x, version: '1'}\n", 'no "paths"'), ("swagger: '1.2'\npaths: {}\n", "version"),
                            ("a: &x 1\nb: *x\n", r"bad.yaml:1: anchors"), ("a: 1\na: 2\n", r'bad.yaml:2: "a" is there twice')):
            with self.subTest(words):
                before = len(self.server.requests)
                result = self.ctl("api", "create", "--definition", self.file("bad.yaml", text), status=2)
                self.assertRegex(result.stderr, words)
                self.assertEqual(len(self.server.requests), before)

    def test_huge_files(self):
        """100 MB, wherever a file is taken: refused by its size, unread, and nothing is sent."""
        self.create_weather()
        path = os.path.join(self.folder, "huge.yaml")
        with open(path, "w") as file:
            file.truncate(100 << 20)
        before = len(self.server.writes())
        for arguments, limit in ((["api", "create", "--definition", path], 16), (["api", "definition", "Weather/1.0.0", "--set", path], 16),
                                 (["apply", "-f", path], 16), (["api", "thumbnail", "Weather/1.0.0", "--set", path], 64),
                                 (["doc", "create", "Weather/1.0.0", "D", "--file", path], 64), (["import", path], 64), (["app", "import", path], 64)):
            with self.subTest(arguments):
                self.assertIn("larger than %d MiB" % limit, self.ctl(*arguments, status=2).stderr)
        self.assertEqual(len(self.server.writes()), before)

    def test_paths_in_names(self):
        """A name is never a way out of a folder or of a resource."""
        self.create_weather()
        manifest, before = self.file("one.yaml", "kind: Application\nname: A\n"), self.server.snapshot()
        for name in ("../../etc/passwd", "..", "a/../b", "%2e%2e", "x?admin=true", "x#y"):
            with self.subTest(name):
                self.ctl("api", "get", name + "/1", status=3)
                self.ctl("api", "delete", name + "/1", "--yes", status=3)
                self.ctl("app", "delete", name, "--yes", status=3)
                self.ctl("api", "create", "--name", name + "/x", "--version", "1", "--context", "/x", status=2)
                self.ctl("api", "create", "--name", "X", "--version", "1", "--context", "/x/../y", status=2)
                self.ctl("apply", "-f", manifest, "--set", name + "/", status=2)
                self.ctl("api", "list", "--env", name, status=3)
                self.ctl("login", self.server.url, "--env", name + "/", "--user", "admin", "--password-stdin", input="x\n", status=2)
        self.assertEqual(self.server.snapshot(), before)

    def test_typing_errors(self):
        result = self.ctl("api", "publsh", "Weather/1.0.0", status=2)
        self.assertEqual(result.stderr, 'apimctl: error: api publsh: there is no such command; the nearest is "api publish" [usage]\n'
                                        "hint: apimctl help api publish\n")
