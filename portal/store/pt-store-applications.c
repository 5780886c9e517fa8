#include "config.h"
#include "portal/store/pt-store.h"

#include "portal/json/pt-json-application.h"
#include "portal/pt-page.h"

static void
append_info (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_application_append_info (json, item);
}

/* The application with its entity tag; its keys have a resource of their own, because only their owner's
 * question may show a secret. */
static void
answer_application (PtAnswer *answer, const StApplicationRecord *application)
{
  g_autofree char *etag = core_application_etag (application);

  pt_json_application_append (answer->json, application, NULL);
  pt_answer_set_etag (answer, etag);
}

static gboolean
list_applications (PtRequest *request, PtAnswer *answer, GError **error)
{
  const CoreApplicationSearch search
      = { .name = pt_request_query (request, "query"), .user = pt_request_query (request, "user") };
  g_autoptr (GPtrArray) applications = NULL;
  StPage page;
  gint64 total;

  if (!pt_request_page (request, &page, error)
      || !core_application_list (&request->core, request->actor, &search, &page, &applications, &total,
                                 error))
    return FALSE;
  pt_page_answer (request, answer, &page, applications, total, append_info);
  return TRUE;
}

static gboolean
create_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtApplicationBody) body = { { 0 } };
  g_autoptr (StApplicationRecord) application = NULL;
  g_autofree char *id = NULL;

  if (!pt_json_application_read (request->body, &body, error)
      || !core_application_create (&request->core, request->actor, &body.input, &application, error))
    return FALSE;
  id = pt_json_application_id (application);
  answer_application (answer, application);
  pt_answer_created (answer, "/applications/%s", id);
  return TRUE;
}

static gboolean
get_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StApplicationRecord) application = NULL;

  if (!core_application_get (&request->core, request->actor, request->parameters[0], &application, error))
    return FALSE;
  answer_application (answer, application);
  return TRUE;
}

static gboolean
update_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_auto (PtApplicationBody) body = { { 0 } };
  g_autoptr (StApplicationRecord) application = NULL;

  if (!pt_json_application_read (request->body, &body, error)
      || !core_application_update (&request->core, request->actor, request->parameters[0], &body.input,
                                   request->if_match, &application, error))
    return FALSE;
  answer_application (answer, application);
  return TRUE;
}

static gboolean
delete_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  return core_application_delete (&request->core, request->actor, request->parameters[0], request->if_match,
                                  error);
}

const PtRoute pt_store_applications[] = {
  { "GET", "/applications", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, list_applications },
  { "POST", "/applications", PT_STORE_SCOPE, PT_BODY_JSON, FALSE, create_application },
  { "GET", "/applications/{applicationId}", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, get_application },
  { "PUT", "/applications/{applicationId}", PT_STORE_SCOPE, PT_BODY_JSON, FALSE, update_application },
  { "DELETE", "/applications/{applicationId}", PT_STORE_SCOPE, PT_BODY_NONE, FALSE, delete_application },
  { NULL },
};
