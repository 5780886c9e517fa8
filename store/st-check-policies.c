/* StCheck: throttling policies (spec/databases.md 4.2, 5.4, 11.1). With advanced throttling on, a subscription whose
 * tier has no policy in the API's tenant is refused (decisions.md 1). Which tenant that is stands in the context, and
 * its id in another database; so tiers are grouped there and compared here. */
#include "config.h"
#include "store/st-check-private.h"

#include <string.h>

/* Different (tier, tenant) pairs; more is a database that somebody plays with. */
#define MAX_GROUPS "20000"
#define MAX_POLICIES "200000"

/* The tenant of a context: "/t/DOMAIN/..."; "" for the super tenant. */
#define SQLITE_DOMAIN                                                                                                  \
  "CASE WHEN p.CONTEXT LIKE '/t/%' THEN substr(p.CONTEXT, 4, instr(substr(p.CONTEXT, 4) || '/', '/') - 1) ELSE '' END"
#define MYSQL_DOMAIN "CASE WHEN p.CONTEXT LIKE '/t/%' THEN SUBSTRING_INDEX(SUBSTRING(p.CONTEXT, 4), '/', 1) ELSE '' END"

#define SUBSCRIPTION_TIERS(domain)                                                                                     \
  "SELECT s.TIER_ID AS tier, " domain " AS tenant, COUNT(*), MIN(s.SUBSCRIPTION_ID) FROM AM_SUBSCRIPTION s"            \
  " JOIN AM_API p ON p.API_ID = s.API_ID WHERE s.SUBS_CREATE_STATE IS NULL OR s.SUBS_CREATE_STATE <> 'UN_SUBSCRIBE'"   \
  " GROUP BY s.TIER_ID, tenant LIMIT " MAX_GROUPS
#define API_TIERS(domain)                                                                                              \
  "SELECT p.API_TIER AS tier, " domain " AS tenant, COUNT(*), MIN(p.API_ID) FROM AM_API p"                             \
  " WHERE p.API_TIER IS NOT NULL AND p.API_TIER <> '' GROUP BY p.API_TIER, tenant LIMIT " MAX_GROUPS
#define APPLICATION_TIERS                                                                                              \
  "SELECT a.APPLICATION_TIER AS tier, u.TENANT_ID, COUNT(*), MIN(a.APPLICATION_ID) FROM AM_APPLICATION a"              \
  " JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID"                                                         \
  " WHERE a.APPLICATION_TIER IS NOT NULL GROUP BY a.APPLICATION_TIER, u.TENANT_ID LIMIT " MAX_GROUPS
#define POLICIES(table) "SELECT NAME, TENANT_ID FROM " table " LIMIT " MAX_POLICIES

typedef struct
{
  const char *table;
  StStatement policies; /* name, tenant id */
  StStatement tiers;    /* tier, tenant, how many, the first of them */
  gboolean by_domain;   /* the tenant is a domain, else an id */
  const char *defaults; /* of the super tenant, separated by a blank */
  StCheckSeverity severity;
  const char *code;
  const char *what;
  const char *first;
  const char *why;
} Kind;

static const Kind kinds[] = {
  {
      .table = "AM_POLICY_SUBSCRIPTION",
      .policies = { POLICIES ("AM_POLICY_SUBSCRIPTION") },
      .tiers = { SUBSCRIPTION_TIERS (SQLITE_DOMAIN), SUBSCRIPTION_TIERS (MYSQL_DOMAIN) },
      .by_domain = TRUE,
      .defaults = "Gold Silver Bronze Unauthenticated Unlimited",
      .severity = ST_CHECK_WARNING,
      .code = "policy-missing",
      .what = "tiers of subscriptions",
      .first = "SUBSCRIPTION_ID",
      .why = "their calls are refused with 900908",
  },
  {
      .table = "AM_POLICY_APPLICATION",
      .policies = { POLICIES ("AM_POLICY_APPLICATION") },
      .tiers = { APPLICATION_TIERS },
      .defaults = "50PerMin 20PerMin 10PerMin Unlimited",
      .severity = ST_CHECK_NOTE,
      .code = "application-policy-missing",
      .what = "tiers of applications",
      .first = "APPLICATION_ID",
      .why = "their calls pass; the gateway has no quota to count them against",
  },
  {
      .table = "AM_API_THROTTLE_POLICY",
      .policies = { POLICIES ("AM_API_THROTTLE_POLICY") },
      .tiers = { API_TIERS (SQLITE_DOMAIN), API_TIERS (MYSQL_DOMAIN) },
      .by_domain = TRUE,
      .defaults = "50KPerMin 20KPerMin 10KPerMin Unlimited",
      .severity = ST_CHECK_NOTE,
      .code = "api-policy-missing",
      .what = "tiers of APIs",
      .first = "API_ID",
      .why = "their calls pass; the gateway has no quota to count them against",
  },
};

typedef struct
{
  const Kind *kind;
  GHashTable *names;   /* set of "id name" */
  gboolean folds;      /* NAME matches without case */
  gboolean any_tenant; /* 2.0 joins by name only */
  guint64 n_rows;
  StCheckList missing;
  StCheckList domains; /* that the user database does not have */
} Work;

static void
work_clear (Work *work)
{
  g_hash_table_unref (work->names);
  st_check_list_clear (&work->missing);
  st_check_list_clear (&work->domains);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static char *
policy_key (const Work *work, gint tenant_id, const char *name)
{
  g_autofree char *folded = work->folds ? g_utf8_casefold (name, -1) : g_strdup (name);

  return g_strdup_printf ("%d %s", work->any_tenant ? 0 : tenant_id, folded);
}

static gboolean
read_policies (StCheck *self, Work *work, GError **error)
{
  g_autoptr (StQuery) query = st_check_query (self, &work->kind->policies, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_hash_table_add (work->names, policy_key (work, (gint)st_query_int64 (query, 1), st_query_text (query, 0)));
  return step == ST_END;
}

/* FALSE: it cannot be known which tenant is meant. */
static gboolean
tenant_of (StCheck *self, Work *work, const char *text, gint *tenant_id)
{
  g_autofree char *domain = g_ascii_strdown (text, -1);
  gpointer id;

  if (!work->kind->by_domain)
    *tenant_id = (gint)g_ascii_strtoll (text, NULL, 10);
  else if (*domain == '\0')
    *tenant_id = -1234;
  else if (self->tenants == NULL)
    return FALSE;
  else if (g_hash_table_lookup_extended (self->tenants, domain, NULL, &id))
    *tenant_id = GPOINTER_TO_INT (id);
  else
    {
      st_check_list_add (&work->domains, text);
      return FALSE;
    }
  return TRUE;
}

static void
take_tier (StCheck *self, Work *work, StQuery *query)
{
  const char *tier = st_query_text (query, 0);
  const char *tenant = st_query_text (query, 1);
  g_autofree char *key = NULL, *text = NULL;
  gint64 n = st_query_int64 (query, 2);
  gint tenant_id;

  work->n_rows += (guint64)n;
  if (!tenant_of (self, work, tenant != NULL ? tenant : "", &tenant_id))
    return;
  key = policy_key (work, tenant_id, tier != NULL ? tier : "");
  if (tier != NULL && g_hash_table_contains (work->names, key))
    return;
  text = g_strdup_printf ("%s of tenant %d: %" G_GINT64_FORMAT ", first %s %" G_GINT64_FORMAT,
                          tier != NULL ? tier : "NULL", tenant_id, n, work->kind->first, st_query_int64 (query, 3));
  st_check_list_add (&work->missing, text);
}

static gboolean
read_tiers (StCheck *self, Work *work, GError **error)
{
  g_autoptr (StQuery) query = st_check_query (self, &work->kind->tiers, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    take_tier (self, work, query);
  return step == ST_END;
}

static void
check_defaults (StCheck *self, const Work *work)
{
  g_auto (GStrv) names = g_strsplit (work->kind->defaults, " ", -1);
  g_auto (StCheckList) missing = { 0 };

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *key = policy_key (work, -1234, *name);

      if (!g_hash_table_contains (work->names, key))
        st_check_list_add (&missing, *name);
    }
  if (missing.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "policy-default", "new subscriptions or applications may ask for them",
                  "if nobody deleted them on purpose, add them in the Admin Portal",
                  "default policies that %s does not have for carbon.super: %s", work->kind->table, missing.text->str);
}

static void
report (StCheck *self, const Work *work)
{
  const Kind *kind = work->kind;
  gboolean none = g_hash_table_size (work->names) == 0;
  g_autofree char *action = NULL;

  if (none && kind->severity == ST_CHECK_WARNING && work->n_rows > 0)
    {
      ST_CHECK_ADD (
          self, ST_CHECK_ERROR, "policy-none", "with advanced throttling on every call is refused with 900908",
          "start the WSO2 node of this release once, which writes the default policies, or switch"
          " ThrottlingConfigurations/EnableAdvanceThrottling off in api-manager.xml, as the old nodes have it",
          "%s is empty, but there are subscriptions", kind->table);
      return;
    }
  check_defaults (self, work);
  if (work->missing.n > 0)
    {
      action
          = g_strdup_printf ("add the policy for that tenant in the Admin Portal (table %s), or choose another tier for"
                             " them",
                             kind->table);
      ST_CHECK_ADD (self, kind->severity, kind->code, kind->why, action, "%s without a policy: %s", kind->what,
                    work->missing.text->str);
    }
  if (work->domains.n > 0 && kind->severity == ST_CHECK_WARNING)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "context-tenant", "calls of their APIs are refused",
                  "see that user-mgt.xml names the database where the tenants are, or restore the rows of UM_TENANT",
                  "tenants in contexts of subscribed APIs that the user database does not have: %s",
                  work->domains.text->str);
}

static void
check_kind (StCheck *self, const Kind *kind)
{
  g_auto (Work) work = { .kind = kind };
  g_autoptr (GError) error = NULL;

  work.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  work.folds = st_check_folds_case (self, kind->table, "NAME");
  work.any_tenant = (self->facts.capabilities & ST_CAP_APP_STATE) == 0;
  if (read_policies (self, &work, &error) && read_tiers (self, &work, &error))
    report (self, &work);
  else
    st_check_not_checked (self, kind->what, error);
}

void
st_check_policies (StCheck *self)
{
  if ((self->facts.capabilities & ST_CAP_POLICIES) == 0)
    return;
  if (!self->settings.advanced_throttling)
    {
      ST_CHECK_ADD (self, ST_CHECK_OK, "throttling", NULL, NULL,
                    "advanced throttling is off (api-manager.xml): the database's policies are not used");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    check_kind (self, &kinds[i]);
}
