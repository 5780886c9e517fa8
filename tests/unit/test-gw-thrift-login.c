/* A gateway's login as a Key Manager sees it: real sockets, the test's thread is the Key Manager
 * (spec/thrift-key-validation.md 4.1, 4.2, 5.1). */
#include "config.h"
#include "gateway/gw-thrift-login.h"
#include "thrift/tw-compact.h"
#include "upstream-world.h"

#include <unistd.h>

#define PATIENCE_MS (PATIENCE_US / 1000)

typedef struct
{
  GwThriftLogin login; /* first */
  UpstreamWorld world;
  gint64 timeout_ms;
  GMutex lock;
  GCond changed;
  gboolean over;
  GwThriftLoginResult result;
  char *session, *why;
} Fixture;

static void
handle_done (GwThriftLogin *login, GwThriftLoginResult result, const char *session, const char *why)
{
  Fixture *f = (Fixture *) login;

  g_mutex_lock (&f->lock);
  f->over = TRUE;
  f->result = result;
  g_free (f->session);
  g_free (f->why);
  f->session = g_strdup (session);
  f->why = g_strdup (why);
  g_cond_signal (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  upstream_world_start (&f->world, NULL);
  f->login.done = handle_done;
  f->timeout_ms = PATIENCE_MS;
  g_mutex_init (&f->lock);
  g_cond_init (&f->changed);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  upstream_world_stop (&f->world);
  g_free (f->session);
  g_free (f->why);
  g_cond_clear (&f->changed);
  g_mutex_clear (&f->lock);
}

static void
start_on_worker (NetWorker *worker, gpointer data)
{
  Fixture *f = data;

  f->over = FALSE;
  gw_thrift_login_start (&f->login, f->world.upstream, worker, f->world.target, "/thriftAuthenticator", "gateway", "secret",
                         f->timeout_ms);
}

/* The request, byte by byte. */
static int
take_login (Fixture *f)
{
  g_autofree char *head = NULL;
  g_autofree guint8 *got = NULL;
  NetBuffer body = { 0 };
  int fd;

  upstream_world_on_worker (&f->world, start_on_worker, f);
  fd = backend_accept (&f->world);
  tw_compact_encode_authenticate (&body, 1, TW_TEXT ("gateway"), TW_TEXT ("secret"));
  head = g_strdup_printf ("POST /thriftAuthenticator HTTP/1.1\r\nHost: backend.example:%u\r\nContent-Type: application/x-thrift"
                          "\r\nAccept: application/x-thrift\r\nUser-Agent: apimd\r\nContent-Length: %zu\r\n\r\n",
                          f->world.port, net_buffer_length (&body));
  backend_expect (fd, head);
  got = g_malloc (net_buffer_length (&body));
  g_assert_cmpint (recv (fd, got, net_buffer_length (&body), MSG_WAITALL), ==, (gssize) net_buffer_length (&body));
  g_assert_cmpmem (got, net_buffer_length (&body), net_buffer_data (&body), net_buffer_length (&body));
  net_buffer_clear (&body);
  return fd;
}

static void
answer (int fd, guint status, NetBuffer *body)
{
  g_autofree char *head
      = g_strdup_printf ("HTTP/1.1 %u X\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", status, net_buffer_length (body));

  backend_answer (fd, head);
  backend_send (fd, (const char *) net_buffer_data (body), net_buffer_length (body));
  net_buffer_clear (body);
}

static void
expect (Fixture *f, GwThriftLoginResult result, const char *session, const char *why)
{
  UPSTREAM_WAIT (f, f->over);
  g_assert_cmpint (f->result, ==, result);
  g_assert_cmpstr (f->session, ==, session);
  g_assert_cmpint (f->why != NULL, ==, why != NULL);
  if (why != NULL)
    g_assert_nonnull (strstr (f->why, why));
}

static void
test_results (Fixture *f, gconstpointer data)
{
  NetBuffer body = { 0 };
  int fd = take_login (f);

  tw_compact_encode_session (&body, 1, TW_TEXT ("a session"));
  answer (fd, 200, &body);
  expect (f, GW_THRIFT_LOGIN_DONE, "a session", NULL);
  close (fd);

  fd = take_login (f);
  tw_compact_encode_refusal (&body, 1, "not authenticated");
  answer (fd, 200, &body);
  expect (f, GW_THRIFT_LOGIN_REFUSED, NULL, "were not taken");
  close (fd);

  fd = take_login (f);
  tw_compact_encode_session (&body, 1, TW_TEXT ("a session"));
  answer (fd, 500, &body);
  expect (f, GW_THRIFT_LOGIN_FAILED, NULL, "HTTP 500, which holds no answer to a login");
  close (fd);

  fd = take_login (f);
  net_buffer_reserve (&body, GW_THRIFT_LOGIN_MAX_ANSWER + 1);
  memset (body.bytes, 0, GW_THRIFT_LOGIN_MAX_ANSWER + 1);
  net_buffer_commit (&body, GW_THRIFT_LOGIN_MAX_ANSWER + 1);
  answer (fd, 200, &body);
  expect (f, GW_THRIFT_LOGIN_FAILED, NULL, "HTTP 200, which holds no answer");
  close (fd);

  close (take_login (f));
  expect (f, GW_THRIFT_LOGIN_FAILED, NULL, "backend.example");
}

static void
test_silence (Fixture *f, gconstpointer data)
{
  int fd;

  f->timeout_ms = 50;
  fd = take_login (f);
  expect (f, GW_THRIFT_LOGIN_FAILED, NULL, "");
  backend_expect_end (fd);
}

static void
cancel_on_worker (NetWorker *worker, gpointer data)
{
  (void) worker;
  gw_thrift_login_cancel (&((Fixture *) data)->login);
  gw_thrift_login_cancel (&((Fixture *) data)->login); /* once is enough */
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  int fd = take_login (f);

  upstream_world_on_worker (&f->world, cancel_on_worker, f);
  backend_expect_end (fd);
  g_assert_false (f->over);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/gw-thrift-login/results", Fixture, NULL, set_up, test_results, tear_down);
  g_test_add ("/gw-thrift-login/silence", Fixture, NULL, set_up, test_silence, tear_down);
  g_test_add ("/gw-thrift-login/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  return g_test_run ();
}
