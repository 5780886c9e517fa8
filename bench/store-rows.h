/* The rows of StoreWorld, table by table, in an order that foreign keys allow; values are texts. Threads: pure
 * functions. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "bench/store-world.h"

G_BEGIN_DECLS

#define STORE_ROWS_MAX_COLUMNS 20

typedef struct
{
  const char *values[STORE_ROWS_MAX_COLUMNS];
  guint n;
  char text[2048]; /* what is not constant */
  gsize used;
} StoreRow;

typedef struct
{
  const char *name;
  const char *columns; /* separated by blanks; one that begins with "@" is a time, whose value is in milliseconds */
  guint64 (*count) (const StoreWorld *world);
  void (*fill) (const StoreWorld *world, guint64 number, StoreRow *row);
} StoreTable;

/* Ends with one without a name. */
extern const StoreTable store_tables[];

/* Before the first row is made: what is the time of tokens, which are issued in the hour before it. */
void store_rows_set_now (gint64 now_ms);

G_END_DECLS
#endif
