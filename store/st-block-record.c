#include "config.h"
#include "store/st-block-record.h"

#include "store/st-columns.h"

void
st_block_record_free (StBlockRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->uuid);
  g_free (record->type);
  g_free (record->value);
  g_free (record->domain);
  g_free (record);
}

#define COLUMNS "CONDITION_ID, UUID, TYPE, VALUE, ENABLED, DOMAIN"

static gpointer
read_record (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  StBlockRecord *record = g_new0 (StBlockRecord, 1);
  const char *enabled = st_query_text (query, 4);

  record->id = st_query_int64 (query, 0);
  record->uuid = g_strdup (st_query_text (query, 1));
  record->type = g_strdup (st_query_text (query, 2));
  record->value = g_strdup (st_query_text (query, 3));
  record->domain = g_strdup (st_query_text (query, 5));
  record->enabled = enabled != NULL && g_ascii_strcasecmp (enabled, "true") == 0;
  return record;
}

gboolean
st_block_record_list (StWriter *writer, const char *domain, GPtrArray **records, GError **error)
{
  static const StList of_tenant = { COLUMNS, NULL, "AM_BLOCK_CONDITIONS WHERE DOMAIN = ?", "CONDITION_ID" };
  static const StList of_all = { COLUMNS, NULL, "AM_BLOCK_CONDITIONS", "CONDITION_ID" };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)st_block_record_free);

  *records = NULL;
  if (!st_block_check_generation (writer, error)
      || !(domain != NULL ? st_list_read (writer, &of_tenant, NULL, read_record, NULL, rows, NULL, error, "s", domain)
                          : st_list_read (writer, &of_all, NULL, read_record, NULL, rows, NULL, error, "")))
    return FALSE;
  *records = g_steal_pointer (&rows);
  return TRUE;
}

gboolean
st_block_record_find (StWriter *writer, const char *domain, const char *id, StBlockRecord **found,
                      GError **error)
{
  static const StStatement by_uuid
      = { "SELECT " COLUMNS " FROM AM_BLOCK_CONDITIONS WHERE DOMAIN = ? AND UUID = ?" };
  static const StStatement by_number
      = { "SELECT " COLUMNS " FROM AM_BLOCK_CONDITIONS WHERE DOMAIN = ? AND UUID IS NULL AND CONDITION_ID = ?" };
  gint64 number = 0;
  gboolean numbered = g_ascii_string_to_signed (id, 10, 1, G_MAXINT32, &number, NULL);
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  *found = NULL;
  if (!st_block_check_generation (writer, error)
      || (query = st_writer_query (writer, numbered ? &by_number : &by_uuid, error)) == NULL)
    return FALSE;
  st_query_bind (query, &at, "s", domain);
  if (numbered)
    st_query_bind (query, &at, "i", number);
  else
    st_query_bind (query, &at, "s", id);
  step = st_query_step (query, error);
  /* Collations fold case: only the same bytes are the same tenant and id. */
  if (step == ST_ROW && g_strcmp0 (st_query_text (query, 5), domain) == 0
      && (numbered || g_strcmp0 (st_query_text (query, 1), id) == 0))
    *found = read_record (query, NULL);
  return step != ST_FAILED;
}

gboolean
st_block_find_context (StWriter *writer, const char *context, gboolean *found, GError **error)
{
  static const StStatement select = { "SELECT CONTEXT FROM AM_API WHERE CONTEXT = ?" };
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  *found = FALSE;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, context);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *found |= g_strcmp0 (st_query_text (query, 0), context) == 0;
  return step == ST_END;
}
