/* The first administrator and the roles that a fresh user database, or a new tenant in it, needs
 * (spec/databases.md 6.7). */
#include "config.h"
#include "store/st-admin.h"

#include "store/st-columns.h"
#include "store/st-records.h"
#include "store/st-schema.h"

typedef struct
{
  const char *role;   /* NULL: the admin role */
  const char *domain; /* of the role */
  const char *permission;
} Grant;

static const Grant grants[] = {
  { NULL, "PRIMARY", "/permission" },
  { "subscriber", "INTERNAL", "/permission/admin/login" },
  { "subscriber", "INTERNAL", "/permission/admin/manage/api/subscribe" },
  { "publisher", "INTERNAL", "/permission/admin/login" },
  { "publisher", "INTERNAL", "/permission/admin/manage/api/publish" },
  { "creator", "INTERNAL", "/permission/admin/login" },
  { "creator", "INTERNAL", "/permission/admin/manage/api/create" },
  { "creator", "INTERNAL", "/permission/admin/configure/governance" },
  { "creator", "INTERNAL", "/permission/admin/manage/resources/govern" },
};

static const char *const internal_roles[] = { "subscriber", "publisher", "creator" };

/* Which the super tenant of a database of ours has from its schema. */
static const char *const domains[] = { "PRIMARY", "SYSTEM", "INTERNAL", "APPLICATION", "WORKFLOW" };

gboolean
st_write_tenant_domains (StWriter *writer, gint tenant_id, GError **error)
{
  static const StStatement domain = { "INSERT INTO UM_DOMAIN (UM_DOMAIN_NAME, UM_TENANT_ID) VALUES (?, ?)" };
  static const StStatement everyone
      = { "INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES ('everyone', ?)" };

  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    if (!st_writer_execute (writer, &domain, error, "si", domains[i], (gint64)tenant_id))
      return FALSE;
  return st_writer_execute (writer, &everyone, error, "i", (gint64)tenant_id);
}

static gboolean
check_absent (StWriter *writer, const StAdmin *admin, GError **error)
{
  static const StStatement select
      = { "SELECT 1 FROM UM_USER WHERE LOWER(UM_USER_NAME) = LOWER(?) AND UM_TENANT_ID = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "si", admin->name, (gint64)admin->tenant_id);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "user \"%s\" exists already", admin->name);
  return step == ST_END;
}

static gboolean
add_user (StWriter *writer, const StAdmin *admin, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO UM_USER (UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_CHANGED_TIME, "
    "UM_TENANT_ID)"
    " VALUES (?, ?, ?, 0, " ST_NOW_SQLITE ", ?)",
    "INSERT INTO UM_USER (UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_CHANGED_TIME, "
    "UM_TENANT_ID)"
    " VALUES (?, ?, ?, 0, " ST_NOW_MYSQL ", ?)",
  };

  return st_writer_execute (writer, &insert, error, "sssi", admin->name, admin->password_hash, admin->salt,
                            (gint64)admin->tenant_id);
}

/* The admin role, the user in it, and the Internal roles with the user in them. */
static gboolean
add_roles (StWriter *writer, const StAdmin *admin, GError **error)
{
  static const StStatement role
      = { "INSERT INTO UM_ROLE (UM_ROLE_NAME, UM_TENANT_ID, UM_SHARED_ROLE) VALUES (?, ?, 0)" };
  static const StStatement member
      = { "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID)"
          " SELECT r.UM_ID, u.UM_ID, r.UM_TENANT_ID FROM UM_ROLE r JOIN UM_USER u ON u.UM_TENANT_ID = r.UM_TENANT_ID"
          " WHERE r.UM_TENANT_ID = ? AND r.UM_ROLE_NAME = ? AND u.UM_USER_NAME = ?" };
  static const StStatement hybrid_role = { "INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES (?, ?)" };
  static const StStatement hybrid_member
      = { "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
          " SELECT u.UM_USER_NAME, h.UM_ID, h.UM_TENANT_ID, d.UM_DOMAIN_ID"
          " FROM UM_HYBRID_ROLE h JOIN UM_USER u ON u.UM_TENANT_ID = h.UM_TENANT_ID"
          " JOIN UM_DOMAIN d ON d.UM_TENANT_ID = h.UM_TENANT_ID"
          " WHERE h.UM_TENANT_ID = ? AND d.UM_DOMAIN_NAME = 'PRIMARY' AND h.UM_ROLE_NAME = ? AND u.UM_USER_NAME = ?" };
  const gint64 tenant = admin->tenant_id;

  if (!st_writer_execute (writer, &role, error, "si", admin->role, tenant)
      || !st_writer_execute (writer, &member, error, "iss", tenant, admin->role, admin->name))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (internal_roles); i++)
    if (!st_writer_execute (writer, &hybrid_role, error, "si", internal_roles[i], tenant)
        || !st_writer_execute (writer, &hybrid_member, error, "iss", tenant, internal_roles[i], admin->name))
      return FALSE;
  return TRUE;
}

static gboolean
add_grants (StWriter *writer, const StAdmin *admin, GError **error)
{
  static const StStatement permission
      = { "INSERT INTO UM_PERMISSION (UM_RESOURCE_ID, UM_ACTION, UM_TENANT_ID)"
          " SELECT ?, 'ui.execute', ? FROM (SELECT 1 AS ONE) d"
          " WHERE NOT EXISTS (SELECT 1 FROM UM_PERMISSION p"
          " WHERE p.UM_RESOURCE_ID = ? AND p.UM_ACTION = 'ui.execute' AND p.UM_TENANT_ID = ?)" };
  static const StStatement grant = {
    "INSERT INTO UM_ROLE_PERMISSION (UM_PERMISSION_ID, UM_ROLE_NAME, UM_IS_ALLOWED, UM_TENANT_ID, UM_DOMAIN_ID)"
    " SELECT p.UM_ID, ?, 1, p.UM_TENANT_ID, d.UM_DOMAIN_ID FROM UM_PERMISSION p JOIN UM_DOMAIN d ON d.UM_TENANT_ID ="
    " p.UM_TENANT_ID"
    " WHERE p.UM_TENANT_ID = ? AND p.UM_ACTION = 'ui.execute' AND p.UM_RESOURCE_ID = ? AND d.UM_DOMAIN_NAME = ?"
  };
  const gint64 tenant = admin->tenant_id;

  for (guint i = 0; i < G_N_ELEMENTS (grants); i++)
    if (!st_writer_execute (writer, &permission, error, "sisi", grants[i].permission, tenant, grants[i].permission,
                            tenant)
        || !st_writer_execute (writer, &grant, error, "siss", grants[i].role != NULL ? grants[i].role : admin->role,
                               tenant, grants[i].permission, grants[i].domain))
      return FALSE;
  return TRUE;
}

gboolean
st_write_admin (StWriter *writer, const StAdmin *admin, GError **error)
{
  return check_absent (writer, admin, error) && add_user (writer, admin, error) && add_roles (writer, admin, error)
         && add_grants (writer, admin, error);
}

static gboolean
write_admin (StWriter *writer, gpointer data, GError **error)
{
  return st_write_admin (writer, data, error);
}

gboolean
st_schema_add_admin (StDatabase *database, const ApimUserStoreSettings *settings, const char *password_hash,
                     const char *salt, GError **error)
{
  StAdmin admin = { ST_SUPER_TENANT_ID, settings->admin_user, settings->admin_role, password_hash, salt };

  return st_write_users (database, write_admin, &admin, 0, error);
}
