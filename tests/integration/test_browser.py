"""Login and consent in a real browser, without JavaScript.

APIM_TEST_PICTURES=docs writes the pictures of the pages that docs/oauth.md shows."""

import http.server
import os
import threading
import urllib.parse

from chromium import Chromium, ENTER
from harness import NodeTest
import oauth
from oauth import CHALLENGE, Client, VERIFIER
from world import BOB

PICTURES = os.environ.get("APIM_TEST_PICTURES")


class Application(http.server.BaseHTTPRequestHandler):
    """Where the browser is sent back to; shows by its title whether scripts ran."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Application</title><script>document.title = 'scripts ran'</script>")

    def log_message(self, *arguments):
        pass


class Browser(NodeTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        oauth.add_scopes(cls.world)
        cls.application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
        cls.addClassCleanup(cls.application.server_close)
        threading.Thread(target=cls.application.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.application.shutdown)
        cls.callback = "http://127.0.0.1:%d/callback" % cls.application.server_port
        cls.client = Client(cls.node, callback=cls.callback, APP_NAME="alice_Weather station_PRODUCTION")

    def setUp(self):
        self.browser = Chromium()
        self.addCleanup(self.browser.close)

    def keep(self, name):
        if PICTURES:
            with open(os.path.join(PICTURES, name + ".png"), "wb") as file:
                file.write(self.browser.picture())

    def assert_shows(self, title):
        self.eventually(lambda: self.browser.title == title, 20, "%r shown, but %r" % (title, self.browser.title))

    def begin(self):
        self.browser.open("https://localhost:%d/oauth2/authorize?" % self.node.https_port + urllib.parse.urlencode(dict(
            response_type="code", client_id=self.client.key, redirect_uri=self.callback, scope="rain_read openid", state="s 1",
            code_challenge=CHALLENGE, code_challenge_method="S256")))

    def test_login_and_consent(self):
        browser = self.browser
        self.begin()
        self.assert_shows("Log in")
        self.assertEqual(browser.focused(), "username")
        self.assertIn(browser.style("button.main", "background-color"), ("rgba(11, 92, 173, 1)", "rgba(143, 188, 255, 1)"))
        self.keep("oauth-login")
        browser.type("#username", BOB)
        browser.type("#password", "wrong" + ENTER)
        self.assert_shows("Error: Log in")
        self.assertEqual(browser.focused(), "password")
        self.assertIn("do not belong together", browser.text("[role=alert]"))
        browser.type("#password", self.world.passwords[BOB] + ENTER)
        self.assert_shows("Allow access?")
        self.assertIn("Weather station", browser.text("main"))
        self.keep("oauth-consent")
        browser.click("button[value=allow]")
        self.assert_shows("Application")
        answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(browser.url).query))
        self.assertEqual(answer["state"], "s 1")
        self.assertEqual(self.client.exchange(answer["code"], self.callback, code_verifier=VERIFIER).status, 200)
        self.begin()
        self.assert_shows("Allow access?")
        browser.click("button[value=deny]")
        self.assert_shows("Application")
        self.assertIn("error=access_denied", browser.url)
        self.assertEqual([text for text in browser.complaints() if "oauth2" in text and "403" not in text], [])
