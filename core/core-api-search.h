/* What lists of APIs are searched with: "attr:value" (spec/publisher-store-workflows.md 6.1).
 * Threads: one per search. */
#ifndef CORE_API_SEARCH_H
#define CORE_API_SEARCH_H

#include "store/st-api-reads.h"

G_BEGIN_DECLS

typedef struct _CoreApiSearch CoreApiSearch;

/* NULL with CORE_PORTAL_ERROR_INVALID. */
CoreApiSearch *core_api_search_parse (const char *text, GError **error);
void core_api_search_free (CoreApiSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreApiSearch, core_api_search_free)

/* *ids: (out) (transfer full) (nullable): the APIs found, where other tables than that of the list tell
 * (subcontext, doc); NULL: ask core_api_search_matches(). */
gboolean core_api_search_begin (CoreApiSearch *search, StWriter *reader, GHashTable **ids, GError **error);
gboolean core_api_search_matches (const CoreApiSearch *search, const StApiRow *row);
/* Whether a row tells, so that core_api_search_begin() is not needed. */
gboolean core_api_search_of_rows (const CoreApiSearch *search);
/* Whether a glance (st_read_each_api_glance()) is enough to tell. */
gboolean core_api_search_glances (const CoreApiSearch *search);

G_END_DECLS
#endif
