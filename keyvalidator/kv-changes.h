/* What has changed since when: how cached facts learn that the database says something else now.
 *
 * Every change has a number: one counter, which each change raises by one. A change is told by a tag (a keyed hash of
 * what changed: a token, a consumer key, ...) and leaves its number in the tag's slot, one of KV_CHANGE_SLOTS. Before
 * a fact is read from the database its reader notes the counter: the fact's ticket. The fact is current as long as no
 * slot of its tags holds a number above its ticket. So telling a change is O(1) however many facts it concerns, and
 * two tags that share a slot cost a needless look-up, never a stale answer.
 *
 * The promise: once kv_changes_note() has returned, no fact with this tag counts as current unless its read from the
 * database began after the change could be seen there. The races, one by one, for change n of one slot:
 *
 * - A ticket t >= n: the reader saw the counter at n or later. The counter is raised by sequentially consistent
 *   read-modify-writes and read with acquire, so everything that the noting thread did before (it saw the change
 *   committed) happened before the reader asks the database. The reader gets the new row, and its fact is rightly
 *   current: the slot's n is not above t.
 * - A ticket t < n: the fact may be old. Whether it enters the cache before or after the note does not matter, because
 *   the slots are compared at every look-up, not once at the insertion: from the moment the slot says n it is refused.
 *   The same comparison before an insertion only saves the memory.
 * - Between the counter's step to n and the slot's: tickets taken here are >= n and right, as above; look-ups may still
 *   use facts older than n, but kv_changes_note() has not returned yet.
 * - Two changes of one slot at once: a slot only grows (compare-and-exchange), so the larger number stays, whoever
 *   writes last.
 * - A look-up that began after the note returned: an atomic object never shows a value older than one whose writing
 *   happened before the reading (coherence), so a relaxed load of the slot is enough. The "happened before" comes from
 *   whatever told the look-up's client that the change is made: a socket, a lock, a thread's start.
 *
 * Two things are the callers': note a change only after its commit, and read the database in a transaction that begins
 * after the ticket was taken, on the server that the change was seen on.
 *
 * Threads: any, for every function; no locks. */
#ifndef KV_CHANGES_H
#define KV_CHANGES_H

#include <glib.h>

G_BEGIN_DECLS

#define KV_CHANGE_SLOTS 65536

typedef struct
{
  guint64 all; /* number of the last change that concerned everything */
  guint64 slots[KV_CHANGE_SLOTS];
  /* At the far end: written by every change, while every look-up reads all. */
  guint64 counter;
} KvChanges;

/* A zeroed KvChanges is ready: no change yet. */

/* The ticket of a read from the database that begins now. */
guint64 kv_changes_ticket (const KvChanges *changes);

guint16 kv_changes_slot (guint64 tag);

/* What @tag stands for has changed, and the change is committed. */
void kv_changes_note (KvChanges *changes, guint64 tag);

/* Anything may have changed. */
void kv_changes_note_all (KvChanges *changes);

/* Whether a fact of this ticket and these @n slots may differ from the database. */
gboolean kv_changes_since (const KvChanges *changes, guint64 ticket, const guint16 *slots, guint n);

G_END_DECLS
#endif
