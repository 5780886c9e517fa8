#include "config.h"

#include "admin-cli/ctl-remote.h"

#include "admin-cli/ctl-definition.h"
#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-lifecycle.h"
#include "admin-cli/ctl-names.h"
#include "admin-cli/ctl-upload.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

#define MAX_SHOWN 100
#define MASK "(secret)"

void
ctl_remote_free (CtlRemote *remote)
{
  g_free (remote->id);
  g_free (remote->etag);
  g_clear_pointer (&remote->raw, json_node_unref);
  g_clear_pointer (&remote->spec, json_node_unref);
  g_free (remote);
}

/* Reading ------------------------------------------------------------------------------------------------------------
 */

static gboolean
is_empty (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) == 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  return json_node_get_value_type (node) == G_TYPE_STRING && *json_node_get_string (node) == '\0';
}

/* The members that manifests have, without empty ones. (transfer full) */
static JsonObject *
manifest_fields (CtlKind kind, JsonObject *raw)
{
  JsonObject *spec = json_object_new ();
  g_autoptr (GList) names = g_list_sort (json_object_get_members (raw), (GCompareFunc)strcmp);
  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonNode *node = json_object_get_member (raw, name->data);
      if (ctl_kind_has_field (kind, name->data) && !is_empty (node))
        json_object_set_member (spec, name->data, ctl_json_sorted (node));
    }
  return spec;
}

/* Takes @object. */
static JsonNode *
object_node (JsonObject *object)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  return node;
}

/* Reads an API whole: with its definition, and its endpoint configuration as values instead of text. */
static gboolean
read_api (CtlRest *rest, CtlRemote *remote, const char *what, GError **error)
{
  g_autofree char *path = ctl_server_path ("/apis/{}", remote->id),
                  *swagger = ctl_server_path ("/apis/{}/swagger", remote->id);
  CtlRequest request = { .service = CTL_PUBLISHER, .method = "GET", .path = path, .what = what };
  g_autoptr (CtlReply) reply = ctl_rest_send (rest, &request, error);
  g_autoptr (JsonNode) definition = reply != NULL ? ctl_rest_get (rest, CTL_PUBLISHER, swagger, what, error) : NULL;
  if (definition == NULL)
    return FALSE;
  if (reply->json == NULL || !JSON_NODE_HOLDS_OBJECT (reply->json))
    {
      ctl_error_set (error, CTL_ERROR_FAILED, NULL, what, "the answer is not an API");
      return FALSE;
    }
  JsonObject *spec = manifest_fields (CTL_KIND_API, json_node_get_object (reply->json));
  const char *text = ctl_json_get_text (spec, "endpointConfig");
  g_autoptr (JsonNode) endpoint = text != NULL ? ctl_json_parse (text, strlen (text), what, NULL) : NULL;
  if (endpoint != NULL)
    json_object_set_member (spec, "endpointConfig", ctl_json_sorted (endpoint));
  if (ctl_json_get_object (spec, "endpointSecurity") != NULL)
    json_object_remove_member (ctl_json_get_object (spec, "endpointSecurity"), "password");
  json_object_set_member (spec, "definition", ctl_json_sorted (definition));
  remote->etag = g_steal_pointer (&reply->etag);
  remote->raw = g_steal_pointer (&reply->json);
  remote->spec = object_node (spec);
  return TRUE;
}

/* Takes over the row of a list as the object. */
static void
take_row (CtlRemote *remote, CtlKind kind, JsonNode *row, const char *id_member)
{
  remote->id = ctl_names_member (row, id_member);
  remote->raw = json_node_copy (row);
  remote->spec = object_node (manifest_fields (kind, json_node_get_object (row)));
}

static gboolean
find_api (CtlRest *rest, const CtlObject *wanted, CtlRemote *remote, GError **error)
{
  g_autoptr (GError) cause = NULL;
  remote->id = ctl_names_api_id (rest, CTL_PUBLISHER, wanted->key, &cause);
  if (remote->id != NULL)
    return read_api (rest, remote, wanted->title, error);
  if (g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

static gboolean
find_policy (CtlRest *rest, const CtlObject *wanted, CtlRemote *remote, GError **error)
{
  JsonObject *spec = json_node_get_object (wanted->spec);
  const char *level = ctl_json_get_text (spec, "level");
  g_autofree char *path = ctl_server_path ("/throttling/policies/{}", level);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_ADMIN, path, wanted->title, error);
  JsonNode *row = rows != NULL ? ctl_names_match (rows, "policyName", ctl_json_get_text (spec, "name"), NULL) : NULL;
  if (row == NULL)
    return rows != NULL;
  /* Lists leave the groups of conditions out. */
  g_autofree char *id = ctl_names_member (row, "policyId"),
                  *one = ctl_server_path ("/throttling/policies/{}/{}", level, id);
  g_autoptr (JsonNode) policy = ctl_rest_get (rest, CTL_ADMIN, one, wanted->title, error);
  if (policy == NULL)
    return FALSE;
  take_row (remote, CTL_KIND_POLICY, policy, "policyId");
  json_object_set_string_member (json_node_get_object (remote->spec), "level", level);
  json_object_set_string_member (json_node_get_object (remote->spec), "name", ctl_json_get_text (spec, "name"));
  return TRUE;
}

static gboolean
find_application (CtlRest *rest, const CtlObject *wanted, CtlRemote *remote, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonNode) row = ctl_names_find_app (rest, wanted->key, &cause);
  g_autofree char *id = row != NULL ? ctl_names_member (row, "applicationId") : NULL;
  g_autofree char *path = id != NULL ? ctl_server_path ("/applications/{}", id) : NULL;
  g_autoptr (JsonNode) app = path != NULL ? ctl_rest_get (rest, CTL_STORE, path, wanted->title, error) : NULL;
  if (app != NULL && JSON_NODE_HOLDS_OBJECT (app))
    {
      json_object_remove_member (json_node_get_object (app), "keys");
      take_row (remote, CTL_KIND_APPLICATION, app, "applicationId");
    }
  if (app == NULL && cause != NULL && !g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&cause));
  return error == NULL || *error == NULL;
}

/* Neither an application nor an API that is not there yet has subscriptions. */
static gboolean
find_subscription (CtlRest *rest, const CtlObject *wanted, CtlRemote *remote, GError **error)
{
  JsonObject *spec = json_node_get_object (wanted->spec);
  g_autoptr (GError) cause = NULL;
  g_autofree char *app = ctl_names_app_id (rest, ctl_json_get_text (spec, "application"), &cause);
  g_autoptr (JsonNode) api
      = app != NULL ? ctl_names_find_subscribed (rest, ctl_json_get_text (spec, "api"), &cause) : NULL;
  if (api == NULL)
    {
      if (g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonNode) row = ctl_names_find_subscription (rest, app, api, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (row == NULL)
    return TRUE;
  take_row (remote, CTL_KIND_SUBSCRIPTION, row, "subscriptionId");
  JsonObject *has = json_node_get_object (remote->spec);
  json_object_set_string_member (has, "application", ctl_json_get_text (spec, "application"));
  json_object_set_string_member (has, "api", ctl_json_get_text (spec, "api"));
  return TRUE;
}

CtlRemote *
ctl_remote_find (CtlRest *rest, const CtlObject *wanted, GError **error)
{
  static gboolean (*const find[CTL_N_KINDS]) (CtlRest *, const CtlObject *, CtlRemote *, GError **) = {
    [CTL_KIND_POLICY] = find_policy,
    [CTL_KIND_API] = find_api,
    [CTL_KIND_APPLICATION] = find_application,
    [CTL_KIND_SUBSCRIPTION] = find_subscription,
  };
  g_autoptr (CtlRemote) remote = g_new0 (CtlRemote, 1);
  g_autoptr (GError) cause = NULL;
  if (find[wanted->kind](rest, wanted, remote, &cause))
    return g_steal_pointer (&remote);
  g_propagate_error (error, g_steal_pointer (&cause));
  return NULL;
}

/* Comparing ----------------------------------------------------------------------------------------------------------
 */

/* Whether @has says all that @wanted says: servers add defaults, which are no difference. @exact: as many members, too.
 */
static gboolean
says_all (JsonNode *wanted, JsonNode *has, gboolean exact)
{
  if (!JSON_NODE_HOLDS_OBJECT (wanted) || has == NULL || !JSON_NODE_HOLDS_OBJECT (has))
    return has == NULL ? is_empty (wanted) : ctl_json_same (wanted, has);
  JsonObject *wanted_object = json_node_get_object (wanted), *has_object = json_node_get_object (has);
  g_autoptr (GList) names = json_object_get_members (wanted_object);
  if (exact && json_object_get_size (wanted_object) != json_object_get_size (has_object))
    return FALSE;
  for (GList *name = names; name != NULL; name = name->next)
    {
      /* A path more is a difference; a secret never comes back. */
      gboolean paths = strcmp (name->data, "paths") == 0;
      if (strcmp (name->data, "password") != 0
          && !says_all (json_object_get_member (wanted_object, name->data),
                        json_object_get_member (has_object, name->data), paths))
        return FALSE;
    }
  return TRUE;
}

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The texts of a list, sorted and joined: the order of tiers and tags says nothing. NULL: it is no list of texts. */
static char *
as_set (JsonNode *node)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_VALUE (element))
        return NULL;
      g_ptr_array_add (texts, ctl_json_display (element));
    }
  g_ptr_array_sort (texts, compare_nodes);
  g_ptr_array_add (texts, NULL);
  return array != NULL ? g_strjoinv ("\n", (char **)texts->pdata) : NULL;
}

static gboolean
is_same (JsonNode *wanted, JsonNode *has)
{
  g_autofree char *wanted_set = as_set (wanted), *has_set = as_set (has);
  if (wanted_set != NULL && has_set != NULL)
    return strcmp (wanted_set, has_set) == 0;
  return says_all (wanted, has, FALSE);
}

void
ctl_remote_compare (const CtlObject *wanted, const CtlRemote *remote, GPtrArray *fields)
{
  JsonObject *spec = json_node_get_object (wanted->spec);
  g_autoptr (GList) names = g_list_sort (json_object_get_members (spec), (GCompareFunc)strcmp);
  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonNode *has = remote->spec != NULL ? ctl_json_find (remote->spec, name->data) : NULL;
      if (!is_same (json_object_get_member (spec, name->data), has))
        g_ptr_array_add (fields, g_strdup (name->data));
    }
}

static void
mask (JsonNode *node)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  JsonObject *object = json_node_get_object (node);
  if (json_object_has_member (object, "password"))
    json_object_set_string_member (object, "password", MASK);
}

char *
ctl_remote_shown (JsonNode *spec, const char *field)
{
  JsonNode *node = spec != NULL ? ctl_json_find (spec, field) : NULL;
  if (node == NULL)
    return g_strdup ("(none)");
  if (strcmp (field, "definition") == 0)
    return g_strdup ("(a definition)");
  g_autoptr (JsonNode) copy = ctl_json_sorted (node);
  mask (copy);
  g_autofree char *text = ctl_json_display (copy), *clean = ctl_text_clean (text);
  if (g_utf8_strlen (clean, -1) <= MAX_SHOWN)
    return g_steal_pointer (&clean);
  g_autofree char *cut = g_utf8_substring (clean, 0, MAX_SHOWN);
  return g_strconcat (cut, "...", NULL);
}

/* Applying -----------------------------------------------------------------------------------------------------------
 */

static gboolean
send_json (CtlCall *call, CtlRest *rest, CtlService service, const char *method, const char *path, JsonNode *json,
           const char *etag, const char *verb, const char *past, const char *what, char **id, GError **error)
{
  CtlRequest request
      = { .service = service, .method = method, .path = path, .json = json, .if_match = etag, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, verb, past, error);
  if (reply != NULL && id != NULL && reply->json != NULL)
    *id = ctl_names_member (reply->json, "id");
  return reply != NULL;
}

/* The REST form of the wanted API over what is there (@raw nullable). (transfer full) */
static JsonNode *
api_body (const CtlObject *wanted, JsonNode *raw)
{
  JsonObject *spec = json_node_get_object (wanted->spec);
  g_autoptr (JsonNode) base = raw != NULL ? ctl_json_sorted (raw) : object_node (json_object_new ());
  JsonObject *body = json_node_get_object (base);
  g_autoptr (GList) names = json_object_get_members (spec);
  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonNode *node = json_object_get_member (spec, name->data);
      const char *member = name->data;
      gboolean text = strcmp (member, "endpointConfig") == 0 || strcmp (member, "definition") == 0;
      if (strcmp (member, "status") == 0)
        continue;
      if (strcmp (member, "definition") == 0)
        member = "apiDefinition";
      g_autofree char *compact = text ? ctl_json_compact (node) : NULL;
      if (text)
        json_object_set_string_member (body, member, compact);
      else
        json_object_set_member (body, member, json_node_copy (node));
    }
  return g_steal_pointer (&base);
}

/* What v0.14 wants in every new API. */
static void
set_api_defaults (JsonObject *body)
{
  static const char *const both[] = { "http", "https", NULL }, *const unlimited[] = { "Unlimited", NULL };
  static const struct
  {
    const char *name;
    const char *value;
  } texts[] = { { "type", "HTTP" }, { "visibility", "PUBLIC" } };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!json_object_has_member (body, texts[i].name))
      json_object_set_string_member (body, texts[i].name, texts[i].value);
  if (!json_object_has_member (body, "isDefaultVersion"))
    json_object_set_boolean_member (body, "isDefaultVersion", FALSE);
  if (!json_object_has_member (body, "transport"))
    json_object_set_member (body, "transport", ctl_json_text_array (both));
  if (!json_object_has_member (body, "tiers"))
    json_object_set_member (body, "tiers", ctl_json_text_array (unlimited));
  if (!json_object_has_member (body, "apiDefinition"))
    {
      g_autoptr (JsonNode) any
          = ctl_definition_any (ctl_json_get_text (body, "name"), ctl_json_get_text (body, "version"));
      g_autofree char *text = ctl_json_compact (any);
      json_object_set_string_member (body, "apiDefinition", text);
    }
}

static gboolean
set_definition (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const char *id, GError **error)
{
  g_autofree char *path = ctl_server_path ("/apis/{}/swagger", id), *type = NULL;
  g_autofree char *what = g_strconcat ("the definition of ", wanted->title, NULL);
  g_autofree char *text = ctl_json_compact (ctl_json_find (wanted->spec, "definition"));
  g_autoptr (GBytes) bytes = ctl_upload_field ("apiDefinition", text, &type);
  CtlRequest request
      = { .service = CTL_PUBLISHER, .method = "PUT", .path = path, .bytes = bytes, .content_type = type, .what = what };
  g_autoptr (CtlReply) reply = ctl_change (call, rest, &request, "replace", "replaced", error);
  return reply != NULL;
}

/* Event by event to the wanted state. */
static gboolean
lead_to_state (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const char *id, const char *from, GError **error)
{
  const char *to = ctl_json_get_text (json_node_get_object (wanted->spec), "status");
  while (to != NULL && strcmp (from, to) != 0)
    {
      const char *event = ctl_lifecycle_step (from, to, &from);
      if (event == NULL)
        {
          ctl_error_set (error, CTL_ERROR_CONFLICT, NULL, wanted->title, "no lifecycle event leads from %s to %s", from,
                         to);
          return FALSE;
        }
      g_autofree char *path = ctl_server_path ("/apis/change-lifecycle?apiId={}&action={}", id, event);
      g_autofree char *past = g_strdup_printf ("%s:", event);
      if (!send_json (call, rest, CTL_PUBLISHER, "POST", path, NULL, NULL, event, past, wanted->title, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_field (const GPtrArray *fields, const char *name)
{
  return g_ptr_array_find_with_equal_func ((GPtrArray *)fields, name, g_str_equal, NULL);
}

static gboolean
apply_api (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const CtlRemote *remote, const GPtrArray *fields,
           GError **error)
{
  g_autofree char *id = g_strdup (remote->id), *state = NULL;
  g_autoptr (JsonNode) body = api_body (wanted, remote->raw);
  if (remote->id == NULL)
    {
      set_api_defaults (json_node_get_object (body));
      if (!send_json (call, rest, CTL_PUBLISHER, "POST", "/apis", body, NULL, "create", "created", wanted->title, &id,
                      error))
        return FALSE;
    }
  else
    {
      guint n_others = fields->len - has_field (fields, "status") - has_field (fields, "definition");
      g_autofree char *path = ctl_server_path ("/apis/{}", id);
      state = ctl_names_member (remote->spec, "status");
      if (n_others > 0
          && !send_json (call, rest, CTL_PUBLISHER, "PUT", path, body, remote->etag, "update", "updated", wanted->title,
                         NULL, error))
        return FALSE;
      if (has_field (fields, "definition") && !set_definition (call, rest, wanted, id, error))
        return FALSE;
    }
  return lead_to_state (call, rest, wanted, id, state != NULL ? state : "CREATED", error);
}

static gboolean
apply_application (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const CtlRemote *remote, GError **error)
{
  g_autoptr (JsonNode) body = remote->raw != NULL ? ctl_json_sorted (remote->raw) : object_node (json_object_new ());
  JsonObject *object = json_node_get_object (body), *spec = json_node_get_object (wanted->spec);
  json_object_set_string_member (object, "throttlingTier", "Unlimited");
  g_autoptr (GList) names = json_object_get_members (spec);
  for (GList *name = names; name != NULL; name = name->next)
    json_object_set_member (object, name->data, json_node_copy (json_object_get_member (spec, name->data)));
  g_autofree char *path
      = remote->id != NULL ? ctl_server_path ("/applications/{}", remote->id) : g_strdup ("/applications");
  gboolean new = remote->id == NULL;
  return send_json (call, rest, CTL_STORE, new ? "POST" : "PUT", path, body, NULL, new ? "create" : "update",
                    new ? "created" : "updated", wanted->title, NULL, error);
}

/* v0.14 cannot change a subscription: another tier means to end it and subscribe again. */
static gboolean
apply_subscription (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const CtlRemote *remote, GError **error)
{
  JsonObject *spec = json_node_get_object (wanted->spec);
  g_autofree char *app = ctl_names_app_id (rest, ctl_json_get_text (spec, "application"), error);
  g_autofree char *api
      = app != NULL ? ctl_names_api_id (rest, CTL_STORE, ctl_json_get_text (spec, "api"), error) : NULL;
  if (api == NULL || (remote->id != NULL && !ctl_remote_delete (call, rest, wanted, remote, error)))
    return FALSE;
  g_autoptr (JsonObject) body = json_object_new ();
  json_object_set_string_member (body, "applicationId", app);
  json_object_set_string_member (body, "apiIdentifier", api);
  json_object_set_string_member (body, "tier", ctl_json_get_text (spec, "tier"));
  g_autoptr (JsonNode) json = json_node_init_object (json_node_alloc (), body);
  return send_json (call, rest, CTL_STORE, "POST", "/subscriptions", json, NULL, "create", "created", wanted->title,
                    NULL, error);
}

static gboolean
apply_policy (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const CtlRemote *remote, GError **error)
{
  gboolean new = remote->id == NULL;
  g_autoptr (JsonNode) body = ctl_json_sorted (new ? wanted->spec : remote->spec);
  JsonObject *object = json_node_get_object (body);
  g_autofree char *level = g_strdup (ctl_json_get_text (object, "level")),
                  *name = g_strdup (ctl_json_get_text (object, "name"));
  /* The server replaces the whole; what the manifest does not name stays. */
  ctl_json_overlay (object, json_node_get_object (wanted->spec));
  json_object_remove_member (object, "level");
  json_object_remove_member (object, "name");
  json_object_set_string_member (object, "policyName", name);
  if (!json_object_has_member (object, "displayName"))
    json_object_set_string_member (object, "displayName", name);
  g_autofree char *path = new ? ctl_server_path ("/throttling/policies/{}", level)
                              : ctl_server_path ("/throttling/policies/{}/{}", level, remote->id);
  return send_json (call, rest, CTL_ADMIN, new ? "POST" : "PUT", path, body, NULL, new ? "create" : "update",
                    new ? "created" : "updated", wanted->title, NULL, error);
}

gboolean
ctl_remote_apply (CtlCall *call, CtlRest *rest, const CtlObject *wanted, const CtlRemote *remote,
                  const GPtrArray *fields, GError **error)
{
  switch (wanted->kind)
    {
    case CTL_KIND_POLICY:
      return apply_policy (call, rest, wanted, remote, error);
    case CTL_KIND_API:
      return apply_api (call, rest, wanted, remote, fields, error);
    case CTL_KIND_APPLICATION:
      return apply_application (call, rest, wanted, remote, error);
    default:
      return apply_subscription (call, rest, wanted, remote, error);
    }
}

gboolean
ctl_remote_delete (CtlCall *call, CtlRest *rest, const CtlObject *object, const CtlRemote *remote, GError **error)
{
  const char *level = ctl_json_get_text (json_node_get_object (object->spec), "level");
  g_autofree char *path = object->kind == CTL_KIND_API           ? ctl_server_path ("/apis/{}", remote->id)
                          : object->kind == CTL_KIND_APPLICATION ? ctl_server_path ("/applications/{}", remote->id)
                          : object->kind == CTL_KIND_POLICY
                              ? ctl_server_path ("/throttling/policies/{}/{}", level, remote->id)
                              : ctl_server_path ("/subscriptions/{}", remote->id);
  CtlService service = object->kind == CTL_KIND_API      ? CTL_PUBLISHER
                       : object->kind == CTL_KIND_POLICY ? CTL_ADMIN
                                                         : CTL_STORE;
  return send_json (call, rest, service, "DELETE", path, NULL, NULL, "delete", "deleted", object->title, NULL, error);
}

/* Everything ---------------------------------------------------------------------------------------------------------
 */

CtlObject *
ctl_remote_api (CtlRest *rest, const char *reference, GError **error)
{
  g_autoptr (CtlRemote) remote = g_new0 (CtlRemote, 1);
  remote->id = ctl_names_api_id (rest, CTL_PUBLISHER, reference, error);
  if (remote->id == NULL || !read_api (rest, remote, reference, error))
    return NULL;
  return ctl_object_new (CTL_KIND_API, g_steal_pointer (&remote->spec));
}

/* The rows of a list that stand for all of a kind; an API's and an application's own are read one by one. */
static gboolean
add_rows (CtlRest *rest, CtlKind kind, JsonArray *rows, GPtrArray *objects, GError **error)
{
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);
      g_autoptr (CtlRemote) remote = g_new0 (CtlRemote, 1);
      if (kind == CTL_KIND_API)
        {
          g_autofree char *title = ctl_view_text (row, "name/version");
          remote->id = ctl_names_member (row, "id");
          if (!read_api (rest, remote, title, error))
            return FALSE;
        }
      else
        take_row (remote, kind, row, "applicationId");
      g_ptr_array_add (objects, ctl_object_new (kind, g_steal_pointer (&remote->spec)));
    }
  return TRUE;
}

static int
compare_keys (gconstpointer a, gconstpointer b)
{
  const CtlObject *first = *(const CtlObject *const *)a, *second = *(const CtlObject *const *)b;
  return strcmp (first->key, second->key);
}

GPtrArray *
ctl_remote_all (CtlRest *rest, CtlKind kind, GError **error)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify)ctl_object_free);
  g_return_val_if_fail (kind == CTL_KIND_API || kind == CTL_KIND_APPLICATION, NULL);
  g_autoptr (JsonArray) rows = kind == CTL_KIND_API
                                   ? ctl_rest_list (rest, CTL_PUBLISHER, "/apis", "APIs", error)
                                   : ctl_rest_list (rest, CTL_STORE, "/applications", "applications", error);
  if (rows == NULL || !add_rows (rest, kind, rows, objects, error))
    return NULL;
  g_ptr_array_sort (objects, compare_keys);
  return g_steal_pointer (&objects);
}
