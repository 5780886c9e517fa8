"""RemoteUserStoreManagerService by python3-zeep from its own description: what a Store needs to let people in and sign
them up; and who may do what to whom."""

import soap_client
from harness import MARIADB, SQLITE
from soap_admin import AdminTest
from world import BOB

NAME, MAIL = "http://wso2.org/claims/givenname", "http://wso2.org/claims/emailaddress"
CLAIM_DTO = "claimUri description dialectURI displayOrder displayTag regEx required supportedByDefault value".split()


class UserStore(AdminTest):
    databases = (SQLITE, MARIADB)

    def setUp(self):
        self.store = self.service("RemoteUserStoreManagerService")

    def add(self, name, roles=(), claims=()):
        password = self.new_password()
        self.store.addUser(userName=name, credential=password, roleList=list(roles),
                           claims=[{"claimURI": uri, "value": value} for uri, value in claims], profileName="default",
                           requirePasswordChange=False)
        return password

    def test_sign_up_and_login(self):
        password = self.add("walt", ["forecaster"], [(NAME, "Walt <&> \u00c4"), (MAIL, "walt@example.org")])
        self.assertIs(self.store.authenticate("walt", password), True)
        self.assertIs(self.store.authenticate("WALT@carbon.super", password), True)
        self.assertIs(self.store.authenticate("walt", "wrong"), False)
        self.assertIs(self.store.authenticate("nobody", password), False)
        self.assertIs(self.store.authenticate(None, None), False)
        self.assertIs(self.store.isExistingUser("PRIMARY/walt"), True)
        self.assertIs(self.store.isExistingUser("nobody"), False)
        self.assertIs(self.store.isExistingUser("OTHER/walt"), False)
        self.assertEqual(sorted(self.store.getRoleListOfUser("walt")), ["Internal/everyone", "forecaster"])
        self.assertEqual(self.store.getUserClaimValue("walt", NAME, None), "Walt <&> \u00c4")
        self.assertIs(self.store.isReadOnly(), False)

    def test_refused_users(self):
        self.add("xenia")
        for name, words in (("xenia", "already"), ("Xenia", "already"), ("OTHER/y", "primary"), ("a@acme.com", "")):
            self.fails(self.store.addUser, userName=name, credential=self.new_password(), words=words)
        self.fails(self.store.addUser, userName="yvo", credential=self.new_password(), roleList=["no-such-role"], words="role")
        self.assertIs(self.store.isExistingUser("yvo"), False)
        fault = self.fails(self.store.addUser, userName="yvo", credential=self.new_password(),
                           claims=[{"claimURI": "http://example.org/none", "value": "x"}], words="no such claim")
        self.assertEqual(fault.detail[0].tag,
                         "{http://service.ws.um.carbon.wso2.org}RemoteUserStoreManagerServiceUserStoreException")
        self.fails(self.store.addUser, userName="yvo", credential=self.new_password(),
                   claims=[{"claimURI": NAME, "value": "x"}, {"claimURI": MAIL, "value": "y" * 2000}])
        self.assertIs(self.store.isExistingUser("yvo"), False)
        self.fails(self.store.addUser, userName="yvo", credential="", words="credential")

    def test_roles(self):
        self.add("zeno")
        self.store.updateRoleListOfUser("zeno", [], ["forecaster"])
        self.assertIn("forecaster", self.store.getRoleListOfUser("zeno"))
        self.assertIn("zeno", self.store.getUserListOfRole("forecaster"))
        self.store.updateRoleListOfUser("zeno", ["forecaster"], [])
        self.assertEqual(self.store.getRoleListOfUser("zeno"), ["Internal/everyone"])
        self.assertNotIn("zeno", self.store.getUserListOfRole("FORECASTER"))
        roles = self.store.getRoleNames()
        self.assertTrue({"admin", "forecaster"} <= set(roles), roles)
        hybrid = self.store.getHybridRoles()
        self.assertTrue(hybrid and all("/" in role for role in hybrid), hybrid)
        self.assertTrue(set(hybrid) <= set(roles))
        self.assertIs(self.store.isExistingRole("Forecaster"), True)
        self.assertIs(self.store.isExistingRole(hybrid[0]), True)
        self.assertIs(self.store.isExistingRole("OTHER/forecaster"), False)
        self.assertIs(self.store.isExistingRole("none"), False)
        self.fails(self.store.updateRoleListOfUser, "nobody", [], ["forecaster"], words="no such user")

    def test_lists_are_bounded(self):
        for name in ("list%a", "list_b", "listxc"):
            self.add(name)
        self.assertEqual(sorted(self.store.listUsers("list*", 10)), ["list%a", "list_b", "listxc"])
        self.assertEqual(self.store.listUsers("list%*", 10), ["list%a"])  # what is no wildcard here is none in SQL
        self.assertEqual(self.store.listUsers("list_?", -1), ["list_b"])
        self.assertEqual(len(self.store.listUsers("*", 2)), 2)
        self.assertIn(BOB, self.store.listUsers(None, None))
        self.assertFalse(self.store.listUsers("' OR 1=1 --", 10))

    def test_claims(self):
        self.add("vera", claims=[(NAME, "Vera")])
        self.store.setUserClaimValue("vera", MAIL, "vera@example.org", "default")
        self.store.setUserClaimValues("vera", [{"claimURI": NAME, "value": "Veronika"}], None)
        values = self.store.getUserClaimValuesForClaims("vera", [MAIL, NAME, "http://example.org/none"], "default")
        self.assertEqual([(value.claimURI, value.value) for value in values],
                         [(MAIL, "vera@example.org"), (NAME, "Veronika")])
        everything = self.store.getUserClaimValues("vera", "default")
        self.assertEqual([name for name in everything[0]], CLAIM_DTO)
        self.assertEqual({claim.claimUri: claim.value for claim in everything},
                         {MAIL: "vera@example.org", NAME: "Veronika"})
        self.store.deleteUserClaimValue("vera", NAME, None)
        self.assertIsNone(self.store.getUserClaimValue("vera", NAME, None))
        self.fails(self.store.setUserClaimValue, "vera", "http://wso2.org/claims/role", "admin", None, words="claim")
        self.fails(self.store.setUserClaimValues, "vera", [{"claimURI": MAIL, "value": "x"}, {"claimURI": "none", "value": "y"}],
                   None, words="claim")
        self.assertEqual(self.store.getUserClaimValue("vera", MAIL, None), "vera@example.org")  # nothing half done
        self.fails(self.store.setUserClaimValue, "vera", MAIL, "x" * 2000, None)
        self.fails(self.store.setUserClaimValues, "vera", [{"claimURI": NAME, "value": "x"}, {"claimURI": MAIL, "value": "y" * 2000}],
                   None)
        self.assertIsNone(self.store.getUserClaimValue("vera", NAME, None))
        self.fails(self.store.getUserClaimValue, "nobody", MAIL, None, words="no such user")

    def test_passwords(self):
        old, new, third = self.add("ulla"), self.new_password(), self.new_password()
        self.fails(self.store.updateCredential, "ulla", new, "wrong", words="old password")
        self.store.updateCredential("ulla", new, old)
        self.assertIs(self.store.authenticate("ulla", old), False)
        self.assertIs(self.store.authenticate("ulla", new), True)
        self.store.updateCredentialByAdmin("ulla", third)
        self.assertIs(self.store.authenticate("ulla", third), True)
        self.fails(self.store.updateCredentialByAdmin, "nobody", third, words="no such user")

    def test_managers_are_no_administrators(self):
        """Who may manage the server, and has not the role of administrators, makes nobody one and takes over nobody's account."""
        _, users = self.node.open_databases()
        users.insert("UM_ROLE", [dict(UM_ID=400, UM_ROLE_NAME="manager", UM_TENANT_ID=-1234)])
        users.insert("UM_PERMISSION", [dict(UM_ID=400, UM_RESOURCE_ID="/permission/admin/manage", UM_ACTION="ui.execute",
                                            UM_TENANT_ID=-1234, UM_MODULE_ID=0)])
        users.insert("UM_ROLE_PERMISSION", [dict(UM_ID=400, UM_PERMISSION_ID=400, UM_ROLE_NAME="manager", UM_IS_ALLOWED=1,
                                                 UM_TENANT_ID=-1234)])
        password = self.add("moritz", ["manager"])
        self.add("tom")
        store = self.service("RemoteUserStoreManagerService", "moritz", password)
        store.updateRoleListOfUser("tom", [], ["forecaster"])
        self.fails(store.updateRoleListOfUser, "tom", [], ["admin"], words="administrators")
        self.fails(store.updateRoleListOfUser, "admin", ["Admin"], [], words="administrators")
        self.fails(store.updateCredentialByAdmin, "admin", self.new_password(), words="administrator")
        self.fails(store.addUser, userName="eva", credential=self.new_password(), roleList=["ADMIN"], words="administrators")
        self.assertIs(self.store.isExistingUser("eva"), False)
        self.store.updateRoleListOfUser("tom", [], ["admin"])  # by an administrator
        self.assertIn("admin", self.store.getRoleListOfUser("tom"))
        self.store.updateRoleListOfUser("tom", ["admin"], [])

    def test_counted(self):
        before = self.status()
        self.store.isReadOnly()
        self.fails(self.store.getRoleListOfUser, "nobody")
        self.assertEqual(self.send("RemoteUserStoreManagerService", "<x/>", user=None)[0], 401)
        self.assertEqual(self.send("RemoteUserStoreManagerService", "<x/>", **{"Content-Type": "text/plain"})[0], 415)
        after = self.status()
        counted = {name: after["soap_admin." + name] - before["soap_admin." + name]
                   for name in ("calls", "replies", "faults", "unauthenticated", "refused")}
        self.assertEqual(counted, {"calls": 2, "replies": 1, "faults": 1, "unauthenticated": 1, "refused": 1})


class OpenSignUp(AdminTest):
    """Strangers may make accounts where the operator says so; then only so many."""

    options = {"apimd": "<AnonymousSignUp>true</AnonymousSignUp><Limits><SignUpsPerAddress>3</SignUpsPerAddress>"
                        "<SignUpsPerHour>1000</SignUpsPerHour></Limits>"}

    def test_limit(self):
        stranger = self.service("UserRegistrationAdminService", user=None)
        for number in range(3):
            stranger.addUser({"userName": "stranger%d" % number, "password": self.new_password()})
        self.fails(stranger.addUser, {"userName": "stranger3", "password": self.new_password()}, words="try again in")
        status, answer = self.send("UserRegistrationAdminService", soap_client.operation("addUser", []), user=None)
        self.assertEqual(status, 500)
        self.assertIs(self.service("RemoteUserStoreManagerService").isExistingUser("stranger3"), False)
        self.assertEqual(self.status()["soap_admin.sign_ups_held_up"], 1)
        self.assertIn("too many accounts are being made", self.node.log())
