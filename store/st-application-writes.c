#include "config.h"
#include "store/st-application-writes.h"

#include "common/apim-secret.h"
#include "store/st-application-record.h"
#include "store/st-columns.h"

#define UNLIMITED "Unlimited"

gboolean
st_write_lock_application (StWriter *writer, gint64 application_id, gint64 *subscriber_id, GError **error)
{
  static const StStatement lock = ST_LOCKING ("SELECT SUBSCRIBER_ID FROM AM_APPLICATION WHERE APPLICATION_ID = ?");
  g_autoptr (StQuery) query = st_writer_query (writer, &lock, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, application_id);
  step = st_query_step (query, error);
  if (step == ST_END)
    st_writer_fail_missing ("application", application_id, error);
  if (step != ST_ROW)
    return FALSE;
  if (subscriber_id != NULL)
    *subscriber_id = st_query_int64 (query, 0);
  return TRUE;
}

gboolean
st_write_lock_application_uuid (StWriter *writer, const char *uuid, gint64 *application_id, GError **error)
{
  static const StStatement lock = ST_LOCKING ("SELECT APPLICATION_ID FROM AM_APPLICATION WHERE UUID = ?");
  g_autoptr (StQuery) query = NULL;
  StStep step;

  *application_id = 0;
  if (!st_writer_has (writer, ST_CAP_APPLICATION_UUID))
    return TRUE;
  query = st_writer_query (writer, &lock, error);
  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, uuid);
  step = st_query_step (query, error);
  if (step == ST_ROW)
    *application_id = st_query_int64 (query, 0);
  return step != ST_FAILED;
}

/* What a database of this generation has no place for. */
static gboolean
check_generation (StWriter *writer, const StApplicationData *application, GError **error)
{
  const char *what = NULL;

  if (application->groups != NULL && !st_writer_has (writer, ST_CAP_GROUP_MAPPING))
    what = "applications with several groups";
  else if (application->n_attributes > 0 && !st_writer_has (writer, ST_CAP_APP_ATTRIBUTES))
    what = "attributes of applications";
  else if (g_strcmp0 (application->token_type, "JWT") == 0 && !st_writer_has (writer, ST_CAP_APP_TOKEN_TYPE))
    what = "applications with JWT tokens";
  else
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "the database, of API Manager %s, has no place for %s",
               st_capabilities_generation (writer->capabilities), what);
  return FALSE;
}

static gboolean
check_application (StWriter *writer, const StApplicationData *application, GError **error)
{
  const StText texts[] = {
    { "NAME", application->name, 100, ST_TEXT_REQUIRED },
    { "APPLICATION_TIER", application->tier, 50, ST_TEXT_OPTIONAL },
    { "CALLBACK_URL", application->callback_url, 512, ST_TEXT_OPTIONAL },
    { "DESCRIPTION", application->description, 512, ST_TEXT_OPTIONAL },
    { "TOKEN_TYPE", application->token_type, 10, ST_TEXT_OPTIONAL },
  };

  return check_generation (writer, application, error)
         && st_columns_check_row (writer, "AM_APPLICATION", texts, G_N_ELEMENTS (texts), error);
}

/* AM_SUBSCRIBER.UPDATED_TIME and its likes are NOT NULL where TIMESTAMPs have their old defaults: every time gets a
 * value. */
#define INSERT_APPLICATION(now, columns, values) \
  "INSERT INTO AM_APPLICATION (CREATED_TIME, UPDATED_TIME, NAME, SUBSCRIBER_ID, APPLICATION_TIER," \
  " CALLBACK_URL, DESCRIPTION, APPLICATION_STATUS, GROUP_ID, CREATED_BY" columns ") VALUES (" now ", " now \
  ", ?, ?, ?, ?, ?, ?, ?, ?" values ")"
#define INSERT_VARIANT(columns, values) \
  { INSERT_APPLICATION (ST_NOW_SQLITE, columns, values), INSERT_APPLICATION (ST_NOW_MYSQL, columns, values) }

static gboolean
insert_application (StWriter *writer, const StApplicationData *application, const StApplicationOrigin *origin,
                    gint64 *id, GError **error)
{
  static const StStatement variants[2][2] = {
    { INSERT_VARIANT ("", ""), INSERT_VARIANT (", TOKEN_TYPE", ", ?") },
    { INSERT_VARIANT (", UUID", ", ?"), INSERT_VARIANT (", UUID, TOKEN_TYPE", ", ?, ?") },
  };
  gboolean has_uuid = st_writer_has (writer, ST_CAP_APPLICATION_UUID);
  gboolean has_type = st_writer_has (writer, ST_CAP_APP_TOKEN_TYPE);
  g_autofree char *uuid = apim_random_uuid ();
  const char *group = origin->group_id != NULL && application->groups == NULL ? origin->group_id : "";
  StQuery *query = st_writer_query (writer, &variants[has_uuid][has_type], error);
  guint at = 0;

  st_query_bind (query, &at, "sissssss", application->name, origin->subscriber_id,
                 application->tier != NULL ? application->tier : UNLIMITED, application->callback_url,
                 application->description, origin->status, group, origin->created_by);
  if (has_uuid)
    st_query_bind (query, &at, "s", uuid);
  if (has_type)
    st_query_bind (query, &at, "s", application->token_type != NULL ? application->token_type : "DEFAULT");
  if (!st_writer_run (query, error))
    return FALSE;
  *id = st_transaction_last_insert_id (writer->transaction);
  return TRUE;
}

static gboolean
insert_groups (StWriter *writer, gint64 application_id, const StApplicationData *application, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO AM_APPLICATION_GROUP_MAPPING (APPLICATION_ID, GROUP_ID, TENANT) VALUES (?, ?, ?)" };
  g_autoptr (StColumns) columns = NULL;

  if (application->groups == NULL)
    return TRUE;
  columns = st_columns_read (writer, "AM_APPLICATION_GROUP_MAPPING", error);
  for (guint i = 0; columns != NULL && application->groups[i] != NULL; i++)
    {
      const StText texts[] = {
        { "GROUP_ID", application->groups[i], 512, ST_TEXT_REQUIRED },
        { "TENANT", application->tenant_domain, 255, ST_TEXT_REQUIRED },
      };

      if (!st_columns_check (columns, texts, G_N_ELEMENTS (texts), error)
          || !st_writer_execute (writer, &insert, error, "iss", application_id, application->groups[i],
                                 application->tenant_domain))
        return FALSE;
    }
  return columns != NULL;
}

static gboolean
insert_attributes (StWriter *writer, gint64 application_id, const StApplicationData *application, GError **error)
{
  static const StStatement insert
      = { "INSERT INTO AM_APPLICATION_ATTRIBUTES (APPLICATION_ID, NAME, VALUE, TENANT_ID) VALUES (?, ?, ?, ?)" };
  g_autoptr (StColumns) columns = NULL;

  if (application->n_attributes == 0)
    return TRUE;
  columns = st_columns_read (writer, "AM_APPLICATION_ATTRIBUTES", error);
  for (guint i = 0; columns != NULL && i < application->n_attributes; i++)
    {
      const StApplicationAttribute *attribute = &application->attributes[i];
      const char *value = attribute->value != NULL ? attribute->value : ""; /* the column is NOT NULL */
      const StText texts[] = {
        { "NAME", attribute->name, 255, ST_TEXT_REQUIRED },
        { "VALUE", value, 1024, ST_TEXT_OPTIONAL },
      };

      if (!st_columns_check (columns, texts, G_N_ELEMENTS (texts), error)
          || !st_writer_execute (writer, &insert, error, "issi", application_id, attribute->name, value,
                                 (gint64) application->tenant_id))
        return FALSE;
    }
  return columns != NULL;
}

static gboolean
delete_groups_and_attributes (StWriter *writer, gint64 application_id, GError **error)
{
  static const StStatement groups = { "DELETE FROM AM_APPLICATION_GROUP_MAPPING WHERE APPLICATION_ID = ?" };
  static const StStatement attributes = { "DELETE FROM AM_APPLICATION_ATTRIBUTES WHERE APPLICATION_ID = ?" };

  if (st_writer_has (writer, ST_CAP_GROUP_MAPPING) && !st_writer_execute (writer, &groups, error, "i", application_id))
    return FALSE;
  return !st_writer_has (writer, ST_CAP_APP_ATTRIBUTES)
         || st_writer_execute (writer, &attributes, error, "i", application_id);
}

/* The unique key on (NAME, SUBSCRIBER_ID) decides; this is its sentence for people. */
static gboolean
explain_name (GError **error)
{
  if (error == NULL || !g_error_matches (*error, ST_ERROR, ST_ERROR_CONFLICT))
    return FALSE;
  g_clear_error (error);
  g_set_error_literal (error, ST_ERROR, ST_ERROR_CONFLICT,
                       "the subscriber is unknown, or has another application of that name");
  return FALSE;
}

gboolean
st_write_create_application (StWriter *writer, const StApplicationData *application, const StApplicationOrigin *origin,
                             gint64 *application_id, GError **error)
{
  const StText texts[] = {
    { "APPLICATION_STATUS", origin->status, 50, ST_TEXT_REQUIRED },
    { "GROUP_ID", origin->group_id, 100, ST_TEXT_OPTIONAL },
    { "CREATED_BY", origin->created_by, 100, ST_TEXT_REQUIRED },
  };

  if (!check_application (writer, application, error)
      || !st_columns_check_row (writer, "AM_APPLICATION", texts, G_N_ELEMENTS (texts), error))
    return FALSE;
  if (!insert_application (writer, application, origin, application_id, error))
    return explain_name (error);
  return insert_groups (writer, *application_id, application, error)
         && insert_attributes (writer, *application_id, application, error);
}

#define UPDATE_APPLICATION(now, columns) \
  "UPDATE AM_APPLICATION SET CREATED_TIME = CREATED_TIME, UPDATED_TIME = " now ", NAME = ?, APPLICATION_TIER = ?," \
  " CALLBACK_URL = ?, DESCRIPTION = ?, UPDATED_BY = ?" columns " WHERE APPLICATION_ID = ?"
#define UPDATE_VARIANT(columns) \
  { UPDATE_APPLICATION (ST_NOW_SQLITE, columns), UPDATE_APPLICATION (ST_NOW_MYSQL, columns) }

gboolean
st_write_update_application (StWriter *writer, gint64 application_id, const StApplicationData *application,
                             const char *user, GError **error)
{
  static const StStatement variants[2] = { UPDATE_VARIANT (""), UPDATE_VARIANT (", TOKEN_TYPE = ?") };
  const StText texts[] = { { "UPDATED_BY", user, 100, ST_TEXT_REQUIRED } };
  gboolean has_type = st_writer_has (writer, ST_CAP_APP_TOKEN_TYPE);
  StQuery *query;
  guint at = 0;

  if (!check_application (writer, application, error)
      || !st_columns_check_row (writer, "AM_APPLICATION", texts, G_N_ELEMENTS (texts), error)
      || !st_write_lock_application (writer, application_id, NULL, error))
    return FALSE;
  query = st_writer_query (writer, &variants[has_type], error);
  st_query_bind (query, &at, "sssss", application->name, application->tier != NULL ? application->tier : UNLIMITED,
                 application->callback_url, application->description, user);
  if (has_type)
    st_query_bind (query, &at, "s", application->token_type != NULL ? application->token_type : "DEFAULT");
  st_query_bind (query, &at, "i", application_id);
  if (!st_writer_run (query, error))
    return explain_name (error);
  return delete_groups_and_attributes (writer, application_id, error)
         && insert_groups (writer, application_id, application, error)
         && insert_attributes (writer, application_id, application, error);
}

gboolean
st_write_application_status (StWriter *writer, gint64 application_id, const char *status, GError **error)
{
  static const char *const known[] = { "CREATED", "APPROVED", "REJECTED", "ON_HOLD", NULL };
  static const StStatement update
      = { "UPDATE AM_APPLICATION SET CREATED_TIME = CREATED_TIME, APPLICATION_STATUS = ? WHERE APPLICATION_ID = ?" };

  if (!g_strv_contains (known, status))
    {
      g_set_error (error, ST_ERROR, ST_ERROR_DATA, "\"%s\" is no status of an application", status);
      return FALSE;
    }
  return st_write_lock_application (writer, application_id, NULL, error)
         && st_writer_execute (writer, &update, error, "si", status, application_id);
}

static gboolean
read_clients (StWriter *writer, gint64 application_id, char ***clients, GError **error)
{
  static const StStatement select
      = ST_LOCKING ("SELECT CONSUMER_KEY FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ?"
                    " AND CONSUMER_KEY IS NOT NULL AND (CREATE_MODE IS NULL OR CREATE_MODE <> 'MAPPED')");
  g_autoptr (StQuery) query = st_writer_query (writer, &select, error);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, application_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    g_ptr_array_add (keys, g_strdup (st_query_text (query, 0)));
  if (step != ST_END)
    return FALSE;
  g_ptr_array_add (keys, NULL);
  *clients = (char **) g_ptr_array_free (g_steal_pointer (&keys), FALSE);
  return TRUE;
}

/* Foreign keys are RESTRICT: children first (spec/databases.md 9). For a DELETE with IN (SELECT ...) MySQL 5 reads, and
 * locks, the whole table. */
gboolean
st_write_delete_application (StWriter *writer, gint64 application_id, char ***clients, GError **error)
{
  static const StStatement deletes[] = {
    { "DELETE FROM AM_SUBSCRIPTION_KEY_MAPPING WHERE SUBSCRIPTION_ID IN"
      " (SELECT SUBSCRIPTION_ID FROM AM_SUBSCRIPTION WHERE APPLICATION_ID = ?)",
      "DELETE m FROM AM_SUBSCRIPTION_KEY_MAPPING m JOIN AM_SUBSCRIPTION s ON s.SUBSCRIPTION_ID = m.SUBSCRIPTION_ID"
      " WHERE s.APPLICATION_ID = ?" },
    { "DELETE FROM AM_SUBSCRIPTION WHERE APPLICATION_ID = ?" },
    { "DELETE FROM AM_APP_KEY_DOMAIN_MAPPING WHERE CONSUMER_KEY IN"
      " (SELECT CONSUMER_KEY FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ?)",
      "DELETE d FROM AM_APP_KEY_DOMAIN_MAPPING d JOIN AM_APPLICATION_KEY_MAPPING k ON k.CONSUMER_KEY = d.CONSUMER_KEY"
      " WHERE k.APPLICATION_ID = ?" },
    { "DELETE FROM AM_APPLICATION_KEY_MAPPING WHERE APPLICATION_ID = ?" },
    { "DELETE FROM AM_APPLICATION_REGISTRATION WHERE APP_ID = ?" },
  };
  static const StStatement itself = { "DELETE FROM AM_APPLICATION WHERE APPLICATION_ID = ?" };
  g_auto (GStrv) keys = NULL;

  if (!st_write_lock_application (writer, application_id, NULL, error)
      || !read_clients (writer, application_id, &keys, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (deletes); i++)
    if (!st_writer_execute (writer, &deletes[i], error, "i", application_id))
      return FALSE;
  if (!delete_groups_and_attributes (writer, application_id, error)
      || !st_writer_execute (writer, &itself, error, "i", application_id))
    return FALSE;
  *clients = g_steal_pointer (&keys);
  return TRUE;
}

#define INSERT_SUBSCRIBER(now) \
  "INSERT INTO AM_SUBSCRIBER (DATE_SUBSCRIBED, CREATED_TIME, UPDATED_TIME, USER_ID, TENANT_ID, EMAIL_ADDRESS," \
  " CREATED_BY) VALUES (" now ", " now ", " now ", ?, ?, ?, ?)"

/* Two nodes may meet a user for the first time together: the unique key lets one insert him, and the other begins again
 * and finds him. */
static gboolean
insert_subscriber (StWriter *writer, const StNewSubscriber *subscriber, gint64 *id, GError **error)
{
  static const StStatement insert = { INSERT_SUBSCRIBER (ST_NOW_SQLITE), INSERT_SUBSCRIBER (ST_NOW_MYSQL) };
  g_autoptr (GError) why = NULL;

  if (st_writer_execute (writer, &insert, &why, "siss", subscriber->user, (gint64) subscriber->tenant_id,
                         subscriber->email != NULL ? subscriber->email : "", subscriber->user))
    {
      *id = st_transaction_last_insert_id (writer->transaction);
      return TRUE;
    }
  if (g_error_matches (why, ST_ERROR, ST_ERROR_CONFLICT))
    g_set_error_literal (error, ST_ERROR, ST_ERROR_RETRY, "the subscriber was added by another node at this moment");
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

gboolean
st_write_first_access (StWriter *writer, const StNewSubscriber *subscriber, const char *tier, gint64 *subscriber_id,
                       GError **error)
{
  const StText texts[] = {
    { "USER_ID", subscriber->user, 255, ST_TEXT_REQUIRED },
    { "EMAIL_ADDRESS", subscriber->email, 256, ST_TEXT_OPTIONAL },
    { "CREATED_BY", subscriber->user, 100, ST_TEXT_REQUIRED },
  };
  const StApplicationData application
      = { .name = ST_DEFAULT_APPLICATION, .tier = tier, .tenant_id = subscriber->tenant_id };
  StApplicationOrigin origin = { .created_by = subscriber->user, .status = "APPROVED" };
  gint64 application_id;

  if (!st_columns_check_row (writer, "AM_SUBSCRIBER", texts, G_N_ELEMENTS (texts), error)
      || !st_subscriber_lock (writer, subscriber->tenant_id, subscriber->user, subscriber_id, error))
    return FALSE;
  if (*subscriber_id != 0)
    return TRUE;
  if (!insert_subscriber (writer, subscriber, subscriber_id, error))
    return FALSE;
  origin.subscriber_id = *subscriber_id;
  return st_write_create_application (writer, &application, &origin, &application_id, error);
}
