#include "config.h"
#include "store/st-policy-uses.h"

#include "store/st-columns.h"
#include "store/st-list.h"

#include <string.h>

/* Of a tenant's APIs: contexts of others begin with "/t/" and their domain. The operator stands before a pattern. */
typedef struct
{
  const char *from;
  const char *columns;
  const char *order;
} Uses;

static const Uses uses[] = {
  [ST_USE_SUBSCRIPTION]
  = { "AM_SUBSCRIPTION s JOIN AM_API p ON p.API_ID = s.API_ID WHERE s.TIER_ID = ?"
      " AND (s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE')",
      "DISTINCT p.API_NAME, p.API_VERSION", "p.API_NAME, p.API_VERSION" },
  [ST_USE_APPLICATION] = { "AM_APPLICATION a JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID"
                           " WHERE a.APPLICATION_TIER = ? AND u.TENANT_ID = ?",
                           "a.NAME, u.USER_ID", "a.NAME, u.USER_ID" },
  [ST_USE_API] = { "AM_API p WHERE p.API_TIER = ?", "p.API_NAME, p.API_VERSION", "p.API_NAME, p.API_VERSION" },
  [ST_USE_RESOURCE] = { "AM_API_URL_MAPPING m JOIN AM_API p ON p.API_ID = m.API_ID WHERE m.THROTTLING_TIER = ?",
                        "DISTINCT p.API_NAME, p.API_VERSION", "p.API_NAME, p.API_VERSION" },
};

static gpointer
read_api_name (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  return g_strdup_printf ("%s %s", st_query_text (query, 0), st_query_text (query, 1));
}

static gpointer
read_application_name (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  return g_strdup_printf ("%s of %s", st_query_text (query, 0), st_query_text (query, 1));
}

/* The condition on contexts, and what its parameter is. Free with g_free(). */
static char *
context_pattern (const char *tenant_domain, const char **condition)
{
  g_autofree char *anywhere = NULL;

  if (strcmp (tenant_domain, "carbon.super") == 0)
    {
      *condition = " AND p.CONTEXT NOT LIKE ? ESCAPE '!'";
      return g_strdup ("/t/%");
    }
  *condition = " AND p.CONTEXT LIKE ? ESCAPE '!'";
  anywhere = st_list_pattern (tenant_domain); /* "%domain%" */
  return g_strdup_printf ("/t/%.*s/%%", (int)strlen (anywhere) - 2, anywhere + 1);
}

gboolean
st_policy_count_uses (StWriter *writer, StPolicyUse use, gint tenant_id, const char *tenant_domain,
                      const char *name, gint64 *count, char ***names, GError **error)
{
  static const StPage page = { 0, ST_POLICY_USE_NAMES };
  const Uses *of = &uses[use];
  const char *condition;
  g_autofree char *pattern = context_pattern (tenant_domain, &condition);
  g_autofree char *from = g_strconcat (of->from, use == ST_USE_APPLICATION ? "" : condition, NULL);
  const StList list = { of->columns, NULL, from, of->order };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  gboolean done;

  *count = 0;
  *names = NULL;
  if (use == ST_USE_API && !st_writer_has (writer, ST_CAP_API_TIER))
    done = TRUE;
  else if (use == ST_USE_APPLICATION)
    done = st_list_read (writer, &list, &page, read_application_name, NULL, found, count, error, "si", name,
                         (gint64)tenant_id);
  else
    done = st_list_read (writer, &list, &page, read_api_name, NULL, found, count, error, "ss", name, pattern);
  if (!done)
    return FALSE;
  g_ptr_array_add (found, NULL);
  *names = (char **)g_ptr_array_steal (found, NULL);
  return TRUE;
}

gboolean
st_policy_each_offer (StWriter *writer, const char *tenant_domain, const char *name, StArtifactFunc func,
                      gpointer data, GError **error)
{
#define SELECT "SELECT p.API_NAME, p.API_VERSION, x.ARTIFACT FROM APIM_API_ARTIFACT x"                       \
               " JOIN AM_API p ON p.API_ID = x.API_ID WHERE x.ARTIFACT LIKE ? ESCAPE '!'"
  const char *condition;
  g_autofree char *contexts = context_pattern (tenant_domain, &condition);
  g_autofree char *escaped = g_markup_escape_text (name, -1);
  g_autofree char *pattern = st_list_pattern (escaped);
  g_autofree char *select = g_strconcat (SELECT, condition, " ORDER BY p.API_NAME, p.API_VERSION, p.API_ID", NULL);
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  if (!st_writer_has (writer, ST_CAP_API_ARTIFACT))
    return TRUE;
  if ((query = st_writer_query (writer, st_statement_intern (select, NULL), error)) == NULL)
    return FALSE;
  st_query_bind (query, &at, "ss", pattern, contexts);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      g_autofree char *api = read_api_name (query, NULL);

      if (!func (api, st_query_text (query, 2), data))
        return TRUE;
    }
  return step == ST_END;
#undef SELECT
}
