/* StApplication: what JWTs say of an application, read from apimgtdb of any generation (spec/databases.md 4.1, 4.4): an
 * application by one of its consumer keys, its attributes, and the APIs it subscribed to.
 * Threads: any; every call blocks. ST_ERROR. */
#ifndef ST_APPLICATION_H
#define ST_APPLICATION_H

#include "store/st-database.h"

G_BEGIN_DECLS

/* More subscriptions or attributes than this are ST_ERROR_DATA: no token could hold them. */
#define ST_APPLICATION_MAX_APIS 1000
#define ST_APPLICATION_MAX_ATTRIBUTES 100

typedef struct
{
  gint id;
  char *uuid; /* NULL in 1.9, and where it is NULL */
  char *name;
  char *tier;
  char *token_type; /* DEFAULT, JWT; NULL up to 2.2, and where it is NULL or the text "null" */
  char *owner;      /* AM_SUBSCRIBER.USER_ID */
  gint owner_tenant_id;
  char *key_type;    /* of the consumer key: PRODUCTION, SANDBOX */
  char **attributes; /* name, value, name, value, ...; NULL-terminated, not NULL; empty up to 2.2; by name */
} StApplication;

void st_application_free (StApplication *application);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StApplication, st_application_free)

/* *found: (transfer full): NULL when no application has exactly this key. @deadline_us: as st_database_query(). */
gboolean st_application_find (StDatabase *database, const char *consumer_key, gint64 deadline_us, StApplication **found,
                              GError **error);

/* One subscription. UN_SUBSCRIBE rows are not seen (decisions.md 2). */
typedef struct
{
  char *api_name;
  char *context;
  char *version;
  char *provider;
  char *tier;   /* TIER_ID */
  char *status; /* SUB_STATUS; whether it counts: core_subscription_standing() */
  char *policy_tenants; /* ids of those that have a policy of the tier, commas between; NULL: none has, or before 2.0 */
} StSubscribedApi;

/* Whether the tenant, which is to be the API's, has a policy of the subscription's tier: with advanced throttling there is
 * no subscription without (decisions.md 1). */
gboolean st_subscribed_api_has_policy (const StSubscribedApi *api, gint tenant_id);

/* *found: (transfer full) (element-type StSubscribedApi): by SUBSCRIPTION_ID; may be empty. */
gboolean st_application_find_apis (StDatabase *database, gint application_id, gint64 deadline_us, GPtrArray **found,
                                   GError **error);

G_END_DECLS
#endif
