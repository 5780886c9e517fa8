/* GET /store/api-docs/PROVIDER/NAME/VERSION: the Swagger document of an API of the Store, as consoles load it
 * (spec/publisher-store-workflows.md 10.2). With a session what its user sees, without one what anybody sees
 * in the Store of the provider's tenant. What one may not see is not there: 404. Threads: as PtPages. */
#ifndef PT_API_DOCS_H
#define PT_API_DOCS_H

#include "portal/jaggery/pt-session.h"
#include "portal/pt-dispatch.h"

G_BEGIN_DECLS

typedef struct _PtApiDocs PtApiDocs;

/* Both borrowed. */
PtApiDocs *pt_api_docs_new (PtPortal *portal, PtSessions *sessions);
void pt_api_docs_free (PtApiDocs *docs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtApiDocs, pt_api_docs_free)

void pt_api_docs_add_to (PtApiDocs *docs, PtDispatch *dispatch, NetHttpServer *server);

G_END_DECLS
#endif
