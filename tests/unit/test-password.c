#include "config.h"
#include "core/core-password.h"

#include <string.h>

#define SALT "AAECAwQFBgcICQoLDA0ODw=="
#define NOW G_GINT64_CONSTANT (1500000000000)
#define DAY G_GINT64_CONSTANT (86400000)

static ApimUserStoreSettings
settings_for (const char *digest, gboolean salted)
{
  return (ApimUserStoreSettings){ .password_digest = (char *) digest, .salted = salted };
}

static StUser
user_with (const char *hash, const char *salt)
{
  return (StUser){ .id = 1, .tenant_id = ST_SUPER_TENANT_ID, .name = (char *) "admin",
                   .password_hash = (char *) hash, .salt = (char *) salt };
}

typedef struct
{
  const char *digest;
  gboolean salted;
  const char *password, *salt, *hash;
  gboolean right;
} CheckCase;

/* The first three are the verified examples of spec/databases.md 6.2; the others come from Python's hashlib. */
static const CheckCase check_cases[] = {
  { "SHA-256", TRUE, "admin", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", TRUE },
  { "SHA-256", TRUE, "s3cret-P\xc3\xa4", SALT, "VfcchhG+BJPPvrHQaCUoml6Ed5sVZahFYG7ym4MBJ6A=", TRUE },
  { "SHA-256", TRUE, "admin", NULL, "jGl25bVBBBW96Qi9Te4V37Fnqchz/Eu4qB9vKrRIqRg=", TRUE },
  /* A salt that is there counts only where the user store is salted. */
  { "SHA-256", FALSE, "admin", SALT, "jGl25bVBBBW96Qi9Te4V37Fnqchz/Eu4qB9vKrRIqRg=", TRUE },
  { "SHA-256", FALSE, "admin", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", FALSE },
  { "SHA-256", TRUE, "admin", SALT, "jGl25bVBBBW96Qi9Te4V37Fnqchz/Eu4qB9vKrRIqRg=", FALSE },
  { "sha-256", TRUE, "admin", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", TRUE },
  { "SHA-256", TRUE, "Admin", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", FALSE },
  { "SHA-256", TRUE, "admin ", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", FALSE },
  { "SHA-256", TRUE, "", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", FALSE },
  { "SHA-256", TRUE, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", SALT,
    "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", FALSE },
  { "SHA-256", TRUE, "admin", SALT, "4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM", FALSE },
  { "SHA-256", TRUE, "admin", SALT, "", FALSE },
  { "SHA-256", TRUE, "admin", SALT, NULL, FALSE },
  /* Old kernels: the same password stored in ISO-8859-1; where it has no such form, only UTF-8 counts, never a '?'. */
  { "SHA-256", TRUE, "s3cret-P\xc3\xa4", SALT, "YB65G/0mRrB9qgT7mhr5Ef3+qTDaurDh5jeXR8Mnj8g=", TRUE },
  { "SHA-256", TRUE, "s3cret-Pa", SALT, "YB65G/0mRrB9qgT7mhr5Ef3+qTDaurDh5jeXR8Mnj8g=", FALSE },
  { "SHA-256", TRUE, "\xc3\xa9", NULL, "3i4zHYka4menAJy0W06IMPFw4Mk3KI6icxoZQcelOw0=", TRUE },
  { "SHA-256", TRUE, "s3cret-P\xe2\x82\xac", SALT, "6pKjRJOXHPfgP2xNdwm05syeeieyI7pC/aOETXHE13g=", FALSE },
  { "SHA-1", TRUE, "admin", SALT, "+XGFQt0QlYZvjfRCwnbFZIHnNKE=", TRUE },
  { "SHA1", TRUE, "admin", SALT, "+XGFQt0QlYZvjfRCwnbFZIHnNKE=", TRUE },
  { "SHA", TRUE, "admin", SALT, "+XGFQt0QlYZvjfRCwnbFZIHnNKE=", TRUE },
  { "SHA-224", TRUE, "admin", SALT, "N/hSrSCy6geo3gYbCm9/7ai5pCLUY27SefFFLw==", TRUE },
  { "SHA-384", TRUE, "admin", SALT, "3CIHh4j2kFkz20vSHDqCxKiLsca4o+xWrycYCG9YxelLQdlS2PG8MnLAiGRK5Kq9", TRUE },
  { "SHA-512", TRUE, "admin", SALT,
    "JBm5Z4/P/mFuS0BSIePYjdiKQRjnW6NqsocmcGl05NermNw1/ga/Uy5XW3vTdzU9zPpGzrRxyS8hc5vz0RDv9w==", TRUE },
  { "MD5", TRUE, "admin", SALT, "k8+AKdvPrPQREE0FAlmIng==", TRUE },
  { "PLAIN_TEXT", TRUE, "admin", SALT, "admin", TRUE },
  { "PLAIN_TEXT", TRUE, "admin", NULL, "admin2", FALSE },
  { "PLAIN_TEXT", TRUE, "", NULL, "", FALSE },
  { "PLAIN_TEXT", TRUE, "", NULL, NULL, FALSE },
  { "", TRUE, "admin", NULL, "admin", TRUE },
  { NULL, TRUE, "admin", NULL, "admin", TRUE },
  { NULL, TRUE, "admin", NULL, "Admin", FALSE },
  /* Digests that OpenSSL has and nobody may use: of no length, of any length, and names that nobody has. */
  { "NULL", FALSE, "admin", NULL, "", FALSE },
  { "SHAKE128", FALSE, "admin", NULL, "admin", FALSE },
  { "SHA-257", FALSE, "admin", NULL, "admin", FALSE },
  { "plain_text", FALSE, "admin", NULL, "admin", FALSE },
};

static void
test_check (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (check_cases); i++)
    {
      const CheckCase *test = &check_cases[i];
      ApimUserStoreSettings settings = settings_for (test->digest, test->salted);
      StUser user = user_with (test->hash, test->salt);

      if (core_password_check (&user, test->password, strlen (test->password), &settings, NOW) != test->right)
        g_error ("case %" G_GSIZE_FORMAT " should be %s", i, test->right ? "right" : "wrong");
    }
}

/* The length counts, not a terminator: what comes after a NUL is part of the password. */
static void
test_embedded_nul (void)
{
  ApimUserStoreSettings settings = settings_for ("SHA-256", TRUE);
  ApimUserStoreSettings plain = settings_for ("PLAIN_TEXT", FALSE);
  StUser user = user_with ("4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", SALT);
  StUser plain_user = user_with ("admin", NULL);

  g_assert_true (core_password_check (&user, "adminXYZ", 5, &settings, NOW));
  g_assert_false (core_password_check (&user, "admin\0x", 7, &settings, NOW));
  g_assert_false (core_password_check (&plain_user, "admin\0x", 7, &plain, NOW));
}

static void
test_no_user (void)
{
  static const char *const digests[] = { "SHA-256", "SHA-512", "PLAIN_TEXT", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      ApimUserStoreSettings settings = settings_for (digests[i], TRUE);

      g_assert_false (core_password_check (NULL, "admin", 5, &settings, NOW));
      g_assert_false (core_password_check (NULL, "", 0, &settings, NOW));
      /* Not even with what stands in for the missing hash. */
      g_assert_false (core_password_check (NULL, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 44, &settings, NOW));
    }
}

static void
test_required_change (void)
{
  static const struct
  {
    gboolean require_change;
    gint64 changed_ms;
    gboolean right;
  } cases[] = {
    { TRUE, NOW, TRUE },        { TRUE, NOW - DAY, TRUE }, { TRUE, NOW - DAY - 1, FALSE },
    { FALSE, NOW - DAY - 1, TRUE }, { FALSE, 0, TRUE },    { TRUE, 0, FALSE },
  };
  ApimUserStoreSettings settings = settings_for ("SHA-256", TRUE);
  StUser user = user_with ("4MnJjCYpevdkIed46uWi+mk+ZvFjMASJPmrZIWynBuM=", SALT);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      user.require_change = cases[i].require_change;
      user.changed_ms = cases[i].changed_ms;
      g_assert_cmpint (core_password_check (&user, "admin", 5, &settings, NOW), ==, cases[i].right);
      g_assert_false (core_password_check (&user, "wrong", 5, &settings, NOW));
    }
}

static void
test_hash_round_trip (void)
{
  static const char *const digests[] = { "SHA-256", "SHA-1", "SHA1", "SHA", "SHA-224", "SHA-384", "SHA-512", "MD5" };

  for (gsize i = 0; i < G_N_ELEMENTS (digests) * 2; i++)
    {
      ApimUserStoreSettings settings = settings_for (digests[i / 2], i % 2 == 0);
      g_autoptr (GError) error = NULL;
      g_autofree char *salt = NULL, *other_salt = NULL;
      g_autofree char *hash = core_password_hash ("p\xc3\xa4ss", &settings, &salt, &error);
      g_autofree char *other = core_password_hash ("p\xc3\xa4ss", &settings, &other_salt, &error);
      StUser user = user_with (hash, salt);

      g_assert_no_error (error);
      g_assert_cmpint (salt != NULL, ==, settings.salted);
      g_assert_true (core_password_check (&user, "p\xc3\xa4ss", 5, &settings, NOW));
      g_assert_false (core_password_check (&user, "pass", 4, &settings, NOW));
      if (settings.salted)
        {
          g_assert_cmpuint (strlen (salt), ==, 24);
          g_assert_cmpstr (salt, !=, other_salt);
          g_assert_cmpstr (hash, !=, other);
        }
      else
        g_assert_cmpstr (hash, ==, other);
    }
}

static void
test_hash_plain (void)
{
  ApimUserStoreSettings settings = settings_for ("PLAIN_TEXT", TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *salt = NULL;
  g_autofree char *hash = core_password_hash ("admin", &settings, &salt, &error);

  g_assert_no_error (error);
  g_assert_null (salt);
  g_assert_cmpstr (hash, ==, "admin");
}

static void
test_hash_unknown_digest (void)
{
  ApimUserStoreSettings settings = settings_for ("ROT-13", TRUE);
  g_autoptr (GError) error = NULL;
  char *salt = (char *) "untouched";

  g_assert_null (core_password_hash ("s3cret", &settings, &salt, &error));
  g_assert_error (error, APIM_CONFIG_ERROR, APIM_CONFIG_ERROR_VALUE);
  g_assert_null (salt);
  g_assert_nonnull (strstr (error->message, "ROT-13"));
  g_assert_null (strstr (error->message, "s3cret"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/password/check", test_check);
  g_test_add_func ("/password/embedded-nul", test_embedded_nul);
  g_test_add_func ("/password/no-user", test_no_user);
  g_test_add_func ("/password/required-change", test_required_change);
  g_test_add_func ("/password/hash/round-trip", test_hash_round_trip);
  g_test_add_func ("/password/hash/plain", test_hash_plain);
  g_test_add_func ("/password/hash/unknown-digest", test_hash_unknown_digest);
  return g_test_run ();
}
