"""A gateway's AuthenticationAdmin and APIGatewayAdmin as another real listener: it keeps the files that it is brought, faults as WSO2's
does where an API is there already or not there, and can be away, or refuse what writes."""

import threading
import xml.etree.ElementTree as ElementTree

from fake_gateway import ENVELOPE, FakeGateway

ADMIN = "{http://service.gateway.apimgt.carbon.wso2.org}"
BODY = '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>%s</e:Body></e:Envelope>'
FAULT = BODY % "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text xml:lang='en'>%s</e:Text></e:Reason></e:Fault>"
ANSWER = BODY % "<n:r xmlns:n='x'><n:return>%s</n:return></n:r>"
NOTHING = BODY % "<n:r xmlns:n='x'><n:return xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'/></n:r>"


class AdminGateway(FakeGateway):
    def __init__(self, name):
        super().__init__()
        self.name, self.files, self.full, self.lock = name, {}, False, threading.Lock()
        self.open = threading.Event()  # cleared: who asks has to wait
        self.open.set()

    @property
    def environment(self):
        return ('<Environment type="hybrid"><Name>%s</Name><ServerURL>https://localhost:%d/services/</ServerURL><Username>%s</Username>'
                '<Password>gw&lt;&amp;&gt;secret</Password></Environment>' % (self.name, self.port, self.USER))

    @property
    def apis(self):
        """Names of the files that are no endpoints': "admin--Weather:v1.0.0", "admin--Weather"."""
        return sorted(name for name in self.files if "--" in name and "_API" not in name)

    def take(self, path, headers, body):
        self.attempts += 1
        element = ElementTree.fromstring(body).find(ENVELOPE + "Body")[0]
        fields = {child.tag.split("}")[-1]: child.text for child in element}
        if path.endswith("AuthenticationAdmin"):
            good = (fields["username"], fields["password"]) == (self.USER, self.PASSWORD)
            return 200, (ANSWER % ("true" if good else "false")).encode()
        if path.endswith("APIAuthenticationService"):
            return 202, b""
        assert path == "/services/APIGatewayAdmin" and element.tag.startswith(ADMIN), (path, element.tag)
        if "JSESSIONID=gateway1" not in (headers["Cookie"] or ""):
            return 401, b""
        assert self.open.wait(120)
        with self.lock:
            return self.administer(element.tag.removeprefix(ADMIN), fields)

    def administer(self, operation, fields):
        name = "%s--%s" % (fields.get("apiProviderName"), fields.get("apiName"))
        if "Default" not in operation:
            name += ":v%s" % fields.get("version")
        if operation.startswith("get"):
            return 200, (ANSWER % "<n:name>x</n:name>" if name in self.files else NOTHING).encode()
        if self.full:
            return 500, (FAULT % "no space left").encode()
        if operation == "addEndpoint":
            self.files[ElementTree.fromstring(fields["endpointData"]).get("name")] = fields["endpointData"]
        elif operation == "removeEndpointsToUpdate":
            for other in [other for other in self.files if other.startswith("%s--v%s_API" % (fields["apiName"], fields["apiVersion"]))]:
                del self.files[other]
        elif operation.startswith("delete"):
            if self.files.pop(name, None) is None:
                return 500, (FAULT % "there is no such API").encode()
        elif (name in self.files) != operation.startswith("update"):
            return 500, (FAULT % "it is there, or not").encode()
        else:
            self.files[name] = fields["apiConfig"]
        return 200, (ANSWER % "true").encode()
