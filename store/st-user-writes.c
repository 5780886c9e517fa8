#include "config.h"
#include "store/st-user-writes.h"

#include "store/st-user-names.h"
#include "store/st-user-store.h"
#include "store/st-writer.h"

#include <string.h>

/* Characters of the columns. */
#define MAX_NAME 255
#define MAX_HASH 255
#define MAX_SALT 31

/* One call, as its transaction sees it. */
typedef struct
{
  const ApimUserStoreSettings *settings;
  StNameSearch search;
  const StNewUser *new_user;
  gint tenant_id;
  gint user_id;
  const char *password_hash;
  const char *salt;
  const char *const *add;
  const char *const *remove;
} Job;

/* A role as its row is found. */
typedef struct
{
  gboolean hybrid;
  const char *name; /* as it is stored */
} RoleRow;

static const StStatement lock_user = {
  "SELECT UM_USER_NAME FROM UM_USER WHERE UM_ID = ? AND UM_TENANT_ID = ?",
  "SELECT UM_USER_NAME FROM UM_USER WHERE UM_ID = ? AND UM_TENANT_ID = ? FOR UPDATE",
};

static gboolean
refuse (GError **error, StError code, const char *reason)
{
  g_set_error_literal (error, ST_ERROR, code, reason);
  return FALSE;
}

static gboolean
check_text (const char *what, const char *text, glong maximum, GError **error)
{
  if (*text != '\0' && g_utf8_validate (text, -1, NULL) && g_utf8_strlen (text, -1) <= maximum)
    return TRUE;
  g_set_error (error, ST_ERROR, ST_ERROR_DATA, "a %s must have 1 to %ld characters of UTF-8", what, maximum);
  return FALSE;
}

static gboolean
check_password (const char *hash, const char *salt, GError **error)
{
  return check_text ("stored password", hash, MAX_HASH, error)
         && (salt == NULL || check_text ("salt", salt, MAX_SALT, error));
}

static gboolean
check_writable (const ApimUserStoreSettings *settings, GError **error)
{
  return !settings->read_only
         || refuse (error, ST_ERROR_SETUP, "nothing is written to a user store that user-mgt.xml calls ReadOnly");
}

/* Runs a statement with numbers only. */
static gboolean
run_numbers (StWriter *writer, const StStatement *statement, const gint64 *numbers, guint n, GError **error)
{
  StQuery *query = st_writer_query (writer, statement, error);

  for (guint i = 0; query != NULL && i < n; i++)
    st_query_bind_int64 (query, i, numbers[i]);
  return st_writer_run (query, error);
}

/* The stored name of the user. */
static char *
find_name (StWriter *writer, const Job *job, GError **error)
{
  g_autoptr (StQuery) query = st_writer_query (writer, &lock_user, error);
  g_autofree char *name = NULL;
  StStep step;

  if (query == NULL)
    return NULL;
  st_query_bind_int64 (query, 0, job->user_id);
  st_query_bind_int64 (query, 1, job->tenant_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (name == NULL)
      name = g_strdup (st_query_text (query, 0));
  if (step == ST_END && name == NULL)
    refuse (error, ST_ERROR_CONFLICT, "there is no such user any more");
  return step == ST_END ? g_steal_pointer (&name) : NULL;
}

/* Takes the first number of the only column; 0: no row. Frees @query. */
static gboolean
read_number (StQuery *owned, gint64 *number, GError **error)
{
  g_autoptr (StQuery) query = owned;
  StStep step;

  *number = 0;
  if (query == NULL)
    return FALSE;
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (*number == 0)
      *number = st_query_int64 (query, 0);
  return step == ST_END;
}

/* "Internal/x" is stored as "x", other hybrid roles with their prefix (6.4). FALSE: not a role that a user is given. */
static gboolean
find_role_row (const char *role, RoleRow *row, GError **error)
{
  const char *bare;
  g_autofree char *domain = NULL;

  if (!check_text ("role", role, MAX_NAME, error))
    return FALSE;
  domain = st_user_name_split (role, &bare);
  if (strcmp (domain, ST_PRIMARY_USER_DOMAIN) == 0)
    *row = (RoleRow){ FALSE, bare };
  else if (strcmp (domain, "INTERNAL") == 0)
    *row = (RoleRow){ TRUE, bare };
  else if (strcmp (domain, "APPLICATION") == 0 || strcmp (domain, "WORKFLOW") == 0)
    *row = (RoleRow){ TRUE, role };
  else
    return refuse (error, ST_ERROR_CONFLICT, "roles of another user store cannot be given or taken here");
  return TRUE;
}

static gboolean
find_role_id (StWriter *writer, gint tenant_id, const char *role, const RoleRow *row, gint64 *id, GError **error)
{
#define ROLE_ID(table) "SELECT UM_ID FROM " table " WHERE UM_TENANT_ID = ? AND UM_ROLE_NAME = ? ORDER BY UM_ID"
  static const StStatement primary = { ROLE_ID ("UM_ROLE") };
  static const StStatement hybrid = { ROLE_ID ("UM_HYBRID_ROLE") };
  StQuery *query = st_writer_query (writer, row->hybrid ? &hybrid : &primary, error);

  if (query != NULL)
    {
      st_query_bind_int64 (query, 0, tenant_id);
      st_query_bind_text (query, 1, row->name);
    }
  if (!read_number (query, id, error))
    return FALSE;
  if (*id == 0)
    g_set_error (error, ST_ERROR, ST_ERROR_CONFLICT, "there is no role \"%s\"", role);
  return *id != 0;
}

/* The id of the PRIMARY store in the tenant; 0 where a tenant has none yet, or one made then. */
static gboolean
find_domain_id (StWriter *writer, gint tenant_id, gboolean make, gint64 *id, GError **error)
{
  static const StStatement select = {
    "SELECT UM_DOMAIN_ID FROM UM_DOMAIN WHERE UM_TENANT_ID = ? AND UM_DOMAIN_NAME = 'PRIMARY' ORDER BY UM_DOMAIN_ID"
  };
  static const StStatement insert = { "INSERT INTO UM_DOMAIN (UM_DOMAIN_NAME, UM_TENANT_ID) VALUES ('PRIMARY', ?)" };
  const gint64 tenant = tenant_id;
  StQuery *query = st_writer_query (writer, &select, error);

  if (query != NULL)
    st_query_bind_int64 (query, 0, tenant_id);
  if (!read_number (query, id, error))
    return FALSE;
  if (*id != 0 || !make)
    return TRUE;
  if (!run_numbers (writer, &insert, &tenant, 1, error))
    return FALSE;
  *id = st_transaction_last_insert_id (writer->transaction);
  return TRUE;
}

/* The rows that make @name a member of the hybrid role: several where the name is stored in several cases. @role_id 0:
 * of any role. */
static gboolean
find_hybrid_rows (StWriter *writer, const Job *job, const char *name, gint64 role_id, gint64 domain_id, GArray *ids,
                  GError **error)
{
#define HYBRID_ROWS(match) \
  "SELECT UM_ID, UM_USER_NAME FROM UM_HYBRID_USER_ROLE WHERE UM_TENANT_ID = ? AND UM_DOMAIN_ID = ? AND " match \
  " AND (UM_ROLE_ID = ? OR ? = 0)"
  static const StStatement direct = { HYBRID_ROWS ("UM_USER_NAME = ?") };
  static const StStatement lower = { HYBRID_ROWS ("LOWER(UM_USER_NAME) = LOWER(?)") };
  g_autoptr (StQuery) query = st_writer_query (writer, job->search == ST_NAMES_DIRECT ? &direct : &lower, error);
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, job->tenant_id);
  st_query_bind_int64 (query, 1, domain_id);
  st_query_bind_text (query, 2, name);
  st_query_bind_int64 (query, 3, role_id);
  st_query_bind_int64 (query, 4, role_id);
  while ((step = st_query_step (query, error)) == ST_ROW)
    if (st_user_names_equal (st_query_text (query, 1), name, job->settings->case_insensitive_names))
      {
        gint64 id = st_query_int64 (query, 0);

        g_array_append_val (ids, id);
      }
  return step == ST_END;
}

static gboolean
delete_hybrid_rows (StWriter *writer, const Job *job, const GArray *ids, GError **error)
{
  static const StStatement statement = { "DELETE FROM UM_HYBRID_USER_ROLE WHERE UM_ID = ? AND UM_TENANT_ID = ?" };

  for (guint i = 0; i < ids->len; i++)
    {
      const gint64 numbers[] = { g_array_index (ids, gint64, i), job->tenant_id };

      if (!run_numbers (writer, &statement, numbers, G_N_ELEMENTS (numbers), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
insert_hybrid_row (StWriter *writer, const Job *job, const char *name, gint64 role_id, gint64 domain_id, GError **error)
{
  static const StStatement statement = {
    "INSERT INTO UM_HYBRID_USER_ROLE (UM_USER_NAME, UM_ROLE_ID, UM_TENANT_ID, UM_DOMAIN_ID) VALUES (?, ?, ?, ?)"
  };
  StQuery *query = st_writer_query (writer, &statement, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, name);
  st_query_bind_int64 (query, 1, role_id);
  st_query_bind_int64 (query, 2, job->tenant_id);
  st_query_bind_int64 (query, 3, domain_id);
  return st_writer_run (query, error);
}

static gboolean
change_hybrid_role (StWriter *writer, const Job *job, const char *name, gint64 role_id, gboolean member, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 domain_id;

  if (!find_domain_id (writer, job->tenant_id, member, &domain_id, error)
      || !find_hybrid_rows (writer, job, name, role_id, domain_id, ids, error))
    return FALSE;
  if (!member)
    return delete_hybrid_rows (writer, job, ids, error);
  return ids->len > 0 || insert_hybrid_row (writer, job, name, role_id, domain_id, error);
}

static gboolean
change_primary_role (StWriter *writer, const Job *job, gint64 role_id, gboolean member, GError **error)
{
  static const StStatement select
      = { "SELECT UM_ID FROM UM_USER_ROLE WHERE UM_USER_ID = ? AND UM_ROLE_ID = ? AND UM_TENANT_ID = ?" };
  static const StStatement insert
      = { "INSERT INTO UM_USER_ROLE (UM_USER_ID, UM_ROLE_ID, UM_TENANT_ID) VALUES (?, ?, ?)" };
  static const StStatement delete
      = { "DELETE FROM UM_USER_ROLE WHERE UM_USER_ID = ? AND UM_ROLE_ID = ? AND UM_TENANT_ID = ?" };
  const gint64 numbers[] = { job->user_id, role_id, job->tenant_id };
  StQuery *query;
  gint64 found;

  if (!member)
    return run_numbers (writer, &delete, numbers, G_N_ELEMENTS (numbers), error);
  query = st_writer_query (writer, &select, error);
  for (guint i = 0; query != NULL && i < G_N_ELEMENTS (numbers); i++)
    st_query_bind_int64 (query, i, numbers[i]);
  return read_number (query, &found, error)
         && (found != 0 || run_numbers (writer, &insert, numbers, G_N_ELEMENTS (numbers), error));
}

static gboolean
change_role (StWriter *writer, const Job *job, const char *name, const char *role, gboolean member, GError **error)
{
  RoleRow row = { 0 };
  gint64 id;

  if (!find_role_row (role, &row, error))
    return FALSE;
  if (row.hybrid && g_ascii_strcasecmp (row.name, "everyone") == 0)
    return TRUE;
  if ((!row.hybrid && !check_writable (job->settings, error))
      || !find_role_id (writer, job->tenant_id, role, &row, &id, error))
    return FALSE;
  if (row.hybrid)
    return change_hybrid_role (writer, job, name, id, member, error);
  return change_primary_role (writer, job, id, member, error);
}

static gboolean
change_roles (StWriter *writer, const Job *job, const char *name, GError **error)
{
  for (guint i = 0; job->remove != NULL && job->remove[i] != NULL; i++)
    if (!change_role (writer, job, name, job->remove[i], FALSE, error))
      return FALSE;
  for (guint i = 0; job->add != NULL && job->add[i] != NULL; i++)
    if (!change_role (writer, job, name, job->add[i], TRUE, error))
      return FALSE;
  return TRUE;
}

/* A collation that folds case refuses a second user by its unique key; another one has to be asked. */
static gboolean
check_absent (StWriter *writer, const Job *job, GError **error)
{
#define SAME_NAME(match) "SELECT UM_USER_NAME FROM UM_USER WHERE UM_TENANT_ID = ? AND " match
  static const StStatement direct = { SAME_NAME ("UM_USER_NAME = ?") };
  static const StStatement lower = { SAME_NAME ("LOWER(UM_USER_NAME) = LOWER(?)") };
  g_autoptr (StQuery) query = st_writer_query (writer, job->search == ST_NAMES_DIRECT ? &direct : &lower, error);
  gboolean found = FALSE;
  StStep step;

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, job->tenant_id);
  st_query_bind_text (query, 1, job->new_user->name);
  while ((step = st_query_step (query, error)) == ST_ROW)
    found = TRUE;
  if (step == ST_END && found)
    return refuse (error, ST_ERROR_CONFLICT, "there is a user of this name already");
  return step == ST_END;
}

/* UM_CHANGED_TIME is always named: older schemas change it by themselves (ON UPDATE) or start it at zero. */
#define SQLITE_NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define MYSQL_NOW "CURRENT_TIMESTAMP"

static gboolean
insert_user (StWriter *writer, Job *job, GError **error)
{
#define INSERT_USER(now) \
  "INSERT INTO UM_USER (UM_USER_NAME, UM_USER_PASSWORD, UM_SALT_VALUE, UM_REQUIRE_CHANGE, UM_CHANGED_TIME," \
  " UM_TENANT_ID) VALUES (?, ?, ?, 0, " now ", ?)"
  static const StStatement insert = { INSERT_USER (SQLITE_NOW), INSERT_USER (MYSQL_NOW) };
  StQuery *query = st_writer_query (writer, &insert, error);
  g_autofree char *stored = NULL;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, job->new_user->name);
  st_query_bind_text (query, 1, job->new_user->password_hash);
  st_query_bind_text (query, 2, job->new_user->salt);
  st_query_bind_int64 (query, 3, job->tenant_id);
  if (!st_writer_run (query, error))
    return FALSE;
  job->user_id = (gint) st_transaction_last_insert_id (writer->transaction);
  /* A server that is not strict stores "?" for what its character set lacks: that would be somebody else. */
  stored = find_name (writer, job, error);
  if (stored == NULL)
    return FALSE;
  return strcmp (stored, job->new_user->name) == 0
         || refuse (error, ST_ERROR_DATA, "the user name has characters that the database cannot hold");
}

static gboolean
add_user (StWriter *writer, gpointer data, GError **error)
{
  Job *job = data;

  return check_absent (writer, job, error) && insert_user (writer, job, error)
         && change_roles (writer, job, job->new_user->name, error);
}

static gboolean
set_password (StWriter *writer, gpointer data, GError **error)
{
#define UPDATE_PASSWORD(now) \
  "UPDATE UM_USER SET UM_USER_PASSWORD = ?, UM_SALT_VALUE = ?, UM_REQUIRE_CHANGE = 0, UM_CHANGED_TIME = " now \
  " WHERE UM_ID = ? AND UM_TENANT_ID = ?"
  static const StStatement update = { UPDATE_PASSWORD (SQLITE_NOW), UPDATE_PASSWORD (MYSQL_NOW) };
  const Job *job = data;
  g_autofree char *name = find_name (writer, job, error);
  StQuery *query = name != NULL ? st_writer_query (writer, &update, error) : NULL;

  if (query == NULL)
    return FALSE;
  st_query_bind_text (query, 0, job->password_hash);
  st_query_bind_text (query, 1, job->salt);
  st_query_bind_int64 (query, 2, job->user_id);
  st_query_bind_int64 (query, 3, job->tenant_id);
  return st_writer_run (query, error);
}

static gboolean
delete_grants (StWriter *writer, const Job *job, const char *name, GError **error)
{
  static const StStatement statement = { "DELETE FROM UM_USER_PERMISSION WHERE UM_TENANT_ID = ? AND UM_USER_NAME = ?" };
  StQuery *query = st_writer_query (writer, &statement, error);

  if (query == NULL)
    return FALSE;
  st_query_bind_int64 (query, 0, job->tenant_id);
  st_query_bind_text (query, 1, name);
  return st_writer_run (query, error);
}

static gboolean
delete_user (StWriter *writer, gpointer data, GError **error)
{
  /* Children first: not every generation of the schema deletes them by itself. */
  static const StStatement statements[] = {
    { "DELETE FROM UM_USER_ROLE WHERE UM_USER_ID = ? AND UM_TENANT_ID = ?" },
    { "DELETE FROM UM_SHARED_USER_ROLE WHERE UM_USER_ID = ? AND UM_USER_TENANT_ID = ?" },
    { "DELETE FROM UM_USER_ATTRIBUTE WHERE UM_USER_ID = ? AND UM_TENANT_ID = ?" },
    { "DELETE FROM UM_USER WHERE UM_ID = ? AND UM_TENANT_ID = ?" },
  };
  const Job *job = data;
  const gint64 numbers[] = { job->user_id, job->tenant_id };
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree char *name = find_name (writer, job, error);
  gint64 domain_id;

  if (name == NULL)
    return FALSE;
  if (job->tenant_id == ST_SUPER_TENANT_ID
      && st_user_names_equal (job->settings->admin_user, name, job->settings->case_insensitive_names))
    return refuse (error, ST_ERROR_CONFLICT, "the administrator that user-mgt.xml names cannot be deleted");
  if (!find_domain_id (writer, job->tenant_id, FALSE, &domain_id, error)
      || !find_hybrid_rows (writer, job, name, 0, domain_id, ids, error)
      || !delete_hybrid_rows (writer, job, ids, error) || !delete_grants (writer, job, name, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!run_numbers (writer, &statements[i], numbers, G_N_ELEMENTS (numbers), error))
      return FALSE;
  return TRUE;
}

static gboolean
set_roles (StWriter *writer, gpointer data, GError **error)
{
  const Job *job = data;
  g_autofree char *name = find_name (writer, job, error);

  return name != NULL && change_roles (writer, job, name, error);
}

static gboolean
run (StDatabase *database, StWork work, Job *job, gint64 deadline_us, GError **error)
{
  return st_user_names_search (database, job->settings->case_insensitive_names, deadline_us, &job->search, error)
         && st_write_users (database, work, job, deadline_us, error);
}

gboolean
st_user_add (StDatabase *database, const ApimUserStoreSettings *settings, const StNewUser *user, gint64 deadline_us,
             gint *id, GError **error)
{
  Job job = { .settings = settings, .new_user = user, .tenant_id = user->tenant_id, .add = user->roles };

  if (!check_writable (settings, error) || !check_text ("user name", user->name, MAX_NAME, error)
      || !check_password (user->password_hash, user->salt, error)
      || !run (database, add_user, &job, deadline_us, error))
    return FALSE;
  if (id != NULL)
    *id = job.user_id;
  return TRUE;
}

gboolean
st_user_set_password (StDatabase *database, const ApimUserStoreSettings *settings, gint tenant_id, gint user_id,
                      const char *password_hash, const char *salt, gint64 deadline_us, GError **error)
{
  Job job = { .settings = settings, .tenant_id = tenant_id, .user_id = user_id };

  job.password_hash = password_hash;
  job.salt = salt;
  return check_writable (settings, error) && check_password (password_hash, salt, error)
         && st_write_users (database, set_password, &job, deadline_us, error);
}

gboolean
st_user_delete (StDatabase *database, const ApimUserStoreSettings *settings, gint tenant_id, gint user_id,
                gint64 deadline_us, GError **error)
{
  Job job = { .settings = settings, .tenant_id = tenant_id, .user_id = user_id };

  return check_writable (settings, error) && run (database, delete_user, &job, deadline_us, error);
}

gboolean
st_user_change_roles (StDatabase *database, const ApimUserStoreSettings *settings, gint tenant_id, gint user_id,
                      const char *const *add, const char *const *remove, gint64 deadline_us, GError **error)
{
  Job job = { .settings = settings, .tenant_id = tenant_id, .user_id = user_id, .add = add, .remove = remove };

  return run (database, set_roles, &job, deadline_us, error);
}
