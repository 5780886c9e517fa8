/* apimctl user signup|password: by the Store's form pages (spec/publisher-store-workflows.md 10.2), because REST v0.14
 * has no resource for users. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-password.h"
#include "admin-cli/ctl-server.h"
#include "common/apim-secret.h"

#include <libsoup/soup.h>
#include <openssl/crypto.h>
#include <string.h>

static void
wipe_form (gpointer text)
{
  apim_secret_free (text);
}

/* POSTs @form (taken) to a page, which answers 200 and {"error":...} whatever happens.
 * Returns: (transfer full): the answer. NULL with CTL_ERROR. */
static JsonNode *
post_page (CtlServer *server, const char *path, char *form, const char *what, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (form, strlen (form), wipe_form, form);
  CtlRequest request = { .service = CTL_STORE,
                         .method = "POST",
                         .path = path,
                         .bytes = bytes,
                         .content_type = "application/x-www-form-urlencoded",
                         .what = what };
  g_autoptr (CtlReply) reply = ctl_server_send (server, &request, error);
  if (reply == NULL)
    return NULL;
  JsonObject *answer
      = reply->json != NULL && JSON_NODE_HOLDS_OBJECT (reply->json) ? json_node_get_object (reply->json) : NULL;
  g_autofree char *failed = answer != NULL ? ctl_json_display (json_object_get_member (answer, "error")) : NULL;
  const char *why = ctl_json_get_text (answer, "message");
  if (reply->status == 404 || answer == NULL)
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, "apimctl env list", what, "%s has no pages of a Store (HTTP %u)",
                   ctl_server_env (server)->urls[CTL_STORE], reply->status);
  else if (g_strcmp0 (failed, "false") != 0)
    /* These pages answer 200 to everything; only their words tell, WSO2's ("User name already exists") as ours. */
    ctl_error_set (error, why != NULL && strstr (why, "already") != NULL ? CTL_ERROR_CONFLICT : CTL_ERROR_FAILED, NULL,
                   what, "%s", why != NULL ? why : "the Store refuses, and does not say why");
  else
    return g_steal_pointer (&reply->json);
  return NULL;
}

static CtlServer *
open_server (CtlCall *call, CtlEnv **env, GError **error)
{
  *env = ctl_env_load (ctl_options_text (call->options, "env"), error);
  return *env != NULL ? ctl_server_new (*env, call->output, CTL_SERVER_DEFAULT_TIMEOUT_S, error) : NULL;
}

static const CtlOption signup_options[] = {
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "the new user's password (or - for stdin); default: asked for" },
  { "first-name", CTL_OPTION_TEXT, FALSE, "NAME", "first name" },
  { "last-name", CTL_OPTION_TEXT, FALSE, "NAME", "last name" },
  { "email", CTL_OPTION_TEXT, FALSE, "ADDRESS", "address" },
  { NULL },
};

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static int
run_signup (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const CtlOptions *options = call->options;
  g_autoptr (CtlEnv) env = NULL;
  g_autoptr (CtlServer) server = words != NULL ? open_server (call, &env, error) : NULL;
  if (server == NULL)
    return 0;
  g_autofree char *what = g_strconcat ("user ", words[0], NULL);
  if (ctl_options_flag (options, "dry-run"))
    {
      ctl_output_note (call->output,
                       "dry run: would sign up %s; the Store's pages cannot rehearse, so nothing was sent", what);
      return 0;
    }
  g_auto (ApimSecretText) password = ctl_password_read (ctl_options_text (options, "password-file"), NULL, what, error);
  if (password == NULL)
    return 0;
  g_autofree char *values = g_strjoin ("|", or_empty (ctl_options_text (options, "first-name")),
                                       or_empty (ctl_options_text (options, "last-name")),
                                       or_empty (ctl_options_text (options, "email")), NULL);
  char *form = soup_form_encode ("action", "addUser", "username", words[0], "password", password, "allFieldsValues",
                                 values, NULL);
  g_autoptr (JsonNode) answer
      = post_page (server, "/store/site/blocks/user/sign-up/ajax/user-add.jag", form, what, error);
  if (answer == NULL)
    return 0;
  g_autofree char *waits = ctl_json_display (ctl_json_find (answer, "showWorkflowTip"));
  ctl_output_note (call->output, "signed up %s", what);
  return ctl_change_status (call, what, g_strcmp0 (waits, "true") == 0);
}

const CtlCommand ctl_cmd_user_signup = {
  .group = "user",
  .name = "signup",
  .summary = "Sign up at the Store",
  .arguments = "USER",
  .details = "Needs no login, only a server (\"env add\"). Exit status 8 when the sign-up waits for approval.",
  .example = "apimctl user signup alice --first-name Alice --email alice@example.com",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = signup_options,
  .run = run_signup,
};

static const CtlOption password_options[] = {
  { "old-password-file", CTL_OPTION_TEXT, FALSE, "FILE", "the present password; default: asked for" },
  { "password-file", CTL_OPTION_TEXT, FALSE, "FILE", "the new password; default: asked for" },
  { NULL },
};

/* Logs in to the pages, whose cookie the connection keeps, and changes it. */
static gboolean
change_password (CtlServer *server, const char *user, const char *old, const char *new, const char *what,
                 GError **error)
{
  char *login = soup_form_encode ("action", "login", "username", user, "password", old, NULL);
  g_autoptr (JsonNode) in = post_page (server, "/store/site/blocks/user/login/ajax/login.jag", login, what, error);
  if (in == NULL)
    return FALSE;
  char *form = soup_form_encode ("action", "changePassword", "username", user, "currentPassword", old, "newPassword",
                                 new, NULL);
  g_autoptr (JsonNode) changed
      = post_page (server, "/store/site/blocks/user/user-info/ajax/user-info.jag", form, what, error);
  return changed != NULL;
}

static int
run_password (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const CtlOptions *options = call->options;
  g_autoptr (CtlEnv) env = NULL;
  g_autoptr (CtlServer) server = words != NULL ? open_server (call, &env, error) : NULL;
  if (server == NULL)
    return 0;
  g_autofree char *what = g_strconcat ("user ", words[0], NULL);
  g_auto (ApimSecretText) old
      = ctl_password_read (ctl_options_text (options, "old-password-file"), NULL, "present password", error);
  g_auto (ApimSecretText) new
      = old != NULL ? ctl_password_read (ctl_options_text (options, "password-file"), NULL, "new password", error)
                    : NULL;
  if (new == NULL)
    return 0;
  if (ctl_options_flag (options, "dry-run"))
    ctl_output_note (call->output, "dry run: would change the password of %s; nothing was sent", what);
  else if (change_password (server, words[0], old, new, what, error))
    ctl_output_note (call->output, "changed the password of %s", what);
  return 0;
}

const CtlCommand ctl_cmd_user_password = {
  .group = "user",
  .name = "password",
  .summary = "Change one's password",
  .arguments = "USER",
  .details = "The passwords are asked for, or come from files, never from the command line.",
  .example = "apimctl user password alice",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = password_options,
  .run = run_password,
};
