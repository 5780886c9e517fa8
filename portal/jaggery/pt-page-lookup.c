#include "config.h"
#include "portal/jaggery/pt-page-lookup.h"

#include "core/core-json.h"
#include "portal/pt-error.h"

char *
pt_page_make_api_id (PtPageCall *call, const char *name, const char *version)
{
  const char *provider = pt_fields_get (call->fields, "provider");
  g_autofree char *encoded = core_api_provider_encode (provider != NULL ? provider : call->actor->name);

  return g_strdup_printf ("%s-%s-%s", encoded, name, version);
}

char *
pt_page_api_id (PtPageCall *call, const char *name_field, GError **error)
{
  const char *name = pt_fields_need (call->fields, name_field, error);
  const char *version = name != NULL ? pt_fields_need (call->fields, "version", error) : NULL;

  return version != NULL ? pt_page_make_api_id (call, name, version) : NULL;
}

gboolean
pt_page_find_application (PtPageCall *call, const char *name_field, const char *number_field,
                          StApplicationRecord **application, GError **error)
{
  const char *number = number_field != NULL ? pt_fields_get (call->fields, number_field) : NULL;
  const char *name = number == NULL ? pt_fields_need (call->fields, name_field, error) : NULL;

  if (number != NULL)
    return core_application_get (&call->portal->core, call->actor, number, application, error);
  return name != NULL
         && core_application_get_named (&call->portal->core, call->actor, NULL, name, application, error);
}

char *
pt_page_application_id (const StApplicationRecord *application)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, application->id);
}

gboolean
pt_page_number (PtPageCall *call, const char *name, guint fallback, guint *number, GError **error)
{
  const char *text = pt_fields_get (call->fields, name);
  guint64 value = fallback;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &value, NULL))
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"%s\" is no number.", name);
  *number = (guint)value;
  return TRUE;
}

gboolean
pt_page_is_true (PtPageCall *call, const char *name)
{
  const char *text = pt_fields_get (call->fields, name);

  return text != NULL && g_ascii_strcasecmp (text, "true") == 0;
}

GPtrArray *
pt_page_find_apis (PtPageCall *call, const CoreActor *actor, CoreAudience audience, const char *search,
                   guint offset, guint count, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  guint total = G_MAXUINT;

  do
    {
      guint have = found != NULL ? found->len : 0;
      g_autoptr (CoreApiPage) page
          = core_api_list (&call->portal->core, actor, audience, search, offset + have,
                           MIN (count - have, CORE_API_PAGE_MAX), error);

      if (page == NULL)
        return NULL;
      /* Some were deleted meanwhile: there is no more. */
      total = page->items->len > 0 ? page->total : 0;
      if (found == NULL)
        found = g_steal_pointer (&page->items);
      else
        g_ptr_array_extend_and_steal (found, g_steal_pointer (&page->items));
    }
  while (found->len < count && offset + found->len < total);
  return g_steal_pointer (&found);
}

void
pt_page_append_apis (GString *json, const char *name, const GPtrArray *items)
{
  core_json_append_name (json, name);
  g_string_append_c (json, '[');
  for (guint i = 0; i < items->len; i++)
    {
      const CoreApiItem *item = items->pdata[i];

      g_string_append (json, i > 0 ? ",{" : "{");
      core_json_append_member (json, "name", item->name);
      core_json_append_member (json, "version", item->version);
      core_json_append_member (json, "provider", item->provider);
      core_json_append_member (json, "context", item->context);
      core_json_append_member (json, "status", item->status);
      core_json_append_member (json, "description", item->description);
      core_json_append_int64 (json, "lastUpdatedDate", item->updated_ms);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}
