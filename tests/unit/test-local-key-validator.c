/* A gateway's authenticator that asks the Key Manager of its own process: real rules, a scripted store. */
#include "config.h"
#include "apimd/local-key-validator.h"
#include "gateway/gw-authenticator.h"
#include "net/net-private.h"
#include "tests/unit/kv-world.h"

typedef struct
{
  KvWorld world;
  ApimPool *pool;
  KvDispatch *dispatch;
  GwKeyValidator *validator;
  NetReactor *reactor;
  GwAuthenticator *authenticator;

  /* The call of a test, and its end. */
  GwAuthQuestion question;
  GwAuthCall call;
  GMutex lock;
  GCond changed;
  gboolean done;
  GwAuthStatus status;
  guint code;
  char *tier, *end_user;
} Fixture;

static void
start (Fixture *f, gboolean reads_inline)
{
  ApimLimits limits = { .max_connections = 16, .idle_timeout_ms = 60000, .handshake_timeout_ms = 60000 };
  GError *error = NULL;
  KvStores stores;

  kv_world_init (&f->world);
  fake_store_set_reads_inline (f->world.store, reads_inline);
  stores = (KvStores){ fake_store_keys (f->world.store), fake_store_users (f->world.store), NULL,
                       &f->world.clock.clock };
  f->pool = apim_pool_new ("database", 1, 1);
  f->dispatch = kv_dispatch_new (&f->world.config, &stores, f->world.sessions, f->pool);
  f->validator = local_key_validator_new (f->dispatch);
  f->reactor = net_reactor_new (1, &limits, &apim_clock_system, &error);
  g_assert_no_error (error);
  f->authenticator
      = gw_authenticator_new (f->validator, &gw_auth_standard_settings, f->reactor, &f->world.clock.clock);
  f->question = (GwAuthQuestion){
    .context = TW_TEXT (KV_WORLD_CONTEXT),
    .version = TW_TEXT (KV_WORLD_VERSION),
    .resource = TW_TEXT (KV_WORLD_RESOURCE),
    .verb = TW_TEXT ("GET"),
    .token = TW_TEXT (KV_WORLD_TOKEN),
  };
}

static void
set_up_inline (Fixture *f, gconstpointer data)
{
  start (f, TRUE);
}

static void
set_up_pooled (Fixture *f, gconstpointer data)
{
  start (f, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  apim_pool_free (f->pool);
  net_reactor_free (f->reactor);
  gw_authenticator_free (f->authenticator);
  local_key_validator_free (f->validator);
  kv_dispatch_free (f->dispatch);
  kv_world_clear (&f->world);
  g_free (f->tier);
  g_free (f->end_user);
}

static void
end_call (Fixture *f)
{
  g_mutex_lock (&f->lock);
  f->status = f->call.status;
  f->code = f->call.code;
  if (f->status == GW_AUTH_GRANTED)
    {
      f->tier = g_strdup (f->call.info->tier.bytes);
      f->end_user = g_strdup (f->call.info->end_user_name.bytes);
    }
  gw_auth_call_clear (&f->call);
  f->done = TRUE;
  g_cond_signal (&f->changed);
  g_mutex_unlock (&f->lock);
}

static void
on_done (GwAuthCall *call)
{
  end_call ((Fixture *)((char *)call - G_STRUCT_OFFSET (Fixture, call)));
}

static void
check (NetWorker *worker, gpointer data)
{
  Fixture *f = data;

  f->call = (GwAuthCall){ .done = on_done };
  if (gw_authenticator_check (f->authenticator, worker, &f->question, &f->call) != GW_AUTH_PENDING)
    end_call (f);
}

/* Returns: 0 when granted, else the code, negative when nobody could be asked. */
static int
verdict (Fixture *f, TwText token)
{
  f->question.token = token;
  f->done = FALSE;
  g_clear_pointer (&f->tier, g_free);
  g_clear_pointer (&f->end_user, g_free);
  net_worker_call (net_reactor_worker (f->reactor, 0), check, f);
  g_mutex_lock (&f->lock);
  while (!f->done)
    g_cond_wait (&f->changed, &f->lock);
  g_mutex_unlock (&f->lock);
  return f->status == GW_AUTH_GRANTED ? 0 : f->status == GW_AUTH_UNAVAILABLE ? -(int)f->code : (int)f->code;
}

static void
test_answers (Fixture *f, gconstpointer data)
{
  guint calls;

  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, 0);
  g_assert_cmpstr (f->tier, ==, "Gold");
  g_assert_cmpstr (f->end_user, ==, "bob@carbon.super");
  calls = fake_store_calls (f->world.store, FAKE_TOKEN);
  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, 0);
  g_assert_cmpuint (fake_store_calls (f->world.store, FAKE_TOKEN), ==, calls);
  g_assert_cmpint (verdict (f, TW_TEXT ("unknown")), ==, 900901);
  g_assert_cmpint (verdict (f, (TwText){ NULL, 0 }), ==, 900902);
  f->question.verb = TW_TEXT ("DELETE");
  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, 900906);
}

/* An outage of the database is nobody's refusal, and nothing is remembered of it. */
static void
test_outage (Fixture *f, gconstpointer data)
{
  fake_store_fail (f->world.store, FAKE_RESOURCES, ST_ERROR_UNAVAILABLE, 1);
  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, -900900);
  fake_store_fail (f->world.store, FAKE_TOKEN, ST_ERROR_UNAVAILABLE, 1);
  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, -900900);
  fake_store_fail (f->world.store, FAKE_SUBSCRIPTION, ST_ERROR_UNAVAILABLE, 1);
  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, -900900);
  g_assert_cmpint (verdict (f, TW_TEXT (KV_WORLD_TOKEN)), ==, 0);
}

#define ADD(name, set_up, function)                                                                          \
  g_test_add ("/local-key-validator/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("answers-inline", set_up_inline, test_answers);
  ADD ("answers-from-the-pool", set_up_pooled, test_answers);
  ADD ("outage-inline", set_up_inline, test_outage);
  ADD ("outage-from-the-pool", set_up_pooled, test_outage);
  return g_test_run ();
}
