/* Key Managers that say what is blocked, or anything else (spec/gateway-and-traffic-manager.md 6.5). The test's thread is
 * the Key Manager. */
#include "config.h"
#include "gateway/gw-remote-blocks.h"

#include "upstream-world.h"

#include <unistd.h>

#define QUESTION                                                                                                       \
  "GET /throttle/data/v1/block HTTP/1.1\r\nHost: backend.example:%u\r\nAccept: application/json\r\n"                   \
  "Authorization: Basic Z2F0ZXdheTpzZWNyZXQ=\r\nUser-Agent: apimd\r\n\r\n"
#define LIST "{\"api\":[\"/w/1\"]}"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n" LIST
#define NONE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define MAX_ANSWER 64
#define PATIENCE_MS (PATIENCE_US / 1000)

typedef struct
{
  UpstreamWorld world;
  GPtrArray *managers;
  GwBlockConditions *conditions;
  GwRemoteBlocks *blocks;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  upstream_world_start (&f->world, NULL);
  f->conditions = gw_block_conditions_new (2);
  f->managers = g_ptr_array_new_with_free_func ((GDestroyNotify) gw_key_manager_free);
}

static void
start (Fixture *f, guint n_managers, guint period_ms, guint timeout_ms)
{
  const GwRemoteBlocksSettings settings = { .managers = f->managers,
                                            .user = "gateway",
                                            .password = "secret",
                                            .period_ms = period_ms,
                                            .timeout_ms = timeout_ms,
                                            .max_answer = MAX_ANSWER,
                                            .plain = TRUE };

  for (guint i = 0; i < n_managers; i++)
    {
      GwKeyManager *manager = g_new0 (GwKeyManager, 1);

      manager->host = g_strdup ("backend.example");
      manager->port = f->world.port;
      manager->path = g_strdup ("/services/");
      g_ptr_array_add (f->managers, manager);
    }
  f->blocks = gw_remote_blocks_new (&settings, f->world.reactor, f->world.upstream, f->conditions);
}

/* Parts outlive the workers, and give their targets back before the upstream goes. */
static void
tear_down (Fixture *f, gconstpointer data)
{
  net_reactor_free (f->world.reactor);
  gw_remote_blocks_free (f->blocks);
  gw_block_conditions_free (f->conditions);
  g_ptr_array_unref (f->managers);
  gw_upstream_target_unref (f->world.target);
  gw_upstream_free (f->world.upstream);
  close (f->world.listener);
}

/* The next question, on a connection of its own. */
static int
take_question (Fixture *f)
{
  g_autofree char *question = g_strdup_printf (QUESTION, f->world.port);
  int fd = backend_accept (&f->world);

  backend_expect (fd, question);
  return fd;
}

static void
answer (Fixture *f, const char *text)
{
  int fd = take_question (f);

  backend_answer (fd, text);
  close (fd);
}

static gboolean
blocks (Fixture *f, const char *context)
{
  g_autoptr (GwApi) api = gw_api_new ();
  static const NetHttpRequest request;
  GwThrottleCall call = { .api = api, .tenant = gw_throttle_tenant (context), .request = &request, .peer = "192.0.2.1" };
  GwThrottleRule *rule = gw_block_conditions_rule (f->conditions);
  GwThrottleRefusal refusal;

  api->context = g_strdup (context);
  api->chain.handlers = GW_HANDLER_THROTTLE;
  return !gw_throttle_allows (&rule, 1, &call, &refusal);
}

static void
wait_until (Fixture *f, const char *context, gboolean blocked)
{
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  while (blocks (f, context) != blocked)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (1000);
    }
}

/* Whatever else it says, what was told before holds, and it is asked again. */
static void
test_answers (Fixture *f, gconstpointer data)
{
  static const char *const answers[] = {
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"api\":\"/w/2\"}",
    "HTTP/1.1 500 No\r\nContent-Length: 16\r\n\r\n" LIST,
    "nonsense\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 66\r\n\r\n{}"
    "                                                                ",
  };

  start (f, 1, 10, PATIENCE_MS);
  answer (f, GOOD);
  gw_remote_blocks_wait (f->blocks, PATIENCE_MS);
  g_assert_true (blocks (f, "/w/1"));
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      int fd;

      g_test_message ("%s", answers[i]);
      answer (f, answers[i]);
      fd = take_question (f);
      g_assert_true (blocks (f, "/w/1"));
      backend_answer (fd, GOOD);
      close (fd);
    }
  answer (f, NONE);
  wait_until (f, "/w/1", FALSE);
}

/* Long before the period is over. */
static void
test_refresh (Fixture *f, gconstpointer data)
{
  start (f, 1, 100 * PATIENCE_MS, PATIENCE_MS);
  answer (f, GOOD);
  gw_remote_blocks_wait (f->blocks, PATIENCE_MS);
  gw_remote_blocks_refresh (f->blocks);
  answer (f, NONE);
  wait_until (f, "/w/1", FALSE);
}

/* Two of them: the second one is asked when the first fails. */
static void
test_failover (Fixture *f, gconstpointer data)
{
  start (f, 2, 10, PATIENCE_MS);
  answer (f, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
  answer (f, GOOD);
  wait_until (f, "/w/1", TRUE);
}

/* A gateway that starts waits no longer than for one question. */
static void
test_silence (Fixture *f, gconstpointer data)
{
  int silent;

  start (f, 1, 100 * PATIENCE_MS, 50);
  silent = take_question (f);
  gw_remote_blocks_wait (f->blocks, PATIENCE_MS);
  g_assert_false (blocks (f, "/w/1"));
  backend_expect_end (silent);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/gw-remote-blocks/answers", Fixture, NULL, set_up, test_answers, tear_down);
  g_test_add ("/gw-remote-blocks/refresh", Fixture, NULL, set_up, test_refresh, tear_down);
  g_test_add ("/gw-remote-blocks/failover", Fixture, NULL, set_up, test_failover, tear_down);
  g_test_add ("/gw-remote-blocks/silence", Fixture, NULL, set_up, test_silence, tear_down);
  return g_test_run ();
}
