/* StTokenTables: the tables that hold access tokens: IDN_OAUTH2_ACCESS_TOKEN, and its partitions
 * IDN_OAUTH2_ACCESS_TOKEN_<X> for users of secondary user stores (spec/databases.md 3.3). What a partition is, is
 * decided here and nowhere else. Immutable and reference counted. Threads: any; st_token_tables_get() blocks. */
#ifndef ST_TOKEN_TABLES_H
#define ST_TOKEN_TABLES_H

#include "store/st-tables.h"

G_BEGIN_DECLS

#define ST_TOKEN_TABLE "IDN_OAUTH2_ACCESS_TOKEN"
#define ST_TOKEN_SCOPE_TABLE ST_TOKEN_TABLE "_SCOPE"

typedef struct
{
  char *name;         /* as the server writes it; of letters, digits and "_" */
  char *scope_table;  /* of the tokens that have ids: a partition's own if there is one, else the main table's */
  guint capabilities; /* ST_CAP_TOKEN_IDS, ST_CAP_TOKEN_HASH: of this table */
  gboolean partition; /* holds tokens of secondary user stores only */
} StTokenTable;

typedef struct
{
  guint n;
  StTokenTable *tables; /* the main one, then the partitions by name */
} StTokenTables;

/* What follows IDN_OAUTH2_ACCESS_TOKEN in the name of a partition: "_X" as it is written; NULL: by its name @table is
 * none. @table: in any case. The tables of scopes and of old tokens are none. */
const char *st_token_partition_suffix (const char *table);

/* The columns that @table (upper case) lacks to be one of tokens, joined by ", "; NULL: none. Free with g_free(). */
char *st_token_table_lacks (const StTables *tables, const char *table);

/* (element-type utf8): the suffixes of the partitions, as they are written, sorted; borrowed from @tables. A table
 * that looks like a partition by its name only, and lacks columns, is none. */
GPtrArray *st_token_partitions (const StTables *tables);

/* ST_ERROR_SCHEMA where there are more partitions than anybody has. */
StTokenTables *st_token_tables_new (const StTables *tables, GError **error);
/* Those of @database, read once and remembered until st_token_tables_forget(). */
StTokenTables *st_token_tables_get (StDatabase *database, gint64 deadline_us, GError **error);
void st_token_tables_forget (StDatabase *database);
void st_token_tables_unref (StTokenTables *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StTokenTables, st_token_tables_unref)

/* NULL: there is none of this name (any more). */
const StTokenTable *st_token_tables_find (const StTokenTables *tables, const char *name);

/* @statement, which names the main table and that of its scopes, about @table. */
const StStatement *st_token_table_statement (const StTokenTable *table, const StStatement *statement);

G_END_DECLS
#endif
