"""apimctl db import-registry: what WSO2's registry has of the APIs, in our Publisher and Store; read with an account that may do no more."""

import json

import mariadb
from harness import MARIADB
from node import DATA_SOURCE_XML
from registry import REGISTRY_XML, Registry, artifact
from rest import Rest, RestTest
from test_rest_publisher import ENDPOINT, PNG, publish

WEATHER = "0f8fad5b-d9cb-469f-a165-70867728950e"
DEFINITION = json.dumps({"swagger": "2.0", "info": {"title": "Weather", "version": "1.0.0"}, "paths": {
    "/report": {"post": {"summary": "Tell the weather", "responses": {}}}}})
OVERVIEW = dict(
    context="/weather/1.0.0", contextTemplate="/weather", description="Rain & sun", visibility="public", tier="Gold||Unlimited",
    transports="http,https", endpointConfig=ENDPOINT, endpointSecured="true", endpointAuthDigest="false",
    endpointUsername="ann", endpointPpassword="*****", businessOwner="Ann", businessOwnerEmail="ann@example.com",
    technicalOwner="Tim", subscriptionAvailability="current_tenant", responseCaching="Enabled", cacheTimeout="60",
    implementation="ENDPOINT", productionTps="10", isLatest="true", isDefaultVersion="false", environments="Production and Sandbox",
    corsConfiguration=json.dumps({"corsConfigurationEnabled": True, "accessControlAllowOrigins": ["https://a.example"],
                                  "accessControlAllowCredentials": True, "accessControlAllowHeaders": ["X-A"],
                                  "accessControlAllowMethods": ["GET"]}))


def add_api(database, number, name, version, context, state="PUBLISHED"):
    """As the Publisher of WSO2 leaves it in AM_*."""
    database.insert_all([
        ("AM_API", dict(API_ID=number, API_PROVIDER="admin", API_NAME=name, API_VERSION=version, CONTEXT=context + "/" + version,
                        CONTEXT_TEMPLATE=context, CREATED_BY="admin", CREATED_TIME=database.time(1500000000),
                        UPDATED_TIME=database.time(1500000000))),
        ("AM_API_URL_MAPPING", dict(API_ID=number, HTTP_METHOD="POST", AUTH_SCHEME="Any", URL_PATTERN="/report",
                                    THROTTLING_TIER="Unlimited")),
        ("AM_API_LC_EVENT", dict(API_ID=number, PREVIOUS_STATE=None, NEW_STATE=state, USER_ID="admin", TENANT_ID=-1234,
                                 EVENT_DATE=database.time(1500000000)))])


class RegistryWorld:
    """regdb with two APIs, one of which AM_API does not have; and a node's home that names it."""

    def __init__(self, node, apimgt):
        server = mariadb.shared_server()
        self.registry = Registry(server.new_databases()[1])
        server.run("CREATE OR REPLACE USER 'reader'@'127.0.0.1' IDENTIFIED BY '%s'; GRANT SELECT ON `%s`.* TO 'reader'@'127.0.0.1'"
                   % (server.password, self.registry.database.name))
        sources = "repository/conf/datasources/master-datasources.xml"
        node.write(sources, node.read(sources).replace("</datasources>", DATA_SOURCE_XML.format(
            name="WSO2REG_DB", port=server.port, database=self.registry.database.name, user="reader", password=server.password)
            + "</datasources>"), mode=0o600)
        node.write("repository/conf/registry.xml", REGISTRY_XML)
        folder, self.weather = self.registry.api("admin", "Weather", "1.0.0", tags=("sun", "rain"), definition=DEFINITION,
                                                 picture=PNG, number=WEATHER, status="PUBLISHED", **OVERVIEW)
        self.registry.document(folder, "Guide", "Look up.", type="How To", sourceType="INLINE", summary="Begin",
                               visibility="API_LEVEL", sourceURL=" ")
        self.registry.document(folder, "Manual", b"%PDF", type="Other", otherTypeName="Book", sourceType="FILE",
                               filePath="/registry/resource%s/documentation/files/m.pdf" % folder, visibility="API_LEVEL")
        self.registry.api("admin", "Ghost", "1", **OVERVIEW)
        add_api(apimgt, 500, "Weather", "1.0.0", "/weather")
        add_api(apimgt, 501, "Alone", "1.0.0", "/alone")


class Import(RestTest):
    databases = (MARIADB,)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = RegistryWorld(cls.node, cls.node.databases[0])

    def import_registry(self, *arguments, status=0):
        result = self.node.ctl("db", "import-registry", "--home", self.node.home, "-o", "json", *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        return {api["name"]: api for api in json.loads(result.stdout)["apis"]}

    def results(self, *arguments):
        return {name: api["result"] for name, api in self.import_registry(*arguments).items()}

    def test_1_plan(self):
        before = self.world.registry.everything()
        self.assertEqual(self.results("--dry-run"), {"Weather": "taken", "Ghost": "no API", "Alone": "no artifact"})
        self.ok(self.rest.publisher("GET", "/apis/" + WEATHER), 404)
        asked = self.node.ctl("db", "import-registry", "--home", self.node.home)
        self.assertEqual(asked.returncode, 2, asked.stderr)  # nobody is there to say yes
        self.assertEqual(self.world.registry.everything(), before)

    def test_2_import(self):
        before = self.world.registry.everything()
        done = self.import_registry("--yes")
        self.assertEqual({name: api["result"] for name, api in done.items()},
                         {"Weather": "taken", "Ghost": "no API", "Alone": "no artifact"})
        self.assertEqual(set(done["Weather"]["taken"]), {"artifact", "2 tags", "OpenAPI document", "picture", 'document "Guide"',
                                                         'document "Manual"'})
        self.assertEqual([note for note in done["Weather"]["notes"] if "password" not in note], [])
        self.assertEqual(self.world.registry.everything(), before)
        api = self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json
        self.assertEqual(
            {name: api[name] for name in ("name", "version", "provider", "context", "description", "status", "visibility", "tags",
                                          "tiers", "transport", "responseCaching", "cacheTimeout", "subscriptionAvailability")},
            {"name": "Weather", "version": "1.0.0", "provider": "admin", "context": "/weather", "description": "Rain & sun",
             "status": "PUBLISHED", "visibility": "PUBLIC", "tags": ["rain", "sun"], "tiers": ["Gold", "Unlimited"],
             "transport": ["http", "https"], "responseCaching": "Enabled", "cacheTimeout": 60,
             "subscriptionAvailability": "current_tenant"})
        self.assertEqual(json.loads(api["endpointConfig"]), json.loads(ENDPOINT))
        self.assertEqual(api["endpointSecurity"], {"type": "basic", "username": "ann", "password": ""})
        self.assertEqual(api["maxTps"]["production"], 10)
        self.assertEqual(api["businessInformation"]["technicalOwner"], "Tim")
        self.assertEqual(api["corsConfiguration"]["accessControlAllowOrigins"], ["https://a.example"])
        definition = self.ok(self.rest.publisher("GET", "/apis/%s/swagger" % WEATHER)).json
        self.assertEqual(definition["paths"]["/report"]["post"]["summary"], "Tell the weather")

    def test_3_store(self):
        nobody = Rest(self.node)
        found = self.ok(nobody.store("GET", "/apis?query=name:Weather")).json["list"]
        self.assertEqual([(api["id"], api["status"]) for api in found], [(WEATHER, "PUBLISHED")])
        self.assertEqual(self.ok(nobody.store("GET", "/apis/%s/thumbnail" % WEATHER)).body, PNG)
        documents = {one["name"]: one for one in self.ok(nobody.store("GET", "/apis/%s/documents" % WEATHER)).json["list"]}
        self.assertEqual({name: one["type"] for name, one in documents.items()}, {"Guide": "HOWTO", "Manual": "OTHER"})
        contents = [self.ok(nobody.store("GET", "/apis/%s/documents/%s/content" % (WEATHER, documents[name]["documentId"]))).body
                    for name in ("Guide", "Manual")]
        self.assertEqual(contents, [b"Look up.", b"%PDF"])

    def test_4_again(self):
        self.assertEqual(self.results("--yes")["Weather"], "unchanged")
        api = self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json
        self.world.registry.replace(self.world.weather, artifact(provider="admin", name="Weather", version="1.0.0",
                                                                 **dict(OVERVIEW, description="Snow")))
        self.assertEqual(self.results("--yes")["Weather"], "refreshed")
        changed = self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json
        self.assertEqual(dict(changed, description="Rain & sun"), api)
        self.assertEqual(changed["description"], "Snow")

    def test_5_work(self):
        """It is an API like any other; what was changed here stays."""
        api = self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json
        api.update(description="Fog", endpointSecurity={"type": "basic", "username": "ann", "password": "new"})
        self.ok(self.rest.publisher("PUT", "/apis/" + WEATHER, api))
        self.assertEqual(self.ok(publish(self.rest, WEATHER, "Block")).json["status"], "BLOCKED")
        self.assertEqual(self.ok(publish(self.rest, WEATHER, "Re-Publish")).json["status"], "PUBLISHED")
        self.assertEqual(self.results("--yes")["Weather"], "unchanged")
        self.world.registry.replace(self.world.weather, artifact(provider="admin", name="Weather", version="1.0.0",
                                                                 **dict(OVERVIEW, description="Hail")))
        self.assertEqual(self.results("--yes")["Weather"], "kept")
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json["description"], "Fog")
        self.assertEqual(self.results("--yes", "--overwrite")["Weather"], "refreshed")
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json["description"], "Hail")

    def test_6_bad(self):
        """An artifact that is none is told; a database that is none, and words that are wrong, too."""
        self.world.registry.replace(self.world.weather, '<!DOCTYPE metadata [<!ENTITY x "y">]><metadata>&x;</metadata>')
        self.assertEqual(self.import_registry("--yes", status=7)["Weather"]["result"], "failed")
        self.assertEqual(self.ok(self.rest.publisher("GET", "/apis/" + WEATHER)).json["description"], "Hail")
        for arguments, status, word in ((("--tenant", "nowhere.example"), 3, "nowhere.example"),
                                        (("--governance", "x"), 2, "governance"),
                                        (("--url", "sqlite:" + self.node.path("nothing.sqlite")), 10, "nothing.sqlite")):
            result = self.node.ctl("db", "import-registry", "--home", self.node.home, "--yes", *arguments)
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertIn(word, result.stderr)
