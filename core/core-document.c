#include "config.h"
#include "core/core-document.h"

#include "common/apim-secret.h"
#include "core/core-api-private.h"

#include <string.h>

#define SEE_DOCUMENTS "see documents in the Publisher"

typedef struct
{
  const CorePortal *portal;
  const CoreActor *actor;
  CoreAudience audience;
  const char *identifier;
  const char *uuid;
  const StApiDocument *wanted;
  const char *file_name;
  const char *media_type;
  const char *bytes;
  gsize length;
  GPtrArray *documents; /* (out) */
  StApiDocument *found; /* (out) */
  GBytes *content;      /* (out) */
} Call;

static void
call_clear (Call *call)
{
  g_clear_pointer (&call->documents, g_ptr_array_unref);
  g_clear_pointer (&call->found, st_api_document_free);
  g_clear_pointer (&call->content, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static gboolean
is_one_of (const char *text, const char *const *words)
{
  return text != NULL && g_strv_contains (words, text);
}

static gboolean
is_web_url (const char *url)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;

  return uri != NULL
         && (strcmp (g_uri_get_scheme (uri), "http") == 0 || strcmp (g_uri_get_scheme (uri), "https") == 0)
         && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0';
}

/* It becomes a file's name in archives. */
static gboolean
is_file_name (const char *name)
{
  for (const char *at = name; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) || strchr ("/\\", *at) != NULL)
      return FALSE;
  return *name != '\0' && !g_str_equal (name, ".") && !g_str_equal (name, "..");
}

void
core_document_check (const StApiDocument *document, GPtrArray *violations)
{
  static const char *const types[]
      = { "HOWTO", "SAMPLES", "PUBLIC_FORUM", "SUPPORT_FORUM", "API_MESSAGE_FORMAT", "SWAGGER_DOC",
          "OTHER", NULL };
  static const char *const sources[] = { "INLINE", "URL", "FILE", NULL };
  static const char *const visibilities[] = { "OWNER_ONLY", "PRIVATE", "API_LEVEL", NULL };

  if (document->name == NULL || !g_utf8_validate (document->name, -1, NULL) || !is_file_name (document->name))
    core_violations_add (violations, "name",
                         "The name of a document must not be empty, nor have \"/\" or \"\\\"");
  else if (g_utf8_strlen (document->name, -1) > CORE_DOCUMENT_MAX_NAME)
    core_violations_add (violations, "name", "The name of a document has more than %d characters",
                         CORE_DOCUMENT_MAX_NAME);
  if (!is_one_of (document->type, types))
    core_violations_add (violations, "type",
                         "The type of a document must be HOWTO, SAMPLES, PUBLIC_FORUM, "
                         "SUPPORT_FORUM, API_MESSAGE_FORMAT, SWAGGER_DOC or OTHER");
  if (g_strcmp0 (document->type, "OTHER") == 0
      && (document->other_type_name == NULL || *document->other_type_name == '\0'))
    core_violations_add (violations, "otherTypeName", "A document of the type OTHER needs otherTypeName");
  if (!is_one_of (document->source_type, sources))
    core_violations_add (violations, "sourceType",
                         "The source type of a document must be INLINE, URL or FILE");
  else if (g_str_equal (document->source_type, "URL") && !is_web_url (document->source_url))
    core_violations_add (violations, "sourceUrl",
                         "A document of the source type URL needs an http or https URL");
  if (!is_one_of (document->visibility, visibilities))
    core_violations_add (violations, "visibility",
                         "The visibility of a document must be OWNER_ONLY, PRIVATE or API_LEVEL");
}

static gboolean
sees (const Call *call, const StApiDocument *document)
{
  if (call->audience == CORE_AUDIENCE_PUBLISHER)
    return TRUE;
  return g_strcmp0 (document->visibility, "API_LEVEL") == 0
         || (g_strcmp0 (document->visibility, "PRIVATE") == 0 && !core_actor_is_visitor (call->actor));
}

static gboolean
find_document (StWriter *reader, Call *call, gint64 api_id, GError **error)
{
  if (!st_read_document (reader, api_id, call->uuid, &call->found, error))
    return FALSE;
  return (call->found != NULL && sees (call, call->found))
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "the API has no document %s", call->uuid);
}

static StApiRow *
find_api (StWriter *reader, const Call *call, GError **error)
{
  return core_api_find_row (reader, call->actor, call->audience, call->identifier, error);
}

static gboolean
list (StWriter *reader, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StApiRow) api = find_api (reader, call, error);

  call_clear (call);
  if (api == NULL || !st_read_documents (reader, api->id, &call->documents, error))
    return FALSE;
  for (guint i = call->documents->len; i > 0; i--)
    if (!sees (call, call->documents->pdata[i - 1]))
      g_ptr_array_remove_index (call->documents, i - 1);
  return TRUE;
}

GPtrArray *
core_document_list (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                    const char *identifier, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .audience = audience, .identifier = identifier };

  if (!core_api_require_audience (actor, audience, SEE_DOCUMENTS, error)
      || !core_portal_read (portal, list, &call, error))
    return NULL;
  return g_steal_pointer (&call.documents);
}

static gboolean
find (StWriter *reader, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StApiRow) api = find_api (reader, call, error);

  call_clear (call);
  return api != NULL && find_document (reader, call, api->id, error);
}

StApiDocument *
core_document_find (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                    const char *identifier, const char *uuid, GError **error)
{
  g_auto (Call) call
      = { .portal = portal, .actor = actor, .audience = audience, .identifier = identifier, .uuid = uuid };

  if (!core_api_require_audience (actor, audience, SEE_DOCUMENTS, error)
      || !core_portal_read (portal, find, &call, error))
    return NULL;
  return g_steal_pointer (&call.found);
}

static gboolean
read_content (StWriter *reader, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StApiRow) api = find_api (reader, call, error);

  call_clear (call);
  if (api == NULL || !find_document (reader, call, api->id, error)
      || !st_read_document_content (reader, api->id, call->uuid, &call->content, error))
    return FALSE;
  return call->content != NULL
         || core_portal_fail (error, CORE_PORTAL_ERROR_NOT_FOUND, "the document has no content yet");
}

StApiDocument *
core_document_read (const CorePortal *portal, const CoreActor *actor, CoreAudience audience,
                    const char *identifier, const char *uuid, GBytes **content, GError **error)
{
  g_auto (Call) call
      = { .portal = portal, .actor = actor, .audience = audience, .identifier = identifier, .uuid = uuid };

  if (!core_api_require_audience (actor, audience, SEE_DOCUMENTS, error)
      || !core_portal_read (portal, read_content, &call, error))
    return NULL;
  *content = g_steal_pointer (&call.content);
  return g_steal_pointer (&call.found);
}

/* What is stored for @wanted; texts are borrowed from it but for the UUID, which is @uuid. */
static StApiDocument
document_to_store (const Call *call, const char *uuid)
{
  StApiDocument document = *call->wanted;

  document.uuid = (char *)uuid;
  if (document.type == NULL)
    document.type = (char *)"HOWTO";
  if (document.visibility == NULL)
    document.visibility = (char *)"API_LEVEL";
  if (g_strcmp0 (document.source_type, "URL") != 0)
    document.source_url = NULL;
  document.file_name = document.media_type = NULL;
  document.created_ms = document.updated_ms = apim_clock_wall_ms (call->portal->clock);
  return document;
}

static gboolean
check (const StApiDocument *document, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_document_check (document, violations);
  return core_violations_check (violations, error);
}

/* @why: (transfer full): of the store. Always FALSE. */
static gboolean
fail_write (GError *why, const char *name, GError **error)
{
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    {
      g_propagate_error (error, why);
      return FALSE;
    }
  g_error_free (why);
  return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "the API has a document of the name %s already",
                           name);
}

static gboolean
add (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = core_api_lock (writer, call->actor, call->identifier, NULL, error);
  g_autofree char *uuid = apim_random_uuid ();
  StApiDocument document = document_to_store (call, uuid);
  GError *why = NULL;

  call_clear (call);
  if (api == NULL || !check (&document, error))
    return FALSE;
  if (!st_write_add_document (writer, api->id, &document, &why))
    return fail_write (why, document.name, error);
  return st_read_document (writer, api->id, uuid, &call->found, error);
}

static gboolean
update (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = core_api_lock (writer, call->actor, call->identifier, NULL, error);
  StApiDocument document = document_to_store (call, call->uuid);
  gboolean same_source;
  GError *why = NULL;

  call_clear (call);
  if (api == NULL || !check (&document, error) || !find_document (writer, call, api->id, error))
    return FALSE;
  same_source = g_strcmp0 (call->found->source_type, document.source_type) == 0;
  if (same_source)
    {
      document.file_name = call->found->file_name;
      document.media_type = call->found->media_type;
    }
  if (!st_write_update_document (writer, api->id, &document, &why))
    return fail_write (why, document.name, error);
  if (!same_source && !st_write_document_content (writer, api->id, call->uuid, NULL, 0, error))
    return FALSE;
  g_clear_pointer (&call->found, st_api_document_free);
  return st_read_document (writer, api->id, call->uuid, &call->found, error);
}

static gboolean delete (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = core_api_lock (writer, call->actor, call->identifier, NULL, error);

  call_clear (call);
  return api != NULL && find_document (writer, call, api->id, error)
         && st_write_delete_document (writer, api->id, call->uuid, error);
}

/* Without the folders that a browser or an archive may send along. */
static const char *
last_part (const char *file_name)
{
  const char *last = file_name;

  for (const char *at = file_name; *at != '\0'; at++)
    if (*at == '/' || *at == '\\')
      last = at + 1;
  return last;
}

void
core_document_check_content (const StApiDocument *document, const char *file_name, const char *bytes,
                             gsize length, GPtrArray *violations)
{
  gboolean is_file = file_name != NULL;
  gsize limit = is_file ? CORE_DOCUMENT_MAX_FILE : CORE_DOCUMENT_MAX_INLINE;

  if (g_strcmp0 (document->source_type, is_file ? "FILE" : "INLINE") != 0)
    core_violations_add (violations, "sourceType",
                         "%s belongs to a document of the source type %s, and this is %s",
                         is_file ? "A file" : "A text", is_file ? "FILE" : "INLINE", document->source_type);
  if (is_file && !is_file_name (last_part (file_name)))
    core_violations_add (violations, "file", "The name of the file cannot be one");
  if (length > limit)
    core_violations_add (violations, "content", "The content has more than %" G_GSIZE_FORMAT " bytes", limit);
  if (!is_file && !g_utf8_validate (bytes, (gssize)length, NULL))
    core_violations_add (violations, "content", "The text is not valid UTF-8");
}

static gboolean
check_content (const Call *call, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();

  core_document_check_content (call->found, call->file_name, call->bytes, call->length, violations);
  return core_violations_check (violations, error);
}

gboolean
core_document_insert (StWriter *writer, gint64 api_id, const StApiDocument *document, GBytes *content,
                      GError **error)
{
  gsize length = 0;
  const char *bytes = content != NULL ? g_bytes_get_data (content, &length) : NULL;

  /* An empty content is one; NULL would take it away. */
  return st_write_add_document (writer, api_id, document, error)
         && (content == NULL
             || st_write_document_content (writer, api_id, document->uuid, bytes != NULL ? bytes : "", length,
                                           error));
}

static gboolean
set_content (StWriter *writer, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (CoreApi) api = core_api_lock (writer, call->actor, call->identifier, NULL, error);
  StApiDocument document;

  call_clear (call);
  if (api == NULL || !find_document (writer, call, api->id, error) || !check_content (call, error))
    return FALSE;
  document = *call->found;
  document.file_name = call->file_name != NULL ? (char *)last_part (call->file_name) : NULL;
  document.media_type = (char *)call->media_type;
  document.updated_ms = apim_clock_wall_ms (call->portal->clock);
  return st_write_update_document (writer, api->id, &document, error)
         && st_write_document_content (writer, api->id, call->uuid, call->bytes, call->length, error);
}

static gboolean
write_document (Call *call, StWork work, const char *action, GError **error)
{
  if (!core_actor_require (call->actor, CORE_MAY_CREATE, "change documents of APIs", error)
      || !core_portal_write (call->portal, work, call, error))
    return FALSE;
  core_portal_audit (call->portal, call->actor, action, "document", call->found->name, call->identifier);
  return TRUE;
}

StApiDocument *
core_document_add (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                   const StApiDocument *document, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .identifier = identifier, .wanted = document };

  return write_document (&call, add, "create", error) ? g_steal_pointer (&call.found) : NULL;
}

StApiDocument *
core_document_update (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                      const StApiDocument *document, GError **error)
{
  g_auto (Call) call = {
    .portal = portal, .actor = actor, .identifier = identifier, .wanted = document, .uuid = document->uuid
  };

  return write_document (&call, update, "update", error) ? g_steal_pointer (&call.found) : NULL;
}

gboolean
core_document_delete (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                      const char *uuid, GError **error)
{
  g_auto (Call) call = { .portal = portal, .actor = actor, .identifier = identifier, .uuid = uuid };

  return write_document (&call, delete, "delete", error);
}

gboolean
core_document_set_content (const CorePortal *portal, const CoreActor *actor, const char *identifier,
                           const char *uuid, const char *file_name, const char *media_type, const char *bytes,
                           gsize length, GError **error)
{
  g_auto (Call) call = { .portal = portal,
                         .actor = actor,
                         .identifier = identifier,
                         .uuid = uuid,
                         .file_name = file_name,
                         .media_type = media_type,
                         .bytes = bytes,
                         .length = length };

  return write_document (&call, set_content, "set content", error);
}
