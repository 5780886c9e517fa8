#include "config.h"
#include "portal/pt-apis.h"

#include "core/core-openapi.h"
#include "portal/json/pt-json-api.h"
#include "portal/pt-page.h"

static void
append_item (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_api_append_item (json, item);
}

gboolean
pt_apis_list (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error)
{
  g_autoptr (CoreApiPage) found = NULL;
  StPage page;

  if (!pt_request_page (request, &page, error))
    return FALSE;
  found = core_api_list (&request->core, request->actor, audience, pt_request_query (request, "query"),
                         page.offset, page.limit, error);
  if (found == NULL)
    return FALSE;
  pt_page_answer (request, answer, &page, found->items, found->total, append_item);
  return TRUE;
}

gboolean
pt_apis_get_swagger (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error)
{
  g_autoptr (CoreApi) api
      = core_api_find (&request->core, request->actor, audience, request->parameters[0], error);
  g_autofree char *definition = api != NULL ? core_openapi_write (api) : NULL;

  if (api == NULL)
    return FALSE;
  g_string_append (answer->json, definition);
  return TRUE;
}
