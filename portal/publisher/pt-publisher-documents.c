#include "config.h"
#include "portal/publisher/pt-publisher.h"

#include "portal/json/pt-json-document.h"
#include "portal/pt-documents.h"
#include "portal/pt-error.h"

#define VIEW "apim:api_view"
#define CREATE "apim:api_create"

static gboolean
list (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_documents_list (request, answer, CORE_AUDIENCE_PUBLISHER, error);
}

static gboolean
get (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_documents_get (request, answer, CORE_AUDIENCE_PUBLISHER, error);
}

static gboolean
get_content (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_documents_get_content (request, answer, CORE_AUDIENCE_PUBLISHER, error);
}

static gboolean
add (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StApiDocument) document = pt_json_document_read (request->body, error);
  g_autoptr (StApiDocument) added = NULL;

  if (document == NULL)
    return FALSE;
  added = core_document_add (&request->core, request->actor, request->parameters[0], document, error);
  if (added == NULL)
    return FALSE;
  pt_json_document_append (answer->json, added);
  pt_answer_created (answer, "/apis/%s/documents/%s", request->parameters[0], added->uuid);
  return TRUE;
}

static gboolean
update (PtRequest *request, PtAnswer *answer, GError **error)
{
  g_autoptr (StApiDocument) document = pt_json_document_read (request->body, error);
  g_autoptr (StApiDocument) updated = NULL;

  if (document == NULL)
    return FALSE;
  document->uuid = g_strdup (request->parameters[1]);
  updated = core_document_update (&request->core, request->actor, request->parameters[0], document, error);
  if (updated == NULL)
    return FALSE;
  pt_json_document_append (answer->json, updated);
  return TRUE;
}

static gboolean
delete_document (PtRequest *request, PtAnswer *answer, GError **error)
{
  return core_document_delete (&request->core, request->actor, request->parameters[0], request->parameters[1],
                               error);
}

/* A form with the field inlineContent, or with the file "file", as WSO2 has it. */
static gboolean
set_content (PtRequest *request, PtAnswer *answer, GError **error)
{
  const char *api = request->parameters[0], *uuid = request->parameters[1];
  const PtPart *text = pt_multipart_find (request->files, "inlineContent");
  const PtPart *file = pt_multipart_find (request->files, "file");
  const PtPart *part = text != NULL ? text : file;

  if ((text != NULL) == (file != NULL))
    return pt_fail (error, PT_ERROR_BAD_REQUEST,
                    "The form must have the field \"inlineContent\" or the file \"file\".");
  if (part == file && (file->file_name == NULL || *file->file_name == '\0'))
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The file has no name.");
  if (!core_document_set_content (&request->core, request->actor, api, uuid,
                                  part == file ? file->file_name : NULL, part->type, part->bytes,
                                  part->length, error)
      || !get (request, answer, error))
    return FALSE;
  pt_answer_created (answer, "/apis/%s/documents/%s/content", api, uuid);
  return TRUE;
}

#define ALL "/apis/{apiId}/documents"
#define ONE "/apis/{apiId}/documents/{documentId}"

const PtRoute pt_publisher_documents[] = {
  { "GET", ALL, VIEW, PT_BODY_NONE, FALSE, list },
  { "POST", ALL, CREATE, PT_BODY_JSON, FALSE, add },
  { "GET", ONE, VIEW, PT_BODY_NONE, FALSE, get },
  { "PUT", ONE, CREATE, PT_BODY_JSON, FALSE, update },
  { "DELETE", ONE, CREATE, PT_BODY_NONE, FALSE, delete_document },
  { "GET", ONE "/content", VIEW, PT_BODY_NONE, TRUE, get_content },
  { "POST", ONE "/content", CREATE, PT_BODY_FILE, FALSE, set_content },
  { NULL },
};
