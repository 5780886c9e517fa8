#include "config.h"
#include "core/core-archive-private.h"

#include "core/core-zip.h"

#include <string.h>

/* What is being read: the archive's files below its one folder. */
typedef struct
{
  CoreZip *zip;
  char *folder; /* "Weather-1.0.0/" */
  CoreArchive *archive;
} Reader;

static void warn (Reader *reader, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
warn (Reader *reader, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (reader->archive->warnings, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* (transfer none) (nullable) */
static GBytes *
lookup (const Reader *reader, const char *file)
{
  g_autofree char *name = g_strconcat (reader->folder, file, NULL);

  return core_zip_lookup (reader->zip, name);
}

/* WSO2's importer takes the first entry's folder; ours wants all of them in one. */
static gboolean
find_folder (Reader *reader, const char *const *names, GError **error)
{
  const char *slash = names[0] != NULL ? strchr (names[0], '/') : NULL;

  if (slash == NULL)
    return core_archive_fail (error, "the archive", "it has no folder NAME-VERSION with an API in it");
  reader->folder = g_strndup (names[0], (gsize)(slash + 1 - names[0]));
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_has_prefix (names[i], reader->folder))
      return core_archive_fail (error, "the archive",
                                "it has more than the one folder NAME-VERSION at its top");
  return TRUE;
}

static gboolean
read_api (Reader *reader, GError **error)
{
  GBytes *json = lookup (reader, CORE_ARCHIVE_API), *swagger = lookup (reader, CORE_ARCHIVE_SWAGGER);
  CoreApi *api;

  if (json == NULL)
    return core_archive_fail (error, CORE_ARCHIVE_API, "it is missing");
  api = core_archive_api_from_json (g_bytes_get_data (json, NULL), g_bytes_get_size (json), error);
  if (api == NULL)
    return FALSE;
  core_api_free (reader->archive->api);
  reader->archive->api = api;
  if (swagger == NULL)
    return g_strcmp0 (api->type, "WS") == 0
           || core_archive_fail (error, CORE_ARCHIVE_SWAGGER, "it is missing");
  if (!g_utf8_validate_len (g_bytes_get_data (swagger, NULL), g_bytes_get_size (swagger), NULL))
    return core_archive_fail (error, CORE_ARCHIVE_SWAGGER, "it is not UTF-8");
  api->definition = g_strndup (g_bytes_get_data (swagger, NULL), g_bytes_get_size (swagger));
  return TRUE;
}

/* The bytes of a FILE document lie in FileContents, up to 1.10 in Docs itself. */
static GBytes *
content_of (const Reader *reader, const CoreArchiveDocument *document)
{
  g_autofree char *path = NULL, *old_path = NULL;
  GBytes *bytes;

  if (strcmp (document->source_type, "INLINE") == 0)
    {
      path = g_strconcat ("Docs/InlineContents/", document->name, NULL);
      return lookup (reader, path);
    }
  if (strcmp (document->source_type, "FILE") != 0 || document->file_name == NULL)
    return NULL;
  path = g_strconcat ("Docs/FileContents/", document->file_name, NULL);
  old_path = g_strconcat ("Docs/", document->file_name, NULL);
  bytes = lookup (reader, path);
  return bytes != NULL ? bytes : lookup (reader, old_path);
}

static gboolean
read_documents (Reader *reader, GError **error)
{
  GBytes *json = lookup (reader, CORE_ARCHIVE_DOCUMENTS);

  if (json == NULL)
    return TRUE;
  if (!core_archive_documents_from_json (reader->archive, g_bytes_get_data (json, NULL),
                                         g_bytes_get_size (json), error))
    return FALSE;
  for (guint i = 0; i < reader->archive->documents->len; i++)
    {
      CoreArchiveDocument *document = g_ptr_array_index (reader->archive->documents, i);
      GBytes *content = content_of (reader, document);

      document->content = content != NULL ? g_bytes_ref (content) : NULL;
      if (content == NULL && strcmp (document->source_type, "URL") != 0)
        warn (reader, "The document \"%s\" has no content in the archive: it is imported without.",
              document->name);
    }
  return TRUE;
}

/* One file by its place; what is nowhere known is left out, and said. */
static void
read_sequence (Reader *reader, const char *file, GBytes *bytes)
{
  for (guint flow = 0; flow < CORE_N_SEQUENCES; flow++)
    {
      g_autofree char *prefix
          = g_strdup_printf ("Sequences/%s/", core_archive_flow_folder ((CoreSequenceFlow)flow));
      const char *name = g_str_has_prefix (file, prefix) ? file + strlen (prefix) : NULL;
      gboolean is_custom = name != NULL && g_str_has_prefix (name, "Custom/");
      CoreArchiveSequence *sequence;

      if (name == NULL)
        continue;
      if (is_custom)
        name += strlen ("Custom/");
      if (strchr (name, '/') != NULL)
        break;
      sequence = core_archive_add_sequence (reader->archive);
      sequence->flow = (CoreSequenceFlow)flow;
      sequence->is_custom = is_custom;
      sequence->name = g_strdup (name);
      if (!is_custom && g_str_has_suffix (name, ".xml"))
        sequence->name[strlen (name) - strlen (".xml")] = '\0';
      sequence->text = g_bytes_ref (bytes);
      return;
    }
  warn (reader, "The file %s is no sequence that is known: it is left out.", file);
}

static void
read_file (Reader *reader, const char *file, GBytes *bytes)
{
  if (g_str_has_prefix (file, "Image/") && strstr (file, "icon") != NULL && reader->archive->image == NULL)
    {
      reader->archive->image = g_bytes_ref (bytes);
      reader->archive->image_name = g_path_get_basename (file);
    }
  else if (g_str_has_prefix (file, "WSDL/") && g_str_has_suffix (file, ".wsdl")
           && reader->archive->wsdl == NULL)
    reader->archive->wsdl = g_bytes_ref (bytes);
  else if (g_str_has_prefix (file, "Sequences/"))
    read_sequence (reader, file, bytes);
  else if (!g_str_equal (file, CORE_ARCHIVE_API) && !g_str_equal (file, CORE_ARCHIVE_SWAGGER)
           && !g_str_has_prefix (file, "Docs/"))
    warn (reader, "The file %s is not known: it is left out.", file);
}

static gboolean
read_all (Reader *reader, GError **error)
{
  g_autofree const char **names = core_zip_names (reader->zip);

  if (!find_folder (reader, names, error) || !read_api (reader, error) || !read_documents (reader, error))
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    read_file (reader, names[i] + strlen (reader->folder), core_zip_lookup (reader->zip, names[i]));
  return TRUE;
}

CoreArchive *
core_archive_read (const void *bytes, gsize length, GError **error)
{
  g_autoptr (CoreZip) zip = core_zip_read (bytes, length, error);
  g_autoptr (CoreArchive) archive = core_archive_new ();
  Reader reader = { zip, NULL, archive };
  gboolean good = zip != NULL && read_all (&reader, error);

  g_free (reader.folder);
  return good ? g_steal_pointer (&archive) : NULL;
}
