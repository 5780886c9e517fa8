/* Calls to backends: what goes out, what comes back, good and bad, fast and slow. */
#include "config.h"
#include "upstream-world.h"
#include <unistd.h>

/* Answers. */

typedef struct
{
  const char *request;
  const char *answer;
  guint status;
  const char *body;
  gboolean ends; /* the answer ends with the connection */
  gboolean kept; /* the connection may serve again */
} Answer;

static const Answer answers[] = {
  { BACKEND_GET, BACKEND_OK, 200, "ok", FALSE, TRUE },
  { BACKEND_GET, "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, "", FALSE, TRUE },
  { BACKEND_GET, "HTTP/1.1 204 No Content\r\n\r\n", 204, "", FALSE, TRUE },
  { BACKEND_GET, "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", FALSE, TRUE },
  { "HEAD /a HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", 200, "", FALSE,
    TRUE },
  { "HEAD /a HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "",
    FALSE, TRUE },
  { BACKEND_GET,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: "
    "t\r\n\r\n",
    200, "abcdefg", FALSE, TRUE },
  { BACKEND_GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", FALSE, TRUE },
  { BACKEND_GET, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" BACKEND_OK,
    200, "ok", FALSE, TRUE },
  { BACKEND_GET, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", FALSE,
    FALSE },
  { BACKEND_GET, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", FALSE, FALSE },
  { BACKEND_GET, "HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", TRUE, FALSE },
  { BACKEND_GET, "HTTP/1.1 200 OK\r\n\r\n", 200, "", TRUE, FALSE },
};

static void
send_in_bytes (int fd, const char *answer)
{
  for (; *answer != '\0'; answer++)
    {
      backend_send (fd, answer, 1);
      g_usleep (200);
    }
}

static void
check_answer (UpstreamWorld *world, const Answer *answer, gboolean in_bytes)
{
  UpstreamCall call = { 0 }, next = { 0 };
  int fd;

  upstream_call_begin (&call, world, answer->request);
  fd = backend_accept (world);
  backend_expect (fd, answer->request);
  if (in_bytes)
    send_in_bytes (fd, answer->answer);
  else
    backend_answer (fd, answer->answer);
  if (answer->ends)
    close (fd);
  upstream_call_expect_done (&call, answer->status, answer->body);
  if (!answer->kept)
    {
      if (!answer->ends)
        backend_expect_end (fd);
      return;
    }
  upstream_call_begin (&next, world, "GET /again HTTP/1.1\r\n\r\n");
  backend_expect (fd, "GET /again HTTP/1.1\r\n\r\n");
  backend_answer (fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nagain");
  upstream_call_expect_done (&next, 200, "again");
  backend_expect_end (fd);
}

static void
test_answers (void)
{
  UpstreamWorld world = { 0 };

  upstream_world_start (&world, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      check_answer (&world, &answers[i], FALSE);
      check_answer (&world, &answers[i], TRUE);
    }
  g_assert_cmpuint (upstream_world_stop (&world).connected, ==, 2 * G_N_ELEMENTS (answers));
}

/* Trailers both ways: behind the last chunk, and nowhere when the caller has no place for them. */
static void
test_trailers (void)
{
  static const char answer[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\nC:\r\n\r\n";
  UpstreamWorld world = { 0 };

  upstream_world_start (&world, NULL);
  for (guint wanted = 0; wanted <= 1; wanted++)
    {
      NetBuffer trailers = { 0 };
      UpstreamCall call = { .open = TRUE, .exchange.trailers = wanted ? &trailers : NULL, .trailers = "X: y\r\n" };
      int fd;

      upstream_call_begin (&call, &world, BACKEND_POST);
      upstream_call_send (&call, "hello", 5, TRUE);
      fd = backend_accept (&world);
      backend_expect (fd, BACKEND_POST "5\r\nhello\r\n0\r\nX: y\r\n\r\n");
      send_in_bytes (fd, answer);
      upstream_call_expect_done (&call, 200, "abc");
      if (wanted)
        g_assert_cmpmem (net_buffer_data (&trailers), net_buffer_length (&trailers), "A: b\r\nC:\r\n", 10);
      net_buffer_clear (&trailers);
      close (fd);
    }
  upstream_world_stop (&world);
}

/* What is no answer that could be passed on; RFC 9112 6.3, 11.2. */
typedef struct
{
  const char *bytes;
  gsize length;
} Bytes;

#define BYTES(text)                                                                                          \
  {                                                                                                          \
    text, sizeof text - 1                                                                                    \
  }

static const Bytes broken[] = {
  BYTES ("HELLO\r\n\r\n"),
  BYTES ("HTTP/2.0 200 OK\r\n\r\n"),
  BYTES ("HTTP/1.1 2000 OK\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\n\n"),
  BYTES ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
  BYTES ("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok"),
  BYTES ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nName : value\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n"),
  BYTES ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n"),
  BYTES ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
};

static void
test_broken_answers (void)
{
  UpstreamWorld world = { 0 };

  upstream_world_start (&world, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      UpstreamCall call = { 0 };
      int fd;

      upstream_call_begin (&call, &world, BACKEND_GET);
      fd = backend_accept (&world);
      backend_expect (fd, BACKEND_GET);
      backend_send (fd, broken[i].bytes, broken[i].length);
      upstream_call_expect_failed (&call, GW_ERROR_PROTOCOL, "sent a broken answer: ");
      backend_expect_end (fd);
    }
  upstream_world_stop (&world);
}

static void
test_broken_chunks (void)
{
  static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  UpstreamWorld world = { 0 };
  UpstreamCall call = { 0 };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&call, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, head);
  backend_answer (fd, "2\r\nok\r\n-1\r\n");
  upstream_call_expect_failed (&call, GW_ERROR_PROTOCOL, "chunk size");
  backend_expect_end (fd);
  upstream_world_stop (&world);
}

static void
test_floods (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall call = { 0 }, interim = { 0 };
  g_autofree char *field = g_strnfill (5000, 'x');
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&call, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nX: ");
  backend_answer (fd, field);
  upstream_call_expect_failed (&call, GW_ERROR_PROTOCOL, "sent a broken answer");
  backend_expect_end (fd);
  upstream_call_begin (&interim, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  for (int i = 0; i < 17; i++)
    backend_answer (fd, "HTTP/1.1 100 Continue\r\n\r\n");
  upstream_call_expect_failed (&interim, GW_ERROR_PROTOCOL, "too many interim answers");
  backend_expect_end (fd);
  upstream_world_stop (&world);
}

/* An answer that is longer than it says never reaches the next call. */
static void
test_surplus (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall first = { 0 }, second = { 0 }, third = { 0 };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&first, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  upstream_call_expect_done (&first, 200, "ok");
  backend_expect_end (fd);
  /* And when it comes later, while nobody waits for anything. */
  upstream_call_begin (&second, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&second, 200, "ok");
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  backend_expect_end (fd);
  upstream_call_begin (&third, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&third, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
}

/* Requests. */

static void
test_request_bodies (void)
{
  static const char with_length[] = "PUT /a HTTP/1.1\r\nContent-Length: 7\r\n\r\n";
  UpstreamWorld world = { 0 };
  UpstreamCall chunked = { .open = TRUE }, length = { .open = TRUE }, empty = { 0 };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&chunked, &world, BACKEND_POST);
  g_assert_true (upstream_call_send (&chunked, NULL, 0, FALSE)); /* the head alone */
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_POST);
  g_assert_true (upstream_call_send (&chunked, "hello", 5, FALSE));
  backend_expect (fd, "5\r\nhello\r\n");
  g_assert_true (upstream_call_send (&chunked, "0123456789abcdefg", 17, TRUE));
  backend_expect (fd, "11\r\n0123456789abcdefg\r\n0\r\n\r\n");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&chunked, 200, "ok");

  upstream_call_begin (&length, &world, with_length);
  g_assert_true (upstream_call_send (&length, "abc", 3, FALSE));
  g_assert_true (upstream_call_send (&length, "defg", 4, TRUE));
  backend_expect (fd, with_length);
  backend_expect (fd, "abcdefg");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&length, 200, "ok");

  upstream_call_begin (&empty, &world, BACKEND_POST);
  backend_expect (fd, BACKEND_POST "0\r\n\r\n");
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&empty, 200, "ok");
  close (fd);
  g_assert_cmpuint (upstream_world_stop (&world).connected, ==, 1);
}

/* A backend that does not read: the caller is told to stop, and to go on when there is room. */
static void
test_slow_backend (void)
{
  enum
  {
    PIECE = 32768,
    MOST = 64 << 20
  };
  UpstreamWorld world = { 0 };
  UpstreamCall call = { .open = TRUE };
  g_autofree char *piece = g_strnfill (PIECE, 'x');
  g_autofree char *head = NULL;
  g_autofree char *waste = g_malloc (1 << 20);
  gsize sent = 0, got = 0;
  int fd;

  upstream_world_start (&world, NULL);
  head = g_strdup_printf ("PUT /a HTTP/1.1\r\nContent-Length: %d\r\n\r\n", MOST);
  upstream_call_begin (&call, &world, head);
  fd = backend_accept (&world);
  while (upstream_call_send (&call, piece, PIECE, FALSE))
    {
      sent += PIECE;
      g_assert_cmpuint (sent, <, MOST);
    }
  sent += PIECE;
  g_usleep (50000);
  g_assert_cmpuint (UPSTREAM_READ (&call, call.n_writable), ==, 0);
  backend_expect (fd, head);
  while (sent < MOST || got < MOST)
    {
      if (UPSTREAM_READ (&call, call.n_writable) > 0)
        {
          UPSTREAM_READ (&call, call.n_writable = 0);
          while (sent < MOST)
            {
              sent += PIECE;
              if (!upstream_call_send (&call, piece, PIECE, sent == MOST))
                break;
            }
        }
      while (got < sent)
        {
          gssize n = recv (fd, waste, 1 << 20, 0);

          g_assert_cmpint (n, >, 0);
          got += (gsize)n;
        }
      if (sent < MOST)
        UPSTREAM_WAIT (&call, call.n_writable > 0);
    }
  backend_answer (fd, BACKEND_OK);
  upstream_call_expect_done (&call, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
}

/* A slow client: nothing comes while paused, not even done(), and the backend has to wait. */
static void
test_pause (void)
{
  enum
  {
    LENGTH = 32 << 20
  };
  UpstreamWorld world = { 0 };
  UpstreamCall big = { .pause_at = AT_HEAD }, small = { .pause_at = AT_BODY };
  g_autofree char *body = g_strnfill (LENGTH, 'y');
  gsize sent = 0;
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&big, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n");
  UPSTREAM_WAIT (&big, big.status == 200);
  for (int idle = 0; idle < 20;)
    {
      gssize n = send (fd, body, LENGTH - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

      idle = n > 0 ? 0 : idle + 1;
      sent += n > 0 ? (gsize)n : 0;
      g_usleep (5000);
    }
  g_assert_cmpuint (sent, <, LENGTH); /* it is blocked */
  g_assert_cmpuint (UPSTREAM_READ (&big, big.body->len), ==, 0);
  upstream_call_resume (&big);
  backend_send (fd, body, LENGTH - sent);
  upstream_call_expect_done (&big, 200, body);

  upstream_call_begin (&small, &world, BACKEND_GET);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, BACKEND_OK);
  UPSTREAM_WAIT (&small, small.body->len == 2);
  g_usleep (50000);
  g_assert_false (UPSTREAM_READ (&small, small.done));
  upstream_call_resume (&small);
  upstream_call_expect_done (&small, 200, "ok");
  close (fd);
  upstream_world_stop (&world);
}

/* The end of the connection is the end of the body, and comes while nobody may be told. */
static void
test_end_while_paused (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall call = { .pause_at = AT_BODY };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&call, &world, BACKEND_GET);
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_GET);
  backend_answer (fd, "HTTP/1.1 200 OK\r\n\r\nsome");
  UPSTREAM_WAIT (&call, call.body->len == 4);
  UPSTREAM_READ (&call, call.pause_at = 0);
  backend_answer (fd, " more");
  close (fd);
  g_usleep (50000);
  g_assert_cmpuint (UPSTREAM_READ (&call, call.body->len), ==, 4);
  upstream_call_resume (&call);
  upstream_call_expect_done (&call, 200, "some more");
  upstream_world_stop (&world);
}

/* A refusal before the request is whole is an answer like any other; the connection cannot go on. */
static void
test_early_answer (void)
{
  UpstreamWorld world = { 0 };
  UpstreamCall call = { .open = TRUE };
  int fd;

  upstream_world_start (&world, NULL);
  upstream_call_begin (&call, &world, BACKEND_POST);
  g_assert_true (upstream_call_send (&call, "some", 4, FALSE));
  fd = backend_accept (&world);
  backend_expect (fd, BACKEND_POST);
  backend_answer (fd, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
  upstream_call_expect_done (&call, 413, "");
  backend_expect (fd, "4\r\nsome\r\n");
  backend_expect_end (fd);
  upstream_world_stop (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw/upstream/answers", test_answers);
  g_test_add_func ("/gw/upstream/trailers", test_trailers);
  g_test_add_func ("/gw/upstream/broken-answers", test_broken_answers);
  g_test_add_func ("/gw/upstream/broken-chunks", test_broken_chunks);
  g_test_add_func ("/gw/upstream/floods", test_floods);
  g_test_add_func ("/gw/upstream/surplus", test_surplus);
  g_test_add_func ("/gw/upstream/request-bodies", test_request_bodies);
  g_test_add_func ("/gw/upstream/slow-backend", test_slow_backend);
  g_test_add_func ("/gw/upstream/pause", test_pause);
  g_test_add_func ("/gw/upstream/end-while-paused", test_end_while_paused);
  g_test_add_func ("/gw/upstream/early-answer", test_early_answer);
  return g_test_run ();
}
