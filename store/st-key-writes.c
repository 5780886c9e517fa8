#include "config.h"
#include "store/st-key-writes.h"

#include "store/st-application-writes.h"
#include "store/st-columns.h"

const char *
st_key_type_text (StKeyType type)
{
  return type == ST_KEY_SANDBOX ? "SANDBOX" : "PRODUCTION";
}

/* @state: (out) (nullable) (transfer full): of the mapping; NULL where there is none. */
static gboolean
lock_mapping (StWriter *writer, gint64 application_id, StKeyType type, gint64 *subscriber_id, char **state,
              GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT STATE FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ? AND KEY_TYPE = ?");
  g_autoptr (StQuery) query = NULL;
  guint at = 0;
  StStep step;

  *state = NULL;
  if (!st_write_lock_application (writer, application_id, subscriber_id, error))
    return FALSE;
  query = st_writer_query (writer, &select, error);
  if (query == NULL)
    return FALSE;
  st_query_bind (query, &at, "is", application_id, st_key_type_text (type));
  step = st_query_step (query, error);
  if (step == ST_ROW)
    *state = g_strdup (st_query_text (query, 0));
  return step != ST_FAILED;
}

static gboolean
fail_state (StKeyType type, const char *state, const char *wanted, GError **error)
{
  if (state == NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the application has no %s keys yet", st_key_type_text (type));
  else if (wanted == NULL)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the application has %s keys already, in the state %s",
                 st_key_type_text (type), state);
  else
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "the %s keys of the application are in the state %s, not %s",
                 st_key_type_text (type), state, wanted);
  return FALSE;
}

/* Asserts that the mapping is in @wanted; NULL: that there is none. */
static gboolean
expect_state (StWriter *writer, gint64 application_id, StKeyType type, const char *wanted, gint64 *subscriber_id,
              GError **error)
{
  g_autofree char *state = NULL;

  if (!lock_mapping (writer, application_id, type, subscriber_id, &state, error))
    return FALSE;
  return g_strcmp0 (state, wanted) == 0 || fail_state (type, state, wanted, error);
}

static gboolean
insert_mapping (StWriter *writer, gint64 application_id, StKeyType type, const char *consumer_key, const char *state,
                const char *mode, GError **error)
{
  static const StStatement insert = { "INSERT INTO AM_APPLICATION_KEY_MAPPING (APPLICATION_ID, CONSUMER_KEY, KEY_TYPE, "
                                      "STATE, CREATE_MODE) VALUES (?, ?, ?, ?, ?)" };

  return st_writer_execute (writer, &insert, error, "issss", application_id, consumer_key, st_key_type_text (type),
                            state, mode);
}

gboolean
st_write_register_keys (StWriter *writer, const StRegistration *registration, GError **error)
{
  static const StStatement insert = { "INSERT INTO AM_APPLICATION_REGISTRATION (SUBSCRIBER_ID, WF_REF, APP_ID, "
                                      "TOKEN_TYPE, TOKEN_SCOPE, INPUTS, ALLOWED_DOMAINS, VALIDITY_PERIOD)"
                                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)" };
  const char *scope = registration->token_scope != NULL ? registration->token_scope : "default";
  const StText texts[] = {
    { "WF_REF", registration->workflow_reference, 255, ST_TEXT_REQUIRED },
    { "TOKEN_SCOPE", scope, 1500, ST_TEXT_OPTIONAL },
    { "INPUTS", registration->inputs, 1000, ST_TEXT_OPTIONAL },
    { "ALLOWED_DOMAINS", registration->allowed_domains, 256, ST_TEXT_OPTIONAL },
  };
  gint64 subscriber_id;

  return st_columns_check_row (writer, "AM_APPLICATION_REGISTRATION", texts, G_N_ELEMENTS (texts), error)
         && expect_state (writer, registration->application_id, registration->type, NULL, &subscriber_id, error)
         && st_writer_execute (writer, &insert, error, "isissssi", subscriber_id, registration->workflow_reference,
                               registration->application_id, st_key_type_text (registration->type), scope,
                               registration->inputs, registration->allowed_domains, registration->validity_s)
         && insert_mapping (writer, registration->application_id, registration->type, NULL,
                            registration->approved ? "APPROVED" : "CREATED", "CREATED", error);
}

gboolean
st_write_decide_keys (StWriter *writer, gint64 application_id, StKeyType type, gboolean approved, GError **error)
{
  static const StStatement update
      = { "UPDATE AM_APPLICATION_KEY_MAPPING SET STATE = ? WHERE APPLICATION_ID = ? AND KEY_TYPE = ?" };

  return expect_state (writer, application_id, type, "CREATED", NULL, error)
         && st_writer_execute (writer, &update, error, "sis", approved ? "APPROVED" : "REJECTED", application_id,
                               st_key_type_text (type));
}

/* @statement has one column, which collations compare. @found: whether a row has exactly @text there. */
static gboolean
find_exactly (StWriter *writer, const StStatement *statement, const char *text, gboolean *found, GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, statement, error);
  StStep step;

  *found = FALSE;
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, text);
  while ((step = st_query_step (query, error)) == ST_ROW)
    *found |= g_strcmp0 (st_query_text (query, 0), text) == 0;
  return step == ST_END;
}

/* Nothing in the schema keeps a client from being mapped twice: the client's row is the lock. */
static gboolean
check_client_is_free (StWriter *writer, const char *consumer_key, GError **error)
{
  static const StStatement client
      = ST_LOCKING ("SELECT CONSUMER_KEY FROM IDN_OAUTH_CONSUMER_APPS WHERE CONSUMER_KEY = ?");
  static const StStatement mapping
      = ST_LOCKING ("SELECT CONSUMER_KEY FROM AM_APPLICATION_KEY_MAPPING WHERE CONSUMER_KEY = ?");
  const StText texts[] = { { "CONSUMER_KEY", consumer_key, 255, ST_TEXT_REQUIRED } };
  gboolean exists, mapped;

  if (!st_columns_check_row (writer, "AM_APPLICATION_KEY_MAPPING", texts, G_N_ELEMENTS (texts), error)
      || !find_exactly (writer, &client, consumer_key, &exists, error)
      || !find_exactly (writer, &mapping, consumer_key, &mapped, error))
    return FALSE;
  if (!exists)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "there is no OAuth client with that consumer key");
  else if (mapped)
    g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT, "the consumer key is used for another application");
  return exists && !mapped;
}

gboolean
st_write_complete_keys (StWriter *writer, gint64 application_id, StKeyType type, const char *consumer_key,
                        const char *const *domains, GError **error)
{
  static const StStatement update = { "UPDATE AM_APPLICATION_KEY_MAPPING SET CONSUMER_KEY = ?, STATE = 'COMPLETED' "
                                      "WHERE APPLICATION_ID = ? AND KEY_TYPE = ?" };

  return expect_state (writer, application_id, type, "APPROVED", NULL, error)
         && check_client_is_free (writer, consumer_key, error)
         && st_writer_execute (writer, &update, error, "sis", consumer_key, application_id, st_key_type_text (type))
         && st_write_key_domains (writer, consumer_key, domains, error);
}

gboolean
st_write_map_client (StWriter *writer, gint64 application_id, StKeyType type, const char *consumer_key, GError **error)
{
  return expect_state (writer, application_id, type, NULL, NULL, error)
         && check_client_is_free (writer, consumer_key, error)
         && insert_mapping (writer, application_id, type, consumer_key, "COMPLETED", "MAPPED", error);
}

gboolean
st_write_clean_up_keys (StWriter *writer, gint64 application_id, StKeyType type, GError **error)
{
  static const StStatement registration
      = { "DELETE FROM AM_APPLICATION_REGISTRATION WHERE APP_ID = ? AND TOKEN_TYPE = ?" };
  static const StStatement mapping
      = { "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ? AND KEY_TYPE = ?" };
  g_autofree char *state = NULL;

  if (!lock_mapping (writer, application_id, type, NULL, &state, error))
    return FALSE;
  if (g_strcmp0 (state, "COMPLETED") == 0)
    return fail_state (type, state, NULL, error);
  return st_writer_execute (writer, &registration, error, "is", application_id, st_key_type_text (type))
         && st_writer_execute (writer, &mapping, error, "is", application_id, st_key_type_text (type));
}

gboolean
st_write_key_domains (StWriter *writer, const char *consumer_key, const char *const *domains, GError **error)
{
  static const StStatement clear = { "DELETE FROM AM_APP_KEY_DOMAIN_MAPPING WHERE CONSUMER_KEY = ?" };
  static const StStatement insert
      = { "INSERT INTO AM_APP_KEY_DOMAIN_MAPPING (CONSUMER_KEY, AUTHZ_DOMAIN) VALUES (?, ?)" };
  static const char *const all[] = { "ALL", NULL };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (StColumns) columns = st_columns_read (writer, "AM_APP_KEY_DOMAIN_MAPPING", error);

  if (columns == NULL || !st_writer_execute (writer, &clear, error, "s", consumer_key))
    return FALSE;
  if (domains == NULL || domains[0] == NULL)
    domains = all;
  for (; *domains != NULL; domains++)
    {
      const StText texts[] = {
        { "CONSUMER_KEY", consumer_key, 255, ST_TEXT_REQUIRED },
        { "AUTHZ_DOMAIN", *domains, 255, ST_TEXT_REQUIRED },
      };

      if (!st_columns_check (columns, texts, G_N_ELEMENTS (texts), error))
        return FALSE;
      if (g_hash_table_add (seen, g_utf8_casefold (*domains, -1))
          && !st_writer_execute (writer, &insert, error, "ss", consumer_key, *domains))
        return FALSE;
    }
  return TRUE;
}
