#include "config.h"
#include "deployment/dp-folder.h"

#include "deployment/dp-names.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUPER_TENANT_ID (-1234)
/* Bytes of a file that is compared; ours are smaller. */
#define MAX_FILE (16 * 1024 * 1024)

typedef struct
{
  DpTarget target;
  char *path;
} DpFolder;

/* A descriptor that closes itself. */
typedef int DpFd;

static void
fd_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DpFd, fd_close)

static gboolean
fail (const DpFolder *folder, const char *what, const char *name, GError **error)
{
  int saved = errno;

  g_set_error (error, DP_TARGET_ERROR, DP_TARGET_ERROR_UNREACHABLE, "the gateway folder %s: cannot %s %s: %s",
               folder->path, what, name, g_strerror (saved));
  return FALSE;
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

/* The subfolder @kind ("api") of the tenant. -1 with @error. */
static int
open_folder (const DpFolder *folder, gint tenant_id, const char *kind, GError **error)
{
  g_autofree char *relative
      = tenant_id == SUPER_TENANT_ID
            ? g_strdup_printf ("deployment/server/synapse-configs/default/%s", kind)
            : g_strdup_printf ("tenants/%d/synapse-configs/default/%s", tenant_id, kind);
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);
  int fd = open (folder->path, O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; parts[i] != NULL && fd >= 0; i++)
    {
      int next = open_below (fd, parts[i]);
      int saved = errno;

      close (fd);
      errno = saved;
      fd = next;
    }
  if (fd < 0)
    fail (folder, "open", relative, error);
  return fd;
}

static gboolean
write_all (int fd, const char *text)
{
  for (gsize length = strlen (text); length > 0;)
    {
      gssize n = write (fd, text, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      text += n;
      length -= (gsize)n;
    }
  return TRUE;
}

/* What the file @name holds; NULL where there is none that could be read. */
static char *
read_file (int directory, const char *name)
{
  g_auto (DpFd) fd = openat (directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  g_autofree char *text = NULL;
  struct stat info;
  gsize length = 0;

  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > MAX_FILE)
    return NULL;
  text = g_malloc ((gsize)info.st_size + 1);
  while (length < (gsize)info.st_size)
    {
      gssize n = read (fd, text + length, (gsize)info.st_size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return NULL;
      length += (gsize)n;
    }
  text[length] = '\0';
  return g_steal_pointer (&text);
}

/* The file may hold the login to an endpoint: it is for the gateway's user and group. */
static gboolean
replace_file (int directory, const char *name, const char *text)
{
  g_autofree char *temporary = g_strdup_printf (".%08x%08x.tmp", g_random_int (), g_random_int ());
  g_auto (DpFd) fd = openat (directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  int saved;

  if (fd < 0)
    return FALSE;
  if (write_all (fd, text) && fsync (fd) == 0 && renameat (directory, temporary, directory, name) == 0
      && fsync (directory) == 0)
    return TRUE;
  saved = errno;
  unlinkat (directory, temporary, 0);
  errno = saved;
  return FALSE;
}

/* @text NULL: the file is to go. */
static gboolean
put (const DpFolder *folder, gint tenant_id, const char *kind, const char *artifact, const char *text,
     GError **error)
{
  g_autofree char *name = dp_name_file (artifact);
  g_auto (DpFd) directory = open_folder (folder, tenant_id, kind, error);
  g_autofree char *present = NULL;

  if (directory < 0)
    return FALSE;
  if (text == NULL)
    {
      if (unlinkat (directory, name, 0) == 0)
        return fsync (directory) == 0 || fail (folder, "sync", name, error);
      return errno == ENOENT || fail (folder, "remove", name, error);
    }
  present = read_file (directory, name);
  return g_strcmp0 (present, text) == 0 || replace_file (directory, name, text)
         || fail (folder, "write", name, error);
}

/* What is referred to comes first and goes last, so that no file ever names one that is not there. */
static gboolean
publish (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpFolder *folder = (DpFolder *)target;
  gint tenant = artifacts->tenant_id;

  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoints[i] != NULL
        && !put (folder, tenant, "endpoints", artifacts->endpoint_names[i], artifacts->endpoints[i], error))
      return FALSE;
  if (!put (folder, tenant, "api", artifacts->api_name, artifacts->api, error))
    return FALSE;
  if (artifacts->default_api != NULL
      && !put (folder, tenant, "api", artifacts->default_name, artifacts->default_api, error))
    return FALSE;
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoints[i] == NULL && artifacts->endpoint_names[i] != NULL
        && !put (folder, tenant, "endpoints", artifacts->endpoint_names[i], NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
take_away (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  DpFolder *folder = (DpFolder *)target;

  if (!put (folder, artifacts->tenant_id, "api", artifacts->api_name, NULL, error))
    return FALSE;
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    if (artifacts->endpoint_names[i] != NULL
        && !put (folder, artifacts->tenant_id, "endpoints", artifacts->endpoint_names[i], NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
take_default_away (DpTarget *target, const DpArtifacts *artifacts, GError **error)
{
  return put ((DpFolder *)target, artifacts->tenant_id, "api", artifacts->default_name, NULL, error);
}

static gboolean
is_current (const DpFolder *folder, const DpArtifacts *artifacts, const char *kind, const char *artifact,
            const char *text)
{
  g_auto (DpFd) directory = open_folder (folder, artifacts->tenant_id, kind, NULL);
  g_autofree char *name = artifact != NULL ? dp_name_file (artifact) : NULL;
  g_autofree char *present = directory >= 0 && name != NULL ? read_file (directory, name) : NULL;

  return g_strcmp0 (present, text) == 0;
}

static gboolean
look (DpTarget *target, const DpArtifacts *artifacts, DpPresence *presence, GError **error)
{
  DpFolder *folder = (DpFolder *)target;
  g_auto (DpFd) directory = open_folder (folder, artifacts->tenant_id, "api", error);
  g_autofree char *name = dp_name_file (artifacts->api_name);
  struct stat info;
  gboolean current;

  if (directory < 0)
    return FALSE;
  if (fstatat (directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    {
      *presence = DP_PRESENCE_MISSING;
      return errno == ENOENT || fail (folder, "look at", name, error);
    }
  current = is_current (folder, artifacts, "api", artifacts->api_name, artifacts->api);
  if (artifacts->default_api != NULL)
    current &= is_current (folder, artifacts, "api", artifacts->default_name, artifacts->default_api);
  for (guint i = 0; i < DP_ARTIFACTS_N_SIDES; i++)
    current
        &= is_current (folder, artifacts, "endpoints", artifacts->endpoint_names[i], artifacts->endpoints[i]);
  *presence = current ? DP_PRESENCE_CURRENT : DP_PRESENCE_OUTDATED;
  return TRUE;
}

static void
folder_free (DpTarget *target)
{
  g_free (((DpFolder *)target)->path);
  g_free (target);
}

DpTarget *
dp_folder_new (const char *path)
{
  static const DpTargetClass class = { publish, take_away, take_default_away, look, folder_free };
  DpFolder *folder = g_new0 (DpFolder, 1);

  folder->target.class = &class;
  folder->path = g_strdup (path);
  return &folder->target;
}
