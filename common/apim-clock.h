/* Time, injected, so that a test can move it.
 * Threads: every function may be called from any thread. */
#ifndef APIM_CLOCK_H
#define APIM_CLOCK_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _ApimClock ApimClock;

struct _ApimClock
{
  gint64 (*wall_ms) (const ApimClock *clock);      /* milliseconds since the epoch, UTC */
  gint64 (*monotonic_us) (const ApimClock *clock); /* microseconds, never goes back */
};

/* The machine's clock. */
extern const ApimClock apim_clock_system;

static inline gint64
apim_clock_wall_ms (const ApimClock *clock)
{
  return clock->wall_ms (clock);
}

static inline gint64
apim_clock_monotonic_us (const ApimClock *clock)
{
  return clock->monotonic_us (clock);
}

/* A clock for tests that only moves when told to. The fields are read and written atomically. */
typedef struct
{
  ApimClock clock; /* pass &manual.clock */
  gint64 now_wall_ms;
  gint64 now_monotonic_us;
} ApimManualClock;

void apim_manual_clock_init (ApimManualClock *manual, gint64 wall_ms);
/* Moves both times on by @ms milliseconds (which may be negative for the wall clock only). */
void apim_manual_clock_advance (ApimManualClock *manual, gint64 ms);

G_END_DECLS
#endif
