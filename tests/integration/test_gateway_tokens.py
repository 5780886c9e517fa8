"""OAuth through the gateway's ports: /token, /revoke, /authorize, /userinfo (specification, gateway 3, 4)."""

import base64
import json
import os
import re
import signal
import socket
import time
import urllib.parse
from xml.sax.saxutils import escape

import oauth
import synapse
from backend import Stream
from oauth import CALLBACK, Client
from test_gateway import GatewayTest, read_answer
from test_gateway_remote import Remote
from world import BOB

FORM = "Content-Type: application/x-www-form-urlencoded"
FILES = ("_TokenAPI_", "_RevokeAPI_", "_AuthorizeAPI_", "_UserInfoAPI_")


class Asks:
    """For tests of a gateway whose files have the four APIs. self.manager: the node with the Key Manager."""

    path = "/weather/1.0/city/echo"

    def post(self, path, client, **fields):
        body = urllib.parse.urlencode(fields)
        return self.send(self.head("POST", path, None, "Authorization: " + client.basic, FORM,
                                   "Content-Length: %d" % len(body)) + body.encode(), https=True)

    def issue(self, client, **fields):
        answer = self.post("/token", client, **(fields or dict(grant_type="client_credentials")))
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def use(self, token):
        return self.get(self.path, token, https=True)

    def claims(self, token):
        return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))

    def jwt_client(self):
        """A client of an application whose tokens are self-contained."""
        client = Client(self.manager)
        self.manager.world.apimgt.execute("UPDATE AM_APPLICATION SET TOKEN_TYPE = 'JWT' WHERE APPLICATION_ID = ?",
                                          [client.id])
        return client


class Tokens(Asks):
    def test_issue_use_revoke(self):
        """The next call after the revocation is refused, at every worker."""
        client = Client(self.manager)
        token = self.issue(client).json["access_token"]
        for _ in range(4):
            self.assertEqual(self.use(token).status, 200)
        answer = self.post("/revoke", client, token=token)
        self.assertEqual((answer.status, answer.header("RevokedAccessToken")), (200, token))
        for _ in range(4):
            self.refused(self.use(token), 401, 900901)

    def test_refresh_ends_the_token_before(self):
        client = Client(self.manager)
        first = self.issue(client, grant_type="password", username=BOB,
                           password=self.manager.world.passwords[BOB]).json
        self.assertEqual(self.use(first["access_token"]).status, 200)
        answer = self.issue(client, grant_type="refresh_token", refresh_token=first["refresh_token"])
        self.assertEqual(answer.header("DeactivatedAccessToken"), first["access_token"])
        self.refused(self.use(first["access_token"]), 401, 900901)
        self.assertEqual(self.use(answer.json["access_token"]).status, 200)

    def test_self_contained(self):
        """The Key Manager says of a JWT what is true now; its id opens nothing."""
        client = self.jwt_client()
        token = self.issue(client).json["access_token"]
        head, claims, signature = token.split(".")
        for _ in range(4):
            self.assertEqual(self.use(token).status, 200)
        self.refused(self.use(self.claims(token)["jti"]), 401, 900901)
        self.refused(self.use(".".join((head, claims, signature[:-4] + "AAAA"))), 401, 900901)
        answer = self.post("/revoke", client, token=token)
        self.assertEqual((answer.status, answer.header("RevokedAccessToken")), (200, token))
        for _ in range(4):
            self.refused(self.use(token), 401, 900901)

    def test_a_stranger_ends_nothing(self):
        client, other = Client(self.manager), Client(self.manager)
        token = self.issue(client).json["access_token"]
        self.assertEqual(self.use(token).status, 200)
        self.assertIsNone(self.post("/revoke", other, token=token).header("RevokedAccessToken"))
        self.assertEqual(self.use(token).status, 200)

    def test_errors_are_the_key_managers(self):
        client = Client(self.manager)
        client.secret = "wrong"
        answer = self.post("/token", client, grant_type="client_credentials")
        self.assertEqual((answer.status, answer.json["error"]), (401, "invalid_client"))
        self.assertEqual(self.get("/token", https=True).status, 405)
        self.assertEqual(self.call("POST", "/userinfo", None, "Content-Length: 0", https=True).status, 405)

    def test_userinfo(self):
        client = Client(self.manager)
        token = self.issue(client, grant_type="password", username=BOB, password=self.manager.world.passwords[BOB],
                           scope="openid").json["access_token"]
        answer = self.get("/userinfo?schema=openid", token)
        direct = client.post("/oauth2/userinfo?schema=openid", "", {"Authorization": "Bearer " + token}, method="GET")
        self.assertEqual((answer.status, answer.json), (200, direct.json))
        self.assertIn(BOB, answer.json["sub"])
        self.assertEqual(self.get("/userinfo?schema=openid").status, 400)

    def test_authorize(self):
        client = Client(self.manager)
        query = urllib.parse.urlencode(dict(response_type="code", client_id=client.key, redirect_uri=CALLBACK,
                                            state="a b"))
        direct = client.post("/oauth2/authorize?" + query, "", headers={}, method="GET")
        answer = self.get("/authorize?" + query)
        self.assertEqual(answer.status, direct.status)
        self.assertIn(answer.status, (200, 302))
        self.assertEqual(self.get("/authorize?response_type=code&client_id=nobody").status,
                         client.post("/oauth2/authorize?response_type=code&client_id=nobody", "", headers={},
                                     method="GET").status)

    def test_a_request_does_not_choose_the_host(self):
        client = Client(self.manager)
        fields = dict(grant_type="client_credentials")
        before = len(self.backend.requests)
        elsewhere = "127.0.0.1:%d" % self.backend.port
        for rest in ("?uri.var.hostname=127.0.0.1&uri.var.portnum=%d" % self.backend.port,
                     "?keyManager.hostname=127.0.0.1&keyManager.port=%d" % self.backend.port,
                     "/@" + elsewhere, "/:%d" % self.backend.port):
            self.assertEqual(self.post("/token" + rest, client, **fields).status,
                             client.post("/oauth2/token" + rest, fields).status)
        body = urllib.parse.urlencode(fields).encode()
        for name in ("X-Forwarded-Host", "keyManager.hostname", "uri.var.hostname", "To"):
            answer = self.send(self.head("POST", "/token", None, "Authorization: " + client.basic, FORM,
                                         "%s: %s" % (name, elsewhere), "Content-Length: %d" % len(body)) + body)
            self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(len(self.backend.requests), before)


class OneNode(Tokens, GatewayTest):
    """As the first start made it."""

    options = dict(apimd="<Workers>2</Workers>")

    @property
    def manager(self):
        return self.node

    def test_lock_out_knows_the_clients(self):
        """Failed logins count for the client's address, and not for the gateway's; nor for one that a client makes up."""
        client = Client(self.node)

        def passes(source, password, *fields):
            body = urllib.parse.urlencode(dict(grant_type="password", username=BOB, password=password))
            connection = socket.create_connection(("127.0.0.1", self.node.api_http_port), 30, (source, 0))
            self.addCleanup(connection.close)
            connection.sendall(self.head("POST", "/token", None, "Authorization: " + client.basic, FORM,
                                         "Content-Length: %d" % len(body), *fields) + body.encode())
            return read_answer(Stream(connection)).status == 200

        def locked():
            for _ in range(8):
                self.assertFalse(passes("127.0.0.2", "wrong", "X-Forwarded-For: 127.0.0.3"))
            return not passes("127.0.0.2", self.world.passwords[BOB], "X-Forwarded-For: 127.0.0.3")
        self.eventually(locked, 60, "who guesses has to wait")
        self.assertTrue(passes("127.0.0.3", self.world.passwords[BOB]))
        self.assertTrue(passes("127.0.0.1", self.world.passwords[BOB]))

    def test_nobody_else_speaks_for_clients(self):
        """The gateway's address is everybody's on this machine: who comes without its mark is taken for himself."""
        client = Client(self.node)
        made_up = {"Authorization": client.basic, "X-Forwarded-For": "127.0.0.77", "X-Apim-Gateway": "0" * 32}

        def denied():
            client.post("/oauth2/token", dict(grant_type="password", username=BOB, password="wrong"), made_up,
                        source="127.0.0.9")
            return "from 127.0.0.9 refused" in self.node.log()
        self.eventually(denied, 30, "the failure is logged of who made it")
        self.assertNotIn("127.0.0.77", self.node.log())

    def test_home_has_the_files(self):
        for name in FILES:
            self.assertTrue(os.path.exists(self.node.path(synapse.FOLDER + "api/" + name + ".xml")), name)

    def test_a_removed_file_ends_its_api(self):
        path = self.node.path(synapse.FOLDER + "api/_UserInfoAPI_.xml")
        text = self.node.read(path)
        os.remove(path)
        self.eventually(lambda: self.get("/userinfo").status == 404, 10, "it is not served")
        synapse.deploy(self.node, "_UserInfoAPI_", text)
        self.eventually(lambda: self.get("/userinfo").status == 400, 10, "it is served again")


class Far(Remote):
    """WSO2's files on a gateway that believes answers for a minute: it must be told."""

    cache = "<CacheConfigurations><TokenCacheExpiry>60</TokenCacheExpiry></CacheConfigurations>"
    @classmethod
    def deploy(cls):
        super().deploy()
        send = synapse.by_key_type(synapse.address(cls.backend.url("/base")))
        synapse.deploy(cls.node, "carol--Weather_v1.0", synapse.api("carol--Weather", "/weather/{version}", [
            ('url-mapping="/city/*"', "GET", send)]))
        folder = os.path.join(os.path.dirname(__file__), "..", "fixtures", "synapse", "api")
        for name in FILES:
            with open(os.path.join(folder, name + ".xml")) as file:
                synapse.deploy(cls.node, name, file.read())


class TwoNodes(Tokens, Far):
    def test_key_manager_is_away(self):
        client = Client(self.manager)
        self.manager.kill()
        answer = self.post("/token", client, grant_type="client_credentials")
        self.assertEqual(answer.status, 500)
        self.assertIn(b"101503", answer.body)
        self.manager.start("--profile", "api-key-manager")
        self.eventually(lambda: self.post("/token", client, grant_type="client_credentials").status == 200, 60,
                        "it is asked again")


class OtherName(Asks, Far):
    """A Key Manager whose certificate is for a name that its address does not have."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node.stop()
        cls.expect("keymanager.example")
        cls.node.start()

    @classmethod
    def expect(cls, name):
        text = re.sub("<KeyManagerCertificateName>.*</KeyManagerCertificateName>", "",
                      cls.node.read("repository/conf/api-manager.xml"))
        cls.node.write("repository/conf/api-manager.xml", text.replace(
            "<Apimd>", "<Apimd><KeyManagerCertificateName>%s</KeyManagerCertificateName>" % name), mode=0o600)

    def test_name_of_the_setting(self):
        client = Client(self.manager)
        self.assertEqual(self.post("/token", client, grant_type="client_credentials").status, 500)
        self.refused(self.use(self.token), 503, 900900)
        self.assertIn("its certificate is for another host", self.node.log())
        self.expect("localhost")
        self.node.signal(signal.SIGHUP)
        self.eventually(lambda: self.post("/token", client, grant_type="client_credentials").status == 200, 20,
                        "the token API is believed")
        self.eventually(lambda: self.use(self.token).status == 200, 20, "tokens are asked for")
        status = json.loads(self.node.ctl("node", "status", "--home", self.node.home, "-o", "json", check=True).stdout)
        self.assertGreater(status["gateway.key_managers.thrift.connections"], 0)


class JudgesItself(Asks, Far):
    """Self-contained tokens by what they say, where the gateway knows who signs them."""

    @classmethod
    def own_settings(cls):
        return "<JwtCertificates>%s</JwtCertificates>" % escape(cls.manager.certificate)

    @classmethod
    def deploy(cls):
        super().deploy()
        oauth.add_scopes(cls.world)
        send = synapse.by_key_type(synapse.address(cls.backend.url("/base")))
        synapse.deploy(cls.node, "carol--Forecast_v1.0", synapse.api("carol--Forecast", "/forecast/{version}", [
            ('url-mapping="/rain"', "GET", send)]))
        # Clocks agree, so only tokens from before the gateway's start are left to the Key Manager.
        cls.node.write("repository/conf/identity/identity.xml",
                       "<Server><OAuth><TimestampSkew>0</TimestampSkew></OAuth></Server>")

    def test_without_key_manager(self):
        client, opaque = self.jwt_client(), Client(self.manager)
        begun = int(time.time())
        self.eventually(lambda: int(time.time()) > begun, 10, "what is issued now is younger than the gateway")
        old = self.issue(client, grant_type="password", username=BOB, password=self.manager.world.passwords[BOB]).json
        token = self.issue(client).json["access_token"]
        reader = self.issue(client, grant_type="password", username=BOB, scope="rain_read",
                            password=self.manager.world.passwords[BOB]).json["access_token"]
        revoked = self.issue(client, grant_type="client_credentials", scope="device_1").json["access_token"]
        unused = self.issue(opaque).json["access_token"]
        self.assertEqual(self.use(revoked).status, 200)
        self.assertEqual(self.post("/revoke", client, token=revoked).status, 200)
        self.assertEqual(self.use(old["access_token"]).status, 200)
        new = self.issue(client, grant_type="refresh_token", refresh_token=old["refresh_token"])
        self.assertEqual(new.header("DeactivatedAccessToken"), self.claims(old["access_token"])["jti"])
        self.assertEqual(self.get("/forecast/1.0/rain", reader, https=True).status, 200)
        self.manager.kill()
        self.addCleanup(self.manager.start, "--profile", "api-key-manager")
        self.assertEqual(self.use(token).status, 200)
        self.assertEqual(self.use(reader).status, 200)
        self.refused(self.get("/forecast/1.0/rain", token, https=True), 403, 900910)
        self.refused(self.use(revoked), 401, 900901)
        head, claims, signature = token.split(".")
        self.refused(self.use(".".join((head, reader.split(".")[1], signature))), 401, 900901)
        for asked in (unused, old["access_token"]):  # of the latter the gateway was told that it is replaced
            self.refused(self.use(asked), 503, 900900)
        self.assertEqual(self.use(new.json["access_token"]).status, 200)


class NotTrusted(Asks, Far):
    """A Key Manager for whose certificate nobody vouches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node.stop()
        other = cls.new_node()
        other.prepare(populate=False)
        text = cls.node.read("repository/conf/carbon.xml")
        cls.node.write("repository/conf/carbon.xml", text.replace(cls.manager.certificate, other.certificate))
        cls.node.start()

    def test_it_gets_no_password(self):
        client = Client(self.manager)
        answer = self.post("/token", client, grant_type="client_credentials")
        self.assertEqual(answer.status, 500, answer.body)
        self.assertIn(b"101503", answer.body)
