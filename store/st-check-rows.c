/* StCheck: rows that validation trips over, table by table: orphans, duplicates, values that mean nothing. Where there
 * are foreign keys they keep most of these away, but not in MyISAM tables, and not what a dump was loaded with while
 * they were switched off. */
#include "config.h"
#include "store/st-check-private.h"

/* One kind of bad row. The statement gives one row for each: a name to show, of which the first few are. */
typedef struct
{
  const char *code;
  StCheckSeverity severity;
  guint needs; /* only where the database has all of these */
  guint lacks; /* and none of these */
  StStatement statement;
  const char *what;   /* "subscriptions of an API that does not exist" */
  const char *column; /* what the names are: "SUBSCRIPTION_ID" */
  const char *why;
  const char *action;
} Rule;

#define LIMIT " LIMIT " G_STRINGIFY (ST_CHECK_ROWS)

/* Texts of two columns in one. */
#define PAIR(a, b) "CONCAT(" a ", ' ', " b ")"
#define SQLITE_PAIR(a, b) a " || ' ' || " b

#define KEYS_WITHOUT_APPLICATION                                                                                       \
  " FROM AM_APPLICATION_KEY_MAPPING k LEFT JOIN AM_APPLICATION a ON a.APPLICATION_ID = k.APPLICATION_ID"               \
  " WHERE a.APPLICATION_ID IS NULL ORDER BY k.APPLICATION_ID" LIMIT
#define KEYS_WITHOUT_CLIENT                                                                                            \
  " FROM AM_APPLICATION_KEY_MAPPING k LEFT JOIN IDN_OAUTH_CONSUMER_APPS c ON c.CONSUMER_KEY = k.CONSUMER_KEY"          \
  " WHERE k.CONSUMER_KEY IS NOT NULL AND c.CONSUMER_KEY IS NULL ORDER BY k.APPLICATION_ID" LIMIT
#define SUBSCRIBED_TWICE                                                                                               \
  " FROM AM_SUBSCRIPTION WHERE SUBS_CREATE_STATE IS NULL OR SUBS_CREATE_STATE <> 'UN_SUBSCRIBE'"                       \
  " GROUP BY API_ID, APPLICATION_ID HAVING COUNT(*) > 1 ORDER BY MIN(SUBSCRIPTION_ID)" LIMIT

static const Rule rules[] = {
  {
      .code = "subscription-orphan",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT s.SUBSCRIPTION_ID FROM AM_SUBSCRIPTION s LEFT JOIN AM_API p ON p.API_ID = s.API_ID"
                     " LEFT JOIN AM_APPLICATION a ON a.APPLICATION_ID = s.APPLICATION_ID"
                     " WHERE p.API_ID IS NULL OR a.APPLICATION_ID IS NULL ORDER BY s.SUBSCRIPTION_ID" LIMIT },
      .what = "subscriptions whose API or application does not exist",
      .column = "SUBSCRIPTION_ID",
      .why = "their calls are refused with 900908",
      .action
      = "restore what is missing, or delete them: DELETE FROM AM_SUBSCRIPTION_KEY_MAPPING, then FROM AM_SUBSCRIPTION,"
        " WHERE SUBSCRIPTION_ID = <id>",
  },
  {
      .code = "application-orphan",
      .severity = ST_CHECK_WARNING,
      .statement
      = { "SELECT a.APPLICATION_ID FROM AM_APPLICATION a LEFT JOIN AM_SUBSCRIBER u ON u.SUBSCRIBER_ID = a.SUBSCRIBER_ID"
          " WHERE u.SUBSCRIBER_ID IS NULL ORDER BY a.APPLICATION_ID" LIMIT },
      .what = "applications whose subscriber does not exist",
      .column = "APPLICATION_ID",
      .why = "their calls are refused with 900908",
      .action = "give them an owner: UPDATE AM_APPLICATION SET SUBSCRIBER_ID = <a SUBSCRIBER_ID of AM_SUBSCRIBER>, "
                "CREATED_TIME ="
                " CREATED_TIME WHERE APPLICATION_ID = <id>",
  },
  {
      .code = "key-orphan",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT " SQLITE_PAIR ("k.APPLICATION_ID", "k.KEY_TYPE") KEYS_WITHOUT_APPLICATION,
                     "SELECT " PAIR ("k.APPLICATION_ID", "k.KEY_TYPE") KEYS_WITHOUT_APPLICATION },
      .what = "keys whose application does not exist",
      .column = "APPLICATION_ID KEY_TYPE",
      .why = "their calls are refused with 900908",
      .action = "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = <id>",
  },
  {
      .code = "key-without-client",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT " SQLITE_PAIR ("k.APPLICATION_ID", "k.KEY_TYPE") KEYS_WITHOUT_CLIENT,
                     "SELECT " PAIR ("k.APPLICATION_ID", "k.KEY_TYPE") KEYS_WITHOUT_CLIENT },
      .what = "keys whose OAuth client does not exist",
      .column = "APPLICATION_ID KEY_TYPE",
      .why = "no token can be issued for them, and the old ones are refused with 900901",
      .action = "restore the row of IDN_OAUTH_CONSUMER_APPS, or clean up the keys in the Store and generate them again",
  },
  {
      .code = "key-shared",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT MIN(APPLICATION_ID) FROM AM_APPLICATION_KEY_MAPPING WHERE CONSUMER_KEY IS NOT NULL"
                     " GROUP BY CONSUMER_KEY HAVING COUNT(*) > 1 ORDER BY MIN(APPLICATION_ID)" LIMIT },
      .what = "consumer keys that belong to more than one key mapping",
      .column = "first APPLICATION_ID",
      .why = "a call is counted for the application with the oldest subscription, whichever was meant",
      .action
      = "remove the key from all but one: SELECT APPLICATION_ID, KEY_TYPE, CREATE_MODE FROM AM_APPLICATION_KEY_MAPPING"
        " WHERE CONSUMER_KEY = (its key)",
  },
  {
      .code = "subscription-status",
      .severity = ST_CHECK_WARNING,
      .statement
      = { "SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION WHERE SUB_STATUS IS NULL ORDER BY SUBSCRIPTION_ID" LIMIT },
      .what = "subscriptions without SUB_STATUS",
      .column = "SUBSCRIPTION_ID",
      .why = "their calls are refused with 900909, where WSO2 let them pass",
      .action = "block and unblock them in the Publisher, which sets their status",
  },
  {
      .code = "subscription-duplicate",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT MIN(SUBSCRIPTION_ID)" SUBSCRIBED_TWICE },
      .what = "applications subscribed to one API more than once",
      .column = "first SUBSCRIPTION_ID",
      .why = "only the first counts, by SUBSCRIPTION_ID: its tier and whether it is blocked",
      .action = "delete the others, with their rows of AM_SUBSCRIPTION_KEY_MAPPING",
  },
  {
      .code = "context-duplicate",
      .severity = ST_CHECK_WARNING,
      .statement
      = { "SELECT CONTEXT FROM AM_API WHERE CONTEXT IS NOT NULL GROUP BY CONTEXT HAVING COUNT(*) > 1 ORDER BY "
          "CONTEXT" LIMIT },
      .what = "contexts of more than one API",
      .column = "CONTEXT",
      .why = "without a version the API with the lowest API_ID is taken, and resources of both are mixed if their "
             "versions are"
             " the same",
      .action = "give all but one another context in the Publisher",
  },
  {
      .code = "scope-orphan",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT r.RESOURCE_PATH FROM IDN_OAUTH2_RESOURCE_SCOPE r LEFT JOIN IDN_OAUTH2_SCOPE s ON "
                     "s.SCOPE_ID = r.SCOPE_ID"
                     " WHERE s.SCOPE_ID IS NULL ORDER BY r.RESOURCE_PATH" LIMIT },
      .what = "resources whose scope does not exist",
      .column = "RESOURCE_PATH",
      .why = "nothing protects them: a token needs no scope to call them",
      .action
      = "assign a scope again in the Publisher, or DELETE FROM IDN_OAUTH2_RESOURCE_SCOPE WHERE RESOURCE_PATH = <path>",
  },
  {
      .code = "scope-without-roles",
      .severity = ST_CHECK_NOTE,
      .lacks = ST_CAP_SCOPE_BINDING,
      .statement = { "SELECT s.SCOPE_KEY FROM IDN_OAUTH2_SCOPE s WHERE (s.ROLES IS NULL OR TRIM(s.ROLES) = '')"
                     " AND EXISTS (SELECT 1 FROM IDN_OAUTH2_RESOURCE_SCOPE r WHERE r.SCOPE_ID = s.SCOPE_ID)"
                     " ORDER BY s.SCOPE_ID" LIMIT },
      .what = "scopes of resources without a role",
      .column = "SCOPE_KEY",
      .why = "every user may ask for such a scope and call what it protects",
      .action = "if that is not meant, give the scope a role in the Publisher",
  },
  {
      .code = "scope-without-roles",
      .severity = ST_CHECK_NOTE,
      .needs = ST_CAP_SCOPE_BINDING,
      .statement = { "SELECT s.NAME FROM IDN_OAUTH2_SCOPE s WHERE NOT EXISTS (SELECT 1 FROM IDN_OAUTH2_SCOPE_BINDING b"
                     " WHERE b.SCOPE_ID = s.SCOPE_ID AND TRIM(b.SCOPE_BINDING) <> '')"
                     " AND EXISTS (SELECT 1 FROM IDN_OAUTH2_RESOURCE_SCOPE r WHERE r.SCOPE_ID = s.SCOPE_ID)"
                     " ORDER BY s.SCOPE_ID" LIMIT },
      .what = "scopes of resources without a role",
      .column = "NAME",
      .why = "every user may ask for such a scope and call what it protects",
      .action = "if that is not meant, give the scope a role in the Publisher",
  },
  {
      .code = "resource-scheme",
      .severity = ST_CHECK_WARNING,
      .statement = { "SELECT URL_MAPPING_ID FROM AM_API_URL_MAPPING WHERE AUTH_SCHEME IS NULL OR TRIM(AUTH_SCHEME) = ''"
                     " ORDER BY URL_MAPPING_ID" LIMIT },
      .what = "resources without AUTH_SCHEME",
      .column = "URL_MAPPING_ID",
      .why = "their calls are refused with 900905",
      .action = "choose the authentication type of the resource in the Publisher and save the API",
  },
  {
      .code = "jwt-application",
      .severity = ST_CHECK_NOTE,
      .needs = ST_CAP_APP_TOKEN_TYPE,
      .statement
      = { "SELECT APPLICATION_ID FROM AM_APPLICATION WHERE TOKEN_TYPE = 'JWT' ORDER BY APPLICATION_ID" LIMIT },
      .what = "applications whose tokens are JWTs",
      .column = "APPLICATION_ID",
      .why = "only the JWT itself opens an API; the text that is stored in its place is refused with 900901",
      .action = "nothing, if their clients send JWTs",
  },
};

static void
check_rule (StCheck *self, const Rule *rule)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_check_query (self, &rule->statement, &error);
  g_auto (StCheckList) names = { 0 };
  g_autofree char *count = NULL;
  StStep step = ST_FAILED;

  while (query != NULL && (step = st_query_step (query, &error)) == ST_ROW)
    st_check_list_add (&names, st_query_is_null (query, 0) ? "NULL" : st_query_text (query, 0));
  if (step != ST_END)
    {
      st_check_not_checked (self, rule->what, error);
      return;
    }
  if (names.n == 0)
    return;
  count = st_check_count_text (names.n, ST_CHECK_ROWS);
  ST_CHECK_ADD (self, rule->severity, rule->code, rule->why, rule->action, "%s: %s (%s %s)", rule->what, count,
                rule->column, names.text->str);
}

void
st_check_rows (StCheck *self)
{
  guint capabilities = self->facts.capabilities;

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if ((capabilities & rules[i].needs) == rules[i].needs && (capabilities & rules[i].lacks) == 0)
      check_rule (self, &rules[i]);
}
