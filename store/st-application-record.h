/* StApplicationRecord: an application as its owner sees it in the Store (spec/databases.md 4.1,
 * spec/publisher-store-workflows.md 1.3), found within an operation of StWriter. What a token tells of it is
 * StApplication (st-application.h). Threads: as StWriter. */
#ifndef ST_APPLICATION_RECORD_H
#define ST_APPLICATION_RECORD_H

#include "store/st-list.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id;
  char *uuid; /* nullable: 1.9 has none, and rows from then keep none */
  char *name;
  char *tier;         /* of an application policy */
  char *callback_url; /* nullable */
  char *description;  /* nullable */
  char *status;       /* CREATED, APPROVED, REJECTED, ON_HOLD; nullable */
  char *group_id;     /* nullable */
  char *token_type;   /* DEFAULT or JWT; nullable: before 2.5 */
  char *created_by;   /* nullable */
  gint64 created_ms;  /* since the epoch; 0: not known */
  gint64 updated_ms;
  gint64 subscriber_id;
  char *subscriber;       /* AM_SUBSCRIBER.USER_ID */
  gint tenant_id;         /* of the subscriber */
  gint64 n_subscriptions; /* without those that ended */
  char **groups;     /* NULL-terminated; only of the functions that find one application; not NULL there */
  char **attributes; /* likewise: name, value, name, value, ... */
} StApplicationRecord;

StApplicationRecord *st_application_record_copy (const StApplicationRecord *record);
void st_application_record_free (StApplicationRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StApplicationRecord, st_application_record_free)

/* *found: (transfer full), NULL when there is none. */
gboolean st_application_record_find (StWriter *writer, gint64 id, StApplicationRecord **found,
                                     GError **error);
gboolean st_application_record_find_by_uuid (StWriter *writer, const char *uuid, StApplicationRecord **found,
                                             GError **error);
/* Exactly this name. */
gboolean st_application_record_find_named (StWriter *writer, gint64 subscriber_id, const char *name,
                                           StApplicationRecord **found, GError **error);

typedef struct
{
  gint tenant_id;       /* of the subscribers */
  gint64 subscriber_id; /* 0: of any of the tenant */
  const char *name;     /* (nullable): a part of the name */
} StApplicationFilter;

/* By name. *records: (transfer full) (element-type StApplicationRecord). @page, *total: as st_list_read(). */
gboolean st_application_record_list (StWriter *writer, const StApplicationFilter *filter, const StPage *page,
                                     GPtrArray **records, gint64 *total, GError **error);

/* The subscriber's row, as st_write_first_access() makes it. *subscriber_id: 0 when there is none. Names that differ only
 * in case are one; ST_ERROR_DATA where the database takes the user for another one than that (accents, in a collation
 * that folds them), so that it has no place for him. */
gboolean st_subscriber_find (StWriter *writer, gint tenant_id, const char *user, gint64 *subscriber_id,
                             GError **error);
/* The same, and the row is held until the end of the operation. */
gboolean st_subscriber_lock (StWriter *writer, gint tenant_id, const char *user, gint64 *subscriber_id,
                             GError **error);

G_END_DECLS
#endif
