/* Writes of an API's life: its lifecycle events and the default version of its name (spec/databases.md 4.1, 5.5, 9).
 * Which changes are allowed is not decided here. Errors: as in st-application-writes.h. Threads: one per writer. */
#ifndef ST_LIFECYCLE_WRITES_H
#define ST_LIFECYCLE_WRITES_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 api_id;
  const char *from; /* the state that the caller saw; NULL: the API is being created */
  const char *to;
  const char *user; /* without a tenant */
  gint tenant_id;   /* of the user */
} StLifecycleChange;

/* The event, and what the gateways serve as the default version: PUBLISHED, DEPRECATED and BLOCKED publish the version
 * that was chosen as default, CREATED and RETIRED take theirs back. ST_ERROR_CONFLICT where both states are one, or the
 * API is in another state than the caller saw, because somebody changed it meanwhile. */
gboolean st_write_lifecycle_change (StWriter *writer, const StLifecycleChange *change, GError **error);

/* Makes the API's version the default of its (provider, name), in place of another, or ends its being so. What the
 * gateways serve stays until the new one is published. */
gboolean st_write_default_version (StWriter *writer, gint64 api_id, gboolean is_default, GError **error);

/* For the deletion of an API: its version is neither default nor published default any more. */
gboolean st_write_forget_default_version (StWriter *writer, gint64 api_id, GError **error);

G_END_DECLS
#endif
