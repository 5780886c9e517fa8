/* Requests through the gateway's HTTP/1.1 connections on real sockets (spec/gateway-and-traffic-manager.md 1, RFC 9112). */
#include "config.h"
#include "tests/unit/allocation-count.h"
#include "tests/unit/gw-front.h"

/* Reads a head. Returns: the status; @length: (out): of the body; 0 of a chunked one. */
static guint
read_head (GwFront *f, gsize *length, gboolean *close)
{
  guint status = 0;

  *length = 0;
  *close = FALSE;
  for (;;)
    {
      g_autofree char *line = net_test_receive (&f->client);

      g_assert_nonnull (line);
      g_strchomp (line);
      if (*line == '\0')
        return status;
      if (g_str_has_prefix (line, "HTTP/1.1 "))
        status = (guint) g_ascii_strtoull (line + 9, NULL, 10);
      else if (g_ascii_strncasecmp (line, "Content-Length: ", 16) == 0)
        *length = (gsize) g_ascii_strtoull (line + 16, NULL, 10);
      else if (g_ascii_strcasecmp (line, "Connection: close") == 0)
        *close = TRUE;
    }
}

static void
expect_status (GwFront *f, guint expected)
{
  gsize length;
  gboolean close;

  g_assert_cmpuint (read_head (f, &length, &close), ==, expected);
  net_test_skip (&f->client, length);
  if (close)
    net_test_expect_end (&f->client);
}

static void
expect_echo (GwFront *f, const char *expected)
{
  gsize length;
  gboolean close;

  g_assert_cmpuint (read_head (f, &length, &close), ==, 200);
  net_test_expect (&f->client, expected);
  g_assert_cmpuint (length, ==, strlen (expected) + 1);
}

#define AUTHORIZED(token) "Host: a\r\nAuthorization: Bearer " token "\r\n"

static void
test_calls (GwFront *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "GET /open/a?b=c HTTP/1.1\r\nHost: a\r\nX-JWT-Assertion: x\r\n\r\n");
  expect_echo (f, "GET /base/a?b=c 0 ");
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "\r\n");
  expect_echo (f, "GET /base/a 0 a.b.c");
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, "GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 404);
  net_test_send (&f->client, "PUT /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  expect_status (f, 405);
  net_test_send (&f->client, "GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 503);
  net_test_send (&f->client, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_status (f, 404);
  net_test_send (&f->client, "OPTIONS /safe/a HTTP/1.1\r\nHost: a\r\nAccess-Control-Request-Method: GET\r\n\r\n");
  expect_status (f, 200);
}

/* They go to the endpoint's own URL, unless that is another resource's of the API, which asks for more. */
static void
test_soap_calls (GwFront *f, gconstpointer data)
{
#define SOAP "Content-Type: text/xml; charset=UTF-8\r\nContent-Length: 4\r\n\r\n<a/>"
  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") SOAP);
  expect_echo (f, "POST /base 4 a.b.c");
  net_test_send (&f->client, "POST /half/a HTTP/1.1\r\n" AUTHORIZED ("good") SOAP);
  expect_echo (f, "POST /base 4 a.b.c");
  net_test_send (&f->client, "POST /half HTTP/1.1\r\nHost: a\r\n" SOAP);
  expect_status (f, 401);
  net_test_send (&f->client, "POST /half/public HTTP/1.1\r\nHost: a\r\n" SOAP);
  expect_echo (f, "POST /base/public 4 ");
  net_test_send (&f->client, "GET /half/public HTTP/1.1\r\nHost: a\r\nContent-Type: application/soap+xml\r\n\r\n");
  expect_echo (f, "GET /base/public 0 ");
}

static void
test_bodies (GwFront *f, gconstpointer data)
{
  g_autofree char *large = g_strnfill (BODY_SIZE, 'x');
  gsize length;
  gboolean close;

  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "Content-Length: 300000\r\n\r\n");
  net_test_send (&f->client, large);
  expect_echo (f, "POST /base/a 300000 a.b.c");
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n");
  net_test_send (&f->client, large);
  net_test_send (&f->client, "\r\n1\r\nx\r\n0\r\n\r\n");
  expect_echo (f, "POST /base/a 300001 ");
  net_test_send (&f->client, "POST /changed/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd");
  expect_echo (f, "POST /base/a 2 ");
  net_test_send (&f->client, "GET /open/large HTTP/1.1\r\nHost: a\r\n\r\n");
  g_assert_cmpuint (read_head (f, &length, &close), ==, 200);
  g_assert_cmpuint (length, ==, BODY_SIZE);
  net_test_skip (&f->client, length);
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  g_assert_cmpuint (read_head (f, &length, &close), ==, 100);
  net_test_send (&f->client, "x");
  expect_echo (f, "POST /base/a 1 ");
}

static void
test_pipelining (GwFront *f, gconstpointer data)
{
  g_autoptr (GString) all = g_string_new (NULL);

  (void) data;
  for (guint i = 0; i < 40; i++)
    g_string_append_printf (all, "POST /%s/%u HTTP/1.1\r\n" AUTHORIZED ("good") "Content-Length: 3\r\n\r\nabc",
                            i % 3 == 0 ? "fixed" : "safe", i);
  net_test_send (&f->client, all->str);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *echo = g_strdup_printf ("POST /base/%u 3 a.b.c", i);

      if (i % 3 == 0)
        expect_status (f, 503);
      else
        expect_echo (f, echo);
    }
}

/* While the Key Manager is asked, nothing else of the connection happens. */
static void
test_late (GwFront *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "Content-Length: 5\r\n\r\nhe");
  net_test_send (&f->client, "lloGET /open/b HTTP/1.1\r\nHost: a\r\n\r\n");
  gw_front_answer_late (f);
  expect_echo (f, "POST /base/a 5 a.b.c");
  expect_echo (f, "GET /base/b 0 ");
}

static void
test_client_goes (GwFront *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "\r\n");
  while (g_atomic_int_get (&f->manager.asked) < 2)
    g_usleep (1000);
  net_test_client_close (&f->client);
  gw_front_answer_late (f);
  /* In the middle of an answer, and of a request. */
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "GET /open/large HTTP/1.1\r\nHost: a\r\n\r\n");
  net_test_skip (&f->client, 1000);
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  net_test_client_close (&f->client);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
}

static void
test_unwanted_bodies (GwFront *f, gconstpointer data)
{
  g_autofree char *small = g_strnfill (GW_DISCARDED_BODY, 'x');
  gsize length;
  gboolean close;

  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "Content-Length: 65536\r\n\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, small);
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "Content-Length: 65537\r\n\r\n");
  g_assert_cmpuint (read_head (f, &length, &close), ==, 401);
  g_assert_true (close);
}

static void
test_refused (GwFront *f, gconstpointer data)
{
  static const struct
  {
    const char *request;
    guint status;
  } cases[] = {
    { "GET /open/a HTTP/1.1\nHost: a\n\n", 400 },
    { "GET /open/../a HTTP/1.1\r\nHost: a\r\n\r\n", 400 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413 },
    { "POST /open/a HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417 },
    { "GET /open/a HTTP/2.5\r\nHost: a\r\n\r\n", 505 },
  };

  (void) data;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length;
      gboolean close;

      net_test_client_close (&f->client);
      net_test_client_plain (&f->client, f->port);
      net_test_send (&f->client, cases[i].request);
      g_assert_cmpuint (read_head (f, &length, &close), ==, cases[i].status);
      g_assert_true (close || cases[i].status == 400);
    }
}

static void
test_slow_body (GwFront *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  expect_status (f, 408);
}

/* A byte at a time, each long before the time-out: less than MinTransferRate all the same. */
static void
test_trickling_body (GwFront *f, gconstpointer data)
{
  GPollFD poll = { f->client.fd, G_IO_IN, 0 };
  guint n = 0;

  (void) data;
  f->service->settings.min_rate = 1000;
  net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  for (; n < 3000 && g_poll (&poll, 1, 10) == 0; n++)
    net_test_send (&f->client, "x");
  g_assert_cmpuint (n, <, 3000);
  expect_status (f, 408);
}

static void
test_slow_head (GwFront *f, gconstpointer data)
{
  NetCounters counters;

  (void) data;
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHos");
  expect_status (f, 408);
  net_test_client_close (&f->client);
  /* It is counted as what it was. */
  for (guint tries = 0; tries < 1000; tries++)
    {
      net_reactor_read_counters (f->reactor, &counters);
      if (counters.closed[NET_CLOSE_READ_TIMEOUT] == 1)
        break;
      g_usleep (10000);
    }
  g_assert_cmpuint (counters.closed[NET_CLOSE_READ_TIMEOUT], ==, 1);
  net_test_client_plain (&f->client, f->port);
}

/* Waits for so many lines of the access log. (transfer full) */
static char **
read_lines (GwFront *f, guint n)
{
  for (guint tries = 0;; tries++)
    {
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;

      g_assert_true (g_file_get_contents (f->log_path, &text, NULL, NULL));
      lines = g_strsplit (text, "\n", -1);
      if (g_strv_length (lines) == n + 1)
        return g_steal_pointer (&lines);
      g_assert_cmpuint (tries, <, 1000);
      g_usleep (10000);
    }
}

static void
test_recorded (GwFront *f, gconstpointer data)
{
  g_autoptr (GString) metrics = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  (void) data;
  net_test_send (&f->client, "POST /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "Content-Length: 5\r\nactivityID: 77\r\n\r\nhello");
  expect_echo (f, "POST /base/a 5 a.b.c");
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("bad") "\r\n");
  expect_status (f, 401);
  net_test_send (&f->client, "POST /open/b HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  net_test_client_close (&f->client);
  lines = read_lines (f, 3);
  g_assert_nonnull (strstr (lines[0], "\"status\":200"));
  g_assert_nonnull (strstr (lines[0], "\"api\":\"safe\""));
  g_assert_nonnull (strstr (lines[0], "77"));
  g_assert_nonnull (strstr (lines[1], "\"status\":401"));
  g_assert_nonnull (strstr (lines[2], "\"status\":499"));
  for (guint i = 0; i < 3; i++)
    g_assert_null (strstr (lines[i], "good"));
  gw_usage_append_metrics (f->usage, metrics);
  g_assert_nonnull (strstr (metrics->str, "apim_gateway_calls_total"));
  g_assert_nonnull (strstr (metrics->str, "safe"));
  net_test_client_plain (&f->client, f->port);
}

/* A client that ends its side and reads on is answered; meanwhile it is asked whether it is there, once. */
static void
test_half_closed (GwFront *f, gconstpointer data)
{
  gsize length;
  gboolean close;

  (void) data;
  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "\r\nGET /open/b HTTP/1.1\r\nHost: a\r\n\r\n");
  g_assert_cmpint (shutdown (f->client.fd, SHUT_WR), ==, 0);
  g_assert_cmpuint (read_head (f, &length, &close), ==, 100);
  gw_front_answer_late (f);
  expect_echo (f, "GET /base/a 0 a.b.c");
  expect_echo (f, "GET /base/b 0 ");
  net_test_expect_end (&f->client);
}

/* Of HTTP/1.0 it cannot be asked: its answer comes first. */
static void
test_half_closed_old (GwFront *f, gconstpointer data)
{
  (void) data;
  net_test_send (&f->client, "GET /safe/a HTTP/1.0\r\n" AUTHORIZED ("late") "\r\n");
  g_assert_cmpint (shutdown (f->client.fd, SHUT_WR), ==, 0);
  g_usleep ((GW_GONE_CLIENT_MS + 200) * 1000);
  gw_front_answer_late (f);
  expect_echo (f, "GET /base/a 0 a.b.c");
  net_test_expect_end (&f->client);
}

/* One that is gone is noticed while its request waits. */
static void
go_away (GwFront *f, gboolean reset)
{
  const struct linger how = { reset, 0 };
  g_auto (GStrv) lines = NULL;

  net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("late") "\r\n");
  while (g_atomic_int_get (&f->manager.asked) < 2) /* first of all, for the resources */
    g_usleep (1000);
  g_assert_cmpint (setsockopt (f->client.fd, SOL_SOCKET, SO_LINGER, &how, sizeof how), ==, 0);
  net_test_client_close (&f->client);
  lines = read_lines (f, 1);
  g_assert_nonnull (strstr (lines[0], "\"status\":499"));
  gw_front_answer_late (f);
  net_test_client_plain (&f->client, f->port);
  net_test_send (&f->client, "GET /open/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect_echo (f, "GET /base/a 0 ");
}

static void
test_gone (GwFront *f, gconstpointer data)
{
  (void) data;
  go_away (f, FALSE);
}

static void
test_reset (GwFront *f, gconstpointer data)
{
  (void) data;
  go_away (f, TRUE);
}

static void
call (GwFront *f, const char *head, guint expected)
{
  net_test_send (&f->client, head);
  expect_status (f, expected);
}

/* What the Key Manager says of ended tokens is believed, on the token APIs; from anybody else it is a header. */
static void
test_ended_tokens (GwFront *f, gconstpointer data)
{
  static const char *const safe = "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "\r\n";
  static const char *const nothing[] = { "liar/revoked", "liar/renewed", "open/revoked", "open/renewed" };
  int asked;

  (void) data;
  call (f, safe, 200);
  call (f, safe, 200); /* the first call of all found new routes, and what was known of resources was forgotten */
  asked = g_atomic_int_get (&f->manager.asked);
  for (gsize i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      g_autofree char *head = g_strdup_printf ("GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", nothing[i]);

      call (f, head, 200);
      call (f, safe, 200);
    }
  g_assert_cmpint (g_atomic_int_get (&f->manager.asked), ==, asked);
  call (f, "GET /manager/renewed HTTP/1.1\r\nHost: a\r\n\r\n", 200);
  call (f, safe, 200);
  g_assert_cmpint (g_atomic_int_get (&f->manager.asked), ==, asked + 1);
  call (f, "GET /manager/revoked HTTP/1.1\r\nHost: a\r\n\r\n", 200);
  call (f, safe, 401);
}

#ifdef ALLOCATION_COUNT_WORKS
static void
set_counting (NetWorker *worker, gpointer data)
{
  (void) worker;
  allocation_count_set (data != NULL);
}

/* Once buffers, exchange, connections and answers of the Key Manager are there, calls cost no memory: with a token and
 * without, with bodies both ways, refused ones. */
static void
test_nothing_allocated (GwFront *f, gconstpointer data)
{
  NetWorker *worker = net_reactor_worker (f->reactor, 0);

  (void) data;
  for (int i = 0; i < 50; i++)
    {
      if (i == 10)
        net_worker_call (worker, set_counting, f);
      net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\n" AUTHORIZED ("good") "Accept: */*\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n");
      expect_echo (f, "GET /base/a 0 a.b.c");
      net_test_send (&f->client, "GET /open/a?b=c HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\n\r\n");
      expect_echo (f, "GET /base/a?b=c 0 ");
      net_test_send (&f->client, "POST /open/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
      expect_echo (f, "POST /base/a 2 ");
      net_test_send (&f->client, "GET /safe/a HTTP/1.1\r\nHost: a\r\n\r\n");
      expect_status (f, 401);
    }
  net_worker_call (worker, set_counting, NULL);
  g_assert_cmpint (allocation_count_get (), ==, 0);
}
#endif

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, test) g_test_add ("/gw-connection/" name, GwFront, data, gw_front_set_up, test, gw_front_tear_down)
  ADD ("calls", NULL, test_calls);
  ADD ("bodies", NULL, test_bodies);
  ADD ("soap-calls", NULL, test_soap_calls);
  ADD ("pipelining", NULL, test_pipelining);
  ADD ("late", NULL, test_late);
  ADD ("client-goes", NULL, test_client_goes);
  ADD ("unwanted-bodies", NULL, test_unwanted_bodies);
  ADD ("refused", NULL, test_refused);
  ADD ("recorded", NULL, test_recorded);
  ADD ("ended-tokens", NULL, test_ended_tokens);
  ADD ("slow-body", "slow", test_slow_body);
  ADD ("trickling-body", "slow", test_trickling_body);
  ADD ("slow-head", "slow", test_slow_head);
  ADD ("half-closed", NULL, test_half_closed);
  ADD ("half-closed-old", NULL, test_half_closed_old);
  ADD ("gone", NULL, test_gone);
  ADD ("reset", NULL, test_reset);
#ifdef ALLOCATION_COUNT_WORKS
  ADD ("nothing-allocated", NULL, test_nothing_allocated);
#endif
  return g_test_run ();
}
