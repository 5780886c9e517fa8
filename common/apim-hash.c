#include "config.h"
#include "common/apim-hash.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The four words of SipHash's state; names and constants are the paper's. */
typedef struct
{
  guint64 v0, v1, v2, v3;
} State;

void
apim_hash_key_init (ApimHashKey *key)
{
  if (getentropy (key, sizeof *key) != 0)
    g_error ("the kernel gives no random bytes: %s", g_strerror (errno));
}

static inline guint64
rotate (guint64 word, guint bits)
{
  return word << bits | word >> (64 - bits);
}

static inline void
sip_rounds (State *s, guint rounds)
{
  for (guint i = 0; i < rounds; i++)
    {
      s->v0 += s->v1;
      s->v1 = rotate (s->v1, 13) ^ s->v0;
      s->v0 = rotate (s->v0, 32);
      s->v2 += s->v3;
      s->v3 = rotate (s->v3, 16) ^ s->v2;
      s->v0 += s->v3;
      s->v3 = rotate (s->v3, 21) ^ s->v0;
      s->v2 += s->v1;
      s->v1 = rotate (s->v1, 17) ^ s->v2;
      s->v2 = rotate (s->v2, 32);
    }
}

static inline void
take_word (State *s, guint64 word, guint rounds)
{
  s->v3 ^= word;
  sip_rounds (s, rounds);
  s->v0 ^= word;
}

/* The last word: what is left of the bytes, and the length's lowest byte on top. */
static inline guint64
last_word (const guint8 *rest, gsize length)
{
  guint64 word = (guint64) (length & 0xff) << 56;

  for (gsize i = 0; i < length % 8; i++)
    word |= (guint64) rest[i] << (8 * i);
  return word;
}

static inline State
start (const ApimHashKey *key)
{
  return (State){
    key->k0 ^ G_GUINT64_CONSTANT (0x736f6d6570736575),
    key->k1 ^ G_GUINT64_CONSTANT (0x646f72616e646f6d),
    key->k0 ^ G_GUINT64_CONSTANT (0x6c7967656e657261),
    key->k1 ^ G_GUINT64_CONSTANT (0x7465646279746573),
  };
}

static inline void
absorb (State *s, gconstpointer data, gsize length, guint rounds)
{
  const guint8 *bytes = data;
  gsize whole = length - length % 8;

  for (gsize i = 0; i < whole; i += 8)
    {
      guint64 word;

      memcpy (&word, bytes + i, sizeof word);
      take_word (s, GUINT64_FROM_LE (word), rounds);
    }
  take_word (s, last_word (length % 8 == 0 ? NULL : bytes + whole, length), rounds);
}

static inline guint64
squeeze (State *s, guint rounds)
{
  sip_rounds (s, rounds);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

guint64
apim_hash (const ApimHashKey *key, gconstpointer bytes, gsize length)
{
  State s = start (key);

  absorb (&s, bytes, length, 1);
  s.v2 ^= 0xff;
  return squeeze (&s, 3);
}

void
apim_hash_fingerprint (const ApimHashKey *key, gconstpointer bytes, gsize length, guint64 fingerprint[2])
{
  State s = start (key);

  s.v1 ^= 0xee;
  absorb (&s, bytes, length, 2);
  s.v2 ^= 0xee;
  fingerprint[0] = squeeze (&s, 4);
  s.v1 ^= 0xdd;
  fingerprint[1] = squeeze (&s, 4);
}
