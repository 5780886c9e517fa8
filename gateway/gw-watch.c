#include "config.h"
#include "gateway/gw-watch.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A file that is written in place counts when it is closed; until then it is hardly whole. */
#define EVENTS                                                                                                     \
  (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB)

struct _GwWatch
{
  int inotify;
  int wake;
};

GwWatch *
gw_watch_new (GError **error)
{
  GwWatch *watch = g_new0 (GwWatch, 1);

  watch->inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  watch->wake = watch->inotify >= 0 ? eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
  if (watch->wake >= 0)
    return watch;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "folders cannot be watched: %s",
               g_strerror (errno));
  gw_watch_free (watch);
  return NULL;
}

void
gw_watch_free (GwWatch *watch)
{
  if (watch->inotify >= 0)
    close (watch->inotify);
  if (watch->wake >= 0)
    close (watch->wake);
  g_free (watch);
}

/* A second watch on one folder is the same one. */
static gboolean
add (const GwWatch *watch, const char *path)
{
  return inotify_add_watch (watch->inotify, path, EVENTS | IN_ONLYDIR) >= 0 || errno == ENOENT || errno == ENOTDIR;
}

gboolean
gw_watch_folder (GwWatch *watch, const char *top, const char *path)
{
  g_autofree char *part = g_strdup (path);
  gsize end = strlen (top);
  gboolean all = add (watch, top);

  while (part[end] != '\0')
    {
      const char *slash = strchr (part + end + 1, '/');
      gsize next = slash != NULL ? (gsize)(slash - part) : strlen (part);
      char kept = part[next];

      part[next] = '\0';
      all &= add (watch, part);
      part[next] = kept;
      end = next;
    }
  return all;
}

/* Returns: whether there was anything to read. */
static gboolean
read_empty (int fd)
{
  char bytes[64 * (sizeof (struct inotify_event) + NAME_MAX + 1)];
  gboolean any = FALSE;

  for (;;)
    {
      gssize n = read (fd, bytes, sizeof bytes);

      if (n > 0)
        any = TRUE;
      else if (n == 0 || errno != EINTR)
        return any;
    }
}

gboolean
gw_watch_wait (GwWatch *watch, int timeout_ms)
{
  struct pollfd fds[] = { { watch->inotify, POLLIN, 0 }, { watch->wake, POLLIN, 0 } };
  gboolean happened;

  poll (fds, G_N_ELEMENTS (fds), timeout_ms);
  happened = read_empty (watch->inotify);
  return read_empty (watch->wake) || happened;
}

void
gw_watch_wake (GwWatch *watch)
{
  const guint64 one = 1;
  gssize n;

  do
    n = write (watch->wake, &one, sizeof one);
  while (n < 0 && errno == EINTR);
}
