#include "config.h"
#include "store/st-api-writes.h"

#include "store/st-columns.h"
#include "store/st-lifecycle-writes.h"
#include "store/st-records.h"
#include "store/st-resource-writes.h"
#include "store/st-subscription-carry.h"

#include <string.h>

#define PLACE "{version}"

void
st_stored_api_free (StStoredApi *api)
{
  g_free ((char *) api->identity.provider);
  g_free ((char *) api->identity.name);
  g_free ((char *) api->identity.version);
  g_free (api->context);
  g_free (api);
}

static char *
dup_or_empty (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

static StStoredApi *
stored_api_new (gint64 id, const char *provider, const char *name, const char *version, const char *context)
{
  StStoredApi *api = g_new0 (StStoredApi, 1);

  api->id = id;
  api->identity = (StApiIdentity){ dup_or_empty (provider), dup_or_empty (name), dup_or_empty (version) };
  api->context = dup_or_empty (context);
  return api;
}

/* Who an API is never changes, so it may be read without a lock. */
static StStoredApi *
read_identity (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement select = { "SELECT API_PROVIDER, API_NAME, API_VERSION FROM AM_API WHERE API_ID = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind_int64 (query, 0, api_id);
  step = st_query_step (query, error);
  if (step == ST_END)
    st_writer_fail_missing ("API", api_id, error);
  if (step != ST_ROW)
    return NULL;
  return stored_api_new (api_id, st_query_text (query, 0), st_query_text (query, 1), st_query_text (query, 2), NULL);
}

/* All versions are locked by one statement, in the index's order, so that two that change two versions do not meet in a
 * deadlock. */
StStoredApi *
st_write_lock_api (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement lock
      = ST_LOCKING ("SELECT API_ID, CONTEXT FROM AM_API WHERE API_PROVIDER = ? AND API_NAME = ?");
  g_autoptr (StStoredApi) api = read_identity (writer, api_id, error);
  g_autoptr (StQuery) query = api != NULL ? st_writer_query (writer, &lock, error) : NULL;
  gboolean locked = FALSE;
  guint at = 0;
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind (query, &at, "ss", api->identity.provider, api->identity.name);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (st_query_int64 (query, 0) == api_id)
      {
        g_free (api->context);
        api->context = dup_or_empty (st_query_text (query, 1));
        locked = TRUE;
      }
  if (step == ST_END && !locked)
    st_writer_fail_missing ("API", api_id, error); /* it was deleted meanwhile */
  return step == ST_END && locked ? g_steal_pointer (&api) : NULL;
}

/* CONTEXT: the template with the version in its place. */
static char *
context_of (const char *template, const char *version)
{
  GString *context = g_string_new (template);

  g_string_replace (context, PLACE, version, 0);
  return g_string_free (context, FALSE);
}

/* CONTEXT_TEMPLATE: without a version at the end; one elsewhere stays a place. */
static char *
stored_template (const char *template)
{
  gsize length = strlen (template);

  if (g_str_has_suffix (template, "/" PLACE))
    length -= strlen ("/" PLACE);
  return g_strndup (template, length);
}

/* API_TIER; NULL where resources have tiers of their own. */
static const char *
tier_of (const StApiDesign *design)
{
  return design->tier != NULL && *design->tier != '\0' ? design->tier : NULL;
}

static const char *
wrong_in_template (const char *template, gint tenant_id)
{
  g_autofree char *context = context_of (template, "");

  if (template == NULL || template[0] != '/')
    return "it does not begin with \"/\"";
  if (g_str_has_suffix (template, "/"))
    return "it ends with \"/\"";
  if (strstr (template, "//") != NULL)
    return "it has an empty part";
  if (strpbrk (context, "{} \t\r\n") != NULL)
    return "it has a blank, or a brace that is not of {version}";
  /* Key validation takes the tenant from here (spec/databases.md 5.4). */
  if (g_str_has_prefix (template, "/t/") != (tenant_id != ST_SUPER_TENANT_ID))
    return "it begins with \"/t/\" for APIs of tenants, and for no others";
  return NULL;
}

static gboolean
check_identity (StWriter *writer, const StApiIdentity *identity, GError **error)
{
  const StText texts[] = {
    { "API_PROVIDER", identity->provider, 200, ST_TEXT_REQUIRED },
    { "CREATED_BY", identity->provider, 100, ST_TEXT_REQUIRED },
    { "API_NAME", identity->name, 200, ST_TEXT_REQUIRED },
    { "API_VERSION", identity->version, 30, ST_TEXT_REQUIRED },
  };
  const char *wrong = NULL;

  if (!st_columns_check_row (writer, "AM_API", texts, G_N_ELEMENTS (texts), error))
    return FALSE;
  if (strstr (identity->provider, "-AT-") != NULL)
    wrong = "the provider of an API is stored with \"@\", not with \"-AT-\"";
  else if (strpbrk (identity->version, "/ \t\r\n{}") != NULL)
    wrong = "the version of an API has a character that a context cannot have";
  if (wrong != NULL)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, wrong);
  return wrong == NULL;
}

/* @api: its context is the design's. */
static gboolean
check_design (StWriter *writer, const StStoredApi *api, const StApiDesign *design, GError **error)
{
  const char *wrong = wrong_in_template (design->context_template, design->tenant_id);
  g_autofree char *template = wrong == NULL ? stored_template (design->context_template) : NULL;
  const StText texts[] = {
    { "CONTEXT", api->context, 256, ST_TEXT_REQUIRED },
    { "CONTEXT_TEMPLATE", template, 256, ST_TEXT_OPTIONAL },
    { "API_TIER", design->tier, 256, ST_TEXT_OPTIONAL },
  };

  if (wrong != NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the context of the API cannot be: %s", wrong);
  else if (tier_of (design) != NULL && !st_writer_has (writer, ST_CAP_API_TIER))
    g_set_error (error, ST_ERROR, ST_ERROR_DATA,
                 "the database, of API Manager %s, has no place for a tier of the whole API",
                 st_capabilities_generation (writer->capabilities));
  else
    return st_columns_check_row (writer, "AM_API", texts, G_N_ELEMENTS (texts), error)
           && st_write_check_resources (writer, api, design, error);
  return FALSE;
}

/* The schema lets two APIs have one context, which validation could not tell apart. Contexts that differ in case are
 * two. */
static gboolean
check_context_is_free (StWriter *writer, const StStoredApi *api, GError **error)
{
  static const StStatement select = ST_LOCKING ("SELECT CONTEXT FROM AM_API WHERE CONTEXT = ? AND API_ID <> ?");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  gboolean found = FALSE;
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "si", api->context, api->id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    found |= g_strcmp0 (st_query_text (query, 0), api->context) == 0;
  if (step == ST_END && found)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "another API has this context");
  return step == ST_END && !found;
}

/* WSO2 leaves UPDATED_TIME out, at its zero default; a strict server that knows no zero dates would not take that. */
#define INSERT_API(now, columns, values) \
  "INSERT INTO AM_API (CREATED_TIME, UPDATED_TIME, API_PROVIDER, API_NAME, API_VERSION, CONTEXT, CONTEXT_TEMPLATE, " \
  "CREATED_BY" columns ") VALUES (" now ", " now ", ?, ?, ?, ?, ?, ?" values ")"
#define INSERT_VARIANT(columns, values) \
  { INSERT_API (ST_NOW_SQLITE, columns, values), INSERT_API (ST_NOW_MYSQL, columns, values) }

static gboolean
insert_api (StWriter *writer, StStoredApi *api, const StApiDesign *design, GError **error)
{
  static const StStatement variants[2] = { INSERT_VARIANT ("", ""), INSERT_VARIANT (", API_TIER", ", ?") };
  gboolean has_tier = st_writer_has (writer, ST_CAP_API_TIER);
  g_autofree char *template = stored_template (design->context_template);
  const StApiIdentity *identity = &api->identity;
  StQuery *query = st_writer_query (writer, &variants[has_tier], error);
  g_autoptr (GError) why = NULL;
  guint at = 0;

  st_query_bind (query, &at, "ssssss", identity->provider, identity->name, identity->version, api->context, template,
                 identity->provider);
  if (has_tier)
    st_query_bind (query, &at, "s", tier_of (design));
  if (query == NULL)
    return FALSE;
  if (st_writer_run (query, &why))
    {
      api->id = st_transaction_last_insert_id (writer->transaction);
      return TRUE;
    }
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT,
                         "the provider has an API of this name and version already");
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
st_write_create_api (StWriter *writer, const StApiIdentity *identity, const StApiDesign *design, const char *user,
                     gboolean is_default, gint64 *api_id, GError **error)
{
  StLifecycleChange created = { .to = "CREATED", .user = user, .tenant_id = design->tenant_id };
  g_autoptr (StStoredApi) api = NULL;
  g_autofree char *context = NULL;

  if (!check_identity (writer, identity, error))
    return FALSE;
  context = context_of (design->context_template, identity->version);
  api = stored_api_new (0, identity->provider, identity->name, identity->version, context);
  if (!check_design (writer, api, design, error) || !check_context_is_free (writer, api, error)
      || !insert_api (writer, api, design, error) || !st_write_insert_resources (writer, api, design, error))
    return FALSE;
  created.api_id = *api_id = api->id;
  return st_write_lifecycle_change (writer, &created, error)
         && (!is_default || st_write_default_version (writer, api->id, TRUE, error));
}

#define UPDATE_API(now, columns) \
  "UPDATE AM_API SET CREATED_TIME = CREATED_TIME, UPDATED_TIME = " now ", CONTEXT = ?, CONTEXT_TEMPLATE = ?" columns \
  " WHERE API_ID = ?"
#define UPDATE_VARIANT(columns) \
  { UPDATE_API (ST_NOW_SQLITE, columns), UPDATE_API (ST_NOW_MYSQL, columns) }

static gboolean
update_api (StWriter *writer, const StStoredApi *api, const StApiDesign *design, GError **error)
{
  static const StStatement variants[2] = { UPDATE_VARIANT (""), UPDATE_VARIANT (", API_TIER = ?") };
  gboolean has_tier = st_writer_has (writer, ST_CAP_API_TIER);
  g_autofree char *template = stored_template (design->context_template);
  StQuery *query = st_writer_query (writer, &variants[has_tier], error);
  guint at = 0;

  st_query_bind (query, &at, "ss", api->context, template);
  if (has_tier)
    st_query_bind (query, &at, "s", tier_of (design));
  st_query_bind (query, &at, "i", api->id);
  return st_writer_run (query, error);
}

gboolean
st_write_update_api (StWriter *writer, gint64 api_id, const StApiDesign *design, GError **error)
{
  g_autoptr (StStoredApi) old = st_write_lock_api (writer, api_id, error);
  g_autoptr (StStoredApi) api = NULL;
  g_autofree char *context = NULL;

  if (old == NULL)
    return FALSE;
  context = context_of (design->context_template, old->identity.version);
  api = stored_api_new (api_id, old->identity.provider, old->identity.name, old->identity.version, context);
  return check_design (writer, api, design, error) && check_context_is_free (writer, api, error)
         && st_write_delete_resources (writer, old, error) && update_api (writer, api, design, error)
         && st_write_insert_resources (writer, api, design, error);
}

static gboolean
check_no_live_subscription (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION WHERE API_ID = ?"
                    " AND (SUBS_CREATE_STATE IS NULL OR SUBS_CREATE_STATE <> 'UN_SUBSCRIBE') LIMIT 1");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "cannot remove the API as active subscriptions exist");
  return step == ST_END;
}

/* Foreign keys are RESTRICT: children first (spec/databases.md 9). */
gboolean
st_write_delete_api (StWriter *writer, gint64 api_id, GError **error)
{
  static const StStatement deletes[] = {
    { "DELETE FROM AM_API_LC_EVENT WHERE API_ID = ?" },
    { "DELETE FROM AM_API_COMMENTS WHERE API_ID = ?" },
    { "DELETE FROM AM_API_RATINGS WHERE API_ID = ?" },
    { "DELETE FROM AM_EXTERNAL_STORES WHERE API_ID = ?" },
  };
  static const StStatement itself = { "DELETE FROM AM_API WHERE API_ID = ?" };
  g_autoptr (StStoredApi) api = st_write_lock_api (writer, api_id, error);

  if (api == NULL || !check_no_live_subscription (writer, api_id, error)
      || !st_write_delete_subscriptions (writer, api_id, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (deletes); i++)
    if (!st_writer_execute (writer, &deletes[i], error, "i", api_id))
      return FALSE;
  return st_write_delete_resources (writer, api, error) && st_write_forget_default_version (writer, api_id, error)
         && st_writer_execute (writer, &itself, error, "i", api_id);
}
