#include "config.h"
#include "store/st-oauth-scope-text.h"

#define FROM_APPLICATION \
  " FROM AM_APPLICATION_KEY_MAPPING k JOIN AM_SUBSCRIPTION u ON u.APPLICATION_ID = k.APPLICATION_ID" \
  " JOIN AM_API_SCOPES a ON a.API_ID = u.API_ID JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = a.SCOPE_ID WHERE k.CONSUMER_KEY = ?"

enum
{
  COLUMN_KEY,
  COLUMN_NAME,
  COLUMN_DESCRIPTION,
};

static void
scope_text_free (gpointer data)
{
  StOauthScopeText *text = data;

  g_free (text->key);
  g_free (text->name);
  g_free (text->description);
  g_free (text);
}

gboolean
st_oauth_scope_texts_find (StWriter *writer, const char *consumer_key, GPtrArray **texts, GError **error)
{
  /* NAME is the display name up to 2.1, and the key from 2.2 on. */
  static const StStatement until_2_1 = { "SELECT s.SCOPE_KEY, s.NAME, s.DESCRIPTION" FROM_APPLICATION };
  static const StStatement from_2_2 = { "SELECT s.NAME, s.DISPLAY_NAME, s.DESCRIPTION" FROM_APPLICATION };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (scope_text_free);
  g_autoptr (StQuery) query = NULL;
  StStep step;

  query = st_writer_query (writer, st_writer_has (writer, ST_CAP_SCOPE_BINDING) ? &from_2_2 : &until_2_1, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, consumer_key);
  while ((step = st_query_step (query, error)) == ST_ROW && found->len < ST_OAUTH_MAX_SCOPE_TEXTS)
    {
      StOauthScopeText *text;

      if (st_query_is_null (query, COLUMN_KEY))
        continue;
      text = g_new0 (StOauthScopeText, 1);
      text->key = g_strdup (st_query_text (query, COLUMN_KEY));
      text->name = g_strdup (st_query_text (query, COLUMN_NAME));
      text->description = g_strdup (st_query_text (query, COLUMN_DESCRIPTION));
      g_ptr_array_add (found, text);
    }
  if (step == ST_FAILED)
    return FALSE;
  *texts = g_steal_pointer (&found);
  return TRUE;
}
