/* ChangeLog: what a change feed told, as text. Threads: one. */
#ifndef CHANGE_LOG_H
#define CHANGE_LOG_H

#include "store/st-change-feed.h"

G_BEGIN_DECLS

typedef struct
{
  StChangeFeed *feed;
  gint64 position;
  GPtrArray *lines; /* "kind subject", "kind" without one */
} ChangeLog;

/* A feed of @database, started behind a row of the log's own. */
ChangeLog *change_log_new (StDatabase *database);
void change_log_free (ChangeLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChangeLog, change_log_free)

/* Reads all there is, @limit rows at a time, and adds it to the lines. */
void change_log_read (ChangeLog *log, guint limit);
/* Reads, and returns all lines sorted and joined by ", "; then there are none. Free with g_free(). */
char *change_log_take (ChangeLog *log);

G_END_DECLS
#endif
