#include "config.h"
#include "portal/publisher/pt-publisher.h"

#include "portal/json/pt-json-application.h"
#include "portal/json/pt-json-subscription.h"
#include "portal/pt-page.h"

static void
append_item (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_subscription_append (json, item);
}

static gboolean
list_subscriptions (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *api = pt_request_need_query (request, "apiId", error);
  g_autoptr (GPtrArray) subscriptions = NULL;
  StPage page;
  gint64 total;

  if (api == NULL || !pt_request_page (request, &page, error)
      || !core_subscription_list_of_api (&request->core, request->actor, api, &page, &subscriptions, &total,
                                         error))
    return FALSE;
  pt_page_answer (request, answer, &page, subscriptions, total, append_item);
  return TRUE;
}

static gboolean
get_subscription (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StSubscriptionRecord) subscription = NULL;

  if (!core_subscription_get (&request->core, request->actor, request->parameters[0], &subscription, error))
    return FALSE;
  pt_json_subscription_append (answer->json, subscription);
  return TRUE;
}

static gboolean
set_state (PtRequest *request, PtAnswer *answer, const char *state, GError **error)
{
  const char *id = pt_request_need_query (request, "subscriptionId", error);
  g_autoptr (StSubscriptionRecord) subscription = NULL;

  if (id == NULL
      || !core_subscription_block (&request->core, request->actor, id, state, &subscription, error))
    return FALSE;
  pt_json_subscription_append (answer->json, subscription);
  return TRUE;
}

/* blockState: BLOCKED or PROD_ONLY_BLOCKED; what it may be is core's to say. */
static gboolean
block_subscription (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *state = pt_request_need_query (request, "blockState", error);

  return state != NULL && set_state (request, answer, state, error);
}

static gboolean
unblock_subscription (PtRequest *request, PtAnswer *answer, GError **error)
{
  return set_state (request, answer, "UNBLOCKED", error);
}

/* Whose subscriptions they are. */
static gboolean
get_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;

  if (!core_application_get_subscribed (&request->core, request->actor, request->parameters[0], &application,
                                        error))
    return FALSE;
  pt_json_application_append_info (answer->json, application);
  return TRUE;
}

const PtRoute pt_publisher_subscriptions[] = {
  { "GET", "/applications/{applicationId}", "apim:api_create", PT_BODY_NONE, FALSE, get_application },
  { "GET", "/subscriptions", "apim:subscription_view", PT_BODY_NONE, FALSE, list_subscriptions },
  { "POST", "/subscriptions/block-subscription", "apim:subscription_block", PT_BODY_NONE, FALSE,
    block_subscription },
  { "POST", "/subscriptions/unblock-subscription", "apim:subscription_block", PT_BODY_NONE, FALSE,
    unblock_subscription },
  { "GET", "/subscriptions/{subscriptionId}", "apim:subscription_view", PT_BODY_NONE, FALSE,
    get_subscription },
  { NULL },
};
