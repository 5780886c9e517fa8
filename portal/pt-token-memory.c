#include "config.h"
#include "portal/pt-token-memory.h"

#include "common/apim-secret.h"

typedef struct
{
  PtCaller *caller;
  gint64 from_ms; /* when it was looked up */
} Entry;

struct _PtTokenMemory
{
  const ApimClock *clock;
  gint64 remember_ms;
  GMutex mutex;        /* guards the table; held for a look-up in it */
  GHashTable *entries; /* of Entry by the token's digest */
};

PtCaller *
pt_caller_new (CoreActor *actor, char **scopes, char *consumer_key, gint64 end_ms)
{
  PtCaller *caller = g_atomic_rc_box_new0 (PtCaller);

  caller->actor = actor;
  caller->scopes = scopes;
  caller->consumer_key = consumer_key;
  caller->end_ms = end_ms;
  return caller;
}

PtCaller *
pt_caller_ref (PtCaller *caller)
{
  return g_atomic_rc_box_acquire (caller);
}

static void
clear_caller (gpointer data)
{
  PtCaller *caller = data;

  core_actor_free (caller->actor);
  g_strfreev (caller->scopes);
  g_free (caller->consumer_key);
}

void
pt_caller_unref (PtCaller *caller)
{
  g_atomic_rc_box_release_full (caller, clear_caller);
}

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  pt_caller_unref (entry->caller);
  g_free (entry);
}

PtTokenMemory *
pt_token_memory_new (const ApimClock *clock, gint64 remember_ms)
{
  PtTokenMemory *memory = g_new0 (PtTokenMemory, 1);

  memory->clock = clock;
  memory->remember_ms = remember_ms;
  memory->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_entry);
  g_mutex_init (&memory->mutex);
  return memory;
}

void
pt_token_memory_free (PtTokenMemory *memory)
{
  if (memory == NULL)
    return;
  g_hash_table_unref (memory->entries);
  g_mutex_clear (&memory->mutex);
  g_free (memory);
}

/* Also not remembered: by a clock that has been put back since, and past the token's own end. */
static gboolean
is_fresh (const PtTokenMemory *memory, const Entry *entry, gint64 now_ms)
{
  return now_ms >= entry->from_ms && now_ms - entry->from_ms < memory->remember_ms
         && now_ms < entry->caller->end_ms;
}

PtCaller *
pt_token_memory_recall (PtTokenMemory *memory, const char *token, gsize length)
{
  gint64 now_ms = apim_clock_wall_ms (memory->clock);
  char digest[APIM_SHA256_HEX_SIZE];
  PtCaller *caller = NULL;
  const Entry *entry;

  if (memory->remember_ms <= 0 || !apim_sha256_hex (token, length, digest))
    return NULL;
  g_mutex_lock (&memory->mutex);
  entry = g_hash_table_lookup (memory->entries, digest);
  if (entry != NULL && is_fresh (memory, entry, now_ms))
    caller = pt_caller_ref (entry->caller);
  else if (entry != NULL)
    g_hash_table_remove (memory->entries, digest);
  g_mutex_unlock (&memory->mutex);
  return caller;
}

void
pt_token_memory_remember (PtTokenMemory *memory, const char *token, gsize length, PtCaller *caller,
                          gint64 from_ms)
{
  char digest[APIM_SHA256_HEX_SIZE];
  Entry *entry;

  if (memory->remember_ms <= 0 || !apim_sha256_hex (token, length, digest))
    return;
  entry = g_new0 (Entry, 1);
  entry->caller = pt_caller_ref (caller);
  entry->from_ms = from_ms;
  g_mutex_lock (&memory->mutex);
  if (g_hash_table_size (memory->entries) >= PT_TOKENS_REMEMBERED)
    g_hash_table_remove_all (memory->entries);
  g_hash_table_insert (memory->entries, g_strdup (digest), entry);
  g_mutex_unlock (&memory->mutex);
}
