/* apimctl catalog list|search|show: what the Store offers. */
#include "config.h"

#include "admin-cli/ctl-api-fields.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-view.h"

static const CtlColumn columns[] = {
  { "API", "name/version" },
  { "STATE", "status" },
  { "CONTEXT", "context" },
  { "PROVIDER", "provider" },
  { "DESCRIPTION", "description" },
  { "TIERS", "tiers" },
  { "TRANSPORT", "transport" },
  { "TAGS", "tags" },
  { "ENDPOINTS", "endpointURLs", .show = ctl_api_show_urls },
  { "OWNER", "businessInformation.businessOwner" },
  { "ID", "id" },
  { NULL },
};

/* @query: NULL: all. */
static void
print_list (CtlCall *call, const char *query, GError **error)
{
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  if (rest == NULL)
    return;
  g_autofree char *path = ctl_server_path ("/apis?query={}", query);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_STORE, path, "catalog", error);
  if (rows != NULL)
    ctl_view_list (call->output, ctl_api_list_columns, rows);
}

static int
run_list (CtlCall *call, GError **error)
{
  print_list (call, NULL, error);
  return 0;
}

const CtlCommand ctl_cmd_catalog_list = {
  .group = "catalog",
  .name = "list",
  .summary = "List the APIs of the Store that one may subscribe to",
  .example = "apimctl catalog list",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static int
run_search (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  if (words != NULL)
    print_list (call, words[0], error);
  return 0;
}

const CtlCommand ctl_cmd_catalog_search = {
  .group = "catalog",
  .name = "search",
  .summary = "Search the APIs of the Store",
  .arguments = "QUERY",
  .details
  = "QUERY is a name, or ATTRIBUTE:VALUE with \"*\" for any text, where ATTRIBUTE is version, context, status,\n"
    "description, subcontext, doc or provider.",
  .example = "apimctl catalog search 'description:*forecast*'",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_search,
};

static int
run_show (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *id = rest != NULL ? ctl_names_api_id (rest, CTL_STORE, words[0], error) : NULL;
  g_autofree char *path = id != NULL ? ctl_server_path ("/apis/{}", id) : NULL;
  g_autoptr (JsonNode) api = path != NULL ? ctl_rest_get (rest, CTL_STORE, path, words[0], error) : NULL;
  if (api != NULL)
    ctl_view_record (call->output, columns, api);
  return 0;
}

const CtlCommand ctl_cmd_catalog_show = {
  .group = "catalog",
  .name = "show",
  .summary = "Show an API as the Store offers it",
  .arguments = "NAME/VERSION",
  .completes = "catalog",
  .example = "apimctl catalog show Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_show,
};
