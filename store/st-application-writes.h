/* Writes of subscribers and their applications, as a WSO2 node makes them (spec/databases.md 4.1, 9). Inside
 * st_write(): a refusal may come after some rows were written, so the work returns FALSE then and all is taken back.
 * Errors: ST_ERROR_DATA for values that do not fit, ST_ERROR_CONFLICT for a state that stands against it, and those of
 * the database. Threads: one per writer. */
#ifndef ST_APPLICATION_WRITES_H
#define ST_APPLICATION_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

#define ST_DEFAULT_APPLICATION "DefaultApplication"

typedef struct
{
  const char *user; /* AM_SUBSCRIBER.USER_ID: the login name, with "@domain" for users of a tenant */
  gint tenant_id;
  const char *email; /* (nullable): "" */
} StNewSubscriber;

/* A user's first access to the Store: the subscriber and his DefaultApplication (APPROVED, of @tier, mostly
 * "Unlimited"). Somebody who has been here keeps what he has. Errors as st_subscriber_find().
 * @subscriber_id: (out). */
gboolean st_write_first_access (StWriter *writer, const StNewSubscriber *subscriber, const char *tier,
                                gint64 *subscriber_id, GError **error);

/* A custom attribute, 2.5 and later. */
typedef struct
{
  const char *name;
  const char *value;
} StApplicationAttribute;

/* What can be changed of an application. Where the database's generation has no place for a value that is given, it is
 * refused and not dropped. */
typedef struct
{
  const char *name;         /* unique per subscriber */
  const char *tier;         /* of an application policy; NULL: "Unlimited" */
  const char *callback_url; /* (nullable) */
  const char *description;  /* (nullable) */
  const char *token_type;   /* NULL: "DEFAULT"; "JWT" needs 2.5 */
  gint tenant_id;           /* of the subscriber */
  const char *tenant_domain;
  const char *const *groups; /* (nullable), NULL-terminated: shared with several groups, which needs 2.2 */
  const StApplicationAttribute *attributes; /* (nullable) */
  guint n_attributes;
} StApplicationData;

typedef struct
{
  gint64 subscriber_id;
  const char *created_by; /* a user */
  const char *group_id;   /* NULL, or with groups: "" */
  const char *status;     /* "CREATED" while it waits for approval, or "APPROVED" */
} StApplicationOrigin;

/* @application_id: (out). The name of another application of the subscriber is ST_ERROR_CONFLICT. */
gboolean st_write_create_application (StWriter *writer, const StApplicationData *application,
                                      const StApplicationOrigin *origin, gint64 *application_id, GError **error);

/* Keeps CREATED_TIME, status and UUID; groups and attributes are replaced. @user: UPDATED_BY. */
gboolean st_write_update_application (StWriter *writer, gint64 application_id, const StApplicationData *application,
                                      const char *user, GError **error);

/* @status: CREATED, APPROVED, REJECTED or ON_HOLD. */
gboolean st_write_application_status (StWriter *writer, gint64 application_id, const char *status, GError **error);

/* Deletes the application and all that hangs on it, but for its OAuth clients.
 * @clients: (out) (transfer full): NULL-terminated consumer keys of the clients that were made for it (not of those
 * that were mapped), for the caller to delete in the same transaction; free with g_strfreev(). */
gboolean st_write_delete_application (StWriter *writer, gint64 application_id, char ***clients, GError **error);

/* For the writes around applications: locks the row until the end of the transaction, so that what is decided about the
 * application is decided by one at a time. ST_ERROR_CONFLICT where there is none.
 * @subscriber_id: (out) (optional). */
gboolean st_write_lock_application (StWriter *writer, gint64 application_id, gint64 *subscriber_id, GError **error);

/* The same by its UUID. As the first statement of a transaction it makes sure that nothing that is read after it is
 * older than the lock. *application_id: 0 where there is none. */
gboolean st_write_lock_application_uuid (StWriter *writer, const char *uuid, gint64 *application_id, GError **error);

G_END_DECLS
#endif
