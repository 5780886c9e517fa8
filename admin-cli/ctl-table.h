/* Rows of text. On a terminal: headers and aligned columns; elsewhere one line per row, columns separated by one
 * tab, no headers.
 * Threads: one. */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <glib.h>

G_BEGIN_DECLS

typedef struct _CtlTable CtlTable;

/* @header: column names, NULL-terminated. The first may be "" to have no header line at all. */
CtlTable *ctl_table_new (const char *header, ...) G_GNUC_NULL_TERMINATED;
void ctl_table_free (CtlTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlTable, ctl_table_free)

/* As many texts as there are columns; NULL is an empty cell. */
void ctl_table_add (CtlTable *table, const char *first, ...);

/* Likewise, from an array of @n_columns texts. */
void ctl_table_add_row (CtlTable *table, const char *const *cells);
/* A table without columns, to which columns are added before rows are. */
CtlTable *ctl_table_new_empty (void);
void ctl_table_add_column (CtlTable *table, const char *header);

/* A copy with the columns that @columns names, separated by commas, in that order and whatever their case; NULL: with
 * the first only. Returns: (transfer full): NULL with CTL_ERROR_USAGE for a column that is not there. */
CtlTable *ctl_table_select (const CtlTable *table, const char *columns, GError **error);

/* @terminal: aligned, with headers; @color: headers stand out. Free with g_free(). */
char *ctl_table_render (const CtlTable *table, gboolean terminal, gboolean color);

G_END_DECLS
#endif
