/* CoreZip: a zip archive in memory, as strangers send it and as we write it.
 *
 * Read by libarchive from the archive's central directory, into names and bytes: nothing is ever unpacked to
 * disk. Refused, with the entry's name: names that are absolute, lead upwards (compared by whole components)
 * or hold a backslash, a drive letter, a control character or bytes that are not UTF-8; links and everything
 * else that is no file or folder; a second entry of one name, case ignored; encrypted and damaged ones; and
 * whatever is over a limit.
 *
 * Written in the order of names with one fixed time, so that the same content gives the same bytes, whenever
 * and in whatever time zone. Fuzz target: tests/fuzz/fuzz-archive.c. Threads: one per archive. */
#ifndef CORE_ZIP_H
#define CORE_ZIP_H

#include <glib.h>

G_BEGIN_DECLS

#define CORE_ZIP_MAX_ENTRIES 4096
#define CORE_ZIP_MAX_NAME 1024                /* bytes */
#define CORE_ZIP_MAX_TOTAL (64 * 1024 * 1024) /* bytes of all files together */
/* Bytes of all files for each byte of the archive, past the first megabyte. Text shrinks to a tenth, rarely
 * to less. */
#define CORE_ZIP_MAX_RATIO 100

#define CORE_ZIP_ERROR (core_zip_error_quark ())
GQuark core_zip_error_quark (void);
typedef enum
{
  CORE_ZIP_ERROR_INVALID, /* not an archive that is taken; the message names the entry, or the limit */
} CoreZipError;

typedef struct _CoreZip CoreZip;

CoreZip *core_zip_new (void);
void core_zip_free (CoreZip *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CoreZip, core_zip_free)

/* Returns: (transfer full): NULL with CORE_ZIP_ERROR. */
CoreZip *core_zip_read (const void *bytes, gsize length, GError **error);

/* The file @name; NULL: there is none. (transfer none) */
GBytes *core_zip_lookup (const CoreZip *zip, const char *name);
/* The names of all files, sorted by bytes. NULL-terminated; free with g_free() (the texts are the archive's).
 */
const char **core_zip_names (const CoreZip *zip);

/* Adds or replaces a file. FALSE with CORE_ZIP_ERROR: such a name would not be read again. */
gboolean core_zip_add (CoreZip *zip, const char *name, GBytes *bytes, GError **error);
/* Returns: (transfer full): the archive. NULL with CORE_ZIP_ERROR. */
GBytes *core_zip_write (const CoreZip *zip, GError **error);

G_END_DECLS
#endif
