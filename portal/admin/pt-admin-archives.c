/* Archives with a token: of APIs, which are additional, as the admin API of 3.x has them; and of
 * applications. */
#include "config.h"
#include "portal/admin/pt-admin.h"

#include "core/core-api-archive.h"
#include "core/core-application-archive.h"
#include "portal/json/pt-json-application.h"
#include "portal/pt-error.h"
#include "portal/pt-request.h"

#define SCOPE "apim:api_import_export"
#define APPLICATIONS "apim:app_import_export"

static void
append_warnings (GString *json, const GPtrArray *warnings)
{
  core_json_append_name (json, "warnings");
  g_string_append_c (json, '[');
  for (guint i = 0; i < warnings->len; i++)
    {
      g_string_append (json, i > 0 ? "," : "");
      core_json_append_string (json, warnings->pdata[i]);
    }
  g_string_append_c (json, ']');
}

static void
append_import (GString *json, const CoreApiImport *import)
{
  g_string_append_c (json, '{');
  core_json_append_member (json, "id", import->api->uuid);
  core_json_append_member (json, "name", import->api->name);
  core_json_append_member (json, "version", import->api->version);
  core_json_append_member (json, "provider", import->api->provider);
  core_json_append_member (json, "status", import->api->status);
  append_warnings (json, import->warnings);
  g_string_append_c (json, '}');
}

static gboolean
import_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  const PtPart *file = pt_multipart_find (request->files, "file");
  g_autoptr (CoreApiImport) import = NULL;
  CoreApiImportOptions options = { 0 };

  if (!pt_request_query_boolean (request, "preserveProvider", TRUE, &options.preserve_provider, error)
      || !pt_request_query_boolean (request, "overwrite", FALSE, &options.overwrite, error))
    return FALSE;
  if (file == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The form must have the file \"file\".");
  if (!core_api_archive_import (&request->core, request->actor, file->bytes, file->length, &options, &import,
                                error))
    return FALSE;
  append_import (answer->json, import);
  answer->status = 201;
  return TRUE;
}

static gboolean
export_api (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *name = pt_request_need_query (request, "name", error);
  const char *version = name != NULL ? pt_request_need_query (request, "version", error) : NULL;
  const char *provider = pt_request_query (request, "providerName");
  g_autofree char *file_name = NULL;
  gboolean preserve_status;
  GBytes *archive;

  if (version == NULL || !pt_request_query_boolean (request, "preserveStatus", TRUE, &preserve_status, error))
    return FALSE;
  archive = core_api_archive_export (&request->core, request->actor,
                                     provider != NULL ? provider : request->actor->name, name, version,
                                     preserve_status, error);
  if (archive == NULL)
    return FALSE;
  file_name = g_strdup_printf ("%s-%s.zip", name, version);
  pt_answer_bytes (answer, archive, "application/zip");
  pt_answer_attach (answer, file_name);
  return TRUE;
}

/* The application as the store API has it, and what was left out. */
static void
append_application (GString *json, const CoreApplicationImport *import)
{
  pt_json_application_append (json, import->application, NULL);
  g_string_truncate (json, json->len - 1);
  append_warnings (json, import->warnings);
  g_string_append_c (json, '}');
}

static gboolean
read_options (PtRequest *request, CoreApplicationImportOptions *options, GError **error)
{
  *options = (CoreApplicationImportOptions){ .owner = pt_request_query (request, "appOwner") };
  return pt_request_query_boolean (request, "preserveOwner", FALSE, &options->preserve_owner, error)
         && pt_request_query_boolean (request, "skipSubscriptions", FALSE, &options->skip_subscriptions,
                                      error)
         && pt_request_query_boolean (request, "skipApplicationKeys", FALSE, &options->skip_keys, error)
         && pt_request_query_boolean (request, "update", FALSE, &options->update, error);
}

static gboolean
import_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  const PtPart *file = pt_multipart_find (request->files, "file");
  g_autoptr (CoreApplicationImport) import = NULL;
  CoreApplicationImportOptions options;

  if (!read_options (request, &options, error))
    return FALSE;
  if (file == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The form must have the file \"file\".");
  if (!core_application_archive_import (&request->core, request->actor, file->bytes, file->length, &options,
                                        &import, error))
    return FALSE;
  append_application (answer->json, import);
  answer->status = 201;
  return TRUE;
}

static gboolean
export_application (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *name = pt_request_need_query (request, "appName", error);
  g_autofree char *file_name = NULL;
  gboolean with_keys;
  GBytes *archive;

  if (name == NULL || !pt_request_query_boolean (request, "withKeys", FALSE, &with_keys, error))
    return FALSE;
  if (with_keys)
    return pt_fail (error, PT_ERROR_BAD_REQUEST,
                    "Keys are not exported: consumer secrets are shown once, to who asked for them.");
  archive = core_application_archive_export (&request->core, request->actor,
                                             pt_request_query (request, "appOwner"), name, error);
  if (archive == NULL)
    return FALSE;
  file_name = g_strconcat (name, ".zip", NULL);
  pt_answer_bytes (answer, archive, "application/zip");
  pt_answer_attach (answer, file_name);
  return TRUE;
}

const PtRoute pt_admin_archives[] = {
  { "GET", "/export/api", SCOPE, PT_BODY_NONE, TRUE, export_api },
  { "POST", "/import/api", SCOPE, PT_BODY_ARCHIVE, FALSE, import_api },
  { "GET", "/export/applications", APPLICATIONS, PT_BODY_NONE, TRUE, export_application },
  { "POST", "/import/applications", APPLICATIONS, PT_BODY_FILE, FALSE, import_application },
  { NULL },
};
