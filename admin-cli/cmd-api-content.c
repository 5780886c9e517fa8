/* apimctl api definition|endpoint|thumbnail|default: parts of an API. */
#include "config.h"

#include "admin-cli/ctl-api-fields.h"
#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-definition.h"
#include "admin-cli/ctl-edit.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-password.h"
#include "admin-cli/ctl-upload.h"
#include "admin-cli/ctl-view.h"
#include "admin-cli/ctl-yaml.h"
#include "common/apim-secret.h"

#include <string.h>

/* Definition ---------------------------------------------------------------------------------------------------------
 */

static const CtlOption definition_options[] = {
  { "set", CTL_OPTION_TEXT, FALSE, "FILE", "replace it by this OpenAPI or Swagger file (or - for stdin)" },
  { NULL },
};

static void
set_definition (CtlCall *call, CtlRest *rest, const char *path, const char *what, JsonNode *document, GError **error)
{
  g_autofree char *text = ctl_json_compact (document);
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = ctl_upload_field ("apiDefinition", text, &type);
  CtlRequest request
      = { .service = CTL_PUBLISHER, .method = "PUT", .path = path, .bytes = bytes, .content_type = type, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "replace", "replaced", error);
}

static int
run_definition (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *file = ctl_options_text (call->options, "set");
  g_autoptr (JsonNode) document = words != NULL && file != NULL ? ctl_definition_load (file, error) : NULL;
  if (words == NULL || (file != NULL && document == NULL))
    return 0;
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, words[0], error) : NULL;
  if (id == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/apis/{}/swagger", id);
  if (document != NULL)
    {
      g_autofree char *what = g_strconcat ("the definition of API ", words[0], NULL);
      set_definition (call, rest, path, what, document, error);
      return 0;
    }
  g_autoptr (JsonNode) swagger = ctl_rest_get (rest, CTL_PUBLISHER, path, words[0], error);
  /* A document even on a terminal: a table of it would tell nobody anything. */
  if (swagger != NULL)
    ctl_output_node (call->output, swagger);
  return 0;
}

const CtlCommand ctl_cmd_api_definition = {
  .group = "api",
  .name = "definition",
  .summary = "Print or replace the OpenAPI document of an API",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "Printed as JSON, or as YAML with -o yaml.",
  .example = "apimctl api definition Weather/1.0.0 -o yaml >weather.yaml\n"
             "apimctl api definition Weather/1.0.0 --set weather.yaml",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = definition_options,
  .run = run_definition,
};

/* Endpoint -----------------------------------------------------------------------------------------------------------
 */

static const CtlOption endpoint_options[] = {
  { "endpoint", CTL_OPTION_LIST, FALSE, "URL", "set where it runs; several with --type load_balance or failover" },
  { "sandbox-endpoint", CTL_OPTION_LIST, FALSE, "URL", "set where its test installation runs" },
  { "type", CTL_OPTION_TEXT, FALSE, "TYPE", "http, address, load_balance or failover" },
  { "config", CTL_OPTION_TEXT, FALSE, "FILE", "set the whole endpoint configuration, JSON or YAML" },
  { "user", CTL_OPTION_TEXT, FALSE, "USER", "who logs in at the endpoint" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "that user's password (or - for stdin)" },
  { "digest", CTL_OPTION_FLAG, FALSE, NULL, "by digest instead of basic authentication" },
  { "no-login", CTL_OPTION_FLAG, FALSE, NULL, "nobody logs in at the endpoint" },
  { NULL },
};

/* The endpointConfig that the options ask for. (nullable): NULL with or without @error. */
static char *
wanted_config (const CtlOptions *options, GError **error)
{
  const char *file = ctl_options_text (options, "config");
  const char *const *production = ctl_options_list (options, "endpoint");
  const char *const *sandbox = ctl_options_list (options, "sandbox-endpoint");
  if (file != NULL)
    {
      g_autoptr (CtlYaml) yaml = ctl_yaml_load (file, error);
      if (yaml != NULL && yaml->documents->len == 1)
        return ctl_json_compact (yaml->documents->pdata[0]);
      if (yaml != NULL)
        ctl_error_set (error, CTL_ERROR_USAGE, NULL, file, "is not one endpoint configuration");
      return NULL;
    }
  if (production[0] == NULL && sandbox[0] == NULL)
    return NULL;
  return ctl_api_endpoint_config (production, sandbox, ctl_options_text (options, "type"), error);
}

static gboolean
set_security (JsonObject *api, const CtlOptions *options, GError **error)
{
  const char *user = ctl_options_text (options, "user");
  if (ctl_options_flag (options, "no-login"))
    json_object_set_null_member (api, "endpointSecurity");
  if (user == NULL)
    return TRUE;
  g_auto (ApimSecretText) password
      = ctl_password_read (ctl_options_text (options, "password-file"), NULL, "password for the endpoint", error);
  if (password == NULL)
    return FALSE;
  JsonObject *security = json_object_new ();
  json_object_set_string_member (security, "type", ctl_options_flag (options, "digest") ? "digest" : "basic");
  json_object_set_string_member (security, "username", user);
  json_object_set_string_member (security, "password", password);
  json_object_set_object_member (api, "endpointSecurity", security);
  return TRUE;
}

static gboolean
edit_endpoint (JsonObject *api, CtlCall *call, GError **error)
{
  g_autofree char *config = wanted_config (call->options, error);
  if (*error != NULL)
    return FALSE;
  ctl_json_set_text (api, "endpointConfig", config);
  return set_security (api, call->options, error);
}

/* Prints what there is: the configuration as a document of its own. */
static void
print_endpoint (CtlCall *call, CtlRest *rest, const char *reference, GError **error)
{
  static const CtlColumn columns[] = {
    { "TYPE", "endpointConfig.endpoint_type" },
    { "PRODUCTION", "endpointConfig.production_endpoints" },
    { "SANDBOX", "endpointConfig.sandbox_endpoints" },
    { "FAILOVERS", "endpointConfig.production_failovers" },
    { "LOGIN", "endpointSecurity.type" },
    { "USER", "endpointSecurity.username" },
    { NULL },
  };
  g_autoptr (CtlReply) reply = ctl_edit_get (rest, reference, error);
  if (reply == NULL)
    return;
  JsonObject *api = json_node_get_object (reply->json);
  const char *text = ctl_json_get_text (api, "endpointConfig");
  g_autoptr (JsonNode) config = text != NULL ? ctl_json_parse (text, strlen (text), "endpoint", NULL) : NULL;
  g_autoptr (JsonObject) shown = json_object_new ();
  if (config != NULL)
    json_object_set_member (shown, "endpointConfig", g_steal_pointer (&config));
  JsonObject *security = ctl_json_get_object (api, "endpointSecurity");
  if (security != NULL)
    {
      json_object_remove_member (security, "password");
      json_object_set_object_member (shown, "endpointSecurity", json_object_ref (security));
    }
  g_autoptr (JsonNode) record = json_node_init_object (json_node_alloc (), shown);
  ctl_view_record (call->output, columns, record);
}

static int
run_endpoint (CtlCall *call, GError **error)
{
  static const char *const changes[] = { "endpoint", "sandbox-endpoint", "config", "user", "no-login", NULL };
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  gboolean change = FALSE;
  for (guint i = 0; changes[i] != NULL; i++)
    change |= ctl_options_flag (call->options, changes[i]);
  if (rest == NULL)
    return 0;
  if (change)
    {
      g_autoptr (JsonNode) api = ctl_edit (call, rest, words[0], edit_endpoint, error);
      return 0;
    }
  print_endpoint (call, rest, words[0], error);
  return 0;
}

const CtlCommand ctl_cmd_api_endpoint = {
  .group = "api",
  .name = "endpoint",
  .summary = "Show or set where an API runs",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "The password for the endpoint is asked for, or comes from a file or from stdin; it is never printed.",
  .example = "apimctl api endpoint Weather/1.0.0\n"
             "apimctl api endpoint Weather/1.0.0 --endpoint http://a:8080 --endpoint http://b:8080 --type failover",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = endpoint_options,
  .run = run_endpoint,
};

/* Thumbnail ----------------------------------------------------------------------------------------------------------
 */

static const CtlOption thumbnail_options[] = {
  { "set", CTL_OPTION_TEXT, FALSE, "FILE", "a png, gif, jpeg or bmp file of at most 1 MiB" },
  { "get", CTL_OPTION_TEXT, FALSE, "FILE", "write it to a file" },
  { "remove", CTL_OPTION_FLAG, FALSE, NULL, "the API has none any more" },
  { NULL },
};

static int
run_thumbnail (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *set = ctl_options_text (call->options, "set"), *get = ctl_options_text (call->options, "get");
  if (words == NULL)
    return 0;
  gboolean remove = ctl_options_flag (call->options, "remove");
  if ((set != NULL) + (get != NULL) + remove != 1)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help api thumbnail", "api thumbnail",
                     "say --set FILE, --get FILE or --remove");
      return 0;
    }
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = set != NULL ? ctl_upload_file ("file", set, &type, error) : NULL;
  g_autoptr (CtlRest) rest = set == NULL || bytes != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_PUBLISHER, words[0], error) : NULL;
  if (id == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/apis/{}/thumbnail", id);
  g_autofree char *what = g_strconcat ("the thumbnail of API ", words[0], NULL);
  CtlRequest request = { .service = CTL_PUBLISHER,
                         .method = set != NULL ? "POST" : remove ? "DELETE" : "GET",
                         .path = path,
                         .bytes = bytes,
                         .content_type = type,
                         .what = what,
                         .accept = get != NULL ? "*/*" : NULL };
  g_autoptr (CtlReply) reply = get != NULL ? ctl_rest_send (rest, &request, error)
                               : set != NULL ? ctl_change (call, rest, &request, "set", "set", error)
                                             : ctl_change (call, rest, &request, "remove", "removed", error);
  if (reply == NULL && remove)
    ctl_rest_explain_missing (rest, CTL_PUBLISHER, what, error);
  if (reply != NULL && get != NULL)
    ctl_upload_save (get, reply->bytes, error);
  return 0;
}

const CtlCommand ctl_cmd_api_thumbnail = {
  .group = "api",
  .name = "thumbnail",
  .summary = "Set the picture of an API, save it to a file, or remove it",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .example = "apimctl api thumbnail Weather/1.0.0 --set cloud.png",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = thumbnail_options,
  .run = run_thumbnail,
};

/* Default version ----------------------------------------------------------------------------------------------------
 */

static gboolean
edit_default (JsonObject *api, CtlCall *call, GError **error)
{
  json_object_set_boolean_member (api, "isDefaultVersion", !ctl_options_flag (call->options, "clear"));
  return TRUE;
}

static const CtlOption default_options[] = {
  { "clear", CTL_OPTION_FLAG, FALSE, NULL, "serve calls without a version no more" },
  { NULL },
};

static int
run_default (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autoptr (JsonNode) api = rest != NULL ? ctl_edit (call, rest, words[0], edit_default, error) : NULL;
  return 0;
}

const CtlCommand ctl_cmd_api_default = {
  .group = "api",
  .name = "default",
  .summary = "Choose the version that serves calls without a version",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details = "The version that was it before is it no more. A version that is not published serves from when it is.",
  .example = "apimctl api default Weather/2.0.0",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = default_options,
  .run = run_default,
};
