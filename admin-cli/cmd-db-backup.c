/* apimctl db backup: copies of a home's embedded databases, while the node runs. */
#include "config.h"

#include "admin-cli/ctl-commands.h"
#include "admin-cli/ctl-home.h"
#include "store/st-backup.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const CtlOption options[] = {
  { "home", CTL_OPTION_TEXT, TRUE, "DIR", "the node's home, whose databases are meant" },
  { NULL },
};

/* The command that copies a database on a server. Free with g_free(). */
static char *
dump_command (const ApimDataSource *source)
{
  g_autofree char *file = g_strconcat (source->database, ".sql", NULL);
  g_autofree char *name = g_shell_quote (source->database);
  g_autofree char *output = g_shell_quote (file);
  g_autofree char *user = g_shell_quote (source->user != NULL ? source->user : "");
  g_autofree char *where = NULL;

  if (source->unix_socket != NULL)
    {
      g_autofree char *socket = g_shell_quote (source->unix_socket);
      where = g_strdup_printf ("--socket=%s", socket);
    }
  else
    {
      g_autofree char *host = g_shell_quote (source->host);
      where = g_strdup_printf ("--host=%s --port=%u", host, source->port);
    }
  return g_strdup_printf ("mariadb-dump --single-transaction --triggers %s --user=%s --password %s > %s", where, user,
                          name, output);
}

static gboolean
same_file (const ApimDataSource *a, const ApimDataSource *b)
{
  return a->kind == APIM_DATABASE_SQLITE && b->kind == APIM_DATABASE_SQLITE && g_strcmp0 (a->path, b->path) == 0;
}

/* The embedded databases, each once. (element-type ApimDataSource) */
static GPtrArray *
embedded_sources (CtlCall *call, const ApimConfig *config)
{
  GPtrArray *sources = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (ctl_home_parts); i++)
    {
      const ApimDataSource *source = ctl_home_source (config, ctl_home_parts[i]);

      if (source->kind == APIM_DATABASE_SQLITE)
        {
          if (sources->len == 0 || !same_file (sources->pdata[0], source))
            g_ptr_array_add (sources, (gpointer) source);
          continue;
        }
      g_autofree char *command = dump_command (source);
      ctl_output_warning (call->output, "the %s database is on a server, copy it with: %s",
                          ctl_home_part_name (ctl_home_parts[i]), command);
    }
  return sources;
}

/* Beside @folder until all is there, so that a folder of that name is always whole. @files: (out): what was made in it.
 */
static gboolean
copy_all (const GPtrArray *sources, const char *folder, GPtrArray *files, GError **error)
{
  for (guint i = 0; i < sources->len; i++)
    {
      const ApimDataSource *source = sources->pdata[i];
      g_autofree char *base = g_path_get_basename (source->path);
      g_autofree char *path = g_build_filename (folder, base, NULL);

      if (!st_backup (source, path, error))
        return FALSE;
      g_ptr_array_add (files, g_steal_pointer (&base));
    }
  return TRUE;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static gboolean
folder_error (const char *folder, GError **error)
{
  ctl_error_set (error, errno == EEXIST || errno == ENOTEMPTY ? CTL_ERROR_CONFLICT : CTL_ERROR_FAILED, NULL, folder,
                 "could not make the folder: %s", g_strerror (errno));
  return FALSE;
}

static gboolean
backup (const GPtrArray *sources, const char *folder, GPtrArray *files, GError **error)
{
  g_autofree char *unfinished = g_strconcat (folder, ".unfinished", NULL);

  if (g_file_test (folder, G_FILE_TEST_EXISTS))
    {
      ctl_error_set (error, CTL_ERROR_CONFLICT, NULL, folder, "is there already: name a new folder");
      return FALSE;
    }
  if (g_mkdir (unfinished, 0700) != 0)
    return folder_error (unfinished, error);
  if (!copy_all (sources, unfinished, files, error))
    {
      remove_folder (unfinished);
      ctl_error_wrap (error, NULL, "backup");
      return FALSE;
    }
  if (g_rename (unfinished, folder) == 0)
    return TRUE;
  folder_error (folder, error);
  remove_folder (unfinished);
  return FALSE;
}

static void
print_files (CtlOutput *output, const char *folder, const GPtrArray *files)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_json_text (builder, "folder", folder);
  ctl_json_texts (builder, "files", files);
  for (guint i = 0; i < files->len && !output->json; i++)
    ctl_output_text (output, "copied and checked %s/%s\n", folder, (const char *) files->pdata[i]);
  json_builder_end_object (builder);
  if (output->json)
    ctl_output_json (output, builder);
}

static int
run (CtlCall *call, GError **error)
{
  const char *const *words = ctl_options_arguments (call->options);

  if (words[0] == NULL || words[1] != NULL || *words[0] == '\0')
    {
      ctl_error_set (error, CTL_ERROR_USAGE, "apimctl db backup --help", "db backup",
                     "name one folder that does not exist yet");
      return 0;
    }
  g_autoptr (ApimConfig) config = ctl_home_load (ctl_options_text (call->options, "home"), error);
  if (config == NULL)
    return 0;
  g_autoptr (GPtrArray) sources = embedded_sources (call, config);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  if (sources->len == 0)
    {
      g_autofree char *command = dump_command (ctl_home_source (config, ST_SCHEMA_API));
      ctl_error_set (error, CTL_ERROR_REFUSED, command, "db backup",
                     "copies embedded databases, and this home has none");
      return 0;
    }
  if (backup (sources, words[0], files, error))
    print_files (call->output, words[0], files);
  return 0;
}

const CtlCommand ctl_cmd_db_backup = {
  .group = "db",
  .name = "backup",
  .summary = "Copy a home's embedded databases while the node runs",
  .arguments = "FOLDER",
  .details = "Copies each embedded SQLite database of the home, as it is committed now, into the new folder\n"
             "(mode 0700, files 0600), and reads the copies through. Nothing is overwritten. Databases on MySQL\n"
             "or MariaDB are not copied: the command that does is shown. To restore, stop the node, move the\n"
             "database away with its -wal and -shm files, and put the copy in its place. docs/sqlite.md says more.",
  .example = "apimctl db backup /backup/km-monday --home /srv/km",
  .options = options,
  .run = run,
};
