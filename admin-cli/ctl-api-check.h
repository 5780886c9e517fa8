/* The rules of an API (core/core-api-rules.h, spec/publisher-store-workflows.md 2) over what a manifest or the options
 * of `api create` say, before anything is sent. What only the server knows (which tiers, environments and names there
 * are) is for the server to say. Threads: pure functions. */
#ifndef CTL_API_CHECK_H
#define CTL_API_CHECK_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* @api: members as in REST v0.14, but "definition" (a document) for "apiDefinition" and "endpointConfig" as values or
 * as text. Only what is there is looked at, besides name, version and context, which every API has. Returns: (transfer
 * full) (element-type CoreViolation): what is wrong; fields are named as @api's members. */
GPtrArray *ctl_api_check (JsonObject *api);

/* The same as an error of CTL_ERROR_INVALID that names each. @what: for its message. */
gboolean ctl_api_check_all (JsonObject *api, const char *what, GError **error);

G_END_DECLS
#endif
