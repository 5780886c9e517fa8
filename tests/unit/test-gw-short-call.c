/* Short calls as a backend sees them, and what it can do to them: real sockets, the test's thread is the backend. */
#include "config.h"
#include "gateway/gw-short-call.h"
#include "upstream-world.h"

#include <unistd.h>

#define MAX_ANSWER 8
#define PATIENCE_MS (PATIENCE_US / 1000)
#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n"

typedef struct
{
  UpstreamWorld world;
  GwShortCall *call; /* on the heap: it may be freed in ended() */
  GwShortRequest request;
  const char *body;
  gboolean free_at_end, again_at_end;
  GMutex lock;
  GCond changed;
  guint n_ends;
  guint status;
  gboolean too_long;
  char *bytes, *why;
} Fixture;

/* The worker's: the fixture of the one test. */
static Fixture *fixture;

static void
begin (NetWorker *worker, gpointer data)
{
  Fixture *f = data;

  gw_short_call_begin (f->call, f->world.upstream, worker, &f->request);
  g_assert_true (gw_short_call_is_running (f->call));
  gw_short_call_field (f->call, "Accept", "a", "/", "b", NULL);
  gw_short_call_field (f->call, "X", "y", NULL);
  gw_short_call_send (f->call, f->body, f->body != NULL ? strlen (f->body) : 0);
}

static void
handle_ended (GwShortCall *call, const GwShortAnswer *answer)
{
  Fixture *f = fixture;

  g_assert_false (gw_short_call_is_running (call));
  g_mutex_lock (&f->lock);
  f->n_ends++;
  f->status = answer->status;
  f->too_long = answer->too_long;
  g_free (f->bytes);
  g_free (f->why);
  f->why = g_strdup (answer->why);
  if (f->free_at_end)
    g_clear_pointer (&f->call, g_free);
  else if (f->again_at_end)
    {
      f->again_at_end = FALSE;
      begin (net_worker_current (), f);
    }
  f->bytes = g_strndup (answer->bytes != NULL ? (const char *) answer->bytes : "", answer->length); /* they are still there */
  g_cond_signal (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  upstream_world_start (&f->world, NULL);
  g_mutex_init (&f->lock);
  g_cond_init (&f->changed);
  f->call = g_new0 (GwShortCall, 1);
  f->call->ended = handle_ended;
  f->request = (GwShortRequest){
    .target = f->world.target, .method = "GET", .path = "/p?q", .max_answer = MAX_ANSWER, .timeout_ms = PATIENCE_MS
  };
  fixture = f;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  upstream_world_stop (&f->world);
  if (f->call != NULL)
    gw_short_call_clear (f->call);
  g_free (f->call);
  g_free (f->bytes);
  g_free (f->why);
  g_cond_clear (&f->changed);
  g_mutex_clear (&f->lock);
}

/* Reads the request, byte by byte. */
static int
take (Fixture *f)
{
  g_autofree char *head = g_strdup_printf ("%s /p?q HTTP/1.1\r\nHost: backend.example:%u\r\nAccept: a/b\r\nX: y\r\nUser-Agent: "
                                           "apimd\r\n",
                                           f->request.method, f->world.port);
  g_autofree char *request = f->body == NULL
                                 ? g_strconcat (head, "\r\n", NULL)
                                 : g_strdup_printf ("%sContent-Length: %zu\r\n\r\n%s", head, strlen (f->body), f->body);
  int fd = backend_accept (&f->world);

  backend_expect (fd, request);
  return fd;
}

static int
ask (Fixture *f)
{
  upstream_world_on_worker (&f->world, begin, f);
  return take (f);
}

/* @why: NULL: the answer is whole. */
static void
expect (Fixture *f, guint n_ends, guint status, const char *bytes, const char *why)
{
  UPSTREAM_WAIT (f, f->n_ends == n_ends);
  g_assert_cmpuint (f->status, ==, status);
  g_assert_cmpstr (f->bytes, ==, bytes);
  if (why == NULL)
    g_assert_cmpstr (f->why, ==, NULL);
  else
    g_assert_nonnull (strstr (f->why, why));
}

static void
test_get (Fixture *f, gconstpointer data)
{
  int fd = ask (f);

  backend_answer (fd, OK "Content-Length: 5\r\n\r\nhello");
  expect (f, 1, 200, "hello", NULL);
  close (fd);
  fd = ask (f);
  backend_answer (fd, "HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  expect (f, 2, 404, "", NULL);
  close (fd);
}

static void
test_post (Fixture *f, gconstpointer data)
{
  static const char *const bodies[] = { "a body", "" };

  f->request.method = "POST";
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      int fd;

      f->body = bodies[i];
      fd = ask (f);
      backend_answer (fd, OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
      expect (f, i + 1, 200, "hello", NULL);
      close (fd);
    }
}

/* The limit itself is none too many; past it there is nothing, however it comes. */
static void
test_limit (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *answer, *bytes;
  } cases[] = {
    { OK "Content-Length: 8\r\n\r\n12345678", "12345678" },
    { OK "Content-Length: 9\r\n\r\n123456789", "" },
    { OK "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n1\r\n9\r\n0\r\n\r\n", "" },
    { OK "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n1\r\nx\r\n0\r\n\r\n", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int fd = ask (f);

      backend_answer (fd, cases[i].answer);
      expect (f, i + 1, 200, cases[i].bytes, NULL);
      g_assert_cmpint (f->too_long, ==, *cases[i].bytes == '\0');
      close (fd);
    }
}

static void
test_failures (Fixture *f, gconstpointer data)
{
  int fd;

  f->request.method = "POST"; /* is not sent twice */
  f->body = "x";
  close (ask (f));
  expect (f, 1, 0, "", "backend.example");
  fd = ask (f);
  backend_answer (fd, "nonsense\r\n\r\n");
  expect (f, 2, 0, "", "backend.example");
  close (fd);
  fd = ask (f);
  backend_answer (fd, OK "Content-Length: 5\r\n\r\nhel");
  close (fd);
  UPSTREAM_WAIT (f, f->n_ends == 3);
  g_assert_nonnull (f->why); /* it is not whole, whatever there is of it */
}

/* No answer, or half of one. */
static void
test_time (Fixture *f, gconstpointer data)
{
  int fd;

  f->request.timeout_ms = 50;
  fd = ask (f);
  if (data != NULL)
    backend_answer (fd, data);
  UPSTREAM_WAIT (f, f->n_ends == 1);
  g_assert_nonnull (strstr (f->why, "time")); /* its own timer says so, or gw-upstream's, whose turn comes at once after */
  backend_expect_end (fd);
}

/* None at all: as somebody asks whose time was up before. */
static void
test_no_time (Fixture *f, gconstpointer data)
{
  f->request.timeout_ms = 0;
  upstream_world_on_worker (&f->world, begin, f);
  UPSTREAM_WAIT (f, f->n_ends == 1);
  g_assert_nonnull (strstr (f->why, "time")); /* its own timer says so, or gw-upstream's, whose turn comes at once after */
}

/* Past its head an answer takes what gw-upstream gives it. */
static void
test_time_to_head (Fixture *f, gconstpointer data)
{
  int fd;

  f->request.timeout_ms = 50;
  f->request.to_head = TRUE;
  fd = ask (f);
  expect (f, 1, 0, "", "backend.example");
  backend_expect_end (fd);
  f->request.timeout_ms = PATIENCE_MS;
  fd = ask (f);
  backend_answer (fd, OK "Content-Length: 5\r\n\r\nhe");
  backend_answer (fd, "llo");
  expect (f, 2, 200, "hello", NULL);
  close (fd);
}

static void
cancel (NetWorker *worker, gpointer data)
{
  (void) worker;
  gw_short_call_cancel (((Fixture *) data)->call);
  g_assert_false (gw_short_call_is_running (((Fixture *) data)->call));
  gw_short_call_cancel (((Fixture *) data)->call);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  int fd;

  cancel (NULL, f); /* nothing yet */
  fd = ask (f);
  backend_answer (fd, OK "Content-Length: 5\r\n\r\nhe");
  upstream_world_on_worker (&f->world, cancel, f);
  backend_expect_end (fd);
  g_assert_cmpuint (UPSTREAM_READ (f, f->n_ends), ==, 0);
  fd = ask (f); /* it can be begun anew */
  backend_answer (fd, OK "Content-Length: 2\r\n\r\nok");
  expect (f, 1, 200, "ok", NULL);
  close (fd);
}

static void
test_again_at_end (Fixture *f, gconstpointer data)
{
  int fd;

  f->again_at_end = TRUE;
  fd = ask (f);
  backend_answer (fd, OK "Content-Length: 3\r\n\r\none");
  expect (f, 1, 200, "one", NULL);
  close (fd);
  fd = take (f);
  backend_answer (fd, OK "Content-Length: 3\r\n\r\ntwo");
  expect (f, 2, 200, "two", NULL);
  close (fd);
}

static void
test_free_at_end (Fixture *f, gconstpointer data)
{
  int fd;

  f->free_at_end = TRUE;
  fd = ask (f);
  backend_answer (fd, OK "Content-Length: 3\r\n\r\none");
  expect (f, 1, 200, "one", NULL);
  close (fd);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(NAME, DATA, FUNC) g_test_add ("/gw-short-call/" NAME, Fixture, DATA, set_up, FUNC, tear_down)
  ADD ("get", NULL, test_get);
  ADD ("post", NULL, test_post);
  ADD ("limit", NULL, test_limit);
  ADD ("failures", NULL, test_failures);
  ADD ("time", NULL, test_time);
  ADD ("time/head", OK "Content-Le", test_time);
  ADD ("time/body", OK "Content-Length: 5\r\n\r\nhe", test_time);
  ADD ("no-time", NULL, test_no_time);
  ADD ("time-to-head", NULL, test_time_to_head);
  ADD ("cancel", NULL, test_cancel);
  ADD ("again-at-end", NULL, test_again_at_end);
  ADD ("free-at-end", NULL, test_free_at_end);
  return g_test_run ();
}
