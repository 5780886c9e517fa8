/* Lock-out after failed logins, per user and address, with growing delay (spec/decisions.md 14): a stranger at
 * another address cannot lock a gateway's account. 5 failures are free; after the sixth 1 s, doubling to at most 5
 * min, counted from the last failure. A success forgets. User names count without case; pass the same form of a name
 * each time (with or without its tenant). Bounded to 65,536 pairs; the ones that have not failed for the longest time
 * go first. Threads: any. */
#ifndef CORE_LOCKOUT_H
#define CORE_LOCKOUT_H

#include "common/apim-clock.h"

G_BEGIN_DECLS

typedef struct _CoreLockout CoreLockout;

CoreLockout *core_lockout_new (const ApimClock *clock);
void core_lockout_free (CoreLockout *lockout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreLockout, core_lockout_free)

/* Milliseconds to wait before another try is looked at; 0 = now. */
gint64 core_lockout_wait_ms (CoreLockout *lockout, const char *user, const char *address);
void core_lockout_failed (CoreLockout *lockout, const char *user, const char *address);
void core_lockout_succeeded (CoreLockout *lockout, const char *user, const char *address);

G_END_DECLS
#endif
