#include "config.h"
#include "portal/store/pt-store.h"

#include "portal/pt-documents.h"

static gboolean
list (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_documents_list (request, answer, CORE_AUDIENCE_STORE, error);
}

static gboolean
get (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_documents_get (request, answer, CORE_AUDIENCE_STORE, error);
}

static gboolean
get_content (PtRequest *request, PtAnswer *answer, GError **error)
{
  return pt_documents_get_content (request, answer, CORE_AUDIENCE_STORE, error);
}

const PtRoute pt_store_documents[] = {
  { "GET", "/apis/{apiId}/documents", NULL, PT_BODY_NONE, FALSE, list },
  { "GET", "/apis/{apiId}/documents/{documentId}", NULL, PT_BODY_NONE, FALSE, get },
  { "GET", "/apis/{apiId}/documents/{documentId}/content", NULL, PT_BODY_NONE, TRUE, get_content },
  { NULL },
};
