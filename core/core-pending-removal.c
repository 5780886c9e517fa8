#include "config.h"
#include "core/core-pending-removal.h"

#include "core/core-api-private.h"

gboolean
core_pending_removals_note (StWriter *writer, const CorePortal *portal, const CoreApi *api, GError **error)
{
  const char *const *environments = core_api_environments_of (portal, api);

  if (!core_api_state_is_deployed (api->status) || !core_api_is_brought (api))
    return TRUE;
  for (guint i = 0; environments[i] != NULL; i++)
    {
      const StPendingRemoval removal = { .environment = (char *)environments[i],
                                         .provider = api->provider,
                                         .name = api->name,
                                         .version = api->version,
                                         .is_default_version = api->is_published_default_version };

      if (!st_pending_removals_add (writer, api->tenant_domain, &removal, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
failed (const GPtrArray *failures, const char *environment)
{
  for (guint i = 0; i < failures->len; i++)
    if (g_str_equal (((const CoreDeployerFailure *)failures->pdata[i])->environment, environment))
      return TRUE;
  return FALSE;
}

typedef struct
{
  const CoreApi *api;
  const GPtrArray *failures;
} SettleCall;

static gboolean
settle (StWriter *writer, gpointer data, GError **error)
{
  const SettleCall *call = data;
  g_autoptr (GPtrArray) removals = st_pending_removals_list (writer, call->api->tenant_domain, NULL, error);

  for (guint i = 0; removals != NULL && i < removals->len; i++)
    {
      const StPendingRemoval *removal = removals->pdata[i];

      if (g_str_equal (removal->provider, call->api->provider) && g_str_equal (removal->name, call->api->name)
          && g_str_equal (removal->version, call->api->version) && !failed (call->failures, removal->environment)
          && !st_pending_removals_remove (writer, removal->id, error))
        return FALSE;
    }
  return removals != NULL;
}

void
core_pending_removals_settle (const CorePortal *portal, const CoreApi *api, const GPtrArray *failures)
{
  SettleCall call = { api, failures };
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;

  if (portal->dry_run || portal->deployer == NULL || core_portal_write (portal, settle, &call, &error))
    return;
  label = core_api_label (api);
  g_warning ("what gateways did of the deletion of %s is not noted: %s; the next \"apimctl gateway sync\" tells"
             " them again",
             label, error->message);
}

typedef struct
{
  const char *tenant_domain, *environment;
  GPtrArray *removals; /* (out) */
} ListCall;

static gboolean
list (StWriter *reader, gpointer data, GError **error)
{
  ListCall *call = data;

  g_clear_pointer (&call->removals, g_ptr_array_unref);
  call->removals = st_pending_removals_list (reader, call->tenant_domain, call->environment, error);
  return call->removals != NULL;
}

GPtrArray *
core_pending_removals_list (const CorePortal *portal, const CoreActor *actor, const char *environment, GError **error)
{
  ListCall call = { actor->tenant_domain, environment, NULL };

  if (core_portal_read (portal, list, &call, error))
    return call.removals;
  g_clear_pointer (&call.removals, g_ptr_array_unref);
  return NULL;
}

typedef struct
{
  const StPendingRemoval *removal;
  gboolean exists; /* (out) */
} ExistsCall;

static gboolean
exists (StWriter *reader, gpointer data, GError **error)
{
  ExistsCall *call = data;
  g_autoptr (StApiRow) row = NULL;

  if (!st_read_api_by_name (reader, call->removal->provider, call->removal->name, call->removal->version, &row, error))
    return FALSE;
  call->exists = row != NULL;
  return TRUE;
}

gboolean
core_pending_removal_find (const CorePortal *portal, const CoreActor *actor, const StPendingRemoval *removal,
                           CoreApi **api, GError **error)
{
  ExistsCall call = { removal, FALSE };

  *api = NULL;
  if (!core_portal_read (portal, exists, &call, error))
    return FALSE;
  if (call.exists)
    return TRUE;
  *api = core_api_new ();
  core_api_set_text (&(*api)->provider, removal->provider);
  core_api_set_text (&(*api)->name, removal->name);
  core_api_set_text (&(*api)->version, removal->version);
  core_api_set_text (&(*api)->tenant_domain, actor->tenant_domain);
  core_api_set_text (&(*api)->status, "RETIRED");
  (*api)->tenant_id = actor->tenant_id;
  (*api)->is_published_default_version = removal->is_default_version;
  return TRUE;
}

static gboolean
done (StWriter *writer, gpointer data, GError **error)
{
  const StPendingRemoval *removal = data;

  return st_pending_removals_remove (writer, removal->id, error);
}

gboolean
core_pending_removal_done (const CorePortal *portal, const StPendingRemoval *removal, GError **error)
{
  return core_portal_write (portal, done, (gpointer)removal, error);
}
