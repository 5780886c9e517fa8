/* StSubscriptionRecord: a subscription as the Store and the Publisher show it, with its application and its
 * API (spec/databases.md 4.1), found within an operation of StWriter. Subscriptions that ended (UN_SUBSCRIBE)
 * are not seen (decisions.md 2). What validation needs of one is StSubscription (st-records.h). Threads: as
 * StWriter. */
#ifndef ST_SUBSCRIPTION_RECORD_H
#define ST_SUBSCRIPTION_RECORD_H

#include "store/st-list.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id;
  char *uuid;        /* nullable: 1.9 has none, and rows from then keep none */
  char *tier;        /* TIER_ID */
  char *status;      /* SUB_STATUS; nullable */
  char *created_by;  /* nullable */
  gint64 created_ms; /* since the epoch; 0: not known */
  gint64 updated_ms;

  gint64 application_id;
  char *application_uuid; /* nullable */
  char *application_name;
  char *application_tier;
  gint64 subscriber_id;
  char *subscriber; /* AM_SUBSCRIBER.USER_ID */
  gint tenant_id;   /* of the subscriber */

  gint64 api_id;
  char *api_name;
  char *api_version;
  char *api_provider;
  char *api_context;
  char *api_state; /* of the newest lifecycle event; nullable: none */
} StSubscriptionRecord;

void st_subscription_record_free (StSubscriptionRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StSubscriptionRecord, st_subscription_record_free)

/* *found: (transfer full), NULL when there is none. */
gboolean st_subscription_record_find (StWriter *writer, gint64 id, StSubscriptionRecord **found,
                                      GError **error);
gboolean st_subscription_record_find_by_uuid (StWriter *writer, const char *uuid,
                                              StSubscriptionRecord **found, GError **error);

/* 0: any; at least one must be given. */
typedef struct
{
  gint64 api_id;
  gint64 application_id;
  gint64 subscriber_id;
} StSubscriptionFilter;

/* Oldest first. *records: (transfer full) (element-type StSubscriptionRecord). @page, *total: as
 * st_list_read(). */
gboolean st_subscription_record_list (StWriter *writer, const StSubscriptionFilter *filter,
                                      const StPage *page, GPtrArray **records, gint64 *total, GError **error);

G_END_DECLS
#endif
