#include "config.h"
#include "common/apim-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
apim_fd_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
}

char *
apim_folder_file_name (const char *name)
{
  g_autofree char *safe = g_strdup (name);

  for (char *c = safe; *c != '\0'; c++)
    if (strchr ("\\/?*|:<> ", *c) != NULL || (guchar) *c < 0x20 || *c == 0x7f)
      *c = '_';
  if (*safe == '.')
    *safe = '_';
  return g_strconcat (safe, ".xml", NULL);
}

/* The folder @name below @parent; made where it is missing. -1 with errno. */
static int
open_below (int parent, const char *name)
{
  int fd = openat (parent, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd >= 0 || errno != ENOENT)
    return fd;
  if (mkdirat (parent, name, 0755) != 0 && errno != EEXIST)
    return -1;
  return openat (parent, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
apim_folder_open (const char *top, const char *relative)
{
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);
  int fd = open (top, O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; parts[i] != NULL && fd >= 0; i++)
    {
      int next = open_below (fd, parts[i]);
      int saved = errno;

      close (fd);
      errno = saved;
      fd = next;
    }
  return fd;
}

static gboolean
read_all (int fd, char *bytes, gsize size)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = read (fd, bytes + done, size - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          errno = n == 0 ? EIO : errno; /* it became shorter meanwhile */
          return FALSE;
        }
      done += (gsize) n;
    }
  return TRUE;
}

char *
apim_folder_read (int folder, const char *name, gsize max, gsize *length)
{
  g_auto (ApimFd) fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  g_autofree char *bytes = NULL;
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    return NULL;
  if (!S_ISREG (info.st_mode) || (guint64) info.st_size > max)
    {
      errno = S_ISREG (info.st_mode) ? EFBIG : EINVAL;
      return NULL;
    }
  bytes = g_malloc ((gsize) info.st_size + 1);
  if (!read_all (fd, bytes, (gsize) info.st_size))
    return NULL;
  bytes[info.st_size] = '\0';
  if (length != NULL)
    *length = (gsize) info.st_size;
  return g_steal_pointer (&bytes);
}

static gboolean
write_all (int fd, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, text, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      text += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* The file may hold the login to an endpoint: it is for the gateway's user and group. */
gboolean
apim_folder_replace (int folder, const char *name, const char *text, gsize length)
{
  g_autofree char *temporary = g_strdup_printf (".%08x%08x.tmp", g_random_int (), g_random_int ());
  g_auto (ApimFd) fd = openat (folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  int saved;

  if (fd < 0)
    return FALSE;
  if (write_all (fd, text, length) && fsync (fd) == 0 && renameat (folder, temporary, folder, name) == 0
      && fsync (folder) == 0)
    return TRUE;
  saved = errno;
  unlinkat (folder, temporary, 0);
  errno = saved;
  return FALSE;
}

gboolean
apim_folder_remove (int folder, const char *name)
{
  if (unlinkat (folder, name, 0) == 0)
    return fsync (folder) == 0;
  return errno == ENOENT || errno == ENAMETOOLONG; /* no file has such a name */
}
