/* Which APIs applications are subscribed to, and whose those are, as administration and the notices to gateways ask for
 * it (spec/soap-and-oauth.md 3.1-3.3, spec/databases.md 4.1), found within an operation of StWriter. Whatever state a
 * subscription is in, it is one. Threads: as StWriter. */
#ifndef ST_SUBSCRIBED_APIS_H
#define ST_SUBSCRIBED_APIS_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Rows of one answer; more are ST_ERROR_DATA. */
#define ST_SUBSCRIBED_APIS_MAX 10000

typedef struct
{
  char *provider;
  char *name;
  char *version;
  char *context; /* nullable */
} StSubscribedApi;

/* An API as it is asked for; texts are borrowed. */
typedef struct
{
  const char *provider;
  const char *name;
  const char *version;
} StApiName;

/* A user and the state of his subscription (AM_SUBSCRIPTION.SUB_STATUS). */
typedef struct
{
  char *user; /* AM_SUBSCRIBER.USER_ID */
  gint tenant_id;
  char *status; /* nullable */
} StApiSubscriber;

/* Of all applications of a subscriber, each API once. @user: AM_SUBSCRIBER.USER_ID.
 * *apis: (transfer full) (element-type StSubscribedApi). */
gboolean st_subscribed_apis_of_user (StWriter *writer, gint tenant_id, const char *user, GPtrArray **apis,
                                     GError **error);

/* Of the application whose key @consumer_key is. *apis: as above. */
gboolean st_subscribed_apis_of_client (StWriter *writer, const char *consumer_key, GPtrArray **apis, GError **error);

/* One row for each subscription. *subscribers: (transfer full) (element-type StApiSubscriber). */
gboolean st_api_find_subscribers (StWriter *writer, const StApiName *api, GPtrArray **subscribers, GError **error);

/* The keys of the subscriber's applications that are subscribed to the API: NULL-terminated, free with g_strfreev(). */
gboolean st_api_find_keys_of_subscriber (StWriter *writer, const StApiName *api, gint tenant_id, const char *user,
                                         char ***consumer_keys, GError **error);

/* Whether this application is subscribed to the API. */
gboolean st_application_is_subscribed (StWriter *writer, gint64 application_id, const StApiName *api,
                                       gboolean *subscribed, GError **error);

/* The keys of all applications of a subscriber, and of those of an application tier. Free with g_strfreev(). */
gboolean st_subscriber_find_keys (StWriter *writer, gint tenant_id, const char *user, char ***consumer_keys,
                                  GError **error);
gboolean st_application_tier_find_keys (StWriter *writer, const char *tier, char ***consumer_keys, GError **error);

G_END_DECLS
#endif
