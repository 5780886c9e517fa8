#include "config.h"
#include "store/st-ended-sessions.h"

#include "store/st-columns.h"
#include "store/st-writer.h"

typedef struct
{
  const char *digest;
  gint64 now_ms;
} Ending;

static gboolean
end_session (StWriter *writer, gpointer data, GError **error)
{
  static const StStatement forget = { "DELETE FROM APIM_ENDED_SESSION WHERE ENDED_MS < ? OR SESSION_DIGEST = ?" };
  static const StStatement insert = { "INSERT INTO APIM_ENDED_SESSION (SESSION_DIGEST, ENDED_MS) VALUES (?, ?)" };
  const Ending *ending = data;

  return st_writer_execute (writer, &forget, error, "is", ending->now_ms - ST_ENDED_SESSION_KEEP_MS, ending->digest)
         && st_writer_execute (writer, &insert, error, "si", ending->digest, ending->now_ms);
}

gboolean
st_session_end (StDatabase *user_database, const char *digest, gint64 now_ms, gint64 deadline_us, GError **error)
{
  Ending ending = { digest, now_ms };

  return st_write_users (user_database, end_session, &ending, deadline_us, error);
}

gboolean
st_session_has_ended (StDatabase *user_database, const char *digest, gint64 deadline_us, gboolean *ended,
                      GError **error)
{
  static const StStatement select = { "SELECT ENDED_MS FROM APIM_ENDED_SESSION WHERE SESSION_DIGEST = ?" };
  g_autoptr (StQuery) query = st_database_query (user_database, &select, deadline_us, error);
  StStep step;

  *ended = FALSE;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, digest);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *ended = TRUE;
  return step == ST_END;
}
