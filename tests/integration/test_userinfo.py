"""/oauth2/userinfo and /client-registration with curl (specification 4.5 and 4.6)."""

import base64
import concurrent.futures
import json
import os
import re

import oauth
import suite
from harness import MARIADB, NodeTest, SQLITE
from oauth import Client
from visitor import Visitor
from world import BOB, CAROL, MALLORY, SUPER_TENANT

REGISTER = "/client-registration/v0.14/register"
KEY = re.compile(r"^[0-9A-Za-z_]{27}a$")


class UserinfoTest(NodeTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        oauth.add_scopes(cls.world)
        cls.client = Client(cls.node)
        users = cls.node.open_databases()[1]
        users.insert("UM_USER_ATTRIBUTE", [
            dict(UM_ATTR_NAME=name, UM_ATTR_VALUE=value, UM_PROFILE_ID="default", UM_USER_ID=100, UM_TENANT_ID=SUPER_TENANT)
            for name, value in (("givenName", "Bob"), ("sn", "Bl\u00e4u \"<\\"), ("mail", "bob@mail.example"))])
        cls.visitor = Visitor(cls.node)

    def ask(self, path, credentials=None, body=None, method=None):
        """credentials: the value of the Authorization header, which goes through a file and not through argv."""
        options = ["--request", method] if method else []
        if credentials:
            path_of_headers = os.path.join(suite.folder("headers"), "headers")
            with open(path_of_headers, "w") as file:
                file.write("Authorization: %s\nContent-Type: application/json\n" % credentials)
            options += ["--header", "@" + path_of_headers]
        return self.visitor.curl(path, *options, body=body, cookies=False)


class Userinfo(UserinfoTest):
    def token(self, user=BOB, scope="openid"):
        return self.client.password(user, scope=scope).json["access_token"]

    def test_claims(self):
        token = self.token()
        for method in ("GET", "POST"):
            page = self.ask("/oauth2/userinfo", "Bearer " + token, method=method)
            self.assertEqual((page.status, page.headers["content-type"], page.headers["cache-control"]),
                             (200, "application/json", "no-store"), page.text)
            self.assertEqual(json.loads(page.text), {
                "sub": "bob@carbon.super", "preferred_username": "bob", "given_name": "Bob", "family_name": "Bl\u00e4u \"<\\",
                "name": "Bob Bl\u00e4u \"<\\", "email": "bob@mail.example"})
        page = self.ask("/oauth2/userinfo", "Bearer " + self.token(MALLORY))
        self.assertEqual(json.loads(page.text), {"sub": "mallory@carbon.super", "preferred_username": "mallory"})

    def test_refusals(self):
        revoked = self.token(scope="openid device_x")
        self.client.revoke(revoked)
        gone = self.token(CAROL)
        self.world.delete_user(CAROL)
        for status, code, credentials in (
                (400, "invalid_request", None), (400, "invalid_request", "Basic eDp5"), (400, "invalid_request", "Bearer"),
                (400, "invalid_request", "Bearer a b"), (401, "invalid_token", "Bearer nobody"),
                (401, "invalid_token", "Bearer " + revoked), (401, "invalid_token", "Bearer " + gone),
                (403, "insufficient_scope", "Bearer " + self.token(scope="default"))):
            page = self.ask("/oauth2/userinfo", credentials)
            self.assertEqual((page.status, json.loads(page.text)["error"]), (status, code), page.text)
            self.assertIn("error=\"%s\"" % code, page.headers["www-authenticate"])
            self.assertTrue(page.headers["www-authenticate"].startswith("Bearer "))
        self.assertEqual(self.ask("/oauth2/userinfo?access_token=" + self.world.good.token).status, 400)
        self.assertEqual(self.ask("/oauth2/userinfo", method="DELETE").status, 405)


class Registration(UserinfoTest):
    def basic(self, user, password=None):
        password = password or (self.node.admin_password if user == "admin" else self.world.passwords[user.split("@")[0]])
        return "Basic " + suite.secret(base64.b64encode(("%s:%s" % (user, password)).encode()).decode())

    def register(self, user="admin", path=REGISTER, **members):
        body = members if "body" not in members else members["body"]
        body = json.dumps(body) if isinstance(body, dict) else body
        return self.ask(path, self.basic(user), body)

    def client_of(self, page):
        self.assertEqual((page.status, page.headers["content-type"], page.headers["cache-control"]),
                         (200, "application/json", "no-store"), page.text)
        members = json.loads(page.text)
        self.assertEqual(set(members), {"callBackURL", "jsonString", "clientName", "clientId", "clientSecret",
                                        "isSaasApplication", "appOwner"})
        suite.secret(members["clientSecret"])
        return members

    def test_register_and_use(self):
        page = self.register(callbackUrl="www.google.lk", clientName="rest_api_publisher", tokenScope="Production", owner="admin",
                             grantType="password refresh_token", saasApp=True)
        members = self.client_of(page)
        self.assertEqual((members["clientName"], members["callBackURL"], members["appOwner"], members["isSaasApplication"]),
                         ("admin_rest_api_publisher", "www.google.lk", "admin", True))
        self.assertRegex(members["clientId"], KEY)
        self.assertRegex(members["clientSecret"], KEY)
        self.assertEqual(json.loads(members["jsonString"]), {
            "grant_types": "password refresh_token", "redirect_uris": "www.google.lk",
            "client_name": "admin_rest_api_publisher"})
        client = Client.__new__(Client)
        client.node, client.key, client.secret = self.node, members["clientId"], members["clientSecret"]
        self.assertEqual(client.password(BOB).status, 200)
        self.assertEqual(client.token("client_credentials").error()[1], "unauthorized_client")
        again = self.register(clientName="rest_api_publisher", grantType="client_credentials", path="/client-registration/v0.11/register/")
        self.assertEqual(self.client_of(again), members)

    def test_grants(self):
        for asked, callback, granted in (
                (None, "", "client_credentials refresh_token"),
                ("", "https://a.example/cb", "authorization_code client_credentials refresh_token"),
                ("authorization_code implicit  password iwa:ntlm", "", "password iwa:ntlm"),
                ("authorization_code implicit", "https://a.example/cb", "authorization_code implicit")):
            page = self.register(clientName="grants %s %s" % (asked, callback), grantType=asked, callbackUrl=callback)
            self.assertEqual(json.loads(self.client_of(page)["jsonString"])["grant_types"], granted)

    def test_owners(self):
        self.assertEqual(self.client_of(self.register(clientName="For Bob", owner="bob"))["appOwner"], "bob")
        self.assertEqual(self.client_of(self.register(clientName="For Eve", owner="eve@acme.com"))["clientName"], "eve_For Eve")
        self.assertEqual(self.register(clientName="x", owner="nobody-here").status, 400)
        self.assertEqual(self.register(clientName="x", owner="LDAP/bob").status, 400)
        page = self.register(BOB, clientName="x")  # has no permission at all
        self.assertEqual((page.status, json.loads(page.text)["code"]), (403, 403))
        self.allow_login(BOB)
        self.assertEqual(self.client_of(self.register(BOB, clientName="x"))["clientName"], "bob_x")
        page = self.register(BOB, clientName="x", owner="admin")
        self.assertEqual((page.status, json.loads(page.text)["description"]),
                         (400, "Logged in user 'bob' and application owner 'admin' should be same."))

    def test_client_of_a_namesake(self):
        """The one of the user of another user store: it may be called as his own would be."""
        members = self.client_of(self.register(clientName="twin", owner="mallory"))
        self.world.apimgt.execute("UPDATE IDN_OAUTH_CONSUMER_APPS SET USER_DOMAIN = 'LDAP' WHERE CONSUMER_KEY = ?",
                                  [members["clientId"]])
        page = self.register(clientName="twin", owner="mallory")
        self.assertEqual((page.status, json.loads(page.text)["description"]), (403, "Access is forbidden to the application"))

    def allow_login(self, user):
        """The role that self-registered users get."""
        self.node.open_databases()[1].execute(
            "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
            " SELECT ?, r.UM_ID, r.UM_TENANT_ID, d.UM_DOMAIN_ID FROM UM_HYBRID_ROLE r JOIN UM_DOMAIN d"
            " ON d.UM_TENANT_ID = r.UM_TENANT_ID AND d.UM_DOMAIN_NAME = 'PRIMARY' WHERE r.UM_ROLE_NAME = 'subscriber'", [user])

    def test_at_once(self):
        """Who asks for the same at the same moment gets the same."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            pages = list(pool.map(lambda user: self.register(user, clientName="race", owner="admin"), ["admin"] * 4))
        self.assertEqual(len({self.client_of(page)["clientId"] for page in pages}), 1)

    def test_refusals(self):
        for credentials in (None, "Basic !", self.basic("admin", "wrong-password"), self.basic("nobody", "wrong-password")):
            page = self.ask(REGISTER, credentials, "{}")
            self.assertEqual((page.status, json.loads(page.text)["code"]), (401, 401))
            self.assertTrue(page.headers["www-authenticate"].startswith("Basic realm="))
        for body in ("", "[]", "{", "{\"clientName\":\"a\",\"clientName\":\"b\"}", "{} {}", "{\"clientName\":1}", "{\"clientName\":\"\"}",
                     "{\"clientName\":\"a\\u0000b\"}", "{\"clientName\":\"a\\nb\"}", {"clientName": "x" * 101}, {"owner": "admin"},
                     {"clientName": "x", "callbackUrl": "https://a/" + "x" * 1024}, {"clientName": "x", "grantType": "a\"b"},
                     {"clientName": "x", "grantType": ["password"]}, {"clientName": "x", "saasApp": 1}, "[" * 60000, "{\"a\":" * 60000, "{\"x\":\"" + "y" * 70000 + "\"}"):
            page = self.register(body=body)
            self.assertEqual((page.status, json.loads(page.text)["code"]), (400, 400), page.text)
        for path in ("/client-registration/v0./register", "/client-registration/v0.1x/register", "/client-registration/v0.14/registers",
                     "/client-registration/v0.14"):
            self.assertEqual(self.register(path=path, clientName="x").status, 404)
        self.assertEqual(self.ask(REGISTER, self.basic("admin"), method="DELETE").status, 405)
