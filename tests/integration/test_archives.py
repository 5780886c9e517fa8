"""Archives of APIs over HTTP (specification publisher-store-workflows 9): the paths of WSO2's import/export tool with Basic
authentication, the admin resources with a token; an API exported from one node and imported in another, field by field; one that
another library shaped as WSO2 does; hostile archives, large ones, refusals that leave nothing behind. Archives of applications."""

import io
import json
import os
import subprocess
import sys
import urllib.parse
import zipfile

import suite
from harness import IntegrationTest, MARIADB, SQLITE
from rest import Rest, basic
from test_rest_publisher import ENDPOINT, PNG, SWAGGER, pizza, publish

TOOL = "/api-import-export-2.6.0-v17"
ADMIN = "/api/am/admin/v0.14/import/api"
SCOPED = json.loads(SWAGGER)
SCOPED["x-wso2-security"] = {"apim": {"x-wso2-scopes": [{"key": "order_pizza", "name": "Order", "description": "d", "roles": "admin"}]}}
SCOPED["paths"]["/order"]["post"]["x-scope"] = "order_pizza"


def archive(root, files):
    """files: name below the root to text or bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            out.writestr(root + name, text)
    return content.getvalue()


def minimal(name="Minimal", version="1.0.0", **members):
    """What an archive must have, as small as it may be."""
    api = dict({"id": {"providerName": "admin", "apiName": name, "version": version},
                "contextTemplate": "/%s/{version}" % name.lower(), "availableTiers": [{"name": "Unlimited"}],
                "endpointConfig": ENDPOINT, "status": "CREATED"}, **members)
    swagger = {"swagger": "2.0", "info": {"title": name, "version": version}, "paths": {"/a": {"get": {"responses": {}}}}}
    return {"Meta-information/api.json": json.dumps(api), "Meta-information/swagger.json": json.dumps(swagger)}


def wso2_archive(*, provider=None):
    """What tests/lib/make-wso2-archive writes, whose picture is one here; provider: whose it is instead."""
    path = os.path.join(suite.folder("archive"), "wso2.zip")
    script = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "lib", "make-wso2-archive")
    subprocess.run([sys.executable, script, path], check=True, timeout=60)
    with zipfile.ZipFile(path) as made:
        root = made.namelist()[0]
        files = {name[len(root):]: made.read(name) for name in made.namelist() if not name.endswith("/")}
    api = json.loads(files["Meta-information/api.json"])
    if provider:
        api["id"]["providerName"] = provider
    files["Meta-information/api.json"] = json.dumps(api)
    files["Image/icon.png"] = PNG
    return archive(root, files)


class Archives(IntegrationTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        cls.nodes = [cls.new_node(), cls.new_node()]
        for node in cls.nodes:
            cls.addClassCleanup(node.kill)
            node.prepare(populate=False).start()
        cls.node, cls.other = cls.nodes
        cls.rest, cls.there = Rest.login(cls.node), Rest.login(cls.other)
        cls.tool = Rest(cls.node)
        cls.login = {"Authorization": basic("admin", cls.node.admin_password)}

    @classmethod
    def tearDownClass(cls):
        for node in cls.nodes:
            node.stop()

    def ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer)
        return answer

    def export(self, rest, name, version="1.0.0", **query):
        return rest.admin("GET", "/export/api?" + urllib.parse.urlencode(dict(query, name=name, version=version)))

    def import_(self, rest, content, query="", path=ADMIN):
        return rest.upload("POST", path + query, "file", "api.zip", content, "application/zip")

    def tool_import(self, content, query="", root=TOOL, headers=None):
        """As curl -u admin:... -F file=@api.zip sends it."""
        answer = self.tool.upload("POST", root + "/import-api" + query, "file", "api.zip", content, "application/zip",
                                  headers=self.login if headers is None else headers)
        return answer

    def all_of(self, rest, api_id):
        """Everything that a publisher sees of an API, without what belongs to the one node."""
        api = self.ok(rest.publisher("GET", "/apis/" + api_id)).json
        documents = self.ok(rest.publisher("GET", "/apis/%s/documents" % api_id)).json["list"]
        contents = {}
        for document in documents:
            content = rest.publisher("GET", "/apis/%s/documents/%s/content" % (api_id, document.pop("documentId")))
            contents[document["name"]] = (content.status, content.headers["Location"], content.headers["Content-Type"], content.body)
        picture = self.ok(rest.publisher("GET", api.pop("thumbnailUri").replace(api_id, "%s") % api_id))
        swagger = self.ok(rest.publisher("GET", "/apis/%s/swagger" % api_id)).json
        api["apiDefinition"] = json.loads(api["apiDefinition"])
        api["endpointSecurity"].pop("password")
        del api["id"]
        return dict(api, documents=sorted(documents, key=lambda document: document["name"]), contents=contents, swagger=swagger,
                    picture=(picture.headers["Content-Type"], picture.body))

    def make_whole(self, name):
        """An API with all that an archive may carry, published."""
        created = self.ok(self.rest.publisher("POST", "/apis", pizza(
            name, context="/" + name.lower(), apiDefinition=json.dumps(SCOPED).replace("order_pizza", name.lower() + "_order"),
            visibility="RESTRICTED", visibleRoles=["admin"], isDefaultVersion=True, responseCaching="Enabled", cacheTimeout=77,
            tags=["a", "b"], corsConfiguration={"corsConfigurationEnabled": True, "accessControlAllowOrigins": ["https://a.example"],
                                                "accessControlAllowCredentials": True, "accessControlAllowHeaders": ["x"],
                                                "accessControlAllowMethods": ["GET"]})), 201)
        path = "/api/am/publisher/v0.14/apis/%s" % created.id
        self.ok(self.rest.upload("POST", path + "/thumbnail", "file", "a.png", PNG), 201)
        for document, content in (({"name": "Text", "type": "HOWTO", "sourceType": "INLINE", "summary": "s", "visibility": "PRIVATE"},
                                   {"fields": [("inlineContent", "text \u00e9")], "name": "x"}),
                                  ({"name": "Link", "type": "OTHER", "otherTypeName": "Blog", "sourceType": "URL",
                                    "sourceUrl": "https://a.example/x", "visibility": "API_LEVEL"}, None),
                                  ({"name": "File", "type": "SAMPLES", "sourceType": "FILE", "visibility": "OWNER_ONLY"},
                                   {"name": "file"})):
            made = self.ok(self.rest.publisher("POST", "/apis/%s/documents" % created.id, document), 201)
            if content:
                self.ok(self.rest.upload("POST", path + "/documents/%s/content" % made.id, content["name"], "m \u00e9.html",
                                         b"\0bytes", "text/html", fields=content.get("fields", ())), 201)
        self.ok(publish(self.rest, created.id))
        return created.id

    def test_from_one_node_to_another(self):
        made = self.make_whole("Moved")
        exported = self.ok(self.export(self.rest, "Moved"))
        self.assertEqual((exported.headers["Content-Type"], exported.headers["Content-Disposition"]),
                         ("application/zip", "attachment; filename*=UTF-8''Moved-1.0.0.zip"))
        self.assertEqual(self.ok(self.export(self.rest, "Moved")).body, exported.body)
        self.assertNotIn(b"pass", zipfile.ZipFile(io.BytesIO(exported.body)).read("Moved-1.0.0/Meta-information/api.json"))
        there = self.ok(self.import_(self.there, exported.body), 201).json
        self.assertEqual({name: there[name] for name in ("name", "version", "provider", "status")},
                         {"name": "Moved", "version": "1.0.0", "provider": "admin", "status": "PUBLISHED"})
        self.assertEqual(len(there["warnings"]), 1, there)
        self.assertIn("password", there["warnings"][0])
        self.assertEqual(self.all_of(self.there, there["id"]), self.all_of(self.rest, made))
        self.assertEqual(self.ok(self.export(self.there, "Moved")).body, exported.body)
        self.ok(self.import_(self.there, exported.body), 409)

    def test_tool(self):
        self.make_whole("Tooled")
        get = lambda query, headers=self.login, root=TOOL: self.tool.send("GET", root + "/export-api" + query, headers=headers)
        exported = self.ok(get("?name=Tooled&version=1.0.0&provider=admin"))
        self.assertEqual(exported.headers["Content-Type"], "application/zip")
        files = zipfile.ZipFile(io.BytesIO(exported.body))
        api = json.loads(files.read("Tooled-1.0.0/Meta-information/api.json"))
        self.assertEqual((api["id"], api["status"]), ({"providerName": "admin", "apiName": "Tooled", "version": "1.0.0"}, "CREATED"))
        self.assertLessEqual({"Tooled-1.0.0/" + name for name in (
            "Meta-information/swagger.json", "Image/icon.png", "Docs/docs.json", "Docs/InlineContents/Text",
            "Docs/FileContents/m \u00e9.html")}, set(files.namelist()))
        kept = zipfile.ZipFile(io.BytesIO(self.ok(get("?name=Tooled&version=1.0.0&provider=admin&preserveStatus=true")).body))
        self.assertEqual(json.loads(kept.read("Tooled-1.0.0/Meta-information/api.json"))["status"], "PUBLISHED")
        for query in ("", "?name=Tooled&version=1.0.0", "?name=&version=1.0.0&provider=admin"):
            self.assertEqual(self.ok(get(query), 400).body, b"Invalid API Information")
        self.assertEqual(self.ok(get("?name=No&version=1&provider=admin"), 404).body, b"Unable to retrieve API")
        self.ok(get("?name=Tooled&version=1.0.0&provider=dave-AT-example.com"), 403)
        for headers in ({}, {"Authorization": basic("admin", "wrong")}, {"Authorization": "Basic !"},
                        {"Authorization": "Bearer " + self.rest.token}):
            refused = self.ok(get("?name=Tooled&version=1.0.0&provider=admin", headers), 401)
            self.assertIn("Basic", refused.headers["WWW-Authenticate"])
        for root in ("/api-import-export", "/api-import-export-2.6.0-v0"):
            self.ok(get("?name=Tooled&version=1.0.0&provider=admin", root=root))
        for root in ("/api-import-exports", "/api-import-export-2.6.0/x", "/api-import-export-2.6_0"):
            self.ok(get("?name=Tooled&version=1.0.0&provider=admin", root=root), 404)
        self.assertEqual(self.ok(self.tool.send("POST", TOOL + "/export-api", headers=self.login), 405).headers["Allow"], "GET")

    def test_tool_imports(self):
        imported = self.ok(self.tool_import(archive("Plain-1.0.0/", minimal("Plain"))), 201)
        self.assertEqual((imported.body, imported.headers["Content-Type"]), (b"API imported successfully.", "text/plain; charset=UTF-8"))
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/admin-Plain-1.0.0")).json["status"], "CREATED")
        self.assertEqual(self.ok(self.tool_import(archive("Plain-1.0.0/", minimal("Plain"))), 500).body,
                         b"A duplicate API already exists for Plain-1.0.0")
        self.ok(self.tool_import(archive("Nobody-1.0.0/", minimal("Nobody")), headers={}), 401)
        self.ok(self.tool_import(b"PK\3\4 no zip"), 400)
        self.ok(self.tool.send("POST", TOOL + "/import-api", b"x", dict(self.login)), 400)
        self.ok(self.rest.publisher("GET", "/apis/admin-Nobody-1.0.0"), 404)

    def test_tool_updates(self):
        """PUT /{apiID}, as later tools of 2.6 have it."""
        put = lambda identifier, content, headers=self.login: self.tool.upload(
            "PUT", TOOL + "/" + identifier, "file", "api.zip", content, "application/zip", headers=headers)
        for name in ("Renewed", "Bystander"):
            self.ok(self.tool_import(archive(name + "-1.0.0/", minimal(name))), 201)
        before = self.ok(self.rest.publisher("GET", "/apis/admin-Renewed-1.0.0")).json
        files = minimal("Renewed")
        meta = json.loads(files["Meta-information/api.json"])
        files["Meta-information/api.json"] = json.dumps(dict(meta, description="renewed")).encode()
        renewed = archive("Renewed-1.0.0/", files)
        self.assertEqual(self.ok(put("admin-Renewed-1.0.0", renewed)).body, b"API updated successfully.")
        after = self.ok(self.rest.publisher("GET", "/apis/" + before["id"])).json
        self.assertEqual((after["id"], after["description"], after["status"]), (before["id"], "renewed", before["status"]))
        self.ok(put(before["id"], renewed))
        self.assertIn(b"and not Bystander-1.0.0", self.ok(put("admin-Bystander-1.0.0", renewed), 400).body)
        self.ok(put("admin-No-1.0.0", archive("No-1.0.0/", minimal("No"))), 404)
        self.ok(put("", renewed), 404)
        self.ok(put("a/b", renewed), 404)
        self.ok(put(before["id"], renewed, headers={}), 401)
        self.ok(self.rest.publisher("GET", "/apis/admin-No-1.0.0"), 404)

    def test_shaped_by_wso2(self):
        foreign = wso2_archive()
        self.assertIn("Tenant mismatch!", self.ok(self.import_(self.rest, foreign), 400).json["description"])
        imported = self.ok(self.tool_import(foreign, "?preserveProvider=false"), 201)
        lines = imported.body.decode().split("\n")
        self.assertEqual(lines[0], "API imported successfully.")
        for words in ("Surprise/file.bin", "debug_in_flow", "my_fault", "WSDL", "password"):
            self.assertTrue(any(words in line for line in lines[1:]), lines)
        api = self.ok(self.rest.publisher("GET", "/apis/admin-PizzaShackAPI-1.0.0")).json
        expected = {"description": "Orders pizzas & more", "context": "/pizzashack", "status": "CREATED", "visibility": "RESTRICTED",
                    "visibleRoles": ["chef", "waiter"], "transport": ["http", "https"], "tags": ["pizza", "food"],
                    "responseCaching": "Enabled", "cacheTimeout": 60, "isDefaultVersion": True}
        self.assertEqual({name: api[name] for name in expected}, expected)
        self.assertIn("Unlimited", api["tiers"])
        self.assertEqual(self.ok(self.rest.publisher("GET", api["thumbnailUri"])).body, PNG)
        documents = self.ok(self.rest.publisher("GET", "/apis/%s/documents" % api["id"])).json["list"]
        self.assertEqual([(item["name"], item["sourceType"], item["visibility"]) for item in documents],
                         [("HowTo", "INLINE", "API_LEVEL"), ("Menu", "FILE", "PRIVATE"), ("Old", "FILE", "API_LEVEL"),
                          ("Site", "URL", "API_LEVEL")])
        contents = [self.rest.publisher("GET", "/apis/%s/documents/%s/content" % (api["id"], item["documentId"])).body
                    for item in documents[:3]]
        self.assertEqual(contents, ["With both hands: \u00e4\u00df".encode(), b"Margherita", b"as 1.10 had it"])

    def test_refused_whole(self):
        """A scope that is taken is found before anything of the API is there; so is a state without an endpoint."""
        self.make_whole("Holder")
        files = minimal("Taker")
        files["Meta-information/swagger.json"] = json.dumps(SCOPED).replace("order_pizza", "holder_order")
        self.assertIn("Scope holder_order is already assigned", self.ok(
            self.import_(self.rest, archive("Taker-1.0.0/", files)), 409).json["description"])
        self.ok(self.import_(self.rest, archive("Bare-1.0.0/", minimal("Bare", endpointConfig=None, status="PUBLISHED"))), 400)
        self.ok(self.import_(self.rest, archive("Odd-1.0.0/", minimal("Odd", status="FLYING"))), 400)
        for name in ("Taker", "Bare", "Odd"):
            self.ok(self.rest.publisher("GET", "/apis/admin-%s-1.0.0" % name), 404)
        dry = self.rest.upload("POST", ADMIN, "file", "a.zip", archive("Dry-1.0.0/", minimal("Dry")), headers={"X-APIM-Dry-Run": "true"})
        self.assertEqual(self.ok(dry, 201).json["name"], "Dry")
        self.ok(self.rest.publisher("GET", "/apis/admin-Dry-1.0.0"), 404)

    def test_overwrite(self):
        """An API that is there becomes what the archive says; who is subscribed stays, and so do its id and its documents' ids."""
        made = self.make_whole("Again")
        exported = self.ok(self.export(self.rest, "Again")).body
        before, path = self.all_of(self.rest, made), "/apis/" + made
        documents = {item["name"]: item["documentId"] for item in self.ok(self.rest.publisher("GET", path + "/documents")).json["list"]}
        app = self.ok(self.rest.store("POST", "/applications", {"name": "Again", "throttlingTier": "Unlimited"}), 201)
        self.ok(self.rest.store("POST", "/subscriptions", {"applicationId": app.id, "apiIdentifier": made, "tier": "Unlimited"}), 201)
        api = self.ok(self.rest.publisher("GET", path)).json
        self.ok(self.rest.publisher("PUT", path, dict(api, description="changed", tags=[])))
        self.ok(self.rest.publisher("DELETE", path + "/documents/" + documents["Link"]))
        self.ok(publish(self.rest, made, "Block"))
        self.ok(self.import_(self.rest, exported), 409)
        again = self.ok(self.import_(self.rest, exported, "?overwrite=true"), 201).json
        self.assertEqual((again["id"], again["status"], again["warnings"]), (made, "PUBLISHED", []))
        self.assertEqual(self.all_of(self.rest, made), before)
        now = {item["name"]: item["documentId"] for item in self.ok(self.rest.publisher("GET", path + "/documents")).json["list"]}
        self.assertEqual((now["Text"], now["File"]), (documents["Text"], documents["File"]))
        self.assertEqual(self.ok(self.rest.publisher("GET", "/subscriptions?apiId=" + made)).json["count"], 1)
        self.assertEqual(self.ok(self.export(self.rest, "Again")).body, exported)

    def test_hostile(self):
        good = minimal("Hostile")
        bomb = dict(good, **{"Docs/FileContents/zeros": b"\0" * (70 << 20)})
        cases = [archive("Hostile-1.0.0/", dict(good, **{name: "x"})) for name in (
            "../../../etc/cron.d/x", "Docs/../../x", "/etc/passwd", "Docs\\..\\x", "Meta-information/API.JSON")]
        cases += [archive("/Hostile-1.0.0/", good), archive("../", good), archive("Hostile-1.0.0/", bomb), b"", b"PK\5\6" + bytes(18)]
        for content in cases:
            self.ok(self.import_(self.rest, content), 400)
        self.ok(self.rest.publisher("GET", "/apis/admin-Hostile-1.0.0"), 404)
        for body, content_type in ((b"x", "application/zip"), (b"{}", "application/json")):
            self.ok(self.rest.send("POST", ADMIN, body, {"Content-Type": content_type}), 415)
        self.ok(self.rest.upload("POST", ADMIN, "other", "a.zip", b""), 400)

    def test_large(self):
        """Over MaxHttpBody and under MaxArchive, on these paths only."""
        files = dict(minimal("Large"))
        names = ["file%d" % number for number in range(3)]
        files["Docs/docs.json"] = json.dumps([{"name": name, "type": "SAMPLES", "sourceType": "FILE", "filePath": name} for name in names])
        contents = {name: os.urandom(5 << 20) for name in names}
        files.update(("Docs/FileContents/" + name, content) for name, content in contents.items())
        content = archive("Large-1.0.0/", files)
        self.assertGreater(len(content), 15 << 20)
        made = self.ok(self.import_(self.rest, content), 201).json
        self.assertEqual(made["warnings"], [])
        documents = self.ok(self.rest.publisher("GET", "/apis/%s/documents" % made["id"])).json["list"]
        read = {item["name"]: self.rest.publisher("GET", "/apis/%s/documents/%s/content" % (made["id"], item["documentId"])).body
                for item in documents}
        self.assertTrue(read == contents)
        first = self.ok(self.export(self.rest, "Large")).body
        self.assertTrue(first == self.ok(self.export(self.rest, "Large")).body)
        self.ok(self.rest.upload("POST", "/api/am/publisher/v0.14/apis/%s/thumbnail" % made["id"], "file", "a", content), 413)
        too_much = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str((64 << 20) + 1)}
        self.ok(self.rest.send("POST", ADMIN, b"", too_much), 413)

    def test_who_may(self):
        narrow = Rest.login(self.node, scope="apim:api_view apim:api_create apim:api_publish")
        content = archive("Forbidden-1.0.0/", minimal("Forbidden"))
        self.ok(self.import_(narrow, content), 403)
        self.ok(self.export(narrow, "Forbidden"), 403)
        self.ok(self.import_(Rest(self.node), content), 401)
        self.ok(self.export(self.rest, "Forbidden"), 404)
        self.ok(self.export(self.rest, "Forbidden", providerName="dave@example.com"), 403)
        self.ok(self.rest.admin("GET", "/export/api?name=x"), 400)

    def app_export(self, rest, name, **query):
        return rest.admin("GET", "/export/applications?" + urllib.parse.urlencode(dict({"appName": name, "appOwner": "admin"}, **query)))

    def app_import(self, rest, content, **query):
        return self.import_(rest, content, "?" + urllib.parse.urlencode(query), ADMIN.replace("/import/api", "/import/applications"))

    def test_applications(self):
        """From one node to another, where one of its two APIs is not."""
        apis = [self.ok(self.rest.publisher("POST", "/apis", pizza(name, context="/" + name.lower())), 201).id for name in ("Here", "Both")]
        there = self.ok(self.there.publisher("POST", "/apis", pizza("Both", context="/both")), 201).id
        for rest, api in ((self.rest, apis[0]), (self.rest, apis[1]), (self.there, there)):
            self.ok(publish(rest, api))
        app = self.ok(self.rest.store("POST", "/applications", {
            "name": "Ph\u00f6ne", "throttlingTier": "Unlimited", "description": "d", "callbackUrl": "https://a.example/cb"}), 201)
        for api in apis:
            self.ok(self.rest.store("POST", "/subscriptions", {"applicationId": app.id, "apiIdentifier": api, "tier": "Unlimited"}), 201)
        exported = self.ok(self.app_export(self.rest, "Ph\u00f6ne"))
        self.assertEqual(exported.headers["Content-Type"], "application/zip")
        self.assertEqual(self.ok(self.app_export(self.rest, "Ph\u00f6ne")).body, exported.body)
        files = zipfile.ZipFile(io.BytesIO(exported.body))
        self.assertEqual(files.namelist(), ["Ph\u00f6ne/Ph\u00f6ne.json"])
        self.assertEqual([item["apiId"]["apiName"] for item in json.loads(files.read(files.namelist()[0]))["subscribedAPIs"]], ["Both", "Here"])
        made = self.ok(self.app_import(self.there, exported.body), 201).json
        self.assertEqual({name: made[name] for name in ("name", "subscriber", "description", "callbackUrl", "status")},
                         {"name": "Ph\u00f6ne", "subscriber": "admin", "description": "d", "callbackUrl": "https://a.example/cb", "status": "APPROVED"})
        self.assertEqual(len(made["warnings"]), 1, made)
        self.assertIn("Here-1.0.0", made["warnings"][0])
        listed = self.ok(self.there.store("GET", "/subscriptions?applicationId=" + made["applicationId"])).json["list"]
        self.assertEqual([item["apiIdentifier"] for item in listed], ["admin-Both-1.0.0"])
        seen = self.ok(self.there.publisher("GET", "/applications/" + made["applicationId"])).json
        self.assertEqual((seen["name"], seen["subscriber"], seen["throttlingTier"]), ("Ph\u00f6ne", "admin", "Unlimited"))
        self.ok(self.app_import(self.there, exported.body), 409)
        again = self.ok(self.app_import(self.there, exported.body, update="true"), 201).json
        self.assertEqual(again["applicationId"], made["applicationId"])
        self.ok(self.app_import(self.there, exported.body, appOwner="nobody"), 404)
        self.ok(self.app_import(self.there, exported.body, appOwner="dave@example.com"), 403)
        self.ok(self.app_import(self.there, b"PK", update="true"), 400)
        self.ok(self.app_import(self.there, exported.body, update="maybe"), 400)
        self.ok(self.app_import(Rest.login(self.other, scope="apim:subscribe"), exported.body), 403)
        self.ok(self.app_export(self.rest, "Ph\u00f6ne", withKeys="true"), 400)
        self.ok(self.app_export(self.rest, "No"), 404)
        lonely = self.ok(self.rest.store("POST", "/applications", {"name": "Lonely", "throttlingTier": "Unlimited"}), 201)
        self.ok(self.rest.publisher("GET", "/applications/" + lonely.id), 404)
