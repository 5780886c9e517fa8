#include "config.h"
#include "core/core-api.h"

#include "store/st-records.h"

#include <stddef.h>
#include <string.h>

#define PLACE "{version}"
#define AT "-AT-"

/* The record's owned texts and lists, for copying and freeing. */
static const gsize texts[] = {
  offsetof (CoreApi, uuid),
  offsetof (CoreApi, provider),
  offsetof (CoreApi, name),
  offsetof (CoreApi, version),
  offsetof (CoreApi, tenant_domain),
  offsetof (CoreApi, context_template),
  offsetof (CoreApi, status),
  offsetof (CoreApi, type),
  offsetof (CoreApi, description),
  offsetof (CoreApi, visibility),
  offsetof (CoreApi, access_control),
  offsetof (CoreApi, api_tier),
  offsetof (CoreApi, definition),
  offsetof (CoreApi, endpoint_config),
  offsetof (CoreApi, endpoint_user),
  offsetof (CoreApi, endpoint_password),
  offsetof (CoreApi, implementation),
  offsetof (CoreApi, in_sequence),
  offsetof (CoreApi, out_sequence),
  offsetof (CoreApi, fault_sequence),
  offsetof (CoreApi, wsdl_url),
  offsetof (CoreApi, wadl_url),
  offsetof (CoreApi, subscription_availability),
  offsetof (CoreApi, authorization_header),
  offsetof (CoreApi, api_security),
  offsetof (CoreApi, business_owner),
  offsetof (CoreApi, business_owner_email),
  offsetof (CoreApi, technical_owner),
  offsetof (CoreApi, technical_owner_email),
  offsetof (CoreApi, redirect_url),
  offsetof (CoreApi, api_owner),
  offsetof (CoreApi, additional_properties),
  offsetof (CoreApi, thumbnail_type),
};
static const gsize lists[] = {
  offsetof (CoreApi, tags),
  offsetof (CoreApi, visible_roles),
  offsetof (CoreApi, visible_tenants),
  offsetof (CoreApi, access_control_roles),
  offsetof (CoreApi, tiers),
  offsetof (CoreApi, transports),
  offsetof (CoreApi, environments),
  offsetof (CoreApi, cors.allow_origins),
  offsetof (CoreApi, cors.allow_headers),
  offsetof (CoreApi, cors.allow_methods),
  offsetof (CoreApi, subscription_tenants),
  offsetof (CoreApi, gateway_labels),
};

static char **
text_at (CoreApi *api, gsize offset)
{
  return (char **)G_STRUCT_MEMBER_P (api, offset);
}

static char ***
list_at (CoreApi *api, gsize offset)
{
  return (char ***)G_STRUCT_MEMBER_P (api, offset);
}

static void
resource_free (gpointer data)
{
  CoreApiResource *resource = data;

  g_free (resource->url_pattern);
  g_free (resource->verb);
  g_free (resource->auth_type);
  g_free (resource->throttling_tier);
  g_free (resource->scope);
  g_free (resource->mediation_script);
  g_free (resource);
}

static void
scope_free (gpointer data)
{
  CoreApiScope *scope = data;

  g_free (scope->key);
  g_free (scope->name);
  g_free (scope->description);
  g_strfreev (scope->roles);
  g_free (scope);
}

static gpointer
resource_copy (gconstpointer source, gpointer data)
{
  const CoreApiResource *from = source;
  CoreApiResource *to = g_new0 (CoreApiResource, 1);

  to->url_pattern = g_strdup (from->url_pattern);
  to->verb = g_strdup (from->verb);
  to->auth_type = g_strdup (from->auth_type);
  to->throttling_tier = g_strdup (from->throttling_tier);
  to->scope = g_strdup (from->scope);
  to->mediation_script = g_strdup (from->mediation_script);
  return to;
}

static gpointer
scope_copy (gconstpointer source, gpointer data)
{
  const CoreApiScope *from = source;
  CoreApiScope *to = g_new0 (CoreApiScope, 1);

  to->key = g_strdup (from->key);
  to->name = g_strdup (from->name);
  to->description = g_strdup (from->description);
  to->roles = g_strdupv (from->roles);
  return to;
}

CoreApi *
core_api_new (void)
{
  CoreApi *api = g_new0 (CoreApi, 1);

  api->tenant_id = ST_SUPER_TENANT_ID;
  api->tenant_domain = g_strdup (ST_SUPER_TENANT_DOMAIN);
  api->type = g_strdup ("HTTP");
  api->visibility = g_strdup ("public");
  api->access_control = g_strdup ("all");
  api->implementation = g_strdup ("ENDPOINT");
  api->subscription_availability = g_strdup ("current_tenant");
  api->cache_timeout_s = CORE_API_CACHE_TIMEOUT_S;
  api->resources = g_ptr_array_new_with_free_func (resource_free);
  api->scopes = g_ptr_array_new_with_free_func (scope_free);
  return api;
}

CoreApi *
core_api_copy (const CoreApi *api)
{
  CoreApi *copy = g_memdup2 (api, sizeof *api);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *text_at (copy, texts[i]) = g_strdup (*text_at (copy, texts[i]));
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    *list_at (copy, lists[i]) = g_strdupv (*list_at (copy, lists[i]));
  copy->resources = g_ptr_array_copy (api->resources, resource_copy, NULL);
  copy->scopes = g_ptr_array_copy (api->scopes, scope_copy, NULL);
  return copy;
}

void
core_api_free (CoreApi *api)
{
  if (api == NULL)
    return;
  if (api->endpoint_password != NULL)
    explicit_bzero (api->endpoint_password, strlen (api->endpoint_password));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (*text_at (api, texts[i]));
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    g_strfreev (*list_at (api, lists[i]));
  g_ptr_array_unref (api->resources);
  g_ptr_array_unref (api->scopes);
  g_free (api);
}

CoreApiResource *
core_api_add_resource (CoreApi *api, const char *verb, const char *url_pattern, const char *auth_type)
{
  CoreApiResource *resource = g_new0 (CoreApiResource, 1);

  resource->verb = g_strdup (verb);
  resource->url_pattern = g_strdup (url_pattern);
  resource->auth_type = g_strdup (auth_type != NULL ? auth_type : "Any");
  g_ptr_array_add (api->resources, resource);
  return resource;
}

CoreApiScope *
core_api_add_scope (CoreApi *api, const char *key, const char *name, const char *const *roles)
{
  CoreApiScope *scope = g_new0 (CoreApiScope, 1);

  scope->key = g_strdup (key);
  scope->name = g_strdup (name);
  scope->roles = g_strdupv ((char **)roles);
  g_ptr_array_add (api->scopes, scope);
  return scope;
}

const CoreApiScope *
core_api_find_scope (const CoreApi *api, const char *key)
{
  for (guint i = 0; i < api->scopes->len; i++)
    {
      const CoreApiScope *scope = api->scopes->pdata[i];

      if (g_strcmp0 (scope->key, key) == 0)
        return scope;
    }
  return NULL;
}

char *
core_api_full_template (const CoreApi *api)
{
  if (api->tenant_id == ST_SUPER_TENANT_ID)
    return g_strdup (api->context_template);
  return g_strconcat ("/t/", api->tenant_domain, api->context_template, NULL);
}

char *
core_api_context (const CoreApi *api)
{
  g_autofree char *template = core_api_full_template (api);
  GString *context = g_string_new (template);

  g_string_replace (context, PLACE, api->version, 0);
  return g_string_free (context, FALSE);
}

char *
core_api_provider_encode (const char *provider)
{
  GString *text = g_string_new (provider);

  g_string_replace (text, "@", AT, 0);
  return g_string_free (text, FALSE);
}

char *
core_api_provider_decode (const char *provider)
{
  GString *text = g_string_new (provider);

  g_string_replace (text, AT, "@", 0);
  return g_string_free (text, FALSE);
}

char *
core_api_identifier (const CoreApi *api)
{
  g_autofree char *provider = core_api_provider_encode (api->provider);

  return g_strconcat (provider, "-", api->name, "-", api->version, NULL);
}

char *
core_api_label (const CoreApi *api)
{
  return g_strconcat (api->name, "-", api->version, NULL);
}

char *
core_api_etag (const CoreApi *api)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "-%s", api->id, api->revision,
                          api->status != NULL ? api->status : "NEW");
}

gboolean
core_api_state_is_deployed (const char *state)
{
  static const char *const deployed[] = { "PUBLISHED", "PROTOTYPED", "BLOCKED", "DEPRECATED", NULL };

  return state != NULL && g_strv_contains (deployed, state);
}

void
core_api_set_text (char **to, const char *from)
{
  char *copy = g_strdup (from);

  g_free (*to);
  *to = copy;
}

void
core_api_set_list (char ***to, const char *const *from)
{
  char **copy = g_strdupv ((char **)from);

  g_strfreev (*to);
  *to = copy;
}

char **
core_api_list_from_text (const char *text, const char *separator)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", separator, -1);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0'
        && !g_ptr_array_find_with_equal_func (list, parts[i], g_str_equal, NULL))
      g_ptr_array_add (list, g_strdup (parts[i]));
  if (list->len == 0)
    return NULL;
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_steal (list, NULL);
}

char *
core_api_list_to_text (const char *const *list, const char *separator)
{
  return list != NULL && *list != NULL ? g_strjoinv (separator, (char **)list) : NULL;
}
