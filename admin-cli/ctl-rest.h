/* The REST APIs of Publisher, Store and Admin (v0.14) in the name of who is logged in: tokens are renewed as needed,
 * statuses become errors, lists are read to their end. Threads: one. */
#ifndef CTL_REST_H
#define CTL_REST_H

#include "admin-cli/ctl-server.h"
#include "admin-cli/ctl-state.h"

G_BEGIN_DECLS

/* More entries than this in one list are an error. */
#define CTL_REST_MAX_ITEMS 200000

typedef struct _CtlRest CtlRest;

/* The environment that the call names, and who is logged in to it. NULL with CTL_ERROR: login when nobody is. */
CtlRest *ctl_rest_open (CtlCall *call, GError **error);
void ctl_rest_free (CtlRest *rest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlRest, ctl_rest_free)

CtlServer *ctl_rest_server (CtlRest *rest);
const CtlState *ctl_rest_state (const CtlRest *rest);
/* Keeps the consumer key and secret of an application. */
gboolean ctl_rest_keep_key (CtlRest *rest, const char *application, const char *type, const char *consumer_key,
                            const char *consumer_secret, GError **error);

/* Sends @request; its path is behind "/api/am/SERVICE/v0.14", its authorization is filled in.
 * Returns: (transfer full): a reply of status 2xx (or 303). NULL with CTL_ERROR of the kind that fits the status. */
CtlReply *ctl_rest_send (CtlRest *rest, const CtlRequest *request, GError **error);

/* GET that wants JSON. (transfer full): NULL with CTL_ERROR. @what: for messages. */
JsonNode *ctl_rest_get (CtlRest *rest, CtlService service, const char *path, const char *what, GError **error);
/* All entries of a list, page by page. @path: without limit and offset. (transfer full) */
JsonArray *ctl_rest_list (CtlRest *rest, CtlService service, const char *path, const char *what, GError **error);

/* For resources that are this product's own: an error that says "not found" or "no such method" says, too, that the
 * server lacks the resource, where it is another product's. @what: the command's object. */
void ctl_rest_explain_missing (CtlRest *rest, CtlService service, const char *what, GError **error);

/* Whether @service can rehearse a change (X-APIM-Dry-Run); others, WSO2's among them, would make it. */
gboolean ctl_rest_can_rehearse (CtlRest *rest, CtlService service);

G_END_DECLS
#endif
