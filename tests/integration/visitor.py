"""A person's browser as far as curl goes: cookies, redirects one by one, and the forms of the pages."""

import html.parser
import os
import subprocess
import urllib.parse

import suite


class Page(html.parser.HTMLParser):
    """One answer. forms: by action, the fields with their values; buttons are not among them."""

    def __init__(self, raw):
        super().__init__()
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.header_list = [tuple(line.split(": ", 1)) for line in lines[1:]]
        self.headers = {name.lower(): value for name, value in self.header_list}
        self.text = body.decode()
        self.forms, self.links, self.tags, self.alert = {}, [], [], None
        self._form = self._in_alert = None
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag == "form":
            self._form = self.forms.setdefault(attributes["action"], {})
        elif tag == "input":
            self._form[attributes["name"]] = attributes.get("value", "")
        elif tag == "a":
            self.links.append(attributes["href"])
        if attributes.get("role") == "alert":
            self._in_alert, self.alert = tag, ""

    def handle_data(self, data):
        if self._in_alert:
            self.alert += data.strip()

    def handle_endtag(self, tag):
        if tag == self._in_alert:
            self._in_alert = None

    @property
    def location(self):
        return self.headers.get("location")

    def answer(self, part="query"):
        """The parameters that the redirect brings to the application."""
        return dict(urllib.parse.parse_qsl(getattr(urllib.parse.urlsplit(self.location), part), keep_blank_values=True))


class Visitor:
    def __init__(self, node):
        self.node = node
        self.jar = os.path.join(suite.folder("visitor"), "cookies")

    def curl(self, path, *options, body=None, cookies=True):
        url = "https://localhost:%d%s" % (self.node.https_port, path)
        jar = ["--cookie", self.jar, "--cookie-jar", self.jar] if cookies else []
        result = subprocess.run(["curl", "--silent", "--show-error", "--include", "--cacert", self.node.certificate,
                                 "--max-time", "30", *jar, *options, *(["--data", "@-"] if body is not None else []), url],
                                input=(body or "").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                                check=False)
        if result.returncode != 0:
            raise AssertionError("curl: exit %d: %s" % (result.returncode, result.stderr.decode()))
        return Page(result.stdout)

    def get(self, path, **options):
        return self.curl(path, **options)

    def authorize(self, parameters, **options):
        """parameters: a dictionary, or the text of the query."""
        query = parameters if isinstance(parameters, str) else urllib.parse.urlencode(parameters)
        return self.get("/oauth2/authorize?" + query, **options)

    def post(self, path, fields, **options):
        body = fields if isinstance(fields, str) else urllib.parse.urlencode(fields)
        return self.curl(path, body=body, **options)

    def follow(self, page):
        """The page that a redirect within the server leads to."""
        return self.get(urllib.parse.urljoin("/oauth2/x", page.location))

    def log_in(self, page, user, password, **options):
        return self.post("/oauth2/login", dict(page.forms["login"], username=user, password=password), **options)

    def consent(self, page, decision="allow", **options):
        return self.post("/oauth2/consent", dict(page.forms["consent"], decision=decision), **options)

    def cookies(self):
        """Names and values."""
        with open(self.jar) as file:
            rows = [line.rstrip("\n").split("\t") for line in file if "\t" in line]
        return {row[5]: suite.secret(row[6]) for row in rows}
