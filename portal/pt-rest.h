/* PtRest: one of the REST APIs ("publisher", "store", "admin") on the HTTP server, under every version of its
 * path.
 *
 * Order, each of which may end it: path and version -> method -> bearer token -> scope -> Accept -> query ->
 * body -> If-None-Match behind the handler. Threads: made on the main thread before the listeners accept;
 * requests run on the pool. */
#ifndef PT_REST_H
#define PT_REST_H

#include "portal/pt-dispatch.h"
#include "portal/pt-portal.h"
#include "portal/pt-router.h"

G_BEGIN_DECLS

/* /api/am/NAME/v0.N of WSO2 2.1 to 2.6. */
#define PT_REST_MIN_VERSION 11
#define PT_REST_MAX_VERSION 14

typedef struct _PtRest PtRest;

/* @name: static. @tables: NULL-terminated, static. @portal: borrowed. */
PtRest *pt_rest_new (PtPortal *portal, const char *name, const PtRoute *const *tables);
void pt_rest_free (PtRest *rest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtRest, pt_rest_free)

void pt_rest_add_to (PtRest *rest, PtDispatch *dispatch, NetHttpServer *server);

G_END_DECLS
#endif
