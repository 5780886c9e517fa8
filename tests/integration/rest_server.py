"""A small API Manager that speaks REST v0.14, DCR and OAuth2 as spec/publisher-store-workflows.md 11 describes WSO2's, in memory: what
apimctl sends is checked here against the specification, not against our own portal. Misbehaviour can be asked for."""

import base64
import copy
import email.parser
import email.policy
import http.server
import json
import re
import threading
import urllib.parse
import uuid

PASSWORD = "correct-horse-battery"
TRANSITIONS = {
    ("CREATED", "Publish"): "PUBLISHED", ("CREATED", "Deploy as a Prototype"): "PROTOTYPED", ("PROTOTYPED", "Publish"): "PUBLISHED",
    ("PROTOTYPED", "Demote to Created"): "CREATED", ("PUBLISHED", "Block"): "BLOCKED", ("PUBLISHED", "Deprecate"): "DEPRECATED",
    ("PUBLISHED", "Demote to Created"): "CREATED", ("PUBLISHED", "Deploy as a Prototype"): "PROTOTYPED", ("BLOCKED", "Re-Publish"): "PUBLISHED",
    ("BLOCKED", "Deprecate"): "DEPRECATED", ("DEPRECATED", "Retire"): "RETIRED"}
API_REQUIRED = ("name", "context", "version", "isDefaultVersion", "type", "transport", "tiers", "visibility")


class Refusal(Exception):
    def __init__(self, status, message, errors=()):
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


class RestServer:
    """serve() answers on a port of its own until close()."""

    def __init__(self, rehearses=False):
        self.rehearses = rehearses
        self.apis, self.swaggers, self.documents, self.contents = {}, {}, {}, {}
        self.applications, self.subscriptions, self.keys = {}, {}, {}
        self.policies, self.conditions, self.users, self.claims = {}, {}, {}, None
        self.clients, self.tokens, self.refresh_tokens = {}, {}, {}
        self.requests = []          # (method, path) of all that came
        self.scripted = []          # (status, content type, body): answered before anything else, to requests of the REST APIs
        self.on_hold = False        # subscriptions wait for approval
        self.partial = False        # gateways fail at the next lifecycle change
        self.page_limit = 1000      # what a page holds at most, whatever is asked
        self.held = None            # an event: requests of the REST APIs wait for it
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"world": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def writes(self):
        return [(method, path) for method, path in self.requests if method != "GET" and path.startswith("/api/am/")]

    def snapshot(self):
        """What a rehearsal must leave as it was."""
        return copy.deepcopy({name: value for name, value in self.__dict__.items()
                              if isinstance(value, dict) and name not in ("clients", "tokens", "refresh_tokens")})

    # What is answered -----------------------------------------------------------------------------------------------

    def etag(self, api):
        return '"%s"' % uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(api, sort_keys=True))

    def page(self, rows, query):
        limit = min(int(query.get("limit", 25)), self.page_limit)
        offset = int(query.get("offset", 0))
        part = rows[offset:offset + limit]
        more = offset + limit < len(rows)
        return 200, {"count": len(part), "next": "/next?limit=%d&offset=%d" % (limit, offset + limit) if more else "", "previous": "",
                     "list": part}

    @staticmethod
    def matching(rows, query):
        word = query.get("query")
        if not word:
            return rows
        attribute, _, value = word.rpartition(":")
        return [row for row in rows if value.replace("*", "").lower() in str(row.get(attribute or "name", "")).lower()]

    def api(self, identifier):
        if identifier not in self.apis:
            raise Refusal(404, "Not Found", ["API %s is not found" % identifier])
        return self.apis[identifier]

    def create_api(self, body):
        missing = [field for field in API_REQUIRED if field not in body]
        if missing:
            raise Refusal(400, "Bad Request", ["%s is required" % field for field in missing])
        if any(api["name"] == body["name"] and api["version"] == body["version"] for api in self.apis.values()):
            raise Refusal(409, "A duplicate API already exists for %s-%s" % (body["name"], body["version"]))
        swagger = json.loads(body.pop("apiDefinition"))
        api = dict(body, id=str(uuid.uuid4()), provider="admin", status="CREATED")
        if isinstance(api.get("endpointConfig"), str):
            json.loads(api["endpointConfig"])
        self.apis[api["id"]], self.swaggers[api["id"]] = api, swagger
        return 201, api

    def change_lifecycle(self, query):
        api = self.api(query["apiId"])
        target = TRANSITIONS.get((api["status"], query["action"]))
        if target is None:
            raise Refusal(409, "Action %s is not allowed" % query["action"])
        if target == "PUBLISHED" and not api.get("endpointConfig"):
            raise Refusal(400, "No endpoint selected")
        api["status"] = target
        if target == "RETIRED":
            self.subscriptions = {key: row for key, row in self.subscriptions.items() if row["apiIdentifier"] != self.identifier(api)}
        if self.partial:
            raise Refusal(500, "Partial Failure", ["the gateway does not answer"])
        return 200, None

    @staticmethod
    def identifier(api):
        return "%s-%s-%s" % (api["provider"].replace("@", "-AT-"), api["name"], api["version"])

    def subscribe(self, body):
        api = self.api(body["apiIdentifier"])
        if api["status"] != "PUBLISHED":
            raise Refusal(403, "Subscriptions not allowed on APIs in the state: " + api["status"])
        if body["tier"] not in api["tiers"]:
            raise Refusal(400, "Tier %s is not allowed" % body["tier"])
        row = {"subscriptionId": str(uuid.uuid4()), "applicationId": body["applicationId"], "apiIdentifier": self.identifier(api),
               "tier": body["tier"], "status": "ON_HOLD" if self.on_hold else "UNBLOCKED"}
        self.subscriptions[row["subscriptionId"]] = row
        return 201, row

    def generate_keys(self, query, body):
        for field in ("keyType", "validityTime", "accessAllowDomains"):
            if field not in body:
                raise Refusal(400, "%s is required" % field)
        if not isinstance(body["validityTime"], str):
            raise Refusal(400, "validityTime is a text")
        key = {"consumerKey": uuid.uuid4().hex, "consumerSecret": uuid.uuid4().hex, "keyType": body["keyType"], "keyState": "APPROVED",
               "supportedGrantTypes": body["supportedGrantTypes"], "callbackUrl": body.get("callbackUrl"),
               "token": {"accessToken": uuid.uuid4().hex, "tokenScopes": ["default"], "validityTime": int(body["validityTime"])}}
        self.keys[query["applicationId"], body["keyType"]] = key
        self.clients[key["consumerKey"]] = key["consumerSecret"]
        return 200, key

    def route(self, method, service, path, query, body, request):
        """Returns status and JSON (or bytes)."""
        if service == "publisher":
            return self.publisher(method, path, query, body, request)
        return self.store(method, path, query, body) if service == "store" else self.admin(method, path, query, body)

    def publisher(self, method, path, query, body, request):
        rows = [{key: api.get(key) for key in ("id", "name", "description", "context", "version", "provider", "status")}
                for api in self.apis.values()]
        if path == "/apis":
            return self.create_api(body) if method == "POST" else self.page(self.matching(rows, query), query)
        if path == "/apis/change-lifecycle":
            return self.change_lifecycle(query)
        if path == "/apis/copy-api":
            old = self.api(query["apiId"])
            return self.create_api(dict(old, version=query["newVersion"], apiDefinition=json.dumps(self.swaggers[old["id"]])))
        if path == "/subscriptions":
            identifier = self.identifier(self.api(query["apiId"]))
            return self.page([row for row in self.subscriptions.values() if row["apiIdentifier"] == identifier], query)
        if path.endswith("block-subscription"):
            row = self.subscriptions[query["subscriptionId"]]
            row["status"] = query.get("blockState", "UNBLOCKED")
            return 200, row
        if path.startswith("/applications/"):
            return 200, self.applications[path.split("/")[2]]
        if path == "/environments":
            return 200, {"count": 1, "next": "", "previous": "", "list": [
                {"name": "Production and Sandbox", "type": "hybrid", "serverUrl": "https://localhost:9443/services/",
                 "endpoints": {"http": "http://localhost:8280", "https": "https://localhost:8243"}}]}
        if path == "/tiers/api":
            return self.page([{"name": "Gold"}], query)
        match = re.fullmatch(r"/apis/([^/]+)(/.*)?", path)
        if match:
            return self.one_api(method, match.group(1), match.group(2) or "", body, request)
        raise Refusal(404, "Not Found")

    def one_api(self, method, identifier, rest, body, request):
        api = self.api(identifier)
        if rest == "" and method == "PUT":
            if request.headers.get("If-Match") not in (None, self.etag(api)):
                raise Refusal(412, "Precondition Failed")
            if body["status"] != api["status"]:
                raise Refusal(400, "Invalid API update operation involving API status changes")
            body.pop("apiDefinition", None)
            self.apis[identifier] = body
            return 200, body
        if rest == "" and method == "DELETE":
            if any(row["apiIdentifier"] == self.identifier(api) for row in self.subscriptions.values()):
                raise Refusal(409, "Cannot remove the API as active subscriptions exist.")
            del self.apis[identifier]
            return 200, None
        if rest == "":
            return 200, dict(api, apiDefinition=json.dumps(self.swaggers[identifier]))
        if rest == "/swagger" and method == "PUT":
            self.swaggers[identifier] = json.loads(body["apiDefinition"])
            return 200, self.swaggers[identifier]
        if rest == "/swagger":
            return 200, self.swaggers[identifier]
        if rest == "/thumbnail" and method != "DELETE":
            if method == "POST":
                self.contents[identifier] = body["file"]
            return (200, self.contents[identifier]) if method == "GET" else (201, None)
        return self.documents_of(method, identifier, rest, body)

    def documents_of(self, method, identifier, rest, body):
        documents = self.documents.setdefault(identifier, {})
        if rest == "/documents" and method == "POST":
            document = dict(body, documentId=str(uuid.uuid4()))
            documents[document["documentId"]] = document
            return 201, document
        if rest == "/documents":
            return 200, {"count": len(documents), "next": "", "previous": "", "list": list(documents.values())}
        match = re.fullmatch(r"/documents/([^/]+)(/content)?", rest)
        if not match or match.group(1) not in documents:
            raise Refusal(404, "Not Found")
        if match.group(2) and method == "POST":
            self.contents[match.group(1)] = body.get("file") or body["inlineContent"].encode()
            return 201, None
        if match.group(2):
            return 200, self.contents[match.group(1)]
        if method == "DELETE":
            del documents[match.group(1)]
            return 200, None
        return 200, documents[match.group(1)]

    def store(self, method, path, query, body):
        if path == "/apis":
            rows = [{key: api.get(key) for key in ("id", "name", "description", "context", "version", "provider", "status")}
                    for api in self.apis.values() if api["status"] in ("PUBLISHED", "PROTOTYPED")]
            return self.page(self.matching(rows, query), query)
        if path.startswith("/apis/"):
            return 200, self.api(path.split("/")[2])
        if path == "/applications" and method == "POST":
            if any(row["name"] == body["name"] for row in self.applications.values()):
                raise Refusal(409, "A duplicate application already exists by the name - " + body["name"])
            row = dict(body, applicationId=str(uuid.uuid4()), subscriber="admin", status="APPROVED")
            self.applications[row["applicationId"]] = row
            return 201, row
        if path == "/applications":
            return self.page(self.matching(list(self.applications.values()), query), query)
        if path == "/applications/generate-keys":
            return self.generate_keys(query, body)
        if path == "/tiers/api":
            return self.page([{"name": "Gold"}], query)
        if path == "/subscriptions" and method == "POST":
            return self.subscribe(body)
        if path == "/subscriptions":
            return self.page([row for row in self.subscriptions.values()
                              if row["applicationId"] == query.get("applicationId", row["applicationId"])], query)
        if path.startswith("/subscriptions/") and method == "DELETE":
            del self.subscriptions[path.split("/")[2]]
            return 200, None
        match = re.fullmatch(r"/applications/([^/]+)(?:/keys/([A-Z]+))?", path)
        if not match or match.group(1) not in self.applications:
            raise Refusal(404, "Not Found")
        return self.one_application(method, match.group(1), match.group(2), body)

    def one_application(self, method, identifier, key_type, body):
        if key_type is not None:
            if (identifier, key_type) not in self.keys:
                raise Refusal(404, "Not Found")
            if method == "PUT":
                self.keys[identifier, key_type].update(supportedGrantTypes=body["supportedGrantTypes"])
            return 200, self.keys[identifier, key_type]
        if method == "PUT":
            self.applications[identifier] = body
        if method == "DELETE":
            del self.applications[identifier]
            return 200, None
        return 200, self.applications[identifier]

    def admin(self, method, path, query, body):
        match = re.fullmatch(r"/throttling/policies/(application|subscription|advanced|custom)(?:/(.+))?", path)
        if match:
            level, identifier = match.groups()
            if method == "POST":
                policy = dict(body, policyId=str(uuid.uuid4()))
                self.policies[policy["policyId"]] = (level, policy)
                return 201, policy
            if identifier is None:
                return self.page([policy for each, policy in self.policies.values() if each == level], query)
            if method == "DELETE":
                del self.policies[identifier]
                return 200, None
            if method == "PUT":
                self.policies[identifier] = (level, dict(body, policyId=identifier))
            return 200, self.policies[identifier][1]
        if path == "/export/applications":
            found = [app for app in self.applications.values() if (app["name"], app["subscriber"]) == (query["appName"], query["appOwner"])]
            return 200, b"PK" + json.dumps(found).encode()
        if path == "/import/applications":
            return self.store("POST", "/applications", {}, json.loads(body["file"][2:])[0])
        if path == "/throttling/blacklist":
            if method == "POST":
                condition = dict(body, conditionId=str(uuid.uuid4()))
                self.conditions[condition["conditionId"]] = condition
                return 201, condition
            return self.page(list(self.conditions.values()), query)
        if method == "PATCH":
            raise Refusal(405, "Method Not Allowed")
        if path.startswith("/throttling/blacklist/") and path.split("/")[3] in self.conditions:
            del self.conditions[path.split("/")[3]]
            return 200, None
        raise Refusal(404, "Not Found")


class _Handler(http.server.BaseHTTPRequestHandler):
    world = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=None, content_type="application/json", headers=()):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        elif body is None:
            body = b""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass  # who asked is gone

    def read_body(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            return json.loads(raw)
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(urllib.parse.parse_qsl(raw.decode(), strict_parsing=True))
        if kind.startswith("multipart/form-data"):
            message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
            parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
            return {name: part.get_payload(decode=True) if part.get_filename() else part.get_payload(decode=True).decode()
                    for name, part in parts.items()}
        return None

    def basic(self):
        kind, _, text = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(text).decode().split(":", 1) if kind == "Basic" else (None, None)

    def handle_all(self):
        split = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(split.query, strict_parsing=bool(split.query)))
        body = self.read_body()
        with self.world.lock:
            self.world.requests.append((self.command, self.path))
            if split.path == "/client-registration/v0.14/register":
                return self.register(body)
            if split.path.startswith("/store/site/blocks/user/"):
                return self.page(split.path, body)
            if split.path in ("/oauth2/token", "/oauth2/revoke"):
                return self.token(split.path, body)
            match = re.fullmatch(r"/api/am/(publisher|store|admin)/v0\.14(/.*)", split.path)
            if not match:
                return self.answer(404, b"<html><title>404</title></html>", "text/html")
            if self.world.held is not None:
                self.world.held.wait()
            if self.world.scripted:
                return self.answer(*self.world.scripted.pop(0))
            return self.rest(match.group(1), urllib.parse.unquote(match.group(2)), query, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_all

    def register(self, body):
        user, password = self.basic()
        if password != PASSWORD:
            return self.answer(401, {"error": "invalid_client"})
        assert set(body) == {"callbackUrl", "clientName", "owner", "grantType", "saasApp"} and body["owner"] == user
        client = {"clientId": uuid.uuid4().hex, "clientSecret": uuid.uuid4().hex}
        self.world.clients[client["clientId"]] = client["clientSecret"]
        return self.answer(200, client)

    def page(self, path, body):
        """The form pages of the Store (10.2): 200 whatever happens."""
        if body["action"] == "login":
            good = self.world.users.get(body["username"]) == body["password"]
            cookie = [("Set-Cookie", "JSESSIONID=%s; Path=/store" % body["username"])] if good else []
            return self.answer(200, {"error": not good, "message": "Login failed."}, headers=cookie)
        if path.endswith("user-add.jag") and body["action"] == "addUser":
            if body["username"] in self.world.users:
                return self.answer(200, {"error": True, "message": "The username exists already."})
            self.world.users[body["username"]] = body["password"]
            self.world.claims = body["allFieldsValues"]
            return self.answer(200, {"error": False, "showWorkflowTip": self.world.on_hold})
        if "JSESSIONID=" + body["username"] not in self.headers.get("Cookie", ""):
            return self.answer(200, {"error": True, "message": "login required"})
        self.world.users[body["username"]] = body["newPassword"]
        return self.answer(200, {"error": False})

    def token(self, path, body):
        client, secret = self.basic()
        if self.world.clients.get(client) != secret or secret is None:
            return self.answer(401, {"error": "invalid_client", "error_description": "Client Authentication failed."})
        if path == "/oauth2/revoke":
            self.world.tokens.pop(body["token"], None)
            return self.answer(200)
        if body["grant_type"] == "password" and body["password"] != PASSWORD:
            return self.answer(400, {"error": "invalid_grant", "error_description": "Authentication failed for " + body["username"]})
        if body["grant_type"] == "refresh_token" and not self.world.refresh_tokens.pop(body["refresh_token"], None):
            return self.answer(400, {"error": "invalid_grant", "error_description": "Persisted access token data not found"})
        answer = {"access_token": uuid.uuid4().hex, "token_type": "Bearer", "expires_in": 3600, "scope": body.get("scope", "default")}
        if body["grant_type"] != "client_credentials":
            answer["refresh_token"] = uuid.uuid4().hex
            self.world.refresh_tokens[answer["refresh_token"]] = True
        self.world.tokens[answer["access_token"]] = body.get("username", client)
        return self.answer(200, answer)

    def rest(self, service, path, query, body):
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        dry_run = self.headers.get("X-APIM-Dry-Run")
        rehearsal = dry_run == "true"
        try:
            if kind != "Bearer" or token not in self.world.tokens:
                raise Refusal(401, "Invalid Credentials")
            if self.world.rehearses and dry_run not in (None, "true", "false"):
                raise Refusal(400, "The header X-APIM-Dry-Run must be true or false.")
            before = self.world.snapshot() if rehearsal and self.world.rehearses else None
            status, answer = self.world.route(self.command, service, path, query, body, self)
            self.world.__dict__.update(before or {})
        except Refusal as refusal:
            return self.answer(refusal.status, {"code": refusal.status, "message": refusal.message, "description": "", "moreInfo": "",
                                                "error": [{"code": 900000, "message": text} for text in refusal.errors]})
        headers = [("ETag", self.world.etag(self.world.apis[answer["id"]]))] if isinstance(answer, dict) and answer.get("id") in self.world.apis \
            else []
        if isinstance(answer, bytes):
            return self.answer(status, answer, "application/octet-stream", headers)
        return self.answer(status, answer, "application/json", headers)
