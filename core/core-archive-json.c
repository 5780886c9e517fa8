/* api.json of archives: the API object of WSO2's Java, written by Gson
 * (spec/publisher-store-workflows.md 9.1). */
#include "config.h"
#include "core/core-archive-private.h"

#include "core/core-json.h"

#include <string.h>

/* A member that is a text in both, copied as it is. */
typedef struct
{
  const char *key;
  gsize offset; /* of the char * in CoreApi */
} TextKey;

/* Sorted, as they are written. */
static const TextKey text_keys[] = {
  { "accessControl", G_STRUCT_OFFSET (CoreApi, access_control) },
  { "apiLevelPolicy", G_STRUCT_OFFSET (CoreApi, api_tier) },
  { "apiOwner", G_STRUCT_OFFSET (CoreApi, api_owner) },
  { "apiSecurity", G_STRUCT_OFFSET (CoreApi, api_security) },
  { "authorizationHeader", G_STRUCT_OFFSET (CoreApi, authorization_header) },
  { "businessOwner", G_STRUCT_OFFSET (CoreApi, business_owner) },
  { "businessOwnerEmail", G_STRUCT_OFFSET (CoreApi, business_owner_email) },
  { "description", G_STRUCT_OFFSET (CoreApi, description) },
  { "endpointConfig", G_STRUCT_OFFSET (CoreApi, endpoint_config) },
  { "endpointUTUsername", G_STRUCT_OFFSET (CoreApi, endpoint_user) },
  { "faultSequence", G_STRUCT_OFFSET (CoreApi, fault_sequence) },
  { "implementation", G_STRUCT_OFFSET (CoreApi, implementation) },
  { "inSequence", G_STRUCT_OFFSET (CoreApi, in_sequence) },
  { "outSequence", G_STRUCT_OFFSET (CoreApi, out_sequence) },
  { "redirectURL", G_STRUCT_OFFSET (CoreApi, redirect_url) },
  { "status", G_STRUCT_OFFSET (CoreApi, status) },
  { "subscriptionAvailability", G_STRUCT_OFFSET (CoreApi, subscription_availability) },
  { "technicalOwner", G_STRUCT_OFFSET (CoreApi, technical_owner) },
  { "technicalOwnerEmail", G_STRUCT_OFFSET (CoreApi, technical_owner_email) },
  { "type", G_STRUCT_OFFSET (CoreApi, type) },
  { "visibility", G_STRUCT_OFFSET (CoreApi, visibility) },
  { "wadlUrl", G_STRUCT_OFFSET (CoreApi, wadl_url) },
};

/* A list that WSO2 keeps in one text, with commas. */
static const TextKey list_keys[] = {
  { "accessControlRoles", G_STRUCT_OFFSET (CoreApi, access_control_roles) },
  { "subscriptionAvailableTenants", G_STRUCT_OFFSET (CoreApi, subscription_tenants) },
  { "transports", G_STRUCT_OFFSET (CoreApi, transports) },
  { "visibleRoles", G_STRUCT_OFFSET (CoreApi, visible_roles) },
  { "visibleTenants", G_STRUCT_OFFSET (CoreApi, visible_tenants) },
};

#define TEXT(api, text_key) G_STRUCT_MEMBER (char *, api, (text_key)->offset)
#define LIST(api, text_key) G_STRUCT_MEMBER (char **, api, (text_key)->offset)

/* Writing. Members are collected in any order and sorted at the end. */

static void
set_text (JsonObject *object, const char *key, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, key, text);
}

static void
set_array (JsonObject *object, const char *key, char **list)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    json_array_add_string_element (array, list[i]);
  json_object_set_array_member (object, key, array);
}

static JsonObject *
identity_object (const CoreApi *api)
{
  JsonObject *object = json_object_new ();
  g_autofree char *provider = core_api_provider_encode (api->provider);

  set_text (object, "apiName", api->name);
  set_text (object, "providerName", provider);
  set_text (object, "version", api->version);
  return object;
}

static JsonArray *
tiers_array (const CoreApi *api)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; api->tiers != NULL && api->tiers[i] != NULL; i++)
    {
      JsonObject *tier = json_object_new ();

      json_object_set_string_member (tier, "name", api->tiers[i]);
      json_array_add_object_element (array, tier);
    }
  return array;
}

static JsonArray *
resources_array (const CoreApi *api)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = g_ptr_array_index (api->resources, i);
      JsonObject *object = json_object_new ();

      set_text (object, "authType", resource->auth_type);
      set_text (object, "httpVerb", resource->verb);
      set_text (object, "mediationScript", resource->mediation_script);
      set_text (object, "throttlingTier",
                resource->throttling_tier != NULL ? resource->throttling_tier : "Unlimited");
      set_text (object, "uriTemplate", resource->url_pattern);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonObject *
cors_object (const CoreApi *api)
{
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "accessControlAllowCredentials", api->cors.allow_credentials);
  set_array (object, "accessControlAllowHeaders", api->cors.allow_headers);
  set_array (object, "accessControlAllowMethods", api->cors.allow_methods);
  set_array (object, "accessControlAllowOrigins", api->cors.allow_origins);
  json_object_set_boolean_member (object, "corsConfigurationEnabled", api->cors.enabled);
  return object;
}

static void
set_tps (JsonObject *object, const char *key, guint64 tps)
{
  g_autofree char *text = tps > 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, tps) : NULL;

  set_text (object, key, text);
}

static void
set_flags (JsonObject *object, const CoreApi *api)
{
  json_object_set_boolean_member (object, "advertiseOnly", api->advertise_only);
  json_object_set_boolean_member (object, "endpointAuthDigest",
                                  api->endpoint_security == CORE_ENDPOINT_SECURITY_DIGEST);
  json_object_set_boolean_member (object, "endpointSecured",
                                  api->endpoint_security != CORE_ENDPOINT_SECURITY_NONE);
  json_object_set_boolean_member (object, "isDefaultVersion", api->is_default_version);
  json_object_set_boolean_member (object, "isPublishedDefaultVersion", api->is_published_default_version);
  set_text (object, "responseCache", api->response_caching ? "Enabled" : "Disabled");
  json_object_set_int_member (object, "cacheTimeout", api->cache_timeout_s);
  set_text (object, "destinationStatsEnabled", api->destination_stats ? "Enabled" : "Disabled");
}

/* @text: (nullable): an object of texts. */
static void
set_properties (JsonObject *object, const char *text)
{
  g_autoptr (CoreJson) json = text != NULL ? core_json_parse (text, strlen (text), NULL) : NULL;
  g_autoptr (JsonObject) properties = json_object_new ();

  for (const CoreJsonNode *node = json != NULL ? core_json_first (core_json_root (json)) : NULL; node != NULL;
       node = core_json_next (node))
    set_text (properties, core_json_name (node), core_json_string (node));
  json_object_set_object_member (object, "additionalProperties", core_archive_sort_members (properties));
}

char *
core_archive_api_to_json (const CoreApi *api)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *context = core_api_context (api), *template = core_api_full_template (api);

  json_object_set_object_member (object, "id", identity_object (api));
  set_text (object, "context", context);
  set_text (object, "contextTemplate", template);
  for (guint i = 0; i < G_N_ELEMENTS (text_keys); i++)
    set_text (object, text_keys[i].key, TEXT (api, &text_keys[i]));
  for (guint i = 0; i < G_N_ELEMENTS (list_keys); i++)
    {
      g_autofree char *text = core_api_list_to_text ((const char *const *)LIST (api, &list_keys[i]), ",");

      set_text (object, list_keys[i].key, text);
    }
  set_flags (object, api);
  set_tps (object, "productionMaxTps", api->production_max_tps);
  set_tps (object, "sandboxMaxTps", api->sandbox_max_tps);
  set_array (object, "tags", api->tags);
  if (api->environments != NULL)
    set_array (object, "environments", api->environments);
  set_array (object, "gatewayLabels", api->gateway_labels);
  set_properties (object, api->additional_properties);
  json_object_set_array_member (object, "availableTiers", tiers_array (api));
  json_object_set_object_member (object, "corsConfiguration", cors_object (api));
  json_object_set_array_member (object, "uriTemplates", resources_array (api));
  return core_archive_generate (core_archive_object_node (object));
}

/* Reading */

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, CORE_ARCHIVE_ERROR, CORE_ARCHIVE_ERROR_INVALID, "Meta-information/api.json: %s", why);
  return FALSE;
}

static const char *
text_of (const CoreJsonNode *object, const char *key)
{
  const char *text = core_json_string (core_json_member (object, key));

  return text != NULL && *text != '\0' ? text : NULL;
}

/* true, or "true", as older exports have it. */
static gboolean
flag_of (const CoreJsonNode *object, const char *key)
{
  const CoreJsonNode *node = core_json_member (object, key);

  return node != NULL
         && (core_json_type (node) == CORE_JSON_TRUE
             || (core_json_string (node) != NULL
                 && g_ascii_strcasecmp (core_json_string (node), "true") == 0));
}

static guint64
number_of (const CoreJsonNode *object, const char *key)
{
  const CoreJsonNode *node = core_json_member (object, key);
  const char *text = core_json_string (node) != NULL ? core_json_string (node) : core_json_number (node);
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &number, NULL) ? number : 0;
}

/* The texts of an array; @key: (nullable): of the member that holds the text of each. NULL: there is no
 * array. */
static char **
list_of (const CoreJsonNode *object, const char *name, const char *key)
{
  const CoreJsonNode *array = core_json_member (object, name);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  if (array == NULL || core_json_type (array) != CORE_JSON_ARRAY)
    return NULL;
  for (const CoreJsonNode *node = core_json_first (array); node != NULL; node = core_json_next (node))
    {
      const char *text = key != NULL ? text_of (node, key) : core_json_string (node);

      if (text != NULL && *text != '\0')
        g_ptr_array_add (list, g_strdup (text));
    }
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

static void
take_list (char ***to, char **list)
{
  g_strfreev (*to);
  *to = list;
}

/* "/t/example.com/weather/{version}": an API's own template is without its tenant. */
static const char *
without_tenant (const char *template)
{
  const char *rest = g_str_has_prefix (template, "/t/") ? strchr (template + strlen ("/t/"), '/') : NULL;

  return rest != NULL ? rest : template;
}

static gboolean
read_identity (CoreApi *api, const CoreJsonNode *root, GError **error)
{
  const CoreJsonNode *id = core_json_member (root, "id");
  const char *provider = text_of (id, "providerName"), *name = text_of (id, "apiName"),
             *version = text_of (id, "version");
  const char *template = text_of (root, "contextTemplate");

  if (name == NULL || version == NULL || provider == NULL)
    return refuse (error, "id/apiName, id/version and id/providerName must be there");
  if (template == NULL)
    template = text_of (root, "context");
  if (template == NULL)
    return refuse (error, "contextTemplate must be there");
  g_free (api->provider);
  api->provider = core_api_provider_decode (provider);
  core_api_set_text (&api->name, name);
  core_api_set_text (&api->version, version);
  core_api_set_text (&api->context_template, without_tenant (template));
  return TRUE;
}

/* One entry has one verb (httpVerb), or several with an authType and a tier each. */
static gboolean
read_resource (CoreApi *api, const CoreJsonNode *node, GError **error)
{
  const char *pattern = text_of (node, "uriTemplate"), *verb = text_of (node, "httpVerb");
  g_auto (GStrv) verbs = list_of (node, "httpVerbs", NULL), auth_types = list_of (node, "authTypes", NULL);
  g_auto (GStrv) tiers = list_of (node, "throttlingTiers", NULL);
  guint n_verbs = verbs != NULL ? g_strv_length (verbs) : 0;
  guint n_auth_types = auth_types != NULL ? g_strv_length (auth_types) : 0;
  guint n_tiers = tiers != NULL ? g_strv_length (tiers) : 0;

  if (pattern == NULL || (verb == NULL && n_verbs == 0))
    return refuse (error, "each of uriTemplates must have uriTemplate and httpVerb");
  for (guint i = 0; i < MAX (n_verbs, 1); i++)
    {
      const char *tier = i < n_tiers ? tiers[i] : text_of (node, "throttlingTier");
      CoreApiResource *resource
          = core_api_add_resource (api, n_verbs > 0 ? verbs[i] : verb, pattern,
                                   i < n_auth_types ? auth_types[i] : text_of (node, "authType"));

      core_api_set_text (&resource->throttling_tier, tier);
      core_api_set_text (&resource->mediation_script, text_of (node, "mediationScript"));
    }
  return TRUE;
}

static gboolean
read_resources (CoreApi *api, const CoreJsonNode *root, GError **error)
{
  const CoreJsonNode *array = core_json_member (root, "uriTemplates");

  if (array == NULL || core_json_type (array) != CORE_JSON_ARRAY)
    return TRUE;
  for (const CoreJsonNode *node = core_json_first (array); node != NULL; node = core_json_next (node))
    if (!read_resource (api, node, error))
      return FALSE;
  return TRUE;
}

static void
read_cors (CoreApi *api, const CoreJsonNode *cors)
{
  api->cors.enabled = flag_of (cors, "corsConfigurationEnabled");
  api->cors.allow_credentials = flag_of (cors, "accessControlAllowCredentials");
  take_list (&api->cors.allow_headers, list_of (cors, "accessControlAllowHeaders", NULL));
  take_list (&api->cors.allow_methods, list_of (cors, "accessControlAllowMethods", NULL));
  take_list (&api->cors.allow_origins, list_of (cors, "accessControlAllowOrigins", NULL));
}

/* NULL: there are none. */
static char *
properties_of (const CoreJsonNode *object)
{
  g_autoptr (GString) text = g_string_new ("{");

  if (object == NULL || core_json_type (object) != CORE_JSON_OBJECT)
    return NULL;
  for (const CoreJsonNode *node = core_json_first (object); node != NULL; node = core_json_next (node))
    if (core_json_string (node) != NULL)
      core_json_append_member (text, core_json_name (node), core_json_string (node));
  if (text->len == 1)
    return NULL;
  g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
read_rest (CoreApi *api, const CoreJsonNode *root)
{
  guint64 cache_timeout = number_of (root, "cacheTimeout");

  for (guint i = 0; i < G_N_ELEMENTS (text_keys); i++)
    if (text_of (root, text_keys[i].key) != NULL)
      core_api_set_text (&TEXT (api, &text_keys[i]), text_of (root, text_keys[i].key));
  for (guint i = 0; i < G_N_ELEMENTS (list_keys); i++)
    if (text_of (root, list_keys[i].key) != NULL)
      take_list (&LIST (api, &list_keys[i]), core_api_list_from_text (text_of (root, list_keys[i].key), ","));
  api->advertise_only = flag_of (root, "advertiseOnly");
  if (flag_of (root, "endpointSecured"))
    api->endpoint_security
        = flag_of (root, "endpointAuthDigest") ? CORE_ENDPOINT_SECURITY_DIGEST : CORE_ENDPOINT_SECURITY_BASIC;
  core_api_set_text (&api->endpoint_password, text_of (root, "endpointUTPassword"));
  api->is_default_version = flag_of (root, "isDefaultVersion");
  api->is_published_default_version = flag_of (root, "isPublishedDefaultVersion");
  api->response_caching = g_strcmp0 (text_of (root, "responseCache"), "Enabled") == 0;
  if (cache_timeout > 0)
    api->cache_timeout_s = (guint)cache_timeout;
  api->destination_stats = g_strcmp0 (text_of (root, "destinationStatsEnabled"), "Enabled") == 0;
  api->production_max_tps = number_of (root, "productionMaxTps");
  api->sandbox_max_tps = number_of (root, "sandboxMaxTps");
  g_free (api->additional_properties);
  api->additional_properties = properties_of (core_json_member (root, "additionalProperties"));
  take_list (&api->tags, list_of (root, "tags", NULL));
  take_list (&api->environments, list_of (root, "environments", NULL));
  take_list (&api->gateway_labels, list_of (root, "gatewayLabels", NULL));
  take_list (&api->tiers, list_of (root, "availableTiers", "name"));
  read_cors (api, core_json_member (root, "corsConfiguration"));
}

CoreApi *
core_archive_api_from_json (const char *json, gsize length, GError **error)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GError) problem = NULL;
  g_autoptr (CoreJson) parsed = core_json_parse_large (json, length, &problem);

  if (parsed == NULL)
    {
      refuse (error, problem->message);
      return NULL;
    }
  if (!read_identity (api, core_json_root (parsed), error)
      || !read_resources (api, core_json_root (parsed), error))
    return NULL;
  read_rest (api, core_json_root (parsed));
  return g_steal_pointer (&api);
}
