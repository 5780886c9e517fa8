/* StCheck: the user database (spec/databases.md 6): tenants, users, store domains. */
#include "config.h"
#include "store/st-check-private.h"
#include "store/st-records.h"

#include <string.h>

#define ROW_LIMIT " LIMIT " G_STRINGIFY (ST_CHECK_ROWS)

static const StStatement tenant_rows = { "SELECT UM_ID, UM_DOMAIN_NAME FROM UM_TENANT" };
static const StStatement tenant_counts = {
  "SELECT COUNT(*), COALESCE(SUM(CASE WHEN UM_ACTIVE THEN 0 ELSE 1 END), 0) FROM UM_TENANT",
};
static const StStatement inactive_tenants
    = { "SELECT UM_DOMAIN_NAME FROM UM_TENANT WHERE NOT COALESCE(UM_ACTIVE, 0) ORDER BY UM_ID" ROW_LIMIT };
static const StStatement any_user = { "SELECT UM_ID FROM UM_USER LIMIT 1" };
static const StStatement any_resource = { "SELECT REG_VERSION FROM REG_RESOURCE LIMIT 1" };
static const StStatement primary_domain = {
  "SELECT UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_DOMAIN_NAME = 'PRIMARY' AND UM_TENANT_ID = -1234 LIMIT 1",
};
static const StStatement lost_members = {
  "SELECT hu.UM_ID FROM UM_HYBRID_USER_ROLE hu LEFT JOIN UM_DOMAIN d"
  " ON d.UM_DOMAIN_ID = hu.UM_DOMAIN_ID AND d.UM_TENANT_ID = hu.UM_TENANT_ID WHERE d.UM_DOMAIN_ID IS NULL"
  " ORDER BY hu.UM_ID" ROW_LIMIT,
};
static const StStatement lost_users = {
  "SELECT u.UM_USER_NAME FROM UM_USER u LEFT JOIN UM_TENANT t ON t.UM_ID = u.UM_TENANT_ID"
  " WHERE u.UM_TENANT_ID <> -1234 AND t.UM_ID IS NULL ORDER BY u.UM_ID" ROW_LIMIT,
};

void
st_check_read_tenants (StCheck *self, StDatabase *users)
{
  g_autoptr (StQuery) query = st_database_query (users, &tenant_rows, st_check_deadline (self), NULL);
  StStep step;

  if (query == NULL)
    return;
  self->tenants = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->tenant_ids = g_hash_table_new (NULL, NULL);
  g_hash_table_replace (self->tenants, g_strdup (ST_SUPER_TENANT_DOMAIN), GINT_TO_POINTER (ST_SUPER_TENANT_ID));
  g_hash_table_add (self->tenant_ids, GINT_TO_POINTER (ST_SUPER_TENANT_ID));
  while ((step = st_query_step (query, NULL)) == ST_ROW)
    {
      gint id = (gint)st_query_int64 (query, 0);

      g_hash_table_replace (self->tenants, g_ascii_strdown (st_query_text (query, 1), -1), GINT_TO_POINTER (id));
      g_hash_table_add (self->tenant_ids, GINT_TO_POINTER (id));
    }
  if (step == ST_END)
    return;
  g_clear_pointer (&self->tenants, g_hash_table_unref);
  g_clear_pointer (&self->tenant_ids, g_hash_table_unref);
}

/* @names: what the first column of the rows says. FALSE: could not be read, and that is told. */
static gboolean
read_names (StCheck *self, const StStatement *statement, const char *what, StCheckList *names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (StQuery) query = st_check_query (self, statement, &error);
  StStep step = ST_FAILED;

  while (query != NULL && (step = st_query_step (query, &error)) == ST_ROW)
    st_check_list_add (names, st_query_is_null (query, 0) ? "NULL" : st_query_text (query, 0));
  if (step != ST_END)
    st_check_not_checked (self, what, error);
  return step == ST_END;
}

static void
check_tenants (StCheck *self)
{
  g_auto (StCheckList) inactive = { 0 };
  char *values[2] = { NULL, NULL };
  g_autoptr (GError) error = NULL;

  if (st_check_read_row (self, &tenant_counts, 2, values, &error) && values[0] != NULL)
    ST_CHECK_ADD (self, ST_CHECK_OK, "tenants", NULL, NULL, "carbon.super and %s more tenants, %s of them inactive",
                  values[0], values[1]);
  else if (error != NULL)
    st_check_not_checked (self, "the tenants", error);
  g_free (values[0]);
  g_free (values[1]);
  if (read_names (self, &inactive_tenants, "inactive tenants", &inactive) && inactive.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_NOTE, "tenant-inactive", "nobody of them can log in",
                  "nothing, if that is meant; else activate them in the management console", "inactive tenants: %s",
                  inactive.text->str);
}

/* One script creates userdb and regdb, so UM_* tables say nothing: rows do (spec/databases.md 1). */
static void
check_presence (StCheck *self)
{
  g_auto (StCheckList) users = { 0 };
  g_auto (StCheckList) resources = { 0 };

  if (!read_names (self, &any_user, "the users", &users) || users.n > 0)
    return;
  if (st_check_find_table (self, "REG_RESOURCE") != NULL && read_names (self, &any_resource, "the registry", &resources)
      && resources.n > 0)
    ST_CHECK_ADD (self, ST_CHECK_ERROR, "user-source",
                  "nobody can log in, gateways included: regdb has empty UM_* tables, because one script makes both",
                  "name the data source of userdb (jdbc/WSO2UM_DB) as Property dataSource of user-mgt.xml",
                  "the database has no users but a registry: it looks like regdb");
  else
    ST_CHECK_ADD (self, ST_CHECK_WARNING, "user-none", "nobody can log in, gateways included",
                  "see that user-mgt.xml names the database where the users are; users in LDAP are not read",
                  "the user database has no users");
}

static void
check_domains (StCheck *self)
{
  g_auto (StCheckList) primary = { 0 };
  g_auto (StCheckList) members = { 0 };
  g_auto (StCheckList) users = { 0 };

  if (read_names (self, &primary_domain, "the store domains", &primary) && primary.n == 0)
    ST_CHECK_ADD (
        self, ST_CHECK_WARNING, "domain-missing", "no user of carbon.super has any Internal/ role",
        "INSERT INTO UM_DOMAIN (UM_DOMAIN_NAME, UM_TENANT_ID) VALUES ('PRIMARY', -1234), or start a WSO2 node on"
        " it once",
        "UM_DOMAIN has no row PRIMARY for carbon.super");
  if (read_names (self, &lost_members, "the members of Internal/ roles", &members) && members.n > 0)
    {
      g_autofree char *count = st_check_count_text (members.n, ST_CHECK_ROWS);

      ST_CHECK_ADD (
          self, ST_CHECK_WARNING, "member-orphan", "they do not hold the role",
          "give them the UM_DOMAIN_ID of their tenant's PRIMARY: SELECT UM_DOMAIN_ID, UM_TENANT_ID FROM UM_DOMAIN"
          " WHERE UM_DOMAIN_NAME = 'PRIMARY'",
          "members of Internal/ roles whose store domain does not exist: %s (UM_HYBRID_USER_ROLE.UM_ID %s)", count,
          members.text->str);
    }
  if (read_names (self, &lost_users, "the tenants of users", &users) && users.n > 0)
    {
      g_autofree char *count = st_check_count_text (users.n, ST_CHECK_ROWS);

      ST_CHECK_ADD (self, ST_CHECK_NOTE, "user-orphan", "they cannot log in",
                    "restore the rows of UM_TENANT, or nothing", "users whose tenant does not exist: %s (%s)", count,
                    users.text->str);
    }
}

void
st_check_user_rows (StCheck *self)
{
  check_tenants (self);
  check_presence (self);
  check_domains (self);
}
