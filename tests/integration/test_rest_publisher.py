"""APIs over REST v0.14 as a team's scripts work with them: register, log in, create, publish, document, find in the Store, make
a new version, retire. Bad input on the way; two publishers at once; two nodes."""

import concurrent.futures
import json
import urllib.parse

import mariadb
from harness import IntegrationTest, MARIADB
from node import Node
from rest import Rest, RestTest

SWAGGER = json.dumps({
    "swagger": "2.0", "info": {"title": "PizzaShackAPI", "version": "1.0.0"}, "paths": {
        "/order": {"post": {"x-auth-type": "Application & Application User", "x-throttling-tier": "Unlimited",
                            "responses": {"201": {"description": "Created."}}}},
        "/menu": {"get": {"x-auth-type": "Application & Application User", "x-throttling-tier": "Unlimited",
                          "responses": {"200": {"description": "OK."}}}}}})
ENDPOINT = json.dumps({"production_endpoints": {"url": "https://localhost:9443/am/sample/pizzashack/v1/api/", "config": None},
                       "sandbox_endpoints": {"url": "https://localhost:9443/am/sample/pizzashack/v1/api/", "config": None},
                       "endpoint_type": "http"})
PNG = b"\x89PNG\r\n\x1a\n\0pixels"
CLUSTER_KEY = "repository/resources/security/cluster-key"


def pizza(name="PizzaShackAPI", version="1.0.0", context="/pizzashack", **members):
    """The body of the sample in publisher-api.yaml v0.14."""
    return dict({
        "name": name, "description": "This document describe a RESTFul API for Pizza Shack online pizza delivery store.\r\n",
        "context": context, "version": version, "provider": "admin", "apiDefinition": SWAGGER, "wsdlUri": None,
        "status": "PUBLISHED", "responseCaching": "Disabled", "cacheTimeout": 300, "destinationStatsEnabled": False,
        "isDefaultVersion": False, "type": "HTTP", "transport": ["http", "https"], "tags": ["pizza"], "tiers": ["Unlimited"],
        "maxTps": {"sandbox": 5000, "production": 1000}, "visibility": "PUBLIC", "visibleRoles": [], "visibleTenants": [],
        "endpointConfig": ENDPOINT, "endpointSecurity": {"username": "user", "type": "basic", "password": "pass"},
        "sequences": [], "subscriptionAvailability": None, "subscriptionAvailableTenants": [],
        "businessInformation": {"businessOwnerEmail": "marketing@pizzashack.com", "technicalOwner": "John Doe",
                                "technicalOwnerEmail": "architecture@pizzashack.com", "businessOwner": "Jane Roe"},
        "corsConfiguration": {"accessControlAllowOrigins": ["*"], "accessControlAllowHeaders": ["authorization"],
                              "accessControlAllowMethods": ["GET"], "accessControlAllowCredentials": False,
                              "corsConfigurationEnabled": False}}, **members)


def publish(rest, api_id, action="Publish", **query):
    return rest.publisher("POST", "/apis/change-lifecycle?" + urllib.parse.urlencode(dict(query, apiId=api_id, action=action)))


class Apis(RestTest):
    def assert_refused(self, answer, status, *fields):
        self.ok(answer, status)
        self.assertEqual({detail["code"] for detail in answer.json["error"]}, set(fields), answer)

    def create(self, *arguments, **members):
        return self.ok(self.rest.publisher("POST", "/apis", pizza(*arguments, **members)), 201)

    def test_life(self):
        created = self.create(tags=["margherita"])
        self.assertEqual(created.headers["Location"], "https://127.0.0.1:%d/api/am/publisher/v0.14/apis/%s" % (
            self.node.https_port, created.json["id"]))
        self.assertEqual((created.json["status"], created.json["context"]), ("CREATED", "/pizzashack"))
        self.assertEqual(created.json["endpointSecurity"], {"type": "basic", "username": "user", "password": ""})
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/admin-PizzaShackAPI-1.0.0")).json["id"], created.id)
        self.assertEqual(self.state(created.id), ("CREATED", {"Publish": "PUBLISHED", "Deploy as a Prototype": "PROTOTYPED"}))
        nobody, mine = Rest(self.node), "/apis?query=name:Pizza*"
        self.assertEqual(self.ok(nobody.store("GET", mine)).json["count"], 0)
        self.ok(nobody.store("GET", "/apis/" + created.id), 404)
        published = self.ok(publish(self.rest, created.id))
        self.assertEqual(published.json["status"], "PUBLISHED")
        self.assertEqual([(api["id"], api["status"]) for api in self.ok(nobody.store("GET", mine)).json["list"]],
                         [(created.id, "PUBLISHED")])
        shown = self.ok(nobody.store("GET", "/apis/" + created.id)).json
        self.assertEqual((shown["tiers"], shown["tags"], shown["context"]), (["Unlimited"], ["margherita"], "/pizzashack"))
        self.assertNotIn("endpointConfig", shown)
        swagger = self.ok(nobody.store("GET", "/apis/%s/swagger" % created.id)).json
        self.assertEqual({path: set(verbs) for path, verbs in swagger["paths"].items()}, {"/order": {"post"}, "/menu": {"get"}})
        self.assertIn({"name": "margherita", "weight": 1}, self.ok(nobody.store("GET", "/tags")).json["list"])
        for event, state in (("Block", "BLOCKED"), ("Re-Publish", "PUBLISHED"), ("Deprecate", "DEPRECATED"), ("Retire", "RETIRED")):
            self.assertEqual(self.ok(publish(self.rest, created.id, event)).json["status"], state)
        history = self.ok(self.rest.publisher("GET", "/apis/%s/lifecycle-history" % created.id)).json["list"]
        self.assertEqual([event["postState"] for event in history][-5:],
                         ["PUBLISHED", "BLOCKED", "PUBLISHED", "DEPRECATED", "RETIRED"])
        self.ok(publish(self.rest, created.id), 409)
        self.ok(nobody.publisher("DELETE", "/apis/" + created.id), 401)
        self.ok(self.rest.publisher("DELETE", "/apis/" + created.id))
        self.ok(self.rest.publisher("GET", "/apis/" + created.id), 404)

    def state(self, api_id):
        state = self.ok(self.rest.publisher("GET", "/apis/%s/lifecycle-state" % api_id)).json
        return state["state"], {item["event"]: item["targetState"] for item in state["availableTransitions"]}

    def test_definition(self):
        created = self.create("Defined", context="/defined")
        path = "/apis/%s/swagger" % created.id
        full = "/api/am/publisher/v0.14" + path
        three = json.dumps({"openapi": "3.0.0", "info": {"title": "Defined", "version": "1.0.0"},
                            "paths": {"/pet/{id}": {"get": {"responses": {"200": {"description": "OK"}}}, "delete": {
                                "responses": {"200": {"description": "OK"}}}}}})
        self.ok(self.rest.upload("PUT", full, "x", "x", b"", fields=[("apiDefinition", three)]))
        self.assertEqual(set(self.ok(self.rest.publisher("GET", path)).json["paths"]["/pet/{id}"]), {"get", "delete"})
        for bad in ("{", "[]", "{}", json.dumps({"swagger": "1.2", "paths": {}}), "\u0000"):
            self.ok(self.rest.upload("PUT", full, "x", "x", b"", fields=[("apiDefinition", bad)]), 400)
        self.ok(self.rest.upload("PUT", full, "x", "x", b""), 400)
        self.ok(self.rest.publisher("PUT", path, three), 415)
        self.assertEqual(set(self.ok(self.rest.publisher("GET", path)).json["paths"]), {"/pet/{id}"})

    def test_documents(self):
        created = self.create("Documented", context="/documented")
        self.ok(publish(self.rest, created.id))
        documents = "/apis/%s/documents" % created.id
        inline = self.ok(self.rest.publisher("POST", documents, {
            "name": "Intro", "type": "HOWTO", "sourceType": "INLINE", "summary": "s", "visibility": "API_LEVEL"}), 201)
        self.ok(self.rest.publisher("POST", documents, {"name": "Intro", "type": "HOWTO", "sourceType": "INLINE"}), 409)
        link = self.ok(self.rest.publisher("POST", documents, {
            "name": "Link", "type": "OTHER", "otherTypeName": "Blog", "sourceType": "URL",
            "sourceUrl": "https://a.example/x y", "visibility": "API_LEVEL"}), 201)
        file = self.ok(self.rest.publisher("POST", documents, {
            "name": "Manual", "type": "SAMPLES", "sourceType": "FILE", "visibility": "API_LEVEL"}), 201)
        full = "/api/am/publisher/v0.14" + documents
        self.ok(self.rest.upload("POST", full + "/%s/content" % inline.id, "other", "x", b"x",
                                 fields=[("inlineContent", "text \u00e9")]), 201)
        evil = b"<script>alert(1)</script>\0\xff"
        self.ok(self.rest.upload("POST", full + "/%s/content" % file.id, "file", "../../\u00e9 m.html", evil, "text/html"), 201)
        nobody = Rest(self.node)
        self.assertEqual({item["name"] for item in self.ok(nobody.store("GET", documents)).json["list"]}, {"Intro", "Link", "Manual"})
        text = self.ok(nobody.store("GET", documents + "/%s/content" % inline.id))
        self.assertEqual((text.body.decode(), text.headers["Content-Type"]), ("text \u00e9", "text/plain; charset=UTF-8"))
        read = self.ok(nobody.store("GET", documents + "/%s/content" % file.id))
        self.assertEqual((read.body, read.headers["Content-Disposition"], read.headers["X-Content-Type-Options"]),
                         (evil, "attachment; filename*=UTF-8''%C3%A9%20m.html", "nosniff"))
        self.assertEqual(self.ok(nobody.store("GET", documents + "/%s/content" % link.id), 303).headers["Location"],
                         "https://a.example/x%20y")
        self.ok(self.rest.publisher("DELETE", documents + "/" + link.id))
        self.ok(nobody.store("GET", documents + "/" + link.id), 404)
        largest = b"m" * (10 << 20)
        self.ok(self.rest.upload("POST", full + "/%s/content" % file.id, "file", "m.bin", largest), 201)
        self.ok(self.rest.upload("POST", full + "/%s/content" % file.id, "file", "m.bin", largest + b"m"), 400)
        self.assertEqual(len(self.ok(nobody.store("GET", documents + "/%s/content" % file.id)).body), len(largest))

    def test_thumbnail(self):
        created = self.create("Pictured", context="/pictured")
        path = "/apis/%s/thumbnail" % created.id
        post = lambda picture: self.rest.upload("POST", "/api/am/publisher/v0.14" + path, "file", "a.exe", picture, "text/html")
        self.assertIsNone(created.json["thumbnailUri"])
        self.ok(self.rest.publisher("GET", path), 404)
        set_ = self.ok(post(PNG), 201)
        self.assertEqual(set_.json, {"relativePath": path, "mediaType": "image/png"})
        self.assertTrue(set_.headers["Location"].endswith(path))
        shown = self.ok(self.rest.publisher("GET", "/apis/" + created.id))
        self.assertEqual((shown.json["thumbnailUri"], shown.headers["ETag"]), (path, set_.headers["ETag"]))
        read = self.ok(self.rest.publisher("GET", path, headers={"Accept": "image/*"}))
        self.assertEqual((read.body, read.headers["Content-Type"], read.headers["X-Content-Type-Options"]), (PNG, "image/png", "nosniff"))
        self.ok(self.rest.publisher("GET", path, headers={"If-None-Match": read.headers["ETag"]}), 304)
        nobody = Rest(self.node)
        self.ok(nobody.store("GET", path), 404)
        self.ok(nobody.publisher("GET", path), 401)
        self.ok(publish(self.rest, created.id))
        self.assertEqual(self.ok(nobody.store("GET", path)).body, PNG)
        for bad in (b"<svg onload='alert(1)'/>", b"", PNG + b"\0" * (1 << 20)):
            self.assert_refused(post(bad), 400, "thumbnail")
        self.ok(self.rest.upload("POST", "/api/am/publisher/v0.14" + path, "other", "a.png", PNG), 400)
        self.assertEqual(self.ok(nobody.store("GET", path)).body, PNG)
        copied = self.ok(self.rest.publisher("POST", "/apis/copy-api?newVersion=2.0.0&apiId=" + created.id), 201)
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/%s/thumbnail" % copied.id)).body, PNG)
        self.ok(self.rest.publisher("DELETE", path, headers={"If-Match": set_.headers["ETag"]}), 412)
        for _ in range(2):
            self.ok(self.rest.publisher("DELETE", path))
            self.ok(self.rest.publisher("GET", path), 404)
        self.ok(nobody.publisher("DELETE", path), 401)

    def test_two_publishers(self):
        """Who changes what another one changed meanwhile is told so."""
        created = self.create("Shared", context="/shared")
        seen = self.ok(self.rest.publisher("GET", "/apis/" + created.id))
        tag = {"If-Match": seen.headers["ETag"]}
        first = self.ok(self.rest.publisher("PUT", "/apis/" + created.id, dict(seen.json, description="first"), tag))
        self.ok(self.rest.publisher("PUT", "/apis/" + created.id, dict(seen.json, description="second"), tag), 412)
        now = self.ok(self.rest.publisher("GET", "/apis/" + created.id))
        self.assertEqual((now.json["description"], now.headers["ETag"]), ("first", first.headers["ETag"]))
        self.ok(self.rest.publisher("DELETE", "/apis/" + created.id, headers=tag), 412)
        self.ok(self.rest.publisher("DELETE", "/apis/" + created.id, headers={"If-Match": now.headers["ETag"]}))

    def test_one_context_for_one_api(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: self.rest.publisher("POST", "/apis", pizza("Race%d" % n, context="/race")), range(4)))
        self.assertEqual(sorted(answer.status for answer in answers), [201, 409, 409, 409], answers)

    def test_get_then_put_changes_nothing(self):
        created = self.create("Same", context="/same")
        before = self.ok(self.rest.publisher("GET", "/apis/" + created.id)).json
        self.ok(self.rest.publisher("PUT", "/apis/" + created.id, before))
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/" + created.id)).json, before)

    def test_dry_run(self):
        answer = self.rest.publisher("POST", "/apis", pizza("Dry", context="/dry"), {"X-APIM-Dry-Run": "true"})
        self.ok(answer, 201)
        self.ok(self.rest.publisher("GET", "/apis/admin-Dry-1.0.0"), 404)

    def test_bad_input(self):
        post = lambda body, **headers: self.rest.publisher("POST", "/apis", body, headers)
        self.assert_refused(post(pizza(name="a/b", version="1/0", context="/c/")), 400, "name", "version", "context")
        self.assert_refused(post(pizza(name=1, tags="x")), 400, "name", "tags")
        self.assert_refused(post(pizza("Bad", context="/bad", apiDefinition="{not json")), 400, "apiDefinition")
        self.assert_refused(post(pizza("Bad", context="/bad", tiers=["NoSuchTier"])), 400, "tiers")
        self.ok(post("{", **{"Content-Type": "application/json"}), 400)
        self.ok(post("[]", **{"Content-Type": "application/json"}), 400)
        self.ok(post("a=b", **{"Content-Type": "application/x-www-form-urlencoded"}), 415)
        self.ok(post(b"{" + b" " * (11 << 20) + b"}", **{"Content-Type": "application/json"}), 413)
        for path in ("/apis/..%2f..%2fetc", "/apis/%2e%2e/x"):
            self.ok(self.rest.publisher("GET", path), 400)
        for identifier in ("no-such-api", "admin-No-1.0", "%27%20OR%201=1", "00000000-0000-0000-0000-000000000000"):
            self.ok(self.rest.publisher("GET", "/apis/" + identifier), 404)
        self.ok(publish(self.rest, "no-such-api"), 404)
        self.ok(self.rest.publisher("POST", "/apis/change-lifecycle?apiId=x"), 400)
        created = self.create("Bads", context="/bads")
        self.ok(publish(self.rest, created.id, "Fly"), 409)

    def test_new_version(self):
        created = self.create("Copied", context="/copied")
        copied = self.ok(self.rest.publisher("POST", "/apis/copy-api?newVersion=2.0.0&apiId=" + created.id), 201)
        self.assertEqual((copied.json["version"], copied.json["status"], copied.json["context"]), ("2.0.0", "CREATED", "/copied"))
        self.ok(self.rest.publisher("POST", "/apis/copy-api?newVersion=2.0.0&apiId=" + created.id), 409)

    def test_pages(self):
        for number in range(5):
            self.create("Paged%d" % number, context="/paged%d" % number)
        path, names = "/apis?query=Paged&limit=2", []
        while path:
            page = self.ok(self.rest.publisher("GET", path)).json
            names += [api["name"] for api in page["list"]]
            self.assertLessEqual(page["count"], 2)
            path = page["next"]
        self.assertEqual(sorted(names), ["Paged%d" % number for number in range(5)])


class TwoNodes(IntegrationTest):
    """What is published on one node is in the other's catalogue at once."""

    databases = (MARIADB,)

    def test_catalogue(self):
        databases = mariadb.shared_server().new_databases()
        first, second = Node(databases=databases), Node(databases=databases)
        for node in (first, second):
            self.addCleanup(node.kill)
        first.prepare(populate=False)
        second.write(CLUSTER_KEY, first.read(CLUSTER_KEY), 0o600)
        first.start()
        second.start("--profile", "api-store", "--profile", "api-publisher", "--profile", "api-key-manager")
        rest = Rest.login(first)
        for number in range(5):
            created = rest.publisher("POST", "/apis", pizza("Shown%d" % number, context="/shown%d" % number))
            self.assertEqual(created.status, 201, created)
            self.assertEqual(publish(rest, created.id).status, 200)
            seen = Rest(second).store("GET", "/apis/" + created.id)
            self.assertEqual((seen.status, seen.json["status"]), (200, "PUBLISHED"), seen)
        self.assertEqual(Rest(second, rest.token).publisher("GET", "/apis").json["count"], 5)
