/* One folder of synapse files, looked at again and again: which files *.xml are new, changed or gone since the
 * last look (spec/gateway-and-traffic-manager.md 5.2). Reads no content by itself.
 *
 * A file is reported when its stamp (inode, size, times) is another one, and once more when it has been left alone
 * for a second: what was written within one tick of the clock is not missed, and a file that was being written at the
 * first look is judged only at the second. It is gone when two looks, a moment apart, did not find it: editors and
 * copying tools move files away before they put new ones there.
 *
 * Threads: one at a time. */
#ifndef GW_FOLDER_H
#define GW_FOLDER_H

#include <glib.h>

G_BEGIN_DECLS

#define GW_FOLDER_SETTLE_MS 1000 /* left alone for so long, a file is whole */
#define GW_FOLDER_GONE_MS 200    /* not found for so long, a file is gone */

typedef enum
{
  GW_FILE_CHANGED, /* new, or another stamp; perhaps still being written */
  GW_FILE_SETTLED, /* left alone since; its content may have changed once more */
  GW_FILE_GONE,
} GwFileChange;

typedef void (*GwFolderFunc) (const char *file, GwFileChange change, gpointer data);

typedef struct _GwFolder GwFolder;

/* @path: absolute. @max_files: more are not looked at, which is logged. Opens nothing yet. */
GwFolder *gw_folder_new (const char *path, guint max_files);
void gw_folder_free (GwFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwFolder, gw_folder_free)

const char *gw_folder_path (const GwFolder *folder);

/* Calls @changed for every change, in no order; it may call gw_folder_read(). A folder that is missing or cannot be
 * read keeps its files, and is logged once. @now_us: monotonic.
 * Returns: when it should be looked at again (monotonic, us) even if nothing is heard of it; G_MAXINT64: then not. */
gint64 gw_folder_look (GwFolder *folder, gint64 now_us, GwFolderFunc changed, gpointer data);

/* The folder was there at the last look, and no change in it need be told by the kernel: it is on a file system whose
 * other users are other machines. */
gboolean gw_folder_is_remote (const GwFolder *folder);

/* The bytes of a file, (transfer full), ended by a NUL that *length does not count. NULL with G_FILE_ERROR: no
 * regular file, larger than @max bytes, or written to meanwhile. */
char *gw_folder_read (const GwFolder *folder, const char *file, gsize max, gsize *length, GError **error);

G_END_DECLS
#endif
