/* apimctl token get|revoke: access tokens of applications. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-oauth.h"
#include "admin-cli/ctl-view.h"
#include "common/apim-secret.h"

#include <string.h>

#define TYPE_OPTION                                                                                                    \
  {                                                                                                                    \
    "type", CTL_OPTION_TEXT, FALSE, "TYPE", "production or sandbox; default production"                                \
  }

typedef struct
{
  char *key;
  char *secret;
} Client;

static void
client_clear (Client *client)
{
  apim_secret_free (client->key);
  apim_secret_free (client->secret);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Client, client_clear)

/* Key and secret: kept since they were made here, else as the Store tells them (WSO2's does). */
static gboolean
find_client (CtlRest *rest, const char *app, const char *type, Client *client, GError **error)
{
  client->key = ctl_state_get_key (ctl_rest_state (rest), app, type, "consumer-key");
  client->secret = ctl_state_get_key (ctl_rest_state (rest), app, type, "consumer-secret");
  if (client->key != NULL && client->secret != NULL)
    return TRUE;
  g_autofree char *id = ctl_names_app_id (rest, app, error);
  g_autofree char *path = id != NULL ? ctl_server_path ("/applications/{}/keys/{}", id, type) : NULL;
  g_autofree char *hint = g_strdup_printf ("apimctl key generate %s", app);
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonNode) keys = path != NULL ? ctl_rest_get (rest, CTL_STORE, path, app, &cause) : NULL;
  if (path == NULL)
    return FALSE;
  if (keys == NULL && !g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  client->key = keys != NULL ? ctl_names_member (keys, "consumerKey") : NULL;
  client->secret = keys != NULL ? ctl_names_member (keys, "consumerSecret") : NULL;
  if (client->key == NULL || *client->key == '\0')
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, hint, app, "it has no %s keys", type);
  else if (client->secret == NULL || *client->secret == '\0')
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, "apimctl help key regenerate-secret", app,
                   "its consumer secret is not kept here: the keys were made elsewhere");
  return *error == NULL;
}

static char *
key_type (CtlCall *call, GError **error)
{
  const char *type = ctl_options_text (call->options, "type");
  g_autofree char *upper = g_ascii_strup (type != NULL ? type : "PRODUCTION", -1);
  if (strcmp (upper, "PRODUCTION") == 0 || strcmp (upper, "SANDBOX") == 0)
    return g_steal_pointer (&upper);
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, type, "is no type of key: there are production and sandbox");
  return NULL;
}

static const CtlOption get_options[] = {
  TYPE_OPTION,
  { "scope", CTL_OPTION_LIST, FALSE, "SCOPE", "what it may do" },
  { NULL },
};

static int
run_get (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autofree char *type = words != NULL ? key_type (call, error) : NULL;
  g_autoptr (CtlRest) rest = type != NULL ? ctl_rest_open (call, error) : NULL;
  g_auto (Client) client = { 0 };
  if (rest == NULL || !find_client (rest, words[0], type, &client, error))
    return 0;
  const char *const *scopes = ctl_options_list (call->options, "scope");
  g_autofree char *scope = scopes[0] != NULL ? g_strjoinv (" ", (char **)scopes) : NULL;
  g_autoptr (JsonNode) answer
      = ctl_oauth_client_token (ctl_rest_server (rest), client.key, client.secret, scope, error);
  if (answer == NULL)
    return 0;
  g_auto (ApimSecretText) token = ctl_names_member (answer, "access_token");
  if (token == NULL)
    ctl_error_set (error, CTL_ERROR_FAILED, NULL, words[0], "the server sent no access token");
  else if (call->output->json)
    ctl_output_node (call->output, answer);
  else
    ctl_output_text (call->output, "%s\n", token);
  return 0;
}

const CtlCommand ctl_cmd_token_get = {
  .group = "token",
  .name = "get",
  .synonym = "token",
  .summary = "Get an access token for an application",
  .arguments = "APPLICATION",
  .completes = "app",
  .details
  = "By its own right (client credentials), with the keys that \"key generate\" kept. Prints the bare token, so\n"
    "that a script can take it; the whole answer with -o json.",
  .example = "apimctl token Phone\n"
             "apimctl token get Phone --scope weather:write -o json",
  .flags = CTL_COMMAND_REMOTE,
  .options = get_options,
  .run = run_get,
};

static const CtlOption revoke_options[] = {
  TYPE_OPTION,
  { "token-file", CTL_OPTION_TEXT, FALSE, "FILE", "the token (or - for stdin); default: stdin" },
  { NULL },
};

static int
run_revoke (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *file = ctl_options_text (call->options, "token-file");
  g_autofree char *type = words != NULL ? key_type (call, error) : NULL;
  g_autoptr (CtlRest) rest = type != NULL ? ctl_rest_open (call, error) : NULL;
  g_auto (Client) client = { 0 };
  if (rest == NULL || !find_client (rest, words[0], type, &client, error))
    return 0;
  g_auto (ApimSecretText) token = ctl_home_read_secret (file != NULL ? file : "-", "token", error);
  if (token == NULL)
    return 0;
  if (ctl_options_flag (call->options, "dry-run"))
    ctl_output_note (call->output, "dry run: would revoke the token of application %s", words[0]);
  else if (ctl_oauth_revoke_token (ctl_rest_server (rest), client.key, client.secret, token, error))
    ctl_output_note (call->output, "revoked the token of application %s", words[0]);
  return 0;
}

const CtlCommand ctl_cmd_token_revoke = {
  .group = "token",
  .name = "revoke",
  .summary = "Revoke an access token of an application",
  .arguments = "APPLICATION",
  .completes = "app",
  .details = "The token comes from a file or from stdin, never from the command line.",
  .example = "apimctl token revoke Phone --token-file token",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = revoke_options,
  .run = run_revoke,
};
