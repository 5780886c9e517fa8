/* Exports, and what exports and imports share. */
#include "config.h"
#include "core/core-api-archive.h"

#include "core/core-api-archive-private.h"
#include "core/core-api-private.h"
#include "core/core-archive.h"
#include "core/core-openapi.h"
#include "core/core-zip.h"
#include "store/st-api-artifact.h"
#include "store/st-api-document.h"

#include <string.h>

gboolean
core_api_archive_require (const CoreActor *actor, const char *what, GError **error)
{
  return core_actor_require (actor, CORE_MAY_ADMINISTER | CORE_MAY_LOGIN | CORE_MAY_CREATE, what, error);
}

typedef struct
{
  const CoreActor *actor;
  const char *provider, *name, *version;
  gboolean preserve_status;
  CoreArchive *archive; /* (out) */
  GHashTable *files;    /* names of files in the archive, case folded */
  gsize total;          /* bytes of contents */
} Call;

static void
call_reset (Call *call)
{
  g_clear_pointer (&call->archive, core_archive_free);
  g_clear_pointer (&call->files, g_hash_table_unref);
  call->total = 0;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_reset)

/* What can be exported can be imported again. */
static gboolean
add_size (Call *call, GBytes *content, GError **error)
{
  call->total += content != NULL ? g_bytes_get_size (content) : 0;
  return call->total <= CORE_ZIP_MAX_TOTAL
         || core_portal_fail (
             error, CORE_PORTAL_ERROR_CONFLICT,
             "the documents of %s-%s have over %d MiB together, which is more than an archive "
             "may hold",
             call->name, call->version, CORE_ZIP_MAX_TOTAL / (1024 * 1024));
}

/* Two documents may have files of one name, which lie in one folder of the archive. */
static char *
unique_file_name (Call *call, const char *file_name)
{
  g_autofree char *name = g_strdup (file_name);

  for (guint i = 2; name != NULL; i++)
    {
      if (g_hash_table_add (call->files, g_utf8_casefold (name, -1)))
        return g_steal_pointer (&name);
      g_free (name);
      name = g_strdup_printf ("%u-%s", i, file_name);
    }
  return NULL;
}

static gboolean
add_document (StWriter *reader, Call *call, gint64 api_id, const StApiDocument *stored, GError **error)
{
  CoreArchiveDocument *document = core_archive_add_document (call->archive);

  document->name = g_strdup (stored->name);
  document->summary = g_strdup (stored->summary);
  document->type = g_strdup (stored->type);
  document->other_type = g_strdup (stored->other_type_name);
  document->source_type = g_strdup (stored->source_type);
  document->source_url = g_strdup (stored->source_url);
  document->visibility = g_strdup (stored->visibility);
  document->file_name = unique_file_name (call, stored->file_name);
  document->media_type = g_strdup (stored->media_type);
  return st_read_document_content (reader, api_id, stored->uuid, &document->content, error)
         && add_size (call, document->content, error);
}

static gboolean
add_documents (StWriter *reader, Call *call, gint64 api_id, GError **error)
{
  g_autoptr (GPtrArray) documents = NULL;

  if (!st_read_documents (reader, api_id, &documents, error))
    return FALSE;
  if (documents->len > CORE_ARCHIVE_MAX_DOCUMENTS)
    return core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT,
                             "%s-%s has %u documents, and an archive may hold %d", call->name, call->version,
                             documents->len, CORE_ARCHIVE_MAX_DOCUMENTS);
  for (guint i = 0; i < documents->len; i++)
    if (!add_document (reader, call, api_id, documents->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
add_picture (StWriter *reader, Call *call, const StApiRow *row, GError **error)
{
  const char *extension = core_api_thumbnail_extension (row->thumbnail_type);

  if (!st_read_thumbnail (reader, row->id, &call->archive->image, error))
    return FALSE;
  if (extension == NULL) /* somebody else's doing: no reader would know it */
    g_clear_pointer (&call->archive->image, g_bytes_unref);
  if (call->archive->image != NULL)
    call->archive->image_name = g_strconcat ("icon.", extension, NULL);
  return TRUE;
}

/* What the archive says of the API. */
static void
take_api (Call *call, CoreApi *api)
{
  g_autofree char *definition = g_strcmp0 (api->type, "WS") != 0 ? core_openapi_write (api) : NULL;

  if (definition != NULL)
    core_api_set_text (&api->definition, definition);
  if (!call->preserve_status)
    core_api_set_text (&api->status, "CREATED");
  core_api_free (call->archive->api);
  call->archive->api = api;
}

static gboolean
read_all (StWriter *reader, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (StApiRow) row = core_api_find_row_by_name (reader, call->actor, CORE_AUDIENCE_PUBLISHER,
                                                        call->provider, call->name, call->version, error);
  CoreApi *api = row != NULL ? core_api_from_row (reader, row, error) : NULL;

  call_reset (call);
  if (api == NULL)
    return FALSE;
  call->archive = core_archive_new ();
  call->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  take_api (call, api);
  return add_picture (reader, call, row, error) && add_documents (reader, call, row->id, error);
}

GBytes *
core_api_archive_export (const CorePortal *portal, const CoreActor *actor, const char *provider,
                         const char *name, const char *version, gboolean preserve_status, GError **error)
{
  g_autofree char *decoded = core_api_provider_decode (provider);
  g_auto (Call) call = {
    .actor = actor, .provider = decoded, .name = name, .version = version, .preserve_status = preserve_status
  };
  g_autoptr (GError) why = NULL;
  g_autofree char *identifier = NULL;
  GBytes *bytes;

  if (!core_api_archive_require (actor, "export APIs", error))
    return NULL;
  if (!core_api_is_provider_of_tenant (decoded, actor))
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_FORBIDDEN, "%s is not of your tenant", decoded);
      return NULL;
    }
  if (!core_portal_read (portal, read_all, &call, error))
    return NULL;
  bytes = core_archive_write (call.archive, &why);
  if (bytes == NULL)
    {
      core_portal_fail (error, CORE_PORTAL_ERROR_CONFLICT, "%s-%s cannot be exported: %s", name, version,
                        why->message);
      return NULL;
    }
  identifier = core_api_identifier (call.archive->api);
  core_portal_audit (portal, actor, "export", "API", identifier, NULL);
  return bytes;
}
