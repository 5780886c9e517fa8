#include "config.h"
#include "keyvalidator/kv-changes.h"

guint64
kv_changes_ticket (const KvChanges *changes)
{
  return __atomic_load_n (&changes->counter, __ATOMIC_ACQUIRE);
}

guint16
kv_changes_slot (guint64 tag)
{
  return (guint16) (tag % KV_CHANGE_SLOTS);
}

static void
raise_to (guint64 *slot, guint64 number)
{
  guint64 seen = __atomic_load_n (slot, __ATOMIC_RELAXED);

  while (seen < number
         && !__atomic_compare_exchange_n (slot, &seen, number, TRUE, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
    continue;
}

static void
note (KvChanges *changes, guint64 *slot)
{
  raise_to (slot, __atomic_add_fetch (&changes->counter, 1, __ATOMIC_SEQ_CST));
}

void
kv_changes_note (KvChanges *changes, guint64 tag)
{
  note (changes, &changes->slots[kv_changes_slot (tag)]);
}

void
kv_changes_note_all (KvChanges *changes)
{
  note (changes, &changes->all);
}

gboolean
kv_changes_since (const KvChanges *changes, guint64 ticket, const guint16 *slots, guint n)
{
  if (__atomic_load_n (&changes->all, __ATOMIC_RELAXED) > ticket)
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (__atomic_load_n (&changes->slots[slots[i]], __ATOMIC_RELAXED) > ticket)
      return TRUE;
  return FALSE;
}
