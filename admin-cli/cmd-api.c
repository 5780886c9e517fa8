/* apimctl api list|get|create|update|copy|delete. */
#include "config.h"

#include "admin-cli/ctl-api-check.h"
#include "admin-cli/ctl-api-fields.h"
#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-definition.h"
#include "admin-cli/ctl-edit.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "API", "name/version" },
  { "STATE", "status" },
  { "CONTEXT", "context" },
  { "PROVIDER", "provider" },
  { "DESCRIPTION", "description" },
  { "TYPE", "type" },
  { "VISIBILITY", "visibility" },
  { "ROLES", "visibleRoles" },
  { "TIERS", "tiers" },
  { "TRANSPORT", "transport" },
  { "TAGS", "tags" },
  { "DEFAULT VERSION", "isDefaultVersion" },
  { "ENVIRONMENTS", "gatewayEnvironments" },
  { "ENDPOINT", "endpointConfig", .show = ctl_api_show_endpoints },
  { "OWNER", "businessInformation.businessOwner" },
  { "ID", "id" },
  { NULL },
};

static int
run_list (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 0, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/apis?query={}", words[0]);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_PUBLISHER, path, "APIs", error);
  if (rows != NULL)
    ctl_view_list (call->output, ctl_api_list_columns, rows);
  return 0;
}

const CtlCommand ctl_cmd_api_list = {
  .group = "api",
  .name = "list",
  .summary = "List APIs of the Publisher",
  .arguments = "[QUERY]",
  .details
  = "QUERY is a name, or ATTRIBUTE:VALUE with \"*\" for any text, where ATTRIBUTE is version, context, status,\n"
    "description, subcontext, doc or provider.",
  .example = "apimctl api list\n"
             "apimctl api list 'status:PUBLISHED' -o json",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static int
run_get (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, words[0], error) : NULL;
  if (id == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/apis/{}", id);
  g_autoptr (JsonNode) api = ctl_rest_get (rest, CTL_PUBLISHER, path, words[0], error);
  if (api != NULL)
    ctl_view_record (call->output, columns, api);
  return 0;
}

const CtlCommand ctl_cmd_api_get = {
  .group = "api",
  .name = "get",
  .summary = "Show an API",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "NAME alone is enough where there is one version.",
  .example = "apimctl api get Weather/1.0.0\n"
             "apimctl api get Weather/1.0.0 --field maxTps.production",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_get,
};

/* Create -------------------------------------------------------------------------------------------------------------
 */

static const CtlOption create_options[] = {
  { "definition", CTL_OPTION_TEXT, FALSE, "FILE", "OpenAPI 3 or Swagger 2, YAML or JSON (or - for stdin)", 'f' },
  { "name", CTL_OPTION_TEXT, FALSE, "NAME", "default: the definition's title" },
  { "version", CTL_OPTION_TEXT, FALSE, "VERSION", "default: the definition's" },
  { "context", CTL_OPTION_TEXT, FALSE, "PATH", "where gateways serve it, e.g. /weather; default: its name" },
  { "type", CTL_OPTION_TEXT, FALSE, "TYPE", "HTTP or WS; default HTTP" },
  { "default-version", CTL_OPTION_FLAG, FALSE, NULL, "serve it for calls without a version, too" },
  CTL_API_FIELD_OPTIONS,
  { NULL },
};

static gboolean
missing (GError **error, const char *option)
{
  ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help api create", "api create",
                 "say --%s, or give a --definition that has it", option);
  return FALSE;
}

/* Name, version and context: as options say, else as the definition does. */
static gboolean
set_identity (JsonObject *api, const CtlOptions *options, JsonNode *definition, GError **error)
{
  const char *name = ctl_options_text (options, "name"), *version = ctl_options_text (options, "version");
  const char *context = ctl_options_text (options, "context");
  g_autofree char *title = name == NULL && definition != NULL ? ctl_definition_name (definition) : g_strdup (name);
  if (title == NULL)
    return missing (error, "name");
  if (version == NULL && definition != NULL)
    version = ctl_definition_version (definition);
  if (version == NULL)
    return missing (error, "version");
  g_autofree char *lower = g_ascii_strdown (title, -1);
  g_autofree char *made = g_strconcat ("/", lower, NULL);
  json_object_set_string_member (api, "name", title);
  json_object_set_string_member (api, "version", version);
  json_object_set_string_member (api, "context", context != NULL ? context : made);
  return TRUE;
}

/* What v0.14 wants in every API, where options do not say it. */
static void
set_defaults (JsonObject *api)
{
  static const char *const both[] = { "http", "https", NULL }, *const unlimited[] = { "Unlimited", NULL };
  if (!json_object_has_member (api, "transport"))
    json_object_set_member (api, "transport", ctl_json_text_array (both));
  if (!json_object_has_member (api, "tiers"))
    json_object_set_member (api, "tiers", ctl_json_text_array (unlimited));
  if (!json_object_has_member (api, "visibility"))
    json_object_set_string_member (api, "visibility", "PUBLIC");
}

static JsonNode *
describe_new (CtlCall *call, GError **error)
{
  const CtlOptions *options = call->options;
  const char *file = ctl_options_text (options, "definition"), *type = ctl_options_text (options, "type");
  g_autoptr (JsonNode) definition = file != NULL ? ctl_definition_load (file, error) : NULL;
  if (file != NULL && definition == NULL)
    return NULL;
  g_autoptr (JsonObject) api = json_object_new ();
  if (definition != NULL)
    {
      g_autofree char *endpoint = ctl_definition_endpoint (definition);
      const char *production[] = { endpoint, NULL }, *none[] = { NULL };
      g_autofree char *config = endpoint != NULL ? ctl_api_endpoint_config (production, none, NULL, NULL) : NULL;
      ctl_json_set_text (api, "description", ctl_definition_description (definition));
      ctl_json_set_text (api, "endpointConfig", config);
    }
  if (!set_identity (api, options, definition, error) || !ctl_api_fields_set (api, options, error))
    return NULL;
  set_defaults (api);
  g_autofree char *what = g_strconcat ("API ", ctl_json_get_text (api, "name"), NULL);
  if (definition != NULL)
    json_object_set_member (api, "definition", json_node_copy (definition));
  if (!ctl_api_check_all (api, what, error))
    return NULL;
  json_object_remove_member (api, "definition");
  if (definition == NULL)
    definition = ctl_definition_any (ctl_json_get_text (api, "name"), ctl_json_get_text (api, "version"));
  g_autofree char *text = ctl_json_compact (definition);
  json_object_set_string_member (api, "apiDefinition", text);
  json_object_set_string_member (api, "type", type != NULL ? type : "HTTP");
  json_object_set_boolean_member (api, "isDefaultVersion", ctl_options_flag (options, "default-version"));
  return json_node_init_object (json_node_alloc (), api);
}

static int
run_create (CtlCall *call, GError **error)
{
  g_autoptr (JsonNode) api = describe_new (call, error);
  g_autoptr (CtlRest) rest = api != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *title = ctl_view_text (api, "name/version"), *what = g_strconcat ("API ", title, NULL);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "POST", .path = "/apis", .json = api, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "create", "created", error);
  if (reply == NULL)
    ctl_error_add_hint (*error, CTL_ERROR_CONFLICT, "apimctl api list");
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_api_create = {
  .group = "api",
  .name = "create",
  .summary = "Create an API",
  .details
  = "From an OpenAPI or Swagger document come its name, version, description, endpoint, resources and scopes;\n"
    "options say otherwise. It is in state CREATED then: \"publish\" brings it to the gateways and the Store.",
  .example = "apimctl api create --definition weather.yaml --endpoint https://backend.example.com/weather --tier Gold\n"
             "apimctl api create --name Echo --version 1.0.0 --context /echo --endpoint http://localhost:8080",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = create_options,
  .run = run_create,
};

/* Update -------------------------------------------------------------------------------------------------------------
 */

static const CtlOption update_options[] = {
  { "default-version", CTL_OPTION_TEXT, FALSE, "YES|NO", "whether it is served for calls without a version, too" },
  CTL_API_FIELD_OPTIONS,
  { NULL },
};

static gboolean
set_default_version (JsonObject *api, const CtlOptions *options, GError **error)
{
  const char *text = ctl_options_text (options, "default-version");
  if (text == NULL)
    return TRUE;
  gboolean yes = g_ascii_strcasecmp (text, "yes") == 0;
  if (!yes && g_ascii_strcasecmp (text, "no") != 0)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, "--default-version", "is yes or no");
      return FALSE;
    }
  json_object_set_boolean_member (api, "isDefaultVersion", yes);
  return TRUE;
}

static gboolean
edit (JsonObject *api, CtlCall *call, GError **error)
{
  return ctl_api_fields_set (api, call->options, error) && set_default_version (api, call->options, error);
}

static int
run_update (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (JsonNode) api = rest != NULL ? ctl_edit (call, rest, words[0], edit, error) : NULL;
  if (api != NULL)
    ctl_view_record (call->output, columns, api);
  return 0;
}

const CtlCommand ctl_cmd_api_update = {
  .group = "api",
  .name = "update",
  .summary = "Change an API",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details
  = "What no option names stays. Where somebody else changed the API in between, nothing is done (exit status 6).\n"
    "A change of a published API reaches its gateways at once.",
  .example = "apimctl api update Weather/1.0.0 --tier Gold --tier Bronze --tag forecast",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = update_options,
  .run = run_update,
};

/* Copy and delete ----------------------------------------------------------------------------------------------------
 */

static int
run_copy (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, words[0], error) : NULL;
  if (id == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/apis/copy-api?apiId={}&newVersion={}", id, words[1]);
  g_autofree char *what = g_strdup_printf ("API %s to version %s", words[0], words[1]);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "POST", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "copy", "copied", error);
  if (reply != NULL && reply->json != NULL)
    ctl_view_record (call->output, columns, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_api_copy = {
  .group = "api",
  .name = "copy",
  .summary = "Make a new version of an API",
  .arguments = "NAME/VERSION NEW-VERSION",
  .completes = "api",
  .details = "The new version is in state CREATED and has everything of the old one but its subscriptions, which come\n"
             "along when it is published.",
  .example = "apimctl api copy Weather/1.0.0 2.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_copy,
};

static int
run_delete (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, words[0], &cause) : NULL;
  if (rest == NULL)
    return 0;
  if (g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND) && ctl_options_flag (call->options, "if-exists"))
    {
      ctl_output_note (call->output, "API %s is not there", words[0]);
      return 0;
    }
  if (id == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return 0;
    }
  g_autofree char *documents_path = ctl_server_path ("/apis/{}/documents", id);
  g_autoptr (JsonArray) documents = ctl_rest_list (rest, CTL_PUBLISHER, documents_path, words[0], error);
  if (documents == NULL
      || !ctl_change_confirm (call, error, "Delete API %s with its %u documents, and take it off all gateways",
                              words[0], json_array_get_length (documents)))
    return 0;
  g_autofree char *path = ctl_server_path ("/apis/{}", id), *what = g_strconcat ("API ", words[0], NULL);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "DELETE", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "delete", "deleted", error);
  return 0;
}

static const CtlOption delete_options[] = {
  { "if-exists", CTL_OPTION_FLAG, FALSE, NULL, "it is no error when it is not there" },
  { NULL },
};

const CtlCommand ctl_cmd_api_delete = {
  .group = "api",
  .name = "delete",
  .summary = "Delete an API",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "With its documents and its thumbnail, and from all gateways. Refused while it has subscriptions.",
  .example = "apimctl api delete Weather/1.0.0 --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = delete_options,
  .run = run_delete,
};
