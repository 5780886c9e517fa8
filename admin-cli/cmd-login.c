/* apimctl login, logout, whoami. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-oauth.h"
#include "admin-cli/ctl-password.h"
#include "admin-cli/ctl-rest.h"
#include "admin-cli/ctl-view.h"
#include "common/apim-secret.h"

#include <string.h>

#define DEFAULT_ENV "default"

static const CtlOption login_options[] = {
  { "user", CTL_OPTION_TEXT, FALSE, "USER", "who logs in; default: who did last, else admin", 'u' },
  { "password-stdin", CTL_OPTION_FLAG, FALSE, NULL, "read the password from stdin" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "read the password from a file (or - for stdin)" },
  { "cacert", CTL_OPTION_TEXT, FALSE, "FILE", "PEM file of the certificates to trust, with SERVER" },
  { NULL },
};

/* The environment to log in to: a new one where a server is named. */
static CtlEnv *
choose_env (CtlCall *call, const char *server, GError **error)
{
  const char *name = ctl_options_text (call->options, "env"), *ca_file = ctl_options_text (call->options, "cacert");
  if (server == NULL && ca_file == NULL)
    return ctl_env_load (name, error);
  if (server == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl help env add", "login", "--cacert is for a new SERVER");
      return NULL;
    }
  g_autoptr (CtlEnv) env = ctl_env_new (name != NULL ? name : DEFAULT_ENV, server, error);
  if (env != NULL && ca_file != NULL)
    env->ca_file = g_canonicalize_filename (ca_file, NULL);
  return g_steal_pointer (&env);
}

static char *
read_password (CtlCall *call, const char *user, const CtlEnv *env, GError **error)
{
  const char *file = ctl_options_text (call->options, "password-file");
  if (file != NULL && ctl_options_flag (call->options, "password-stdin"))
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, "login", "--password-stdin and --password-file exclude each other");
      return NULL;
    }
  if (ctl_options_flag (call->options, "password-stdin"))
    file = "-";
  g_autofree char *what = g_strdup_printf ("password of %s at %s", user, env->urls[CTL_KEY_MANAGER]);
  return ctl_password_read (file, NULL, what, error);
}

/* Who logs in: as said, else who did last. NULL with @error. */
static char *
choose_user (CtlCall *call, const CtlEnv *env, GError **error)
{
  const char *user = ctl_options_text (call->options, "user");
  g_autoptr (CtlState) state = ctl_state_load (env->name, error);
  if (state == NULL)
    return NULL;
  return g_strdup (user != NULL ? user : state->user != NULL ? state->user : "admin");
}

/* Says how to try again: the environment of a new server was not kept, so that "apimctl login" would not know it. */
static void
hint_at_retry (const CtlEnv *env, gboolean new_env, const char *user, GError **error)
{
  if (!g_error_matches (*error, CTL_ERROR, CTL_ERROR_LOGIN))
    return;
  g_autoptr (GError) cause = g_steal_pointer (error);
  g_autoptr (GString) hint = g_string_new ("apimctl login");
  if (new_env)
    g_string_append_printf (hint, " %s", env->urls[CTL_KEY_MANAGER]);
  if (new_env && env->ca_file != NULL)
    g_string_append_printf (hint, " --cacert %s", env->ca_file);
  if (new_env && strcmp (env->name, DEFAULT_ENV) != 0)
    g_string_append_printf (hint, " --env %s", env->name);
  g_string_append_printf (hint, " --user %s", user);
  const char *why = g_str_has_prefix (cause->message, "login: ") ? cause->message + strlen ("login: ") : cause->message;
  g_autofree char *what = g_strdup_printf ("login of %s at %s", user, env->urls[CTL_KEY_MANAGER]);
  ctl_error_set (error, CTL_ERROR_LOGIN, hint->str, what, "%s", why);
}

/* What is not right is not kept: a mistyped server makes no environment. */
static gboolean
log_in (CtlCall *call, const CtlEnv *env, gboolean new_env, const char *user, const char *password, GError **error)
{
  g_autoptr (CtlServer) server = ctl_server_new (env, call->output, CTL_SERVER_DEFAULT_TIMEOUT_S, error);
  g_autoptr (CtlState) state = server != NULL ? ctl_state_load_locked (env->name, error) : NULL;
  if (state == NULL)
    return FALSE;
  if (!ctl_oauth_login (server, state, user, password, error))
    {
      hint_at_retry (env, new_env, user, error);
      return FALSE;
    }
  if ((new_env && !ctl_env_save (env, TRUE, error)) || !ctl_state_save (state, error))
    return FALSE;
  ctl_output_note (call->output, "logged in to %s as %s (environment %s)", env->urls[CTL_KEY_MANAGER], user, env->name);
  if (state->scopes == NULL || strstr (state->scopes, "apim:") == NULL)
    ctl_output_warning (call->output, "the server grants %s no scope of its REST APIs: no command will be allowed", user);
  return TRUE;
}

static int
run_login (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 0, 1, error);
  g_autoptr (CtlEnv) env = words != NULL ? choose_env (call, words[0], error) : NULL;
  g_autofree char *user = env != NULL ? choose_user (call, env, error) : NULL;
  g_auto (ApimSecretText) password = user != NULL ? read_password (call, user, env, error) : NULL;
  if (password != NULL)
    log_in (call, env, words[0] != NULL, user, password, error);
  return 0;
}

const CtlCommand ctl_cmd_login = {
  .name = "login",
  .summary = "Log in to a server",
  .arguments = "[SERVER]",
  .details
  = "With SERVER, e.g. https://am.example.com:9443, the server becomes the environment in use (named \"default\",\n"
    "or as --env says). The password is asked for, or comes from a file or from stdin; it is not kept. Kept\n"
    "are the tokens, which are renewed as long as the server allows. A new node has its administrator's password\n"
    "in repository/conf/initial-admin-password, and its certificate in repository/resources/security/node-cert.pem.",
  .example = "apimctl login https://localhost:9443 --user admin --cacert node-cert.pem\n"
             "apimctl login --user alice --password-stdin <password",
  .flags = CTL_COMMAND_REMOTE,
  .options = login_options,
  .run = run_login,
};

static int
run_logout (CtlCall *call, GError **error)
{
  g_autoptr (CtlEnv) env = ctl_env_load (ctl_options_text (call->options, "env"), error);
  g_autoptr (CtlState) state = env != NULL ? ctl_state_load_locked (env->name, error) : NULL;
  if (state == NULL)
    return 0;
  if (state->access_token == NULL)
    {
      ctl_output_note (call->output, "nobody is logged in to environment %s", env->name);
      return 0;
    }
  g_autoptr (GError) cause = NULL;
  g_autoptr (CtlServer) server = ctl_server_new (env, call->output, CTL_SERVER_DEFAULT_TIMEOUT_S, &cause);
  if (server == NULL || !ctl_oauth_revoke (server, state, &cause))
    ctl_output_warning (call->output, "the tokens could not be revoked (%s); they end by themselves", cause->message);
  g_autofree char *user = g_strdup (state->user);
  ctl_state_set (&state->access_token, NULL);
  ctl_state_set (&state->refresh_token, NULL);
  ctl_state_set (&state->scopes, NULL);
  if (ctl_state_save (state, error))
    ctl_output_note (call->output, "logged %s out of environment %s", user, env->name);
  return 0;
}

const CtlCommand ctl_cmd_logout = {
  .name = "logout",
  .summary = "Revoke and forget the tokens",
  .details = "The keys of applications that \"key generate\" kept stay; \"env remove\" forgets everything.",
  .example = "apimctl logout",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_logout,
};

static int
run_whoami (CtlCall *call, GError **error)
{
  static const CtlColumn columns[] = {
    { "USER", "user" },     { "ENVIRONMENT", "environment" },
    { "SERVER", "server" }, { "TOKEN ENDS", "tokenEnds", CTL_CELL_TIME },
    { "SCOPES", "scopes" }, { NULL },
  };
  g_autoptr (CtlRest) rest = ctl_rest_open (call, error);
  if (rest == NULL)
    return 0;
  const CtlState *state = ctl_rest_state (rest);
  const CtlEnv *env = ctl_server_env (ctl_rest_server (rest));
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *ends = g_strdup_printf ("%" G_GINT64_FORMAT "000", state->expires_s);
  ctl_json_set_text (object, "user", state->user);
  json_object_set_string_member (object, "environment", env->name);
  json_object_set_string_member (object, "server", env->urls[CTL_PUBLISHER]);
  json_object_set_string_member (object, "tokenEnds", ends);
  ctl_json_set_text (object, "scopes", state->scopes);
  g_autoptr (JsonNode) record = json_node_init_object (json_node_alloc (), object);
  ctl_view_record (call->output, columns, record);
  return 0;
}

const CtlCommand ctl_cmd_whoami = {
  .name = "whoami",
  .summary = "Show who is logged in where, and what the server allows",
  .details = "Asks nobody: what the server said at the login. Exit status 4 when nobody is logged in.",
  .example = "apimctl whoami --field user",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_whoami,
};
