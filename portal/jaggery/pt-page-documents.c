/* documentation/ajax/docs.jag of the Publisher. Documents go by their names there. */
#include "config.h"
#include "portal/jaggery/pt-page-tables.h"

#include "core/core-document.h"
#include "core/core-json.h"
#include "portal/jaggery/pt-page-lookup.h"
#include "portal/pt-error.h"

#include <string.h>

/* The page's words, without blanks and case. */
static const struct
{
  const char *words;
  const char *type;
} types[] = {
  { "howto", "HOWTO" },
  { "samples", "SAMPLES" },
  { "sample", "SAMPLES" },
  { "samplesdk", "SAMPLES" },
  { "samplessdk", "SAMPLES" },
  { "publicforum", "PUBLIC_FORUM" },
  { "supportforum", "SUPPORT_FORUM" },
  { "apimessageformat", "API_MESSAGE_FORMAT" },
  { "swaggerdoc", "SWAGGER_DOC" },
  { "swaggerapidefinition", "SWAGGER_DOC" },
  { "other", "OTHER" },
};

/* NULL stays NULL; what is no such word is handed on, and refused by the workflow with what there is. */
static char *
read_type (const char *text)
{
  g_autoptr (GString) words = g_string_new (NULL);

  if (text == NULL)
    return NULL;
  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_isalnum (*at))
      g_string_append_c (words, g_ascii_tolower (*at));
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (words->str, types[i].words))
      return g_strdup (types[i].type);
  return g_strdup (text);
}

/* "API Level" as API_LEVEL. */
static char *
read_word (const char *text)
{
  char *word = text != NULL ? g_ascii_strup (text, -1) : NULL;

  return word != NULL ? g_strdelimit (word, " ", '_') : NULL;
}

static StApiDocument *
find (PtPageCall *call, const char *api, GError **error)
{
  const char *name = pt_fields_need (call->fields, "docName", error);
  g_autoptr (GPtrArray) documents = name != NULL ? core_document_list (&call->portal->core, call->actor,
                                                                       CORE_AUDIENCE_PUBLISHER, api, error)
                                                 : NULL;

  for (guint i = 0; documents != NULL && i < documents->len; i++)
    if (g_str_equal (((StApiDocument *)documents->pdata[i])->name, name))
      return g_ptr_array_steal_index (documents, i);
  if (documents != NULL)
    core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "The API has no document \"%s\".", name);
  return NULL;
}

static void
take (char **to, char *text)
{
  if (text == NULL)
    return;
  g_free (*to);
  *to = text;
}

/* What the parameters say; the rest of @document stays. */
static void
read_form (PtPageCall *call, StApiDocument *document)
{
  const PtFields *fields = call->fields;

  take (&document->name, g_strdup (pt_fields_get (fields, "docName")));
  take (&document->type, read_type (pt_fields_get (fields, "docType")));
  take (&document->source_type, read_word (pt_fields_get (fields, "sourceType")));
  take (&document->source_url, g_strdup (pt_fields_get (fields, "docUrl")));
  take (&document->summary, g_strdup (pt_fields_get (fields, "summary")));
  take (&document->other_type_name, g_strdup (pt_fields_get (fields, "newType")));
  take (&document->visibility, read_word (pt_fields_get (fields, "docVisibility")));
}

static gboolean
set_file (PtPageCall *call, const char *api, const StApiDocument *document, GError **error)
{
  const PtPart *file = pt_fields_file (call->fields, "docLocation");
  const char *type = pt_fields_get (call->fields, "mimeType");

  return file == NULL || g_strcmp0 (document->source_type, "FILE") != 0
         || core_document_set_content (&call->portal->core, call->actor, api, document->uuid, file->file_name,
                                       type != NULL ? type : file->type, file->bytes, file->length, error);
}

static gboolean
add (PtPageCall *call, const char *api, GError **error)
{
  const CorePortal *core = &call->portal->core;
  g_autoptr (StApiDocument) document = g_new0 (StApiDocument, 1);
  g_autoptr (StApiDocument) added = NULL;

  read_form (call, document);
  added = core_document_add (core, call->actor, api, document, error);
  if (added == NULL)
    return FALSE;
  if (set_file (call, api, added, error))
    return TRUE;
  /* Without its file it is nothing that was asked for. */
  core_document_delete (core, call->actor, api, added->uuid, NULL);
  return FALSE;
}

static gboolean
update (PtPageCall *call, const char *api, GError **error)
{
  g_autoptr (StApiDocument) document = find (call, api, error);
  g_autoptr (StApiDocument) updated = NULL;

  if (document == NULL)
    return FALSE;
  read_form (call, document);
  updated = core_document_update (&call->portal->core, call->actor, api, document, error);
  return updated != NULL && set_file (call, api, updated, error);
}

static gboolean
add_or_update (PtPageCall *call, GError **error)
{
  const char *mode = pt_fields_get (call->fields, "mode");
  g_autofree char *api = pt_page_api_id (call, "apiName", error);
  gboolean done;

  if (api == NULL)
    done = FALSE;
  else if (g_strcmp0 (mode, "Update") == 0)
    done = update (call, api, error);
  else if (mode == NULL || g_str_equal (mode, "add"))
    done = add (call, api, error);
  else
    done = pt_fail (error, PT_ERROR_BAD_REQUEST, "Invalid request parameters");
  call->status = done ? 200 : 500;
  return done;
}

static gboolean
remove_document (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "apiName", error);
  g_autoptr (StApiDocument) document = api != NULL ? find (call, api, error) : NULL;

  return document != NULL
         && core_document_delete (&call->portal->core, call->actor, api, document->uuid, error);
}

static gboolean
set_inline (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "apiName", error);
  g_autoptr (StApiDocument) document = api != NULL ? find (call, api, error) : NULL;
  const char *content = pt_fields_raw (call->fields, "content");

  if (document == NULL)
    return FALSE;
  if (content == NULL)
    return pt_fail (error, PT_ERROR_BAD_REQUEST, "The parameter \"content\" is missing.");
  return core_document_set_content (&call->portal->core, call->actor, api, document->uuid, NULL, NULL,
                                    content, strlen (content), error);
}

static gboolean
get_inline (PtPageCall *call, GError **error)
{
  g_autofree char *api = pt_page_api_id (call, "apiName", error);
  g_autoptr (StApiDocument) document = api != NULL ? find (call, api, error) : NULL;
  g_autoptr (StApiDocument) read = NULL;
  g_autoptr (GBytes) content = NULL;
  g_autofree char *text = NULL;

  if (document == NULL)
    return FALSE;
  if (g_strcmp0 (document->source_type, "INLINE") != 0)
    return core_portal_fail (error, CORE_PORTAL_ERROR_INVALID,
                             "The document \"%s\" is no text that is kept here.", document->name);
  read = core_document_read (&call->portal->core, call->actor, CORE_AUDIENCE_PUBLISHER, api, document->uuid,
                             &content, error);
  if (read == NULL)
    return FALSE;
  text = g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
  core_json_append_name (call->json, "doc");
  g_string_append_c (call->json, '{');
  core_json_append_member (call->json, "provider", pt_fields_get (call->fields, "provider"));
  core_json_append_member (call->json, "apiName", pt_fields_get (call->fields, "apiName"));
  core_json_append_member (call->json, "apiVersion", pt_fields_get (call->fields, "version"));
  core_json_append_member (call->json, "docName", read->name);
  core_json_append_member (call->json, "content", text);
  g_string_append_c (call->json, '}');
  return TRUE;
}

#define PAGE "documentation/ajax/docs.jag"

const PtPageRow pt_publisher_page_documents[] = {
  { PAGE, "addDocumentation", PT_PAGE_AUTHENTICATE_ERROR, PT_PAGE_TEXT, add_or_update },
  { PAGE, "removeDocumentation", PT_PAGE_AUTHENTICATE_ERROR, PT_PAGE_TEXT, remove_document },
  { PAGE, "addInlineContent", PT_PAGE_AUTHENTICATE_ERROR, PT_PAGE_TEXT, set_inline },
  { PAGE, "getInlineContent", PT_PAGE_AUTHENTICATE_ERROR, PT_PAGE_TEXT | PT_PAGE_READS, get_inline },
  { NULL },
};
