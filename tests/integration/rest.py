"""The REST APIs of a node, as a script uses them: dynamic registration, a token, then JSON over HTTPS."""

import base64
import http.client
import json
import urllib.parse

import suite
from harness import IntegrationTest, MARIADB, SQLITE

ALL_SCOPES = ("apim:api_view apim:api_create apim:api_publish apim:tier_view apim:tier_manage apim:subscription_view"
              " apim:subscription_block apim:api_workflow apim:subscribe apim:bl_view apim:bl_manage"
              " apim:app_import_export apim:api_import_export")


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        """What the Location ends with."""
        return self.headers["Location"].rsplit("/", 1)[1]

    def __repr__(self):
        return "%d %r" % (self.status, self.body[:2000])


def basic(user, password):
    return "Basic " + suite.secret(base64.b64encode(("%s:%s" % (user, password)).encode()).decode())


class Rest:
    """Somebody with a token, or nobody."""

    def __init__(self, node, token=None):
        self.node, self.token = node, token and suite.secret(token)

    @classmethod
    def login(cls, node, user="admin", password=None, scope=ALL_SCOPES, key_manager=None):
        """As the guides say: register a client, then the password grant."""
        nobody, password = cls(key_manager or node), password or (key_manager or node).admin_password
        client = nobody.send("POST", "/client-registration/v0.14/register", {
            "callbackUrl": "www.google.lk", "clientName": "rest_api_test", "tokenScope": "Production", "owner": user,
            "grantType": "password refresh_token", "saasApp": True}, {"Authorization": basic(user, password)})
        assert client.status == 200, client
        keys = basic(client.json["clientId"], suite.secret(client.json["clientSecret"]))
        token = nobody.send("POST", "/oauth2/token", urllib.parse.urlencode({
            "grant_type": "password", "username": user, "password": password, "scope": scope}),
            {"Authorization": keys, "Content-Type": "application/x-www-form-urlencoded"})
        assert token.status == 200, token
        return cls(node, token.json["access_token"])

    def send(self, method, path, body=None, headers=None):
        """body: text, bytes, or an object that becomes JSON."""
        headers = dict(headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = "Bearer " + self.token
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPSConnection("127.0.0.1", self.node.https_port, timeout=120,
                                                 context=self.node.tls_context())
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def publisher(self, method, path, body=None, headers=None, version="v0.14"):
        return self.send(method, "/api/am/publisher/%s%s" % (version, path), body, headers)

    def store(self, method, path, body=None, headers=None, version="v0.14"):
        return self.send(method, "/api/am/store/%s%s" % (version, path), body, headers)

    def admin(self, method, path, body=None, headers=None, version="v0.14"):
        return self.send(method, "/api/am/admin/%s%s" % (version, path), body, headers)

    def upload(self, method, path, name, file_name, content, content_type="application/octet-stream", fields=(), headers=None):
        """multipart/form-data with one file, as curl -F sends it."""
        boundary = "------------------------d74496d66958873e"
        parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (key.encode(), value.encode())
                 for key, value in fields]
        parts.append(b'Content-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s' % (
            name.encode(), file_name.encode(), content_type.encode(), content))
        body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
        return self.send(method, path, body + b"--" + boundary.encode() + b"--\r\n",
                         dict(headers or {}, **{"Content-Type": "multipart/form-data; boundary=" + boundary}))


class RestTest(IntegrationTest):
    """One new node, and its administrator with a token of all scopes."""
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        cls.node = cls.new_node()
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare(populate=False).start()
        cls.rest = Rest.login(cls.node)

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def ok(self, answer, status=200):
        self.assertEqual(answer.status, status, answer)
        return answer
