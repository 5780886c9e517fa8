/* The node's log: one line per event on stderr, "TIME LEVEL area: text", UTC.
 * Never pass a token, password, secret or session id: log what it belongs to instead (architecture 8).
 * Control characters in the text are escaped, so that a peer cannot forge a line.
 * Threads: every function may be called from any thread. */
#ifndef APIM_LOG_H
#define APIM_LOG_H

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  APIM_LOG_ERROR,   /* the node cannot do its job; somebody should act */
  APIM_LOG_WARNING, /* something is wrong, the node goes on */
  APIM_LOG_INFO,    /* what the node does: start, stop, reload */
  APIM_LOG_DEBUG,   /* off by default */
} ApimLogLevel;

/* Lines above @level are dropped. Default: APIM_LOG_INFO. */
void apim_log_set_level (ApimLogLevel level);

/* @area: the folder or role the line comes from ("net", "store", "keyvalidator"). */
void apim_log (ApimLogLevel level, const char *area, const char *format, ...) G_GNUC_PRINTF (3, 4);

#define apim_error(area, ...) apim_log (APIM_LOG_ERROR, area, __VA_ARGS__)
#define apim_warning(area, ...) apim_log (APIM_LOG_WARNING, area, __VA_ARGS__)
#define apim_info(area, ...) apim_log (APIM_LOG_INFO, area, __VA_ARGS__)
#define apim_debug(area, ...) apim_log (APIM_LOG_DEBUG, area, __VA_ARGS__)

/* One kind of event that an outsider can cause at will: at most one line every 10 seconds, which says how many
 * were left out since. Static storage, initialised with { 0 }. */
typedef struct
{
  gint64 next_us;   /* monotonic; no line before this */
  guint64 left_out; /* events since the last line */
} ApimLogGate;

void apim_log_limited (ApimLogGate *gate, ApimLogLevel level, const char *area, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

G_END_DECLS
#endif
