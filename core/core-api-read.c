#include "config.h"
#include "core/core-api-read.h"

#include "core/core-api-private.h"
#include "core/core-artifact.h"

#include <string.h>

/* The tenant whose API a context names: "/t/<domain>/..."; NULL: the super tenant's. Free with g_free(). */
static char *
tenant_of_context (const char *context)
{
  const char *end;

  if (context == NULL || !g_str_has_prefix (context, "/t/"))
    return NULL;
  end = strchr (context + 3, '/');
  return end != NULL ? g_strndup (context + 3, (gsize)(end - context - 3)) : g_strdup (context + 3);
}

char *
core_api_tenant_of_context (const char *context)
{
  char *domain = tenant_of_context (context);

  return domain != NULL ? domain : g_strdup (ST_SUPER_TENANT_DOMAIN);
}

/* Asked of every API by every list: without a copy of the domain. */
static gboolean
is_of_tenant (const StApiRow *row, const CoreActor *actor)
{
  gsize length;

  if (row->context == NULL || !g_str_has_prefix (row->context, "/t/"))
    return g_strcmp0 (actor->tenant_domain, ST_SUPER_TENANT_DOMAIN) == 0;
  length = strcspn (row->context + 3, "/");
  return actor->tenant_domain != NULL && strlen (actor->tenant_domain) == length
         && memcmp (row->context + 3, actor->tenant_domain, length) == 0;
}

static gboolean
has_role_of (const CoreActor *actor, const char *roles)
{
  g_auto (GStrv) list = core_api_list_from_text (roles, ",");

  return core_actor_has_role (actor, (const char *const *)list);
}

gboolean
core_api_publisher_sees (const CoreActor *actor, const StApiRow *row)
{
  return is_of_tenant (row, actor)
         && (row->access_control_roles == NULL || *row->access_control_roles == '\0'
             || core_actor_may (actor, CORE_MAY_ADMINISTER) || g_strcmp0 (row->provider, actor->name) == 0
             || has_role_of (actor, row->access_control_roles));
}

static gboolean
is_visible (const CoreActor *actor, const StApiRow *row)
{
  gboolean own = is_of_tenant (row, actor);

  if (row->visibility == NULL || g_str_equal (row->visibility, "public"))
    return own;
  if (g_str_equal (row->visibility, "private"))
    return own && !core_actor_is_visitor (actor);
  if (g_str_equal (row->visibility, "restricted"))
    return own && has_role_of (actor, row->visible_roles);
  if (g_str_equal (row->visibility, "controlled"))
    {
      g_auto (GStrv) tenants = core_api_list_from_text (row->visible_tenants, ",");

      return own || (tenants != NULL && g_strv_contains ((const char *const *)tenants, actor->tenant_domain));
    }
  return FALSE;
}

gboolean
core_api_store_sees (const CoreActor *actor, const StApiRow *row, gboolean by_id, gboolean shows_deprecated)
{
  static const char *const listed[] = { "PUBLISHED", "PROTOTYPED", NULL };

  if (row->state == NULL)
    return FALSE;
  return (g_strv_contains (listed, row->state) || (by_id && core_api_state_is_deployed (row->state))
          || (shows_deprecated && g_str_equal (row->state, "DEPRECATED")))
         && is_visible (actor, row);
}

static void
add_resources (CoreApi *api, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const StApiResourceRow *row = rows->pdata[i];
      CoreApiResource *resource = core_api_add_resource (api, row->verb, row->url_pattern, row->auth_scheme);

      resource->throttling_tier = g_strdup (row->throttling_tier);
      resource->mediation_script = g_strdup (row->mediation_script);
      resource->scope = g_strdup (row->scope);
    }
}

static void
add_scopes (CoreApi *api, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const StApiScopeRow *row = rows->pdata[i];
      CoreApiScope *scope = core_api_add_scope (api, row->key, row->name, (const char *const *)row->roles);

      scope->description = g_strdup (row->description);
    }
}

/* AM_API has the template without the version at its end. */
static char *
template_in (const StApiRow *row, const char *domain)
{
  const char *stored = row->template != NULL && *row->template != '\0' ? row->template : row->context;
  g_autofree char *prefix = g_strconcat ("/t/", domain, "/", NULL);
  g_autofree char *with_version = g_strconcat (stored, "/", row->version, NULL);

  if (stored == NULL)
    return NULL;
  if (g_str_has_prefix (stored, prefix))
    stored += strlen (prefix) - 1;
  if (strstr (stored, "{version}") == NULL && g_strcmp0 (with_version, row->context) == 0)
    return g_strconcat (stored, "/{version}", NULL);
  return g_strdup (stored);
}

char *
core_api_template_of_row (const StApiRow *row)
{
  g_autofree char *domain = core_api_tenant_of_context (row->context);

  return template_in (row, domain);
}

/* What the tables say holds over what the artifact says. */
static void
take_row (CoreApi *api, const StApiRow *row)
{
  api->id = row->id;
  core_api_set_text (&api->uuid, row->uuid);
  core_api_set_text (&api->provider, row->provider);
  core_api_set_text (&api->name, row->name);
  core_api_set_text (&api->version, row->version);
  core_api_set_text (&api->status, row->state != NULL ? row->state : "CREATED");
  core_api_set_text (&api->api_tier, row->tier);
  core_api_set_text (&api->thumbnail_type, row->thumbnail_type);
  core_api_set_text (&api->definition, row->definition);
  g_strfreev (api->tags);
  api->tags = core_api_list_from_text (row->tags, ",");
  api->is_default_version = row->version != NULL && g_strcmp0 (row->default_version, row->version) == 0;
  api->is_published_default_version
      = row->version != NULL && g_strcmp0 (row->published_default_version, row->version) == 0;
  api->created_ms = row->created_ms;
  api->updated_ms = row->updated_ms;
  api->revision = row->revision;
  g_free (api->context_template);
  api->context_template = template_in (row, api->tenant_domain);
}

CoreApi *
core_api_from_row (StWriter *reader, const StApiRow *row, GError **error)
{
  g_autoptr (CoreApi) api = core_api_new ();
  g_autoptr (GPtrArray) resources = NULL;
  g_autoptr (GPtrArray) scopes = NULL;
  g_autofree char *domain = tenant_of_context (row->context);

  if (!st_read_api_resources (reader, row, &resources, error)
      || !st_read_api_scopes (reader, row->id, &scopes, error))
    return NULL;
  if (domain != NULL)
    {
      core_api_set_text (&api->tenant_domain, domain);
      api->tenant_id = 0; /* only the domain is known here */
    }
  if (row->artifact != NULL && !core_artifact_read (row->artifact, strlen (row->artifact), api, error))
    return NULL;
  take_row (api, row);
  add_resources (api, resources);
  add_scopes (api, scopes);
  return g_steal_pointer (&api);
}

static gboolean
read_row (StWriter *reader, const char *identifier, StApiRow **row, GError **error)
{
  *row = NULL;
  if (g_uuid_string_is_valid (identifier) && !st_read_api_by_uuid (reader, identifier, row, error))
    return FALSE;
  return *row != NULL || st_read_api_by_identifier (reader, identifier, row, error);
}

static gboolean
sees (const CoreActor *actor, CoreAudience audience, const StApiRow *row)
{
  return audience == CORE_AUDIENCE_PUBLISHER ? core_api_publisher_sees (actor, row)
                                             : core_api_store_sees (actor, row, TRUE, TRUE);
}

StApiRow *
core_api_find_row (StWriter *reader, const CoreActor *actor, CoreAudience audience, const char *identifier,
                   GError **error)
{
  g_autoptr (StApiRow) row = NULL;

  if (!read_row (reader, identifier, &row, error))
    return NULL;
  if (row != NULL && sees (actor, audience, row))
    return g_steal_pointer (&row);
  core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "Cannot find the requested API- %s", identifier);
  return NULL;
}

StApiRow *
core_api_find_row_by_name (StWriter *reader, const CoreActor *actor, CoreAudience audience,
                           const char *provider, const char *name, const char *version, GError **error)
{
  g_autoptr (StApiRow) row = NULL;

  if (!st_read_api_by_name (reader, provider, name, version, &row, error))
    return NULL;
  if (row != NULL && sees (actor, audience, row))
    return g_steal_pointer (&row);
  core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "Cannot find the requested API- %s-%s", name,
                    version);
  return NULL;
}

typedef struct
{
  const CoreActor *actor;
  CoreAudience audience;
  const char *identifier; /* NULL: by the three */
  const char *provider, *name, *version;
  CoreApi *found; /* (out) */
} FindCall;

static gboolean
find_api (StWriter *reader, gpointer data, GError **error)
{
  FindCall *call = data;
  g_autoptr (StApiRow) row
      = call->identifier != NULL
            ? core_api_find_row (reader, call->actor, call->audience, call->identifier, error)
            : core_api_find_row_by_name (reader, call->actor, call->audience, call->provider, call->name,
                                         call->version, error);

  if (row == NULL)
    return FALSE;
  g_clear_pointer (&call->found, core_api_free);
  call->found = core_api_from_row (reader, row, error);
  return call->found != NULL;
}

gboolean
core_api_require_audience (const CoreActor *actor, CoreAudience audience, const char *what, GError **error)
{
  return audience == CORE_AUDIENCE_STORE || core_actor_may (actor, CORE_MAY_CREATE)
         || core_actor_may (actor, CORE_MAY_ADMINISTER)
         || core_actor_require (actor, CORE_MAY_PUBLISH, what, error);
}

static CoreApi *
find_in (const CorePortal *portal, FindCall *call, GError **error)
{
  if (!core_api_require_audience (call->actor, call->audience, CORE_API_SEE, error)
      || !core_portal_read (portal, find_api, call, error))
    {
      g_clear_pointer (&call->found, core_api_free);
      return NULL;
    }
  if (g_str_equal (call->found->tenant_domain, call->actor->tenant_domain))
    call->found->tenant_id = call->actor->tenant_id;
  return call->found;
}

CoreApi *
core_api_find (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
               const char *identifier, GError **error)
{
  FindCall call = { .actor = actor, .audience = audience, .identifier = identifier };

  return find_in (portal, &call, error);
}

CoreApi *
core_api_find_by_name (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                       const char *provider, const char *name, const char *version, GError **error)
{
  FindCall call
      = { .actor = actor, .audience = audience, .provider = provider, .name = name, .version = version };

  return find_in (portal, &call, error);
}

typedef struct
{
  const CoreActor *actor;
  const char *identifier;
  GPtrArray *events; /* (out) */
} HistoryCall;

static gboolean
read_history (StWriter *reader, gpointer data, GError **error)
{
  HistoryCall *call = data;
  g_autoptr (StApiRow) row
      = core_api_find_row (reader, call->actor, CORE_AUDIENCE_PUBLISHER, call->identifier, error);

  return row != NULL && st_read_lifecycle (reader, row->id, &call->events, error);
}

GPtrArray *
core_api_history (const CorePortal *portal, const CoreActor *actor, const char *identifier, GError **error)
{
  HistoryCall call = { actor, identifier, NULL };

  if (!core_api_require_audience (actor, CORE_AUDIENCE_PUBLISHER, CORE_API_SEE, error)
      || !core_portal_read (portal, read_history, &call, error))
    return NULL;
  return call.events;
}
