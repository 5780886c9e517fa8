"""The Store's form pages and the Publisher's around documents and subscriptions: what 1.x and 2.x scripts do with them
(specification publisher-store-workflows 10)."""

import json
import os
import subprocess

import suite
from oauth import Keys
from pages import ADD, LIST, PUBLISHER, STORE, PagesTest
from rest import Rest

SUBSCRIBE = STORE + "subscription/subscription-add/ajax/subscription-add.jag"
UNSUBSCRIBE = STORE + "subscription/subscription-remove/ajax/subscription-remove.jag"
SUBSCRIPTIONS = STORE + "subscription/subscription-list/ajax/subscription-list.jag"
NEW_APPLICATION = STORE + "application/application-add/ajax/application-add.jag"
CATALOG = STORE + "api/listing/ajax/list.jag"
DOCS = PUBLISHER + "documentation/ajax/docs.jag"

# As WSO2's sample populators are: only the addresses come from outside.
POPULATOR = """set -e
jar=$FOLDER/cookies
page() { curl -s -S --cacert $CA -b $jar -c $jar "$@"; echo; }
page -X POST $PUBLISHER/publisher/site/blocks/user/login/ajax/login.jag -d @$FOLDER/login
page -X POST -b $jar $PUBLISHER/publisher/site/blocks/item-add/ajax/add.jag -d "action=addAPI&name=Phone&visibility=public&version=1.0.0&description=verification&endpointType=nonsecured&http_checked=http&https_checked=https&wsdl=&tags=phone,multimedia&tier=Silver&tiersCollection=Gold,Unlimited&thumbUrl=&context=/phoneverify&resourceCount=0&resourceMethod-0=GET&resourceMethodAuthType-0=Application&resourceMethodThrottlingTier-0=Unlimited&uriTemplate-0=/*" -d'endpoint_config={"production_endpoints":{"url":"http://ws.cdyne.com/phoneverify/phoneverify.asmx","config":null},"endpoint_type":"http"}'
page -X POST $PUBLISHER/publisher/site/blocks/life-cycles/ajax/life-cycles.jag -d 'action=updateStatus&name=Phone&version=1.0.0&provider=admin&status=PUBLISHED&publishToGateway=true&requireResubscription=true'
page -X POST $STORE/store/site/blocks/user/login/ajax/login.jag -d @$FOLDER/login
page "$STORE/store/site/blocks/api/listing/ajax/list.jag?action=getAllPaginatedPublishedAPIs&tenant=carbon.super&start=0&end=100"
page -X POST $STORE/store/site/blocks/application/application-add/ajax/application-add.jag -d 'action=addApplication&application=Caller&tier=Unlimited&description=&callbackUrl='
page -X POST $STORE/store/site/blocks/subscription/subscription-add/ajax/subscription-add.jag -d 'action=addAPISubscription&name=Phone&version=1.0.0&provider=admin&tier=Gold&applicationName=Caller'
page -X POST $STORE/store/site/blocks/subscription/subscription-add/ajax/subscription-add.jag -d 'action=generateApplicationKey&application=Caller&keytype=PRODUCTION&callbackUrl=&authorizedDomains=ALL&validityTime=360000'
page "$STORE/store/site/blocks/subscription/subscription-list/ajax/subscription-list.jag?action=getAllSubscriptions&selectedApp=Caller"
page "$STORE/store/site/blocks/user/login/ajax/login.jag?action=logout"
"""


class TierPages(PagesTest):
    def test_tiers(self):
        self.assertIs(self.post(PUBLISHER + ADD, action="getTiers")["error"], True)
        self.log_in()
        tiers = self.ok(PUBLISHER + ADD, action="getTiers")["tiers"]
        self.assertEqual([tier["tierName"] for tier in tiers], ["Bronze", "Gold", "Silver", "Unlimited"])
        self.assertEqual(tiers[1], {"tierName": "Gold", "tierDisplayName": "Gold", "tierSortKey": 5000,
                                    "tierDescription": "Allows 5000 requests per minute"})
        page = PUBLISHER + "tiers/ajax/tiers.jag"
        nobody, shown = Rest(self.node), "/tiers/api/Bronze"
        self.assertEqual(nobody.store("GET", shown).status, 200)
        self.ok(page, action="updatePermissions", tierName="Bronze", permissiontype="allow", roles="admin, partner")
        self.assertEqual(nobody.store("GET", shown).status, 404)
        self.ok(page, action="updatePermissions", tierName="Bronze", permissiontype="allow", roles="")
        self.assertEqual(nobody.store("GET", shown).status, 200)
        for fields in ({"tierName": "Tin", "permissiontype": "deny", "roles": "a"}, {"tierName": "Gold", "roles": "a"},
                       {"tierName": "Gold", "permissiontype": "maybe", "roles": "a"}):
            self.assertIs(self.post(page, action="updatePermissions", **fields)["error"], True)


class StorePages(PagesTest):
    def published(self, name, **fields):
        self.log_in()
        self.add(name, **fields)
        self.publish(name)
        self.log_in(STORE)
        return dict(name=name, version="1.0.0", provider="admin")

    def application(self, name):
        return self.ok(NEW_APPLICATION, action="addApplication", application=name, tier="Unlimited", callbackUrl="")["applicationId"]

    def keys(self, answer):
        key = answer["data"]["key"]
        suite.secret(key["consumerSecret"] or key["accessToken"])
        suite.secret(key["accessToken"])
        return key

    def test_script(self):
        folder = suite.folder("populator")
        with open(os.path.join(folder, "login"), "w") as file:
            file.write("action=login&username=admin&password=" + self.node.admin_password)
        address = "https://localhost:%d" % self.node.https_port
        result = subprocess.run(["sh", "-c", POPULATOR], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, env=dict(
            os.environ, FOLDER=folder, CA=self.node.certificate, PUBLISHER=address, STORE=address))
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([answer["error"] for answer in answers], [False] * 10, answers)
        self.assertIn("Phone", [api["name"] for api in answers[4]["apis"]])
        key = self.keys(answers[7])
        listed = answers[8]["subscriptions"]["applications"]
        self.assertEqual([(app["name"], app["prodConsumerKey"]) for app in listed], [("Caller", key["consumerKey"])])
        self.assertEqual([(sub["name"], sub["context"], sub["tier"], sub["subStatus"]) for sub in listed[0]["subscriptions"]],
                         [("Phone", "/phoneverify/1.0.0", "Gold", "UNBLOCKED")])
        token = Keys(self.node, key["consumerKey"], key["consumerSecret"]).token("client_credentials")
        self.assertEqual(token.status, 200, token)

    def test_subscriptions(self):
        api, number = self.published("Sub"), self.application("SubApp")
        self.assertEqual(self.ok(SUBSCRIBE, action="addSubscription", tier="Gold", applicationId=number, **api)["status"], "UNBLOCKED")
        self.assertIn("Error while adding subscription for user: admin. Reason: ",
                      self.refused(SUBSCRIBE, action="addAPISubscription", tier="Gold", applicationName="SubApp", **api))
        self.refused(SUBSCRIBE, action="addAPISubscription", tier="Gold", applicationName="Nobody's", **api)
        self.refused(SUBSCRIBE, action="addSubscription", tier="Iron", applicationId=number, **api)
        apis = self.ok(SUBSCRIPTIONS, action="getSubscriptionByApplication", app="SubApp")["apis"]
        self.assertEqual([(one["apiName"], one["apiVersion"], one["apiProvider"], one["subscribedTier"]) for one in apis],
                         [("Sub", "1.0.0", "admin", "Gold")])
        users = self.ok(SUBSCRIPTIONS, action="getSubscriptionByAPI", apiName="Sub", apiVersion="1.0.0", provider="admin")["applications"]
        self.assertEqual([(one["application"], one["applicationId"]) for one in users], [("SubApp", number)])
        unknown = self.post(SUBSCRIPTIONS, 404, action="getAllSubscriptions", selectedApp="Nobody's")
        self.assertEqual(unknown["subscriptionCallbackResponse"]["error"], "true")
        self.ok(UNSUBSCRIBE, action="removeSubscription", applicationId=number, **api)
        self.refused(UNSUBSCRIBE, action="removeSubscription", applicationName="SubApp", **api)
        self.assertEqual(self.ok(SUBSCRIPTIONS, action="getSubscriptionByApplication", app="SubApp")["apis"], [])

    def test_ranges(self):
        apis = [self.published(name) for name in ("Range1", "Range2", "Range3")]
        number = self.application("Ranges")
        for api in apis:
            self.ok(SUBSCRIBE, action="addSubscription", tier="Gold", applicationId=number, **api)

        def names(**fields):
            answer = self.get(SUBSCRIPTIONS, action="getAllSubscriptions", selectedApp="Ranges", **fields)["subscriptions"]
            self.assertEqual(answer["totalLength"], 3)
            return [sub["name"] for sub in answer["applications"][0]["subscriptions"]]
        self.assertEqual(names(), ["Range1", "Range2", "Range3"])
        self.assertEqual(names(start=2, end=3), ["Range2", "Range3"])
        self.assertEqual(names(start=3, end=2), [])
        for bad in ({"start": "0"}, {"start": "x"}, {"end": "-1"}):
            self.refused(SUBSCRIPTIONS, action="getAllSubscriptions", **bad)
        every = self.get(SUBSCRIPTIONS, action="getAllSubscriptions")["subscriptions"]["applications"]
        self.assertLessEqual({"DefaultApplication", "Ranges"}, {app["name"] for app in every})

    def test_deprecated(self):
        api = self.published("Old")
        self.log_in()
        self.ok(PUBLISHER + "life-cycles/ajax/life-cycles.jag", action="updateStatus", status="DEPRECATED", **api)
        self.log_in(STORE)
        self.application("OldApp")
        self.assertEqual(self.refused(SUBSCRIBE, action="addAPISubscription", tier="Gold", applicationName="OldApp", **api),
                         "Error while adding subscription for user: admin. Reason: Subscriptions not allowed on APIs in the state: DEPRECATED")

    def test_keys(self):
        api = self.published("Keyed")
        number = self.application("KeyApp")
        asked = dict(application="KeyApp", keytype="PRODUCTION", authorizedDomains="ALL", validityTime="3600")
        self.assertIn("not subscribed", self.refused(SUBSCRIBE, action="generateAPIKey", **dict(asked, **api)))
        made = self.keys(self.ok(SUBSCRIBE, action="generateApplicationKey", selectedAppID=number, callbackUrl="https://app.example/back",
                                 jsonParams=json.dumps({"grant_types": "client_credentials,refresh_token,password"}), **asked))
        self.assertEqual((made["keyState"], made["validityTime"]), ("COMPLETED", 3600))
        self.assertEqual(set(json.loads(made["appDetails"])["grant_types"].split()), {"client_credentials", "refresh_token", "password"})
        self.assertIn("already", self.refused(SUBSCRIBE, action="generateApplicationKey", callbackUrl="", **asked))
        self.refused(SUBSCRIBE, action="generateApplicationKey", **dict(asked, keytype="GOLD"))
        self.refused(SUBSCRIBE, action="generateApplicationKey", jsonParams="{", **dict(asked, keytype="SANDBOX"))
        fresh = self.ok(SUBSCRIBE, action="refreshToken", oldAccessToken=made["accessToken"], clientId=made["consumerKey"],
                        clientSecret=made["consumerSecret"], tokenScope="", **dict(asked, validityTime="7200"))["data"]["key"]
        suite.secret(fresh["accessToken"])
        self.assertNotEqual(fresh["accessToken"], made["accessToken"])
        self.assertEqual(fresh["validityTime"], 7200)
        changed = self.ok(SUBSCRIBE, action="updateClientApplication", application="KeyApp", keytype="PRODUCTION", authorizedDomains="ALL",
                          callbackUrl="https://app.example/other", validityTime="3600")["data"]["key"]
        self.assertEqual((changed["callbackUrl"], changed["consumerSecret"]), ("https://app.example/other", None))
        anew = self.ok(SUBSCRIBE, action="regenerateConsumerSecret", clientId=made["consumerKey"])["data"]["key"]
        self.assertEqual(anew["consumerKey"], made["consumerKey"])
        self.assertNotIn(suite.secret(anew["consumerSecret"]), (made["consumerSecret"], None))
        self.assertIn("consumer key", self.refused(SUBSCRIBE, action="regenerateConsumerSecret", clientId="nobody's"))
        self.refused(SUBSCRIBE, action="regenerateConsumerSecret")
        self.ok(SUBSCRIBE, action="addAPISubscription", tier="Gold", applicationName="KeyApp", **api)
        sandbox = self.keys(self.ok(SUBSCRIBE, action="generateAPIKey", **dict(asked, keytype="SANDBOX", **api)))
        self.assertNotEqual(sandbox["consumerKey"], made["consumerKey"])
        self.application("Mapper")
        self.refused(SUBSCRIBE, action="mapExistingOauthClient", applicationName="Mapper", client_id=made["consumerKey"],
                     jsonParams=json.dumps({"key_type": "PRODUCTION", "client_secret": made["consumerSecret"]}))

    def test_catalog(self):
        api = self.published("Shown", tags="lamp")
        everything = [one["name"] for one in self.get(CATALOG, action="getAllPublishedAPIs")["apis"]]
        self.assertIn("Shown", everything)
        first = self.get(CATALOG, action="getAllPaginatedPublishedAPIs", tenant="carbon.super", start=0, end=1)["apis"]
        self.assertEqual([one["name"] for one in first], everything[:1])
        found = self.ok(STORE + "search/api-search/ajax/search.jag", action="searchAPIs", query="tag:lamp", start=0, end=10)["result"]
        self.assertEqual([one["name"] for one in found], ["Shown"])
        self.refused(CATALOG, action="getAllPaginatedPublishedAPIs", tenant="nowhere.example")
        info, comment = STORE + "api/api-info/ajax/api-info.jag", STORE + "comment/comment-add/ajax/comment-add.jag"
        self.assertEqual(self.ok(info, action="addRating", rating="4", **api)["rating"], 4)
        self.assertEqual(self.ok(info, action="removeRating", **api)["rating"], 0)
        for rating in ("0", "6", "many"):
            self.refused(info, action="addRating", rating=rating, **api)
        self.assertTrue(self.get(info, action="isRatingActivated")["allow"])
        self.ok(comment, action="addComment", comment='Good "API" <b>', **api)
        self.refused(comment, action="addComment", **api)
        said = self.get(comment, action="getComments", **api)
        self.assertEqual([(one["userName"], one["comment"]) for one in said["comments"]], [("admin", 'Good "API" <b>')])
        tags = self.get(STORE + "tag/tag-cloud/ajax/list.jag", action="getAllTags", tenant="carbon.super")["tags"]
        self.assertIn({"name": "lamp", "count": 1}, tags)
        recent = self.get(STORE + "api/recently-added/ajax/list.jag", action="getRecentlyAddedAPIs", tenant="carbon.super", limit=1)["apis"]
        self.assertEqual([one["name"] for one in recent], ["Shown"])
        self.assertEqual(self.ok(STORE + "api/api-info/ajax/api-info.jag", action="getAPIEndpointURLs", **api)["endpointURLs"],
                         Rest(self.node).store("GET", "/apis/admin-Shown-1.0.0").json["endpointURLs"])
        swagger = self.curl("/store/api-docs/admin/Shown/1.0.0", "--cookie", "none=1")
        self.assertEqual((self.status, swagger["info"]["title"]), (200, "Shown"))
        for path, status in (("admin/Hidden/1.0.0", 404), ("admin/Shown", 404), ("admin/Shown/1.0.0/x", 404), ("admin/%ff/1", 404),
                             ("x@nowhere.example/Shown/1.0.0", 404)):
            self.curl("/store/api-docs/" + path)
            self.assertEqual(self.status, status, path)
        self.log_in()
        self.add("Hidden")
        self.curl("/store/api-docs/admin/Hidden/1.0.0")
        self.assertEqual(self.status, 404)

    def test_documents(self):
        api = self.published("Documented")
        self.log_in()
        who = dict(provider="admin", apiName="Documented", version="1.0.0")
        self.ok(DOCS, action="addDocumentation", mode="", docName="Guide", docType="How To", sourceType="inline", docUrl="", summary="s",
                docLocation="", **who)
        self.assertEqual(self.headers["Content-Type"], "text/plain; charset=UTF-8")
        self.ok(DOCS, action="addInlineContent", docName="Guide", docType="How To", content="<b>read</b> me", **who)
        self.assertEqual(self.get(DOCS, action="getInlineContent", docName="Guide", **who)["doc"]["content"], "<b>read</b> me")
        self.assertIn("Guide", self.refused(DOCS, 500, action="addDocumentation", docName="Guide", docType="How To", sourceType="inline", **who))
        self.refused(DOCS, 500, action="addDocumentation", docName="X", docType="Novel", sourceType="inline", **who)
        self.assertEqual(self.refused(DOCS, 500, action="addDocumentation", mode="Burn", docName="X", **who), "Invalid request parameters")
        self.ok(DOCS, action="addDocumentation", mode="Update", docName="Guide", docType="Samples", summary="other", **who)
        path = os.path.join(suite.folder("document"), "sample.txt")
        with open(path, "w") as file:
            file.write("bytes")
        fields = dict(who, action="addDocumentation", mode="add", docName="File", docType="Other", newType="Notes", sourceType="file", docVisibility="API Level")
        parts = [part for name, value in fields.items() for part in ("-F", "%s=%s" % (name, value))]
        self.assertIs(self.curl(DOCS, *parts, "-F", "docLocation=@%s;type=text/plain" % path)["error"], False)
        self.log_in(STORE)
        listed = self.ok(CATALOG, action="getAllDocumentationOfApi", **api)["documents"]
        self.assertEqual({(one["name"], one["type"], one["otherTypeName"], one["filePath"], one["summary"]) for one in listed},
                         {("Guide", "SAMPLES", None, None, "other"), ("File", "OTHER", "Notes", "sample.txt", None)})
        self.log_in()
        for name in ("Guide", "File"):
            self.ok(DOCS, action="removeDocumentation", docName=name, docType="How To", **who)
        self.refused(DOCS, action="removeDocumentation", docName="Guide", docType="How To", **who)

    def test_blocking(self):
        api, number = self.published("Blocked"), self.application("BlockApp")
        self.ok(SUBSCRIBE, action="addSubscription", tier="Gold", applicationId=number, **api)
        page, who = PUBLISHER + "users-keys/ajax/subscriptions.jag", dict(apiName="Blocked", version="1.0.0", provider="admin", appId=number)
        self.ok(STORE + "user/login/ajax/login.jag", action="logout")
        self.assertIn("login", self.refused(SUBSCRIBE, action="addSubscription"))
        self.assertEqual(self.refused(page, action="updateSubscription", newStatus="BLOCKED", **who), "AuthenticateError")
        self.log_in()
        self.ok(page, action="updateSubscription", newStatus="PROD_ONLY_BLOCKED", **who)
        self.log_in(STORE)
        self.assertEqual([one["status"] for one in self.ok(SUBSCRIPTIONS, action="getSubscriptionByApplication", app="BlockApp")["apis"]],
                         ["PROD_ONLY_BLOCKED"])
        self.log_in()
        self.ok(page, action="updateSubscription", newStatus="UNBLOCKED", **who)
        self.refused(page, action="updateSubscription", newStatus="SLEEPING", **who)
        for wrong in ("999999", "x"):
            self.refused(page, action="updateSubscription", newStatus="BLOCKED", **dict(who, appId=wrong))

    def test_more_than_one_page_of_apis(self):
        self.log_in()
        self.add("Last", context="/zzz")
        self.node.open_databases()[0].insert_all([("AM_API", {
            "API_PROVIDER": "admin", "API_NAME": "Bulk%04d" % i, "API_VERSION": "1", "CONTEXT": "/bulk%04d/1" % i,
            "CONTEXT_TEMPLATE": "/bulk%04d/{version}" % i}) for i in range(1001)])
        names = {api["name"] for api in self.ok(PUBLISHER + LIST, action="getAllAPIs")["apis"]}
        self.assertLessEqual({"Last", "Bulk0000", "Bulk1000"}, names)
        self.assertGreater(len(names), 1001)
        self.assertEqual(self.ok(PUBLISHER + ADD, action="isContextExist", context="/zzz", oldContext="")["exist"], "true")
