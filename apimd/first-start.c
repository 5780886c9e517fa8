/* The order is made for interruption at any point. A database is made beside its final name and linked into place
 * when schema and administrator are complete, so a file under the final name is never half made; what an interrupted
 * run left beside it is removed first. The administrator's password is on disk before the database that knows it. */
#include "config.h"

#include "apimd/first-start.h"
#include "apimd/token-apis.h"

#include "common/apim-cluster-key.h"
#include "common/apim-key-store.h"
#include "common/apim-secret.h"
#include "core/core-password.h"
#include "store/st-schema.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADMIN_PASSWORD_LENGTH 24

G_DEFINE_QUARK (apim-first-start-error-quark, apim_first_start_error)

static void
add_line (GPtrArray *lines, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_line (GPtrArray *lines, const char *format, ...)
{
  if (lines == NULL)
    return;
  va_list arguments;
  va_start (arguments, format);
  g_ptr_array_add (lines, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static gboolean
file_error (GError **error, const char *action, const char *path)
{
  int code = errno;
  g_set_error (error, APIM_FIRST_START_ERROR, APIM_FIRST_START_ERROR_FILE, "could not %s \"%s\": %s", action, path,
               g_strerror (code));
  return FALSE;
}

static gboolean
make_folder (const char *path, int mode, GPtrArray *lines, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  g_autofree char *parent = g_path_get_dirname (path);
  if (g_mkdir_with_parents (parent, 0755) != 0)
    return file_error (error, "make the folder", parent);
  if (g_mkdir (path, mode) != 0)
    return g_file_test (path, G_FILE_TEST_IS_DIR) || file_error (error, "make the folder", path);
  add_line (lines, "made the folder %s", path);
  return TRUE;
}

static gboolean
make_folders (const ApimConfig *config, GPtrArray *lines, GError **error)
{
  g_autofree char *conf = apim_home_path (config->home, "conf", NULL);
  g_autofree char *server = apim_home_path (config->home, "deployment", "server", NULL);
  g_autofree char *security = apim_home_path (config->home, "resources", "security", NULL);
  g_autofree char *database = apim_home_path (config->home, "database", NULL);
  return make_folder (conf, 0755, lines, error) && make_folder (server, 0755, lines, error)
         && make_folder (security, 0700, lines, error) && make_folder (database, 0700, lines, error);
}

/* One process at a time. Closing the descriptor gives the lock back. */
static int
lock_home (const ApimConfig *config, GError **error)
{
  g_autofree char *conf = apim_home_path (config->home, "conf", NULL);
  int fd = open (conf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      file_error (error, "open the folder", conf);
      return -1;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  g_set_error (error, APIM_FIRST_START_ERROR, APIM_FIRST_START_ERROR_BUSY,
               "another process is preparing the home \"%s\" right now: try again when it is done", config->home);
  close (fd);
  return -1;
}

static gboolean
make_keys (const ApimConfig *config, const char *const *host_names, GPtrArray *lines, GError **error)
{
  const char *const own_name[] = { config->host_name, NULL };
  if (host_names == NULL || host_names[0] == NULL)
    host_names = own_name;
  gboolean made = FALSE;
  if (!apim_key_store_make (config, host_names, &made, error))
    return FALSE;
  if (made)
    add_line (lines, "made TLS keys and certificates for %s in %s/repository/resources/security", host_names[0],
              config->home);
  if (!apim_cluster_key_make (config->home, &made, error))
    return FALSE;
  if (made)
    add_line (lines, "made the cluster key %s/repository/resources/security/cluster-key: copy it to the other nodes",
              config->home);
  return TRUE;
}

static gboolean
make_token_apis (const ApimConfig *config, GPtrArray *lines, GError **error)
{
  gboolean made = FALSE;
  if (!apim_token_apis_make (config->home, &made, error))
    return FALSE;
  if (made)
    add_line (lines,
              "made the gateway's APIs /token, /revoke, /authorize and /userinfo in "
              "%s/repository/deployment/server/synapse-configs/default/api",
              config->home);
  return TRUE;
}

/* The password for the first administrator, on disk. */
static char *
initial_password (const ApimConfig *config, GPtrArray *lines, GError **error)
{
  g_autofree char *conf = apim_home_path (config->home, "conf", NULL);
  g_autofree char *path = g_build_filename (conf, "initial-admin-password", NULL);
  if (!make_folder (conf, 0755, lines, error))
    return NULL;
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return apim_secret_read_file (path, error);

  g_auto (ApimSecretText) password = apim_random_text (ADMIN_PASSWORD_LENGTH, error);
  if (password == NULL || !apim_secret_write_file (path, password, strlen (password), error))
    return NULL;
  add_line (lines, "made a random password for \"%s\" in %s: change it, then delete the file",
            config->user_store.admin_user, path);
  return g_steal_pointer (&password);
}

gboolean
apim_first_start_add_admin (const ApimConfig *config, StDatabase *users, const char *admin_password, GPtrArray *lines,
                            GError **error)
{
  g_auto (ApimSecretText) made = NULL;
  if (admin_password == NULL)
    {
      made = initial_password (config, lines, error);
      if (made == NULL)
        return FALSE;
      admin_password = made;
    }
  g_autofree char *salt = NULL;
  g_autofree char *hash = core_password_hash (admin_password, &config->user_store, &salt, error);
  if (hash == NULL || !st_schema_add_admin (users, &config->user_store, hash, salt, error))
    return FALSE;
  add_line (lines, "made the administrator \"%s\"", config->user_store.admin_user);
  return TRUE;
}

/* The file and what SQLite keeps beside it. */
static void
remove_database (const char *path)
{
  static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *file = g_strconcat (path, endings[i], NULL);
      g_unlink (file);
    }
}

/* Links @path to @final, which must not exist, and makes that last. */
static gboolean
put_in_place (const char *path, const char *final, GError **error)
{
  if (link (path, final) != 0)
    return file_error (error, "make the database", final);
  g_unlink (path);
  g_autofree char *folder = g_path_get_dirname (final);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* EINVAL: a file system that cannot sync folders orders them by itself. */
  gboolean synced = fd >= 0 && (fsync (fd) == 0 || errno == EINVAL);
  if (!synced)
    file_error (error, "sync the folder", folder);
  if (fd >= 0)
    close (fd);
  return synced;
}

/* @temporary: the data source that is to become @source's file. */
static gboolean
fill_database (const ApimConfig *config, const ApimDataSource *temporary, gboolean api, gboolean users,
               const char *admin_password, GPtrArray *lines, GError **error)
{
  if (api && !st_schema_migrate (temporary, ST_SCHEMA_API, error))
    return FALSE;
  if (!users)
    return TRUE;
  if (!st_schema_migrate (temporary, ST_SCHEMA_USER, error))
    return FALSE;
  g_autoptr (StDatabase) database = st_database_open (temporary, &config->limits, error);
  return database != NULL && apim_first_start_add_admin (config, database, admin_password, lines, error);
}

/* Makes the SQLite file of @source with the parts it is to hold, unless something is there. */
static gboolean
make_database (const ApimConfig *config, const ApimDataSource *source, gboolean api, gboolean users,
               const char *admin_password, GPtrArray *lines, GError **error)
{
  if (source->kind != APIM_DATABASE_SQLITE || g_file_test (source->path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autofree char *folder = g_path_get_dirname (source->path);
  if (!make_folder (folder, 0700, lines, error))
    return FALSE;

  g_autofree char *path = g_strconcat (source->path, ".unfinished", NULL);
  ApimDataSource temporary = *source;
  temporary.path = path;
  remove_database (path);
  gboolean done = fill_database (config, &temporary, api, users, admin_password, lines, error)
                  && put_in_place (path, source->path, error);
  if (!done)
    {
      remove_database (path);
      return FALSE;
    }
  add_line (lines, "made the %s database %s", api && users ? "API Manager and user" : api ? "API Manager" : "user",
            source->path);
  return TRUE;
}

static gboolean
make_databases (const ApimConfig *config, const char *admin_password, GPtrArray *lines, GError **error)
{
  const ApimDataSource *api = apim_config_data_source (config, config->api_data_source);
  const ApimDataSource *users = apim_config_data_source (config, config->user_store.data_source);
  gboolean one_file = api->kind == APIM_DATABASE_SQLITE && users->kind == APIM_DATABASE_SQLITE
                      && g_strcmp0 (api->path, users->path) == 0;
  return make_database (config, api, TRUE, one_file, admin_password, lines, error)
         && (one_file || make_database (config, users, FALSE, TRUE, admin_password, lines, error));
}

gboolean
apim_first_start (const ApimConfig *config, const char *const *host_names, const char *admin_password,
                  GPtrArray *lines, GError **error)
{
  if (!make_folders (config, lines, error))
    return FALSE;
  int lock = lock_home (config, error);
  if (lock < 0)
    return FALSE;
  gboolean done = make_keys (config, host_names, lines, error) && make_token_apis (config, lines, error)
                  && make_databases (config, admin_password, lines, error);
  close (lock);
  return done;
}
