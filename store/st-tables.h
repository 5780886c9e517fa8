/* StTables: which tables and columns a database has, where a flag (st-capabilities.h) would say too little.
 * Threads: any; reading blocks. */
#ifndef ST_TABLES_H
#define ST_TABLES_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef struct _StTables StTables;

/* Of the whole database. NULL with ST_ERROR. */
StTables *st_tables_read (StDatabase *database, gint64 deadline_us, GError **error);
/* None, and one by one; names in any case. */
StTables *st_tables_new (void);
void st_tables_add (StTables *tables, const char *table, const char *column);
void st_tables_free (StTables *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StTables, st_tables_free)

/* @table, @column: in upper case. @column: NULL: whether the table is there. */
gboolean st_tables_have (const StTables *tables, const char *table, const char *column);

/* @table: in upper case. The name as the server writes it; NULL: it is not there. */
const char *st_tables_name (const StTables *tables, const char *table);
/* (element-type utf8): of all tables, as they are written, in no order; borrowed from @tables. */
GPtrArray *st_tables_names (const StTables *tables);

G_END_DECLS
#endif
