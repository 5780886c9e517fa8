/* What users write, in the form that is stored: the half of core-api-rules.h that changes something. */
#include "config.h"
#include "core/core-api-rules.h"

#include <string.h>

#define PLACE "{version}"

static void
strip (char *text)
{
  if (text != NULL)
    g_strstrip (text);
}

static void
take (char **to, char *text)
{
  g_free (*to);
  *to = text;
}

static void
lower (char **text)
{
  strip (*text);
  if (*text != NULL)
    take (text, g_ascii_strdown (*text, -1));
}

static void
upper (char **text)
{
  strip (*text);
  if (*text != NULL)
    take (text, g_ascii_strup (*text, -1));
}

/* A "/" at the end is a rule broken, which must be seen before a version would hide it. */
static void
normalize_context (CoreApi *api)
{
  strip (api->context_template);
  if (api->context_template == NULL || *api->context_template == '\0')
    return;
  if (api->context_template[0] != '/')
    take (&api->context_template, g_strconcat ("/", api->context_template, NULL));
  if (strstr (api->context_template, PLACE) == NULL && !g_str_has_suffix (api->context_template, "/"))
    take (&api->context_template, g_strconcat (api->context_template, "/" PLACE, NULL));
}

static void
normalize_resource (CoreApiResource *resource)
{
  const char *stored = core_api_auth_type (resource->auth_type);

  upper (&resource->verb);
  strip (resource->url_pattern);
  if (resource->url_pattern != NULL && resource->url_pattern[0] != '/')
    take (&resource->url_pattern, g_strconcat ("/", resource->url_pattern, NULL));
  if (stored != NULL)
    core_api_set_text (&resource->auth_type, stored);
  else if (resource->auth_type == NULL || *resource->auth_type == '\0')
    core_api_set_text (&resource->auth_type, "Any");
}

/* "none" of forms and archives. */
static void
normalize_sequence (char **name)
{
  strip (*name);
  if (*name != NULL && (**name == '\0' || g_ascii_strcasecmp (*name, "none") == 0))
    g_clear_pointer (name, g_free);
}

static void
clear_empty (char **text)
{
  if (*text != NULL && **text == '\0')
    g_clear_pointer (text, g_free);
}

static void
normalize_words (CoreApi *api)
{
  upper (&api->type);
  upper (&api->implementation);
  lower (&api->visibility);
  lower (&api->access_control);
  lower (&api->subscription_availability);
  for (guint i = 0; api->transports != NULL && api->transports[i] != NULL; i++)
    lower (&api->transports[i]);
  if (g_strcmp0 (api->visibility, "restricted") != 0)
    g_clear_pointer (&api->visible_roles, g_strfreev);
  if (g_strcmp0 (api->access_control, "restricted") != 0)
    g_clear_pointer (&api->access_control_roles, g_strfreev);
  if (g_strcmp0 (api->subscription_availability, "specific_tenants") != 0)
    g_clear_pointer (&api->subscription_tenants, g_strfreev);
}

void
core_api_normalize (CoreApi *api)
{
  strip (api->name);
  strip (api->version);
  normalize_context (api);
  normalize_words (api);
  for (guint i = 0; i < api->resources->len; i++)
    normalize_resource (api->resources->pdata[i]);
  normalize_sequence (&api->in_sequence);
  normalize_sequence (&api->out_sequence);
  normalize_sequence (&api->fault_sequence);
  clear_empty (&api->api_tier);
  clear_empty (&api->endpoint_config);
  clear_empty (&api->wsdl_url);
  clear_empty (&api->wadl_url);
  clear_empty (&api->authorization_header);
  clear_empty (&api->additional_properties);
  clear_empty (&api->definition);
}
