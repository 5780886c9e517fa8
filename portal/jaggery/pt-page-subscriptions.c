/* subscription-add, subscription-list and subscription-remove of the Store, and the Publisher's page that
 * blocks. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-json.h"
#include "core/core-key.h"
#include "core/core-subscription.h"
#include "portal/jaggery/pt-page-lookup.h"
#include "portal/pt-error.h"

#define LIST_FIRST 1
#define LIST_LAST 100

/* Adding and removing */

static gboolean
subscribe (PtPageCall *call, const char *application, StSubscriptionRecord **created, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "name", error);
  const CoreSubscriptionInput input
      = { .application = application, .api = api, .tier = pt_fields_get (call->fields, "tier") };

  return api != NULL && core_subscription_create (&call->portal->core, call->actor, &input, created, error);
}

static gboolean
add_by_name (PtPageCall *call, GError **error)
{
  g_autoptr (StSubscriptionRecord) created = NULL;
  g_autoptr (StApplicationRecord) application = NULL;
  g_autofree char *id = NULL;

  if (!pt_page_find_application (call, "applicationName", NULL, &application, error))
    return FALSE;
  id = pt_page_application_id (application);
  if (subscribe (call, id, &created, error))
    return TRUE;
  if (error != NULL && !pt_error_is_ours (*error))
    g_prefix_error (error, "Error while adding subscription for user: %s. Reason: ", call->actor->name);
  return FALSE;
}

static gboolean
add_by_number (PtPageCall *call, GError **error)
{
  g_autoptr (StSubscriptionRecord) created = NULL;
  const char *application = pt_fields_need (call->fields, "applicationId", error);

  if (application == NULL || !subscribe (call, application, &created, error))
    return FALSE;
  core_json_append_member (call->json, "status", created->status);
  return TRUE;
}

static gboolean
remove_subscription (PtPageCall *call, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;
  g_autofree char *api = pt_page_api_id (call, "name", error);
  g_autofree char *id = NULL;

  if (api == NULL
      || !pt_page_find_application (call, "applicationName", "applicationId", &application, error))
    return FALSE;
  id = pt_page_application_id (application);
  return core_subscription_delete_between (&call->portal->core, call->actor, id, api, error);
}

/* Lists */

/* The page's own answer to who asks of an application that is not there, by which clients know it. */
static gboolean
answer_unknown (PtPageCall *call, const GError *why)
{
  call->status = 404;
  g_string_assign (call->json, "{");
  core_json_append_name (call->json, "subscriptionCallbackResponse");
  g_string_append_c (call->json, '{');
  core_json_append_member (call->json, "error", "true");
  core_json_append_member (call->json, "message", why->message);
  g_string_append_c (call->json, '}');
  return TRUE;
}

/* *application: NULL where the field is empty; *answered: it names one that is not there, and that was said.
 */
static gboolean
find_selected (PtPageCall *call, const char *field, StApplicationRecord **application, gboolean *answered,
               GError **error)
{
  g_autoptr (GError) why = NULL;

  *application = NULL;
  *answered = FALSE;
  if (pt_fields_get (call->fields, field) == NULL
      || pt_page_find_application (call, field, NULL, application, &why))
    return TRUE;
  if (g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND))
    {
      *answered = answer_unknown (call, why);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* "start" and "end" count from 1, and both belong to the range. */
static gboolean
read_range (PtPageCall *call, StPage *page, GError **error)
{
  guint first, last;

  if (!pt_page_number (call, "start", LIST_FIRST, &first, error)
      || !pt_page_number (call, "end", LIST_LAST, &last, error))
    return FALSE;
  if (first < 1)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"start\" counts from 1.");
  page->offset = first - 1;
  page->limit = last >= first ? MIN (last - first + 1, (guint)G_MAXINT) : 0;
  return TRUE;
}

static gboolean
list (PtPageCall *call, const char *application, const char *api, const StPage *page, GPtrArray **records,
      gint64 *total, GError **error)
{
  const CoreSubscriptionSearch search = { .application = application, .api = api };

  return core_subscription_list (&call->portal->core, call->actor, &search, page, records, total, error);
}

static void
append_subscription (GString *json, const StSubscriptionRecord *subscription)
{
  g_string_append_c (json, '{');
  core_json_append_int64 (json, "id", subscription->id);
  core_json_append_member (json, "name", subscription->api_name);
  core_json_append_member (json, "provider", subscription->api_provider);
  core_json_append_member (json, "version", subscription->api_version);
  core_json_append_member (json, "context", subscription->api_context);
  core_json_append_member (json, "status", subscription->api_state);
  core_json_append_member (json, "tier", subscription->tier);
  core_json_append_member (json, "subStatus", subscription->status);
  g_string_append_c (json, '}');
}

/* Of both types: consumer key and state. Secrets and tokens were handed out when they were made. */
static gboolean
append_keys (PtPageCall *call, const char *application, GError **error)
{
  static const char *const members[][3]
      = { [ST_KEY_PRODUCTION] = { "prodKey", "prodConsumerKey", "prodConsumerSecret" },
          [ST_KEY_SANDBOX] = { "sandboxKey", "sandboxConsumerKey", "sandboxConsumerSecret" } };
  g_autoptr (GPtrArray) keys = NULL;

  if (!core_key_list (&call->portal->core, call->actor, application, &keys, error))
    return FALSE;
  for (guint type = 0; type < G_N_ELEMENTS (members); type++)
    {
      const char *consumer_key = NULL;

      for (guint i = 0; i < keys->len; i++)
        {
          const CoreKey *key = keys->pdata[i];

          if (key->key->type == (StKeyType)type)
            consumer_key = key->key->consumer_key;
        }
      core_json_append_member (call->json, members[type][0], NULL);
      core_json_append_member (call->json, members[type][1], consumer_key);
      core_json_append_member (call->json, members[type][2], NULL);
    }
  return TRUE;
}

static void
append_subscriptions_of (GString *json, const GPtrArray *records, gint64 application_id)
{
  gboolean any = FALSE;

  core_json_append_name (json, "subscriptions");
  g_string_append_c (json, '[');
  for (guint i = 0; i < records->len; i++)
    {
      const StSubscriptionRecord *record = records->pdata[i];

      if (record->application_id != application_id)
        continue;
      if (any)
        g_string_append_c (json, ',');
      append_subscription (json, record);
      any = TRUE;
    }
  g_string_append_c (json, ']');
}

static gboolean
append_application (PtPageCall *call, const StApplicationRecord *application, const GPtrArray *records,
                    GError **error)
{
  g_autofree char *id = pt_page_application_id (application);
  GString *json = call->json;

  g_string_append_c (json, '{');
  core_json_append_int64 (json, "id", application->id);
  core_json_append_member (json, "name", application->name);
  core_json_append_member (json, "groupId", application->group_id);
  core_json_append_member (json, "callbackUrl", application->callback_url);
  core_json_append_member (json, "status", application->status);
  if (!append_keys (call, id, error))
    return FALSE;
  append_subscriptions_of (json, records, application->id);
  g_string_append_c (json, '}');
  return TRUE;
}

/* (transfer full) (element-type StApplicationRecord): the one that was selected, else all of the actor's. */
static GPtrArray *
shown_applications (PtPageCall *call, const StApplicationRecord *selected, GError **error)
{
  static const StPage everything = { 0, G_MAXINT };
  const CoreApplicationSearch search = { NULL };
  GPtrArray *applications;
  gint64 total;

  if (selected != NULL)
    {
      applications = g_ptr_array_new_with_free_func ((GDestroyNotify)st_application_record_free);
      g_ptr_array_add (applications, st_application_record_copy (selected));
      return applications;
    }
  return core_application_list (&call->portal->core, call->actor, &search, &everything, &applications, &total,
                                error)
             ? applications
             : NULL;
}

static gboolean
list_subscriptions (PtPageCall *call, GError **error)
{
  g_autoptr (StApplicationRecord) selected = NULL;
  g_autoptr (GPtrArray) applications = NULL, records = NULL;
  g_autofree char *id = NULL;
  gboolean answered = FALSE;
  gint64 total;
  StPage page;

  if (!read_range (call, &page, error) || !find_selected (call, "selectedApp", &selected, &answered, error)
      || answered)
    return answered;
  id = selected != NULL ? pt_page_application_id (selected) : NULL;
  applications = shown_applications (call, selected, error);
  if (applications == NULL || !list (call, id, NULL, &page, &records, &total, error))
    return FALSE;
  core_json_append_name (call->json, "subscriptions");
  g_string_append_c (call->json, '{');
  core_json_append_name (call->json, "applications");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < applications->len; i++)
    {
      if (i > 0)
        g_string_append_c (call->json, ',');
      if (!append_application (call, applications->pdata[i], records, error))
        return FALSE;
    }
  g_string_append_c (call->json, ']');
  core_json_append_int64 (call->json, "totalLength", total);
  g_string_append_c (call->json, '}');
  return TRUE;
}

static gboolean
list_of_application (PtPageCall *call, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autofree char *id = NULL;
  gboolean answered;

  if (pt_fields_need (call->fields, "app", error) == NULL
      || !find_selected (call, "app", &application, &answered, error))
    return FALSE;
  if (answered)
    return TRUE;
  id = pt_page_application_id (application);
  if (!list (call, id, NULL, NULL, &records, NULL, error))
    return FALSE;
  core_json_append_name (call->json, "apis");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < records->len; i++)
    {
      const StSubscriptionRecord *record = records->pdata[i];

      g_string_append (call->json, i > 0 ? ",{" : "{");
      core_json_append_member (call->json, "apiName", record->api_name);
      core_json_append_member (call->json, "apiVersion", record->api_version);
      core_json_append_member (call->json, "apiProvider", record->api_provider);
      core_json_append_member (call->json, "subscribedTier", record->tier);
      core_json_append_member (call->json, "status", record->status);
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

static gboolean
list_of_api (PtPageCall *call, GError **error)
{
  const char *name = pt_fields_need (call->fields, "apiName", error);
  const char *version = name != NULL ? pt_fields_need (call->fields, "apiVersion", error) : NULL;
  g_autofree char *api = version != NULL ? pt_page_make_api_id (call, name, version) : NULL;
  g_autoptr (GPtrArray) records = NULL;

  if (api == NULL || !list (call, NULL, api, NULL, &records, NULL, error))
    return FALSE;
  core_json_append_name (call->json, "applications");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < records->len; i++)
    {
      const StSubscriptionRecord *record = records->pdata[i];

      g_string_append (call->json, i > 0 ? ",{" : "{");
      core_json_append_member (call->json, "application", record->application_name);
      core_json_append_int64 (call->json, "applicationId", record->application_id);
      core_json_append_member (call->json, "subscribedTier", record->tier);
      core_json_append_member (call->json, "status", record->status);
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

/* The Publisher */

static gboolean
update_subscription (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "apiName", error);
  const char *application = api != NULL ? pt_fields_need (call->fields, "appId", error) : NULL;
  const char *state = application != NULL ? pt_fields_need (call->fields, "newStatus", error) : NULL;

  return state != NULL
         && core_subscription_block_between (&call->portal->core, call->actor, application, api, state, NULL,
                                             error);
}

#define PAGE(part) "subscription/subscription-" part "/ajax/subscription-" part ".jag"

const PtPageRow pt_store_page_subscriptions[] = {
  { PAGE ("add"), "addAPISubscription", PT_PAGE_LOGIN_REQUIRED, 0, add_by_name },
  { PAGE ("add"), "addSubscription", PT_PAGE_LOGIN_REQUIRED, 0, add_by_number },
  { PAGE ("list"), "getAllSubscriptions", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_subscriptions },
  { PAGE ("list"), "getAllSubscriptionsOfApplication", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS,
    list_subscriptions },
  { PAGE ("list"), "getSubscriptionByApplication", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS,
    list_of_application },
  { PAGE ("list"), "getSubscriptionByAPI", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_of_api },
  { PAGE ("remove"), "removeSubscription", PT_PAGE_LOGIN_REQUIRED, 0, remove_subscription },
  { NULL },
};

const PtPageRow pt_publisher_page_subscriptions[] = {
  { "users-keys/ajax/subscriptions.jag", "updateSubscription", PT_PAGE_AUTHENTICATE_ERROR, 0,
    update_subscription },
  { NULL },
};
