/* PtPortal: what the Publisher, the Store and the administration of one role share: stores, the remembered
 * tokens, the pool that runs them. Threads: made and freed on the main thread; does not change in between,
 * but for its counters. */
#ifndef PT_PORTAL_H
#define PT_PORTAL_H

#include "common/apim-environments.h"
#include "common/apim-role.h"
#include "core/core-catalogue.h"
#include "deployment/dp-environments.h"
#include "portal/pt-token-memory.h"
#include "store/st-key-store.h"

G_BEGIN_DECLS

/* Only added to, atomically. */
typedef struct
{
  guint64 requests;        /* that reached a handler or were refused in front of it */
  guint64 refused;         /* answered with 4xx */
  guint64 failed;          /* answered with 5xx */
  guint64 unauthenticated; /* of the refused: 401 */
  guint64 sign_ups_held_up; /* of the refused: by the limits on them */
  guint64 gateway_walks;    /* under way now */
  guint64 gateway_walks_refused;
  guint64 gateway_apis; /* APIs of which gateways were asked or told on such a walk, since the start */
} PtCounters;

typedef struct
{
  ApimNode *node;
  ApimConfig *config;
  StDatabase *api_database;
  StDatabase *user_database;
  StKeyStore *keys;
  StUserStore *users;
  PtTokenMemory *tokens;
  CoreCatalogue *catalogue;
  DpEnvironments *gateways;
  GPtrArray *environments; /* (element-type ApimEnvironment): those of api-manager.xml, then what else is deployed to */
  GPtrArray *unlisted;     /* (element-type ApimEnvironment): the latter; owns them */
  CorePortal core; /* what the workflows get; a request has a copy of its own */
  PtCounters counters;
} PtPortal;

/* @node: borrowed. Databases and gateways that are away now are no error: requests fail until they are there. */
PtPortal *pt_portal_new (ApimNode *node, GError **error);
/* Whether the database has the tables in which a Publisher and a Store keep what they know of APIs. Where it has not, a
 * role that was named on the command line does not start (ST_ERROR_SCHEMA, which says what to do), and one that runs
 * because all do logs it and reads what there is. A database that does not answer now is asked with the first request.
 * @role: for the message. Blocks for a second at most. */
gboolean pt_portal_check_tables (PtPortal *portal, const char *role, GError **error);

void pt_portal_free (PtPortal *portal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtPortal, pt_portal_free)

/* The moment by which a request of now must have its answers from the databases. */
gint64 pt_portal_deadline (const PtPortal *portal);

/* Before gateways are asked or told of every API, one after the other, which holds a thread: FALSE with
 * CORE_PORTAL_ERROR_CONFLICT where as many requests do so as may (Limits/MaxGatewayWalksAtOnce). Where it is TRUE,
 * pt_portal_end_walk() follows. */
gboolean pt_portal_begin_walk (PtPortal *portal, GError **error);
void pt_portal_end_walk (PtPortal *portal);

void pt_portal_count (guint64 *counter);
/* A request that was answered with @status. */
void pt_portal_count_answer (PtPortal *portal, guint status);
/* @prefix: "publisher", "store": names the counters in `apimctl node status`. */
void pt_portal_status (const PtPortal *portal, const char *prefix, ApimStatus *status);

G_END_DECLS
#endif
