"""Throttling policies, block conditions and tiers over REST v0.14, with the requests of WSO2's own documentation, up to what the
Key Manager says of a subscription."""

import concurrent.futures
import json
import subprocess
import uuid

import wire
from harness import IntegrationTest, MARIADB, SQLITE
from rest import Rest, RestTest, basic
from test_rest_publisher import pizza
from world import Key, TENANT

LIMIT = {"type": "RequestCountLimit", "timeUnit": "min", "unitTime": 1}
# admin-api.yaml v0.14, x-wso2-request: what is sent, and what comes back beside policyId.
PLATINUM = {"policyName": "Platinum", "displayName": "Platinum", "description": "Allows 4000 requests per minute",
            "defaultLimit": dict(LIMIT, requestCount=4000), "rateLimitCount": -1, "rateLimitTimeUnit": "NA",
            "customAttributes": [{"name": "customAttr1", "value": "value1"}, {"name": "customAttr2", "value": "value2"}],
            "stopOnQuotaReach": True, "billingPlan": "COMMERCIAL"}
ONE_PER_MINUTE = {"policyName": "1PerMin", "displayName": "1PerMin", "description": "Allows 1 request per minute",
                  "defaultLimit": dict(LIMIT, requestCount=1)}
NOTHING = {"type": "RequestCountLimit", "timeUnit": "sec", "unitTime": 60, "requestCount": 0}
GROUPED = {
    "policyName": "100KBP2Min", "displayName": "100KBP2Min", "description": "description of the policy",
    "defaultLimit": {"type": "BandwidthLimit", "timeUnit": "min", "unitTime": 2, "dataAmount": 100, "dataUnit": "KB"},
    "conditionalGroups": [
        {"description": "Sample description about condition group", "limit": NOTHING, "conditions": [
            {"type": "IPCondition", "invertCondition": False, "ipConditionType": "IPSpecific", "specificIP": "10.100.1.22",
             "startingIP": None, "endingIP": None},
            {"type": "HeaderCondition", "invertCondition": False, "headerName": "Location", "headerValue": "google.com"},
            {"type": "HeaderCondition", "invertCondition": False, "headerName": "Host", "headerValue": "10.100.7.77"},
            {"type": "QueryParameterCondition", "invertCondition": False, "parameterName": "name", "parameterValue": "admin"},
            {"type": "QueryParameterCondition", "invertCondition": False, "parameterName": "lastAccess",
             "parameterValue": "25-02-2016"},
            {"type": "JWTClaimsCondition", "invertCondition": True, "claimUrl": "claimUrl0", "attribute": "claimAttr0"},
            {"type": "JWTClaimsCondition", "invertCondition": True, "claimUrl": "claimUrl1", "attribute": "claimAttr"}]},
        {"description": "Sample description about condition group", "limit": NOTHING, "conditions": [
            {"type": "IPCondition", "invertCondition": True, "ipConditionType": "IPRange", "specificIP": None,
             "startingIP": "0.0.0.0", "endingIP": "1.1.1.1"}]}]}
CUSTOM = {"policyName": "custom1", "description": "Allow 10 requests per minute for admin user", "keyTemplate": "$userId",
          "siddhiQuery": "FROM RequestStream\nSELECT userId, ( userId == 'admin@carbon.super' ) AS isEligible ,"
                         " str:concat('admin@carbon.super','') as throttleKey\nINSERT INTO EligibilityStream; \n"}
EXAMPLES = {"subscription": PLATINUM, "application": ONE_PER_MINUTE, "advanced": GROUPED, "custom": CUSTOM}
FIRST = {"subscription": ["Gold", "Silver", "Bronze", "Unauthenticated", "Unlimited"],
         "application": ["50PerMin", "20PerMin", "10PerMin", "Unlimited"],
         "advanced": ["50KPerMin", "20KPerMin", "10KPerMin", "Unlimited"], "custom": []}


def validation_status(node, token, context, version="1.0.0"):
    """What the Key Manager says of a call; 0: it is allowed."""
    connection = wire.Connection(node)
    try:
        return connection.call(wire.validate_key(node.login(), Key(token, context, version, "/menu", "GET"))).success().get(8, 0)
    finally:
        connection.close()


class Policies(RestTest):
    def curl(self, method, path, body=None, status=200):
        """As WSO2's documentation writes it: the answer's JSON, or None."""
        words = ["curl", "-k", "-s", "-X", method, "-H", "Authorization: Bearer " + self.rest.token, "-o", "-", "-w", "\n%{http_code}",
                 "https://127.0.0.1:%d/api/am/admin/v0.14%s" % (self.node.https_port, path)]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", "@" + self.node.write("data.json", json.dumps(body))]
        text, code = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout.rsplit("\n", 1)
        self.assertEqual(int(code), status, text)
        return json.loads(text) if text else None

    def test_first_ones(self):
        for kind, names in FIRST.items():
            listed = self.curl("GET", "/throttling/policies/" + kind)
            self.assertEqual(sorted(listed), ["count", "list"])
            found = [policy["policyName"] for policy in listed["list"] if policy["policyName"] in names]
            self.assertEqual(found, names)
        gold = self.curl("GET", "/throttling/policies/subscription")["list"][0]
        self.assertEqual(gold, {
            "policyId": gold["policyId"], "policyName": "Gold", "displayName": "Gold", "description": "Allows 5000 requests per minute",
            "isDeployed": True, "defaultLimit": dict(LIMIT, requestCount=5000), "rateLimitCount": 0, "rateLimitTimeUnit": None,
            "customAttributes": [], "stopOnQuotaReach": True, "billingPlan": "FREE"})
        uuid.UUID(gold["policyId"])
        self.ok(self.rest.admin("GET", "/throttling/policies/nothing"), 404)

    def test_life(self):
        for kind, example in EXAMPLES.items():
            with self.subTest(kind):
                collection = "/throttling/policies/" + kind
                created = self.curl("POST", collection, example, 201)
                path = collection + "/" + created["policyId"]
                expected = dict(example, policyId=created["policyId"], isDeployed=False)
                if kind == "custom":
                    expected["displayName"] = None
                self.assertEqual(created, expected)
                self.assertEqual(self.curl("GET", path), expected)
                info = {name: value for name, value in expected.items() if name != "conditionalGroups"}
                self.assertIn(info, self.curl("GET", collection)["list"])
                self.curl("POST", collection, example, 409)
                changed = dict(example, policyName="AnotherName", description="changed")
                self.assertEqual(self.curl("PUT", path, changed), dict(expected, description="changed"))
                for version in ("v0.11", "v0.12", "v0.13"):
                    self.assertEqual(self.ok(self.rest.admin("GET", path, version=version)).json["description"], "changed")
                self.assertIsNone(self.curl("DELETE", path))
                self.curl("GET", path, status=404)
                self.curl("DELETE", path, status=404)
                self.curl("PUT", path, changed, 404)

    def test_location_and_etag(self):
        created = self.ok(self.rest.admin("POST", "/throttling/policies/application", dict(ONE_PER_MINUTE, policyName="Tagged")), 201)
        path = "/throttling/policies/application/" + created.id
        self.assertEqual(created.headers["Location"], "https://127.0.0.1:%d/api/am/admin/v0.14%s" % (self.node.https_port, path))
        read = self.ok(self.rest.admin("GET", path))
        tag = {"If-Match": read.headers["ETag"]}
        self.assertEqual(created.headers["ETag"], read.headers["ETag"])
        self.ok(self.rest.admin("GET", path, headers={"If-None-Match": read.headers["ETag"]}), 304)
        self.ok(self.rest.admin("PUT", path, dict(ONE_PER_MINUTE, description="first"), tag))
        self.ok(self.rest.admin("PUT", path, dict(ONE_PER_MINUTE, description="second"), tag), 412)
        self.ok(self.rest.admin("DELETE", path, headers=tag), 412)
        self.assertEqual(self.ok(self.rest.admin("GET", path)).json["description"], "first")
        self.ok(self.rest.admin("DELETE", path, headers={"X-APIM-Dry-Run": "true"}))
        self.ok(self.rest.admin("DELETE", path))

    def test_refusals(self):
        for kind, change, fields in (
                ("application", {"policyName": ""}, ["policyName"]), ("application", {"policyName": "a b"}, ["policyName"]),
                ("application", {"policyName": 5, "description": []}, ["policyName", "description"]),
                ("application", {"defaultLimit": None}, ["defaultLimit.type", "defaultLimit.unitTime"]),
                ("application", {"defaultLimit": dict(LIMIT, requestCount=1, timeUnit="week")}, ["defaultLimit.timeUnit"]),
                ("application", {"defaultLimit": dict(LIMIT, requestCount=-1)}, ["defaultLimit.requestCount"]),
                ("application", {"defaultLimit": dict(LIMIT, requestCount=1.5)}, ["defaultLimit.requestCount"]),
                ("application", {"defaultLimit": LIMIT}, ["defaultLimit.requestCount"]),
                ("subscription", {"billingPlan": "GRATIS"}, ["billingPlan"]),
                ("subscription", {"rateLimitCount": 5, "rateLimitTimeUnit": "day"}, ["rateLimitTimeUnit"]),
                ("subscription", {"customAttributes": [{"name": "a"}]}, ["customAttributes"]),
                ("subscription", {"customAttributes": ["a"]}, ["customAttributes"]),
                ("advanced", {"conditionalGroups": [{"limit": NOTHING, "conditions": []}]}, ["conditionalGroups[0].conditions"]),
                ("advanced", {"conditionalGroups": [{"limit": NOTHING, "conditions": [{"type": "X"}]}]},
                 ["conditionalGroups[0].conditions[0].type"]),
                ("advanced", {"conditionalGroups": ["x"]}, ["conditionalGroups[0].limit.type", "conditionalGroups[0].limit.unitTime"]),
                ("advanced", {"conditionalGroups": [{"limit": NOTHING, "conditions": [
                    {"type": "IPCondition", "ipConditionType": "IPSpecific", "specificIP": "10.0.0.256"}]}]},
                 ["conditionalGroups[0].conditions[0].specificIP"]),
                ("custom", {"siddhiQuery": "", "keyTemplate": None}, ["keyTemplate", "siddhiQuery"])):
            with self.subTest(kind, **change):
                answer = self.ok(self.rest.admin("POST", "/throttling/policies/" + kind, dict(EXAMPLES[kind], **change)), 400)
                self.assertEqual([detail["code"] for detail in answer.json["error"]], fields, answer)
        for path in ("/throttling/policies/subscription", "/throttling/blacklist"):
            self.ok(self.rest.admin("POST", path, "[]", {"Content-Type": "application/json"}), 400)
            self.ok(self.rest.admin("POST", path, "x", {"Content-Type": "text/plain"}), 415)
            self.ok(Rest(self.node).admin("GET", path), 401)
            self.ok(Rest.login(self.node, scope="apim:subscribe").admin("GET", path), 403)
        viewer = Rest.login(self.node, scope="apim:tier_view apim:bl_view")
        self.ok(viewer.admin("GET", "/throttling/policies/subscription"))
        self.ok(viewer.admin("POST", "/throttling/policies/subscription", PLATINUM), 403)
        self.ok(viewer.admin("POST", "/throttling/blacklist", {"conditionType": "IP", "conditionValue": "10.0.0.1"}), 403)

    def test_unlimited(self):
        for kind in ("subscription", "application", "advanced"):
            collection = "/throttling/policies/" + kind
            found = [one for one in self.ok(self.rest.admin("GET", collection)).json["list"] if one["policyName"] == "Unlimited"]
            path = collection + "/" + found[0]["policyId"]
            for answer in (self.rest.admin("POST", collection, dict(EXAMPLES[kind], policyName="unlimited")),
                           self.rest.admin("PUT", path, EXAMPLES[kind]), self.rest.admin("DELETE", path)):
                self.assertIn("'Unlimited' tier", self.ok(answer, 409).json["description"])

    def subscribe(self, name, tier):
        """A published API with a subscription to it; a token of its application."""
        body = pizza(name, context="/" + name.lower(), tiers=[tier])
        api = self.ok(self.rest.publisher("POST", "/apis", body), 201).json["id"]
        self.ok(self.rest.publisher("POST", "/apis/change-lifecycle?action=Publish&apiId=" + api))
        application = self.ok(self.rest.store("POST", "/applications", {"name": name + "App", "throttlingTier": "Unlimited"}), 201).id
        subscription = self.ok(self.rest.store("POST", "/subscriptions", {
            "applicationId": application, "apiIdentifier": api, "tier": tier}), 201).json["subscriptionId"]
        keys = self.ok(self.rest.store("POST", "/applications/generate-keys?applicationId=" + application, {
            "keyType": "PRODUCTION", "validityTime": "3600", "accessAllowDomains": ["ALL"]})).json
        return api, subscription, keys["token"]["accessToken"]

    def test_in_use(self):
        created = self.ok(self.rest.admin("POST", "/throttling/policies/subscription", dict(PLATINUM, policyName="Used")), 201)
        path = "/throttling/policies/subscription/" + created.id
        api, subscription, token = self.subscribe("Used1", "Used")
        self.assertEqual(validation_status(self.node, token, "/used1/1.0.0"), 0)
        words = self.ok(self.rest.admin("DELETE", path), 409).json["description"]
        self.assertIn("Tier in use", words)
        self.assertIn("1 subscriptions (Used1 1.0.0); 1 APIs that offer it (Used1 1.0.0)", words)
        self.ok(self.rest.store("DELETE", "/subscriptions/" + subscription))
        self.assertIn("APIs that offer it", self.ok(self.rest.admin("DELETE", path), 409).json["description"])
        self.ok(self.rest.publisher("DELETE", "/apis/" + api))
        self.ok(self.rest.admin("DELETE", path))

    def test_tenant_without_rows(self):
        """As a 2.x database has it before anybody used the tenant: the first tier that is chosen makes all of them."""
        apimgt = self.node.open_databases()[0]
        for table in ("AM_POLICY_SUBSCRIPTION", "AM_POLICY_APPLICATION", "AM_API_THROTTLE_POLICY"):
            apimgt.execute("DELETE FROM " + table)
        token = self.subscribe("Fresh", "Gold")[2]
        self.assertEqual(validation_status(self.node, token, "/fresh/1.0.0"), 0)
        for kind, names in FIRST.items():
            listed = self.ok(self.rest.admin("GET", "/throttling/policies/" + kind)).json["list"]
            self.assertEqual([policy["policyName"] for policy in listed if kind != "custom"], names)

    def test_tiers(self):
        """publisher-api.yaml v0.14: what is sent and what comes back."""
        low = {"unitTime": 60000, "tierPlan": "FREE", "tierLevel": "api", "stopOnQuotaReach": True, "requestCount": 5,
               "description": "Allows 5 request(s) per minute.", "name": "Low", "attributes": {"a": 10, "b": 30}}
        expected = dict(low, unitTime=1, timeUnit="min", attributes={"a": "10", "b": "30"})
        created = self.ok(self.rest.publisher("POST", "/tiers/api", low), 201)
        self.assertEqual(created.json, expected)
        self.assertTrue(created.headers["Location"].endswith("/api/am/publisher/v0.14/tiers/api/Low"), created.headers)
        self.ok(self.rest.publisher("POST", "/tiers/api", low), 409)
        self.ok(self.rest.publisher("POST", "/tiers/api", dict(low, name="Odd", unitTime=1500)), 400)
        self.ok(self.rest.publisher("POST", "/tiers/application", low), 404)
        for refused in ({}, {"name": "Low"}, dict(low, name="Other", tierPlan="CHEAP")):
            self.ok(self.rest.publisher("POST", "/tiers/api", refused), 400)
        nobody, gold = Rest(self.node), "/tiers/api/Gold"
        for read in (self.rest.publisher, self.rest.store, nobody.store):
            self.assertEqual(self.ok(read("GET", "/tiers/api/Low")).json, expected)
            listed = self.ok(read("GET", "/tiers/api")).json
            self.assertIn(expected, listed["list"])
            shown = [tier["name"] for tier in listed["list"]]
            self.assertEqual(shown, sorted(shown))
            self.assertNotIn("Unauthenticated", shown)
            self.assertEqual([tier["name"] for tier in self.ok(read("GET", "/tiers/application")).json["list"]
                              if tier["name"] in FIRST["application"]], sorted(FIRST["application"]))
            page = self.ok(read("GET", "/tiers/api?limit=1&offset=1")).json
            self.assertEqual((page["count"], page["next"], page["previous"]),
                             (1, "/tiers/api?limit=1&offset=2", "/tiers/api?limit=1&offset=0"))
            self.assertEqual(self.ok(read("GET", gold)).json, {
                "name": "Gold", "description": "Allows 5000 requests per minute", "tierLevel": "api", "attributes": {},
                "requestCount": 5000, "unitTime": 1, "timeUnit": "min", "tierPlan": "FREE", "stopOnQuotaReach": True})
            for path in ("/tiers/api/gold", "/tiers/api/Nothing", "/tiers/nothing", "/tiers/api/Unauthenticated"):
                self.ok(read("GET", path), 404)
        self.ok(self.rest.publisher("GET", "/tiers/resource/10KPerMin"))
        self.ok(self.rest.store("GET", "/tiers/resource"), 404)
        self.ok(nobody.publisher("GET", "/tiers/api"), 401)

    def test_tier_life(self):
        low = {"unitTime": 60000, "tierPlan": "FREE", "stopOnQuotaReach": True, "requestCount": 5, "name": "Life"}
        self.ok(self.rest.publisher("POST", "/tiers/api", low), 201)
        path = "/tiers/api/Life"
        identifier = [one["policyId"] for one in self.ok(self.rest.admin("GET", "/throttling/policies/subscription")).json["list"]
                      if one["policyName"] == "Life"][0]
        policy = "/throttling/policies/subscription/" + identifier
        full = self.ok(self.rest.admin("GET", policy)).json
        self.ok(self.rest.admin("PUT", policy, dict(full, rateLimitCount=9, rateLimitTimeUnit="sec", displayName="Shown")))
        read = self.ok(self.rest.publisher("GET", path))
        changed = self.ok(self.rest.publisher("PUT", path, dict(read.json, requestCount=10, name="Ignored"),
                                              {"If-Match": read.headers["ETag"]})).json
        self.assertEqual((changed["name"], changed["requestCount"]), ("Life", 10))
        now = self.ok(self.rest.admin("GET", policy)).json  # what a tier does not show stays
        self.assertEqual((now["rateLimitCount"], now["displayName"], now["defaultLimit"]["requestCount"]), (9, "Shown", 10))
        self.ok(self.rest.publisher("PUT", path, read.json, {"If-Match": read.headers["ETag"]}), 412)
        self.ok(self.rest.admin("PUT", policy, dict(full, defaultLimit={
            "type": "BandwidthLimit", "timeUnit": "min", "unitTime": 1, "dataAmount": 3, "dataUnit": "MB"})))
        self.assertIn("counts data", self.ok(self.rest.publisher("PUT", path, low), 409).json["description"])
        self.ok(self.rest.publisher("PUT", "/tiers/api/Unlimited", low), 409)
        viewer = Rest.login(self.node, scope="apim:tier_view")
        self.ok(viewer.publisher("DELETE", path), 403)
        self.ok(self.rest.publisher("DELETE", path))
        self.ok(self.rest.publisher("DELETE", path), 404)

    def test_tier_permission(self):
        self.ok(self.rest.publisher("POST", "/tiers/api", {"unitTime": 60000, "tierPlan": "FREE", "stopOnQuotaReach": True,
                                                           "requestCount": 5, "name": "Few"}), 201)
        change = "/tiers/update-permission?tierName=Few&tierLevel=api"
        tiers = self.ok(self.rest.publisher("POST", change, {"permissionType": "deny", "roles": ["Internal/everyone", "admin"]})).json
        self.assertIn("Few", [tier["name"] for tier in tiers])
        self.assertNotIn("Few", [tier["name"] for tier in self.ok(self.rest.store("GET", "/tiers/api")).json["list"]])
        self.ok(self.rest.store("GET", "/tiers/api/Few"), 404)
        self.ok(self.rest.publisher("POST", change, {"permissionType": "allow", "roles": ["admin"]}))
        self.ok(self.rest.store("GET", "/tiers/api/Few"))
        self.ok(Rest(self.node).store("GET", "/tiers/api/Few"), 404)
        for path, body, status in ((change, {"permissionType": "maybe", "roles": []}, 400), (change, {"permissionType": "allow"}, 400),
                                   ("/tiers/update-permission?tierName=None&tierLevel=api", {"permissionType": "deny", "roles": ["a"]}, 404),
                                   ("/tiers/update-permission?tierLevel=api", {"permissionType": "deny", "roles": ["a"]}, 400)):
            self.ok(self.rest.publisher("POST", path, body), status)

    def test_many_at_once(self):
        body = dict(ONE_PER_MINUTE, policyName="Race")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: self.rest.admin("POST", "/throttling/policies/application", body), range(8)))
            self.assertEqual(sorted(answer.status for answer in made), [201] + [409] * 7, made)
            made = list(pool.map(lambda _: self.rest.admin("POST", "/throttling/policies/custom", dict(CUSTOM, policyName="Race")),
                                 range(8)))
            self.assertEqual(sorted(answer.status for answer in made), [201] + [409] * 7, made)

    def test_taken_away_while_it_is_chosen(self):
        """Whoever comes first: no application is left with a policy that is gone."""
        for number in range(20):
            name = "Vanishing%d" % number
            path = "/throttling/policies/application/" + self.ok(self.rest.admin(
                "POST", "/throttling/policies/application", dict(ONE_PER_MINUTE, policyName=name)), 201).id
            choose = lambda n, name=name: self.rest.store("POST", "/applications", {
                "name": "%s-%d" % (name, n), "throttlingTier": name}).status
            with concurrent.futures.ThreadPoolExecutor(5) as pool:
                chosen = [pool.submit(choose, n) for n in range(number % 3 + 1)]
                deleted = pool.submit(lambda path=path: self.rest.admin("DELETE", path).status)
                statuses = sorted(future.result() for future in chosen)
            self.assertIn(deleted.result(), (200, 409))
            self.assertTrue(set(statuses) <= {201, 400}, statuses)
            self.assertEqual(deleted.result() == 409, 201 in statuses, (deleted.result(), statuses))

    def test_what_gateways_ask(self):
        """/throttle/data/v1, which a gateway of 2.x reads when it starts."""
        block, templates = "/throttle/data/v1/block", "/throttle/data/v1/keyTemplates"
        nobody, admin = Rest(self.node), {"Authorization": basic("admin", self.node.admin_password)}
        for path in (block, templates):
            self.assertIn("Basic", self.ok(nobody.send("GET", path), 401).headers["WWW-Authenticate"])
            self.ok(nobody.send("GET", path, headers={"Authorization": basic("admin", "wrong")}), 401)
            self.ok(nobody.send("POST", path, "", admin), 405)
        before = self.ok(nobody.send("GET", block, headers=admin)).json
        self.assertEqual(sorted(before), ["api", "application", "custom", "ip", "user"])
        off = self.curl("POST", "/throttling/blacklist", {"conditionType": "IP", "conditionValue": "10.9.9.8"}, 201)["conditionId"]
        self.curl("PATCH", "/throttling/blacklist/" + off, {"conditionStatus": False})
        self.curl("POST", "/throttling/blacklist", {"conditionType": "IP", "conditionValue": "10.9.9.9"}, 201)
        self.curl("POST", "/throttling/blacklist", {"conditionType": "USER", "conditionValue": "gateway"}, 201)
        after = self.ok(nobody.send("GET", block, headers=admin)).json
        self.assertEqual(after["ip"], before["ip"] + ["carbon.super:10.9.9.9"])
        self.assertEqual(after["user"], before["user"] + ["gateway@carbon.super"])
        self.curl("POST", "/throttling/policies/custom", dict(CUSTOM, policyName="Asked", keyTemplate="$apiContext:$userId"), 201)
        self.assertIn("$apiContext:$userId", self.ok(nobody.send("GET", templates, headers=admin)).json)

    def test_blacklist(self):
        created = self.curl("POST", "/throttling/blacklist", {"conditionType": "IP", "conditionValue": "10.100.7.77"}, 201)
        expected = {"conditionId": created["conditionId"], "conditionType": "IP", "conditionValue": "10.100.7.77",
                    "conditionStatus": True}
        path = "/throttling/blacklist/" + created["conditionId"]
        self.assertEqual(created, expected)
        self.assertEqual(self.curl("GET", path), expected)
        self.assertIn(expected, self.curl("GET", "/throttling/blacklist")["list"])
        self.curl("POST", "/throttling/blacklist", {"conditionType": "IP", "conditionValue": "10.100.7.77"}, 409)
        tag = self.ok(self.rest.admin("GET", path)).headers["ETag"]
        self.assertEqual(self.curl("PATCH", path, {"conditionStatus": False}), dict(expected, conditionStatus=False))
        self.ok(self.rest.admin("DELETE", path, headers={"If-Match": tag}), 412)
        self.assertIsNone(self.curl("DELETE", path))
        self.curl("GET", path, status=404)
        self.curl("DELETE", path, status=404)
        user = self.curl("POST", "/throttling/blacklist", {"conditionType": "USER", "conditionValue": "mallory"}, 201)
        self.assertEqual(user["conditionValue"], "mallory@carbon.super")
        for kind, value in (("ip", "10.0.0.1"), ("IP", "10.0.0.332"), ("API", "/none/1.0"), ("APPLICATION", "admin:None"),
                            ("IP", ""), ("IP", None)):
            self.curl("POST", "/throttling/blacklist", {"conditionType": kind, "conditionValue": value}, 400)
        self.ok(self.rest.publisher("POST", "/apis", pizza("Blocked", context="/blocked")), 201)
        self.curl("POST", "/throttling/blacklist", {"conditionType": "API", "conditionValue": "/blocked/1.0.0"}, 201)
        self.ok(self.rest.store("POST", "/applications", {"name": "Blocked", "throttlingTier": "Unlimited"}), 201)
        self.curl("POST", "/throttling/blacklist", {"conditionType": "APPLICATION", "conditionValue": "admin:Blocked"}, 201)


class Tenant(IntegrationTest):
    """acme.com's administrator, beside the super tenant's."""
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        cls.node = cls.new_node()
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare()
        apimgt, users = cls.node.open_databases()
        users.insert("UM_ROLE", [dict(UM_ID=400, UM_ROLE_NAME="admin", UM_TENANT_ID=TENANT)])
        users.insert("UM_USER_ROLE", [dict(UM_ID=400, UM_ROLE_ID=400, UM_USER_ID=103, UM_TENANT_ID=TENANT)])
        users.insert("UM_PERMISSION", [dict(UM_ID=400, UM_RESOURCE_ID="/permission/admin", UM_ACTION="ui.execute",
                                          UM_TENANT_ID=TENANT, UM_MODULE_ID=0)])
        users.insert("UM_ROLE_PERMISSION", [dict(UM_ID=400, UM_PERMISSION_ID=400, UM_ROLE_NAME="admin", UM_IS_ALLOWED=1,
                                                 UM_TENANT_ID=TENANT)])
        apimgt.execute("DELETE FROM AM_POLICY_SUBSCRIPTION WHERE TENANT_ID = ?", [TENANT])
        cls.node.start()
        cls.super = Rest.login(cls.node)
        cls.eve = Rest.login(cls.node, "eve@acme.com", cls.node.world.passwords["eve"])

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer)
        return answer

    def test_first_subscription(self):
        """Gold, of which the tenant had no row, up to the Key Manager."""
        shown = [tier["name"] for tier in self.ok(self.eve.store("GET", "/tiers/api")).json["list"]]
        self.assertIn("Gold", shown)
        body = pizza("Acme", context="/acme", tiers=["Gold"], provider="eve@acme.com")
        api = self.ok(self.eve.publisher("POST", "/apis", body), 201).json["id"]
        self.ok(self.eve.publisher("POST", "/apis/change-lifecycle?action=Publish&apiId=" + api))
        application = self.ok(self.eve.store("POST", "/applications", {"name": "AcmeApp", "throttlingTier": "10PerMin"}), 201).id
        self.ok(self.eve.store("POST", "/subscriptions", {"applicationId": application, "apiIdentifier": api, "tier": "Gold"}), 201)
        keys = self.ok(self.eve.store("POST", "/applications/generate-keys?applicationId=" + application, {
            "keyType": "PRODUCTION", "validityTime": "3600", "accessAllowDomains": ["ALL"]})).json
        self.assertEqual(validation_status(self.node, keys["token"]["accessToken"], "/t/acme.com/acme/1.0.0"), 0)
        listed = self.ok(self.eve.admin("GET", "/throttling/policies/subscription")).json["list"]
        self.assertEqual([one["policyName"] for one in listed], FIRST["subscription"])
        gold = [one["policyId"] for one in listed if one["policyName"] == "Gold"][0]
        words = self.ok(self.eve.admin("DELETE", "/throttling/policies/subscription/" + gold), 409).json["description"]
        self.assertIn("1 subscriptions (Acme 1.0.0)", words)
        for method, body in (("GET", None), ("PUT", PLATINUM), ("DELETE", None)):
            self.ok(self.super.admin(method, "/throttling/policies/subscription/" + gold, body), 404)

    def test_what_is_whose(self):
        ours = self.ok(self.super.admin("POST", "/throttling/policies/application", ONE_PER_MINUTE), 201).id
        theirs = self.ok(self.eve.admin("POST", "/throttling/policies/application", ONE_PER_MINUTE), 201).id
        for rest, own, other in ((self.super, ours, theirs), (self.eve, theirs, ours)):
            self.ok(rest.admin("GET", "/throttling/policies/application/" + own))
            self.ok(rest.admin("DELETE", "/throttling/policies/application/" + other), 404)
        self.ok(self.eve.admin("GET", "/throttling/policies/custom"), 403)
        self.ok(self.eve.admin("POST", "/throttling/policies/custom", CUSTOM), 403)
        address = {"conditionType": "IP", "conditionValue": "10.1.1.1"}
        blocked = [self.ok(rest.admin("POST", "/throttling/blacklist", address), 201).id for rest in (self.super, self.eve)]
        for rest, own, other in ((self.super, *blocked), (self.eve, *reversed(blocked))):
            self.assertEqual([one["conditionId"] for one in self.ok(rest.admin("GET", "/throttling/blacklist")).json["list"]], [own])
            self.ok(rest.admin("GET", "/throttling/blacklist/" + other), 404)
            self.ok(rest.admin("PATCH", "/throttling/blacklist/" + other, {"conditionStatus": False}), 404)
            self.ok(rest.admin("DELETE", "/throttling/blacklist/" + other), 404)
        self.ok(self.eve.admin("POST", "/throttling/blacklist", {"conditionType": "API", "conditionValue": "/weather/1.0"}), 400)
        self.ok(self.eve.admin("POST", "/throttling/blacklist", {"conditionType": "API", "conditionValue": "/t/acme.com/stock/1.0"}), 201)
        self.ok(self.super.admin("POST", "/throttling/blacklist", {"conditionType": "API", "conditionValue": "/t/acme.com/stock/1.0"}), 400)
