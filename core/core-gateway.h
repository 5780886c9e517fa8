/* What gateways have of the APIs, and how they come to have what they should: for those that were away when
 * something was published or taken back (spec/publisher-store-workflows.md 3.2.3, whose partial failures this
 * mends). Of the APIs that the actor sees in the Publisher; WebSocket APIs are not brought to gateways.
 *
 * Looking needs what the Publisher's lists need, changing CORE_MAY_PUBLISH. An unknown environment is
 * CORE_PORTAL_ERROR_NOT_FOUND. Errors: CORE_PORTAL_ERROR. Threads: any; calls block on each API, one after
 * the other. */
#ifndef CORE_GATEWAY_H
#define CORE_GATEWAY_H

#include "core/core-portal.h"

G_BEGIN_DECLS

/* An environment that did so many things wrong is not asked for more; nor is one that gives no answer. */
#define CORE_GATEWAY_MAX_FAILURES 10

/* One environment. What was not looked at is in none of the numbers. */
typedef struct
{
  const char *environment; /* as long as the deployer */
  guint n_deployed;        /* that it has and should have, outdated ones among them */
  guint n_outdated;        /* where that can be seen */
  guint n_missing;
  guint n_surplus; /* that it has and should not have */
  guint n_unknown; /* of which it did not say */
  gboolean asked;  /* FALSE: there was no API to ask it for */
  gboolean unreachable;
  char *reason; /* nullable: of the first that it did not say */
} CoreGatewayState;

void core_gateway_state_free (CoreGatewayState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreGatewayState, core_gateway_state_free)

/* All environments, without asking them anything: the numbers are 0. (transfer full) (element-type
 * CoreGatewayState): in the order of the configuration. */
GPtrArray *core_gateway_list (const CorePortal *portal, const CoreActor *actor, GError **error);
/* The same, asked for every API. */
GPtrArray *core_gateway_look (const CorePortal *portal, const CoreActor *actor, GError **error);

typedef struct
{
  guint n_published;
  guint n_removed; /* that should not be there: whether they were does not show */
} CoreGatewayDone;

/* Makes @environment have what it should: of the API @api (identifier), or where it is NULL of all. A state
 * that changes meanwhile is followed. CORE_PORTAL_ERROR_PARTIAL with the failures, each with the API that it
 * is of; the rest was done. @done: (out): also then. In a dry run only counted. */
gboolean core_gateway_sync (const CorePortal *portal, const CoreActor *actor, const char *environment,
                            const char *api, CoreGatewayDone *done, GError **error);

/* Takes the API away from @environment, with the version-less file that leads to it, until something brings
 * it back: an update, a change of its state, or core_gateway_sync(). */
gboolean core_gateway_undeploy (const CorePortal *portal, const CoreActor *actor, const char *environment,
                                const char *api, GError **error);

G_END_DECLS
#endif
