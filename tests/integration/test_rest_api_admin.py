"""RestApiAdmin: what Publishers from before APIGatewayAdmin bring to a gateway by. Raw messages as Axis2's stubs of that time write them, and a
toolkit that nobody here wrote, from the service's own description."""

import http.client
import os
import threading
from xml.sax.saxutils import escape

import suite
import synapse
from soap_admin import AdminTest
from test_gateway import CallsThroughGateway
from world import TENANT

AXIS2 = "http://org.apache.axis2/xsd"
ENVELOPES = {"11": "http://schemas.xmlsoap.org/soap/envelope/", "12": "http://www.w3.org/2003/05/soap-envelope"}
LOGIN = ('<l:login xmlns:l="http://authentication.services.core.carbon.wso2.org"><l:username>%s</l:username><l:password>%s'
         '</l:password><l:remoteAddress>localhost</l:remoteAddress></l:login>')
# As files of that time say it: the version behind the context, handlers in the packages of 1.0.
HANDLERS = """<handlers>
    <handler class="org.wso2.carbon.apimgt.handlers.security.APIAuthenticationHandler"/>
    <handler class="org.wso2.carbon.apimgt.handlers.throttling.APIThrottleHandler"><property name="id" value="A"/>
      <property name="policyKey" value="gov:/apimgt/applicationdata/tiers.xml"/></handler>
    <handler class="org.wso2.carbon.apimgt.usage.publisher.APIMgtUsageHandler"/>
    <handler class="org.wso2.carbon.apimgt.handlers.ext.APIManagerExtensionHandler"/>
  </handlers>"""


def api(name, context, steps="<respond/>"):
    return """<api xmlns="http://ws.apache.org/ns/synapse" name="%s" context="%s" version="1.0.0" version-type="url">
  <resource url-mapping="/*" methods="POST GET OPTIONS DELETE PUT"><inSequence>%s</inSequence><outSequence><send/></outSequence></resource>
  %s</api>""" % (name, context, steps, HANDLERS)


class RestApiAdmin(CallsThroughGateway, AdminTest):
    def path(self, name, tenant=None):
        folder = "repository/tenants/%d/synapse-configs/default/" % tenant if tenant else synapse.FOLDER
        return self.node.path(folder + "api/" + name)

    def read(self, name, tenant=None):
        with open(self.path(name, tenant)) as file:
            return file.read()

    def ask(self, service, operation, body, soap="12", cookie=None):
        """As Axis2's HTTP sender does: chunked, the action in the Content-Type or in SOAPAction. Returns (status, headers, answer)."""
        message = ("<?xml version='1.0' encoding='UTF-8'?><soapenv:Envelope xmlns:soapenv=\"%s\"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>"
                   % (ENVELOPES[soap], body)).encode()
        headers = {"User-Agent": "Axis2", "Transfer-Encoding": "chunked"}
        if soap == "11":
            headers |= {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '"urn:%s"' % operation}
        else:
            headers |= {"Content-Type": 'application/soap+xml; charset=UTF-8; action="urn:%s"' % operation}
        if cookie:
            headers["Cookie"] = cookie
        connection = http.client.HTTPSConnection("localhost", self.node.https_port, timeout=60, context=self.node.tls_context())
        self.addCleanup(connection.close)
        connection.request("POST", "/services/" + service, iter([message[:100], message[100:]]), headers, encode_chunked=True)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()

    def call_rest(self, operation, soap="12", cookie=None, **parameters):
        inner = "".join("<ns1:%s>%s</ns1:%s>" % (name, escape(value), name) for name, value in parameters.items())
        status, _, answer = self.ask("RestApiAdmin", operation,
                                     '<ns1:%s xmlns:ns1="%s">%s</ns1:%s>' % (operation, AXIS2, inner, operation), soap, cookie)
        return status, answer

    def login(self, soap):
        _, headers, answer = self.ask("AuthenticationAdmin", "login",
                                      LOGIN % ("admin", escape(self.node.admin_password)), soap)
        self.assertIn("true", answer)
        return suite.secret(headers["Set-Cookie"].split(";")[0])

    def publisher(self, soap):
        """What RESTAPIAdminClient does in an API's life."""
        cookie, name, file = self.login(soap), "admin--Old%s:v1.0.0" % soap, "admin--Old%s_v1.0.0.xml" % soap
        first, second = api("admin--Old" + soap, "/old" + soap), api("admin--Old" + soap, "/older" + soap)
        self.assertIn('<ns:return xsi:nil="true"/>', self.call_rest("getApiByName", soap, cookie, apiName=name)[1])
        status, answer = self.call_rest("addApiFromString", soap, cookie, apiData=first)
        self.assertEqual((status, "<ns:return>true</ns:return>" in answer), (200, True), answer)
        # Answered means served: its Key Manager does not know the API.
        self.refused(self.get("/old%s/1.0.0/x" % soap), 403, 900906)
        self.assertEqual(self.read(file), first)
        self.assertIn("<b:context>/old%s</b:context>" % soap, self.call_rest("getApiByName", soap, cookie, apiName=name)[1])
        self.assertIn("true", self.call_rest("updateApiFromString", soap, cookie, apiName=name, apiData=second)[1])
        self.assertEqual(self.get("/old%s/1.0.0/x" % soap).status, 404)
        self.refused(self.get("/older%s/1.0.0/x" % soap), 403, 900906)
        # What cannot be served is refused in the Publisher's own fault, and changes nothing.
        status, answer = self.call_rest("updateApiFromString", soap, cookie, apiName=name, apiData=api("admin--Old" + soap, "/x", "<script/>"))
        self.assertEqual(status, 500)
        self.assertIn("does not run &lt;script&gt;", answer)
        self.assertIn('<ns:RestApiAdminAPIException xmlns:ns="%s"><ns:APIException/>' % AXIS2, answer)
        self.assertEqual(self.read(file), second)
        self.assertIn("true", self.call_rest("deleteApi", soap, cookie, apiName=name)[1])
        self.assertEqual(self.get("/older%s/1.0.0/x" % soap).status, 404)
        self.assertFalse(os.path.exists(self.path(file)))

    def test_publisher_with_soap_12(self):
        self.publisher("12")

    def test_publisher_with_soap_11(self):
        self.publisher("11")

    def assert_none(self, data):
        """The toolkit makes an empty bean of a nil one."""
        self.assertIsNone(data and data.name)

    def test_toolkit(self):
        """From the description, whose names are those of WSO2's own."""
        name, tenant_name = "admin--Kit:v1.0.0", "admin-AT-acme.com--Kit:v1.0.0"
        for soap in ("11", "12"):
            service = self.service("RestApiAdmin", soap=soap)
            self.assert_none(service.getApiByName(name))
            self.assertIs(service.addApiFromString(api("admin--Kit", "/kit")), True)
            data = service.getApiByName(name)
            self.assertEqual((data.context, data.fileName, data.host, data.name, data.port), ("/kit", "admin--Kit_v1.0.0.xml", None, name, -1))
            self.assertIs(service.updateApiFromString(name, api("admin--Kit", "/kit2")), True)
            self.fails(service.updateApiFromString, name, api("admin--Other", "/kit2"), words='"admin--Other:v1.0.0", not "%s"' % name)
            self.refused(self.get("/kit2/1.0.0/x"), 403, 900906)
            self.assertIs(service.deleteApi(name), True)
            self.assertEqual(self.get("/kit2/1.0.0/x").status, 404)
            mine = api("admin-AT-acme.com--Kit", "/t/acme.com/kit")
            self.assert_none(service.getApiForTenant(tenant_name, "acme.com"))
            self.assertIs(service.addApiForTenant(mine, "acme.com"), True)
            self.assertEqual(service.getApiForTenant(tenant_name, "acme.com").context, "/t/acme.com/kit")
            self.assert_none(service.getApiByName(tenant_name))
            self.assertIs(service.updateApiForTenant(tenant_name, mine, "acme.com"), True)
            self.assertEqual(self.read("admin-AT-acme.com--Kit_v1.0.0.xml", TENANT), mine)
            self.fails(service.addApiForTenant, api("admin--Kit", "/kit"), "acme.com", words="is not the tenant's")
            self.fails(service.addApiForTenant, mine, "nowhere.example", words="There is no tenant")
            self.assertIs(service.deleteApiForTenant(tenant_name, "acme.com"), True)
            self.assertEqual(self.get("/t/acme.com/kit/1.0.0/x").status, 404)

    def test_bad_input(self):
        cookie = self.login("12")
        outside = self.node.path(synapse.FOLDER + "outside.xml")
        for operation, parameters, words in (
                ("addApiFromString", {"apiData": api("a", "/a")[:-10]}, "api:"),
                ("addApiFromString", {"apiData": ""}, '"apiData" is missing'),
                ("updateApiFromString", {"apiName": "../outside", "apiData": api("a", "/a")}, 'not "../outside"'),
                ("updateApiForTenant", {"apiName": "a:v1.0.0", "apiData": api("a", "/t/acme.com/a"), "tenantDomain": "../acme.com"}, "There is no tenant"),
                ("addApi", {"apiData": api("a", "/a")}, "There is no such operation.")):
            status, answer = self.call_rest(operation, cookie=cookie, **parameters)
            self.assertEqual(status, 500)
            self.assertIn(words, answer.replace("&quot;", '"'))
        with open(outside, "w") as file:
            file.write("<kept/>")
        for name in ("../outside", "/../outside", outside, "..%2foutside", "a\\..\\outside"):
            self.assertEqual(self.call_rest("deleteApi", cookie=cookie, apiName=name)[0], 200)
        self.assertTrue(os.path.exists(outside))
        self.assertEqual(self.get("/a/1.0.0/x").status, 404)

    def test_strangers(self):
        for parameters in ({}, {"cookie": "JSESSIONID=0123456789abcdef"}):
            self.assertEqual(self.call_rest("addApiFromString", apiData=api("s", "/s"), **parameters)[0], 401)
        status, _ = self.post("/services/RestApiAdmin", b"", {"Content-Type": "text/xml"})
        self.assertEqual(status, 401)
        self.assertEqual(self.get("/s/1.0.0/x").status, 404)

    def test_many_at_once(self):
        """Every call ends in its own API served, or taken away, and nothing in between."""
        cookie, wrong = self.login("12"), []

        def live(number):
            name, text = "admin--Many%d" % number, api("admin--Many%d" % number, "/many%d" % number)
            for _ in range(3):
                for operation, parameters in (("addApiFromString", {"apiData": text}), ("deleteApi", {"apiName": name + ":v1.0.0"})):
                    status, answer = self.call_rest(operation, cookie=cookie, **parameters)
                    if status != 200 or (self.get("/many%d/1.0.0/x" % number).status == 404) != (operation == "deleteApi"):
                        wrong.append((operation, number, status, answer))

        threads = [threading.Thread(target=live, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
