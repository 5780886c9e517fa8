#include "config.h"

#include "admin-cli/ctl-api-check.h"

#include "admin-cli/ctl-error.h"
#include "admin-cli/ctl-json.h"
#include "core/core-api-rules.h"
#include "core/core-openapi.h"
#include "core/core-portal.h"

#include <string.h>

/* The texts of a list, or of one text in which commas part them. (transfer full): NULL: there is none. */
static char **
list_of (JsonObject *object, const char *member)
{
  JsonArray *array = ctl_json_get_array (object, member);
  const char *text = ctl_json_get_text (object, member);
  if (array == NULL)
    return text != NULL ? core_api_list_from_text (text, ",") : NULL;
  g_autoptr (GStrvBuilder) list = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *element = ctl_json_display (json_array_get_element (array, i));
      g_strv_builder_add (list, element);
    }
  return g_strv_builder_end (list);
}

/* (transfer full): the text itself, or the value as text; NULL: not there. */
static char *
text_or_value (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  const char *text = ctl_json_get_text (object, member);
  if (text != NULL)
    return g_strdup (text);
  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? ctl_json_compact (node) : NULL;
}

static void
take_texts (CoreApi *api, JsonObject *spec)
{
  const struct
  {
    char **to;
    const char *member;
  } texts[] = {
    { &api->name, "name" },
    { &api->version, "version" },
    { &api->context_template, "context" },
    { &api->type, "type" },
    { &api->description, "description" },
    { &api->visibility, "visibility" },
    { &api->subscription_availability, "subscriptionAvailability" },
    { &api->wsdl_url, "wsdlUri" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (ctl_json_get_text (spec, texts[i].member) != NULL)
      core_api_set_text (texts[i].to, ctl_json_get_text (spec, texts[i].member));
}

static void
take_lists (CoreApi *api, JsonObject *spec)
{
  const struct
  {
    char ***to;
    const char *member;
  } lists[] = { { &api->tags, "tags" },
                { &api->tiers, "tiers" },
                { &api->transports, "transport" },
                { &api->visible_roles, "visibleRoles" },
                { &api->visible_tenants, "visibleTenants" } };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      char **list = list_of (spec, lists[i].member);
      if (list == NULL)
        continue;
      g_strfreev (*lists[i].to);
      *lists[i].to = list;
    }
}

/* Servers write a tenant's context with its place in front, "/t/example.com/weather", and take it so, too. */
static void
drop_tenant (CoreApi *api)
{
  const char *context = api->context_template;
  const char *own = context != NULL && g_str_has_prefix (context, "/t/") ? strchr (context + 3, '/') : NULL;
  if (own != NULL)
    {
      g_autofree char *rest = g_strdup (own);
      core_api_set_text (&api->context_template, rest);
    }
}

/* Resources and scopes of the document; what it breaks by itself is its violation. */
static void
take_definition (CoreApi *api, JsonObject *spec, GPtrArray *violations)
{
  g_autofree char *text = text_or_value (spec, "definition");
  g_autoptr (GError) error = NULL;
  if (text == NULL || core_openapi_read (text, strlen (text), api, &error))
    return;
  const GPtrArray *found = core_portal_error_violations (error);
  for (guint i = 0; found != NULL && i < found->len; i++)
    core_violations_add (violations, "definition", "%s", ((const CoreViolation *)found->pdata[i])->message);
  if (found == NULL)
    core_violations_add (violations, "definition", "%s", error->message);
}

/* Names the member of the manifest instead of what core calls what came out of it. */
static void
name_members (GPtrArray *violations)
{
  for (guint i = 0; i < violations->len; i++)
    {
      CoreViolation *violation = violations->pdata[i];
      if (g_str_has_prefix (violation->field, "resources") || g_str_has_prefix (violation->field, "scopes"))
        {
          g_autofree char *place = g_steal_pointer (&violation->field);
          violation->field = g_strconcat ("definition ", place, NULL);
        }
    }
}

GPtrArray *
ctl_api_check (JsonObject *spec)
{
  const CoreApiSurroundings unknown = { NULL };
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (CoreApi) api = core_api_new ();
  take_texts (api, spec);
  take_lists (api, spec);
  drop_tenant (api);
  api->endpoint_config = text_or_value (spec, "endpointConfig");
  take_definition (api, spec, violations);
  core_api_normalize (api);
  core_api_check (api, json_object_has_member (spec, "tiers") ? CORE_API_NEEDS_TIER : 0, &unknown, violations);
  name_members (violations);
  return g_steal_pointer (&violations);
}

gboolean
ctl_api_check_all (JsonObject *api, const char *what, GError **error)
{
  g_autoptr (GPtrArray) violations = ctl_api_check (api);
  g_autoptr (GString) words = g_string_new (NULL);
  for (guint i = 0; i < violations->len; i++)
    {
      const CoreViolation *violation = violations->pdata[i];
      g_string_append_printf (words, "%s%s: %s", i > 0 ? "; " : "", violation->field, violation->message);
    }
  if (violations->len > 0)
    ctl_error_set (error, CTL_ERROR_INVALID, "apimctl help api create", what, "%s; nothing was sent", words->str);
  return violations->len == 0;
}
