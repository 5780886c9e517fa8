#include "config.h"

#include "admin-cli/ctl-names.h"

#include "admin-cli/ctl-json.h"
#include "admin-cli/ctl-view.h"

#include <string.h>

char *
ctl_names_member (JsonNode *record, const char *member)
{
  JsonNode *node = ctl_json_find (record, member);
  return node != NULL ? ctl_json_display (node) : NULL;
}

JsonNode *
ctl_names_match (JsonArray *rows, ...)
{
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);
      gboolean same = TRUE;
      va_list pairs;
      va_start (pairs, rows);
      for (const char *name = va_arg (pairs, const char *); name != NULL && same; name = va_arg (pairs, const char *))
        {
          g_autofree char *value = ctl_view_text (row, name);
          same = strcmp (value, va_arg (pairs, const char *)) == 0;
        }
      va_end (pairs);
      if (same)
        return row;
    }
  return NULL;
}

/* The rows of this name; their versions, for messages. (transfer full) */
static JsonArray *
of_name (JsonArray *rows, const char *name, GString *versions)
{
  JsonArray *found = json_array_new ();
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      JsonNode *row = json_array_get_element (rows, i);
      g_autofree char *row_name = ctl_names_member (row, "name"), *title = ctl_view_text (row, "name/version");
      if (g_strcmp0 (row_name, name) != 0)
        continue;
      json_array_add_element (found, json_node_copy (row));
      g_string_append_printf (versions, "%s%s", versions->len > 0 ? ", " : "", title);
    }
  return found;
}

static const char *
list_hint (CtlService service)
{
  return service == CTL_STORE ? "apimctl catalog list" : "apimctl api list";
}

JsonNode *
ctl_names_find_api (CtlRest *rest, CtlService service, const char *reference, GError **error)
{
  const char *slash = strrchr (reference, '/');
  g_autofree char *name = slash != NULL ? g_strndup (reference, (gsize)(slash - reference)) : g_strdup (reference);
  g_autofree char *path = ctl_server_path ("/apis?query={}", name);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, service, path, reference, error);
  if (rows == NULL)
    return NULL;
  g_autoptr (GString) versions = g_string_new (NULL);
  g_autoptr (JsonArray) named = of_name (rows, name, versions);
  JsonNode *match = slash != NULL ? ctl_names_match (named, "version", slash + 1, NULL) : NULL;
  if (slash == NULL && json_array_get_length (named) == 1)
    match = json_array_get_element (named, 0);
  if (match != NULL)
    return json_node_copy (match);
  if (slash == NULL && json_array_get_length (named) > 1)
    ctl_error_set (error, CTL_ERROR_USAGE, list_hint (service), reference, "say which version: %s", versions->str);
  else if (versions->len > 0)
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, list_hint (service), reference, "there is no such version, but %s",
                   versions->str);
  else
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, list_hint (service), reference, "there is no such API");
  return NULL;
}

JsonNode *
ctl_names_find_subscribed (CtlRest *rest, const char *reference, GError **error)
{
  g_autoptr (GError) cause = NULL;
  JsonNode *api = ctl_names_find_api (rest, CTL_STORE, reference, &cause);
  if (api == NULL && g_error_matches (cause, CTL_ERROR, CTL_ERROR_NOT_FOUND))
    api = ctl_names_find_api (rest, CTL_PUBLISHER, reference, NULL);
  if (api == NULL)
    g_propagate_error (error, g_steal_pointer (&cause));
  return api;
}

char *
ctl_names_api_id (CtlRest *rest, CtlService service, const char *reference, GError **error)
{
  g_autoptr (JsonNode) api = ctl_names_find_api (rest, service, reference, error);
  return api != NULL ? ctl_names_member (api, "id") : NULL;
}

JsonNode *
ctl_names_find_app (CtlRest *rest, const char *name, GError **error)
{
  g_autofree char *path = ctl_server_path ("/applications?query={}", name);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_STORE, path, name, error);
  if (rows == NULL)
    return NULL;
  JsonNode *match = ctl_names_match (rows, "name", name, NULL);
  if (match == NULL)
    ctl_error_set (error, CTL_ERROR_NOT_FOUND, "apimctl app list", name, "there is no such application");
  return match != NULL ? json_node_copy (match) : NULL;
}

char *
ctl_names_app_id (CtlRest *rest, const char *name, GError **error)
{
  g_autoptr (JsonNode) app = ctl_names_find_app (rest, name, error);
  return app != NULL ? ctl_names_member (app, "applicationId") : NULL;
}

JsonNode *
ctl_names_find_subscription (CtlRest *rest, const char *app_id, JsonNode *api, GError **error)
{
  g_autofree char *path = ctl_server_path ("/subscriptions?applicationId={}", app_id);
  g_autoptr (JsonArray) rows = ctl_rest_list (rest, CTL_STORE, path, "subscriptions", error);
  if (rows == NULL)
    return NULL;
  g_autofree char *id = ctl_names_member (api, "id"), *provider = ctl_names_member (api, "provider");
  g_autofree char *name = ctl_names_member (api, "name"), *version = ctl_names_member (api, "version");
  /* Where the provider is a tenant's, "@" is written "-AT-" (spec 1.1). */
  g_autoptr (GString) owner = g_string_new (provider);
  g_string_replace (owner, "@", "-AT-", 0);
  g_autofree char *identifier = g_strdup_printf ("%s-%s-%s", owner->str, name, version);
  JsonNode *row = ctl_names_match (rows, "apiIdentifier", identifier, NULL);
  if (row == NULL && id != NULL)
    row = ctl_names_match (rows, "apiIdentifier", id, NULL);
  return row != NULL ? json_node_copy (row) : NULL;
}
