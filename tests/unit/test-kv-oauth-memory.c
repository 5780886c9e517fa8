/* What the OAuth2 endpoints remember of clients and their tokens: until when it is believed, and that nothing wrong ever
 * is. */
#include "config.h"
#include "common/apim-secret.h"
#include "keyvalidator/oauth/kv-oauth-memory.h"

#define KEY "client-1"
#define SECRET "right"
#define TOKEN "4f5e6d7c"
#define SHORT_MS 1000

typedef struct
{
  ApimManualClock clock;
  KvMemory *memory;
  KvOauth oauth; /* what remembering needs of it */
  StOauthClient *client;
  StOauthToken *token;
} Fixture;

static void
follow (Fixture *fixture, gboolean clients_told)
{
  kv_memory_set_clients_told (fixture->memory, clients_told);
  kv_memory_set_state (fixture->memory, KV_MEMORY_FOLLOWING);
}

/* As the database has them. */
static void
make_records (Fixture *fixture)
{
  StOauthClient *client = fixture->client = st_oauth_client_new ();
  StOauthToken *token = fixture->token = st_oauth_token_new ();

  client->id = 7;
  client->key = g_strdup (KEY);
  client->secret = g_strdup (SECRET);
  client->owner.name = g_strdup ("alice");
  client->owner.tenant_domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
  client->grant_types = g_strdup ("client_credentials");
  client->application_token_s = 60;
  token->access_token = g_strdup (TOKEN);
  g_strfreev (token->scopes);
  token->scopes = g_strsplit ("am_application_scope default", " ", -1);
  token->issued_ms = 5;
  token->validity_ms = 3600000;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  apim_manual_clock_init (&fixture->clock, 1500000000000);
  fixture->memory = kv_memory_new (1024 * 1024, SHORT_MS, 0);
  kv_memory_set_heard_until (fixture->memory, G_MAXINT64);
  follow (fixture, TRUE);
  fixture->oauth = (KvOauth){ .stores = { .memory = fixture->memory, .clock = &fixture->clock.clock } };
  apim_hash_key_init (&fixture->oauth.secret_key);
  make_records (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  st_oauth_client_free (fixture->client);
  st_oauth_token_free (fixture->token);
  kv_memory_free (fixture->memory);
}

static void
remember_all (Fixture *fixture, KvCacheTicket ticket)
{
  kv_oauth_remember_client (&fixture->oauth, ticket, fixture->client, &fixture->client->owner);
  kv_oauth_remember_grant (&fixture->oauth, ticket, KEY, NULL, fixture->token);
  kv_oauth_remember_token_kind (&fixture->oauth, ticket, KEY, TRUE);
}

static void
remember (Fixture *fixture)
{
  remember_all (fixture, kv_oauth_memory_ticket (&fixture->oauth));
}

static gboolean
knows_client (Fixture *fixture)
{
  g_autoptr (KvCacheEntry) entry = kv_oauth_recall_client (&fixture->oauth, KEY);

  return entry != NULL;
}

static gboolean
knows_grant (Fixture *fixture)
{
  g_autoptr (KvCacheEntry) entry = kv_oauth_recall_grant (&fixture->oauth, KEY, NULL);

  return entry != NULL;
}

static gboolean
knows_kind (Fixture *fixture)
{
  gboolean jwt = FALSE;

  return kv_oauth_recall_token_kind (&fixture->oauth, KEY, &jwt) && jwt;
}

static void
assert_nothing (Fixture *fixture)
{
  g_assert_false (knows_client (fixture));
  g_assert_false (knows_grant (fixture));
  g_assert_false (knows_kind (fixture));
}

static void
assert_all (Fixture *fixture)
{
  g_assert_true (knows_client (fixture));
  g_assert_true (knows_grant (fixture));
  g_assert_true (knows_kind (fixture));
}

static void
consumer_changed (Fixture *fixture, const char *key)
{
  kv_cache_invalidate (fixture->memory->cache, kv_memory_tag_consumer_key (fixture->memory, key));
}

static void
test_records (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvCacheEntry) entry = NULL;
  g_autoptr (KvCacheEntry) grant = NULL;
  g_autoptr (KvCacheEntry) other = NULL;
  const KvClient *client;
  const KvGranted *granted;

  assert_nothing (fixture);
  remember (fixture);
  assert_all (fixture);
  entry = kv_oauth_recall_client (&fixture->oauth, KEY);
  client = kv_cache_entry_client (entry);
  g_assert_cmpint (client->id, ==, 7);
  g_assert_cmpstr (client->owner_name, ==, "alice");
  g_assert_cmpstr (client->owner_domain, ==, ST_PRIMARY_USER_DOMAIN);
  g_assert_cmpstr (client->tenant_domain, ==, ST_SUPER_TENANT_DOMAIN);
  g_assert_cmpstr (client->grant_types, ==, "client_credentials");
  g_assert_cmpint (client->application_token_s, ==, 60);
  g_assert_true (client->active);
  grant = kv_oauth_recall_grant (&fixture->oauth, KEY, NULL);
  granted = kv_cache_entry_granted (grant);
  g_assert_cmpstr (granted->access_token, ==, TOKEN);
  g_assert_cmpstr (granted->scope, ==, "am_application_scope default");
  g_assert_cmpint (granted->issued_ms, ==, 5);
  g_assert_cmpint (granted->validity_ms, ==, 3600000);
  other = kv_oauth_recall_grant (&fixture->oauth, KEY, ""); /* a parameter, which is not none */
  g_assert_null (other);
}

static void
test_secrets (Fixture *fixture, gconstpointer data)
{
  static const char *const wrong[] = { "", "Right", "righ", "rightt", "right ", KEY };
  g_autoptr (KvCacheEntry) entry = NULL;
  g_autoptr (KvCacheEntry) without = NULL;

  remember (fixture);
  entry = kv_oauth_recall_client (&fixture->oauth, KEY);
  g_assert_true (kv_oauth_client_has_secret (&fixture->oauth, kv_cache_entry_client (entry), SECRET));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (kv_oauth_client_has_secret (&fixture->oauth, kv_cache_entry_client (entry), wrong[i]));
  /* A client without a secret has not the empty one. */
  fixture->client->secret[0] = '\0';
  remember (fixture);
  without = kv_oauth_recall_client (&fixture->oauth, KEY);
  g_assert_false (kv_oauth_client_has_secret (&fixture->oauth, kv_cache_entry_client (without), ""));
}

static void
test_client_changed (Fixture *fixture, gconstpointer data)
{
  remember (fixture);
  consumer_changed (fixture, "client-2");
  assert_all (fixture);
  consumer_changed (fixture, KEY);
  assert_nothing (fixture);
}

static void
test_token_changed (Fixture *fixture, gconstpointer data)
{
  char hex[APIM_SHA256_HEX_SIZE];

  g_assert_true (apim_sha256_hex (TOKEN, strlen (TOKEN), hex));
  remember (fixture);
  kv_cache_invalidate (fixture->memory->cache, kv_memory_tag_token (fixture->memory, hex));
  g_assert_false (knows_grant (fixture));
  g_assert_true (knows_client (fixture));
  g_assert_true (knows_kind (fixture));
}

/* Between the read and the remembering. */
static void
test_changed_meanwhile (Fixture *fixture, gconstpointer data)
{
  KvCacheTicket ticket = kv_oauth_memory_ticket (&fixture->oauth);

  consumer_changed (fixture, KEY);
  remember_all (fixture, ticket);
  assert_nothing (fixture);
}

/* The follower hangs, or says that the feed cannot be read. */
static void
test_feed_gone (Fixture *fixture, gconstpointer data)
{
  remember (fixture);
  kv_memory_set_heard_until (fixture->memory, apim_clock_monotonic_us (&fixture->clock.clock) - 1);
  assert_nothing (fixture);
  kv_memory_set_heard_until (fixture->memory, G_MAXINT64);
  assert_all (fixture);
  kv_memory_set_state (fixture->memory, KV_MEMORY_BYPASSED);
  assert_nothing (fixture);
  remember (fixture);
  follow (fixture, TRUE);
  assert_nothing (fixture);
}

static void
test_no_feed (Fixture *fixture, gconstpointer data)
{
  kv_memory_set_state (fixture->memory, KV_MEMORY_SHORT_LIVED);
  remember (fixture);
  assert_all (fixture);
  apim_manual_clock_advance (&fixture->clock, SHORT_MS);
  assert_nothing (fixture);
}

/* A feed from before it told of clients. What an application's tokens are was told even then. */
static void
test_clients_not_told (Fixture *fixture, gconstpointer data)
{
  kv_memory_set_state (fixture->memory, KV_MEMORY_BYPASSED);
  follow (fixture, FALSE);
  remember (fixture);
  assert_all (fixture);
  apim_manual_clock_advance (&fixture->clock, SHORT_MS);
  g_assert_false (knows_client (fixture));
  g_assert_false (knows_grant (fixture));
  g_assert_true (knows_kind (fixture));
}

static void
test_no_memory (void)
{
  ApimManualClock clock;
  KvOauth oauth = { .stores = { .clock = &clock.clock } };
  g_autoptr (StOauthClient) client = st_oauth_client_new ();
  gboolean jwt;

  apim_manual_clock_init (&clock, 0);
  client->key = g_strdup (KEY);
  kv_oauth_remember_client (&oauth, kv_oauth_memory_ticket (&oauth), client, &client->owner);
  g_assert_null (kv_oauth_recall_client (&oauth, KEY));
  g_assert_null (kv_oauth_recall_grant (&oauth, KEY, NULL));
  g_assert_false (kv_oauth_recall_token_kind (&oauth, KEY, &jwt));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*run) (Fixture *fixture, gconstpointer data);
  } tests[] = { { "records", test_records },
                { "secrets", test_secrets },
                { "client-changed", test_client_changed },
                { "token-changed", test_token_changed },
                { "changed-meanwhile", test_changed_meanwhile },
                { "feed-gone", test_feed_gone },
                { "no-feed", test_no_feed },
                { "clients-not-told", test_clients_not_told } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/oauth-memory/", tests[i].path, NULL);

      g_test_add (path, Fixture, NULL, set_up, tests[i].run, tear_down);
    }
  g_test_add_func ("/oauth-memory/no-memory", test_no_memory);
  return g_test_run ();
}
