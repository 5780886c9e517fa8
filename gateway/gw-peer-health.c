#include "config.h"
#include "gateway/gw-peer-health.h"

#define FIRST_PAUSE_MS 100
#define LONGEST_PAUSE_MS 10000
#define US_PER_MS 1000

void
gw_peer_health_failed (GwPeerHealth *health, gint64 now_us)
{
  gint64 pause_ms = (gint64) FIRST_PAUSE_MS << MIN (health->n_failures, 16);

  gw_peer_health_pause (health, now_us, MIN (pause_ms, LONGEST_PAUSE_MS));
}

void
gw_peer_health_pause (GwPeerHealth *health, gint64 now_us, gint64 pause_ms)
{
  health->n_failures++;
  health->down_until_us = now_us + pause_ms * US_PER_MS;
}

gboolean
gw_peer_health_works (GwPeerHealth *health)
{
  gboolean had_failed = health->n_failures > 0;

  *health = (GwPeerHealth){ 0 };
  return had_failed;
}

guint
gw_peer_health_choose (GwPeerHealth *healths, guint n, guint home, gint64 now_us, gint64 probe_ms, gboolean *down)
{
  guint first = home % n;

  *down = FALSE;
  for (guint i = 0; i < n; i++)
    {
      guint index = (home + i) % n;
      GwPeerHealth *health = &healths[index];

      if (health->down_until_us <= now_us)
        {
          if (health->n_failures > 0 && n > 1)
            health->down_until_us = now_us + probe_ms * US_PER_MS;
          return index;
        }
      if (health->down_until_us < healths[first].down_until_us)
        first = index;
    }
  *down = TRUE;
  return first;
}
