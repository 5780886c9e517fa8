/* How slow a client may be where a call waits for it: a leaky bucket of patience. Nothing for a whole time-out, and
 * patience is over; so it is where what comes (or is taken) is less than MinTransferRate for so long that a time-out's worth
 * is used up. So one byte per time-out keeps nobody waiting for ever, a pause of nearly a time-out is forgiven once what came
 * was enough, and credit beyond one time-out is not saved up. Time in which the call does not wait for the client counts for
 * nothing.
 *
 * Patience is over when net_worker_now_us() is past gw_pace_since() and the time-out. Zero-initialise for each message.
 * Threads: pure functions. */
#ifndef GW_PACE_H
#define GW_PACE_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 since_us; /* while it waits: where the waiting would have begun, had what came lasted as long as it may */
  gint64 spent_us; /* while it does not: patience used so far */
  gboolean waits;
} GwPace;

/* The call waits for the client from now on. */
static inline void
gw_pace_wait (GwPace *pace, gint64 now_us)
{
  if (pace->waits)
    return;
  pace->waits = TRUE;
  pace->since_us = now_us - pace->spent_us;
}

/* It does not. */
static inline void
gw_pace_rest (GwPace *pace, gint64 now_us)
{
  if (!pace->waits)
    return;
  pace->waits = FALSE;
  pace->spent_us = MAX (now_us - pace->since_us, 0);
}

/* @length bytes came, or were taken. @rate: bytes per second that have to, on average; 0: any one will do. */
static inline void
gw_pace_progress (GwPace *pace, gint64 now_us, gsize length, guint rate)
{
  gint64 credit_us = rate > 0 ? (gint64) (MIN (length, G_MAXUINT32) * G_USEC_PER_SEC / rate) : G_MAXINT64 / 2;

  if (pace->waits)
    pace->since_us = MIN (now_us, pace->since_us + credit_us);
  else
    pace->spent_us = MAX (0, pace->spent_us - credit_us);
}

/* Since when the client counts as having done nothing. Only while the call waits. */
static inline gint64
gw_pace_since (const GwPace *pace)
{
  return pace->since_us;
}

G_END_DECLS
#endif
