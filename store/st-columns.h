/* StColumns: which tables and columns a database has, where a flag (st-capabilities.h) would say too little.
 * Threads: any; reading blocks. */
#ifndef ST_COLUMNS_H
#define ST_COLUMNS_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef struct _StColumns StColumns;

/* Of the whole database. NULL with ST_ERROR. */
StColumns *st_columns_read (StDatabase *database, gint64 deadline_us, GError **error);
/* None, and one by one; names in any case. */
StColumns *st_columns_new (void);
void st_columns_add (StColumns *columns, const char *table, const char *column);
void st_columns_free (StColumns *columns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StColumns, st_columns_free)

/* @table, @column: in upper case. @column: NULL: whether the table is there. */
gboolean st_columns_have (const StColumns *columns, const char *table, const char *column);

/* (element-type utf8): the suffixes ("_X", as they are written) of the partitions IDN_OAUTH2_ACCESS_TOKEN_X of the
 * token table (spec/databases.md 3.3), sorted; borrowed from @columns. The tables of scopes and of old tokens are none.
 */
GPtrArray *st_columns_partitions (const StColumns *columns);

G_END_DECLS
#endif
