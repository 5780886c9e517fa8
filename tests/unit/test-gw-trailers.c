/* Which trailers go on (RFC 9110 6.5.1; spec/gateway-and-traffic-manager.md 1.7). */
#include "config.h"
#include "gateway/gw-trailers.h"

#include "gw-http-text.h"
#include "net/net-http-field.h"

#include <string.h>

static NetHttpText
text_of (const char *text)
{
  return (NetHttpText){ text, strlen (text) };
}

static const GwTrailerRules rules = { .jwt_header = "X-Claims", .token_header = "X-Token" };

static void
test_names (void)
{
  static const char *const pass[] = { "grpc-status", "Grpc-Message", "Content-Digest", "Repr-Digest", "Digest", "Content-MD5",
                                      "ETag", "Server-Timing", "X-Checksum", "Hostname", "iffy", "X-Forwarded" };
  static const char *const never[] = {
    "Authorization", "authorization", "X-JWT-Assertion", "x_jwt_assertion", "assertion", "WSO2_AM_API_DEFAULT_VERSION",
    "wso2-am-api-default-version", "Content-Length", "content_length", "Transfer-Encoding", "Transfer_Encoding", "Host",
    "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect", "HTTP2-Settings", "Proxy-Authorization",
    "Proxy-Connection", "Proxy_Authorization", "Cookie", "Set-Cookie", "WWW-Authenticate", "Content-Type", "Content-Encoding",
    "Content-Range", "Forwarded", "X-Forwarded-For", "X_Forwarded_For", "X-Forwarded-Anything", "Access-Control-Allow-Origin",
    "Cache-Control", "If-Match", "If-None-Match", "Range", "Accept", "Accept-Encoding", "Date", "Location", "Vary",
    "Retry-After", "activityID", "traceparent", "X-HTTP-Method-Override", "SOAPAction", "RevokedAccessToken", "Server",
    "User-Agent", "X-Claims", "x_claims", "X-Token", "a b", "", "a:b",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pass); i++)
    g_assert_true (gw_trailers_pass (&rules, text_of (pass[i])));
  for (gsize i = 0; i < G_N_ELEMENTS (never); i++)
    if (gw_trailers_pass (&rules, text_of (never[i])))
      g_error ("\"%s\" goes on", never[i]);
}

/* What this message's Connection names, and what a sequence has changed, set or removed. */
static void
test_of_the_message (void)
{
  const NetHttpRequest *request
      = gw_test_request ("POST / HTTP/1.1\nHost: a\nConnection: close, X-Mine\nConnection: ,X-Too\n\n");
  const GwHeaderChange changes[] = { { { "X-Set", 5 }, { "1", 1 } }, { { "X-Gone", 6 }, { NULL, 0 } } };
  const GwTrailerRules here = {
    .jwt_header = "X-JWT-Assertion",
    .headers = request->headers,
    .n_headers = request->n_headers,
    .changes = changes,
    .n_changes = 2,
  };
  static const char *const never[] = { "x-mine", "X_Mine", "X-Too", "x-set", "X-Gone", "x_gone" };

  for (gsize i = 0; i < G_N_ELEMENTS (never); i++)
    g_assert_false (gw_trailers_pass (&here, text_of (never[i])));
  g_assert_true (gw_trailers_pass (&here, text_of ("X-Other")));
}

static void
test_append (void)
{
  NetBuffer output = { 0 };
  g_autofree char *text = NULL, *nothing = NULL;

  gw_trailers_append (&rules, text_of ("A:b\r\nHost: evil\r\nX-Sum:  \t1 2 \r\nEmpty:\r\nCookie:a=b\r\n"), &output);
  text = gw_test_take (&output);
  g_assert_cmpstr (text, ==, "A: b\nX-Sum: 1 2\nEmpty: \n");
  gw_trailers_append (&rules, (NetHttpText){ NULL, 0 }, &output);
  nothing = gw_test_take (&output);
  g_assert_cmpstr (nothing, ==, "");
}

static char *
names_of (const char *head)
{
  const NetHttpRequest *request = gw_test_request (head);
  const GwTrailerRules here
      = { .jwt_header = "X-JWT-Assertion", .headers = request->headers, .n_headers = request->n_headers };
  NetBuffer output = { 0 };

  gw_trailers_append_names (&here, &output);
  return gw_test_take (&output);
}

static void
test_trailer_header (void)
{
  g_autofree char *some = names_of ("GET / HTTP/1.1\nHost: a\nTrailer: X-A,Content-Length, ,a b\ntrailer: X-B\n\n");
  g_autofree char *none = names_of ("GET / HTTP/1.1\nHost: a\nTrailer: Host\n\n");

  g_assert_cmpstr (some, ==, "Trailer: X-A, X-B\n");
  g_assert_cmpstr (none, ==, "");
}

static void
test_te (void)
{
  g_assert_true (gw_trailers_are_asked_for (gw_test_request ("GET / HTTP/1.1\nHost: a\nTE: trailers\n\n")));
  g_assert_true (gw_trailers_are_asked_for (gw_test_request ("GET / HTTP/1.1\nHost: a\nTE: gzip;q=0.5, Trailers\n\n")));
  g_assert_false (gw_trailers_are_asked_for (gw_test_request ("GET / HTTP/1.1\nHost: a\nTE: gzip\n\n")));
  g_assert_false (gw_trailers_are_asked_for (gw_test_request ("GET / HTTP/1.1\nHost: a\n\n")));
  g_assert_false (gw_trailers_are_asked_for (gw_test_request ("GET / HTTP/1.0\nTE: trailers\n\n")));
}

static void
test_connection (void)
{
  const NetHttpRequest *request = gw_test_request ("GET / HTTP/1.1\nHost: a\nConnection: close, TE, keep-alive\n\n");

  g_assert_false (gw_trailers_connection_names (request->headers, request->n_headers));
  request = gw_test_request ("GET / HTTP/1.1\nHost: a\nConnection: close\nConnection: X-Sum\n\n");
  g_assert_true (gw_trailers_connection_names (request->headers, request->n_headers));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw/trailers/names", test_names);
  g_test_add_func ("/gw/trailers/of-the-message", test_of_the_message);
  g_test_add_func ("/gw/trailers/append", test_append);
  g_test_add_func ("/gw/trailers/trailer-header", test_trailer_header);
  g_test_add_func ("/gw/trailers/te", test_te);
  g_test_add_func ("/gw/trailers/connection", test_connection);
  return g_test_run ();
}
