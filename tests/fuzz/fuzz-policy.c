/* Bodies of throttling policies and tiers: the first byte says of which kind, the rest is JSON. Whatever the bytes
 * are: what is read is checked without a fault, and what passed is written as JSON that is read as the same again. */
#include "config.h"
#include "portal/json/pt-json-tier.h"
#include "tests/fuzz/replay.h"

#include <string.h>

/* Reads, checks and writes a policy; NULL where it is refused. Free with g_free(). */
static char *
round_trip (const char *bytes, gsize length, guint kind)
{
  g_autoptr (CoreJson) json = core_json_parse_large (bytes, length, NULL);
  g_auto (PtPolicyBody) body = { { 0 } };
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (StPolicyRecord) record = NULL;
  GString *written;

  if (json == NULL)
    return NULL;
  if (!(kind < ST_N_POLICY_KINDS ? pt_json_policy_read (core_json_root (json), kind, &body, NULL)
                                 : pt_json_tier_read (core_json_root (json), &body, NULL)))
    return NULL;
  core_policy_check (&body.policy, violations);
  if (violations->len > 0)
    return NULL;
  record = st_policy_record_new (&body.policy);
  record->policy.groups = g_steal_pointer (&body.policy.groups);
  record->policy.n_groups = body.policy.n_groups;
  body.policy.n_groups = 0;
  written = g_string_new (NULL);
  if (kind < ST_N_POLICY_KINDS)
    pt_json_policy_append (written, record, TRUE);
  else
    pt_json_tier_append (written, record, CORE_TIER_API);
  g_assert_true (g_utf8_validate (written->str, (gssize)written->len, NULL));
  return g_string_free (written, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint kind = size > 0 ? data[0] % (ST_N_POLICY_KINDS + 1) : 0;
  g_autofree char *first = size > 0 ? round_trip ((const char *)data + 1, size - 1, kind) : NULL;
  g_autofree char *second = first != NULL ? round_trip (first, strlen (first), kind) : NULL;

  if (first != NULL)
    g_assert_cmpstr (first, ==, second);
  return 0;
}
