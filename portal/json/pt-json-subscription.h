/* Subscriptions as the store and publisher APIs of REST write and read them
 * (spec/publisher-store-workflows.md 11; the definition Subscription of store-api.yaml v0.14). Threads: pure
 * functions. */
#ifndef PT_JSON_SUBSCRIPTION_H
#define PT_JSON_SUBSCRIPTION_H

#include "core/core-subscription.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

/* The UUID, or the number of a subscription from 1.9. Free with g_free(). */
char *pt_json_subscription_id (const StSubscriptionRecord *subscription);

void pt_json_subscription_append (GString *json, const StSubscriptionRecord *subscription);

/* What a body asks for. Owns what @input borrows. */
typedef struct
{
  CoreSubscriptionInput input;
  char *application, *api, *tier;
} PtSubscriptionBody;

void pt_subscription_body_clear (PtSubscriptionBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtSubscriptionBody, pt_subscription_body_clear)

/* FALSE with CORE_PORTAL_ERROR_INVALID: members that are missing or of the wrong type. @prefix: of field
 * names, as in PtJson. */
gboolean pt_json_subscription_read (const CoreJsonNode *node, const char *prefix, PtSubscriptionBody *body,
                                    GError **error);

G_END_DECLS
#endif
