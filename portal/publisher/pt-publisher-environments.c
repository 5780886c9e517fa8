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
  core_json_append_member (json, "serverUrl", environment->server_url);
  core_json_append_boolean (json, "showInApiConsole", environment->api_console);
  core_json_append_name (json, "endpoints");
  g_string_append_c (json, '{');
  core_json_append_member (json, "http", http != NULL ? http : "");
  core_json_append_member (json, "https", https != NULL ? https : "");
  g_string_append (json, "}}");
}

/* Those of api-manager.xml, then those that the node deploys to without being told by it: the folder of its own gateway
 * (Apimd/GatewayFolderEnvironment), whose addresses nobody says. */
static gboolean
list_environments (PtRequest *request, PtAnswer *answer, GError **error)
{
  const GPtrArray *configured = request->portal->config->environments;
  CoreDeployer *deployer = request->core.deployer;
  const char *const *names = deployer != NULL ? deployer->environments (deployer) : NULL;
  g_autofree ApimEnvironment *added = g_new0 (ApimEnvironment, names != NULL ? g_strv_length ((char **)names) : 0);
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < configured->len; i++)
    g_ptr_array_add (all, configured->pdata[i]);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (apim_environments_find (configured, names[i]) == NULL)
      {
        added[i].name = (char *)names[i];
        added[i].type = APIM_ENVIRONMENT_HYBRID;
        added[i].server_url = (char *)"";
        g_ptr_array_add (all, &added[i]);
      }
  pt_page_answer_all (request, answer, all, append_environment);
  return TRUE;
}

const PtRoute pt_publisher_environments[] = {
  { "GET", "/environments", "apim:api_view", PT_BODY_NONE, FALSE, list_environments },
  { NULL },
};
