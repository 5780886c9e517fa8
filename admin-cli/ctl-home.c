#include "config.h"

#include "admin-cli/ctl-home.h"

#include "admin-cli/ctl-error.h"
#include "common/apim-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No token or password is longer; a longer input is a wrong file. */
#define MAX_SECRET (64 * 1024)

const StSchemaPart ctl_home_parts[2] = { ST_SCHEMA_API, ST_SCHEMA_USER };

ApimConfig *
ctl_home_load (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *quoted = g_shell_quote (path);
      g_autofree char *hint = g_strdup_printf ("apimctl node init --home %s", quoted);
      ctl_error_set (error, CTL_ERROR_NOT_FOUND, hint, path, "there is no such folder");
      return NULL;
    }
  ApimConfig *config = apim_config_load (path, -1, error);
  if (config == NULL)
    ctl_error_wrap (error, NULL, "configuration");
  return config;
}

const ApimDataSource *
ctl_home_source (const ApimConfig *config, StSchemaPart part)
{
  return apim_config_data_source (config,
                                  part == ST_SCHEMA_API ? config->api_data_source : config->user_store.data_source);
}

StDatabase *
ctl_home_open (const ApimConfig *config, StSchemaPart part, GError **error)
{
  return st_database_open (ctl_home_source (config, part), &config->limits, error);
}

gint64
ctl_home_deadline (const ApimConfig *config)
{
  return g_get_monotonic_time () + (gint64) config->limits.database_timeout_ms * 1000;
}

const char *
ctl_home_part_name (StSchemaPart part)
{
  return part == ST_SCHEMA_API ? "API Manager" : "user";
}

char *
ctl_home_describe_source (const ApimDataSource *source)
{
  if (source->kind == APIM_DATABASE_SQLITE)
    return g_strdup_printf ("SQLite %s", source->path);
  if (source->unix_socket != NULL)
    return g_strdup_printf ("MySQL %s, %s", source->unix_socket, source->database);
  return g_strdup_printf ("MySQL %s:%u/%s", source->host, source->port, source->database);
}

char *
ctl_home_hint (const ApimConfig *config, const char *command)
{
  g_autofree char *quoted = g_shell_quote (config->home);
  return g_strdup_printf ("apimctl %s --home %s", command, quoted);
}

/* Everything that @fd gives, terminated; NULL with errno. */
static char *
read_all (int fd)
{
  char *text = g_malloc0 (MAX_SECRET + 1);
  gsize length = 0;
  while (length < MAX_SECRET)
    {
      ssize_t got = read (fd, text + length, MAX_SECRET - length);
      if (got > 0)
        length += (gsize) got;
      else if (got == 0)
        return text;
      else if (errno != EINTR)
        break;
    }
  OPENSSL_cleanse (text, MAX_SECRET);
  g_free (text);
  return NULL;
}

/* A file that others may read is the caller's business, and worth a word; a pipe (as the shell's "<(...)") is fine. */
static void
warn_if_exposed (int fd, const char *path)
{
  struct stat info;
  g_autofree char *quoted = g_shell_quote (path);
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && (info.st_mode & 077) != 0)
    g_printerr ("apimctl: warning: %s is open to other users (mode %04o): chmod 600 %s\n", path,
                (guint) info.st_mode & 07777, quoted);
}

static char *
read_secret_file (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  char *text = NULL;
  int read_errno = errno;
  if (fd >= 0)
    {
      warn_if_exposed (fd, path);
      text = read_all (fd);
      read_errno = errno;
      close (fd);
    }
  errno = read_errno;
  return text;
}

char *
ctl_home_read_secret (const char *path, const char *what, GError **error)
{
  gboolean from_stdin = strcmp (path, "-") == 0;
  g_auto (ApimSecretText) text = from_stdin ? read_all (STDIN_FILENO) : read_secret_file (path);
  if (text == NULL)
    {
      ctl_error_set (error, CTL_ERROR_USAGE, NULL, what, "could not read %s: %s", from_stdin ? "stdin" : path,
                     g_strerror (errno));
      return NULL;
    }
  g_strchomp (text);
  if (*text == '\0')
    ctl_error_set (error, CTL_ERROR_USAGE, NULL, what, "is empty");
  else if (strpbrk (text, "\r\n") != NULL)
    ctl_error_set (error, CTL_ERROR_USAGE, NULL, what, "has more than one line");
  else
    return g_steal_pointer (&text);
  return NULL;
}
