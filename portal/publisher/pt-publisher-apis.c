#include "config.h"
#include "portal/publisher/pt-publisher.h"

#include "core/core-api-lifecycle.h"
#include "core/core-api-read.h"
#include "core/core-api-write.h"
#include "core/core-openapi.h"
#include "portal/json/pt-json-api.h"
#include "portal/json/pt-json-lifecycle.h"
#include "portal/pt-apis.h"
#include "portal/pt-error.h"
#include "portal/pt-page.h"
#include "portal/pt-thumbnail.h"

#include <string.h>

#define VIEW "apim:api_view"
#define CREATE "apim:api_create"
#define PUBLISH "apim:api_publish"

static CoreApi *
find (PtRequest *request, GError **error)
{
  return core_api_find (&request->core, request->actor, CORE_AUDIENCE_PUBLISHER, request->parameters[0],
                        error);
}

/* The API with its entity tag. */
static void
answer_api (PtRequest *request, PtAnswer *answer, const CoreApi *api)
{
  CoreDeployer *deployer = request->core.deployer;
  g_autofree char *etag = core_api_etag (api);
  g_autofree char *definition = core_openapi_write (api);

  pt_json_api_append (answer->json, api, deployer != NULL ? deployer->environments (deployer) : NULL,
                      definition);
  pt_answer_set_etag (answer, etag);
}

static gboolean
list_apis (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_apis_list (request, answer, CORE_AUDIENCE_PUBLISHER, error);
}

/* The record that the body describes, with the resources and scopes of its document. */
static CoreApi *
read_body (PtRequest *request, const CoreApi *stored, GError **error)
{
  const char *definition = core_json_string (core_json_member (request->body, "apiDefinition"));
  g_autoptr (CoreApi) api = pt_json_api_read (request->body, stored, error);

  if (api == NULL || (definition != NULL && !core_openapi_read (definition, strlen (definition), api, error)))
    return NULL;
  return g_steal_pointer (&api);
}

static gboolean
create_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreApi) api = read_body (request, NULL, error);
  g_autoptr (CoreApi) created = NULL;

  if (api == NULL)
    return FALSE;
  created = core_api_create (&request->core, request->actor, api,
                             CORE_API_NEEDS_ENDPOINT | CORE_API_NEEDS_TIER, error);
  if (created == NULL)
    return FALSE;
  answer_api (request, answer, created);
  pt_answer_created (answer, "/apis/%s", created->uuid);
  return TRUE;
}

static gboolean
get_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreApi) api = find (request, error);

  if (api == NULL)
    return FALSE;
  answer_api (request, answer, api);
  return TRUE;
}

/* What the caller saw, or what was read here just now: nobody's change in between is lost. */
static gboolean
update (PtRequest *request, PtAnswer *answer, const CoreApi *stored, const CoreApi *api, GError **error)
{
  g_autofree char *seen = request->if_match != NULL ? g_strdup (request->if_match) : core_api_etag (stored);
  g_autoptr (CoreApi) updated = NULL;

  if (!core_api_update (&request->core, request->actor, request->parameters[0], api, seen, &updated, error))
    return FALSE;
  answer_api (request, answer, updated);
  return TRUE;
}

static gboolean
update_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreApi) stored = find (request, error);
  g_autoptr (CoreApi) api = stored != NULL ? read_body (request, stored, error) : NULL;

  return api != NULL && update (request, answer, stored, api, error);
}

static gboolean
delete_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  return core_api_delete (&request->core, request->actor, request->parameters[0], request->if_match, error);
}

static gboolean
copy_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *id = pt_request_need_query (request, "apiId", error);
  const char *version = id != NULL ? pt_request_need_query (request, "newVersion", error) : NULL;
  g_autoptr (CoreApi) copy = NULL;
  gboolean is_default;

  if (version == NULL || !pt_request_query_boolean (request, "defaultVersion", FALSE, &is_default, error))
    return FALSE;
  copy = core_api_copy_version (&request->core, request->actor, id, version, is_default, error);
  if (copy == NULL)
    return FALSE;
  answer_api (request, answer, copy);
  pt_answer_created (answer, "/apis/%s", copy->uuid);
  return TRUE;
}

static gboolean
change_lifecycle (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *id = pt_request_need_query (request, "apiId", error);
  const char *action = id != NULL ? pt_request_need_query (request, "action", error) : NULL;
  g_autoptr (CoreApi) changed = NULL;
  guint checklist;

  if (action == NULL
      || !core_lifecycle_parse_checklist (pt_request_query (request, "lifecycleChecklist"), &checklist, error)
      || !core_api_change_lifecycle (&request->core, request->actor, id, action, checklist, request->if_match,
                                     &changed, error))
    return FALSE;
  answer_api (request, answer, changed);
  return TRUE;
}

/* Additional: which events the API has now. */
static gboolean
get_lifecycle_state (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreApi) api = find (request, error);

  if (api == NULL)
    return FALSE;
  pt_json_lifecycle_append (answer->json, api);
  return TRUE;
}

static void
append_event (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_lifecycle_append_event (json, item);
}

/* Additional: who changed its state, and when. */
static gboolean
list_history (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GPtrArray) events
      = core_api_history (&request->core, request->actor, request->parameters[0], error);
  StPage page;

  if (events == NULL || !pt_request_page (request, &page, error))
    return FALSE;
  pt_page_answer_part (request, answer, &page, events, append_event);
  return TRUE;
}

static gboolean
get_swagger (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_apis_get_swagger (request, answer, CORE_AUDIENCE_PUBLISHER, error);
}

/* A form with the field apiDefinition, as WSO2 has it. */
static gboolean
put_swagger (PtRequest *request, PtAnswer *answer, GError **error)
{
  const PtPart *part = pt_multipart_find (request->files, "apiDefinition");
  g_autoptr (CoreApi) stored = find (request, error);
  g_autoptr (CoreApi) api = stored != NULL ? core_api_copy (stored) : NULL;

  if (api == NULL)
    return FALSE;
  if (part == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The form field \"apiDefinition\" is missing.");
  if (!core_openapi_read (part->bytes, part->length, api, error) || !update (request, answer, stored, api, error))
    return FALSE;
  g_string_truncate (answer->json, 0);
  return get_swagger (request, answer, error);
}

static gboolean
get_thumbnail (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_thumbnail_get (request, answer, CORE_AUDIENCE_PUBLISHER, error);
}

const PtRoute pt_publisher_apis[] = {
  { "GET", "/apis", VIEW, PT_BODY_NONE, FALSE, list_apis },
  { "POST", "/apis", CREATE, PT_BODY_JSON, FALSE, create_api },
  { "POST", "/apis/copy-api", CREATE, PT_BODY_NONE, FALSE, copy_api },
  { "POST", "/apis/change-lifecycle", PUBLISH, PT_BODY_NONE, FALSE, change_lifecycle },
  { "GET", "/apis/{apiId}", VIEW, PT_BODY_NONE, FALSE, get_api },
  { "PUT", "/apis/{apiId}", CREATE, PT_BODY_JSON, FALSE, update_api },
  { "DELETE", "/apis/{apiId}", CREATE, PT_BODY_NONE, FALSE, delete_api },
  { "GET", "/apis/{apiId}/swagger", VIEW, PT_BODY_NONE, FALSE, get_swagger },
  { "PUT", "/apis/{apiId}/swagger", CREATE, PT_BODY_FILE, FALSE, put_swagger },
  { "GET", "/apis/{apiId}/thumbnail", VIEW, PT_BODY_NONE, TRUE, get_thumbnail },
  { "POST", "/apis/{apiId}/thumbnail", CREATE, PT_BODY_FILE, FALSE, pt_thumbnail_set },
  { "DELETE", "/apis/{apiId}/thumbnail", CREATE, PT_BODY_NONE, FALSE, pt_thumbnail_remove },
  { "GET", "/apis/{apiId}/lifecycle-state", VIEW, PT_BODY_NONE, FALSE, get_lifecycle_state },
  { "GET", "/apis/{apiId}/lifecycle-history", VIEW, PT_BODY_NONE, FALSE, list_history },
  { NULL },
};
