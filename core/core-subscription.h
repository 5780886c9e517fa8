/* Subscriptions of applications to APIs (spec/publisher-store-workflows.md 6.4, 6.5, 4.8, decisions.md 2):
 * made and ended by the owner of the application, seen and blocked by the publishers of the API's tenant.
 *
 * Ids are UUIDs, or the numbers that databases of 1.9 have.
 * Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_SUBSCRIPTION_H
#define CORE_SUBSCRIPTION_H

#include "core/core-portal.h"
#include "store/st-subscription-record.h"

G_BEGIN_DECLS

/* One call may ask for so many. */
#define CORE_SUBSCRIPTION_MAX_AT_ONCE 100

typedef struct
{
  const char *application; /* id */
  const char *api;         /* UUID, "provider-name-version", or a number */
  const char *tier;
} CoreSubscriptionInput;

/* UNBLOCKED, or ON_HOLD where it waits for approval (core-workflow.h). Only to what the Store shows to the
 * actor, in the state PUBLISHED, to the actor's tenant, with a tier that the API offers and the actor's roles
 * may use. *created: (transfer full). A second one of the application is CORE_PORTAL_ERROR_CONFLICT. */
gboolean core_subscription_create (const CorePortal *portal, const CoreActor *actor,
                                   const CoreSubscriptionInput *input, StSubscriptionRecord **created,
                                   GError **error);

/* All of @inputs, or none. *created: (transfer full) (element-type StSubscriptionRecord): in their order. The
 * error names the one that was refused. */
gboolean core_subscription_create_several (const CorePortal *portal, const CoreActor *actor,
                                           const CoreSubscriptionInput *inputs, guint n_inputs,
                                           GPtrArray **created, GError **error);

/* Ends it, together with the task that waits for it. One that was blocked keeps its block for the next time.
 * CORE_PORTAL_ERROR_NOT_FOUND where it ended already. */
gboolean core_subscription_delete (const CorePortal *portal, const CoreActor *actor, const char *id,
                                   GError **error);
/* The same by what it joins, as the form pages ask. */
gboolean core_subscription_delete_between (const CorePortal *portal, const CoreActor *actor,
                                           const char *application, const char *api, GError **error);

/* *found: (transfer full): of the actor's application, or, for publishers and creators, to an API of their
 * tenant. */
gboolean core_subscription_get (const CorePortal *portal, const CoreActor *actor, const char *id,
                                StSubscriptionRecord **found, GError **error);

typedef struct
{
  const char *application; /* (nullable): id */
  const char *api;         /* (nullable): as above */
} CoreSubscriptionSearch;

/* The actor's, as the Store lists them: of one application, to one API, both or all. Oldest first.
 * *records: (transfer full) (element-type StSubscriptionRecord). */
gboolean core_subscription_list (const CorePortal *portal, const CoreActor *actor,
                                 const CoreSubscriptionSearch *search, const StPage *page,
                                 GPtrArray **records, gint64 *total, GError **error);

/* Of an API, whoever subscribed, as the Publisher lists them. */
gboolean core_subscription_list_of_api (const CorePortal *portal, const CoreActor *actor, const char *api,
                                        const StPage *page, GPtrArray **records, gint64 *total,
                                        GError **error);

/* @state: BLOCKED, PROD_ONLY_BLOCKED or UNBLOCKED. By publishers of the API's tenant. Of a subscription that
 * was not approved CORE_PORTAL_ERROR_CONFLICT. *updated: (transfer full) (optional). */
gboolean core_subscription_block (const CorePortal *portal, const CoreActor *actor, const char *id,
                                  const char *state, StSubscriptionRecord **updated, GError **error);
/* The same by what it joins, as the form pages ask. @application: its number. */
gboolean core_subscription_block_between (const CorePortal *portal, const CoreActor *actor,
                                          const char *application, const char *api, const char *state,
                                          StSubscriptionRecord **updated, GError **error);

G_END_DECLS
#endif
