/* StCheck: which release's shape an apimgtdb has (spec/databases.md 2, 2.1). AM_* and IDN_* tables are migrated by
 * different tools, so each family is placed by itself, as a range: not every release changed both. */
#include "config.h"
#include "store/st-check-private.h"

#include <string.h>

/* The releases, oldest first. */
static const char *const releases[] = { "1.9", "1.10", "2.0", "2.1", "2.2", "2.5", "2.6" };

enum
{
  R_1_9,
  R_1_10,
  R_2_0,
  R_2_1,
  R_2_2,
  R_2_5,
  R_2_6,
};

typedef struct
{
  guint flag;
  const char *name; /* as spec/databases.md 2 calls it */
  char family;      /* 'A': AM_*, 'I': IDN_*, ' ': says nothing about a release */
  int since;        /* the first release that has it */
} Mark;

static const Mark marks[] = {
  { ST_CAP_TOKEN_IDS, "tok_ids", 'I', R_1_10 },
  { ST_CAP_TOKEN_SCOPE_COLUMN, "tok_scope_col", ' ', 0 },
  { ST_CAP_APPLICATION_UUID, "app_uuid", 'A', R_1_10 },
  { ST_CAP_SUBSCRIPTION_UUID, "sub_uuid", 'A', R_1_10 },
  { ST_CAP_PKCE, "pkce", 'I', R_2_0 },
  { ST_CAP_API_TIER, "api_tier", 'A', R_2_0 },
  { ST_CAP_POLICIES, "adv_throttle", 'A', R_2_0 },
  { ST_CAP_APP_STATE, "app_state", 'I', R_2_1 },
  { ST_CAP_TOKEN_HASH, "tok_hash", 'I', R_2_2 },
  { ST_CAP_SCOPE_BINDING, "scope_binding", 'I', R_2_2 },
  { ST_CAP_APP_EXPIRY, "app_expiry", 'I', R_2_2 },
  { ST_CAP_GROUP_MAPPING, "group_map", 'A', R_2_2 },
  { ST_CAP_APP_TOKEN_TYPE, "app_token_type", 'A', R_2_5 },
  { ST_CAP_APP_ATTRIBUTES, "app_attrs", 'A', R_2_5 },
  { ST_CAP_LABELS, "labels", 'A', R_2_5 },
  { ST_CAP_TOKEN_AUDIT, "tok_audit", 'I', R_2_6 },
  { ST_CAP_TOO_NEW, "too_new", ' ', 0 },
};

/* From the newest release of which it has something to the last before one of which it lacks something; first > last:
 * it has and lacks at once. */
typedef struct
{
  int first;
  int last;
} Range;

static Range
place (guint capabilities, char family)
{
  Range range = { R_1_9, R_2_6 };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      if (marks[i].family != family)
        continue;
      if ((capabilities & marks[i].flag) != 0)
        range.first = MAX (range.first, marks[i].since);
      else
        range.last = MIN (range.last, marks[i].since - 1);
    }
  return range;
}

static char *
range_text (Range range)
{
  if (range.first > range.last)
    return g_strdup_printf ("between %s and %s", releases[range.last], releases[range.first]);
  if (range.first == range.last)
    return g_strdup (releases[range.first]);
  return g_strdup_printf ("%s to %s", releases[range.first], releases[range.last]);
}

static void
add_mixture (StCheck *self, Range am, Range idn)
{
  g_autofree char *am_text = range_text (am);
  g_autofree char *idn_text = range_text (idn);
  gboolean apart = am.last < idn.first || idn.last < am.first;

  if (am.first > am.last || idn.first > idn.last || apart)
    ST_CHECK_ADD (
        self, ST_CHECK_WARNING, "mixture",
        "a migration was left half-way. This product takes each table as it is; WSO2's nodes of either release"
        " may fail on it",
        "finish the migration with WSO2's own tools (API Manager client for AM_*, Identity Server client for"
        " IDN_*) before a WSO2 node runs on it again",
        "the tables are of different releases: AM_* %s, IDN_* %s", am_text, idn_text);
}

void
st_check_generation (StCheck *self)
{
  guint capabilities = self->facts.capabilities;
  g_autoptr (GString) flags = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if ((capabilities & marks[i].flag) != 0)
      g_string_append_printf (flags, "%s%s", flags->len > 0 ? " " : "", marks[i].name);
  ST_CHECK_ADD (self, ST_CHECK_OK, "generation", NULL, NULL, "shape of API Manager %s; flags: %s",
                st_capabilities_generation (capabilities), flags->len > 0 ? flags->str : "none");
  if ((capabilities & ST_CAP_TOO_NEW) != 0)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "too-new",
                  "API Manager 3.0 and newer keep data in other ways: reading is at your own risk, and this product"
                  " never writes to it",
                  "keep the node of that release, or use a database of 1.9 to 2.6",
                  "the database is newer than every release that this product knows");
  else
    add_mixture (self, place (capabilities, 'A'), place (capabilities, 'I'));
  if ((capabilities & ST_CAP_TOKEN_SCOPE_COLUMN) != 0 && (capabilities & ST_CAP_TOKEN_IDS) != 0)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "scope-column",
                  "scopes are read from the scope table; the column is a left-over",
                  "nothing, unless tokens lack scopes: then the migration to 1.10 did not fill the scope table",
                  "the token table still has the column TOKEN_SCOPE of 1.9");
}
