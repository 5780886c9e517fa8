#include "config.h"
#include "store/st-tier-names.h"

/* UUID: so that the rows are locked and not only the entries of an index (st-policy-writes.c). */
#define NAMES(table) \
  { "SELECT NAME FROM " table " WHERE TENANT_ID = ? ORDER BY NAME", \
    "SELECT NAME, UUID FROM " table " WHERE TENANT_ID = ? ORDER BY NAME LOCK IN SHARE MODE" }

gboolean
st_read_tier_names (StWriter *writer, StTiers tiers, gint tenant_id, char ***names, GError **error)
{
  static const StStatement selects[] = {
    NAMES ("AM_POLICY_SUBSCRIPTION"),
    NAMES ("AM_API_THROTTLE_POLICY"),
  };
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  g_autoptr (StQuery) query = NULL;
  StStep step;

  *names = NULL;
  if (!st_writer_has (writer, ST_CAP_POLICIES))
    return TRUE;
  if ((query = st_writer_query (writer, &selects[tiers], error)) == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, tenant_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_strv_builder_add (found, st_query_text (query, 0));
  if (step == ST_FAILED)
    return FALSE;
  g_strv_builder_add (found, "Unlimited");
  *names = g_strv_builder_end (found);
  return TRUE;
}
