/* Bodies of requests that carry files (multipart/form-data, RFC 7578), and files that answers are saved to.
 * Threads: any. */
#ifndef CTL_UPLOAD_H
#define CTL_UPLOAD_H

#include <glib.h>

G_BEGIN_DECLS

/* What is larger is not sent. */
#define CTL_UPLOAD_MAX_BYTES (64u * 1024 * 1024)

/* One part of text. @type: (out): the body's content type; free with g_free(). */
GBytes *ctl_upload_field (const char *name, const char *text, char **type);
/* One part with the file at @path. NULL with CTL_ERROR_USAGE: not readable, or too large. */
GBytes *ctl_upload_file (const char *name, const char *path, char **type, GError **error);

/* Writes @bytes to @path, whole or not at all; "-" is stdout. FALSE with CTL_ERROR_FAILED. */
gboolean ctl_upload_save (const char *path, const GByteArray *bytes, GError **error);

G_END_DECLS
#endif
