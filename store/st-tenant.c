#include "config.h"
#include "store/st-tenant.h"

#include "store/st-columns.h"
#include "store/st-list.h"

void
st_tenant_record_free (StTenantRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->domain);
  g_free (record->email);
  g_free (record);
}

#define COLUMNS(ms) "SELECT UM_ID, UM_DOMAIN_NAME, UM_EMAIL, UM_ACTIVE, " ms " FROM UM_TENANT"

static StTenantRecord *
read_row (StQuery *query)
{
  StTenantRecord *record = g_new0 (StTenantRecord, 1);

  record->id = (gint)st_query_int64 (query, 0);
  record->domain = g_strdup (st_query_text (query, 1));
  record->email = g_strdup (st_query_text (query, 2));
  record->active = st_query_int64 (query, 3) != 0;
  record->created_ms = st_query_int64 (query, 4);
  return record;
}

gboolean
st_tenant_record_list (StDatabase *users, GPtrArray **records, GError **error)
{
  static const StStatement select
      = { COLUMNS ("UM_CREATED_DATE") " ORDER BY UM_DOMAIN_NAME, UM_ID",
          COLUMNS (ST_LIST_TIME_MYSQL ("UM_CREATED_DATE")) " ORDER BY UM_DOMAIN_NAME, UM_ID" };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)st_tenant_record_free);
  g_autoptr (StQuery) query = st_database_query (users, &select, 0, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_ptr_array_add (found, read_row (query));
  if (step != ST_END)
    return FALSE;
  *records = g_steal_pointer (&found);
  return TRUE;
}

gboolean
st_tenant_record_find (StWriter *reader, const char *domain, StTenantRecord **record, GError **error)
{
  static const StStatement select = { COLUMNS ("UM_CREATED_DATE") " WHERE UM_DOMAIN_NAME = ?",
                                      COLUMNS (ST_LIST_TIME_MYSQL ("UM_CREATED_DATE")) " WHERE UM_DOMAIN_NAME = ?" };
  g_autoptr (StQuery) query = st_writer_query (reader, &select, error);
  StStep step;

  *record = NULL;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, domain);
  /* Collations fold case. */
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (*record == NULL && g_strcmp0 (st_query_text (query, 1), domain) == 0)
      *record = read_row (query);
  return step == ST_END;
}

static gboolean
check_absent (StWriter *writer, const char *domain, GError **error)
{
  static const StStatement select = ST_LOCKING ("SELECT 1 FROM UM_TENANT WHERE LOWER(UM_DOMAIN_NAME) = LOWER(?)");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, domain);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the tenant %s exists already", domain);
  return step == ST_END;
}

gboolean
st_write_add_tenant (StWriter *writer, const char *domain, const char *email, const char *realm, gint *id, GError **error)
{
  static const StStatement insert = {
    "INSERT INTO UM_TENANT (UM_DOMAIN_NAME, UM_EMAIL, UM_USER_CONFIG, UM_ACTIVE, UM_CREATED_DATE)"
    " VALUES (?, ?, ?, 1, " ST_NOW_SQLITE ")",
    "INSERT INTO UM_TENANT (UM_DOMAIN_NAME, UM_EMAIL, UM_USER_CONFIG, UM_ACTIVE, UM_CREATED_DATE)"
    " VALUES (?, ?, ?, 1, " ST_NOW_MYSQL ")",
  };
  const StText texts[]
      = { { "UM_DOMAIN_NAME", domain, 255, ST_TEXT_REQUIRED }, { "UM_EMAIL", email, 255, ST_TEXT_OPTIONAL } };

  if (!st_columns_check_row (writer, "UM_TENANT", texts, G_N_ELEMENTS (texts), error)
      || !check_absent (writer, domain, error)
      || !st_writer_execute (writer, &insert, error, "sss", domain, email, realm))
    return FALSE;
  *id = (gint)st_transaction_last_insert_id (writer->transaction);
  return TRUE;
}

/* The time would move with it in tables that WSO2's scripts made. */
gboolean
st_write_tenant_active (StWriter *writer, gint id, gboolean active, GError **error)
{
  static const StStatement update
      = { "UPDATE UM_TENANT SET UM_ACTIVE = ?, UM_CREATED_DATE = UM_CREATED_DATE WHERE UM_ID = ?" };

  return st_writer_execute (writer, &update, error, "ii", (gint64)active, (gint64)id);
}
