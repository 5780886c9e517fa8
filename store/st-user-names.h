/* How user names are compared and searched for (spec/databases.md 6.2): without case where the settings say so. A
 * column whose collation folds case is searched with its index; another one needs LOWER() on both sides, which reads
 * every row of the tenant. Collations fold more than case, so what is found is compared again in C. SQLite folds ASCII
 * letters only: there a name with others must be written as it is stored. Private to store/. Threads: any. */
#ifndef ST_USER_NAMES_H
#define ST_USER_NAMES_H

#include "store/st-database.h"

G_BEGIN_DECLS

typedef enum
{
  ST_NAMES_UNKNOWN, /* not asked yet */
  ST_NAMES_DIRECT,  /* "=" finds every name that may be meant */
  ST_NAMES_LOWER,   /* only LOWER() does */
} StNameSearch;

/* Asks the database for the collations of its user names. ST_ERROR_SCHEMA where there are no user tables. */
gboolean st_user_names_search (StDatabase *database, gboolean fold_case, gint64 deadline_us, StNameSearch *search,
                               GError **error);

/* @a: nullable, equal to nothing. */
gboolean st_user_names_equal (const char *a, const char *b, gboolean fold_case);

G_END_DECLS
#endif
