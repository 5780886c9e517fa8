"""What all resources of the REST APIs have in common (specification publisher-store-workflows 11): who may ask, how it is
refused, what HTTP demands."""

import json
import time

from harness import MARIADB, NodeTest, SQLITE
from rest import Rest
from world import BOB, TENANT

VIEW = ["apim:api_view"]
ENVIRONMENTS = """<APIGateway><Environments>
    <Environment type="hybrid" api-console="true"><Name>Production and Sandbox</Name><Description>d</Description>
        <ServerURL>https://127.0.0.1:9443/services/</ServerURL><Username>admin</Username><Password>x</Password>
        <GatewayEndpoint>http://gw:8280,https://gw:8243</GatewayEndpoint></Environment>
    <Environment type="sandbox" api-console="false"><Name>Second</Name>
        <ServerURL>https://127.0.0.2:9443/services/</ServerURL><Username>admin</Username><Password>x</Password>
        <GatewayEndpoint>http://gw2:8280</GatewayEndpoint></Environment>
</Environments></APIGateway>"""


class RestFrame(NodeTest):
    databases = (SQLITE, MARIADB)
    options = {"settings": ENVIRONMENTS}

    def rest(self, user=BOB, scopes=VIEW, **token):
        return Rest(self.node, self.world._token(user=user, scopes=scopes, **token))

    def assert_error(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(set(answer.json), {"code", "message", "description", "moreInfo", "error", "requestId"})
        self.assertEqual(answer.json["code"], code or status)
        self.assertEqual(answer.json["requestId"], answer.headers["X-Request-ID"])
        self.assertEqual(answer.headers["Content-Type"], "application/json")

    def test_environments(self):
        for version in ("v0.11", "v0.12", "v0.13", "v0.14"):
            answer = self.rest().publisher("GET", "/environments", version=version)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json, {"count": 2, "list": [
                {"name": "Production and Sandbox", "type": "hybrid", "serverUrl": "https://127.0.0.1:9443/services/",
                 "showInApiConsole": True, "endpoints": {"http": "http://gw:8280", "https": "https://gw:8243"}},
                {"name": "Second", "type": "sandbox", "serverUrl": "https://127.0.0.2:9443/services/",
                 "showInApiConsole": False, "endpoints": {"http": "http://gw2:8280", "https": ""}}]})

    def test_tokens(self):
        good = self.rest()
        for words, token in (("none", None), ("unknown", self.world.unknown.token), ("revoked", self.world.revoked.token),
                             ("expired", self.world._token(user=BOB, scopes=VIEW, age=7200)),
                             ("of nobody", self.world._token(user="nobody-here", scopes=VIEW))):
            with self.subTest(words):
                answer = Rest(self.node, token).publisher("GET", "/environments")
                self.assert_error(answer, 401, 900901 if token else 900902)
                self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer "), answer.headers)
        answer = self.rest(scopes=["apim:subscribe", "default"]).publisher("GET", "/environments")
        self.assert_error(answer, 403, 900910)
        self.assertIn('error="insufficient_scope", scope="apim:api_view"', answer.headers["WWW-Authenticate"])
        for header in ("Basic eDp5", "Bearer", "Bearer a b", "Bearer \xe4"):
            answer = Rest(self.node).publisher("GET", "/environments", headers={"Authorization": header})
            self.assertEqual(answer.status, 401, header)
        self.assertEqual(good.publisher("GET", "/environments").status, 200)

    def test_revoked_token(self):
        """A revocation counts within CacheMaxAge (1 s), also for a token that was used a moment before."""
        rest = self.rest()
        self.assertEqual(rest.publisher("GET", "/environments").status, 200)
        self.world.apimgt.execute("UPDATE IDN_OAUTH2_ACCESS_TOKEN SET TOKEN_STATE = 'REVOKED', TOKEN_STATE_ID = 'x'"
                                  " WHERE ACCESS_TOKEN = ?", [rest.token])
        self.eventually(lambda: rest.publisher("GET", "/environments").status == 401, 5, "the token is refused")

    def test_http(self):
        rest = self.rest()
        self.assert_error(rest.publisher("GET", "/no-such-thing"), 404)
        self.assert_error(rest.publisher("GET", "/environments", version="v0.10"), 404)
        self.assert_error(rest.publisher("GET", "/environments", version="v1"), 404)
        answer = rest.publisher("DELETE", "/environments")
        self.assert_error(answer, 405)
        self.assertEqual(answer.headers["Allow"], "GET")
        self.assert_error(rest.publisher("OPTIONS", "/environments"), 405)
        self.assert_error(rest.publisher("GET", "/environments", headers={"Accept": "text/html"}), 406)
        self.assert_error(rest.publisher("GET", "/environments", headers={"Accept": "application/json;q=0"}), 406)
        for accept in ("application/json", "text/html, */*;q=0.1", "application/*"):
            self.assertEqual(rest.publisher("GET", "/environments", headers={"Accept": accept}).status, 200)
        self.assert_error(rest.publisher("GET", "/environments?a=%ff"), 400)
        self.assert_error(rest.publisher("GET", "/environments?limit=1&limit=2"), 400)
        self.assert_error(rest.publisher("GET", "/environments", headers={"X-APIM-Dry-Run": "maybe"}), 400)
        for path in ("/../admin/environments", "/%2e%2e/environments", "//environments", "/environments%2f"):
            self.assertEqual(rest.publisher("GET", path).status, 400, path)
        answer = rest.publisher("HEAD", "/environments")
        self.assertEqual((answer.status, answer.body), (200, b""))
        for name in ("Access-Control-Allow-Origin", "Set-Cookie"):
            self.assertIsNone(answer.headers[name])

    def test_entity_tag(self):
        rest = self.rest()
        answer = rest.publisher("GET", "/environments")
        tag = answer.headers["ETag"]
        again = rest.publisher("GET", "/environments", headers={"If-None-Match": '"x", ' + tag})
        self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag))
        self.assertEqual(rest.publisher("GET", "/environments", headers={"If-None-Match": '"x"'}).status, 200)

    def test_tenant_header(self):
        rest = self.rest()
        self.assert_error(rest.publisher("GET", "/environments", headers={"X-WSO2-Tenant": "nowhere.com"}), 404)
        self.assertEqual(rest.publisher("GET", "/environments", headers={"X-WSO2-Tenant": "acme.com"}).status, 200)
        eve = self.rest("eve", tenant=TENANT, client=102)
        self.assertEqual(eve.publisher("GET", "/environments").status, 200)

    def test_counters(self):
        before = self.status()
        self.rest().publisher("GET", "/environments")
        Rest(self.node).publisher("GET", "/environments")
        after = self.status()
        self.assertEqual(after["publisher.requests"] - before["publisher.requests"], 2)
        self.assertEqual(after["publisher.unauthenticated"] - before["publisher.unauthenticated"], 1)

    def status(self):
        return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "-o", "json", check=True).stdout)
