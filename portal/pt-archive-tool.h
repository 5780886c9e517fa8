/* PtArchiveTool: the paths of WSO2's import/export web application, for the scripts that call it
 * (spec/publisher-store-workflows.md 9.4):
 *
 * GET /api-import-export[-VERSION]/export-api?name=&version=&provider=[&preserveStatus=]
 * POST /api-import-export[-VERSION]/import-api[?preserveProvider=]
 *
 * Basic authentication, answers as text. What an import left out stands in the lines behind the first one.
 * Threads: made on the main thread before the listeners accept; requests run on the pool. */
#ifndef PT_ARCHIVE_TOOL_H
#define PT_ARCHIVE_TOOL_H

#include "portal/pt-dispatch.h"
#include "portal/pt-portal.h"

G_BEGIN_DECLS

typedef struct _PtArchiveTool PtArchiveTool;

/* @portal: borrowed. */
PtArchiveTool *pt_archive_tool_new (PtPortal *portal);
void pt_archive_tool_free (PtArchiveTool *tool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtArchiveTool, pt_archive_tool_free)

void pt_archive_tool_add_to (PtArchiveTool *tool, PtDispatch *dispatch, NetHttpServer *server);

G_END_DECLS
#endif
