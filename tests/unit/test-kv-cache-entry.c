#include "config.h"
#include "keyvalidator/kv-cache-entry-private.h"

#include <string.h>

static const ApimHashKey hash_key = { 1, 2 };

static KvCacheEntry *
pack_token (const StToken *token, const char *tenant_domain)
{
  KvCacheKey key;

  g_assert_true (kv_cache_key_token (&key, &hash_key, "0a0b0c", 6));
  return kv_cache_entry_new (&key, token, tenant_domain);
}

static char **
list (const char *texts)
{
  return texts[0] == '\0' ? g_new0 (char *, 1) : g_strsplit (texts, " ", -1);
}

typedef struct
{
  const char *name;
  const char *consumer_key, *user_name, *user_domain, *user_type, *scopes, *tenant_domain;
} TokenCase;

static const TokenCase token_cases[] = {
  { "usual", "consumer", "admin", "PRIMARY", "APPLICATION", "default", "carbon.super" },
  { "usual-user", "consumer", "mary", "PRIMARY", "APPLICATION_USER", "am_application_scope", "carbon.super" },
  { "secondary-store", "consumer", "mary", "LDAP", "APPLICATION_USER", "orders:read", "example.com" },
  { "many-scopes", "consumer", "mary", "PRIMARY", "APPLICATION_USER", "a b c default e", "example.com" },
  { "nearly-usual", "consumer", "mary", "primary", "APPLICATIONS", "Default", "carbon.super." },
  { "two-usual-scopes", "consumer", "mary", "PRIMARY", "APPLICATION", "default am_application_scope", "x" },
  { "no-scope", "consumer", "mary", "PRIMARY", "APPLICATION", "", "carbon.super" },
  { "empty-texts", "", "", "", "", "", "" },
  { "no-tenant", "consumer", "mary", "PRIMARY", "APPLICATION", "default", NULL },
  { "no-texts", NULL, NULL, NULL, NULL, "default", NULL },
};

/* What comes out is what went in, and outlives it. */
static void
test_token (gconstpointer data)
{
  const TokenCase *c = data;
  StToken *token = st_token_new ();
  g_auto (GStrv) scopes = list (c->scopes);
  g_autoptr (KvCacheEntry) entry = NULL;
  const char *tenant_domain = "not set";
  const StToken *copy;

  token->consumer_key = g_strdup (c->consumer_key);
  token->user_name = g_strdup (c->user_name);
  token->user_domain = g_strdup (c->user_domain);
  token->user_type = g_strdup (c->user_type);
  token->tenant_id = -7;
  token->issued_ms = 1500000000000;
  token->validity_ms = -1;
  token->scopes = list (c->scopes);
  entry = pack_token (token, c->tenant_domain);
  st_token_unref (token);

  copy = kv_cache_entry_token (entry, &tenant_domain);
  g_assert_cmpstr (copy->consumer_key, ==, c->consumer_key);
  g_assert_cmpstr (copy->user_name, ==, c->user_name);
  g_assert_cmpstr (copy->user_domain, ==, c->user_domain);
  g_assert_cmpstr (copy->user_type, ==, c->user_type);
  g_assert_cmpint (copy->tenant_id, ==, -7);
  g_assert_cmpint (copy->issued_ms, ==, 1500000000000);
  g_assert_cmpint (copy->validity_ms, ==, -1);
  g_assert_cmpstrv (copy->scopes, scopes);
  g_assert_cmpstr (tenant_domain, ==, c->tenant_domain);
}

static void
test_subscription (void)
{
  StSubscription *record = st_subscription_new ();
  g_autoptr (KvCacheEntry) entry = NULL;
  char buffer[KV_CACHE_KEY_SIZE];
  const StSubscription *copy;
  KvCacheKey key;

  record->subscriber = g_strdup ("mary");
  record->tier = g_strdup ("Gold");
  record->status = g_strdup ("UNBLOCKED");
  record->create_state = g_strdup ("SUBSCRIBE");
  record->application_id = 5;
  record->application_name = g_strdup ("DefaultApplication");
  record->application_tier = g_strdup ("Large");
  record->key_type = g_strdup ("SANDBOX");
  record->api_name = g_strdup ("Pizza");
  record->api_provider = g_strdup ("admin");
  record->api_version = g_strdup ("1.0");
  record->has_policy = TRUE;
  record->rate_limit_count = 9;
  record->rate_limit_unit = g_strdup ("min");
  record->content_aware = TRUE;
  g_assert_true (kv_cache_key_subscription (&key, &hash_key, buffer, "/pizza/1.0", "1.0", "consumer", -1234));
  entry = kv_cache_entry_new (&key, record, NULL);
  st_subscription_unref (record);

  copy = kv_cache_entry_subscription (entry);
  g_assert_cmpstr (copy->subscriber, ==, "mary");
  g_assert_cmpstr (copy->tier, ==, "Gold");
  g_assert_cmpstr (copy->status, ==, "UNBLOCKED");
  g_assert_cmpstr (copy->create_state, ==, "SUBSCRIBE");
  g_assert_cmpint (copy->application_id, ==, 5);
  g_assert_cmpstr (copy->application_name, ==, "DefaultApplication");
  g_assert_cmpstr (copy->application_tier, ==, "Large");
  g_assert_cmpstr (copy->key_type, ==, "SANDBOX");
  g_assert_cmpstr (copy->api_name, ==, "Pizza");
  g_assert_cmpstr (copy->api_provider, ==, "admin");
  g_assert_cmpstr (copy->api_version, ==, "1.0");
  g_assert_null (copy->api_tier);
  g_assert_true (copy->has_policy && copy->content_aware && !copy->stop_on_quota_reach);
  g_assert_cmpint (copy->rate_limit_count, ==, 9);
  g_assert_cmpstr (copy->rate_limit_unit, ==, "min");
}

static void
test_scope_and_api_default (void)
{
  StScope *scope = st_scope_new ();
  StApiDefault *api = st_api_default_new ();
  g_autoptr (KvCacheEntry) scope_entry = NULL;
  g_autoptr (KvCacheEntry) api_entry = NULL;
  KvCacheKey key;

  scope->key = g_strdup ("order");
  scope->roles = list ("cook waiter");
  g_assert_true (kv_cache_key_scope (&key, &hash_key, "/pizza/1.0/menu:GET"));
  scope_entry = kv_cache_entry_new (&key, scope, NULL);
  st_scope_unref (scope);
  api->api_name = g_strdup ("Pizza");
  api->api_version = g_strdup ("2.0");
  g_assert_true (kv_cache_key_api_default (&key, &hash_key, "/pizza"));
  api_entry = kv_cache_entry_new (&key, api, NULL);
  st_api_default_unref (api);

  g_assert_cmpstr (kv_cache_entry_scope (scope_entry)->key, ==, "order");
  g_assert_cmpstrv (kv_cache_entry_scope (scope_entry)->roles, ((const char *[]){ "cook", "waiter", NULL }));
  g_assert_cmpstr (kv_cache_entry_api_default (api_entry)->api_name, ==, "Pizza");
  g_assert_cmpstr (kv_cache_entry_api_default (api_entry)->api_version, ==, "2.0");
  g_assert_null (kv_cache_entry_api_default (api_entry)->default_version);
}

static void
test_roles (void)
{
  const char *const lists[] = { "", "default", "cook", "cook waiter Internal/subscriber" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_auto (GStrv) roles = list (lists[i]);
      g_autoptr (KvCacheEntry) entry = NULL;
      char buffer[KV_CACHE_KEY_SIZE];
      KvCacheKey key;

      g_assert_true (kv_cache_key_roles (&key, &hash_key, buffer, 1, "PRIMARY", "mary"));
      entry = kv_cache_entry_new (&key, roles, NULL);
      g_assert_cmpstrv ((char **) kv_cache_entry_roles (entry), roles);
    }
}

static void
test_absent (void)
{
  g_autoptr (KvCacheEntry) subscription = NULL;
  g_autoptr (KvCacheEntry) scope = NULL;
  g_autoptr (KvCacheEntry) api = NULL;
  char buffer[KV_CACHE_KEY_SIZE];
  KvCacheKey key;

  g_assert_true (kv_cache_key_subscription (&key, &hash_key, buffer, "/x", NULL, "consumer", 1));
  subscription = kv_cache_entry_new (&key, NULL, NULL);
  g_assert_true (kv_cache_key_scope (&key, &hash_key, "/x/1/y:GET"));
  scope = kv_cache_entry_new (&key, NULL, NULL);
  g_assert_true (kv_cache_key_api_default (&key, &hash_key, "/x"));
  api = kv_cache_entry_new (&key, NULL, NULL);
  g_assert_null (kv_cache_entry_subscription (subscription));
  g_assert_null (kv_cache_entry_scope (scope));
  g_assert_null (kv_cache_entry_api_default (api));
}

/* A token of so many scopes that it costs just what an entry may, or 16 bytes more. */
static void
test_largest (void)
{
  for (gint more = 0; more <= 1; more++)
    {
      gsize fixed = sizeof (KvCacheEntry) + sizeof (StToken) + 2 * sizeof (char *) + 6 + 2 + 8;
      g_autofree char *scope = g_strnfill (KV_CACHE_ENTRY_MAX - fixed - 1 + more, 's');
      g_autoptr (StToken) token = st_token_new ();
      g_autoptr (KvCacheEntry) entry = NULL;
      const char *tenant_domain;

      token->consumer_key = g_strdup ("c");
      token->scopes = list (scope);
      entry = pack_token (token, NULL);
      if (more == 0)
        {
          g_assert_cmpuint (kv_cache_entry_charge (entry), ==, KV_CACHE_ENTRY_MAX);
          g_assert_cmpstr (kv_cache_entry_token (entry, &tenant_domain)->scopes[0], ==, scope);
        }
      else
        g_assert_null (entry);
    }
}

typedef struct
{
  const char *context, *version, *consumer_key;
  gint tenant_id;
} SubscriptionKey;

/* No two of these are the same question. */
static void
test_subscription_keys_differ (void)
{
  static const SubscriptionKey keys[] = {
    { "/a", "1.0", "key", 1 },  { "/a", "1.0", "key", 2 }, { "/a", "1.0", "kex", 1 }, { "/a", "1.", "0key", 1 },
    { "/a1", ".0", "key", 1 },  { "/a", "", "key", 1 },    { "/a", NULL, "key", 1 },  { "/a", "*", "key", 1 },
    { "/a", "=1.0", "key", 1 }, { "", "/a1.0", "key", 1 }, { "/A", "1.0", "key", 1 }, { "/a", "1.0key", "", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    for (guint j = 0; j < G_N_ELEMENTS (keys); j++)
      {
        char a_buffer[KV_CACHE_KEY_SIZE], b_buffer[KV_CACHE_KEY_SIZE];
        g_autoptr (KvCacheEntry) entry = NULL;
        KvCacheKey a, b;

        g_assert_true (kv_cache_key_subscription (&a, &hash_key, a_buffer, keys[i].context, keys[i].version,
                                                  keys[i].consumer_key, keys[i].tenant_id));
        g_assert_true (kv_cache_key_subscription (&b, &hash_key, b_buffer, keys[j].context, keys[j].version,
                                                  keys[j].consumer_key, keys[j].tenant_id));
        entry = kv_cache_entry_new (&a, NULL, NULL);
        g_assert_cmpint (kv_cache_entry_has_key (entry, &b), ==, i == j);
        g_assert_cmpint (a.hash == b.hash, ==, i == j);
      }
}

static void
test_kinds_differ (void)
{
  g_autoptr (KvCacheEntry) entry = NULL;
  KvCacheKey scope, api;

  g_assert_true (kv_cache_key_scope (&scope, &hash_key, "/a"));
  g_assert_true (kv_cache_key_api_default (&api, &hash_key, "/a"));
  entry = kv_cache_entry_new (&scope, NULL, NULL);
  g_assert_true (kv_cache_entry_has_key (entry, &scope));
  g_assert_false (kv_cache_entry_has_key (entry, &api));
}

/* A key that just fits, and one byte more. */
static void
test_longest_keys (void)
{
  char buffer[KV_CACHE_KEY_SIZE];
  gsize parts = sizeof (gint) + 1 + 3; /* tenant, version flag, three terminators */

  for (gsize more = 0; more <= 1; more++)
    {
      g_autofree char *text = g_strnfill (KV_CACHE_KEY_SIZE + more, 'x');
      const char *context = text + parts;
      KvCacheKey key;

      g_assert_cmpint (kv_cache_key_token (&key, &hash_key, text, strlen (text)), ==, more == 0);
      g_assert_cmpint (kv_cache_key_scope (&key, &hash_key, text), ==, more == 0);
      g_assert_cmpint (kv_cache_key_api_default (&key, &hash_key, text), ==, more == 0);
      g_assert_cmpint (kv_cache_key_subscription (&key, &hash_key, buffer, context, "", "", 1), ==, more == 0);
      g_assert_cmpint (kv_cache_key_subscription (&key, &hash_key, buffer, "", context, "", 1), ==, more == 0);
      g_assert_cmpint (kv_cache_key_subscription (&key, &hash_key, buffer, "", "", context, 1), ==, more == 0);
      g_assert_cmpint (kv_cache_key_roles (&key, &hash_key, buffer, 1, "", text + sizeof (gint) + 2), ==, more == 0);
      g_assert_false (kv_cache_key_roles (&key, &hash_key, buffer, 1, text, text));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (token_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/kv-cache-entry/token/%s", token_cases[i].name);

      g_test_add_data_func (path, &token_cases[i], test_token);
    }
  g_test_add_func ("/kv-cache-entry/subscription", test_subscription);
  g_test_add_func ("/kv-cache-entry/scope-and-api-default", test_scope_and_api_default);
  g_test_add_func ("/kv-cache-entry/roles", test_roles);
  g_test_add_func ("/kv-cache-entry/absent", test_absent);
  g_test_add_func ("/kv-cache-entry/largest", test_largest);
  g_test_add_func ("/kv-cache-key/subscription-keys-differ", test_subscription_keys_differ);
  g_test_add_func ("/kv-cache-key/kinds-differ", test_kinds_differ);
  g_test_add_func ("/kv-cache-key/longest", test_longest_keys);
  return g_test_run ();
}
