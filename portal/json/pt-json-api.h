/* APIs as the publisher API of REST writes and reads them (spec/publisher-store-workflows.md 11; the
 * definition API and APIInfo of publisher-api.yaml v0.14).
 *
 * The context stands there without version and tenant. A password is never written; where none is given, the
 * one that is known stays. Threads: pure functions. */
#ifndef PT_JSON_API_H
#define PT_JSON_API_H

#include "core/core-api-read.h"
#include "portal/json/pt-json.h"

G_BEGIN_DECLS

/* @environments: those that there are, for an API that is meant for all. @definition: (nullable): its
 * document. */
void pt_json_api_append (GString *json, const CoreApi *api, const char *const *environments,
                         const char *definition);

/* One item of a list: APIInfo. */
void pt_json_api_append_item (GString *json, const CoreApiItem *item);

/* The same API as the store API shows it: what subscribers need, and nothing of its endpoint. @environments:
 * (element-type ApimEnvironment): where gateways are. */
void pt_json_api_append_for_store (GString *json, const CoreApi *api, const GPtrArray *environments,
                                   const char *definition);

/* The member endpointURLs alone: where it is called, on each gateway that serves it. */
void pt_json_api_append_endpoint_urls (GString *json, const CoreApi *api, const GPtrArray *environments);

/* The record that @body describes; a status in it is not looked at. @stored: (nullable): what is to be
 * updated: its name, version, provider, context, type and what REST has no member for stay. NULL with
 * CORE_PORTAL_ERROR_INVALID: members of the wrong type, or a required one is missing. The rules of the values
 * are the workflows'. */
CoreApi *pt_json_api_read (const CoreJsonNode *body, const CoreApi *stored, GError **error);

/* The members of a corsConfiguration, of REST and of the pages' parameter. */
void pt_json_cors_read (const PtJson *json, CoreApiCors *cors);

G_END_DECLS
#endif
