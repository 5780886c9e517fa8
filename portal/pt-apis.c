#include "config.h"
#include "portal/pt-apis.h"

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
