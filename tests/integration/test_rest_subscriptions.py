"""Subscriptions and keys over the store and publisher APIs of REST v0.14, up to what the Key Manager says of the token."""

import concurrent.futures
import uuid

import mariadb
import suite
import wire
from harness import IntegrationTest, MARIADB
from node import Node
from rest import Rest, RestTest
from test_rest_publisher import CLUSTER_KEY, pizza
from world import Key


class Subscriptions(RestTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.node.login()

    def published(self, name, **members):
        """The id of a published API."""
        api = self.ok(self.rest.publisher("POST", "/apis", pizza(name, context="/" + name.lower(), **members)), 201).json["id"]
        self.ok(self.rest.publisher("POST", "/apis/change-lifecycle?action=Publish&apiId=" + api))
        return api

    def application(self, name):
        return self.ok(self.rest.store("POST", "/applications", {"name": name, "throttlingTier": "Unlimited"}), 201).id

    def subscribe(self, application, api, status=201, tier="Unlimited"):
        return self.ok(self.rest.store("POST", "/subscriptions", {"applicationId": application, "apiIdentifier": api, "tier": tier}),
                       status)

    def generate(self, application, status=200, **members):
        answer = self.ok(self.rest.store("POST", "/applications/generate-keys?applicationId=" + application, dict(
            {"keyType": "PRODUCTION", "validityTime": "3600", "accessAllowDomains": ["ALL"]}, **members)), status)
        if status == 200 and answer.json.get("consumerSecret"):
            suite.secret(answer.json["consumerSecret"])
            suite.secret(answer.json["token"]["accessToken"])
        return answer

    def status_of(self, token, name):
        """validationStatus of a call; 0: it is allowed."""
        connection = wire.Connection(self.node)
        try:
            key = Key(token, "/%s/1.0.0" % name.lower(), "1.0.0", "/menu", "GET")
            return connection.call(wire.validate_key(self.session, key)).success().get(8, 0)
        finally:
            connection.close()

    def test_to_a_validated_key(self):
        api, application = self.published("Menu"), self.application("Menus")
        made = self.subscribe(application, api)
        self.assertEqual({name: made.json[name] for name in ("applicationId", "apiIdentifier", "tier", "status")},
                         {"applicationId": application, "apiIdentifier": "admin-Menu-1.0.0", "tier": "Unlimited", "status": "UNBLOCKED"})
        keys = self.generate(application).json
        token = keys["token"]["accessToken"]
        self.assertEqual((keys["keyState"], keys["keyType"]), ("COMPLETED", "PRODUCTION"))
        self.assertEqual(self.status_of(token, "Menu"), 0)
        read = self.ok(self.rest.store("GET", "/applications/%s/keys/PRODUCTION" % application)).json
        self.assertEqual((read["consumerKey"], read["consumerSecret"], read["token"]), (keys["consumerKey"], None, None))
        for where in (self.rest.store("GET", "/subscriptions?applicationId=" + application),
                      self.rest.store("GET", "/subscriptions?apiId=" + api), self.rest.publisher("GET", "/subscriptions?apiId=" + api)):
            self.assertEqual([one["subscriptionId"] for one in self.ok(where).json["list"]], [made.id])
        path = "/subscriptions/" + made.id
        self.assertEqual(self.ok(self.rest.store("GET", path)).json, self.ok(self.rest.publisher("GET", path)).json)
        for state, status in (("BLOCKED", 900907), ("PROD_ONLY_BLOCKED", 900907)):
            blocked = self.ok(self.rest.publisher(
                "POST", "/subscriptions/block-subscription?subscriptionId=%s&blockState=%s" % (made.id, state)))
            self.assertEqual(blocked.json["status"], state)
            self.eventually(lambda: self.status_of(token, "Menu") == status, 10, state)
        self.ok(self.rest.publisher("POST", "/subscriptions/unblock-subscription?subscriptionId=" + made.id))
        self.eventually(lambda: self.status_of(token, "Menu") == 0, 10, "unblocked")
        self.ok(self.rest.store("DELETE", path))
        self.eventually(lambda: self.status_of(token, "Menu") == 900908, 10, "ended")
        self.ok(self.rest.store("DELETE", path), 404)

    def test_keys(self):
        application = self.application("Keys")
        self.ok(self.rest.store("GET", "/applications/%s/keys/PRODUCTION" % application), 404)
        first = self.generate(application, callbackUrl="https://a.example/cb", supportedGrantTypes=["client_credentials", "refresh_token"]).json
        self.assertEqual((first["callbackUrl"], sorted(first["supportedGrantTypes"])),
                         ("https://a.example/cb", ["client_credentials", "refresh_token"]))
        self.generate(application, 409)
        path = "/applications/%s/keys/PRODUCTION" % application
        changed = self.ok(self.rest.store("PUT", path, {"callbackUrl": "https://b.example/cb", "supportedGrantTypes": ["client_credentials"]})).json
        self.assertEqual((changed["callbackUrl"], changed["supportedGrantTypes"], changed["consumerSecret"]),
                         ("https://b.example/cb", ["client_credentials"], None))
        anew = self.ok(self.rest.store("POST", path + "/regenerate-secret")).json
        self.assertNotEqual(suite.secret(anew["consumerSecret"]), first["consumerSecret"])
        token = self.ok(self.rest.store("POST", path + "/generate-token", {"validityTime": 60})).json["token"]
        self.assertNotEqual(suite.secret(token["accessToken"]), first["token"]["accessToken"])
        self.assertLessEqual(token["validityTime"], 60)
        sandbox = self.generate(application, keyType="SANDBOX").json
        self.assertNotEqual(sandbox["consumerKey"], first["consumerKey"])

    def test_refusals(self):
        api, application = self.published("Closed"), self.application("Refused")
        made = self.subscribe(application, api).id
        self.subscribe(application, api, 409)
        self.subscribe(application, api, 400, tier="NoSuchTier")
        self.subscribe(application, str(uuid.uuid4()), 404)
        self.subscribe(str(uuid.uuid4()), api, 404)
        for body, fields in (({}, ["applicationId", "apiIdentifier", "tier"]), ({"applicationId": 5, "apiIdentifier": api, "tier": "Gold"}, ["applicationId"])):
            answer = self.ok(self.rest.store("POST", "/subscriptions", body), 400)
            self.assertEqual([detail["code"] for detail in answer.json["error"]], fields, answer)
        self.ok(self.rest.store("POST", "/subscriptions/multiple", [{}] * 101), 400)
        self.ok(self.rest.publisher("GET", "/subscriptions"), 400)
        self.ok(self.rest.publisher("POST", "/subscriptions/block-subscription?subscriptionId=%s&blockState=OPEN" % made), 400)
        self.ok(self.rest.publisher("POST", "/subscriptions/block-subscription?subscriptionId=%s&blockState=BLOCKED" % uuid.uuid4()), 404)
        self.generate(application, 400, keyType="NEITHER")
        self.generate(application, 400, validityTime="soon")
        self.generate(str(uuid.uuid4()), 404)
        created = self.ok(self.rest.publisher("POST", "/apis", pizza("Unborn", context="/unborn")), 201).json["id"]
        self.assertIn(self.rest.store("POST", "/subscriptions", {"applicationId": application, "apiIdentifier": created,
                                                                "tier": "Unlimited"}).status, (403, 404, 409))
        self.ok(Rest(self.node).store("GET", "/subscriptions?applicationId=" + application), 401)
        viewer = Rest.login(self.node, scope="apim:api_view")
        self.ok(viewer.store("GET", "/subscriptions?applicationId=" + application), 403)
        self.ok(viewer.publisher("GET", "/subscriptions?apiId=" + api), 403)

    def test_several_or_none(self):
        apis, application = [self.published("Several%d" % n) for n in range(3)], self.application("Several")
        bodies = [{"applicationId": application, "apiIdentifier": api, "tier": "Unlimited"} for api in apis]
        self.ok(self.rest.store("POST", "/subscriptions/multiple", bodies[:2] + [dict(bodies[2], tier="NoSuchTier")]), 400)
        self.assertEqual(self.ok(self.rest.store("GET", "/subscriptions?applicationId=" + application)).json["count"], 0)
        made = self.rest.store("POST", "/subscriptions/multiple", bodies)
        self.assertIn(made.status, (200, 201), made)
        self.assertEqual(len(made.json), 3)
        page = self.ok(self.rest.store("GET", "/subscriptions?limit=2&applicationId=" + application)).json
        self.assertEqual((page["count"], page["pagination"]["total"]), (2, 3))

    def test_two_at_once(self):
        """Of several who subscribe, or ask for keys, at once one gets it."""
        api, application = self.published("Wanted"), self.application("Eager")
        body = {"applicationId": application, "apiIdentifier": api, "tier": "Unlimited"}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: self.rest.store("POST", "/subscriptions", body).status, range(8)))
            self.assertEqual(sorted(made), [201] + [409] * 7)
            keys = list(pool.map(lambda _: self.rest.store("POST", "/applications/generate-keys?applicationId=" + application, {
                "keyType": "PRODUCTION", "validityTime": "3600", "accessAllowDomains": ["ALL"]}).status, range(8)))
        self.assertEqual(sorted(keys), [200] + [409] * 7)


class TwoNodes(IntegrationTest):
    """Publisher and Store on two nodes that share MariaDB."""
    databases = (MARIADB,)

    def test_published_here_subscribed_there(self):
        databases = mariadb.shared_server().new_databases()
        publisher, store = Node(databases=databases), Node(databases=databases)
        for node in (publisher, store):
            self.addCleanup(node.kill)
        publisher.prepare(populate=False)
        store.write(CLUSTER_KEY, publisher.read(CLUSTER_KEY), 0o600)
        publisher.start()
        store.start()
        rest = Rest.login(publisher)
        api = rest.publisher("POST", "/apis", pizza()).json["id"]
        self.assertEqual(rest.publisher("POST", "/apis/change-lifecycle?action=Publish&apiId=" + api).status, 200)
        rest.node = store
        listed = rest.store("GET", "/apis").json["list"]
        self.assertIn(api, [one["id"] for one in listed])
        application = rest.store("POST", "/applications", {"name": "There", "throttlingTier": "Unlimited"}).id
        body = {"applicationId": application, "apiIdentifier": api, "tier": "Unlimited"}
        self.assertEqual(rest.store("POST", "/subscriptions", body).status, 201)
        rest.node = publisher
        subscriptions = rest.publisher("GET", "/subscriptions?apiId=" + api).json["list"]
        self.assertEqual([one["applicationId"] for one in subscriptions], [application])
