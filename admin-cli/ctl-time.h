/* Moments as servers write them, as people and pipes read them. Threads: any. */
#ifndef CTL_TIME_H
#define CTL_TIME_H

#include <glib.h>

G_BEGIN_DECLS

/* @text: RFC 3339 or milliseconds since 1970, with @now_s (seconds since 1970) as the present. On a terminal "3 h ago",
 * else RFC 3339 in UTC. What is no time stays as it is. Free with g_free(). */
char *ctl_time_display (const char *text, gboolean terminal, gint64 now_s);

/* "3 h", "2 days": the larger two units are enough. @seconds: not negative. Free with g_free(). */
char *ctl_time_span (gint64 seconds);

G_END_DECLS
#endif
