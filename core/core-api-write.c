#include "config.h"
#include "core/core-api-write.h"

#include "common/apim-secret.h"
#include "core/core-api-private.h"
#include "core/core-pending-removal.h"
#include "core/core-artifact.h"
#include "core/core-openapi.h"
#include "core/core-tier.h"
#include "store/st-api-artifact.h"
#include "store/st-api-document.h"
#include "store/st-lifecycle-writes.h"
#include "store/st-tier-names.h"

#include <string.h>

/* What a write is called with, and what it leaves. */
typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const char *identifier;
  const char *if_match;
  const CoreApi *wanted; /* what the API is to be */
  guint needs;
  const char *new_version;
  gboolean is_default;
  const CoreApiThumbnail *thumbnail; /* (nullable) */
  CoreApi *before;                   /* (out) */
  CoreApi *after;                    /* (out) */
} Call;

static void
call_reset (Call *call)
{
  g_clear_pointer (&call->before, core_api_free);
  g_clear_pointer (&call->after, core_api_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_reset)

CoreApi *
core_api_reload (StWriter *writer, const CoreActor *actor, gint64 api_id, GError **error)
{
  g_autoptr (StApiRow) row = NULL;
  CoreApi *api;

  if (!st_read_api (writer, api_id, &row, error))
    return NULL;
  if (row == NULL)
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "the API was deleted meanwhile");
      return NULL;
    }
  api = core_api_from_row (writer, row, error);
  if (api != NULL && g_str_equal (api->tenant_domain, actor->tenant_domain))
    api->tenant_id = actor->tenant_id;
  return api;
}

CoreApi *
core_api_lock (StWriter *writer, const CoreActor *actor, const char *identifier, const char *if_match,
               GError **error)
{
  g_autoptr (StApiRow) row = core_api_find_row (writer, actor, CORE_AUDIENCE_PUBLISHER, identifier, error);
  g_autoptr (StStoredApi) locked = row != NULL ? st_write_lock_api (writer, row->id, error) : NULL;
  g_autoptr (CoreApi) api = locked != NULL ? core_api_reload (writer, actor, row->id, error) : NULL;
  g_autofree char *etag = api != NULL ? core_api_etag (api) : NULL;

  if (api == NULL)
    return NULL;
  if (if_match != NULL && !g_str_equal (if_match, "*") && !g_str_equal (if_match, etag))
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_PRECONDITION,
                        "the API %s-%s was changed since it was read: read it again and repeat the change",
                        api->name, api->version);
      return NULL;
    }
  return g_steal_pointer (&api);
}

/* Adds the violations of @api to those there are. */
static gboolean
check_rules (StWriter *writer, const CorePortal *portal, const CoreApi *api, guint needs,
             GPtrArray *violations, GError **error)
{
  CoreApiSurroundings around = { NULL };
  g_auto (GStrv) tiers = NULL;
  g_auto (GStrv) policies = NULL;

  /* With advanced throttling off, the tiers are files of the registry. */
  if (portal->advanced_throttling
      && (!core_tier_write_defaults (writer, TRUE, api->tenant_id, error)
          || !st_read_tier_names (writer, ST_TIERS_SUBSCRIPTION, api->tenant_id, &tiers, error)
          || !st_read_tier_names (writer, ST_TIERS_API, api->tenant_id, &policies, error)))
    return FALSE;
  around.tiers = (const char *const *)tiers;
  around.api_policies = (const char *const *)policies;
  if (portal->deployer != NULL)
    around.environments = portal->deployer->environments (portal->deployer);
  if (portal->deployer != NULL && portal->deployer->own_environments != NULL)
    around.own_environments = portal->deployer->own_environments (portal->deployer);
  core_api_check (api, needs, &around, violations);
  return core_violations_check (violations, error);
}

/* spec/publisher-store-workflows.md 1.1: a scope belongs to one API of a tenant; its versions share it. */
static gboolean
check_scopes_are_free (StWriter *writer, const CoreApi *api, GError **error)
{
  for (guint i = 0; i < api->scopes->len; i++)
    {
      const CoreApiScope *scope = api->scopes->pdata[i];
      gint64 owner;

      if (!st_read_scope_owner (writer, api->tenant_id, scope->key, api->provider, api->name, &owner, error))
        return FALSE;
      if (owner != 0)
        return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                                 "Scope %s is already assigned by another API", scope->key);
    }
  return TRUE;
}

typedef struct
{
  StApiScope *scopes;
  StApiResource *resources;
  char *template;
  StApiDesign design; /* borrows from above and from the API */
} Design;

static void
design_clear (Design *design)
{
  g_free (design->scopes);
  g_free (design->resources);
  g_free (design->template);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Design, design_clear)

static void
design_init (Design *design, const CoreApi *api)
{
  design->scopes = g_new0 (StApiScope, api->scopes->len);
  design->resources = g_new0 (StApiResource, api->resources->len);
  design->template = core_api_full_template (api);
  for (guint i = 0; i < api->scopes->len; i++)
    {
      const CoreApiScope *scope = api->scopes->pdata[i];

      design->scopes[i]
          = (StApiScope){ scope->key, scope->name, scope->description, (const char *const *)scope->roles };
    }
  for (guint i = 0; i < api->resources->len; i++)
    {
      const CoreApiResource *resource = api->resources->pdata[i];

      design->resources[i] = (StApiResource){ resource->verb,
                                              resource->url_pattern,
                                              resource->auth_type,
                                              resource->throttling_tier,
                                              resource->mediation_script,
                                              resource->scope };
    }
  design->design = (StApiDesign){ .tenant_id = api->tenant_id,
                                  .context_template = design->template,
                                  .tier = api->api_tier,
                                  .scopes = design->scopes,
                                  .n_scopes = api->scopes->len,
                                  .resources = design->resources,
                                  .n_resources = api->resources->len };
}

gboolean
core_api_write_artifact (StWriter *writer, const CoreApi *api, const char *uuid, GError **error)
{
  g_autofree char *xml = core_artifact_write (api);
  g_autofree char *tags = core_api_list_to_text ((const char *const *)api->tags, ",");
  g_autofree char *roles = core_api_list_to_text ((const char *const *)api->visible_roles, ",");
  g_autofree char *tenants = core_api_list_to_text ((const char *const *)api->visible_tenants, ",");
  g_autofree char *access = core_api_list_to_text ((const char *const *)api->access_control_roles, ",");
  const StApiArtifact artifact
      = { api->description, tags, api->visibility, roles, tenants, access, xml, api->definition };

  return uuid != NULL ? st_write_create_artifact (writer, api->id, uuid, &artifact, error)
                      : st_write_update_artifact (writer, api->id, &artifact, error);
}

/* @api: whole; gets its id. */
static gboolean
insert_api (StWriter *writer, const CoreActor *actor, CoreApi *api, GError **error)
{
  const StApiIdentity identity = { api->provider, api->name, api->version };
  g_autofree char *uuid = apim_random_uuid ();
  g_auto (Design) design = { NULL };
  g_autoptr (GError) why = NULL;

  design_init (&design, api);
  if (!st_api_artifact_check (writer, error) || !check_scopes_are_free (writer, api, error))
    return FALSE;
  if (!st_write_create_api (writer, &identity, &design.design, actor->bare_name, api->is_default_version,
                            &api->id, &why))
    {
      if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT) && strstr (why->message, "context") != NULL)
        return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                                 "A duplicate API context already exists for %s", design.template);
      if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
        return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                                 "A duplicate API already exists for %s-%s", api->name, api->version);
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  return core_api_write_artifact (writer, api, uuid, error);
}

gboolean
core_api_is_provider_of_tenant (const char *provider, const CoreActor *actor)
{
  g_autofree char *suffix = g_strconcat ("@", actor->tenant_domain, NULL);

  return actor->tenant_id == ST_SUPER_TENANT_ID ? strchr (provider, '@') == NULL
                                                : g_str_has_suffix (provider, suffix);
}

static void
check_provider (const CoreActor *actor, const CoreApi *api, GPtrArray *violations)
{
  if (!g_str_equal (api->provider, actor->name)
      && !(core_actor_may (actor, CORE_MAY_ADMINISTER)
           && core_api_is_provider_of_tenant (api->provider, actor)))
    core_violations_add (violations, "provider",
                         "Not allowed to add APIs with different provider name other than logged in user.");
}

/* What is made anew of @wanted, for the actor. */
static CoreApi *
new_api (const CoreActor *actor, const CoreApi *wanted)
{
  CoreApi *api = core_api_copy (wanted);

  api->id = 0;
  g_clear_pointer (&api->uuid, g_free);
  api->tenant_id = actor->tenant_id;
  core_api_set_text (&api->tenant_domain, actor->tenant_domain);
  if (api->provider == NULL || *api->provider == '\0')
    core_api_set_text (&api->provider, actor->name);
  core_api_set_text (&api->status, "CREATED");
  core_api_normalize (api);
  return api;
}

static void
audit (const CorePortal *portal, const CoreActor *actor, const char *action, const CoreApi *api,
       const char *details)
{
  g_autofree char *identifier = core_api_identifier (api);

  core_portal_audit (portal, actor, action, "API", identifier, details);
}

CoreApi *
core_api_insert (StWriter *writer, const CorePortal *portal, const CoreActor *actor, const CoreApi *wanted,
                 guint needs, const CoreApiThumbnail *thumbnail, GError **error)
{
  g_autoptr (CoreApi) api = new_api (actor, wanted);
  g_autoptr (GPtrArray) violations = core_violations_new ();

  check_provider (actor, api, violations);
  core_api_check_file_names (api, violations);
  core_api_thumbnail_check (thumbnail, violations);
  if (!check_rules (writer, portal, api, needs, violations, error) || !insert_api (writer, actor, api, error)
      || (thumbnail != NULL && !core_api_store_thumbnail (writer, api->id, thumbnail, error)))
    return NULL;
  return core_api_reload (writer, actor, api->id, error);
}

/* Without resources an API would serve nothing, and no gateway takes it: one that is made without any gets those which
 * WSO2's Publisher offers on its design page then. */
static void
add_default_resources (CoreApi *api)
{
  static const char *const verbs[] = { "GET", "POST", "PUT", "DELETE", "PATCH" };

  if (api->resources->len > 0 || (api->type != NULL && g_ascii_strcasecmp (api->type, "WS") == 0))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    core_api_add_resource (api, verbs[i], "/*", NULL);
}

static gboolean
create (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  call_reset (call);
  call->after = core_api_insert (writer, call->portal, call->actor, call->wanted, call->needs,
                                 call->thumbnail, error);
  return call->after != NULL;
}

CoreApi *
core_api_create (const CorePortal *portal, const CoreActor *actor, const CoreApi *api, guint needs,
                 GError **error)
{
  return core_api_create_with_thumbnail (portal, actor, api, needs, NULL, error);
}

CoreApi *
core_api_create_with_thumbnail (const CorePortal *portal, const CoreActor *actor, const CoreApi *api,
                                guint needs, const CoreApiThumbnail *thumbnail, GError **error)
{
  g_autoptr (CoreApi) wanted = core_api_copy (api);
  g_auto (Call) call = { .portal = portal, .actor = actor, .wanted = wanted, .needs = needs, .thumbnail = thumbnail };

  add_default_resources (wanted);
  if (!core_actor_require (actor, CORE_MAY_CREATE, "create APIs", error)
      || !core_portal_write (portal, create, &call, error))
    return NULL;
  audit (portal, actor, "create", call.after, NULL);
  return g_steal_pointer (&call.after);
}

static guint
needs_of_state (const char *state)
{
  return g_strcmp0 (state, "PUBLISHED") == 0 ? CORE_API_NEEDS_ENDPOINT | CORE_API_NEEDS_TIER : 0;
}

/* @wanted in the place of @old. */
static CoreApi *
merge (const CoreApi *old, const CoreApi *wanted)
{
  CoreApi *api = core_api_copy (wanted);

  api->id = old->id;
  api->tenant_id = old->tenant_id;
  core_api_set_text (&api->uuid, old->uuid);
  core_api_set_text (&api->provider, old->provider);
  core_api_set_text (&api->name, old->name);
  core_api_set_text (&api->version, old->version);
  core_api_set_text (&api->tenant_domain, old->tenant_domain);
  core_api_set_text (&api->status, old->status);
  core_api_set_text (&api->thumbnail_type, old->thumbnail_type);
  if (api->context_template == NULL)
    core_api_set_text (&api->context_template, old->context_template);
  if (api->endpoint_password == NULL && api->endpoint_user != NULL
      && g_strcmp0 (api->endpoint_user, old->endpoint_user) == 0)
    core_api_set_text (&api->endpoint_password, old->endpoint_password);
  core_api_normalize (api);
  return api;
}

static gboolean
check_state_stays (const CoreApi *old, const CoreApi *wanted, GPtrArray *violations)
{
  if (wanted->status != NULL && *wanted->status != '\0'
      && g_ascii_strcasecmp (wanted->status, old->status) != 0)
    core_violations_add (violations, "status", "Invalid API update operation involving API status changes");
  return violations->len == 0;
}

static gboolean
store_update (StWriter *writer, const CoreApi *api, GError **error)
{
  g_auto (Design) design = { NULL };
  g_autofree char *uuid = api->uuid == NULL ? apim_random_uuid () : NULL;

  design_init (&design, api);
  return st_api_artifact_check (writer, error) && check_scopes_are_free (writer, api, error)
         && st_write_update_api (writer, api->id, &design.design, error)
         && core_api_write_artifact (writer, api, uuid, error)
         && st_write_default_version (writer, api->id, api->is_default_version, error);
}

CoreApi *
core_api_replace (StWriter *writer, const CorePortal *portal, const CoreActor *actor, const CoreApi *before,
                  const CoreApi *wanted, const CoreApiThumbnail *thumbnail, GError **error)
{
  g_autoptr (CoreApi) api = merge (before, wanted);
  g_autoptr (GPtrArray) violations = core_violations_new ();

  check_state_stays (before, wanted, violations);
  core_api_thumbnail_check (thumbnail, violations);
  if (!check_rules (writer, portal, api, needs_of_state (api->status), violations, error)
      || !store_update (writer, api, error)
      || (thumbnail != NULL && !core_api_store_thumbnail (writer, api->id, thumbnail, error)))
    return NULL;
  return core_api_reload (writer, actor, api->id, error);
}

static gboolean
update (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  call_reset (call);
  call->before = core_api_lock (writer, call->actor, call->identifier, call->if_match, error);
  if (call->before != NULL)
    call->after = core_api_replace (writer, call->portal, call->actor, call->before, call->wanted,
                                    call->thumbnail, error);
  return call->after != NULL;
}

gboolean
core_api_update (const CorePortal *portal, const CoreActor *actor, const char *identifier, const CoreApi *api,
                 const char *if_match, CoreApi **updated, GError **error)
{
  return core_api_update_with_thumbnail (portal, actor, identifier, api, NULL, if_match, updated, error);
}

gboolean
core_api_update_with_thumbnail (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                                const CoreApi *api, const CoreApiThumbnail *thumbnail, const char *if_match,
                                CoreApi **updated, GError **error)
{
  g_auto (Call) call = { .portal = portal,
                         .actor = actor,
                         .identifier = identifier,
                         .if_match = if_match,
                         .wanted = api,
                         .thumbnail = thumbnail };
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();

  if (!core_actor_require (actor, CORE_MAY_CREATE, "change APIs", error)
      || !core_portal_write (portal, update, &call, error))
    return FALSE;
  audit (portal, actor, "update", call.after, NULL);
  core_api_deploy (portal, call.before, call.after, failures);
  if (updated != NULL)
    *updated = g_steal_pointer (&call.after);
  return core_api_report (failures, "the API is changed", error);
}

static gboolean delete (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (GError) why = NULL;

  call_reset (call);
  call->before = core_api_lock (writer, call->actor, call->identifier, call->if_match, error);
  if (call->before == NULL)
    return FALSE;
  if (st_write_delete_api (writer, call->before->id, &why))
    return core_pending_removals_note (writer, call->portal, call->before, error);
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "Cannot remove the API as active subscriptions exist.");
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
core_api_delete (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                 const char *if_match, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .identifier = identifier, .if_match = if_match };
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();

  if (!core_actor_require (actor, CORE_MAY_CREATE, "delete APIs", error)
      || !core_portal_write (portal, delete, &call, error))
    return FALSE;
  audit (portal, actor, "delete", call.before, NULL);
  core_api_deploy (portal, call.before, NULL, failures);
  core_pending_removals_settle (portal, call.before, failures);
  return core_api_report (failures, "the API is deleted", error);
}

/* What a new version takes over; the fault sequence is not copied (spec 5). */
static CoreApi *
next_version (const CoreApi *old, const char *version, gboolean is_default)
{
  CoreApi *api = core_api_copy (old);
  g_autofree char *definition
      = old->definition != NULL ? core_openapi_set_version (old->definition, version) : NULL;

  api->id = 0;
  g_clear_pointer (&api->uuid, g_free);
  core_api_set_text (&api->version, version);
  core_api_set_text (&api->status, "CREATED");
  g_clear_pointer (&api->fault_sequence, g_free);
  if (definition != NULL)
    core_api_set_text (&api->definition, definition);
  api->is_default_version = is_default;
  api->is_published_default_version = FALSE;
  core_api_normalize (api);
  return api;
}

static gboolean
check_copy (StWriter *writer, const Call *call, const CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (StApiRow) there = NULL;

  if (strstr (api->context_template, "{version}") == NULL)
    core_violations_add (violations, "context",
                         "The context of the API has no {version}, so that a new version would "
                         "have the same one");
  core_api_check_file_names (api, violations);
  if (!check_rules (writer, call->portal, api, 0, violations, error)
      || !st_read_api_by_name (writer, api->provider, api->name, api->version, &there, error))
    return FALSE;
  if (there != NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "API version already exist with version :%s",
                             api->version);
  return TRUE;
}

static gboolean
copy_version (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = NULL;

  call_reset (call);
  call->before = core_api_lock (writer, call->actor, call->identifier, NULL, error);
  if (call->before == NULL)
    return FALSE;
  api = next_version (call->before, call->new_version, call->is_default);
  if (!check_copy (writer, call, api, error) || !insert_api (writer, call->actor, api, error)
      || !st_write_copy_thumbnail (writer, call->before->id, api->id, error)
      || !st_write_copy_documents (writer, call->before->id, api->id, error))
    return FALSE;
  call->after = core_api_reload (writer, call->actor, api->id, error);
  return call->after != NULL;
}

CoreApi *
core_api_copy_version (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                       const char *new_version, gboolean is_default, GError **error)
{
  g_auto (Call) call = { .portal = portal,
                         .actor = actor,
                         .identifier = identifier,
                         .new_version = new_version,
                         .is_default = is_default };

  if (!core_actor_require (actor, CORE_MAY_CREATE, "create versions of APIs", error)
      || !core_portal_write (portal, copy_version, &call, error))
    return NULL;
  audit (portal, actor, "copy", call.after, NULL);
  return g_steal_pointer (&call.after);
}

static gboolean
set_default (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  call_reset (call);
  call->before = core_api_lock (writer, call->actor, call->identifier, call->if_match, error);
  if (call->before == NULL || !st_write_default_version (writer, call->before->id, call->is_default, error))
    return FALSE;
  call->after = core_api_reload (writer, call->actor, call->before->id, error);
  return call->after != NULL;
}

gboolean
core_api_set_default (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                      gboolean is_default, const char *if_match, GError **error)
{
  g_auto (Call) call = {
    .portal = portal, .actor = actor, .identifier = identifier, .if_match = if_match, .is_default = is_default
  };
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();

  if (!core_actor_require (actor, CORE_MAY_CREATE, "choose default versions of APIs", error)
      || !core_portal_write (portal, set_default, &call, error))
    return FALSE;
  audit (portal, actor, is_default ? "make default" : "end default", call.after, NULL);
  core_api_deploy (portal, call.before, call.after, failures);
  return core_api_report (failures, "the default version is changed", error);
}
