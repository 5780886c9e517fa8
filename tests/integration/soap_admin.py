"""The base of tests of the admin services: a toolkit that nobody here wrote (python3-zeep), and messages by hand."""

import http.client
import json
import secrets

import soap_client
import suite
from harness import NodeTest


class AdminTest(NodeTest):
    def service(self, name, user="admin", password=None, soap="12", session=None):
        import requests
        import zeep
        if session is None:
            session = requests.Session()
            session.trust_env = False  # it would replace the next line by what REQUESTS_CA_BUNDLE says
            session.verify = self.node.certificate
            if user is not None:
                session.auth = (user, password or self.node.admin_password)
        self.addCleanup(session.close)
        client = zeep.Client("https://localhost:%d/services/%s?wsdl" % (self.node.https_port, name),
                             transport=zeep.Transport(session=session, timeout=120), settings=zeep.Settings(strict=True))
        service = client.bind(name, "%sHttpsSoap%sEndpoint" % (name, soap))
        service.session = session
        return service

    def fails(self, call, *arguments, words="", code=None, **named):
        """The detail's tag of the fault that the call ends with."""
        import zeep
        with self.assertRaises(zeep.exceptions.Fault) as caught:
            call(*arguments, **named)
        self.assertIn(words, caught.exception.message)
        if code is not None:
            self.assertIn(code, str(caught.exception.subcodes or caught.exception.code))
        return caught.exception

    def post(self, path, body=b"", headers=()):
        connection = http.client.HTTPSConnection("localhost", self.node.https_port, timeout=120,
                                                 context=self.node.tls_context())
        self.addCleanup(connection.close)
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read().decode()

    def send(self, service, body, user="admin", password=None, **headers):
        """One SOAP 1.2 message. Returns (status, answer)."""
        all_headers = {"Content-Type": "application/soap+xml; charset=UTF-8"} | headers
        if user is not None:
            all_headers |= soap_client.basic(user, password or self.node.admin_password)
        return self.post("/services/" + service, soap_client.envelope(body), all_headers)

    def status(self):
        return json.loads(self.node.ctl("node", "status", "--home", self.node.home, "-o", "json", check=True).stdout)

    def new_password(self):
        return suite.secret(secrets.token_urlsafe(12))
