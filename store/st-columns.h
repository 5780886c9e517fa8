/* What writes of rows share: texts checked against the columns that will hold them, values bound in a row, one row
 * asked for.
 *
 * MySQL without strict mode cuts a text that is too long, and writes "?" for a character that the column's character
 * set lacks, both in silence; so both are refused here, before. Widths and character sets are read from the database,
 * because they differ between releases and after migrations (spec/databases.md 2.1, 4, 12). Threads: one per writer. */
#ifndef ST_COLUMNS_H
#define ST_COLUMNS_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* The present moment in each dialect: SQLite holds milliseconds since the epoch, MySQL a TIMESTAMP in the server's time
 * zone, which is how WSO2 writes AM_* times (spec/databases.md 4.6). */
#define ST_NOW_SQLITE "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define ST_NOW_MYSQL "CURRENT_TIMESTAMP"

/* A read that decides about a write. MySQL locks the rows until the end of the transaction; SQLite has one writer
 * anyway. */
#define ST_LOCKING(select) \
  { select, select " FOR UPDATE" }

/* Widths and character sets of one table's text columns. */
typedef struct _StColumns StColumns;

/* NULL with ST_ERROR. SQLite columns have neither: the limits that the caller names hold there, those of 2.6. */
StColumns *st_columns_read (StWriter *writer, const char *table, GError **error);
void st_columns_free (StColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StColumns, st_columns_free)

typedef enum
{
  ST_TEXT_OPTIONAL, /* may be NULL or empty */
  ST_TEXT_REQUIRED, /* neither */
} StTextNeed;

typedef struct
{
  const char *column;
  const char *text; /* (nullable) */
  guint limit;      /* characters; where the database has no width of its own */
  StTextNeed need;
} StText;

/* ST_ERROR_DATA that names the column and its limit, never the text: missing, not UTF-8, too long, or with a character
 * that the column cannot hold. */
gboolean st_columns_check (const StColumns *columns, const StText *texts, guint n_texts, GError **error);

/* The same for one table at once. */
gboolean st_columns_check_row (StWriter *writer, const char *table, const StText *texts, guint n_texts, GError **error);

/* Binds values from *@at on, which is moved. @types: a letter per value: "s" const char * (nullable), "i" gint64, which
 * every integer has to be cast to. @query: (nullable): nothing is done. */
void st_query_bind (StQuery *query, guint *at, const char *types, ...);
void st_query_bind_valist (StQuery *query, guint *at, const char *types, va_list values);

/* A statement that returns no rows, with all its values. */
gboolean st_writer_execute (StWriter *writer, const StStatement *statement, GError **error, const char *types, ...);

/* ST_ERROR_CONFLICT: "there is no <what> <id>". Always FALSE. */
gboolean st_writer_fail_missing (const char *what, gint64 id, GError **error);

G_END_DECLS
#endif
