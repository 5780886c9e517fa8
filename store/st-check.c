#include "config.h"
#include "store/st-check-private.h"

#include <string.h>

static void
finding_free (StCheckFinding *finding)
{
  g_free (finding->code);
  g_free (finding->text);
  g_free (finding->why);
  g_free (finding->action);
  g_free (finding);
}

StCheck *
st_check_new (const StCheckSettings *settings)
{
  StCheck *self = g_new0 (StCheck, 1);

  self->settings = *settings;
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify)finding_free);
  return self;
}

void
st_check_free (StCheck *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->findings);
  st_check_facts_clear (&self->facts);
  g_clear_pointer (&self->tenants, g_hash_table_unref);
  g_clear_pointer (&self->tenant_ids, g_hash_table_unref);
  g_free (self->server);
  g_free (self);
}

void
st_check_add (StCheck *self, StSchemaPart part, StCheckSeverity severity, const char *code, const char *why,
              const char *action, const char *format, ...)
{
  StCheckFinding *finding = g_new0 (StCheckFinding, 1);
  va_list arguments;

  va_start (arguments, format);
  finding->severity = severity;
  finding->part = part;
  finding->code = g_strdup (code);
  finding->text = g_strdup_vprintf (format, arguments);
  finding->why = g_strdup (why);
  finding->action = g_strdup (action);
  va_end (arguments);
  g_ptr_array_add (self->findings, finding);
}

void
st_check_not_checked (StCheck *self, const char *what, const GError *error)
{
  const char *action = "correct what the reason names, then check again";

  if (g_error_matches (error, ST_ERROR, ST_ERROR_TIMEOUT))
    action = "check again in a quiet hour, or with a longer --timeout";
  else if (g_error_matches (error, ST_ERROR, ST_ERROR_SETUP))
    action = "let this user read the tables (GRANT SELECT), then check again";
  ST_CHECK_ADD (self, ST_CHECK_WARNING, "not-checked", "what this would have found is not known", action,
                "%s could not be checked: %s", what, error->message);
}

char *
st_check_hint (const StCheck *self, const char *command)
{
  const char *target = self->settings.target;

  return target != NULL ? g_strdup_printf ("apimctl %s %s", command, target) : g_strdup_printf ("apimctl %s", command);
}

gint64
st_check_deadline (const StCheck *self)
{
  return g_get_monotonic_time () + (gint64)self->settings.timeout_ms * 1000;
}

StQuery *
st_check_query (StCheck *self, const StStatement *statement, GError **error)
{
  return st_database_query (self->database, statement, st_check_deadline (self), error);
}

gboolean
st_check_read_row (StCheck *self, const StStatement *statement, guint n, char **values, GError **error)
{
  g_autoptr (StQuery) query = st_check_query (self, statement, error);
  StStep step;

  memset (values, 0, n * sizeof *values);
  if (query == NULL)
    return FALSE;
  step = st_query_step (query, error);
  for (guint i = 0; step == ST_ROW && i < n; i++)
    values[i] = g_strdup (st_query_text (query, i));
  return step != ST_FAILED;
}

void
st_check_list_add (StCheckList *list, const char *name)
{
  if (list->text == NULL)
    list->text = g_string_new (NULL);
  list->n++;
  if (list->n <= ST_CHECK_SHOWN)
    g_string_append_printf (list->text, "%s%s", list->n > 1 ? ", " : "", name);
  else if (list->n == ST_CHECK_SHOWN + 1)
    g_string_append (list->text, " and more");
}

void
st_check_list_clear (StCheckList *list)
{
  if (list->text != NULL)
    g_string_free (list->text, TRUE);
}

char *
st_check_count_text (guint64 n, guint64 limit)
{
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT, n >= limit ? "at least " : "", MIN (n, limit));
}

static void
check_api_part (StCheck *self)
{
  st_check_generation (self);
  st_check_server (self);
  st_check_time (self);
  st_check_indexes (self);
  st_check_reads (self);
  st_check_feed (self);
  st_check_portal (self);
  st_check_rows (self);
  st_check_tokens (self);
  st_check_policies (self);
}

static void
check_user_part (StCheck *self)
{
  st_check_server (self);
  st_check_indexes (self);
  st_check_reads (self);
  st_check_feed (self);
  st_check_user_rows (self);
}

/* FALSE when the database cannot be asked at all. */
static gboolean
inspect (StCheck *self, GError **error)
{
  StCheckResult *result = &self->results[self->part];

  if (!st_schema_inspect (self->database, self->part, &result->report, error))
    return FALSE;
  result->checked = TRUE;
  if (result->report.state == ST_SCHEMA_EMPTY)
    return TRUE;
  return st_check_facts_read (self, error);
}

static void
check_part (StCheck *self, StDatabase *database, StSchemaPart part)
{
  g_autoptr (GError) error = NULL;

  self->database = database;
  self->part = part;
  if (!inspect (self, &error))
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "unreachable", "a node on it answers every call with an error",
                  "check the server, its privileges for this user, and the data source in"
                  " repository/conf/datasources/master-datasources.xml",
                  "the %s database cannot be used: %s", part == ST_SCHEMA_API ? "API Manager" : "user", error->message);
  else if (st_check_schema (self))
    {
      if (part == ST_SCHEMA_API)
        check_api_part (self);
      else
        check_user_part (self);
    }
  st_check_facts_clear (&self->facts);
  self->database = NULL;
}

void
st_check_run (StCheck *self, StDatabase *api, StDatabase *users)
{
  /* What goes wrong here goes wrong again where the user part is looked at, and is told there. */
  if (users != NULL)
    st_check_read_tenants (self, users);
  if (api != NULL)
    check_part (self, api, ST_SCHEMA_API);
  if (users != NULL)
    check_part (self, users, ST_SCHEMA_USER);
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const StCheckFinding *left = *(const StCheckFinding *const *)a;
  const StCheckFinding *right = *(const StCheckFinding *const *)b;

  return (int)right->severity - (int)left->severity;
}

/* g_ptr_array_sort() keeps the order of equals. */
const GPtrArray *
st_check_findings (StCheck *self)
{
  g_ptr_array_sort (self->findings, compare_findings);
  return self->findings;
}

const StCheckResult *
st_check_result (const StCheck *self, StSchemaPart part)
{
  return &self->results[part];
}

gboolean
st_check_failed (const StCheck *self)
{
  for (guint i = 0; i < self->findings->len; i++)
    if (((const StCheckFinding *)g_ptr_array_index (self->findings, i))->severity == ST_CHECK_ERROR)
      return TRUE;
  return FALSE;
}

const char *
st_check_severity_name (StCheckSeverity severity)
{
  static const char *const names[] = { "ok", "note", "warning", "error" };

  return names[severity];
}
