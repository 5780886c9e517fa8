/* Lists as the REST APIs answer them: {"count":..,"next":"..","previous":"..","list":[..],"pagination":{..}}
 * (spec/publisher-store-workflows.md 11). Threads: pure functions. */
#ifndef PT_PAGE_H
#define PT_PAGE_H

#include "portal/pt-request.h"

G_BEGIN_DECLS

/* Writes one item as a JSON value. @request: for what the shape depends on. */
typedef void (*PtWriteItem) (GString *json, gconstpointer item, const PtRequest *request);

/* An array of @count of @items, from @first on. */
void pt_page_append_items (GString *json, const PtRequest *request, const GPtrArray *items, guint first,
                           guint count, PtWriteItem write_item);

/* Answers with a page of a list: @items are those of @page, @total is how many there are in all. The links
 * are relative to the base, keep the other parameters of the query, and are empty at the ends. */
void pt_page_answer (const PtRequest *request, PtAnswer *answer, const StPage *page, const GPtrArray *items,
                     gint64 total, PtWriteItem write_item);

/* The same for a list that was read whole: the page is cut out of it. */
void pt_page_answer_part (const PtRequest *request, PtAnswer *answer, const StPage *page,
                          const GPtrArray *all, PtWriteItem write_item);

/* A list that is never cut: count and list only. */
void pt_page_answer_all (const PtRequest *request, PtAnswer *answer, const GPtrArray *items,
                         PtWriteItem write_item);

G_END_DECLS
#endif
