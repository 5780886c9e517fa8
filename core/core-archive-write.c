#include "config.h"
#include "core/core-archive-private.h"

#include "core/core-zip.h"

#include <string.h>

/* The archive being written. */
typedef struct
{
  CoreZip *zip;
  char *folder;
} Writer;

static gboolean
add_bytes (const Writer *writer, const char *file, GBytes *bytes, GError **error)
{
  g_autofree char *name = g_strconcat (writer->folder, file, NULL);

  return bytes == NULL || core_zip_add (writer->zip, name, bytes, error);
}

static gboolean
add_text (const Writer *writer, const char *file, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return add_bytes (writer, file, bytes, error);
}

static gboolean
add_documents (const Writer *writer, const CoreArchive *archive, GError **error)
{
  g_autofree char *json = core_archive_documents_to_json (archive);

  if (archive->documents->len > 0 && !add_text (writer, CORE_ARCHIVE_DOCUMENTS, json, error))
    return FALSE;
  for (guint i = 0; i < archive->documents->len; i++)
    {
      const CoreArchiveDocument *document = g_ptr_array_index (archive->documents, i);
      gboolean is_file = strcmp (document->source_type, "FILE") == 0;
      g_autofree char *path = g_strdup_printf ("Docs/%s/%s", is_file ? "FileContents" : "InlineContents",
                                               is_file ? document->file_name : document->name);

      if (!add_bytes (writer, path, document->content, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_sequences (const Writer *writer, const CoreArchive *archive, GError **error)
{
  for (guint i = 0; i < archive->sequences->len; i++)
    {
      const CoreArchiveSequence *sequence = g_ptr_array_index (archive->sequences, i);
      g_autofree char *path = g_strdup_printf (
          "Sequences/%s/%s%s%s", core_archive_flow_folder (sequence->flow),
          sequence->is_custom ? "Custom/" : "", sequence->name, sequence->is_custom ? "" : ".xml");

      if (!add_bytes (writer, path, sequence->text, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_all (const Writer *writer, const CoreArchive *archive, GError **error)
{
  const CoreApi *api = archive->api;
  g_autofree char *json = core_archive_api_to_json (api);
  g_autofree char *image = g_strconcat ("Image/", archive->image_name, NULL);
  g_autofree char *wsdl = g_strdup_printf ("WSDL/%s-%s.wsdl", api->name, api->version);

  if (strchr (api->name, '/') != NULL || strchr (api->version, '/') != NULL)
    return core_archive_fail (error, CORE_ARCHIVE_API, "name and version must have no slash");
  if (api->definition == NULL && g_strcmp0 (api->type, "WS") != 0)
    return core_archive_fail (error, CORE_ARCHIVE_SWAGGER, "the API has no definition to put there");
  return add_text (writer, CORE_ARCHIVE_API, json, error)
         && (api->definition == NULL || add_text (writer, CORE_ARCHIVE_SWAGGER, api->definition, error))
         && add_bytes (writer, image, archive->image, error) && add_bytes (writer, wsdl, archive->wsdl, error)
         && add_documents (writer, archive, error) && add_sequences (writer, archive, error);
}

GBytes *
core_archive_write (const CoreArchive *archive, GError **error)
{
  g_autoptr (CoreZip) zip = core_zip_new ();
  g_autofree char *folder = g_strdup_printf ("%s-%s/", archive->api->name, archive->api->version);
  const Writer writer = { zip, folder };

  return add_all (&writer, archive, error) ? core_zip_write (zip, error) : NULL;
}
