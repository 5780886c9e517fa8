/* Which of several Key Managers is asked: each worker has a home among them, so that they share the load, and goes
 * elsewhere while that one fails. One that failed is left alone for 100 ms, then twice as long up to 10 s; after that a
 * single question finds out whether it works again, as long as another one does.
 *
 * Threads: one worker. */
#ifndef GW_PEER_HEALTH_H
#define GW_PEER_HEALTH_H

#include <glib.h>

G_BEGIN_DECLS

/* Zero-initialise. */
typedef struct
{
  guint n_failures;     /* since the last success */
  gint64 down_until_us; /* monotonic; 0: it works, for all that is known */
} GwPeerHealth;

void gw_peer_health_failed (GwPeerHealth *health, gint64 now_us);
/* Likewise, for a given time: a login that was refused. */
void gw_peer_health_pause (GwPeerHealth *health, gint64 now_us, gint64 pause_ms);
/* Returns: whether it had failed before. */
gboolean gw_peer_health_works (GwPeerHealth *health);

/* The one to ask. @home: of the worker. @probe_ms: how long the others stay away from one that is tried again.
 * *down: (out): all of them failed; then it is the one that may be tried first. */
guint gw_peer_health_choose (GwPeerHealth *healths, guint n, guint home, gint64 now_us, gint64 probe_ms,
                             gboolean *down);

G_END_DECLS
#endif
