#include "config.h"
#include "kv-cache-world.h"

#include "core/core-validation.h"
#include "keyvalidator/kv-changes.h"

#include <string.h>

/* Finding */

static void
test_insert_and_find (CacheWorld *fixture, gconstpointer data)
{
  g_assert_false (world_is_cached (fixture, 1));
  g_assert_true (world_insert (fixture, 1));
  g_assert_true (world_is_cached (fixture, 1));
  g_assert_false (world_is_cached (fixture, 2));
}

/* What is borrowed from the cache serves the decision as it is. */
static void
test_decision (CacheWorld *fixture, gconstpointer data)
{
  const CoreValidationRules rules = { .application_token_scope = "am_application_scope" };
  const CoreValidationRequest request = { CORE_VALIDATE_KEY, "/pizza/1.0", "1.0", "Any", NULL, NULL };
  CoreFacts facts = { .token_known = TRUE };
  g_autoptr (KvCacheEntry) entry = NULL;
  CoreDecision decision;

  g_assert_true (world_insert (fixture, 1));
  entry = world_find (fixture, 1);
  facts.token = kv_cache_entry_token (entry, &facts.token_tenant_domain);
  g_assert_cmpint (core_validation_next (&request, &facts, &rules, 2000, &decision), ==, CORE_NEED_SUBSCRIPTION);
  g_assert_cmpstr (decision.end_user_name, ==, "mary@carbon.super");
  /* The same fact, an hour later. */
  g_assert_cmpint (core_validation_next (&request, &facts, &rules, 3600001, &decision), ==, CORE_NEED_NOTHING);
  g_assert_cmpint (decision.status, ==, CORE_STATUS_INVALID_CREDENTIALS);
}

static void
test_every_kind (CacheWorld *fixture, gconstpointer data)
{
  const ApimHashKey *hash = kv_cache_hash_key (fixture->cache);
  KvCacheLoad load = { .ticket = kv_cache_ticket (fixture->cache, START) };
  g_autoptr (StScope) scope = st_scope_new ();
  g_autoptr (StSubscription) subscription = st_subscription_new ();
  g_autoptr (StApiDefault) api = st_api_default_new ();
  g_autoptr (StToken) token = world_make_record (START);
  const char *const roles[] = { "cook", NULL };
  const char *const says[] = { "mary", NULL, "" };
  const KvSignedJwt jwt = { (char *) "a.b.c", START + 1 };
  const KvClient client = { .id = 7, .grant_types = (char *) "password" };
  const KvGranted granted = { .access_token = (char *) "t", .scope = (char *) "default" };
  const KvTokenKind token_kind = { TRUE };
  char buffers[5][KV_CACHE_KEY_SIZE];
  KvCacheKey keys[KV_N_FACTS];
  KvCacheEntry *entries[KV_N_FACTS];
  const char *domain;

  scope->roles = g_new0 (char *, 1);
  g_assert_true (kv_cache_key_scope (&keys[KV_FACT_SCOPE], hash, "/a"));
  g_assert_true (kv_cache_key_api_default (&keys[KV_FACT_API_DEFAULT], hash, "/a"));
  g_assert_true (kv_cache_key_token (&keys[KV_FACT_TOKEN], hash, "/a", 2));
  g_assert_true (
      kv_cache_key_self_contained (&keys[KV_FACT_SELF_CONTAINED], hash, buffers[4], 1, "a.b.c", strlen ("a.b.c")));
  g_assert_true (kv_cache_key_roles (&keys[KV_FACT_ROLES], hash, buffers[0], 1, "PRIMARY", "mary"));
  g_assert_true (kv_cache_key_subscription (&keys[KV_FACT_SUBSCRIPTION], hash, buffers[1], "/a", NULL, "consumer", 1));
  g_assert_true (kv_cache_key_jwt (&keys[KV_FACT_JWT], hash, buffers[2], 1, 1, says, G_N_ELEMENTS (says)));
  g_assert_true (kv_cache_key_client (&keys[KV_FACT_CLIENT], hash, "/a"));
  g_assert_true (kv_cache_key_grant (&keys[KV_FACT_GRANT], hash, buffers[3], "/a", NULL));
  g_assert_true (kv_cache_key_token_kind (&keys[KV_FACT_TOKEN_KIND], hash, "/a"));
  load.key = &keys[KV_FACT_SCOPE];
  g_assert_true (kv_cache_insert_scope (fixture->cache, &load, scope));
  load.key = &keys[KV_FACT_SELF_CONTAINED];
  g_assert_true (kv_cache_insert_token (fixture->cache, &load, token, "example.com"));
  load.key = &keys[KV_FACT_API_DEFAULT];
  g_assert_true (kv_cache_insert_api_default (fixture->cache, &load, api));
  load.key = &keys[KV_FACT_SUBSCRIPTION];
  g_assert_true (kv_cache_insert_subscription (fixture->cache, &load, subscription));
  load.key = &keys[KV_FACT_ROLES];
  g_assert_true (kv_cache_insert_roles (fixture->cache, &load, roles));
  load.key = &keys[KV_FACT_JWT];
  g_assert_true (kv_cache_insert_jwt (fixture->cache, &load, &jwt));
  load.key = &keys[KV_FACT_CLIENT];
  g_assert_true (kv_cache_insert_client (fixture->cache, &load, &client));
  load.key = &keys[KV_FACT_GRANT];
  g_assert_true (kv_cache_insert_grant (fixture->cache, &load, &granted));
  load.key = &keys[KV_FACT_TOKEN_KIND];
  g_assert_true (kv_cache_insert_token_kind (fixture->cache, &load, &token_kind));

  for (guint kind = 0; kind < KV_N_FACTS; kind++)
    entries[kind] = kv_cache_find (fixture->cache, &keys[kind], START);
  g_assert_null (entries[KV_FACT_TOKEN]);
  g_assert_cmpint (kv_cache_entry_token (entries[KV_FACT_SELF_CONTAINED], &domain)->issued_ms, ==, token->issued_ms);
  g_assert_cmpstr (domain, ==, "example.com");
  g_assert_nonnull (kv_cache_entry_scope (entries[KV_FACT_SCOPE]));
  g_assert_nonnull (kv_cache_entry_api_default (entries[KV_FACT_API_DEFAULT]));
  g_assert_nonnull (kv_cache_entry_subscription (entries[KV_FACT_SUBSCRIPTION]));
  g_assert_cmpstr (kv_cache_entry_roles (entries[KV_FACT_ROLES])[0], ==, "cook");
  g_assert_cmpstr (kv_cache_entry_jwt (entries[KV_FACT_JWT])->text, ==, "a.b.c");
  g_assert_cmpint (kv_cache_entry_client (entries[KV_FACT_CLIENT])->id, ==, 7);
  g_assert_cmpstr (kv_cache_entry_client (entries[KV_FACT_CLIENT])->grant_types, ==, "password");
  g_assert_cmpstr (kv_cache_entry_granted (entries[KV_FACT_GRANT])->access_token, ==, "t");
  g_assert_cmpstr (kv_cache_entry_granted (entries[KV_FACT_GRANT])->scope, ==, "default");
  g_assert_true (kv_cache_entry_token_kind (entries[KV_FACT_TOKEN_KIND])->jwt);
  for (guint kind = 0; kind < KV_N_FACTS; kind++)
    kv_cache_entry_unref (entries[kind]);
}

static void
test_absent_is_a_fact (CacheWorld *fixture, gconstpointer data)
{
  KvCacheLoad load = { .ticket = kv_cache_ticket (fixture->cache, START) };
  g_autoptr (KvCacheEntry) entry = NULL;
  KvCacheKey key;

  g_assert_true (kv_cache_key_scope (&key, kv_cache_hash_key (fixture->cache), "/a"));
  load.key = &key;
  g_assert_null (kv_cache_find (fixture->cache, &key, START));
  g_assert_true (kv_cache_insert_scope (fixture->cache, &load, NULL));
  entry = kv_cache_find (fixture->cache, &key, START);
  g_assert_nonnull (entry);
  g_assert_null (kv_cache_entry_scope (entry));
}

/* Keys of one hash, as nobody outside can make them: slow, and right. A change of one may by chance be one of another
 * (kv-changes.h). */
static void
test_equal_hashes (CacheWorld *fixture, gconstpointer data)
{
  KvCacheTicket before = kv_cache_ticket (fixture->cache, START);

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < 500; i++)
      {
        g_autoptr (KvCacheEntry) entry = NULL;
        KvCacheLoad load;
        Token token;

        world_make_token (fixture, i, &token);
        token.key.hash = 0x1234567800000000 + G_MAXUINT32;
        load = world_begin_load (fixture, &token);
        load.n_tags = i % 3 == 0 ? 1 : 0; /* the others never change, not even by chance */
        if (round == 0)
          g_assert_true (world_end_load (fixture, &load, i));
        else if (i % 3 == 0)
          kv_cache_invalidate (fixture->cache, load.tags[0]);
        entry = kv_cache_find (fixture->cache, &token.key, START);
        load.ticket = before;
        g_assert_true ((entry == NULL) == kv_cache_load_is_stale (fixture->cache, &load));
        g_assert_true (entry == NULL || world_issued_ms (entry) == i);
        g_assert_true (entry == NULL || round == 0 || i % 3 != 0);
      }
}

/* Change */

/* Whether a change of this tag is taken for a change of the token: it is one, or by chance (1 in 65,536 per tag). */
static gboolean
shares_slot (CacheWorld *fixture, guint64 changed, guint number)
{
  gboolean shared = FALSE;
  KvCacheLoad load;
  Token token;

  world_make_token (fixture, number, &token);
  load = world_begin_load (fixture, &token);
  for (guint i = 0; i < load.n_tags; i++)
    shared |= kv_changes_slot (changed) == kv_changes_slot (load.tags[i]);
  return shared;
}

typedef struct
{
  const char *name;
  KvTagKind kind;
  const char *text;
  gboolean survives;
} InvalidationCase;

static const InvalidationCase invalidations[] = {
  { "consumer-key", KV_TAG_CONSUMER_KEY, "consumer", FALSE },
  { "user", KV_TAG_USER, "mary", FALSE },
  { "other-text", KV_TAG_USER, "marx", TRUE },
  { "part-of-text", KV_TAG_USER, "mar", TRUE },
  { "other-kind", KV_TAG_API, "mary", TRUE },
  { "not-a-tag-of-it", KV_TAG_TENANT, "1", TRUE },
};

static void
test_invalidate (CacheWorld *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (invalidations); i++)
    {
      const InvalidationCase *c = &invalidations[i];
      guint64 changed = world_tag (fixture, c->kind, c->text);

      g_test_message ("%s", c->name);
      g_assert_true (world_insert (fixture, 1));
      kv_cache_invalidate (fixture->cache, changed);
      g_assert_cmpint (world_is_cached (fixture, 1), ==, c->survives && !shares_slot (fixture, changed, 1));
    }
}

static void
test_invalidate_one (CacheWorld *fixture, gconstpointer data)
{
  guint64 changed;
  Token token;

  world_make_token (fixture, 1, &token);
  changed = world_tag (fixture, KV_TAG_TOKEN, token.text);
  for (guint i = 0; i < 100; i++)
    g_assert_true (world_insert (fixture, i));
  kv_cache_invalidate (fixture->cache, changed);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (world_is_cached (fixture, i), ==, !shares_slot (fixture, changed, i));
  g_assert_true (world_insert (fixture, 1));
  g_assert_true (world_is_cached (fixture, 1));
}

static void
test_clear (CacheWorld *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    g_assert_true (world_insert (fixture, i));
  kv_cache_clear (fixture->cache);
  for (guint i = 0; i < 100; i++)
    g_assert_false (world_is_cached (fixture, i));
  g_assert_cmpuint (world_token_counters (fixture).entries, ==, 0);
  g_assert_true (world_insert (fixture, 1));
  g_assert_true (world_is_cached (fixture, 1));
}

static void
test_bypass (CacheWorld *fixture, gconstpointer data)
{
  g_assert_true (world_insert (fixture, 1));
  kv_cache_bypass (fixture->cache, TRUE);
  g_assert_false (world_is_cached (fixture, 1));
  g_assert_false (world_insert (fixture, 2));
  kv_cache_invalidate (fixture->cache, world_tag (fixture, KV_TAG_USER, "mary")); /* told late */
  kv_cache_bypass (fixture->cache, FALSE);
  g_assert_false (world_is_cached (fixture, 1));
  g_assert_false (world_is_cached (fixture, 2));
  g_assert_true (world_insert (fixture, 2));
  g_assert_true (world_is_cached (fixture, 2));
}

/* Two tags of one slot: the worst is a miss. */
static void
test_shared_slot (CacheWorld *fixture, gconstpointer data)
{
  guint16 wanted = kv_changes_slot (world_tag (fixture, KV_TAG_USER, "mary"));
  char text[16];
  guint i = 0;

  g_assert_true (world_insert (fixture, 1));
  do
    g_snprintf (text, sizeof text, "user%u", i++);
  while (kv_changes_slot (world_tag (fixture, KV_TAG_USER, text)) != wanted);
  kv_cache_invalidate (fixture->cache, world_tag (fixture, KV_TAG_USER, text));
  g_assert_false (world_is_cached (fixture, 1));
}

/* Hazard O29: a token is revoked while it is being read. */
static void
test_revoked_during_load (CacheWorld *fixture, gconstpointer data)
{
  KvCacheLoad load;
  Token token;

  world_make_token (fixture, 1, &token);
  load = world_begin_load (fixture, &token); /* the old row is read ... */
  kv_cache_invalidate (fixture->cache, load.tags[0]);
  g_assert_true (kv_cache_load_is_stale (fixture->cache, &load));
  g_assert_false (world_end_load (fixture, &load, 1));
  g_assert_false (world_is_cached (fixture, 1));

  load = world_begin_load (fixture, &token); /* ... and the new one */
  g_assert_false (kv_cache_load_is_stale (fixture->cache, &load));
  g_assert_true (world_end_load (fixture, &load, 1));
  g_assert_true (world_is_cached (fixture, 1));

  load = world_begin_load (fixture, &token);
  kv_cache_clear (fixture->cache);
  g_assert_false (world_end_load (fixture, &load, 1));
  g_assert_false (world_is_cached (fixture, 1));
}

/* Under constant change of other things a load is still stored. */
static void
test_churn_during_load (CacheWorld *fixture, gconstpointer data)
{
  KvCacheLoad load;
  Token token;

  world_make_token (fixture, 1, &token);
  load = world_begin_load (fixture, &token);
  for (guint i = 0, told = 0; told < 1000; i++)
    {
      guint64 other = kv_cache_tag (fixture->cache, KV_TAG_TOKEN, &i, sizeof i);

      if (shares_slot (fixture, other, 1))
        continue;
      kv_cache_invalidate (fixture->cache, other);
      told++;
    }
  g_assert_true (world_end_load (fixture, &load, 1));
  g_assert_true (world_is_cached (fixture, 1));
}

/* Two loads of one key: what was read later stays, whoever comes last. */
static void
test_later_load_wins (CacheWorld *fixture, gconstpointer data)
{
  g_autoptr (KvCacheEntry) entry = NULL;
  KvCacheLoad earlier, later;
  Token token;

  world_make_token (fixture, 1, &token);
  earlier = world_begin_load (fixture, &token);
  kv_cache_invalidate (fixture->cache, world_tag (fixture, KV_TAG_API, "/elsewhere"));
  later = world_begin_load (fixture, &token);
  g_assert_true (world_end_load (fixture, &later, 2));
  g_assert_false (world_end_load (fixture, &earlier, 1));
  entry = world_find (fixture, 1);
  g_assert_cmpint (world_issued_ms (entry), ==, 2);
  g_clear_pointer (&entry, kv_cache_entry_unref);

  g_assert_true (world_end_load (fixture, &later, 3));
  entry = world_find (fixture, 1);
  g_assert_cmpint (world_issued_ms (entry), ==, 3);
  g_assert_cmpuint (world_token_counters (fixture).entries, ==, 1);
}

static void
test_max_age (void)
{
  CacheWorld fixture = { kv_cache_new (MIB, 2000), START };

  g_assert_true (world_insert (&fixture, 1));
  g_assert_true (world_is_cached (&fixture, 1));
  fixture.now_us = START - SECOND; /* another worker's clock may be behind */
  g_assert_true (world_is_cached (&fixture, 1));
  fixture.now_us = START + 2 * SECOND - 1;
  g_assert_true (world_is_cached (&fixture, 1));
  fixture.now_us = START + 2 * SECOND;
  g_assert_false (world_is_cached (&fixture, 1));
  /* Age begins with the read: what came late is old at once, and never older than it may be. */
  fixture.now_us = START + 99999;
  g_assert_true (world_insert (&fixture, 2));
  fixture.now_us = START + 99999 + 2 * SECOND;
  g_assert_false (world_is_cached (&fixture, 2));
  kv_cache_free (fixture.cache);
}

static void
test_borrowed_entry_stays (void)
{
  CacheWorld fixture = { kv_cache_new (MIB, 0), START };
  g_autoptr (KvCacheEntry) entry = NULL;
  g_autoptr (KvCacheEntry) second = NULL;

  g_assert_true (world_insert (&fixture, 1));
  g_assert_true (world_insert (&fixture, 2));
  entry = world_find (&fixture, 1);
  second = world_find (&fixture, 2);
  kv_cache_clear (fixture.cache);
  g_assert_false (world_is_cached (&fixture, 1));
  kv_cache_free (fixture.cache);
  g_assert_cmpint (world_issued_ms (entry), ==, 1);
  g_assert_cmpint (world_issued_ms (second), ==, 2);
}

static void
test_counters (CacheWorld *fixture, gconstpointer data)
{
  KvCacheCounters counters;
  Token token;

  for (guint i = 0; i < 10; i++)
    world_insert (fixture, i);
  for (guint i = 0; i < 15; i++)
    world_is_cached (fixture, i);
  world_make_token (fixture, 1, &token);
  kv_cache_invalidate (fixture->cache, world_tag (fixture, KV_TAG_TOKEN, token.text));
  world_is_cached (fixture, 1);
  kv_cache_bypass (fixture->cache, TRUE);
  world_is_cached (fixture, 2);
  world_insert (fixture, 2);
  kv_cache_counters (fixture->cache, &counters);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].inserts, ==, 10);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].hits, ==, 10);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].misses, ==, 6);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].outdated, ==, 1);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].refused, ==, 1);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].evictions, ==, 0);
  g_assert_cmpuint (counters.kinds[KV_FACT_TOKEN].entries, ==, 9);
  g_assert_cmpuint (counters.kinds[KV_FACT_SCOPE].misses, ==, 0);
  g_assert_cmpuint (counters.bypassed, ==, 1);
  g_assert_cmpuint (counters.limit, ==, MIB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, mib, test)                                                                                       \
  g_test_add ("/kv-cache/" path, CacheWorld, GUINT_TO_POINTER (mib), world_set_up, test, world_tear_down)
  ADD ("insert-and-find", 1, test_insert_and_find);
  ADD ("decision", 1, test_decision);
  ADD ("every-kind", 1, test_every_kind);
  ADD ("absent-is-a-fact", 1, test_absent_is_a_fact);
  ADD ("equal-hashes", 64, test_equal_hashes);
  ADD ("change/invalidate", 1, test_invalidate);
  ADD ("change/invalidate-one", 1, test_invalidate_one);
  ADD ("change/clear", 1, test_clear);
  ADD ("change/bypass", 1, test_bypass);
  ADD ("change/shared-slot", 1, test_shared_slot);
  ADD ("change/during-load", 1, test_revoked_during_load);
  ADD ("change/churn-during-load", 1, test_churn_during_load);
  ADD ("change/later-load-wins", 1, test_later_load_wins);
  g_test_add_func ("/kv-cache/max-age", test_max_age);
  g_test_add_func ("/kv-cache/borrowed-entry-stays", test_borrowed_entry_stays);
  ADD ("counters", 1, test_counters);
  return g_test_run ();
}
