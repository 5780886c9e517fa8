#include "config.h"
#include "portal/store/pt-store.h"

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
  const CoreSubscriptionSearch search = { .application = pt_request_query (request, "applicationId"),
                                          .api = pt_request_query (request, "apiId") };
  g_autoptr (GPtrArray) subscriptions = NULL;
  StPage page;
  gint64 total;

  if (!pt_request_page (request, &page, error)
      || !core_subscription_list (&request->core, request->actor, &search, &page, &subscriptions, &total,
                                  error))
    return FALSE;
  pt_page_answer (request, answer, &page, subscriptions, total, append_item);
  return TRUE;
}

static gboolean
create_subscription (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtSubscriptionBody) body = { { 0 } };
  g_autoptr (StSubscriptionRecord) subscription = NULL;
  g_autofree char *id = NULL;

  if (!pt_json_subscription_read (request->body, "", &body, error)
      || !core_subscription_create (&request->core, request->actor, &body.input, &subscription, error))
    return FALSE;
  id = pt_json_subscription_id (subscription);
  pt_json_subscription_append (answer->json, subscription);
  pt_answer_created (answer, "/subscriptions/%s", id);
  return TRUE;
}

static gboolean
read_bodies (const CoreJsonNode *array, PtSubscriptionBody *bodies, CoreSubscriptionInput *inputs, guint *n,
             GError **error)
{
  for (const CoreJsonNode *node = core_json_first (array); node != NULL; node = core_json_next (node))
    {
      if (*n == CORE_SUBSCRIPTION_MAX_AT_ONCE)
        {
          g_set_error (error, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_INVALID,
                       "One call takes at most %d subscriptions; send the others in another one.",
                       CORE_SUBSCRIPTION_MAX_AT_ONCE);
          return FALSE;
        }
      if (!pt_json_subscription_read (node, "", &bodies[*n], error))
        {
          g_prefix_error (error, "Subscription %u of the list: ", *n + 1);
          return FALSE;
        }
      inputs[*n] = bodies[*n].input;
      (*n)++;
    }
  return TRUE;
}

/* All of them or none. */
static gboolean
create_several (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autofree PtSubscriptionBody *bodies = g_new0 (PtSubscriptionBody, CORE_SUBSCRIPTION_MAX_AT_ONCE);
  g_autofree CoreSubscriptionInput *inputs = g_new0 (CoreSubscriptionInput, CORE_SUBSCRIPTION_MAX_AT_ONCE);
  g_autoptr (GPtrArray) subscriptions = NULL;
  guint n = 0;
  gboolean done = read_bodies (request->body, bodies, inputs, &n, error)
                  && core_subscription_create_several (&request->core, request->actor, inputs, n,
                                                       &subscriptions, error);

  for (guint i = 0; i < CORE_SUBSCRIPTION_MAX_AT_ONCE; i++)
    pt_subscription_body_clear (&bodies[i]);
  if (!done)
    return FALSE;
  pt_page_append_items (answer->json, request, subscriptions, 0, subscriptions->len, append_item);
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
delete_subscription (PtRequest *request, PtAnswer *answer, GError **error)
{
  return core_subscription_delete (&request->core, request->actor, request->parameters[0], error);
}

const PtRoute pt_store_subscriptions[] = {
  { "GET", "/subscriptions", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, list_subscriptions },
  { "POST", "/subscriptions", PT_STORE_SCOPE, PT_BODY_JSON, FALSE, create_subscription },
  { "POST", "/subscriptions/multiple", PT_STORE_SCOPE, PT_BODY_JSON_ARRAY, FALSE, create_several },
  { "GET", "/subscriptions/{subscriptionId}", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, get_subscription },
  { "DELETE", "/subscriptions/{subscriptionId}", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, delete_subscription },
  { NULL },
};
