/* How often something that strangers may do is done: so many times an hour from one address, and so many in all. What
 * was not used is saved up to an hour's worth at most. Bounded to 16,384 addresses; the one that came the longest ago
 * is forgotten first, which gives it back its hour: against many addresses there is the limit on all of them. Threads:
 * any. */
#ifndef CORE_RATE_LIMIT_H
#define CORE_RATE_LIMIT_H

#include "common/apim-clock.h"

G_BEGIN_DECLS

#define CORE_RATE_LIMIT_MAX_ADDRESSES 16384

typedef struct _CoreRateLimit CoreRateLimit;

/* 0: any number. @clock: borrowed. */
CoreRateLimit *core_rate_limit_new (guint per_hour_and_address, guint per_hour, const ApimClock *clock);
void core_rate_limit_free (CoreRateLimit *limit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreRateLimit, core_rate_limit_free)

/* One time. Returns: 0: it may be done; else how many milliseconds it is too early, and nothing is counted. */
gint64 core_rate_limit_take_ms (CoreRateLimit *limit, const char *address);

G_END_DECLS
#endif
