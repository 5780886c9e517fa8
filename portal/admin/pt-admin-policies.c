/* Throttling policies of the four kinds, which the path names. */
#include "config.h"
#include "portal/admin/pt-admin.h"

#include "portal/json/pt-json-policy.h"
#include "portal/pt-error.h"
#include "portal/pt-page.h"

#define VIEW "apim:tier_view"
#define MANAGE "apim:tier_manage"

static gboolean
read_kind (const PtRequest *request, StPolicyKind *kind, GError **error)
{
  return core_policy_kind_parse (request->parameters[0], kind)
         || pt_fail (error, PT_ERROR_NOT_FOUND,
                     "There are policies of the kinds application, subscription, advanced and custom.");
}

static void
append_item (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_policy_append (json, item, FALSE);
}

static void
answer_policy (PtAnswer *answer, const StPolicyRecord *record)
{
  g_autofree char *etag = core_policy_etag (record);

  pt_json_policy_append (answer->json, record, TRUE);
  pt_answer_set_etag (answer, etag);
}

static gboolean
list_policies (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) records = NULL;
  StPolicyKind kind;

  if (!read_kind (request, &kind, error)
      || !core_policy_list (&request->core, request->actor, kind, &records, error))
    return FALSE;
  pt_page_answer_all (request, answer, records, append_item);
  return TRUE;
}

static gboolean
create_policy (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtPolicyBody) body = { { 0 } };
  g_autoptr (StPolicyRecord) record = NULL;
  g_autofree char *id = NULL;
  StPolicyKind kind;

  if (!read_kind (request, &kind, error) || !pt_json_policy_read (request->body, kind, &body, error)
      || !core_policy_create (&request->core, request->actor, &body.policy, &record, error))
    return FALSE;
  id = pt_json_policy_id (record);
  answer_policy (answer, record);
  pt_answer_created (answer, "/throttling/policies/%s/%s", core_policy_kind_text (kind), id);
  return TRUE;
}

static gboolean
get_policy (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StPolicyRecord) record = NULL;
  StPolicyKind kind;

  if (!read_kind (request, &kind, error)
      || !core_policy_get (&request->core, request->actor, kind, request->parameters[1], &record, error))
    return FALSE;
  answer_policy (answer, record);
  return TRUE;
}

static gboolean
update_policy (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtPolicyBody) body = { { 0 } };
  g_autoptr (StPolicyRecord) record = NULL;
  StPolicyKind kind;

  if (!read_kind (request, &kind, error) || !pt_json_policy_read (request->body, kind, &body, error)
      || !core_policy_update (&request->core, request->actor, request->parameters[1], &body.policy,
                              request->if_match, &record, error))
    return FALSE;
  answer_policy (answer, record);
  return TRUE;
}

static gboolean
delete_policy (PtRequest *request, PtAnswer *answer, GError **error)
{
  StPolicyKind kind;

  return read_kind (request, &kind, error)
         && core_policy_delete (&request->core, request->actor, kind, request->parameters[1],
                                request->if_match, error);
}

const PtRoute pt_admin_policies[] = {
  { "GET", "/throttling/policies/{kind}", VIEW, PT_BODY_NONE, FALSE, list_policies },
  { "POST", "/throttling/policies/{kind}", MANAGE, PT_BODY_JSON, FALSE, create_policy },
  { "GET", "/throttling/policies/{kind}/{policyId}", VIEW, PT_BODY_NONE, FALSE, get_policy },
  { "PUT", "/throttling/policies/{kind}/{policyId}", MANAGE, PT_BODY_JSON, FALSE, update_policy },
  { "DELETE", "/throttling/policies/{kind}/{policyId}", MANAGE, PT_BODY_NONE, FALSE, delete_policy },
  { NULL },
};
