/* The catalogue: what anybody may read, and more of it with a token. */
#include "config.h"
#include "portal/store/pt-store.h"

#include "core/core-api-read.h"
#include "core/core-openapi.h"
#include "portal/json/pt-json-api.h"
#include "portal/pt-apis.h"
#include "portal/pt-page.h"
#include "portal/pt-thumbnail.h"

static CoreApi *
find (PtRequest *request, GError **error)
{
  return core_api_find (&request->core, request->actor, CORE_AUDIENCE_STORE, request->parameters[0], error);
}

static gboolean
list_apis (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_apis_list (request, answer, CORE_AUDIENCE_STORE, error);
}

static gboolean
get_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (CoreApi) api = find (request, error);
  g_autofree char *definition = api != NULL ? core_openapi_write (api) : NULL;

  if (api == NULL)
    return FALSE;
  pt_json_api_append_for_store (answer->json, api, request->portal->environments, definition);
  return TRUE;
}

static gboolean
get_swagger (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_apis_get_swagger (request, answer, CORE_AUDIENCE_STORE, error);
}

static gboolean
get_thumbnail (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_thumbnail_get (request, answer, CORE_AUDIENCE_STORE, error);
}

typedef struct
{
  const char *name;
  guint weight;
} Tag;

static gint
compare_tags (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 ((*(const Tag *const *)a)->name, (*(const Tag *const *)b)->name);
}

static void
append_tag (GString *json, gconstpointer item, const PtRequest *request)
{
  const Tag *tag = item;

  g_string_append_c (json, '{');
  core_json_append_member (json, "name", tag->name);
  core_json_append_int64 (json, "weight", tag->weight);
  g_string_append_c (json, '}');
}

static gboolean
list_tags (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (GHashTable) counts = core_api_tags (&request->core, request->actor, error);
  g_autoptr (GPtrArray) tags = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name, count;
  StPage page;

  if (counts == NULL || !pt_request_page (request, &page, error))
    return FALSE;
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &name, &count))
    {
      Tag *tag = g_new0 (Tag, 1);

      *tag = (Tag){ name, GPOINTER_TO_UINT (count) };
      g_ptr_array_add (tags, tag);
    }
  g_ptr_array_sort (tags, compare_tags);
  pt_page_answer_part (request, answer, &page, tags, append_tag);
  return TRUE;
}

const PtRoute pt_store_apis[] = {
  { "GET", "/apis", NULL, PT_BODY_NONE, FALSE, list_apis },
  { "GET", "/apis/{apiId}", NULL, PT_BODY_NONE, FALSE, get_api },
  { "GET", "/apis/{apiId}/swagger", NULL, PT_BODY_NONE, FALSE, get_swagger },
  { "GET", "/apis/{apiId}/thumbnail", NULL, PT_BODY_NONE, TRUE, get_thumbnail },
  { "GET", "/tags", NULL, PT_BODY_NONE, FALSE, list_tags },
  { NULL },
};
