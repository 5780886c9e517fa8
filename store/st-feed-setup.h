/* Putting the change feed (st-change-feed.h) into a database that WSO2's scripts made, and taking it out again: one
 * table, APIM_CHANGE_FEED, and triggers that write it. Everything else of the database stays as it is. What is
 * installed is compared with what the database and this program need now, trigger by trigger, so there is no version to
 * keep.
 *
 * Taking out, and putting right, first renames the column ID of the table: whoever follows the feed cannot read it from
 * then on, while the triggers can still write it. So no change is lost to a node that believes in the feed.
 *
 * Only MySQL and MariaDB; a database that we migrated has its feed from its schema (decisions.md 7).
 * Threads: any; calls block. */
#ifndef ST_FEED_SETUP_H
#define ST_FEED_SETUP_H

#include "store/st-schema.h"

G_BEGIN_DECLS

typedef enum
{
  ST_FEED_ABSENT,    /* neither the table nor a trigger is there */
  ST_FEED_HALF,      /* something is missing: broken off, or a table came later */
  ST_FEED_OUTDATED,  /* all is there, but tables or this program have changed since */
  ST_FEED_INSTALLED,
} StFeedState;

/* "absent", "half", "outdated", "installed". */
const char *st_feed_state_text (StFeedState state);

typedef struct
{
  StFeedState state;
  gboolean ours;     /* db migrate made the database: the feed is part of its schema */
  guint n_wanted;    /* triggers that it takes */
  guint n_right;     /* of them, those that are there as they should be */
  guint n_different; /* ... those that are there in another form */
  guint n_found;     /* triggers of a feed that are there, right or wrong */
} StFeedReport;

/* What is there. @parts: a set of ST_SCHEMA_BIT(); ST_ERROR_SCHEMA when a part's tables are not there. */
gboolean st_feed_inspect (StDatabase *database, guint parts, gint64 deadline_us, StFeedReport *report, GError **error);

/* Whether neither the table nor a trigger of a feed is there. */
gboolean st_feed_is_absent (StDatabase *database, gint64 deadline_us, gboolean *absent, GError **error);

typedef struct
{
  gint64 rows;     /* in the table */
  gint64 oldest_s; /* how old the oldest is; -1: there is none */
  gint64 newest_s; /* since the last change */
  char *definer;   /* (nullable): the account whose rights the triggers have; free with g_free() */
} StFeedFigures;

/* Only of a feed that is there. */
gboolean st_feed_measure (StDatabase *database, gint64 deadline_us, StFeedFigures *figures, GError **error);

/* The statements that make the feed whole, each ended as st_transaction_script() reads it; "" when nothing is to be
 * done. With leftovers or older triggers they first take out what is there. NULL with ST_ERROR_SCHEMA where there must
 * be no feed (a database of ours, 3.0 or newer) and ST_ERROR_SETUP where the server does not allow one (read-only,
 * statement-based binary log). Free with g_free(). */
char *st_feed_install_script (StDatabase *database, guint parts, GError **error);
/* The statements that leave nothing of the feed. */
char *st_feed_remove_script (StDatabase *database, GError **error);

/* What one should know before: the account that the triggers will run as, and what it needs. Free with g_free(). */
char *st_feed_advice (StDatabase *database, GError **error);

/* Runs a script of the two above, one at a time per server. An installation that fails where there was no feed is taken
 * out again, if the database still answers. Statements wait at most 10 s for those who use the tables. */
gboolean st_feed_install (StDatabase *database, const char *script, GError **error);
gboolean st_feed_remove (StDatabase *database, const char *script, GError **error);

G_END_DECLS
#endif
