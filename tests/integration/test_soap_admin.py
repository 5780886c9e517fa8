"""The admin services over SOAP: from their own descriptions by a toolkit that nobody here wrote (python3-zeep), with curl, and by strangers."""

import contextlib
import http.client
import json
import re
import sqlite3
import subprocess
import time
import urllib.parse
import uuid

import soap_client
import suite
import wire
from harness import MARIADB, SQLITE
from soap_admin import AdminTest
from world import BOB, SUPER_TENANT

SERVICES = ("AuthenticationAdmin", "UserAdmin", "UserRegistrationAdminService", "RemoteUserStoreManagerService",
            "APIKeyMgtProviderService", "APIKeyMgtSubscriberService")
FLAGGED_NAME = "dn domainName editable itemDisplayName itemName readOnly roleType selected shared".split()
CLIENT_INFO = "appOwner callBackURL clientId clientName clientSecret isSaasApplication jsonString".split()
KEYS = "applicationAccessToken consumerKey consumerSecret validityTime".split()


class SoapAdmin(AdminTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apimgt, cls.users = cls.node.open_databases()
        cls.apimgt.insert("AM_SUBSCRIBER", [dict(
            SUBSCRIBER_ID=200, USER_ID=BOB, TENANT_ID=SUPER_TENANT, EMAIL_ADDRESS="", CREATED_BY=BOB,
            DATE_SUBSCRIBED=cls.apimgt.time(cls.world.now))])
        for number in (200, 201, 202):
            cls.apimgt.insert("AM_APPLICATION", [dict(
                APPLICATION_ID=number, NAME="Bob%d" % number, SUBSCRIBER_ID=200, APPLICATION_TIER="Unlimited",
                GROUP_ID="", APPLICATION_STATUS="APPROVED", UUID=str(uuid.uuid4()), TOKEN_TYPE="DEFAULT")])

    def token_with(self, key, secret):
        """(status, answer) of /oauth2/token for client_credentials."""
        status, answer = self.post("/oauth2/token", urllib.parse.urlencode({"grant_type": "client_credentials"}),
                                   {"Content-Type": "application/x-www-form-urlencoded"} | soap_client.basic(key, secret))
        answer = json.loads(answer)
        if "access_token" in answer:
            suite.secret(answer["access_token"])
        return status, answer

    def is_active(self, token):
        status, answer = self.post("/oauth2/introspect", urllib.parse.urlencode({"token": token}),
                                   {"Content-Type": "application/x-www-form-urlencoded"}
                                   | soap_client.basic("admin", self.node.admin_password))
        self.assertEqual(status, 200, answer)
        return json.loads(answer)["active"]

    # AuthenticationAdmin, UserAdmin, UserRegistrationAdminService ---------------------------------------------------

    def test_login_and_logout(self):
        service = self.service("AuthenticationAdmin", user=None)
        self.assertIs(service.login("admin", "wrong", "127.0.0.1"), False)
        self.assertIs(service.login(None, None, None), False)
        self.assertFalse(service.session.cookies)
        self.assertIs(service.login("admin", self.node.admin_password, "127.0.0.1"), True)
        cookie = service.session.cookies["JSESSIONID"]
        suite.secret(cookie)
        users = self.service("UserAdmin", session=service.session)
        roles = users.getRolesOfCurrentUser()
        self.assertIn("admin", [role.itemName for role in roles])
        self.assertEqual([name for name in roles[0]], FLAGGED_NAME)
        service.logout()
        self.assertFalse(service.session.cookies)
        status, _ = self.send("UserAdmin", soap_client.operation("getRolesOfCurrentUser", []), user=None,
                              Cookie="JSESSIONID=" + cookie)
        self.assertEqual(status, 401)

    def test_sign_up(self):
        password = self.new_password()
        registration = self.service("UserRegistrationAdminService")
        fields = [{"claimUri": "http://wso2.org/claims/givenname", "fieldName": "First Name", "fieldValue": "Zoe"}]
        registration.addUser({"userName": "PRIMARY/zoe", "password": password, "userFields": fields})
        self.assertIs(self.service("AuthenticationAdmin", user=None).login("zoe", password, ""), True)
        self.fails(self.service("UserAdmin", "zoe", password).getRolesOfCurrentUser, code="50978")
        users = self.service("UserAdmin")
        users.updateRolesOfUser("zoe", ["forecaster"])
        rows = "SELECT r.UM_ROLE_NAME FROM UM_USER u JOIN UM_USER_ROLE x ON x.UM_USER_ID = u.UM_ID" \
               " JOIN UM_ROLE r ON r.UM_ID = x.UM_ROLE_ID WHERE u.UM_USER_NAME = 'zoe'"
        self.assertEqual(self.rows(self.users, rows), ["forecaster"])
        self.fails(users.updateRolesOfUser, "zoe", ["no-such-role"])
        self.assertEqual(self.rows(self.users, rows), ["forecaster"])
        users.updateRolesOfUser("zoe", [])
        self.assertEqual(self.rows(self.users, rows), [])
        self.fails(users.updateRolesOfUser, "nobody", [], words="no such user")
        fault = self.fails(registration.addUser, {"userName": "Zoe", "password": password}, words="of this name already")
        self.assertEqual(fault.detail[0].tag, "{%s}UserRegistrationAdminServiceException" % soap_client.AXIS2)
        for name, bad in (("a", ""), ("", "abc"), ("eve@acme.com", "abcdef"), ("OTHER/zoe2", "abcdef"),
                          ("wso2.system.user", "abcdef"), ("z\u00e9 ", "abcdef")):
            self.fails(registration.addUser, {"userName": name, "password": bad})
        self.fails(registration.addUser, None, words='"user" is missing')

    def rows(self, database, sql):
        """The only column of a query."""
        if self.database == MARIADB:
            return database.run(sql).split()
        with contextlib.closing(sqlite3.connect(database.path)) as connection:
            return [row[0] for row in connection.execute(sql)]

    # APIKeyMgtSubscriberService -------------------------------------------------------------------------------------

    def test_oauth_applications(self):
        service = self.service("APIKeyMgtSubscriberService")
        info = service.createOAuthApplication(userId=BOB, applicationName="Bob200_PRODUCTION")
        suite.secret(info.clientSecret)
        self.assertEqual([name for name in info], CLIENT_INFO)
        self.assertEqual((info.appOwner, info.clientName), (BOB, "bob_Bob200_PRODUCTION"))
        self.assertEqual(json.loads(info.jsonString), {
            "redirect_uris": "", "client_name": "bob_Bob200_PRODUCTION",
            "grant_types": "client_credentials refresh_token"})
        status, answer = self.token_with(info.clientId, info.clientSecret)
        self.assertEqual(status, 200, answer)
        self.assertTrue(self.is_active(answer["access_token"]))
        updated = service.updateOAuthApplication(
            userId=BOB, applicationName="x", callbackUrl="https://app.example/cb", consumerKey=info.clientId,
            grantTypes=["authorization_code", "password"])
        self.assertEqual(json.loads(updated.jsonString)["grant_types"], "authorization_code password")
        self.assertEqual(service.retrieveOAuthApplication(info.clientId).callBackURL, "https://app.example/cb")
        self.fails(service.updateOAuthApplication, userId="mallory", consumerKey=info.clientId, words="another user")
        service.deleteOAuthApplication(info.clientId)
        self.assertIsNone(service.retrieveOAuthApplication(info.clientId).clientId)
        status, answer_text = self.send("APIKeyMgtSubscriberService", soap_client.operation(
            "retrieveOAuthApplication", [("consumerKey", info.clientId)]))
        self.assertIn('<ns:return xsi:nil="true"/>', answer_text)
        self.assertFalse(self.is_active(answer["access_token"]))
        self.assertEqual(self.token_with(info.clientId, info.clientSecret)[0], 401)
        self.fails(service.deleteOAuthApplication, info.clientId, words="no OAuth application")
        by_info = service.createOAuthApplicationByApplicationInfo(
            {"appOwner": BOB, "clientName": "Bob200_SANDBOX", "callBackURL": "https://app.example/"})
        suite.secret(by_info.clientSecret)
        self.assertIn("authorization_code", by_info.jsonString)
        service.deleteOAuthApplication(by_info.clientId)
        self.assertIsNone(service.createOAuthApplication(applicationName="x").clientId)
        self.fails(service.createOAuthApplication, userId="nobody", applicationName="x", words="no such user")
        self.fails(service.createOAuthApplication, userId=BOB, applicationName="x" * 300)

    def test_keys_of_an_application(self):
        service = self.service("APIKeyMgtSubscriberService")
        arguments = dict(userId=BOB, applicationName="Bob201", tokenType="PRODUCTION", allowedDomains=["ALL"],
                         validityTime="3600")
        keys = service.getApplicationAccessToken(**arguments)
        self.assertEqual([name for name in keys], KEYS)
        suite.secret(keys.consumerSecret)
        suite.secret(keys.applicationAccessToken)
        self.assertTrue(self.is_active(keys.applicationAccessToken))
        again = service.getApplicationAccessToken(**arguments)
        self.assertEqual((again.applicationAccessToken, again.consumerKey, again.consumerSecret),
                         (keys.applicationAccessToken, keys.consumerKey, keys.consumerSecret))
        sandbox = service.getApplicationAccessToken(**{**arguments, "tokenType": "SANDBOX"})
        suite.secret(sandbox.applicationAccessToken)
        self.assertNotEqual(sandbox.consumerKey, keys.consumerKey)
        renewed = service.renewAccessToken(tokenType="PRODUCTION", oldAccessToken=keys.applicationAccessToken,
                                           clientId=keys.consumerKey, clientSecret=keys.consumerSecret,
                                           validityTime="60")
        suite.secret(renewed)
        self.assertTrue(self.is_active(renewed))
        self.assertFalse(self.is_active(keys.applicationAccessToken))
        self.fails(service.renewAccessToken, clientId=keys.consumerKey, clientSecret="wrong", words="wrong")
        self.fails(service.getApplicationAccessToken, **{**arguments, "applicationName": "none"}, words="no application")
        self.fails(service.getApplicationAccessToken, **{**arguments, "tokenType": "OTHER"}, words="tokenType")
        self.fails(service.getApplicationAccessToken, **{**arguments, "validityTime": "1e9"}, words="validityTime")
        self.apimgt.execute(
            "INSERT INTO IDN_OAUTH2_AUTHORIZATION_CODE (CODE_ID, AUTHORIZATION_CODE, CONSUMER_KEY_ID, AUTHZ_USER, TENANT_ID,"
            " USER_DOMAIN, TIME_CREATED, VALIDITY_PERIOD, STATE) SELECT 'late', 'late', ID, 'carol', -1234, 'PRIMARY', ?, 300000,"
            " 'ACTIVE' FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = ?", [self.apimgt.time(time.time()), keys.consumerKey])
        service.revokeAccessTokenForApplication({"id": 201})
        self.assertEqual(self.rows(self.apimgt, "SELECT STATE FROM IDN_OAUTH2_AUTHORIZATION_CODE WHERE CODE_ID = 'late'"),
                         ["EXPIRED"])
        self.assertFalse(self.is_active(renewed))
        self.assertFalse(self.is_active(sandbox.applicationAccessToken))
        self.apimgt.insert("AM_APPLICATION_KEY_MAPPING", [dict(
            APPLICATION_ID=202, CONSUMER_KEY=None, KEY_TYPE="PRODUCTION", STATE="REJECTED", CREATE_MODE="CREATED")])
        self.fails(service.getApplicationAccessToken, **{**arguments, "applicationName": "Bob202"}, words="rejected")

    def test_jwts(self):
        """An application with tokens of the type JWT is given JWTs, and can give them back."""
        self.apimgt.insert("AM_APPLICATION", [dict(
            APPLICATION_ID=203, NAME="Bob203", SUBSCRIBER_ID=200, APPLICATION_TIER="Unlimited", GROUP_ID="",
            APPLICATION_STATUS="APPROVED", UUID=str(uuid.uuid4()), TOKEN_TYPE="JWT")])
        service = self.service("APIKeyMgtSubscriberService")
        keys = service.getApplicationAccessToken(userId=BOB, applicationName="Bob203", tokenType="PRODUCTION")
        suite.secret(keys.consumerSecret)
        first = suite.secret(keys.applicationAccessToken)
        self.assertEqual(first.count("."), 2)
        self.assertTrue(self.is_active(first))
        second = suite.secret(service.renewAccessToken(
            tokenType="PRODUCTION", oldAccessToken=first, clientId=keys.consumerKey, clientSecret=keys.consumerSecret))
        self.assertEqual((second.count("."), self.is_active(first), self.is_active(second)), (2, False, True))
        service.revokeAccessToken(key=second, consumerKey=keys.consumerKey, authorizedUser=BOB)
        self.assertFalse(self.is_active(second))

    def test_revocations(self):
        service = self.service("APIKeyMgtSubscriberService")
        key = self.world.key_of()
        connection = self.connect()
        self.assertEqual(self.status_of(connection, key), 0)
        service.revokeAccessToken(key=key.token, consumerKey="ck_sand", authorizedUser=BOB)
        self.assertEqual(self.status_of(connection, key), 0)
        service.revokeAccessToken(key=key.token, consumerKey="ck_9fA3", authorizedUser=BOB)
        self.assertEqual(self.status_of(connection, key), 900901)
        service.revokeAccessToken(key="no-such-token", consumerKey="ck_9fA3")
        service.clearOAuthCache(consumerKey="ck_9fA3", authorizedUser=BOB)
        keys = service.getApplicationAccessToken(userId=BOB, applicationName="Bob200", tokenType="SANDBOX")
        suite.secret(keys.consumerSecret)
        suite.secret(keys.applicationAccessToken)
        self.assertTrue(service.revokeTokensOfUserByApp(userName=BOB, appName="Bob200"))
        self.assertFalse(self.is_active(keys.applicationAccessToken))
        self.fails(service.revokeTokensOfUserByApp, userName=BOB, appName="none", words="no application")
        self.fails(service.revokeAccessTokenForApplication, {}, words='"id" is missing')

    def status_of(self, connection, key):
        return connection.call(wire.validate_key(self.session, key, 5)).success().get(8, 0)

    # Everybody ------------------------------------------------------------------------------------------------------

    def test_void_with_curl(self):
        body = "<a:removeScopeCache xmlns:a='%s'><a:consumerKeys>ck_9fA3</a:consumerKeys><a:consumerKeys>x</a:consumerKeys>" \
               "</a:removeScopeCache>" % soap_client.AXIS2
        message = self.node.write("request.xml", soap_client.envelope(body, soap_client.SOAP_11).decode())
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--cacert", self.node.certificate, "--config", "-", "-H",
             "Content-Type: text/xml", "-H", 'SOAPAction: "urn:removeScopeCache"', "--data-binary", "@" + message,
             "--write-out", "%{http_code} %{size_download}",
             "https://localhost:%d/services/APIKeyMgtProviderService" % self.node.https_port],
            input='user = "admin:%s"\n' % self.node.admin_password, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.stdout, "202 0", result.stderr)

    def test_soap_1_1(self):
        roles = self.service("UserAdmin", soap="11").getRolesOfCurrentUser()
        self.assertIn("Internal/everyone", [role.itemName for role in roles])

    def test_who_may_ask(self):
        """Strangers, and users who may not manage the server, learn nothing; neither does an administrator of another tenant."""
        for service in SERVICES[1:]:
            with self.subTest(service):
                self.assertEqual(self.send(service, "<x/>", user=None)[0], 401)
                for user, password, code in (("admin", "wrong", "50977"), (BOB, self.world.passwords[BOB], "50978")):
                    status, answer = self.send(service, "<x/>", user, password)
                    self.assertEqual(status, 500)
                    self.assertIn(code, answer)
        self.users.insert("UM_ROLE", [dict(UM_ID=300, UM_ROLE_NAME="tenant-admin", UM_TENANT_ID=1)])
        self.users.insert("UM_USER_ROLE", [dict(UM_ID=300, UM_ROLE_ID=300, UM_USER_ID=103, UM_TENANT_ID=1)])
        self.users.insert("UM_PERMISSION", [dict(
            UM_ID=300, UM_RESOURCE_ID="/permission/admin", UM_ACTION="ui.execute", UM_TENANT_ID=1, UM_MODULE_ID=0)])
        self.users.insert("UM_ROLE_PERMISSION", [dict(
            UM_ID=300, UM_PERMISSION_ID=300, UM_ROLE_NAME="tenant-admin", UM_IS_ALLOWED=1, UM_TENANT_ID=1)])
        status, answer = self.send("UserAdmin", soap_client.operation("getRolesOfCurrentUser", []), "eve@acme.com",
                                   self.world.passwords["eve"])
        self.assertIn("50978", answer)

    def test_bad_messages(self):
        operation = '<a:updateRolesOfUser xmlns:a="%s">%%s</a:updateRolesOfUser>' % soap_client.AXIS2
        for body, words in (
                ("", "The Body is empty"),
                ("<updateRolesOfUser/>", "namespace"),
                (operation.replace("updateRolesOfUser", "deleteUser") % "", "no such operation"),
                (operation % "<a:userName>bob</a:userName><a:userName>zoe</a:userName>", "given twice"),
                (operation % "<a:userName><a:x>bob</a:x></a:userName>", "not a text"),
                (operation % "<a:userName/>", "userName"),
                (operation % '<a:userName xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="1"/>', "userName"),
                (operation % "&x;", ""), (operation % ("<a:x>" * 40 + "</a:x>" * 40), ""), ("<a:b>", "")):
            with self.subTest(body[:60]):
                status, answer = self.send("UserAdmin", body)
                self.assertEqual(status, 500, answer)
                self.assertIn("Fault", answer)
                self.assertIn(words, answer)
        good = soap_client.operation("getRolesOfCurrentUser", [])
        for content_type, status in (("application/json", 415), ("text/xml", 500),
                                     ('application/soap+xml; action="urn:updateRolesOfUser"', 500)):
            self.assertEqual(self.send("UserAdmin", good, **{"Content-Type": content_type})[0], status, content_type)
        self.assertEqual(self.send("UserAdmin", "<a>%s</a>" % ("x" * 300000))[0], 413)
        self.assertEqual(self.send("UserAdmin", good)[0], 200)
        for method, status in (("PUT", 405), ("DELETE", 405), ("GET", 405)):
            connection = http.client.HTTPSConnection("localhost", self.node.https_port, context=self.node.tls_context())
            self.addCleanup(connection.close)
            connection.request(method, "/services/UserAdmin")
            self.assertEqual(connection.getresponse().status, status)

    def test_lock_out(self):
        """Tries of AuthenticationAdmin count as those of every other door."""
        service = self.service("AuthenticationAdmin", user=None)
        for _ in range(12):
            self.assertIs(service.login("mallory", "wrong", ""), False)
        self.assertIs(service.login("mallory", self.world.passwords["mallory"], ""), False)
        self.assertTrue(re.search(r'login of user "mallory" .* refused', self.node.log()))


class AnonymousSignUp(AdminTest):
    options = {"apimd": "<AnonymousSignUp>true</AnonymousSignUp>"}

    def test_store_without_credentials(self):
        password = self.new_password()
        self.service("UserRegistrationAdminService", user=None).addUser({"userName": "yan", "password": password})
        self.assertIs(self.service("AuthenticationAdmin", user=None).login("yan", password, ""), True)
        self.assertEqual(self.send("UserAdmin", soap_client.operation("getRolesOfCurrentUser", []), user=None)[0], 401)
