#include "config.h"
#include "store/st-user-lists.h"

#include "store/st-user-store.h"

#include <string.h>

/* Hybrid roles are stored as "subscriber", others of the kind with their prefix. */
static char *
hybrid_role_name (const char *stored)
{
  return strchr (stored, '/') != NULL ? g_strdup (stored) : g_strconcat ("Internal/", stored, NULL);
}

/* Adds the only column of the rows. @n: in all; counted on. */
static gboolean
read_names (StQuery *owned, gboolean hybrid, guint limit, GStrvBuilder *names, guint *n, GError **error)
{
  g_autoptr (StQuery) query = owned;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      const char *stored = st_query_text (query, 0);
      g_autofree char *name = NULL;

      if (stored == NULL || *n >= limit)
        continue;
      name = hybrid ? hybrid_role_name (stored) : g_strdup (stored);
      g_strv_builder_add (names, name);
      (*n)++;
    }
  return step == ST_END;
}

/* A pattern of LIKE with "!" for escapes. */
static char *
like_pattern (const char *filter)
{
  GString *pattern = g_string_new (NULL);

  for (; *filter != '\0'; filter++)
    {
      if (*filter == '%' || *filter == '_' || *filter == '!')
        g_string_append_c (pattern, '!');
      g_string_append_c (pattern, *filter == '*' ? '%' : *filter == '?' ? '_' : *filter);
    }
  return g_string_free (pattern, FALSE);
}

gboolean
st_users_list (StDatabase *database, gint tenant_id, const char *filter, guint limit, gint64 deadline_us, char ***names,
               GError **error)
{
  static const StStatement statement = { "SELECT UM_USER_NAME FROM UM_USER WHERE UM_TENANT_ID = ?"
                                         " AND UM_USER_NAME LIKE ? ESCAPE '!' ORDER BY UM_USER_NAME LIMIT ?" };
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  g_autofree char *pattern = like_pattern (filter);
  StQuery *query = st_database_query (database, &statement, deadline_us, error);
  guint n = 0;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, tenant_id);
  st_query_bind_text (query, 1, pattern);
  st_query_bind_int64 (query, 2, limit);
  if (!read_names (query, FALSE, limit, found, &n, error))
    return FALSE;
  *names = g_strv_builder_end (found);
  return TRUE;
}

static StQuery *
query_of_tenant (StDatabase *database, const StStatement *statement, gint tenant_id, guint limit, gint64 deadline_us,
                 GError **error)
{
  StQuery *query = st_database_query (database, statement, deadline_us, error);

  if (query != NULL)
    {
      st_query_bind_int64 (query, 0, tenant_id);
      st_query_bind_int64 (query, 1, limit);
    }
  return query;
}

gboolean
st_roles_list (StDatabase *database, gint tenant_id, gboolean hybrid_only, guint limit, gint64 deadline_us,
               char ***roles, GError **error)
{
  static const StStatement primary
      = { "SELECT UM_ROLE_NAME FROM UM_ROLE WHERE UM_TENANT_ID = ? ORDER BY UM_ROLE_NAME LIMIT ?" };
  static const StStatement hybrid = { "SELECT UM_ROLE_NAME FROM UM_HYBRID_ROLE WHERE UM_TENANT_ID = ?"
                                      " AND LOWER(UM_ROLE_NAME) <> 'everyone' ORDER BY UM_ROLE_NAME LIMIT ?" };
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  StQuery *query;
  guint n = 0;

  if (!hybrid_only)
    {
      query = query_of_tenant (database, &primary, tenant_id, limit, deadline_us, error);
      if (query == NULL || !read_names (query, FALSE, limit, found, &n, error))
        return FALSE;
    }
  query = query_of_tenant (database, &hybrid, tenant_id, limit, deadline_us, error);
  if (query == NULL || !read_names (query, TRUE, limit, found, &n, error))
    return FALSE;
  *roles = g_strv_builder_end (found);
  return TRUE;
}

/* A role's table and its name there: NULL: of another user store, which is not known here. */
static const char *
stored_role (const char *role, gboolean *hybrid)
{
  const char *bare;
  g_autofree char *domain = st_user_name_split (role, &bare);

  *hybrid = strcmp (domain, ST_PRIMARY_USER_DOMAIN) != 0;
  if (!*hybrid || strcmp (domain, "INTERNAL") == 0)
    return bare;
  return strcmp (domain, "APPLICATION") == 0 || strcmp (domain, "WORKFLOW") == 0 ? role : NULL;
}

gboolean
st_users_of_role_list (StDatabase *database, gint tenant_id, const char *role, guint limit, gint64 deadline_us,
                       char ***names, GError **error)
{
  static const StStatement primary
      = { "SELECT u.UM_USER_NAME FROM UM_ROLE r JOIN UM_USER_ROLE m ON m.UM_ROLE_ID = r.UM_ID"
          " AND m.UM_TENANT_ID = r.UM_TENANT_ID JOIN UM_USER u ON u.UM_ID = m.UM_USER_ID"
          " AND u.UM_TENANT_ID = r.UM_TENANT_ID WHERE r.UM_TENANT_ID = ? AND LOWER(r.UM_ROLE_NAME) = LOWER(?)"
          " ORDER BY u.UM_USER_NAME LIMIT ?" };
  static const StStatement hybrid
      = { "SELECT m.UM_USER_NAME FROM UM_HYBRID_ROLE r JOIN UM_HYBRID_USER_ROLE m ON m.UM_ROLE_ID = r.UM_ID"
          " AND m.UM_TENANT_ID = r.UM_TENANT_ID WHERE r.UM_TENANT_ID = ? AND LOWER(r.UM_ROLE_NAME) = LOWER(?)"
          " ORDER BY m.UM_USER_NAME LIMIT ?" };
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  gboolean is_hybrid;
  const char *stored = stored_role (role, &is_hybrid);
  guint n = 0;

  if (stored != NULL)
    {
      StQuery *query = st_database_query (database, is_hybrid ? &hybrid : &primary, deadline_us, error);

      if (query == NULL)
        return FALSE;
      st_query_bind_int64 (query, 0, tenant_id);
      st_query_bind_text (query, 1, stored);
      st_query_bind_int64 (query, 2, limit);
      if (!read_names (query, FALSE, limit, found, &n, error))
        return FALSE;
    }
  *names = g_strv_builder_end (found);
  return TRUE;
}

gboolean
st_role_exists (StDatabase *database, gint tenant_id, const char *role, gint64 deadline_us, gboolean *exists,
                GError **error)
{
#define ROLE(table) "SELECT UM_ID FROM " table " WHERE UM_TENANT_ID = ? AND LOWER(UM_ROLE_NAME) = LOWER(?)"
  static const StStatement primary = { ROLE ("UM_ROLE") };
  static const StStatement hybrid = { ROLE ("UM_HYBRID_ROLE") };
  g_autoptr (StQuery) query = NULL;
  gboolean is_hybrid;
  const char *stored = stored_role (role, &is_hybrid);
  StStep step;

  *exists = FALSE;
  if (stored == NULL)
    return TRUE;
  query = st_database_query (database, is_hybrid ? &hybrid : &primary, deadline_us, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, tenant_id);
  st_query_bind_text (query, 1, stored);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *exists = TRUE;
  return step == ST_END;
}
