#include "config.h"
#include "portal/publisher/pt-publisher.h"

#include "common/apim-environments.h"
#include "portal/pt-page.h"

static void
append_environment (GString *json, gconstpointer item, const PtRequest *request)
{
  const ApimEnvironment *environment = item;
  g_autofree char *http = apim_environment_endpoint (environment, "http");
  g_autofree char *https = apim_environment_endpoint (environment, "https");

  g_string_append_c (json, '{');
  core_json_append_member (json, "name", environment->name);
  core_json_append_member (json, "type", apim_environment_type_text (environment->type));
  core_json_append_member (json, "serverUrl", environment->server_url != NULL ? environment->server_url : "");
  core_json_append_boolean (json, "showInApiConsole", environment->api_console);
  core_json_append_name (json, "endpoints");
  g_string_append_c (json, '{');
  core_json_append_member (json, "http", http != NULL ? http : "");
  core_json_append_member (json, "https", https != NULL ? https : "");
  g_string_append (json, "}}");
}

static gboolean
list_environments (PtRequest *request, PtAnswer *answer, GError **error)
{
  pt_page_answer_all (request, answer, request->portal->environments, append_environment);
  return TRUE;
}

const PtRoute pt_publisher_environments[] = {
  { "GET", "/environments", "apim:api_view", PT_BODY_NONE, FALSE, list_environments },
  { NULL },
};
