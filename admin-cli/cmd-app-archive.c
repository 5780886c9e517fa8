/* apimctl app export|import: archives of applications (spec/publisher-store-workflows.md 9.3). */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-upload.h"

static const CtlOption export_options[] = {
  { "save", CTL_OPTION_TEXT, TRUE, "FILE", "write the archive to a file (or - for stdout)" },
  { "owner", CTL_OPTION_TEXT, FALSE, "USER", "whose it is; default: who is logged in" },
  { "with-keys", CTL_OPTION_FLAG, FALSE, NULL, "with consumer keys and secrets: the archive is a secret then" },
  { NULL },
};

static int
run_export (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *owner = ctl_options_text (call->options, "owner");
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path ("/export/applications?appName={}&appOwner={}&withKeys={}", words[0],
                                           owner != NULL ? owner : ctl_rest_state (rest)->user,
                                           ctl_options_flag (call->options, "with-keys") ? "true" : NULL);
  CtlRequest request
      = { .service = CTL_ADMIN, .method = "GET", .path = path, .accept = "application/zip", .what = words[0] };
  g_autoptr (CtlReply) reply = ctl_rest_send (rest, &request, error);
  if (reply != NULL && ctl_upload_save (ctl_options_text (call->options, "save"), reply->bytes, error))
    ctl_output_note (call->output, "exported application %s", words[0]);
  return 0;
}

const CtlCommand ctl_cmd_app_export = {
  .group = "app",
  .name = "export",
  .summary = "Save an application and its subscriptions as an archive",
  .arguments = "NAME",
  .completes = "app",
  .details = "The archive of WSO2's import-export tool. Needs an administrator. Keys are exported by WSO2's servers only.",
  .example = "apimctl app export Phone --save phone.zip",
  .flags = CTL_COMMAND_REMOTE,
  .options = export_options,
  .run = run_export,
};

static const CtlOption import_options[] = {
  { "owner", CTL_OPTION_TEXT, FALSE, "USER", "whose it shall be; default: who is logged in" },
  { "preserve-owner", CTL_OPTION_FLAG, FALSE, NULL, "it stays whose it was" },
  { "skip-subscriptions", CTL_OPTION_FLAG, FALSE, NULL, "without its subscriptions" },
  { "skip-keys", CTL_OPTION_FLAG, FALSE, NULL, "without its keys" },
  { "update", CTL_OPTION_FLAG, FALSE, NULL, "bring one that is there to what the archive says" },
  { NULL },
};

static const char *
flag_text (CtlCall *call, const char *name)
{
  return ctl_options_flag (call->options, name) ? "true" : NULL;
}

static int
run_import (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = words != NULL ? ctl_upload_file ("file", words[0], &type, error) : NULL;
  g_autoptr (CtlRest) rest = bytes != NULL ? ctl_rest_open (call, error) : NULL;
  if (rest == NULL)
    return 0;
  g_autofree char *path = ctl_server_path (
      "/import/applications?appOwner={}&preserveOwner={}&skipSubscriptions={}&skipApplicationKeys={}&update={}",
      ctl_options_text (call->options, "owner"), flag_text (call, "preserve-owner"),
      flag_text (call, "skip-subscriptions"), flag_text (call, "skip-keys"), flag_text (call, "update"));
  g_autofree char *what = g_strconcat ("the application in ", words[0], NULL);
  CtlRequest request
      = { .service = CTL_ADMIN, .method = "POST", .path = path, .bytes = bytes, .content_type = type, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "import", "imported", error);
  if (reply != NULL && reply->json != NULL)
    ctl_change_warn (call, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_app_import = {
  .group = "app",
  .name = "import",
  .summary = "Make an application from an archive",
  .arguments = "FILE",
  .details = "The archive of \"app export\", or of WSO2's import-export tool. Needs an administrator.",
  .example = "apimctl app import phone.zip --skip-keys",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = import_options,
  .run = run_import,
};
