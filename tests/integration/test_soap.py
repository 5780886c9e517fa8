"""APIKeyValidationService over SOAP: a toolkit that nobody here wrote (python3-zeep), curl, and a client shaped as Axis2's stubs are."""

import gzip
import http.client
import json
import subprocess
import time

import soap_client
import wire
from harness import MARIADB, SQLITE, NodeTest
from soap_client import DTO, MODEL, PATH, PROFILES, SOAP_11, SOAP_12, Axis2Client, check_children, path_of
from world import BOB

CONTENT_12 = 'application/soap+xml; charset=UTF-8; action="urn:validateKey"'
WRONG_CREDENTIALS = ("50977", "Access Denied. The user name or the password is wrong.", None)
NO_PERMISSION = ("50978", "Access Denied.", None)


class SoapTest(NodeTest):
    def client(self, path=PATH, user="admin", password=None):
        client = Axis2Client(self.node, path, user, password)
        self.addCleanup(client.connection.close)
        return client

    def counters(self):
        return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "-o", "json", check=True).stdout)


class Soap(SoapTest):
    databases = (SQLITE, MARIADB)

    def test_axis2_client_of_each_profile(self):
        """The first of 1.x asks for the templates with Basic, and then for keys with nothing but the cookie (2., the trap of E1)."""
        for profile in PROFILES:
            with self.subTest(profile):
                client = self.client(path_of(profile))
                self.check_templates(client, profile)
                self.assertRegex(client.cookie, r"^JSESSIONID=[0-9A-Za-z_-]{62}$")
                client.headers = {"activityID": ""}
                answer = client.validate(self.world.good, profile)
                self.check_granted(answer, profile)
                refused = client.validate(self.world.unknown, profile)
                self.assertEqual((refused["authorized"], refused["validationStatus"]), ("false", "900901"))
                self.assertEqual({name for name, value in refused.items() if value not in (None, [None])},
                                 soap_client.NOT_NIL & set(soap_client.CHILDREN[profile][DTO]))

    def check_templates(self, client, profile):
        results = client.send(soap_client.get_all_uri_templates("/forecast/1.0", "1.0")).results("getAllURITemplates")
        templates = [check_children(result, profile, MODEL) for result in results]
        self.assertEqual([(t["uriTemplate"], t["HTTPVerb"], t["authType"], t["throttlingTier"]) for t in templates],
                         [("/rain", "GET", "Any", "Unlimited"), ("/rain", "POST", "Any", "Unlimited"),
                          ("/snow", "GET", "Any", "Unlimited")])
        if profile == "2.x":
            self.assertEqual(templates[0]["throttlingConditions"], ["_default"])
            self.assertEqual(len(templates[0]["conditionGroups"]), 1)
        answer = client.send(soap_client.get_all_uri_templates("/nothing/here", "1.0"))
        self.assertEqual(answer.results("getAllURITemplates"), [])

    def check_granted(self, answer, profile):
        expected = {"apiName": "Weather", "apiPublisher": "carol", "applicationId": "7", "applicationName": "PhoneApp",
                    "applicationTier": "Unlimited", "authorized": "true", "authorizedDomains": [None], "consumerKey": "ck_9fA3",
                    "endUserName": "bob@carbon.super", "subscriber": "alice", "tier": "Gold", "type": "PRODUCTION",
                    "userType": "APPLICATION_USER", "validationStatus": "0"}
        if profile != "1.5":
            expected["scopes"] = ["default"]
        if profile == "2.x":
            expected |= {"apiTier": "Unlimited", "contentAware": "false", "subscriberTenantDomain": "carbon.super",
                         "throttlingDataList": ["api_level_throttling_key"], "stopOnQuotaReach": "true"}
        self.assertEqual({name: answer[name] for name in expected}, expected)
        self.assertLess(abs(int(answer["issuedTime"]) - time.time() * 1000), 60000)
        self.assertTrue(0 < int(answer["validityPeriod"]) <= 3900000)

    def test_answers_are_those_of_thrift(self):
        client = self.client()
        connection = self.connect()
        for name in ("good", "never", "expired", "revoked", "sandbox", "application", "tenant", "without_scopes"):
            key = getattr(self.world, name)
            thrift = connection.call(wire.validate_key(self.session, key)).success()
            soap = client.validate(key)
            self.assertEqual((soap["authorized"], soap["validationStatus"], soap["endUserName"], soap["type"]),
                             ("true" if thrift[1] else "false", str(thrift[8]), thrift.get(6),
                              thrift.get(4)), name)
        for key, status in ((self.world.reader_without_role.on("/forecast/1.0", resource="/rain"), "900910"),
                            (self.world.good.at_state("blocked"), "900907"), (self.world.good.on("/lonely/1.0"), "900908")):
            self.assertEqual(client.validate(key)["validationStatus"], status)

    def test_handshake(self):
        key = self.world.good.on("/weather/2.0", "2.0")
        (result,) = self.client().send(soap_client.handshake(key)).results("validateKeyforHandshake")
        answer = check_children(result, "2.x", DTO)
        self.assertEqual((answer["authorized"], answer["apiName"]), ("true", "Weather*2.0"))
        code, _, _ = self.client(path_of("1.7")).send(soap_client.handshake(self.world.good)).fault()
        self.assertEqual(code, "soapenv:Sender")

    def test_every_path(self):
        for ending in ("", "/", ".APIKeyValidationServiceHttpsSoap11Endpoint", ".APIKeyValidationServiceHttpsSoap12Endpoint/",
                       ".APIKeyValidationServiceHttpsEndpoint"):
            self.assertEqual(self.client(PATH + ending).validate(self.world.good)["authorized"], "true")

    def test_soap_1_1_as_the_microgateway(self):
        """Text and SOAPAction, no Header, no cookie kept (1.10)."""
        client = self.client()
        for _ in range(3):
            answer = client.send(soap_client.envelope(soap_client.validate_key(self.world.good), SOAP_11),
                                 headers={"SOAPAction": '"urn:validateKey"'}, content_type="text/xml", chunked=False)
            (result,) = answer.results("validateKey", SOAP_11)
            self.assertEqual(check_children(result, "2.x", DTO)["authorized"], "true")
            client.cookie = None

    def test_without_action(self):
        answer = self.client().send(soap_client.envelope(soap_client.validate_key(self.world.good)), content_type="application/soap+xml")
        self.assertEqual(len(answer.results("validateKey")), 1)


class Admission(SoapTest):
    databases = (SQLITE, MARIADB)

    def ask(self, client):
        return client.send(soap_client.validate_key(self.world.good))

    def test_no_credentials(self):
        for headers in ({}, {"Authorization": "Basic !!!"}, {"Authorization": "Bearer x"}, {"Cookie": "JSESSIONID=no-such"},
                        {"Cookie": "JSESSIONID=" + "A" * 62}):
            answer = self.client(user=None).send(soap_client.validate_key(self.world.good), headers)
            self.assertEqual((answer.status, answer.body, answer.challenge), (401, b"", 'Basic realm="apim"'))

    def test_wrong_credentials(self):
        """From an address of its own user names, so that no lock-out touches other tests."""
        for user, password in (("nobody-1", "wrong"), ("nobody-2", ""), ("", "x")):
            client = self.client()
            client.headers = soap_client.basic(user, password)
            answer = self.ask(client)
            self.assertEqual((answer.status, answer.fault(), answer.cookie), (500, WRONG_CREDENTIALS, None))
            text = client.send(soap_client.envelope(soap_client.validate_key(self.world.good), SOAP_11), content_type="text/xml").fault()
            self.assertEqual(text, WRONG_CREDENTIALS)

    def test_no_permission(self):
        client = self.client(user=BOB, password=self.world.passwords[BOB])
        for _ in range(2):
            self.assertEqual(self.ask(client).fault(), NO_PERMISSION)

    def test_thrift_session_as_cookie(self):
        client = self.client(user=None)
        client.cookie = "JSESSIONID=" + self.session
        self.assertEqual(client.validate(self.world.good)["authorized"], "true")
        client.cookie = "JSESSIONID=" + self.node.login(BOB)
        self.assertEqual(self.ask(client).fault(), NO_PERMISSION)

    def test_stale_cookie_beside_good_credentials(self):
        client = self.client()
        client.cookie = "JSESSIONID=from-another-life"
        self.assertEqual(client.validate(self.world.good)["authorized"], "true")
        self.assertNotIn("another-life", client.cookie)


class Toolkits(SoapTest):
    """From the node's own WSDL."""

    def service(self, profile, soap="12"):
        import requests
        import zeep
        session = requests.Session()
        session.trust_env = False  # it would replace the next line by what REQUESTS_CA_BUNDLE says
        session.verify = self.node.certificate
        session.auth = ("admin", self.node.admin_password)
        client = zeep.Client("https://localhost:%d%s?wsdl" % (self.node.https_port, path_of(profile)),
                             transport=zeep.Transport(session=session, timeout=60),
                             settings=zeep.Settings(strict=True))
        return client.bind("APIKeyValidationService", "APIKeyValidationServiceHttpsSoap%sEndpoint" % soap)

    def test_zeep(self):
        key = self.world.good
        for profile in PROFILES:
            for soap in ("11", "12"):
                with self.subTest(profile=profile, soap=soap):
                    service = self.service(profile, soap)
                    more = {} if profile == "1.5" else {"matchingResource": key.resource, "httpVerb": key.verb}
                    answer = service.validateKey(context=key.context, version=key.version, accessToken=key.token,
                                                 requiredAuthenticationLevel="Any", **more)
                    self.assertEqual((answer.authorized, answer.endUserName, answer.validationStatus), (True, "bob@carbon.super", 0))
                    self.assertEqual([name for name in answer], soap_client.CHILDREN[profile][DTO])
                    templates = service.getAllURITemplates(context="/forecast/1.0", version="1.0")
                    self.assertEqual([t.uriTemplate for t in templates], ["/rain", "/rain", "/snow"])
                    self.assertEqual([name for name in templates[0]], soap_client.CHILDREN[profile][MODEL])
                    if profile == "2.x":
                        self.assertTrue(service.validateKeyforHandshake(context="/weather/2.0", version="2.0",
                                                                        accessToken=key.token).authorized)

    def test_zeep_sees_faults(self):
        import zeep
        service = self.service("2.x")
        service._client.transport.session.auth = ("admin-x", "wrong")
        with self.assertRaises(zeep.exceptions.Fault) as caught:
            service.validateKey(context="/a", version="1", accessToken="t")
        self.assertEqual(caught.exception.message, WRONG_CREDENTIALS[1])

    def test_host_of_the_description(self):
        """What is no host name is not repeated."""
        for host, expected in (("gateway.example:1234", "https://gateway.example:1234/services/"), ('a"><x', "https://localhost:")):
            connection = http.client.HTTPSConnection("localhost", self.node.https_port, timeout=60, context=self.node.tls_context())
            self.addCleanup(connection.close)
            connection.putrequest("GET", PATH + "?wsdl", skip_host=True)
            connection.putheader("Host", host)
            connection.endheaders()
            response = connection.getresponse()
            body = response.read().decode()
            if response.status == 200:  # the server may refuse such a Host itself
                self.assertIn(expected, body)
                self.assertNotIn('a"><x', body)

    def test_curl(self):
        message = self.node.write("request.xml", soap_client.envelope(soap_client.validate_key(self.world.good), SOAP_11).decode())
        config = 'user = "admin:%s"\n' % self.node.admin_password
        result = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--cacert", self.node.certificate, "--config", "-",
                                 "-H", "Content-Type: text/xml", "-H", 'SOAPAction: "urn:validateKey"', "--data-binary", "@" + message,
                                 "https://localhost:%d%s" % (self.node.https_port, PATH)],
                                input=config, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("<d:authorized>true</d:authorized>", result.stdout)


class BadMessages(SoapTest):
    """Each gets its fault or a clean refusal, and the connection, or at least everybody else's, goes on."""

    def setUp(self):
        self.soap = self.client()
        self.soap.validate(self.world.good)

    def assert_fault(self, body, code="soapenv:Sender", **options):
        answer = self.soap.send(body, **({"content_type": CONTENT_12} | options))
        self.assertEqual(answer.status, 500)
        self.assertEqual(answer.fault()[0], code, answer.body)
        self.assertNotIn(b"root:", answer.body)
        self.assertEqual(self.soap.validate(self.world.good)["authorized"], "true")

    def assert_refused(self, status, body, **options):
        answer = self.soap.send(body, **options)
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(self.soap.validate(self.world.good)["authorized"], "true")

    def test_xml(self):
        good = soap_client.envelope(soap_client.validate_key(self.world.good))
        inner = soap_client.validate_key(self.world.good)
        declaration = b"<?xml version='1.0' encoding='UTF-8'?>"
        self.assertTrue(good.startswith(declaration))
        bare = good[len(declaration):]
        bad = {
            "empty": b"",
            "not XML": b"validateKey",
            "external entity": b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + bare.replace(b"Any", b"&e;"),
            "parameter entity": b"<!DOCTYPE x [<!ENTITY % e SYSTEM 'file:///etc/passwd'>%e;]>" + bare,
            "billion laughs": b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
                b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)) + b"]>" + bare.replace(b"Any", b"&a9;"),
            "DOCTYPE alone": b"<!DOCTYPE x>" + bare,
            "depth 100,000 in the body": soap_client.envelope("<a>" * 100000 + "</a>" * 100000)[:260000],
            "a text of 200 kB": soap_client.envelope(soap_client.operation("validateKey", [("context", "x" * 200000)])),
            "10,000 elements": soap_client.envelope(soap_client.operation("validateKey", [("a", "")] * 10000)),
            "10,000 attributes": soap_client.envelope("<a %s/>" % " ".join("a%d=''" % n for n in range(10000))),
            "UTF-16": bare.decode().encode("utf-16"),
            "UTF-32": bare.decode().encode("utf-32"),
            "declared as Latin-1": good.replace(b"UTF-8", b"ISO-8859-1"),
            "bytes of Latin-1": good.replace(b"/weather", b"/w\xe4ther"),
            "NUL": good.replace(b"/weather", b"/wea\0ther"),
            "NUL as a reference": good.replace(b"/weather", b"/wea&#0;ther"),
            "nil with a value": good.replace(b'xsi:nil="1"/>', b'xsi:nil="1">x</ns1:clientDomain>'),
            "nil is maybe": good.replace(b'xsi:nil="1"', b'xsi:nil="maybe"'),
            "a parameter twice": good.replace(b"<ns1:version>", b"<ns1:accessToken>x</ns1:accessToken><ns1:version>"),
            "a parameter that is a bean": good.replace(b"Any", b"<a>Any</a>"),
            "two operations": soap_client.envelope(inner + inner),
            "no operation": soap_client.envelope(""),
            "unknown operation": soap_client.envelope(soap_client.operation("dropTables", [])),
            "cut off": good[:-20],
            "processing instruction": good.replace(b"<soapenv:Body>", b"<?php x?><soapenv:Body>"),
        }
        for words, body in bad.items():
            with self.subTest(words):
                self.assert_fault(body)
        for words, body in {
            "wrong namespace": good.replace(soap_client.AXIS2.encode(), b"urn:another"),
            "no namespace": soap_client.envelope("<validateKey/>"),
        }.items():
            with self.subTest(words):
                self.assert_fault(body, "soapenv:Receiver")

    def test_versions_and_actions(self):
        old = soap_client.envelope(soap_client.validate_key(self.world.good), SOAP_11)
        new = soap_client.envelope(soap_client.validate_key(self.world.good), SOAP_12)
        self.assert_fault(old, "soapenv:VersionMismatch", content_type="application/soap+xml")
        self.assert_fault(new, "soapenv:VersionMismatch", content_type="text/xml")
        self.assert_fault(new.replace(SOAP_12.encode(), b"urn:soap"), "soapenv:VersionMismatch", content_type="application/soap+xml")
        self.assert_fault(new, content_type='application/soap+xml; action="urn:getAllURITemplates"')
        self.assert_fault(old, "soapenv:Client", content_type="text/xml", headers={"SOAPAction": '"urn:getAllURITemplates"'})
        must = soap_client.envelope(soap_client.validate_key(self.world.good), header=(
            '<soapenv:Header><x:y xmlns:x="urn:x" soapenv:mustUnderstand="true"/></soapenv:Header>'))
        self.assert_fault(must, "soapenv:MustUnderstand")
        answer = self.soap.send(must.replace(b'"true"', b'"false"'), content_type=CONTENT_12)
        self.assertEqual(len(answer.results("validateKey")), 1)

    def test_type_is_not_believed(self):
        body = soap_client.envelope(soap_client.validate_key(self.world.good)).replace(
            b"<ns1:accessToken>", b'<ns1:accessToken xmlns:xsi="%s" xsi:type="x:Evil" xmlns:x="urn:x">' % soap_client.XSI.encode())
        self.assertEqual(len(self.soap.send(body, content_type=CONTENT_12).results("validateKey")), 1)

    def test_http(self):
        body = soap_client.envelope(soap_client.validate_key(self.world.good))
        self.assert_refused(415, gzip.compress(b" " * 50000000), headers={"Content-Encoding": "gzip"}, content_type=CONTENT_12)
        self.assert_refused(415, body, content_type="application/json")
        self.assert_refused(415, body, content_type="multipart/related")
        self.assert_refused(415, body, content_type="text/xml; charset=UTF-16")
        self.assert_refused(413, body + b" " * 300000, content_type=CONTENT_12)
        self.soap.connection.request("GET", PATH)
        response = self.soap.connection.getresponse()
        response.read()
        self.assertEqual((response.status, response.getheader("Allow")), (405, "POST"))

    def test_strangers_are_not_parsed_for(self):
        answer = self.client(user=None).send(b"<a", content_type=CONTENT_12)
        self.assertEqual(answer.status, 401)


class Settings(SoapTest):
    options = {"apimd": "<SoapClientProfile>1.9</SoapClientProfile><Limits><MaxSoapMessage>2048</MaxSoapMessage></Limits>"}

    def test_limit(self):
        answer = self.client().send(soap_client.envelope(soap_client.operation("validateKey", [("context", "x" * 2000)])),
                                    content_type=CONTENT_12)
        self.assertEqual(answer.status, 413)

    def test_profile_and_counters(self):
        before = self.counters()
        client = self.client()
        client.validate(self.world.good, "1.7")
        client.send(b"<a", content_type=CONTENT_12)
        self.client(user=None).send(b"<a", content_type=CONTENT_12)
        client.send(b"{}", content_type="application/json")
        after = self.counters()
        self.assertEqual({name: after["soap." + name] - before["soap." + name]
                          for name in ("calls", "replies", "faults", "unauthenticated", "refused")},
                         {"calls": 1, "replies": 1, "faults": 1, "unauthenticated": 1, "refused": 1})
