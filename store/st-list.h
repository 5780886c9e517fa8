/* Lists for people: rows in an order, a page of them, and how many there are in all
 * (spec/publisher-store-workflows.md 11: limit and offset). Within an operation of StWriter. Threads: as
 * StWriter. */
#ifndef ST_LIST_H
#define ST_LIST_H

#include "store/st-writer.h"

G_BEGIN_DECLS

/* Rows that are skipped, and those that follow them. A page of 0 rows only counts. */
typedef struct
{
  guint offset;
  guint limit;
} StPage;

/* Times in lists are milliseconds since the epoch; 0: NULL, or a zero date of MySQL. */
#define ST_LIST_TIME_MYSQL(column) "UNIX_TIMESTAMP(" column ") * 1000"

/* The parts of a SELECT; texts need not be static. */
typedef struct
{
  const char *sqlite; /* the columns */
  const char *mysql;  /* the columns; NULL: the same */
  const char *from;   /* "table t JOIN ... WHERE ...", whose parameters the values are */
  const char *order;  /* column names; ends with one that is unique, so that pages do not overlap */
} StList;

/* What is made of a row: (transfer full), never NULL. */
typedef gpointer (*StListRow) (StQuery *query, gpointer data);

/* Adds what @row makes of each row to @rows. @page: NULL: all rows. *total: (out) (optional): rows without
 * regard to the page. @types and what follows: values, as st_query_bind(). */
gboolean st_list_read (StWriter *writer, const StList *list, const StPage *page, StListRow row, gpointer data,
                       GPtrArray *rows, gint64 *total, GError **error, const char *types, ...);

/* The pattern for LIKE ... ESCAPE '!' that finds @text anywhere. Free with g_free(). */
char *st_list_pattern (const char *text);

G_END_DECLS
#endif
