#include "config.h"
#include "portal/json/pt-json-document.h"

void
pt_json_document_append (GString *json, const StApiDocument *document)
{
  g_string_append_c (json, '{');
  core_json_append_member (json, "documentId", document->uuid);
  core_json_append_member (json, "name", document->name);
  core_json_append_member (json, "type", document->type);
  core_json_append_member (json, "summary", document->summary);
  core_json_append_member (json, "sourceType", document->source_type);
  core_json_append_member (json, "sourceUrl", document->source_url);
  core_json_append_member (json, "otherTypeName", document->other_type_name);
  core_json_append_member (json, "visibility", document->visibility);
  g_string_append_c (json, '}');
}

StApiDocument *
pt_json_document_read (const CoreJsonNode *node, GError **error)
{
  g_autoptr (GPtrArray) violations = core_violations_new ();
  g_autoptr (StApiDocument) document = g_new0 (StApiDocument, 1);
  const PtJson json = { node, "", violations };

  pt_json_text (&json, "name", &document->name);
  pt_json_text (&json, "type", &document->type);
  pt_json_text (&json, "summary", &document->summary);
  pt_json_text (&json, "sourceType", &document->source_type);
  pt_json_text (&json, "sourceUrl", &document->source_url);
  pt_json_text (&json, "otherTypeName", &document->other_type_name);
  pt_json_text (&json, "visibility", &document->visibility);
  return core_violations_check (violations, error) ? g_steal_pointer (&document) : NULL;
}
