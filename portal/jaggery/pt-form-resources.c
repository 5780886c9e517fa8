#include "config.h"
#include "portal/jaggery/pt-form-resources.h"

#include "core/core-api-rules.h"
#include "core/core-json.h"

static void
drop_resources (CoreApi *api)
{
  g_clear_pointer (&api->definition, g_free); /* it is made from the resources */
  g_ptr_array_set_size (api->resources, 0);
  g_ptr_array_set_size (api->scopes, 0);
}

/* resource_config: {scopes:[{key,name,roles,description}], resources:[{url_pattern,
 * http_verbs:{VERB:{auth_type,throttling_tier,scope}}}]} */

static void
add_scopes (const CoreJsonNode *scopes, CoreApi *api)
{
  if (scopes == NULL || core_json_type (scopes) != CORE_JSON_ARRAY)
    return;
  for (const CoreJsonNode *node = core_json_first (scopes); node != NULL; node = core_json_next (node))
    {
      const char *key = core_json_string (core_json_member (node, "key"));
      g_auto (GStrv) roles
          = core_api_list_from_text (core_json_string (core_json_member (node, "roles")), ",");
      CoreApiScope *scope = core_api_add_scope (api, key != NULL ? key : "",
                                                core_json_string (core_json_member (node, "name")),
                                                (const char *const *)roles);

      core_api_set_text (&scope->description, core_json_string (core_json_member (node, "description")));
    }
}

static void
add_verbs (const CoreJsonNode *resource, CoreApi *api, GPtrArray *violations)
{
  const char *pattern = core_json_string (core_json_member (resource, "url_pattern"));
  const CoreJsonNode *verbs = core_json_member (resource, "http_verbs");

  if (pattern == NULL || verbs == NULL || core_json_type (verbs) != CORE_JSON_OBJECT)
    {
      core_violations_add (violations, "resource_config",
                           "Each resource needs a url_pattern and http_verbs.");
      return;
    }
  for (const CoreJsonNode *verb = core_json_first (verbs); verb != NULL; verb = core_json_next (verb))
    {
      CoreApiResource *added = core_api_add_resource (
          api, core_json_name (verb), pattern, core_json_string (core_json_member (verb, "auth_type")));

      core_api_set_text (&added->throttling_tier,
                         core_json_string (core_json_member (verb, "throttling_tier")));
      core_api_set_text (&added->scope, core_json_string (core_json_member (verb, "scope")));
    }
}

static void
read_config (const char *text, CoreApi *api, GPtrArray *violations)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CoreJson) json = core_json_parse (text, strlen (text), &error);
  const CoreJsonNode *resources;

  if (json == NULL)
    {
      core_violations_add (violations, "resource_config", "resource_config is %s.", error->message);
      return;
    }
  drop_resources (api);
  add_scopes (core_json_member (core_json_root (json), "scopes"), api);
  resources = core_json_member (core_json_root (json), "resources");
  if (resources == NULL || core_json_type (resources) != CORE_JSON_ARRAY)
    {
      core_violations_add (violations, "resource_config", "resource_config has no array of resources.");
      return;
    }
  for (const CoreJsonNode *node = core_json_first (resources); node != NULL; node = core_json_next (node))
    add_verbs (node, api, violations);
}

/* resourceCount and what belongs to each index: verbs, auth types and tiers are parallel lists. */

static const char *
field (const PtFields *fields, const char *name, guint index)
{
  g_autofree char *full = g_strdup_printf ("%s-%u", name, index);

  return pt_fields_get (fields, full);
}

/* The element of a parallel list; one element serves all. */
static const char *
element (GStrv list, guint index)
{
  guint length = list != NULL ? g_strv_length (list) : 0;

  if (length == 0)
    return NULL;
  return g_strstrip (list[index < length ? index : length - 1]);
}

static GStrv
split (const char *text)
{
  return text != NULL ? g_strsplit (text, ",", -1) : NULL;
}

static void
read_indexed (const PtFields *fields, guint index, CoreApi *api, GPtrArray *violations)
{
  const char *pattern = field (fields, "uriTemplate", index);
  g_auto (GStrv) verbs = split (field (fields, "resourceMethod", index));
  g_auto (GStrv) auth_types = split (field (fields, "resourceMethodAuthType", index));
  g_auto (GStrv) tiers = split (field (fields, "resourceMethodThrottlingTier", index));

  if (pattern == NULL || verbs == NULL)
    {
      core_violations_add (violations, "resources",
                           "The resource %u has no uriTemplate-%u or no resourceMethod-%u.", index, index,
                           index);
      return;
    }
  for (guint i = 0; verbs[i] != NULL; i++)
    {
      CoreApiResource *added
          = core_api_add_resource (api, g_strstrip (verbs[i]), pattern, element (auth_types, i));

      core_api_set_text (&added->throttling_tier, element (tiers, i));
    }
}

/* "0" means one resource, with the index 0; more name the last index in some clients and the count in others,
 * so what is there counts. */
static void
read_counted (const PtFields *fields, const char *text, CoreApi *api, GPtrArray *violations)
{
  guint64 count;

  if (!g_ascii_string_to_unsigned (text, 10, 0, CORE_API_MAX_RESOURCES, &count, NULL))
    {
      core_violations_add (violations, "resourceCount", "resourceCount must be a number up to %d.",
                           CORE_API_MAX_RESOURCES);
      return;
    }
  drop_resources (api);
  for (guint i = 0; i < MAX (count, 1); i++)
    read_indexed (fields, i, api, violations);
  if (count > 0 && field (fields, "uriTemplate", (guint)count) != NULL)
    read_indexed (fields, (guint)count, api, violations);
}

void
pt_form_resources_read (const PtFields *fields, CoreApi *api, GPtrArray *violations)
{
  const char *swagger = pt_fields_get (fields, "swagger");
  const char *config = swagger == NULL ? pt_fields_get (fields, "resource_config") : NULL;
  const char *count = swagger == NULL && config == NULL ? pt_fields_get (fields, "resourceCount") : NULL;

  if (swagger != NULL)
    core_api_set_text (&api->definition, swagger);
  else if (config != NULL)
    read_config (config, api, violations);
  else if (count != NULL)
    read_counted (fields, count, api, violations);
}
