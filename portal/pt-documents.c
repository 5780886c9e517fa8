#include "config.h"
#include "portal/pt-documents.h"

#include "portal/json/pt-json-document.h"
#include "portal/pt-page.h"

static void
append_document (GString *json, gconstpointer item, const PtRequest *request)
{
  pt_json_document_append (json, item);
}

gboolean
pt_documents_list (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error)
{
  g_autoptr (GPtrArray) documents
      = core_document_list (&request->core, request->actor, audience, request->parameters[0], error);
  StPage page;

  if (documents == NULL || !pt_request_page (request, &page, error))
    return FALSE;
  pt_page_answer_part (request, answer, &page, documents, append_document);
  return TRUE;
}

gboolean
pt_documents_get (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error)
{
  g_autoptr (StApiDocument) document = core_document_find (
      &request->core, request->actor, audience, request->parameters[0], request->parameters[1], error);

  if (document == NULL)
    return FALSE;
  pt_json_document_append (answer->json, document);
  return TRUE;
}

static gboolean
answer_address (PtAnswer *answer, const StApiDocument *document)
{
  answer->status = 303;
  answer->address = g_uri_escape_string (
      document->source_url,
      G_URI_RESERVED_CHARS_GENERIC_DELIMITERS G_URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS "%", FALSE);
  return TRUE;
}

gboolean
pt_documents_get_content (PtRequest *request, PtAnswer *answer, CoreAudience audience, GError **error)
{
  const char *api = request->parameters[0], *uuid = request->parameters[1];
  g_autoptr (StApiDocument) document
      = core_document_find (&request->core, request->actor, audience, api, uuid, error);
  g_autoptr (StApiDocument) read = NULL;
  GBytes *content;

  if (document == NULL)
    return FALSE;
  if (g_strcmp0 (document->source_type, "URL") == 0 && document->source_url != NULL)
    return answer_address (answer, document);
  read = core_document_read (&request->core, request->actor, audience, api, uuid, &content, error);
  if (read == NULL)
    return FALSE;
  if (g_strcmp0 (read->source_type, "INLINE") == 0)
    pt_answer_bytes (answer, content, "text/plain; charset=UTF-8");
  else
    {
      pt_answer_bytes (answer, content, read->media_type);
      pt_answer_attach (answer, read->file_name);
    }
  return TRUE;
}
