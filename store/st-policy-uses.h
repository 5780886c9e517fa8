/* Who goes by a throttling policy, so that it cannot be taken away (spec/publisher-store-workflows.md 8).
 * Names are compared as the database compares them, because the Key Manager's question does so too. Within an
 * operation of StWriter. Errors: ST_ERROR. Threads: as StWriter. */
#ifndef ST_POLICY_USES_H
#define ST_POLICY_USES_H

#include "store/st-policy-writes.h"

G_BEGIN_DECLS

typedef enum
{
  ST_USE_SUBSCRIPTION, /* subscriptions to APIs of the tenant; the names are those APIs' */
  ST_USE_APPLICATION,  /* applications of the tenant's subscribers */
  ST_USE_API,          /* APIs of the tenant that have it as a whole */
  ST_USE_RESOURCE,     /* resources of APIs; the names are the APIs' */
} StPolicyUse;

/* How many names are read at most. */
#define ST_POLICY_USE_NAMES 3

/* *count: (out). *names: (out) (transfer full): NULL-terminated: the first few, for people. @tenant_domain:
 * says whose contexts are looked at; of ST_USE_APPLICATION @tenant_id counts. */
gboolean st_policy_count_uses (StWriter *writer, StPolicyUse use, gint tenant_id, const char *tenant_domain,
                               const char *name, gint64 *count, char ***names, GError **error);

/* An API whose artifact may offer the policy of subscriptions: it has the name somewhere. @artifact: as stored.
 * TRUE: go on. */
typedef gboolean (*StArtifactFunc) (const char *api, const char *artifact, gpointer data);
/* Of the tenant. Nothing where the database has no artifacts. */
gboolean st_policy_each_offer (StWriter *writer, const char *tenant_domain, const char *name,
                               StArtifactFunc func, gpointer data, GError **error);

G_END_DECLS
#endif
