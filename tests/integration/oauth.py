"""OAuth2 clients of a node: forms by hand, and the rows of clients and codes that a Store or WSO2's login page makes."""

import base64
import hashlib
import http.client
import json
import secrets
import threading
import time
import urllib.parse
import uuid

import suite
from world import BOB, SUPER_TENANT

CALLBACK = "https://client.example/callback?x=1"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        """The members; tokens are noted as secrets."""
        members = json.loads(self.body)
        for name in ("access_token", "refresh_token"):
            if name in members:
                suite.secret(members[name])
        return members

    def error(self):
        members = self.json
        return self.status, members["error"], members["error_description"]


class Keys:
    """What asks with a consumer key and secret."""

    def __init__(self, node, key, secret):
        self.node, self.key, self.secret = node, key, suite.secret(secret)

    @property
    def basic(self):
        return "Basic " + base64.b64encode(("%s:%s" % (self.key, self.secret)).encode()).decode()

    def post(self, path, fields, headers=None, source="127.0.0.1", method="POST", node=None):
        """fields: a dictionary, a list of pairs, or the text of the body. headers None: Basic credentials."""
        node = node or self.node
        body = fields if isinstance(fields, (str, bytes)) else urllib.parse.urlencode(fields)
        headers = {"Authorization": self.basic} if headers is None else headers
        connection = http.client.HTTPSConnection("127.0.0.1", node.https_port, timeout=120,
                                                 context=node.tls_context(), source_address=(source, 0))
        try:
            connection.request(method, path, body,
                               {"Content-Type": "application/x-www-form-urlencoded", **headers})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def token(self, grant_type, headers=None, node=None, **fields):
        return self.post("/oauth2/token", dict(fields, grant_type=grant_type), headers, node=node)

    def revoke(self, token, **fields):
        return self.post("/oauth2/revoke", dict(fields, token=token))

    def introspect(self, token, **fields):
        return self.post("/oauth2/introspect", dict(fields, token=token)).json


class Client(Keys):
    """An OAuth client in the database, with an application that subscribes to the known world's Weather and Forecast."""

    count = 200

    def __init__(self, node, grants="client_credentials password refresh_token authorization_code", mapped=True,
                 callback=CALLBACK, **columns):
        Client.count += 1
        self.id = Client.count
        super().__init__(node, "client_%d" % self.id, secrets.token_hex(14))
        self.apimgt = node.world.apimgt
        with self.apimgt.together():
            self.apimgt.insert("IDN_OAUTH_CONSUMER_APPS", [dict(dict(
                ID=self.id, CONSUMER_KEY=self.key, CONSUMER_SECRET=self.secret, USERNAME="alice", TENANT_ID=SUPER_TENANT,
                USER_DOMAIN="PRIMARY", APP_NAME=self.key, OAUTH_VERSION="OAuth-2.0", CALLBACK_URL=callback,
                GRANT_TYPES=grants, APP_STATE="ACTIVE", PKCE_MANDATORY="0", PKCE_SUPPORT_PLAIN="0",
                USER_ACCESS_TOKEN_EXPIRE_TIME=0, APP_ACCESS_TOKEN_EXPIRE_TIME=0, REFRESH_TOKEN_EXPIRE_TIME=0), **columns)])
            if mapped:
                node.world.add_application(self.id, self.key, (100, 101))

    def password(self, user=BOB, **fields):
        return self.token("password", username=user, password=self.node.world.passwords[user], **fields)

    def code(self, user=BOB, scope="default", callback=CALLBACK, challenge=None, method=None, age=0, validity=300000):
        """A code as the login page makes it."""
        code = suite.secret(secrets.token_hex(16))
        digest = hashlib.sha256(code.encode()).hexdigest()
        self.apimgt.insert("IDN_OAUTH2_AUTHORIZATION_CODE", [dict(
            CODE_ID=str(uuid.uuid4()), AUTHORIZATION_CODE=code, CONSUMER_KEY_ID=self.id, CALLBACK_URL=callback,
            SCOPE=scope, AUTHZ_USER=user, TENANT_ID=SUPER_TENANT, USER_DOMAIN="PRIMARY",
            TIME_CREATED=self.apimgt.time(time.time() - age), VALIDITY_PERIOD=validity, STATE="ACTIVE",
            SUBJECT_IDENTIFIER=user, PKCE_CODE_CHALLENGE=challenge, PKCE_CODE_CHALLENGE_METHOD=method,
            AUTHORIZATION_CODE_HASH=json.dumps({"hash": digest, "algorithm": "SHA-256"}, separators=(",", ":")))])
        return code

    def exchange(self, code, redirect_uri=CALLBACK, **fields):
        return self.token("authorization_code", code=code, redirect_uri=redirect_uri, **fields)


def add_scopes(world):
    """The scopes of the known world's Forecast API as a Publisher links them to it."""
    world.apimgt.insert("AM_API_SCOPES", [dict(API_ID=101, SCOPE_ID=number) for number in (100, 101)])


def race(runners, rounds, ask):
    """ask(runner, round) by as many threads at once, round by round. Returns the answers of each round."""
    barrier = threading.Barrier(runners, timeout=120)
    answers = [[None] * runners for _ in range(rounds)]

    def run(runner):
        for number in range(rounds):
            barrier.wait()
            answers[number][runner] = ask(runner, number)

    threads = [threading.Thread(target=run, args=(runner,)) for runner in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
