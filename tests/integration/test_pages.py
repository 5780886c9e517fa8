"""The form pages, with curl and a cookie jar as WSO2's sample populators use them (specification publisher-store-workflows 10):
log in, addAPI, updateStatus; then the other essential actions. HTTP status 200 throughout."""

import json

import suite
from pages import ADD, ENDPOINT, LIFE, LIST, PUBLISHER, STORE, PagesTest
from rest import Rest


class Pages(PagesTest):
    def test_populator(self):
        self.log_in()
        self.assertIn("JSESSIONID", open(self.jar).read())
        self.add("YoutubeFeeds")
        self.assertEqual(self.headers["Content-Type"], "text/plain; charset=UTF-8")
        changed = self.ok(PUBLISHER + LIFE, action="updateStatus", name="YoutubeFeeds", version="1.0.0", provider="admin",
                          status="PUBLISHED", publishToGateway="true", requireResubscription="true")
        self.assertEqual(changed["lcs"][-1]["newStatus"], "PUBLISHED")
        shown = self.ok(PUBLISHER + LIST, action="getAPI", name="YoutubeFeeds", version="1.0.0", provider="admin")["api"]
        self.assertEqual({name: shown[name] for name in ("name", "status", "context", "tags", "availableTiers", "transport_http")},
                         {"name": "YoutubeFeeds", "status": "PUBLISHED", "context": "/youtubefeeds/1.0.0",
                          "tags": "youtube,gdata,multimedia", "availableTiers": "Gold,Unlimited", "transport_http": "checked"})
        self.assertEqual(shown["templates"], [["/*", "GET", "Application", "Unlimited"], ["/*", "POST", "Application User", "Unlimited"]])
        self.assertEqual(Rest(self.node).store("GET", "/apis/admin-YoutubeFeeds-1.0.0").json["status"], "PUBLISHED")
        self.ok(PUBLISHER + "overview/ajax/overview.jag", action="createNewAPI", provider="admin", apiName="YoutubeFeeds",
                version="1.0.0", newVersion="2.0.0", isDefaultVersion="")
        self.assertIs(self.ok(PUBLISHER + LIFE, action="isAPIOlderVersionExist", name="YoutubeFeeds", version="2.0.0",
                              provider="admin")["exist"], True)
        self.assertLessEqual({("YoutubeFeeds", "1.0.0"), ("YoutubeFeeds", "2.0.0")}, {
            (api["name"], api["version"]) for api in self.ok(PUBLISHER + LIST, action="getAllAPIs")["apis"]})
        self.ok(PUBLISHER + LIFE, action="updateStatus", name="YoutubeFeeds", version="1.0.0", provider="admin", status="BLOCKED")
        self.ok(PUBLISHER + LIFE, action="updateStatus", name="YoutubeFeeds", version="1.0.0", provider="admin", status="PUBLISHED")

    def test_resource_forms(self):
        self.log_in()
        config = {"scopes": [], "resources": [{"url_pattern": "/a", "http_verbs": {"GET": {"auth_type": "None", "throttling_tier": "Unlimited"}}}]}
        self.add("Configured", resource_config=json.dumps(config))
        swagger = {"swagger": "2.0", "info": {"title": "S", "version": "1.0.0"}, "paths": {"/b": {"put": {"responses": {"200": {"description": "OK"}}}}}}
        self.add("Swaggered", swagger=json.dumps(swagger))
        for name, row in (("Configured", ["/a", "GET", "None", "Unlimited"]), ("Swaggered", ["/b", "PUT", None, "Unlimited"])):
            templates = self.ok(PUBLISHER + LIST, action="getAPI", name=name, version="1.0.0", provider="admin")["api"]["templates"]
            self.assertEqual(len(templates), 1)
            self.assertEqual([a for a, b in zip(templates[0], row) if b], [b for b in row if b])
        for bad in ({"resource_config": "{"}, {"swagger": "{"}, {"resourceCount": "x"}):
            self.refused(PUBLISHER + ADD, **dict(dict(action="addAPI", name="Bad", version="1", context="/bad",
                                                     tiersCollection="Gold", endpoint_config=ENDPOINT), **bad))

    def test_update_and_remove(self):
        self.log_in()
        self.add("Changed", endpointType="secured", endpointAuthType="basicAuth", epUsername="u", epPassword=suite.secret("pa55word-of-u"))
        self.ok(PUBLISHER + ADD, action="updateAPI", name="Changed", version="1.0.0", provider="admin", description="new",
                endpointType="secured", epUsername="u", epPassword="*****")
        shown = self.ok(PUBLISHER + LIST, action="getAPI", name="Changed", version="1.0.0", provider="admin")["api"]
        self.assertEqual((shown["description"], shown["epUsername"], shown["epPassword"]), ("new", "u", "*****"))
        self.assertEqual(self.ok(PUBLISHER + ADD, action="isAPINameExist", apiName="Changed")["exist"], "true")
        self.assertEqual(self.ok(PUBLISHER + ADD, action="isContextExist", context="changed", oldContext="")["exist"], "true")
        self.assertEqual(self.ok(PUBLISHER + ADD, action="isAPINameExist", apiName="Chang")["exist"], "false")
        self.ok(PUBLISHER + "item-add/ajax/remove.jag", action="removeAPI", name="Changed", version="1.0.0", provider="admin")
        self.assertEqual(self.refused(PUBLISHER + LIST, action="getAPI", name="Changed", version="1.0.0", provider="admin"),
                         " Cannot find the requested API- Changed-1.0.0")

    def test_picture(self):
        """A form with a picture makes the API with it, or no API at all."""
        self.log_in()
        page, path = PUBLISHER + ADD, self.jar + ".picture"
        form = dict(action="addAPI", name="Pictured", version="1.0.0", context="/pictured-page", visibility="public",
                    tiersCollection="Gold", endpoint_config=ENDPOINT, resourceCount="0",
                    **{"resourceMethod-0": "GET", "resourceMethodAuthType-0": "None", "resourceMethodThrottlingTier-0": "Unlimited",
                       "uriTemplate-0": "/*"})
        options = [part for name, value in form.items() for part in ("--form-string", "%s=%s" % (name, value))]
        for picture, error in ((b"<html>", True), (b"\x89PNG\r\n\x1a\n\0pixels", False)):
            with open(path, "wb") as file:
                file.write(picture)
            answer = self.curl(page, *options, "--form", "apiThumb=@%s;filename=a.png" % path)
            self.assertIs(answer["error"], error, answer)
            self.assertIn("PNG" if error else "", answer.get("message", ""))
            self.assertEqual(self.ok(PUBLISHER + ADD, action="isAPINameExist", apiName="Pictured")["exist"], "false" if error else "true")
        rest = Rest.login(self.node)
        self.assertEqual(rest.publisher("GET", "/apis/admin-Pictured-1.0.0/thumbnail").body, picture)

    def test_three_steps(self):
        self.log_in()
        design, who = PUBLISHER + "item-design/ajax/add.jag", dict(name="Steps", version="1.0.0", provider="admin")
        swagger = json.dumps({"swagger": "2.0", "info": {"title": "Steps", "version": "1.0.0"}, "paths": {"/*": {"get": {"responses": {}}}}})
        made = self.ok(design, action="design", context="/steps", tags="a", visibility="public", swagger=swagger, **who)
        self.assertEqual(made["data"], {"apiName": "Steps", "version": "1.0.0", "provider": "admin"})
        self.ok(design, action="implement", implementation_methods="endpoint", endpoint_config=ENDPOINT, **who)
        self.ok(design, action="manage", tiersCollection="Gold", transport_http="http", default_version_checked="", **who)
        self.ok(PUBLISHER + LIFE, action="updateStatus", status="PUBLISHED", **who)

    def test_gateway_refuses(self):
        """What failed is said once; the state is changed nevertheless."""
        self.log_in()
        design, who = PUBLISHER + "item-design/ajax/add.jag", dict(name="Empty", version="1.0.0", provider="admin")
        self.ok(design, action="design", context="/empty", visibility="public", **who)
        rest = Rest.login(self.node)
        made = json.loads(rest.publisher("GET", "/apis/admin-Empty-1.0.0").json["apiDefinition"])
        self.assertEqual({path: set(verbs) for path, verbs in made["paths"].items()}, {"/*": {"get", "post", "put", "delete", "patch"}})
        nothing = json.dumps({"swagger": "2.0", "info": {"title": "Empty", "version": "1.0.0"}, "paths": {}})
        self.ok(design, action="design", context="/empty", visibility="public", swagger=nothing, **who)
        self.ok(design, action="implement", endpoint_config=ENDPOINT, **who)
        self.ok(design, action="manage", tiersCollection="Gold", transport_http="http", **who)
        message = self.refused(PUBLISHER + LIFE, action="updateStatus", status="PUBLISHED", **who)
        self.assertTrue(message.startswith("the API is PUBLISHED, but not on every gateway; "), message)
        self.assertEqual(message.count("no resources"), 1)
        self.assertEqual(self.ok(PUBLISHER + LIST, action="getAPI", **who)["api"]["status"], "PUBLISHED")

    def test_applications(self):
        self.log_in(STORE)
        pages = STORE + "application/application-%s/ajax/application-%s.jag"
        added = self.ok(pages % ("add", "add"), action="addApplication", application="App", tier="Unlimited", callbackUrl="", description="d")
        self.assertEqual(added["status"], "APPROVED")
        self.assertEqual(self.headers["Content-Type"], "application/json; charset=UTF-8")
        self.assertEqual(self.refused(pages % ("add", "add"), action="addApplication", application="App", tier="Unlimited"),
                         "A duplicate application already exists by the name - App")
        self.ok(pages % ("update", "update"), action="updateApplication", applicationOld="App", applicationNew="App2", tier="Unlimited",
                callbackUrlNew="", descriptionNew="e")
        listed = self.ok(pages % ("list", "list"), action="getApplications")["applications"]
        self.assertEqual([(item["id"], item["description"]) for item in listed if item["name"] == "App2"], [(added["applicationId"], "e")])
        self.ok(pages % ("remove", "remove"), action="removeApplication", application="App2")
        self.refused(pages % ("list", "list"), action="getApplicationByName", applicationName="App2")

    def test_sessions(self):
        login = PUBLISHER + "user/login/ajax/login.jag"
        self.assertEqual(self.refused(login, action="login", username="admin", password="wrong"),
                         "Login failed. Please recheck the username and password and try again")
        self.assertEqual(self.refused(PUBLISHER + ADD, action="addAPI", name="x"), "timeout")
        self.assertEqual(self.refused(PUBLISHER + LIFE, action="updateStatus"), "AuthenticateError")
        self.assertIn("login", self.refused(STORE + "application/application-list/ajax/application-list.jag", action="getApplications"))
        self.log_in()
        cookie = self.headers["Set-Cookie"]
        for attribute in ("Secure", "HttpOnly", "SameSite=Lax"):
            self.assertIn(attribute, cookie)
        self.ok(PUBLISHER + LIST, action="getAllAPIs")
        self.assertIn("Invalid action", self.refused(PUBLISHER + LIST, action="fly"))
        self.assertIs(self.get(PUBLISHER + LIST, action="getAllAPIs")["error"], False)
        link = self.get(PUBLISHER + "item-add/ajax/remove.jag", action="removeAPI", name="x", version="1")  # of another site
        self.assertEqual(link["message"], "Only POST is understood here.")
        name, value = cookie.split(";")[0].split("=", 1)
        for forged in (value[:-1] + ("A" if value[-1] != "A" else "B"), "x", ""):
            answer = self.curl(PUBLISHER + LIST, "--request", "POST", "--data", "action=getAllAPIs", "--cookie", name + "=" + forged)
            self.assertEqual(answer["message"], "timeout")
        crossed = self.curl(PUBLISHER + LIST, "--request", "POST", "--data", "action=getAllAPIs", "--cookie", "csrftoken=1; " + name + "=" + value)
        self.assertIs(crossed["error"], True)
        self.ok(login, action="logout")
        self.assertEqual(self.refused(PUBLISHER + LIST, action="getAllAPIs"), "timeout")
