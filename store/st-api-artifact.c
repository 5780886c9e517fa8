#include "config.h"
#include "store/st-api-artifact.h"

#include "store/st-columns.h"

gboolean
st_api_artifact_check (StWriter *writer, GError **error)
{
  if (st_writer_has (writer, ST_CAP_API_ARTIFACT))
    return TRUE;
  g_set_error_literal (
      error, ST_ERROR, ST_ERROR_SCHEMA,
      "the database has no place for descriptions, endpoints and documents of APIs (WSO2 keeps them in its registry), so its "
      "APIs can only be read here: \"apimctl db portal install\" makes it (in a database of ours \"apimctl db migrate\")");
  return FALSE;
}

/* A list's item is read for every API, so it is bounded. */
static gboolean
check_texts (StWriter *writer, const StApiArtifact *artifact, GError **error)
{
  const StText texts[] = {
    { "DESCRIPTION", artifact->description, 65535, ST_TEXT_OPTIONAL },
    { "TAGS", artifact->tags, 65535, ST_TEXT_OPTIONAL },
    { "VISIBILITY", artifact->visibility, 30, ST_TEXT_REQUIRED },
    { "VISIBLE_ROLES", artifact->visible_roles, 16383, ST_TEXT_OPTIONAL },
    { "VISIBLE_TENANTS", artifact->visible_tenants, 16383, ST_TEXT_OPTIONAL },
    { "ACCESS_CONTROL_ROLES", artifact->access_control_roles, 16383, ST_TEXT_OPTIONAL },
    { "ARTIFACT", artifact->artifact, G_MAXINT32, ST_TEXT_REQUIRED },
    { "DEFINITION", artifact->definition, G_MAXINT32, ST_TEXT_OPTIONAL },
  };

  return st_api_artifact_check (writer, error)
         && st_columns_check_row (writer, "APIM_API_ARTIFACT", texts, G_N_ELEMENTS (texts), error);
}

gboolean
st_write_create_artifact (StWriter *writer, gint64 api_id, const char *uuid, const StApiArtifact *artifact,
                          GError **error)
{
  static const StStatement insert = {
    "INSERT INTO APIM_API_ARTIFACT (API_ID, UUID, REVISION, DESCRIPTION, TAGS, VISIBILITY, VISIBLE_ROLES,"
    " VISIBLE_TENANTS, ACCESS_CONTROL_ROLES, ARTIFACT, DEFINITION) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)"
  };

  return check_texts (writer, artifact, error)
         && st_writer_execute (writer, &insert, error, "isssssssss", api_id, uuid, artifact->description,
                               artifact->tags, artifact->visibility, artifact->visible_roles,
                               artifact->visible_tenants, artifact->access_control_roles, artifact->artifact,
                               artifact->definition);
}

gboolean
st_write_update_artifact (StWriter *writer, gint64 api_id, const StApiArtifact *artifact, GError **error)
{
  static const StStatement update
      = { "UPDATE APIM_API_ARTIFACT SET REVISION = REVISION + 1, DESCRIPTION = ?, TAGS = ?, VISIBILITY = ?,"
          " VISIBLE_ROLES = ?, VISIBLE_TENANTS = ?, ACCESS_CONTROL_ROLES = ?, ARTIFACT = ?, DEFINITION = ?"
          " WHERE API_ID = ?" };

  return check_texts (writer, artifact, error)
         && st_writer_execute (writer, &update, error, "ssssssssi", artifact->description, artifact->tags,
                               artifact->visibility, artifact->visible_roles, artifact->visible_tenants,
                               artifact->access_control_roles, artifact->artifact, artifact->definition,
                               api_id);
}

static gboolean
insert_thumbnail (StWriter *writer, gint64 api_id, const char *bytes, gsize length, GError **error)
{
  static const StStatement insert = { "INSERT INTO APIM_API_THUMBNAIL (API_ID, CONTENT) VALUES (?, ?)" };
  StQuery *query = st_writer_query (writer, &insert, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  st_query_bind_bytes (query, 1, bytes, length);
  return st_writer_run (query, error);
}

gboolean
st_write_thumbnail (StWriter *writer, gint64 api_id, const char *media_type, const char *bytes, gsize length,
                    GError **error)
{
  static const StStatement delete = { "DELETE FROM APIM_API_THUMBNAIL WHERE API_ID = ?" };
  static const StStatement update
      = { "UPDATE APIM_API_ARTIFACT SET REVISION = REVISION + 1, THUMBNAIL_TYPE = ? WHERE API_ID = ?" };
  const StText texts[] = { { "THUMBNAIL_TYPE", media_type, 100, ST_TEXT_OPTIONAL } };

  return st_api_artifact_check (writer, error)
         && st_columns_check_row (writer, "APIM_API_ARTIFACT", texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, &delete, error, "i", api_id)
         && (bytes == NULL || insert_thumbnail (writer, api_id, bytes, length, error))
         && st_writer_execute (writer, &update, error, "si", bytes != NULL ? media_type : NULL, api_id);
}

gboolean
st_read_thumbnail (StWriter *reader, gint64 api_id, GBytes **content, GError **error)
{
  static const StStatement select = { "SELECT CONTENT FROM APIM_API_THUMBNAIL WHERE API_ID = ?" };
  g_autoptr (StQuery) query = NULL;
  StStep step;

  *content = NULL;
  if (!st_writer_has (reader, ST_CAP_API_ARTIFACT))
    return TRUE;
  if ((query = st_writer_query (reader, &select, error)) == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    {
      gsize length;
      const char *bytes = st_query_bytes (query, 0, &length);

      *content = g_bytes_new (bytes, length);
    }
  return step != ST_FAILED;
}

gboolean
st_write_copy_thumbnail (StWriter *writer, gint64 from_api_id, gint64 to_api_id, GError **error)
{
  static const StStatement insert = { "INSERT INTO APIM_API_THUMBNAIL (API_ID, CONTENT)"
                                      " SELECT ?, CONTENT FROM APIM_API_THUMBNAIL WHERE API_ID = ?" };
  static const StStatement update
      = { "UPDATE APIM_API_ARTIFACT SET THUMBNAIL_TYPE = (SELECT t.THUMBNAIL_TYPE FROM"
          " (SELECT THUMBNAIL_TYPE FROM APIM_API_ARTIFACT WHERE API_ID = ?) t)"
          " WHERE API_ID = ?" };

  return st_api_artifact_check (writer, error)
         && st_writer_execute (writer, &insert, error, "ii", to_api_id, from_api_id)
         && st_writer_execute (writer, &update, error, "ii", from_api_id, to_api_id);
}
