/* The first administrator and the roles that a fresh user database needs (spec/databases.md 6.7). */
#include "config.h"
#include "store/st-schema.h"

#include "store/st-records.h"

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

/* Runs a statement with texts up to NULL. */
static gboolean
run (StTransaction *transaction, const StStatement *statement, GError **error, ...) G_GNUC_NULL_TERMINATED;

static gboolean
run (StTransaction *transaction, const StStatement *statement, GError **error, ...)
{
  g_autoptr (StQuery) query = st_transaction_query (transaction, statement, error);
  const char *text;
  guint at = 0;
  va_list texts;

  if (query == NULL)
    return FALSE;
  va_start (texts, error);
  while ((text = va_arg (texts, const char *)) != NULL)
    st_query_bind_text (query, at++, text);
  va_end (texts);
  return st_query_step (query, error) == ST_END;
}

static gboolean
check_absent (StTransaction *transaction, const char *name, GError **error)
{
  static const StStatement select
      = { "SELECT 1 FROM UM_USER WHERE LOWER(UM_USER_NAME) = LOWER(?) AND UM_TENANT_ID = -1234" };
  g_autoptr (StQuery) query = st_transaction_query (transaction, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, name);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "user \"%s\" exists already", name);
  return step == ST_END;
}

static gboolean
add_user (StTransaction *transaction, const char *name, const char *password_hash, const char *salt, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO UM_USER (UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_TENANT_ID) VALUES"
    " (?, ?, ?, 0, -1234)"
  };
  g_autoptr (StQuery) query = st_transaction_query (transaction, &insert, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, name);
  st_query_bind_text (query, 1, password_hash);
  st_query_bind_text (query, 2, salt);
  return st_query_step (query, error) == ST_END;
}

/* The admin role, the user in it, and the Internal roles with the user in them. */
static gboolean
add_roles (StTransaction *transaction, const char *name, const char *admin_role, GError **error)
{
  static const StStatement role = {
    "INSERT INTO UM_ROLE (UM_ROLE_NAME, UM_TENANT_ID, UM_SHARED_ROLE) VALUES (?, -1234, 0)"
  };
  static const StStatement member = {
    "INSERT INTO UM_USER_ROLE (UM_ROLE_ID, UM_USER_ID, UM_TENANT_ID)"
    " SELECT r.UM_ID, u.UM_ID, -1234 FROM UM_ROLE r JOIN UM_USER u ON u.UM_TENANT_ID = r.UM_TENANT_ID"
    " WHERE r.UM_TENANT_ID = -1234 AND r.UM_ROLE_NAME = ? AND u.UM_USER_NAME = ?"
  };
  static const StStatement hybrid_role
      = { "INSERT INTO UM_HYBRID_ROLE (UM_ROLE_NAME, UM_TENANT_ID) VALUES (?, -1234)" };
  static const StStatement hybrid_member = {
    "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID)"
    " SELECT u.UM_USER_NAME, h.UM_ID, -1234, d.UM_DOMAIN_ID"
    " FROM UM_HYBRID_ROLE h JOIN UM_USER u ON u.UM_TENANT_ID = h.UM_TENANT_ID"
    " JOIN UM_DOMAIN d ON d.UM_TENANT_ID = h.UM_TENANT_ID"
    " WHERE h.UM_TENANT_ID = -1234 AND d.UM_DOMAIN_NAME = 'PRIMARY' AND h.UM_ROLE_NAME = ? AND u.UM_USER_NAME = ?"
  };

  if (!run (transaction, &role, error, admin_role, NULL) || !run (transaction, &member, error, admin_role, name, NULL))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (internal_roles); i++)
    if (!run (transaction, &hybrid_role, error, internal_roles[i], NULL)
        || !run (transaction, &hybrid_member, error, internal_roles[i], name, NULL))
      return FALSE;
  return TRUE;
}

static gboolean
add_grants (StTransaction *transaction, const char *admin_role, GError **error)
{
  static const StStatement permission = {
    "INSERT INTO UM_PERMISSION (UM_RESOURCE_ID, UM_ACTION, UM_TENANT_ID)"
    " SELECT ?, 'ui.execute', -1234 FROM (SELECT 1 AS ONE) d"
    " WHERE NOT EXISTS (SELECT 1 FROM UM_PERMISSION p"
    " WHERE p.UM_RESOURCE_ID = ? AND p.UM_ACTION = 'ui.execute' AND p.UM_TENANT_ID = -1234)"
  };
  static const StStatement grant = {
    "INSERT INTO UM_ROLE_PERMISSION (UM_PERMISSION_ID, UM_ROLE_NAME, UM_IS_ALLOWED, UM_TENANT_ID, UM_DOMAIN_ID)"
    " SELECT p.UM_ID, ?, 1, -1234, d.UM_DOMAIN_ID FROM UM_PERMISSION p JOIN UM_DOMAIN d ON d.UM_TENANT_ID ="
    " p.UM_TENANT_ID"
    " WHERE p.UM_TENANT_ID = -1234 AND p.UM_ACTION = 'ui.execute' AND p.UM_RESOURCE_ID = ? AND d.UM_DOMAIN_NAME = ?"
  };

  for (guint i = 0; i < G_N_ELEMENTS (grants); i++)
    if (!run (transaction, &permission, error, grants[i].permission, grants[i].permission, NULL)
        || !run (transaction, &grant, error, grants[i].role != NULL ? grants[i].role : admin_role, grants[i].permission,
                 grants[i].domain, NULL))
      return FALSE;
  return TRUE;
}

gboolean
st_schema_add_admin (StDatabase *database, const ApimUserStoreSettings *settings, const char *password_hash,
                     const char *salt, GError **error)
{
  StTransaction *transaction = st_transaction_begin (database, 0, error);

  if (transaction == NULL)
    return FALSE;
  if (check_absent (transaction, settings->admin_user, error)
      && add_user (transaction, settings->admin_user, password_hash, salt, error)
      && add_roles (transaction, settings->admin_user, settings->admin_role, error)
      && add_grants (transaction, settings->admin_role, error))
    return st_transaction_commit (transaction, error);
  st_transaction_rollback (transaction);
  return FALSE;
}
