/* item-add, item-design, item-list, life-cycles and overview of the Publisher: what its pages do with APIs.
 */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-api-lifecycle.h"
#include "core/core-api-write.h"
#include "core/core-json.h"
#include "core/core-openapi.h"
#include "portal/jaggery/pt-form-api.h"
#include "portal/jaggery/pt-page-lookup.h"
#include "portal/pt-thumbnail.h"

#include <string.h>

static CoreApi *
find (PtPageCall *call, const char *id, GError **error)
{
  g_autoptr (GError) why = NULL;
  CoreApi *api = core_api_find (&call->portal->core, call->actor, CORE_AUDIENCE_PUBLISHER, id, &why);

  if (api != NULL)
    return api;
  if (g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND))
    core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, " Cannot find the requested API- %s-%s",
                      pt_fields_get (call->fields, "name"), pt_fields_get (call->fields, "version"));
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

/* Changes @api as the parameters say, its document included. */
static gboolean
read_form (PtPageCall *call, CoreApi *api, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  const char *swagger = pt_fields_get (call->fields, "swagger");

  pt_form_api_read (call->fields, api, violations);
  return core_violations_check (violations, error)
         && (swagger == NULL || core_openapi_read (swagger, strlen (swagger), api, error));
}

static CoreApi *
new_api (PtPageCall *call)
{
  CoreApi *api = core_api_new ();

  core_api_set_text (&api->name, pt_fields_get (call->fields, "name"));
  core_api_set_text (&api->version, pt_fields_get (call->fields, "version"));
  core_api_set_text (&api->context_template, pt_fields_get (call->fields, "context"));
  core_api_set_text (&api->provider, pt_fields_get (call->fields, "provider"));
  if (g_strcmp0 (pt_fields_get (call->fields, "type"), "ws") == 0)
    core_api_set_text (&api->type, "WS");
  return api;
}

/* The picture that came with the form, if any. */
static const CoreApiThumbnail *
thumbnail_of (PtPageCall *call, CoreApiThumbnail *thumbnail)
{
  return pt_thumbnail_of_part (pt_fields_file (call->fields, "apiThumb"), thumbnail);
}

static gboolean
create (PtPageCall *call, guint needs, GError **error)
{
  g_autoptr (CoreApi) api = new_api (call);
  g_autoptr (CoreApi) created = NULL;
  CoreApiThumbnail picture;

  if (!read_form (call, api, error))
    return FALSE;
  created = core_api_create_with_thumbnail (&call->portal->core, call->actor, api, needs,
                                            thumbnail_of (call, &picture), error);
  return created != NULL;
}

static gboolean
update (PtPageCall *call, const char *id, const CoreApi *stored, GError **error)
{
  g_autoptr (CoreApi) api = core_api_copy (stored);
  g_autofree char *seen = core_api_etag (stored);
  CoreApiThumbnail picture;

  return read_form (call, api, error)
         && core_api_update_with_thumbnail (&call->portal->core, call->actor, id, api,
                                            thumbnail_of (call, &picture), seen, NULL, error);
}

static gboolean
add_api (PtPageCall *call, GError **error)
{
  return create (call, CORE_API_NEEDS_ENDPOINT | CORE_API_NEEDS_TIER, error);
}

/* updateAPI, implement and manage: a form of an API that is there. */
static gboolean
update_api (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);
  g_autoptr (CoreApi) stored = id != NULL ? find (call, id, error) : NULL;

  return stored != NULL && update (call, id, stored, error);
}

/* The first step of three: it makes the API where there is none. */
static gboolean
design (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);
  g_autoptr (GError) why = NULL;
  g_autoptr (CoreApi) stored = id != NULL ? find (call, id, &why) : NULL;
  const char *provider = pt_fields_get (call->fields, "provider");

  if (id == NULL)
    return FALSE;
  if (stored == NULL && !g_error_matches (why, CORE_PORTAL_ERROR, CORE_PORTAL_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  if (!(stored != NULL ? update (call, id, stored, error) : create (call, 0, error)))
    return FALSE;
  core_json_append_name (call->json, "data");
  g_string_append_c (call->json, '{');
  core_json_append_member (call->json, "apiName", pt_fields_get (call->fields, "name"));
  core_json_append_member (call->json, "version", pt_fields_get (call->fields, "version"));
  core_json_append_member (call->json, "provider", provider != NULL ? provider : call->actor->name);
  g_string_append_c (call->json, '}');
  return TRUE;
}

static gboolean
remove_api (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);

  return id != NULL && core_api_delete (&call->portal->core, call->actor, id, NULL, error);
}

static gboolean
get_api (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);
  g_autoptr (CoreApi) api = id != NULL ? find (call, id, error) : NULL;

  if (api == NULL)
    return FALSE;
  core_json_append_name (call->json, "api");
  pt_form_api_append (call->json, api);
  return TRUE;
}

static gboolean
list_apis (PtPageCall *call, GError **error)
{
  g_autoptr (GPtrArray) items
      = pt_page_find_apis (call, call->actor, CORE_AUDIENCE_PUBLISHER, NULL, 0, G_MAXUINT, error);

  if (items == NULL)
    return FALSE;
  pt_page_append_apis (call->json, "apis", items);
  return TRUE;
}

/* "exist" is a text. */
static gboolean
answer_exists (PtPageCall *call, const char *search,
               gboolean (*same) (const CoreApiItem *item, const char *text), const char *text, GError **error)
{
  g_autoptr (GPtrArray) items
      = pt_page_find_apis (call, call->actor, CORE_AUDIENCE_PUBLISHER, search, 0, G_MAXUINT, error);
  gboolean exists = FALSE;

  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    exists = exists || same (items->pdata[i], text);
  core_json_append_member (call->json, "exist", exists ? "true" : "false");
  return TRUE;
}

static gboolean
same_name (const CoreApiItem *item, const char *name)
{
  return g_ascii_strcasecmp (item->name, name) == 0;
}

/* With the version or without. */
static gboolean
same_context (const CoreApiItem *item, const char *context)
{
  gsize length = strlen (context);

  return g_str_has_prefix (item->context_template, context)
         && (item->context_template[length] == '\0'
             || g_str_equal (item->context_template + length, "/{version}"));
}

static gboolean
name_exists (PtPageCall *call, GError **error)
{
  const char *name = pt_fields_need (call->fields, "apiName", error);
  g_autofree char *search = name != NULL ? g_strconcat ("name:", name, NULL) : NULL;

  return name != NULL && answer_exists (call, search, same_name, name, error);
}

static gboolean
context_exists (PtPageCall *call, GError **error)
{
  const char *context = pt_fields_need (call->fields, "context", error);
  g_autofree char *full = context == NULL ? NULL : g_strconcat (*context == '/' ? "" : "/", context, NULL);
  g_autofree char *search = full != NULL ? g_strconcat ("context:", full, "*", NULL) : NULL;

  return full != NULL && answer_exists (call, search, same_context, full, error);
}

/* status is a state or an event; publishToGateway has no effect, as in 2.x. */
static gboolean
update_status (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);
  const char *status = id != NULL ? pt_fields_need (call->fields, "status", error) : NULL;
  guint checklist
      = (pt_page_is_true (call, "deprecateOldVersions") ? CORE_CHECKLIST_DEPRECATE_OLD_VERSIONS : 0)
        | (pt_page_is_true (call, "requireResubscription") ? CORE_CHECKLIST_REQUIRE_RESUBSCRIPTION : 0);
  g_autoptr (GPtrArray) events = NULL;

  if (status == NULL
      || !core_api_change_lifecycle (&call->portal->core, call->actor, id, status, checklist, NULL, NULL,
                                     error))
    return FALSE;
  events = core_api_history (&call->portal->core, call->actor, id, error);
  if (events == NULL)
    return FALSE;
  core_json_append_name (call->json, "lcs");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < events->len; i++)
    {
      const StLifecycleEvent *event = events->pdata[i];

      g_string_append (call->json, i > 0 ? ",{" : "{");
      core_json_append_member (call->json, "username", event->user);
      core_json_append_member (call->json, "oldStatus", event->from);
      core_json_append_member (call->json, "newStatus", event->to);
      core_json_append_int64 (call->json, "date", event->time_ms);
      g_string_append_c (call->json, '}');
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

static gboolean
older_version_exists (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "name", error);
  gboolean exists;

  if (id == NULL || !core_api_has_older_version (&call->portal->core, call->actor, id, &exists, error))
    return FALSE;
  core_json_append_boolean (call->json, "exist", exists);
  return TRUE;
}

static gboolean
create_version (PtPageCall *call, GError **error)
{
  g_autofree char *id = pt_page_api_id (call, "apiName", error);
  const char *version = id != NULL ? pt_fields_need (call->fields, "newVersion", error) : NULL;
  gboolean is_default = g_strcmp0 (pt_fields_get (call->fields, "isDefaultVersion"), "default_version") == 0;
  g_autoptr (CoreApi) copy = NULL;

  if (version == NULL)
    return FALSE;
  copy = core_api_copy_version (&call->portal->core, call->actor, id, version, is_default, error);
  return copy != NULL;
}

#define ADD "item-add/ajax/add.jag"
#define DESIGN "item-design/ajax/add.jag"
#define LIFE "life-cycles/ajax/life-cycles.jag"

const PtPageRow pt_publisher_page_apis[] = {
  { ADD, "addAPI", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, add_api },
  { ADD, "updateAPI", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, update_api },
  { ADD, "isAPINameExist", PT_PAGE_TIMEOUT, PT_PAGE_TEXT | PT_PAGE_READS, name_exists },
  { ADD, "isContextExist", PT_PAGE_TIMEOUT, PT_PAGE_TEXT | PT_PAGE_READS, context_exists },
  { "item-add/ajax/remove.jag", "removeAPI", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, remove_api },
  { DESIGN, "design", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, design },
  { DESIGN, "implement", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, update_api },
  { DESIGN, "manage", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, update_api },
  { LIFE, "updateStatus", PT_PAGE_AUTHENTICATE_ERROR, PT_PAGE_TEXT, update_status },
  { LIFE, "isAPIOlderVersionExist", PT_PAGE_AUTHENTICATE_ERROR, PT_PAGE_TEXT | PT_PAGE_READS,
    older_version_exists },
  { "overview/ajax/overview.jag", "createNewAPI", PT_PAGE_TIMEOUT, PT_PAGE_TEXT, create_version },
  { "listing/ajax/item-list.jag", "getAPI", PT_PAGE_TIMEOUT, PT_PAGE_TEXT | PT_PAGE_READS, get_api },
  { "listing/ajax/item-list.jag", "getAllAPIs", PT_PAGE_TIMEOUT, PT_PAGE_TEXT | PT_PAGE_READS, list_apis },
  { NULL },
};
