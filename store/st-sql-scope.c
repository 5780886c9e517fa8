/* The question for the scope that protects a resource, in both shapes: key and a list of roles up to 2.1, name and a
 * row per role since 2.2 (spec/databases.md 3.5, 5.7). */
#include "config.h"
#include "store/st-sql-key-store-private.h"

#include "store/st-capabilities.h"

/* A resource whose scope is gone, or has no name, is protected from everybody: scopes are separated by blanks, so no
 * token has this one. */
#define UNNAMED_SCOPE " "

enum
{
  COLUMN_KEY,
  COLUMN_ROLES,
};

const StStatement *
st_sql_scope_statement (guint capabilities)
{
  static const StStatement with_bindings = {
    "SELECT s.NAME, b.SCOPE_BINDING FROM IDN_OAUTH2_RESOURCE_SCOPE r"
    " LEFT JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = r.SCOPE_ID"
    " LEFT JOIN IDN_OAUTH2_SCOPE_BINDING b ON b.SCOPE_ID = s.SCOPE_ID"
    " WHERE r.RESOURCE_PATH = ?",
  };
  static const StStatement with_roles = {
    "SELECT s.SCOPE_KEY, s.ROLES FROM IDN_OAUTH2_RESOURCE_SCOPE r"
    " LEFT JOIN IDN_OAUTH2_SCOPE s ON s.SCOPE_ID = r.SCOPE_ID"
    " WHERE r.RESOURCE_PATH = ?",
  };

  return (capabilities & ST_CAP_SCOPE_BINDING) != 0 ? &with_bindings : &with_roles;
}

static void
add_role (GPtrArray *roles, const char *text)
{
  g_autofree char *role = g_strstrip (g_strdup (text));

  if (*role != '\0' && !g_ptr_array_find_with_equal_func (roles, role, g_str_equal, NULL))
    g_ptr_array_add (roles, g_steal_pointer (&role));
}

void
st_sql_add_roles (GPtrArray *roles, const char *text, gboolean list)
{
  g_auto (GStrv) words = NULL;

  if (text == NULL)
    return;
  if (!list)
    {
      add_role (roles, text);
      return;
    }
  words = g_strsplit (text, ",", -1);
  for (guint i = 0; words[i] != NULL; i++)
    add_role (roles, words[i]);
}

static const char *
key_of (StQuery *query)
{
  const char *key = st_query_text (query, COLUMN_KEY);

  return key != NULL && *key != '\0' ? key : UNNAMED_SCOPE;
}

/* The one search that takes the collation's word: a resource that the database calls protected is protected. */
gboolean
st_sql_find_scope (StKeyStore *store, const char *resource_path, gint64 deadline_us, StScope **found, GError **error)
{
  StSqlKeyStore *self = (StSqlKeyStore *) store;
  g_autoptr (StSqlShape) shape = st_sql_key_store_shape (self, deadline_us, error);
  g_autoptr (GPtrArray) roles = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *key = NULL;
  g_autoptr (StQuery) query = NULL;
  StStep step;

  if (shape == NULL)
    return FALSE;
  query = st_sql_key_store_query (self, shape->scope, deadline_us, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, resource_path);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (key == NULL)
        key = g_strdup (key_of (query));
      if (g_str_equal (key, key_of (query)))
        st_sql_add_roles (roles, st_query_text (query, COLUMN_ROLES), (shape->capabilities & ST_CAP_SCOPE_BINDING) == 0);
    }
  if (step == ST_END && key != NULL)
    {
      g_ptr_array_add (roles, NULL);
      *found = st_scope_new ();
      (*found)->key = g_steal_pointer (&key);
      (*found)->roles = (char **) g_ptr_array_free (g_steal_pointer (&roles), FALSE);
    }
  return st_sql_key_store_finish (self, step, error);
}
