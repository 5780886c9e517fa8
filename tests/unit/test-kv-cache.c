#include "config.h"
#include "keyvalidator/kv-cache.h"

#include "core/core-validation.h"
#include "keyvalidator/kv-changes.h"

#include <string.h>

#define MIB (1024 * 1024)
#define SECOND G_GINT64_CONSTANT (1000000)
#define START (1000 * SECOND)

typedef struct
{
  KvCache *cache;
  gint64 now_us;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer limit_mib)
{
  fixture->cache = kv_cache_new ((gsize) GPOINTER_TO_UINT (limit_mib) * MIB, 0);
  fixture->now_us = START;
}

static void
tear_down (Fixture *fixture, gconstpointer limit_mib)
{
  kv_cache_free (fixture->cache);
}

/* A token of the usual size: 36 characters, a consumer key of 28. */
typedef struct
{
  char text[37];
  KvCacheKey key;
} Token;

static void
make_token (Fixture *fixture, guint number, Token *token)
{
  g_snprintf (token->text, sizeof token->text, "%08x-5ad1-4c0f-9f31-%012x", number * 2654435761u, number);
  g_assert_true (kv_cache_key_token (&token->key, kv_cache_hash_key (fixture->cache), token->text, 36));
}

static StToken *
make_record (gint64 issued_ms)
{
  StToken *record = st_token_new ();

  record->consumer_key = g_strdup ("nCzWkVJYzyuNuCgUnFNbkzuWJMIa");
  record->user_name = g_strdup ("mary");
  record->tenant_id = ST_SUPER_TENANT_ID;
  record->user_domain = g_strdup (ST_PRIMARY_USER_DOMAIN);
  record->user_type = g_strdup ("APPLICATION_USER");
  record->issued_ms = issued_ms;
  record->validity_ms = 3600000;
  record->scopes = g_strsplit ("orders:read", " ", -1);
  return record;
}

static guint64
tag (Fixture *fixture, KvTagKind kind, const char *text)
{
  return kv_cache_tag (fixture->cache, kind, text, strlen (text));
}

/* What a reader notes before it asks the database. */
static KvCacheLoad
begin_load (Fixture *fixture, const Token *token)
{
  return (KvCacheLoad){
    .key = &token->key,
    .ticket = kv_cache_ticket (fixture->cache, fixture->now_us),
    .tags = { tag (fixture, KV_TAG_TOKEN, token->text), tag (fixture, KV_TAG_CONSUMER_KEY, "consumer"),
              tag (fixture, KV_TAG_USER, "mary") },
    .n_tags = 3,
  };
}

static gboolean
end_load (Fixture *fixture, const KvCacheLoad *load, gint64 issued_ms)
{
  g_autoptr (StToken) record = make_record (issued_ms);

  return kv_cache_insert_token (fixture->cache, load, record, ST_SUPER_TENANT_DOMAIN);
}

static gboolean
insert (Fixture *fixture, guint number)
{
  Token token;
  KvCacheLoad load;

  make_token (fixture, number, &token);
  load = begin_load (fixture, &token);
  return end_load (fixture, &load, number);
}

static KvCacheEntry *
find (Fixture *fixture, guint number)
{
  Token token;

  make_token (fixture, number, &token);
  return kv_cache_find (fixture->cache, &token.key, fixture->now_us);
}

static gint64
issued_ms (const KvCacheEntry *entry)
{
  const char *tenant_domain;

  return kv_cache_entry_token (entry, &tenant_domain)->issued_ms;
}

static gboolean
is_cached (Fixture *fixture, guint number)
{
  g_autoptr (KvCacheEntry) entry = find (fixture, number);

  if (entry != NULL)
    g_assert_cmpint (issued_ms (entry), ==, number);
  return entry != NULL;
}

static KvCacheKindCounters
token_counters (Fixture *fixture)
{
  KvCacheCounters counters;

  kv_cache_counters (fixture->cache, &counters);
  return counters.kinds[KV_FACT_TOKEN];
}

static gsize
total_bytes (Fixture *fixture)
{
  KvCacheCounters counters;
  gsize bytes;

  kv_cache_counters (fixture->cache, &counters);
  bytes = counters.table_bytes;
  for (guint kind = 0; kind < KV_N_FACTS; kind++)
    bytes += counters.kinds[kind].bytes;
  return bytes;
}

/* Finding */

static void
test_insert_and_find (Fixture *fixture, gconstpointer data)
{
  g_assert_false (is_cached (fixture, 1));
  g_assert_true (insert (fixture, 1));
  g_assert_true (is_cached (fixture, 1));
  g_assert_false (is_cached (fixture, 2));
}

/* What is borrowed from the cache serves the decision as it is. */
static void
test_decision (Fixture *fixture, gconstpointer data)
{
  const CoreValidationRules rules = { .application_token_scope = "am_application_scope" };
  const CoreValidationRequest request = { CORE_VALIDATE_KEY, "/pizza/1.0", "1.0", "Any", NULL, NULL };
  CoreFacts facts = { .token_known = TRUE };
  g_autoptr (KvCacheEntry) entry = NULL;
  CoreDecision decision;

  g_assert_true (insert (fixture, 1));
  entry = find (fixture, 1);
  facts.token = kv_cache_entry_token (entry, &facts.token_tenant_domain);
  g_assert_cmpint (core_validation_next (&request, &facts, &rules, 2000, &decision), ==, CORE_NEED_SUBSCRIPTION);
  g_assert_cmpstr (decision.end_user_name, ==, "mary@carbon.super");
  /* The same fact, an hour later. */
  g_assert_cmpint (core_validation_next (&request, &facts, &rules, 3600001, &decision), ==, CORE_NEED_NOTHING);
  g_assert_cmpint (decision.status, ==, CORE_STATUS_INVALID_CREDENTIALS);
}

static void
test_every_kind (Fixture *fixture, gconstpointer data)
{
  const ApimHashKey *hash = kv_cache_hash_key (fixture->cache);
  KvCacheLoad load = { .ticket = kv_cache_ticket (fixture->cache, START) };
  g_autoptr (StScope) scope = st_scope_new ();
  g_autoptr (StSubscription) subscription = st_subscription_new ();
  g_autoptr (StApiDefault) api = st_api_default_new ();
  g_autoptr (StToken) token = make_record (START);
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
test_absent_is_a_fact (Fixture *fixture, gconstpointer data)
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

/* Keys of one hash, as nobody outside can make them: slow, and right. A change of one may by chance be one of another (kv-changes.h). */
static void
test_equal_hashes (Fixture *fixture, gconstpointer data)
{
  KvCacheTicket before = kv_cache_ticket (fixture->cache, START);

  for (guint round = 0; round < 2; round++)
    for (guint i = 0; i < 500; i++)
      {
        g_autoptr (KvCacheEntry) entry = NULL;
        KvCacheLoad load;
        Token token;

        make_token (fixture, i, &token);
        token.key.hash = 0x1234567800000000 + G_MAXUINT32;
        load = begin_load (fixture, &token);
        load.n_tags = i % 3 == 0 ? 1 : 0; /* the others never change, not even by chance */
        if (round == 0)
          g_assert_true (end_load (fixture, &load, i));
        else if (i % 3 == 0)
          kv_cache_invalidate (fixture->cache, load.tags[0]);
        entry = kv_cache_find (fixture->cache, &token.key, START);
        load.ticket = before;
        g_assert_true ((entry == NULL) == kv_cache_load_is_stale (fixture->cache, &load));
        g_assert_true (entry == NULL || issued_ms (entry) == i);
        g_assert_true (entry == NULL || round == 0 || i % 3 != 0);
      }
}

/* Change */

/* Whether a change of this tag is taken for a change of the token: it is one, or by chance (1 in 65,536 per tag). */
static gboolean
shares_slot (Fixture *fixture, guint64 changed, guint number)
{
  gboolean shared = FALSE;
  KvCacheLoad load;
  Token token;

  make_token (fixture, number, &token);
  load = begin_load (fixture, &token);
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
test_invalidate (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (invalidations); i++)
    {
      const InvalidationCase *c = &invalidations[i];
      guint64 changed = tag (fixture, c->kind, c->text);

      g_test_message ("%s", c->name);
      g_assert_true (insert (fixture, 1));
      kv_cache_invalidate (fixture->cache, changed);
      g_assert_cmpint (is_cached (fixture, 1), ==, c->survives && !shares_slot (fixture, changed, 1));
    }
}

static void
test_invalidate_one (Fixture *fixture, gconstpointer data)
{
  guint64 changed;
  Token token;

  make_token (fixture, 1, &token);
  changed = tag (fixture, KV_TAG_TOKEN, token.text);
  for (guint i = 0; i < 100; i++)
    g_assert_true (insert (fixture, i));
  kv_cache_invalidate (fixture->cache, changed);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (is_cached (fixture, i), ==, !shares_slot (fixture, changed, i));
  g_assert_true (insert (fixture, 1));
  g_assert_true (is_cached (fixture, 1));
}

static void
test_clear (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    g_assert_true (insert (fixture, i));
  kv_cache_clear (fixture->cache);
  for (guint i = 0; i < 100; i++)
    g_assert_false (is_cached (fixture, i));
  g_assert_cmpuint (token_counters (fixture).entries, ==, 0);
  g_assert_true (insert (fixture, 1));
  g_assert_true (is_cached (fixture, 1));
}

static void
test_bypass (Fixture *fixture, gconstpointer data)
{
  g_assert_true (insert (fixture, 1));
  kv_cache_bypass (fixture->cache, TRUE);
  g_assert_false (is_cached (fixture, 1));
  g_assert_false (insert (fixture, 2));
  kv_cache_invalidate (fixture->cache, tag (fixture, KV_TAG_USER, "mary")); /* told late */
  kv_cache_bypass (fixture->cache, FALSE);
  g_assert_false (is_cached (fixture, 1));
  g_assert_false (is_cached (fixture, 2));
  g_assert_true (insert (fixture, 2));
  g_assert_true (is_cached (fixture, 2));
}

/* Two tags of one slot: the worst is a miss. */
static void
test_shared_slot (Fixture *fixture, gconstpointer data)
{
  guint16 wanted = kv_changes_slot (tag (fixture, KV_TAG_USER, "mary"));
  char text[16];
  guint i = 0;

  g_assert_true (insert (fixture, 1));
  do
    g_snprintf (text, sizeof text, "user%u", i++);
  while (kv_changes_slot (tag (fixture, KV_TAG_USER, text)) != wanted);
  kv_cache_invalidate (fixture->cache, tag (fixture, KV_TAG_USER, text));
  g_assert_false (is_cached (fixture, 1));
}

/* Hazard O29: a token is revoked while it is being read. */
static void
test_revoked_during_load (Fixture *fixture, gconstpointer data)
{
  KvCacheLoad load;
  Token token;

  make_token (fixture, 1, &token);
  load = begin_load (fixture, &token); /* the old row is read ... */
  kv_cache_invalidate (fixture->cache, load.tags[0]);
  g_assert_true (kv_cache_load_is_stale (fixture->cache, &load));
  g_assert_false (end_load (fixture, &load, 1));
  g_assert_false (is_cached (fixture, 1));

  load = begin_load (fixture, &token); /* ... and the new one */
  g_assert_false (kv_cache_load_is_stale (fixture->cache, &load));
  g_assert_true (end_load (fixture, &load, 1));
  g_assert_true (is_cached (fixture, 1));

  load = begin_load (fixture, &token);
  kv_cache_clear (fixture->cache);
  g_assert_false (end_load (fixture, &load, 1));
  g_assert_false (is_cached (fixture, 1));
}

/* Under constant change of other things a load is still stored. */
static void
test_churn_during_load (Fixture *fixture, gconstpointer data)
{
  KvCacheLoad load;
  Token token;

  make_token (fixture, 1, &token);
  load = begin_load (fixture, &token);
  for (guint i = 0, told = 0; told < 1000; i++)
    {
      guint64 other = kv_cache_tag (fixture->cache, KV_TAG_TOKEN, &i, sizeof i);

      if (shares_slot (fixture, other, 1))
        continue;
      kv_cache_invalidate (fixture->cache, other);
      told++;
    }
  g_assert_true (end_load (fixture, &load, 1));
  g_assert_true (is_cached (fixture, 1));
}

/* Two loads of one key: what was read later stays, whoever comes last. */
static void
test_later_load_wins (Fixture *fixture, gconstpointer data)
{
  g_autoptr (KvCacheEntry) entry = NULL;
  KvCacheLoad earlier, later;
  Token token;

  make_token (fixture, 1, &token);
  earlier = begin_load (fixture, &token);
  kv_cache_invalidate (fixture->cache, tag (fixture, KV_TAG_API, "/elsewhere"));
  later = begin_load (fixture, &token);
  g_assert_true (end_load (fixture, &later, 2));
  g_assert_false (end_load (fixture, &earlier, 1));
  entry = find (fixture, 1);
  g_assert_cmpint (issued_ms (entry), ==, 2);
  g_clear_pointer (&entry, kv_cache_entry_unref);

  g_assert_true (end_load (fixture, &later, 3));
  entry = find (fixture, 1);
  g_assert_cmpint (issued_ms (entry), ==, 3);
  g_assert_cmpuint (token_counters (fixture).entries, ==, 1);
}

static void
test_max_age (void)
{
  Fixture fixture = { kv_cache_new (MIB, 2000), START };

  g_assert_true (insert (&fixture, 1));
  g_assert_true (is_cached (&fixture, 1));
  fixture.now_us = START - SECOND; /* another worker's clock may be behind */
  g_assert_true (is_cached (&fixture, 1));
  fixture.now_us = START + 2 * SECOND - 1;
  g_assert_true (is_cached (&fixture, 1));
  fixture.now_us = START + 2 * SECOND;
  g_assert_false (is_cached (&fixture, 1));
  /* Age begins with the read: what came late is old at once, and never older than it may be. */
  fixture.now_us = START + 99999;
  g_assert_true (insert (&fixture, 2));
  fixture.now_us = START + 99999 + 2 * SECOND;
  g_assert_false (is_cached (&fixture, 2));
  kv_cache_free (fixture.cache);
}

static void
test_borrowed_entry_stays (void)
{
  Fixture fixture = { kv_cache_new (MIB, 0), START };
  g_autoptr (KvCacheEntry) entry = NULL;
  g_autoptr (KvCacheEntry) second = NULL;

  g_assert_true (insert (&fixture, 1));
  g_assert_true (insert (&fixture, 2));
  entry = find (&fixture, 1);
  second = find (&fixture, 2);
  kv_cache_clear (fixture.cache);
  g_assert_false (is_cached (&fixture, 1));
  kv_cache_free (fixture.cache);
  g_assert_cmpint (issued_ms (entry), ==, 1);
  g_assert_cmpint (issued_ms (second), ==, 2);
}

/* Room */

/* A scan of ten times what fits: the tokens in use stay. */
static void
test_scan_spares_hot (Fixture *fixture, gconstpointer data)
{
  const guint hot = 1000, cold = 50000;
  guint kept = 0;

  for (guint i = 0; i < hot; i++)
    g_assert_true (insert (fixture, i));
  for (guint i = 0; i < cold; i++)
    {
      g_assert_true (insert (fixture, hot + i));
      is_cached (fixture, i % hot);
      g_assert_cmpuint (total_bytes (fixture), <=, MIB);
    }
  for (guint i = 0; i < hot; i++)
    kept += is_cached (fixture, i);
  g_assert_cmpuint (kept, >=, hot * 99 / 100);
  g_assert_cmpuint (token_counters (fixture).evictions, >, cold / 2);
}

/* Everything is in use, and a new entry still finds room. */
static void
test_all_hot (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 20000; i++)
    {
      g_assert_true (insert (fixture, i));
      g_assert_true (is_cached (fixture, i));
    }
  g_assert_cmpuint (total_bytes (fixture), <=, MIB);
  g_assert_cmpuint (token_counters (fixture).entries, >, 3000);
}

/* What is out of date goes before what is in use. */
static void
test_outdated_goes_first (Fixture *fixture, gconstpointer data)
{
  guint kept = 0;
  KvCacheLoad load;
  Token token;

  for (guint i = 0; i < 3000; i++)
    {
      make_token (fixture, i, &token);
      load = begin_load (fixture, &token);
      load.n_tags = i < 1500 ? 3 : 1; /* only the first half is mary's */
      g_assert_true (end_load (fixture, &load, i));
      is_cached (fixture, i);
    }
  kv_cache_invalidate (fixture->cache, tag (fixture, KV_TAG_USER, "mary"));
  for (guint i = 3000; i < 5200; i++)
    g_assert_true (insert (fixture, i));
  for (guint i = 1500; i < 3000; i++)
    kept += is_cached (fixture, i);
  g_assert_cmpuint (kept, >, 1450);
  g_assert_cmpuint (token_counters (fixture).outdated, >, 200);
}

static void
test_large_entries (Fixture *fixture, gconstpointer data)
{
  g_autofree char *scope = g_strnfill (12000, 's');

  for (guint i = 0; i < 10000; i++)
    g_assert_true (insert (fixture, i));
  for (guint i = 10000; i < 10200; i++)
    {
      g_autoptr (StToken) record = make_record (i);
      KvCacheLoad load;
      Token token;

      g_strfreev (record->scopes);
      record->scopes = g_strsplit (scope, " ", -1);
      make_token (fixture, i, &token);
      load = begin_load (fixture, &token);
      g_assert_true (kv_cache_insert_token (fixture->cache, &load, record, NULL));
      g_assert_true (is_cached (fixture, i));
      g_assert_cmpuint (total_bytes (fixture), <=, MIB);
    }
}

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  g_autoptr (StToken) record = make_record (1);
  g_autofree char *scope = g_strnfill (20000, 's');
  KvCacheLoad load;
  Token token;

  g_strfreev (record->scopes);
  record->scopes = g_strsplit (scope, " ", -1);
  make_token (fixture, 1, &token);
  load = begin_load (fixture, &token);
  g_assert_false (kv_cache_insert_token (fixture->cache, &load, record, NULL));
  g_assert_false (is_cached (fixture, 1));
  g_assert_cmpuint (token_counters (fixture).refused, ==, 1);
}

static void
test_no_room_at_all (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      g_assert_false (insert (fixture, i));
      g_assert_false (is_cached (fixture, i));
    }
  g_assert_cmpuint (total_bytes (fixture), ==, 0);
}

static void
test_counters (Fixture *fixture, gconstpointer data)
{
  KvCacheCounters counters;
  Token token;

  for (guint i = 0; i < 10; i++)
    insert (fixture, i);
  for (guint i = 0; i < 15; i++)
    is_cached (fixture, i);
  make_token (fixture, 1, &token);
  kv_cache_invalidate (fixture->cache, tag (fixture, KV_TAG_TOKEN, token.text));
  is_cached (fixture, 1);
  kv_cache_bypass (fixture->cache, TRUE);
  is_cached (fixture, 2);
  insert (fixture, 2);
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

/* Threads */

#define FACTS 32
#define LOADERS 3
#define CHANGES 4000

/* A database of FACTS rows, each of which only has a version. */
typedef struct
{
  Fixture fixture;
  gint64 committed[FACTS];    /* atomic: the row */
  gint64 acknowledged[FACTS]; /* atomic: the version whose change has been told and answered */
  gint stop;                  /* atomic */
  gint hits;                  /* atomic */
} World;

static gpointer
load_and_find (gpointer data)
{
  World *world = data;
  gint hits = 0;

  for (guint i = 0; !g_atomic_int_get (&world->stop); i++)
    {
      guint fact = i % FACTS;
      gint64 acknowledged = __atomic_load_n (&world->acknowledged[fact], __ATOMIC_ACQUIRE);
      g_autoptr (KvCacheEntry) entry = find (&world->fixture, fact);
      KvCacheLoad load;
      Token token;

      if (entry != NULL)
        {
          /* The promise of the cache: nothing older than what has been acknowledged. */
          g_assert_cmpint (issued_ms (entry), >=, acknowledged);
          hits++;
          continue;
        }
      make_token (&world->fixture, fact, &token);
      load = begin_load (&world->fixture, &token);
      gint64 row = __atomic_load_n (&world->committed[fact], __ATOMIC_ACQUIRE);
      if (i % 2 == 0)
        g_thread_yield (); /* a slow answer */
      end_load (&world->fixture, &load, row);
    }
  g_atomic_int_add (&world->hits, hits);
  return NULL;
}

static gpointer
change_rows (gpointer data)
{
  World *world = data;

  for (guint i = 1; i <= CHANGES; i++)
    {
      guint fact = (guint) g_random_int_range (0, FACTS);
      gint64 version = __atomic_add_fetch (&world->committed[fact], 1, __ATOMIC_ACQ_REL);
      Token token;

      make_token (&world->fixture, fact, &token);
      if (i % 100 == 0)
        kv_cache_clear (world->fixture.cache);
      else
        kv_cache_invalidate (world->fixture.cache, tag (&world->fixture, KV_TAG_TOKEN, token.text));
      __atomic_store_n (&world->acknowledged[fact], version, __ATOMIC_RELEASE);
      if (i % 4 == 0)
        g_usleep (20);
    }
  return NULL;
}

static void
test_threads_never_stale (Fixture *fixture, gconstpointer data)
{
  World world = { *fixture };
  GThread *loaders[LOADERS], *changer;

  for (guint i = 0; i < LOADERS; i++)
    loaders[i] = g_thread_new ("load", load_and_find, &world);
  changer = g_thread_new ("change", change_rows, &world);
  g_thread_join (changer);
  g_atomic_int_set (&world.stop, TRUE);
  for (guint i = 0; i < LOADERS; i++)
    g_thread_join (loaders[i]);
  g_assert_cmpint (world.hits, >, 0);
}

static gpointer
crowd (gpointer data)
{
  Fixture *fixture = data;
  guint first = (guint) g_random_int_range (0, 1000);

  for (guint i = 0; i < 20000; i++)
    {
      guint number = first + i % 7000;

      if (!is_cached (fixture, number))
        insert (fixture, number);
      if (i % 5000 == 0)
        total_bytes (fixture);
    }
  return NULL;
}

/* More than fits, from all sides: entries are evicted and replaced under their borrowers' hands. */
static void
test_threads_in_full_cache (Fixture *fixture, gconstpointer data)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("crowd", crowd, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (total_bytes (fixture), <=, MIB);
  g_assert_cmpuint (token_counters (fixture).evictions, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, mib, test) \
  g_test_add ("/kv-cache/" path, Fixture, GUINT_TO_POINTER (mib), set_up, test, tear_down)
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
  ADD ("room/scan-spares-hot", 1, test_scan_spares_hot);
  ADD ("room/all-hot", 1, test_all_hot);
  ADD ("room/outdated-goes-first", 1, test_outdated_goes_first);
  ADD ("room/large-entries", 1, test_large_entries);
  ADD ("room/too-large", 64, test_too_large);
  ADD ("room/none", 0, test_no_room_at_all);
  ADD ("counters", 1, test_counters);
  ADD ("threads/never-stale", 1, test_threads_never_stale);
  ADD ("threads/full", 1, test_threads_in_full_cache);
  return g_test_run ();
}
