#include "config.h"
#include "common/apim-clock.h"

static gint64
system_wall_ms (const ApimClock *clock)
{
  return g_get_real_time () / 1000;
}

static gint64
system_monotonic_us (const ApimClock *clock)
{
  return g_get_monotonic_time ();
}

const ApimClock apim_clock_system = { system_wall_ms, system_monotonic_us };

static gint64
manual_wall_ms (const ApimClock *clock)
{
  return __atomic_load_n (&((const ApimManualClock *) clock)->now_wall_ms, __ATOMIC_SEQ_CST);
}

static gint64
manual_monotonic_us (const ApimClock *clock)
{
  return __atomic_load_n (&((const ApimManualClock *) clock)->now_monotonic_us, __ATOMIC_SEQ_CST);
}

void
apim_manual_clock_init (ApimManualClock *manual, gint64 wall_ms)
{
  manual->clock.wall_ms = manual_wall_ms;
  manual->clock.monotonic_us = manual_monotonic_us;
  manual->now_wall_ms = wall_ms;
  manual->now_monotonic_us = G_USEC_PER_SEC;
}

void
apim_manual_clock_advance (ApimManualClock *manual, gint64 ms)
{
  __atomic_add_fetch (&manual->now_wall_ms, ms, __ATOMIC_SEQ_CST);
  if (ms > 0)
    __atomic_add_fetch (&manual->now_monotonic_us, ms * 1000, __ATOMIC_SEQ_CST);
}
