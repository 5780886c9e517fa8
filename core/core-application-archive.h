/* Applications as archives of WSO2's admin API (spec/publisher-store-workflows.md 9.3): a zip that holds
 * NAME/NAME.json, the application with its subscriptions. Written with sorted members: the same application
 * gives the same bytes.
 *
 * Keys are in no archive of ours, and those in somebody else's are left out: a consumer secret is shown once,
 * to who asked for it. What is read is not trusted: see core-zip.h and core-json.h. Fuzz target:
 * tests/fuzz/fuzz-archive.c.
 *
 * Exports and imports need CORE_MAY_ADMINISTER. Errors: CORE_PORTAL_ERROR. Threads: any; exports and imports
 * block. */
#ifndef CORE_APPLICATION_ARCHIVE_H
#define CORE_APPLICATION_ARCHIVE_H

#include "core/core-portal.h"
#include "store/st-application-record.h"

G_BEGIN_DECLS

#define CORE_APPLICATION_ARCHIVE_MAX_SUBSCRIPTIONS 1000

typedef struct
{
  char *api_provider;
  char *api_name;
  char *api_version;
  char *tier;
} CoreArchivedSubscription;

/* Texts are NULL where there is none. */
typedef struct
{
  char *name;
  char *owner; /* with a real "@" */
  char *tier;
  char *callback_url;
  char *description;
  char *token_type;
  char **groups;            /* NULL-terminated; NULL: none */
  char **attributes;        /* NULL-terminated: name, value, ...; not NULL */
  GPtrArray *subscriptions; /* (element-type CoreArchivedSubscription) */
  GPtrArray *warnings;      /* (element-type utf8): sentences on what was left out */
} CoreApplicationArchive;

CoreApplicationArchive *core_application_archive_new (void);
void core_application_archive_free (CoreApplicationArchive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreApplicationArchive, core_application_archive_free)

/* (transfer none): a new one at the end. */
CoreArchivedSubscription *core_application_archive_add (CoreApplicationArchive *archive);

/* Pure. NULL with CORE_PORTAL_ERROR_INVALID, of the field "file". */
CoreApplicationArchive *core_application_archive_read (const void *bytes, gsize length, GError **error);
/* Pure. NULL with CORE_PORTAL_ERROR_CONFLICT: such a name no archive can have. */
GBytes *core_application_archive_write (const CoreApplicationArchive *archive, GError **error);

/* @owner: (nullable): the actor. (transfer full) */
GBytes *core_application_archive_export (const CorePortal *portal, const CoreActor *actor, const char *owner,
                                         const char *name, GError **error);

typedef struct
{
  const char *owner; /* (nullable): whose it is to be; a user of the actor's tenant. NULL: the actor's */
  gboolean preserve_owner; /* it stays its owner's, whatever owner says */
  gboolean skip_subscriptions;
  gboolean skip_keys; /* FALSE: keys in the archive are a warning */
  gboolean update;    /* an application of the owner and the name is changed; else it is a conflict */
} CoreApplicationImportOptions;

typedef struct
{
  StApplicationRecord *application; /* as it is stored */
  GPtrArray *warnings;              /* (element-type utf8): sentences */
} CoreApplicationImport;

void core_application_import_free (CoreApplicationImport *import);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreApplicationImport, core_application_import_free)

/* One transaction, with what the owner may do. Subscriptions that cannot be are left out, and said. Of
 * another tenant's owner: CORE_PORTAL_ERROR_FORBIDDEN. *import: (out) (transfer full). */
gboolean core_application_archive_import (const CorePortal *portal, const CoreActor *actor, const void *bytes,
                                          gsize length, const CoreApplicationImportOptions *options,
                                          CoreApplicationImport **import, GError **error);

G_END_DECLS
#endif
