"""Accounts of strangers and passwords at the Store: the form pages and apimctl user, approval, the limit on how many, and sessions that
end with a password."""

import json
import urllib.parse

import suite
from ctl import RealNode
from harness import MARIADB, SQLITE
from pages import PUBLISHER, STORE, PagesTest
from rest import Rest
from soap_admin import AdminTest

SIGN_UP = STORE + "user/sign-up/ajax/user-add.jag"
USER_INFO = STORE + "user/user-info/ajax/user-info.jag"
LOGIN = "user/login/ajax/login.jag"
APPLICATIONS = STORE + "application/application-list/ajax/application-list.jag"
SECRET, OTHER = suite.secret("first-pass-9Xq"), suite.secret("other-pass-7Wr")


class SignUp(PagesTest):
    def sign_up(self, name, **fields):
        return self.ok(SIGN_UP, action="addUser", username=name, password=SECRET, **fields)

    def log_in_as(self, name, password, site=STORE):
        return self.ok(site + LOGIN, action="login", username=name, password=password)

    def test_at_once(self):
        self.assertIs(self.sign_up("erika", allFieldsValues="Erika|Muster|erika@example.org")["showWorkflowTip"], False)
        self.log_in_as("erika", SECRET)
        names = [item["name"] for item in self.ok(APPLICATIONS, action="getApplications")["applications"]]
        self.assertEqual(names, ["DefaultApplication"])
        self.assertIn("Insufficient privileges", self.refused(PUBLISHER + LOGIN, action="login", username="erika", password=SECRET))
        self.assertIn("already", self.refused(SIGN_UP, action="addUser", username="erika", password=OTHER))
        self.log_in_as("erika", SECRET)

    def test_refused(self):
        for fields in (dict(username="", password=SECRET), dict(username="x"), dict(username="x", password=""), dict(username="a/b", password=SECRET),
                       dict(username="x@nowhere.example", password=SECRET), dict(username="admin", password=SECRET)):
            self.refused(SIGN_UP, action="addUser", **fields)
        link = self.get(SIGN_UP, action="addUser", username="linked", password=SECRET)
        self.assertIs(link["error"], True)

    def test_password(self):
        self.sign_up("max")
        self.log_in_as("max", SECRET)
        mine = self.jar
        self.jar += "-elsewhere"  # another browser of the same user
        self.log_in_as("max", SECRET)
        self.ok(APPLICATIONS, action="getApplications")
        self.assertIn("wrong", self.refused(USER_INFO, action="changePassword", username="max", currentPassword=OTHER, newPassword=OTHER))
        self.assertIn("missing", self.refused(USER_INFO, action="changePassword", username="max", currentPassword=SECRET, newPassword=""))
        self.ok(APPLICATIONS, action="getApplications")
        self.ok(USER_INFO, action="changePassword", username="max", currentPassword=SECRET, newPassword=OTHER)
        for self.jar in (self.jar, mine):
            self.assertIn("login", self.refused(APPLICATIONS, action="getApplications"))
        self.assertIn("Login failed", self.refused(STORE + LOGIN, action="login", username="max", password=SECRET))
        self.log_in_as("max", OTHER)
        self.ok(APPLICATIONS, action="getApplications")

    def test_password_at_the_key_manager(self):
        """The same node's token endpoint does not take the old one either."""
        self.sign_up("nora")
        Rest.login(self.node, "nora", SECRET, scope="apim:subscribe")
        self.ok(USER_INFO, action="changePassword", username="nora", currentPassword=SECRET, newPassword=OTHER)
        Rest.login(self.node, "nora", OTHER, scope="apim:subscribe")
        self.assertRaisesRegex(AssertionError, "401", Rest.login, self.node, "nora", SECRET, scope="apim:subscribe")


class Limited(AdminTest):
    """One limit for all doors of a node."""

    options = {"apimd": "<AnonymousSignUp>true</AnonymousSignUp><Limits><SignUpsPerAddress>2</SignUpsPerAddress></Limits>"}

    def page(self, name):
        form = urllib.parse.urlencode({"action": "addUser", "username": name, "password": SECRET})
        return Rest(self.node).send("POST", SIGN_UP, form, {"Content-Type": "application/x-www-form-urlencoded"})

    def test_limit(self):
        stranger = self.service("UserRegistrationAdminService", user=None)
        stranger.addUser({"userName": "one", "password": SECRET})
        self.assertIs(self.page("two").json["error"], False)
        held_up = self.page("three")
        self.assertIn("try again in", held_up.json["message"])
        self.assertGreater(int(held_up.headers["Retry-After"]), 0)
        self.fails(stranger.addUser, {"userName": "three", "password": SECRET}, words="try again in")
        self.assertIs(self.service("RemoteUserStoreManagerService").isExistingUser("three"), False)
        self.assertEqual((self.status()["soap_admin.sign_ups_held_up"], self.status()["store.sign_ups_held_up"]), (1, 1))


class Closed(PagesTest):
    databases = (SQLITE,)
    options = dict(apimd="<SelfSignUp>false</SelfSignUp>")

    def test_closed(self):
        self.assertIn("administrator", self.refused(SIGN_UP, action="addUser", username="one", password=SECRET))


class Commands(RealNode):
    """apimctl user, and the approval by apimctl workflow."""

    databases = (SQLITE, MARIADB)
    options = dict(apimd="<WorkflowUserSignUp>approval</WorkflowUserSignUp>")

    def setUp(self):
        super().setUp()
        self.login(self.node.admin_password)

    def sign_up(self, name, status=8):
        return self.ctl("user", "signup", name, "--first-name", "Erika", "--email", "erika@example.org", "--password-file",
                        self.file("password", SECRET), status=status)

    def password(self, name, old, new, status=0):
        return self.ctl("user", "password", name, "--old-password-file", self.file("old", old), "--password-file", self.file("new", new),
                        status=status)

    def task_of(self, name):
        rows = json.loads(self.out("workflow", "list", "-o", "json"))
        return [row for row in rows if row["reference"] == name][0]["externalRef"]

    def test_approved(self):
        self.assertIn("waits for approval", self.sign_up("anna").stderr)
        self.assertIn("Insufficient privileges", self.password("anna", SECRET, OTHER, status=1).stderr)
        task = self.task_of("anna")
        self.ctl("workflow", "approve", task)
        self.ctl("workflow", "approve", task)
        self.ctl("workflow", "reject", task, "--yes", status=6)
        self.password("anna", SECRET, OTHER)
        self.assertIn("Login failed", self.password("anna", SECRET, SECRET, status=1).stderr)
        self.password("anna", OTHER, SECRET)
        self.assertIn("already", self.sign_up("anna", status=6).stderr)

    def test_rejected(self):
        self.sign_up("berta")
        self.ctl("workflow", "reject", self.task_of("berta"), "--yes")
        self.assertIn("Login failed", self.password("berta", SECRET, OTHER, status=1).stderr)
        self.sign_up("berta")  # the name is free again
