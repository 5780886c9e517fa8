/* Folders of files that several processes share: those from which gateways read what they serve
 * (spec/gateway-and-traffic-manager.md 5.2). Who writes, and who reads, may be on other machines.
 *
 * A file appears or changes whole: it is written beside, synced and renamed. Nothing outside the folder is ever touched,
 * whatever an artifact is called, and symbolic links below it are not followed.
 * Threads: any; calls block on the disk. */
#ifndef APIM_FOLDER_H
#define APIM_FOLDER_H

#include <glib.h>

G_BEGIN_DECLS

/* A descriptor that closes itself. */
typedef int ApimFd;
void apim_fd_close (int *fd);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ApimFd, apim_fd_close)

/* The file of the artifact @name: "admin--Weather:v1.0.0" is in "admin--Weather_v1.0.0.xml". Never holds a separator, and
 * is never hidden. Free with g_free(). */
char *apim_folder_file_name (const char *name);

/* The folder @relative below @top, which must exist: it may be a file system that is not mounted. What is missing below
 * it is made. -1 with errno. */
int apim_folder_open (const char *top, const char *relative);

/* What the file @name of the open folder holds, (transfer full), ended by a NUL. NULL with errno: there is none, no
 * regular one, or it is larger than @max bytes (EFBIG). @length: (out) (optional). */
char *apim_folder_read (int folder, const char *name, gsize max, gsize *length);

/* Puts a file of mode 0640 there. FALSE with errno: nothing has changed. */
gboolean apim_folder_replace (int folder, const char *name, const char *text, gsize length);

/* Nothing there: done. FALSE with errno. */
gboolean apim_folder_remove (int folder, const char *name);

G_END_DECLS
#endif
