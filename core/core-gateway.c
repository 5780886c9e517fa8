#include "config.h"
#include "core/core-gateway.h"

#include "common/apim-log.h"
#include "core/core-api-private.h"
#include "core/core-pending-removal.h"

#include <string.h>

/* A state may change so many times while it is followed. */
#define MAX_ROUNDS 5

/* Of a partial failure: "..., but not on every gateway". */
#define DONE "what could be done is done"

void
core_gateway_state_free (CoreGatewayState *state)
{
  if (state == NULL)
    return;
  g_free (state->reason);
  g_free (state);
}

/* One API, as it stands now. */
typedef struct
{
  const CoreActor *actor;
  const char *identifier;
  CoreApi *api;
  gboolean has_default; /* some version of its name is the one that gateways serve without a version */
} Found;

static void
found_clear (Found *found)
{
  g_clear_pointer (&found->api, core_api_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static gboolean
read_api (StWriter *reader, gpointer data, GError **error)
{
  Found *found = data;
  g_autoptr (StApiRow) row
      = core_api_find_row (reader, found->actor, CORE_AUDIENCE_PUBLISHER, found->identifier, error);

  g_clear_pointer (&found->api, core_api_free);
  if (row == NULL)
    return FALSE;
  found->api = core_api_from_row (reader, row, error);
  found->has_default = row->published_default_version != NULL && *row->published_default_version != '\0';
  return found->api != NULL;
}

static gboolean
find (const CorePortal *portal, const CoreActor *actor, const char *identifier, Found *found, GError **error)
{
  found->actor = actor;
  found->identifier = identifier;
  if (!core_portal_read (portal, read_api, found, error))
    return FALSE;
  if (g_str_equal (found->api->tenant_domain, actor->tenant_domain))
    found->api->tenant_id = actor->tenant_id;
  return TRUE;
}

/* The same, for an API of a list that may be gone by now: found->api is NULL then. */
static gboolean
find_listed (const CorePortal *portal, const CoreActor *actor, const char *identifier, Found *found,
             GError **error)
{
  g_autoptr (GError) why = NULL;

  if (find (portal, actor, identifier, found, &why))
    return TRUE;
  g_clear_pointer (&found->api, core_api_free);
  if (g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static gboolean
is_for (const CorePortal *portal, const CoreApi *api, const char *environment)
{
  return core_api_state_is_deployed (api->status)
         && g_strv_contains (core_api_environments_of (portal, api), environment);
}

/* core_api_find()'s other identifier, for rows that have no UUID. */
static char *
identifier_of (const CoreApiItem *item)
{
  g_autofree char *provider = core_api_provider_encode (item->provider);

  return item->uuid != NULL ? g_strdup (item->uuid)
                            : g_strjoin ("-", provider, item->name, item->version, NULL);
}

/* Looking */

typedef struct
{
  const CorePortal *portal;
  GPtrArray *states;
} Look;

/* Those that still answer; what they have of @api is asked of them at the same time. (transfer container) */
static const char **
who_answers (const Look *look)
{
  const char **names = g_new0 (const char *, look->states->len + 1);
  guint n = 0;

  for (guint i = 0; i < look->states->len; i++)
    {
      const CoreGatewayState *state = look->states->pdata[i];

      if (!state->unreachable && state->n_unknown < CORE_GATEWAY_MAX_FAILURES)
        names[n++] = state->environment;
    }
  return names;
}

static CoreGatewayState *
state_of (const Look *look, const char *environment)
{
  for (guint i = 0; i < look->states->len; i++)
    if (g_str_equal (((CoreGatewayState *)look->states->pdata[i])->environment, environment))
      return look->states->pdata[i];
  g_assert_not_reached ();
}

static void
count (const Look *look, const CoreApi *api, CoreGatewayState *state, CorePresence presence)
{
  gboolean there = presence != CORE_PRESENCE_MISSING && presence != CORE_PRESENCE_NONE;

  state->asked = TRUE;
  if (presence == CORE_PRESENCE_UNKNOWN)
    state->n_unknown++;
  else if (presence == CORE_PRESENCE_SURPLUS || !is_for (look->portal, api, state->environment))
    state->n_surplus += there;
  else if (presence == CORE_PRESENCE_MISSING)
    state->n_missing++;
  else if (there)
    {
      state->n_deployed++;
      state->n_outdated += presence == CORE_PRESENCE_OUTDATED;
    }
}

static void
look_at (const Look *look, const CoreApi *api)
{
  g_autofree const char **names = who_answers (look);
  g_autofree CorePresence *presences = g_new0 (CorePresence, look->states->len + 1);
  g_autoptr (GPtrArray) failures = core_deployer_failures_new ();

  if (*names == NULL)
    return;
  look->portal->deployer->look (look->portal->deployer, api, names, presences, failures);
  for (guint i = 0; names[i] != NULL; i++)
    count (look, api, state_of (look, names[i]), presences[i]);
  for (guint i = 0; i < failures->len; i++)
    {
      const CoreDeployerFailure *failure = failures->pdata[i];
      CoreGatewayState *state = state_of (look, failure->environment);

      state->unreachable = state->unreachable || failure->unreachable;
      if (state->reason == NULL)
        state->reason = g_strdup (failure->reason);
    }
}

/* One more API of many. */
static void
count_walked (const CorePortal *portal)
{
  if (portal->walked != NULL)
    __atomic_fetch_add (portal->walked, 1, __ATOMIC_RELAXED);
}

static gboolean
look_at_page (const Look *look, const CoreActor *actor, const CoreApiPage *page, GError **error)
{
  for (guint i = 0; i < page->items->len; i++)
    {
      g_autofree char *identifier = identifier_of (page->items->pdata[i]);
      g_auto (Found) found = { NULL };

      if (!find_listed (look->portal, actor, identifier, &found, error))
        return FALSE;
      count_walked (look->portal);
      if (found.api != NULL && core_api_is_brought (found.api))
        look_at (look, found.api);
    }
  return TRUE;
}

/* What was deleted while a gateway was away is there as far as anybody knows. */
static gboolean
count_removals (const Look *look, const CoreActor *actor, GError **error)
{
  g_autoptr (GPtrArray) removals = core_pending_removals_list (look->portal, actor, NULL, error);

  for (guint i = 0; removals != NULL && i < removals->len; i++)
    for (guint j = 0; j < look->states->len; j++)
      {
        CoreGatewayState *state = look->states->pdata[j];

        if (g_str_equal (state->environment, ((StPendingRemoval *)removals->pdata[i])->environment))
          state->n_surplus++;
      }
  return removals != NULL;
}

static GPtrArray *
new_states (const CorePortal *portal)
{
  GPtrArray *states = g_ptr_array_new_with_free_func ((GDestroyNotify)core_gateway_state_free);
  const char *const *names
      = portal->deployer != NULL ? portal->deployer->environments (portal->deployer) : NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      CoreGatewayState *state = g_new0 (CoreGatewayState, 1);

      state->environment = names[i];
      g_ptr_array_add (states, state);
    }
  return states;
}

GPtrArray *
core_gateway_list (const CorePortal *portal, const CoreActor *actor, GError **error)
{
  return core_api_require_audience (actor, CORE_AUDIENCE_PUBLISHER, "see gateways", error)
             ? new_states (portal)
             : NULL;
}

GPtrArray *
core_gateway_look (const CorePortal *portal, const CoreActor *actor, GError **error)
{
  g_autoptr (GPtrArray) states = new_states (portal);
  const Look look = { portal, states };
  guint offset = 0, total = 0;

  do
    {
      g_autoptr (CoreApiPage) page
          = core_api_list (portal, actor, CORE_AUDIENCE_PUBLISHER, NULL, offset, CORE_API_PAGE_MAX, error);

      if (page == NULL || (states->len > 0 && !look_at_page (&look, actor, page, error)))
        return NULL;
      offset += page->items->len;
      total = page->items->len > 0 ? page->total : 0;
    }
  while (offset < total);
  return count_removals (&look, actor, error) ? g_steal_pointer (&states) : NULL;
}

/* Changing */

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const char *environment;
  GPtrArray *failures;
  CoreGatewayDone done;
} Change;

static void
change_clear (Change *change)
{
  g_clear_pointer (&change->failures, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
change_begin (Change *change, const char *what, GError **error)
{
  const CorePortal *portal = change->portal;
  const char *const *names
      = portal->deployer != NULL ? portal->deployer->environments (portal->deployer) : NULL;

  change->failures = core_deployer_failures_new ();
  if (!core_actor_require (change->actor, CORE_MAY_PUBLISH, what, error))
    return FALSE;
  return (names != NULL && g_strv_contains (names, change->environment))
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no gateway environment \"%s\"",
                              change->environment);
}

static gboolean
gave_up (const Change *change)
{
  const GPtrArray *failures = change->failures;
  const CoreDeployerFailure *last = failures->len > 0 ? failures->pdata[failures->len - 1] : NULL;

  return last != NULL && (last->unreachable || failures->len >= CORE_GATEWAY_MAX_FAILURES);
}

/* What failed since there were @before of them, failed with this API. */
static void
name_failures (const Change *change, guint before, const CoreApi *api)
{
  g_autofree char *label = core_api_label (api);

  for (guint i = before; i < change->failures->len; i++)
    {
      CoreDeployerFailure *failure = change->failures->pdata[i];
      char *reason = g_strdup_printf ("%s: %s", label, failure->reason);

      g_free (failure->reason);
      failure->reason = reason;
    }
}

/* Puts @found there, or takes it away. @wanted: whether it should be there. */
static void
settle (Change *change, const Found *found, gboolean wanted)
{
  CoreDeployer *deployer = change->portal->deployer;
  const char *const names[] = { change->environment, NULL };
  guint before = change->failures->len;

  if (wanted)
    deployer->publish (deployer, found->api, names, change->failures);
  else
    deployer->remove (deployer, found->api, names, change->failures);
  /* A version-less file that leads nowhere any more; one that leads to another version stays. */
  if (change->failures->len == before
      && (!found->has_default || (!wanted && found->api->is_published_default_version)))
    deployer->remove_default (deployer, found->api, names, change->failures);
  name_failures (change, before, found->api);
}

static gboolean
same_state (const CoreApi *a, const CoreApi *b)
{
  g_autofree char *before = core_api_etag (a), *after = core_api_etag (b);

  return g_str_equal (before, after) && a->is_published_default_version == b->is_published_default_version;
}

/* What is there now in the place of @found; an API that was deleted stays as it was, and is not wanted.
 * *same: whether nothing changed. */
static gboolean
follow (Change *change, const char *identifier, Found *found, gboolean *wanted, gboolean *same,
        GError **error)
{
  g_auto (Found) now = { NULL };

  if (!find_listed (change->portal, change->actor, identifier, &now, error))
    return FALSE;
  if (now.api == NULL)
    {
      *same = !*wanted;
      *wanted = FALSE;
      return TRUE;
    }
  *same = same_state (found->api, now.api);
  *wanted = is_for (change->portal, now.api, change->environment);
  core_api_free (found->api);
  found->api = g_steal_pointer (&now.api);
  found->has_default = now.has_default;
  return TRUE;
}

/* Somebody may change the API while a gateway is told of it, who tells the gateway as well: what he told may
 * have come first, and be undone by what is old by then. */
static gboolean
sync_one (Change *change, const char *identifier, Found *found, GError **error)
{
  guint before = change->failures->len;
  gboolean wanted = is_for (change->portal, found->api, change->environment), same = FALSE;

  for (guint round = 0; !change->portal->dry_run && !same && round < MAX_ROUNDS; round++)
    {
      settle (change, found, wanted);
      if (change->failures->len > before)
        return TRUE;
      if (!follow (change, identifier, found, &wanted, &same, error))
        return FALSE;
    }
  if (wanted)
    change->done.n_published++;
  else
    change->done.n_removed++;
  return TRUE;
}

static gboolean
sync_page (Change *change, const CoreApiPage *page, GError **error)
{
  for (guint i = 0; i < page->items->len && !gave_up (change); i++)
    {
      g_autofree char *identifier = identifier_of (page->items->pdata[i]);
      g_auto (Found) api = { NULL };

      if (!find_listed (change->portal, change->actor, identifier, &api, error)
          || (api.api != NULL && core_api_is_brought (api.api) && !sync_one (change, identifier, &api, error)))
        return FALSE;
      count_walked (change->portal);
    }
  return TRUE;
}

/* An API that is no more. */
static gboolean
sync_removal (Change *change, const StPendingRemoval *removal, GError **error)
{
  g_auto (Found) found = { NULL };
  guint before = change->failures->len;

  if (!core_pending_removal_find (change->portal, change->actor, removal, &found.api, error))
    return FALSE;
  if (found.api != NULL)
    {
      found.has_default = TRUE; /* only the deleted API's own default file goes */
      if (!change->portal->dry_run)
        settle (change, &found, FALSE);
      if (change->failures->len > before)
        return TRUE;
      change->done.n_removed++;
    }
  return core_pending_removal_done (change->portal, removal, error);
}

/* Before the others: a version-less file that leads to another version by now is brought back with that. */
static gboolean
sync_removals (Change *change, GError **error)
{
  g_autoptr (GPtrArray) removals
      = core_pending_removals_list (change->portal, change->actor, change->environment, error);

  for (guint i = 0; removals != NULL && i < removals->len && !gave_up (change); i++)
    if (!sync_removal (change, removals->pdata[i], error))
      return FALSE;
  return removals != NULL;
}

static gboolean
sync_all (Change *change, GError **error)
{
  guint offset = 0, total = 0;

  if (!sync_removals (change, error))
    return FALSE;
  if (gave_up (change))
    return TRUE;
  do
    {
      g_autoptr (CoreApiPage) page = core_api_list (change->portal, change->actor, CORE_AUDIENCE_PUBLISHER,
                                                    NULL, offset, CORE_API_PAGE_MAX, error);

      if (page == NULL || !sync_page (change, page, error))
        return FALSE;
      offset += page->items->len;
      total = page->items->len > 0 ? page->total : 0;
      if (offset < total)
        apim_info ("portal", "gateway %s has been brought up to date with %u of %u APIs", change->environment, offset,
                   total);
    }
  while (offset < total && !gave_up (change));
  return TRUE;
}

static gboolean
sync_named (Change *change, const char *identifier, GError **error)
{
  g_auto (Found) found = { NULL };

  if (!find (change->portal, change->actor, identifier, &found, error))
    return FALSE;
  return !core_api_is_brought (found.api) || sync_one (change, identifier, &found, error);
}

gboolean
core_gateway_sync (const CorePortal *portal, const CoreActor *actor, const char *environment, const char *api,
                   CoreGatewayDone *done, GError **error)
{
  g_auto (Change) change = { .portal = portal, .actor = actor, .environment = environment };
  g_autofree char *details = NULL;
  gboolean through;

  *done = (CoreGatewayDone){ 0 };
  through = change_begin (&change, "bring APIs to gateways", error)
            && (api != NULL ? sync_named (&change, api, error) : sync_all (&change, error));
  *done = change.done;
  if (!through)
    return FALSE;
  details = g_strdup_printf ("published=%u removed=%u failed=%u", done->n_published, done->n_removed,
                             change.failures->len);
  core_portal_audit (portal, actor, "sync", "gateway", environment, details);
  return core_api_report (change.failures, DONE, error);
}

gboolean
core_gateway_undeploy (const CorePortal *portal, const CoreActor *actor, const char *environment,
                       const char *api, GError **error)
{
  g_auto (Change) change = { .portal = portal, .actor = actor, .environment = environment };
  g_auto (Found) found = { NULL };
  g_autofree char *label = NULL, *details = NULL;

  if (!change_begin (&change, "take APIs from gateways", error) || !find (portal, actor, api, &found, error))
    return FALSE;
  label = core_api_label (found.api);
  if (!portal->dry_run && core_api_is_brought (found.api))
    settle (&change, &found, FALSE);
  details = g_strdup_printf ("gateway=\"%s\"", environment);
  core_portal_audit (portal, actor, "undeploy", "API", label, details);
  return core_api_report (change.failures, DONE, error);
}
