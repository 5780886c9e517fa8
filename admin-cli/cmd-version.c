/* apimctl version */
#include "config.h"

#include "admin-cli/ctl-commands.h"

static int
run (CtlCall *call, GError **error)
{
  if (!call->output->json)
    {
      ctl_output_text (call->output, "apimctl %s\n", PACKAGE_VERSION);
      return 0;
    }
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_text (builder, "version", PACKAGE_VERSION);
  json_builder_end_object (builder);
  ctl_output_json (call->output, builder);
  return 0;
}

const CtlCommand ctl_cmd_version = {
  .name = "version",
  .summary = "Print the version",
  .example = "apimctl version",
  .run = run,
};
