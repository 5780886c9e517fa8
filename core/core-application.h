/* Applications of the Store (spec/publisher-store-workflows.md 1.3, 2, 6.3): their owners create, change and
 * delete them; the tenant's API administrators may too. Of others' applications nothing is known:
 * CORE_PORTAL_ERROR_NOT_FOUND.
 *
 * Ids are UUIDs, or the numbers that the form pages and databases of 1.9 have.
 * Errors: CORE_PORTAL_ERROR. Threads: any; calls block. */
#ifndef CORE_APPLICATION_H
#define CORE_APPLICATION_H

#include "core/core-portal.h"
#include "store/st-application-record.h"

G_BEGIN_DECLS

#define CORE_APPLICATION_MAX_NAME 100        /* characters */
#define CORE_APPLICATION_MAX_DESCRIPTION 512 /* likewise */
#define CORE_APPLICATION_MAX_ATTRIBUTES 100

/* What a user says of an application; borrowed. In an update NULL keeps what there is. */
typedef struct
{
  const char *name;
  const char *tier;              /* NULL: "Unlimited" */
  const char *callback_url;      /* "" removes it */
  const char *description;       /* "" removes it */
  const char *token_type;        /* NULL: DEFAULT; OAUTH is another word for it; or JWT */
  const char *const *groups;     /* NULL-terminated: who shares it; several need 2.2 */
  const char *const *attributes; /* NULL-terminated: name, value, name, value, ... */
} CoreApplicationInput;

/* Adds what is wrong by itself with @input; field names are REST v0.14's. @is_new: the name must be there. */
void core_application_check (const CoreApplicationInput *input, gboolean is_new, GPtrArray *violations);

/* For the workflows of the Store, within their operations: the subscriber that @actor is, who is made at the
 * first access together with his DefaultApplication (spec/databases.md 9). CORE_PORTAL_ERROR_FORBIDDEN to who
 * may not subscribe. */
gboolean core_application_enter_store (StWriter *writer, const CoreActor *actor, gint64 *subscriber_id,
                                       GError **error);

/* APPROVED, or CREATED where its creation waits for approval (core-workflow.h). *created: (transfer full).
 * Another application of the actor's with the name is CORE_PORTAL_ERROR_CONFLICT. */
gboolean core_application_create (const CorePortal *portal, const CoreActor *actor,
                                  const CoreApplicationInput *input, StApplicationRecord **created,
                                  GError **error);

typedef struct
{
  const char *name; /* (nullable): a part of it */
  const char *user; /* (nullable): of whom, for the tenant's API administrators; NULL: the actor's own */
} CoreApplicationSearch;

/* By name. *records: (transfer full) (element-type StApplicationRecord), without groups and attributes. */
gboolean core_application_list (const CorePortal *portal, const CoreActor *actor,
                                const CoreApplicationSearch *search, const StPage *page, GPtrArray **records,
                                gint64 *total, GError **error);

/* *found: (transfer full), with groups and attributes. */
gboolean core_application_get (const CorePortal *portal, const CoreActor *actor, const char *id,
                               StApplicationRecord **found, GError **error);
/* One that is subscribed to an API of the tenant whose publisher or creator the actor is. *found: (transfer
 * full). */
gboolean core_application_get_subscribed (const CorePortal *portal, const CoreActor *actor, const char *id,
                                          StApplicationRecord **found, GError **error);
/* The actor's own of exactly this name, or with @user (nullable), for administrators, that user's. */
gboolean core_application_get_named (const CorePortal *portal, const CoreActor *actor, const char *user,
                                     const char *name, StApplicationRecord **found, GError **error);

/* @etag: (nullable): core_application_etag() of what the caller saw; CORE_PORTAL_ERROR_PRECONDITION when it
 * is another one now. A new name or callback URL goes to the OAuth clients that were made for the
 * application, not to those that were mapped. Refused while the application waits for approval. *updated:
 * (transfer full) (optional). */
gboolean core_application_update (const CorePortal *portal, const CoreActor *actor, const char *id,
                                  const CoreApplicationInput *input, const char *etag,
                                  StApplicationRecord **updated, GError **error);

/* With its subscriptions, keys, clients, their tokens, and the tasks that wait. @etag: as above. */
gboolean core_application_delete (const CorePortal *portal, const CoreActor *actor, const char *id,
                                  const char *etag, GError **error);

/* Changes with whatever of it can be changed. Free with g_free(). */
char *core_application_etag (const StApplicationRecord *application);

/* For the workflows around applications, within their operations: finds it where @actor may act on it. @lock:
 * its row is held until the end of the transaction. */
gboolean core_application_find (StWriter *writer, const CoreActor *actor, const char *id, gboolean lock,
                                StApplicationRecord **found, GError **error);
/* CORE_PORTAL_ERROR_CONFLICT unless it was approved. @what: "subscribe to APIs". */
gboolean core_application_require_approved (const StApplicationRecord *application, const char *what,
                                            GError **error);

G_END_DECLS
#endif
