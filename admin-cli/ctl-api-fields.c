#include "config.h"

#include "admin-cli/ctl-api-fields.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"

#include <string.h>

const CtlColumn ctl_api_list_columns[] = {
  { "API", "name/version" },
  { "CONTEXT", "context" },
  { "STATE", "status" },
  { "PROVIDER", "provider" },
  { "DESCRIPTION", "description", .wide = TRUE },
  { "ID", "id", .wide = TRUE },
  { NULL },
};

static gboolean
usage_error (GError **error, const char *what, const char *why)
{
  ctl_error_set (error, CTL_ERROR_USAGE, NULL, what, "%s", why);
  return FALSE;
}

static gboolean
is_one_of (const char *text, const char *const *words)
{
  for (; *words != NULL; words++)
    if (strcmp (text, *words) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
check_urls (const char *const *urls, GError **error)
{
  for (; *urls != NULL; urls++)
    {
      g_autoptr (GUri) uri = g_uri_parse (*urls, G_URI_FLAGS_NONE, NULL);
      static const char *const schemes[] = { "http", "https", "ws", "wss", "jms", "consul", NULL };
      if (uri == NULL || !is_one_of (g_uri_get_scheme (uri), schemes))
        return usage_error (error, *urls, "is no URL of an endpoint: write it like https://backend.example.com/path");
    }
  return TRUE;
}

static JsonNode *
one_endpoint (const char *url, const char *type)
{
  JsonObject *object = json_object_new ();
  if (type != NULL)
    json_object_set_string_member (object, "endpoint_type", type);
  json_object_set_string_member (object, "url", url);
  json_object_set_null_member (object, "config");
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  return node;
}

static void
set_many (JsonObject *config, const char *member, const char *const *urls, const char *type)
{
  JsonArray *array = json_array_new ();
  for (; *urls != NULL; urls++)
    json_array_add_element (array, one_endpoint (*urls, type));
  json_object_set_array_member (config, member, array);
}

/* One side, production or sandbox. */
static void
set_side (JsonObject *config, const char *side, const char *const *urls, const char *type)
{
  g_autofree char *endpoints = g_strconcat (side, "_endpoints", NULL),
                  *failovers = g_strconcat (side, "_failovers", NULL);
  if (urls[0] == NULL)
    return;
  if (strcmp (type, "load_balance") == 0)
    set_many (config, endpoints, urls, "http");
  else
    json_object_set_member (config, endpoints, one_endpoint (urls[0], NULL));
  if (strcmp (type, "failover") == 0)
    set_many (config, failovers, urls + 1, "http");
}

char *
ctl_api_endpoint_config (const char *const *production, const char *const *sandbox, const char *type, GError **error)
{
  static const char *const types[] = { "http", "address", "load_balance", "failover", NULL };
  gboolean several = (production[0] != NULL && production[1] != NULL) || (sandbox[0] != NULL && sandbox[1] != NULL);
  if (type == NULL)
    type = several ? "load_balance" : "http";
  if (!check_urls (production, error) || !check_urls (sandbox, error))
    return NULL;
  if (!is_one_of (type, types))
    return usage_error (error, type, "is no type of endpoint: there are http, address, load_balance and failover"),
           NULL;
  if (several && (strcmp (type, "http") == 0 || strcmp (type, "address") == 0))
    return usage_error (error, type, "has one URL: several are load_balance or failover"), NULL;
  g_autoptr (JsonObject) config = json_object_new ();
  json_object_set_string_member (config, "endpoint_type", type);
  if (strcmp (type, "load_balance") == 0)
    json_object_set_string_member (config, "algoClassName", "org.apache.synapse.endpoints.algorithms.RoundRobin");
  if (strcmp (type, "failover") == 0 || strcmp (type, "load_balance") == 0)
    json_object_set_string_member (config, "failOver", "True");
  set_side (config, "production", production, type);
  set_side (config, "sandbox", sandbox, type);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), config);
  return ctl_json_compact (node);
}

/* The "url" of @node, or of each object in it. */
static void
add_urls (GPtrArray *shown, const char *word, JsonNode *node)
{
  JsonArray *several = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; several != NULL && i < json_array_get_length (several); i++)
    add_urls (shown, word, json_array_get_element (several, i));
  const char *url
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? ctl_json_get_text (json_node_get_object (node), "url") : NULL;
  if (url != NULL)
    g_ptr_array_add (shown, g_strconcat (word, url, NULL));
}

/* Takes @shown. */
static char *
join_shown (GPtrArray *shown, const char *otherwise)
{
  g_autoptr (GPtrArray) owned = shown;
  if (owned->len == 0)
    return g_strdup (otherwise);
  g_ptr_array_add (owned, NULL);
  return g_strjoinv (", ", (char **)owned->pdata);
}

char *
ctl_api_show_endpoints (const char *text)
{
  g_autoptr (JsonNode) config = ctl_json_parse (text, strlen (text), "endpoint", NULL);
  GPtrArray *shown = g_ptr_array_new_with_free_func (g_free);
  if (config != NULL && JSON_NODE_HOLDS_OBJECT (config))
    {
      static const char *const sides[][2] = { { "production_endpoints", "" },
                                              { "production_failovers", "failover " },
                                              { "sandbox_endpoints", "sandbox " },
                                              { "sandbox_failovers", "sandbox failover " } };
      for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
        add_urls (shown, sides[i][1], json_object_get_member (json_node_get_object (config), sides[i][0]));
    }
  return join_shown (shown, text);
}

char *
ctl_api_show_urls (const char *text)
{
  g_autoptr (JsonNode) list = ctl_json_parse (text, strlen (text), "endpoints", NULL);
  JsonArray *environments = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;
  GPtrArray *shown = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; environments != NULL && i < json_array_get_length (environments); i++)
    {
      static const char *const schemes[] = { "https", "http" };
      JsonNode *environment = json_array_get_element (environments, i);
      JsonObject *urls = JSON_NODE_HOLDS_OBJECT (environment)
                             ? ctl_json_get_object (json_node_get_object (environment), "environmentURLs")
                             : NULL;
      for (guint j = 0; urls != NULL && j < G_N_ELEMENTS (schemes); j++)
        if (ctl_json_get_text (urls, schemes[j]) != NULL && *ctl_json_get_text (urls, schemes[j]) != '\0')
          g_ptr_array_add (shown, g_strdup (ctl_json_get_text (urls, schemes[j])));
    }
  return join_shown (shown, text);
}

static gboolean
set_endpoints (JsonObject *api, const CtlOptions *options, GError **error)
{
  const char *const *production = ctl_options_list (options, "endpoint");
  const char *const *sandbox = ctl_options_list (options, "sandbox-endpoint");
  if (production[0] == NULL && sandbox[0] == NULL)
    return TRUE;
  g_autofree char *config = ctl_api_endpoint_config (production, sandbox, NULL, error);
  ctl_json_set_text (api, "endpointConfig", config);
  return config != NULL;
}

static void
set_list (JsonObject *api, const char *member, const char *const *texts)
{
  if (texts[0] != NULL)
    json_object_set_member (api, member, ctl_json_text_array (texts));
}

static gboolean
set_visibility (JsonObject *api, const CtlOptions *options, GError **error)
{
  static const char *const words[] = { "PUBLIC", "PRIVATE", "RESTRICTED", "CONTROLLED", NULL };
  const char *text = ctl_options_text (options, "visibility");
  const char *const *roles = ctl_options_list (options, "role");
  g_autofree char *upper = text != NULL ? g_ascii_strup (text, -1) : roles[0] != NULL ? g_strdup ("RESTRICTED") : NULL;
  if (upper != NULL && !is_one_of (upper, words))
    return usage_error (error, text, "is no visibility: there are public, private and restricted");
  if (g_strcmp0 (upper, "RESTRICTED") == 0 && roles[0] == NULL)
    return usage_error (error, "--visibility restricted", "say to whom: --role ROLE");
  ctl_json_set_text (api, "visibility", upper);
  set_list (api, "visibleRoles", roles);
  return TRUE;
}

static void
set_nested (JsonObject *api, const char *outer, const char *inner, const char *text)
{
  if (text == NULL)
    return;
  if (ctl_json_get_object (api, outer) == NULL)
    json_object_set_object_member (api, outer, json_object_new ());
  json_object_set_string_member (ctl_json_get_object (api, outer), inner, text);
}

static gboolean
set_tps (JsonObject *api, const CtlOptions *options, GError **error)
{
  const char *text = ctl_options_text (options, "production-tps");
  guint64 number;
  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &number, NULL))
    return usage_error (error, "--production-tps", "is a whole number of calls per second");
  JsonObject *tps = json_object_new ();
  json_object_set_int_member (tps, "production", (gint64)number);
  json_object_set_object_member (api, "maxTps", tps);
  return TRUE;
}

gboolean
ctl_api_fields_set (JsonObject *api, const CtlOptions *options, GError **error)
{
  const char *const *environments = ctl_options_list (options, "environment");
  g_autofree char *joined = g_strjoinv (",", (char **)environments);
  ctl_json_set_text (api, "description", ctl_options_text (options, "description"));
  set_list (api, "tiers", ctl_options_list (options, "tier"));
  set_list (api, "tags", ctl_options_list (options, "tag"));
  set_list (api, "transport", ctl_options_list (options, "transport"));
  ctl_json_set_text (api, "gatewayEnvironments", environments[0] != NULL ? joined : NULL);
  set_nested (api, "businessInformation", "businessOwner", ctl_options_text (options, "owner"));
  set_nested (api, "businessInformation", "businessOwnerEmail", ctl_options_text (options, "owner-email"));
  return set_endpoints (api, options, error) && set_visibility (api, options, error) && set_tps (api, options, error);
}
