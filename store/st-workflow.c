#include "config.h"
#include "store/st-workflow.h"

#include "store/st-columns.h"

void
st_workflow_free (StWorkflow *workflow)
{
  if (workflow == NULL)
    return;
  g_free (workflow->type);
  g_free (workflow->reference);
  g_free (workflow->external_reference);
  g_free (workflow->status);
  g_free (workflow->description);
  g_free (workflow->tenant_domain);
  g_free (workflow);
}

#define INSERT_WORKFLOW(now)                                                                                 \
  "INSERT INTO AM_WORKFLOWS (WF_CREATED_TIME, WF_UPDATED_TIME, WF_REFERENCE, WF_TYPE, WF_STATUS, "           \
  "WF_STATUS_DESC,"                                                                                          \
  " TENANT_ID, TENANT_DOMAIN, WF_EXTERNAL_REFERENCE) VALUES (" now ", " now ", ?, ?, 'CREATED', ?, ?, ?, ?)"

gboolean
st_write_add_workflow (StWriter *writer, const StNewWorkflow *workflow, GError **error)
{
  static const StStatement insert = { INSERT_WORKFLOW (ST_NOW_SQLITE), INSERT_WORKFLOW (ST_NOW_MYSQL) };
  const StText texts[] = {
    { "WF_REFERENCE", workflow->reference, 255, ST_TEXT_REQUIRED },
    { "WF_TYPE", workflow->type, 255, ST_TEXT_REQUIRED },
    { "WF_STATUS_DESC", workflow->description, 1000, ST_TEXT_OPTIONAL },
    { "TENANT_DOMAIN", workflow->tenant_domain, 255, ST_TEXT_REQUIRED },
    { "WF_EXTERNAL_REFERENCE", workflow->external_reference, 255, ST_TEXT_REQUIRED },
  };

  return st_columns_check_row (writer, "AM_WORKFLOWS", texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, &insert, error, "sssiss", workflow->reference, workflow->type,
                               workflow->description, (gint64)workflow->tenant_id, workflow->tenant_domain,
                               workflow->external_reference);
}

#define COLUMNS                                                                                              \
  "WF_ID, WF_TYPE, WF_REFERENCE, WF_EXTERNAL_REFERENCE, WF_STATUS, WF_STATUS_DESC, TENANT_ID, "              \
  "TENANT_DOMAIN, "
#define COLUMNS_SQLITE COLUMNS "WF_CREATED_TIME, WF_UPDATED_TIME"
#define COLUMNS_MYSQL                                                                                        \
  COLUMNS ST_LIST_TIME_MYSQL ("WF_CREATED_TIME") ", " ST_LIST_TIME_MYSQL ("WF_UPDATED_TIME")

static gpointer
read_workflow (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  StWorkflow *workflow = g_new0 (StWorkflow, 1);

  workflow->id = st_query_int64 (query, 0);
  workflow->type = g_strdup (st_query_text (query, 1));
  workflow->reference = g_strdup (st_query_text (query, 2));
  workflow->external_reference = g_strdup (st_query_text (query, 3));
  workflow->status = g_strdup (st_query_text (query, 4));
  workflow->description = g_strdup (st_query_text (query, 5));
  workflow->tenant_id = (gint)st_query_int64 (query, 6);
  workflow->tenant_domain = g_strdup (st_query_text (query, 7));
  workflow->created_ms = st_query_int64 (query, 8);
  workflow->updated_ms = st_query_int64 (query, 9);
  return workflow;
}

gboolean
st_workflow_find (StWriter *writer, const char *external_reference, gboolean lock, StWorkflow **found,
                  GError **error)
{
  static const StStatement selects[2] = {
    { "SELECT " COLUMNS_SQLITE " FROM AM_WORKFLOWS WHERE WF_EXTERNAL_REFERENCE = ?",
      "SELECT " COLUMNS_MYSQL " FROM AM_WORKFLOWS WHERE WF_EXTERNAL_REFERENCE = ?" },
    { "SELECT " COLUMNS_SQLITE " FROM AM_WORKFLOWS WHERE WF_EXTERNAL_REFERENCE = ?",
      "SELECT " COLUMNS_MYSQL " FROM AM_WORKFLOWS WHERE WF_EXTERNAL_REFERENCE = ? FOR UPDATE" },
  };
  g_autoptr (StQuery) query = st_writer_query (writer, &selects[lock ? 1 : 0], error);
  StStep step;

  *found = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, external_reference);
  step = st_query_step (query, error);
  /* Collations fold case: only the same bytes are the same reference. */
  if (step == ST_ROW && g_strcmp0 (st_query_text (query, 3), external_reference) == 0)
    *found = read_workflow (query, NULL);
  return step != ST_FAILED;
}

#define UPDATE_WORKFLOW(now)                                                                                 \
  "UPDATE AM_WORKFLOWS SET WF_CREATED_TIME = WF_CREATED_TIME, WF_UPDATED_TIME = " now                        \
  ", WF_STATUS = ?, WF_STATUS_DESC = COALESCE(?, WF_STATUS_DESC) WHERE WF_ID = ?"

gboolean
st_write_workflow_status (StWriter *writer, gint64 id, const char *status, const char *description,
                          GError **error)
{
  static const StStatement update = { UPDATE_WORKFLOW (ST_NOW_SQLITE), UPDATE_WORKFLOW (ST_NOW_MYSQL) };
  const StText texts[] = { { "WF_STATUS_DESC", description, 1000, ST_TEXT_OPTIONAL } };

  return st_columns_check_row (writer, "AM_WORKFLOWS", texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, &update, error, "ssi", status, description, id);
}

gboolean
st_write_drop_workflows (StWriter *writer, const char *type, const char *reference, GError **error)
{
  static const StStatement delete
      = { "DELETE FROM AM_WORKFLOWS WHERE WF_TYPE = ? AND WF_REFERENCE = ? AND WF_STATUS = 'CREATED'" };

  return st_writer_execute (writer, &delete, error, "ss", type, reference);
}

gboolean
st_workflow_list (StWriter *writer, const StWorkflowFilter *filter, const StPage *page, GPtrArray **workflows,
                  gint64 *total, GError **error)
{
  const StList list
      = { COLUMNS_SQLITE, COLUMNS_MYSQL,
          "AM_WORKFLOWS WHERE TENANT_ID = ? AND (? = '' OR WF_TYPE = ?) AND (? = '' OR WF_STATUS = ?)",
          "WF_ID" };
  const char *type = filter->type != NULL ? filter->type : "";
  const char *status = filter->status != NULL ? filter->status : "";
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)st_workflow_free);
  gboolean done = st_list_read (writer, &list, page, read_workflow, NULL, rows, total, error, "issss",
                                (gint64)filter->tenant_id, type, type, status, status);

  *workflows = done ? g_steal_pointer (&rows) : NULL;
  return done;
}
