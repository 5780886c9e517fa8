"""Tenants over the administration API: made, used at once by their own administrator, switched off and on; and who may not."""

import suite
from rest import ALL_SCOPES, Rest, RestTest, basic

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
