"""Applications over the store API of REST v0.14, with a token that a script gets as the guides say, and what waits for
approval over the admin API."""

import concurrent.futures
import sqlite3
import time
import uuid

from harness import IntegrationTest, MARIADB, SQLITE
from rest import Rest, RestTest
from world import SUPER_TENANT


class Applications(RestTest):
    def create(self, name, **members):
        return self.ok(self.rest.store("POST", "/applications", dict(name=name, throttlingTier="Unlimited", **members)), 201)

    def test_life(self):
        created = self.create("CalculatorApp", description="a \"d\"\n\u00e9", callbackUrl="https://a.example/cb", groupId="")
        self.assertEqual(created.headers["Location"], "https://127.0.0.1:%d/api/am/store/v0.14/applications/%s" % (
            self.node.https_port, created.json["applicationId"]))
        self.assertEqual({name: created.json[name] for name in ("name", "subscriber", "throttlingTier", "description",
                                                               "status", "groupId", "callbackUrl", "keys")},
                         {"name": "CalculatorApp", "subscriber": "admin", "throttlingTier": "Unlimited",
                          "description": "a \"d\"\n\u00e9", "status": "APPROVED", "groupId": "",
                          "callbackUrl": "https://a.example/cb", "keys": []})
        path = "/applications/" + created.id
        read = self.ok(self.rest.store("GET", path))
        self.assertEqual(read.json, created.json)
        self.ok(self.rest.store("GET", path, headers={"If-None-Match": read.headers["ETag"]}), 304)
        listed = self.ok(self.rest.store("GET", "/applications?query=Calc")).json
        self.assertEqual([item["applicationId"] for item in listed["list"]], [created.id])
        updated = self.ok(self.rest.store("PUT", path, dict(read.json, name="Renamed")))
        self.assertEqual((updated.json["name"], updated.json["description"]), ("Renamed", "a \"d\"\n\u00e9"))
        for version in ("v0.11", "v0.12", "v0.13"):
            self.assertEqual(self.ok(self.rest.store("GET", path, version=version)).json, updated.json)
        self.ok(self.rest.store("DELETE", path))
        self.ok(self.rest.store("GET", path), 404)
        self.ok(self.rest.store("DELETE", path), 404)

    def test_refusals(self):
        self.create("Taken")
        self.ok(self.rest.store("POST", "/applications", {"name": "Taken", "throttlingTier": "Unlimited"}), 409)
        for body, fields in (({"throttlingTier": "Unlimited"}, ["name"]), ({"name": 5, "description": []}, ["name", "description"]),
                             ({"name": "T", "throttlingTier": "NoSuchTier"}, ["throttlingTier"]),
                             ({"name": "x" * 101, "throttlingTier": "Unlimited"}, ["name"])):
            answer = self.ok(self.rest.store("POST", "/applications", body), 400)
            self.assertEqual([detail["code"] for detail in answer.json["error"]], fields, answer)
        json_type = {"Content-Type": "application/json"}
        for body in ("", "{", "[]", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"\\ud800\"}", "{} {}", "[" * 1000):
            self.ok(self.rest.store("POST", "/applications", body, json_type), 400)
        self.ok(self.rest.store("POST", "/applications", "name=x", {"Content-Type": "application/x-www-form-urlencoded"}), 415)
        self.ok(self.rest.store("POST", "/applications", b"{" + b" " * (11 << 20) + b"}", json_type), 413)
        for identifier in (str(uuid.uuid4()), "x", "%27%20OR%201=1", "-1"):
            self.ok(self.rest.store("GET", "/applications/" + identifier), 404)
        for query in ("limit=0", "limit=x", "offset=-1", "limit=1e3"):
            self.ok(self.rest.store("GET", "/applications?" + query), 400)
        self.ok(Rest(self.node).store("GET", "/applications"), 401)
        self.ok(Rest.login(self.node, scope="apim:api_view").store("GET", "/applications"), 403)

    def test_two_at_once(self):
        """Who changes what another one changed meanwhile is told so; of several who take one name one gets it."""
        path = "/applications/" + self.create("Shared").id
        seen = self.ok(self.rest.store("GET", path))
        tag = {"If-Match": seen.headers["ETag"]}
        first = self.ok(self.rest.store("PUT", path, dict(seen.json, description="first"), tag))
        self.ok(self.rest.store("PUT", path, dict(seen.json, description="second"), tag), 412)
        self.ok(self.rest.store("DELETE", path, headers=tag), 412)
        now = self.ok(self.rest.store("GET", path))
        self.assertEqual((now.json["description"], now.headers["ETag"]), ("first", first.headers["ETag"]))
        self.ok(self.rest.store("DELETE", path, headers={"If-Match": now.headers["ETag"]}))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: self.rest.store("POST", "/applications", {
                "name": "Race", "throttlingTier": "Unlimited"}), range(4)))
        self.assertEqual(sorted(answer.status for answer in answers), [201, 409, 409, 409], answers)

    def test_dry_run(self):
        dry = {"X-APIM-Dry-Run": "true"}
        self.ok(self.rest.store("POST", "/applications", {"name": "Dry", "throttlingTier": "Unlimited"}, dry), 201)
        self.assertEqual(self.ok(self.rest.store("GET", "/applications?query=Dry")).json["count"], 0)
        kept = "/applications/" + self.create("Wet").id
        self.ok(self.rest.store("DELETE", kept, headers=dry))
        self.ok(self.rest.store("GET", kept))

    def test_pages(self):
        for number in range(5):
            self.create("Paged%d" % number)
        path, names, previous = "/applications?limit=2&query=Paged", [], None
        while path:
            page = self.ok(self.rest.store("GET", path)).json
            names += [item["name"] for item in page["list"]]
            self.assertEqual(page["count"], len(page["list"]))
            self.assertEqual(page["pagination"]["total"], 5)
            path, previous = page["next"], page["previous"]
        self.assertEqual(names, ["Paged%d" % number for number in range(5)])
        self.assertEqual(previous, "/applications?limit=2&offset=2&query=Paged")

    def test_approval(self):
        """A task that a WSO2 node left in the database is seen, decided once, and its application follows."""
        created = self.create("Waiting")
        apimgt, reference = self.node.open_databases()[0], str(uuid.uuid4())
        apimgt.execute("UPDATE AM_APPLICATION SET APPLICATION_STATUS = 'CREATED' WHERE UUID = ?", [created.id])
        number = self.number_of(created.id)
        apimgt.insert("AM_WORKFLOWS", [dict(
            WF_REFERENCE=str(number), WF_TYPE="AM_APPLICATION_CREATION", WF_STATUS="CREATED",
            WF_CREATED_TIME=apimgt.time(time.time()), WF_UPDATED_TIME=apimgt.time(time.time()), WF_STATUS_DESC="please",
            TENANT_ID=SUPER_TENANT, TENANT_DOMAIN="carbon.super", WF_EXTERNAL_REFERENCE=reference)])
        listed = self.ok(self.rest.admin("GET", "/workflows?status=CREATED")).json
        self.assertEqual([(item["externalRef"], item["type"]) for item in listed["list"]],
                         [(reference, "AM_APPLICATION_CREATION")])
        self.assertEqual(self.ok(self.rest.admin("GET", "/workflows/" + reference)).json["status"], "CREATED")
        update = "/workflows/update-workflow-status?workflowReferenceId="
        self.ok(self.rest.publisher("POST", update + reference, {"status": "MAYBE"}), 400)
        self.ok(self.rest.publisher("POST", update + str(uuid.uuid4()), {"status": "APPROVED"}), 404)
        self.ok(self.rest.store("GET", "/applications"), 200)
        decided = self.ok(self.rest.publisher("POST", update + reference, {"status": "APPROVED", "description": "fine"}))
        self.assertEqual(decided.json["status"], "APPROVED")
        self.ok(self.rest.admin("POST", update + reference, {"status": "APPROVED"}))  # decided already: nothing changes
        self.ok(self.rest.admin("POST", update + reference, {"status": "REJECTED"}), 409)
        self.assertEqual(self.ok(self.rest.store("GET", "/applications/" + created.id)).json["status"], "APPROVED")
        self.ok(Rest.login(self.node, scope="apim:subscribe").admin("GET", "/workflows"), 403)

    def number_of(self, application):
        apimgt = self.node.open_databases()[0]
        if self.database == MARIADB:
            return int(apimgt.run("SELECT APPLICATION_ID FROM AM_APPLICATION WHERE UUID = '%s'" % application).strip())
        with sqlite3.connect(apimgt.path) as connection:
            return connection.execute("SELECT APPLICATION_ID FROM AM_APPLICATION WHERE UUID = ?", [application]).fetchone()[0]


class Approval(IntegrationTest):
    """Where api-manager.xml says so, applications wait for an administrator."""
    databases = (SQLITE, MARIADB)

    def test_application(self):
        node = self.new_node(apimd="<WorkflowApplicationCreation>approval</WorkflowApplicationCreation>")
        self.addCleanup(node.kill)
        node.prepare(populate=False).start()
        rest = Rest.login(node)
        created = rest.store("POST", "/applications", {"name": "Waiting", "throttlingTier": "Unlimited"})
        self.assertEqual((created.status, created.json["status"]), (201, "CREATED"), created)
        refused = rest.store("PUT", "/applications/" + created.id, dict(created.json, description="changed"))
        self.assertEqual(refused.status, 409, refused)
        tasks = rest.admin("GET", "/workflows?status=CREATED").json["list"]
        self.assertEqual([task["type"] for task in tasks], ["AM_APPLICATION_CREATION"])
        decided = rest.admin("POST", "/workflows/update-workflow-status?workflowReferenceId=" + tasks[0]["externalRef"],
                             {"status": "REJECTED", "description": "too many"})
        self.assertEqual(decided.status, 200, decided)
        self.assertEqual(rest.store("GET", "/applications/" + created.id).json["status"], "REJECTED")
        node.stop()
