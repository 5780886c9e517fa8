#include "config.h"
#include "core/core-registry-api.h"

#include "core/core-api-rules.h"
#include "core/core-api-thumbnail.h"
#include "core/core-artifact.h"
#include "core/core-digest.h"
#include "core/core-document.h"
#include "core/core-registry-document.h"

#include <string.h>

#define DOCUMENT_MEDIA_TYPE "application/vnd.wso2-document+xml"
/* An API with more of them is none that people wrote. */
#define MAX_DOCUMENTS 1000

static void
registry_document_free (gpointer data)
{
  CoreRegistryDocument *document = data;

  st_api_document_free (document->document);
  g_clear_pointer (&document->content, g_bytes_unref);
  g_free (document);
}

void
core_registry_api_free (CoreRegistryApi *api)
{
  if (api == NULL)
    return;
  g_free (api->provider);
  g_free (api->name);
  g_free (api->version);
  g_free (api->uuid);
  g_free (api->digest);
  g_strfreev (api->tags);
  g_clear_pointer (&api->artifact, g_bytes_unref);
  g_clear_pointer (&api->definition, g_bytes_unref);
  g_clear_pointer (&api->thumbnail, g_bytes_unref);
  g_clear_pointer (&api->properties, g_hash_table_unref);
  g_ptr_array_unref (api->documents);
  g_ptr_array_unref (api->notes);
  g_free (api);
}

gboolean
core_registry_api_identify (const StRegistryFile *artifact, const char *governance, char **provider, char **name,
                            char **version)
{
  g_autofree char *root = g_strconcat (governance, "/apimgt/applicationdata/provider/", NULL);
  g_auto (GStrv) parts = NULL;

  if (!g_str_has_prefix (artifact->folder, root) || strcmp (artifact->name, "api") != 0)
    return FALSE;
  parts = g_strsplit (artifact->folder + strlen (root), "/", -1);
  if (g_strv_length (parts) != 3 || *parts[0] == '\0' || *parts[1] == '\0' || *parts[2] == '\0')
    return FALSE;
  *provider = core_api_provider_decode (parts[0]);
  *name = g_strdup (parts[1]);
  *version = g_strdup (parts[2]);
  return TRUE;
}

typedef struct
{
  StDatabase *registry;
  const StRegistryFile *artifact;
  const char *governance;
  CoreRegistryApi *api;
} Call;

static void note (const Call *call, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (const Call *call, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (call->api->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* @what: for a note where it is too large. TRUE with *content NULL where there is none. */
static gboolean
read_content (const Call *call, const StRegistryFile *file, gsize max, const char *what, GBytes **content,
              GError **error)
{
  g_autoptr (GError) why = NULL;

  if (st_registry_read (call->registry, file, max, content, &why))
    return TRUE;
  if (!g_error_matches (why, ST_ERROR, ST_ERROR_DATA))
    {
      g_propagate_error (error, g_steal_pointer (&why));
      return FALSE;
    }
  note (call, "%s is left out: %s", what, why->message);
  return TRUE;
}

static gboolean
read_named (const Call *call, const char *folder, const char *name, gsize max, const char *what, GBytes **content,
            GError **error)
{
  g_autoptr (StRegistryFile) file = NULL;

  *content = NULL;
  return st_registry_find (call->registry, call->artifact->tenant_id, folder, name, &file, error)
         && (file == NULL || read_content (call, file, max, what, content, error));
}

static gboolean
read_definition (const Call *call, GError **error)
{
  g_autofree char *folder = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autofree char *provider = core_api_provider_encode (call->api->provider);
  gsize notes = call->api->notes->len;

  if (!read_named (call, call->artifact->folder, "swagger.json", CORE_API_MAX_DEFINITION, "the OpenAPI document",
                   &call->api->definition, error))
    return FALSE;
  if (call->api->definition != NULL || call->api->notes->len > notes)
    return TRUE;
  folder = g_strdup_printf ("%s/apimgt/applicationdata/api-docs/%s-%s-%s/1.2", call->governance, call->api->name,
                            call->api->version, provider);
  if (!st_registry_list_folder (call->registry, call->artifact->tenant_id, folder, &files, error))
    return FALSE;
  if (files->len > 0)
    note (call, "its API document is of Swagger 1.2, which is not read: one is made of its resources");
  return TRUE;
}

static gboolean
read_thumbnail (const Call *call, GError **error)
{
  g_autofree char *provider = core_api_provider_encode (call->api->provider);
  g_autofree char *folder = g_strdup_printf ("%s/apimgt/applicationdata/icons/%s/%s/%s", call->governance, provider,
                                             call->api->name, call->api->version);

  return read_named (call, folder, "icon", CORE_API_THUMBNAIL_MAX, "the picture", &call->api->thumbnail, error);
}

/* In which folder below "documentation", under which name, the content lies; FALSE: there is none. */
static gboolean
place_of_content (const StApiDocument *document, const char **folder, const char **name, gsize *max)
{
  if (g_strcmp0 (document->source_type, "INLINE") == 0)
    {
      *folder = "contents";
      *name = document->name;
      *max = CORE_DOCUMENT_MAX_INLINE;
      return document->name != NULL;
    }
  *folder = "files";
  *name = document->file_name;
  *max = CORE_DOCUMENT_MAX_FILE;
  return g_strcmp0 (document->source_type, "FILE") == 0 && document->file_name != NULL;
}

static gboolean
read_document_content (const Call *call, CoreRegistryDocument *document, GError **error)
{
  g_autoptr (StRegistryFile) file = NULL;
  g_autofree char *path = NULL;
  g_autofree char *what = g_strdup_printf ("the content of the document \"%s\"", document->document->name);
  const char *folder, *name;
  gsize max;

  if (!place_of_content (document->document, &folder, &name, &max))
    return TRUE;
  path = g_strdup_printf ("%s/documentation/%s", call->artifact->folder, folder);
  if (!st_registry_find (call->registry, call->artifact->tenant_id, path, name, &file, error))
    return FALSE;
  if (file == NULL)
    {
      note (call, "%s is not in the registry", what);
      return TRUE;
    }
  if (g_strcmp0 (document->document->source_type, "FILE") == 0)
    document->document->media_type = g_strdup (file->media_type);
  return read_content (call, file, max, what, &document->content, error);
}

static gboolean
add_document (const Call *call, const StRegistryFile *file, GError **error)
{
  g_autoptr (GBytes) xml = NULL;
  g_autofree char *what = g_strdup_printf ("the document \"%s\"", file->name);
  CoreRegistryDocument *document;
  StApiDocument *read;
  gsize length = 0;
  const char *bytes;

  if (!read_content (call, file, CORE_REGISTRY_DOCUMENT_MAX, what, &xml, error))
    return FALSE;
  if (xml == NULL)
    return TRUE;
  bytes = g_bytes_get_data (xml, &length);
  read = core_registry_document_read (bytes, length);
  if (read == NULL || read->name == NULL)
    {
      st_api_document_free (read);
      note (call, "%s is left out: it is not the XML of a document", what);
      return TRUE;
    }
  document = g_new0 (CoreRegistryDocument, 1);
  document->document = read;
  if (file->uuid != NULL && g_uuid_string_is_valid (file->uuid))
    read->uuid = g_ascii_strdown (file->uuid, -1);
  g_ptr_array_add (call->api->documents, document);
  return read_document_content (call, document, error);
}

static gboolean
read_documents (const Call *call, GError **error)
{
  g_autofree char *folder = g_strconcat (call->artifact->folder, "/documentation", NULL);
  g_autoptr (GPtrArray) files = NULL;

  if (!st_registry_list_folder (call->registry, call->artifact->tenant_id, folder, &files, error))
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      const StRegistryFile *file = files->pdata[i];

      if (g_strcmp0 (file->media_type, DOCUMENT_MEDIA_TYPE) != 0)
        continue;
      if (call->api->documents->len == MAX_DOCUMENTS)
        {
          note (call, "it has more than %d documents: the others are left out", MAX_DOCUMENTS);
          break;
        }
      if (!add_document (call, file, error))
        return FALSE;
    }
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
digest_properties (GChecksum *checksum, GHashTable *properties)
{
  GList *names = g_list_sort (g_hash_table_get_keys (properties), compare_names);

  for (GList *name = names; name != NULL; name = name->next)
    {
      core_digest_text (checksum, name->data);
      core_digest_text (checksum, g_hash_table_lookup (properties, name->data));
    }
  g_list_free (names);
}

static char *
make_digest (const CoreRegistryApi *api)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  core_digest_text (checksum, api->uuid);
  core_digest_content (checksum, api->artifact);
  digest_properties (checksum, api->properties);
  for (guint i = 0; api->tags[i] != NULL; i++)
    core_digest_text (checksum, api->tags[i]);
  core_digest_content (checksum, api->definition);
  core_digest_content (checksum, api->thumbnail);
  for (guint i = 0; i < api->documents->len; i++)
    {
      const CoreRegistryDocument *document = api->documents->pdata[i];
      const StApiDocument *stored = document->document;
      const char *texts[] = { stored->uuid,      stored->name,        stored->type,       stored->other_type_name,
                              stored->summary,   stored->source_type, stored->source_url, stored->visibility,
                              stored->file_name, stored->media_type };

      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        core_digest_text (checksum, texts[j]);
      core_digest_content (checksum, document->content);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
read_artifact (const Call *call, GError **error)
{
  if (!st_registry_read (call->registry, call->artifact, CORE_ARTIFACT_MAX, &call->api->artifact, error))
    return FALSE;
  if (call->api->artifact == NULL)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, "its artifact is empty");
  return call->api->artifact != NULL;
}

CoreRegistryApi *
core_registry_api_read (StDatabase *registry, const StRegistryFile *artifact, const char *governance, GError **error)
{
  g_autoptr (CoreRegistryApi) api = g_new0 (CoreRegistryApi, 1);
  const Call call = { registry, artifact, governance, api };

  api->documents = g_ptr_array_new_with_free_func (registry_document_free);
  api->notes = g_ptr_array_new_with_free_func (g_free);
  if (!core_registry_api_identify (artifact, governance, &api->provider, &api->name, &api->version))
    {
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "%s/%s is not where an API's artifact lies", artifact->folder,
                   artifact->name);
      return NULL;
    }
  if (artifact->uuid != NULL && g_uuid_string_is_valid (artifact->uuid))
    api->uuid = g_ascii_strdown (artifact->uuid, -1);
  if (!read_artifact (&call, error) || !st_registry_properties (registry, artifact, &api->properties, error)
      || !st_registry_tags (registry, artifact, &api->tags, error) || !read_definition (&call, error)
      || !read_thumbnail (&call, error) || !read_documents (&call, error))
    return NULL;
  api->digest = make_digest (api);
  return g_steal_pointer (&api);
}
