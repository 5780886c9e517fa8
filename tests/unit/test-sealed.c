#include "config.h"
#include "core/core-sealed.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1500000000000)
#define END (NOW + 600000)

static const guint8 key[CORE_SEALED_KEY_SIZE] = "0123456789abcdef0123456789abcde";
static const guint8 other_key[CORE_SEALED_KEY_SIZE] = "0123456789abcdef0123456789abcdf";

static char *
seal (const char *text)
{
  g_autoptr (GError) error = NULL;
  char *sealed = core_sealed_make (key, "login", "browser", text, END, &error);

  g_assert_no_error (error);
  return sealed;
}

static CoreSealedVerdict
try (const guint8 *with_key, const char *purpose, const char *owner, const char *sealed, gint64 now_ms)
{
  g_autofree char *text = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE];

  return core_sealed_open (with_key, purpose, owner, sealed, now_ms, &text, nonce);
}

static void
test_round_trip (void)
{
  g_autofree char *longest = g_strnfill (CORE_SEALED_MAX_TEXT, 'x');
  const char *const texts[] = { "", "a", "ab", "abc", "client_id=x&state=\xc3\xa4", longest };
  static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *sealed = seal (texts[i]);
      g_autofree char *text = NULL;
      guint8 nonce[CORE_SEALED_NONCE_SIZE];

      g_assert_cmpuint (strlen (sealed), <=, CORE_SEALED_MAX_LENGTH);
      g_assert_cmpuint (strspn (sealed, alphabet), ==, strlen (sealed));
      g_assert_cmpint (core_sealed_open (key, "login", "browser", sealed, NOW, &text, nonce), ==, CORE_SEALED_OK);
      g_assert_cmpstr (text, ==, texts[i]);
    }
}

/* Two forms that ask for the same are two forms. */
static void
test_nonce (void)
{
  g_autofree char *first = seal ("x"), *second = seal ("x");
  g_autofree char *text = NULL, *other_text = NULL;
  guint8 nonce[CORE_SEALED_NONCE_SIZE], other_nonce[CORE_SEALED_NONCE_SIZE];

  g_assert_cmpstr (first, !=, second);
  g_assert_cmpint (core_sealed_open (key, "login", "browser", first, NOW, &text, nonce), ==, CORE_SEALED_OK);
  g_assert_cmpint (core_sealed_open (key, "login", "browser", second, NOW, &other_text, other_nonce), ==,
                   CORE_SEALED_OK);
  g_assert_cmpint (memcmp (nonce, other_nonce, sizeof nonce), !=, 0);
}

static void
test_expiry (void)
{
  g_autofree char *sealed = seal ("x");

  g_assert_cmpint (try (key, "login", "browser", sealed, END - 1), ==, CORE_SEALED_OK);
  g_assert_cmpint (try (key, "login", "browser", sealed, END), ==, CORE_SEALED_EXPIRED);
  g_assert_cmpint (try (key, "login", "browser", sealed, G_MAXINT64), ==, CORE_SEALED_EXPIRED);
}

/* Another cluster, step or browser; and texts that moved from one part to the next. */
static void
test_of_others (void)
{
  g_autofree char *sealed = seal ("x");

  g_assert_cmpint (try (other_key, "login", "browser", sealed, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "consent", "browser", sealed, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "browser2", sealed, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "", sealed, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "loginb", "rowser", sealed, NOW), ==, CORE_SEALED_FORGED);
}

/* Every character matters, and nothing may follow. */
static void
test_tampered (void)
{
  g_autofree char *sealed = seal ("client_id=x");
  g_autofree char *longer = g_strconcat (sealed, "A", NULL);
  g_autofree char *endless = g_strnfill (CORE_SEALED_MAX_LENGTH + 1, 'A');
  g_autofree char *all_a = g_strnfill (CORE_SEALED_MAX_LENGTH, 'A');

  for (gsize i = 0; sealed[i] != '\0'; i++)
    {
      char was = sealed[i];

      sealed[i] = was == 'A' ? 'B' : 'A';
      g_assert_cmpint (try (key, "login", "browser", sealed, NOW), ==, CORE_SEALED_FORGED);
      sealed[i] = was;
    }
  g_assert_cmpint (try (key, "login", "browser", longer, NOW), ==, CORE_SEALED_FORGED);
  sealed[strlen (sealed) - 1] = '\0';
  g_assert_cmpint (try (key, "login", "browser", sealed, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "browser", endless, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "browser", all_a, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "browser", "", NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "browser", NULL, NOW), ==, CORE_SEALED_FORGED);
  g_assert_cmpint (try (key, "login", "browser", "\xff\xfe%00", NOW), ==, CORE_SEALED_FORGED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sealed/round-trip", test_round_trip);
  g_test_add_func ("/sealed/nonce", test_nonce);
  g_test_add_func ("/sealed/expiry", test_expiry);
  g_test_add_func ("/sealed/of-others", test_of_others);
  g_test_add_func ("/sealed/tampered", test_tampered);
  return g_test_run ();
}
