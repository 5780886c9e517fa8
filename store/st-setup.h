/* What puts something of ours into databases that WSO2's scripts made, and takes it out again, has in common. Private
 * to st-feed-setup.c and st-portal-setup.c. Threads: any; calls block. */
#ifndef ST_SETUP_H
#define ST_SETUP_H

#include "store/st-database.h"

G_BEGIN_DECLS

/* Statements wait this long for those who use the tables. */
#define ST_SETUP_LOCK_WAIT_S 10

typedef struct
{
  char *user; /* as whom statements run: "apim@%" */
  gboolean binary_log;
  gboolean statements; /* it holds statements, not rows */
  gboolean trusts_creators;
  gboolean read_only;
} StSetupServer;

void st_setup_server_clear (StSetupServer *server);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StSetupServer, st_setup_server_clear)

gboolean st_setup_ask_server (StDatabase *database, StSetupServer *server, GError **error);

/* Whether a script still fits what is there now; else an error. */
typedef gboolean (*StSetupCheck) (StDatabase *database, gpointer data, GError **error);

/* Runs @script in a session of its own, whose settings end with it, after @check (nullable). One at a time per server
 * and @lock ("feed"): ST_ERROR_CONFLICT. */
gboolean st_setup_run (StDatabase *database, const char *lock, const char *script, StSetupCheck check, gpointer data,
                       GError **error);

G_END_DECLS
#endif
