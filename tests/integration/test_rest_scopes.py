"""Tokens for the Publisher's and Store's REST APIs: scopes by roles, and clients for users of every tenant (publisher-store
11, soap-and-oauth 4.6 and 7), with the requests that WSO2's import/export tool sends."""

import base64
import json

import oauth
import suite
from harness import IntegrationTest, MARIADB, NodeTest, SQLITE
from oauth import Client, Keys
from world import BOB, MALLORY, SUPER_TENANT, TENANT

REGISTER = "/client-registration/v0.14/register"
CREATOR = "apim:api_view apim:api_create apim:api_delete apim:tier_view apim:subscription_view"
PUBLISHER = "apim:api_view apim:api_publish apim:tier_view apim:subscription_block"
STANDARD = (
    "apim:api_view apim:api_create apim:api_publish apim:api_delete apim:subscribe apim:tier_view apim:tier_manage"
    " apim:bl_view apim:bl_manage apim:subscription_view apim:subscription_block apim:mediation_policy_view"
    " apim:mediation_policy_create apim:api_workflow apim:app_owner_change apim:app_import_export apim:label_manage"
    " apim:label_read apim:monetization_usage_publish")


class ScopesTest(NodeTest):
    def register(self, user, password, **members):
        """A client as the tool registers it."""
        body = dict(dict(clientName="rest_api_import_export_" + user, callbackUrl="www.google.lk",
                         grantType="password refresh_token", saasApp=True, owner=user, tokenScope="Production"), **members)
        basic = base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
        answer = Keys(self.node, "", "unused").post(REGISTER, json.dumps(body), {
            "Authorization": "Basic " + suite.secret(basic), "Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def client_of(self, members):
        return Keys(self.node, members["clientId"], members["clientSecret"])

    def scope(self, answer):
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["scope"]

    def give(self, user, role, tenant=SUPER_TENANT):
        """A hybrid role."""
        self.node.open_databases()[1].execute(
            "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
            " SELECT ?, r.UM_ID, r.UM_TENANT_ID, d.UM_DOMAIN_ID FROM UM_HYBRID_ROLE r JOIN UM_DOMAIN d"
            " ON d.UM_TENANT_ID = r.UM_TENANT_ID AND d.UM_DOMAIN_NAME = 'PRIMARY'"
            " WHERE r.UM_ROLE_NAME = ? AND r.UM_TENANT_ID = ?", [user, role, tenant])

    def take(self, user):
        self.node.open_databases()[1].execute("DELETE FROM UM_HYBRID_USER_ROLE WHERE UM_USER_NAME = ?", [user])


class RestScopes(ScopesTest):
    databases = (SQLITE, MARIADB)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        oauth.add_scopes(cls.world)
        cls.client, cls.owned = Client(cls.node), Client(cls.node, USERNAME=BOB)  # before others take their numbers
        users = cls.node.open_databases()[1]
        users.insert("UM_DOMAIN", [dict(UM_DOMAIN_NAME=name, UM_TENANT_ID=TENANT) for name in ("PRIMARY", "INTERNAL")])
        users.insert("UM_HYBRID_ROLE", [dict(UM_ROLE_NAME="creator", UM_TENANT_ID=TENANT)])

    def tearDown(self):
        for user in (BOB, MALLORY, "eve"):
            self.take(user)

    def test_import_export_tool(self):
        password = self.node.admin_password
        members = self.register("admin", password)
        self.assertIs(members["isSaasApplication"], True)
        tool = self.client_of(members)
        answer = tool.token("password", username="admin", password=password, validity_period="3600",
                            scope="apim:api_view apim:subscribe apim:api_create apim:no_such_scope")
        self.assertEqual(self.scope(answer), "apim:api_view apim:subscribe apim:api_create")
        self.assertEqual(tool.introspect(answer.json["access_token"])["scope"].split(), ["apim:api_create", "apim:api_view",
                                                                                       "apim:subscribe"])
        renewed = tool.token("refresh_token", refresh_token=answer.json["refresh_token"])
        self.assertEqual(sorted(self.scope(renewed).split()), ["apim:api_create", "apim:api_view", "apim:subscribe"])
        self.assertEqual(self.scope(tool.token("password", username="admin", password=password, scope=STANDARD)), STANDARD)

    def test_roles(self):
        self.assertEqual(self.scope(self.client.password(scope=STANDARD)), "default")
        self.give(BOB, "creator")
        self.assertEqual(sorted(self.scope(self.client.password(scope=STANDARD)).split()), sorted(CREATOR.split()))
        self.give(MALLORY, "publisher")
        self.assertEqual(sorted(self.scope(self.client.password(MALLORY, scope=STANDARD)).split()), sorted(PUBLISHER.split()))
        self.take(BOB)
        self.give(BOB, "subscriber")
        self.assertEqual(self.scope(self.client.password(scope=STANDARD + " rain_read")), "apim:subscribe rain_read")

    def test_roles_are_looked_at_again(self):
        """A lost role is lost at the next refresh, and when a code is used."""
        self.give(BOB, "creator")
        first = self.client.password(scope="apim:api_create device_lost")
        self.assertEqual(self.scope(first), "apim:api_create device_lost")
        codes = [self.client.code(scope="apim:api_create device_lost%d" % number) for number in range(2)]
        self.assertIn("apim:api_create", self.scope(self.client.exchange(codes[0])))
        self.take(BOB)
        self.assertEqual(self.scope(self.client.exchange(codes[1])), "device_lost1")
        self.assertEqual(self.scope(self.client.token("refresh_token", refresh_token=first.json["refresh_token"])),
                         "device_lost")

    def test_owner_of_an_application(self):
        """Client credentials give what the client's owner may."""
        self.assertEqual(self.scope(self.owned.token("client_credentials", scope="apim:api_create")),
                         "am_application_scope default")
        self.give(BOB, "creator")
        self.assertEqual(self.scope(self.owned.token("client_credentials", scope="apim:api_create apim:api_publish")),
                         "am_application_scope apim:api_create")

    def test_api_gives_no_such_scope_away(self):
        """An API with a scope of this name, for everybody."""
        self.world.apimgt.insert("IDN_OAUTH2_SCOPE", [dict(SCOPE_ID=900, NAME="apim:tier_manage", DISPLAY_NAME="x",
                                                           TENANT_ID=SUPER_TENANT)])
        self.world.apimgt.insert("AM_API_SCOPES", [dict(API_ID=101, SCOPE_ID=900)])
        self.assertEqual(self.scope(self.client.password(scope="apim:tier_manage rain_write")), "rain_write")

    def test_saas(self):
        """Users of another tenant, with the roles that they have there."""
        password = self.world.passwords["eve"]
        eve = dict(username="eve@acme.com", password=password, scope="apim:api_create apim:api_publish")
        self.give("eve", "creator", TENANT)
        members = self.register("admin", self.node.admin_password, clientName="for all", grantType="password refresh_token")
        tool = self.client_of(members)
        answer = tool.token("password", **eve)
        self.assertEqual(self.scope(answer), "apim:api_create")
        self.assertEqual(tool.introspect(answer.json["access_token"])["username"], "eve@acme.com")
        renewed = tool.token("refresh_token", refresh_token=answer.json["refresh_token"])
        self.assertEqual(self.scope(renewed), "apim:api_create")
        members = self.register("admin", self.node.admin_password, clientName="for one tenant", saasApp=False)
        self.assertIs(members["isSaasApplication"], False)
        self.assertEqual(self.client_of(members).token("password", **eve).error()[:2], (400, "invalid_grant"))
        # Once it is for one tenant, what others hold of it ends with the access token.
        self.world.apimgt.execute("UPDATE SP_APP SET IS_SAAS_APP = '0' WHERE APP_NAME = 'admin_for all'", [])
        self.assertEqual(tool.token("refresh_token", refresh_token=renewed.json["refresh_token"]).error()[:2],
                         (400, "invalid_grant"))


class TenantConf(ScopesTest):
    """The scopes of a home that has a tenant-conf.json."""

    @classmethod
    def new_node(cls, **options):
        node = super().new_node(**options)
        node.write("repository/resources/tenant-conf.json", json.dumps({"EnableMonetization": False, "RESTAPIScopes": {
            "Scope": [{"Name": "apim:api_view", "Roles": "nobody"}, {"Name": "own:all", "Roles": "Internal/everyone"},
                      {"Name": "device_secret", "Roles": "admin, forecaster"}]}}))
        return node

    def test_scopes(self):
        client = Client(self.node)
        asked = "apim:api_view apim:api_create own:all device_secret device_other"
        self.assertEqual(self.scope(client.password(scope=asked)), "own:all device_secret device_other")
        self.assertEqual(self.scope(client.password(MALLORY, scope=asked)), "own:all device_other")
        self.assertEqual(self.scope(client.token("password", username="admin", password=self.node.admin_password,
                                                 scope=asked)), "own:all device_secret device_other")


class BadTenantConf(IntegrationTest):
    def test_start_is_refused(self):
        node = self.new_node().prepare(populate=False)
        self.addCleanup(node.kill)
        node.write("repository/resources/tenant-conf.json", '{"RESTAPIScopes": {"Scope": [{"Name": "a", "Roles": ""}]}}')
        result = node.run_apimd()
        self.assertEqual(result.returncode, 1)
        self.assertIn("repository/resources/tenant-conf.json", result.stdout + result.stderr)
