#include "config.h"
#include "store/st-block-writes.h"

#include "common/apim-secret.h"
#include "store/st-columns.h"

#include <string.h>

static const char *const kind_texts[] = {
  [ST_BLOCK_API] = "API",
  [ST_BLOCK_APPLICATION] = "APPLICATION",
  [ST_BLOCK_USER] = "USER",
  [ST_BLOCK_IP] = "IP",
};

gboolean
st_block_kind_parse (const char *text, StBlockKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_texts); i++)
    if (g_strcmp0 (text, kind_texts[i]) == 0)
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
st_block_check_generation (StWriter *writer, GError **error)
{
  if (st_writer_has (writer, ST_CAP_POLICIES))
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_SCHEMA, "the database, of API Manager %s, has no block conditions",
               st_capabilities_generation (writer->capabilities));
  return FALSE;
}

/* Whether there is something on both sides of @separator. */
static gboolean
has_parts (const char *value, char separator)
{
  const char *at = strchr (value, separator);

  return at != NULL && at != value && at[1] != '\0';
}

static gboolean
check_value (StBlockKind kind, const char *value, const char *domain, GError **error)
{
  gsize domain_length = strlen (domain);
  const char *wrong = NULL;

  if (kind == ST_BLOCK_API && value[0] != '/')
    wrong = "an API is blocked by its context, which begins with \"/\"";
  else if (kind == ST_BLOCK_APPLICATION && !has_parts (value, ':'))
    wrong = "an application is blocked as \"owner:application\"";
  else if (kind == ST_BLOCK_USER && !has_parts (value, '@'))
    wrong = "a user is blocked as \"user@tenant\"";
  else if (kind == ST_BLOCK_IP
           && (strncmp (value, domain, domain_length) != 0 || value[domain_length] != ':' || !has_parts (value, ':')))
    wrong = "an address is blocked as \"tenant:address\", with the tenant whom the condition serves";
  if (wrong != NULL)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_DATA, wrong);
  return wrong == NULL;
}

/* The table has no unique key. Bytes decide: "/Weather" is another API than "/weather". */
static gboolean
check_is_new (StWriter *writer, StBlockKind kind, const char *value, const char *domain, GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT VALUE, DOMAIN FROM AM_BLOCK_CONDITIONS WHERE TYPE = ? AND VALUE = ? AND DOMAIN = ?");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  gboolean found = FALSE;
  guint at = 0;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "sss", kind_texts[kind], value, domain);
  while ((step = st_query_step (query, error)) == ST_ROW)
    found |= g_strcmp0 (st_query_text (query, 0), value) == 0 && g_strcmp0 (st_query_text (query, 1), domain) == 0;
  if (step == ST_END && found)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "the tenant has this block condition already");
  return step == ST_END && !found;
}

gboolean
st_write_add_block (StWriter *writer, StBlockKind kind, const char *value, const char *domain, gint64 *condition_id,
                    GError **error)
{
  static const StStatement insert
      = { "INSERT INTO AM_BLOCK_CONDITIONS (TYPE, VALUE, ENABLED, DOMAIN, UUID) VALUES (?, ?, 'TRUE', ?, ?)" };
  const StText texts[] = {
    { "VALUE", value, 512, ST_TEXT_REQUIRED },
    { "DOMAIN", domain, 45, ST_TEXT_REQUIRED },
  };
  g_autofree char *uuid = apim_random_uuid ();

  if (!st_block_check_generation (writer, error)
      || !st_columns_check_row (writer, "AM_BLOCK_CONDITIONS", texts, G_N_ELEMENTS (texts), error)
      || !check_value (kind, value, domain, error) || !check_is_new (writer, kind, value, domain, error)
      || !st_writer_execute (writer, &insert, error, "ssss", kind_texts[kind], value, domain, uuid))
    return FALSE;
  *condition_id = st_transaction_last_insert_id (writer->transaction);
  return TRUE;
}

/* Bytes decide about the tenant, too. */
static gboolean
lock_condition (StWriter *writer, const char *domain, gint64 condition_id, GError **error)
{
  static const StStatement select = ST_LOCKING ("SELECT DOMAIN FROM AM_BLOCK_CONDITIONS WHERE CONDITION_ID = ?");
  g_autoptr (StQuery) query = NULL;
  StStep step;

  if (!st_block_check_generation (writer, error))
    return FALSE;
  query = st_writer_query (writer, &select, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, condition_id);
  step = st_query_step (query, error);
  if (step == ST_ROW && g_strcmp0 (st_query_text (query, 0), domain) == 0)
    return TRUE;
  return step != ST_FAILED && st_writer_fail_missing ("block condition", condition_id, error);
}

gboolean
st_write_block_enabled (StWriter *writer, const char *domain, gint64 condition_id, gboolean enabled, GError **error)
{
  static const StStatement update = { "UPDATE AM_BLOCK_CONDITIONS SET ENABLED = ? WHERE CONDITION_ID = ?" };

  return lock_condition (writer, domain, condition_id, error)
         && st_writer_execute (writer, &update, error, "si", enabled ? "TRUE" : "FALSE", condition_id);
}

gboolean
st_write_delete_block (StWriter *writer, const char *domain, gint64 condition_id, GError **error)
{
  static const StStatement delete = { "DELETE FROM AM_BLOCK_CONDITIONS WHERE CONDITION_ID = ?" };

  return lock_condition (writer, domain, condition_id, error)
         && st_writer_execute (writer, &delete, error, "i", condition_id);
}
