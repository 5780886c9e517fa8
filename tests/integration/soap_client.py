"""SOAP clients: one that speaks as Axis2's generated stubs do, written by hand, and the XML that they send and expect.

CHILDREN lists, per client profile, the children of each result in the order of the specification (soap-and-oauth.md 1.4, 1.5)."""

import base64
import http.client
import re
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

import suite

SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
AXIS2 = "http://org.apache.axis2/xsd"
DTO = "http://dto.impl.apimgt.carbon.wso2.org/xsd"
MODEL = "http://model.api.apimgt.carbon.wso2.org/xsd"
CONDITION = "http://dto.api.apimgt.carbon.wso2.org/xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PROFILES = ("1.5", "1.7", "2.x")
PATH = "/services/APIKeyValidationService"

_INFO_1_5 = ("apiName apiPublisher applicationId applicationName applicationTier authorized authorizedDomains consumerKey endUserName endUserToken "
             "issuedTime subscriber tier type userType validationStatus validityPeriod").split()
_INFO_1_7 = ("apiName apiPublisher applicationId applicationName applicationTier authorized authorizedDomains consumerKey endUserName endUserToken "
             "issuedTime scopes subscriber tier type userType validationStatus validityPeriod").split()
_INFO_2_X = ("apiName apiPublisher apiTier applicationId applicationName applicationTier authorized authorizedDomains consumerKey contentAware "
             "endUserName endUserToken issuedTime scopes spikeArrestLimit spikeArrestUnit stopOnQuotaReach subscriber subscriberTenantDomain "
             "throttlingDataList tier type userType validationStatus validityPeriod").split()
_TEMPLATE_1_X = "HTTPVerb authType resourceSandboxURI throttlingTier uriTemplate".split()
_TEMPLATE_2_X = ("HTTPVerb aggregatedMediationScript applicableLevel authType authTypeAsString authTypes conditionGroups httpVerbs mediationScript "
                 "methodsAsString resourceMap resourceSandboxURI resourceSandboxURIExist resourceURI resourceURIExist scope scopes throttlingConditions "
                 "throttlingConditionsAsString throttlingTier throttlingTiers throttlingTiersAsString uriTemplate").split()
CHILDREN = {
    "1.5": {DTO: _INFO_1_5, MODEL: _TEMPLATE_1_X},
    "1.7": {DTO: _INFO_1_7, MODEL: _TEMPLATE_1_X},
    "2.x": {DTO: _INFO_2_X, MODEL: _TEMPLATE_2_X},
}
REPEATED = {"scopes", "authorizedDomains", "throttlingDataList", "throttlingConditions", "conditionGroups"}
NOT_NIL = {"authorized", "contentAware", "stopOnQuotaReach", "issuedTime", "spikeArrestLimit", "validationStatus", "validityPeriod",
           "resourceSandboxURIExist", "resourceURIExist"}


def path_of(profile):
    return "/profile-%s%s" % (profile, PATH)


def envelope(body, soap=SOAP_12, header=""):
    return ('<?xml version=\'1.0\' encoding=\'UTF-8\'?><soapenv:Envelope xmlns:soapenv="%s">%s<soapenv:Body>%s</soapenv:Body>'
            '</soapenv:Envelope>' % (soap, header, body)).encode()


def operation(name, parameters):
    """parameters: pairs; a value None is sent as xsi:nil, as ADB does."""
    children = "".join(
        '<ns1:%s xmlns:xsi="%s" xsi:nil="1"/>' % (key, XSI) if value is None else "<ns1:%s>%s</ns1:%s>" % (key, escape(value), key)
        for key, value in parameters)
    return '<ns1:%s xmlns:ns1="%s">%s</ns1:%s>' % (name, AXIS2, children, name)


def validate_key(key, profile="2.x", level="Any"):
    parameters = [("context", key.context), ("version", key.version), ("accessToken", key.token),
                  ("requiredAuthenticationLevel", level), ("clientDomain", None)]
    if profile != "1.5":
        parameters += [("matchingResource", key.resource), ("httpVerb", key.verb)]
    return operation("validateKey", parameters)


def get_all_uri_templates(context, version):
    return operation("getAllURITemplates", [("context", context), ("version", version)])


def handshake(key):
    return operation("validateKeyforHandshake", [("context", key.context), ("version", key.version), ("accessToken", key.token)])


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()}


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.content_type = response.getheader("Content-Type")
        self.cookie = response.getheader("Set-Cookie")
        self.challenge = response.getheader("WWW-Authenticate")
        self.body = response.read()

    def fault(self):
        """(code, reason, name of the exception or None) of a fault; checks its form."""
        soap = SOAP_12 if self.content_type.startswith("application/soap+xml") else SOAP_11
        root = ElementTree.fromstring(self.body)
        assert root.tag == "{%s}Envelope" % soap, root.tag
        fault = root.find("{%s}Body/{%s}Fault" % (soap, soap))
        if soap == SOAP_11:
            code, reason, detail = fault.findtext("faultcode"), fault.findtext("faultstring"), fault.find("detail")
        else:
            codes = [value.text for value in fault.find("{%s}Code" % soap).iter("{%s}Value" % soap)]
            code, reason, detail = codes[-1], fault.findtext("{%s}Reason/{%s}Text" % (soap, soap)), fault.find("{%s}Detail" % soap)
        exception = None
        if len(detail):
            (outer,), ((inner,),) = detail, (list(detail[0]),)
            exception = inner.tag.replace("{%s}" % AXIS2, "")
            assert outer.tag == "{%s}APIKeyValidationService%s" % (AXIS2, exception), outer.tag
        return code, reason, exception

    def results(self, name, soap=SOAP_12):
        """The <return> elements of a response; checks everything around them."""
        assert self.status == 200, (self.status, self.body)
        expected = "application/soap+xml; charset=UTF-8" if soap == SOAP_12 else "text/xml; charset=UTF-8"
        assert self.content_type == expected, self.content_type
        root = ElementTree.fromstring(self.body)
        assert root.tag == "{%s}Envelope" % soap, root.tag
        (body,) = root
        assert body.tag == "{%s}Body" % soap, body.tag
        (response,) = body
        assert response.tag == "{%s}%sResponse" % (AXIS2, name), response.tag
        assert all(child.tag == "{%s}return" % AXIS2 for child in response)
        return list(response)


def check_children(element, profile, namespace):
    """Fails on any child that is extra, missing, misplaced, in another namespace, or null where it may not be. Returns name -> value; of those that
    may come again, a list."""
    names = []
    values = {}
    for child in element:
        match = re.fullmatch(r"\{(.*)\}(.*)", child.tag)
        assert match and match.group(1) == namespace, child.tag
        name = match.group(2)
        nil = child.get("{%s}nil" % XSI)
        assert nil in (None, "true") and not (nil and (name in NOT_NIL or child.text)), name
        value = None if nil else child.text or ""
        if name in REPEATED:
            if names[-1:] != [name]:
                names.append(name)
            values.setdefault(name, []).append(value)
        else:
            names.append(name)
            values[name] = value
    assert names == CHILDREN[profile][namespace], (names, CHILDREN[profile][namespace])
    return values


class Axis2Client:
    """One pooled stub of a gateway: SOAP 1.2, chunked, no SOAPAction, a header list that it may lose, and a cookie that it keeps."""

    def __init__(self, node, path=PATH, user="admin", password=None):
        self.path = path
        self.headers = basic(user, password or node.admin_password) if user else {}
        self.cookie = None
        self.connection = http.client.HTTPSConnection("localhost", node.https_port, timeout=120, context=node.tls_context())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, body, headers=None, content_type='application/soap+xml; charset=UTF-8; action="urn:%s"', chunked=True):
        if isinstance(body, str):
            name = re.match(r"<ns1:(\w+)", body).group(1)
            body = envelope(body)
            content_type = content_type.replace("%s", name)
        all_headers = {"Content-Type": content_type, "User-Agent": "Axis2"} | self.headers | (headers or {})
        if self.cookie:
            all_headers["Cookie"] = self.cookie
        if chunked:
            all_headers["Transfer-Encoding"] = "chunked"
            self.connection.request("POST", self.path, iter([body[:100], body[100:]]), all_headers, encode_chunked=True)
        else:
            self.connection.request("POST", self.path, body, all_headers)
        answer = Answer(self.connection.getresponse())
        if answer.cookie:
            self.cookie = answer.cookie.split(";")[0]
            suite.secret(self.cookie.split("=")[1])
        return answer

    def validate(self, key, profile="2.x"):
        """The children of the answer to validateKey."""
        (result,) = self.send(validate_key(key, profile)).results("validateKey")
        return check_children(result, profile, DTO)

    def status(self, key):
        """The validationStatus alone, for who asks often."""
        answer = self.send(validate_key(key))
        assert answer.status == 200, answer.body
        return int(re.search(rb"<d:validationStatus>(\d+)<", answer.body).group(1))
