/* Workers compare a number per call, and take a reference when it has changed. */
#include "config.h"
#include "gateway/gw-block-conditions.h"

#include "common/apim-log.h"
#include "gateway/gw-block-list.h"

/* What one worker uses. */
typedef struct
{
  GwBlockList *list; /* NULL: it was never asked */
  guint64 generation;
} Slot;

struct _GwBlockConditions
{
  GwThrottleRule rule; /* first */
  GMutex lock;
  GwBlockList *list;
  GBytes *told;       /* what list was read from; NULL: nothing yet */
  guint64 generation; /* atomic; of list */
  guint n_slots;
  Slot *slots;
};

static void
publish (GwBlockConditions *conditions, GwBlockList *list, GBytes *told)
{
  g_autoptr (GwBlockList) list_before = NULL;
  g_autoptr (GBytes) told_before = NULL;

  g_mutex_lock (&conditions->lock);
  list_before = conditions->list;
  told_before = conditions->told;
  conditions->list = list;
  conditions->told = told;
  __atomic_store_n (&conditions->generation, conditions->generation + 1, __ATOMIC_RELEASE);
  g_mutex_unlock (&conditions->lock);
  if (told_before != NULL || gw_block_list_count (list) > 0)
    apim_info ("gateway", "%u block conditions are applied", gw_block_list_count (list));
}

static gboolean
is_known (GwBlockConditions *conditions, GBytes *told)
{
  gboolean known;

  g_mutex_lock (&conditions->lock);
  known = conditions->told != NULL && g_bytes_equal (conditions->told, told);
  g_mutex_unlock (&conditions->lock);
  return known;
}

gboolean
gw_block_conditions_take (GwBlockConditions *conditions, const char *json, gsize length, GError **error)
{
  g_autoptr (GBytes) told = g_bytes_new (json, length);
  g_autoptr (GwBlockList) list = NULL;
  guint n_others;

  if (is_known (conditions, told))
    return TRUE;
  list = gw_block_list_parse (json, length, error);
  if (list == NULL)
    return FALSE;
  n_others = gw_block_list_not_applied (list);
  if (n_others > 0)
    apim_warning ("gateway", "%u block conditions are of a kind or a form that is not applied", n_others);
  publish (conditions, g_steal_pointer (&list), g_steal_pointer (&told));
  return TRUE;
}

static const GwBlockList *
newest (GwBlockConditions *conditions, guint worker)
{
  Slot *slot = &conditions->slots[worker];

  if (slot->generation != __atomic_load_n (&conditions->generation, __ATOMIC_ACQUIRE))
    {
      g_clear_pointer (&slot->list, gw_block_list_unref);
      g_mutex_lock (&conditions->lock);
      slot->list = gw_block_list_ref (conditions->list);
      slot->generation = conditions->generation;
      g_mutex_unlock (&conditions->lock);
    }
  return slot->list;
}

static gboolean
allows (GwThrottleRule *rule, const GwThrottleCall *call, GwThrottleRefusal *refusal)
{
  const GwBlockList *list = newest ((GwBlockConditions *) rule, call->worker);

  if (gw_block_list_count (list) == 0 || !gw_block_list_blocks (list, call))
    return TRUE;
  *refusal = (GwThrottleRefusal){ .code = GW_THROTTLE_CODE_BLOCKED };
  return FALSE;
}

GwBlockConditions *
gw_block_conditions_new (guint n_workers)
{
  static const GwThrottleRuleInterface interface = { "block conditions", GW_HANDLER_THROTTLE, allows };
  GwBlockConditions *conditions = g_new0 (GwBlockConditions, 1);

  conditions->rule.interface = &interface;
  g_mutex_init (&conditions->lock);
  conditions->list = gw_block_list_new_empty ();
  conditions->generation = 1;
  conditions->n_slots = n_workers;
  conditions->slots = g_new0 (Slot, n_workers);
  return conditions;
}

void
gw_block_conditions_free (GwBlockConditions *conditions)
{
  if (conditions == NULL)
    return;
  for (guint i = 0; i < conditions->n_slots; i++)
    g_clear_pointer (&conditions->slots[i].list, gw_block_list_unref);
  g_free (conditions->slots);
  gw_block_list_unref (conditions->list);
  g_clear_pointer (&conditions->told, g_bytes_unref);
  g_mutex_clear (&conditions->lock);
  g_free (conditions);
}

GwThrottleRule *
gw_block_conditions_rule (GwBlockConditions *conditions)
{
  return &conditions->rule;
}

void
gw_block_conditions_add_status (GwBlockConditions *conditions, ApimStatus *status)
{
  guint n;

  g_mutex_lock (&conditions->lock);
  n = gw_block_list_count (conditions->list);
  g_mutex_unlock (&conditions->lock);
  apim_status_add (status, "gateway.block_conditions", n);
}
