#include "config.h"
#include "store/st-used-assertions.h"

#include "store/st-columns.h"

#define OLDEST                                                                                               \
  "FROM APIM_USED_ASSERTION WHERE EXPIRES_MS < ? ORDER BY EXPIRES_MS LIMIT " G_STRINGIFY (                   \
      ST_ASSERTIONS_FORGET_MAX)

gboolean
st_assertions_check (const StWriter *writer, GError **error)
{
  if (st_writer_has (writer, ST_CAP_USED_ASSERTIONS))
    return TRUE;
  g_set_error_literal (
      error, ST_ERROR, ST_ERROR_SCHEMA,
      "the database has no table APIM_USED_ASSERTION, without which an assertion could be used more than"
      " once: run \"apimctl db portal install\" (in a database of ours \"apimctl db migrate\")");
  return FALSE;
}

/* Not by the conflict alone: it ends the whole transaction, in which there may be more than this. */
static gboolean
is_used (StWriter *writer, const char *digest, gboolean *used, GError **error)
{
  static const StStatement select
      = { "SELECT EXPIRES_MS FROM APIM_USED_ASSERTION WHERE ASSERTION_DIGEST = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  *used = FALSE;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, digest);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *used = TRUE;
  return step == ST_END;
}

gboolean
st_assertion_use (StWriter *writer, const char *digest, gint64 expires_ms, gboolean *used_before,
                  GError **error)
{
  static const StStatement insert
      = { "INSERT INTO APIM_USED_ASSERTION (ASSERTION_DIGEST, EXPIRES_MS) VALUES (?, ?)" };

  return st_assertions_check (writer, error) && is_used (writer, digest, used_before, error)
         && (*used_before || st_writer_execute (writer, &insert, error, "si", digest, expires_ms));
}

gboolean
st_assertions_forget (StWriter *writer, gint64 before_ms, GError **error)
{
  static const StStatement forget
      = { "DELETE FROM APIM_USED_ASSERTION WHERE ASSERTION_DIGEST IN (SELECT ASSERTION_DIGEST " OLDEST ")",
          "DELETE " OLDEST };

  return st_assertions_check (writer, error) && st_writer_execute (writer, &forget, error, "i", before_ms);
}
