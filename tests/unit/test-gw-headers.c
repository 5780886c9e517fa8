/* spec/gateway-and-traffic-manager.md 1.6 ("URL sent"), 1.7. */
#include "config.h"
#include "gateway/gw-headers.h"

#include "gw-http-text.h"

#include <string.h>

#define LITERAL(text) { (text), sizeof (text) - 1 }
#define AGENT "User-Agent: " GW_HEADERS_USER_AGENT "\n"
#define OWN "Server: WSO2-PassThrough-HTTP\nDate: Thu, 01 Jan 1970 00:00:00 GMT\n"

static char *
request_of (const GwHeaderSettings *settings, const char *request, const GwRequestHead *head)
{
  NetBuffer output = { 0 };

  gw_headers_append_request (settings, gw_test_request (request), head, &output);
  return gw_test_take (&output);
}

static char *
response_of (const GwHeaderSettings *settings, const char *response, const GwResponseHead *head)
{
  NetBuffer output = { 0 };

  gw_headers_append_response (settings, gw_test_response (response), head, &output);
  return gw_test_take (&output);
}

static void
test_request (void)
{
  const GwRequestHead head = { .method = LITERAL ("GET"),
                               .target = LITERAL ("/base/a?b=c"),
                               .host = LITERAL ("backend:8080"),
                               .remove = "Authorization" };
  g_autofree char *text
      = request_of (&gw_header_standard_settings,
                    "GET /w/1/a?b=c HTTP/1.1\nHost: gateway\nAuthorization: Bearer x\nUser-Agent: curl\n"
                    "Accept: */*\nContent-Type: text/plain\nDate: x\nServer: y\nX-Forwarded-For: 1\n"
                    "activityID: 7\ntraceparent: 00-1\nExpect: 100-continue\nTE: trailers\nUpgrade: h2c\n"
                    "Keep-Alive: timeout=5\nProxy-Connection: close\nProxy-Authorization: Basic x\n"
                    "HTTP2-Settings: z\nTrailer: t",
                    &head);

  g_assert_cmpstr (text, ==,
                   "GET /base/a?b=c HTTP/1.1\nHost: backend:8080\nAccept: */*\nX-Forwarded-For: 1\n"
                   "activityID: 7\ntraceparent: 00-1\n" AGENT "\n");
}

static void
test_preserved (void)
{
  const GwHeaderSettings settings = { .jwt_header = "X-JWT-Assertion",
                                      .preserve_user_agent = TRUE,
                                      .preserve_host = TRUE,
                                      .preserve_date = TRUE };
  const GwRequestHead head
      = { .method = LITERAL ("GET"), .target = LITERAL ("/"), .host = LITERAL ("backend") };
  g_autofree char *text = request_of (
      &settings, "GET / HTTP/1.1\nHost: gateway\nUser-Agent: curl\nDate: x\nAuthorization: Bearer x", &head);
  g_autofree char *without = request_of (&settings, "GET / HTTP/1.0", &head);

  g_assert_cmpstr (text, ==,
                   "GET / HTTP/1.1\nHost: gateway\nUser-Agent: curl\nDate: x\nAuthorization: Bearer x\n\n");
  g_assert_cmpstr (without, ==, "GET / HTTP/1.1\nHost: backend\n\n");
}

static void
test_request_framing (void)
{
  static const struct
  {
    const char *method;
    GwFraming framing;
    const char *end;
  } rows[] = {
    { "POST", GW_FRAMING_CHUNKED, "Content-Type: a/b\n" AGENT "Transfer-Encoding: chunked\n\n" },
    { "POST", GW_FRAMING_LENGTH, "Content-Type: a/b\n" AGENT "Content-Length: 12345678901\n\n" },
    { "POST", GW_FRAMING_NONE, "Host: b\n" AGENT "Content-Length: 0\n\n" },
    { "PUT", GW_FRAMING_NONE, "Host: b\n" AGENT "Content-Length: 0\n\n" },
    { "DELETE", GW_FRAMING_NONE, "Host: b\n" AGENT "\n" },
    { "DELETE", GW_FRAMING_CHUNKED, "Content-Type: a/b\n" AGENT "Transfer-Encoding: chunked\n\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const GwRequestHead head = { .method = { rows[i].method, strlen (rows[i].method) },
                                   .target = LITERAL ("/"),
                                   .host = LITERAL ("b"),
                                   .framing = rows[i].framing,
                                   .content_length = G_GUINT64_CONSTANT (12345678901) };
      g_autofree char *text
          = request_of (&gw_header_standard_settings,
                        "POST / HTTP/1.1\nHost: h\nContent-Length: 9\nContent-Type: a/b", &head);

      g_assert_true (g_str_has_suffix (text, rows[i].end));
    }
}

/* Nobody but the gateway says who the end user is. */
static void
test_trusted (void)
{
  static const char request[]
      = "GET / HTTP/1.1\nHost: h\nX-JWT-Assertion: forged\nx-jwt-assertion: forged\nX_JWT_Assertion: forged\n"
        "assertion: forged\nAssertion: forged\nWSO2_AM_API_DEFAULT_VERSION: true\n"
        "wso2-am-api-default-version: true\nX-End-User: forged\nX_End_User: forged\nX-Mine: 1";
  GwHeaderSettings settings = { .jwt_header = "X-End-User" };
  GwRequestHead head = { .method = LITERAL ("GET"), .target = LITERAL ("/"), .host = LITERAL ("b") };
  g_autofree char *bare = request_of (&settings, request, &head);
  g_autofree char *with = NULL, *passed = NULL;
  const GwHeaderChange passer = { LITERAL ("assertion"), LITERAL ("j.w.t") };

  g_assert_cmpstr (bare, ==, "GET / HTTP/1.1\nHost: b\nX-Mine: 1\n" AGENT "\n");
  head.jwt = (GwText)LITERAL ("real\r\nX: y");
  with = request_of (&settings, request, &head);
  g_assert_cmpstr (with, ==,
                   "GET / HTTP/1.1\nHost: b\nX-Mine: 1\nX-End-User: real  X: y\n" AGENT "\n");
  /* TokenPasser of 1.x */
  head.changes = &passer;
  head.n_changes = 1;
  head.jwt = (GwText){ NULL, 0 };
  passed = request_of (&settings, request, &head);
  g_assert_cmpstr (passed, ==, "GET / HTTP/1.1\nHost: b\nX-Mine: 1\nassertion: j.w.t\n" AGENT "\n");
}

/* Connection names what ends here, but takes nothing away from those who need it. */
static void
test_connection_options (void)
{
  const GwRequestHead head = { .method = LITERAL ("GET"),
                               .target = LITERAL ("/"),
                               .host = LITERAL ("b"),
                               .jwt = LITERAL ("j") };
  const GwResponseHead back = { .framing = GW_FRAMING_NONE, .announced_length = -1 };
  g_autofree char *text
      = request_of (&gw_header_standard_settings,
                    "GET / HTTP/1.1\nHost: h\nConnection: close, X-Hop , authorization,X-JWT-Assertion\n"
                    "Connection: X-Forwarded-For, Cookie, X-Second\nX-Hop: 1\nx-hop: 2\nX-Second: 3\n"
                    "Authorization: Basic x\nX-Forwarded-For: 10.0.0.1\nCookie: a=b\nX-End: 4",
                    &head);
  g_autofree char *answer
      = response_of (&gw_header_standard_settings,
                     "HTTP/1.1 204 No\nConnection: X-Hop, Set-Cookie\nX-Hop: 1\nSet-Cookie: a=b", &back);

  g_assert_cmpstr (text, ==,
                   "GET / HTTP/1.1\nHost: b\nAuthorization: Basic x\nX-Forwarded-For: 10.0.0.1\n"
                   "Cookie: a=b\nX-End: 4\nX-JWT-Assertion: j\n" AGENT "\n");
  g_assert_cmpstr (answer, ==, "HTTP/1.1 204 No\nSet-Cookie: a=b\n" OWN "\n");
}

/* What sequences set holds decoded bytes of requests. */
static void
test_changes (void)
{
  static const GwHeaderChange changes[] = {
    { LITERAL ("x-a"), LITERAL ("first") },
    { LITERAL ("x-b"), { NULL, 0 } },
    { LITERAL ("X-A"), LITERAL ("1\r\nX-Evil: 2\n\n\x01") },
    { LITERAL ("transfer-encoding"), LITERAL ("chunked") },
    { LITERAL ("content-length"), LITERAL ("5") },
    { LITERAL ("host"), LITERAL ("other") },
    { LITERAL ("bad name"), LITERAL ("x") },
    { LITERAL ("bad\r\n"), LITERAL ("x") },
    { LITERAL ("content-type"), LITERAL ("a/b") },
    { LITERAL ("authorization"), LITERAL ("Basic endpoint") },
    { LITERAL ("user-agent"), LITERAL ("mine") },
  };
  const GwRequestHead head = { .method = LITERAL ("GET"),
                               .target = LITERAL ("/"),
                               .host = LITERAL ("b"),
                               .remove = "Authorization",
                               .changes = changes,
                               .n_changes = G_N_ELEMENTS (changes) };
  const GwResponseHead back = { .framing = GW_FRAMING_LENGTH,
                                .content_length = 3,
                                .changes = changes,
                                .n_changes = 3,
                                .extra = "Vary: Origin\r\n",
                                .extra_length = 14 };
  g_autofree char *text = request_of (
      &gw_header_standard_settings,
      "GET / HTTP/1.1\nHost: h\nX-A: old\nX-B: old\nX-C: 3\nAuthorization: Bearer client", &head);
  g_autofree char *answer = response_of (&gw_header_standard_settings,
                                         "HTTP/1.1 200 OK\nContent-Length: 3\nx-a: old\nX-B: old", &back);

  g_assert_cmpstr (text, ==,
                   "GET / HTTP/1.1\nHost: b\nX-C: 3\nX-A: 1  X-Evil: 2   \nauthorization: Basic endpoint\n"
                   "user-agent: mine\n\n");
  g_assert_cmpstr (answer, ==,
                   "HTTP/1.1 200 OK\nX-A: 1  X-Evil: 2   \nVary: Origin\n" OWN "Content-Length: 3\n\n");
}

static void
test_response (void)
{
  static const char backend[]
      = "HTTP/1.1 404 Nix da\nServer: apache\nDate: x\nKeep-Alive: 5\nConnection: keep-alive\n"
        "Content-Type: a/b\nTransfer-Encoding: chunked\nUser-Agent: z\nProxy-Authenticate: Basic\n"
        "Upgrade: h2c\nWWW-Authenticate: Basic";
  GwHeaderSettings settings = gw_header_standard_settings;
  GwResponseHead head = { .framing = GW_FRAMING_CHUNKED, .connection = "keep-alive" };
  g_autofree char *plain = response_of (&settings, backend, &head);
  g_autofree char *kept = NULL, *other = NULL, *head_only = NULL;

  g_assert_cmpstr (plain, ==,
                   "HTTP/1.1 404 Nix da\nContent-Type: a/b\nWWW-Authenticate: Basic\n" OWN
                   "Transfer-Encoding: chunked\nConnection: keep-alive\n\n");
  settings.preserve_server = settings.preserve_date = TRUE;
  head = (GwResponseHead){ .framing = GW_FRAMING_TO_END, .connection = "close" };
  kept = response_of (&settings, backend, &head);
  g_assert_cmpstr (kept, ==,
                   "HTTP/1.1 404 Nix da\nServer: apache\nDate: x\nContent-Type: a/b\n"
                   "WWW-Authenticate: Basic\nConnection: close\n\n");
  head = (GwResponseHead){ .status = 503, .framing = GW_FRAMING_LENGTH };
  other = response_of (&settings, "HTTP/1.1 200 OK\nContent-Length: 3", &head);
  g_assert_cmpstr (other, ==, "HTTP/1.1 503 Service Unavailable\n" OWN "Content-Length: 0\n\n");
  head = (GwResponseHead){ .framing = GW_FRAMING_NONE, .announced_length = 77 };
  head_only = response_of (&settings, "HTTP/1.1 200 OK\nContent-Length: 77", &head);
  g_assert_cmpstr (head_only, ==, "HTTP/1.1 200 OK\n" OWN "Content-Length: 77\n\n");
}

static void
test_targets (void)
{
  static const struct
  {
    const char *base, *postfix, *expected;
  } rows[] = {
    { "/base", "/a", "/base/a" },
    { "/base/", "/a", "/base/a" },
    { "/base", "a", "/base/a" },
    { "/base/", "a", "/base/a" },
    { "/base/", "?q=1", "/base?q=1" },
    { "/base", "?q=1", "/base?q=1" },
    { "/base/", "", "/base/" },
    { "/base", "", "/base" },
    { "", "", "/" },
    { "/", "", "/" },
    { "", "/a", "/a" },
    { "/", "/a", "/a" },
    { "", "?q", "/?q" },
    { "/", "?q", "/?q" },
    { "", "a", "/a" },
    { "/base?x=1", "/a?b", "/base?x=1/a?b" },
  };
  const GwRequestHead split
      = { .method = LITERAL ("GET"), .target = LITERAL ("/a b\r\nX: y\x7f\xc3"), .host = LITERAL ("b\r\nc") };
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      NetBuffer output = { 0 };
      g_autofree char *target = NULL;

      gw_headers_append_target ((GwText){ rows[i].base, strlen (rows[i].base) },
                                (GwText){ rows[i].postfix, strlen (rows[i].postfix) }, &output);
      target = gw_test_take (&output);
      g_assert_cmpstr (target, ==, rows[i].expected);
    }
  text = request_of (&gw_header_standard_settings, "GET / HTTP/1.1\nHost: h", &split);
  g_assert_cmpstr (text, ==, "GET /a%20b%0D%0AX:%20y%7F\xc3 HTTP/1.1\nHost: b  c\n" AGENT "\n");
}

/* As many headers as a head may have, all of them named in Connection. */
static void
test_many (void)
{
  g_autoptr (GString) request = g_string_new ("GET / HTTP/1.1\nHost: h\nConnection: close");
  const GwRequestHead head = { .method = LITERAL ("GET"), .target = LITERAL ("/"), .host = LITERAL ("b") };
  g_autofree char *text = NULL;

  for (guint i = 0; i < NET_HTTP_MAX_HEADERS - 2; i++)
    g_string_append_printf (request, ", X-%u", i);
  for (guint i = 0; i < NET_HTTP_MAX_HEADERS - 2; i++)
    g_string_append_printf (request, "\nX-%u: 1", i);
  text = request_of (&gw_header_standard_settings, request->str, &head);
  g_assert_null (strstr (text, "X-0:"));
  g_assert_null (strstr (text, "X-30:"));
  g_assert_null (strstr (text, "Connection"));
  g_assert_nonnull (strstr (text, "X-125: 1\n")); /* beyond those that count */
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-headers/request", test_request);
  g_test_add_func ("/gw-headers/preserved", test_preserved);
  g_test_add_func ("/gw-headers/request-framing", test_request_framing);
  g_test_add_func ("/gw-headers/trusted", test_trusted);
  g_test_add_func ("/gw-headers/connection-options", test_connection_options);
  g_test_add_func ("/gw-headers/changes", test_changes);
  g_test_add_func ("/gw-headers/response", test_response);
  g_test_add_func ("/gw-headers/targets", test_targets);
  g_test_add_func ("/gw-headers/many", test_many);
  return g_test_run ();
}
