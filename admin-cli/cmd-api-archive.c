/* apimctl api export|import: archives of APIs (spec/publisher-store-workflows.md 9.1). */
#include "config.h"

#include "admin-cli/cmd-api-archive.h"
#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-upload.h"
#include "admin-cli/ctl-view.h"

static const CtlOption export_options[] = {
  { "save", CTL_OPTION_TEXT, TRUE, "FILE", "write the archive to a file (or - for stdout)" },
  { "created", CTL_OPTION_FLAG, FALSE, NULL, "in the state CREATED, whatever it is in" },
  { NULL },
};

gboolean
cmd_api_archive_save (CtlCall *call, CtlRest *rest, const char *reference, const char *path, gboolean created,
                      GError **error)
{
  g_autoptr (JsonNode) api = ctl_names_find_api (rest, CTL_PUBLISHER, reference, error);
  if (api == NULL)
    return FALSE;
  g_autofree char *name = ctl_names_member (api, "name"), *version = ctl_names_member (api, "version");
  g_autofree char *provider = ctl_names_member (api, "provider");
  g_autofree char *from = ctl_server_path ("/export/api?name={}&version={}&providerName={}&preserveStatus={}",
                                           name, version, provider, created ? "false" : "true");
  g_autofree char *what = g_strdup_printf ("API %s/%s", name, version);
  CtlRequest request
      = { .service = CTL_ADMIN, .method = "GET", .path = from, .accept = "application/zip", .what = what };
  g_autoptr (CtlReply) reply = ctl_rest_send (rest, &request, error);
  if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
  if (reply == NULL || !ctl_upload_save (path, reply->bytes, error))
    return FALSE;
  ctl_output_note (call->output, "exported %s", what);
  return TRUE;
}

static int
run_export (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest != NULL)
    cmd_api_archive_save (call, rest, words[0], ctl_options_text (call->options, "save"),
                          ctl_options_flag (call->options, "created"), error);
  return 0;
}

const CtlCommand ctl_cmd_api_export = {
  .group = "api",
  .name = "export",
  .summary = "Save an API with its documents and picture as an archive",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .details
  = "The archive of WSO2's import-export tool; the same bytes as long as nothing changed. The password of "
    "its\n"
    "endpoint is not in it. Needs an administrator. \"export\" prints manifests instead, for \"apply\".",
  .example = "apimctl api export Weather/1.0.0 --save weather.zip",
  .flags = CTL_COMMAND_REMOTE,
  .options = export_options,
  .run = run_export,
};

static const CtlOption import_options[] = {
  { "update", CTL_OPTION_FLAG, FALSE, NULL, "an API of the name and version that is there becomes what the archive says" },
  { "own", CTL_OPTION_FLAG, FALSE, NULL,
    "it becomes yours, whoever provided it: the way from another tenant" },
  { NULL },
};

static const CtlColumn columns[] = {
  { "API", "name/version" }, { "STATE", "status" }, { "PROVIDER", "provider" }, { "ID", "id" }, { NULL },
};

static int
run_import (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = words != NULL ? ctl_upload_file ("file", words[0], &type, error) : NULL;
  g_autoptr (CtlRest) rest = bytes != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/import/api?preserveProvider={}&overwrite={}",
                                           ctl_options_flag (call->options, "own") ? "false" : "true",
                                           ctl_options_flag (call->options, "update") ? "true" : NULL);
  g_autofree char *what = g_strconcat ("the API in ", words[0], NULL);
  CtlRequest request = {
    .service = CTL_ADMIN, .method = "POST", .path = path, .bytes = bytes, .content_type = type, .what = what
  };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "import", "imported", error);
  if (reply == NULL)
    ctl_rest_explain_missing (rest, CTL_ADMIN, what, error);
  else if (reply->json != NULL)
    {
      ctl_change_warn (call, reply->json);
      ctl_view_record (call->output, columns, reply->json);
    }
  return 0;
}

const CtlCommand ctl_cmd_api_import = {
  .group = "api",
  .name = "import",
  .synonym = "import",
  .summary = "Make an API from an archive",
  .arguments = "FILE",
  .details = "The archive of \"api export\", or of WSO2's import-export tool; manifests are for \"apply\". "
             "All of it is made,\n"
             "or nothing; what is left out is said in warnings. With --update an API keeps its subscriptions, and its state\n"
             "where the archive says CREATED. Needs an administrator.",
  .example = "apimctl import weather.zip\n"
             "apimctl import theirs.zip --own\n"
             "apimctl import weather.zip --update",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = import_options,
  .run = run_import,
};
