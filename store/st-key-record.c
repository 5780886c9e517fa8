#include "config.h"
#include "store/st-key-record.h"

#include "store/st-list.h"

void
st_key_record_free (StKeyRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->consumer_key);
  g_free (record->state);
  g_free (record->workflow_reference);
  g_free (record->token_scope);
  g_free (record->inputs);
  g_free (record->allowed_domains);
  g_strfreev (record->domains);
  g_free (record);
}

gboolean
st_key_type_parse (const char *text, StKeyType *type)
{
  *type = g_strcmp0 (text, st_key_type_text (ST_KEY_SANDBOX)) == 0 ? ST_KEY_SANDBOX : ST_KEY_PRODUCTION;
  return g_strcmp0 (text, st_key_type_text (*type)) == 0;
}

#define COLUMNS                                                                                              \
  "k.APPLICATION_ID, k.KEY_TYPE, k.CONSUMER_KEY, k.STATE, k.CREATE_MODE, r.WF_REF, r.TOKEN_SCOPE, r.INPUTS," \
  " r.ALLOWED_DOMAINS, r.VALIDITY_PERIOD"
#define FROM                                                                                                 \
  "AM_APPLICATION_KEY_MAPPING k LEFT JOIN AM_APPLICATION_REGISTRATION r ON r.APP_ID = k.APPLICATION_ID"      \
  " AND r.TOKEN_TYPE = k.KEY_TYPE WHERE "

static gpointer
read_record (StQuery *query, gpointer data G_GNUC_UNUSED)
{
  StKeyRecord *record = g_new0 (StKeyRecord, 1);

  record->application_id = st_query_int64 (query, 0);
  st_key_type_parse (st_query_text (query, 1), &record->type);
  record->consumer_key = g_strdup (st_query_text (query, 2));
  record->state = g_strdup (st_query_text (query, 3));
  record->mapped = g_strcmp0 (st_query_text (query, 4), "MAPPED") == 0;
  record->workflow_reference = g_strdup (st_query_text (query, 5));
  record->token_scope = g_strdup (st_query_text (query, 6));
  record->inputs = g_strdup (st_query_text (query, 7));
  record->allowed_domains = g_strdup (st_query_text (query, 8));
  record->validity_s = st_query_int64 (query, 9);
  return record;
}

static gboolean
read_domains (StWriter *writer, StKeyRecord *record, GError **error)
{
  static const StStatement select
      = { "SELECT AUTHZ_DOMAIN FROM AM_APP_KEY_DOMAIN_MAPPING WHERE CONSUMER_KEY = ? ORDER BY AUTHZ_DOMAIN" };
  g_autoptr (GStrvBuilder) domains = g_strv_builder_new ();
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, record->consumer_key);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (!st_query_is_null (query, 0))
      g_strv_builder_add (domains, st_query_text (query, 0));
  record->domains = g_strv_builder_end (domains);
  return step == ST_END;
}

/* @text: of the column that @from compares: only the same bytes count; NULL: an id was compared. */
static gboolean
list_records (StWriter *writer, const char *from, const char *text, gint64 id, const char *type,
              GPtrArray **records, GError **error)
{
  const StList list = { COLUMNS, NULL, from, "k.KEY_TYPE, k.APPLICATION_ID, r.REG_ID" };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)st_key_record_free);
  gboolean done
      = text != NULL ? st_list_read (writer, &list, NULL, read_record, NULL, rows, NULL, error, "s", text)
        : type != NULL
            ? st_list_read (writer, &list, NULL, read_record, NULL, rows, NULL, error, "is", id, type)
            : st_list_read (writer, &list, NULL, read_record, NULL, rows, NULL, error, "i", id);

  for (guint i = 0; done && i < rows->len; i++)
    done = read_domains (writer, g_ptr_array_index (rows, i), error);
  *records = done ? g_steal_pointer (&rows) : NULL;
  return done;
}

gboolean
st_key_record_list (StWriter *writer, gint64 application_id, GPtrArray **records, GError **error)
{
  return list_records (writer, FROM "k.APPLICATION_ID = ? AND k.KEY_TYPE IN ('PRODUCTION', 'SANDBOX')", NULL,
                       application_id, NULL, records, error);
}

gboolean
st_key_record_find (StWriter *writer, gint64 application_id, StKeyType type, StKeyRecord **found,
                    GError **error)
{
  g_autoptr (GPtrArray) records = NULL;

  *found = NULL;
  if (!list_records (writer, FROM "k.APPLICATION_ID = ? AND k.KEY_TYPE = ?", NULL, application_id,
                     st_key_type_text (type), &records, error))
    return FALSE;
  *found = records->len > 0 ? g_ptr_array_steal_index (records, 0) : NULL;
  return TRUE;
}

gboolean
st_key_record_find_client (StWriter *writer, const char *consumer_key, StKeyRecord **found, GError **error)
{
  g_autoptr (GPtrArray) records = NULL;

  *found = NULL;
  if (!list_records (writer, FROM "k.CONSUMER_KEY = ?", consumer_key, 0, NULL, &records, error))
    return FALSE;
  for (guint i = 0; i < records->len && *found == NULL; i++)
    if (g_strcmp0 (((StKeyRecord *)g_ptr_array_index (records, i))->consumer_key, consumer_key) == 0)
      *found = g_ptr_array_steal_index (records, i);
  return TRUE;
}

gboolean
st_key_record_find_reference (StWriter *writer, const char *workflow_reference, StKeyRecord **found,
                              GError **error)
{
  g_autoptr (GPtrArray) records = NULL;

  *found = NULL;
  if (!list_records (writer, FROM "r.WF_REF = ?", workflow_reference, 0, NULL, &records, error))
    return FALSE;
  for (guint i = 0; i < records->len && *found == NULL; i++)
    if (g_strcmp0 (((StKeyRecord *)g_ptr_array_index (records, i))->workflow_reference, workflow_reference)
        == 0)
      *found = g_ptr_array_steal_index (records, i);
  return TRUE;
}
