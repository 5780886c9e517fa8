#include "config.h"
#include "portal/jaggery/pt-form-api.h"

#include "core/core-api-rules.h"
#include "portal/jaggery/pt-form-resources.h"
#include "portal/json/pt-json-api.h"

/* Reading */

static void
read_text (const PtFields *fields, const char *name, char **to)
{
  if (pt_fields_raw (fields, name) != NULL)
    core_api_set_text (to, pt_fields_get (fields, name));
}

static void
read_list (const PtFields *fields, const char *name, char ***to)
{
  if (pt_fields_raw (fields, name) == NULL)
    return;
  g_strfreev (*to);
  *to = core_api_list_from_text (pt_fields_get (fields, name), ",");
}

/* "Enabled" or "Disabled"; enabled also where a page sends what it calls so. */
static void
read_switch (const PtFields *fields, const char *name, gboolean *to)
{
  const char *text = pt_fields_get (fields, name);

  if (text != NULL)
    *to = g_ascii_strcasecmp (text, "Enabled") == 0 || g_ascii_strcasecmp (text, "true") == 0;
}

static void
read_tps (const PtFields *fields, const char *name, const char *words, guint64 *to, GPtrArray *violations)
{
  if (pt_fields_raw (fields, name) != NULL && !core_api_parse_tps (pt_fields_get (fields, name), to))
    core_violations_add (violations, name, "Invalid input for %s TPS", words);
}

static void
read_transports (const PtFields *fields, CoreApi *api)
{
  gboolean http
      = pt_fields_get (fields, "http_checked") != NULL || pt_fields_get (fields, "transport_http") != NULL;
  gboolean https
      = pt_fields_get (fields, "https_checked") != NULL || pt_fields_get (fields, "transport_https") != NULL;
  const char *const names[] = { http ? "http" : "https", http && https ? "https" : NULL, NULL };

  if (http || https)
    core_api_set_list (&api->transports, names);
}

/* The URL of a page from before endpoint configurations. */
static void
append_legacy (GString *json, const char *side, const char *url)
{
  g_autofree char *full
      = url == NULL || strstr (url, "://") != NULL ? g_strdup (url) : g_strconcat ("http://", url, NULL);

  if (full == NULL)
    return;
  core_json_append_name (json, side);
  g_string_append_c (json, '{');
  core_json_append_member (json, "url", full);
  core_json_append_member (json, "config", NULL);
  g_string_append_c (json, '}');
}

static void
read_endpoint (const PtFields *fields, CoreApi *api)
{
  const char *production = pt_fields_get (fields, "endpoint"), *sandbox = pt_fields_get (fields, "sandbox");
  GString *json;

  if (pt_fields_get (fields, "endpoint_config") != NULL)
    core_api_set_text (&api->endpoint_config, pt_fields_get (fields, "endpoint_config"));
  else if (production != NULL || sandbox != NULL)
    {
      json = g_string_new ("{");
      append_legacy (json, "production_endpoints", production);
      append_legacy (json, "sandbox_endpoints", sandbox);
      core_json_append_member (json, "endpoint_type", "http");
      g_string_append_c (json, '}');
      g_free (api->endpoint_config);
      api->endpoint_config = g_string_free (json, FALSE);
    }
}

/* The password that the page shows as "*****" is the one that is known. */
static void
read_security (const PtFields *fields, CoreApi *api)
{
  const char *type = pt_fields_get (fields, "endpointType"),
             *auth = pt_fields_get (fields, "endpointAuthType");
  const char *password = pt_fields_raw (fields, "epPassword");

  if (type == NULL)
    return;
  if (g_ascii_strcasecmp (type, "secured") != 0)
    {
      api->endpoint_security = CORE_ENDPOINT_SECURITY_NONE;
      core_api_set_text (&api->endpoint_user, NULL);
      core_api_set_text (&api->endpoint_password, NULL);
      return;
    }
  api->endpoint_security = g_strcmp0 (auth, "digestAuth") == 0 || g_strcmp0 (auth, "digest") == 0
                               ? CORE_ENDPOINT_SECURITY_DIGEST
                               : CORE_ENDPOINT_SECURITY_BASIC;
  read_text (fields, "epUsername", &api->endpoint_user);
  if (password != NULL && *password != '\0' && !g_str_equal (password, "*****"))
    core_api_set_text (&api->endpoint_password, password);
}

static void
read_cors (const PtFields *fields, CoreApi *api, GPtrArray *violations)
{
  const char *text = pt_fields_get (fields, "corsConfiguration");
  g_autoptr (CoreJson) parsed = text != NULL ? core_json_parse (text, strlen (text), NULL) : NULL;
  PtJson json = { parsed != NULL ? core_json_root (parsed) : NULL, "corsConfiguration.", violations };

  if (text != NULL && parsed == NULL)
    core_violations_add (violations, "corsConfiguration", "corsConfiguration is no JSON object.");
  else if (parsed != NULL)
    pt_json_cors_read (&json, &api->cors);
}

static void
read_gateways (const PtFields *fields, CoreApi *api)
{
  const char *text = pt_fields_get (fields, "environments");

  if (text == NULL)
    return;
  g_strfreev (api->environments);
  api->environments = g_ascii_strcasecmp (text, "none") != 0 ? core_api_list_from_text (text, ",") : NULL;
  if (api->environments == NULL)
    api->environments = g_new0 (char *, 1); /* none at all */
}

static void
read_business (const PtFields *fields, CoreApi *api)
{
  read_text (fields, "bizOwner", &api->business_owner);
  read_text (fields, "bizOwnerMail", &api->business_owner_email);
  read_text (fields, "techOwner", &api->technical_owner);
  read_text (fields, "techOwnerMail", &api->technical_owner_email);
  read_text (fields, "redirectURL", &api->redirect_url);
  read_text (fields, "apiOwner", &api->api_owner);
  if (pt_fields_get (fields, "advertiseOnly") != NULL)
    api->advertise_only = g_ascii_strcasecmp (pt_fields_get (fields, "advertiseOnly"), "true") == 0;
}

static void
read_caching (const PtFields *fields, CoreApi *api)
{
  guint64 seconds;

  read_switch (fields, "responseCache", &api->response_caching);
  read_switch (fields, "destinationStats", &api->destination_stats);
  /* What is no number keeps the standard, as in WSO2's. */
  if (pt_fields_get (fields, "cacheTimeout") != NULL && api->response_caching
      && g_ascii_string_to_unsigned (pt_fields_get (fields, "cacheTimeout"), 10, 0, G_MAXINT, &seconds, NULL))
    api->cache_timeout_s = (guint)seconds;
}

static void
read_access (const PtFields *fields, CoreApi *api)
{
  read_text (fields, "visibility", &api->visibility);
  read_list (fields, "roles", &api->visible_roles);
  read_text (fields, "accessControl", &api->access_control);
  read_list (fields, "accessControlRoles", &api->access_control_roles);
  read_text (fields, "subscriptions", &api->subscription_availability);
  read_list (fields, "tenants", &api->subscription_tenants);
}

void
pt_form_api_read (const PtFields *fields, CoreApi *api, GPtrArray *violations)
{
  read_text (fields, "description", &api->description);
  read_list (fields, "tags", &api->tags);
  read_list (fields, "tiersCollection", &api->tiers);
  read_access (fields, api);
  read_transports (fields, api);
  read_endpoint (fields, api);
  read_security (fields, api);
  read_text (fields, "wsdl", &api->wsdl_url);
  read_text (fields, "wadl", &api->wadl_url);
  read_text (fields, "inSequence", &api->in_sequence);
  read_text (fields, "outSequence", &api->out_sequence);
  read_text (fields, "faultSequence", &api->fault_sequence);
  read_business (fields, api);
  read_caching (fields, api);
  read_gateways (fields, api);
  read_tps (fields, "productionTps", "Production", &api->production_max_tps, violations);
  read_tps (fields, "sandboxTps", "Sandbox", &api->sandbox_max_tps, violations);
  read_cors (fields, api, violations);
  if (pt_fields_get (fields, "enableApiLevelPolicy") != NULL || pt_fields_get (fields, "apiTier") != NULL)
    core_api_set_text (&api->api_tier,
                       g_strcmp0 (pt_fields_get (fields, "enableApiLevelPolicy"), "false") != 0
                           ? pt_fields_get (fields, "apiTier")
                           : NULL);
  if (pt_fields_raw (fields, "default_version_checked") != NULL)
    api->is_default_version
        = g_strcmp0 (pt_fields_get (fields, "default_version_checked"), "default_version") == 0;
  read_text (fields, "authorizationHeader", &api->authorization_header);
  pt_form_resources_read (fields, api, violations);
}

/* Writing */

static void
append_list (GString *json, const char *name, char *const *list)
{
  g_autofree char *text = core_api_list_to_text ((const char *const *)list, ",");

  core_json_append_member (json, name, text != NULL ? text : "");
}

static void
append_templates (GString *json, const CoreApi *api)
{
  core_json_append_name (json, "templates");
  g_string_append_c (json, '[');
  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = api->resources->pdata[i];
      const char *const row[]
          = { resource->url_pattern, resource->verb, core_api_auth_type_text (resource->auth_type),
              resource->throttling_tier != NULL ? resource->throttling_tier : "Unlimited", NULL };

      g_string_append (json, i > 0 ? ",[" : "[");
      for (guint n = 0; row[n] != NULL; n++)
        {
          if (n > 0)
            g_string_append_c (json, ',');
          core_json_append_string (json, row[n]);
        }
      g_string_append_c (json, ']');
    }
  g_string_append_c (json, ']');
}

static void
append_transports (GString *json, const CoreApi *api)
{
  const char *const *names = (const char *const *)api->transports;

  core_json_append_member (json, "transport_http",
                           names == NULL || g_strv_contains (names, "http") ? "checked" : "");
  core_json_append_member (json, "transport_https",
                           names == NULL || g_strv_contains (names, "https") ? "checked" : "");
}

static void
append_endpoint (GString *json, const CoreApi *api)
{
  gboolean secured = api->endpoint_security != CORE_ENDPOINT_SECURITY_NONE;

  core_json_append_member (json, "endpointConfig", api->endpoint_config);
  core_json_append_member (json, "endpointTypeSecured", secured ? "true" : "false");
  core_json_append_member (json, "epUsername", api->endpoint_user);
  core_json_append_member (json, "epPassword", secured ? "*****" : NULL);
}

void
pt_form_api_append (GString *json, const CoreApi *api)
{
  g_autofree char *context = core_api_context (api);
  g_autofree char *timeout = g_strdup_printf ("%u", api->cache_timeout_s);
  g_autofree char *updated = g_strdup_printf ("%" G_GINT64_FORMAT, api->updated_ms);

  g_string_append_c (json, '{');
  core_json_append_member (json, "name", api->name);
  core_json_append_member (json, "version", api->version);
  core_json_append_member (json, "provider", api->provider);
  core_json_append_member (json, "description", api->description);
  core_json_append_member (json, "context", context);
  core_json_append_member (json, "status", api->status);
  append_endpoint (json, api);
  core_json_append_member (json, "wsdl", api->wsdl_url);
  core_json_append_member (json, "wadl", api->wadl_url);
  append_list (json, "tags", api->tags);
  append_list (json, "availableTiers", api->tiers);
  append_list (json, "availableTiersDisplayNames", api->tiers);
  append_templates (json, api);
  append_transports (json, api);
  core_json_append_member (json, "visibility", api->visibility);
  append_list (json, "roles", api->visible_roles);
  core_json_append_member (json, "responseCache", api->response_caching ? "Enabled" : "Disabled");
  core_json_append_member (json, "cacheTimeout", timeout);
  core_json_append_member (json, "inSequence", api->in_sequence);
  core_json_append_member (json, "outSequence", api->out_sequence);
  core_json_append_member (json, "subscriptionAvailability", api->subscription_availability);
  append_list (json, "subscriptionTenants", api->subscription_tenants);
  core_json_append_member (json, "lastUpdated", updated);
  core_json_append_member (json, "bizOwner", api->business_owner);
  core_json_append_member (json, "bizOwnerMail", api->business_owner_email);
  core_json_append_member (json, "techOwner", api->technical_owner);
  core_json_append_member (json, "techOwnerMail", api->technical_owner_email);
  core_json_append_member (json, "isDefaultVersion", api->is_default_version ? "true" : "false");
  g_string_append_c (json, '}');
}
