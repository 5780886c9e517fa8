/* api/listing, search and api/api-info of the Store: the catalogue. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-document.h"
#include "core/core-json.h"
#include "portal/jaggery/pt-page-lookup.h"
#include "portal/json/pt-json-api.h"
#include "portal/pt-error.h"

#include <string.h>

/* Whose Store it is: the parameter tenant's. *visitor: (transfer full): who sees another tenant's as anybody
 * does; NULL where it is the actor's own. */
static gboolean
find_visitor (PtPageCall *call, CoreActor **visitor, GError **error)
{
  const char *domain = pt_fields_get (call->fields, "tenant");
  g_autoptr (StTenant) tenant = NULL;

  *visitor = NULL;
  if (domain == NULL || g_ascii_strcasecmp (domain, call->actor->tenant_domain) == 0)
    return TRUE;
  if (!st_user_store_find_tenant_by_domain (call->portal->users, domain, pt_portal_deadline (call->portal),
                                            &tenant, error))
    return FALSE;
  if (tenant == NULL || !tenant->active)
    return pt_fail (error, PT_ERROR_NOT_FOUND, "There is no tenant \"%s\".", domain);
  *visitor = core_actor_new_visitor (tenant);
  return TRUE;
}

static gboolean
answer_list (PtPageCall *call, const char *search, guint offset, guint count, const char *member,
             GError **error)
{
  g_autoptr (CoreActor) visitor = NULL;
  g_autoptr (GPtrArray) items = NULL;

  if (!find_visitor (call, &visitor, error))
    return FALSE;
  items = pt_page_find_apis (call, visitor != NULL ? visitor : call->actor, CORE_AUDIENCE_STORE, search,
                             offset, count, error);
  if (items == NULL)
    return FALSE;
  pt_page_append_apis (call->json, member, items);
  return TRUE;
}

static gboolean
list_all (PtPageCall *call, GError **error)
{
  return answer_list (call, NULL, 0, G_MAXUINT, "apis", error);
}

/* From "start", counted from 0, up to and without "end". */
static gboolean
list_part (PtPageCall *call, const char *search, const char *member, GError **error)
{
  guint start, end;

  if (!pt_page_number (call, "start", 0, &start, error)
      || !pt_page_number (call, "end", G_MAXINT, &end, error))
    return FALSE;
  return answer_list (call, search, start, end > start ? end - start : 0, member, error);
}

static gboolean
list_some (PtPageCall *call, GError **error)
{
  return list_part (call, NULL, "apis", error);
}

static gboolean
search (PtPageCall *call, GError **error)
{
  const char *query = pt_fields_need (call->fields, "query", error);

  return query != NULL && list_part (call, query, "result", error);
}

static gboolean
list_documents (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "name", error);
  g_autoptr (GPtrArray) documents
      = api != NULL ? core_document_list (&call->portal->core, call->actor, CORE_AUDIENCE_STORE, api, error)
                    : NULL;

  if (documents == NULL)
    return FALSE;
  core_json_append_name (call->json, "documents");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < documents->len; i++)
    {
      const StApiDocument *document = documents->pdata[i];

      g_string_append (call->json, i > 0 ? ",{" : "{");
      core_json_append_member (call->json, "name", document->name);
      core_json_append_member (call->json, "type", document->type);
      core_json_append_member (call->json, "otherTypeName", document->other_type_name);
      core_json_append_member (call->json, "sourceType", document->source_type);
      core_json_append_member (call->json, "sourceUrl", document->source_url);
      core_json_append_member (call->json, "filePath", document->file_name);
      core_json_append_member (call->json, "summary", document->summary);
      core_json_append_member (call->json, "visibility", document->visibility);
      core_json_append_int64 (call->json, "lastUpdated", document->updated_ms);
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

static gboolean
list_endpoints (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);
  g_autoptr (CoreApi) api
      = id != NULL ? core_api_find (&call->portal->core, call->actor, CORE_AUDIENCE_STORE, id, error) : NULL;

  if (api == NULL)
    return FALSE;
  pt_json_api_append_endpoint_urls (call->json, api, call->portal->environments);
  return TRUE;
}

/* By name; "count": how many of the APIs that the caller sees have it. */
static gboolean
list_tags (PtPageCall *call, GError **error)
{
  g_autoptr (CoreActor) visitor = NULL;
  g_autoptr (GHashTable) tags = NULL;
  g_autoptr (GList) names = NULL;

  if (!find_visitor (call, &visitor, error))
    return FALSE;
  tags = core_api_tags (&call->portal->core, visitor != NULL ? visitor : call->actor, error);
  if (tags == NULL)
    return FALSE;
  names = g_list_sort (g_hash_table_get_keys (tags), (GCompareFunc)strcmp);
  core_json_append_name (call->json, "tags");
  g_string_append_c (call->json, '[');
  for (const GList *at = names; at != NULL; at = at->next)
    {
      g_string_append (call->json, at != names ? ",{" : "{");
      core_json_append_member (call->json, "name", at->data);
      core_json_append_int64 (call->json, "count", GPOINTER_TO_UINT (g_hash_table_lookup (tags, at->data)));
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

static gint
compare_age (gconstpointer a, gconstpointer b)
{
  const CoreApiItem *one = *(const CoreApiItem *const *)a, *other = *(const CoreApiItem *const *)b;

  return one->id > other->id ? -1 : one->id < other->id;
}

#define RECENT_LIMIT 6

/* The newest first. */
static gboolean
list_recent (PtPageCall *call, GError **error)
{
  g_autoptr (CoreActor) visitor = NULL;
  g_autoptr (GPtrArray) items = NULL;
  guint limit;

  if (!pt_page_number (call, "limit", RECENT_LIMIT, &limit, error) || !find_visitor (call, &visitor, error))
    return FALSE;
  items = pt_page_find_apis (call, visitor != NULL ? visitor : call->actor, CORE_AUDIENCE_STORE, NULL, 0, G_MAXUINT,
                             error);
  if (items == NULL)
    return FALSE;
  g_ptr_array_sort (items, compare_age);
  g_ptr_array_set_size (items, (gint)MIN (limit, items->len));
  pt_page_append_apis (call->json, "apis", items);
  return TRUE;
}

#define LIST "api/listing/ajax/list.jag"

const PtPageRow pt_store_page_catalog[] = {
  { LIST, "getAllPublishedAPIs", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_all },
  { LIST, "getAllPaginatedPublishedAPIs", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_some },
  { LIST, "getAllDocumentationOfApi", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_documents },
  { "api/recently-added/ajax/list.jag", "getRecentlyAddedAPIs", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_recent },
  { "tag/tag-cloud/ajax/list.jag", "getAllTags", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_tags },
  { "search/api-search/ajax/search.jag", "searchAPIs", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, search },
  { "api/api-info/ajax/api-info.jag", "getAPIEndpointURLs", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS,
    list_endpoints },
  { NULL },
};
