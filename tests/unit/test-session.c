#include "config.h"
#include "core/core-session.h"

#include <string.h>

static const guint8 key[CORE_SESSION_KEY_SIZE] = "0123456789abcdef0123456789abcde";
static const guint8 other_key[CORE_SESSION_KEY_SIZE] = "0123456789abcdef0123456789abcdf";
static const CoreSession sample = { ST_SUPER_TENANT_ID, 17, G_GINT64_CONSTANT (1500000000123),
                                    G_GUINT64_CONSTANT (0xfedcba9876543210) };

static void
seal (const CoreSession *session, char *id)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (core_session_seal (session, key, id, &error));
  g_assert_no_error (error);
}

static void
test_round_trip (void)
{
  static const CoreSession sessions[] = {
    { ST_SUPER_TENANT_ID, 17, G_GINT64_CONSTANT (1500000000123), G_GUINT64_CONSTANT (0xfedcba9876543210) },
    { 0, 0, 0, 0 },
    { G_MAXINT, G_MAXINT, (G_GINT64_CONSTANT (1) << 48) - 1, G_MAXUINT64 },
    { G_MININT, G_MININT, 1, 1 },
  };
  static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

  for (gsize i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      char id[CORE_SESSION_ID_LENGTH + 1];
      CoreSession opened;

      seal (&sessions[i], id);
      g_assert_cmpuint (strlen (id), ==, CORE_SESSION_ID_LENGTH);
      g_assert_cmpuint (strspn (id, alphabet), ==, CORE_SESSION_ID_LENGTH);
      g_assert_true (core_session_open (&opened, key, id, strlen (id)));
      g_assert_cmpint (opened.tenant_id, ==, sessions[i].tenant_id);
      g_assert_cmpint (opened.user_id, ==, sessions[i].user_id);
      g_assert_cmpint (opened.issued_ms, ==, sessions[i].issued_ms);
      g_assert_cmpuint (opened.fingerprint, ==, sessions[i].fingerprint);
    }
}

/* Two logins in the same millisecond are two sessions. */
static void
test_unique (void)
{
  char first[CORE_SESSION_ID_LENGTH + 1], second[CORE_SESSION_ID_LENGTH + 1];

  seal (&sample, first);
  seal (&sample, second);
  g_assert_cmpstr (first, !=, second);
}

/* A clock that stands before the epoch, or after all time, makes a session that is old or far ahead, not another
 * user's. */
static void
test_impossible_times (void)
{
  CoreSession session = sample, opened;
  char id[CORE_SESSION_ID_LENGTH + 1];

  session.issued_ms = -1;
  seal (&session, id);
  g_assert_true (core_session_open (&opened, key, id, sizeof id - 1));
  g_assert_cmpint (opened.issued_ms, ==, 0);
  g_assert_cmpint (opened.user_id, ==, sample.user_id);
  session.issued_ms = G_MAXINT64;
  seal (&session, id);
  g_assert_true (core_session_open (&opened, key, id, sizeof id - 1));
  g_assert_cmpint (opened.issued_ms, ==, (G_GINT64_CONSTANT (1) << 48) - 1);
  g_assert_cmpuint (opened.fingerprint, ==, sample.fingerprint);
}

/* Any other character in any place, valid or not, and any single bit. */
static void
test_every_change_is_seen (void)
{
  char id[CORE_SESSION_ID_LENGTH + 1];
  CoreSession opened;

  seal (&sample, id);
  for (gsize i = 0; i < CORE_SESSION_ID_LENGTH; i++)
    {
      char right = id[i];

      for (guint other = 0; other < 256; other++)
        {
          id[i] = (char) other;
          g_assert_cmpint (core_session_open (&opened, key, id, CORE_SESSION_ID_LENGTH), ==, id[i] == right);
        }
      id[i] = right;
    }
}

static void
test_other_key (void)
{
  char id[CORE_SESSION_ID_LENGTH + 1];
  CoreSession opened;

  seal (&sample, id);
  g_assert_false (core_session_open (&opened, other_key, id, CORE_SESSION_ID_LENGTH));
}

static void
test_wrong_form (void)
{
  static const char *const texts[] = {
    "",
    "5c3f0a1e-7b42-4d6a-9e10-2f8c6b7d9a01", /* what WSO2 hands out */
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
    "++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++",
    "//////////////////////////////////////////////////////////////",
  };
  char id[2 * CORE_SESSION_ID_LENGTH + 1];
  CoreSession opened;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (core_session_open (&opened, key, texts[i], strlen (texts[i])));
  g_assert_false (core_session_open (&opened, key, NULL, CORE_SESSION_ID_LENGTH));
  /* A right id with something before, after, or missing. */
  memset (id, 'A', sizeof id);
  seal (&sample, id);
  for (gsize length = 0; length < sizeof id - 1; length++)
    g_assert_cmpint (core_session_open (&opened, key, id, length), ==, length == CORE_SESSION_ID_LENGTH);
  g_assert_false (core_session_open (&opened, key, id + 1, CORE_SESSION_ID_LENGTH));
}

/* Made by an independent implementation (Python's hmac): ids must stay readable for nodes of other releases. */
static void
test_known_id (void)
{
  static const char id[] = "___7LgAAABEBXT73mHv-3LqYdlQyEAABAgMEBQYH3HSZ3x2TojB6rGXmAJhPbw";
  CoreSession opened;

  g_assert_true (core_session_open (&opened, key, id, strlen (id)));
  g_assert_cmpint (opened.tenant_id, ==, sample.tenant_id);
  g_assert_cmpint (opened.user_id, ==, sample.user_id);
  g_assert_cmpint (opened.issued_ms, ==, sample.issued_ms);
  g_assert_cmpuint (opened.fingerprint, ==, sample.fingerprint);
}

static guint64
fingerprint (const char *hash, const char *salt, const guint8 *with)
{
  StUser user = { .id = 1, .password_hash = (char *) hash, .salt = (char *) salt };

  return core_session_fingerprint (&user, with);
}

static void
test_fingerprint (void)
{
  guint64 first = fingerprint ("hash", "salt", key);

  g_assert_cmpuint (first, ==, G_GUINT64_CONSTANT (0x4a21bb3d2a6bfcf1)); /* Python's hmac again */
  g_assert_cmpuint (first, ==, fingerprint ("hash", "salt", key));
  g_assert_cmpuint (first, !=, fingerprint ("hash", "salt", other_key));
  g_assert_cmpuint (first, !=, fingerprint ("hash2", "salt", key));
  g_assert_cmpuint (first, !=, fingerprint ("hash", "salt2", key));
  g_assert_cmpuint (first, !=, fingerprint ("hashs", "alt", key));
  g_assert_cmpuint (first, !=, fingerprint ("hash", NULL, key));
  g_assert_cmpuint (first, !=, fingerprint (NULL, "hashsalt", key));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/round-trip", test_round_trip);
  g_test_add_func ("/session/unique", test_unique);
  g_test_add_func ("/session/impossible-times", test_impossible_times);
  g_test_add_func ("/session/every-change-is-seen", test_every_change_is_seen);
  g_test_add_func ("/session/other-key", test_other_key);
  g_test_add_func ("/session/wrong-form", test_wrong_form);
  g_test_add_func ("/session/known-id", test_known_id);
  g_test_add_func ("/session/fingerprint", test_fingerprint);
  return g_test_run ();
}
