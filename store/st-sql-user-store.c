/* StUserStore over SQL. User names match without case where the settings say so. A column whose collation folds case
 * is searched with its index; only another one needs LOWER() on both sides, which reads every row of the tenant.
 * Collations fold more than case, so names are compared again in C. */
#include "config.h"
#include "store/st-sql-stores.h"

#include <string.h>

typedef enum
{
  NAMES_UNKNOWN, /* not asked yet */
  NAMES_DIRECT,  /* "=" finds every name that may be meant */
  NAMES_LOWER,   /* only LOWER() does */
} NameSearch;

typedef struct
{
  StUserStore store;
  StDatabase *database; /* borrowed */
  char *admin_user;
  char *admin_role;
  gboolean fold_case;
  int names; /* NameSearch, atomic */
} SqlUserStore;

#define TENANT_COLUMNS "SELECT UM_ID, UM_DOMAIN_NAME, UM_ACTIVE FROM UM_TENANT"
static const StStatement tenant_by_domain = { TENANT_COLUMNS " WHERE UM_DOMAIN_NAME = ?" };
static const StStatement tenant_by_id = { TENANT_COLUMNS " WHERE UM_ID = ?" };

#define USER_COLUMNS(changed) \
  "SELECT UM_ID, UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, " changed \
  " FROM UM_USER WHERE UM_TENANT_ID = ? AND "
#define SQLITE_CHANGED "UM_CHANGED_TIME"
#define MYSQL_CHANGED "CAST(UNIX_TIMESTAMP(UM_CHANGED_TIME) * 1000 AS SIGNED)"
#define DIRECT(column) column " = ?"
#define LOWER(column) "LOWER(" column ") = LOWER(?)"
#define USER_STATEMENT(filter) { USER_COLUMNS (SQLITE_CHANGED) filter, USER_COLUMNS (MYSQL_CHANGED) filter }

static const StStatement user_direct = USER_STATEMENT (DIRECT ("UM_USER_NAME") " ORDER BY UM_ID");
static const StStatement user_lower = USER_STATEMENT (LOWER ("UM_USER_NAME") " ORDER BY UM_ID");
static const StStatement user_by_id = USER_STATEMENT ("UM_ID = ?");

/* First the user itself, so that a user without roles is told from no user; then roles. Hybrid roles of a user of the
 * primary store count only while that user exists. */
#define ROLES_STATEMENT(match, role) \
  "SELECT u.UM_USER_NAME, NULL FROM UM_USER u" \
  " WHERE u.UM_TENANT_ID = ? AND ? = 'PRIMARY' AND " match ("u.UM_USER_NAME") \
  " UNION ALL SELECT u.UM_USER_NAME, r.UM_ROLE_NAME FROM UM_USER u" \
  " JOIN UM_USER_ROLE ur ON ur.UM_USER_ID = u.UM_ID AND ur.UM_TENANT_ID = u.UM_TENANT_ID" \
  " JOIN UM_ROLE r ON r.UM_ID = ur.UM_ROLE_ID AND r.UM_TENANT_ID = ur.UM_TENANT_ID" \
  " WHERE u.UM_TENANT_ID = ? AND ? = 'PRIMARY' AND " match ("u.UM_USER_NAME") \
  " UNION ALL SELECT hu.UM_USER_NAME, " role " FROM UM_HYBRID_USER_ROLE hu" \
  " JOIN UM_HYBRID_ROLE h ON h.UM_ID = hu.UM_ROLE_ID AND h.UM_TENANT_ID = hu.UM_TENANT_ID" \
  " JOIN UM_DOMAIN d ON d.UM_DOMAIN_ID = hu.UM_DOMAIN_ID AND d.UM_TENANT_ID = hu.UM_TENANT_ID" \
  " WHERE hu.UM_TENANT_ID = ? AND d.UM_DOMAIN_NAME = ? AND " match ("hu.UM_USER_NAME")
#define ROLE(internal) "CASE WHEN INSTR(h.UM_ROLE_NAME, '/') > 0 THEN h.UM_ROLE_NAME ELSE " internal " END"
#define SQLITE_ROLE ROLE ("'Internal/' || h.UM_ROLE_NAME")
#define MYSQL_ROLE ROLE ("CONCAT('Internal/', h.UM_ROLE_NAME)")

static const StStatement roles_direct = { ROLES_STATEMENT (DIRECT, SQLITE_ROLE), ROLES_STATEMENT (DIRECT, MYSQL_ROLE) };
static const StStatement roles_lower = { ROLES_STATEMENT (LOWER, SQLITE_ROLE), ROLES_STATEMENT (LOWER, MYSQL_ROLE) };

/* SQLite: the column is declared COLLATE NOCASE by our own schema. */
static const StStatement name_collations = {
  "SELECT 'NOCASE_ci' FROM sqlite_schema WHERE type = 'table' AND name IN ('UM_USER', 'UM_HYBRID_USER_ROLE')",
  "SELECT COLLATION_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
  " AND UPPER(TABLE_NAME) IN ('UM_USER', 'UM_HYBRID_USER_ROLE') AND UPPER(COLUMN_NAME) = 'UM_USER_NAME'",
};

static gboolean
find_name_search (SqlUserStore *self, gint64 deadline_us, NameSearch *names, GError **error)
{
  g_autoptr (StQuery) query = NULL;
  guint n_columns = 0;
  StStep step;

  *names = (NameSearch) g_atomic_int_get (&self->names);
  if (*names != NAMES_UNKNOWN)
    return TRUE;
  query = st_database_query (self->database, &name_collations, deadline_us, error);
  if (query == NULL)
    return FALSE;
  *names = NAMES_DIRECT;
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      n_columns++;
      if (self->fold_case && !g_str_has_suffix (st_query_text (query, 0), "_ci"))
        *names = NAMES_LOWER;
    }
  if (step != ST_END)
    return FALSE;
  if (n_columns < 2)
    {
      g_set_error_literal (error, ST_ERROR, ST_ERROR_SCHEMA,
                           "the database has no user store tables: run \"apimctl db migrate\" on an empty one");
      return FALSE;
    }
  g_atomic_int_set (&self->names, (int) *names);
  return TRUE;
}

static gboolean
same_name (SqlUserStore *self, const char *a, const char *b)
{
  g_autofree char *lower_a = NULL;
  g_autofree char *lower_b = NULL;

  if (a == NULL || !self->fold_case || strcmp (a, b) == 0)
    return g_strcmp0 (a, b) == 0;
  lower_a = g_utf8_strdown (a, -1);
  lower_b = g_utf8_strdown (b, -1);
  return strcmp (lower_a, lower_b) == 0;
}

/* @domain: nullable: the row need not have exactly this domain. */
static gboolean
read_tenant (StQuery *query, const char *domain, StTenant **found, GError **error)
{
  g_autoptr (StTenant) tenant = NULL;
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      if (tenant != NULL || (domain != NULL && g_strcmp0 (st_query_text (query, 1), domain) != 0))
        continue;
      tenant = st_tenant_new ();
      tenant->id = (gint) st_query_int64 (query, 0);
      tenant->domain = g_strdup (st_query_text (query, 1));
      tenant->active = st_query_int64 (query, 2) != 0;
    }
  if (step == ST_END)
    *found = g_steal_pointer (&tenant);
  return step == ST_END;
}

static gboolean
find_tenant_by_domain (StUserStore *store, const char *domain, gint64 deadline_us, StTenant **found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  g_autoptr (StQuery) query = st_database_query (self->database, &tenant_by_domain, deadline_us, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, domain);
  return read_tenant (query, domain, found, error);
}

static gboolean
find_tenant_by_id (StUserStore *store, gint id, gint64 deadline_us, StTenant **found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  g_autoptr (StQuery) query = st_database_query (self->database, &tenant_by_id, deadline_us, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, id);
  return read_tenant (query, NULL, found, error);
}

static StUser *
read_user (StQuery *query, gint tenant_id)
{
  StUser *user = st_user_new ();

  user->id = (gint) st_query_int64 (query, 0);
  user->tenant_id = tenant_id;
  user->name = g_strdup (st_query_text (query, 1));
  user->password_hash = g_strdup (st_query_text (query, 2));
  user->salt = g_strdup (st_query_text (query, 3));
  user->require_change = st_query_int64 (query, 4) != 0;
  user->changed_ms = st_query_int64 (query, 5);
  return user;
}

/* Where two users differ in case only, the exact name is meant, else the older one. */
static gboolean
find_user (StUserStore *store, gint tenant_id, const char *name, gint64 deadline_us, StUser **found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  g_autoptr (StQuery) query = NULL;
  g_autoptr (StUser) user = NULL;
  NameSearch names;
  StStep step;

  if (!find_name_search (self, deadline_us, &names, error))
    return FALSE;
  query = st_database_query (self->database, names == NAMES_DIRECT ? &user_direct : &user_lower, deadline_us, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, tenant_id);
  st_query_bind_text (query, 1, name);
  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gboolean exact = g_strcmp0 (st_query_text (query, 1), name) == 0;

      if (!exact && (user != NULL || !same_name (self, st_query_text (query, 1), name)))
        continue;
      st_user_unref (user);
      user = read_user (query, tenant_id);
    }
  if (step == ST_END)
    *found = g_steal_pointer (&user);
  return step == ST_END;
}

static gboolean
find_user_by_id (StUserStore *store, gint tenant_id, gint id, gint64 deadline_us, StUser **found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  g_autoptr (StQuery) query = st_database_query (self->database, &user_by_id, deadline_us, error);
  g_autoptr (StUser) user = NULL;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, tenant_id);
  st_query_bind_int64 (query, 1, id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (user == NULL)
      user = read_user (query, tenant_id);
  if (step == ST_END)
    *found = g_steal_pointer (&user);
  return step == ST_END;
}

static void
add_role (GPtrArray *roles, const char *role)
{
  if (role != NULL && !g_ptr_array_find_with_equal_func (roles, role, g_str_equal, NULL))
    g_ptr_array_add (roles, g_strdup (role));
}

static void
bind_roles (StQuery *query, gint tenant_id, const char *user_domain, const char *name)
{
  for (guint branch = 0; branch < 3; branch++)
    {
      st_query_bind_int64 (query, branch * 3, tenant_id);
      st_query_bind_text (query, branch * 3 + 1, user_domain);
      st_query_bind_text (query, branch * 3 + 2, name);
    }
}

static gboolean
find_roles (StUserStore *store, gint tenant_id, const char *user_domain, const char *name, gint64 deadline_us,
            char ***found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  gboolean primary = strcmp (user_domain, ST_PRIMARY_USER_DOMAIN) == 0;
  gboolean exists = !primary; /* another store's users are not in this database */
  g_autoptr (GPtrArray) roles = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StQuery) query = NULL;
  NameSearch names;
  StStep step;

  if (!find_name_search (self, deadline_us, &names, error))
    return FALSE;
  query = st_database_query (self->database, names == NAMES_DIRECT ? &roles_direct : &roles_lower, deadline_us, error);
  if (query == NULL)
    return FALSE;
  bind_roles (query, tenant_id, user_domain, name);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (same_name (self, st_query_text (query, 0), name))
      {
        exists = exists || st_query_is_null (query, 1);
        add_role (roles, st_query_text (query, 1));
      }
  if (step != ST_END)
    return FALSE;
  if (!exists)
    g_ptr_array_set_size (roles, 0);
  else if (primary && tenant_id == ST_SUPER_TENANT_ID && same_name (self, self->admin_user, name))
    add_role (roles, self->admin_role);
  g_ptr_array_add (roles, NULL);
  *found = (char **) g_ptr_array_free (g_steal_pointer (&roles), FALSE);
  return TRUE;
}

static gboolean
reads_inline (StUserStore *store)
{
  return st_database_kind (((SqlUserStore *) store)->database) == APIM_DATABASE_SQLITE;
}

static void
sql_user_store_free (StUserStore *store)
{
  SqlUserStore *self = (SqlUserStore *) store;

  g_free (self->admin_user);
  g_free (self->admin_role);
  g_free (self);
}

static const StUserStoreInterface sql_user_store = {
  .find_tenant_by_domain = find_tenant_by_domain,
  .find_tenant_by_id = find_tenant_by_id,
  .find_user = find_user,
  .find_user_by_id = find_user_by_id,
  .find_roles = find_roles,
  .reads_inline = reads_inline,
  .free = sql_user_store_free,
};

StUserStore *
st_sql_user_store_new (StDatabase *database, const ApimUserStoreSettings *settings)
{
  SqlUserStore *self = g_new0 (SqlUserStore, 1);

  self->store.interface = &sql_user_store;
  self->database = database;
  self->admin_user = g_strdup (settings->admin_user);
  self->admin_role = g_strdup (settings->admin_role);
  self->fold_case = settings->case_insensitive_names;
  return &self->store;
}
