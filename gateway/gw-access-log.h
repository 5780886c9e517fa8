/* One line for each call: in the combined form of Apache and nginx, or as JSON.
 *
 * Tokens never come into it: the value of access_token in a query (RFC 6750 2.3), of the call or of its Referer, is
 * replaced by "***"; no other header is written. Whatever is no printable ASCII is escaped, so that no client forges a
 * line or a member.
 *
 * Workers put their lines into a ring of their own; a thread writes them to the file ten times a second. A disk that does
 * not keep up costs lines, which are counted, and never holds a call up.
 *
 * Threads: a worker writes by itself, without locks and without allocation; the rest on the main thread. */
#ifndef GW_ACCESS_LOG_H
#define GW_ACCESS_LOG_H

#include <glib.h>

G_BEGIN_DECLS

#define GW_ACCESS_LOG_RING (1024 * 1024) /* bytes that wait, of each worker */
#define GW_ACCESS_LOG_MAX_TEXT 2048      /* bytes of a target, a Referer, a User-Agent; the rest is cut off */

typedef enum
{
  GW_ACCESS_LOG_COMBINED,
  GW_ACCESS_LOG_JSON,
} GwAccessLogForm;

/* A text that need not be terminated. text NULL: there is none. */
typedef struct
{
  const char *text;
  gsize length;
} GwAccessText;

/* A call that is over. Nothing of it need live longer than gw_access_log_write(). */
typedef struct
{
  gint64 wall_ms; /* when its head was read */
  const char *peer;
  GwAccessText user;                   /* who the token stands for */
  GwAccessText method, target, version; /* of the request line: "GET", "/a?b", "HTTP/1.1" */
  GwAccessText referer, user_agent, host;
  guint status; /* 0: the client left before there was one: 499, as nginx has it */
  guint64 bytes_in, bytes_out; /* of bodies */
  gint64 duration_us;
  gint64 backend_us;       /* until the backend began to answer; -1: none did */
  const char *api;         /* nullable: none takes the path */
  GwAccessText application; /* its name */
  GwAccessText request_id;
} GwAccessLogCall;

typedef struct _GwAccessLog GwAccessLog;

/* Opens @path, which is made with mode 0640 where it is missing, and appends to it. NULL with G_FILE_ERROR. */
GwAccessLog *gw_access_log_new (const char *path, GwAccessLogForm form, guint n_workers, GError **error);
/* After the workers' last gw_access_log_write(): what waits is written. */
void gw_access_log_free (GwAccessLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GwAccessLog, gw_access_log_free)

/* On the thread of the worker with the index @worker. */
void gw_access_log_write (GwAccessLog *log, guint worker, const GwAccessLogCall *call);

/* The file was moved away: further lines go to a new one of its name. Where that cannot be made they go on to the old one,
 * and FALSE with G_FILE_ERROR. */
gboolean gw_access_log_reopen (GwAccessLog *log, GError **error);

/* Lines that found no room, or no disk. Any thread. */
guint64 gw_access_log_lost (GwAccessLog *log);

G_END_DECLS
#endif
