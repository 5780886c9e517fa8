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

/* Free with g_free(). */
char *ctl_table_render (const CtlTable *table, gboolean terminal);

G_END_DECLS
#endif
