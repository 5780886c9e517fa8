#include "config.h"
#include "gateway/gw-hard-limit.h"

#define STANDARD_UNIT_MS 1000

/* A window is one word, so that its begin and its count change together: milliseconds above (38 bits, eight years),
 * calls below. 0: there was no call yet. */
#define COUNT_BITS 26
#define COUNT_MASK ((G_GUINT64_CONSTANT (1) << COUNT_BITS) - 1)
#define BEGIN_MASK ((G_GUINT64_CONSTANT (1) << (64 - COUNT_BITS)) - 1)

static guint64
next_state (guint64 state, gint64 unit_ms, gint64 now_ms)
{
  guint64 now = (guint64) now_ms & BEGIN_MASK;
  guint64 elapsed = (now - (state >> COUNT_BITS)) & BEGIN_MASK;

  /* Workers read their clocks a moment apart: one that is behind the window's begin still belongs to it. */
  if (state == 0 || (elapsed >= (guint64) unit_ms && elapsed <= BEGIN_MASK / 2))
    return now << COUNT_BITS | 1;
  return state + 1;
}

gboolean
gw_hard_limit_take (GwCallWindow *window, gint64 max, gint64 unit_ms, gint64 now_ms)
{
  guint64 state = __atomic_load_n (&window->state, __ATOMIC_RELAXED), next;

  max = MIN (max, GW_HARD_LIMIT_MAX);
  if (unit_ms <= 0)
    unit_ms = STANDARD_UNIT_MS;
  do
    {
      next = next_state (state, unit_ms, now_ms);
      if ((gint64) (next & COUNT_MASK) > max)
        return FALSE;
    }
  while (!__atomic_compare_exchange_n (&window->state, &state, next, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return TRUE;
}

static gboolean
allows (GwThrottleRule *rule, const GwThrottleCall *call, GwThrottleRefusal *refusal)
{
  const GwChain *chain = &call->api->chain;
  gboolean sandbox = call->info != NULL && tw_text_equal (call->info->type, TW_TEXT ("SANDBOX"));
  gint64 max = sandbox ? chain->sandbox_max : chain->production_max;
  gint64 unit_ms = sandbox ? chain->sandbox_unit_ms : chain->production_unit_ms;

  (void) rule;
  if (max <= 0
      || gw_hard_limit_take (sandbox ? &call->api->windows->sandbox : &call->api->windows->production, max, unit_ms,
                             call->now_us / 1000))
    return TRUE;
  *refusal = (GwThrottleRefusal){ .code = GW_THROTTLE_CODE_HARD_LIMIT };
  return FALSE;
}

GwThrottleRule *
gw_hard_limit_rule (void)
{
  static const GwThrottleRuleInterface interface = { "hard limit", GW_HANDLER_THROTTLE | GW_HANDLER_TIERS, allows };
  static GwThrottleRule rule = { &interface };

  return &rule;
}
