/* docs.json of archives: WSO2's Documentation objects, written by Gson. */
#include "config.h"
#include "core/core-archive-private.h"

#include "core/core-json.h"

#include <string.h>

static const char *
text_of (const CoreJsonNode *node, const char *key)
{
  const char *text = core_json_string (core_json_member (node, key));

  return text != NULL && *text != '\0' ? text : NULL;
}

/* What is behind the last slash; NULL: nothing. */
static char *
bare_file_name (const char *path)
{
  const char *slash = path != NULL ? strrchr (path, '/') : NULL;
  const char *name = slash != NULL ? slash + 1 : path;

  return name != NULL && *name != '\0' && strcmp (name, "..") != 0 && strcmp (name, ".") != 0
             ? g_strdup (name)
             : NULL;
}

static gboolean
read_document (CoreArchive *archive, const CoreJsonNode *node, GError **error)
{
  const char *name = text_of (node, "name"), *source = text_of (node, "sourceType");
  const char *type = text_of (node, "type"), *visibility = text_of (node, "visibility");
  CoreArchiveDocument *document;

  if (name == NULL || strchr (name, '/') != NULL)
    return core_archive_fail (error, CORE_ARCHIVE_DOCUMENTS,
                              "each document must have a name, without a slash");
  document = core_archive_add_document (archive);
  document->name = g_strdup (name);
  document->summary = g_strdup (text_of (node, "summary"));
  document->type = g_ascii_strup (type != NULL ? type : "OTHER", -1);
  document->other_type = g_strdup (text_of (node, "otherTypeName"));
  document->source_type = g_ascii_strup (source != NULL ? source : "INLINE", -1);
  document->source_url = g_strdup (text_of (node, "sourceUrl"));
  document->visibility = g_ascii_strup (visibility != NULL ? visibility : "API_LEVEL", -1);
  document->media_type = g_strdup (text_of (node, "mediaType"));
  document->file_name = bare_file_name (text_of (node, "filePath"));
  return TRUE;
}

/* core_json_parse_large() takes objects only, and docs.json is an array. */
gboolean
core_archive_documents_from_json (CoreArchive *archive, const char *json, gsize length, GError **error)
{
  g_autofree char *object = g_strdup_printf ("{\"documents\":%.*s}", (int)length, json);
  g_autoptr (GError) problem = NULL;
  g_autoptr (CoreJson) parsed = core_json_parse_large (object, strlen (object), &problem);
  const CoreJsonNode *array;

  if (parsed == NULL)
    return core_archive_fail (error, CORE_ARCHIVE_DOCUMENTS, problem->message);
  array = core_json_member (core_json_root (parsed), "documents");
  if (core_json_type (array) != CORE_JSON_ARRAY || core_json_next (array) != NULL)
    return core_archive_fail (error, CORE_ARCHIVE_DOCUMENTS, "it is no array");
  for (const CoreJsonNode *node = core_json_first (array); node != NULL; node = core_json_next (node))
    {
      if (archive->documents->len == CORE_ARCHIVE_MAX_DOCUMENTS)
        return core_archive_fail (error, CORE_ARCHIVE_DOCUMENTS, "there are more than 500 documents");
      if (!read_document (archive, node, error))
        return FALSE;
    }
  return TRUE;
}

static void
set_text (JsonObject *object, const char *key, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, key, text);
}

static gint
compare_documents (gconstpointer a, gconstpointer b)
{
  const CoreArchiveDocument *first = *(CoreArchiveDocument *const *)a,
                            *second = *(CoreArchiveDocument *const *)b;

  return strcmp (first->name, second->name);
}

char *
core_archive_documents_to_json (const CoreArchive *archive)
{
  JsonNode *root = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < archive->documents->len; i++)
    g_ptr_array_add (sorted, g_ptr_array_index (archive->documents, i));
  g_ptr_array_sort (sorted, compare_documents);
  for (guint i = 0; i < sorted->len; i++)
    {
      const CoreArchiveDocument *document = g_ptr_array_index (sorted, i);
      JsonObject *object = json_object_new ();

      set_text (object, "filePath", document->file_name);
      set_text (object, "mediaType", document->media_type);
      set_text (object, "name", document->name);
      set_text (object, "otherTypeName", document->other_type);
      set_text (object, "sourceType", document->source_type);
      set_text (object, "sourceUrl", document->source_url);
      set_text (object, "summary", document->summary);
      set_text (object, "type", document->type);
      set_text (object, "visibility", document->visibility);
      json_array_add_object_element (array, object);
    }
  json_node_take_array (root, array);
  return core_archive_generate (root);
}
