/* The gateways: what they have of the APIs, and bringing to them what they should have. */
#include "config.h"
#include "portal/admin/pt-admin.h"

#include "common/apim-environments.h"
#include "core/core-gateway.h"
#include "core/core-json.h"
#include "portal/pt-page.h"

static const char *
status_of (const CoreGatewayState *state)
{
  if (state->unreachable)
    return "DOWN";
  if (state->n_unknown > 0)
    return "FAILING";
  return state->asked ? "UP" : "UNKNOWN";
}

static void
append_state (GString *json, gconstpointer item, const PtRequest *request)
{
  const CoreGatewayState *state = item;
  const ApimEnvironment *environment = apim_environments_find (request->portal->environments, state->environment);

  g_string_append_c (json, '{');
  core_json_append_member (json, "name", state->environment);
  core_json_append_member (
      json, "type",
      apim_environment_type_text (environment != NULL ? environment->type : APIM_ENVIRONMENT_HYBRID));
  core_json_append_member (json, "serverUrl", environment != NULL ? environment->server_url : NULL);
  core_json_append_member (json, "status", status_of (state));
  core_json_append_int64 (json, "deployed", state->n_deployed);
  core_json_append_int64 (json, "outdated", state->n_outdated);
  core_json_append_int64 (json, "missing", state->n_missing);
  core_json_append_int64 (json, "surplus", state->n_surplus);
  core_json_append_int64 (json, "unknown", state->n_unknown);
  core_json_append_member (json, "reason", state->reason);
  g_string_append_c (json, '}');
}

static GPtrArray *
look (PtRequest *request, GError **error)
{
  GPtrArray *states;

  if (!pt_portal_begin_walk (request->portal, error))
    return NULL;
  states = core_gateway_look (&request->core, request->actor, error);
  pt_portal_end_walk (request->portal);
  return states;
}

/* @api: (nullable): of all. */
static gboolean
bring (PtRequest *request, const char *environment, const char *api, CoreGatewayDone *done, GError **error)
{
  gboolean through;

  if (api == NULL && !pt_portal_begin_walk (request->portal, error))
    return FALSE;
  through = core_gateway_sync (&request->core, request->actor, environment, api, done, error);
  if (api == NULL)
    pt_portal_end_walk (request->portal);
  return through;
}

/* status=false: which there are, and nobody is asked. */
static gboolean
list_environments (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) states = NULL;
  gboolean ask;

  if (!pt_request_query_boolean (request, "status", TRUE, &ask, error))
    return FALSE;
  states = ask ? look (request, error) : core_gateway_list (&request->core, request->actor, error);
  if (states == NULL)
    return FALSE;
  pt_page_answer_all (request, answer, states, append_state);
  return TRUE;
}

static gboolean
sync_environment (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *environment = request->parameters[0];
  CoreGatewayDone done;

  if (!bring (request, environment, pt_request_query (request, "apiId"), &done, error))
    return FALSE;
  g_string_append_c (answer->json, '{');
  core_json_append_member (answer->json, "name", environment);
  core_json_append_int64 (answer->json, "published", done.n_published);
  core_json_append_int64 (answer->json, "removed", done.n_removed);
  g_string_append_c (answer->json, '}');
  return TRUE;
}

static gboolean
undeploy (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *environment = request->parameters[0];
  const char *api = pt_request_need_query (request, "apiId", error);

  if (api == NULL || !core_gateway_undeploy (&request->core, request->actor, environment, api, error))
    return FALSE;
  g_string_append_c (answer->json, '{');
  core_json_append_member (answer->json, "name", environment);
  core_json_append_member (answer->json, "apiId", api);
  g_string_append_c (answer->json, '}');
  return TRUE;
}

const PtRoute pt_admin_environments[] = {
  { "GET", "/environments", "apim:api_view", PT_BODY_NONE, FALSE, list_environments },
  { "POST", "/environments/{name}/sync", "apim:api_publish", PT_BODY_NONE, FALSE, sync_environment },
  { "POST", "/environments/{name}/undeploy", "apim:api_publish", PT_BODY_NONE, FALSE, undeploy },
  { NULL },
};
