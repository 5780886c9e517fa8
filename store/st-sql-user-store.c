/* StUserStore over SQL (spec/databases.md 6). */
#include "config.h"
#include "store/st-sql-stores.h"

#include "store/st-user-names.h"

#include <string.h>

typedef struct
{
  StUserStore store;
  StDatabase *database; /* borrowed */
  char *admin_user;
  char *admin_role;
  gboolean fold_case;
  int names; /* StNameSearch, atomic */
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

/* The users that may be meant, without a role; then their roles; then hybrid roles, without a user's id. */
#define ROLES_STATEMENT(match, role) \
  "SELECT u.UM_USER_NAME, NULL, u.UM_ID FROM UM_USER u" \
  " WHERE u.UM_TENANT_ID = ? AND ? = 'PRIMARY' AND " match ("u.UM_USER_NAME") \
  " UNION ALL SELECT u.UM_USER_NAME, r.UM_ROLE_NAME, u.UM_ID FROM UM_USER u" \
  " JOIN UM_USER_ROLE ur ON ur.UM_USER_ID = u.UM_ID AND ur.UM_TENANT_ID = u.UM_TENANT_ID" \
  " JOIN UM_ROLE r ON r.UM_ID = ur.UM_ROLE_ID AND r.UM_TENANT_ID = ur.UM_TENANT_ID" \
  " WHERE u.UM_TENANT_ID = ? AND ? = 'PRIMARY' AND " match ("u.UM_USER_NAME") \
  " UNION ALL SELECT hu.UM_USER_NAME, " role ", NULL FROM UM_HYBRID_USER_ROLE hu" \
  " JOIN UM_HYBRID_ROLE h ON h.UM_ID = hu.UM_ROLE_ID AND h.UM_TENANT_ID = hu.UM_TENANT_ID" \
  " JOIN UM_DOMAIN d ON d.UM_DOMAIN_ID = hu.UM_DOMAIN_ID AND d.UM_TENANT_ID = hu.UM_TENANT_ID" \
  " WHERE hu.UM_TENANT_ID = ? AND d.UM_DOMAIN_NAME = ? AND " match ("hu.UM_USER_NAME")
#define ROLE(internal) "CASE WHEN INSTR(h.UM_ROLE_NAME, '/') > 0 THEN h.UM_ROLE_NAME ELSE " internal " END"
#define SQLITE_ROLE ROLE ("'Internal/' || h.UM_ROLE_NAME")
#define MYSQL_ROLE ROLE ("CONCAT('Internal/', h.UM_ROLE_NAME)")

static const StStatement roles_direct = { ROLES_STATEMENT (DIRECT, SQLITE_ROLE), ROLES_STATEMENT (DIRECT, MYSQL_ROLE) };
static const StStatement roles_lower = { ROLES_STATEMENT (LOWER, SQLITE_ROLE), ROLES_STATEMENT (LOWER, MYSQL_ROLE) };

#define FIVE "?, ?, ?, ?, ?"
/* A domain id without a row is a role of a store that is gone: nobody has it. */
static const StStatement permissions = {
  "SELECT p.UM_RESOURCE_ID, d.UM_DOMAIN_NAME, rp.UM_ROLE_NAME, rp.UM_IS_ALLOWED, p.UM_ACTION"
  " FROM UM_PERMISSION p"
  " JOIN UM_ROLE_PERMISSION rp ON rp.UM_PERMISSION_ID = p.UM_ID AND rp.UM_TENANT_ID = p.UM_TENANT_ID"
  " LEFT JOIN UM_DOMAIN d ON d.UM_DOMAIN_ID = rp.UM_DOMAIN_ID AND d.UM_TENANT_ID = rp.UM_TENANT_ID"
  " WHERE p.UM_TENANT_ID = ? AND p.UM_ACTION = ?"
  " AND p.UM_RESOURCE_ID IN (" FIVE ", " FIVE ", " FIVE ", " FIVE ")"
  " AND (rp.UM_DOMAIN_ID IS NULL OR d.UM_DOMAIN_ID IS NOT NULL)"
};
G_STATIC_ASSERT (ST_MAX_PERMISSION_NODES == 4 * 5);

static gboolean
find_name_search (SqlUserStore *self, gint64 deadline_us, StNameSearch *names, GError **error)
{
  *names = (StNameSearch) g_atomic_int_get (&self->names);
  if (*names != ST_NAMES_UNKNOWN)
    return TRUE;
  if (!st_user_names_search (self->database, self->fold_case, deadline_us, names, error))
    return FALSE;
  g_atomic_int_set (&self->names, (int) *names);
  return TRUE;
}

static gboolean
same_name (SqlUserStore *self, const char *a, const char *b)
{
  return st_user_names_equal (a, b, self->fold_case);
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
select_user (SqlUserStore *self, const StStatement *statement, gint tenant_id, const char *name, gint64 deadline_us,
             StUser **found, GError **error)
{
  g_autoptr (StQuery) query = st_database_query (self->database, statement, deadline_us, error);
  g_autoptr (StUser) user = NULL;
  StStep step;

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

/* By the index first: most people write their name as it is stored. */
static gboolean
find_user (StUserStore *store, gint tenant_id, const char *name, gint64 deadline_us, StUser **found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  StNameSearch names;

  if (!find_name_search (self, deadline_us, &names, error)
      || !select_user (self, &user_direct, tenant_id, name, deadline_us, found, error))
    return FALSE;
  return *found != NULL || names == ST_NAMES_DIRECT
         || select_user (self, &user_lower, tenant_id, name, deadline_us, found, error);
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

/* A row of the roles' statement. */
typedef struct
{
  char *name; /* as it is stored */
  char *role; /* NULL: the row says that the user exists */
  gint64 user_id; /* 0: a hybrid role, which has names only */
} RoleRow;

static void
role_row_free (gpointer data)
{
  RoleRow *row = data;

  g_free (row->name);
  g_free (row->role);
  g_free (row);
}

static gboolean
read_role_rows (SqlUserStore *self, StQuery *query, const char *name, GPtrArray *users, GPtrArray *memberships,
                GError **error)
{
  StStep step;

  while ((step = st_query_step (query, error)) == ST_ROW)
    {
      gboolean hybrid = st_query_is_null (query, 2);
      RoleRow *row;

      if (!same_name (self, st_query_text (query, 0), name) || (hybrid && st_query_is_null (query, 1)))
        continue;
      row = g_new (RoleRow, 1);
      *row = (RoleRow){ g_strdup (st_query_text (query, 0)), g_strdup (st_query_text (query, 1)),
                        st_query_int64 (query, 2) };
      g_ptr_array_add (row->role == NULL ? users : memberships, row);
    }
  return step == ST_END;
}

/* The same choice as find_user(); NULL: there is no such user. */
static const RoleRow *
choose_user (GPtrArray *users, const char *name)
{
  const RoleRow *chosen = NULL;

  for (guint i = 0; i < users->len; i++)
    {
      const RoleRow *user = users->pdata[i];

      if (strcmp (user->name, name) == 0)
        return user;
      if (chosen == NULL || user->user_id < chosen->user_id)
        chosen = user;
    }
  return chosen;
}

/* Whether what is stored under @name is @user's: it may be written in another case, but not as another user is. */
static gboolean
is_name_of (const RoleRow *user, const char *name, GPtrArray *users)
{
  if (strcmp (name, user->name) == 0)
    return TRUE;
  for (guint i = 0; i < users->len; i++)
    if (strcmp (name, ((const RoleRow *) users->pdata[i])->name) == 0)
      return FALSE;
  return TRUE;
}

static void
add_role (GPtrArray *roles, const char *role)
{
  if (!g_ptr_array_find_with_equal_func (roles, role, g_str_equal, NULL))
    g_ptr_array_add (roles, g_strdup (role));
}

/* @user: NULL: of another store, whose users are not in this database. */
static void
take_roles (GPtrArray *roles, const RoleRow *user, GPtrArray *users, GPtrArray *memberships)
{
  for (guint i = 0; i < memberships->len; i++)
    {
      const RoleRow *row = memberships->pdata[i];

      if (user == NULL || (row->user_id != 0 ? row->user_id == user->user_id : is_name_of (user, row->name, users)))
        add_role (roles, row->role);
    }
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
  g_autoptr (GPtrArray) users = g_ptr_array_new_with_free_func (role_row_free);
  g_autoptr (GPtrArray) memberships = g_ptr_array_new_with_free_func (role_row_free);
  g_autoptr (GPtrArray) roles = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (StQuery) query = NULL;
  const RoleRow *user;
  StNameSearch names;

  if (!find_name_search (self, deadline_us, &names, error))
    return FALSE;
  query = st_database_query (self->database, names == ST_NAMES_DIRECT ? &roles_direct : &roles_lower, deadline_us,
                             error);
  if (query == NULL)
    return FALSE;
  bind_roles (query, tenant_id, user_domain, name);
  if (!read_role_rows (self, query, name, users, memberships, error))
    return FALSE;
  user = choose_user (users, name);
  if (user != NULL || !primary) /* a hybrid role that outlived its user is nobody's */
    take_roles (roles, user, users, memberships);
  if (user != NULL && tenant_id == ST_SUPER_TENANT_ID && same_name (self, self->admin_user, user->name)
      && is_name_of (user, self->admin_user, users))
    add_role (roles, self->admin_role);
  g_ptr_array_add (roles, NULL);
  *found = (char **) g_ptr_array_free (g_steal_pointer (&roles), FALSE);
  return TRUE;
}

static gboolean
is_node (GPtrArray *nodes, const char *resource_id)
{
  return resource_id != NULL && g_ptr_array_find_with_equal_func (nodes, resource_id, g_str_equal, NULL);
}

static gboolean
find_permissions (StUserStore *store, gint tenant_id, const char *action, GPtrArray *nodes, gint64 deadline_us,
                  GPtrArray *found, GError **error)
{
  SqlUserStore *self = (SqlUserStore *) store;
  g_autoptr (StQuery) query = st_database_query (self->database, &permissions, deadline_us, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, tenant_id);
  st_query_bind_text (query, 1, action);
  for (guint i = 0; i < nodes->len; i++)
    st_query_bind_text (query, 2 + i, nodes->pdata[i]);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (is_node (nodes, st_query_text (query, 0)) && g_strcmp0 (st_query_text (query, 4), action) == 0)
      st_permissions_add (found, st_query_text (query, 0), st_query_text (query, 1), st_query_text (query, 2),
                          st_query_int64 (query, 3) == 1);
  return step == ST_END;
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
  .find_permissions = find_permissions,
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
