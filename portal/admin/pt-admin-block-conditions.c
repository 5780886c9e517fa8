/* The black list: what gateways refuse to serve. */
#include "config.h"
#include "portal/admin/pt-admin.h"

#include "portal/json/pt-json-policy.h"
#include "portal/pt-page.h"

#define VIEW "apim:bl_view"
#define MANAGE "apim:bl_manage"

static void
append_item (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_block_condition_append (json, item, request->actor->tenant_domain);
}

static void
answer_condition (const PtRequest *request, PtAnswer *answer, const StBlockRecord *record)
{
  g_autofree char *etag = core_block_condition_etag (record);

  append_item (answer->json, record, request);
  pt_answer_set_etag (answer, etag);
}

/* A gateway in this process need not wait until it looks by itself. */
static void
tell_gateway (const PtRequest *request)
{
  const ApimNode *node = request->portal->node;

  if (node->blocks_changed != NULL)
    node->blocks_changed (node->blocks_changed_data);
}

static gboolean
list_conditions (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) records = NULL;

  if (!core_block_condition_list (&request->core, request->actor, &records, error))
    return FALSE;
  pt_page_answer_all (request, answer, records, append_item);
  return TRUE;
}

static gboolean
create_condition (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { request->body, "", violations };
  g_autoptr (StBlockRecord) record = NULL;
  g_autofree char *type = NULL;
  g_autofree char *value = NULL;
  g_autofree char *id = NULL;

  pt_json_need_text (&json, "conditionType", &type);
  pt_json_need_text (&json, "conditionValue", &value);
  if (!core_violations_check (violations, error)
      || !core_block_condition_create (&request->core, request->actor, type, value, &record, error))
    return FALSE;
  tell_gateway (request);
  id = pt_json_block_condition_id (record);
  answer_condition (request, answer, record);
  pt_answer_created (answer, "/throttling/blacklist/%s", id);
  return TRUE;
}

static gboolean
get_condition (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StBlockRecord) record = NULL;

  if (!core_block_condition_get (&request->core, request->actor, request->parameters[0], &record, error))
    return FALSE;
  answer_condition (request, answer, record);
  return TRUE;
}

static gboolean
switch_condition (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { request->body, "", violations };
  g_autoptr (StBlockRecord) record = NULL;
  gboolean enabled = FALSE;

  if (!pt_json_has (&json, "conditionStatus"))
    core_violations_add (violations, "conditionStatus", "The status is missing: true or false.");
  pt_json_boolean (&json, "conditionStatus", &enabled);
  if (!core_violations_check (violations, error)
      || !core_block_condition_switch (&request->core, request->actor, request->parameters[0], enabled,
                                       request->if_match, &record, error))
    return FALSE;
  tell_gateway (request);
  answer_condition (request, answer, record);
  return TRUE;
}

static gboolean
delete_condition (PtRequest *request, PtAnswer *answer, GError **error)
{
  if (!core_block_condition_delete (&request->core, request->actor, request->parameters[0], request->if_match, error))
    return FALSE;
  tell_gateway (request);
  return TRUE;
}

/* PATCH is of WSO2's later versions; v0.14 has nothing to switch a condition with. */
const PtRoute pt_admin_block_conditions[] = {
  { "GET", "/throttling/blacklist", VIEW, PT_BODY_NONE, FALSE, list_conditions },
  { "POST", "/throttling/blacklist", MANAGE, PT_BODY_JSON, FALSE, create_condition },
  { "GET", "/throttling/blacklist/{conditionId}", VIEW, PT_BODY_NONE, FALSE, get_condition },
  { "PATCH", "/throttling/blacklist/{conditionId}", MANAGE, PT_BODY_JSON, FALSE, switch_condition },
  { "DELETE", "/throttling/blacklist/{conditionId}", MANAGE, PT_BODY_NONE, FALSE, delete_condition },
  { NULL },
};
