#include "config.h"
#include "core/core-lockout.h"

#include <string.h>

#define FREE_FAILURES 5
#define FIRST_WAIT_MS 1000
#define LONGEST_WAIT_MS (5 * 60 * 1000)
#define MAX_PAIRS 65536
#define DIGEST_SIZE 32
#define SALT_WORDS 4

/* A pair is known by a digest of user and address: names as long as a message may be cost no memory. */
typedef struct
{
  guint8 digest[DIGEST_SIZE];
} PairKey;

typedef struct
{
  PairKey key;
  GList link; /* in CoreLockout.by_age; data is this pair */
  guint failures;
  gint64 last_us; /* of the last failure, monotonic */
} Pair;

struct _CoreLockout
{
  const ApimClock *clock;
  guint32 salt[SALT_WORDS]; /* so that nobody can prepare names that share a bucket; no secret is kept by it */
  GMutex mutex;
  GHashTable *pairs; /* PairKey (inside the Pair) to Pair, owned; guarded by mutex, as all below */
  GQueue by_age;     /* head: the longest without a failure */
};

static guint
key_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, ((const PairKey *) key)->digest, sizeof hash);
  return hash;
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (PairKey)) == 0;
}

CoreLockout *
core_lockout_new (const ApimClock *clock)
{
  CoreLockout *lockout = g_new0 (CoreLockout, 1);

  lockout->clock = clock;
  for (gsize i = 0; i < SALT_WORDS; i++)
    lockout->salt[i] = g_random_int ();
  g_mutex_init (&lockout->mutex);
  lockout->pairs = g_hash_table_new_full (key_hash, key_equal, NULL, g_free);
  g_queue_init (&lockout->by_age);
  return lockout;
}

void
core_lockout_free (CoreLockout *lockout)
{
  if (lockout == NULL)
    return;
  g_hash_table_destroy (lockout->pairs);
  g_mutex_clear (&lockout->mutex);
  g_free (lockout);
}

/* User names match without case (spec/databases.md 6.2), so each spelling must not have failures of its own. */
static PairKey
make_key (const CoreLockout *lockout, const char *user, const char *address)
{
  g_autofree char *lower = g_utf8_validate (user, -1, NULL) ? g_utf8_strdown (user, -1) : g_ascii_strdown (user, -1);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = DIGEST_SIZE;
  PairKey key;

  g_checksum_update (checksum, (const guchar *) lockout->salt, sizeof lockout->salt);
  g_checksum_update (checksum, (const guchar *) lower, (gssize) strlen (lower) + 1); /* the NUL parts the two */
  g_checksum_update (checksum, (const guchar *) address, (gssize) strlen (address));
  g_checksum_get_digest (checksum, key.digest, &size);
  return key;
}

static gint64
wait_after (guint failures)
{
  gint64 wait_ms = FIRST_WAIT_MS;

  if (failures <= FREE_FAILURES)
    return 0;
  for (guint i = FREE_FAILURES + 1; i < failures && wait_ms < LONGEST_WAIT_MS; i++)
    wait_ms *= 2;
  return MIN (wait_ms, LONGEST_WAIT_MS);
}

gint64
core_lockout_wait_ms (CoreLockout *lockout, const char *user, const char *address)
{
  PairKey key = make_key (lockout, user, address);
  gint64 now_us = apim_clock_monotonic_us (lockout->clock);
  gint64 left_us = 0;
  Pair *pair;

  g_mutex_lock (&lockout->mutex);
  pair = g_hash_table_lookup (lockout->pairs, &key);
  if (pair != NULL)
    left_us = pair->last_us + wait_after (pair->failures) * 1000 - now_us;
  g_mutex_unlock (&lockout->mutex);
  return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

static void
drop_pair (CoreLockout *lockout, Pair *pair)
{
  g_queue_unlink (&lockout->by_age, &pair->link);
  g_hash_table_remove (lockout->pairs, &pair->key);
}

static Pair *
add_pair (CoreLockout *lockout, const PairKey *key)
{
  Pair *pair;

  if (g_hash_table_size (lockout->pairs) >= MAX_PAIRS)
    drop_pair (lockout, lockout->by_age.head->data);
  pair = g_new0 (Pair, 1);
  pair->key = *key;
  pair->link.data = pair;
  g_hash_table_insert (lockout->pairs, &pair->key, pair);
  g_queue_push_tail_link (&lockout->by_age, &pair->link);
  return pair;
}

void
core_lockout_failed (CoreLockout *lockout, const char *user, const char *address)
{
  PairKey key = make_key (lockout, user, address);
  gint64 now_us = apim_clock_monotonic_us (lockout->clock);
  Pair *pair;

  g_mutex_lock (&lockout->mutex);
  pair = g_hash_table_lookup (lockout->pairs, &key);
  if (pair == NULL)
    pair = add_pair (lockout, &key);
  g_queue_unlink (&lockout->by_age, &pair->link);
  g_queue_push_tail_link (&lockout->by_age, &pair->link);
  pair->last_us = now_us;
  if (pair->failures < G_MAXUINT)
    pair->failures++;
  g_mutex_unlock (&lockout->mutex);
}

void
core_lockout_succeeded (CoreLockout *lockout, const char *user, const char *address)
{
  PairKey key = make_key (lockout, user, address);
  Pair *pair;

  g_mutex_lock (&lockout->mutex);
  pair = g_hash_table_lookup (lockout->pairs, &key);
  if (pair != NULL)
    drop_pair (lockout, pair);
  g_mutex_unlock (&lockout->mutex);
}
