#include "config.h"
#include "store/st-api-document.h"

#include "common/apim-secret.h"
#include "store/st-api-artifact.h"
#include "store/st-columns.h"

void
st_api_document_free (StApiDocument *document)
{
  if (document == NULL)
    return;
  g_free (document->uuid);
  g_free (document->name);
  g_free (document->type);
  g_free (document->other_type_name);
  g_free (document->summary);
  g_free (document->source_type);
  g_free (document->source_url);
  g_free (document->visibility);
  g_free (document->file_name);
  g_free (document->media_type);
  g_free (document);
}

#define COLUMNS                                                                                              \
  "UUID, NAME, TYPE, OTHER_TYPE_NAME, SUMMARY, SOURCE_TYPE, SOURCE_URL, VISIBILITY, FILE_NAME, MEDIA_TYPE,"  \
  " CREATED_TIME, UPDATED_TIME"

static StApiDocument *
read_row (StQuery *query)
{
  StApiDocument *document = g_new0 (StApiDocument, 1);

  document->uuid = g_strdup (st_query_text (query, 0));
  document->name = g_strdup (st_query_text (query, 1));
  document->type = g_strdup (st_query_text (query, 2));
  document->other_type_name = g_strdup (st_query_text (query, 3));
  document->summary = g_strdup (st_query_text (query, 4));
  document->source_type = g_strdup (st_query_text (query, 5));
  document->source_url = g_strdup (st_query_text (query, 6));
  document->visibility = g_strdup (st_query_text (query, 7));
  document->file_name = g_strdup (st_query_text (query, 8));
  document->media_type = g_strdup (st_query_text (query, 9));
  document->created_ms = st_query_int64 (query, 10);
  document->updated_ms = st_query_int64 (query, 11);
  return document;
}

gboolean
st_read_documents (StWriter *reader, gint64 api_id, GPtrArray **documents, GError **error)
{
  static const StStatement select
      = { "SELECT " COLUMNS " FROM APIM_API_DOCUMENT WHERE API_ID = ? ORDER BY NAME, DOCUMENT_ID" };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)st_api_document_free);
  g_autoptr (StQuery) query = NULL;
  StStep step = ST_END;

  if (st_writer_has (reader, ST_CAP_API_ARTIFACT))
    {
      if ((query = st_writer_query (reader, &select, error)) == NULL)
        return FALSE;
      st_query_bind_int64 (query, 0, api_id);
      while ((step = st_query_step (query, error)) == ST_ROW)
        g_ptr_array_add (found, read_row (query));
    }
  if (step == ST_FAILED)
    return FALSE;
  *documents = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_read_document (StWriter *reader, gint64 api_id, const char *uuid, StApiDocument **document, GError **error)
{
  static const StStatement select
      = { "SELECT " COLUMNS " FROM APIM_API_DOCUMENT WHERE API_ID = ? AND UUID = ?" };
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  *document = NULL;
  if (!st_writer_has (reader, ST_CAP_API_ARTIFACT))
    return TRUE;
  if ((query = st_writer_query (reader, &select, error)) == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", api_id, uuid);
  if ((step = st_query_step (query, error)) == ST_ROW)
    *document = read_row (query);
  return step != ST_FAILED;
}

gboolean
st_read_document_content (StWriter *reader, gint64 api_id, const char *uuid, GBytes **content, GError **error)
{
  static const StStatement select = { "SELECT CONTENT FROM APIM_API_DOCUMENT WHERE API_ID = ? AND UUID = ?" };
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  *content = NULL;
  if (!st_writer_has (reader, ST_CAP_API_ARTIFACT))
    return TRUE;
  if ((query = st_writer_query (reader, &select, error)) == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", api_id, uuid);
  if ((step = st_query_step (query, error)) == ST_ROW && !st_query_is_null (query, 0))
    {
      gsize length;
      const char *bytes = st_query_bytes (query, 0, &length);

      *content = g_bytes_new (bytes, length);
    }
  return step != ST_FAILED;
}

static gboolean
check_texts (StWriter *writer, const StApiDocument *document, GError **error)
{
  const StText texts[] = {
    { "NAME", document->name, 150, ST_TEXT_REQUIRED },
    { "TYPE", document->type, 30, ST_TEXT_REQUIRED },
    { "OTHER_TYPE_NAME", document->other_type_name, 200, ST_TEXT_OPTIONAL },
    { "SUMMARY", document->summary, 65535, ST_TEXT_OPTIONAL },
    { "SOURCE_TYPE", document->source_type, 10, ST_TEXT_REQUIRED },
    { "SOURCE_URL", document->source_url, 2000, ST_TEXT_OPTIONAL },
    { "VISIBILITY", document->visibility, 20, ST_TEXT_REQUIRED },
    { "FILE_NAME", document->file_name, 255, ST_TEXT_OPTIONAL },
    { "MEDIA_TYPE", document->media_type, 100, ST_TEXT_OPTIONAL },
  };

  return st_api_artifact_check (writer, error)
         && st_columns_check_row (writer, "APIM_API_DOCUMENT", texts, G_N_ELEMENTS (texts), error);
}

gboolean
st_write_add_document (StWriter *writer, gint64 api_id, const StApiDocument *document, GError **error)
{
  static const StStatement insert = { "INSERT INTO APIM_API_DOCUMENT (API_ID, " COLUMNS
                                      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" };

  return check_texts (writer, document, error)
         && st_writer_execute (writer, &insert, error, "issssssssssii", api_id, document->uuid,
                               document->name, document->type, document->other_type_name, document->summary,
                               document->source_type, document->source_url, document->visibility,
                               document->file_name, document->media_type, document->created_ms,
                               document->updated_ms);
}

gboolean
st_write_update_document (StWriter *writer, gint64 api_id, const StApiDocument *document, GError **error)
{
  static const StStatement update = {
    "UPDATE APIM_API_DOCUMENT SET NAME = ?, TYPE = ?, OTHER_TYPE_NAME = ?, SUMMARY = ?, SOURCE_TYPE = ?,"
    " SOURCE_URL = ?, VISIBILITY = ?, FILE_NAME = ?, MEDIA_TYPE = ?, UPDATED_TIME = ?"
    " WHERE API_ID = ? AND UUID = ?"
  };

  return check_texts (writer, document, error)
         && st_writer_execute (writer, &update, error, "sssssssssiis", document->name, document->type,
                               document->other_type_name, document->summary, document->source_type,
                               document->source_url, document->visibility, document->file_name,
                               document->media_type, document->updated_ms, api_id, document->uuid);
}

gboolean
st_write_document_content (StWriter *writer, gint64 api_id, const char *uuid, const char *bytes, gsize length,
                           GError **error)
{
  static const StStatement update
      = { "UPDATE APIM_API_DOCUMENT SET CONTENT = ? WHERE API_ID = ? AND UUID = ?" };
  StQuery *query = st_api_artifact_check (writer, error) ? st_writer_query (writer, &update, error) : NULL;
  guint at = 1;

  if (query == NULL)
    return FALSE;
  if (bytes != NULL)
    st_query_bind_bytes (query, 0, bytes, length);
  st_query_bind (query, &at, "is", api_id, uuid);
  return st_writer_run (query, error);
}

gboolean
st_write_delete_document (StWriter *writer, gint64 api_id, const char *uuid, GError **error)
{
  static const StStatement delete = { "DELETE FROM APIM_API_DOCUMENT WHERE API_ID = ? AND UUID = ?" };

  return st_api_artifact_check (writer, error)
         && st_writer_execute (writer, &delete, error, "is", api_id, uuid);
}

gboolean
st_write_copy_documents (StWriter *writer, gint64 from_api_id, gint64 to_api_id, GError **error)
{
  static const StStatement insert = { "INSERT INTO APIM_API_DOCUMENT (API_ID, " COLUMNS
                                      ", CONTENT) SELECT ?, ?, NAME, TYPE, OTHER_TYPE_NAME,"
                                      " SUMMARY, SOURCE_TYPE, SOURCE_URL, VISIBILITY, FILE_NAME, MEDIA_TYPE, "
                                      "CREATED_TIME, UPDATED_TIME, CONTENT"
                                      " FROM APIM_API_DOCUMENT WHERE API_ID = ? AND UUID = ?" };
  g_autoptr (GPtrArray) documents = NULL;

  if (!st_read_documents (writer, from_api_id, &documents, error))
    return FALSE;
  for (guint i = 0; i < documents->len; i++)
    {
      const StApiDocument *document = documents->pdata[i];
      g_autofree char *uuid = apim_random_uuid ();

      if (!st_writer_execute (writer, &insert, error, "isis", to_api_id, uuid, from_api_id, document->uuid))
        return FALSE;
    }
  return TRUE;
}
