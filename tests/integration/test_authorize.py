"""/oauth2/authorize with its pages, the metadata, and what they must not do, with curl (specification 4.3 and 7)."""

import json
import urllib.parse

import requests_oauthlib

import oauth
import suite
import wire
from harness import MARIADB, NodeTest, SQLITE
from oauth import CALLBACK, CHALLENGE, Client, VERIFIER
from visitor import Visitor
from world import BOB, CAROL, Key

STATE = "st-1 &=#%\"<"
EVIL = "\"><script>alert(1)</script>"


class AuthorizeTest(NodeTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        oauth.add_scopes(cls.world)
        cls.client = cls.make_client(cls.node)
        cls.issuer = "https://localhost:%d/oauth2/token" % cls.node.https_port

    @classmethod
    def make_client(cls, node):
        return Client(node, grants="authorization_code refresh_token implicit", APP_NAME="alice_Phone_PRODUCTION")

    def setUp(self):
        self.visitor = Visitor(self.node)

    def request(self, client=None, **changes):
        """The parameters of a good request; None leaves one out."""
        parameters = dict(dict(response_type="code", client_id=(client or self.client).key, redirect_uri=CALLBACK,
                               state=STATE, scope="default"), **changes)
        return {name: value for name, value in parameters.items() if value is not None}

    def log_in(self, visitor=None, user=BOB, **changes):
        """The consent page."""
        visitor = visitor or self.visitor
        page = visitor.authorize(self.request(**changes))
        self.assert_page(page, 200, "Log in")
        page = visitor.log_in(page, user, self.world.passwords[user.split("@")[0]])
        self.assertEqual(page.status, 303, page.text)
        return visitor.follow(page)

    def assert_page(self, page, status, title):
        """A page of this status and title, with all that guards it."""
        self.assertEqual(page.status, status, page.text)
        self.assertIn("<title>%s</title>" % title, page.text)
        self.assertEqual(page.headers["content-type"], "text/html; charset=utf-8")
        self.assertEqual(page.headers["x-frame-options"], "DENY")
        self.assertEqual(page.headers["x-content-type-options"], "nosniff")
        self.assert_not_kept(page)
        policy = dict(rule.strip().split(" ", 1) for rule in page.headers["content-security-policy"].split(";"))
        self.assertEqual((policy["default-src"], policy["frame-ancestors"], policy["base-uri"]), ("'none'",) * 3)
        self.assertRegex(policy["style-src"], r"^'sha256-[A-Za-z0-9+/]{43}='$")
        self.assertIn(policy["form-action"], ("'self'", "'self' https:"))
        self.assertNotIn("script-src", policy)
        self.assertIsNone(page.location)
        names = {name for name, _ in page.tags}
        self.assertFalse(names & {"script", "img", "iframe", "object", "link", "base", "svg"}, names)
        self.assertFalse([name for _, attributes in page.tags for name in attributes if name.startswith("on")])

    def assert_not_kept(self, page):
        self.assertEqual((page.headers["cache-control"], page.headers["referrer-policy"]), ("no-store", "no-referrer"))

    def assert_error(self, page, code, part="query", state=STATE):
        """A redirect to the application that tells it so."""
        self.assertEqual(page.status, 303, page.text)
        self.assert_not_kept(page)
        self.assertTrue(page.location.startswith(CALLBACK + ("&" if part == "query" else "#")), page.location)
        answer = page.answer(part)
        self.assertEqual((answer["error"], answer.get("state"), answer["iss"]), (code, state, self.issuer))
        self.assertNotIn("code", answer)
        self.assertNotIn("access_token", answer)

    def code(self, page):
        """The code that a redirect brings."""
        self.assertEqual(page.status, 303, page.text)
        self.assertEqual(page.headers.get("content-length"), "0")
        self.assert_not_kept(page)
        self.assertTrue(page.location.startswith(CALLBACK + "&code="), page.location)
        answer = page.answer()
        self.assertEqual((answer["state"], answer["iss"]), (STATE, self.issuer))
        return suite.secret(answer["code"])


class Authorize(AuthorizeTest):
    databases = (SQLITE, MARIADB)
    options = {"apimd": "<AllowImplicitGrant>true</AllowImplicitGrant>"}

    def test_code_with_pkce(self):
        page = self.log_in(code_challenge=CHALLENGE, code_challenge_method="S256", scope="rain_read nonsense")
        self.assert_page(page, 200, "Allow access?")
        self.assertIn("<bdi>Phone</bdi>", page.text)
        self.assertIn("<bdi>client.example</bdi>", page.text)
        self.assertIn("<bdi>bob@carbon.super</bdi>", page.text)
        self.assertIn("use &quot;rain_read&quot;", page.text)
        self.assertNotIn("nonsense", page.text.split("<h2>")[1])
        begin = self.node.log_size()
        code = self.code(self.visitor.consent(page))
        self.assertIn("allowed client \"%s\"" % self.client.key, self.node.log(begin))
        self.assertEqual(self.client.exchange(code).error()[:2], (400, "invalid_grant"))
        answer = self.client.exchange(code, code_verifier=VERIFIER)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["scope"], "rain_read")
        key = Key(answer.json["access_token"], "/forecast/1.0", "1.0", "/rain", "GET")
        with wire.Connection(self.node) as connection:
            reply = connection.call(wire.validate_key(self.session, key)).success()
        self.assertEqual(reply[1], 1)
        self.assertEqual(self.client.introspect(key.token)["username"], "bob@carbon.super")
        self.assertEqual(self.client.exchange(code, code_verifier=VERIFIER).error()[:2], (400, "invalid_grant"))

    def test_implicit(self):
        page = self.log_in(response_type="token")
        page = self.visitor.consent(page)
        self.assertTrue(page.location.startswith(CALLBACK + "#access_token="), page.location)
        answer = page.answer("fragment")
        suite.secret(answer["access_token"])
        self.assertEqual((answer["token_type"], answer["scope"], answer["state"], answer["iss"]),
                         ("Bearer", "default", STATE, self.issuer))
        self.assertLessEqual(int(answer["expires_in"]), 3600)
        with wire.Connection(self.node) as connection:
            self.assertEqual(connection.call(wire.validate_key(self.session, Key(answer["access_token"]))).success()[1], 1)
        self.assert_error(self.visitor.authorize(self.request(response_type="token", scope="a\u00e4")), "invalid_scope",
                          "fragment")
        plain = Client(self.node, mapped=False)
        self.assert_error(self.visitor.authorize(self.request(plain, response_type="token")), "unauthorized_client",
                          "fragment")

    def test_replayed_consent(self):
        page = self.log_in()
        self.code(self.visitor.consent(page))
        self.assert_page(self.visitor.consent(page), 403, "You have answered already")

    def test_with_a_library(self):
        session = requests_oauthlib.OAuth2Session(self.client.key, redirect_uri=CALLBACK, scope=["openid", "rain_read"])
        site = "https://localhost:%d" % self.node.https_port
        url, state = session.authorization_url(site + "/oauth2/authorize", code_challenge=CHALLENGE, code_challenge_method="S256")
        page = self.visitor.log_in(self.visitor.get(url.removeprefix(site)), BOB, self.world.passwords[BOB])
        page = self.visitor.consent(self.visitor.follow(page))
        self.assertEqual(page.answer()["state"], state)
        suite.secret(page.answer()["code"])
        token = session.fetch_token(site + "/oauth2/token", client_secret=self.client.secret,
                                    authorization_response=page.location, code_verifier=VERIFIER, verify=self.node.certificate)
        suite.secret(token["access_token"])
        suite.secret(token["refresh_token"])
        claims = session.get(site + "/oauth2/userinfo", verify=self.node.certificate).json()
        self.assertEqual(claims["sub"], "bob@carbon.super")


class Pages(AuthorizeTest):
    def test_denied(self):
        self.assert_error(self.visitor.consent(self.log_in(), "deny"), "access_denied")
        self.assert_page(self.visitor.consent(self.visitor.authorize(self.request()), "perhaps"), 400,
                         "This request cannot be answered")

    def test_errors_that_stay_here(self):
        other = Client(self.node, mapped=False, callback="")
        bad_one = Client(self.node, mapped=False, callback="javascript:alert(1)")
        pattern = Client(self.node, mapped=False, callback="regexp=(https://a.example|https://b.example)")
        for changes in ({"client_id": None}, {"client_id": "nobody"}, {"client_id": EVIL}, {"client_id": self.client.key + " "},
                        {"client": other}, {"client": bad_one, "redirect_uri": "javascript:alert(1)"},
                        {"client": pattern, "redirect_uri": "https://a.example"}):
            self.assert_page(self.visitor.authorize(self.request(**changes)), 400, "This request cannot be answered")
        for uri in (CALLBACK + "&y=2", CALLBACK[:-1], CALLBACK + "#", CALLBACK + "#x", CALLBACK.upper(), CALLBACK + "/",
                    CALLBACK.replace("https", "http"), CALLBACK.replace("client.", "client.example.evil."),
                    CALLBACK.replace("https://", "https://client.example@evil.example/"), CALLBACK.replace("callback", "%63allback"),
                    CALLBACK.replace("callback", "x/../callback"), CALLBACK.replace("example/", "example:443/"),
                    "//client.example/callback?x=1", "https://evil.example/", EVIL):
            page = self.visitor.authorize(self.request(redirect_uri=uri))
            self.assert_page(page, 400, "This request cannot be answered")
            self.assertNotIn("evil", page.text)

    def test_errors_for_the_application(self):
        asleep = Client(self.node, mapped=False, APP_STATE="REVOKED")
        mandatory = Client(self.node, mapped=False, PKCE_MANDATORY="1")
        wrong = Client(self.node, mapped=False, grants="client_credentials")
        for code, changes in (
                ("invalid_request", {"response_type": None}), ("invalid_request", {"response_type": ""}),
                ("unsupported_response_type", {"response_type": "code token"}),
                ("unsupported_response_type", {"response_type": "id_token"}),
                ("unauthorized_client", {"client": asleep}), ("unauthorized_client", {"client": wrong}),
                ("invalid_scope", {"scope": "a\"b"}), ("invalid_scope", {"scope": " ".join(map(str, range(200)))}),
                ("invalid_request", {"client": mandatory}), ("invalid_request", {"code_challenge": "short"}),
                ("invalid_request", {"code_challenge_method": "S256"}),
                ("invalid_request", {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}),
                ("invalid_request", {"code_challenge": CHALLENGE}),
                ("invalid_request", {"code_challenge": CHALLENGE, "code_challenge_method": "S512"}),
                ("request_not_supported", {"request": "eyJ"}), ("request_uri_not_supported", {"request_uri": "https://a.example"}),
                ("interaction_required", {"prompt": "none"}), ("invalid_request", {"max_age": "soon"})):
            self.assert_error(self.visitor.authorize(self.request(**changes)), code)
        self.assert_error(self.visitor.authorize(self.request(response_type=None, state=None)), "invalid_request", state=None)
        self.assert_error(self.visitor.authorize(self.request(response_type="token")), "unsupported_response_type", "fragment")

    def test_apps_need_pkce(self):
        app = Client(self.node, callback="com.example.app:/cb", mapped=False)
        request = self.request(app, redirect_uri="com.example.app:/cb")
        page = self.visitor.authorize(request)
        self.assertEqual(page.answer()["error"], "invalid_request")
        self.assertTrue(page.location.startswith("com.example.app:/cb?"))
        page = self.visitor.authorize(dict(request, code_challenge=CHALLENGE, code_challenge_method="S256"))
        self.assert_page(page, 200, "Log in")

    def test_parameters_twice_or_too_long(self):
        query = urllib.parse.urlencode(self.request())
        for more in ("&state=2", "&client_id=x", "&x=1&x=1", "&redirect_uri=https%3A%2F%2Fevil.example"):
            self.assert_page(self.visitor.authorize(query + more), 400, "This request cannot be answered")
        for broken in (query + "&x=%0", query + "&x=%ff", query + "&x=%00", "%"):
            self.assert_page(self.visitor.authorize(broken), 400, "This request cannot be answered")
        self.assert_page(self.visitor.authorize(self.request(state="x" * 6500)), 414, "This request cannot be answered")
        self.assert_page(self.visitor.post("/oauth2/authorize", self.request(state="x" * 60000)), 413,
                         "This request cannot be answered")
        self.assert_page(self.visitor.post("/oauth2/authorize", self.request(state="x" * 70000)), 413,
                         "This request cannot be answered")

    def test_post(self):
        page = self.visitor.post("/oauth2/authorize", self.request(), cookies=False)
        self.assertEqual(page.status, 303)
        self.assertNotIn("set-cookie", page.headers)
        self.assert_page(self.visitor.follow(page), 200, "Log in")
        self.assert_page(self.visitor.curl("/oauth2/authorize", "--request", "PUT"), 405, "This request cannot be answered")
        self.assert_page(self.visitor.get("/oauth2/login"), 405, "This request cannot be answered")
        self.assert_page(self.visitor.get("/oauth2/consent"), 405, "This request cannot be answered")

    def test_login(self):
        page = self.visitor.authorize(self.request())
        self.assertIsNone(page.alert)
        self.assertTrue(page.links[0].startswith(CALLBACK + "&error=access_denied"))
        labels = {attributes["for"] for tag, attributes in page.tags if tag == "label"}
        fields = {attributes["id"] for tag, attributes in page.tags if tag == "input" and attributes["type"] != "hidden"}
        self.assertEqual(labels, fields)
        for user, password in ((BOB, "wrong-password"), ("nobody", "wrong-password"), ("", ""), (BOB, ""), (EVIL, "x"),
                               ("x" * 3000, "y" * 3000)):
            page = self.visitor.log_in(page, user, password)
            self.assert_page(page, 403, "Error: Log in")
            self.assertIn("Fill in" if password == "" else "do not belong together", page.alert)
            self.assertEqual(page.forms["login"]["username"], user)
            self.assertNotIn("wrong-password", page.text)
        self.assertNotIn("__Host-apim-login", self.visitor.cookies())
        page = self.visitor.log_in(page, BOB, self.world.passwords[BOB])
        self.assertEqual(page.status, 303)
        cookies = [value for name, value in page.header_list if name.lower() == "set-cookie"]
        self.assertEqual([cookie.split("; ")[1:] for cookie in cookies],
                         [["Max-Age=900", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"]])
        self.visitor.cookies()

    def test_single_sign_on(self):
        self.log_in()
        self.assert_page(self.visitor.authorize(self.request()), 200, "Allow access?")
        self.assert_page(self.visitor.authorize(self.request(max_age="600")), 200, "Allow access?")
        for changes in ({"prompt": "login"}, {"prompt": "consent login"}, {"max_age": "0"}):
            if "max_age" in changes:
                self.eventually(lambda: "<title>Log in" in self.visitor.authorize(self.request(max_age="0")).text, 10, "old")
            self.assert_page(self.log_in(**changes), 200, "Allow access?")
        page = self.visitor.authorize(self.request())
        answer = self.visitor.post("/oauth2/logout", page.forms["logout"])
        self.assertEqual(answer.status, 303)
        self.assert_page(self.visitor.follow(answer), 200, "Log in")
        self.assert_page(self.visitor.consent(page), 403, "This request cannot be answered")
        self.assert_page(self.visitor.get("/oauth2/logout"), 200, "You are logged out")
        self.log_in()
        page = self.visitor.get("/oauth2/logout")
        self.assert_page(page, 200, "Log out?")
        self.assert_page(self.visitor.post("/oauth2/logout", page.forms["logout"]), 200, "You are logged out")

    def test_new_password_ends_the_login(self):
        page = self.log_in(user=CAROL)
        self.world.change_password(CAROL, suite.secret("another-password-1"))
        self.assert_page(self.visitor.consent(page), 403, "This request cannot be answered")
        self.assert_page(self.visitor.authorize(self.request()), 200, "Log in")

    def test_user_of_another_tenant(self):
        page = self.log_in(user="eve@acme.com")
        self.assert_page(page, 403, "Not with this account")
        self.assertNotIn("consent", page.forms)
        self.assertEqual(self.visitor.post("/oauth2/logout", page.forms["logout"]).status, 303)

    def test_forms_of_others(self):
        """Without cookie, with another browser's, changed, or of another step, a form does nothing."""
        refused = 403, "This request cannot be answered"
        stranger = Visitor(self.node)
        page = self.visitor.authorize(self.request())
        stranger.authorize(self.request())
        password = self.world.passwords[BOB]
        self.assert_page(self.visitor.log_in(page, BOB, password, cookies=False), *refused)
        self.assert_page(stranger.log_in(page, BOB, password), *refused)
        consent = self.log_in()
        self.log_in(stranger)
        self.assert_page(self.visitor.consent(consent, cookies=False), *refused)
        self.assert_page(stranger.consent(consent), *refused)
        self.assert_page(self.visitor.post("/oauth2/consent", {"decision": "allow"}), *refused)
        for sealed in (page.forms["login"]["request"], consent.forms["logout"]["request"], "", "x" * 20000,
                       consent.forms["consent"]["request"][:-1], consent.forms["consent"]["request"] + "A"):
            self.assert_page(self.visitor.post("/oauth2/consent", {"request": sealed, "decision": "allow"}), *refused)
        self.assert_page(stranger.post("/oauth2/logout", consent.forms["logout"]), *refused)
        self.code(self.visitor.consent(consent))

    def test_nothing_gets_into_the_page(self):
        evil = Client(self.node, mapped=False, APP_NAME=EVIL)
        request = self.request(evil, state=EVIL, scope="default", nonce=EVIL, display=EVIL, ui_locales=EVIL, login_hint=EVIL)
        page = self.visitor.authorize(request)
        self.assert_page(page, 200, "Log in")
        self.assertIn("<bdi>&quot;&gt;&lt;script&gt;", page.text)
        page = self.visitor.follow(self.visitor.log_in(page, BOB, self.world.passwords[BOB]))
        self.assert_page(page, 200, "Allow access?")
        self.assertIn("<bdi>&quot;&gt;&lt;script&gt;", page.text)
        self.assertEqual(self.visitor.consent(page).answer()["state"], EVIL)
        for name in ("state", "scope", "code_challenge", "prompt", "max_age", "response_type"):
            page = self.visitor.authorize(self.request(**{name: EVIL}))
            if page.status != 303:
                self.assert_page(page, 200, "Allow access?")

    def test_any_node_goes_on(self):
        """Nothing is kept between two steps: the node that made the page need not be the one that has the answer."""
        page = self.visitor.authorize(self.request())
        self.node.stop()
        self.node.start()
        answer = self.visitor.log_in(page, BOB, self.world.passwords[BOB])
        self.assertEqual(answer.status, 303)
        self.code(self.visitor.consent(self.visitor.follow(answer)))

    def test_metadata(self):
        page = self.visitor.get("/.well-known/oauth-authorization-server")
        self.assertEqual((page.status, page.headers["content-type"]), (200, "application/json"))
        self.assertEqual(page.text, self.visitor.get("/.well-known/oauth-authorization-server/oauth2/token").text)
        said = json.loads(page.text)
        self.assertEqual(said["issuer"], self.issuer)
        self.assertEqual(said["response_types_supported"], ["code"])
        self.assertEqual(self.visitor.get("/oauth2/jwks").status, 200)
        for name, url in said.items():
            if name.endswith("_endpoint"):
                path = url.removeprefix("https://localhost:%d" % self.node.https_port)
                self.assertNotEqual(self.visitor.get(path).status, 404, name)
        self.assertEqual(self.visitor.post("/.well-known/oauth-authorization-server", {}).status, 405)


class DatabaseWithoutPkce(AuthorizeTest):
    """As before 2.0: what cannot be kept is refused, never forgotten."""

    @classmethod
    def new_node(cls, **options):
        node = super().new_node(**options)
        prepare = node.prepare

        def prepare_without_pkce():
            prepare()
            cls.only_client = super(DatabaseWithoutPkce, cls).make_client(node)
            for table, column in (("IDN_OAUTH2_AUTHORIZATION_CODE", "PKCE_CODE_CHALLENGE_METHOD"),
                                  ("IDN_OAUTH2_AUTHORIZATION_CODE", "PKCE_CODE_CHALLENGE"),
                                  ("IDN_OAUTH_CONSUMER_APPS", "PKCE_MANDATORY"),
                                  ("IDN_OAUTH_CONSUMER_APPS", "PKCE_SUPPORT_PLAIN")):
                node.world.apimgt.execute("ALTER TABLE %s DROP COLUMN %s" % (table, column))
            return node

        node.prepare = prepare_without_pkce
        return node

    @classmethod
    def make_client(cls, node):
        return cls.only_client

    def test_challenge(self):
        page = self.visitor.authorize(self.request(code_challenge=CHALLENGE, code_challenge_method="S256"))
        self.assert_error(page, "invalid_request")
        self.assertIn("version without PKCE", page.answer()["error_description"])
        code = self.code(self.visitor.consent(self.log_in()))
        self.assertEqual(self.client.exchange(code).status, 200)
