#include "config.h"
#include "gateway/gw-key-cache.h"
#include "gateway/gw-resource-list.h"

#include <string.h>

static GwKeyCache *
new_cache (guint max_entries)
{
  ApimHashKey key;

  apim_hash_key_init (&key);
  return gw_key_cache_new (max_entries, &key);
}

/* "/a TOKEN" */
static GwCacheKey
make_key (char buffer[64], const char *context, const char *token)
{
  g_snprintf (buffer, 64, "%s %s", context, token);
  return (GwCacheKey){ buffer, (guint32)strlen (buffer), (guint32)strlen (token) };
}

static GwKeyEntry *
find (GwKeyCache *cache, const char *context, const char *token)
{
  char buffer[64];
  GwCacheKey key = make_key (buffer, context, token);

  return gw_key_cache_find (cache, &key);
}

static GwKeyEntry *
insert (GwKeyCache *cache, const char *context, const char *token, const char *tier)
{
  char buffer[64];
  GwCacheKey key = make_key (buffer, context, token);
  g_autofree char *copy = g_strdup (tier);
  TwKeyValidationInfo info
      = { .authorized = TRUE, .tier = tw_text (copy), .validity_period_ms = 500, .issued_time_ms = 1000 };

  return gw_key_cache_insert (cache, &key, tw_text (token), &info, 7);
}

static void
test_copies_what_is_said (void)
{
  g_autoptr (GwKeyCache) cache = new_cache (4);
  GwKeyEntry *entry = insert (cache, "/a", "t1", "Gold");

  g_assert_true (find (cache, "/a", "t1") == entry);
  g_assert_cmpstr (entry->info.tier.bytes, ==, "Gold");
  g_assert_null (entry->info.subscriber.bytes);
  g_assert_cmpint (entry->expires_ms, ==, 1500);
  g_assert_cmpint (entry->asked_us, ==, 7);
  g_assert_null (find (cache, "/b", "t1"));
  g_assert_null (find (cache, "/a", "t2"));
}

/* Two ends of one text are two keys. */
static void
test_token_is_part_of_the_key (void)
{
  g_autoptr (GwKeyCache) cache = new_cache (4);
  const GwCacheKey one = { "abc", 3, 1 }, other = { "abc", 3, 2 };

  gw_key_cache_insert (cache, &one, TW_TEXT ("c"), NULL, 0);
  g_assert_nonnull (gw_key_cache_find (cache, &one));
  g_assert_null (gw_key_cache_find (cache, &other));
}

static void
test_longest_unused_goes (void)
{
  g_autoptr (GwKeyCache) cache = new_cache (3);

  insert (cache, "/a", "t1", "x");
  insert (cache, "/a", "t2", "x");
  insert (cache, "/a", "t3", "x");
  g_assert_nonnull (find (cache, "/a", "t1"));
  insert (cache, "/a", "t4", "x");
  g_assert_cmpuint (gw_key_cache_count (cache), ==, 3);
  g_assert_null (find (cache, "/a", "t2"));
  g_assert_nonnull (find (cache, "/a", "t1"));
  g_assert_nonnull (find (cache, "/a", "t3"));
  g_assert_nonnull (find (cache, "/a", "t4"));
}

static void
test_replaces (void)
{
  g_autoptr (GwKeyCache) cache = new_cache (3);
  g_autoptr (GwKeyEntry) old = gw_key_entry_ref (insert (cache, "/a", "t1", "Gold"));

  insert (cache, "/a", "t1", "Bronze");
  g_assert_cmpuint (gw_key_cache_count (cache), ==, 1);
  g_assert_cmpstr (find (cache, "/a", "t1")->info.tier.bytes, ==, "Bronze");
  g_assert_cmpstr (old->info.tier.bytes, ==, "Gold");
}

static void
test_forgets_a_token (void)
{
  g_autoptr (GwKeyCache) cache = new_cache (100);
  char context[16];

  for (guint i = 0; i < 10; i++)
    {
      g_snprintf (context, sizeof context, "/api%u", i);
      insert (cache, context, "t1", "x");
      insert (cache, context, "t2", "x");
    }
  g_assert_cmpuint (gw_key_cache_remove_token (cache, TW_TEXT ("t1")), ==, 10);
  g_assert_cmpuint (gw_key_cache_remove_token (cache, TW_TEXT ("t1")), ==, 0);
  g_assert_cmpuint (gw_key_cache_count (cache), ==, 10);
  g_assert_null (find (cache, "/api3", "t1"));
  g_assert_nonnull (find (cache, "/api3", "t2"));
}

/* Texts of one token. */
static void
test_forgets_an_id (void)
{
  g_autoptr (GwKeyCache) cache = new_cache (4);
  const GwCacheKey one = { "/a text", 7, 4 }, other = { "/a longer-text", 14, 11 };
  const TwKeyValidationInfo info = { .tier = TW_TEXT ("Gold") };
  GwKeyEntry *entry = gw_key_cache_insert (cache, &one, TW_TEXT ("id"), &info, 0);

  g_assert_cmpstr (entry->info.tier.bytes, ==, "Gold");
  gw_key_cache_insert (cache, &other, TW_TEXT ("id"), &info, 0);
  insert (cache, "/a", "id", "x");
  g_assert_true (gw_key_cache_find (cache, &one) == entry);
  g_assert_cmpuint (gw_key_cache_remove_token (cache, TW_TEXT ("text")), ==, 0);
  g_assert_cmpuint (gw_key_cache_remove_token (cache, TW_TEXT ("id")), ==, 3);
  g_assert_null (gw_key_cache_find (cache, &one));
  g_assert_null (gw_key_cache_find (cache, &other));
}

/* A token that never ends, one of the first generations, and one whose end is beyond the numbers. */
static void
test_ends_of_tokens (void)
{
  static const struct
  {
    gint64 issued_ms, validity_ms, end_ms;
  } cases[] = {
    { 5000, G_MAXINT64, G_MAXINT64 },
    { 0, 0, G_MAXINT64 },
    { G_MAXINT64 - 5, 10, G_MAXINT64 },
    { 5000, 0, 5000 },
    { 5000, 2000, 7000 },
    { 5000, -2000, 3000 },
  };
  g_autoptr (GwKeyCache) cache = new_cache (1);
  const GwCacheKey key = { "t", 1, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TwKeyValidationInfo info
          = { .issued_time_ms = cases[i].issued_ms, .validity_period_ms = cases[i].validity_ms };

      g_assert_cmpint (gw_key_cache_insert (cache, &key, TW_TEXT ("t"), &info, 0)->expires_ms, ==, cases[i].end_ms);
    }
}

static void
test_resource_list (void)
{
  char pattern[] = "/Menu/";
  TwText conditions[] = { TW_TEXT ("_condition_1"), TW_TEXT ("_default") };
  TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/*"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any"), .scope = TW_TEXT ("") },
    { .uri_template = tw_text (pattern),
      .http_verb = TW_TEXT ("GET"),
      .auth_type = TW_TEXT ("None"),
      .scope = TW_TEXT ("read"),
      .throttling_conditions = conditions,
      .n_throttling_conditions = 2 },
    { .uri_template = TW_TEXT ("/"), .http_verb = TW_TEXT ("POST"), .auth_type = TW_TEXT ("Application") },
  };
  g_autoptr (GwResourceList) list = gw_resource_list_new (templates, 3, 9);
  const TwUriTemplate *found;

  memset (pattern, 'x', sizeof pattern - 1);
  conditions[0] = TW_TEXT ("");
  found = gw_resource_list_find (list, TW_TEXT ("/menu"), TW_TEXT ("GET"));
  g_assert_nonnull (found);
  g_assert_true (tw_text_equal (found->auth_type, TW_TEXT ("None")));
  g_assert_true (tw_text_equal (found->scope, TW_TEXT ("read")));
  g_assert_cmpuint (found->n_throttling_conditions, ==, 2);
  g_assert_true (tw_text_equal (found->throttling_conditions[0], TW_TEXT ("_condition_1")));
  g_assert_null (gw_resource_list_find (list, TW_TEXT ("/menu"), TW_TEXT ("POST")));
  g_assert_nonnull (gw_resource_list_find (list, TW_TEXT ("/*"), TW_TEXT ("GET"))->scope.bytes);
  g_assert_null (gw_resource_list_find (list, TW_TEXT ("/"), TW_TEXT ("POST"))->scope.bytes);
  g_assert_null (gw_resource_list_find (list, TW_TEXT ("/menu/x"), TW_TEXT ("GET")));
}

/* What one resource asks for does not count for another that is written almost alike. */
static void
test_resources_almost_alike (void)
{
  static const TwUriTemplate templates[] = {
    { .uri_template = TW_TEXT ("/Menu"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("None") },
    { .uri_template = TW_TEXT ("/menu/"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Application") },
    { .uri_template = TW_TEXT ("/menu"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any") },
    { .uri_template = TW_TEXT ("/Order"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("None") },
    { .uri_template = TW_TEXT ("/order/"), .http_verb = TW_TEXT ("GET"), .auth_type = TW_TEXT ("Any") },
  };
  static const struct
  {
    TwText pattern, auth_type;
  } cases[] = {
    { TW_TEXT ("/menu"), TW_TEXT ("Any") },   { TW_TEXT ("/menu/"), TW_TEXT ("Application") },
    { TW_TEXT ("/Menu"), TW_TEXT ("None") },  { TW_TEXT ("/Menu/"), TW_TEXT ("None") },
    { TW_TEXT ("/MENU"), TW_TEXT ("None") },  { TW_TEXT ("/order"), TW_TEXT ("Any") },
    { TW_TEXT ("/Order/"), TW_TEXT ("None") },
  };
  g_autoptr (GwResourceList) list = gw_resource_list_new (templates, G_N_ELEMENTS (templates), 9);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_true (tw_text_equal (gw_resource_list_find (list, cases[i].pattern, TW_TEXT ("GET"))->auth_type,
                                  cases[i].auth_type));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gw-key-cache/copies-what-is-said", test_copies_what_is_said);
  g_test_add_func ("/gw-key-cache/token-is-part-of-the-key", test_token_is_part_of_the_key);
  g_test_add_func ("/gw-key-cache/longest-unused-goes", test_longest_unused_goes);
  g_test_add_func ("/gw-key-cache/replaces", test_replaces);
  g_test_add_func ("/gw-key-cache/forgets-a-token", test_forgets_a_token);
  g_test_add_func ("/gw-key-cache/forgets-an-id", test_forgets_an_id);
  g_test_add_func ("/gw-key-cache/ends-of-tokens", test_ends_of_tokens);
  g_test_add_func ("/gw-key-cache/resource-list", test_resource_list);
  g_test_add_func ("/gw-key-cache/resources-almost-alike", test_resources_almost_alike);
  return g_test_run ();
}
