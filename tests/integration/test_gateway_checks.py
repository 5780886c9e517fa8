"""The gateway's acceptance checks (specification, gateway 11, items 1 to 5; tests/README.md says where the others are)."""

import json
import re
from xml.etree import ElementTree

import suite
import synapse
from backend import Backend
from test_gateway import GatewayTest

SECURITY, THROTTLING, MEDIATION = ("http://wso2.org/apimanager" + path for path in ("/security", "/throttling", ""))
NO_CREDENTIALS = ('Required OAuth credentials not provided. Make sure your API invocation call has a header: "Authorization: Bearer '
                  'ACCESS_TOKEN"')
CHALLENGE = ('OAuth2 realm="WSO2 API Manager", error="invalid token", error_description="The access token expired"')


def fault_of(answer):
    """(media type, family, its members as texts) of a fault in XML or JSON; JSON has no family."""
    media = answer.header("Content-Type").partition(";")[0]
    if media == "application/json":
        return media, None, {name: str(value) for name, value in json.loads(answer.body)["fault"].items()}
    root = ElementTree.fromstring(answer.body)
    family = re.match(r"\{(.*)\}fault$", root.tag).group(1)
    return media, family, {child.tag.replace("{%s}" % family, ""): child.text for child in root}


def security(code, message, more="", base="Access failure for API: /typed/1.0, version: 1.0 status: (%d) - %s"):
    text = base % (code, message) if "%" in base else base
    return SECURITY, {"code": str(code), "message": message, "description": text + (". " + more if more else "")}


def mediation(code, message, description):
    return MEDIATION, {"code": str(code), "type": "Status report", "message": message, "description": description}


class Refusals(GatewayTest):
    """Item 1: status, code, headers and body, by Accept and method."""

    @classmethod
    def make_world(cls):
        super().make_world()
        cls.world._api(300, "typed", "/typed/1.0", [])
        cls.world._subscribe(7, 300)
        cls.world.apimgt.insert("AM_API_URL_MAPPING", [
            dict(API_ID=300, HTTP_METHOD=verb, AUTH_SCHEME=scheme, URL_PATTERN=pattern, THROTTLING_TIER="Unlimited")
            for pattern, scheme in (("/app", "Application"), ("/user", "Application_User"), ("/any", "Any"), ("/none", "None"))
            for verb in ("GET", "POST")])

    @classmethod
    def deploy(cls):
        super().deploy()
        send = synapse.by_key_type(synapse.address(cls.backend.url("/typed/echo")))
        synapse.deploy(cls.node, "carol--typed_v1.0", synapse.api("carol--typed", "/typed/{version}", [
            ('url-mapping="/%s"' % name, methods, send) for name, methods in (
                ("app", "GET POST"), ("user", "GET POST"), ("any", "GET POST"), ("none", "GET POST"), ("unmapped", "GET POST"),
                ("get", "GET"), ("post", "POST"))]))
        text = synapse.api("carol--secure", "/secure/{version}", [('url-mapping="/*"', "GET POST", send)])
        synapse.deploy(cls.node, "carol--secure_v1.0", text.replace("<api ", '<api transports="https" '))

    def ask(self, method, path, token, accept):
        fields = ["Accept: " + accept] if accept else []
        if method == "GET":
            return self.get(path, token, *fields)
        return self.send(self.head("POST", path, token, "Content-Type: application/json", "Content-Length: 2", *fields) + b"{}")

    def check(self, path, token, status, fault):
        """@path: of both methods, or for each."""
        family, members = fault
        for method in ("GET", "POST"):
            for accept in (None, "application/json", "*/*"):
                with self.subTest(method=method, accept=accept):
                    answer = self.ask(method, path if isinstance(path, str) else path[method], token, accept)
                    as_json = accept == "application/json" if family == SECURITY else method == "POST"
                    self.assertEqual(answer.status, status)
                    self.assertEqual(fault_of(answer), ("application/json", None, members) if as_json
                                     else ("application/xml", family, members))
                    self.assertEqual(answer.header("WWW-Authenticate"), CHALLENGE if status == 401 else None)
                    self.assertEqual(answer.header("Server"), "WSO2-PassThrough-HTTP")

    def test_all_types(self):
        """What the others are refused, passes."""
        for path, token in (("app", self.world.application.token), ("user", self.token), ("any", self.token),
                            ("any", self.world.application.token), ("none", None)):
            for method in ("GET", "POST"):
                self.assertEqual(self.ask(method, "/typed/1.0/" + path, token, None).status, 200, (path, method))

    def test_missing(self):
        self.check("/typed/1.0/any", None, 401, security(900902, "Missing Credentials", base=NO_CREDENTIALS))

    def test_wrong(self):
        self.check("/typed/1.0/any", self.world.unknown.token, 401,
                   security(900901, "Invalid Credentials", "Make sure you have given the correct access token"))

    def test_expired(self):
        self.check("/typed/1.0/any", self.world.expired.token, 401,
                   security(900901, "Invalid Credentials", "Make sure you have given the correct access token"))

    def test_application_token_for_user(self):
        self.check("/typed/1.0/user", self.world.application.token, 401,
                   security(900905, "Incorrect Access Token Type is provided"))

    def test_user_token_for_application(self):
        self.check("/typed/1.0/app", self.token, 401, security(900905, "Incorrect Access Token Type is provided"))

    def test_resource_unknown_to_the_key_manager(self):
        self.check("/typed/1.0/unmapped", self.token, 403, security(
            900906, "No matching resource found in the API for the given request",
            "Check the API documentation and add a proper REST resource path to the invocation URL"))

    def test_unknown_resource(self):
        self.check("/typed/1.0/nothing", self.token, 404,
                   mediation(404, "Runtime Error", "No matching resource found for given API Request"))

    def test_wrong_verb(self):
        self.check({"GET": "/typed/1.0/post", "POST": "/typed/1.0/get"}, self.token, 405,
                   mediation(405, "Runtime Error", "Method not allowed for given API resource"))

    def test_unknown_path(self):
        self.check("/nowhere/1.0/x", self.token, 404,
                   mediation(404, "Not Found", "The requested resource is not available."))

    def test_wrong_transport(self):
        self.check("/secure/1.0/x", self.token, 403, mediation(
            403, "Forbidden", "Unsupported Transport [ http ]. The requested resource is not available."))
        self.assertNotEqual(self.get("/secure/1.0/x", self.token, https=True).body.find(b"900906"), -1)


class Ways(GatewayTest):
    """Items 2 to 5: where a request goes."""

    BOTH, PRODUCTION, SANDBOX, KEYS = "both", "production", "sandbox", "keys"

    @classmethod
    def make_world(cls):
        super().make_world()
        for number, name in enumerate(("both", "production", "sandbox", "keys"), 310):
            cls.add_api(number, name, "/%s/1.0" % name, [("/*", "GET")])
        cls.add_api(320, "declares", "/declares/1.0", [("/own", "OPTIONS")])

    @classmethod
    def endpoint(cls, name, **options):
        return synapse.address(cls.backend.url("/" + name), **options)

    @classmethod
    def put(cls, name, resources, handlers=synapse.CORS_ONLY, context=None, **options):
        synapse.deploy(cls.node, "carol--" + name, synapse.api("carol--" + name, context or "/%s/{version}" % name, resources,
                                                               handlers, **options))

    @classmethod
    def deploy(cls):
        super().deploy()
        cls.deploy_key_types()
        cls.deploy_shapes()
        send = "<send>%s</send>" % cls.endpoint("cors")
        listed = '<property name="allowedOrigins" value="https://a.example"/>'
        cls.put("listed", [('url-mapping="/plain"', "GET POST", send)],
                synapse.CORS_ONLY.replace('value="ENDPOINT"/>', 'value="ENDPOINT"/>' + listed))
        cls.put("declares", [('url-mapping="/own"', "GET OPTIONS", synapse.by_key_type(cls.endpoint("cors")))], synapse.HANDLERS)
        cls.deploy_failures()

    @classmethod
    def deploy_key_types(cls):
        production, sandbox = cls.endpoint("prod"), cls.endpoint("sand")
        only_sandbox = ('<filter source="$ctx:AM_KEY_TYPE" regex="SANDBOX"><then><send>%s</send></then><else>'
                        '<sequence key="_production_key_error_"/></else></filter>' % sandbox)
        for kind, endpoint in (("production", production), ("sandbox", sandbox)):
            name = "keys--v1.0_API%sEndpoint" % kind
            synapse.deploy(cls.node, name, endpoint.replace(
                "<endpoint>", '<endpoint xmlns="http://ws.apache.org/ns/synapse" name="%s">' % name), "endpoints")
        by_key = synapse.by_key_type(*('<endpoint key="keys--v1.0_API%sEndpoint"/>' % kind for kind in ("production", "sandbox")))
        for name, sequence in (("both", synapse.by_key_type(production, sandbox)), ("production", synapse.by_key_type(production)),
                               ("sandbox", only_sandbox), ("keys", by_key)):
            cls.put(name, [('url-mapping="/*"', "GET", sequence)], synapse.HANDLERS)

    @classmethod
    def deploy_shapes(cls):
        def goes(name):
            return "<send>%s</send>" % cls.endpoint(name)
        cls.put("shapes", [('url-mapping="/exact"', "GET", goes("exact")), ('url-mapping="/a/b/*"', "GET", goes("ab")),
                           ('url-mapping="/a/*"', "GET", goes("a")), ('uri-template="/i/{id}"', "GET", goes("id")),
                           ('uri-template="/i/{id}/part"', "GET", goes("part"))])
        cls.put("inner", [('url-mapping="/*"', "GET", goes("inner"))], context="/shapes/{version}/a/inner")
        cls.put("outer", [('url-mapping="/*"', "GET", goes("outer"))], context="/shapes", version=None)

    @classmethod
    def deploy_failures(cls):
        cls.late_port = suite.free_port()
        dead = "http://127.0.0.1:%d" % suite.free_port()
        late = synapse.address("http://127.0.0.1:%d/first" % cls.late_port, suspend=500)
        for name, endpoint in (
                ("unsaid", '<endpoint><http uri-template="%s"/></endpoint>' % dead),
                ("never", synapse.address(dead, suspend=None)),
                ("over", synapse.failover(late, cls.endpoint("second")))):
            cls.put(name, [('url-mapping="/*"', "GET", "<send>%s</send>" % endpoint)])

    # Item 2 --------------------------------------------------------------------------------------------------------

    def preflight(self, path, origin):
        return self.call("OPTIONS", path, None, "Origin: " + origin, "Access-Control-Request-Method: POST",
                         "Access-Control-Request-Headers: X-Own")

    def test_preflight(self):
        before = len(self.backend.begun)
        answer = self.preflight("/listed/1.0/plain", "https://a.example")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual([answer.header("Access-Control-Allow-" + name) for name in ("Origin", "Methods", "Headers", "Credentials")],
                         ["https://a.example", "GET,POST", "authorization,Access-Control-Allow-Origin,Content-Type,SOAPAction",
                          None])
        foreign = self.preflight("/listed/1.0/plain", "https://b.example")
        self.assertEqual((foreign.status, foreign.header("Access-Control-Allow-Origin")), (200, None))
        self.assertEqual(len(self.backend.begun), before)

    def test_origin_of_a_call(self):
        for origin, allowed in (("https://a.example", "https://a.example"), ("https://b.example", None)):
            answer = self.get("/listed/1.0/plain", None, "Origin: " + origin)
            self.assertEqual((answer.status, answer.header("Access-Control-Allow-Origin")), (200, allowed))

    def test_options_that_is_declared(self):
        """It goes on to authentication and the backend."""
        origin = "Origin: https://a.example"
        self.refused(self.call("OPTIONS", "/declares/1.0/own", None, origin), 401, 900902)
        answer = self.call("OPTIONS", "/declares/1.0/own", self.token, origin)
        self.assertEqual((answer.status, answer.json["method"]), (200, "OPTIONS"))

    # Item 3 --------------------------------------------------------------------------------------------------------

    def test_shapes(self):
        for path, target in (
                ("/shapes/1.0/exact", "/exact/exact"), ("/shapes/1.0/exact/", "/exact/exact/"),
                ("/shapes/1.0/exact?a=1", "/exact/exact?a=1"), ("/shapes/1.0/a", "/a/a"), ("/shapes/1.0/a/x/y", "/a/a/x/y"),
                ("/shapes/1.0/a/b/c?d=/e", "/ab/a/b/c?d=/e"), ("/shapes/1.0/i/7", "/id/i/7"), ("/shapes/1.0/i/7/", "/id/i/7/"),
                ("/shapes/1.0/i/7?x=%20", "/id/i/7?x=%20"), ("/shapes/1.0/i/7/part", "/part/i/7/part"),
                # The longest context wins.
                ("/shapes/1.0/a/inner", "/inner"), ("/shapes/1.0/a/inner/x", "/inner/x"),
                ("/shapes/1.0/a/innermost", "/a/a/innermost"), ("/shapes", "/outer"), ("/shapes/1", "/outer/1"),
                ("/shapes/1.0.1/exact", "/outer/1.0.1/exact")):
            with self.subTest(path):
                self.assertEqual(self.get(path).json["target"], target)
        for path in ("/shapes/1.0", "/shapes/1.0/exact/more", "/shapes/1.0/i", "/shapes/1.0/i/7/other"):
            with self.subTest(path):
                self.assertEqual(self.get(path).status, 404)

    # Item 4 --------------------------------------------------------------------------------------------------------

    def key_type(self, name, token, target, text=None):
        answer = self.get("/%s/1.0/echo" % name, token)
        if text is None:
            self.assertEqual((answer.status, answer.json["target"]), (200, target))
        else:
            self.assertEqual((answer.status, fault_of(answer)[1:]), (403, mediation(900901, "Runtime Error", text)))

    def test_both_kinds(self):
        for name in ("both", "keys"):
            self.key_type(name, self.token, "/prod/echo")
            self.key_type(name, self.world.sandbox.token, "/sand/echo")

    def test_production_alone(self):
        self.key_type("production", self.token, "/prod/echo")
        self.key_type("production", self.world.sandbox.token, None, "Sandbox key offered to the API with no sandbox endpoint")

    def test_sandbox_alone(self):
        self.key_type("sandbox", self.world.sandbox.token, "/sand/echo")
        self.key_type("sandbox", self.token, None, "Production key offered to the API with no production endpoint")

    # Item 5 --------------------------------------------------------------------------------------------------------

    def codes(self, path, times):
        return [fault_of(self.get(path))[2]["code"] for _ in range(times)]

    def test_first_failure_suspends(self):
        self.assertEqual(self.codes("/unsaid/1.0/x", 3), ["101503", "303001", "303001"])

    def test_never_suspended(self):
        self.assertEqual(self.codes("/never/1.0/x", 3), ["101503"] * 3)

    def test_failover_and_back(self):
        self.assertEqual(self.get("/over/1.0/echo").json["target"], "/second/echo")
        first = Backend(self.late_port)
        self.addCleanup(first.close)
        self.eventually(lambda: self.get("/over/1.0/echo").json["target"] == "/first/echo", 10, "the first is asked again")


class OlderNames(GatewayTest):
    """What 1.x calls the token's header, and what all APIs answer to browsers, in api-manager.xml."""

    options = dict(settings="""<APIConsumerAuthentication>
        <OAuthHeader>X-Key</OAuthHeader>
        <KeyHeaderSegment>Token</KeyHeaderSegment>
        <KeySegmentDelimiter>:</KeySegmentDelimiter>
        <OAuthHeaderSplitter>;</OAuthHeaderSplitter>
    </APIConsumerAuthentication>
    <CORSConfiguration>
        <Access-Control-Allow-Origin>https://a.example, https://b.example</Access-Control-Allow-Origin>
        <Access-Control-Allow-Methods>GET,POST,OPTIONS</Access-Control-Allow-Methods>
        <Access-Control-Allow-Headers>x-key,Content-Type</Access-Control-Allow-Headers>
        <Access-Control-Allow-Credentials>true</Access-Control-Allow-Credentials>
    </CORSConfiguration>""")

    path = "/stream/1.0/echo"

    def test_where_the_token_is(self):
        self.refused(self.get(self.path, self.token), 401, 900902)
        answer = self.call("GET", self.path, None, "X-Key: id:7;Token:" + self.token)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertNotIn("x-key", {name.lower() for name, _ in answer.json["headers"]})
        self.refused(self.call("GET", self.path, None, "X-Key: Bearer " + self.token), 401, 900902)

    def cors(self, origin):
        answer = self.call("OPTIONS", self.path, None, "Origin: " + origin, "Access-Control-Request-Method: DELETE")
        self.assertEqual(answer.status, 200, answer.body)
        return [answer.header("Access-Control-Allow-" + name) for name in ("Origin", "Methods", "Headers", "Credentials")]

    def test_what_browsers_are_told(self):
        for origin in ("https://a.example", "https://b.example"):
            self.assertEqual(self.cors(origin), [origin, "GET,POST", "x-key,Content-Type", "true"])
        self.assertIsNone(self.cors("https://c.example")[0])
