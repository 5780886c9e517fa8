#include "config.h"
#include "store/st-capabilities.h"

#include "store/st-database-private.h"

#include <string.h>

typedef struct
{
  const char *table;
  const char *column; /* NULL: any column, that is, the table is there */
  guint flag;
} Mark;

static const Mark marks[] = {
  { "AM_SUBSCRIBER", NULL, ST_CAP_APIM },
  { "IDN_OAUTH2_ACCESS_TOKEN", "TOKEN_ID", ST_CAP_TOKEN_IDS },
  { "IDN_OAUTH2_ACCESS_TOKEN", "TOKEN_SCOPE", ST_CAP_TOKEN_SCOPE_COLUMN },
  { "AM_APPLICATION", "UUID", ST_CAP_APPLICATION_UUID },
  { "AM_SUBSCRIPTION", "UUID", ST_CAP_SUBSCRIPTION_UUID },
  { "IDN_OAUTH_CONSUMER_APPS", "PKCE_MANDATORY", ST_CAP_PKCE },
  { "AM_API", "API_TIER", ST_CAP_API_TIER },
  { "AM_POLICY_SUBSCRIPTION", NULL, ST_CAP_POLICIES },
  { "IDN_OAUTH_CONSUMER_APPS", "APP_STATE", ST_CAP_APP_STATE },
  { "IDN_OAUTH2_ACCESS_TOKEN", "ACCESS_TOKEN_HASH", ST_CAP_TOKEN_HASH },
  { "IDN_OAUTH2_SCOPE_BINDING", NULL, ST_CAP_SCOPE_BINDING },
  { "IDN_OAUTH_CONSUMER_APPS", "USER_ACCESS_TOKEN_EXPIRE_TIME", ST_CAP_APP_EXPIRY },
  { "AM_APPLICATION_GROUP_MAPPING", NULL, ST_CAP_GROUP_MAPPING },
  { "AM_APPLICATION", "TOKEN_TYPE", ST_CAP_APP_TOKEN_TYPE },
  { "AM_APPLICATION_ATTRIBUTES", NULL, ST_CAP_APP_ATTRIBUTES },
  { "AM_LABELS", NULL, ST_CAP_LABELS },
  { "IDN_OAUTH2_ACCESS_TOKEN_AUDIT", NULL, ST_CAP_TOKEN_AUDIT },
  { "AM_SYSTEM_APPS", NULL, ST_CAP_TOO_NEW },
  { "SP_INBOUND_AUTH", "INBOUND_AUTH_KEY", ST_CAP_SERVICE_PROVIDERS },
  { "SP_INBOUND_AUTH", "INBOUND_CONFIG_TYPE", ST_CAP_INBOUND_CONFIG_TYPE },
  { "SP_APP", "IS_SAAS_APP", ST_CAP_SAAS },
  { "APIM_API_ARTIFACT", "REVISION", ST_CAP_API_ARTIFACT },
  { "APIM_USED_ASSERTION", "EXPIRES_MS", ST_CAP_USED_ASSERTIONS },
  { "APIM_PENDING_REMOVAL", "IS_DEFAULT_VERSION", ST_CAP_PENDING_REMOVALS },
  { "APIM_REGISTRY_IMPORT", "RESULT_DIGEST", ST_CAP_REGISTRY_IMPORTS },
};

static gboolean
is_character_type (const char *type)
{
  g_autofree char *lower = g_ascii_strdown (type, -1);

  return strstr (lower, "char") != NULL || strstr (lower, "text") != NULL;
}

guint
st_capabilities_of_column (const char *table, const char *column, const char *type)
{
  guint flags = 0;

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (g_ascii_strcasecmp (table, marks[i].table) == 0
        && (marks[i].column == NULL || g_ascii_strcasecmp (column, marks[i].column) == 0))
      flags |= marks[i].flag;
  if (g_ascii_strcasecmp (table, "AM_API_COMMENTS") == 0 && g_ascii_strcasecmp (column, "COMMENT_ID") == 0
      && is_character_type (type))
    flags |= ST_CAP_TOO_NEW;
  return flags;
}

gboolean
st_capabilities_each_column (StDatabase *database, gint64 deadline_us, StColumnFunc func, gpointer data, GError **error)
{
  static const StStatement columns = {
    "SELECT t.name, c.name, c.type FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'",
    "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE()",
  };
  g_autoptr (StQuery) query = st_database_query (database, &columns, deadline_us, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    func (st_query_text (query, 0), st_query_text (query, 1), st_query_text (query, 2), data);
  return step == ST_END;
}

static void
add_flags (const char *table, const char *column, const char *type, gpointer data)
{
  guint *capabilities = data;

  *capabilities |= st_capabilities_of_column (table, column, type);
}

gboolean
st_capabilities_read (StDatabase *database, gint64 deadline_us, guint *capabilities, GError **error)
{
  *capabilities = 0;
  return st_capabilities_each_column (database, deadline_us, add_flags, capabilities, error);
}

gboolean
st_capabilities_get (StDatabase *database, gint64 deadline_us, guint *capabilities, GError **error)
{
  guint *remembered = st_database_capabilities (database);

  *capabilities = __atomic_load_n (remembered, __ATOMIC_ACQUIRE);
  if (*capabilities != 0)
    return TRUE;
  if (!st_capabilities_read (database, deadline_us, capabilities, error))
    return FALSE;
  __atomic_store_n (remembered, *capabilities, __ATOMIC_RELEASE);
  return TRUE;
}

void
st_capabilities_forget (StDatabase *database)
{
  __atomic_store_n (st_database_capabilities (database), 0, __ATOMIC_RELEASE);
  st_token_tables_forget (database);
}

gboolean
st_capabilities_check_writable (guint capabilities, GError **error)
{
  if ((capabilities & ST_CAP_APIM) == 0)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                         "the database has no API Manager tables: run \"apimctl db migrate\" on an empty one");
  else if ((capabilities & ST_CAP_TOO_NEW) != 0)
    g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA,
                 "the database has the shape of API Manager %s, which keeps its data in other ways: nothing is written to it",
                 st_capabilities_generation (capabilities));
  else
    return TRUE;
  return FALSE;
}

const char *
st_capabilities_generation (guint capabilities)
{
  /* Each row: without the flag the database is of that generation at most. */
  static const struct
  {
    guint flag;
    const char *label;
  } steps[] = {
    { ST_CAP_APIM, "" },           { ST_CAP_TOKEN_IDS, "1.9" },  { ST_CAP_API_TIER, "1.10" },
    { ST_CAP_APP_STATE, "2.0" },   { ST_CAP_TOKEN_HASH, "2.1" }, { ST_CAP_APP_TOKEN_TYPE, "2.2" },
    { ST_CAP_TOKEN_AUDIT, "2.5" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if ((capabilities & steps[i].flag) == 0)
      return steps[i].label;
  return (capabilities & ST_CAP_TOO_NEW) != 0 ? "3.0+" : "2.6";
}
