/* Names: fresh, stale and forgotten answers, failures, questions that are one. */
#include "config.h"
#include "net-test.h"
#include <arpa/inet.h>

/* The name server: answers with 127.0.0.@last, or fails. */
static GMutex server; /* held: it says nothing */
static gint n_asked;  /* atomic */
static gint last;     /* atomic; 0: it cannot be asked, -1: no such name */
static ApimManualClock clock_of_test;

static NetAddresses *
resolve (const char *host, const char **why, gboolean *gone)
{
  NetAddresses *addresses;
  struct sockaddr_in address = { .sin_family = AF_INET };
  gint octet;

  g_atomic_int_inc (&n_asked);
  g_mutex_lock (&server);
  octet = g_atomic_int_get (&last);
  g_mutex_unlock (&server);
  *gone = octet < 0;
  *why = octet < 0 ? "no such name" : "the name server is away";
  if (octet <= 0)
    return NULL;
  addresses = g_new0 (NetAddresses, 1);
  addresses->ref_count = 1;
  address.sin_addr.s_addr = g_htonl (0x7f000000 | (guint)octet);
  memcpy (&addresses->list[addresses->n++], &address, sizeof address);
  return addresses;
}

typedef struct
{
  NetReactor *reactor;
  NetNames *names;
} Fixture;

/* One question and its answer. */
typedef struct
{
  Fixture *fixture;
  const char *host;
  gboolean cancelled;
  NetNameQuery *query;
  GMutex lock;
  GCond changed;
  guint n_answers;
  char answer[64]; /* the address, or why there is none */
} Asker;

static void
describe (const NetAddresses *addresses, const char *why, char answer[64])
{
  if (addresses != NULL)
    net_address_text (&addresses->list[0], answer);
  else
    g_strlcpy (answer, why, 64);
}

static void
answered (gpointer data, NetAddresses *addresses, const char *why)
{
  Asker *asker = data;

  g_assert_nonnull (net_worker_current ());
  g_mutex_lock (&asker->lock);
  asker->n_answers++;
  describe (addresses, why, asker->answer);
  g_cond_broadcast (&asker->changed);
  g_mutex_unlock (&asker->lock);
}

static void
ask_on_worker (NetWorker *worker, gpointer data)
{
  Asker *asker = data;

  asker->query = net_names_ask (asker->fixture->names, asker->host, worker, answered, asker);
  g_assert_cmpuint (asker->n_answers, ==, 0);
  if (asker->cancelled)
    net_name_query_cancel (asker->query);
}

static void
begin_ask (Fixture *fixture, Asker *asker, const char *host)
{
  asker->fixture = fixture;
  asker->host = host;
  net_worker_call (net_reactor_worker (fixture->reactor, 0), ask_on_worker, asker);
}

static void
wait_for_answer (Asker *asker, const char *wanted)
{
  gint64 end_us = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;

  g_mutex_lock (&asker->lock);
  while (asker->n_answers == 0)
    g_assert_true (g_cond_wait_until (&asker->changed, &asker->lock, end_us));
  g_assert_cmpstr (asker->answer, ==, wanted);
  g_mutex_unlock (&asker->lock);
}

static void
expect (Fixture *fixture, const char *host, const char *wanted)
{
  Asker asker = { 0 };

  begin_ask (fixture, &asker, host);
  wait_for_answer (&asker, wanted);
}

/* What is known without asking; "" when nothing is. */
static void
expect_known (Fixture *fixture, const char *host, const char *wanted)
{
  g_autoptr (NetAddresses) addresses = net_names_find (fixture->names, host);
  char answer[64];

  describe (addresses, "", answer);
  g_assert_cmpstr (answer, ==, wanted);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ApimLimits limits = net_test_limits ();
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&n_asked, 0);
  g_atomic_int_set (&last, 1);
  fixture->reactor = net_reactor_new (1, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  fixture->names = net_names_new (resolve, &clock_of_test.clock);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  net_reactor_drain (fixture->reactor, 0);
  net_names_free (fixture->names);
  net_reactor_free (fixture->reactor);
}

static void
pass_ms (gint64 ms)
{
  apim_manual_clock_advance (&clock_of_test, ms);
}

static void
test_literals (Fixture *fixture, gconstpointer data)
{
  expect_known (fixture, "192.0.2.7", "192.0.2.7");
  expect_known (fixture, "2001:db8::1", "2001:db8::1");
  expect_known (fixture, "1.2.3", "");
  expect_known (fixture, "a.example", "");
  g_assert_cmpint (n_asked, ==, 0);
}

static void
test_fresh_and_stale (Fixture *fixture, gconstpointer data)
{
  expect (fixture, "a.example", "127.0.0.1");
  g_atomic_int_set (&last, 2);
  pass_ms (NET_NAMES_FRESH_MS - 1);
  expect_known (fixture, "a.example", "127.0.0.1");
  g_assert_cmpint (g_atomic_int_get (&n_asked), ==, 1);
  /* Stale: still used, and asked for again behind our back, once. */
  g_mutex_lock (&server);
  pass_ms (1);
  expect_known (fixture, "a.example", "127.0.0.1");
  expect_known (fixture, "a.example", "127.0.0.1");
  g_mutex_unlock (&server);
  expect (fixture, "a.example",
          "127.0.0.2"); /* joins that question, or begins one; either way the new address */
  g_assert_cmpint (g_atomic_int_get (&n_asked), <=, 3);
  expect_known (fixture, "a.example", "127.0.0.2");
  /* Too old. */
  pass_ms (NET_NAMES_FRESH_MS + NET_NAMES_STALE_MS);
  expect_known (fixture, "a.example", "");
}

/* A name server that is away: what is known holds; what is not known fails, and is asked for again after a
 * while. */
static void
test_server_away (Fixture *fixture, gconstpointer data)
{
  expect (fixture, "a.example", "127.0.0.1");
  g_atomic_int_set (&last, 0);
  pass_ms (NET_NAMES_FRESH_MS);
  expect (fixture, "a.example", "the name server is away");
  expect_known (fixture, "a.example", "127.0.0.1");
  g_assert_cmpint (g_atomic_int_get (&n_asked), ==, 2);
  expect_known (fixture, "a.example", "127.0.0.1");
  g_assert_cmpint (g_atomic_int_get (&n_asked), ==, 2); /* not at once again */
  g_atomic_int_set (&last, 3);
  pass_ms (NET_NAMES_FAILED_MS);
  expect (fixture, "a.example", "127.0.0.3");
}

static void
test_gone (Fixture *fixture, gconstpointer data)
{
  expect (fixture, "a.example", "127.0.0.1");
  g_atomic_int_set (&last, -1);
  pass_ms (NET_NAMES_FRESH_MS);
  expect (fixture, "a.example", "no such name");
  expect_known (fixture, "a.example", ""); /* not even a stale one */
  expect (fixture, "a.example", "no such name");
  g_assert_cmpint (g_atomic_int_get (&n_asked), ==, 2);
  pass_ms (NET_NAMES_FAILED_MS);
  g_atomic_int_set (&last, 4);
  expect (fixture, "a.example", "127.0.0.4");
}

static void
test_equal_questions_are_one (Fixture *fixture, gconstpointer data)
{
  Asker askers[20] = { 0 }, nobody = { .cancelled = TRUE };

  g_mutex_lock (&server);
  begin_ask (fixture, &nobody, "a.example");
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    begin_ask (fixture, &askers[i], "a.example");
  g_mutex_unlock (&server);
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      wait_for_answer (&askers[i], "127.0.0.1");
      g_assert_cmpuint (askers[i].n_answers, ==, 1);
    }
  g_assert_cmpint (g_atomic_int_get (&n_asked), ==, 1);
  g_assert_cmpuint (nobody.n_answers, ==, 0);
}

/* More names than are remembered, and more questions than wait: what does not fit is told so, and memory is
 * bounded. */
static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  enum
  {
    N = NET_NAMES_QUEUE + NET_NAMES_THREADS + 100
  };
  g_autofree Asker *askers = g_new0 (Asker, N);
  char (*hosts)[32] = g_malloc (sizeof *hosts * N);
  guint n_refused = 0;

  g_mutex_lock (&server);
  for (guint i = 0; i < N; i++)
    {
      g_snprintf (hosts[i], sizeof hosts[i], "host-%u.example", i);
      begin_ask (fixture, &askers[i], hosts[i]);
    }
  g_mutex_unlock (&server);
  for (guint i = 0; i < N; i++)
    {
      gint64 end_us = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;

      g_mutex_lock (&askers[i].lock);
      while (askers[i].n_answers == 0)
        g_assert_true (g_cond_wait_until (&askers[i].changed, &askers[i].lock, end_us));
      if (g_str_equal (askers[i].answer, "too many names are being looked up"))
        n_refused++;
      else
        g_assert_cmpstr (askers[i].answer, ==, "127.0.0.1");
      g_mutex_unlock (&askers[i].lock);
    }
  g_assert_cmpuint (n_refused, >=, 100);
  g_assert_cmpuint (n_refused, <=, 100 + NET_NAMES_THREADS);
  g_free (hosts);
  for (guint i = 0; i < 2 * NET_NAMES_MAX; i++)
    {
      char host[32];

      g_snprintf (host, sizeof host, "other-%u.example", i);
      expect (fixture, host, "127.0.0.1");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  apim_manual_clock_init (&clock_of_test, 0);
  g_test_add ("/net/names/literals", Fixture, NULL, set_up, test_literals, tear_down);
  g_test_add ("/net/names/fresh-and-stale", Fixture, NULL, set_up, test_fresh_and_stale, tear_down);
  g_test_add ("/net/names/server-away", Fixture, NULL, set_up, test_server_away, tear_down);
  g_test_add ("/net/names/gone", Fixture, NULL, set_up, test_gone, tear_down);
  g_test_add ("/net/names/equal-questions-are-one", Fixture, NULL, set_up, test_equal_questions_are_one,
              tear_down);
  g_test_add ("/net/names/too-many", Fixture, NULL, set_up, test_too_many, tear_down);
  return g_test_run ();
}
