/* Copies of an embedded SQLite database, and whether a file is whole. docs/sqlite.md explains both.
 * Threads: any; calls block. */
#ifndef ST_BACKUP_H
#define ST_BACKUP_H

#include "store/st-database.h"

G_BEGIN_DECLS

/* Writes what is committed now to the new file @path (mode 0600), while others read and write the database; then reads
 * the copy through and makes it last. Nothing is left at @path when it fails, nor is anything overwritten:
 * ST_ERROR_SETUP when something is there. */
gboolean st_backup (const ApimDataSource *source, const char *path, GError **error);

typedef enum
{
  ST_FILE_NOT_LOOKED_INTO, /* the database was closed in good order: only its header and schema were read */
  ST_FILE_WHOLE,
  ST_FILE_TOO_LARGE, /* ST_FILE_CHECK_MS was not enough; nothing bad was found until then */
} StFileState;

#define ST_FILE_CHECK_MS 10000

/* Before a database is used: one whose last user did not close it (its write-ahead log is still there) is read through
 * (PRAGMA quick_check), for ST_FILE_CHECK_MS at most; another is only opened. FALSE with ST_ERROR_DATA or
 * ST_ERROR_SCHEMA: damaged, and what to do; other errors: it could not be looked into. */
gboolean st_file_check (const ApimDataSource *source, StFileState *state, GError **error);

G_END_DECLS
#endif
