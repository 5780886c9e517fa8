/* What the publisher and the store API do alike with APIs. Threads: as handlers. */
#ifndef PT_APIS_H
#define PT_APIS_H

#include "core/core-api-read.h"
#include "portal/pt-request.h"

G_BEGIN_DECLS

/* A page of those that @audience shows, by the parameters "query", "limit" and "offset". */
gboolean pt_apis_list (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error);

/* The definition of the API that the path names. */
gboolean pt_apis_get_swagger (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error);

G_END_DECLS
#endif
