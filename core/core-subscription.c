#include "config.h"
#include "core/core-subscription.h"

#include "core/core-api-read.h"
#include "core/core-application-private.h"
#include "core/core-subscription-rules.h"
#include "core/core-tier.h"
#include "core/core-workflow.h"
#include "store/st-subscription-writes.h"

#include <string.h>

/* What a call is about, on its way through a transaction. */
typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  const CoreSubscriptionInput *inputs;
  guint n_inputs;
  const char *id;
  const char *application;
  const char *api;
  const StPage *page;
  const char *state;
  gint64 total;
  GPtrArray *records;
  StSubscriptionRecord *result;
} Call;

static gboolean
find_by_id (StWriter *writer, const char *id, StSubscriptionRecord **found, GError **error)
{
  gint64 number;

  if (g_ascii_string_to_signed (id, 10, 1, G_MAXINT32, &number, NULL))
    return st_subscription_record_find (writer, number, found, error);
  return st_subscription_record_find_by_uuid (writer, id, found, error);
}

/* *api: NULL where there is none, whoever may see it: a number, a UUID or "provider-name-version". */
static gboolean
find_api (StWriter *writer, const char *id, CoreApi **api, GError **error)
{
  g_autoptr (StApiRow) row = NULL;
  gint64 number;
  gboolean done;

  *api = NULL;
  if (g_ascii_string_to_signed (id, 10, 1, G_MAXINT32, &number, NULL))
    done = st_read_api (writer, number, &row, error);
  else if (g_uuid_string_is_valid (id))
    done = st_read_api_by_uuid (writer, id, &row, error);
  else
    done = st_read_api_by_identifier (writer, id, &row, error);
  if (!done || row == NULL)
    return done;
  *api = core_api_from_row (writer, row, error);
  return *api != NULL;
}

static gboolean
fail_missing (const char *id, GError **error)
{
  return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no subscription %s of yours", id);
}

static gboolean
is_owner (const CoreActor *actor, const StSubscriptionRecord *subscription)
{
  return subscription->tenant_id == actor->tenant_id
         && (core_actor_may (actor, CORE_MAY_ADMINISTER)
             || (core_actor_may (actor, CORE_MAY_SUBSCRIBE)
                 && g_strcmp0 (subscription->subscriber, actor->name) == 0));
}

/* The API where it is one of the actor's tenant. */
static gboolean
find_own_api (StWriter *writer, const CoreActor *actor, const char *id, CoreApi **api, GError **error)
{
  g_autoptr (CoreApi) found = NULL;

  if (!find_api (writer, id, &found, error))
    return FALSE;
  if (found == NULL || g_strcmp0 (found->tenant_domain, actor->tenant_domain) != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no API %s", id);
  *api = g_steal_pointer (&found);
  return TRUE;
}

/* Whether the subscription is to an API of the actor's tenant. */
static gboolean
is_to_own_api (StWriter *writer, const CoreActor *actor, const StSubscriptionRecord *subscription,
               gboolean *own, GError **error)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, subscription->api_id);
  g_autoptr (CoreApi) api = NULL;

  if (!find_api (writer, id, &api, error))
    return FALSE;
  *own = api != NULL && g_strcmp0 (api->tenant_domain, actor->tenant_domain) == 0;
  return TRUE;
}

/* Who publishes looks at the subscriptions to his tenant's APIs. */
static gboolean
is_publisher (const CoreActor *actor)
{
  return core_actor_may (actor, CORE_MAY_PUBLISH) || core_actor_may (actor, CORE_MAY_CREATE);
}

/* Of the API's tenant, whose tiers its subscriptions have. */
static gboolean
find_tenant_id (const Call *call, const CoreApi *api, gint *tenant_id, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;

  *tenant_id = call->actor->tenant_id;
  if (g_strcmp0 (api->tenant_domain, call->actor->tenant_domain) == 0)
    return TRUE;
  if (!st_user_store_find_tenant_by_domain (call->portal->users, api->tenant_domain, 0, &tenant, error))
    return FALSE;
  if (tenant == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no tenant %s", api->tenant_domain);
  *tenant_id = tenant->id;
  return TRUE;
}

/* What the pure rules cannot see: that the tier is still there, and whose it is. */
static gboolean
check_tier (StWriter *writer, const Call *call, const CoreApi *api, const char *tier, GError **error)
{
  gboolean advanced = call->portal->advanced_throttling;
  g_autoptr (GPtrArray) violations = core_violations_new ();
  gboolean exists, allowed = TRUE;
  gint tenant_id;

  if (!find_tenant_id (call, api, &tenant_id, error)
      || !core_tier_exists (writer, advanced, CORE_TIER_API, tenant_id, tier, &exists, error)
      || (exists
          && !core_tier_is_allowed (writer, advanced, tenant_id, tier,
                                    (const char *const *)call->actor->roles, &allowed, error)))
    return FALSE;
  if (!exists)
    core_violations_add (violations, "tier", "Specified tier %s does not exist", tier);
  else if (!allowed)
    return core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN,
                             "Tier %s is not allowed for the user's roles", tier);
  return core_violations_check (violations, error);
}

/* Approved at once, or parked for somebody's decision. */
static gboolean
begin_workflow (StWriter *writer, const Call *call, gint64 id, GError **error)
{
  g_autofree char *reference = g_strdup_printf ("%" G_GINT64_FORMAT, id);
  g_autofree char *external_reference = NULL;
  gboolean waits;

  return core_workflow_begin (writer, call->portal, call->actor, APIM_WORKFLOW_SUBSCRIPTION_CREATION,
                              reference, NULL, &waits, &external_reference, error)
         && (waits || st_write_decide_subscription (writer, id, TRUE, call->actor->name, error));
}

static gboolean
subscribe (StWriter *writer, const Call *call, const CoreSubscriptionInput *input,
           StSubscriptionRecord **created, GError **error)
{
  StNewSubscription subscription = { .tier = input->tier, .created_by = call->actor->name };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (CoreApi) api = NULL;
  gint64 id;

  if (!core_application_find (writer, call->actor, input->application, TRUE, &application, error)
      || !core_application_require_approved (application, "subscribe to APIs", error)
      || !find_api (writer, input->api, &api, error))
    return FALSE;
  if (api == NULL)
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no API %s in the Store",
                             input->api);
  subscription.api_id = api->id;
  subscription.application_id = application->id;
  return core_subscription_check (call->actor, api, input->tier, error)
         && check_tier (writer, call, api, input->tier, error)
         && st_write_subscribe (writer, &subscription, &id, error) && begin_workflow (writer, call, id, error)
         && st_subscription_record_find (writer, id, created, error);
}

gboolean
core_subscription_insert (StWriter *writer, const CorePortal *portal, const CoreActor *actor,
                          const CoreSubscriptionInput *input, StSubscriptionRecord **created, GError **error)
{
  const Call call = { .portal = portal, .actor = actor };

  return subscribe (writer, &call, input, created, error);
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)st_subscription_record_free);
}

static gboolean
subscribe_all (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;

  g_clear_pointer (&call->records, g_ptr_array_unref);
  call->records = new_records ();
  for (guint i = 0; i < call->n_inputs; i++)
    {
      StSubscriptionRecord *created = NULL;

      if (!subscribe (writer, call, &call->inputs[i], &created, error))
        {
          if (call->n_inputs > 1)
            g_prefix_error (error, "subscription %u, to %s: ", i + 1, call->inputs[i].api);
          return FALSE;
        }
      g_ptr_array_add (call->records, created);
    }
  return TRUE;
}

static gboolean
check_inputs (const CoreSubscriptionInput *inputs, guint n_inputs, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  if (n_inputs == 0 || n_inputs > CORE_SUBSCRIPTION_MAX_AT_ONCE)
    core_violations_add (violations, "list", "a call asks for 1 to %u subscriptions",
                         CORE_SUBSCRIPTION_MAX_AT_ONCE);
  for (guint i = 0; i < n_inputs && n_inputs <= CORE_SUBSCRIPTION_MAX_AT_ONCE; i++)
    {
      if (inputs[i].application == NULL || *inputs[i].application == '\0')
        core_violations_add (violations, "applicationId", "the application of the subscription is missing");
      if (inputs[i].api == NULL || *inputs[i].api == '\0')
        core_violations_add (violations, "apiIdentifier", "the API of the subscription is missing");
      if (inputs[i].tier == NULL || *inputs[i].tier == '\0')
        core_violations_add (violations, "tier", "the tier of the subscription is missing");
    }
  return core_violations_check (violations, error);
}

static void
audit (const Call *call, const char *action, const StSubscriptionRecord *subscription, const char *details)
{
  g_autofree char *label = g_strdup_printf ("%s to %s-%s", subscription->application_name,
                                            subscription->api_name, subscription->api_version);

  core_portal_audit (call->portal, call->actor, action, "subscription", label, details);
}

gboolean
core_subscription_create_several (const CorePortal *portal, const CoreActor *actor,
                                  const CoreSubscriptionInput *inputs, guint n_inputs, GPtrArray **created,
                                  GError **error)
{
  Call call = { .portal = portal, .actor = actor, .inputs = inputs, .n_inputs = n_inputs };
  g_autoptr (GPtrArray) records = NULL;
  gboolean done = core_actor_require (actor, CORE_MAY_SUBSCRIBE, "subscribe to APIs", error)
                  && check_inputs (inputs, n_inputs, error)
                  && core_portal_write (portal, subscribe_all, &call, error);

  records = call.records;
  if (!done)
    return FALSE;
  for (guint i = 0; i < records->len; i++)
    audit (&call, "subscribe", g_ptr_array_index (records, i), NULL);
  *created = g_steal_pointer (&records);
  return TRUE;
}

gboolean
core_subscription_create (const CorePortal *portal, const CoreActor *actor,
                          const CoreSubscriptionInput *input, StSubscriptionRecord **created, GError **error)
{
  g_autoptr (GPtrArray) records = NULL;

  if (!core_subscription_create_several (portal, actor, input, 1, &records, error))
    return FALSE;
  *created = g_ptr_array_steal_index (records, 0);
  return TRUE;
}

/* Of the actor's application; its row is held, so that it is decided about by one at a time. */
static gboolean
find_own (StWriter *writer, Call *call, GError **error)
{
  StSubscriptionFilter between;
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (GPtrArray) records = NULL;

  g_clear_pointer (&call->result, st_subscription_record_free);
  if (call->id != NULL)
    return find_by_id (writer, call->id, &call->result, error)
           && ((call->result != NULL && is_owner (call->actor, call->result))
               || fail_missing (call->id, error));
  if (!core_application_find (writer, call->actor, call->application, TRUE, &application, error)
      || !find_api (writer, call->api, &api, error))
    return FALSE;
  between = (StSubscriptionFilter){ .application_id = application->id, .api_id = api != NULL ? api->id : -1 };
  if (!st_subscription_record_list (writer, &between, NULL, &records, NULL, error))
    return FALSE;
  call->result = records->len > 0 ? g_ptr_array_steal_index (records, 0) : NULL;
  return call->result != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND,
                              "the application \"%s\" is not subscribed to the API %s", application->name,
                              call->api);
}

static gboolean
unsubscribe (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autofree char *reference = NULL;

  if (!find_own (writer, call, error))
    return FALSE;
  reference = g_strdup_printf ("%" G_GINT64_FORMAT, call->result->id);
  return st_write_drop_workflows (writer, core_workflow_type_text (APIM_WORKFLOW_SUBSCRIPTION_CREATION),
                                  reference, error)
         && st_write_unsubscribe (writer, call->result->api_id, call->result->application_id,
                                  call->actor->name, error);
}

static gboolean
end (Call *call, GError **error)
{
  gboolean done = core_portal_write (call->portal, unsubscribe, call, error);
  g_autoptr (StSubscriptionRecord) ended = g_steal_pointer (&call->result);

  if (done)
    audit (call, "unsubscribe", ended, NULL);
  return done;
}

gboolean
core_subscription_delete (const CorePortal *portal, const CoreActor *actor, const char *id, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .id = id };

  return end (&call, error);
}

gboolean
core_subscription_delete_between (const CorePortal *portal, const CoreActor *actor, const char *application,
                                  const char *api, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .application = application, .api = api };

  return end (&call, error);
}

static gboolean
get (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  gboolean mine = FALSE;

  g_clear_pointer (&call->result, st_subscription_record_free);
  if (!find_by_id (writer, call->id, &call->result, error))
    return FALSE;
  if (call->result != NULL)
    mine = is_owner (call->actor, call->result);
  if (call->result != NULL && !mine && is_publisher (call->actor)
      && !is_to_own_api (writer, call->actor, call->result, &mine, error))
    return FALSE;
  return mine || fail_missing (call->id, error);
}

gboolean
core_subscription_get (const CorePortal *portal, const CoreActor *actor, const char *id,
                       StSubscriptionRecord **found, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .id = id };
  gboolean done = core_portal_read (portal, get, &call, error);
  g_autoptr (StSubscriptionRecord) record = g_steal_pointer (&call.result);

  *found = done ? g_steal_pointer (&record) : NULL;
  return done;
}

static gboolean
list_own (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StSubscriptionFilter filter = { 0 };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (CoreApi) api = NULL;

  g_clear_pointer (&call->records, g_ptr_array_unref);
  call->total = 0;
  if (call->application != NULL
      && !core_application_find (writer, call->actor, call->application, FALSE, &application, error))
    return FALSE;
  if (call->api != NULL && !find_api (writer, call->api, &api, error))
    return FALSE;
  if (call->api != NULL && (api == NULL || !core_subscription_sees_api (call->actor, api)))
    return core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "there is no API %s in the Store",
                             call->api);
  if (application != NULL)
    filter.application_id = application->id;
  else if (!st_subscriber_find (writer, call->actor->tenant_id, call->actor->name, &filter.subscriber_id,
                                error))
    return FALSE;
  if (api != NULL)
    filter.api_id = api->id;
  if (application == NULL && filter.subscriber_id == 0)
    {
      call->records = new_records ();
      return TRUE;
    }
  return st_subscription_record_list (writer, &filter, call->page, &call->records, &call->total, error);
}

static gboolean
list_of_api (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  StSubscriptionFilter filter = { 0 };
  g_autoptr (CoreApi) api = NULL;

  g_clear_pointer (&call->records, g_ptr_array_unref);
  if (!find_own_api (writer, call->actor, call->api, &api, error))
    return FALSE;
  filter.api_id = api->id;
  return st_subscription_record_list (writer, &filter, call->page, &call->records, &call->total, error);
}

static gboolean
hand_out (Call *call, StWork work, GPtrArray **records, gint64 *total, GError **error)
{
  gboolean done = core_portal_read (call->portal, work, call, error);
  g_autoptr (GPtrArray) found = g_steal_pointer (&call->records);

  *records = done ? g_steal_pointer (&found) : NULL;
  if (done && total != NULL)
    *total = call->total;
  return done;
}

gboolean
core_subscription_list (const CorePortal *portal, const CoreActor *actor,
                        const CoreSubscriptionSearch *search, const StPage *page, GPtrArray **records,
                        gint64 *total, GError **error)
{
  Call call = { .portal = portal,
                .actor = actor,
                .application = search != NULL ? search->application : NULL,
                .api = search != NULL ? search->api : NULL,
                .page = page };

  *records = NULL;
  return (core_actor_may (actor, CORE_MAY_ADMINISTER)
          || core_actor_require (actor, CORE_MAY_SUBSCRIBE, "see subscriptions", error))
         && hand_out (&call, list_own, records, total, error);
}

gboolean
core_subscription_list_of_api (const CorePortal *portal, const CoreActor *actor, const char *api,
                               const StPage *page, GPtrArray **records, gint64 *total, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .api = api, .page = page };

  *records = NULL;
  return (is_publisher (actor)
          || core_actor_require (actor, CORE_MAY_PUBLISH, "see the subscriptions to an API", error))
         && hand_out (&call, list_of_api, records, total, error);
}

/* Of the application to an API of the actor's tenant; NULL: there is none. */
static gboolean
find_between (StWriter *writer, const Call *call, StSubscriptionRecord **found, GError **error)
{
  StSubscriptionFilter filter = { 0 };
  g_autoptr (CoreApi) api = NULL;
  g_autoptr (GPtrArray) records = NULL;

  if (!find_own_api (writer, call->actor, call->api, &api, error))
    return FALSE;
  filter.api_id = api->id;
  if (!g_ascii_string_to_signed (call->application, 10, 1, G_MAXINT32, &filter.application_id, NULL))
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID, "\"%s\" is no number of an application",
                             call->application);
  if (!st_subscription_record_list (writer, &filter, NULL, &records, NULL, error))
    return FALSE;
  *found = records->len > 0 ? g_ptr_array_steal_index (records, 0) : NULL;
  return TRUE;
}

static gboolean
find_to_block (StWriter *writer, Call *call, GError **error)
{
  gboolean own = FALSE;

  g_clear_pointer (&call->result, st_subscription_record_free);
  if (call->id == NULL)
    return find_between (writer, call, &call->result, error)
           && (call->result != NULL
               || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND,
                                    "the application %s is not subscribed to the API %s", call->application,
                                    call->api));
  if (!find_by_id (writer, call->id, &call->result, error)
      || (call->result != NULL && !is_to_own_api (writer, call->actor, call->result, &own, error)))
    return FALSE;
  return own
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND,
                              "there is no subscription %s to an API of yours", call->id);
}

static gboolean
block (StWriter *writer, gpointer data, GError **error)
{
  static const char *const states[] = { "UNBLOCKED", "PROD_ONLY_BLOCKED", "BLOCKED" };
  static const StBlocking blockings[] = { ST_BLOCKING_NONE, ST_BLOCKING_PRODUCTION, ST_BLOCKING_ALL };
  Call *call = data;
  gint64 id;

  if (!find_to_block (writer, call, error))
    return FALSE;
  id = call->result->id;
  g_clear_pointer (&call->result, st_subscription_record_free);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (call->state, states[i]) == 0)
      return st_write_block_subscription (writer, id, blockings[i], call->actor->name, error)
             && st_subscription_record_find (writer, id, &call->result, error);
  return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID,
                           "\"%s\" is none of BLOCKED, PROD_ONLY_BLOCKED and UNBLOCKED", call->state);
}

static gboolean
block_one (Call *call, StSubscriptionRecord **updated, GError **error)
{
  gboolean done = core_actor_require (call->actor, CORE_MAY_PUBLISH, "block subscriptions", error)
                  && core_portal_write (call->portal, block, call, error);
  g_autoptr (StSubscriptionRecord) record = g_steal_pointer (&call->result);

  if (!done)
    return FALSE;
  audit (call, "block", record, call->state);
  if (updated != NULL)
    *updated = g_steal_pointer (&record);
  return TRUE;
}

gboolean
core_subscription_block (const CorePortal *portal, const CoreActor *actor, const char *id, const char *state,
                         StSubscriptionRecord **updated, GError **error)
{
  Call call = { .portal = portal, .actor = actor, .id = id, .state = state };

  return block_one (&call, updated, error);
}

gboolean
core_subscription_block_between (const CorePortal *portal, const CoreActor *actor, const char *application,
                                 const char *api, const char *state, StSubscriptionRecord **updated,
                                 GError **error)
{
  Call call = { .portal = portal, .actor = actor, .application = application, .api = api, .state = state };

  return block_one (&call, updated, error);
}
