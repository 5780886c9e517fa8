/* Reading the documents of an API, which the publisher and the store API do alike.
 * Threads: as handlers. */
#ifndef PT_DOCUMENTS_H
#define PT_DOCUMENTS_H

#include "core/core-api-read.h"
#include "portal/pt-request.h"

G_BEGIN_DECLS

/* The parameters of the path are the API's id and the document's. */
gboolean pt_documents_list (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error);
gboolean pt_documents_get (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error);
/* The text or file; 303 to the address of a URL document. Files are for downloading, not for showing: what
 * somebody uploaded must not run in the name of this server. */
gboolean pt_documents_get_content (PtRequest *request, PtAnswer *answer, CoreAudience audience,
                                   GError **error);

G_END_DECLS
#endif
