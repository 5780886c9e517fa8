/* Waits until something happens in any of a set of folders, with inotify(7). Folders that are missing are waited for:
 * each folder on the way to one is watched as well, so that one that is mounted, made, renamed or linked anew is
 * noticed. Says only that something happened, not what: the one who waits looks by itself.
 *
 * Threads: one; gw_watch_wake() from any. */
#ifndef GW_WATCH_H
#define GW_WATCH_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GwWatch GwWatch;

/* NULL with G_FILE_ERROR. */
GwWatch *gw_watch_new (GError **error);
void gw_watch_free (GwWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwWatch, gw_watch_free)

/* Watches @path, and what is on the way to it from @top, an absolute folder above it. Call it again before every look:
 * what has been there before costs a system call each, and what has come since is found. FALSE: the kernel has no room
 * for it (fs.inotify.max_user_watches), or does not watch this file system. */
gboolean gw_watch_folder (GwWatch *watch, const char *top, const char *path);

/* Until something happened since the last gw_watch_wait(), gw_watch_wake(), or for @timeout_ms (-1: for ever).
 * Returns: FALSE: nothing happened. */
gboolean gw_watch_wait (GwWatch *watch, int timeout_ms);

/* Ends a wait, or the next one. */
void gw_watch_wake (GwWatch *watch);

G_END_DECLS
#endif
