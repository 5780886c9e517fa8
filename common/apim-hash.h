/* Keyed hashes of bytes that strangers choose: SipHash (Aumasson and Bernstein, 2012) with a random key per process,
 * so that nobody outside can find texts that fall into one bucket.
 * Threads: pure functions over the caller's memory. */
#ifndef APIM_HASH_H
#define APIM_HASH_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 k0;
  guint64 k1;
} ApimHashKey;

/* 128 random bits from the kernel. Ends the process when the kernel has none: a guessable key would be worse. */
void apim_hash_key_init (ApimHashKey *key);

/* For tables, where the bytes themselves are compared too: SipHash-1-3, 64 bits. @bytes: NULL will do when @length is
 * 0, here and below. */
guint64 apim_hash (const ApimHashKey *key, gconstpointer bytes, gsize length);

/* For tables that keep no bytes to compare: SipHash-2-4, 128 bits. Two texts share a fingerprint with probability
 * 2^-128. */
void apim_hash_fingerprint (const ApimHashKey *key, gconstpointer bytes, gsize length, guint64 fingerprint[2]);

G_END_DECLS
#endif
