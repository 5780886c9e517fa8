"""A headless Chromium without JavaScript, driven through chromedriver's own HTTP interface (W3C WebDriver)."""

import base64
import json
import subprocess
import urllib.error
import urllib.request

import suite

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1"]


class Chromium:
    def __init__(self, width=480, height=720):
        self.port = suite.free_port()
        self.driver = subprocess.Popen(["chromedriver", "--port=%d" % self.port], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        suite.at_end(self.close)
        self.session = None
        options = {"args": ARGUMENTS + ["--user-data-dir=" + suite.folder("chromium"), "--window-size=%d,%d" % (width, height)],
                   "prefs": {"profile.managed_default_content_settings.javascript": 2}}
        self._wait()
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "acceptInsecureCerts": True, "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = answer["sessionId"]

    def _wait(self):
        for _ in range(300):
            try:
                if self.call("GET", "/status")["ready"]:
                    return
            except urllib.error.URLError:
                if self.driver.poll() is not None:
                    break
                subprocess.run(["sleep", "0.1"], check=True)
        raise AssertionError("chromedriver does not answer")

    def call(self, method, path, body=None):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError("chromedriver: %s %s: %s" % (method, path, json.load(error)["value"]["message"])) from None

    def ask(self, method, path, **body):
        return self.call(method, "/session/%s/%s" % (self.session, path), body if method == "POST" else None)

    def open(self, url):
        self.ask("POST", "url", url=url)

    @property
    def url(self):
        return self.ask("GET", "url")

    @property
    def title(self):
        return self.ask("GET", "title")

    def find(self, selector):
        return self.ask("POST", "element", using="css selector", value=selector)[ELEMENT]

    def type(self, selector, text):
        self.ask("POST", "element/%s/value" % self.find(selector), text=text)

    def click(self, selector):
        self.ask("POST", "element/%s/click" % self.find(selector))

    def text(self, selector):
        return self.ask("GET", "element/%s/text" % self.find(selector))

    def style(self, selector, name):
        return self.ask("GET", "element/%s/css/%s" % (self.find(selector), name))

    def focused(self):
        """The id of the element that has the focus."""
        return self.ask("GET", "element/%s/attribute/id" % self.ask("GET", "element/active")[ELEMENT])

    def picture(self):
        """What the window shows, as PNG."""
        return base64.b64decode(self.ask("GET", "screenshot"))

    def complaints(self):
        """What the console holds: refused styles, forms, ..."""
        return [entry["message"] for entry in self.ask("POST", "se/log", type="browser")]

    def close(self):
        if self.driver is None:
            return
        driver, self.driver = self.driver, None
        try:
            if self.session:
                self.call("DELETE", "/session/" + self.session)
        except (AssertionError, OSError):
            pass
        driver.terminate()
        driver.wait(30)
