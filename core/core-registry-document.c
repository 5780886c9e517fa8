#include "config.h"
#include "core/core-registry-document.h"

#include "core/core-governance-xml.h"

#include <string.h>

/* As the Publisher of WSO2 calls them; REST's words are taken, too. */
static const struct
{
  const char *theirs, *stored;
} types[] = {
  { "How To", "HOWTO" },
  { "Samples", "SAMPLES" },
  { "Public Forum", "PUBLIC_FORUM" },
  { "Support Forum", "SUPPORT_FORUM" },
  { "API Message Format", "API_MESSAGE_FORMAT" },
  { "Swagger API Definition", "SWAGGER_DOC" },
  { "Other", "OTHER" },
};

/* Trimmed; NULL for none. */
static char *
take (GHashTable *overview, const char *field)
{
  const char *text = g_hash_table_lookup (overview, field);
  char *copy = text != NULL ? g_strstrip (g_strdup (text)) : NULL;

  if (copy != NULL && *copy == '\0')
    g_clear_pointer (&copy, g_free);
  return copy;
}

static char *
take_upper (GHashTable *overview, const char *field)
{
  g_autofree char *text = take (overview, field);

  return text != NULL ? g_ascii_strup (text, -1) : NULL;
}

static char *
take_type (GHashTable *overview)
{
  g_autofree char *text = take (overview, "type");

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_ascii_strcasecmp (text, types[i].theirs) == 0 || g_ascii_strcasecmp (text, types[i].stored) == 0)
      return g_strdup (types[i].stored);
  return g_steal_pointer (&text);
}

static char *
take_file_name (GHashTable *overview)
{
  g_autofree char *path = take (overview, "filePath");
  const char *slash = path != NULL ? strrchr (path, '/') : NULL;

  return slash != NULL ? g_strdup (slash + 1) : g_steal_pointer (&path);
}

StApiDocument *
core_registry_document_read (const char *xml, gsize length)
{
  g_autoptr (CoreGovernanceXml) artifact = core_governance_xml_parse (xml, length, CORE_REGISTRY_DOCUMENT_MAX);
  g_autoptr (GHashTable) overview = NULL;
  StApiDocument *document;

  if (artifact == NULL)
    return NULL;
  overview = core_governance_xml_group (artifact, "overview");
  document = g_new0 (StApiDocument, 1);
  document->name = take (overview, "name");
  document->type = take_type (overview);
  document->other_type_name = take (overview, "otherTypeName");
  document->summary = take (overview, "summary");
  document->source_type = take_upper (overview, "sourceType");
  document->visibility = take_upper (overview, "visibility");
  if (document->visibility == NULL) /* releases that have none show a document to all who see the API */
    document->visibility = g_strdup ("API_LEVEL");
  if (g_strcmp0 (document->source_type, "URL") == 0)
    document->source_url = take (overview, "sourceURL");
  if (g_strcmp0 (document->source_type, "FILE") == 0)
    document->file_name = take_file_name (overview);
  return document;
}
