#include "config.h"
#include "store/st-pending-removals.h"

#include "store/st-columns.h"
#include "store/st-list.h"

void
st_pending_removal_free (StPendingRemoval *removal)
{
  if (removal == NULL)
    return;
  g_free (removal->environment);
  g_free (removal->provider);
  g_free (removal->name);
  g_free (removal->version);
  g_free (removal);
}

gboolean
st_pending_removals_add (StWriter *writer, const char *tenant_domain, const StPendingRemoval *removal, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO APIM_PENDING_REMOVAL (ENVIRONMENT, TENANT_DOMAIN, API_PROVIDER, API_NAME, API_VERSION,"
          " IS_DEFAULT_VERSION) VALUES (?, ?, ?, ?, ?, ?)" };
  const StText texts[] = { { "ENVIRONMENT", removal->environment, 255, ST_TEXT_REQUIRED } };

  return !st_writer_has (writer, ST_CAP_PENDING_REMOVALS)
         || (st_columns_check_row (writer, "APIM_PENDING_REMOVAL", texts, G_N_ELEMENTS (texts), error)
             && st_writer_execute (writer, &insert, error, "sssssi", removal->environment, tenant_domain,
                                   removal->provider, removal->name, removal->version,
                                   (gint64)removal->is_default_version));
}

static gpointer
read_removal (StQuery *query, gpointer data)
{
  StPendingRemoval *removal = g_new0 (StPendingRemoval, 1);

  removal->id = st_query_int64 (query, 0);
  removal->environment = g_strdup (st_query_text (query, 1));
  removal->provider = g_strdup (st_query_text (query, 2));
  removal->name = g_strdup (st_query_text (query, 3));
  removal->version = g_strdup (st_query_text (query, 4));
  removal->is_default_version = st_query_int64 (query, 5) != 0;
  return removal;
}

GPtrArray *
st_pending_removals_list (StWriter *reader, const char *tenant_domain, const char *environment, GError **error)
{
  static const StList list
      = { "ID, ENVIRONMENT, API_PROVIDER, API_NAME, API_VERSION, IS_DEFAULT_VERSION", NULL,
          "APIM_PENDING_REMOVAL WHERE TENANT_DOMAIN = ? AND (? IS NULL OR ENVIRONMENT = ?)", "ID" };
  g_autoptr (GPtrArray) removals = g_ptr_array_new_with_free_func ((GDestroyNotify)st_pending_removal_free);

  if (st_writer_has (reader, ST_CAP_PENDING_REMOVALS)
      && !st_list_read (reader, &list, NULL, read_removal, NULL, removals, NULL, error, "sss", tenant_domain,
                        environment, environment))
    return NULL;
  return g_steal_pointer (&removals);
}

gboolean
st_pending_removals_remove (StWriter *writer, gint64 id, GError **error)
{
  static const StStatement delete = { "DELETE FROM APIM_PENDING_REMOVAL WHERE ID = ?" };

  return st_writer_execute (writer, &delete, error, "i", id);
}
