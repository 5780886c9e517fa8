#include "config.h"
#include "gateway/gw-health.h"

/* Asked for each message: alone in its own atomic, so that a ready address costs one read. */
static gint64
until_us (const GwEndpoint *address)
{
  return __atomic_load_n (&address->health->until_us, __ATOMIC_RELAXED);
}

static void
leave_alone (GwEndpointHealth *health, int state, gint64 now_us, gint64 ms)
{
  __atomic_store_n (&health->state, state, __ATOMIC_RELAXED);
  __atomic_store_n (&health->until_us, now_us + ms * 1000, __ATOMIC_RELAXED);
}

static void
suspend (const GwEndpoint *address, gint64 now_us)
{
  GwEndpointHealth *health = address->health;

  health->suspended_ms = gw_endpoint_suspension_ms (address, health->suspended_ms);
  health->marked = FALSE;
  leave_alone (health, GW_HEALTH_SUSPENDED, now_us, health->suspended_ms);
}

/* Under the lock. */
static void
mark (const GwEndpoint *address, gint64 now_us)
{
  GwEndpointHealth *health = address->health;

  if (!health->marked)
    {
      health->marked = TRUE;
      health->retries_left = address->retries;
    }
  else if (health->retries_left > 0)
    health->retries_left--;
  if (health->retries_left == 0)
    suspend (address, now_us);
  else
    leave_alone (health, GW_HEALTH_TIMEOUT, now_us, address->retry_delay_ms);
}

void
gw_health_failed (const GwEndpoint *address, gint32 error, gint64 now_us)
{
  GwFailure failure = gw_endpoint_failure (address, error);
  GwEndpointHealth *health = address->health;

  if (failure == GW_FAILURE_IGNORED)
    return;
  g_mutex_lock (&health->lock);
  /* Messages that were under way when it was suspended fail, too; that is one failure, and makes it no longer. */
  if (health->state == GW_HEALTH_SUSPENDED && until_us (address) > now_us)
    ;
  else if (failure == GW_FAILURE_MARKS)
    mark (address, now_us);
  else
    suspend (address, now_us);
  g_mutex_unlock (&health->lock);
}

void
gw_health_succeeded (const GwEndpoint *address)
{
  GwEndpointHealth *health = address->health;

  if (__atomic_load_n (&health->state, __ATOMIC_RELAXED) == GW_HEALTH_ACTIVE)
    return;
  g_mutex_lock (&health->lock);
  health->marked = FALSE;
  health->suspended_ms = 0;
  __atomic_store_n (&health->until_us, 0, __ATOMIC_RELAXED);
  __atomic_store_n (&health->state, GW_HEALTH_ACTIVE, __ATOMIC_RELAXED);
  g_mutex_unlock (&health->lock);
}

GwHealthState
gw_health_state (const GwEndpoint *address, gint64 *until)
{
  if (until != NULL)
    *until = until_us (address);
  return (GwHealthState) __atomic_load_n (&address->health->state, __ATOMIC_RELAXED);
}

static gboolean
was_tried (const GwEndpoint *address, const GwTries *tries)
{
  for (guint i = 0; i < tries->n_tried; i++)
    if (tries->tried[i] == address)
      return TRUE;
  return FALSE;
}

/* Whether the message was at an address of this group already. */
static gboolean
was_tried_below (const GwEndpoint *endpoint, const GwTries *tries)
{
  if (endpoint->children == NULL)
    return was_tried (endpoint, tries);
  for (guint i = 0; i < endpoint->children->len; i++)
    if (was_tried_below (g_ptr_array_index (endpoint->children, i), tries))
      return TRUE;
  return FALSE;
}

/* Which child has its turn. */
static guint
next_turn (const GwEndpoint *group)
{
  guint turn = __atomic_fetch_add (&group->health->turn, 1, __ATOMIC_RELAXED);
  guint total = 0;

  if (group->weights == NULL)
    return turn % group->children->len;
  for (guint i = 0; i < group->children->len; i++)
    total += group->weights[i];
  turn %= MAX (total, 1);
  for (guint i = 0; i < group->children->len; i++)
    {
      if (turn < group->weights[i])
        return i;
      turn -= group->weights[i];
    }
  return 0;
}

/* Where a load balance begins to look. */
static guint
first_turn (const GwEndpoint *group, const GwEndpoint *preferred)
{
  for (guint i = 0; preferred != NULL && i < group->children->len; i++)
    if (group->children->pdata[i] == preferred)
      return i;
  return next_turn (group);
}

static const GwEndpoint *
choose (const GwEndpoint *endpoint, const GwTries *tries, gint64 now_us)
{
  guint first = 0;

  if (endpoint->children == NULL)
    return until_us (endpoint) <= now_us && !was_tried (endpoint, tries) ? endpoint : NULL;
  if (endpoint->children->len == 0)
    return NULL;
  if (endpoint->kind == GW_ENDPOINT_LOAD_BALANCE)
    {
      if (!endpoint->failover && was_tried_below (endpoint, tries))
        return NULL;
      first = first_turn (endpoint, tries->preferred);
    }
  for (guint i = 0; i < endpoint->children->len; i++)
    {
      const GwEndpoint *child = g_ptr_array_index (endpoint->children, (first + i) % endpoint->children->len);
      const GwEndpoint *address = choose (child, tries, now_us);

      if (address != NULL)
        return address;
    }
  return NULL;
}

const GwEndpoint *
gw_health_choose (const GwEndpoint *endpoint, GwTries *tries, gint64 now_us, GwErrorCode *code)
{
  const GwEndpoint *address = tries->n_tried < GW_HEALTH_MAX_TRIES ? choose (endpoint, tries, now_us) : NULL;

  if (address != NULL)
    tries->tried[tries->n_tried++] = address;
  else
    *code = endpoint->children == NULL ? GW_ERROR_SUSPENDED : GW_ERROR_NONE_READY;
  return address;
}
