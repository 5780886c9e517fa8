#include "config.h"
#include "core/core-api-lifecycle.h"

#include "core/core-api-private.h"
#include "store/st-lifecycle-writes.h"
#include "store/st-subscription-carry.h"

#include <string.h>

typedef struct
{
  const CoreActor *actor;
  const char *identifier;
  const char *event;
  guint checklist;
  const char *if_match;
  CoreLifecyclePlan plan; /* (out) */
  CoreApi *before;        /* (out) */
  CoreApi *after;         /* (out) */
  GPtrArray *deprecated;  /* (out) (element-type CoreApi): old versions, as they are now */
} Call;

static void
call_reset (Call *call)
{
  g_clear_pointer (&call->before, core_api_free);
  g_clear_pointer (&call->after, core_api_free);
  g_clear_pointer (&call->deprecated, g_ptr_array_unref);
  call->deprecated = g_ptr_array_new_with_free_func ((GDestroyNotify)core_api_free);
}

static void
call_clear (Call *call)
{
  call_reset (call);
  g_ptr_array_unref (call->deprecated);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

/* Another version of the API's name. */
typedef struct
{
  gint64 id;
  char *version;
  char *state;
} Version;

static void
version_free (gpointer data)
{
  Version *version = data;

  g_free (version->version);
  g_free (version->state);
  g_free (version);
}

typedef struct
{
  const CoreApi *api;
  GPtrArray *versions;
} OlderVersions;

static gboolean
add_if_older (const StApiRow *row, gpointer data)
{
  OlderVersions *older = data;
  Version *version;

  /* The database may fold case; another name is another API. */
  if (g_strcmp0 (row->provider, older->api->provider) != 0 || g_strcmp0 (row->name, older->api->name) != 0
      || row->version == NULL || core_version_compare (row->version, older->api->version) >= 0)
    return TRUE;
  version = g_new0 (Version, 1);
  version->id = row->id;
  version->version = g_strdup (row->version);
  version->state = g_strdup (row->state);
  g_ptr_array_add (older->versions, version);
  return TRUE;
}

static gint
newest_first (gconstpointer a, gconstpointer b)
{
  const Version *const *left = a, *const *right = b;

  return core_version_compare ((*right)->version, (*left)->version);
}

/* (transfer full): the newest first. */
static GPtrArray *
read_older_versions (StWriter *writer, const CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) versions = g_ptr_array_new_with_free_func (version_free);
  OlderVersions older = { api, versions };

  if (!st_read_each_version (writer, api->provider, api->name, add_if_older, &older, error))
    return NULL;
  g_ptr_array_sort (versions, newest_first);
  return g_steal_pointer (&versions);
}

static gboolean
check_ready (const CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  if (api->endpoint_config == NULL && !api->advertise_only && g_strcmp0 (api->implementation, "INLINE") != 0)
    core_violations_add (violations, "endpointConfig", "No endpoint selected");
  if (api->tiers == NULL || api->tiers[0] == NULL)
    core_violations_add (violations, "tiers", "No Tiers selected");
  return core_violations_check (violations, error);
}

static gboolean
write_event (StWriter *writer, const Call *call, gint64 api_id, const char *from, const char *to,
             GError **error)
{
  const StLifecycleChange change = { api_id, from, to, call->actor->bare_name, call->actor->tenant_id };

  return st_write_lifecycle_change (writer, &change, error);
}

/* The newest older version that an application has subscribed to counts: it comes first. */
static gboolean
carry_subscriptions (StWriter *writer, const Call *call, GPtrArray *older, GError **error)
{
  for (guint i = 0; i < older->len; i++)
    {
      const Version *version = older->pdata[i];

      if (g_strcmp0 (version->state, "RETIRED") != 0
          && !st_write_carry_subscriptions (writer, version->id, call->before->id, call->actor->name, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
deprecate_old_versions (StWriter *writer, Call *call, GPtrArray *older, GError **error)
{
  for (guint i = 0; i < older->len; i++)
    {
      const Version *version = older->pdata[i];
      CoreApi *api;

      if (g_strcmp0 (version->state, "PUBLISHED") != 0)
        continue;
      if (!write_event (writer, call, version->id, "PUBLISHED", "DEPRECATED", error)
          || (api = core_api_reload (writer, call->actor, version->id, error)) == NULL)
        return FALSE;
      g_ptr_array_add (call->deprecated, api);
    }
  return TRUE;
}

static gboolean
carry_out (StWriter *writer, Call *call, GError **error)
{
  const CoreLifecyclePlan *plan = &call->plan;
  g_autoptr (GPtrArray) older = read_older_versions (writer, call->before, error);

  if (older == NULL || (plan->needs_endpoint_and_tier && !check_ready (call->before, error))
      || !write_event (writer, call, call->before->id, call->before->status, plan->to, error)
      || (plan->copies_subscriptions && !carry_subscriptions (writer, call, older, error))
      || (plan->deprecates_old_versions && !deprecate_old_versions (writer, call, older, error))
      || (plan->deletes_subscriptions && !st_write_delete_subscriptions (writer, call->before->id, error)))
    return FALSE;
  call->after = core_api_reload (writer, call->actor, call->before->id, error);
  return call->after != NULL;
}

gboolean
core_api_reach_state (StWriter *writer, const CoreActor *actor, const char *state, CoreApi **api,
                      GError **error)
{
  g_autofree const char **events = core_lifecycle_path ((*api)->status, state);

  if (events == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "%s is not reachable from %s", state,
                             (*api)->status);
  for (guint i = 0; events[i] != NULL; i++)
    {
      g_auto (Call) call = { .actor = actor };

      call.deprecated = g_ptr_array_new_with_free_func ((GDestroyNotify)core_api_free);
      call.before = g_steal_pointer (api);
      if (!core_lifecycle_plan (call.before->status, events[i], 0, &call.plan, error)
          || !carry_out (writer, &call, error))
        return FALSE;
      *api = g_steal_pointer (&call.after);
    }
  return TRUE;
}

static gboolean
change (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  const char *event;

  call_reset (call);
  call->before = core_api_lock (writer, call->actor, call->identifier, call->if_match, error);
  if (call->before == NULL)
    return FALSE;
  event = core_lifecycle_event_of_word (call->event, call->before->status);
  /* "BLOCKED" of an API that is BLOCKED: there is nothing to do, though no event leads there. */
  if (call->event != NULL && g_ascii_strcasecmp (call->event, call->before->status) == 0)
    call->plan = (CoreLifecyclePlan){ .event = event, .changes = FALSE };
  else if (!core_lifecycle_plan (call->before->status, event, call->checklist, &call->plan, error))
    return FALSE;
  if (call->plan.changes)
    return carry_out (writer, call, error);
  call->after = core_api_copy (call->before);
  return TRUE;
}

static void
audit (const CorePortal *portal, const Call *call)
{
  g_autofree char *identifier = core_api_identifier (call->after);
  g_autofree char *details = g_strdup_printf ("from=\"%s\" to=\"%s\" deprecated=%u", call->before->status,
                                              call->after->status, call->deprecated->len);

  core_portal_audit (portal, call->actor, call->plan.event, "API", identifier, details);
}

gboolean
core_api_change_lifecycle (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                           const char *event, guint checklist, const char *if_match, CoreApi **changed,
                           GError **error)
{
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();
  g_autofree char *done = NULL;
  g_auto (Call) call = {
    .actor = actor, .identifier = identifier, .event = event, .checklist = checklist, .if_match = if_match
  };

  call.deprecated = g_ptr_array_new ();
  if (!core_actor_require (actor, CORE_MAY_PUBLISH, "change the lifecycle of APIs", error)
      || !core_portal_write (portal, change, &call, error))
    return FALSE;
  done = g_strdup_printf ("the API is %s", call.after->status);
  if (call.plan.changes)
    {
      audit (portal, &call);
      core_api_deploy (portal, call.before, call.after, failures);
      for (guint i = 0; i < call.deprecated->len; i++)
        core_api_deploy (portal, call.deprecated->pdata[i], call.deprecated->pdata[i], failures);
    }
  if (changed != NULL)
    *changed = g_steal_pointer (&call.after);
  return core_api_report (failures, done, error);
}

typedef struct
{
  const CoreActor *actor;
  const char *identifier;
  gboolean has; /* (out) */
} OlderCall;

static gboolean
find_older (StWriter *reader, gpointer data, GError **error)
{
  OlderCall *call = data;
  g_autoptr (StApiRow) row
      = core_api_find_row (reader, call->actor, CORE_AUDIENCE_PUBLISHER, call->identifier, error);
  g_autoptr (CoreApi) api = row != NULL ? core_api_from_row (reader, row, error) : NULL;
  g_autoptr (GPtrArray) older = api != NULL ? read_older_versions (reader, api, error) : NULL;

  if (older == NULL)
    return FALSE;
  call->has = older->len > 0;
  return TRUE;
}

gboolean
core_api_has_older_version (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                            gboolean *has, GError **error)
{
  OlderCall call = { actor, identifier, FALSE };

  if (!core_portal_read (portal, find_older, &call, error))
    return FALSE;
  *has = call.has;
  return TRUE;
}
