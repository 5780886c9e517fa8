#include "config.h"
#include "gateway/gw-folder.h"

#include "common/apim-log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* By which a change of a file is seen. */
typedef struct
{
  dev_t device;
  ino_t inode;
  off_t size;
  struct timespec modified, changed;
} Stamp;

typedef struct
{
  Stamp stamp;
  gint64 changed_us; /* when the stamp was first seen */
  gint64 missing_us; /* when it was first not found; 0: it is there */
  gboolean settled;
  guint64 look; /* that found it last */
} Entry;

struct _GwFolder
{
  char *path;
  guint max_files;
  GHashTable *entries; /* file -> Entry; owns both */
  guint64 looks;
  gboolean unreadable, too_many; /* as logged */
  gboolean remote;
};

GwFolder *
gw_folder_new (const char *path, guint max_files)
{
  GwFolder *folder = g_new0 (GwFolder, 1);

  folder->path = g_strdup (path);
  folder->max_files = max_files;
  folder->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return folder;
}

void
gw_folder_free (GwFolder *folder)
{
  g_hash_table_unref (folder->entries);
  g_free (folder->path);
  g_free (folder);
}

const char *
gw_folder_path (const GwFolder *folder)
{
  return folder->path;
}

gboolean
gw_folder_is_remote (const GwFolder *folder)
{
  return folder->remote;
}

/* The magic numbers are those of statfs(2). */
static gboolean
is_remote (int fd)
{
  static const guint32 magics[] = {
    0x6969,     /* NFS */
    0x517b,     /* SMB */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB 2 */
    0x65735546, /* FUSE: GlusterFS, s3fs, shared folders of virtual machines */
    0x01021997, /* 9P */
    0x00c36400, /* Ceph */
    0x5346414f, /* AFS */
    0x0bd00bd0, /* Lustre */
    0x786f4256, /* VirtualBox */
  };
  struct statfs info;

  if (fstatfs (fd, &info) != 0)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (magics); i++)
    if ((guint32)info.f_type == magics[i])
      return TRUE;
  return FALSE;
}

static Stamp
stamp_of (const struct stat *info)
{
  return (Stamp){ info->st_dev, info->st_ino, info->st_size, info->st_mtim, info->st_ctim };
}

static gboolean
is_same_time (struct timespec a, struct timespec b)
{
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static gboolean
is_same (const Stamp *a, const Stamp *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size
         && is_same_time (a->modified, b->modified) && is_same_time (a->changed, b->changed);
}

static gboolean
counts (const char *name)
{
  return *name != '.' && g_str_has_suffix (name, ".xml");
}

static GwFileChange
update (Entry *entry, const Stamp *stamp, gint64 now_us, gboolean *changed)
{
  *changed = TRUE;
  entry->missing_us = 0;
  if (!is_same (&entry->stamp, stamp))
    {
      entry->stamp = *stamp;
      entry->changed_us = now_us;
      entry->settled = FALSE;
      return GW_FILE_CHANGED;
    }
  *changed = !entry->settled && now_us - entry->changed_us >= GW_FOLDER_SETTLE_MS * 1000;
  entry->settled |= *changed;
  return GW_FILE_SETTLED;
}

static void
look_at_file (GwFolder *folder, int directory, const char *name, gint64 now_us, GwFolderFunc changed,
              gpointer data)
{
  Entry *entry = g_hash_table_lookup (folder->entries, name);
  struct stat info;
  Stamp stamp;
  GwFileChange change;
  gboolean is_change;

  if (fstatat (directory, name, &info, 0) != 0)
    {
      /* A link into nowhere counts as not found; an error of the disk says nothing of the file. */
      if (entry != NULL && errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
        entry->look = folder->looks;
      return;
    }
  if (!S_ISREG (info.st_mode))
    return;
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      g_hash_table_insert (folder->entries, g_strdup (name), entry);
    }
  stamp = stamp_of (&info);
  entry->look = folder->looks;
  change = update (entry, &stamp, now_us, &is_change);
  if (is_change)
    changed (name, change, data);
}

/* After all files were looked at. */
static gint64
look_for_gone (GwFolder *folder, gint64 now_us, GwFolderFunc changed, gpointer data)
{
  gint64 next_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, folder->entries);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Entry *entry = value;

      if (entry->look == folder->looks)
        {
          if (!entry->settled)
            next_us = MIN (next_us, entry->changed_us + GW_FOLDER_SETTLE_MS * 1000);
          continue;
        }
      if (entry->missing_us == 0)
        entry->missing_us = now_us;
      if (now_us - entry->missing_us < GW_FOLDER_GONE_MS * 1000)
        next_us = MIN (next_us, entry->missing_us + GW_FOLDER_GONE_MS * 1000);
      else
        {
          changed (key, GW_FILE_GONE, data);
          g_hash_table_iter_remove (&iter);
        }
    }
  return next_us;
}

/* A folder that never had a file may be missing: most tenants have no sequences. */
static gint64
keep_all (GwFolder *folder, int why)
{
  if (!folder->unreadable && (why != ENOENT || g_hash_table_size (folder->entries) > 0))
    {
      folder->unreadable = TRUE;
      apim_warning ("gateway", "%s cannot be read (%s): what was deployed from it goes on as it is", folder->path,
                    g_strerror (why));
    }
  return G_MAXINT64;
}

static gboolean
may_look (GwFolder *folder, const char *name, guint *n)
{
  if (!counts (name))
    return FALSE;
  if (++*n <= folder->max_files)
    return TRUE;
  if (!folder->too_many)
    apim_warning ("gateway", "%s has more than %u files; those beyond are not served", folder->path,
                  folder->max_files);
  folder->too_many = TRUE;
  return FALSE;
}

gint64
gw_folder_look (GwFolder *folder, gint64 now_us, GwFolderFunc changed, gpointer data)
{
  DIR *directory = opendir (folder->path);
  struct dirent *file;
  guint n = 0;
  int why;

  if (directory == NULL)
    return keep_all (folder, errno);
  folder->remote = is_remote (dirfd (directory));
  folder->looks++;
  while (errno = 0, (file = readdir (directory)) != NULL)
    if (may_look (folder, file->d_name, &n))
      look_at_file (folder, dirfd (directory), file->d_name, now_us, changed, data);
  why = errno;
  folder->too_many = n > folder->max_files;
  closedir (directory);
  if (why != 0)
    return keep_all (folder, why);
  if (folder->unreadable)
    apim_info ("gateway", "%s can be read again", folder->path);
  folder->unreadable = FALSE;
  return look_for_gone (folder, now_us, changed, data);
}

static char *
fail (const GwFolder *folder, const char *file, const char *why, GError **error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s/%s: %s", folder->path, file, why);
  return NULL;
}

/* *length: of the file, as it was opened. FALSE with errno, or 0: it has become shorter. */
static gboolean
read_all (int fd, char *bytes, gsize length)
{
  for (gsize done = 0; done < length;)
    {
      gssize n = read (fd, bytes + done, length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          errno = n == 0 ? 0 : errno;
          return FALSE;
        }
      done += (gsize)n;
    }
  return TRUE;
}

static char *
read_open (const GwFolder *folder, const char *file, int fd, gsize max, gsize *length, GError **error)
{
  g_autofree char *bytes = NULL;
  struct stat before, after;
  Stamp stamp_before, stamp_after;

  if (fstat (fd, &before) != 0)
    return fail (folder, file, g_strerror (errno), error);
  if (!S_ISREG (before.st_mode))
    return fail (folder, file, "is no file", error);
  if ((guint64)before.st_size > max)
    return fail (folder, file, "is too large", error);
  bytes = g_malloc ((gsize)before.st_size + 1);
  if (!read_all (fd, bytes, (gsize)before.st_size) || fstat (fd, &after) != 0)
    return fail (folder, file, errno != 0 ? g_strerror (errno) : "became shorter while it was read", error);
  stamp_before = stamp_of (&before);
  stamp_after = stamp_of (&after);
  if (!is_same (&stamp_before, &stamp_after))
    return fail (folder, file, "changed while it was read", error);
  bytes[before.st_size] = '\0';
  *length = (gsize)before.st_size;
  return g_steal_pointer (&bytes);
}

char *
gw_folder_read (const GwFolder *folder, const char *file, gsize max, gsize *length, GError **error)
{
  g_autofree char *path = g_build_filename (folder->path, file, NULL);
  /* A pipe of that name must not hold us up. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char *bytes;

  if (fd < 0)
    return fail (folder, file, g_strerror (errno), error);
  bytes = read_open (folder, file, fd, max, length, error);
  close (fd);
  return bytes;
}
