/* application/.../ajax/application-*.jag of the Store. Applications go by their names and numbers there. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-json.h"
#include "portal/jaggery/pt-page-lookup.h"

/* All that there are: the pages know no parts of lists. */
static const StPage everything = { 0, G_MAXINT };

static void
append_application (GString *json, const StApplicationRecord *application)
{
  g_string_append_c (json, '{');
  core_json_append_int64 (json, "id", application->id);
  core_json_append_member (json, "name", application->name);
  core_json_append_member (json, "tier", application->tier);
  core_json_append_member (json, "callbackUrl", application->callback_url);
  core_json_append_member (json, "description", application->description);
  core_json_append_member (json, "status", application->status);
  core_json_append_member (json, "groupId", application->group_id);
  core_json_append_int64 (json, "apiCount", application->n_subscriptions);
  g_string_append_c (json, '}');
}

static gboolean
add_application (PtPageCall *call, GError **error)
{
  const char *groups[] = { pt_fields_get (call->fields, "groupId"), NULL };
  const CoreApplicationInput input = { .name = pt_fields_get (call->fields, "application"),
                                       .tier = pt_fields_get (call->fields, "tier"),
                                       .callback_url = pt_fields_get (call->fields, "callbackUrl"),
                                       .description = pt_fields_get (call->fields, "description"),
                                       .token_type = pt_fields_get (call->fields, "tokenType"),
                                       .groups = groups[0] != NULL ? groups : NULL };
  g_autoptr (StApplicationRecord) application = NULL;

  if (!core_application_create (&call->portal->core, call->actor, &input, &application, error))
    return FALSE;
  core_json_append_member (call->json, "status", application->status);
  core_json_append_int64 (call->json, "applicationId", application->id);
  return TRUE;
}

static gboolean
list_applications (PtPageCall *call, GError **error)
{
  const CoreApplicationSearch search = { NULL };
  g_autoptr (GPtrArray) applications = NULL;
  gint64 total;

  if (!core_application_list (&call->portal->core, call->actor, &search, &everything, &applications, &total,
                              error))
    return FALSE;
  core_json_append_name (call->json, "applications");
  g_string_append_c (call->json, '[');
  for (guint i = 0; i < applications->len; i++)
    {
      if (i > 0)
        g_string_append_c (call->json, ',');
      append_application (call->json, applications->pdata[i]);
    }
  g_string_append_c (call->json, ']');
  return TRUE;
}

static gboolean
get_application (PtPageCall *call, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;

  if (!pt_page_find_application (call, "applicationName", NULL, &application, error))
    return FALSE;
  core_json_append_name (call->json, "application");
  append_application (call->json, application);
  return TRUE;
}

static gboolean
update_application (PtPageCall *call, GError **error)
{
  const CoreApplicationInput input = { .name = pt_fields_get (call->fields, "applicationNew"),
                                       .tier = pt_fields_get (call->fields, "tier"),
                                       .callback_url = pt_fields_raw (call->fields, "callbackUrlNew"),
                                       .description = pt_fields_raw (call->fields, "descriptionNew"),
                                       .token_type = pt_fields_get (call->fields, "tokenType") };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autofree char *id = NULL;

  if (!pt_page_find_application (call, "applicationOld", NULL, &application, error))
    return FALSE;
  id = pt_page_application_id (application);
  return core_application_update (&call->portal->core, call->actor, id, &input, NULL, NULL, error);
}

static gboolean
remove_application (PtPageCall *call, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;
  g_autofree char *id = NULL;

  if (!pt_page_find_application (call, "application", NULL, &application, error))
    return FALSE;
  id = pt_page_application_id (application);
  return core_application_delete (&call->portal->core, call->actor, id, NULL, error);
}

#define PAGE(part) "application/application-" part "/ajax/application-" part ".jag"

const PtPageRow pt_store_page_applications[] = {
  { PAGE ("add"), "addApplication", PT_PAGE_LOGIN_REQUIRED, 0, add_application },
  { PAGE ("list"), "getApplications", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, list_applications },
  { PAGE ("list"), "getApplicationByName", PT_PAGE_LOGIN_REQUIRED, PT_PAGE_READS, get_application },
  { PAGE ("update"), "updateApplication", PT_PAGE_LOGIN_REQUIRED, 0, update_application },
  { PAGE ("remove"), "removeApplication", PT_PAGE_LOGIN_REQUIRED, 0, remove_application },
  { NULL },
};
