/* The question for the default version of the API with a context; the same in every generation
 * (spec/databases.md 5.5). */
#include "config.h"
#include "store/st-sql-key-store-private.h"

enum
{
  COLUMN_CONTEXT,
  COLUMN_NAME,
  COLUMN_PROVIDER,
  COLUMN_VERSION,
  COLUMN_DEFAULT_NAME,
  COLUMN_DEFAULT_PROVIDER,
  COLUMN_DEFAULT_VERSION,
};

/* The newest default version first: a change deletes the row and makes another. */
static const StStatement by_context = {
  "SELECT p.CONTEXT, p.API_NAME, p.API_PROVIDER, p.API_VERSION, d.API_NAME, d.API_PROVIDER,"
  " d.PUBLISHED_DEFAULT_API_VERSION FROM AM_API p"
  " LEFT JOIN AM_API_DEFAULT_VERSION d ON d.API_NAME = p.API_NAME AND d.API_PROVIDER = p.API_PROVIDER"
  " WHERE p.CONTEXT = ? ORDER BY p.API_ID, d.DEFAULT_VERSION_ID DESC",
};

/* Whether the row's default version is that of the row's API, and not of one whose name the collation takes for it. */
static gboolean
has_own_default (StQuery *query)
{
  return st_sql_is_text (query, COLUMN_DEFAULT_NAME, st_query_text (query, COLUMN_NAME))
         && st_sql_is_text (query, COLUMN_DEFAULT_PROVIDER, st_query_text (query, COLUMN_PROVIDER));
}

gboolean
st_sql_find_api_default (StKeyStore *store, const char *context, gint64 deadline_us, StApiDefault **found,
                         GError **error)
{
  StSqlKeyStore *self = (StSqlKeyStore *) store;
  g_autoptr (StSqlShape) shape = st_sql_key_store_shape (self, deadline_us, error);
  g_autoptr (StApiDefault) api = NULL;
  g_autoptr (StQuery) query = NULL;
  gboolean decided = FALSE;
  StStep step;

  if (shape == NULL)
    return FALSE;
  query = st_sql_key_store_query (self, &by_context, deadline_us, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, context);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (!st_sql_is_text (query, COLUMN_CONTEXT, context))
        continue;
      if (api == NULL)
        {
          api = st_api_default_new ();
          api->api_name = st_sql_dup_column (query, COLUMN_NAME);
          api->api_version = st_sql_dup_column (query, COLUMN_VERSION);
        }
      if (!decided && has_own_default (query) && st_sql_is_text (query, COLUMN_NAME, api->api_name)
          && st_sql_is_text (query, COLUMN_VERSION, api->api_version))
        {
          api->default_version = st_sql_dup_column (query, COLUMN_DEFAULT_VERSION);
          decided = TRUE;
        }
    }
  if (step == ST_END)
    *found = g_steal_pointer (&api);
  return st_sql_key_store_finish (self, step, error);
}
