"""What bench/gateway compares: one backend, our gateway, and the proxies that stand in its place."""

import os

import servers

SIZES = {"100 B": ("small", 100), "10 KB": ("large", 10240)}
PART = 1024  # of a large answer, in the backend's settings, whose words are 4 KB at most
CONTEXT = "/inventory-00/1.0"  # of the first API of make-tokens

NGINX_COMMON = """worker_processes 1;
daemon off;
pid {scratch}/{name}.pid;
error_log {scratch}/{name}.log;
worker_rlimit_nofile 65536;
events {{ worker_connections 32768; {events} }}
http {{
  access_log off;
  client_body_temp_path {scratch}/{name}-body;
  proxy_temp_path {scratch}/{name}-proxy;
  fastcgi_temp_path {scratch}/{name}-fastcgi;
  uwsgi_temp_path {scratch}/{name}-uwsgi;
  scgi_temp_path {scratch}/{name}-scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 3600;
  tcp_nodelay on;
  default_type application/json;
"""

# Answers stand in memory and leave in one write, as those of most application servers do. A file's head and body would
# be two packets, which cost the core that generator and backend share more than a proxy costs its own, and each proxy one
# acknowledgement for every call. multi_accept: with one connection a turn, the last of a thousand new ones would wait for
# as many turns.
NGINX_BACKEND = NGINX_COMMON + """  server {{
    listen 127.0.0.1:{port} backlog=4096;
    set $part "{part}";
{answers}    location = /allow {{ return 204; }}
  }}
}}
"""
BACKEND_ANSWER = """    location = /items/%s { return 200 "%s"; }
"""

NGINX_PROXY = NGINX_COMMON + """  ssl_certificate {certificate};
  ssl_certificate_key {key};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:s:16m;
  upstream backend {{ server 127.0.0.1:{backend}; keepalive 1024; keepalive_requests 1000000000; keepalive_timeout 3600; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    listen 127.0.0.1:{https_port} ssl backlog=4096;
    location {context}/ {{
      {guard}
      proxy_pass http://backend/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
    location = /allow {{
      internal;
      proxy_pass http://backend/allow;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }}
  }}
}}
"""

HAPROXY = """global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
  http-reuse always
frontend in
  bind 127.0.0.1:{port} backlog 4096
  bind 127.0.0.1:{https_port} ssl crt {pem} backlog 4096
  http-request replace-path {context}(/.*) \\1
  default_backend out
backend out
  server one 127.0.0.1:{backend} pool-max-conn 1024
"""

# As a Publisher of 2.6 writes it, less what changes nothing here.
API_XML = """<?xml version="1.0" encoding="UTF-8"?>
<api xmlns="http://ws.apache.org/ns/synapse" name="api-publisher--InventoryService-00" context="{context}" version="1.0" version-type="context">
  <resource methods="GET" url-mapping="/items/*" faultSequence="fault">
    <inSequence>
      <filter source="$ctx:AM_KEY_TYPE" regex="PRODUCTION">
        <then>
          <send><endpoint name="api-publisher--InventoryService-00_APIproductionEndpoint_0">
            <http uri-template="http://127.0.0.1:{backend}"/>
          </endpoint></send>
        </then>
        <else><sequence key="_sandbox_key_error_"/></else>
      </filter>
    </inSequence>
    <outSequence><send/></outSequence>
  </resource>
  <handlers>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.common.APIMgtLatencyStatsHandler"/>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.security.CORSRequestHandler">
      <property name="apiImplementationType" value="ENDPOINT"/>
    </handler>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.security.APIAuthenticationHandler"/>
    <handler class="org.wso2.carbon.apimgt.gateway.handlers.ext.APIManagerExtensionHandler"/>
  </handlers>
</api>
"""


class Proxy(servers.Server):
    """A server with a plain and a TLS port, in front of the backend."""

    def __init__(self, bench):
        super().__init__(bench)
        self.https_port = servers.free_port()

    @property
    def ports(self):
        return [self.port, self.https_port]

    @property
    def load_ports(self):
        """Plain and TLS."""
        return self.port, self.https_port


class Backend(servers.Server):
    """Two answers of a web server."""
    name = title = "backend"

    def prepare(self):
        os.chmod(self.bench.scratch, 0o755)  # its worker is another user
        answers = "".join(BACKEND_ANSWER % (name, "$part" * (size // PART) + "x" * (size % PART))
                          for name, size in SIZES.values())
        self.bench.write("backend.conf", NGINX_BACKEND.format(
            scratch=self.bench.scratch, name=self.name, port=self.port, events="multi_accept on;", part="x" * PART,
            answers=answers))

    def command(self, world):
        return ["nginx", "-c", self.bench.path("backend.conf"), "-p", self.bench.scratch]


class Nginx(Proxy):
    """guard: what comes before proxy_pass."""
    name = title = "nginx"
    guard = ""
    in_one_process = ("-g", "master_process off;")

    def prepare(self):
        self.bench.write(self.name + ".conf", NGINX_PROXY.format(
            scratch=self.bench.scratch, name=self.name, port=self.port, https_port=self.https_port, context=CONTEXT,
            backend=self.bench.backend.port, guard=self.guard, certificate=self.bench.pem, key=self.bench.pem,
            events=""))

    def command(self, world):
        return ["nginx", "-c", self.bench.path(self.name + ".conf"), "-p", self.bench.scratch]


class NginxAuthRequest(Nginx):
    name, title, guard = "nginx-auth", "nginx, auth_request", "auth_request /allow;"


class Haproxy(Proxy):
    name, title = "haproxy", "HAProxy"

    def prepare(self):
        self.bench.write("haproxy.cfg", HAPROXY.format(port=self.port, https_port=self.https_port, pem=self.bench.pem,
                                                       context=CONTEXT, backend=self.bench.backend.port))

    def command(self, world):
        return ["haproxy", "-db", "-f", self.bench.path("haproxy.cfg")]


class Gateway(servers.Ours):
    """A node with all roles: the Key Manager is in the same process. bench.tokens of make-tokens call its one API."""
    in_one_process = ()

    @property
    def load_ports(self):
        return self.api_http_port, self.api_https_port

    def fill(self):
        super().fill()
        folder = self.path("deployment", "server", "synapse-configs", "default", "api")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "api-publisher--InventoryService-00_v1.0.xml"), "w") as file:
            file.write(API_XML.format(context=CONTEXT, backend=self.bench.backend.port))

