#include "config.h"
#include "keyvalidator/kv-credential-memory.h"

#include "common/apim-hash.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct
{
  guint64 fingerprint[2];
  gint64 until_ms; /* 0: empty */
  char note[KV_CREDENTIAL_NOTE_SIZE];
} Slot;

struct _KvCredentialMemory
{
  const ApimClock *clock;
  gint64 remember_ms;
  ApimHashKey key;
  GMutex mutex; /* guards the slots; held for a copy */
  Slot slots[KV_CREDENTIAL_SLOTS];
};

KvCredentialMemory *
kv_credential_memory_new (const ApimClock *clock, gint64 remember_ms)
{
  KvCredentialMemory *memory = g_new0 (KvCredentialMemory, 1);

  memory->clock = clock;
  memory->remember_ms = remember_ms;
  apim_hash_key_init (&memory->key);
  g_mutex_init (&memory->mutex);
  return memory;
}

void
kv_credential_memory_free (KvCredentialMemory *memory)
{
  if (memory == NULL)
    return;
  g_mutex_clear (&memory->mutex);
  OPENSSL_cleanse (memory, sizeof *memory);
  g_free (memory);
}

/* User, NUL and password lie behind each other (net-http-credentials.h decodes them in place); neither holds a NUL. */
static Slot *
slot_of (KvCredentialMemory *memory, const NetHttpBasic *basic, guint64 fingerprint[2])
{
  apim_hash_fingerprint (&memory->key, basic->user, basic->password + strlen (basic->password) - basic->user, fingerprint);
  return &memory->slots[fingerprint[0] % KV_CREDENTIAL_SLOTS];
}

gboolean
kv_credential_memory_recall (KvCredentialMemory *memory, const NetHttpBasic *basic, char *note)
{
  gint64 now_ms = apim_clock_wall_ms (memory->clock);
  guint64 fingerprint[2];
  const Slot *slot = slot_of (memory, basic, fingerprint);
  gboolean found;

  g_mutex_lock (&memory->mutex);
  /* Also not remembered: by a clock that has been put back since. */
  found = now_ms < slot->until_ms && slot->until_ms - now_ms <= memory->remember_ms
          && memcmp (slot->fingerprint, fingerprint, sizeof slot->fingerprint) == 0;
  if (found)
    memcpy (note, slot->note, sizeof slot->note);
  g_mutex_unlock (&memory->mutex);
  return found;
}

void
kv_credential_memory_remember (KvCredentialMemory *memory, const NetHttpBasic *basic, const char *note)
{
  guint64 fingerprint[2];
  Slot *slot = slot_of (memory, basic, fingerprint);

  g_assert (strlen (note) < sizeof slot->note);
  g_mutex_lock (&memory->mutex);
  memcpy (slot->fingerprint, fingerprint, sizeof slot->fingerprint);
  slot->until_ms = apim_clock_wall_ms (memory->clock) + memory->remember_ms;
  g_strlcpy (slot->note, note, sizeof slot->note);
  g_mutex_unlock (&memory->mutex);
}
