"""Tenants over the administration API: made, used at once by their own administrator, switched off and on; and who may not."""

import soap_client
import suite
import wire
from rest import ALL_SCOPES, Rest, RestTest, basic
from test_rest_publisher import pizza
from world import Key

SCOPES = ALL_SCOPES + " apim:tenant_view apim:tenant_manage"


class Tenants(RestTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rest = Rest.login(cls.node, scope=SCOPES)

    def create(self, domain, status=201, **members):
        return self.ok(self.rest.admin("POST", "/tenants", {"domain": domain, "adminPassword": suite.secret("pass-of-" + domain),
                                                            **members}), status)

    def log_in(self, user, domain):
        return Rest.login(self.node, "%s@%s" % (user, domain), suite.secret("pass-of-" + domain), SCOPES)

    def test_life(self):
        made = self.create("acme.example", email="ann@acme.example", adminUser="ann")
        self.assertTrue(made.headers["Location"].endswith("/api/am/admin/v0.14/tenants/acme.example"))
        self.assertEqual((made.json["domain"], made.json["active"], made.json["email"]), ("acme.example", True, "ann@acme.example"))
        self.assertNotIn("adminPassword", made.json)
        ann = self.log_in("ann", "acme.example")
        api = self.ok(ann.publisher("POST", "/apis", {
            "name": "Rain", "context": "/rain", "version": "1", "apiDefinition": '{"swagger": "2.0", "paths": {"/a": {"get": {}}}}',
            "isDefaultVersion": False, "type": "HTTP", "transport": ["https"], "tiers": ["Gold"], "visibility": "PUBLIC",
            "endpointConfig": '{"endpoint_type": "http", "production_endpoints": {"url": "http://b.example", "config": null}}'}), 201).json
        self.assertEqual((api["provider"], api["context"]), ("ann@acme.example", "/rain"))
        self.ok(ann.admin("GET", "/throttling/policies/subscription"))
        self.ok(ann.admin("GET", "/tenants"), 403)
        self.ok(ann.admin("POST", "/tenants", {"domain": "b.example", "adminPassword": suite.secret("pass-of-b")}), 403)
        off = self.ok(self.rest.admin("PATCH", "/tenants/acme.example", {"active": False}))
        self.assertFalse(off.json["active"])
        refused = Rest(self.node).send("POST", "/client-registration/v0.14/register", {
            "callbackUrl": "", "clientName": "x", "owner": "ann@acme.example", "grantType": "password", "saasApp": True},
            {"Authorization": basic("ann@acme.example", "pass-of-acme.example")})
        self.assertEqual(refused.status, 401, refused)
        self.ok(self.rest.admin("PATCH", "/tenants/acme.example", {"active": True}))
        self.log_in("ann", "acme.example")

    def statuses(self, key):
        """validationStatus over Thrift and over SOAP; 0: it is allowed."""
        with wire.Connection(self.node) as connection, soap_client.Axis2Client(self.node) as axis2:
            return connection.call(wire.validate_key(self.node.login(), key)).success().get(8, 0), axis2.status(key)

    def test_keys_of_a_tenant_that_is_off(self):
        """Whatever was remembered of them: they are refused as soon as the change is told, and good again with the tenant."""
        self.create("off.example", adminUser="ann")
        ann = self.log_in("ann", "off.example")
        api = self.ok(ann.publisher("POST", "/apis", pizza("Snow", context="/snow", provider="ann@off.example")), 201).json["id"]
        self.ok(ann.publisher("POST", "/apis/change-lifecycle?action=Publish&apiId=" + api))
        application = self.ok(ann.store("POST", "/applications", {"name": "Ski", "throttlingTier": "Unlimited"}), 201).id
        self.ok(ann.store("POST", "/subscriptions", {"applicationId": application, "apiIdentifier": api, "tier": "Unlimited"}), 201)
        keys = self.ok(ann.store("POST", "/applications/generate-keys?applicationId=" + application, {
            "keyType": "PRODUCTION", "validityTime": "3600", "accessAllowDomains": ["ALL"]})).json
        suite.secret(keys["consumerSecret"])
        key = Key(suite.secret(keys["token"]["accessToken"]), "/t/off.example/snow/1.0.0", "1.0.0", "/menu", "GET")
        for active, status in ((True, 0), (False, 900901), (True, 0)):
            self.ok(self.rest.admin("PATCH", "/tenants/off.example", {"active": active}))
            self.eventually(lambda: self.statuses(key) == (status, status), 30, "the keys of a tenant with active = %s" % active)

    def test_list(self):
        for domain in ("c.example", "a.example", "b.example"):
            self.create(domain)
        page = self.ok(self.rest.admin("GET", "/tenants?limit=2")).json
        self.assertEqual([tenant["domain"] for tenant in page["list"]][:1], ["a.example"])
        self.assertEqual(page["count"], 2)
        self.assertIn("offset=2", page["next"])
        self.assertEqual(self.ok(self.rest.admin("GET", "/tenants/b.example")).json["domain"], "b.example")

    def test_bad(self):
        self.create("dup.example")
        self.create("dup.example", 409)
        self.create("carbon.super", 409)
        for domain in ("", "nodot", "UPPER.example", "a b.example", "a..example"):
            self.create(domain, 400)
        self.create("x.example", 400, adminUser="a/b")
        self.ok(self.rest.admin("POST", "/tenants", {"domain": "y.example"}), 400)
        self.ok(self.rest.admin("PATCH", "/tenants/dup.example", {}), 400)
        self.ok(self.rest.admin("PATCH", "/tenants/nowhere.example", {"active": True}), 404)
        self.ok(self.rest.admin("GET", "/tenants/nowhere.example"), 404)
        self.ok(Rest(self.node).admin("GET", "/tenants"), 401)
        rehearsed = self.ok(self.rest.send("POST", "/api/am/admin/v0.14/tenants", {
            "domain": "dry.example", "adminPassword": suite.secret("pass-of-dry")}, {"X-APIM-Dry-Run": "true"}), 201)
        self.assertEqual(rehearsed.json["domain"], "dry.example")
        self.ok(self.rest.admin("GET", "/tenants/dry.example"), 404)
