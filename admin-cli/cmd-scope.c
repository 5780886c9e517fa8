/* apimctl scope list|add|remove: the scopes of an API, which live in its definition (x-wso2-security, x-scope). */
#include "config.h"

#include "admin-cli/ctl-change.h"
#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-upload.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

static const CtlColumn columns[] = {
  { "SCOPE", "key" }, { "NAME", "name" }, { "ROLES", "roles" }, { "DESCRIPTION", "description" }, { NULL },
};

/* A member that is an object; made where it is missing. */
static JsonObject *
object_in (JsonObject *object, const char *name)
{
  if (ctl_json_get_object (object, name) == NULL)
    json_object_set_object_member (object, name, json_object_new ());
  return ctl_json_get_object (object, name);
}

/* x-wso2-security.apim.x-wso2-scopes of the definition. */
static JsonArray *
scopes_of (JsonObject *definition)
{
  JsonObject *apim = object_in (object_in (definition, "x-wso2-security"), "apim");
  if (ctl_json_get_array (apim, "x-wso2-scopes") == NULL)
    json_object_set_array_member (apim, "x-wso2-scopes", json_array_new ());
  return ctl_json_get_array (apim, "x-wso2-scopes");
}

/* The definition of the API and the path that it is at. NULL with @error. */
static JsonNode *
load (CtlRest *rest, const char *reference, char **path, GError **error)
{
  g_autofree char *id = ctl_names_api_id (rest, CTL_PUBLISHER, reference, error);
  if (id == NULL)
    return NULL;
  *path = ctl_server_path ("/apis/{}/swagger", id);
  g_autoptr (JsonNode) definition = ctl_rest_get (rest, CTL_PUBLISHER, *path, reference, error);
  if (definition != NULL && !JSON_NODE_HOLDS_OBJECT (definition))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, reference, "its definition is no object");
      return NULL;
    }
  return g_steal_pointer (&definition);
}

static void
save (CtlCall *call, CtlRest *rest, const char *path, JsonNode *definition, const char *verb, const char *past,
      const char *what, GError **error)
{
  g_autofree char *text = ctl_json_compact (definition), *type = NULL;
  g_autoptr (GBytes) bytes = ctl_upload_field ("apiDefinition", text, &type);
  CtlRequest request
      = { .service = CTL_PUBLISHER, .method = "PUT", .path = path, .bytes = bytes, .content_type = type, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, verb, past, error);
}

static int
run_list (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 1, 1, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) definition = rest != NULL ? load (rest, words[0], &path, error) : NULL;
  if (definition != NULL)
    ctl_view_list (call->output, columns, scopes_of (json_node_get_object (definition)));
  return 0;
}

const CtlCommand ctl_cmd_scope_list = {
  .group = "scope",
  .name = "list",
  .summary = "List the scopes of an API",
  .arguments = "NAME/VERSION",
  .completes = "api",
  .example = "apimctl scope list Weather/1.0.0",
  .flags = CTL_COMMAND_REMOTE,
  .run = run_list,
};

static const CtlOption add_options[] = {
  { "name", CTL_OPTION_TEXT, FALSE, "NAME", "what people read; default: the scope itself" },
  { "description", CTL_OPTION_TEXT, FALSE, "TEXT", "what it allows" },
  { "role", CTL_OPTION_LIST, FALSE, "ROLE", "who may get it; default: everybody" },
  { "resource", CTL_OPTION_LIST, FALSE, "VERB:PATH", "a resource that asks for it, e.g. POST:/reports" },
  { NULL },
};

/* "POST:/reports" asks for @key. FALSE with CTL_ERROR_USAGE when the definition has no such resource. */
static gboolean
bind_resource (JsonObject *definition, const char *resource, const char *key, GError **error)
{
  const char *colon = strchr (resource, ':');
  g_autofree char *verb = colon != NULL ? g_ascii_strdown (resource, colon - resource) : NULL;
  JsonObject *paths = ctl_json_get_object (definition, "paths");
  JsonObject *path = colon != NULL ? ctl_json_get_object (paths, colon + 1) : NULL;
  JsonObject *operation = path != NULL ? ctl_json_get_object (path, verb) : NULL;
  if (operation == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, resource, "the API has no such resource: write VERB:PATH");
      return FALSE;
    }
  json_object_set_string_member (operation, "x-scope", key);
  return TRUE;
}

/* The position of the scope @key; the length of the list when it is not there. */
static guint
find_scope (JsonArray *scopes, const char *key)
{
  guint i = 0;
  for (; i < json_array_get_length (scopes); i++)
    {
      g_autofree char *each = ctl_names_member (json_array_get_element (scopes, i), "key");
      if (g_strcmp0 (each, key) == 0)
        break;
    }
  return i;
}

static gboolean
add_scope (JsonObject *definition, CtlCall *call, const char *key, GError **error)
{
  const char *name = ctl_options_text (call->options, "name"), *text = ctl_options_text (call->options, "description");
  const char *const *resources = ctl_options_list (call->options, "resource");
  g_autofree char *roles = g_strjoinv (",", (char **)ctl_options_list (call->options, "role"));
  JsonArray *scopes = scopes_of (definition);
  guint position = find_scope (scopes, key);
  JsonObject *scope = json_object_new ();
  json_object_set_string_member (scope, "key", key);
  json_object_set_string_member (scope, "name", name != NULL ? name : key);
  json_object_set_string_member (scope, "description", text != NULL ? text : "");
  json_object_set_string_member (scope, "roles", roles);
  if (position < json_array_get_length (scopes))
    json_array_remove_element (scopes, position);
  json_array_add_object_element (scopes, scope);
  for (; *resources != NULL; resources++)
    if (!bind_resource (definition, *resources, key, error))
      return FALSE;
  return TRUE;
}

static int
run_add (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) definition = rest != NULL ? load (rest, words[0], &path, error) : NULL;
  if (definition == NULL || !add_scope (json_node_get_object (definition), call, words[1], error))
    return 0;
  g_autofree char *what = g_strdup_printf ("scope %s of API %s", words[1], words[0]);
  save (call, rest, path, definition, "add", "added", what, error);
  return 0;
}

const CtlCommand ctl_cmd_scope_add = {
  .group = "scope",
  .name = "add",
  .summary = "Add a scope to an API, or change it",
  .arguments = "NAME/VERSION SCOPE",
  .completes = "api scope",
  .details = "A scope belongs to one API of a tenant: one that another has is refused (exit status 6).",
  .example = "apimctl scope add Weather/1.0.0 weather:write --role editor --resource POST:/reports",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .options = add_options,
  .run = run_add,
};

static void
unbind (JsonObject *path, const char *verb, JsonNode *operation, gpointer key)
{
  if (JSON_NODE_HOLDS_OBJECT (operation)
      && g_strcmp0 (ctl_json_get_text (json_node_get_object (operation), "x-scope"), key) == 0)
    json_object_remove_member (json_node_get_object (operation), "x-scope");
}

static void
unbind_path (JsonObject *paths, const char *name, JsonNode *path, gpointer key)
{
  if (JSON_NODE_HOLDS_OBJECT (path))
    json_object_foreach_member (json_node_get_object (path), unbind, key);
}

static int
run_remove (CtlCall *call, GError **error)
{
  const char *const *words = ctl_call_words (call, 2, 2, error);
  g_autoptr (CtlRest) rest = words != NULL ? ctl_rest_open (call, error) : NULL;
  g_autofree char *path = NULL;
  g_autoptr (JsonNode) definition = rest != NULL ? load (rest, words[0], &path, error) : NULL;
  if (definition == NULL)
    return 0;
  JsonObject *object = json_node_get_object (definition);
  JsonArray *scopes = scopes_of (object);
  guint position = find_scope (scopes, words[1]);
  if (position == json_array_get_length (scopes))
    {
      ctl_error_set (error, CTL_ERROR_NOT_FOUND, NULL, words[1], "%s has no such scope", words[0]);
      return 0;
    }
  if (!ctl_change_confirm (call, error, "Remove scope %s: its resources of API %s will ask for no scope", words[1],
                           words[0]))
    return 0;
  json_array_remove_element (scopes, position);
  JsonObject *paths = ctl_json_get_object (object, "paths");
  if (paths != NULL)
    json_object_foreach_member (paths, unbind_path, (gpointer)words[1]);
  g_autofree char *what = g_strdup_printf ("scope %s of API %s", words[1], words[0]);
  save (call, rest, path, definition, "remove", "removed", what, error);
  return 0;
}

const CtlCommand ctl_cmd_scope_remove = {
  .group = "scope",
  .name = "remove",
  .summary = "Remove a scope from an API",
  .arguments = "NAME/VERSION SCOPE",
  .completes = "api scope",
  .example = "apimctl scope remove Weather/1.0.0 weather:write --yes",
  .flags = CTL_COMMAND_REMOTE | CTL_COMMAND_WRITES,
  .run = run_remove,
};
