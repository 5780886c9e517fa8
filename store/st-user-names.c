#include "config.h"
#include "store/st-user-names.h"

#include <string.h>

/* SQLite: the columns are declared COLLATE NOCASE by our own schema. */
static const StStatement name_collations = {
  "SELECT 'NOCASE_ci' FROM sqlite_schema WHERE type = 'table' AND name IN ('UM_USER', 'UM_HYBRID_USER_ROLE')",
  "SELECT COLLATION_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
  " AND UPPER(TABLE_NAME) IN ('UM_USER', 'UM_HYBRID_USER_ROLE') AND UPPER(COLUMN_NAME) = 'UM_USER_NAME'",
};

gboolean
st_user_names_search (StDatabase *database, gboolean fold_case, gint64 deadline_us, StNameSearch *search,
                      GError **error)
{
  g_autoptr (StQuery) query = st_database_query (database, &name_collations, deadline_us, error);
  guint n_columns = 0;
  StStep step;

  *search = ST_NAMES_DIRECT;
  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const char *collation = st_query_text (query, 0);

      n_columns++;
      if (fold_case && (collation == NULL || !g_str_has_suffix (collation, "_ci")))
        *search = ST_NAMES_LOWER;
    }
  if (step != ST_END)
    return FALSE;
  if (n_columns < 2)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                           "the database has no user store tables: run \"apimctl db migrate\" on an empty one");
      return FALSE;
    }
  return TRUE;
}

gboolean
st_user_names_equal (const char *a, const char *b, gboolean fold_case)
{
  g_autofree char *lower_a = NULL;
  g_autofree char *lower_b = NULL;

  if (a == NULL || !fold_case || strcmp (a, b) == 0)
    return g_strcmp0 (a, b) == 0;
  lower_a = g_utf8_strdown (a, -1);
  lower_b = g_utf8_strdown (b, -1);
  return strcmp (lower_a, lower_b) == 0;
}
