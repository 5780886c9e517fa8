/* StCheck: tokens. Ten million of them may be there, so what has no index is only asked of the newest
 * ST_CHECK_TOKENS. No finding names a token: 1.9, whose primary key it is, is told by consumer keys. */
#include "config.h"
#include "store/st-check-private.h"
#include "store/st-token-tables.h"

#include <string.h>

#define TOKENS ST_TOKEN_TABLE
/* So many tokens without a hash are worth an index of their own: each look-up of an unknown token reads them all. */
#define MANY_WITHOUT_HASH 10000

#define TOKEN_LIMIT " LIMIT " G_STRINGIFY (ST_CHECK_TOKENS)
#define ROW_LIMIT " LIMIT " G_STRINGIFY (ST_CHECK_ROWS)
#define NEWEST(columns) "(SELECT " columns " FROM " TOKENS " ORDER BY TIME_CREATED DESC" TOKEN_LIMIT ") t"
#define ANY(columns) "(SELECT " columns " FROM " TOKENS TOKEN_LIMIT ") t"

/* One question about some tokens in the shapes that it takes. */
typedef struct
{
  StStatement newest;
  StStatement any; /* TIME_CREATED has no index */
  StStatement of_1_9;
} Question;

#define ORPHAN_COLUMNS "TOKEN_ID, CONSUMER_KEY_ID, TOKEN_STATE"
#define ORPHANS(tokens)                                                                                                \
  {                                                                                                                    \
    "SELECT t.TOKEN_ID FROM " tokens " LEFT JOIN IDN_OAUTH_CONSUMER_APPS c ON c.ID = t.CONSUMER_KEY_ID"                \
    " WHERE t.TOKEN_STATE = 'ACTIVE' AND c.ID IS NULL" ROW_LIMIT                                                       \
  }
static const Question orphans = {
  ORPHANS (NEWEST (ORPHAN_COLUMNS)),
  ORPHANS (ANY (ORPHAN_COLUMNS)),
  { "SELECT DISTINCT t.CONSUMER_KEY FROM " ANY (
      "CONSUMER_KEY, TOKEN_STATE") " LEFT JOIN IDN_OAUTH_CONSUMER_APPS c ON c.CONSUMER_KEY = t.CONSUMER_KEY"
                                   " WHERE t.TOKEN_STATE = 'ACTIVE' AND c.CONSUMER_KEY IS NULL" ROW_LIMIT },
};

/* The tenant's id or, in 1.9, its domain: what follows the last "@". */
#define TENANT_COLUMNS "TENANT_ID, TOKEN_STATE"
#define TENANTS(tokens)                                                                                                \
  {                                                                                                                    \
    "SELECT t.TENANT_ID, COUNT(*) FROM " tokens " WHERE t.TOKEN_STATE = 'ACTIVE' AND t.TENANT_ID IS NOT NULL"          \
    " GROUP BY t.TENANT_ID" ROW_LIMIT                                                                                  \
  }
#define USERS_OF_1_9 ANY ("AUTHZ_USER, TOKEN_STATE") " WHERE t.TOKEN_STATE = 'ACTIVE' AND t.AUTHZ_USER LIKE '%@%'"
static const Question tenants = {
  TENANTS (NEWEST (TENANT_COLUMNS)),
  TENANTS (ANY (TENANT_COLUMNS)),
  { "SELECT replace(t.AUTHZ_USER, rtrim(t.AUTHZ_USER, replace(t.AUTHZ_USER, '@', '')), '') AS d, COUNT(*) "
    "FROM " USERS_OF_1_9 " GROUP BY d" ROW_LIMIT,
    "SELECT SUBSTRING_INDEX(t.AUTHZ_USER, '@', -1) AS d, COUNT(*) FROM " USERS_OF_1_9 " GROUP BY d" ROW_LIMIT },
};

static const StStatement without_hash
    = { "SELECT COUNT(*) FROM (SELECT 1 AS x FROM " TOKENS " WHERE ACCESS_TOKEN_HASH IS NULL" TOKEN_LIMIT ") t" };
static const StStatement subscriber_tenants
    = { "SELECT TENANT_ID, COUNT(*) FROM AM_SUBSCRIBER GROUP BY TENANT_ID" ROW_LIMIT };

static const StStatement *
pick (const StCheck *self, const Question *question)
{
  if ((self->facts.capabilities & ST_CAP_TOKEN_IDS) == 0)
    return &question->of_1_9;
  return st_check_has_index (self, TOKENS, "TIME_CREATED") ? &question->newest : &question->any;
}

static void
check_orphans (StCheck *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_check_query (self, pick (self, &orphans), &error);
  g_auto (StCheckList) names = { 0 };
  g_autofree char *count = NULL;
  gboolean ids = (self->facts.capabilities & ST_CAP_TOKEN_IDS) != 0;
  StStep step = ST_FAILED;

  while (query != NULL && (step = st_query_step (query, &error)) == ST_ROW)
    st_check_list_add (&names, st_query_is_null (query, 0) ? "NULL" : st_query_text (query, 0));
  if (step != ST_END)
    {
      st_check_not_checked (self, "the clients of tokens", error);
      return;
    }
  if (names.n == 0)
    return;
  count = st_check_count_text (names.n, ST_CHECK_ROWS);
  ST_CHECK_ADD (
      self, ST_CHECK_WARNING, "token-orphan", "they are refused with 900901 although they are active",
      "restore their rows of IDN_OAUTH_CONSUMER_APPS, or set the tokens REVOKED, each with a TOKEN_STATE_ID of"
      " its own (UUID())",
      "%s: at least %s of the %d newest (%s %s)",
      ids ? "active tokens whose OAuth client does not exist" : "OAuth clients of active tokens that do not exist",
      count, ST_CHECK_TOKENS, ids ? "TOKEN_ID" : "CONSUMER_KEY", names.text->str);
}

/* IDs of 0 and -1 mean that none was given. */
static gboolean
is_known_tenant (const StCheck *self, const char *text, gboolean by_domain)
{
  g_autofree char *domain = g_ascii_strdown (text, -1);
  gint id;

  if (by_domain)
    return g_hash_table_contains (self->tenants, domain);
  id = (gint)g_ascii_strtoll (text, NULL, 10);
  return id == 0 || id == -1 || g_hash_table_contains (self->tenant_ids, GINT_TO_POINTER (id));
}

static void
check_tenants (StCheck *self, const StStatement *statement, gboolean by_domain, const char *code, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_check_query (self, statement, &error);
  g_auto (StCheckList) unknown = { 0 };
  StStep step = ST_FAILED;

  while (query != NULL && (step = st_query_step (query, &error)) == ST_ROW)
    {
      const char *tenant = st_query_text (query, 0);
      g_autofree char *text
          = g_strdup_printf ("%s (%" G_GINT64_FORMAT ")", tenant != NULL ? tenant : "NULL", st_query_int64 (query, 1));

      if (tenant != NULL && !is_known_tenant (self, tenant, by_domain))
        st_check_list_add (&unknown, text);
    }
  if (step != ST_END)
    st_check_not_checked (self, what, error);
  else if (unknown.n > 0)
    ST_CHECK_ADD (
        self, ST_CHECK_WARNING, code, "their users are not found: what needs a role is refused with 900910",
        "see that user-mgt.xml names the database where the users are: the registry's has empty UM_* tables of"
        " its own; else restore the rows of UM_TENANT",
        "%s of tenants that the user database does not have: %s", what, unknown.text->str);
}

static void
check_hashes (StCheck *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *count = NULL;
  char *value = NULL;
  guint64 n;

  if (!st_check_read_row (self, &without_hash, 1, &value, &error))
    {
      st_check_not_checked (self, "tokens without a hash", error);
      return;
    }
  n = value != NULL ? g_ascii_strtoull (value, NULL, 10) : 0;
  g_free (value);
  if (n == 0)
    return;
  count = st_check_count_text (n, ST_CHECK_TOKENS);
  if (n >= MANY_WITHOUT_HASH && !st_check_has_index (self, TOKENS, "ACCESS_TOKEN"))
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "token-without-hash",
                  "they are found by the token itself: each look-up of an unknown token reads all of them",
                  st_check_is_mysql (self) ? "CREATE INDEX IDX_APIM_AT ON " TOKENS
                                             " (ACCESS_TOKEN(191)) ALGORITHM=INPLACE LOCK=NONE; in a"
                                             " quiet hour. It can go when these tokens have ended"
                                           : "CREATE INDEX IDX_APIM_AT ON " TOKENS " (ACCESS_TOKEN); in a quiet hour",
                  "tokens without ACCESS_TOKEN_HASH: %s", count);
  else
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "token-without-hash",
                  "they are from before the migration, and are found by the token itself",
                  "nothing: they end by themselves", "tokens without ACCESS_TOKEN_HASH: %s", count);
}

static void
check_partition_index (StCheck *self, const StCheckTable *table)
{
  const char *column = (self->facts.capabilities & ST_CAP_TOKEN_HASH) != 0 ? "ACCESS_TOKEN_HASH" : "ACCESS_TOKEN";
  g_autofree char *upper = g_ascii_strup (table->name, -1);
  g_autofree char *action = NULL;

  if (st_check_has_index (self, upper, column))
    return;
  action = g_strdup_printf ("CREATE INDEX IDX_APIM_AT ON %s (%s%s); in a quiet hour", table->name, column,
                            st_check_is_mysql (self) ? "(191)" : "");
  ST_CHECK_ADD (self, ST_CHECK_WARNING, "index-missing",
                "every look-up of a token that is not in the main table reads it whole", action,
                "%s has no index that begins with %s", table->name, column);
}

static void
check_partitions (StCheck *self)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->facts.tables), (GCompareFunc)strcmp);
  StCheckPartitions expected = self->settings.partitions;
  g_auto (StCheckList) partitions = { 0 };

  for (GList *at = names; at != NULL; at = at->next)
    {
      const StCheckTable *table = g_hash_table_lookup (self->facts.tables, at->data);

      if (st_token_partition_suffix (at->data) == NULL)
        continue;
      st_check_list_add (&partitions, table->name);
      check_partition_index (self, table);
    }
  if (partitions.n > 0 && expected == ST_CHECK_PARTITIONS_OFF)
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "partitions",
                  "identity.xml says that tokens are not partitioned, so WSO2's nodes do not read these tables; this "
                  "product does",
                  "take EnableAccessTokenPartitioning and AccessTokenPartitioningDomains over from the old node's"
                  " identity.xml; if the tables are left over, drop them",
                  "partitioned token tables: %u (%s)", partitions.n, partitions.text->str);
  else if (partitions.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "partitions",
                  "a token that is not in the main table is looked for in each of them: unknown tokens cost more",
                  "nothing", "partitioned token tables: %u (%s)", partitions.n, partitions.text->str);
  else if (expected == ST_CHECK_PARTITIONS_ON)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "partitions", "all tokens are in the main table",
                  "see that this is the database that the old node used",
                  "identity.xml switches token partitioning on, but there are no partitioned token tables");
}

void
st_check_tokens (StCheck *self)
{
  gboolean by_domain = (self->facts.capabilities & ST_CAP_TOKEN_IDS) == 0;

  check_orphans (self);
  if ((self->facts.capabilities & ST_CAP_TOKEN_HASH) != 0)
    check_hashes (self);
  check_partitions (self);
  if (self->tenants == NULL)
    {
      ST_CHECK_ADD (self, ST_CHECK_NOTE, "tenants-unknown",
                    "what depends on tenants other than carbon.super was not checked",
                    "check the user database together with this one: --home, or --url twice",
                    "the tenants are not known, because no user database could be read");
      return;
    }
  check_tenants (self, pick (self, &tenants), by_domain, "token-tenant", "active tokens");
  check_tenants (self, &subscriber_tenants, FALSE, "subscriber-tenant", "subscribers");
}
