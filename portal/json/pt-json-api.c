#include "config.h"
#include "portal/json/pt-json-api.h"

#include "common/apim-environments.h"

#include <string.h>

#define VERSION_PART "/{version}"

/* Writing */

/* "/weather" of "/weather/{version}"; a template that has the version elsewhere stays as it is. */
static char *
shown_context (const char *template)
{
  if (template == NULL)
    return g_strdup ("");
  return g_str_has_suffix (template, VERSION_PART)
             ? g_strndup (template, strlen (template) - strlen (VERSION_PART))
             : g_strdup (template);
}

/* The members that lists have, too. */
static void
append_identity (GString *json, const CoreApiItem *item)
{
  g_autofree char *provider = core_api_provider_encode (item->provider);
  g_autofree char *id = item->uuid != NULL
                            ? g_strdup (item->uuid)
                            : g_strdup_printf ("%s-%s-%s", provider, item->name, item->version);
  g_autofree char *context = shown_context (item->context_template);
  g_autofree char *thumbnail
      = item->thumbnail_type != NULL ? g_strconcat ("/apis/", id, "/thumbnail", NULL) : NULL;

  core_json_append_member (json, "id", id);
  core_json_append_member (json, "name", item->name);
  core_json_append_member (json, "description", item->description);
  core_json_append_member (json, "context", context);
  core_json_append_member (json, "version", item->version);
  core_json_append_member (json, "provider", item->provider);
  core_json_append_member (json, "status", item->status);
  core_json_append_member (json, "thumbnailUri", thumbnail);
}

/* As a list would have it; borrows. */
static CoreApiItem
item_of (const CoreApi *api)
{
  return (CoreApiItem){ .uuid = api->uuid,
                        .provider = api->provider,
                        .name = api->name,
                        .version = api->version,
                        .context_template = api->context_template,
                        .status = api->status,
                        .description = api->description,
                        .thumbnail_type = api->thumbnail_type };
}

void
pt_json_api_append_item (GString *json, const CoreApiItem *item)
{
  g_string_append_c (json, '{');
  append_identity (json, item);
  g_string_append_c (json, '}');
}

static void
append_max_tps (GString *json, const CoreApi *api)
{
  core_json_append_name (json, "maxTps");
  if (api->production_max_tps == 0 && api->sandbox_max_tps == 0)
    {
      g_string_append (json, "null");
      return;
    }
  g_string_append_c (json, '{');
  if (api->production_max_tps > 0)
    core_json_append_int64 (json, "production", (gint64)api->production_max_tps);
  if (api->sandbox_max_tps > 0)
    core_json_append_int64 (json, "sandbox", (gint64)api->sandbox_max_tps);
  g_string_append_c (json, '}');
}

static void
append_endpoint (GString *json, const CoreApi *api)
{
  core_json_append_member (json, "endpointConfig", api->endpoint_config);
  core_json_append_name (json, "endpointSecurity");
  if (api->endpoint_security == CORE_ENDPOINT_SECURITY_NONE)
    {
      g_string_append (json, "null");
      return;
    }
  g_string_append_c (json, '{');
  core_json_append_member (json, "type",
                           api->endpoint_security == CORE_ENDPOINT_SECURITY_DIGEST ? "digest" : "basic");
  core_json_append_member (json, "username", api->endpoint_user);
  core_json_append_member (json, "password", "");
  g_string_append_c (json, '}');
}

static void
append_environments (GString *json, const CoreApi *api, const char *const *environments)
{
  const char *const *names
      = api->environments != NULL ? (const char *const *)api->environments : environments;
  g_autofree char *text = NULL;

  if (api->environments != NULL && *api->environments == NULL)
    text = g_strdup ("none");
  else if (names != NULL && *names != NULL)
    text = g_strjoinv (",", (char **)names);
  core_json_append_member (json, "gatewayEnvironments", text);
}

static void
append_sequence (GString *json, const char *type, const char *name)
{
  if (name == NULL)
    return;
  if (json->str[json->len - 1] != '[')
    g_string_append_c (json, ',');
  g_string_append_c (json, '{');
  core_json_append_member (json, "name", name);
  core_json_append_member (json, "type", type);
  core_json_append_member (json, "id", NULL);
  core_json_append_boolean (json, "shared", TRUE);
  g_string_append_c (json, '}');
}

static void
append_sequences (GString *json, const CoreApi *api)
{
  core_json_append_name (json, "sequences");
  g_string_append_c (json, '[');
  append_sequence (json, "in", api->in_sequence);
  append_sequence (json, "out", api->out_sequence);
  append_sequence (json, "fault", api->fault_sequence);
  g_string_append_c (json, ']');
}

static void
append_business (GString *json, const CoreApi *api)
{
  core_json_append_name (json, "businessInformation");
  g_string_append_c (json, '{');
  core_json_append_member (json, "businessOwner", api->business_owner);
  core_json_append_member (json, "businessOwnerEmail", api->business_owner_email);
  core_json_append_member (json, "technicalOwner", api->technical_owner);
  core_json_append_member (json, "technicalOwnerEmail", api->technical_owner_email);
  g_string_append_c (json, '}');
}

static void
append_cors (GString *json, const CoreApiCors *cors)
{
  core_json_append_name (json, "corsConfiguration");
  g_string_append_c (json, '{');
  core_json_append_boolean (json, "corsConfigurationEnabled", cors->enabled);
  core_json_append_texts (json, "accessControlAllowOrigins", (const char *const *)cors->allow_origins);
  core_json_append_boolean (json, "accessControlAllowCredentials", cors->allow_credentials);
  core_json_append_texts (json, "accessControlAllowHeaders", (const char *const *)cors->allow_headers);
  core_json_append_texts (json, "accessControlAllowMethods", (const char *const *)cors->allow_methods);
  g_string_append_c (json, '}');
}

static void
append_access (GString *json, const CoreApi *api)
{
  pt_json_append_upper (json, "visibility", api->visibility);
  core_json_append_texts (json, "visibleRoles", (const char *const *)api->visible_roles);
  core_json_append_texts (json, "visibleTenants", (const char *const *)api->visible_tenants);
  pt_json_append_upper (json, "accessControl",
                        g_strcmp0 (api->access_control, "all") == 0 ? "NONE" : api->access_control);
  core_json_append_texts (json, "accessControlRoles", (const char *const *)api->access_control_roles);
  core_json_append_member (json, "subscriptionAvailability", api->subscription_availability);
  core_json_append_texts (json, "subscriptionAvailableTenants",
                          (const char *const *)api->subscription_tenants);
}

static void
append_transports (GString *json, const CoreApi *api)
{
  static const char *const both[] = { "http", "https", NULL };

  core_json_append_texts (json, "transport",
                          api->transports != NULL ? (const char *const *)api->transports : both);
}

static void
append_additional_properties (GString *json, const CoreApi *api)
{
  core_json_append_name (json, "additionalProperties");
  g_string_append (json, api->additional_properties != NULL && *api->additional_properties != '\0'
                             ? api->additional_properties
                             : "{}");
}

void
pt_json_api_append (GString *json, const CoreApi *api, const char *const *environments,
                    const char *definition)
{
  const CoreApiItem item = item_of (api);

  g_string_append_c (json, '{');
  append_identity (json, &item);
  core_json_append_member (json, "apiDefinition", definition);
  core_json_append_member (json, "wsdlUri", api->wsdl_url);
  core_json_append_member (json, "responseCaching", api->response_caching ? "Enabled" : "Disabled");
  core_json_append_int64 (json, "cacheTimeout", api->cache_timeout_s);
  core_json_append_member (json, "destinationStatsEnabled", api->destination_stats ? "Enabled" : "Disabled");
  core_json_append_boolean (json, "isDefaultVersion", api->is_default_version);
  core_json_append_member (json, "type", api->type);
  append_transports (json, api);
  core_json_append_texts (json, "tags", (const char *const *)api->tags);
  core_json_append_texts (json, "tiers", (const char *const *)api->tiers);
  core_json_append_member (json, "apiLevelPolicy", api->api_tier);
  core_json_append_member (json, "authorizationHeader", api->authorization_header);
  core_json_append_member (json, "apiSecurity", api->api_security);
  append_max_tps (json, api);
  append_access (json, api);
  append_endpoint (json, api);
  append_environments (json, api, environments);
  core_json_append_texts (json, "labels", (const char *const *)api->gateway_labels);
  append_sequences (json, api);
  append_additional_properties (json, api);
  append_business (json, api);
  append_cors (json, &api->cors);
  g_string_append_c (json, '}');
}

/* For the Store */

static gboolean
serves (const CoreApi *api, const ApimEnvironment *environment)
{
  return api->environments == NULL
         || g_strv_contains ((const char *const *)api->environments, environment->name);
}

static void
append_url (GString *json, const ApimEnvironment *environment, const char *scheme, const char *context)
{
  g_autofree char *address = apim_environment_endpoint (environment, scheme);
  g_autofree char *url = address != NULL ? g_strconcat (address, context, NULL) : NULL;

  core_json_append_member (json, scheme, url);
}

void
pt_json_api_append_endpoint_urls (GString *json, const CoreApi *api, const GPtrArray *environments)
{
  g_autofree char *context = core_api_context (api);

  core_json_append_name (json, "endpointURLs");
  g_string_append_c (json, '[');
  for (guint i = 0; i < environments->len; i++)
    {
      const ApimEnvironment *environment = environments->pdata[i];

      if (!serves (api, environment))
        continue;
      if (json->str[json->len - 1] != '[')
        g_string_append_c (json, ',');
      g_string_append_c (json, '{');
      core_json_append_member (json, "environmentName", environment->name);
      core_json_append_member (json, "environmentType", apim_environment_type_text (environment->type));
      core_json_append_name (json, "environmentURLs");
      g_string_append_c (json, '{');
      append_url (json, environment, "http", context);
      append_url (json, environment, "https", context);
      g_string_append (json, "}}");
    }
  g_string_append_c (json, ']');
}

void
pt_json_api_append_for_store (GString *json, const CoreApi *api, const GPtrArray *environments,
                              const char *definition)
{
  const CoreApiItem item = item_of (api);

  g_string_append_c (json, '{');
  append_identity (json, &item);
  core_json_append_member (json, "apiDefinition", definition);
  core_json_append_member (json, "wsdlUri", api->wsdl_url);
  core_json_append_boolean (json, "isDefaultVersion", api->is_default_version);
  core_json_append_member (json, "type", api->type);
  append_transports (json, api);
  core_json_append_member (json, "authorizationHeader", api->authorization_header);
  core_json_append_texts (json, "tags", (const char *const *)api->tags);
  core_json_append_texts (json, "tiers", (const char *const *)api->tiers);
  pt_json_api_append_endpoint_urls (json, api, environments);
  append_additional_properties (json, api);
  append_business (json, api);
  g_string_append_c (json, '}');
}

/* Reading */

static void
lower (char **text)
{
  char *small = *text != NULL ? g_ascii_strdown (*text, -1) : NULL;

  g_free (*text);
  *text = small;
}

/* A text that has a default: null and "" are the default. */
static void
read_choice (const PtJson *json, const char *name, char **to)
{
  g_autofree char *standard = g_strdup (*to);

  pt_json_text (json, name, to);
  if (*to == NULL || **to == '\0')
    {
      g_free (*to);
      *to = g_steal_pointer (&standard);
    }
  lower (to);
}

static void
read_max_tps (const PtJson *json, CoreApi *api)
{
  PtJson limits = pt_json_object (json, "maxTps", "maxTps.");
  gint64 production = 0, sandbox = 0;

  pt_json_number (&limits, "production", 0, G_MAXINT64, &production);
  pt_json_number (&limits, "sandbox", 0, G_MAXINT64, &sandbox);
  api->production_max_tps = (guint64)production;
  api->sandbox_max_tps = (guint64)sandbox;
}

/* A password that is left out, or masked as the pages do, is the one that is known, of the same user. */
static void
keep_password (CoreApi *api, const CoreApi *stored)
{
  const char *given = api->endpoint_password;

  if (given != NULL && *given != '\0' && strcmp (given, "*****") != 0)
    return;
  if (stored != NULL && stored->endpoint_security != CORE_ENDPOINT_SECURITY_NONE
      && g_strcmp0 (stored->endpoint_user, api->endpoint_user) == 0)
    core_api_set_text (&api->endpoint_password, stored->endpoint_password);
}

static void
read_endpoint_security (const PtJson *json, CoreApi *api, const CoreApi *stored)
{
  PtJson security = pt_json_object (json, "endpointSecurity", "endpointSecurity.");
  g_autofree char *type = NULL;

  if (security.object == NULL)
    return;
  pt_json_text (&security, "type", &type);
  if (type == NULL || *type == '\0')
    return;
  if (g_ascii_strcasecmp (type, "basic") == 0)
    api->endpoint_security = CORE_ENDPOINT_SECURITY_BASIC;
  else if (g_ascii_strcasecmp (type, "digest") == 0)
    api->endpoint_security = CORE_ENDPOINT_SECURITY_DIGEST;
  else
    core_violations_add (json->violations, "endpointSecurity.type",
                         "The endpoint security type must be basic or digest.");
  pt_json_need_text (&security, "username", &api->endpoint_user);
  pt_json_text (&security, "password", &api->endpoint_password);
  keep_password (api, stored);
}

static void
read_environments (const PtJson *json, CoreApi *api)
{
  g_autofree char *text = NULL;

  pt_json_text (json, "gatewayEnvironments", &text);
  if (text == NULL)
    return;
  api->environments = g_ascii_strcasecmp (text, "none") != 0 ? core_api_list_from_text (text, ",") : NULL;
  if (api->environments == NULL)
    api->environments = g_new0 (char *, 1); /* none at all */
}

static void
read_sequences (const PtJson *json, CoreApi *api)
{
  for (const CoreJsonNode *node = pt_json_array (json, "sequences"); node != NULL;
       node = core_json_next (node))
    {
      const char *type = core_json_string (core_json_member (node, "type"));
      const char *name = core_json_string (core_json_member (node, "name"));

      if (name != NULL && g_strcmp0 (type, "in") == 0)
        core_api_set_text (&api->in_sequence, name);
      else if (name != NULL && g_strcmp0 (type, "out") == 0)
        core_api_set_text (&api->out_sequence, name);
      else if (name != NULL && g_strcmp0 (type, "fault") == 0)
        core_api_set_text (&api->fault_sequence, name);
      else
        core_violations_add (json->violations, "sequences",
                             "A sequence needs a name and one of the types in, out and fault.");
    }
}

void
pt_json_cors_read (const PtJson *json, CoreApiCors *cors)
{
  pt_json_boolean (json, "corsConfigurationEnabled", &cors->enabled);
  pt_json_boolean (json, "accessControlAllowCredentials", &cors->allow_credentials);
  pt_json_texts (json, "accessControlAllowOrigins", &cors->allow_origins);
  pt_json_texts (json, "accessControlAllowHeaders", &cors->allow_headers);
  pt_json_texts (json, "accessControlAllowMethods", &cors->allow_methods);
}

static void
read_business (const PtJson *json, CoreApi *api)
{
  PtJson object = pt_json_object (json, "businessInformation", "businessInformation.");

  pt_json_text (&object, "businessOwner", &api->business_owner);
  pt_json_text (&object, "businessOwnerEmail", &api->business_owner_email);
  pt_json_text (&object, "technicalOwner", &api->technical_owner);
  pt_json_text (&object, "technicalOwnerEmail", &api->technical_owner_email);
}

static void
read_access (const PtJson *json, CoreApi *api)
{
  read_choice (json, "visibility", &api->visibility);
  pt_json_texts (json, "visibleRoles", &api->visible_roles);
  pt_json_texts (json, "visibleTenants", &api->visible_tenants);
  read_choice (json, "accessControl", &api->access_control);
  if (g_strcmp0 (api->access_control, "none") == 0)
    core_api_set_text (&api->access_control, "all");
  pt_json_texts (json, "accessControlRoles", &api->access_control_roles);
  read_choice (json, "subscriptionAvailability", &api->subscription_availability);
  pt_json_texts (json, "subscriptionAvailableTenants", &api->subscription_tenants);
}

static void
read_caching (const PtJson *json, CoreApi *api)
{
  gint64 timeout_s = api->cache_timeout_s;

  pt_json_switch (json, "responseCaching", &api->response_caching);
  pt_json_number (json, "cacheTimeout", 0, G_MAXINT, &timeout_s);
  api->cache_timeout_s = (guint)timeout_s;
  pt_json_switch (json, "destinationStatsEnabled", &api->destination_stats);
}

/* An object of texts, written again as it was read. */
static void
read_additional_properties (const PtJson *json, CoreApi *api)
{
  PtJson object = pt_json_object (json, "additionalProperties", "additionalProperties.");
  GString *text;

  if (object.object == NULL)
    return;
  text = g_string_new ("{");
  for (const CoreJsonNode *node = core_json_first (object.object); node != NULL; node = core_json_next (node))
    {
      if (core_json_string (node) == NULL)
        core_violations_add (json->violations, "additionalProperties",
                             "Each of the additional properties must be a text.");
      core_json_append_member (text, core_json_name (node), core_json_string (node));
    }
  g_string_append_c (text, '}');
  g_free (api->additional_properties);
  api->additional_properties = g_string_free (text, FALSE);
}

static void
read_members (const PtJson *json, CoreApi *api, const CoreApi *stored)
{
  PtJson cors;

  pt_json_text (json, "name", &api->name);
  pt_json_text (json, "version", &api->version);
  pt_json_text (json, "context", &api->context_template);
  pt_json_text (json, "provider", &api->provider);
  pt_json_text (json, "description", &api->description);
  pt_json_text (json, "apiDefinition", &api->definition);
  pt_json_text (json, "wsdlUri", &api->wsdl_url);
  pt_json_text (json, "type", &api->type);
  read_caching (json, api);
  pt_json_boolean (json, "isDefaultVersion", &api->is_default_version);
  pt_json_texts (json, "transport", &api->transports);
  pt_json_texts (json, "tags", &api->tags);
  pt_json_texts (json, "tiers", &api->tiers);
  pt_json_text (json, "apiLevelPolicy", &api->api_tier);
  pt_json_text (json, "authorizationHeader", &api->authorization_header);
  pt_json_text (json, "apiSecurity", &api->api_security);
  pt_json_texts (json, "labels", &api->gateway_labels);
  read_max_tps (json, api);
  read_access (json, api);
  pt_json_text (json, "endpointConfig", &api->endpoint_config);
  read_endpoint_security (json, api, stored);
  read_environments (json, api);
  read_sequences (json, api);
  read_additional_properties (json, api);
  cors = pt_json_object (json, "corsConfiguration", "corsConfiguration.");
  pt_json_cors_read (&cors, &api->cors);
  read_business (json, api);
}

/* What an update cannot change is as it was, whatever the body says, as in WSO2's; so is what REST has no
 * member for, and the document with its resources where none is sent. */
static void
keep_stored (const PtJson *json, CoreApi *api, const CoreApi *stored)
{
  core_api_set_text (&api->uuid, stored->uuid);
  core_api_set_text (&api->name, stored->name);
  core_api_set_text (&api->version, stored->version);
  core_api_set_text (&api->provider, stored->provider);
  core_api_set_text (&api->context_template, stored->context_template);
  core_api_set_text (&api->status, stored->status);
  core_api_set_text (&api->type, stored->type);
  core_api_set_text (&api->wadl_url, stored->wadl_url);
  core_api_set_text (&api->implementation, stored->implementation);
  core_api_set_text (&api->thumbnail_type, stored->thumbnail_type);
  core_api_set_text (&api->redirect_url, stored->redirect_url);
  core_api_set_text (&api->api_owner, stored->api_owner);
  api->advertise_only = stored->advertise_only;
  if (!pt_json_has (json, "additionalProperties"))
    core_api_set_text (&api->additional_properties, stored->additional_properties);
  if (api->definition != NULL)
    return;
  core_api_set_text (&api->definition, stored->definition);
  g_clear_pointer (&api->resources, g_ptr_array_unref);
  g_clear_pointer (&api->scopes, g_ptr_array_unref);
  api->resources = g_ptr_array_ref (stored->resources);
  api->scopes = g_ptr_array_ref (stored->scopes);
}

CoreApi *
pt_json_api_read (const CoreJsonNode *body, const CoreApi *stored, GError **error)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const PtJson json = { body, "", violations };

  read_members (&json, api, stored);
  if (stored != NULL)
    keep_stored (&json, api, stored);
  return core_violations_check (violations, error) ? g_steal_pointer (&api) : NULL;
}
