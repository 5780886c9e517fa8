/* Putting our own tables into databases that WSO2's scripts made, and taking them out again: what a Publisher and a
 * Store of ours keep beside AM_* (descriptions, endpoints, documents of APIs and more), and what the nodes of a cluster
 * tell each other (ended sessions, used assertions). Everything else of the database stays as it is: its tables get no
 * column, and no trigger.
 *
 * Which tables they are, the migrations say: every CREATE TABLE of an APIM_ table but the change feed's
 * (st-feed-setup.h). Only MySQL and MariaDB; a database that we migrated has them from its schema. Threads: any; calls
 * block. */
#ifndef ST_PORTAL_SETUP_H
#define ST_PORTAL_SETUP_H

#include "store/st-schema.h"

G_BEGIN_DECLS

typedef enum
{
  ST_PORTAL_ABSENT, /* none of the tables is there */
  ST_PORTAL_HALF,   /* some are: broken off, or this program has more of them than the one that made them */
  ST_PORTAL_INSTALLED,
} StPortalState;

/* "absent", "half", "installed". */
const char *st_portal_state_text (StPortalState state);

typedef struct
{
  StPortalState state;
  gboolean ours;  /* db migrate made the database: the tables are part of its schema */
  guint n_wanted; /* tables that it takes */
  guint n_right;  /* of them, those that are there, with all their columns */
  guint n_found;  /* those that are there in whatever shape */
  gint64 apis;    /* rows in them: descriptions, endpoints and so on of APIs */
  gint64 documents;
  gint64 pictures;
} StPortalReport;

/* What is there. @parts: a set of ST_SCHEMA_BIT(); ST_ERROR_SCHEMA when a part's tables of WSO2 are not there. */
gboolean st_portal_inspect (StDatabase *database, guint parts, gint64 deadline_us, StPortalReport *report,
                            GError **error);

/* The statements that make what is missing, each ended as st_transaction_script() reads it; "" when nothing is. NULL
 * with ST_ERROR_SCHEMA where there must be none of them (a database of ours, 3.0 or newer) and ST_ERROR_SETUP where the
 * server is read-only, or a table is there in a shape that this program does not know. Free with g_free(). */
char *st_portal_install_script (StDatabase *database, guint parts, GError **error);
/* The statements that leave none of them, with all that is in them. */
char *st_portal_remove_script (StDatabase *database, guint parts, GError **error);

/* What one should know before installing: the rights that it takes, and those that nodes need. Free with g_free(). */
char *st_portal_advice (StDatabase *database, GError **error);

/* Runs a script of the two above, one at a time per server. An installation that fails where there was none of the
 * tables is taken out again, if the database still answers. Statements wait at most 10 s for those who use WSO2's. */
gboolean st_portal_install (StDatabase *database, guint parts, const char *script, GError **error);
gboolean st_portal_remove (StDatabase *database, const char *script, GError **error);

G_END_DECLS
#endif
