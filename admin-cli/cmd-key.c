/* apimctl key generate|get|update|regenerate-secret|map|revoke|cleanup: the OAuth clients of an application. */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-password.h"
#include "admin-cli/ctl-view.h"
#include "common/apim-secret.h"

#include <string.h>

#define TYPE_OPTION                                                                                                    \
  {                                                                                                                    \
    "type", CTL_OPTION_TEXT, FALSE, "TYPE", "production or sandbox; default production"                                \
  }

static const CtlColumn columns[] = {
  { "CONSUMER KEY", "consumerKey" },
  { "CONSUMER SECRET", "consumerSecret" },
  { "TYPE", "keyType" },
  { "STATE", "keyState" },
  { "GRANT TYPES", "supportedGrantTypes" },
  { "CALLBACK", "callbackUrl" },
  { "ACCESS TOKEN", "token.accessToken" },
  { "TOKEN LIFE", "token.validityTime" },
  { NULL },
};

/* What a command on keys works with. */
typedef struct
{
  CtlCall *call;
  const char *app;
  char *type; /* PRODUCTION or SANDBOX */
  char *id;   /* of the application */
  char *what;
  CtlRest *rest;
} Work;

static void
work_clear (Work *work)
{
  g_free (work->type);
  g_free (work->id);
  g_free (work->what);
  g_clear_pointer (&work->rest, ctl_rest_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gboolean
begin (Work *work, CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  const char *type = ctl_options_text (call->options, "type");
  if (words == NULL)
    return FALSE;
  work->call = call;
  work->app = words[0];
  work->type = g_ascii_strup (type != NULL ? type : "PRODUCTION", -1);
  if (strcmp (work->type, "PRODUCTION") != 0 && strcmp (work->type, "SANDBOX") != 0)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, type, "is no type of key: there are production and sandbox");
      return FALSE;
    }
  work->what = g_strdup_printf ("%s keys of application %s", *work->type == 'P' ? "production" : "sandbox", work->app);
  work->rest = ctl_rest_open (call, error);
  work->id = work->rest != NULL ? ctl_names_app_id (work->rest, work->app, error) : NULL;
  return work->id != NULL;
}

/* "/applications/ID/keys/TYPE" and @tail. Free with g_free(). */
static char *
keys_path (const Work *work, const char *tail)
{
  g_autofree char *path = ctl_server_path ("/applications/{}/keys/{}", work->id, work->type);
  return g_strconcat (path, tail, NULL);
}

/* The keys that are there. NULL without @error when there are none. */
static JsonNode *
present_keys (const Work *work, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *path = keys_path (work, "");
  g_autoptr (JsonNode) keys = ctl_rest_get (work->rest, CTL_STORE, path, work->what, &cause);
  if (keys == NULL && !g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&cause));
  g_autofree char *key = keys != NULL ? ctl_names_member (keys, "consumerKey") : NULL;
  return key != NULL && *key != '\0' ? g_steal_pointer (&keys) : NULL;
}

/* Without what is shown once only. */
static void
print_without_secrets (CtlCall *call, JsonNode *keys)
{
  JsonObject *object = json_node_get_object (keys);
  JsonObject *token = ctl_json_get_object (object, "token");
  json_object_remove_member (object, "consumerSecret");
  if (token != NULL)
    json_object_remove_member (token, "accessToken");
  ctl_view_record (call->output, columns, keys);
}

static gboolean
is_waiting (JsonNode *keys)
{
  g_autofree char *state = ctl_names_member (keys, "keyState");
  return g_strcmp0 (state, "CREATED") == 0;
}

/* Keeps key and secret for `token`. */
static gboolean
keep (const Work *work, JsonNode *keys, GError **error)
{
  g_autofree char *key = ctl_names_member (keys, "consumerKey");
  g_auto (ApimSecretText) secret = ctl_names_member (keys, "consumerSecret");
  return key == NULL || secret == NULL || *secret == '\0'
         || ctl_rest_keep_key (work->rest, work->app, work->type, key, secret, error);
}

static const CtlOption generate_options[] = {
  TYPE_OPTION,
  { "validity", CTL_OPTION_TEXT, FALSE, "SECONDS", "how long its first token lives; default 3600" },
  { "grant", CTL_OPTION_LIST, FALSE, "GRANT", "grant types; default client_credentials, password, refresh_token" },
  { "callback", CTL_OPTION_TEXT, FALSE, "URL", "where its users come back to after a login" },
  { "scope", CTL_OPTION_LIST, FALSE, "SCOPE", "scopes of its first token" },
  { "domain", CTL_OPTION_LIST, FALSE, "DOMAIN", "from where it may call; default ALL" },
  { NULL },
};

static JsonNode *
generation (const Work *work)
{
  static const char *const grants[] = { "client_credentials", "password", "refresh_token", NULL }, *const all[]
                                                                                                   = { "ALL", NULL };
  const CtlOptions *options = work->call->options;
  const char *validity = ctl_options_text (options, "validity");
  const char *const *wanted = ctl_options_list (options, "grant"), *const *domains
                                                                   = ctl_options_list (options, "domain");
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "keyType", work->type);
  json_object_set_string_member (body, "validityTime", validity != NULL ? validity : "3600");
  json_object_set_member (body, "accessAllowDomains", ctl_json_text_array (domains[0] != NULL ? domains : all));
  json_object_set_member (body, "supportedGrantTypes", ctl_json_text_array (wanted[0] != NULL ? wanted : grants));
  json_object_set_member (body, "scopes", ctl_json_text_array (ctl_options_list (options, "scope")));
  ctl_json_set_text (body, "callbackUrl", ctl_options_text (options, "callback"));
  return json_node_init_object (json_node_alloc (), body);
}

static int
run_generate (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  g_autoptr (JsonNode) there = begin (&work, call, error) ? present_keys (&work, error) : NULL;
  if (*error != NULL)
    return 0;
  if (there != NULL)
    {
      ctl_output_note (call->output, "the %s are there already; the secret was shown when they were made", work.what);
      print_without_secrets (call, there);
      return ctl_change_status (call, work.what, is_waiting (there));
    }
  g_autoptr (JsonNode) body = generation (&work);
  g_autofree char *path = ctl_server_path ("/applications/generate-keys?applicationId={}", work.id);
  CtlRequest request = { .service = CTL_STORE, .method = "POST", .path = path, .json = body, .what = work.what };
  g_autoptr (CtlReply) reply = ctl_change (call, work.rest, &request, "generate", "generated", error);
  if (reply == NULL || reply->json == NULL || reply->rehearsed)
    return 0;
  ctl_view_record (call->output, columns, reply->json);
  if (!keep (&work, reply->json, error))
    return 0;
  return ctl_change_status (call, work.what, is_waiting (reply->json));
}

const CtlCommand ctl_cmd_key_generate = {
  .group = "key",
  .name = "generate",
  .summary = "Make the consumer key and secret of an application",
  .arguments = "APPLICATION",
  .completes = "app",
  .details
  = "The secret is shown this once; \"token\" finds it in what apimctl keeps. Exit status 8 when the keys wait for\n"
    "approval. Keys that are there stay.",
  .example = "apimctl key generate Phone --validity 3600\n"
             "apimctl key generate Phone --type sandbox -o json",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = generate_options,
  .run = run_generate,
};

static const CtlOption type_options[] = { TYPE_OPTION, { NULL } };

static int
run_get (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  g_autoptr (JsonNode) keys = begin (&work, call, error) ? present_keys (&work, error) : NULL;
  if (keys != NULL)
    print_without_secrets (call, keys);
  else if (*error == NULL)
    {
      g_autofree char *hint = g_strdup_printf ("apimctl key generate %s", work.app);
      ctl_error_set (error, CTL_ERROR_NOT_FOUND, hint, work.what, "there are none");
    }
  return 0;
}

const CtlCommand ctl_cmd_key_get = {
  .group = "key",
  .name = "get",
  .summary = "Show the consumer key of an application, without its secret",
  .arguments = "APPLICATION",
  .completes = "app",
  .example = "apimctl key get Phone --field consumerKey",
  .flags = CTL_COMMAND_REMOTE,
  .options = type_options,
  .run = run_get,
};

static const CtlOption update_options[] = {
  TYPE_OPTION,
  { "grant", CTL_OPTION_LIST, FALSE, "GRANT", "grant types" },
  { "callback", CTL_OPTION_TEXT, FALSE, "URL", "where its users come back to after a login" },
  { NULL },
};

static int
run_update (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  g_autoptr (JsonNode) keys = begin (&work, call, error) ? present_keys (&work, error) : NULL;
  if (keys == NULL)
    {
      if (*error == NULL)
        ctl_error_set (error, CTL_ERROR_NOT_FOUND, "apimctl help key generate", work.what, "there are none");
      return 0;
    }
  const char *const *grants = ctl_options_list (call->options, "grant");
  JsonObject *object = json_node_get_object (keys);
  if (grants[0] != NULL)
    json_object_set_member (object, "supportedGrantTypes", ctl_json_text_array (grants));
  ctl_json_set_text (object, "callbackUrl", ctl_options_text (call->options, "callback"));
  g_autofree char *path = keys_path (&work, "");
  CtlRequest request = { .service = CTL_STORE, .method = "PUT", .path = path, .json = keys, .what = work.what };
  g_autoptr (CtlReply) reply = ctl_change (call, work.rest, &request, "update", "updated", error);
  if (reply != NULL && reply->json != NULL)
    print_without_secrets (call, reply->json);
  return 0;
}

const CtlCommand ctl_cmd_key_update = {
  .group = "key",
  .name = "update",
  .summary = "Change grant types or callback of an application's keys",
  .arguments = "APPLICATION",
  .completes = "app",
  .example = "apimctl key update Phone --grant client_credentials --grant authorization_code --callback "
             "https://phone.example.com/back",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = update_options,
  .run = run_update,
};

/* A resource that v0.14 does not have and WSO2's later servers do. */
static CtlReply *
post_additive (const Work *work, const char *path, JsonNode *body, const char *verb, const char *past, GError **error)
{
  CtlRequest request = { .service = CTL_STORE, .method = "POST", .path = path, .json = body, .what = work->what };
  CtlReply *reply = ctl_change (work->call, work->rest, &request, verb, past, error);
  if (reply == NULL)
    ctl_rest_explain_missing (work->rest, CTL_STORE, work->what, error);
  return reply;
}

static int
run_regenerate (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  if (!begin (&work, call, error)
      || !ctl_change_confirm (
          call, error, "Make a new secret for the %s: programs that use the old one get no more tokens", work.what))
    return 0;
  g_autofree char *path = keys_path (&work, "/regenerate-secret");
  g_autoptr (CtlReply) reply
      = post_additive (&work, path, NULL, "make a new secret for the", "made a new secret for the", error);
  if (reply == NULL || reply->json == NULL || reply->rehearsed)
    return 0;
  ctl_view_record (call->output, columns, reply->json);
  keep (&work, reply->json, error);
  return 0;
}

const CtlCommand ctl_cmd_key_regenerate_secret = {
  .group = "key",
  .name = "regenerate-secret",
  .summary = "Replace the consumer secret of an application",
  .arguments = "APPLICATION",
  .completes = "app",
  .details = "The new secret is shown this once. A resource that WSO2's 2.x servers do not have.",
  .example = "apimctl key regenerate-secret Phone --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = type_options,
  .run = run_regenerate,
};

static const CtlOption map_options[] = {
  TYPE_OPTION,
  { "consumer-key", CTL_OPTION_TEXT, TRUE, "KEY", "of the OAuth client that exists" },
  { "secret-file", CTL_OPTION_TEXT, FALSE, "FILE", "its secret (or - for stdin); default: asked for" },
  { NULL },
};

static int
run_map (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  if (!begin (&work, call, error))
    return 0;
  g_auto (ApimSecretText) secret
      = ctl_password_read (ctl_options_text (call->options, "secret-file"), NULL, "consumer secret", error);
  if (secret == NULL)
    return 0;
  const char *key = ctl_options_text (call->options, "consumer-key");
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "consumerKey", key);
  json_object_set_string_member (body, "consumerSecret", secret);
  json_object_set_string_member (body, "keyType", work.type);
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  g_autofree char *path = ctl_server_path ("/applications/{}/map-keys", work.id);
  g_autoptr (CtlReply) reply = post_additive (&work, path, json, "map", "mapped", error);
  if (reply == NULL || reply->json == NULL || reply->rehearsed)
    return 0;
  print_without_secrets (call, reply->json);
  ctl_rest_keep_key (work.rest, work.app, work.type, key, secret, error);
  return 0;
}

const CtlCommand ctl_cmd_key_map = {
  .group = "key",
  .name = "map",
  .summary = "Give an application the keys of an OAuth client that exists",
  .arguments = "APPLICATION",
  .completes = "app",
  .details = "Refused when another application has the client. A resource that WSO2's 2.x servers do not have.",
  .example = "apimctl key map Phone --consumer-key qlf2K7 --secret-file secret",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = map_options,
  .run = run_map,
};

static int
run_revoke (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  if (!begin (&work, call, error)
      || !ctl_change_confirm (call, error, "Revoke every token of the %s: programs that hold one are refused",
                              work.what))
    return 0;
  g_autofree char *path = keys_path (&work, "/revoke"), *what = g_strconcat ("every token of the ", work.what, NULL);
  g_free (work.what);
  work.what = g_steal_pointer (&what);
  g_autoptr (CtlReply) reply = post_additive (&work, path, NULL, "revoke", "revoked", error);
  return 0;
}

const CtlCommand ctl_cmd_key_revoke = {
  .group = "key",
  .name = "revoke",
  .summary = "Revoke every token that the keys of an application got",
  .arguments = "APPLICATION",
  .completes = "app",
  .details
  = "Of all users. The keys stay, so new tokens can be had: \"key regenerate-secret\" first, where the secret is\n"
    "known to others. One token: \"token revoke\". A resource that WSO2's 2.x servers do not have.",
  .example = "apimctl key revoke Phone --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = type_options,
  .run = run_revoke,
};

static int
run_cleanup (CtlCall *call, GError **error)
{
  g_auto (Work) work = { 0 };
  if (!begin (&work, call, error) || !ctl_change_confirm (call, error, "Drop the half-made %s", work.what))
    return 0;
  g_autofree char *path = keys_path (&work, "/clean-up");
  g_autoptr (CtlReply) reply = post_additive (&work, path, NULL, "clean up", "cleaned up", error);
  return 0;
}

const CtlCommand ctl_cmd_key_cleanup = {
  .group = "key",
  .name = "cleanup",
  .summary = "Drop a key generation that failed half-way, to try again",
  .arguments = "APPLICATION",
  .completes = "app",
  .details = "A resource that WSO2's 2.x servers do not have.",
  .example = "apimctl key cleanup Phone --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = type_options,
  .run = run_cleanup,
};
