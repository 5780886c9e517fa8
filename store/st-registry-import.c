#include "config.h"
#include "store/st-registry-import.h"

#include "store/st-columns.h"

void
st_registry_import_free (StRegistryImport *import)
{
  if (import == NULL)
    return;
  g_free (import->source_digest);
  g_free (import->result_digest);
  g_free (import);
}

gboolean
st_read_registry_import (StWriter *reader, gint64 api_id, StRegistryImport **import, GError **error)
{
  static const StStatement select
      = { "SELECT SOURCE_DIGEST, RESULT_DIGEST FROM APIM_REGISTRY_IMPORT WHERE API_ID = ?" };
  g_autoptr (StQuery) query = st_writer_query (reader, &select, error);
  StStep step;

  *import = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, api_id);
  if ((step = st_query_step (query, error)) == ST_ROW)
    {
      *import = g_new0 (StRegistryImport, 1);
      (*import)->source_digest = g_strdup (st_query_text (query, 0));
      (*import)->result_digest = g_strdup (st_query_text (query, 1));
    }
  return step != ST_FAILED;
}

gboolean
st_write_registry_import (StWriter *writer, gint64 api_id, const char *source_digest, const char *result_digest,
                          gint64 now_ms, GError **error)
{
  static const StStatement delete = { "DELETE FROM APIM_REGISTRY_IMPORT WHERE API_ID = ?" };
  static const StStatement insert = { "INSERT INTO APIM_REGISTRY_IMPORT (API_ID, SOURCE_DIGEST, RESULT_DIGEST,"
                                      " IMPORTED_MS) VALUES (?, ?, ?, ?)" };

  return st_writer_execute (writer, &delete, error, "i", api_id)
         && st_writer_execute (writer, &insert, error, "issi", api_id, source_digest, result_digest, now_ms);
}
