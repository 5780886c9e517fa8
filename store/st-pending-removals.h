/* APIs that are deleted, and that a gateway may still have: what it is to be told when it can be asked again
 * (table APIM_PENDING_REMOVAL of apimgtdb, ours alone; sql/README.md). They are noted in the transaction that
 * deletes the API, and crossed out when the gateway has done it, so that a node that dies in between forgets
 * none.
 *
 * Databases without the table (ST_CAP_PENDING_REMOVALS) keep none: nothing is noted, and the list is empty.
 * Threads: of the writer; calls block. */
#ifndef ST_PENDING_REMOVALS_H
#define ST_PENDING_REMOVALS_H

#include "store/st-writer.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 id; /* nothing in what is added */
  char *environment;
  char *provider;
  char *name;
  char *version;
  gboolean is_default_version; /* the version-less file of the name led to it */
} StPendingRemoval;

void st_pending_removal_free (StPendingRemoval *removal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StPendingRemoval, st_pending_removal_free)

/* Notes one, of an API of the tenant. */
gboolean st_pending_removals_add (StWriter *writer, const char *tenant_domain, const StPendingRemoval *removal,
                                  GError **error);

/* Those of the tenant, the oldest first. @environment: (nullable): of all. (transfer full) (element-type
 * StPendingRemoval). */
GPtrArray *st_pending_removals_list (StWriter *reader, const char *tenant_domain, const char *environment,
                                     GError **error);

/* One is done. */
gboolean st_pending_removals_remove (StWriter *writer, gint64 id, GError **error);

G_END_DECLS
#endif
