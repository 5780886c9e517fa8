#include "config.h"
#include "store/st-tier-permission.h"

#include "store/st-columns.h"
#include "store/st-list.h"

#include <string.h>

void
st_tier_permission_free (StTierPermission *permission)
{
  if (permission == NULL)
    return;
  g_free (permission->tier);
  g_strfreev (permission->roles);
  g_free (permission);
}

/* 1.x had the tiers of subscriptions in the one table, 2.x in the other while its policies are in the
 * database. */
static gboolean
is_new (StWriter *writer, gboolean advanced)
{
  return advanced && st_writer_has (writer, ST_CAP_POLICIES);
}

static const char *
table_of (StWriter *writer, gboolean advanced)
{
  return is_new (writer, advanced) ? "AM_THROTTLE_TIER_PERMISSIONS" : "AM_TIER_PERMISSIONS";
}

static char **
split_roles (const char *text)
{
  char **roles = g_strsplit (text != NULL ? text : "", ",", -1);
  guint kept = 0;

  for (guint i = 0; roles[i] != NULL; i++)
    {
      char *role = g_strstrip (roles[i]);

      if (*role != '\0')
        roles[kept++] = role;
      else
        g_free (role);
    }
  roles[kept] = NULL;
  return roles;
}

static gpointer
read_permission (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  static const char *const everybody[] = { "Internal/everyone", NULL };
  StTierPermission *permission = g_new0 (StTierPermission, 1);
  const char *type = st_query_text (query, 1);

  permission->tier = g_strdup (st_query_text (query, 0));
  permission->allows = g_strcmp0 (type, "allow") == 0;
  if (permission->allows || g_strcmp0 (type, "deny") == 0)
    permission->roles = split_roles (st_query_text (query, 2));
  else
    permission->roles = g_strdupv ((char **)everybody);
  return permission;
}

gboolean
st_tier_permission_list (StWriter *writer, gboolean advanced, gint tenant_id, GPtrArray **found,
                         GError **error)
{
  g_autofree char *from = g_strconcat (table_of (writer, advanced), " WHERE TENANT_ID = ?", NULL);
  const StList list = { "TIER, PERMISSIONS_TYPE, ROLES", NULL, from, "TIER" };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)st_tier_permission_free);
  gboolean done
      = st_list_read (writer, &list, NULL, read_permission, NULL, rows, NULL, error, "i", (gint64)tenant_id);

  *found = done ? g_steal_pointer (&rows) : NULL;
  return done;
}

gboolean
st_tier_permission_find (StWriter *writer, gboolean advanced, gint tenant_id, const char *tier,
                         StTierPermission **found, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;

  *found = NULL;
  if (!st_tier_permission_list (writer, advanced, tenant_id, &rows, error))
    return FALSE;
  for (guint i = 0; i < rows->len && *found == NULL; i++)
    if (g_strcmp0 (((StTierPermission *)g_ptr_array_index (rows, i))->tier, tier) == 0)
      *found = g_ptr_array_steal_index (rows, i);
  return TRUE;
}

#define DELETE(table)                                                                                        \
  {                                                                                                          \
    "DELETE FROM " table " WHERE TENANT_ID = ? AND TIER = ?"                                                 \
  }
#define INSERT(table)                                                                                        \
  {                                                                                                          \
    "INSERT INTO " table " (TIER, PERMISSIONS_TYPE, ROLES, TENANT_ID) VALUES (?, ?, ?, ?)"                   \
  }

gboolean
st_write_tier_permission (StWriter *writer, gboolean advanced, gint tenant_id, const char *tier,
                          gboolean allows, const char *const *roles, GError **error)
{
  static const StStatement deletes[2]
      = { DELETE ("AM_TIER_PERMISSIONS"), DELETE ("AM_THROTTLE_TIER_PERMISSIONS") };
  static const StStatement inserts[2]
      = { INSERT ("AM_TIER_PERMISSIONS"), INSERT ("AM_THROTTLE_TIER_PERMISSIONS") };
  g_autofree char *joined = g_strjoinv (",", (char **)roles);
  const StText texts[] = {
    { "TIER", tier, 50, ST_TEXT_REQUIRED },
    { "ROLES", joined, 512, ST_TEXT_OPTIONAL },
  };
  guint at = is_new (writer, advanced) ? 1 : 0;

  return st_columns_check_row (writer, table_of (writer, advanced), texts, G_N_ELEMENTS (texts), error)
         && st_writer_execute (writer, &deletes[at], error, "is", (gint64)tenant_id, tier)
         && (*joined == '\0'
             || st_writer_execute (writer, &inserts[at], error, "sssi", tier, allows ? "allow" : "deny",
                                   joined, (gint64)tenant_id));
}
