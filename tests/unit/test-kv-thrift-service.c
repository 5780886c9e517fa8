/* The Thrift service on a connection in memory: inline and through the pool, in order, with the pool full, with the peer gone. */
#include "config.h"
#include "keyvalidator/kv-thrift-service.h"
#include "tests/unit/fake-net-conn.h"
#include "tests/unit/kv-world.h"

#include <string.h>

typedef struct
{
  KvWorld world;
  ApimPool *pool;
  KvDispatch *dispatch;
  KvThriftService *service;
  TwServer *server;
  NetConn *conn;
} Fixture;

static void
start (Fixture *fixture, gboolean reads_inline)
{
  KvWorld *world = &fixture->world;
  KvStores stores;

  kv_world_init (world);
  fake_store_set_reads_inline (world->store, reads_inline);
  stores = (KvStores){ fake_store_keys (world->store), fake_store_users (world->store), NULL, &world->clock.clock };
  fixture->pool = apim_pool_new ("database", 1, 1);
  fixture->dispatch = kv_dispatch_new (&world->config, &stores, world->sessions, fixture->pool);
  fixture->service = kv_thrift_service_new (fixture->dispatch);
  fixture->server = tw_server_new (&world->config.limits, &kv_thrift_service_interface, fixture->service);
  fixture->conn = fake_conn_new (&tw_protocol, fixture->server);
}

static void
set_up_inline (Fixture *fixture, gconstpointer data)
{
  start (fixture, TRUE);
}

static void
set_up_pooled (Fixture *fixture, gconstpointer data)
{
  start (fixture, FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->conn != NULL)
    fake_conn_free (fixture->conn);
  apim_pool_free (fixture->pool);
  fake_worker_run ();
  g_assert_cmpuint (fake_conn_count (), ==, 0);
  tw_server_free (fixture->server);
  kv_thrift_service_free (fixture->service);
  kv_dispatch_free (fixture->dispatch);
  kv_world_clear (&fixture->world);
}

static void
put_u32 (GByteArray *bytes, guint32 value)
{
  guint32 big = GUINT32_TO_BE (value);

  g_byte_array_append (bytes, (const guint8 *) &big, 4);
}

static void
put_field (GByteArray *bytes, guint8 id, const char *text)
{
  g_byte_array_append (bytes, (const guint8[]){ TW_STRING, 0, id }, 3);
  put_u32 (bytes, (guint32) strlen (text));
  g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
}

static void
ask (Fixture *fixture, NetConn *conn, const char *token, gint32 sequence_id)
{
  const char *const texts[]
      = { KV_WORLD_CONTEXT, KV_WORLD_VERSION, token, fixture->world.session_id, "Any", NULL, KV_WORLD_RESOURCE, "GET" };
  g_autoptr (GByteArray) call = g_byte_array_new ();

  put_u32 (call, 0x80010001);
  put_u32 (call, 11);
  g_byte_array_append (call, (const guint8 *) "validateKey", 11);
  put_u32 (call, (guint32) sequence_id);
  for (guint8 i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL)
      put_field (call, i + 1, texts[i]);
  g_byte_array_append (call, (const guint8[]){ 0 }, 1);
  fake_conn_feed (conn, call->data, call->len);
}

/* One reply: what it is, for which sequence id. Moves *at behind the envelope and the first field. */
typedef enum
{
  GRANTED,
  REFUSED,
  THROWN,
} Kind;

static void
expect_replies (NetConn *conn, const Kind *kinds, guint n, gint32 first_sequence_id)
{
  gsize length, at = 0;
  const guint8 *sent = (const guint8 *) fake_conn_sent (conn, &length);

  for (guint i = 0; i < n; i++)
    {
      TwScan scan = { 0 };
      TwEnvelope envelope;
      const char *why;
      const guint8 *body;

      g_assert_cmpint (tw_scan (&scan, sent + at, length - at, 65536, &envelope, &why), ==, TW_SCAN_DONE);
      g_assert_cmpint (envelope.type, ==, TW_REPLY);
      g_assert_cmpint (envelope.sequence_id, ==, first_sequence_id + (gint32) i);
      body = sent + at + envelope.body;
      g_assert_cmpint (body[0], ==, TW_STRUCT);
      g_assert_true ((body[2] != 0) == (kinds[i] == THROWN));
      if (kinds[i] != THROWN) /* field 1 of the DTO: a bool */
        g_assert_cmpint (body[6], ==, kinds[i] == GRANTED);
      at += envelope.length;
    }
  g_assert_cmpuint (at, ==, length);
  fake_conn_forget_sent (conn);
}

static const Kind granted[] = { GRANTED, GRANTED, GRANTED };

static void
test_inline (Fixture *fixture, gconstpointer data)
{
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  expect_replies (fixture->conn, granted, 1, 1);
  ask (fixture, fixture->conn, "unknown", 2);
  expect_replies (fixture->conn, (const Kind[]){ REFUSED }, 1, 2);
}

static void
test_pooled (Fixture *fixture, gconstpointer data)
{
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  g_assert_true (fake_conn_is_busy (fixture->conn));
  fake_worker_wait ();
  g_assert_false (fake_conn_is_busy (fixture->conn));
  expect_replies (fixture->conn, granted, 1, 1);
}

/* A slow look-up and what was sent behind it: answered in the order of the questions. */
static void
test_pipelined_in_order (Fixture *fixture, gconstpointer data)
{
  fake_store_hold (fixture->world.store, FAKE_TOKEN);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  ask (fixture, fixture->conn, "unknown", 2);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 3);
  fake_store_wait_held (fixture->world.store, FAKE_TOKEN, 1);
  fake_store_release (fixture->world.store, FAKE_TOKEN);
  while (fake_conn_is_busy (fixture->conn))
    fake_worker_wait ();
  expect_replies (fixture->conn, (const Kind[]){ GRANTED, REFUSED, GRANTED }, 3, 1);
}

/* One look-up held, one queued: the third is told at once, and is not granted. */
static void
test_full_pool (Fixture *fixture, gconstpointer data)
{
  g_autoptr (NetConn) second = fake_conn_new (&tw_protocol, fixture->server);
  g_autoptr (NetConn) third = fake_conn_new (&tw_protocol, fixture->server);

  fake_store_hold (fixture->world.store, FAKE_TOKEN);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  fake_store_wait_held (fixture->world.store, FAKE_TOKEN, 1);
  ask (fixture, second, KV_WORLD_TOKEN, 1);
  ask (fixture, third, KV_WORLD_TOKEN, 1);
  expect_replies (third, (const Kind[]){ THROWN }, 1, 1);
  fake_store_release (fixture->world.store, FAKE_TOKEN);
  fake_worker_wait ();
  while (fake_conn_is_busy (second))
    fake_worker_wait ();
  expect_replies (fixture->conn, granted, 1, 1);
  expect_replies (second, granted, 1, 1);
}

static void
test_peer_gone_meanwhile (Fixture *fixture, gconstpointer data)
{
  fake_store_hold (fixture->world.store, FAKE_TOKEN);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  fake_store_wait_held (fixture->world.store, FAKE_TOKEN, 1);
  fake_conn_free (g_steal_pointer (&fixture->conn));
  fake_store_release (fixture->world.store, FAKE_TOKEN);
  fake_worker_wait ();
}

static void
test_outage (Fixture *fixture, gconstpointer data)
{
  fake_store_fail (fixture->world.store, FAKE_SUBSCRIPTION, ST_ERROR_TIMEOUT, 1);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  if (fake_conn_is_busy (fixture->conn))
    fake_worker_wait ();
  expect_replies (fixture->conn, (const Kind[]){ THROWN }, 1, 1);
}

/* The session is looked up once per connection, not once per call. */
static void
test_session_is_remembered (Fixture *fixture, gconstpointer data)
{
  guint calls;

  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 1);
  calls = fake_store_calls (fixture->world.store, FAKE_USER);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 2);
  ask (fixture, fixture->conn, KV_WORLD_TOKEN, 3);
  expect_replies (fixture->conn, granted, 3, 1);
  g_assert_cmpuint (fake_store_calls (fixture->world.store, FAKE_USER), ==, calls);
}

#define ADD(name, set_up, function) g_test_add ("/kv-thrift-service/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("inline", set_up_inline, test_inline);
  ADD ("pooled", set_up_pooled, test_pooled);
  ADD ("pipelined-in-order", set_up_pooled, test_pipelined_in_order);
  ADD ("full-pool", set_up_pooled, test_full_pool);
  ADD ("peer-gone-meanwhile", set_up_pooled, test_peer_gone_meanwhile);
  ADD ("outage-inline", set_up_inline, test_outage);
  ADD ("outage-pooled", set_up_pooled, test_outage);
  ADD ("session-is-remembered", set_up_inline, test_session_is_remembered);
  return g_test_run ();
}
