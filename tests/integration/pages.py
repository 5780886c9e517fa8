"""The form pages as scripts use them: curl with a cookie jar (specification publisher-store-workflows 10)."""

import json
import os
import subprocess
import urllib.parse

import suite
from harness import IntegrationTest, MARIADB, SQLITE

PUBLISHER, STORE = "/publisher/site/blocks/", "/store/site/blocks/"
ADD, LIFE, LIST = "item-add/ajax/add.jag", "life-cycles/ajax/life-cycles.jag", "listing/ajax/item-list.jag"
ENDPOINT = '{"production_endpoints":{"url":"http://gdata.youtube.com/feeds/api/standardfeeds","config":null},"endpoint_type":"http"}'


class PagesTest(IntegrationTest):
    databases = (SQLITE, MARIADB)
    options = {}  # for Node

    @classmethod
    def setUpClass(cls):
        cls.node = cls.new_node(**cls.options)
        cls.addClassCleanup(cls.node.kill)
        cls.node.prepare(populate=False).start()

    @classmethod
    def tearDownClass(cls):
        cls.node.stop()

    def setUp(self):
        self.jar = os.path.join(suite.folder("jar"), "cookies")
        self.headers = {}

    def curl(self, page, *options):
        """The body as JSON; self.headers are those of the answer."""
        head = self.jar + ".head"
        jar = () if "--cookie" in options else ("--cookie", self.jar, "--cookie-jar", self.jar)
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--cacert", self.node.certificate, *jar, "--dump-header", head, *options, "https://localhost:%d%s" % (self.node.https_port, page)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(head) as file:
            lines = file.read().splitlines()
        self.status = int(lines[0].split()[1])
        self.headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        return json.loads(result.stdout)

    def post(self, page, http_status=200, **fields):
        """Fields go through a file and not through argv: one of them is a password."""
        path = self.jar + ".form"
        with open(path, "w") as file:
            file.write(urllib.parse.urlencode(fields))
        answer = self.curl(page, "--request", "POST", "--data", "@" + path)
        self.assertEqual(self.status, http_status, answer)
        return answer

    def ok(self, page, **fields):
        answer = self.post(page, **fields)
        self.assertIs(answer["error"], False, answer)
        return answer

    def refused(self, page, http_status=200, **fields):
        answer = self.post(page, http_status, **fields)
        self.assertIs(answer["error"], True, answer)
        return answer["message"]

    def log_in(self, site=PUBLISHER):
        self.ok(site + "user/login/ajax/login.jag", action="login", username="admin", password=self.node.admin_password)

    def add(self, name, **fields):
        return self.ok(PUBLISHER + ADD, **dict(dict(
            action="addAPI", name=name, visibility="public", version="1.0.0", description="d", endpointType="nonsecured",
            http_checked="http", https_checked="https", wsdl="", tags="youtube,gdata,multimedia", tier="Silver",
            thumbUrl="", context="/" + name.lower(), tiersCollection="Gold,Unlimited", resourceCount="0",
            **{"resourceMethod-0": "GET,POST", "resourceMethodAuthType-0": "Application,Application User",
               "resourceMethodThrottlingTier-0": "Unlimited,Unlimited", "uriTemplate-0": "/*"},
            endpoint_config=ENDPOINT), **fields))

    def publish(self, name):
        self.ok(PUBLISHER + LIFE, action="updateStatus", name=name, version="1.0.0", provider="admin", status="PUBLISHED")

    def get(self, page, **fields):
        answer = self.curl(page + "?" + urllib.parse.urlencode(fields))
        self.assertEqual(self.status, 200, answer)
        return answer
