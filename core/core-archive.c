#include "config.h"
#include "core/core-archive.h"

#include "core/core-archive-private.h"

#include <string.h>

G_DEFINE_QUARK (core-archive-error-quark, core_archive_error)

static void
document_free (CoreArchiveDocument *document)
{
  g_free (document->name);
  g_free (document->summary);
  g_free (document->type);
  g_free (document->other_type);
  g_free (document->source_type);
  g_free (document->source_url);
  g_free (document->visibility);
  g_free (document->file_name);
  g_free (document->media_type);
  g_clear_pointer (&document->content, g_bytes_unref);
  g_free (document);
}

static void
sequence_free (CoreArchiveSequence *sequence)
{
  g_free (sequence->name);
  g_clear_pointer (&sequence->text, g_bytes_unref);
  g_free (sequence);
}

CoreArchive *
core_archive_new (void)
{
  CoreArchive *archive = g_new0 (CoreArchive, 1);

  archive->api = core_api_new ();
  archive->documents = g_ptr_array_new_with_free_func ((GDestroyNotify)document_free);
  archive->sequences = g_ptr_array_new_with_free_func ((GDestroyNotify)sequence_free);
  archive->warnings = g_ptr_array_new_with_free_func (g_free);
  return archive;
}

void
core_archive_free (CoreArchive *archive)
{
  if (archive == NULL)
    return;
  core_api_free (archive->api);
  g_ptr_array_unref (archive->documents);
  g_ptr_array_unref (archive->sequences);
  g_ptr_array_unref (archive->warnings);
  g_free (archive->image_name);
  g_clear_pointer (&archive->image, g_bytes_unref);
  g_clear_pointer (&archive->wsdl, g_bytes_unref);
  g_free (archive);
}

CoreArchiveDocument *
core_archive_add_document (CoreArchive *archive)
{
  CoreArchiveDocument *document = g_new0 (CoreArchiveDocument, 1);

  g_ptr_array_add (archive->documents, document);
  return document;
}

CoreArchiveSequence *
core_archive_add_sequence (CoreArchive *archive)
{
  CoreArchiveSequence *sequence = g_new0 (CoreArchiveSequence, 1);

  g_ptr_array_add (archive->sequences, sequence);
  return sequence;
}

const char *
core_archive_flow_folder (CoreSequenceFlow flow)
{
  static const char *const folders[CORE_N_SEQUENCES] = { "in-sequence", "out-sequence", "fault-sequence" };

  return folders[flow];
}

gboolean
core_archive_fail (GError **error, const char *file, const char *why)
{
  g_set_error (error, CORE_ARCHIVE_ERROR, CORE_ARCHIVE_ERROR_INVALID, "%s: %s", file, why);
  return FALSE;
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

JsonObject *
core_archive_sort_members (JsonObject *object)
{
  JsonObject *sorted = json_object_new ();
  GList *keys = g_list_sort (json_object_get_members (object), compare_keys);

  for (GList *key = keys; key != NULL; key = key->next)
    json_object_set_member (sorted, key->data, json_object_dup_member (object, key->data));
  g_list_free (keys);
  return sorted;
}

JsonNode *
core_archive_object_node (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, core_archive_sort_members (object));
  return node;
}

char *
core_archive_generate (JsonNode *root)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) owned = root;
  g_autofree char *text = NULL;

  json_generator_set_root (generator, owned);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}
