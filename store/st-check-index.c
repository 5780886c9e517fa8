/* StCheck: the indexes without which a look-up reads a whole table (spec/databases.md 3.2, 12). They are offered with
 * their statement and its cost, and never made. */
#include "config.h"
#include "store/st-check-private.h"

typedef struct
{
  const char *table;
  const char *column;
  StSchemaPart part;
  guint needs;              /* only where the database has all of these */
  guint lacks;              /* and none of these */
  const char *index;        /* the name that is offered */
  gboolean text;            /* indexed by its beginning on MySQL: whole, it may be too long for an index there */
  StCheckSeverity severity; /* at most, on a large table; on a small one a warning */
  const char *who;          /* which work reads the whole table without it */
} NeededIndex;

#define SLOW ST_CHECK_ERROR

static const NeededIndex needed_indexes[] = {
  { "IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN", ST_SCHEMA_API, 0, ST_CAP_TOKEN_HASH, "IDX_APIM_AT", TRUE, SLOW,
    "every validation of a token" },
  { "IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN_HASH", ST_SCHEMA_API, ST_CAP_TOKEN_HASH, 0, "IDX_ATH", TRUE, SLOW,
    "every validation of a token" },
  { "IDN_OAUTH2_ACCESS_TOKEN", "REFRESH_TOKEN_HASH", ST_SCHEMA_API, ST_CAP_TOKEN_HASH, 0, "IDX_APIM_RTH", TRUE,
    ST_CHECK_NOTE, "a refresh grant of a client with many tokens" },
  { "IDN_OAUTH2_ACCESS_TOKEN_SCOPE", "TOKEN_ID", ST_SCHEMA_API, ST_CAP_TOKEN_IDS, 0, "IDX_APIM_ATS_TOKEN", FALSE, SLOW,
    "every validation of a token" },
  { "IDN_OAUTH_CONSUMER_APPS", "CONSUMER_KEY", ST_SCHEMA_API, 0, 0, "IDX_APIM_OCA_CK", TRUE, SLOW,
    "every login of a client" },
  { "IDN_OAUTH_CONSUMER_APPS", "ID", ST_SCHEMA_API, ST_CAP_TOKEN_IDS, 0, "IDX_APIM_OCA_ID", FALSE, SLOW,
    "every validation of a token" },
  { "AM_API", "CONTEXT", ST_SCHEMA_API, 0, 0, "IDX_APIM_API_CONTEXT", TRUE, SLOW, "every first call of an API" },
  { "AM_SUBSCRIPTION", "API_ID", ST_SCHEMA_API, 0, 0, "IDX_APIM_SUB_API", FALSE, SLOW,
    "every first call of an application" },
  { "AM_SUBSCRIPTION", "APPLICATION_ID", ST_SCHEMA_API, 0, 0, "IDX_SUB_APP_ID", FALSE, SLOW,
    "every first call of an application" },
  { "AM_APPLICATION_KEY_MAPPING", "APPLICATION_ID", ST_SCHEMA_API, 0, 0, "IDX_APIM_AKM_APP", FALSE, SLOW,
    "every first call of an application" },
  { "AM_APPLICATION_KEY_MAPPING", "CONSUMER_KEY", ST_SCHEMA_API, 0, 0, "IDX_AAKM_CK", TRUE, SLOW,
    "every first call of an application" },
  { "AM_API_URL_MAPPING", "API_ID", ST_SCHEMA_API, 0, 0, "IDX_AUM_AI", FALSE, SLOW, "every first call of an API" },
  { "IDN_OAUTH2_RESOURCE_SCOPE", "RESOURCE_PATH", ST_SCHEMA_API, 0, 0, "IDX_APIM_RS_PATH", TRUE, SLOW,
    "every first call of a resource" },
  { "IDN_OAUTH2_SCOPE_BINDING", "SCOPE_ID", ST_SCHEMA_API, ST_CAP_SCOPE_BINDING, 0, "IDX_APIM_SB_SCOPE", FALSE, SLOW,
    "every first call of a protected resource" },
  { "AM_CONDITION_GROUP", "POLICY_ID", ST_SCHEMA_API, ST_CAP_POLICIES, 0, "IDX_APIM_CG_POLICY", FALSE, SLOW,
    "every first call of an API" },
  { "AM_API_DEFAULT_VERSION", "API_NAME", ST_SCHEMA_API, 0, 0, "IDX_APIM_DEFAULT_VERSION", TRUE, ST_CHECK_NOTE,
    "every handshake of a web socket" },
  { "UM_USER", "UM_USER_NAME", ST_SCHEMA_USER, 0, 0, "IDX_APIM_USER_NAME", TRUE, SLOW, "every login" },
  { "UM_USER_ROLE", "UM_USER_ID", ST_SCHEMA_USER, 0, 0, "IDX_APIM_UR_USER", FALSE, SLOW,
    "every call of a resource whose scope has roles" },
  { "UM_HYBRID_USER_ROLE", "UM_USER_NAME", ST_SCHEMA_USER, 0, 0, "IDX_APIM_HUR_USER", TRUE, SLOW,
    "every call of a resource whose scope has roles" },
};

/* 191 characters of four bytes are within the 767 bytes of the oldest row formats. */
static char *
create_statement (StCheck *self, const NeededIndex *needed, const StCheckTable *table)
{
  const char *online = "";

  if (st_check_is_mysql (self) && g_ascii_strcasecmp (table->engine, "InnoDB") == 0)
    online = " ALGORITHM=INPLACE LOCK=NONE";
  return g_strdup_printf ("CREATE INDEX %s ON %s (%s%s)%s", needed->index, table->name, needed->column,
                          needed->text && st_check_is_mysql (self) ? "(191)" : "", online);
}

static const char *
cost (StCheck *self, const StCheckTable *table)
{
  if (st_check_variable_is (self, "wsrep_on", "ON"))
    return "on Galera it holds up the whole cluster while it runs: make it in a maintenance window, or server by server"
           " with wsrep_OSU_method = RSU";
  if (!st_check_is_mysql (self))
    return "writers wait while it runs";
  if (g_ascii_strcasecmp (table->engine, "InnoDB") != 0)
    return "it locks the table while it runs: make it in a maintenance window";
  if (table->rows >= ST_CHECK_LARGE_TABLE)
    return "reads and writes go on meanwhile, but it takes minutes and as much disk as the index: make it in a quiet "
           "hour";
  return "it takes seconds, and reads and writes go on meanwhile";
}

static gboolean
applies (const StCheck *self, const NeededIndex *needed)
{
  guint capabilities = self->facts.capabilities;

  return needed->part == self->part && (capabilities & needed->needs) == needed->needs
         && (capabilities & needed->lacks) == 0 && st_check_find_column (self, needed->table, needed->column) != NULL
         && !st_check_has_index (self, needed->table, needed->column);
}

void
st_check_indexes (StCheck *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (needed_indexes); i++)
    {
      const NeededIndex *needed = &needed_indexes[i];
      const StCheckTable *table = st_check_find_table (self, needed->table);
      g_autofree char *statement = NULL, *action = NULL, *why = NULL, *rows = NULL;
      gboolean large;

      if (table == NULL || !applies (self, needed))
        continue;
      large = table->rows >= ST_CHECK_LARGE_TABLE;
      statement = create_statement (self, needed, table);
      action = g_strdup_printf ("%s; -- %s", statement, cost (self, table));
      why = g_strdup_printf ("%s reads the whole table", needed->who);
      rows = table->rows >= 0 ? g_strdup_printf (" (about %" G_GINT64_FORMAT " rows)", table->rows) : g_strdup ("");
      ST_CHECK_ADD (self, large ? needed->severity : MIN (needed->severity, ST_CHECK_WARNING), "index-missing", why,
                    action, "%s%s has no index that begins with %s", table->name, rows, needed->column);
    }
}
